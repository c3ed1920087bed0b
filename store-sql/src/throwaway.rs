//! Places for the tests of this crate's own parts.

use std::sync::Arc;

use provisioning_core::{ManualClock, Settings};
use sqlx::{AssertSqlSafe, ConnectOptions};
use tempfile::TempDir;

use crate::connection::Place;

/// A place in a folder, which is thrown away with it.
pub(crate) fn file() -> (Place, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    (Place::file(&folder.path().join("ledger.db")), folder)
}

/// A new schema in the PostgreSQL for tests, where there is one.
pub(crate) async fn server(name: &str) -> Option<Place> {
    let server = std::env::var("PROVISIONING_TEST_POSTGRES").ok()?;
    let schema = format!("{name}_{}", std::process::id());
    let joined = if server.contains('?') { '&' } else { '?' };
    let place = Place::server(&format!("{server}{joined}options=-csearch_path%3D{schema}")).unwrap();
    if let Place::Postgres(options) = &place {
        let sql = AssertSqlSafe(format!("CREATE SCHEMA {schema}"));
        sqlx::raw_sql(sql).execute(&mut options.connect().await.unwrap()).await.unwrap();
    }
    Some(place)
}

pub(crate) fn settings() -> Settings {
    Settings::new("t".parse().unwrap(), chrono_tz::Tz::UTC)
}

pub(crate) fn clock() -> Arc<ManualClock> {
    Arc::new(ManualClock::at("2026-03-02T09:00:00Z".parse().unwrap()))
}
