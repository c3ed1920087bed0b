//! Days that begin elsewhere first: contracts, people and targets in different zones.

use crate::audit::AccountFact;
use crate::decide::tests::{Case, shown};
use crate::samples::day;

/// An account that the target deleted on its 10 February and keeps through its 11 March.
fn deleted(now: &str) -> Case {
    let before = "person 1 names=anna zone=Pacific/Auckland\n contract 1 a 2026-01-01..2026-01-31 gives=access";
    let mut case = Case::on(now, before);
    case.reads("2026-03-10", &format!("{before}\n contract 1 b 2026-03-12.. gives=access"));
    case.book.did("2026-01-01", "create 1 user_name=anna\n enable 1");
    case.book.did("2026-01-02", "disable 1");
    case.book.did("2026-02-10", "delete 1");
    case
}

#[test]
fn what_the_recycle_bin_still_shows_is_restored_where_the_day_of_the_person_is_ahead() {
    let steps = |mut case: Case| {
        let steps: Vec<String> = case.decide().proposed.iter().map(|one| one.step.kind().to_string()).collect();
        (steps, shown(&case.decide(), case.now).contains("restore"))
    };
    // In Auckland it is the 12th already, at noon of the 11th in UTC.
    let mut case = deleted("2026-03-11 12:00");
    case.shows("1 disabled bin=2026-02-10 user_name=anna");
    assert_eq!(steps(case), (vec!["create".to_owned(), "enable".to_owned()], true));
    assert!(!steps(deleted("2026-03-11 12:00")).1, "the bin does not show it");
    // Two days ahead is nobody: that reading is an old one.
    let mut case = deleted("2026-03-12 12:00");
    case.shows("1 disabled bin=2026-02-10 user_name=anna");
    assert!(!steps(case).1);
}

#[test]
fn a_start_that_is_still_to_come_in_its_own_zone_is_looked_at_again() {
    // In Amsterdam the first of May has begun, in Los Angeles it has not: no date of the person tells when it does.
    let rows = "person 1 names=anna zone=Europe/Amsterdam\n contract 1 a 2026-01-01..2026-01-31 gives=access
        contract 1 b 2026-05-01.. zone=America/Los_Angeles";
    let decided = |now: &str| {
        let mut case = Case::on(now, rows);
        case.book.did("2026-01-01", "create 1 user_name=anna\n enable 1");
        case.book.did("2026-02-01", "disable 1");
        case.notes("2026-02-01", "1", AccountFact::Unwanted { since: day("2026-02-01") });
        let decisions = case.decide();
        (decisions.proposed.len(), decisions.appointments.iter().any(|one| one.again))
    };
    assert_eq!(decided("2026-04-30 22:00"), (0, true));
    assert_eq!(decided("2026-05-01 06:59"), (0, true));
    assert_eq!(decided("2026-05-01 07:00").0, 1, "the return came, and gives nothing");
    assert_eq!(decided("2026-04-30 21:59"), (0, false));
}
