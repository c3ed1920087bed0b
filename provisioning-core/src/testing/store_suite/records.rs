//! Records, readings, and the handles that show them.

use std::collections::BTreeSet;

use crate::audit::{Fact, Head, PersonDirective, ReadingFact, RunFact};
use crate::id::{AccountId, SourceId};
use crate::ledger::Ledger;
use crate::port::Acceptance;
use crate::source::Cursor;
use crate::target::{ObservedAccount, Presence, Shown, TargetChanges, TargetReading};
use crate::testing::conformance::{Checks, Flaw, Verdict, ensure, spelt};
use crate::testing::store_suite::StoreBench;
use crate::testing::store_suite::desk::{Desk, PEOPLE, actor, key, lease, policy, said};
use crate::value::Fields;

pub(super) async fn check(bench: &dyn StoreBench, checks: &mut Checks) {
    checks.add("the ledger is the fold of the records, and handles show it at once", folded(bench).await);
    checks.add("the head grows with each record, and only with records", head(bench).await);
    checks.add("an accepted reading shows in the roster, together with its records", people(bench).await);
    checks.add("an observation shows, and names the accounts that it speaks of", observed(bench).await);
    checks.add("everything is there after the store was opened again", reopened(bench).await);
}

/// Facts of several sorts.
fn story(desk: &mut Desk<'_>) -> Result<Vec<Fact>, Flaw> {
    let mut facts = vec![Fact::Run(RunFact::Began { now: desk.now(), policy: policy("first") })];
    facts.extend(desk.made("1")?);
    facts.extend(desk.made("2")?.into_iter().take(1));
    facts.push(said("3", PersonDirective::Block)?);
    facts.push(said("1", PersonDirective::Link(spelt("hr:2")?))?);
    Ok(facts)
}

async fn folded(bench: &dyn StoreBench) -> Verdict {
    let mut desk = Desk::settled(bench).await?;
    let handle = desk.store.ledger();
    let mut expected: Ledger = handle.read().clone();
    let facts = story(&mut desk)?;
    let records: Vec<_> = facts.iter().map(|fact| desk.record(fact.clone())).collect();
    desk.commit(facts, Vec::new()).await?;
    for record in &records {
        expected.fold(record, desk.head);
    }
    ensure(*handle.read() == expected, || "a handle from before the commit shows another ledger".to_owned())?;
    ensure(*desk.store.ledger().read() == expected, || "a new handle shows another ledger".to_owned())
}

async fn head(bench: &dyn StoreBench) -> Verdict {
    let mut desk = Desk::open(bench).await?;
    let mut seen = BTreeSet::from([Head::EMPTY.hash]);
    for place in 1..=3 {
        desk.commit(vec![said("1", PersonDirective::Block)?], Vec::new()).await?;
        ensure(desk.head.records == place, || format!("after {place} records the head counts {}", desk.head.records))?;
        ensure(seen.insert(desk.head.hash), || "the same record in two places has the same hash".to_owned())?;
        let folded = desk.store.ledger().read().head();
        ensure(folded == desk.head, || format!("the commit answers {:?}, the ledger {folded:?}", desk.head))?;
    }
    let before = desk.head;
    desk.commit(Vec::new(), Vec::new()).await?;
    ensure(desk.head == before, || "a commit without records moved the head".to_owned())
}

async fn people(bench: &dyn StoreBench) -> Verdict {
    let mut desk = Desk::open(bench).await?;
    let handle = desk.store.roster();
    let change = desk.change(PEOPLE)?;
    let source: SourceId = spelt("hr")?;
    let fact = ReadingFact::Accepted { source: source.clone(), hash: change.reading.hash, records: 3 };
    let reading = change.reading.clone();
    desk.accept(Acceptance::Roster(change), vec![Fact::Reading(fact)]).await?;
    let roster = handle.read();
    let ids: Vec<String> = roster.records().map(|record| record.id.to_string()).collect();
    ensure(ids == ["hr:1", "hr:2", "hr:3"], || format!("the roster has {ids:?}"))?;
    let name = roster.record(&spelt("hr:1")?).and_then(|record| record.fields.text("given_name"));
    ensure(name == Some("Anna"), || "a field of the reading is another one in the roster".to_owned())?;
    ensure(roster.departments(&source).by_code("d3").is_some(), || "a department is not in the roster".to_owned())?;
    ensure(roster.accepted(&source) == Some(&reading), || "the accepted reading is not remembered".to_owned())?;
    ensure(desk.head.records == 1, || format!("one record came along, and the head counts {}", desk.head.records))
}

