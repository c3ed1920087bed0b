//! People at random.

use std::fmt::Write;

use chrono::{Days, NaiveDate};
use chrono_tz::Tz;
use provisioning_core::period::Period;
use provisioning_core::source::{ContractRecord, Department, Departments, Person, PersonRecord, Presence, Standing};
use provisioning_core::{Fields, PersonId, Value};

use super::invented::{CODES, DAYS, KINDS, NUMBERS, TEXTS, WEIGHT};
use super::random::Random;
use super::verdict::as_day;
use crate::tests::{day, field};

/// How far the day that `ends` names may lie beyond the last day of its contract.
const BEYOND_THE_LAST_DAY: Days = Days::new(40);

/// How many of a hundred texts in a list are given as nothing.
const GAPS_IN_LISTS: usize = 10;

const ZONES: &[Tz] = &[
    chrono_tz::Europe::Amsterdam,
    chrono_tz::Pacific::Auckland,
    chrono_tz::America::New_York,
    // Its summer begins at a midnight that is not there.
    chrono_tz::Asia::Beirut,
    chrono_tz::Pacific::Kiritimati,
];

#[derive(Debug)]
pub(super) struct Subject {
    pub(super) id: PersonId,
    zone: Tz,
    records: Vec<PersonRecord>,
    departments: Departments,
}

impl Subject {
    pub(super) fn person(&self) -> Person<'_> {
        Person::new(&self.id, self.records.iter().collect(), &self.departments, self.zone)
    }

    /// What is known of them, for people who look into a failure.
    pub(super) fn told(&self) -> String {
        let fields = |fields: &Fields| {
            let each = fields.iter().map(|(name, value)| format!("{name}={}", shown(value)));
            each.collect::<Vec<_>>().join(" ")
        };
        let mut text = String::new();
        for record in &self.records {
            writeln!(text, "{} {:?}/{} {}", record.id, record.zone, self.zone, fields(&record.fields)).unwrap();
            for contract in &record.contracts {
                let (first, last) = contract.read;
                let days = format!("{first}..{}", last.map_or_else(String::new, |day| day.to_string()));
                writeln!(text, "  {} {days} {:?} {}", contract.id, contract.zone, fields(&contract.fields)).unwrap();
            }
        }
        text
    }
}

fn shown(value: &Value) -> String {
    match value {
        Value::Text(text) => format!("{text:?}"),
        Value::List(values) => format!("[{}]", values.iter().map(shown).collect::<Vec<_>>().join(", ")),
        Value::Null | Value::Number(_) | Value::Bool(_) | Value::Date(_) | Value::Account(_) => value.to_string(),
    }
}

/// Departments in a tree, two that are below each other, and one below what is not there.
pub(super) fn departments() -> Departments {
    let tree = [
        ("top", "Top", None),
        ("fin", "Finance", Some("top")),
        ("pay", "Cafe\u{301}", Some("fin")),
        ("it", "clerk", Some("top")),
        ("dev", "", Some("it")),
        ("ring1", "Ring", Some("ring2")),
        ("ring2", "Ring", Some("ring1")),
        ("lost", "Lost", Some("nowhere")),
    ];
    let department = |(code, name, parent): (&str, &str, Option<&str>)| Department {
        code: code.parse().unwrap(),
        name: name.to_owned(),
        parent: parent.map(|code| code.parse().unwrap()),
        manager: None,
    };
    tree.into_iter().map(department).collect()
}

/// Now and then nothing, blank, or something of another type in place of a value.
fn spoilt(random: &mut Random, value: Value) -> Option<Value> {
    match random.below(24) {
        0 => None,
        1 => Some(Value::Null),
        2 => Some(Value::text(" ")),
        3 => Some(Value::Bool(true)),
        4 => Some(Value::text("\u{2026}")),
        5 => Some(Value::List(Vec::new())),
        6 => Some(Value::Number("7.5".parse().unwrap())),
        7 => Some(Value::Date(day("2026-03-01"))),
        8 => Some(Value::List(vec![Value::text("staff"), Value::text("Clerk")])),
        _ => Some(value),
    }
}

fn text(random: &mut Random, of: &[&str]) -> Value {
    let text = random.one(of);
    match random.below(6) {
        0 => Value::text(&format!(" {text}\t")),
        1 => Value::text(&text.to_uppercase()),
        _ => Value::text(text),
    }
}

