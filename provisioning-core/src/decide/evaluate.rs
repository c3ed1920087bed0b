//! One person, put together from the records, and what the rules say: once for what may stay, once for what may be raised.

use std::cell::OnceCell;
use std::collections::BTreeSet;
use std::iter::successors;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};

use crate::decide::World;
use crate::id::{PermissionId, PersonId, RuleId, Slot};
use crate::ledger::PersonEntry;
use crate::lifecycle::{Dates, Move};
use crate::order::Order;
use crate::period::{civil_day, first_instant, plus_days};
use crate::policy::{Answer, Because, EXCEPTION, Entitlement, Grant};
use crate::source::{Conflict, Contract, Leave, Manager, Managers, Person, PersonRecord, Presence, Standing};

/// For how many days dates and rules must have been known for a step to be expected.
const KNOWN_DAYS: u32 = 3;

/// Where the date that brought a step is looked for first.
const RECENT: TimeDelta = TimeDelta::days(60);

/// What may be done about a person at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Allowed {
    Yes,
    No,
}

/// How firm the ground is that the person stands on.
#[derive(Debug)]
pub(super) struct Footing {
    /// Somebody blocked the person.
    pub(super) blocked: bool,
    /// A source was not read for too long: whatever is not done for that is decided again in every run.
    pub(super) stale: bool,
    /// Whether attributes may be changed.
    pub(super) update: Allowed,
    /// Whether accounts may be deleted.
    pub(super) delete: Allowed,
    /// Why not everything is allowed.
    pub(super) refusals: Vec<String>,
}

/// A person with everything that the rules say.
#[derive(Debug)]
pub(super) struct Evaluated<'a> {
    pub(super) person: Person<'a>,
    /// The same, as a profile looks at them.
    pub(super) described: Person<'a>,
    pub(super) entry: Option<&'a PersonEntry>,
    pub(super) footing: Footing,
    /// What may stay: missing contracts count.
    pub(super) keep: Answer,
    /// What may be given: only what stands on firm ground counts. `None` where it is the same.
    raise: Option<Answer>,
    /// The days of all contracts.
    pub(super) dates: Dates,
    /// The days of contracts on firm ground.
    pub(super) firm_dates: Dates,
    /// The day from which on a date brings something expected: by then all that it follows from was known for some days.
    expected_from: NaiveDate,
    lately: OnceCell<Vec<(DateTime<Utc>, Answer)>>,
}

/// Puts a person together from all records, and asks nobody.
pub(super) fn put_together<'a>(world: &World<'a>, id: &'a PersonId) -> Person<'a> {
    let context = world.context;
    let records = context.ledger.records_of(id).filter_map(|record| context.roster.record(record)).collect();
    let person = Person::new(id, records, context.roster, context.settings.zone);
    person.with_managers(if context.policy.sees_managers() { Managers::Shown } else { Managers::Hidden })
}

/// What follows for a person; `None` for somebody of whom nothing is known.
pub(super) fn evaluate<'a>(world: &World<'a>, id: &'a PersonId) -> Option<Evaluated<'a>> {
    let context = world.context;
    let entry = context.ledger.person(id);
    let whole = put_together(world, id);
    if whole.records().is_empty() && entry.is_none() {
        return None;
    }
    let bridge = context.settings.lifecycle.bridge_days;
    let footing = footing(world, &whole);
    let is_firm = |contract: &Contract<'_>| match whole.manager(contract) {
        Manager::Nobody => true,
        Manager::Unknown => false,
        Manager::Known(manager) => manager.is_firm(),
    };
    let all_firm = whole.records().iter().all(|record| record.is_firm())
        && whole.contracts.iter().all(is_firm)
        && whole.contracts.iter().all(|contract| is_present(contract.record.standing));

    let person = whole.with_contracts(|_| true, bridge);
    let mut keep = asked(world, &person, entry, world.now);
    let firm = firm_part(world, &whole);
    let may_raise = !footing.stale && !footing.blocked && (whole.records().is_empty() || !is_gone(&whole));
    let mut raise = (!may_raise || !all_firm).then(|| {
        let has_ground = may_raise && !firm.records().is_empty();
        let mut answer = if has_ground {
            context.policy.grants(&firm.with_contracts(is_present, bridge), world.now)
        } else {
            Answer::default()
        };
        if may_raise {
            answer.grants.extend(exceptions(entry, whole.today(world.now)));
        }
        answer
    });
    settle(world, entry, &mut keep, raise.as_mut());
    let expected_from = plus_days(known_since(world, &whole), KNOWN_DAYS);
    let dates = Dates::of(&whole, world.now);
    let firm_dates = if all_firm { dates } else { Dates::of(&firm.with_contracts(is_present, 0), world.now) };
    let lately = OnceCell::new();
    let described = on_firm_managers(world, person.clone());
    Some(Evaluated { person, described, entry, footing, keep, raise, dates, firm_dates, expected_from, lately })
}

