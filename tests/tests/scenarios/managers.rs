//! Cases 12, 13 and 15: somebody has to be there before others can point at them.

use expect_test::expect;

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
          update   entra/hr:2  manager  (it should be so, and is not yet)  expected
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
          update   entra/hr:2  manager  (it should be so, and is not yet)  expected

        plan of 2026-03-02 04:00 UTC: 1 grant, 1 enable
          grant    entra/hr:1  department:d1  (rule `department`, contract `c1`)  expected
          enable   entra/hr:1  (rule `access`, contract `c1`)  expected
    "#]]
    .assert_eq(&story.told());
}
