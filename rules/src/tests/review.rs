use std::collections::BTreeSet;

use expect_test::{Expect, expect};
use proptest::collection::vec;
use proptest::prelude::Strategy;
use proptest::{prop_assert, proptest};

use super::explain::{condition, contract};
use super::{Office, instant, rules};
use crate::Remark;
use crate::slot::parse_slot;

const FIELDS: &str = "target = \"entra\"\n[fields]\ncontract.code = \"exact text\"\ncontract.roles = \"list of text\"\n\
                      contract.status = { type = \"text\", values = [\"staff\", \"external\"] }\nperson.vip = \"bool\"\n";

/// One rule `rN` for each condition, each with a permission of its own unless the condition names one before a `:`.
fn file(conditions: &[&str]) -> String {
    let rule = |(place, text): (usize, &&str)| {
        let (gift, when) =
            text.split_once("::").map_or((format!("p{place}"), *text), |(gift, when)| (gift.to_owned(), when));
        let (keys, when) = when.rsplit_once("##").map_or(("", when), |(keys, when)| (keys, when));
        format!("[[rule]]\nid = \"r{place}\"\ngives = [{{ permission = \"{gift}\" }}]\n{keys}\nwhen = '{when}'\n")
    };
    FIELDS.to_owned() + &conditions.iter().enumerate().map(rule).collect::<String>()
}

fn check(conditions: &[&str], expected: &Expect) {
    let remarks = rules(&file(conditions)).review();
    expected.assert_eq(&remarks.iter().map(Remark::to_string).collect::<Vec<_>>().join("\n"));
}

/// The places of those conditions that can never hold, as far as a review knows.
fn never(conditions: &[&str]) -> Vec<usize> {
    let remarks = rules(&file(conditions)).review();
    (0..conditions.len())
        .filter(|place| remarks.contains(&Remark::NeverHolds(format!("r{place}").parse().unwrap())))
        .collect()
}

#[test]
fn what_contradicts_itself_never_holds() {
    let impossible = [
        "contract.title == \"a\" && contract.title == \"b\"",
        "contract.title in [\"a\", \"b\"] && !(contract.title == \"A \" || contract.title == \"B\")",
        "contract.title == \"Clerk\" && !has(contract.title)",
        "contract.title == \"Clerk\" && contract.title.startsWith(\"Senior\")",
        "contract.title.startsWith(\"a\") && contract.title.startsWith(\"b\")",
        "contract.title.endsWith(\"er\") && contract.title.endsWith(\"ist\")",
        "contract.title.startsWith(\"Senior\") && !contract.title.startsWith(\"S\")",
        "contract.title.endsWith(\"Clerk\") && !contract.title.contains(\"ler\")",
        "contract.hours > 36 && contract.hours < 20",
        "contract.hours >= 36 && contract.hours < 36",
        "36 > contract.hours && contract.hours == 36.0",
        "contract.start > date(\"2026-01-01\") && contract.start < date(\"2026-01-02\")",
        "contract.status != \"staff\" && contract.status != \"external\"",
        "person.vip && !person.vip",
        "\"x\" in contract.roles && !(\"x\" in contract.roles)",
        "contracts.exists(c, c.in_force) && !contracts.exists(c, c.in_force)",
        "has(contract.title) ? !has(contract.title) : has(contract.title)",
        "false",
    ];
    assert_eq!(never(&impossible), (0..impossible.len()).collect::<Vec<_>>());
    let possible = [
        "contract.title == \"a\" || contract.title == \"b\"",
        "contract.title.startsWith(\"Sen\") && contract.title.startsWith(\"Senior\")",
        "contract.title.startsWith(\"a\") && contract.title.endsWith(\"b\") && !contract.title.contains(\"c\")",
        "contract.code == \"a\" || contract.code == \"A\"",
        "contract.hours > 20 && contract.hours < 20.5",
        "contract.start > date(\"2026-01-01\") && contract.start < date(\"2026-01-03\")",
        "contract.title != primary.title",
        "has(contract.title) ? contract.title == \"a\" : person.vip",
        "true",
    ];
    assert_eq!(never(&possible), Vec::<usize>::new());
    assert_eq!(never(&["contract.code == \"a\" && contract.code == \"A\""]), [0]);
}

