//! `$filter`: read, and held against an object (graph.md 1.4).

mod parse;

use serde_json::Value;

use super::directory::Record;
use super::errors::Refusal;
use super::schema::{Class, Property};

/// A condition on an object.
#[derive(Debug, Clone)]
pub(super) enum Filter {
    All(Vec<Filter>),
    Any(Vec<Filter>),
    Not(Box<Filter>),
    Property(&'static Property, Test),
    /// Some item of a list.
    Some(&'static Property, Test),
}

/// A condition on one value.
#[derive(Debug, Clone)]
pub(super) enum Test {
    Compares(Comparison, Value),
    In(Vec<Value>),
    StartsWith(String),
    EndsWith(String),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Comparison {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

/// A filter, and whether it needs an advanced query.
#[derive(Debug, Clone)]
pub(super) struct Parsed {
    pub(super) filter: Filter,
    pub(super) is_advanced: bool,
}

impl Filter {
    pub(super) fn parse(class: Class, text: &str) -> Result<Parsed, Refusal> {
        parse::filter(class, text)
    }

    pub(super) fn holds(&self, record: &Record) -> bool {
        match self {
            Self::All(filters) => filters.iter().all(|filter| filter.holds(record)),
            Self::Any(filters) => filters.iter().any(|filter| filter.holds(record)),
            Self::Not(filter) => !filter.holds(record),
            Self::Property(property, test) => test.holds(record.value(property.name).unwrap_or(&Value::Null)),
            Self::Some(property, test) => {
                let items = record.value(property.name).and_then(Value::as_array);
                items.is_some_and(|items| items.iter().any(|item| test.holds(item)))
            }
        }
    }

    /// Whether it asks for nothing but ids, and for at most so many.
    pub(super) fn is_of_ids(&self, most: usize) -> bool {
        let mut ids = 0;
        self.names_ids(&mut ids) && ids <= most
    }

    fn names_ids(&self, ids: &mut usize) -> bool {
        match self {
            Self::Any(filters) => filters.iter().all(|filter| filter.names_ids(ids)),
            Self::Property(property, Test::Compares(Comparison::Equal, _)) => {
                *ids += 1;
                property.name == "id"
            }
            Self::Property(property, Test::In(values)) => {
                *ids += values.len();
                property.name == "id"
            }
            Self::All(_) | Self::Not(_) | Self::Property(..) | Self::Some(..) => false,
        }
    }
}

impl Test {
    fn holds(&self, value: &Value) -> bool {
        match self {
            Self::Compares(comparison, literal) => comparison.holds(value, literal),
            Self::In(literals) => literals.iter().any(|literal| Comparison::Equal.holds(value, literal)),
            Self::StartsWith(start) => value.as_str().is_some_and(|text| text.to_lowercase().starts_with(start)),
            Self::EndsWith(end) => value.as_str().is_some_and(|text| text.to_lowercase().ends_with(end)),
        }
    }
}

impl Comparison {
    /// The directory compares texts without case. Null is equal to null only, and neither less nor greater.
    fn holds(self, value: &Value, literal: &Value) -> bool {
        let order = match (value, literal) {
            (Value::String(value), Value::String(literal)) => Some(value.to_lowercase().cmp(&literal.to_lowercase())),
            _ => (value == literal).then_some(std::cmp::Ordering::Equal),
        };
        match self {
            Self::Equal => order.is_some_and(std::cmp::Ordering::is_eq),
            Self::NotEqual => !order.is_some_and(std::cmp::Ordering::is_eq),
            Self::Less => order.is_some_and(std::cmp::Ordering::is_lt),
            Self::LessOrEqual => order.is_some_and(std::cmp::Ordering::is_le),
            Self::Greater => order.is_some_and(std::cmp::Ordering::is_gt),
            Self::GreaterOrEqual => order.is_some_and(std::cmp::Ordering::is_ge),
        }
    }
}
