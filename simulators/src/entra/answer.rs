//! From a request to its answer: who may ask, what goes wrong on purpose, who does it, and what every answer bears.

use bytes::Bytes;
use http::{HeaderMap, Method, StatusCode};
use serde_json::json;

use super::ask::{Answer, Ask, Content, Query};
use super::errors::Refusal;
use super::path::{OfGroup, OfUser, Part, Route};
use super::schema::Class;
use super::state::State;
use crate::faults::{Fate, RetryAfter};
use crate::log::{Entry, Kind, Log};

/// A request to the Graph, below the version in its path.
pub(super) struct Graph<'a> {
    pub(super) method: &'a Method,
    pub(super) path: &'a str,
    pub(super) query: &'a str,
    /// Scheme, host and version.
    pub(super) base: &'a str,
    pub(super) headers: &'a HeaderMap,
    pub(super) body: &'a Bytes,
    pub(super) access: Access,
}

/// Whether a request has shown its token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Access {
    ToShow,
    /// The batch has in which it came.
    Shown,
}

/// An answer that only has to be put into the form of HTTP, or of an item of a batch.
pub(super) struct Answered {
    pub(super) status: StatusCode,
    pub(super) headers: Vec<(&'static str, String)>,
    pub(super) body: Option<Vec<u8>>,
    pub(super) fate: Fate,
}

impl State {
    /// Answers a request and logs it.
    pub(super) fn graph(&mut self, graph: &Graph<'_>, log: &Log) -> Answered {
        let ask = Ask {
            method: graph.method.clone(),
            route: Route::parse(graph.path),
            url: format!("{}{}", graph.base, graph.path),
            base: graph.base.to_owned(),
            query: Query::parse(graph.query),
            headers: graph.headers.clone(),
            body: graph.body.clone(),
        };
        let access = if graph.access == Access::Shown { Ok(()) } else { self.check_bearer(graph.headers) };
        let (result, fate) = match access {
            Ok(()) => self.fated(&ask, log),
            Err(refusal) => (Err(refusal), Fate::Answered),
        };
        let mut answered = match result {
            Ok(answer) => self.accepted_as(&ask, answer),
            Err(refusal) => self.refused(graph.headers, refusal),
        };
        answered.fate = fate;
        let mark = if graph.query.is_empty() { "" } else { "?" };
        log.add(Entry {
            method: ask.method,
            template: ask.route.template(),
            target: format!("{}{mark}{}", graph.path, graph.query),
            status: answered.status.as_u16(),
            kind: kind(graph.method, &ask.route),
        });
        answered
    }

    /// A batch has no fate of its own: its requests have.
    fn fated(&mut self, ask: &Ask, log: &Log) -> (Result<Answer, Refusal>, Fate) {
        if ask.route == Route::Batch {
            return match self.batch(ask, log) {
                Ok((answer, fate)) => (Ok(answer), fate),
                Err(refusal) => (Err(refusal), Fate::Answered),
            };
        }
        let fate = self.fates.judge();
        match fate {
            Fate::Refused(status, retry_after) => (Err(self.fault(status, retry_after)), fate),
            Fate::Answered | Fate::Dropped => (self.dispatch(ask), fate),
        }
    }

    fn fault(&self, status: StatusCode, retry_after: RetryAfter) -> Refusal {
        let (code, message) = match status {
            StatusCode::TOO_MANY_REQUESTS => ("TooManyRequests", "Too many requests."),
            StatusCode::SERVICE_UNAVAILABLE => ("ServiceUnavailable", "The service is unavailable."),
            StatusCode::GATEWAY_TIMEOUT => ("GatewayTimeout", "The service did not answer in time."),
            _ => ("InternalServerError", "The service failed."),
        };
        let mut refusal = Refusal::new(status, code, message);
        refusal.headers.extend(retry_after.header(self.directory.now).map(|wait| ("retry-after", wait)));
        refusal
    }

