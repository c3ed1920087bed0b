//! What is known of one account.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, NaiveDate, Utc};

use crate::audit::OthersDid;
use crate::id::{AccountId, FieldName, PermissionId, RuleId};
use crate::lifecycle::{Bin, State};
use crate::period::plus_days;
use crate::policy::PermissionClass;
use crate::sorted::SortedMap;
use crate::value::Fields;

/// Where an account stands, as we last knew it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Lifecycle {
    /// There never was one.
    #[default]
    Absent,
    /// It exists and was never enabled.
    Staged,
    /// It can be used.
    Active,
    /// It cannot be used since a day.
    Suspended {
        /// The day on which it was first known to be disabled.
        since: NaiveDate,
    },
    /// It was deleted.
    Deleted {
        /// On which day.
        on: NaiveDate,
        /// Whether the recycle bin was seen without it.
        emptied: bool,
    },
}

impl Lifecycle {
    /// The state that the lifecycle table knows, on a day, for a target that keeps deleted accounts for `bin_days`.
    #[must_use]
    pub fn state(self, today: NaiveDate, bin_days: u32) -> State {
        match self {
            Self::Absent => State::Absent,
            Self::Staged => State::Staged,
            Self::Active => State::Active,
            Self::Suspended { since } => State::Suspended { since },
            Self::Deleted { on, emptied } if !emptied && today < plus_days(on, bin_days) => {
                State::Deleted(Bin::Restorable)
            }
            Self::Deleted { .. } => State::Deleted(Bin::Gone),
        }
    }

    /// Whether the account is there.
    #[must_use]
    pub fn is_live(self) -> bool {
        matches!(self, Self::Staged | Self::Active | Self::Suspended { .. })
    }
}

/// How we came by an account.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Origin {
    /// We made it.
    #[default]
    Created,
    /// It was there before us.
    Adopted,
}

/// When something that somebody else did with an account was seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seen {
    /// When it was first read.
    pub at: DateTime<Utc>,
    /// Whether a later reading confirmed it: until then it is only suspected.
    pub held: bool,
}

/// A permission that we granted or took over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldGrant {
    /// How it ends when the account is suspended.
    pub class: PermissionClass,
    /// The rules that give it, or gave it last.
    pub rules: Vec<RuleId>,
    /// When it was granted.
    pub at: DateTime<Utc>,
}

/// Something that is so of an account for a while.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mark {
    /// A reading contradicts a write of ours that is too young.
    Lagging,
    /// A first secret was made that did not reach anybody yet.
    SecretPending,
    /// It is in use because somebody else enabled it.
    EnabledByOthers,
    /// It was somebody else who deleted it.
    DeletedByOthers,
    /// Somebody released it, and nothing was done with it since.
    Released,
    /// We restored it, and nobody did anything else with it since.
    Restored,
    /// A create of ours failed, by all that could be told: an account may turn up all the same.
    MaybeMade,
    /// What others seem to have done with it may have been us, after the backup that the ledger comes from.
    CaughtUp,
}

/// What is known of one account.
#[derive(Clone, Default, PartialEq)]
pub struct AccountEntry {
    /// The target's id of it.
    pub id: Option<AccountId>,
    /// Where it stands.
    pub lifecycle: Lifecycle,
    /// The day of the first run that saw that none is wanted.
    pub unwanted_since: Option<NaiveDate>,
    /// What somebody else did with it, until it is released.
    pub others: BTreeMap<OthersDid, Seen>,
    /// Since when readings show it nowhere, though it should be there or in the recycle bin.
    pub missed_at: Option<DateTime<Utc>>,
    /// How we came by it.
    pub origin: Origin,
    /// What we last wrote, by attribute; what an adopted account had is not in it.
    pub written: Fields,
    /// The attributes among them that are names of it.
    pub names: Vec<FieldName>,
    /// When we last wrote anything to it.
    pub wrote_at: Option<DateTime<Utc>>,
    /// What we granted.
    pub grants: SortedMap<PermissionId, HeldGrant>,
    /// Whether it is among those counted as live.
    pub(super) counted_live: bool,
    /// How many intents are without an outcome.
    pub open: u32,
    /// What else is known of it.
    pub marks: BTreeSet<Mark>,
    /// The ids of accounts that it took the place of.
    pub previous: Vec<AccountId>,
}

/// Ids and counts only.
impl std::fmt::Debug for AccountEntry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AccountEntry")
            .field("id", &self.id)
            .field("lifecycle", &self.lifecycle)
            .field("unwanted_since", &self.unwanted_since)
            .field("others", &self.others)
            .field("missed_at", &self.missed_at)
            .field("grants", &self.grants.len())
            .finish_non_exhaustive()
    }
}
