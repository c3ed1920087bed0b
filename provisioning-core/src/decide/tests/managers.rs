//! What a manager's record gives to the team, and when it is looked at.

use expect_test::expect;

use crate::decide::tests::Case;

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
