//! A store in memory.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};

use crate::audit::{Finder, Head, Record, Salt, Sealed};
use crate::books::{Books, Change, Handles};
use crate::clock::Clock;
use crate::digest::digest;
use crate::id::{AccountId, Actor, PersonId, TargetId};
use crate::ledger::{Erasing, Ledger, NameKey};
use crate::policy::PolicyVersion;
use crate::port::{Acceptance, Commit, Due, Fence, Shared, Store, StoreError};
use crate::settings::Settings;
use crate::source::Roster;
use crate::target::Observation;

/// Where sealed records go.
pub trait Sink: Send + Sync + fmt::Debug {
    /// Takes a record.
    fn take(&mut self, sealed: Sealed);

    /// Drops the salt and the payload of what is found among those that it kept, and says where they were; nothing where it
    /// keeps none.
    fn erase(&mut self, _finder: Finder<'_>) -> BTreeSet<u64> {
        BTreeSet::new()
    }
}

/// Drops every record; only the ledger and the head remain.
#[derive(Debug, Clone, Copy, Default)]
pub struct Discard;

impl Sink for Discard {
    fn take(&mut self, _: Sealed) {}
}

/// Keeps every record, for whoever holds a clone.
#[derive(Debug, Clone, Default)]
pub struct Kept(Arc<Mutex<Vec<Sealed>>>);

impl Kept {
    /// The records so far.
    #[must_use]
    pub fn records(&self) -> Vec<Sealed> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn edit<T>(&self, change: impl FnOnce(&mut Vec<Sealed>) -> T) -> T {
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Sink for Kept {
    fn take(&mut self, sealed: Sealed) {
        self.edit(|records| records.push(sealed));
    }

    fn erase(&mut self, mut finder: Finder<'_>) -> BTreeSet<u64> {
        self.edit(|records| finder.erase_in(records))
    }
}

#[derive(Debug)]
struct Inner {
    books: Books,
    sink: Box<dyn Sink>,
    fence: Option<Fence>,
    last_token: u64,
}

/// A store in memory: the ledger, the roster and the head are kept, records go to a sink.
#[derive(Debug)]
pub struct MemoryStore {
    clock: Arc<dyn Clock>,
    seed: String,
    handles: Handles,
    inner: Mutex<Inner>,
}

impl MemoryStore {
    /// An empty store for the tenant and the targets of these settings.
    #[must_use]
    pub fn new(settings: &Settings, clock: Arc<dyn Clock>, sink: Box<dyn Sink>) -> Self {
        let seed = settings.tenant.to_string();
        // From the seed, so that a run can be repeated: nothing here outlives the process.
        let books = Books::new(settings, NameKey::new(digest(&[b"names", seed.as_bytes()]).0));
        Self {
            clock,
            seed,
            handles: books.handles().clone(),
            inner: Mutex::new(Inner { books, sink, fence: None, last_token: 0 }),
        }
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn check(&self, inner: &Inner, fence: &Fence, expected: Option<Head>) -> Result<(), StoreError> {
        let now = self.clock.now();
        let holds = inner.fence.as_ref().is_some_and(|held| held.token == fence.token && now < held.until);
        if !holds {
            return Err(StoreError::Fenced);
        }
        let head = inner.books.head();
        match expected {
            Some(expected) if expected != head => Err(StoreError::HeadMoved { head }),
            _ => Ok(()),
        }
    }

    /// Of the place and the tenant only, so that the same runs end in the same head.
    fn salt(&self, place: u64) -> Salt {
        let full = digest(&[self.seed.as_bytes(), &place.to_be_bytes()]);
        let mut salt = [0; 16];
        salt.iter_mut().zip(full.0).for_each(|(to, from)| *to = from);
        Salt(salt)
    }
}

impl Inner {
    fn make(&mut self, change: Change) -> Head {
        for (sealed, _) in &change.records {
            self.sink.take(sealed.clone());
        }
        self.books.make(change);
        self.books.head()
    }
}

#[async_trait]
impl Store for MemoryStore {
    async fn acquire(&self, holder: &Actor, ttl: TimeDelta) -> Result<Fence, StoreError> {
        let mut inner = self.inner();
        let now = self.clock.now();
        if let Some(held) = inner.fence.as_ref().filter(|held| now < held.until) {
            return Err(StoreError::Held { holder: held.holder.clone(), until: held.until });
        }
        inner.last_token += 1;
        let fence = Fence { token: inner.last_token, holder: holder.clone(), until: now + ttl };
        inner.fence = Some(fence.clone());
        Ok(fence)
    }

    async fn renew(&self, fence: &Fence, ttl: TimeDelta) -> Result<Fence, StoreError> {
        let mut inner = self.inner();
        self.check(&inner, fence, None)?;
        let longer = Fence { until: self.clock.now() + ttl, ..fence.clone() };
        inner.fence = Some(longer.clone());
        Ok(longer)
    }

    async fn release(&self, fence: Fence) -> Result<(), StoreError> {
        let mut inner = self.inner();
        if inner.fence.as_ref().is_some_and(|held| held.token == fence.token) {
            inner.fence = None;
        }
        Ok(())
    }

    async fn due(&self, now: DateTime<Utc>, policy: &PolicyVersion) -> Result<Due, StoreError> {
        let mut inner = self.inner();
        if let Some(change) = inner.books.under(policy) {
            inner.make(change);
        }
        Ok(inner.books.due(now))
    }

    fn ledger(&self) -> Shared<Ledger> {
        self.handles.ledger()
    }

    fn roster(&self) -> Shared<Roster> {
        self.handles.roster()
    }

    fn observation(&self, target: &TargetId) -> Shared<Observation> {
        self.handles.observation(target)
    }

    async fn accept(
        &self,
        fence: &Fence,
        expected: Head,
        acceptance: Acceptance,
        records: Vec<Record>,
    ) -> Result<(Head, BTreeSet<AccountId>), StoreError> {
        let mut inner = self.inner();
        self.check(&inner, fence, Some(expected))?;
        let (change, touched) = inner.books.accept(acceptance, records, &mut |place| self.salt(place));
        Ok((inner.make(change), touched))
    }

    async fn commit(&self, fence: &Fence, expected: Head, commit: Commit) -> Result<Head, StoreError> {
        let mut inner = self.inner();
        self.check(&inner, fence, Some(expected))?;
        let change = inner.books.commit(commit, &mut |place| self.salt(place));
        Ok(inner.make(change))
    }

    async fn erase(&self, fence: &Fence, expected: Head, erasing: &Erasing) -> Result<Head, StoreError> {
        let mut inner = self.inner();
        self.check(&inner, fence, Some(expected))?;
        let erased = inner.sink.erase(erasing.finder());
        let change = inner.books.erase(erasing, erased, &mut |place| self.salt(place));
        Ok(inner.make(change))
    }

    async fn make_due(&self, fence: &Fence, people: BTreeSet<PersonId>) -> Result<(), StoreError> {
        let mut inner = self.inner();
        self.check(&inner, fence, None)?;
        let change = inner.books.make_due(people);
        inner.make(change);
        Ok(())
    }
}
