//! Why AFAS could not be read, as sentences for an operator.

use bytes::Bytes;
use http::header::RETRY_AFTER;
use http::{Response, StatusCode};
use provisioning_core::{PortError, PortErrorKind};
use transport::TransportError;

use crate::answer::{Complaint, read};
use crate::connectors::{Need, Wanted};

/// The longest query that AFAS takes, with its question mark.
pub(crate) const LONGEST_QUERY: usize = 2049;

/// The longest text of AFAS that is repeated.
const LONGEST_MESSAGE: usize = 300;

/// Why a reading did not come about.
#[derive(Debug)]
pub(crate) struct Trouble {
    pub(crate) kind: PortErrorKind,
    pub(crate) message: String,
    /// Whether AFAS itself complained about what it was asked, so that a look at the connector may say more.
    pub(crate) is_complaint: bool,
    cause: Option<Box<TransportError>>,
}

impl Trouble {
    pub(crate) fn permanent(message: impl Into<String>) -> Self {
        Self { kind: PortErrorKind::Permanent, message: message.into(), is_complaint: false, cause: None }
    }

    pub(crate) fn transient(message: impl Into<String>) -> Self {
        Self { kind: PortErrorKind::Transient, ..Self::permanent(message) }
    }

    /// There was no answer.
    pub(crate) fn no_answer(error: TransportError) -> Self {
        Self { cause: Some(Box::new(error)), ..Self::transient("there was no answer") }
    }

    /// The answer was good and cannot be read; what stands in it is not repeated, which the cause would do.
    pub(crate) fn unreadable(call: &str, error: &serde_json::Error) -> Self {
        let what = if error.is_eof() {
            "ends in the middle of its content"
        } else if error.is_data() {
            "has another form than AFAS gives"
        } else {
            "is no JSON; see whether a proxy answers in the place of AFAS"
        };
        let (line, column) = (error.line(), error.column());
        Self::transient(format!("the answer to {call} {what} (line {line}, column {column})"))
    }

    /// A connector lacks columns.
    pub(crate) fn lacking<'a>(
        wanted: &Wanted,
        lacking: &[&Need],
        columns: impl IntoIterator<Item = &'a String>,
    ) -> Self {
        let lacking: Vec<_> = lacking.iter().map(|need| format!("`{}` ({})", need.column, need.role)).collect();
        Self::permanent(format!(
            "GetConnector `{}` lacks {}, which the configuration names; it has {}",
            wanted.connector,
            lacking.join(", "),
            quoted(columns)
        ))
    }

    /// The answer to a call was no good one.
    pub(crate) fn refused(call: &str, query: usize, answer: &Response<Bytes>) -> Self {
        let status = answer.status();
        let complaint: Complaint = read(answer.body()).unwrap_or_default();
        let said = said(&complaint);
        match status {
            StatusCode::UNAUTHORIZED => Self::permanent(format!(
                "{call} was refused with 401{said}; see whether the token is whole and of this site, whether its app \
                 connector is active, and whether the connector was added to it"
            )),
            StatusCode::FORBIDDEN => Self::permanent(format!(
                "{call} was refused with 403{said}; see which addresses the app connector admits"
            )),
            StatusCode::NOT_FOUND => Self::permanent(format!(
                "{call} leads nowhere (404{said}); see whether the site is right, and whether the query is longer than \
                 {LONGEST_QUERY} characters: it has {query}"
            )),
            StatusCode::SERVICE_UNAVAILABLE => {
                Self::transient(format!("AFAS is not available (503{said}){}", pause(answer, &complaint)))
            }
            StatusCode::INTERNAL_SERVER_ERROR => Self {
                is_complaint: true,
                ..Self::transient(format!(
                    "AFAS could not answer {call} (500{said}); if it stays, the administrator of AFAS finds the log \
                     reference in the logbook of the environment"
                ))
            },
            _ if status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS => Self::transient(format!(
                "{call} was answered with {}{said}{}",
                status.as_u16(),
                pause(answer, &complaint)
            )),
            // A gateway in front of AFAS now and then refuses what is in order, without a word.
            StatusCode::BAD_REQUEST if said.is_empty() => Self::transient(format!("{call} was refused with 400")),
            _ => Self::permanent(format!("{call} was answered with {}{said}", status.as_u16())),
        }
    }

    /// The error of the port, in which the source speaks for itself.
    pub(crate) fn into_error(self, system: &str) -> PortError {
        let error = PortError::new(self.kind, system, &self.message);
        match self.cause {
            Some(cause) => error.caused_by(*cause),
            None => error,
        }
    }
}

/// Names in backticks, or that there are none.
pub(crate) fn quoted<'a>(names: impl IntoIterator<Item = &'a String>) -> String {
    let names: Vec<_> = names.into_iter().map(|name| format!("`{name}`")).collect();
    if names.is_empty() { "none".to_owned() } else { names.join(", ") }
}

