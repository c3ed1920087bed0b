//! Ways to look at actions, targets and ledgers that can be compared.

use std::collections::BTreeMap;

use provisioning_core::ledger::Ledger;
use provisioning_core::memory::MemoryTarget;
use provisioning_core::plan::{AccountStep, Action, PermissionStep, ResourceStep, Step};
use provisioning_core::target::{Presence, Shown};

/// What an action does and to whom, without reasons: `grant hr:1 department:d1`.
pub(crate) fn line(action: &Action) -> String {
    match &action.step {
        Step::Account { key, step, .. } => {
            let verb = match step {
                AccountStep::Create(_) => "create",
                AccountStep::Restore => "restore",
                AccountStep::Enable => "enable",
                AccountStep::Update(_) => "update",
                AccountStep::Disable => "disable",
                AccountStep::Delete => "delete",
                AccountStep::Reissue => "reissue",
            };
            format!("{verb} {}", key.anchor())
        }
        Step::Permission { key, step: PermissionStep::Grant(permission, _), .. } => {
            format!("grant {} {}", key.anchor(), permission.id)
        }
        Step::Permission { key, step: PermissionStep::Revoke(permission, _), .. } => {
            format!("revoke {} {permission}", key.anchor())
        }
        Step::Resource { step: ResourceStep::Ensure { id, name, .. }, .. } => format!("ensure {id} {name}"),
    }
}

/// Everything that a target shows, a line for each account and resource.
pub(crate) fn accounts_of(target: &MemoryTarget) -> Vec<String> {
    let accounts = target.accounts();
    let accounts = accounts.iter().map(|account| serde_json::to_string(account).unwrap());
    accounts.chain(target.resources().iter().map(|resource| serde_json::to_string(resource).unwrap())).collect()
}

/// By anchor: `enabled` or `disabled` with what is held, or `deleted`.
pub(crate) fn shape_of(target: &MemoryTarget) -> BTreeMap<String, String> {
    let accounts = target.accounts().into_iter().filter_map(|account| {
        let state = match (account.presence, account.shown) {
            (Presence::InBin(_), _) => "deleted".to_owned(),
            (Presence::Live, Shown::Enabled) => format!("enabled {:?}", account.permissions.unwrap_or_default()),
            (Presence::Live, Shown::Disabled) => format!("disabled {:?}", account.permissions.unwrap_or_default()),
        };
        Some((account.anchor?, state))
    });
    accounts.collect()
}

/// Everything in a ledger about accounts but the instants, a line for each.
pub(crate) fn ledger_of(ledger: &Ledger) -> Vec<String> {
    let accounts = ledger.people().flat_map(|(person, entry)| entry.accounts.iter().map(move |one| (person, one)));
    let one = |(person, (slot, entry)): (&_, (&provisioning_core::Slot, &provisioning_core::ledger::AccountEntry))| {
        let others: Vec<_> = entry.others.iter().map(|(did, seen)| (did, seen.held)).collect();
        let grants: Vec<_> = entry.grants.iter().map(|(id, held)| (id, held.class, &held.rules)).collect();
        format!(
            "{person} {slot:?}: {:?} {:?} unwanted {:?} others {others:?} {:?} written {} names {:?} \
             grants {grants:?} open {} marks {:?} previous {:?}",
            entry.id,
            entry.lifecycle,
            entry.unwanted_since,
            entry.origin,
            serde_json::to_string(&entry.written).unwrap(),
            entry.names,
            entry.open,
            &entry.marks,
            entry.previous,
        )
    };
    accounts.map(one).collect()
}
