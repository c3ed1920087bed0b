//! The token of an app connector.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::HeaderValue;
use secrecy::{ExposeSecret, SecretString};

/// The token of an app connector; it stands for one environment and one AFAS user, and never expires.
#[derive(Clone)]
pub struct AfasToken(SecretString);

/// A text is no token; it is not repeated here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this is no AFAS token: it reads `<token><version>1</version><data>...</data></token>`; copy it whole")]
pub struct InvalidToken;

impl AfasToken {
    /// Takes a token as AFAS shows it, or what stands in its `data` alone.
    ///
    /// # Errors
    /// When the text has neither form.
    pub fn new(text: &SecretString) -> Result<Self, InvalidToken> {
        let text = text.expose_secret().trim();
        let data = match text.strip_prefix("<token>").and_then(|rest| rest.strip_suffix("</token>")) {
            Some(inside) => {
                let data = inside.split_once("<data>").and_then(|(_, rest)| rest.split_once("</data>"));
                data.ok_or(InvalidToken)?.0.trim()
            }
            None => text,
        };
        if data.is_empty() || !data.chars().all(|c| c.is_ascii_alphanumeric()) {
            return Err(InvalidToken);
        }
        let whole = format!("<token><version>1</version><data>{data}</data></token>");
        Ok(Self(format!("AfasToken {}", STANDARD.encode(whole)).into()))
    }

    /// What stands in the header `Authorization`.
    pub(crate) fn header(&self) -> Result<HeaderValue, http::Error> {
        let mut header = HeaderValue::from_str(self.0.expose_secret())?;
        header.set_sensitive(true);
        Ok(header)
    }
}

impl fmt::Debug for AfasToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AfasToken(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DATA: &str = "0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF";

    fn token(text: &str) -> Result<AfasToken, InvalidToken> {
        AfasToken::new(&SecretString::from(text))
    }

    #[test]
    fn the_header_holds_the_whole_token_in_base64() {
        let whole = format!("<token><version>1</version><data>{DATA}</data></token>");
        let expected = "AfasToken PHRva2VuPjx2ZXJzaW9uPjE8L3ZlcnNpb24+PGRhdGE+MDEyMzQ1Njc4OUFCQ0RFRjAxMjM0NTY3ODlBQkNERUYw\
                        MTIzNDU2Nzg5QUJDREVGMDEyMzQ1Njc4OUFCQ0RFRjwvZGF0YT48L3Rva2VuPg==";
        for text in [&whole, DATA, &format!("\n{whole}  "), &whole.replace("><", ">\n<")] {
            let header = token(text).unwrap().header().unwrap();
            assert_eq!(header.to_str().unwrap(), expected, "{text}");
            assert!(header.is_sensitive());
        }
    }

    #[test]
    fn what_is_no_token_is_refused_and_not_repeated() {
        for text in ["", "<token>", "<token></token>", "<token><data></data></token>", "planted secret"] {
            let error = token(text).unwrap_err();
            assert!(!error.to_string().contains("planted"));
        }
    }

    #[test]
    fn debug_shows_no_token() {
        assert_eq!(format!("{:?}", token(DATA).unwrap()), "AfasToken(..)");
    }
}
