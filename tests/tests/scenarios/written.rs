//! Rules as people write them, from HR to the plan: cases 16, 18, 54, 55, 97, 99 and 100.

use std::sync::Arc;

use expect_test::expect;
use rules::{Indexed, RuleSet};

use crate::story::Story;

const RULES: &str = r#"
target = "entra"

[[rule]]
id = "works-here"
gives = ["access"]

[[rule]]
id = "department"
gives = [{ each = 'contract.department', permission = '"department:" + key', name = 'first(department.name, key)', create = true }]
"#;

fn policy(text: &str) -> Arc<Indexed> {
    Arc::new(Indexed::new(Arc::new(text.parse::<RuleSet>().unwrap())))
}

fn story(more: &str) -> Story {
    let mut story = Story::new();
    story.engine.policy = policy(&format!("{RULES}{more}"));
    story
}

#[test]
fn case_16_and_18_two_departments_give_both_groups_and_the_end_of_the_primary_takes_its_own() {
    let mut story = story("\n[profile.entra]\ntitle = { from = 'primary.title' }");
    story.hr(
        "2026-02-01",
        "department d1 Sales\n department d2 Stock\n person 1 x=1
         contract 1 c1 2026-02-01..2026-02-20 d1 title=Seller\n contract 1 c2 2026-02-10.. d2 title=Clerk",
    );
    story.until("2026-03-05");
    expect![[r#"
        plan of 2026-02-01 04:00 UTC: 1 ensure, 1 create, 1 grant, 1 enable
          ensure   entra  department:d1 `Sales`  (it should be so, and is not yet)
          create   entra/hr:1  (rule `works-here`, contract `c1`)
          grant    entra/hr:1  department:d1  (rule `department`, contract `c1`)
          enable   entra/hr:1  (rule `works-here`, contract `c1`)

        plan of 2026-02-10 04:00 UTC: 1 ensure, 1 grant
          ensure   entra  department:d2 `Stock`  (it should be so, and is not yet)
          grant    entra/hr:1  department:d2  (rule `department`, contract `c2`)  expected

        plan of 2026-02-21 04:00 UTC: 1 update, 1 revoke
          update   entra/hr:1  title  (it should be so, and is not yet)  expected
          revoke   entra/hr:1  department:d1  (no rule gives it any more)  expected
    "#]]
    .assert_eq(&story.told());
}

#[test]
fn a_new_department_has_a_group_of_its_own_that_belongs_to_its_manager() {
    let mut story = Story::new();
    story.engine.policy = policy(&RULES.replace("create = true", "create = true, owner = \"manager\""));
    story.hr("2026-02-01", "department d4 Sales manager=1\n person 1 x=1\n contract 1 c1 2026-02-01.. d4");
    story.hr(
        "2026-02-10",
        "department d4 Sales manager=1\n department d5 Stock parent=d4\n person 1 x=1\n person 2 x=1
         contract 1 c1 2026-02-01.. d4\n contract 2 c2 2026-02-10.. d5",
    );
    story.until("2026-02-12");
    expect![[r#"
        plan of 2026-02-01 04:00 UTC: 1 ensure, 1 create, 1 grant, 1 enable
          ensure   entra  department:d4 `Sales`  (it should be so, and is not yet)
          create   entra/hr:1  (rule `works-here`, contract `c1`)
          grant    entra/hr:1  department:d4  (rule `department`, contract `c1`)
          enable   entra/hr:1  (rule `works-here`, contract `c1`)

        plan of 2026-02-10 04:00 UTC: 1 ensure, 1 create, 1 grant, 1 enable
          ensure   entra  department:d5 `Stock`, owned by entra/hr:1  (it should be so, and is not yet)
          create   entra/hr:2  (rule `works-here`, contract `c2`)
          grant    entra/hr:2  department:d5  (rule `department`, contract `c2`)
          enable   entra/hr:2  (rule `works-here`, contract `c2`)
    "#]]
    .assert_eq(&story.told());
}

#[test]
fn case_99_a_department_that_is_renamed_split_or_merged_moves_only_who_moves() {
    let mut story = story("");
    let people = |first: &str, second: &str| {
        format!(
            "person 1 x=1\n contract 1 c1 2026-02-01.. {first}\n person 2 x=1\n contract 2 c2 2026-02-01.. {second}"
        )
    };
    story.hr("2026-02-01", &format!("department d1 Sales\n{}", people("d1", "d1")));
    // Renamed: the group is, and nobody moves.
    story.hr("2026-02-10", &format!("department d1 Trade\n{}", people("d1", "d1")));
    // Split: the second one works elsewhere from now on.
    story.hr("2026-02-15", &format!("department d1 Trade\n department d2 Export\n{}", people("d1", "d2")));
    // Merged again.
    story.hr("2026-02-20", &format!("department d1 Trade\n{}", people("d1", "d1")));
    story.until("2026-02-25");
    expect![[r#"
        plan of 2026-02-01 04:00 UTC: 1 ensure, 2 create, 2 grant, 2 enable
          ensure   entra  department:d1 `Sales`  (it should be so, and is not yet)
          create   entra/hr:1  (rule `works-here`, contract `c1`)
          create   entra/hr:2  (rule `works-here`, contract `c2`)
          grant    entra/hr:1  department:d1  (rule `department`, contract `c1`)
          grant    entra/hr:2  department:d1  (rule `department`, contract `c2`)
          enable   entra/hr:1  (rule `works-here`, contract `c1`)
          enable   entra/hr:2  (rule `works-here`, contract `c2`)

        plan of 2026-02-10 04:00 UTC: 1 ensure
          ensure   entra  department:d1 `Trade`  (it should be so, and is not yet)

        plan of 2026-02-15 04:00 UTC: 1 ensure, 1 grant, 1 revoke
          ensure   entra  department:d2 `Export`  (it should be so, and is not yet)
          grant    entra/hr:2  department:d2  (rule `department`, contract `c2`)
          revoke   entra/hr:2  department:d1  (no rule gives it any more)

        plan of 2026-02-20 04:00 UTC: 1 grant, 1 revoke
          grant    entra/hr:2  department:d1  (rule `department`, contract `c2`)
          revoke   entra/hr:2  department:d2  (no rule gives it any more)
    "#]]
    .assert_eq(&story.told());
}

#[test]
fn case_100_what_two_rules_give_stays_when_one_of_them_is_taken_out() {
    let rule = |id: &str| format!("\n[[rule]]\nid = \"{id}\"\ngives = [{{ permission = \"department:d3\" }}]\n");
    let mut story = story(&format!("{}{}", rule("one"), rule("other")));
    story.hr("2026-02-01", "department d1 Sales\n person 1 x=1\n contract 1 c1 2026-02-01.. d1");
    story.until("2026-02-05");
    story.engine.policy = policy(&format!("{RULES}{}", rule("other")));
    story.until("2026-02-10");
    story.engine.policy = policy(RULES);
    story.until("2026-02-15");
    expect![[r#"
        plan of 2026-02-01 04:00 UTC: 1 ensure, 1 create, 2 grant, 1 enable
          ensure   entra  department:d1 `Sales`  (it should be so, and is not yet)
          create   entra/hr:1  (rule `works-here`, contract `c1`)
          grant    entra/hr:1  department:d1  (rule `department`, contract `c1`)
          grant    entra/hr:1  department:d3  (rule `one`, contract `c1`; rule `other`, contract `c1`)
          enable   entra/hr:1  (rule `works-here`, contract `c1`)

        plan of 2026-02-11 04:00 UTC: 1 revoke
          revoke   entra/hr:1  department:d3  (no rule gives it any more)
    "#]]
    .assert_eq(&story.told());
}

#[test]
fn case_54_and_55_names_follow_their_use_and_another_spelling_of_the_same_writes_nothing() {
    let mut story = story(
        "
[profile.entra]
surname = { from = 'surname(person.name_convention, person.prefix, person.family_name, person.partner_prefix, person.partner_name)' }
given = { from = 'person.given_name' }
user_name = { candidates = ['(person.given_name + \".\" + person.family_name).slug()'] }
",
    );
    let hired = |name: &str, convention: &str| {
        format!(
            "department d1 Sales
             person 1 given_name={name} prefix=de family_name=Vries partner_prefix=van_der partner_name=Berg name_convention={convention}
             contract 1 c1 2026-02-01.. d1"
        )
    };
    story.hr("2026-02-01", &hired("Zoë", "B"));
    story.hr("2026-02-05", &hired("Zoe\u{308}", "B"));
    story.hr("2026-02-10", &hired("Zoë", "PB"));
    story.until("2026-02-15");
    expect![[r#"
        plan of 2026-02-01 04:00 UTC: 1 ensure, 1 create, 1 grant, 1 enable
          ensure   entra  department:d1 `Sales`  (it should be so, and is not yet)
          create   entra/hr:1  (rule `works-here`, contract `c1`)
          grant    entra/hr:1  department:d1  (rule `department`, contract `c1`)
          enable   entra/hr:1  (rule `works-here`, contract `c1`)

        plan of 2026-02-10 04:00 UTC: 1 update
          update   entra/hr:1  surname  (it should be so, and is not yet)
    "#]]
    .assert_eq(&story.told());
}
