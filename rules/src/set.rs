//! The checked rules of an organisation, as the engine asks them.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, NaiveDate, NaiveTime, TimeZone, Utc};
use chrono_tz::Tz;
use provisioning_core::period::{civil_day, first_instant};
use provisioning_core::policy::{Answer, Combination, EarlierAccounts, Looks, Policy, PolicyVersion, Profile};
use provisioning_core::source::{Contract, Person, PrimaryOrder};
use provisioning_core::{Digest, FieldName, PersonId, RuleId, Slot, Value};

use crate::clause::Per;
use crate::exclusion::{Exception, Exclusion};
use crate::language::datum::read;
use crate::language::evaluate::Facts;
use crate::language::term::Field;
use crate::profile::Mapping;
use crate::rule::Rule;
use crate::schema::Schema;

/// Business rules and mappings, checked and ready to be asked.
#[derive(Debug, Clone)]
pub struct RuleSet {
    pub(crate) version: PolicyVersion,
    pub(crate) schema: Schema,
    pub(crate) primary: PrimaryOrder,
    /// The published ones, in the order of the file, as everything below.
    pub(crate) rules: Vec<Rule>,
    pub(crate) exclusions: Vec<Exclusion>,
    pub(crate) exceptions: BTreeMap<PersonId, Vec<Exception>>,
    pub(crate) combinations: Vec<Combination>,
    /// How people call all of these.
    pub(crate) called: BTreeMap<RuleId, Called>,
    pub(crate) profiles: BTreeMap<Slot, Mapping>,
    /// Whether an answer changes with the contracts that are in force, beyond the days of its rule.
    pub(crate) follows_contracts: bool,
    /// Whether something looks at a manager.
    pub(crate) sees_managers: bool,
}

/// How people call a rule or the like.
#[derive(Debug, Clone, Default)]
pub(crate) struct Called {
    pub(crate) name: Option<String>,
    /// Where they file it.
    pub(crate) category: Option<String>,
}

impl RuleSet {
    /// Nothing but how the contract is found that speaks for a person.
    pub(crate) fn without_rules(primary: PrimaryOrder, schema: Schema) -> Self {
        Self {
            version: PolicyVersion(Digest::of(&())),
            schema,
            primary,
            rules: Vec::new(),
            exclusions: Vec::new(),
            exceptions: BTreeMap::new(),
            combinations: Vec::new(),
            called: BTreeMap::new(),
            profiles: BTreeMap::new(),
            follows_contracts: false,
            sees_managers: false,
        }
    }

    /// The ids of the published rules, in the order of the file.
    pub fn rules(&self) -> impl Iterator<Item = &RuleId> {
        self.rules.iter().map(|rule| &rule.clause.id)
    }

    /// Where the published rules give something.
    #[must_use]
    pub fn slots(&self) -> BTreeSet<&Slot> {
        self.rules.iter().map(|rule| &rule.clause.slot).collect()
    }

    /// What people call a rule, an exclusion, an exception or a combination, where the file says it.
    #[must_use]
    pub fn name_of(&self, rule: &RuleId) -> Option<&str> {
        self.called.get(rule)?.name.as_deref()
    }

    /// What people file it under, where the file says it.
    #[must_use]
    pub fn category_of(&self, rule: &RuleId) -> Option<&str> {
        self.called.get(rule)?.category.as_deref()
    }

    /// Notes what follows from the fields that are looked at.
    pub(crate) fn looked_through(mut self) -> Self {
        let exclusions = self.exclusions.iter().map(|exclusion| &exclusion.clause);
        let clauses = self.rules.iter().map(|rule| &rule.clause).chain(exclusions);
        let of_primary = clauses.clone().any(|clause| clause.per == Per::Primary);
        let mut follows = of_primary || self.profiles.values().any(Mapping::points_at_manager);
        let mut sees = false;
        let mut look = |field: &Field| {
            follows |= field.follows_contracts();
            sees |= field.is_of_manager();
        };
        clauses.for_each(|clause| clause.when.fields(&mut look));
        self.rules.iter().for_each(|rule| rule.fields(&mut look));
        self.profiles.values().for_each(|mapping| mapping.fields(&mut look));
        (self.follows_contracts, self.sees_managers) = (follows, sees);
        self
    }

    /// When the answers that a contract gives change next.
    fn next_change_of(&self, facts: &Facts<'_, '_>, contract: &Contract<'_>) -> Option<DateTime<Utc>> {
        let mut days = Vec::new();
        if self.follows_contracts {
            days.extend([Some(contract.period.start()), contract.period.end()].into_iter().flatten());
        }
        self.days(facts, |per| per != Per::Person, &mut |day| days.push(day));
        next_of(&days, facts.now, contract.zone)
    }

