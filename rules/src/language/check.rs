//! From syntax to terms: every part is looked at, whatever is wrong with the others.

use std::borrow::Cow;

use crate::language::Fault;
use crate::language::call::{self, Of};
use crate::language::datum::{Datum, day};
use crate::language::resolve::Names;
use crate::language::scope::Scope;
use crate::language::syntax::{Kind as Syntax, Literal, Name, Node, Operator, Order, Sense};
use crate::language::term::{Field, Formula, Spelling, Term, Test};
use crate::schema::{FieldType, Kind, Schema, Shape};
use crate::wording::{is_close, listed};

/// A value and what it holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Typed {
    pub(crate) term: Term,
    pub(crate) holds: FieldType,
}

/// Checks one expression.
#[derive(Debug)]
pub(crate) struct Checker<'s> {
    pub(crate) names: Names<'s>,
    /// The name of the contract of a quantifier.
    pub(crate) bound: Option<String>,
    faults: Vec<Fault>,
}

impl<'s> Checker<'s> {
    pub(crate) fn new(schema: &'s Schema, scope: Scope) -> Self {
        Self { names: Names { schema, scope }, bound: None, faults: Vec::new() }
    }

    /// What was understood, if nothing was wrong.
    pub(crate) fn finish<T>(self, understood: Option<T>) -> Result<T, Vec<Fault>> {
        match understood {
            Some(understood) if self.faults.is_empty() => Ok(understood),
            _ => Err(self.faults),
        }
    }

    pub(crate) fn fault<T>(&mut self, node: &Node, wrong: impl Into<String>, instead: impl Into<String>) -> Option<T> {
        self.note(Fault::new(node.span.clone(), wrong, instead))
    }

    pub(crate) fn note<T>(&mut self, fault: Fault) -> Option<T> {
        self.faults.push(fault);
        None
    }

    /// Something that holds or fails.
    pub(crate) fn formula(&mut self, node: &Node) -> Option<Formula> {
        match &node.kind {
            Syntax::Literal(Literal::Bool(yes)) => Some(Formula::Fixed(*yes)),
            Syntax::Not(inner) => Some(Formula::Not(Box::new(self.formula(inner)?))),
            Syntax::Chain(Operator::And, parts) => self.each(parts).map(Formula::All),
            Syntax::Chain(Operator::Or, parts) => self.each(parts).map(Formula::Any),
            Syntax::Chain(operator, parts) => match (operator, parts.as_slice()) {
                (Operator::Same(sense), [a, b]) => self.same(*sense, a, b),
                (Operator::Order(order), [a, b]) => self.order(*order, a, b),
                (Operator::In, [a, b]) => self.within(a, b),
                _ => self.is(node),
            },
            Syntax::Choice(parts) => {
                let parts = parts.each_ref().map(|part| self.formula(part));
                let [Some(condition), Some(then), Some(otherwise)] = parts else { return None };
                Some(Formula::Choice(Box::new([condition, then, otherwise])))
            }
            Syntax::Call(owner, name, arguments) => match call::of(name, owner.as_deref()) {
                Of::Formula(function) => self.test(function, node, owner.as_deref(), arguments),
                Of::Term(_) | Of::Unknown(_) => self.is(node),
            },
            Syntax::Literal(_) | Syntax::List(_) | Syntax::Name(_) | Syntax::Member(..) => self.is(node),
        }
    }

    fn each(&mut self, nodes: &[Node]) -> Option<Vec<Formula>> {
        let parts: Vec<_> = nodes.iter().map(|node| self.formula(node)).collect();
        parts.into_iter().collect()
    }

    /// A value that is true or false by itself.
    fn is(&mut self, node: &Node) -> Option<Formula> {
        let Typed { term, holds } = self.value(node)?;
        if holds == FieldType::one(Kind::Bool) {
            return Some(Formula::Test(Box::new(Test::Is(term))));
        }
        let example = match holds.kind {
            _ if holds.shape == Shape::List => "`\"Clerk\" in ...`",
            Kind::Number => "`... == 36`",
            Kind::Date => "`... <= today`",
            Kind::Text | Kind::Exact | Kind::Bool => "`... == \"Clerk\"`",
        };
        self.fault(node, format!("a {holds} is neither true nor false"), format!("compare it: {example}"))
    }

