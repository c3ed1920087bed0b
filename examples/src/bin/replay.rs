//! Replays the history of an organisation: one run of the engine for each virtual day, and what the target shows on some.
#![expect(clippy::print_stdout, reason = "the result of the program is what it prints")]

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Instant;

use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, Utc};
use chrono_tz::Tz;
use clap::{Parser, ValueEnum};
use examples::people::PeopleFiles;
use examples::watch::{Sample, Watcher};
use futures::executor::block_on;
use indicatif::{ProgressBar, ProgressStyle};
use provisioning_core::caps::Caps;
use provisioning_core::lifecycle::Grace;
use provisioning_core::memory::{Discard, MemoryStore, MemoryTarget};
use provisioning_core::plan::StepKind;
use provisioning_core::{
    Actor, Engine, LifecycleSettings, ManualClock, Policy, Report, Settings, Silent, SourceId, Store, TargetConnector,
    TargetId, TenantId,
};
use rules::{Problems, RuleSet};
use serde::Serialize;

/// Replays the history of an organisation, one run of the engine for each day.
#[derive(Debug, Parser)]
struct Args {
    /// The folder with persons.jsonl, contracts.jsonl and departments.jsonl, or the same with .zst.
    #[arg(long)]
    people: PathBuf,
    /// The way from source to target.
    #[arg(long, value_enum, default_value_t = Through::Memory)]
    through: Through,
    /// The first day.
    #[arg(long)]
    from: NaiveDate,
    /// The last day.
    #[arg(long)]
    to: NaiveDate,
    /// The days to tell of; without any, the last one.
    #[arg(long, value_delimiter = ',')]
    on: Vec<NaiveDate>,
    /// Where to write who was what from which day on.
    #[arg(long)]
    timeline: Option<PathBuf>,
    /// A file with other business rules than the standard ones.
    #[arg(long)]
    rules: Option<PathBuf>,
    /// How many days before the first day there is an account.
    #[arg(long, default_value_t = 14)]
    lead: u32,
    /// How many days after the disabling an account is deleted.
    #[arg(long, default_value_t = 30)]
    grace: u32,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Through {
    /// A target in memory.
    Memory,
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
    match replay(&Args::parse()) {
        Ok(told) => {
            println!("{told}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("replay: {error}");
            ExitCode::FAILURE
        }
    }
}

fn replay(args: &Args) -> Result<String, String> {
    let began = Instant::now();
    let on = days_to_tell_of(args)?;
    let clock = Arc::new(ManualClock::at(hour(args.from)));
    let (engine, source, target) = organisation(args, &clock)?;
    let bar = progress(args);
    let mut samples = Vec::new();
    let mut actions: BTreeMap<&'static str, usize> = KINDS.iter().map(|(name, _)| (*name, 0)).collect();
    let mut decided = 0;
    let mut watcher = None;
    for day in args.from.iter_days().take_while(|day| *day <= args.to) {
        clock.set(hour(day));
        let report = block_on(engine.run()).map_err(|error| error.to_string())?;
        check(&report)?;
        decided += report.findings.decided;
        for (name, kind) in KINDS {
            *actions.entry(name).or_default() += report.done.get(kind).copied().unwrap_or(0);
        }
        let watcher = watcher.get_or_insert_with(|| watcher_of(engine.store.as_ref()));
        watcher.look(&target, day);
        if on.binary_search(&day).is_ok() {
            samples.push(watcher.sample(day));
        }
        bar.set_message(day.to_string());
        bar.inc(1);
    }
    bar.finish_and_clear();
    if let (Some(path), Some(watcher)) = (&args.timeline, &watcher) {
        write_timeline(path, watcher).map_err(|error| format!("`{}`: {error}", path.display()))?;
    }
    let (persons, contracts) = counted(engine.store.as_ref());
    let requests = target.requests();
    let told = Told {
        persons,
        contracts,
        samples,
        actions,
        requests: [("reads", requests.reads + source.reads()), ("writes", requests.writes)].into(),
        decided_person_days: decided,
        seconds: round(began.elapsed().as_secs_f64()),
        peak_rss_mib: round(peak_rss_mib()),
    };
    serde_json::to_string(&told).map_err(|error| error.to_string())
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

type Organisation = (Engine, Arc<PeopleFiles>, Arc<MemoryTarget>);

fn organisation(args: &Args, clock: &Arc<ManualClock>) -> Result<Organisation, String> {
    let Through::Memory = args.through;
    let text = |error: provisioning_core::InvalidId| error.to_string();
    let entra = TargetId::new("entra").map_err(text)?;
    let user_name = provisioning_core::FieldName::new("user_name").map_err(text)?;
    let target = Arc::new(MemoryTarget::new(entra.clone(), clock.clone(), Tz::UTC, vec![user_name]));
    let source = Arc::new(PeopleFiles::new(SourceId::new("people").map_err(text)?, &args.people, clock.clone()));
    let tenant = TenantId::new("replay").map_err(text)?;
    let mut settings = Settings::new(tenant, Tz::UTC).with_target(target.describe(), Vec::new());
    settings.caps = Caps::off();
    settings.lifecycle = LifecycleSettings {
        grace: Grace { suspended_days: args.grace, staged_days: args.grace },
        return_horizon_days: Some(args.lead),
        retain_grants_days: 0,
        ..LifecycleSettings::default()
    };
    let engine = Engine {
        sources: vec![source.clone()],
        targets: vec![target.clone()],
        policy: policy(args, &entra)?,
        store: Arc::new(MemoryStore::new(&settings, clock.clone(), Box::new(Discard))),
        clock: clock.clone(),
        notifier: Arc::new(Silent),
        actor: Actor::new("replay").map_err(text)?,
        lease: TimeDelta::minutes(10),
        settings,
    };
    Ok((engine, source, target))
}

/// The standard rules, or those of a file; they have to speak of accounts on `entra`.
fn policy(args: &Args, entra: &TargetId) -> Result<Arc<dyn Policy>, String> {
    let Some(path) = &args.rules else {
        let standard = RuleSet::standard(entra, args.lead).map_err(|problems| problems.to_string())?;
        return Ok(Arc::new(standard));
    };
    let text = std::fs::read_to_string(path).map_err(|error| format!("`{}`: {error}", path.display()))?;
    let rules: RuleSet = text.parse().map_err(|problems: Problems| format!("`{}`\n{problems}", path.display()))?;
    Ok(Arc::new(rules))
}

/// A reading that does not count, or a step that is not done, would make the rest of the replay another history.
fn check(report: &Report) -> Result<(), String> {
    if report.findings.is_clean() && report.failed.is_empty() { Ok(()) } else { Err(report.to_string()) }
}

fn watcher_of(store: &dyn Store) -> Watcher {
    let roster = store.roster();
    let roster = roster.read();
    let codes = roster.records().next().map(|record| roster.departments(&record.id.source));
    let codes = codes.into_iter().flat_map(|departments| departments.iter().map(|one| one.code.to_string()));
    Watcher::new(roster.records().map(|record| record.id.key.as_str()), codes)
}

fn counted(store: &dyn Store) -> (usize, usize) {
    let roster = store.roster();
    let roster = roster.read();
    (roster.len(), roster.records().map(|record| record.contracts.len()).sum())
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

fn write_timeline(path: &PathBuf, watcher: &Watcher) -> std::io::Result<()> {
    let mut file = BufWriter::new(File::create(path)?);
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