#[test]
fn what_another_rule_says_is_remarked() {
    check(
        &[
            "p::contract.title == \"Clerk\"",
            "p::contract.title in [\"clerk\", \"Porter\"]",
            "q::contract.title == \"Cook\" && contract.hours > 20",
            "q::contract.hours >= 21 && contract.title == \"cook\"",
            "q::contract.hours > 20.0 && contract.title == \"COOK\"",
            "r::has(contract.title)",
            "r::contract.title == \"x\"",
            "s::contract.title == \"x\"",
            "s::days_before = 1##contract.title == \"x\" && contract.kind == \"y\"",
            "t::person.vip",
            "t::per = \"person\"##person.vip",
        ],
        &expect![[r#"
            `r0` gives nothing that `r1` does not give: take one of them out
            `r3` gives nothing that `r2` does not give: take one of them out
            `r4` and `r2` say the same: take one of them out
            `r3` gives nothing that `r4` does not give: take one of them out
            `r6` gives nothing that `r5` does not give: take one of them out"#]],
    );
}

#[test]
fn a_negation_that_nobody_without_the_field_passes_is_remarked() {
    check(
        &[
            "contract.kind != \"contractor\"",
            "has(contract.kind) && contract.kind != \"contractor\"",
            "!has(contract.kind) || !(contract.kind == \"contractor\")",
            "!(contract.kind != \"contractor\")",
            "!contract.in_force && contract.start != date(\"2026-01-01\")",
            "contracts.all(c, !(c.title == \"x\"))",
        ],
        &expect![[r#"
            `r0` cannot tell of whoever has no `contract.kind`: write `has(contract.kind)` beside what it must not be, or `!has(contract.kind)` as another way
            `r5` cannot tell of whoever has no `c.title`: write `has(c.title)` beside what it must not be, or `!has(c.title)` as another way"#]],
    );
}

#[test]
fn a_value_that_nobody_has_is_remarked() {
    let rules = rules(&file(&[
        "contract.title in [\"Clerk\", \"Portr\"] && contract.kind != \"contracter\"",
        "contract.title.startsWith(\"senior\") || department.below(\"fin\") || department.below(\"fim\")",
        "contracts.exists(c, c.title == \"cook\") || \"nurse\" in contract.roles || \"nures\" in contract.roles",
        "contract.hours == 99 || person.phone == \"112\"",
    ]));
    let offices = [
        "contract c1 2026-01-01.. title=CLERK kind=employee roles=nurse department=tax\n\
         department tax name=Taxes parent=fin\ndepartment fin name=Finance",
        "person phone=113\ncontract c1 2020-01-01..2020-02-01 title=Senior_Cook\ncontract c2 2020-01-01.. title=Cook",
    ]
    .map(Office::new);
    let people: Vec<_> = offices.iter().map(Office::person).collect();
    let remarks = rules.review_people(&people, instant("2026-03-01"));
    expect![[r#"
        `r0`: nobody has `Portr` in `contract.title`: is it spelt as the source spells it?
        `r0`: nobody has `contracter` in `contract.kind`: is it spelt as the source spells it?
        `r1`: nobody has a department below `fim`: is it spelt as the source spells it?
        `r2`: nobody has `nures` in `contract.roles`: is it spelt as the source spells it?
        `r3`: nobody has `112` in `person.phone`: is it spelt as the source spells it?"#]]
    .assert_eq(&remarks.iter().map(Remark::to_string).collect::<Vec<_>>().join("\n"));
}

#[test]
fn what_is_held_and_given_by_nobody_is_remarked_and_days_beyond_the_grace() {
    let rules = rules(
        "target = \"entra\"
         [[rule]]
         id = \"account\"
         days_after = 30
         gives = [\"account\"]
         [[rule]]
         id = \"payslips\"
         days_after = 120
         gives = [{ permission = \"payslips\" }, { permission = '\"d:\" + key + \"!\"', each = 'contract.department' }]
         [[exception]]
         id = \"e\"
         person = \"hr:1\"
         until = 2026-01-01
         gives = [{ permission = \"lent\" }]",
    );
    let slot = parse_slot("entra").unwrap();
    let held = ["payslips", "payslip", "d:x!", "d:x", "lent"].map(|id| (slot.clone(), id.parse().unwrap()));
    let mut remarks = rules.review_held(&BTreeSet::from(held));
    remarks.extend(rules.review_grace(89));
    assert!(rules.review_grace(90).is_empty());
    expect![[r#"
        permission `d:x` on `entra` is held, and no rule gives it: it will be taken away
        permission `payslip` on `entra` is held, and no rule gives it: it will be taken away
        `payslips` gives something for 120 days after a contract, when the account is deleted before"#]]
    .assert_eq(&remarks.iter().map(Remark::to_string).collect::<Vec<_>>().join("\n"));
}

proptest! {
    /// What a review says never holds does not, and what it says is implied is.
    #[test]
    fn a_review_says_nothing_that_is_not_so(
        conditions in vec(condition(), 2..5).prop_map(|all| all.into_iter().map(|one| format!("p::{one}")).collect::<Vec<_>>()),
        people in vec(vec(contract(), 0..3), 12),
    ) {
        let rules = rules(&file(&conditions.iter().map(String::as_str).collect::<Vec<_>>()));
        let remarks = rules.review();
        for lines in people {
            let lines: Vec<String> = lines.iter().enumerate().map(|(place, line)| format!("contract c{place} {line}")).collect();
            let office = Office::new(&lines.join("\n"));
            let answer = rules.answer(&office.person(), instant("2026-03-01"));
            let given: BTreeSet<_> =
                answer.grants.iter().map(|grant| (&grant.because.rule, &grant.because.contract)).collect();
            for remark in &remarks {
                match remark {
                    Remark::NeverHolds(rule) => prop_assert!(given.iter().all(|(giving, _)| *giving != rule), "{}", remark),
                    Remark::Implied(rule, by) => {
                        let mut of_rule = given.iter().filter(|(giving, _)| *giving == rule);
                        prop_assert!(of_rule.all(|(_, contract)| given.contains(&(by, *contract))), "{}", remark);
                    }
                    Remark::Twice(one, other) => {
                        let of = |rule| given.iter().filter(move |(giving, _)| *giving == rule).map(|(_, contract)| *contract);
                        prop_assert!(of(one).eq(of(other)), "{}", remark);
                    }
                    Remark::Negated(..) | Remark::Nobody(..) | Remark::Ungiven(..) | Remark::BeyondGrace(..) => {}
                }
            }
        }
    }
}
