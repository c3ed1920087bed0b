//! A column of a `GetConnector`, and what its values become.

use chrono::{NaiveDate, NaiveDateTime, NaiveTime};
use provisioning_core::{Decimal, Value};
use serde_json::Value as Json;

use crate::names::convention;

/// A column of a `GetConnector`: its name, what its values are, and whether it may be lacking.
///
/// Null stays null and empty text stays empty text in every kind but [`name_use`](Self::name_use). Whatever cannot be
/// what the column should hold is a defect of the person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    pub(crate) name: String,
    kind: Kind,
    pub(crate) presence: Presence,
}

/// Whether a connector may lack a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Presence {
    Required,
    Optional,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    AsGiven,
    Text,
    Code,
    Number,
    Flag,
    Date,
    NameUse,
}

impl Column {
    /// Values as AFAS gives them: text, numbers, true and false. Text that has the form of an AFAS date becomes a day,
    /// and one with a time of day loses its `Z`, which is false.
    #[must_use]
    pub fn as_given(name: &str) -> Self {
        Self::of(name, Kind::AsGiven)
    }

    /// Text as it is spelt, also where AFAS gives a number.
    #[must_use]
    pub fn text(name: &str) -> Self {
        Self::of(name, Kind::Text)
    }

    /// A code, a number of a person or another key: text without white space around it; leading zeros stay.
    #[must_use]
    pub fn code(name: &str) -> Self {
        Self::of(name, Kind::Code)
    }

    /// A number, also where AFAS gives it as text.
    #[must_use]
    pub fn number(name: &str) -> Self {
        Self::of(name, Kind::Number)
    }

    /// Yes or no, also where AFAS gives 1 or 0.
    #[must_use]
    pub fn flag(name: &str) -> Self {
        Self::of(name, Kind::Flag)
    }

    /// A day as AFAS shows it; no time zone moves it.
    #[must_use]
    pub fn date(name: &str) -> Self {
        Self::of(name, Kind::Date)
    }

    /// The name use: 0 becomes `B` (birth name), 1 `PB` (partner's, then birth name), 2 `P`, 3 `BP`, anything else `B`.
    #[must_use]
    pub fn name_use(name: &str) -> Self {
        Self::of(name, Kind::NameUse)
    }

    /// The same column, which the connector may also lack; then the field is absent.
    #[must_use]
    pub fn or_absent(self) -> Self {
        Self { presence: Presence::Optional, ..self }
    }

    fn of(name: &str, kind: Kind) -> Self {
        Self { name: name.to_owned(), kind, presence: Presence::Required }
    }

    /// What a value of the column becomes, or what it should have been.
    pub(crate) fn value(&self, json: &Json) -> Result<Value, &'static str> {
        if self.kind == Kind::NameUse {
            return Ok(Value::text(convention(json)));
        }
        match json {
            Json::Null => return Ok(Value::Null),
            Json::String(text) if text.trim().is_empty() => return Ok(Value::text(text)),
            Json::Array(_) | Json::Object(_) => return Err("a single value"),
            Json::Bool(_) | Json::Number(_) | Json::String(_) => {}
        }
        match self.kind {
            Kind::AsGiven => Ok(as_given(json)),
            Kind::Text => Ok(Value::text(&spelt(json))),
            Kind::Code => Ok(Value::text(spelt(json).trim())),
            Kind::Number => number(json).ok_or("a number"),
            Kind::Flag => flag(json).map(Value::Bool).ok_or("yes or no"),
            Kind::Date => day(json).map(Value::Date).ok_or("a date"),
            Kind::NameUse => Ok(Value::text(convention(json))),
        }
    }
}

/// A key: text that says something, without white space around it; also a whole number.
pub(crate) fn code(json: Option<&Json>) -> Option<String> {
    match json? {
        Json::String(text) => Some(text.trim().to_owned()).filter(|text| !text.is_empty()),
        Json::Number(number) if !number.is_f64() => Some(number.to_string()),
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::Array(_) | Json::Object(_) => None,
    }
}

