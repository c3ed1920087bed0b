//! A reading held against the ledger, account by account.

use std::collections::BTreeSet;

use chrono::{DateTime, NaiveDate, Utc};

use crate::audit::Fact;
use crate::id::{AccountId, AccountKey, PersonId, TargetId};
use crate::ledger::{AccountEntry, Ledger};
use crate::source::Guards;
use crate::target::{DriftSettings, Observation, ObservedAccount, TargetReading, drift};

/// Why a whole reading of a target is not believed: more of the accounts that it showed or was given before `settled` are
/// nowhere in it than the guards let pass for people. Those that were missed before, or of which a step has no outcome yet,
/// do not count.
#[must_use]
pub fn disbelieve(
    reading: &TargetReading,
    target: &TargetId,
    ledger: &Ledger,
    (settled, guards): (DateTime<Utc>, &Guards),
) -> Option<String> {
    let TargetReading::Whole(all) = reading else { return None };
    let shown: BTreeSet<&AccountId> = all.accounts.iter().map(|account| &account.id).collect();
    let is_expected = |id: &&AccountId| {
        let entry = ledger.account_with_id(target, id).and_then(|key| ledger.account(key));
        entry.is_some_and(|entry| {
            let is_quiet = entry.open == 0 && entry.missed_at.is_none();
            is_quiet && entry.lifecycle.is_live() && entry.wrote_at.is_none_or(|at| at <= settled)
        })
    };
    let (there, lost): (Vec<_>, Vec<_>) =
        ledger.account_ids(target).filter(is_expected).partition(|id| shown.contains(id));
    let (lost, had) = (lost.len(), there.len() + lost.len());
    (lost > guards.missing_limit(had)).then(|| {
        format!(
            "`{target}` shows {lost} of {had} accounts no more, which is not believed; look at what the connection may \
             read, or raise the guards for a run if they are gone"
        )
    })
}

/// What the target shows of these accounts that the ledger does not know yet, and the people of whom it shows anything
/// else than what we last wrote; `at` tells the instant and the person's day.
pub fn compare(
    keys: BTreeSet<AccountKey>,
    (ledger, observation): (&Ledger, &Observation),
    at: impl Fn(&PersonId) -> (DateTime<Utc>, NaiveDate),
    how: DriftSettings,
) -> (Vec<Fact>, BTreeSet<PersonId>) {
    let (mut facts, mut people) = (Vec::new(), BTreeSet::new());
    for key in keys {
        let Some(entry) = ledger.account(&key) else { continue };
        let shown = entry.id.as_ref().and_then(|id| observation.account(id));
        if differs(entry, shown) {
            people.insert(key.person.clone());
        }
        facts
            .extend(drift(entry, shown, at(&key.person), how).into_iter().map(|fact| Fact::Account(key.clone(), fact)));
    }
    (facts, people)
}

/// Whether the target shows something else than what we last wrote or granted.
fn differs(entry: &AccountEntry, shown: Option<&ObservedAccount>) -> bool {
    let Some(shown) = shown else { return entry.lifecycle.is_live() };
    let attribute = entry.written.iter().any(|(name, value)| shown.attributes.value(name.as_str()) != Some(value));
    let lost = |held: &BTreeSet<_>| entry.grants.keys().any(|granted| !held.contains(granted));
    attribute || shown.permissions.as_ref().is_some_and(lost)
}
