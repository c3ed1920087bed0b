use expect_test::expect;

use super::{Office, instant, rules};
use crate::{Difference, RuleSet};

const RULES: &str = r#"
target = "entra"

[[rule]]
id = "account"
days_before = 14
gives = ["account"]

[[rule]]
id = "access"
gives = ["access"]

[[rule]]
id = "clerks"
when = 'contract.title == "Clerk"'
gives = [{ permission = "archive" }]

[[rule]]
id = "departments"
gives = [{ each = 'contract.department', permission = '"department:" + key', create = true }]
"#;

const CLERK: &str = "contract c1 2026-01-20..2026-02-28 title=Clerk department=d1";

fn what_if(rules: &RuleSet, before: &str, after: &str) -> String {
    let now = instant("2026-02-01");
    rules.what_if(&Office::new(before).person(), &Office::new(after).person(), now).to_string()
}

#[test]
fn other_facts_make_a_difference() {
    let rules = rules(RULES);
    expect![[r#"
        gains permission `department:d2` on `entra`
        loses permission `archive` on `entra`
        loses permission `department:d1` on `entra`"#]]
    .assert_eq(&what_if(&rules, CLERK, &CLERK.replace("d1", "d2").replace("Clerk", "Porter")));
    expect!["keeps, as nobody can tell: permission `archive` on `entra`"].assert_eq(&what_if(
        &rules,
        CLERK,
        &CLERK.replace("title=Clerk", ""),
    ));
    expect![[r#"
        loses an account on `entra`
        loses access on `entra`
        loses permission `archive` on `entra`
        loses permission `department:d1` on `entra`"#]]
    .assert_eq(&what_if(&rules, CLERK, "person x=1"));
    expect!["nothing changes"].assert_eq(&what_if(&rules, CLERK, CLERK));
}

#[test]
fn other_rules_make_a_difference_for_some() {
    let now = instant("2026-02-01");
    let (before, without) = (rules(RULES), RULES.replace("\"Clerk\"", "\"Porter\"").replace("days_before = 14", ""));
    let offices =
        [CLERK, "contract c2 2026-02-10.. title=Porter", "contract c3 2026-01-01.. title=Cook"].map(Office::new);
    let people: Vec<_> = offices.iter().map(Office::person).collect();
    let alone = |place: usize| {
        let differences = before.diff(&rules(&without), [&people[place]], now);
        differences.values().map(Difference::to_string).collect::<String>()
    };
    expect!["loses permission `archive` on `entra`"].assert_eq(&alone(0));
    expect!["loses an account on `entra`"].assert_eq(&alone(1));
    assert_eq!(alone(2), "");
}

#[test]
fn a_forecast_tells_each_day_on_which_something_changes() {
    let rules = rules(&format!(
        "{RULES}[[exception]]\nid = \"e\"\nperson = \"hr:1\"\nfrom = 2026-02-03\nuntil = 2026-02-03\ngives = [{{ permission = \"lent\" }}]"
    ));
    let changes = rules.forecast(&Office::new(CLERK).person(), instant("2026-01-01"), instant("2026-12-31"));
    let told: Vec<String> = changes.iter().map(|change| format!("{}\n{}", change.at, change.difference)).collect();
    expect![[r#"
        2026-01-05 23:00:00 UTC
        gains an account on `entra`
        2026-01-19 23:00:00 UTC
        gains access on `entra`
        gains permission `archive` on `entra`
        gains permission `department:d1` on `entra`
        2026-02-02 23:00:00 UTC
        gains permission `lent` on `entra`
        2026-02-03 23:00:00 UTC
        loses permission `lent` on `entra`
        2026-02-28 23:00:00 UTC
        loses an account on `entra`
        loses access on `entra`
        loses permission `archive` on `entra`
        loses permission `department:d1` on `entra`"#]]
    .assert_eq(&told.join("\n"));
    let json = serde_json::to_string(&changes).unwrap();
    assert_eq!(serde_json::from_str::<Vec<crate::Change>>(&json).unwrap(), changes);
}
