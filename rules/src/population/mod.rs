//! Many people at once: which rules hold of whom, kept while people, days and rules change.
//!
//! Values that no rule tells apart are one class. A contract has a class for each of a few groups of columns, a class has a
//! row of bits, and the rules that hold of a contract are those whose bits are in all its rows.

mod all;
mod bits;
mod change;
mod column;
mod frame;
mod group;
mod index;
mod layout;
mod lines;
mod part;
mod seen;

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;
use foldhash::fast::RandomState;
use provisioning_core::source::Person;
use provisioning_core::{ContractId, PersonId, RuleId};

pub use all::Causes;
pub use index::Indexed;

use crate::language::evaluate::{Facts, Truth};
use crate::population::frame::Frame;
use crate::population::group::SAMPLE;
use crate::population::part::Part;
use crate::population::seen::Scratch;
use crate::set::{RuleSet, next_of};

/// Many people under one set of rules.
///
/// It answers what [`RuleSet::grants`](provisioning_core::Policy::grants) answers before exclusions: of which contract
/// which rule holds, whether or not a dynamic permission of it has a key. Whoever has another manager, or one of whom something
/// changed, is [put](Self::put) again; a source whose departments changed is read into a new one. Other rules are
/// [put](Self::put_rules) under the same people.
#[derive(Debug, Clone)]
pub struct Population {
    rules: Arc<RuleSet>,
    /// The rules as they were laid out together.
    first: Part,
    /// Those that changed since.
    beside: Option<Part>,
    people: Vec<Option<Entry>>,
    places: HashMap<PersonId, usize, RandomState>,
    /// How many contracts there is room for.
    room: usize,
    /// How many of these are nobody's any more.
    left: usize,
    wakes: BTreeSet<(DateTime<Utc>, usize)>,
    scratch: Scratch,
}

/// Where a person's contracts stand.
#[derive(Debug, Clone)]
struct Entry {
    id: PersonId,
    /// Of what they are: contracts, and at last the person as a whole where rules ask about that.
    of: Box<[Option<ContractId>]>,
    first: usize,
    wake: Option<DateTime<Utc>>,
}

/// A rule that holds of somebody.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cause {
    /// The contract of which it holds; nothing where it speaks of the person as a whole.
    pub contract: Option<ContractId>,
    /// The rule.
    pub rule: RuleId,
}

/// What became of a person.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Changed {
    /// What holds, and did not.
    pub begins: BTreeSet<Cause>,
    /// What held, and does not.
    pub ends: BTreeSet<Cause>,
}

impl Changed {
    fn between(before: &BTreeSet<Cause>, after: &BTreeSet<Cause>) -> Self {
        Self { begins: after.difference(before).cloned().collect(), ends: before.difference(after).cloned().collect() }
    }

    /// Whether nothing changed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.begins.is_empty() && self.ends.is_empty()
    }
}

