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
struct Turn {
    rules: Arc<RuleSet>,
    /// Where each of the rules before stands among the new ones.
    stays: Vec<Option<usize>>,
    /// Those that are laid out beside the first ones.
    part: Part,
    changed: Vec<(PersonId, Changed)>,
    wakes: Vec<(usize, DateTime<Utc>)>,
    /// Who has other contracts than those that were put, or is not there any more, and what held before.
    others: Vec<(PersonId, BTreeSet<Cause>)>,
}

impl Population {
    /// Goes on with other rules, and tells of whom something comes out otherwise. `person` gives everybody as they are;
    /// whoever it does not give is forgotten. Of rules that stayed the same nothing is read again, unless many others changed
    /// since all were laid out, or the schema or the order of the contracts did.
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
        if !sees_alike || beside.len() > BESIDE {
            return self.put_all(rules, now, person);
        }
        let some: Vec<Person<'a>> =
            self.people.iter().flatten().take(SAMPLE).filter_map(|entry| person(&entry.id)).collect();
        let part = Part::of(&rules, beside, &some, now);
        if part.frame.asks_persons && !self.first.frame.asks_persons {
            return self.put_all(rules, now, person);
        }
        let mut turn = Turn { rules, stays, part, changed: Vec::new(), wakes: Vec::new(), others: Vec::new() };
        self.read(&mut turn, now, &person);
        self.turn(turn, now, person)
    }

    /// How many rules are laid out beside the others.
    #[cfg(test)]
    pub(crate) fn beside(&self) -> usize {
        self.beside.as_ref().map_or(0, |part| part.places.len())
    }

    /// Asks the rules beside the first ones about everybody.
    fn read<'a>(&self, turn: &mut Turn, now: DateTime<Utc>, person: &impl Fn(&PersonId) -> Option<Person<'a>>) {
        let goes = |place: usize| turn.stays.get(place).is_none_or(Option::is_none);
        let going: Vec<Vec<usize>> = self.parts().map(|part| part.lines(goes)).collect();
        let stayed: BTreeSet<usize> = turn.stays.iter().flatten().copied().collect();
        let coming = turn.part.lines(|place| !stayed.contains(&place));
        let (part, mut scratch) = (&mut turn.part, Scratch::default());
        for (place, entry) in self.people.iter().enumerate() {
            let Some(entry) = entry else { continue };
            let given = person(&entry.id);
            let about = given.as_ref().map(|person| turn.rules.facts(person, now));
            let asked = about.as_ref().map(|about| self.first.frame.asked(about));
            let is_own = |asked: &Vec<_>| ids(asked).eq(entry.of.iter().map(Option::as_ref));
            let Some(asked) = asked.filter(is_own) else {
                part.classes.resize(part.classes.len() + entry.of.len() * part.width(), 0);
                turn.others.push((entry.id.clone(), self.causes(&entry.id)));
                continue;
            };
            part.frame.classify(&asked, &mut scratch, &mut part.classes);
            turn.wakes.extend(wake([&part.frame], &turn.rules, &asked, now).map(|wake| (place, wake)));
            let before = self.parts().zip(&going).flat_map(|(part, going)| holding(&self.rules, part, entry, going));
            let after = holding(&turn.rules, part, entry, &coming);
            let changed = Changed::between(&before.collect(), &after.into_iter().collect());
            if !changed.is_empty() {
                turn.changed.push((entry.id.clone(), changed));
            }
        }
    }

    /// Lets the other rules stand.
    fn turn<'a>(
        &mut self,
        turn: Turn,
        now: DateTime<Utc>,
        person: impl Fn(&PersonId) -> Option<Person<'a>>,
    ) -> Vec<(PersonId, Changed)> {
        self.first.replace(|place| *turn.stays.get(place)?);
        self.beside = Some(turn.part).filter(|part| !part.places.is_empty());
        self.rules = turn.rules;
        for (place, wake) in turn.wakes {
            let Some(Some(entry)) = self.people.get_mut(place) else { continue };
            if entry.wake.is_none_or(|before| wake < before) {
                if let Some(before) = entry.wake.replace(wake) {
                    self.wakes.remove(&(before, place));
                }
                self.wakes.insert((wake, place));
            }
        }
        let mut changed = turn.changed;
        for (id, before) in turn.others {
            match person(&id) {
                Some(person) => self.take(&person, now),
                None => self.remove(&id),
            }
            changed.push((id.clone(), Changed::between(&before, &self.causes(&id))));
        }
        changed.retain(|(_, changed)| !changed.is_empty());
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
