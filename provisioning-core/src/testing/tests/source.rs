//! The suite of sources against a source that tells changes, and against its broken brothers.

use std::collections::{BTreeMap, BTreeSet};
use std::panic::catch_unwind;
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use futures::executor::block_on;

use crate::id::{FieldName, RecordKey, SourceId};
use crate::port::{PortError, PortErrorKind, SourceConnector};
use crate::source::{Changes, Cursor, Fingerprint, Reading};
use crate::testing::tests::finds;
use crate::testing::{Blank, Newcomer, ScriptedSource, SourceBench, Unsupported, check_source, snapshot};

/// Lines of text as [`ScriptedSource`] reads them, by person.
#[derive(Debug, Default)]
struct Lines(BTreeMap<String, Person>);

#[derive(Debug, Clone)]
struct Person {
    fields: String,
    days: String,
    defect: bool,
}

impl Lines {
    fn add(&mut self, newcomer: &Newcomer) {
        let last = newcomer.last_day.map(|day| day.to_string()).unwrap_or_default();
        let days = format!("{}..{last}", newcomer.first_day);
        let person = Person { fields: "given_name=Anna".to_owned(), days, defect: false };
        self.0.insert(newcomer.key.to_string(), person);
    }

    fn with(&mut self, key: &RecordKey, change: impl FnOnce(&mut Person)) {
        change(self.0.get_mut(key.as_str()).unwrap());
    }

    fn text(&self, only: impl Fn(&str) -> bool) -> Vec<String> {
        let mut lines = Vec::new();
        for (key, Person { fields, days, defect }) in self.0.iter().filter(|(key, _)| only(key)) {
            lines.push(format!("person {key} {fields}"));
            lines.push(format!("contract {key} c{key} {days}"));
            if *defect {
                lines.push(format!("defect {key} a date is no date"));
            }
        }
        lines
    }
}

fn blanked(blank: Blank) -> &'static str {
    match blank {
        Blank::Absent => "",
        Blank::Null => "given_name=null",
        Blank::Empty => "given_name=",
    }
}

fn now() -> DateTime<Utc> {
    "2026-03-02T09:00:00Z".parse().unwrap()
}

struct ScriptedBench {
    source: ScriptedSource,
    lines: Mutex<Lines>,
}

impl ScriptedBench {
    fn write(&self, write: impl FnOnce(&mut Lines)) {
        let mut lines = self.lines.lock().unwrap();
        write(&mut lines);
        self.source.set(&lines.text(|_| true).join("\n"), now());
    }
}

#[async_trait]
impl SourceBench for ScriptedBench {
    fn source(&self) -> &dyn SourceConnector {
        &self.source
    }

    async fn reset(&self) {
        self.write(|lines| lines.0.clear());
    }

    async fn add(&self, newcomer: &Newcomer) -> Result<RecordKey, Unsupported> {
        self.write(|lines| lines.add(newcomer));
        Ok(newcomer.key.clone())
    }

    async fn change(&self, key: &RecordKey) -> Result<(), Unsupported> {
        self.write(|lines| lines.with(key, |person| person.fields = "given_name=Johanna".to_owned()));
        Ok(())
    }

    async fn remove(&self, key: &RecordKey) -> Result<(), Unsupported> {
        self.write(|lines| drop(lines.0.remove(key.as_str())));
        Ok(())
    }

    async fn break_row(&self, key: &RecordKey) -> Result<(), Unsupported> {
        self.write(|lines| lines.with(key, |person| person.defect = true));
        Ok(())
    }

    async fn reorder(&self) -> Result<(), Unsupported> {
        let mut lines = self.lines.lock().unwrap().text(|_| true);
        lines.reverse();
        self.source.set(&lines.join("\n"), now());
        Ok(())
    }

    async fn cut_off(&self) -> Result<(), Unsupported> {
        self.source.fail();
        Ok(())
    }

    async fn blank(&self, key: &RecordKey, blank: Blank) -> Result<FieldName, Unsupported> {
        self.write(|lines| lines.with(key, |person| person.fields = blanked(blank).to_owned()));
        Ok(FieldName::new("given_name").unwrap())
    }
}

