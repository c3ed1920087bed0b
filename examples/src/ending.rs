//! How a program ends: with what it has to say, or with one line that says why not.

use std::error::Error;
use std::io::{ErrorKind, Write};
use std::process::ExitCode;

/// Runs a program that writes to its standard output, and gives its exit code. An output that is full is an error
/// like any other; when whoever reads has seen enough, that is none.
pub fn ended(name: &str, run: impl FnOnce(&mut dyn Write) -> Result<(), Box<dyn Error>>) -> ExitCode {
    let mut out = std::io::stdout().lock();
    match run(&mut out).and_then(|()| Ok(out.flush()?)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) if is_pipe_closed(error.as_ref()) => ExitCode::SUCCESS,
        Err(error) => {
            note(&format!("{name}: {error}"));
            ExitCode::FAILURE
        }
    }
}

/// Writes a line for whoever watches the program; without anybody there, nothing is lost.
pub fn note(line: &str) {
    let _ = writeln!(std::io::stderr(), "{line}");
}

fn is_pipe_closed(error: &(dyn Error + 'static)) -> bool {
    error.downcast_ref::<std::io::Error>().is_some_and(|error| error.kind() == ErrorKind::BrokenPipe)
}
