use std::collections::BTreeSet;
use std::fmt;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};

use crate::audit::{Head, Record};
use crate::decide::Appointment;
use crate::id::{AccountId, Actor, PersonId, TargetId};
use crate::ledger::{Erasing, Ledger};
use crate::policy::PolicyVersion;
use crate::source::{Roster, RosterChange};
use crate::target::{Observation, TargetReading};

/// A handle on something that is updated in place.
///
/// Whoever holds a guard must not await; nobody copies everybody, ever.
pub struct Shared<T>(Arc<RwLock<T>>);

impl<T> Shared<T> {
    /// Shares a value.
    pub fn new(value: T) -> Self {
        Self(Arc::new(RwLock::new(value)))
    }

    /// Looks at it.
    pub fn read(&self) -> RwLockReadGuard<'_, T> {
        self.0.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes it; for stores only.
    pub fn write(&self) -> RwLockWriteGuard<'_, T> {
        self.0.write().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T> Clone for Shared<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<T> fmt::Debug for Shared<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Shared")
    }
}

/// The right to commit, until it expires or somebody else takes over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fence {
    /// Grows with every holder; a commit under an older one is refused.
    pub token: u64,
    /// Who holds it.
    pub holder: Actor,
    /// Until when.
    pub until: DateTime<Utc>,
}

/// What an accepted reading changes.
#[derive(Debug, Clone)]
pub enum Acceptance {
    /// The people of a source.
    Roster(RosterChange),
    /// What a target shows.
    Observation(TargetId, TargetReading),
}

/// Which time it was that somebody asked who is due; it means nothing to any other store, nor after it was opened anew.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Question(pub u64);

/// Who has to be decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Due {
    /// The people.
    pub people: BTreeSet<PersonId>,
    /// What goes back with the appointments that come of deciding them.
    pub question: Question,
}

/// Records, and when people have to be decided again: one atomic step.
#[derive(Debug, Clone, Default)]
pub struct Commit {
    /// What happened, in order.
    pub records: Vec<Record>,
    /// When people have to be decided again; each replaces the person's earlier one.
    pub appointments: Vec<Appointment>,
    /// The question after which these people were decided: an appointment ends being due for whoever was due by then. Without
    /// one it does so for nobody.
    pub question: Option<Question>,
}

/// Why a store did not do what it was asked; nothing of it was done.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// Somebody else may commit.
    #[error("the ledger is held by `{holder}` until {until}")]
    Held {
        /// Who.
        holder: Actor,
        /// Until when.
        until: DateTime<Utc>,
    },
    /// The fence expired, or somebody else took over.
    #[error("the right to commit was lost; start a new run")]
    Fenced,
    /// The chain does not end where the caller thinks.
    #[error("the ledger went on since it was looked at; plan again")]
    HeadMoved {
        /// Where it ends.
        head: Head,
    },
    /// The store itself failed.
    #[error("the store failed: {message}")]
    Failed {
        /// What it said.
        message: String,
    },
}

/// The ledger, the roster, what targets show, and who has to be decided.
///
/// # Contract
/// One committer at a time. `ledger`, `roster` and `observation` hand out handles that show every commit at once; `commit`
/// compares the fence and the expected head, appends the records to the chain, folds them into the ledger and keeps the
/// appointments: all of it or nothing. `accept` does the same with a reading.
///
/// # Guarantees
/// A person stays due until an appointment for the person is committed that does not say `again`, and that answers a question
/// asked after the person became due, whoever else asked one since; then until its instant, or until something happens: a
/// record of the person changed, was linked to the person or taken away; a department of the person's, or one above it,
/// changed; somebody else did something with an account of the person's; a directive names the person, or whoever else a
/// record of the person's was first seen as; an account that the person's profile points at changed its state or was adopted;
/// a target on which an account of the person's was adopted goes live; or the policy's version is another one than at the
/// last run (everybody is due then).
/// A new holder waits out what is left of the lease before.
///
/// # Idempotence
/// A refused commit changed nothing and may be made again after reading the head.
///
/// # Errors
/// See [`StoreError`].
#[async_trait]
pub trait Store: Send + Sync {
    /// Takes the right to commit.
    ///
    /// # Errors
    /// [`StoreError::Held`] while somebody else has it.
    async fn acquire(&self, holder: &Actor, ttl: TimeDelta) -> Result<Fence, StoreError>;

    /// Makes a fence last longer.
    ///
    /// # Errors
    /// [`StoreError::Fenced`] when it is too late.
    async fn renew(&self, fence: &Fence, ttl: TimeDelta) -> Result<Fence, StoreError>;

    /// Gives the right to commit back.
    ///
    /// # Errors
    /// Only when the store itself fails.
    async fn release(&self, fence: Fence) -> Result<(), StoreError>;

    /// The people who have to be decided at an instant under a version of the policy, in order of id.
    ///
    /// # Errors
    /// Only when the store itself fails.
    async fn due(&self, now: DateTime<Utc>, policy: &PolicyVersion) -> Result<Due, StoreError>;

    /// What we did and what people said.
    fn ledger(&self) -> Shared<Ledger>;

    /// The accepted people.
    fn roster(&self) -> Shared<Roster>;

    /// What a target shows; empty and incomplete until it was read.
    fn observation(&self, target: &TargetId) -> Shared<Observation>;

    /// Takes a reading in, with the records that say so; of a target, the accounts that it speaks of come back; the
    /// people behind them are not due for that alone.
    ///
    /// # Errors
    /// See [`StoreError`].
    async fn accept(
        &self,
        fence: &Fence,
        expected: Head,
        acceptance: Acceptance,
        records: Vec<Record>,
    ) -> Result<(Head, BTreeSet<AccountId>), StoreError>;

    /// Appends records, folds them in and keeps appointments.
    ///
    /// # Errors
    /// See [`StoreError`].
    async fn commit(&self, fence: &Fence, expected: Head, commit: Commit) -> Result<Head, StoreError>;

    /// Erases a person: salt and payload of every record that [`Erasing::finder`] finds, the person's records in the roster,
    /// and what is kept of when the person and whoever the person points at have to be decided; then appends the record of
    /// the erasure. All of it or nothing, also when the process is killed.
    ///
    /// The ledger becomes what [`Ledger::erase`] makes of it, which is what folding the records that are left gives. Whoever
    /// pointed at the person is due. Nothing of anybody else is touched, and the chain stays whole.
    ///
    /// # Errors
    /// See [`StoreError`].
    async fn erase(&self, fence: &Fence, expected: Head, erasing: &Erasing) -> Result<Head, StoreError>;

    /// Makes people due.
    ///
    /// # Errors
    /// See [`StoreError`].
    async fn make_due(&self, fence: &Fence, people: BTreeSet<PersonId>) -> Result<(), StoreError>;
}
