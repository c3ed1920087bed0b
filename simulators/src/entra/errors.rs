//! Answers that say no, in the form of graph.md 1.12.

use http::StatusCode;
use serde_json::{Value, json};

/// Why a request is not done.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Refusal {
    pub(super) status: StatusCode,
    pub(super) code: &'static str,
    pub(super) message: String,
    /// The code and the target of the one detail.
    pub(super) detail: Option<(&'static str, &'static str)>,
    pub(super) headers: Vec<(&'static str, String)>,
}

impl Refusal {
    pub(super) fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self { status, code, message: message.into(), detail: None, headers: Vec::new() }
    }

    pub(super) fn bad_request(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "Request_BadRequest", message)
    }

    pub(super) fn unsupported_query(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "Request_UnsupportedQuery", message)
    }

    pub(super) fn unauthenticated(message: &str) -> Self {
        let headers = vec![("www-authenticate", "Bearer realm=\"\"".to_owned())];
        Self { headers, ..Self::new(StatusCode::UNAUTHORIZED, "InvalidAuthenticationToken", message) }
    }

    pub(super) fn not_found(name: &str) -> Self {
        let message = format!(
            "Resource '{name}' does not exist or one of its queried reference-property objects are not present."
        );
        Self::new(StatusCode::NOT_FOUND, "Request_ResourceNotFound", message)
    }

    /// Another object, alive or deleted, has this value.
    pub(super) fn conflict(property: &'static str) -> Self {
        let message = format!("Another object with the same value for property {property} already exists.");
        Self { detail: Some(("ObjectConflict", property)), ..Self::bad_request(message) }
    }

    /// Something that the service has and the simulator has not.
    pub(super) fn not_simulated(what: &str) -> Self {
        Self::new(StatusCode::NOT_IMPLEMENTED, "NotImplemented", format!("This simulator does not know {what}."))
    }

    pub(super) fn body(&self, inner: &Value) -> Value {
        let mut error = json!({"code": self.code, "message": self.message, "innerError": inner});
        if let (Some((code, target)), Some(error)) = (self.detail, error.as_object_mut()) {
            error.insert("details".to_owned(), json!([{"code": code, "message": self.message, "target": target}]));
        }
        json!({"error": error})
    }
}
