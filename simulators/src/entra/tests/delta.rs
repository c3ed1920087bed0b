//! The life of a delta, from the first reading to the last.

use std::fmt::Write;
use std::time::Instant;

use expect_test::expect;
use serde_json::{Value, json};

use super::{World, after_host, empty, texts, word, world};
use crate::entra::{Tenant, TenantConfig};

/// Reads from a link to the end of the delta: all items, and the link to go on from.
fn read(world: &World, link: &str) -> (Vec<Value>, String) {
    let (mut items, mut link) = (Vec::new(), link.to_owned());
    loop {
        let page = world.json(&format!("GET {link}"));
        items.extend(page["value"].as_array().unwrap_or_else(|| panic!("{page}")).clone());
        if let Some(end) = page.get("@odata.deltaLink") {
            return (items, after_host(end));
        }
        link = after_host(&page["@odata.nextLink"]);
    }
}

fn lines(world: &World, items: &[Value]) -> String {
    let mut lines = String::new();
    for item in items {
        writeln!(lines, "{item}").unwrap();
    }
    world.with_names(lines)
}

#[test]
fn a_delta_of_users_tells_what_happened_and_no_more() {
    let world = world();
    let mut told = String::new();
    let (items, mut link) = read(&world, "/users/delta?$select=displayName,accountEnabled,department");
    write!(told, "first\n{}", lines(&world, &items)).unwrap();
    let anna = world.id("anna@example.org");
    for (what, request) in [
        ("nothing", String::new()),
        ("selected", format!("PATCH /users/{anna}\n{{\"department\": \"Sales\"}}")),
        ("the same again", format!("PATCH /users/{anna}\n{{\"department\": \"Sales\"}}")),
        ("not selected", format!("PATCH /users/{anna}\n{{\"city\": \"Delft\"}}")),
        ("cleared", format!("PATCH /users/{anna}\n{{\"department\": null}}")),
        ("deleted", format!("DELETE /users/{anna}")),
        ("restored", format!("POST /directory/deletedItems/{anna}/restore")),
        ("deleted again", format!("DELETE /users/{anna}")),
        ("removed for good", format!("DELETE /directory/deletedItems/{anna}")),
    ] {
        if !request.is_empty() {
            assert!(world.status(&request) < 300, "{request}");
        }
        let (items, next) = read(&world, &link);
        assert_ne!(next, link, "a token is never the same");
        link = next;
        write!(told, "{what}\n{}", lines(&world, &items).replace(&anna, "<anna>")).unwrap();
    }
    expect![[r#"
        first
        {"accountEnabled":true,"displayName":"Anna Aa","id":"<anna>"}
        {"accountEnabled":true,"displayName":"Bert Bee","id":"<bert>"}
        nothing
        selected
        {"accountEnabled":true,"department":"Sales","displayName":"Anna Aa","id":"<anna>"}
        the same again
        not selected
        cleared
        {"accountEnabled":true,"department":null,"displayName":"Anna Aa","id":"<anna>"}
        deleted
        {"@removed":{"reason":"changed"},"id":"<anna>"}
        restored
        {"accountEnabled":true,"department":null,"displayName":"Anna Aa","id":"<anna>"}
        deleted again
        {"@removed":{"reason":"changed"},"id":"<anna>"}
        removed for good
        {"@removed":{"reason":"deleted"},"id":"<anna>"}
    "#]]
    .assert_eq(&told);
}

#[test]
fn a_delta_of_groups_tells_who_came_and_went() {
    let world = world();
    world.tenant.put_group("sales", "Sales").unwrap();
    world.tenant.add_member("sales", "anna@example.org").unwrap();
    let mut told = String::new();
    let (items, mut link) = read(&world, "/groups/delta?$select=displayName,uniqueName,members");
    write!(told, "first\n{}", lines(&world, &items)).unwrap();
    let tenant = &world.tenant;
    let days: [(&str, &dyn Fn()); 6] = [
        ("bert came", &|| tenant.add_member("sales", "bert@example.org").unwrap()),
        ("anna went", &|| tenant.remove_member("sales", "anna@example.org").unwrap()),
        ("bert was deleted", &|| tenant.delete_user("bert@example.org").unwrap()),
        ("bert was restored", &|| tenant.restore_user("bert@example.org").unwrap()),
        ("the group was deleted", &|| tenant.delete_group("sales").unwrap()),
        ("a group was made", &|| {
            tenant.put_group("crm", "CRM").unwrap();
        }),
    ];
    for (what, happens) in days {
        happens();
        let (items, next) = read(&world, &link);
        link = next;
        write!(told, "{what}\n{}", lines(&world, &items)).unwrap();
    }
    expect![[r##"
        first
        {"displayName":"Sales","id":"<sales>","members@delta":[{"@odata.type":"#microsoft.graph.user","id":"<anna>"}],"uniqueName":"sales"}
        bert came
        {"displayName":"Sales","id":"<sales>","members@delta":[{"@odata.type":"#microsoft.graph.user","id":"<bert>"}],"uniqueName":"sales"}
        anna went
        {"displayName":"Sales","id":"<sales>","members@delta":[{"@odata.type":"#microsoft.graph.user","@removed":{"reason":"deleted"},"id":"<anna>"}],"uniqueName":"sales"}
        bert was deleted
        {"displayName":"Sales","id":"<sales>","members@delta":[{"@odata.type":"#microsoft.graph.user","@removed":{"reason":"deleted"},"id":"<bert>"}],"uniqueName":"sales"}
        bert was restored
        {"displayName":"Sales","id":"<sales>","members@delta":[{"@odata.type":"#microsoft.graph.user","id":"<bert>"}],"uniqueName":"sales"}
        the group was deleted
        {"@removed":{"reason":"changed"},"id":"<sales>"}
        a group was made
        {"displayName":"CRM","id":"<crm>","uniqueName":"crm"}
    "##]].assert_eq(&told);
}

#[test]
fn minimal_answers_hold_what_changed() {
    let world = world();
    let (_, link) = read(&world, "/users/delta?$select=displayName,department,city");
    world.tenant.set("anna@example.org", "department", json!("Sales")).unwrap();
    world.check(
        &format!("GET {link}\nPrefer: return=minimal"),
        &expect![[r#"
        > GET /users/delta?$deltatoken=..
        200
        preference-applied: return=minimal
          @odata.context: "https://graph.test/v1.0/$metadata#users"
          @odata.deltaLink: "https://graph.test/v1.0/users/delta?$deltatoken=.."
          - {"department":"Sales","id":"<anna>"}
    "#]],
    );
    world.check(
        &format!("GET {link}"),
        &expect![[r#"
        > GET /users/delta?$deltatoken=..
        200
          @odata.context: "https://graph.test/v1.0/$metadata#users"
          @odata.deltaLink: "https://graph.test/v1.0/users/delta?$deltatoken=.."
          - {"department":"Sales","displayName":"Anna Aa","id":"<anna>"}
    "#]],
    );
}

#[test]
fn the_latest_token_comes_without_what_is_there() {
    let world = world();
    let (items, link) = read(&world, "/users/delta?$select=displayName&$deltatoken=latest");
    assert!(items.is_empty());
    world.tenant.set("bert@example.org", "displayName", json!("Robert")).unwrap();
    let (items, _) = read(&world, &link);
    assert_eq!(items.iter().map(|item| word(&item["displayName"])).collect::<Vec<_>>(), ["Robert"]);
}

#[test]
fn a_token_is_good_for_seven_days() {
    let world = world();
    let (_, link) = read(&world, "/users/delta?$select=displayName");
    world.pass(7 * 24 * 3_600 - 1);
    assert_eq!(world.status(&format!("GET {link}")), 200);
    world.pass(1);
    world.check(&format!("GET {link}"), &expect![[r#"
        > GET /users/delta?$deltatoken=..
        410
        location: https://graph.test/v1.0/users/delta?$select=displayName&$deltatoken=
          error: {"code":"syncStateNotFound","innerError":{"client-request-id":"..","date":"2026-03-09T08:00:00","request-id":".."},"message":"The delta token is expired or not valid any more; a full synchronisation is required."}
    "#]]);
    let location = world.send(&format!("GET {link}")).unwrap().headers()["location"].to_str().unwrap().to_owned();
    let (items, link) = read(&world, &after_host(&json!(location)));
    assert_eq!(items.len(), 2, "the whole again");
    world.tenant.forget_deltas();
    assert_eq!(world.status(&format!("GET {link}")), 410);
}

#[test]
fn a_token_of_another_kind_is_refused() {
    let world = world();
    let (_, link) = read(&world, "/users/delta");
    for bad in [
        link.replace("/users/", "/groups/"),
        "/users/delta?$deltatoken=abc".to_owned(),
        "/users/delta?$top=5".to_owned(),
        "/users/delta?$expand=manager".to_owned(),
        "/users/delta?$filter=displayName eq 'x'".to_owned(),
    ] {
        assert_eq!(world.status(&format!("GET {bad}")), 400, "{bad}");
    }
    let anna = world.id("anna@example.org");
    let (items, _) = read(&world, &format!("/users/delta?$filter=id eq '{anna}'&$select=displayName"));
    assert_eq!(items.len(), 1);
}

/// A tenant with small pages of deltas.
fn paged() -> World {
    let World { clock, .. } = empty();
    let config =
        TenantConfig { delta_page: 2, delta_members_page: 3, token_seconds: 1_000_000_000, ..TenantConfig::default() };
    let tenant = Tenant::new(config, clock.clock());
    World { token: tenant.issue_token(), tenant, clock }
}

#[test]
fn a_big_group_comes_in_pieces_and_nobody_is_left_out() {
    let world = paged();
    let mut expected = Vec::new();
    for group in ["one", "two", "three"] {
        world.tenant.put_group(group, group).unwrap();
    }
    for number in 0..10 {
        let user = world.tenant.create_user(json!({"userPrincipalName": format!("u{number}@example.org")})).unwrap();
        world.tenant.add_member("two", &user).unwrap();
        expected.push(user);
    }
    let gathered = |items: &[Value]| -> (Vec<String>, usize) {
        let members = items.iter().filter_map(|item| item["members@delta"].as_array()).flatten();
        (members.map(|member| word(&member["id"]).to_owned()).collect(), items.len())
    };
    let (items, link) = read(&world, "/groups/delta");
    assert_eq!(gathered(&items), (expected.clone(), 6), "two came four times");
    for user in &expected {
        world.tenant.remove_member("two", user).unwrap();
    }
    let (items, _) = read(&world, &link);
    assert_eq!(gathered(&items), (expected, 4));
}

#[test]
fn what_happens_during_a_reading_is_told_by_the_next_one() {
    let world = paged();
    for name in ["a", "b", "c", "d", "e"] {
        world.tenant.create_user(json!({"userPrincipalName": format!("{name}@example.org")})).unwrap();
    }
    let page = world.json("GET /users/delta?$select=displayName");
    assert_eq!(texts(&page, "displayName"), ["a", "b"]);
    world.tenant.set("a@example.org", "displayName", json!("A")).unwrap();
    world.tenant.set("e@example.org", "displayName", json!("E")).unwrap();
    let (rest, link) = read(&world, &after_host(&page["@odata.nextLink"]));
    let names = |items: &[Value]| items.iter().map(|item| word(&item["displayName"]).to_owned()).collect::<Vec<_>>();
    assert_eq!(names(&rest), ["c", "d", "E"]);
    assert_eq!(names(&read(&world, &link).0), ["A", "E"], "told again is told");
}

#[test]
fn a_delta_without_change_costs_the_same_whatever_is_there() {
    let spent = |users: usize| {
        let world = empty();
        for number in 0..users {
            world.tenant.create_user(json!({"userPrincipalName": format!("u{number}@example.org")})).unwrap();
        }
        let (_, mut link) = read(&world, "/users/delta?$select=displayName");
        // The quickest of many: what else the machine does is not the point.
        (0..50)
            .map(|_| {
                let begun = Instant::now();
                link = read(&world, &link).1;
                begun.elapsed()
            })
            .min()
            .unwrap()
    };
    let (few, many) = (spent(10), spent(4_000));
    assert!(many < few * 20, "{few:?} for ten users, {many:?} for four thousand");
}
