//! Lag, 429, errors of the server, and answers that are lost.

use http::StatusCode;
use serde_json::json;

use super::{texts, world};
use crate::faults::{Broken, Faults, RetryAfter, Throttled};
use crate::service::Dropped;

#[test]
fn readers_see_what_was_there_a_while_ago() {
    let world = world();
    world.tenant.put_group("sales", "Sales").unwrap();
    world.lag(60);
    world.pass(3_600);
    let bert = world.id("bert@example.org");
    let link = super::after_host(&world.json("GET /users/delta?$select=displayName")["@odata.deltaLink"]);
    world.tenant.set("anna@example.org", "displayName", json!("Anna New")).unwrap();
    world.tenant.set("bert@example.org", "userPrincipalName", json!("robert@example.org")).unwrap();
    world.tenant.create_user(json!({"userPrincipalName": "carla@example.org"})).unwrap();
    world.tenant.add_member("sales", "anna@example.org").unwrap();
    world.tenant.delete_user("anna@example.org").unwrap();
    let seen = || {
        let names = |path: &str| texts(&world.json(&format!("GET {path}")), "displayName").join(",");
        [
            names("/users"),
            names("/users?$filter=displayName eq 'Anna New'"),
            names("/directory/deletedItems/graph.user"),
            names("/groups(uniqueName='sales')/members"),
            names(&link),
            ["anna@example.org", "bert@example.org", "robert@example.org", "carla@example.org", &bert]
                .map(|name| world.status(&format!("GET /users/{name}")).to_string())
                .join(","),
        ]
    };
    assert_eq!(seen(), ["Anna Aa,Bert Bee", "", "", "", "", "200,200,404,404,200"]);
    world.pass(59);
    assert_eq!(seen()[0], "Anna Aa,Bert Bee");
    world.pass(1);
    assert_eq!(seen(), ["Bert Bee,carla", "", "Anna New", "", ",carla", "404,404,200,200,200"]);
}

#[test]
fn a_delta_under_lag_loses_nothing() {
    let world = world();
    world.lag(60);
    world.pass(3_600);
    let read = |link: &str| {
        let page = world.json(&format!("GET {link}"));
        (page["value"].clone(), super::after_host(&page["@odata.deltaLink"]))
    };
    let (_, link) = read("/users/delta?$select=department,city");
    world.tenant.set("anna@example.org", "department", json!("Sales")).unwrap();
    world.pass(30);
    world.tenant.set("anna@example.org", "city", json!("Delft")).unwrap();
    let (nothing, link) = read(&link);
    assert_eq!(nothing, json!([]));
    world.pass(30);
    let (first, link) = read(&link);
    assert_eq!((first[0]["department"].clone(), first[0].get("city")), (json!("Sales"), None));
    world.pass(30);
    let (second, link) = read(&link);
    assert_eq!(second[0]["city"], "Delft");
    assert_eq!(read(&link).0, json!([]));
}

#[test]
fn uniqueness_is_held_against_what_is_there_now() {
    let world = world();
    world.lag(60);
    let body = r#"{"accountEnabled": true, "displayName": "C", "mailNickname": "c",
        "userPrincipalName": "carla@example.org", "passwordProfile": {"password": "x"}}"#;
    assert_eq!(world.status(&format!("POST /users\n{body}")), 201);
    assert!(texts(&world.json("GET /users?$filter=userPrincipalName eq 'carla@example.org'"), "id").is_empty());
    assert_eq!(world.status(&format!("POST /users\n{body}")), 400);
}

#[test]
fn a_write_to_what_is_fresh_is_sometimes_not_found() {
    let world = world();
    world.lag(60);
    world.pass(3_600);
    let id = world.tenant.create_user(json!({"userPrincipalName": "carla@example.org"})).unwrap();
    let patch = |n: usize| world.status(&format!("PATCH /users/{id}\n{{\"city\": \"c{n}\"}}"));
    let fresh: Vec<u16> = (0..40).map(patch).collect();
    assert!(fresh.contains(&404) && fresh.contains(&204), "{fresh:?}");
    world.pass(60);
    assert!((0..40).all(|n| patch(n) == 204), "it has arrived");
    let old = (0..40).all(|n| world.status(&format!("PATCH /users/anna@example.org\n{{\"city\": \"c{n}\"}}")) == 204);
    assert!(old, "what is old is always found");
}

#[test]
fn every_nth_call_is_refused_before_its_effect() {
    let world = world();
    let cases = [
        (Some((2, RetryAfter::Seconds(7))), None, 429, Some("7")),
        (Some((2, RetryAfter::Decimal(250))), None, 429, Some("0.250")),
        (Some((2, RetryAfter::Date(5))), None, 429, Some("Mon, 02 Mar 2026 08:00:05 GMT")),
        (Some((2, RetryAfter::Absent)), None, 429, None),
        (None, Some((2, StatusCode::INTERNAL_SERVER_ERROR)), 500, Some("1")),
        (None, Some((2, StatusCode::SERVICE_UNAVAILABLE)), 503, Some("1")),
        (None, Some((2, StatusCode::GATEWAY_TIMEOUT)), 504, Some("1")),
    ];
    for (number, (throttled, broken, status, retry_after)) in cases.into_iter().enumerate() {
        world.tenant.faults(Faults {
            throttled: throttled.map(|(every, retry_after)| Throttled { every, retry_after }),
            broken: broken.map(|(every, status)| Broken { every, status, retry_after: RetryAfter::Seconds(1) }),
            ..Faults::default()
        });
        let patch =
            |city: &str| world.send(&format!("PATCH /users/anna@example.org\n{{\"city\": \"{city}\"}}")).unwrap();
        assert_eq!(patch(&format!("done {number}")).status(), 204);
        let refused = patch("never");
        assert_eq!(refused.status(), status);
        assert_eq!(refused.headers().get("retry-after").map(|value| value.to_str().unwrap()), retry_after);
        assert_eq!(world.tenant.user("anna@example.org").unwrap().properties["city"], format!("done {number}"));
    }
}

#[test]
fn an_answer_is_lost_after_its_effect() {
    let world = world();
    world.tenant.faults(Faults { dropped: Some(3), ..Faults::default() });
    let patch = |city: &str| world.send(&format!("PATCH /users/anna@example.org\n{{\"city\": \"{city}\"}}"));
    assert_eq!(patch("one").unwrap().status(), 204);
    assert_eq!(patch("two").unwrap().status(), 204);
    assert_eq!(patch("three").unwrap_err(), Dropped);
    assert_eq!(world.tenant.user("anna@example.org").unwrap().properties["city"], "three");
    assert_eq!(world.tenant.requests().writes(), 3, "it was a request all the same");
}

#[test]
fn the_same_seed_and_calls_give_the_same_answers() {
    let played = || {
        let world = world();
        world.lag(60);
        let mut answers = Vec::new();
        for number in 0..30 {
            let made =
                world.tenant.create_user(json!({"userPrincipalName": format!("u{number}@example.org")})).unwrap();
            let answer = world.status(&format!("PATCH /users/{made}\n{{\"city\": \"x\"}}"));
            answers.push((made, answer));
        }
        answers
    };
    assert_eq!(played(), played());
}
