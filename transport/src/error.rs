use std::fmt;
use std::sync::Arc;

use http::{Method, Request};

use crate::exchange::Lost;
use crate::shown;

/// What is known about a call without an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TransportErrorKind {
    /// Nothing was executed: there was no connection, or no such request can be sent. Go on without it; the next run
    /// does it. When it stays, look at the network, the proxy and the configured address.
    NotSent,
    /// It may have been executed, once or, where the call allows it, several times. Read what is true now before doing
    /// anything that builds on it, and never repeat it blindly.
    Unanswered,
    /// Nothing was sent, because the right to send ends before an answer could be there. Stop sending, and get a new
    /// lease first.
    TooLate,
}

/// A call that got no answer.
///
/// Its text names the system, the method and the address without its query, and nothing else of the request.
#[derive(Debug)]
pub struct TransportError {
    kind: TransportErrorKind,
    call: CallName,
    attempts: u32,
    source: Option<Lost>,
}

/// What may be said of a call.
#[derive(Debug, Clone)]
pub(crate) struct CallName {
    pub(crate) system: Arc<str>,
    pub(crate) method: Method,
    pub(crate) address: String,
}

impl CallName {
    pub(crate) fn of<B>(system: &Arc<str>, request: &Request<B>) -> Self {
        Self { system: system.clone(), method: request.method().clone(), address: shown(request.uri()) }
    }
}

impl TransportError {
    pub(crate) fn too_late(call: CallName) -> Self {
        Self { kind: TransportErrorKind::TooLate, call, attempts: 0, source: None }
    }

    pub(crate) fn not_sent(call: CallName, attempts: u32, lost: Lost) -> Self {
        Self { kind: TransportErrorKind::NotSent, call, attempts, source: Some(lost) }
    }

    pub(crate) fn unanswered(call: CallName, attempts: u32, lost: Lost) -> Self {
        Self { kind: TransportErrorKind::Unanswered, call, attempts, source: Some(lost) }
    }

    /// What is known about the call.
    #[must_use]
    pub fn kind(&self) -> TransportErrorKind {
        self.kind
    }

    /// How often the request was sent, or tried to be.
    #[must_use]
    pub fn attempts(&self) -> u32 {
        self.attempts
    }
}

impl fmt::Display for TransportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let CallName { system, method, address } = &self.call;
        match self.kind {
            TransportErrorKind::NotSent => write!(f, "{system} was not reached by {method} {address}")?,
            TransportErrorKind::Unanswered => {
                write!(f, "{system} gave no usable answer to {method} {address}, which may have been executed")?;
            }
            TransportErrorKind::TooLate => {
                write!(f, "{method} {address} was not sent to {system}: the right to send ends too soon")?;
            }
        }
        if self.attempts > 1 {
            write!(f, " ({} attempts)", self.attempts)?;
        }
        if let Some(lost) = &self.source {
            write!(f, ": {}", lost.source)?;
        }
        Ok(())
    }
}

impl std::error::Error for TransportError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        // The text already holds what the loss says, so its own cause comes next.
        self.source.as_ref().and_then(|lost| lost.source.source())
    }
}
