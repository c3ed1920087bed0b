//! Erasing a person: who goes with the person, whether it may be, what the record holds, and what the ledger then forgets.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use chrono::{DateTime, NaiveDate, Utc};

use crate::audit::{Counted, Erasure, Fact, Finder, Head, Record};
use crate::id::{AccountId, AccountKey, Actor, PersonId, RecordId, TargetId};
use crate::ledger::{AccountEntry, Ledger, Lifecycle, StepCount};
use crate::period::{civil_day, plus_days};
use crate::settings::Settings;
use crate::source::Roster;
use crate::target::{Observation, Observations, ObservedAccount, Presence};

/// Somebody asks that a person be erased.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ErasureRequest {
    /// Who is to be erased, by any of the person's records.
    pub person: PersonId,
    /// Who asks.
    pub actor: Actor,
    /// When.
    pub at: DateTime<Utc>,
}

/// Why a person cannot be erased yet.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CannotErase {
    /// Neither ledger nor roster knows the person.
    #[error("nobody is known as `{person}`; look up the source and the key")]
    Unknown {
        /// The person.
        person: PersonId,
    },
    /// What came of an old backup is still open.
    #[error(
        "the ledger comes from an old backup, and not everything was held against it since; acknowledge the backup, and let \
         runs go on until nothing of it is open"
    )]
    Behind,
    /// Nothing of the person's may be deleted.
    #[error("a legal hold stands on `{person}`; lift it first")]
    LegalHold {
        /// Under which of the person's ids it was said.
        person: PersonId,
    },
    /// The person has not left.
    #[error("record `{record}` has a contract that is not over; end it in the source, and let a run read that, first")]
    InForce {
        /// The record.
        record: RecordId,
    },
    /// Nobody knows what became of a step.
    #[error("a step on {account} has no outcome yet; let another run read the target first")]
    Open {
        /// The account.
        account: AccountKey,
    },
    /// Somebody else may be the same person.
    #[error("record `{other}` looks like `{record}`; link the two, or accept that they are two people, first")]
    InDoubt {
        /// The person's record.
        record: RecordId,
        /// The other one.
        other: RecordId,
    },
    /// There is an account.
    #[error("{account} is still there; let it be deleted at the end of its grace first")]
    Live {
        /// The account.
        account: AccountKey,
    },
    /// A target shows an account of the person's, whatever the ledger says.
    #[error(
        "`{target}` shows account `{id}`, which is or was the person's; delete it there for good, or take its anchor away, and \
         let a run read that first"
    )]
    Shown {
        /// The target.
        target: TargetId,
        /// The target's id of it.
        id: AccountId,
    },
    /// There is an account that can come back.
    #[error("{account} can be restored until {until}; erase after that day")]
    Restorable {
        /// The account.
        account: AccountKey,
        /// The last day.
        until: NaiveDate,
    },
}

/// An erasure that may be: who goes, and the record of it. Only [`Ledger::erasing`] makes one.
#[derive(Clone, PartialEq, Eq)]
pub struct Erasing {
    people: BTreeSet<PersonId>,
    actor: Actor,
    at: DateTime<Utc>,
    left: Erasure,
}

/// Counts only.
impl fmt::Debug for Erasing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Erasing({} records)", self.people.len())
    }
}

impl Erasing {
    /// The person, under each id: nothing of them stays in the roster, nor among those who have to be decided.
    #[must_use]
    pub fn people(&self) -> &BTreeSet<PersonId> {
        &self.people
    }

    /// The record of the erasure, which names the places of all that [`finder`](Self::finder) found.
    #[must_use]
    pub fn record(&self, places: BTreeSet<u64>) -> Record {
        let fact = Fact::Erased(Erasure { places, ..self.left.clone() });
        Record { at: self.at, actor: self.actor.clone(), fact }
    }

    /// What finds the records whose salt and payload go; it is asked of each of the audit, in order.
    #[must_use]
    pub fn finder(&self) -> Finder<'_> {
        Finder::of(&self.people)
    }
}

