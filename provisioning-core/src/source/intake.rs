//! Holding a reading against the roster: what is accepted, and in which form.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;

use crate::digest::{Digest, digest_of};
use crate::id::{FieldName, PersonId, RecordId, SourceId};
use crate::ledger::Tombstones;
use crate::source::guard::fill_of;
use crate::source::roster::SourceState;
use crate::source::{
    AcceptedReading, Changes, Conflict, Cursor, Fingerprint, Guards, PersonRecord, Reading, ReadingHash, Rejection,
    Roster, RosterChange, Snapshot,
};

/// How far the clock of a source may go ahead of ours.
const MAX_AHEAD: TimeDelta = TimeDelta::minutes(10);

/// How readings are judged.
#[derive(Debug, Clone)]
pub struct IntakeSettings {
    /// The organisation's zone.
    pub zone: Tz,
    /// After how many accepted readings on different days a missing person or contract is believed to be gone.
    pub missing_readings: u32,
    /// How much a reading may differ.
    pub guards: Guards,
    /// Fields by which people are told apart, such as date of birth, given name and surname. With none, a reused key
    /// and a second record of the same person go unnoticed.
    pub identity: Vec<FieldName>,
}

/// What a reading is held against.
#[derive(Debug)]
pub struct Accepted<'a> {
    /// The people as last accepted.
    pub roster: &'a Roster,
    /// Readings that somebody said to accept.
    pub allowed: &'a BTreeSet<ReadingHash>,
    /// Records whose evidence somebody said to be in order.
    pub released: &'a BTreeSet<(RecordId, Digest)>,
    /// Records that somebody said to be another person's.
    pub linked: &'a BTreeMap<RecordId, PersonId>,
    /// What is left of people who were erased.
    pub tombstones: &'a Tombstones,
}

impl Accepted<'_> {
    /// Whether somebody settled a doubt about a record of this source: its row was not kept, so that the source has to be
    /// read again, whole.
    fn has_news_of(&self, source: &SourceId) -> bool {
        let doubtful = self.roster.sources.get(source).into_iter().flat_map(|state| &state.doubtful);
        doubtful.filter_map(|id| self.roster.records.get(id)).any(|record| match &record.conflict {
            None => false,
            Some(conflict) => self.is_settled(&record.id, conflict),
        })
    }

    pub(super) fn is_settled(&self, id: &RecordId, conflict: &Conflict) -> bool {
        match conflict {
            Conflict::OtherEvidence { evidence } | Conflict::Erased { evidence } => {
                self.released.contains(&(id.clone(), *evidence))
            }
            Conflict::LooksLike { evidence, .. } => {
                self.released.contains(&(id.clone(), *evidence)) || self.linked.contains_key(id)
            }
        }
    }
}

/// The judgement on a reading.
#[derive(Debug, Clone)]
pub enum Examination {
    /// It counts.
    Accepted(RosterChange),
    /// It does not, and changes nothing.
    Rejected {
        /// What an administrator would have to allow.
        hash: ReadingHash,
        /// Everything that speaks against it.
        why: Vec<Rejection>,
    },
}

/// Holds a reading against what was accepted before.
#[must_use]
pub fn examine(reading: &Reading, before: &Accepted<'_>, settings: &IntakeSettings, now: DateTime<Utc>) -> Examination {
    let intake = Intake { before, settings, now };
    match reading {
        Reading::Whole(snapshot) => intake.whole(snapshot),
        Reading::Changes(changes) => intake.changes(changes),
    }
}

/// One reading being held against what was accepted before.
pub(super) struct Intake<'a> {
    pub(super) before: &'a Accepted<'a>,
    pub(super) settings: &'a IntakeSettings,
    pub(super) now: DateTime<Utc>,
}

