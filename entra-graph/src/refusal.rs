//! What an answer that is no success says.

use std::{fmt, iter};

use bytes::Bytes;
use http::header::RETRY_AFTER;
use http::{Response, StatusCode};
use serde_json::Value;
use transport::TransportErrorKind;

use crate::error::{ErrorDetail, GraphErrorKind};

/// Codes that say more than the status (Microsoft's page on errors, and threads on conflicts and on delta).
const KNOWN: &[(&str, GraphErrorKind)] = &[
    ("Authorization_RequestDenied", GraphErrorKind::Denied),
    ("Directory_ConcurrencyViolation", GraphErrorKind::Busy),
    ("Directory_ExpiredPageToken", GraphErrorKind::ResyncRequired),
    ("Directory_QuotaExceeded", GraphErrorKind::Rejected),
    ("ConflictingObjects", GraphErrorKind::Conflict),
    ("InvalidAuthenticationToken", GraphErrorKind::SignIn),
    ("NotImplemented", GraphErrorKind::Rejected),
    ("ObjectConflict", GraphErrorKind::Conflict),
    ("Request_ResourceNotFound", GraphErrorKind::NotFound),
    ("Request_UnsupportedQuery", GraphErrorKind::Rejected),
    ("TooManyRequests", GraphErrorKind::Busy),
    ("resyncRequired", GraphErrorKind::ResyncRequired),
    ("syncStateInvalid", GraphErrorKind::ResyncRequired),
    ("syncStateNotFound", GraphErrorKind::ResyncRequired),
];

/// The code of a conflict that passes when the request is repeated.
pub(crate) const CONCURRENCY: &str = "Directory_ConcurrencyViolation";

/// An answer that is no success, without what may be personal in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) status: StatusCode,
    pub(crate) code: Option<String>,
    pub(crate) details: Vec<ErrorDetail>,
    pub(crate) request_id: Option<String>,
    pauses: bool,
}

impl Refusal {
    /// Reads what there is; a body that is no error object of the Graph (a proxy's page) says nothing.
    pub(crate) fn read(answer: &Response<Bytes>) -> Self {
        let body: Value = serde_json::from_slice(answer.body()).unwrap_or_default();
        let error = body.get("error").unwrap_or(&Value::Null);
        let chain = chain(error);
        let in_body = chain.iter().rev().find_map(|level| word(level, "request-id"));
        let in_header = answer.headers().get("request-id").and_then(|id| id.to_str().ok());
        Self {
            status: answer.status(),
            code: deepest_known(&chain),
            details: details(&chain),
            request_id: in_body.or_else(|| in_header.filter(|id| is_a_word(id)).map(str::to_owned)),
            pauses: answer.headers().contains_key(RETRY_AFTER),
        }
    }

    pub(crate) fn kind(&self) -> GraphErrorKind {
        if self.details.iter().any(|detail| is_conflict(&detail.code)) {
            return GraphErrorKind::Conflict;
        }
        if let Some(kind) = self.code.as_deref().and_then(known) {
            return kind;
        }
        match self.status.as_u16() {
            401 => GraphErrorKind::SignIn,
            403 => GraphErrorKind::Denied,
            404 => GraphErrorKind::NotFound,
            409 => GraphErrorKind::Conflict,
            410 => GraphErrorKind::ResyncRequired,
            429 => GraphErrorKind::Busy,
            503 if self.pauses => GraphErrorKind::Busy,
            501 => GraphErrorKind::Rejected,
            408 | 500.. => GraphErrorKind::Lost(TransportErrorKind::Unanswered),
            _ => GraphErrorKind::Rejected,
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.status.as_u16())?;
        if let Some(code) = &self.code {
            write!(f, " {code}")?;
        }
        for ErrorDetail { code, target } in &self.details {
            match target {
                Some(target) => write!(f, " ({code}: {target})")?,
                None => write!(f, " ({code})")?,
            }
        }
        match &self.request_id {
            Some(id) => write!(f, " [request-id {id}]"),
            None => Ok(()),
        }
    }
}

fn known(code: &str) -> Option<GraphErrorKind> {
    KNOWN.iter().find(|(known, _)| *known == code).map(|(_, kind)| *kind)
}

/// Whether a detail says that another object has the value.
pub(crate) fn is_conflict(code: &str) -> bool {
    known(code) == Some(GraphErrorKind::Conflict)
}

/// The error and those within it, outermost first; both spellings occur.
fn chain(error: &Value) -> Vec<&Value> {
    iter::successors(Some(error), |level| level.get("innerError").or_else(|| level.get("innererror"))).collect()
}

/// The deepest code that says more than the status, else the outermost one; an empty code is none.
fn deepest_known(chain: &[&Value]) -> Option<String> {
    let codes: Vec<String> = chain.iter().filter_map(|level| word(level, "code")).collect();
    let known = codes.iter().rev().find(|code| known(code).is_some());
    known.or(codes.first()).cloned()
}

fn details(chain: &[&Value]) -> Vec<ErrorDetail> {
    let lists = chain.iter().filter_map(|level| level.get("details").and_then(Value::as_array));
    let rows = lists.flatten();
    rows.filter_map(|row| Some(ErrorDetail { code: word(row, "code")?, target: word(row, "target") })).collect()
}

