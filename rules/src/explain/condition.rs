//! A condition, part by part, with what each part looks at.

use std::fmt;

use provisioning_core::ContractId;
use serde::{Deserialize, Serialize};

use crate::explain::inquiry::Inquiry;
use crate::language::datum::Lack;
use crate::language::evaluate::{Facts, Truth};
use crate::language::syntax::{Kind as Syntax, Node, Operator};
use crate::language::term::{Field, Formula, Quantifier};

/// A part of a condition, and whether it holds of somebody. It shows what the person's fields hold: for whoever may see
/// these, not for a log.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Condition {
    /// As the rule writes it.
    pub text: String,
    /// The contract that it is asked of, where a question goes through them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contract: Option<ContractId>,
    /// Whether it holds.
    pub holds: Holds,
    /// How that follows from its parts.
    pub how: How,
    /// What it is made of.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parts: Vec<Condition>,
    /// The fields that it looks at itself, and what they hold, in words.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<(String, String)>,
}

/// Whether something holds; the better comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Holds {
    /// It does.
    Yes,
    /// It cannot be told.
    Unknown,
    /// It does not.
    No,
}

/// How a condition follows from its parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum How {
    /// It has none: it looks at fields.
    Itself,
    /// All of them hold.
    All,
    /// One of them holds at least.
    Any,
    /// One of them holds, and no other.
    ExactlyOne,
    /// Its one part does not hold.
    Not,
    /// If the first holds, the second does, else the third.
    Choice,
}

impl From<Truth> for Holds {
    fn from(truth: Truth) -> Self {
        match truth {
            Truth::Holds => Self::Yes,
            Truth::Fails => Self::No,
            Truth::Unknown => Self::Unknown,
        }
    }
}

impl fmt::Debug for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Condition({}: {:?}, {:?} of {} parts)", self.text, self.holds, self.how, self.parts.len())
    }
}

impl Condition {
    /// What a part of an expression says of these facts.
    pub(super) fn of(node: &Node, bound: Option<&str>, facts: &Facts<'_, '_>, inquiry: &Inquiry<'_>) -> Option<Self> {
        let formula = inquiry.formula(node, bound)?;
        let part = |node: &Node| Self::of(node, bound, facts, inquiry);
        let (how, parts) = match &node.kind {
            Syntax::Chain(Operator::And, parts) => (How::All, parts.iter().filter_map(part).collect()),
            Syntax::Chain(Operator::Or, parts) => (How::Any, parts.iter().filter_map(part).collect()),
            Syntax::Not(inner) => (How::Not, part(inner).into_iter().collect()),
            Syntax::Choice(parts) => (How::Choice, parts.iter().filter_map(part).collect()),
            Syntax::Call(Some(_), _, arguments) => match (&formula, arguments.as_slice()) {
                (Formula::Contracts(quantifier, _), [Node { kind: Syntax::Name(variable), .. }, inner]) => {
                    (how(*quantifier), of_contracts(inner, variable, facts, inquiry))
                }
                _ => (How::Itself, Vec::new()),
            },
            Syntax::Literal(_)
            | Syntax::List(_)
            | Syntax::Name(_)
            | Syntax::Member(..)
            | Syntax::Call(None, ..)
            | Syntax::Chain(..) => (How::Itself, Vec::new()),
        };
        let fields = if how == How::Itself { fields(&formula, facts) } else { Vec::new() };
        let holds = formula.truth(facts).into();
        Some(Self { text: inquiry.text(node), contract: None, holds, how, parts, fields })
    }

    /// How many of its smallest parts would have to be otherwise for it to hold, at least.
    pub(super) fn distance(&self) -> usize {
        let parts = self.parts.iter().map(Self::distance);
        match (self.holds, self.how) {
            (Holds::Yes, _) => 0,
            (Holds::No | Holds::Unknown, How::All) => parts.sum::<usize>().max(1),
            (Holds::No | Holds::Unknown, How::Any) => parts.min().unwrap_or(1),
            (Holds::No | Holds::Unknown, How::Itself | How::Not | How::Choice | How::ExactlyOne) => 1,
        }
    }
}

fn how(quantifier: Quantifier) -> How {
    match quantifier {
        Quantifier::One => How::Any,
        Quantifier::All => How::All,
        Quantifier::ExactlyOne => How::ExactlyOne,
    }
}

fn of_contracts(inner: &Node, variable: &str, facts: &Facts<'_, '_>, inquiry: &Inquiry<'_>) -> Vec<Condition> {
    let of = |contract| {
        let facts = Facts { bound: Some(contract), ..*facts };
        let condition = Condition::of(inner, Some(variable), &facts, inquiry)?;
        Some(Condition { contract: Some(contract.id().clone()), ..condition })
    };
    facts.person.contracts.iter().filter_map(of).collect()
}

fn fields(formula: &Formula, facts: &Facts<'_, '_>) -> Vec<(String, String)> {
    let mut found: Vec<(String, String)> = Vec::new();
    formula.fields(&mut |field| {
        let told = (field.written.clone(), in_words(field, facts));
        if !found.contains(&told) {
            found.push(told);
        }
    });
    found
}

/// What a field holds.
pub(super) fn in_words(field: &Field, facts: &Facts<'_, '_>) -> String {
    match facts.told(field) {
        Ok(datum) => datum.value().to_string(),
        Err(Lack::Empty) => "empty".to_owned(),
        Err(Lack::Absent) => "not known".to_owned(),
        Err(Lack::Unreadable) => format!("no {}", field.holds),
    }
}
