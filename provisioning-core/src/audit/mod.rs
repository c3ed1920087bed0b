//! The audit: facts, records, and the chain that shows that none was altered.
//!
//! The [`Ledger`](crate::Ledger) is a fold over these records and nothing else, so the two cannot disagree.

mod chain;
mod directive;
mod fact;
#[cfg(test)]
mod tests;

pub use chain::{Chain, Check, Head, Salt, Sealed, Unreadable, Verdict, verify};
pub use directive::{Directive, Exception, PersonDirective, RunDirective};
pub use fact::{
    AccountFact, Fact, FailureKind, Intent, IntentId, OthersDid, ReadingFact, Record, RunFact, Settlement, Truth,
};
