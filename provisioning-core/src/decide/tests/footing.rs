//! What may be done about a person at all: blocks, holds, missing and stale records, the clock, what was to be expected.

use expect_test::expect;

use crate::audit::{AccountFact, PersonDirective};
use crate::decide::ClockTrust;
use crate::decide::tests::Case;
use crate::policy::Policy;
use crate::samples::{at, day};

const STAFF: &str = "person 1 names=anna\n contract 1 a 2026-01-01.. gives=access";
const LEFT: &str = "person 1 names=anna\n contract 1 a 2026-01-01..2026-01-31 gives=access";
const HIRED: &str = "create 1 user_name=anna\n enable 1";
/// Somebody whose record was in every reading but the last ones.
const NOBODY: &str = "person 2";

fn hired(now: &str, rows: &str) -> Case {
    let mut case = Case::on(now, rows);
    case.book.did("2026-01-01", HIRED);
    case
}

fn leaver(now: &str, rows: &str) -> Case {
    let mut case = hired(now, rows);
    case.book.did("2026-02-01", "disable 1");
    case.notes("2026-02-01", "1", AccountFact::Unwanted { since: day("2026-02-01") });
    case
}

#[test]
fn a_block_disables_at_once_and_caps_do_not_count_it() {
    let mut case = hired("2026-03-10", STAFF);
    case.says("2026-03-09", "1", PersonDirective::Block);
    case.check(&expect![[r"
        disable  entra/hr:1  (blocked by a directive)  ordered
        next     hr:1  2026-03-17 00:00
    "]]);
    case.says("2026-03-10", "1", PersonDirective::Unblock);
    case.check(&expect![[r"
        next     hr:1  never
    "]]);
}

#[test]
fn i_24_a_block_outranks_every_rule() {
    let mut case = leaver("2026-02-10", STAFF);
    case.says("2026-02-09", "1", PersonDirective::Block);
    case.check(&expect![[r"
        note     entra/hr:1  Wanted
        next     hr:1  never
    "]]);
    let mut case = Case::on("2026-03-10", STAFF);
    case.says("2026-03-09", "1", PersonDirective::Block);
    case.check(&expect![[r"
        next     hr:1  never, and in the next run
    "]]);
}

#[test]
fn a_blocked_leaver_is_deleted_at_grace() {
    let mut case = leaver("2026-03-10", LEFT);
    case.says("2026-03-09", "1", PersonDirective::Block);
    case.check(&expect![[r"
        delete   entra/hr:1  (unwanted since 2026-02-01, the grace is over)  expected
        next     hr:1  never
    "]]);
}

#[test]
fn i_25_a_legal_hold_outranks_the_delete_and_nothing_else() {
    let mut case = leaver("2026-03-10", LEFT);
    case.says("2026-03-09", "1", PersonDirective::LegalHold(true));
    case.check(&expect![[r"
        next     hr:1  never
    "]]);
    case.says("2026-03-09", "1", PersonDirective::LegalHold(false));
    case.check(&expect![[r"
        delete   entra/hr:1  (unwanted since 2026-02-01, the grace is over)  expected
        next     hr:1  never
    "]]);
    let mut case = hired("2026-02-01", LEFT);
    case.says("2026-01-20", "1", PersonDirective::LegalHold(true));
    case.check(&expect![[r"
        disable  entra/hr:1  (no rule gives an account)  expected
        note     entra/hr:1  Unwanted { since: 2026-02-01 }
        next     hr:1  2026-02-08 00:00
    "]]);
}

#[test]
fn somebody_missing_is_neither_raised_nor_deleted_and_known_ends_still_fire() {
    let other = format!("{STAFF}\n {NOBODY}");
    let mut absent = Case::on("2026-03-10", &other);
    absent.reads("2026-03-10 02:00", NOBODY);
    absent.check(&expect![[r"
        refused  hr:1  record `hr:1` is missing from 1 reading; it counts downwards only
        next     hr:1  never, and in the next run
        next     hr:2  never
    "]]);
    let mut active = hired("2026-03-10", &format!("{LEFT}\n {NOBODY}"));
    active.reads("2026-03-10 02:00", NOBODY);
    active.check(&expect![[r"
        disable  entra/hr:1  (no rule gives an account)
        note     entra/hr:1  Unwanted { since: 2026-03-10 }
        refused  hr:1  record `hr:1` is missing from 1 reading; it counts downwards only
        next     hr:1  2026-03-17 00:00, and in the next run
        next     hr:2  never
    "]]);
    let mut unwanted = leaver("2026-03-10", &format!("{LEFT}\n {NOBODY}"));
    unwanted.reads("2026-03-10 02:00", NOBODY);
    unwanted.check(&expect![[r"
        refused  hr:1  record `hr:1` is missing from 1 reading; it counts downwards only
        next     hr:1  never, and in the next run
        next     hr:2  never
    "]]);
}

#[test]
fn a_contract_that_was_taken_back_is_told_of_on_that_day() {
    let rows = |last: &str| format!("{STAFF}\n contract 1 b 2026-02-01..{last} gives=sales");
    let told = |now: &str| {
        let mut case = hired(now, &rows("2026-12-31"));
        case.reads("2026-03-10", &rows("2026-01-31"));
        let refusals = case.decide().refusals;
        refusals.into_iter().map(|refusal| refusal.why).collect::<Vec<_>>()
    };
    assert_eq!(
        told("2026-03-10"),
        ["contract `b` now ends before its start and had started; it counts as ended on 2026-03-09"]
    );
    assert!(told("2026-03-11").is_empty());
}

#[test]
fn whoever_is_gone_from_one_of_two_sources_is_not_gone() {
    let mut case = hired("2026-03-10", "person 1 names=anna\n person 3 always=access");
    case.says("2026-01-01", "1", PersonDirective::Link(crate::samples::id("hr:3")));
    for reading in ["2026-03-07", "2026-03-08", "2026-03-09"] {
        case.reads(reading, "person 3 always=access");
    }
    case.check(&expect![[r"
        next     hr:1  never
    "]]);
}

#[test]
fn a_missing_contract_counts_downwards_only() {
    let one = "person 1 names=anna\n contract 1 b 2026-01-01.. gives=account";
    let both = format!("{one}\n contract 1 a 2026-01-01.. gives=access,sales");
    let mut case = Case::on("2026-03-10", &both);
    case.reads("2026-03-10 02:00", one);
    case.check(&expect![[r"
        create   entra/hr:1  (rule `gives account`, contract `b`)  user_name=`anna`
        refused  hr:1  a contract is missing from the source; it counts downwards only
        next     hr:1  never, and in the next run
    "]]);
    let mut case = hired("2026-03-10", &both);
    case.reads("2026-03-10 02:00", one);
    case.check(&expect![[r"
        refused  hr:1  a contract is missing from the source; it counts downwards only
        next     hr:1  never, and in the next run
    "]]);
}

#[test]
fn somebody_gone_gets_nothing_any_more_not_even_what_needs_no_contract() {
    let rows = "person 1 names=anna always=access\n person 2";
    let mut case = hired("2026-03-10", rows);
    for reading in ["2026-03-07", "2026-03-08", "2026-03-09"] {
        case.reads(reading, NOBODY);
    }
    case.check(&expect![[r"
        disable  entra/hr:1  (no rule gives an account)
        note     entra/hr:1  Unwanted { since: 2026-03-10 }
        next     hr:1  2026-03-17 00:00
        next     hr:2  never
    "]]);
    let mut case = hired("2026-03-10", rows);
    case.reads("2026-03-08", NOBODY);
    case.check(&expect![[r"
        refused  hr:1  record `hr:1` is missing from 2 readings; it counts downwards only
        next     hr:1  never, and in the next run
        next     hr:2  never
    "]]);
}

#[test]
fn a_record_that_cannot_be_used_counts_downwards_only() {
    let mut case = Case::on("2026-03-10", STAFF);
    case.reads("2026-03-09", &format!("{STAFF}\n defect 1 the date of birth is no date"));
    case.check(&expect![[r"
        refused  hr:1  record `hr:1` cannot be used: the date of birth is no date
        next     hr:1  never, and in the next run
    "]]);
}

#[test]
fn a_record_that_may_be_somebody_elses_counts_downwards_only() {
    let rows = |surname: &str| {
        format!("person 1 names=anna phone=1 surname={surname}\n contract 1 a 2026-01-01.. gives=access")
    };
    let mut reused = hired("2026-03-10", &rows("Vos"));
    reused.reads("2026-03-09", &rows("Berg"));
    reused.check(&expect![[r"
        refused  hr:1  record `hr:1` now describes somebody else; accept evidence 638e0ea7 if it is the same person
        next     hr:1  never, and in the next run
    "]]);
    let mut twin = Case::on("2026-03-10", &rows("Vos"));
    twin.reads(
        "2026-03-09",
        &format!("{}\n person 2 surname=Vos\n contract 2 b 2026-01-01.. gives=access", rows("Vos")),
    );
    twin.check(&expect![[r"
        create   entra/hr:1  (rule `gives access`, contract `a`)  phone=`1` user_name=`anna`
        enable   entra/hr:1  (rule `gives access`, contract `a`)
        refused  hr:2  record `hr:2` looks like `hr:1`; link the two, or accept evidence 48c4d207 if they are two people
        next     hr:1  never
        next     hr:2  never, and in the next run
    "]]);
}

#[test]
fn what_everybody_gets_nobody_gets_of_whom_all_is_in_doubt() {
    let mut case = Case::on("2026-03-10", "person 1 names=anna");
    case.policy.to_everybody = Some("account");
    case.check(&expect![[r"
        create   entra/hr:1  (rule `gives account`)  user_name=`anna`
        next     hr:1  never
    "]]);
    case.reads("2026-03-09", "person 1 names=anna\n defect 1 torn");
    case.check(&expect![[r"
        refused  hr:1  record `hr:1` cannot be used: torn
        next     hr:1  never, and in the next run
    "]]);
}

/// A leaver whose grace is over, read once more so.
fn at_grace(last: &str) -> Case {
    let mut case = leaver("2026-03-10", &format!("{LEFT}\n contract 1 b 2026-01-01..2026-01-02"));
    case.reads("2026-03-09", last);
    case
}

#[test]
fn nothing_is_deleted_while_anything_about_the_person_is_in_doubt() {
    at_grace(&format!("{LEFT}\n contract 1 b 2026-01-01..2026-01-02")).check(&expect![[r"
        delete   entra/hr:1  (unwanted since 2026-02-01, the grace is over)  expected
        next     hr:1  never
    "]]);
    at_grace(LEFT).check(&expect![[r"
        refused  hr:1  a contract is missing from the source; it counts downwards only
        next     hr:1  never, and in the next run
    "]]);
    at_grace(&format!("{LEFT}\n contract 1 b 2026-01-01..2026-01-02\n defect 1 torn")).check(&expect![[r"
        refused  hr:1  record `hr:1` cannot be used: torn
        next     hr:1  never, and in the next run
    "]]);
}

#[test]
fn a_known_return_counts_upwards_only_where_its_contract_is_there() {
    let returns = |first: &str, second: &str| {
        let both = format!("person 1 names=anna\n contract 1 a {first} gives=access\n contract 1 b {second}");
        let mut case = Case::on("2026-02-10", &both);
        case.book.did("2026-01-01", "create 1 user_name=anna\n enable 1\n disable 1");
        case.book.did("2026-02-01", "delete 1");
        case.reads("2026-02-09", &format!("person 1 names=anna\n contract 1 a {first} gives=access"));
        case
    };
    returns("2026-01-01..2026-01-02", "2026-06-01..").check(&expect![[r"
        refused  hr:1  a contract is missing from the source; it counts downwards only
        next     hr:1  2026-06-01 00:00, and in the next run
    "]]);
    returns("2026-06-01..", "2026-01-01..2026-01-02").check(&expect![[r"
        restore  entra/hr:1  (returns on 2026-06-01, after the recycle bin is emptied)
        note     entra/hr:1  Unwanted { since: 2026-02-10 }
        refused  hr:1  a contract is missing from the source; it counts downwards only
        next     hr:1  2026-02-17 00:00, and in the next run
    "]]);
}

#[test]
fn a_linked_record_that_is_missing_gives_nothing_and_takes_nothing() {
    let both = "person 1 names=anna\n contract 1 a 2026-01-01.. gives=account
        person 2 always=access\n contract 2 b 2026-01-01.. gives=access,sales";
    let one = "person 1 names=anna\n contract 1 a 2026-01-01.. gives=account";
    let linked = |accounts: &str| {
        let mut case = Case::on("2026-03-10", both);
        case.book.did("2026-01-01", accounts);
        case.says("2026-01-01", "1", PersonDirective::Link(crate::samples::id("hr:2")));
        case.reads("2026-03-09", one);
        case
    };
    linked("").check(&expect![[r"
        create   entra/hr:1  (rule `gives account`, contract `a`)  user_name=`anna`
        refused  hr:1  record `hr:2` is missing from 2 readings; it counts downwards only
        next     hr:1  never, and in the next run
    "]]);
    linked(HIRED).check(&expect![[r"
        refused  hr:1  record `hr:2` is missing from 2 readings; it counts downwards only
        next     hr:1  never, and in the next run
    "]]);
}

/// Decided on the last reading alone, which is as old as the test says.
fn stale(mut case: Case, now: &str) -> String {
    case.now = at(now);
    let yesterday = case.now - chrono::TimeDelta::days(1);
    case.book.began(&yesterday.format("%Y-%m-%d %H:%M").to_string(), &case.policy.version());
    let readings: Vec<(&str, &str)> = case.readings.iter().map(|(on, rows)| (&**on, &**rows)).collect();
    let roster = crate::samples::roster(&case.settings, &readings);
    super::shown(&case.decide_with(&roster), case.now)
}

#[test]
fn a_source_that_was_not_read_for_more_than_a_week_raises_and_deletes_nothing() {
    let rows = "person 1 names=anna phone=1\n contract 1 a 2026-01-01.. gives=access,sales";
    expect![[r"
        create   entra/hr:1  (rule `gives access`, contract `a`)  phone=`1` user_name=`anna`
        enable   entra/hr:1  (rule `gives access`, contract `a`)
        grant    entra/hr:1  sales  (rule `gives sales`, contract `a`)
        next     hr:1  never
    "]]
    .assert_eq(&stale(Case::on("2026-01-08", rows), "2026-01-08 04:00"));
    expect![[r"
        refused  hr:1  the last accepted reading of source `hr` is 168 hours old; nothing is raised or deleted
        next     hr:1  never, and in the next run
    "]]
    .assert_eq(&stale(Case::on("2026-01-08", rows), "2026-01-08 04:01"));
    expect![[r"
        refused  hr:1  the last accepted reading of source `hr` is 193 hours old; nothing is raised or deleted
        next     hr:1  never, and in the next run
    "]]
    .assert_eq(&stale(hired("2026-01-09", rows), "2026-01-09 05:00"));
}

#[test]
fn whoever_was_decided_on_a_stale_source_is_decided_again() {
    let gone = "person 1 names=anna\n contract 1 a 2025-12-01..2025-12-02";
    let leaver = |now: &str| {
        let mut case = Case::on(now, gone);
        case.book.did("2025-12-01", HIRED);
        case.book.did("2025-12-10", "disable 1");
        case.notes("2025-12-10", "1", AccountFact::Unwanted { since: day("2025-12-10") });
        stale(case, now)
    };
    expect![[r"
        next     hr:1  2026-01-09 00:00
    "]]
    .assert_eq(&leaver("2026-01-08 04:00"));
    expect![[r"
        refused  hr:1  the last accepted reading of source `hr` is 192 hours old; nothing is raised or deleted
        next     hr:1  never, and in the next run
    "]]
    .assert_eq(&leaver("2026-01-09"));
}

#[test]
fn a_known_return_is_not_restored_from_a_stale_source() {
    let returns = "person 1 names=anna\n contract 1 a 2025-12-01..2025-12-02\n contract 1 b 2026-06-01.. gives=access";
    let returner = |now: &str| {
        let mut case = Case::on(now, returns);
        case.book.did("2025-12-01", "create 1 user_name=anna\n enable 1\n disable 1");
        case.book.did("2026-01-01", "delete 1");
        stale(case, now)
    };
    expect![[r"
        restore  entra/hr:1  (returns on 2026-06-01, after the recycle bin is emptied)
        note     entra/hr:1  Unwanted { since: 2026-01-08 }
        next     hr:1  2026-01-15 00:00
    "]]
    .assert_eq(&returner("2026-01-08 04:00"));
    expect![[r"
        refused  hr:1  the last accepted reading of source `hr` is 192 hours old; nothing is raised or deleted
        next     hr:1  2026-06-01 00:00, and in the next run
    "]]
    .assert_eq(&returner("2026-01-09"));
}

/// Whether the clock is trusted some time after the last run.
fn trust(last: &str, now: &str) -> ClockTrust {
    let mut case = Case::on(now, STAFF);
    case.book.began(last, &case.policy.version());
    case.decide().clock
}

#[test]
fn i_23_a_clock_that_goes_back_or_too_far_ahead_is_not_trusted() {
    for (last, now, expected) in [
        ("2026-03-10 04:00", "2026-03-10 04:00", ClockTrust::Trusted),
        ("2026-03-10 04:01", "2026-03-10 04:00", ClockTrust::Held),
        ("2026-02-08 04:00", "2026-03-10 04:00", ClockTrust::Trusted),
        ("2026-02-08 03:59", "2026-03-10 04:00", ClockTrust::Held),
    ] {
        assert_eq!(trust(last, now), expected, "{last} {now}");
    }
}

#[test]
fn while_the_clock_is_not_trusted_only_blocks_act() {
    let mut case = hired("2026-03-10", &format!("{LEFT}\n person 2\n person 3\n person 4\n person 5"));
    case.book.began("2026-03-11", &case.policy.version());
    case.check(&expect![[r"
        next     hr:1  never, and in the next run
        next     hr:2  never, and in the next run
        next     hr:3  never, and in the next run
        next     hr:4  never, and in the next run
        next     hr:5  never, and in the next run
    "]]);
    case.book.did("2026-01-01", "create 2\n enable 2\n create 3\n enable 3\n create mars/4\n enable mars/4\n create 5");
    case.book.sent("2026-01-01", "disable 3");
    for person in ["1", "2", "3", "4", "5"] {
        case.says("2026-03-09", person, PersonDirective::Block);
    }
    case.says("2026-03-09", "2", PersonDirective::Unblock);
    case.check(&expect![[r"
        disable  entra/hr:1  (blocked by a directive)  ordered
        disable  entra/hr:3  (blocked by a directive)  ordered
        next     hr:1  never, and in the next run
        next     hr:2  never, and in the next run
        next     hr:3  never, and in the next run
        next     hr:4  never, and in the next run
        next     hr:5  never, and in the next run
    "]]);
}

#[test]
fn an_exception_lasts_through_its_last_day() {
    let exception = |now: &str| {
        let mut case = Case::on(now, "person 1 names=anna");
        case.excepts("1", "access", Some("2026-03-10"));
        case.excepts("1", "sales", None);
        super::shown(&case.decide(), case.now)
    };
    expect![[r"
        create   entra/hr:1  (rule `exception`)  user_name=`anna`
        enable   entra/hr:1  (rule `exception`)
        grant    entra/hr:1  sales  (rule `exception`)
        next     hr:1  2026-03-11 00:00
    "]]
    .assert_eq(&exception("2026-03-10"));
    expect![[r"
        refused  hr:1  rule `exception` gives permission `sales` without an account; it grants nothing
        next     hr:1  never
    "]]
    .assert_eq(&exception("2026-03-11"));
}

#[test]
fn taking_exceptions_back_ends_them() {
    let mut case = hired("2026-03-10", "person 1 names=anna");
    case.excepts("1", "access", None);
    case.check(&expect![[r"
        next     hr:1  never
    "]]);
    case.says("2026-03-09", "1", PersonDirective::NoExceptions);
    case.check(&expect![[r"
        disable  entra/hr:1  (no rule gives an account)
        note     entra/hr:1  Unwanted { since: 2026-03-10 }
        next     hr:1  2026-03-17 00:00
    "]]);
}

#[test]
fn an_exception_holds_for_somebody_without_a_contract_or_a_record() {
    let mut case = hired("2026-03-10", "person 2");
    case.excepts("1", "access", Some("2026-03-20"));
    case.check(&expect![[r"
        next     hr:1  2026-03-21 00:00
        next     hr:2  never
    "]]);
    let mut gone = hired("2026-03-10", "person 1 names=anna\n person 2");
    gone.excepts("1", "access", None);
    for reading in ["2026-03-07", "2026-03-08", "2026-03-09"] {
        gone.reads(reading, NOBODY);
    }
    gone.check(&expect![[r"
        next     hr:1  never
        next     hr:2  never
    "]]);
}

#[test]
fn an_exception_makes_an_account_where_nobody_ever_was_and_none_where_somebody_is_gone() {
    let mut case = Case::on("2026-03-10", "person 1 names=anna\n person 2");
    case.excepts("1", "access", None);
    case.excepts("9", "account", None);
    for reading in ["2026-03-07", "2026-03-08", "2026-03-09"] {
        case.reads(reading, NOBODY);
    }
    case.check(&expect![[r"
        create   entra/hr:9  (rule `exception`)  
        next     hr:1  never, and in the next run
        next     hr:2  never
        next     hr:9  never
    "]]);
}

/// Whether a disable was to be expected.
fn check_timing(case: &mut Case, expected: &str) {
    let decisions = case.decide();
    let found: Vec<String> =
        decisions.proposed.iter().map(|one| format!("{} {:?}", one.step.kind(), one.timing)).collect();
    assert_eq!(found, [format!("disable {expected}")]);
}

#[test]
fn a_date_that_was_known_for_three_days_is_expected() {
    let rows = |room: &str, last: &str, title: &str| {
        format!("person 1 names=anna room={room}\n contract 1 a 2026-01-01..{last} gives=access title={title}")
    };
    let other =
        [("1", "", "Clerk"), ("1", "2026-12-31", "Clerk"), ("1", "2026-03-09", "Chief"), ("2", "2026-03-09", "Clerk")];
    for (room, last, title) in other {
        for (on, expected) in [("2026-03-07", "Expected"), ("2026-03-08", "Surprising")] {
            let mut case = hired("2026-03-10", &rows(room, last, title));
            case.reads(on, &rows("1", "2026-03-09", "Clerk"));
            check_timing(&mut case, expected);
        }
    }
}

#[test]
fn a_date_is_expected_only_under_rules_that_were_known_for_three_days() {
    for (since, expected) in [("2026-03-07 23:59", "Expected"), ("2026-03-08 00:00", "Surprising")] {
        let mut case = hired("2026-03-10", "person 1 names=anna\n contract 1 a 2026-01-01..2026-03-09 gives=access");
        case.policy.version = 2;
        case.book.began(since, &case.policy.version());
        case.book.began("2026-03-09 03:00", &case.policy.version());
        check_timing(&mut case, expected);
    }
    let mut case = hired("2026-03-10", "person 1 names=anna\n contract 1 a 2026-01-01..2026-03-09 gives=access");
    case.book.began("2026-03-09 03:00", &case.policy.version());
    case.policy.version = 2;
    check_timing(&mut case, "Surprising");
}

#[test]
fn what_follows_from_a_missing_record_is_surprising() {
    let rows = "person 1 names=anna\n contract 1 a 2026-01-01..2026-03-09 gives=access\n person 2";
    let mut case = hired("2026-03-10", rows);
    check_timing(&mut case, "Expected");
    case.reads("2026-03-09", NOBODY);
    check_timing(&mut case, "Surprising");
}

#[test]
fn somebody_of_whom_nothing_is_known_needs_nothing() {
    let case = Case::on("2026-03-10", STAFF);
    let roster = crate::source::Roster::default();
    let none = std::collections::BTreeMap::new();
    let context = crate::decide::Context {
        settings: &case.settings,
        policy: &case.policy,
        ledger: &case.book.ledger,
        roster: &roster,
        observations: &none,
    };
    let people = vec![super::person("9")];
    let decisions = crate::decide::decide(&crate::decide::World { now: at("2026-01-02"), people, context });
    expect![[r"
        next     hr:9  never
    "]]
    .assert_eq(&super::shown(&decisions, at("2026-01-02")));
}
