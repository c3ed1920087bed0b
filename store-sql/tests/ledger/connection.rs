//! Connections to PostgreSQL that end, at whatever moment.

use futures::future::join;
use provisioning_core::Store;
use provisioning_core::audit::PersonDirective;
use sqlx::{AssertSqlSafe, Connection, PgConnection, Row};

use crate::bench::{Ledger, other_connection};
use crate::desk::{commit, id, lease, ledger, nine_o_clock, records, said, settings, settled};

/// Ends the connections of the stores on a ledger; how many there were comes back.
async fn ended(connection: &mut PgConnection, schema: &str) -> i64 {
    let sql = "SELECT count(pg_terminate_backend(pid, 5000)) FROM pg_stat_activity WHERE application_name = $1";
    sqlx::query(sql).bind(schema).fetch_one(connection).await.unwrap().get(0)
}

/// Comes back once a store waits for a lock.
async fn waiting(connection: &mut PgConnection, schema: &str) {
    let sql = "SELECT count(*) FROM pg_stat_activity WHERE application_name = $1 AND wait_event_type = 'Lock'";
    loop {
        let waiting: i64 = sqlx::query(sql).bind(schema).fetch_one(&mut *connection).await.unwrap().get(0);
        if waiting > 0 {
            return;
        }
    }
}

#[tokio::test]
async fn a_connection_that_ended_before_a_call_fails_that_call_only() {
    let Some(place) = Ledger::server() else { return };
    let Ledger::Database(_, schema) = &place else { unreachable!() };
    let clock = nine_o_clock();
    let store = place.open(&settings(), clock.clone()).await.unwrap();
    let fence = settled(&store, &clock).await;
    let before = ledger(&store);
    let mut other = other_connection().await;
    assert_eq!(ended(&mut other, schema).await, 1);
    let block = || records([said(1, PersonDirective::Block)]);
    let told = commit(&store, &fence, block()).await.unwrap_err().to_string();
    assert!(told.contains("run again"), "{told}");
    assert!(ledger(&store) == before, "something is shown of what was not written");
    let head = commit(&store, &fence, block()).await.unwrap();
    assert_eq!(head.records, before.head().records + 1);
    assert!(ledger(&place.open(&settings(), clock).await.unwrap()) == ledger(&store));
}

#[tokio::test]
async fn a_connection_that_ends_in_the_middle_of_a_step_takes_all_of_it_back() {
    let Some(place) = Ledger::server() else { return };
    let Ledger::Database(_, schema) = &place else { unreachable!() };
    let clock = nine_o_clock();
    let store = place.open(&settings(), clock.clone()).await.unwrap();
    let fence = settled(&store, &clock).await;
    let before = ledger(&store);
    let due = store.due(lease_later(), &crate::desk::policy(1)).await.unwrap().people;
    // The agenda is the last table that the step writes to.
    let (mut keeper, mut other) = (other_connection().await, other_connection().await);
    let mut keeping = keeper.begin().await.unwrap();
    let sql = format!("LOCK TABLE {schema}.agenda IN EXCLUSIVE MODE");
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut *keeping).await.unwrap();
    let step = commit(&store, &fence, records([said(1, PersonDirective::Block)]));
    let cut = async {
        waiting(&mut other, schema).await;
        ended(&mut other, schema).await
    };
    let (answer, cut) = join(step, cut).await;
    assert_eq!(cut, 1);
    let told = answer.unwrap_err().to_string();
    assert!(told.contains("run again"), "{told}");
    keeping.rollback().await.unwrap();
    assert!(ledger(&store) == before, "something is shown of what was taken back");
    assert!(store.acquire(&id("other"), lease()).await.is_err(), "the right to commit was lost with the connection");
    assert!(ledger(&store) == before, "something was written of what was taken back");
    assert_eq!(store.due(lease_later(), &crate::desk::policy(1)).await.unwrap().people, due);
    assert!(commit(&store, &fence, records([said(1, PersonDirective::Block)])).await.is_ok());
}

fn lease_later() -> chrono::DateTime<chrono::Utc> {
    "2026-03-02T10:00:00Z".parse().unwrap()
}
