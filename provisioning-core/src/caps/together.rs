//! Who leaves together by what was entered on one day: one mistake, whichever days its dates lie on.

use crate::caps::Caps;
use crate::plan::{StepKind, Timing};
use crate::source::{Leave, Roster};

/// How fast caps let people go by surprise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pace {
    /// How many may go.
    pub allowed: u32,
    /// In so many days in a row; 0 is one plan.
    pub days: u32,
}

/// Whether more people leave together with one who leaves than caps on surprising disables let go where so many accounts are
/// live, and than which of them; the one of the fewest days comes first.
#[must_use]
pub fn too_many(leave: Leave, roster: &Roster, caps: &Caps, population: u32) -> Option<Pace> {
    let exceeded = paces(caps, population).filter(|pace| roster.leaving_with(leave, pace.days) > pace.allowed);
    exceeded.min_by_key(|pace| pace.days)
}

/// The limits on surprising disables, where so many accounts are live.
pub(super) fn paces(caps: &Caps, population: u32) -> impl Iterator<Item = Pace> {
    let counts_leavers = caps.0.iter().filter(|cap| cap.kind == StepKind::Disable && cap.timing == Timing::Surprising);
    counts_leavers.map(move |cap| Pace { allowed: cap.limit.of(population), days: cap.days })
}
