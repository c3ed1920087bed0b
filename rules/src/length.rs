//! How long an attribute may be, and what becomes of a text that is longer.

use provisioning_core::Value;

use crate::language::datum::Lack;
use crate::language::text::{length, truncate};

/// The longest text that an attribute takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Limit {
    pub(crate) most: usize,
    pub(crate) beyond: Beyond,
}

/// What becomes of a text that is too long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Beyond {
    /// Its start is what is written.
    Cut,
    /// Nothing is written: half a number is another one.
    Leave,
}

/// Of Microsoft's directories (Graph v1.0, resource type `user`); they stand for these attributes on every target.
const KNOWN: [(&str, usize, Beyond); 15] = [
    ("displayName", 256, Beyond::Cut),
    ("givenName", 64, Beyond::Cut),
    ("surname", 64, Beyond::Cut),
    ("department", 64, Beyond::Cut),
    ("companyName", 64, Beyond::Cut),
    ("jobTitle", 128, Beyond::Cut),
    ("city", 128, Beyond::Cut),
    ("country", 128, Beyond::Cut),
    ("state", 128, Beyond::Cut),
    ("streetAddress", 1024, Beyond::Cut),
    ("postalCode", 40, Beyond::Leave),
    ("mobilePhone", 64, Beyond::Leave),
    ("employeeId", 16, Beyond::Leave),
    ("mailNickname", 64, Beyond::Leave),
    ("userPrincipalName", 113, Beyond::Leave),
];

/// The longest part of an address before its `@` (RFC 5321, section 4.5.3.1.1).
const LOCAL_PART: usize = 64;

/// What is left free for the number in a name that has one.
const DIGITS: usize = 6;

impl Limit {
    /// That of a well-known attribute.
    pub(crate) fn of(attribute: &str) -> Option<Self> {
        let known = KNOWN.iter().find(|(name, ..)| *name == attribute);
        known.map(|(_, most, beyond)| Self { most: *most, beyond: *beyond })
    }

    /// A value that is not too long.
    pub(crate) fn keep(self, value: Value) -> Result<Value, Lack> {
        match value {
            Value::Text(text) if length(&text) > self.most => match self.beyond {
                Beyond::Cut => Ok(Value::text(truncate(&text, self.most))),
                Beyond::Leave => Err(Lack::Unreadable),
            },
            Value::List(list) => {
                let kept: Result<_, _> = list.into_iter().map(|value| self.keep(value)).collect();
                kept.map(Value::List)
            }
            Value::Null | Value::Text(_) | Value::Number(_) | Value::Bool(_) | Value::Date(_) | Value::Account(_) => {
                Ok(value)
            }
        }
    }

    /// Whether a name may be tried.
    pub(crate) fn fits(self, name: &str) -> bool {
        let local = name.split_once('@').map_or(0, |(local, _)| length(local));
        length(name) <= self.most && local <= LOCAL_PART
    }

    /// The stem of a name with a number, short enough for every number.
    pub(crate) fn stem(self, stem: &str, end: &str) -> Option<String> {
        let most = self.most.saturating_sub(length(end));
        let of_local = |(local, _): (&str, &str)| LOCAL_PART.saturating_sub(length(local));
        let most = end.split_once('@').map_or(most, |parts| most.min(of_local(parts)));
        let stem = truncate(stem, most.saturating_sub(DIGITS));
        (!stem.is_empty()).then(|| stem.to_owned())
    }
}
