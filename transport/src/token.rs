use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use futures::FutureExt;
use futures::future::{BoxFuture, Shared};
use secrecy::{ExposeSecret, SecretString};

use crate::timer::Timer;

/// A token, and how long it is good for.
#[derive(Clone)]
pub struct AccessToken {
    /// What goes into the request.
    pub secret: SecretString,
    /// How long it is good, counted from when it was asked for.
    pub life: Duration,
}

impl fmt::Debug for AccessToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AccessToken").field("life", &self.life).finish_non_exhaustive()
    }
}

/// Where tokens come from.
///
/// # Contract
/// Each call asks anew; nothing is kept. It ends by itself: the request has a time-out.
#[async_trait]
pub trait TokenSource: Send + Sync + 'static {
    /// Why there is no token.
    type Error: Send + Sync + 'static;

    /// Asks for a token.
    ///
    /// # Errors
    /// Whatever keeps it from getting one; all who wait for this token are told the same.
    async fn fetch(&self) -> Result<AccessToken, Self::Error>;
}

/// How long before its end a token is no longer handed out; of a short-lived token half its life.
const MARGIN: Duration = Duration::from_mins(5);

/// Keeps a token until shortly before its end. Whoever needs one while one is being fetched waits for that one, also
/// for its failure; a failure is not kept.
pub struct TokenCache<S: TokenSource> {
    source: Arc<S>,
    timer: Arc<dyn Timer>,
    state: Mutex<State<S::Error>>,
}

struct State<E> {
    kept: Option<Kept>,
    flight: Option<Flight<E>>,
}

#[derive(Clone)]
struct Kept {
    secret: SecretString,
    good_until: SystemTime,
}

type Flight<E> = Shared<BoxFuture<'static, Result<Kept, Arc<E>>>>;

impl<S: TokenSource> TokenCache<S> {
    /// An empty cache before a source.
    pub fn new(source: S, timer: Arc<dyn Timer>) -> Self {
        Self { source: Arc::new(source), timer, state: Mutex::new(State { kept: None, flight: None }) }
    }

    /// A token that is good for a while.
    ///
    /// # Errors
    /// The source's error, shared by all who waited for the same token.
    pub async fn token(&self) -> Result<SecretString, Arc<S::Error>> {
        let now = self.timer.now();
        let flight = {
            let mut state = self.state();
            if let Some(kept) = state.kept.as_ref().filter(|kept| now < kept.good_until) {
                return Ok(kept.secret.clone());
            }
            // One that only the cache still holds was given up by all who waited: its time-outs may be over unseen.
            let under_way =
                state.flight.take().filter(|flight| flight.strong_count().is_some_and(|holders| holders > 1));
            let flight = under_way.unwrap_or_else(|| self.depart(now));
            state.flight = Some(flight.clone());
            flight
        };
        let landed = flight.clone().await;
        let mut state = self.state();
        if state.flight.as_ref().is_some_and(|current| current.ptr_eq(&flight)) {
            state.flight = None;
            state.kept = landed.as_ref().ok().cloned();
        }
        landed.map(|kept| kept.secret)
    }

    /// Forgets a token that was refused; one that was fetched since then stays.
    pub fn forget(&self, refused: &SecretString) {
        let mut state = self.state();
        if state.kept.as_ref().is_some_and(|kept| kept.secret.expose_secret() == refused.expose_secret()) {
            state.kept = None;
        }
    }

    fn depart(&self, now: SystemTime) -> Flight<S::Error> {
        let source = self.source.clone();
        let fetch = async move {
            let AccessToken { secret, life } = source.fetch().await.map_err(Arc::new)?;
            let good = life.saturating_sub(MARGIN.min(life / 2));
            Ok(Kept { secret, good_until: now.checked_add(good).unwrap_or(now) })
        };
        fetch.boxed().shared()
    }

    fn state(&self) -> MutexGuard<'_, State<S::Error>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<S: TokenSource> fmt::Debug for TokenCache<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenCache").field("holds_a_token", &self.state().kept.is_some()).finish_non_exhaustive()
    }
}
