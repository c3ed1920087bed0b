//! Who leaves together, by what was entered on one day, and what is foreseen of it.

use std::fmt::Write;

use expect_test::expect;

use crate::caps::tests::{at_most, book, surprising};
use crate::caps::{Cap, Caps, Limit, MassLeave, mass_leaves};
use crate::plan::{StepKind, Timing};
use crate::samples::{day, roster, settings};
use crate::settings::Settings;

/// People whose contracts end on these last days.
fn leavers(groups: &[(u32, &str)]) -> String {
    let mut rows = String::new();
    for (group, (count, last)) in groups.iter().enumerate() {
        for number in 0..*count {
            let person = format!("{group}-{number}");
            writeln!(rows, "person {person}\ncontract {person} c{person} 2026-01-01..{last}").unwrap();
        }
    }
    rows
}

/// What is foreseen on a day, where 40 accounts are live, and hr said this on these days, after it had said nothing.
fn foreseen(caps: &[Cap], today: &str, readings: &[(&str, &str)]) -> Vec<String> {
    let settings = Settings { caps: Caps(caps.to_vec()), ..settings() };
    let roster = roster(&settings, &[&[("2026-02-01", "")], readings].concat());
    mass_leaves(&roster, &book(40).ledger, &settings, day(today)).iter().map(MassLeave::to_string).collect()
}

fn check_leaves(caps: &[Cap], today: &str, groups: &[(u32, &str)], expected: &[&str]) {
    let found = foreseen(caps, today, &[("2026-03-01", &leavers(groups))]);
    let days: Vec<&str> = found.iter().map(|text| text.split(" more ").next().unwrap()).collect();
    assert_eq!(days, expected, "{found:?}");
}

#[test]
fn a_mass_leave_is_seen_when_its_date_is_entered() {
    let caps = [surprising(StepKind::Disable, 0, Limit { percent: 5, absolute: None, floor: 3 })];
    let leave = ["from 2026-06-01 on 4 people"];
    check_leaves(&caps, "2026-03-01", &[(3, "2026-05-31")], &[]);
    check_leaves(&caps, "2026-03-01", &[(4, "2026-05-31"), (3, "2026-06-30")], &leave);
    check_leaves(&caps, "2026-05-31", &[(4, "2026-05-31")], &leave);
    check_leaves(&caps, "2026-06-01", &[(4, "2026-05-31")], &[]);
}

#[test]
fn a_mass_leave_is_measured_by_the_tightest_cap_on_surprising_disables() {
    let (tight, wide) = (at_most(1), at_most(3));
    let leave = [(2, "2026-05-31")];
    let check = |caps: &[Cap], expected: &[&str]| check_leaves(caps, "2026-03-01", &leave, expected);
    let cap = surprising(StepKind::Disable, 0, tight);
    check(&[Cap { limit: wide, ..cap }, cap], &["from 2026-06-01 on 2 people"]);
    check(&[Cap { limit: wide, ..cap }], &[]);
    check(&[Cap { days: 7, ..cap }], &["from 2026-06-01 on 2 people"]);
    check(&[Cap { days: 7, limit: wide, ..cap }], &[]);
    check(&[Cap { kind: StepKind::Delete, ..cap }], &[]);
    check(&[Cap { timing: Timing::Expected, ..cap }], &[]);
    check(&[], &[]);
}

/// The days of a mistake that ends so many contracts on each of these last days in May.
fn check_spread(caps: &[Cap], groups: &[(u32, u32)], expected: &[&str]) {
    let groups: Vec<(u32, String)> =
        groups.iter().map(|(count, last)| (*count, format!("2026-05-{last:02}"))).collect();
    let groups: Vec<(u32, &str)> = groups.iter().map(|(count, last)| (*count, last.as_str())).collect();
    check_leaves(caps, "2026-03-01", &groups, expected);
}

#[test]
fn a_mistake_that_is_spread_over_days_is_one() {
    let week = surprising(StepKind::Disable, 7, at_most(4));
    let day = surprising(StepKind::Disable, 0, at_most(3));
    let check = |groups: &[(u32, u32)], expected: &[&str]| check_spread(&[day, week], groups, expected);
    // Four in seven days may go, on whichever of them; a fifth makes it too many, and an eighth day does not count.
    check(&[(2, 10), (2, 16)], &[]);
    check(&[(2, 10), (3, 16)], &["between 2026-05-11 and 2026-05-17 5 people"]);
    check(&[(2, 10), (3, 17)], &[]);
    check(&[(1, 10), (1, 11), (1, 12), (1, 13), (1, 14)], &["between 2026-05-11 and 2026-05-15 5 people"]);
    // A day belongs to whichever seven days have the most.
    check(&[(3, 4), (2, 10), (2, 16)], &["between 2026-05-05 and 2026-05-11 5 people"]);
    check(&[(2, 4), (2, 11), (3, 17)], &["between 2026-05-12 and 2026-05-18 5 people"]);
    // What lies further apart than the days of the cap is told by itself.
    let apart = ["between 2026-05-02 and 2026-05-03 5 people", "from 2026-05-21 on 5 people"];
    check(&[(2, 1), (3, 2), (5, 20)], &apart);
    check_spread(&[day], &[(3, 10), (3, 11)], &[]);
    check_spread(&[day], &[(4, 10), (4, 11)], &["from 2026-05-11 on 4 people", "from 2026-05-12 on 4 people"]);
}

