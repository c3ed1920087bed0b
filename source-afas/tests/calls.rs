//! Each call of a reading, over HTTP: method, path, query, headers, and how many.

#![cfg(test)]

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use chrono::Utc;
use provisioning_core::source::{Reading, Snapshot};
use provisioning_core::{FieldName, ManualClock, PortError, PortErrorKind, SourceConnector, SourceId};
use secrecy::SecretString;
use serde_json::{Value, json};
use source_afas::{AfasRetry, AfasSource, AfasToken, Column, Connectors, Site};
use transport::{Https, Timer, Transport};
use wiremock::matchers::any;
use wiremock::{Mock, MockServer, Request, ResponseTemplate};

const USERS: &str = "T4E_HelloID_Users_v2";
const EMPLOYMENTS: &str = "T4E_HelloID_Employments_v2";
const UNITS: &str = "T4E_HelloID_OrganizationalUnits_v2";

/// An AFAS of three people and two units over HTTP, in which something may be out of order.
struct Afas {
    server: MockServer,
}

impl Afas {
    /// `wrong` is asked first, with the place of a call in the reading; without an answer of it AFAS is in order.
    async fn with(wrong: impl Fn(&Asked<'_>) -> Option<ResponseTemplate> + Send + Sync + 'static) -> Self {
        let server = MockServer::start().await;
        let calls = AtomicUsize::new(0);
        let answer = move |request: &Request| {
            let asked = Asked { request, number: calls.fetch_add(1, Ordering::Relaxed) };
            wrong(&asked).unwrap_or_else(|| in_order(&asked))
        };
        Mock::given(any()).respond_with(answer).mount(&server).await;
        Self { server }
    }

    async fn in_order() -> Self {
        Self::with(|_| None).await
    }

    fn source(&self) -> AfasSource {
        let site = Site::at(&format!("{}/ProfitRestServices", self.server.uri())).unwrap();
        let token =
            AfasToken::new(&SecretString::from("<token><version>1</version><data>0AF3</data></token>")).unwrap();
        let https = Https::new(Duration::from_secs(5)).unwrap();
        let transport = Transport::new("AFAS", Arc::new(https), Arc::new(NoWaiting::default()));
        let transport = transport.with_retry(Arc::new(AfasRetry::standard()));
        let clock = Arc::new(ManualClock::at(Utc::now()));
        AfasSource::new(SourceId::new("afas").unwrap(), (site, token), transport, clock).with_page_rows(3)
    }

    /// The calls so far, without the folder that all share.
    async fn calls(&self) -> Vec<String> {
        let requests = self.server.received_requests().await.unwrap();
        let shown = |request: &Request| {
            let query = request.url.query().map_or_else(String::new, |query| format!("?{query}"));
            format!("{} {}{query}", request.method, request.url.path().trim_start_matches("/ProfitRestServices/"))
        };
        requests.iter().map(shown).collect()
    }
}

/// Time that passes only by waiting, of which nobody notices anything.
#[derive(Debug, Default)]
struct NoWaiting(AtomicU64);

#[async_trait]
impl Timer for NoWaiting {
    fn now(&self) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_millis(self.0.load(Ordering::Relaxed))
    }

    async fn sleep(&self, wait: Duration) {
        let millis = u64::try_from(wait.as_millis()).unwrap();
        self.0.fetch_add(millis + 1, Ordering::Relaxed);
    }
}

/// A call to AFAS.
struct Asked<'a> {
    request: &'a Request,
    number: usize,
}

impl Asked<'_> {
    fn is_of(&self, end: &str) -> bool {
        self.request.url.path().ends_with(end)
    }

    fn parameter(&self, name: &str) -> usize {
        let found = self.request.url.query_pairs().find(|(key, _)| key == name);
        found.and_then(|(_, value)| value.parse().ok()).unwrap_or_default()
    }

    fn skip(&self) -> usize {
        self.parameter("skip")
    }

    /// The page of these rows that is asked for.
    fn page_of(&self, rows: &[Value]) -> ResponseTemplate {
        let (skip, take) = (self.skip(), self.parameter("take"));
        let rows: Vec<_> = rows.iter().skip(skip).take(take).collect();
        ResponseTemplate::new(200).set_body_json(json!({"skip": skip, "take": take, "rows": rows}))
    }
}

