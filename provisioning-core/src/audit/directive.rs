//! What people say: each directive is a record with an actor.

use std::collections::BTreeSet;

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use crate::digest::Digest;
use crate::id::{PersonId, RecordId, Slot, TargetId};
use crate::policy::Entitlement;
use crate::source::ReadingHash;

/// An entitlement that a person gives beside the rules.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exception {
    /// On which account.
    pub slot: Slot,
    /// What.
    pub entitlement: Entitlement,
    /// Through which day, inclusive, in the person's zone; `None` until it is taken back.
    pub last_day: Option<NaiveDate>,
}

/// Something said about one person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PersonDirective {
    /// Stop all access at once, whatever sources and rules say, until unblocked.
    Block,
    /// Lift a block.
    Unblock,
    /// Delete nothing of the person's (true) or follow the grace again (false).
    LegalHold(bool),
    /// What others did with this account is known and over: decide on it again.
    Release(Slot),
    /// A record whose identity was in doubt is this person's.
    Accept {
        /// The record.
        record: RecordId,
        /// The hash that the doubt names.
        evidence: Digest,
    },
    /// This record is one of the person's from now on; the account of the person is the one that stays. What the record's
    /// own person had is a leftover with its own grace. Linking a record to its own person undoes it.
    Link(RecordId),
    /// Give something beside the rules.
    Except(Exception),
    /// Take all exceptions back.
    NoExceptions,
}

/// Something said about runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RunDirective {
    /// The reading with this hash is right, although guards refused it.
    AcceptReading(ReadingHash),
    /// The clock is right: this instant is the one to compare the next run with.
    AcknowledgeClock(DateTime<Utc>),
    /// The ledger comes from a backup, and the targets may be ahead of it: what speaks for that by now is known. Accounts
    /// that we made since are ours again; what people said since has to be said again first.
    AcknowledgeBackup,
    /// Adopted accounts of this target may be disabled, changed and stripped from now on.
    GoLive(TargetId),
    /// A plan's actions that caps held back may be done.
    Approve {
        /// The content hash of the plan that was looked at.
        plan: Digest,
        /// The fingerprints of the actions that were held back in it.
        actions: BTreeSet<Digest>,
    },
}

/// Something that a person says, with effect on what is decided.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Directive {
    /// About one person.
    Person(PersonId, PersonDirective),
    /// About runs.
    Run(RunDirective),
}
