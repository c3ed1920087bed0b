//! Requests as plain values, without IO: what is sent is decided here and nowhere else.

use bytes::Bytes;
use http::header::{ACCEPT, CONTENT_TYPE};
use http::{HeaderName, HeaderValue, Method, Request, Uri};
use serde_json::Value;

use crate::address::{encoded, encoded_option, quoted};
use crate::delta::DeltaLink;
use crate::error::GraphError;

/// Objects on a page of a listing, which is the most that users and groups allow.
const PAGE: &str = "999";

/// Makes the Graph answer what only its index can answer.
const CONSISTENCY_LEVEL: HeaderName = HeaderName::from_static("consistencylevel");
/// How a write is to be done.
const PREFER: HeaderName = HeaderName::from_static("prefer");

/// Where the Graph is: `https://graph.microsoft.com/v1.0`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Base(String);

/// Options of a query, in order: name without `$`, value.
pub(crate) type Options<'a> = Vec<(&'a str, String)>;

impl Base {
    pub(crate) fn of(graph: &str) -> Self {
        Self(format!("{graph}/v1.0"))
    }

    /// A read. An advanced query also says that it may see an older state.
    pub(crate) fn get(&self, path: &str, options: &Options<'_>) -> Result<Request<Bytes>, GraphError> {
        let mut request = self.bare(Method::GET, &format!("{path}{}", query(options)))?;
        if options.iter().any(|(name, _)| *name == "count") {
            request.headers_mut().insert(CONSISTENCY_LEVEL, HeaderValue::from_static("eventual"));
        }
        Ok(request)
    }

    /// A request without a body.
    pub(crate) fn bare(&self, method: Method, path: &str) -> Result<Request<Bytes>, GraphError> {
        let request = Request::builder().method(method).uri(format!("{}{path}", self.0));
        let request = request.header(ACCEPT, HeaderValue::from_static("application/json"));
        request.body(Bytes::new()).map_err(|_| GraphError::rejected("the request makes no address"))
    }

    /// A request with a body.
    pub(crate) fn write(&self, method: Method, path: &str, body: &Value) -> Result<Request<Bytes>, GraphError> {
        let mut request = self.bare(method, path)?;
        request.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        *request.body_mut() = body.to_string().into();
        Ok(request)
    }

    /// The read of a page that an answer pointed at, with the headers of the one before, which links do not carry.
    ///
    /// # Errors
    /// When it lies elsewhere than this base: the token is for the Graph only.
    pub(crate) fn follow(&self, link: &str, before: &Request<Bytes>) -> Result<Request<Bytes>, &'static str> {
        let address: Uri = link.parse().map_err(|_| "a link that is no address stands in it")?;
        let base: Uri = self.0.parse().map_err(|_| "the base is no address")?;
        let same = address.scheme() == base.scheme()
            && address.authority() == base.authority()
            && address.path().strip_prefix(base.path()).is_some_and(|rest| rest.starts_with('/'));
        if !same {
            return Err("a link that leads elsewhere stands in it");
        }
        if address == *before.uri() {
            return Err("a link that leads to the same page stands in it");
        }
        let mut request = before.clone();
        *request.uri_mut() = address;
        Ok(request)
    }

    /// The read that a kept link asks for. It must lie where deltas of these objects do.
    pub(crate) fn resume(&self, path: &str, link: &DeltaLink) -> Result<Request<Bytes>, GraphError> {
        let any = self.bare(Method::GET, path)?;
        let strange =
            |_| GraphError::rejected("what the delta should go on from is no link of this Graph; read everything anew");
        self.follow(link.as_str(), &any).map_err(strange)
    }

    /// The address of an object, for binding it to another.
    pub(crate) fn reference(&self, id: &str) -> String {
        format!("{}/directoryObjects/{}", self.0, encoded(id))
    }
}

/// Has the Graph make the object when there is none.
pub(crate) fn create_if_missing(request: &mut Request<Bytes>) {
    request.headers_mut().insert(PREFER, HeaderValue::from_static("create-if-missing"));
}