/// What AFAS says about it, short and on one line.
fn said(complaint: &Complaint) -> String {
    let message = complaint.message.as_deref().or_else(|| complaint.error.as_ref()?.message.as_deref());
    let mut parts = Vec::new();
    if let Some(message) = message {
        let line: String =
            message.chars().map(|c| if c.is_control() { ' ' } else { c }).take(LONGEST_MESSAGE).collect();
        parts.push(format!("`{}`", line.trim()));
    }
    if let Some(number) = complaint.number {
        parts.push(format!("error {number}"));
    }
    if let Some(reference) = complaint.reference.as_deref() {
        let reference: String = reference.chars().filter(char::is_ascii_alphanumeric).take(64).collect();
        parts.push(format!("log reference {reference}"));
    }
    if parts.is_empty() { String::new() } else { format!(": {}", parts.join(", ")) }
}

fn pause(answer: &Response<Bytes>, complaint: &Complaint) -> String {
    let header = answer.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    let seconds = header.or(complaint.retry_after);
    seconds.map_or_else(String::new, |seconds| format!(" and asks to wait {seconds} seconds"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const CALL: &str = "GET https://12345.rest.afas.online/ProfitRestServices/connectors/X";

    fn refused(status: u16, body: &'static str) -> Trouble {
        let answer = Response::builder().status(status).header("content-type", "application/xml; charset=utf-8");
        Trouble::refused(CALL, 60, &answer.body(Bytes::from_static(body.as_bytes())).unwrap())
    }

    #[test]
    fn an_empty_answer_says_what_to_look_at() {
        for (status, kind, expected) in [
            (
                401,
                PortErrorKind::Permanent,
                "was refused with 401; see whether the token is whole and of this site, whether its app connector is \
                 active, and whether the connector was added to it",
            ),
            (403, PortErrorKind::Permanent, "was refused with 403; see which addresses the app connector admits"),
            (
                404,
                PortErrorKind::Permanent,
                "leads nowhere (404); see whether the site is right, and whether the query is longer than 2049 \
                 characters: it has 60",
            ),
            (400, PortErrorKind::Transient, "was refused with 400"),
            (413, PortErrorKind::Permanent, "was answered with 413"),
            (302, PortErrorKind::Permanent, "was answered with 302"),
            (502, PortErrorKind::Transient, "was answered with 502"),
        ] {
            let trouble = refused(status, "");
            assert_eq!((trouble.message, trouble.kind), (format!("{CALL} {expected}"), kind), "{status}");
        }
    }

    #[test]
    fn json_is_read_under_any_content_type() {
        let trouble = refused(
            500,
            r#"{"externalMessage":"Connector field 'Tel' not found","errorNumber":-2147180996,"profitLogReference":"0AF3"}"#,
        );
        assert_eq!(
            trouble.message,
            format!(
                "AFAS could not answer {CALL} (500: `Connector field 'Tel' not found`, error -2147180996, log reference \
                 0AF3); if it stays, the administrator of AFAS finds the log reference in the logbook of the environment"
            )
        );
        assert!(trouble.is_complaint && trouble.kind == PortErrorKind::Transient);
        let trouble = refused(400, r#"{"message":"Invalid json"}"#);
        assert_eq!(trouble.message, format!("{CALL} was answered with 400: `Invalid json`"));
        assert_eq!(trouble.kind, PortErrorKind::Permanent);
    }

    #[test]
    fn maintenance_says_for_how_long() {
        let body = r#"{"error":{"code":"503","message":"Planned maintenance"},"retry_after":7200}"#;
        let trouble = refused(503, body);
        let expected = "AFAS is not available (503: `Planned maintenance`) and asks to wait 7200 seconds";
        assert_eq!((trouble.message.as_str(), trouble.kind), (expected, PortErrorKind::Transient));
        let answer = Response::builder().status(503).header("retry-after", "60").body(Bytes::new()).unwrap();
        let trouble = Trouble::refused(CALL, 60, &answer);
        assert_eq!(trouble.message, "AFAS is not available (503) and asks to wait 60 seconds");
        assert_eq!(refused(503, "<html>planted</html>").message, "AFAS is not available (503)");
    }

    #[test]
    fn what_cannot_be_read_is_not_repeated() {
        for (body, expected) in [
            ("<html>planted</html>", "is no JSON; see whether a proxy answers in the place of AFAS"),
            (r#"{"envid": "planted"#, "ends in the middle of its content"),
            (r#"{"envid": ["planted"]}"#, "has another form than AFAS gives"),
        ] {
            let error = read::<crate::answer::Environment>(body.as_bytes()).unwrap_err();
            let trouble = Trouble::unreadable("GET it", &error);
            assert!(trouble.message.starts_with(&format!("the answer to GET it {expected} (line 1, column ")));
            assert!(!format!("{:?}", trouble.into_error("afas")).contains("planted"));
        }
    }
}
