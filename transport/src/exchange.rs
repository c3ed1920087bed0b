use std::error::Error;
use std::fmt;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use http::{Request, Response};

/// One request, one answer: the seam at which a test puts a service in this process in the place of the network.
///
/// # Contract
/// Sends the request at most once, follows no redirect, and takes no answer for an error, whatever its status. A
/// wrapper hands on what the exchange inside says of its time-out.
#[async_trait]
pub trait Exchange: Send + Sync {
    /// Sends the request and waits for the whole answer.
    ///
    /// # Errors
    /// [`Lost`] when there is none.
    async fn exchange(&self, request: Request<Bytes>) -> Result<Response<Bytes>, Lost>;

    /// How long an exchange takes at most; zero for one that takes no time.
    fn time_out(&self) -> Duration;
}

/// Whether a request without an answer may have been executed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LostKind {
    /// Proven not executed: there was no connection. It may be sent again.
    NotSent,
    /// Not executed, and it never will be: this exchange carries no such request. Sending it again leads nowhere.
    Unsendable,
    /// It may have been executed: the connection broke or the time was over. Look before sending it again.
    Unanswered,
}

/// Why there is no answer.
#[derive(Debug)]
pub struct Lost {
    /// Whether the request may have been executed.
    pub kind: LostKind,
    /// What happened; it names no query, header or body.
    pub source: Box<dyn Error + Send + Sync>,
}

impl Lost {
    /// There was no connection.
    pub fn not_sent(source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self { kind: LostKind::NotSent, source: source.into() }
    }

    /// There is no way to send such a request.
    pub fn unsendable(source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self { kind: LostKind::Unsendable, source: source.into() }
    }

    /// The connection broke, or the time was over.
    pub fn unanswered(source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self { kind: LostKind::Unanswered, source: source.into() }
    }
}

impl fmt::Display for Lost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.kind {
            LostKind::NotSent => "no connection",
            LostKind::Unsendable => "the request cannot be sent",
            LostKind::Unanswered => "no answer",
        })
    }
}

impl Error for Lost {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&*self.source)
    }
}
