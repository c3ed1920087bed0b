//! The checked rules of an organisation, as the engine asks them.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, NaiveDate, NaiveTime, TimeZone, Utc};
use chrono_tz::Tz;
use provisioning_core::period::{civil_day, first_instant};
use provisioning_core::policy::{Answer, EarlierAccounts, Policy, PolicyVersion, Profile};
use provisioning_core::source::{Contract, Person, PrimaryOrder};
use provisioning_core::{RuleId, Slot};

use crate::language::evaluate::Facts;
use crate::profile::Mapping;
use crate::rule::{Per, Rule};

/// Business rules and mappings, checked and ready to be asked.
#[derive(Debug, Clone)]
pub struct RuleSet {
    pub(crate) version: PolicyVersion,
    pub(crate) primary: PrimaryOrder,
    /// The published ones, in the order of the file.
    pub(crate) rules: Vec<Rule>,
    pub(crate) profiles: BTreeMap<Slot, Mapping>,
    /// Whether an answer changes with the contracts that are in force, beyond the days of its rule.
    pub(crate) follows_contracts: bool,
}

impl RuleSet {
    /// The ids of the published rules, in the order of the file.
    pub fn rules(&self) -> impl Iterator<Item = &RuleId> {
        self.rules.iter().map(|rule| &rule.id)
    }

    /// Where the published rules give something.
    #[must_use]
    pub fn slots(&self) -> BTreeSet<&Slot> {
        self.rules.iter().map(|rule| &rule.slot).collect()
    }

    /// What people call a rule, where the file says it.
    #[must_use]
    pub fn name_of(&self, rule: &RuleId) -> Option<&str> {
        self.rules.iter().find(|known| known.id == *rule)?.name.as_deref()
    }

    /// What people file a rule under, where the file says it.
    #[must_use]
    pub fn category_of(&self, rule: &RuleId) -> Option<&str> {
        self.rules.iter().find(|known| known.id == *rule)?.category.as_deref()
    }

    /// When the answers that a contract gives change next.
    fn next_change_of(&self, facts: &Facts<'_, '_>, contract: &Contract<'_>) -> Option<DateTime<Utc>> {
        let mut days = Vec::new();
        if self.follows_contracts {
            days.extend([Some(contract.period.start()), contract.period.end()].into_iter().flatten());
        }
        for rule in self.rules.iter().filter(|rule| rule.per != Per::Person) {
            days.extend(rule.window.edges(contract));
            rule.days(facts, &mut |day| days.push(day));
        }
        next_of(&days, facts.now, contract.zone)
    }

    /// When the answers about the person as a whole change next.
    fn next_change_of_person(&self, facts: &Facts<'_, '_>) -> Option<DateTime<Utc>> {
        let mut days = Vec::new();
        for rule in self.rules.iter().filter(|rule| rule.per == Per::Person) {
            rule.days(facts, &mut |day| days.push(day));
        }
        self.profiles.values().for_each(|mapping| mapping.days(facts, &mut |day| days.push(day)));
        next_of(&days, facts.now, facts.person.zone)
    }
}

/// When the next of some days begins.
fn next_of(days: &[NaiveDate], now: DateTime<Utc>, zone: Tz) -> Option<DateTime<Utc>> {
    let today = civil_day(now, zone);
    let day = *days.iter().filter(|day| **day > today).min()?;
    // Where clocks went back over midnight, the day has begun once before and begins again.
    let again = || zone.from_local_datetime(&day.and_time(NaiveTime::MIN)).latest();
    Some(first_instant(day, zone))
        .filter(|begins| *begins > now)
        .or_else(|| again().map(|begins| begins.with_timezone(&Utc)))
}

impl Policy for RuleSet {
    fn version(&self) -> PolicyVersion {
        self.version.clone()
    }

    fn grants(&self, person: &Person<'_>, now: DateTime<Utc>) -> Answer {
        let mut answer = Answer::default();
        let about = self.facts(person, now);
        let primary = about.primary.map(|contract| (contract.source, contract.id()));
        for contract in &person.contracts {
            let facts = Facts { contract: Some(contract), today: civil_day(now, contract.zone), ..about };
            for rule in &self.rules {
                match rule.per {
                    Per::Contract => rule.say(&facts, &mut answer),
                    Per::Primary if primary == Some((contract.source, contract.id())) => rule.say(&facts, &mut answer),
                    Per::Primary | Per::Person => {}
                }
            }
        }
        for rule in self.rules.iter().filter(|rule| rule.per == Per::Person) {
            rule.say(&about, &mut answer);
        }
        answer
    }

    fn profile(&self, person: &Person<'_>, slot: &Slot, earlier: &EarlierAccounts, now: DateTime<Utc>) -> Profile {
        let Some(mapping) = self.profiles.get(slot) else { return Profile::default() };
        mapping.profile(&Facts { earlier: Some(earlier), ..self.facts(person, now) })
    }

    fn next_change(&self, person: &Person<'_>, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let about = self.facts(person, now);
        let of_contracts = person.contracts.iter().filter_map(|contract| {
            let facts = Facts { contract: Some(contract), ..about };
            self.next_change_of(&facts, contract)
        });
        of_contracts.chain(self.next_change_of_person(&about)).min()
    }
}

impl RuleSet {
    /// A person as a whole, with the contract that speaks for them.
    fn facts<'v, 'a>(&self, person: &'v Person<'a>, now: DateTime<Utc>) -> Facts<'v, 'a> {
        Facts {
            person,
            contract: None,
            primary: self.primary.primary(person, now),
            bound: None,
            earlier: None,
            word: None,
            now,
            today: person.today(now),
        }
    }
}
