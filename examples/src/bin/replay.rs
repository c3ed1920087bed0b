//! Replays the history of an organisation: one run of the engine for each virtual day, and what the target shows on some.

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Instant;

use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, Utc};
use chrono_tz::Tz;
use clap::Parser;
use examples::ending::{ended, note};
use examples::stage::{Stage, Through};
use examples::watch::{Sample, Watcher};
use futures::executor::block_on;
use indicatif::{ProgressBar, ProgressStyle};
use provisioning_core::caps::Caps;
use provisioning_core::lifecycle::Grace;
use provisioning_core::memory::{Discard, MemoryStore};
use provisioning_core::plan::StepKind;
use provisioning_core::{
    Actor, Engine, LifecycleSettings, ManualClock, PersonId, Policy, RecordKey, Report, Settings, Silent, Slot, Store,
    TargetId, TenantId,
};
use rules::{Problems, RuleSet};
use serde::Serialize;

/// Replays the history of an organisation, one run of the engine for each day.
#[derive(Debug, Parser)]
#[command(after_long_help = FILES_AND_SETTINGS)]
struct Args {
    /// The folder with persons.jsonl, contracts.jsonl and departments.jsonl, or the same with .zst.
    #[arg(long)]
    people: PathBuf,
    /// Through what to replay.
    #[arg(long, value_enum, default_value_t = Through::Memory)]
    through: Through,
    /// The first day.
    #[arg(long, value_parser = day)]
    from: NaiveDate,
    /// The last day.
    #[arg(long, value_parser = day)]
    to: NaiveDate,
    /// The days to report; default: the last.
    #[arg(long, value_delimiter = ',', value_parser = day)]
    on: Vec<NaiveDate>,
    /// The file for each person's status changes.
    #[arg(long)]
    timeline: Option<PathBuf>,
    /// A file with other business rules than the standard ones.
    #[arg(long)]
    rules: Option<PathBuf>,
    /// How many days before the first day there is an account; with --rules, only how far ahead a return counts.
    #[arg(long, default_value_t = 14, value_parser = clap::value_parser!(u32).range(0..=3650))]
    lead: u32,
    /// How many days after the disabling an account is deleted.
    #[arg(long, default_value_t = 30, value_parser = clap::value_parser!(u32).range(0..=3650))]
    grace: u32,
}

const FILES_AND_SETTINGS: &str = "\
The files, one JSON object a line; other fields are passed over:
  persons.jsonl      id, first_name, last_name, birth_date
  contracts.jsonl    person_id, seq, dept_code, title, start, end
  departments.jsonl  code, name
Days are written YYYY-MM-DD. `start` and `end` are both inclusive, an `end` of null is open; a contract is known by
`person_id` and `seq`. These two, `id`, `start`, `code` and `name` must say something; all else may be null.

What is fixed:
  every day is a day of UTC, the run is at 04:00
  no caps: whatever is planned is done
  an account that nobody may use loses its groups at once
  a return counts as known --lead days ahead
  never-used accounts are deleted after --grace days, too
  with --through entra or afas-entra, systems are simulated in this process, and asked with their own requests;
    accounts bear displayName, givenName, surname and userPrincipalName there, whatever a file with rules writes
With --rules the days before and after a contract are those of the file, which must give something on `entra`.

Standard output is one JSON object. Who is refused or waits is told on standard error.";

fn day(text: &str) -> Result<NaiveDate, String> {
    text.parse().map_err(|_| "write a day of the calendar as YYYY-MM-DD, such as 1985-01-31".to_owned())
}

#[derive(Serialize)]
struct Told {
    persons: usize,
    contracts: usize,
    samples: Vec<Sample>,
    actions: BTreeMap<&'static str, usize>,
    requests: BTreeMap<&'static str, u64>,
    decided_person_days: usize,
    seconds: f64,
    peak_rss_mib: f64,
}

fn main() -> ExitCode {
    let args = Args::parse();
    ended("replay", |out| Ok(writeln!(out, "{}", replay(&args)?)?))
}

