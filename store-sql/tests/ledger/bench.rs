//! Throw-away ledgers.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use provisioning_core::{Clock, Settings, StoreError};
use sqlx::{AssertSqlSafe, Connection, PgConnection};
use store_sql::SqlStore;
use tempfile::TempDir;

/// Where `tests/run` says that a PostgreSQL for tests is: a server on which databases may be made.
const SERVER: &str = "PROVISIONING_TEST_POSTGRES";

/// A ledger that is thrown away with its folder or its server.
#[derive(Debug)]
pub(crate) enum Ledger {
    File(TempDir),
    /// The address, and the schema in it.
    Database(String, String),
}

static NEXT: AtomicU32 = AtomicU32::new(0);

impl Ledger {
    pub(crate) fn file() -> Self {
        Self::File(tempfile::tempdir().unwrap())
    }

    /// One in PostgreSQL, in a schema of its own.
    pub(crate) fn server() -> Option<Self> {
        let Ok(server) = std::env::var(SERVER) else {
            eprintln!("not run with PostgreSQL: {SERVER} is not set; tests/run starts one");
            return None;
        };
        let schema = format!("t{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let joined = if server.contains('?') { '&' } else { '?' };
        Some(Self::Database(format!("{server}{joined}options=-csearch_path%3D{schema}"), schema))
    }

    pub(crate) async fn open(&self, settings: &Settings, clock: Arc<dyn Clock>) -> Result<SqlStore, StoreError> {
        match self {
            Self::File(folder) => SqlStore::sqlite(&folder.path().join("ledger.db"), settings, clock).await,
            Self::Database(url, schema) => {
                let mut connection = PgConnection::connect(url).await.unwrap();
                let sql = format!("CREATE SCHEMA IF NOT EXISTS {schema}");
                sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut connection).await.unwrap();
                SqlStore::postgres(url, settings, clock).await
            }
        }
    }
}