#[test]
fn what_was_entered_on_several_days_is_a_mistake_on_none() {
    let week = surprising(StepKind::Disable, 7, at_most(4));
    let rows = |groups: &[(u32, &str)]| leavers(groups);
    let (some, all) = (rows(&[(3, "2026-05-10")]), rows(&[(3, "2026-05-10"), (3, "2026-05-12")]));
    assert_eq!(foreseen(&[week], "2026-03-09", &[("2026-03-01", &some), ("2026-03-02", &all)]), [""; 0]);
    assert_eq!(foreseen(&[week], "2026-03-09", &[("2026-03-02", &all)]).len(), 1);
}

#[test]
fn what_the_first_reading_of_a_source_brings_was_entered_by_nobody_on_that_day() {
    let caps = [surprising(StepKind::Disable, 0, at_most(5)), surprising(StepKind::Disable, 7, at_most(6))];
    let settings = Settings { caps: Caps(caps.to_vec()), ..settings() };
    let foreseen = |readings: &[(&str, &str)]| {
        let roster = roster(&settings, readings);
        let found = mass_leaves(&roster, &book(40).ledger, &settings, day("2026-03-09"));
        found.iter().map(MassLeave::to_string).collect::<Vec<_>>().join("\n")
    };
    let spread = leavers(&[(4, "2026-05-30"), (4, "2026-05-31")]);
    assert_eq!(foreseen(&[("2026-03-01", &spread)]), "");
    // What leaves on one day is told, and not held.
    expect!["from 2026-06-01 on 7 people more have no contract; all came with the first reading, and the caps let 5 go at once; check the end dates of `hr:0-0`, `hr:0-1`, `hr:0-2`, `hr:0-3`, `hr:0-4` and 2 more"].assert_eq(&foreseen(&[("2026-03-01", &leavers(&[(7, "2026-05-31")]))]));
    // What is changed later counts.
    let moved = leavers(&[(4, "2026-06-29"), (4, "2026-06-30")]);
    expect!["between 2026-06-30 and 2026-07-01 8 people more come to have no contract; all were entered on 2026-03-02, and the caps let 6 go within 7 days, so what is over that waits for an approval then; check the end dates of `hr:0-0`, `hr:0-1`, `hr:0-2`, `hr:0-3`, `hr:1-0` and 3 more"].assert_eq(&foreseen(&[("2026-03-01", &spread), ("2026-03-02", &moved)]));
}

#[test]
fn nobody_can_lose_an_account_as_long_as_there_are_none() {
    let settings = settings();
    let roster = roster(&settings, &[("2026-03-01", &leavers(&[(30, "2026-05-31")]))]);
    let seen = |population| mass_leaves(&roster, &book(population).ledger, &settings, day("2026-03-01")).len();
    assert_eq!((seen(0), seen(1)), (0, 1));
}

#[test]
fn a_mass_leave_says_how_many_were_entered_when_and_of_whom() {
    let caps = [surprising(StepKind::Disable, 0, at_most(5))];
    let people = |ended: &[u32], last: &str| {
        let row = |number| {
            let last = if ended.contains(&number) { last } else { "" };
            format!("person {number}\ncontract {number} c{number} 2026-01-01..{last}\n")
        };
        (10..30).map(row).collect::<String>()
    };
    let on = |ended: &[u32]| people(ended, "2026-05-31");
    let foreseen = |readings: &[(&str, &str)]| foreseen(&caps, "2026-03-09", readings).join("\n");
    let all: Vec<u32> = (10..17).collect();
    expect!["from 2026-06-01 on 7 people more have no contract; all were entered on 2026-03-05, and the caps let 5 go at once, so 7 wait for an approval then; check the end dates of `hr:10`, `hr:11`, `hr:12`, `hr:13`, `hr:14` and 2 more"]
        .assert_eq(&foreseen(&[("2026-03-01", &on(&[])), ("2026-03-05", &on(&all))]));
    expect!["from 2026-06-01 on 7 people more have no contract; 6 were entered on 2026-03-05 and the others on 1 day more, and the caps let 5 go at once, so 6 wait for an approval then; check the end dates of `hr:11`, `hr:12`, `hr:13`, `hr:14`, `hr:15` and 1 more"]
        .assert_eq(&foreseen(&[("2026-03-01", &on(&[10])), ("2026-03-05", &on(&all))]));
    // Of days on which as many were entered, the first is named.
    let days = [("2026-03-01", &*on(&[10])), ("2026-03-02", &on(&all[..4])), ("2026-03-05", &on(&all))];
    expect!["from 2026-06-01 on 7 people more have no contract; 3 were entered on 2026-03-02 and the others on 2 days more, and the caps let 5 go at once; check the end dates of `hr:11`, `hr:12` and `hr:13`"]
        .assert_eq(&foreseen(&days));
    // What is put right is foreseen no longer.
    assert_eq!(foreseen(&[("2026-03-01", &on(&all)), ("2026-03-05", &people(&all, ""))]), "");
    assert_eq!(foreseen(&[("2026-03-01", &on(&all)), ("2026-03-05", &on(&all[..5]))]), "");
}
