//! Many people at once: which rules hold of whom, kept while people and days change.
//!
//! Values that no rule tells apart are one class. A contract has a class for each of a few groups of columns, a class has a
//! row of bits, and the rules that hold of a contract are those whose bits are in all its rows.

mod all;
mod bits;
mod column;
mod frame;
mod group;
mod index;
mod layout;
mod lines;
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
use crate::population::bits::{Bits, Row};
use crate::population::frame::Frame;
use crate::population::group::{Group, SAMPLE, together};
use crate::population::seen::Scratch;
use crate::set::{RuleSet, next_of, shown};

/// Many people under one set of rules.
///
/// It answers what [`RuleSet::grants`](provisioning_core::Policy::grants) answers before exclusions: of which contract
/// which rule holds, whether or not a dynamic permission of it has a key. Whoever has another manager, or one of whom something
/// changed, is [put](Self::put) again; a source whose departments changed is read into a new one.
#[derive(Debug, Clone)]
pub struct Population {
    rules: Arc<RuleSet>,
    frame: Frame,
    people: Vec<Option<Entry>>,
    places: HashMap<PersonId, usize, RandomState>,
    /// The classes of everybody's contracts, one after the other.
    classes: Vec<u32>,
    /// How many of these are nobody's any more.
    left: usize,
    wakes: BTreeSet<(DateTime<Utc>, usize)>,
    scratch: Scratch,
}

