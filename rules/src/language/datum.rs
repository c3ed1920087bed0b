//! Values as expressions see them: read as the schema says, or lacking.

use std::borrow::Cow;

use chrono::NaiveDate;
use provisioning_core::{Decimal, Value};

use crate::fold::same;
use crate::language::term::Spelling;
use crate::schema::{FieldType, Kind, Shape};

/// A value.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Datum<'v> {
    Text(Cow<'v, str>),
    Number(Decimal),
    Bool(bool),
    Date(NaiveDate),
    List(Vec<Datum<'v>>),
}

impl Datum<'_> {
    /// Whether something in a list was given as nothing.
    pub(crate) fn has_gap(&self) -> bool {
        matches!(self, Self::List(list) if list.contains(&Datum::Text(Cow::Borrowed(""))))
    }
}

/// Why there is no value. The later one counts where several are lacking.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Lack {
    /// It was given as nothing.
    Empty,
    /// It was not given.
    Absent,
    /// It was given, but not as what the schema says.
    Unreadable,
}

/// A value, or why there is none.
pub(crate) type Told<'v> = Result<Datum<'v>, Lack>;

/// Reads what a source gave as what the schema says.
pub(crate) fn read<'v>(value: &'v Value, holds: &FieldType) -> Told<'v> {
    if value.is_blank() {
        return Err(Lack::Empty);
    }
    match (value, holds.shape) {
        (Value::List(values), Shape::One) => {
            let mut said = values.iter().filter(|value| !value.is_blank());
            match (said.next(), said.next()) {
                (None, _) => Err(Lack::Empty),
                (Some(one), None) => read(one, holds),
                (Some(_), Some(_)) => Err(Lack::Unreadable),
            }
        }
        (Value::List(values), Shape::List) => {
            if values.iter().all(Value::is_blank) {
                return Err(Lack::Empty);
            }
            // One that says nothing stays in the list as an empty text: whoever makes something of each tells of it.
            let nothing = || Ok(Datum::Text(Cow::Borrowed("")));
            let read = |value: &'v Value| if value.is_blank() { nothing() } else { one(value, holds.kind) };
            Ok(Datum::List(values.iter().map(read).collect::<Result<_, _>>()?))
        }
        (_, Shape::One) => one(value, holds.kind),
        (_, Shape::List) => Ok(Datum::List(vec![one(value, holds.kind)?])),
    }
}

fn one(value: &Value, kind: Kind) -> Told<'_> {
    let text = || -> Option<Cow<'_, str>> {
        match value {
            Value::Text(text) => Some(Cow::Borrowed(if kind == Kind::Exact { text.as_ref() } else { text.trim() })),
            Value::Number(number) => Some(Cow::Owned(number.to_string())),
            Value::Bool(yes) => Some(Cow::Owned(yes.to_string())),
            Value::Date(day) => Some(Cow::Owned(day.to_string())),
            Value::Null | Value::List(_) | Value::Account(_) => None,
        }
    };
    let written = value.as_text().map(str::trim);
    let read = match (kind, value) {
        (Kind::Text | Kind::Exact, _) => text().map(Datum::Text),
        (Kind::Number, Value::Number(number)) => Some(Datum::Number(*number)),
        (Kind::Bool, Value::Bool(yes)) => Some(Datum::Bool(*yes)),
        (Kind::Date, Value::Date(day)) => Some(Datum::Date(*day)),
        (Kind::Number, _) => written.and_then(|text| text.parse().ok()).map(Datum::Number),
        (Kind::Bool, _) => written.and_then(|text| text.to_lowercase().parse().ok()).map(Datum::Bool),
        (Kind::Date, _) => written.and_then(day).map(Datum::Date),
    };
    read.ok_or(Lack::Unreadable)
}

/// A day as sources write it that know no types: `2026-01-31` and nothing else.
pub(crate) fn day(text: &str) -> Option<NaiveDate> {
    text.parse().ok().filter(|day: &NaiveDate| day.to_string() == text)
}

impl Datum<'_> {
    /// As it stands in running text; a list stands in none.
    pub(crate) fn plain(&self) -> Option<Cow<'_, str>> {
        match self {
            Self::Text(text) => Some(Cow::Borrowed(text)),
            Self::Number(number) => Some(Cow::Owned(number.to_string())),
            Self::Bool(yes) => Some(Cow::Owned(yes.to_string())),
            Self::Date(day) => Some(Cow::Owned(day.to_string())),
            Self::List(_) => None,
        }
    }

    /// As an attribute of an account.
    pub(crate) fn value(&self) -> Value {
        match self {
            Self::Text(text) => Value::text(text),
            Self::Number(number) => Value::Number(*number),
            Self::Bool(yes) => Value::Bool(*yes),
            Self::Date(day) => Value::Date(*day),
            Self::List(list) => Value::List(list.iter().map(Datum::value).collect()),
        }
    }

    /// Whether two values are the same.
    pub(crate) fn is(&self, other: &Datum<'_>, spelling: Spelling) -> bool {
        match (self, other, spelling) {
            (Self::Text(a), Datum::Text(b), Spelling::Folded) => same(a, b),
            _ => self == other,
        }
    }
}
