use async_trait::async_trait;

use crate::id::SourceId;
use crate::port::PortError;
use crate::source::{Cursor, Reading};

/// A system that people come from.
///
/// # Contract
/// `read(None)` gives everybody, or an error; half a reading is an error. `read(Some(cursor))` gives everybody, or what
/// changed since the reading that gave the cursor, where the system itself proves that complete (a delta, a modified-since
/// filter that covers deletions, an unchanged fingerprint); a cursor that the system does not know any more is
/// [`CursorRefused`](crate::PortErrorKind::CursorRefused).
///
/// # Guarantees
/// Rows that cannot be read are defects of their person, not errors; the rest of the reading stands. Keys are stable, and
/// leading zeros are kept. Dates are civil days as the source shows them to people, the last day inclusive. Absent, null
/// and empty stay three things.
///
/// # Idempotence
/// Reading changes nothing on the other side. Two readings without a change in between are equal, whatever the order of
/// rows; two changes-readings without a change give nothing the second time.
///
/// # Errors
/// Any reading that cannot be proven complete.
#[async_trait]
pub trait SourceConnector: Send + Sync {
    /// Which source it is.
    fn id(&self) -> &SourceId;

    /// Reads everybody, or what changed since a cursor.
    ///
    /// # Errors
    /// When the reading cannot be proven complete.
    async fn read(&self, since: Option<&Cursor>) -> Result<Reading, PortError>;
}
