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

fn in_words(error: &Error) -> String {
    match error {
        Error::Database(told) => {
            let code = told.code().unwrap_or_default();
            match &*code {
                // SQLite's codes, of which the lowest byte is the class.
                "13" => "the disk is full, or the ledger has reached its limit; make room, and run again".to_owned(),
                "5" | "6" | "261" | "517" => {
                    "another process keeps the ledger locked; see which one has the file open, and run again".to_owned()
                }
                "8" | "14" | "1032" | "1544" => {
                    format!(
                        "the file of the ledger cannot be opened or written ({}); check its path and its rights",
                        told.message()
                    )
                }
                "11" | "26" => {
                    format!(
                        "the file of the ledger is damaged or none of ours ({}); restore it from a backup",
                        told.message()
                    )
                }
                // PostgreSQL's: no room, locked for too long, told to stop.
                "53100" => "the disk of the database is full; make room, and run again".to_owned(),
                "55P03" => "another process keeps the ledger locked for too long; run again".to_owned(),
                "57P01" | "57P02" | "57P03" => {
                    "the database is going down or starting; run again when it is up".to_owned()
                }
                _ => told.message().to_owned(),
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
