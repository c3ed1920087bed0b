//! From a document to rules that can be asked: every part is looked at, whatever is wrong with the others.

mod circle;
mod exclusion;
mod expression;
mod fields;
mod found;
mod profile;
mod read;
mod rule;

use std::collections::{BTreeMap, BTreeSet};

use provisioning_core::policy::PolicyVersion;
use provisioning_core::source::{PrimaryKey, PrimaryOrder};
use provisioning_core::{Digest, Slot};
use toml::de::DeTable;

use crate::check::circle::circle;
use crate::check::fields::fields;
use crate::check::found::Found;
use crate::check::profile::mapping;
use crate::check::read::{Item, Section, contract_field, entries, items, slot, table, text};
use crate::check::rule::Reader;
use crate::problem::{Findings, Problems};
use crate::profile::Mapping;
use crate::schema::Schema;
use crate::set::{RuleSet, looks};
use crate::slot::written;

/// Goes into every version: what changes the meaning of a text changes this.
const LANGUAGE: &str = "rules 3";

/// Understands a document.
pub(crate) fn check(source: &str, document: &DeTable<'_>, schema: &Schema) -> Result<RuleSet, Problems> {
    let mut findings = Findings::new(source);
    let mut file = Section::new("a file of rules", document, 0..0);
    let target = file.take("target").and_then(|item| slot(text(item, &mut findings)?, item.span(), &mut findings));
    let primary = file.take("primary").map(|item| primary(item, &mut findings)).unwrap_or_default();
    let declared = file.take("fields");
    let schema = &declared.map_or_else(|| schema.clone(), |item| fields(item, schema.clone(), &mut findings));
    let parts = ["rule", "exclusion", "exception", "combination"].map(|key| file.take(key));
    let [listed, exclusions, exceptions, combinations] = parts.map(|part| part.into_iter().flat_map(items).collect());
    let mut reader = Reader { schema, findings: &mut findings };
    let mut found = Found::new(primary, schema.clone(), target);
    let slots = found.rules(listed, &mut reader);
    found.exceptions(exceptions, &mut reader);
    found.exclusions(exclusions, &mut reader);
    found.combinations(combinations, &mut reader);
    let profiles = file.take("profile").map(|item| profiles(item, slots.as_ref(), &mut reader)).unwrap_or_default();
    file.finish(&mut findings);
    if let Some(problems) = findings.into_problems() {
        return Err(problems);
    }
    Ok(RuleSet { version: version(source, schema), profiles, ..found.set }.looked_through())
}

/// The profiles; `slots` is where a rule gives something.
fn profiles(
    item: &Item<'_>,
    slots: Option<&BTreeSet<Slot>>,
    reader: &mut Reader<'_, '_, '_>,
) -> BTreeMap<Slot, Mapping> {
    let mut profiles = BTreeMap::new();
    let mut keys = Vec::new();
    for (key, item) in entries("`profile`", "[profile.entra]", item, reader.findings).into_iter().flatten() {
        let slot = slot(key.get_ref(), key.span(), reader.findings);
        let attributes = entries("a profile", "[profile.entra]", item, reader.findings);
        let mapping = attributes.map(|attributes| mapping(attributes, slot.as_ref(), reader));
        let findings = &mut *reader.findings;
        let Some((slot, mapping)) = slot.zip(mapping) else { continue };
        if slots.is_some_and(|slots| !slots.contains(&slot)) {
            let instead = "write the target of a rule, or a rule for these accounts, which may be a draft";
            findings.add(key.span(), "no rule gives anything on such an account", instead);
        }
        keys.push((slot.clone(), key.span()));
        if profiles.insert(slot, mapping).is_some() {
            findings.add(
                key.span(),
                "another profile is for the same accounts",
                "write all attributes under one of them",
            );
        }
    }
    let looks = looks(&profiles);
    for (way, span) in keys.into_iter().filter_map(|(slot, span)| Some((circle(&slot, &looks)?, span))) {
        let way = way.iter().map(|slot| format!("`{}`", written(slot))).collect::<Vec<_>>().join(", ");
        let wrong = format!("looks at accounts that look back, so none can be made first: {way}");
        reader.findings.add(span, wrong, "write one of these values from fields of the person");
    }
    profiles
}

/// The questions by which the contract that speaks for a person is found.
fn primary(item: &Item<'_>, findings: &mut Findings<'_>) -> PrimaryOrder {
    let mut keys = Vec::new();
    for item in items(item) {
        if item.get_ref().is_table() {
            let Some(mut section) =
                table("a question for the primary contract", "{ highest = \"hours\" }", item, findings)
            else {
                continue;
            };
            let highest = section.take("highest").map(|item| (item, PrimaryKey::Highest as fn(_) -> _));
            let lowest = section.take("lowest").map(|item| (item, PrimaryKey::Lowest as fn(_) -> _));
            section.finish(findings);
            match (highest, lowest) {
                (Some((field, key)), None) | (None, Some((field, key))) => {
                    keys.extend(contract_field(field, findings).map(key));
                }
                (Some(_), Some(_)) => {
                    findings.add(item.span(), "two questions in one", "write each in braces of its own");
                }
                (None, None) => findings.add(item.span(), "asks nothing", "write `{ highest = \"hours\" }`"),
            }
        } else {
            keys.extend(word(item, findings));
        }
    }
    PrimaryOrder(keys)
}

/// A question that is one word.
fn word(item: &Item<'_>, findings: &mut Findings<'_>) -> Option<PrimaryKey> {
    let key = match item.get_ref().as_str() {
        Some("in_force") => Some(PrimaryKey::InForce),
        Some("earliest_start") => Some(PrimaryKey::EarliestStart),
        Some("latest_start") => Some(PrimaryKey::LatestStart),
        Some("latest_end") => Some(PrimaryKey::LatestEnd),
        _ => None,
    };
    if key.is_none() {
        let instead = "write `\"in_force\"`, `\"earliest_start\"`, `\"latest_start\"`, `\"latest_end\"`, \
                       `{ highest = \"hours\" }` or `{ lowest = \"hours\" }`";
        findings.add(item.span(), "not a question for the primary contract", instead);
    }
    key
}

/// The hash of what the text says: comments, layout, drafts and what people call a rule do not change it.
fn version(source: &str, schema: &Schema) -> PolicyVersion {
    let canonical = source.parse::<toml::Table>().map_or_else(
        |_| source.to_owned(),
        |mut file| {
            for part in ["rule", "exclusion", "exception", "combination"] {
                let Some(toml::Value::Array(listed)) = file.get_mut(part) else { continue };
                listed.retain(|one| one.get("status").and_then(toml::Value::as_str) != Some("draft"));
                for one in listed.iter_mut().filter_map(toml::Value::as_table_mut) {
                    one.remove("name");
                    one.remove("category");
                }
                if listed.is_empty() {
                    file.remove(part);
                }
            }
            file.to_string()
        },
    );
    PolicyVersion(Digest::of(&(LANGUAGE, canonical, schema.described())))
}
