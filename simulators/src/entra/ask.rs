//! A request taken apart, and what is answered before it becomes HTTP.

use bytes::Bytes;
use http::{HeaderMap, Method, StatusCode};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::errors::Refusal;
use super::path::{Plus, Route, decode, encode};

/// One request to the Graph.
#[derive(Debug)]
pub(super) struct Ask {
    pub(super) method: Method,
    pub(super) route: Route,
    /// Where the request went, without its query: links of the answer begin with it.
    pub(super) url: String,
    /// Scheme, host and version: `http://127.0.0.1:80/v1.0`.
    pub(super) base: String,
    pub(super) query: Query,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
}

impl Ask {
    /// The body, which has to be a JSON object.
    pub(super) fn json(&self) -> Result<Map<String, Value>, Refusal> {
        match serde_json::from_slice(&self.body) {
            Ok(Value::Object(body)) => Ok(body),
            Ok(_) | Err(_) => {
                Err(Refusal::bad_request("Unable to read JSON request payload. Please ensure Content-Type is JSON."))
            }
        }
    }

    /// Whether a header has a word in one of its values, without case.
    pub(super) fn says(&self, header: &str, word: &str) -> bool {
        let values = self.headers.get_all(header).into_iter().filter_map(|value| value.to_str().ok());
        values.flat_map(|value| value.split([',', ';'])).any(|said| said.trim().eq_ignore_ascii_case(word))
    }

    /// Advanced queries need this header and `$count=true` (graph.md 1.4).
    pub(super) fn is_advanced(&self) -> bool {
        self.says("consistencylevel", "eventual") && self.counts()
    }

    pub(super) fn counts(&self) -> bool {
        self.query.get("$count") == Some("true")
    }

    /// The same request with another value of one option, and without those that stand for a place.
    pub(super) fn link(&self, option: &str, token: &str) -> String {
        let own = self.query.pairs.iter().filter(|(name, _)| !is_place(name));
        let own = own.map(|(name, value)| (name.as_str(), value.as_str()));
        let pairs: Vec<String> =
            own.chain([(option, token)]).map(|(name, value)| format!("{}={}", encode(name), encode(value))).collect();
        format!("{}?{}", self.url, pairs.join("&"))
    }

    /// The same path with nothing but a token, which holds all else.
    pub(super) fn link_alone(&self, option: &str, token: &str) -> String {
        format!("{}?{option}={token}", self.url)
    }
}

fn is_place(option: &str) -> bool {
    matches!(option, "$skiptoken" | "$deltatoken")
}

/// The options of a request, decoded.
#[derive(Debug, Clone, Default)]
pub(super) struct Query {
    pairs: Vec<(String, String)>,
}

impl Query {
    pub(super) fn parse(query: &str) -> Self {
        let pairs = query.split('&').filter(|pair| !pair.is_empty()).map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            (decode(name, Plus::Blank), decode(value, Plus::Blank))
        });
        Self { pairs: pairs.collect() }
    }

    pub(super) fn get(&self, option: &str) -> Option<&str> {
        self.pairs.iter().find(|(name, _)| name.eq_ignore_ascii_case(option)).map(|(_, value)| value.as_str())
    }
}

/// An answer that says yes.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) body: Content,
    pub(super) headers: Vec<(&'static str, String)>,
}

#[derive(Debug)]
pub(super) enum Content {
    Nothing,
    Json(Value),
    Text(String),
}

impl Answer {
    pub(super) fn nothing() -> Self {
        Self { status: StatusCode::NO_CONTENT, body: Content::Nothing, headers: Vec::new() }
    }

    pub(super) fn json(body: impl Into<Value>) -> Self {
        Self { status: StatusCode::OK, body: Content::Json(body.into()), headers: Vec::new() }
    }

    pub(super) fn created(body: impl Into<Value>) -> Self {
        Self { status: StatusCode::CREATED, ..Self::json(body) }
    }

    pub(super) fn count(count: usize) -> Self {
        Self { body: Content::Text(count.to_string()), ..Self::json(Value::Null) }
    }
}

/// A place in a list or a delta, in a form that a client has no reason to read.
pub(super) fn seal(place: &impl Serialize) -> String {
    let plain = serde_json::to_vec(place).unwrap_or_default();
    let sealed = plain.iter().zip((0_u8..251).cycle()).map(|(byte, mask)| byte ^ mask ^ 0xa5);
    sealed.flat_map(|byte| [byte >> 4, byte & 15]).filter_map(|digit| char::from_digit(digit.into(), 16)).collect()
}

/// What [`seal`] made; none for anything else.
pub(super) fn unseal<T: DeserializeOwned>(token: &str) -> Option<T> {
    let digits: Option<Vec<u8>> =
        token.chars().map(|digit| digit.to_digit(16).and_then(|digit| u8::try_from(digit).ok())).collect();
    let plain: Option<Vec<u8>> = digits?
        .chunks(2)
        .zip((0_u8..251).cycle())
        .map(|(pair, mask)| match pair {
            [high, low] => Some((high << 4 | low) ^ mask ^ 0xa5),
            _ => None,
        })
        .collect();
    serde_json::from_slice(&plain?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sealed_comes_back_and_nothing_else_does() {
        let token = seal(&(7_usize, Some("a,b")));
        assert_eq!(unseal::<(usize, Option<String>)>(&token), Some((7, Some("a,b".to_owned()))));
        for wrong in ["", "zz", "abc", "latest", &token[2..]] {
            assert_eq!(unseal::<(usize, Option<String>)>(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn options_are_found_whatever_their_case_and_encoding() {
        let query = Query::parse("%24select=id,displayName&$Filter=a+eq+%27b%27&flag&&x=1=2");
        assert_eq!(query.get("$select"), Some("id,displayName"));
        assert_eq!(query.get("$filter"), Some("a eq 'b'"));
        assert_eq!((query.get("flag"), query.get("x"), query.get("y")), (Some(""), Some("1=2"), None));
    }
}
