//! An expression that is gone through part by part: read once more from its text, which rules keep.

use crate::language::check::Checker;
use crate::language::parse::parse;
use crate::language::scope::Scope;
use crate::language::syntax::Node;
use crate::language::term::Formula;
use crate::schema::Schema;

/// An expression, and what it takes to understand its parts.
#[derive(Debug)]
pub(super) struct Inquiry<'t> {
    text: &'t str,
    scope: Scope,
    schema: &'t Schema,
    pub(super) whole: Node,
}

impl<'t> Inquiry<'t> {
    /// Of a text that was understood before.
    pub(super) fn of(text: &'t str, scope: Scope, schema: &'t Schema) -> Option<Self> {
        Some(Self { text, scope, schema, whole: parse(text).ok()? })
    }

    pub(super) fn formula(&self, node: &Node, bound: Option<&str>) -> Option<Formula> {
        let mut checker = Checker::new(self.schema, self.scope);
        checker.bound = bound.map(str::to_owned);
        let formula = checker.formula(node);
        checker.finish(formula).ok()
    }

    /// A part as it is written, on one line.
    pub(super) fn text(&self, node: &Node) -> String {
        let written = self.text.get(node.span.clone()).unwrap_or_default();
        written.split_whitespace().collect::<Vec<_>>().join(" ")
    }
}
