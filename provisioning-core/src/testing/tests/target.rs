//! The suite of targets against targets that break the contract, each in one way.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use futures::executor::block_on;
use futures::stream::{self, BoxStream};
use futures::{FutureExt, StreamExt};

use crate::audit::{FailureKind, Truth};
use crate::memory::MemoryTarget;
use crate::plan::{AccountStep, PermissionStep, ResourceStep, Step, StepKind, Wave};
use crate::port::{Done, Outcome, Permit, PortError, PortErrorKind, TargetConnector};
use crate::source::Cursor;
use crate::target::{Capabilities, Deletion, RestoredGrants, Shown, TargetChanges, TargetReading};
use crate::testing::benches::MemoryBench;
use crate::testing::tests::{complaint, finds};
use crate::testing::{check_target, check_target_conduct};
use crate::value::Edit;

/// How a target can break the contract.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Breach {
    None,
    Eager,
    LosesAnOutcome,
    IgnoresPermits,
    ExpiredIsPermanent,
    TakesAnyCursor,
    LosesChanges,
    NewIsEnabled,
    NoAnchor,
    SaysEnabled,
    WritesUnnamed,
    ClearsNothing,
    EmptyClears,
    LastUpdateOnly,
    StopsAtAFailure,
    GrantsNothing,
    RevokesNothing,
    RenamesNothing,
    DeletesForGood,
    RestoresEnabled,
    KeepsGrants,
    ByAnchorOnly,
}

/// A memory target that breaks the contract in one way.
struct Spoiled {
    target: Arc<MemoryTarget>,
    breach: Breach,
    made: AtomicUsize,
}

fn bench(breach: Breach) -> MemoryBench<Spoiled> {
    MemoryBench::new(|target| Spoiled { target, breach, made: AtomicUsize::new(0) })
}

impl Spoiled {
    /// What is done in place of what was asked.
    fn instead(&self, wave: &Wave) -> Wave {
        let mut wave = wave.clone();
        let breach = self.breach;
        if breach == Breach::LastUpdateOnly {
            let is_update = |step: &Step| step.kind() == StepKind::Update;
            let surplus = wave.actions.iter().filter(|action| is_update(&action.step)).count().saturating_sub(1);
            let updates = wave.actions.iter_mut().filter(|action| is_update(&action.step));
            updates.take(surplus).for_each(|action| nothing(&mut action.step));
        }
        for action in &mut wave.actions {
            match (breach, &mut action.step) {
                (Breach::NoAnchor, Step::Account { key, step: AccountStep::Create(account), .. }) => {
                    let number = self.made.fetch_add(1, Ordering::SeqCst);
                    key.person = format!("other:{number}").parse().unwrap();
                    account.attributes = crate::value::Fields::default();
                }
                (Breach::WritesUnnamed, Step::Account { step: AccountStep::Update(patch), .. }) => {
                    let mut other = patch.0.first().unwrap().clone();
                    other.attribute = "title".parse().unwrap();
                    patch.0.push(other);
                }
                (Breach::ClearsNothing, Step::Account { step: AccountStep::Update(patch), .. }) => {
                    patch.0.retain(|change| change.after != Edit::Clear);
                }
                (Breach::EmptyClears, Step::Account { step: AccountStep::Update(patch), .. }) => {
                    for change in &mut patch.0 {
                        if change.after == Edit::Set(crate::value::Value::text("")) {
                            change.after = Edit::Clear;
                        }
                    }
                }
                (Breach::RenamesNothing, Step::Resource { step: ResourceStep::Ensure { id, name, .. }, .. }) => {
                    if let Some(known) = self.target.resources().into_iter().find(|known| known.id == *id) {
                        name.clone_from(&known.name);
                    }
                }
                (Breach::ByAnchorOnly, Step::Account { id, .. } | Step::Permission { id, .. }) => *id = None,
                (Breach::GrantsNothing, step) if step.kind() == StepKind::Grant => nothing(step),
                (Breach::RevokesNothing, step) if step.kind() == StepKind::Revoke => nothing(step),
                _ => {}
            }
        }
        wave
    }

