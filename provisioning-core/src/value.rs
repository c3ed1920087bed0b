//! Typed values of fields, where absent, null and empty are three different things.

use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::id::{AccountKey, FieldName};
use crate::sorted::SortedMap;

/// The value of one field.
///
/// A field that is not in [`Fields`] is absent; `Null` was given as nothing; `Text("")` was given as empty.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Value {
    /// Given as nothing.
    Null,
    /// Text, as the source spells it.
    Text(Arc<str>),
    /// An exact decimal number.
    Number(Decimal),
    /// Yes or no.
    Bool(bool),
    /// A civil day.
    Date(NaiveDate),
    /// Several values, in the order given.
    List(Vec<Value>),
    /// Another account, named by its key; the target writes the id that it knows it by.
    Account(Box<AccountKey>),
}

impl Value {
    /// A text value.
    #[must_use]
    pub fn text(text: &str) -> Self {
        Self::Text(Arc::from(text))
    }

    /// The text, if it is one.
    #[must_use]
    pub fn as_text(&self) -> Option<&str> {
        if let Self::Text(text) = self { Some(text) } else { None }
    }

    /// The day, if it is one.
    #[must_use]
    pub fn as_date(&self) -> Option<NaiveDate> {
        if let Self::Date(day) = self { Some(*day) } else { None }
    }

    /// Whether it says nothing: null, white space only, or an empty list.
    #[must_use]
    pub fn is_blank(&self) -> bool {
        match self {
            Self::Null => true,
            Self::Text(text) => text.trim().is_empty(),
            Self::List(values) => values.is_empty(),
            Self::Number(_) | Self::Bool(_) | Self::Date(_) | Self::Account(_) => false,
        }
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("nothing"),
            Self::Text(text) => write!(f, "`{text}`"),
            Self::Number(number) => number.fmt(f),
            Self::Bool(yes) => yes.fmt(f),
            Self::Date(day) => day.fmt(f),
            Self::List(values) => {
                for (place, value) in values.iter().enumerate() {
                    write!(f, "{}{value}", if place == 0 { "" } else { ", " })?;
                }
                Ok(())
            }
            Self::Account(key) => write!(f, "account {key}"),
        }
    }
}

/// Values are personal data: only the type shows.
impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Null => "null",
            Self::Text(_) => "text",
            Self::Number(_) => "number",
            Self::Bool(_) => "bool",
            Self::Date(_) => "date",
            Self::List(_) => "list",
            Self::Account(_) => "account",
        })
    }
}

/// An exact decimal number, `digits` x 10^-`scale`, kept without trailing zeros so that equal numbers are equal values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Decimal {
    digits: i64,
    scale: u8,
}

/// A text is not a decimal number of at most 18 digits.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a decimal number of at most 18 digits")]
pub struct InvalidDecimal(String);

impl Ord for Decimal {
    fn cmp(&self, other: &Self) -> Ordering {
        let scale = self.scale.max(other.scale);
        let at = |number: &Self| i128::from(number.digits) * 10_i128.pow(u32::from(scale - number.scale));
        at(self).cmp(&at(other))
    }
}

impl PartialOrd for Decimal {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl From<i64> for Decimal {
    fn from(digits: i64) -> Self {
        Self { digits, scale: 0 }
    }
}

impl From<Decimal> for String {
    fn from(number: Decimal) -> Self {
        number.to_string()
    }
}

impl TryFrom<String> for Decimal {
    type Error = InvalidDecimal;
    fn try_from(text: String) -> Result<Self, InvalidDecimal> {
        text.parse()
    }
}

impl FromStr for Decimal {
    type Err = InvalidDecimal;
    fn from_str(text: &str) -> Result<Self, InvalidDecimal> {
        let refuse = || InvalidDecimal(text.to_owned());
        let (sign, plain) = text.strip_prefix('-').map_or((1, text), |rest| (-1, rest));
        let (whole, fraction) = plain.split_once('.').unwrap_or((plain, "0"));
        let fraction = fraction.trim_end_matches('0');
        let all_digits = |part: &str| part.chars().all(|c| c.is_ascii_digit());
        let ends_badly = plain.ends_with('.') || whole.is_empty();
        if ends_badly || !all_digits(whole) || !all_digits(fraction) || whole.len() + fraction.len() > 18 {
            return Err(refuse());
        }
        let digits: i64 = format!("{whole}{fraction}").parse().map_err(|_| refuse())?;
        let scale = u8::try_from(fraction.len()).map_err(|_| refuse())?;
        Ok(Self { digits: sign * digits, scale })
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.digits < 0 { "-" } else { "" };
        let scale = usize::from(self.scale);
        let digits = format!("{:0>width$}", self.digits.unsigned_abs(), width = scale + 1);
        let (whole, fraction) = digits.split_at(digits.len() - scale);
        let point = if scale == 0 { "" } else { "." };
        write!(f, "{sign}{whole}{point}{fraction}")
    }
}

/// Fields by name, each at most once, in order of name.
#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Fields(SortedMap<FieldName, Value>);

impl Fields {
    /// The value of a field; `None` when the field is absent.
    #[must_use]
    pub fn value(&self, name: &str) -> Option<&Value> {
        self.0.get(name)
    }