#[test]
fn the_scripted_source_keeps_the_contract_of_sources() {
    let bench = ScriptedBench { source: ScriptedSource::new("hr"), lines: Mutex::default() };
    let checks = block_on(check_source(&bench));
    assert_eq!(checks.unchecked(), ["changes without a change give nothing, or everybody again"]);
}

/// How a source can break the contract.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Breach {
    None,
    /// None either: the system numbers its people itself.
    GivesKeys,
    /// None either: nobody can be entered.
    TakesNobody,
    LosesZeros,
    FirstDayOff,
    NameOfSomebodyElse,
    HashOfTheHour,
    OrderCounts,
    ForgetsCursors,
    TakesAnyCursor,
    RefusesWrongly,
    RepeatsChanges,
    LosesRemovals,
    LosesChanges,
    OneRowSpoilsAll,
    BadRowUnseen,
    HalfAReading,
    NullIsAbsent,
}

/// A source that counts its changes and tells them since any count.
#[derive(Debug)]
struct Journal {
    id: SourceId,
    breach: Breach,
    inner: Mutex<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    lines: Lines,
    touched: BTreeMap<String, u32>,
    count: u32,
    reads: u32,
    order: bool,
    is_cut_off: bool,
}

impl Journal {
    fn new(breach: Breach) -> Self {
        Self { id: SourceId::new("hr").unwrap(), breach, inner: Mutex::default() }
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn next_key(&self) -> RecordKey {
        RecordKey::new(&format!("n{}", self.inner().count)).unwrap()
    }

    fn touch(&self, key: &RecordKey, write: impl FnOnce(&mut Lines)) {
        let mut inner = self.inner();
        inner.count += 1;
        let count = inner.count;
        inner.touched.insert(key.to_string(), count);
        write(&mut inner.lines);
    }

    #[expect(clippy::wildcard_enum_match_arm, reason = "each breach shows in one place, and nowhere else")]
    fn whole(&self, inner: &Inner, only: impl Fn(&str) -> bool) -> crate::source::Snapshot {
        let mut text = inner.lines.text(only).join("\n");
        match self.breach {
            Breach::LosesZeros => text = text.replace(" 0042", " 42").replace("c42", "c0042"),
            Breach::FirstDayOff => text = text.replace("2028-02-29", "2028-03-01"),
            Breach::HashOfTheHour => text = text.replace("Anna", &format!("Anna{}", inner.reads)),
            Breach::OrderCounts if inner.order => text = text.replace("Anna", "Bea"),
            Breach::BadRowUnseen => {
                text = text.lines().filter(|l| !l.starts_with("defect")).collect::<Vec<_>>().join("\n");
            }
            Breach::OneRowSpoilsAll if text.contains("defect") => text = text.replace("Anna", "Bea"),
            Breach::HalfAReading if inner.is_cut_off => text = text.lines().take(2).collect::<Vec<_>>().join("\n"),
            Breach::NullIsAbsent => text = text.replace("given_name=null", ""),
            Breach::NameOfSomebodyElse => return snapshot(&SourceId::new("payroll").unwrap(), "f", &text, now()),
            _ => {}
        }
        let taken_at = now() + TimeDelta::seconds(inner.reads.into());
        snapshot(&self.id, "f", &text, taken_at).with_cursor(Cursor(inner.count.to_string()))
    }

    fn changes(&self, inner: &Inner, since: u32) -> Changes {
        let since = if self.breach == Breach::RepeatsChanges { 0 } else { since };
        let touched: BTreeSet<&String> =
            inner.touched.iter().filter(|(_, count)| **count > since).map(|(key, _)| key).collect();
        let gone = touched.iter().filter(|key| !inner.lines.0.contains_key(**key));
        let removed = gone.map(|key| RecordKey::new(key).unwrap()).collect();
        let people = self.whole(inner, |key| touched.contains(&key.to_owned())).people().cloned().collect();
        Changes {
            source: self.id.clone(),
            fingerprint: Fingerprint("f".to_owned()),
            taken_at: now(),
            cursor: Cursor(inner.count.to_string()),
            people: if self.breach == Breach::LosesChanges { Vec::new() } else { people },
            removed: if self.breach == Breach::LosesRemovals { Vec::new() } else { removed },
            departments: None,
        }
    }
}

#[async_trait]
impl SourceConnector for Journal {
    fn id(&self) -> &SourceId {
        &self.id
    }

