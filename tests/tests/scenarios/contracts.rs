//! Cases 16 to 26: several contracts of one person, beside and after each other.

use expect_test::expect;

use crate::bylaws::Law;
use crate::story::{Story, date};

#[test]
fn case_16_and_18_two_contracts_give_both_groups_and_the_end_of_the_primary_one_takes_only_its_own() {
    let mut story = Story::under(&[Law::PrimaryContract], |_| {});
    story.hr(
        "2026-02-25",
        "person 1 given_name=Anna family_name=Vos
         contract 1 c1 2026-03-02..2026-06-30 d1
         contract 1 c2 2026-04-01.. d2",
    );
    story.until("2026-07-31");
    story.look();
    expect![[r#"
        plan of 2026-02-25 04:00 UTC: 1 create
          create   entra/hr:1  (rule `account`, contract `c1`)

        plan of 2026-03-02 04:00 UTC: 1 grant, 1 enable
          grant    entra/hr:1  department:d1  (rule `department`, contract `c1`)  expected
          enable   entra/hr:1  (rule `access`, contract `c1`)  expected

        plan of 2026-04-01 04:00 UTC: 1 grant
          grant    entra/hr:1  department:d2  (rule `department`, contract `c2`)  expected

        plan of 2026-07-01 04:00 UTC: 1 update, 1 revoke
          update   entra/hr:1  department  (it should be so, and is not yet)  expected
          revoke   entra/hr:1  department:d1  (no rule gives it any more)  expected

        entra on 2026-07-31
          entra-1  hr:1  enabled  anna.vos  department:d2
    "#]]
    .assert_eq(&story.told());
}

const WEEKEND: &str = "person 1 given_name=Anna family_name=Vos
                       contract 1 c1 2026-01-05..2026-03-06 d1
                       contract 1 c2 2026-03-09.. d1";

#[test]
fn case_19_a_weekend_between_two_contracts_disables_and_keeps_the_groups() {
    let mut story = Story::new();
    story.hr("2026-02-20", WEEKEND);
    story.until("2026-03-31");
    expect![[r#"
        plan of 2026-02-20 04:00 UTC: 1 create, 1 grant, 1 enable
          create   entra/hr:1  (rule `access`, contract `c1`; rule `account`, contract `c1`)
          grant    entra/hr:1  department:d1  (rule `department`, contract `c1`)
          enable   entra/hr:1  (rule `access`, contract `c1`)

        plan of 2026-03-07 04:00 UTC: 1 disable
          disable  entra/hr:1  (the rules give an account without access)  expected

        plan of 2026-03-09 04:00 UTC: 1 enable
          enable   entra/hr:1  (rule `access`, contract `c2`)  expected
    "#]]
    .assert_eq(&story.told());
}

#[test]
fn case_19_with_a_bridge_of_two_days_nothing_happens_in_a_weekend_between_two_contracts() {
    let mut story = Story::with(|settings| settings.lifecycle.bridge_days = 2);
    story.hr("2026-02-20", WEEKEND);
    story.until("2026-03-31");
    expect![[r#"
        plan of 2026-02-20 04:00 UTC: 1 create, 1 grant, 1 enable
          create   entra/hr:1  (rule `access`, contract `c1`; rule `account`, contract `c1`)
          grant    entra/hr:1  department:d1  (rule `department`, contract `c1`)
          enable   entra/hr:1  (rule `access`, contract `c1`)
    "#]]
    .assert_eq(&story.told());
}

#[test]
fn case_20_a_contract_that_is_renewed_late_costs_days_of_access_and_no_groups() {
    let mut story = Story::new();
    let person = "person 1 given_name=Anna family_name=Vos
                  contract 1 c1 2026-01-05..2026-03-31 d1";
    story.hr("2026-03-20", person);
    story.hr("2026-04-03", &format!("{person}\n contract 1 c2 2026-04-01.. d1"));
    story.until("2026-04-30");
    story.look();
    expect![[r#"
        plan of 2026-03-20 04:00 UTC: 1 create, 1 grant, 1 enable
          create   entra/hr:1  (rule `access`, contract `c1`; rule `account`, contract `c1`)
          grant    entra/hr:1  department:d1  (rule `department`, contract `c1`)
          enable   entra/hr:1  (rule `access`, contract `c1`)

        plan of 2026-04-01 04:00 UTC: 1 disable
          disable  entra/hr:1  (no rule gives an account)  expected

        plan of 2026-04-03 04:00 UTC: 1 enable
          enable   entra/hr:1  (rule `access`, contract `c2`)

        entra on 2026-04-30
          entra-1  hr:1  enabled  anna.vos  department:d1
    "#]]
    .assert_eq(&story.told());
    let renewal = story.contract("hr:1", "c2");
    assert!(renewal.known_since > renewal.period.unwrap().start(), "the data came late, and one can see it");
}

#[test]
fn case_23_a_conversion_that_is_known_ahead_changes_nothing_before_its_day() {
    let mut story = Story::under(&[Law::PrimaryContract], |_| {});
    let hired = "person 1 given_name=Anna family_name=Vos
                 contract 1 c1 2026-01-05..";
    story.hr("2026-03-20", &format!("{hired} d1 type=contractor"));
    story.hr(
        "2026-04-01",
        &format!("{hired}2026-05-31 d1 type=contractor\n contract 1 c2 2026-06-01.. d2 type=employee"),
    );
    story.until("2026-06-30");
    expect![[r#"
        plan of 2026-03-20 04:00 UTC: 1 create, 1 grant, 1 enable
          create   entra/hr:1  (rule `access`, contract `c1`; rule `account`, contract `c1`)
          grant    entra/hr:1  department:d1  (rule `department`, contract `c1`)
          enable   entra/hr:1  (rule `access`, contract `c1`)

        plan of 2026-06-01 04:00 UTC: 1 grant, 1 update, 1 revoke
          grant    entra/hr:1  department:d2  (rule `department`, contract `c2`)  expected
          update   entra/hr:1  department, type  (it should be so, and is not yet)  expected
          revoke   entra/hr:1  department:d1  (no rule gives it any more)  expected
    "#]]
    .assert_eq(&story.told());
}

#[test]
fn case_24_a_conversion_entered_after_its_day_counts_from_now_and_interrupts_nothing() {
    let mut story = Story::under(&[Law::PrimaryContract], |_| {});
    let hired = "person 1 given_name=Anna family_name=Vos
                 contract 1 c1 2026-01-05..";
    story.hr("2026-03-20", &format!("{hired} d1 type=contractor"));
    story.hr(
        "2026-06-15",
        &format!("{hired}2026-05-31 d1 type=contractor\n contract 1 c2 2026-06-01.. d2 type=employee"),
    );
    story.until("2026-07-15");
    expect![[r#"
        plan of 2026-03-20 04:00 UTC: 1 create, 1 grant, 1 enable
          create   entra/hr:1  (rule `access`, contract `c1`; rule `account`, contract `c1`)
          grant    entra/hr:1  department:d1  (rule `department`, contract `c1`)
          enable   entra/hr:1  (rule `access`, contract `c1`)

        plan of 2026-06-15 04:00 UTC: 1 grant, 1 update, 1 revoke
          grant    entra/hr:1  department:d2  (rule `department`, contract `c2`)
          update   entra/hr:1  department, type  (it should be so, and is not yet)
          revoke   entra/hr:1  department:d1  (no rule gives it any more)
    "#]]
    .assert_eq(&story.told());
}

#[test]
fn case_25_a_second_employer_means_no_second_account_unless_a_rule_declares_one() {
    let mut story = Story::under(&[Law::AdminAccounts], |_| {});
    story.hr(
        "2026-02-20",
        "person 1 given_name=Anna family_name=Vos
         contract 1 c1 2026-03-02.. d1 employer=town
         contract 1 c2 2026-03-02..2026-05-31 d2 employer=region
         person 2 given_name=Bram family_name=Smit
         contract 2 c3 2026-03-02.. d1 employer=town
         contract 2 c4 2026-03-02..2026-05-31 employer=region admin=yes",
    );
    story.until("2026-06-30");
    story.look();
    expect![[r#"
        plan of 2026-02-20 04:00 UTC: 2 create
          create   entra/hr:1  (rule `account`, contract `c1`; rule `account`, contract `c2`)
          create   entra/hr:2  (rule `account`, contract `c3`; rule `account`, contract `c4`)

        plan of 2026-03-02 04:00 UTC: 1 create, 3 grant, 3 enable
          create   entra/hr:2#admin  (rule `admin`, contract `c4`)  expected
          grant    entra/hr:1  department:d1  (rule `department`, contract `c1`)  expected
          grant    entra/hr:1  department:d2  (rule `department`, contract `c2`)  expected
          grant    entra/hr:2  department:d1  (rule `department`, contract `c3`)  expected
          enable   entra/hr:1  (rule `access`, contract `c1`; rule `access`, contract `c2`)  expected
          enable   entra/hr:2#admin  (rule `admin`, contract `c4`)  expected
          enable   entra/hr:2  (rule `access`, contract `c3`; rule `access`, contract `c4`)  expected

        plan of 2026-06-01 04:00 UTC: 1 disable, 1 revoke
          disable  entra/hr:2#admin  (no rule gives an account)  expected
          revoke   entra/hr:1  department:d2  (no rule gives it any more)  expected

        entra on 2026-06-30
          entra-1  hr:1  enabled  anna.vos  department:d1
          entra-2  hr:2  enabled  bram.smit  department:d1
          entra-3  hr:2#admin  disabled  adm.bram.smit
    "#]]
    .assert_eq(&story.told());
}

#[test]
fn case_26_a_contract_of_one_day_is_one_day_of_access() {
    let mut story = Story::new();
    story.hr(
        "2026-02-20",
        "person 1 given_name=Anna family_name=Vos
         contract 1 c1 2026-03-02..2026-03-02 d1",
    );
    story.until("2026-03-05");
    expect![[r#"
        plan of 2026-02-20 04:00 UTC: 1 create
          create   entra/hr:1  (rule `account`, contract `c1`)

        plan of 2026-03-02 04:00 UTC: 1 grant, 1 enable
          grant    entra/hr:1  department:d1  (rule `department`, contract `c1`)  expected
          enable   entra/hr:1  (rule `access`, contract `c1`)  expected

        plan of 2026-03-03 04:00 UTC: 1 disable
          disable  entra/hr:1  (no rule gives an account)  expected
    "#]]
    .assert_eq(&story.told());
}

#[test]
fn case_26_an_end_before_the_start_is_a_withdrawal_before_the_start_and_ends_the_work_after_it() {
    let mut story = Story::new();
    let people = "person 1 given_name=Anna family_name=Vos
                  person 2 given_name=Bram family_name=Smit
                  contract 2 c2 2026-04-01..2026-03-31 d1";
    story.hr("2026-02-20", &format!("{people}\n contract 1 c1 2026-03-02.. d1"));
    story.hr("2026-03-10", &format!("{people}\n contract 1 c1 2026-03-02..2026-03-01 d1"));
    story.until("2026-06-30");
    assert_eq!(story.contract("hr:1", "c1").period.unwrap().last_day(), Some(date("2026-03-09")));
    expect![[r#"
        plan of 2026-02-20 04:00 UTC: 1 create
          create   entra/hr:1  (rule `account`, contract `c1`)

        plan of 2026-03-02 04:00 UTC: 1 grant, 1 enable
          grant    entra/hr:1  department:d1  (rule `department`, contract `c1`)  expected
          enable   entra/hr:1  (rule `access`, contract `c1`)  expected

        plan of 2026-03-10 04:00 UTC: 1 disable
          disable  entra/hr:1  (no rule gives an account)
          refused  hr:1  contract `c1` now ends before its start and had started; it counts as ended on 2026-03-09

        plan of 2026-03-17 04:00 UTC: 1 revoke
          revoke   entra/hr:1  department:d1  (no rule gives it any more)  expected

        plan of 2026-06-08 04:00 UTC: 1 delete
          delete   entra/hr:1  (unwanted since 2026-03-10, the grace is over)  expected
    "#]]
    .assert_eq(&story.told());
}
