//! The mappings of one kind of account: for each attribute, where its value comes from.

use provisioning_core::policy::{Renaming, Upkeep};
use provisioning_core::{Decimal, FieldName, Slot, Value};
use toml::de::DeTable;

use crate::check::expression::{text_of, value};
use crate::check::read::{Item, Section, choice, items, length, plain, table, yes};
use crate::check::rule::Reader;
use crate::language::scope::Place;
use crate::language::term::Term;
use crate::length::{Beyond, Limit};
use crate::problem::Findings;
use crate::profile::{Attribute, Mapping, Need, Source, Unique, WhenEmpty};

const SOURCES: &str = "write one of `from`, `value`, `manager` and `candidates`";

/// Understands the attributes of a profile.
pub(crate) fn mapping(attributes: &DeTable<'_>, own: Option<&Slot>, reader: &mut Reader<'_, '_, '_>) -> Mapping {
    let mut mapping = Mapping::default();
    for (key, item) in attributes {
        let findings = &mut *reader.findings;
        let name = FieldName::new(key.get_ref());
        let name = name.map_err(|error| findings.add(key.span(), error.to_string(), "write it without that")).ok();
        let Some(mut section) = table("an attribute", "{ from = 'person.phone' }", item, findings) else { continue };
        let (candidates, numbered) = (section.take("candidates"), section.take("numbered"));
        if candidates.is_none() && numbered.is_none() {
            let attribute = attribute(name, section, reader);
            is_of_others(attribute.iter().flat_map(Attribute::terms), own, item, reader.findings);
            mapping.attributes.extend(attribute);
        } else {
            let unique = unique(name, (candidates, numbered), section, reader);
            is_of_others(unique.iter().flat_map(Unique::terms), own, item, reader.findings);
            mapping.names.extend(unique);
        }
    }
    mapping
}

/// An account's own attributes cannot be looked at while they are being made.
fn is_of_others<'r>(
    terms: impl Iterator<Item = &'r Term>,
    own: Option<&Slot>,
    item: &Item<'_>,
    findings: &mut Findings<'_>,
) {
    let mut is_own = false;
    for term in terms {
        term.fields(&mut |field| is_own |= field.account().is_some_and(|slot| Some(slot) == own));
    }
    if is_own {
        let instead = "write an account on another target, or the field of the person that it comes from";
        findings.add(item.span(), "looks at the very account that this profile makes", instead);
    }
}

fn attribute(name: Option<FieldName>, mut section: Section<'_>, reader: &mut Reader<'_, '_, '_>) -> Option<Attribute> {
    let findings = &mut *reader.findings;
    let need = need(&mut section, findings);
    let words = [("always", Upkeep::Equal), ("create", Upkeep::OnCreate)];
    let upkeep = section.take("on").and_then(|item| choice(item, &words, findings)).unwrap_or_default();
    let words = [("keep", WhenEmpty::Keep), ("clear", WhenEmpty::Clear)];
    let when_empty = section.take("when_empty").and_then(|item| choice(item, &words, findings)).unwrap_or_default();
    let limit = limit(name.as_ref(), &mut section, findings);
    let source = source(&mut section, reader);
    section.finish(reader.findings);
    Some(Attribute { name: name?, source: source?, upkeep, when_empty, need, limit })
}

/// The one that the file gives, which cuts, else the vendor's.
fn limit(name: Option<&FieldName>, section: &mut Section<'_>, findings: &mut Findings<'_>) -> Option<Limit> {
    let known = || Limit::of(name?.as_str());
    let Some(item) = section.take("max_length") else { return known() };
    Some(Limit { most: length(item, findings)?, beyond: Beyond::Cut })
}

fn need(section: &mut Section<'_>, findings: &mut Findings<'_>) -> Need {
    let required = section.take("required").is_some_and(|item| yes(item, findings));
    if required { Need::Required } else { Need::Optional }
}

