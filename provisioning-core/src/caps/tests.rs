//! Limits at their edges, what they count, what they hold back, and what frees it again.

mod leaves;

use std::collections::BTreeSet;
use std::fmt::Write;

use expect_test::{Expect, expect};

use crate::audit::{AccountFact, Directive, Fact, RunDirective};
use crate::caps::{Approved, Cap, Caps, Limit, Who, approve, exceeded};
use crate::id::PersonId;
use crate::plan::{Plan, StepKind, Timing};
use crate::samples::{Book, account_id, day, id, key, plan};
use crate::target::{ObservedAccount, Presence, Shown};
use crate::value::Fields;

const TODAY: &str = "2026-03-10";

fn at_most(absolute: u32) -> Limit {
    Limit { percent: 100, absolute: Some(absolute), floor: 0 }
}

fn surprising(kind: StepKind, days: u32, limit: Limit) -> Cap {
    Cap { kind, timing: Timing::Surprising, days, limit }
}

/// A ledger with so many accounts on `entra`, of which none counts as a step.
fn book(population: u32) -> Book {
    let mut book = Book::new();
    for number in 0..population {
        let key = key(&format!("{}", 1000 + number));
        let account = ObservedAccount {
            id: account_id(&key),
            anchor: None,
            presence: Presence::Live,
            shown: Shown::Enabled,
            attributes: Fields::default(),
            permissions: None,
        };
        let adopted = AccountFact::Adopted { account: Box::new(account), names: Vec::new(), day: day("2026-01-01") };
        book.note("2026-01-01", Fact::Account(key, adopted));
    }
    book
}

/// So many steps, of people 1, 2, 3, ...
fn steps(count: u32, step: &str) -> String {
    (1..=count).fold(String::new(), |text, number| text + &format!("{step} {number}\n"))
}

/// The steps that are held back, and those that are left out because they need one of them.
fn held(approved: &Approved) -> String {
    let mut text = String::new();
    for limit in approved.exceeded() {
        writeln!(text, "{limit}").unwrap();
    }
    for action in approved.plan().actions() {
        if approved.withheld().contains_key(&action.id) {
            assert!(!approved.permits(action));
            writeln!(text, "held  {action}").unwrap();
        } else if !approved.permits(action) {
            writeln!(text, "left  {action}").unwrap();
        }
    }
    text
}

fn check(caps: &[Cap], book: &Book, steps: &str, expected: &Expect) {
    let approved = approve(plan(TODAY, steps), &Caps(caps.to_vec()), &book.ledger);
    expected.assert_eq(&held(&approved));
}

fn is_exceeded(cap: Cap, book: &Book, steps: &str) -> bool {
    !exceeded(&plan(TODAY, steps), &Caps(vec![cap]), &book.ledger).is_empty()
}

#[test]
fn a_limit_is_a_share_with_a_ceiling_and_a_floor() {
    let limit = |percent, absolute, floor| Limit { percent, absolute, floor };
    for (limit, population, expected) in [
        (limit(10, None, 0), 0, 0),
        (limit(10, None, 0), 9, 0),
        (limit(10, None, 0), 10, 1),
        (limit(10, None, 0), 19, 1),
        (limit(10, None, 5), 49, 5),
        (limit(10, None, 5), 59, 5),
        (limit(10, None, 5), 60, 6),
        (limit(10, Some(7), 5), 69, 6),
        (limit(10, Some(7), 5), 300_000, 7),
        (limit(10, Some(3), 5), 300_000, 5),
        (limit(0, None, 0), 300_000, 0),
        (limit(100, None, 0), u32::MAX, u32::MAX),
        (limit(200, None, 0), u32::MAX, u32::MAX),
    ] {
        assert_eq!(limit.of(population), expected, "{limit:?} of {population}");
    }
}

#[test]
fn exactly_the_limit_passes_and_one_more_does_not() {
    let book = book(40);
    let cap = surprising(StepKind::Disable, 0, Limit { percent: 10, absolute: None, floor: 0 });
    assert!(!is_exceeded(cap, &book, &steps(4, "disable")));
    assert!(is_exceeded(cap, &book, &steps(5, "disable")));
    let floor = surprising(StepKind::Disable, 0, Limit { percent: 0, absolute: None, floor: 6 });
    assert!(!is_exceeded(floor, &book, &steps(6, "disable")));
    assert!(is_exceeded(floor, &book, &steps(7, "disable")));
    let nothing = surprising(StepKind::Disable, 0, at_most(0));
    assert!(is_exceeded(nothing, &book, "disable 1") && !is_exceeded(nothing, &book, ""));
}

