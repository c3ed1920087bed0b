//! The calls that are made in an unusual way, one by one, as they go over the wire.

use std::sync::Arc;
use std::time::Duration;

use entra_graph::transport::Https;
use futures::StreamExt;
use provisioning_core::audit::{FailureKind, Truth};
use provisioning_core::plan::{AccountStep, Step};
use provisioning_core::source::Cursor;
use provisioning_core::target::{FirstSecret, Presence, Shown, TargetChanges, TargetReading};
use provisioning_core::{AccountId, ManualClock, Permit, TargetConnector};
use secrecy::ExposeSecret;
use serde_json::{Value as Json, json};
use target_entra::EntraTarget;
use wiremock::matchers::{body_json, header, method, path, path_regex, query_param, query_param_is_missing};
use wiremock::{Mock, MockBuilder, MockServer, ResponseTemplate};

use crate::support;
use crate::support::wave::{Answer, account, create, grant, key, live, new_account, on, revoke, truth, update, wave};

/// A directory of which each test says what it answers.
struct Directory {
    server: MockServer,
    target: EntraTarget,
    clock: Arc<ManualClock>,
}

impl Directory {
    async fn new(first_secret: FirstSecret) -> Self {
        let server = MockServer::start().await;
        let clock = Arc::new(ManualClock::at("2026-03-02T09:00:00Z".parse().unwrap()));
        let target = support::target_over(
            Arc::new(Https::new(Duration::from_mins(1)).unwrap()),
            &server.uri(),
            &clock,
            first_secret,
        );
        let token = json!({ "access_token": "t", "expires_in": 3599 });
        let answer = ResponseTemplate::new(200).set_body_json(token);
        Mock::given(method("POST")).and(path_regex("/oauth2/v2.0/token$")).respond_with(answer).mount(&server).await;
        Self { server, target, clock }
    }

    /// What is asked for so is answered so, exactly so many times.
    async fn answers(&self, asked: MockBuilder, answer: ResponseTemplate, times: u64) {
        asked.respond_with(answer).up_to_n_times(times).expect(times).mount(&self.server).await;
    }

    async fn apply(&self, steps: Vec<Step>) -> Vec<Answer> {
        let permit = Permit::until(provisioning_core::Clock::now(&*self.clock) + chrono::TimeDelta::hours(1));
        let wave = wave(steps);
        let mut outcomes: Vec<_> = self.target.apply(&wave, permit).collect().await;
        outcomes.sort_by_key(|outcome| outcome.action);
        outcomes.into_iter().map(|outcome| outcome.result).collect()
    }

    async fn one(&self, step: Step) -> Answer {
        self.apply(vec![step]).await.remove(0)
    }
}

fn asked(verb: &str, at: &str) -> MockBuilder {
    Mock::given(method(verb)).and(path(format!("/v1.0{at}")))
}

fn ok(body: Json) -> ResponseTemplate {
    ResponseTemplate::new(200).set_body_json(body)
}

fn done() -> ResponseTemplate {
    ResponseTemplate::new(204)
}

fn refused(status: u16, code: &str) -> ResponseTemplate {
    let error = json!({ "error": { "code": code, "message": "planted@example.org" } });
    ResponseTemplate::new(status).set_body_json(error)
}

fn conflict() -> ResponseTemplate {
    let detail = json!({ "code": "ObjectConflict", "target": "userPrincipalName", "message": "planted@example.org" });
    let error = json!({ "error": { "code": "Request_BadRequest", "message": "planted", "details": [detail] } });
    ResponseTemplate::new(400).set_body_json(error)
}

fn missing() -> ResponseTemplate {
    refused(404, "Request_ResourceNotFound")
}

fn id(text: &str) -> AccountId {
    AccountId::new(text).unwrap()
}

fn bound(members: &[&str], server: &str) -> Json {
    let reference = |member: &&str| format!("{server}/v1.0/directoryObjects/{member}");
    json!({ "members@odata.bind": members.iter().map(reference).collect::<Vec<_>>() })
}

fn searched(property: &str, value: &str) -> MockBuilder {
    asked("GET", "/users").and(query_param("$filter", format!("{property} eq '{value}'")))
}

/// What Entra calls one's own account: it bears the anchor of `hr:1`.
fn own() -> Json {
    let extension = json!({ "extensionAttribute15": "hr:1" });
    json!({ "id": "u1", "accountEnabled": false, "onPremisesExtensionAttributes": extension })
}

