use std::fmt;

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use futures::stream::BoxStream;
use secrecy::SecretString;

use crate::audit::{FailureKind, Truth};
use crate::plan::{ActionId, Wave};
use crate::port::{PortError, Shared};
use crate::source::Cursor;
use crate::target::{Capabilities, TargetReading};

/// Leave to write, for as long as the lease lasts; every clone of it sees when the lease is renewed.
///
/// A process that sleeps between its look at the permit and the request sends the request when it wakes, however late, and
/// though another one took over meanwhile: no more than the connector had under way, and none of it is recorded. It does no
/// harm that lasts. The other one's next reading shows it, and what is not wanted any more is undone as what others did is.
#[derive(Debug, Clone)]
pub struct Permit {
    until: Shared<DateTime<Utc>>,
}

impl Permit {
    /// Leave until an instant.
    #[must_use]
    pub fn until(until: DateTime<Utc>) -> Self {
        Self { until: Shared::new(until) }
    }

    /// How long it lasts yet; a connector sends nothing whose deadline may lie beyond.
    #[must_use]
    pub fn remaining(&self, now: DateTime<Utc>) -> TimeDelta {
        (*self.until.read() - now).max(TimeDelta::zero())
    }

    /// The store granted more time: until then, and no longer.
    pub(crate) fn extend(&self, until: DateTime<Utc>) {
        *self.until.write() = until;
    }
}

/// What became of one action.
#[derive(Debug)]
pub struct Outcome {
    /// Which action.
    pub action: ActionId,
    /// What is now true, or why it was not done.
    pub result: Result<Done, Failure>,
}

/// An action that was done, or had been done before.
pub struct Done {
    /// What is now true on the target.
    pub truth: Truth,
    /// A first secret that somebody has to get.
    pub secret: Option<SecretString>,
}

impl Done {
    /// Done, without a secret.
    #[must_use]
    pub fn now(truth: Truth) -> Self {
        Self { truth, secret: None }
    }
}

/// Secrets never show.
impl fmt::Debug for Done {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let secret = if self.secret.is_some() { ", with a secret" } else { "" };
        write!(f, "Done({:?}{secret})", self.truth)
    }
}

/// Why an action was not done.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Failure {
    /// What the next run should think of it.
    pub kind: FailureKind,
    /// For an operator: which call, what to do; no secret, no personal data, URLs without their query.
    pub message: String,
}

/// A system that accounts are kept in.
///
/// # Contract
/// `describe` tells what the target can do and never changes within a run. `observe` gives everything, or what changed since
/// a cursor where the target proves that complete; changes may show accounts without what they hold, and tell apart who was
/// given or lost what ([`TargetChanges::holdings`](crate::target::TargetChanges::holdings)). `apply` does what the actions of
/// one wave say, nothing else, in any order; the actions of one account are done one after the other.
///
/// # Guarantees
/// The stream of `apply` does nothing until it is polled and ends after one outcome for each action; each outcome says what
/// is now true, and is given as soon as it is known: between outcomes the engine renews its lease. Before each send
/// [`Permit::remaining`] is looked at; what would be sent too late fails as
/// [`Transient`](crate::audit::FailureKind::Transient). A created account is disabled and bears its anchor from the first
/// call on. Accounts and resources are named by key; ids made earlier are filled in. Only the attributes that an action
/// names are written.
///
/// # Idempotence
/// Doing an action again does no harm and says the same: a create that finds its anchor answers with that account, a grant
/// that finds the membership holds, a delete that finds nothing is gone.
///
/// # Errors
/// An answer that never came is [`Unknown`](crate::audit::FailureKind::Unknown), never a guess. One failing action does not
/// keep the others from being done.
#[async_trait]
pub trait TargetConnector: Send + Sync {
    /// What the target can do.
    fn describe(&self) -> Capabilities;

    /// Reads everything, or what changed since a cursor.
    ///
    /// # Errors
    /// When the reading cannot be proven complete.
    async fn observe(&self, since: Option<&Cursor>) -> Result<TargetReading, PortError>;

    /// Does what the actions of a wave say.
    fn apply<'a>(&'a self, wave: &'a Wave, permit: Permit) -> BoxStream<'a, Outcome>;
}

#[async_trait]
impl<T: TargetConnector + ?Sized> TargetConnector for std::sync::Arc<T> {
    fn describe(&self) -> Capabilities {
        (**self).describe()
    }

    async fn observe(&self, since: Option<&Cursor>) -> Result<TargetReading, PortError> {
        (**self).observe(since).await
    }

    fn apply<'a>(&'a self, wave: &'a Wave, permit: Permit) -> BoxStream<'a, Outcome> {
        (**self).apply(wave, permit)
    }
}
