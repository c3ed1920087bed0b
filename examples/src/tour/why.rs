//! Why somebody has something: asked of the rules, the ledger and the audit trail, which have to agree. And what somebody had
//! once: asked of the audit trail alone.

use chrono::{DateTime, Utc};
use provisioning_core::audit::{Basis, Cause, Fact, HeldAccount, History, Sealed};
use provisioning_core::ledger::Lifecycle;
use provisioning_core::plan::{PermissionStep, Step, Why};
use provisioning_core::policy::Because;
use provisioning_core::source::{ContractRecord, Person};
use provisioning_core::{Engine, PermissionId, PersonId, Slot};

use crate::tour::table::{Names, date, reason, source};
use crate::tour::world::Outcome;

/// Why somebody has a permission, as questions and answers.
///
/// # Errors
/// When nobody granted it, or the rules would not give it any more.
pub fn why(
    engine: &Engine,
    trail: &[Sealed],
    (person, slot, permission): (&PersonId, &Slot, &PermissionId),
) -> Result<Vec<(&'static str, String)>, String> {
    let ledger = engine.store.ledger();
    let ledger = ledger.read();
    let held = ledger.account(&ledger.key(person, slot)).and_then(|account| account.grants.get(permission));
    let held = held.ok_or_else(|| format!("{person} does not hold {permission}"))?;
    let (place, intent) = granted(trail, person, permission).ok_or("the audit trail does not know who granted it")?;
    let today = given_today(engine, person, permission);
    if today != intent {
        return Err(format!("{person} was given {permission} for another reason than it has today"));
    }
    let mut answers = vec![("given on", format!("{}, record {place} of the audit trail", date(held.at.date_naive())))];
    let roster = engine.store.roster();
    let roster = roster.read();
    let contracts = roster.record(&person.0).map_or(&[][..], |record| record.contracts.as_slice());
    for because in &today {
        answers.push(("because of", source(because, contracts)));
        let found = contracts.iter().find(|contract| Some(&contract.id) == because.contract.as_ref());
        answers.extend(found.map(|contract| ("the contract", dates(contract))));
    }
    answers.push(("still so", "yes: asked today, the rules give it for the same reason".to_owned()));
    Ok(answers)
}

/// What somebody had at an instant, and why, as questions and answers.
///
/// # Errors
/// When a record cannot be read.
pub fn had(
    engine: &Engine,
    trail: &[Sealed],
    (person, at): (&PersonId, DateTime<Utc>),
    names: &Names<'_>,
) -> Outcome<Vec<(&'static str, String)>> {
    let mut history = History::at(at, engine.settings.tenant.clone());
    for sealed in trail {
        history.take(sealed)?;
    }
    let held = history.of(person);
    let mut answers: Vec<_> = held.accounts.iter().map(|account| ("the account", usable(account, names))).collect();
    for permission in held.accounts.iter().flat_map(|account| &account.permissions) {
        let why = match &permission.basis {
            Basis::Granted { because, .. } => reason(&Why::Entitled(because.clone()), Some(person), names),
            Basis::Seen => "it was there".to_owned(),
        };
        let (group, since) = (names.group(&permission.id), date(permission.since.date_naive()));
        answers.push(("the group", format!("{group}, since {since}: {why}")));
    }
    if answers.is_empty() {
        answers.push(("the account", "there was none".to_owned()));
    }
    Ok(answers)
}

fn usable(account: &HeldAccount, names: &Names<'_>) -> String {
    let state = match account.lifecycle {
        Lifecycle::Active => "could be used",
        Lifecycle::Staged => "could not be used yet",
        Lifecycle::Suspended { .. } => "was disabled",
        Lifecycle::Absent | Lifecycle::Deleted { .. } => "was not there",
    };
    let why = match &account.state.cause {
        Cause::Step { why, .. } => {
            let whys = why.iter().map(|why| reason(why, Some(&account.key.person), names));
            whys.collect::<Vec<_>>().join("; ")
        }
        Cause::Adopted | Cause::Others(_) | Cause::EnabledByOthers | Cause::Shown => "it was found so".to_owned(),
    };
    format!("{state}, since {}: {why}", date(account.state.at.date_naive()))
}

fn dates(contract: &ContractRecord) -> String {
    let (first, last) = contract.read;
    let end = last.map_or_else(|| "without an end".to_owned(), |last| format!("to {}", date(last)));
    let title = contract.fields.text("title").unwrap_or("somebody");
    format!("{title}, from {}, {end}; known since {}", date(first), date(contract.known_since))
}

/// The last record that granted it, with its reasons.
fn granted(trail: &[Sealed], person: &PersonId, permission: &PermissionId) -> Option<(u64, Vec<Because>)> {
    trail.iter().rev().find_map(|sealed| {
        let Fact::Intent(intent) = sealed.record().ok()??.fact else { return None };
        let Step::Permission { key, step: PermissionStep::Grant(granted, because), .. } = intent.action.step else {
            return None;
        };
        (key.person == *person && granted.id == *permission).then_some((sealed.place, because))
    })
}

fn given_today(engine: &Engine, person: &PersonId, permission: &PermissionId) -> Vec<Because> {
    let roster = engine.store.roster();
    let roster = roster.read();
    let records = roster.record(&person.0).into_iter().collect();
    let whole = Person::new(person, records, &*roster, engine.settings.zone);
    let answer = engine.policy.grants(&whole, engine.clock.now());
    answer
        .grants
        .into_iter()
        .filter(|grant| grant.entitlement.is_permission(permission))
        .map(|grant| grant.because)
        .collect()
}
