use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use futures::executor::block_on;
use futures::future::join_all;
use futures::poll;
use secrecy::{ExposeSecret, SecretString};

use transport::{AccessToken, Timer, TokenCache, TokenSource};

use crate::script::ManualTimer;

/// Gives `token-1`, `token-2` and so on, or fails.
#[derive(Clone, Default)]
struct Counter {
    fetched: Arc<AtomicU32>,
    life: Arc<Mutex<u64>>,
    fails: Arc<Mutex<bool>>,
    /// While it is set no request for a token ends.
    stalls: Arc<AtomicBool>,
}

#[derive(Debug, Clone, Copy, PartialEq)]
struct Refused;

#[async_trait]
impl TokenSource for Counter {
    type Error = Refused;

    async fn fetch(&self) -> Result<AccessToken, Refused> {
        let number = self.fetched.fetch_add(1, Ordering::Relaxed) + 1;
        while self.stalls.load(Ordering::Relaxed) {
            tokio::task::yield_now().await;
        }
        if *self.fails.lock().unwrap() {
            return Err(Refused);
        }
        let life = Duration::from_secs(*self.life.lock().unwrap());
        Ok(AccessToken { secret: format!("token-{number}").into(), life })
    }
}

struct Bench {
    source: Counter,
    timer: Arc<ManualTimer>,
    cache: TokenCache<Counter>,
}

impl Bench {
    fn new(life: u64) -> Self {
        let (source, timer) = (Counter::default(), Arc::new(ManualTimer::new()));
        *source.life.lock().unwrap() = life;
        Self { cache: TokenCache::new(source.clone(), timer.clone()), source, timer }
    }

    fn token(&self) -> Result<String, Refused> {
        told(block_on(self.cache.token()))
    }

    /// What all are told who ask while a request is under way.
    fn tokens(&self) -> Vec<Result<String, Refused>> {
        self.source.stalls.store(true, Ordering::Relaxed);
        block_on(async {
            let mut all = Box::pin(join_all((0..16).map(|_| self.cache.token())));
            assert!(poll!(all.as_mut()).is_pending());
            self.source.stalls.store(false, Ordering::Relaxed);
            all.await.into_iter().map(told).collect()
        })
    }

    fn later(&self, seconds: u64) {
        self.timer.set(self.timer.now() + Duration::from_secs(seconds));
    }

    fn fetched(&self) -> u32 {
        self.source.fetched.load(Ordering::Relaxed)
    }
}

fn told(token: Result<SecretString, Arc<Refused>>) -> Result<String, Refused> {
    token.map(|token| token.expose_secret().to_owned()).map_err(|error| *error)
}

#[test]
fn all_who_wait_get_the_token_of_one_request() {
    let bench = Bench::new(3600);
    assert_eq!(bench.tokens(), vec![Ok("token-1".to_owned()); 16]);
    assert_eq!(bench.fetched(), 1);
}

#[test]
fn all_who_wait_are_told_of_one_failure_and_the_next_one_asks_anew() {
    let bench = Bench::new(3600);
    *bench.source.fails.lock().unwrap() = true;
    assert_eq!(bench.tokens(), vec![Err(Refused); 16]);
    assert_eq!(bench.fetched(), 1);
    *bench.source.fails.lock().unwrap() = false;
    assert_eq!(bench.token(), Ok("token-2".to_owned()));
}

#[test]
fn a_token_is_replaced_some_minutes_before_its_end() {
    // (life, last second of use)
    for (life, last) in [(3600, 3299), (600, 299), (60, 29)] {
        let bench = Bench::new(life);
        assert_eq!(bench.token(), Ok("token-1".to_owned()));
        bench.later(last);
        assert_eq!(bench.token(), Ok("token-1".to_owned()), "life {life}");
        bench.later(1);
        assert_eq!(bench.token(), Ok("token-2".to_owned()), "life {life}");
        assert_eq!(bench.fetched(), 2);
    }
}

#[test]
fn a_refused_token_is_forgotten_and_a_newer_one_is_not() {
    let bench = Bench::new(3600);
    assert_eq!(bench.token(), Ok("token-1".to_owned()));
    bench.cache.forget(&"token-1".into());
    assert_eq!(bench.token(), Ok("token-2".to_owned()));
    bench.cache.forget(&"token-1".into());
    assert_eq!(bench.token(), Ok("token-2".to_owned()));
    assert_eq!(bench.fetched(), 2);
}

#[test]
fn a_request_that_all_who_waited_gave_up_is_made_anew() {
    let bench = Bench::new(3600);
    bench.source.stalls.store(true, Ordering::Relaxed);
    block_on(async {
        let mut given_up = Box::pin(bench.cache.token());
        assert!(poll!(given_up.as_mut()).is_pending());
    });
    bench.source.stalls.store(false, Ordering::Relaxed);
    assert_eq!(bench.token(), Ok("token-2".to_owned()));
}

#[test]
fn debug_shows_no_token() {
    let bench = Bench::new(3600);
    bench.token().unwrap();
    let token = AccessToken { secret: "token-1".into(), life: Duration::from_secs(1) };
    let shown = format!("{:?} {token:?}", bench.cache);
    assert!(shown.contains("holds_a_token: true") && !shown.contains("token-1"), "{shown}");
}
