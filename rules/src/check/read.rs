//! Reads parts of a TOML document, and notes each part that is not what it should be.

use std::ops::Range;
use std::str::FromStr;

use chrono::NaiveDate;
use provisioning_core::{FieldName, InvalidId, Slot};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::problem::Findings;
use crate::slot::parse_slot;
use crate::wording::{is_close, listed};

/// The most days by which a rule may reach beyond a contract: ten years.
const MOST_DAYS: u32 = 3650;

/// A value with its place.
pub(crate) type Item<'t> = Spanned<DeValue<'t>>;

/// A table of which each entry is taken once; what is left over in the end should not be there.
#[derive(Debug)]
pub(crate) struct Section<'t> {
    what: &'static str,
    span: Range<usize>,
    table: &'t DeTable<'t>,
    known: Vec<&'static str>,
}

impl<'t> Section<'t> {
    /// The table `table`, called `what` when something about it is wrong.
    pub(crate) fn new(what: &'static str, table: &'t DeTable<'t>, span: Range<usize>) -> Self {
        Self { what, span, table, known: Vec::new() }
    }

    /// Where it stands.
    pub(crate) fn span(&self) -> Range<usize> {
        self.span.clone()
    }

    /// Whether an entry is there, which somebody else takes.
    pub(crate) fn has(&self, key: &str) -> bool {
        self.table.get(key).is_some()
    }

    /// Takes an entry that may be there.
    pub(crate) fn take(&mut self, key: &'static str) -> Option<&'t Item<'t>> {
        self.known.push(key);
        self.table.get(key)
    }

    /// Takes an entry that must be there.
    pub(crate) fn need(
        &mut self,
        key: &'static str,
        example: &str,
        findings: &mut Findings<'_>,
    ) -> Option<&'t Item<'t>> {
        let item = self.take(key);
        if item.is_none() {
            findings.add(self.span(), format!("{} has no `{key}`", self.what), format!("write `{key} = {example}`"));
        }
        item
    }

    /// Notes the entries that nobody took.
    pub(crate) fn finish(self, findings: &mut Findings<'_>) {
        for (key, _) in self.table {
            let name = key.get_ref().as_ref();
            if self.known.contains(&name) {
                continue;
            }
            let instead = match self.known.iter().find(|known| is_close(known, name)) {
                Some(known) => format!("write `{known}`"),
                None => format!("it may hold {}", listed(&self.known, "and")),
            };
            findings.add(key.span(), format!("{} knows no `{name}`", self.what), instead);
        }
    }
}

/// A table whose entries have names of our choice; the example shows one.
pub(crate) fn table<'t>(
    what: &'static str,
    example: &str,
    item: &'t Item<'t>,
    findings: &mut Findings<'_>,
) -> Option<Section<'t>> {
    Some(Section::new(what, entries(what, example, item, findings)?, item.span()))
}

/// A table whose entries have names of the writer's choice.
pub(crate) fn entries<'t>(
    what: &str,
    example: &str,
    item: &'t Item<'t>,
    findings: &mut Findings<'_>,
) -> Option<&'t DeTable<'t>> {
    let table = item.get_ref().as_table();
    if table.is_none() {
        findings.add(item.span(), format!("{what} is a table"), format!("write `{example}`"));
    }
    table
}

/// The values of a list, or the one value that stands in its place.
pub(crate) fn items<'t>(item: &'t Item<'t>) -> Box<dyn Iterator<Item = &'t Item<'t>> + 't> {
    match item.get_ref().as_array() {
        Some(array) => Box::new(array.iter()),
        None => Box::new(std::iter::once(item)),
    }
}

/// Text that is not blank.
pub(crate) fn text<'t>(item: &'t Item<'t>, findings: &mut Findings<'_>) -> Option<&'t str> {
    let text = item.get_ref().as_str().filter(|text| !text.trim().is_empty());
    if text.is_none() {
        findings.add(item.span(), "not a text that says something", "write a text in quotes, such as `\"Sales\"`");
    }
    text
}

/// A number of days.
pub(crate) fn days(item: &Item<'_>, findings: &mut Findings<'_>) -> Option<u32> {
    let days = number(item).filter(|days| *days <= MOST_DAYS);
    if days.is_none() {
        let instead = format!("write a whole number from 0 to {MOST_DAYS}, such as `14`");
        findings.add(item.span(), "not a number of days that a rule can reach beyond a contract", instead);
    }
    days
}

