//! Other rules under the same people: what stayed the same is not read again.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use chrono::{DateTime, Utc};
use provisioning_core::source::{Contract, Person};
use provisioning_core::{ContractId, PersonId, RuleId};

use crate::language::evaluate::Facts;
use crate::population::group::SAMPLE;
use crate::population::part::Part;
use crate::population::seen::Scratch;
use crate::population::{Cause, Changed, Entry, Population, cause, wake};
use crate::rule::Rule;
use crate::set::RuleSet;

/// As many rules as are laid out beside the others; with more, all are laid out together.
const BESIDE: usize = 64;

/// What other rules make of people, while the ones before still stand.
struct Others {
    rules: Arc<RuleSet>,
    /// Where each of the rules before stands among the new ones.
    stays: Vec<Option<usize>>,
    /// Those that are laid out beside the first ones.
    part: Part,
    changed: Vec<(PersonId, Changed)>,
    wakes: Vec<(usize, DateTime<Utc>)>,
    /// Who has other contracts than those that were put, or is not there any more, and what held before.
    moved: Vec<(PersonId, BTreeSet<Cause>)>,
}

impl Population {
    /// Goes on with other rules at the instant that was [gone on to](Self::advance) last, and tells of whom something comes
    /// out otherwise, in order of their ids. `person` gives everybody as they were put; whoever it does not give is forgotten.
    /// Of rules that stayed the same since all were laid out together nothing is read, unless many others changed, or the
    /// schema or the order of the contracts did.
    pub fn put_rules<'a>(
        &mut self,
        rules: Arc<RuleSet>,
        now: DateTime<Utc>,
        person: impl Fn(&PersonId) -> Option<Person<'a>>,
    ) -> Vec<(PersonId, Changed)> {
        self.tidy();
        let stays = stays(&self.rules, &rules);
        let first = self.first.places.iter().flatten();
        let kept: BTreeSet<usize> = first.filter_map(|place| *stays.get(*place)?).collect();
        let beside: Vec<usize> = (0..rules.rules.len()).filter(|place| !kept.contains(place)).collect();
        let sees_alike = rules.schema == self.rules.schema && rules.primary == self.rules.primary;
        let gone = self.first.places.len() - kept.len();
        if !sees_alike || beside.len().max(gone) > BESIDE {
            return self.put_all(rules, now, person);
        }
        let sample = if beside.is_empty() { 0 } else { SAMPLE };
        let some: Vec<Person<'a>> =
            self.people.iter().flatten().take(sample).filter_map(|entry| person(&entry.id)).collect();
        let part = Part::of(&rules, beside, &some, now);
        if part.frame.asks_persons && !self.first.frame.asks_persons {
            return self.put_all(rules, now, person);
        }
        let mut others = Others { rules, stays, part, changed: Vec::new(), wakes: Vec::new(), moved: Vec::new() };
        self.ask(&mut others, now, &person);
        self.exchange(others, now, person)
    }

    /// How many rules are laid out beside the others.
    #[cfg(test)]
    pub(crate) fn beside(&self) -> usize {
        self.beside.as_ref().map_or(0, |part| part.places.len())
    }

    /// Asks the rules beside the first ones about everybody.
    fn ask<'a>(&self, others: &mut Others, now: DateTime<Utc>, person: &impl Fn(&PersonId) -> Option<Person<'a>>) {
        let goes = |place: usize| others.stays.get(place).is_none_or(Option::is_none);
        // Whatever stood beside the first ones is asked anew, and what comes out the same is no change.
        let beside = self.beside.as_ref().map(|part| (part, part.lines(|_| true)));
        let before: Vec<(&Part, Vec<usize>)> =
            [(&self.first, self.first.lines(goes))].into_iter().chain(beside).collect();
        let (part, mut scratch) = (&mut others.part, Scratch::default());
        let lines = part.lines(|_| true);
        for (place, entry) in self.people.iter().enumerate() {
            let Some(entry) = entry else { continue };
            let given = person(&entry.id);
            let about = given.as_ref().map(|person| others.rules.facts(person, now));
            let asked = about.as_ref().map(|about| self.first.frame.asked(about));
            let is_own = |asked: &Vec<_>| ids(asked).eq(entry.of.iter().map(Option::as_ref));
            let Some(asked) = asked.filter(is_own) else {
                // Nobody's, until what stands here is tidied away.
                part.classes.resize(part.classes.len() + entry.of.len() * part.width(), 0);
                others.moved.push((entry.id.clone(), self.causes(&entry.id)));
                continue;
            };
            part.frame.classify(&asked, &mut scratch, &mut part.classes);
            others.wakes.extend(wake([&part.frame], &others.rules, &asked, now).map(|wake| (place, wake)));
            let held = before.iter().flat_map(|(part, lines)| holding(&self.rules, part, entry, lines)).collect();
            let holds = holding(&others.rules, part, entry, &lines).into_iter().collect();
            let changed = Changed::between(&held, &holds);
            if !changed.is_empty() {
                others.changed.push((entry.id.clone(), changed));
            }
        }
    }

    /// Lets the other rules stand.
    fn exchange<'a>(
        &mut self,
        others: Others,
        now: DateTime<Utc>,
        person: impl Fn(&PersonId) -> Option<Person<'a>>,
    ) -> Vec<(PersonId, Changed)> {
        self.first.replace(|place| *others.stays.get(place)?);
        self.beside = Some(others.part).filter(|part| !part.places.is_empty());
        self.rules = others.rules;
        for (place, wake) in others.wakes {
            let Some(Some(entry)) = self.people.get_mut(place) else { continue };
            if entry.wake.is_none_or(|before| wake < before) {
                if let Some(before) = entry.wake.replace(wake) {
                    self.wakes.remove(&(before, place));
                }
                self.wakes.insert((wake, place));
            }
        }
        let mut changed = others.changed;
        for (id, before) in others.moved {
            match person(&id) {
                Some(person) => self.take(&person, now),
                None => self.remove(&id),
            }
            changed.push((id.clone(), Changed::between(&before, &self.causes(&id))));
        }
        changed.retain(|(_, changed)| !changed.is_empty());
        changed.sort_by(|(one, _), (other, _)| one.cmp(other));
        changed
    }

    /// Lays all rules out together.
    fn put_all<'a>(
        &mut self,
        rules: Arc<RuleSet>,
        now: DateTime<Utc>,
        person: impl Fn(&PersonId) -> Option<Person<'a>>,
    ) -> Vec<(PersonId, Changed)> {
        let ids: Vec<PersonId> = self.people.iter().flatten().map(|entry| entry.id.clone()).collect();
        let before: BTreeMap<&PersonId, BTreeSet<Cause>> = ids.iter().map(|id| (id, self.causes(id))).collect();
        *self = Self::new(rules, ids.iter().filter_map(person), now);
        let changed = before.into_iter().map(|(id, before)| (id.clone(), Changed::between(&before, &self.causes(id))));
        changed.filter(|(_, changed)| !changed.is_empty()).collect()
    }
}

