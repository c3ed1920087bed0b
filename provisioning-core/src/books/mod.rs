//! The books that every store keeps, whatever lies beneath: the ledger, the roster, what targets show, and who is due.
//!
//! Each step has two halves. One works out the whole [`Change`] and changes nothing, so that a store can write it down
//! first; [`Books::make`] then makes it, and cannot fail. What another process wrote down comes in through the same door.

mod agenda;
mod effects;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, Utc};

use crate::audit::{Chain, Head, Record, Salt, Sealed};
use crate::digest::Digest;
use crate::id::{AccountId, FieldName, PersonId, TargetId, TenantId};
use crate::ledger::{Erasing, Ledger, NameKey};
use crate::policy::PolicyVersion;
use crate::port::{Acceptance, Commit, Due, Shared};
use crate::settings::Settings;
use crate::source::{Roster, RosterChange};
use crate::target::{Observation, ObservationChange};

pub use agenda::Entry;

use agenda::{Agenda, AgendaDraft};
use effects::Effects;

/// The attributes by which a target's accounts are named, and those by which they are found.
type Indexed = (Vec<FieldName>, Vec<FieldName>);

/// What a store hands out: each handle shows every change at once.
#[derive(Debug, Clone)]
pub struct Handles {
    ledger: Shared<Ledger>,
    roster: Shared<Roster>,
    observations: Arc<Mutex<BTreeMap<TargetId, Shared<Observation>>>>,
    indexed: Arc<BTreeMap<TargetId, Indexed>>,
}

impl Handles {
    fn new(settings: &Settings, key: NameKey) -> Self {
        let indexed = settings.targets.iter().map(|target| {
            let correlation = target.correlation.iter().map(|way| way.attribute.clone()).collect();
            let capabilities = &target.capabilities;
            (capabilities.target.clone(), (capabilities.naming.clone(), correlation))
        });
        Self {
            ledger: Shared::new(Ledger::new(TenantId::clone(&settings.tenant), key)),
            roster: Shared::new(Roster::default()),
            observations: Arc::default(),
            indexed: Arc::new(indexed.collect()),
        }
    }

    /// The ledger.
    #[must_use]
    pub fn ledger(&self) -> Shared<Ledger> {
        self.ledger.clone()
    }

    /// The roster.
    #[must_use]
    pub fn roster(&self) -> Shared<Roster> {
        self.roster.clone()
    }

    /// What a target shows.
    #[must_use]
    pub fn observation(&self, target: &TargetId) -> Shared<Observation> {
        let (naming, correlation) = self.indexed.get(target).cloned().unwrap_or_default();
        let mut observations = self.observations.lock().unwrap_or_else(PoisonError::into_inner);
        let observation = observations.entry(target.clone());
        observation.or_insert_with(|| Shared::new(Observation::new(naming, correlation))).clone()
    }

    /// Empty ones, which nobody holds yet.
    fn emptied(&self) -> Self {
        Self {
            ledger: Shared::new(self.ledger.read().emptied()),
            roster: Shared::new(Roster::default()),
            observations: Arc::default(),
            indexed: Arc::clone(&self.indexed),
        }
    }

    /// Shows what others show.
    fn take_over(&self, others: &Self) {
        let targets = |handles: &Self| -> Vec<TargetId> {
            let observations = handles.observations.lock().unwrap_or_else(PoisonError::into_inner);
            observations.keys().cloned().collect()
        };
        std::mem::swap(&mut *self.ledger.write(), &mut *others.ledger.write());
        std::mem::swap(&mut *self.roster.write(), &mut *others.roster.write());
        for target in targets(self).into_iter().chain(targets(others)).collect::<BTreeSet<_>>() {
            std::mem::swap(&mut *self.observation(&target).write(), &mut *others.observation(&target).write());
        }
    }
}

