//! Holding a reading against the roster: what is accepted, and in which form.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;

use crate::digest::{Digest, digest_of};
use crate::id::{FieldName, PersonId, RecordId, RecordKey, SourceId};
use crate::period::{Period, civil_day};
use crate::source::guard::Fill;
use crate::source::{
    AcceptedReading, Changes, Conflict, ContractRecord, ContractRow, Cursor, Fingerprint, Guards, Missing,
    PersonRecord, Presence, Reading, ReadingHash, Rejection, Roster, RosterChange, Snapshot, SourcePerson, Standing,
};
use crate::value::Fields;

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

    fn is_settled(&self, id: &RecordId, conflict: &Conflict) -> bool {
        match conflict {
            Conflict::OtherEvidence { evidence } => self.released.contains(&(id.clone(), *evidence)),
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

/// The hash of what a row says of the person's identity; `None` when one of the fields says nothing.
pub(super) fn evidence(fields: &Fields, identity: &[FieldName]) -> Option<Digest> {
    if identity.is_empty() {
        return None;
    }
    let mut said = Vec::with_capacity(identity.len());
    for name in identity {
        said.push(folded(fields, name)?);
    }
    Some(digest_of(&said))
}

fn folded(fields: &Fields, name: &FieldName) -> Option<String> {
    let value = fields.value(name.as_str()).filter(|value| !value.is_blank())?;
    Some(value.to_string().to_lowercase())
}

struct Intake<'a> {
    before: &'a Accepted<'a>,
    settings: &'a IntakeSettings,
    now: DateTime<Utc>,
}

impl Intake<'_> {
    fn whole(&self, snapshot: &Snapshot) -> Examination {
        let roster = self.before.roster;
        let state = roster.sources.get(&snapshot.source);
        let reading = self.reading(snapshot.hash, &snapshot.fingerprint, snapshot.taken_at, snapshot.cursor.clone());
        let said_before = state.filter(|state| state.accepted.hash == snapshot.hash);
        if let Some(state) = said_before.filter(|_| !self.before.has_news_of(&snapshot.source)) {
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
            let first = RecordId { source: snapshot.source.clone(), key: RecordKey::lowest() };
            let known = roster.records.range(first..).map(|(_, record)| record);
            let known = known.take_while(|record| record.id.source == snapshot.source);
            let missing = known
                .filter(|record| record.presence != Presence::Gone && !snapshot.people.contains_key(&record.id.key))
                .count();
            if snapshot.people.is_empty() {
                why.extend((state.population > 0).then_some(Rejection::Empty { had: state.population }));
            } else {
                why.extend(self.shrunk(missing, state.population));
                why.extend(self.settings.guards.hollow(&state.fill, &fill));
            }
        }
        if let Some(rejected) = self.refuse(snapshot.hash, why) {
            return rejected;
        }
        let mut records: Vec<Arc<PersonRecord>> =
            snapshot.people.values().filter_map(|person| self.renew(&snapshot.source, person)).collect();
        let first = RecordId { source: snapshot.source.clone(), key: RecordKey::lowest() };
        for (id, record) in roster.records.range(first..).take_while(|(id, _)| id.source == snapshot.source) {
            if !snapshot.people.contains_key(&id.key) {
                records.extend(self.miss(record));
            }
        }
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
            Some(state) => {
                let known = changes.removed.iter().filter(|key| {
                    let id = RecordId { source: changes.source.clone(), key: (*key).clone() };
                    roster.records.get(&id).is_some_and(|record| record.presence == Presence::Present)
                });
                why.extend(self.shrunk(known.count(), state.population));
            }
        }
        if let Some(rejected) = self.refuse(hash, why) {
            return rejected;
        }
        let mut records: Vec<Arc<PersonRecord>> =
            changes.people.iter().filter_map(|person| self.renew(&changes.source, person)).collect();
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
            if taken_at < accepted.taken_at {
                why.push(Rejection::Older { taken_at, accepted: accepted.taken_at });
            }
        }
        why
    }

    fn shrunk(&self, missing: usize, had: usize) -> Option<Rejection> {
        let limit = self.settings.guards.missing_limit(had);
        (missing > limit).then_some(Rejection::Shrunk { missing, had, limit })
    }

    fn refuse(&self, hash: ReadingHash, mut why: Vec<Rejection>) -> Option<Examination> {
        if self.before.allowed.contains(&hash) {
            why.retain(|rejection| !rejection.can_be_allowed());
        }
        (!why.is_empty()).then_some(Examination::Rejected { hash, why })
    }

    fn today(&self, zone: Option<Tz>) -> NaiveDate {
        civil_day(self.now, zone.unwrap_or(self.settings.zone))
    }

    /// One more reading for whoever is missing already and is not named in this one.
    fn count_on(&self, source: &SourceId, named: &BTreeSet<RecordId>) -> Vec<Arc<PersonRecord>> {
        let counted_down = self.before.roster.sources.get(source).map(|state| &state.counted_down);
        let still = counted_down.into_iter().flatten().filter(|id| !named.contains(*id));
        still.filter_map(|id| self.before.roster.records.get(id)).filter_map(|record| self.count(record)).collect()
    }

    fn count(&self, record: &PersonRecord) -> Option<Arc<PersonRecord>> {
        if matches!(record.presence, Presence::Missing(_)) {
            return self.miss(record);
        }
        if !record.defects.is_empty() || record.conflict.is_some() {
            return None;
        }
        let today = self.today(record.zone);
        let mut next = record.clone();
        for contract in &mut next.contracts {
            if matches!(contract.standing, Standing::Missing(_)) {
                self.miss_contract(contract, today);
            }
        }
        (next != *record).then(|| Arc::new(next))
    }

    /// The record without a row in this reading.
    fn miss(&self, record: &PersonRecord) -> Option<Arc<PersonRecord>> {
        let today = self.today(record.zone);
        let mut next = record.clone();
        next.defects.clear();
        next.conflict = None;
        next.presence = match record.presence {
            Presence::Gone => Presence::Gone,
            Presence::Present => self.missing_or_gone(Missing::again(None, today)),
            Presence::Missing(missing) => self.missing_or_gone(Missing::again(Some(missing), today)),
        };
        for contract in &mut next.contracts {
            self.miss_contract(contract, today);
        }
        (next != *record).then(|| Arc::new(next))
    }

    fn missing_or_gone(&self, missing: Missing) -> Presence {
        if missing.readings >= self.settings.missing_readings { Presence::Gone } else { Presence::Missing(missing) }
    }

    fn miss_contract(&self, contract: &mut ContractRecord, today: NaiveDate) {
        let missing = match contract.standing {
            Standing::Present | Standing::TakenBack => Missing::again(None, today),
            Standing::Missing(missing) => Missing::again(Some(missing), today),
            Standing::Withdrawn | Standing::Concluded => return,
        };
        contract.standing = Standing::Missing(missing);
        if missing.readings < self.settings.missing_readings {
            return;
        }
        match contract.period {
            Some(period) if period.start() <= today => {
                contract.standing = Standing::Concluded;
                if period.end().is_none() {
                    contract.period = Some(period.until(today));
                    contract.known_since = today;
                }
            }
            _ => {
                contract.standing = Standing::Withdrawn;
                contract.period = None;
                contract.known_since = today;
            }
        }
    }

    /// The record that this reading makes of a row; `None` when nothing is new.
    fn renew(&self, source: &SourceId, person: &SourcePerson) -> Option<Arc<PersonRecord>> {
        let id = RecordId { source: source.clone(), key: person.row.key.clone() };
        let today = self.today(person.row.zone);
        let earlier = self.before.roster.records.get(&id);
        let mut next = match earlier {
            Some(earlier) => PersonRecord::clone(earlier),
            None => PersonRecord {
                id,
                presence: Presence::Present,
                defects: Vec::new(),
                conflict: None,
                zone: person.row.zone,
                facts_since: today,
                fields: Fields::default(),
                contracts: Vec::new(),
            },
        };
        next.defects.clone_from(&person.defects);
        next.conflict = None;
        if next.defects.is_empty() {
            next.conflict = self.conflict(earlier.map(Arc::as_ref), &next.id, &person.row.fields);
        }
        if next.defects.is_empty() && next.conflict.is_none() {
            self.accept_row(&mut next, person, today);
        }
        (earlier.map(Arc::as_ref) != Some(&next)).then(|| Arc::new(next))
    }

    fn accept_row(&self, next: &mut PersonRecord, person: &SourcePerson, today: NaiveDate) {
        next.presence = Presence::Present;
        next.zone = person.row.zone;
        if next.fields != person.row.fields {
            next.fields = person.row.fields.clone();
            next.facts_since = today;
        }
        let mut earlier: BTreeMap<_, _> =
            next.contracts.drain(..).map(|contract| (contract.id.clone(), contract)).collect();
        for row in &person.contracts {
            next.contracts.push(renew_contract(earlier.remove(&row.id), row, today));
        }
        for (_, mut contract) in earlier {
            self.miss_contract(&mut contract, today);
            next.contracts.push(contract);
        }
        next.contracts.sort_by(|a, b| a.id.cmp(&b.id));
    }

    /// Two of the identifying fields saying something else make it another person; a new record in which all of them
    /// say the same as somebody known makes it the same person under another key.
    fn conflict(&self, earlier: Option<&PersonRecord>, id: &RecordId, fields: &Fields) -> Option<Conflict> {
        let identity = &self.settings.identity;
        let said = digest_of(&identity.iter().map(|name| folded(fields, name)).collect::<Vec<_>>());
        if identity.is_empty() {
            return None;
        }
        let found = self.doubt(earlier, id, fields, said)?;
        (!self.before.is_settled(id, &found)).then_some(found)
    }

    fn doubt(&self, earlier: Option<&PersonRecord>, id: &RecordId, fields: &Fields, said: Digest) -> Option<Conflict> {
        let identity = &self.settings.identity;
        // A record that was never accepted has no fields yet, so there is nothing that it could contradict.
        let accepted = earlier.filter(|earlier| !earlier.fields.is_empty());
        if let Some(accepted) = accepted {
            let differs = |name: &&FieldName| match (folded(&accepted.fields, name), folded(fields, name)) {
                (Some(before), Some(now)) => before != now,
                _ => false,
            };
            let differing = identity.iter().filter(differs).count();
            return (differing >= identity.len().min(2)).then_some(Conflict::OtherEvidence { evidence: said });
        }
        let evidence = evidence(fields, identity)?;
        let bearers = self.before.roster.evidence.get(&evidence)?;
        let other = bearers.iter().find(|other| *other != id)?;
        Some(Conflict::LooksLike { other: other.clone(), evidence: said })
    }
}