    /// What is said of what was done.
    fn told(&self, step: &Step, mut outcome: Outcome) -> Outcome {
        match (self.breach, step, &mut outcome.result) {
            (Breach::NewIsEnabled, Step::Account { key, step: AccountStep::Create(_), .. }, Ok(done)) => {
                self.target.by_hand(&key.anchor(), Shown::Enabled);
                if let Truth::Live { shown, .. } = &mut done.truth {
                    *shown = Shown::Enabled;
                }
            }
            (Breach::RestoresEnabled, Step::Account { key, step: AccountStep::Restore, .. }, Ok(_)) => {
                self.target.by_hand(&key.anchor(), Shown::Enabled);
            }
            (Breach::KeepsGrants, Step::Account { key, step: AccountStep::Restore, .. }, Ok(_)) => {
                let staff = BTreeSet::from(["staff".parse().unwrap()]);
                self.target.change(&key.anchor(), |account| account.permissions = Some(staff));
            }
            (Breach::DeletesForGood, Step::Account { key, step: AccountStep::Delete, .. }, Ok(done)) => {
                self.target.purge_by_hand(&key.anchor());
                done.truth = Truth::Gone;
            }
            (
                Breach::SaysEnabled,
                Step::Account { step: AccountStep::Disable, .. },
                Ok(Done { truth: Truth::Live { shown, .. }, .. }),
            ) => *shown = Shown::Enabled,
            (Breach::GrantsNothing, Step::Permission { step: PermissionStep::Grant(..), .. }, result) => {
                let is_there = matches!(result, Ok(Done { truth: Truth::Live { .. }, .. }));
                *result = if is_there { Ok(Done::now(Truth::Holds)) } else { Err(refusal()) };
            }
            (Breach::RevokesNothing, Step::Permission { step: PermissionStep::Revoke(..), .. }, result) => {
                *result = Ok(Done::now(Truth::HoldsNot));
            }
            (Breach::ExpiredIsPermanent, _, Err(failure)) => failure.kind = FailureKind::Permanent,
            _ => {}
        }
        outcome
    }
}

/// A step that does nothing and is told as done.
fn nothing(step: &mut Step) {
    if let Some(key) = step.account().cloned() {
        *step = Step::Account { key, id: None, step: AccountStep::Update(crate::target::Patch::default()) };
    }
}

#[async_trait]
impl TargetConnector for Spoiled {
    fn describe(&self) -> Capabilities {
        self.target.describe()
    }

    async fn observe(&self, since: Option<&Cursor>) -> Result<TargetReading, PortError> {
        match (self.target.observe(since).await, self.breach) {
            (Err(error), Breach::TakesAnyCursor) if error.kind() == PortErrorKind::CursorRefused => {
                Ok(TargetReading::Changes(TargetChanges::default()))
            }
            (Ok(TargetReading::Changes(mut changes)), Breach::LosesChanges) => {
                changes.accounts.clear();
                Ok(TargetReading::Changes(changes))
            }
            (reading, _) => reading,
        }
    }

    fn apply<'a>(&'a self, wave: &'a Wave, permit: Permit) -> BoxStream<'a, Outcome> {
        let permit = if self.breach == Breach::IgnoresPermits {
            Permit::until(chrono::DateTime::<chrono::Utc>::MAX_UTC)
        } else {
            permit
        };
        let all = async move {
            let instead = self.instead(wave);
            let mut outcomes: Vec<Outcome> = self.target.apply(&instead, permit).collect().await;
            for outcome in &mut outcomes {
                let step = &wave.actions.iter().find(|action| action.id == outcome.action).unwrap().step;
                let told = Outcome { action: outcome.action, result: Err(refusal()) };
                *outcome = self.told(step, std::mem::replace(outcome, told));
            }
            if self.breach == Breach::LosesAnOutcome {
                outcomes.pop();
            }
            if self.breach == Breach::StopsAtAFailure {
                let mut stopped = false;
                for outcome in &mut outcomes {
                    if stopped {
                        outcome.result = Err(refusal());
                    }
                    stopped |= outcome.result.as_ref().is_err_and(|failure| failure.kind == FailureKind::Permanent);
                }
            }
            stream::iter(outcomes)
        };
        if self.breach == Breach::Eager {
            return all.now_or_never().unwrap().boxed();
        }
        stream::once(all).flatten().boxed()
    }
}