/// Where the value comes from: one place, and no other.
fn source(section: &mut Section<'_>, reader: &mut Reader<'_, '_, '_>) -> Option<Source> {
    let Reader { schema, findings } = reader;
    let term = |item, findings: &mut Findings<'_>| value(item, Place::Profile.plain(), schema, findings);
    let given = [
        section.take("from").map(|item| (item, term(item, findings).map(|typed| Source::Term(typed.term)))),
        section.take("value").map(|item| (item, fixed(item, findings).map(Source::Fixed))),
        section.take("manager").map(|item| (item, manager(item, findings))),
    ];
    let mut given = given.into_iter().flatten();
    let Some((_, source)) = given.next() else {
        findings.add(section.span(), "nothing says where the value comes from", SOURCES);
        return None;
    };
    for (item, _) in given {
        findings.add(item.span(), "the value already comes from elsewhere", SOURCES);
    }
    source
}

fn manager(item: &Item<'_>, findings: &mut Findings<'_>) -> Option<Source> {
    let is_wanted = item.get_ref().as_bool() == Some(true);
    if !is_wanted {
        findings.add(item.span(), "says nothing about where the value comes from", "write `true`, or leave it out");
    }
    is_wanted.then_some(Source::Manager)
}

/// A name that is unique: `candidates`, `numbered` or both.
fn unique<'t>(
    name: Option<FieldName>,
    (candidates, number): (Option<&'t Item<'t>>, Option<&'t Item<'t>>),
    mut section: Section<'t>,
    reader: &mut Reader<'_, '_, '_>,
) -> Option<Unique> {
    let Reader { schema, findings } = reader;
    let texts = |item, findings: &mut Findings<'_>| {
        text_of(value(item, Place::Profile.plain(), schema, findings)?, item, findings)
    };
    let need = need(&mut section, findings);
    let limit = limit(name.as_ref(), &mut section, findings);
    for item in ["from", "value", "manager", "on", "when_empty"].map(|key| section.take(key)).into_iter().flatten() {
        findings.add(item.span(), "does not go together with `candidates` or `numbered`", "leave one of them out");
    }
    let is_nothing = candidates.and_then(|item| item.get_ref().as_array()).is_some_and(|list| list.is_empty());
    if let Some(empty) = candidates.filter(|_| is_nothing && number.is_none()) {
        findings.add(empty.span(), "no name to try", "write one at least, such as `['person.given_name']`");
    }
    let numbered = number.and_then(|item| {
        let typed = value(item, Place::Profile.with("n"), schema, findings)?;
        numbered(text_of(typed, item, findings)?, item, findings)
    });
    let words = [("frozen", Renaming::Frozen), ("follows", Renaming::Follows)];
    let renaming = section.take("renaming").and_then(|item| choice(item, &words, findings)).unwrap_or_default();
    let candidates = candidates.into_iter().flat_map(items).filter_map(|item| texts(item, findings)).collect();
    section.finish(findings);
    Some(Unique { name: name?, candidates, numbered, renaming, need, limit })
}

/// What stands before `n` and what after it.
fn numbered(term: Term, item: &Item<'_>, findings: &mut Findings<'_>) -> Option<(Term, Term)> {
    let parts = if let Term::Join(parts) = term { parts } else { vec![term] };
    let mut halves = parts.split(|part| *part == Term::Word);
    let split = (halves.next(), halves.next(), halves.next());
    let (Some(stem), Some(end), None) = split else {
        let instead = "write `n` once between `+`, where the number goes: `person.nick + n`";
        findings.add(item.span(), "not a name with one number in it", instead);
        return None;
    };
    if stem.is_empty() {
        findings.add(item.span(), "nothing stands before the number", "write `n` behind a name");
        return None;
    }
    if stem.iter().chain(end).any(Term::has_word) {
        let instead = "write `n` once between `+`, where the number goes: `person.nick + n`";
        findings.add(item.span(), "a number within something else", instead);
        return None;
    }
    Some((Term::Join(stem.to_vec()), Term::Join(end.to_vec())))
}

/// A value in the type in which it is written.
fn fixed(item: &Item<'_>, findings: &mut Findings<'_>) -> Option<Value> {
    let text = plain(item, findings)?;
    let value = item.get_ref();
    if value.is_str() {
        return Some(Value::text(&text));
    }
    if let Some(yes) = value.as_bool() {
        return Some(Value::Bool(yes));
    }
    if value.is_datetime() {
        return text.parse().ok().map(Value::Date);
    }
    let number = text.parse::<Decimal>();
    number.map(Value::Number).map_err(|error| findings.add(item.span(), error.to_string(), "write it in quotes")).ok()
}
