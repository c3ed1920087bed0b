//! One connection to either database, with the few calls that the store needs.
//!
//! The statements are the same for both: `$1` and `ON CONFLICT` mean the same to them.

use std::fs::OpenOptions;
use std::path::Path;
use std::time::Duration;

use futures::TryStreamExt;
use provisioning_core::StoreError;
use sqlx::postgres::{PgConnectOptions, PgRow};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteRow, SqliteSynchronous};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection as _, PgConnection, Row as _, SqliteConnection};

use crate::error::failed;

/// Where a ledger is.
#[derive(Debug, Clone)]
pub(crate) enum Place {
    Sqlite(Box<SqliteConnectOptions>),
    Postgres(Box<PgConnectOptions>),
}

impl Place {
    pub(crate) fn file(path: &Path) -> Self {
        let options = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            // A commit is on the disk when it returns; `NORMAL` would lose the last ones with the power.
            .synchronous(SqliteSynchronous::Full)
            // What is erased is written over in the file, too.
            .pragma("secure_delete", "ON")
            .busy_timeout(Duration::from_secs(5));
        Self::Sqlite(Box::new(options))
    }

    pub(crate) fn server(url: &str) -> Result<Self, StoreError> {
        // The address holds a password, so what is wrong with it is not repeated.
        let options: PgConnectOptions = url.parse().map_err(|_| StoreError::Failed {
            message: "the address is none of PostgreSQL: write postgres://user@host/database".to_owned(),
        })?;
        let options = options.options([
            // As long as SQLite waits.
            ("lock_timeout", "5s"),
            // Whoever is stopped in the middle of a step does not keep the others out for good.
            ("idle_in_transaction_session_timeout", "60s"),
            // A commit is on the disk when it returns, whatever the server does for others.
            ("synchronous_commit", "on"),
        ]);
        Ok(Self::Postgres(Box::new(options)))
    }

    /// Makes the file where there is none, for its owner's eyes only: it holds personal data and the key of names. What SQLite
    /// keeps beside it has the rights of the file.
    fn make(&self) -> Result<(), StoreError> {
        let Self::Sqlite(options) = self else { return Ok(()) };
        let mut file = OpenOptions::new();
        file.create(true).append(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut file, 0o600);
        let opened = file.open(options.get_filename());
        opened.map(drop).map_err(|error| StoreError::Failed {
            message: format!(
                "the file of the ledger cannot be opened or written ({error}); check its path and its rights"
            ),
        })
    }

    /// Opens it for the first time in this process.
    pub(crate) async fn open(&self) -> Result<Connection, StoreError> {
        self.make()?;
        self.connect().await
    }

    /// The same place once its ledger was made: where there is none any more, none is made.
    pub(crate) fn made(self) -> Self {
        match self {
            Self::Sqlite(options) => Self::Sqlite(Box::new(options.create_if_missing(false))),
            Self::Postgres(options) => Self::Postgres(options),
        }
    }

    pub(crate) async fn connect(&self) -> Result<Connection, StoreError> {
        match self {
            Self::Sqlite(options) => options.connect().await.map(Connection::Sqlite),
            Self::Postgres(options) => options.connect().await.map(Connection::Postgres),
        }
        .map_err(|error| failed(&error))
    }
}

/// A value in a statement.
#[derive(Debug, Clone)]
pub(crate) enum Arg {
    Int(Option<i64>),
    Text(Option<String>),
    Bytes(Option<Vec<u8>>),
}

impl Arg {
    pub(crate) fn int(value: i64) -> Self {
        Self::Int(Some(value))
    }

    pub(crate) fn text(value: &(impl ToString + ?Sized)) -> Self {
        Self::Text(Some(value.to_string()))
    }

    pub(crate) fn bytes(value: &[u8]) -> Self {
        Self::Bytes(Some(value.to_vec()))
    }
}

/// A row of an answer, by the places of its columns.
pub(crate) trait Row {
    fn int(&self, place: usize) -> Result<Option<i64>, StoreError>;
    fn text(&self, place: usize) -> Result<Option<String>, StoreError>;
    fn bytes(&self, place: usize) -> Result<Option<Vec<u8>>, StoreError>;
}

macro_rules! row {
    ($row:ty) => {
        impl Row for $row {
            fn int(&self, place: usize) -> Result<Option<i64>, StoreError> {
                self.try_get(place).map_err(|error| failed(&error))
            }

            fn text(&self, place: usize) -> Result<Option<String>, StoreError> {
                self.try_get(place).map_err(|error| failed(&error))
            }

            fn bytes(&self, place: usize) -> Result<Option<Vec<u8>>, StoreError> {
                self.try_get(place).map_err(|error| failed(&error))
            }
        }
    };
}

