use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use proptest::collection::vec;
use proptest::prelude::any;
use proptest::{prop_assert_eq, proptest};
use provisioning_core::PersonId;

use super::population::{asked, office, offices, rule, told};
use super::{Office, instant, rules};
use crate::{Cause, Changed, Population, RuleSet};

/// Rules by their places, of which the first and some others are there.
fn some_of(of: &[(String, bool)], order: &str) -> Arc<RuleSet> {
    let there = of.iter().enumerate().filter(|(place, (_, is_there))| *place == 0 || *is_there);
    let text = there.map(|(place, (text, _))| format!("[[rule]]\nid = \"r{place}\"\ngives = \"access\"\n{text}"));
    Arc::new(rules(&format!("target = \"entra\"\n{order}{}", text.collect::<String>())))
}

fn find<'o>(offices: &'o [Office], id: &PersonId) -> Option<provisioning_core::source::Person<'o>> {
    offices.iter().map(Office::person).find(|person| person.id == id)
}

fn all(population: &Population) -> BTreeMap<PersonId, BTreeSet<Cause>> {
    let mut all: BTreeMap<PersonId, BTreeSet<Cause>> = BTreeMap::new();
    for (person, contract, rule) in population.all().iter() {
        let cause = Cause { contract: contract.cloned(), rule: rule.clone() };
        assert!(all.entry(person.clone()).or_default().insert(cause), "twice");
    }
    all
}

/// Everybody is told what the rules say.
fn agrees(population: &Population, rules: &RuleSet, offices: &[Office], now: DateTime<Utc>) {
    let all = all(population);
    assert_eq!(population.len(), offices.len());
    for office in offices {
        let person = office.person();
        let expected = asked(rules, &person, now);
        assert_eq!(all.get(person.id).cloned().unwrap_or_default(), expected.0);
        assert_eq!(told(population, person.id), expected);
    }
}

proptest! {
    #[test]
    fn other_rules_under_the_same_people_say_of_everybody_what_they_say(
        steps in vec((vec((rule(), any::<bool>()), 8), vec(any::<bool>(), 8), 0_i64..4, 0_usize..6), 2..6),
        texts in vec(office(), 3..9),
    ) {
        let mut now = instant("2026-02-20");
        let mut offices = offices(&texts);
        let mut written = steps[0].0.clone();
        let first = some_of(&written, "");
        let mut population = Population::new(Arc::clone(&first), offices.iter().map(Office::person), now);
        for (place, (others, stays, days, what)) in steps.iter().enumerate() {
            for ((own, other), stays) in written.iter_mut().zip(others).zip(stays) {
                if !stays {
                    own.clone_from(other);
                }
            }
            let order = if *what == 0 { "primary = [\"latest_end\"]\n" } else { "" };
            let rules = some_of(&written, order);
            let before = all(&population);
            // Meanwhile somebody left, and somebody has another contract.
            match what {
                1 if offices.len() > 1 => drop(offices.remove(0)),
                2 => {
                    let last = offices.pop().unwrap();
                    let id = last.person().id.to_string();
                    offices.push(Office::called(&id, &format!("contract n{place} 2026-01-01.. title=a kind=b")));
                }
                _ => {}
            }
            let changed = population.put_rules(Arc::clone(&rules), now, |id| find(&offices, id));
            let after = all(&population);
            let differs = |(id, after): (&PersonId, &BTreeSet<Cause>)| {
                let before = before.get(id).cloned().unwrap_or_default();
                let changed = Changed { begins: after - &before, ends: &before - after };
                (!changed.is_empty()).then(|| (id.clone(), changed))
            };
            let nothing = BTreeSet::new();
            let ids = before.keys().chain(after.keys());
            let expected: BTreeMap<_, _> =
                ids.filter_map(|id| differs((id, after.get(id).unwrap_or(&nothing)))).collect();
            prop_assert_eq!(changed.len(), expected.len());
            prop_assert_eq!(changed.into_iter().collect::<BTreeMap<_, _>>(), expected);
            agrees(&population, &rules, &offices, now);
            now += TimeDelta::hours(20) + TimeDelta::days(*days);
            population.advance(now, |id| find(&offices, id));
            agrees(&population, &rules, &offices, now);
            population.put(&offices[0].person(), now);
            agrees(&population, &rules, &offices, now);
        }
    }
}

#[test]
fn many_other_rules_are_laid_out_with_the_others() {
    let written = |changed: usize| -> Vec<(String, bool)> {
        let title = |place: usize| if place < changed { "a" } else { "b" };
        (0..100).map(|place| (format!("when = 'contract.title == \"{}\"'\n", title(place)), true)).collect()
    };
    let offices =
        offices(&["contract c1 2026-01-01.. title=a".to_owned(), "contract c1 2026-01-01.. title=b".to_owned()]);
    let now = instant("2026-03-01");
    let mut population = Population::new(some_of(&written(0), ""), offices.iter().map(Office::person), now);
    // A few are laid out beside the others, many with them.
    for (changed, beside) in [(64, 64), (65, 0), (1, 64), (0, 0)] {
        let rules = some_of(&written(changed), "");
        population.put_rules(Arc::clone(&rules), now, |id| find(&offices, id));
        assert_eq!(population.beside(), beside, "{changed}");
        agrees(&population, &rules, &offices, now);
    }
}
