//! The audit: facts, records, and the chain that shows that none was altered.
//!
//! The [`Ledger`](crate::Ledger) is a fold over these records and nothing else, so the two cannot disagree.
//!
//! For others to check there is [`export()`], which [`verify_export`] takes apart far from any store; for people to read,
//! [`AuditCsv`]; and [`History`] says who had what at an instant, and why.

mod chain;
mod csv;
mod directive;
mod erasure;
mod evidence;
mod export;
mod fact;
mod history;
mod signature;
#[cfg(test)]
mod story;
#[cfg(test)]
mod tests;
mod words;

pub use chain::{Chain, Check, Head, Salt, Sealed, Unreadable, Verdict, verify};
pub use csv::AuditCsv;
pub use directive::{Directive, Exception, PersonDirective, RunDirective};
pub use erasure::{Counted, Erasure, Finder};
pub use evidence::Evidence;
pub use export::{Expected, ExportError, ExportReader, ExportVerdict, ExportWriter, Whole, export, verify_export};
pub use fact::{
    AccountFact, Fact, FailureKind, Intent, IntentId, OthersDid, ReadingFact, Record, RunFact, Settlement, Truth,
};
pub use history::{Basis, Cause, HeldAccount, HeldPermission, History, Holdings, Since};
pub use signature::{HeadSignature, HeadSigner, SignatureCheck, Statement};
