use provisioning_core::policy::Policy;

use super::{Office, instant, profile_of, rules, shown};

/// What a rule with this condition gives on the first of March.
fn given(when: &str, office: &str) -> String {
    let rules = rules(&format!("target = \"entra\"\n[[rule]]\nid = \"r\"\nwhen = '{when}'\ngives = \"access\""));
    let answer = rules.grants(&Office::new(office).person(), instant("2026-03-01"));
    if answer.undetermined.is_empty() { shown(&answer) } else { "undetermined".to_owned() }
}

const GIVEN: &str = "entra: access, because of rule `r`, contract `c1`";

const SHOP: &str = "contract c1 2026-01-01.. department=shop\n contract c2 2020-01-01..2020-12-31 department=board
    department board name=Board manager=9\n department shop name=Shop parent=board manager=7
    colleague 7 mail=bo@example.org phone=7\n colleague 9 mail=eva@example.org";

#[test]
fn the_manager_is_that_of_the_department_of_the_contract() {
    assert_eq!(given("manager.mail == \"bo@example.org\"", SHOP), GIVEN);
    assert_eq!(given("primary.manager.mail == \"bo@example.org\"", SHOP), GIVEN);
    assert_eq!(given("contract.manager.phone == \"7\"", SHOP), GIVEN);
    assert_eq!(given("contracts.exists(c, c.manager.mail == \"eva@example.org\")", SHOP), GIVEN);
    assert_eq!(given("manager.mail == \"eva@example.org\"", SHOP), "");
}

#[test]
fn where_a_department_has_none_or_the_person_is_it_the_nearest_above_counts() {
    let above = "manager.mail == \"eva@example.org\"";
    assert_eq!(given(above, &SHOP.replace(" manager=7", "")), GIVEN);
    assert_eq!(given(above, &SHOP.replace("manager=7", "manager=1")), GIVEN);
    assert_eq!(given(above, &SHOP.replace("colleague 7", "colleague 8")), GIVEN);
    // Of a manager who is there, what is not said is not known; nobody else's is taken.
    assert_eq!(given(above, &SHOP.replace("mail=bo@example.org ", "")), "undetermined");
    assert_eq!(given("!has(manager.mail)", &SHOP.replace("mail=bo@example.org ", "")), GIVEN);
}

#[test]
fn without_a_manager_nothing_is_known_of_one() {
    for office in [
        "contract c1 2026-01-01..",
        "contract c1 2026-01-01.. department=lost",
        "contract c1 2026-01-01.. department=shop\n department shop name=Shop",
        "contract c1 2026-01-01.. department=shop\n department shop name=Shop manager=1",
    ] {
        assert_eq!(given("manager.mail == \"x\"", office), "undetermined", "{office}");
        assert_eq!(given("!has(manager.mail)", office), GIVEN, "{office}");
    }
}

#[test]
fn whether_rules_look_at_managers_is_known() {
    let access = "target = \"entra\"\n[[rule]]\nid = \"r\"\ngives = \"access\"";
    let sees = |more: &str| rules(&format!("{access}{more}")).sees_managers();
    assert!(!sees(""));
    assert!(!sees("\n[profile.entra]\nmanager = { manager = true }"));
    assert!(sees("\n[profile.entra]\nphone = { from = 'manager.phone' }"));
    assert!(sees("\n[profile.entra]\nname = { candidates = ['person.mail', 'manager.mail'] }"));
    assert!(sees("\nwhen = 'has(person.phone) || manager.mail == \"x\"'"));
    assert!(sees("\nwhen = 'contracts.exists(c, c.manager.mail == person.mail)'"));
    let each = "\n[[rule]]\nid = \"team\"\ngives = { each = 'manager.mail', permission = '\"team:\" + key' }";
    assert!(sees(each));
    let exclusion = "\n[[exclusion]]\nid = \"x\"\nwhen = 'has(manager.phone)'\nwithholds = \"access\"";
    assert!(sees(exclusion));
}

#[test]
fn a_profile_takes_what_the_manager_of_the_primary_contract_has() {
    let rules = rules(
        "target = \"entra\"\n[[rule]]\nid = \"r\"\ngives = \"access\"
        [profile.entra]\nassistant = { from = 'manager.mail' }\nphone = { from = 'manager.phone', when_empty = \"clear\" }",
    );
    let shown = profile_of(&rules, &Office::new(SHOP), "entra", "2026-03-01");
    assert_eq!(shown, "assistant: `bo@example.org`\nphone: `7`");
    let moved = SHOP.replace("2026-01-01.. department=shop", "2026-01-01.. department=board");
    let shown = profile_of(&rules, &Office::new(&moved), "entra", "2026-03-01");
    assert_eq!(shown, "assistant: `eva@example.org`\nphone: keep");
}

#[test]
fn of_a_manager_whose_record_was_never_accepted_nothing_is_concluded() {
    let office = SHOP.replace("colleague 7 mail=bo@example.org phone=7", "unheard 7");
    for when in
        ["manager.mail == \"x\"", "has(manager.mail)", "!has(manager.mail)", "manager.mail == \"eva@example.org\""]
    {
        assert_eq!(given(when, &office), "undetermined", "{when}");
    }
    let rules = rules(
        "target = \"entra\"\n[[rule]]\nid = \"r\"\ngives = { each = 'manager.mail', permission = '\"of:\" + key' }",
    );
    let answer = rules.grants(&Office::new(&office).person(), instant("2026-03-01"));
    assert_eq!((answer.grants.len(), answer.undetermined.len(), answer.notes.len()), (0, 1, 0));
}
