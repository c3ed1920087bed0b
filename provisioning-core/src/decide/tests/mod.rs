//! What `decide` says of a person, in text: a World goes in, steps, facts, waits, refusals and the next appointment come out.

mod correlation;
mod footing;
mod managers;
mod merging;
mod names;
mod permissions;
mod profile;
mod script;
mod timing;
mod walk;
mod zones;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use chrono::{DateTime, TimeDelta, Utc};
use expect_test::Expect;

use crate::audit::{AccountFact, Directive, Exception, Fact, PersonDirective};
use crate::decide::{Context, Decisions, Ensured, Proposed, World, decide};
use crate::id::{FieldName, PersonId, Slot, TargetId};
use crate::period::civil_day;
use crate::plan::{AccountStep, Action, ActionId, Step, in_words};
use crate::policy::{Entitlement, Policy};
use crate::samples::{Book, account_id, at, day, id, key, permission, roster, settings};
use crate::settings::Settings;
use crate::target::{Observation, ObservedAccount, Presence, Resource, Shown, TargetChanges, TargetReading};
use crate::value::{Fields, Value};

use script::Script;

/// A World being put together; it is decided at `now`.
struct Case {
    now: DateTime<Utc>,
    settings: Settings,
    policy: Script,
    book: Book,
    readings: Vec<(String, String)>,
    accounts: Vec<(TargetId, ObservedAccount)>,
    resources: Vec<&'static str>,
    renamed: Vec<(&'static str, &'static str)>,
    unread: Vec<&'static str>,
}

impl Case {
    /// A day on which the rules and the clock have been known for long, and hr says this since January.
    fn on(now: &str, rows: &str) -> Self {
        let mut case = Self {
            now: at(now),
            settings: settings(),
            policy: Script::default(),
            book: Book::new(),
            readings: Vec::new(),
            accounts: Vec::new(),
            resources: vec!["sales", "stock", "licence:e5", "privileged:root"],
            renamed: Vec::new(),
            unread: Vec::new(),
        };
        case.settings.lifecycle.grace.suspended_days = 30;
        case.settings.lifecycle.grace.staged_days = 7;
        case.settings.identity = vec![id("surname")];
        case.book.began("2026-01-01", &case.policy.version());
        case.reads("2026-01-01", rows);
        case
    }

    /// What hr says in a reading of a day; the last one is read again now.
    fn reads(&mut self, on: &str, rows: &str) {
        self.readings.push((on.to_owned(), rows.to_owned()));
    }

    /// Somebody says something about a person.
    fn says(&mut self, on: &str, person: &str, said: PersonDirective) {
        self.book.note(on, Fact::Said(Directive::Person(self::person(person), said)));
    }

    /// Something happened to an account that was no step of ours.
    fn notes(&mut self, on: &str, account: &str, fact: AccountFact) {
        self.book.note(on, Fact::Account(key(account), fact));
    }

    /// An exception, through a last day or for good.
    fn excepts(&mut self, who: &str, what: &str, last_day: Option<&str>) {
        let slot = Slot::main(id("entra"));
        let exception = Exception { slot, entitlement: entitlement(what), last_day: last_day.map(day) };
        self.says("2026-01-01", who, PersonDirective::Except(exception));
    }

    /// An account as its target shows it: `1 enabled user_name=anna holds=sales,stock bin=2026-03-01 id=x anchor=-`.
    fn shows(&mut self, text: &str) {
        let words: Vec<&str> = text.split_whitespace().collect();
        let key = key(words[0]);
        let mut account = ObservedAccount {
            id: account_id(&key),
            anchor: Some(key.anchor()),
            presence: Presence::Live,
            shown: if words[1] == "enabled" { Shown::Enabled } else { Shown::Disabled },
            attributes: Fields::default(),
            permissions: Some(BTreeSet::new()),
        };
        for word in &words[2..] {
            match word.split_once('=').unwrap() {
                ("holds", "?") => account.permissions = None,
                ("holds", held) => account.permissions = Some(held.split(',').map(id).collect()),
                ("bin", on) => account.presence = Presence::InBin(day(on)),
                ("id", other) => account.id = id(other),
                ("anchor", "-") => account.anchor = None,
                ("anchor", other) => account.anchor = Some(other.to_owned()),
                (name, value) => account.attributes.put(id(name), Value::text(value)),
            }
        }
        self.accounts.push((key.target, account));
    }