impl Population {
    /// The people as of an instant. The first of them decide how the data are laid out, and nothing else.
    pub fn new<'a>(rules: Arc<RuleSet>, people: impl IntoIterator<Item = Person<'a>>, now: DateTime<Utc>) -> Self {
        let mut people = people.into_iter();
        let first: Vec<Person<'a>> = people.by_ref().take(SAMPLE).collect();
        let part = Part::of(&rules, (0..rules.rules.len()).collect(), &first, now);
        let mut population = Self {
            rules,
            first: part,
            beside: None,
            people: Vec::new(),
            places: HashMap::default(),
            room: 0,
            left: 0,
            wakes: BTreeSet::new(),
            scratch: Scratch::default(),
        };
        for person in first.into_iter().chain(people) {
            population.take(&person, now);
        }
        population
    }

    fn parts(&self) -> impl Iterator<Item = &Part> {
        std::iter::once(&self.first).chain(&self.beside)
    }

    /// How many people there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.places.len()
    }

    /// Whether there is nobody.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.places.is_empty()
    }

    /// Takes a person as they are now, in place of what was known of them.
    pub fn put(&mut self, person: &Person<'_>, now: DateTime<Utc>) -> Changed {
        let before = self.causes(person.id);
        self.take(person, now);
        Changed::between(&before, &self.causes(person.id))
    }

    /// Forgets a person.
    pub fn remove(&mut self, person: &PersonId) {
        let Some(place) = self.places.remove(person) else { return };
        let Some(entry) = self.people.get_mut(place).and_then(Option::take) else { return };
        if let Some(wake) = entry.wake {
            self.wakes.remove(&(wake, place));
        }
        self.left += entry.of.len();
    }

    /// The first instant at which something about somebody may come out otherwise, if nothing else changes.
    #[must_use]
    pub fn next_change(&self) -> Option<DateTime<Utc>> {
        self.wakes.first().map(|(at, _)| *at)
    }

    /// Goes on to a later instant: looks again at those about whom something may come out otherwise by then, and tells of
    /// whom it does. `person` gives everybody as they are; whoever it does not give stays due.
    pub fn advance<'a>(
        &mut self,
        now: DateTime<Utc>,
        person: impl Fn(&PersonId) -> Option<Person<'a>>,
    ) -> Vec<(PersonId, Changed)> {
        let (mut changed, mut missed) = (Vec::new(), Vec::new());
        while let Some((wake, place)) = self.wakes.first().copied().filter(|(at, _)| *at <= now) {
            self.wakes.pop_first();
            let id = self.people.get(place).and_then(Option::as_ref).map(|entry| entry.id.clone());
            let Some(id) = id else { continue };
            let Some(person) = person(&id) else {
                missed.push((wake, id));
                continue;
            };
            let difference = self.put(&person, now);
            if !difference.is_empty() {
                changed.push((id, difference));
            }
        }
        // By now they may have other places.
        self.wakes.extend(missed.into_iter().filter_map(|(wake, id)| Some((wake, *self.places.get(&id)?))));
        changed
    }

    /// The rules that hold of a person.
    #[must_use]
    pub fn causes(&self, person: &PersonId) -> BTreeSet<Cause> {
        self.found(person, |part, classes| part.rules_of(classes, Truth::Holds))
    }

    /// The rules of which it cannot be told whether they hold of a person.
    #[must_use]
    pub fn doubts(&self, person: &PersonId) -> BTreeSet<Cause> {
        self.found(person, |part, classes| {
            &part.rules_of(classes, Truth::Unknown) - &part.rules_of(classes, Truth::Holds)
        })
    }

    fn found(&self, person: &PersonId, rules: impl Fn(&Part, &[u32]) -> BTreeSet<usize>) -> BTreeSet<Cause> {
        let mut found = BTreeSet::new();
        let Some(entry) = self.places.get(person).and_then(|place| self.people.get(*place)?.as_ref()) else {
            return found;
        };
        for part in self.parts() {
            for (contract, classes) in entry.of.iter().zip(part.classes_of(entry)) {
                let rules = rules(part, classes).into_iter();
                found.extend(rules.filter_map(|place| cause(&self.rules, contract.as_ref(), place)));
            }
        }
        found
    }

    fn take(&mut self, person: &Person<'_>, now: DateTime<Utc>) {
        self.remove(person.id);
        let about = self.rules.facts(person, now);
        let asked = self.first.frame.asked(&about);
        for part in std::iter::once(&mut self.first).chain(&mut self.beside) {
            part.frame.classify(&asked, &mut self.scratch, &mut part.classes);
        }
        let of: Box<[_]> = asked.iter().map(|facts| facts.contract.map(|contract| contract.id().clone())).collect();
        let wake = wake(self.parts().map(|part| &part.frame), &self.rules, &asked, now);
        let (place, first) = (self.people.len(), self.room);
        self.room += of.len();
        self.wakes.extend(wake.map(|wake| (wake, place)));
        self.places.insert(person.id.clone(), place);
        self.people.push(Some(Entry { id: person.id.clone(), of, first, wake }));
        if self.left > self.room / 2 || self.people.len() > 2 * self.places.len() + SAMPLE {
            self.tidy();
        }
    }

    /// Closes the gaps that changes left.
    fn tidy(&mut self) {
        if self.left == 0 && self.people.len() == self.places.len() {
            return;
        }
        for part in std::iter::once(&mut self.first).chain(&mut self.beside) {
            let entries = self.people.iter().flatten();
            part.classes = entries.flat_map(|entry| part.classes_of(entry)).flatten().copied().collect();
        }
        self.room = 0;
        let mut people = Vec::with_capacity(self.places.len());
        for entry in std::mem::take(&mut self.people).into_iter().flatten() {
            let first = self.room;
            self.room += entry.of.len();
            people.push(Some(Entry { first, ..entry }));
        }
        let placed = people.iter().enumerate().filter_map(|(place, entry)| Some((place, entry.as_ref()?)));
        self.places = placed.clone().map(|(place, entry)| (entry.id.clone(), place)).collect();
        self.wakes = placed.filter_map(|(place, entry)| Some((entry.wake?, place))).collect();
        (self.people, self.left) = (people, 0);
    }
}

/// When something about a person may come out otherwise.
fn wake<'f>(
    frames: impl IntoIterator<Item = &'f Frame>,
    rules: &RuleSet,
    asked: &[Facts<'_, '_>],
    now: DateTime<Utc>,
) -> Option<DateTime<Utc>> {
    let mut days: Vec<(Tz, NaiveDate)> = Vec::new();
    for frame in frames {
        for facts in asked {
            let follows = facts.contract.filter(|_| rules.follows_contracts);
            let Some(day) = frame.next_day(facts, follows) else { continue };
            let zone = facts.contract.map_or(facts.person.zone, |contract| contract.zone);
            match days.iter_mut().find(|(known, _)| *known == zone) {
                Some((_, first)) => *first = day.min(*first),
                None => days.push((zone, day)),
            }
        }
    }
    days.into_iter().filter_map(|(zone, day)| next_of(&[day], now, zone)).min()
}

fn cause(rules: &RuleSet, contract: Option<&ContractId>, place: usize) -> Option<Cause> {
    let rule = rules.rules.get(place)?;
    Some(Cause { contract: contract.cloned(), rule: rule.clause.id.clone() })
}
