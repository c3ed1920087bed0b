//! Throw-away ledgers.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use provisioning_core::{Clock, Settings, StoreError};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, PgConnection, SqliteConnection};
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

    /// One in PostgreSQL, in a schema of its own; its connections bear the name of the schema.
    pub(crate) fn server() -> Option<Self> {
        let Ok(server) = std::env::var(SERVER) else {
            eprintln!("not run with PostgreSQL: {SERVER} is not set; tests/run starts one");
            return None;
        };
        let schema = format!("t{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let joined = if server.contains('?') { '&' } else { '?' };
        let url = format!("{server}{joined}application_name={schema}&options=-csearch_path%3D{schema}");
        Some(Self::Database(url, schema))
    }

    /// One of each kind that is there.
    pub(crate) fn each() -> Vec<Self> {
        std::iter::once(Self::file()).chain(Self::server()).collect()
    }

    pub(crate) async fn open(&self, settings: &Settings, clock: Arc<dyn Clock>) -> Result<SqlStore, StoreError> {
        match self {
            Self::File(_) => SqlStore::sqlite(&self.path(), settings, clock).await,
            Self::Database(url, schema) => {
                other(&format!("CREATE SCHEMA IF NOT EXISTS {schema}")).await;
                SqlStore::postgres(url, settings, clock).await
            }
        }
    }

    /// The file of one in SQLite.
    pub(crate) fn path(&self) -> PathBuf {
        match self {
            Self::File(folder) => folder.path().join("ledger.db"),
            Self::Database(..) => panic!("it is not in a file"),
        }
    }

    /// Runs statements in it, past every store.
    pub(crate) async fn sql(&self, sql: &str) {
        match self {
            Self::File(_) => {
                let mut connection = self.file_connection().await;
                sqlx::raw_sql(AssertSqlSafe(sql.to_owned())).execute(&mut connection).await.unwrap();
                connection.close().await.unwrap();
            }
            Self::Database(_, schema) => other(&format!("SET search_path TO {schema}; {sql}")).await,
        }
    }

    /// A connection past every store.
    pub(crate) async fn file_connection(&self) -> SqliteConnection {
        SqliteConnectOptions::new().filename(self.path()).connect().await.unwrap()
    }

    /// What it takes to write a text in its place in a column of bytes.
    pub(crate) fn bytes(&self, hex: &str) -> String {
        match self {
            Self::File(_) => format!("x'{hex}'"),
            Self::Database(..) => format!("'\\x{hex}'"),
        }
    }
}

/// A connection to the server that is not one of a store.
pub(crate) async fn other_connection() -> PgConnection {
    PgConnection::connect(&std::env::var(SERVER).unwrap()).await.unwrap()
}

async fn other(sql: &str) {
    sqlx::raw_sql(AssertSqlSafe(sql.to_owned())).execute(&mut other_connection().await).await.unwrap();
}