    /// The two sides of a comparison, of which one may be today if the other one is a day that is written out or a field.
    fn sides(&mut self, a: &Node, b: &Node) -> Option<(Typed, Typed)> {
        let (left, right) = (self.side(a), self.side(b));
        let (left, right) = (left?, right?);
        for (node, this, other) in [(a, &left.term, &right.term), (b, &right.term, &left.term)] {
            if *other == Term::Today && !matches!(this, Term::Field(_) | Term::Fixed(_)) {
                return self.fault(node, "today is compared with something that changes", "write a field, or a date");
            }
        }
        Some((left, right))
    }

    fn side(&mut self, node: &Node) -> Option<Typed> {
        if matches!(&node.kind, Syntax::Name(name) if name == "today") {
            return Some(Typed { term: Term::Today, holds: FieldType::one(Kind::Date) });
        }
        self.value(node)
    }

    fn same(&mut self, sense: Sense, a: &Node, b: &Node) -> Option<Formula> {
        let (left, right) = self.sides(a, b)?;
        if left.holds.shape == Shape::List || right.holds.shape == Shape::List {
            return self.fault(b, "a list is not compared as a whole", "write `\"Clerk\" in` and the list");
        }
        self.comparable(a, &left, &right).or_else(|| self.comparable(b, &right, &left)).unwrap_or(Some(()))?;
        let spelling = spelling(&left.holds, &right.holds);
        self.listed(b, &left.holds, &right.term);
        self.listed(a, &right.holds, &left.term);
        let same = Formula::Test(Box::new(Test::Same(spelling, left.term, right.term)));
        Some(if sense == Sense::Equal { same } else { Formula::Not(Box::new(same)) })
    }

    /// `None` where nothing is wrong with comparing the literal `node` to the other value; else the fault is noted.
    #[expect(clippy::option_option, reason = "the inner one is what a caller passes on")]
    fn comparable(&mut self, node: &Node, this: &Typed, other: &Typed) -> Option<Option<()>> {
        if kin(&this.holds, &other.holds) {
            return None;
        }
        let is_literal = matches!(this.term, Term::Fixed(_));
        if !is_literal && matches!(other.term, Term::Fixed(_)) {
            return None;
        }
        let wrong = format!("a {} is compared with a {}", other.holds, this.holds);
        Some(self.fault(node, wrong, instead_of(this, &other.holds)))
    }

    /// A text that a field can never hold.
    fn listed(&mut self, node: &Node, holds: &FieldType, term: &Term) {
        let (Some(values), Term::Fixed(Datum::Text(text))) = (&holds.values, term) else { return };
        let spelling = if holds.kind == Kind::Exact { Spelling::Exact } else { Spelling::Folded };
        let given = Datum::Text(Cow::Borrowed(text));
        if values.iter().any(|value| given.is(&Datum::Text(Cow::Borrowed(value)), spelling)) {
            return;
        }
        let names: Vec<&str> = values.iter().map(String::as_str).collect();
        let close = names
            .iter()
            .find(|known| is_close(known, text))
            .map_or_else(|| listed(&names, "or"), |known| format!("`{known}`"));
        self.fault::<()>(node, format!("the field never holds `{text}`"), format!("write {close}, in quotes"));
    }

    fn order(&mut self, order: Order, a: &Node, b: &Node) -> Option<Formula> {
        let (left, right) = self.sides(a, b)?;
        let has_order =
            |holds: &FieldType| holds.shape == Shape::One && matches!(holds.kind, Kind::Number | Kind::Date);
        if kin(&left.holds, &right.holds) && !has_order(&left.holds) {
            let wrong = format!("a {} has no order", left.holds);
            let instead = "compare numbers or dates; a field that holds numbers is declared so: \
                           `contract.grade = \"number\"` under `[fields]`";
            return self.fault(a, wrong, instead);
        }
        self.comparable(a, &left, &right).or_else(|| self.comparable(b, &right, &left)).unwrap_or(Some(()))?;
        Some(Formula::Test(Box::new(Test::Order(order, left.term, right.term))))
    }

