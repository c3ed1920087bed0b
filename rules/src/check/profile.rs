//! The mappings of one kind of account: for each attribute, where its value comes from.

use provisioning_core::policy::{Renaming, Upkeep};
use provisioning_core::{Decimal, FieldName, Slot, Value};
use toml::de::DeTable;

use crate::check::read::{Item, Section, choice, items, plain, table, text, yes};
use crate::field::{Reference, bare, parse_slot};
use crate::problem::Findings;
use crate::profile::{Attribute, Mapping, Need, Source, Unique, WhenEmpty};
use crate::template::Template;

const SOURCES: &str = "write one of `from`, `value`, `template`, `manager` and `candidates`";
const REFERENCES: &str = "write `person.FIELD`, `primary.FIELD`, `department.name` or `account.TARGET.ATTRIBUTE`";

/// Understands the attributes of a profile.
pub(crate) fn mapping(attributes: &DeTable<'_>, own: Option<&Slot>, findings: &mut Findings<'_>) -> Mapping {
    let mut mapping = Mapping::default();
    for (key, item) in attributes {
        let name = FieldName::new(key.get_ref());
        let name = name.map_err(|error| findings.add(key.span(), error.to_string(), "write it without that")).ok();
        let Some(mut section) = table("an attribute", "{ from = \"person.phone\" }", item, findings) else { continue };
        let (candidates, numbered) = (section.take("candidates"), section.take("numbered"));
        if candidates.is_none() && numbered.is_none() {
            let attribute = attribute(name, section, findings);
            is_of_others(attribute.iter().flat_map(Attribute::references), own, item, findings);
            mapping.attributes.extend(attribute);
        } else {
            let unique = unique(name, (candidates, numbered), section, findings);
            is_of_others(unique.iter().flat_map(Unique::references), own, item, findings);
            mapping.names.extend(unique);
        }
    }
    mapping
}

/// An account's own attributes cannot be looked at while they are being made.
fn is_of_others<'r>(
    mut references: impl Iterator<Item = &'r Reference>,
    own: Option<&Slot>,
    item: &Item<'_>,
    findings: &mut Findings<'_>,
) {
    if references.any(|reference| matches!(reference, Reference::Account(slot, _) if Some(slot) == own)) {
        let instead = "write an account on another target, or the field of the person that it comes from";
        findings.add(item.span(), "looks at the very account that this profile makes", instead);
    }
}

fn attribute(name: Option<FieldName>, mut section: Section<'_>, findings: &mut Findings<'_>) -> Option<Attribute> {
    let need = need(&mut section, findings);
    let words = [("always", Upkeep::Equal), ("create", Upkeep::OnCreate)];
    let upkeep = section.take("on").and_then(|item| choice(item, &words, findings)).unwrap_or_default();
    let words = [("keep", WhenEmpty::Keep), ("clear", WhenEmpty::Clear)];
    let when_empty = section.take("when_empty").and_then(|item| choice(item, &words, findings)).unwrap_or_default();
    let source = source(&mut section, findings);
    section.finish(findings);
    Some(Attribute { name: name?, source: source?, upkeep, when_empty, need })
}

fn need(section: &mut Section<'_>, findings: &mut Findings<'_>) -> Need {
    let required = section.take("required").is_some_and(|item| yes(item, findings));
    if required { Need::Required } else { Need::Optional }
}

/// Where the value comes from: one place, and no other.
fn source(section: &mut Section<'_>, findings: &mut Findings<'_>) -> Option<Source> {
    let given = [
        section.take("from").map(|item| (item, from(item, findings).map(Source::Field))),
        section.take("value").map(|item| (item, fixed(item, findings).map(Source::Fixed))),
        section.take("template").map(|item| (item, template(item, findings).map(Source::Text))),
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
    findings: &mut Findings<'_>,
) -> Option<Unique> {
    let need = need(&mut section, findings);
    for item in
        ["from", "value", "template", "manager", "on", "when_empty"].map(|key| section.take(key)).into_iter().flatten()
    {
        findings.add(item.span(), "does not go together with `candidates` or `numbered`", "leave one of them out");
    }
    let is_nothing = candidates.and_then(|item| item.get_ref().as_array()).is_some_and(|list| list.is_empty());
    if let Some(empty) = candidates.filter(|_| is_nothing && number.is_none()) {
        findings.add(empty.span(), "no name to try", "write one at least, such as `[\"{person.given_name}\"]`");
    }
    let numbered = number.and_then(|item| numbered(item, findings));
    let words = [("frozen", Renaming::Frozen), ("follows", Renaming::Follows)];
    let renaming = section.take("renaming").and_then(|item| choice(item, &words, findings)).unwrap_or_default();
    let candidates = candidates.into_iter().flat_map(items).filter_map(|item| template(item, findings)).collect();
    section.finish(findings);
    Some(Unique { name: name?, candidates, numbered, renaming, need })
}

/// What stands before `{n}` and what after it.
fn numbered(item: &Item<'_>, findings: &mut Findings<'_>) -> Option<(Template<Reference>, Template<Reference>)> {
    let written = text(item, findings)?;
    let halves = written.split_once("{n}").filter(|(_, end)| !end.contains("{n}"));
    let Some((stem, end)) = halves else {
        let instead = "write `{n}` once, where the number goes";
        findings.add(item.span(), "not a name with one number in it", instead);
        return None;
    };
    if stem.trim().is_empty() {
        findings.add(item.span(), "nothing stands before the number", "write `{n}` behind a name");
        return None;
    }
    Some((parsed(stem, item, findings)?, parsed(end, item, findings)?))
}

fn template(item: &Item<'_>, findings: &mut Findings<'_>) -> Option<Template<Reference>> {
    parsed(text(item, findings)?, item, findings)
}

fn parsed(text: &str, item: &Item<'_>, findings: &mut Findings<'_>) -> Option<Template<Reference>> {
    Template::parse(text, &reference).map_err(|fault| findings.add(item.span(), fault.wrong, fault.instead)).ok()
}

fn from(item: &Item<'_>, findings: &mut Findings<'_>) -> Option<Reference> {
    let found = reference(text(item, findings)?);
    found.map_err(|instead| findings.add(item.span(), "not a field that a profile can look at", instead)).ok()
}

/// What a reference stands for, or what to write instead.
fn reference(text: &str) -> Result<Reference, String> {
    let (owner, name) = text.split_once('.').unwrap_or_default();
    let account = || {
        let (slot, name) = name.split_once('.')?;
        Some(Reference::Account(parse_slot(slot).ok()?, FieldName::new(name).ok()?))
    };
    match owner {
        "person" => bare(owner, name).map(Reference::Person),
        "primary" => bare(owner, name).map(Reference::Primary),
        "department" if name == "name" => Ok(Reference::DepartmentName),
        "account" => account().ok_or_else(|| REFERENCES.to_owned()),
        _ => Err(REFERENCES.to_owned()),
    }
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
