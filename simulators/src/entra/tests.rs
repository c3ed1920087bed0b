//! What the tenant answers: requests as text in, answers as text out.

mod access;
mod batch;
mod deleted;
mod delta;
mod faults;
mod groups;
mod queries;
mod users;

use std::fmt::Write;
use std::time::Duration;

use bytes::Bytes;
use chrono::TimeDelta;
use expect_test::Expect;
use futures::executor::block_on;
use http::{Request, Response};
use serde_json::{Value, json};

use super::{Tenant, TenantConfig};
use crate::clock::ByHand;
use crate::faults::Faults;
use crate::service::Dropped;

/// A tenant with Anna and Bert in it, on a Monday morning.
struct World {
    tenant: Tenant,
    clock: ByHand,
    token: String,
}

fn world() -> World {
    let world = empty();
    for (upn, name) in [("anna@example.org", "Anna Aa"), ("bert@example.org", "Bert Bee")] {
        world.tenant.create_user(json!({"userPrincipalName": upn, "displayName": name})).unwrap();
    }
    world
}

fn empty() -> World {
    let clock = ByHand::at("2026-03-02T08:00:00Z".parse().unwrap());
    // A token that outlives every test.
    let config = TenantConfig { token_seconds: 1_000_000_000, ..TenantConfig::default() };
    let tenant = Tenant::new(config, clock.clock());
    let token = tenant.issue_token();
    World { tenant, clock, token }
}

impl World {
    /// Sends `METHOD /path`, lines of headers, and a body from the first line on that begins with a brace.
    fn send(&self, text: &str) -> Result<Response<Bytes>, Dropped> {
        let (line, rest) = text.split_once('\n').unwrap_or((text, ""));
        let (method, path) = line.trim().split_once(' ').unwrap();
        let uri = format!("https://graph.test/v1.0{}", path.replace(' ', "%20"));
        let mut request = Request::builder().method(method).uri(uri);
        request = request.header("authorization", format!("Bearer {}", self.token));
        let mut rest = rest.trim_start();
        while let Some((header, after)) = rest.split_once('\n').or(Some((rest, ""))) {
            let Some((name, value)) = header.split_once(": ").filter(|_| !rest.starts_with('{')) else { break };
            request = request.header(name, value.trim());
            rest = after.trim_start();
        }
        let body = rest.replace("@id:", "https://graph.test/v1.0/directoryObjects/");
        block_on(self.tenant.call(request.body(Bytes::from(body)).unwrap()))
    }

    fn status(&self, text: &str) -> u16 {
        self.send(text).unwrap().status().as_u16()
    }

    fn json(&self, text: &str) -> Value {
        serde_json::from_slice(self.send(text).unwrap().body()).unwrap()
    }

    /// The status, and the code and message of an error.
    fn refusal(&self, text: &str) -> String {
        let answer = self.send(text).unwrap();
        let body: Value = serde_json::from_slice(answer.body()).unwrap_or_default();
        format!("{} {}: {}", answer.status().as_u16(), word(&body["error"]["code"]), word(&body["error"]["message"]))
    }

    /// Checks what is answered to each of several requests, which stand apart by empty lines.
    fn check(&self, requests: &str, expected: &Expect) {
        let mut shown = String::new();
        for request in requests.split("\n\n") {
            let request = self.with_ids(request.trim());
            write!(shown, "> {}\n{}", request.lines().next().unwrap(), self.answer(&request)).unwrap();
        }
        expected.assert_eq(&self.with_names(shown));
    }

    fn answer(&self, request: &str) -> String {
        let answer = self.send(request).unwrap();
        let mut shown = format!("{}\n", answer.status().as_u16());
        for header in ["location", "retry-after", "preference-applied"] {
            if let Some(value) = answer.headers().get(header) {
                writeln!(shown, "{header}: {}", value.to_str().unwrap()).unwrap();
            }
        }
        match serde_json::from_slice(answer.body()) {
            Ok(Value::Object(body)) => {
                for (name, value) in &body {
                    match value.as_array().filter(|_| name == "value" || name == "responses") {
                        Some(items) => items.iter().for_each(|item| writeln!(shown, "  - {item}").unwrap()),
                        None => writeln!(shown, "  {name}: {value}").unwrap(),
                    }
                }
            }
            _ if answer.body().is_empty() => {}
            _ => writeln!(shown, "  {}", String::from_utf8_lossy(answer.body())).unwrap(),
        }
        shown
    }

    /// `<anna>` is the id of `anna@example.org`, `<sales>` that of the group with this unique name.
    fn with_ids(&self, text: &str) -> String {
        self.names().into_iter().fold(text.to_owned(), |text, (name, id)| text.replace(&name, &id))
    }

    /// And back again; what differs from run to run, or has no meaning, becomes `..`.
    fn with_names(&self, text: String) -> String {
        let named = self.names().into_iter().fold(text, |text, (name, id)| text.replace(&id, &name));
        let mut shown = named;
        for start in ["token=", "request-id\":\"", "secret=", "\"request-id\": \""] {
            let mut pieces = shown.split(start);
            let first = pieces.next().unwrap_or_default().to_owned();
            shown = pieces.fold(first, |mut shown, piece| {
                let end = piece.find(|c: char| !c.is_ascii_hexdigit() && c != '-').unwrap_or(piece.len());
                write!(shown, "{start}{}{}", if end > 0 { ".." } else { "" }, &piece[end..]).unwrap();
                shown
            });
        }
        shown
    }

    fn names(&self) -> Vec<(String, String)> {
        let local = |upn: &str| format!("<{}>", upn.split('@').next().unwrap());
        let users = self.tenant.users().into_iter().map(|user| (local(&user.upn), user.id));
        let groups = self.tenant.groups().into_iter();
        let groups = groups.map(|group| (format!("<{}>", group.unique_name.unwrap_or(group.display_name)), group.id));
        users.chain(groups).collect()
    }

    fn id(&self, upn: &str) -> String {
        self.tenant.user(upn).unwrap().id
    }

    fn pass(&self, seconds: i64) {
        self.clock.advance(TimeDelta::seconds(seconds));
    }

    fn lag(&self, seconds: u64) {
        self.tenant.faults(Faults { lag: Duration::from_secs(seconds), ..Faults::default() });
    }
}

/// What a JSON text holds, without quotes.
fn word(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// The path and query behind the host of a link.
fn after_host(link: &Value) -> String {
    word(link).strip_prefix("https://graph.test/v1.0").unwrap().to_owned()
}

/// The texts of a property in the items of a list.
fn texts(body: &Value, property: &str) -> Vec<String> {
    body["value"].as_array().unwrap().iter().map(|item| word(&item[property]).to_owned()).collect()
}