    fn within(&mut self, a: &Node, b: &Node) -> Option<Formula> {
        let left = self.side(a);
        if let Syntax::List(nodes) = &b.kind {
            let listed: Vec<_> = nodes.iter().map(|node| self.literal_like(node, left.as_ref())).collect();
            if nodes.is_empty() {
                return self.fault(b, "nothing is in an empty list", "write one value at least");
            }
            let (left, listed) = (left?, listed.into_iter().collect::<Option<Vec<_>>>()?);
            let spelling = spelling(&left.holds, &left.holds);
            return Some(Formula::Test(Box::new(Test::Among(spelling, left.term, listed))));
        }
        let right = self.value(b);
        let (left, right) = (left?, right?);
        let Term::Field(field) = right.term else {
            return self.fault(b, "not a list", "write a list, such as `[\"Clerk\", \"Porter\"]`");
        };
        if field.holds.shape == Shape::One {
            let instead =
                format!("write `==`, or a list, or declare `{field} = \"list of {}\"` under `[fields]`", field.holds);
            return self.fault(b, format!("`{field}` holds one value, not a list"), instead);
        }
        let one = FieldType { shape: Shape::One, ..field.holds.clone() };
        if !kin(&left.holds, &one) {
            let wrong = format!("a {} is looked for in a {}", left.holds, field.holds);
            return self.fault(a, wrong, instead_of(&left, &one));
        }
        self.listed(a, &one, &left.term);
        Some(Formula::Test(Box::new(Test::Within(spelling(&left.holds, &one), left.term, field))))
    }

    /// A value of a list, of the type that is looked for.
    fn literal_like(&mut self, node: &Node, wanted: Option<&Typed>) -> Option<Datum<'static>> {
        let typed = self.value(node)?;
        let Term::Fixed(datum) = &typed.term else {
            let instead = "write values, such as `[\"Clerk\", \"Porter\"]`, and `||` between other conditions";
            return self.fault(node, "a list holds values only", instead);
        };
        if let Some(wanted) = wanted {
            if !kin(&typed.holds, &wanted.holds) {
                let wrong = format!("a {} is compared with a {}", wanted.holds, typed.holds);
                return self.fault(node, wrong, instead_of(&typed, &wanted.holds));
            }
            self.listed(node, &wanted.holds, &typed.term);
        }
        Some(datum.clone())
    }

    /// Something that has a value.
    pub(crate) fn value(&mut self, node: &Node) -> Option<Typed> {
        let typed = |term, kind| Some(Typed { term, holds: FieldType::one(kind) });
        match &node.kind {
            Syntax::Literal(Literal::Text(text)) => {
                typed(Term::Fixed(Datum::Text(Cow::Owned(text.clone()))), Kind::Text)
            }
            Syntax::Literal(Literal::Number(number)) => typed(Term::Fixed(Datum::Number(*number)), Kind::Number),
            Syntax::Literal(Literal::Bool(yes)) => typed(Term::Fixed(Datum::Bool(*yes)), Kind::Bool),
            Syntax::List(_) => {
                self.fault(node, "a list stands behind `in` only", "write `contract.title in [\"Clerk\", \"Porter\"]`")
            }
            Syntax::Name(name) if name == "today" => {
                let instead = "write it on one side: `contract.start <= today`";
                self.fault(node, "`today` is compared with a day, and is no value of its own", instead)
            }
            Syntax::Name(_) | Syntax::Member(..) => match self.names.resolve(node, self.bound.as_deref()) {
                Ok((term, holds)) => Some(Typed { term, holds }),
                Err(fault) => self.note(fault),
            },
            Syntax::Call(owner, name, arguments) => match call::of(name, owner.as_deref()) {
                Of::Term(function) => self.call(function, node, owner.as_deref(), arguments),
                Of::Formula(_) => self.truth(node),
                Of::Unknown(fault) => self.note(fault),
            },
            Syntax::Chain(Operator::Plus, parts) => self.plus(parts),
            Syntax::Not(_) | Syntax::Chain(..) => self.truth(node),
            Syntax::Choice(parts) => {
                let [condition, then, otherwise] = parts.as_ref();
                let parts = (self.formula(condition), self.value(then), self.value(otherwise));
                let (Some(condition), Some(then), Some(other)) = parts else { return None };
                if !kin(&then.holds, &other.holds) {
                    let wrong = format!("a {} or a {}", then.holds, other.holds);
                    return self.fault(node, wrong, "write two values of the same type");
                }
                let is_text = then.holds.is_text();
                let kind = if is_text { put_together([then.holds.kind, other.holds.kind]) } else { then.holds.kind };
                let holds = FieldType { values: None, kind, ..then.holds };
                Some(Typed { term: Term::Choice(Box::new((condition, then.term, other.term))), holds })
            }
        }
    }

    fn truth(&mut self, node: &Node) -> Option<Typed> {
        let term = Term::Truth(Box::new(self.formula(node)?));
        Some(Typed { term, holds: FieldType::one(Kind::Bool) })
    }

    fn plus(&mut self, nodes: &[Node]) -> Option<Typed> {
        let values: Vec<_> = nodes.iter().map(|node| (node, self.value(node))).collect();
        let (mut parts, mut kinds) = (Vec::new(), Vec::new());
        for (node, typed) in values {
            let typed = typed?;
            if !typed.holds.is_text() {
                let (wrong, instead) = if typed.holds.shape == Shape::List {
                    (format!("a {} is no text", typed.holds), "write a field that holds one value")
                } else {
                    (format!("`+` puts texts together, and a {} is none", typed.holds), "write `string(...)` around it")
                };
                return self.fault(node, wrong, instead);
            }
            parts.push(typed.term);
            kinds.push(typed.holds.kind);
        }
        Some(Typed { term: Term::Join(parts), holds: FieldType::one(put_together(kinds)) })
    }

    /// A field, whatever it holds.
    pub(crate) fn field(&mut self, node: &Node) -> Option<Field> {
        match self.names.field(node, self.bound.as_deref()) {
            Ok(field) => Some(field),
            Err(fault) => self.note(fault),
        }
    }

    /// A text that is written out.
    pub(crate) fn literal_text<'n>(&mut self, node: Option<&'n Node>, name: &Name, example: &str) -> Option<&'n str> {
        if let Some(Node { kind: Syntax::Literal(Literal::Text(text)), .. }) = node {
            return Some(text);
        }
        let span = node.map_or_else(|| name.span.clone(), |node| node.span.clone());
        let wrong = format!("`{}` takes a text that is written out", name.text);
        self.note(Fault::new(span, wrong, format!("write `{example}`")))
    }
}

