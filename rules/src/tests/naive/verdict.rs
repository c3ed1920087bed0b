//! Whether a condition holds, by Kleene's logic: `None` is what cannot be told.

use std::cmp::Ordering;

use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;
use provisioning_core::source::{Contract, Department, Person};
use provisioning_core::{Decimal, Value};

use super::syntax::{Day, Expr, Field, Kind, Part, Quantifier, Sign, Whose, Words};

/// What a condition may look at.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sight<'s, 'a> {
    pub(super) person: &'s Person<'a>,
    pub(super) contract: Option<&'s Contract<'a>>,
    pub(super) primary: Option<&'s Contract<'a>>,
    pub(super) each: Option<&'s Contract<'a>>,
    pub(super) now: DateTime<Utc>,
    /// The zone whose day is today.
    pub(super) zone: Tz,
    /// What is taken otherwise, to see where it decides.
    pub(super) turned: Option<Feature>,
}

/// What rules are made of. Of a condition the opposite is told, where it is told at all; all else is left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Feature {
    Text,
    ExactText,
    Words,
    OneOf,
    Member,
    Part,
    Number,
    Days,
    Today,
    Flag,
    Has,
    Below,
    Choice,
    Exists,
    All,
    ExistsOne,
    NegatedQuantifier,
    /// That a rule holds on its days only.
    Window,
    /// That an exclusion without days has the widest of its target.
    Widest,
    Ends,
    /// The order in which contracts speak for a person.
    Primary,
    Zone,
    Draft,
    Exclusion,
    Exception,
}

impl Feature {
    pub(super) const ALL: [Self; 25] = [
        Self::Text,
        Self::ExactText,
        Self::Words,
        Self::OneOf,
        Self::Member,
        Self::Part,
        Self::Number,
        Self::Days,
        Self::Today,
        Self::Flag,
        Self::Has,
        Self::Below,
        Self::Choice,
        Self::Exists,
        Self::All,
        Self::ExistsOne,
        Self::NegatedQuantifier,
        Self::Window,
        Self::Widest,
        Self::Ends,
        Self::Primary,
        Self::Zone,
        Self::Draft,
        Self::Exclusion,
        Self::Exception,
    ];

    fn of(expr: &Expr) -> Option<Self> {
        Some(match expr {
            Expr::Flag(_) | Expr::FlagIs(..) | Expr::SameFlag(..) => Self::Flag,
            Expr::Words(..) => Self::Words,
            Expr::TextIs(of, ..) | Expr::SameText(of, ..) if of.kind == Kind::Exact => Self::ExactText,
            Expr::TextIs(..) | Expr::SameText(..) => Self::Text,
            Expr::OneOf(..) | Expr::NumberOneOf(..) | Expr::DayOneOf(..) => Self::OneOf,
            Expr::Member(..) | Expr::MemberField(..) => Self::Member,
            Expr::Has(_) => Self::Has,
            Expr::Part(..) => Self::Part,
            Expr::Number(..) | Expr::Numbers(..) => Self::Number,
            Expr::Days(Day::Today, ..) | Expr::Days(_, _, Day::Today) => Self::Today,
            Expr::Days(..) => Self::Days,
            Expr::Below(..) => Self::Below,
            Expr::Choice(..) => Self::Choice,
            Expr::Count(Quantifier::Exists, _) => Self::Exists,
            Expr::Count(Quantifier::All, _) => Self::All,
            Expr::Count(Quantifier::ExistsOne, _) => Self::ExistsOne,
            Expr::Not(inner) => match **inner {
                Expr::Count(..) => Self::NegatedQuantifier,
                Expr::Flag(_)
                | Expr::Constant(_)
                | Expr::Same(..)
                | Expr::SameFlag(..)
                | Expr::Words(..)
                | Expr::MemberField(..)
                | Expr::FlagIs(..)
                | Expr::TextIs(..)
                | Expr::SameText(..)
                | Expr::OneOf(..)
                | Expr::NumberOneOf(..)
                | Expr::DayOneOf(..)
                | Expr::Member(..)
                | Expr::Has(_)
                | Expr::Part(..)
                | Expr::Number(..)
                | Expr::Numbers(..)
                | Expr::Days(..)
                | Expr::Below(..)
                | Expr::Not(_)
                | Expr::And(..)
                | Expr::Or(..)
                | Expr::Choice(..) => return None,
            },
            Expr::And(..) | Expr::Or(..) | Expr::Constant(_) | Expr::Same(..) => return None,
        })
    }
}

