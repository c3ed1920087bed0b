//! Calls whose future is dropped half-way.

use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;

use provisioning_core::audit::PersonDirective;
use provisioning_core::decide::Appointment;
use provisioning_core::{Clock, Commit, Store, StoreError};

use crate::bench::Ledger;
use crate::desk::{
    Look, commit, hr, id, lease, ledger, look, nine_o_clock, people, policy, records, said, settings, settled,
};

/// When a future is dropped that was polled so often as it may be.
#[derive(Debug, Clone, Copy)]
enum Drop {
    /// At once: what it asked of the database is under way.
    AtOnce,
    /// When the answer is there.
    Answered,
}

/// Polls a future at most so often; `None` when it had not ended by then.
async fn polled<T>(future: impl Future<Output = T>, most: usize, drop: Drop) -> Option<T> {
    let (mut future, mut polls) = (pin!(future), 0);
    poll_fn(|context| {
        if polls == most {
            return Poll::Ready(None);
        }
        polls += 1;
        match future.as_mut().poll(context) {
            Poll::Ready(answer) => Poll::Ready(Some(answer)),
            Poll::Pending if polls == most && matches!(drop, Drop::AtOnce) => Poll::Ready(None),
            Poll::Pending => Poll::Pending,
        }
    })
    .await
}

/// A step of many records, after which `hr:1` is due.
fn many() -> Commit {
    let said = (0..300).map(|number| said(1 + number % 2, PersonDirective::Block));
    Commit { appointments: vec![Appointment { again: true, ..Appointment::none(&hr(1)) }], ..records(said) }
}

/// How many records, what else is shown, and who is due.
async fn seen(store: &dyn Store, clock: &dyn Clock) -> (u64, Look, Vec<String>) {
    let due = store.due(clock.now(), &policy(1)).await.unwrap().people;
    (ledger(store).head().records, look(store), due.iter().map(ToString::to_string).collect())
}

/// How often it has to wait is for the machine to say: where the database answered everything at once, it is done again.
async fn all_or_nothing(make: fn() -> Ledger, drop: Drop) {
    for _ in 0..50 {
        if dropped_on_its_way(make, drop).await {
            return;
        }
    }
    panic!("{drop:?}: no commit was ever under way when it was dropped");
}

/// Drops a commit at every poll; whether one of them was under way.
async fn dropped_on_its_way(make: fn() -> Ledger, drop: Drop) -> bool {
    for most in 0.. {
        let (place, clock) = (make(), nine_o_clock());
        let store = place.open(&settings(), clock.clone()).await.unwrap();
        let fence = settled(&store, &clock).await;
        let before = seen(&store, clock.as_ref()).await;
        let answer = polled(commit(&store, &fence, many()), most, drop).await;
        let was_held = store.acquire(&id("other"), lease()).await;
        assert!(matches!(was_held, Err(StoreError::Held { .. })), "{was_held:?}");
        let after = seen(&store, clock.as_ref()).await;
        let anew = place.open(&settings(), clock.clone()).await.unwrap();
        assert_eq!(seen(&anew, clock.as_ref()).await, after, "dropped at poll {most}, {drop:?}");
        assert!(ledger(&anew) == ledger(&store), "dropped at poll {most}, {drop:?}");
        let is_whole = after.0 == before.0 + 300;
        if is_whole {
            assert_eq!(after.2, ["hr:1", "hr:2"], "dropped at poll {most}, {drop:?}");
        } else {
            assert_eq!(after, before, "dropped at poll {most}, {drop:?}");
        }
        let head = commit(&store, &fence, many()).await.unwrap();
        assert_eq!(head.records, after.0 + 300);
        if let Some(answer) = answer {
            assert!(answer.is_ok() && is_whole);
            return most > 1;
        }
    }
    unreachable!()
}

#[tokio::test]
async fn a_commit_dropped_at_any_poll_is_there_whole_or_not_at_all_in_sqlite() {
    all_or_nothing(Ledger::file, Drop::AtOnce).await;
    all_or_nothing(Ledger::file, Drop::Answered).await;
}

#[tokio::test]
async fn a_commit_dropped_at_any_poll_is_there_whole_or_not_at_all_in_postgresql() {
    if Ledger::server().is_some() {
        all_or_nothing(|| Ledger::server().unwrap(), Drop::AtOnce).await;
        all_or_nothing(|| Ledger::server().unwrap(), Drop::Answered).await;
    }
}

/// What another worker wrote is taken in whole or not at all, too: the handles never show half of it.
#[tokio::test]
async fn a_look_at_what_others_wrote_dropped_at_any_poll_shows_all_of_it_or_nothing() {
    for place in Ledger::each() {
        let clock = nine_o_clock();
        let ours = place.open(&settings(), clock.clone()).await.unwrap();
        let fence = settled(&ours, &clock).await;
        for most in 0.. {
            let theirs = place.open(&settings(), clock.clone()).await.unwrap();
            let before = (ledger(&theirs), look(&theirs));
            let name = crate::desk::PEOPLE.replace("given_name=Bo", &format!("given_name=Bo{most}"));
            let head = ledger(&ours).head();
            let acceptance = people(&ours, &name, clock.now()).unwrap();
            ours.accept(&fence, head, acceptance, vec![said(1, PersonDirective::Block)]).await.unwrap();
            let answer = polled(theirs.acquire(&id("other"), lease()), most, Drop::Answered).await;
            let shown = (ledger(&theirs), look(&theirs));
            let now = (ledger(&ours), look(&ours));
            assert!(shown == before || shown == now, "dropped at poll {most}: half of it is shown");
            if let Some(answer) = answer {
                assert!(matches!(answer, Err(StoreError::Held { .. })) && shown == now);
                break;
            }
        }
    }
}
