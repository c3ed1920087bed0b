//! From characters to tokens.

use std::ops::Range;

use provisioning_core::Decimal;

use crate::language::Fault;

/// What an expression is written with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Token {
    /// `"Sales"` or `'Sales'`, without its quotes.
    Text(String),
    Number(Decimal),
    /// `person`, `in`, `true`.
    Word(String),
    /// `==`, `(`.
    Sign(&'static str),
    /// Behind the last one.
    End,
}

/// A token and its place.
#[derive(Debug, Clone)]
pub(crate) struct Placed {
    pub(crate) token: Token,
    pub(crate) span: Range<usize>,
}

/// The signs of the language, each before its own beginning.
const SIGNS: [&str; 18] =
    ["==", "!=", "<=", ">=", "&&", "||", "<", ">", "!", "?", ":", "+", "(", ")", "[", "]", ",", "."];

/// What people write for a sign that they know from elsewhere, and what it is here.
const FOREIGN: [(&str, &str); 16] = [
    ("<>", "`!=`"),
    ("=", "`==`"),
    ("&", "`&&`"),
    ("|", "`||`"),
    ("\u{201c}", "straight quotes: `\"Sales\"`"),
    ("\u{201d}", "straight quotes: `\"Sales\"`"),
    ("\u{201e}", "straight quotes: `\"Sales\"`"),
    ("\u{2018}", "straight quotes: `'Sales'`"),
    ("\u{2019}", "straight quotes: `'Sales'`"),
    ("`", "straight quotes: `\"Sales\"`"),
    ("\u{2260}", "`!=`"),
    ("\u{2264}", "`<=`"),
    ("\u{2265}", "`>=`"),
    (";", "`,`"),
    ("{", "`+` between texts: `\"Team \" + department.name`"),
    ("}", "`+` between texts: `\"Team \" + department.name`"),
];

/// The tokens of a text, the last of them the end.
pub(crate) fn tokens(text: &str) -> Result<Vec<Placed>, Fault> {
    let mut tokens = Vec::new();
    let mut at = 0;
    loop {
        let rest = text.get(at..).unwrap_or_default();
        at += rest.len() - rest.trim_start().len();
        let (token, length) = next(text.get(at..).unwrap_or_default(), at)?;
        let is_last = token == Token::End;
        tokens.push(Placed { token, span: at..at + length });
        at += length;
        if is_last {
            return Ok(tokens);
        }
    }
}

/// The token at the start of `rest`, which stands at `at`, and its length.
fn next(rest: &str, at: usize) -> Result<(Token, usize), Fault> {
    let Some(first) = rest.chars().next() else { return Ok((Token::End, 0)) };
    match first {
        '"' | '\'' => quoted(rest, first, at),
        '0'..='9' => number(rest, at, 0),
        '-' if rest[1..].starts_with(|next: char| next.is_ascii_digit()) => number(rest, at, 1),
        _ if first.is_alphabetic() || first == '_' => {
            let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
            let (word, _) = rest.split_at(end);
            Ok((Token::Word(word.to_owned()), end))
        }
        _ => sign(rest, first, at),
    }
}

fn sign(rest: &str, first: char, at: usize) -> Result<(Token, usize), Fault> {
    let foreign = || FOREIGN.iter().find(|(foreign, _)| rest.starts_with(foreign));
    match (SIGNS.iter().find(|sign| rest.starts_with(**sign)), foreign()) {
        (Some(sign), None) => Ok((Token::Sign(sign), sign.len())),
        // `=` stands in `==`, `<` in `<>`: the longer one is meant.
        (Some(sign), Some((foreign, _))) if sign.len() >= foreign.len() => Ok((Token::Sign(sign), sign.len())),
        (_, Some((foreign, here))) => {
            let wrong = format!("`{foreign}` is no sign of this language");
            Err(Fault::new(at..at + foreign.len(), wrong, format!("write {here}")))
        }
        (None, None) if matches!(first, '-' | '*' | '/' | '%') => Err(Fault::new(
            at..at + 1,
            "this language does not calculate",
            "let the source give the number that is compared",
        )),
        (None, None) => {
            let wrong = format!("`{}` is no sign of this language", first.escape_debug());
            Err(Fault::new(at..at + first.len_utf8(), wrong, "leave it out, or write it in quotes"))
        }
    }
}

fn number(rest: &str, at: usize, sign: usize) -> Result<(Token, usize), Fault> {
    let digits = rest.get(sign..).unwrap_or_default();
    let end = sign + digits.find(|c: char| !c.is_alphanumeric() && c != '.' && c != '_').unwrap_or(digits.len());
    let (written, behind) = rest.split_at(end);
    let is_day = written.len() == 4 && behind.starts_with('-') && behind[1..].starts_with(|c: char| c.is_ascii_digit());
    if is_day {
        let day: String = rest.chars().take_while(|c| c.is_ascii_digit() || *c == '-').collect();
        let instead = format!("write `date(\"{day}\")`");
        return Err(Fault::new(at..at + day.len(), "a day is written as a text in `date`", instead));
    }
    let number = written.parse().map_err(|_| {
        Fault::new(at..at + end, "not a number", "write digits, such as `36` or `0.8`, or a text in quotes")
    });
    Ok((Token::Number(number?), end))
}

/// A text to its closing quote; `\` before a quote, before `n`, `t` or itself.
fn quoted(rest: &str, quote: char, at: usize) -> Result<(Token, usize), Fault> {
    let mut text = String::new();
    let mut characters = rest.char_indices().skip(1);
    while let Some((place, character)) = characters.next() {
        match character {
            _ if character == quote => return Ok((Token::Text(text), place + 1)),
            '\\' => match characters.next().map(|(_, escaped)| escaped) {
                Some(escaped @ ('"' | '\'' | '\\')) => text.push(escaped),
                Some('n') => text.push('\n'),
                Some('t') => text.push('\t'),
                _ => {
                    let span = at + place..at + place + 1;
                    return Err(Fault::new(span, "`\\` says nothing here", "write it twice: `\\\\`"));
                }
            },
            _ => text.push(character),
        }
    }
    let instead = format!("write `{quote}` where it ends");
    Err(Fault::new(at..at + rest.trim_end().len(), "the text has no end", instead))
}
