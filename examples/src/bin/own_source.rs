//! A source of your own: people from a CSV file, as many HR systems export them.
//!
//! ```text
//! cargo run -p examples --bin own_source
//! ```
//!
//! # What to copy
//!
//! [`CsvExport`] with its [`SourceConnector`] is the whole connector; in place of the text it would hold the path of a file.
//! What it owes to the rest of the system stands above [`SourceConnector`] and can be counted on one hand:
//!
//! 1. Everybody or an error. Half a file looks like half of the people leaving, so the export must say how it ends.
//! 2. Keys are text, and never change their meaning.
//! 3. One bad row is a defect of one person; everybody else is read as usual.
//! 4. Days are civil days, the last one inclusive. No instants, no time zones.
//! 5. Nothing is judged here: no cleaning up, no guessing, no dates compared with today.
//!
//! [`Hands`] lets the conformance suite do to the file what HR and broken networks do to it. `check_source` then tells
//! whether the connector keeps its promises; in your crate it is one test. Last, the program makes a plan of the people in the
//! file, and nothing happens to anybody: the target is in memory, and a plan is only read.

use std::collections::BTreeMap;
use std::error::Error;
use std::io::Write;
use std::process::ExitCode;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use chrono::TimeDelta;
use chrono_tz::Tz;
use clap::Parser;
use examples::ending::ended;
use futures::executor::block_on;
use provisioning_core::memory::{Discard, MemoryStore, MemoryTarget};
use provisioning_core::source::{
    Completeness, ContractRow, Cursor, Defect, Fingerprint, PersonRow, Reading, SnapshotBuilder,
};
use provisioning_core::testing::{Newcomer, SourceBench, StandardPolicy, Unsupported, check_source};
use provisioning_core::{
    Actor, Clock, ContractId, Engine, FieldName, Fields, ManualClock, Plan, PortError, PortErrorKind, RecordKey,
    Settings, Silent, Slot, SourceConnector, SourceId, TargetConnector, TargetId, TenantId, Value,
};

/// The file: one row for each contract, and a last row that says how many there are.
const EXPORT: &str = "\
number,given_name,family_name,contract,department,first_day,last_day
0017,Anna,Vos,17-1,sales,2019-05-01,
0018,Bram,Vos,18-1,stores,2026-03-09,2026-12-31
0018,Bram,Vos,18-2,sales,2027-01-01,
0019,Chris,de Wit,19-1,stores,2026-02-01,31-02-2026
0020,Dina,Smit,20-1,sales,2026-05-01,
total,5,,,,,
";

/// People from a CSV export.
struct CsvExport {
    id: SourceId,
    clock: Arc<dyn Clock>,
    text: Mutex<String>,
}

/// The cells of a row by column. Everything is text: a number made of a key would lose its zeros.
type Row = BTreeMap<String, String>;

#[async_trait]
impl SourceConnector for CsvExport {
    fn id(&self) -> &SourceId {
        &self.id
    }

    /// The file always comes whole, so whoever asks for changes gets everybody; there is no cursor to give.
    async fn read(&self, _: Option<&Cursor>) -> Result<Reading, PortError> {
        // The next export may be whole, so that trying again helps: `Transient`.
        let refuse = |why: String| PortError::new(PortErrorKind::Transient, self.id.as_str(), &why);
        let text = self.text.lock().unwrap_or_else(PoisonError::into_inner).clone();
        // The fingerprint pins the environment: an export of the test system is refused once production was accepted.
        let from = Fingerprint("hr production".to_owned());
        let mut people = SnapshotBuilder::new(self.id.clone(), from, self.clock.now());
        let mut total: Option<usize> = None;
        for (number, row) in (1..).zip(csv::Reader::from_reader(text.as_bytes()).deserialize()) {
            let row: Row = row.map_err(|_| refuse(format!("row {number} is not like the header")))?;
            match row.get("number").map(String::as_str) {
                Some("total") => total = row.get("given_name").and_then(|cell| cell.parse().ok()),
                // A row without a key is nobody's, and nobody could say who is missing then.
                _ => take(&mut people, &row).ok_or_else(|| refuse(format!("row {number} has no usable key")))?,
            }
        }
        let total = total.ok_or_else(|| refuse("the last row `total` is missing; export again".to_owned()))?;
        people.finish(Completeness::Persons(total)).map(Reading::Whole).map_err(|error| refuse(error.to_string()))
    }
}

/// Takes one row. That a person comes once with each contract is fine: equal rows are one, unequal ones are a defect.
fn take(people: &mut SnapshotBuilder, row: &Row) -> Option<()> {
    let (key, id) = (RecordKey::new(row.get("number")?).ok()?, ContractId::new(row.get("contract")?).ok()?);
    people.person(PersonRow { key: key.clone(), zone: None, fields: fields(row, &["given_name", "family_name"])? });
    let fields = fields(row, &["department"])?;
    let last_day = Some(row.get("last_day")?).filter(|cell| !cell.is_empty()).map(|cell| cell.parse()).transpose();
    if let (Ok(first_day), Ok(last_day)) = (row.get("first_day")?.parse(), last_day) {
        people.contract(ContractRow { id, person: key, first_day, last_day, zone: None, fields });
    } else {
        // Which cell is wrong, and not what stands in it: defects are shown to many.
        people.defect(&key, Defect::new(&format!("contract `{id}`: a day is not written YYYY-MM-DD")));
    }
    Some(())
}

/// A CSV file has no way to tell empty from null; this one means null. Absent would leave accounts as they are.
fn fields(row: &Row, names: &[&str]) -> Option<Fields> {
    let value = |cell: &String| if cell.is_empty() { Value::Null } else { Value::text(cell) };
    names.iter().map(|name| Some((FieldName::new(name).ok()?, value(row.get(*name)?)))).collect()
}

