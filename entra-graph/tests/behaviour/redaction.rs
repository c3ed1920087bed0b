use futures::TryStreamExt;

use entra_graph::{Cloud, DeltaLink, Patch};

use crate::bench::{Bench, credentials};
use crate::log::Log;
use crate::users::anna;

/// Secrets and people, as they are planted in what is sent and answered.
const PLANTED: [&str; 5] = ["planted", "token-1", "Anna", "anna.vos", "hr:1001"];

fn assert_nothing_planted(shown: &str) {
    for planted in PLANTED {
        assert!(!shown.contains(planted), "`{planted}` in {shown}");
    }
}

#[tokio::test]
async fn no_secret_and_no_person_gets_into_an_error() {
    let message = r#"{"error":{"code":"Anna Vos","message":"planted: anna.vos@example.org",
        "details":[{"code":"x","message":"planted","target":"Anna Vos"}],
        "innerError":{"code":"planted code","request-id":"Anna Vos"}}}"#;
    for status in ["400", "401", "403", "404", "409", "410", "500", "503"] {
        let bench = Bench::answering(&[(status, message), (status, message)]).await;
        let error = bench.graph.users().create(&anna()).await.unwrap_err();
        assert_nothing_planted(&format!("{error} {error:?} {:?}", error.details()));
    }
    let bench = Bench::answering(&[("400", message)]).await;
    let error = bench.graph.users().find("employeeId", "hr:1001", &[]).await.unwrap_err();
    assert_nothing_planted(&format!("{error} {error:?}"));
    let bench = Bench::answering(&[("404", message)]).await;
    let error = bench.graph.users().get("anna.vos@example.org", &[]).await.unwrap_err();
    assert_nothing_planted(&format!("{error} {error:?}"));
}

#[tokio::test]
async fn no_secret_and_no_person_gets_into_a_debug() {
    let body = r#"{"id":"1","displayName":"Anna Vos","mail":"anna.vos@example.org","department":"planted"}"#;
    let list = format!(r#"{{"value":[{body}],"@odata.deltaLink":"{{base}}/v1.0/users/delta?$deltatoken=planted"}}"#);
    let bench = Bench::answering(&[("200", body), ("200", &list), ("200", &list)]).await;
    let graph = &bench.graph;
    let user = graph.users().get("1", &[]).await.unwrap();
    let delta: Vec<_> = graph.users().delta(&[]).try_collect().await.unwrap();
    let groups: Vec<_> = graph.groups().list(&[]).try_collect().await.unwrap();
    let patch = Patch::new().set("department", "planted");
    assert_nothing_planted(&format!("{graph:?} {:?} {user:?} {delta:?} {groups:?}", graph.users()));
    assert_nothing_planted(&format!("{:?} {:?} {patch:?} {:?}", credentials(), anna(), DeltaLink::new("planted")));
}

#[tokio::test]
async fn no_secret_and_no_person_gets_into_a_log() {
    Log::keep();
    let made = r#"{"id":"1","displayName":"Anna Vos"}"#;
    let bench = Bench::answering(&[("429 retry-after: 1", "planted"), ("201", made), ("200", r#"{"value":[]}"#)]).await;
    bench.graph.users().create(&anna()).await.unwrap();
    bench.graph.users().find("employeeId", "hr:1001", &[]).await.unwrap();
    let text = Log::text();
    assert!(text.contains("status=429") && text.contains("/v1.0/users"), "{text}");
    assert_nothing_planted(&text);
}

#[test]
fn an_address_that_is_refused_is_shown_without_its_secrets() {
    let refused = Cloud::at("http://planted:planted@graph.example/?planted", "https://login.example").unwrap_err();
    assert_nothing_planted(&refused.to_string());
    assert_nothing_planted(&format!("{refused:?}"));
}
