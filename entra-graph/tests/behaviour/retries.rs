use std::time::Duration;

use entra_graph::{GraphErrorKind, Patch};
use transport::{Timer, TransportErrorKind};

use crate::bench::{Answer, Bench};
use crate::users::anna;

const MADE: Answer<'_> = ("201", r#"{"id":"1"}"#);
const CONCURRENT: Answer<'_> = ("409", r#"{"error":{"code":"Directory_ConcurrencyViolation","message":"m"}}"#);

/// How a create ends, how many requests it takes, and how many seconds it waits.
async fn create(answers: &[Answer<'_>]) -> (Result<String, GraphErrorKind>, usize, u64) {
    let bench = Bench::answering(answers).await;
    let began = bench.timer.now();
    let made = bench.graph.users().create(&anna()).await.map(|user| user.id).map_err(|error| error.kind());
    (made, bench.sent().await.len(), bench.timer.now().duration_since(began).unwrap().as_secs())
}

#[tokio::test]
async fn a_create_is_repeated_only_when_it_was_not_executed() {
    let made = || Ok("1".to_owned());
    assert_eq!(create(&[("429 retry-after: 7", ""), MADE]).await, (made(), 2, 7));
    assert_eq!(create(&[("503 retry-after: 2.128", ""), MADE]).await, (made(), 2, 2));
    let (result, sent, _) = create(&[CONCURRENT, MADE]).await;
    assert_eq!((result, sent), (made(), 2));
    for status in ["500", "502", "503", "504", "504 retry-after: 1"] {
        let unanswered = GraphErrorKind::Lost(TransportErrorKind::Unanswered);
        assert_eq!(create(&[(status, ""), MADE]).await, (Err(unanswered), 1, 0), "{status}");
    }
}

#[tokio::test]
async fn a_change_is_repeated_because_twice_is_once() {
    let bench = Bench::answering(&[("504", ""), CONCURRENT, ("429 retry-after: 1", ""), ("204", "")]).await;
    bench.graph.users().patch("1", &Patch::new().set("department", "Sales")).await.unwrap();
    let sent = bench.sent().await;
    assert_eq!(sent.len(), 4);
    assert!(sent.iter().all(|line| line == &sent[0]));
}

#[tokio::test]
async fn what_stays_throttled_is_left_to_the_next_run() {
    let bench = Bench::answering(&[("429 retry-after: 1", ""); 6]).await;
    let error = bench.graph.users().create(&anna()).await.unwrap_err();
    assert_eq!(error.kind(), GraphErrorKind::Busy);
    assert_eq!(bench.sent().await.len(), 6);
}

#[tokio::test]
async fn a_refusal_is_final() {
    for (status, kind) in
        [("400", GraphErrorKind::Rejected), ("403", GraphErrorKind::Denied), ("404", GraphErrorKind::NotFound)]
    {
        let bench = Bench::answering(&[(status, "<html>a proxy</html>")]).await;
        assert_eq!(bench.graph.users().get("1", &[]).await.unwrap_err().kind(), kind);
        assert_eq!(bench.sent().await.len(), 1);
    }
}

#[tokio::test]
async fn nothing_is_sent_when_the_right_to_send_ends_too_soon() {
    let bench = Bench::answering(&[("204", ""), ("503", "")]).await;
    let seconds = |n| bench.timer.now() + Duration::from_secs(n);
    // An exchange lasts 20 seconds at most.
    bench.graph.until(seconds(20)).users().delete("1").await.unwrap();
    let error = bench.graph.until(seconds(19)).users().delete("1").await.unwrap_err();
    assert_eq!(error.kind(), GraphErrorKind::Lost(TransportErrorKind::TooLate));
    assert_eq!(bench.sent().await.len(), 1);
    // The client it was made from is bound to nothing.
    let error = bench.graph.until(seconds(20)).users().delete("1").await.unwrap_err();
    assert!(error.may_have_happened());
    assert_eq!(bench.sent().await.len(), 2);
}
