//! The forecast of an accepted roster: a mass end date is seen on the day it is entered, not on the day it falls due.

use std::fmt;

use chrono::NaiveDate;

use crate::caps::Caps;
use crate::period::plus_days;
use crate::plan::{StepKind, Timing};
use crate::source::Roster;

/// A day on which more people leave than the caps will let pass.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MassLeave {
    /// The first day without a contract.
    pub day: NaiveDate,
    /// How many people's last contract is over by then.
    pub people: u32,
    /// How many disables the caps would let pass on one day.
    pub allowed: u32,
}

impl fmt::Display for MassLeave {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { day, people, allowed } = self;
        write!(
            f,
            "from {day} on {people} people more have no contract, and the caps let {allowed} go at once; check the end dates"
        )
    }
}

/// The days after `today` that will exceed the cap on surprising disables of one plan, where `population` accounts are in
/// use.
#[must_use]
pub fn mass_leaves(roster: &Roster, caps: &Caps, population: u32, today: NaiveDate) -> Vec<MassLeave> {
    let counts_leavers = |kind, timing, days| kind == StepKind::Disable && timing == Timing::Surprising && days == 0;
    let limits = caps.0.iter().filter(|cap| counts_leavers(cap.kind, cap.timing, cap.days));
    let Some(allowed) = limits.map(|cap| cap.limit.of(population)).min() else { return Vec::new() };
    let leaving = roster.leaving_from(plus_days(today, 1)).filter(|(_, people)| *people > allowed);
    leaving.map(|(day, people)| MassLeave { day, people, allowed }).collect()
}