fn in_order(asked: &Asked<'_>) -> ResponseTemplate {
    if asked.is_of("/metainfo") {
        let connectors = [USERS, EMPLOYMENTS, UNITS].map(|id| json!({"id": id, "description": ""}));
        let info = json!({"envid": "O12345AA", "appName": "x", "group": "y", "tokenExpiry": "0"});
        return ResponseTemplate::new(200).set_body_json(json!({"getConnectors": connectors, "info": info}));
    }
    if let Some(connector) = asked.request.url.path().rsplit_once("/metainfo/get/").map(|(_, name)| name) {
        let rows = rows_of(connector);
        let fields: Vec<_> = rows[0].as_object().unwrap().keys().map(|id| json!({"id": id})).collect();
        return ResponseTemplate::new(200).set_body_json(json!({"name": connector, "fields": fields}));
    }
    let connector = asked.request.url.path().rsplit('/').next().unwrap();
    asked.page_of(&rows_of(connector))
}

fn rows_of(connector: &str) -> Vec<Value> {
    match connector {
        USERS => ["0001", "0002", "0003", "0004"].map(user).into(),
        EMPLOYMENTS => ["0001", "0002", "0004"].map(employment).into(),
        UNITS => vec![unit("d1", ""), unit("d2", "d1")],
        other => panic!("nobody asks for {other}"),
    }
}

fn user(key: &str) -> Value {
    json!({"Medewerker": key, "Roepnaam": "Ann", "Geboortenaam": "Berg", "Naamgebruik_code": "0"})
}

fn employment(key: &str) -> Value {
    json!({
        "ExternalID": format!("L{key}"), "Medewerker": key, "Organisatorische_eenheid_code": "d2",
        "Begindatum_functie": "2026-03-01T00:00:00Z", "Einddatum_functie": null,
    })
}

fn unit(code: &str, parent: &str) -> Value {
    json!({"ExternalId": code, "DisplayName": "Sales", "ParentExternalId": parent, "ManagerExternalId": "0001"})
}

async fn snapshot(source: &AfasSource) -> Snapshot {
    match source.read(None).await.unwrap() {
        Reading::Whole(snapshot) => snapshot,
        Reading::Changes(_) => panic!("changes"),
    }
}

async fn error(source: &AfasSource) -> PortError {
    source.read(None).await.unwrap_err()
}

const METAINFO: &str = "GET metainfo";

fn page(connector: &str, skip: usize) -> String {
    let order = match connector {
        USERS => "Medewerker",
        EMPLOYMENTS => "ExternalID,Medewerker,Begindatum_functie",
        _ => "ExternalId,ParentExternalId",
    };
    format!("GET connectors/{connector}?orderbyfieldids={order}&skip={skip}&take=3")
}

#[tokio::test]
async fn a_reading_is_one_call_for_the_environment_and_one_for_each_page() {
    let afas = Afas::in_order().await;
    let snapshot = snapshot(&afas.source()).await;
    assert_eq!(snapshot.people().count(), 4);
    let lines: Vec<_> = snapshot.people().map(|person| person.contracts.len()).collect();
    assert_eq!(lines, [1, 1, 0, 1]);
    assert!(snapshot.people().all(|person| person.defects.is_empty()));
    let sales = snapshot.departments().by_code("d2").unwrap();
    assert_eq!(sales.parent.as_ref().map(ToString::to_string).as_deref(), Some("d1"));
    // Three rows fill a page of three, so that only the next one shows that there are no more.
    let expected = [
        METAINFO.to_owned(),
        page(USERS, 0),
        page(USERS, 2),
        page(EMPLOYMENTS, 0),
        page(EMPLOYMENTS, 2),
        page(UNITS, 0),
    ];
    assert_eq!(afas.calls().await, expected);
}

#[tokio::test]
async fn every_call_bears_the_token_and_asks_for_json_in_english() {
    let afas = Afas::in_order().await;
    snapshot(&afas.source().with_integration_id("12345_123456")).await;
    for request in afas.server.received_requests().await.unwrap() {
        let header = |name: &str| request.headers.get(name).map(|value| value.to_str().unwrap().to_owned());
        let token = "AfasToken PHRva2VuPjx2ZXJzaW9uPjE8L3ZlcnNpb24+PGRhdGE+MEFGMzwvZGF0YT48L3Rva2VuPg==";
        assert_eq!(header("authorization").as_deref(), Some(token));
        assert_eq!(header("accept").as_deref(), Some("application/json"));
        assert_eq!(header("accept-language").as_deref(), Some("en-us"));
        assert_eq!(header("integrationid").as_deref(), Some("12345_123456"));
        assert_eq!(header("content-type"), None);
        assert!(request.body.is_empty());
    }
}

