//! How often a call to AFAS is made.

use std::time::Duration;

use http::StatusCode;
use transport::{Attempt, Backoff, Next, RetryPolicy};

/// [`Backoff::standard`] with what is peculiar to AFAS.
///
/// A complaint (500) is made only three times: it may be a record that somebody has locked, but most of them stay, and
/// AFAS keeps a logbook of them. A pause of five minutes or more is planned maintenance, for which nobody waits: the
/// next run reads.
#[derive(Debug, Clone)]
pub struct AfasRetry(Backoff);

impl AfasRetry {
    /// The policy.
    #[must_use]
    pub fn standard() -> Self {
        Self(Backoff::standard())
    }

    /// The same over another back-off.
    #[must_use]
    pub fn over(backoff: Backoff) -> Self {
        Self(backoff)
    }
}

impl RetryPolicy for AfasRetry {
    fn after(&self, attempt: &Attempt<'_>) -> Next {
        let is_complaint = attempt.result.is_ok_and(|answer| answer.status() == StatusCode::INTERNAL_SERVER_ERROR);
        // The transport takes a longer pause for one of this length.
        let is_long = attempt.retry_after.is_some_and(|wait| wait >= self.0.longest_pause);
        if is_long || (is_complaint && attempt.number >= 3) { Next::Stop } else { self.0.after(attempt) }
    }

    fn longest_pause(&self) -> Duration {
        self.0.longest_pause
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use http::Response;

    use super::*;

    fn after(number: u32, status: u16, retry_after: Option<u64>) -> Next {
        let answer = Response::builder().status(status).body(Bytes::new()).unwrap();
        let retry_after = retry_after.map(Duration::from_secs);
        let policy = AfasRetry::over(Backoff::standard().spread_by(|wait| wait));
        policy.after(&Attempt { number, result: Ok(&answer), retry_after })
    }

    #[test]
    fn complaints_are_made_three_times_and_maintenance_is_not_waited_for() {
        let wait = |millis| Next::Wait(Duration::from_millis(millis));
        for (number, status, retry_after, expected) in [
            (1, 500, None, wait(500)),
            (2, 500, None, wait(1000)),
            (3, 500, None, Next::Stop),
            (3, 502, None, wait(2000)),
            (1, 503, Some(60), wait(60_000)),
            (1, 503, Some(299), wait(299_000)),
            (1, 503, Some(300), Next::Stop),
            (1, 503, Some(7200), Next::Stop),
            (1, 404, None, Next::Stop),
        ] {
            assert_eq!(after(number, status, retry_after), expected, "{number} {status} {retry_after:?}");
        }
    }
}
