//! Filters: alternatives of conditions on fields.

use std::cmp::Ordering;

use chrono::{NaiveDateTime, NaiveTime};
use serde_json::Value;

use super::cell::{Cell, Kind, order_of_texts};
use super::columns::{Depends, Row};
use super::connector::{Connector, Field};
use super::query::FilterText;
use super::refusal::Refusal;

/// Alternatives: a row passes when all conditions of one of them hold. Without any, every row passes.
#[derive(Debug, Default)]
pub(super) struct Filter<'c> {
    alternatives: Vec<Vec<Condition<'c>>>,
}

#[derive(Debug)]
struct Condition<'c> {
    field: &'c Field,
    test: Test,
    wanted: Wanted,
}

/// What a value is held against.
#[derive(Debug)]
enum Wanted {
    Nothing,
    Text(String),
    Number(f64),
    Flag(bool),
    Moment(NaiveDateTime),
}

/// The operators, each with the number that it has in a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Test {
    /// 1 `=`, 2 `>=`, 3 `<=`, 4 `>`, 5 `<`, 7 `!=`.
    Order(Order),
    /// 6 contains, 10 starts with, 13 ends with.
    Part(Part),
    /// 11, 12, 14: the same, denied.
    NoPart(Part),
    /// 8.
    Empty,
    /// 9.
    NotEmpty,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Order {
    Equal,
    AtLeast,
    AtMost,
    Greater,
    Less,
    Unequal,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Anywhere,
    Start,
    End,
}

impl Test {
    fn numbered(number: &str) -> Option<Self> {
        Some(match number.trim() {
            // An operator that is left out means equality.
            "" | "1" => Self::Order(Order::Equal),
            "2" => Self::Order(Order::AtLeast),
            "3" => Self::Order(Order::AtMost),
            "4" => Self::Order(Order::Greater),
            "5" => Self::Order(Order::Less),
            "6" => Self::Part(Part::Anywhere),
            "7" => Self::Order(Order::Unequal),
            "8" => Self::Empty,
            "9" => Self::NotEmpty,
            "10" => Self::Part(Part::Start),
            "11" => Self::NoPart(Part::Anywhere),
            "12" => Self::NoPart(Part::Start),
            "13" => Self::Part(Part::End),
            "14" => Self::NoPart(Part::End),
            _ => return None,
        })
    }
}

impl<'c> Filter<'c> {
    /// Reads a filter. One in JSON counts before one in lists.
    pub(super) fn read(text: &FilterText, connector: &'c Connector) -> Result<Self, Refusal> {
        let alternatives = if text.json.trim().is_empty() { listed(text)? } else { in_json(&text.json)? };
        let condition = |(field, value, operator): &(String, String, String)| {
            let field = connector.field(field).ok_or_else(|| Refusal::unknown_field(field))?;
            Condition::new(field, operator, value)
        };
        let alternatives = alternatives.iter().map(|group| group.iter().map(condition).collect());
        Ok(Self { alternatives: alternatives.collect::<Result<_, _>>()? })
    }

    pub(super) fn passes(&self, row: &Row<'_>) -> bool {
        self.alternatives.is_empty()
            || self.alternatives.iter().any(|group| group.iter().all(|condition| condition.holds(row)))
    }

    pub(super) fn depends_on_today(&self) -> bool {
        self.alternatives.iter().flatten().any(|condition| condition.field.column.depends == Depends::OnToday)
    }
}

/// Field, value and operator, in alternatives.
type Groups = Vec<Vec<(String, String, String)>>;

/// Three lists side by side: a comma is `and`, a semicolon is `or`. Nothing can escape either in a value.
fn listed(text: &FilterText) -> Result<Groups, Refusal> {
    if text.fields.trim().is_empty() {
        return Ok(Vec::new());
    }
    let split = |list: &str| -> Vec<Vec<String>> {
        list.split(';').map(|group| group.split(',').map(|one| one.trim().to_owned()).collect()).collect()
    };
    let fields = split(&text.fields);
    let shape = |groups: &[Vec<String>]| groups.iter().map(Vec::len).collect::<Vec<_>>();
    let mut beside = Vec::new();
    for list in [&text.values, &text.operators] {
        let groups = split(list);
        let groups =
            if list.is_empty() { fields.iter().map(|g| vec![String::new(); g.len()]).collect() } else { groups };
        if shape(&groups) != shape(&fields) {
            return Err(Refusal::unexpected());
        }
        beside.push(groups.into_iter().flatten());
    }
    let mut beside = beside.into_iter();
    let (mut values, mut operators) = (beside.next().into_iter().flatten(), beside.next().into_iter().flatten());
    let mut of = |field| (field, values.next().unwrap_or_default(), operators.next().unwrap_or_default());
    Ok(fields.into_iter().map(|group| group.into_iter().map(&mut of).collect()).collect())
}

/// `{"Filters":{"Filter":[{"Field":[{"@FieldId":"..","@OperatorType":"1","#text":".."}]}]}}`: the fields of one filter are
/// `and`, filters are `or`. A list of one may stand without its brackets.
fn in_json(json: &str) -> Result<Groups, Refusal> {
    let json: Value = serde_json::from_str(json).map_err(|_| Refusal::unexpected())?;
    let filters = json.pointer("/Filters/Filter").ok_or_else(Refusal::unexpected)?;
    let text = |field: &Value, name: &str| match field.get(name) {
        Some(Value::String(text)) => text.clone(),
        None | Some(Value::Null) => String::new(),
        Some(other) => other.to_string(),
    };
    let of = |field: &Value| (text(field, "@FieldId"), text(field, "#text"), text(field, "@OperatorType"));
    let group = |filter: &Value| filter.get("Field").map(|fields| list(fields).iter().map(of).collect());
    list(filters).iter().map(|filter| group(filter).ok_or_else(Refusal::unexpected)).collect()
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice)
}