fn account(id: &str, shown: Shown) -> Result<ObservedAccount, Flaw> {
    let (id, anchor) = (spelt(id)?, Some(key("1")?.anchor()));
    let (attributes, permissions) = (Fields::default(), Some(BTreeSet::new()));
    Ok(ObservedAccount { id, anchor, presence: Presence::Live, shown, attributes, permissions })
}

async fn observed(bench: &dyn StoreBench) -> Verdict {
    let mut desk = Desk::settled(bench).await?;
    let made = desk.made("1")?;
    desk.commit(made.to_vec(), Vec::new()).await?;
    desk.settle().await?;
    let handle = desk.store.observation(&spelt("entra")?);
    ensure(!handle.read().is_complete(), || "a target that nobody read is complete".to_owned())?;
    let (ours, other) = (spelt::<AccountId>("account-of-1")?, spelt::<AccountId>("other")?);
    let accounts = vec![account("account-of-1", Shown::Disabled)?, account("other", Shown::Enabled)?];
    let cursor = Some(Cursor("first".to_owned()));
    let all = TargetChanges { accounts, cursor: cursor.clone(), ..TargetChanges::default() };
    let touched = desk.observe(TargetReading::Whole(all)).await?;
    ensure(touched == BTreeSet::from([ours.clone(), other.clone()]), || format!("a whole reading names {touched:?}"))?;
    let shown = (handle.read().is_complete(), handle.read().cursor().cloned(), handle.read().accounts().count());
    ensure(shown == (true, cursor, 2), || format!("complete, cursor, accounts: {shown:?}"))?;
    let accounts = vec![account("account-of-1", Shown::Enabled)?];
    let changes = TargetChanges { accounts, gone: vec![other.clone()], ..TargetChanges::default() };
    let touched = desk.observe(TargetReading::Changes(changes)).await?;
    ensure(touched == BTreeSet::from([ours.clone(), other]), || format!("changes name {touched:?}"))?;
    let shown = handle.read().account(&ours).map(|account| account.shown);
    ensure(shown == Some(Shown::Enabled), || format!("a changed account is shown as {shown:?}"))?;
    desk.expect_due(&[], "after an observation, which alone says nothing new").await
}

async fn reopened(bench: &dyn StoreBench) -> Verdict {
    let mut desk = Desk::settled(bench).await?;
    let facts = story(&mut desk)?;
    desk.commit(facts, Vec::new()).await?;
    let accounts = vec![account("account-of-1", Shown::Disabled)?];
    let all = TargetChanges { accounts, cursor: Some(Cursor("first".to_owned())), ..TargetChanges::default() };
    desk.observe(TargetReading::Whole(all)).await?;
    let due = desk.due().await?;
    let ledger = desk.store.ledger().read().clone();
    let revision = desk.store.roster().read().revision();
    let mut desk = desk.reopened().await?;
    ensure(*desk.store.ledger().read() == ledger, || "the ledger is another one".to_owned())?;
    let now = desk.store.roster().read().revision();
    ensure(now == revision, || format!("the roster's revision was {revision} and is {now}"))?;
    let same = desk.due().await?;
    ensure(same == due, || format!("{due:?} were due and {same:?} are"))?;
    let observation = desk.store.observation(&spelt("entra")?);
    let shown = (observation.read().accounts().count(), observation.read().cursor().is_some());
    // A store that forgets an observation reads the target whole again, and knows that it has to.
    ensure(shown == (1, true) || shown == (0, false), || format!("accounts and a cursor: {shown:?}"))?;
    let answer = desk.store.acquire(&actor("second")?, lease()).await;
    ensure(answer.is_err(), || "the right to commit was forgotten".to_owned())?;
    desk.commit(vec![said("2", PersonDirective::Block)?], Vec::new()).await
}
