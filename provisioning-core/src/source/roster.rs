//! The accepted people of all sources, updated in place.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;
use std::sync::Arc;

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use crate::digest::{Digest, digest_of};
use crate::id::{DepartmentCode, FieldName, RecordId, RecordKey, SourceId};
use crate::period::{minus_days, plus_days};
use crate::source::guard::Fill;
use crate::source::identity::evidence;
use crate::source::{
    Conflict, ContractRecord, Cursor, Departments, Fingerprint, Leave, PersonRecord, Presence, ReadingHash,
};

/// The last accepted reading of a source.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AcceptedReading {
    /// Its content; of changes, what they say.
    pub hash: ReadingHash,
    /// The environment that its data came from.
    pub fingerprint: Fingerprint,
    /// The instant that it speaks of.
    pub taken_at: DateTime<Utc>,
    /// When it was accepted; one that says the same as before counts.
    pub accepted_at: DateTime<Utc>,
    /// Where the source can go on.
    pub cursor: Option<Cursor>,
}

/// What an accepted reading does to the roster.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RosterChange {
    /// The source.
    pub source: SourceId,
    /// The reading.
    pub reading: AcceptedReading,
    /// The records that are new or changed.
    pub records: Vec<Arc<PersonRecord>>,
    /// All departments of the source, where one of them changed.
    pub departments: Option<Departments>,
    /// How much each field says now; changes do not tell.
    pub fill: Option<Fill>,
    /// The fields by which people are told apart.
    pub identity: Vec<FieldName>,
}

#[derive(Debug, Clone)]
pub(super) struct SourceState {
    pub(super) accepted: AcceptedReading,
    pub(super) departments: Departments,
    pub(super) fill: Fill,
    /// Records for which readings without them are being counted.
    pub(super) counted_down: BTreeSet<RecordId>,
    /// Records that may be another person's.
    pub(super) doubtful: BTreeSet<RecordId>,
    /// Records that are not gone.
    pub(super) population: usize,
    /// How many contracts that are in the source, or missing from it and not gone, end when: by the first day without.
    ending: BTreeMap<NaiveDate, u32>,
}

/// The accepted people of all sources.
#[derive(Debug, Clone, Default)]
pub struct Roster {
    pub(super) sources: BTreeMap<SourceId, SourceState>,
    pub(super) records: BTreeMap<RecordId, Arc<PersonRecord>>,
    pub(super) evidence: BTreeMap<Digest, BTreeSet<RecordId>>,
    leaving: BTreeMap<Leave, u32>,
    no_departments: Departments,
    revision: Option<Digest>,
}

impl Roster {
    /// A record in its accepted form.
    #[must_use]
    pub fn record(&self, id: &RecordId) -> Option<&PersonRecord> {
        self.records.get(id).map(Arc::as_ref)
    }

    /// All records, in order of id.
    pub fn records(&self) -> impl Iterator<Item = &PersonRecord> {
        self.records.values().map(Arc::as_ref)
    }

    /// How many records there are, gone ones included.
    #[must_use]
    pub fn len(&self) -> usize {
        self.records.len()
    }