fn word(level: &Value, name: &str) -> Option<String> {
    level.get(name).and_then(Value::as_str).filter(|text| is_a_word(text)).map(str::to_owned)
}

/// Codes, names of properties and numbers of requests are words; anything else may be a sentence about somebody.
pub(crate) fn is_a_word(text: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | '/');
    (1..=100).contains(&text.len()) && text.chars().all(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(status: u16, body: &str) -> Refusal {
        let answer = Response::builder().status(status).header("request-id", "from-header");
        Refusal::read(&answer.body(Bytes::from(body.to_owned())).unwrap())
    }

    #[test]
    fn the_deepest_known_code_counts() {
        // (body, code)
        let cases = [
            (r#"{"error":{"code":"Request_BadRequest","message":"m"}}"#, Some("Request_BadRequest")),
            (r#"{"error":{"code":"Outer","innerError":{"code":"syncStateNotFound"}}}"#, Some("syncStateNotFound")),
            (r#"{"error":{"code":"Outer","innererror":{"code":"syncStateNotFound"}}}"#, Some("syncStateNotFound")),
            (
                r#"{"error":{"code":"ObjectConflict","innerError":{"code":"x","innerError":{"code":"TooManyRequests"}}}}"#,
                Some("TooManyRequests"),
            ),
            (r#"{"error":{"code":"TooManyRequests","innerError":{"code":"Unheard"}}}"#, Some("TooManyRequests")),
            (r#"{"error":{"code":"Unheard","innerError":{"code":"OfToo"}}}"#, Some("Unheard")),
            (r#"{"error":{"code":"","innerError":{"code":"Inner"}}}"#, Some("Inner")),
            (r#"{"error":{"code":"","message":""}}"#, None),
            (r#"{"error":{"code":"Anna Vos exists","message":"m"}}"#, None),
            (r#"{"error":{"code":7}}"#, None),
            (r#"{"error":"invalid_client"}"#, None),
            ("[]", None),
            ("", None),
            ("<html><body>Bad gateway</body></html>", None),
        ];
        for (body, code) in cases {
            assert_eq!(read(400, body).code.as_deref(), code, "{body}");
        }
    }

    #[test]
    fn a_kind_follows_from_details_then_code_then_status() {
        use GraphErrorKind::{Busy, Conflict, Denied, Lost, NotFound, Rejected, ResyncRequired, SignIn};
        let unanswered = Lost(TransportErrorKind::Unanswered);
        let code = |code: &str| format!(r#"{{"error":{{"code":"{code}","message":"m"}}}}"#);
        let detail = r#"{"error":{"code":"Request_BadRequest","details":[{"code":"ObjectConflict","message":"m"}]}}"#;
        // (status, body, kind)
        let cases = [
            (400, String::new(), Rejected),
            (400, code("Request_BadRequest"), Rejected),
            (400, detail.to_owned(), Conflict),
            (400, code("Directory_ExpiredPageToken"), ResyncRequired),
            (401, code("InvalidAuthenticationToken"), SignIn),
            (401, "<html>".to_owned(), SignIn),
            (403, code("Authorization_RequestDenied"), Denied),
            (403, code("Directory_QuotaExceeded"), Rejected),
            (404, code("Request_ResourceNotFound"), NotFound),
            (404, code("syncStateNotFound"), ResyncRequired),
            (404, String::new(), NotFound),
            (408, String::new(), unanswered),
            (409, code("Directory_ConcurrencyViolation"), Busy),
            (409, String::new(), Conflict),
            (410, String::new(), ResyncRequired),
            (423, String::new(), Rejected),
            (429, code("TooManyRequests"), Busy),
            (429, String::new(), Busy),
            (500, String::new(), unanswered),
            (501, code("NotImplemented"), Rejected),
            (501, String::new(), Rejected),
            (502, "<html>".to_owned(), unanswered),
            (503, String::new(), unanswered),
            (504, code("UnknownError"), unanswered),
        ];
        for (status, body, kind) in cases {
            assert_eq!(read(status, &body).kind(), kind, "{status} {body}");
        }
        let paused = Response::builder().status(503).header(RETRY_AFTER, "1").body(Bytes::new()).unwrap();
        assert_eq!(Refusal::read(&paused).kind(), Busy);
    }

    #[test]
    fn details_name_the_property_and_never_the_person() {
        let body = r#"{"error":{"code":"Request_BadRequest","message":"anna@example.org exists",
            "details":[{"code":"ObjectConflict","message":"anna@example.org","target":"userPrincipalName"},
                       {"code":"ConflictingObjects","message":"7","target":null},
                       {"code":"Strange","target":"Anna Vos"},
                       {"message":"no code"}],
            "innerError":{"request-id":"r-1","date":"2026-01-01"}}}"#;
        let refusal = read(400, body);
        assert_eq!(
            refusal.to_string(),
            "400 Request_BadRequest (ObjectConflict: userPrincipalName) (ConflictingObjects) (Strange) [request-id r-1]"
        );
        assert!(!format!("{refusal:?}").contains("anna"));
        assert_eq!(read(502, "<html>").to_string(), "502 [request-id from-header]");
    }
}
