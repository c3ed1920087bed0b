//! What somebody gains and loses: with other facts, under other rules, on later days.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use chrono::{DateTime, Utc};
use provisioning_core::lifecycle::Want;
use provisioning_core::policy::{Answer, Entitlement, Policy};
use provisioning_core::source::Person;
use provisioning_core::{PersonId, Slot};
use serde::{Deserialize, Serialize};

use crate::explain::Asked;
use crate::set::RuleSet;
use crate::slot::written;

/// Something on an account.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Given {
    /// On which account.
    pub slot: Slot,
    /// What.
    pub what: Asked,
}

/// What one answer gives that another does not.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Difference {
    /// What is given, and was not.
    pub gains: BTreeSet<Given>,
    /// What was given, and is not.
    pub loses: BTreeSet<Given>,
    /// What was given and is not, but stays because nobody can tell.
    pub keeps: BTreeSet<Given>,
}

/// What changes for somebody, and when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// The instant.
    pub at: DateTime<Utc>,
    /// What.
    pub difference: Difference,
}

impl Difference {
    /// What `after` gives that `before` did not, and the other way round.
    #[must_use]
    pub fn between(before: &Answer, after: &Answer) -> Self {
        let (was, is) = (given(before), given(after));
        let mut difference = Self { gains: is.difference(&was).cloned().collect(), ..Self::default() };
        for lost in was.difference(&is) {
            let kept = if is_in_doubt(lost, before, after) { &mut difference.keeps } else { &mut difference.loses };
            kept.insert(lost.clone());
        }
        difference
    }

    /// Whether nothing changes.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.gains.is_empty() && self.loses.is_empty() && self.keeps.is_empty()
    }
}

/// What an answer gives; of permissions only those that an account can hold.
fn given(answer: &Answer) -> BTreeSet<Given> {
    let mut given = BTreeSet::new();
    for grant in &answer.grants {
        let mut add = |what| given.insert(Given { slot: grant.slot.clone(), what });
        match &grant.entitlement {
            Entitlement::Account => add(Asked::Account),
            Entitlement::Access => add(Asked::Account) | add(Asked::Access),
            Entitlement::Permission(permission) => {
                answer.wants(&grant.slot).max(answer.may_want(&grant.slot)) != Want::Nothing
                    && add(Asked::Permission(permission.id.clone()))
            }
        };
    }
    given
}

/// Whether a rule that gave it before cannot tell after.
fn is_in_doubt(lost: &Given, before: &Answer, after: &Answer) -> bool {
    let is_it =
        |grant: &&provisioning_core::policy::Grant| grant.slot == lost.slot && lost.what.is_in(&grant.entitlement);
    let gave: BTreeSet<_> = before.grants.iter().filter(is_it).map(|grant| &grant.because.rule).collect();
    match &lost.what {
        Asked::Permission(id) => after.is_in_doubt(&lost.slot, id, |rule| gave.contains(rule)),
        Asked::Account => after.may_want(&lost.slot) >= Want::Account,
        Asked::Access => after.may_want(&lost.slot) >= Want::Access,
    }
}

impl RuleSet {
    /// What a person is entitled to, with what may not be held together withheld.
    #[must_use]
    pub fn answer(&self, person: &Person<'_>, now: DateTime<Utc>) -> Answer {
        let mut answer = self.grants(person, now);
        answer.settle(self.combinations(), |_, _| true);
        answer
    }

    /// What a person would gain and lose if the sources told of them as `changed`.
    #[must_use]
    pub fn what_if(&self, person: &Person<'_>, changed: &Person<'_>, now: DateTime<Utc>) -> Difference {
        Difference::between(&self.answer(person, now), &self.answer(changed, now))
    }

    /// Who would gain and lose what under other rules.
    pub fn diff<'p, 'a: 'p>(
        &self,
        others: &Self,
        people: impl IntoIterator<Item = &'p Person<'a>>,
        now: DateTime<Utc>,
    ) -> BTreeMap<PersonId, Difference> {
        let of = |person: &Person<'_>| Difference::between(&self.answer(person, now), &others.answer(person, now));
        let all = people.into_iter().map(|person| (person.id.clone(), of(person)));
        all.filter(|(_, difference)| !difference.is_empty()).collect()
    }

    /// What a person gains and loses after `from` and up to `to`, if nothing but the days changes.
    #[must_use]
    pub fn forecast(&self, person: &Person<'_>, from: DateTime<Utc>, to: DateTime<Utc>) -> Vec<Change> {
        let (mut now, mut before, mut changes) = (from, self.answer(person, from), Vec::new());
        while let Some(at) = self.next_change(person, now).filter(|at| *at > now && *at <= to) {
            let after = self.answer(person, at);
            let difference = Difference::between(&before, &after);
            if !difference.is_empty() {
                changes.push(Change { at, difference });
            }
            (now, before) = (at, after);
        }
        changes
    }
}

impl fmt::Display for Given {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} on `{}`", self.what, written(&self.slot))
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let gains = self.gains.iter().map(|given| ("gains", given));
        let loses = self.loses.iter().map(|given| ("loses", given));
        let keeps = self.keeps.iter().map(|given| ("keeps, as nobody can tell:", given));
        for (place, (what, given)) in gains.chain(loses).chain(keeps).enumerate() {
            write!(f, "{}{what} {given}", if place == 0 { "" } else { "\n" })?;
        }
        if self.is_empty() { f.write_str("nothing changes") } else { Ok(()) }
    }
}
