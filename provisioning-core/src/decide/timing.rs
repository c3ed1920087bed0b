//! Whether a step was to be expected: a date brought it, and all that it follows from had been known for some days by then.

use chrono::NaiveDate;

use crate::caps::too_many;
use crate::decide::account::SlotDecision;
use crate::id::PermissionId;
use crate::ledger::Mark;
use crate::lifecycle::{Move, Want, delete_on};
use crate::period::minus_days;
use crate::plan::{AccountStep, PermissionStep, Step, StepKind, Timing};
use crate::policy::{Answer, EarlierAccounts, Permission, PermissionClass, Profile};
use crate::target::{Change, Patch};
use crate::value::Edit;

impl SlotDecision<'_> {
    pub(super) fn timing(&self, step: &Step) -> Timing {
        let is_block = self.evaluated.footing.blocked && step.kind() == StepKind::Disable;
        if is_block || self.has(Mark::Released) {
            return Timing::Ordered;
        }
        if self.has(Mark::EnabledByOthers) || self.entry.is_some_and(|entry| !entry.others.is_empty()) {
            return Timing::Surprising;
        }
        let is_expected = self.was_brought_by_a_date(step) && !self.follows_from_a_mass_leave(step);
        if is_expected { Timing::Expected } else { Timing::Surprising }
    }

    /// Whether the step takes away after an end that more people have, by what was entered on one day, than the caps let go:
    /// somebody may have made a mistake, and that does not become right by growing old.
    fn follows_from_a_mass_leave(&self, step: &Step) -> bool {
        let takes_away = match step.kind() {
            StepKind::Disable | StepKind::Revoke | StepKind::Delete => true,
            StepKind::Ensure | StepKind::Create | StepKind::Grant | StepKind::Enable | StepKind::Update => false,
        };
        let context = self.world.context;
        let population = context.ledger.population(step.target());
        let is_one_of_many = |leave| too_many(leave, context.roster, &context.settings.caps, population).is_some();
        takes_away && self.evaluated.left_by(self.world).into_iter().any(is_one_of_many)
    }

    /// Whether the same facts did not always ask for the step.
    fn was_brought_by_a_date(&self, step: &Step) -> bool {
        match step {
            Step::Account { step, .. } => match step {
                AccountStep::Create(_) => self.was_once(|want, _| want == Want::Nothing),
                AccountStep::Restore => self.returns_expectedly(),
                AccountStep::Enable => self.was_once(|want, _| want != Want::Access),
                AccountStep::Disable => self.was_once(|want, _| want == Want::Access),
                AccountStep::Delete => self.is_expected(self.grace_over()),
                AccountStep::Update(_) | AccountStep::Reissue => false,
            },
            Step::Permission { step, .. } => match step {
                PermissionStep::Grant(permission, _) => self.is_given_expectedly(permission),
                PermissionStep::Revoke(permission, _) => self.is_lost_expectedly(permission),
            },
            Step::Resource { .. } => false,
        }
    }

    fn was_once(&self, said: impl Fn(Want, &Answer) -> bool) -> bool {
        self.evaluated.was_once(self.world, |_, answer| said(answer.wants(self.slot), answer))
    }

    fn returns_expectedly(&self) -> bool {
        if self.evaluated.raise().wants(self.slot) != Want::Nothing {
            return self.was_once(|want, _| want == Want::Nothing);
        }
        // Nothing asks for it but a return that became known when it came within the horizon.
        let horizon = self.world.context.settings.lifecycle.return_horizon_days;
        self.is_expected(self.evaluated.firm_dates.next_start.zip(horizon).map(|(start, days)| minus_days(start, days)))
    }

    fn is_given_expectedly(&self, permission: &Permission) -> bool {
        // What others took away, no date did.
        let was_held = self.entry.is_some_and(|entry| entry.grants.contains_key(&permission.id));
        let is_costly = permission.class != PermissionClass::Ordinary;
        let resumes = self.walked.contains(&Move::Enable) && !self.walked.contains(&Move::Create);
        let enough = if is_costly && resumes { Want::Access } else { Want::Account };
        !was_held && self.was_once(|want, answer| want < enough || !answer.gives(self.slot, &permission.id))
    }

    fn is_lost_expectedly(&self, permission: &PermissionId) -> bool {
        if self.was_restored() {
            // What a restore brings back goes as expectedly as the restore came.
            return self.returns_expectedly();
        }
        match self.retained_until() {
            None => self.was_once(|want, answer| want != Want::Nothing && answer.gives(self.slot, permission)),
            until => self.is_expected(until),
        }
    }

    /// The same of an update: a date changed what an account should look like, and not others what it looks like.
    pub(super) fn timing_of_update(&self, patch: &Patch, profile: &Profile, earlier: &EarlierAccounts) -> Timing {
        if self.has(Mark::Released) {
            return Timing::Ordered;
        }
        let written = |change: &Change| self.entry.and_then(|entry| entry.written.value(change.attribute.as_str()));
        let is_ours = |change: &Change| match &change.after {
            Edit::Set(value) => written(change) == Some(value),
            Edit::Clear | Edit::Keep => written(change).is_none(),
        };
        let policy = self.world.context.policy;
        let was_another = |at, _: &Answer| policy.profile(self.described(), self.slot, earlier, at) != *profile;
        let is_brought = !patch.0.iter().all(is_ours) && self.evaluated.was_once(self.world, was_another);
        if is_brought { Timing::Expected } else { Timing::Surprising }
    }

    fn is_expected(&self, came: Option<NaiveDate>) -> bool {
        came.is_some_and(|day| self.evaluated.is_expected(day))
    }

    fn grace_over(&self) -> Option<NaiveDate> {
        let grace = self.world.context.settings.lifecycle.grace;
        delete_on(self.state, self.unwanted_since(), &self.evaluated.dates, grace)
    }
}
