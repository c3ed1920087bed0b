//! What happened in which order, from which deltas are read: a reading costs what changed, not what is there.

use chrono::{DateTime, Utc};

use super::directory::Key;

/// One thing that happened.
#[derive(Debug, Clone, Copy)]
pub(super) struct Change {
    at: DateTime<Utc>,
    pub(super) key: Key,
    /// Who came into the group, or went.
    pub(super) member: Option<Key>,
}

/// Everything that happened to the objects of one class. Its numbers begin at 1.
#[derive(Debug, Default)]
pub(super) struct Feed {
    changes: Vec<Change>,
}

impl Feed {
    /// Adds what happened and gives its number. Time does not run backwards here, whatever the clock does.
    pub(super) fn push(&mut self, at: DateTime<Utc>, key: Key, member: Option<Key>) -> usize {
        let at = self.changes.last().map_or(at, |last| last.at.max(at));
        self.changes.push(Change { at, key, member });
        self.changes.len()
    }

    /// The number of the last thing that happened until an instant.
    pub(super) fn until(&self, instant: DateTime<Utc>) -> usize {
        self.changes.partition_point(|change| change.at <= instant)
    }

    /// What happened after one number, up to another and with it.
    pub(super) fn between(&self, after: usize, until: usize) -> &[Change] {
        self.changes.get(after..until).unwrap_or_default()
    }

    /// The number of the last thing that happened.
    pub(super) fn last(&self) -> usize {
        self.changes.len()
    }
}
