//! Deciding: from the World to what should be done about each person, and why.
//!
//! Pure: no IO, no clock, no randomness; the same [`World`] gives the same [`Decisions`], and a person's decision depends on
//! that person and the context only, names excepted, which are given out in order of person id.

mod account;
mod apart;
mod correlate;
mod evaluate;
mod others;
mod permissions;
mod profile;
#[cfg(test)]
mod tests;
mod timing;
mod wake;
mod world;

use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::audit::AccountFact;
use crate::id::{AccountKey, PermissionId, PersonId, TargetId};
use crate::ledger::Lifecycle;
use crate::order::Order;
use crate::period::civil_day;
use crate::plan::{AccountStep, Refusal, Step, Timing, Waiting, Why};
use crate::policy::{Doubt, Undetermined};

pub use world::{Appointment, ClockTrust, Context, Decisions, Ensured, Proposed, World};

use account::{Around, SlotDecision};
use correlate::Claims;
use evaluate::{Evaluated, evaluate, is_said};
use profile::Names;

/// Decides the people of a World.
#[must_use]
pub fn decide(world: &World<'_>) -> Decisions {
    let trust = world.context.clock_trust(world.now);
    let mut names = Names::default();
    let looks = world.context.policy.looks();
    let order = Order::of(world.context.settings, &looks);
    let claims = Claims::of(world, &order);
    let mut decisions = Decisions { clock: trust, looks, ..Decisions::default() };
    for person in &world.people {
        // A policy has no errors, but whoever wrote one may have made some. What is decided of a person is put together only
        // at its end, so nothing of it is there after a crash.
        let decided = isolated(|| match evaluate(world, person) {
            None => decisions.appointments.push(Appointment::none(person)),
            Some(evaluated) if trust == ClockTrust::Held => held_by_clock(world, (&evaluated, &order), &mut decisions),
            Some(evaluated) => decide_person(world, (&evaluated, &order), &claims, &mut names, &mut decisions),
        });
        if decided.is_none() {
            names.give_back(person);
            let mut outcome = PersonDecision::new(person);
            outcome.refusals.insert(CRASHED.to_owned());
            disable_blocked(world, &mut outcome);
            outcome.finish(None, &mut decisions);
        }
    }
    decisions
}

const CRASHED: &str =
    "the rules crashed on this person, so nothing but a block is done: mend them, or what the source says";

/// A block asks no policy.
fn disable_blocked(world: &World<'_>, outcome: &mut PersonDecision<'_>) {
    let ledger = world.context.ledger;
    if !is_said(world, outcome.person, |entry| entry.blocked) {
        return;
    }
    let accounts = ledger.person(outcome.person).into_iter().flat_map(|entry| entry.accounts.iter());
    for (slot, account) in accounts.filter(|(_, account)| account.lifecycle == Lifecycle::Active) {
        let key = ledger.key(outcome.person, slot);
        outcome.proposed.push(Proposed {
            step: Step::Account { key, id: account.id.clone(), step: AccountStep::Disable },
            day: civil_day(world.now, world.context.settings.zone),
            why: vec![Why::Blocked],
            timing: Timing::Ordered,
        });
    }
}

/// What a piece of work comes to; nothing where a policy panics in it.
fn isolated<T>(work: impl FnOnce() -> T) -> Option<T> {
    catch_unwind(AssertUnwindSafe(work)).ok()
}

