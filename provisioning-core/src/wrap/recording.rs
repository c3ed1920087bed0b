use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;
use futures::StreamExt;
use futures::stream::BoxStream;

use crate::plan::{Action, Wave};
use crate::port::{Outcome, Permit, PortError, TargetConnector};
use crate::source::Cursor;
use crate::target::{Capabilities, TargetReading};

/// What went through a [`Recording`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Recorded {
    /// It was read whole.
    Whole,
    /// It was read since a cursor.
    Changes,
    /// An action was answered, done or not; one whose outcome never came is not here.
    Sent(Box<Action>),
}

/// A target that remembers what it was asked, in order.
#[derive(Debug)]
pub struct Recording<T> {
    inner: T,
    log: Mutex<Vec<Recorded>>,
}

impl<T> Recording<T> {
    /// Remembers what `inner` is asked.
    pub fn new(inner: T) -> Self {
        Self { inner, log: Mutex::new(Vec::new()) }
    }

    /// The target itself.
    pub fn inner(&self) -> &T {
        &self.inner
    }

    /// What it was asked since this was last called.
    pub fn take(&self) -> Vec<Recorded> {
        std::mem::take(&mut *self.log.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn note(&self, what: Recorded) {
        self.log.lock().unwrap_or_else(PoisonError::into_inner).push(what);
    }
}

#[async_trait]
impl<T: TargetConnector> TargetConnector for Recording<T> {
    fn describe(&self) -> Capabilities {
        self.inner.describe()
    }

    async fn observe(&self, since: Option<&Cursor>) -> Result<TargetReading, PortError> {
        self.note(if since.is_some() { Recorded::Changes } else { Recorded::Whole });
        self.inner.observe(since).await
    }

    fn apply<'a>(&'a self, wave: &'a Wave, permit: Permit) -> BoxStream<'a, Outcome> {
        let sent = move |outcome: Outcome| {
            if let Some(action) = wave.actions.iter().find(|action| action.id == outcome.action) {
                self.note(Recorded::Sent(Box::new(action.clone())));
            }
            outcome
        };
        self.inner.apply(wave, permit).map(sent).boxed()
    }
}