/// Everything that one step changes: what a store writes down, and what it reads back.
#[derive(Debug, Default)]
pub struct Change {
    /// Records in order; what was in one is `None` where it was erased.
    pub records: Vec<(Sealed, Option<Record>)>,
    /// What becomes of each person's entry in the agenda.
    pub agenda: BTreeMap<PersonId, Entry>,
    /// Records of people and all else of an accepted reading, and the roster's revision with it.
    pub roster: Option<(RosterChange, Digest)>,
    /// What a target shows otherwise.
    pub observation: Option<(TargetId, ObservationChange)>,
    /// The version of the policy under which it was last asked who is due.
    pub policy: Option<PolicyVersion>,
    /// People who are erased: before all else their records go from the roster, and they from ledger and agenda.
    pub forgotten: BTreeSet<PersonId>,
    /// The places of the records whose salt and payload go with them.
    pub erased: BTreeSet<u64>,
}

/// The ledger, the roster, what targets show, and who is due.
#[derive(Debug)]
pub struct Books {
    handles: Handles,
    chain: Chain,
    agenda: Agenda,
    policy: Option<PolicyVersion>,
}

impl Books {
    /// Empty books for the tenant and the targets of these settings; the key is the store's, and stays the same.
    #[must_use]
    pub fn new(settings: &Settings, key: NameKey) -> Self {
        Self {
            handles: Handles::new(settings, key),
            chain: Chain::from(Head::EMPTY),
            agenda: Agenda::default(),
            policy: None,
        }
    }

    /// Empty books beside these, to be filled anew and [taken over](Self::take_over); nobody sees them until then.
    #[must_use]
    pub fn emptied(&self) -> Self {
        Self {
            handles: self.handles.emptied(),
            chain: Chain::from(Head::EMPTY),
            agenda: self.agenda.emptied(),
            policy: None,
        }
    }

    /// Says what other books say; the handles stay the same ones.
    pub fn take_over(&mut self, other: Self) {
        self.handles.take_over(&other.handles);
        self.chain = other.chain;
        self.agenda = other.agenda;
        self.policy = other.policy;
    }

    /// The handles to hand out.
    #[must_use]
    pub fn handles(&self) -> &Handles {
        &self.handles
    }

    /// The end of the chain.
    #[must_use]
    pub fn head(&self) -> Head {
        self.chain.head()
    }

    /// Who is due at an instant under the version of the policy of the last [`under`](Self::under).
    pub fn due(&mut self, now: DateTime<Utc>) -> Due {
        self.agenda.due(now)
    }

    /// The same entry of somebody who became due just now.
    #[must_use]
    pub fn woken(&self, entry: Entry) -> Entry {
        self.agenda.woken(entry)
    }

    /// What a commit changes; each record gets the salt for its place.
    #[must_use]
    pub fn commit(&self, commit: Commit, salts: &mut dyn FnMut(u64) -> Salt) -> Change {
        let mut agenda = AgendaDraft::new(&self.agenda);
        let records = self.append(commit.records, &mut agenda, salts);
        for appointment in commit.appointments {
            agenda.keep(appointment, commit.question);
        }
        Change { records, agenda: agenda.finish(), ..Change::default() }
    }

    /// What an accepted reading changes; of a target, the accounts that it speaks of come back.
    #[must_use]
    pub fn accept(
        &self,
        acceptance: Acceptance,
        records: Vec<Record>,
        salts: &mut dyn FnMut(u64) -> Salt,
    ) -> (Change, BTreeSet<AccountId>) {
        let mut agenda = AgendaDraft::new(&self.agenda);
        let mut change = Change::default();
        let mut touched = BTreeSet::new();
        match acceptance {
            Acceptance::Roster(of_source) => {
                let (ledger, roster) = (self.handles.ledger.read(), self.handles.roster.read());
                if let Some(departments) = &of_source.departments {
                    let differing = roster.departments(&of_source.source).differing(departments);
                    for record in roster.in_departments(&of_source.source, &differing) {
                        agenda.make_due(ledger.person_of(record));
                    }
                }
                for record in &of_source.records {
                    agenda.make_due(ledger.person_of(&record.id));
                    agenda.moved(&PersonId(record.id.clone()));
                }
                let revision = roster.revision_after(&of_source);
                change.roster = Some((of_source, revision));
            }
            Acceptance::Observation(target, reading) => {
                let observation = self.handles.observation(&target);
                let (of_target, spoken_of) = observation.read().change(reading);
                change.observation = Some((target, of_target));
                touched = spoken_of;
            }
        }
        change.records = self.append(records, &mut agenda, salts);
        change.agenda = agenda.finish();
        (change, touched)
    }

