//! From a document to rules that can be asked: every part is looked at, whatever is wrong with the others.

mod expression;
mod fields;
mod profile;
mod read;
mod rule;

use std::collections::{BTreeMap, BTreeSet};

use provisioning_core::policy::PolicyVersion;
use provisioning_core::source::{PrimaryKey, PrimaryOrder};
use provisioning_core::{Digest, RuleId, Slot};
use toml::de::DeTable;

use crate::check::fields::fields;
use crate::check::profile::mapping;
use crate::check::read::{Item, Section, contract_field, entries, items, slot, table, text};
use crate::check::rule::{Reader, Status, rule};
use crate::problem::{Findings, Problems};
use crate::profile::Mapping;
use crate::rule::Rule;
use crate::schema::Schema;
use crate::set::RuleSet;

/// Goes into every version: what changes the meaning of a text changes this.
const LANGUAGE: &str = "rules 2";

/// Understands a document.
pub(crate) fn check(source: &str, document: &DeTable<'_>, schema: &Schema) -> Result<RuleSet, Problems> {
    let mut findings = Findings::new(source);
    let mut file = Section::new("a file of rules", document, 0..0);
    let target = file.take("target").and_then(|item| slot(text(item, &mut findings)?, item.span(), &mut findings));
    let primary = file.take("primary").map(|item| primary(item, &mut findings)).unwrap_or_default();
    let declared = file.take("fields");
    let schema = &declared.map_or_else(|| schema.clone(), |item| fields(item, schema.clone(), &mut findings));
    let listed = file.take("rule").into_iter().flat_map(items).collect();
    let mut reader = Reader { schema, findings: &mut findings };
    let (rules, slots) = rules(listed, target.as_ref(), &mut reader);
    let profiles = file.take("profile").map(|item| profiles(item, slots.as_ref(), &mut reader)).unwrap_or_default();
    file.finish(&mut findings);
    if let Some(problems) = findings.into_problems() {
        return Err(problems);
    }
    let version = version(source, schema);
    let follows_contracts =
        profiles.values().any(Mapping::follows_contracts) || rules.iter().any(Rule::follows_contracts);
    Ok(RuleSet { version, primary, rules, profiles, follows_contracts })
}

/// The published rules, and on which accounts a rule gives something, drafts included; `None` where that is not known
/// because a rule was not understood.
fn rules(
    listed: Vec<&Item<'_>>,
    target: Option<&Slot>,
    reader: &mut Reader<'_, '_, '_>,
) -> (Vec<Rule>, Option<BTreeSet<Slot>>) {
    let count = listed.len();
    let mut understood: Vec<(Status, Rule)> = Vec::new();
    let mut seen: BTreeSet<RuleId> = BTreeSet::new();
    for item in listed {
        let Some(section) = table("a rule", "[[rule]]", item, reader.findings) else { continue };
        let Some((status, rule, place)) = rule(section, target, reader) else { continue };
        if !seen.insert(rule.id.clone()) {
            reader.findings.add(place, "another rule has this id", "write an id that no other rule has");
        }
        understood.push((status, rule));
    }
    let findings = &mut *reader.findings;
    let is_whole = understood.len() == count;
    let slots = understood.iter().map(|(_, rule)| rule.slot.clone()).collect();
    understood.retain(|(status, _)| *status == Status::Published);
    if count == 0 {
        findings.add(0..0, "without a rule everybody would lose everything", "write a rule under a line `[[rule]]`");
    } else if is_whole && understood.is_empty() {
        let instead = "take `status = \"draft\"` out of one rule at least";
        findings.add(
            0..0,
            "every rule is a draft, and without a published one everybody would lose everything",
            instead,
        );
    }
    (understood.into_iter().map(|(_, rule)| rule).collect(), is_whole.then_some(slots))
}

/// The profiles; `slots` is where a rule gives something.
fn profiles(
    item: &Item<'_>,
    slots: Option<&BTreeSet<Slot>>,
    reader: &mut Reader<'_, '_, '_>,
) -> BTreeMap<Slot, Mapping> {
    let mut profiles = BTreeMap::new();
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
        if profiles.insert(slot, mapping).is_some() {
            findings.add(
                key.span(),
                "another profile is for the same accounts",
                "write all attributes under one of them",
            );
        }
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
            if let Some(toml::Value::Array(rules)) = file.get_mut("rule") {
                rules.retain(|rule| rule.get("status").and_then(toml::Value::as_str) != Some("draft"));
                for rule in rules.iter_mut().filter_map(toml::Value::as_table_mut) {
                    rule.remove("name");
                }
            }
            file.to_string()
        },
    );
    PolicyVersion(Digest::of(&(LANGUAGE, canonical, schema.described())))
}
