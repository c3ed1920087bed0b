//! The text of a file of rules, read as TOML but not yet understood.

use std::str::FromStr;

use serde::Serialize;
use toml::de::DeTable;

use crate::check::check;
use crate::problem::{Findings, Problems};
use crate::schema::Schema;
use crate::set::RuleSet;

/// A file of rules that is well-formed TOML, with the place of everything in it.
#[derive(Debug, Clone)]
pub struct RuleFile<'t> {
    text: &'t str,
    table: DeTable<'t>,
}

impl<'t> RuleFile<'t> {
    /// Reads a text.
    ///
    /// # Errors
    /// Everything that is not TOML; what it means is looked at by [`check`](Self::check) only.
    pub fn parse(text: &'t str) -> Result<Self, Problems> {
        let (table, errors) = DeTable::parse_recoverable(text);
        let mut findings = Findings::new(text);
        for error in errors {
            let span = error.span().unwrap_or_default();
            let (wrong, expected) = error.message().split_once(", expected ").unwrap_or((error.message(), ""));
            let instead = match text.get(span.clone()) {
                Some(bare) if wrong.ends_with("must be quoted") => format!("write `\"{bare}\"`"),
                _ if expected.starts_with('`') => format!("write {expected}"),
                _ if wrong == "duplicate key" => "remove one of the two".to_owned(),
                _ => "see toml.io for what may stand here".to_owned(),
            };
            findings.add(span, wrong, instead);
        }
        match findings.into_problems() {
            Some(problems) => Err(problems),
            None => Ok(Self { text, table: table.into_inner() }),
        }
    }

    /// Understands the rules and resolves their names.
    ///
    /// # Errors
    /// Everything that is wrong with them, at once.
    pub fn check(&self) -> Result<RuleSet, Problems> {
        self.check_with(&Schema::default())
    }

    /// The same with the fields of sources of one's own; what the file declares under `[fields]` is added to them.
    ///
    /// # Errors
    /// Everything that is wrong with the rules, at once.
    pub fn check_with(&self, schema: &Schema) -> Result<RuleSet, Problems> {
        check(self.text, &self.table, schema)
    }
}

/// Rules in another notation, such as JSON or YAML that was read into a value, as the text of a file of rules.
///
/// ```
/// let json = serde_json::json!({ "target": "entra", "rule": [{ "id": "access", "gives": ["account", "access"] }] });
/// let rules: rules::RuleSet = rules::as_toml(&json)?.parse()?;
/// assert_eq!(rules.rules().count(), 1);
/// # Ok::<(), rules::Problems>(())
/// ```
///
/// # Errors
/// What no file of rules can hold, such as nothing in the place of a value.
pub fn as_toml(document: &impl Serialize) -> Result<String, Problems> {
    let instead = "write a table of rules, and leave out what is nothing";
    toml::to_string(document).map_err(|error| Problems::of_whole(error.to_string(), instead))
}

impl FromStr for RuleSet {
    type Err = Problems;
    fn from_str(text: &str) -> Result<Self, Problems> {
        RuleFile::parse(text)?.check()
    }
}
