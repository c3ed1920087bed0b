//! One value of a row: how it is written, and how it compares.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::fmt::Write;

use chrono::NaiveDate;

/// What a column holds; the name of it in a description of the connector.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Text,
    Number,
    Decimal,
    Flag,
    Day,
}

impl Kind {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Text => "string",
            Self::Number => "int",
            Self::Decimal => "decimal",
            Self::Flag => "boolean",
            Self::Day => "date",
        }
    }
}

/// A value. What is not there is no value, and `null` in a row.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Cell<'s> {
    Text(Cow<'s, str>),
    Number(i64),
    Decimal(f64),
    Flag(bool),
    Day(NaiveDate),
}

impl Cell<'_> {
    pub(super) fn write(cell: Option<&Self>, out: &mut String) {
        // Writing to a `String` cannot fail.
        let _ = match cell {
            None => out.write_str("null"),
            Some(Self::Text(text)) => {
                write_text(text, out);
                Ok(())
            }
            Some(Self::Number(number)) => write!(out, "{number}"),
            Some(Self::Decimal(number)) => write!(out, "{number}"),
            Some(Self::Flag(flag)) => write!(out, "{flag}"),
            // Local time of the environment; the `Z` is what AFAS writes, and it is wrong.
            Some(Self::Day(day)) => write!(out, "\"{day}T00:00:00Z\""),
        };
    }

    /// As the database orders: what is not there comes first, and letters compare without their case.
    pub(super) fn order(one: Option<&Self>, other: Option<&Self>) -> Ordering {
        match (one, other) {
            (Some(Self::Text(one)), Some(Self::Text(other))) => order_of_texts(one, other),
            (Some(Self::Number(one)), Some(Self::Number(other))) => one.cmp(other),
            (Some(Self::Decimal(one)), Some(Self::Decimal(other))) => one.total_cmp(other),
            (Some(Self::Flag(one)), Some(Self::Flag(other))) => one.cmp(other),
            (Some(Self::Day(one)), Some(Self::Day(other))) => one.cmp(other),
            // A column holds one kind of value.
            (one, other) => one.is_some().cmp(&other.is_some()),
        }
    }
}

/// The order of two texts without regard to the case of their letters.
pub(super) fn order_of_texts(one: &str, other: &str) -> Ordering {
    if one.is_ascii() && other.is_ascii() {
        let lower = |byte: u8| byte.to_ascii_lowercase();
        return one.bytes().map(lower).cmp(other.bytes().map(lower));
    }
    one.chars().flat_map(char::to_lowercase).cmp(other.chars().flat_map(char::to_lowercase))
}

/// A text in JSON, with its quotes.
pub(super) fn write_text(text: &str, out: &mut String) {
    out.push('"');
    if !text.bytes().any(|byte| byte < b' ' || byte == b'"' || byte == b'\\') {
        out.push_str(text);
        out.push('"');
        return;
    }
    for letter in text.chars() {
        match letter {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            control if control < ' ' => {
                let _ = write!(out, "\\u{:04x}", u32::from(control));
            }
            other => out.push(other),
        }
    }
    out.push('"');
}
