//! A person as rules and profiles see one: all records together, contracts with the days that count.

use std::cmp::Ordering;

use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

use crate::id::{ContractId, FieldName, PersonId, RecordId, SourceId};
use crate::period::{Period, civil_day, plus_days, union};
use crate::source::{Colleagues, ContractRecord, Department, Departments, PersonRecord, Presence, Standing};
use crate::value::{Fields, Value};

/// A contract as rules see it: with the days that count, in its own zone.
#[derive(Debug, Clone, Copy)]
pub struct Contract<'a> {
    /// The source that it is in.
    pub source: &'a SourceId,
    /// The days that count, a bridge included.
    pub period: Period,
    /// The zone whose civil days count.
    pub zone: Tz,
    /// The departments of the source.
    pub departments: &'a Departments,
    /// Its accepted form.
    pub record: &'a ContractRecord,
}

impl<'a> Contract<'a> {
    /// Its key in the source.
    #[must_use]
    pub fn id(&self) -> &'a ContractId {
        &self.record.id
    }

    /// A field of it.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&'a Value> {
        self.record.fields.value(name)
    }

    /// The department that it is in, where the source knows it.
    #[must_use]
    pub fn department(&self) -> Option<&'a Department> {
        self.record.department().and_then(|code| self.departments.by_code(code.as_str()))
    }

    /// Whether it is in force at an instant.
    #[must_use]
    pub fn in_force(&self, now: DateTime<Utc>) -> bool {
        self.period.contains(civil_day(now, self.zone))
    }
}

/// A person as rules and profiles see one.
#[derive(Debug, Clone)]
pub struct Person<'a> {
    /// Who.
    pub id: &'a PersonId,
    /// The zone whose civil days count for the accounts.
    pub zone: Tz,
    /// The person's contracts that were not withdrawn.
    pub contracts: Vec<Contract<'a>>,
    records: Vec<&'a PersonRecord>,
    /// All of the person's own.
    own: Vec<&'a RecordId>,
    colleagues: &'a dyn Colleagues,
    managers: Managers,
}

/// Whom a person reports to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Manager<'a> {
    /// Nobody of whom the source tells.
    Nobody,
    /// Somebody of whom nothing may be concluded.
    Unknown,
    /// This one.
    Known(&'a PersonRecord),
}

/// Which managers a person shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Managers {
    /// None at all.
    Hidden,
    /// Those on whose records something may be given.
    Firm,
    /// Every one.
    Shown,
}

impl<'a> Person<'a> {
    /// Puts the records of a person together; the first record that has a field tells it, and the first zone counts.
    #[must_use]
    pub fn new(
        id: &'a PersonId,
        records: Vec<&'a PersonRecord>,
        colleagues: &'a dyn Colleagues,
        organisation: Tz,
    ) -> Self {
        let zone = records.iter().find_map(|record| record.zone).unwrap_or(organisation);
        let mut contracts = Vec::new();
        for record in &records {
            for contract in &record.contracts {
                if let Some(period) = contract.period {
                    contracts.push(Contract {
                        source: &record.id.source,
                        period,
                        zone: contract.zone.or(record.zone).unwrap_or(organisation),
                        departments: colleagues.departments(&record.id.source),
                        record: contract,
                    });
                }
            }
        }
        let own = records.iter().map(|record| &record.id).collect();
        Self { id, zone, contracts, records, own, colleagues, managers: Managers::Shown }
    }

    /// The records that make up the person.
    #[must_use]
    pub fn records(&self) -> &[&'a PersonRecord] {
        &self.records
    }

