//! What a reading makes of each record: renewed by a row, or counted down without one.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use chrono::NaiveDate;
use chrono_tz::Tz;

use crate::id::{RecordId, SourceId};
use crate::period::{Period, civil_day};
use crate::source::identity::Bearers;
use crate::source::intake::Intake;
use crate::source::{ContractRecord, ContractRow, Missing, PersonRecord, Presence, SourcePerson, Standing};
use crate::value::Fields;

impl Intake<'_> {
    /// The civil day in a zone; without one in the organisation's.
    pub(super) fn today(&self, zone: Option<Tz>) -> NaiveDate {
        civil_day(self.now, zone.unwrap_or(self.settings.zone))
    }

    /// One more reading for whoever is missing already and is not named in this one.
    pub(super) fn count_on(&self, source: &SourceId, named: &BTreeSet<RecordId>) -> Vec<Arc<PersonRecord>> {
        let counted_down = self.before.roster.sources.get(source).map(|state| &state.counted_down);
        let still = counted_down.into_iter().flatten().filter(|id| !named.contains(*id));
        still.filter_map(|id| self.before.roster.records.get(id)).filter_map(|record| self.count(record)).collect()
    }

    fn count(&self, record: &PersonRecord) -> Option<Arc<PersonRecord>> {
        if record.is_held() {
            return None;
        }
        if matches!(record.presence, Presence::Missing(_)) {
            return self.miss(record);
        }
        let mut next = record.clone();
        for contract in &mut next.contracts {
            if matches!(contract.standing, Standing::Missing(_)) {
                self.miss_contract(contract, record.zone);
            }
        }
        (next != *record).then(|| Arc::new(next))
    }

    /// The record without a row in this reading.
    pub(super) fn miss(&self, record: &PersonRecord) -> Option<Arc<PersonRecord>> {
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
            self.miss_contract(contract, record.zone);
        }
        (next != *record).then(|| Arc::new(next))
    }

    fn missing_or_gone(&self, missing: Missing) -> Presence {
        if missing.readings >= self.settings.missing_readings { Presence::Gone } else { Presence::Missing(missing) }
    }

    /// The contract without a row in this reading; where it has no zone, that of its person counts.
    fn miss_contract(&self, contract: &mut ContractRecord, of_person: Option<Tz>) {
        let today = self.today(contract.zone.or(of_person));
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
                    contract.become_known(today);
                }
            }
            _ => {
                contract.standing = Standing::Withdrawn;
                contract.period = None;
                contract.become_known(today);
            }
        }
    }

    /// The record that this reading makes of a row; `None` when nothing is new.
    pub(super) fn renew(
        &self,
        source: &SourceId,
        person: &SourcePerson,
        bearers: &Bearers,
    ) -> Option<Arc<PersonRecord>> {
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
            next.conflict = self.conflict(earlier.map(Arc::as_ref), &next.id, &person.row.fields, bearers);
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
        let imported = !self.before.roster.sources.contains_key(&next.id.source);
        for row in &person.contracts {
            let today = self.today(row.zone.or(person.row.zone));
            let mut contract = renew_contract(earlier.remove(&row.id), row, today);
            contract.imported |= imported;
            next.contracts.push(contract);
        }
        for (_, mut contract) in earlier {
            self.miss_contract(&mut contract, person.row.zone);
            next.contracts.push(contract);
        }
        next.contracts.sort_by(|a, b| a.id.cmp(&b.id));
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
        imported: false,
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
        next.become_known(today);
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
