//! What goes wrong on purpose, and when: the same for the same settings and order of calls.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use http::StatusCode;

/// What goes wrong. Nothing, by default.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Faults {
    /// Reads show what was there this long ago.
    pub lag: Duration,
    /// Answered 429 instead of being done.
    pub throttled: Option<Throttled>,
    /// Answered with an error of the server instead of being done.
    pub broken: Option<Broken>,
    /// Done, but the answer is lost: every so many calls.
    pub dropped: Option<u64>,
    /// What choices that look random follow from.
    pub seed: u64,
}

/// Every so many calls 429.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Throttled {
    /// 10: the tenth call, the twentieth, and so on.
    pub every: u64,
    /// How the answer says how long to wait.
    pub retry_after: RetryAfter,
}

/// Every so many calls an error of the server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Broken {
    /// 10: the tenth call, the twentieth, and so on.
    pub every: u64,
    /// 500, 503 or 504, as a rule.
    pub status: StatusCode,
    /// How the answer says how long to wait.
    pub retry_after: RetryAfter,
}

/// The ways in which servers write the header `Retry-After`, or do not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RetryAfter {
    /// No such header.
    Absent,
    /// Whole seconds, `2`.
    Seconds(u32),
    /// Seconds with three decimals, given in milliseconds: `0.250`.
    Decimal(u32),
    /// The date and time that lie so many seconds ahead, `Wed, 21 Oct 2026 07:28:00 GMT`.
    Date(u32),
}

impl RetryAfter {
    /// What the header holds at an instant.
    #[must_use]
    pub fn header(self, now: DateTime<Utc>) -> Option<String> {
        match self {
            Self::Absent => None,
            Self::Seconds(seconds) => Some(seconds.to_string()),
            Self::Decimal(millis) => Some(format!("{}.{:03}", millis / 1_000, millis % 1_000)),
            Self::Date(seconds) => {
                let at = now + TimeDelta::seconds(i64::from(seconds));
                Some(at.format("%a, %d %b %Y %H:%M:%S GMT").to_string())
            }
        }
    }
}

/// What becomes of one call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// It is done and answered.
    Answered,
    /// It is not done, and answered with this status.
    Refused(StatusCode, RetryAfter),
    /// It is done, and the answer is lost.
    Dropped,
}

/// Faults and how many calls they were asked about.
#[derive(Debug, Clone, Default)]
pub struct Fates {
    faults: Faults,
    calls: u64,
}

impl Fates {
    /// The faults in force.
    #[must_use]
    pub fn faults(&self) -> &Faults {
        &self.faults
    }

    /// Puts other faults in force and counts calls from none.
    pub fn set(&mut self, faults: Faults) {
        *self = Self { faults, calls: 0 };
    }

    /// Counts one more call and says what becomes of it. Where several faults fall on one call, the first of 429, error
    /// and loss is taken.
    pub fn judge(&mut self) -> Fate {
        self.calls += 1;
        let falls = |every: u64| every > 0 && self.calls.is_multiple_of(every);
        match &self.faults {
            Faults { throttled: Some(Throttled { every, retry_after }), .. } if falls(*every) => {
                Fate::Refused(StatusCode::TOO_MANY_REQUESTS, *retry_after)
            }
            Faults { broken: Some(Broken { every, status, retry_after }), .. } if falls(*every) => {
                Fate::Refused(*status, *retry_after)
            }
            Faults { dropped: Some(every), .. } if falls(*every) => Fate::Dropped,
            Faults { .. } => Fate::Answered,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retry_after_comes_in_every_form() {
        let now = "2026-10-21T07:27:30Z".parse().unwrap();
        let cases = [
            (RetryAfter::Absent, None),
            (RetryAfter::Seconds(7), Some("7")),
            (RetryAfter::Decimal(2_128), Some("2.128")),
            (RetryAfter::Decimal(45), Some("0.045")),
            (RetryAfter::Date(30), Some("Wed, 21 Oct 2026 07:28:00 GMT")),
        ];
        for (form, expected) in cases {
            assert_eq!(form.header(now).as_deref(), expected, "{form:?}");
        }
    }

    #[test]
    fn each_fault_falls_on_its_calls() {
        let mut fates = Fates::default();
        assert_eq!(fates.judge(), Fate::Answered);
        fates.set(Faults {
            throttled: Some(Throttled { every: 3, retry_after: RetryAfter::Seconds(1) }),
            broken: Some(Broken { every: 4, status: StatusCode::BAD_GATEWAY, retry_after: RetryAfter::Absent }),
            dropped: Some(5),
            ..Faults::default()
        });
        let seen: String = (0..12)
            .map(|_| match fates.judge() {
                Fate::Answered => '.',
                Fate::Refused(StatusCode::TOO_MANY_REQUESTS, _) => 't',
                Fate::Refused(..) => 'b',
                Fate::Dropped => 'd',
            })
            .collect();
        assert_eq!(seen, "..tbdt.btd.t");
    }
}