#[tokio::test]
async fn a_pack_that_is_refused_is_sent_one_by_one_and_what_fails_then_is_looked_at() {
    let directory = Directory::new(FirstSecret::None).await;
    let server = directory.server.uri();
    directory.answers(asked("GET", "/groups(uniqueName='staff')"), ok(json!({ "id": "g" })), 1).await;
    let write = |members: &[&str]| asked("PATCH", "/groups/g").and(body_json(bound(members, &server)));
    directory.answers(write(&["u1", "u2", "u3"]), refused(400, "Request_BadRequest"), 1).await;
    directory.answers(write(&["u1"]), done(), 1).await;
    directory.answers(write(&["u2"]), refused(400, "Request_BadRequest"), 1).await;
    directory.answers(asked("GET", "/users/u2"), ok(json!({ "id": "u2", "accountEnabled": true })), 1).await;
    directory.answers(asked("GET", "/groups/g"), ok(json!({ "id": "g", "groupTypes": [] })), 1).await;
    directory.answers(asked("GET", "/users/u2/memberOf"), ok(json!({ "value": [{ "id": "g" }] })), 1).await;
    directory.answers(write(&["u3"]), missing(), 1).await;
    directory.answers(asked("GET", "/users/u3"), missing(), 1).await;
    let binned = json!({ "id": "u3", "deletedDateTime": "2026-03-01T10:00:00Z" });
    directory.answers(asked("GET", "/directory/deletedItems/u3"), ok(binned), 1).await;
    let steps = (1..=3).map(|person| on(&id(&format!("u{person}")), grant(person, "staff"))).collect();
    let answers = directory.apply(steps).await;
    assert_eq!((truth(&answers[0]), truth(&answers[1])), (&Truth::Holds, &Truth::Holds));
    assert!(matches!(truth(&answers[2]), Truth::InBin { .. }), "{:?}", answers[2]);
}

#[tokio::test]
async fn a_group_that_takes_no_members_from_us_is_named_at_once() {
    let directory = Directory::new(FirstSecret::None).await;
    directory.answers(asked("GET", "/groups(uniqueName='staff')"), ok(json!({ "id": "g" })), 1).await;
    directory.answers(asked("PATCH", "/groups/g"), refused(400, "Request_BadRequest"), 1).await;
    directory.answers(asked("GET", "/users/u1"), ok(json!({ "id": "u1" })), 1).await;
    let dynamic = json!({ "id": "g", "groupTypes": ["DynamicMembership"] });
    directory.answers(asked("GET", "/groups/g"), ok(dynamic), 1).await;
    let failure = directory.one(on(&id("u1"), grant(1, "staff"))).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Permanent);
    assert!(failure.message.contains("`staff` takes no members"), "{failure}");
}

#[tokio::test]
async fn what_is_refused_for_all_is_not_sent_one_by_one() {
    for (answer, kind) in [
        (refused(403, "Authorization_RequestDenied"), FailureKind::Permanent),
        (ResponseTemplate::new(401), FailureKind::Permanent),
    ] {
        let directory = Directory::new(FirstSecret::None).await;
        directory.answers(asked("GET", "/groups(uniqueName='staff')"), ok(json!({ "id": "g" })), 1).await;
        asked("PATCH", "/groups/g").respond_with(answer).expect(1..=2).mount(&directory.server).await;
        let steps = (1..=3).map(|person| on(&id(&format!("u{person}")), grant(person, "staff"))).collect();
        for answer in directory.apply(steps).await {
            assert_eq!(answer.unwrap_err().kind, kind);
        }
    }
}

#[tokio::test]
async fn i_08_a_create_without_an_answer_is_looked_for_by_its_anchor_and_not_repeated() {
    let directory = Directory::new(FirstSecret::OnCreate).await;
    directory.answers(asked("POST", "/users"), ResponseTemplate::new(500), 1).await;
    let nobody = || ok(json!({ "value": [] }));
    directory.answers(searched("userPrincipalName", "user1@example.org"), nobody(), 2).await;
    let anchor = || {
        searched("onPremisesExtensionAttributes/extensionAttribute15", "hr:1")
            .and(query_param("$count", "true"))
            .and(header("consistencylevel", "eventual"))
    };
    directory.answers(anchor(), nobody(), 1).await;
    directory.answers(anchor(), ok(json!({ "value": [own()] })), 1).await;
    // The password of the lost answer may be of an earlier attempt, so another one is handed over.
    directory.answers(asked("PATCH", "/users/u1"), done(), 1).await;
    let made = directory.one(create(1)).await;
    assert_eq!(live(&made), (id("u1"), Shown::Disabled));
    assert!(made.unwrap().secret.is_some());
}

