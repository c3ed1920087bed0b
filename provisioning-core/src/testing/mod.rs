//! For tests of our own and of others: a plain policy, a source made of text, and the conformance suites of the ports.
//!
//! A suite is a function that takes what it needs to make your implementation do things, and panics with what is wrong and
//! what the contract says. What it takes is a *bench*: your connector or store, together with the hands on the system behind
//! it. What a bench cannot do is not checked, and the [`Checks`] that come back say so.
//!
//! | port | suite | bench |
//! |---|---|---|
//! | [`SourceConnector`](crate::SourceConnector) | [`check_source`] | [`SourceBench`] |
//! | [`TargetConnector`](crate::TargetConnector) | [`check_target`], [`check_target_conduct`] | [`TargetBench`] |
//! | [`Store`](crate::Store) | [`check_store`] | [`StoreBench`] |
//! | [`Policy`](crate::Policy) | [`check_policy`] | people and days |
//!
//! [`bordered`] lets a test end a run between any two things that it does.

#[cfg(test)]
pub(crate) mod benches;
mod conformance;
mod crossing;
mod policy;
mod policy_suite;
mod scripted;
mod source_suite;
mod store_suite;
mod target_suite;
#[cfg(test)]
mod tests;

pub use conformance::{Checks, Unsupported};
pub use crossing::{Border, bordered};
pub use policy::StandardPolicy;
pub use policy_suite::check_policy;
pub use scripted::{ScriptedSource, snapshot};
pub use source_suite::{Blank, Newcomer, SourceBench, check_source};
pub use store_suite::{StoreBench, check_store};
pub use target_suite::{TargetBench, check_target, check_target_conduct};
