//! SHA-256 over the one byte form that each value has.

use std::fmt;
use std::io;
use std::str::FromStr;

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
}
