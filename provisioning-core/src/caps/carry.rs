//! Why an approval that was given does not cover what is held back now.

use std::fmt;

use chrono::{DateTime, Utc};

use crate::caps::Approved;
use crate::digest::Digest;
use crate::ledger::Ledger;
use crate::plan::Tally;

/// An approval of an older plan that covers a part of what is held back, which is not enough.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotCarried {
    /// The content hash of the plan that was looked at.
    pub plan: Digest,
    /// When somebody approved it.
    pub at: DateTime<Utc>,
    /// How much of what is held back now was approved then.
    pub approved: usize,
    /// What is held back now and was not in that plan, or was not held back in it.
    pub added: Tally,
}

impl fmt::Display for NotCarried {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { plan, at, approved, added } = self;
        write!(
            f,
            "the approval of plan {} of {at} does not carry over: it covers {approved} of these actions, and not {added}",
            plan.short()
        )
    }
}

/// What the newest approval that has anything to do with what is held back does not cover of it; nothing where nothing is
/// held back, or nobody approved any of it.
#[must_use]
pub fn not_carried(approved: &Approved, ledger: &Ledger) -> Option<NotCarried> {
    let withheld = approved.withheld();
    let covered = |approval: &crate::ledger::Approval| {
        withheld.values().filter(|print| approval.actions.contains(print)).count()
    };
    let approval = ledger.approvals().iter().rev().find(|approval| covered(approval) > 0)?;
    let added = approved.plan().actions().filter(|action| {
        withheld.get(&action.id).is_some_and(|print| !approval.actions.contains(print))
    });
    let (plan, at, covered) = (approval.plan, approval.at, covered(approval));
    Some(NotCarried { plan, at, approved: covered, added: Tally::of(added) })
}
