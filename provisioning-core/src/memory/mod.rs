//! Everything in memory: for tests, examples and trying things out. Nothing of it survives the process.

mod store;
mod target;
#[cfg(test)]
mod tests;

pub use store::{Discard, Kept, MemoryStore, Sink};
pub use target::{MemoryTarget, Requests};
