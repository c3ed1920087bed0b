//! The conformance suite of sources, over an AFAS in this process; and what an AFAS does to whoever reads it.

#![cfg(test)]

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use bytes::Bytes;
use chrono::{DateTime, NaiveDate, Utc};
use futures::executor::block_on;
use http::{Request, Response, Uri};
use provisioning_core::source::{Reading, Snapshot};
use provisioning_core::testing::{Blank, Newcomer, SourceBench, Unsupported, check_source};
use provisioning_core::{FieldName, ManualClock, PortErrorKind, RecordKey, SourceConnector, SourceId};
use secrecy::SecretString;
use serde_json::{Value, json};
use simulators::afas::{Environment, EnvironmentConfig, FunctionLine, Names, OrgUnit, PersonRow, Rows, Service, Token};
use simulators::clock;
use source_afas::{AfasRetry, AfasSource, AfasToken, Connectors, Site};
use transport::{Exchange, Lost, Timer, Transport};

const EMPLOYMENTS: &str = "T4E_HelloID_Employments_v2";
const USERS: &str = "T4E_HelloID_Users_v2";

/// What becomes of answers on their way, beyond what the environment does by itself.
#[derive(Debug, Default)]
struct Tampering {
    /// Asked for in the reverse of the order that was asked for.
    reversed: bool,
    /// The value of a column in the rows of an employee; without one the column is left out.
    cells: Vec<(&'static str, String, &'static str, Option<Value>)>,
}

/// The way to an environment in this process.
struct Way {
    afas: Environment,
    tampering: Arc<Mutex<Tampering>>,
}

#[async_trait]
impl Exchange for Way {
    async fn exchange(&self, mut request: Request<Bytes>) -> Result<Response<Bytes>, Lost> {
        if self.tampering.lock().unwrap().reversed {
            *request.uri_mut() = reversed(request.uri());
        }
        let path = request.uri().path().to_owned();
        let answer = self.afas.call(request).await.map_err(Lost::unanswered)?;
        Ok(answer.map(|body| self.tampered(&path, body)))
    }

    fn time_out(&self) -> Duration {
        Duration::ZERO
    }
}

impl Way {
    fn tampered(&self, path: &str, body: Bytes) -> Bytes {
        let tampering = self.tampering.lock().unwrap();
        let mut cells = tampering.cells.iter().filter(|(connector, ..)| path.ends_with(connector)).peekable();
        if cells.peek().is_none() {
            return body;
        }
        let mut page: Value = serde_json::from_slice(&body).unwrap();
        for (_, employee, column, value) in cells {
            for row in page["rows"].as_array_mut().unwrap().iter_mut().filter(|row| row["Medewerker"] == **employee) {
                match value {
                    Some(value) => row[*column] = value.clone(),
                    None => drop(row.as_object_mut().unwrap().remove(*column)),
                }
            }
        }
        page.to_string().into()
    }
}

/// Each column of the order is asked for in the other direction.
fn reversed(uri: &Uri) -> Uri {
    let text = uri.to_string();
    let Some((before, order)) = text.split_once("orderbyfieldids=") else { return uri.clone() };
    let (order, after) = order.split_once('&').unwrap();
    let order: Vec<_> = order.split(',').map(|column| format!("-{column}")).collect();
    format!("{before}orderbyfieldids={}&{after}", order.join(",")).parse().unwrap()
}

/// Time that passes only by waiting, of which nobody notices anything.
#[derive(Debug, Default)]
struct NoWaiting(AtomicU64);

#[async_trait]
impl Timer for NoWaiting {
    fn now(&self) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_millis(self.0.load(Ordering::Relaxed))
    }

    async fn sleep(&self, wait: Duration) {
        let millis = u64::try_from(wait.as_millis()).unwrap();
        self.0.fetch_add(millis + 1, Ordering::Relaxed);
    }
}

/// An environment, the source that reads it, and the way between them.
struct Bench {
    afas: Environment,
    source: AfasSource,
    tampering: Arc<Mutex<Tampering>>,
}

impl Bench {
    fn new() -> Self {
        let token = Token::seeded(1);
        let secret = AfasToken::new(&SecretString::from(token.xml())).unwrap();
        let now: DateTime<Utc> = "2028-03-01T08:00:00Z".parse().unwrap();
        let afas = Environment::new(
            EnvironmentConfig { token, ..EnvironmentConfig::seeded(1) },
            clock::ByHand::at(now).clock(),
        );
        let tampering = Arc::new(Mutex::new(Tampering::default()));
        let way = Way { afas: afas.clone(), tampering: tampering.clone() };
        let transport = Transport::new("AFAS", Arc::new(way), Arc::new(NoWaiting::default()));
        let transport = transport.with_retry(Arc::new(AfasRetry::standard()));
        let site = Site::production("12345").unwrap();
        let clock = Arc::new(ManualClock::at(now));
        let source = AfasSource::new(SourceId::new("afas").unwrap(), (site, secret), transport, clock);
        Self { afas, source, tampering }
    }

