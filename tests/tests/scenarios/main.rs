//! Real-life cases as stories: what HR writes, the days that pass, what an administrator does by hand; and the plans that
//! come of it, word for word.
//!
//! A test bears the number of its case. Unless a story says otherwise: last days are inclusive, an account is wanted from
//! 14 days before a contract, access from its first day; an unwanted account is deleted after 90 days, one that was never
//! used after 30; what no rule gives any more is kept for 7 days on a suspended account; a run every day at 04:00 UTC.

#![cfg(test)]
#![expect(clippy::needless_raw_string_hashes, reason = "this is how `UPDATE_EXPECT=1 cargo test` writes them")]

mod adoption;
mod bylaws;
mod contracts;
mod corrections;
mod erasure;
mod hiring;
mod identity;
mod leaving;
mod managers;
mod merging;
mod others;
mod plans;
mod readings;
mod returning;
mod story;
mod time;
mod withheld;
mod written;
