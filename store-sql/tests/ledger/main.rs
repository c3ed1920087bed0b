//! The store in SQLite, and in PostgreSQL where one is there: `tests/run` starts one.

// Cargo builds this folder for tests only; the line tells clippy that its helpers are test code too.
#![cfg(test)]

mod bench;
mod broken;
mod connection;
mod desk;
mod dropped;
mod erased;
mod signing;
mod suite;
mod workers;