    async fn read(&self, since: Option<&Cursor>) -> Result<Reading, PortError> {
        let mut inner = self.inner();
        inner.reads += 1;
        let refuse = |kind| PortError::new(kind, "hr", "cannot be read");
        if inner.is_cut_off && self.breach != Breach::HalfAReading {
            return Err(refuse(PortErrorKind::Transient));
        }
        let Some(since) = since else { return Ok(Reading::Whole(self.whole(&inner, |_| true))) };
        if self.breach == Breach::ForgetsCursors {
            return Err(refuse(PortErrorKind::CursorRefused));
        }
        match (since.0.parse(), self.breach) {
            (Ok(since), _) => Ok(Reading::Changes(self.changes(&inner, since))),
            (Err(_), Breach::TakesAnyCursor) => Ok(Reading::Changes(self.changes(&inner, inner.count))),
            (Err(_), Breach::RefusesWrongly) => Err(refuse(PortErrorKind::Permanent)),
            (Err(_), _) => Err(refuse(PortErrorKind::CursorRefused)),
        }
    }
}

#[async_trait]
#[expect(clippy::wildcard_enum_match_arm, reason = "each breach shows in one place, and nowhere else")]
impl SourceBench for Journal {
    fn source(&self) -> &dyn SourceConnector {
        self
    }

    async fn reset(&self) {
        let mut inner = self.inner();
        inner.is_cut_off = false;
        inner.order = false;
        inner.count += 1;
        let count = inner.count;
        let keys: Vec<String> = inner.lines.0.keys().cloned().collect();
        inner.touched.extend(keys.into_iter().map(|key| (key, count)));
        inner.lines.0.clear();
    }

    async fn add(&self, newcomer: &Newcomer) -> Result<RecordKey, Unsupported> {
        let given = match self.breach {
            Breach::GivesKeys => Newcomer { key: self.next_key(), ..newcomer.clone() },
            Breach::TakesNobody => return Err(Unsupported),
            _ => newcomer.clone(),
        };
        self.touch(&given.key, |lines| lines.add(&given));
        Ok(given.key)
    }

    async fn change(&self, key: &RecordKey) -> Result<(), Unsupported> {
        self.touch(key, |lines| lines.with(key, |person| person.fields = "given_name=Johanna".to_owned()));
        Ok(())
    }

    async fn remove(&self, key: &RecordKey) -> Result<(), Unsupported> {
        self.touch(key, |lines| drop(lines.0.remove(key.as_str())));
        Ok(())
    }

    async fn break_row(&self, key: &RecordKey) -> Result<(), Unsupported> {
        self.touch(key, |lines| lines.with(key, |person| person.defect = true));
        Ok(())
    }

    async fn reorder(&self) -> Result<(), Unsupported> {
        self.inner().order = true;
        Ok(())
    }

    async fn cut_off(&self) -> Result<(), Unsupported> {
        self.inner().is_cut_off = true;
        Ok(())
    }

