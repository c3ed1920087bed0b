use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// What kind of directory object something is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ObjectKind {
    /// A user.
    User,
    /// A group.
    Group,
    /// A device, a contact, an app, or what the Graph will have next year.
    Other,
}

/// An object of the directory of which only little is known: a member of a group, or what a user is a member of.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct DirectoryObject {
    /// The Graph's name of its type, for instance `#microsoft.graph.user`.
    #[serde(rename = "@odata.type", skip_serializing_if = "Option::is_none")]
    pub odata_type: Option<String>,
    /// The object's id.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub id: String,
    /// Everything else that the Graph said, under its own names.
    #[serde(flatten)]
    pub rest: Map<String, Value>,
}

impl DirectoryObject {
    /// What kind it is.
    #[must_use]
    pub fn kind(&self) -> ObjectKind {
        kind(self.odata_type.as_deref())
    }
}

/// What kind of object a type of the Graph is.
pub(crate) fn kind(odata_type: Option<&str>) -> ObjectKind {
    match odata_type {
        Some("#microsoft.graph.user") => ObjectKind::User,
        Some("#microsoft.graph.group") => ObjectKind::Group,
        Some(_) | None => ObjectKind::Other,
    }
}

impl fmt::Debug for DirectoryObject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DirectoryObject")
            .field("kind", &self.kind())
            .field("id", &self.id)
            .field("rest", &self.rest.len())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_type_that_is_new_is_another() {
        let read = |text: &str| serde_json::from_str::<DirectoryObject>(text).unwrap().kind();
        assert_eq!(read(r##"{"@odata.type":"#microsoft.graph.user","id":"1"}"##), ObjectKind::User);
        assert_eq!(read(r##"{"@odata.type":"#microsoft.graph.group","id":"1"}"##), ObjectKind::Group);
        assert_eq!(read(r##"{"@odata.type":"#microsoft.graph.robot","id":"1"}"##), ObjectKind::Other);
        assert_eq!(read(r#"{"id":"1"}"#), ObjectKind::Other);
    }

    #[test]
    fn debug_shows_nobody() {
        let object: DirectoryObject = serde_json::from_str(r#"{"id":"7","displayName":"planted"}"#).unwrap();
        assert_eq!(format!("{object:?}"), r#"DirectoryObject { kind: Other, id: "7", rest: 1, .. }"#);
    }
}