/// Keeps apart what may not be held together. Nothing is taken away for the sake of what cannot be given: of what the person
/// does not hold, that counts which may be raised, and of which the target has the group, or a rule makes it.
fn settle(world: &World<'_>, entry: Option<&PersonEntry>, keep: &mut Answer, raise: Option<&mut Answer>) {
    let combinations = world.context.policy.combinations();
    if combinations.is_empty() {
        return;
    }
    let holds = |slot: &Slot, id: &PermissionId| {
        entry.and_then(|entry| entry.accounts.get(slot)).is_some_and(|account| account.grants.contains_key(id))
    };
    let is_made = |grant: &Grant| match &grant.entitlement {
        Entitlement::Permission(permission) => permission.resource.is_some().then(|| permission.id.clone()),
        Entitlement::Account | Entitlement::Access => None,
    };
    let made: BTreeSet<(Slot, PermissionId)> =
        keep.grants.iter().filter_map(|grant| Some((grant.slot.clone(), is_made(grant)?))).collect();
    let is_there = |slot: &Slot, id: &PermissionId| {
        let observation = world.context.observations.get(&slot.target);
        observation.is_none_or(|observation| observation.resource(id).is_some())
            || made.contains(&(slot.clone(), id.clone()))
    };
    let raised = raise.as_deref().cloned();
    let may_rise = |slot: &Slot, id: &PermissionId| raised.as_ref().is_none_or(|raise| raise.gives(slot, id));
    keep.settle(combinations, |slot, id| holds(slot, id) || may_rise(slot, id) && is_there(slot, id));
    if let Some(raise) = raise {
        raise.settle(combinations, |_, _| true);
    }
}

/// What would be given at an instant.
fn answer(world: &World<'_>, person: &Person<'_>, entry: Option<&PersonEntry>, at: DateTime<Utc>) -> Answer {
    let mut answer = asked(world, person, entry, at);
    answer.settle(world.context.policy.combinations(), |_, _| true);
    answer
}

/// What the rules and the exceptions give at an instant; to somebody who is gone, only what a contract gives.
fn asked(world: &World<'_>, person: &Person<'_>, entry: Option<&PersonEntry>, at: DateTime<Utc>) -> Answer {
    let mut answer = world.context.policy.grants(person, at);
    if is_gone(person) {
        answer.grants.retain(|grant| grant.because.contract.is_some());
        answer.doubts.retain(|doubt| doubt.grant.because.contract.is_some());
    }
    answer.grants.extend(exceptions(entry, person.today(at)));
    answer
}

fn is_present(standing: Standing) -> bool {
    standing == Standing::Present
}

fn is_gone(person: &Person<'_>) -> bool {
    person.records().iter().all(|record| record.presence == Presence::Gone)
}

/// The person without the records of which nothing may be raised: neither their contracts nor their fields give anything,
/// nor do those of a manager.
fn firm_part<'a>(world: &World<'a>, whole: &Person<'a>) -> Person<'a> {
    let firm = whole.with_records(PersonRecord::is_firm, world.context.settings.zone);
    on_firm_managers(world, firm)
}

/// The same person with the managers because of whom something may be given.
fn on_firm_managers<'a>(world: &World<'a>, person: Person<'a>) -> Person<'a> {
    person.with_managers(if world.context.policy.sees_managers() { Managers::Firm } else { Managers::Hidden })
}

fn footing(world: &World<'_>, person: &Person<'_>) -> Footing {
    let mut refusals = Vec::new();
    for record in person.records() {
        if let Some(why) = lowered(record) {
            refusals.push(why);
        }
    }
    let counted_down = person.records().iter().any(|record| record.is_counted_down());
    let lowered = !refusals.is_empty();
    if counted_down && !lowered {
        refusals.push("a contract is missing from the source; it counts downwards only".to_owned());
    }
    let mut is_stale = false;
    for (source, hours) in stale_sources(world, person) {
        is_stale = true;
        refusals.push(format!(
            "the last accepted reading of source `{source}` is {hours} hours old; nothing is raised or deleted"
        ));
    }
    refusals.extend(taken_back(world, person));
    let legal_hold = is_said(world, person.id, |entry| entry.legal_hold);
    let allowed = |yes| if yes { Allowed::Yes } else { Allowed::No };
    Footing {
        blocked: is_said(world, person.id, |entry| entry.blocked),
        stale: is_stale,
        update: allowed(!lowered && !is_stale),
        delete: allowed(!lowered && !counted_down && !is_stale && !legal_hold),
        refusals,
    }
}

