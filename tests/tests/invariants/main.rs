//! The invariants of a lifecycle engine, each shown by a test that begins with its number.

#![cfg(test)]

mod apart;
mod backup;
mod drift;
mod erasure;
mod identity;
mod intake;
mod lifecycle;
mod operations;
mod permissions;
mod plan;
mod saved;
#[path = "../support/mod.rs"]
mod support;
mod time;
mod written;
