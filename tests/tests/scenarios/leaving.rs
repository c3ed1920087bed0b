//! Cases 33 to 35, 41 and 42: people who leave, for good or for a while.

use expect_test::expect;
use provisioning_core::audit::PersonDirective;

use crate::bylaws::Law;
use crate::story::Story;

#[test]
fn case_33_a_leaver_is_disabled_at_the_midnight_after_the_last_day_and_deleted_after_the_grace() {
    let mut story = Story::new();
    story.hr(
        "2026-03-20",
        "person 1 given_name=Anna family_name=Vos
         contract 1 c1 2026-01-05..2026-03-31 d1",
    );
    story.until("2026-03-31");
    story.at("2026-03-31T21:59:59Z");
    story.at("2026-03-31T22:00:00Z");
    story.until("2026-08-31");
    expect![[r#"
        plan of 2026-03-20 04:00 UTC: 1 create, 1 grant, 1 enable
          create   entra/hr:1  (rule `access`, contract `c1`; rule `account`, contract `c1`)
          grant    entra/hr:1  department:d1  (rule `department`, contract `c1`)
          enable   entra/hr:1  (rule `access`, contract `c1`)

        plan of 2026-03-31 22:00 UTC: 1 disable
          disable  entra/hr:1  (no rule gives an account)  expected

        plan of 2026-04-08 04:00 UTC: 1 revoke
          revoke   entra/hr:1  department:d1  (no rule gives it any more)  expected

        plan of 2026-06-30 04:00 UTC: 1 delete
          delete   entra/hr:1  (unwanted since 2026-04-01, the grace is over)  expected
    "#]]
    .assert_eq(&story.told());
}

#[test]
fn case_34_a_block_acts_at_once_and_hr_cannot_undo_it() {
    let mut story = Story::new();
    let person = "person 1 given_name=Anna family_name=Vos
                  contract 1 c1 2026-01-05..";
    story.hr("2026-03-20", &format!("{person} d1"));
    story.say("2026-04-10", "hr:1", PersonDirective::Block);
    story.at("2026-04-10T03:01:00Z");
    // HR catches up, and then hires the person again.
    story.hr("2026-04-20", &format!("{person}2026-04-30 d1"));
    story.hr("2026-05-04", &format!("{person}2026-04-30 d1\n contract 1 c2 2026-05-04.. d1"));
    story.until("2026-06-30");
    story.say("2026-07-01", "hr:1", PersonDirective::Unblock);
    story.until("2026-07-10");
    expect![[r#"
        plan of 2026-03-20 04:00 UTC: 1 create, 1 grant, 1 enable
          create   entra/hr:1  (rule `access`, contract `c1`; rule `account`, contract `c1`)
          grant    entra/hr:1  department:d1  (rule `department`, contract `c1`)
          enable   entra/hr:1  (rule `access`, contract `c1`)

        plan of 2026-04-10 03:01 UTC: 1 disable
          disable  entra/hr:1  (blocked by a directive)  ordered

        plan of 2026-05-01 04:00 UTC: 1 revoke
          revoke   entra/hr:1  department:d1  (no rule gives it any more)

        plan of 2026-07-01 04:00 UTC: 1 grant, 1 enable
          grant    entra/hr:1  department:d1  (rule `department`, contract `c2`)
          enable   entra/hr:1  (rule `access`, contract `c2`)
    "#]]
    .assert_eq(&story.told());
}

#[test]
fn case_35_nothing_is_deleted_under_a_legal_hold() {
    let mut story = Story::new();
    story.hr(
        "2026-03-20",
        "person 1 given_name=Anna family_name=Vos
         contract 1 c1 2026-01-05..2026-03-31 d1",
    );
    story.say("2026-03-25", "hr:1", PersonDirective::Block);
    story.say("2026-03-25", "hr:1", PersonDirective::LegalHold(true));
    story.until("2026-12-31");
    story.say("2027-01-01", "hr:1", PersonDirective::LegalHold(false));
    story.until("2027-01-10");
    expect![[r#"
        plan of 2026-03-20 04:00 UTC: 1 create, 1 grant, 1 enable
          create   entra/hr:1  (rule `access`, contract `c1`; rule `account`, contract `c1`)
          grant    entra/hr:1  department:d1  (rule `department`, contract `c1`)
          enable   entra/hr:1  (rule `access`, contract `c1`)

        plan of 2026-03-25 04:00 UTC: 1 disable
          disable  entra/hr:1  (blocked by a directive)  ordered

        plan of 2026-04-01 04:00 UTC: 1 revoke
          revoke   entra/hr:1  department:d1  (no rule gives it any more)  expected

        plan of 2027-01-01 04:00 UTC: 1 delete
          delete   entra/hr:1  (unwanted since 2026-04-01, the grace is over)  expected
    "#]]
    .assert_eq(&story.told());
}

#[test]
fn case_41_a_leave_of_absence_suspends_and_gives_back_what_the_rules_still_give() {
    let mut story = Story::under(&[Law::Licence, Law::Leave], |_| {});
    story.hr(
        "2026-03-20",
        "person 1 given_name=Anna family_name=Vos
         contract 1 c1 2026-01-05.. d1 leave_from=2026-04-01 leave_through=2026-09-30",
    );
    story.until("2026-10-10");
    story.look();
    expect![[r#"
        plan of 2026-03-20 04:00 UTC: 1 ensure, 1 create, 2 grant, 1 enable
          ensure   entra  licence:e3 `E3`  (it should be so, and is not yet)
          create   entra/hr:1  (rule `access`, contract `c1`; rule `account`, contract `c1`)
          grant    entra/hr:1  department:d1  (rule `department`, contract `c1`)
          grant    entra/hr:1  licence:e3  (rule `licence`, contract `c1`)
          enable   entra/hr:1  (rule `access`, contract `c1`)

        plan of 2026-04-01 04:00 UTC: 1 disable
          disable  entra/hr:1  (the rules give an account without access)  expected

        plan of 2026-04-08 04:00 UTC: 1 revoke
          revoke   entra/hr:1  licence:e3  (the account is suspended since 2026-04-01, and keeps no such permission)  expected

        plan of 2026-10-01 04:00 UTC: 1 grant, 1 enable
          grant    entra/hr:1  licence:e3  (rule `licence`, contract `c1`)  expected
          enable   entra/hr:1  (rule `access`, contract `c1`)  expected

        entra on 2026-10-10
          entra-1  hr:1  enabled  anna.vos  department:d1, licence:e3
    "#]]
    .assert_eq(&story.told());
}

#[test]
fn case_42_access_ends_on_the_last_day_of_work_and_the_rest_with_the_contract() {
    let mut story = Story::under(&[Law::LastWorkingDay], |_| {});
    story.hr(
        "2026-03-20",
        "person 1 given_name=Anna family_name=Vos
         contract 1 c1 2026-01-05..2026-06-30 d1 last_working_day=2026-05-31",
    );
    story.until("2026-12-31");
    expect![[r#"
        plan of 2026-03-20 04:00 UTC: 1 create, 1 grant, 1 enable
          create   entra/hr:1  (rule `access`, contract `c1`; rule `account`, contract `c1`)
          grant    entra/hr:1  department:d1  (rule `department`, contract `c1`)
          enable   entra/hr:1  (rule `access`, contract `c1`)

        plan of 2026-06-01 04:00 UTC: 1 disable
          disable  entra/hr:1  (the rules give an account without access)  expected

        plan of 2026-07-01 04:00 UTC: 1 revoke
          revoke   entra/hr:1  department:d1  (no rule gives it any more)  expected

        plan of 2026-09-29 04:00 UTC: 1 delete
          delete   entra/hr:1  (unwanted since 2026-07-01, the grace is over)  expected
    "#]]
    .assert_eq(&story.told());
}
