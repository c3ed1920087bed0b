//! What an account looks like: only differences, only managed attributes, and people made into their accounts.

use std::collections::BTreeSet;

use expect_test::expect;

use crate::audit::{AccountFact, Fact, Settlement};
use crate::decide::tests::Case;
use crate::id::Slot;
use crate::plan::Plan;
use crate::policy::Looks;
use crate::samples::{day, id, revision, step, truth_of};

fn staff(fields: &str) -> String {
    format!("person 1 names=anna {fields}\n contract 1 a 2026-01-01.. gives=access")
}

fn hired(now: &str, rows: &str) -> Case {
    let mut case = Case::on(now, rows);
    case.book.did("2026-01-01", "create 1 user_name=anna\n enable 1");
    case
}

#[test]
fn an_attribute_that_differs_is_written_and_no_other() {
    let mut case = hired("2026-03-10", &staff("phone=1"));
    case.shows("1 enabled user_name=anna phone=2 title=Chief");
    case.check(&expect![[r"
        update   entra/hr:1  phone  (it should be so, and is not yet)  phone: `2` -> `1`
        next     hr:1  never
    "]]);
    case.accounts.clear();
    case.shows("1 enabled user_name=anna phone=1 title=Chief");
    case.check(&expect![[r"
        next     hr:1  never
    "]]);
}

#[test]
fn i_48_absent_keeps_null_clears_and_empty_is_written() {
    for (fields, shown, expected) in [
        (
            "",
            "phone=2",
            expect![[r"
            next     hr:1  never
        "]],
        ),
        (
            "phone=null",
            "phone=2",
            expect![[r"
                update   entra/hr:1  phone  (it should be so, and is not yet)  phone: `2` -> nothing
                next     hr:1  never
            "]],
        ),
        (
            "phone=null",
            "title=x",
            expect![[r"
            next     hr:1  never
        "]],
        ),
        (
            "phone=",
            "phone=2",
            expect![[r"
                update   entra/hr:1  phone  (it should be so, and is not yet)  phone: `2` -> ``
                next     hr:1  never
            "]],
        ),
        (
            "phone=",
            "title=x",
            expect![[r"
                update   entra/hr:1  phone  (it should be so, and is not yet)  phone: nothing -> ``
                next     hr:1  never
            "]],
        ),
    ] {
        let mut case = hired("2026-03-10", &staff(fields));
        case.shows(&format!("1 enabled user_name=anna {shown}"));
        case.check(&expected);
    }
}

#[test]
fn an_attribute_that_shows_null_is_clear_already() {
    let mut case = hired("2026-03-10", &staff("phone=null"));
    case.shows("1 enabled user_name=anna");
    case.accounts[0].1.attributes.put(crate::samples::id("phone"), crate::Value::Null);
    case.check(&expect![[r"
        next     hr:1  never
    "]]);
}

#[test]
fn what_is_written_on_creation_is_left_to_others_afterwards() {
    Case::on("2026-03-10", &staff("room=7 phone=null")).check(&expect![[r"
        create   entra/hr:1  (rule `gives access`, contract `a`)  room=`7` user_name=`anna`
        enable   entra/hr:1  (rule `gives access`, contract `a`)
        next     hr:1  never
    "]]);
    let mut case = hired("2026-03-10", &staff("room=8"));
    case.shows("1 enabled user_name=anna room=7");
    case.check(&expect![[r"
        next     hr:1  never
    "]]);
}

#[test]
fn without_what_is_required_nobody_is_created_or_changed() {
    Case::on("2026-03-10", &staff("phone=1 missing=surname,mail")).check(&expect![[r"
        refused  hr:1  no account on `entra`: `surname`, `mail` says nothing, and is required
        next     hr:1  never, and in the next run
    "]]);
    hired("2026-03-10", &staff("phone=1 missing=surname")).check(&expect![[r"
        refused  hr:1  the account on `entra` is not changed: `surname` says nothing, and is required
        next     hr:1  never, and in the next run
    "]]);
    let left = "person 1 names=anna phone=1 missing=surname\n contract 1 a 2026-01-01..2026-03-09 gives=access";
    hired("2026-03-10", left).check(&expect![[r"
        disable  entra/hr:1  (no rule gives an account)  expected
        note     entra/hr:1  Unwanted { since: 2026-03-10 }
        next     hr:1  2026-03-17 00:00
    "]]);
}

#[test]
fn an_anchor_that_the_target_cannot_bear_stops_the_account() {
    let with_room_for = |characters: usize| {
        let mut case = Case::on("2026-03-10", &staff(""));
        case.settings.targets[0].capabilities.anchor_length = characters;
        case
    };
    // `hr:1` has four.
    with_room_for(4).check(&expect![[r"
        create   entra/hr:1  (rule `gives access`, contract `a`)  user_name=`anna`
        enable   entra/hr:1  (rule `gives access`, contract `a`)
        next     hr:1  never
    "]]);
    with_room_for(3).check(&expect![[r"
        waiting  hr:1  the anchor has 4 characters, and `entra` takes 3; give the person a shorter key
        next     hr:1  never, and in the next run
    "]]);
}

#[test]
fn an_account_that_nobody_wants_is_not_kept_up() {
    let mut case = hired("2026-03-10", "person 1 names=anna phone=1");
    case.book.did("2026-03-01", "disable 1");
    case.notes("2026-03-01", "1", AccountFact::Unwanted { since: day("2026-03-01") });
    case.shows("1 disabled user_name=anna phone=2");
    case.check(&expect![[r"
        next     hr:1  2026-03-31 00:00
    "]]);
}

#[test]
fn nothing_is_changed_because_of_a_record_that_cannot_be_used() {
    let mut case = hired("2026-03-10", &staff("phone=1"));
    case.shows("1 enabled user_name=anna phone=2");
    case.reads("2026-03-09", &format!("{}\n defect 1 torn", staff("phone=3")));
    case.check(&expect![[r"
        refused  hr:1  record `hr:1` cannot be used: torn
        next     hr:1  never, and in the next run
    "]]);
}

#[test]
fn a_write_of_ours_is_not_repeated_while_it_may_not_be_shown_yet() {
    for (now, expected) in [
        (
            "2026-03-10 04:29",
            expect![[r"
        next     hr:1  never, and in the next run
    "]],
        ),
        (
            "2026-03-10 04:30",
            expect![[r"
                update   entra/hr:1  phone  (it should be so, and is not yet)  phone: `2` -> `1`
                next     hr:1  never
            "]],
        ),
    ] {
        let mut case = hired(now, &staff("phone=1"));
        case.book.did("2026-03-10 04:00", "update 1 phone=1");
        case.shows("1 enabled user_name=anna phone=2");
        case.check(&expected);
    }
}

#[test]
fn whoever_shows_what_was_written_just_now_is_not_looked_at_again() {
    let mut case = hired("2026-03-10 04:29", &staff("phone=1"));
    case.book.did("2026-03-10 04:00", "update 1 phone=1");
    case.shows("1 enabled user_name=anna phone=1");
    case.check(&expect![[r"
        next     hr:1  never
    "]]);
}

#[test]
fn without_a_reading_what_we_wrote_counts() {
    let mut case = hired("2026-03-10", &staff("phone=1"));
    case.check(&expect![[r"
        update   entra/hr:1  phone  (it should be so, and is not yet)  phone: nothing -> `1`
        next     hr:1  never
    "]]);
    case.book.did("2026-03-09", "update 1 phone=1");
    case.check(&expect![[r"
        next     hr:1  never
    "]]);
}

#[test]
fn an_account_that_is_suspended_and_wanted_is_kept_up() {
    let mut case = hired("2026-03-20", "person 1 names=anna phone=1\n contract 1 a 2026-01-01.. gives=account");
    case.book.did("2026-03-01", "disable 1");
    case.check(&expect![[r"
        update   entra/hr:1  phone  (it should be so, and is not yet)  phone: nothing -> `1`
        next     hr:1  never
    "]]);
}

const TEAM: &str = "person 1 names=anna managers=1,2,3,4\n contract 1 a 2026-01-01.. gives=access";

fn managed(accounts: &str) -> Case {
    let mut case = hired("2026-03-10", TEAM);
    case.book.did("2026-01-01", accounts);
    case
}

#[test]
fn a_manager_is_the_first_with_an_account_in_use() {
    managed("create 2\n enable 2\n create 3\n enable 3").check(&expect![[r"
        update   entra/hr:1  manager  (it should be so, and is not yet)  manager: nothing -> account entra/hr:2
        disable  entra/hr:2  (no rule gives an account)
        disable  entra/hr:3  (no rule gives an account)
        note     entra/hr:2  Unwanted { since: 2026-03-10 }
        note     entra/hr:3  Unwanted { since: 2026-03-10 }
        next     hr:1  never, when hr:2 moves
        next     hr:2  2026-03-17 00:00
        next     hr:3  2026-03-17 00:00
    "]]);
    managed("create 2\n enable 2\n disable 2\n create 3\n enable 3\n create 4").check(&expect![[r"
        update   entra/hr:1  manager  (it should be so, and is not yet)  manager: nothing -> account entra/hr:3
        disable  entra/hr:3  (no rule gives an account)
        note     entra/hr:2  Unwanted { since: 2026-03-10 }
        note     entra/hr:3  Unwanted { since: 2026-03-10 }
        note     entra/hr:4  Unwanted { since: 2026-03-10 }
        next     hr:1  never, when hr:2 or hr:3 moves
        next     hr:2  2026-04-09 00:00
        next     hr:3  2026-03-17 00:00
        next     hr:4  2026-03-17 00:00
    "]]);
    managed("create 3").check(&expect![[r"
        update   entra/hr:1  manager  (it should be so, and is not yet)  manager: nothing -> account entra/hr:3
        note     entra/hr:3  Unwanted { since: 2026-03-10 }
        next     hr:1  never, when hr:2 or hr:3 moves
        next     hr:3  2026-03-17 00:00
    "]]);
}

#[test]
fn without_a_manager_in_use_the_attribute_is_cleared_and_heals_later() {
    let mut case = managed("create 2\n enable 2\n disable 2\n create 4\n delete 4\n create ad/3\n enable ad/3");
    case.check(&expect![[r"
        disable  ad/hr:3  (no rule gives an account)
        note     entra/hr:2  Unwanted { since: 2026-03-10 }
        note     ad/hr:3  Unwanted { since: 2026-03-10 }
        next     hr:1  never, when hr:2 or hr:3 or hr:4 moves
        next     hr:2  2026-04-09 00:00
        next     hr:3  2026-03-17 00:00
        next     hr:4  never
    "]]);
    case.shows("1 enabled user_name=anna manager=somebody");
    case.check(&expect![[r"
        update   entra/hr:1  manager  (it should be so, and is not yet)  manager: `somebody` -> nothing
        disable  ad/hr:3  (no rule gives an account)
        note     entra/hr:2  Unwanted { since: 2026-03-10 }
        note     ad/hr:3  Unwanted { since: 2026-03-10 }
        next     hr:1  never, when hr:2 or hr:3 or hr:4 moves
        next     hr:2  2026-04-09 00:00
        next     hr:3  2026-03-17 00:00
        next     hr:4  never
    "]]);
}

#[test]
fn a_new_account_points_at_its_manager() {
    let mut case = Case::on("2026-03-10", TEAM);
    case.book.did("2026-01-01", "create 3");
    case.check(&expect![[r"
        create   entra/hr:1  (rule `gives access`, contract `a`)  manager=account entra/hr:3 user_name=`anna`
        enable   entra/hr:1  (rule `gives access`, contract `a`)
        note     entra/hr:3  Unwanted { since: 2026-03-10 }
        next     hr:1  never, when hr:2 or hr:3 moves
        next     hr:3  2026-03-17 00:00
    "]]);
}

#[test]
fn a_first_secret_that_reached_nobody_is_made_anew() {
    let mut case = Case::on("2026-03-10", &staff(""));
    let intent = case.book.sent("2026-03-09", "create 1 user_name=anna");
    let truth = truth_of(&step("create 1"), day("2026-03-09"));
    case.book.note("2026-03-09", Fact::Outcome(intent, Settlement::Done { truth, secret: true }));
    case.book.did("2026-03-09", "enable 1");
    case.check(&expect![[r"
        reissue  entra/hr:1  (it should be so, and is not yet)
        next     hr:1  never
    "]]);
    case.notes("2026-03-09", "1", AccountFact::HandedOver);
    case.check(&expect![[r"
        next     hr:1  never
    "]]);
}

#[test]
fn a_later_target_sees_what_the_earlier_one_will_show() {
    let rows = "person 1 names=anna.vos renames=yes\n contract 1 a 2026-01-01.. gives=access,ad/access";
    let both = "create 1 user_name=anna\n enable 1\n create ad/1 user_name=anna upn=anna\n enable ad/1";
    let mut case = Case::on("2026-03-10", rows);
    case.book.did("2026-01-01", both);
    case.check(&expect![[r"
        update   entra/hr:1  user_name  (it should be so, and is not yet)  user_name: `anna` -> `anna.vos`
        update   ad/hr:1  user_name, upn  (it should be so, and is not yet)  user_name: `anna` -> `anna.vos`, upn: `anna` -> `anna.vos`
        next     hr:1  never
    "]]);
    // Nobody wants the earlier one, so it keeps its name.
    let mut case = Case::on("2026-03-10", &rows.replace("access,ad", "ad"));
    case.book.did("2026-01-01", both);
    case.book.did("2026-01-02", "disable 1");
    case.check(&expect![[r"
        update   ad/hr:1  user_name  (it should be so, and is not yet)  user_name: `anna` -> `anna.vos`
        note     entra/hr:1  Unwanted { since: 2026-03-10 }
        next     hr:1  2026-04-09 00:00
    "]]);
    case.book.did("2026-01-03", "delete 1\n update ad/1 upn=other");
    case.check(&expect![[r"
        update   ad/hr:1  user_name  (it should be so, and is not yet)  user_name: `anna` -> `anna.vos`
        next     hr:1  never
    "]]);
}

#[test]
fn i_47_an_adopted_value_that_no_mapping_names_is_never_written() {
    let mut case = hired("2026-03-10", &staff("phone=1"));
    case.shows("1 enabled user_name=anna phone=1 cost=7 title=Chief");
    assert!(case.decide().proposed.is_empty());
}

#[test]
fn an_account_with_a_step_that_has_no_outcome_is_still_seen_by_later_targets() {
    let mut case = hired("2026-03-10", "person 1 names=anna\n contract 1 a 2026-01-01.. gives=access,sales,ad/account");
    case.book.sent("2026-03-09", "grant 1 sales");
    case.shows("1 enabled user_name=anna");
    case.check(&expect![[r"
        create   ad/hr:1  (rule `gives account`, contract `a`)  upn=`anna` user_name=`anna`
        waiting  hr:1  the outcome of an earlier step on `entra` is not known yet
        next     hr:1  never, and in the next run
    "]]);
}

#[test]
fn an_account_at_which_a_profile_looks_is_decided_and_made_before_whatever_the_order_of_the_targets() {
    let mut case = Case::on("2026-03-10", "person 1 names=anna\n contract 1 a 2026-01-01.. gives=access,ad/access");
    case.policy.looks = Looks::from([(Slot::main(id("entra")), BTreeSet::from([Slot::main(id("ad"))]))]);
    case.check(&expect![[r"
        create   ad/hr:1  (rule `gives access`, contract `a`)  user_name=`anna`
        enable   ad/hr:1  (rule `gives access`, contract `a`)
        create   entra/hr:1  (rule `gives access`, contract `a`)  user_name=`anna`
        enable   entra/hr:1  (rule `gives access`, contract `a`)
        next     hr:1  never
    "]]);
    let plan = Plan::new(case.decide(), revision(), case.now, &case.settings);
    expect![[r"
        plan of 2026-03-10 04:00 UTC: 2 create, 2 enable
          create   ad/hr:1  (rule `gives access`, contract `a`)
          enable   ad/hr:1  (rule `gives access`, contract `a`)
          create   entra/hr:1  (rule `gives access`, contract `a`)
          enable   entra/hr:1  (rule `gives access`, contract `a`)
    "]]
    .assert_eq(&plan.to_string());
}
