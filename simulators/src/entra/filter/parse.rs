//! The text of a `$filter`, read by descent: `or` binds least, then `and`, then `not`.

use serde_json::Value;

use super::{Comparison, Filter, Parsed, Test};
use crate::entra::errors::Refusal;
use crate::entra::schema::{Class, Filtered, Form, Property};

/// How deep brackets may stand in each other.
const DEEPEST: usize = 64;

#[derive(Debug, Clone, PartialEq)]
enum Token {
    /// A name, a keyword or a literal without quotes.
    Word(String),
    Text(String),
    Mark(char),
}

pub(super) fn filter(class: Class, text: &str) -> Result<Parsed, Refusal> {
    let mut reader = Reader { class, tokens: tokens(text)?, next: 0, depth: 0, is_advanced: false };
    let filter = reader.any()?;
    if reader.peek().is_some() {
        return Err(reader.unexpected());
    }
    Ok(Parsed { filter, is_advanced: reader.is_advanced })
}

fn invalid(message: &str) -> Refusal {
    Refusal::bad_request(format!("Invalid filter clause: {message}"))
}

fn tokens(text: &str) -> Result<Vec<Token>, Refusal> {
    let mut tokens = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        if let Some(after) = rest.strip_prefix('\'') {
            let (literal, beyond) = quoted(after).ok_or_else(|| invalid("There is an unterminated literal."))?;
            tokens.push(Token::Text(literal));
            rest = beyond;
        } else if matches!(first, '(' | ')' | ',') {
            tokens.push(Token::Mark(first));
            rest = rest.strip_prefix(first).unwrap_or_default();
        } else {
            let end = rest.find(|c: char| c.is_whitespace() || matches!(c, '(' | ')' | ',' | '\''));
            let (word, beyond) = rest.split_at(end.unwrap_or(rest.len()));
            tokens.push(Token::Word(word.to_owned()));
            rest = beyond;
        }
        rest = rest.trim_start();
    }
    Ok(tokens)
}

/// Up to the quote that is not doubled.
fn quoted(text: &str) -> Option<(String, &str)> {
    let mut literal = String::new();
    let mut rest = text;
    loop {
        let (before, after) = rest.split_once('\'')?;
        literal.push_str(before);
        match after.strip_prefix('\'') {
            Some(beyond) => {
                literal.push('\'');
                rest = beyond;
            }
            None => return Some((literal, after)),
        }
    }
}

struct Reader {
    class: Class,
    tokens: Vec<Token>,
    next: usize,
    depth: usize,
    is_advanced: bool,
}

