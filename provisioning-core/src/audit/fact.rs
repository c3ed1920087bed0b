//! Facts: everything that the ledger is made of.

use std::collections::BTreeSet;
use std::fmt;

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use crate::audit::{Directive, Erasure, Evidence};
use crate::digest::Digest;
use crate::id::{AccountId, AccountKey, Actor, FieldName, PermissionId, PersonId, RuleId, SourceId, TargetId};
use crate::plan::{Action, ActionId};
use crate::policy::PolicyVersion;
use crate::source::{ReadingHash, Rejection};
use crate::target::{ObservedAccount, Presence, RestoredGrants, Shown};
use crate::value::Fields;

/// Something about a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RunFact {
    /// It started.
    Began {
        /// The one instant of the run.
        now: DateTime<Utc>,
        /// The version of rules and mappings.
        policy: PolicyVersion,
    },
    /// The clock cannot be right, so nothing follows from a date.
    HeldByClock {
        /// The instant of the run.
        now: DateTime<Utc>,
    },
    /// A plan is being applied.
    Applying {
        /// Its content hash.
        plan: Digest,
        /// The version of rules and mappings that it was made with.
        policy: PolicyVersion,
        /// How many actions it has.
        actions: usize,
        /// How many of them are held back.
        withheld: usize,
    },
    /// Something speaks for it that the ledger comes from an old backup: nothing is written until somebody acknowledges it.
    Behind(Evidence),
}

/// Something about a reading.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReadingFact {
    /// A source's reading counts.
    Accepted {
        /// The source.
        source: SourceId,
        /// What it says.
        hash: ReadingHash,
        /// How many records are new or changed by it.
        records: usize,
    },
    /// A source's reading does not count.
    Rejected {
        /// The source.
        source: SourceId,
        /// What it says.
        hash: ReadingHash,
        /// Everything that speaks against it.
        why: Vec<Rejection>,
    },
    /// A source or target could not be read.
    Failed {
        /// Which one.
        system: String,
        /// What it answered.
        error: String,
    },
    /// A target was read.
    Observed {
        /// The target.
        target: TargetId,
        /// How many accounts the reading speaks of.
        accounts: usize,
    },
    /// What a target shows was held against the ledger, and what others did is recorded.
    Compared {
        /// The target.
        target: TargetId,
    },
}

/// What somebody else did with an account of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OthersDid {
    /// Disabled it.
    Disable,
    /// Deleted it.
    Delete,
    /// Took it back from the recycle bin.
    Restore,
}

impl fmt::Display for OthersDid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Disable => "disabled",
            Self::Delete => "deleted",
            Self::Restore => "restored",
        })
    }
}

/// Something about an account that is not a step of ours.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AccountFact {
    /// A run saw for the first time that no account is wanted.
    Unwanted {
        /// The day of that run.
        since: NaiveDate,
    },
    /// A run saw that an account is wanted again.
    Wanted,
    /// An account that was there before is the person's.
    Adopted {
        /// The account as it was found.
        account: Box<ObservedAccount>,
        /// The attributes by which it is named; their values stay the person's.
        names: Vec<FieldName>,
        /// The day.
        day: NaiveDate,
    },
    /// We made it after the backup that the ledger comes from, and it is known again.
    Regained {
        /// The account, as the target shows it.
        account: Box<ObservedAccount>,
        /// The attributes by which it is named, each unique on the target: from now on these names are this person's.
        names: Vec<FieldName>,
        /// The day.
        day: NaiveDate,
    },
    /// Somebody copied it: another account bears its anchor, and is not ours.
    Copied {
        /// The other account.
        account: AccountId,
    },
    /// What was found after a backup was acknowledged is what we would have done: it counts as ours.
    OursAfterAll,
    /// It is not, so it counts as what others did.
    NotOurs,
    /// Somebody else did something with it.
    Suspected {
        /// What.
        what: OthersDid,
        /// How the target shows it now; `None` is gone.
        shown: Option<(Presence, Shown)>,
        /// What it holds now, where the target tells.
        holds: Option<BTreeSet<PermissionId>>,
        /// The day of the reading.
        day: NaiveDate,
    },
    /// Readings far enough apart show what somebody else did.
    Held {
        /// What.
        what: OthersDid,
        /// What the account holds now, where the target tells.
        holds: Option<BTreeSet<PermissionId>>,
        /// The day of the reading.
        day: NaiveDate,
    },
    /// Neither the target nor its recycle bin shows an account that was deleted and can be restored.
    Missed,
    /// An account that was missed, or counted as gone, is there.
    Found {
        /// The day of the delete, where the recycle bin has it.
        in_bin: Option<NaiveDate>,
    },
    /// Somebody else enabled it.
    EnabledByOthers,
    /// Somebody who had disabled it enabled it again, and it is wanted.
    HoldEnded,
    /// A run found nothing more to do that follows from a release.
    ReleaseEnded,
    /// Other rules than before give what it holds.
    Justified {
        /// What it holds.
        permission: PermissionId,
        /// The rules that give it now, in order.
        rules: Vec<RuleId>,
    },
    /// A reading contradicts a write of ours that is too young.
    Lagging,
    /// The reading shows what we wrote after all.
    Settled,
    /// Readings far enough apart show that the recycle bin does not have it any more.
    Emptied,
    /// The first secret reached whom it was for.
    HandedOver,
}

