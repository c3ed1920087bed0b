//! Accounts that bear an anchor of ours and that the ledger does not know.

use std::collections::BTreeMap;

use crate::id::{AccountId, AccountKey, TargetId};
use crate::ledger::{Ledger, Mark};
use crate::source::Roster;
use crate::target::{Observation, ObservedAccount, Presence};

/// Accounts with an anchor of ours that the ledger does not know, with whose they would be.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ahead {
    /// We made them, by all that is shown, and the ledger is behind; or somebody copied an anchor to where none was.
    pub unknown: Vec<(AccountKey, AccountId)>,
    /// They stand beside the one that the ledger knows and that is there: copies, for we never make a second one.
    pub copies: Vec<(AccountKey, AccountId)>,
}

/// Looks through accounts of a target for what only we could have left there; `is_live` tells whether an account is shown.
///
/// One of which a create has no outcome yet, or was said to have failed, is known. An anchor that names nobody is no anchor of
/// ours.
#[must_use]
pub fn ahead<'a>(
    accounts: impl IntoIterator<Item = &'a ObservedAccount>,
    target: &TargetId,
    (ledger, roster): (&Ledger, &Roster),
    is_live: impl Fn(&AccountId) -> bool,
) -> Ahead {
    let mut found = Ahead::default();
    for account in accounts {
        let is_known =
            || ledger.account_with_id(target, &account.id).is_some() || ledger.is_stranger(target, &account.id);
        let Some(anchor) = account.anchor.as_deref().filter(|_| !is_known()) else { continue };
        let Some(key) = AccountKey::of_anchor(ledger.tenant(), target, anchor) else { continue };
        if ledger.person(&key.person).is_none() && roster.record(&key.person.0).is_none() {
            continue;
        }
        let entry = ledger.account(&key);
        if entry.is_some_and(|entry| entry.open > 0 || entry.marks.contains(&Mark::MaybeMade)) {
            continue;
        }
        let stands_beside = entry.and_then(|entry| entry.id.as_ref()).is_some_and(&is_live);
        let list = if stands_beside { &mut found.copies } else { &mut found.unknown };
        list.push((key, account.id.clone()));
    }
    found
}

/// Which of the accounts that are to be taken over is the person's: the one that is live, or else the one deleted last;
/// none where several are live, for nobody can say.
#[must_use]
pub fn to_take_over<'a>(
    accounts: impl IntoIterator<Item = (&'a AccountKey, &'a AccountId)>,
    observation: &'a Observation,
) -> Vec<(&'a AccountKey, &'a ObservedAccount)> {
    let mut by_key: BTreeMap<&AccountKey, Vec<&ObservedAccount>> = BTreeMap::new();
    for (key, id) in accounts {
        if let Some(account) = observation.account(id) {
            by_key.entry(key).or_default().push(account);
        }
    }
    let chosen = by_key.into_iter().filter_map(|(key, accounts)| {
        let mut live = accounts.iter().filter(|account| account.presence == Presence::Live);
        let one = match (live.next(), live.next()) {
            (Some(_), Some(_)) => None,
            (Some(one), None) => Some(*one),
            (None, _) => accounts.iter().copied().max_by_key(|account| match account.presence {
                Presence::InBin(on) => Some(on),
                Presence::Live => None,
            }),
        };
        one.map(|account| (key, account))
    });
    chosen.collect()
}
