//! Cases 51, 58 and 59: people whose names change, and rows that are not who they say.

use expect_test::expect;

use crate::bylaws::Law;
use crate::story::{Story, tells_people_apart};

const MAIDEN: &str = "person 1 given_name=Anna family_name=Vos
                      contract 1 c1 2026-01-05.. d1";
const MARRIED: &str = "person 1 given_name=Anna family_name=Bakker
                       contract 1 c1 2026-01-05.. d1";

#[test]
fn case_51_a_marriage_changes_the_surname_and_leaves_a_frozen_user_name() {
    let mut story = Story::new();
    story.hr("2026-03-01", MAIDEN);
    story.hr("2026-04-01", MARRIED);
    story.until("2026-04-10");
    story.look();
    expect![[r#"
        plan of 2026-03-01 04:00 UTC: 1 create, 1 grant, 1 enable
          create   entra/hr:1  (rule `access`, contract `c1`; rule `account`, contract `c1`)
          grant    entra/hr:1  department:d1  (rule `department`, contract `c1`)
          enable   entra/hr:1  (rule `access`, contract `c1`)

        plan of 2026-04-01 04:00 UTC: 1 update
          update   entra/hr:1  family_name  (it should be so, and is not yet)

        entra on 2026-04-10
          entra-1  hr:1  enabled  anna.vos  department:d1
    "#]]
    .assert_eq(&story.told());
}

#[test]
fn case_51_where_user_names_follow_the_old_one_stays_reserved_to_its_bearer() {
    let mut story = Story::under(&[Law::NamesFollow], |_| {});
    story.hr("2026-03-01", MAIDEN);
    story.hr("2026-04-01", MARRIED);
    story.hr(
        "2026-05-01",
        &format!("{MARRIED}\n person 2 given_name=Anna family_name=Vos\n contract 2 c2 2026-05-01.."),
    );
    // A divorce.
    story
        .hr("2026-06-01", &format!("{MAIDEN}\n person 2 given_name=Anna family_name=Vos\n contract 2 c2 2026-05-01.."));
    story.until("2026-05-31");
    story.look();
    story.until("2026-06-10");
    story.look();
    expect![[r#"
        plan of 2026-03-01 04:00 UTC: 1 create, 1 grant, 1 enable
          create   entra/hr:1  (rule `access`, contract `c1`; rule `account`, contract `c1`)
          grant    entra/hr:1  department:d1  (rule `department`, contract `c1`)
          enable   entra/hr:1  (rule `access`, contract `c1`)

        plan of 2026-04-01 04:00 UTC: 1 update
          update   entra/hr:1  user_name, family_name  (it should be so, and is not yet)

        plan of 2026-05-01 04:00 UTC: 1 create, 1 enable
          create   entra/hr:2  (rule `access`, contract `c2`; rule `account`, contract `c2`)
          enable   entra/hr:2  (rule `access`, contract `c2`)

        entra on 2026-05-31
          entra-1  hr:1  enabled  anna.bakker  department:d1
          entra-2  hr:2  enabled  anna.vos2

        plan of 2026-06-01 04:00 UTC: 1 update
          update   entra/hr:1  user_name, family_name  (it should be so, and is not yet)

        entra on 2026-06-10
          entra-1  hr:1  enabled  anna.vos  department:d1
          entra-2  hr:2  enabled  anna.vos2
    "#]]
    .assert_eq(&story.told());
}

#[test]
fn case_58_a_number_that_is_given_to_somebody_else_is_quarantined() {
    let mut story = Story::under(&[], tells_people_apart);
    let other = "person 2 given_name=Bram family_name=Smit birth_date=1980-01-01";
    story.hr(
        "2026-03-20",
        &format!(
            "{other}
             person 1 given_name=Anna family_name=Vos birth_date=1990-05-01
             contract 1 c1 2026-01-05..2026-03-31 d1"
        ),
    );
    story.hr(
        "2026-05-01",
        &format!(
            "{other}
             person 1 given_name=Piet family_name=Bakker birth_date=1985-12-31
             contract 1 c7 2026-05-04.. d2"
        ),
    );
    story.until("2026-12-31");
    story.look();
    expect![[r#"
        plan of 2026-03-20 04:00 UTC: 1 create, 1 grant, 1 enable
          create   entra/hr:1  (rule `access`, contract `c1`; rule `account`, contract `c1`)
          grant    entra/hr:1  department:d1  (rule `department`, contract `c1`)
          enable   entra/hr:1  (rule `access`, contract `c1`)

        plan of 2026-04-01 04:00 UTC: 1 disable
          disable  entra/hr:1  (no rule gives an account)  expected

        plan of 2026-04-08 04:00 UTC: 1 revoke
          revoke   entra/hr:1  department:d1  (no rule gives it any more)  expected

        plan of 2026-05-01 04:00 UTC: nothing to do
          refused  hr:1  record `hr:1` now describes somebody else; accept evidence # if it is the same person

        entra on 2026-12-31
          entra-1  hr:1  disabled  anna.vos
    "#]]
    .assert_eq(&story.told());
}

#[test]
fn case_59_two_different_rows_of_one_person_block_that_person_alone_and_known_ends_still_come() {
    let mut story = Story::new();
    story.hr(
        "2026-02-20",
        "person 1 given_name=Anna family_name=Vos
         contract 1 c1 2026-01-05..2026-03-31 d1
         person 2 given_name=Bram family_name=Smit
         contract 2 c2 2026-03-12..2026-12-31 d1",
    );
    story.hr(
        "2026-03-10",
        "person 1 given_name=Anna family_name=Vos
         person 1 given_name=Anna family_name=Vosch
         contract 1 c1 2026-01-05.. d1
         person 2 given_name=Bram family_name=Smit
         contract 2 c2 2026-03-12..2026-12-31 d1",
    );
    story.until("2026-04-05");
    expect![[r#"
        plan of 2026-02-20 04:00 UTC: 1 create, 1 grant, 1 enable
          create   entra/hr:1  (rule `access`, contract `c1`; rule `account`, contract `c1`)
          grant    entra/hr:1  department:d1  (rule `department`, contract `c1`)
          enable   entra/hr:1  (rule `access`, contract `c1`)

        plan of 2026-02-26 04:00 UTC: 1 create
          create   entra/hr:2  (rule `account`, contract `c2`)  expected

        plan of 2026-03-10 04:00 UTC: nothing to do
          refused  hr:1  record `hr:1` cannot be used: two rows of the person with the same key say different things

        plan of 2026-03-12 04:00 UTC: 1 grant, 1 enable
          grant    entra/hr:2  department:d1  (rule `department`, contract `c2`)  expected
          enable   entra/hr:2  (rule `access`, contract `c2`)  expected
          refused  hr:1  record `hr:1` cannot be used: two rows of the person with the same key say different things

        plan of 2026-03-13 04:00 UTC: nothing to do
          refused  hr:1  record `hr:1` cannot be used: two rows of the person with the same key say different things

        plan of 2026-04-01 04:00 UTC: 1 disable
          disable  entra/hr:1  (no rule gives an account)
          refused  hr:1  record `hr:1` cannot be used: two rows of the person with the same key say different things

        plan of 2026-04-02 04:00 UTC: nothing to do
          refused  hr:1  record `hr:1` cannot be used: two rows of the person with the same key say different things
    "#]]
    .assert_eq(&story.told());
}
