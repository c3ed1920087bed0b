//! The ten laws of the architecture, each shown on whole organisations.

#![cfg(test)]

mod apply;
mod crash;
mod decide;
#[path = "../support/mod.rs"]
mod support;