fn replay(args: &Args) -> Result<String, Box<dyn Error>> {
    let began = Instant::now();
    let on = days_to_tell_of(args)?;
    let clock = Arc::new(ManualClock::at(hour(args.from)));
    let (engine, mut stage) = organisation(args, &clock)?;
    let timeline = args.timeline.as_deref().map(opened).transpose()?;
    let bar = progress(args);
    let mut samples = Vec::new();
    let mut actions: BTreeMap<&'static str, usize> = KINDS.iter().map(|(name, _)| (*name, 0)).collect();
    let mut decided = 0;
    let mut troubles = Troubles::default();
    let mut watcher = None;
    for day in args.from.iter_days().take_while(|day| *day <= args.to) {
        clock.set(hour(day));
        let report = block_on(engine.run())?;
        check(&report)?;
        troubles.take(&report);
        decided += report.findings.decided;
        for (name, kind) in KINDS {
            *actions.entry(name).or_default() += report.done.get(kind).copied().unwrap_or(0);
        }
        let watcher = watcher.get_or_insert_with(|| watcher_of(engine.store.as_ref(), &stage.strangers()));
        watcher.look(stage.window.as_mut(), day);
        if on.binary_search(&day).is_ok() {
            samples.push(watcher.sample(day));
        }
        bar.set_message(day.to_string());
        bar.inc(1);
    }
    bar.finish_and_clear();
    troubles.tell();
    if let (Some(file), Some(watcher)) = (timeline, &watcher) {
        write_timeline(file, watcher)?;
    }
    let (persons, contracts) = counted(engine.store.as_ref(), &stage.strangers());
    let (reads, writes) = stage.requests();
    let told = Told {
        persons,
        contracts,
        samples,
        actions,
        requests: [("reads", reads), ("writes", writes)].into(),
        decided_person_days: decided,
        seconds: round(began.elapsed().as_secs_f64()),
        peak_rss_mib: round(peak_rss_mib()),
    };
    Ok(serde_json::to_string(&told)?)
}

/// Who was refused and who had to wait, and why; each once, however many days it lasted.
#[derive(Debug, Default)]
struct Troubles {
    refused: BTreeMap<(PersonId, String), usize>,
    waiting: BTreeMap<(PersonId, String), usize>,
}

impl Troubles {
    /// How many of a kind are told one by one.
    const MOST: usize = 50;

    fn take(&mut self, report: &Report) {
        for refusal in &report.plan.refusals {
            *self.refused.entry((refusal.person.clone(), refusal.why.clone())).or_default() += 1;
        }
        for waiting in &report.plan.waiting {
            *self.waiting.entry((waiting.person.clone(), waiting.on.clone())).or_default() += 1;
        }
    }

    fn tell(&self) {
        for (what, troubles) in [("was refused", &self.refused), ("has to wait", &self.waiting)] {
            let people: BTreeSet<&PersonId> = troubles.keys().map(|(person, _)| person).collect();
            match people.len() {
                0 => continue,
                1 => note(&format!("replay: for one person something {what}")),
                more => note(&format!("replay: for {more} people something {what}")),
            }
            for ((person, why), runs) in troubles.iter().take(Self::MOST) {
                let often = if *runs == 1 { "in one run".to_owned() } else { format!("in {runs} runs") };
                note(&format!("  {person}: {why} ({often})"));
            }
            if let Some(more) = troubles.len().checked_sub(Self::MOST).filter(|more| *more > 0) {
                note(&format!("  and {more} more"));
            }
        }
    }
}

const KINDS: &[(&str, &StepKind)] = &[
    ("create", &StepKind::Create),
    ("enable", &StepKind::Enable),
    ("disable", &StepKind::Disable),
    ("delete", &StepKind::Delete),
    ("grant", &StepKind::Grant),
    ("revoke", &StepKind::Revoke),
    ("update", &StepKind::Update),
];

fn days_to_tell_of(args: &Args) -> Result<Vec<NaiveDate>, String> {
    if args.to < args.from {
        return Err(format!("--to {} lies before --from {}", args.to, args.from));
    }
    if let Some(day) = args.on.iter().find(|day| **day < args.from || **day > args.to) {
        return Err(format!("--on {day} lies outside {} to {}", args.from, args.to));
    }
    let mut on = if args.on.is_empty() { vec![args.to] } else { args.on.clone() };
    on.sort_unstable();
    on.dedup();
    Ok(on)
}