#[tokio::test]
async fn no_integration_id_is_sent_unless_there_is_one() {
    let afas = Afas::in_order().await;
    snapshot(&afas.source()).await;
    let requests = afas.server.received_requests().await.unwrap();
    assert!(requests.iter().all(|request| !request.headers.contains_key("integrationid")));
}

#[tokio::test]
async fn the_environment_is_the_fingerprint_and_another_one_is_not_read() {
    let of = |environment: &'static str| {
        Afas::with(move |asked| {
            asked
                .is_of("/metainfo")
                .then(|| ResponseTemplate::new(200).set_body_json(json!({"info": {"envid": environment}})))
        })
    };
    let (one, other) = (of("O12345AA").await, of("T12345AA").await);
    let (first, second) = (snapshot(&one.source()).await, snapshot(&other.source()).await);
    assert_ne!(first.hash(), second.hash());

    snapshot(&one.source().of_environment("O12345AA")).await;
    let error = error(&other.source().of_environment("O12345AA")).await;
    assert_eq!(
        error.to_string(),
        "afas: the token leads to environment `T12345AA`, and `O12345AA` is to be read; see which token is used"
    );
    assert_eq!(other.calls().await.last().map(String::as_str), Some(METAINFO));
}

#[tokio::test]
async fn a_connector_that_the_token_may_not_read_is_named_with_those_that_it_may() {
    let afas = Afas::in_order().await;
    let mut connectors = Connectors::default();
    connectors.users.connector = "Personen".to_owned();
    let error = error(&afas.source().with_connectors(connectors)).await;
    assert_eq!(
        error.to_string(),
        format!(
            "afas: the app connector does not have the GetConnector `Personen`; it has `{USERS}`, `{EMPLOYMENTS}`, \
             `{UNITS}`; add it in AFAS, or change the configuration"
        )
    );
    assert_eq!((error.kind(), afas.calls().await), (PortErrorKind::Permanent, vec![METAINFO.to_owned()]));
}

#[tokio::test]
async fn a_column_that_is_not_there_is_named_with_those_that_are() {
    let afas = Afas::in_order().await;
    let mut connectors = Connectors::default();
    connectors.users.fields.set(FieldName::new("phone").unwrap(), Column::text("Telefon"));
    let error = error(&afas.source().with_connectors(connectors)).await;
    assert_eq!(
        error.to_string(),
        format!(
            "afas: GetConnector `{USERS}` lacks `Telefon` (the field `person.phone`), which the configuration names; it \
             has `Geboortenaam`, `Medewerker`, `Naamgebruik_code`, `Roepnaam`"
        )
    );
    assert_eq!(error.kind(), PortErrorKind::Permanent);
}

#[tokio::test]
async fn a_column_that_afas_cannot_order_by_is_looked_up_in_its_description() {
    let complaint = json!({
        "externalMessage": "Connector field 'Nummer' not found", "errorNumber": -2_147_180_996, "profitLogReference": "0AF3",
    });
    let afas = Afas::with(move |asked| {
        let is_page = asked.is_of(&format!("/connectors/{USERS}"));
        is_page
            .then(|| ResponseTemplate::new(500).set_body_raw(complaint.to_string(), "application/xml; charset=utf-8"))
    })
    .await;
    let mut connectors = Connectors::default();
    connectors.users.person = "Nummer".to_owned();
    let found = error(&afas.source().with_connectors(connectors)).await;
    assert_eq!(
        found.to_string(),
        format!(
            "afas: GetConnector `{USERS}` lacks `Nummer` (the key of the person), which the configuration names; it has \
             `Geboortenaam`, `Medewerker`, `Naamgebruik_code`, `Roepnaam`"
        )
    );
    // The complaint is made three times, since it could be a record that somebody has locked.
    let asked = format!("GET connectors/{USERS}?orderbyfieldids=Nummer,Medewerker&skip=0&take=3");
    let expected = [METAINFO, &asked, &asked, &asked, &format!("GET metainfo/get/{USERS}")];
    assert_eq!(afas.calls().await, expected);

    let same = error(&afas.source()).await;
    assert!(
        same.to_string().contains("500: `Connector field 'Nummer' not found`, error -2147180996, log reference 0AF3")
    );
    assert_eq!(same.kind(), PortErrorKind::Transient);
}