#[test]
fn without_caps_everything_passes() {
    check(&Caps::off().0, &book(1), &steps(50, "delete"), &expect![""]);
}

#[test]
fn a_window_counts_from_its_first_day_to_today() {
    let cap = |days| surprising(StepKind::Disable, days, at_most(1));
    for (done_on, days, expected) in [
        ("2026-03-10", 0, false),
        ("2026-03-10", 1, true),
        ("2026-03-09", 1, false),
        ("2026-03-09", 2, true),
        ("2026-03-04", 7, true),
        ("2026-03-03", 7, false),
        ("2026-02-04", 35, true),
    ] {
        let mut book = book(10);
        book.did(done_on, "disable 1000");
        assert_eq!(is_exceeded(cap(days), &book, "disable 1"), expected, "{done_on} within {days} days");
        assert!(!is_exceeded(cap(days), &book, "expected disable 1"));
    }
}

#[test]
fn i_38_a_window_holds_across_plans() {
    let mut book = book(10);
    let cap = surprising(StepKind::Disable, 7, at_most(5));
    for (number, today) in ["2026-03-06", "2026-03-07", "2026-03-08", "2026-03-09"].iter().enumerate() {
        book.did(today, &format!("disable {}", 1000 + number));
    }
    assert!(!is_exceeded(cap, &book, "disable 1005") && is_exceeded(cap, &book, "disable 1005\n disable 1006"));
}

#[test]
fn a_window_counts_its_own_kind_timing_and_target_only() {
    let mut book = book(10);
    book.did(TODAY, "delete 1000\n expected disable 1001\n ordered disable 1002\n disable ad/1003");
    assert!(!is_exceeded(surprising(StepKind::Disable, 7, at_most(1)), &book, "disable 1"));
    // What was done alone never exceeds a limit: there is nothing that could be held back.
    book.did(TODAY, "disable 1004\n disable 1005");
    assert!(!is_exceeded(surprising(StepKind::Disable, 7, at_most(1)), &book, "enable 1"));
}

