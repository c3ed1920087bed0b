//! What the seeded histories cover, and that they keep to the form the oracle was asked about.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use crate::histories::{history, simpler};
use crate::oracle::{History, Reading, RunDay, Shown, Status, expect};

const SEEDS: u64 = 3_000;

/// The runs that the clock holds.
fn held(history: &History) -> Vec<&RunDay> {
    let mut last: Option<NaiveDate> = None;
    let mut held = Vec::new();
    for run in &history.runs {
        let late = last.is_some_and(|last| (run.day - last).num_days() > 30);
        if late && !run.acknowledge_clock {
            held.push(run);
        } else {
            last = Some(run.day);
        }
    }
    held
}

fn is_well_formed(history: &History) -> bool {
    let gaps = history.runs.windows(2).map(|pair| match pair {
        [before, after] => (after.day - before.day).num_days(),
        _ => 1,
    });
    let gaps: Vec<i64> = gaps.collect();
    gaps.iter().all(|gap| (1..=60).contains(gap)) && held(history).iter().all(|run| !run.release)
}

#[test]
fn a_seed_always_gives_the_same_well_formed_history() {
    for seed in 0..SEEDS {
        let once = history(seed);
        assert_eq!(once, history(seed));
        assert!(is_well_formed(&once), "{seed}\n{once}");
        assert_eq!(expect(&once).len(), once.runs.len());
    }
}

#[test]
fn a_simpler_history_is_another_one_and_well_formed() {
    for seed in 0..20 {
        let whole = history(seed);
        for smaller in simpler(&whole) {
            assert_ne!(smaller, whole);
            assert!(is_well_formed(&smaller), "{seed}\n{smaller}");
        }
    }
}

#[test]
fn simplifying_comes_to_an_end() {
    let fails = |history: &History| expect(history).iter().any(|shown| shown.status == Status::Deleted);
    let found = (0..20).map(history).find(fails);
    let mut failing = found.unwrap_or_else(|| history(0));
    let mut rounds = 0;
    while let Some(smaller) = simpler(&failing).into_iter().find(fails) {
        failing = smaller;
        rounds += 1;
        assert!(rounds < 2_000, "{failing}");
    }
    assert!(failing.to_string().lines().count() < 8, "{failing}");
}

/// What the histories must hold: the ways from one status to the next, by the rules and by others, and whatever
/// readings and the clock may do.
const FEATURES: &[&str] = &[
    "None to NotYet, others None",
    "None to PreCreated, others None",
    "Some(NotYet) to PreCreated, others None",
    "Some(NotYet) to Enabled, others None",
    "Some(PreCreated) to Enabled, others None",
    "Some(PreCreated) to Deleted, others None",
    "Some(PreCreated) to Deleted, others Some(Delete)",
    "Some(PreCreated) to Disabled, others Some(Enable)",
    "Some(Enabled) to Disabled, others None",
    "Some(Enabled) to Disabled, others Some(Disable)",
    "Some(Enabled) to Deleted, others Some(Delete)",
    "Some(Disabled) to Enabled, others None",
    "Some(Disabled) to Enabled, others Some(Enable)",
    "Some(Disabled) to Deleted, others None",
    "Some(Disabled) to Deleted, others Some(Delete)",
    "Some(Deleted) to PreCreated, others None",
    "Some(Deleted) to Enabled, others None",
    "Some(Deleted) to Disabled, others None",
    "Some(Deleted) to Disabled, others Some(Restore)",
    "PersonAbsent",
    "PersonInvalid",
    "Outage",
    "inverted",
    "two groups or more",
    "clock holds 1",
    "clock holds 2",
    "clock holds 3",
];

#[test]
fn every_feature_occurs() {
    let mut counts: BTreeMap<String, u32> = BTreeMap::new();
    let mut count = |what: String| *counts.entry(what).or_default() += 1;
    for seed in 0..SEEDS {
        let history = history(seed);
        let held = held(&history).len();
        if held > 0 {
            count(format!("clock holds {held}"));
        }
        let shown = expect(&history);
        let mut before: Option<&Shown> = None;
        let mut gone_since = None;
        for (now, run) in shown.iter().zip(&history.runs) {
            let was = before.map(|before| before.status);
            if was != Some(now.status) {
                count(format!("{was:?} to {:?}, others {:?}", now.status, run.foreign));
                if now.status == Status::Deleted {
                    gone_since = Some(now.day);
                } else if let Some(gone) = gone_since.take() {
                    let days = (now.day - gone).num_days();
                    if (26..=34).contains(&days) {
                        count(format!("back after {days} days in the bin"));
                    }
                }
            }
            if now.groups.len() > 1 {
                count("two groups or more".to_owned());
            }
            match &run.reading {
                Reading::Rows(rows) => {
                    if rows.iter().any(|row| row.last.is_some_and(|last| last < row.start)) {
                        count("inverted".to_owned());
                    }
                }
                Reading::PersonAbsent | Reading::PersonInvalid | Reading::Outage => {
                    count(format!("{:?}", run.reading));
                }
            }
            before = Some(now);
        }
    }
    let features = FEATURES.iter().map(|feature| (*feature).to_owned());
    let days = (26..=34).map(|days| format!("back after {days} days in the bin"));
    let lacking: Vec<String> = features.chain(days).filter(|feature| !counts.contains_key(feature)).collect();
    assert!(lacking.is_empty(), "{lacking:?} do not occur, of {counts:#?}");
}
