//! What can be done with values on their way into an account.

use std::borrow::Cow;

use phonenumber::{Mode, country};

use crate::fold::same;
use crate::language::datum::{Datum, Lack, Told};
use crate::language::text::Change;

/// A function.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Function {
    Change(Change),
    /// A telephone number as E.164 writes it; without a country code it is of this country.
    E164(country::Id),
    /// A value as text.
    Text,
    /// The first of several that is there.
    First,
    /// Those that are there, with the first one between them.
    Join,
    /// The family names of a person, as their convention says.
    Surname(Prefix),
}

/// Where the prefix of a family name stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Prefix {
    /// `van der Berg`
    Before,
    /// `Berg, van der`
    Behind,
}

impl Function {
    /// What it makes of its arguments.
    pub(crate) fn of<'v>(self, arguments: &mut dyn Iterator<Item = Told<'v>>) -> Told<'v> {
        match self {
            Self::First => first(arguments),
            Self::Join => join(arguments),
            Self::Surname(prefix) => surname(prefix, arguments),
            Self::Change(change) => of_text(arguments, |text| Ok(change.of(text))),
            Self::E164(country) => of_text(arguments, |text| e164(text, country)),
            Self::Text => of_text(arguments, |text| Ok(text.to_owned())),
        }
    }
}

fn of_text<'v>(
    arguments: &mut dyn Iterator<Item = Told<'v>>,
    make: impl FnOnce(&str) -> Result<String, Lack>,
) -> Told<'v> {
    let text = arguments.next().unwrap_or(Err(Lack::Absent))?;
    let changed = make(&text.plain().ok_or(Lack::Unreadable)?)?;
    if changed.trim().is_empty() { Err(Lack::Empty) } else { Ok(Datum::Text(Cow::Owned(changed))) }
}

fn e164(text: &str, country: country::Id) -> Result<String, Lack> {
    // Letters are no digits here, and signs between digits mean nothing.
    if text.chars().any(char::is_alphabetic) {
        return Err(Lack::Unreadable);
    }
    let text = text.trim();
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    let (of, text) = if text.starts_with('+') { (None, format!("+{digits}")) } else { (Some(country), digits) };
    let number = phonenumber::parse(of, text).map_err(|_| Lack::Unreadable)?;
    if !number.is_valid() {
        return Err(Lack::Unreadable);
    }
    Ok(number.format().mode(Mode::E164).to_string())
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

/// A family name with its prefix, if it has one.
struct Family<'v> {
    prefix: Option<Datum<'v>>,
    name: Datum<'v>,
}

/// Of the convention, the prefix and the name at birth, and those of the partner. Who has no convention keeps the name at
/// birth, and so does who has no partner's name; where it is not known whether there is one, neither is the name.
fn surname<'v>(at: Prefix, arguments: &mut dyn Iterator<Item = Told<'v>>) -> Told<'v> {
    let mut told = || arguments.next().unwrap_or(Err(Lack::Absent));
    let convention = match told() {
        Ok(datum) => datum.plain().unwrap_or_default().into_owned(),
        Err(Lack::Unreadable) => return Err(Lack::Unreadable),
        Err(Lack::Empty | Lack::Absent) => "B".to_owned(),
    };
    let (birth, partner) = (Family::of(told(), told()), Family::of(told(), told()));
    let is = |code: &str| same(&convention, code);
    let parts = match partner {
        _ if is("B") => vec![birth?],
        Err(Lack::Empty) if is("P") || is("PB") || is("BP") => vec![birth?],
        partner if is("P") => vec![partner?],
        partner if is("PB") => vec![partner?, birth?],
        partner if is("BP") => vec![birth?, partner?],
        _ => return Err(Lack::Unreadable),
    };
    let mut names: Vec<String> = parts.iter().map(Family::whole).collect();
    if at == Prefix::Behind
        && let (Some(first), Some(Family { prefix: Some(prefix), name })) = (names.first_mut(), parts.first())
    {
        *first = plain(name).into_owned();
        return Ok(Datum::Text(Cow::Owned(format!("{}, {}", names.join(" - "), plain(prefix).trim()))));
    }
    Ok(Datum::Text(Cow::Owned(names.join(" - "))))
}

impl<'v> Family<'v> {
    fn of(prefix: Told<'v>, name: Told<'v>) -> Result<Self, Lack> {
        match prefix {
            Err(Lack::Unreadable) => Err(Lack::Unreadable),
            prefix => Ok(Self { prefix: prefix.ok(), name: name? }),
        }
    }

    /// `van der Berg`, `d'Artagnan`
    fn whole(&self) -> String {
        let name = plain(&self.name);
        let Some(prefix) = &self.prefix else { return name.into_owned() };
        let prefix = plain(prefix);
        let between = if prefix.ends_with(['\'', '\u{2019}']) { "" } else { " " };
        format!("{}{between}{name}", prefix.trim())
    }
}

fn plain<'d>(datum: &'d Datum<'_>) -> Cow<'d, str> {
    datum.plain().unwrap_or_default()
}
