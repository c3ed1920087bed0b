//! Who has to be decided, and when.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};

use crate::decide::Appointment;
use crate::id::PersonId;

/// Who has to be decided, and when.
#[derive(Debug, Default)]
pub(super) struct Agenda {
    /// With the number of the question before which they became due.
    due: BTreeMap<PersonId, u64>,
    /// How often it was asked who is due.
    asked: u64,
    wakes: BTreeSet<(DateTime<Utc>, PersonId)>,
    by_person: BTreeMap<PersonId, DateTime<Utc>>,
    watchers: BTreeMap<PersonId, BTreeSet<PersonId>>,
    watched: BTreeMap<PersonId, BTreeSet<PersonId>>,
}

impl Agenda {
    pub(super) fn make_due(&mut self, person: PersonId) {
        self.due.insert(person, self.asked);
    }

    /// An account of this person changed its state: whoever points at it is due.
    pub(super) fn moved(&mut self, person: &PersonId) {
        if let Some(watchers) = self.watchers.get(person) {
            self.due.extend(watchers.iter().map(|watcher| (watcher.clone(), self.asked)));
        }
    }

    pub(super) fn keep(&mut self, appointment: Appointment) {
        let person = appointment.person;
        if let Some(earlier) = self.by_person.remove(&person) {
            self.wakes.remove(&(earlier, person.clone()));
        }
        for watched in self.watched.remove(&person).into_iter().flatten() {
            if let Some(watchers) = self.watchers.get_mut(&watched) {
                watchers.remove(&person);
            }
        }
        for watched in &appointment.watches {
            self.watchers.entry(watched.clone()).or_default().insert(person.clone());
        }
        if !appointment.watches.is_empty() {
            self.watched.insert(person.clone(), appointment.watches);
        }
        if let Some(wake) = appointment.wake {
            self.by_person.insert(person.clone(), wake);
            self.wakes.insert((wake, person.clone()));
        }
        if appointment.again {
            self.due.insert(person, self.asked);
        } else if self.due.get(&person).is_some_and(|before| *before < self.asked) {
            // Whoever became due after the question was asked was decided on what was so before.
            self.due.remove(&person);
        }
    }

    /// Who is due at an instant; whoever was woken stays due until a new appointment.
    pub(super) fn due(&mut self, now: DateTime<Utc>) -> BTreeSet<PersonId> {
        while self.wakes.first().is_some_and(|(wake, _)| *wake <= now) {
            if let Some((_, person)) = self.wakes.pop_first() {
                self.by_person.remove(&person);
                self.due.insert(person, self.asked);
            }
        }
        self.asked += 1;
        self.due.keys().cloned().collect()
    }
}
