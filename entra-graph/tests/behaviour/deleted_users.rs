use futures::TryStreamExt;

use entra_graph::{GraphErrorKind, User};

use crate::bench::Bench;

#[tokio::test]
async fn the_recycle_bin_is_listed_to_its_end() {
    let bench = Bench::answering(&[
        (
            "200",
            r#"{"value":[{"id":"1","deletedDateTime":"2026-03-01T05:00:00Z"}],
                "@odata.nextLink":"{base}/v1.0/directory/deletedItems/graph.user?$skiptoken=a"}"#,
        ),
        ("200", r#"{"value":[{"id":"2","deletedDateTime":"2026-03-02T05:00:00.1234567Z"}]}"#),
    ])
    .await;
    let users: Vec<User> = bench.graph.deleted_users().list(&["id", "deletedDateTime"]).try_collect().await.unwrap();
    let days = users.iter().filter_map(|user| user.deleted_date_time).map(|at| at.date_naive().to_string());
    assert_eq!(days.collect::<Vec<_>>(), ["2026-03-01", "2026-03-02"]);
    assert_eq!(
        bench.sent().await,
        [
            "GET /v1.0/directory/deletedItems/graph.user?$select=id,deletedDateTime&$top=999",
            "GET /v1.0/directory/deletedItems/graph.user?$skiptoken=a"
        ]
    );
}

#[tokio::test]
async fn one_deleted_user_is_read() {
    let bench = Bench::answering(&[("200", r#"{"id":"1"}"#)]).await;
    bench.graph.deleted_users().get("1", &["id"]).await.unwrap();
    assert_eq!(bench.sent().await, ["GET /v1.0/directory/deletedItems/1?$select=id"]);
}

#[tokio::test]
async fn a_user_is_restored_without_a_body() {
    let body = r##"{"@odata.type":"#microsoft.graph.user","id":"1","userPrincipalName":"anna@example.org"}"##;
    let bench = Bench::answering(&[("200", body)]).await;
    let user = bench.graph.deleted_users().restore("1").await.unwrap();
    assert_eq!(user.user_principal_name.as_deref(), Some("anna@example.org"));
    assert_eq!(bench.sent().await, ["POST /v1.0/directory/deletedItems/1/restore"]);
}

#[tokio::test]
async fn a_restore_that_may_have_happened_is_not_repeated() {
    let bench = Bench::answering(&[("502", "")]).await;
    let error = bench.graph.deleted_users().restore("1").await.unwrap_err();
    assert!(error.may_have_happened());
    assert_eq!(bench.sent().await.len(), 1);
    let bench = Bench::answering(&[("404", r#"{"error":{"code":"Request_ResourceNotFound","message":"m"}}"#)]).await;
    let error = bench.graph.deleted_users().restore("1").await.unwrap_err();
    assert_eq!(error.kind(), GraphErrorKind::NotFound);
}