/// What a dynamic permission finds as its key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum FoundKey {
    Spelt(String),
    Blank,
    NoText,
}

/// A text by what it says: composed, trimmed, without case.
pub(super) fn said(text: &str) -> String {
    if text.is_ascii() {
        return text.trim().to_ascii_lowercase();
    }
    composed(text)
        .trim()
        .chars()
        .flat_map(char::to_lowercase)
        .map(|c| if c == 'ς' { 'σ' } else { c })
        .collect::<String>()
        .replace('ß', "ss")
}

/// The letters with marks that occur here, each as one.
fn composed(text: &str) -> String {
    if text.is_ascii() {
        return text.to_owned();
    }
    let pairs = [
        ("e\u{301}", "é"),
        ("E\u{301}", "É"),
        ("e\u{308}", "ë"),
        ("E\u{308}", "Ë"),
        ("o\u{308}", "ö"),
        ("O\u{308}", "Ö"),
        ("\u{212b}", "Å"),
    ];
    pairs.iter().fold(text.to_owned(), |text, (apart, one)| text.replace(apart, one))
}

impl<'s, 'a> Sight<'s, 'a> {
    pub(super) fn today(&self) -> NaiveDate {
        self.now.with_timezone(&self.zone).date_naive()
    }

    fn contract_of(&self, whose: Whose) -> Option<&'s Contract<'a>> {
        match whose {
            Whose::Person => None,
            Whose::Contract => self.contract,
            Whose::Primary => self.primary,
            Whose::Each => self.each,
        }
    }

    /// What the source gave, with what every contract has.
    fn given(&self, of: Field) -> Option<Value> {
        let given = self.source(of)?;
        // A list of nothing says nothing.
        let is_nothing = matches!(&given, Value::List(values) if values.iter().all(Value::is_blank));
        Some(if is_nothing { Value::Null } else { given })
    }

    fn source(&self, of: Field) -> Option<Value> {
        if of.whose == Whose::Person {
            return self.person.field(of.name).cloned();
        }
        let contract = self.contract_of(of.whose)?;
        match of.name {
            "start" => Some(Value::Date(contract.period.start())),
            "end" => contract.period.last_day().map(Value::Date),
            "in_force" => {
                let today = self.now.with_timezone(&contract.zone).date_naive();
                let is_over = contract.period.last_day().is_some_and(|last| last < today);
                Some(Value::Bool(contract.period.start() <= today && !is_over))
            }
            "department.name" => department(contract).map(|found| Value::text(&found.name)),
            "department.code" => contract.field("department").cloned(),
            "department.parent" => Some(Value::text(department(contract)?.parent.as_ref()?.as_str())),
            name => contract.field(name).cloned(),
        }
    }

    /// A text as it is compared: of an exact one each letter counts.
    fn text(&self, of: Field) -> Option<String> {
        comparable(of.kind, &spelling(&self.given(of)?)?)
    }

    /// A text as it is spelt, without white space around it.
    fn spelt(&self, of: Field) -> Option<String> {
        spelling(&self.given(of)?).map(|text| text.trim().to_owned())
    }

