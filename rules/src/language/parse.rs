//! From tokens to syntax. Operators bind as in CEL: `?:`, `||`, `&&`, comparisons, `+`, `!`, from loose to tight.

use std::ops::Range;

use crate::language::Fault;
use crate::language::syntax::{Kind, Literal, Name, Node, Operator, Order, Sense};
use crate::language::token::{Placed, Token, tokens};

/// How deep an expression may be: as deep as people can follow, and far less than the stack of a thread.
const DEEPEST: usize = 40;
/// How long an expression may be, in bytes.
const LONGEST: usize = 8192;

/// Reads an expression.
pub(crate) fn parse(text: &str) -> Result<Node, Fault> {
    if text.len() > LONGEST {
        let instead = format!("write at most {LONGEST} bytes, or split the rule");
        return Err(Fault::new(0..text.len(), "too long for an expression", instead));
    }
    let mut parser = Parser { tokens: tokens(text)?, at: 0, depth: 0 };
    let node = parser.choice()?;
    match &parser.here().token {
        Token::End => Ok(node),
        Token::Word(word) => Err(parser.stray_word(word)),
        token @ (Token::Text(_) | Token::Number(_) | Token::Sign(_)) => {
            Err(Fault::new(parser.span(), format!("{} is not expected here", shown(token)), "leave it out"))
        }
    }
}

struct Parser {
    tokens: Vec<Placed>,
    at: usize,
    depth: usize,
}

const END: &Placed = &Placed { token: Token::End, span: 0..0 };

impl Parser {
    fn here(&self) -> &Placed {
        self.tokens.get(self.at).or(self.tokens.last()).unwrap_or(END)
    }

    fn span(&self) -> Range<usize> {
        self.here().span.clone()
    }

    fn take(&mut self) -> Placed {
        let here = self.here().clone();
        self.at += 1;
        here
    }

    /// Takes a sign if it is the next token.
    fn took(&mut self, sign: &str) -> bool {
        let is_next = matches!(self.here().token, Token::Sign(next) if next == sign);
        self.at += usize::from(is_next);
        is_next
    }

    fn expect(&mut self, sign: &str, after: &str) -> Result<(), Fault> {
        if self.took(sign) {
            return Ok(());
        }
        let wrong = format!("{} stands where `{sign}` is expected {after}", shown(&self.here().token));
        Err(Fault::new(self.span(), wrong, format!("write `{sign}`")))
    }

    /// A part within another; no deeper than [`DEEPEST`].
    fn within<T>(&mut self, part: impl FnOnce(&mut Self) -> Result<T, Fault>) -> Result<T, Fault> {
        self.depth += 1;
        if self.depth > DEEPEST {
            let instead = "write fewer brackets in brackets, or split the rule";
            return Err(Fault::new(self.span(), "too deep for anybody to follow", instead));
        }
        let part = part(self);
        self.depth -= 1;
        part
    }

    fn choice(&mut self) -> Result<Node, Fault> {
        let condition = self.binary(0)?;
        if !self.took("?") {
            return Ok(condition);
        }
        let then = self.within(Self::choice)?;
        self.expect(":", "after `?` and a value")?;
        let otherwise = self.within(Self::choice)?;
        let span = condition.span.start..otherwise.span.end;
        Ok(Node { kind: Kind::Choice(Box::new([condition, then, otherwise])), span })
    }

    /// Operators that bind at least as tightly as `least`, the same ones from left to right.
    fn binary(&mut self, least: u8) -> Result<Node, Fault> {
        let mut left = self.unary()?;
        while let Some((operator, tightness)) = operator(&self.here().token) {
            if tightness < least {
                break;
            }
            let place = self.take().span;
            let right = self.within(|parser| parser.binary(tightness + 1))?;
            if tightness == COMPARES && operator_at(&self.here().token, COMPARES) {
                let instead = "write `&&` between two comparisons: `1 < x && x < 5`";
                return Err(Fault::new(place, "a comparison of a comparison", instead));
            }
            let span = left.span.start..right.span.end;
            left = Node { kind: chained(operator, left, right), span };
        }
        Ok(left)
    }

    fn unary(&mut self) -> Result<Node, Fault> {
        let start = self.span().start;
        if self.took("!") {
            let inner = self.within(Self::unary)?;
            let span = start..inner.span.end;
            return Ok(Node { kind: Kind::Not(Box::new(inner)), span });
        }
        let mut node = self.primary()?;
        while self.took(".") {
            let name = self.name("after a dot")?;
            let start = node.span.start;
            let owner = Box::new(node);
            let kind = if self.took("(") {
                let arguments = self.list(")")?;
                Kind::Call(Some(owner), name, arguments)
            } else {
                Kind::Member(owner, name)
            };
            node = Node { kind, span: start..self.end() };
        }
        Ok(node)
    }

    /// Where the last token that was taken ends.
    fn end(&self) -> usize {
        self.at.checked_sub(1).and_then(|last| self.tokens.get(last)).map_or(0, |last| last.span.end)
    }

    fn name(&mut self, place: &str) -> Result<Name, Fault> {
        let Placed { token, span } = self.here().clone();
        let Token::Word(text) = token else {
            let wrong = format!("{} stands where a name is expected {place}", shown(&token));
            return Err(Fault::new(span, wrong, "write a name, such as `person.title`"));
        };
        self.at += 1;
        Ok(Name { text, span })
    }

