//! Two thousand people as pages of AFAS and as the rows that these were made of: both say the same.

#![cfg(test)]

use std::collections::BTreeMap;
use std::fs::read_to_string;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use chrono::{NaiveDate, Utc};
use futures::executor::block_on;
use http::{Request, Response};
use provisioning_core::source::{Reading, Snapshot};
use provisioning_core::{ManualClock, SourceConnector, SourceId, Value as Field};
use secrecy::SecretString;
use serde_json::{Value, json};
use source_afas::{AfasSource, AfasToken, Connectors, Site};
use transport::{Exchange, Lost, SystemTimer, Transport};

/// An AFAS whose connectors hold these rows.
struct Pages(BTreeMap<&'static str, Vec<Value>>);

#[async_trait]
impl Exchange for Pages {
    async fn exchange(&self, request: Request<Bytes>) -> Result<Response<Bytes>, Lost> {
        let path = request.uri().path();
        let found = self.0.iter().find(|(connector, _)| path.ends_with(*connector));
        let body = match found {
            Some((_, rows)) => {
                let (skip, take) = (parameter(&request, "skip"), parameter(&request, "take"));
                json!({"skip": skip, "take": take, "rows": rows.iter().skip(skip).take(take).collect::<Vec<_>>()})
            }
            None => json!({"info": {"envid": "T12345AA"}}),
        };
        Ok(Response::new(Bytes::from(body.to_string())))
    }

    fn time_out(&self) -> Duration {
        Duration::ZERO
    }
}

fn parameter(request: &Request<Bytes>, name: &str) -> usize {
    let pairs = request.uri().query().unwrap().split('&').filter_map(|pair| pair.split_once('='));
    pairs.into_iter().find(|(key, _)| *key == name).unwrap().1.parse().unwrap()
}

fn read(rows: BTreeMap<&'static str, Vec<Value>>) -> Snapshot {
    let token = AfasToken::new(&SecretString::from("0AF3")).unwrap();
    let transport = Transport::new("AFAS", Arc::new(Pages(rows)), Arc::new(SystemTimer));
    let mut connectors = Connectors::default();
    // The pages have no key of a function line.
    connectors.employments.key = vec!["Medewerker".to_owned(), "Volgnummer_contract".to_owned()];
    let site = Site::production("12345").unwrap();
    let clock = Arc::new(ManualClock::at(Utc::now()));
    let source = AfasSource::new(SourceId::new("afas").unwrap(), (site, token), transport, clock);
    match block_on(source.with_connectors(connectors).read(None)).unwrap() {
        Reading::Whole(snapshot) => snapshot,
        Reading::Changes(_) => panic!("changes"),
    }
}

/// The folder beside the project, if it is there.
fn folder() -> Option<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent()?;
    let found = root.ancestors().skip(1).map(|above| above.join("shared/data/employees-2k")).find(|dir| dir.is_dir());
    if found.is_none() {
        writeln!(std::io::stderr(), "no given people compared: `../shared/data/employees-2k` is not there").ok()?;
    }
    found
}

fn pages(dir: &Path, name: &str) -> Vec<Value> {
    let mut files: Vec<_> = dir.read_dir().unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|file| file.file_name().unwrap().to_str().unwrap().starts_with(name));
    files.sort();
    assert!(!files.is_empty(), "no pages of {name}");
    let page = |file: &PathBuf| serde_json::from_str::<Value>(&read_to_string(file).unwrap()).unwrap();
    files.iter().flat_map(|file| page(file)["rows"].as_array().unwrap().clone()).collect()
}

fn lines(dir: &Path, name: &str) -> Vec<Value> {
    let text = read_to_string(dir.join(name)).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn all_pages(dir: &Path) -> BTreeMap<&'static str, Vec<Value>> {
    BTreeMap::from([
        ("T4E_HelloID_Users_v2", pages(dir, "afas-users-")),
        ("T4E_HelloID_Employments_v2", pages(dir, "afas-employments-")),
        ("T4E_HelloID_OrganizationalUnits_v2", pages(dir, "afas-organizational-units-")),
    ])
}

fn day(value: &Value) -> Option<NaiveDate> {
    value.as_str().map(|text| text.parse().unwrap())
}

/// A field of a row as the file has it.
fn is(field: Option<&Field>, given: &Value) -> bool {
    match (field, given) {
        (Some(Field::Null), Value::Null) => true,
        (Some(field), Value::String(text)) => field.as_text() == Some(text),
        _ => false,
    }
}

#[test]
fn people_and_contracts_are_those_that_the_pages_were_made_of() {
    let Some(dir) = folder() else { return };
    let snapshot = read(all_pages(&dir));

    let persons = lines(&dir, "persons.jsonl");
    assert_eq!((persons.len(), snapshot.people().count()), (2_000, 2_000));
    let people: BTreeMap<_, _> = snapshot.people().map(|person| (person.row.key.as_str(), person)).collect();
    for given in &persons {
        let person = people[given["id"].as_str().unwrap()];
        let fields = &person.row.fields;
        assert!(person.defects.is_empty());
        assert!(is(fields.value("given_name"), &given["first_name"]), "{given}");
        assert!(is(fields.value("family_name"), &given["last_name"]), "{given}");
        assert!(is(fields.value("last_name"), &given["last_name"]), "{given}");
        assert_eq!(fields.value("birth_date").and_then(Field::as_date), day(&given["birth_date"]), "{given}");
        assert_eq!(fields.text("name_convention"), Some("B"));
    }

    let contracts = lines(&dir, "contracts.jsonl");
    assert_eq!(contracts.len(), snapshot.people().map(|person| person.contracts.len()).sum::<usize>());
    let read: BTreeMap<_, _> =
        snapshot.people().flat_map(|person| &person.contracts).map(|c| (c.id.as_str(), c)).collect();
    for given in &contracts {
        let id = format!("{}/{}", given["person_id"].as_str().unwrap(), given["seq"]);
        let contract = read[id.as_str()];
        assert_eq!(contract.person.as_str(), given["person_id"].as_str().unwrap());
        assert_eq!((Some(contract.first_day), contract.last_day), (day(&given["start"]), day(&given["end"])), "{id}");
        for (field, name) in [("department", "dept_code"), ("title", "title"), ("manager", "manager_id")] {
            assert!(is(contract.fields.value(field), &given[name]), "{id}: {field}");
        }
    }

    for given in lines(&dir, "departments.jsonl") {
        let department = snapshot.departments().by_code(given["code"].as_str().unwrap()).unwrap();
        assert_eq!(department.name, given["name"].as_str().unwrap());
        assert_eq!(department.parent, None);
    }
    for given in lines(&dir, "managers.jsonl").iter().filter(|manager| manager["end"].is_null()) {
        let department = snapshot.departments().by_code(given["dept_code"].as_str().unwrap()).unwrap();
        assert_eq!(department.manager.as_ref().unwrap().as_str(), given["manager_id"].as_str().unwrap());
    }
}

#[test]
fn the_order_of_rows_changes_nothing() {
    let Some(dir) = folder() else { return };
    let mut rows = all_pages(&dir);
    let forwards = read(rows.clone());
    for rows in rows.values_mut() {
        rows.reverse();
    }
    assert_eq!(read(rows).hash(), forwards.hash());
}
