//! The chain over SHA-256(salt || payload): altering, dropping or reordering a record breaks it, erasing a payload does not.

use serde::{Deserialize, Serialize};

use crate::audit::Record;
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

/// Checks a chain from its first record.
#[must_use]
pub fn verify<'a>(records: impl IntoIterator<Item = &'a Sealed>, expected: Option<Head>) -> Verdict {
    let mut head = Head::EMPTY;
    for sealed in records {
        let broken = |what| Verdict::BrokenAt { place: head.records, what };
        if sealed.place != head.records {
            return broken("it is not in its place");
        }
        if let Some((salt, payload)) = &sealed.content
            && digest(&[&salt.0, payload.as_bytes()]) != sealed.digest
        {
            return broken("its payload was altered");
        }
        let hash = link(head.hash, sealed.place, sealed.digest);
        if hash != sealed.hash {
            return broken("its hash does not follow from the one before");
        }
        head = Head { records: head.records + 1, hash };
    }
    match expected {
        None => Verdict::WholeSoFar,
        Some(expected) if expected == head => Verdict::Whole,
        Some(_) => Verdict::OtherHead { found: head },
    }
}
