//! Conditions on fields: text compares after trimming and lower-casing, and what is not known is neither true nor false.

use chrono::NaiveDate;
use provisioning_core::source::{Contract, Person};
use provisioning_core::{Decimal, Value};

use crate::field::Field;

/// What a condition says of a contract.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Truth {
    Holds,
    Fails,
    /// The field is absent or null.
    Unknown,
}

/// A condition on one field.
#[derive(Debug, Clone)]
pub(crate) struct Condition {
    pub(crate) field: Field,
    pub(crate) test: Test,
}

/// What is asked of a field that holds something.
#[derive(Debug, Clone)]
pub(crate) enum Test {
    /// It is one of these.
    Is(Vec<Literal>),
    /// It is none of these.
    Not(Vec<Literal>),
    /// It starts with one of these.
    StartsWith(Vec<Literal>),
}

impl Condition {
    /// Asks it of a person and a contract.
    pub(crate) fn truth(&self, person: &Person<'_>, contract: &Contract<'_>) -> Truth {
        let Some(value) = self.field.value(person, contract).filter(|value| **value != Value::Null) else {
            return Truth::Unknown;
        };
        let holds = match &self.test {
            Test::Is(literals) => literals.iter().any(|literal| literal.is(value)),
            Test::Not(literals) => !literals.iter().any(|literal| literal.is(value)),
            Test::StartsWith(literals) => literals.iter().any(|literal| literal.starts(value)),
        };
        if holds { Truth::Holds } else { Truth::Fails }
    }
}

/// A value of a rule, ready to be compared with fields of every type: `36` in a rule is `"36"` and 36 in a source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Literal {
    folded: String,
    number: Option<Decimal>,
    day: Option<NaiveDate>,
}

impl Literal {
    /// The value that a text stands for.
    pub(crate) fn new(text: &str) -> Self {
        let text = text.trim();
        Self { folded: folded(text).collect(), number: text.parse().ok(), day: text.parse().ok() }
    }

    /// Whether it is the value, or one of those in a list.
    fn is(&self, value: &Value) -> bool {
        match value {
            Value::Text(text) => self.is_text(text.trim()),
            Value::Number(number) => self.number == Some(*number),
            Value::Bool(yes) => self.folded == if *yes { "true" } else { "false" },
            Value::Date(day) => self.day == Some(*day),
            Value::List(values) => values.iter().any(|value| self.is(value)),
            Value::Null | Value::Account(_) => false,
        }
    }

    fn is_text(&self, text: &str) -> bool {
        if text.is_ascii() { self.folded.eq_ignore_ascii_case(text) } else { folded(text).eq(self.folded.chars()) }
    }

    /// Whether the value, or one of those in a list, is a text that starts with it.
    fn starts(&self, value: &Value) -> bool {
        match value {
            Value::Text(text) => {
                let mut text = folded(text.trim());
                self.folded.chars().all(|wanted| text.next() == Some(wanted))
            }
            Value::List(values) => values.iter().any(|value| self.starts(value)),
            Value::Null | Value::Number(_) | Value::Bool(_) | Value::Date(_) | Value::Account(_) => false,
        }
    }
}

fn folded(text: &str) -> impl Iterator<Item = char> {
    text.chars().flat_map(char::to_lowercase)
}
