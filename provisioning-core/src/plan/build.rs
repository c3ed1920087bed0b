//! From decisions to a plan: order, dependencies, waves.

use std::collections::{BTreeMap, BTreeSet};

use crate::decide::{Decisions, Proposed};
use crate::id::{AccountKey, AccountKind, PermissionId, PersonId, TargetId};
use crate::period::civil_day;
use crate::plan::{
    AccountStep, Action, ActionId, PermissionStep, Plan, ResourceStep, Revision, Step, StepKind, Timing, Wave, Why,
};
use crate::settings::Settings;

/// How many actions a wave has at most.
const WAVE: usize = 500;

/// The order within a target: what is taken away at once, what others need, what is given, what is taken away last. What
/// a restore brings back is taken away before anything is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Stage {
    Disable,
    Ensure,
    Create,
    RevokeRestored,
    Grant,
    Enable,
    Update,
    Revoke,
    Delete,
}

/// Where a step stands; those that stand at the same place do not depend on each other.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    target: usize,
    stage: Stage,
    /// Of accounts that are made: a person's later one was planned with the earlier one.
    kind: Option<AccountKind>,
}

impl Plan {
    /// Puts decisions in order.
    #[must_use]
    pub fn new(
        decisions: Decisions,
        revision: Revision,
        now: chrono::DateTime<chrono::Utc>,
        settings: &Settings,
    ) -> Self {
        let mut proposed = ensured(&decisions, now, settings);
        proposed.extend(decisions.proposed);
        let mut restored = decisions.restored;
        restored.extend(proposed.iter().filter_map(|one| self::restored(&one.step)).cloned());
        let order = settings.order();
        let mut placed: Vec<(Place, Proposed)> = proposed
            .into_iter()
            .map(|one| {
                let target = order.get(one.step.target()).copied().unwrap_or(usize::MAX);
                let stage = stage(&one.step, &restored);
                let made = one.step.account().filter(|_| stage == Stage::Create);
                (Place { target, stage, kind: made.map(|key| key.kind.clone()) }, one)
            })
            .collect();
        // Stable: people stay in order of id.
        placed.sort_by(|(a, _), (b, _)| a.cmp(b));
        let waves = waves(placed);
        Self { revision, now, waves, facts: decisions.facts, waiting: decisions.waiting, refusals: decisions.refusals }
    }
}

fn ensured(decisions: &Decisions, now: chrono::DateTime<chrono::Utc>, settings: &Settings) -> Vec<Proposed> {
    let day = civil_day(now, settings.zone);
    let ensure = |((target, id), name): (&(TargetId, PermissionId), &String)| Proposed {
        step: Step::Resource {
            target: target.clone(),
            step: ResourceStep::Ensure { id: id.clone(), name: name.clone() },
        },
        day,
        why: vec![Why::Differs],
        timing: Timing::Surprising,
    };
    decisions.resources.iter().map(ensure).collect()
}

fn restored(step: &Step) -> Option<&AccountKey> {
    match step {
        Step::Account { key, step: AccountStep::Restore, .. } => Some(key),
        Step::Account { .. } | Step::Permission { .. } | Step::Resource { .. } => None,
    }
}

fn stage(step: &Step, restored: &BTreeSet<AccountKey>) -> Stage {
    match step.kind() {
        StepKind::Disable => Stage::Disable,
        StepKind::Ensure => Stage::Ensure,
        StepKind::Create => Stage::Create,
        StepKind::Grant => Stage::Grant,
        StepKind::Enable => Stage::Enable,
        StepKind::Update => Stage::Update,
        StepKind::Revoke if step.account().is_some_and(|key| restored.contains(key)) => Stage::RevokeRestored,
        StepKind::Revoke => Stage::Revoke,
        StepKind::Delete => Stage::Delete,
    }
}

