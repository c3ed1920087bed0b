use futures::future::join_all;

use entra_graph::GraphErrorKind;
use transport::TransportErrorKind;

use crate::bench::{Bench, TOKEN, header};

const USER: (&str, &str) = ("200", r#"{"id":"1"}"#);
const REFUSED: (&str, &str) = ("401", r#"{"error":{"code":"InvalidAuthenticationToken","message":"m"}}"#);

#[tokio::test]
async fn a_token_is_asked_for_with_the_apps_credentials_and_kept() {
    let bench = Bench::answering(&[USER, USER]).await;
    for _ in 0..2 {
        bench.graph.users().get("1", &[]).await.unwrap();
    }
    let requests = bench.requests().await;
    let paths: Vec<&str> = requests.iter().map(|request| request.url.path()).collect();
    assert_eq!(paths, [TOKEN, "/v1.0/users/1", "/v1.0/users/1"]);
    assert_eq!(requests[0].method.as_str(), "POST");
    assert_eq!(header(&requests[0], "content-type").unwrap(), "application/x-www-form-urlencoded");
    assert_eq!(header(&requests[0], "authorization"), None);
    assert_eq!(
        std::str::from_utf8(&requests[0].body).unwrap(),
        "client_id=the%20app&client_secret=s3cret%26planted%3D1&scope=https%3A%2F%2Fgraph.example%2F.default\
         &grant_type=client_credentials"
    );
    assert_eq!(header(&requests[1], "authorization").unwrap(), "Bearer token-1");
    assert_eq!(header(&requests[2], "authorization").unwrap(), "Bearer token-1");
    assert_ne!(header(&requests[1], "client-request-id"), header(&requests[2], "client-request-id"));
}

#[tokio::test]
async fn calls_side_by_side_share_one_request_for_a_token() {
    let bench = Bench::answering(&[USER; 8]).await;
    let users = bench.graph.users();
    let read = join_all((0..8).map(|_| users.get("1", &[]))).await;
    assert!(read.iter().all(Result::is_ok));
    assert_eq!((bench.tokens().await, bench.sent().await.len()), (1, 8));
}

#[tokio::test]
async fn a_token_that_is_not_taken_is_replaced_once() {
    let bench = Bench::answering(&[REFUSED, USER]).await;
    bench.graph.users().get("1", &[]).await.unwrap();
    assert_eq!((bench.tokens().await, bench.sent().await.len()), (2, 2));
    let last = bench.requests().await.pop().unwrap();
    assert_eq!(header(&last, "authorization").unwrap(), "Bearer token-2");

    let bench = Bench::answering(&[REFUSED, REFUSED]).await;
    let error = bench.graph.users().get("1", &[]).await.unwrap_err();
    assert_eq!(error.kind(), GraphErrorKind::SignIn);
    assert_eq!((bench.tokens().await, bench.sent().await.len()), (2, 2));
}

#[tokio::test]
async fn a_sign_in_that_is_refused_says_how_and_sends_nothing() {
    let body = r#"{"error":"invalid_client","error_description":"AADSTS7000215: planted","error_codes":[7000215]}"#;
    let bench = Bench::signing_in(&[("401", body)], &[]).await;
    let error = bench.graph.users().get("1", &[]).await.unwrap_err();
    assert_eq!(error.kind(), GraphErrorKind::SignIn);
    assert!(!error.may_have_happened());
    assert_eq!(
        error.to_string(),
        format!(
            "the sign-in gave no token and answered 401 `invalid_client` AADSTS7000215 to POST {}{TOKEN}; check tenant, client \
             id and client secret",
            bench.server.uri()
        )
    );
    assert_eq!((bench.tokens().await, bench.sent().await.len()), (1, 0));
}

#[tokio::test]
async fn a_sign_in_that_is_down_is_asked_again_and_nothing_was_sent() {
    let bench = Bench::signing_in(&[("503", ""); 6], &[]).await;
    let error = bench.graph.users().get("1", &[]).await.unwrap_err();
    assert_eq!(error.kind(), GraphErrorKind::Lost(TransportErrorKind::NotSent));
    assert!(!error.may_have_happened());
    assert_eq!((bench.tokens().await, bench.sent().await.len()), (6, 0));
}

#[tokio::test]
async fn a_token_that_cannot_be_read_is_not_shown_and_nothing_was_sent() {
    let bench = Bench::signing_in(&[("200", r#"{"access_token":"planted"}"#)], &[]).await;
    let error = bench.graph.users().get("1", &[]).await.unwrap_err();
    assert_eq!(error.kind(), GraphErrorKind::Lost(TransportErrorKind::NotSent));
    assert!(!error.may_have_happened());
    assert!(!format!("{error} {error:?}").contains("planted"), "{error}");
}
