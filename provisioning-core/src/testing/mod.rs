//! For tests of our own and of others: a plain policy, a source made of text, and the conformance suites of the ports.
//!
//! A suite is a function that takes what it needs to make your implementation do things, and panics with what is wrong.

mod policy;
mod scripted;

pub use policy::StandardPolicy;
pub use scripted::{ScriptedSource, snapshot};