impl Ledger {
    /// What erasing a person, with every record that is linked to the person, takes; `observations` are what the targets of
    /// the settings show.
    ///
    /// # Errors
    /// While something of the person's is still needed: see [`CannotErase`], which says what to do.
    pub fn erasing(
        &self,
        request: &ErasureRequest,
        (roster, observations): (&Roster, &Observations<'_>),
        settings: &Settings,
    ) -> Result<Erasing, CannotErase> {
        if !self.is_caught_up(settings) {
            return Err(CannotErase::Behind);
        }
        let people = self.family(&request.person);
        let is_known = |person: &PersonId| self.people.contains_key(person) || roster.record(&person.0).is_some();
        if people.len() == 1 && !people.iter().any(is_known) {
            return Err(CannotErase::Unknown { person: request.person.clone() });
        }
        for person in &people {
            self.is_over(person, roster, (request.at, settings))?;
        }
        for (target, observation) in observations {
            let days = settings.target(target).map_or(0, |(_, target)| target.capabilities.bin_days());
            let today = civil_day(request.at, settings.zone);
            // Not every target tells of a recycle bin that was emptied when its time was over.
            let is_over = |presence| matches!(presence, Presence::InBin(on) if today > plus_days(on, days));
            if let Some(shown) = self.shown(&people, target, observation).find(|account| !is_over(account.presence)) {
                return Err(CannotErase::Shown { target: target.clone(), id: shown.id.clone() });
            }
        }
        let left = self.left_of(&people);
        Ok(Erasing { people, actor: request.actor.clone(), at: request.at, left })
    }

    /// Forgets who is erased and takes the record in; `head` is the head of the chain with it.
    ///
    /// It is the ledger that folding the records that are left gives.
    pub fn erase(&mut self, erasing: &Erasing, head: Head) {
        self.forget(&erasing.people);
        self.fold(&erasing.record(BTreeSet::new()), head);
    }

    /// A person and whoever is one with the person by links, under every id.
    pub(crate) fn family(&self, person: &PersonId) -> BTreeSet<PersonId> {
        let mut family = BTreeSet::new();
        let mut more = vec![person.clone()];
        while let Some(one) = more.pop() {
            if family.contains(&one) {
                continue;
            }
            more.extend(self.links.get(&one.0).cloned());
            more.extend(self.linked.get(&one).into_iter().flatten().cloned().map(PersonId));
            family.insert(one);
        }
        family
    }

    /// Complains while there is something under this id that is not over.
    fn is_over(
        &self,
        person: &PersonId,
        roster: &Roster,
        (now, settings): (DateTime<Utc>, &Settings),
    ) -> Result<(), CannotErase> {
        if let Some(record) = roster.record(&person.0) {
            let mut periods =
                record.contracts.iter().filter_map(|contract| contract.period.map(|it| (it, contract.zone)));
            let zone = record.zone.unwrap_or(settings.zone);
            if periods.any(|(period, own)| !period.ends_before(civil_day(now, own.unwrap_or(zone)))) {
                return Err(CannotErase::InForce { record: record.id.clone() });
            }
        }
        if let Some(other) = roster.looks_like(&person.0) {
            return Err(CannotErase::InDoubt { record: person.0.clone(), other: other.clone() });
        }
        let Some(entry) = self.people.get(person) else { return Ok(()) };
        if entry.legal_hold {
            return Err(CannotErase::LegalHold { person: person.clone() });
        }
        let mut accounts = entry.accounts.iter();
        accounts.try_for_each(|(slot, account)| account.is_over(|| self.key(person, slot), (now, settings)))
    }

    /// The accounts of these people that a target shows: those that are or were theirs, and those that bear their anchor and
    /// are not known to be somebody else's. A create that failed may have made one all the same.
    fn shown<'a>(
        &'a self,
        people: &'a BTreeSet<PersonId>,
        target: &'a TargetId,
        observation: &'a Observation,
    ) -> impl Iterator<Item = &'a ObservedAccount> {
        observation.accounts().filter(move |account| {
            if let Some(key) = self.account_with_id(target, &account.id) {
                return people.contains(&key.person);
            }
            let anchor = account.anchor.as_deref().filter(|_| !self.is_stranger(target, &account.id));
            let key = anchor.and_then(|anchor| AccountKey::of_anchor(&self.tenant, target, anchor));
            key.is_some_and(|key| people.contains(&key.person))
        })
    }

    fn left_of(&self, people: &BTreeSet<PersonId>) -> Erasure {
        let borne = self.names.held().iter().filter(|(_, bearer)| people.contains(*bearer));
        let names = borne.map(|((target, name), _)| (target.clone(), self.tombstones.name(target, name)));
        let mut counted: BTreeMap<(&StepCount, NaiveDate), u32> = BTreeMap::new();
        for (day, steps) in &self.lately {
            for (_, step) in steps.iter().filter(|(person, _)| people.contains(person)) {
                *counted.entry((step, *day)).or_default() += 1;
            }
        }
        let counted = counted.into_iter().map(|(((target, kind, timing), day), count)| Counted {
            target: target.clone(),
            kind: *kind,
            timing: *timing,
            day,
            count,
        });
        let spent = self.approvals.iter().flat_map(|approval| {
            let theirs = approval.spent.iter().filter(|(_, person)| people.contains(*person));
            theirs.map(|(fingerprint, _)| (approval.place, *fingerprint))
        });
        Erasure {
            tombstones: people.iter().map(|person| self.tombstones.record(&person.0)).collect(),
            names: names.collect(),
            counted: counted.collect(),
            spent: spent.collect(),
            strangers: self.strangers().clone(),
            places: BTreeSet::new(),
        }
    }

    /// Becomes what it would be if no record had ever named these people.
    pub(crate) fn forget(&mut self, people: &BTreeSet<PersonId>) {
        for person in people {
            self.people.remove(person);
            self.links.remove(&person.0);
            self.linked.remove(person);
        }
        self.names.forget(|bearer| people.contains(bearer));
        self.accounts.forget(|key| people.contains(&key.person));
        self.unsettled.retain(|key| !people.contains(&key.person));
        self.accepted_by.retain(|(record, _), by| {
            by.retain(|person| !people.contains(person));
            !by.is_empty() && !people.contains(&PersonId(record.clone()))
        });
        self.released.retain(|evidence| self.accepted_by.contains_key(evidence));
        self.lately.retain(|day, steps| {
            for (_, step) in steps.extract_if(.., |(person, _)| people.contains(person)) {
                one_less(&mut self.done, &step, *day);
            }
            !steps.is_empty()
        });
        self.approvals.iter_mut().for_each(|approval| approval.spent.retain(|_, person| !people.contains(person)));
    }

    /// Takes in what is left of people who were erased.
    pub(super) fn fold_erasure(&mut self, erasure: &Erasure) {
        self.tombstones.take(erasure);
        for Counted { target, kind, timing, day, count } in &erasure.counted {
            let step = (target.clone(), *kind, *timing);
            *self.done.entry(step).or_default().entry(*day).or_default() += count;
        }
        self.know_strangers(&erasure.strangers);
        for (place, fingerprint) in &erasure.spent {
            if let Some(approval) = self.approvals.iter_mut().find(|approval| approval.place == *place) {
                approval.actions.remove(fingerprint);
            }
        }
    }
}

