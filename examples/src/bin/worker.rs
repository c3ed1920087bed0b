//! One run of the engine as a process of its own, with a ledger that outlives it. The crash tests kill it and stop it.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use async_trait::async_trait;
use bytes::Bytes;
use chrono::{DateTime, Utc};
use clap::Parser;
use examples::ending::ended;
use examples::ordeal::engine;
use examples::wires::Wire;
use http::{Method, Request, Response};
use provisioning_core::testing::{Border, bordered};
use provisioning_core::{Engine, ManualClock};
use rustix::process::{Signal, getpid, kill_process, set_parent_process_death_signal};
use store_sql::SqlStore;
use transport::{Exchange, Lost};

/// Runs the engine once between an AFAS and an Entra at these addresses.
#[derive(Debug, Parser)]
struct Args {
    /// The ledger: a file, or an address that begins with `postgres://`.
    #[arg(long)]
    ledger: String,
    /// The address of AFAS.
    #[arg(long)]
    afas: String,
    /// The address of Entra.
    #[arg(long)]
    entra: String,
    /// A file that says what time it is; read again whenever the run crosses a port.
    #[arg(long)]
    time: PathBuf,
    /// The name under which it acts.
    #[arg(long, default_value = "worker")]
    name: String,
    /// Kills itself at this crossing of a port, counted from 1.
    #[arg(long)]
    kill: Option<u64>,
    /// Stops itself at this crossing of a port, counted from 1, until it is woken.
    #[arg(long)]
    stop: Option<u64>,
    /// Stops itself when this request that writes has been let through and is not sent yet, counted from 1.
    #[arg(long)]
    stop_request: Option<u64>,
}

fn main() -> ExitCode {
    let args = Args::parse();
    // One that stopped itself does not stay for ever when whoever started it ends.
    let _ = set_parent_process_death_signal(Some(Signal::KILL));
    ended("worker", |out| {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let (report, crossed) = runtime.block_on(run(&args))?;
        writeln!(out, "{crossed} crossings")?;
        write!(out, "{report}")?;
        Ok(())
    })
}

async fn run(args: &Args) -> Result<(provisioning_core::Report, u64), Box<dyn std::error::Error>> {
    let clock = Arc::new(ManualClock::at(time(&args.time)?));
    let watch = Arc::new(Watch { time: args.time.clone(), clock: Arc::clone(&clock) });
    let stopping = |wire: Wire| Wire {
        exchange: Arc::new(Stopping {
            inner: wire.exchange,
            at: args.stop_request,
            sent: AtomicU64::new(0),
            watch: Arc::clone(&watch),
        }),
        ..wire
    };
    let (afas, entra) = (Wire::to(&args.afas)?, stopping(Wire::to(&args.entra)?));
    let open = async |settings, clock| match args.ledger.strip_prefix("postgres://") {
        Some(_) => SqlStore::postgres(&args.ledger, &settings, clock).await,
        None => SqlStore::sqlite(Path::new(&args.ledger), &settings, clock).await,
    };
    let engine: Engine = engine([&afas, &entra], &clock, &args.name, open).await?;
    let crossings = Arc::new(Crossings {
        crossed: AtomicU64::new(0),
        ends: [(args.kill, Signal::KILL), (args.stop, Signal::STOP)],
        watch,
    });
    let border: Arc<dyn Border> = crossings.clone();
    let report = bordered(&engine, &border).run().await?;
    Ok((report, crossings.crossed.load(Ordering::Relaxed)))
}

fn time(file: &Path) -> Result<DateTime<Utc>, Box<dyn std::error::Error>> {
    Ok(std::fs::read_to_string(file)?.trim().parse()?)
}

/// What tells the process the time, whenever it looks.
struct Watch {
    time: PathBuf,
    clock: Arc<ManualClock>,
}

impl Watch {
    fn look(&self) {
        if let Ok(now) = time(&self.time) {
            self.clock.set(now);
        }
    }
}

/// Ends or stops the process at a crossing, and learns what time it is by then.
struct Crossings {
    crossed: AtomicU64,
    ends: [(Option<u64>, Signal); 2],
    watch: Arc<Watch>,
}

#[async_trait]
impl Border for Crossings {
    async fn crossed(&self) {
        let number = self.crossed.fetch_add(1, Ordering::Relaxed) + 1;
        for (at, signal) in self.ends {
            if at == Some(number) {
                signal_self(signal);
            }
        }
        self.watch.look();
    }
}

/// Stops the process when a request that writes is on its way.
struct Stopping {
    inner: Arc<dyn Exchange>,
    at: Option<u64>,
    sent: AtomicU64,
    watch: Arc<Watch>,
}

#[async_trait]
impl Exchange for Stopping {
    async fn exchange(&self, request: Request<Bytes>) -> Result<Response<Bytes>, Lost> {
        let writes = request.method() != Method::GET && !request.uri().path().ends_with("/token");
        if writes && self.at == Some(self.sent.fetch_add(1, Ordering::Relaxed) + 1) {
            signal_self(Signal::STOP);
            self.watch.look();
        }
        self.inner.exchange(request).await
    }

    fn time_out(&self) -> std::time::Duration {
        self.inner.time_out()
    }
}

fn signal_self(signal: Signal) {
    // It arrives before the call returns.
    let _ = kill_process(getpid(), signal);
}
