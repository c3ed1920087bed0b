//! Simulated systems as servers: `simulators --help` says what there is.

#![expect(clippy::doc_markdown, reason = "these comments are what `--help` shows, where back-ticks are noise")]

mod afas;
mod entra;

use std::fmt;
use std::io::{ErrorKind, Write};
use std::process::ExitCode;
use std::sync::Arc;

use chrono::{NaiveDate, NaiveTime, TimeDelta, Utc};
use clap::{Args, Parser, Subcommand};
use http::StatusCode;

use simulators::Server;
use simulators::clock::Clock;
use simulators::faults::{Broken, Faults, RetryAfter, Throttled};

/// Systems at both ends of provisioning, simulated on this machine
///
/// Each serves HTTP on 127.0.0.1 until it is stopped with Ctrl-C, and prints what a client needs to talk to it. All that it
/// holds is in memory, made up from a seed or read from files; nothing is kept when it stops.
#[derive(Parser)]
#[command(name = "simulators", version)]
struct Cli {
    #[command(subcommand)]
    system: System,
}

#[derive(Subcommand)]
enum System {
    /// A Microsoft Entra tenant: tokens, and users, groups, members, deleted items, deltas and batches of Graph v1.0
    Entra(entra::Wanted),
    /// An AFAS environment: Profit REST with the GetConnectors that HelloID delivers; nothing can be written
    Afas(afas::Wanted),
}

#[derive(Args)]
struct Common {
    /// The port to listen on; 0 lets the system choose a free one
    #[arg(long, default_value_t = 0)]
    port: u16,
    /// What everything that looks random follows from: the same seed makes the same people
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// The day that it is when the server starts; without it, today
    #[arg(long, value_name = "YYYY-MM-DD")]
    today: Option<NaiveDate>,
    /// Answer every Nth call with 429 and `Retry-After: 1`
    #[arg(long, value_name = "N")]
    throttle_every: Option<u64>,
    /// Answer every Nth call with 503 and `Retry-After: 1`
    #[arg(long, value_name = "N")]
    fail_every: Option<u64>,
    /// Do what every Nth call asks, and close the connection instead of answering
    #[arg(long, value_name = "N")]
    drop_every: Option<u64>,
}

impl Common {
    /// The time of this machine, or as if the server had started at noon of another day.
    fn clock(&self) -> Clock {
        let noon = NaiveTime::from_hms_opt(12, 0, 0).unwrap_or_default();
        let ahead = self.today.map_or(TimeDelta::zero(), |day| day.and_time(noon).and_utc() - Utc::now());
        Arc::new(move || Utc::now() + ahead)
    }

    fn faults(&self) -> Faults {
        let retry_after = RetryAfter::Seconds(1);
        Faults {
            throttled: self.throttle_every.map(|every| Throttled { every, retry_after }),
            broken: self.fail_every.map(|every| Broken { every, status: StatusCode::SERVICE_UNAVAILABLE, retry_after }),
            dropped: self.drop_every,
            seed: self.seed,
            ..Faults::default()
        }
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let served = match Cli::parse().system {
        System::Entra(wanted) => entra::serve(&wanted).await,
        System::Afas(wanted) => afas::serve(&wanted).await,
    };
    match served {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn bind(router: axum::Router, port: u16) -> Result<(Server, String), String> {
    let failed = |error| format!("cannot listen on port {port}: {error}; choose another with --port, or leave it out");
    let server = Server::bind(router, port).await.map_err(failed)?;
    let address = server.address().map_err(|error| format!("cannot say where it listens: {error}"))?;
    Ok((server, format!("http://{address}")))
}

/// Tells a line to whoever started it. When they have seen enough and close the output, the server goes on.
fn say(line: fmt::Arguments<'_>) -> Result<(), String> {
    match writeln!(std::io::stdout(), "{line}") {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(format!("cannot write to standard output: {error}")),
        Err(_) | Ok(()) => Ok(()),
    }
}

/// Serves until somebody stops it.
async fn run(server: Server) -> Result<(), String> {
    say(format_args!("\nServing; Ctrl-C stops it."))?;
    tokio::select! {
        ended = server.run() => ended.map_err(|error| format!("cannot take more connections: {error}")),
        stopped = tokio::signal::ctrl_c() => stopped.map_err(|error| format!("cannot wait for Ctrl-C: {error}")),
    }
}
