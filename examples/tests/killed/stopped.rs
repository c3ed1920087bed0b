//! Two engines: one is stopped in the middle of its run, another one takes over, and the first is woken.

use std::fs;
use std::process::{Child, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use examples::ordeal::Act;
use rustix::process::{Pid, Signal, kill_process};

use crate::ledgers::{Kind, assert_same};
use crate::processes::{Site, said, uninterrupted};

/// How many requests the target has under way at once.
const SIDE_BY_SIDE: u64 = 8;

/// Waits until a process has stopped itself.
fn wait_until_stopped(child: &Child) {
    let began = Instant::now();
    loop {
        let stat = fs::read_to_string(format!("/proc/{}/stat", child.id())).unwrap();
        let state = stat.rsplit_once(')').unwrap().1.trim_start().chars().next();
        match state {
            Some('T') => return,
            Some('Z') => panic!("the worker ended before it stopped"),
            _ => assert!(began.elapsed() < Duration::from_mins(1), "the worker does not stop: {stat}"),
        }
        sleep(Duration::from_millis(2));
    }
}

/// A worker that stops itself, another that takes over when the lease is over, and what the first says and how often it writes
/// to Entra once it is woken.
fn overtaken(site: &Site, options: &[&str]) -> (String, u64) {
    let resumptions = site.town.resumptions();
    let mut first = site.worker(&[options, &["--name", "first"]].concat());
    let first = first.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    wait_until_stopped(&first);
    // As long as the lease lasts the second one is told who holds it, and writes nothing.
    let refused = site.worker(&["--name", "second"]).output().unwrap();
    let told = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(!refused.status.success() && told.contains("held by `first`"), "{told}");
    for instant in resumptions {
        site.town.clock.set(instant);
        said(site.worker(&["--name", "second"]).output().unwrap());
    }
    let before = site.town.entra.requests().writes();
    let pid = Pid::from_raw(first.id().try_into().unwrap()).unwrap();
    kill_process(pid, Signal::CONT).unwrap();
    let output = first.wait_with_output().unwrap();
    assert!(!output.status.success(), "{options:?}: the first one did not notice");
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    (told, site.town.entra.requests().writes() - before)
}

#[test]
fn i_43_an_engine_that_slept_through_its_lease_commits_nothing_and_sends_what_was_under_way_at_most() {
    for kind in Kind::all() {
        let (expected, crossings) = uninterrupted(kind, Act::Opening);
        // After the lease was taken and before it is given back, nearly all of them while the plan is applied.
        let quick = std::env::var_os("QUICK").is_some();
        for part in if quick { 4..5 } else { 1..10 } {
            let crossing = (crossings * part / 10).max(3);
            let site = Site::new(kind);
            site.come_to(Act::Opening);
            let (told, writes) = overtaken(&site, &["--stop", &crossing.to_string()]);
            assert!(told.contains("right to commit was lost"), "{crossing}: {told}");
            assert!(writes <= SIDE_BY_SIDE, "{crossing}, {writes} writes: {told}");
            assert_same(&site.end(), &expected, &format!("{kind:?}, stopped at crossing {crossing} of {crossings}"));
        }
    }
}

/// While it reads it takes the right anew where nobody has it, and what the other one recorded shows at its next commit.
#[test]
fn i_43_an_engine_that_slept_while_it_read_plans_again() {
    for kind in Kind::all() {
        let (expected, _) = uninterrupted(kind, Act::Opening);
        let quick = std::env::var_os("QUICK").is_some();
        for crossing in if quick { 5..6 } else { 3..11 } {
            let site = Site::new(kind);
            site.come_to(Act::Opening);
            let (told, writes) = overtaken(&site, &["--stop", &crossing.to_string()]);
            let is_refused = told.contains("plan again") || told.contains("right to commit was lost");
            assert!(is_refused && writes == 0, "{crossing}, {writes} writes: {told}");
            assert_same(&site.end(), &expected, &format!("{kind:?}, stopped at crossing {crossing} while it read"));
        }
    }
}

/// The window: between the look at the lease and the arrival of the request. A process that is stopped there sends the
/// request when it is woken, however late.
#[test]
fn i_43_a_request_that_arrives_after_somebody_took_over_does_no_harm() {
    for kind in Kind::all() {
        for act in [Act::Opening, Act::Reshuffle] {
            let (expected, _) = uninterrupted(kind, act);
            let quick = std::env::var_os("QUICK").is_some();
            let mut late = 0;
            for request in 1..7 {
                let site = Site::new(kind);
                site.come_to(act);
                let (told, writes) = overtaken(&site, &["--stop-request", &request.to_string()]);
                assert!(writes <= SIDE_BY_SIDE, "request {request}, {writes} writes: {told}");
                late += writes;
                // What arrived late is seen, and undone where it was not wanted any more.
                let resumptions = site.town.resumptions();
                let when = format!("{kind:?}, {act:?}, request {request} arrived late");
                assert_same(&site.resumed(&resumptions), &expected, &when);
                // Whether a woken process sends first or sees first that its lease is gone is up to the machine.
                if quick && late > 0 {
                    break;
                }
            }
            assert!(late > 0, "{kind:?}, {act:?}: nothing arrived late");
        }
    }
}
