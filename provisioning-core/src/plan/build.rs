//! From decisions to a plan: order, dependencies, waves.

use std::collections::{BTreeMap, BTreeSet};

use crate::decide::{Decisions, Ensured, Proposed};
use crate::id::{AccountKey, AccountKind, PermissionId, PersonId, Slot, TargetId};
use crate::order::Order;
use crate::period::civil_day;
use crate::plan::{
    AccountStep, Action, ActionId, PermissionStep, Plan, ResourceStep, Revision, Step, StepKind, Timing, Wave, Why,
};
use crate::policy::Looks;
use crate::settings::Settings;

/// How many actions a wave has at most.
const WAVE: usize = 500;

/// The order within a target: what is taken away at once, what others need, what is given, what is taken away last. What
/// a restore brings back, and what may not be held beside something that is given, is taken away before anything is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Stage {
    Disable,
    Ensure,
    Create,
    RevokeFirst,
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
    /// How many accounts of the target stand before this one; whoever only loses waits for none.
    depth: usize,
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
        let first = First::of(decisions.first);
        restored.extend(proposed.iter().filter_map(|one| self::restored(&one.step)).cloned());
        let order = Order::of(settings, &decisions.looks);
        let mut placed: Vec<(Place, Proposed)> = proposed
            .into_iter()
            .map(|one| {
                let target = order.target(one.step.target());
                let stage = stage(&one.step, &restored, &first);
                let depth = one.step.account().filter(|_| stage != Stage::Disable);
                let depth = depth.map_or(0, |key| order.place(&key.slot()).1);
                let made = one.step.account().filter(|_| stage == Stage::Create);
                (Place { target, depth, stage, kind: made.map(|key| key.kind.clone()) }, one)
            })
            .collect();
        // Stable: people stay in order of id.
        placed.sort_by(|(a, _), (b, _)| a.cmp(b));
        let waves = waves(placed, Needs::new(&restored, &first, &decisions.looks));
        Self { revision, now, waves, facts: decisions.facts, waiting: decisions.waiting, refusals: decisions.refusals }
    }
}