    /// A field of the person, from the first record that has it.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&'a Value> {
        self.records.iter().find_map(|record| record.fields.value(name))
    }

    /// The text of a field that says something.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&'a str> {
        self.field(name).filter(|value| !value.is_blank()).and_then(Value::as_text)
    }

    /// The fields of the records, first record first.
    pub fn all_fields(&self) -> impl Iterator<Item = &'a Fields> {
        self.records.iter().map(|record| &record.fields)
    }

    /// The civil day of the person's accounts.
    #[must_use]
    pub fn today(&self, now: DateTime<Utc>) -> NaiveDate {
        civil_day(now, self.zone)
    }

    /// The manager whom the person has by a contract: that of its department or, where that is nobody, the person, or somebody
    /// whom the source no longer has, that of the nearest department above.
    #[must_use]
    pub fn manager(&self, contract: &Contract<'a>) -> Manager<'a> {
        match self.managers(contract).find_map(|id| self.shown(&id)) {
            None => Manager::Nobody,
            Some(record) if record.is_unheard() => Manager::Unknown,
            Some(record) if self.managers == Managers::Firm && !record.is_firm() => Manager::Unknown,
            Some(record) => Manager::Known(record),
        }
    }

    /// The records on which it depends who the managers are, and what is said of them.
    pub(crate) fn looked_at(&self) -> impl Iterator<Item = RecordId> {
        self.contracts.iter().flat_map(move |contract| {
            let mut is_found = false;
            let before = move |id: &RecordId| !std::mem::replace(&mut is_found, self.shown(id).is_some());
            self.managers(contract).take_while(before)
        })
    }

    fn managers(&self, contract: &Contract<'a>) -> impl Iterator<Item = RecordId> {
        let code = contract.record.department().filter(|_| self.managers != Managers::Hidden);
        let keys = code.map(|code| contract.departments.managers(code.as_str())).unwrap_or_default().into_iter();
        let ids = keys.map(|key| RecordId { source: contract.source.clone(), key: key.clone() });
        ids.filter(|id| !self.own.contains(&id))
    }

    fn shown(&self, id: &RecordId) -> Option<&'a PersonRecord> {
        self.colleagues.record(id).filter(|record| record.presence != Presence::Gone)
    }

    /// Only these of the person's records, of which the others are still the person's own.
    #[must_use]
    pub(crate) fn with_records(&self, keep: impl Fn(&PersonRecord) -> bool, organisation: Tz) -> Self {
        let records = self.records.iter().copied().filter(|record| keep(record)).collect();
        let part = Self::new(self.id, records, self.colleagues, organisation);
        Self { zone: self.zone, own: self.own.clone(), managers: self.managers, ..part }
    }

    /// The same person, of whom these managers are shown.
    #[must_use]
    pub(crate) fn with_managers(self, managers: Managers) -> Self {
        Self { managers, ..self }
    }

    /// The same person with these contracts only, gaps bridged.
    #[must_use]
    pub(crate) fn with_contracts(&self, keep: impl Fn(Standing) -> bool, bridge_days: u32) -> Self {
        let contracts: Vec<_> =
            self.contracts.iter().copied().filter(|contract| keep(contract.record.standing)).collect();
        Self {
            contracts: bridged(contracts, bridge_days),
            records: self.records.clone(),
            own: self.own.clone(),
            ..*self
        }
    }
}

/// Extends each contract that ends at most `bridge_days` days before the next one of the person starts, up to that start.
#[must_use]
pub fn bridged(mut contracts: Vec<Contract<'_>>, bridge_days: u32) -> Vec<Contract<'_>> {
    if bridge_days == 0 || contracts.len() < 2 {
        return contracts;
    }
    let worked = union(contracts.iter().map(|contract| contract.period));
    for (before, after) in worked.iter().zip(worked.iter().skip(1)) {
        let Some(gap) = before.end().filter(|end| after.start() <= plus_days(*end, bridge_days)) else { continue };
        for contract in contracts.iter_mut().filter(|contract| contract.period.end() == Some(gap)) {
            if let Ok(longer) = Period::new(contract.period.start(), Some(after.start())) {
                contract.period = longer;
            }
        }
    }
    contracts
}

/// One question by which two contracts are compared; the answer that comes first wins.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PrimaryKey {
    /// In force before future, future before ended.
    InForce,
    /// The higher value of a field first; without the field last.
    Highest(FieldName),
    /// The lower value of a field first; without the field last.
    Lowest(FieldName),
    /// The earlier start first.
    EarliestStart,
    /// The later start first.
    LatestStart,
    /// The later end first, open ones before all.
    LatestEnd,
}

