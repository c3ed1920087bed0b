//! The checked rules of an organisation, as the engine asks them.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, NaiveDate, NaiveTime, TimeZone, Utc};
use chrono_tz::Tz;
use provisioning_core::period::{civil_day, first_instant};
use provisioning_core::policy::{Answer, EarlierAccounts, Policy, PolicyVersion, Profile};
use provisioning_core::source::{Contract, Person, PrimaryOrder};
use provisioning_core::{RuleId, Slot};

use crate::field::View;
use crate::profile::Mapping;
use crate::rule::{Case, Rule};

/// Business rules and mappings, checked and ready to be asked.
#[derive(Debug, Clone)]
pub struct RuleSet {
    pub(crate) version: PolicyVersion,
    pub(crate) primary: PrimaryOrder,
    /// The published ones, in the order of the file.
    pub(crate) rules: Vec<Rule>,
    pub(crate) profiles: BTreeMap<Slot, Mapping>,
    /// Whether a profile changes with the contract that speaks for the person.
    pub(crate) follows_primary: bool,
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

    /// When the answers that a contract gives change next.
    fn next_change_of(&self, contract: &Contract<'_>, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let today = civil_day(now, contract.zone);
        let own = [Some(contract.period.start()), contract.period.end()];
        let own = own.into_iter().flatten().filter(|_| self.follows_primary);
        let of_rules = self.rules.iter().flat_map(|rule| rule.window.edges(contract));
        let day = own.chain(of_rules).filter(|day| *day > today).min()?;
        // Where clocks went back over midnight, the day has begun once before and begins again.
        let again = || contract.zone.from_local_datetime(&day.and_time(NaiveTime::MIN)).latest();
        Some(first_instant(day, contract.zone))
            .filter(|begins| *begins > now)
            .or_else(|| again().map(|begins| begins.with_timezone(&Utc)))
    }
}

impl Policy for RuleSet {
    fn version(&self) -> PolicyVersion {
        self.version.clone()
    }

    fn grants(&self, person: &Person<'_>, now: DateTime<Utc>) -> Answer {
        let mut answer = Answer::default();
        let mut day: Option<(Tz, NaiveDate)> = None;
        for contract in &person.contracts {
            let today = match day {
                Some((zone, today)) if zone == contract.zone => today,
                _ => civil_day(now, contract.zone),
            };
            day = Some((contract.zone, today));
            for rule in &self.rules {
                rule.say(Case { person, contract, today }, &mut answer);
            }
        }
        answer
    }

    fn profile(&self, person: &Person<'_>, slot: &Slot, earlier: &EarlierAccounts, now: DateTime<Utc>) -> Profile {
        let Some(mapping) = self.profiles.get(slot) else { return Profile::default() };
        mapping.profile(View { person, primary: self.primary.primary(person, now), earlier })
    }

    fn next_change(&self, person: &Person<'_>, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        person.contracts.iter().filter_map(|contract| self.next_change_of(contract, now)).min()
    }
}