impl Intake<'_> {
    fn whole(&self, snapshot: &Snapshot) -> Examination {
        let roster = self.before.roster;
        let state = roster.sources.get(&snapshot.source);
        let reading = self.reading(snapshot.hash, &snapshot.fingerprint, snapshot.taken_at, snapshot.cursor.clone());
        let says_the_same = |state: &&SourceState| {
            state.accepted.hash == snapshot.hash
                && self.ahead(snapshot.taken_at).is_none()
                && !self.before.has_news_of(&snapshot.source)
        };
        if let Some(state) = state.filter(says_the_same) {
            // The same content under an older date does not make what came between the two newer than it.
            let taken_at = reading.taken_at.max(state.accepted.taken_at);
            let change = RosterChange {
                source: snapshot.source.clone(),
                reading: AcceptedReading { taken_at, ..reading },
                records: self.count_on(&snapshot.source, &BTreeSet::new()),
                departments: None,
                fill: None,
                identity: self.settings.identity.clone(),
            };
            return Examination::Accepted(change);
        }
        let fill = fill_of(snapshot.people.values());
        let mut why = self.origin(&snapshot.source, &snapshot.fingerprint, snapshot.taken_at);
        if let Some(state) = state {
            why.extend(self.losses(snapshot, state));
            if !snapshot.people.is_empty() {
                why.extend(self.settings.guards.hollow(&state.fill, &fill));
            }
        }
        if let Some(rejected) = self.refuse(snapshot.hash, why) {
            return rejected;
        }
        let bearers = self.bearers(&snapshot.source, snapshot.people.values());
        let people = snapshot.people.values();
        let mut records: Vec<_> = people.filter_map(|person| self.renew(&snapshot.source, person, &bearers)).collect();
        let absent = roster.records_of(&snapshot.source).filter(|record| !snapshot.people.contains_key(&record.id.key));
        records.extend(absent.filter_map(|record| self.miss(record)));
        let changed_departments = *roster.departments(&snapshot.source) != snapshot.departments;
        Examination::Accepted(RosterChange {
            source: snapshot.source.clone(),
            reading,
            records,
            departments: changed_departments.then(|| snapshot.departments.clone()),
            fill: Some(fill),
            identity: self.settings.identity.clone(),
        })
    }

    fn changes(&self, changes: &Changes) -> Examination {
        let roster = self.before.roster;
        let content = (&changes.source, &changes.people, &changes.removed, &changes.departments);
        let says_nothing = changes.people.is_empty() && changes.removed.is_empty() && changes.departments.is_none();
        let state = roster.sources.get(&changes.source);
        let hash = match state {
            Some(state) if says_nothing => state.accepted.hash,
            _ => ReadingHash(digest_of(&content)),
        };
        let mut why = self.origin(&changes.source, &changes.fingerprint, changes.taken_at);
        match state {
            None => why.push(Rejection::NotSinceAccepted),
            Some(_) if self.before.has_news_of(&changes.source) => why.push(Rejection::NotSinceAccepted),
            Some(state) => why.extend(self.losses_by_changes(changes, state)),
        }
        if let Some(rejected) = self.refuse(hash, why) {
            return rejected;
        }
        let bearers = self.bearers(&changes.source, changes.people.iter());
        let mut records: Vec<Arc<PersonRecord>> =
            changes.people.iter().filter_map(|person| self.renew(&changes.source, person, &bearers)).collect();
        let mut named: BTreeSet<RecordId> = BTreeSet::new();
        for key in &changes.removed {
            let id = RecordId { source: changes.source.clone(), key: key.clone() };
            records.extend(roster.records.get(&id).and_then(|record| self.miss(record)));
            named.insert(id);
        }
        named.extend(
            changes
                .people
                .iter()
                .map(|person| RecordId { source: changes.source.clone(), key: person.row.key.clone() }),
        );
        records.extend(self.count_on(&changes.source, &named));
        let departments = changes.departments.clone().filter(|all| all != roster.departments(&changes.source));
        Examination::Accepted(RosterChange {
            source: changes.source.clone(),
            reading: self.reading(hash, &changes.fingerprint, changes.taken_at, Some(changes.cursor.clone())),
            records,
            departments,
            fill: None,
            identity: self.settings.identity.clone(),
        })
    }

    fn reading(
        &self,
        hash: ReadingHash,
        fingerprint: &Fingerprint,
        taken_at: DateTime<Utc>,
        cursor: Option<Cursor>,
    ) -> AcceptedReading {
        AcceptedReading { hash, fingerprint: fingerprint.clone(), taken_at, accepted_at: self.now, cursor }
    }

    fn origin(&self, source: &SourceId, fingerprint: &Fingerprint, taken_at: DateTime<Utc>) -> Vec<Rejection> {
        let mut why = Vec::new();
        if let Some(accepted) = self.before.roster.accepted(source) {
            if accepted.fingerprint != *fingerprint {
                why.push(Rejection::OtherOrigin);
            }
            // It cannot have been of a later instant than that at which it was accepted.
            let newest = accepted.taken_at.min(accepted.accepted_at);
            if taken_at < newest {
                why.push(Rejection::Older { taken_at, accepted: newest });
            }
        }
        why.extend(self.ahead(taken_at));
        why
    }

    fn ahead(&self, taken_at: DateTime<Utc>) -> Option<Rejection> {
        let now = self.now;
        (taken_at - now > MAX_AHEAD).then_some(Rejection::Ahead { taken_at, now })
    }

    fn refuse(&self, hash: ReadingHash, mut why: Vec<Rejection>) -> Option<Examination> {
        if self.before.allowed.contains(&hash) {
            why.retain(|rejection| !rejection.can_be_allowed());
        }
        (!why.is_empty()).then_some(Examination::Rejected { hash, why })
    }
}
