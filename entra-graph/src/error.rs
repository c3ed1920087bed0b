use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use http::{Method, Request, Response, StatusCode};
use transport::{TransportError, TransportErrorKind, shown};

use crate::refusal::Refusal;

/// What kind of failure it is, and with it what to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum GraphErrorKind {
    /// No answer that counts: see [`TransportErrorKind`]. `Unanswered` also stands for an answer of 5xx or 408, after
    /// which the request may have been executed: read what is true before anything else.
    Lost(TransportErrorKind),
    /// No token, or one that is not taken. Check the tenant, the app's id and its secret, and whether the secret
    /// expired.
    SignIn,
    /// The app may not do this. Grant the permission that the call names and an administrator's consent; when it has
    /// them, the object is privileged (an administrator, a role-assignable group) and the app needs a directory role.
    Denied,
    /// No such object. What was made moments ago may not be seen yet: wait, and look again before making it anew.
    NotFound,
    /// Another object has a value that must be unique; [`GraphError::conflicts`] names the properties. It may be one's
    /// own, of an earlier attempt, or one in the recycle bin.
    Conflict,
    /// Not executed, because too much is going on there. Leave it to the next run.
    Busy,
    /// Not executed, and it will not be next time either: correct the request.
    Rejected,
    /// What a delta goes on from is known no more: read everything anew.
    ResyncRequired,
    /// The answer cannot be understood; a write that it answers was executed. Report it.
    Malformed,
}

/// One thing that the Graph complains about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ErrorDetail {
    /// For instance `ObjectConflict`.
    pub code: String,
    /// The property, where it names one.
    pub target: Option<String>,
}

/// A call that did not do what it should have.
///
/// Its text names the call and the codes; it leaves out the query, and the Graph's own message, which may hold names of
/// people. For support, [`GraphError::request_id`] says which request it was.
#[derive(Clone)]
pub struct GraphError(Arc<Inner>);

struct Inner {
    kind: GraphErrorKind,
    call: Option<CallName>,
    cause: Cause,
}

/// Where the failure comes from.
enum Cause {
    Transport(TransportError),
    Refusal(Refusal),
    SignIn(SignInRefusal),
    Own(&'static str),
}

/// What may be said of a call.
#[derive(Debug, Clone)]
pub(crate) struct CallName {
    method: Method,
    address: String,
}

impl CallName {
    pub(crate) fn of(request: &Request<Bytes>) -> Self {
        Self { method: request.method().clone(), address: shown(request.uri()) }
    }
}

/// Why there is no token.
#[derive(Debug)]
pub(crate) struct SignInRefusal {
    status: StatusCode,
    /// As OAuth calls it, for instance `invalid_client`.
    error: Option<String>,
    /// As Microsoft numbers it, without `AADSTS`.
    number: Option<u64>,
}

impl SignInRefusal {
    pub(crate) fn read(answer: &Response<Bytes>) -> Self {
        #[derive(serde::Deserialize, Default)]
        struct Body {
            error: Option<String>,
            #[serde(default)]
            error_codes: Vec<u64>,
        }
        let body: Body = serde_json::from_slice(answer.body()).unwrap_or_default();
        Self {
            status: answer.status(),
            error: body.error.filter(|error| crate::refusal::is_a_word(error)),
            number: body.error_codes.first().copied(),
        }
    }
}

impl GraphError {
    fn new(kind: GraphErrorKind, call: Option<CallName>, cause: Cause) -> Self {
        Self(Arc::new(Inner { kind, call, cause }))
    }

    pub(crate) fn refused(call: CallName, answer: &Response<Bytes>) -> Self {
        let refusal = Refusal::read(answer);
        Self::new(refusal.kind(), Some(call), Cause::Refusal(refusal))
    }

    pub(crate) fn sign_in(call: CallName, refusal: SignInRefusal) -> Self {
        let status = refusal.status;
        let kind = match status.as_u16() {
            429 => GraphErrorKind::Busy,
            408 | 500.. => GraphErrorKind::Lost(TransportErrorKind::NotSent),
            _ => GraphErrorKind::SignIn,
        };
        Self::new(kind, Some(call), Cause::SignIn(refusal))
    }

    /// No answer from the sign-in, so that the call itself was not sent, whatever became of the request for a token.
    pub(crate) fn no_sign_in(error: TransportError) -> Self {
        Self::new(GraphErrorKind::Lost(TransportErrorKind::NotSent), None, Cause::Transport(error))
    }

    /// An answer of the sign-in that holds no token, so that the call itself was not sent either.
    pub(crate) fn unreadable_sign_in(call: CallName) -> Self {
        let kind = GraphErrorKind::Lost(TransportErrorKind::NotSent);
        Self::new(kind, Some(call), Cause::Own("no token stands in the answer of the sign-in"))
    }

