//! What the record of an erasure holds, and which other records the erased person is in.

use std::collections::BTreeSet;
use std::fmt;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::audit::{Directive, Evidence, Fact, IntentId, PersonDirective, Record, RunFact, Sealed};
use crate::digest::Digest;
use crate::id::{AccountId, PersonId, TargetId};
use crate::plan::{StepKind, Timing};

/// Steps of people who were erased that still count in the windows of the caps.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counted {
    /// The target.
    pub target: TargetId,
    /// The kind.
    pub kind: StepKind,
    /// Expected or surprising.
    pub timing: Timing,
    /// The day on which they were done.
    pub day: NaiveDate,
    /// How many.
    pub count: u32,
}

/// All that the ledger keeps of a person who was erased; nothing of it says who that was.
///
/// Folding the records that are left together with this one gives the ledger that folding all of them and then forgetting
/// the person gives.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Erasure {
    /// The HMAC of each of the person's record ids under the store's key.
    pub tombstones: BTreeSet<Digest>,
    /// By target, the HMAC of each name that the person bore last; nobody else gets it.
    pub names: BTreeSet<(TargetId, Digest)>,
    /// What still counts.
    pub counted: Vec<Counted>,
    /// What was approved and done: the place of the approval's record, and the fingerprint of the action.
    pub spent: BTreeSet<(u64, Digest)>,
    /// Accounts that bear an anchor of ours and are known not to be ours, whosever: a record that says so of many is dropped.
    pub strangers: BTreeSet<(TargetId, AccountId)>,
    /// The places of the records whose salt and payload went with it: what is missing elsewhere was not erased.
    pub places: BTreeSet<u64>,
}

/// Finds the records that name people, in any position: what happened to their accounts, what was said of them and by
/// which link others came to them, what was sent, and how that ended.
///
/// A record of somebody else, or of a group, that points at one of their accounts, as at a manager's or an owner's, is not
/// among them: it says no more than that there was an account with this key.
#[derive(Clone)]
pub struct Finder<'a> {
    people: &'a BTreeSet<PersonId>,
    intents: BTreeSet<IntentId>,
}

/// Counts only.
impl fmt::Debug for Finder<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Finder({} people, {} intents)", self.people.len(), self.intents.len())
    }
}

impl<'a> Finder<'a> {
    pub(crate) fn of(people: &'a BTreeSet<PersonId>) -> Self {
        Self { people, intents: BTreeSet::new() }
    }

    /// Whether a record names one of the people; asked of each record once, in the order of the chain.
    pub fn names(&mut self, record: &Record) -> bool {
        match &record.fact {
            Fact::Said(Directive::Person(person, said)) => {
                let other = match said {
                    PersonDirective::Link(record) | PersonDirective::Accept { record, .. } => Some(record),
                    PersonDirective::Block
                    | PersonDirective::Unblock
                    | PersonDirective::LegalHold(_)
                    | PersonDirective::Release(_)
                    | PersonDirective::Except(_)
                    | PersonDirective::NoExceptions => None,
                };
                self.people.contains(person)
                    || other.is_some_and(|other| self.people.contains(&PersonId(other.clone())))
            }
            Fact::Account(key, _) => self.people.contains(&key.person),
            Fact::Intent(intent) => {
                let is_theirs = intent.action.person().is_some_and(|person| self.people.contains(person));
                if is_theirs {
                    self.intents.insert(intent.id);
                }
                is_theirs
            }
            Fact::Outcome(intent, _) => self.intents.contains(intent),
            Fact::Run(RunFact::Behind(Evidence::Ahead { accounts, .. })) => {
                accounts.iter().any(|(key, _)| self.people.contains(&key.person))
            }
            Fact::Run(_) | Fact::Reading(_) | Fact::Said(Directive::Run(_)) | Fact::Erased(_) => false,
        }
    }

    /// Drops salt and payload of the records that name one of the people; their places come back. `records` is the whole
    /// chain.
    pub fn erase_in(&mut self, records: &mut [Sealed]) -> BTreeSet<u64> {
        let mut places = BTreeSet::new();
        for sealed in records {
            if sealed.record().ok().flatten().is_some_and(|record| self.names(&record)) {
                sealed.erase();
                places.insert(sealed.place);
            }
        }
        places
    }
}
