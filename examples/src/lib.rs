//! What the example programs share: people from files, and somebody who watches a target. It is imported by nothing else,
//! and never holds code that another crate needs.

pub mod people;
pub mod watch;

/// What the README shows has to run.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
#[derive(Debug)]
pub struct Readme;
