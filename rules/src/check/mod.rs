//! From a document to rules that can be asked: every part is looked at, whatever is wrong with the others.

mod profile;
mod read;
mod rule;

use std::collections::{BTreeMap, BTreeSet};

use provisioning_core::policy::PolicyVersion;
use provisioning_core::source::{PrimaryKey, PrimaryOrder};
use provisioning_core::{Digest, RuleId, Slot};
use toml::de::DeTable;

use crate::check::profile::mapping;
use crate::check::read::{Item, Section, choice, contract_field, entries, items, slot, table, text};
use crate::check::rule::{Status, rule};
use crate::problem::{Findings, Problems};
use crate::profile::Mapping;
use crate::set::RuleSet;

/// Goes into every version: what changes the meaning of a text changes this.
const LANGUAGE: &str = "rules 1";

/// Understands a document.
pub(crate) fn check(source: &str, document: &DeTable<'_>) -> Result<RuleSet, Problems> {
    let mut findings = Findings::new(source);
    let mut file = Section::new("a file of rules", document, 0..0);
    let target = file.take("target").and_then(|item| slot(text(item, &mut findings)?, item.span(), &mut findings));
    let primary = file.take("primary").map(|item| primary(item, &mut findings)).unwrap_or_default();
    let mut rules = Vec::new();
    let mut seen: BTreeSet<RuleId> = BTreeSet::new();
    let listed: Vec<_> = file.take("rule").into_iter().flat_map(items).collect();
    if listed.is_empty() {
        findings.add(0..0, "without a rule everybody would lose everything", "write a rule under a line `[[rule]]`");
    }
    for item in listed {
        let Some(section) = table("a rule", "[[rule]]", item, &mut findings) else { continue };
        let Some((status, rule, place)) = rule(section, target.as_ref(), &mut findings) else { continue };
        if !seen.insert(rule.id.clone()) {
            findings.add(place, "another rule has this id", "write an id that no other rule has");
        }
        if status == Status::Published {
            rules.push(rule);
        }
    }
    let profiles = file.take("profile").map(|item| profiles(item, &mut findings)).unwrap_or_default();
    file.finish(&mut findings);
    if let Some(problems) = findings.into_problems() {
        return Err(problems);
    }
    let follows_primary = profiles.values().any(Mapping::follows_primary);
    Ok(RuleSet { version: version(source), primary, rules, profiles, follows_primary })
}

fn profiles(item: &Item<'_>, findings: &mut Findings<'_>) -> BTreeMap<Slot, Mapping> {
    let mut profiles = BTreeMap::new();
    for (key, item) in entries("`profile`", "[profile.entra]", item, findings).into_iter().flatten() {
        let slot = slot(key.get_ref(), key.span(), findings);
        let mapping =
            entries("a profile", "[profile.entra]", item, findings).map(|attributes| mapping(attributes, findings));
        let Some((slot, mapping)) = slot.zip(mapping) else { continue };
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
            let highest =
                section.take("highest").and_then(|field| contract_field(field, findings)).map(PrimaryKey::Highest);
            let lowest =
                section.take("lowest").and_then(|field| contract_field(field, findings)).map(PrimaryKey::Lowest);
            keys.extend(highest.into_iter().chain(lowest));
            section.finish(findings);
        } else {
            let words = [
                ("in_force", PrimaryKey::InForce),
                ("earliest_start", PrimaryKey::EarliestStart),
                ("latest_start", PrimaryKey::LatestStart),
                ("latest_end", PrimaryKey::LatestEnd),
            ];
            keys.extend(choice(item, &words, findings));
        }
    }
    PrimaryOrder(keys)
}

/// The hash of what the text says: comments, layout, drafts and what people call a rule do not change it.
fn version(source: &str) -> PolicyVersion {
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
    PolicyVersion(Digest::of(&(LANGUAGE, canonical)))
}
