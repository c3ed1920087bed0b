//! A Microsoft Entra tenant: the token endpoint, and of the Graph v1.0 users, groups, members, deleted items, deltas and
//! batches.
//!
//! It answers at `/{tenant}/oauth2/v2.0/token` and at `/v1.0/...`. Whatever it does not simulate, it says so: status 501,
//! or 400 with a message that names this simulator.
//!
//! ```
//! use bytes::Bytes;
//! use http::Request;
//! use simulators::{clock, entra::{Tenant, TenantConfig}};
//!
//! # futures::executor::block_on(async {
//! let tenant = Tenant::new(TenantConfig::default(), clock::system());
//! let request = Request::get("https://graph.test/v1.0/users")
//!     .header("authorization", format!("Bearer {}", tenant.issue_token()))
//!     .body(Bytes::new())?;
//! let answer = tenant.call(request).await?;
//! assert_eq!(answer.status(), 200);
//! assert_eq!(tenant.requests().reads(), 1);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! # }).unwrap();
//! ```

mod administrator;
mod answer;
mod ask;
mod batch;
mod body;
mod deleted;
mod delta;
mod directory;
mod errors;
mod feed;
mod filter;
mod groups;
mod history;
mod list;
mod members;
mod path;
mod schema;
mod select;
mod state;
#[cfg(test)]
#[expect(clippy::needless_raw_string_hashes, reason = "this is how expect-test writes what it expects")]
mod tests;
mod token;
mod users;

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::Router;
use bytes::Bytes;
use chrono_tz::Tz;
use http::{HeaderValue, Request, Response};

pub use administrator::{Changes, GroupShown, Mark, Presence, Refused, UserShown};

use crate::clock::Clock;
use crate::faults::{Fate, Faults};
use crate::log::{Entry, Kind, Log};
use crate::service::{Dropped, Simulator};
use answer::{Access, Answered, Graph};
use state::State;

/// What a tenant is like.
#[derive(Clone)]
pub struct TenantConfig {
    /// Its id, which stands in the path of the token endpoint; a verified domain does too.
    pub id: String,
    /// The verified domains: a UPN ends with one of them.
    pub domains: Vec<String>,
    /// The id of the application that may ask.
    pub client_id: String,
    /// The secret of that application.
    pub client_secret: String,
    /// In which zone the days of the recycle bin are counted.
    pub zone: Tz,
    /// How long an access token is good, in seconds.
    pub token_seconds: i64,
    /// How long a delta token is good, in days.
    pub delta_days: i64,
    /// What deleting a security group does.
    pub security_groups: GroupDeletion,
    /// Objects on a page of a list where `$top` does not say.
    pub list_page: usize,
    /// Objects on a page of a delta.
    pub delta_page: usize,
    /// Members, of all groups together, on a page of a delta.
    pub delta_members_page: usize,
    /// What ids and other choices that look random follow from.
    pub seed: u64,
}

/// What deleting a security group does; the documentation differs by version (graph.md 1.8).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GroupDeletion {
    /// It can be restored for 30 days, as a Microsoft 365 group can.
    Restorable,
    /// It is gone at once.
    Final,
}

impl Default for TenantConfig {
    /// A tenant of `example.org`, for tests and for a first look.
    fn default() -> Self {
        Self {
            id: "0b1f5c2e-6f0a-4a57-9d5b-5a1c3f0e7d21".to_owned(),
            domains: vec!["example.org".to_owned()],
            client_id: "3d9b6a70-58a1-4c0f-8e55-2f1f0f7b9c11".to_owned(),
            client_secret: "simulated".to_owned(),
            zone: Tz::UTC,
            token_seconds: 3_599,
            delta_days: 7,
            security_groups: GroupDeletion::Restorable,
            list_page: 100,
            delta_page: 200,
            delta_members_page: 1_000,
            seed: 1,
        }
    }
}

impl fmt::Debug for TenantConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TenantConfig").field("id", &self.id).field("zone", &self.zone).finish_non_exhaustive()
    }
}

