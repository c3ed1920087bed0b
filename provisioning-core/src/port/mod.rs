//! The ports: what the engine needs of the world outside. Everything that reaches out stands behind one of these.

mod notifier;
mod source;
mod store;
mod target;

pub use notifier::{Notice, Notifier, Silent};
pub use source::SourceConnector;
pub use store::{Acceptance, Commit, Due, Fence, Question, Shared, Store, StoreError};
pub use target::{Done, Failure, Outcome, Permit, TargetConnector};

/// Why a connector could not do what it was asked.
///
/// Its text is for an operator: which system, which call, what to do; never a secret, never personal data, URLs without
/// their query.
#[derive(Debug, thiserror::Error)]
#[error("{system}: {message}")]
pub struct PortError {
    system: String,
    message: String,
    kind: PortErrorKind,
    #[source]
    source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

/// What the caller of a connector should do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum PortErrorKind {
    /// Try again in the next run.
    Transient,
    /// Somebody has to change something first: rights, configuration, a contract with the vendor.
    Permanent,
    /// The cursor is not known any more: read whole.
    CursorRefused,
}

impl PortError {
    /// An error of a system.
    #[must_use]
    pub fn new(kind: PortErrorKind, system: &str, message: &str) -> Self {
        Self { system: system.to_owned(), message: message.to_owned(), kind, source: None }
    }

    /// The same error with what caused it.
    #[must_use]
    pub fn caused_by(mut self, source: impl std::error::Error + Send + Sync + 'static) -> Self {
        self.source = Some(Box::new(source));
        self
    }

    /// What the caller should do.
    #[must_use]
    pub fn kind(&self) -> PortErrorKind {
        self.kind
    }
}