fn organisation(args: &Args, clock: &Arc<ManualClock>) -> Result<(Engine, Stage), Box<dyn Error>> {
    let entra = TargetId::new("entra")?;
    let stage = Stage::new(args.through, &args.people, (&entra, args.lead), clock)?;
    let mut settings =
        Settings::new(TenantId::new("replay")?, Tz::UTC).with_target(stage.target.describe(), Vec::new());
    settings.caps = Caps::off();
    settings.lifecycle = LifecycleSettings {
        grace: Grace { suspended_days: args.grace, staged_days: args.grace },
        return_horizon_days: Some(args.lead),
        retain_grants_days: 0,
        ..LifecycleSettings::default()
    };
    let engine = Engine {
        sources: vec![stage.source.clone()],
        targets: vec![stage.target.clone()],
        policy: policy(args, &stage, &entra)?,
        store: Arc::new(MemoryStore::new(&settings, clock.clone(), Box::new(Discard))),
        clock: clock.clone(),
        notifier: Arc::new(Silent),
        actor: Actor::new("replay")?,
        lease: TimeDelta::minutes(10),
        settings,
    };
    Ok((engine, stage))
}

/// The standard rules, or those of a file; they have to speak of accounts on `entra`.
fn policy(args: &Args, stage: &Stage, entra: &TargetId) -> Result<Arc<dyn Policy>, String> {
    let Some(path) = &args.rules else {
        return Ok(stage.standard.clone());
    };
    let text = std::fs::read_to_string(path).map_err(|error| format!("`{}`: {error}", path.display()))?;
    let rules: RuleSet = text.parse().map_err(|problems: Problems| format!("`{}`\n{problems}", path.display()))?;
    if !rules.slots().contains(&Slot::main(entra.clone())) {
        return Err(format!("`{}`: no published rule gives anything on `{entra}`", path.display()));
    }
    Ok(stage.fitted(rules))
}

/// A reading that does not count, or a step that is not done, would make the rest of the replay another history.
fn check(report: &Report) -> Result<(), String> {
    let findings = &report.findings;
    if findings.is_clean() && report.failed.is_empty() {
        return Ok(());
    }
    let rejected = findings.rejected.iter().map(|rejected| {
        let why: Vec<String> = rejected.why.iter().map(ToString::to_string).collect();
        format!("the reading of `{}` does not count: {}", rejected.source, why.join("; "))
    });
    let failed = report.failed.iter().map(|failed| format!("{} failed: {}", failed.action, failed.message));
    let said: Vec<String> = rejected.chain(findings.unread.iter().cloned()).chain(failed).collect();
    Err(if said.is_empty() { "the clock is not trusted".to_owned() } else { said.join("\n") })
}

fn watcher_of(store: &dyn Store, strangers: &BTreeSet<RecordKey>) -> Watcher {
    let roster = store.roster();
    let roster = roster.read();
    let codes = roster.records().next().map(|record| roster.departments(&record.id.source));
    let codes = codes.into_iter().flat_map(|departments| departments.iter().map(|one| one.code.to_string()));
    let people = roster.records().map(|record| &record.id.key).filter(|key| !strangers.contains(*key));
    Watcher::new(people.map(RecordKey::as_str), codes)
}

fn counted(store: &dyn Store, strangers: &BTreeSet<RecordKey>) -> (usize, usize) {
    let roster = store.roster();
    let roster = roster.read();
    let people = || roster.records().filter(|record| !strangers.contains(&record.id.key));
    (people().count(), people().map(|record| record.contracts.len()).sum())
}

fn hour(day: NaiveDate) -> DateTime<Utc> {
    day.and_time(NaiveTime::MIN).and_utc() + TimeDelta::hours(4)
}

fn progress(args: &Args) -> ProgressBar {
    let days = u64::try_from((args.to - args.from).num_days() + 1).unwrap_or(0);
    let bar = ProgressBar::new(days);
    if let Ok(style) = ProgressStyle::with_template("{msg} {wide_bar} {pos}/{len} days, {eta} left") {
        bar.set_style(style);
    }
    bar
}

fn opened(path: &Path) -> Result<File, String> {
    File::create(path).map_err(|error| format!("`{}`: {error}", path.display()))
}

fn write_timeline(file: File, watcher: &Watcher) -> std::io::Result<()> {
    let mut file = BufWriter::new(file);
    for line in watcher.timeline() {
        writeln!(file, "{line}")?;
    }
    file.flush()
}

/// The most memory that the process ever had; 0 where the system does not tell.
fn peak_rss_mib() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kib = line.and_then(|line| line.split_whitespace().next()).and_then(|kib| kib.parse::<f64>().ok());
    kib.unwrap_or(0.0) / 1024.0
}

fn round(number: f64) -> f64 {
    (number * 100.0).round() / 100.0
}
