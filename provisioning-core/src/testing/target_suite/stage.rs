//! What every check of a target needs: new people, waves, and a look at the result.

use std::sync::atomic::{AtomicU32, Ordering};

use chrono::TimeDelta;
use futures::StreamExt;

use crate::audit::Truth;
use crate::id::{AccountId, AccountKey, AccountKind, PermissionId};
use crate::period::civil_day;
use crate::plan::{AccountStep, Action, ActionId, PermissionStep, ResourceStep, Step, Timing, Wave};
use crate::policy::{Permission, PermissionClass};
use crate::port::{Done, Failure, Permit, PortErrorKind};
use crate::source::Cursor;
use crate::target::{Observation, ObservedAccount, Presence, Shown, TargetReading};
use crate::testing::conformance::{Flaw, Verdict, ensure};
use crate::testing::target_suite::TargetBench;

/// What became of one action.
pub(super) type Answer = Result<Done, Failure>;

/// A bench and a number for the next newcomer.
pub(super) struct Stage<'b> {
    pub(super) bench: &'b dyn TargetBench,
    next: AtomicU32,
}

/// Somebody's account.
#[derive(Debug, Clone)]
pub(super) struct Player {
    pub(super) key: AccountKey,
    /// The target's id of it, once it was made.
    pub(super) id: Option<AccountId>,
    pub(super) number: u32,
}

impl Player {
    pub(super) fn step(&self, step: AccountStep) -> Step {
        Step::Account { key: self.key.clone(), id: self.id.clone(), step }
    }

    pub(super) fn grant(&self, id: &PermissionId) -> Step {
        let permission = Permission { id: id.clone(), class: PermissionClass::Ordinary, resource: None };
        Step::Permission {
            key: self.key.clone(),
            id: self.id.clone(),
            step: PermissionStep::Grant(permission, Vec::new()),
        }
    }

    pub(super) fn revoke(&self, id: &PermissionId) -> Step {
        let step = PermissionStep::Revoke(id.clone(), PermissionClass::Ordinary);
        Step::Permission { key: self.key.clone(), id: self.id.clone(), step }
    }
}

impl<'b> Stage<'b> {
    pub(super) fn new(bench: &'b dyn TargetBench) -> Self {
        Self { bench, next: AtomicU32::new(1) }
    }

    pub(super) fn number(&self) -> u32 {
        self.next.fetch_add(1, Ordering::SeqCst)
    }

    /// Somebody without an account.
    pub(super) fn nobody(&self) -> Result<Player, Flaw> {
        let number = self.number();
        let spelling = |error: crate::id::InvalidId| Flaw::Found(format!("the bench spells ids wrongly: {error}"));
        let key = AccountKey {
            tenant: self.bench.tenant().map_err(spelling)?,
            target: self.bench.target().describe().target,
            person: self.bench.person(number).map_err(spelling)?,
            kind: AccountKind::main(),
        };
        Ok(Player { key, id: None, number })
    }

    pub(super) fn create(&self, player: &Player) -> Step {
        player.step(AccountStep::Create(self.bench.new_account(player.number)))
    }

    /// Somebody with a new account.
    pub(super) async fn player(&self) -> Result<Player, Flaw> {
        let mut player = self.nobody()?;
        let (id, shown) = live(&self.done(self.create(&player)).await?)?;
        ensure(shown == Shown::Disabled, || "a new account is enabled".to_owned())?;
        player.id = Some(id);
        Ok(player)
    }

    /// Somebody with a new account that is in use.
    pub(super) async fn active(&self) -> Result<Player, Flaw> {
        let player = self.player().await?;
        self.done(player.step(AccountStep::Enable)).await?;
        Ok(player)
    }

    /// A resource, and for an owner somebody who has no account: nothing waits for one.
    pub(super) fn ensured(&self, id: &PermissionId, name: &str) -> Step {
        let owner = self.nobody().ok().map(|player| player.key);
        let step = ResourceStep::Ensure { id: id.clone(), name: name.to_owned(), owner };
        Step::Resource { target: self.bench.target().describe().target, step }
    }

    pub(super) fn wave(&self, steps: Vec<Step>) -> Wave {
        let day = civil_day(self.bench.now(), chrono_tz::Tz::UTC);
        let action = |(number, step)| Action {
            id: ActionId(number),
            step,
            day,
            why: Vec::new(),
            timing: Timing::Expected,
            after: Vec::new(),
        };
        Wave { target: self.bench.target().describe().target, actions: (10_u32..).zip(steps).map(action).collect() }
    }

    /// Sends a wave; one answer for each step, in the order of the steps.
    pub(super) async fn send(&self, steps: Vec<Step>, permit: Permit) -> Result<Vec<Answer>, Flaw> {
        let wave = self.wave(steps);
        let mut outcomes: Vec<_> = self.bench.target().apply(&wave, permit).collect().await;
        self.bench.settle().await;
        outcomes.sort_by_key(|outcome| outcome.action);
        let answered: Vec<ActionId> = outcomes.iter().map(|outcome| outcome.action).collect();
        let asked: Vec<ActionId> = wave.actions.iter().map(|action| action.id).collect();
        ensure(answered == asked, || format!("outcomes of {answered:?} for a wave of {asked:?}"))?;
        Ok(outcomes.into_iter().map(|outcome| outcome.result).collect())
    }