fn refusal() -> crate::port::Failure {
    crate::port::Failure { kind: FailureKind::Transient, message: "not tried".to_owned() }
}

#[test]
fn whoever_checks_a_target_can_clean_up_after_a_breach_too() {
    for breach in [Breach::None, Breach::NewIsEnabled, Breach::TakesAnyCursor] {
        let bench = bench(breach);
        complaint(check_target(&bench));
        assert_eq!(bench.cleaned.load(Ordering::SeqCst), 1, "{breach:?}");
    }
}

#[test]
fn a_target_that_is_not_spoiled_keeps_the_whole_contract() {
    let checks = block_on(check_target(&bench(Breach::None)));
    assert_eq!((checks.held().len(), checks.unchecked()), (26, [].as_slice()));
    let deletion = bench(Breach::None).target.describe().deletion;
    assert_eq!(deletion, Deletion::Bin { days: 30, grants: RestoredGrants::Dropped });
}

#[test]
fn every_breach_of_conduct_is_found() {
    for (breach, contract, found) in [
        (Breach::Eager, "before the stream is polled", "writing requests went from Some(0) to Some(1)"),
        (
            Breach::LosesAnOutcome,
            "one outcome for each action",
            "outcomes of [ActionId(10), ActionId(11), ActionId(12)] for",
        ),
        (Breach::IgnoresPermits, "under an expired permit", "Done(Live"),
        (Breach::ExpiredIsPermanent, "under an expired permit", "a failure of kind Permanent"),
        (Breach::LosesChanges, "changes since a cursor", "is shown as None and as Some(ObservedAccount("),
        (Breach::TakesAnyCursor, "an unknown cursor", "changes since a cursor that the target never gave"),
    ] {
        finds(check_target_conduct(&bench(breach)), contract, found);
    }
}

#[test]
fn every_breach_of_an_action_is_found() {
    for (breach, contract, found) in [
        (Breach::NewIsEnabled, "a new account is disabled", "a new account is enabled"),
        (Breach::NoAnchor, "bears its anchor", "0 live accounts bear the anchor `suite:"),
        (Breach::SaysEnabled, "enabling and disabling", "Disable leaves the account Enabled"),
        (Breach::ByAnchorOnly, "found by its id", "the outcome says Gone instead of a live account"),
        (Breach::WritesUnnamed, "only the attributes that an update names", "attribute `title` was not named"),
        (Breach::ClearsNothing, "three things", "should be None; it is another text"),
        (Breach::EmptyClears, "empty text", "it is absent"),
        (Breach::LastUpdateOnly, "both arrive", "attribute `phone` should be Some(\"61\"); it is absent"),
        (Breach::GrantsNothing, "granting and revoking", "answers Holds the account holds it: Some(false)"),
        (Breach::RevokesNothing, "granting and revoking", "answers HoldsNot the account holds it: Some(true)"),
        (Breach::StopsAtAFailure, "does not keep the others", "another action of the same wave"),
        (Breach::RenamesNothing, "renamed without losing", "should be called `Suite two`"),
        (Breach::DeletesForGood, "deleting leads where", "Gone on 2026-03-02, where deleting means Bin"),
        (Breach::RestoresEnabled, "a restored account is disabled", "shown as enabled"),
        (Breach::KeepsGrants, "holds what the capabilities say", "grants are Dropped, and it holds 1"),
    ] {
        finds(check_target(&bench(breach)), contract, found);
    }
}
