use std::fmt;
use std::time::SystemTime;

use bytes::Bytes;
use http::{Request, Response};

use crate::exchange::{Lost, LostKind};
use crate::shown;

/// Whether a request may be sent again when nobody can say if it was executed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Repeat {
    /// Executed twice it does what it does once: a read, a replacement, a removal.
    Always,
    /// Only where it is proven that it was not executed: there was no connection, or the server refused it (any 4xx but
    /// 408, and 503 with `Retry-After`).
    UnlessExecuted,
}

impl Repeat {
    /// Whether the request may be sent again after this attempt.
    pub(crate) fn allows_after(self, attempt: Result<&Response<Bytes>, &Lost>) -> bool {
        self == Self::Always || !in_doubt(attempt)
    }
}

/// Whether an attempt may have been executed although no answer says so.
pub(crate) fn in_doubt(attempt: Result<&Response<Bytes>, &Lost>) -> bool {
    match attempt {
        Ok(answer) => {
            let status = answer.status().as_u16();
            let refused = status == 503 && answer.headers().contains_key(http::header::RETRY_AFTER);
            status == 408 || (status >= 500 && !refused)
        }
        Err(lost) => lost.kind == LostKind::Unanswered,
    }
}

/// A request with what may be done with it.
#[derive(Clone)]
pub struct Call {
    /// The request, whole: absolute address, headers, body.
    pub request: Request<Bytes>,
    /// Whether it may be sent again.
    pub repeat: Repeat,
    /// When the caller's right to send ends: no attempt starts that could last beyond it. `None`: it does not end.
    pub until: Option<SystemTime>,
}

impl Call {
    /// A request that does no harm when it is executed twice.
    #[must_use]
    pub fn repeatable(request: Request<Bytes>) -> Self {
        Self { request, repeat: Repeat::Always, until: None }
    }

    /// A request that is sent again only where it is proven that it was not executed.
    #[must_use]
    pub fn once(request: Request<Bytes>) -> Self {
        Self { request, repeat: Repeat::UnlessExecuted, until: None }
    }

    /// The same call, with an instant that no attempt may last beyond.
    #[must_use]
    pub fn until(self, until: Option<SystemTime>) -> Self {
        Self { until, ..self }
    }
}

impl fmt::Debug for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Call")
            .field("method", self.request.method())
            .field("address", &shown(self.request.uri()))
            .field("repeat", &self.repeat)
            .field("until", &self.until)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16, retry_after: Option<&str>) -> Response<Bytes> {
        let mut answer = Response::builder().status(status);
        if let Some(value) = retry_after {
            answer = answer.header("retry-after", value);
        }
        answer.body(Bytes::new()).unwrap()
    }

    #[test]
    fn what_may_have_been_executed_is_repeated_only_when_that_does_no_harm() {
        // (status, retry-after, may be sent again unless executed)
        let cases = [
            (400, None, true),
            (404, None, true),
            (408, None, false),
            (409, None, true),
            (429, None, true),
            (429, Some("1"), true),
            (500, None, false),
            (500, Some("1"), false),
            (502, None, false),
            (503, None, false),
            (503, Some("1"), true),
            (504, Some("1"), false),
        ];
        for (status, retry_after, expected) in cases {
            let answer = answer(status, retry_after);
            let allowed = Repeat::UnlessExecuted.allows_after(Ok(&answer));
            assert_eq!(allowed, expected, "{status} with {retry_after:?}");
            assert!(Repeat::Always.allows_after(Ok(&answer)));
        }
        let unanswered = Lost::unanswered("reset");
        assert!(Repeat::UnlessExecuted.allows_after(Err(&Lost::not_sent("refused"))));
        assert!(!Repeat::UnlessExecuted.allows_after(Err(&unanswered)));
        assert!(Repeat::Always.allows_after(Err(&unanswered)));
    }

    #[test]
    fn debug_shows_no_query_header_or_body() {
        let request = Request::post("https://host.example/path?token=planted")
            .header("authorization", "Bearer planted")
            .body(Bytes::from_static(b"planted"))
            .unwrap();
        let shown = format!("{:?}", Call::once(request));
        assert!(!shown.contains("planted"), "{shown}");
        assert!(shown.contains("POST") && shown.contains("https://host.example/path"), "{shown}");
    }
}
