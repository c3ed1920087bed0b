//! Groups and their members.

use expect_test::expect;
use serde_json::json;

use super::{texts, world};

#[test]
fn a_group_is_upserted_by_its_unique_name() {
    world().check(
        r#"PATCH /groups(uniqueName='sales')
        {"displayName": "Sales", "mailEnabled": false, "mailNickname": "sales", "securityEnabled": true}

        PATCH /groups(uniqueName='sales')
        Prefer: create-if-missing
        {"displayName": "Sales", "mailEnabled": false, "mailNickname": "sales", "securityEnabled": true}

        PATCH /groups(uniqueName='sales')
        Prefer: create-if-missing
        {"displayName": "Sales and more", "mailEnabled": false, "mailNickname": "sales", "securityEnabled": true}

        GET /groups(uniqueName='sales')?$select=id,displayName,uniqueName,groupTypes

        POST /groups
        {"displayName": "S", "mailEnabled": false, "mailNickname": "s", "securityEnabled": true, "uniqueName": "Sales"}

        PATCH /groups/<sales>
        {"uniqueName": "others"}

        DELETE /groups/<sales>

        GET /groups/<sales>

        GET /directory/deletedItems/microsoft.graph.group?$select=id,displayName"#,
        &expect![[r#"
            > PATCH /groups(uniqueName='sales')
            404
              error: {"code":"Request_ResourceNotFound","innerError":{"client-request-id":"..","date":"2026-03-02T08:00:00","request-id":".."},"message":"Resource 'sales' does not exist or one of its queried reference-property objects are not present."}
            > PATCH /groups(uniqueName='sales')
            201
              @odata.context: "https://graph.test/v1.0/$metadata#groups/$entity"
              classification: null
              createdDateTime: "2026-03-02T08:00:00Z"
              deletedDateTime: null
              description: null
              displayName: "Sales"
              expirationDateTime: null
              groupTypes: []
              id: "<sales>"
              isAssignableToRole: null
              mail: null
              mailEnabled: false
              mailNickname: "sales"
              membershipRule: null
              membershipRuleProcessingState: null
              onPremisesLastSyncDateTime: null
              onPremisesSecurityIdentifier: null
              onPremisesSyncEnabled: null
              preferredDataLocation: null
              preferredLanguage: null
              proxyAddresses: []
              renewedDateTime: "2026-03-02T08:00:00Z"
              securityEnabled: true
              theme: null
              uniqueName: "sales"
              visibility: null
            > PATCH /groups(uniqueName='sales')
            204
            > GET /groups(uniqueName='sales')?$select=id,displayName,uniqueName,groupTypes
            200
              @odata.context: "https://graph.test/v1.0/$metadata#groups/$entity"
              displayName: "Sales and more"
              groupTypes: []
              id: "<sales>"
              uniqueName: "sales"
            > POST /groups
            400
              error: {"code":"Request_BadRequest","details":[{"code":"ObjectConflict","message":"Another object with the same value for property uniqueName already exists.","target":"uniqueName"}],"innerError":{"client-request-id":"..","date":"2026-03-02T08:00:00","request-id":".."},"message":"Another object with the same value for property uniqueName already exists."}
            > PATCH /groups/<sales>
            400
              error: {"code":"Request_BadRequest","innerError":{"client-request-id":"..","date":"2026-03-02T08:00:00","request-id":".."},"message":"Property 'uniqueName' is read-only and cannot be set."}
            > DELETE /groups/<sales>
            204
            > GET /groups/<sales>
            404
              error: {"code":"Request_ResourceNotFound","innerError":{"client-request-id":"..","date":"2026-03-02T08:00:00","request-id":".."},"message":"Resource '<sales>' does not exist or one of its queried reference-property objects are not present."}
            > GET /directory/deletedItems/microsoft.graph.group?$select=id,displayName
            200
              @odata.context: "https://graph.test/v1.0/$metadata#groups"
              - {"displayName":"Sales and more","id":"<sales>"}
        "#]],
    );
}

#[test]
fn groups_that_cannot_be_written_are_refused() {
    let world = world();
    let make = |more: &str| {
        world.refusal(&format!(
            "POST /groups\n{{\"displayName\": \"G\", \"mailNickname\": \"g\", \"securityEnabled\": true{more}}}"
        ))
    };
    let refusals = [
        make(""),
        make(r#", "mailEnabled": true"#),
        make(r#", "mailEnabled": false, "groupTypes": ["Other"]"#),
        make(r#", "mailEnabled": false, "groupTypes": ["DynamicMembership"]"#),
        make(r#", "mailEnabled": false, "owners@odata.bind": ["users/nobody"]"#),
        make(r#", "mailEnabled": false, "owners@odata.bind": {}"#),
    ];
    expect![[r#"
        400 Request_BadRequest: A value is required for property 'mailEnabled' of resource 'Group'.
        400 Request_BadRequest: The service does not currently support writes of mail-enabled groups. Please ensure that the mail-enablement property is unset and the security-enablement property is set.
        400 Request_BadRequest: Invalid value specified for property 'groupTypes' of resource 'Group'.
        400 Request_BadRequest: A value is required for property 'membershipRule' of resource 'Group'.
        404 Request_ResourceNotFound: Resource 'nobody' does not exist or one of its queried reference-property objects are not present.
        400 Request_BadRequest: owners@odata.bind has to be a list."#]].assert_eq(&refusals.join("\n"));
}

#[test]
fn whoever_made_a_group_may_say_whose_it_is() {
    let world = world();
    world.tenant.put_group("sales", "Sales").unwrap();
    let team = r#""displayName": "G", "mailNickname": "g", "mailEnabled": false, "securityEnabled": true"#;
    let upsert = "PATCH /groups(uniqueName='team')\nPrefer: create-if-missing";
    let anna = world.id("anna@example.org");
    let made = world.status(&format!("{upsert}\n{{{team}, \"owners@odata.bind\": [\"@id:{anna}\"]}}"));
    assert_eq!(made, 201);
    world.check(
        r#"GET /groups/<team>/owners?$select=displayName

        PATCH /groups/<team>
        {"owners@odata.bind": ["@id:<bert>"]}

        POST /groups
        {"displayName": "G", "mailNickname": "g", "mailEnabled": false, "securityEnabled": true, "owners@odata.bind": ["@id:<anna>", "@id:<anna>"]}

        POST /groups
        {"displayName": "G", "mailNickname": "g", "mailEnabled": false, "securityEnabled": true, "owners@odata.bind": ["@id:<sales>"]}"#,
        &expect![[r##"
            > GET /groups/<team>/owners?$select=displayName
            200
              @odata.context: "https://graph.test/v1.0/$metadata#directoryObjects"
              - {"@odata.type":"#microsoft.graph.user","displayName":"Anna Aa","id":"<anna>"}
            > PATCH /groups/<team>
            501
              error: {"code":"NotImplemented","innerError":{"client-request-id":"..","date":"2026-03-02T08:00:00","request-id":".."},"message":"This simulator does not know changing the owners of groups."}
            > POST /groups
            400
              error: {"code":"Request_BadRequest","innerError":{"client-request-id":"..","date":"2026-03-02T08:00:00","request-id":".."},"message":"One or more added object references already exist for the following modified properties: 'owners'."}
            > POST /groups
            400
              error: {"code":"Request_BadRequest","innerError":{"client-request-id":"..","date":"2026-03-02T08:00:00","request-id":".."},"message":"Only a user or a service principal can own a group."}
        "##]],
    );
}

#[test]
fn members_come_and_go() {
    let world = world();
    world.tenant.put_group("sales", "Sales").unwrap();
    world.check(
        r#"POST /groups/<sales>/members/$ref
        {"@odata.id": "@id:<anna>"}

        POST /groups/<sales>/members/$ref
        {"@odata.id": "@id:<anna>"}

        POST /groups/<sales>/members/$ref
        {"@odata.id": "@id:nobody"}

        PATCH /groups/<sales>
        {"displayName": "changed", "members@odata.bind": ["@id:<bert>", "@id:<anna>"]}

        PATCH /groups/<sales>
        {"members@odata.bind": ["@id:<bert>"]}

        GET /groups/<sales>/members?$select=displayName

        GET /users/<bert>/memberOf?$select=displayName,uniqueName

        DELETE /groups/<sales>/members/<anna>/$ref

        DELETE /groups/<sales>/members/<anna>/$ref

        GET /groups/<sales>/members/$count
        ConsistencyLevel: eventual

        GET /groups/<sales>/members/$count"#,
        &expect![[r##"
            > POST /groups/<sales>/members/$ref
            204
            > POST /groups/<sales>/members/$ref
            400
              error: {"code":"Request_BadRequest","innerError":{"client-request-id":"..","date":"2026-03-02T08:00:00","request-id":".."},"message":"One or more added object references already exist for the following modified properties: 'members'."}
            > POST /groups/<sales>/members/$ref
            404
              error: {"code":"Request_ResourceNotFound","innerError":{"client-request-id":"..","date":"2026-03-02T08:00:00","request-id":".."},"message":"Resource 'nobody' does not exist or one of its queried reference-property objects are not present."}
            > PATCH /groups/<sales>
            400
              error: {"code":"Request_BadRequest","innerError":{"client-request-id":"..","date":"2026-03-02T08:00:00","request-id":".."},"message":"One or more added object references already exist for the following modified properties: 'members'."}
            > PATCH /groups/<sales>
            204
            > GET /groups/<sales>/members?$select=displayName
            200
              @odata.context: "https://graph.test/v1.0/$metadata#directoryObjects"
              - {"@odata.type":"#microsoft.graph.user","displayName":"Anna Aa","id":"<anna>"}
              - {"@odata.type":"#microsoft.graph.user","displayName":"Bert Bee","id":"<bert>"}
            > GET /users/<bert>/memberOf?$select=displayName,uniqueName
            200
              @odata.context: "https://graph.test/v1.0/$metadata#directoryObjects"
              - {"@odata.type":"#microsoft.graph.group","displayName":"Sales","id":"<sales>","uniqueName":"sales"}
            > DELETE /groups/<sales>/members/<anna>/$ref
            204
            > DELETE /groups/<sales>/members/<anna>/$ref
            404
              error: {"code":"Request_ResourceNotFound","innerError":{"client-request-id":"..","date":"2026-03-02T08:00:00","request-id":".."},"message":"Resource '<anna>' does not exist or one of its queried reference-property objects are not present."}
            > GET /groups/<sales>/members/$count
            200
              1
            > GET /groups/<sales>/members/$count
            400
              error: {"code":"Request_BadRequest","innerError":{"client-request-id":"..","date":"2026-03-02T08:00:00","request-id":".."},"message":"$count is not currently supported."}
        "##]],
    );
}

#[test]
fn a_removal_without_ref_deletes_the_member_itself() {
    let world = world();
    let group = world.tenant.put_group("sales", "Sales").unwrap();
    world.tenant.add_member(&group, "anna@example.org").unwrap();
    let (anna, bert) = (world.id("anna@example.org"), world.id("bert@example.org"));
    assert_eq!(world.status(&format!("DELETE /groups/{group}/members/{bert}")), 404, "not a member");
    assert_eq!(world.status(&format!("DELETE /groups/{group}/members/{anna}")), 204);
    assert_eq!(world.status(&format!("GET /users/{anna}")), 404);
    assert_eq!(world.status(&format!("GET /directory/deletedItems/{anna}")), 200);
}

#[test]
fn one_write_binds_20_members_and_no_more() {
    let world = world();
    let group = world.tenant.put_group("sales", "Sales").unwrap();
    let bound = |numbers: std::ops::Range<usize>| {
        let ids: Vec<String> = numbers
            .map(|n| world.tenant.create_user(json!({"userPrincipalName": format!("u{n}@example.org")})).unwrap())
            .map(|id| format!("@id:{id}"))
            .collect();
        world.status(&format!("PATCH /groups/{group}\n{}", json!({"members@odata.bind": ids})))
    };
    assert_eq!(bound(0..21), 400);
    assert_eq!(bound(30..50), 204);
    assert_eq!(world.json(&format!("GET /groups/{group}/members"))["value"].as_array().unwrap().len(), 20);
}

#[test]
fn members_of_a_dynamic_group_follow_from_its_rule() {
    let world = world();
    let made = world.json(
        r#"POST /groups
        {"displayName": "All", "mailEnabled": false, "mailNickname": "all", "securityEnabled": true,
         "groupTypes": ["DynamicMembership"], "membershipRule": "user.accountEnabled -eq true"}"#,
    );
    let (group, anna) = (super::word(&made["id"]), world.id("anna@example.org"));
    for write in [
        format!("POST /groups/{group}/members/$ref\n{{\"@odata.id\": \"@id:{anna}\"}}"),
        format!("PATCH /groups/{group}\n{{\"members@odata.bind\": [\"@id:{anna}\"]}}"),
        format!("DELETE /groups/{group}/members/{anna}/$ref"),
    ] {
        assert_eq!(world.status(&write), 400, "{write}");
    }
}

#[test]
fn members_come_in_pages() {
    let world = world();
    world.tenant.put_group("sales", "Sales").unwrap();
    for user in ["anna@example.org", "bert@example.org"] {
        world.tenant.add_member("sales", user).unwrap();
    }
    let first = world.json("GET /groups(uniqueName='sales')/members?$top=1&$select=userPrincipalName");
    let second = world.json(&format!("GET {}", super::after_host(&first["@odata.nextLink"])));
    assert_eq!(texts(&first, "userPrincipalName"), ["anna@example.org"]);
    assert_eq!(texts(&second, "userPrincipalName"), ["bert@example.org"]);
    assert!(second.get("@odata.nextLink").is_none());
}
