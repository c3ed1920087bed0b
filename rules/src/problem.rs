//! What is wrong with a file of rules: all of it at once, each with its place and what to write instead.

use std::error::Error;
use std::fmt;
use std::ops::Range;

use serde::{Deserialize, Serialize};

/// How much of the text at fault is kept, in characters.
const KEPT: usize = 60;
/// How much of its line is shown, in characters, and how much of that before the fault.
const SHOWN: usize = 100;
const BEFORE: usize = 40;

/// One thing that is wrong with a file of rules.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
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
    /// The line in which it stands, what is too long cut away.
    pub excerpt: String,
    /// How many characters of the excerpt stand before it, and how many are at fault.
    pub underlined: (usize, usize),
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { line, column, text: _, wrong, instead, excerpt, underlined: (before, at_fault) } = self;
        write!(f, "line {line}, column {column}: {wrong}; {instead}")?;
        if excerpt.trim().is_empty() {
            return Ok(());
        }
        write!(f, "\n    {excerpt}\n    {}{}", " ".repeat(*before), "^".repeat(*at_fault))
    }
}

/// All that is wrong with a file of rules, in order of place; never nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problems(Vec<Problem>);

impl Problems {
    /// What is wrong with a text as a whole.
    pub(crate) fn of_whole(wrong: String, instead: &str) -> Self {
        Self(vec![problem("", (0..0, wrong, instead.to_owned()))])
    }

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
    let column = before.get(line_start..).unwrap_or_default().chars().count() + 1;
    let there = text.get(span.clone()).and_then(|there| there.lines().next()).unwrap_or_default();
    let whole = text.get(line_start..).and_then(|rest| rest.lines().next()).unwrap_or_default();
    // What is wrong with the file as a whole stands in no line.
    let whole = if span == (0..0) { "" } else { whole };
    let (excerpt, underlined) = excerpt(whole, column - 1, there.chars().count().max(1));
    Problem {
        line: before.matches('\n').count() + 1,
        column,
        text: shortened(there),
        wrong,
        instead,
        excerpt,
        underlined,
    }
}

fn shortened(text: &str) -> String {
    let rest = if text.chars().nth(KEPT).is_some() { "..." } else { "" };
    text.chars().take(KEPT).chain(rest.chars()).collect()
}

/// The part of a line around `length` characters at `column`, and where these stand in it.
fn excerpt(line: &str, column: usize, length: usize) -> (String, (usize, usize)) {
    let cut = if line.chars().nth(SHOWN).is_some() { column.saturating_sub(BEFORE) } else { 0 };
    let dots = |is_cut: bool| if is_cut { "..." } else { "" };
    let (before, after) = (dots(cut > 0), dots(line.chars().nth(cut + SHOWN).is_some()));
    let shown = line.chars().skip(cut).take(SHOWN);
    // A tab is as wide as one likes, a space is not.
    let shown = shown.map(|character| if character == '\t' { ' ' } else { character });
    let excerpt: String = before.chars().chain(shown).chain(after.chars()).collect();
    let start = column - cut;
    (excerpt, (start + before.len(), length.min(SHOWN.saturating_sub(start).max(1))))
}
