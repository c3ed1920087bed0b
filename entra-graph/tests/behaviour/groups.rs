use futures::TryStreamExt;

use entra_graph::{DirectoryObject, GraphErrorKind, Group, GroupKind, Groups, NewGroup, ObjectKind, Patch, Upserted};

use crate::bench::Bench;

fn sales() -> NewGroup {
    NewGroup {
        display_name: "Sales".to_owned(),
        mail_nickname: "sales".to_owned(),
        kind: GroupKind::Security,
        owners: Vec::new(),
        rest: Patch::new().set("description", "All of sales"),
    }
}

const SALES: &str = r#"{"description":"All of sales","displayName":"Sales","mailEnabled":false,"mailNickname":"sales","securityEnabled":true}"#;

#[tokio::test]
async fn a_group_is_made_in_one_request() {
    let bench = Bench::answering(&[("201", r#"{"id":"g","groupTypes":[]}"#)]).await;
    let group = bench.graph.groups().create(&sales()).await.unwrap();
    assert_eq!(group.id, "g");
    assert_eq!(bench.sent().await, [format!("POST /v1.0/groups [content-type: application/json] {SALES}")]);
}

#[tokio::test]
async fn a_group_is_made_with_owners() {
    let bench = Bench::answering(&[("201", r#"{"id":"g","groupTypes":[]}"#)]).await;
    let group = NewGroup { owners: vec!["u".to_owned()], rest: Patch::new(), ..sales() };
    bench.graph.groups().upsert("department:sales", &group).await.unwrap();
    let bound = format!(r#""owners@odata.bind":["{}/v1.0/directoryObjects/u"]"#, bench.server.uri());
    let sent = bench.sent().await.concat();
    assert!(sent.contains(&bound), "{sent}");
}

#[tokio::test]
async fn a_group_is_read_by_id_or_unique_name() {
    let bench = Bench::answering(&[("200", r#"{"id":"g"}"#), ("200", r#"{"id":"g"}"#)]).await;
    bench.graph.groups().get("g", &["id", "displayName"]).await.unwrap();
    let named = bench.graph.groups().named("department:o'b", &["id"]).await.unwrap();
    assert_eq!(named.id, "g");
    assert_eq!(
        bench.sent().await,
        [
            "GET /v1.0/groups/g?$select=id,displayName",
            "GET /v1.0/groups(uniqueName='department%3Ao%27%27b')?$select=id"
        ]
    );
}

#[tokio::test]
async fn groups_are_found_by_a_property() {
    let bench = Bench::answering(&[("200", r#"{"value":[{"id":"g"},{"id":"h"}]}"#)]).await;
    let found = bench.graph.groups().find("displayName", "Sales", &["id"]).await.unwrap();
    assert_eq!(found.len(), 2);
    assert_eq!(bench.sent().await, ["GET /v1.0/groups?$select=id&$filter=displayName%20eq%20%27Sales%27"]);
}

#[tokio::test]
async fn groups_are_listed_to_the_last_page() {
    let bench = Bench::answering(&[
        ("200", r#"{"value":[{"id":"g"}],"@odata.nextLink":"{base}/v1.0/groups?$skiptoken=a"}"#),
        ("200", r#"{"value":[{"id":"h"}]}"#),
    ])
    .await;
    let groups: Vec<Group> = bench.graph.groups().list(&["id"]).try_collect().await.unwrap();
    assert_eq!(groups.len(), 2);
    assert_eq!(bench.sent().await, ["GET /v1.0/groups?$select=id&$top=999", "GET /v1.0/groups?$skiptoken=a"]);
}

#[tokio::test]
async fn a_group_is_changed_and_deleted() {
    let bench = Bench::answering(&[("204", ""), ("204", "")]).await;
    bench.graph.groups().patch("g", &Patch::new().set("displayName", "Sales").clear("description")).await.unwrap();
    bench.graph.groups().delete("g").await.unwrap();
    assert_eq!(
        bench.sent().await,
        [
            r#"PATCH /v1.0/groups/g [content-type: application/json] {"description":null,"displayName":"Sales"}"#,
            "DELETE /v1.0/groups/g"
        ]
    );
}

#[tokio::test]
async fn the_graph_itself_makes_a_named_group_only_when_there_is_none() {
    let bench = Bench::answering(&[("201", r#"{"id":"g"}"#), ("204", "")]).await;
    let groups = bench.graph.groups();
    let created = groups.upsert("department:sales", &sales()).await.unwrap();
    assert_eq!(created, Upserted::Created(Group { id: "g".to_owned(), ..Group::default() }));
    assert_eq!(groups.upsert("department:sales", &sales()).await.unwrap(), Upserted::Updated);
    let line = format!(
        "PATCH /v1.0/groups(uniqueName='department%3Asales') [prefer: create-if-missing] [content-type: application/json] {SALES}"
    );
    assert_eq!(bench.sent().await, [line.clone(), line]);
}

#[tokio::test]
async fn members_are_listed_with_their_kind() {
    let body = r##"{"value":[{"@odata.type":"#microsoft.graph.user","id":"1"},
        {"@odata.type":"#microsoft.graph.device","id":"2"}]}"##;
    let bench = Bench::answering(&[("200", body)]).await;
    let members: Vec<_> = bench.graph.groups().members("g", &["id"]).try_collect().await.unwrap();
    assert_eq!(members.iter().map(DirectoryObject::kind).collect::<Vec<_>>(), [ObjectKind::User, ObjectKind::Other]);
    assert_eq!(bench.sent().await, ["GET /v1.0/groups/g/members?$select=id&$top=999"]);
}

#[tokio::test]
async fn twenty_members_go_into_one_write() {
    let bench = Bench::answering(&[("204", "")]).await;
    let ids: Vec<String> = (1..=Groups::MOST_A_WRITE).map(|n| format!("u{n}")).collect();
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    bench.graph.groups().add_members("g", &ids).await.unwrap();
    let references: Vec<String> =
        ids.iter().map(|id| format!("\"{}/v1.0/directoryObjects/{id}\"", bench.server.uri())).collect();
    assert_eq!(references.len(), 20);
    assert_eq!(
        bench.sent().await,
        [format!(
            "PATCH /v1.0/groups/g [content-type: application/json] {{\"members@odata.bind\":[{}]}}",
            references.join(",")
        )]
    );
}

#[tokio::test]
async fn too_many_members_and_none_at_all_send_nothing() {
    let bench = Bench::answering(&[]).await;
    let error = bench.graph.groups().add_members("g", &["u"; 21]).await.unwrap_err();
    assert_eq!(error.kind(), GraphErrorKind::Rejected);
    bench.graph.groups().add_members("g", &[]).await.unwrap();
    assert!(bench.requests().await.is_empty());
}

#[tokio::test]
async fn a_member_is_removed_by_its_reference_only() {
    let bench = Bench::answering(&[("204", ""), ("204", "")]).await;
    bench.graph.groups().remove_member("g", "1").await.unwrap();
    bench.graph.groups().remove_member("g", "1/../2?x").await.unwrap();
    assert_eq!(
        bench.sent().await,
        ["DELETE /v1.0/groups/g/members/1/$ref", "DELETE /v1.0/groups/g/members/1%2F..%2F2%3Fx/$ref"]
    );
}
