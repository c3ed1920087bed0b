//! The wrappers keep the contract of what they wrap, and add what they say.

use futures::executor::block_on;

use crate::testing::benches::MemoryBench;
use crate::testing::{check_target, check_target_conduct};
use crate::wrap::{DryRun, Limited, Recorded, Recording};

#[test]
fn a_dry_run_conducts_itself_like_a_target_and_writes_nothing() {
    let bench = MemoryBench::new(DryRun);
    let checks = block_on(check_target_conduct(&bench));
    assert_eq!(checks.unchecked(), [""; 0]);
    assert_eq!((bench.target.requests().writes, bench.target.accounts().len()), (0, 0));
}

#[test]
fn a_limit_that_is_not_reached_changes_nothing() {
    let bench = MemoryBench::new(|target| Limited::new(target, 10_000));
    let checks = block_on(check_target(&bench));
    assert_eq!(checks.unchecked(), [""; 0]);
}

#[test]
fn a_limited_target_does_so_many_actions_and_conducts_itself_afterwards() {
    for most in [0, 1, 4] {
        let bench = MemoryBench::new(|target| Limited::new(target, most));
        block_on(check_target_conduct(&bench));
        assert_eq!(bench.target.requests().writes, most as u64, "of at most {most}");
    }
}

#[test]
fn a_recording_changes_nothing_and_remembers_each_reading_and_action() {
    let bench = MemoryBench::new(Recording::new);
    let checks = block_on(check_target(&bench));
    assert_eq!(checks.unchecked(), [""; 0]);
    let log = bench.connector.take();
    let count = |wanted: fn(&Recorded) -> bool| log.iter().filter(|one| wanted(one)).count() as u64;
    let requests = bench.target.requests();
    assert_eq!(count(|one| !matches!(one, Recorded::Sent(_))), requests.reads);
    assert!(count(|one| matches!(one, Recorded::Changes)) > 0);
    // An action under an expired permit was asked for and not sent on.
    assert_eq!(count(|one| matches!(one, Recorded::Sent(_))), requests.writes + 4);
    assert_eq!(bench.connector.take(), []);
}
