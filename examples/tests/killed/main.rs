//! Runs that end half-way, dropped in the process or killed with it, resume to the end of a run that was not.

// Cargo builds this folder for tests only; the line tells clippy that its helpers are test code too.
#![cfg(test)]

mod dropped;
mod ledgers;
mod processes;
mod stopped;
