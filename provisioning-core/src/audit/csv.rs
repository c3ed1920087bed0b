//! An audit as a table for people: comma-separated, as RFC 4180 has it, with a row for each record.

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::io::{self, Write};

use chrono::{DateTime, SecondsFormat, Utc};

use crate::audit::words::{account_fact, before_and_after, person_said, reasons, run_said, settled, subject, verb};
use crate::audit::{
    Directive, Fact, FailureKind, Intent, IntentId, ReadingFact, Record, RunDirective, RunFact, Sealed, Settlement,
    Truth,
};
use crate::digest::Digest;
use crate::id::{AccountId, AccountKey};
use crate::plan::Step;
use crate::policy::PolicyVersion;

const COLUMNS: [&str; 17] = [
    "place", "at", "actor", "run", "policy", "plan", "what", "target", "person", "account", "id", "subject", "before",
    "after", "why", "result", "hash",
];

/// A table of an audit being written, a row for each record.
///
/// The columns: the record's place; when and by whom it was recorded; the instant of the last run that began before
/// it; the version of rules and mappings, and the plan's content hash; what was done, seen or said; the target or
/// source, the person, the kind of account and the target's id of it; the permission or the attributes; how it was
/// before and is after; the rules and contracts; how it ended; the record's hash. The row of an outcome repeats what
/// its intent says. Of an erased record only place and hash are left, and it says `erased`.
///
/// **It holds personal data**: names and values of attributes among it. It proves nothing:
/// [`export`](crate::audit::export()) does. A cell that a spreadsheet would take for a formula begins with an
/// apostrophe. The text is UTF-8.
///
/// Only intents without an outcome are kept in memory.
pub struct AuditCsv<W> {
    to: W,
    run: Option<(DateTime<Utc>, PolicyVersion)>,
    applying: Option<(Digest, PolicyVersion)>,
    open: BTreeMap<IntentId, (Intent, Option<PolicyVersion>)>,
}

/// How many intents are open; they hold personal data.
impl<W> std::fmt::Debug for AuditCsv<W> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "AuditCsv({} open)", self.open.len())
    }
}

/// What is in a row beside place, time, actor, run and hash.
#[derive(Default)]
struct Row {
    policy: Option<PolicyVersion>,
    plan: Option<Digest>,
    what: String,
    target: String,
    person: String,
    account: String,
    id: String,
    subject: String,
    before: String,
    after: String,
    why: String,
    result: String,
}

impl<W: Write> AuditCsv<W> {
    /// Writes the names of the columns.
    ///
    /// # Errors
    /// When they cannot be written.
    pub fn begin(mut to: W) -> io::Result<Self> {
        write_row(&mut to, COLUMNS.map(str::to_owned))?;
        Ok(Self { to, run: None, applying: None, open: BTreeMap::new() })
    }

    /// Writes the next record of the chain. One that this version cannot read is a row that says so.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn append(&mut self, sealed: &Sealed) -> io::Result<()> {
        let without = |what: &str| Row { what: what.to_owned(), ..Row::default() };
        let (row, record) = match sealed.record() {
            Ok(Some(record)) => (self.row(&record.fact), Some(record)),
            Ok(None) => (without("erased"), None),
            Err(_) => (without("unreadable by this version"), None),
        };
        let (at, actor) = record.map(|Record { at, actor, .. }| (instant(at), actor.to_string())).unwrap_or_default();
        let is_known = !at.is_empty();
        let (run, policy) = self.run.clone().filter(|_| is_known).unzip();
        let policy = row.policy.or(policy).map(|policy| policy.0.to_string()).unwrap_or_default();
        let cells = [
            sealed.place.to_string(),
            at,
            actor,
            run.map(instant).unwrap_or_default(),
            policy,
            row.plan.map(|plan| plan.to_string()).unwrap_or_default(),
            row.what,
            row.target,
            row.person,
            row.account,
            row.id,
            row.subject,
            row.before,
            row.after,
            row.why,
            row.result,
            sealed.hash.to_string(),
        ];
        write_row(&mut self.to, cells)
    }

    /// Makes sure that all is written.
    ///
    /// # Errors
    /// When it is not.
    pub fn finish(mut self) -> io::Result<W> {
        self.to.flush()?;
        Ok(self.to)
    }

    fn row(&mut self, fact: &Fact) -> Row {
        match fact {
            Fact::Run(fact) => self.of_run(fact),
            Fact::Reading(fact) => of_reading(fact),
            Fact::Said(Directive::Person(person, said)) => {
                let (what, subject) = person_said(said);
                Row { what: format!("said: {what}"), person: person.to_string(), subject, ..Row::default() }
            }
            Fact::Said(Directive::Run(said)) => {
                let (what, subject) = run_said(said);
                let plan = if let RunDirective::Approve { plan, .. } = said { Some(*plan) } else { None };
                Row { what: format!("said: {what}"), plan, subject, ..Row::default() }
            }
            Fact::Account(key, fact) => {
                let (what, subject, after) = account_fact(fact);
                Row { what, subject, after, ..Row::of(key, None) }
            }
            Fact::Intent(intent) => {
                let policy = self.applying.as_ref().filter(|(plan, _)| *plan == intent.id.plan);
                let policy = policy.map(|(_, policy)| policy.clone());
                self.open.insert(intent.id, ((**intent).clone(), policy.clone()));
                Row { result: "about to be sent".to_owned(), ..of_intent(intent, policy) }
            }
            Fact::Outcome(id, settlement) => self.of_outcome(*id, settlement),
            Fact::Erased(erasure) => {
                let subject = format!("{} records", erasure.tombstones.len());
                Row { what: "erase a person".to_owned(), subject, ..Row::default() }
            }
        }
    }

    fn of_run(&mut self, fact: &RunFact) -> Row {
        match fact {
            RunFact::Began { now, policy } => {
                self.run = Some((*now, policy.clone()));
                Row { what: "run".to_owned(), ..Row::default() }
            }
            RunFact::HeldByClock { now } => {
                Row { what: "run held by the clock".to_owned(), subject: instant(*now), ..Row::default() }
            }
            RunFact::Behind(evidence) => {
                let what = "suspected: the ledger is from an old backup".to_owned();
                Row { what, subject: evidence.to_string(), ..Row::default() }
            }
            RunFact::Applying { plan, policy, actions, withheld } => {
                self.applying = Some((*plan, policy.clone()));
                let subject = format!("{actions} actions, {withheld} of them held back");
                let (policy, plan) = (Some(policy.clone()), Some(*plan));
                Row { what: "apply".to_owned(), plan, policy, subject, ..Row::default() }
            }
        }
    }

    fn of_outcome(&mut self, id: IntentId, settlement: &Settlement) -> Row {
        // An intent whose outcome is unknown stays open: a reading answers it later.
        let is_open = matches!(settlement, Settlement::Failed { kind: FailureKind::Unknown, .. });
        let intent = if is_open { self.open.get(&id).cloned() } else { self.open.remove(&id) };
        let mut row = match intent {
            Some((intent, policy)) => of_intent(&intent, policy),
            None => Row { plan: Some(id.plan), what: "outcome of an erased intent".to_owned(), ..Row::default() },
        };
        if let Settlement::Done { truth: Truth::Live { id, .. }, .. } = settlement {
            row.id = id.to_string();
        }
        row.result = settled(settlement);
        row
    }
}