    fn with(self, change: impl FnOnce(AfasSource) -> AfasSource) -> Self {
        Self { source: change(self.source), ..self }
    }

    fn set(&self, connector: &'static str, employee: &str, column: &'static str, value: Option<Value>) {
        self.tampering.lock().unwrap().cells.push((connector, employee.to_owned(), column, value));
    }

    fn hire(&self, employees: &[&str]) {
        for employee in employees {
            let line = FunctionLine::new(employee, 1, day("2028-02-29")).in_unit("d1").with_function("Clerk");
            self.afas.hire(PersonRow::new(employee, Names::new("Ann", "van der Berg")), vec![line]);
        }
    }

    fn read(&self) -> Snapshot {
        match block_on(self.source.read(None)).unwrap() {
            Reading::Whole(snapshot) => snapshot,
            Reading::Changes(_) => panic!("changes"),
        }
    }
}

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

#[async_trait]
impl SourceBench for Bench {
    fn source(&self) -> &dyn SourceConnector {
        &self.source
    }

    async fn reset(&self) {
        *self.tampering.lock().unwrap() = Tampering::default();
        self.afas.switch(|switches| switches.service = Service::Open);
        self.afas
            .load(Rows { people: Vec::new(), units: vec![OrgUnit::new("d0", "All"), OrgUnit::new("d1", "Sales")] });
    }

    async fn add(&self, newcomer: &Newcomer) -> Result<RecordKey, Unsupported> {
        let employee = newcomer.key.as_str();
        let line = FunctionLine::new(employee, 1, newcomer.first_day).in_unit("d1").through(newcomer.last_day);
        self.afas.hire(PersonRow::new(employee, Names::new("Ann", "van der Berg")), vec![line]);
        Ok(newcomer.key.clone())
    }

    async fn change(&self, key: &RecordKey) -> Result<(), Unsupported> {
        self.afas.rename(key.as_str(), "de Vries").map_err(|_| Unsupported)
    }

    async fn remove(&self, key: &RecordKey) -> Result<(), Unsupported> {
        self.afas.remove(key.as_str()).map_err(|_| Unsupported)
    }

    async fn break_row(&self, key: &RecordKey) -> Result<(), Unsupported> {
        self.set(EMPLOYMENTS, key.as_str(), "Begindatum_functie", Some(json!("soon")));
        Ok(())
    }

    async fn reorder(&self) -> Result<(), Unsupported> {
        self.tampering.lock().unwrap().reversed = true;
        Ok(())
    }

    async fn cut_off(&self) -> Result<(), Unsupported> {
        self.afas.after_pages(1, |afas| afas.switch(|switches| switches.service = Service::Maintenance));
        Ok(())
    }

    async fn blank(&self, key: &RecordKey, blank: Blank) -> Result<FieldName, Unsupported> {
        let value = match blank {
            Blank::Absent => None,
            Blank::Null => Some(Value::Null),
            Blank::Empty => Some(json!("")),
        };
        self.set(USERS, key.as_str(), "Telefoonnr_werk", value);
        FieldName::new("phone").map_err(|_| Unsupported)
    }
}

#[test]
fn the_source_keeps_the_contract_of_its_port() {
    for page_rows in [1000, 2] {
        let bench = Bench::new().with(|source| source.with_page_rows(page_rows));
        let checks = block_on(check_source(&bench));
        // AFAS has no cursor.
        assert_eq!(checks.unchecked(), ["changes without a change give nothing, or everybody again"], "{page_rows}");
    }
}

#[test]
fn people_known_by_their_number_have_managers_known_by_it() {
    let bench = Bench::new().with(|source| source.with_connectors(Connectors::default().keyed_by_person_number()));
    bench.hire(&["0042", "0043"]);
    bench.afas.new_unit(OrgUnit::new("d1", "Sales").led_by("0042", None));
    bench.afas.new_unit(OrgUnit::new("d2", "Support").led_by("0099", None));
    let snapshot = bench.read();
    let people: Vec<_> = snapshot.people().map(|person| (person.row.key.as_str(), person.contracts.len())).collect();
    assert_eq!(people, [("0000042", 1), ("0000043", 1)]);
    let manager = |code: &str| snapshot.departments().by_code(code).unwrap().manager.as_ref().map(RecordKey::as_str);
    assert_eq!((manager("d1"), manager("d2")), (Some("0000042"), None));
    let managers: Vec<_> = snapshot.people().map(|person| person.contracts[0].fields.text("manager")).collect();
    assert_eq!(managers, [None, Some("0000042")]);
}