    /// Whether no reading brought anybody yet.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.records.is_empty()
    }

    /// The last accepted reading of a source.
    #[must_use]
    pub fn accepted(&self, source: &SourceId) -> Option<&AcceptedReading> {
        self.sources.get(source).map(|state| &state.accepted)
    }

    /// The departments of a source.
    #[must_use]
    pub fn departments(&self, source: &SourceId) -> &Departments {
        self.sources.get(source).map_or(&self.no_departments, |state| &state.departments)
    }

    /// A hash that is another one after every accepted reading that changed something.
    #[must_use]
    pub fn revision(&self) -> Digest {
        self.revision.unwrap_or(Digest::ZERO)
    }

    /// How many records leave, from a first day without a contract on, by day and by when that was entered.
    pub fn leaving_from(&self, day: NaiveDate) -> impl Iterator<Item = (Leave, u32)> {
        self.leaving.iter().filter(move |(leave, _)| leave.day >= day).map(|(leave, count)| (*leave, *count))
    }

    /// How many records leave together with one that does: entered on the same day, in so many days in a row that the day of
    /// that one is among them, as many as there are in any such days. What came with the first reading of a source is
    /// together with nothing.
    #[must_use]
    pub fn leaving_with(&self, leave: Leave, days: u32) -> u32 {
        if leave.entered.is_none() {
            return 0;
        }
        let further = days.saturating_sub(1);
        let (first, last) = (minus_days(leave.day, further), plus_days(leave.day, further));
        let around = self.leaving.range(Leave { day: first, ..leave }..=Leave { day: last, ..leave });
        let counts: Vec<(NaiveDate, u32)> = around.map(|(leave, count)| (leave.day, *count)).collect();
        let from = |first: NaiveDate| {
            let last = plus_days(first, further);
            counts.iter().filter(|(day, _)| first <= *day && *day <= last).map(|(_, count)| count).sum()
        };
        counts.iter().filter(|(day, _)| *day <= leave.day).map(|(day, _)| from(*day)).max().unwrap_or(0)
    }

    /// A record of which nobody said yet whether it is the same person's as this one.
    #[must_use]
    pub fn looks_like(&self, other: &RecordId) -> Option<&RecordId> {
        let mut doubtful = self.sources.values().flat_map(|state| &state.doubtful);
        doubtful.find(|id| {
            let conflict = self.record(id).and_then(|record| record.conflict.as_ref());
            matches!(conflict, Some(Conflict::LooksLike { other: found, .. }) if found == other)
        })
    }

    /// Records that have a contract in one of these departments of a source.
    pub fn in_departments<'a>(
        &'a self,
        source: &'a SourceId,
        codes: &'a BTreeSet<DepartmentCode>,
    ) -> impl Iterator<Item = &'a RecordId> {
        let names_one = move |record: &&PersonRecord| {
            let mut contracts = record.contracts.iter();
            contracts.any(|contract| contract.department().is_some_and(|code| codes.contains(&code)))
        };
        self.records().filter(move |record| &record.id.source == source).filter(names_one).map(|record| &record.id)
    }

    /// The [`revision`](Self::revision) that an accepted reading brings.
    #[must_use]
    pub fn revision_after(&self, change: &RosterChange) -> Digest {
        let changes_something = !change.records.is_empty() || change.departments.is_some();
        if changes_something || self.revision.is_none() {
            let facts = (self.revision(), change.reading.hash, change.reading.accepted_at, change.records.len());
            return digest_of(&facts);
        }
        self.revision()
    }

    /// Makes the change that an accepted reading brings.
    pub fn apply(&mut self, change: &RosterChange) {
        let revision = self.revision_after(change);
        self.restore(change, revision);
    }

    /// Makes a change after which the revision is known, such as one that was written down.
    pub fn restore(&mut self, change: &RosterChange, revision: Digest) {
        self.revision = Some(revision);
        let state = self.sources.remove(&change.source);
        let mut state = state.unwrap_or_else(|| SourceState::new(change.reading.clone()));
        for record in &change.records {
            if let Some(earlier) = self.replace(record, &change.identity) {
                state.forget(&earlier);
            }
            state.take(record);
        }
        state.accepted = change.reading.clone();
        if let Some(departments) = &change.departments {
            state.departments = departments.clone();
        }
        if let Some(fill) = &change.fill {
            state.fill = fill.clone();
        }
        self.sources.insert(change.source.clone(), state);
    }

    /// Forgets records, as if no reading had ever brought them.
    pub fn forget<'a>(&mut self, records: impl IntoIterator<Item = &'a RecordId>) {
        for id in records {
            let Some(record) = self.records.remove(id) else { continue };
            if let Some(day) = record.leaves() {
                one_less(&mut self.leaving, day);
            }
            if let Some(state) = self.sources.get_mut(&id.source) {
                state.forget(&record);
                state.counted_down.remove(id);
                state.doubtful.remove(id);
            }
            self.evidence.retain(|_, bearers| {
                bearers.remove(id);
                !bearers.is_empty()
            });
        }
    }

    /// The records of one source, in order of key.
    pub(super) fn records_of<'a>(&'a self, source: &'a SourceId) -> impl Iterator<Item = &'a PersonRecord> {
        let first = RecordId { source: source.clone(), key: RecordKey::lowest() };
        let from = self.records.range(first..).map(|(_, record)| record.as_ref());
        from.take_while(move |record| record.id.source == *source)
    }

    /// Puts a record in the place of the one before, which comes back.
    fn replace(&mut self, record: &Arc<PersonRecord>, identity: &[FieldName]) -> Option<Arc<PersonRecord>> {
        let earlier = self.records.insert(record.id.clone(), Arc::clone(record));
        if let Some(leave) = earlier.as_ref().and_then(|earlier| earlier.leaves()) {
            one_less(&mut self.leaving, leave);
        }
        if let Some(leave) = record.leaves() {
            *self.leaving.entry(leave).or_default() += 1;
        }
        if let Some(said) = evidence(&record.fields, identity) {
            self.evidence.entry(said).or_default().insert(record.id.clone());
        }
        let before = earlier.as_ref().and_then(|earlier| evidence(&earlier.fields, identity));
        if let Some(before) = before.filter(|before| evidence(&record.fields, identity) != Some(*before))
            && let Some(bearers) = self.evidence.get_mut(&before)
        {
            bearers.remove(&record.id);
        }
        earlier
    }
}

impl SourceState {
    fn new(accepted: AcceptedReading) -> Self {
        Self {
            accepted,
            departments: Departments::default(),
            fill: Fill::default(),
            counted_down: BTreeSet::new(),
            doubtful: BTreeSet::new(),
            population: 0,
            ending: BTreeMap::new(),
        }
    }

    /// How many contracts are in force on a day or start later.
    pub(super) fn contracts_after(&self, day: NaiveDate) -> usize {
        self.ending.range((Bound::Excluded(day), Bound::Unbounded)).map(|(_, count)| *count as usize).sum()
    }

    fn take(&mut self, record: &PersonRecord) {
        self.population += usize::from(record.presence != Presence::Gone);
        for end in record.contracts.iter().filter_map(ContractRecord::counted_until) {
            *self.ending.entry(end).or_default() += 1;
        }
        mark(&mut self.counted_down, record, PersonRecord::is_counted_down);
        mark(&mut self.doubtful, record, |record| record.conflict.is_some());
    }

    fn forget(&mut self, record: &PersonRecord) {
        self.population = self.population.saturating_sub(usize::from(record.presence != Presence::Gone));
        for end in record.contracts.iter().filter_map(ContractRecord::counted_until) {
            one_less(&mut self.ending, end);
        }
    }
}

fn one_less<K: Ord + Copy>(counts: &mut BTreeMap<K, u32>, of: K) {
    if let Some(count) = counts.get_mut(&of) {
        *count = count.saturating_sub(1);
        if *count == 0 {
            counts.remove(&of);
        }
    }
}

/// Keeps a record in a set for as long as it belongs there.
fn mark(set: &mut BTreeSet<RecordId>, record: &PersonRecord, belongs: impl Fn(&PersonRecord) -> bool) {
    if belongs(record) {
        set.insert(record.id.clone());
    } else {
        set.remove(&record.id);
    }
}
