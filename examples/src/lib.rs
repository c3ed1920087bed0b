//! What the example programs share: people from files, both ends of the line as simulators, and whoever watches and tells.
//! It is imported by nothing else, and never holds code that another crate needs.

pub mod ending;
pub mod ends;
pub mod naming;
pub mod ordeal;
pub mod people;
pub mod stage;
pub mod tour;
pub mod watch;
pub mod wires;

/// What the README shows has to run.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
#[derive(Debug)]
pub struct Readme;
