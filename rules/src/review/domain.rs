//! What a field may hold, given what is asked of it.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use provisioning_core::Decimal;
use provisioning_core::period::{minus_days, plus_days};

use crate::fold::folded;
use crate::language::datum::Datum;
use crate::language::syntax::{Order, Sense};
use crate::language::term::{Affix, Spelling};

/// A value as it is compared.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Key {
    Bool(bool),
    Number(Decimal),
    Date(NaiveDate),
    Text(String),
}

impl Key {
    pub(super) fn of(datum: &Datum<'_>, spelling: Spelling) -> Option<Self> {
        match datum {
            Datum::Text(text) if spelling == Spelling::Folded => Some(Self::Text(folded(text).into_owned())),
            Datum::Text(text) => Some(Self::Text(text.to_string())),
            Datum::Number(number) => Some(Self::Number(*number)),
            Datum::Bool(yes) => Some(Self::Bool(*yes)),
            Datum::Date(day) => Some(Self::Date(*day)),
            Datum::List(_) => None,
        }
    }
}

/// What is asked of a value that is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Asks {
    OneOf(BTreeSet<Key>),
    Order(Order, Key),
    Affix(Affix, String),
}

/// What a field may hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Domain {
    /// Whether it may be unknown.
    pub(super) may_lack: bool,
    /// Whether it may be known.
    pub(super) may_be: bool,
    only: Option<BTreeSet<Key>>,
    never: BTreeSet<Key>,
    /// With whether it is one of those.
    low: Option<(Key, bool)>,
    high: Option<(Key, bool)>,
    has: Vec<(Affix, String)>,
    lacks: Vec<(Affix, String)>,
}

impl Domain {
    /// Anything; `only` are the values that the field may hold, where these are known.
    pub(super) fn anything(only: Option<BTreeSet<Key>>) -> Self {
        Self {
            may_lack: true,
            may_be: true,
            only,
            never: BTreeSet::new(),
            low: None,
            high: None,
            has: Vec::new(),
            lacks: Vec::new(),
        }
    }

    /// Of a value that is there, that it is, or is not, as asked.
    pub(super) fn narrow(&mut self, asks: &Asks, sense: Sense) {
        match (asks, sense) {
            (Asks::OneOf(keys), Sense::Equal) => {
                let both = |only: &BTreeSet<Key>| only.intersection(keys).cloned().collect();
                self.only = Some(self.only.as_ref().map_or_else(|| keys.clone(), both));
            }
            (Asks::OneOf(keys), Sense::Different) => self.never.extend(keys.iter().cloned()),
            (Asks::Order(order, key), Sense::Equal) => self.bound(*order, key.clone()),
            (Asks::Order(order, key), Sense::Different) => self.bound(opposite(*order), key.clone()),
            (Asks::Affix(affix, text), Sense::Equal) => self.has.push((*affix, text.clone())),
            (Asks::Affix(affix, text), Sense::Different) => self.lacks.push((*affix, text.clone())),
        }
    }

    fn bound(&mut self, order: Order, key: Key) {
        // Between two days there is none.
        let (order, key) = match (order, key) {
            (Order::Less, Key::Date(day)) => (Order::LessOrEqual, Key::Date(minus_days(day, 1))),
            (Order::Greater, Key::Date(day)) => (Order::GreaterOrEqual, Key::Date(plus_days(day, 1))),
            same => same,
        };
        match order {
            Order::Less | Order::LessOrEqual => {
                let bound = (key, order == Order::LessOrEqual);
                let is_tighter = self.high.as_ref().is_none_or(|high| bound < *high);
                self.high = if is_tighter { Some(bound) } else { self.high.take() };
            }
            Order::Greater | Order::GreaterOrEqual => {
                let bound = (key, order == Order::GreaterOrEqual);
                let is_tighter = self.low.as_ref().is_none_or(|low| (&bound.0, !bound.1) > (&low.0, !low.1));
                self.low = if is_tighter { Some(bound) } else { self.low.take() };
            }
        }
    }

