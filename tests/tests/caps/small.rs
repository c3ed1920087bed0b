//! Organisations of a few people: a handful may always go, and no limit locks a small one out.

use crate::ours::{count, hired, is_held, sent};
use crate::support::Setup;

/// So many people, of whom the first few left yesterday.
fn people(all: usize, left: usize) -> String {
    let row = |number| {
        let last = if number <= left { "2026-02-09" } else { "" };
        format!("person {number} family_name=N{number}\ncontract {number} c{number} 2026-01-01..{last} d1\n")
    };
    (1..=all).map(row).collect()
}

#[test]
fn a_handful_may_leave_by_surprise_and_not_one_more() {
    for all in [1, 2, 5, 10] {
        for left in 1..=all {
            let org = hired(Setup::default(), &people(all, 0));
            let report = org.on("2026-02-10").says(&people(all, left)).report();
            let disabled = count(&sent(&org), "disable");
            assert_eq!(disabled, if left <= 5 { left } else { 0 }, "{left} of {all}\n{report}");
        }
    }
}

#[test]
fn a_second_handful_may_leave_within_the_week_and_a_third_may_not() {
    let org = hired(Setup::default(), &people(20, 0));
    for (day, left) in [("2026-02-10", 5), ("2026-02-11", 10)] {
        org.on(day).says(&people(20, left)).report();
        assert_eq!(count(&sent(&org), "disable"), 5, "{day}");
    }
    org.on("2026-02-12").says(&people(20, 11));
    is_held(
        &org,
        "`entra`: 1 surprising disable planned and 10 done in the last 7 days, 10 allowed: 1 too many, so none is done \
         until somebody approves; it is about `hr:11`",
    );
    // The window goes on.
    org.on("2026-02-17").report();
    assert_eq!(count(&sent(&org), "disable hr:11"), 1);
}

#[test]
fn a_first_import_of_a_few_and_adopting_them_is_not_held_back() {
    for all in [1, 2, 5, 10, 50] {
        let org = crate::support::Org::with(|settings| settings.caps = provisioning_core::caps::Caps::default());
        let report = org.on("2026-02-01").says(&people(all, 0)).report();
        assert!(report.is_complete() && report.findings.mass_leaves.is_empty(), "{report}");
        assert_eq!(count(&sent(&org), "create"), all);
    }
}
