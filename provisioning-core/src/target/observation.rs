//! All that a target shows, updated in place as readings come.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::id::{AccountId, FieldName, PermissionId, TargetId};
use crate::source::Cursor;
use crate::target::ObservedAccount;
use crate::target::draft::Draft;

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

/// What becomes of each account, resource and early holding that is not as it was; `None` is not there any more.
#[derive(Debug, Clone, Default)]
pub struct ObservationChange {
    /// Accounts.
    pub accounts: BTreeMap<AccountId, Option<ObservedAccount>>,
    /// Resources.
    pub resources: BTreeMap<PermissionId, Option<Resource>>,
    /// What accounts hold that are not shown yet.
    pub early: BTreeMap<AccountId, Option<BTreeSet<PermissionId>>>,
    /// Where the target can go on.
    pub cursor: Option<Cursor>,
    /// Whether it comes from a whole reading.
    pub complete: bool,
}

/// Who bears what; nearly always one account bears it.
type Index<K> = BTreeSet<(K, AccountId)>;

/// All that a target shows.
#[derive(Debug, Clone, Default)]
pub struct Observation {
    pub(super) accounts: BTreeMap<AccountId, ObservedAccount>,
    anchors: Index<String>,
    names: Index<String>,
    values: Index<(FieldName, String)>,
    pub(super) resources: BTreeMap<PermissionId, Resource>,
    /// What accounts hold that are not shown yet: a directory that is copied about may tell of a member first.
    pub(super) early: BTreeMap<AccountId, BTreeSet<PermissionId>>,
    cursor: Option<Cursor>,
    indexed: Vec<FieldName>,
    naming: Vec<FieldName>,
    complete: bool,
}

/// What several targets show.
pub type Observations<'a> = BTreeMap<TargetId, &'a Observation>;

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
        let (change, touched) = self.change(reading);
        self.make(change);
        touched
    }

    /// What [`apply`](Self::apply) would change, without changing it.
    #[must_use]
    pub fn change(&self, reading: TargetReading) -> (ObservationChange, BTreeSet<AccountId>) {
        Draft::new(self).of(reading)
    }

    /// Makes a change.
    pub fn make(&mut self, change: ObservationChange) {
        for (id, account) in change.accounts {
            self.remove(&id);
            if let Some(account) = account {
                self.insert(account);
            }
        }
        for (id, resource) in change.resources {
            put(&mut self.resources, id, resource);
        }
        for (id, held) in change.early {
            put(&mut self.early, id, held);
        }
        self.cursor = change.cursor;
        self.complete |= change.complete;
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

    fn remove(&mut self, id: &AccountId) {
        let Some(account) = self.accounts.remove(id) else { return };
        if let Some(anchor) = &account.anchor {
            self.anchors.remove(&(anchor.clone(), id.clone()));
        }
        for name in names_of(&account, &self.naming) {
            self.names.remove(&(name, id.clone()));
        }
        for key in values_of(&account, &self.indexed) {
            self.values.remove(&(key, id.clone()));
        }
    }
}

fn put<K: Ord, V>(map: &mut BTreeMap<K, V>, key: K, value: Option<V>) {
    match value {
        Some(value) => map.insert(key, value),
        None => map.remove(&key),
    };
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