#[tokio::test]
async fn names_are_also_checked_where_there_is_no_row() {
    let afas = Afas::with(|asked| asked.is_of(&format!("connectors/{EMPLOYMENTS}")).then(|| asked.page_of(&[]))).await;
    assert_eq!(snapshot(&afas.source()).await.people().count(), 4);
    assert!(afas.calls().await.contains(&format!("GET metainfo/get/{EMPLOYMENTS}")));

    let mut connectors = Connectors::default();
    connectors.employments.last_day = "Einddatum".to_owned();
    let error = error(&afas.source().with_connectors(connectors)).await;
    assert!(error.to_string().contains("lacks `Einddatum` (the last day)"), "{error}");
}

#[tokio::test]
async fn a_connector_whose_keys_are_all_unusable_is_an_error() {
    let nobody = [json!({"Medewerker": null, "Roepnaam": "Ann"})];
    let afas =
        Afas::with(move |asked| asked.is_of(&format!("connectors/{USERS}")).then(|| asked.page_of(&nobody))).await;
    let error = error(&afas.source()).await;
    assert!(error.to_string().contains("no row of GetConnector `T4E_HelloID_Users_v2` has a key that can be used"));
}

#[tokio::test]
async fn rows_that_move_while_they_are_read_are_read_again() {
    // Somebody who stands before the end of the first page leaves after it was read.
    let gone = ["0001", "0003", "0004"].map(user);
    let afas = Afas::with(move |asked| {
        (asked.is_of(&format!("connectors/{USERS}")) && asked.number > 1).then(|| asked.page_of(&gone))
    })
    .await;
    let snapshot = snapshot(&afas.source()).await;
    let keys: Vec<_> = snapshot.people().filter(|person| !person.row.fields.is_empty()).collect();
    assert_eq!(keys.len(), 3);
    let expected = [METAINFO.to_owned(), page(USERS, 0), page(USERS, 2), page(USERS, 0), page(USERS, 2)];
    assert_eq!(afas.calls().await[..5], expected);
}

#[tokio::test]
async fn rows_that_come_while_others_are_read_do_no_harm() {
    // Somebody who stands before the end of the first page comes after it was read.
    let more = ["0000", "0001", "0002", "0003", "0004"].map(user);
    let afas = Afas::with(move |asked| {
        (asked.is_of(&format!("connectors/{USERS}")) && asked.number > 1).then(|| asked.page_of(&more))
    })
    .await;
    let snapshot = snapshot(&afas.source()).await;
    assert!(snapshot.people().all(|person| person.defects.is_empty()));
    assert_eq!(snapshot.people().count(), 4);
    assert_eq!(
        afas.calls().await[..5],
        [METAINFO.to_owned(), page(USERS, 0), page(USERS, 2), page(USERS, 4), page(EMPLOYMENTS, 0)]
    );
}

#[tokio::test]
async fn a_server_that_gives_the_same_page_for_ever_is_left() {
    let afas = Afas::with(|asked| {
        let rows = ["0001", "0002", "0003"].map(user);
        let body = json!({"skip": asked.skip(), "take": 3, "rows": rows});
        asked.is_of(&format!("connectors/{USERS}")).then(|| ResponseTemplate::new(200).set_body_json(body))
    })
    .await;
    let error = error(&afas.source()).await;
    assert!(error.to_string().contains("came or went"), "{error}");
    assert_eq!(afas.calls().await.len(), 7);
}

#[tokio::test]
async fn rows_that_never_stand_still_are_an_error() {
    let afas = Afas::with(|asked| {
        let later = asked.skip() > 0 && asked.is_of(&format!("connectors/{USERS}"));
        later.then(|| asked.page_of(&["1001", "1002", "1003"].map(user)))
    })
    .await;
    let error = error(&afas.source()).await;
    assert!(error.to_string().contains("came or went each of the 3 times that it was read"), "{error}");
    assert_eq!((error.kind(), afas.calls().await.len()), (PortErrorKind::Transient, 7));
}

#[tokio::test]
async fn a_page_that_is_not_the_one_that_was_asked_for_is_an_error() {
    for (skip, take, count) in [(0, 2, 2), (1, 3, 1), (0, 3, 4), (-1, -1, 4)] {
        let rows: Vec<_> = ["0001", "0002", "0003", "0004"].map(user).into_iter().take(count).collect();
        let body = json!({"skip": skip, "take": take, "rows": rows});
        let afas = Afas::with(move |asked| {
            asked.is_of(&format!("connectors/{USERS}")).then(|| ResponseTemplate::new(200).set_body_json(body.clone()))
        })
        .await;
        let error = error(&afas.source()).await;
        let expected = format!("was asked for 3 rows after 0 and gave {count}, as {take} rows after {skip}");
        assert!(error.to_string().contains(&expected), "{error}");
    }
}