/// Whether something was said of the person, under any of the keys: linking a record lifts nothing that was said under it.
pub(super) fn is_said(world: &World<'_>, id: &PersonId, said: impl Fn(&PersonEntry) -> bool) -> bool {
    let ledger = world.context.ledger;
    let linked = ledger.records_of(id).filter(|record| **record != id.0).cloned().map(PersonId);
    ledger.person(id).is_some_and(&said) || linked.filter_map(|id| ledger.person(&id)).any(said)
}

/// Contracts that were found today to end before their start, although they had started.
fn taken_back(world: &World<'_>, person: &Person<'_>) -> impl Iterator<Item = String> {
    let now = world.now;
    let contracts = person.contracts.iter().filter(move |contract| {
        let today = civil_day(now, contract.zone);
        contract.record.standing == Standing::TakenBack && contract.record.known_since == today
    });
    contracts.filter_map(|contract| {
        let last = contract.period.last_day()?;
        let id = contract.id();
        Some(format!("contract `{id}` now ends before its start and had started; it counts as ended on {last}"))
    })
}

fn lowered(record: &PersonRecord) -> Option<String> {
    if let Some(conflict) = &record.conflict {
        return Some(match conflict {
            Conflict::OtherEvidence { evidence } => format!(
                "record `{}` now describes somebody else; accept evidence {} if it is the same person",
                record.id,
                evidence.short()
            ),
            Conflict::LooksLike { other, evidence } => format!(
                "record `{}` looks like `{other}`; link the two, or accept evidence {} if they are two people",
                record.id,
                evidence.short()
            ),
            Conflict::Erased { evidence } => format!(
                "somebody whose record was `{}` was erased; take it out of the source, or accept evidence {} to begin anew",
                record.id,
                evidence.short()
            ),
        });
    }
    if !record.defects.is_empty() {
        let what: Vec<String> = record.defects.iter().map(ToString::to_string).collect();
        return Some(format!("record `{}` cannot be used: {}", record.id, what.join("; ")));
    }
    match record.presence {
        Presence::Missing(missing) => {
            let (count, readings) = (missing.readings, if missing.readings == 1 { "reading" } else { "readings" });
            Some(format!("record `{}` is missing from {count} {readings}; it counts downwards only", record.id))
        }
        Presence::Present | Presence::Gone => None,
    }
}

/// Sources that have the person, or had somebody who is gone, and were read too long ago: with the hours since.
fn stale_sources<'w>(world: &'w World<'_>, person: &'w Person<'_>) -> impl Iterator<Item = (String, i64)> + 'w {
    let context = world.context;
    let is_gone = is_gone(person);
    let there = person.records().iter().filter(move |record| is_gone || record.presence != Presence::Gone);
    there.filter_map(move |record| {
        let age = world.now - context.roster.accepted(&record.id.source)?.accepted_at;
        (age > context.settings.lifecycle.max_source_age).then(|| (record.id.source.to_string(), age.num_hours()))
    })
}

fn exceptions(entry: Option<&PersonEntry>, today: NaiveDate) -> Vec<Grant> {
    let Ok(rule) = RuleId::new(EXCEPTION) else { return Vec::new() };
    let live = entry.into_iter().flat_map(|entry| &entry.exceptions);
    live.filter(|exception| exception.last_day.is_none_or(|last| today <= last))
        .map(|exception| Grant {
            slot: exception.slot.clone(),
            entitlement: exception.entitlement.clone(),
            because: Because { rule: rule.clone(), contract: None },
        })
        .collect()
}

