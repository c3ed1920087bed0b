//! The ledger in SQLite, the default, or in PostgreSQL, for several workers. It never shows what is not written down, decides
//! nothing, repeats no statement that failed and takes nothing back.
//!
//! What the ledger, the roster, the observations and the agenda say is kept in memory, in the core's
//! [`Books`](provisioning_core::books::Books); a step is written down here, in one transaction, before it shows there. So
//! whatever is shown is durable, and a process that is killed finds on its next start all that was ever shown.
//!
//! It needs a Tokio runtime. Two processes that share a ledger need clocks that agree better than the lease is long.
//!
//! ```
//! use std::sync::Arc;
//!
//! use chrono::TimeDelta;
//! use provisioning_core::{Actor, Settings, Store, SystemClock, TenantId};
//! use store_sql::SqlStore;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let folder = tempfile::tempdir()?;
//! # let path = folder.path().join("ledger.db");
//! let settings = Settings::new(TenantId::new("example")?, chrono_tz::Europe::Amsterdam);
//! let store = SqlStore::sqlite(&path, &settings, Arc::new(SystemClock)).await?;
//! let fence = store.acquire(&Actor::new("engine")?, TimeDelta::minutes(5)).await?;
//! assert_eq!(store.ledger().read().head().records, 0);
//! store.release(fence).await?;
//! # Ok(())
//! # }
//! ```

mod connection;
mod error;
mod export;
mod read;
mod schema;
mod signing;
mod store;
#[cfg(test)]
mod throwaway;
mod write;

pub use export::ExportFailed;
pub use signing::{InvalidKey, PublicKey, SigningKey};
pub use store::SqlStore;

use provisioning_core::StoreError;

/// What the rows are about that a target shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sort {
    Account,
    Resource,
    /// What an account holds that is not shown yet.
    Early,
}

impl Sort {
    fn number(self) -> i64 {
        match self {
            Self::Account => 0,
            Self::Resource => 1,
            Self::Early => 2,
        }
    }

    fn of(number: Option<i64>) -> Result<Self, StoreError> {
        match number {
            Some(0) => Ok(Self::Account),
            Some(1) => Ok(Self::Resource),
            Some(2) => Ok(Self::Early),
            other => Err(error::odd("what a target shows", format!("there is no sort {other:?}"))),
        }
    }
}