    /// Leave that lasts for longer than any request.
    pub(super) fn permit(&self) -> Permit {
        Permit::until(self.bench.now() + TimeDelta::hours(1))
    }

    /// Sends one step, whatever comes of it.
    pub(super) async fn try_one(&self, step: Step) -> Result<Answer, Flaw> {
        let answers = self.send(vec![step], self.permit()).await?;
        answers.into_iter().next().map_or_else(|| Flaw::found("no outcome"), Ok)
    }

    /// Sends one step that has to succeed.
    pub(super) async fn done(&self, step: Step) -> Result<Truth, Flaw> {
        let shown = format!("{:?}", step.kind());
        match self.try_one(step).await? {
            Ok(done) => Ok(done.truth),
            Err(failure) => Flaw::found(format!("{shown} failed as {:?}: {failure}", failure.kind)),
        }
    }

    /// Everything that the target shows.
    pub(super) async fn observe(&self) -> Result<Observation, Flaw> {
        let mut observation = Observation::new(Vec::new(), Vec::new());
        let reading = self.bench.target().observe(None).await?;
        ensure(matches!(reading, TargetReading::Whole(_)), || "changes, although no cursor was given".to_owned())?;
        observation.apply(reading);
        Ok(observation)
    }

    /// The live account that bears the player's anchor; there may be only one.
    pub(super) async fn look(&self, player: &Player) -> Result<ObservedAccount, Flaw> {
        let (observation, anchor) = (self.observe().await?, player.key.anchor());
        let live: Vec<_> = observation.anchored(&anchor).filter(|account| account.presence == Presence::Live).collect();
        let [account] = live.as_slice() else {
            return Flaw::found(format!("{} live accounts bear the anchor `{anchor}` instead of one", live.len()));
        };
        ensure(player.id.as_ref().is_none_or(|id| *id == account.id), || {
            format!("`{anchor}` is account `{}`, and the outcome said {:?}", account.id, player.id)
        })?;
        Ok((*account).clone())
    }

    /// Reads on from an earlier picture and compares the result with a whole reading.
    pub(super) async fn follow(&self, picture: &mut Observation) -> Verdict {
        let cursor: Cursor = picture.cursor().cloned().ok_or(Flaw::NotChecked)?;
        picture.apply(self.bench.target().observe(Some(&cursor)).await?);
        same(picture, &self.observe().await?)
    }

    /// The same after days, when the cursor may be too old.
    pub(super) async fn catch_up(&self, picture: &mut Observation) -> Verdict {
        let cursor: Cursor = picture.cursor().cloned().ok_or(Flaw::NotChecked)?;
        match self.bench.target().observe(Some(&cursor)).await {
            Err(error) if error.kind() == PortErrorKind::CursorRefused => {
                picture.apply(self.bench.target().observe(None).await?);
            }
            reading => {
                picture.apply(reading?);
            }
        }
        same(picture, &self.observe().await?)
    }
}

/// Complains about the first account or group that two pictures show differently. What only one of them tells of a deleted
/// account, namely what it was last seen with, is no difference.
pub(super) fn same(one: &Observation, other: &Observation) -> Verdict {
    let ids = one.accounts().chain(other.accounts()).map(|account| &account.id);
    for id in ids {
        let (left, right) = (one.account(id), other.account(id));
        let is_same = left == right || left.zip(right).is_some_and(|(left, right)| same_deleted(left, right));
        ensure(is_same, || format!("account `{id}` is shown as {left:?} and as {right:?}"))?;
    }
    let ids = one.resources().chain(other.resources()).map(|resource| &resource.id);
    for id in ids {
        let (left, right) = (one.resource(id), other.resource(id));
        ensure(left == right, || format!("resource `{id}` is shown as {left:?} and as {right:?}"))?;
    }
    Ok(())
}

/// Whether two pictures show the same deleted account, and one of them does not tell what it holds.
fn same_deleted(left: &ObservedAccount, right: &ObservedAccount) -> bool {
    let untold = |account: &ObservedAccount| ObservedAccount { permissions: None, ..account.clone() };
    let is_untold = left.permissions.is_none() || right.permissions.is_none();
    left.presence != Presence::Live && is_untold && untold(left) == untold(right)
}

/// The id and the state of an account that an outcome calls live.
pub(super) fn live(truth: &Truth) -> Result<(AccountId, Shown), Flaw> {
    if let Truth::Live { id, shown, .. } = truth {
        return Ok((id.clone(), *shown));
    }
    Flaw::found(format!("the outcome says {truth:?} instead of a live account"))
}
