//! A made organisation: departments of very different sizes, on which most other fields depend.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use provisioning_core::period::Period;
use provisioning_core::source::{ContractRecord, Departments, Person, PersonRecord, Presence, Standing};
use provisioning_core::{FieldName, Fields, PersonId, Value};

use crate::closures::Row;

/// How many fields of text a contract has.
pub(crate) const FIELDS: usize = 20;
/// How many values each has.
const VALUES: [u32; FIELDS] = [200, 400, 60, 12, 200, 1600, 8, 3, 30, 5, 4, 6, 25, 15, 10, 7, 9, 40, 50, 20];
/// How many of a hundred have one.
const HAVE: [u32; FIELDS] = [100, 100, 97, 100, 90, 85, 100, 60, 100, 40, 70, 80, 100, 75, 90, 100, 30, 100, 50, 100];
/// The day of the bench, counted from the first day of 2000.
pub(crate) const TODAY: i32 = 9500;

/// Always the same numbers.
#[derive(Debug, Clone)]
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn of(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    pub(crate) fn below(&mut self, most: u32) -> u32 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        u32::try_from((self.0 >> 33) % u64::from(most.max(1))).unwrap_or_default()
    }

    /// A value of a field: departments as Zipf has them, about.
    pub(crate) fn value_of(&mut self, field: usize) -> u32 {
        let most = VALUES.get(field).copied().unwrap_or(1);
        let drawn =
            if field == 0 { self.below(most).min(self.below(most)).min(self.below(most)) } else { self.below(most) };
        drawn + 1
    }
}

/// A value as its text.
pub(crate) fn value(field: usize, is: u32) -> String {
    format!("f{field}-{is}")
}

/// Everybody.
pub(crate) struct Made {
    records: Vec<(PersonId, PersonRecord)>,
    departments: Departments,
    rows: Vec<Vec<Row>>,
}

/// The instant of the bench.
pub(crate) fn now() -> DateTime<Utc> {
    day(TODAY).and_hms_opt(12, 0, 0).unwrap_or_default().and_utc()
}

fn day(days: i32) -> NaiveDate {
    NaiveDate::from_ymd_opt(2000, 1, 1).unwrap_or_default() + TimeDelta::days(i64::from(days))
}

impl Made {
    pub(crate) fn of(count: usize) -> Self {
        let mut random = Random::of(2026);
        let names: Vec<FieldName> = (0..FIELDS).filter_map(|field| FieldName::new(&format!("f{field}")).ok()).collect();
        let rows: Vec<Vec<Row>> = (0..count).map(|_| contracts(&mut random)).collect();
        let records = rows.iter().enumerate().filter_map(|(place, rows)| record(place, rows, &names)).collect();
        Self { records, departments: Departments::default(), rows }
    }

    pub(crate) fn contracts(&self) -> usize {
        self.rows.iter().map(Vec::len).sum()
    }

    pub(crate) fn rows(&self) -> Vec<Vec<Row>> {
        self.rows.clone()
    }

    pub(crate) fn people(&self) -> impl Iterator<Item = Person<'_>> {
        self.records.iter().map(|(id, record)| self.shown(id, record))
    }

    fn shown<'a>(&'a self, id: &'a PersonId, record: &'a PersonRecord) -> Person<'a> {
        Person::new(id, vec![record], &self.departments, chrono_tz::UTC)
    }
}

fn contracts(random: &mut Random) -> Vec<Row> {
    let count = if random.below(10) < 6 { 1 } else { 1 + random.below(2) + random.below(2) };
    (0..count).map(|_| contract(random)).collect()
}

fn contract(random: &mut Random) -> Row {
    let department = random.value_of(0);
    let mut fields = [0; FIELDS];
    for (field, own) in fields.iter_mut().enumerate() {
        let (most, have) = (VALUES.get(field).copied().unwrap_or(1), HAVE.get(field).copied().unwrap_or(100));
        let usual = (department * 7 + u32::try_from(field).unwrap_or_default()) % most + 1;
        let is = if field == 0 {
            department
        } else if random.below(10) < 7 {
            (usual + random.below(3)) % most + 1
        } else {
            random.value_of(field)
        };
        *own = if random.below(100) < have { is } else { 0 };
    }
    let start = TODAY - 4000 + i32::try_from(random.below(4100)).unwrap_or_default();
    let end =
        if random.below(10) < 6 { i32::MAX } else { start + 1 + i32::try_from(random.below(3000)).unwrap_or_default() };
    let hours = (random.below(10) < 9).then(|| 4 + random.below(9) * 4);
    Row { fields, hours, days: (start, end) }
}

fn record(place: usize, rows: &[Row], names: &[FieldName]) -> Option<(PersonId, PersonRecord)> {
    let id: PersonId = format!("hr:{place}").parse().ok()?;
    let contracts = rows.iter().enumerate().filter_map(|(number, row)| {
        let read = (day(row.days.0), (row.days.1 != i32::MAX).then(|| day(row.days.1 - 1)));
        let texts = names.iter().zip(row.fields).enumerate().filter(|(_, (_, is))| *is != 0);
        let mut fields: Fields =
            texts.map(|(field, (name, is))| (name.clone(), Value::text(&value(field, is)))).collect();
        if let Some(hours) = row.hours {
            fields.put(FieldName::new("hours").ok()?, Value::Number(hours.to_string().parse().ok()?));
        }
        Some(ContractRecord {
            id: format!("c{number}").parse().ok()?,
            read,
            period: Period::inclusive(read.0, read.1).ok(),
            standing: Standing::Present,
            zone: None,
            known_since: day(0),
            imported: false,
            facts_since: day(0),
            fields,
        })
    });
    let record = PersonRecord {
        id: id.0.clone(),
        presence: Presence::Present,
        defects: Vec::new(),
        conflict: None,
        zone: None,
        facts_since: day(0),
        fields: Fields::default(),
        contracts: contracts.collect(),
    };
    Some((id, record))
}
