//! What one would write instead: structs with interned texts, and a closure for each rule. What is missing makes false, and
//! its negation false too.

use crate::made::{FIELDS, value};
use crate::shape::{Shape, When};

/// A contract; 0 stands for what is missing.
#[derive(Debug, Clone)]
pub(crate) struct Row {
    pub(crate) fields: [u32; FIELDS],
    pub(crate) hours: Option<u32>,
    /// Days since some day, the last one exclusive.
    pub(crate) days: (i32, i32),
}

type Test = Box<dyn Fn(&Row, &[Row]) -> bool>;

/// A rule.
pub(crate) struct Rule {
    test: Test,
    before: i32,
    after: i32,
}

/// A rule as a closure.
pub(crate) fn rule(shape: &Shape) -> Rule {
    let day = |days: u32| i32::try_from(days).unwrap_or(i32::MAX);
    Rule { test: test(&shape.when), before: day(shape.window.0), after: day(shape.window.1) }
}

fn field(row: &Row, field: usize) -> u32 {
    row.fields.get(field).copied().unwrap_or_default()
}

fn test(when: &When) -> Test {
    match when.clone() {
        When::Always => Box::new(|_, _| true),
        When::Is(of, is) => Box::new(move |row, _| field(row, of) == is),
        When::OneOf(of, mut values) => {
            values.sort_unstable();
            Box::new(move |row, _| values.binary_search(&field(row, of)).is_ok())
        }
        When::Starts(of, start) => {
            // Looked up once for each text, as whoever interns would.
            let starts: Vec<bool> = (0..2000).map(|is| is != 0 && value(of, is).starts_with(&start)).collect();
            Box::new(move |row, _| starts.get(field(row, of) as usize).copied().unwrap_or_default())
        }
        When::Has(of) => Box::new(move |row, _| field(row, of) != 0),
        When::AtLeast(hours) => Box::new(move |row, _| row.hours.is_some_and(|has| has >= hours)),
        When::IsNot(of, is) => Box::new(move |row, _| field(row, of) != 0 && field(row, of) != is),
        When::All(parts) => {
            let parts: Vec<Test> = parts.iter().map(test).collect();
            Box::new(move |row, all| parts.iter().all(|part| part(row, all)))
        }
        When::Any(parts) => {
            let parts: Vec<Test> = parts.iter().map(test).collect();
            Box::new(move |row, all| parts.iter().any(|part| part(row, all)))
        }
        When::Exists(inner) => {
            let inner = test(&inner);
            Box::new(move |_, all| all.iter().any(|row| inner(row, all)))
        }
    }
}

/// The places of the rules that hold, contract after contract.
pub(crate) fn all(rules: &[Rule], people: &[Vec<Row>], today: i32) -> Vec<u32> {
    let mut holding = Vec::new();
    for contracts in people {
        for row in contracts {
            for (place, rule) in (0_u32..).zip(rules) {
                let is_open = row.days.0 - rule.before <= today && today < row.days.1.saturating_add(rule.after);
                if is_open && (rule.test)(row, contracts) {
                    holding.push(place);
                }
            }
        }
    }
    holding
}
