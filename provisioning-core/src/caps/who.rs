//! Who is meant, where it may be thousands.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::id::PersonId;

/// How many are named.
pub(super) const NAMED: usize = 5;

/// The first few of many people, by id, and how many more there are.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Who {
    /// The first ones.
    pub first: Vec<PersonId>,
    /// How many more.
    pub more: u32,
}

impl Who {
    pub(super) fn of<'p>(people: impl IntoIterator<Item = &'p PersonId>) -> Self {
        let mut people = people.into_iter();
        let first = people.by_ref().take(NAMED).cloned().collect();
        Self { first, more: u32::try_from(people.count()).unwrap_or(u32::MAX) }
    }
}

/// `hr:1`, `hr:2` and 3 more.
impl fmt::Display for Who {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let last = if self.more == 0 { self.first.len().saturating_sub(1) } else { self.first.len() };
        for (number, person) in self.first.iter().enumerate() {
            let comma = match number {
                0 => "",
                _ if number == last => " and ",
                _ => ", ",
            };
            write!(f, "{comma}`{person}`")?;
        }
        if self.more > 0 { write!(f, " and {} more", self.more) } else { Ok(()) }
    }
}
