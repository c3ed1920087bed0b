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
    let covered =
        |approval: &crate::ledger::Approval| withheld.values().filter(|print| approval.actions.contains(print)).count();
    let approval = ledger.approvals().iter().rev().find(|approval| covered(approval) > 0)?;
    let added = approved
        .plan()
        .actions()
        .filter(|action| withheld.get(&action.id).is_some_and(|print| !approval.actions.contains(print)));
    let (plan, at, covered) = (approval.plan, approval.at, covered(approval));
    Some(NotCarried { plan, at, approved: covered, added: Tally::of(added) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audit::{Directive, Fact, RunDirective};
    use crate::caps::{Cap, Caps, Limit, approve};
    use crate::plan::{StepKind, Timing};
    use crate::samples::{Book, plan};

    #[track_caller]
    fn check(approved: &[&str], newer: &str, expected: Option<&str>) {
        let limit = Limit { percent: 0, absolute: None, floor: 0 };
        let caps = Caps(vec![Cap { kind: StepKind::Disable, timing: Timing::Surprising, days: 0, limit }]);
        let mut book = Book::new();
        for (place, text) in approved.iter().enumerate() {
            let day = format!("2026-03-0{}", place + 1);
            let said = approve(plan(&day, text), &caps, &book.ledger).approval().unwrap();
            assert!(matches!(said, RunDirective::Approve { .. }));
            book.note(&day, Fact::Said(Directive::Run(said)));
        }
        let newer = approve(plan("2026-03-09", newer), &caps, &book.ledger);
        let found = not_carried(&newer, &book.ledger).map(|found| found.to_string());
        let without_hash = found.map(|text| {
            let (before, after) = text.split_once("plan ").unwrap();
            format!("{before}plan {}", after.split_once(' ').unwrap().1)
        });
        assert_eq!(without_hash.as_deref(), expected);
    }

    #[test]
    fn an_approval_that_covers_a_part_says_what_it_does_not_cover() {
        check(
            &["disable 1\n disable 2"],
            "disable 1\n disable 3\n create 4",
            Some(
                "the approval of plan of 2026-03-01 04:00:00 UTC does not carry over: it covers 1 of these actions, and not \
                 1 disable (disable entra/hr:3)",
            ),
        );
    }

    #[test]
    fn the_newest_approval_that_has_anything_to_do_with_it_is_named() {
        check(
            &["disable 1\n disable 2", "disable 2\n disable 3", "disable 8\n disable 9"],
            "disable 1\n disable 2",
            None,
        );
        check(
            &["disable 1\n disable 2", "disable 2\n disable 3", "disable 8\n disable 9"],
            "disable 1\n disable 2\n disable 4",
            Some(
                "the approval of plan of 2026-03-02 04:00:00 UTC does not carry over: it covers 1 of these actions, and not \
                 2 disable (disable entra/hr:1; disable entra/hr:4)",
            ),
        );
    }

    #[test]
    fn nothing_is_said_where_nothing_was_approved_or_nothing_is_held_back() {
        check(&[], "disable 1", None);
        check(&["disable 2"], "disable 1", None);
        check(&["disable 2"], "create 1", None);
        check(&["disable 2\n disable 1"], "disable 1", None);
    }
}
