//! `$filter`, `$select`, `$top`, `$orderby`, `$count`.

use expect_test::expect;
use serde_json::json;

use super::{World, after_host, empty, texts, world};

fn office() -> World {
    let world = empty();
    for (name, department, enabled, anchor) in [
        ("Ada", json!("Sales"), true, "p1"),
        ("Bob", json!("sales"), false, "p2"),
        ("Cas", json!(null), true, "p3"),
        ("Åsa", json!("IT's"), true, "q4"),
    ] {
        let upn = format!("{anchor}@example.org");
        let extra = json!({"extensionAttribute15": anchor});
        let body = json!({"userPrincipalName": upn, "displayName": name, "department": department,
            "accountEnabled": enabled, "onPremisesExtensionAttributes": extra, "mail": format!("{anchor}@Mail.org")});
        world.tenant.create_user(body).unwrap();
    }
    world
}

/// Who is found, with the header and the count where `advanced` begins the line.
fn found(world: &World, filter: &str) -> String {
    let (path, header) = match filter.strip_prefix("advanced ") {
        Some(filter) => (format!("/users?$count=true&$filter={filter}"), "\nConsistencyLevel: eventual"),
        None => (format!("/users?$filter={filter}"), ""),
    };
    let request = format!("GET {}{header}", path.replace('+', "%2B"));
    if world.status(&request) == 200 {
        texts(&world.json(&request), "displayName").join(" ")
    } else {
        world.refusal(&request)
    }
}

