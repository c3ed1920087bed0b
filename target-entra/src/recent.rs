//! What was written moments ago: the directory is copied about, and may not show it for a while.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};
use provisioning_core::target::Shown;
use provisioning_core::{AccountId, PermissionId};

/// After so long everything shows, or never will.
const MOMENTS: TimeDelta = TimeDelta::hours(1);

/// An account that was made or brought back moments ago.
#[derive(Debug, Clone)]
pub(crate) struct RecentAccount {
    pub(crate) id: AccountId,
    /// As we left it.
    pub(crate) shown: Shown,
    at: DateTime<Utc>,
}

/// What was written moments ago.
#[derive(Debug, Default)]
pub(crate) struct Recent(Mutex<Written>);

#[derive(Debug, Default)]
struct Written {
    accounts: BTreeMap<AccountId, RecentAccount>,
    anchors: BTreeMap<String, AccountId>,
    groups: BTreeMap<PermissionId, DateTime<Utc>>,
    members: BTreeMap<(AccountId, PermissionId), DateTime<Utc>>,
}

impl Recent {
    /// An account is there, and as we left it.
    pub(crate) fn made(&self, anchor: &str, id: &AccountId, shown: Shown, at: DateTime<Utc>) {
        let mut written = self.written();
        written.anchors.insert(anchor.to_owned(), id.clone());
        written.accounts.insert(id.clone(), RecentAccount { id: id.clone(), shown, at });
    }

    /// An account was enabled or disabled; of one that has been there for long it is enough that the directory shows
    /// it.
    pub(crate) fn switched(&self, id: &AccountId, shown: Shown) {
        if let Some(account) = self.written().accounts.get_mut(id) {
            account.shown = shown;
        }
    }

    /// An account was deleted.
    pub(crate) fn deleted(&self, id: &AccountId) {
        let mut written = self.written();
        written.accounts.remove(id);
        written.anchors.retain(|_, other| other != id);
        written.members.retain(|(other, _), _| other != id);
    }

    pub(crate) fn account(&self, id: &AccountId) -> Option<RecentAccount> {
        self.written().accounts.get(id).cloned()
    }

    pub(crate) fn bearer(&self, anchor: &str) -> Option<RecentAccount> {
        let written = self.written();
        written.anchors.get(anchor).and_then(|id| written.accounts.get(id)).cloned()
    }

    pub(crate) fn made_group(&self, id: &PermissionId, at: DateTime<Utc>) {
        self.written().groups.insert(id.clone(), at);
    }

    pub(crate) fn gave(&self, account: &AccountId, permission: &PermissionId, at: DateTime<Utc>) {
        self.written().members.insert((account.clone(), permission.clone()), at);
    }

    pub(crate) fn took(&self, account: &AccountId, permission: &PermissionId) {
        self.written().members.remove(&(account.clone(), permission.clone()));
    }

    /// Whether a group was made moments ago.
    pub(crate) fn has_made_group(&self, id: &PermissionId) -> bool {
        self.written().groups.contains_key(id)
    }

    /// Whether a membership was given moments ago, and not taken away since.
    pub(crate) fn gave_lately(&self, account: &AccountId, permission: &PermissionId) -> bool {
        self.written().members.contains_key(&(account.clone(), permission.clone()))
    }

    /// Forgets what was not written moments ago.
    pub(crate) fn forget_old(&self, now: DateTime<Utc>) {
        let is_young = |at: &DateTime<Utc>| now - *at < MOMENTS;
        let mut written = self.written();
        written.accounts.retain(|_, account| is_young(&account.at));
        let left: BTreeSet<AccountId> = written.accounts.keys().cloned().collect();
        written.anchors.retain(|_, id| left.contains(id));
        written.groups.retain(|_, at| is_young(at));
        written.members.retain(|_, at| is_young(at));
    }

    fn written(&self) -> MutexGuard<'_, Written> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minute: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::minutes(minute)
    }

    fn id(text: &str) -> AccountId {
        AccountId::new(text).unwrap()
    }

    fn group(text: &str) -> PermissionId {
        PermissionId::new(text).unwrap()
    }

    #[test]
    fn what_was_written_is_remembered_for_an_hour() {
        let recent = Recent::default();
        recent.made("hr:1", &id("u1"), Shown::Disabled, at(0));
        recent.made("hr:2", &id("u2"), Shown::Disabled, at(30));
        recent.made_group(&group("old"), at(0));
        recent.made_group(&group("new"), at(30));
        recent.gave(&id("u1"), &group("old"), at(0));
        recent.gave(&id("u1"), &group("new"), at(30));
        recent.forget_old(at(60));
        let known = |anchor| recent.bearer(anchor).map(|account| account.id);
        assert_eq!((known("hr:1"), known("hr:2")), (None, Some(id("u2"))));
        assert_eq!((recent.has_made_group(&group("old")), recent.has_made_group(&group("new"))), (false, true));
        let gave = |to: &str| recent.gave_lately(&id("u1"), &group(to));
        assert_eq!((gave("old"), gave("new")), (false, true));
    }

    #[test]
    fn an_account_is_as_we_left_it_until_it_is_deleted() {
        let recent = Recent::default();
        recent.switched(&id("u1"), Shown::Enabled);
        assert!(recent.account(&id("u1")).is_none());
        recent.made("hr:1", &id("u1"), Shown::Disabled, at(0));
        recent.switched(&id("u1"), Shown::Enabled);
        assert_eq!(recent.bearer("hr:1").map(|account| account.shown), Some(Shown::Enabled));
        recent.gave(&id("u1"), &group("staff"), at(0));
        recent.took(&id("u1"), &group("staff"));
        assert!(!recent.gave_lately(&id("u1"), &group("staff")));
        recent.gave(&id("u1"), &group("staff"), at(0));
        recent.deleted(&id("u1"));
        assert!(recent.account(&id("u1")).is_none() && recent.bearer("hr:1").is_none());
        assert!(!recent.gave_lately(&id("u1"), &group("staff")));
    }
}
