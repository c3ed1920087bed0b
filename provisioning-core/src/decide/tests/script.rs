//! Rules and mappings that stand in the rows themselves.
//!
//! ```text
//! person 1 always=account unsure=access note=hello names=anna,anna.vos numbered=anna phone=1 room=2 managers=2,3 missing=mail
//! contract 1 a 2026-01-01.. gives=access,sales,ad/account,access#admin lead=14
//! ```
//!
//! A contract gives what it says while it is in force, and `account` from `lead` days before. `unsure` is a rule named `r`
//! that cannot tell. `renames=yes` lets names follow.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use crate::decide::tests::entitlement;
use crate::digest::Digest;
use crate::id::{FieldName, Slot};
use crate::lifecycle::Want;
use crate::period::{civil_day, first_instant, minus_days};
use crate::policy::{
    Answer, Because, Combination, Desired, EarlierAccounts, Entitlement, Grant, Looks, Policy, PolicyVersion, Profile,
    Renaming, Undetermined, UniqueName, Upkeep,
};
use crate::samples::id;
use crate::source::{Contract, Manager, Person};
use crate::value::{Edit, Value};

#[derive(Debug, Clone)]
pub(super) struct Script {
    pub(super) version: u8,
    /// Whether it breaks the contract of `next_change`: the next one is always now.
    pub(super) stands_still: bool,
    /// What it gives to everybody, even to somebody of whom no record is left.
    pub(super) to_everybody: Option<&'static str>,
    /// Whether the field `team` of a manager gives something, too, to whoever works below.
    pub(super) sees_managers: bool,
    /// Whether the field `phone` of a manager is the attribute `desk_phone` of the team.
    pub(super) phone_of_manager: bool,
    pub(super) looks: Looks,
}

impl Default for Script {
    fn default() -> Self {
        Self {
            version: 1,
            stands_still: false,
            to_everybody: None,
            sees_managers: false,
            phone_of_manager: false,
            looks: Looks::new(),
        }
    }
}

impl Policy for Script {
    fn version(&self) -> PolicyVersion {
        PolicyVersion(Digest([self.version; 32]))
    }

    fn sees_managers(&self) -> bool {
        self.sees_managers
    }

    fn grants(&self, person: &Person<'_>, now: DateTime<Utc>) -> Answer {
        let mut answer = Answer::default();
        answer.grants.extend(words(self.to_everybody).map(|word| grant(word, None)));
        answer.grants.extend(words(person.text("always")).map(|word| grant(word, None)));
        for contract in &person.contracts {
            let gives = words(contract.record.fields.text("gives"));
            let lead = minus_days(contract.period.start(), lead(contract));
            let team = match person.manager(contract) {
                Manager::Known(manager) => manager.fields.text("team"),
                Manager::Unknown => {
                    answer.undetermined.extend(["sales", "stock"].map(cannot_tell));
                    None
                }
                Manager::Nobody => None,
            };
            if contract.in_force(now) {
                answer.grants.extend(words(team).map(|word| grant(word, Some(contract))));
                answer.grants.extend(gives.map(|word| grant(word, Some(contract))));
            } else if lead <= civil_day(now, contract.zone)
                && !contract.period.ends_before(civil_day(now, contract.zone))
            {
                answer.grants.push(grant("account", Some(contract)));
            }
        }
        answer.notes = words(person.text("note")).map(str::to_owned).collect();
        answer.undetermined.extend(words(person.text("unsure")).map(cannot_tell));
        answer
    }

    fn combinations(&self) -> &[Combination] {
        &[]
    }