/// The day that AFAS shows: `2012-11-22T00:00:00Z`, in which the `Z` is false, so that it is not looked at.
pub(crate) fn day(json: &Json) -> Option<NaiveDate> {
    let text = json.as_str()?.trim();
    text.parse().ok().or_else(|| instant(text).map(|at| at.date()))
}

fn instant(text: &str) -> Option<NaiveDateTime> {
    let plain = text.strip_suffix('Z').unwrap_or(text);
    NaiveDateTime::parse_from_str(plain, "%Y-%m-%dT%H:%M:%S%.f").ok()
}

fn as_given(json: &Json) -> Value {
    match json {
        Json::Bool(yes) => Value::Bool(*yes),
        Json::Number(_) => number(json).unwrap_or_else(|| Value::text(&spelt(json))),
        Json::String(text) => match instant(text) {
            Some(at) if at.time() == NaiveTime::MIN => Value::Date(at.date()),
            Some(_) => Value::text(text.strip_suffix('Z').unwrap_or(text)),
            None => Value::text(text),
        },
        Json::Null | Json::Array(_) | Json::Object(_) => Value::Null,
    }
}

/// As many digits as a number has here; where AFAS divided and gives more, the last ones say nothing.
const DIGITS: usize = 18;

fn number(json: &Json) -> Option<Value> {
    let number = spelt(json);
    let number = number.trim();
    let whole = match number.strip_prefix('-') {
        Some(rest) if rest.starts_with('.') => format!("-0{rest}"),
        None if number.starts_with('.') => format!("0{number}"),
        Some(_) | None => number.to_owned(),
    };
    let point = whole.find('.').unwrap_or(whole.len());
    let end = DIGITS + 1 + usize::from(whole.starts_with('-'));
    let fits = whole.get(..end.max(point)).unwrap_or(&whole);
    fits.parse::<Decimal>().ok().map(Value::Number)
}

fn flag(json: &Json) -> Option<bool> {
    match spelt(json).trim().to_ascii_lowercase().as_str() {
        "true" | "1" => Some(true),
        "false" | "0" => Some(false),
        _ => None,
    }
}