/// The day on which the last of the person's dates and fields, and the rules, became what they are: today, as long as a
/// record is missing, held or cannot be used.
fn known_since(world: &World<'_>, person: &Person<'_>) -> NaiveDate {
    let today = person.today(world.now);
    if person.records().iter().any(|record| record.is_lowered() || record.is_counted_down()) {
        return today;
    }
    let rules = world.context.ledger.policy().filter(|(version, _)| *version == world.context.policy.version());
    let rules = rules.map_or(today, |(_, since)| civil_day(*since, person.zone));
    let of_records = person.records().iter().flat_map(|record| {
        let of_contracts = record.contracts.iter().map(|contract| contract.known_since.max(contract.facts_since));
        of_contracts.chain([record.facts_since])
    });
    let of_managers = person.contracts.iter().filter_map(|contract| match person.manager(contract) {
        Manager::Known(manager) => Some(manager.facts_since),
        Manager::Nobody | Manager::Unknown => None,
    });
    of_records.chain(of_managers).fold(rules, NaiveDate::max)
}

/// The begin of the time in which most of the dates lie that bring a step.
fn recent(now: DateTime<Utc>) -> DateTime<Utc> {
    now - RECENT
}

impl Evaluated<'_> {
    /// Whether what a date of the lifecycle brings was to be expected.
    pub(super) fn is_expected(&self, came: NaiveDate) -> bool {
        came >= self.expected_from
    }

    /// Whether the rules once said something of the same facts: when what comes began to be expected, or after a date
    /// since. What they always said, no date has brought, however long it is held back.
    pub(super) fn was_once(&self, world: &World<'_>, said: impl Fn(DateTime<Utc>, &Answer) -> bool) -> bool {
        let zones = self.person.contracts.iter().map(|contract| contract.zone).chain([self.person.zone]);
        let begins = zones.map(|zone| first_instant(self.expected_from, zone)).min();
        let Some(begins) = begins.filter(|begins| *begins <= world.now) else { return false };
        let just_before = begins - TimeDelta::microseconds(1);
        let recent = recent(world.now);
        let lately = self.lately.get_or_init(|| self.answers(world, just_before.max(recent)).collect());
        lately.iter().any(|(at, answer)| said(*at, answer))
            || just_before < recent && self.answers(world, just_before).any(|(at, answer)| said(at, &answer))
    }

    /// What the rules say of the facts of today at an instant, and after each date from then on until now.
    fn answers(&self, world: &World<'_>, from: DateTime<Utc>) -> impl Iterator<Item = (DateTime<Utc>, Answer)> {
        let policy = world.context.policy;
        let next = |at: &DateTime<Utc>| policy.next_change(&self.person, *at).filter(|next| next > at);
        let dates = successors(Some(from), next).take_while(|at| *at <= world.now);
        dates.map(|at| (at, answer(world, &self.person, self.entry, at)))
    }

    /// By what the person has left: the records of which the last contract is over, and of these the ones that left last.
    pub(super) fn left_by(&self, world: &World<'_>) -> Vec<Leave> {
        let zones = self.person.contracts.iter().map(|contract| contract.zone).chain([self.person.zone]);
        let today = zones.map(|zone| civil_day(world.now, zone)).max();
        let left = self.person.records().iter().filter_map(|record| record.leaves());
        let mut left: Vec<Leave> = left.filter(|leave| today.is_some_and(|today| leave.day <= today)).collect();
        let last = left.iter().map(|leave| leave.day).max();
        left.retain(|leave| Some(leave.day) == last);
        left
    }

    /// What may be given.
    pub(super) fn raise(&self) -> &Answer {
        self.raise.as_ref().unwrap_or(&self.keep)
    }

    /// The accounts that are to be decided, in the order of the targets.
    pub(super) fn slots(&self, order: &Order) -> Vec<Slot> {
        let known = self.entry.into_iter().flat_map(|entry| entry.accounts.keys());
        let granted = self.keep.grants.iter().chain(&self.raise().grants).map(|grant| &grant.slot);
        let all: BTreeSet<&Slot> = known.chain(granted).collect();
        let mut slots: Vec<Slot> = all.into_iter().cloned().collect();
        slots.sort_by(|a, b| order.place(a).cmp(&order.place(b)));
        slots
    }
}

/// Why an account is made, or let be used.
pub(super) fn because(answer: &Answer, slot: &Slot, step: Move) -> Vec<Because> {
    let gives = |grant: &&Grant| {
        grant.slot == *slot
            && match grant.entitlement {
                Entitlement::Account => step != Move::Enable,
                Entitlement::Access => true,
                Entitlement::Permission(_) => false,
            }
    };
    let mut found: Vec<Because> = answer.grants.iter().filter(gives).map(|grant| grant.because.clone()).collect();
    found.sort();
    found.dedup();
    found
}
