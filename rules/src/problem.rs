//! What is wrong with a file of rules: all of it at once, each with its place and what to write instead.

use std::error::Error;
use std::fmt;
use std::ops::Range;

/// How much of the text at fault is shown.
const SHOWN: usize = 60;

/// One thing that is wrong with a file of rules.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The line, counted from 1.
    pub line: usize,
    /// The character in the line, counted from 1.
    pub column: usize,
    /// What stands there, the first line of it.
    pub text: String,
    /// What is wrong with it.
    pub wrong: String,
    /// What to write instead.
    pub instead: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { line, column, text, wrong, instead } = self;
        write!(f, "line {line}, column {column}")?;
        if !text.is_empty() {
            write!(f, ", `{text}`")?;
        }
        write!(f, ": {wrong}; {instead}")
    }
}

/// All that is wrong with a file of rules, in order of place; never nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problems(Vec<Problem>);

impl Problems {
    /// The problems in order of place.
    pub fn iter(&self) -> impl Iterator<Item = &Problem> {
        self.0.iter()
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, problem) in self.0.iter().enumerate() {
            write!(f, "{}{problem}", if place == 0 { "" } else { "\n" })?;
        }
        Ok(())
    }
}

impl Error for Problems {}

/// Gathers problems while a text is read.
#[derive(Debug)]
pub(crate) struct Findings<'t> {
    text: &'t str,
    found: Vec<(Range<usize>, String, String)>,
}

impl<'t> Findings<'t> {
    /// Nothing found yet in `text`.
    pub(crate) fn new(text: &'t str) -> Self {
        Self { text, found: Vec::new() }
    }

    /// The text that is read.
    pub(crate) fn text(&self) -> &'t str {
        self.text
    }

    /// Notes what is wrong at `span`, in bytes, and what to write instead.
    pub(crate) fn add(&mut self, span: Range<usize>, wrong: impl Into<String>, instead: impl Into<String>) {
        self.found.push((span, wrong.into(), instead.into()));
    }

    /// The problems, if there are any.
    pub(crate) fn into_problems(mut self) -> Option<Problems> {
        self.found.sort_by_key(|(span, ..)| span.start);
        let text = self.text;
        let problems: Vec<Problem> = self.found.into_iter().map(|found| problem(text, found)).collect();
        (!problems.is_empty()).then_some(Problems(problems))
    }
}

fn problem(text: &str, (span, wrong, instead): (Range<usize>, String, String)) -> Problem {
    let before = text.get(..span.start).unwrap_or(text);
    let line_start = before.rfind('\n').map_or(0, |end| end + 1);
    let shown = text.get(span).and_then(|there| there.lines().next()).unwrap_or_default();
    let rest = if shown.chars().nth(SHOWN).is_some() { "..." } else { "" };
    Problem {
        line: before.matches('\n').count() + 1,
        column: before.get(line_start..).unwrap_or_default().chars().count() + 1,
        text: shown.chars().take(SHOWN).chain(rest.chars()).collect(),
        wrong,
        instead,
    }
}
