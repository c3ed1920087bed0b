//! What the suites have in common: what a bench cannot do, what a check found, and what a suite answers.

use std::fmt;

use crate::port::{PortError, StoreError};

/// The bench cannot make this happen with the system at hand.
///
/// What needs it is not checked, and [`Checks`] says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the bench cannot make this happen")]
pub struct Unsupported;

/// What a suite checked: each entry is a sentence of the port's contract.
///
/// ```text
/// holds        a reading without a cursor gives everybody
/// not checked  the order of rows does not matter
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checks {
    port: &'static str,
    held: Vec<&'static str>,
    unchecked: Vec<&'static str>,
}

/// What a check found instead of what the contract says.
#[derive(Debug)]
pub(super) enum Flaw {
    /// Nothing: the bench could not do what the check needs.
    NotChecked,
    /// This.
    Found(String),
}

/// What a check answers.
pub(super) type Verdict = Result<(), Flaw>;

impl Checks {
    pub(super) fn of(port: &'static str) -> Self {
        Self { port, held: Vec::new(), unchecked: Vec::new() }
    }

    /// What was checked and held, in the order of the suite.
    #[must_use]
    pub fn held(&self) -> &[&'static str] {
        &self.held
    }

    /// What was not checked, because the bench or the system cannot do what it takes.
    #[must_use]
    pub fn unchecked(&self) -> &[&'static str] {
        &self.unchecked
    }

    /// Notes what became of one check; `contract` is the sentence that it checks.
    pub(super) fn add(&mut self, contract: &'static str, verdict: Verdict) {
        match verdict {
            Ok(()) => self.held.push(contract),
            Err(Flaw::NotChecked) => self.unchecked.push(contract),
            Err(Flaw::Found(found)) => stop(self.port, contract, &found),
        }
    }
}

#[expect(clippy::panic, reason = "a suite is a test: it stops at the first breach of the contract")]
fn stop(port: &str, contract: &str, found: &str) -> ! {
    panic!("the {port} breaks its contract\n  contract: {contract}\n  found:    {found}")
}

impl fmt::Display for Checks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for contract in &self.held {
            writeln!(f, "holds        {contract}")?;
        }
        for contract in &self.unchecked {
            writeln!(f, "not checked  {contract}")?;
        }
        Ok(())
    }
}

impl Flaw {
    /// A check that found this.
    pub(super) fn found<T>(what: impl Into<String>) -> Result<T, Self> {
        Err(Self::Found(what.into()))
    }
}

/// Goes on when something is as it should be.
#[expect(clippy::fn_params_excessive_bools, reason = "it is what was found out, not a way of doing something")]
pub(super) fn ensure(is_so: bool, otherwise: impl FnOnce() -> String) -> Verdict {
    if is_so { Ok(()) } else { Flaw::found(otherwise()) }
}

impl From<Unsupported> for Flaw {
    fn from(_: Unsupported) -> Self {
        Self::NotChecked
    }
}

impl From<PortError> for Flaw {
    fn from(error: PortError) -> Self {
        Self::Found(format!("an error of kind {:?}: {error}", error.kind()))
    }
}

impl From<StoreError> for Flaw {
    fn from(error: StoreError) -> Self {
        Self::Found(format!("a refusal: {error}"))
    }
}

/// An id that a suite itself spells.
///
/// # Errors
/// When the suite spells it wrongly.
pub(super) fn spelt<T: std::str::FromStr>(text: &str) -> Result<T, Flaw> {
    text.parse().or_else(|_| Flaw::found(format!("the suite spelt `{text}`, which is no id")))
}
