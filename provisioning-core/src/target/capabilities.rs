//! What a target can do.

use serde::{Deserialize, Serialize};

use crate::id::{FieldName, TargetId};

/// What deleting means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Deletion {
    /// The account is gone at once.
    ForGood,
    /// It stays in a recycle bin, and what it held is dropped or kept.
    Bin {
        /// Deleted on day D, it can be restored up to and including D + `days` - 1.
        days: u32,
        /// What a restored account holds.
        grants: RestoredGrants,
    },
}

impl Deletion {
    /// For how many days a deleted account can be restored.
    #[must_use]
    pub fn days(self) -> u32 {
        match self {
            Self::ForGood => 0,
            Self::Bin { days, .. } => days,
        }
    }

    /// Whether only a reading after a restore tells what a deleted account holds.
    #[must_use]
    pub fn hides_grants(self) -> bool {
        matches!(self, Self::Bin { grants: RestoredGrants::Unreadable, .. })
    }
}

/// What a restored account holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RestoredGrants {
    /// Nothing: deleting dropped it.
    Dropped,
    /// What it held, and the target tells what that is while the account is deleted.
    Kept,
    /// What it held, which only a reading after the restore tells for certain: until then it counts as holding what it was
    /// last seen with, where a reading showed that.
    Unreadable,
}

/// When a target makes a first secret that somebody has to get.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FirstSecret {
    /// Never.
    None,
    /// With each account that it makes.
    OnCreate,
}

/// What a target can do, and its limits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Capabilities {
    /// The target.
    pub target: TargetId,
    /// What deleting means.
    pub deletion: Deletion,
    /// How long an anchor may be, in characters.
    pub anchor_length: usize,
    /// When it makes a first secret.
    pub first_secret: FirstSecret,
    /// The attributes by which accounts are named; no two accounts may share such a name.
    pub naming: Vec<FieldName>,
}

impl Capabilities {
    /// For how many days a deleted account can be restored.
    #[must_use]
    pub fn bin_days(&self) -> u32 {
        self.deletion.days()
    }
}