/// `$select`, where anything is selected.
pub(crate) fn selected(select: &[&str]) -> Options<'static> {
    if select.is_empty() { Vec::new() } else { vec![("select", select.join(","))] }
}

/// `$select` and pages as large as they come.
pub(crate) fn listed(select: &[&str]) -> Options<'static> {
    let mut options = selected(select);
    options.push(("top", PAGE.to_owned()));
    options
}

/// The objects whose property has a value. A property within another one (`a.b`) is asked of the index.
pub(crate) fn having(property: &str, value: &str, select: &[&str]) -> Options<'static> {
    let mut options = selected(select);
    options.push(("filter", format!("{} eq {}", property.replace('.', "/"), quoted(value))));
    if property.contains('.') {
        options.push(("count", "true".to_owned()));
    }
    options
}

fn query(options: &Options<'_>) -> String {
    let options = options.iter().map(|(name, value)| format!("${name}={}", encoded_option(value)));
    let joined = options.collect::<Vec<_>>().join("&");
    if joined.is_empty() { joined } else { format!("?{joined}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn base() -> Base {
        Base::of("https://graph.example")
    }

    /// A read as text: the address, then headers but `accept`.
    fn read(options: &Options<'_>) -> String {
        let request = base().get("/users", options).unwrap();
        let headers = request.headers().iter().filter(|(name, _)| *name != ACCEPT);
        let headers = headers.map(|(name, value)| format!(" {name}: {}", value.to_str().unwrap()));
        format!("{}{}", request.uri(), headers.collect::<String>())
    }

    #[test]
    fn reads_are_addresses() {
        let users = "https://graph.example/v1.0/users";
        assert_eq!(read(&selected(&[])), users);
        assert_eq!(read(&selected(&["id", "displayName"])), format!("{users}?$select=id,displayName"));
        assert_eq!(read(&listed(&["id"])), format!("{users}?$select=id&$top=999"));
        assert_eq!(
            read(&having("employeeId", "O'B&1", &["id"])),
            format!("{users}?$select=id&$filter=employeeId%20eq%20'O''B%261'")
        );
    }

    #[test]
    fn a_property_within_another_is_asked_of_the_index() {
        assert_eq!(
            read(&having("onPremisesExtensionAttributes.extensionAttribute15", "7", &[])),
            "https://graph.example/v1.0/users?$filter=onPremisesExtensionAttributes/extensionAttribute15%20eq%20'7'\
             &$count=true consistencylevel: eventual"
        );
    }

    #[test]
    fn a_link_is_followed_with_the_headers_of_the_page_before() {
        let first = base().get("/users", &having("a.b", "1", &[])).unwrap();
        let next = base().follow("https://graph.example/v1.0/users?$skiptoken=x", &first).unwrap();
        assert_eq!(next.uri(), "https://graph.example/v1.0/users?$skiptoken=x");
        assert_eq!(next.headers(), first.headers());
        assert_eq!(next.method(), Method::GET);
    }

    #[test]
    fn a_link_that_leads_elsewhere_is_not_followed() {
        let first = base().get("/users", &Vec::new()).unwrap();
        for link in [
            "https://evil.example/v1.0/users?$skiptoken=x",
            "http://graph.example/v1.0/users?$skiptoken=x",
            "https://graph.example:8443/v1.0/users?$skiptoken=x",
            "https://graph.example@evil.example/v1.0/users",
            "https://user@graph.example/v1.0/users",
            "https://graph.example/beta/users?$skiptoken=x",
            "https://graph.example/v1.0x/users",
            "/v1.0/users?$skiptoken=x",
            "https://graph.example/v1.0/users",
            "",
        ] {
            assert!(base().follow(link, &first).is_err(), "`{link}`");
        }
    }

    #[test]
    fn a_body_is_json() {
        let request = base().write(Method::PATCH, "/groups/1", &serde_json::json!({"a": null})).unwrap();
        assert_eq!(request.headers()[CONTENT_TYPE], "application/json");
        assert_eq!(request.body(), r#"{"a":null}"#);
        assert_eq!(base().reference("7"), "https://graph.example/v1.0/directoryObjects/7");
    }
}