    /// What erasing a person changes; `erased` are the places of what [`Erasing::finder`] finds in the whole audit.
    #[must_use]
    pub fn erase(&self, erasing: &Erasing, erased: BTreeSet<u64>, salts: &mut dyn FnMut(u64) -> Salt) -> Change {
        let mut agenda = AgendaDraft::new(&self.agenda);
        let records = self.append(vec![erasing.record(erased.clone())], &mut agenda, salts);
        agenda.forget(erasing.people());
        let forgotten = erasing.people().clone();
        Change { records, agenda: agenda.finish(), forgotten, erased, ..Change::default() }
    }

    /// What making people due changes.
    #[must_use]
    pub fn make_due(&self, people: BTreeSet<PersonId>) -> Change {
        let mut agenda = AgendaDraft::new(&self.agenda);
        for person in people {
            agenda.make_due(person);
        }
        Change { agenda: agenda.finish(), ..Change::default() }
    }

    /// What another version of the policy than last time changes: everybody is due; nothing where it is the same one.
    #[must_use]
    pub fn under(&self, policy: &PolicyVersion) -> Option<Change> {
        if self.policy.as_ref() == Some(policy) {
            return None;
        }
        let (ledger, roster) = (self.handles.ledger.read(), self.handles.roster.read());
        let mut everybody: BTreeSet<PersonId> = roster.records().map(|record| ledger.person_of(&record.id)).collect();
        everybody.extend(ledger.people().map(|(person, _)| person.clone()));
        Some(Change { policy: Some(policy.clone()), ..self.make_due(everybody) })
    }

    /// Makes a change.
    pub fn make(&mut self, change: Change) {
        if !change.forgotten.is_empty() {
            self.handles.ledger.write().forget(&change.forgotten);
            self.handles.roster.write().forget(change.forgotten.iter().map(|person| &person.0));
            for person in change.forgotten {
                self.agenda.put(person, Entry::default());
            }
        }
        if !change.records.is_empty() {
            let mut ledger = self.handles.ledger.write();
            for (sealed, record) in &change.records {
                let head = Head { records: sealed.place + 1, hash: sealed.hash };
                self.chain = Chain::from(head);
                match record {
                    Some(record) => ledger.fold(record, head),
                    None => ledger.pass_over(head),
                }
            }
        }
        if let Some((of_source, revision)) = change.roster {
            self.handles.roster.write().restore(&of_source, revision);
        }
        if let Some((target, of_target)) = change.observation {
            self.handles.observation(&target).write().make(of_target);
        }
        for (person, entry) in change.agenda {
            self.agenda.put(person, entry);
        }
        if change.policy.is_some() {
            self.policy = change.policy;
        }
    }

    fn append(
        &self,
        records: Vec<Record>,
        agenda: &mut AgendaDraft<'_>,
        salts: &mut dyn FnMut(u64) -> Salt,
    ) -> Vec<(Sealed, Option<Record>)> {
        let ledger = self.handles.ledger.read();
        let mut effects = Effects::new(&ledger);
        let mut chain = self.chain.clone();
        let seal = |record: Record| {
            effects.of(&record, agenda);
            let salt = salts(chain.head().records);
            (chain.seal(&record, salt), Some(record))
        };
        records.into_iter().map(seal).collect()
    }
}
