use expect_test::{Expect, expect};
use proptest::collection::vec;
use proptest::prelude::{Just, Strategy, prop_oneof};
use proptest::sample::select;
use proptest::{prop_assert_eq, proptest};

use super::{Office, instant, rules};
use crate::slot::parse_slot;
use crate::{Asked, Condition, Explanation, Holds, How, Verdict};

const RULES: &str = r#"
target = "entra"

[[rule]]
id = "access"
days_after = 3
gives = ["access"]

[[rule]]
id = "seniors"
name = "Seniors may sign"
when = 'contract.title.startsWith("Senior") && (contract.hours >= 20 || contract.kind == "board") && !(contract.kind == "contractor")'
gives = [{ permission = "signing" }]

[[rule]]
id = "many-jobs"
per = "person"
when = 'contracts.exists(c, c.in_force && c.title == "Signer")'
gives = [{ permission = "signing" }, { permission = "paying" }]

[[rule]]
id = "departments"
gives = [{ each = 'contract.department', permission = '"department:" + key', create = true }]

[[exclusion]]
id = "pending"
when = 'contract.employment == "pending"'
withholds = [{ permission = "signing" }]

[[exception]]
id = "ann"
person = "hr:1"
until = 2026-02-28
gives = [{ permission = "paying" }]

[[combination]]
id = "four-eyes"
apart = ["signing", "paying"]
"#;

fn asked(text: &str) -> Asked {
    match text {
        "account" => Asked::Account,
        "access" => Asked::Access,
        id => Asked::Permission(id.parse().unwrap()),
    }
}

fn explained(what: &str, office: &str, now: &str) -> Explanation {
    let rules = rules(RULES);
    rules.explain(&Office::new(office).person(), &parse_slot("entra").unwrap(), &asked(what), instant(now))
}

fn check(what: &str, office: &str, now: &str, expected: &Expect) {
    let explanation = explained(what, office, now);
    expected.assert_eq(&explanation.to_string().replace(&explanation.version.to_string(), "VERSION"));
    let json = serde_json::to_string(&explanation).unwrap();
    assert_eq!(serde_json::from_str::<Explanation>(&json).unwrap(), explanation);
}

const SENIOR: &str =
    "contract c1 2026-01-01..2026-06-30 title=Senior_Clerk hours=36 kind=employee employment=fixed department=D1";

