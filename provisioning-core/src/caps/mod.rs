//! Caps: how much one plan, and all plans of some days, may do. Looked at on the whole plan, before the first call.

mod approve;
mod carry;
mod forecast;
#[cfg(test)]
mod tests;
mod together;
mod who;

use std::collections::BTreeSet;
use std::fmt;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::id::{PersonId, TargetId};
use crate::ledger::Ledger;
use crate::period::minus_days;
use crate::plan::{Action, Plan, StepKind, Timing};

pub use approve::{Approved, approve};
pub use carry::{NotCarried, not_carried};
pub use forecast::{MassLeave, mass_leaves};
pub use together::{Pace, too_many};
pub use who::Who;

/// At most so many.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limit {
    /// At most this share of the accounts on the target, in percent.
    pub percent: u32,
    /// At most so many, however large the share; `None` leaves it to the share.
    pub absolute: Option<u32>,
    /// So many are always allowed, however small the share.
    pub floor: u32,
}

impl Limit {
    /// How many it allows where a target has so many accounts.
    #[must_use]
    pub fn of(self, population: u32) -> u32 {
        let share = u64::from(population) * u64::from(self.percent) / 100;
        let share = u32::try_from(share).unwrap_or(u32::MAX);
        self.absolute.map_or(share, |most| share.min(most)).max(self.floor)
    }
}

/// A limit on one kind of step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cap {
    /// The kind.
    pub kind: StepKind,
    /// Expected or surprising; ordered steps are never counted.
    pub timing: Timing,
    /// How many in how many days, today included: 0 counts this plan only, and at most 35 days are remembered.
    pub days: u32,
    /// The limit.
    pub limit: Limit,
}

/// The limits on each target; the same for all of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Caps(pub Vec<Cap>);

impl Caps {
    /// No limit at all.
    #[must_use]
    pub fn off() -> Self {
        Self(Vec::new())
    }
}

/// What a stranger can live with on the first day. Of disables and deletes, surprises are at most 5 % in a plan and 10 % in
/// a week, what was long known 30 % in a plan and 40 % in a week. Of revokes and updates, 20 % and 30 %, and 50 %. What gives is limited to 20 %
/// and 50 % in a plan, and a handful is always allowed.
impl Default for Caps {
    fn default() -> Self {
        let mut caps = Vec::new();
        let limit = |percent, floor| Limit { percent, absolute: None, floor };
        for kind in [StepKind::Disable, StepKind::Delete] {
            caps.push(Cap { kind, timing: Timing::Surprising, days: 0, limit: limit(5, 5) });
            caps.push(Cap { kind, timing: Timing::Surprising, days: 7, limit: limit(10, 10) });
            caps.push(Cap { kind, timing: Timing::Expected, days: 0, limit: limit(30, 20) });
            caps.push(Cap { kind, timing: Timing::Expected, days: 7, limit: limit(40, 40) });
        }
        for kind in [StepKind::Revoke, StepKind::Update] {
            caps.push(Cap { kind, timing: Timing::Surprising, days: 0, limit: limit(20, 20) });
            caps.push(Cap { kind, timing: Timing::Surprising, days: 7, limit: limit(30, 30) });
            caps.push(Cap { kind, timing: Timing::Expected, days: 0, limit: limit(50, 50) });
        }
        for kind in [StepKind::Create, StepKind::Enable, StepKind::Grant] {
            caps.push(Cap { kind, timing: Timing::Surprising, days: 0, limit: limit(20, 50) });
            caps.push(Cap { kind, timing: Timing::Expected, days: 0, limit: limit(50, 100) });
        }
        Self(caps)
    }
}

/// A limit that a plan would exceed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exceeded {
    /// The target.
    pub target: TargetId,
    /// The limit.
    pub cap: Cap,
    /// How many the plan has.
    pub planned: u32,
    /// How many were done in the days before, without those that somebody approved.
    pub done: u32,
    /// How many are allowed in all.
    pub allowed: u32,
    /// Whose they are.
    pub who: Who,
}

impl fmt::Display for Exceeded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { target, cap, planned, done, allowed, who } = self;
        let timing = if cap.timing == Timing::Expected { "expected" } else { "surprising" };
        write!(f, "`{target}`: {planned} {timing} {} planned", cap.kind)?;
        if cap.days > 0 {
            write!(f, " and {done} done in the last {} days", cap.days)?;
        }
        let over = planned.saturating_add(*done).saturating_sub(*allowed);
        write!(f, ", {allowed} allowed: {over} too many, so none is done until somebody approves")?;
        if who.first.is_empty() { Ok(()) } else { write!(f, "; it is about {who}") }
    }
}

/// The limits that a plan would exceed.
#[must_use]
pub fn exceeded(plan: &Plan, caps: &Caps, ledger: &Ledger) -> Vec<Exceeded> {
    let today = plan.now.date_naive();
    let mut targets: Vec<&TargetId> = plan.waves.iter().map(|wave| &wave.target).collect();
    targets.sort();
    targets.dedup();
    let mut found = Vec::new();
    for target in targets {
        for cap in &caps.0 {
            let counted = || counted(plan, target, cap);
            let planned = u32::try_from(counted().count()).unwrap_or(u32::MAX);
            let done = done(ledger, target, cap, today);
            let allowed = cap.limit.of(ledger.population(target));
            if planned > 0 && planned.saturating_add(done) > allowed {
                let people: BTreeSet<&PersonId> = counted().filter_map(Action::person).collect();
                let who = Who::of(people);
                found.push(Exceeded { target: target.clone(), cap: *cap, planned, done, allowed, who });
            }
        }
    }
    found
}

/// The actions that a cap counts on a target.
fn counted<'p>(plan: &'p Plan, target: &'p TargetId, cap: &'p Cap) -> impl Iterator<Item = &'p Action> {
    plan.actions().filter(move |action| {
        action.step.target() == target && action.step.kind() == cap.kind && action.timing == cap.timing
    })
}

fn done(ledger: &Ledger, target: &TargetId, cap: &Cap, today: NaiveDate) -> u32 {
    if cap.days == 0 {
        return 0;
    }
    ledger.done_since(target, cap.kind, cap.timing, minus_days(today, cap.days - 1))
}