#[test]
fn a_person_without_a_line_and_a_line_without_its_person_are_told_apart() {
    let bench = Bench::new();
    bench.hire(&["0001", "0002"]);
    bench.afas.hire(PersonRow::new("0003", Names::new("Bea", "Smit")), Vec::new());
    bench.set(USERS, "0002", "Medewerker", Some(json!(null)));
    let snapshot = bench.read();
    let shown: Vec<_> = snapshot
        .people()
        .map(|person| format!("{} {} {:?}", person.row.key, person.contracts.len(), person.defects.len()))
        .collect();
    assert_eq!(shown, ["0001 1 0", "0002 0 1", "0003 0 0"]);
}

#[test]
fn somebody_who_leaves_while_others_are_read_hides_nobody() {
    let bench = Bench::new().with(|source| source.with_page_rows(3));
    bench.hire(&["0001", "0002", "0003", "0004", "0005"]);
    bench.afas.after_pages(1, |afas| afas.remove("0001").unwrap());
    let keys: Vec<_> = bench.read().people().map(|person| person.row.key.to_string()).collect();
    assert_eq!(keys, ["0002", "0003", "0004", "0005"]);
}

#[test]
fn rows_that_come_twice_are_one() {
    let bench = Bench::new().with(|source| source.with_page_rows(3));
    bench.hire(&["0001", "0002", "0003", "0004", "0005"]);
    let before = bench.read();
    bench.afas.switch(|switches| switches.repeated_rows = 1);
    let after = bench.read();
    assert_eq!((after.people().count(), after.hash()), (5, before.hash()));
}

#[test]
fn a_unit_in_two_places_has_none_above_it() {
    let bench = Bench::new();
    bench.hire(&["0001"]);
    for parent in ["d0", "d2"] {
        bench.afas.new_unit(OrgUnit { parent: Some(parent.to_owned()), ..OrgUnit::new("d1", "Sales") });
    }
    let snapshot = bench.read();
    let sales = snapshot.departments().by_code("d1").unwrap();
    assert_eq!((sales.name.as_str(), &sales.parent), ("Sales", &None));
    assert!(snapshot.people().all(|person| person.defects.is_empty()));
}

#[test]
fn an_environment_that_refuses_says_so() {
    let bench = Bench::new();
    bench.hire(&["0001"]);
    let error = |bench: &Bench| block_on(bench.source.read(None)).unwrap_err();
    bench.afas.switch(|switches| switches.service = Service::AddressRefused);
    assert!(error(&bench).to_string().contains("see which addresses the app connector admits"));
    bench.afas.switch(|switches| switches.service = Service::Maintenance);
    let maintenance = error(&bench);
    assert!(maintenance.to_string().contains("asks to wait 7200 seconds"), "{maintenance}");
    assert_eq!(maintenance.kind(), PortErrorKind::Transient);
    let stranger = AfasToken::new(&SecretString::from(Token::seeded(2).xml())).unwrap();
    let way = Way { afas: bench.afas.clone(), tampering: Arc::default() };
    bench.afas.switch(|switches| switches.service = Service::Open);
    let transport = Transport::new("AFAS", Arc::new(way), Arc::new(NoWaiting::default()));
    let clock = Arc::new(ManualClock::at(Utc::now()));
    let id = SourceId::new("afas").unwrap();
    let source = AfasSource::new(id, (Site::production("12345").unwrap(), stranger), transport, clock);
    assert!(block_on(source.read(None)).unwrap_err().to_string().contains("see whether the token is whole"));
}

#[test]
fn a_reading_of_so_many_people_takes_so_many_calls_and_writes_nothing() {
    let bench = Bench::new();
    bench.afas.new_unit(OrgUnit::new("d1", "Sales"));
    for number in 0..2000 {
        bench.hire(&[&format!("{number:06}")]);
    }
    assert_eq!(bench.read().people().count(), 2000);
    let requests = bench.afas.requests();
    // The environment; three pages of people, since 2000 = 1000 + 999 + 1; three of lines; one of units.
    assert_eq!((requests.reads(), requests.writes()), (8, 0));
}
