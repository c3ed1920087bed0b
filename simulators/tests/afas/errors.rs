//! What is refused, and how.

use bytes::Bytes;
use futures::executor::block_on;
use http::{Method, Request, StatusCode};
use simulators::afas::{ErrorType, ForeignConnector, Service, Token};
use simulators::faults::{Broken, Faults, RetryAfter};

use super::{USERS, empty, get, json, rows, with_people};

const XML: &str = "application/xml; charset=utf-8";

#[test]
fn paths_and_names_of_connectors_may_have_any_case() {
    let afas = empty();
    for path in [
        "/ProfitRestServices/metainfo",
        "/profitrestservices/MetaInfo/",
        "/PROFITRESTSERVICES/Metainfo/Get/t4e_helloid_users_v2",
        "/ProfitRestServices/Connectors/T4E_HELLOID_USERS_V2",
        "/profitrestservices/profitversion",
    ] {
        let request = Request::get(path).header("Authorization", afas.authorization()).body(Bytes::new()).unwrap();
        assert_eq!(block_on(afas.call(request)).unwrap().status(), 200, "{path}");
    }
}

#[test]
fn a_refusal_without_a_message_is_empty_and_called_xml() {
    let afas = empty();
    let path = format!("/ProfitRestServices/connectors/{USERS}");
    let right = Some(afas.authorization());
    let cases = [
        (Method::GET, "/ProfitRestServices/connector/X".to_owned(), right.clone(), 404),
        (Method::GET, "/metainfo".to_owned(), right.clone(), 404),
        (Method::DELETE, "/ProfitRestServices/metainfo".to_owned(), right.clone(), 404),
        (Method::GET, path.clone(), None, 401),
        (Method::GET, path.clone(), Some(Token::seeded(2).authorization()), 401),
        (Method::GET, path.clone(), right.clone().map(|token| token.replace("AfasToken", "Bearer")), 401),
        (Method::GET, format!("{path}?a={}", "x".repeat(2046)), right.clone(), 200),
        (Method::GET, format!("{path}?a={}", "x".repeat(2047)), right, 404),
    ];
    for (method, path, token, status) in cases {
        let mut request = Request::builder().method(method).uri(&path);
        if let Some(token) = token {
            request = request.header("Authorization", token);
        }
        let answer = block_on(afas.call(request.body(Bytes::new()).unwrap())).unwrap();
        assert_eq!(answer.status(), status, "{path}");
        if status != 200 {
            assert_eq!((answer.headers()["content-type"].to_str().unwrap(), answer.body().len()), (XML, 0), "{path}");
        }
    }
    afas.switch(|switches| switches.service = Service::AddressRefused);
    let answer = get(&afas, "/metainfo");
    assert_eq!((answer.status(), answer.body().len()), (StatusCode::FORBIDDEN, 0));
}

#[test]
fn an_error_with_a_message_is_json_whatever_its_type() {
    let afas = empty();
    let token = Token::seeded(1);
    let cases = [
        ("GET", "/connectors/Profit_Employees", token.authorization(), "not authorised"),
        ("GET", "/metainfo/get/Profit_Employees", token.authorization(), "not authorised"),
        ("GET", "/metainfo/update/KnPerson", token.authorization(), "UpdateConnector is not supported"),
        ("PUT", "/connectors/KnPerson", token.authorization(), "UpdateConnector is not supported"),
        ("GET", "/metainfo", format!("AfasToken {}", token.xml()), "An unexpected error has occurred."),
        (
            "GET",
            "/connectors/T4E_HelloID_Users_v2?orderbyfieldids=Medewerker,Naam",
            token.authorization(),
            "Connector field 'Naam' not found",
        ),
        (
            "GET",
            "/connectors/T4E_HelloID_Users_v2?skip=2&take=-1",
            token.authorization(),
            "An unexpected error has occurred.",
        ),
    ];
    for (method, path, token, message) in cases {
        let request = Request::builder().method(method).uri(format!("/ProfitRestServices{path}"));
        let request = request.header("Authorization", token).body(Bytes::new()).unwrap();
        let answer = block_on(afas.call(request)).unwrap();
        assert_eq!(answer.status(), 500, "{path}");
        assert_eq!(answer.headers()["content-type"], XML);
        let body = json(&answer);
        assert!(body["externalMessage"].as_str().unwrap().contains(message), "{body}");
        assert!(body["errorNumber"].is_i64(), "{body}");
        assert_eq!(body["profitLogReference"].as_str().unwrap().len(), 32, "{body}");
    }
    afas.switch(|switches| switches.error_type = ErrorType::Json);
    let answer = get(&afas, "/connectors/None");
    assert_eq!(answer.headers()["content-type"], "application/json; charset=utf-8");
    afas.switch(|switches| switches.foreign_connector = ForeignConnector::Unauthorised);
    assert_eq!(get(&afas, "/connectors/None").status(), 401);
}

