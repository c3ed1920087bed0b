use std::collections::BTreeSet;
use std::sync::Arc;

use chrono::{Days, TimeDelta};
use proptest::collection::vec;
use proptest::prelude::{Strategy, prop_oneof};
use proptest::sample::select;
use proptest::{prop_assert_eq, proptest};
use provisioning_core::policy::Policy;
use provisioning_core::source::Person;
use provisioning_core::{PersonId, RuleId};

use super::explain::{condition, contract};
use super::{Office, day, instant, rules};
use crate::{Cause, Indexed, Population, RuleSet};

/// What the rules say of a person, asked one by one: what holds, and what cannot be told.
pub(super) fn asked(
    rules: &RuleSet,
    person: &Person<'_>,
    now: chrono::DateTime<chrono::Utc>,
) -> (BTreeSet<Cause>, BTreeSet<RuleId>) {
    let answer = rules.grants(person, now);
    let causes =
        answer.grants.into_iter().map(|grant| Cause { contract: grant.because.contract, rule: grant.because.rule });
    (causes.collect(), answer.undetermined.into_iter().map(|one| one.rule).collect())
}

pub(super) fn told(population: &Population, person: &PersonId) -> (BTreeSet<Cause>, BTreeSet<RuleId>) {
    (population.causes(person), population.doubts(person).into_iter().map(|cause| cause.rule).collect())
}

/// A rule with days of its own, about contracts, the primary one, or the person.
pub(super) fn rule() -> impl Strategy<Value = String> {
    let dates = select(vec![
        "contract.start > date(\"2026-02-01\")",
        "contract.end >= today",
        "department.below(\"top\")",
        "department.name == \"One\"",
        "department.below(\"two\") && !department.below(\"one\")",
        "primary.title == contract.title",
        "primary.kind == \"a\" || primary.in_force",
        "department.below(\"two\") ? contract.title == \"a\" : department.below(\"lost\")",
        "department.below(\"top\") == true",
        "(contracts.exists(c, c.title == \"a\") ? 1 : 0) == 1",
        "contract.title.truncate(1) == \"a\" && contract.title.lower() == contract.title",
        "manager.mail == \"a\" || contract.title == \"b\"",
        "!(primary.manager.mail == \"a\") && contracts.exists(c, has(c.manager.mail))",
        "contract.hours > 20 ? contract.title == \"a\" : contract.in_force",
    ]);
    let of_contract = (
        prop_oneof![2 => condition(), 1 => dates.prop_map(str::to_owned)],
        select(vec!["contract", "primary"]),
        0_u32..20,
        0_u32..20,
    )
        .prop_map(|(when, per, before, after)| {
            format!("per = \"{per}\"\ndays_before = {before}\ndays_after = {after}\nwhen = '{when}'\n")
        });
    let of_person = select(vec![
        "contracts.exists(c, c.in_force)",
        "person.birth_date < today",
        "!has(person.phone) || person.phone == \"112\"",
        "contracts.all(c, c.title == \"a\")",
    ]);
    prop_oneof![4 => of_contract, 1 => of_person.prop_map(|when| format!("per = \"person\"\nwhen = '{when}'\n"))]
}

pub(super) fn office() -> impl Strategy<Value = String> {
    let person = select(vec!["", "person phone=112", "person phone=113 birth_date=2026-03-05", "person phone=null"]);
    let contracts = vec((contract(), select(vec!["", " department=one", " department=two", " department=gone"])), 0..4);
    (person, contracts).prop_map(|(person, contracts)| {
        let contracts =
            contracts.iter().enumerate().map(|(place, (fields, of))| format!("contract c{place} {fields}{of}\n"));
        let departments = "department top name=Top manager=7\ndepartment two name=One parent=top manager=8\n\
             department one name=One parent=lost manager=1\ncolleague 7 mail=A\ncolleague 8 phone=1\n";
        format!("{departments}{person}\n{}", contracts.collect::<String>())
    })
}

fn set(of: &[String]) -> Arc<RuleSet> {
    let rule = |(place, text): (usize, &String)| format!("[[rule]]\nid = \"r{place}\"\ngives = \"access\"\n{text}");
    Arc::new(rules(&format!("target = \"entra\"\n{}", of.iter().enumerate().map(rule).collect::<String>())))
}

/// Offices with ids of their own.
pub(super) fn offices(texts: &[String]) -> Vec<Office> {
    let named = |(place, text): (usize, &String)| Office::called(&format!("hr:{place}"), text);
    texts.iter().enumerate().map(named).collect()
}