fn decide_person(
    world: &World<'_>,
    (evaluated, order): (&Evaluated<'_>, &Order),
    claims: &Claims,
    names: &mut Names,
    decisions: &mut Decisions,
) {
    let mut outcome = PersonDecision::new(evaluated.person.id);
    outcome.refusals.extend(evaluated.footing.refusals.iter().cloned());
    let answer = &evaluated.keep;
    outcome.notes.extend(answer.notes.iter().cloned());
    let cannot_tell = |one: &Undetermined| format!("rule `{}` cannot tell: {}", one.rule, one.lacks);
    outcome.notes.extend(answer.undetermined.iter().map(cannot_tell));
    let in_doubt = |one: &Doubt| format!("exclusion `{}` cannot tell: {}", one.by, one.lacks);
    outcome.notes.extend(answer.doubts.iter().map(in_doubt));
    // A source that is read again and says the same makes nobody due, so whoever was held up by it stays due.
    outcome.again = evaluated.footing.stale;
    let slots = evaluated.slots(order);
    let mut earlier = crate::policy::EarlierAccounts::default();
    for slot in &slots {
        let Some(mut one) = SlotDecision::new(world, evaluated, slot) else {
            let target = &slot.target;
            outcome.refusals.insert(format!("`{target}` is no target in the settings: add it, or let no rule give it"));
            continue;
        };
        let mut around = Around { claims, earlier: &earlier, names };
        if let Some(planned) = one.decide(&mut around, &mut outcome) {
            earlier.0.entry(slot.target.clone()).or_default().insert(slot.kind.clone(), planned);
        }
    }
    outcome.watches.extend(evaluated.person.looked_at().map(PersonId));
    apart::apart(world, evaluated, &mut outcome);
    let wake = wake::earliest(world, evaluated, &outcome.wakes);
    outcome.finish(wake, decisions);
}

/// With a clock that cannot be right only blocks act; everybody else stays due.
fn held_by_clock(world: &World<'_>, (evaluated, order): (&Evaluated<'_>, &Order), decisions: &mut Decisions) {
    let mut outcome = PersonDecision::new(evaluated.person.id);
    outcome.again = true;
    if evaluated.footing.blocked {
        for slot in &evaluated.slots(order) {
            if let Some(mut one) = SlotDecision::new(world, evaluated, slot) {
                one.disable_if_blocked(&mut outcome);
            }
        }
    }
    outcome.finish(None, decisions);
}

/// What is being decided about one person.
#[derive(Debug)]
struct PersonDecision<'a> {
    person: &'a PersonId,
    proposed: Vec<Proposed>,
    facts: Vec<(AccountKey, AccountFact)>,
    waiting: BTreeSet<String>,
    refusals: BTreeSet<String>,
    /// What only the records, the rules and the date can change: each of them makes the person due when it does.
    notes: BTreeSet<String>,
    restored: Vec<AccountKey>,
    first: BTreeMap<(AccountKey, PermissionId), BTreeSet<PermissionId>>,
    resources: BTreeMap<(TargetId, PermissionId), Ensured>,
    wakes: Vec<chrono::NaiveDate>,
    watches: BTreeSet<PersonId>,
    again: bool,
}

impl<'a> PersonDecision<'a> {
    fn new(person: &'a PersonId) -> Self {
        Self {
            person,
            proposed: Vec::new(),
            facts: Vec::new(),
            waiting: BTreeSet::new(),
            refusals: BTreeSet::new(),
            notes: BTreeSet::new(),
            restored: Vec::new(),
            first: BTreeMap::new(),
            resources: BTreeMap::new(),
            wakes: Vec::new(),
            watches: BTreeSet::new(),
            again: false,
        }
    }

    /// Something cannot be done yet; the person stays due.
    fn wait(&mut self, on: &str) {
        self.again = true;
        self.waiting.insert(on.to_owned());
    }

    fn finish(self, wake: Option<chrono::DateTime<chrono::Utc>>, decisions: &mut Decisions) {
        let person = self.person;
        // What was refused may be held back in ways that no date and no record tells, so it is looked at until it is not.
        let again = self.again || !self.refusals.is_empty();
        decisions.proposed.extend(self.proposed);
        decisions.restored.extend(self.restored);
        decisions.first.extend(self.first);
        decisions.facts.extend(self.facts);
        decisions.waiting.extend(self.waiting.into_iter().map(|on| Waiting { person: person.clone(), on }));
        let told: BTreeSet<String> = self.refusals.into_iter().chain(self.notes).collect();
        decisions.refusals.extend(told.into_iter().map(|why| Refusal { person: person.clone(), why }));
        for (resource, ensured) in self.resources {
            decisions.resources.entry(resource).and_modify(|made| made.or(&ensured)).or_insert(ensured);
        }
        let appointment = Appointment { person: person.clone(), wake, watches: self.watches, again };
        decisions.appointments.push(appointment);
    }
}
