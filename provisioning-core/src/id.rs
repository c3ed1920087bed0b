//! Names of things: each kind of id is its own type, so that a source cannot be passed where a target is meant.

use std::borrow::Borrow;
use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::str::FromStr;
use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Why a text is not an id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` cannot be used as {kind}: {why}")]
pub struct InvalidId {
    kind: &'static str,
    text: String,
    why: &'static str,
}

fn checked(kind: &'static str, text: &str, forbidden: &[&[char]]) -> Result<Arc<str>, InvalidId> {
    let refuse = |why| Err(InvalidId { kind, text: text.to_owned(), why });
    if text.trim().is_empty() {
        return refuse("it is blank");
    }
    if text.trim() != text {
        return refuse("it starts or ends with white space");
    }
    if text.chars().any(char::is_control) {
        return refuse("it holds a control character");
    }
    if forbidden.iter().any(|characters| text.contains(*characters)) {
        return refuse("it holds a character that separates the parts of longer ids");
    }
    Ok(Arc::from(text))
}

macro_rules! id {
    ($(#[$doc:meta])* $name:ident, $kind:literal $(, not $forbidden:expr)?) => {
        $(#[$doc])*
        #[derive(Clone, Eq)]
        pub struct $name(Arc<str>);

        // Ids are mostly clones of each other, and comparing one with its clone needs no look at the text.
        impl PartialEq for $name {
            fn eq(&self, other: &Self) -> bool {
                Arc::ptr_eq(&self.0, &other.0) || self.0 == other.0
            }
        }

        impl Ord for $name {
            fn cmp(&self, other: &Self) -> Ordering {
                if Arc::ptr_eq(&self.0, &other.0) { Ordering::Equal } else { self.0.cmp(&other.0) }
            }
        }

        impl PartialOrd for $name {
            fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
                Some(self.cmp(other))
            }
        }

        impl $name {
            /// Checks and takes over a text.
            ///
            /// # Errors
            /// Blank text, white space at either end, control characters and separators are refused.
            pub fn new(text: &str) -> Result<Self, InvalidId> {
                checked($kind, text, &[$(&$forbidden)?]).map(Self)
            }

            /// The id as text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl Hash for $name {
            fn hash<H: Hasher>(&self, state: &mut H) {
                self.0.hash(state);
            }
        }

        impl Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({})", stringify!($name), self.0)
            }
        }

        impl FromStr for $name {
            type Err = InvalidId;
            fn from_str(text: &str) -> Result<Self, InvalidId> {
                Self::new(text)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                to.serialize_str(&self.0)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                let text = String::deserialize(from)?;
                Self::new(&text).map_err(serde::de::Error::custom)
            }
        }
    };
}

id!(
    /// The organisation whose accounts are provisioned; one ledger serves one tenant.
    TenantId, "tenant id"
);
id!(
    /// A system that people come from, such as `afas`.
    SourceId, "source id", not [':', '#']
);
id!(
    /// A system that accounts are kept in, such as `entra`.
    TargetId, "target id", not [':', '#', '/']
);
id!(
    /// The key of a person in one source.
    RecordKey, "record key", not ['#']
);
id!(
    /// The key of a contract in one source.
    ContractId, "contract id"
);
id!(
    /// Which of a person's accounts on one target; nearly everybody has only `main`.
    AccountKind, "account kind", not [':', '#', '/']
);
id!(
    /// The id that the target itself gave to an account, such as an object id.
    AccountId, "account id"
);
id!(
    /// The name of a field of a person, a contract or an account.
    FieldName, "field name"
);
id!(
    /// A group, licence or other thing that an account can hold on a target; a stable key, never a display name.
    PermissionId, "permission id"
);
id!(
    /// The stable code of a department.
    DepartmentCode, "department code"
);
id!(
    /// A business rule.
    RuleId, "rule id"
);
id!(
    /// Who did something: an engine, an administrator, a program.
    Actor, "actor"
);

impl RecordKey {
    /// A key that sorts before every other, to start a range from.
    pub(crate) fn lowest() -> Self {
        Self(Arc::from(""))
    }
}

impl AccountId {
    /// An id that sorts before every other, to start a range from.
    pub(crate) fn lowest() -> Self {
        Self(Arc::from(""))
    }
}

impl AccountKind {
    /// The kind that nearly every account is of.
    #[must_use]
    pub fn main() -> Self {
        Self(Arc::from("main"))
    }
}

macro_rules! text_serde {
    ($name:ident) => {
        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                to.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                String::deserialize(from)?.parse().map_err(serde::de::Error::custom)
            }
        }
    };
}

/// One record of one source, written `source:key`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RecordId {
    /// The source that the record is in.
    pub source: SourceId,
    /// Its key there.
    pub key: RecordKey,
}

impl fmt::Display for RecordId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.source, self.key)
    }
}

impl FromStr for RecordId {
    type Err = InvalidId;
    fn from_str(text: &str) -> Result<Self, InvalidId> {
        let why = "it is written `source:key`";
        let (source, key) = text.split_once(':').ok_or(InvalidId { kind: "record id", text: text.to_owned(), why })?;
        Ok(Self { source: source.parse()?, key: key.parse()? })
    }
}

text_serde!(RecordId);

/// A person: the first record under which the person was seen.
///
/// Links from other records to the person live in the [`Ledger`](crate::Ledger); changing a name, a number or a
/// department never changes this id.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PersonId(pub RecordId);

impl PersonId {
    /// The person first seen as `key` in `source`.
    #[must_use]
    pub fn new(source: SourceId, key: RecordKey) -> Self {
        Self(RecordId { source, key })
    }
}

impl fmt::Display for PersonId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for PersonId {
    type Err = InvalidId;
    fn from_str(text: &str) -> Result<Self, InvalidId> {
        text.parse().map(Self)
    }
}

text_serde!(PersonId);

/// A place for an account: a target and the kind of account there.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Slot {
    /// The target.
    pub target: TargetId,
    /// The kind of account on it.
    pub kind: AccountKind,
}

impl Slot {
    /// The main account on a target.
    #[must_use]
    pub fn main(target: TargetId) -> Self {
        Self { target, kind: AccountKind::main() }
    }
}

/// One account of one person, whether it exists or not: at most one live account ever bears a key.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct AccountKey {
    /// The tenant.
    pub tenant: TenantId,
    /// The target.
    pub target: TargetId,
    /// The person.
    pub person: PersonId,
    /// Which of the person's accounts on that target.
    pub kind: AccountKind,
}

impl AccountKey {
    /// The text that is stamped on the account in its anchor attribute, so that a half-made account is found again:
    /// `source:key`, and `source:key#kind` for other kinds than `main`.
    #[must_use]
    pub fn anchor(&self) -> String {
        if self.kind == AccountKind::main() {
            self.person.to_string()
        } else {
            format!("{}#{}", self.person, self.kind)
        }
    }

    /// The key that a text in an anchor attribute names, if it is one of ours.
    #[must_use]
    pub fn of_anchor(tenant: &TenantId, target: &TargetId, anchor: &str) -> Option<Self> {
        let (person, kind) = match anchor.split_once('#') {
            Some((person, kind)) => (person.parse().ok()?, kind.parse().ok()?),
            None => (anchor.parse().ok()?, AccountKind::main()),
        };
        let key = Self { tenant: tenant.clone(), target: target.clone(), person, kind };
        (key.anchor() == anchor).then_some(key)
    }

    /// The place that the account takes.
    #[must_use]
    pub fn slot(&self) -> Slot {
        Slot { target: self.target.clone(), kind: self.kind.clone() }
    }
}