row!(SqliteRow);
row!(PgRow);

macro_rules! bound {
    ($sql:expr, $args:expr) => {
        $args.into_iter().fold(sqlx::query(AssertSqlSafe($sql.to_owned())), |query, arg| match arg {
            Arg::Int(value) => query.bind(value),
            Arg::Text(value) => query.bind(value),
            Arg::Bytes(value) => query.bind(value),
        })
    };
}

/// A connection. Dropping it takes back whatever was not committed.
#[derive(Debug)]
pub(crate) enum Connection {
    Sqlite(SqliteConnection),
    Postgres(PgConnection),
}

impl Connection {
    /// Runs one statement; how many rows it changed comes back.
    pub(crate) async fn execute(&mut self, sql: &str, args: Vec<Arg>) -> Result<u64, StoreError> {
        match self {
            Self::Sqlite(to) => bound!(sql, args).execute(to).await.map(|done| done.rows_affected()),
            Self::Postgres(to) => bound!(sql, args).execute(to).await.map(|done| done.rows_affected()),
        }
        .map_err(|error| failed(&error))
    }

    /// Asks, and hands over row after row.
    pub(crate) async fn rows(
        &mut self,
        sql: &str,
        args: Vec<Arg>,
        each: &mut (dyn FnMut(&dyn Row) -> Result<(), StoreError> + Send),
    ) -> Result<(), StoreError> {
        match self {
            Self::Sqlite(to) => {
                let mut rows = bound!(sql, args).fetch(to);
                while let Some(row) = rows.try_next().await.map_err(|error| failed(&error))? {
                    each(&row)?;
                }
            }
            Self::Postgres(to) => {
                let mut rows = bound!(sql, args).fetch(to);
                while let Some(row) = rows.try_next().await.map_err(|error| failed(&error))? {
                    each(&row)?;
                }
            }
        }
        Ok(())
    }

    /// Begins a step that writes: in SQLite it takes the only right to write at once, so that it never has to give up later.
    pub(crate) async fn begin(&mut self) -> Result<(), StoreError> {
        let sql = match self {
            Self::Sqlite(_) => "BEGIN IMMEDIATE",
            // Whatever the server begins by default: a step waits for the one before, and sees what it wrote.
            Self::Postgres(_) => "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE",
        };
        self.raw(sql).await
    }

    /// Begins a step that reads, and sees all of it at one instant.
    pub(crate) async fn look(&mut self) -> Result<(), StoreError> {
        let sql = match self {
            Self::Sqlite(_) => "BEGIN",
            Self::Postgres(_) => "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
        };
        self.raw(sql).await
    }

    pub(crate) async fn commit(&mut self) -> Result<(), StoreError> {
        self.raw("COMMIT").await
    }

    pub(crate) async fn rollback(&mut self) -> Result<(), StoreError> {
        self.raw("ROLLBACK").await
    }

    /// Runs statements without values.
    pub(crate) async fn raw(&mut self, sql: &str) -> Result<(), StoreError> {
        let sql = sqlx::raw_sql(AssertSqlSafe(sql.to_owned()));
        match self {
            Self::Sqlite(to) => sql.execute(to).await.map(|_| ()),
            Self::Postgres(to) => sql.execute(to).await.map(|_| ()),
        }
        .map_err(|error| failed(&error))
    }

    /// Empties SQLite's log, which otherwise holds what was erased until it is written over.
    ///
    /// Whether it could be done: somebody else may be reading from it.
    pub(crate) async fn empty_log(&mut self) -> Result<bool, StoreError> {
        let Self::Sqlite(_) = self else { return Ok(true) };
        let mut is_empty = false;
        let each = &mut |row: &dyn Row| {
            is_empty = row.int(0)? == Some(0);
            Ok(())
        };
        self.rows("PRAGMA wal_checkpoint(TRUNCATE)", Vec::new(), each).await?;
        Ok(is_empty)
    }

    /// What a column of bytes is called here.
    pub(crate) fn bytes_type(&self) -> &'static str {
        match self {
            Self::Sqlite(_) => "BLOB",
            Self::Postgres(_) => "BYTEA",
        }
    }

    /// Ends it in good order; of SQLite, what the log holds goes into the file.
    pub(crate) async fn close(self) -> Result<(), StoreError> {
        match self {
            Self::Sqlite(connection) => connection.close().await,
            Self::Postgres(connection) => connection.close().await,
        }
        .map_err(|error| failed(&error))
    }
}
