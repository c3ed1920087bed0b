use std::error::Error;
use std::fmt;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use http::{Request, Response, Uri};

use crate::exchange::{Exchange, Lost};

/// The network: HTTPS, and plain HTTP to this machine itself only, so that no token ever travels in the clear.
///
/// Certificates are checked against those that the operating system trusts, and the environment's proxies are used.
/// Redirects are not followed, and nothing is sent twice. It must be used on a tokio runtime with IO and time.
#[derive(Clone)]
pub struct Https {
    network: reqwest::Client,
    /// Passes by every proxy: what is sent in the clear must not leave this machine.
    this_machine: reqwest::Client,
    time_out: Duration,
}

/// A client that cannot be made, for instance because the system's certificates cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("no HTTPS client can be made on this machine")]
pub struct InvalidClient(#[source] reqwest::Error);

impl Https {
    /// A client whose exchanges take at most `time_out` each, from the connection to the last byte.
    ///
    /// # Errors
    /// When the machine's certificates or proxy settings are of no use.
    pub fn new(time_out: Duration) -> Result<Self, InvalidClient> {
        // A process has one provider; that it has one already is no error.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = || {
            reqwest::Client::builder()
                .timeout(time_out)
                .redirect(reqwest::redirect::Policy::none())
                .retry(reqwest::retry::never())
        };
        Ok(Self {
            network: client().build().map_err(InvalidClient)?,
            this_machine: client().no_proxy().build().map_err(InvalidClient)?,
            time_out,
        })
    }
}

#[async_trait]
impl Exchange for Https {
    async fn exchange(&self, request: Request<Bytes>) -> Result<Response<Bytes>, Lost> {
        if !is_private(request.uri()) {
            return Err(Lost::unsendable("the address is neither https nor http to this machine; correct it"));
        }
        let client = if request.uri().scheme_str() == Some("https") { &self.network } else { &self.this_machine };
        let request = reqwest::Request::try_from(request).map_err(lost)?;
        let mut answer = client.execute(request).await.map_err(lost)?;
        let (status, headers) = (answer.status(), std::mem::take(answer.headers_mut()));
        let mut whole = Response::new(answer.bytes().await.map_err(lost)?);
        *whole.status_mut() = status;
        *whole.headers_mut() = headers;
        Ok(whole)
    }

    fn time_out(&self) -> Duration {
        self.time_out
    }
}

impl fmt::Debug for Https {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Https").field("time_out", &self.time_out).finish_non_exhaustive()
    }
}

/// Whether nobody on the way can read what is sent to an address: it is https, or http to this machine itself.
#[must_use]
pub fn is_private(address: &Uri) -> bool {
    match address.scheme_str() {
        Some("https") => true,
        Some("http") => address.host().is_some_and(is_loopback),
        _ => false,
    }
}

/// Whether a host, as it stands in an address, is this machine.
fn is_loopback(host: &str) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    host.eq_ignore_ascii_case("localhost") || bare.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

/// The one place where reqwest's errors are understood. The address is taken out: its query may hold personal data.
fn lost(error: reqwest::Error) -> Lost {
    let error = error.without_url();
    if error.is_builder() {
        return Lost::unsendable(Causes(error));
    }
    if error.is_connect() {
        return Lost::not_sent(Causes(error));
    }
    Lost::unanswered(Causes(error))
}

/// An error that says in one line what its causes say.
#[derive(Debug)]
struct Causes(reqwest::Error);

impl fmt::Display for Causes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_timeout() {
            return f.write_str("the time was over");
        }
        let mut last: &dyn Error = &self.0;
        while let Some(cause) = last.source() {
            last = cause;
        }
        write!(f, "{last}")
    }
}

impl Error for Causes {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_https_and_this_machine_are_private() {
        // (address, private)
        let cases = [
            ("https://host.example/a", true),
            ("http://localhost:1/a", true),
            ("http://127.0.0.1/a", true),
            ("http://127.8.8.8:1/a", true),
            ("http://[::1]:80/a", true),
            ("http://host.example/a", false),
            ("http://localhost.example/a", false),
            ("http://127.0.0.1.example/a", false),
            ("http://10.0.0.1/a", false),
            ("ftp://127.0.0.1/a", false),
            ("/a", false),
        ];
        for (address, expected) in cases {
            assert_eq!(is_private(&address.parse().unwrap()), expected, "{address}");
        }
    }
}
