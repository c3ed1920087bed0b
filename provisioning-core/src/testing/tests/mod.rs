//! The suites themselves: what keeps the contract passes, and each breach is found and named.

mod policy;
mod source;
mod store;
mod target;

use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};

use futures::executor::block_on;

use crate::testing::Checks;

/// What a suite says when it stops.
fn complaint(suite: impl Future<Output = Checks>) -> String {
    let stopped = catch_unwind(AssertUnwindSafe(|| block_on(suite)));
    match stopped {
        Ok(checks) => format!("no complaint:\n{checks}"),
        Err(panic) => *panic.downcast::<String>().unwrap(),
    }
}

/// Complains about a suite that passes over a breach.
fn finds(suite: impl Future<Output = Checks>, contract: &str, found: &str) {
    let said = complaint(suite);
    assert!(said.contains(contract) && said.contains(found), "wanted `{contract}` and `{found}` in:\n{said}");
}
