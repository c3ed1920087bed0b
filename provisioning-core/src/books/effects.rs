//! Whom a record makes due, told from the ledger as it was before the record's batch.

use std::collections::{BTreeMap, BTreeSet};

use crate::audit::{AccountFact, Directive, Fact, IntentId, PersonDirective, Record, RunDirective};
use crate::books::agenda::AgendaDraft;
use crate::id::{PersonId, RecordId, TargetId};
use crate::ledger::{Ledger, Origin, PersonEntry};
use crate::plan::Step;

/// The ledger before a batch of records, and what those of the batch so far change for the question who is due.
pub(super) struct Effects<'a> {
    ledger: &'a Ledger,
    links: BTreeMap<RecordId, PersonId>,
    /// Whose account an intent of this batch is about.
    intents: BTreeMap<IntentId, PersonId>,
    adopted: BTreeSet<(TargetId, PersonId)>,
}

impl<'a> Effects<'a> {
    pub(super) fn new(ledger: &'a Ledger) -> Self {
        Self { ledger, links: BTreeMap::new(), intents: BTreeMap::new(), adopted: BTreeSet::new() }
    }

    /// Makes due whom the next record of the batch concerns.
    pub(super) fn of(&mut self, record: &Record, agenda: &mut AgendaDraft<'_>) {
        if let Fact::Said(Directive::Person(person, PersonDirective::Link(linked))) = &record.fact {
            // Whoever points at the record points at somebody else from now on.
            let loser = self.person_of(linked);
            agenda.moved(&loser);
            agenda.make_due(loser);
            self.links.insert(linked.clone(), person.clone());
        }
        if let Some(person) = record.fact.surprises() {
            agenda.make_due(person.clone());
            // What is said under a key goes for whoever has the record now.
            agenda.make_due(self.person_of(&person.0));
            agenda.moved(person);
        }
        match &record.fact {
            Fact::Account(key, AccountFact::Adopted { .. }) => {
                self.adopted.insert((key.target.clone(), key.person.clone()));
                agenda.moved(&key.person);
            }
            Fact::Account(key, AccountFact::Regained { .. }) => {
                agenda.moved(&key.person);
            }
            Fact::Intent(intent) => {
                if let Step::Account { key, .. } = &intent.action.step {
                    self.intents.insert(intent.id, key.person.clone());
                }
            }
            Fact::Outcome(id, _) => {
                if let Some(person) = self.stepped(id) {
                    agenda.moved(person);
                }
            }
            Fact::Said(Directive::Run(RunDirective::GoLive(target))) => {
                let now = self.adopted.iter().filter(|(on, _)| on == target).map(|(_, person)| person);
                adopted_on(self.ledger, target).chain(now).for_each(|person| agenda.make_due(person.clone()));
            }
            Fact::Run(_) | Fact::Reading(_) | Fact::Said(_) | Fact::Account(..) | Fact::Erased(_) => {}
        }
    }

    fn person_of(&self, record: &RecordId) -> PersonId {
        self.links.get(record).cloned().unwrap_or_else(|| self.ledger.person_of(record))
    }

    /// The person whose account a settled step changed.
    fn stepped(&self, id: &IntentId) -> Option<&PersonId> {
        if let Some(person) = self.intents.get(id) {
            return Some(person);
        }
        match &self.ledger.intent(id)?.action.step {
            Step::Account { key, .. } => Some(&key.person),
            Step::Permission { .. } | Step::Resource { .. } => None,
        }
    }
}

/// The people whose accounts on a target were there before us.
fn adopted_on<'a>(ledger: &'a Ledger, target: &'a TargetId) -> impl Iterator<Item = &'a PersonId> {
    let adopted = |entry: &PersonEntry| {
        entry.accounts.iter().any(|(slot, account)| slot.target == *target && account.origin == Origin::Adopted)
    };
    ledger.people().filter(move |(_, entry)| adopted(entry)).map(|(person, _)| person)
}
