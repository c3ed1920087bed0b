//! Text in, text out: rules and a person in a few lines, and what the rules say of the person.

mod cel;
mod difference;
mod exclusions;
mod explain;
mod grants;
mod language;
mod managers;
mod naive;
mod other_rules;
mod population;
mod profiles;
mod review;
mod samples;
mod standard;
mod windows;
mod wrong_files;
mod wrong_profiles;

use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;
use provisioning_core::period::Period;
use provisioning_core::policy::{Answer, Bar, Desired, EarlierAccounts, Entitlement, Policy, Upkeep};
use provisioning_core::source::{
    Colleagues, ContractRecord, Defect, Department, Departments, Person, PersonRecord, Presence, Standing,
};
use provisioning_core::{Decimal, Edit, FieldName, Fields, PersonId, RecordId, SourceId, Value};

use crate::RuleSet;
use crate::slot::parse_slot;

/// The people and departments of one source.
#[derive(Debug)]
pub(crate) struct Office {
    person: PersonRecord,
    id: PersonId,
    departments: Departments,
    colleagues: Vec<PersonRecord>,
    zone: Tz,
}

impl Colleagues for Office {
    fn departments(&self, _source: &SourceId) -> &Departments {
        &self.departments
    }

    fn record(&self, id: &RecordId) -> Option<&PersonRecord> {
        self.colleagues.iter().find(|record| record.id == *id)
    }
}

impl Office {
    /// Reads lines such as `person phone=112`, `contract c1 2026-01-01..2026-06-30 department=d1 title=Clerk` and
    /// `department d1 name=Sales parent=d0 manager=7` and `colleague 7 phone=113`. Spaces in values are written `_`.
    pub(crate) fn new(text: &str) -> Self {
        Self::called("hr:1", text)
    }

    /// The same with another id.
    pub(crate) fn called(id: &str, text: &str) -> Self {
        let id: PersonId = id.parse().unwrap();
        let (mut about, mut contracts, mut departments) = (Fields::default(), Vec::new(), Vec::new());
        let mut colleagues = Vec::new();
        for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
            match line.split_whitespace().collect::<Vec<_>>().as_slice() {
                ["person", rest @ ..] => about = fields(rest),
                ["contract", id, days, rest @ ..] => contracts.push(contract(id, days, fields(rest))),
                ["department", code, rest @ ..] => departments.push(department(code, &fields(rest))),
                ["colleague", key, rest @ ..] => {
                    colleagues.push(record(format!("hr:{key}").parse().unwrap(), fields(rest), Vec::new()));
                }
                ["unheard", key] => {
                    let record = record(format!("hr:{key}").parse().unwrap(), Fields::default(), Vec::new());
                    colleagues.push(PersonRecord { defects: vec![Defect::new("no name")], ..record });
                }
                _ => panic!("{line}"),
            }
        }
        let person = record(id.0.clone(), about, contracts);
        let departments = departments.into_iter().collect();
        Self { person, id, departments, colleagues, zone: chrono_tz::Europe::Amsterdam }
    }

    pub(crate) fn person(&self) -> Person<'_> {
        Person::new(&self.id, vec![&self.person], self, self.zone)
    }
}

fn record(id: RecordId, fields: Fields, contracts: Vec<ContractRecord>) -> PersonRecord {
    PersonRecord {
        id,
        presence: Presence::Present,
        defects: Vec::new(),
        conflict: None,
        zone: None,
        facts_since: day("2020-01-01"),
        fields,
        contracts,
    }
}

fn contract(id: &str, days: &str, fields: Fields) -> ContractRecord {
    let (first, last) = days.split_once("..").unwrap();
    let read = (day(first), Some(last).filter(|last| !last.is_empty()).map(day));
    ContractRecord {
        id: id.parse().unwrap(),
        read,
        period: Period::inclusive(read.0, read.1).ok(),
        standing: Standing::Present,
        zone: None,
        known_since: day("2020-01-01"),
        imported: false,
        facts_since: day("2020-01-01"),
        fields,
    }
}

fn department(code: &str, fields: &Fields) -> Department {
    let text = |name| fields.value(name).map(|value| value.as_text().map_or_else(|| value.to_string(), str::to_owned));
    Department {
        code: code.parse().unwrap(),
        name: text("name").unwrap_or_default(),
        parent: text("parent").map(|code| code.parse().unwrap()),
        manager: text("manager").map(|key| key.parse().unwrap()),
    }
}

pub(crate) fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

/// `2026-01-01` is noon of that day, everything else an instant as RFC 3339 has it.
pub(crate) fn instant(text: &str) -> DateTime<Utc> {
    let noon = || text.parse::<NaiveDate>().unwrap().and_hms_opt(12, 0, 0).unwrap().and_utc();
    text.parse().unwrap_or_else(|_| noon())
}

