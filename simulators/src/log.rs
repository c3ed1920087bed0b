//! What a simulator was asked: every request counted, the latest ones by name.

use std::collections::{BTreeMap, VecDeque};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use http::Method;

/// How many of the latest requests are kept one by one; counts go on for ever.
const KEPT: usize = 10_000;

/// The requests that one simulator answered. A cheap handle: clones show the same log.
#[derive(Clone, Default)]
pub struct Log {
    inner: Arc<Mutex<Inner>>,
}

#[derive(Default)]
struct Inner {
    counts: Counts,
    entries: VecDeque<Entry>,
}

/// One request and how it ended.
#[derive(Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its method.
    pub method: Method,
    /// What its path looks like without ids, as in `/users/{id}`.
    pub template: &'static str,
    /// Its path and query as sent. It may hold personal data: `Debug` leaves it out.
    pub target: String,
    /// The status of the answer; also where the answer was dropped.
    pub status: u16,
    /// What it counts as.
    pub kind: Kind,
}

/// What a request counts as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// A GET.
    Read,
    /// Any other method.
    Write,
    /// A request for an access token.
    Token,
    /// An envelope around other requests, which are counted one by one.
    Batch,
}

/// How many requests there were.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Counts {
    /// GETs.
    pub reads: u64,
    /// All other methods.
    pub writes: u64,
    /// Requests for an access token.
    pub tokens: u64,
    /// Envelopes around other requests.
    pub batches: u64,
    /// By method and path template, `PATCH /users/{id}`; all kinds together.
    pub by_path: BTreeMap<String, u64>,
}

impl Counts {
    /// What was added since an earlier count of the same log.
    #[must_use]
    pub fn since(&self, earlier: &Self) -> Self {
        let more = |(path, now): (&String, &u64)| {
            let more = now - earlier.by_path.get(path).copied().unwrap_or(0).min(*now);
            (more > 0).then(|| (path.clone(), more))
        };
        Self {
            reads: self.reads.saturating_sub(earlier.reads),
            writes: self.writes.saturating_sub(earlier.writes),
            tokens: self.tokens.saturating_sub(earlier.tokens),
            batches: self.batches.saturating_sub(earlier.batches),
            by_path: self.by_path.iter().filter_map(more).collect(),
        }
    }
}

impl Log {
    /// All requests so far.
    #[must_use]
    pub fn counts(&self) -> Counts {
        self.lock().counts.clone()
    }

    /// How many GETs so far.
    #[must_use]
    pub fn reads(&self) -> u64 {
        self.lock().counts.reads
    }

    /// How many requests of other methods so far, without those for tokens.
    #[must_use]
    pub fn writes(&self) -> u64 {
        self.lock().counts.writes
    }

    /// The latest requests, the oldest of them first.
    #[must_use]
    pub fn entries(&self) -> Vec<Entry> {
        self.lock().entries.iter().cloned().collect()
    }

    /// Adds a request.
    pub fn add(&self, entry: Entry) {
        let mut inner = self.lock();
        let counts = &mut inner.counts;
        match entry.kind {
            Kind::Read => counts.reads += 1,
            Kind::Write => counts.writes += 1,
            Kind::Token => counts.tokens += 1,
            Kind::Batch => counts.batches += 1,
        }
        *counts.by_path.entry(format!("{} {}", entry.method, entry.template)).or_default() += 1;
        if inner.entries.len() == KEPT {
            inner.entries.pop_front();
        }
        inner.entries.push_back(entry);
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Log {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Log").field(&self.lock().counts).finish()
    }
}

impl fmt::Debug for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} -> {}", self.method, self.template, self.status)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(method: Method, kind: Kind) -> Entry {
        Entry { method, template: "/users/{id}", target: "/users/anna@example.org".to_owned(), status: 200, kind }
    }

    #[test]
    fn requests_are_counted_by_kind_and_path() {
        let log = Log::default();
        log.add(entry(Method::GET, Kind::Read));
        let before = log.counts();
        log.add(entry(Method::PATCH, Kind::Write));
        log.add(entry(Method::PATCH, Kind::Write));
        assert_eq!((log.reads(), log.writes()), (1, 2));
        let since = log.counts().since(&before);
        assert_eq!((since.reads, since.writes), (0, 2));
        assert_eq!(since.by_path, BTreeMap::from([("PATCH /users/{id}".to_owned(), 2)]));
    }

    #[test]
    fn debug_shows_nobody() {
        let log = Log::default();
        log.add(entry(Method::GET, Kind::Read));
        assert_eq!(format!("{:?}", log.entries()), "[GET /users/{id} -> 200]");
        assert!(!format!("{log:?}").contains("anna"), "{log:?}");
    }
}
