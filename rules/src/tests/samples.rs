use std::path::Path;

use expect_test::expect;
use proptest::{prop_assert, proptest};
use provisioning_core::policy::Policy;

use super::{Office, instant, profile_of, rules, shown};
use crate::{RuleSet, STANDARD, as_toml};

fn sample(name: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/rules").join(name)).unwrap()
}

#[test]
fn the_sample_of_the_standard_rules_is_the_standard_text() {
    assert_eq!(sample("standard.toml"), STANDARD);
}

#[test]
fn every_sample_loads() {
    for entry in std::fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/rules")).unwrap() {
        rules(&std::fs::read_to_string(entry.unwrap().path()).unwrap());
    }
}

#[test]
fn the_language_in_one_screen_loads() {
    let doc: Vec<&str> = include_str!("../lib.rs").lines().filter_map(|line| line.strip_prefix("//!")).collect();
    let doc = doc.join("\n");
    let (_, screen) = doc.split_once("```toml\n").unwrap();
    let rules = rules(screen.split_once("```").unwrap().0);
    let office =
        Office::new("contract c1 2026-01-01.. department=D003 title=Senior_Seller grade=7\nperson status=staff");
    assert_eq!(rules.grants(&office.person(), instant("2026-03-01")).grants.len(), 5);
}

proptest! {
    #[test]
    fn a_damaged_file_is_read_or_refused(from in 0_usize..16_000, length in 1_usize..40, scrap in "[\\[\\]{}=\"a.,é\n]{0,3}") {
        let mut text: Vec<char> = sample("town_hall.toml").chars().collect();
        let from = from.min(text.len());
        text.splice(from..(from + length).min(text.len()), scrap.chars());
        let text: String = text.into_iter().collect();
        if let Err(problems) = text.parse::<RuleSet>() {
            for problem in problems.iter() {
                prop_assert!(problem.line <= text.lines().count() + 1 && !problem.instead.is_empty(), "{}", problem);
            }
        }
    }
}

const TOWN: &str = "
    person given_name=Ann prefix=van_der family_name=Berg phone=020-1234567 on_call=snow
    department tax name=Taxes parent=fin manager=7
    department fin name=Finance manager=8
    contract c1 2026-01-01..2026-08-31 department=tax title=Senior_Clerk hours=36 kind=employee building=hall family=administration last_day_of_work=2026-06-30";

