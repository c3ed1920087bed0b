//! What an expression means, when it makes sense.

use std::fmt;

use provisioning_core::{FieldName, Slot};

use crate::language::datum::Datum;
use crate::language::function::Function;
use crate::language::syntax::Order;
use crate::schema::FieldType;

/// Something that has a value, or lacks it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Term {
    Fixed(Datum<'static>),
    /// The day for which all is evaluated.
    Today,
    Field(Field),
    /// What stands for `key` or `n`.
    Word,
    /// Texts behind each other.
    Join(Vec<Term>),
    Call(Function, Vec<Term>),
    Choice(Box<(Formula, Term, Term)>),
    Truth(Box<Formula>),
}

/// Something that holds, fails, or cannot be told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Formula {
    Fixed(bool),
    Not(Box<Formula>),
    All(Vec<Formula>),
    Any(Vec<Formula>),
    Choice(Box<[Formula; 3]>),
    /// Whether a field says something; this can always be told.
    Has(Field),
    Test(Box<Test>),
    /// Over all contracts of the person.
    Contracts(Quantifier, Box<Formula>),
}

/// What is asked of values; it cannot be told where one of them is not known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Test {
    /// It is true.
    Is(Term),
    Same(Spelling, Term, Term),
    Order(Order, Term, Term),
    /// It is one of these.
    Among(Spelling, Term, Vec<Datum<'static>>),
    /// It is one of those that the field holds.
    Within(Spelling, Term, Field),
    Text(Affix, Spelling, [Term; 2]),
    /// The department of the contract is the one with this code, or below it.
    Below(Field, String),
}

/// How texts compare.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Spelling {
    /// By what they say.
    Folded,
    /// Letter for letter.
    Exact,
}

/// Where a text has another one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Affix {
    Start,
    End,
    Anywhere,
}

/// Of how many contracts something must hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Quantifier {
    One,
    All,
    ExactlyOne,
}

/// Where a value is found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Field {
    pub(crate) path: Path,
    pub(crate) holds: FieldType,
    /// As the expression names it.
    pub(crate) written: String,
}

impl Field {
    /// The account of which it is an attribute.
    pub(crate) fn account(&self) -> Option<&Slot> {
        match &self.path {
            Path::Account(slot, _) => Some(slot),
            Path::Person(_) | Path::Contract(..) | Path::Term(..) | Path::Department(..) | Path::Manager(..) => None,
        }
    }

    /// Whether it is of a manager.
    pub(crate) fn is_of_manager(&self) -> bool {
        match &self.path {
            Path::Manager(..) => true,
            Path::Person(_) | Path::Contract(..) | Path::Term(..) | Path::Department(..) | Path::Account(..) => false,
        }
    }
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.written)
    }
}

/// The way to a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Path {
    Person(FieldName),
    Contract(Whose, FieldName),
    /// What every contract has.
    Term(Whose, OfContract),
    /// Of the department of a contract.
    Department(Whose, OfDepartment),
    /// Of the manager that the person has by a contract.
    Manager(Whose, FieldName),
    /// An attribute that an account on another target is to have.
    Account(Slot, FieldName),
}

/// Which contract.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Whose {
    /// The one in question.
    Own,
    /// The one that speaks for the person.
    Primary,
    /// The one of a quantifier.
    Bound,
}

/// What every contract has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OfContract {
    Start,
    /// The last day; nothing where it is open.
    End,
    InForce,
}

/// What every department has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OfDepartment {
    Name,
    Parent,
}
