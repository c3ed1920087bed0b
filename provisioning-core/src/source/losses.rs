//! What a reading takes away: people and contracts that are missing from it, counted from their first absence until they
//! are gone.

use std::collections::{BTreeMap, BTreeSet};

use crate::id::{RecordId, RecordKey};
use crate::source::intake::Intake;
use crate::source::roster::SourceState;
use crate::source::{Changes, ContractRecord, PersonRecord, Presence, Rejection, Snapshot, SourcePerson, Standing};

/// Whether the last accepted reading lacked it too.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Absence {
    First,
    Again,
}

/// How many are missing.
#[derive(Default)]
struct Missed {
    all: usize,
    /// Those who were not missing before.
    newly: usize,
}

impl Missed {
    fn add(&mut self, absence: Absence) {
        self.all += 1;
        self.newly += usize::from(absence == Absence::First);
    }

    /// Whether that is too much: what the accepted readings lacked already is counted, and alone rejects nothing.
    fn exceeds(&self, limit: usize) -> bool {
        self.newly > 0 && self.all > limit
    }
}

/// The people that are missing, and the contracts of those who are not.
#[derive(Default)]
struct Losses {
    people: Missed,
    contracts: Missed,
}

impl Intake<'_> {
    /// What speaks against a whole reading because of those who are not in it.
    pub(super) fn losses(&self, snapshot: &Snapshot, state: &SourceState) -> Vec<Rejection> {
        if snapshot.people.is_empty() {
            return Vec::from_iter((state.population > 0).then_some(Rejection::Empty { had: state.population }));
        }
        let mut losses = Losses::default();
        let known = self.before.roster.records_of(&snapshot.source).filter(|record| record.presence != Presence::Gone);
        for record in known {
            match snapshot.people.get(&record.id.key) {
                Some(person) => self.miss_contracts_of(record, person, &mut losses.contracts),
                None => losses.people.add(absence(record)),
            }
        }
        self.too_many(&losses, state)
    }

    /// What speaks against changes because of those whom they remove, beside those who are missing already.
    pub(super) fn losses_by_changes(&self, changes: &Changes, state: &SourceState) -> Vec<Rejection> {
        let said = changes.people.iter().map(|person| (&person.row.key, Some(person)));
        let mut named: BTreeMap<&RecordKey, Option<&SourcePerson>> = said.collect();
        named.extend(changes.removed.iter().map(|key| (key, None)));
        let of_named = named.keys().map(|key| RecordId { source: changes.source.clone(), key: (*key).clone() });
        let concerned: BTreeSet<RecordId> = of_named.chain(state.counted_down.iter().cloned()).collect();
        let mut losses = Losses::default();
        let known = concerned.iter().filter_map(|id| self.before.roster.record(id));
        for record in known.filter(|record| record.presence != Presence::Gone) {
            match named.get(&record.id.key) {
                Some(Some(person)) => self.miss_contracts_of(record, person, &mut losses.contracts),
                Some(None) => losses.people.add(absence(record)),
                None if absence(record) == Absence::Again => losses.people.add(Absence::Again),
                None if record.is_held() => {}
                None => {
                    let missing = record.contracts.iter().filter(|one| absence_of_contract(one) == Absence::Again);
                    missing.filter(|one| self.still_gives(one)).for_each(|_| losses.contracts.add(Absence::Again));
                }
            }
        }
        self.too_many(&losses, state)
    }

    fn too_many(&self, losses: &Losses, state: &SourceState) -> Vec<Rejection> {
        let mut why = Vec::new();
        let (missing, had) = (losses.people.all, state.population);
        let limit = self.settings.guards.missing_limit(had);
        why.extend(losses.people.exceeds(limit).then_some(Rejection::Shrunk { missing, had, limit }));
        let (missing, had) = (losses.contracts.all, state.contracts_after(self.today(None)));
        let limit = self.settings.guards.missing_limit(had);
        why.extend(losses.contracts.exceeds(limit).then_some(Rejection::ContractsMissing { missing, had, limit }));
        why
    }

    /// Counts the contracts that a row, if it is used, leaves out.
    fn miss_contracts_of(&self, record: &PersonRecord, person: &SourcePerson, missed: &mut Missed) {
        let is_named = |contract: &ContractRecord| person.contracts.iter().any(|row| row.id == contract.id);
        let left_out = |contract: &&ContractRecord| self.still_gives(contract) && !is_named(contract);
        let mut lost = record.contracts.iter().filter(left_out).peekable();
        if lost.peek().is_some() && self.is_used(record, person) {
            lost.for_each(|contract| missed.add(absence_of_contract(contract)));
        }
    }

    fn is_used(&self, record: &PersonRecord, person: &SourcePerson) -> bool {
        person.defects.is_empty() && !self.is_of_another(Some(record), &record.id, &person.row.fields)
    }

    /// Whether it is in force or to come, so that its loss takes something away.
    fn still_gives(&self, contract: &ContractRecord) -> bool {
        contract.counted_until().is_some_and(|end| end > self.today(None))
    }
}

fn absence(record: &PersonRecord) -> Absence {
    match record.presence {
        Presence::Missing(_) if !record.is_held() => Absence::Again,
        Presence::Missing(_) | Presence::Present | Presence::Gone => Absence::First,
    }
}

fn absence_of_contract(contract: &ContractRecord) -> Absence {
    match contract.standing {
        Standing::Missing(_) => Absence::Again,
        Standing::Present | Standing::Withdrawn | Standing::TakenBack | Standing::Concluded => Absence::First,
    }
}