#[test]
fn a_clerk_of_the_town_hall_gets_what_the_rules_say() {
    let rules = rules(&sample("town_hall.toml"));
    let answer = rules.grants(&Office::new(TOWN).person(), instant("2026-03-01"));
    expect![[r#"
        entra: account, because of rule `account`, contract `c1`
        entra: access, because of rule `access`, contract `c1`
        entra: mfa-registration, because of rule `second-factor`, contract `c1`
        entra: licence:E3 licence, because of rule `office-licence`, contract `c1`
        entra: licence:telephone licence, because of rule `telephone-licence`, contract `c1`
        entra: department:tax `Department Taxes` of hr:7 or hr:8, because of rule `department`, contract `c1`
        entra: family:administration `Job family Administration`, because of rule `family`, contract `c1`
        entra: doors:hall `Doors Hall`, because of rule `buildings`, contract `c1`
        entra: mail-finance, because of rule `finance-mail`, contract `c1`
        entra: intranet-readers, because of rule `intranet`, contract `c1`
        entra: payslips, because of rule `personnel`, contract `c1`
        entra: leave-requests, because of rule `leave`, contract `c1`
        entra: signing, because of rule `seniors`, contract `c1`
        entra: case-system, because of rule `clerks`, contract `c1`
        entra: case-system-lead, because of rule `case-leads`, contract `c1`
        entra: tax-register, because of rule `taxes`, contract `c1`
        entra: introduction, because of rule `welcome`
        entra: on-call:snow `On call: snow`, because of rule `on-call`"#]]
    .assert_eq(&shown(&answer));
    expect![[r#"
        businessPhone: `+31201234567`
        department: `Taxes`
        displayName: `Ann van der Berg`
        givenName: `Ann`
        jobTitle: `Senior Clerk`
        manager: the account of hr:7, hr:8
        preferredLanguage: `nl-NL`, when created
        surname: `van der Berg`
        usageLocation: `NL`
        userPrincipalName: one of ann.vanderberg@townhall.example, a.vanderberg@townhall.example, ann.vanderberg2@townhall.example, ann.vanderberg3@townhall.example; Frozen"#]].assert_eq(&profile_of(&rules, &Office::new(TOWN), "entra", "2026-03-01"));
}

#[test]
fn a_clerk_on_garden_leave_keeps_the_account_and_loses_access() {
    let rules = rules(&sample("town_hall.toml"));
    let answer = rules.grants(&Office::new(TOWN).person(), instant("2026-07-15"));
    expect![[r#"
        entra: account, because of rule `account`, contract `c1`
        entra: mfa-registration, because of rule `second-factor`, contract `c1`
        entra: licence:E3 licence, because of rule `office-licence`, contract `c1`
        entra: licence:telephone licence, because of rule `telephone-licence`, contract `c1`
        entra: department:tax `Department Taxes` of hr:7 or hr:8, because of rule `department`, contract `c1`
        entra: family:administration `Job family Administration`, because of rule `family`, contract `c1`
        entra: doors:hall `Doors Hall`, because of rule `buildings`, contract `c1`
        entra: mail-finance, because of rule `finance-mail`, contract `c1`
        entra: intranet-readers, because of rule `intranet`, contract `c1`
        entra: payslips, because of rule `personnel`, contract `c1`
        entra: leave-requests, because of rule `leave`, contract `c1`
        entra: signing, because of rule `seniors`, contract `c1`
        entra: case-system, because of rule `clerks`, contract `c1`
        entra: case-system-lead, because of rule `case-leads`, contract `c1`
        entra: tax-register, because of rule `taxes`, contract `c1`
        entra: introduction, because of rule `welcome`
        entra: on-call:snow `On call: snow`, because of rule `on-call`"#]]
    .assert_eq(&shown(&answer));
}

#[test]
fn nothing_is_to_be_remarked_of_the_samples() {
    for name in ["standard.toml", "town_hall.toml"] {
        let remarks = rules(&sample(name)).review();
        let told = remarks.iter().map(ToString::to_string).collect::<Vec<_>>();
        assert!(told.is_empty(), "{name}\n{}", told.join("\n"));
    }
}

#[test]
fn rules_in_json_are_the_same_rules() {
    let json = serde_json::json!({
        "target": "entra",
        "fields": { "contract": { "grade": "number" } },
        "rule": [{
            "id": "seniors", "days_before": 14, "when": "contract.grade >= 7",
            "gives": ["access", { "permission": "signing", "class": "privileged" }]
        }],
        "exception": [{ "id": "ann", "person": "hr:1", "until": "2026-03-31", "gives": ["access"] }],
        "profile": { "entra": { "phone": { "from": "person.phone", "when_empty": "clear" } } }
    });
    let text = as_toml(&json).unwrap();
    let office = Office::new("contract c1 2026-03-10.. grade=8");
    let answer = rules(&text).grants(&office.person(), instant("2026-03-01"));
    assert_eq!(answer.grants.len(), 3);
    let wrong = as_toml(&serde_json::json!({ "target": null })).unwrap_err();
    let told = serde_json::to_string(&wrong).unwrap();
    assert_eq!(serde_json::from_str::<crate::Problems>(&told).unwrap(), wrong);
    expect!["line 1, column 1: unsupported unit type; write a table of rules, and leave out what is nothing"]
        .assert_eq(&wrong.to_string());
    let wrong = as_toml(&serde_json::json!({ "target": "entra", "rule": [{ "id": "a", "gvies": 1 }] })).unwrap();
    expect![[r#"
        line 3, column 1: a rule has no `gives`; write `gives = ["account"]`
            [[rule]]
            ^^^^^^^^
        line 4, column 1: a rule knows no `gvies`; write `gives`
            gvies = 1
            ^^^^^"#]]
    .assert_eq(&wrong.parse::<RuleSet>().unwrap_err().to_string());
}
