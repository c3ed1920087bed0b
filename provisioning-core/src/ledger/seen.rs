//! What readings and people say of one account, taken into what is known of it.

use std::collections::BTreeSet;

use chrono::{DateTime, NaiveDate, Utc};

use crate::audit::{AccountFact, OthersDid, Truth};
use crate::id::{AccountId, PermissionId};
use crate::ledger::{AccountEntry, Lifecycle, Mark, Seen};
use crate::target::{Presence, Shown};
use crate::value::Fields;

impl AccountEntry {
    pub(super) fn fold(&mut self, fact: &AccountFact, at: DateTime<Utc>) {
        match fact {
            AccountFact::Unwanted { since } => self.unwanted_since = Some(*since),
            AccountFact::Wanted => self.unwanted_since = None,
            AccountFact::Suspected { what, shown, day, .. } => self.suspected(*what, *shown, *day, at),
            AccountFact::Held { what, holds, day } => self.held(*what, holds.as_ref(), *day),
            AccountFact::Missed => {
                self.marks.remove(&Mark::Lagging);
                self.missed_at = Some(at);
            }
            AccountFact::Found { in_bin: None } => self.found(),
            AccountFact::Found { in_bin: Some(on) } => {
                if self.lifecycle.is_live() {
                    self.deleted_by_others();
                }
                self.missed_at = None;
                self.lifecycle = Lifecycle::Deleted { on: *on, emptied: false };
            }
            AccountFact::EnabledByOthers => {
                self.marks.remove(&Mark::Lagging);
                self.marks.insert(Mark::EnabledByOthers);
                self.marks.remove(&Mark::Restored);
                self.lifecycle = Lifecycle::Active;
            }
            AccountFact::HoldEnded => {
                self.others.remove(&OthersDid::Disable);
            }
            AccountFact::Lagging => {
                self.marks.insert(Mark::Lagging);
            }
            AccountFact::ReleaseEnded => {
                self.marks.remove(&Mark::Released);
            }
            AccountFact::Justified { permission, rules } => {
                if let Some(held) = self.grants.get_mut(permission) {
                    held.rules.clone_from(rules);
                }
            }
            AccountFact::Settled => {
                self.marks.remove(&Mark::Lagging);
                self.marks.remove(&Mark::CaughtUp);
            }
            AccountFact::OursAfterAll => self.was_ours(),
            AccountFact::NotOurs => {
                self.marks.remove(&Mark::CaughtUp);
            }
            AccountFact::HandedOver => {
                self.marks.remove(&Mark::SecretPending);
            }
            AccountFact::Emptied => {
                if let Lifecycle::Deleted { emptied, .. } = &mut self.lifecycle {
                    *emptied = true;
                    self.missed_at = None;
                }
            }
            AccountFact::Adopted { .. } | AccountFact::Regained { .. } | AccountFact::Copied { .. } => {}
        }
    }

    /// What is shown counts at once, for nothing of it can be undone without being seen. What is shown nowhere may be missing
    /// from that reading only, so the account stands as it was until another reading misses it too.
    fn suspected(&mut self, what: OthersDid, shown: Option<(Presence, Shown)>, day: NaiveDate, at: DateTime<Utc>) {
        self.marks.remove(&Mark::Lagging);
        self.marks.remove(&Mark::DeletedByOthers);
        self.marks.remove(&Mark::Restored);
        self.others.insert(what, Seen { at, held: false });
        let Some((presence, shown)) = shown else {
            self.missed_at = Some(at);
            return;
        };
        self.missed_at = None;
        if what == OthersDid::Delete {
            self.deleted_by_others();
        }
        self.lifecycle = seen_as(self.lifecycle, (presence, shown), day);
    }

    /// Forgets what was lost by what others did: not before, since what is forgotten is never taken away.
    fn held(&mut self, what: OthersDid, holds: Option<&BTreeSet<PermissionId>>, day: NaiveDate) {
        if let Some(seen) = self.others.get_mut(&what) {
            seen.held = true;
        }
        let is_live = self.lifecycle.is_live();
        match what {
            OthersDid::Delete if is_live && self.missed_at.is_some() => {
                self.missed_at = None;
                self.grants.clear();
                self.deleted_by_others();
                self.lifecycle = Lifecycle::Deleted { on: day, emptied: true };
            }
            OthersDid::Delete if !is_live => self.keep_only(holds),
            OthersDid::Restore if is_live => self.keep_only(holds),
            OthersDid::Disable | OthersDid::Delete | OthersDid::Restore => {}
        }
    }

    /// We wrote to it, unless there was nothing to write to: that must not look like a write that lags.
    pub(super) fn wrote(&mut self, truth: &Truth, at: DateTime<Utc>) {
        match truth {
            Truth::Live { .. } | Truth::InBin { .. } | Truth::Holds | Truth::HoldsNot | Truth::Exists => {
                self.wrote_at = Some(at);
            }
            Truth::Gone => {}
        }
    }

    /// It is there: nobody deleted it, if that was suspected only because it was missed.
    pub(super) fn found(&mut self) {
        let was_missed = self.missed_at.take().is_some();
        if was_missed && self.others.get(&OthersDid::Delete).is_some_and(|seen| !seen.held) {
            self.others.remove(&OthersDid::Delete);
        }
    }

    fn deleted_by_others(&mut self) {
        self.marks.insert(Mark::DeletedByOthers);
        self.unwanted_since = None;
    }

    /// Forgets grants that the target, where it tells, shows no more.
    fn keep_only(&mut self, holds: Option<&BTreeSet<PermissionId>>) {
        if let Some(holds) = holds {
            self.grants.retain(|permission, _| holds.contains(permission));
        }
    }

    /// Whether the next reading has to be held against it whatever that reading names.
    pub(super) fn is_unsettled(&self) -> bool {
        let is_suspected = self.others.values().any(|seen| !seen.held);
        is_suspected || self.missed_at.is_some() || self.marks.contains(&Mark::Lagging)
    }

    /// Another account takes the place of the one that was there: nothing that is known of that one holds for it.
    pub(super) fn took_place(&mut self, id: &AccountId) {
        if let Some(before) = self.id.replace(id.clone()).filter(|before| before != id) {
            self.previous.push(before);
        }
        self.written = Fields::default();
        self.names.clear();
        self.grants.clear();
        self.unwanted_since = None;
        self.missed_at = None;
        self.marks.remove(&Mark::Restored);
        self.marks.remove(&Mark::MaybeMade);
        self.marks.remove(&Mark::CaughtUp);
    }
}

/// Where an account stands that a target shows otherwise than we left it.
pub(super) fn seen_as(before: Lifecycle, (presence, shown): (Presence, Shown), day: NaiveDate) -> Lifecycle {
    match (presence, shown) {
        (Presence::InBin(on), _) => Lifecycle::Deleted { on, emptied: false },
        (Presence::Live, Shown::Enabled) => Lifecycle::Active,
        (Presence::Live, Shown::Disabled) => match before {
            Lifecycle::Suspended { since } => Lifecycle::Suspended { since },
            Lifecycle::Absent | Lifecycle::Staged | Lifecycle::Active | Lifecycle::Deleted { .. } => {
                Lifecycle::Suspended { since: day }
            }
        },
    }
}
