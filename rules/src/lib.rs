//! Business rules: a text that HR and IT write, checked, and evaluated into grants with reasons. It never reads a file,
//! never asks for the time, and never decides what is done about a grant.
//!
//! Three steps, three types: [`RuleFile::parse`] reads TOML, [`RuleFile::check`] understands it and reports everything that
//! is wrong at once, and [`RuleSet`] answers as a [`Policy`](provisioning_core::Policy), a pure function of a person and an
//! instant. [`STANDARD`] is a file to start from; [`as_toml`] makes a file of JSON or YAML.
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
//!     "line 2, column 1: a rule has no `gives`; write `gives = [\"account\"]`
//!     [[rule]]
//!     ^^^^^^^^
//! line 4, column 1: a rule knows no `gvies`; write `gives`
//!     gvies = [\"access\"]
//!     ^^^^^"
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
//! [fields]                          # what the sources give beyond the standard fields of [`Schema`]
//! contract.grade = "number"         # "text", "exact text", "number", "bool", "date", or "list of text" and so on
//! person.status = { type = "text", values = ["staff", "external"] }   # and never anything else
//!
//! [[rule]]
//! id = "sales-tools"                # stays; grants name it as their reason
//! name = "Sales has the CRM"        # for people, as is `category`
//! status = "published"              # or "draft", which gives nothing
//! target = "entra"                  # instead of the one above
//! per = "contract"                  # asked of each; or "primary", or of the "person" as a whole, who has no days
//! days_before = 14                  # before the first day of the contract
//! days_after = 3                    # after its last day
//! ends = "last_day_of_work"         # a date in this field of the contract, also as text, ends it earlier
//! when = '''
//!     contract.department in ["d007", "d003"] && contract.title.startsWith("Senior")
//!     && (contract.grade >= 7 || contracts.exists(c, c.in_force && c.department.below("sales")))
//!     && person.status != "external" && !(has(contract.end) && contract.end <= date("2026-03-01"))
//! '''
//! gives = [
//!     "account",                    # it exists
//!     "access",                     # it can be used
//!     { permission = "crm-users" },
//!     { permission = "licence:E3", class = "licence" },   # or "ordinary", "privileged"
//!     { each = 'contract.department', permission = '"department:" + key',   # one for each value, or each of a list
//!       name = '"Team " + first(department.name, key)', create = true,      # made where it is not there,
//!       owner = "manager" },                                                # and then it is the manager's
//! ]
//!
//! [[exclusion]]                     # all that a rule has, but `withholds` for `gives`
//! id = "external-sales"
//! when = 'person.status == "external"'
//! withholds = ["access", { permission = "crm-users" }, { rule = "sales-tools" }]   # "account" withholds all on the target
//!
//! [[exception]]                     # stands above exclusions, through its last day
//! id = "ann-sees-the-crm"
//! person = "afas:1042"
//! from = 2026-02-01                 # or from the start
//! until = 2026-03-31
//! gives = [{ permission = "crm-users" }]
//!
//! [[combination]]                   # of those who are given, the first stands, whatever gives it
//! id = "four-eyes"
//! apart = ["crm-users", { permission = "licence:E3", target = "entra" }]
//! verdict = "report"                # or "deny"
//!
//! [profile.entra]                   # what an account looks like; an attribute that is not named is never written
//! phone = { from = 'person.phone', when_empty = "clear" }            # or "keep"; a field that is absent always keeps
//! title = { from = 'primary.title', required = true }                # no account is made or changed without it
//! language = { value = "nl-NL", on = "create" }                      # or "always"
//! displayName = { from = 'join(" ", person.given_name, person.prefix, person.family_name)', max_length = 100 }   # cut there
//! manager = { manager = true }      # of the primary contract's department, or above it
//! mail = { from = 'account("ad").mail' }                             # of another account, which is made first
//! userPrincipalName = { candidates = ['person.given_name.lower().compact() + "@example.org"'],   # the first that is free,
//!                       numbered = 'person.given_name.lower().compact() + n + "@example.org"',   # then with 2, 3, 4, ...
//!                       renaming = "frozen" }                                                    # or "follows"
//! ```
//!
//! # Expressions
//!
//! They are written in CEL's syntax, and each part has a type: a text is never compared with a number, and a field that the
//! [`Schema`] does not know is refused.
//!
//! | | |
//! |---|---|
//! | `a == b`, `!=`, `x in ["a", "b"]`, `x in person.roles` | of texts by what they say: composed, trimmed, without case |
//! | `<`, `<=`, `>`, `>=` | of numbers and of days: `date("2026-03-01")`, `today` |
//! | `a && b`, `a \|\| b`, `!a`, `a ? b : c` | |
//! | `has(person.phone)` | whether it says something |
//! | `x.startsWith("Head ")`, `endsWith`, `contains` | without case; spaces that are written out count |
//! | `person.FIELD`, `contract.FIELD`, `primary.FIELD` | every contract has `start`, `end` (the last day) and `in_force` too |
//! | `department.name`, `code`, `parent` | of the contract, in a profile of the primary one; also `primary.department.name` |
//! | `department.below("fin")` | it is that department or one below it |
//! | `manager.FIELD` | of whoever manages that department, or else the nearest above; also `primary.manager.mail` |
//! | `contracts.exists(c, ...)`, `all`, `exists_one` | of how many contracts something holds |
//! | `account("ad").mail` | in a profile: an attribute of another account of the person, which is made first |
//! | `a + b`, `join(" ", a, b)`, `first(a, b)`, `string(x)` | `join` leaves out what is not there, `first` takes what is |
//! | `x.lower()`, `title()`, `compact()`, `truncate(20)` | `title` is for what is all in capitals; `compact` is without white space |
//! | `x.initial()`, `x.initials()` | `A`, `A.M.` |
//! | `x.latinize()`, `x.slug()` | `Zoë Müller`: `Zoe Mueller`, by the table of passports, and `zoe-mueller` |
//! | `x.e164("NL")` | `06-1234 5678` is `+31612345678`; what is no number of that country or of the one it names is no value |
//! | `surname(convention, prefix, name, partner_prefix, partner_name)` | B, P, BP or PB: `de Vries - van der Berg` |
//! | `sorted_surname(...)` | `Vries - van der Berg, de` |
//!
//! What a source gave as nothing, as blank, not at all, or as something that is not of the type, is not known, and by Kleene's
//! logic neither is what depends on it: `a || b` holds if `a` does, whatever is not known of `b`. A grant needs certainty. A
//! rule of which it cannot be told is reported as undetermined, and nothing is taken away because of it. A value with a part
//! that is not known is not there, and the attribute stays as it is. Attributes with the names of Microsoft's directories
//! have their lengths without being told: names, titles and places are cut there, numbers and ids that are longer not written.
//!
//! # What a rule says, and what is withheld
//!
//! A rule looks at every contract of a person. On the days of the contract, widened as the rule says, and in the contract's
//! zone, it gives what it gives if its condition holds. A dynamic permission whose key is absent or blank gives nothing and is
//! noted. Its id is made of the key, in which two spellings of one text are one, so a department that is renamed keeps its
//! group. Where rules give the same permission as different classes, the strictest counts: privileged, then licence.
//!
//! An exclusion looks at everything a person is given, whichever contract gave it, by days of its own as wide as those of any
//! rule where it says none, and acts on possibility: where it cannot be told, nothing new is given, and what is held stays.
//! What may not be held together is kept apart whatever gives it, people and others on the target included, and at every
//! moment: see [`Combination`](provisioning_core::policy::Combination).
//!
//! # Questions
//!
//! | | |
//! |---|---|
//! | [`RuleSet::explain`] | why somebody has something on a day, or what is nearest to giving it; each condition with what it looks at |
//! | [`RuleSet::what_if`], [`RuleSet::diff`] | what other facts, or other rules, would give and take, and whom |
//! | [`RuleSet::forecast`] | what changes on which day, if nothing but the days does |
//! | [`RuleSet::review`] | rules that never hold, that are implied or said twice, and negations that leave people out |
//! | `review_people`, `review_held`, `review_grace` | values that nobody has; what is held and given by nobody; days after the end |
//! | [`Indexed`] | the same as a policy of many rules, of which only those are asked that may hold |
//! | [`Population`] | which rules hold of whom, for hundreds of thousands at once, kept while people, days and rules change |
//!
//! Answers are values that serialize, and text for people; they show what fields hold, so they are for whoever may see these.

mod check;
mod clause;
mod difference;
mod exclusion;
mod explain;
mod file;
mod fold;
mod language;
mod length;
mod population;
mod problem;
mod profile;
mod review;
mod rule;
mod schema;
mod set;
mod slot;
mod standard;
#[cfg(test)]
#[expect(clippy::needless_raw_string_hashes, reason = "this is how expect-test writes what it expects")]
mod tests;
mod window;
mod wording;

pub use difference::{Change, Difference, Given};
pub use explain::{Asked, Condition, Days, Explanation, Holds, How, Saying, Verdict};
pub use file::{RuleFile, as_toml};
pub use population::{Cause, Causes, Changed, Indexed, Population};
pub use problem::{Problem, Problems};
pub use review::Remark;
pub use schema::{FieldType, InvalidFieldType, Schema};
pub use set::RuleSet;
pub use standard::STANDARD;