/// What the suite may do to the file. What a system does not allow is left out, and shows as not checked.
struct Hands(CsvExport);

impl Hands {
    /// Changes the rows between the header and the total, and counts them again.
    fn edit(&self, edit: impl FnOnce(&mut Vec<String>)) {
        let mut text = self.0.text.lock().unwrap_or_else(PoisonError::into_inner);
        let mut lines = text.lines().map(str::to_owned);
        let header = lines.next().unwrap_or_default();
        let mut rows: Vec<String> = lines.filter(|line| !line.starts_with("total")).collect();
        edit(&mut rows);
        *text = format!("{header}\n{}\ntotal,{},,,,,\n", rows.join("\n"), rows.len());
    }

    fn replace(&self, key: &RecordKey, from: &str, to: &str) {
        let is_of = |row: &String| row.starts_with(&format!("{key},"));
        self.edit(|rows| rows.iter_mut().filter(|row| is_of(row)).for_each(|row| *row = row.replace(from, to)));
    }
}

#[async_trait]
impl SourceBench for Hands {
    fn source(&self) -> &dyn SourceConnector {
        &self.0
    }

    async fn reset(&self) {
        EXPORT.clone_into(&mut self.0.text.lock().unwrap_or_else(PoisonError::into_inner));
    }

    async fn add(&self, Newcomer { key, first_day, last_day }: &Newcomer) -> Result<RecordKey, Unsupported> {
        let last_day = last_day.map(|day| day.to_string()).unwrap_or_default();
        self.edit(|rows| rows.push(format!("{key},Eva,Bos,{key}-1,sales,{first_day},{last_day}")));
        Ok(key.clone())
    }

    async fn change(&self, key: &RecordKey) -> Result<(), Unsupported> {
        self.replace(key, "Eva", "Evelien");
        Ok(())
    }

    async fn remove(&self, key: &RecordKey) -> Result<(), Unsupported> {
        self.edit(|rows| rows.retain(|row| !row.starts_with(&format!("{key},"))));
        Ok(())
    }

    async fn break_row(&self, key: &RecordKey) -> Result<(), Unsupported> {
        self.replace(key, "-02-29", "-02-30");
        Ok(())
    }

    async fn reorder(&self) -> Result<(), Unsupported> {
        self.edit(|rows| rows.reverse());
        Ok(())
    }

    async fn cut_off(&self) -> Result<(), Unsupported> {
        let mut text = self.0.text.lock().unwrap_or_else(PoisonError::into_inner);
        let half = text.len() / 2;
        text.truncate(half);
        Ok(())
    }
}

/// A source of your own: checks a CSV export against the contract of sources, and plans for the people in it.
#[derive(Debug, Parser)]
struct Args {}

fn main() -> ExitCode {
    let Args {} = Args::parse();
    ended("own_source", own_source)
}

fn own_source(out: &mut dyn Write) -> Result<(), Box<dyn Error>> {
    // A clock that stands still, so that the program prints the same every day.
    let clock = Arc::new(ManualClock::at("2026-03-02T06:00:00Z".parse()?));
    let id = SourceId::new("hr")?;
    let hands = Hands(CsvExport { id, clock: clock.clone(), text: Mutex::new(EXPORT.to_owned()) });
    write!(out, "The contract of sources, checked on the CSV export:\n\n{}", block_on(check_source(&hands)))?;
    write!(out, "\nWhat would be done about the people in it:\n\n{}", plan(hands.0, clock)?)?;
    Ok(())
}

/// A plan of the people of one source, on a target in memory.
fn plan(source: CsvExport, clock: Arc<ManualClock>) -> Result<Plan, Box<dyn Error>> {
    let id = TargetId::new("directory")?;
    let naming = vec![FieldName::new("user_name")?];
    let target = MemoryTarget::new(id.clone(), clock.clone(), Tz::Europe__Amsterdam, naming);
    let settings =
        Settings::new(TenantId::new("example")?, Tz::Europe__Amsterdam).with_target(target.describe(), Vec::new());
    let engine = Engine {
        store: Arc::new(MemoryStore::new(&settings, clock.clone(), Box::new(Discard))),
        settings,
        sources: vec![Arc::new(source)],
        targets: vec![Arc::new(target)],
        policy: Arc::new(StandardPolicy { slot: Slot::main(id), lead_days: 14 }),
        clock,
        notifier: Arc::new(Silent),
        actor: Actor::new("own_source")?,
        lease: TimeDelta::minutes(5),
    };
    Ok(block_on(engine.plan())?.approved.plan().clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hands(clock: &Arc<ManualClock>) -> Hands {
        let id = SourceId::new("hr").unwrap();
        Hands(CsvExport { id, clock: clock.clone(), text: Mutex::new(EXPORT.to_owned()) })
    }

    fn clock() -> Arc<ManualClock> {
        Arc::new(ManualClock::at("2026-03-02T06:00:00Z".parse().unwrap()))
    }

    #[test]
    fn the_export_keeps_the_contract_of_sources() {
        let checks = block_on(check_source(&hands(&clock())));
        assert_eq!(
            checks.unchecked(),
            ["changes without a change give nothing, or everybody again", "absent, null and empty stay three things"]
        );
    }

    #[test]
    fn one_bad_day_keeps_one_person_out_of_the_plan() {
        let clock = clock();
        let plan = plan(hands(&clock).0, clock).unwrap().to_string();
        let lines: Vec<&str> = plan.lines().collect();
        assert_eq!(lines.first(), Some(&"plan of 2026-03-02 06:00 UTC: 1 ensure, 2 create, 1 grant, 1 enable"));
        assert!(lines.last().unwrap().contains("refused  hr:0019"), "{plan}");
    }
}