    fn dispatch(&mut self, ask: &Ask) -> Result<Answer, Refusal> {
        match &ask.route {
            Route::Users(part) => self.users(ask, *part),
            Route::User(name, of) => self.user(ask, name, *of),
            Route::Groups(part) => self.groups(ask, *part),
            Route::Group(name, of) => self.group(ask, name, of),
            Route::Deleted(cast, part) => self.deleted(ask, *cast, *part),
            Route::DeletedItem(id, of) => self.deleted_item(ask, id, *of),
            Route::Object(id) => self.object(ask, id),
            Route::Organization if ask.method == Method::GET => {
                let domains: Vec<_> = self.config.domains.iter().map(|name| json!({"name": name})).collect();
                Ok(Answer::json(json!({"value": [{"id": self.config.id, "verifiedDomains": domains}]})))
            }
            Route::Domains if ask.method == Method::GET => {
                let domains = self.config.domains.iter().map(|name| json!({"id": name, "isVerified": true}));
                Ok(Answer::json(json!({"value": domains.collect::<Vec<_>>()})))
            }
            Route::Organization | Route::Domains => Err(super::users::not_allowed()),
            Route::Batch => Err(Refusal::bad_request("A batch cannot hold a batch.")),
            Route::Unknown => {
                let message = "Resource not found for the segment; it may be one that this simulator does not know.";
                Err(Refusal::new(StatusCode::BAD_REQUEST, "BadRequest", message))
            }
        }
    }

    /// `/directoryObjects/{id}` is the user or the group.
    fn object(&mut self, ask: &Ask, id: &str) -> Result<Answer, Refusal> {
        let key = self.directory.by_id(id).ok_or_else(|| Refusal::not_found(id))?;
        if self.is_of(key, Class::User) {
            return self.user(ask, id, OfUser::Itself);
        }
        self.group(ask, &super::path::GroupName::Id(id.to_owned()), &OfGroup::Itself)
    }

    fn accepted_as(&mut self, ask: &Ask, answer: Answer) -> Answered {
        let mut headers = self.common(&ask.headers);
        headers.push(("x-ms-resource-unit", cost(ask).to_string()));
        headers.extend(answer.headers);
        let body = match answer.body {
            Content::Nothing => None,
            Content::Json(body) => {
                headers.push(("content-type", "application/json".to_owned()));
                Some(body.to_string().into_bytes())
            }
            Content::Text(text) => {
                headers.push(("content-type", "text/plain".to_owned()));
                Some(text.into_bytes())
            }
        };
        Answered { status: answer.status, headers, body, fate: Fate::Answered }
    }

    pub(super) fn refused(&mut self, asked: &HeaderMap, refusal: Refusal) -> Answered {
        let mut headers = self.common(asked);
        let named = |name: &str| headers.iter().find(|(held, _)| *held == name).map(|(_, value)| value.clone());
        let date = self.directory.now.format("%Y-%m-%dT%H:%M:%S").to_string();
        let inner = json!({"date": date, "request-id": named("request-id"),
            "client-request-id": named("client-request-id")});
        let body = refusal.body(&inner).to_string().into_bytes();
        headers.push(("content-type", "application/json".to_owned()));
        headers.extend(refusal.headers);
        Answered { status: refusal.status, headers, body: Some(body), fate: Fate::Answered }
    }

    /// What every answer bears; the client's own id, or ours where it gave none.
    fn common(&mut self, asked: &HeaderMap) -> Vec<(&'static str, String)> {
        let id = self.random.uuid();
        let given = asked.get("client-request-id").and_then(|id| id.to_str().ok()).map(str::to_owned);
        vec![("client-request-id", given.unwrap_or_else(|| id.clone())), ("request-id", id)]
    }
}

fn kind(method: &Method, route: &Route) -> Kind {
    if *route == Route::Batch {
        Kind::Batch
    } else if *method == Method::GET {
        Kind::Read
    } else {
        Kind::Write
    }
}

/// Resource units (graph.md 1.1).
fn cost(ask: &Ask) -> u32 {
    if ask.method != Method::GET {
        return 1;
    }
    let base: u32 = match &ask.route {
        Route::Users(_) | Route::User(_, OfUser::MemberOf) => 2,
        Route::Group(_, OfGroup::Members(Part::Items)) => 3,
        Route::Group(_, OfGroup::TransitiveMembers) => 5,
        Route::User(..)
        | Route::Groups(_)
        | Route::Group(..)
        | Route::Deleted(..)
        | Route::DeletedItem(..)
        | Route::Object(_)
        | Route::Organization
        | Route::Domains
        | Route::Batch
        | Route::Unknown => 1,
    };
    let top = ask.query.get("$top").and_then(|top| top.parse::<usize>().ok());
    let less = u32::from(ask.query.get("$select").is_some()) + u32::from(top.is_some_and(|top| top < 20));
    base.saturating_sub(less).max(1)
}
