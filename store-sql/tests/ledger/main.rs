//! The store in SQLite, and in PostgreSQL where one is there: `tests/run` starts one.

mod bench;
mod signing;
mod suite;
