//! Who has to be decided, and when.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};

use crate::decide::Appointment;
use crate::id::PersonId;
use crate::port::{Due, Question};

/// When one person has to be decided.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Entry {
    /// Now, with the first question that could tell that the person is due.
    due: Option<Question>,
    /// At this instant.
    pub wake: Option<DateTime<Utc>>,
    /// When an account or a record of one of these people changes.
    pub watches: BTreeSet<PersonId>,
}

impl Entry {
    /// Of somebody who has not to be decided now.
    #[must_use]
    pub fn asleep(wake: Option<DateTime<Utc>>, watches: BTreeSet<PersonId>) -> Self {
        Self { due: None, wake, watches }
    }

    /// Whether the person has to be decided now.
    #[must_use]
    pub fn is_due(&self) -> bool {
        self.due.is_some()
    }
}

/// Who has to be decided, and when.
#[derive(Debug, Default)]
pub(super) struct Agenda {
    entries: BTreeMap<PersonId, Entry>,
    /// The next question.
    next: Question,
    due: BTreeSet<PersonId>,
    wakes: BTreeSet<(DateTime<Utc>, PersonId)>,
    watchers: BTreeMap<PersonId, BTreeSet<PersonId>>,
}

impl Agenda {
    /// One without people, which was asked as often.
    pub(super) fn emptied(&self) -> Self {
        Self { next: self.next, ..Self::default() }
    }

    /// Who is due at an instant; whoever was woken stays due until a new appointment.
    pub(super) fn due(&mut self, now: DateTime<Utc>) -> Due {
        while self.wakes.first().is_some_and(|(wake, _)| *wake <= now) {
            let Some((_, person)) = self.wakes.pop_first() else { break };
            if let Some(entry) = self.entries.get_mut(&person) {
                entry.wake = None;
                entry.due = Some(self.next);
            }
            self.due.insert(person);
        }
        let question = self.next;
        self.next = Question(question.0 + 1);
        Due { people: self.due.clone(), question }
    }

    /// The same entry of somebody who became due just now.
    pub(super) fn woken(&self, entry: Entry) -> Entry {
        Entry { due: Some(self.next), ..entry }
    }

    /// Puts an entry in the place of the person's earlier one.
    pub(super) fn put(&mut self, person: PersonId, entry: Entry) {
        let before = self.entries.remove(&person).unwrap_or_default();
        if let Some(wake) = before.wake.filter(|wake| entry.wake != Some(*wake)) {
            self.wakes.remove(&(wake, person.clone()));
        }
        for watched in before.watches.difference(&entry.watches) {
            if let Some(watchers) = self.watchers.get_mut(watched) {
                watchers.remove(&person);
                if watchers.is_empty() {
                    self.watchers.remove(watched);
                }
            }
        }
        for watched in entry.watches.difference(&before.watches) {
            self.watchers.entry(watched.clone()).or_default().insert(person.clone());
        }
        if let Some(wake) = entry.wake {
            self.wakes.insert((wake, person.clone()));
        }
        if entry.is_due() {
            self.due.insert(person.clone());
        } else {
            self.due.remove(&person);
        }
        if entry != Entry::default() {
            self.entries.insert(person, entry);
        }
    }
}

/// Changes of an agenda that were not made yet.
#[derive(Debug)]
pub(super) struct AgendaDraft<'a> {
    before: &'a Agenda,
    entries: BTreeMap<PersonId, Entry>,
}

impl<'a> AgendaDraft<'a> {
    pub(super) fn new(before: &'a Agenda) -> Self {
        Self { before, entries: BTreeMap::new() }
    }

    pub(super) fn make_due(&mut self, person: PersonId) {
        let next = self.before.next;
        self.entry(person).due = Some(next);
    }

    /// An account or a record of this person changed: whoever looks at it is due.
    pub(super) fn moved(&mut self, person: &PersonId) {
        for watcher in self.before.watchers.get(person).into_iter().flatten() {
            self.make_due(watcher.clone());
        }
    }

    pub(super) fn keep(&mut self, appointment: Appointment, question: Option<Question>) {
        let next = self.before.next;
        let entry = self.entry(appointment.person);
        entry.wake = appointment.wake;
        entry.watches = appointment.watches;
        if appointment.again {
            entry.due = Some(next);
        } else if entry.due.is_some_and(|since| question.is_some_and(|question| since <= question)) {
            // Whoever became due after the question was asked was decided on what was so before.
            entry.due = None;
        }
    }

    /// Forgets people; whoever points at them is due, and points at them no more.
    pub(super) fn forget(&mut self, people: &BTreeSet<PersonId>) {
        for person in people {
            self.moved(person);
            for watcher in self.before.watchers.get(person).into_iter().flatten() {
                self.entry(watcher.clone()).watches.remove(person);
            }
        }
        self.entries.retain(|person, _| !people.contains(person));
    }

    pub(super) fn finish(self) -> BTreeMap<PersonId, Entry> {
        self.entries
    }

    fn entry(&mut self, person: PersonId) -> &mut Entry {
        let before = |person: &PersonId| self.before.entries.get(person).cloned().unwrap_or_default();
        self.entries.entry(person).or_insert_with_key(before)
    }
}
