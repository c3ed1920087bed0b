use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::Response;

use crate::call::{Call, in_doubt};
use crate::error::{CallName, TransportError};
use crate::exchange::{Exchange, Lost, LostKind};
use crate::retry::{Attempt, Backoff, Next, RetryPolicy};
use crate::retry_after::retry_after;
use crate::timer::Timer;

/// Sends calls to one system; clones share the system's pauses.
#[derive(Clone)]
pub struct Transport {
    system: Arc<str>,
    exchange: Arc<dyn Exchange>,
    timer: Arc<dyn Timer>,
    retry: Arc<dyn RetryPolicy>,
    pause: Arc<Mutex<Option<Pause>>>,
}

/// While it lasts no attempt starts.
#[derive(Clone, Copy)]
struct Pause {
    from: SystemTime,
    until: SystemTime,
}

impl Transport {
    /// A transport to a system, whose name stands in errors and logs, with [`Backoff::standard`].
    pub fn new(system: &str, exchange: Arc<dyn Exchange>, timer: Arc<dyn Timer>) -> Self {
        let retry = Arc::new(Backoff::standard());
        Self { system: system.into(), exchange, timer, retry, pause: Arc::default() }
    }

    /// The same with another policy.
    #[must_use]
    pub fn with_retry(self, retry: Arc<dyn RetryPolicy>) -> Self {
        Self { retry, ..self }
    }

    /// The same with its policy behind another one, which asks it where it has nothing to say.
    #[must_use]
    pub fn retry_through(self, wrap: impl FnOnce(Arc<dyn RetryPolicy>) -> Arc<dyn RetryPolicy>) -> Self {
        Self { retry: wrap(self.retry.clone()), ..self }
    }

    /// A transport to another system over the same exchange, with pauses of its own.
    #[must_use]
    pub fn beside(&self, system: &str) -> Self {
        Self { system: system.into(), pause: Arc::default(), ..self.clone() }
    }

    /// The name of the system.
    #[must_use]
    pub fn system(&self) -> &str {
        &self.system
    }

    /// What this transport tells the time by.
    #[must_use]
    pub fn timer(&self) -> &Arc<dyn Timer> {
        &self.timer
    }

    /// Sends a call, as often as its kind and the policy allow, and gives the last answer, whatever its status.
    ///
    /// Before each attempt it waits until the system's pause is over. An attempt starts only if it is over before the
    /// call's `until`; when another one would not be, what came of the last one counts.
    ///
    /// # Errors
    /// [`TransportError`] when there is no answer, or when the last one only asks to wait (429, 503) and an earlier
    /// attempt may have been executed; its kind says what is known.
    pub async fn send(&self, call: Call) -> Result<Response<Bytes>, TransportError> {
        let name = CallName::of(&self.system, &call.request);
        let mut attempts = Attempts::default();
        while self.may_send(&call).await {
            let result = self.exchange.exchange(call.request.clone()).await;
            let next = self.after(&call, attempts.number + 1, result.as_ref());
            log(&name, result.as_ref(), next);
            attempts.add(result);
            match next {
                Next::Wait(wait) if self.is_in_time(&call, wait) => self.timer.sleep(wait).await,
                Next::Wait(_) | Next::Stop => break,
            }
        }
        attempts.conclude(name)
    }

    /// Waits until the pause is over; false when an attempt would then last too long.
    async fn may_send(&self, call: &Call) -> bool {
        loop {
            let pause = self.pause_left();
            if !self.is_in_time(call, pause) {
                return false;
            }
            if pause.is_zero() {
                return true;
            }
            self.timer.sleep(pause).await;
        }
    }

    /// Whether an attempt that starts after this wait is over in time.
    fn is_in_time(&self, call: &Call, wait: Duration) -> bool {
        let Some(until) = call.until else { return true };
        let needed = wait.saturating_add(self.exchange.time_out());
        self.timer.now().checked_add(needed).is_some_and(|end| end <= until)
    }

    fn after(&self, call: &Call, number: u32, result: Result<&Response<Bytes>, &Lost>) -> Next {
        let retry_after = result.ok().and_then(|answer| self.take_over_pause(answer));
        if result.is_ok_and(|answer| answer.status().as_u16() < 400) || !call.repeat.allows_after(result) {
            return Next::Stop;
        }
        self.retry.after(&Attempt { number, result, retry_after })
    }

    /// A pause that the server asks for holds every call of this transport.
    fn take_over_pause(&self, answer: &Response<Bytes>) -> Option<Duration> {
        if answer.status().as_u16() < 400 {
            // On such an answer the header says when to look at a job that was started.
            return None;
        }
        let from = self.timer.now();
        let wait = retry_after(answer.headers(), from)?.min(self.retry.longest_pause());
        let until = from.checked_add(wait)?;
        let mut pause = self.pause.lock().unwrap_or_else(PoisonError::into_inner);
        if pause.is_none_or(|earlier| earlier.until < until || from < earlier.from) {
            *pause = Some(Pause { from, until });
        }
        Some(wait)
    }

    fn pause_left(&self) -> Duration {
        let now = self.timer.now();
        let pause = *self.pause.lock().unwrap_or_else(PoisonError::into_inner);
        // A clock that was set back since then does not make the pause longer.
        let pause = pause.filter(|pause| pause.from <= now);
        pause.and_then(|pause| pause.until.duration_since(now).ok()).unwrap_or_default()
    }
}

impl fmt::Debug for Transport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Transport").field("system", &self.system).field("retry", &self.retry).finish_non_exhaustive()
    }
}

/// The attempts of one call so far.
#[derive(Default)]
struct Attempts {
    number: u32,
    last: Option<Result<Response<Bytes>, Lost>>,
    /// Whether one before the last may have been executed.
    doubt: bool,
}

impl Attempts {
    fn add(&mut self, result: Result<Response<Bytes>, Lost>) {
        self.doubt |= self.last.as_ref().is_some_and(|last| in_doubt(last.as_ref()));
        self.number += 1;
        self.last = Some(result);
    }

    fn conclude(self, name: CallName) -> Result<Response<Bytes>, TransportError> {
        match self.last {
            None => Err(TransportError::too_late(name)),
            Some(Ok(answer)) if self.doubt && asks_to_wait(&answer) => {
                let lost = Lost::unanswered(format!("the last answer was {}", answer.status()));
                Err(TransportError::unanswered(name, self.number, lost))
            }
            Some(Ok(answer)) => Ok(answer),
            Some(Err(lost)) if self.doubt || lost.kind == LostKind::Unanswered => {
                Err(TransportError::unanswered(name, self.number, lost))
            }
            Some(Err(lost)) => Err(TransportError::not_sent(name, self.number, lost)),
        }
    }
}

/// Whether an answer says that nothing was executed, and nothing of what went before.
fn asks_to_wait(answer: &Response<Bytes>) -> bool {
    matches!(answer.status().as_u16(), 429 | 503) && !in_doubt(Ok(answer))
}

fn log(name: &CallName, result: Result<&Response<Bytes>, &Lost>, next: Next) {
    let CallName { system, method, address } = name;
    let wait = match next {
        Next::Stop => None,
        Next::Wait(wait) => Some(wait.as_secs_f64()),
    };
    match result {
        Ok(answer) => tracing::debug!(%system, %method, address, status = answer.status().as_u16(), wait, "answer"),
        Err(lost) => tracing::debug!(%system, %method, address, lost = %lost.source, wait, "no answer"),
    }
}