fn ensured(decisions: &Decisions, now: chrono::DateTime<chrono::Utc>, settings: &Settings) -> Vec<Proposed> {
    let day = civil_day(now, settings.zone);
    let going = decisions.proposed.iter().filter(|one| matches!(one.step.kind(), StepKind::Disable | StepKind::Delete));
    let going: BTreeSet<&AccountKey> = going.filter_map(|one| one.step.account()).collect();
    let stays = |owner: &&AccountKey| !going.contains(owner);
    let ensure = |((target, id), Ensured { name, owner }): (&(TargetId, PermissionId), &Ensured)| Proposed {
        step: Step::Resource {
            target: target.clone(),
            step: ResourceStep::Ensure {
                id: id.clone(),
                name: name.clone(),
                owner: owner.as_ref().filter(stays).cloned(),
            },
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

fn stage(step: &Step, restored: &BTreeSet<AccountKey>, first: &First) -> Stage {
    let goes_first = match step {
        Step::Permission { key, step: PermissionStep::Revoke(id, _), .. } => {
            restored.contains(key) || first.held.contains(&(key.clone(), id.clone()))
        }
        Step::Permission { .. } | Step::Account { .. } | Step::Resource { .. } => false,
    };
    match step.kind() {
        StepKind::Disable => Stage::Disable,
        StepKind::Ensure => Stage::Ensure,
        StepKind::Create => Stage::Create,
        StepKind::Grant => Stage::Grant,
        StepKind::Enable => Stage::Enable,
        StepKind::Update => Stage::Update,
        StepKind::Revoke if goes_first => Stage::RevokeFirst,
        StepKind::Revoke => Stage::Revoke,
        StepKind::Delete => Stage::Delete,
    }
}

fn waves(placed: Vec<(Place, Proposed)>, mut needs: Needs<'_>) -> Vec<Wave> {
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

/// What goes before what is given, because the two may not be held together.
#[derive(Debug)]
struct First {
    /// By what is given.
    against: BTreeMap<(AccountKey, PermissionId), BTreeSet<PermissionId>>,
    /// All of it.
    held: BTreeSet<(AccountKey, PermissionId)>,
}

impl First {
    fn of(against: BTreeMap<(AccountKey, PermissionId), BTreeSet<PermissionId>>) -> Self {
        let held = against.iter().flat_map(|((key, _), held)| held.iter().map(|held| (key.clone(), held.clone())));
        Self { held: held.collect(), against }
    }
}

/// Which earlier actions later ones need.
#[derive(Debug)]
struct Needs<'d> {
    restored: &'d BTreeSet<AccountKey>,
    first: &'d First,
    looks: &'d Looks,
    /// Create or restore, by account.
    made: BTreeMap<AccountKey, ActionId>,
    /// The same, by person: a later account's profile was planned with it.
    made_for: BTreeMap<PersonId, Vec<ActionId>>,
    /// Update, by person: the profile on a later target, and one that looks at it, was planned with it.
    updated_for: BTreeMap<PersonId, Vec<(Slot, ActionId)>>,
    ensured: BTreeMap<(TargetId, PermissionId), ActionId>,
    granted: BTreeMap<AccountKey, Vec<ActionId>>,
    revoked: BTreeMap<AccountKey, Vec<(PermissionId, ActionId)>>,
    disabled: BTreeSet<AccountKey>,
}

impl<'d> Needs<'d> {
    fn new(restored: &'d BTreeSet<AccountKey>, first: &'d First, looks: &'d Looks) -> Self {
        Self {
            restored,
            first,
            looks,
            made: BTreeMap::new(),
            made_for: BTreeMap::new(),
            updated_for: BTreeMap::new(),
            ensured: BTreeMap::new(),
            granted: BTreeMap::new(),
            revoked: BTreeMap::new(),
            disabled: BTreeSet::new(),
        }
    }

    /// What was taken away first: all that a restore brought back, and of other accounts what stands against `given`.
    fn gone(&self, key: &AccountKey, given: Option<&PermissionId>) -> impl Iterator<Item = ActionId> {
        let against = given.and_then(|given| self.first.against.get(&(key.clone(), given.clone())));
        let is_restored = self.restored.contains(key);
        let revoked = self.revoked.get(key).into_iter().flatten();
        let counts = move |held| is_restored || against.is_some_and(|against| against.contains(held));
        revoked.filter(move |(held, _)| counts(held)).map(|(_, id)| *id)
    }

    fn of(&self, step: &Step) -> Vec<ActionId> {
        let mut after: Vec<ActionId> = Vec::new();
        let Some(key) = step.account() else { return after };
        after.extend(self.made.get(key));
        match step {
            Step::Account { step: AccountStep::Create(_) | AccountStep::Restore | AccountStep::Update(_), .. } => {
                after.extend(self.made_for.get(&key.person).into_iter().flatten());
                let updated = self.updated_for.get(&key.person).into_iter().flatten();
                let looks = self.looks.get(&key.slot());
                let is_before =
                    |slot: &Slot| slot.target != key.target || looks.is_some_and(|seen| seen.contains(slot));
                after.extend(updated.filter(|(slot, _)| is_before(slot)).map(|(_, id)| id));
            }
            Step::Account { step: AccountStep::Enable, .. } => after.extend(self.gone(key, None)),
            Step::Permission { step: PermissionStep::Grant(permission, _), .. } => {
                after.extend(self.ensured.get(&(key.target.clone(), permission.id.clone())));
                after.extend(self.gone(key, Some(&permission.id)));
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
                    self.updated_for.entry(key.person.clone()).or_default().push((key.slot(), id));
                }
                AccountStep::Enable | AccountStep::Delete | AccountStep::Reissue => {}
            },
            Step::Permission { key, step: PermissionStep::Grant(..), .. } => {
                self.granted.entry(key.clone()).or_default().push(id);
            }
            Step::Permission { key, step: PermissionStep::Revoke(held, _), .. } => {
                self.revoked.entry(key.clone()).or_default().push((held.clone(), id));
            }
            Step::Resource { target, step: ResourceStep::Ensure { id: resource, .. } } => {
                self.ensured.insert((target.clone(), resource.clone()), id);
            }
        }
    }
}
