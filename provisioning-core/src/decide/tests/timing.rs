//! What was to be expected, and what was not.

use chrono::Days;

use crate::audit::{AccountFact, PersonDirective};
use crate::decide::tests::Case;
use crate::plan::{StepKind, Timing};
use crate::samples::day;

const HIRED: &str = "create 1 user_name=anna\n enable 1";

fn timings(case: &mut Case) -> Vec<(StepKind, Timing)> {
    case.decide().proposed.iter().map(|one| (one.step.kind(), one.timing)).collect()
}

/// Somebody with an account who was so in January, and is so since a day.
fn active(now: &str, before: &str, since: &str, after: &str) -> Case {
    let mut case = Case::on(now, before);
    case.book.did("2026-01-01", HIRED);
    case.reads(since, after);
    case
}

fn staff(days: &str, gives: &str) -> String {
    format!("person 1 names=anna\n contract 1 a {days} gives={gives}")
}

#[test]
fn an_end_is_expected_that_was_known_three_days_before() {
    let left = |now: &str, known: &str| {
        let (open, ended) = (staff("2026-01-01..", "access"), staff("2026-01-01..2026-03-09", "access"));
        timings(&mut active(now, &open, known, &ended))
    };
    assert_eq!(left("2026-03-10", "2026-03-07"), [(StepKind::Disable, Timing::Expected)]);
    assert_eq!(left("2026-03-10", "2026-03-08"), [(StepKind::Disable, Timing::Surprising)]);
    // Waiting changes nothing: neither does what was expected become a surprise, nor the other way round.
    for later in ["2026-03-20", "2026-05-09", "2026-05-10", "2026-09-01", "2027-09-01"] {
        assert_eq!(left(later, "2026-03-07"), [(StepKind::Disable, Timing::Expected)], "{later}");
        assert_eq!(left(later, "2026-03-08"), [(StepKind::Disable, Timing::Surprising)], "{later}");
    }
}

#[test]
fn a_day_that_the_lifecycle_counts_to_is_expected_when_all_was_known_three_days_before() {
    let left = |suspended: &str, known: &str| {
        let rows = |gives: &str| staff("2026-01-01..2026-01-31", gives);
        let mut case = active("2026-03-10", &rows("access"), known, &rows("access,stock"));
        case.book.did("2026-01-01", "grant 1 sales");
        case.book.did(suspended, "disable 1");
        case.notes(suspended, "1", AccountFact::Unwanted { since: day(suspended) });
        timings(&mut case)
    };
    // The retention of seven days is over on the tenth.
    assert_eq!(left("2026-03-03", "2026-03-07"), [(StepKind::Revoke, Timing::Expected)]);
    assert_eq!(left("2026-03-03", "2026-03-08"), [(StepKind::Revoke, Timing::Surprising)]);
    // The grace of thirty was over on the third.
    assert_eq!(left("2026-02-01", "2026-02-28"), [(StepKind::Delete, Timing::Expected)]);
    assert_eq!(left("2026-02-01", "2026-03-01"), [(StepKind::Delete, Timing::Surprising)]);
}

#[test]
fn what_follows_while_a_contract_is_missing_or_the_record_cannot_be_used_is_surprising() {
    let ends = staff("2026-01-01..2026-03-09", "access");
    let both = format!("{ends}\n contract 1 b 2026-01-01..2026-12-31 gives=sales");
    let read = |last: &str| timings(&mut active("2026-03-10", &both, "2026-03-09", last));
    assert_eq!(read(&both), [(StepKind::Disable, Timing::Expected)]);
    assert_eq!(read(&ends), [(StepKind::Disable, Timing::Surprising)]);
    assert_eq!(read(&format!("{both}\n defect 1 torn")), [(StepKind::Disable, Timing::Surprising)]);
}

#[test]
fn a_policy_whose_next_change_does_not_lie_ahead_ends_the_search_for_a_date() {
    let mut case =
        active("2026-03-10", &staff("2026-01-01..", "access"), "2026-03-02", &staff("2026-01-01..", "account"));
    case.policy.stands_still = true;
    assert_eq!(timings(&mut case), [(StepKind::Disable, Timing::Surprising)]);
}

#[test]
fn a_date_makes_only_that_expected_which_it_brought() {
    // The first contract ends on a day, and since the day before nothing gives access any more.
    let both =
        |gives: &str| format!("{}\n contract 1 b 2026-01-01..2026-03-08 gives=sales", staff("2026-01-01..", gives));
    let mut case = active("2026-03-10", &both("access"), "2026-03-05", &both("account"));
    case.book.did("2026-01-01", "grant 1 sales");
    assert_eq!(timings(&mut case), [(StepKind::Disable, Timing::Surprising)], "the grant is retained for some days");
    let mut case = active("2026-03-10", &both("access"), "2026-03-05", &both("access"));
    case.book.did("2026-01-01", "grant 1 sales\n grant 1 stock");
    assert_eq!(timings(&mut case), [(StepKind::Revoke, Timing::Expected), (StepKind::Revoke, Timing::Surprising)]);
}