    fn profile(&self, person: &Person<'_>, slot: &Slot, earlier: &EarlierAccounts, now: DateTime<Utc>) -> Profile {
        let mut attributes = BTreeMap::new();
        let desk = person.contracts.iter().filter(|one| one.in_force(now)).find_map(|one| one.field("desk"));
        if let Some(desk) = desk {
            attributes.insert(id("desk"), (Desired::Value(Edit::Set(desk.clone())), Upkeep::Equal));
        }
        for contract in person.contracts.iter().filter(|_| self.phone_of_manager) {
            if let Manager::Known(manager) = person.manager(contract)
                && let Some(phone) = manager.fields.value("phone")
            {
                attributes.insert(id("desk_phone"), (Desired::Value(Edit::Set(phone.clone())), Upkeep::Equal));
            }
        }
        for (name, upkeep) in [("phone", Upkeep::Equal), ("room", Upkeep::OnCreate)] {
            let edit = match person.field(name) {
                None => Edit::Keep,
                Some(Value::Null) => Edit::Clear,
                Some(value) => Edit::Set(value.clone()),
            };
            attributes.insert(id(name), (Desired::Value(edit), upkeep));
        }
        if let Some(managers) = person.text("managers") {
            let people = managers.split(',').map(super::person).collect();
            attributes.insert(id("manager"), (Desired::AccountOf(people), Upkeep::Equal));
        }
        let before =
            earlier.0.get("entra").and_then(|accounts| accounts.values().find_map(|all| all.text("user_name")));
        if let Some(name) = before.filter(|_| slot.target.as_str() != "entra") {
            attributes.insert(id("upn"), (Desired::Value(Edit::Set(Value::text(name))), Upkeep::Equal));
        }
        let candidates: Vec<String> =
            words(person.text("names")).map(|name| name.trim_matches('\'').to_owned()).collect();
        let numbered = person.text("numbered").map(|stem| (stem.to_owned(), "@x".to_owned()));
        let renaming = if person.text("renames").is_some() { Renaming::Follows } else { Renaming::Frozen };
        let has_name = !candidates.is_empty() || numbered.is_some();
        let name = UniqueName { attribute: id("user_name"), candidates, numbered, renaming };
        let missing: Vec<FieldName> = words(person.text("missing")).map(id).collect();
        Profile { attributes, names: if has_name { vec![name] } else { Vec::new() }, missing }
    }

    fn looks(&self) -> Looks {
        self.looks.clone()
    }

    fn next_change(&self, person: &Person<'_>, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        if self.stands_still {
            return Some(now);
        }
        let days = person.contracts.iter().flat_map(|contract| {
            let start = contract.period.start();
            let days = [Some(minus_days(start, lead(contract))), Some(start), contract.period.end()];
            days.into_iter().flatten().map(|day| first_instant(day, contract.zone))
        });
        days.filter(|instant| *instant > now).min()
    }
}

/// A rule that would give this.
fn cannot_tell(word: &str) -> Undetermined {
    Undetermined {
        rule: id(&format!("gives {}", slot(word).1)),
        lacks: "a table".to_owned(),
        slot: slot(word).0,
        may: match slot(word).1 {
            "access" => Want::Access,
            "account" => Want::Account,
            _ => Want::Nothing,
        },
    }
}

fn lead(contract: &Contract<'_>) -> u32 {
    contract.record.fields.text("lead").map_or(0, |days| days.parse().unwrap())
}

fn words(text: Option<&str>) -> impl Iterator<Item = &str> {
    text.into_iter().flat_map(|text| text.split(','))
}

/// `access`, `ad/sales` or `ad/access#admin`.
fn slot(word: &str) -> (Slot, &str) {
    let (target, rest) = word.split_once('/').unwrap_or(("entra", word));
    let (what, kind) = rest.split_once('#').unwrap_or((rest, "main"));
    (Slot { target: id(target), kind: id(kind) }, what)
}

fn grant(word: &str, contract: Option<&Contract<'_>>) -> Grant {
    let (slot, what) = slot(word);
    let entitlement: Entitlement = entitlement(what);
    let rule = id(&format!("gives {what}"));
    Grant { slot, entitlement, because: Because { rule, contract: contract.map(|contract| contract.id().clone()) } }
}