    fn words(&self, of: &Words) -> Option<String> {
        match of {
            Words::Lower(of) | Words::Title(of) => self.spelt(*of).map(|text| text.to_lowercase()),
            Words::Compact(of) => self.spelt(*of).map(|text| text.split_whitespace().collect()),
            // A letter with its marks is one.
            Words::Truncated(of, most) => self.spelt(*of).map(|text| composed(&text).chars().take(*most).collect()),
            Words::Number(of) => self.number(*of).map(|number| number.to_string()),
            Words::Plus(of, text) => self.spelt(*of).map(|first| first + text),
            Words::PlusField(of, other) => Some(self.spelt(*of)? + &self.spelt(*other)?),
            Words::First(of, other) => self.spelt(*of).or_else(|| self.spelt(*other)),
            Words::FirstOr(of, text) => self.spelt(*of).or_else(|| Some(text.clone())),
            Words::Choice(test, of, other) => self.spelt(if self.holds(test)? { *of } else { *other }),
            Words::Joined(of, other) => {
                let parts: Vec<String> = [self.spelt(*of), self.spelt(*other)].into_iter().flatten().collect();
                Some(parts.join(" ")).filter(|text| !text.is_empty())
            }
        }
    }

    fn number(&self, of: Field) -> Option<Decimal> {
        as_number(&self.given(of)?)
    }

    fn flag(&self, of: Field) -> Option<bool> {
        match self.given(of)? {
            Value::Bool(flag) => Some(flag),
            Value::Text(text) => text.trim().parse().ok(),
            Value::Null | Value::Number(_) | Value::Date(_) | Value::List(_) | Value::Account(_) => None,
        }
    }

    fn numbers(&self, of: Field) -> Option<Vec<Option<Decimal>>> {
        let given = self.given(of)?;
        if given.is_blank() {
            return None;
        }
        match given {
            // A list with something else in it is no list of numbers.
            Value::List(values) => values.iter().map(|value| as_number(value).map(Some)).collect(),
            Value::Null | Value::Text(_) | Value::Number(_) | Value::Bool(_) | Value::Date(_) | Value::Account(_) => {
                as_number(&given).map(|number| vec![Some(number)])
            }
        }
    }

    /// The texts of a list; one that is not known is among them as such.
    pub(super) fn texts(&self, of: Field) -> Option<Vec<Option<String>>> {
        let given = self.given(of)?;
        if given.is_blank() {
            return None;
        }
        match given {
            Value::List(values) => Some(values.iter().map(spelling).collect()),
            Value::Null | Value::Text(_) | Value::Number(_) | Value::Bool(_) | Value::Date(_) | Value::Account(_) => {
                spelling(&given).map(|text| vec![Some(text)])
            }
        }
    }

    /// The keys of a dynamic permission.
    pub(super) fn keys(&self, of: Field) -> Vec<FoundKey> {
        let found = |value: &Value| match spelling(value) {
            Some(text) => FoundKey::Spelt(text),
            None if value.is_blank() => FoundKey::Blank,
            None => FoundKey::NoText,
        };
        match self.given(of) {
            None => vec![FoundKey::Blank],
            Some(Value::List(values)) if matches!(of.kind, Kind::Texts | Kind::ExactTexts) && !values.is_empty() => {
                values.iter().map(found).collect()
            }
            Some(value) => vec![found(&value)],
        }
    }

    /// The name of the contract's department, as it is spelt.
    pub(super) fn department_name(&self) -> Option<String> {
        let name = self.given(Field { whose: Whose::Contract, name: "department.name", kind: Kind::Text });
        name.and_then(|value| spelling(&value))
    }

    fn day(&self, of: &Day) -> Option<NaiveDate> {
        match of {
            Day::Today => Some(self.today()),
            Day::On(day) => Some(*day),
            Day::Of(of) => as_day(&self.given(*of)?),
        }
    }

    fn has(&self, of: Field) -> bool {
        match of.kind {
            Kind::Text | Kind::Exact => self.text(of).is_some(),
            Kind::Number => self.number(of).is_some(),
            Kind::Flag => self.flag(of).is_some(),
            Kind::Day => self.day(&Day::Of(of)).is_some(),
            Kind::Texts | Kind::ExactTexts => self.texts(of).is_some(),
            Kind::Numbers => self.numbers(of).is_some(),
        }
    }

