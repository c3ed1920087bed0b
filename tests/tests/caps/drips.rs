//! Little by little: ten runs, each of which stays below what one plan may do, take away no more than the window allows.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use chrono::{Days, NaiveDate};

use crate::ours::{approve, count, hired, sent};
use crate::support::{Adjusted, Org, Setup, at, d, gives, main_of, permission};

const PEOPLE: u64 = 100;
const RUNS: u64 = 10;

/// A hundred people, each as they are told.
fn people(one: impl Fn(u64) -> (&'static str, String)) -> String {
    let row = |number| {
        let (fields, last) = one(number);
        format!("person {number} family_name=N{number} {fields}\ncontract {number} c{number} 2026-01-01..{last} d1\n")
    };
    (1000..1000 + PEOPLE).map(row).collect()
}

fn day(number: u64) -> NaiveDate {
    d("2026-03-30") + Days::new(number)
}

/// How many steps of a kind are done in ten daily runs, `per_run` more of which are asked for each day, and how many in all
/// after somebody approved what was left.
fn drip(org: &Org, kind: &str, per_run: u64, tomorrow: impl Fn(u64)) -> (Vec<usize>, usize) {
    let mut done = Vec::new();
    for run in 0..RUNS {
        org.at(at(day(run)));
        tomorrow((run + 1) * per_run);
        org.report();
        done.push(count(&sent(org), kind));
    }
    approve(org);
    let report = org.report();
    assert!(report.exceeded.is_empty(), "{report}");
    (done.clone(), done.iter().sum::<usize>() + count(&sent(org), kind))
}

#[test]
fn i_38_disables_that_drip() {
    // Each keeps the day on which it ended.
    let ended = |left: u64| {
        people(|number| {
            let run = (number - 1000) / 5;
            ("", if number < 1000 + left { (day(run) - Days::new(1)).to_string() } else { String::new() })
        })
    };
    let org = hired(Setup::default(), &ended(0));
    org.on("2026-03-01").report();
    let (done, all) = drip(&org, "disable", 5, |left| {
        org.says(&ended(left));
    });
    // What waits is too much for one plan by the time that the window has gone on.
    assert_eq!((done, all), (vec![5, 5, 0, 0, 0, 0, 0, 0, 0, 0], 50));
}

#[test]
fn i_38_deletes_that_drip() {
    let policy = Adjusted::on(&["entra"]);
    let version = Arc::clone(&policy.version);
    // Five leave each day, entered on as many days and long before; the grace of the first is over on the first of the runs.
    let group = |number: u64| (number - 1000) / 5;
    let last = |number: u64| (d("2026-02-27") + Days::new(group(number))).to_string();
    let until = |known: u64| people(|number| ("", if group(number) < known { last(number) } else { String::new() }));
    let org = hired(Setup { policy: Some(Arc::new(policy)), ..Setup::default() }, &until(0));
    for (known, today) in (1..).zip(d("2026-02-06").iter_days().take(20)) {
        org.at(at(today)).says(&until(known)).report();
    }
    org.daily("2026-02-26", "2026-03-29");
    // The rules change every day, so that no delete is one that was known for three days under the same rules.
    assert_eq!(count(&sent(&org), "delete"), 0);
    let (done, all) = drip(&org, "delete", 5, |_| {
        version.fetch_add(1, Ordering::SeqCst);
    });
    assert_eq!((done, all), (vec![5, 5, 0, 0, 0, 0, 0, 0, 0, 0], 50));
}

#[test]
fn i_38_revokes_that_drip() {
    let policy = Adjusted::on(&["entra"]).granting(|person, _, answer| {
        if person.text("staff") == Some("yes") {
            answer.grants.push(gives("staff", &main_of("entra"), permission("staff")));
        }
    });
    let rows =
        |lost: u64| people(|number| (if number < 1000 + lost { "staff=no" } else { "staff=yes" }, String::new()));
    let org = hired(Setup { policy: Some(Arc::new(policy)), ..Setup::default() }, &rows(0));
    org.on("2026-03-01").report();
    let (done, all) = drip(&org, "revoke", 10, |lost| {
        org.says(&rows(lost));
    });
    assert_eq!((done, all), (vec![10, 10, 10, 0, 0, 0, 0, 0, 0, 0], 100));
}

#[test]
fn i_38_updates_that_drip() {
    let rows =
        |changed: u64| people(|number| (if number < 1000 + changed { "phone=2" } else { "phone=1" }, String::new()));
    let org = hired(Setup::default(), &rows(0));
    org.on("2026-03-01").report();
    let (done, all) = drip(&org, "update", 10, |changed| {
        org.says(&rows(changed));
    });
    assert_eq!((done, all), (vec![10, 10, 10, 0, 0, 0, 0, 0, 0, 0], 100));
}

#[test]
fn what_was_approved_does_not_hold_back_what_is_ordinary_in_the_week_after() {
    let rows = |phone: &str, renamed: u64| {
        let row = |number| {
            let name = if number < 1000 + renamed { "M" } else { "N" };
            format!(
                "person {number} family_name={name}{number} phone={phone}\ncontract {number} c{number} 2026-01-01.. d1\n"
            )
        };
        (1000..1000 + PEOPLE).map(row).collect::<String>()
    };
    let org = hired(Setup::default(), &rows("1", 0));
    org.on("2026-03-01").report();
    org.at(at(day(0))).says(&rows("2", 0));
    assert_eq!((org.report().withheld, sent(&org)), (100, Vec::new()));
    approve(&org);
    assert_eq!((org.report().withheld, count(&sent(&org), "update")), (0, 100));
    // Thirty within the week are ordinary, as in any other week.
    for (run, renamed, expected) in [(1, 15, 15), (2, 30, 15), (3, 31, 0)] {
        let report = org.at(at(day(run))).says(&rows("2", renamed)).report();
        assert_eq!(count(&sent(&org), "update"), expected, "{report}");
    }
}
