use http::Uri;

/// An address as errors and logs may show it: scheme, host, port and path, without user, password and query.
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
    shown.push_str(address.path());
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn user_password_and_query_are_left_out() {
        // (address, shown)
        let cases = [
            ("https://host.example/a/b?c=d", "https://host.example/a/b"),
            ("https://host.example", "https://host.example/"),
            ("http://[::1]:80/a", "http://[::1]:80/a"),
            ("https://u:p@host.example/a", "https://host.example/a"),
            ("/only/a/path?x=y", "/only/a/path"),
        ];
        for (address, expected) in cases {
            assert_eq!(shown(&address.parse().unwrap()), expected);
        }
    }
}
