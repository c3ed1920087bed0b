//! What is applied: laws 2, 7, 8 and 9.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use chrono::TimeDelta;
use provisioning_core::audit::FailureKind;
use provisioning_core::caps::{Cap, Caps, Limit};
use provisioning_core::plan::{StepKind, Timing};
use provisioning_core::source::{Cursor, Reading};
use provisioning_core::{Notice, Notifier, PortError, PortErrorKind, SourceConnector, SourceId};

use crate::support::Failing;
use crate::support::{DAYS, Org, Setup, check, line, town};

#[test]
fn law_02_apply_until_nothing_waits_then_the_next_plan_is_empty() {
    check(60, town(2..7, 6), |town| {
        let org = Org::new();
        for day in 0..DAYS {
            town.dawn(&org, day);
            for _ in 0..4 {
                let report = org.report();
                assert!(report.failed.is_empty() && report.dropped == 0, "{report}");
                if report.plan.waiting.is_empty() {
                    break;
                }
                org.later(TimeDelta::hours(1));
            }
            let planned = org.plan();
            let plan = planned.approved.plan();
            assert!(plan.is_empty() && plan.facts.is_empty(), "{plan}");
        }
    });
}

/// So many people, each with a contract through a day.
fn people(count: usize, last: &str) -> String {
    let row =
        |key| format!("person {key} given_name=P family_name={key}\ncontract {key} c{key} 2026-01-01..{last} d1\n");
    (1..=count).map(row).collect()
}

#[test]
fn law_07_one_bad_person_is_one_refusal_and_stalls_nobody() {
    let good = people(6, "2026-01-20");
    for bad in ["defect 3 its hours are no number", "person 3 given_name=Another", "contract 3 c3 2026-01-02.. d2"] {
        let (org, other) = (Org::new(), Org::new());
        for one in [&org, &other] {
            one.on("2026-01-01").says(&good).run();
        }
        for (day, both) in [("2026-01-18", "2026-01-30"), ("2026-01-21", "2026-01-20")] {
            let rows = people(6, both);
            other.on(day).says(&rows);
            org.on(day).says(&format!("{rows}{bad}"));
            let report = org.report();
            let refused: Vec<_> = report.plan.refusals.iter().map(|refusal| refusal.person.to_string()).collect();
            assert_eq!(refused, ["hr:3"], "{report}");
            let of_others = |line: &String| !line.contains("hr:3");
            let ours: Vec<String> = org.sent().iter().map(line).filter(of_others).collect();
            assert_eq!(ours, other.run().into_iter().filter(of_others).collect::<Vec<_>>());
            assert_eq!(ours.is_empty(), day == "2026-01-18");
        }
    }
}

#[test]
fn law_07_one_failing_account_stalls_nobody() {
    for kind in [FailureKind::Transient, FailureKind::Permanent, FailureKind::Unknown] {
        let mut org = Org::new();
        let target = Failing::around(&mut org, 0, kind);
        target.fails(&["hr:2"]);
        org.on("2026-01-01").says(&people(5, "2026-01-20"));
        for (day, are_enabled) in [("2026-01-01", true), ("2026-01-02", true), ("2026-01-21", false)] {
            org.on(day).report();
            for key in ["1", "3", "4", "5"] {
                assert_eq!(org.is_enabled(key), are_enabled, "{key} on {day} with {kind:?}");
            }
            assert_eq!(org.account("2"), None);
        }
    }
}

#[test]
fn law_07_one_failing_target_stalls_no_other() {
    for place in [0, 1] {
        for is_blind in [true, false] {
            let mut org = Setup { targets: vec!["ad", "entra"], ..Setup::default() }.build();
            let failing = Failing::around(&mut org, place, FailureKind::Transient);
            org.on("2026-01-01").says(&people(3, "2026-01-20")).run();
            if is_blind {
                failing.go_blind();
            } else {
                failing.fails(&["*"]);
            }
            let report = org.on("2026-01-21").report();
            let disabled: Vec<_> = org.sent().iter().map(line).filter(|line| line.starts_with("disable")).collect();
            // A target that cannot be read can still be written.
            let expected = if is_blind { 6 } else { 3 };
            assert_eq!(disabled.len(), expected, "{report}");
            assert_eq!(report.findings.unread.len(), usize::from(is_blind));
            // What failed is done by a later run.
            failing.recover();
            org.on("2026-01-22").run();
            let left = org.targets.iter().flat_map(|target| target.accounts());
            assert!(left.into_iter().all(|account| account.shown == provisioning_core::target::Shown::Disabled));
        }
    }
}

