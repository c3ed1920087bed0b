//! Erasing a person: what goes, what stays, and that it is all or nothing.

use std::collections::BTreeSet;

use crate::audit::{
    Directive, Fact, Head, PersonDirective, Record, RunDirective, Sealed, Truth, Verdict as Proof, verify,
};
use crate::decide::Appointment;
use crate::digest::digest_of;
use crate::id::FieldName;
use crate::ledger::{Erasing, ErasureRequest, Ledger};
use crate::plan::{AccountStep, NewAccount};
use crate::port::{Fence, StoreError};
use crate::target::{Observations, Shown};
use crate::testing::conformance::{Checks, Flaw, Verdict, ensure, spelt};
use crate::testing::store_suite::StoreBench;
use crate::testing::store_suite::desk::{Desk, PEOPLE, actor, lease, refused, said};
use crate::value::{Fields, Value};

pub(super) async fn check(bench: &dyn StoreBench, checks: &mut Checks) {
    checks.add(
        "an erasure drops the payloads of the person and of nobody else, and the chain stays whole",
        payloads(bench).await,
    );
    checks.add("after an erasure the ledger is the fold of what is left", ledger(bench).await);
    checks.add("an erased person is neither in the roster nor due", forgotten(bench).await);
    checks.add("an erasure that is refused drops nothing", all_or_nothing(bench).await);
    checks.add("an erasure is there after the store was opened again", reopened(bench).await);
}

/// A store in which `hr:1`, who is also `hr:3`, has left, and `hr:2` points at the person; nobody is due.
async fn left(bench: &dyn StoreBench) -> Result<Desk<'_>, Flaw> {
    let mut desk = Desk::settled(bench).await?;
    let over = |person: &str, rows: &str| {
        rows.replace(&format!(" {person} 2026-03-01.."), &format!(" {person} 2026-03-01..2026-03-01"))
    };
    desk.accept_people(&over("a", &over("c", PEOPLE))).await?;
    let name: FieldName = spelt("user_name")?;
    let mut attributes = Fields::default();
    attributes.put(name.clone(), Value::text("anna"));
    let create = AccountStep::Create(NewAccount { attributes, names: vec![name] });
    let live = Truth::Live { id: spelt("account-of-1")?, shown: Shown::Disabled, given: Fields::default() };
    let mut facts = desk.step("1", create, live)?.to_vec();
    let delete = desk.step("1", AccountStep::Delete, Truth::Gone)?;
    if let [Fact::Intent(intent), _] = &delete {
        let actions = BTreeSet::from([desk.store.ledger().read().fingerprint(&intent.action)]);
        facts.push(Fact::Said(Directive::Run(RunDirective::Approve { plan: digest_of(&"suite"), actions })));
    }
    facts.extend(delete);
    facts.extend(desk.made("2")?);
    facts.push(said("1", PersonDirective::Link(spelt("hr:3")?))?);
    facts.push(said("3", PersonDirective::Block)?);
    facts.push(said("2", PersonDirective::Block)?);
    desk.commit(facts, Vec::new()).await?;
    desk.settle().await?;
    let points = Appointment { watches: BTreeSet::from([spelt("hr:1")?]), ..Appointment::none(&spelt("hr:2")?) };
    let wakes = Appointment { wake: Some(desk.now() + lease()), ..Appointment::none(&spelt("hr:1")?) };
    desk.commit(Vec::new(), vec![points, wakes]).await?;
    Ok(desk)
}

fn erasing(desk: &Desk<'_>) -> Result<Erasing, Flaw> {
    let request = ErasureRequest { person: spelt("hr:3")?, actor: actor("officer")?, at: desk.now() };
    let (ledger, roster) = (desk.store.ledger(), desk.store.roster());
    let (ledger, roster) = (ledger.read(), roster.read());
    ledger
        .erasing(&request, (&roster, &Observations::new()), &desk.settings)
        .or_else(|why| Flaw::found(format!("nobody can be erased: {why}")))
}

async fn erase(desk: &mut Desk<'_>) -> Result<Erasing, Flaw> {
    let erasing = erasing(desk)?;
    desk.head = desk.store.erase(&desk.fence, desk.head, &erasing).await?;
    Ok(erasing)
}

fn payload(sealed: &Sealed) -> Option<Record> {
    sealed.record().ok().flatten()
}