/// Which contract speaks for the person: a total order, so that there is never a tie.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PrimaryOrder(pub Vec<PrimaryKey>);

/// In force, then the earliest start, then the latest end; last the source and the id decide.
impl Default for PrimaryOrder {
    fn default() -> Self {
        Self(vec![PrimaryKey::InForce, PrimaryKey::EarliestStart, PrimaryKey::LatestEnd])
    }
}

impl PrimaryOrder {
    /// The contract that speaks for the person at an instant.
    #[must_use]
    pub fn primary<'p, 'a>(&self, person: &'p Person<'a>, now: DateTime<Utc>) -> Option<&'p Contract<'a>> {
        self.primary_by(person, now, told)
    }

    /// The same, where `told` reads the fields: what it cannot read counts as not there.
    pub fn primary_by<'p, 'a, T: Ord>(
        &self,
        person: &'p Person<'a>,
        now: DateTime<Utc>,
        told: impl Fn(&Contract<'a>, &FieldName) -> Option<T>,
    ) -> Option<&'p Contract<'a>> {
        person.contracts.iter().min_by(|a, b| self.compare_by(a, b, now, &told))
    }

    /// Compares two contracts; the lesser one is the more primary.
    #[must_use]
    pub fn compare(&self, a: &Contract<'_>, b: &Contract<'_>, now: DateTime<Utc>) -> Ordering {
        self.compare_by(a, b, now, &|contract: &Contract<'_>, field| told(contract, field).cloned())
    }

    fn compare_by<'a, T: Ord>(
        &self,
        a: &Contract<'a>,
        b: &Contract<'a>,
        now: DateTime<Utc>,
        told: &impl Fn(&Contract<'a>, &FieldName) -> Option<T>,
    ) -> Ordering {
        let by_keys = self.0.iter().map(|key| key.compare(a, b, now, told)).find(|order| order.is_ne());
        by_keys.unwrap_or_else(|| (a.source, a.id()).cmp(&(b.source, b.id())))
    }
}

impl PrimaryKey {
    /// The lesser one is the more primary.
    fn compare<'a, T: Ord>(
        &self,
        a: &Contract<'a>,
        b: &Contract<'a>,
        now: DateTime<Utc>,
        told: &impl Fn(&Contract<'a>, &FieldName) -> Option<T>,
    ) -> Ordering {
        match self {
            Self::InForce => phase(a, now).cmp(&phase(b, now)),
            Self::Highest(field) => match (told(a, field), told(b, field)) {
                (Some(a), Some(b)) => b.cmp(&a),
                (a, b) => b.is_some().cmp(&a.is_some()),
            },
            Self::Lowest(field) => match (told(a, field), told(b, field)) {
                (Some(a), Some(b)) => a.cmp(&b),
                (a, b) => b.is_some().cmp(&a.is_some()),
            },
            Self::EarliestStart => a.period.start().cmp(&b.period.start()),
            Self::LatestStart => b.period.start().cmp(&a.period.start()),
            Self::LatestEnd => {
                let end = |contract: &Contract<'_>| contract.period.end().unwrap_or(NaiveDate::MAX);
                end(b).cmp(&end(a))
            }
        }
    }
}

fn told<'a>(contract: &Contract<'a>, field: &FieldName) -> Option<&'a Value> {
    contract.field(field.as_str()).filter(|value| !value.is_blank())
}

fn phase(contract: &Contract<'_>, now: DateTime<Utc>) -> u8 {
    let today = civil_day(now, contract.zone);
    if contract.period.contains(today) {
        0
    } else if today < contract.period.start() {
        1
    } else {
        2
    }
}
