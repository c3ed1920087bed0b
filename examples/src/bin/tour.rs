//! A year in the life of an organisation that does not exist, from AFAS to Entra: what is planned on which day, and why.

use std::process::ExitCode;

use clap::Parser;
use examples::ending::ended;
use examples::tour::tour;
use examples::tour::world::Reach;

/// Plays a year in the life of an organisation that does not exist, from a simulated AFAS to a simulated Entra ID, and shows
/// what is planned on which day and why.
#[derive(Debug, Parser)]
struct Args {}

fn main() -> ExitCode {
    let Args {} = Args::parse();
    ended("tour", |out| tour(Reach::OverHttp, out))
}