/// An action of a plan, by the plan's content hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct IntentId {
    /// The content hash of the plan.
    pub plan: Digest,
    /// The action in it.
    pub action: ActionId,
}

/// What is about to be sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Intent {
    /// Which action of which plan.
    pub id: IntentId,
    /// The action, whole.
    pub action: Action,
}

/// What is now true on the target, as it answered or as it was read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Truth {
    /// The account is there.
    Live {
        /// The target's id of it.
        id: AccountId,
        /// Whether it can be used.
        shown: Shown,
        /// Values that the target gave it.
        given: Fields,
    },
    /// The account is in the recycle bin.
    InBin {
        /// Since which day.
        on: NaiveDate,
        /// What a restored account would hold.
        grants: RestoredGrants,
    },
    /// The account is not there, not even deleted.
    Gone,
    /// The account holds the permission.
    Holds,
    /// The account does not hold the permission.
    HoldsNot,
    /// The resource is there, with that name.
    Exists,
}

/// Why an action was not done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FailureKind {
    /// It may work later: the next run decides again.
    Transient,
    /// It will not work as it is: somebody has to change something.
    Permanent,
    /// Nobody knows whether it was done: the next run reads before it decides.
    Unknown,
}

/// How an intent ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Settlement {
    /// It was done, or had been.
    Done {
        /// What is now true.
        truth: Truth,
        /// Whether a first secret was made, which somebody has to get.
        secret: bool,
    },
    /// It was not.
    Failed {
        /// What kind of failure.
        kind: FailureKind,
        /// What the target said, without secrets and personal data.
        message: String,
    },
    /// A reading shows that it never arrived.
    NotDone,
}

/// One thing that happened or was seen or said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fact {
    /// About a run.
    Run(RunFact),
    /// About a reading.
    Reading(ReadingFact),
    /// Somebody said something.
    Said(Directive),
    /// About an account.
    Account(AccountKey, AccountFact),
    /// Something is about to be sent.
    Intent(Box<Intent>),
    /// How it ended.
    Outcome(IntentId, Settlement),
    /// Somebody had a person erased: the records that named the person are without salt and payload from now on.
    Erased(Erasure),
}

impl Fact {
    /// The person whose state it changes by something that the person's own decision did not foresee.
    #[must_use]
    pub fn surprises(&self) -> Option<&PersonId> {
        match self {
            Self::Account(key, fact) => match fact {
                AccountFact::Suspected { .. }
                | AccountFact::Held { .. }
                | AccountFact::Found { .. }
                | AccountFact::Regained { .. }
                | AccountFact::EnabledByOthers
                | AccountFact::Emptied => Some(&key.person),
                AccountFact::Unwanted { .. }
                | AccountFact::Wanted
                | AccountFact::Adopted { .. }
                | AccountFact::Copied { .. }
                | AccountFact::OursAfterAll
                | AccountFact::NotOurs
                | AccountFact::HoldEnded
                | AccountFact::ReleaseEnded
                | AccountFact::Justified { .. }
                | AccountFact::Missed
                | AccountFact::Lagging
                | AccountFact::Settled
                | AccountFact::HandedOver => None,
            },
            Self::Said(Directive::Person(person, _)) => Some(person),
            Self::Run(_)
            | Self::Reading(_)
            | Self::Said(Directive::Run(_))
            | Self::Intent(_)
            | Self::Outcome(..)
            | Self::Erased(_) => None,
        }
    }
}

/// A fact with who and when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// When it was recorded.
    pub at: DateTime<Utc>,
    /// Who did, saw or said it.
    pub actor: Actor,
    /// What.
    pub fact: Fact,
}