impl Reader {
    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.next)
    }

    fn take(&mut self) -> Option<Token> {
        let token = self.tokens.get(self.next).cloned();
        self.next += 1;
        token
    }

    fn unexpected(&self) -> Refusal {
        match self.peek() {
            Some(Token::Word(word) | Token::Text(word)) => invalid(&format!("Syntax error at '{word}'.")),
            Some(Token::Mark(mark)) => invalid(&format!("Syntax error at '{mark}'.")),
            None => invalid("It ends too early."),
        }
    }

    fn takes_word(&mut self, word: &str) -> bool {
        let found = matches!(self.peek(), Some(Token::Word(found)) if found == word);
        self.next += usize::from(found);
        found
    }

    fn takes_mark(&mut self, mark: char) -> bool {
        let found = self.peek() == Some(&Token::Mark(mark));
        self.next += usize::from(found);
        found
    }

    fn expect(&mut self, mark: char) -> Result<(), Refusal> {
        if self.takes_mark(mark) { Ok(()) } else { Err(self.unexpected()) }
    }

    fn any(&mut self) -> Result<Filter, Refusal> {
        let first = self.all()?;
        let mut filters = vec![first];
        while self.takes_word("or") {
            filters.push(self.all()?);
        }
        Ok(joined(filters, Filter::Any))
    }

    fn all(&mut self) -> Result<Filter, Refusal> {
        let mut filters = vec![self.one()?];
        while self.takes_word("and") {
            filters.push(self.one()?);
        }
        Ok(joined(filters, Filter::All))
    }

    fn one(&mut self) -> Result<Filter, Refusal> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(Refusal::unsupported_query("The filter is too deep."));
        }
        let filter = if self.takes_word("not") {
            self.is_advanced = true;
            Filter::Not(Box::new(self.one()?))
        } else if self.takes_mark('(') {
            let inner = self.any()?;
            self.expect(')')?;
            inner
        } else {
            self.condition()?
        };
        self.depth -= 1;
        Ok(filter)
    }

    fn condition(&mut self) -> Result<Filter, Refusal> {
        let Some(Token::Word(word)) = self.take() else {
            self.next -= 1;
            return Err(self.unexpected());
        };
        match word.to_lowercase().as_str() {
            "startswith" | "endswith" => {
                let (name, test) = self.function(&word)?;
                Ok(Filter::Property(self.property(&name)?, test))
            }
            "contains" => Err(Refusal::unsupported_query("Unsupported Query: contains.")),
            _ if word.ends_with("/any") => self.lambda(word.trim_end_matches("/any")),
            _ => {
                let property = self.property(&word)?;
                let test = self.test(property.form)?;
                Ok(Filter::Property(property, test))
            }
        }
    }

    /// `(name,'text')` of a function.
    fn function(&mut self, function: &str) -> Result<(String, Test), Refusal> {
        self.expect('(')?;
        let Some(Token::Word(name)) = self.take() else { return Err(self.unexpected()) };
        self.expect(',')?;
        let Some(Token::Text(text)) = self.take() else { return Err(self.unexpected()) };
        self.expect(')')?;
        let text = text.to_lowercase();
        if function.eq_ignore_ascii_case("endswith") {
            self.is_advanced = true;
            return Ok((name, Test::EndsWith(text)));
        }
        Ok((name, Test::StartsWith(text)))
    }

    /// `(p:p eq 'x')` or `(p:startswith(p,'x'))` after the name of a list.
    fn lambda(&mut self, list: &str) -> Result<Filter, Refusal> {
        let property = self.property(list)?;
        self.expect('(')?;
        let Some(Token::Word(head)) = self.take() else { return Err(self.unexpected()) };
        let (variable, rest) = head.split_once(':').ok_or_else(|| invalid("A lambda needs a variable."))?;
        let rest = match (rest, self.peek()) {
            ("", Some(Token::Word(word))) => {
                let word = word.clone();
                self.next += 1;
                word
            }
            _ => rest.to_owned(),
        };
        let test = if rest == variable {
            self.test(Form::Text(usize::MAX))?
        } else if rest.eq_ignore_ascii_case("startswith") || rest.eq_ignore_ascii_case("endswith") {
            self.function(&rest)?.1
        } else {
            return Err(Refusal::unsupported_query("Unsupported Query: the condition of a lambda."));
        };
        self.expect(')')?;
        Ok(Filter::Some(property, test))
    }

    fn property(&mut self, name: &str) -> Result<&'static Property, Refusal> {
        let property = self.class.property(&name.replace('/', ".")).ok_or_else(|| {
            let class = self.class.name().to_lowercase();
            invalid(&format!("Could not find a property named '{name}' on type 'microsoft.graph.{class}'."))
        })?;
        match property.filtered {
            Filtered::Plainly => {}
            Filtered::Advanced => self.is_advanced = true,
            Filtered::Never => {
                let message = format!("Unsupported or invalid query filter clause specified for property '{name}'.");
                return Err(Refusal::unsupported_query(message));
            }
        }
        Ok(property)
    }

    /// `eq 'x'`, `in ('x','y')`, and so on.
    fn test(&mut self, form: Form) -> Result<Test, Refusal> {
        let Some(Token::Word(operator)) = self.take() else {
            self.next -= 1;
            return Err(self.unexpected());
        };
        let comparison = match operator.as_str() {
            "eq" => Comparison::Equal,
            "ne" => Comparison::NotEqual,
            "lt" => Comparison::Less,
            "le" => Comparison::LessOrEqual,
            "gt" => Comparison::Greater,
            "ge" => Comparison::GreaterOrEqual,
            "in" => return self.list(form),
            _ => return Err(invalid(&format!("Unknown operator '{operator}'."))),
        };
        self.is_advanced |= comparison == Comparison::NotEqual;
        Ok(Test::Compares(comparison, self.literal(form)?))
    }

    fn list(&mut self, form: Form) -> Result<Test, Refusal> {
        self.expect('(')?;
        let mut literals = vec![self.literal(form)?];
        while self.takes_mark(',') {
            literals.push(self.literal(form)?);
        }
        self.expect(')')?;
        if literals.len() > 15 {
            return Err(Refusal::unsupported_query("Too many values in an 'in' clause: the limit is 15."));
        }
        Ok(Test::In(literals))
    }

    fn literal(&mut self, form: Form) -> Result<Value, Refusal> {
        let mismatch = || invalid("A binary operator with incompatible types was detected.");
        match (form, self.take()) {
            (_, Some(Token::Word(word))) if word == "null" => Ok(Value::Null),
            (Form::Text(_), Some(Token::Text(text))) => Ok(Value::String(text)),
            (Form::Flag, Some(Token::Word(word))) => word.parse().map(Value::Bool).map_err(|_| mismatch()),
            (Form::Instant, Some(Token::Word(word))) => Ok(Value::String(word)),
            _ => Err(mismatch()),
        }
    }
}

/// Several filters as one, a single one as itself.
fn joined(mut filters: Vec<Filter>, join: fn(Vec<Filter>) -> Filter) -> Filter {
    match filters.pop() {
        Some(only) if filters.is_empty() => only,
        last => {
            filters.extend(last);
            join(filters)
        }
    }
}