    fn observation(&self, target: &TargetId) -> Observation {
        let (_, settings) = self.settings.target(target).unwrap();
        let correlated: Vec<FieldName> = settings.correlation.iter().map(|way| way.attribute.clone()).collect();
        let mut observation = Observation::new(settings.capabilities.naming.clone(), correlated);
        if !self.unread.contains(&target.as_str()) {
            let resource = |name: &&str| Resource { id: id(name), name: name.trim_start_matches("own:").to_owned() };
            let renamed = |(name, called): &(&str, &str)| Resource { id: id(name), name: (*called).to_owned() };
            let shown = self.accounts.iter().filter(|(on, _)| on == target).map(|(_, account)| account.clone());
            observation.apply(TargetReading::Whole(TargetChanges {
                accounts: shown.collect(),
                resources: self.resources.iter().map(resource).chain(self.renamed.iter().map(renamed)).collect(),
                ..TargetChanges::default()
            }));
        }
        observation
    }

    /// Decides everybody whom hr or the ledger knows.
    fn decide(&mut self) -> Decisions {
        if self.book.ledger.last_run().is_some_and(|last| last == at("2026-01-01")) {
            let yesterday = self.now - TimeDelta::days(1);
            self.book.began(&yesterday.format("%Y-%m-%d %H:%M").to_string(), &self.policy.version());
        }
        let now = self.now.format("%Y-%m-%d %H:%M").to_string();
        let mut readings: Vec<(&str, &str)> = self.readings.iter().map(|(on, rows)| (&**on, &**rows)).collect();
        let again = readings.last().unwrap().1;
        readings.push((&now, again));
        let roster = roster(&self.settings, &readings);
        self.decide_with(&roster)
    }

    fn decide_with(&self, roster: &crate::source::Roster) -> Decisions {
        let targets = self.settings.targets.iter().map(|target| target.capabilities.target.clone());
        let observed: BTreeMap<TargetId, Observation> =
            targets.map(|target| (target.clone(), self.observation(&target))).collect();
        let ledger = &self.book.ledger;
        let mut people: Vec<PersonId> = roster.records().map(|record| ledger.person_of(&record.id)).collect();
        people.extend(ledger.people().map(|(person, _)| person.clone()));
        people.sort();
        people.dedup();
        let context = Context {
            settings: &self.settings,
            policy: &self.policy,
            ledger,
            roster,
            observations: &observed.iter().map(|(target, observation)| (target.clone(), observation)).collect(),
        };
        decide(&World { now: self.now, people, context })
    }

    /// Everything that is decided, as text.
    fn check(&mut self, expected: &Expect) {
        expected.assert_eq(&shown(&self.decide(), self.now));
    }
}

fn person(number: &str) -> PersonId {
    id(&format!("hr:{number}"))
}

fn entitlement(text: &str) -> Entitlement {
    match text {
        "account" => Entitlement::Account,
        "access" => Entitlement::Access,
        other => Entitlement::Permission(permission(other)),
    }
}

/// One line for each step, resource, fact, wait, refusal, and for each person's next appointment.
fn shown(decisions: &Decisions, now: DateTime<Utc>) -> String {
    let mut text = String::new();
    for Proposed { step, day, why, timing } in &decisions.proposed {
        assert!((*day - civil_day(now, chrono_tz::Tz::UTC)).num_days().abs() <= 1);
        let action = Action {
            id: ActionId(0),
            step: step.clone(),
            day: *day,
            why: why.clone(),
            timing: *timing,
            after: Vec::new(),
        };
        write!(text, "{action}").unwrap();
        if let Step::Account { step: AccountStep::Create(account), .. } = step {
            let attributes = account.attributes.iter().map(|(name, value)| format!("{name}={value}"));
            write!(text, "  {}", attributes.collect::<Vec<_>>().join(" ")).unwrap();
        }
        if let Step::Account { step: AccountStep::Update(patch), .. } = step {
            write!(text, "  {}", in_words(patch)).unwrap();
        }
        text.push('\n');
    }
    for ((target, id), Ensured { name, owner }) in &decisions.resources {
        let owner = owner.as_ref().map(|owner| format!(", owned by {owner}")).unwrap_or_default();
        writeln!(text, "ensure   {target}  {id} `{name}`{owner}").unwrap();
    }
    for (key, fact) in &decisions.facts {
        writeln!(text, "note     {key}  {fact:?}").unwrap();
    }
    for waiting in &decisions.waiting {
        writeln!(text, "waiting  {}  {}", waiting.person, waiting.on).unwrap();
    }
    for refusal in &decisions.refusals {
        writeln!(text, "refused  {}  {}", refusal.person, refusal.why).unwrap();
    }
    for appointment in &decisions.appointments {
        let wake = appointment.wake.map_or("never".to_owned(), |wake| wake.format("%Y-%m-%d %H:%M").to_string());
        let again = if appointment.again { ", and in the next run" } else { "" };
        let watches: Vec<String> = appointment.watches.iter().map(PersonId::to_string).collect();
        let watches = if watches.is_empty() { String::new() } else { format!(", when {} moves", watches.join(" or ")) };
        writeln!(text, "next     {}  {wake}{again}{watches}", appointment.person).unwrap();
    }
    text
}
