//! Making, reading, changing users.

use expect_test::expect;

use super::{empty, word, world};

#[test]
fn a_user_is_made_read_changed_and_deleted() {
    world().check(
        r#"POST /users
        Content-Type: application/json
        {"accountEnabled": false, "displayName": "Carla Cee", "mailNickname": "carla",
         "userPrincipalName": "carla@EXAMPLE.org", "employeeId": "0042",
         "passwordProfile": {"password": "x", "forceChangePasswordNextSignIn": true},
         "onPremisesExtensionAttributes": {"extensionAttribute1": "one", "extensionAttribute15": "anchor"}}

        GET /users/carla@example.ORG

        PATCH /users/<carla>
        {"department": "Sales", "employeeId": null, "onPremisesExtensionAttributes": {"extensionAttribute1": "two"}}

        GET /users('<carla>')?$select=id,accountEnabled,department,employeeId,onPremisesExtensionAttributes,passwordProfile

        POST /users/<carla>/revokeSignInSessions

        GET /users/<carla>?$select=signInSessionsValidFromDateTime,deletedDateTime

        DELETE /users/<carla>

        GET /users/<carla>

        PATCH /users/<carla>
        {"department": "Sales"}"#,
        &expect![[r#"
            > POST /users
            201
              @odata.context: "https://graph.test/v1.0/$metadata#users/$entity"
              businessPhones: []
              displayName: "Carla Cee"
              givenName: null
              id: "<carla>"
              jobTitle: null
              mail: null
              mobilePhone: null
              officeLocation: null
              preferredLanguage: null
              surname: null
              userPrincipalName: "carla@EXAMPLE.org"
            > GET /users/carla@example.ORG
            200
              @microsoft.graph.tips: "Use $select to choose only the properties your app needs, as this can lead to performance improvements."
              @odata.context: "https://graph.test/v1.0/$metadata#users/$entity"
              businessPhones: []
              displayName: "Carla Cee"
              givenName: null
              id: "<carla>"
              jobTitle: null
              mail: null
              mobilePhone: null
              officeLocation: null
              preferredLanguage: null
              surname: null
              userPrincipalName: "carla@EXAMPLE.org"
            > PATCH /users/<carla>
            204
            > GET /users('<carla>')?$select=id,accountEnabled,department,employeeId,onPremisesExtensionAttributes,passwordProfile
            200
              @odata.context: "https://graph.test/v1.0/$metadata#users/$entity"
              accountEnabled: false
              department: "Sales"
              employeeId: null
              id: "<carla>"
              onPremisesExtensionAttributes: {"extensionAttribute1":"two","extensionAttribute10":null,"extensionAttribute11":null,"extensionAttribute12":null,"extensionAttribute13":null,"extensionAttribute14":null,"extensionAttribute15":"anchor","extensionAttribute2":null,"extensionAttribute3":null,"extensionAttribute4":null,"extensionAttribute5":null,"extensionAttribute6":null,"extensionAttribute7":null,"extensionAttribute8":null,"extensionAttribute9":null}
              passwordProfile: null
            > POST /users/<carla>/revokeSignInSessions
            200
              @odata.context: "https://graph.test/v1.0/$metadata#Edm.Boolean"
              value: true
            > GET /users/<carla>?$select=signInSessionsValidFromDateTime,deletedDateTime
            200
              @odata.context: "https://graph.test/v1.0/$metadata#users/$entity"
              deletedDateTime: null
              signInSessionsValidFromDateTime: "2026-03-02T08:00:00Z"
            > DELETE /users/<carla>
            204
            > GET /users/<carla>
            404
              error: {"code":"Request_ResourceNotFound","innerError":{"client-request-id":"..","date":"2026-03-02T08:00:00","request-id":".."},"message":"Resource '<carla>' does not exist or one of its queried reference-property objects are not present."}
            > PATCH /users/<carla>
            404
              error: {"code":"Request_ResourceNotFound","innerError":{"client-request-id":"..","date":"2026-03-02T08:00:00","request-id":".."},"message":"Resource '<carla>' does not exist or one of its queried reference-property objects are not present."}
        "#]],
    );
}

#[test]
fn what_is_missing_or_not_legal_is_refused() {
    let world = world();
    let body = |change: &str| {
        let whole = r#"{"accountEnabled": true, "displayName": "D", "mailNickname": "dirk",
            "userPrincipalName": "dirk@example.org", "passwordProfile": {"password": "x"}, "jobTitle": "j"}"#;
        let mut user: serde_json::Value = serde_json::from_str(whole).unwrap();
        let change: serde_json::Value = serde_json::from_str(change).unwrap();
        for (name, value) in change.as_object().unwrap() {
            if value == "absent" {
                user.as_object_mut().unwrap().remove(name);
            } else {
                user[name] = value.clone();
            }
        }
        format!("POST /users\n{user}")
    };
    let refusals: Vec<String> = [
        r#"{"passwordProfile": "absent"}"#,
        r#"{"accountEnabled": "absent"}"#,
        r#"{"mailNickname": "absent"}"#,
        r#"{"displayName": ""}"#,
        r#"{"displayName": null}"#,
        r#"{"jobTitle": ""}"#,
        r#"{"employeeId": "12345678901234567"}"#,
        r#"{"employeeId": 42}"#,
        r#"{"businessPhones": ["1", "2"]}"#,
        r#"{"employeeHireDate": "yesterday"}"#,
        r#"{"mailNickname": "d k"}"#,
        r#"{"userPrincipalName": "dirk"}"#,
        r#"{"userPrincipalName": "dïrk@example.org"}"#,
        r#"{"userPrincipalName": "dirk@elsewhere.org"}"#,
        r#"{"createdDateTime": "2020-01-01T00:00:00Z"}"#,
        r#"{"shoeSize": "44"}"#,
        r#"{"onPremisesExtensionAttributes": {"extensionAttribute16": "x"}}"#,
        r#"{"skills": ["rust"]}"#,
        r#"{"userPrincipalName": "ANNA@example.org"}"#,
    ]
    .iter()
    .map(|change| world.refusal(&body(change)))
    .collect();
    expect![[r#"
        400 Request_BadRequest: A value is required for property 'passwordProfile' of resource 'User'.
        400 Request_BadRequest: A value is required for property 'accountEnabled' of resource 'User'.
        400 Request_BadRequest: A value is required for property 'mailNickname' of resource 'User'.
        400 Request_BadRequest: Invalid value specified for property 'displayName' of resource 'User'.
        400 Request_BadRequest: Invalid value specified for property 'displayName' of resource 'User'.
        400 Request_BadRequest: Invalid value specified for property 'jobTitle' of resource 'User'.
        400 Request_BadRequest: Invalid value specified for property 'employeeId' of resource 'User'.
        400 Request_BadRequest: Invalid value specified for property 'employeeId' of resource 'User'.
        400 Request_BadRequest: Invalid value specified for property 'businessPhones' of resource 'User'.
        400 Request_BadRequest: Invalid value specified for property 'employeeHireDate' of resource 'User'.
        400 Request_BadRequest: Invalid value specified for property 'mailNickname' of resource 'User'.
        400 Request_BadRequest: Property userPrincipalName is invalid.
        400 Request_BadRequest: Property userPrincipalName is invalid.
        400 Request_BadRequest: The domain portion of the userPrincipalName property is invalid. You must use one of the verified domain names in your organization.
        400 Request_BadRequest: Property 'createdDateTime' is read-only and cannot be set.
        400 Request_BadRequest: Invalid property 'shoeSize'.
        400 Request_BadRequest: Invalid property 'extensionAttribute16'.
        501 NotImplemented: This simulator does not know properties that are kept in SharePoint.
        400 Request_BadRequest: Another object with the same value for property userPrincipalName already exists."#]].assert_eq(&refusals.join("\n"));
    assert_eq!(world.tenant.users().len(), 2, "nothing was made");
    assert_eq!(world.status(&body("{}")), 201);
}

#[test]
fn limits_are_what_they_are_and_not_one_less() {
    let world = world();
    let set = |name: &str, length: usize| {
        world.status(&format!("PATCH /users/anna@example.org\n{{\"{name}\": \"{}\"}}", "é".repeat(length)))
    };
    for (name, most) in
        [("displayName", 256), ("givenName", 64), ("department", 64), ("jobTitle", 128), ("employeeId", 16)]
    {
        assert_eq!((set(name, most), set(name, most + 1)), (204, 400), "{name}");
    }
}

#[test]
fn a_name_is_taken_also_by_a_deleted_user_and_whatever_its_case() {
    let world = world();
    world.tenant.delete_user("bert@example.org").unwrap();
    world.check(
        r#"PATCH /users/anna@example.org
        {"userPrincipalName": "BERT@example.org"}

        PATCH /users/anna@example.org
        {"userPrincipalName": "Anna@example.org", "mail": "info@example.org"}

        POST /users
        {"accountEnabled": false, "displayName": "C", "mailNickname": "carla", "mail": "Info@example.org",
         "userPrincipalName": "carla@example.org", "passwordProfile": {"password": "x"}}"#,
        &expect![[r#"
            > PATCH /users/anna@example.org
            400
              error: {"code":"Request_BadRequest","details":[{"code":"ObjectConflict","message":"Another object with the same value for property userPrincipalName already exists.","target":"userPrincipalName"}],"innerError":{"client-request-id":"..","date":"2026-03-02T08:00:00","request-id":".."},"message":"Another object with the same value for property userPrincipalName already exists."}
            > PATCH /users/anna@example.org
            204
            > POST /users
            400
              error: {"code":"Request_BadRequest","details":[{"code":"ObjectConflict","message":"Another object with the same value for property proxyAddresses already exists.","target":"proxyAddresses"}],"innerError":{"client-request-id":"..","date":"2026-03-02T08:00:00","request-id":".."},"message":"Another object with the same value for property proxyAddresses already exists."}
        "#]],
    );
    assert_eq!(
        world.json("GET /users/anna@example.org?$select=proxyAddresses")["proxyAddresses"][0],
        "SMTP:info@example.org"
    );
}

#[test]
fn a_name_that_needs_quoting_or_encoding_finds_its_bearer() {
    let world = empty();
    for upn in ["o'neil@example.org", "a_b#EXT#@example.org"] {
        world.tenant.create_user(serde_json::json!({"userPrincipalName": upn})).unwrap();
    }
    for path in [
        "/users/o'neil@example.org",
        "/users/o%27neil%40example.org",
        "/users('o''neil@example.org')",
        "/users(%27o%27%27neil@example.org%27)",
        "/users/a_b%23EXT%23@example.org",
    ] {
        assert_eq!(world.status(&format!("GET {path}")), 200, "{path}");
    }
    let found = world.json("GET /users?$filter=userPrincipalName eq 'o''neil@example.org'");
    assert_eq!(word(&found["value"][0]["displayName"]), "o'neil");
}

#[test]
fn what_is_shown_of_a_person_is_not_printed() {
    let world = world();
    let shown = format!("{:?} {:?}", world.tenant, world.tenant.users());
    assert!(!shown.to_lowercase().contains("anna"), "{shown}");
    let config = super::TenantConfig::default();
    assert!(!format!("{config:?}").contains(&config.client_secret));
}
