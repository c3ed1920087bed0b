//! A server that answers in turn and remembers what it was sent, and a client of it.

use std::collections::VecDeque;
use std::fmt::Write as _;
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use wiremock::matchers::{any, path};
use wiremock::{Mock, MockServer, Request, Respond, ResponseTemplate};

use entra_graph::{Cloud, Credentials, Graph};
use transport::{Https, Timer, Transport};

/// Where tokens come from.
pub(crate) const TOKEN: &str = "/contoso/oauth2/v2.0/token";

/// An answer: its status and its body, in which `{base}` stands for the server's address. A status with a header is
/// written `429 retry-after: 1`.
pub(crate) type Answer<'a> = (&'a str, &'a str);

/// A client and the server behind it.
pub(crate) struct Bench {
    pub(crate) server: MockServer,
    pub(crate) graph: Graph,
    pub(crate) timer: Arc<ManualTimer>,
}

impl Bench {
    /// One whose server gives out tokens `token-1`, `token-2` and so on, and these answers in turn to everything else.
    pub(crate) async fn answering(answers: &[Answer<'_>]) -> Self {
        let tokens: Vec<String> = (1..9)
            .map(|n| format!(r#"{{"token_type":"Bearer","expires_in":3599,"access_token":"token-{n}"}}"#))
            .collect();
        Self::signing_in(&tokens.iter().map(|token| ("200", token.as_str())).collect::<Vec<_>>(), answers).await
    }

    /// One whose server gives these answers to requests for a token, and those to everything else.
    pub(crate) async fn signing_in(tokens: &[Answer<'_>], answers: &[Answer<'_>]) -> Self {
        let server = MockServer::start().await;
        let tokens = InTurn::new(tokens, &server);
        Mock::given(path(TOKEN)).respond_with(tokens).with_priority(1).mount(&server).await;
        let answers = InTurn::new(answers, &server);
        Mock::given(any()).respond_with(answers).with_priority(2).mount(&server).await;

        let timer = Arc::new(ManualTimer(Mutex::new(SystemTime::UNIX_EPOCH + Duration::from_hours(500_000))));
        let network = Https::new(Duration::from_secs(20)).unwrap();
        let transport = Transport::new("Microsoft Graph", Arc::new(network), timer.clone());
        let cloud = Cloud::at(&server.uri(), &server.uri()).unwrap().with_scope("https://graph.example/.default");
        let graph = Graph::new(transport, cloud, credentials());
        Self { server, graph, timer }
    }

    /// What was sent, but for requests for tokens: method, path and query, `[header: value]` where one says something,
    /// body. Every request must bear a token and a number of its own.
    pub(crate) async fn sent(&self) -> Vec<String> {
        let requests = self.requests().await;
        let mut numbers = Vec::new();
        let mut lines = Vec::new();
        for request in requests.iter().filter(|request| request.url.path() != TOKEN) {
            assert!(header(request, "authorization").unwrap().starts_with("Bearer token-"));
            assert_eq!(header(request, "accept").unwrap(), "application/json");
            numbers.push(header(request, "client-request-id").unwrap());
            lines.push(line(request));
        }
        assert!(numbers.iter().all(|number| number.len() == 36), "{numbers:?}");
        lines
    }

    /// How many tokens were asked for.
    pub(crate) async fn tokens(&self) -> usize {
        self.requests().await.iter().filter(|request| request.url.path() == TOKEN).count()
    }

    pub(crate) async fn requests(&self) -> Vec<Request> {
        self.server.received_requests().await.unwrap()
    }
}

pub(crate) fn credentials() -> Credentials {
    Credentials {
        tenant: "contoso".to_owned(),
        client_id: "the app".to_owned(),
        client_secret: "s3cret&planted=1".into(),
    }
}

pub(crate) fn header(request: &Request, name: &str) -> Option<String> {
    request.headers.get(name).map(|value| value.to_str().unwrap().to_owned())
}

fn line(request: &Request) -> String {
    let mut line = format!("{} {}", request.method, request.url.path());
    if let Some(query) = request.url.query() {
        line.push('?');
        line.push_str(query);
    }
    for name in ["consistencylevel", "prefer", "content-type"] {
        if let Some(value) = header(request, name) {
            write!(line, " [{name}: {value}]").unwrap();
        }
    }
    if !request.body.is_empty() {
        line.push(' ');
        line.push_str(std::str::from_utf8(&request.body).unwrap());
    }
    line
}

struct InTurn(Mutex<VecDeque<ResponseTemplate>>);

impl InTurn {
    fn new(answers: &[Answer<'_>], server: &MockServer) -> Self {
        let template = |(head, body): &Answer<'_>| {
            let (status, header) = head.split_once(' ').unwrap_or((head, ""));
            let template = ResponseTemplate::new(status.parse::<u16>().unwrap());
            let template = template.set_body_string(body.replace("{base}", &server.uri()));
            match header.split_once(": ") {
                Some((name, value)) => template.insert_header(name, value),
                None => template,
            }
        };
        Self(Mutex::new(answers.iter().map(template).collect()))
    }
}

impl Respond for InTurn {
    fn respond(&self, _: &Request) -> ResponseTemplate {
        let next = self.0.lock().unwrap().pop_front();
        next.unwrap_or_else(|| ResponseTemplate::new(418).set_body_string("nobody expected this request"))
    }
}

/// A clock that stands until somebody sleeps.
#[derive(Debug)]
pub(crate) struct ManualTimer(Mutex<SystemTime>);

#[async_trait]
impl Timer for ManualTimer {
    fn now(&self) -> SystemTime {
        *self.0.lock().unwrap()
    }

    async fn sleep(&self, wait: Duration) {
        *self.0.lock().unwrap() += wait;
    }
}
