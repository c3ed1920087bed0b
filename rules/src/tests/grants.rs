use expect_test::{Expect, expect};
use provisioning_core::policy::{Entitlement, Policy};

use super::{Office, instant, rules, shown};

const HEAD: &str = "target = \"entra\"\nfields.person.roles = \"list of text\"\n[[rule]]\nid = \"r\"\n";

/// What a rule (its lines after the id) says of the people of an office on 1 March 2026.
fn check(rule: &str, office: &str, expected: &Expect) {
    let rules = rules(&format!("{HEAD}{rule}"));
    expected.assert_eq(&shown(&rules.grants(&Office::new(office).person(), instant("2026-03-01"))));
}

#[test]
fn a_grant_names_its_rule_and_its_contract() {
    check(
        "gives = [\"account\", \"access\", { permission = \"crm\" }]",
        "contract c1 2026-01-01..
         contract c2 2025-01-01..2026-06-30",
        &expect![[r#"
            entra: account, because of rule `r`, contract `c1`
            entra: access, because of rule `r`, contract `c1`
            entra: crm, because of rule `r`, contract `c1`
            entra: account, because of rule `r`, contract `c2`
            entra: access, because of rule `r`, contract `c2`
            entra: crm, because of rule `r`, contract `c2`"#]],
    );
}

#[test]
fn a_permission_has_a_class_a_target_and_a_name_for_when_it_is_made() {
    check(
        "target = \"ad/admin\"
         gives = [{ permission = \"E5\", class = \"licence\" }, { permission = \"root\", class = \"privileged\", create = true },
                  { permission = \"crm\", create = true, name = \"CRM users\" }]",
        "contract c1 2026-01-01..",
        &expect![[r#"
            ad admin: E5 licence, because of rule `r`, contract `c1`
            ad admin: root privileged `root`, because of rule `r`, contract `c1`
            ad admin: crm `CRM users`, because of rule `r`, contract `c1`"#]],
    );
}

#[test]
fn all_conditions_hold_of_the_same_contract() {
    let rule = "when = 'contract.department == \"d1\" && contract.title == \"Clerk\"'\ngives = 'access'";
    check(
        rule,
        "contract c1 2026-01-01.. department=D1 title=Porter
         contract c2 2026-01-01.. department=d2 title=Clerk",
        &expect![],
    );
    check(
        rule,
        "contract c1 2026-01-01.. department=D1 title=clerk",
        &expect!["entra: access, because of rule `r`, contract `c1`"],
    );
}

#[test]
fn what_can_not_be_told_says_what_is_lacking() {
    check(
        "when = 'contract.hours > 30 && contract.title == \"Clerk\" && person.phone == \"1\"'\ngives = 'access'",
        "contract c1 2026-01-01.. hours=many
         contract c2 2026-01-01.. hours=20",
        &expect![
            "cannot tell: rule `r`: `contract.hours` holds no number, and nothing is known of `contract.title` and `person.phone` for contract `c1`; may be Access"
        ],
    );
    check(
        "per = 'person'\nwhen = 'person.phone == \"1\"'\ngives = 'access'",
        "",
        &expect!["cannot tell: rule `r`: nothing is known of `person.phone`; may be Access"],
    );
}

#[test]
fn a_rule_may_be_about_the_primary_contract_or_the_person() {
    let office = "person phone=1
                  contract c1 2025-01-01..2026-06-30 title=Clerk
                  contract c2 2026-01-01.. title=Porter
                  contract c3 2024-01-01..2024-12-31 title=Old";
    check(
        "per = 'primary'\nwhen = 'has(contract.title)'\ngives = 'access'",
        office,
        &expect!["entra: access, because of rule `r`, contract `c1`"],
    );
    check(
        "per = 'person'\nwhen = 'primary.title == \"clerk\"'\ngives = 'access'",
        office,
        &expect!["entra: access, because of rule `r`"],
    );
    check(
        "when = 'primary.title != contract.title'\ngives = 'access'",
        office,
        &expect!["entra: access, because of rule `r`, contract `c2`"],
    );
    check(
        "per = 'person'\nwhen = 'contracts.exists(c, c.title == \"Old\" && c.end < today)'\ngives = 'access'",
        office,
        &expect!["entra: access, because of rule `r`"],
    );
    check("per = 'person'\nwhen = 'contracts.all(c, c.in_force)'\ngives = 'access'", office, &expect![]);
}

#[test]
fn what_can_not_be_told_says_how_much_of_an_account_is_at_stake() {
    let office = "contract c1 2026-01-01..2026-03-10
                  contract c2 2026-03-15..";
    let when = "when = 'contract.department == \"d1\"'";
    check(
        &format!("{when}\ngives = [\"account\", \"access\"]"),
        office,
        &expect!["cannot tell: rule `r`: nothing is known of `contract.department` for contract `c1`; may be Access"],
    );
    check(
        &format!("{when}\ngives = \"account\"\ntarget = \"ad\""),
        office,
        &expect!["cannot tell: rule `r`: nothing is known of `contract.department` for contract `c1`; may be Account"],
    );
    check(
        &format!("{when}\ngives = {{ permission = \"crm\" }}"),
        office,
        &expect!["cannot tell: rule `r`: nothing is known of `contract.department` for contract `c1`; may be Nothing"],
    );
}

#[test]
fn a_draft_gives_nothing_and_does_not_change_the_version() {
    let rule = |id: &str, more: &str| format!("[[rule]]\nid = \"{id}\"\ngives = \"account\"\n{more}\n");
    let one = rules(&format!("target = \"entra\"\n{}", rule("a", "")));
    let two =
        format!("# Two rules.\ntarget = \"entra\"\n{}{}", rule("a", "name = \"A\""), rule("b", "status = \"draft\""));
    let drafted = rules(&two);
    let published = rules(&two.replace("draft", "published"));
    let office = Office::new("contract c1 2026-01-01..");
    let count = |rules: &crate::RuleSet| rules.grants(&office.person(), instant("2026-03-01")).grants.len();
    assert_eq!((count(&drafted), count(&published)), (1, 2));
    assert_eq!(one.version(), drafted.version());
    assert_ne!(one.version(), published.version());
    let a = "a".parse().unwrap();
    assert_eq!((one.name_of(&a), drafted.name_of(&a)), (None, Some("A")));
}

const EACH: &str = "gives = [{ each = 'contract.department', permission = '\"department:\" + key', \
                    name = '\"Team \" + first(department.name, key)', create = true }]";

#[test]
fn each_department_has_a_group_keyed_by_its_code() {
    check(
        EACH,
        "department d1 name=Sales
         department d3 name=\"_\"
         contract c1 2026-01-01.. department=d1
         contract c2 2026-01-01.. department=\"_d2_\"
         contract c3 2026-01-01.. department=d3
         contract c4 2026-01-01.. department=40",
        &expect![[r#"
            entra: department:d1 `Team Sales`, because of rule `r`, contract `c1`
            entra: department:d2 `Team d2`, because of rule `r`, contract `c2`
            entra: department:d3 `Team d3`, because of rule `r`, contract `c3`
            entra: department:40 `Team 40`, because of rule `r`, contract `c4`"#]],
    );
}

#[test]
fn a_group_belongs_to_the_manager_of_the_department_or_the_nearest_above() {
    let owned = EACH.replace("create = true", "create = true, owner = \"manager\"");
    let office = "department d0 name=Board manager=9
         department d1 name=Sales parent=d0 manager=7
         department d2 name=Stock parent=d1
         contract c1 2026-01-01.. department=d1
         contract c2 2026-01-01.. department=d2
         contract c3 2026-01-01.. department=gone";
    check(
        &owned,
        office,
        &expect![[r#"
        entra: department:d1 `Team Sales` of hr:7 or hr:9, because of rule `r`, contract `c1`
        entra: department:d2 `Team Stock` of hr:7 or hr:9, because of rule `r`, contract `c2`
        entra: department:gone `Team gone`, because of rule `r`, contract `c3`"#]],
    );
    check(
        &format!("per = \"person\"\n{owned}")
            .replace("contract.dep", "primary.dep")
            .replace("first(department.name, key)", "key"),
        office,
        &expect!["entra: department:d1 `Team d1` of hr:7 or hr:9, because of rule `r`"],
    );
}

#[test]
fn a_list_gives_a_permission_for_each_of_its_values() {
    check(
        "gives = { each = 'person.roles', permission = '\"role:\" + key' }",
        "person roles=Nurse,null,Porter
         contract c1 2026-01-01..",
        &expect![[r#"
            entra: role:nurse, because of rule `r`, contract `c1`
            entra: role:porter, because of rule `r`, contract `c1`
            note: rule `r`: `person.roles` holds no key for contract `c1`; no permission is given for it"#]],
    );
}

#[test]
fn i_31_renaming_a_department_yields_no_revoke() {
    let rules = rules(&format!("{HEAD}{EACH}"));
    let ids = |name: &str| {
        let text = format!("department d1 name={name}\ncontract c1 2026-01-01.. department=d1");
        let grants = rules.grants(&Office::new(&text).person(), instant("2026-03-01")).grants;
        let permissions = grants.into_iter().map(|grant| match grant.entitlement {
            Entitlement::Permission(permission) => (permission.id, permission.resource.unwrap().name),
            Entitlement::Account | Entitlement::Access => panic!("only permissions are given"),
        });
        permissions.unzip::<_, _, Vec<_>, Vec<_>>()
    };
    let (before, after) = (ids("Sales"), ids("Customers"));
    assert_eq!(before.0, after.0);
    assert_eq!((before.1, after.1), (vec!["Team Sales".to_owned()], vec!["Team Customers".to_owned()]));
}

#[test]
fn i_32_a_blank_key_gives_no_grant_and_no_group() {
    for department in
        ["", "department=null", "department=\"\"", "department=\"___\"", "department=[]", "department=null,\"_\""]
    {
        let rules = rules(&format!("{HEAD}{EACH}"));
        let office = Office::new(&format!("department d1 name=Sales\ncontract c1 2026-01-01.. {department}"));
        let answer = rules.grants(&office.person(), instant("2026-03-01"));
        assert_eq!((answer.grants.len(), answer.undetermined.len()), (0, 0), "{department}");
        assert!(!answer.notes.is_empty(), "{department}");
    }
    check(
        EACH,
        "contract c1 2026-01-01.. department=\"\"",
        &expect!["note: rule `r`: `contract.department` holds no key for contract `c1`; no permission is given for it"],
    );
}

#[test]
fn a_key_that_no_id_can_be_made_of_gives_no_grant() {
    let rules = rules(&format!("{HEAD}{EACH}"));
    let mut office = Office::new("contract c1 2026-01-01..");
    office.person.contracts[0].fields.put(super::field("department"), provisioning_core::Value::text("d\u{7}1"));
    let answer = rules.grants(&office.person(), instant("2026-03-01"));
    assert_eq!((answer.grants.len(), answer.notes.len()), (0, 1));
}