impl<'c> Condition<'c> {
    fn new(field: &'c Field, operator: &str, value: &str) -> Result<Self, Refusal> {
        let mut test = Test::numbered(operator).ok_or_else(Refusal::unexpected)?;
        let mut value = value;
        // Some write `%` around what they look for. It is no part of it, and says more where the operator does not.
        let bare = value.trim_matches('%');
        match (test, value.starts_with('%'), value.ends_with('%')) {
            (Test::Part(_) | Test::NoPart(_), _, _) => value = bare,
            (Test::Order(Order::Unequal), true, true) => (test, value) = (Test::NoPart(Part::Anywhere), bare),
            (Test::Order(Order::Unequal), true, false) => (test, value) = (Test::NoPart(Part::End), bare),
            (Test::Order(Order::Unequal), false, true) => (test, value) = (Test::NoPart(Part::Start), bare),
            (Test::Order(_) | Test::Empty | Test::NotEmpty, _, _) => {}
        }
        let wanted = match test {
            Test::Empty | Test::NotEmpty => Wanted::Nothing,
            Test::Part(_) | Test::NoPart(_) => Wanted::Text(value.to_lowercase()),
            Test::Order(_) => wanted(field.column.kind, value).ok_or_else(Refusal::unexpected)?,
        };
        Ok(Self { field, test, wanted })
    }

    fn holds(&self, row: &Row<'_>) -> bool {
        let cell = (self.field.column.cell)(row);
        let is_empty = cell.as_ref().is_none_or(|cell| matches!(cell, Cell::Text(text) if text.is_empty()));
        match self.test {
            Test::Empty => is_empty,
            Test::NotEmpty => !is_empty,
            // As in a database: nothing compares with what is not there, `!=` and denials included.
            Test::Order(order) => cell.and_then(|cell| self.compared(&cell)).is_some_and(|is| order.allows(is)),
            Test::Part(part) => cell.is_some_and(|cell| self.has(part, &cell)),
            Test::NoPart(part) => cell.is_some_and(|cell| !self.has(part, &cell)),
        }
    }

    fn compared(&self, cell: &Cell<'_>) -> Option<Ordering> {
        match (cell, &self.wanted) {
            (Cell::Text(text), Wanted::Text(wanted)) => Some(order_of_texts(text, wanted)),
            #[expect(clippy::cast_precision_loss, reason = "numbers of contracts and employments are small")]
            (Cell::Number(number), Wanted::Number(wanted)) => (*number as f64).partial_cmp(wanted),
            (Cell::Decimal(number), Wanted::Number(wanted)) => number.partial_cmp(wanted),
            (Cell::Flag(flag), Wanted::Flag(wanted)) => Some(flag.cmp(wanted)),
            (Cell::Day(day), Wanted::Moment(wanted)) => Some(day.and_time(NaiveTime::MIN).cmp(wanted)),
            (Cell::Text(_) | Cell::Number(_) | Cell::Decimal(_) | Cell::Flag(_) | Cell::Day(_), _) => None,
        }
    }

    fn has(&self, part: Part, cell: &Cell<'_>) -> bool {
        let Wanted::Text(wanted) = &self.wanted else {
            return false;
        };
        let text = match cell {
            Cell::Text(text) => text.to_lowercase(),
            Cell::Number(number) => number.to_string(),
            Cell::Decimal(number) => number.to_string(),
            Cell::Flag(flag) => flag.to_string(),
            Cell::Day(day) => format!("{day}t00:00:00"),
        };
        match part {
            Part::Anywhere => text.contains(wanted.as_str()),
            Part::Start => text.starts_with(wanted.as_str()),
            Part::End => text.ends_with(wanted.as_str()),
        }
    }
}

impl Order {
    fn allows(self, is: Ordering) -> bool {
        match self {
            Self::Equal => is.is_eq(),
            Self::AtLeast => is.is_ge(),
            Self::AtMost => is.is_le(),
            Self::Greater => is.is_gt(),
            Self::Less => is.is_lt(),
            Self::Unequal => is.is_ne(),
        }
    }
}

/// A value as the kind of its field. A moment must not have the `Z` that moments in rows have.
fn wanted(kind: Kind, value: &str) -> Option<Wanted> {
    Some(match kind {
        Kind::Text => Wanted::Text(value.to_owned()),
        Kind::Number | Kind::Decimal => Wanted::Number(value.parse().ok()?),
        Kind::Flag => Wanted::Flag(match value.to_ascii_lowercase().as_str() {
            "true" | "1" => true,
            "false" | "0" => false,
            _ => return None,
        }),
        Kind::Day => Wanted::Moment(match value.parse::<chrono::NaiveDate>() {
            Ok(day) => day.and_time(NaiveTime::MIN),
            Err(_) => NaiveDateTime::parse_from_str(value, "%Y-%m-%dT%H:%M:%S").ok()?,
        }),
    })
}