#[tokio::test]
async fn an_account_that_was_made_moments_ago_is_not_made_again_under_another_name() {
    let directory = Directory::new(FirstSecret::OnCreate).await;
    let made = ResponseTemplate::new(201).set_body_json(json!({ "id": "u1" }));
    directory.answers(asked("POST", "/users"), made, 1).await;
    let first = directory.one(create(1)).await.unwrap();
    // No search shows it yet.
    asked("GET", "/users").respond_with(ok(json!({ "value": [] }))).mount(&directory.server).await;
    directory.answers(asked("GET", "/users/u1"), missing(), 1).await;
    directory.answers(asked("GET", "/users/u1"), ok(json!({ "id": "u1", "accountEnabled": false })), 1).await;
    directory.answers(asked("PATCH", "/users/u1"), done(), 1).await;
    let renamed = Step::Account { key: key(1), id: None, step: AccountStep::Create(new_account("other@example.org")) };
    let second = directory.one(renamed).await.unwrap();
    assert_eq!(second.truth, first.truth);
    assert!(second.secret.is_some());
}

#[tokio::test]
async fn a_create_of_which_nothing_is_ever_seen_is_unknown() {
    let directory = Directory::new(FirstSecret::None).await;
    directory.answers(asked("POST", "/users"), ResponseTemplate::new(502), 1).await;
    asked("GET", "/users").respond_with(ok(json!({ "value": [] }))).mount(&directory.server).await;
    let failure = directory.one(create(1)).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Unknown);
    assert!(!failure.message.contains("example.org"), "{failure}");
}

#[tokio::test]
async fn a_create_that_cannot_be_looked_for_is_unknown() {
    for looking in [refused(403, "Authorization_RequestDenied"), refused(429, "TooManyRequests")] {
        let directory = Directory::new(FirstSecret::None).await;
        directory.answers(asked("POST", "/users"), ResponseTemplate::new(504), 1).await;
        asked("GET", "/users").respond_with(looking).mount(&directory.server).await;
        let failure = directory.one(create(1)).await.unwrap_err();
        assert_eq!(failure.kind, FailureKind::Unknown, "{failure}");
    }
}

#[tokio::test]
async fn a_conflict_with_an_earlier_attempt_is_that_account() {
    let directory = Directory::new(FirstSecret::None).await;
    directory.answers(asked("POST", "/users"), conflict(), 1).await;
    directory.answers(asked("GET", "/directory/deletedItems/graph.user"), ok(json!({ "value": [] })), 1).await;
    let found = ok(json!({ "value": [own()] }));
    directory.answers(searched("userPrincipalName", "user1@example.org"), found, 1).await;
    assert_eq!(live(&directory.one(create(1)).await), (id("u1"), Shown::Disabled));
}

#[tokio::test]
async fn an_anchor_that_differs_in_case_is_somebody_elses() {
    let directory = Directory::new(FirstSecret::None).await;
    let extension = json!({ "extensionAttribute15": "HR:1" });
    let other = json!({ "id": "u9", "accountEnabled": true, "onPremisesExtensionAttributes": extension });
    let anchor = searched("onPremisesExtensionAttributes/extensionAttribute15", "hr:1");
    directory.answers(anchor, ok(json!({ "value": [other] })), 1).await;
    asked("PATCH", "/users/u9").respond_with(done()).expect(0).mount(&directory.server).await;
    let answer = directory.one(account(1, AccountStep::Disable)).await;
    assert_eq!(*truth(&answer), Truth::Gone);
}