/// A day.
pub(crate) fn date(item: &Item<'_>, findings: &mut Findings<'_>) -> Option<NaiveDate> {
    // In quotes, too: other notations than TOML know no days.
    let quoted = item.get_ref().as_str().map(str::to_owned);
    let day = item.get_ref().as_datetime().map(ToString::to_string).or(quoted).and_then(|day| day.parse().ok());
    if day.is_none() {
        findings.add(item.span(), "not a day", "write the year, the month and the day: `2026-08-31`");
    }
    day
}

/// The longest that a text may be.
pub(crate) fn length(item: &Item<'_>, findings: &mut Findings<'_>) -> Option<usize> {
    let length = number(item).filter(|most| (1..=10_000).contains(most)).and_then(|most| most.try_into().ok());
    if length.is_none() {
        findings.add(item.span(), "not a length", "write a whole number from 1 to 10000, without quotes");
    }
    length
}

fn number(item: &Item<'_>) -> Option<u32> {
    item.get_ref().as_integer().and_then(|number| u32::from_str_radix(number.as_str(), number.radix()).ok())
}

/// One of a few words.
pub(crate) fn choice<T: Clone>(item: &Item<'_>, words: &[(&str, T)], findings: &mut Findings<'_>) -> Option<T> {
    let written = item.get_ref().as_str();
    let chosen = words.iter().find(|(word, _)| written == Some(*word));
    if chosen.is_none() {
        let quoted: Vec<String> = words.iter().map(|(word, _)| format!("\"{word}\"")).collect();
        let names: Vec<&str> = quoted.iter().map(String::as_str).collect();
        findings.add(
            item.span(),
            "not one of the words that may stand here",
            format!("write {}", listed(&names, "or")),
        );
    }
    chosen.map(|(_, meaning)| meaning.clone())
}

/// `true` or `false`.
pub(crate) fn yes(item: &Item<'_>, findings: &mut Findings<'_>) -> bool {
    let yes = item.get_ref().as_bool();
    if yes.is_none() {
        findings.add(item.span(), "neither true nor false", "write `true` or `false` without quotes");
    }
    yes.unwrap_or_default()
}

/// An id of some kind.
pub(crate) fn id<T: FromStr<Err = InvalidId>>(item: &Item<'_>, findings: &mut Findings<'_>) -> Option<T> {
    valid(text(item, findings)?.parse(), item, findings)
}

/// The name of a field where only a contract's may stand; written without `contract.`, so that there is one way to
/// write it.
pub(crate) fn contract_field(item: &Item<'_>, findings: &mut Findings<'_>) -> Option<FieldName> {
    let written = text(item, findings)?;
    if !written.contains('.') {
        return id(item, findings);
    }
    let instead = match written.strip_prefix("contract.").filter(|name| !name.is_empty() && !name.contains('.')) {
        Some(name) => format!("write `\"{name}\"`"),
        None => "write the name without a dot, such as `\"hours\"`".to_owned(),
    };
    findings.add(item.span(), "not the name of a field of the contract, which is written alone here", instead);
    None
}

/// A valid id, or a problem.
pub(crate) fn valid<T>(id: Result<T, InvalidId>, item: &Item<'_>, findings: &mut Findings<'_>) -> Option<T> {
    id.map_err(|error| findings.add(item.span(), error.to_string(), "write it without that")).ok()
}

/// A place for an account, written `entra`, or `entra/admin` for another kind of account.
pub(crate) fn slot(text: &str, span: Range<usize>, findings: &mut Findings<'_>) -> Option<Slot> {
    let slot = parse_slot(text);
    slot.map_err(|error| {
        findings.add(
            span,
            error.to_string(),
            "write a target such as `entra`, or with a kind of account `entra/admin`",
        );
    })
    .ok()
}

/// The text form of a plain value: text, number, true, false or a day.
pub(crate) fn plain(item: &Item<'_>, findings: &mut Findings<'_>) -> Option<String> {
    let plain = match item.get_ref() {
        DeValue::String(text) => Some(text.trim().to_owned()).filter(|text| !text.is_empty()),
        DeValue::Integer(number) => i64::from_str_radix(number.as_str(), number.radix()).ok().map(|n| n.to_string()),
        DeValue::Float(number) => Some(number.as_str().trim_start_matches('+').to_owned()),
        DeValue::Boolean(yes) => Some(yes.to_string()),
        DeValue::Datetime(moment) => Some(moment.to_string()).filter(|day| day.parse::<NaiveDate>().is_ok()),
        DeValue::Array(_) | DeValue::Table(_) => None,
    };
    if plain.is_none() {
        let instead = "write a text in quotes, a number, a day such as `2026-01-31`, `true` or `false`";
        findings.add(item.span(), "not a value to compare or to write", instead);
    }
    plain
}