/// As AFAS wrote it; a number in plain digits.
fn spelt(json: &Json) -> String {
    match json {
        Json::String(text) => text.clone(),
        Json::Number(number) => match (number.is_f64(), number.as_f64()) {
            (true, Some(float)) => float.to_string(),
            _ => number.to_string(),
        },
        Json::Bool(yes) => yes.to_string(),
        Json::Null | Json::Array(_) | Json::Object(_) => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn decimal(text: &str) -> Value {
        Value::Number(text.parse().unwrap())
    }

    fn date(text: &str) -> Value {
        Value::Date(text.parse().unwrap())
    }

    #[track_caller]
    fn check(column: &Column, cases: &[(Json, Result<Value, &str>)]) {
        for (json, expected) in cases {
            let value = column.value(json);
            assert!(
                value == *expected,
                "{json} became {}",
                value.map_or_else(str::to_owned, |value| value.to_string())
            );
        }
    }

    #[test]
    fn null_and_empty_stay_what_they_are() {
        let make = [Column::as_given, Column::text, Column::code, Column::number, Column::flag, Column::date];
        for column in make.map(|make| make("C")) {
            let cases = [
                (json!(null), Ok(Value::Null)),
                (json!(""), Ok(Value::text(""))),
                (json!(" "), Ok(Value::text(" "))),
                (json!([1]), Err("a single value")),
                (json!({}), Err("a single value")),
            ];
            check(&column, &cases);
        }
    }

    #[test]
    fn codes_keep_their_zeros_and_text_keeps_its_spelling() {
        check(
            &Column::code("C"),
            &[
                (json!("000001005"), Ok(Value::text("000001005"))),
                (json!(" d001 "), Ok(Value::text("d001"))),
                (json!(1005), Ok(Value::text("1005"))),
            ],
        );
        check(
            &Column::text("C"),
            &[
                (json!(" van der "), Ok(Value::text(" van der "))),
                (json!(36.5), Ok(Value::text("36.5"))),
                (json!(true), Ok(Value::text("true"))),
            ],
        );
    }

    #[test]
    fn numbers_are_exact_also_as_text_and_in_the_old_spelling() {
        let cases = [
            (json!(36), Ok(decimal("36"))),
            (json!(0.8889), Ok(decimal("0.8889"))),
            (json!(1e-7), Ok(decimal("0.0000001"))),
            (json!(0.5 / 38.0), Ok(decimal("0.0131578947368421"))),
            (json!("-12.333333333333333333333"), Ok(decimal("-12.3333333333333333"))),
            (json!("1234567890123456789"), Err("a number")),
            (json!(-0.5), Ok(decimal("-0.5"))),
            (json!("-.5"), Ok(decimal("-0.5"))),
            (json!(".5"), Ok(decimal("0.5"))),
            (json!("36,5"), Err("a number")),
            (json!("many"), Err("a number")),
            (json!(true), Err("a number")),
        ];
        check(&Column::number("C"), &cases);
    }

    #[test]
    fn flags_may_be_numbers_or_text() {
        let mut cases: Vec<_> =
            [json!(true), json!(1), json!("1"), json!("True")].map(|yes| (yes, Ok(Value::Bool(true)))).into();
        cases.extend([json!(false), json!(0), json!("0"), json!("FALSE")].map(|no| (no, Ok(Value::Bool(false)))));
        cases.extend([json!(2), json!("J"), json!(0.5)].map(|neither| (neither, Err("yes or no"))));
        check(&Column::flag("C"), &cases);
    }

    #[test]
    fn a_date_is_the_day_that_is_shown_whatever_the_z_says() {
        let cases = [
            (json!("2012-11-22T00:00:00Z"), Ok(date("2012-11-22"))),
            (json!("2012-11-22T23:59:59Z"), Ok(date("2012-11-22"))),
            (json!("2012-11-22T00:30:00"), Ok(date("2012-11-22"))),
            (json!("2012-11-22T00:00:00.000Z"), Ok(date("2012-11-22"))),
            (json!("2012-11-22"), Ok(date("2012-11-22"))),
            (json!("2028-02-29T00:00:00Z"), Ok(date("2028-02-29"))),
            (json!("2027-02-29T00:00:00Z"), Err("a date")),
            (json!("2012-11-22T00:00:00+02:00"), Err("a date")),
            (json!("22-11-2012"), Err("a date")),
            (json!("soon"), Err("a date")),
            (json!(20_121_122), Err("a date")),
        ];
        check(&Column::date("C"), &cases);
    }

    #[test]
    fn what_has_the_form_of_a_date_is_one() {
        let cases = [
            (json!("2012-11-22T00:00:00Z"), Ok(date("2012-11-22"))),
            (json!("2012-11-22T09:49:49Z"), Ok(Value::text("2012-11-22T09:49:49"))),
            (json!("0042"), Ok(Value::text("0042"))),
            (json!(0.5), Ok(decimal("0.5"))),
            (json!(1.234_567_890_123_456_8e20), Ok(Value::text("123456789012345680000"))),
            (json!(false), Ok(Value::Bool(false))),
        ];
        check(&Column::as_given("C"), &cases);
    }

    #[test]
    fn a_key_is_text_or_a_whole_number() {
        for (json, expected) in [
            (json!("0042"), Some("0042")),
            (json!(" 42 "), Some("42")),
            (json!(42), Some("42")),
            (json!(""), None),
            (json!(4.2), None),
            (json!(null), None),
            (json!(true), None),
        ] {
            assert_eq!(code(Some(&json)).as_deref(), expected, "{json}");
        }
        assert_eq!(code(None), None);
    }
}
