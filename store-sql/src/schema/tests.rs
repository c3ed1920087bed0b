//! Ledgers that older versions wrote.

use provisioning_core::policy::PolicyVersion;
use provisioning_core::{Digest, PersonId, Store};

use super::*;
use crate::SqlStore;
use crate::connection::Place;
use crate::throwaway::{clock, file, server, settings};

/// What each version wrote in the tables that it brought, from the first one on: what a release has written stays here as it
/// is. `{x}` and `{y}` are what a column of bytes stands between.
const WRITTEN: [&str; VERSION] = [include_str!("version1.sql"), include_str!("version2.sql")];

/// Writes what a version wrote, and then opens it as of today.
async fn is_there(place: Place, version: usize) {
    let mut connection = place.connect().await.unwrap();
    migrate(&mut connection, version).await.unwrap();
    let before = if matches!(connection, Connection::Sqlite(_)) { "x'" } else { "'\\x" };
    connection.raw(&WRITTEN[..version].concat().replace("{x}", before).replace("{y}", "'")).await.unwrap();
    connection.close().await.unwrap();
    for _ in 0..2 {
        let store = SqlStore::open(place.clone(), &settings(), clock()).await.unwrap();
        let ledger = store.ledger().read().clone();
        assert_eq!(ledger.head().records, 3);
        assert!(ledger.person(&"hr:1".parse().unwrap()).unwrap().blocked);
        let names: Vec<String> = store.roster().read().records().map(|record| record.id.to_string()).collect();
        assert_eq!(names, ["hr:1"]);
        let observation = store.observation(&"entra".parse().unwrap());
        let shown = (observation.read().is_complete(), observation.read().accounts().count());
        assert_eq!(shown, (true, 1));
        let held = store.acquire(&"other".parse().unwrap(), chrono::TimeDelta::hours(1)).await.unwrap_err();
        assert!(held.to_string().contains("held by `engine` until 2026-03-02 10:00:00 UTC"), "{held}");
        let due =
            store.due("2026-03-02T09:00:00Z".parse().unwrap(), &PolicyVersion(Digest([1; 32]))).await.unwrap().people;
        assert_eq!(due, ["hr:2".parse::<PersonId>().unwrap()].into());
        let due =
            store.due("2026-03-03T09:00:00Z".parse().unwrap(), &PolicyVersion(Digest([1; 32]))).await.unwrap().people;
        assert_eq!(due.len(), 2);
    }
}

#[tokio::test]
async fn what_any_older_version_wrote_is_there_in_sqlite() {
    for version in 1..=VERSION {
        let (place, _folder) = file();
        is_there(place, version).await;
    }
}

#[tokio::test]
async fn what_any_older_version_wrote_is_there_in_postgresql() {
    for version in 1..=VERSION {
        if let Some(place) = server(&format!("v{version}")).await {
            is_there(place, version).await;
        }
    }
}
