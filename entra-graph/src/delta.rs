use std::fmt;

use serde::Deserialize;
use serde_json::{Map, Value};

use crate::group::Group;
use crate::object::{ObjectKind, kind};
use crate::user::User;

/// Where a next delta goes on. It is opaque: keep it whole, and give it back. It is good for seven days.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct DeltaLink(String);

impl DeltaLink {
    /// One that was kept.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// What is to be kept.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for DeltaLink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DeltaLink({} characters)", self.0.len())
    }
}

/// How an object was removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Removal {
    /// Into the recycle bin (the Graph's `changed`).
    SoftDeleted,
    /// For good (the Graph's `deleted`).
    Gone,
}

/// One thing that a delta says. Things may be said twice, late, and in any order; the last thing said of an object
/// holds.
#[derive(Debug, Clone, PartialEq)]
pub enum Delta<T> {
    /// The object is there, and these are its properties.
    Changed(T),
    /// The object was removed; it may never have been seen before.
    Removed {
        /// Its id.
        id: String,
        /// How.
        removal: Removal,
    },
    /// That is all; the next delta goes on here. A stream without it is not complete.
    End(DeltaLink),
}

/// A group in a delta, and what became of members. A big group comes in several pieces, each with some members.
#[derive(Debug, Clone, PartialEq)]
pub struct GroupChange {
    /// The group.
    pub group: Group,
    /// Who came and went.
    pub members: Vec<MemberChange>,
}

/// A member that came or went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MemberChange {
    /// The member's id.
    pub id: String,
    /// What kind of object it is.
    pub kind: ObjectKind,
    /// Whether it came or went.
    pub membership: Membership,
}

/// Whether a member came or went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Membership {
    /// It is a member now.
    Added,
    /// It is none any more; perhaps because it was deleted itself.
    Removed,
}

/// What can stand in a delta: made from a row, in which annotations lie among the properties.
pub(crate) trait DeltaRow: Sized {
    /// What the row is as JSON.
    type Row: for<'de> Deserialize<'de>;

    /// Its id and where its annotations are.
    fn parts(row: &mut Self::Row) -> (&str, &mut Map<String, Value>);

    /// The row as the thing it is.
    ///
    /// # Errors
    /// What is wrong with it.
    fn from_row(row: Self::Row) -> Result<Self, &'static str>;
}

impl DeltaRow for User {
    type Row = Self;

    fn parts(row: &mut Self) -> (&str, &mut Map<String, Value>) {
        (&row.id, &mut row.rest)
    }

    fn from_row(row: Self) -> Result<Self, &'static str> {
        Ok(row)
    }
}

impl DeltaRow for GroupChange {
    type Row = Group;

    fn parts(row: &mut Group) -> (&str, &mut Map<String, Value>) {
        (&row.id, &mut row.rest)
    }

    fn from_row(mut group: Group) -> Result<Self, &'static str> {
        let members = match group.rest.remove("members@delta") {
            None => Vec::new(),
            Some(rows) => {
                serde_json::from_value::<Vec<MemberRow>>(rows).map_err(|_| "a change of members cannot be read")?
            }
        };
        Ok(Self { group, members: members.into_iter().map(MemberRow::change).collect() })
    }
}

#[derive(Deserialize)]
struct MemberRow {
    #[serde(rename = "@odata.type")]
    odata_type: Option<String>,
    id: String,
    #[serde(rename = "@removed")]
    removed: Option<Value>,
}

impl MemberRow {
    fn change(self) -> MemberChange {
        let membership = if self.removed.is_some() { Membership::Removed } else { Membership::Added };
        MemberChange { kind: kind(self.odata_type.as_deref()), id: self.id, membership }
    }
}

/// What a row says.
pub(crate) fn read<T: DeltaRow>(mut row: T::Row) -> Result<Delta<T>, &'static str> {
    let (id, rest) = T::parts(&mut row);
    if id.is_empty() {
        return Err("an object without an id stands in it");
    }
    let Some(removed) = rest.remove("@removed") else { return T::from_row(row).map(Delta::Changed) };
    let removal = match removed.get("reason").and_then(Value::as_str) {
        Some("changed") => Removal::SoftDeleted,
        Some("deleted") => Removal::Gone,
        Some(_) | None => return Err("a removal without a known reason stands in it"),
    };
    Ok(Delta::Removed { id: id.to_owned(), removal })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn user(text: &str) -> Result<Delta<User>, &'static str> {
        read(serde_json::from_str(text).unwrap())
    }

    #[test]
    fn a_removal_is_soft_or_for_good() {
        let removed = |removal| Ok(Delta::Removed { id: "1".into(), removal });
        assert_eq!(user(r#"{"id":"1","@removed":{"reason":"changed"}}"#), removed(Removal::SoftDeleted));
        assert_eq!(user(r#"{"id":"1","@removed":{"reason":"deleted"}}"#), removed(Removal::Gone));
        assert!(user(r#"{"id":"1","@removed":{"reason":"moved"}}"#).is_err());
        assert!(user(r#"{"displayName":"nobody"}"#).is_err());
        let Ok(Delta::Changed(changed)) = user(r#"{"id":"1","x":1}"#) else { panic!("not changed") };
        assert_eq!(changed.rest["x"], 1);
    }

    #[test]
    fn members_come_and_go_with_their_group() {
        let text = r##"{"id":"g","displayName":"Sales","members@delta":[
            {"@odata.type":"#microsoft.graph.user","id":"1"},
            {"@odata.type":"#microsoft.graph.user","id":"2","@removed":{"reason":"deleted"}},
            {"@odata.type":"#microsoft.graph.device","id":"3"}]}"##;
        let Ok(Delta::Changed(change)) = read::<GroupChange>(serde_json::from_str(text).unwrap()) else {
            panic!("not changed")
        };
        let members: Vec<_> = change.members.iter().map(|m| (m.id.as_str(), m.kind, m.membership)).collect();
        assert_eq!(
            members,
            [
                ("1", ObjectKind::User, Membership::Added),
                ("2", ObjectKind::User, Membership::Removed),
                ("3", ObjectKind::Other, Membership::Added)
            ]
        );
        assert!(change.group.rest.is_empty());
        assert!(read::<GroupChange>(serde_json::from_str(r#"{"id":"g","members@delta":[{}]}"#).unwrap()).is_err());
    }

    #[test]
    fn debug_shows_no_token() {
        let link = DeltaLink::new("https://graph.example/v1.0/users/delta?$deltatoken=planted");
        assert!(!format!("{link:?}").contains("planted"));
    }
}