impl Row {
    fn of(key: &AccountKey, id: Option<&AccountId>) -> Self {
        Self {
            target: key.target.to_string(),
            person: key.person.to_string(),
            account: key.kind.to_string(),
            id: id.map(ToString::to_string).unwrap_or_default(),
            ..Self::default()
        }
    }
}

fn of_intent(intent: &Intent, policy: Option<PolicyVersion>) -> Row {
    let action = &intent.action;
    let row = match &action.step {
        Step::Account { key, id, .. } | Step::Permission { key, id, .. } => Row::of(key, id.as_ref()),
        Step::Resource { target, .. } => Row { target: target.to_string(), ..Row::default() },
    };
    let (before, after) = before_and_after(&action.step);
    Row {
        policy,
        plan: Some(intent.id.plan),
        what: verb(&action.step).to_owned(),
        subject: subject(&action.step),
        before,
        after,
        why: reasons(action),
        ..row
    }
}

fn of_reading(fact: &ReadingFact) -> Row {
    let row =
        |what: &str, target: &dyn ToString| Row { what: what.to_owned(), target: target.to_string(), ..Row::default() };
    match fact {
        ReadingFact::Accepted { source, hash, records } => {
            let result = format!("accepted, {records} records are new or changed");
            Row { subject: hash.0.to_string(), result, ..row("read", source) }
        }
        ReadingFact::Rejected { source, hash, why } => {
            let why: Vec<String> = why.iter().map(ToString::to_string).collect();
            Row {
                subject: hash.0.to_string(),
                why: why.join("; "),
                result: "rejected".to_owned(),
                ..row("read", source)
            }
        }
        ReadingFact::Failed { system, error } => Row { result: format!("failed: {error}"), ..row("read", system) },
        ReadingFact::Observed { target, accounts } => {
            Row { result: format!("{accounts} accounts"), ..row("read", target) }
        }
        ReadingFact::Compared { target } => row("compare with the ledger", target),
    }
}

fn instant(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::AutoSi, true)
}

fn write_row(to: &mut impl Write, cells: [String; COLUMNS.len()]) -> io::Result<()> {
    let cells = cells.map(|cell| quoted(harmless(&cell)));
    write!(to, "{}\r\n", cells.join(","))
}

/// What a spreadsheet would take for a formula is text for it with an apostrophe in front; also behind a semicolon, a tab or
/// the end of a line, at which some begin another cell.
fn harmless(cell: &str) -> String {
    let begins_a_formula = |c: char| "=+-@＝＋－＠".contains(c);
    let mut told = String::with_capacity(cell.len());
    if cell.starts_with(['\t', '\r', '\n']) {
        told.push('\'');
    }
    let mut is_first = true;
    for c in cell.chars() {
        if is_first && begins_a_formula(c) {
            told.push('\'');
        }
        is_first = matches!(c, ';' | '\t' | '\r' | '\n');
        told.push(c);
    }
    told
}

fn quoted(cell: String) -> String {
    if cell.contains([',', '"', '\r', '\n']) { format!("\"{}\"", cell.replace('"', "\"\"")) } else { cell }
}