#[test]
fn what_is_given_names_its_rules_and_what_they_looked_at() {
    check(
        "signing",
        SENIOR,
        "2026-03-01",
        &expect![[r#"
            hr:1, permission `signing` on `entra`, 2026-03-01, rules VERSION: given
              rule `seniors` (Seniors may sign), contract `c1`: yes
                yes from 2026-01-01 through 2026-06-30
                yes contract.title.startsWith("Senior")  -- contract.title: `Senior Clerk`
                yes (contract.hours >= 20 || contract.kind == "board")
                    yes contract.hours >= 20  -- contract.hours: 36
                    no  contract.kind == "board"  -- contract.kind: `employee`
                yes !(contract.kind == "contractor")  -- contract.kind: `employee`
              also asked, in vain: `many-jobs`"#]],
    );
    check(
        "account",
        SENIOR,
        "2026-07-02",
        &expect![[r#"
        hr:1, an account on `entra`, 2026-07-02, rules VERSION: given
          rule `access`, contract `c1`: yes
            yes from 2026-01-01 through 2026-07-03"#]],
    );
    check(
        "department:d1",
        SENIOR,
        "2026-03-01",
        &expect![[r#"
        hr:1, permission `department:d1` on `entra`, 2026-03-01, rules VERSION: given
          rule `departments`, contract `c1`: yes
            yes from 2026-01-01 through 2026-06-30
            yes contract.department  -- contract.department: `D1`"#]],
    );
}

#[test]
fn what_is_not_given_names_what_is_nearest() {
    check(
        "signing",
        &SENIOR.replace("hours=36", "hours=8"),
        "2026-03-01",
        &expect![[r#"
            hr:1, permission `signing` on `entra`, 2026-03-01, rules VERSION: not given
              rule `seniors` (Seniors may sign), contract `c1`: no
                yes from 2026-01-01 through 2026-06-30
                yes contract.title.startsWith("Senior")  -- contract.title: `Senior Clerk`
                no  (contract.hours >= 20 || contract.kind == "board")
                    no  contract.hours >= 20  -- contract.hours: 8
                    no  contract.kind == "board"  -- contract.kind: `employee`
                yes !(contract.kind == "contractor")  -- contract.kind: `employee`
              also asked, in vain: `many-jobs`"#]],
    );
    check(
        "access",
        SENIOR,
        "2026-07-10",
        &expect![[r#"
        hr:1, access on `entra`, 2026-07-10, rules VERSION: not given
          rule `access`, contract `c1`: no
            no  from 2026-01-01 through 2026-07-03"#]],
    );
    check(
        "department:d2",
        SENIOR,
        "2026-03-01",
        &expect![[r#"
        hr:1, permission `department:d2` on `entra`, 2026-03-01, rules VERSION: not given
          rule `departments`, contract `c1`: no
            yes from 2026-01-01 through 2026-06-30
            no  contract.department  -- contract.department: `D1`"#]],
    );
    check(
        "parking",
        SENIOR,
        "2026-03-01",
        &expect![[r#"
        hr:1, permission `parking` on `entra`, 2026-03-01, rules VERSION: not given
          no rule could give it"#]],
    );
    let other = "contract c2 2026-03-01..2026-04-01 title=Signer";
    check(
        "signing",
        &format!("contract c1 2026-01-01.. title=Clerk hours=36 kind=employee\n{other}"),
        "2026-04-20",
        &expect![[r#"
            hr:1, permission `signing` on `entra`, 2026-04-20, rules VERSION: not given
              rule `seniors` (Seniors may sign), contract `c1`: no
                yes from 2026-01-01
                no  contract.title.startsWith("Senior")  -- contract.title: `Clerk`
                yes (contract.hours >= 20 || contract.kind == "board")
                    yes contract.hours >= 20  -- contract.hours: 36
                    no  contract.kind == "board"  -- contract.kind: `employee`
                yes !(contract.kind == "contractor")  -- contract.kind: `employee`
              also asked, in vain: `many-jobs`, `seniors`"#]],
    );
}

#[test]
fn what_is_withheld_or_cannot_be_told_says_why() {
    check(
        "signing",
        &SENIOR.replace("fixed", "pending"),
        "2026-03-01",
        &expect![[r#"
            hr:1, permission `signing` on `entra`, 2026-03-01, rules VERSION: withheld
              rule `seniors` (Seniors may sign), contract `c1`: yes
                yes from 2026-01-01 through 2026-06-30
                yes contract.title.startsWith("Senior")  -- contract.title: `Senior Clerk`
                yes (contract.hours >= 20 || contract.kind == "board")
                    yes contract.hours >= 20  -- contract.hours: 36
                    no  contract.kind == "board"  -- contract.kind: `employee`
                yes !(contract.kind == "contractor")  -- contract.kind: `employee`
              exclusion `pending`, contract `c1`: yes
                yes from 2026-01-01 through 2026-07-03
                yes contract.employment == "pending"  -- contract.employment: `pending`
              also asked, in vain: `many-jobs`"#]],
    );
    check(
        "signing",
        &SENIOR.replace("employment=fixed", ""),
        "2026-03-01",
        &expect![[r#"
            hr:1, permission `signing` on `entra`, 2026-03-01, rules VERSION: cannot be told: kept where it is held, and not given anew
              rule `seniors` (Seniors may sign), contract `c1`: yes
                yes from 2026-01-01 through 2026-06-30
                yes contract.title.startsWith("Senior")  -- contract.title: `Senior Clerk`
                yes (contract.hours >= 20 || contract.kind == "board")
                    yes contract.hours >= 20  -- contract.hours: 36
                    no  contract.kind == "board"  -- contract.kind: `employee`
                yes !(contract.kind == "contractor")  -- contract.kind: `employee`
              exclusion `pending`, contract `c1`: ?
                yes from 2026-01-01 through 2026-07-03
                ?   contract.employment == "pending"  -- contract.employment: not known
              also asked, in vain: `many-jobs`"#]],
    );
    check(
        "signing",
        &SENIOR.replace("kind=employee", "kind=null"),
        "2026-03-01",
        &expect![[r#"
            hr:1, permission `signing` on `entra`, 2026-03-01, rules VERSION: cannot be told: kept where it is held, and not given anew
              rule `seniors` (Seniors may sign), contract `c1`: ?
                yes from 2026-01-01 through 2026-06-30
                yes contract.title.startsWith("Senior")  -- contract.title: `Senior Clerk`
                yes (contract.hours >= 20 || contract.kind == "board")
                    yes contract.hours >= 20  -- contract.hours: 36
                    ?   contract.kind == "board"  -- contract.kind: empty
                ?   !(contract.kind == "contractor")  -- contract.kind: empty
              also asked, in vain: `many-jobs`"#]],
    );
    check(
        "signing",
        &SENIOR.replace("hours=36 kind=employee", "hours=many"),
        "2026-03-01",
        &expect![[r#"
            hr:1, permission `signing` on `entra`, 2026-03-01, rules VERSION: cannot be told: kept where it is held, and not given anew
              rule `seniors` (Seniors may sign), contract `c1`: ?
                yes from 2026-01-01 through 2026-06-30
                yes contract.title.startsWith("Senior")  -- contract.title: `Senior Clerk`
                ?   (contract.hours >= 20 || contract.kind == "board")
                    ?   contract.hours >= 20  -- contract.hours: no number
                    ?   contract.kind == "board"  -- contract.kind: not known
                ?   !(contract.kind == "contractor")  -- contract.kind: not known
              also asked, in vain: `many-jobs`"#]],
    );
    check(
        "paying",
        SENIOR,
        "2026-02-01",
        &expect![[r#"
            hr:1, permission `paying` on `entra`, 2026-02-01, rules VERSION: withheld
              exception `ann` gives it
              combination `four-eyes` withholds it beside what else is given
              also asked, in vain: `many-jobs`"#]],
    );
    check(
        "paying",
        "person x=1",
        "2026-02-01",
        &expect![[r#"
            hr:1, permission `paying` on `entra`, 2026-02-01, rules VERSION: given, but no account that could hold it
              exception `ann` gives it
              also asked, in vain: `many-jobs`"#]],
    );
    check(
        "paying",
        "contract c1 2026-01-01.. title=Clerk hours=36 kind=board",
        "2026-02-01",
        &expect![[r#"
            hr:1, permission `paying` on `entra`, 2026-02-01, rules VERSION: given
              exception `ann` gives it
              also asked, in vain: `many-jobs`"#]],
    );
}

#[test]
fn the_debug_form_shows_no_field() {
    let explanation = explained("signing", SENIOR, "2026-03-01");
    assert!(!format!("{explanation:?}").contains("Senior Clerk"));
}

/// What follows from the parts of a condition alone.
fn concluded(condition: &Condition) -> Holds {
    let parts: Vec<Holds> = condition.parts.iter().map(concluded).collect();
    let has = |what| parts.contains(&what);
    let count = |what| parts.iter().filter(|part| **part == what).count();
    let not = |holds| match holds {
        Holds::Yes => Holds::No,
        Holds::No => Holds::Yes,
        Holds::Unknown => Holds::Unknown,
    };
    match (condition.how, parts.as_slice()) {
        (How::Itself, _) => condition.holds,
        (How::All, _) if has(Holds::No) => Holds::No,
        (How::Any, _) if has(Holds::Yes) => Holds::Yes,
        (How::ExactlyOne, _) if count(Holds::Yes) > 1 => Holds::No,
        (How::All | How::Any | How::ExactlyOne, _) if has(Holds::Unknown) => Holds::Unknown,
        (How::All, _) => Holds::Yes,
        (How::Any, _) => Holds::No,
        (How::ExactlyOne, _) => {
            if count(Holds::Yes) == 1 {
                Holds::Yes
            } else {
                Holds::No
            }
        }
        (How::Not, [inner]) => not(*inner),
        (How::Choice, [Holds::Yes, then, _]) => *then,
        (How::Choice, [Holds::No, _, otherwise]) => *otherwise,
        (How::Choice, [Holds::Unknown, _, _]) => Holds::Unknown,
        (How::Not | How::Choice, _) => panic!("{condition:?}"),
    }
}

fn leaf(of: &'static str) -> impl Strategy<Value = String> {
    let texts = [
        "title == \"a\"",
        "title != \"b\"",
        "kind in [\"a\", \"b\"]",
        "kind.startsWith(\"a\")",
        "hours > 20",
        "in_force",
    ];
    select(texts.to_vec()).prop_map(move |text| format!("{of}.{text}"))
}

pub(super) fn condition() -> impl Strategy<Value = String> {
    let quantified = (select(vec!["exists", "all", "exists_one"]), vec(leaf("c"), 1..3), select(vec![" && ", " || "]));
    let quantified =
        quantified.prop_map(|(which, parts, between)| format!("contracts.{which}(c, {})", parts.join(between)));
    let plain = prop_oneof![4 => leaf("contract"), 1 => quantified, 1 => Just("has(contract.title)".to_owned())];
    plain.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            vec(inner.clone(), 2..4).prop_map(|parts| format!("({})", parts.join(" && "))),
            vec(inner.clone(), 2..4).prop_map(|parts| format!("({})", parts.join(" || "))),
            inner.clone().prop_map(|part| format!("!({part})")),
            vec(inner, 3).prop_map(|parts| format!("({} ? {} : {})", parts[0], parts[1], parts[2])),
        ]
    })
}

pub(super) fn contract() -> impl Strategy<Value = String> {
    let field = |name: &'static str, values: Vec<&'static str>| {
        select(values).prop_map(move |value| if value.is_empty() { String::new() } else { format!(" {name}={value}") })
    };
    let days = select(vec!["2026-01-01..", "2026-01-01..2026-02-01", "2026-04-01..", "2026-02-28..2026-03-01"]);
    let texts = || vec!["", "null", "a", "A", "b", "c"];
    (days, field("title", texts()), field("kind", texts()), field("hours", vec!["", "8", "36", "many"]))
        .prop_map(|(days, title, kind, hours)| format!("{days}{title}{kind}{hours}"))
}

proptest! {
    /// I-57: what an explanation says follows from its parts, and is what the rules answer.
    #[test]
    fn i_57_an_explanation_agrees_with_the_answer(
        conditions in vec(condition(), 3),
        contracts in vec(contract(), 0..4),
        (before, after) in (0_u32..40, 0_u32..40),
    ) {
        let [one, two, exclusion] = conditions.as_slice() else { panic!() };
        let rules = rules(&format!(
            "target = \"entra\"\n[[rule]]\nid = \"all\"\ndays_before = 3650\ndays_after = 3650\ngives = \"account\"\n\
             [[rule]]\nid = \"one\"\nwhen = '{one}'\ndays_before = {before}\ngives = [{{ permission = \"p\" }}]\n\
             [[rule]]\nid = \"two\"\nwhen = '{two}'\nper = \"primary\"\ngives = [{{ permission = \"p\" }}]\n\
             [[exclusion]]\nid = \"x\"\nwhen = '{exclusion}'\ndays_after = {after}\nwithholds = [{{ permission = \"p\" }}]"
        ));
        let lines: Vec<String> =
            contracts.iter().enumerate().map(|(place, line)| format!("contract c{place} {line}")).collect();
        let office = Office::new(&lines.join("\n"));
        let (slot, now) = (parse_slot("entra").unwrap(), instant("2026-03-01"));
        let explanation = rules.explain(&office.person(), &slot, &asked("p"), now);
        for saying in explanation.rules.iter().chain(&explanation.exclusions) {
            let concluded = saying.condition.as_ref().map_or(Holds::Yes, concluded);
            let holds = if saying.days.is_some_and(|days| !days.holds) { Holds::No } else { concluded };
            prop_assert_eq!(saying.holds, holds);
        }
        let best = |sayings: &[crate::Saying]| sayings.iter().map(|saying| saying.holds).fold(Holds::No, |a, b| match (a, b) {
            (Holds::Yes, _) | (_, Holds::Yes) => Holds::Yes,
            (Holds::Unknown, _) | (_, Holds::Unknown) => Holds::Unknown,
            (Holds::No, Holds::No) => Holds::No,
        });
        let expected = match (best(&explanation.rules), best(&explanation.exclusions)) {
            (Holds::No, _) => Verdict::NotGiven,
            (_, Holds::Yes) => Verdict::Withheld,
            (Holds::Yes, Holds::No) => Verdict::Given,
            (Holds::Yes | Holds::Unknown, _) => Verdict::Undetermined,
        };
        prop_assert_eq!(explanation.verdict, expected);
        let answer = rules.answer(&office.person(), now);
        prop_assert_eq!(explanation.verdict == Verdict::Given, answer.gives(&slot, &"p".parse().unwrap()));
        let all = office.person().contracts.len();
        prop_assert_eq!(explanation.rules.iter().filter(|saying| saying.rule.as_str() == "one").count(), all);
    }
}
