//! What our steps did, taken into the ledger.

use chrono::{DateTime, NaiveDate, Utc};

use crate::audit::Truth;
use crate::id::{AccountId, AccountKey, FieldName};
use crate::ledger::seen::seen_as;
use crate::ledger::{AccountEntry, HeldGrant, Ledger, Lifecycle, Mark, Origin};
use crate::plan::{AccountStep, Action, PermissionStep, Step};
use crate::target::{Presence, RestoredGrants, Shown, folded_name};
use crate::value::Fields;

impl Ledger {
    /// What became true by a step of ours.
    pub(super) fn fold_truth(&mut self, action: &Action, truth: &Truth, at: DateTime<Utc>) {
        match &action.step {
            Step::Account { key, step, .. } => {
                let entry = self.entry(key);
                entry.wrote(truth, at);
                entry.marks.remove(&Mark::Released);
                entry.marks.remove(&Mark::EnabledByOthers);
                match truth {
                    Truth::Live { .. } | Truth::InBin { .. } => entry.found(),
                    Truth::Gone | Truth::Holds | Truth::HoldsNot | Truth::Exists => {}
                }
                self.fold_account_step(key, step, truth, action.day);
                self.note_unsettled(key);
            }
            Step::Permission { key, step, .. } => {
                let entry = self.entry(key);
                entry.wrote(truth, at);
                entry.fold_permission_step(step, truth, at);
            }
            Step::Resource { .. } => {}
        }
    }

    fn fold_account_step(&mut self, key: &AccountKey, step: &AccountStep, truth: &Truth, day: NaiveDate) {
        match (step, truth) {
            (AccountStep::Create(account), Truth::Live { id, shown, given }) => {
                self.created(key, id, (&account.attributes, &account.names), given);
                self.moved(key, as_left(step, Lifecycle::Staged, *shown, day));
            }
            (AccountStep::Restore | AccountStep::Disable | AccountStep::Enable, Truth::Live { shown, .. }) => {
                let marks = &mut self.entry(key).marks;
                if matches!(step, AccountStep::Restore) {
                    marks.insert(Mark::Restored);
                } else {
                    marks.remove(&Mark::Restored);
                }
                let before = self.entry(key).lifecycle;
                self.moved(key, as_left(step, before, *shown, day));
            }
            (AccountStep::Update(patch), Truth::Live { given, .. }) => {
                let entry = self.entry(key);
                let written = patch.applied_to(&entry.written);
                entry.has_written(written, given);
                self.reserve_names(key);
            }
            (AccountStep::Delete, Truth::InBin { on, grants }) => {
                if *grants == RestoredGrants::Dropped {
                    self.entry(key).grants.clear();
                }
                self.deleted(key, Lifecycle::Deleted { on: *on, emptied: false });
            }
            (AccountStep::Delete, Truth::Gone) => {
                self.entry(key).grants.clear();
                self.deleted(key, Lifecycle::Deleted { on: day, emptied: true });
            }
            (AccountStep::Restore, Truth::Gone) => {
                let entry = self.entry(key);
                if let Lifecycle::Deleted { on, .. } = entry.lifecycle {
                    entry.missed_at = None;
                    self.moved(key, Lifecycle::Deleted { on, emptied: true });
                }
            }
            // A step that found no account has changed nothing, and neither has one that left it where it was; what became
            // of it since, the next reading tells.
            (AccountStep::Delete | AccountStep::Reissue, Truth::Live { .. })
            | (AccountStep::Restore, Truth::InBin { .. })
            | (
                AccountStep::Create(_)
                | AccountStep::Enable
                | AccountStep::Disable
                | AccountStep::Update(_)
                | AccountStep::Reissue,
                Truth::InBin { .. } | Truth::Gone,
            )
            // No answer to a step on an account.
            | (_, Truth::Holds | Truth::HoldsNot | Truth::Exists) => {}
        }
    }

