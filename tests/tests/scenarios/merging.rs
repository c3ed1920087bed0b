//! Cases 22, 37, 60 and 61: one person under two keys.

use chrono::{DateTime, Utc};
use expect_test::expect;
use provisioning_core::audit::PersonDirective;

use crate::bylaws::Law;
use crate::story::{Story, tells_people_apart};

#[test]
fn case_22_a_contractor_who_becomes_an_employee_in_another_source_keeps_the_account_once_linked() {
    let mut story = Story::under(&[Law::PrimaryContract], tells_people_apart);
    let ext = story.another_source("ext");
    let noon: DateTime<Utc> = "2026-02-28T12:00:00Z".parse().unwrap();
    let contractors = "person 8 given_name=Bram family_name=Smit birth_date=1980-01-01
                       person 7 given_name=Anna family_name=Vos birth_date=1990-05-01
                       contract 7 x1 2026-01-05..2026-03-31 d1 type=contractor";
    ext.set(contractors, noon);
    story.hr("2026-03-01", "person 9 given_name=Cato family_name=Mol birth_date=1970-01-01");
    story.hr(
        "2026-03-20",
        "person 9 given_name=Cato family_name=Mol birth_date=1970-01-01
         person 1 given_name=Anna family_name=Vos birth_date=1990-05-01
         contract 1 c1 2026-04-01.. d1 type=employee",
    );
    story.say("2026-03-25", "ext:7", PersonDirective::Link("hr:1".parse().unwrap()));
    story.until("2026-04-09");
    // Whoever keeps the list of contractors takes her off it.
    ext.set("person 8 given_name=Bram family_name=Smit birth_date=1980-01-01", "2026-04-09T12:00:00Z".parse().unwrap());
    story.until("2026-12-31");
    story.look();
    expect![[r#"
        plan of 2026-03-01 04:00 UTC: 1 create, 1 grant, 1 enable
          create   entra/ext:7  (rule `access`, contract `x1`; rule `account`, contract `x1`)
          grant    entra/ext:7  department:d1  (rule `department`, contract `x1`)
          enable   entra/ext:7  (rule `access`, contract `x1`)

        plan of 2026-03-20 04:00 UTC: nothing to do
          refused  hr:1  record `hr:1` looks like `ext:7`; link the two, or accept evidence # if they are two people

        plan of 2026-04-01 04:00 UTC: 1 update
          update   entra/ext:7  type  (it should be so, and is not yet)  expected

        plan of 2026-04-10 04:00 UTC: nothing to do
          refused  ext:7  record `ext:7` is missing from 1 reading; it counts downwards only

        plan of 2026-04-11 04:00 UTC: nothing to do
          refused  ext:7  record `ext:7` is missing from 2 readings; it counts downwards only

        entra on 2026-12-31
          entra-1  ext:7  enabled  anna.vos  department:d1
    "#]]
    .assert_eq(&story.told());
}

const LEFT: &str = "person 1 given_name=Anna family_name=Vos birth_date=1990-05-01
                    contract 1 c1 2026-01-05..2026-03-31 d1";
const SAME: &str = "person 9 given_name=Anna family_name=Vos birth_date=1990-05-01
                    contract 9 c9 2026-05-01.. d2";

/// Anna left, and on 20 April somebody who looks like her is hired under another number.
fn hired_again() -> Story {
    let mut story = Story::under(&[], tells_people_apart);
    story.hr("2026-03-20", LEFT);
    story.until("2026-04-10");
    story.tell_from_here();
    story.hr("2026-04-20", &format!("{LEFT}\n{SAME}"));
    story.until("2026-05-03");
    story
}

#[test]
fn case_37_a_rehire_under_another_number_is_held_and_gets_the_old_account_once_linked() {
    let mut story = hired_again();
    story.say("2026-05-04", "hr:1", PersonDirective::Link("hr:9".parse().unwrap()));
    story.until("2026-12-31");
    story.look();
    expect![[r#"
        plan of 2026-04-20 04:00 UTC: nothing to do
          refused  hr:9  record `hr:9` looks like `hr:1`; link the two, or accept evidence # if they are two people

        plan of 2026-05-04 04:00 UTC: 1 grant, 1 enable
          grant    entra/hr:1  department:d2  (rule `department`, contract `c9`)
          enable   entra/hr:1  (rule `access`, contract `c9`)

        entra on 2026-12-31
          entra-1  hr:1  enabled  anna.vos  department:d2
    "#]]
    .assert_eq(&story.told());
}

#[test]
fn case_37_a_hire_who_only_looks_like_somebody_gets_an_account_once_somebody_says_so() {
    let mut story = hired_again();
    let (record, evidence) = ("hr:9".parse().unwrap(), story.evidence("hr:9"));
    story.say("2026-05-04", "hr:9", PersonDirective::Accept { record, evidence });
    story.until("2026-05-31");
    story.look();
    expect![[r#"
        plan of 2026-04-20 04:00 UTC: nothing to do
          refused  hr:9  record `hr:9` looks like `hr:1`; link the two, or accept evidence # if they are two people

        plan of 2026-05-04 04:00 UTC: 1 create, 1 grant, 1 enable
          create   entra/hr:9  (rule `access`, contract `c9`; rule `account`, contract `c9`)
          grant    entra/hr:9  department:d2  (rule `department`, contract `c9`)
          enable   entra/hr:9  (rule `access`, contract `c9`)

        entra on 2026-05-31
          entra-1  hr:1  disabled  anna.vos
          entra-2  hr:9  enabled  anna.vos2  department:d2
    "#]]
    .assert_eq(&story.told());
}

/// The same woman twice in HR, with an account each; on 10 March somebody says that she is one, the first.
fn merged() -> Story {
    let mut story = Story::new();
    story.hr(
        "2026-02-20",
        "person 1 given_name=Anna family_name=Vos
         contract 1 c1 2026-01-05.. d1
         person 2 given_name=Anna family_name=Vos
         contract 2 c2 2026-01-05.. d2",
    );
    story.until("2026-03-09");
    story.tell_from_here();
    story.say("2026-03-10", "hr:1", PersonDirective::Link("hr:2".parse().unwrap()));
    story
}

#[test]
fn case_60_of_two_accounts_of_one_person_the_chosen_one_stays_and_the_other_is_a_leftover_with_its_own_grace() {
    let mut story = merged();
    story.until("2026-07-31");
    story.look();
    expect![[r#"
        plan of 2026-03-10 04:00 UTC: 1 disable, 1 grant
          disable  entra/hr:2  (no rule gives an account)
          grant    entra/hr:1  department:d2  (rule `department`, contract `c2`)

        plan of 2026-03-17 04:00 UTC: 1 revoke
          revoke   entra/hr:2  department:d2  (no rule gives it any more)  expected

        plan of 2026-06-08 04:00 UTC: 1 delete
          delete   entra/hr:2  (unwanted since 2026-03-10, the grace is over)  expected

        entra on 2026-07-31
          entra-1  hr:1  enabled  anna.vos  department:d1, department:d2
    "#]]
    .assert_eq(&story.told());
}

#[test]
fn case_61_a_wrong_merge_undone_gives_both_back_what_they_had() {
    let mut story = merged();
    story.say("2026-03-12", "hr:2", PersonDirective::Link("hr:2".parse().unwrap()));
    story.until("2026-12-31");
    story.look();
    expect![[r#"
        plan of 2026-03-10 04:00 UTC: 1 disable, 1 grant
          disable  entra/hr:2  (no rule gives an account)
          grant    entra/hr:1  department:d2  (rule `department`, contract `c2`)

        plan of 2026-03-12 04:00 UTC: 1 enable, 1 revoke
          enable   entra/hr:2  (rule `access`, contract `c2`)
          revoke   entra/hr:1  department:d2  (no rule gives it any more)

        entra on 2026-12-31
          entra-1  hr:1  enabled  anna.vos  department:d1
          entra-2  hr:2  enabled  anna.vos2  department:d2
    "#]]
    .assert_eq(&story.told());
}