#[tokio::test]
async fn i_55_a_conflict_with_somebody_else_is_refused_without_naming_anybody() {
    let directory = Directory::new(FirstSecret::None).await;
    directory.answers(asked("POST", "/users"), conflict(), 1).await;
    directory.answers(asked("GET", "/directory/deletedItems/graph.user"), ok(json!({ "value": [] })), 1).await;
    let other = ok(json!({ "value": [{ "id": "u9", "accountEnabled": true }] }));
    directory.answers(searched("userPrincipalName", "user1@example.org"), other, 1).await;
    let anchor = searched("onPremisesExtensionAttributes/extensionAttribute15", "hr:1");
    directory.answers(anchor, ok(json!({ "value": [] })), 1).await;
    let failure = directory.one(create(1)).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Permanent);
    assert!(failure.message.contains("another user has the same `userPrincipalName`"), "{failure}");
    assert!(!failure.message.contains("example.org") && !failure.message.contains("planted"), "{failure}");
}

#[tokio::test]
async fn a_first_password_is_the_one_that_was_sent_and_is_shown_to_nobody_else() {
    for first_secret in [FirstSecret::OnCreate, FirstSecret::None] {
        let directory = Directory::new(first_secret).await;
        let made = ResponseTemplate::new(201).set_body_json(json!({ "id": "u1" }));
        directory.answers(asked("POST", "/users"), made, 1).await;
        let answer = directory.one(create(1)).await.unwrap();
        let requests = directory.server.received_requests().await.unwrap();
        let body: Json =
            requests.iter().find(|request| request.url.path() == "/v1.0/users").unwrap().body_json().unwrap();
        let sent = body["passwordProfile"]["password"].as_str().unwrap();
        assert_eq!(body["passwordProfile"]["forceChangePasswordNextSignIn"], true);
        assert_eq!((&body["accountEnabled"], &body["mailNickname"]), (&json!(false), &json!("user1")));
        assert_eq!(body["onPremisesExtensionAttributes"], json!({ "extensionAttribute15": "hr:1" }));
        let handed_over = answer.secret.as_ref().map(|secret| secret.expose_secret().to_owned());
        assert_eq!(handed_over, (first_secret == FirstSecret::OnCreate).then(|| sent.to_owned()));
        assert!(!format!("{answer:?}{:?}", directory.target).contains(sent));
    }
}

#[tokio::test]
async fn a_new_first_password_has_to_be_changed_and_none_is_made_where_none_is_handed_over() {
    let directory = Directory::new(FirstSecret::OnCreate).await;
    let shown = || ok(json!({ "id": "u1", "accountEnabled": true }));
    directory.answers(asked("GET", "/users/u1"), shown(), 1).await;
    directory.answers(asked("PATCH", "/users/u1"), done(), 1).await;
    let reissued = directory.one(on(&id("u1"), account(1, AccountStep::Reissue))).await;
    assert_eq!(live(&reissued), (id("u1"), Shown::Enabled));
    let requests = directory.server.received_requests().await.unwrap();
    let body: Json = requests.last().unwrap().body_json().unwrap();
    let secret = reissued.unwrap().secret.unwrap();
    let expected = json!({ "forceChangePasswordNextSignIn": true, "password": secret.expose_secret() });
    assert_eq!(body, json!({ "passwordProfile": expected }));

    let directory = Directory::new(FirstSecret::None).await;
    directory.answers(asked("GET", "/users/u1"), shown(), 1).await;
    let reissued = directory.one(on(&id("u1"), account(1, AccountStep::Reissue))).await.unwrap();
    assert!(reissued.secret.is_none());
}

#[tokio::test]
async fn a_disable_counts_although_the_sessions_could_not_be_ended() {
    let directory = Directory::new(FirstSecret::None).await;
    let write = asked("PATCH", "/users/u1").and(body_json(json!({ "accountEnabled": false })));
    directory.answers(write, done(), 1).await;
    let sessions = asked("POST", "/users/u1/revokeSignInSessions");
    directory.answers(sessions, refused(403, "Authorization_RequestDenied"), 1).await;
    let answer = directory.one(on(&id("u1"), account(1, AccountStep::Disable))).await;
    assert_eq!(live(&answer), (id("u1"), Shown::Disabled));
}

