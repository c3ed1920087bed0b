//! The token endpoint of the tenant, and what a call has to bear.

use bytes::Bytes;
use chrono::TimeDelta;
use http::{HeaderMap, Method, StatusCode};
use serde_json::{Value, json};

use super::ask::Query;
use super::errors::Refusal;
use super::state::State;

/// Why no token is given: the status, the error of OAuth, and the number and text of the service.
struct Denied(StatusCode, &'static str, u32, String);

impl State {
    /// Answers `POST /{tenant}/oauth2/v2.0/token`.
    pub(super) fn token(&mut self, method: &Method, tenant: &str, form: &Bytes) -> (StatusCode, Value) {
        match self.granted(method, tenant, form) {
            Ok(token) => {
                let seconds = self.config.token_seconds;
                let body = json!({"token_type": "Bearer", "expires_in": seconds, "ext_expires_in": seconds,
                    "access_token": token});
                (StatusCode::OK, body)
            }
            Err(Denied(status, error, number, text)) => {
                let (trace, correlation) = (self.random.uuid(), self.random.uuid());
                let time = self.directory.now.format("%Y-%m-%d %H:%M:%SZ").to_string();
                let description =
                    format!("AADSTS{number}: {text} Trace ID: {trace} Correlation ID: {correlation} Timestamp: {time}");
                let body = json!({"error": error, "error_description": description, "error_codes": [number],
                    "timestamp": time, "trace_id": trace, "correlation_id": correlation});
                (status, body)
            }
        }
    }

    fn granted(&mut self, method: &Method, tenant: &str, form: &Bytes) -> Result<String, Denied> {
        let bad = |error, number, text: &str| Denied(StatusCode::BAD_REQUEST, error, number, text.to_owned());
        if *method != Method::POST {
            return Err(bad("invalid_request", 900_561, "The endpoint only accepts POST requests."));
        }
        let domains = &self.config.domains;
        if tenant != self.config.id && !domains.iter().any(|domain| domain.eq_ignore_ascii_case(tenant)) {
            return Err(bad("invalid_request", 90_002, &format!("Tenant '{tenant}' not found.")));
        }
        let form = Query::parse(&String::from_utf8_lossy(form));
        let field = |name: &str| form.get(name).unwrap_or_default();
        match field("grant_type") {
            "client_credentials" => {}
            "" => {
                let text = "The request body must contain the following parameter: 'grant_type'.";
                return Err(bad("invalid_request", 900_144, text));
            }
            _ => return Err(bad("unsupported_grant_type", 70_003, "The app requested an unsupported grant type.")),
        }
        if field("client_id") != self.config.client_id {
            return Err(bad("unauthorized_client", 700_016, "Application was not found in the directory."));
        }
        if field("client_secret") != self.config.client_secret {
            let text = "Invalid client secret provided.".to_owned();
            return Err(Denied(StatusCode::UNAUTHORIZED, "invalid_client", 7_000_215, text));
        }
        if !field("scope").ends_with("/.default") {
            return Err(bad("invalid_scope", 1_002_012, "The provided value for scope is not valid."));
        }
        Ok(self.issue_token())
    }

    /// A token that is good from now on.
    pub(super) fn issue_token(&mut self) -> String {
        let now = self.directory.now;
        self.tokens.retain(|_, until| *until > now);
        let token = format!("{:016x}{:016x}", self.random.number(), self.random.number());
        self.tokens.insert(token.clone(), now + TimeDelta::seconds(self.config.token_seconds));
        token
    }

    /// Refuses a call without a token that is good now.
    pub(super) fn check_bearer(&self, headers: &HeaderMap) -> Result<(), Refusal> {
        let header = headers.get("authorization").and_then(|value| value.to_str().ok()).unwrap_or_default();
        let token = match header.split_once(' ') {
            Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => token.trim(),
            _ => return Err(Refusal::unauthenticated("Access token is empty.")),
        };
        match self.tokens.get(token) {
            Some(until) if *until > self.directory.now => Ok(()),
            Some(_) => Err(Refusal::unauthenticated("Lifetime validation failed, the token is expired.")),
            None => Err(Refusal::unauthenticated("Invalid authentication token.")),
        }
    }
}
