//! What the client sends for each of its calls, and what it makes of the answers: method, path, query, headers, body,
//! and how many requests.

// Cargo builds this file for tests only; the line tells clippy that its helpers are test code too.
#![cfg(test)]

mod bench;
mod deleted_users;
mod delta;
mod groups;
mod log;
mod redaction;
mod retries;
mod sign_in;
mod users;