#[tokio::test]
async fn a_restore_without_an_answer_disables_what_may_be_back() {
    let directory = Directory::new(FirstSecret::None).await;
    let binned = json!({ "id": "u1", "deletedDateTime": "2026-03-01T10:00:00Z" });
    directory.answers(asked("GET", "/directory/deletedItems/u1"), ok(binned), 1).await;
    let restore = asked("POST", "/directory/deletedItems/u1/restore");
    directory.answers(restore, ResponseTemplate::new(500), 1).await;
    let write = || asked("PATCH", "/users/u1").and(body_json(json!({ "accountEnabled": false })));
    directory.answers(write(), missing(), 2).await;
    directory.answers(write(), done(), 1).await;
    let answer = directory.one(on(&id("u1"), account(1, AccountStep::Restore))).await;
    assert_eq!(live(&answer), (id("u1"), Shown::Disabled));
}

#[tokio::test]
async fn a_restored_account_that_could_not_be_disabled_is_read_before_anything_else() {
    let directory = Directory::new(FirstSecret::None).await;
    let binned = json!({ "id": "u1", "deletedDateTime": "2026-03-01T10:00:00Z" });
    directory.answers(asked("GET", "/directory/deletedItems/u1"), ok(binned), 1).await;
    let restore = asked("POST", "/directory/deletedItems/u1/restore");
    directory.answers(restore, ok(json!({ "id": "u1" })), 1).await;
    directory.answers(asked("PATCH", "/users/u1"), refused(403, "Authorization_RequestDenied"), 1).await;
    let failure = directory.one(on(&id("u1"), account(1, AccountStep::Restore))).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Unknown);
}

#[tokio::test]
async fn a_membership_that_a_restore_brings_back_late_is_taken_away() {
    let directory = Directory::new(FirstSecret::None).await;
    let binned = json!({ "id": "u1", "deletedDateTime": "2026-03-01T10:00:00Z" });
    directory.answers(asked("GET", "/directory/deletedItems/u1"), ok(binned), 1).await;
    let restore = asked("POST", "/directory/deletedItems/u1/restore");
    directory.answers(restore, ok(json!({ "id": "u1" })), 1).await;
    directory.answers(asked("PATCH", "/users/u1"), done(), 1).await;
    directory.answers(asked("GET", "/groups(uniqueName='staff')"), ok(json!({ "id": "g" })), 1).await;
    let remove = || asked("DELETE", "/groups/g/members/u1/$ref");
    directory.answers(remove(), missing(), 1).await;
    directory.answers(remove(), done(), 1).await;
    directory.one(on(&id("u1"), account(1, AccountStep::Restore))).await.unwrap();
    let answer = directory.one(on(&id("u1"), revoke(1, "staff"))).await;
    assert_eq!(*truth(&answer), Truth::HoldsNot);
}

#[tokio::test]
async fn a_membership_is_taken_away_in_the_group_that_has_the_name_by_now() {
    let directory = Directory::new(FirstSecret::None).await;
    let named = || asked("GET", "/groups(uniqueName='staff')");
    directory.answers(named(), ok(json!({ "id": "g" })), 1).await;
    directory.answers(named(), ok(json!({ "id": "g9" })), 1).await;
    directory.answers(asked("PATCH", "/groups/g"), done(), 1).await;
    directory.answers(asked("DELETE", "/groups/g/members/u1/$ref"), missing(), 1).await;
    directory.answers(asked("GET", "/users/u1"), ok(json!({ "id": "u1", "accountEnabled": true })), 1).await;
    directory.answers(asked("DELETE", "/groups/g9/members/u1/$ref"), done(), 1).await;
    directory.one(on(&id("u2"), grant(2, "staff"))).await.unwrap();
    let answer = directory.one(on(&id("u1"), revoke(1, "staff"))).await;
    assert_eq!(*truth(&answer), Truth::HoldsNot);
}

#[tokio::test]
async fn who_is_in_the_group_that_has_the_name_by_now_holds_it() {
    let directory = Directory::new(FirstSecret::None).await;
    let named = || asked("GET", "/groups(uniqueName='staff')");
    directory.answers(named(), ok(json!({ "id": "g" })), 1).await;
    directory.answers(named(), ok(json!({ "id": "g9" })), 1).await;
    directory.answers(asked("PATCH", "/groups/g"), missing(), 1).await;
    directory.answers(asked("GET", "/users/u1"), ok(json!({ "id": "u1", "accountEnabled": true })), 1).await;
    directory.answers(asked("PATCH", "/groups/g9"), refused(400, "Request_BadRequest"), 1).await;
    directory.answers(asked("GET", "/users/u1/memberOf"), ok(json!({ "value": [{ "id": "g9" }] })), 1).await;
    let answer = directory.one(on(&id("u1"), grant(1, "staff"))).await;
    assert_eq!(*truth(&answer), Truth::Holds);
}

