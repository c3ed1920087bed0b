//! What the ledger costs: durable commits beside a plain loop of inserts of the same rows, and opening a long one.
//!
//! ```text
//! cargo bench -p store-sql                        20,000 records
//! cargo bench -p store-sql -- 1000000             a million
//! ```
//!
//! PostgreSQL is measured too where `PROVISIONING_TEST_POSTGRES` says where one is.

#![expect(clippy::print_stdout, reason = "a bench prints what it measured")]

#[path = "ledger/facts.rs"]
mod facts;
#[path = "ledger/plain.rs"]
mod plain;

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::TimeDelta;
use provisioning_core::{Actor, Settings, Store, SystemClock};
use store_sql::SqlStore;

use facts::{BATCH, batch};
use plain::Plain;

const ROUNDS: usize = 5;
/// How many commits each round has.
const COMMITS: u32 = 40;

type Answer<T> = Result<T, Box<dyn std::error::Error>>;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Answer<()> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    if let Some(path) = words.iter().position(|word| word == "open").and_then(|place| words.get(place + 1)) {
        return open(Path::new(path)).await;
    }
    let size = words.iter().find_map(|word| word.parse().ok()).unwrap_or(20_000);
    println!("commits of 250 intents and 250 outcomes, {COMMITS} in a row, in records a second");
    println!("{:<12}{:>12}{:>12}{:>8}", "", "the store", "plain loop", "ratio");
    let folder = tempfile::tempdir()?;
    for round in 0..ROUNDS {
        let path = folder.path().join(format!("{round}.db"));
        let store = SqlStore::sqlite(&path, &settings()?, Arc::new(SystemClock)).await?;
        let plain = Plain::file(&folder.path().join(format!("plain{round}.db"))).await?;
        compared("SQLite", &store, plain).await?;
    }
    if let Ok(server) = std::env::var("PROVISIONING_TEST_POSTGRES") {
        for round in 0..ROUNDS {
            let (url, plain) = plain::schemas(&server, round).await?;
            let store = SqlStore::postgres(&url, &settings()?, Arc::new(SystemClock)).await?;
            compared("PostgreSQL", &store, Plain::server(&plain).await?).await?;
        }
    }
    let path = folder.path().join("long.db");
    written(&path, size).await?;
    println!("opening a ledger of {size} records in SQLite, {} MB", std::fs::metadata(&path)?.len() / 1_000_000);
    for _ in 0..ROUNDS {
        let told = std::process::Command::new(std::env::current_exe()?).arg("open").arg(&path).output()?;
        print!("{}", String::from_utf8_lossy(&told.stdout));
    }
    Ok(())
}

fn settings() -> Answer<Settings> {
    Ok(Settings::new("bench".parse()?, chrono_tz::Tz::UTC))
}

/// Commits through the store, and the same rows one by one, in turns, so that whatever else the machine does slows both.
async fn compared(name: &str, store: &SqlStore, mut plain: Plain) -> Answer<()> {
    let fence = store.acquire(&Actor::new("engine")?, TimeDelta::hours(9)).await?;
    let mut head = store.ledger().read().head();
    let (mut ours, mut theirs) = (Duration::ZERO, Duration::ZERO);
    for number in 0..COMMITS {
        let (commit, first) = (batch(number)?, head.records);
        let started = Instant::now();
        head = store.commit(&fence, head, commit).await?;
        ours += started.elapsed();
        let rows = store.audit(first, BATCH).await?;
        let started = Instant::now();
        plain.insert(&rows).await?;
        theirs += started.elapsed();
    }
    store.release(fence).await?;
    let rate = |took: Duration| f64::from(COMMITS) * 500.0 / took.as_secs_f64();
    let (ours, theirs) = (rate(ours), rate(theirs));
    println!("{name:<12}{ours:>12.0}{theirs:>12.0}{:>8.2}", ours / theirs);
    Ok(())
}

async fn written(path: &Path, size: u32) -> Answer<()> {
    let store = SqlStore::sqlite(path, &settings()?, Arc::new(SystemClock)).await?;
    let fence = store.acquire(&Actor::new("engine")?, TimeDelta::hours(9)).await?;
    let mut head = store.ledger().read().head();
    for number in 0..size.div_ceil(500) {
        head = store.commit(&fence, head, batch(number)?).await?;
    }
    store.close().await?;
    Ok(())
}

/// In a process of its own, because of its memory.
async fn open(path: &Path) -> Answer<()> {
    let before = peak()?;
    let started = Instant::now();
    let store = SqlStore::sqlite(path, &settings()?, Arc::new(SystemClock)).await?;
    let took = started.elapsed();
    let records = store.ledger().read().head().records;
    println!("{:>8.2} s for {records} records, at most {} MB, {before} MB of them before", took.as_secs_f64(), peak()?);
    Ok(())
}

/// The most memory that this process ever had, in MB.
fn peak() -> Answer<u64> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).ok_or("the system does not tell")?;
    Ok(line.trim().trim_end_matches(" kB").trim().parse::<u64>()? / 1000)
}
