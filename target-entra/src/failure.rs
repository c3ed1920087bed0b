//! What a failed call means to whoever plans the next run.

use entra_graph::{GraphError, GraphErrorKind};
use provisioning_core::audit::FailureKind;
use provisioning_core::{Failure, PortError, PortErrorKind, TargetId};

/// A write that failed.
pub(crate) fn failure(error: &GraphError) -> Failure {
    Failure { kind: kind(error), message: error.to_string() }
}

fn kind(error: &GraphError) -> FailureKind {
    if error.may_have_happened() {
        return FailureKind::Unknown;
    }
    if passes(error) {
        return FailureKind::Transient;
    }
    // Sign-in, rights, conflicts, what is not there and what is refused: somebody has to change something first.
    FailureKind::Permanent
}

/// Whether the same may work later.
fn passes(error: &GraphError) -> bool {
    matches!(error.kind(), GraphErrorKind::Busy | GraphErrorKind::Lost(_))
}

/// Something that no repeating mends.
pub(crate) fn permanent(message: impl Into<String>) -> Failure {
    Failure { kind: FailureKind::Permanent, message: message.into() }
}

/// Something of which nobody knows whether it was done.
pub(crate) fn unknown(message: impl Into<String>) -> Failure {
    Failure { kind: FailureKind::Unknown, message: message.into() }
}

/// The lease is over, or would be.
pub(crate) fn too_late() -> Failure {
    let message = "the lease was over before it was sent; the next run does it".to_owned();
    Failure { kind: FailureKind::Transient, message }
}

/// A reading that failed.
pub(crate) fn unread(target: &TargetId, error: &GraphError) -> PortError {
    let kind = if passes(error) { PortErrorKind::Transient } else { PortErrorKind::Permanent };
    PortError::new(kind, target.as_str(), &error.to_string()).caused_by(error.clone())
}

/// A cursor that leads nowhere.
pub(crate) fn refused_cursor(target: &TargetId) -> PortError {
    PortError::new(
        PortErrorKind::CursorRefused,
        target.as_str(),
        "the cursor is too old, or of a reading that asked for something else; read whole",
    )
}
