//! A disk that is full, and a lock that somebody keeps. A limit on the pages of the file makes SQLite say what a full disk makes
//! it say, at whatever page we want, without rights to mount one.

use std::time::Duration;

use provisioning_core::audit::{Directive, Fact, PersonDirective};
use provisioning_core::decide::Appointment;
use sqlx::ConnectOptions;

use super::*;
use crate::throwaway::{clock, file, server, settings};

/// A step that needs some dozens of pages.
fn large() -> Commit {
    let person: PersonId = "hr:1".parse().unwrap();
    let fact = Fact::Said(Directive::Person(person.clone(), PersonDirective::Block));
    let record = Record { at: clock().now(), actor: "engine".parse().unwrap(), fact };
    let appointments = vec![Appointment { again: true, ..Appointment::none(&person) }];
    Commit { records: vec![record; 600], appointments, question: None }
}

/// The same place with another setting, as its connections have it from now on.
fn with(place: Place, pragma: &'static str, value: u32) -> Place {
    match place {
        Place::Sqlite(options) => Place::Sqlite(Box::new(options.pragma(pragma, value.to_string()))),
        Place::Postgres(options) => Place::Postgres(Box::new(options.options([(pragma, value.to_string())]))),
    }
}

async fn due(store: &SqlStore) -> usize {
    store.due(store.clock.now(), &PolicyVersion(provisioning_core::Digest::ZERO)).await.unwrap().people.len()
}

#[tokio::test]
async fn a_disk_that_is_full_at_any_page_stops_the_step_and_leaves_nothing_of_it() {
    let (mut refused, mut pages) = (0, None);
    for more in 0.. {
        let (roomy, folder) = file();
        let mut store = SqlStore::open(roomy.clone(), &settings(), clock()).await.unwrap();
        let fence = store.acquire(&"engine".parse().unwrap(), TimeDelta::hours(1)).await.unwrap();
        assert_eq!(due(&store).await, 0);
        let length = std::fs::metadata(folder.path().join("ledger.db")).unwrap().len();
        let used = *pages.get_or_insert(u32::try_from(length / 4096).unwrap());
        store.place = with(roomy.clone(), "max_page_count", used + more);
        store.inner.get_mut().connection = None;
        let answer = store.commit(&fence, Head::EMPTY, large()).await;
        if answer.is_ok() {
            break;
        }
        refused += 1;
        let told = answer.unwrap_err().to_string();
        assert!(told.contains("the disk is full") && told.contains("make room, and run again"), "{told}");
        assert_eq!(store.ledger().read().head(), Head::EMPTY);
        assert!(store.audit(0, usize::MAX).await.unwrap().is_empty());
        assert_eq!(due(&store).await, 0);
        store.place = roomy.made();
        store.inner.get_mut().connection = None;
        let anew = SqlStore::open(store.place.clone(), &settings(), clock()).await.unwrap();
        assert!(*anew.ledger().read() == *store.ledger().read());
        let head = store.commit(&fence, Head::EMPTY, large()).await.unwrap();
        assert_eq!((head.records, due(&store).await), (600, 1));
    }
    assert!(refused > 10, "the disk was full {refused} times");
}

#[tokio::test]
async fn a_lock_that_another_process_keeps_is_told_and_waited_out() {
    let (place, _folder) = file();
    let Place::Sqlite(options) = &place else { unreachable!() };
    let quick = Place::Sqlite(Box::new(options.as_ref().clone().busy_timeout(Duration::from_millis(20))));
    let store = SqlStore::open(quick, &settings(), clock()).await.unwrap();
    let fence = store.acquire(&"engine".parse().unwrap(), TimeDelta::hours(1)).await.unwrap();
    let mut other = options.connect().await.unwrap();
    sqlx::raw_sql("BEGIN IMMEDIATE").execute(&mut other).await.unwrap();
    is_told_and_goes_on(&store, &fence, async {
        sqlx::raw_sql("ROLLBACK").execute(&mut other).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn a_lock_that_a_worker_keeps_in_postgresql_is_told_and_waited_out() {
    let Some(Place::Postgres(options)) = server("locked").await else { return };
    let mut other = options.connect().await.unwrap();
    // Opened with patience: the tables of all schemas are made in turn.
    let mut store = SqlStore::open(Place::Postgres(options.clone()), &settings(), clock()).await.unwrap();
    store.place = with(Place::Postgres(options), "lock_timeout", 20);
    store.inner.get_mut().connection = None;
    let fence = store.acquire(&"engine".parse().unwrap(), TimeDelta::hours(1)).await.unwrap();
    sqlx::raw_sql("BEGIN; UPDATE lease SET token = token").execute(&mut other).await.unwrap();
    is_told_and_goes_on(&store, &fence, async {
        sqlx::raw_sql("ROLLBACK").execute(&mut other).await.unwrap();
    })
    .await;
}

async fn is_told_and_goes_on(store: &SqlStore, fence: &Fence, unlock: impl Future<Output = ()>) {
    for _ in 0..2 {
        let told = store.commit(fence, Head::EMPTY, large()).await.unwrap_err().to_string();
        assert!(told.contains("another process keeps the ledger locked; see which one"), "{told}");
        let told = store.acquire(&"other".parse().unwrap(), TimeDelta::hours(1)).await.unwrap_err().to_string();
        assert!(told.contains("another process keeps the ledger locked"), "{told}");
        assert_eq!(store.ledger().read().head(), Head::EMPTY);
    }
    unlock.await;
    assert_eq!(due(store).await, 0);
    let head = store.commit(fence, Head::EMPTY, large()).await.unwrap();
    assert_eq!((head.records, due(store).await), (600, 1));
}
