//! The lifecycle of an account: one table, and the dates that it asks for.
//!
//! | state \ want | Nothing | Account | Access |
//! |---|---|---|---|
//! | Absent | stay | create | create |
//! | Staged (exists, never enabled) | delete when its own grace is over, else stay | stay | enable |
//! | Active | disable | disable | stay |
//! | Suspended | delete when the grace is over, else stay | stay | enable |
//! | Deleted, can be restored | stay, or restore by a known return | restore | restore |
//! | Deleted, gone | stay | create | create |
//!
//! A leaver is no special case (nothing is wanted), nor is a returner. Nothing here knows a target, a rule or the time.
//!
//! # A rehire after the delete, inside the recycle bin
//!
//! The last day was 31 May, with 30 days of grace and a bin of 30 days. The account was disabled on 1 June and deleted on
//! 1 July. A new contract from 20 July is known on 6 July: the account comes back disabled, and is enabled on the day.
//!
//! ```
//! use provisioning_core::lifecycle::{Bin, Move, Situation, State, Want, next};
//! let day = |text: &str| text.parse::<chrono::NaiveDate>().unwrap();
//! let at = |text: &str| Situation { today: day(text), delete_is_due: false, return_needs_restore: false };
//!
//! let deleted = State::Deleted(Bin::Restorable);
//! assert_eq!(next(deleted, Want::Account, &at("2026-07-06")), Move::Restore);
//! let back = deleted.after(Move::Restore, day("2026-07-06"));
//! assert_eq!(back, State::Suspended { since: day("2026-07-06") });
//! assert_eq!(next(back, Want::Account, &at("2026-07-07")), Move::Stay);
//! assert_eq!(next(back, Want::Access, &at("2026-07-20")), Move::Enable);
//! ```
//!
//! # A gap of 35 days with 14 days of lead and 30 of grace
//!
//! One contract ends on 31 May, the next starts on 6 July: 35 days without work. Disabled on 1 June, unwanted since that
//! day, the account would be deleted on 1 July; but the lead of the new contract begins on 22 June, from then on an account
//! is wanted again, and it is enabled on 6 July. It was never deleted.
//!
//! ```
//! use provisioning_core::lifecycle::{Dates, Grace, State, delete_is_due};
//! let day = |text: &str| text.parse::<chrono::NaiveDate>().unwrap();
//! let grace = Grace { suspended_days: 30, staged_days: 30 };
//! let suspended = State::Suspended { since: day("2026-06-01") };
//! let dates = |today| Dates { today: day(today), last_ended: Some(day("2026-05-31")), next_start: Some(day("2026-07-06")) };
//!
//! assert!(!delete_is_due(suspended, Some(day("2026-06-01")), &dates("2026-06-21"), grace));
//! // From 22 June the account is wanted, so nothing has been unwanted since.
//! assert!(!delete_is_due(suspended, None, &dates("2026-07-01"), grace));
//! // Had the new contract not been there, the first of July would have been the day.
//! assert!(delete_is_due(suspended, Some(day("2026-06-01")), &dates("2026-07-01"), grace));
//! ```
//!
//! # A withdrawn hire, withdrawn in each way HR can
//!
//! Someone was to start on 1 March and has an account since 15 February, never enabled. On 20 February HR takes the hire
//! back. Whether it moves the start far away or writes an end before the start, nothing is wanted from that day on; where
//! the row is deleted, that holds from the third reading without it (the 22nd). The account is deleted when its own grace
//! is over, counted from the day that a run first saw it unwanted.
//!
//! ```
//! use provisioning_core::lifecycle::{Dates, Grace, Move, Situation, State, Want, delete_is_due, next};
//! let day = |text: &str| text.parse::<chrono::NaiveDate>().unwrap();
//! let grace = Grace { suspended_days: 90, staged_days: 7 };
//! for (way, unwanted_since, delete_on) in [
//!     ("an end before the start", "2026-02-20", "2026-02-27"),
//!     ("a start next year", "2026-02-20", "2026-02-27"),
//!     ("the row deleted", "2026-02-22", "2026-03-01"),
//! ] {
//!     let due = |today| {
//!         let dates = Dates { today: day(today), last_ended: None, next_start: None };
//!         delete_is_due(State::Staged, Some(day(unwanted_since)), &dates, grace)
//!     };
//!     let at = |today| Situation { today: day(today), delete_is_due: due(today), return_needs_restore: false };
//!     assert_eq!(next(State::Staged, Want::Nothing, &at(unwanted_since)), Move::Stay, "{way}");
//!     assert_eq!(next(State::Staged, Want::Nothing, &at(delete_on)), Move::Delete, "{way}");
//! }
//! ```

