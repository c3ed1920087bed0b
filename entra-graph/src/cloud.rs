use http::Uri;

/// One of Microsoft's clouds, or whatever answers in its place: addresses are data, not a fixed list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cloud {
    graph: String,
    login: String,
    scope: String,
}

/// An address that no token may be sent to.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{address}` is not the base of a cloud: write https://host, without query, or http://127.0.0.1:port for this machine"
)]
pub struct InvalidCloud {
    address: String,
}

impl Cloud {
    /// The cloud of the world, with GCC.
    #[must_use]
    pub fn global() -> Self {
        Self::known("https://graph.microsoft.com", "https://login.microsoftonline.com")
    }

    /// The cloud of the government of the United States, L4.
    #[must_use]
    pub fn us_government() -> Self {
        Self::known("https://graph.microsoft.us", "https://login.microsoftonline.us")
    }

    /// The cloud of the department of defence of the United States, L5.
    #[must_use]
    pub fn us_defence() -> Self {
        Self::known("https://dod-graph.microsoft.us", "https://login.microsoftonline.us")
    }

    /// The cloud in China, run by 21Vianet.
    #[must_use]
    pub fn china() -> Self {
        Self::known("https://microsoftgraph.chinacloudapi.cn", "https://login.chinacloudapi.cn")
    }

    fn known(graph: &str, login: &str) -> Self {
        Self { graph: graph.to_owned(), login: login.to_owned(), scope: format!("{graph}/.default") }
    }

    /// A cloud at other addresses: the base of the Graph (without `/v1.0`) and that of the sign-in. The scope is the
    /// Graph's base and `/.default`.
    ///
    /// # Errors
    /// When one of them is not https, nor http to this machine, or holds a query or a user.
    pub fn at(graph: &str, login: &str) -> Result<Self, InvalidCloud> {
        Ok(Self::known(&base(graph)?, &base(login)?))
    }

    /// The same with a scope of its own.
    #[must_use]
    pub fn with_scope(self, scope: &str) -> Self {
        Self { scope: scope.to_owned(), ..self }
    }

    /// The base of the Graph, without a `/` at its end.
    #[must_use]
    pub fn graph(&self) -> &str {
        &self.graph
    }

    /// The base of the sign-in, without a `/` at its end.
    #[must_use]
    pub fn login(&self) -> &str {
        &self.login
    }

    /// What tokens are asked for.
    #[must_use]
    pub fn scope(&self) -> &str {
        &self.scope
    }
}

fn base(text: &str) -> Result<String, InvalidCloud> {
    let invalid = || {
        // What stands before an `@` or behind a `?` may be a secret.
        let bare = text.split(['?', '#']).next().unwrap_or_default();
        InvalidCloud { address: bare.rsplit('@').next().unwrap_or_default().to_owned() }
    };
    let address: Uri = text.parse().map_err(|_| invalid())?;
    let bare = address.query().is_none() && address.authority().is_some_and(|a| !a.as_str().contains('@'));
    if !bare || !transport::is_private(&address) {
        return Err(invalid());
    }
    Ok(text.trim_end_matches('/').to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cloud_is_https_or_this_machine() {
        // (base, accepted)
        let cases = [
            ("https://graph.microsoft.com", true),
            ("https://graph.example:8443/", true),
            ("https://gateway.example/graph", true),
            ("http://127.0.0.1:8080", true),
            ("http://localhost:1", true),
            ("http://[::1]:1", true),
            ("http://graph.example", false),
            ("http://127.0.0.1.example", false),
            ("https://graph.example?tenant=x", false),
            ("https://user:planted@graph.example", false),
            ("graph.example", false),
            ("", false),
        ];
        for (text, accepted) in cases {
            let cloud = Cloud::at(text, "https://login.example");
            assert_eq!(cloud.is_ok(), accepted, "`{text}`");
            if let Err(error) = cloud {
                assert!(!error.to_string().contains("planted"), "{error}");
            }
            assert_eq!(Cloud::at("https://graph.example", text).is_ok(), accepted, "`{text}`");
        }
    }

    #[test]
    fn the_scope_follows_the_cloud() {
        assert_eq!(Cloud::global().scope(), "https://graph.microsoft.com/.default");
        assert_eq!(Cloud::china().scope(), "https://microsoftgraph.chinacloudapi.cn/.default");
        let cloud = Cloud::at("http://127.0.0.1:9/", "http://127.0.0.1:9/").unwrap();
        assert_eq!((cloud.graph(), cloud.login()), ("http://127.0.0.1:9", "http://127.0.0.1:9"));
        assert_eq!(cloud.scope(), "http://127.0.0.1:9/.default");
        assert_eq!(cloud.with_scope("api://x/.default").scope(), "api://x/.default");
    }
}
