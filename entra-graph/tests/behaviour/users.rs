use futures::TryStreamExt;

use entra_graph::{GraphErrorKind, NewUser, ObjectKind, Patch, User};

use crate::bench::Bench;

pub(crate) fn anna() -> NewUser {
    NewUser {
        user_principal_name: "anna.vos@example.org".to_owned(),
        display_name: "Anna Vos".to_owned(),
        mail_nickname: "anna.vos".to_owned(),
        account_enabled: false,
        password: "planted-password".into(),
        change_password_at_next_sign_in: true,
        rest: Patch::new().set("onPremisesExtensionAttributes.extensionAttribute15", "hr:1001"),
    }
}

#[tokio::test]
async fn a_user_is_made_in_one_request_with_all_that_is_known() {
    let bench = Bench::answering(&[("201", r#"{"id":"1","userPrincipalName":"anna.vos@example.org"}"#)]).await;
    let user = bench.graph.users().create(&anna()).await.unwrap();
    assert_eq!(user.id, "1");
    assert_eq!(
        bench.sent().await,
        [concat!(
            r#"POST /v1.0/users [content-type: application/json] {"accountEnabled":false,"displayName":"Anna Vos","#,
            r#""mailNickname":"anna.vos","onPremisesExtensionAttributes":{"extensionAttribute15":"hr:1001"},"#,
            r#""passwordProfile":{"forceChangePasswordNextSignIn":true,"password":"planted-password"},"#,
            r#""userPrincipalName":"anna.vos@example.org"}"#
        )]
    );
}

#[tokio::test]
async fn a_user_is_read_by_id_or_name() {
    let body = r#"{"@odata.context":"c","id":"1","displayName":"Anna Vos","department":"Sales","accountEnabled":true}"#;
    let bench = Bench::answering(&[("200", body), ("200", body), ("200", body)]).await;
    let users = bench.graph.users();
    let user = users.get("1", &["id", "department"]).await.unwrap();
    assert_eq!((user.account_enabled, user.rest["department"].as_str()), (Some(true), Some("Sales")));
    users.get("guest#EXT#@example.org", &[]).await.unwrap();
    users.get("$anna@example.org", &[]).await.unwrap();
    assert_eq!(
        bench.sent().await,
        [
            "GET /v1.0/users/1?$select=id,department",
            "GET /v1.0/users/guest%23EXT%23%40example.org",
            "GET /v1.0/users('%24anna%40example.org')"
        ]
    );
}

#[tokio::test]
async fn a_patch_names_what_changes_and_nothing_else() {
    let bench = Bench::answering(&[("204", "")]).await;
    let patch = Patch::new().set("accountEnabled", false).clear("mobilePhone").set("officeLocation", "");
    bench.graph.users().patch("1", &patch).await.unwrap();
    assert_eq!(
        bench.sent().await,
        [concat!(
            "PATCH /v1.0/users/1 [content-type: application/json] ",
            r#"{"accountEnabled":false,"mobilePhone":null,"officeLocation":""}"#
        )]
    );
}

#[tokio::test]
async fn a_user_is_deleted_and_one_that_is_gone_is_not_found() {
    let gone = r#"{"error":{"code":"Request_ResourceNotFound","message":"m"}}"#;
    let bench = Bench::answering(&[("204", ""), ("404", gone)]).await;
    bench.graph.users().delete("1").await.unwrap();
    assert_eq!(bench.graph.users().delete("1").await.unwrap_err().kind(), GraphErrorKind::NotFound);
    assert_eq!(bench.sent().await, ["DELETE /v1.0/users/1", "DELETE /v1.0/users/1"]);
}

#[tokio::test]
async fn sessions_are_revoked_without_a_body() {
    let bench = Bench::answering(&[("200", r#"{"value":true}"#)]).await;
    bench.graph.users().revoke_sessions("1").await.unwrap();
    assert_eq!(bench.sent().await, ["POST /v1.0/users/1/revokeSignInSessions"]);
}

#[tokio::test]
async fn a_listing_goes_on_over_an_empty_page_until_no_link_is_there() {
    let bench = Bench::answering(&[
        ("200", r#"{"value":[{"id":"1"},{"id":"2"}],"@odata.nextLink":"{base}/v1.0/users?$skiptoken=a%2Bb"}"#),
        ("200", r#"{"value":[],"@odata.nextLink":"{base}/v1.0/users?$skiptoken=c"}"#),
        ("200", r#"{"value":[{"id":"3"}]}"#),
    ])
    .await;
    let users: Vec<User> = bench.graph.users().list(&["id"]).try_collect().await.unwrap();
    assert_eq!(users.iter().map(|user| user.id.as_str()).collect::<Vec<_>>(), ["1", "2", "3"]);
    assert_eq!(
        bench.sent().await,
        ["GET /v1.0/users?$select=id&$top=999", "GET /v1.0/users?$skiptoken=a%2Bb", "GET /v1.0/users?$skiptoken=c"]
    );
    assert_eq!(bench.tokens().await, 1);
}

#[tokio::test]
async fn a_page_is_read_only_when_somebody_wants_it() {
    let bench =
        Bench::answering(&[("200", r#"{"value":[{"id":"1"}],"@odata.nextLink":"{base}/v1.0/users?$skiptoken=a"}"#)])
            .await;
    let mut users = bench.graph.users().list(&[]);
    assert!(bench.sent().await.is_empty());
    users.try_next().await.unwrap();
    assert_eq!(bench.sent().await.len(), 1);
}

#[tokio::test]
async fn a_link_to_another_host_gets_no_token() {
    let elsewhere = Bench::answering(&[]).await;
    let link =
        format!(r#"{{"value":[{{"id":"1"}}],"@odata.nextLink":"{}/v1.0/users?$skiptoken=a"}}"#, elsewhere.server.uri());
    let bench = Bench::answering(&[("200", &link)]).await;
    let error = bench.graph.users().list(&[]).try_collect::<Vec<_>>().await.unwrap_err();
    assert_eq!(error.kind(), GraphErrorKind::Malformed);
    assert!(elsewhere.requests().await.is_empty());
}

#[tokio::test]
async fn a_search_by_a_property_asks_for_exactly_its_value() {
    let bench = Bench::answering(&[("200", r#"{"value":[{"id":"1"}]}"#)]).await;
    let found = bench.graph.users().find("employeeId", "O'B 1", &["id"]).await.unwrap();
    assert_eq!(found.len(), 1);
    assert_eq!(bench.sent().await, ["GET /v1.0/users?$select=id&$filter=employeeId%20eq%20%27O%27%27B%201%27"]);
}

#[tokio::test]
async fn a_search_within_a_property_says_on_each_page_that_it_asks_the_index() {
    let bench = Bench::answering(&[
        ("200", r#"{"@odata.count":2,"value":[{"id":"1"}],"@odata.nextLink":"{base}/v1.0/users?$skiptoken=a"}"#),
        ("200", r#"{"value":[{"id":"2"}]}"#),
    ])
    .await;
    let property = "onPremisesExtensionAttributes.extensionAttribute15";
    let found = bench.graph.users().find(property, "hr:1001", &[]).await.unwrap();
    assert_eq!(found.len(), 2);
    assert_eq!(
        bench.sent().await,
        [
            "GET /v1.0/users?$filter=onPremisesExtensionAttributes/extensionAttribute15%20eq%20%27hr%3A1001%27&$count=true \
             [consistencylevel: eventual]",
            "GET /v1.0/users?$skiptoken=a [consistencylevel: eventual]"
        ]
    );
}

#[tokio::test]
async fn what_a_user_is_a_member_of_is_listed_with_its_kind() {
    let body = r##"{"value":[{"@odata.type":"#microsoft.graph.group","id":"g","displayName":"Sales"},
        {"@odata.type":"#microsoft.graph.directoryRole","id":"r"}]}"##;
    let bench = Bench::answering(&[("200", body)]).await;
    let of: Vec<_> = bench.graph.users().member_of("1", &["id", "displayName"]).try_collect().await.unwrap();
    assert_eq!(
        of.iter().map(|o| (o.kind(), o.id.as_str())).collect::<Vec<_>>(),
        [(ObjectKind::Group, "g"), (ObjectKind::Other, "r")]
    );
    assert_eq!(bench.sent().await, ["GET /v1.0/users/1/memberOf?$select=id,displayName&$top=999"]);
}

#[tokio::test]
async fn a_conflict_names_its_property() {
    let body = r#"{"error":{"code":"Request_BadRequest","message":"anna.vos@example.org exists","details":[
        {"code":"ObjectConflict","message":"anna.vos@example.org","target":"userPrincipalName"}],
        "innerError":{"request-id":"r-1"}}}"#;
    let bench = Bench::answering(&[("400", body)]).await;
    let error = bench.graph.users().create(&anna()).await.unwrap_err();
    assert_eq!(error.kind(), GraphErrorKind::Conflict);
    assert_eq!(error.conflicts().collect::<Vec<_>>(), ["userPrincipalName"]);
    assert_eq!((error.code(), error.request_id()), (Some("Request_BadRequest"), Some("r-1")));
    assert_eq!(error.status().map(|status| status.as_u16()), Some(400));
    assert!(!error.may_have_happened());
    assert_eq!(
        error.to_string(),
        format!(
            "Microsoft Graph answered 400 Request_BadRequest (ObjectConflict: userPrincipalName) [request-id r-1] to POST \
             {}/v1.0/users",
            bench.server.uri()
        )
    );
}

#[tokio::test]
async fn an_answer_that_cannot_be_read_may_have_happened() {
    let bench = Bench::answering(&[("201", "<html>planted</html>")]).await;
    let error = bench.graph.users().create(&anna()).await.unwrap_err();
    assert_eq!(error.kind(), GraphErrorKind::Malformed);
    assert!(error.may_have_happened());
    assert!(!error.to_string().contains("planted"), "{error}");
}
