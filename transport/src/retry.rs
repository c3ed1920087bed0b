use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{Response, StatusCode};

use crate::exchange::{Lost, LostKind};

/// An attempt that may be followed by another.
#[derive(Clone, Copy)]
pub struct Attempt<'a> {
    /// Which it was; the first is 1.
    pub number: u32,
    /// What came of it: an answer with a status of 400 or more, or none.
    pub result: Result<&'a Response<Bytes>, &'a Lost>,
    /// How long the server asks to wait.
    pub retry_after: Option<Duration>,
}

impl fmt::Debug for Attempt<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Attempt")
            .field("number", &self.number)
            .field("result", &self.result.map(Response::status))
            .field("retry_after", &self.retry_after)
            .finish()
    }
}

/// What follows an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// This was the last one.
    Stop,
    /// Another one after this long.
    Wait(Duration),
}

/// Says whether an attempt is followed by another, and when; it never sleeps and never sends.
///
/// It is asked only where another attempt is allowed at all: what may have been executed is not repeated against the
/// caller's word, whatever a policy says.
pub trait RetryPolicy: Send + Sync + fmt::Debug {
    /// What follows.
    fn after(&self, attempt: &Attempt<'_>) -> Next;

    /// The longest pause of a server that is taken over; a longer one counts as this long.
    fn longest_pause(&self) -> Duration;
}

/// Statuses that pass by themselves; 509 is a bandwidth cap of the Graph.
const PASSING: [u16; 7] = [408, 429, 500, 502, 503, 504, 509];

/// A bounded number of attempts, after as long as the server asks for, else after a wait that doubles and is spread at
/// random.
#[derive(Clone)]
pub struct Backoff {
    /// How often a request is sent at most.
    pub attempts: u32,
    /// The wait after the first attempt, before it is spread.
    pub first: Duration,
    /// The longest wait that nobody asked for.
    pub longest: Duration,
    /// The longest pause of a server that is taken over.
    pub longest_pause: Duration,
    final_statuses: Vec<StatusCode>,
    spread: Spread,
}

/// From the longest wait to the one that is taken.
type Spread = Arc<dyn Fn(Duration) -> Duration + Send + Sync>;

impl Backoff {
    /// Six attempts; waits from half a second to half a minute; pauses of five minutes at most.
    #[must_use]
    pub fn standard() -> Self {
        Self {
            attempts: 6,
            first: Duration::from_millis(500),
            longest: Duration::from_secs(30),
            longest_pause: Duration::from_mins(5),
            final_statuses: Vec::new(),
            spread: Arc::new(|wait| wait.mul_f64(0.5 + rand::random::<f64>() / 2.0)),
        }
    }

    /// With another way to spread waits: from the longest wait to the one that is taken. The standard one takes between
    /// half of it and all.
    #[must_use]
    pub fn spread_by(self, spread: impl Fn(Duration) -> Duration + Send + Sync + 'static) -> Self {
        Self { spread: Arc::new(spread), ..self }
    }

    /// With a status that does not pass by itself on this system: it is final unless the server asks to wait.
    #[must_use]
    pub fn with_final(mut self, status: StatusCode) -> Self {
        self.final_statuses.push(status);
        self
    }

    fn passes(&self, attempt: &Attempt<'_>) -> bool {
        match attempt.result {
            Ok(answer) => {
                let status = answer.status();
                let passing = PASSING.contains(&status.as_u16()) && !self.final_statuses.contains(&status);
                passing || attempt.retry_after.is_some()
            }
            Err(lost) => lost.kind != LostKind::Unsendable,
        }
    }
}

impl RetryPolicy for Backoff {
    fn after(&self, attempt: &Attempt<'_>) -> Next {
        if attempt.number >= self.attempts || !self.passes(attempt) {
            return Next::Stop;
        }
        if let Some(asked) = attempt.retry_after {
            return Next::Wait(asked);
        }
        let doublings = attempt.number.saturating_sub(1).min(20);
        let wait = self.first.saturating_mul(1 << doublings).min(self.longest);
        Next::Wait((self.spread)(wait))
    }

    fn longest_pause(&self) -> Duration {
        self.longest_pause
    }
}

impl fmt::Debug for Backoff {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Backoff")
            .field("attempts", &self.attempts)
            .field("first", &self.first)
            .field("longest", &self.longest)
            .field("longest_pause", &self.longest_pause)
            .field("final_statuses", &self.final_statuses)
            .finish_non_exhaustive()
    }
}