fn fields(words: &[&str]) -> Fields {
    words.iter().map(|word| word.split_once('=').unwrap()).map(|(name, text)| (field(name), value(text))).collect()
}

pub(crate) fn field(name: &str) -> FieldName {
    FieldName::new(name).unwrap()
}

/// The value that is meant: `null`, `a,b` a list, `"7"` a text, 7 a number, 2026-01-31 a day, true, or text.
fn value(text: &str) -> Value {
    if let Some(quoted) = text.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) {
        return Value::text(&quoted.replace('_', " "));
    }
    match text {
        "null" => return Value::Null,
        "true" => return Value::Bool(true),
        "false" => return Value::Bool(false),
        "[]" => return Value::List(Vec::new()),
        _ if text.contains(',') => return Value::List(text.split(',').map(value).collect()),
        _ => {}
    }
    let number = text.parse::<Decimal>().ok().map(Value::Number);
    number.or_else(|| text.parse().ok().map(Value::Date)).unwrap_or_else(|| Value::text(&text.replace('_', " ")))
}

pub(crate) fn rules(text: &str) -> RuleSet {
    text.parse().unwrap_or_else(|problems| panic!("{problems}"))
}

/// What an answer says, a line for each thing.
pub(crate) fn shown(answer: &Answer) -> String {
    let mut lines = Vec::new();
    for grant in &answer.grants {
        let what = match &grant.entitlement {
            Entitlement::Account => "account".to_owned(),
            Entitlement::Access => "access".to_owned(),
            Entitlement::Permission(permission) => {
                let class = format!("{:?}", permission.class).to_lowercase().replace("ordinary", "");
                let name = permission.resource.as_ref().map(|spec| {
                    let owner: Vec<String> = spec.owner.iter().map(ToString::to_string).collect();
                    let owner = if owner.is_empty() { String::new() } else { format!(" of {}", owner.join(" or ")) };
                    format!("`{}`{owner}", spec.name)
                });
                let parts = [permission.id.to_string(), class, name.unwrap_or_default()];
                parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
            }
        };
        let kind = if grant.slot.kind.as_str() == "main" { "" } else { grant.slot.kind.as_str() };
        let account = format!("{} {kind}", grant.slot.target);
        lines.push(format!("{}: {what}, because of {}", account.trim(), grant.because));
    }
    for one in &answer.undetermined {
        lines.push(format!("cannot tell: rule `{}`: {}; may be {:?}", one.rule, one.lacks, one.may));
    }
    for doubt in &answer.doubts {
        let id = match &doubt.grant.entitlement {
            Entitlement::Account => "account",
            Entitlement::Access => "access",
            Entitlement::Permission(permission) => permission.id.as_str(),
        };
        lines.push(format!("may be withheld: {id} of {}, by `{}`: {}", doubt.grant.because, doubt.by, doubt.lacks));
    }
    for barred in &answer.barred {
        let what = match &barred.what {
            Bar::Account => "account".to_owned(),
            Bar::Access => "access".to_owned(),
            Bar::Permission(id) => id.to_string(),
            Bar::Rule(rule) => format!("rule `{rule}`"),
        };
        lines.push(format!("withheld: {what}, by `{}`", barred.by));
    }
    lines.extend(answer.notes.iter().map(|note| format!("note: {note}")));
    lines.join("\n")
}

/// What a profile says, a line for each attribute.
pub(crate) fn profile_of(rules: &RuleSet, office: &Office, slot: &str, now: &str) -> String {
    let slot = parse_slot(slot).unwrap();
    let profile = rules.profile(&office.person(), &slot, &EarlierAccounts::default(), instant(now));
    let mut lines = Vec::new();
    for (name, (desired, upkeep)) in &profile.attributes {
        let what = match desired {
            Desired::Value(Edit::Keep) => "keep".to_owned(),
            Desired::Value(Edit::Clear) => "clear".to_owned(),
            Desired::Value(Edit::Set(value)) => value.to_string(),
            Desired::AccountOf(people) => {
                format!("the account of {}", people.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "))
            }
        };
        let once = if *upkeep == Upkeep::OnCreate { ", when created" } else { "" };
        lines.push(format!("{name}: {what}{once}"));
    }
    for name in &profile.names {
        let tries: Vec<String> = name.tries(3).collect();
        lines.push(format!("{}: one of {}; {:?}", name.attribute, tries.join(", "), name.renaming));
    }
    lines.extend(profile.missing.iter().map(|name| format!("missing: {name}")));
    lines.join("\n")
}
