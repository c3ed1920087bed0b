//! What `transport` does with one call, seen from outside: attempts, waits, outcomes, tokens, and what it shows of
//! them.

// Cargo builds this file for tests only; the line tells clippy that its helpers are test code too.
#![cfg(test)]

mod https;
mod log;
mod redaction;
mod script;
mod send;
mod token;