    /// What stands between commas, up to the closing sign; a comma may stand before that.
    fn list(&mut self, close: &str) -> Result<Vec<Node>, Fault> {
        let mut nodes = Vec::new();
        while !self.took(close) {
            nodes.push(self.within(Self::choice)?);
            if !self.took(",") {
                self.expect(close, "after the last value")?;
                break;
            }
        }
        Ok(nodes)
    }

    fn primary(&mut self) -> Result<Node, Fault> {
        let Placed { token, span } = self.take();
        let kind = match token {
            Token::Text(text) => Kind::Literal(Literal::Text(text)),
            Token::Number(number) => Kind::Literal(Literal::Number(number)),
            Token::Word(word) => self.word(word, &span)?,
            Token::Sign("(") => {
                let inner = self.within(Self::choice)?;
                self.expect(")", "after an opening bracket and a value")?;
                return Ok(Node { kind: inner.kind, span: span.start..self.end() });
            }
            Token::Sign("[") => Kind::List(self.list("]")?),
            token @ (Token::Sign(_) | Token::End) => {
                let instead = "write a field such as `contract.title`, or a value such as `\"Sales\"`";
                return Err(Fault::new(span, format!("{} stands where a value is expected", shown(&token)), instead));
            }
        };
        Ok(Node { kind, span: span.start..self.end() })
    }

    fn word(&mut self, word: String, span: &Range<usize>) -> Result<Kind, Fault> {
        let span = span.clone();
        match word.as_str() {
            "true" => return Ok(Kind::Literal(Literal::Bool(true))),
            "false" => return Ok(Kind::Literal(Literal::Bool(false))),
            "null" | "nil" | "none" => {
                let instead = "write `!has(person.title)` for a field that says nothing";
                return Err(Fault::new(span, "there is no value for nothing", instead));
            }
            "not" | "NOT" => {
                return Err(Fault::new(span, format!("`{word}` is no word of this language"), "write `!`"));
            }
            "in" => {
                let wrong = "`in` stands where a value is expected";
                return Err(Fault::new(span, wrong, "write a field before it: `contract.title in [\"Clerk\"]`"));
            }
            _ => {}
        }
        if self.took("(") {
            return Ok(Kind::Call(None, Name { text: word, span }, self.list(")")?));
        }
        Ok(Kind::Name(word))
    }

    /// A word where an operator is expected.
    fn stray_word(&self, word: &str) -> Fault {
        let sign = match word.to_lowercase().as_str() {
            "and" => "&&",
            "or" => "||",
            "eq" | "is" | "equals" => "==",
            "ne" => "!=",
            "lt" => "<",
            "le" => "<=",
            "gt" => ">",
            "ge" => ">=",
            _ => {
                let instead = "write a sign between two values, such as `==` or `&&`, or quotes around a text";
                return Fault::new(self.span(), format!("`{word}` is not expected here"), instead);
            }
        };
        Fault::new(self.span(), format!("`{word}` is no word of this language"), format!("write `{sign}`"))
    }
}

/// One part behind another. A chain stays flat however long it is: what is deep costs stack.
fn chained(operator: Operator, left: Node, right: Node) -> Kind {
    let goes_on = matches!(operator, Operator::Or | Operator::And | Operator::Plus);
    match left {
        Node { kind: Kind::Chain(before, mut parts), .. } if goes_on && before == operator => {
            parts.push(right);
            Kind::Chain(operator, parts)
        }
        left => Kind::Chain(operator, vec![left, right]),
    }
}

/// How tightly comparisons bind.
const COMPARES: u8 = 2;

fn operator_at(token: &Token, tightness: u8) -> bool {
    operator(token).is_some_and(|(_, found)| found == tightness)
}

fn operator(token: &Token) -> Option<(Operator, u8)> {
    let operator = match token {
        Token::Sign("||") => (Operator::Or, 0),
        Token::Sign("&&") => (Operator::And, 1),
        Token::Sign("==") => (Operator::Same(Sense::Equal), COMPARES),
        Token::Sign("!=") => (Operator::Same(Sense::Different), COMPARES),
        Token::Sign("<") => (Operator::Order(Order::Less), COMPARES),
        Token::Sign("<=") => (Operator::Order(Order::LessOrEqual), COMPARES),
        Token::Sign(">") => (Operator::Order(Order::Greater), COMPARES),
        Token::Sign(">=") => (Operator::Order(Order::GreaterOrEqual), COMPARES),
        Token::Word(word) if word == "in" => (Operator::In, COMPARES),
        Token::Sign("+") => (Operator::Plus, 3),
        Token::Sign(_) | Token::Word(_) | Token::Text(_) | Token::Number(_) | Token::End => return None,
    };
    Some(operator)
}

fn shown(token: &Token) -> String {
    match token {
        Token::Text(text) => format!("the text \"{text}\""),
        Token::Number(number) => format!("`{number}`"),
        Token::Word(word) => format!("`{word}`"),
        Token::Sign(sign) => format!("`{sign}`"),
        Token::End => "the end".to_owned(),
    }
}