async fn payloads(bench: &dyn StoreBench) -> Verdict {
    let mut desk = left(bench).await?;
    let before = desk.audit().await?;
    let erasing = erase(&mut desk).await?;
    let after = desk.audit().await?;
    let (mut finder, mut places) = (erasing.finder(), BTreeSet::new());
    for (earlier, now) in before.iter().zip(&after) {
        let place = earlier.place;
        if payload(earlier).is_some_and(|record| finder.names(&record)) {
            ensure(now.content.is_none(), || format!("the payload of record {place} is still there"))?;
            places.insert(place);
        } else {
            let is_same = now.content == earlier.content;
            ensure(is_same, || format!("the payload of record {place} is gone, and is not of the person"))?;
        }
    }
    let proof = verify(&after, Some(desk.head));
    ensure(proof == Proof::Whole, || format!("the chain is not whole any more: {proof:?}"))?;
    let last = after.last().and_then(payload);
    let record = erasing.record(places);
    ensure(last == Some(record), || "the last record is not that of the erasure, with the places".to_owned())
}

async fn ledger(bench: &dyn StoreBench) -> Verdict {
    let mut desk = left(bench).await?;
    let handle = desk.store.ledger();
    let mut expected: Ledger = handle.read().clone();
    let erasing = erase(&mut desk).await?;
    expected.erase(&erasing, desk.head);
    ensure(*handle.read() == expected, || "the handle shows another ledger".to_owned())?;
    ensure(*desk.store.ledger().read() == expected, || "a new handle shows another ledger".to_owned())?;
    let refolded = expected.refolded(&desk.audit().await?);
    ensure(refolded.as_ref() == Ok(&expected), || "folding what is left gives another ledger".to_owned())
}

async fn forgotten(bench: &dyn StoreBench) -> Verdict {
    let mut desk = left(bench).await?;
    let handle = desk.store.roster();
    erase(&mut desk).await?;
    for roster in [handle, desk.store.roster()] {
        let ids: Vec<String> = roster.read().records().map(|record| record.id.to_string()).collect();
        ensure(ids == ["hr:2"], || format!("the roster has {ids:?} instead of hr:2 alone"))?;
    }
    desk.expect_due(&["hr:2"], "after whom hr:2 points at was erased").await?;
    desk.settle().await?;
    desk.wait(lease() - chrono::TimeDelta::microseconds(1));
    desk.fence = desk.store.renew(&desk.fence, lease()).await?;
    desk.wait(lease() - chrono::TimeDelta::microseconds(1));
    desk.expect_due(&[], "after the erased person's next instant").await?;
    let due = desk.due_under(&crate::testing::store_suite::desk::policy("second")).await?;
    ensure(due == ["hr:2"], || format!("under another version of the policy {due:?} are due instead of hr:2"))
}

async fn all_or_nothing(bench: &dyn StoreBench) -> Verdict {
    let mut desk = left(bench).await?;
    let stale = desk.head;
    desk.commit(vec![said("2", PersonDirective::Unblock)?], Vec::new()).await?;
    desk.settle().await?;
    let head = desk.head;
    let moved = |error: &StoreError| matches!(error, StoreError::HeadMoved { head: told } if *told == head);
    refused_whole(&desk, (&desk.fence, stale), moved, "against an earlier head").await?;
    let first = desk.fence.clone();
    desk.store.release(first.clone()).await?;
    let fenced = |error: &StoreError| matches!(error, StoreError::Fenced);
    refused_whole(&desk, (&first, desk.head), fenced, "after giving the right back").await?;
    desk.fence = desk.store.acquire(&actor("second")?, lease()).await?;
    erase(&mut desk).await.map(|_| ())
}

async fn refused_whole(
    desk: &Desk<'_>,
    (fence, head): (&Fence, Head),
    is_right: impl Fn(&StoreError) -> bool,
    when: &str,
) -> Verdict {
    let erasing = erasing(desk)?;
    let ledger = desk.store.ledger().read().clone();
    let audit = desk.audit().await;
    let answer = desk.store.erase(fence, head, &erasing).await;
    ensure(*desk.store.ledger().read() == ledger, || format!("an erasure refused {when} shows in the ledger"))?;
    ensure(desk.store.roster().read().len() == 3, || format!("an erasure refused {when} shows in the roster"))?;
    desk.expect_due(&[], &format!("after an erasure refused {when}")).await?;
    if let (Ok(before), Ok(after)) = (audit, desk.audit().await) {
        ensure(before == after, || format!("an erasure refused {when} dropped payloads"))?;
    }
    refused(answer, is_right, &format!("an erasure {when}"))
}

async fn reopened(bench: &dyn StoreBench) -> Verdict {
    let mut desk = left(bench).await?;
    erase(&mut desk).await?;
    let ledger = desk.store.ledger().read().clone();
    let desk = desk.reopened().await?;
    ensure(*desk.store.ledger().read() == ledger, || "the ledger is another one".to_owned())?;
    let ids: Vec<String> = desk.store.roster().read().records().map(|record| record.id.to_string()).collect();
    ensure(ids == ["hr:2"], || format!("the roster has {ids:?} instead of hr:2 alone"))?;
    desk.expect_due(&["hr:2"], "after whom hr:2 points at was erased").await
}
