//! A run that is dropped at its k-th poll, for every k.
//!
//! k counts how often the future of the run is polled. Each crossing of a port waits once, before the call and after it,
//! so between any two things that a run does there is a poll at which it is dropped; what a database driver waits for in
//! between is counted too.

use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use async_trait::async_trait;
use examples::ordeal::{Act, Town, engine};
use examples::wires::Wire;
use provisioning_core::Engine;
use provisioning_core::testing::{Border, bordered};
use simulators::faults::Faults;
use tokio::runtime::{Builder, Runtime};

use crate::ledgers::{Kind, Ledger, assert_same, end};

/// Waits once at each crossing.
struct Halt;

#[async_trait]
impl Border for Halt {
    async fn crossed(&self) {
        tokio::task::yield_now().await;
    }
}

/// What goes wrong on the wire besides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Trouble {
    None,
    /// Every seventh answer of Entra is lost after its effect, and what was written shows late.
    LostAnswers,
}

#[derive(Debug, Clone, Copy)]
struct Ordeal {
    kind: Kind,
    act: Act,
    trouble: Trouble,
}

impl Ordeal {
    /// The end of a run that is dropped at a poll, and of two that follow; `None` where it was over by then.
    fn dropped_at(self, poll: usize) -> Option<Vec<String>> {
        let runtime = Builder::new_current_thread().enable_all().build().unwrap();
        let (town, ledger) = (Town::new(), runtime.block_on(Ledger::new(self.kind)));
        let once =
            |runtime: &Runtime| runtime.block_on(async { self.engine(&town, &ledger).await.run().await.unwrap() });
        town.come_to(self.act, || {
            once(&runtime);
            Ok(())
        })
        .unwrap();
        if self.trouble == Trouble::LostAnswers {
            let lag = Duration::from_secs(20);
            town.entra.faults(Faults { lag, dropped: Some(7), seed: 7, ..Faults::default() });
        }
        let resumptions = town.resumptions();
        let is_over = runtime.block_on(async {
            let halt: Arc<dyn Border> = Arc::new(Halt);
            let engine = bordered(&self.engine(&town, &ledger).await, &halt);
            let mut run = pin!(engine.run());
            let mut polls = 0;
            futures::future::poll_fn(|context| {
                if polls == poll {
                    return Poll::Ready(false);
                }
                polls += 1;
                run.as_mut().poll(context).map(|report| report.map(|_| true).unwrap())
            })
            .await
        });
        for instant in resumptions {
            town.clock.set(instant.max(provisioning_core::Clock::now(town.clock.as_ref())));
            once(&runtime);
        }
        if self.trouble == Trouble::LostAnswers {
            // What was in doubt for too short a time at the last one.
            town.entra.faults(Faults::default());
            town.clock.set(town.resumptions()[1]);
            once(&runtime);
        }
        let end = runtime.block_on(async {
            let engine = self.engine(&town, &ledger).await;
            let settings = engine.settings.clone();
            end(&town, &ledger.open(&settings, town.clock.clone()).await.unwrap()).await
        });
        if is_over && poll != usize::MAX { None } else { Some(end) }
    }

    async fn engine(self, town: &Town, ledger: &Ledger) -> Engine {
        let (afas, entra) = (Wire::in_process(town.afas.clone()), Wire::in_process(town.entra.clone()));
        let open = async |settings, clock| ledger.open(&settings, clock).await;
        engine([&afas, &entra], &town.clock, "engine", open).await.unwrap()
    }

    /// Drops at every `stride`-th poll, on two threads, and says how many that were.
    fn everywhere(self, stride: usize) -> usize {
        let expected = Self { trouble: Trouble::None, ..self }.dropped_at(usize::MAX).unwrap();
        assert!(expected.len() > 100, "{} lines are no end of a day", expected.len());
        let expected = &expected;
        std::thread::scope(|scope| {
            let threads = [0, 1].map(|first| {
                scope.spawn(move || {
                    let mut polls = (first * stride..).step_by(2 * stride);
                    let mut played = 0;
                    while let Some(end) = polls.next().and_then(|poll| self.dropped_at(poll)) {
                        assert_same(
                            &end,
                            expected,
                            &format!("{self:?} dropped at poll {}", first + 2 * played * stride),
                        );
                        played += 1;
                    }
                    played
                })
            });
            threads.into_iter().map(|thread| thread.join().unwrap()).sum()
        })
    }
}

/// How many polls apart: all of them where somebody asks for it, few where it has to be quick.
fn stride(usual: usize) -> usize {
    match (std::env::var_os("EVERY_POLL"), std::env::var_os("QUICK")) {
        (Some(_), _) => 1,
        (None, Some(_)) => usual * 8,
        (None, None) => usual,
    }
}

#[test]
fn i_40_a_run_dropped_anywhere_resumes_to_the_same_end() {
    for kind in Kind::all() {
        for (act, usual) in [(Act::Opening, 1), (Act::Reshuffle, 11)] {
            let usual = if kind == Kind::Postgres { 13 * usual } else { usual };
            let played = Ordeal { kind, act, trouble: Trouble::None }.everywhere(stride(usual));
            eprintln!("{kind:?}, {act:?}: dropped at {played} polls, every {}", stride(usual));
        }
    }
}

#[test]
fn i_41_a_run_dropped_under_lag_with_answers_lost_resumes_to_the_same_end() {
    for kind in Kind::all() {
        let ordeal = Ordeal { kind, act: Act::Reshuffle, trouble: Trouble::LostAnswers };
        eprintln!("{kind:?}: dropped at {} polls", ordeal.everywhere(stride(23)));
    }
}