    async fn blank(&self, key: &RecordKey, blank: Blank) -> Result<FieldName, Unsupported> {
        self.touch(key, |lines| lines.with(key, |person| person.fields = blanked(blank).to_owned()));
        Ok(FieldName::new("given_name").unwrap())
    }
}

#[test]
fn a_source_that_tells_changes_keeps_the_whole_contract() {
    let checks = block_on(check_source(&Journal::new(Breach::None)));
    assert_eq!((checks.held().len(), checks.unchecked()), (12, [].as_slice()));
    assert!(checks.to_string().starts_with("holds        a reading without a cursor gives everybody"), "{checks}");
}

#[test]
fn a_system_may_give_keys_of_its_own_or_take_nobody() {
    let checks = block_on(check_source(&Journal::new(Breach::GivesKeys)));
    assert_eq!(
        (checks.held().len(), checks.unchecked()),
        (11, ["keys are stable, and leading zeros are kept"].as_slice())
    );
    let checks = block_on(check_source(&Journal::new(Breach::TakesNobody)));
    assert_eq!((checks.held().len(), checks.unchecked().len()), (5, 7));
}

#[test]
fn a_source_that_breaks_the_contract_is_reset_all_the_same() {
    let source = Journal::new(Breach::BadRowUnseen);
    finds(check_source(&source), "a row that cannot be read", "has no defect");
    assert!(source.inner().lines.0.is_empty());
}

#[test]
fn every_breach_of_a_source_is_found() {
    for (breach, contract, found) in [
        (Breach::NameOfSomebodyElse, "gives everybody", "a reading of `payroll` from the connector of `hr`"),
        (Breach::FirstDayOff, "gives everybody", "the contract of `1001` has the days (2028-03-01"),
        (Breach::LosesZeros, "leading zeros", "person `0042` is not there"),
        (Breach::HashOfTheHour, "without a change in between", "the readings differ in [RecordKey(1001), "),
        (Breach::OrderCounts, "order of rows", "the readings differ in"),
        (Breach::ForgetsCursors, "changes without a change", "an error of kind CursorRefused: hr: cannot be read"),
        (Breach::RepeatsChanges, "changes without a change", "changes of [RecordKey(1001), "),
        (Breach::TakesAnyCursor, "unknown cursor", "changes since a cursor that the source never gave"),
        (Breach::RefusesWrongly, "unknown cursor", "an error of kind Permanent"),
        (Breach::LosesChanges, "whoever is added", "changes lead elsewhere than a whole reading, in [RecordKey(1003)]"),
        (Breach::LosesRemovals, "whoever is removed", "in [RecordKey(1001)]"),
        (Breach::BadRowUnseen, "a row that cannot be read", "person `1001` has no defect"),
        (Breach::OneRowSpoilsAll, "a row that cannot be read", "changes lead elsewhere"),
        (Breach::HalfAReading, "cannot be complete", "a reading of 1 people, cut off on the way"),
        (Breach::NullIsAbsent, "absent, null and empty", "field `given_name` was made Null and is None"),
    ] {
        finds(check_source(&Journal::new(breach)), contract, found);
    }
}

/// Law 1 begins here: which of two contradicting rows comes first must not show.
#[test]
fn a_scripted_source_says_nothing_that_it_does_not_know() {
    let says = |line: &'static str| catch_unwind(|| ScriptedSource::new("hr").set(line, now())).is_ok();
    assert!(says("department d1 Sales parent=d0 manager=1002"));
    for line in ["department d1 Sales mangr=3", "department d1 Sales zone=UTC", "departement d1 Sales", "person 1 name"]
    {
        assert!(!says(line), "{line}");
    }
}

#[test]
fn contradicting_rows_give_the_same_reading_in_either_order() {
    let source = SourceId::new("hr").unwrap();
    for rows in [
        ["person 3 given_name=Anna", "person 3 given_name=Bea"],
        ["contract 1 c 2026-03-01..2026-05-31", "contract 1 c 2026-03-01..2026-06-30"],
        ["contract 1 c 2026-03-01..2026-05-31", "contract 2 c 2026-03-01..2026-05-31"],
        ["department d1 Sales", "department d1 Stores"],
    ] {
        let read = |[first, second]: [&str; 2]| {
            let text = format!("person 2\ncontract 2 z 2026-01-01..\nperson 1 given_name=Anna\n{first}\n{second}");
            snapshot(&source, "f", &text, now()).hash()
        };
        let [first, second] = rows;
        assert_eq!(read([first, second]), read([second, first]), "{rows:?}");
    }
}
