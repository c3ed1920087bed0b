//! One committer at a time, and nothing done by halves.

use std::collections::BTreeSet;

use chrono::TimeDelta;

use crate::audit::{Fact, Head, PersonDirective};
use crate::decide::Appointment;
use crate::id::PersonId;
use crate::ledger::Ledger;
use crate::port::{Acceptance, Commit, Fence, StoreError};
use crate::target::{TargetChanges, TargetReading};
use crate::testing::conformance::{Checks, Flaw, Verdict, ensure, spelt};
use crate::testing::store_suite::StoreBench;
use crate::testing::store_suite::desk::{Desk, PEOPLE, actor, lease, refused, said};

pub(super) async fn check(bench: &dyn StoreBench, checks: &mut Checks) {
    checks.add("one committer at a time", exclusive(bench).await);
    checks.add("a lease that is over can be taken, and not before", taken_over(bench).await);
    checks.add("a lease that was given back can be taken at once", released(bench).await);
    checks.add("a renewed lease lasts longer", renewed(bench).await);
    checks.add("a commit under a lost right is refused and changes nothing", fenced(bench).await);
    checks.add("a commit against another head is refused and changes nothing", head_moved(bench).await);
}

fn is_fenced(error: &StoreError) -> bool {
    matches!(error, StoreError::Fenced)
}

async fn exclusive(bench: &dyn StoreBench) -> Verdict {
    let desk = Desk::open(bench).await?;
    let until = desk.fence.until;
    ensure(until == desk.now() + lease(), || format!("a lease until {until}"))?;
    // Two processes of the same program bear the same name.
    for other in ["second", "first"] {
        let answer = desk.store.acquire(&actor(other)?, lease()).await;
        let names_the_holder = |error: &StoreError| match error {
            StoreError::Held { holder, until: told } => *holder == desk.fence.holder && *told == until,
            StoreError::Fenced | StoreError::HeadMoved { .. } | StoreError::Failed { .. } => false,
        };
        refused(answer, names_the_holder, &format!("a second holder, called `{other}`,"))?;
    }
    Ok(())
}

async fn taken_over(bench: &dyn StoreBench) -> Verdict {
    let mut desk = Desk::open(bench).await?;
    desk.wait(lease() - TimeDelta::microseconds(1));
    let early = desk.store.acquire(&actor("second")?, lease()).await;
    refused(early, |error| matches!(error, StoreError::Held { .. }), "a holder before the lease is over")?;
    desk.wait(TimeDelta::microseconds(1));
    let second = desk.store.acquire(&actor("second")?, lease()).await?;
    let tokens = (desk.fence.token, second.token);
    ensure(tokens.0 < tokens.1, || format!("the token went from {} to {}", tokens.0, tokens.1))?;
    desk.fence = second;
    desk.commit(vec![said("1", PersonDirective::Block)?], Vec::new()).await
}

async fn released(bench: &dyn StoreBench) -> Verdict {
    let mut desk = Desk::open(bench).await?;
    let first = desk.fence.clone();
    desk.store.release(first.clone()).await?;
    let answer = desk.store.commit(&first, desk.head, Commit::default()).await;
    refused(answer, is_fenced, "a commit after giving the right back")?;
    desk.fence = desk.store.acquire(&actor("second")?, lease()).await?;
    let tokens = (first.token, desk.fence.token);
    ensure(tokens.0 < tokens.1, || format!("the token went from {} to {}", tokens.0, tokens.1))?;
    // Whoever gives back what was lost takes nothing from the one who has it.
    desk.store.release(first).await?;
    desk.commit(vec![said("1", PersonDirective::Block)?], Vec::new()).await
}

async fn renewed(bench: &dyn StoreBench) -> Verdict {
    let mut desk = Desk::open(bench).await?;
    desk.wait(TimeDelta::minutes(4));
    let longer = desk.store.renew(&desk.fence, lease()).await?;
    let until = desk.now() + lease();
    ensure(longer.until == until, || format!("renewed until {} instead of {until}", longer.until))?;
    desk.fence = longer;
    desk.wait(TimeDelta::minutes(4));
    let answer = desk.store.acquire(&actor("second")?, lease()).await;
    refused(answer, |error| matches!(error, StoreError::Held { .. }), "a second holder during the renewed lease")?;
    desk.commit(vec![said("1", PersonDirective::Block)?], Vec::new()).await
}

