//! Cases 1 to 7: people who start, or don't.

use chrono::{DateTime, Utc};
use expect_test::expect;
use provisioning_core::plan::{AccountStep, Step};

use crate::bylaws::Law;
use crate::story::{Story, date};

#[test]
fn case_01_a_hire_has_an_account_in_the_lead_time_and_access_from_the_first_local_midnight() {
    let mut story = Story::under(&[Law::Licence], |_| {});
    story.hr(
        "2026-02-01",
        "department d9 Sales
         person 1 given_name=Anna family_name=Vos
         contract 1 c1 2026-03-02.. d9",
    );
    story.until("2026-03-01");
    story.at("2026-03-01T22:59:59Z");
    story.at("2026-03-01T23:00:00Z");
    story.until("2026-03-10");
    expect![[r#"
        plan of 2026-02-16 04:00 UTC: 1 create
          create   entra/hr:1  (rule `account`, contract `c1`)  expected

        plan of 2026-03-01 23:00 UTC: 2 ensure, 2 grant, 1 enable
          ensure   entra  department:d9 `Sales`  (it should be so, and is not yet)
          ensure   entra  licence:e3 `E3`  (it should be so, and is not yet)
          grant    entra/hr:1  department:d9  (rule `department`, contract `c1`)  expected
          grant    entra/hr:1  licence:e3  (rule `licence`, contract `c1`)  expected
          enable   entra/hr:1  (rule `access`, contract `c1`)  expected
    "#]]
    .assert_eq(&story.told());
    let sent = story.sent();
    assert_eq!(sent.len(), 6);
    assert!(sent.iter().all(|(_, action)| action.why.len() == 1), "each action has one reason in the audit trail");
}

#[test]
fn case_02_a_hire_entered_late_is_created_and_enabled_at_once() {
    let mut story = Story::new();
    story.hr("2026-03-01", "person 9");
    story.hr(
        "2026-03-10",
        "person 9
         person 1 given_name=Anna family_name=Vos
         contract 1 c1 2026-03-02.. d1",
    );
    story.until("2026-03-20");
    expect![[r#"
        plan of 2026-03-10 04:00 UTC: 1 create, 1 grant, 1 enable
          create   entra/hr:1  (rule `access`, contract `c1`; rule `account`, contract `c1`)
          grant    entra/hr:1  department:d1  (rule `department`, contract `c1`)
          enable   entra/hr:1  (rule `access`, contract `c1`)
    "#]]
    .assert_eq(&story.told());
    let processed: DateTime<Utc> = "2026-03-10T04:00:00Z".parse().unwrap();
    assert!(story.sent().iter().all(|(at, _)| *at == processed));
    let contract = story.contract("hr:1", "c1");
    assert_eq!(contract.period.unwrap().start(), date("2026-03-02"), "when it counts from");
    assert_eq!(contract.known_since, date("2026-03-10"), "when it was learnt");
}

#[test]
fn case_03_a_start_that_is_put_off_disables_until_then_and_deletes_nothing() {
    let mut story = Story::new();
    let people = "person 1 given_name=Anna family_name=Vos
                  person 2 given_name=Bram family_name=Smit";
    let starts =
        |first: &str, second: &str| format!("{people}\n contract 1 c1 {first}.. d1\n contract 2 c2 {second}.. d1");
    story.hr("2026-02-01", &starts("2026-03-02", "2026-03-02"));
    story.hr("2026-03-05", &starts("2026-03-09", "2026-09-01"));
    story.until("2026-09-05");
    story.look();
    expect![[r#"
        plan of 2026-02-16 04:00 UTC: 2 create
          create   entra/hr:1  (rule `account`, contract `c1`)  expected
          create   entra/hr:2  (rule `account`, contract `c2`)  expected

        plan of 2026-03-02 04:00 UTC: 2 grant, 2 enable
          grant    entra/hr:1  department:d1  (rule `department`, contract `c1`)  expected
          grant    entra/hr:2  department:d1  (rule `department`, contract `c2`)  expected
          enable   entra/hr:1  (rule `access`, contract `c1`)  expected
          enable   entra/hr:2  (rule `access`, contract `c2`)  expected

        plan of 2026-03-05 04:00 UTC: 2 disable
          disable  entra/hr:1  (the rules give an account without access)
          disable  entra/hr:2  (no rule gives an account)

        plan of 2026-03-09 04:00 UTC: 1 enable
          enable   entra/hr:1  (rule `access`, contract `c1`)  expected

        plan of 2026-03-12 04:00 UTC: 1 revoke
          revoke   entra/hr:2  department:d1  (no rule gives it any more)  expected

        plan of 2026-09-01 04:00 UTC: 1 grant, 1 enable
          grant    entra/hr:2  department:d1  (rule `department`, contract `c2`)  expected
          enable   entra/hr:2  (rule `access`, contract `c2`)  expected

        entra on 2026-09-05
          entra-1  hr:1  enabled  anna.vos  department:d1
          entra-2  hr:2  enabled  bram.smit  department:d1
    "#]]
    .assert_eq(&story.told());
}

#[test]
fn case_04_a_start_that_is_brought_forward_is_acted_on_as_soon_as_it_is_reached() {
    let mut story = Story::new();
    let people = "person 1 given_name=Anna family_name=Vos
                  person 2 given_name=Bram family_name=Smit";
    let starts =
        |first: &str, second: &str| format!("{people}\n contract 1 c1 {first}.. d1\n contract 2 c2 {second}.. d1");
    story.hr("2026-02-01", &starts("2026-03-16", "2026-03-16"));
    story.hr("2026-03-05", &starts("2026-03-04", "2026-03-09"));
    story.until("2026-03-20");
    expect![[r#"
        plan of 2026-03-02 04:00 UTC: 2 create
          create   entra/hr:1  (rule `account`, contract `c1`)  expected
          create   entra/hr:2  (rule `account`, contract `c2`)  expected

        plan of 2026-03-05 04:00 UTC: 1 grant, 1 enable
          grant    entra/hr:1  department:d1  (rule `department`, contract `c1`)
          enable   entra/hr:1  (rule `access`, contract `c1`)

        plan of 2026-03-09 04:00 UTC: 1 grant, 1 enable
          grant    entra/hr:2  department:d1  (rule `department`, contract `c2`)  expected
          enable   entra/hr:2  (rule `access`, contract `c2`)  expected
    "#]]
    .assert_eq(&story.told());
}

#[test]
fn case_05_a_withdrawn_hire_is_never_enabled_and_deleted_after_a_grace_and_the_name_stays_reserved() {
    let mut story = Story::new();
    story.hr(
        "2026-02-01",
        "person 1 given_name=Anna family_name=Vos
         contract 1 c1 2026-03-02.. d1
         person 2 given_name=Bram family_name=Smit
         contract 2 c2 2026-03-02.. d1",
    );
    // HR withdraws one hire by an end before the start, the other by deleting the row.
    let withdrawn = "person 1 given_name=Anna family_name=Vos
                     contract 1 c1 2026-03-02..2026-03-01 d1
                     person 2 given_name=Bram family_name=Smit";
    story.hr("2026-02-20", withdrawn);
    story.hr(
        "2026-05-01",
        &format!("{withdrawn}\n person 3 given_name=Anna family_name=Vos\n contract 3 c3 2026-05-11.. d1"),
    );
    story.until("2026-05-01");
    story.look();
    expect![[r#"
        plan of 2026-02-16 04:00 UTC: 2 create
          create   entra/hr:1  (rule `account`, contract `c1`)  expected
          create   entra/hr:2  (rule `account`, contract `c2`)  expected

        plan of 2026-02-20 04:00 UTC: nothing to do
          refused  hr:2  a contract is missing from the source; it counts downwards only

        plan of 2026-03-22 04:00 UTC: 1 delete
          delete   entra/hr:1  (unwanted since 2026-02-20, the grace is over)  expected

        plan of 2026-03-24 04:00 UTC: 1 delete
          delete   entra/hr:2  (unwanted since 2026-02-22, the grace is over)  expected

        plan of 2026-05-01 04:00 UTC: 1 create
          create   entra/hr:3  (rule `account`, contract `c3`)

        entra on 2026-05-01
          entra-3  hr:3  disabled  anna.vos2
    "#]]
    .assert_eq(&story.told());
}

#[test]
fn case_06_a_withdrawn_hire_who_is_offered_the_work_again_gets_the_same_account() {
    let mut story = Story::new();
    story.hr(
        "2026-02-01",
        "person 1 given_name=Anna family_name=Vos
         contract 1 c1 2026-03-02.. d1",
    );
    story.hr(
        "2026-02-20",
        "person 1 given_name=Anna family_name=Vos
         contract 1 c1 2026-03-02..2026-03-01 d1",
    );
    story.hr(
        "2026-03-12",
        "person 1 given_name=Anna family_name=Vos
         contract 1 c1 2026-03-02..2026-03-01 d1
         contract 1 c2 2026-03-25.. d2",
    );
    story.until("2026-05-01");
    story.look();
    expect![[r#"
        plan of 2026-02-16 04:00 UTC: 1 create
          create   entra/hr:1  (rule `account`, contract `c1`)  expected

        plan of 2026-03-25 04:00 UTC: 1 grant, 1 enable
          grant    entra/hr:1  department:d2  (rule `department`, contract `c2`)  expected
          enable   entra/hr:1  (rule `access`, contract `c2`)  expected

        entra on 2026-05-01
          entra-1  hr:1  enabled  anna.vos  department:d2
    "#]]
    .assert_eq(&story.told());
}

#[test]
fn case_07_two_hires_of_the_same_name_are_numbered_by_person_whatever_the_order_of_the_rows() {
    let rows = [
        "person 1 given_name=Anna family_name=Vos",
        "person 2 given_name=Anna family_name=Vos",
        "contract 1 c1 2026-03-02.. d1",
        "contract 2 c2 2026-03-02.. d1",
    ];
    let told = |rows: Vec<&str>| {
        let mut story = Story::new();
        story.hr("2026-02-20", &rows.join("\n"));
        story.until("2026-02-20");
        story.look();
        let creates = story.sent().iter().filter(|(_, action)| is_create(&action.step)).count();
        assert_eq!(creates, 2);
        story.told()
    };
    expect![[r#"
        plan of 2026-02-20 04:00 UTC: 2 create
          create   entra/hr:1  (rule `account`, contract `c1`)
          create   entra/hr:2  (rule `account`, contract `c2`)

        entra on 2026-02-20
          entra-1  hr:1  disabled  anna.vos
          entra-2  hr:2  disabled  anna.vos2
    "#]]
    .assert_eq(&told(rows.to_vec()));
    assert_eq!(told(rows.to_vec()), told(rows.into_iter().rev().collect()));
}

fn is_create(step: &Step) -> bool {
    matches!(step, Step::Account { step: AccountStep::Create(_), .. })
}
