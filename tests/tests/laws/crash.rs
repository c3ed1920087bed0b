//! Law 5: the process is killed anywhere, and what it resumes to equals an uninterrupted run.

use std::collections::BTreeSet;
use std::future::Future;
use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};

use async_trait::async_trait;
use chrono::TimeDelta;
use futures::executor::block_on;
use futures::task::noop_waker;
use provisioning_core::caps::{Cap, Caps, Limit};
use provisioning_core::plan::{StepKind, Timing};
use provisioning_core::target::Shown;
use provisioning_core::testing::{Border, bordered};
use provisioning_core::{Actor, Engine, EngineError, Notice, Notifier, PortError, Report};

use crate::support::{Org, Setup, accounts_of, check, ledger_of, town};

/// Waits once at each crossing of a port, so that a run can be dropped between any two things that it does: before
/// something is done, and when it is done and the answer is on its way.
struct Halt;

#[async_trait]
impl Border for Halt {
    async fn crossed(&self) {
        futures::pending!();
    }
}

#[derive(Debug, PartialEq, Eq)]
enum Ended {
    Completed,
    Killed,
}

/// A run that is killed at its poll number `kill`, counted from 0, if it lasts so long.
fn killed_at(engine: &Engine, kill: usize) -> Ended {
    let engine = halting(engine);
    killed(engine.run(), kill)
}

fn halting(engine: &Engine) -> Engine {
    let halt: Arc<dyn Border> = Arc::new(Halt);
    bordered(engine, &halt)
}

fn killed(run: impl Future<Output = Result<Report, EngineError>>, kill: usize) -> Ended {
    let mut run = pin!(run);
    let waker = noop_waker();
    let mut context = Context::from_waker(&waker);
    for _ in 0..kill {
        if let Poll::Ready(report) = run.as_mut().poll(&mut context) {
            report.unwrap();
            return Ended::Completed;
        }
    }
    Ended::Killed
}

/// What the world looks like in the end.
fn end_of(org: &Org) -> (Vec<String>, Vec<String>) {
    (accounts_of(&org.target), ledger_of(&org.engine.store.ledger().read()))
}

#[track_caller]
fn assert_same((ours, our_ledger): &(Vec<String>, Vec<String>), theirs: &(Vec<String>, Vec<String>), when: &str) {
    let only = |a: &[String], b: &[String]| a.iter().filter(|line| !b.contains(line)).cloned().collect::<Vec<_>>();
    let resumed = [only(ours, &theirs.0), only(our_ledger, &theirs.1)].concat().join("\n");
    let uninterrupted = [only(&theirs.0, ours), only(&theirs.1, our_ledger)].concat().join("\n");
    assert!(resumed == uninterrupted, "{when}\nresumed:\n{resumed}\nuninterrupted:\n{uninterrupted}");
}

/// The lease of a killed run is waited out, and then what is too young for a reading to tell.
fn resume(org: &Org) {
    org.later(TimeDelta::minutes(10));
    org.report();
    org.later(TimeDelta::hours(1));
    org.report();
}

#[derive(Default)]
struct Delivered(Mutex<BTreeSet<(String, String)>>);

#[async_trait]
impl Notifier for Delivered {
    async fn deliver(&self, notice: Notice) -> Result<(), PortError> {
        self.0.lock().unwrap().insert((notice.account.anchor(), notice.key));
        Ok(())
    }
}

/// A day on which everything happens at once: a hire, a late hire, a rehire within the grace and one from the bin, a
/// leaver, the end of a grace, a mover, a new phone number, a disable and an enable by others, a membership taken away.
fn eve(setup: Setup) -> Org {
    let org = setup.build();
    let rows = "person 1 phone=1\ncontract 1 a 2026-01-01..2026-01-05 d1
        person 2\ncontract 2 b 2026-01-01..2026-01-20 d1
        person 3\ncontract 3 c 2026-01-01..2026-02-09 d1
        person 4 phone=4\ncontract 4 d 2026-01-01.. d1
        person 5\ncontract 5 e 2026-01-01.. d2\ncontract 5 e2 2026-01-01..2026-02-09 d1
        person 6\ncontract 6 f 2026-01-01.. d1\nperson 7\ncontract 7 g 2026-01-01..2026-01-20 d2
        person 8\ncontract 8 h 2026-01-01..2026-01-10 d1\nperson 9\ncontract 9 i 2026-01-01.. d1";
    org.on("2026-01-01").says(rows);
    org.daily("2026-01-01", "2026-02-09");
    org.on("2026-02-10");
    let news = "contract 1 a2 2026-02-10.. d2\nperson 10\ncontract 10 j 2026-02-20.. d1
        person 11\ncontract 11 k 2026-02-01.. d3\ncontract 2 b2 2026-02-10.. d2\ncontract 4 d4 2026-02-10.. d4";
    org.says(&format!("{rows}\n{news}").replace("phone=4", "phone=44"));
    org.target.by_hand("hr:6", Shown::Disabled);
    org.target.by_hand("hr:7", Shown::Enabled);
    org.target.change("hr:9", |account| account.permissions = Some(BTreeSet::new()));
    org
}

