//! What an environment answers.

use bytes::Bytes;
use http::{Method, Request, Response, header};
use serde_json::{Value, json};

use super::answer;
use super::environment::{Environment, Held, Later};
use super::page::View;
use super::query::{LONGEST_QUERY, Query, decoded};
use super::refusal::Refusal;
use super::switches::{ForeignConnector, Service};
use super::token::hexadecimal;
use crate::faults::Fate;
use crate::log::{Entry, Kind};
use crate::service::{Dropped, Simulator};

/// What a request is about.
enum Asked {
    Connectors,
    Description(String),
    UpdateDescription,
    Rows(String),
    Version,
    Write,
    Elsewhere,
}

impl Asked {
    /// Paths may have any case.
    fn of(request: &Request<Bytes>) -> Self {
        let path = request.uri().path().trim_end_matches('/').to_ascii_lowercase();
        let Some(path) = path.strip_prefix("/profitrestservices/") else {
            return Self::Elsewhere;
        };
        let parts: Vec<&str> = path.split('/').collect();
        let is_read = request.method() == Method::GET;
        match parts.as_slice() {
            ["metainfo"] if is_read => Self::Connectors,
            ["metainfo", "get", id] if is_read => Self::Description(decoded(id)),
            ["metainfo", "update", _] if is_read => Self::UpdateDescription,
            ["connectors", id] if is_read => Self::Rows(decoded(id)),
            ["profitversion"] if is_read => Self::Version,
            ["connectors", _, ..] if !is_read => Self::Write,
            _ => Self::Elsewhere,
        }
    }

    fn template(&self) -> &'static str {
        match self {
            Self::Connectors => "/metainfo",
            Self::Description(_) => "/metainfo/get/{id}",
            Self::UpdateDescription => "/metainfo/update/{id}",
            Self::Rows(_) | Self::Write => "/connectors/{id}",
            Self::Version => "/ProfitVersion",
            Self::Elsewhere => "elsewhere",
        }
    }
}

impl Simulator for Environment {
    fn answer(&self, request: Request<Bytes>) -> Result<Response<Bytes>, Dropped> {
        let asked = Asked::of(&request);
        let mut held = self.held();
        let fate = held.fates.judge();
        let answer = match fate {
            Fate::Refused(status, retry_after) => {
                answer::broken(status, retry_after.header((self.inner.clock)()).as_deref())
            }
            Fate::Answered | Fate::Dropped => self.told(&request, &asked, &mut held),
        };
        let is_page = matches!(asked, Asked::Rows(_)) && answer.status().is_success();
        drop(held);
        self.inner.log.add(Entry {
            method: request.method().clone(),
            template: asked.template(),
            target: request.uri().to_string(),
            status: answer.status().as_u16(),
            kind: if request.method() == Method::GET { Kind::Read } else { Kind::Write },
        });
        if is_page {
            self.page_was_answered();
        }
        if fate == Fate::Dropped { Err(Dropped) } else { Ok(answer) }
    }
}

impl Environment {
    fn told(&self, request: &Request<Bytes>, asked: &Asked, held: &mut Held) -> Response<Bytes> {
        match self.done(request, asked, held) {
            Ok(body) => answer::json(body),
            Err(refusal) => {
                let reference = hexadecimal(&mut held.chance);
                answer::refused(&refusal, held.switches.error_type, &reference)
            }
        }
    }

    fn done(&self, request: &Request<Bytes>, asked: &Asked, held: &mut Held) -> Result<String, Refusal> {
        let query = request.uri().query().unwrap_or_default();
        self.admit(request, held.switches.service)?;
        match asked {
            Asked::Connectors => Ok(self.connectors().to_string()),
            Asked::Description(id) => {
                let connector = self.connector(id).ok_or_else(|| unknown_connector(held))?;
                Ok(connector.description().to_string())
            }
            Asked::Rows(id) => self.rows(id, query, held),
            Asked::Version => Ok(json!({"version": "7.7.10"}).to_string()),
            Asked::Write | Asked::UpdateDescription => {
                let message = "The UpdateConnector is not supported or the user is not authorised for it.";
                Err(Refusal::functional(-2_147_180_996, message))
            }
            Asked::Elsewhere => Err(Refusal::Silent(404)),
        }
    }

    /// What stands before everything else: the service, the length of the address, who calls from where, and the token.
    fn admit(&self, request: &Request<Bytes>, service: Service) -> Result<(), Refusal> {
        if service == Service::Maintenance {
            return Err(Refusal::Maintenance);
        }
        let query = request.uri().query().map_or(0, |query| query.len() + 1);
        if query > LONGEST_QUERY || matches!(Asked::of(request), Asked::Elsewhere) {
            return Err(Refusal::Silent(404));
        }
        if service == Service::AddressRefused {
            return Err(Refusal::Silent(403));
        }
        let given = request.headers().get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        match given {
            Some(given) if given == self.authorization() => Ok(()),
            // The XML as it is, which AFAS took until the end of 2025.
            Some(given) if given.contains("<token>") => Err(Refusal::unexpected()),
            Some(_) | None => Err(Refusal::Silent(401)),
        }
    }

    fn connectors(&self) -> Value {
        let config = &self.inner.config;
        let connectors = config.connectors.iter().map(|one| json!({"id": one.id, "description": one.id}));
        json!({
            "updateConnectors": [],
            "getConnectors": connectors.collect::<Value>(),
            "customConnectors": [],
            "info": {"envid": config.id, "appName": "Provisioning", "group": "Provisioning", "tokenExpiry": "0"},
        })
    }

    fn connector(&self, id: &str) -> Option<&super::Connector> {
        self.inner.config.connectors.iter().find(|connector| connector.id.eq_ignore_ascii_case(id))
    }

    fn rows(&self, id: &str, query: &str, held: &mut Held) -> Result<String, Refusal> {
        let connector = self.connector(id).ok_or_else(|| unknown_connector(held))?;
        if held.switches.blocked.contains(&connector.id) {
            return Err(Refusal::functional(-2_147_180_996, "This GetConnector (definition) is blocked"));
        }
        let query = Query::read(query)?;
        let view = View { state: &held.state, switches: &held.switches, today: self.today() };
        view.page(connector, &query, &mut held.listings, &mut held.chance)
    }

    /// Does what was to happen after this page.
    fn page_was_answered(&self) {
        let mut held = self.held();
        held.later.iter_mut().for_each(|later| later.pages = later.pages.saturating_sub(1));
        let (due, later): (Vec<Later>, _) =
            std::mem::take(&mut held.later).into_iter().partition(|later| later.pages == 0);
        held.later = later;
        drop(held);
        for later in due {
            (later.what)(self);
        }
    }
}

fn unknown_connector(held: &Held) -> Refusal {
    match held.switches.foreign_connector {
        ForeignConnector::Message => {
            let message = "The GetConnector does not exist or the user is not authorised for it.";
            Refusal::functional(-2_147_180_996, message)
        }
        ForeignConnector::Unauthorised => Refusal::Silent(401),
    }
}