#[test]
fn a_blocked_connector_and_too_large_a_page_are_errors() {
    let afas = with_people(5);
    afas.switch(|switches| switches.most_values = Some(100));
    assert_eq!(get(&afas, &format!("/connectors/{USERS}?take=4")).status(), 200);
    let answer = get(&afas, &format!("/connectors/{USERS}?take=5"));
    assert_eq!(
        (answer.status(), json(&answer)["externalMessage"].as_str()),
        (500.try_into().unwrap(), Some("Out of memory"))
    );
    afas.switch(|switches| _ = switches.blocked.insert(USERS.to_owned()));
    let answer = get(&afas, &format!("/connectors/{USERS}?take=1"));
    assert_eq!(json(&answer)["externalMessage"], "This GetConnector (definition) is blocked");
}

#[test]
fn a_maintenance_says_how_long_it_takes_and_goes_before_all_else() {
    let afas = empty();
    afas.switch(|switches| switches.service = Service::Maintenance);
    for path in ["/metainfo", "/nowhere"] {
        let answer = get(&afas, path);
        assert_eq!((answer.status().as_u16(), answer.headers()["retry-after"].to_str().unwrap()), (503, "7200"));
        assert_eq!(json(&answer)["retry_after"], 7200);
        assert_eq!(json(&answer)["error"]["code"], "503");
    }
    afas.switch(|switches| switches.service = Service::Open);
    assert_eq!(get(&afas, "/metainfo").status(), 200);
}

#[test]
fn every_call_is_counted_and_every_nth_fails_or_is_lost() {
    let afas = with_people(1);
    afas.faults(Faults {
        broken: Some(Broken { every: 2, status: StatusCode::BAD_GATEWAY, retry_after: RetryAfter::Seconds(3) }),
        dropped: Some(3),
        ..Faults::default()
    });
    let ask = || {
        let request = Request::get("/ProfitRestServices/metainfo").header("Authorization", afas.authorization());
        match block_on(afas.call(request.body(Bytes::new()).unwrap())) {
            Ok(answer) => format!("{} {:?}", answer.status().as_u16(), answer.headers().get("retry-after")),
            Err(dropped) => dropped.to_string(),
        }
    };
    let lost = "the connection was closed before an answer came";
    assert_eq!([ask(), ask(), ask()], ["200 None", "502 Some(\"3\")", lost]);
    afas.faults(Faults::default());
    rows(&afas, USERS, "");
    let counts = afas.requests().counts();
    assert_eq!((counts.reads, counts.writes), (4, 0));
    assert_eq!(counts.by_path["GET /metainfo"], 3);
    assert_eq!(counts.by_path["GET /connectors/{id}"], 1);
}

#[test]
fn answers_have_the_headers_of_afas() {
    let answer = get(&empty(), "/metainfo");
    for (name, value) in [
        ("content-type", "application/json; charset=utf-8"),
        ("cache-control", "no-store, no-cache"),
        ("strict-transport-security", "max-age=31536000"),
        ("x-afas-proxy-version", "4.3.0.0"),
        ("x-content-type-options", "nosniff"),
        ("x-frame-options", "deny"),
    ] {
        assert_eq!(answer.headers()[name], value);
    }
}

#[test]
fn debug_shows_no_names_and_no_token() {
    let afas = with_people(1);
    let shown = format!("{afas:?}");
    assert!(shown.contains("1 people") && !shown.contains("Janssens"), "{shown}");
    assert!(!format!("{:?}", simulators::afas::EnvironmentConfig::seeded(1)).contains(Token::seeded(1).xml().as_str()));
}