/// Where the classes of a person stand.
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
        let mut draft = Self::empty(Frame::of(&rules, &[]), Arc::clone(&rules));
        let sample = draft.sample(&first, now);
        let groups = together(draft.frame.sights(), &sample);
        let shares = draft.frame.shares(rules.rules.len(), &sample);
        let mut population = Self::empty(Frame::of(&rules, &shares), rules);
        population.frame.groups = groups.into_iter().map(Group::of).collect();
        for person in first.into_iter().chain(people) {
            population.take(&person, now);
        }
        population
    }

    fn empty(frame: Frame, rules: Arc<RuleSet>) -> Self {
        Self {
            rules,
            frame,
            people: Vec::new(),
            places: HashMap::default(),
            classes: Vec::new(),
            left: 0,
            wakes: BTreeSet::new(),
            scratch: Scratch::default(),
        }
    }

    /// What is seen of some people.
    fn sample(&mut self, people: &[Person<'_>], now: DateTime<Utc>) -> Vec<Vec<u32>> {
        let (mut sample, mut scratch) = (Vec::new(), Scratch::default());
        for person in people {
            for facts in self.shown(&self.rules.facts(person, now)) {
                self.frame.see(&facts, &mut scratch);
                sample.push(scratch.seen.clone());
            }
        }
        sample
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
        let after = self.causes(person.id);
        Changed {
            begins: after.difference(&before).cloned().collect(),
            ends: before.difference(&after).cloned().collect(),
        }
    }

    /// Forgets a person.
    pub fn remove(&mut self, person: &PersonId) {
        let Some(place) = self.places.remove(person) else { return };
        let Some(entry) = self.people.get_mut(place).and_then(Option::take) else { return };
        if let Some(wake) = entry.wake {
            self.wakes.remove(&(wake, place));
        }
        self.left += entry.of.len() * self.width();
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
        let entry = self.places.get(person).and_then(|place| self.people.get(*place)?.as_ref());
        entry.into_iter().flat_map(|entry| self.causes_of(entry)).collect()
    }

    /// The rules of which it cannot be told whether they hold of a person.
    #[must_use]
    pub fn doubts(&self, person: &PersonId) -> BTreeSet<Cause> {
        let Some(entry) = self.places.get(person).and_then(|place| self.people.get(*place)?.as_ref()) else {
            return BTreeSet::new();
        };
        let contracts = entry.of.iter().zip(self.classes_of(entry));
        let doubtful = contracts.flat_map(|(contract, classes)| {
            let surely = self.rules_of(classes, Truth::Holds);
            let maybe = self.rules_of(classes, Truth::Unknown);
            maybe.difference(&surely).filter_map(|rule| self.cause(contract.as_ref(), *rule)).collect::<Vec<_>>()
        });
        doubtful.collect()
    }

    fn causes_of(&self, entry: &Entry) -> impl Iterator<Item = Cause> {
        let contracts = entry.of.iter().zip(self.classes_of(entry));
        contracts.flat_map(|(contract, classes)| {
            let rules = self.rules_of(classes, Truth::Holds);
            rules.into_iter().filter_map(|rule| self.cause(contract.as_ref(), rule))
        })
    }

    fn cause(&self, contract: Option<&ContractId>, rule: usize) -> Option<Cause> {
        let rule = self.rules.rules.get(rule)?;
        Some(Cause { contract: contract.cloned(), rule: rule.clause.id.clone() })
    }

    /// The rules that come out so at least.
    fn rules_of(&self, classes: &[u32], truth: Truth) -> BTreeSet<usize> {
        self.row(classes, truth).lines().filter_map(|line| self.frame.layout.rule(line)).collect()
    }

    fn width(&self) -> usize {
        self.frame.groups.len() + 1
    }

    fn classes_of(&self, entry: &Entry) -> impl Iterator<Item = &[u32]> {
        let width = self.width();
        let classes = self.classes.get(entry.first..entry.first + entry.of.len() * width);
        classes.unwrap_or_default().chunks_exact(width)
    }

    fn row(&self, classes: &[u32], truth: Truth) -> Bits {
        let mut all = Row::all(self.frame.lines());
        let groups = self.frame.groups.iter().chain([&self.frame.rest]);
        let rows = groups.zip(classes).filter_map(|(group, class)| group.rows.get(usize::try_from(*class).ok()?));
        rows.for_each(|row| all.and(row));
        if truth == Truth::Holds { all.surely } else { all.maybe }
    }

    /// A person's contracts, and the person as a whole where rules ask about that.
    fn shown<'v, 'a>(&self, about: &Facts<'v, 'a>) -> Vec<Facts<'v, 'a>> {
        let mut shown = shown(about);
        if !self.frame.asks_persons {
            shown.pop();
        }
        // What is asked of each contract is asked of it as of the one in question.
        for facts in &mut shown {
            facts.bound = facts.contract;
        }
        shown
    }

    fn take(&mut self, person: &Person<'_>, now: DateTime<Utc>) {
        self.remove(person.id);
        let about = self.rules.facts(person, now);
        let shown = self.shown(&about);
        let first = self.classes.len();
        self.frame.classify(&shown, &mut self.scratch, &mut self.classes);
        let of = shown.iter().map(|facts| facts.contract.map(|contract| contract.id().clone())).collect();
        let wake = self.wake(&shown, now);
        let place = self.people.len();
        self.wakes.extend(wake.map(|wake| (wake, place)));
        self.places.insert(person.id.clone(), place);
        self.people.push(Some(Entry { id: person.id.clone(), of, first, wake }));
        if self.left > self.classes.len() / 2 || self.people.len() > 2 * self.places.len() + SAMPLE {
            self.tidy();
        }
    }

    /// When something about a person may come out otherwise.
    fn wake(&self, shown: &[Facts<'_, '_>], now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let mut days: Vec<(Tz, NaiveDate)> = Vec::new();
        for facts in shown {
            let follows = facts.contract.filter(|_| self.rules.follows_contracts);
            let Some(day) = self.frame.next_day(facts, follows) else { continue };
            let zone = facts.contract.map_or(facts.person.zone, |contract| contract.zone);
            match days.iter_mut().find(|(known, _)| *known == zone) {
                Some((_, first)) => *first = day.min(*first),
                None => days.push((zone, day)),
            }
        }
        days.into_iter().filter_map(|(zone, day)| next_of(&[day], now, zone)).min()
    }

    /// Closes the gaps that changes left.
    fn tidy(&mut self) {
        let width = self.width();
        let mut classes = Vec::with_capacity(self.classes.len() - self.left);
        let mut people = Vec::with_capacity(self.places.len());
        for entry in std::mem::take(&mut self.people).into_iter().flatten() {
            let own = self.classes.get(entry.first..entry.first + entry.of.len() * width).unwrap_or_default();
            people.push(Some(Entry { first: classes.len(), ..entry }));
            classes.extend_from_slice(own);
        }
        let placed = people.iter().enumerate().filter_map(|(place, entry)| Some((place, entry.as_ref()?)));
        self.places = placed.clone().map(|(place, entry)| (entry.id.clone(), place)).collect();
        self.wakes = placed.filter_map(|(place, entry)| Some((entry.wake?, place))).collect();
        (self.classes, self.people, self.left) = (classes, people, 0);
    }
}