    /// Whether a contract's department is one or is below it.
    fn below(&self, whose: Whose, code: &str) -> Option<bool> {
        let contract = self.contract_of(whose)?;
        let first = self.given(Field { whose, name: "department", kind: Kind::Text })?;
        let mut place = spelling(&first)?;
        let mut passed: Vec<String> = Vec::new();
        loop {
            if said(&place) == said(code) {
                return Some(true);
            }
            if passed.contains(&place) {
                return Some(false);
            }
            // What lies above a department that the source does not know is not known.
            let found = contract.departments.iter().find(|found| said(found.code.as_str()) == said(&place))?;
            passed.push(place);
            let Some(parent) = &found.parent else { return Some(false) };
            place = parent.as_str().to_owned();
        }
    }

    pub(super) fn holds(&self, expr: &Expr) -> Option<bool> {
        let told = self.plainly(expr);
        let is_turned = self.turned.is_some() && Feature::of(expr) == self.turned;
        if is_turned { told.map(|held| !held) } else { told }
    }

    fn plainly(&self, expr: &Expr) -> Option<bool> {
        match expr {
            Expr::Constant(text) => Some(*text == "true"),
            Expr::Same(one, sign, other) => Some(agrees(*sign, self.holds(one)?.cmp(&self.holds(other)?))),
            Expr::SameFlag(of, sign, other) => Some(agrees(*sign, self.flag(*of)?.cmp(&self.flag(*other)?))),
            Expr::Words(of, sign, literal) => Some(agrees(*sign, said(&self.words(of)?).cmp(&said(literal)))),
            Expr::MemberField(text, of) => {
                let (text, texts) = (said(&self.spelt(*text)?), self.texts(*of)?);
                any(texts.iter().map(|one| one.as_ref().map(|one| said(one) == text)))
            }
            Expr::Flag(of) => self.flag(*of),
            Expr::FlagIs(of, sign, literal) => Some(agrees(*sign, self.flag(*of)?.cmp(&(*literal == "true")))),
            Expr::TextIs(of, sign, literal) => Some(agrees(*sign, self.text(*of)?.cmp(&comparable(of.kind, literal)?))),
            Expr::SameText(of, sign, other) => {
                // Beside a text of which each letter counts it does, but for the white space around the other one.
                let text = |one: Field| {
                    if of.kind == other.kind || one.kind == Kind::Exact { self.text(one) } else { self.spelt(one) }
                };
                Some(agrees(*sign, text(*of)?.cmp(&text(*other)?)))
            }
            Expr::OneOf(of, literals) => {
                let text = self.text(*of)?;
                Some(literals.iter().any(|literal| comparable(of.kind, literal).as_ref() == Some(&text)))
            }
            Expr::NumberOneOf(of, literals) => {
                let number = self.number(*of)?;
                Some(literals.iter().any(|literal| literal.parse() == Ok(number)))
            }
            Expr::Member(literal, of) if of.kind == Kind::Numbers => {
                let number: Decimal = literal.parse().unwrap();
                any(self.numbers(*of)?.into_iter().map(|one| one.map(|one| one == number)))
            }
            Expr::Member(literal, of) => {
                let like = |text: &String| comparable(of.kind, text) == comparable(of.kind, literal);
                any(self.texts(*of)?.iter().map(|text| text.as_ref().map(like)))
            }
            Expr::DayOneOf(of, days) => Some(days.contains(&self.day(&Day::Of(*of))?)),
            Expr::Has(of) => Some(self.has(*of)),
            Expr::Part(of, part, literal) => {
                let text = self.text(*of)?;
                // The spaces around the literal are meant, so something stands there while it is made comparable.
                let literal = comparable(of.kind, &format!("|{literal}|"))?.trim_matches('|').to_owned();
                Some(match part {
                    Part::Start => text.starts_with(&literal),
                    Part::End => text.ends_with(&literal),
                    Part::Anywhere => text.contains(&literal),
                })
            }
            Expr::Number(of, sign, literal) => Some(agrees(*sign, self.number(*of)?.cmp(&literal.parse().unwrap()))),
            Expr::Numbers(of, sign, other) => Some(agrees(*sign, self.number(*of)?.cmp(&self.number(*other)?))),
            Expr::Days(one, sign, other) => Some(agrees(*sign, self.day(one)?.cmp(&self.day(other)?))),
            Expr::Below(whose, code) => self.below(*whose, code),
            Expr::Not(inner) => self.holds(inner).map(|held| !held),
            Expr::And(one, other) => all([self.holds(one), self.holds(other)].into_iter()),
            Expr::Or(one, other) => any([self.holds(one), self.holds(other)].into_iter()),
            Expr::Choice(test, one, other) => {
                if self.holds(test)? {
                    self.holds(one)
                } else {
                    self.holds(other)
                }
            }
            Expr::Count(quantifier, inner) => {
                let told = self.person.contracts.iter().map(|each| Sight { each: Some(each), ..*self }.holds(inner));
                match quantifier {
                    Quantifier::Exists => any(told),
                    Quantifier::All => all(told),
                    Quantifier::ExistsOne => exactly_one(told),
                }
            }
        }
    }
}

