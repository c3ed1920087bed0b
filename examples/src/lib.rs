//! What the example programs are made of: people from files and somebody who watches a target for `replay`, an organisation
//! with its year for `tour`. It is imported by nothing else, and never holds code that another crate needs.

pub mod calendar;
pub mod hr;
pub mod naming;
pub mod organisation;
pub mod people;
pub mod stories;
pub mod table;
pub mod watch;
pub mod why;
