//! Who had what, in plain lines.

use std::fmt;

use chrono::{DateTime, SecondsFormat, Utc};

use crate::audit::history::{Basis, Cause, HeldAccount, HeldPermission, Holdings, Since};
use crate::audit::words::whys;
use crate::id::{AccountKind, Actor};
use crate::ledger::Lifecycle;
use crate::plan::Why;

impl fmt::Display for Holdings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "at {}", instant(self.at))?;
        if self.accounts.is_empty() {
            writeln!(f, "no account")?;
        }
        self.accounts.iter().try_for_each(|account| account.fmt(f))
    }
}

impl fmt::Display for HeldAccount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} on {}", self.key.person, self.key.target)?;
        if self.key.kind != AccountKind::main() {
            write!(f, " ({})", self.key.kind)?;
        }
        let id = self.id.as_ref().map(|id| format!(", `{id}`")).unwrap_or_default();
        let can = match self.lifecycle {
            Lifecycle::Active => "can be used",
            Lifecycle::Staged => "was never enabled",
            Lifecycle::Suspended { .. } => "is disabled",
            Lifecycle::Absent | Lifecycle::Deleted { .. } => "is not there",
        };
        writeln!(f, "{id}: {can}")?;
        writeln!(f, "  exists {}", self.exists)?;
        if self.state != self.exists {
            writeln!(f, "  {can} {}", self.state)?;
        }
        if let Some(said) = &self.said {
            writeln!(f, "  {}", by(said))?;
        }
        self.permissions.iter().try_for_each(|held| writeln!(f, "  holds {held}"))?;
        if self.open > 0 {
            writeln!(f, "  steps whose outcome is not known: {}", self.open)?;
        }
        Ok(())
    }
}

impl fmt::Display for HeldPermission {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} since {}", self.id, instant(self.since))?;
        let Basis::Granted { because, rules, said } = &self.basis else {
            return f.write_str(": seen there, not granted by us");
        };
        let granted = Why::Entitled(because.clone()).to_string();
        write!(f, ": granted{}{granted}", if because.is_empty() { "" } else { ", " })?;
        let other = rules.iter().any(|rule| because.iter().all(|one| one.rule != *rule));
        if other || because.iter().any(|one| !rules.contains(&one.rule)) {
            let rules: Vec<String> = rules.iter().map(|rule| format!("rule `{rule}`")).collect();
            write!(f, "; now given by {}", rules.join(", "))?;
        }
        said.as_ref().map_or(Ok(()), |said| write!(f, "; {}", by(said)))
    }
}

impl fmt::Display for Since {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "since {}: ", instant(self.at))?;
        match &self.cause {
            Cause::Step { verb, why } if why.is_empty() => f.write_str(verb),
            Cause::Step { verb, why } => write!(f, "{verb}, {}", whys(why)),
            Cause::Adopted => f.write_str("adopted as it was found"),
            Cause::Others(did) => write!(f, "{did} by somebody else"),
            Cause::EnabledByOthers => f.write_str("enabled by somebody else"),
            Cause::Shown => f.write_str("a reading showed it"),
        }
    }
}

fn by((at, actor): &(DateTime<Utc>, Actor)) -> String {
    format!("beside the rules, as `{actor}` said at {}", instant(*at))
}

fn instant(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::AutoSi, true)
}
