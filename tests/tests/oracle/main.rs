//! The engine against an oracle that was written from the words of the architecture alone, as a day-by-day scan over
//! intervals, by somebody who never saw the engine.

#![cfg(test)]

mod crowd;
mod driver;
mod histories;
mod histories_tests;
mod oracle;
mod oracle_tests;

use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use driver::replayed;
use histories::{history, simpler};
use oracle::{History, expect};

/// How many histories are compared; with QUICK set a tenth of them.
const HISTORIES: u64 = 10_000;

#[test]
fn the_engine_does_what_the_page_says_on_ten_thousand_histories() {
    let count = if std::env::var_os("QUICK").is_some() { HISTORIES / 10 } else { HISTORIES };
    let next = AtomicU64::new(0);
    let differing: Vec<u64> = thread::scope(|scope| {
        let one = || {
            let mut found = Vec::new();
            while let Some(seed) = Some(next.fetch_add(1, Ordering::Relaxed)).filter(|seed| *seed < count) {
                if differs(&history(seed)) {
                    found.push(seed);
                }
            }
            found
        };
        let threads: Vec<_> =
            (0..thread::available_parallelism().map_or(2, usize::from)).map(|_| scope.spawn(one)).collect();
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    });
    if let Some(seed) = differing.iter().min() {
        let smallest = shrunk(history(*seed));
        panic!(
            "{} of {count} histories differ, the first is seed {seed}; in its smallest form:\n{}",
            differing.len(),
            explained(&smallest)
        );
    }
}

fn differs(history: &History) -> bool {
    replayed(history) != expect(history)
}

/// The smallest history that still differs.
fn shrunk(mut history: History) -> History {
    while let Some(smaller) = simpler(&history).into_iter().find(differs) {
        history = smaller;
    }
    history
}

fn explained(history: &History) -> String {
    let mut text = format!("{history}\n{:?}\n", history.policy);
    for (ours, theirs) in replayed(history).iter().zip(expect(history)).filter(|(ours, theirs)| *ours != theirs).take(3)
    {
        text = format!("{text}engine: {ours:?}\noracle: {theirs:?}\n");
    }
    text
}
