//! An exchange that follows a script, and a timer that stands until somebody sleeps.

use std::collections::VecDeque;
use std::sync::Mutex;
use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use bytes::Bytes;
use http::{Request, Response};

use transport::{Backoff, Exchange, Lost, Timer};

/// How long an exchange of the script lasts at most.
pub(crate) const TIME_OUT: Duration = Duration::from_secs(30);

/// Answers by a script of words: a status (`503`), a status with `Retry-After` (`429/2.5`; `_` stands for a blank),
/// `no` (no connection), `lost` (no answer), `odd` (nothing that can be sent).
#[derive(Default)]
pub(crate) struct Script {
    left: Mutex<VecDeque<String>>,
    sent: Mutex<u32>,
}

impl Script {
    pub(crate) fn new(words: &str) -> Self {
        Self { left: Mutex::new(words.split_whitespace().map(str::to_owned).collect()), sent: Mutex::default() }
    }

    /// How many requests came.
    pub(crate) fn sent(&self) -> u32 {
        *self.sent.lock().unwrap()
    }
}

#[async_trait]
impl Exchange for Script {
    async fn exchange(&self, _: Request<Bytes>) -> Result<Response<Bytes>, Lost> {
        *self.sent.lock().unwrap() += 1;
        // Others may send before the answer is there.
        tokio::task::yield_now().await;
        let word = self.left.lock().unwrap().pop_front().expect("a request beyond the script");
        let (status, retry_after) = match word.split_once('/') {
            Some((status, value)) => (status, Some(value.replace('_', " "))),
            None => (word.as_str(), None),
        };
        match status {
            "no" => Err(Lost::not_sent("refused")),
            "lost" => Err(Lost::unanswered("reset")),
            "odd" => Err(Lost::unsendable("no such scheme")),
            status => {
                let answer = Response::builder().status(status);
                let answer = match retry_after {
                    Some(value) => answer.header("retry-after", value),
                    None => answer,
                };
                Ok(answer.body(Bytes::new()).unwrap())
            }
        }
    }

    fn time_out(&self) -> Duration {
        TIME_OUT
    }
}

/// It is 1994-11-06 08:49:00 until somebody sleeps.
#[derive(Debug)]
pub(crate) struct ManualTimer(Mutex<(SystemTime, Vec<f64>)>);

impl ManualTimer {
    pub(crate) fn new() -> Self {
        let start = SystemTime::UNIX_EPOCH + Duration::from_mins(13_068_529);
        Self(Mutex::new((start, Vec::new())))
    }

    pub(crate) fn set(&self, now: SystemTime) {
        self.0.lock().unwrap().0 = now;
    }

    /// How long was slept, in seconds, each time.
    pub(crate) fn slept(&self) -> Vec<f64> {
        self.0.lock().unwrap().1.clone()
    }
}

#[async_trait]
impl Timer for ManualTimer {
    fn now(&self) -> SystemTime {
        self.0.lock().unwrap().0
    }

    async fn sleep(&self, wait: Duration) {
        let mut state = self.0.lock().unwrap();
        state.0 += wait;
        state.1.push(wait.as_secs_f64());
    }
}

/// The standard policy with waits that are not spread.
pub(crate) fn even() -> Backoff {
    Backoff::standard().spread_by(|wait| wait)
}
