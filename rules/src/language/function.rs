//! What can be done with values on their way into an account.

use std::borrow::Cow;

use crate::language::datum::{Datum, Lack, Told};

/// A function. Those of one text stand behind it: `person.given_name.lower()`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Function {
    /// The text in lower case.
    Lower,
    /// Its first letter.
    Initial,
    /// It without white space.
    Compact,
    /// A value as text.
    Text,
    /// The first of several that is there.
    First,
    /// Those that are there, with the first one between them.
    Join,
}

/// The functions that stand behind a text.
pub(crate) const OF_TEXT: [(&str, Function); 3] =
    [("lower", Function::Lower), ("initial", Function::Initial), ("compact", Function::Compact)];

impl Function {
    /// What it makes of its arguments.
    pub(crate) fn of<'v>(self, arguments: &mut dyn Iterator<Item = Told<'v>>) -> Told<'v> {
        match self {
            Self::First => first(arguments),
            Self::Join => join(arguments),
            Self::Lower | Self::Initial | Self::Compact | Self::Text => {
                let datum = arguments.next().unwrap_or(Err(Lack::Absent))?;
                let text = datum.plain().ok_or(Lack::Unreadable)?;
                Ok(Datum::Text(Cow::Owned(self.of_text(&text))))
            }
        }
    }

    fn of_text(self, text: &str) -> String {
        match self {
            Self::Lower => text.to_lowercase(),
            Self::Initial => text.trim().chars().take(1).collect(),
            Self::Compact => text.split_whitespace().collect(),
            Self::Text | Self::First | Self::Join => text.to_owned(),
        }
    }
}

fn first<'v>(arguments: &mut dyn Iterator<Item = Told<'v>>) -> Told<'v> {
    let mut lack = Lack::Empty;
    for argument in arguments {
        match argument {
            Err(lacks) => lack = lack.max(lacks),
            told => return told,
        }
    }
    Err(lack)
}

/// What is given as nothing is left out; what is not given leaves the whole without a value only if nothing else is there.
fn join<'v>(arguments: &mut dyn Iterator<Item = Told<'v>>) -> Told<'v> {
    let between = arguments.next().unwrap_or(Err(Lack::Absent))?;
    let (mut texts, mut lack) = (Vec::new(), Lack::Empty);
    for argument in arguments {
        match argument {
            Err(lacks) => lack = lack.max(lacks),
            Ok(datum) => texts.extend(datum.plain().filter(|text| !text.trim().is_empty()).map(Cow::into_owned)),
        }
    }
    if texts.is_empty() {
        return Err(lack);
    }
    Ok(Datum::Text(Cow::Owned(texts.join(&between.plain().unwrap_or_default()))))
}
