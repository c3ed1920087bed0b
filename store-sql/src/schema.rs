//! The tables, and how an older ledger gets those of today.
//!
//! `change` is the number of the step that last wrote a row, which is how another process sees what is new; `erased` is that of
//! the last step that dropped rows, which it cannot see.

use provisioning_core::StoreError;

use crate::connection::{Arg, Connection};

/// One entry for each version, from the first on; what was released is never changed, only added to.
const VERSIONS: [&str; 2] = [
    "
    CREATE TABLE ledger (
        id BIGINT PRIMARY KEY CHECK (id = 1),
        tenant TEXT NOT NULL,
        name_key {bytes} NOT NULL,
        change BIGINT NOT NULL,
        policy TEXT,
        roster TEXT,
        erased BIGINT NOT NULL DEFAULT 0
    );
    CREATE TABLE lease (
        id BIGINT PRIMARY KEY CHECK (id = 1),
        token BIGINT NOT NULL,
        holder TEXT NOT NULL,
        until BIGINT NOT NULL
    );
    INSERT INTO lease (id, token, holder, until) VALUES (1, 0, '', 0);
    CREATE TABLE audit (
        place BIGINT PRIMARY KEY,
        salt {bytes},
        payload TEXT,
        digest {bytes} NOT NULL,
        hash {bytes} NOT NULL
    );
    CREATE TABLE sources (
        source TEXT PRIMARY KEY,
        reading TEXT NOT NULL,
        departments TEXT,
        fill TEXT,
        identity TEXT NOT NULL,
        change BIGINT NOT NULL
    );
    CREATE TABLE people (
        record TEXT PRIMARY KEY,
        content TEXT NOT NULL,
        change BIGINT NOT NULL
    );
    CREATE TABLE targets (
        target TEXT PRIMARY KEY,
        place TEXT,
        complete BIGINT NOT NULL,
        change BIGINT NOT NULL
    );
    CREATE TABLE shown (
        target TEXT NOT NULL,
        sort BIGINT NOT NULL,
        id TEXT NOT NULL,
        content TEXT,
        change BIGINT NOT NULL,
        PRIMARY KEY (target, sort, id)
    );
    CREATE TABLE agenda (
        person TEXT PRIMARY KEY,
        due BIGINT NOT NULL,
        wake BIGINT,
        watches TEXT,
        change BIGINT NOT NULL
    );
",
    "
    CREATE TABLE heads (
        id BIGINT PRIMARY KEY CHECK (id = 1),
        records BIGINT NOT NULL,
        at BIGINT NOT NULL,
        key {bytes} NOT NULL,
        signature {bytes} NOT NULL
    );
",
];

/// The version that this program knows.
pub(crate) const VERSION: usize = VERSIONS.len();

/// Brings the tables to a version, the newest unless a test wants an older one; nothing is ever taken back.
pub(crate) async fn migrate(connection: &mut Connection, to: usize) -> Result<(), StoreError> {
    connection.begin().await?;
    if let Connection::Postgres(_) = connection {
        // Two processes that come first at the same time take turns; ledgers in other schemas have nothing to do with it.
        let sql = "SELECT pg_advisory_xact_lock(723712781, hashtext(current_schema()))";
        connection.execute(sql, Vec::new()).await?;
    }
    connection.raw("CREATE TABLE IF NOT EXISTS ledger_version (version BIGINT PRIMARY KEY)").await?;
    let mut last = None;
    let read = &mut |row: &dyn crate::connection::Row| {
        last = row.int(0)?;
        Ok(())
    };
    connection.rows("SELECT max(version) FROM ledger_version", Vec::new(), read).await?;
    let found = usize::try_from(last.unwrap_or(0)).unwrap_or(usize::MAX);
    if found > VERSION {
        return Err(StoreError::Failed {
            message: format!(
                "the ledger has version {found} and this program knows {VERSION}; use the program that wrote it, or a newer one"
            ),
        });
    }
    for (version, sql) in (1_i64..).zip(VERSIONS).skip(found).take(to.saturating_sub(found)) {
        let sql = sql.replace("{bytes}", connection.bytes_type());
        connection.raw(&sql).await?;
        connection.execute("INSERT INTO ledger_version (version) VALUES ($1)", vec![Arg::int(version)]).await?;
    }
    connection.commit().await
}

#[cfg(test)]
mod tests;
