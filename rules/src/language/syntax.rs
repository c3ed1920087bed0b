//! What an expression says, before anybody asked whether it makes sense.

use std::ops::Range;

use provisioning_core::Decimal;

/// A part of an expression and its place.
#[derive(Debug, Clone)]
pub(crate) struct Node {
    pub(crate) kind: Kind,
    pub(crate) span: Range<usize>,
}

/// What a part is.
#[derive(Debug, Clone)]
pub(crate) enum Kind {
    Literal(Literal),
    /// `[a, b]`
    List(Vec<Node>),
    /// `person`
    Name(String),
    /// `person.title`
    Member(Box<Node>, Name),
    /// `date("2026-03-01")`, or with what stands before the dot `person.title.startsWith("Senior")`.
    Call(Option<Box<Node>>, Name, Vec<Node>),
    /// `!a`
    Not(Box<Node>),
    /// `a == b`, or more than two of what goes on: `a && b && c`.
    Chain(Operator, Vec<Node>),
    /// `a ? b : c`
    Choice(Box<[Node; 3]>),
}

/// A name and its place.
#[derive(Debug, Clone)]
pub(crate) struct Name {
    pub(crate) text: String,
    pub(crate) span: Range<usize>,
}

/// A value as it is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Literal {
    Text(String),
    Number(Decimal),
    Bool(bool),
}

/// What stands between two parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Operator {
    Or,
    And,
    /// `==`, `!=`
    Same(Sense),
    /// `<`, `<=`, `>`, `>=`
    Order(Order),
    In,
    Plus,
}

/// Whether a comparison is meant as it stands or turned about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sense {
    Equal,
    Different,
}

/// Which of two comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Order {
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}
