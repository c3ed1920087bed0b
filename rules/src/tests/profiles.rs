use std::collections::BTreeMap;

use expect_test::{Expect, expect};
use provisioning_core::policy::{Desired, EarlierAccounts, Policy};
use provisioning_core::{AccountKind, Edit, Fields, TargetId, Value};

use super::{Office, field, instant, profile_of, rules};
use crate::slot::parse_slot;

const RULE: &str =
    "target = \"entra\"\nfields.person = { x = \"text\", nick = \"text\" }\n[[rule]]\nid = \"r\"\ngives = \"access\"\n";

/// The profile of a person on 1 March 2026.
fn check(profile: &str, office: &str, expected: &Expect) {
    let rules = rules(&format!("{RULE}[profile.entra]\n{profile}"));
    expected.assert_eq(&profile_of(&rules, &Office::new(office), "entra", "2026-03-01"));
}

#[test]
fn a_value_comes_from_a_field_a_text_or_the_file() {
    check(
        "phone = { from = 'person.phone', on = \"create\" }
         hours = { from = 'primary.hours' }
         usageLocation = { value = \"NL\" }
         floor = { value = 3 }
         rate = { value = 0.80 }
         isMember = { value = true }
         since = { value = 2026-01-31 }
         display = { from = 'join(\" \", person.given_name, person.prefix, person.family_name) + \" (\" + department.name + \")\"' }
         initials = { from = 'person.given_name.initial() + person.family_name.compact().lower()' }",
        "person phone=112 given_name=Ann family_name=de_Vries prefix=null
         contract c1 2026-01-01.. department=d1 hours=36
         department d1 name=Sales",
        &expect![[r#"
            display: `Ann de Vries (Sales)`
            floor: 3
            hours: 36
            initials: `Adevries`
            isMember: true
            phone: `112`, when created
            rate: 0.8
            since: 2026-01-31
            usageLocation: `NL`"#]],
    );
}

#[test]
fn a_text_that_is_too_long_is_cut_and_an_identifier_is_left_as_it_is() {
    let person = format!("person x={} nick={}", "long_".repeat(60).trim_end_matches('_'), "a".repeat(70));
    check(
        "displayName = { from = 'person.x' }
         jobTitle = { from = 'person.nick', max_length = 9 }
         employeeId = { from = 'person.nick' }
         pager = { from = 'person.nick', required = true, max_length = 3 }
         mail = { candidates = ['person.nick + \"@example.org\"', 'person.nick.truncate(9) + \"@example.org\"'],
                  numbered = 'person.nick + n + \"@example.org\"', max_length = 200 }
         mailNickname = { numbered = 'person.nick + n' }
         other = { candidates = ['person.nick'], max_length = 8 }",
        &person,
        &expect![[r#"
            displayName: `long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long l`
            employeeId: keep
            jobTitle: `aaaaaaaaa`
            pager: `aaa`
            mail: one of aaaaaaaaa@example.org, aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa2@example.org, aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa3@example.org; Frozen
            mailNickname: one of aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa2, aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa3; Frozen"#]],
    );
}

#[test]
fn absent_keeps_and_what_is_empty_clears_only_where_the_file_says_so() {
    for (given, kept, cleared, of_text) in [
        ("x=1", "`1`", "`1`", "`at 1`"),
        ("", "keep", "keep", "keep"),
        ("x=null", "keep", "clear", "clear"),
        ("x=\"\"", "keep", "clear", "clear"),
        ("x=\"__\"", "keep", "clear", "clear"),
        ("x=[]", "keep", "clear", "clear"),
    ] {
        let rules = rules(&format!(
            "{RULE}[profile.entra]
             a = {{ from = 'person.x' }}
             b = {{ from = 'person.x', when_empty = \"clear\" }}
             c = {{ from = '\"at \" + string(person.x)', when_empty = \"clear\" }}"
        ));
        let office = Office::new(&format!("person {given}"));
        let shown = profile_of(&rules, &office, "entra", "2026-03-01");
        assert_eq!(shown, format!("a: {kept}\nb: {cleared}\nc: {of_text}"), "{given}");
    }
}

#[test]
fn a_required_value_that_is_not_there_is_missing() {
    for (given, expected) in [("x=1", 0), ("", 1), ("x=null", 1), ("x=\"_\"", 1)] {
        for source in [
            "from = 'person.x'",
            "from = 'person.x', when_empty = \"clear\"",
            "from = 'person.x + person.x'",
            "candidates = 'person.x'",
        ] {
            let rules = rules(&format!("{RULE}[profile.entra]\na = {{ {source}, required = true }}"));
            let office = Office::new(&format!("person {given}"));
            let slot = parse_slot("entra").unwrap();
            let profile = rules.profile(&office.person(), &slot, &EarlierAccounts::default(), instant("2026-03-01"));
            assert_eq!(profile.missing.len(), expected, "{given} {source}");
        }
    }
    check(
        "boss = { manager = true, required = true }",
        "contract c1 2026-01-01.. department=d1",
        &expect![[r#"
        boss: keep
        missing: boss"#]],
    );
}

#[test]
fn the_primary_contract_speaks_for_the_person() {
    let office = "contract c1 2026-01-01..2026-03-31 title=Clerk hours=10
                  contract c2 2026-02-01.. title=Porter hours=30";
    for (order, day, expected) in [
        ("", "2026-03-01", "`Clerk`"),
        ("", "2026-04-01", "`Porter`"),
        ("primary = [\"in_force\", { highest = \"hours\" }]", "2026-03-01", "`Porter`"),
        ("primary = [\"in_force\", { lowest = \"hours\" }]", "2026-03-01", "`Clerk`"),
        ("primary = \"latest_start\"", "2026-01-15", "`Porter`"),
        ("primary = [\"latest_end\", \"earliest_start\"]", "2026-01-15", "`Porter`"),
    ] {
        let rules = rules(&format!("{order}\n{RULE}[profile.entra]\ntitle = {{ from = 'primary.title' }}"));
        let shown = profile_of(&rules, &Office::new(office), "entra", day);
        assert_eq!(shown, format!("title: {expected}"), "{order} {day}");
    }
}

#[test]
fn a_manager_is_looked_for_upwards_from_the_department() {
    let departments =
        "department d1 name=Sales parent=d0 manager=7\ndepartment d0 name=All manager=8\ndepartment d2 name=X";
    for (contract, expected) in [
        ("contract c 2026-01-01.. department=d1", "the account of hr:7, hr:8"),
        ("contract c 2026-01-01.. department=d2", "the account of "),
        ("contract c 2026-01-01.. department=d9", "keep"),
        ("contract c 2026-01-01..", "keep"),
        ("contract c 2026-01-01.. department=null", "clear"),
        ("", "keep"),
    ] {
        let rules = rules(&format!("{RULE}[profile.entra]\nboss = {{ manager = true, when_empty = \"clear\" }}"));
        let office = Office::new(&format!("{departments}\n{contract}"));
        assert_eq!(profile_of(&rules, &office, "entra", "2026-03-01"), format!("boss: {expected}"), "{contract}");
    }
}

#[test]
fn a_unique_name_has_candidates_and_then_numbers() {
    let names = "upn = { candidates = ['person.nick.lower() + \"@x.nl\"', 'person.given_name.lower() + \"@x.nl\"'], \
                 numbered = 'person.given_name.lower() + n + \"@x.nl\"', renaming = \"follows\" }
                 sam = { candidates = ['person.nick', 'person.nick'] }";
    check(
        "sam = { numbered = 'person.nick + n' }",
        "person nick=Annie",
        &expect!["sam: one of Annie2, Annie3; Frozen"],
    );
    check(
        names,
        "person nick=Annie given_name=Ann",
        &expect![[r#"
        sam: one of Annie; Frozen
        upn: one of annie@x.nl, ann@x.nl, ann2@x.nl, ann3@x.nl; Follows"#]],
    );
    check(names, "person given_name=Ann", &expect!["upn: one of ann@x.nl, ann2@x.nl, ann3@x.nl; Follows"]);
    check(
        names,
        "person nick=Annie",
        &expect![[r#"
        sam: one of Annie; Frozen
        upn: one of annie@x.nl; Follows"#]],
    );
    check(names, "", &expect![]);
}

#[test]
fn a_profile_may_look_at_the_accounts_on_earlier_targets() {
    let rules = rules(&format!(
        "{RULE}target = \"afas\"\n[profile.afas]\nemail = {{ from = 'account(\"entra\").mail' }}\nadmin = {{ from = 'account(\"ad/admin\").sam' }}\n\
         other = {{ from = 'account(\"ldap\").sam' }}"
    ));
    let account = |name: &str, text: &str| -> Fields { [(field(name), Value::text(text))].into_iter().collect() };
    let target = |name: &str| TargetId::new(name).unwrap();
    let earlier = EarlierAccounts(BTreeMap::from([
        (target("entra"), BTreeMap::from([(AccountKind::main(), account("mail", "a@x.nl"))])),
        (target("ad"), BTreeMap::from([(AccountKind::new("admin").unwrap(), account("sam", "a-adm"))])),
    ]));
    let office = Office::new("");
    let profile = rules.profile(&office.person(), &parse_slot("afas").unwrap(), &earlier, instant("2026-03-01"));
    let desired = |name| profile.attributes[&field(name)].0.clone();
    assert_eq!(desired("email"), Desired::Value(Edit::Set(Value::text("a@x.nl"))));
    assert_eq!(desired("admin"), Desired::Value(Edit::Set(Value::text("a-adm"))));
    assert_eq!(desired("other"), Desired::Value(Edit::Keep));
}

#[test]
fn accounts_without_a_profile_are_not_written_to() {
    let admin = "[[rule]]\nid = \"a\"\ntarget = \"entra/admin\"\ngives = \"account\"";
    let rules = rules(&format!("{RULE}{admin}\n[profile.\"entra/admin\"]\na = {{ value = \"x\" }}"));
    let office = Office::new("");
    assert_eq!(profile_of(&rules, &office, "entra/admin", "2026-03-01"), "a: `x`");
    assert_eq!(profile_of(&rules, &office, "entra", "2026-03-01"), "");
}

#[test]
fn contracts_are_ordered_by_what_the_schema_reads() {
    let rules = rules(
        "target = \"entra\"\nprimary = [{ highest = \"hours\" }, \"earliest_start\"]\n[[rule]]\nid = \"r\"\ngives = \"access\"
        [profile.entra]\ntitle = { from = 'primary.title' }",
    );
    for (hours, other, expected) in [("\"36\"", "8", "first"), ("\"9\"", "\"10\"", "second"), ("many", "2", "second")] {
        let office = format!(
            "contract c1 2026-01-01.. hours={hours} title=first\ncontract c2 2026-02-01.. hours={other} title=second"
        );
        let profile = profile_of(&rules, &Office::new(&office), "entra", "2026-03-01");
        assert_eq!(profile, format!("title: `{expected}`"), "{hours} {other}");
    }
}
