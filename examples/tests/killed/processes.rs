//! A process that is killed with SIGKILL when it crosses a port.

use std::process::{Command, Output};
use std::sync::mpsc;
use std::thread;

use chrono::{DateTime, Utc};
use examples::ordeal::{Act, Town};
use examples::wires::Wire;
use provisioning_core::Clock;
use tokio::runtime::Builder;

use crate::ledgers::{Kind, Ledger, assert_same, end};

/// A town on ports of this machine, and a ledger; whoever works on them is a process.
pub(crate) struct Site {
    pub(crate) town: Town,
    pub(crate) ledger: Ledger,
    addresses: [String; 2],
    /// Ends the servers when it is dropped.
    _serving: tokio::sync::oneshot::Sender<()>,
}

impl Site {
    pub(crate) fn new(kind: Kind) -> Self {
        let town = Town::new();
        let (afas, entra) = (town.afas.clone(), town.entra.clone());
        let (told, addresses) = mpsc::channel();
        let (serving, ends) = tokio::sync::oneshot::channel();
        thread::spawn(move || {
            let runtime = Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                let wires = [Wire::over_http(afas).await.unwrap(), Wire::over_http(entra).await.unwrap()];
                told.send(wires.map(|wire| wire.base)).unwrap();
                let _ = ends.await;
            });
        });
        let runtime = Builder::new_current_thread().enable_all().build().unwrap();
        let ledger = runtime.block_on(Ledger::new(kind));
        Self { town, ledger, addresses: addresses.recv().unwrap(), _serving: serving }
    }

    /// A worker, which will find the time of the town.
    pub(crate) fn worker(&self, options: &[&str]) -> Command {
        self.tell_time(self.town.clock.now());
        let [afas, entra] = &self.addresses;
        let mut command = Command::new(env!("CARGO_BIN_EXE_worker"));
        command.args(["--ledger", &self.ledger.place(), "--afas", afas, "--entra", entra]);
        command.arg("--time").arg(self.ledger.folder().join("time")).args(options);
        command
    }

    pub(crate) fn tell_time(&self, now: DateTime<Utc>) {
        let (fresh, file) = (self.ledger.folder().join("time.new"), self.ledger.folder().join("time"));
        std::fs::write(&fresh, now.to_rfc3339()).unwrap();
        std::fs::rename(fresh, file).unwrap();
    }

    /// A run to its end; what it said comes back.
    pub(crate) fn run(&self) -> String {
        said(self.worker(&[]).output().unwrap())
    }

    pub(crate) fn come_to(&self, act: Act) {
        self.town
            .come_to(act, || {
                self.run();
                Ok(())
            })
            .unwrap();
    }

    /// Runs at these instants, and the end that they come to.
    pub(crate) fn resumed(&self, at: &[DateTime<Utc>]) -> Vec<String> {
        for instant in at {
            self.town.clock.set(*instant);
            self.run();
        }
        self.end()
    }

    pub(crate) fn end(&self) -> Vec<String> {
        let runtime = Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let wires = [Wire::in_process(self.town.afas.clone()), Wire::in_process(self.town.entra.clone())];
            let open = async |settings, clock| self.ledger.open(&settings, clock).await;
            let engine =
                examples::ordeal::engine([&wires[0], &wires[1]], &self.town.clock, "reader", open).await.unwrap();
            let store = self.ledger.open(&engine.settings, self.town.clock.clone()).await.unwrap();
            end(&self.town, &store).await
        })
    }
}

#[track_caller]
pub(crate) fn said(output: Output) -> String {
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{:?}: {errors}", output.status);
    String::from_utf8(output.stdout).unwrap()
}

/// What an uninterrupted run and two after it come to, and how often it crossed a port.
pub(crate) fn uninterrupted(kind: Kind, act: Act) -> (Vec<String>, u64) {
    let site = Site::new(kind);
    site.come_to(act);
    let resumptions = site.town.resumptions();
    let told = site.run();
    let crossings = told.split_once(' ').unwrap().0.parse().unwrap();
    (site.resumed(&resumptions), crossings)
}

/// The end after a kill; `None` where the run was over before: how many outcomes are written down together, and so how often
/// the store is crossed, depends on how fast they come.
fn killed_at(kind: Kind, act: Act, crossing: u64) -> Option<Vec<String>> {
    let site = Site::new(kind);
    site.come_to(act);
    let resumptions = site.town.resumptions();
    let output = site.worker(&["--kill", &crossing.to_string()]).output().unwrap();
    let signal = std::os::unix::process::ExitStatusExt::signal(&output.status);
    if signal.is_none() {
        said(output);
        return None;
    }
    assert_eq!(signal, Some(9), "crossing {crossing}");
    Some(site.resumed(&resumptions))
}

/// How many crossings are tried in all: 200, fewer where it has to be quick, each one where somebody asks for it.
fn samples(of: u64) -> u64 {
    match (std::env::var_os("EVERY_CROSSING"), std::env::var_os("QUICK")) {
        (Some(_), _) => u64::MAX,
        (None, Some(_)) => 6,
        (None, None) => of,
    }
}

#[test]
fn i_40_a_process_killed_at_any_crossing_of_a_port_resumes_to_the_same_end() {
    let kinds = Kind::all();
    let each = 200 / (2 * kinds.len() as u64);
    for kind in kinds {
        for act in [Act::Opening, Act::Reshuffle] {
            let (expected, crossings) = uninterrupted(kind, act);
            let samples = samples(each).min(crossings);
            let (expected, half) = (&expected, samples.div_ceil(2));
            let killed: u64 = thread::scope(|scope| {
                let threads = [0..half, half..samples].map(|numbers| {
                    scope.spawn(move || {
                        let mut killed = 0;
                        for number in numbers {
                            let crossing = 1 + number * crossings / samples;
                            let when = format!("{kind:?}, {act:?}, killed at crossing {crossing} of {crossings}");
                            if let Some(end) = killed_at(kind, act, crossing) {
                                assert_same(&end, expected, &when);
                                killed += 1;
                            }
                        }
                        killed
                    })
                });
                threads.into_iter().map(|thread| thread.join().unwrap()).sum()
            });
            assert!(killed * 10 >= samples * 8, "only {killed} of {samples} were killed");
            eprintln!("{kind:?}, {act:?}: killed at {killed} of {crossings} crossings");
        }
    }
}
