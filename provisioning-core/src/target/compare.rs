//! A reading held against the ledger, account by account.

use std::collections::BTreeSet;

use chrono::{DateTime, NaiveDate, Utc};

use crate::audit::Fact;
use crate::id::{AccountKey, PersonId};
use crate::ledger::{AccountEntry, Ledger};
use crate::target::{DriftSettings, Observation, ObservedAccount, drift};

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
