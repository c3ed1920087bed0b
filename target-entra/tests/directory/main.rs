//! The target on a simulated directory, and its calls as they go over the wire.

// Cargo builds this file for tests only; the line tells clippy that its helpers are test code too.
#![cfg(test)]

mod conformance;
mod requests;
mod support;
mod wire;