#[test]
fn access_of_a_day_or_between_two_leaves_is_expected() {
    let one_day = staff("2026-03-09..2026-03-09", "access");
    let mut case = active("2026-03-10", &one_day, "2026-01-02", &one_day);
    assert_eq!(timings(&mut case), [(StepKind::Disable, Timing::Expected)]);
    let again = format!("{}\n contract 1 b 2026-03-10.. gives=access", staff("2026-01-01..2026-02-01", "access"));
    let mut case = active("2026-03-10", &again, "2026-01-02", &again);
    case.book.did("2026-02-02", "disable 1");
    assert_eq!(timings(&mut case), [(StepKind::Enable, Timing::Expected)]);
}

#[test]
fn what_others_took_away_no_date_gives_back() {
    let rows = staff("2026-03-01..", "access,sales");
    let mut case = active("2026-03-10", &rows, "2026-01-02", &rows);
    assert_eq!(timings(&mut case), [(StepKind::Grant, Timing::Expected)]);
    case.book.did("2026-03-02", "grant 1 sales");
    case.shows("1 enabled user_name=anna");
    assert_eq!(timings(&mut case), [(StepKind::Grant, Timing::Surprising)]);
}

#[test]
fn a_licence_that_comes_back_with_the_account_is_as_expected_as_that() {
    let rows = "person 1 names=anna always=account,licence:e5\n contract 1 a 2026-03-10.. gives=access";
    let mut case = active("2026-03-10", rows, "2026-01-02", rows);
    case.book.did("2026-02-01", "disable 1");
    let expected = [(StepKind::Enable, Timing::Expected), (StepKind::Grant, Timing::Expected)];
    assert_eq!(timings(&mut case), expected);
    let mut case = active("2026-03-11", rows, "2026-01-02", rows);
    assert_eq!(timings(&mut case), [(StepKind::Grant, Timing::Surprising)]);
}

#[test]
fn an_update_is_expected_where_a_date_changes_what_should_be() {
    let desks = |first: &str| {
        format!(
            "person 1 names=anna phone={first}\n contract 1 a 2026-01-01..2026-03-09 gives=access desk=1
             contract 1 b 2026-03-10.. gives=access desk=2"
        )
    };
    let hired = |since: &str| {
        let mut case = active("2026-03-10", &desks("7"), since, &desks("8"));
        case.book.did("2026-01-01", "update 1 desk=1 phone=8");
        timings(&mut case)
    };
    assert_eq!(hired("2026-03-07"), [(StepKind::Update, Timing::Expected)]);
    assert_eq!(hired("2026-03-08"), [(StepKind::Update, Timing::Surprising)]);
    // Others changed what was written.
    let mut case = active("2026-03-10", &desks("7"), "2026-01-02", &desks("7"));
    case.book.did("2026-03-08", "update 1 desk=2 phone=7");
    case.shows("1 enabled user_name=anna desk=5 phone=7");
    assert_eq!(timings(&mut case), [(StepKind::Update, Timing::Surprising)]);
}

#[test]
fn a_block_orders_the_disable_and_nothing_else() {
    let rows = staff("2026-01-01..", "access");
    let mut case = active("2026-03-10", &rows, "2026-01-02", &rows);
    case.book.did("2026-01-01", "grant 1 sales");
    case.says("2026-03-09", "1", PersonDirective::Block);
    assert_eq!(timings(&mut case), [(StepKind::Disable, Timing::Ordered)]);
    case.settings.lifecycle.retain_grants_days = 0;
    assert_eq!(timings(&mut case), [(StepKind::Disable, Timing::Ordered), (StepKind::Revoke, Timing::Expected)]);
}

/// People 1, 2, ... who all have an account; of each, whether the contract ends on a last day.
fn staffed(ends: impl Iterator<Item = bool>, last: &str) -> String {
    let row = |(number, ends): (u32, bool)| {
        let last = if ends { last } else { "" };
        format!("person {number} names=n{number}\n contract {number} c{number} 2026-01-01..{last} gives=access,sales\n")
    };
    (1..).zip(ends).map(row).collect()
}

/// How the steps of a day are timed, by person, where the first `mistaken` of seven end by what was entered on a day, and
/// the others were known to end before.
fn crowd(now: &str, mistaken: u32, done: &str) -> Vec<String> {
    let last = "2026-03-09";
    let before = staffed((1..8).map(|number| number > mistaken), last);
    let mut case = Case::on(now, &before);
    for number in 1..8 {
        case.book.did(
            "2026-01-01",
            &format!("create {number} user_name=n{number}\n enable {number}\n grant {number} sales"),
        );
        if !done.is_empty() {
            case.book.did(done, &format!("disable {number}"));
            let suspended = AccountFact::Unwanted { since: day(done) };
            case.notes(done, &number.to_string(), suspended);
        }
    }
    case.reads("2026-03-01", &staffed((1..8).map(|_| true), last));
    let proposed = case.decide().proposed;
    let timed = |timing: Timing| {
        let of = proposed.iter().filter(|one| one.timing == timing);
        let mut steps: Vec<String> =
            of.map(|one| format!("{} {}", one.step.kind(), one.step.account().unwrap().person)).collect();
        steps.sort();
        format!("{timing:?}: {}", steps.join(", "))
    };
    [Timing::Surprising, Timing::Expected].map(timed).into()
}

