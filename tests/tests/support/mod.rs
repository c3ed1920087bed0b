//! What the suites of the laws and the invariants share: an organisation in memory, random ones, and ways to look at them.
#![allow(dead_code, unused_imports, reason = "each suite uses a part of it")]

mod around;
mod failing;
mod look;
mod org;
mod policy;
mod town;

pub(crate) use around::Around;
pub(crate) use failing::Failing;
pub(crate) use look::{accounts_of, ledger_of, line, shape_of};
pub(crate) use org::{Org, Setup, at, d, main_of, permission, person};
pub(crate) use policy::{Adjusted, gives};
pub(crate) use town::{DAYS, Town, reordered, town};

use proptest::strategy::Strategy;
use proptest::test_runner::{Config, RngSeed, TestRunner};

/// Shows something on random values: on `cases` of them, with QUICK set on a tenth; the same ones each time.
pub(crate) fn check<S: Strategy>(cases: u32, values: S, show: impl Fn(S::Value)) {
    let cases = if std::env::var_os("QUICK").is_some() { cases.div_ceil(10) } else { cases };
    let config = Config { cases, failure_persistence: None, rng_seed: RngSeed::Fixed(1984), ..Config::default() };
    let shown = TestRunner::new(config).run(&values, |value| {
        show(value);
        Ok(())
    });
    if let Err(error) = shown {
        panic!("{error}");
    }
}