fn renew_contract(earlier: Option<ContractRecord>, row: &ContractRow, today: NaiveDate) -> ContractRecord {
    let read = (row.first_day, row.last_day);
    let mut next = earlier.unwrap_or_else(|| ContractRecord {
        id: row.id.clone(),
        read,
        period: None,
        standing: Standing::Withdrawn,
        zone: row.zone,
        known_since: today,
        facts_since: today,
        fields: row.fields.clone(),
    });
    let before = (next.period, next.standing);
    match Period::inclusive(row.first_day, row.last_day) {
        Ok(period) => {
            next.period = Some(period);
            next.standing = Standing::Present;
        }
        Err(_) => take_back(&mut next, read, today),
    }
    if before.0 != next.period {
        next.known_since = today;
    }
    next.read = read;
    next.zone = row.zone;
    if next.fields != row.fields {
        next.fields = row.fields.clone();
        next.facts_since = today;
    }
    next
}

/// The row's end lies before its start: HR takes the contract back.
fn take_back(contract: &mut ContractRecord, read: (NaiveDate, Option<NaiveDate>), today: NaiveDate) {
    let is_inverted = |(first, last): (NaiveDate, Option<NaiveDate>)| last.is_some_and(|last| last < first);
    let taken_back_before = is_inverted(contract.read) && contract.standing != Standing::Present;
    match contract.period {
        Some(_) if taken_back_before && is_inverted(read) => contract.standing = Standing::TakenBack,
        Some(period) if period.start() <= today => {
            contract.period = Some(period.until(today));
            contract.standing = Standing::TakenBack;
        }
        _ => {
            contract.period = None;
            contract.standing = Standing::Withdrawn;
        }
    }
}

fn fill_of<'a>(people: impl Iterator<Item = &'a SourcePerson>) -> Fill {
    let mut fill = Fill::default();
    let mut known: BTreeMap<&str, usize> = BTreeMap::new();
    let mut known_of_contracts: BTreeMap<&str, usize> = BTreeMap::new();
    for person in people {
        fill.people += 1;
        for (name, _) in person.row.fields.iter().filter(|(_, value)| !value.is_blank()) {
            *known.entry(name.as_str()).or_default() += 1;
        }
        for contract in &person.contracts {
            fill.contracts += 1;
            for (name, _) in contract.fields.iter().filter(|(_, value)| !value.is_blank()) {
                *known_of_contracts.entry(name.as_str()).or_default() += 1;
            }
        }
    }
    fill.known = known.into_iter().map(|(name, count)| (name.to_owned(), count)).collect();
    fill.known.extend(known_of_contracts.into_iter().map(|(name, count)| (format!("contract.{name}"), count)));
    fill
}
