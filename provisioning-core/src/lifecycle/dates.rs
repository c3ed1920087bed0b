//! The dates that the table asks for.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use crate::lifecycle::State;
use crate::period::{civil_day, plus_days};
use crate::source::{Contract, Person};

/// For how many whole days an account that nobody wants is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grace {
    /// One that was in use, from the day it was disabled.
    pub suspended_days: u32,
    /// One that was never enabled, from the day it was first seen unwanted.
    pub staged_days: u32,
}

/// The days of a person's contracts around today; withdrawn contracts have none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Dates {
    /// The civil day of the person's accounts.
    pub today: NaiveDate,
    /// The latest inclusive last day before today.
    pub last_ended: Option<NaiveDate>,
    /// The earliest start after today.
    pub next_start: Option<NaiveDate>,
}

impl Dates {
    /// Reads the days off a person's contracts, each in its own zone.
    #[must_use]
    pub fn of(person: &Person<'_>, now: DateTime<Utc>) -> Self {
        let ended =
            |contract: &Contract<'_>| contract.period.last_day().filter(|last| *last < civil_day(now, contract.zone));
        let starts = |contract: &Contract<'_>| {
            Some(contract.period.start()).filter(|start| *start > civil_day(now, contract.zone))
        };
        Self {
            today: person.today(now),
            last_ended: person.contracts.iter().filter_map(ended).max(),
            next_start: person.contracts.iter().filter_map(starts).min(),
        }
    }

    /// The start of a return that is known: a contract starts after today, at most `horizon` days from today.
    #[must_use]
    pub fn known_return(&self, horizon: Option<u32>) -> Option<NaiveDate> {
        self.next_start.filter(|start| horizon.is_none_or(|days| *start <= plus_days(self.today, days)))
    }
}

/// The day from which an unwanted account may be deleted; `None` for one that is not Staged or Suspended, or not unwanted.
#[must_use]
pub fn delete_on(state: State, unwanted_since: Option<NaiveDate>, dates: &Dates, grace: Grace) -> Option<NaiveDate> {
    let unwanted = unwanted_since?;
    match state {
        State::Staged => Some(plus_days(unwanted, grace.staged_days)),
        State::Suspended { since } => {
            let from = dates.last_ended.map_or(since, |last| since.max(last)).max(unwanted);
            Some(plus_days(from, grace.suspended_days))
        }
        State::Absent | State::Active | State::Deleted(_) => None,
    }
}

/// Whether the grace is over: counted from the day of disabling, the day it was first unwanted and the last ended day,
/// whichever is latest, so that neither a back-dated end nor downtime ever shortens it.
#[must_use]
pub fn delete_is_due(state: State, unwanted_since: Option<NaiveDate>, dates: &Dates, grace: Grace) -> bool {
    delete_on(state, unwanted_since, dates, grace).is_some_and(|day| dates.today >= day)
}

/// Whether an account deleted on a day has to come back now: a return is known, and the bin of `bin_days` runs out before
/// it starts.
#[must_use]
pub fn return_needs_restore(deleted: NaiveDate, bin_days: u32, dates: &Dates, horizon: Option<u32>) -> bool {
    dates.known_return(horizon).is_some_and(|start| start >= plus_days(deleted, bin_days))
}
