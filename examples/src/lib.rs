//! What the example programs share: people from files, an organisation from a seed, and whoever watches and tells. It is
//! imported by nothing else, and never holds code that another crate needs.

pub mod calendar;
pub mod ending;
pub mod hr;
pub mod naming;
pub mod organisation;
pub mod people;
pub mod stories;
pub mod table;
pub mod watch;
pub mod why;

/// What the README shows has to run.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
#[derive(Debug)]
pub struct Readme;