    /// What both leave.
    pub(super) fn and(&mut self, other: &Self) {
        self.may_lack &= other.may_lack;
        self.may_be &= other.may_be;
        if let Some(only) = &other.only {
            self.narrow(&Asks::OneOf(only.clone()), Sense::Equal);
        }
        self.never.extend(other.never.iter().cloned());
        if let Some((key, is_in)) = &other.low {
            self.bound(if *is_in { Order::GreaterOrEqual } else { Order::Greater }, key.clone());
        }
        if let Some((key, is_in)) = &other.high {
            self.bound(if *is_in { Order::LessOrEqual } else { Order::Less }, key.clone());
        }
        self.has.extend(other.has.iter().cloned());
        self.lacks.extend(other.lacks.iter().cloned());
    }

    /// Whether nothing is left that it could be, for certain.
    pub(super) fn is_empty(&self) -> bool {
        !self.may_lack && (!self.may_be || self.is_impossible())
    }

    fn is_impossible(&self) -> bool {
        if let Some(only) = &self.only {
            return !only.iter().any(|key| self.takes(key));
        }
        let both = [true, false].map(Key::Bool);
        both.iter().all(|key| self.never.contains(key)) || self.is_nowhere() || self.is_contradicted()
    }

    /// Whether no value lies between the bounds.
    fn is_nowhere(&self) -> bool {
        let (Some((low, is_low_in)), Some((high, is_high_in))) = (&self.low, &self.high) else { return false };
        low > high || low == high && (!is_low_in || !is_high_in || self.never.contains(low))
    }

    /// Whether a text would have to have parts that it may not have, or two starts or ends at once.
    fn is_contradicted(&self) -> bool {
        let rivals = |(one, a): &(Affix, String), (other, b): &(Affix, String)| match (one, other) {
            (Affix::Start, Affix::Start) => !a.starts_with(b.as_str()) && !b.starts_with(a.as_str()),
            (Affix::End, Affix::End) => !a.ends_with(b.as_str()) && !b.ends_with(a.as_str()),
            (Affix::Start | Affix::End | Affix::Anywhere, _) => false,
        };
        let forbidden = |(has, a): &(Affix, String), (lacks, b): &(Affix, String)| match (has, lacks) {
            (_, Affix::Anywhere) => a.contains(b.as_str()),
            (Affix::Start, Affix::Start) => a.starts_with(b.as_str()),
            (Affix::End, Affix::End) => a.ends_with(b.as_str()),
            (Affix::Start | Affix::End | Affix::Anywhere, Affix::Start | Affix::End) => false,
        };
        self.has.iter().any(|one| {
            self.has.iter().any(|other| rivals(one, other)) || self.lacks.iter().any(|other| forbidden(one, other))
        })
    }

    fn takes(&self, key: &Key) -> bool {
        let has = |(affix, part): &(Affix, String)| match key {
            Key::Text(text) => match affix {
                Affix::Start => text.starts_with(part.as_str()),
                Affix::End => text.ends_with(part.as_str()),
                Affix::Anywhere => text.contains(part.as_str()),
            },
            Key::Bool(_) | Key::Number(_) | Key::Date(_) => false,
        };
        !self.never.contains(key)
            && self.low.as_ref().is_none_or(|(low, is_in)| key > low || *is_in && key == low)
            && self.high.as_ref().is_none_or(|(high, is_in)| key < high || *is_in && key == high)
            && self.has.iter().all(has)
            && !self.lacks.iter().any(has)
    }
}

fn opposite(order: Order) -> Order {
    match order {
        Order::Less => Order::GreaterOrEqual,
        Order::LessOrEqual => Order::Greater,
        Order::Greater => Order::LessOrEqual,
        Order::GreaterOrEqual => Order::Less,
    }
}
