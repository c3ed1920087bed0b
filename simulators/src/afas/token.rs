//! The token of an app connector.

use std::fmt;

use crate::organisation::Dice;

/// A token: 64 upper-case hexadecimal digits, which belong to one environment, one user and one app connector.
#[derive(Clone, PartialEq, Eq)]
pub struct Token(String);

impl Token {
    /// A token made from a seed.
    #[must_use]
    pub fn seeded(seed: u64) -> Self {
        let mut dice = Dice::new(seed);
        Self(hexadecimal(&mut dice) + &hexadecimal(&mut dice))
    }

    /// The token that AFAS hands out: a short text in XML.
    #[must_use]
    pub fn xml(&self) -> String {
        format!("<token><version>1</version><data>{}</data></token>", self.0)
    }

    /// What the header `Authorization` holds: `AfasToken`, and the XML in Base64.
    #[must_use]
    pub fn authorization(&self) -> String {
        format!("AfasToken {}", base64(self.xml().as_bytes()))
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(..)")
    }
}

/// 32 upper-case hexadecimal digits.
pub(super) fn hexadecimal(dice: &mut Dice) -> String {
    format!("{:016X}{:016X}", dice.below(u64::MAX), dice.below(u64::MAX))
}

fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let letter = |bits: u32| LETTERS.get((bits & 63) as usize).map_or('=', |letter| char::from(*letter));
    let mut text = String::new();
    for three in bytes.chunks(3) {
        let byte = |place: usize| u32::from(three.get(place).copied().unwrap_or_default());
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for place in 0..4 {
            text.push(if place <= three.len() { letter(bits >> (18 - 6 * place)) } else { '=' });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_padded() {
        for (plain, encoded) in [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg==")] {
            assert_eq!(base64(plain.as_bytes()), encoded);
        }
    }

    #[test]
    fn a_token_never_prints() {
        let token = Token::seeded(1);
        assert_eq!(format!("{token:?}"), "Token(..)");
        assert_eq!(token.0.len(), 64);
        assert_ne!(token, Token::seeded(2));
    }
}
