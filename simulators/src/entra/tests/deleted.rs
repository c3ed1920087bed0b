//! The 30 days of the recycle bin, and what comes back.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use expect_test::expect;
use serde_json::json;

use super::{World, world};
use crate::clock::ByHand;
use crate::entra::{GroupDeletion, Presence, Tenant, TenantConfig};

#[test]
fn what_was_deleted_is_listed_restored_and_removed_for_good() {
    let world = world();
    world.tenant.put_group("sales", "Sales").unwrap();
    world.tenant.add_member("sales", "anna@example.org").unwrap();
    world.check(
        r#"DELETE /users/<anna>

        GET /directory/deletedItems/graph.user?$select=id,deletedDateTime,accountEnabled,userPrincipalName

        GET /directory/deletedItems/microsoft.graph.user/$count
        ConsistencyLevel: eventual

        GET /directory/deletedItems/<anna>?$select=id,deletedDateTime

        GET /groups/<sales>/members?$select=displayName

        POST /directory/deletedItems/<anna>/restore

        GET /users/<anna>?$select=accountEnabled,deletedDateTime

        GET /groups/<sales>/members?$select=displayName

        POST /directory/deletedItems/<anna>/restore"#,
        &expect![[r##"
            > DELETE /users/<anna>
            204
            > GET /directory/deletedItems/graph.user?$select=id,deletedDateTime,accountEnabled,userPrincipalName
            200
              @odata.context: "https://graph.test/v1.0/$metadata#users"
              - {"accountEnabled":true,"deletedDateTime":"2026-03-02T08:00:00Z","id":"<anna>","userPrincipalName":"anna@example.org"}
            > GET /directory/deletedItems/microsoft.graph.user/$count
            200
              1
            > GET /directory/deletedItems/<anna>?$select=id,deletedDateTime
            200
              @odata.context: "https://graph.test/v1.0/$metadata#users/$entity"
              @odata.type: "#microsoft.graph.user"
              deletedDateTime: "2026-03-02T08:00:00Z"
              id: "<anna>"
            > GET /groups/<sales>/members?$select=displayName
            200
              @odata.context: "https://graph.test/v1.0/$metadata#directoryObjects"
            > POST /directory/deletedItems/<anna>/restore
            200
              @odata.context: "https://graph.test/v1.0/$metadata#users/$entity"
              @odata.type: "#microsoft.graph.user"
              businessPhones: []
              displayName: "Anna Aa"
              givenName: null
              id: "<anna>"
              jobTitle: null
              mail: null
              mobilePhone: null
              officeLocation: null
              preferredLanguage: null
              surname: null
              userPrincipalName: "anna@example.org"
            > GET /users/<anna>?$select=accountEnabled,deletedDateTime
            200
              @odata.context: "https://graph.test/v1.0/$metadata#users/$entity"
              accountEnabled: true
              deletedDateTime: null
            > GET /groups/<sales>/members?$select=displayName
            200
              @odata.context: "https://graph.test/v1.0/$metadata#directoryObjects"
              - {"@odata.type":"#microsoft.graph.user","displayName":"Anna Aa","id":"<anna>"}
            > POST /directory/deletedItems/<anna>/restore
            404
              error: {"code":"Request_ResourceNotFound","innerError":{"client-request-id":"..","date":"2026-03-02T08:00:00","request-id":".."},"message":"Resource '<anna>' does not exist or one of its queried reference-property objects are not present."}
        "##]],
    );
    let bert = world.id("bert@example.org");
    assert_eq!(world.status(&format!("DELETE /users/{bert}")), 204);
    let renamed = r#"{"newUserPrincipalName": "robert@example.org", "autoReconcileProxyConflict": true}"#;
    assert_eq!(world.status(&format!("POST /directory/deletedItems/{bert}/restore\n{renamed}")), 200);
    assert_eq!(world.id("robert@example.org"), bert);
    assert_eq!(world.status(&format!("DELETE /users/{bert}")), 204);
    assert_eq!(world.status(&format!("DELETE /directory/deletedItems/{bert}")), 204);
    assert!(world.tenant.user("robert@example.org").is_none(), "its name is free again");
}

#[test]
fn a_restore_keeps_whether_a_user_was_enabled() {
    let world = world();
    world.tenant.disable("bert@example.org").unwrap();
    for (upn, enabled) in [("anna@example.org", true), ("bert@example.org", false)] {
        let id = world.id(upn);
        assert_eq!(world.status(&format!("DELETE /users/{id}")), 204);
        assert_eq!(world.status(&format!("POST /directory/deletedItems/{id}/restore")), 200);
        assert_eq!(world.tenant.user(upn).unwrap().enabled, enabled, "{upn}");
    }
}

/// A user deleted at an instant: whether it can be restored at another one.
fn restorable(zone: Tz, deleted: &str, then: &str) -> bool {
    let parse = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
    let clock = ByHand::at(parse(deleted));
    let tenant = Tenant::new(TenantConfig { zone, ..TenantConfig::default() }, clock.clock());
    let id = tenant.create_user(json!({"userPrincipalName": "anna@example.org"})).unwrap();
    tenant.delete_user(&id).unwrap();
    clock.set(parse(then));
    let world = World { token: tenant.issue_token(), tenant, clock };
    let listed = !world.json("GET /directory/deletedItems/graph.user")["value"].as_array().unwrap().is_empty();
    let restored = world.status(&format!("POST /directory/deletedItems/{id}/restore")) == 200;
    assert_eq!(listed, restored);
    restored
}

#[test]
fn thirty_civil_days_pass_in_the_zone_of_the_tenant() {
    let (utc, amsterdam) = (Tz::UTC, Tz::Europe__Amsterdam);
    for (zone, deleted, then, expected) in [
        (utc, "2026-03-02T00:00:00Z", "2026-03-31T23:59:59Z", true),
        (utc, "2026-03-02T23:59:59Z", "2026-03-31T23:59:59Z", true),
        (utc, "2026-03-02T00:00:00Z", "2026-04-01T00:00:00Z", false),
        (utc, "2026-03-02T23:59:59Z", "2026-04-01T00:00:00Z", false),
        // 23:30 UTC is the next day in Amsterdam, and its midnight comes earlier, by two hours in summer.
        (amsterdam, "2026-03-02T22:30:00Z", "2026-03-31T21:59:59Z", true),
        (amsterdam, "2026-03-02T22:30:00Z", "2026-03-31T22:00:00Z", false),
        (amsterdam, "2026-03-02T23:30:00Z", "2026-03-31T22:00:00Z", true),
        (amsterdam, "2026-03-02T23:30:00Z", "2026-04-01T22:00:00Z", false),
    ] {
        assert_eq!(restorable(zone, deleted, then), expected, "{zone}: {deleted} .. {then}");
    }
}

#[test]
fn what_is_gone_leaves_its_name_and_its_groups() {
    let world = world();
    let group = world.tenant.put_group("sales", "Sales").unwrap();
    world.tenant.add_member(&group, "anna@example.org").unwrap();
    let mark = world.tenant.mark();
    world.tenant.delete_user("anna@example.org").unwrap();
    world.pass(31 * 24 * 3_600);
    let changes = world.tenant.changes_since(mark);
    assert_eq!(changes.users.iter().map(|user| user.presence).collect::<Vec<_>>(), [Presence::Gone]);
    let again = world.tenant.create_user(json!({"userPrincipalName": "anna@example.org"})).unwrap();
    assert!(world.tenant.user(&again).unwrap().groups.is_empty());
    assert!(world.tenant.groups()[0].members.is_empty());
}

#[test]
fn a_security_group_is_gone_at_once_where_the_tenant_is_like_that() {
    let clock = ByHand::at(DateTime::UNIX_EPOCH);
    let config = TenantConfig { security_groups: GroupDeletion::Final, ..TenantConfig::default() };
    let tenant = Tenant::new(config, clock.clock());
    let world = World { token: tenant.issue_token(), tenant, clock };
    let group = world.tenant.put_group("sales", "Sales").unwrap();
    assert_eq!(world.status(&format!("DELETE /groups/{group}")), 204);
    assert_eq!(world.status(&format!("POST /directory/deletedItems/{group}/restore")), 404);
    assert_ne!(world.tenant.put_group("sales", "Sales").unwrap(), group);
}
