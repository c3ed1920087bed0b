//! Cases 12, 13 and 15: somebody has to be there before others can point at them.

use std::sync::Arc;

use expect_test::expect;
use rules::RuleSet;

use crate::bylaws::Law;
use crate::story::Story;

#[test]
fn case_12_whoever_lacks_a_mandatory_field_is_blocked_alone_and_others_point_at_them_later() {
    let mut story = Story::under(&[Law::Managers, Law::FamilyName], |_| {});
    let rest = "department d1 Sales manager=1
                contract 1 c1 2026-01-05.. d1
                person 2 given_name=Bram family_name=Smit
                contract 2 c2 2026-01-05.. d1";
    story.hr("2026-02-20", &format!("person 1 given_name=Anna\n{rest}"));
    story.hr("2026-02-23", &format!("person 1 given_name=Anna family_name=Vos\n{rest}"));
    story.until("2026-03-10");
    expect![[r#"
        plan of 2026-02-20 04:00 UTC: 1 ensure, 1 create, 1 grant, 1 enable
          ensure   entra  department:d1 `Sales`  (it should be so, and is not yet)
          create   entra/hr:2  (rule `access`, contract `c2`; rule `account`, contract `c2`)
          grant    entra/hr:2  department:d1  (rule `department`, contract `c2`)
          enable   entra/hr:2  (rule `access`, contract `c2`)
          refused  hr:1  no account on `entra`: `family_name` says nothing, and is required

        plan of 2026-02-21 04:00 UTC: nothing to do
          refused  hr:1  no account on `entra`: `family_name` says nothing, and is required

        plan of 2026-02-23 04:00 UTC: 1 create, 1 grant, 1 enable
          create   entra/hr:1  (rule `access`, contract `c1`; rule `account`, contract `c1`)
          grant    entra/hr:1  department:d1  (rule `department`, contract `c1`)
          enable   entra/hr:1  (rule `access`, contract `c1`)

        plan of 2026-02-24 04:00 UTC: 1 update
          update   entra/hr:2  manager  (it should be so, and is not yet)
    "#]]
    .assert_eq(&story.told());
}

#[test]
fn case_13_a_manager_who_has_no_account_yet_is_pointed_at_as_soon_as_there_is_one() {
    let mut story = Story::under(&[Law::Managers], |_| {});
    story.hr(
        "2026-02-01",
        "department d1 d1 manager=1
         person 1 given_name=Anna family_name=Vos
         contract 1 c1 2026-03-02.. d1
         person 2 given_name=Bram family_name=Smit
         contract 2 c2 2026-02-10.. d1",
    );
    story.until("2026-03-20");
    expect![[r#"
        plan of 2026-02-01 04:00 UTC: 1 create
          create   entra/hr:2  (rule `account`, contract `c2`)

        plan of 2026-02-10 04:00 UTC: 1 grant, 1 enable
          grant    entra/hr:2  department:d1  (rule `department`, contract `c2`)  expected
          enable   entra/hr:2  (rule `access`, contract `c2`)  expected

        plan of 2026-02-16 04:00 UTC: 1 create
          create   entra/hr:1  (rule `account`, contract `c1`)  expected

        plan of 2026-02-17 04:00 UTC: 1 update
          update   entra/hr:2  manager  (it should be so, and is not yet)

        plan of 2026-03-02 04:00 UTC: 1 grant, 1 enable
          grant    entra/hr:1  department:d1  (rule `department`, contract `c1`)  expected
          enable   entra/hr:1  (rule `access`, contract `c1`)  expected
    "#]]
    .assert_eq(&story.told());
}

#[test]
fn case_15_when_a_manager_leaves_the_next_one_up_is_pointed_at_and_never_a_disabled_account() {
    let mut story = Story::under(&[Law::Managers], |_| {});
    let people = "department d2 d2 manager=9
                  department d1 d1 parent=d2 manager=1
                  person 9 given_name=Hugo family_name=Bos
                  contract 9 c9 2026-01-05.. d2
                  person 1 given_name=Anna family_name=Vos
                  contract 1 c1 2026-01-05..2026-03-31 d1
                  person 2 given_name=Bram family_name=Smit
                  contract 2 c2 2026-01-05.. d1";
    story.hr("2026-03-20", people);
    story.hr(
        "2026-04-06",
        &format!("{people}\n person 3 given_name=Cato family_name=Mol\n contract 3 c3 2026-04-06.. d1"),
    );
    story.until("2026-04-07");
    expect![[r#"
        plan of 2026-03-20 04:00 UTC: 3 create, 3 grant, 3 enable
          create   entra/hr:1  (rule `access`, contract `c1`; rule `account`, contract `c1`)
          create   entra/hr:2  (rule `access`, contract `c2`; rule `account`, contract `c2`)
          create   entra/hr:9  (rule `access`, contract `c9`; rule `account`, contract `c9`)
          grant    entra/hr:1  department:d1  (rule `department`, contract `c1`)
          grant    entra/hr:2  department:d1  (rule `department`, contract `c2`)
          grant    entra/hr:9  department:d2  (rule `department`, contract `c9`)
          enable   entra/hr:1  (rule `access`, contract `c1`)
          enable   entra/hr:2  (rule `access`, contract `c2`)
          enable   entra/hr:9  (rule `access`, contract `c9`)

        plan of 2026-03-21 04:00 UTC: 2 update
          update   entra/hr:1  manager  (it should be so, and is not yet)
          update   entra/hr:2  manager  (it should be so, and is not yet)

        plan of 2026-04-01 04:00 UTC: 1 disable
          disable  entra/hr:1  (no rule gives an account)  expected

        plan of 2026-04-02 04:00 UTC: 1 update
          update   entra/hr:2  manager  (it should be so, and is not yet)

        plan of 2026-04-06 04:00 UTC: 1 create, 1 grant, 1 enable
          create   entra/hr:3  (rule `access`, contract `c3`; rule `account`, contract `c3`)
          grant    entra/hr:3  department:d1  (rule `department`, contract `c3`)
          enable   entra/hr:3  (rule `access`, contract `c3`)
    "#]]
    .assert_eq(&story.told());
    assert_eq!(story.managers(), ["hr:2 -> hr:9", "hr:3 -> hr:9"]);
}

#[test]
fn case_15_whoever_is_hired_on_the_day_on_which_the_manager_leaves_points_at_the_next_one_a_run_later() {
    let mut story = Story::under(&[Law::Managers], |_| {});
    let people = "department d2 d2 manager=9
                  department d1 d1 parent=d2 manager=1
                  person 9 given_name=Hugo family_name=Bos
                  contract 9 c9 2026-01-05.. d2
                  person 1 given_name=Anna family_name=Vos
                  contract 1 c1 2026-01-05..2026-03-31 d1";
    story.hr("2026-03-20", people);
    story.until("2026-03-31");
    story.tell_from_here();
    story.hr(
        "2026-04-01",
        &format!("{people}\n person 3 given_name=Cato family_name=Mol\n contract 3 c3 2026-04-01.. d1"),
    );
    story.until("2026-04-07");
    expect![[r#"
        plan of 2026-04-01 04:00 UTC: 1 disable, 1 create, 1 grant, 1 enable
          disable  entra/hr:1  (no rule gives an account)  expected
          create   entra/hr:3  (rule `access`, contract `c3`; rule `account`, contract `c3`)
          grant    entra/hr:3  department:d1  (rule `department`, contract `c3`)
          enable   entra/hr:3  (rule `access`, contract `c3`)

        plan of 2026-04-02 04:00 UTC: 1 update
          update   entra/hr:3  manager  (it should be so, and is not yet)
    "#]]
    .assert_eq(&story.told());
    assert_eq!(story.managers(), ["hr:3 -> hr:9"]);
}

const TEAM: &str = r#"
target = "entra"

[[rule]]
id = "works-here"
gives = ["access"]

[[rule]]
id = "teams-of-coaches"
when = 'manager.role == "coach"'
gives = [{ each = 'manager.role', permission = '"team:" + key', name = '"Team of a " + key', create = true }]

[fields]
person.role = "text"
person.assistant = "text"

[profile.entra]
assistant = { from = 'manager.assistant' }
"#;

#[test]
fn a_manager_whose_record_changes_changes_what_the_team_has() {
    let mut story = Story::new();
    story.engine.policy = Arc::new(TEAM.parse::<RuleSet>().unwrap());
    let rest =
        "department d1 Sales manager=1\n contract 1 c1 2026-01-05..\n person 2 x=1\n contract 2 c2 2026-01-05.. d1";
    for (day, manager) in [
        ("2026-02-20", "person 1 role=coach assistant=Kim"),
        ("2026-02-23", "person 1 role=coach assistant=Lou"),
        ("2026-02-25", "person 1 role=clerk assistant=Lou"),
        ("2026-02-28", "person 1 role=coach assistant=Max"),
    ] {
        story.hr(day, &format!("{manager}\n{rest}"));
    }
    story.until("2026-03-10");
    expect![[r#"
        plan of 2026-02-20 04:00 UTC: 1 ensure, 2 create, 1 grant, 2 enable
          ensure   entra  team:coach `Team of a coach`  (it should be so, and is not yet)
          create   entra/hr:1  (rule `works-here`, contract `c1`)
          create   entra/hr:2  (rule `works-here`, contract `c2`)
          grant    entra/hr:2  team:coach  (rule `teams-of-coaches`, contract `c2`)
          enable   entra/hr:1  (rule `works-here`, contract `c1`)
          enable   entra/hr:2  (rule `works-here`, contract `c2`)
          refused  hr:1  rule `teams-of-coaches` cannot tell: nothing is known of `manager.role` for contract `c1`

        plan of 2026-02-23 04:00 UTC: 1 update
          update   entra/hr:2  assistant  (it should be so, and is not yet)
          refused  hr:1  rule `teams-of-coaches` cannot tell: nothing is known of `manager.role` for contract `c1`

        plan of 2026-02-25 04:00 UTC: 1 revoke
          revoke   entra/hr:2  team:coach  (no rule gives it any more)
          refused  hr:1  rule `teams-of-coaches` cannot tell: nothing is known of `manager.role` for contract `c1`

        plan of 2026-02-28 04:00 UTC: 1 grant, 1 update
          grant    entra/hr:2  team:coach  (rule `teams-of-coaches`, contract `c2`)
          update   entra/hr:2  assistant  (it should be so, and is not yet)
          refused  hr:1  rule `teams-of-coaches` cannot tell: nothing is known of `manager.role` for contract `c1`
    "#]]
    .assert_eq(&story.told());
}
