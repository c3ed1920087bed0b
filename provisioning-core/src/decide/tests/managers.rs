//! What a manager's record gives to the team, and when it is looked at.

use expect_test::expect;

use crate::audit::PersonDirective;
use crate::decide::tests::Case;
use crate::samples::id;

const TEAM: &str = "department d1 Sales parent=top manager=2\n department top Board manager=3
    person 1 names=anna\n contract 1 a 2026-01-01.. d1 gives=access\n person 2 team=sales\n person 3 team=stock";

/// Anna of `d1` has an account since January.
fn team(now: &str, rows: &str) -> Case {
    let mut case = Case::on(now, rows);
    case.policy.sees_managers = true;
    case.book.did("2026-01-01", "create 1 user_name=anna\n enable 1");
    case
}

#[test]
fn what_a_manager_has_counts_and_the_manager_is_watched() {
    team("2026-03-10", TEAM).check(&expect![[r"
        grant    entra/hr:1  sales  (rule `gives sales`, contract `a`)
        next     hr:1  never, when hr:2 moves
        next     hr:2  never
        next     hr:3  never
    "]]);
}

#[test]
fn whoever_stood_before_the_manager_who_counts_is_watched_too() {
    let gone = TEAM.replace("person 2 team=sales", "");
    team("2026-03-10", &gone).check(&expect![[r"
        grant    entra/hr:1  stock  (rule `gives stock`, contract `a`)
        next     hr:1  never, when hr:2 or hr:3 moves
        next     hr:3  never
    "]]);
}

#[test]
fn a_policy_that_does_not_see_managers_is_shown_none() {
    let mut case = team("2026-03-10", TEAM);
    case.policy.sees_managers = false;
    case.check(&expect![[r"
        next     hr:1  never
        next     hr:2  never
        next     hr:3  never
    "]]);
}

#[test]
fn nothing_is_given_because_of_a_manager_who_is_missing_and_nothing_is_taken() {
    let without = TEAM.replace("\n person 2 team=sales", "");
    let mut case = team("2026-03-10", TEAM);
    case.reads("2026-03-09", &without);
    // Nor is what the manager above has.
    case.check(&expect![[r"
        refused  hr:2  record `hr:2` is missing from 2 readings; it counts downwards only
        next     hr:1  never, when hr:2 moves
        next     hr:2  never, and in the next run
        next     hr:3  never
    "]]);
    case.book.did("2026-02-01", "grant 1 sales");
    case.check(&expect![[r"
        refused  hr:2  record `hr:2` is missing from 2 readings; it counts downwards only
        next     hr:1  never, when hr:2 moves
        next     hr:2  never, and in the next run
        next     hr:3  never
    "]]);
}

#[test]
fn what_a_manager_takes_away_today_was_not_to_be_expected() {
    let mut case = team("2026-03-10", TEAM);
    case.book.did("2026-02-01", "grant 1 sales");
    case.reads("2026-03-10", &TEAM.replace("team=sales", "team=stock"));
    case.check(&expect![[r"
        revoke   entra/hr:1  sales  (no rule gives it any more)
        grant    entra/hr:1  stock  (rule `gives stock`, contract `a`)
        next     hr:1  never, when hr:2 moves
        next     hr:2  never
        next     hr:3  never
    "]]);
}

#[test]
fn of_a_manager_of_whom_nothing_was_ever_accepted_nothing_is_concluded() {
    let mut case = team("2026-03-10", TEAM);
    case.book.did("2026-02-01", "grant 1 sales");
    // Registered again under another key: that record is held until somebody says whether it is the same person.
    case.settings.identity = vec![id("surname")];
    let known = TEAM.replace("person 2", "person 2 surname=Vos").replace("person 3", "person 3 surname=Smit");
    case.reads("2026-02-01", &known);
    case.reads("2026-03-10", &format!("{}\n person 9 surname=Vos", known.replace("manager=2", "manager=9")));
    case.check(&expect![[r"
        refused  hr:1  rule `gives sales` cannot tell: a table
        refused  hr:1  rule `gives stock` cannot tell: a table
        refused  hr:9  record `hr:9` looks like `hr:2`; link the two, or accept evidence 48c4d207 if they are two people
        next     hr:1  never, when hr:9 moves
        next     hr:2  never
        next     hr:3  never
        next     hr:9  never, and in the next run
    "]]);
}

#[test]
fn whoever_is_the_manager_under_a_record_that_is_missing_looks_further_up() {
    let mut case = team("2026-03-10", &TEAM.replace("manager=2", "manager=9"));
    case.reads("2026-03-01", &format!("{}\n person 9", TEAM.replace("manager=2", "manager=9")));
    case.says("2026-03-02", "1", PersonDirective::Link(id("hr:9")));
    case.reads("2026-03-09", &TEAM.replace("manager=2", "manager=9"));
    case.check(&expect![[r"
        grant    entra/hr:1  stock  (rule `gives stock`, contract `a`)
        refused  hr:1  record `hr:9` is missing from 2 readings; it counts downwards only
        next     hr:1  never, and in the next run, when hr:3 moves
        next     hr:2  never
        next     hr:3  never
    "]]);
}

#[test]
fn what_is_written_is_not_taken_from_a_manager_whose_record_is_missing() {
    let mut case = team("2026-03-10", &TEAM.replace("team=sales", "team=sales phone=7"));
    case.policy.phone_of_manager = true;
    case.check(&expect![[r"
        grant    entra/hr:1  sales  (rule `gives sales`, contract `a`)
        update   entra/hr:1  desk_phone  (it should be so, and is not yet)  desk_phone: nothing -> `7`
        next     hr:1  never, when hr:2 moves
        next     hr:2  never
        next     hr:3  never
    "]]);
    case.reads("2026-03-09", &TEAM.replace("\n person 2 team=sales", ""));
    case.check(&expect![[r"
        refused  hr:2  record `hr:2` is missing from 2 readings; it counts downwards only
        next     hr:1  never, when hr:2 moves
        next     hr:2  never, and in the next run
        next     hr:3  never
    "]]);
}