#[test]
fn expected_surprising_and_ordered_steps_have_limits_of_their_own() {
    let caps = [
        surprising(StepKind::Disable, 0, at_most(1)),
        Cap { timing: Timing::Expected, ..surprising(StepKind::Disable, 0, at_most(2)) },
    ];
    let book = book(10);
    check(&caps, &book, "disable 1\n expected disable 2\n expected disable 3\n ordered disable 4", &expect![""]);
    check(
        &caps,
        &book,
        "disable 1\n expected disable 2\n expected disable 3\n expected disable 4\n ordered disable 5",
        &expect![[r"
            `entra`: 3 expected disable planned, 2 allowed: 1 too many, so none is done until somebody approves; it is about `hr:2`, `hr:3` and `hr:4`
            held  disable  entra/hr:2  (it should be so, and is not yet)  expected
            held  disable  entra/hr:3  (it should be so, and is not yet)  expected
            held  disable  entra/hr:4  (it should be so, and is not yet)  expected
        "]],
    );
}

#[test]
fn what_a_person_ordered_is_never_held_back() {
    check(&[surprising(StepKind::Disable, 7, at_most(0))], &book(10), "ordered disable 1", &expect![""]);
}

#[test]
fn a_cap_on_creates_never_stops_disables() {
    let caps = [StepKind::Create, StepKind::Grant, StepKind::Update].map(|kind| surprising(kind, 0, at_most(0)));
    check(
        &caps,
        &book(10),
        "disable 1\n create 2\n delete 3\n revoke 4 x\n enable 5\n update 6 phone=1",
        &expect![[r"
            `entra`: 1 surprising create planned, 0 allowed: 1 too many, so none is done until somebody approves; it is about `hr:2`
            `entra`: 1 surprising update planned, 0 allowed: 1 too many, so none is done until somebody approves; it is about `hr:6`
            held  create   entra/hr:2  (it should be so, and is not yet)
            held  update   entra/hr:6  phone  (it should be so, and is not yet)
        "]],
    );
}

#[test]
fn each_target_has_its_own_population_and_count() {
    let cap = surprising(StepKind::Disable, 0, Limit { percent: 20, absolute: None, floor: 1 });
    check(
        &[cap],
        &book(10),
        "disable 1\n disable 2\n disable ad/1\n disable ad/2",
        &expect![[r"
            `ad`: 2 surprising disable planned, 1 allowed: 1 too many, so none is done until somebody approves; it is about `hr:1` and `hr:2`
            held  disable  ad/hr:1  (it should be so, and is not yet)
            held  disable  ad/hr:2  (it should be so, and is not yet)
        "]],
    );
}

#[test]
fn what_needs_a_step_that_is_held_back_is_left_out() {
    check(
        &[surprising(StepKind::Create, 0, at_most(0))],
        &book(10),
        "create 1\n grant 1 a\n enable 1\n update ad/1 phone=1\n revoke 1 b\n disable 2\n enable 2\n create ad/1",
        &expect![[r"
            `ad`: 1 surprising create planned, 0 allowed: 1 too many, so none is done until somebody approves; it is about `hr:1`
            `entra`: 1 surprising create planned, 0 allowed: 1 too many, so none is done until somebody approves; it is about `hr:1`
            held  create   entra/hr:1  (it should be so, and is not yet)
            left  grant    entra/hr:1  a  (it should be so, and is not yet)
            left  enable   entra/hr:1  (it should be so, and is not yet)
            left  revoke   entra/hr:1  b  (it should be so, and is not yet)
            held  create   ad/hr:1  (it should be so, and is not yet)
            left  update   ad/hr:1  phone  (it should be so, and is not yet)
        "]],
    );
}

#[test]
fn a_mover_who_does_not_gain_does_not_lose_either() {
    check(
        &[surprising(StepKind::Ensure, 0, at_most(0))],
        &book(10),
        "ensure own:sales sales\n grant 1 own:sales\n revoke 1 stock\n revoke 2 stock",
        &expect![[r"
            `entra`: 1 surprising ensure planned, 0 allowed: 1 too many, so none is done until somebody approves
            held  ensure   entra  own:sales `sales`  (it should be so, and is not yet)
            left  grant    entra/hr:1  own:sales  (it should be so, and is not yet)
            left  revoke   entra/hr:1  stock  (it should be so, and is not yet)
        "]],
    );
}

#[test]
fn a_limit_of_several_days_says_what_was_done() {
    let mut book = book(10);
    book.did("2026-03-08", "disable 1000\n disable 1001");
    let found = exceeded(
        &plan(TODAY, "disable 1\n disable 2"),
        &Caps(vec![surprising(StepKind::Disable, 7, at_most(3))]),
        &book.ledger,
    );
    expect!["`entra`: 2 surprising disable planned and 2 done in the last 7 days, 3 allowed: 1 too many, so none is done until somebody approves; it is about `hr:1` and `hr:2`"]
        .assert_eq(&found[0].to_string());
    assert_eq!((found[0].planned, found[0].done, found[0].allowed), (2, 2, 3));
}

/// Somebody approves what is held back in this plan.
fn approves(book: &mut Book, caps: &Caps, plan: Plan) {
    let approved = approve(plan, caps, &book.ledger);
    let actions = approved.withheld().values().copied().collect();
    let said = RunDirective::Approve { plan: approved.hash(), actions };
    book.note(TODAY, Fact::Said(Directive::Run(said)));
}

fn disables() -> Caps {
    Caps(vec![surprising(StepKind::Disable, 0, at_most(1)), surprising(StepKind::Delete, 0, at_most(0))])
}

/// How many actions of a newer plan are held back after an approval of another one.
fn check_carried(approved: &[&str], newer: &str, still_held: usize) {
    let mut book = book(10);
    for plan in approved {
        approves(&mut book, &disables(), self::plan(TODAY, plan));
    }
    let result = approve(plan("2026-03-11", newer), &disables(), &book.ledger);
    assert_eq!(result.withheld().len(), still_held, "{newer}");
    assert_eq!(result.exceeded().is_empty(), still_held == 0, "{newer}");
}

#[test]
fn what_to_say_names_the_plan_and_all_that_is_held_back() {
    let held = approve(plan(TODAY, "disable 1\n disable 2\n create 3"), &disables(), &book(10).ledger);
    let actions = held.withheld().values().copied().collect();
    assert_eq!(held.approval(), Some(RunDirective::Approve { plan: held.hash(), actions }));
    assert_eq!(approve(plan(TODAY, "disable 1"), &disables(), &book(10).ledger).approval(), None);
}

#[test]
fn an_approval_frees_what_it_names() {
    check_carried(&["disable 1\n disable 2\n disable 3"], "disable 1\n disable 2\n disable 3", 0);
}

#[test]
fn an_approval_carries_over_to_a_smaller_plan_and_to_one_with_more_that_nobody_holds_back() {
    check_carried(&["disable 1\n disable 2\n disable 3"], "disable 3\n disable 1", 0);
    check_carried(&["disable 1\n disable 2\n disable 3"], "disable 1\n disable 2\n create 9\n enable 9", 0);
}

#[test]
fn an_approval_does_not_carry_over_to_anything_else() {
    check_carried(&["disable 1\n disable 2"], "disable 1\n disable 2\n disable 3", 3);
    check_carried(&["disable 1\n disable 2"], "disable 1\n disable 3", 2);
    check_carried(&["disable 1\n disable 2"], "disable ad/1\n disable ad/2", 2);
    check_carried(&["disable 1\n disable 2"], "delete 1\n delete 2", 2);
    // Two approvals are not added up: nobody looked at all of it together.
    check_carried(&["disable 1\n disable 2", "disable 3\n disable 4"], "disable 1\n disable 3", 2);
}

#[test]
fn an_approval_of_one_limit_leaves_the_others() {
    let mut book = book(10);
    approves(&mut book, &disables(), plan(TODAY, "disable 1\n disable 2"));
    check(
        &disables().0,
        &book,
        "disable 1\n disable 2\n delete 3",
        &expect![[r"
            `entra`: 1 surprising delete planned, 0 allowed: 1 too many, so none is done until somebody approves; it is about `hr:3`
            held  delete   entra/hr:3  (it should be so, and is not yet)
        "]],
    );
}

#[test]
fn what_is_approved_under_one_limit_and_not_under_another_is_freed_by_both() {
    let caps = [surprising(StepKind::Disable, 0, at_most(1)), surprising(StepKind::Disable, 7, at_most(1))];
    let mut book = book(10);
    let text = "disable 1\n disable 2";
    assert_eq!(approve(plan(TODAY, text), &Caps(caps.to_vec()), &book.ledger).exceeded().len(), 2);
    approves(&mut book, &Caps(caps.to_vec()), plan(TODAY, text));
    check(&caps, &book, text, &expect![""]);
}

#[test]
fn the_plan_stays_whole_whatever_is_held_back() {
    let text = "disable 1\n disable 2\n create 3";
    let book = book(10);
    let approved = approve(plan(TODAY, text), &disables(), &book.ledger);
    assert_eq!(approved.plan(), &plan(TODAY, text));
    assert_eq!((approved.hash(), approved.waves()), (plan(TODAY, text).hash(), &*plan(TODAY, text).waves));
    let prints: BTreeSet<_> = approved.plan().actions().take(2).map(|action| book.ledger.fingerprint(action)).collect();
    assert_eq!(approved.withheld().values().copied().collect::<BTreeSet<_>>(), prints);
}

#[test]
fn out_of_the_box_surprises_are_capped_below_what_was_long_known() {
    let shown: Vec<String> = Caps::default()
        .0
        .iter()
        .map(|cap| {
            let Limit { percent, absolute, floor } = cap.limit;
            assert_eq!(absolute, None);
            format!("{} {:?} {} d: {percent} %, always {floor}", cap.kind, cap.timing, cap.days)
        })
        .collect();
    expect![[r"
        disable Surprising 0 d: 5 %, always 5
        disable Surprising 7 d: 10 %, always 10
        disable Expected 0 d: 30 %, always 20
        disable Expected 7 d: 40 %, always 40
        delete Surprising 0 d: 5 %, always 5
        delete Surprising 7 d: 10 %, always 10
        delete Expected 0 d: 30 %, always 20
        delete Expected 7 d: 40 %, always 40
        revoke Surprising 0 d: 20 %, always 20
        revoke Surprising 7 d: 30 %, always 30
        revoke Expected 0 d: 50 %, always 50
        update Surprising 0 d: 20 %, always 20
        update Surprising 7 d: 30 %, always 30
        update Expected 0 d: 50 %, always 50
        create Surprising 0 d: 20 %, always 50
        create Expected 0 d: 50 %, always 100
        enable Surprising 0 d: 20 %, always 50
        enable Expected 0 d: 50 %, always 100
        grant Surprising 0 d: 20 %, always 50
        grant Expected 0 d: 50 %, always 100"]]
    .assert_eq(&shown.join("\n"));
}

/// How many steps of a kind the standard caps let pass, written out once more: the share in percent, and how many always.
const STANDARD: [(&str, &str, u32, u32, u32); 20] = [
    ("", "disable # ", 0, 5, 5),
    ("", "disable # ", 7, 10, 10),
    ("expected ", "disable # ", 0, 30, 20),
    ("expected ", "disable # ", 7, 40, 40),
    ("", "delete # ", 0, 5, 5),
    ("", "delete # ", 7, 10, 10),
    ("expected ", "delete # ", 0, 30, 20),
    ("expected ", "delete # ", 7, 40, 40),
    ("", "revoke # x", 0, 20, 20),
    ("", "revoke # x", 7, 30, 30),
    ("expected ", "revoke # x", 0, 50, 50),
    ("", "update # phone=1", 0, 20, 20),
    ("", "update # phone=1", 7, 30, 30),
    ("expected ", "update # phone=1", 0, 50, 50),
    ("", "create # ", 0, 20, 50),
    ("expected ", "create # ", 0, 50, 100),
    ("", "enable # ", 0, 20, 50),
    ("expected ", "enable # ", 0, 50, 100),
    ("", "grant # x", 0, 20, 50),
    ("expected ", "grant # x", 0, 50, 100),
];

#[test]
fn every_standard_limit_lets_pass_what_it_allows_and_not_one_more() {
    for ((timing, step, days, percent, floor), cap) in STANDARD.into_iter().zip(Caps::default().0) {
        assert_eq!(
            (cap.days, cap.kind),
            (days, crate::samples::plan(TODAY, &step.replace('#', "1")).waves[0].actions[0].step.kind())
        );
        for population in [0, 1, 2, 5, 10, 51, 101, 199, 201, 260] {
            let mut book = book(population);
            let those = |from: u32, count: u32| {
                let one = |number: u32| format!("{timing}{}\n", step.replace('#', &number.to_string()));
                (from..from + count).map(one).collect::<String>()
            };
            // A window counts what was done, also by accounts that are no more.
            let done = if days > 0 { floor / 2 } else { 0 };
            book.did("2026-03-04", &those(5000, done));
            let allowed = (book.population("entra") * percent / 100).max(floor);
            let left = allowed - done;
            let what = format!("{timing}{step} within {days} days, of {population}");
            assert!(!is_exceeded(cap, &book, &those(1, left)), "{what}: {left} pass");
            let over = plan(TODAY, &those(1, left + 1));
            let found = exceeded(&over, &Caps(vec![cap]), &book.ledger);
            let [found] = &*found else { panic!("{what}: {} do not pass", left + 1) };
            assert_eq!((found.planned, found.done, found.allowed), (left + 1, done, allowed), "{what}");
            assert_eq!(found.who.first.len() + found.who.more as usize, left as usize + 1, "{what}");
            assert_eq!(approve(over, &Caps(vec![cap]), &book.ledger).withheld().len(), left as usize + 1, "{what}");
        }
    }
}

#[test]
fn who_is_held_back_is_named_once_however_many_steps_are() {
    let found = exceeded(
        &plan(TODAY, "revoke 2 a\n revoke 2 b\n revoke 1 a\n revoke 3 a\n update 4 phone=1"),
        &Caps(vec![surprising(StepKind::Revoke, 0, at_most(1))]),
        &book(10).ledger,
    );
    assert_eq!((found[0].who.to_string(), found[0].planned), ("`hr:1`, `hr:2` and `hr:3`".to_owned(), 4));
}

#[test]
fn the_first_few_are_named_and_the_others_counted() {
    let shown = |count: u32| {
        let people: Vec<PersonId> = (1..=count).map(|number| id(&format!("hr:{number}"))).collect();
        Who::of(&people).to_string()
    };
    let shown: Vec<String> = [0, 1, 2, 3, 5, 6, 7].map(shown).to_vec();
    expect![[r"

        `hr:1`
        `hr:1` and `hr:2`
        `hr:1`, `hr:2` and `hr:3`
        `hr:1`, `hr:2`, `hr:3`, `hr:4` and `hr:5`
        `hr:1`, `hr:2`, `hr:3`, `hr:4`, `hr:5` and 1 more
        `hr:1`, `hr:2`, `hr:3`, `hr:4`, `hr:5` and 2 more"]]
    .assert_eq(&shown.join("\n"));
}