    /// When the answers about the person as a whole change next.
    fn next_change_of_person(&self, facts: &Facts<'_, '_>) -> Option<DateTime<Utc>> {
        let mut days = Vec::new();
        self.days(facts, |per| per == Per::Person, &mut |day| days.push(day));
        self.profiles.values().for_each(|mapping| mapping.days(facts, &mut |day| days.push(day)));
        days.extend(self.exceptions_of(facts.person).flat_map(Exception::days));
        next_of(&days, facts.now, facts.person.zone)
    }

    /// Shows the days on which rules and exclusions of a kind may say something else.
    fn days(&self, facts: &Facts<'_, '_>, is_asked: impl Fn(Per) -> bool, show: &mut dyn FnMut(NaiveDate)) {
        for rule in self.rules.iter().filter(|rule| is_asked(rule.clause.per)) {
            rule.days(facts, show);
        }
        for exclusion in self.exclusions.iter().filter(|exclusion| is_asked(exclusion.clause.per)) {
            exclusion.clause.days(facts, show);
        }
    }

    pub(crate) fn exceptions_of(&self, person: &Person<'_>) -> impl Iterator<Item = &Exception> {
        self.exceptions.get(person.id).into_iter().flatten()
    }
}

/// At which accounts profiles look.
pub(crate) fn looks(profiles: &BTreeMap<Slot, Mapping>) -> Looks {
    let of = |(slot, mapping): (&Slot, &Mapping)| (slot.clone(), mapping.accounts().into_iter().cloned().collect());
    profiles.iter().map(of).collect()
}

/// A person's contracts, one after the other, and the person as a whole.
pub(crate) fn shown<'v, 'a>(about: &Facts<'v, 'a>) -> Vec<Facts<'v, 'a>> {
    let of = |contract: &'v Contract<'a>| Facts {
        contract: Some(contract),
        today: civil_day(about.now, contract.zone),
        ..*about
    };
    about.person.contracts.iter().map(of).chain([*about]).collect()
}

/// When the next of some days begins.
pub(crate) fn next_of(days: &[NaiveDate], now: DateTime<Utc>, zone: Tz) -> Option<DateTime<Utc>> {
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

    fn sees_managers(&self) -> bool {
        self.sees_managers
    }

    fn grants(&self, person: &Person<'_>, now: DateTime<Utc>) -> Answer {
        let shown = shown(&self.facts(person, now));
        let all = shown.iter().map(|_| self.rules.iter());
        self.said_by(&shown, all)
    }

    fn combinations(&self) -> &[Combination] {
        &self.combinations
    }

    fn profile(&self, person: &Person<'_>, slot: &Slot, earlier: &EarlierAccounts, now: DateTime<Utc>) -> Profile {
        let Some(mapping) = self.profiles.get(slot) else { return Profile::default() };
        mapping.profile(&Facts { earlier: Some(earlier), ..self.facts(person, now) })
    }

    fn looks(&self) -> Looks {
        looks(&self.profiles)
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
    /// What a field of a contract holds, read as the schema has it.
    fn told(&self, contract: &Contract<'_>, field: &FieldName) -> Option<Value> {
        let value = contract.field(field.as_str()).filter(|value| !value.is_blank())?;
        match self.schema.contract.get(field) {
            Some(holds) => read(value, holds).ok().map(|datum| datum.value()),
            None => Some(value.clone()),
        }
    }

    /// What some rules say of each contract of a person, and of the person as a whole.
    pub(crate) fn said_by<'r>(
        &'r self,
        shown: &[Facts<'_, '_>],
        asked: impl Iterator<Item = impl Iterator<Item = &'r Rule>>,
    ) -> Answer {
        let mut answer = Answer::default();
        for (facts, rules) in shown.iter().zip(asked) {
            rules.filter(|rule| rule.clause.is_asked(facts)).for_each(|rule| rule.say(facts, &mut answer));
        }
        for exclusion in &self.exclusions {
            let shown = shown.iter().filter(|facts| exclusion.clause.is_asked(facts)).copied();
            exclusion.say(&shown.collect::<Vec<_>>(), &mut answer);
        }
        if let Some(whole) = shown.last() {
            self.exceptions_of(whole.person).for_each(|exception| exception.say(whole.today, &mut answer));
        }
        answer
    }

    /// A person as a whole, with the contract that speaks for them.
    pub(crate) fn facts<'v, 'a>(&self, person: &'v Person<'a>, now: DateTime<Utc>) -> Facts<'v, 'a> {
        Facts {
            person,
            contract: None,
            primary: self.primary.primary_by(person, now, |contract, field| self.told(contract, field)),
            bound: None,
            earlier: None,
            word: None,
            now,
            today: person.today(now),
        }
    }
}
