//! Expressions in a file of rules, and where in the file a part of one stands.

use std::ops::Range;

use crate::check::read::Item;
use crate::language::check::Typed;
use crate::language::scope::Scope;
use crate::language::term::{Formula, Term};
use crate::language::{self, Fault};
use crate::problem::Findings;
use crate::schema::Schema;

/// Understands a condition.
pub(crate) fn formula(item: &Item<'_>, scope: Scope, schema: &Schema, findings: &mut Findings<'_>) -> Option<Formula> {
    let understood = language::formula(written(item, findings)?, scope, schema);
    understood.map_err(|faults| note(faults, item, findings)).ok()
}

/// Understands a value.
pub(crate) fn value(item: &Item<'_>, scope: Scope, schema: &Schema, findings: &mut Findings<'_>) -> Option<Typed> {
    let understood = language::value(written(item, findings)?, scope, schema);
    understood.map_err(|faults| note(faults, item, findings)).ok()
}

/// The text of an expression.
fn written<'t>(item: &'t Item<'t>, findings: &mut Findings<'_>) -> Option<&'t str> {
    let written = item.get_ref().as_str().filter(|text| !text.trim().is_empty());
    if written.is_none() {
        let instead = "write it in single quotes, such as `'contract.title == \"Clerk\"'` or `'person.phone'`";
        findings.add(item.span(), "not an expression", instead);
    }
    written
}

/// The value, if it is a text.
pub(crate) fn text_of(typed: Typed, item: &Item<'_>, findings: &mut Findings<'_>) -> Option<Term> {
    if typed.holds.is_text() {
        return Some(typed.term);
    }
    let wrong = format!("a {} stands where a text is expected", typed.holds);
    findings.add(item.span(), wrong, "write a text, or `string(...)` around it");
    None
}

fn note(faults: Vec<Fault>, item: &Item<'_>, findings: &mut Findings<'_>) {
    for Fault { span, wrong, instead } in faults {
        let span = place(findings.text(), item.span(), &span);
        findings.add(span, wrong, instead);
    }
}

/// Where a part of a text stands in the file that quotes it.
fn place(file: &str, quoted: Range<usize>, part: &Range<usize>) -> Range<usize> {
    let raw = file.get(quoted.clone()).unwrap_or_default();
    let at = |offset| (quoted.start + raw_offset(raw, offset)).min(quoted.end);
    at(part.start)..at(part.end)
}

/// How many bytes of a quoted text stand before the byte `offset` of what it says.
fn raw_offset(raw: &str, offset: usize) -> usize {
    let quotes = ["\"\"\"", "'''", "\"", "'"];
    let quote = quotes.into_iter().find(|quote| raw.starts_with(quote)).unwrap_or_default();
    let inside = raw.get(quote.len()..).unwrap_or_default();
    // The first line break of a text of several lines says nothing.
    let breaks = ["\r\n", "\n"].into_iter().filter(|_| quote.len() == 3);
    let start = quote.len() + breaks.filter(|newline| inside.starts_with(newline)).map(str::len).next().unwrap_or(0);
    if quote.starts_with('\'') {
        return start + offset;
    }
    let (mut said, mut at) = (0, start);
    while said < offset {
        let rest = raw.get(at..).unwrap_or_default();
        let Some((length, says)) = character(rest) else { break };
        at += length;
        said += says;
    }
    at
}

/// How long the first character of a quoted text is as it is written, and as it is meant.
fn character(rest: &str) -> Option<(usize, usize)> {
    let first = rest.chars().next()?;
    if first != '\\' {
        return Some((first.len_utf8(), first.len_utf8()));
    }
    let escaped = rest.chars().nth(1)?;
    let digits = match escaped {
        'x' => 2,
        'u' => 4,
        'U' => 8,
        _ if escaped.is_whitespace() => {
            let blank = rest.get(1..)?;
            return Some((1 + blank.len() - blank.trim_start().len(), 0));
        }
        _ => return Some((1 + escaped.len_utf8(), 1)),
    };
    let code = rest.get(2..2 + digits).and_then(|code| u32::from_str_radix(code, 16).ok());
    Some((2 + digits, code.and_then(char::from_u32).map_or(1, char::len_utf8)))
}
