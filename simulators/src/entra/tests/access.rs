//! Tokens, and the tenant behind a socket.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};

use bytes::Bytes;
use chrono::DateTime;
use expect_test::expect;
use futures::executor::block_on;
use http::{Request, Response};
use serde_json::Value;

use super::{empty, word, world};
use crate::Server;
use crate::clock::ByHand;
use crate::entra::{Tenant, TenantConfig};
use crate::faults::Faults;

fn ask(tenant: &Tenant, path: &str, form: &str) -> Response<Bytes> {
    let request = Request::post(format!("https://login.test{path}")).body(Bytes::from(form.to_owned())).unwrap();
    block_on(tenant.call(request)).unwrap()
}

fn form() -> String {
    let config = TenantConfig::default();
    format!(
        "grant_type=client_credentials&client_id={}&client_secret={}&scope=https%3A%2F%2Fgraph.test%2F.default",
        config.client_id, config.client_secret
    )
}

#[test]
fn a_token_is_given_to_whoever_has_the_secret() {
    let tenant = empty().tenant;
    let own = format!("/{}/oauth2/v2.0/token", TenantConfig::default().id);
    let good = ask(&tenant, &own, &form());
    let body: Value = serde_json::from_slice(good.body()).unwrap();
    assert_eq!((good.status().as_u16(), word(&body["token_type"])), (200, "Bearer"));
    assert_eq!(ask(&tenant, "/EXAMPLE.org/oauth2/v2.0/token", &form()).status(), 200);
    let denied: Vec<String> = [
        (own.as_str(), form().replace("simulated", "guessed")),
        (&own, form().replace("client_id=", "client_id=x")),
        (&own, form().replace("client_credentials", "password")),
        (&own, form().replace(".default", "User.Read")),
        (&own, String::new()),
        ("/elsewhere/oauth2/v2.0/token", form()),
    ]
    .into_iter()
    .map(|(path, form)| {
        let answer = ask(&tenant, path, &form);
        let body: Value = serde_json::from_slice(answer.body()).unwrap();
        let text = word(&body["error_description"]).split(" Trace").next().unwrap().to_owned();
        format!("{} {}: {text}", answer.status().as_u16(), word(&body["error"]))
    })
    .collect();
    expect![[r#"
        401 invalid_client: AADSTS7000215: Invalid client secret provided.
        400 unauthorized_client: AADSTS700016: Application was not found in the directory.
        400 unsupported_grant_type: AADSTS70003: The app requested an unsupported grant type.
        400 invalid_scope: AADSTS1002012: The provided value for scope is not valid.
        400 invalid_request: AADSTS900144: The request body must contain the following parameter: 'grant_type'.
        400 invalid_request: AADSTS90002: Tenant 'elsewhere' not found."#]]
    .assert_eq(&denied.join("\n"));
    let counts = tenant.requests().counts();
    assert_eq!((counts.tokens, counts.reads, counts.writes), (8, 0, 0));
}

#[test]
fn every_call_needs_a_token_that_is_still_good() {
    let clock = ByHand::at(DateTime::UNIX_EPOCH);
    let tenant = Tenant::new(TenantConfig::default(), clock.clock());
    let get = |authorization: &str| {
        let request = Request::get("https://graph.test/v1.0/users").header("authorization", authorization);
        let answer = block_on(tenant.call(request.body(Bytes::new()).unwrap())).unwrap();
        let body: Value = serde_json::from_slice(answer.body()).unwrap();
        format!("{} {}", answer.status().as_u16(), word(&body["error"]["code"]))
    };
    let token = format!("Bearer {}", tenant.issue_token());
    clock.advance(chrono::TimeDelta::seconds(3_598));
    assert_eq!(get(&token), "200 ");
    clock.advance(chrono::TimeDelta::seconds(1));
    assert_eq!(get(&token), "401 InvalidAuthenticationToken");
    assert_eq!(get(&token.replace("Bearer", "Basic")), "401 InvalidAuthenticationToken");
    assert_eq!(get("Bearer made-up"), "401 InvalidAuthenticationToken");
    assert_eq!(tenant.requests().reads(), 4, "refused calls are calls");
}

/// What comes back over a socket until it is closed.
fn over_http(address: SocketAddr, request: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    // A connection that is closed may also be reset.
    let _ = stream.read_to_string(&mut answer);
    answer
}

#[test]
fn it_answers_over_http_and_closes_the_connection_where_an_answer_is_lost() {
    let world = world();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build().unwrap();
    let server = runtime.block_on(Server::bind(world.tenant.router(), 0)).unwrap();
    let address = server.address().unwrap();
    let get = format!(
        "GET /v1.0/users?$top=1 HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {}\r\nConnection: close\r\n\r\n",
        world.token
    );
    let tenant = world.tenant.clone();
    let client = std::thread::spawn(move || {
        let good = over_http(address, &get);
        tenant.faults(Faults { dropped: Some(1), ..Faults::default() });
        (good, over_http(address, &get))
    });
    let (good, lost) = runtime.block_on(async {
        let running = tokio::spawn(server.run());
        let answers = tokio::task::spawn_blocking(move || client.join().unwrap()).await.unwrap();
        running.abort();
        answers
    });
    assert!(good.starts_with("HTTP/1.1 200 OK\r\n"), "{good}");
    assert!(good.contains(&format!("\"@odata.nextLink\":\"http://{address}/v1.0/users?$top=1&$skiptoken=")), "{good}");
    assert_eq!(lost, "");
}