fn number(random: &mut Random) -> Value {
    let number = random.one(NUMBERS);
    if random.chance(10) { Value::text(&format!(" {number} ")) } else { Value::Number(number.parse().unwrap()) }
}

fn date(random: &mut Random) -> Value {
    let date = day(random.one(DAYS));
    if random.chance(15) { Value::text(&date.to_string()) } else { Value::Date(date) }
}

fn texts(random: &mut Random) -> Value {
    let listed = |random: &mut Random| if random.chance(GAPS_IN_LISTS) { Value::Null } else { text(random, TEXTS) };
    if random.chance(20) { text(random, TEXTS) } else { Value::List(random.several(0, 3, listed)) }
}

fn put(random: &mut Random, fields: &mut Fields, name: &str, value: Value) {
    if let Some(value) = spoilt(random, value) {
        fields.put(field(name), value);
    }
}

fn flag(random: &mut Random) -> Value {
    Value::Bool(random.chance(50))
}

fn about(random: &mut Random) -> Fields {
    let mut fields = Fields::default();
    let values = [
        ("status", text(random, TEXTS)),
        ("badge", text(random, TEXTS)),
        ("level", number(random)),
        ("fit", flag(random)),
        ("sworn_until", date(random)),
        ("roles", texts(random)),
    ];
    for (name, value) in values {
        put(random, &mut fields, name, value);
    }
    fields
}

fn of_contract(random: &mut Random, last: Option<NaiveDate>) -> Fields {
    let mut fields = Fields::default();
    let values = [
        ("title", text(random, TEXTS)),
        ("kind", text(random, KINDS)),
        ("badge", text(random, TEXTS)),
        ("hours", number(random)),
        ("grade", number(random)),
        ("leave", flag(random)),
        ("since", date(random)),
        ("tags", texts(random)),
        ("codes", texts(random)),
        ("scores", Value::List(random.several(0, 3, number))),
        ("department", Value::text(random.one(CODES))),
    ];
    for (name, value) in values {
        put(random, &mut fields, name, value);
    }
    let weight = number(random);
    if random.chance(70) {
        put(random, &mut fields, WEIGHT, weight);
    }
    for name in ["last_day_of_work", "last_text"] {
        let value = date(random);
        let value = spoilt(random, value).filter(|value| random.chance(40) && stands(value, last));
        if let Some(value) = value {
            fields.put(field(name), value);
        }
    }
    fields
}

/// Whether a date is one that may end a contract.
fn stands(value: &Value, last: Option<NaiveDate>) -> bool {
    as_day(value).is_none_or(|day| last.is_none_or(|last| day <= last + BEYOND_THE_LAST_DAY))
}

fn contract(random: &mut Random, id: &str) -> ContractRecord {
    let first = day("2025-10-01") + Days::new(u64::from(random.days(400)));
    let last = random.maybe(65, |random| first + Days::new(u64::from(random.days(250))));
    let last = if random.chance(3) { Some(day("9999-12-31")) } else { last };
    let since: NaiveDate = day("2020-01-01");
    ContractRecord {
        id: id.parse().unwrap(),
        read: (first, last),
        period: Period::inclusive(first, last).ok(),
        standing: Standing::Present,
        zone: random.maybe(30, |random| random.one(ZONES)),
        known_since: since,
        imported: false,
        facts_since: since,
        fields: of_contract(random, last),
    }
}

fn record(random: &mut Random, source: &str, key: usize) -> PersonRecord {
    let mut place = 0;
    let contracts = random.several(0, 4, |random| {
        place += 1;
        contract(random, &format!("{source}-{place}"))
    });
    PersonRecord {
        id: format!("{source}:{key}").parse().unwrap(),
        presence: Presence::Present,
        defects: Vec::new(),
        conflict: None,
        zone: random.maybe(20, |random| random.one(ZONES)),
        facts_since: day("2020-01-01"),
        fields: about(random),
        contracts,
    }
}

/// Somebody with up to four contracts, seldom in a second source too.
pub(super) fn subject(random: &mut Random, key: usize) -> Subject {
    let mut records = vec![record(random, "hr", key)];
    if random.chance(10) {
        let mut second = record(random, "extra", key);
        second.contracts.truncate(4_usize.saturating_sub(records.iter().map(|one| one.contracts.len()).sum()));
        records.push(second);
    }
    Subject { id: format!("hr:{key}").parse().unwrap(), zone: random.one(ZONES), records, departments: departments() }
}