    pub(crate) fn malformed(call: CallName, what: &'static str) -> Self {
        Self::new(GraphErrorKind::Malformed, Some(call), Cause::Own(what))
    }

    pub(crate) fn rejected(what: &'static str) -> Self {
        Self::new(GraphErrorKind::Rejected, None, Cause::Own(what))
    }

    /// What kind of failure it is.
    #[must_use]
    pub fn kind(&self) -> GraphErrorKind {
        self.0.kind
    }

    /// Whether the request may have been executed although the call failed.
    #[must_use]
    pub fn may_have_happened(&self) -> bool {
        match self.0.kind {
            GraphErrorKind::Lost(kind) => kind == TransportErrorKind::Unanswered,
            GraphErrorKind::Malformed => true,
            GraphErrorKind::SignIn
            | GraphErrorKind::Denied
            | GraphErrorKind::NotFound
            | GraphErrorKind::Conflict
            | GraphErrorKind::Busy
            | GraphErrorKind::Rejected
            | GraphErrorKind::ResyncRequired => false,
        }
    }

    /// The status of the answer, where there was one.
    #[must_use]
    pub fn status(&self) -> Option<StatusCode> {
        match &self.0.cause {
            Cause::Refusal(refusal) => Some(refusal.status),
            Cause::SignIn(refusal) => Some(refusal.status),
            Cause::Transport(_) | Cause::Own(_) => None,
        }
    }

    /// The Graph's code: the deepest one that is known, else the outermost.
    #[must_use]
    pub fn code(&self) -> Option<&str> {
        self.refusal().and_then(|refusal| refusal.code.as_deref())
    }

    /// What the Graph complains about in detail.
    #[must_use]
    pub fn details(&self) -> &[ErrorDetail] {
        self.refusal().map(|refusal| refusal.details.as_slice()).unwrap_or_default()
    }

    /// The properties whose values another object has, as far as the Graph says.
    pub fn conflicts(&self) -> impl Iterator<Item = &str> {
        let conflicts = self.details().iter().filter(|detail| crate::refusal::is_conflict(&detail.code));
        conflicts.filter_map(|detail| detail.target.as_deref())
    }

    /// The Graph's own number of the request, which Microsoft's support asks for.
    #[must_use]
    pub fn request_id(&self) -> Option<&str> {
        self.refusal().and_then(|refusal| refusal.request_id.as_deref())
    }

    fn refusal(&self) -> Option<&Refusal> {
        match &self.0.cause {
            Cause::Refusal(refusal) => Some(refusal),
            Cause::Transport(_) | Cause::SignIn(_) | Cause::Own(_) => None,
        }
    }
}

impl From<TransportError> for GraphError {
    fn from(error: TransportError) -> Self {
        Self::new(GraphErrorKind::Lost(error.kind()), None, Cause::Transport(error))
    }
}

impl fmt::Display for GraphError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0.cause {
            Cause::Transport(error) => return write!(f, "{error}"),
            Cause::Refusal(refusal) => write!(f, "Microsoft Graph answered {refusal}")?,
            Cause::SignIn(refusal) => {
                write!(f, "the sign-in gave no token and answered {}", refusal.status.as_u16())?;
                if let Some(error) = &refusal.error {
                    write!(f, " `{error}`")?;
                }
                if let Some(number) = refusal.number {
                    write!(f, " AADSTS{number}")?;
                }
            }
            Cause::Own(what) => f.write_str(what)?,
        }
        if let Some(CallName { method, address }) = &self.0.call {
            write!(f, " to {method} {address}")?;
        }
        f.write_str(advice(self.0.kind))
    }
}

fn advice(kind: GraphErrorKind) -> &'static str {
    match kind {
        GraphErrorKind::Lost(TransportErrorKind::Unanswered) => {
            "; it may have been executed, so look before repeating it"
        }
        GraphErrorKind::Lost(_) | GraphErrorKind::Conflict | GraphErrorKind::NotFound => "",
        GraphErrorKind::SignIn => "; check tenant, client id and client secret",
        GraphErrorKind::Denied => "; check the app's permissions, and its roles where the object is privileged",
        GraphErrorKind::Busy => "; leave it to the next run",
        GraphErrorKind::Rejected => "; correct the request",
        GraphErrorKind::ResyncRequired => "; read everything anew",
        GraphErrorKind::Malformed => "; report it",
    }
}

impl fmt::Debug for GraphError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "GraphError({:?}: {self})", self.0.kind)
    }
}

impl std::error::Error for GraphError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match &self.0.cause {
            // Its text is this error's text, so its own cause comes next.
            Cause::Transport(error) => std::error::Error::source(error),
            Cause::Refusal(_) | Cause::SignIn(_) | Cause::Own(_) => None,
        }
    }
}