mod dates;
#[cfg(test)]
mod tests;

use std::fmt;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

pub use dates::{Dates, Grace, delete_is_due, delete_on, return_needs_restore};

/// What the rules want for an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Want {
    /// No account.
    Nothing,
    /// An account that cannot be used.
    Account,
    /// An account that can.
    Access,
}

/// Whether a deleted account can be restored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Bin {
    /// It is still in the recycle bin.
    Restorable,
    /// It is gone.
    Gone,
}

/// Where an account stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum State {
    /// There never was one.
    Absent,
    /// It exists and was never enabled.
    Staged,
    /// It can be used.
    Active,
    /// It could be used once, and cannot since a day.
    Suspended {
        /// The day on which it was seen disabled.
        since: NaiveDate,
    },
    /// It was deleted.
    Deleted(Bin),
}

/// One step through the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Move {
    /// Nothing to do.
    Stay,
    /// Make the account, disabled.
    Create,
    /// Let it be used.
    Enable,
    /// Stop it from being used, sessions under way included.
    Disable,
    /// Delete it.
    Delete,
    /// Take it back from the recycle bin, disabled.
    Restore,
}

impl Move {
    /// Whether it gives somebody something.
    #[must_use]
    pub fn raises(self) -> bool {
        match self {
            Self::Create | Self::Enable | Self::Restore => true,
            Self::Stay | Self::Disable | Self::Delete => false,
        }
    }
}

impl fmt::Display for Move {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Stay => "stay",
            Self::Create => "create",
            Self::Enable => "enable",
            Self::Disable => "disable",
            Self::Delete => "delete",
            Self::Restore => "restore",
        })
    }
}

/// What the table asks for besides state and want.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Situation {
    /// The civil day.
    pub today: NaiveDate,
    /// Whether the grace is over and nothing known speaks against deleting; see [`delete_is_due`].
    pub delete_is_due: bool,
    /// Whether the bin runs out before a return that is known; see [`return_needs_restore`].
    pub return_needs_restore: bool,
}

/// The table.
#[must_use]
pub fn next(state: State, want: Want, situation: &Situation) -> Move {
    match (state, want) {
        (State::Absent | State::Deleted(Bin::Gone), Want::Account | Want::Access) => Move::Create,
        (State::Staged | State::Suspended { .. }, Want::Nothing) if situation.delete_is_due => Move::Delete,
        (State::Staged | State::Suspended { .. }, Want::Access) => Move::Enable,
        (State::Active, Want::Nothing | Want::Account) => Move::Disable,
        (State::Deleted(Bin::Restorable), Want::Account | Want::Access) => Move::Restore,
        (State::Deleted(Bin::Restorable), Want::Nothing) if situation.return_needs_restore => Move::Restore,
        (State::Absent | State::Deleted(Bin::Gone | Bin::Restorable), Want::Nothing)
        | (State::Staged | State::Suspended { .. }, Want::Nothing | Want::Account)
        | (State::Active, Want::Access) => Move::Stay,
    }
}

impl State {
    /// The state after a move on a day; one that this state never asks for changes nothing.
    #[must_use]
    pub fn after(self, step: Move, today: NaiveDate) -> Self {
        match (step, self) {
            (Move::Create, Self::Absent | Self::Deleted(Bin::Gone)) => Self::Staged,
            (Move::Enable, Self::Staged | Self::Suspended { .. }) => Self::Active,
            (Move::Disable, Self::Active) | (Move::Restore, Self::Deleted(Bin::Restorable)) => {
                Self::Suspended { since: today }
            }
            (Move::Delete, Self::Staged | Self::Suspended { .. }) => Self::Deleted(Bin::Restorable),
            (Move::Stay | Move::Create | Move::Enable | Move::Disable | Move::Delete | Move::Restore, state) => state,
        }
    }

    /// Whether the account is there.
    #[must_use]
    pub fn is_live(self) -> bool {
        match self {
            Self::Staged | Self::Active | Self::Suspended { .. } => true,
            Self::Absent | Self::Deleted(_) => false,
        }
    }
}