    fn created(&mut self, key: &AccountKey, id: &AccountId, made: (&Fields, &[FieldName]), given: &Fields) {
        let entry = self.entry(key);
        entry.took_place(id);
        entry.origin = Origin::Created;
        entry.has_written(made.0.clone(), given);
        entry.names = made.1.to_vec();
        self.accounts.take((key.target.clone(), id.clone()), key);
        self.reserve_names(key);
    }

    fn reserve_names(&mut self, key: &AccountKey) {
        let entry = self.entry(key);
        let (names, written) = (entry.names.clone(), entry.written.clone());
        self.reserve(key, &names, &written);
    }

    pub(super) fn reserve(&mut self, key: &AccountKey, names: &[FieldName], values: &Fields) {
        let borne = names.iter().filter_map(|name| values.text(name.as_str())).map(folded_name);
        borne.for_each(|name| self.names.take((key.target.clone(), name), &key.person));
    }

    fn deleted(&mut self, key: &AccountKey, to: Lifecycle) {
        let entry = self.entry(key);
        entry.unwanted_since = None;
        entry.marks.remove(&Mark::DeletedByOthers);
        self.moved(key, to);
    }

    pub(super) fn moved(&mut self, key: &AccountKey, to: Lifecycle) {
        let entry = self.entry(key);
        // The count below compares with what was counted, which is the lifecycle at the last move.
        let (was, is) = (entry.counted_live, to.is_live());
        entry.lifecycle = to;
        entry.counted_live = is;
        match (was, is) {
            (false, true) => *self.population.entry(key.target.clone()).or_default() += 1,
            (true, false) => {
                let population = self.population(&key.target).saturating_sub(1);
                self.population.insert(key.target.clone(), population);
                // A target without accounts counts as one that never had any.
                self.population.retain(|_, count| *count > 0);
            }
            (true, true) | (false, false) => {}
        }
    }
}

impl AccountEntry {
    /// What we wrote, and what the target made of it.
    fn has_written(&mut self, written: Fields, given: &Fields) {
        self.written = written;
        for (name, value) in given.iter() {
            self.written.put(name.clone(), value.clone());
        }
    }

    fn fold_permission_step(&mut self, step: &PermissionStep, truth: &Truth, at: DateTime<Utc>) {
        match (step, truth) {
            (PermissionStep::Grant(permission, because), Truth::Holds) => {
                let rules = because.iter().map(|one| one.rule.clone()).collect();
                let held = HeldGrant { class: permission.class, rules, at };
                self.grants.insert(permission.id.clone(), held);
            }
            (
                PermissionStep::Revoke(permission, _),
                Truth::HoldsNot | Truth::Gone | Truth::InBin { grants: RestoredGrants::Dropped, .. },
            ) => {
                self.grants.remove(permission);
            }
            // Not given, or not taken away: a restore would bring it back.
            (PermissionStep::Grant(..), Truth::HoldsNot | Truth::Gone | Truth::InBin { .. })
            | (PermissionStep::Revoke(..), Truth::Holds | Truth::InBin { .. })
            // No answer to a step on a permission.
            | (_, Truth::Live { .. } | Truth::Exists) => {}
        }
    }
}

/// Where one of our steps leaves an account that is there, by what the target then shows and not by what was asked.
fn as_left(step: &AccountStep, before: Lifecycle, shown: Shown, day: NaiveDate) -> Lifecycle {
    match (step, shown) {
        (_, Shown::Enabled) => Lifecycle::Active,
        (AccountStep::Create(_), Shown::Disabled) => Lifecycle::Staged,
        (AccountStep::Enable, Shown::Disabled) if before == Lifecycle::Staged => before,
        (AccountStep::Enable, Shown::Disabled) => seen_as(before, (Presence::Live, shown), day),
        (
            AccountStep::Restore
            | AccountStep::Disable
            | AccountStep::Update(_)
            | AccountStep::Delete
            | AccountStep::Reissue,
            Shown::Disabled,
        ) => Lifecycle::Suspended { since: day },
    }
}