async fn fenced(bench: &dyn StoreBench) -> Verdict {
    let mut desk = Desk::settled(bench).await?;
    let first = desk.fence.clone();
    desk.wait(lease());
    refused_whole(&desk, (&first, desk.head), is_fenced, "after the lease was over").await?;
    let renewed = desk.store.renew(&first, lease()).await;
    refused(renewed, is_fenced, "a renewal after the lease was over")?;
    desk.fence = desk.store.acquire(&actor("second")?, lease()).await?;
    refused_whole(&desk, (&first, desk.head), is_fenced, "after somebody else took over").await?;
    let renewed = desk.store.renew(&first, lease()).await;
    refused(renewed, is_fenced, "a renewal after somebody else took over")?;
    let people = BTreeSet::from([spelt::<PersonId>("hr:1")?]);
    refused(desk.store.make_due(&first, people).await, is_fenced, "making people due after somebody else took over")?;
    desk.expect_due(&[], "after refused commits").await?;
    desk.commit(vec![said("1", PersonDirective::Block)?], Vec::new()).await
}

async fn head_moved(bench: &dyn StoreBench) -> Verdict {
    let mut desk = Desk::settled(bench).await?;
    let stale = desk.head;
    desk.commit(vec![said("3", PersonDirective::LegalHold(true))?], Vec::new()).await?;
    desk.settle().await?;
    let head = desk.head;
    let names_the_head = |error: &StoreError| matches!(error, StoreError::HeadMoved { head: told } if *told == head);
    refused_whole(&desk, (&desk.fence, stale), names_the_head, "against an earlier head").await?;
    // What was refused may be made again after reading the head.
    desk.head = desk.store.ledger().read().head();
    desk.commit(vec![said("1", PersonDirective::Block)?], Vec::new()).await
}

/// Commits and readings of every sort, all of which have to be refused without a trace.
async fn refused_whole(
    desk: &Desk<'_>,
    (fence, head): (&Fence, Head),
    is_right: impl Fn(&StoreError) -> bool + Copy,
    when: &str,
) -> Verdict {
    let before = picture(desk).await?;
    let block: Fact = said("1", PersonDirective::Block)?;
    let again = Appointment { again: true, ..Appointment::none(&spelt("hr:2")?) };
    let commit = Commit { records: vec![desk.record(block.clone())], appointments: vec![again], ..Commit::default() };
    refused(desk.store.commit(fence, head, commit).await, is_right, &format!("a commit {when}"))?;
    let renamed = desk.change(&PEOPLE.replace("Anna", "Johanna"))?;
    let readings = [
        Acceptance::Roster(renamed),
        Acceptance::Observation(spelt("entra")?, TargetReading::Whole(TargetChanges::default())),
    ];
    for reading in readings {
        let answer = desk.store.accept(fence, head, reading, vec![desk.record(block.clone())]).await;
        refused(answer, is_right, &format!("a reading {when}"))?;
    }
    let after = picture(desk).await?;
    ensure(before.0 == after.0, || format!("what was refused {when} shows in the ledger"))?;
    ensure(before.1 == after.1, || format!("what was refused {when} shows in the roster or an observation"))?;
    ensure(before.2 == after.2, || format!("what was refused {when} made {:?} due", after.2))
}

/// The ledger, the roster and whether the target was read, and who is due.
async fn picture(desk: &Desk<'_>) -> Result<(Ledger, String, Vec<String>), Flaw> {
    let due = desk.due().await?;
    let observed = desk.store.observation(&spelt("entra")?).read().is_complete();
    let roster = desk.store.roster();
    let roster = roster.read();
    let names: Vec<_> = roster.records().map(|record| record.fields.text("given_name").unwrap_or_default()).collect();
    let shown = format!("{} {names:?} {observed}", roster.revision());
    Ok((desk.store.ledger().read().clone(), shown, due))
}
