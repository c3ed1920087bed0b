//! The plan: what would be done, in which order and why. A value that can be read, kept, compared and approved; how it was
//! made does not influence how it is applied.

mod action;
mod build;
mod difference;
mod display;
mod file;
#[cfg(test)]
mod tests;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::audit::{AccountFact, Head};
use crate::digest::{Digest, digest_of};
use crate::id::{AccountKey, PersonId, TargetId, TenantId};
use crate::policy::PolicyVersion;

pub use action::{
    AccountStep, Action, ActionId, NewAccount, PermissionStep, ResourceStep, Step, StepKind, Timing, Why, in_words,
};
pub use difference::{Difference, Tally};
pub use file::{PlanApproval, PlanFile, PlanFileError};

/// What a plan was computed from; when any of it is another one, the plan is stale.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Revision {
    /// The tenant.
    pub tenant: TenantId,
    /// The end of the audit chain.
    pub ledger: Head,
    /// The accepted people.
    pub roster: Digest,
    /// The version of rules and mappings.
    pub policy: PolicyVersion,
}

/// Actions of one target that do not depend on each other.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wave {
    /// The target.
    pub target: TargetId,
    /// The actions, in order of id.
    pub actions: Vec<Action>,
}

/// Somebody for whom something cannot be done yet.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Waiting {
    /// Who.
    pub person: PersonId,
    /// For what, as a sentence.
    pub on: String,
}

/// Somebody who is decided downwards only, or not at all, or of whom the rules could not tell everything.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Refusal {
    /// Who.
    pub person: PersonId,
    /// Why, as a sentence.
    pub why: String,
}

/// What would be done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// What it was computed from.
    pub revision: Revision,
    /// The one instant of the run.
    pub now: DateTime<Utc>,
    /// What to do, wave after wave.
    pub waves: Vec<Wave>,
    /// What becomes known of accounts without a call.
    pub facts: Vec<(AccountKey, AccountFact)>,
    /// Who waits, and for what.
    pub waiting: Vec<Waiting>,
    /// Who was refused, and why; and of whoever was decided, what the rules could not tell or want people to know.
    pub refusals: Vec<Refusal>,
}

impl Plan {
    /// The accounts that it is about.
    pub(crate) fn accounts(&self) -> impl Iterator<Item = &AccountKey> {
        self.actions().filter_map(|action| action.step.account()).chain(self.facts.iter().map(|(key, _)| key))
    }

    /// All actions in the order in which they are sent.
    pub fn actions(&self) -> impl Iterator<Item = &Action> {
        self.waves.iter().flat_map(|wave| &wave.actions)
    }

    /// Whether there is nothing to send.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.waves.is_empty()
    }

    /// How many actions of a kind there are.
    #[must_use]
    pub fn count(&self, kind: StepKind) -> usize {
        self.actions().filter(|action| action.step.kind() == kind).count()
    }

    /// The hash of everything in it.
    #[must_use]
    pub fn hash(&self) -> Digest {
        digest_of(self)
    }
}