impl fmt::Display for AccountKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.target, self.anchor())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_not_blank_and_has_no_stray_space() {
        for (text, why) in
            [("", "blank"), ("  ", "blank"), (" a", "white space"), ("a\n", "white space"), ("a\tb", "control")]
        {
            let error = SourceId::new(text).unwrap_err().to_string();
            assert!(error.contains(why), "{text:?}: {error}");
        }
    }

    #[test]
    fn a_record_id_is_read_back_as_it_was_written() {
        let id: RecordId = "hr:10:x".parse().unwrap();
        assert_eq!((id.source.as_str(), id.key.as_str()), ("hr", "10:x"));
        assert_eq!(serde_json::from_str::<RecordId>(&serde_json::to_string(&id).unwrap()).unwrap(), id);
        assert!("hr".parse::<RecordId>().is_err());
    }

    #[test]
    fn the_anchor_names_the_kind_only_where_it_is_not_main() {
        let mut key = AccountKey {
            tenant: TenantId::new("t").unwrap(),
            target: TargetId::new("entra").unwrap(),
            person: "hr:1".parse().unwrap(),
            kind: AccountKind::main(),
        };
        assert_eq!(key.anchor(), "hr:1");
        let read = |anchor: &str| AccountKey::of_anchor(&key.tenant, &key.target, anchor);
        assert_eq!(read("hr:1"), Some(key.clone()));
        for other in ["", "1", "hr:", "hr:1#", "hr:1#main", "hr:1#a#b", " hr:1"] {
            assert_eq!(read(other), None, "`{other}`");
        }
        key.kind = AccountKind::new("admin").unwrap();
        assert_eq!(key.anchor(), "hr:1#admin");
        assert_eq!(AccountKey::of_anchor(&key.tenant, &key.target, "hr:1#admin"), Some(key));
    }
}
