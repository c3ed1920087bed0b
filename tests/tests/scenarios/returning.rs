//! Cases 36, 39 and 43: people who come back, and a grace that ends while nobody looks.

use expect_test::expect;

use crate::story::Story;

const LEAVER: &str = "person 1 given_name=Anna family_name=Vos
                      contract 1 c1 2026-01-05..2026-03-31 d1";

/// Anna leaves on 31 March 2026; told from then on.
fn left(last: &str) -> Story {
    let mut story = Story::new();
    story.hr("2026-03-20", LEAVER);
    story.until("2026-03-31");
    story.tell_from_here();
    story.until(last);
    story
}

#[test]
fn case_36_a_rehire_within_the_grace_gets_the_same_account_with_the_groups_of_the_new_job() {
    let mut story = left("2026-04-09");
    story.hr("2026-04-10", &format!("{LEAVER}\n contract 1 c2 2026-05-01.. d2"));
    story.until("2026-12-31");
    story.look();
    expect![[r#"
        plan of 2026-04-01 04:00 UTC: 1 disable
          disable  entra/hr:1  (no rule gives an account)  expected

        plan of 2026-04-08 04:00 UTC: 1 revoke
          revoke   entra/hr:1  department:d1  (no rule gives it any more)  expected

        plan of 2026-05-01 04:00 UTC: 1 grant, 1 enable
          grant    entra/hr:1  department:d2  (rule `department`, contract `c2`)  expected
          enable   entra/hr:1  (rule `access`, contract `c2`)  expected

        entra on 2026-12-31
          entra-1  hr:1  enabled  anna.vos  department:d2
    "#]]
    .assert_eq(&story.told());
}

#[test]
fn case_36_a_rehire_after_the_delete_restores_the_account_while_the_recycle_bin_has_it() {
    let mut story = left("2026-07-09");
    story.hr("2026-07-10", &format!("{LEAVER}\n contract 1 c2 2026-07-20.. d2"));
    story.until("2026-12-31");
    story.look();
    expect![[r#"
        plan of 2026-04-01 04:00 UTC: 1 disable
          disable  entra/hr:1  (no rule gives an account)  expected

        plan of 2026-04-08 04:00 UTC: 1 revoke
          revoke   entra/hr:1  department:d1  (no rule gives it any more)  expected

        plan of 2026-06-30 04:00 UTC: 1 delete
          delete   entra/hr:1  (unwanted since 2026-04-01, the grace is over)  expected

        plan of 2026-07-10 04:00 UTC: 1 create
          restore  entra/hr:1  (rule `account`, contract `c2`)

        plan of 2026-07-20 04:00 UTC: 1 grant, 1 enable
          grant    entra/hr:1  department:d2  (rule `department`, contract `c2`)  expected
          enable   entra/hr:1  (rule `access`, contract `c2`)  expected

        entra on 2026-12-31
          entra-1  hr:1  enabled  anna.vos  department:d2
    "#]]
    .assert_eq(&story.told());
}

#[test]
fn case_39_a_rehire_after_the_purge_gets_a_new_account_with_the_old_name() {
    let mut story = left("2026-08-09");
    // Somebody of the same name comes in between, and does not get the name.
    let namesake = "person 5 given_name=Anna family_name=Vos
                    contract 5 c5 2026-08-17.. d1";
    story.hr("2026-08-10", &format!("{LEAVER}\n{namesake}"));
    story.hr("2026-09-01", &format!("{LEAVER}\n{namesake}\n contract 1 c2 2026-09-14.. d2"));
    story.until("2026-12-31");
    story.look();
    expect![[r#"
        plan of 2026-04-01 04:00 UTC: 1 disable
          disable  entra/hr:1  (no rule gives an account)  expected

        plan of 2026-04-08 04:00 UTC: 1 revoke
          revoke   entra/hr:1  department:d1  (no rule gives it any more)  expected

        plan of 2026-06-30 04:00 UTC: 1 delete
          delete   entra/hr:1  (unwanted since 2026-04-01, the grace is over)  expected

        plan of 2026-08-10 04:00 UTC: 1 create
          create   entra/hr:5  (rule `account`, contract `c5`)

        plan of 2026-08-17 04:00 UTC: 1 grant, 1 enable
          grant    entra/hr:5  department:d1  (rule `department`, contract `c5`)  expected
          enable   entra/hr:5  (rule `access`, contract `c5`)  expected

        plan of 2026-09-01 04:00 UTC: 1 create
          create   entra/hr:1  (rule `account`, contract `c2`)

        plan of 2026-09-14 04:00 UTC: 1 grant, 1 enable
          grant    entra/hr:1  department:d2  (rule `department`, contract `c2`)  expected
          enable   entra/hr:1  (rule `access`, contract `c2`)  expected

        entra on 2026-12-31
          entra-2  hr:5  enabled  anna.vos2  department:d1
          entra-3  hr:1  enabled  anna.vos  department:d2
    "#]]
    .assert_eq(&story.told());
    assert_eq!(story.previous("hr:1"), ["entra-1"], "the ledger links the new account to the old one");
}

#[test]
fn case_43_a_grace_that_ends_while_the_engine_is_down_deletes_once_after_the_restart() {
    let mut story = left("2026-06-19");
    story.sleep_until("2026-07-10");
    story.until("2026-08-31");
    expect![[r#"
        plan of 2026-04-01 04:00 UTC: 1 disable
          disable  entra/hr:1  (no rule gives an account)  expected

        plan of 2026-04-08 04:00 UTC: 1 revoke
          revoke   entra/hr:1  department:d1  (no rule gives it any more)  expected

        plan of 2026-07-10 04:00 UTC: 1 delete
          delete   entra/hr:1  (unwanted since 2026-04-01, the grace is over)  expected
    "#]]
    .assert_eq(&story.told());
}