fn waves(placed: Vec<(Place, Proposed)>) -> Vec<Wave> {
    let mut needs = Needs::default();
    let mut waves: Vec<Wave> = Vec::new();
    let mut last = None;
    for (number, (place, one)) in (0_u32..).zip(placed) {
        let id = ActionId(number);
        let after = needs.of(&one.step);
        needs.note(&one.step, id);
        let target = one.step.target().clone();
        let action = Action { id, step: one.step, day: one.day, why: one.why, timing: one.timing, after };
        match waves.last_mut() {
            Some(wave) if last.as_ref() == Some(&place) && wave.actions.len() < WAVE => wave.actions.push(action),
            _ => waves.push(Wave { target, actions: vec![action] }),
        }
        last = Some(place);
    }
    waves
}

/// Which earlier actions later ones need.
#[derive(Debug, Default)]
struct Needs {
    /// Create or restore, by account.
    made: BTreeMap<AccountKey, ActionId>,
    /// The same, by person: a later account's profile was planned with it.
    made_for: BTreeMap<PersonId, Vec<ActionId>>,
    /// Update, by person: a later target's profile was planned with it.
    updated_for: BTreeMap<PersonId, Vec<(TargetId, ActionId)>>,
    ensured: BTreeMap<(TargetId, PermissionId), ActionId>,
    granted: BTreeMap<AccountKey, Vec<ActionId>>,
    revoked: BTreeMap<AccountKey, Vec<ActionId>>,
    disabled: BTreeSet<AccountKey>,
}

impl Needs {
    fn of(&self, step: &Step) -> Vec<ActionId> {
        let mut after: Vec<ActionId> = Vec::new();
        let Some(key) = step.account() else { return after };
        after.extend(self.made.get(key));
        match step {
            Step::Account { step: AccountStep::Create(_) | AccountStep::Restore | AccountStep::Update(_), .. } => {
                after.extend(self.made_for.get(&key.person).into_iter().flatten());
                let updated = self.updated_for.get(&key.person).into_iter().flatten();
                after.extend(updated.filter(|(target, _)| *target != key.target).map(|(_, id)| id));
            }
            // What was revoked so early was brought back by a restore.
            Step::Account { step: AccountStep::Enable, .. } => {
                after.extend(self.revoked.get(key).into_iter().flatten());
            }
            Step::Permission { step: PermissionStep::Grant(permission, _), .. } => {
                after.extend(self.ensured.get(&(key.target.clone(), permission.id.clone())));
                after.extend(self.revoked.get(key).into_iter().flatten());
            }
            // Whoever moves gains before losing; whoever leaves only loses.
            Step::Permission { step: PermissionStep::Revoke(..), .. } if !self.disabled.contains(key) => {
                after.extend(self.granted.get(key).into_iter().flatten());
            }
            Step::Account { .. } | Step::Permission { .. } | Step::Resource { .. } => {}
        }
        after.sort_unstable();
        after.dedup();
        after
    }

    fn note(&mut self, step: &Step, id: ActionId) {
        match step {
            Step::Account { key, step, .. } => match step {
                AccountStep::Create(_) | AccountStep::Restore => {
                    self.made.insert(key.clone(), id);
                    self.made_for.entry(key.person.clone()).or_default().push(id);
                }
                AccountStep::Disable => {
                    self.disabled.insert(key.clone());
                }
                AccountStep::Update(_) => {
                    self.updated_for.entry(key.person.clone()).or_default().push((key.target.clone(), id));
                }
                AccountStep::Enable | AccountStep::Delete | AccountStep::Reissue => {}
            },
            Step::Permission { key, step: PermissionStep::Grant(..), .. } => {
                self.granted.entry(key.clone()).or_default().push(id);
            }
            Step::Permission { key, step: PermissionStep::Revoke(..), .. } => {
                self.revoked.entry(key.clone()).or_default().push(id);
            }
            Step::Resource { target, step: ResourceStep::Ensure { id: resource, .. } } => {
                self.ensured.insert((target.clone(), resource.clone()), id);
            }
        }
    }
}
