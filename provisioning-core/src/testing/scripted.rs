//! A source made of text, for tests: what it says is set from outside.

use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, Utc};

use crate::id::{ContractId, DepartmentCode, FieldName, RecordKey, SourceId};
use crate::port::{PortError, PortErrorKind, SourceConnector};
use crate::source::{
    Completeness, ContractRow, Cursor, Defect, Department, Fingerprint, PersonRow, Reading, Snapshot, SnapshotBuilder,
};
use crate::value::{Fields, Value};

/// A source made of lines of text:
///
/// ```text
/// person 1001 given_name=Anna family_name=Vos zone=Europe/Amsterdam
/// contract 1001 c1 2026-03-01..2026-05-31 d1 hours=36      (the last day may be missing: 2026-03-01..)
/// department d1 Sales parent=d0 manager=1002
/// defect 1003 the date of birth is no date
/// ```
///
/// A value `null` is null, and nothing after the `=` is empty text; `_` stands for a space.
#[derive(Debug)]
pub struct ScriptedSource {
    id: SourceId,
    says: Mutex<Result<Snapshot, &'static str>>,
}

impl ScriptedSource {
    /// A source that cannot be read until it is told what to say.
    ///
    /// # Panics
    /// When the name is no source id.
    #[must_use]
    pub fn new(id: &str) -> Self {
        Self { id: parsed(id), says: Mutex::new(Err("nothing to say yet")) }
    }

    /// Says this from now on, as of an instant.
    ///
    /// # Panics
    /// When a line is none of the above.
    pub fn set(&self, text: &str, taken_at: DateTime<Utc>) {
        self.set_as("environment", text, taken_at);
    }

    /// Says this from now on, as another environment.
    ///
    /// # Panics
    /// When a line is none of the above.
    pub fn set_as(&self, fingerprint: &str, text: &str, taken_at: DateTime<Utc>) {
        let snapshot = snapshot(&self.id, fingerprint, text, taken_at);
        *self.says.lock().unwrap_or_else(PoisonError::into_inner) = Ok(snapshot);
    }

    /// Cannot be read from now on.
    pub fn fail(&self) {
        *self.says.lock().unwrap_or_else(PoisonError::into_inner) = Err("no answer");
    }
}

#[async_trait]
impl SourceConnector for ScriptedSource {
    fn id(&self) -> &SourceId {
        &self.id
    }

    async fn read(&self, _: Option<&Cursor>) -> Result<Reading, PortError> {
        let says = self.says.lock().unwrap_or_else(PoisonError::into_inner).clone();
        says.map(Reading::Whole).map_err(|why| PortError::new(PortErrorKind::Transient, self.id.as_str(), why))
    }
}

/// One complete reading made of lines of text; see [`ScriptedSource`].
///
/// # Panics
/// When a line is none of those.
#[must_use]
pub fn snapshot(source: &SourceId, fingerprint: &str, text: &str, taken_at: DateTime<Utc>) -> Snapshot {
    let mut builder = SnapshotBuilder::new(source.clone(), Fingerprint(fingerprint.to_owned()), taken_at);
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let words: Vec<&str> = line.split_whitespace().collect();
        match words.as_slice() {
            ["person", key, fields @ ..] => {
                let (zone, fields) = zone_and_fields(fields);
                builder.person(PersonRow { key: parsed(key), zone, fields });
            }
            ["contract", person, id, days, rest @ ..] => builder.contract(contract(person, id, days, rest)),
            ["department", code, name, rest @ ..] => {
                let (zone, fields) = zone_and_fields(rest);
                if zone.is_some() || fields.iter().any(|(name, _)| !["parent", "manager"].contains(&name.as_str())) {
                    refuse(line);
                }
                builder.department(Department {
                    code: parsed(code),
                    name: name.replace('_', " "),
                    parent: fields.text("parent").map(parsed::<DepartmentCode>),
                    manager: fields.text("manager").map(parsed::<RecordKey>),
                });
            }
            ["defect", key, what @ ..] => builder.defect(&parsed(key), Defect::new(&what.join(" "))),
            _ => refuse(line),
        }
    }
    builder.finish(Completeness::EndSeen).unwrap_or_else(|_| refuse("the end"))
}

fn contract(person: &str, id: &str, days: &str, rest: &[&str]) -> ContractRow {
    let (first, last) = days.split_once("..").unwrap_or_else(|| refuse(days));
    let (department, fields) = match rest {
        [department, fields @ ..] if !department.contains('=') => (Some(*department), fields),
        fields => (None, fields),
    };
    let (zone, mut fields) = zone_and_fields(fields);
    if let Some(department) = department {
        fields.put(parsed::<FieldName>("department"), Value::text(department));
    }
    ContractRow {
        id: parsed::<ContractId>(id),
        person: parsed(person),
        first_day: day(first),
        last_day: (!last.is_empty()).then(|| day(last)),
        zone,
        fields,
    }
}

fn zone_and_fields(words: &[&str]) -> (Option<chrono_tz::Tz>, Fields) {
    let mut zone = None;
    let mut fields = Fields::default();
    for word in words {
        let (name, value) = word.split_once('=').unwrap_or_else(|| refuse(word));
        match (name, value) {
            ("zone", value) => zone = Some(value.parse().unwrap_or_else(|_| refuse(word))),
            (name, "null") => fields.put(parsed(name), Value::Null),
            (name, value) => {
                let value =
                    value.parse::<NaiveDate>().map_or_else(|_| Value::text(&value.replace('_', " ")), Value::Date);
                fields.put(parsed(name), value);
            }
        }
    }
    (zone, fields)
}

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap_or_else(|_| refuse(text))
}

fn parsed<T: std::str::FromStr>(text: &str) -> T {
    text.parse().unwrap_or_else(|_| refuse(text))
}

#[expect(clippy::panic, reason = "a test that is written wrongly has to stop")]
fn refuse(text: &str) -> ! {
    panic!("`{text}` is nothing that a scripted source can say")
}
