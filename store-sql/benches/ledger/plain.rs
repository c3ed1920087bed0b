//! A plain loop: the same table, the same rows, as many in a transaction, the same driver, one statement for each row.

use std::path::Path;

use provisioning_core::audit::Sealed;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, PgConnection, SqliteConnection};

use crate::Answer;

const INSERT: &str = "INSERT INTO audit (place, salt, payload, digest, hash) VALUES ($1, $2, $3, $4, $5)";

pub(crate) enum Plain {
    File(SqliteConnection),
    Server(PgConnection),
}

macro_rules! inserted {
    ($to:expr, $begin:literal, $rows:expr) => {{
        sqlx::raw_sql($begin).execute(&mut *$to).await?;
        for sealed in $rows {
            let (salt, payload) = sealed.content.as_ref().map(|(salt, payload)| (salt.0.to_vec(), payload)).unzip();
            let query = sqlx::query(INSERT).bind(i64::try_from(sealed.place)?).bind(salt).bind(payload);
            query.bind(sealed.digest.0.to_vec()).bind(sealed.hash.0.to_vec()).execute(&mut *$to).await?;
        }
        sqlx::raw_sql("COMMIT").execute(&mut *$to).await?;
    }};
}

impl Plain {
    pub(crate) async fn file(path: &Path) -> Answer<Self> {
        let options = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .pragma("secure_delete", "ON");
        let mut connection = options.connect().await?;
        sqlx::raw_sql(AssertSqlSafe(table("BLOB"))).execute(&mut connection).await?;
        Ok(Self::File(connection))
    }

    pub(crate) async fn server(url: &str) -> Answer<Self> {
        let mut connection = PgConnection::connect(url).await?;
        sqlx::raw_sql(AssertSqlSafe(table("BYTEA"))).execute(&mut connection).await?;
        Ok(Self::Server(connection))
    }

    pub(crate) async fn insert(&mut self, rows: &[Sealed]) -> Answer<()> {
        match self {
            Self::File(to) => inserted!(to, "BEGIN IMMEDIATE", rows),
            Self::Server(to) => inserted!(to, "BEGIN", rows),
        }
        Ok(())
    }
}

fn table(bytes: &str) -> String {
    format!(
        "CREATE TABLE audit (place BIGINT PRIMARY KEY, salt {bytes}, payload TEXT, digest {bytes} NOT NULL, \
         hash {bytes} NOT NULL)"
    )
}

/// The addresses of two new schemas on a server: for the store, and for the loop.
pub(crate) async fn schemas(server: &str, round: usize) -> Answer<(String, String)> {
    let name = format!("b{}_{round}", std::process::id());
    let sql = AssertSqlSafe(format!("CREATE SCHEMA {name}; CREATE SCHEMA {name}_plain"));
    sqlx::raw_sql(sql).execute(&mut PgConnection::connect(server).await?).await?;
    let joined = if server.contains('?') { '&' } else { '?' };
    let url = |schema: &str| format!("{server}{joined}options=-csearch_path%3D{schema}");
    Ok((url(&name), url(&format!("{name}_plain"))))
}