#[test]
fn law_05_a_run_killed_anywhere_resumes_to_the_same_end() {
    let uninterrupted = eve(Setup::default());
    uninterrupted.report();
    let sent: BTreeSet<_> = uninterrupted.sent().iter().map(|action| action.step.kind()).collect();
    assert_eq!(sent.len(), 8, "the day has everything that can be done: {sent:?}");
    resume(&uninterrupted);
    let expected = end_of(&uninterrupted);
    for kill in 0.. {
        let org = eve(Setup::default());
        let ended = killed_at(&org.engine, kill);
        resume(&org);
        assert_same(&end_of(&org), &expected, &format!("killed at poll {kill}"));
        if ended == Ended::Completed {
            assert!(kill > 50, "a run of {kill} polls is no test");
            break;
        }
    }
}

#[test]
fn law_05_whoever_got_an_account_gets_its_first_secret() {
    let hires = "person 1\ncontract 1 a 2026-01-01.. d1\nperson 2\ncontract 2 b 2026-01-01.. d1";
    for kill in 0.. {
        let delivered = Arc::new(Delivered::default());
        let notifier = Arc::clone(&delivered) as Arc<dyn Notifier>;
        let org = Setup { first_secrets: true, notifier, ..Setup::default() }.build();
        org.on("2026-01-01").says(hires);
        let ended = killed_at(&org.engine, kill);
        resume(&org);
        let got: BTreeSet<String> = delivered.0.lock().unwrap().iter().map(|(anchor, _)| anchor.clone()).collect();
        assert_eq!(got.into_iter().collect::<Vec<_>>(), ["hr:1", "hr:2"], "killed at poll {kill}");
        let pending: Vec<_> = end_of(&org).1.into_iter().filter(|line| line.contains("secret true")).collect();
        assert!(pending.is_empty(), "killed at poll {kill}: {pending:?}");
        if ended == Ended::Completed {
            break;
        }
    }
}

#[test]
fn law_05_runs_killed_again_and_again_resume_to_the_same_end() {
    let kills = proptest::collection::vec((0_u64..80, 0_usize..120, 0_usize..60), 1..4);
    check(60, (town(2..6, 5), kills), |(town, kills)| {
        let ends = [true, false].map(|is_killed| {
            let org = Org::new();
            for day in 0..100 {
                town.dawn(&org, day);
                let today = kills.iter().find(|(when, _, _)| *when == day);
                if let Some((_, first, second)) = today {
                    for kill in [first, second] {
                        killed_at(&org.engine, if is_killed { *kill } else { usize::MAX });
                        org.later(TimeDelta::minutes(10));
                    }
                    resume(&org);
                } else {
                    org.report();
                }
            }
            end_of(&org)
        });
        assert_same(&ends[0], &ends[1], "");
    });
}

#[test]
fn law_05_what_a_killed_run_read_of_an_account_that_is_gone_is_read_again() {
    let eve = || {
        let org = Org::new();
        org.on("2026-01-01").says("person 1\ncontract 1 a 2026-01-01.. d1");
        org.daily("2026-01-01", "2026-01-05");
        org.target.delete_by_hand("hr:1");
        org.target.purge_by_hand("hr:1");
        org.on("2026-01-06");
        org
    };
    let uninterrupted = eve();
    uninterrupted.report();
    resume(&uninterrupted);
    let expected = end_of(&uninterrupted);
    for kill in 0.. {
        let org = eve();
        let ended = killed_at(&org.engine, kill);
        resume(&org);
        assert_same(&end_of(&org), &expected, &format!("killed at poll {kill}"));
        if ended == Ended::Completed {
            break;
        }
    }
}

#[test]
fn law_05_a_plan_from_a_file_killed_anywhere_is_done_in_the_end_as_it_was_approved() {
    let eve = || {
        let limit = Limit { percent: 0, absolute: None, floor: 0 };
        let cap = |timing| Cap { kind: StepKind::Disable, timing, days: 0, limit };
        let org = Org::with(|settings| settings.caps = Caps(vec![cap(Timing::Surprising), cap(Timing::Expected)]));
        org.on("2026-01-01")
            .says("person 1\ncontract 1 a 2026-01-01..2026-01-05 d1\nperson 2\ncontract 2 b 2026-01-06.. d1");
        org.daily("2026-01-01", "2026-01-05");
        org.on("2026-01-06");
        let mut file = org.plan().file(org.now() + TimeDelta::hours(12));
        file.approve(Actor::new("jan").unwrap(), org.now());
        (org, file)
    };
    let mut ended_stale = 0;
    for kill in 0.. {
        let (org, file) = eve();
        let engine = halting(&org.engine);
        let ended = killed(engine.apply_file(file.clone()), kill);
        org.later(TimeDelta::minutes(10));
        match block_on(org.engine.apply_file(file)) {
            Ok(report) => assert!(report.is_complete(), "{report}"),
            Err(EngineError::Stale(_)) => ended_stale += 1,
            Err(error) => panic!("killed at poll {kill}: {error}"),
        }
        resume(&org);
        assert!(!org.is_enabled("1") && org.is_enabled("2"), "killed at poll {kill}");
        if ended == Ended::Completed {
            assert!(ended_stale > 3 && ended_stale < kill, "{ended_stale} of {kill}");
            break;
        }
    }
}
