use http::Uri;

/// An address as errors and logs may show it: scheme, host, port and path, without user, password and query. A part of
/// the path with an `@` names somebody, and is shown as `…`.
///
/// ```
/// let address = "https://user:secret@graph.example:444/v1.0/users?$filter=x".parse()?;
/// assert_eq!(transport::shown(&address), "https://graph.example:444/v1.0/users");
/// # Ok::<(), http::uri::InvalidUri>(())
/// ```
#[must_use]
pub fn shown(address: &Uri) -> String {
    let mut shown = String::new();
    if let Some(scheme) = address.scheme_str() {
        shown.push_str(scheme);
        shown.push_str("://");
    }
    if let Some(authority) = address.authority() {
        let host = authority.as_str();
        shown.push_str(host.rsplit_once('@').map_or(host, |(_, host)| host));
    }
    let parts: Vec<&str> =
        address.path().split('/').map(|part| if names_somebody(part) { "…" } else { part }).collect();
    shown.push_str(&parts.join("/"));
    shown
}

/// Whether there is an `@` in it, as it is or encoded.
fn names_somebody(part: &str) -> bool {
    part.contains('@') || part.contains("%40")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn user_password_query_and_addresses_of_people_are_left_out() {
        // (address, shown)
        let cases = [
            ("https://host.example/a/b?c=d", "https://host.example/a/b"),
            ("https://host.example", "https://host.example/"),
            ("http://[::1]:80/a", "http://[::1]:80/a"),
            ("https://u:p@host.example/a", "https://host.example/a"),
            ("/only/a/path?x=y", "/only/a/path"),
            ("https://host.example/users/a%40example.org/memberOf", "https://host.example/users/…/memberOf"),
            ("https://host.example/users/a@example.org", "https://host.example/users/…"),
            ("https://host.example/users('%24a%40example.org')", "https://host.example/…"),
        ];
        for (address, expected) in cases {
            assert_eq!(shown(&address.parse().unwrap()), expected);
        }
    }
}
