//! An account as its target shows it.

use std::collections::BTreeSet;
use std::fmt;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::id::{AccountId, FieldName, PermissionId};
use crate::value::{Edit, Fields, Value};

/// Whether an account is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Presence {
    /// It is.
    Live,
    /// It was deleted on this day and can be restored for as long as the target says.
    InBin(NaiveDate),
}

/// Whether an account can be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Shown {
    /// It can.
    Enabled,
    /// It cannot.
    Disabled,
}

/// An account as its target shows it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ObservedAccount {
    /// The id that the target gave it.
    pub id: AccountId,
    /// The text in its anchor attribute, if it bears one.
    pub anchor: Option<String>,
    /// Whether it is there.
    pub presence: Presence,
    /// Whether it can be used.
    pub shown: Shown,
    /// Its attributes.
    pub attributes: Fields,
    /// What it holds; `None` where the target cannot tell (of a deleted account, often), or where changes tell it apart, in
    /// [`holdings`](crate::target::TargetChanges::holdings).
    pub permissions: Option<BTreeSet<PermissionId>>,
}

/// Ids and counts only.
impl fmt::Debug for ObservedAccount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let permissions = self.permissions.as_ref().map(BTreeSet::len);
        write!(f, "ObservedAccount({}, {:?}, {:?}, {permissions:?})", self.id, self.presence, self.shown)
    }
}

/// One attribute that is to change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// The attribute.
    pub attribute: FieldName,
    /// What it is now, if it is anything.
    pub before: Option<Value>,
    /// What to do with it.
    pub after: Edit<Value>,
}

/// The attributes that are to change, and no others.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Patch(pub Vec<Change>);

impl Patch {
    /// The attributes with the changes made.
    #[must_use]
    pub fn applied_to(&self, attributes: &Fields) -> Fields {
        let mut next = attributes.clone();
        for change in &self.0 {
            match &change.after {
                Edit::Keep => {}
                Edit::Set(value) => next.put(change.attribute.clone(), value.clone()),
                Edit::Clear => next.remove(&change.attribute),
            }
        }
        next
    }
}
