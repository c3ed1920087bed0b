//! What is left of people who were erased: hashes that nobody can turn back, and that know them again.

use std::collections::BTreeSet;
use std::fmt;

use crate::audit::Erasure;
use crate::digest::{Digest, keyed_digest};
use crate::id::{RecordId, TargetId};
use crate::plan::Action;

/// The key under which a store hashes what is left of people who were erased. It never prints.
///
/// Whoever has it can find out whether somebody was erased whose record id or name he can guess, and what was approved for
/// that person. A store makes it once, at
/// random, keeps it beside the audit and never gives it out with one; under another key nobody would be known again.
#[derive(Clone, PartialEq, Eq)]
pub struct NameKey([u8; 32]);

impl NameKey {
    /// A key of these bytes.
    #[must_use]
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }
}

/// A secret: nothing of it.
impl fmt::Debug for NameKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("NameKey")
    }
}

/// The people who were erased, and the names that stay theirs.
#[derive(Clone, PartialEq)]
pub struct Tombstones {
    key: NameKey,
    records: BTreeSet<Digest>,
    names: BTreeSet<(TargetId, Digest)>,
}

/// Counts only.
impl fmt::Debug for Tombstones {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Tombstones({} records, {} names)", self.records.len(), self.names.len())
    }
}

impl Tombstones {
    /// Nobody was erased yet.
    #[must_use]
    pub fn new(key: NameKey) -> Self {
        Self { key, records: BTreeSet::new(), names: BTreeSet::new() }
    }

    /// The tombstone of a record, if somebody of this id was erased.
    #[must_use]
    pub fn of(&self, record: &RecordId) -> Option<Digest> {
        if self.records.is_empty() {
            return None;
        }
        Some(self.record(record)).filter(|tombstone| self.records.contains(tombstone))
    }

    /// Whether somebody who was erased bears a name on a target, compared without case.
    #[must_use]
    pub fn keep_name(&self, target: &TargetId, folded: &str) -> bool {
        !self.names.is_empty() && self.names.contains(&(target.clone(), self.name(target, folded)))
    }

    pub(super) fn key(&self) -> &NameKey {
        &self.key
    }

    pub(super) fn record(&self, record: &RecordId) -> Digest {
        keyed_digest(&self.key.0, &["record", &record.to_string()])
    }

    pub(super) fn name(&self, target: &TargetId, folded: &str) -> Digest {
        keyed_digest(&self.key.0, &["name", target.as_str(), folded])
    }

    pub(super) fn action(&self, action: &Action) -> Digest {
        keyed_digest(&self.key.0, &["action", &action.fingerprint().to_string()])
    }

    pub(super) fn take(&mut self, erasure: &Erasure) {
        self.records.extend(&erasure.tombstones);
        self.names.extend(erasure.names.iter().cloned());
    }
}
