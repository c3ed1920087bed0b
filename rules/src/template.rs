//! Text with gaps: `{person.given_name|lower}.{person.family_name|lower|else x}`.

use std::borrow::Cow;

/// A text with gaps that are filled from `R`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Template<R>(Vec<Part<R>>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part<R> {
    Text(Box<str>),
    Gap(Gap<R>),
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Gap<R> {
    from: R,
    filters: Vec<Filter>,
    otherwise: Option<Box<str>>,
}

/// What is done with the text of a gap.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Filter {
    /// Lower case.
    Lower,
    /// The first letter.
    Initial,
    /// Without white space.
    Compact,
}

/// What a gap is filled with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Told<'v> {
    /// This text, which is not blank.
    Text(Cow<'v, str>),
    /// It was given as nothing.
    Empty,
    /// It was not given.
    Absent,
}

/// Why a template gives no text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Lack {
    /// All that it looks at was given, and something of it as nothing.
    Empty,
    /// Something that it looks at was not given.
    Absent,
}

impl<R> Template<R> {
    /// Reads a template; `gap` understands what stands first in a gap, or says what may.
    pub(crate) fn parse(text: &str, gap: &impl Fn(&str) -> Result<R, String>) -> Result<Self, Fault> {
        let mut parts = Vec::new();
        let mut rest = text;
        while let Some(at) = rest.find(['{', '}']) {
            let (before, from) = rest.split_at(at);
            let Some((inside, after)) = from.strip_prefix('{').and_then(|from| from.split_once('}')) else {
                return Err(Fault::new("has a brace without its other half", "write each gap as `{person.phone}`"));
            };
            if !before.is_empty() {
                parts.push(Part::Text(before.into()));
            }
            parts.push(Part::Gap(parse_gap(inside, gap)?));
            rest = after;
        }
        if !rest.is_empty() {
            parts.push(Part::Text(rest.into()));
        }
        Ok(Self(parts))
    }

    /// What its gaps look at.
    pub(crate) fn references(&self) -> impl Iterator<Item = &R> {
        self.0.iter().filter_map(|part| match part {
            Part::Text(_) => None,
            Part::Gap(gap) => Some(&gap.from),
        })
    }

    /// The text with its gaps filled, as it stands.
    pub(crate) fn fill<'v>(&self, tell: impl Fn(&R) -> Told<'v>) -> Result<String, Lack> {
        let mut text = String::new();
        let mut lack = None;
        for part in &self.0 {
            match part {
                Part::Text(fixed) => text.push_str(fixed),
                Part::Gap(gap) => match (tell(&gap.from), &gap.otherwise) {
                    (Told::Text(told), _) => gap.push(told, &mut text),
                    (Told::Empty | Told::Absent, Some(otherwise)) => text.push_str(otherwise),
                    (Told::Empty, None) => lack = lack.max(Some(Lack::Empty)),
                    (Told::Absent, None) => lack = lack.max(Some(Lack::Absent)),
                },
            }
        }
        lack.map_or(Ok(text), Err)
    }
}

impl<R> Gap<R> {
    fn push(&self, told: Cow<'_, str>, text: &mut String) {
        let filtered = self.filters.iter().fold(told, |told, filter| match filter {
            Filter::Lower => Cow::Owned(told.to_lowercase()),
            Filter::Initial => Cow::Owned(told.chars().take(1).collect()),
            Filter::Compact => Cow::Owned(told.split_whitespace().collect()),
        });
        text.push_str(&filtered);
    }
}

/// What is wrong with a template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fault {
    /// What.
    pub(crate) wrong: String,
    /// What to write instead.
    pub(crate) instead: String,
}

impl Fault {
    fn new(wrong: &str, instead: &str) -> Self {
        Self { wrong: wrong.to_owned(), instead: instead.to_owned() }
    }
}

fn parse_gap<R>(inside: &str, gap: &impl Fn(&str) -> Result<R, String>) -> Result<Gap<R>, Fault> {
    let mut pieces = inside.split('|');
    let name = pieces.next().unwrap_or_default().trim();
    let from =
        gap(name).map_err(|instead| Fault { wrong: format!("`{{{name}}}` is nothing that is known here"), instead })?;
    let (mut filters, mut otherwise) = (Vec::new(), None);
    for piece in pieces {
        match piece.trim() {
            "lower" => filters.push(Filter::Lower),
            "initial" => filters.push(Filter::Initial),
            "compact" => filters.push(Filter::Compact),
            other => match other.strip_prefix("else").filter(|text| text.is_empty() || text.starts_with(' ')) {
                Some(text) => otherwise = Some(text.trim().into()),
                None => {
                    return Err(Fault {
                        wrong: format!("`{other}` cannot be done with a text"),
                        instead: "write `lower`, `initial`, `compact` or `else` and a text".to_owned(),
                    });
                }
            },
        }
    }
    Ok(Gap { from, filters, otherwise })
}

/// The text without white space at its ends, each run within as one space: what gaps that are not filled leave.
pub(crate) fn tidy(text: &str) -> String {
    let mut tidied = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        if !tidied.is_empty() {
            tidied.push(' ');
        }
        tidied.push_str(word);
    }
    tidied
}
