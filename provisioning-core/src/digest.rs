//! SHA-256 over the one byte form that each value has.

use std::fmt;
use std::io;
use std::str::FromStr;

use hmac::{Hmac, KeyInit as _};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

/// A SHA-256 hash, written as 64 hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Digest(pub [u8; 32]);

impl Digest {
    /// The hash of a value's JSON form; equal values have equal hashes as long as their maps have ordered keys.
    #[must_use]
    pub fn of<T: Serialize>(value: &T) -> Self {
        digest_of(value)
    }

    /// The hash of nothing at all; a chain starts from it.
    pub const ZERO: Self = Self([0; 32]);

    /// The first eight digits, for people.
    #[must_use]
    pub fn short(&self) -> String {
        self.to_string().chars().take(8).collect()
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Digest({})", self.short())
    }
}

impl From<Digest> for String {
    fn from(digest: Digest) -> Self {
        digest.to_string()
    }
}

/// A text is not a hash.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a hash of 64 hexadecimal digits")]
pub struct InvalidDigest(String);

impl FromStr for Digest {
    type Err = InvalidDigest;
    fn from_str(text: &str) -> Result<Self, InvalidDigest> {
        let refuse = || InvalidDigest(text.to_owned());
        if text.len() != 64 || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(refuse());
        }
        let mut bytes = [0; 32];
        for (place, byte) in bytes.iter_mut().enumerate() {
            let digits = text.get(2 * place..2 * place + 2).ok_or_else(refuse)?;
            *byte = u8::from_str_radix(digits, 16).map_err(|_| refuse())?;
        }
        Ok(Self(bytes))
    }
}

impl TryFrom<String> for Digest {
    type Error = InvalidDigest;
    fn try_from(text: String) -> Result<Self, InvalidDigest> {
        text.parse()
    }
}

/// The hash of several byte strings, one after the other.
#[must_use]
pub(crate) fn digest(parts: &[&[u8]]) -> Digest {
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update(part);
    }
    Digest(hasher.finalize().into())
}

/// The HMAC-SHA256 of several texts under a key, each told apart from the next by a byte that no id holds.
#[must_use]
pub(crate) fn keyed_digest(key: &[u8; 32], parts: &[&str]) -> Digest {
    // The key as HMAC takes it: filled up to a block of SHA-256.
    let mut block = [0; 64];
    block.iter_mut().zip(key).for_each(|(to, from)| *to = *from);
    let mut hasher = Hmac::<Sha256>::new(&block.into());
    for part in parts {
        hmac::Mac::update(&mut hasher, part.as_bytes());
        hmac::Mac::update(&mut hasher, &[0]);
    }
    Digest(hmac::Mac::finalize(hasher).into_bytes().into())
}

struct Hashing(Sha256);

impl io::Write for Hashing {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The hash of a value's JSON form, in which our own types have ordered keys only.
#[must_use]
pub(crate) fn digest_of<T: Serialize>(value: &T) -> Digest {
    let mut hashing = Hashing(Sha256::new());
    // Writing into a hash cannot fail, and our types have text keys only; the marker keeps even a bug from hashing alike.
    if let Err(error) = serde_json::to_writer(&mut hashing, value) {
        hashing.0.update(error.to_string().as_bytes());
    }
    Digest(hashing.0.finalize().into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_is_read_back_as_it_was_written() {
        let empty = digest(&[]);
        assert_eq!(empty.to_string(), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
        assert_eq!(empty.to_string().parse(), Ok(empty));
        assert_eq!((empty.short(), format!("{empty:?}")), ("e3b0c442".to_owned(), "Digest(e3b0c442)".to_owned()));
        let json = serde_json::to_string(&empty).unwrap();
        assert_eq!(serde_json::from_str::<Digest>(&json).unwrap(), empty);
    }

    #[test]
    fn a_text_that_is_no_hash_is_refused() {
        let digits = "0".repeat(64);
        assert_eq!(digits.parse(), Ok(Digest::ZERO));
        for text in
            ["", &digits[1..], &format!("{digits}0"), &format!("g{}", &digits[1..]), &"é".repeat(32), &"+1".repeat(32)]
        {
            let error = text.parse::<Digest>().unwrap_err().to_string();
            assert!(error.contains(text), "{error}");
            assert!(serde_json::from_value::<Digest>(text.into()).is_err());
        }
    }

    #[test]
    fn parts_are_hashed_one_after_the_other() {
        assert_eq!(digest(&[b"ab", b"c"]), digest(&[b"abc"]));
        assert_ne!(digest(&[b"abc"]), digest(&[b"abd"]));
        assert_eq!(digest_of(&("a", 1)), digest(&[br#"["a",1]"#]));
    }

    #[test]
    fn a_keyed_hash_is_the_hmac_of_the_standard() {
        // RFC 4231 has no text that ends with a zero byte: this one comes from Python's `hmac`.
        let keyed = keyed_digest(&[0x0b; 32], &["record", "hr:1"]);
        assert_eq!(keyed.to_string(), "da69e46371160d790b587a87ce17ebc6a6fdb8f6be7f7b8e66d03f022fd25ecd");
        assert_ne!(keyed, keyed_digest(&[0x0c; 32], &["record", "hr:1"]));
        assert_ne!(keyed_digest(&[1; 32], &["ab", "c"]), keyed_digest(&[1; 32], &["a", "bc"]));
    }
}
