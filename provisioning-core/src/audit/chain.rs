//! The chain over SHA-256(salt || payload): altering, dropping or reordering a record breaks it. Erasing a payload does not, if
//! a later record says so.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::audit::{Erasure, Fact, Record};
use crate::digest::{Digest, digest};

/// The end of a chain: how many records it has and the hash over them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Head {
    /// How many records.
    pub records: u64,
    /// The hash of the last one, which covers all before it.
    pub hash: Digest,
}

impl Head {
    /// The head of a chain without records.
    pub const EMPTY: Self = Self { records: 0, hash: Digest::ZERO };
}

/// What keeps a short payload from being guessed from its hash; dropped together with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Salt(pub [u8; 16]);

/// A payload is no record that this version of the library knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "record {place} of the audit cannot be read by this version; read it with the version that wrote it, or a later one"
)]
pub struct Unreadable {
    /// The place of the record.
    pub place: u64,
}

/// A record in its place in the chain.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sealed {
    /// Its place, counted from 0.
    pub place: u64,
    /// Salt and payload; `None` once erased.
    pub content: Option<(Salt, String)>,
    /// SHA-256 over salt and payload.
    pub digest: Digest,
    /// SHA-256 over the hash before, the place and the digest.
    pub hash: Digest,
}

/// Payloads may hold personal data.
impl std::fmt::Debug for Sealed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Sealed({}, {:?})", self.place, self.hash)
    }
}

impl Sealed {
    /// Drops salt and payload; the chain stays whole.
    pub fn erase(&mut self) {
        self.content = None;
    }

    /// The record; `None` once erased.
    ///
    /// # Errors
    /// When the payload is no record that this version of the library knows.
    pub fn record(&self) -> Result<Option<Record>, Unreadable> {
        let Some((_, payload)) = &self.content else { return Ok(None) };
        serde_json::from_str(payload).map(Some).map_err(|_| Unreadable { place: self.place })
    }
}

/// A chain being written.
#[derive(Debug, Clone)]
pub struct Chain {
    head: Head,
}

impl Chain {
    /// Goes on from a head.
    #[must_use]
    pub fn from(head: Head) -> Self {
        Self { head }
    }

    /// The end of it.
    #[must_use]
    pub fn head(&self) -> Head {
        self.head
    }

    /// Puts a record at the end.
    pub fn seal(&mut self, record: &Record, salt: Salt) -> Sealed {
        // Records have text keys only, so they always have a JSON form.
        let payload = serde_json::to_string(record).unwrap_or_default();
        let place = self.head.records;
        let content = digest(&[&salt.0, payload.as_bytes()]);
        let hash = link(self.head.hash, place, content);
        self.head = Head { records: place + 1, hash };
        Sealed { place, content: Some((salt, payload)), digest: content, hash }
    }
}

fn link(before: Digest, place: u64, content: Digest) -> Digest {
    digest(&[&before.0, &place.to_be_bytes(), &content.0])
}

/// What verifying a chain says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// Every record is as it was written, and the last one is the expected one.
    Whole,
    /// Every record is as it was written; without an expected head nobody can say whether some are missing at the end.
    WholeSoFar,
    /// The first record that is not as it was written.
    BrokenAt {
        /// Its place.
        place: u64,
        /// What is wrong with it.
        what: &'static str,
    },
    /// The chain ends before the expected head, or elsewhere.
    OtherHead {
        /// Where it ends.
        found: Head,
    },
}

/// A chain being checked, record after record, from its first one or from where it was checked before.
#[derive(Debug, Clone)]
pub struct Check {
    head: Head,
    /// The place from which on records were looked at.
    from: u64,
    /// Records without payload of which no record said yet that they were erased.
    unexplained: BTreeSet<u64>,
}

impl Default for Check {
    fn default() -> Self {
        Self::after(Head::EMPTY)
    }
}

impl Check {
    /// Goes on from the head of what was checked before.
    #[must_use]
    pub fn after(head: Head) -> Self {
        Self { head, from: head.records, unexplained: BTreeSet::new() }
    }

    /// The head of what was checked.
    #[must_use]
    pub fn head(&self) -> Head {
        self.head
    }

    /// Checks the next record; one that is broken is not taken in.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn take(&mut self, sealed: &Sealed) -> Result<(), &'static str> {
        if sealed.place != self.head.records {
            return Err("it is not in its place");
        }
        if let Some((salt, payload)) = &sealed.content
            && digest(&[&salt.0, payload.as_bytes()]) != sealed.digest
        {
            return Err("its payload was altered");
        }
        let hash = link(self.head.hash, sealed.place, sealed.digest);
        if hash != sealed.hash {
            return Err("its hash does not follow from the one before");
        }
        match &sealed.content {
            None => drop(self.unexplained.insert(sealed.place)),
            Some((_, payload)) => self.explain(payload)?,
        }
        self.head = Head { records: self.head.records + 1, hash };
        Ok(())
    }

    /// After the last record: whether each payload that is not there was erased by a record that says so.
    ///
    /// # Errors
    /// The place of the first one that was not, and what is wrong with it.
    pub fn finish(&self) -> Result<(), (u64, &'static str)> {
        self.unexplained.first().map_or(Ok(()), |place| Err((*place, "its payload is gone, and no record says so")))
    }

    fn explain(&mut self, payload: &str) -> Result<(), &'static str> {
        let Some(erasure) = erasure_in(payload) else { return Ok(()) };
        for place in erasure.places.range(self.from..) {
            if !self.unexplained.remove(place) {
                return Err("it says of another record that it was erased, which was not");
            }
        }
        Ok(())
    }
}

/// What an erasure left, where a payload is the record of one.
fn erasure_in(payload: &str) -> Option<Erasure> {
    // Nearly all are records of something else, and are not read for this.
    let record: Record = payload.contains(r#"{"erased":"#).then(|| serde_json::from_str(payload).ok())??;
    if let Fact::Erased(erasure) = record.fact { Some(erasure) } else { None }
}

/// Checks a chain from its first record.
#[must_use]
pub fn verify<'a>(records: impl IntoIterator<Item = &'a Sealed>, expected: Option<Head>) -> Verdict {
    let mut check = Check::default();
    for sealed in records {
        if let Err(what) = check.take(sealed) {
            return Verdict::BrokenAt { place: check.head.records, what };
        }
    }
    // A tail that was cut off may have had the records of erasures.
    if expected.is_some_and(|expected| expected != check.head) {
        return Verdict::OtherHead { found: check.head };
    }
    if let Err((place, what)) = check.finish() {
        return Verdict::BrokenAt { place, what };
    }
    if expected.is_some() { Verdict::Whole } else { Verdict::WholeSoFar }
}
