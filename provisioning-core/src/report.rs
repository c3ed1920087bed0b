//! What a run did, or why there was none, for people and programs.

use std::collections::BTreeMap;
use std::fmt;

use chrono::{DateTime, Utc};

use crate::audit::{FailureKind, Head, RunDirective};
use crate::caps::{Exceeded, MassLeave, NotCarried};
use crate::decide::ClockTrust;
use crate::id::{SourceId, TargetId};
use crate::ledger::{CannotErase, Suspicion};
use crate::plan::{Action, Difference, Plan, StepKind};
use crate::port::StoreError;
use crate::source::{ReadingHash, Rejection};

/// Why a run could not go on; what was done before is recorded.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EngineError {
    /// The store refused.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A person cannot be erased yet.
    #[error(transparent)]
    CannotErase(#[from] CannotErase),
    /// The plan was computed from something that is not so any more; plan again.
    #[error("the plan is stale: {0}; plan again")]
    Stale(Box<Staleness>),
    /// The plan was kept for too long; plan again.
    #[error("the plan could be applied until {at}, and that is over; plan again")]
    Expired {
        /// Until when it could be.
        at: DateTime<Utc>,
    },
    /// Caps hold back a part of a plan that nobody approved, so nothing of it was done.
    #[error("nothing of the plan is done, because nobody approved it: {}; let it be approved, or plan again", listed(.exceeded))]
    NotApproved {
        /// The limits.
        exceeded: Vec<Exceeded>,
    },
    /// The ledger may come from an old backup, so nothing is written.
    #[error("nothing is written: {0}")]
    Behind(Box<Suspicion>),
    /// The settings and the connectors do not fit together.
    #[error("there is no connector for target `{target}`; give the engine one, or take the target out of the settings")]
    NoConnector {
        /// The target.
        target: TargetId,
    },
}

fn listed(exceeded: &[Exceeded]) -> String {
    exceeded.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}

/// What a plan is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Ground {
    /// The day of the organisation.
    Day,
    /// The tenant.
    Tenant,
    /// What was done and said.
    Ledger,
    /// The accepted people.
    Roster,
    /// Rules and mappings.
    Policy,
}

impl fmt::Display for Ground {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Day => "the day",
            Self::Tenant => "the tenant",
            Self::Ledger => "the ledger",
            Self::Roster => "the roster",
            Self::Policy => "the policy",
        })
    }
}

/// Why a plan is not applied any more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Staleness {
    /// What is another one since it was made.
    pub changed: Vec<Ground>,
    /// What would be done now instead, by what is known without reading anything anew; of another tenant's plan, nothing
    /// is said.
    pub difference: Option<Difference>,
}

impl fmt::Display for Staleness {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let changed: Vec<String> = self.changed.iter().map(ToString::to_string).collect();
        let verb = if changed.len() == 1 { "is another one" } else { "are other ones" };
        write!(f, "{} {verb} since it was made", changed.join(" and "))?;
        self.difference.as_ref().map_or(Ok(()), |difference| write!(f, "; {difference}"))
    }
}

/// A reading that did not count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rejected {
    /// The source.
    pub source: SourceId,
    /// What an administrator would have to allow.
    pub hash: ReadingHash,
    /// Everything that speaks against it.
    pub why: Vec<Rejection>,
}

/// What the run learnt before it planned.
#[derive(Debug, Clone, Default)]
pub struct Findings {
    /// Whether dates were acted on.
    pub clock: ClockTrust,
    /// Readings that did not count.
    pub rejected: Vec<Rejected>,
    /// Systems that could not be read, with what they said.
    pub unread: Vec<String>,
    /// What others did, and what else an administrator should look into.
    pub incidents: Vec<String>,
    /// Why the ledger may come from an old backup; while there is anything, nothing is written to any target.
    pub suspicion: Option<Suspicion>,
    /// Days on which unusually many people leave.
    pub mass_leaves: Vec<MassLeave>,
    /// How many people were decided.
    pub decided: usize,
}

impl Findings {
    /// Whether every system was read and every reading counted.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        let is_sure = self.clock == ClockTrust::Trusted && self.suspicion.is_none();
        is_sure && self.rejected.is_empty() && self.unread.is_empty()
    }
}

/// An action that was sent and not done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failed {
    /// The action.
    pub action: Action,
    /// What the next run thinks of it.
    pub kind: FailureKind,
    /// What the target said.
    pub message: String,
}

/// What a run did.
#[derive(Debug, Clone)]
pub struct Report {
    /// What it learnt before it planned.
    pub findings: Findings,
    /// The plan, whole.
    pub plan: Plan,
    /// The limits that held actions back.
    pub exceeded: Vec<Exceeded>,
    /// How many actions are held back until somebody approves.
    pub withheld: usize,
    /// What to say so that they are done.
    pub approval: Option<RunDirective>,
    /// What an earlier approval does not cover, where there is one of a part of what is held back.
    pub not_carried: Option<NotCarried>,
    /// How many were done, by kind.
    pub done: BTreeMap<StepKind, usize>,
    /// What was sent and not done.
    pub failed: Vec<Failed>,
    /// How many were not sent because one that they need was not done.
    pub dropped: usize,
    /// The end of the audit chain. Keep the last one outside of the database, such as in the log of the run: it shows
    /// whether the audit was cut off, and, in the settings, whether the ledger comes from an old backup.
    pub head: Head,
}

impl Report {
    /// Whether everything that was planned is done, nothing waits and every reading counted.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        let all_done = self.withheld == 0 && self.dropped == 0 && self.failed.is_empty();
        all_done && self.plan.waiting.is_empty() && self.findings.is_clean()
    }

    /// How many actions were done.
    #[must_use]
    pub fn writes(&self) -> usize {
        self.done.values().sum()
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(suspicion) = &self.findings.suspicion {
            writeln!(f, "nothing is written: {suspicion}")?;
        }
        if self.findings.clock == ClockTrust::Held {
            writeln!(f, "the clock went back or too far ahead; only blocks were acted on; acknowledge it to go on")?;
        }
        for Rejected { source, hash, why } in &self.findings.rejected {
            let said: Vec<String> = why.iter().map(ToString::to_string).collect();
            write!(f, "the reading of `{source}` does not count: {}", said.join("; "))?;
            let can_be_allowed = why.iter().all(Rejection::can_be_allowed);
            writeln!(f, "{}", if can_be_allowed { format!("; allow {hash} if it is right") } else { String::new() })?;
        }
        for line in self.findings.unread.iter().chain(&self.findings.incidents) {
            writeln!(f, "{line}")?;
        }
        for leave in &self.findings.mass_leaves {
            writeln!(f, "{leave}")?;
        }
        self.plan.fmt(f)?;
        for limit in &self.exceeded {
            writeln!(f, "  held     {limit}")?;
        }
        if let Some(not_carried) = &self.not_carried {
            writeln!(f, "  held     {not_carried}")?;
        }
        for failed in &self.failed {
            writeln!(f, "  failed   {}: {}", failed.action, failed.message)?;
        }
        let done: Vec<String> = self.done.iter().map(|(kind, count)| format!("{count} {kind}")).collect();
        if !done.is_empty() {
            writeln!(f, "done: {}", done.join(", "))?;
        }
        Ok(())
    }
}
