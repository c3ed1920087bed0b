//! The AFAS environment, asked as its clients ask.

// Cargo builds this for tests only; the line tells clippy that its helpers are test code too.
#![cfg(test)]

mod errors;
mod files;
mod filters;
mod hr;
mod network;
mod paging;
mod rows;

use std::fmt::Write;

use bytes::Bytes;
use chrono::NaiveDate;
use futures::executor::block_on;
use http::{Request, Response};
use serde_json::Value;
use simulators::afas::{Environment, EnvironmentConfig, FunctionLine, Names, OrgUnit, PersonRow};
use simulators::clock::ByHand;

const USERS: &str = "T4E_HelloID_Users_v2";
const EMPLOYMENTS: &str = "T4E_HelloID_Employments_v2";
const UNITS: &str = "T4E_HelloID_OrganizationalUnits_v2";

/// Noon in the Netherlands on the 15th of June 2026.
fn noon() -> ByHand {
    ByHand::at("2026-06-15T10:00:00Z".parse().unwrap())
}

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn empty() -> Environment {
    Environment::new(EnvironmentConfig::seeded(1), noon().clock())
}

/// An environment with so many people, `0001` and on, each with a line in `FIN`.
fn with_people(count: u32) -> Environment {
    let afas = empty();
    afas.new_unit(OrgUnit::new("FIN", "Finance"));
    for number in 1..=count {
        hire(&afas, &format!("{number:04}"), "Noor", "Janssens");
    }
    afas
}

fn hire(afas: &Environment, employee: &str, given: &str, family: &str) {
    let line = FunctionLine::new(employee, 1, day("2026-01-01")).in_unit("FIN").with_function("Clerk");
    afas.hire(PersonRow::new(employee, Names::new(given, family)), vec![line]);
}

/// The answer to a GET of what follows `/ProfitRestServices`.
fn get(afas: &Environment, rest: &str) -> Response<Bytes> {
    let request = Request::get(format!("/ProfitRestServices{rest}")).header("Authorization", afas.authorization());
    block_on(afas.call(request.body(Bytes::new()).unwrap())).unwrap()
}

fn json(answer: &Response<Bytes>) -> Value {
    serde_json::from_slice(answer.body()).unwrap()
}

/// The rows that a connector answers to a query.
fn rows(afas: &Environment, connector: &str, query: &str) -> Vec<Value> {
    let answer = get(afas, &format!("/connectors/{connector}?{query}"));
    assert_eq!(answer.status(), 200, "{query}: {:?}", answer.body());
    json(&answer)["rows"].as_array().unwrap().clone()
}

/// One column of rows, with spaces between.
fn column(rows: &[Value], name: &str) -> String {
    let mut text = String::new();
    for row in rows {
        let value = row.get(name).unwrap();
        let gap = if text.is_empty() { "" } else { " " };
        write!(text, "{gap}{}", value.as_str().map_or_else(|| value.to_string(), str::to_owned)).unwrap();
    }
    text
}
