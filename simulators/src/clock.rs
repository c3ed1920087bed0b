//! What time it is for a simulator: a closure, so that a test or a replay can let years pass in seconds.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};

/// The time, for a simulator; asked once for each request.
pub type Clock = Arc<dyn Fn() -> DateTime<Utc> + Send + Sync>;

/// The time of this machine.
#[must_use]
pub fn system() -> Clock {
    Arc::new(Utc::now)
}

/// A clock that stands still until someone moves it.
#[derive(Clone)]
pub struct ByHand {
    now: Arc<Mutex<DateTime<Utc>>>,
}

impl ByHand {
    /// It stands at `start`.
    #[must_use]
    pub fn at(start: DateTime<Utc>) -> Self {
        Self { now: Arc::new(Mutex::new(start)) }
    }

    /// What a simulator takes. It follows the moves of this clock.
    #[must_use]
    pub fn clock(&self) -> Clock {
        let own = self.clone();
        Arc::new(move || own.now())
    }

    /// Where it stands.
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        *self.now.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Moves it to an instant, also to an earlier one.
    pub fn set(&self, to: DateTime<Utc>) {
        *self.now.lock().unwrap_or_else(PoisonError::into_inner) = to;
    }

    /// Moves it on.
    pub fn advance(&self, by: TimeDelta) {
        self.set(self.now() + by);
    }
}

impl fmt::Debug for ByHand {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("ByHand").field(&self.now()).finish()
    }
}