fn department<'a>(contract: &Contract<'a>) -> Option<&'a Department> {
    let code = contract.field("department").and_then(spelling)?;
    contract.departments.iter().find(|found| said(found.code.as_str()) == said(&code))
}

/// The text that a value is, unless it says nothing.
fn spelling(value: &Value) -> Option<String> {
    if value.is_blank() {
        return None;
    }
    match value {
        Value::Text(text) => Some(text.to_string()),
        Value::Number(number) => Some(number.to_string()),
        Value::Date(day) => Some(day.to_string()),
        Value::Bool(flag) => Some(flag.to_string()),
        Value::Null | Value::List(_) | Value::Account(_) => None,
    }
}

fn comparable(kind: Kind, text: &str) -> Option<String> {
    match kind {
        Kind::Exact | Kind::ExactTexts => Some(text.to_owned()),
        Kind::Text | Kind::Texts => Some(said(text)),
        Kind::Number | Kind::Numbers | Kind::Flag | Kind::Day => None,
    }
}

/// A number, also as text.
pub(super) fn as_number(value: &Value) -> Option<Decimal> {
    match value {
        Value::Number(number) => Some(*number),
        Value::Text(text) => text.trim().parse().ok(),
        Value::Null | Value::Bool(_) | Value::Date(_) | Value::List(_) | Value::Account(_) => None,
    }
}

/// A day, also as text.
pub(super) fn as_day(value: &Value) -> Option<NaiveDate> {
    match value {
        Value::Date(day) => Some(*day),
        Value::Text(text) => text.trim().parse().ok(),
        Value::Null | Value::Number(_) | Value::Bool(_) | Value::List(_) | Value::Account(_) => None,
    }
}

fn agrees(sign: Sign, order: Ordering) -> bool {
    match sign {
        Sign::Equal => order.is_eq(),
        Sign::Unequal => order.is_ne(),
        Sign::Less => order.is_lt(),
        Sign::AtMost => order.is_le(),
        Sign::More => order.is_gt(),
        Sign::AtLeast => order.is_ge(),
    }
}

pub(super) fn any(told: impl Iterator<Item = Option<bool>>) -> Option<bool> {
    let told: Vec<Option<bool>> = told.collect();
    if told.contains(&Some(true)) {
        return Some(true);
    }
    if told.contains(&None) { None } else { Some(false) }
}

fn all(told: impl Iterator<Item = Option<bool>>) -> Option<bool> {
    any(told.map(|one| one.map(|held| !held))).map(|held| !held)
}

fn exactly_one(told: impl Iterator<Item = Option<bool>>) -> Option<bool> {
    let told: Vec<Option<bool>> = told.collect();
    let held = told.iter().filter(|one| **one == Some(true)).count();
    let untold = told.iter().filter(|one| one.is_none()).count();
    match (held, untold) {
        (2.., _) => Some(false),
        (one, 0) => Some(one == 1),
        (_, _) => None,
    }
}