    /// The text of a field that says something; `None` when it is absent, null, blank or of another type.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&str> {
        self.value(name).filter(|value| !value.is_blank()).and_then(Value::as_text)
    }

    /// Puts a value, in place of an earlier one.
    pub fn put(&mut self, name: FieldName, value: Value) {
        self.0.insert(name, value);
    }

    /// Makes a field absent.
    pub fn remove(&mut self, name: &FieldName) {
        self.0.remove(name);
    }

    /// All fields, in order of name.
    pub fn iter(&self) -> impl Iterator<Item = (&FieldName, &Value)> {
        self.0.iter()
    }

    /// How many fields are present.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether no field is present.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// The last value given for a name counts.
impl FromIterator<(FieldName, Value)> for Fields {
    fn from_iter<I: IntoIterator<Item = (FieldName, Value)>>(fields: I) -> Self {
        fields.into_iter().collect::<Vec<_>>().into()
    }
}

/// The last value given for a name counts.
impl From<Vec<(FieldName, Value)>> for Fields {
    fn from(fields: Vec<(FieldName, Value)>) -> Self {
        Self(fields.into())
    }
}

/// Fields are personal data: only their number shows.
impl fmt::Debug for Fields {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Fields({})", self.0.len())
    }
}

/// What to do with a value that may be there already.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Edit<T> {
    /// Leave it as it is.
    #[default]
    Keep,
    /// Make it this.
    Set(T),
    /// Make it nothing.
    Clear,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_numbers_are_equal_however_they_are_written() {
        for (text, shown) in
            [("0.80", "0.8"), ("36", "36"), ("36.0", "36"), ("-0.05", "-0.05"), ("007", "7"), ("100", "100")]
        {
            assert_eq!(text.parse::<Decimal>().unwrap().to_string(), shown);
        }
        let number = |text: &str| text.parse::<Decimal>().unwrap();
        assert!(number("0.9") < number("1") && number("-2") < number("-1.5") && number("10") > number("9.99"));
        for text in ["", ".", "1.", ".5", "1e3", "1,5", "--1", "1234567890123456789"] {
            assert!(text.parse::<Decimal>().is_err(), "{text}");
        }
    }

    #[test]
    fn i_48_absent_null_and_empty_stay_three_things() {
        let name = |text| FieldName::new(text).unwrap();
        let fields: Fields = vec![(name("empty"), Value::text("")), (name("null"), Value::Null)].into();
        let back: Fields = serde_json::from_str(&serde_json::to_string(&fields).unwrap()).unwrap();
        assert_eq!(back, fields);
        assert_eq!(
            (back.value("absent"), back.value("null"), back.value("empty")),
            (None, Some(&Value::Null), Some(&Value::text("")))
        );
        let edits = [Edit::Keep, Edit::Set(Value::Null), Edit::Set(Value::text("")), Edit::Clear];
        let back: Vec<Edit<Value>> = serde_json::from_str(&serde_json::to_string(&edits).unwrap()).unwrap();
        assert_eq!(back, edits);
    }

    #[test]
    fn the_last_value_of_a_field_counts_and_debug_shows_none() {
        let name = FieldName::new("surname").unwrap();
        let mut fields: Fields = vec![(name.clone(), Value::text("Old")), (name.clone(), Value::text("Vries"))].into();
        assert_eq!(fields.text("surname"), Some("Vries"));
        assert_eq!(format!("{fields:?} {:?}", fields.value("surname")), "Fields(1) Some(text)");
        fields.remove(&name);
        assert!(fields.is_empty());
    }
}
