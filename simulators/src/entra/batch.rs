//! `/$batch` (graph.md 1.2): up to 20 requests in one, each answered for itself.

use std::collections::BTreeSet;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use serde_json::{Map, Value, json};

use super::answer::{Access, Answered, Graph};
use super::ask::{Answer, Ask};
use super::errors::Refusal;
use super::state::State;
use crate::faults::Fate;
use crate::log::Log;

/// How many requests one batch may hold.
const MOST_ITEMS: usize = 20;

/// A request of a batch.
struct Item {
    id: String,
    method: Method,
    url: String,
    headers: HeaderMap,
    body: Bytes,
    depends_on: Vec<String>,
}

impl State {
    /// Answers all requests of a batch, the later ones first: order has no meaning there. It is lost as a whole when the
    /// answer of one of its requests is to be lost.
    pub(super) fn batch(&mut self, ask: &Ask, log: &Log) -> Result<(Answer, Fate), Refusal> {
        if ask.method != Method::POST {
            return Err(super::users::not_allowed());
        }
        let items = read(&ask.json()?, &ask.base)?;
        let (mut responses, mut failed, mut fate) = (Vec::new(), BTreeSet::new(), Fate::Answered);
        for item in items {
            let answered = if item.depends_on.iter().any(|id| failed.contains(id)) {
                let refusal =
                    Refusal::new(StatusCode::FAILED_DEPENDENCY, "FailedDependency", "A request before it failed.");
                self.refused(&item.headers, refusal)
            } else {
                self.batched(ask, &item, log)
            };
            if answered.fate == Fate::Dropped {
                fate = Fate::Dropped;
            }
            if !answered.status.is_success() {
                failed.insert(item.id.to_lowercase());
            }
            responses.push(shown(&item.id, answered));
        }
        responses.reverse();
        Ok((Answer::json(json!({"responses": responses})), fate))
    }

    fn batched(&mut self, ask: &Ask, item: &Item, log: &Log) -> Answered {
        let (path, query) = item.url.split_once('?').unwrap_or((&item.url, ""));
        let path = format!("/{}", path.trim_start_matches('/'));
        let graph = Graph {
            method: &item.method,
            path: &path,
            query,
            base: &ask.base,
            headers: &item.headers,
            body: &item.body,
            access: Access::Shown,
        };
        self.graph(&graph, log)
    }
}

fn read(body: &Map<String, Value>, base: &str) -> Result<Vec<Item>, Refusal> {
    let invalid = |message: &str| Refusal::bad_request(format!("Invalid batch payload format: {message}"));
    let requests = body.get("requests").and_then(Value::as_array).ok_or_else(|| invalid("there are no requests."))?;
    if requests.is_empty() || requests.len() > MOST_ITEMS {
        return Err(invalid("a batch holds 1 to 20 requests."));
    }
    let mut ids = BTreeSet::new();
    let mut items = Vec::new();
    for request in requests {
        let item = read_item(request, base).map_err(invalid)?;
        if !ids.insert(item.id.to_lowercase()) {
            return Err(invalid("the ids of requests have to be unique."));
        }
        if item.depends_on.iter().any(|id| !ids.contains(id)) {
            return Err(invalid("a request depends on one that does not stand before it."));
        }
        items.push(item);
    }
    Ok(items)
}

/// A url is relative to the version. The SDK for Python writes the whole of it once it has made other calls, so one that
/// begins as the batch's own does passes too.
fn read_item(request: &Value, base: &str) -> Result<Item, &'static str> {
    let text = |name: &str| request.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
    let url = text("url").ok_or("a request has no url.")?;
    let url = url.strip_prefix(base).unwrap_or(url);
    if url.starts_with("http") || url.contains("$batch") {
        return Err("a url has to be relative, and no batch.");
    }
    let mut headers = HeaderMap::new();
    for (name, value) in request.get("headers").and_then(Value::as_object).into_iter().flatten() {
        let name = name.parse::<HeaderName>().map_err(|_| "a header has no legal name.")?;
        let value = HeaderValue::from_str(value.as_str().unwrap_or_default()).map_err(|_| "a header is not legal.")?;
        headers.insert(name, value);
    }
    let body = match request.get("body") {
        None | Some(Value::Null) => Bytes::new(),
        Some(_) if !headers.contains_key("content-type") => return Err("a request with a body has no Content-Type."),
        Some(body) => Bytes::from(body.to_string()),
    };
    let before = request.get("dependsOn").and_then(Value::as_array).into_iter().flatten();
    Ok(Item {
        id: text("id").ok_or("a request has no id.")?.to_owned(),
        method: text("method")
            .and_then(|method| method.to_uppercase().parse().ok())
            .ok_or("a request has no method.")?,
        url: url.to_owned(),
        headers,
        body,
        depends_on: before.filter_map(Value::as_str).map(str::to_lowercase).collect(),
    })
}

fn shown(id: &str, answered: Answered) -> Value {
    let names = |(name, value): (&'static str, String)| {
        // Items spell these headers as people write them.
        let name = match name {
            "content-type" => "Content-Type",
            "retry-after" => "Retry-After",
            "location" => "Location",
            other => other,
        };
        (name.to_owned(), Value::String(value))
    };
    let headers: Map<String, Value> = answered.headers.into_iter().map(names).collect();
    let mut response = json!({"id": id, "status": answered.status.as_u16(), "headers": headers});
    if let (Some(response), Some(body)) = (response.as_object_mut(), answered.body) {
        let body = serde_json::from_slice(&body).unwrap_or_else(|_| json!(String::from_utf8_lossy(&body)));
        response.insert("body".to_owned(), body);
    }
    response
}