#[tokio::test]
async fn the_same_row_on_two_pages_is_one_and_different_rows_are_a_defect() {
    let other = json!({"Medewerker": "0002", "Roepnaam": "Bea", "Geboortenaam": "Berg", "Naamgebruik_code": "0"});
    for (second, defects) in [(user("0002"), 0), (other, 1)] {
        let rows = [user("0001"), user("0002"), second, user("0003"), user("0004")];
        let afas =
            Afas::with(move |asked| asked.is_of(&format!("connectors/{USERS}")).then(|| asked.page_of(&rows))).await;
        let snapshot = snapshot(&afas.source().with_page_rows(2)).await;
        let found: Vec<_> = snapshot.people().map(|person| person.defects.len()).collect();
        assert_eq!(found, [0, defects, 0, 0]);
    }
}

#[tokio::test]
async fn refusals_say_what_to_look_at_and_are_made_once() {
    for (status, expected) in [
        (401, "was refused with 401; see whether the token is whole"),
        (403, "was refused with 403; see which addresses"),
        (404, "leads nowhere (404); see whether the site is right"),
    ] {
        let afas =
            Afas::with(move |_| Some(ResponseTemplate::new(status).set_body_raw("", "application/xml; charset=utf-8")))
                .await;
        let error = error(&afas.source()).await;
        assert!(error.to_string().contains(expected), "{error}");
        assert!(error.to_string().contains("/ProfitRestServices/metainfo"), "{error}");
        assert_eq!((error.kind(), afas.calls().await.len()), (PortErrorKind::Permanent, 1));
    }
}

#[tokio::test]
async fn maintenance_is_not_waited_for_and_a_short_pause_is() {
    let body = json!({"error": {"code": "503", "message": "Planned maintenance"}, "retry_after": 7200});
    let afas = Afas::with(move |_| {
        Some(ResponseTemplate::new(503).insert_header("retry-after", "7200").set_body_json(body.clone()))
    })
    .await;
    let error = error(&afas.source()).await;
    assert_eq!(
        error.to_string(),
        "afas: AFAS is not available (503: `Planned maintenance`) and asks to wait 7200 seconds"
    );
    assert_eq!((error.kind(), afas.calls().await.len()), (PortErrorKind::Transient, 1));

    let afas =
        Afas::with(|asked| (asked.number == 2).then(|| ResponseTemplate::new(503).insert_header("retry-after", "2")))
            .await;
    assert_eq!(snapshot(&afas.source()).await.people().count(), 4);
    assert_eq!(afas.calls().await.len(), 7);
}

#[tokio::test]
async fn an_answer_that_is_cut_off_is_an_error() {
    for (body, expected) in [
        (r#"{"skip":0,"take":3,"rows":[{"Medewerker":"0001"},"#, "ends in the middle of its content"),
        ("<html>planted</html>", "is no JSON"),
        (r#"{"rows":[]}"#, "has another form than AFAS gives"),
    ] {
        let afas = Afas::with(move |asked| {
            asked.is_of(&format!("connectors/{EMPLOYMENTS}")).then(|| ResponseTemplate::new(200).set_body_string(body))
        })
        .await;
        let error = error(&afas.source()).await;
        assert!(error.to_string().contains(expected), "{error}");
        assert!(!format!("{error:?}").contains("planted"));
    }
}

#[tokio::test]
async fn a_query_that_afas_would_not_take_is_not_sent() {
    let afas = Afas::in_order().await;
    let mut connectors = Connectors::default();
    connectors.employments.key = (0..60).map(|number| format!("A_column_with_a_rather_long_name_{number}")).collect();
    let error = error(&afas.source().with_connectors(connectors)).await;
    assert!(error.to_string().contains("and AFAS takes 2049"), "{error}");
    assert!(afas.calls().await.iter().all(|call| !call.contains(EMPLOYMENTS)));
}

#[tokio::test]
async fn debug_shows_neither_token_nor_rows() {
    let afas = Afas::in_order().await;
    let shown = format!("{:?}", afas.source());
    assert!(!shown.contains("0AF3") && !shown.contains("PHRva2Vu"), "{shown}");
}
