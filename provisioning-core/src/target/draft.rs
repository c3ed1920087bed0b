//! What a reading changes of an observation, worked out before anything is changed.

use std::collections::BTreeSet;

use crate::id::{AccountId, PermissionId};
use crate::target::{Holding, Observation, ObservationChange, ObservedAccount, Presence, TargetChanges, TargetReading};

/// An observation, and what is not as it was in it.
pub(super) struct Draft<'a> {
    before: &'a Observation,
    change: ObservationChange,
    touched: BTreeSet<AccountId>,
}

impl<'a> Draft<'a> {
    pub(super) fn new(before: &'a Observation) -> Self {
        Self { before, change: ObservationChange::default(), touched: BTreeSet::new() }
    }

    pub(super) fn of(mut self, reading: TargetReading) -> (ObservationChange, BTreeSet<AccountId>) {
        match reading {
            TargetReading::Changes(changes) => {
                self.drop_everywhere(&changes.gone_resources);
                self.take(changes);
            }
            TargetReading::Whole(mut all) => {
                let shown: BTreeSet<&AccountId> = all.accounts.iter().map(|account| &account.id).collect();
                let gone = self.before.accounts.keys().filter(|id| !shown.contains(id));
                all.gone = gone.cloned().collect();
                let named: BTreeSet<&PermissionId> = all.resources.iter().map(|resource| &resource.id).collect();
                let gone = self.before.resources.keys().filter(|id| !named.contains(id));
                all.gone_resources = gone.cloned().collect();
                if all.holdings.is_some() {
                    let is_told = |account: &&mut ObservedAccount| account.presence == Presence::Live;
                    for account in all.accounts.iter_mut().filter(is_told) {
                        account.permissions.get_or_insert_default();
                    }
                }
                self.change.early = self.before.early.keys().map(|id| (id.clone(), None)).collect();
                self.change.complete = true;
                self.take(all);
            }
        }
        let Self { before, mut change, touched } = self;
        // What never was shown need not be said to be gone.
        change.accounts.retain(|id, now| now.is_some() || before.accounts.contains_key(id));
        change.early.retain(|id, now| now.is_some() || before.early.contains_key(id));
        change.resources.retain(|id, now| now.is_some() || before.resources.contains_key(id));
        (change, touched)
    }

    fn take(&mut self, reading: TargetChanges) {
        for id in reading.gone {
            self.change.early.insert(id.clone(), None);
            self.change.accounts.insert(id.clone(), None);
            self.touched.insert(id);
        }
        for mut account in reading.accounts {
            if reading.holdings.is_some() {
                self.fill_in(&mut account);
            }
            self.touched.insert(account.id.clone());
            if self.account(&account.id) != Some(&account) {
                self.change.accounts.insert(account.id.clone(), Some(account));
            }
        }
        for id in reading.gone_resources {
            self.change.resources.insert(id, None);
        }
        for resource in reading.resources {
            if self.before.resources.get(&resource.id) == Some(&resource) {
                self.change.resources.remove(&resource.id);
            } else {
                self.change.resources.insert(resource.id.clone(), Some(resource));
            }
        }
        self.change.cursor = reading.cursor;
        if let Some(holdings) = reading.holdings {
            self.hold(holdings);
        }
    }

    /// An account as it is by now.
    fn account(&self, id: &AccountId) -> Option<&ObservedAccount> {
        self.change.accounts.get(id).map_or_else(|| self.before.accounts.get(id), Option::as_ref)
    }

    /// The same, to be changed.
    fn account_mut(&mut self, id: &AccountId) -> Option<&mut ObservedAccount> {
        let before = || self.before.accounts.get(id).cloned();
        self.change.accounts.entry(id.clone()).or_insert_with(before).as_mut()
    }

    /// What an account holds that is not shown yet.
    fn early_mut(&mut self, id: &AccountId) -> &mut Option<BTreeSet<PermissionId>> {
        let before = || self.before.early.get(id).cloned();
        self.change.early.entry(id.clone()).or_insert_with(before)
    }

    /// The same, which is shown from now on.
    fn take_early(&mut self, id: &AccountId) -> Option<BTreeSet<PermissionId>> {
        let is_known = self.change.early.contains_key(id) || self.before.early.contains_key(id);
        if is_known { self.early_mut(id).take() } else { None }
    }

    /// Gives an account that is shown without what it holds what is known of that.
    fn fill_in(&mut self, account: &mut ObservedAccount) {
        if account.permissions.is_some() {
            return;
        }
        account.permissions = match self.account(&account.id) {
            Some(before) => before.permissions.clone(),
            None if account.presence == Presence::Live => Some(self.take_early(&account.id).unwrap_or_default()),
            None => None,
        };
    }

    fn hold(&mut self, holdings: Vec<Holding>) {
        for Holding { account: id, permission, held } in holdings {
            let change = |permissions: &mut BTreeSet<PermissionId>| {
                if held {
                    permissions.insert(permission.clone())
                } else {
                    permissions.remove(&permission)
                };
            };
            match self.account(&id) {
                None => {
                    let early = self.early_mut(&id).get_or_insert_default();
                    change(early);
                }
                Some(account) => {
                    let is_live = account.presence == Presence::Live;
                    let holds = account.permissions.as_ref().map(|held| held.contains(&permission));
                    // Nothing is copied for what is so already.
                    if holds.is_some_and(|holds| holds != held)
                        && (held || is_live)
                        && let Some(permissions) = self.account_mut(&id).and_then(|one| one.permissions.as_mut())
                    {
                        change(permissions);
                    }
                }
            }
            self.touched.insert(id);
        }
        let is_open = |account: &ObservedAccount| account.presence == Presence::Live && account.permissions.is_none();
        if self.touched.iter().filter_map(|id| self.account(id)).any(is_open) {
            self.change.cursor = None;
        }
    }

    /// Takes what is not there any more away from everybody.
    fn drop_everywhere(&mut self, gone: &[PermissionId]) {
        if gone.is_empty() {
            return;
        }
        let holds_any = |held: &BTreeSet<PermissionId>| gone.iter().any(|one| held.contains(one));
        let without = |held: &BTreeSet<PermissionId>| held.iter().filter(|one| !gone.contains(one)).cloned().collect();
        for account in self.before.accounts.values() {
            let Some(held) = account.permissions.as_ref().filter(|held| holds_any(held)) else { continue };
            let left = ObservedAccount { permissions: Some(without(held)), ..account.clone() };
            self.change.accounts.insert(account.id.clone(), Some(left));
            self.touched.insert(account.id.clone());
        }
        for (id, held) in self.before.early.iter().filter(|(_, held)| holds_any(held)) {
            self.change.early.insert(id.clone(), Some(without(held)));
        }
    }
}
