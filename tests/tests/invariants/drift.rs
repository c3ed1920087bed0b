//! What targets show late, wrongly or not at all: I-17, I-26, I-30, I-40, I-41, I-44 and I-46.

use std::sync::atomic::Ordering;

use chrono::TimeDelta;
use provisioning_core::target::Shown;

use crate::support::{Around, Org};

/// So many people with a contract without an end.
fn people(count: usize) -> String {
    let row = |key| format!("person {key} family_name=n{key}\ncontract {key} c{key} 2026-01-01.. d1\n");
    (1..=count).map(row).collect()
}

#[test]
fn i_46_a_write_is_as_young_as_it_is_however_long_the_run_lasts() {
    let mut org = Org::new();
    let around = Around::with(&mut org, 0, Some(TimeDelta::minutes(2)));
    around.whole.store(true, Ordering::SeqCst);
    org.engine.lease = TimeDelta::hours(12);
    org.on("2026-01-01").says(&people(30)).run();
    // A minute after the last write the target does not show it yet.
    org.later(TimeDelta::minutes(1)).says(&people(30));
    org.target.by_hand("hr:30", Shown::Disabled);
    assert_eq!(org.report().findings.incidents, [""; 0]);
    org.target.by_hand("hr:30", Shown::Enabled);
    assert_eq!(org.later(TimeDelta::minutes(1)).report().findings.incidents, [""; 0]);
}