/// Where each of some rules stands among others; nothing where none of them is the same.
fn stays(before: &RuleSet, after: &RuleSet) -> Vec<Option<usize>> {
    let places: BTreeMap<&RuleId, usize> =
        after.rules.iter().enumerate().map(|(place, rule)| (&rule.clause.id, place)).collect();
    let same = |rule: &Rule| {
        let place = *places.get(&rule.clause.id)?;
        after.rules.get(place).filter(|other| other.clause.says_the_same(&rule.clause)).map(|_| place)
    };
    before.rules.iter().map(same).collect()
}

/// Of what rules are asked.
fn ids<'v>(asked: &'v [Facts<'_, '_>]) -> impl Iterator<Item = Option<&'v ContractId>> {
    asked.iter().map(|facts| facts.contract.map(Contract::id))
}

/// What holds of a person, of the rules that have some lines.
fn holding(rules: &RuleSet, part: &Part, entry: &Entry, lines: &[usize]) -> Vec<Cause> {
    let contracts = entry.of.iter().zip(part.classes_of(entry));
    let of = |(contract, classes): (&Option<ContractId>, &[u32])| {
        let rules = part.holding(classes, lines).filter_map(|place| cause(rules, contract.as_ref(), place));
        rules.collect::<Vec<_>>()
    };
    contracts.flat_map(of).collect()
}