/// What a text is that is made of others: exact where one of them is.
pub(crate) fn put_together(kinds: impl IntoIterator<Item = Kind>) -> Kind {
    if kinds.into_iter().any(|kind| kind == Kind::Exact) { Kind::Exact } else { Kind::Text }
}

/// Whether values of the two may be the same.
pub(crate) fn kin(a: &FieldType, b: &FieldType) -> bool {
    a.shape == b.shape && (a.kind == b.kind || a.is_text() && b.is_text())
}

/// Exact where one of the two is.
pub(crate) fn spelling(a: &FieldType, b: &FieldType) -> Spelling {
    if a.kind == Kind::Exact || b.kind == Kind::Exact { Spelling::Exact } else { Spelling::Folded }
}

/// What to write in the place of a value that should be of another type.
fn instead_of(typed: &Typed, wanted: &FieldType) -> String {
    match (&typed.term, wanted.kind) {
        (Term::Fixed(Datum::Text(text)), Kind::Number) if text.parse::<provisioning_core::Decimal>().is_ok() => {
            format!("write `{text}`, without quotes")
        }
        (Term::Fixed(Datum::Text(text)), Kind::Bool) if matches!(text.as_ref(), "true" | "false") => {
            format!("write `{text}`, without quotes")
        }
        (Term::Fixed(Datum::Text(text)), Kind::Date) if day(text).is_some() => format!("write `date(\"{text}\")`"),
        (Term::Fixed(datum @ (Datum::Number(_) | Datum::Bool(_))), Kind::Text | Kind::Exact) => {
            format!("write it in quotes, `\"{}\"`", datum.plain().unwrap_or_default())
        }
        (_, Kind::Number) => "write a number, such as `36`".to_owned(),
        (_, Kind::Date) => "write a day, such as `date(\"2026-03-01\")` or `today`".to_owned(),
        (_, Kind::Bool) => "write `true` or `false`".to_owned(),
        (_, Kind::Text | Kind::Exact) => "write a text in quotes, such as `\"Sales\"`".to_owned(),
    }
}
