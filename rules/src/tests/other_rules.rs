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

/// What everybody was told to hold, change after change.
#[derive(Default)]
struct Told(BTreeMap<PersonId, BTreeSet<Cause>>);

impl Told {
    fn all(&mut self, changed: impl IntoIterator<Item = (PersonId, Changed)>) {
        for (person, Changed { begins, ends }) in changed {
            let held = self.0.entry(person).or_default();
            assert!(ends.iter().all(|cause| held.remove(cause)), "ends, and did not hold");
            assert!(begins.into_iter().all(|cause| held.insert(cause)), "begins, and held");
        }
        self.0.retain(|_, held| !held.is_empty());
    }
}

proptest! {
    #[test]
    fn other_rules_under_the_same_people_say_of_everybody_what_they_say(
        steps in vec((vec((rule(), any::<bool>()), 8), vec(any::<bool>(), 8), 0_i64..4, 0_usize..8), 2..6),
        texts in vec(office(), 3..9),
        others in vec(office(), 6),
    ) {
        let mut now = instant("2026-02-20");
        let mut offices = offices(&texts);
        let mut written = steps[0].0.clone();
        let first = some_of(&written, "");
        let mut population = Population::new(Arc::clone(&first), offices.iter().map(Office::person), now);
        let mut known = Told(all(&population));
        for (place, (rules, stays, days, what)) in steps.iter().enumerate() {
            for ((own, other), stays) in written.iter_mut().zip(rules).zip(stays) {
                if !stays {
                    own.clone_from(other);
                }
            }
            let rules = some_of(&written, if *what == 0 { "primary = [\"latest_end\"]\n" } else { "" });
            // Meanwhile somebody left, has another contract, or other fields.
            let last = offices.len() - 1;
            let id = offices[last].person().id.to_string();
            match what {
                1 if last > 0 => drop(offices.remove(0)),
                2 => offices[last] = Office::called(&id, &format!("contract n{place} 2026-01-01.. title=a kind=b")),
                3 => offices[last] = Office::called(&id, &others[place]),
                _ => {}
            }
            if *what != 4 {
                known.all(population.advance(now, |id| find(&offices, id)));
            }
            known.all(population.put_rules(Arc::clone(&rules), now, |id| find(&offices, id)));
            prop_assert_eq!(&all(&population), &known.0);
            known.all(population.advance(now, |id| find(&offices, id)));
            let last = offices.last().unwrap().person();
            known.all([(last.id.clone(), population.put(&last, now))]);
            prop_assert_eq!(&all(&population), &known.0);
            agrees(&population, &rules, &offices, now);
            now += TimeDelta::hours(20) + TimeDelta::days(*days);
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
