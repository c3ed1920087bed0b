//! Where an AFAS answers.

use std::fmt;
use std::net::IpAddr;

use http::Uri;

/// The address under which the REST services of an AFAS participant answer.
///
/// It fixes the participant and the kind of environment; which environment of that kind is read is said by the token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Site(String);

/// A text is no address of an AFAS.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is no AFAS site: {why}")]
pub struct InvalidSite {
    text: String,
    why: &'static str,
}

impl Site {
    /// The production environments of a participant, such as `12345`.
    ///
    /// # Errors
    /// When the participant is not a number.
    pub fn production(participant: &str) -> Result<Self, InvalidSite> {
        Self::online("rest", participant)
    }

    /// The test environments of a participant.
    ///
    /// # Errors
    /// When the participant is not a number.
    pub fn test(participant: &str) -> Result<Self, InvalidSite> {
        Self::online("resttest", participant)
    }

    /// The acceptance environments of a participant.
    ///
    /// # Errors
    /// When the participant is not a number.
    pub fn accept(participant: &str) -> Result<Self, InvalidSite> {
        Self::online("restaccept", participant)
    }

    /// Any other address, up to and including `ProfitRestServices`; without TLS only on this machine.
    ///
    /// # Errors
    /// When it is not absolute, has a query or a password, or would send the token over a network in the clear.
    pub fn at(base: &str) -> Result<Self, InvalidSite> {
        let refuse = |why| Err(InvalidSite { text: without_secrets(base).to_owned(), why });
        let Ok(uri) = base.parse::<Uri>() else { return refuse("it is no URL") };
        let Some(host) = uri.host() else { return refuse("it names no host") };
        let is_here = host == "localhost"
            || host.trim_matches(['[', ']']).parse::<IpAddr>().is_ok_and(|address| address.is_loopback());
        if uri.authority().is_some_and(|authority| authority.as_str().contains('@')) {
            return refuse("it holds a user or a password; the token alone says who reads");
        }
        if uri.query().is_some() {
            return refuse("it has a query");
        }
        match uri.scheme_str() {
            Some("https") => Ok(Self(base.trim_end_matches('/').to_owned())),
            Some("http") if is_here => Ok(Self(base.trim_end_matches('/').to_owned())),
            Some("http") => refuse("the token would be sent in the clear; write `https://`"),
            _ => refuse("it does not begin with `https://`"),
        }
    }

    fn online(kind: &str, participant: &str) -> Result<Self, InvalidSite> {
        if participant.is_empty() || !participant.chars().all(|digit| digit.is_ascii_digit()) {
            let why = "a participant is a number, five digits as a rule";
            return Err(InvalidSite { text: participant.to_owned(), why });
        }
        Ok(Self(format!("https://{participant}.{kind}.afas.online/ProfitRestServices")))
    }
}

/// What of a text may be shown: neither what stands before an `@` nor a query.
fn without_secrets(base: &str) -> &str {
    let base = base.split('?').next().unwrap_or_default();
    base.rsplit('@').next().unwrap_or_default()
}

impl fmt::Display for Site {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_participant_has_three_sites() {
        let shown = |site: Result<Site, InvalidSite>| site.unwrap().to_string();
        assert_eq!(shown(Site::production("12345")), "https://12345.rest.afas.online/ProfitRestServices");
        assert_eq!(shown(Site::test("12345")), "https://12345.resttest.afas.online/ProfitRestServices");
        assert_eq!(shown(Site::accept("12345")), "https://12345.restaccept.afas.online/ProfitRestServices");
        let why = "a participant is a number, five digits as a rule";
        assert_eq!(Site::test("T12345AA").unwrap_err().to_string(), format!("`T12345AA` is no AFAS site: {why}"));
    }

    #[test]
    fn a_token_is_sent_in_the_clear_on_this_machine_only() {
        for fine in ["https://afas.example/ProfitRestServices/", "http://127.0.0.1:81/x", "http://[::1]:81/x"] {
            assert_eq!(Site::at(fine).unwrap().to_string(), fine.trim_end_matches('/'));
        }
        for (bad, why) in [
            ("http://afas.example/x", "the token would be sent in the clear; write `https://`"),
            ("http://127.afas.example/x", "the token would be sent in the clear; write `https://`"),
            ("http://127.0.0.1.afas.example/x", "the token would be sent in the clear; write `https://`"),
            ("ftp://afas.example/x", "it does not begin with `https://`"),
            ("afas", "it does not begin with `https://`"),
            ("/ProfitRestServices", "it names no host"),
            ("https://afas.example/x?a=b", "it has a query"),
            ("https://afas example", "it is no URL"),
        ] {
            assert_eq!(Site::at(bad).unwrap_err().why, why, "{bad}");
        }
    }

    #[test]
    fn a_password_in_an_address_is_refused_and_not_repeated() {
        for bad in
            ["https://me:planted@afas.example/x", "http://planted@127.0.0.1/x", "https://me:planted@afas .example"]
        {
            let error = Site::at(bad).unwrap_err();
            assert!(!format!("{error} {error:?}").contains("planted"), "{error}");
        }
    }
}
