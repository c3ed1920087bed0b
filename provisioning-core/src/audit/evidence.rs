//! What speaks for it that a ledger comes from an old backup.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::audit::Head;
use crate::id::{AccountId, AccountKey, TargetId};

/// How many accounts are named; the rest is counted.
const NAMED: usize = 5;

/// Something that was found and should not be so, if the ledger were the one that was written last.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Evidence {
    /// The chain ends before a head that is known elsewhere, or it is another chain.
    Head {
        /// The head that is known.
        known: Head,
        /// Where the chain ends.
        found: Head,
    },
    /// Accounts that bear an anchor of ours, and of which the ledger knows nothing.
    Ahead {
        /// The target.
        target: TargetId,
        /// Whose they would be, and what the target calls them.
        accounts: Vec<(AccountKey, AccountId)>,
    },
    /// More of our accounts than the guards let pass are otherwise than we left them.
    Contradicted {
        /// The target.
        target: TargetId,
        /// How many.
        accounts: usize,
        /// Of how many that are live.
        of: usize,
    },
}

impl fmt::Display for Evidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Head { known, found } if found.records < known.records => {
                write!(f, "it has {} records, and {} are known of", found.records, known.records)
            }
            Self::Head { known, .. } => {
                write!(f, "its record number {} is another than the one known of", known.records)
            }
            Self::Ahead { target, accounts } => {
                let keys: Vec<String> = accounts.iter().take(NAMED).map(|(key, _)| key.to_string()).collect();
                let more = if accounts.len() > NAMED { ", ..." } else { "" };
                let count = accounts.len();
                write!(
                    f,
                    "`{target}` has {count} accounts with our anchor that it does not know ({}{more})",
                    keys.join(", ")
                )
            }
            Self::Contradicted { target, accounts, of } => {
                write!(f, "`{target}` shows {accounts} of {of} accounts otherwise than it says")
            }
        }
    }
}
