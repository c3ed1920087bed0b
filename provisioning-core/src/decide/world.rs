//! What deciding takes and gives.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use crate::audit::AccountFact;
use crate::id::{AccountKey, PermissionId, PersonId, TargetId};
use crate::ledger::Ledger;
use crate::plan::{Refusal, Step, Timing, Waiting, Why};
use crate::policy::{Looks, Policy};
use crate::settings::Settings;
use crate::source::Roster;
use crate::target::Observations;

/// Everything that a decision may depend on besides the person: always whole, however few people are decided.
#[derive(Debug, Clone, Copy)]
pub struct Context<'a> {
    /// What the organisation decided once.
    pub settings: &'a Settings,
    /// Rules and mappings.
    pub policy: &'a dyn Policy,
    /// What we did and what people said: links, holds, names, counts.
    pub ledger: &'a Ledger,
    /// The accepted people.
    pub roster: &'a Roster,
    /// What the targets show: accounts, names, resources.
    pub observations: &'a Observations<'a>,
}

/// Whether dates may be acted on.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum ClockTrust {
    /// The clock went on as clocks do.
    #[default]
    Trusted,
    /// It went back, or too far ahead, and nobody acknowledged it.
    Held,
}

impl Context<'_> {
    /// Whether dates may be acted on at an instant.
    #[must_use]
    pub fn clock_trust(&self, now: DateTime<Utc>) -> ClockTrust {
        match self.ledger.last_run() {
            Some(last) if now < last || now - last > self.settings.lifecycle.max_clock_jump => ClockTrust::Held,
            _ => ClockTrust::Trusted,
        }
    }
}

/// The people to decide, and everything that their decisions may depend on.
#[derive(Debug, Clone)]
pub struct World<'a> {
    /// The one instant of the run.
    pub now: DateTime<Utc>,
    /// The people to decide, each once, in order of id.
    pub people: Vec<PersonId>,
    /// Everything else.
    pub context: Context<'a>,
}

/// A step that should be done, before it has its place in a plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proposed {
    /// What.
    pub step: Step,
    /// The civil day of the person.
    pub day: NaiveDate,
    /// Why.
    pub why: Vec<Why>,
    /// Whether it was to be expected.
    pub timing: Timing,
}

/// When a person has to be decided again, if nothing else happens.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Appointment {
    /// Who.
    pub person: PersonId,
    /// The first instant at which something may be another thing.
    pub wake: Option<DateTime<Utc>>,
    /// People whose accounts this person's profile points at, or whose records were looked at as a manager's.
    pub watches: BTreeSet<PersonId>,
    /// In the next run already: something waits or was refused. What the rules cannot tell is no reason for it.
    pub again: bool,
}

impl Appointment {
    /// Nothing will ever change by itself.
    #[must_use]
    pub fn none(person: &PersonId) -> Self {
        Self { person: person.clone(), wake: None, watches: BTreeSet::new(), again: false }
    }
}

/// How a resource that must exist should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ensured {
    /// Its name.
    pub name: String,
    /// Whose it is if it has to be made.
    pub owner: Option<AccountKey>,
}

impl Ensured {
    /// The same belongs to the owner of another one where it has none.
    pub(super) fn or(&mut self, other: &Self) {
        self.owner = self.owner.take().or_else(|| other.owner.clone());
    }
}

/// What should be done about the people of a World.
#[derive(Debug, Clone, Default)]
pub struct Decisions {
    /// Whether dates were acted on.
    pub clock: ClockTrust,
    /// Steps, person after person.
    pub proposed: Vec<Proposed>,
    /// Accounts that an earlier run restored: what that brought back is taken away before anything else.
    pub restored: BTreeSet<AccountKey>,
    /// By account and what is given to it: what is taken away from it before, because the two may not be held together.
    pub first: BTreeMap<(AccountKey, PermissionId), BTreeSet<PermissionId>>,
    /// At which accounts profiles look: these are made before.
    pub looks: Looks,
    /// Resources that must exist.
    pub resources: BTreeMap<(TargetId, PermissionId), Ensured>,
    /// Changes of the ledger that need no call.
    pub facts: Vec<(AccountKey, AccountFact)>,
    /// Who waits, and for what.
    pub waiting: Vec<Waiting>,
    /// Who was refused, and why; and what the rules could not tell or want people to know.
    pub refusals: Vec<Refusal>,
    /// When each person has to be decided again.
    pub appointments: Vec<Appointment>,
}
