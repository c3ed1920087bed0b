//! Several requests in one.

use expect_test::expect;
use serde_json::{Value, json};

use super::{empty, word, world};
use crate::faults::{Faults, RetryAfter, Throttled};
use crate::service::Dropped;

#[test]
fn each_request_is_answered_under_its_own_id() {
    let world = world();
    world.check(
        r#"POST /$batch
        {"requests": [
            {"id": "1", "method": "GET", "url": "/users/anna@example.org?$select=displayName"},
            {"id": "b", "method": "PATCH", "url": "users/bert@example.org", "body": {"city": "Delft"},
             "headers": {"Content-Type": "application/json"}},
            {"id": "3", "method": "GET", "url": "/users/nobody"},
            {"id": "4", "method": "DELETE", "url": "/users/bert@example.org", "dependsOn": ["3"]}]}"#,
        &expect![[r#"
            > POST /$batch
            200
              - {"body":{"error":{"code":"FailedDependency","innerError":{"client-request-id":"..","date":"2026-03-02T08:00:00","request-id":".."},"message":"A request before it failed."}},"headers":{"Content-Type":"application/json","client-request-id":"..","request-id":".."},"id":"4","status":424}
              - {"body":{"error":{"code":"Request_ResourceNotFound","innerError":{"client-request-id":"..","date":"2026-03-02T08:00:00","request-id":".."},"message":"Resource 'nobody' does not exist or one of its queried reference-property objects are not present."}},"headers":{"Content-Type":"application/json","client-request-id":"..","request-id":".."},"id":"3","status":404}
              - {"headers":{"client-request-id":"..","request-id":"..","x-ms-resource-unit":"1"},"id":"b","status":204}
              - {"body":{"@odata.context":"https://graph.test/v1.0/$metadata#users/$entity","displayName":"Anna Aa"},"headers":{"Content-Type":"application/json","client-request-id":"..","request-id":"..","x-ms-resource-unit":"1"},"id":"1","status":200}
        "#]],
    );
    let counts = world.tenant.requests().counts();
    assert_eq!((counts.batches, counts.reads, counts.writes), (1, 2, 1));
    assert_eq!(world.tenant.user("bert@example.org").unwrap().properties["city"], "Delft");
}

#[test]
fn a_batch_that_breaks_the_rules_is_refused_as_a_whole() {
    let world = world();
    let get = |id: &str| json!({"id": id, "method": "GET", "url": "/users"});
    let bad: [Value; 7] = [
        json!([]),
        (0..21).map(|n| get(&n.to_string())).collect(),
        json!([get("a"), get("A")]),
        json!([{"method": "GET", "url": "/users"}]),
        json!([{"id": "1", "method": "PATCH", "url": "/users/x", "body": {}}]),
        json!([{"id": "1", "method": "GET", "url": "https://graph.test/beta/users"}]),
        json!([{"id": "1", "method": "POST", "url": "/$batch", "body": {}, "headers": {"Content-Type": "x"}}]),
    ];
    for requests in bad {
        assert_eq!(world.status(&format!("POST /$batch\n{}", json!({"requests": requests}))), 400, "{requests}");
    }
    assert_eq!(world.tenant.requests().reads(), 0);
    let whole = json!({"requests": [{"id": "1", "method": "GET", "url": "https://graph.test/v1.0/users"}]});
    assert_eq!(
        world.json(&format!("POST /$batch\n{whole}"))["responses"][0]["status"],
        200,
        "as the SDK for Python does"
    );
}

#[test]
fn requests_of_a_batch_are_throttled_one_by_one() {
    let world = empty();
    let batch = |city: &str| {
        let item = |n: usize| {
            json!({"id": n.to_string(), "method": "POST", "url": "/users", "headers": {"Content-Type": "application/json"},
                "body": {"accountEnabled": true, "displayName": "x", "mailNickname": "x", "passwordProfile": {"password": "x"},
                    "userPrincipalName": format!("{city}{n}@example.org")}})
        };
        format!("POST /$batch\n{}", json!({"requests": (1..=20).map(item).collect::<Vec<_>>()}))
    };
    world.tenant.faults(Faults {
        throttled: Some(Throttled { every: 5, retry_after: RetryAfter::Decimal(124) }),
        ..Faults::default()
    });
    let answer = world.json(&batch("a"));
    let refused: Vec<&Value> =
        answer["responses"].as_array().unwrap().iter().filter(|response| response["status"] == 429).collect();
    assert_eq!(refused.iter().map(|response| word(&response["id"])).collect::<Vec<_>>(), ["20", "15", "10", "5"]);
    assert!(refused.iter().all(|response| response["headers"]["Retry-After"] == "0.124"));
    assert_eq!(world.tenant.users().len(), 16);

    world.tenant.faults(Faults { dropped: Some(20), ..Faults::default() });
    assert_eq!(world.send(&batch("b")).unwrap_err(), Dropped);
    assert_eq!(world.tenant.users().len(), 36, "all was done, and the whole answer is lost");
}
