//! Answers: their bodies, and the headers that AFAS puts on them.

use bytes::Bytes;
use http::header::{self, HeaderMap, HeaderName, HeaderValue};
use http::{Response, StatusCode};
use serde_json::json;

use super::refusal::Refusal;
use super::switches::ErrorType;

const JSON: HeaderValue = HeaderValue::from_static("application/json; charset=utf-8");
const XML: HeaderValue = HeaderValue::from_static("application/xml; charset=utf-8");

/// How long a maintenance takes, in seconds.
const TWO_HOURS: u32 = 7200;

/// What was asked for.
pub(super) fn json(body: String) -> Response<Bytes> {
    answer(StatusCode::OK, JSON, body)
}

/// A refusal. `reference` is what support finds it by in the log of the environment.
pub(super) fn refused(refusal: &Refusal, error_type: ErrorType, reference: &str) -> Response<Bytes> {
    let kind = match error_type {
        ErrorType::Xml => XML,
        ErrorType::Json => JSON,
    };
    match refusal {
        Refusal::Silent(status) => {
            answer(StatusCode::from_u16(*status).unwrap_or(StatusCode::NOT_FOUND), XML, String::new())
        }
        Refusal::Functional { number, message } => {
            let body = json!({"externalMessage": message, "errorNumber": number, "profitLogReference": reference});
            answer(StatusCode::INTERNAL_SERVER_ERROR, kind, body.to_string())
        }
        Refusal::Maintenance => {
            let body = json!({
                "error": {"code": "503", "message": "The service is unavailable because of maintenance."},
                "retry_after": TWO_HOURS,
            });
            let mut answer = answer(StatusCode::SERVICE_UNAVAILABLE, kind, body.to_string());
            answer.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(TWO_HOURS));
            answer
        }
    }
}

/// What stands before the environment refuses: no body, and how long to wait where that is said.
pub(super) fn broken(status: StatusCode, retry_after: Option<&str>) -> Response<Bytes> {
    let mut answer = answer(status, XML, String::new());
    if let Some(wait) = retry_after.and_then(|text| HeaderValue::from_str(text).ok()) {
        answer.headers_mut().insert(header::RETRY_AFTER, wait);
    }
    answer
}

fn answer(status: StatusCode, kind: HeaderValue, body: String) -> Response<Bytes> {
    let mut answer = Response::new(Bytes::from(body));
    *answer.status_mut() = status;
    let headers = answer.headers_mut();
    headers.insert(header::CONTENT_TYPE, kind);
    put_common(headers);
    answer
}

fn put_common(headers: &mut HeaderMap) {
    const COMMON: [(HeaderName, &str); 5] = [
        (header::CACHE_CONTROL, "no-store, no-cache"),
        (header::STRICT_TRANSPORT_SECURITY, "max-age=31536000"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::X_FRAME_OPTIONS, "deny"),
        (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
    ];
    for (name, value) in COMMON {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers.insert("x-afas-proxy-version", HeaderValue::from_static("4.3.0.0"));
    let stats = "init(0ms), before response(10ms)";
    headers.insert("x-afas-proxy-stats", HeaderValue::from_static(stats));
}
