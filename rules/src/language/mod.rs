//! The language of conditions and values: CEL's syntax, types that a [`Schema`] declares, and Kleene's logic for what is not
//! known. A text becomes [tokens](token), [syntax], a checked [term], and what that says of a person is [evaluated](evaluate).

mod call;
mod change;
pub(crate) mod check;
pub(crate) mod datum;
pub(crate) mod evaluate;
pub(crate) mod function;
pub(crate) mod parse;
mod resolve;
pub(crate) mod scope;
pub(crate) mod syntax;
pub(crate) mod term;
pub(crate) mod text;
mod token;

use std::ops::Range;

use crate::language::check::{Checker, Typed};
use crate::language::scope::Scope;
use crate::language::term::Formula;
use crate::schema::Schema;

/// What is wrong with an expression, and what to write instead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fault {
    /// Where it stands in the expression, in bytes.
    pub(crate) span: Range<usize>,
    pub(crate) wrong: String,
    pub(crate) instead: String,
}

impl Fault {
    fn new(span: Range<usize>, wrong: impl Into<String>, instead: impl Into<String>) -> Self {
        Self { span, wrong: wrong.into(), instead: instead.into() }
    }
}

/// Understands a condition, or finds everything that is wrong with it.
pub(crate) fn formula(text: &str, scope: Scope, schema: &Schema) -> Result<Formula, Vec<Fault>> {
    let node = parse::parse(text).map_err(|fault| vec![fault])?;
    let mut checker = Checker::new(schema, scope);
    let formula = checker.formula(&node);
    checker.finish(formula)
}

/// Understands a value, or finds everything that is wrong with it.
pub(crate) fn value(text: &str, scope: Scope, schema: &Schema) -> Result<Typed, Vec<Fault>> {
    let node = parse::parse(text).map_err(|fault| vec![fault])?;
    let mut checker = Checker::new(schema, scope);
    let typed = checker.value(&node);
    checker.finish(typed)
}
