//! What a database says, for an operator.

use provisioning_core::StoreError;
use sqlx::Error;

/// The one place where an error of a database becomes one of ours.
pub(crate) fn failed(error: &Error) -> StoreError {
    StoreError::Failed { message: in_words(error) }
}

/// Something in the database that we did not write so.
pub(crate) fn odd(what: &str, error: impl std::fmt::Display) -> StoreError {
    StoreError::Failed { message: format!("{what} in the ledger cannot be read: {error}; restore it from a backup") }
}

#[expect(clippy::wildcard_enum_match_arm, reason = "the driver has many more, and adds some; it says them itself")]
fn in_words(error: &Error) -> String {
    match error {
        Error::Database(told) => {
            let (code, told) = (told.code().unwrap_or_default(), told.message());
            // A code of PostgreSQL has five characters, one of SQLite fewer: its lowest byte is the class.
            match code.parse::<u32>() {
                Ok(number) if code.len() < 5 => of_sqlite(number & 0xff, told),
                _ => of_postgres(&code, told),
            }
        }
        Error::Io(told) => {
            format!("the connection to the database was lost or not made: {told}; see that it is up, and run again")
        }
        Error::Tls(_) => "the database does not speak TLS as it should; check its certificate and `sslmode`".to_owned(),
        Error::WorkerCrashed => "the thread of the database ended; run again".to_owned(),
        other => other.to_string(),
    }
}

fn of_sqlite(class: u32, told: &str) -> String {
    match class {
        13 => "the disk is full, or the ledger has reached its limit; make room, and run again".to_owned(),
        5 | 6 => "another process keeps the ledger locked; see which one has the file open, and run again".to_owned(),
        10 => format!("the disk of the ledger cannot be read or written ({told}); check it, and the room on it"),
        3 | 8 | 14 => {
            format!("the file of the ledger cannot be opened or written ({told}); check its path and its rights")
        }
        11 | 26 => format!("the file of the ledger is damaged or none of ours ({told}); restore it from a backup"),
        _ => told.to_owned(),
    }
}

fn of_postgres(code: &str, told: &str) -> String {
    match code {
        "53100" => "the disk of the database is full; make room, and run again".to_owned(),
        "53300" => "the database has no connection left; end some, or let it have more, and run again".to_owned(),
        "55P03" => {
            "another process keeps the ledger locked; see which one has a transaction open, and run again".to_owned()
        }
        "25P03" => "the database took a step back that had stood still for too long; run again".to_owned(),
        "57P01" | "57P02" | "57P03" => {
            "the database ended the connection, is going down or starting; run again when it is up".to_owned()
        }
        _ => told.to_owned(),
    }
}