impl AccountEntry {
    /// Complains while the account is there, or can come back.
    fn is_over(
        &self,
        key: impl Fn() -> AccountKey,
        (now, settings): (DateTime<Utc>, &Settings),
    ) -> Result<(), CannotErase> {
        if self.open > 0 {
            return Err(CannotErase::Open { account: key() });
        }
        match self.lifecycle {
            Lifecycle::Absent | Lifecycle::Deleted { emptied: true, .. } => Ok(()),
            Lifecycle::Staged | Lifecycle::Active | Lifecycle::Suspended { .. } => {
                Err(CannotErase::Live { account: key() })
            }
            Lifecycle::Deleted { on, emptied: false } => {
                let account = key();
                let days = settings.target(&account.target).map_or(0, |(_, target)| target.capabilities.bin_days());
                // The last day on which it may be: that of the target may be one behind.
                let until = plus_days(on, days);
                let is_over = days == 0 || civil_day(now, settings.zone) > until;
                if is_over { Ok(()) } else { Err(CannotErase::Restorable { account, until }) }
            }
        }
    }
}

fn one_less(done: &mut crate::ledger::DoneByDay, step: &StepCount, day: NaiveDate) {
    let Some(by_day) = done.get_mut(step) else { return };
    if let Some(count) = by_day.get_mut(&day) {
        *count = count.saturating_sub(1);
    }
    by_day.retain(|_, count| *count > 0);
    if by_day.is_empty() {
        done.remove(step);
    }
}