#[test]
fn filters_find_whom_they_say() {
    let world = office();
    let filters = [
        "displayName eq 'ada'",
        "department eq 'Sales'",
        "department eq null",
        "department eq 'IT''s'",
        "accountEnabled eq false",
        "accountEnabled eq true and department eq 'sales'",
        "displayName eq 'Ada' or displayName eq 'Bob' and accountEnabled eq true",
        "(displayName eq 'Ada' or displayName eq 'Bob') and accountEnabled eq false",
        "startsWith(displayName,'a')",
        "startswith(userPrincipalName, 'P')",
        "onPremisesExtensionAttributes/extensionAttribute15 eq 'p3'",
        "userPrincipalName in ('p1@example.org','q4@example.org')",
        "proxyAddresses/any(p:p eq 'smtp:p2@mail.org')",
        "proxyAddresses/any(p:startswith(p,'SMTP:q'))",
        "createdDateTime ge 2026-03-02T08:00:00Z",
        "displayName gt 'b' and displayName lt 'd'",
        "advanced department ne 'sales'",
        "advanced not(startsWith(displayName,'a'))",
        "advanced endsWith(mail,'@mail.org')",
        "advanced not (department in ('sales'))",
        "department ne 'sales'",
        "not startsWith(displayName,'a')",
        "endsWith(mail,'x')",
        "contains(displayName,'a')",
        "passwordPolicies eq 'x'",
        "shoeSize eq '44'",
        "displayName eq 'Ada",
        "displayName eq",
        "displayName like 'a'",
        "accountEnabled eq 'true'",
        "displayName eq 'a' displayName eq 'b'",
        "",
    ];
    let shown: Vec<String> = filters.iter().map(|filter| format!("{filter}  ->  {}", found(&world, filter))).collect();
    expect![[r#"
        displayName eq 'ada'  ->  Ada
        department eq 'Sales'  ->  Ada Bob
        department eq null  ->  Cas
        department eq 'IT''s'  ->  Åsa
        accountEnabled eq false  ->  Bob
        accountEnabled eq true and department eq 'sales'  ->  Ada
        displayName eq 'Ada' or displayName eq 'Bob' and accountEnabled eq true  ->  Ada
        (displayName eq 'Ada' or displayName eq 'Bob') and accountEnabled eq false  ->  Bob
        startsWith(displayName,'a')  ->  Ada
        startswith(userPrincipalName, 'P')  ->  Ada Bob Cas
        onPremisesExtensionAttributes/extensionAttribute15 eq 'p3'  ->  Cas
        userPrincipalName in ('p1@example.org','q4@example.org')  ->  Ada Åsa
        proxyAddresses/any(p:p eq 'smtp:p2@mail.org')  ->  Bob
        proxyAddresses/any(p:startswith(p,'SMTP:q'))  ->  Åsa
        createdDateTime ge 2026-03-02T08:00:00Z  ->  Ada Bob Cas Åsa
        displayName gt 'b' and displayName lt 'd'  ->  Bob Cas
        advanced department ne 'sales'  ->  Cas Åsa
        advanced not(startsWith(displayName,'a'))  ->  Bob Cas Åsa
        advanced endsWith(mail,'@mail.org')  ->  Ada Bob Cas Åsa
        advanced not (department in ('sales'))  ->  Cas Åsa
        department ne 'sales'  ->  400 Request_UnsupportedQuery: Operator or property is not supported without the header ConsistencyLevel: eventual and $count=true.
        not startsWith(displayName,'a')  ->  400 Request_UnsupportedQuery: Operator or property is not supported without the header ConsistencyLevel: eventual and $count=true.
        endsWith(mail,'x')  ->  400 Request_UnsupportedQuery: Operator or property is not supported without the header ConsistencyLevel: eventual and $count=true.
        contains(displayName,'a')  ->  400 Request_UnsupportedQuery: Unsupported Query: contains.
        passwordPolicies eq 'x'  ->  400 Request_UnsupportedQuery: Unsupported or invalid query filter clause specified for property 'passwordPolicies'.
        shoeSize eq '44'  ->  400 Request_BadRequest: Invalid filter clause: Could not find a property named 'shoeSize' on type 'microsoft.graph.user'.
        displayName eq 'Ada  ->  400 Request_BadRequest: Invalid filter clause: There is an unterminated literal.
        displayName eq  ->  400 Request_BadRequest: Invalid filter clause: A binary operator with incompatible types was detected.
        displayName like 'a'  ->  400 Request_BadRequest: Invalid filter clause: Unknown operator 'like'.
        accountEnabled eq 'true'  ->  400 Request_BadRequest: Invalid filter clause: A binary operator with incompatible types was detected.
        displayName eq 'a' displayName eq 'b'  ->  400 Request_BadRequest: Invalid filter clause: Syntax error at 'displayName'.
          ->  400 Request_BadRequest: Invalid filter clause: It ends too early."#]].assert_eq(&shown.join("\n"));
}

#[test]
fn pages_follow_each_other_until_there_is_no_link() {
    let world = office();
    let mut next = Some("/users?$top=2&$filter=accountEnabled eq true&$select=displayName".to_owned());
    let mut pages = Vec::new();
    while let Some(link) = next {
        let page = world.json(&format!("GET {link}"));
        pages.push(texts(&page, "displayName").join(" "));
        next = page.get("@odata.nextLink").map(after_host);
    }
    assert_eq!(pages, ["Ada Cas", "Åsa"]);
}

#[test]
fn a_page_that_is_changed_under_the_reader_loses_nobody() {
    let world = office();
    let first = world.json("GET /users?$top=2");
    world.tenant.delete_user("p2@example.org").unwrap();
    let second = world.json(&format!("GET {}", after_host(&first["@odata.nextLink"])));
    assert_eq!(texts(&second, "displayName"), ["Cas", "Åsa"]);
}

#[test]
fn options_are_checked() {
    let world = office();
    world.check(
        r"GET /users?$top=1000

        GET /users?$top=0

        GET /users?$top=999&$select=displayName,id&$orderby=displayName desc

        GET /users?$select=displayName&$count=true&$top=1
        ConsistencyLevel: eventual

        GET /users?$select=displayName&$count=true&$top=1

        GET /users?$filter=accountEnabled eq true&$orderby=displayName&$select=displayName

        GET /users?$count=true&$filter=accountEnabled eq true&$orderby=displayName&$select=displayName&$top=2
        ConsistencyLevel: eventual

        GET /users?$select=shoeSize

        GET /users?$skiptoken=abc

        GET /users?$expand=manager

        GET /users/$count?$filter=accountEnabled eq true
        ConsistencyLevel: eventual

        GET /me

        PUT /users",
        &expect![[r#"
            > GET /users?$top=1000
            400
              error: {"code":"Request_BadRequest","innerError":{"client-request-id":"..","date":"2026-03-02T08:00:00","request-id":".."},"message":"Invalid page size specified: '1000'. Must be between 1 and 999 inclusive."}
            > GET /users?$top=0
            400
              error: {"code":"Request_BadRequest","innerError":{"client-request-id":"..","date":"2026-03-02T08:00:00","request-id":".."},"message":"Invalid page size specified: '0'. Must be between 1 and 999 inclusive."}
            > GET /users?$top=999&$select=displayName,id&$orderby=displayName desc
            200
              @odata.context: "https://graph.test/v1.0/$metadata#users"
              - {"displayName":"Åsa","id":"<q4>"}
              - {"displayName":"Cas","id":"<p3>"}
              - {"displayName":"Bob","id":"<p2>"}
              - {"displayName":"Ada","id":"<p1>"}
            > GET /users?$select=displayName&$count=true&$top=1
            200
              @odata.context: "https://graph.test/v1.0/$metadata#users"
              @odata.count: 4
              @odata.nextLink: "https://graph.test/v1.0/users?$select=displayName&$count=true&$top=1&$skiptoken=.."
              - {"displayName":"Ada"}
            > GET /users?$select=displayName&$count=true&$top=1
            200
              @odata.context: "https://graph.test/v1.0/$metadata#users"
              @odata.nextLink: "https://graph.test/v1.0/users?$select=displayName&$count=true&$top=1&$skiptoken=.."
              - {"displayName":"Ada"}
            > GET /users?$filter=accountEnabled eq true&$orderby=displayName&$select=displayName
            400
              error: {"code":"Request_UnsupportedQuery","innerError":{"client-request-id":"..","date":"2026-03-02T08:00:00","request-id":".."},"message":"Sorting not supported for current query."}
            > GET /users?$count=true&$filter=accountEnabled eq true&$orderby=displayName&$select=displayName&$top=2
            200
              @odata.context: "https://graph.test/v1.0/$metadata#users"
              @odata.count: 3
              @odata.nextLink: "https://graph.test/v1.0/users?$count=true&$filter=accountEnabled%20eq%20true&$orderby=displayName&$select=displayName&$top=2&$skiptoken=.."
              - {"displayName":"Ada"}
              - {"displayName":"Cas"}
            > GET /users?$select=shoeSize
            400
              error: {"code":"Request_BadRequest","innerError":{"client-request-id":"..","date":"2026-03-02T08:00:00","request-id":".."},"message":"Parsing OData Select and Expand failed: Could not find a property named 'shoeSize' on type 'microsoft.graph.user'."}
            > GET /users?$skiptoken=..
            400
              error: {"code":"Request_BadRequest","innerError":{"client-request-id":"..","date":"2026-03-02T08:00:00","request-id":".."},"message":"Invalid skip token."}
            > GET /users?$expand=manager
            400
              error: {"code":"Request_UnsupportedQuery","innerError":{"client-request-id":"..","date":"2026-03-02T08:00:00","request-id":".."},"message":"This simulator does not support $expand here."}
            > GET /users/$count?$filter=accountEnabled eq true
            200
              3
            > GET /me
            400
              error: {"code":"BadRequest","innerError":{"client-request-id":"..","date":"2026-03-02T08:00:00","request-id":".."},"message":"Resource not found for the segment; it may be one that this simulator does not know."}
            > PUT /users
            405
              error: {"code":"Request_BadRequest","innerError":{"client-request-id":"..","date":"2026-03-02T08:00:00","request-id":".."},"message":"Specified HTTP method is not allowed for the request target."}
        "#]],
    );
}

#[test]
fn every_answer_says_what_it_cost_and_repeats_the_id_of_its_request() {
    let world = world();
    let cost = |text: &str| {
        let answer = world.send(text).unwrap();
        assert!(answer.headers().contains_key("request-id"), "{text}");
        answer.headers()["x-ms-resource-unit"].to_str().unwrap().to_owned()
    };
    assert_eq!(cost("GET /users"), "2");
    assert_eq!(cost("GET /users?$select=id&$top=5"), "1");
    assert_eq!(cost("GET /users/anna@example.org/memberOf"), "2");
    assert_eq!(cost("PATCH /users/anna@example.org\n{\"city\": \"x\"}"), "1");
    let answer = world.send("GET /users/nobody\nclient-request-id: mine").unwrap();
    assert_eq!(answer.headers()["client-request-id"], "mine");
    let body: serde_json::Value = serde_json::from_slice(answer.body()).unwrap();
    let inner = &body["error"]["innerError"];
    assert_eq!(inner["client-request-id"], "mine");
    assert_eq!(inner["request-id"], answer.headers()["request-id"].to_str().unwrap());
}