#[test]
fn law_08_caps_are_held_against_the_whole_plan_before_the_first_call() {
    // Waves hold at most 500 actions: each of them alone would pass.
    let count = 600;
    for (allowed, passes) in [(599, false), (600, true), (601, true)] {
        let mut setup = Setup::default();
        let limit = Limit { percent: 0, absolute: None, floor: allowed };
        setup.settings.caps = Caps(
            [Timing::Surprising, Timing::Expected]
                .map(|timing| Cap { kind: StepKind::Disable, timing, days: 0, limit })
                .to_vec(),
        );
        let org = setup.build();
        org.on("2026-01-01").says(&people(count, "2026-01-20")).run();
        let report = org.on("2026-01-21").report();
        let sent = org.sent();
        let disables = sent.iter().filter(|action| action.step.kind() == StepKind::Disable).count();
        assert_eq!(disables, if passes { count } else { 0 }, "with {allowed} allowed");
        assert_eq!(report.withheld, count - disables);
        assert_eq!(report.exceeded.len(), usize::from(!passes));
    }
}

#[test]
fn law_09_the_engine_never_retries_an_action() {
    for kind in [FailureKind::Transient, FailureKind::Permanent, FailureKind::Unknown] {
        let mut org = Org::new();
        let target = Failing::around(&mut org, 0, kind);
        org.on("2026-01-01").says(&people(3, "2026-01-20")).run();
        target.take();
        target.fails(&["hr:2"]);
        for day in ["2026-01-21", "2026-01-22", "2026-01-23"] {
            org.on(day).report();
            let sent = target.take();
            let times = sent.iter().filter(|line| *line == "disable hr:2").count();
            assert_eq!(times, 1, "{sent:?} on {day} with {kind:?}");
        }
    }
}

#[derive(Debug)]
struct Counting {
    id: SourceId,
    reads: AtomicUsize,
}

#[async_trait]
impl SourceConnector for Counting {
    fn id(&self) -> &SourceId {
        &self.id
    }

    async fn read(&self, _: Option<&Cursor>) -> Result<Reading, PortError> {
        self.reads.fetch_add(1, Ordering::SeqCst);
        Err(PortError::new(PortErrorKind::Transient, "hr", "no answer"))
    }
}

#[test]
fn law_09_the_engine_never_retries_a_reading() {
    let mut org = Org::new();
    let target = Failing::around(&mut org, 0, FailureKind::Transient);
    target.go_blind();
    let source = Arc::new(Counting { id: "hr".parse().unwrap(), reads: AtomicUsize::default() });
    org.engine.sources = vec![source.clone()];
    org.report();
    assert_eq!((source.reads.load(Ordering::SeqCst), target.take_reads()), (1, 1));
}

/// Delivers nothing while it is told so.
#[derive(Default)]
struct Postman {
    strikes: Mutex<bool>,
    tries: Mutex<Vec<String>>,
}

#[async_trait]
impl Notifier for Postman {
    async fn deliver(&self, notice: Notice) -> Result<(), PortError> {
        self.tries.lock().unwrap().push(notice.account.anchor());
        if *self.strikes.lock().unwrap() {
            return Err(PortError::new(PortErrorKind::Transient, "post", "no answer"));
        }
        Ok(())
    }
}

#[test]
fn law_09_a_delivery_that_failed_is_made_by_the_next_run() {
    let postman = Arc::new(Postman::default());
    let notifier = Arc::clone(&postman) as Arc<dyn Notifier>;
    let org = Setup { first_secrets: true, notifier, ..Setup::default() }.build();
    *postman.strikes.lock().unwrap() = true;
    org.on("2026-01-01").says(&people(2, "2026-01-20")).run();
    assert_eq!(std::mem::take(&mut *postman.tries.lock().unwrap()), ["hr:1", "hr:2"]);
    *postman.strikes.lock().unwrap() = false;
    assert_eq!(org.on("2026-01-02").run(), ["reissue hr:1", "reissue hr:2"]);
    assert_eq!(std::mem::take(&mut *postman.tries.lock().unwrap()), ["hr:1", "hr:2"]);
    assert!(org.on("2026-01-03").run().is_empty());
    assert!(postman.tries.lock().unwrap().is_empty());
}
