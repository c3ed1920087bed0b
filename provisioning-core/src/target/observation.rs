//! All that a target shows, updated in place as readings come.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::id::{AccountId, FieldName, PermissionId};
use crate::source::Cursor;
use crate::target::{ObservedAccount, Presence};

/// A group or the like, as its target shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resource {
    /// Its stable id.
    pub id: PermissionId,
    /// The name that people see.
    pub name: String,
}

/// What a target gives when it is observed.
#[derive(Debug, Clone)]
pub enum TargetReading {
    /// Everything.
    Whole(TargetChanges),
    /// What changed since a cursor, proven complete by the target.
    Changes(TargetChanges),
}

/// An account that was given something, or lost it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holding {
    /// Which account.
    pub account: AccountId,
    /// What.
    pub permission: PermissionId,
    /// Whether it holds it now.
    pub held: bool,
}

/// Accounts and resources as they are now.
#[derive(Debug, Clone, Default)]
pub struct TargetChanges {
    /// Accounts, deleted ones that can be restored among them.
    pub accounts: Vec<ObservedAccount>,
    /// Accounts that are not there any more, not even deleted.
    pub gone: Vec<AccountId>,
    /// Of a target that tells apart from the accounts who was given or lost what: all of it, or all since the cursor, in
    /// that order, taken in after `accounts`. `None` where each account is shown with all that it holds.
    ///
    /// With it, an account that is shown without what it holds keeps what was shown of it before; a live one in a whole
    /// reading, and one that was never shown, holds what is told here. What an account in the recycle bin loses does not
    /// count: a restore brings it back as it was last seen alive.
    pub holdings: Option<Vec<Holding>>,
    /// Resources.
    pub resources: Vec<Resource>,
    /// Resources that are not there any more; nobody holds them any more either.
    pub gone_resources: Vec<PermissionId>,
    /// Where the target can go on; without it the next reading is a whole one.
    pub cursor: Option<Cursor>,
}

/// Who bears what; nearly always one account bears it.
type Index<K> = BTreeSet<(K, AccountId)>;

/// All that a target shows.
#[derive(Debug, Clone, Default)]
pub struct Observation {
    accounts: BTreeMap<AccountId, ObservedAccount>,
    anchors: Index<String>,
    names: Index<String>,
    values: Index<(FieldName, String)>,
    resources: BTreeMap<PermissionId, Resource>,
    /// What accounts hold that are not shown yet: a directory that is copied about may tell of a member first.
    early: BTreeMap<AccountId, BTreeSet<PermissionId>>,
    cursor: Option<Cursor>,
    indexed: Vec<FieldName>,
    naming: Vec<FieldName>,
    complete: bool,
}

/// The form in which two names are compared.
#[must_use]
pub fn folded_name(name: &str) -> String {
    name.trim().to_lowercase()
}

impl Observation {
    /// An empty one, which looks accounts up by these names and correlation attributes.
    #[must_use]
    pub fn new(naming: Vec<FieldName>, correlation: Vec<FieldName>) -> Self {
        Self { naming, indexed: correlation, ..Self::default() }
    }