/// A simulated tenant. A cheap handle: clones are the same tenant.
#[derive(Clone)]
pub struct Tenant {
    state: Arc<Mutex<State>>,
    clock: Clock,
    log: Log,
}

impl Tenant {
    /// An empty tenant.
    #[must_use]
    pub fn new(config: TenantConfig, clock: Clock) -> Self {
        Self { state: Arc::new(Mutex::new(State::new(config))), clock, log: Log::default() }
    }

    /// It as an axum router.
    pub fn router(&self) -> Router {
        crate::router(self.clone())
    }

    /// Calls it without a socket, under any executor.
    ///
    /// # Errors
    ///
    /// [`Dropped`] where the request was done and the answer is to be lost.
    pub async fn call(&self, request: Request<Bytes>) -> Result<Response<Bytes>, Dropped> {
        std::future::ready(self.answer(request)).await
    }

    /// What it was asked so far. The requests of a batch count one by one.
    #[must_use]
    pub fn requests(&self) -> Log {
        self.log.clone()
    }

    /// Puts faults in force, instead of those before, and counts calls for them from none. Requests for tokens are spared.
    pub fn faults(&self, faults: Faults) {
        self.lock().fates.set(faults);
    }

    /// Every delta token that was issued until now is refused with 410 from now on.
    pub fn forget_deltas(&self) {
        self.lock().resets += 1;
    }

    /// An access token without asking the token endpoint. Such a call is not logged.
    #[must_use]
    pub fn issue_token(&self) -> String {
        self.lock().issue_token()
    }

    /// The state, at the time of the clock.
    fn lock(&self) -> MutexGuard<'_, State> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.pass((self.clock)());
        state
    }
}

impl Simulator for Tenant {
    fn answer(&self, request: Request<Bytes>) -> Result<Response<Bytes>, Dropped> {
        let (parts, body) = request.into_parts();
        let mut state = self.lock();
        let path = parts.uri.path();
        if let Some(tenant) = path.strip_suffix("/oauth2/v2.0/token") {
            let (status, token) = state.token(&parts.method, tenant.trim_start_matches('/'), &body);
            let (target, status_code) = (path.to_owned(), status.as_u16());
            let template = "/{tenant}/oauth2/v2.0/token";
            self.log.add(Entry { method: parts.method, template, target, status: status_code, kind: Kind::Token });
            let headers = vec![("content-type", "application/json".to_owned())];
            let body = Some(token.to_string().into_bytes());
            return sent(Answered { status, headers, body, fate: Fate::Answered });
        }
        let Some(path) = path.strip_prefix("/v1.0") else {
            let refusal = errors::Refusal::not_found(path);
            return sent(state.refused(&parts.headers, refusal));
        };
        let base = base(&parts);
        let query = parts.uri.query().unwrap_or_default();
        let graph = Graph {
            method: &parts.method,
            path,
            query,
            base: &base,
            headers: &parts.headers,
            body: &body,
            access: Access::ToShow,
        };
        sent(state.graph(&graph, &self.log))
    }
}

/// Scheme, host and version as the client wrote them.
fn base(parts: &http::request::Parts) -> String {
    let header = parts.headers.get("host").and_then(|host| host.to_str().ok());
    let host = parts.uri.authority().map(http::uri::Authority::as_str).or(header).unwrap_or("localhost");
    format!("{}://{host}/v1.0", parts.uri.scheme_str().unwrap_or("http"))
}

fn sent(answered: Answered) -> Result<Response<Bytes>, Dropped> {
    if answered.fate == Fate::Dropped {
        return Err(Dropped);
    }
    let mut response = Response::new(Bytes::from(answered.body.unwrap_or_default()));
    *response.status_mut() = answered.status;
    for (name, value) in answered.headers {
        if let Ok(value) = HeaderValue::from_str(&value) {
            response.headers_mut().insert(name, value);
        }
    }
    Ok(response)
}

impl fmt::Debug for Tenant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        f.debug_tuple("Tenant").field(&*state).finish()
    }
}
