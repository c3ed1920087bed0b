//! The table, cell by cell, and the dates around their boundaries.

use std::fmt::Write;

use chrono_tz::Tz;
use expect_test::{Expect, expect};

use crate::lifecycle::{
    Bin, Dates, Grace, Move, Situation, State, Want, delete_is_due, delete_on, next, return_needs_restore,
};
use crate::period::{minus_days, plus_days};
use crate::samples::{at, day, id, roster, settings};
use crate::source::{Departments, Person};

const SINCE: &str = "2026-06-01";
const MOVES: [Move; 6] = [Move::Stay, Move::Create, Move::Enable, Move::Disable, Move::Delete, Move::Restore];
const WANTS: [Want; 3] = [Want::Nothing, Want::Account, Want::Access];

fn states() -> [(&'static str, State); 6] {
    [
        ("absent", State::Absent),
        ("staged", State::Staged),
        ("active", State::Active),
        ("suspended", State::Suspended { since: day(SINCE) }),
        ("in the bin", State::Deleted(Bin::Restorable)),
        ("gone", State::Deleted(Bin::Gone)),
    ]
}

fn named(state: State) -> String {
    if let State::Suspended { since } = state {
        return format!("suspended {since}");
    }
    states().into_iter().find(|(_, other)| *other == state).unwrap().0.to_owned()
}

/// Neither a delete nor a return is due, a delete, a return, both.
fn situations() -> [Situation; 4] {
    [(false, false), (true, false), (false, true), (true, true)].map(|(delete_is_due, return_needs_restore)| {
        Situation { today: day("2026-09-01"), delete_is_due, return_needs_restore }
    })
}

#[test]
fn every_cell_of_the_table() {
    let mut table = "state       want     -        due      return   both\n".to_owned();
    for (name, state) in states() {
        for want in WANTS {
            let moves = situations().map(|situation| format!("{:<8}", next(state, want, &situation).to_string()));
            writeln!(table, "{name:<11} {:<8} {}", format!("{want:?}"), moves.join(" ").trim_end()).unwrap();
        }
    }
    expect![[r"
        state       want     -        due      return   both
        absent      Nothing  stay     stay     stay     stay
        absent      Account  create   create   create   create
        absent      Access   create   create   create   create
        staged      Nothing  stay     delete   stay     delete
        staged      Account  stay     stay     stay     stay
        staged      Access   enable   enable   enable   enable
        active      Nothing  disable  disable  disable  disable
        active      Account  disable  disable  disable  disable
        active      Access   stay     stay     stay     stay
        suspended   Nothing  stay     delete   stay     delete
        suspended   Account  stay     stay     stay     stay
        suspended   Access   enable   enable   enable   enable
        in the bin  Nothing  stay     stay     restore  restore
        in the bin  Account  restore  restore  restore  restore
        in the bin  Access   restore  restore  restore  restore
        gone        Nothing  stay     stay     stay     stay
        gone        Account  create   create   create   create
        gone        Access   create   create   create   create
    "]]
    .assert_eq(&table);
}

#[test]
fn every_move_from_every_state() {
    let mut table = String::new();
    for (name, state) in states() {
        for step in MOVES {
            let after = state.after(step, day("2026-09-01"));
            if after != state {
                writeln!(table, "{name}: {step} -> {}", named(after)).unwrap();
            }
        }
    }
    expect![[r"
        absent: create -> staged
        staged: enable -> active
        staged: delete -> in the bin
        active: disable -> suspended 2026-09-01
        suspended: enable -> active
        suspended: delete -> in the bin
        in the bin: restore -> suspended 2026-09-01
        gone: create -> staged
    "]]
    .assert_eq(&table);
}

#[test]
fn staged_active_and_suspended_accounts_are_there() {
    let live = states().map(|(name, state)| (name, state.is_live()));
    let expected = [("staged", true), ("active", true), ("suspended", true)];
    assert_eq!(live.into_iter().filter(|(_, is_live)| *is_live).collect::<Vec<_>>(), expected);
}

#[test]
fn only_create_enable_and_restore_give_something() {
    let raises: Vec<Move> = MOVES.into_iter().filter(|step| step.raises()).collect();
    assert_eq!(raises, [Move::Create, Move::Enable, Move::Restore]);
}

#[test]
fn a_walk_raises_at_most_twice_and_ends() {
    for (name, start) in states() {
        for want in WANTS {
            for situation in situations() {
                let (mut state, mut walked) = (start, Vec::new());
                loop {
                    let step = next(state, want, &situation);
                    if step == Move::Stay || matches!(step, Move::Disable | Move::Delete) {
                        break;
                    }
                    walked.push(step);
                    state = state.after(step, day("2026-09-01"));
                    assert!(walked.len() <= 2, "{name} {want:?}: {walked:?}");
                }
            }
        }
    }
}

#[test]
fn i_18_what_is_in_use_is_never_deleted_in_one_step() {
    for want in WANTS {
        for situation in situations() {
            assert_ne!(next(State::Active, want, &situation), Move::Delete);
        }
    }
    assert_eq!(State::Active.after(Move::Delete, day("2026-09-01")), State::Active);
}

fn dates(today: &str, last_ended: Option<&str>, next_start: Option<&str>) -> Dates {
    Dates { today: day(today), last_ended: last_ended.map(day), next_start: next_start.map(day) }
}

/// The day on which the grace ends; it is over on that day and not on the one before.
fn check_grace(state: State, unwanted_since: Option<&str>, last_ended: Option<&str>, expected: Option<&str>) {
    let grace = Grace { suspended_days: 30, staged_days: 7 };
    let unwanted = unwanted_since.map(day);
    let on = |today| Dates { today, ..dates("2026-01-01", last_ended, None) };
    let ends = delete_on(state, unwanted, &on(day("2026-06-01")), grace);
    assert_eq!(ends, expected.map(day), "{state:?} {unwanted_since:?} {last_ended:?}");
    let due = |today| delete_is_due(state, unwanted, &on(today), grace);
    match ends {
        Some(ends) => {
            assert!(due(ends) && due(plus_days(ends, 1)) && !due(minus_days(ends, 1)), "{state:?} {ends}");
        }
        None => assert!(!due(day("2200-01-01"))),
    }
}

#[test]
fn the_grace_counts_from_the_latest_of_its_days() {
    let suspended = State::Suspended { since: day(SINCE) };
    check_grace(suspended, Some("2026-06-01"), None, Some("2026-07-01"));
    check_grace(suspended, Some("2026-06-01"), Some("2026-05-31"), Some("2026-07-01"));
    check_grace(suspended, Some("2026-06-11"), Some("2026-05-31"), Some("2026-07-11"));
    check_grace(suspended, Some("2026-05-01"), Some("2026-05-01"), Some("2026-07-01"));
    check_grace(suspended, Some("2026-06-01"), Some("2026-06-21"), Some("2026-07-21"));
    check_grace(suspended, Some("2026-06-11"), Some("2026-06-21"), Some("2026-07-21"));
}

#[test]
fn what_was_never_enabled_has_a_grace_of_its_own() {
    check_grace(State::Staged, Some("2026-06-01"), None, Some("2026-06-08"));
    check_grace(State::Staged, Some("2026-06-01"), Some("2026-06-05"), Some("2026-06-08"));
}

#[test]
fn what_is_wanted_or_not_there_has_no_grace() {
    for (_, state) in states() {
        check_grace(state, None, Some("2026-05-31"), None);
    }
    for state in [State::Absent, State::Active, State::Deleted(Bin::Restorable), State::Deleted(Bin::Gone)] {
        check_grace(state, Some("2026-06-01"), Some("2026-05-31"), None);
    }
}

#[test]
fn a_backdated_end_does_not_shorten_the_grace() {
    let suspended = State::Suspended { since: day(SINCE) };
    let grace = Grace { suspended_days: 30, staged_days: 7 };
    for back in 1..=400 {
        let last_ended = Some(minus_days(day(SINCE), back));
        let dates = Dates { last_ended, ..dates("2026-06-30", None, None) };
        assert!(!delete_is_due(suspended, Some(day(SINCE)), &dates, grace), "{back} days");
    }
}

#[test]
fn a_return_is_known_up_to_the_horizon_that_day_included() {
    let known = |start, horizon| dates("2026-06-01", None, start).known_return(horizon);
    assert_eq!(known(Some("2026-06-15"), Some(14)), Some(day("2026-06-15")));
    assert_eq!(known(Some("2026-06-16"), Some(14)), None);
    assert_eq!(known(Some("2026-06-02"), Some(0)), None);
    assert_eq!(known(Some("2099-01-01"), None), Some(day("2099-01-01")));
    assert_eq!(known(None, None), None);
}

#[test]
fn a_return_on_the_day_on_which_the_bin_is_emptied_needs_a_restore() {
    // Deleted on the first with a bin of 30 days: the last day on which it can be restored is the 30th.
    let needs = |start, horizon| {
        let dates = dates("2026-06-10", None, start);
        return_needs_restore(day("2026-06-01"), 30, &dates, horizon)
    };
    assert!(!needs(Some("2026-06-30"), None));
    assert!(needs(Some("2026-07-01"), None));
    assert!(needs(Some("2026-07-02"), None));
    assert!(!needs(None, None));
    assert!(needs(Some("2026-07-01"), Some(21)));
    assert!(!needs(Some("2026-07-01"), Some(20)));
}

/// The dates of a person at an instant.
fn check_dates(now: &str, rows: &str, expected: &Expect) {
    let settings = settings();
    let roster = roster(&settings, &[("2026-06-01", rows)]);
    let (person, none) = (id("hr:1"), Departments::default());
    let records = vec![roster.record(&id("hr:1")).unwrap()];
    let person = Person::new(&person, records, &none, Tz::UTC);
    let Dates { today, last_ended, next_start } = Dates::of(&person, at(now));
    let shown = |day: Option<chrono::NaiveDate>| day.map_or("-".to_owned(), |day| day.to_string());
    expected.assert_eq(&format!("today {today}, ended {}, starts {}", shown(last_ended), shown(next_start)));
}

#[test]
fn the_dates_are_the_latest_end_before_and_the_earliest_start_after_today() {
    let rows = "person 1
        contract 1 a 2026-01-01..2026-03-31
        contract 1 b 2026-02-01..2026-05-31
        contract 1 c 2026-06-01..2026-06-01
        contract 1 d 2026-06-02..
        contract 1 e 2026-09-01..";
    check_dates("2026-06-01", rows, &expect!["today 2026-06-01, ended 2026-05-31, starts 2026-06-02"]);
    check_dates("2026-06-02", rows, &expect!["today 2026-06-02, ended 2026-06-01, starts 2026-09-01"]);
    check_dates("2026-05-31", rows, &expect!["today 2026-05-31, ended 2026-03-31, starts 2026-06-01"]);
    check_dates("2026-09-01", rows, &expect!["today 2026-09-01, ended 2026-06-01, starts -"]);
    check_dates("2025-12-31", rows, &expect!["today 2025-12-31, ended -, starts 2026-01-01"]);
}

#[test]
fn withdrawn_contracts_have_no_dates() {
    check_dates(
        "2026-06-01",
        "person 1\n contract 1 a 2026-05-20..2026-05-19\n contract 1 b 2026-07-02..2026-07-01",
        &expect!["today 2026-06-01, ended -, starts -"],
    );
}

#[test]
fn each_contract_counts_the_days_of_its_own_zone() {
    // At noon UTC it is the second already in Kiritimati, and the person's day is that of the organisation.
    let rows = "person 1
        contract 1 a 2026-01-01..2026-06-01 zone=Pacific/Kiritimati
        contract 1 b 2026-06-02.. zone=Pacific/Kiritimati
        contract 1 c 2026-06-02..";
    check_dates("2026-06-01 12:00", rows, &expect!["today 2026-06-01, ended 2026-06-01, starts 2026-06-02"]);
    let rows = "person 1 zone=Pacific/Kiritimati\n contract 1 a 2026-01-01..2026-06-01 zone=UTC";
    check_dates("2026-06-01 12:00", rows, &expect!["today 2026-06-02, ended -, starts -"]);
}
