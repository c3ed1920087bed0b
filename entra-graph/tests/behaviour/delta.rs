use futures::TryStreamExt;

use entra_graph::{Delta, DeltaLink, GraphErrorKind, GroupChange, Membership, Removal, User};

use crate::bench::{Answer, Bench};

#[tokio::test]
async fn users_come_page_by_page_and_end_where_changes_go_on() {
    let bench = Bench::answering(&[
        (
            "200",
            r#"{"value":[{"id":"1","displayName":"Anna"},{"id":"2","@removed":{"reason":"changed"}}],
                "@odata.nextLink":"{base}/v1.0/users/delta?$skiptoken=a"}"#,
        ),
        ("200", r#"{"value":[],"@odata.nextLink":"{base}/v1.0/users/delta?$skiptoken=b"}"#),
        (
            "200",
            r#"{"value":[{"id":"3","@removed":{"reason":"deleted"}}],"@odata.deltaLink":"{base}/v1.0/users/delta?$deltatoken=c"}"#,
        ),
    ])
    .await;
    let items: Vec<_> = bench.graph.users().delta(&["id", "displayName"]).try_collect().await.unwrap();
    let anna = User { id: "1".to_owned(), display_name: Some("Anna".to_owned()), ..User::default() };
    let end = DeltaLink::new(format!("{}/v1.0/users/delta?$deltatoken=c", bench.server.uri()));
    assert_eq!(
        items,
        [
            Delta::Changed(anna),
            Delta::Removed { id: "2".to_owned(), removal: Removal::SoftDeleted },
            Delta::Removed { id: "3".to_owned(), removal: Removal::Gone },
            Delta::End(end)
        ]
    );
    assert_eq!(
        bench.sent().await,
        [
            "GET /v1.0/users/delta?$select=id,displayName",
            "GET /v1.0/users/delta?$skiptoken=a",
            "GET /v1.0/users/delta?$skiptoken=b"
        ]
    );
}

#[tokio::test]
async fn a_delta_goes_on_where_the_last_one_ended() {
    let end = r#"{"value":[],"@odata.deltaLink":"{base}/v1.0/users/delta?$deltatoken=d"}"#;
    let bench = Bench::answering(&[("200", end)]).await;
    let link = DeltaLink::new(format!("{}/v1.0/users/delta?$deltatoken=c%2B1", bench.server.uri()));
    let items: Vec<_> = bench.graph.users().delta_from(&link).try_collect().await.unwrap();
    assert!(matches!(items.as_slice(), [Delta::End(_)]));
    assert_eq!(bench.sent().await, ["GET /v1.0/users/delta?$deltatoken=c%2B1"]);
}

#[tokio::test]
async fn groups_come_with_their_members_whatever_is_selected() {
    let page = r##"{"value":[{"id":"g","displayName":"Sales","members@delta":[
            {"@odata.type":"#microsoft.graph.user","id":"1"},
            {"@odata.type":"#microsoft.graph.user","id":"2","@removed":{"reason":"deleted"}}]}],
        "@odata.deltaLink":"{base}/v1.0/groups/delta?$deltatoken=c"}"##;
    let bench = Bench::answering(&[("200", page), ("200", page), ("200", page)]).await;
    let groups = bench.graph.groups();
    let items: Vec<Delta<GroupChange>> = groups.delta(&["id", "displayName"]).try_collect().await.unwrap();
    let [Delta::Changed(change), Delta::End(link)] = items.as_slice() else { panic!("{items:?}") };
    let members: Vec<_> = change.members.iter().map(|member| (member.id.as_str(), member.membership)).collect();
    assert_eq!(members, [("1", Membership::Added), ("2", Membership::Removed)]);
    groups.delta(&["members"]).try_collect::<Vec<_>>().await.unwrap();
    groups.delta_from(link).try_collect::<Vec<_>>().await.unwrap();
    assert_eq!(
        bench.sent().await,
        [
            "GET /v1.0/groups/delta?$select=id,displayName,members",
            "GET /v1.0/groups/delta?$select=members",
            "GET /v1.0/groups/delta?$deltatoken=c"
        ]
    );
}

/// What a delta from a kept link comes to when the Graph answers this.
async fn check(answer: Answer<'_>, expected: GraphErrorKind) {
    let bench = Bench::answering(&[answer]).await;
    let link = DeltaLink::new(format!("{}/v1.0/users/delta?$deltatoken=old", bench.server.uri()));
    let error = bench.graph.users().delta_from(&link).try_collect::<Vec<_>>().await.unwrap_err();
    assert_eq!(error.kind(), expected, "{answer:?}");
    assert!(!error.to_string().contains("deltatoken"), "{error}");
    assert_eq!(bench.sent().await.len(), 1);
}

#[tokio::test]
async fn a_link_that_is_too_old_asks_for_everything_anew() {
    check(("410 location: https://graph.example/v1.0/users/delta?$deltatoken=", ""), GraphErrorKind::ResyncRequired)
        .await;
    for code in ["syncStateNotFound", "resyncRequired"] {
        let body = format!(r#"{{"error":{{"code":"{code}","message":"m"}}}}"#);
        check(("404", &body), GraphErrorKind::ResyncRequired).await;
        check(("400", &body), GraphErrorKind::ResyncRequired).await;
    }
    let within = r#"{"error":{"code":"Request_BadRequest","innerError":{"code":"syncStateInvalid"}}}"#;
    check(("400", within), GraphErrorKind::ResyncRequired).await;
    check(("403", ""), GraphErrorKind::Denied).await;
}

#[tokio::test]
async fn a_delta_without_an_end_is_not_complete() {
    check(("200", r#"{"value":[{"id":"1"}]}"#), GraphErrorKind::Malformed).await;
    check(("200", r#"{"value":[{"displayName":"nobody"}]}"#), GraphErrorKind::Malformed).await;
    check(
        ("200", r#"{"value":[{"id":"1","@removed":{"reason":"moved"}}],"@odata.deltaLink":"x"}"#),
        GraphErrorKind::Malformed,
    )
    .await;
}

#[tokio::test]
async fn a_kept_link_to_another_host_gets_no_token() {
    let bench = Bench::answering(&[]).await;
    let elsewhere = Bench::answering(&[]).await;
    let link = DeltaLink::new(format!("{}/v1.0/users/delta?$deltatoken=c", elsewhere.server.uri()));
    let error = bench.graph.users().delta_from(&link).try_collect::<Vec<_>>().await.unwrap_err();
    assert_eq!(error.kind(), GraphErrorKind::Rejected);
    assert!(bench.requests().await.is_empty() && elsewhere.requests().await.is_empty());
}