#[test]
fn an_end_that_more_people_have_than_may_go_at_once_stays_a_surprise_and_what_was_entered_on_other_days_does_not() {
    let disables = |from: u32, to: u32| {
        let steps: Vec<String> = (from..to).map(|number| format!("disable hr:{number}")).collect();
        steps.join(", ")
    };
    // The caps let five go at once.
    let all = [format!("Surprising: {}", disables(1, 1)), format!("Expected: {}", disables(1, 8))];
    assert_eq!(crowd("2026-03-10", 5, ""), all);
    for now in ["2026-03-10", "2026-05-30"] {
        let some = [format!("Surprising: {}", disables(1, 7)), format!("Expected: {}", disables(7, 8))];
        assert_eq!(crowd(now, 6, ""), some, "{now}");
    }
    assert_eq!(crowd("2026-03-09", 6, ""), ["Surprising: ", "Expected: "], "the day is still to come");
}

#[test]
fn what_follows_later_from_an_end_of_too_many_is_a_surprise_too() {
    let steps = |kind: &str, from: u32, to: u32| {
        let steps: Vec<String> = (from..to).map(|number| format!("{kind} hr:{number}")).collect();
        steps.join(", ")
    };
    for (now, kind) in [("2026-03-17", "revoke"), ("2026-04-09", "delete")] {
        let some = [format!("Surprising: {}", steps(kind, 1, 7)), format!("Expected: {}", steps(kind, 7, 8))];
        assert_eq!(crowd(now, 6, "2026-03-10"), some, "{now}");
        let all = ["Surprising: ".to_owned(), format!("Expected: {}", steps(kind, 1, 8))];
        assert_eq!(crowd(now, 5, "2026-03-10"), all, "{now}");
    }
}

#[test]
fn without_a_limit_on_disables_by_surprise_no_end_is_one_of_too_many() {
    let last = "2026-03-09";
    let mut case = Case::on("2026-03-10", "");
    case.book.did("2026-01-01", "create 1 user_name=n1\n enable 1");
    case.reads("2026-03-01", &staffed((1..30).map(|_| true), last));
    let of_first = |case: &mut Case| {
        let steps = case.decide().proposed;
        steps.iter().find(|one| one.step.kind() == StepKind::Disable).map(|one| one.timing)
    };
    assert_eq!(of_first(&mut case), Some(Timing::Surprising));
    case.settings.caps = crate::caps::Caps::off();
    assert_eq!(of_first(&mut case), Some(Timing::Expected));
}

#[test]
fn an_end_of_too_many_that_is_spread_over_a_week_stays_a_surprise_and_one_of_the_first_reading_does_not() {
    // Two leave on each day from 9 March on, and the caps let ten go in a week.
    let rows = |people: u32| {
        let row = |number: u32| {
            let last = day("2026-03-09") + Days::new(u64::from((number - 1) / 2));
            format!("person {number} names=n{number}\n contract {number} c{number} 2026-01-01..{last} gives=access\n")
        };
        (1..=people).map(row).collect::<String>()
    };
    let of_first = |mut case: Case| {
        case.book.did("2026-01-01", "create 1 user_name=n1\n enable 1");
        case.decide().proposed[0].timing
    };
    let entered = |people: u32| {
        let mut case = Case::on("2026-03-10", "");
        case.reads("2026-03-01", &rows(people));
        of_first(case)
    };
    assert_eq!((entered(10), entered(11)), (Timing::Expected, Timing::Surprising));
    assert_eq!(of_first(Case::on("2026-03-10", &rows(11))), Timing::Expected);
}

#[test]
fn whoever_left_with_many_once_and_works_elsewhere_leaves_there_as_expected() {
    let mut rows = staffed((1..30).map(|_| true), "2026-01-31");
    rows += "person x names=n1\n contract x b 2026-01-01..2026-03-09 gives=access";
    let mut case = Case::on("2026-03-10", "");
    case.reads("2026-01-02", &rows);
    case.book.did("2026-01-01", "create 1 user_name=n1\n enable 1");
    case.says("2026-01-01", "1", PersonDirective::Link(crate::samples::id("hr:x")));
    let steps = case.decide().proposed;
    let disable = steps.iter().find(|one| one.step.kind() == StepKind::Disable).unwrap();
    assert_eq!(disable.timing, Timing::Expected);
}
