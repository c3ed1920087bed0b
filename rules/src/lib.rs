//! Business rules: a text that HR and IT write, checked, and evaluated into grants with reasons. It never reads a file,
//! never asks for the time, and never decides what is done about a grant.
//!
//! Three steps, three types: [`RuleFile::parse`] reads TOML, [`RuleFile::check`] understands it and reports everything that
//! is wrong at once, and [`RuleSet`] answers as a [`Policy`](provisioning_core::Policy), a pure function of a person and an
//! instant. [`STANDARD`] is a file to start from.
//!
//! ```
//! use rules::RuleSet;
//!
//! let rules: RuleSet = r#"
//!     target = "entra"
//!
//!     [[rule]]
//!     id = "access"
//!     gives = ["account", "access"]
//! "#
//! .parse()?;
//! assert_eq!(rules.rules().count(), 1);
//!
//! let wrong = "target = \"entra\"\n[[rule]]\nid = \"access\"\ngvies = [\"access\"]".parse::<RuleSet>().unwrap_err();
//! assert_eq!(
//!     wrong.to_string(),
//!     "line 2, column 1, `[[rule]]`: a rule has no `gives`; write `gives = [\"account\"]`\n\
//!      line 4, column 1, `gvies`: a rule knows no `gvies`; write `gives`"
//! );
//! # Ok::<(), rules::Problems>(())
//! ```
//!
//! # The language in one screen
//!
//! ```toml
//! target = "entra"                  # on which target a rule gives something; `entra/admin` is another kind of account
//! primary = ["in_force", { highest = "hours" }, "earliest_start"]   # which contract speaks for the person;
//!                                   # also `lowest`, `latest_start`, `latest_end`
//! [[rule]]
//! id = "sales-tools"                # stays; grants name it as their reason
//! name = "Sales has the CRM"        # for people
//! status = "published"              # or "draft", which gives nothing
//! target = "entra"                  # instead of the one above
//! days_before = 14                  # before the first day of the contract
//! days_after = 3                    # after its last day
//! ends = "last_day_of_work"         # a date in this field of the contract, also as text, is its last day
//! when = { contract.department = ["d007", "d003"],        # any of these; all conditions must hold of one contract
//!          contract.title = { starts_with = "Senior" },   # text compares trimmed and in lower case
//!          person.status = { not = "external" } }
//! gives = [
//!     "account",                    # it exists
//!     "access",                     # it can be used
//!     { permission = "crm-users" },
//!     { permission = "licence:E3", class = "licence" },   # or "ordinary", "privileged"
//!     { each = "contract.department", permission = "department:{key}",   # one for each value of the field
//!       name = "{department.name}", create = true },      # made where it is not there
//! ]
//!
//! [profile.entra]                   # what an account looks like; an attribute that is not named is never written
//! phone = { from = "person.phone", when_empty = "clear" }            # or "keep"; a field that is absent always keeps
//! title = { from = "primary.title", required = true }                # no account is made or changed without it
//! language = { value = "nl-NL", on = "create" }                      # or "always"
//! displayName = { template = "{person.given_name} {person.prefix|else} {person.family_name}" }
//! manager = { manager = true }      # of the primary contract's department, or above it
//! mail = { from = "account.ad.mail" }                                # as it is on an earlier target
//! userPrincipalName = { candidates = ["{person.given_name|lower|compact}@example.org"],  # the first that is free,
//!                       numbered = "{person.given_name|lower|compact}{n}@example.org",   # then with 2, 3, 4, ...
//!                       renaming = "frozen" }                                            # or "follows"
//! ```
//!
//! A template takes `person.FIELD`, `primary.FIELD`, `department.name` and `account.TARGET.ATTRIBUTE`; each may be followed by
//! `|lower`, `|initial` (the first letter), `|compact` (no white space) and `|else TEXT` (where there is nothing). Without an
//! `else`, a gap that cannot be filled leaves the whole template without a value.
//!
//! # What a rule says
//!
//! A rule looks at every contract of a person. On the days of the contract, widened as the rule says, and in the contract's
//! zone, it gives what it gives if all conditions hold. A condition on a field that is absent or null is neither true nor
//! false: the rule is reported as undetermined, and nothing is taken away because of it. A dynamic permission whose field is
//! absent or blank gives nothing and is noted. Its id comes from the value of the field, so a department that is renamed
//! keeps its group.

mod check;
mod condition;
mod field;
mod file;
mod fold;
#[cfg_attr(not(test), expect(dead_code, reason = "rules and profiles are about to be written in it"))]
mod language;
mod problem;
mod profile;
mod rule;
mod schema;
mod set;
mod standard;
mod template;
#[cfg(test)]
#[expect(clippy::needless_raw_string_hashes, reason = "this is how expect-test writes what it expects")]
mod tests;
mod window;
mod wording;

pub use file::RuleFile;
pub use problem::{Problem, Problems};
pub use schema::{FieldType, InvalidFieldType, Schema};
pub use set::RuleSet;
pub use standard::STANDARD;
