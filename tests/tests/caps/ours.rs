//! An organisation that has its accounts already, and is under the caps out of the box.

use provisioning_core::audit::Directive;
use provisioning_core::caps::Caps;
use provisioning_core::{Planned, Report};

use crate::support::{Org, Setup, accounts_of, line};

/// People whose accounts were made on 5 February 2026; from then on the standard caps hold.
pub(crate) fn hired(setup: Setup, rows: &str) -> Org {
    let mut org = setup.build();
    let report = org.on("2026-02-05").says(rows).report();
    assert!(report.is_complete(), "{report}");
    org.sent();
    org.engine.settings.caps = Caps::default();
    org
}

/// What was sent since this was last asked, a line for each.
pub(crate) fn sent(org: &Org) -> Vec<String> {
    org.sent().iter().map(line).collect()
}

/// How many lines begin so.
pub(crate) fn count(lines: &[String], what: &str) -> usize {
    lines.iter().filter(|line| line.starts_with(what)).count()
}

/// Somebody approves all that is held back now.
pub(crate) fn approve(org: &Org) {
    let Planned { approved, .. } = org.plan();
    org.say(Directive::Run(approved.approval().unwrap()));
}

/// A run that is held back: this is why, and nothing changes on the target.
#[track_caller]
pub(crate) fn is_held(org: &Org, why: &str) -> Report {
    let before = accounts_of(&org.target);
    let report = org.report();
    let said: Vec<String> = report.exceeded.iter().map(ToString::to_string).collect();
    assert_eq!(said.join("\n"), why, "{report}");
    assert_eq!((sent(org), accounts_of(&org.target)), (Vec::new(), before));
    report
}

/// A run that finds nothing to do: nothing was lost, and nothing waits.
#[track_caller]
pub(crate) fn is_in_order(org: &Org) {
    let report = org.report();
    assert!(report.plan.is_empty() && report.is_complete(), "{report}");
}
