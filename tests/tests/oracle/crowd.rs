//! Many people in one engine, each held against the oracle alone: HR has said everything from the first day on.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;

use chrono::NaiveDate;
use serde_json::Value;

use crate::driver::played;
use crate::histories::crowd;
use crate::oracle::{History, Policy, Reading, Row, RunDay, Shown, Status, expect};

/// People, and the days on which the engine runs.
#[derive(Debug)]
pub(crate) struct Crowd {
    /// The policy, the same all the time.
    pub policy: Policy,
    /// The first run.
    pub from: NaiveDate,
    /// The last run.
    pub to: NaiveDate,
    /// By the person's key.
    pub people: BTreeMap<String, Vec<Row>>,
}

impl Crowd {
    pub(crate) fn days(&self) -> impl Iterator<Item = NaiveDate> {
        self.from.iter_days().take_while(|day| *day <= self.to)
    }
}

#[test]
fn people_in_one_engine_fare_as_each_of_them_would_alone() {
    for seed in 0..if is_quick() { 3 } else { 30 } {
        compare(&crowd(seed));
    }
}

#[test]
fn real_people_fare_as_the_page_says() {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data/employees-2k");
    if !dir.is_dir() {
        writeln!(std::io::stderr(), "no real people compared: `{}` is not there", dir.display()).unwrap();
        return;
    }
    let mut people: BTreeMap<String, Vec<Row>> = BTreeMap::new();
    for line in std::fs::read_to_string(dir.join("persons.jsonl")).unwrap().lines() {
        let person: Value = serde_json::from_str(line).unwrap();
        people.insert(text(&person, "id").to_owned(), Vec::new());
    }
    for line in std::fs::read_to_string(dir.join("contracts.jsonl")).unwrap().lines() {
        let contract: Value = serde_json::from_str(line).unwrap();
        people.get_mut(text(&contract, "person_id")).unwrap().push(Row {
            contract: contract["seq"].to_string().parse().unwrap(),
            start: text(&contract, "start").parse().unwrap(),
            last: contract["end"].as_str().map(|day| day.parse().unwrap()),
            department: text(&contract, "dept_code").trim_start_matches('d').parse().unwrap(),
        });
    }
    let all = people.len();
    assert_eq!(all, 2_000);
    let people = people.into_iter().step_by(if is_quick() { 20 } else { 1 }).collect();
    let policy = Policy {
        lead_days: 14,
        access_lead_days: 0,
        grace_days: 30,
        staged_grace_days: 30,
        return_horizon_days: Some(14),
        retain_grants_days: 0,
        missing_readings: 3,
        bin_days: 30,
        bridge_days: 0,
        settle_minutes: 30,
    };
    compare(&Crowd { policy, from: day(1984, 12, 18), to: day(2002, 9, 1), people });
}

fn compare(crowd: &Crowd) {
    let ours = played(crowd);
    for (key, rows) in &crowd.people {
        let run = |day| RunDay {
            day,
            reading: Reading::Rows(rows.clone()),
            foreign: None,
            release: false,
            acknowledge_clock: false,
        };
        let alone = History { policy: crowd.policy.clone(), runs: crowd.days().map(run).collect() };
        let nobody = vec![Shown { day: crowd.from, status: Status::NotYet, groups: [].into() }];
        let seen = ours.get(key.as_str()).cloned().unwrap_or_default();
        let (ours, theirs) = ([nobody.clone(), seen].concat(), [nobody, expect(&alone)].concat());
        assert_eq!(changes(ours), changes(theirs), "person {key} of {:?}: {rows:?}", crowd.policy);
    }
}

/// Without what is the same as before.
fn changes(mut shown: Vec<Shown>) -> Vec<Shown> {
    shown.dedup_by(|next, before| (next.status, &next.groups) == (before.status, &before.groups));
    shown
}

fn is_quick() -> bool {
    std::env::var_os("QUICK").is_some()
}

fn day(year: i32, month: u32, day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(year, month, day).unwrap()
}

fn text<'a>(of: &'a Value, name: &str) -> &'a str {
    of[name].as_str().unwrap()
}
