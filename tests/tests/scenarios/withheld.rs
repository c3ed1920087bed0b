//! What rules give and exclusions withhold, and what people give beside both: case 102.

use std::sync::Arc;

use expect_test::expect;
use provisioning_core::target::Resource;
use rules::RuleSet;

use crate::story::Story;

const RULES: &str = r#"
target = "entra"
fields.contract.leave = "bool"

[[rule]]
id = "works-here"
gives = ["access"]

[[rule]]
id = "archivists"
when = 'contract.title == "Archivist"'
gives = [{ permission = "archive" }]

[[exclusion]]
id = "on-leave"
when = 'contract.leave'
withholds = ["access"]

[[exclusion]]
id = "contractors"
when = 'contract.kind == "contractor"'
withholds = [{ permission = "archive" }]
"#;

fn story(more: &str) -> Story {
    let mut story = Story::new();
    story.engine.policy = Arc::new(format!("{RULES}{more}").parse::<RuleSet>().unwrap());
    story.by_hand("2026-02-01", |target| {
        target.put_resource(Resource { id: "archive".parse().unwrap(), name: "Archive".to_owned() });
    });
    story
}

#[test]
fn whoever_is_on_leave_has_the_account_and_cannot_use_it() {
    let mut story = story("");
    for (day, leave) in [("2026-02-01", "leave=false"), ("2026-02-10", "leave=true"), ("2026-02-20", "leave=false")] {
        story.hr(day, &format!("person 1 x=1\ncontract 1 c1 2026-02-01.. d1 title=Clerk kind=employee {leave}"));
    }
    story.until("2026-02-25");
    expect![[r#"
        plan of 2026-02-01 04:00 UTC: 1 create, 1 enable
          create   entra/hr:1  (rule `works-here`, contract `c1`)
          enable   entra/hr:1  (rule `works-here`, contract `c1`)

        plan of 2026-02-10 04:00 UTC: 1 disable
          disable  entra/hr:1  (the rules give an account without access)

        plan of 2026-02-20 04:00 UTC: 1 enable
          enable   entra/hr:1  (rule `works-here`, contract `c1`)
    "#]]
    .assert_eq(&story.told());
}

#[test]
fn what_an_exclusion_may_withhold_is_not_given_and_not_taken_away() {
    let mut story = story("");
    let first = "person 1 x=1\ncontract 1 c1 2026-02-01.. d1 title=Archivist";
    let second = "person 2 x=1\ncontract 2 c2 2026-02-05.. d1 title=Archivist leave=false";
    story.hr("2026-02-01", &format!("{first} kind=employee leave=false"));
    story.hr("2026-02-05", &format!("{first}\n{second}"));
    story.hr("2026-02-10", &format!("{first} kind=contractor leave=false\n{second} kind=employee"));
    story.until("2026-02-15");
    expect![[r#"
        plan of 2026-02-01 04:00 UTC: 1 create, 1 grant, 1 enable
          create   entra/hr:1  (rule `works-here`, contract `c1`)
          grant    entra/hr:1  archive  (rule `archivists`, contract `c1`)
          enable   entra/hr:1  (rule `works-here`, contract `c1`)

        plan of 2026-02-05 04:00 UTC: 1 create, 1 enable
          create   entra/hr:2  (rule `works-here`, contract `c2`)
          enable   entra/hr:2  (rule `works-here`, contract `c2`)
          refused  hr:1  exclusion `contractors` cannot tell: nothing is known of `contract.kind` for contract `c1`
          refused  hr:1  exclusion `on-leave` cannot tell: nothing is known of `contract.leave` for contract `c1`
          refused  hr:2  exclusion `contractors` cannot tell: nothing is known of `contract.kind` for contract `c2`

        plan of 2026-02-10 04:00 UTC: 1 grant, 1 revoke
          grant    entra/hr:2  archive  (rule `archivists`, contract `c2`)
          revoke   entra/hr:1  archive  (withheld by `contractors`)
    "#]]
    .assert_eq(&story.told());
}

#[test]
fn what_is_withheld_for_certain_goes_even_where_the_rule_that_gave_it_cannot_tell() {
    let mut story = story("");
    story.hr("2026-02-01", "person 1 x=1\ncontract 1 c1 2026-02-01.. d1 title=Archivist kind=employee leave=false");
    story.hr("2026-02-10", "person 1 x=1\ncontract 1 c1 2026-02-01.. d1 kind=contractor leave=false");
    story.until("2026-02-15");
    expect![[r#"
        plan of 2026-02-01 04:00 UTC: 1 create, 1 grant, 1 enable
          create   entra/hr:1  (rule `works-here`, contract `c1`)
          grant    entra/hr:1  archive  (rule `archivists`, contract `c1`)
          enable   entra/hr:1  (rule `works-here`, contract `c1`)

        plan of 2026-02-10 04:00 UTC: 1 revoke
          revoke   entra/hr:1  archive  (withheld by `contractors`)
          refused  hr:1  rule `archivists` cannot tell: nothing is known of `contract.title` for contract `c1`
    "#]]
    .assert_eq(&story.told());
}

#[test]
fn a_doubtful_exclusion_keeps_what_it_may_withhold_and_nothing_else() {
    let mut story = story(
        "[[rule]]\nid = \"papers\"\nwhen = 'contract.title in [\"Archivist\", \"Reader\"]'\n\
         gives = [{ permission = \"archive\" }, { each = 'contract.department', permission = '\"department:\" + key' }]",
    );
    let says = |department: &str, kind: &str, title: &str| {
        format!("person 1 x=1\ncontract 1 c1 2026-02-01.. {department} title={title} {kind} leave=false")
    };
    story.hr("2026-02-01", &says("d1", "kind=employee", "Archivist"));
    story.hr("2026-02-10", &says("d2", "", "Archivist"));
    // Another rule gives it now; it stays all the same.
    story.hr("2026-02-12", &says("d2", "", "Reader"));
    story.until("2026-02-15");
    expect![[r#"
        plan of 2026-02-01 04:00 UTC: 1 create, 2 grant, 1 enable
          create   entra/hr:1  (rule `works-here`, contract `c1`)
          grant    entra/hr:1  archive  (rule `archivists`, contract `c1`; rule `papers`, contract `c1`)
          grant    entra/hr:1  department:d1  (rule `papers`, contract `c1`)
          enable   entra/hr:1  (rule `works-here`, contract `c1`)

        plan of 2026-02-10 04:00 UTC: 1 grant, 1 revoke
          grant    entra/hr:1  department:d2  (rule `papers`, contract `c1`)
          revoke   entra/hr:1  department:d1  (no rule gives it any more)
          refused  hr:1  exclusion `contractors` cannot tell: nothing is known of `contract.kind` for contract `c1`

        plan of 2026-02-12 04:00 UTC: nothing to do
          refused  hr:1  exclusion `contractors` cannot tell: nothing is known of `contract.kind` for contract `c1`
    "#]]
    .assert_eq(&story.told());
}

#[test]
fn what_is_withheld_does_not_come_back_for_the_days_after_a_contract() {
    let mut story = story("[[rule]]\nid = \"last-days\"\ndays_after = 3\ngives = [\"access\"]");
    story
        .hr("2026-02-01", "person 1 x=1\ncontract 1 c1 2026-02-01..2026-02-10 d1 title=Clerk kind=employee leave=true");
    story.until("2026-02-13");
    expect![[r#"
        plan of 2026-02-01 04:00 UTC: 1 create
          create   entra/hr:1  (rule `last-days`, contract `c1`; rule `works-here`, contract `c1`)
    "#]]
    .assert_eq(&story.told());
}

#[test]
fn case_102_an_exception_in_the_file_ends_on_its_last_day() {
    let mut story = story(
        "[[exception]]\nid = \"ann-reads-the-archive\"\nperson = \"hr:1\"\nfrom = 2026-02-05\nuntil = 2026-02-09\n\
         gives = [{ permission = \"archive\" }]",
    );
    story.hr("2026-02-01", "person 1 x=1\ncontract 1 c1 2026-02-01.. d1 title=Clerk kind=contractor leave=false");
    story.until("2026-02-20");
    expect![[r#"
        plan of 2026-02-01 04:00 UTC: 1 create, 1 enable
          create   entra/hr:1  (rule `works-here`, contract `c1`)
          enable   entra/hr:1  (rule `works-here`, contract `c1`)

        plan of 2026-02-05 04:00 UTC: 1 grant
          grant    entra/hr:1  archive  (rule `ann-reads-the-archive`)  expected

        plan of 2026-02-10 04:00 UTC: 1 revoke
          revoke   entra/hr:1  archive  (withheld by `contractors`)  expected
    "#]]
    .assert_eq(&story.told());
}