proptest! {
    #[test]
    fn a_population_says_of_everybody_what_the_rules_say(
        written in vec(rule(), 1..12),
        texts in vec(office(), 1..12),
        others in vec(office(), 1..12),
        days in vec(0_i64..9, 1..20),
    ) {
        let rules = set(&written);
        let (first, second) = (offices(&texts), offices(&others));
        let mut now = instant("2026-02-20");
        let mut population = Population::new(Arc::clone(&rules), first.iter().map(Office::person), now);
        let indexed = Indexed::new(Arc::clone(&rules));
        for office in &first {
            let person = office.person();
            prop_assert_eq!(indexed.grants(&person, now), rules.grants(&person, now));
            prop_assert_eq!(told(&population, person.id), asked(&rules, &person, now));
        }
        let all: BTreeSet<_> = population.all().iter().map(|(id, contract, rule)| (id.clone(), contract.cloned(), rule.clone())).collect();
        let each = first.iter().flat_map(|office| {
            let person = office.person();
            population.causes(person.id).into_iter().map(move |cause| (person.id.clone(), cause.contract, cause.rule))
        });
        prop_assert_eq!(all.len(), population.all().len());
        prop_assert_eq!(all, each.collect::<BTreeSet<_>>());
        // Some change, and the days go on.
        for (place, office) in second.iter().enumerate() {
            let person = office.person();
            let before = population.causes(person.id);
            let changed = population.put(&person, now);
            let after = population.causes(person.id);
            prop_assert_eq!(changed.begins, &after - &before);
            prop_assert_eq!(changed.ends, &before - &after);
            if place % 3 == 2 {
                population.remove(person.id);
                prop_assert_eq!(population.causes(person.id), BTreeSet::new());
            }
        }
        let people: Vec<&Office> = (0..first.len().max(second.len()))
            .filter(|place| *place >= second.len() || place % 3 != 2)
            .filter_map(|place| second.get(place).or_else(|| first.get(place)))
            .collect();
        prop_assert_eq!(population.len(), people.len());
        let find = |id: &PersonId| people.iter().map(|office| office.person()).find(|person| person.id == id);
        for gap in days {
            now += TimeDelta::hours(5) + TimeDelta::days(gap);
            population.advance(now, find);
            for office in &people {
                let person = office.person();
                prop_assert_eq!(told(&population, person.id), asked(&rules, &person, now));
            }
        }
    }
}

#[test]
fn every_day_of_a_year_by_going_on_is_as_evaluated_anew() {
    let town =
        std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../examples/rules/town_hall.toml")).unwrap();
    let rules = Arc::new(rules(&town));
    let text = |place: u64| {
        let start = day("2025-06-01") + Days::new(place * 5 % 500);
        let end = start + Days::new(20 + place * 7 % 300);
        let title = ["Clerk", "Senior_Clerk", "Director", "Registrar", "Buyer"][usize::try_from(place).unwrap() % 5];
        let kind = ["employee", "contractor", "trainee"][usize::try_from(place).unwrap() % 3];
        format!(
            "person sworn_until={} on_call=snow,crisis\n\
             contract a {start}..{end} title={title} kind={kind} hours={} department=tax building=hall family=office scale=11 leave=false last_day_of_work={}\n\
             contract b {}.. title=Lifeguard building=pool family=swimming department=pool hours=8",
            start + Days::new(40),
            place % 40,
            end - Days::new(3),
            start + Days::new(90),
        )
    };
    let offices = offices(&(0..60).map(text).collect::<Vec<_>>());
    let find = |id: &PersonId| offices.iter().map(Office::person).find(|person| person.id == id);
    let mut now = instant("2026-01-01");
    let mut population = Population::new(Arc::clone(&rules), offices.iter().map(Office::person), now);
    let mut seen = BTreeSet::new();
    for _ in 0..365 {
        let next = population.next_change();
        now += TimeDelta::days(1);
        let changed = population.advance(now, find);
        assert!(changed.is_empty() || next.is_some_and(|next| next <= now));
        seen.extend(changed.into_iter().flat_map(|(_, changed)| changed.begins).map(|cause| cause.rule));
        for office in &offices {
            let person = office.person();
            assert_eq!(told(&population, person.id), asked(&rules, &person, now), "{now}");
        }
    }
    assert!(seen.len() > 10, "{seen:?}");
}

#[test]
fn a_policy_that_asks_only_what_may_hold_sees_departments_change() {
    let rules = set(&["two", "top"].map(|code| format!("when = 'department.below(\"{code}\")'\n")));
    let indexed = Indexed::new(Arc::clone(&rules));
    for parent in ["two", "top", "two"] {
        let text =
            format!("department d1 name=One parent={parent}\ndepartment two name=Two\ndepartment top name=Top\n");
        let office = Office::new(&format!("{text}contract c1 2026-01-01.. department=d1"));
        let answer = indexed.grants(&office.person(), instant("2026-03-01"));
        assert_eq!((answer.grants.len(), &answer), (1, &rules.grants(&office.person(), instant("2026-03-01"))));
    }
}

#[test]
fn somebody_who_is_not_given_stays_due_and_nobody_else_does() {
    let rules = set(&["when = 'true'\n".to_owned()]);
    let offices: Vec<Office> =
        (0..10).map(|place| Office::called(&format!("hr:{place}"), "contract c1 2026-03-02..")).collect();
    let now = instant("2026-03-01");
    let mut population = Population::new(rules, offices.iter().map(Office::person), now);
    for office in offices.iter().take(9) {
        population.put(&office.person(), now);
    }
    let (later, last) = (instant("2026-03-05"), offices[9].person());
    let find = |id: &PersonId| offices.iter().take(9).map(Office::person).find(|person| person.id == id);
    assert_eq!(population.advance(later, find).len(), 9);
    assert!(population.next_change().is_some_and(|next| next <= later));
    assert_eq!(population.advance(later, |_| Some(last.clone())).len(), 1);
    assert_eq!(population.next_change(), None);
}

#[test]
fn a_population_of_nobody_grows() {
    let rules = set(&["when = 'contract.title == \"a\"'\n".to_owned(), "when = 'contract.kind == \"b\"'\n".to_owned()]);
    let now = instant("2026-03-01");
    let mut population = Population::new(Arc::clone(&rules), [], now);
    assert!(population.is_empty() && population.all().is_empty());
    for (place, fields) in ["title=a kind=a", "title=b kind=b", "title=a kind=b", ""].into_iter().enumerate() {
        let office = Office::called(&format!("hr:{place}"), &format!("contract c1 2026-01-01.. {fields}"));
        let person = office.person();
        population.put(&person, now);
        assert_eq!(told(&population, person.id), asked(&rules, &person, now), "{fields}");
    }
    assert_eq!((population.len(), population.all().len()), (4, 4));
}