#[tokio::test]
async fn a_privileged_account_is_a_matter_for_a_person() {
    let directory = Directory::new(FirstSecret::None).await;
    directory.answers(asked("GET", "/users/u1"), ok(json!({ "id": "u1", "accountEnabled": true })), 1).await;
    directory.answers(asked("PATCH", "/users/u1"), refused(403, "Authorization_RequestDenied"), 1).await;
    let failure = directory.one(on(&id("u1"), update(1, "mobilePhone", "planted"))).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Permanent);
    assert!(!failure.message.contains("planted"), "{failure}");
}

#[tokio::test]
async fn a_deleted_user_that_the_bin_does_not_show_yet_is_asked_for_again() {
    let directory = Directory::new(FirstSecret::None).await;
    let server = directory.server.uri();
    let feed = |kind: &str, rows: Json| {
        let end = format!("{server}/v1.0/{kind}/delta?$deltatoken=next");
        ok(json!({ "value": rows, "@odata.deltaLink": end }))
    };
    let first = |kind: &str| asked("GET", &format!("/{kind}/delta")).and(query_param_is_missing("$deltatoken"));
    let next = |kind: &str| asked("GET", &format!("/{kind}/delta")).and(query_param("$deltatoken", "next"));
    let user = json!([{ "id": "u1", "accountEnabled": true, "displayName": "x" }]);
    directory.answers(first("groups"), feed("groups", json!([])), 1).await;
    directory.answers(first("users"), feed("users", user), 1).await;
    directory.answers(asked("GET", "/directory/deletedItems/graph.user"), ok(json!({ "value": [] })), 1).await;
    let removed = json!([{ "id": "u1", "@removed": { "reason": "changed" } }]);
    directory.answers(next("groups"), feed("groups", json!([])), 3).await;
    directory.answers(next("users"), feed("users", removed), 1).await;
    directory.answers(next("users"), feed("users", json!([])), 2).await;
    directory.answers(asked("GET", "/directory/deletedItems/u1"), missing(), 1).await;
    let binned = json!({ "id": "u1", "accountEnabled": true, "deletedDateTime": "2026-03-02T08:00:00Z" });
    directory.answers(asked("GET", "/directory/deletedItems/u1"), ok(binned), 1).await;

    let read = async |cursor: Option<Cursor>| -> TargetChanges {
        match directory.target.observe(cursor.as_ref()).await.unwrap() {
            TargetReading::Whole(all) | TargetReading::Changes(all) => all,
        }
    };
    let whole = read(None).await;
    let unseen = read(whole.cursor).await;
    assert_eq!((unseen.accounts.len(), unseen.gone.len()), (0, 0));
    let seen = read(unseen.cursor).await;
    assert_eq!(seen.accounts[0].presence, Presence::InBin("2026-03-02".parse().unwrap()));
    let after = read(seen.cursor).await;
    assert!(after.accounts.is_empty());
}

#[tokio::test]
async fn a_restored_user_whom_the_bin_shows_still_is_live() {
    let directory = Directory::new(FirstSecret::None).await;
    let server = directory.server.uri();
    let feed = |kind: &str, rows: Json| {
        let end = format!("{server}/v1.0/{kind}/delta?$deltatoken=next");
        ok(json!({ "value": rows, "@odata.deltaLink": end }))
    };
    let user = json!([{ "id": "u1", "accountEnabled": true }]);
    directory.answers(asked("GET", "/groups/delta"), feed("groups", json!([])), 1).await;
    directory.answers(asked("GET", "/users/delta"), feed("users", user), 1).await;
    let binned = json!({ "id": "u1", "accountEnabled": true, "deletedDateTime": "2026-03-02T08:00:00Z" });
    let bin = asked("GET", "/directory/deletedItems/graph.user");
    directory.answers(bin, ok(json!({ "value": [binned] })), 1).await;
    let TargetReading::Whole(all) = directory.target.observe(None).await.unwrap() else { panic!("not whole") };
    let presences: Vec<Presence> = all.accounts.iter().map(|account| account.presence).collect();
    assert_eq!(presences, [Presence::Live]);
}