    /// Whether the target was read whole at least once.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.complete
    }

    /// Where the target can go on.
    #[must_use]
    pub fn cursor(&self) -> Option<&Cursor> {
        self.cursor.as_ref()
    }

    /// An account by the target's id.
    #[must_use]
    pub fn account(&self, id: &AccountId) -> Option<&ObservedAccount> {
        self.accounts.get(id)
    }

    /// All accounts in order of id.
    pub fn accounts(&self) -> impl Iterator<Item = &ObservedAccount> {
        self.accounts.values()
    }

    /// Accounts that bear an anchor.
    pub fn anchored<'a>(&'a self, anchor: &str) -> impl Iterator<Item = &'a ObservedAccount> {
        bearers(&self.anchors, anchor.to_owned()).filter_map(|id| self.accounts.get(id))
    }

    /// Accounts in which a correlation attribute has a value, compared without case.
    pub fn correlated<'a>(&'a self, attribute: &FieldName, value: &str) -> impl Iterator<Item = &'a ObservedAccount> {
        bearers(&self.values, (attribute.clone(), folded_name(value))).filter_map(|id| self.accounts.get(id))
    }

    /// Whether a name is borne by an account other than `own`, deleted ones included.
    #[must_use]
    pub fn is_taken(&self, name: &str, own: Option<&AccountId>) -> bool {
        bearers(&self.names, folded_name(name)).any(|bearer| Some(bearer) != own)
    }

    /// A resource by its id.
    #[must_use]
    pub fn resource(&self, id: &PermissionId) -> Option<&Resource> {
        self.resources.get(id)
    }

    /// All resources in order of id.
    pub fn resources(&self) -> impl Iterator<Item = &Resource> {
        self.resources.values()
    }

    /// Takes a reading in; the ids of the accounts that it speaks of come back, also of those shown as before: what we wrote
    /// in between is not in here, so only the ledger can tell what is new.
    ///
    /// Where it leaves open what a live account holds there is no cursor afterwards: the next reading has to be whole.
    pub fn apply(&mut self, reading: TargetReading) -> BTreeSet<AccountId> {
        match reading {
            TargetReading::Changes(changes) => {
                let lost = self.drop_everywhere(&changes.gone_resources);
                let mut touched = self.take(changes);
                touched.extend(lost);
                touched
            }
            TargetReading::Whole(mut all) => {
                let shown: BTreeSet<&AccountId> = all.accounts.iter().map(|account| &account.id).collect();
                all.gone = self.accounts.keys().filter(|id| !shown.contains(id)).cloned().collect();
                let named: BTreeSet<&PermissionId> = all.resources.iter().map(|resource| &resource.id).collect();
                all.gone_resources = self.resources.keys().filter(|id| !named.contains(id)).cloned().collect();
                if all.holdings.is_some() {
                    let is_told = |account: &&mut ObservedAccount| account.presence == Presence::Live;
                    for account in all.accounts.iter_mut().filter(is_told) {
                        account.permissions.get_or_insert_default();
                    }
                }
                self.early.clear();
                self.complete = true;
                self.take(all)
            }
        }
    }

    fn take(&mut self, reading: TargetChanges) -> BTreeSet<AccountId> {
        let mut touched = BTreeSet::new();
        for id in reading.gone {
            self.early.remove(&id);
            self.remove(&id);
            touched.insert(id);
        }
        for mut account in reading.accounts {
            if reading.holdings.is_some() {
                self.fill_in(&mut account);
            }
            touched.insert(account.id.clone());
            if self.accounts.get(&account.id) != Some(&account) {
                self.remove(&account.id);
                self.insert(account);
            }
        }
        for id in reading.gone_resources {
            self.resources.remove(&id);
        }
        for resource in reading.resources {
            self.resources.insert(resource.id.clone(), resource);
        }
        self.cursor = reading.cursor;
        if let Some(holdings) = reading.holdings {
            self.hold(holdings, &mut touched);
        }
        touched
    }

    /// Gives an account that is shown without what it holds what is known of that.
    fn fill_in(&mut self, account: &mut ObservedAccount) {
        if account.permissions.is_some() {
            return;
        }
        account.permissions = match self.accounts.get(&account.id) {
            Some(before) => before.permissions.clone(),
            None if account.presence == Presence::Live => Some(self.early.remove(&account.id).unwrap_or_default()),
            None => None,
        };
    }

    fn hold(&mut self, holdings: Vec<Holding>, touched: &mut BTreeSet<AccountId>) {
        for Holding { account: id, permission, held } in holdings {
            let account = self.accounts.get_mut(&id);
            let is_live = account.as_ref().is_none_or(|account| account.presence == Presence::Live);
            let permissions = match account {
                Some(account) => account.permissions.as_mut(),
                None => Some(self.early.entry(id.clone()).or_default()),
            };
            if let Some(permissions) = permissions {
                if held {
                    permissions.insert(permission);
                } else if is_live {
                    permissions.remove(&permission);
                }
            }
            touched.insert(id);
        }
        let is_open = |account: &ObservedAccount| account.presence == Presence::Live && account.permissions.is_none();
        if touched.iter().filter_map(|id| self.accounts.get(id)).any(is_open) {
            self.cursor = None;
        }
    }

    /// Takes what is not there any more away from everybody; whoever had it comes back.
    fn drop_everywhere(&mut self, gone: &[PermissionId]) -> Vec<AccountId> {
        let mut lost = Vec::new();
        if gone.is_empty() {
            return lost;
        }
        for account in self.accounts.values_mut() {
            let Some(permissions) = &mut account.permissions else { continue };
            let before = permissions.len();
            permissions.retain(|held| !gone.contains(held));
            if permissions.len() < before {
                lost.push(account.id.clone());
            }
        }
        for permissions in self.early.values_mut() {
            permissions.retain(|held| !gone.contains(held));
        }
        lost
    }

    fn insert(&mut self, account: ObservedAccount) {
        if let Some(anchor) = &account.anchor {
            self.anchors.insert((anchor.clone(), account.id.clone()));
        }
        for name in names_of(&account, &self.naming) {
            self.names.insert((name, account.id.clone()));
        }
        for key in values_of(&account, &self.indexed) {
            self.values.insert((key, account.id.clone()));
        }
        self.accounts.insert(account.id.clone(), account);
    }

    fn remove(&mut self, id: &AccountId) -> Option<ObservedAccount> {
        let account = self.accounts.remove(id)?;
        if let Some(anchor) = &account.anchor {
            self.anchors.remove(&(anchor.clone(), id.clone()));
        }
        for name in names_of(&account, &self.naming) {
            self.names.remove(&(name, id.clone()));
        }
        for key in values_of(&account, &self.indexed) {
            self.values.remove(&(key, id.clone()));
        }
        Some(account)
    }
}

fn bearers<K: Ord + Clone>(index: &Index<K>, key: K) -> impl Iterator<Item = &AccountId> {
    let first = (key.clone(), AccountId::lowest());
    index.range(first..).take_while(move |(other, _)| *other == key).map(|(_, id)| id)
}

fn names_of(account: &ObservedAccount, naming: &[FieldName]) -> Vec<String> {
    naming.iter().filter_map(|name| account.attributes.text(name.as_str())).map(folded_name).collect()
}

fn values_of(account: &ObservedAccount, indexed: &[FieldName]) -> Vec<(FieldName, String)> {
    let text = |name: &FieldName| account.attributes.text(name.as_str()).map(folded_name);
    indexed.iter().filter_map(|name| text(name).map(|text| (name.clone(), text))).collect()
}
