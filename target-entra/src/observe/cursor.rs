//! Where readings go on: both delta links, and what an earlier reading left open.

use entra_graph::DeltaLink;
use provisioning_core::source::Cursor;
use serde::{Deserialize, Serialize};

/// Where the next reading goes on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) users: DeltaLink,
    pub(crate) groups: DeltaLink,
    /// Users that were deleted and that the recycle bin did not show yet.
    pub(crate) unseen: Vec<String>,
}

#[derive(Serialize, Deserialize)]
struct Spelt {
    users: String,
    groups: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    unseen: Vec<String>,
    /// What was told of users: what else changes now was never read.
    told: String,
}

impl Place {
    /// The place as a cursor, which is good for readings that tell the same.
    pub(crate) fn to_cursor(&self, told: &str) -> Option<Cursor> {
        let spelt = Spelt {
            users: self.users.as_str().to_owned(),
            groups: self.groups.as_str().to_owned(),
            unseen: self.unseen.clone(),
            told: told.to_owned(),
        };
        serde_json::to_string(&spelt).ok().map(Cursor)
    }

    /// The place that a cursor names; `None` for a cursor of another make, or of a reading that told something else.
    pub(crate) fn from_cursor(cursor: &Cursor, told: &str) -> Option<Self> {
        let spelt: Spelt = serde_json::from_str(&cursor.0).ok()?;
        (spelt.told == told).then(|| Self {
            users: DeltaLink::new(spelt.users),
            groups: DeltaLink::new(spelt.groups),
            unseen: spelt.unseen,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_is_read_back_unless_something_else_is_asked_for() {
        let place = Place {
            users: DeltaLink::new("https://graph.example/v1.0/users/delta?$deltatoken=1"),
            groups: DeltaLink::new("https://graph.example/v1.0/groups/delta?$deltatoken=2"),
            unseen: vec!["u1".to_owned()],
        };
        let cursor = place.to_cursor("id,displayName").unwrap();
        assert_eq!(Place::from_cursor(&cursor, "id,displayName"), Some(place));
        assert_eq!(Place::from_cursor(&cursor, "id,displayName,jobTitle"), None);
        assert_eq!(Place::from_cursor(&Cursor("no cursor of any target".to_owned()), "id"), None);
    }
}
