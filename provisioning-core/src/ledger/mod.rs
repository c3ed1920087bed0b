//! The ledger: what we created, adopted, granted and last wrote, and what people said; a fold over audit records.

mod account;
mod backup;
mod erasing;
mod fold;
mod holders;
mod seen;
mod steps;
#[cfg(test)]
mod tests;
mod tombstones;

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, NaiveDate, Utc};

use crate::audit::{Exception, Head, Intent, IntentId};
use crate::digest::Digest;
use crate::id::{AccountId, AccountKey, PersonId, RecordId, Slot, TargetId, TenantId};
use crate::plan::{Action, StepKind, Timing};
use crate::policy::PolicyVersion;
use crate::sorted::SortedMap;
use crate::source::ReadingHash;

pub use account::{AccountEntry, HeldGrant, Lifecycle, Mark, Origin, Seen};
pub use backup::Suspicion;
pub use erasing::{CannotErase, Erasing, ErasureRequest};
pub use tombstones::{NameKey, Tombstones};

use backup::Backup;
use holders::Holders;

/// What is known of one person.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct PersonEntry {
    /// The person's accounts, those that are no more included.
    pub accounts: SortedMap<Slot, AccountEntry>,
    /// Somebody blocked the person.
    pub blocked: bool,
    /// Nothing of the person's may be deleted.
    pub legal_hold: bool,
    /// What people gave beside the rules.
    pub exceptions: Vec<Exception>,
}

/// An approval of what caps held back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Approval {
    /// The plan that was looked at.
    pub plan: Digest,
    /// The fingerprints of the actions that may be done.
    pub actions: BTreeSet<Digest>,
    /// When somebody said so.
    pub at: DateTime<Utc>,
    /// The place of the record of it in the audit.
    pub(crate) place: u64,
    /// What of it was done, and to whom.
    pub(crate) spent: BTreeMap<Digest, PersonId>,
}

/// What steps are counted by.
pub(crate) type StepCount = (TargetId, StepKind, Timing);

/// How many steps of one kind were done on a target, by day.
pub(crate) type DoneByDay = BTreeMap<StepCount, BTreeMap<NaiveDate, u32>>;

/// What we created, adopted, granted and last wrote, and what people said.
#[derive(Debug, Clone, PartialEq)]
pub struct Ledger {
    tenant: TenantId,
    head: Head,
    people: BTreeMap<PersonId, PersonEntry>,
    links: BTreeMap<RecordId, PersonId>,
    linked: BTreeMap<PersonId, BTreeSet<RecordId>>,
    names: Holders<(TargetId, String), PersonId>,
    accounts: Holders<(TargetId, AccountId), AccountKey>,
    tombstones: Tombstones,
    unsettled: BTreeSet<AccountKey>,
    uncompared: BTreeSet<TargetId>,
    open: BTreeMap<IntentId, (DateTime<Utc>, Intent)>,
    last_run: Option<DateTime<Utc>>,
    policy: Option<(PolicyVersion, DateTime<Utc>)>,
    allowed: BTreeSet<ReadingHash>,
    released: BTreeSet<(RecordId, Digest)>,
    /// About whom it was said that the evidence is in order.
    accepted_by: BTreeMap<(RecordId, Digest), BTreeSet<PersonId>>,
    live_targets: BTreeSet<TargetId>,
    approvals: Vec<Approval>,
    done: DoneByDay,
    /// Whose steps they are that count; those of resources are nobody's.
    lately: BTreeMap<NaiveDate, Vec<(PersonId, StepCount)>>,
    population: BTreeMap<TargetId, u32>,
    backup: Backup,
}

impl Ledger {
    /// An empty ledger; the key is the store's.
    #[must_use]
    pub fn new(tenant: TenantId, key: NameKey) -> Self {
        Self {
            tenant,
            head: Head::EMPTY,
            people: BTreeMap::new(),
            links: BTreeMap::new(),
            linked: BTreeMap::new(),
            names: Holders::default(),
            accounts: Holders::default(),
            tombstones: Tombstones::new(key),
            unsettled: BTreeSet::new(),
            uncompared: BTreeSet::new(),
            open: BTreeMap::new(),
            last_run: None,
            policy: None,
            allowed: BTreeSet::new(),
            released: BTreeSet::new(),
            accepted_by: BTreeMap::new(),
            live_targets: BTreeSet::new(),
            approvals: Vec::new(),
            done: BTreeMap::new(),
            lately: BTreeMap::new(),
            population: BTreeMap::new(),
            backup: Backup::default(),
        }
    }

    /// An empty ledger of the same tenant under the same key, to fold the records into once more.
    #[must_use]
    pub fn emptied(&self) -> Self {
        Self::new(self.tenant.clone(), self.tombstones.key().clone())
    }

    /// The tenant whose ledger it is.
    #[must_use]
    pub fn tenant(&self) -> &TenantId {
        &self.tenant
    }

    /// The end of the audit chain that was folded.
    #[must_use]
    pub fn head(&self) -> Head {
        self.head
    }

    /// What is known of a person.
    #[must_use]
    pub fn person(&self, id: &PersonId) -> Option<&PersonEntry> {
        self.people.get(id)
    }

    /// All people of whom something is known, in order of id.
    pub fn people(&self) -> impl Iterator<Item = (&PersonId, &PersonEntry)> {
        self.people.iter()
    }

    /// What is known of an account.
    #[must_use]
    pub fn account(&self, key: &AccountKey) -> Option<&AccountEntry> {
        self.people.get(&key.person)?.accounts.get(&key.slot())
    }

    /// The account that a target knows by an id.
    #[must_use]
    pub fn account_with_id(&self, target: &TargetId, id: &AccountId) -> Option<&AccountKey> {
        self.accounts.held().get(&(target.clone(), id.clone()))
    }

    /// The ids of the accounts that a target should show, those in its recycle bin included.
    pub fn account_ids<'a>(&'a self, target: &'a TargetId) -> impl Iterator<Item = &'a AccountId> {
        let of_target = self.accounts.held().range((target.clone(), AccountId::lowest())..);
        of_target.take_while(move |((on, _), _)| on == target).filter_map(|((_, id), key)| {
            let entry = self.account(key).filter(|entry| entry.id.as_ref() == Some(id))?;
            (entry.lifecycle.is_live() || matches!(entry.lifecycle, Lifecycle::Deleted { emptied: false, .. }))
                .then_some(id)
        })
    }

    /// The key of a person's account.
    #[must_use]
    pub fn key(&self, person: &PersonId, slot: &Slot) -> AccountKey {
        AccountKey {
            tenant: self.tenant.clone(),
            target: slot.target.clone(),
            person: person.clone(),
            kind: slot.kind.clone(),
        }
    }

    /// The person that a record belongs to.
    #[must_use]
    pub fn person_of(&self, record: &RecordId) -> PersonId {
        self.links.get(record).cloned().unwrap_or_else(|| PersonId(record.clone()))
    }

    /// Records that belong to another person than they name.
    #[must_use]
    pub fn links(&self) -> &BTreeMap<RecordId, PersonId> {
        &self.links
    }

    /// The records of a person, the one that named the person first; none if it was linked to somebody else.
    pub fn records_of<'a>(&'a self, person: &'a PersonId) -> impl Iterator<Item = &'a RecordId> {
        let own = (!self.links.contains_key(&person.0)).then_some(&person.0);
        own.into_iter().chain(self.linked.get(person).into_iter().flatten())
    }

    /// Who bears or bore a name on a target, compared without case.
    #[must_use]
    pub fn name_owner(&self, target: &TargetId, folded: &str) -> Option<&PersonId> {
        self.names.held().get(&(target.clone(), folded.to_owned()))
    }

    /// Whether a name on a target, compared without case, is not for a person: somebody else bears or bore it, or somebody
    /// who was erased did.
    #[must_use]
    pub fn is_kept_from(&self, person: &PersonId, target: &TargetId, folded: &str) -> bool {
        self.name_owner(target, folded)
            .map_or_else(|| self.tombstones.keep_name(target, folded), |owner| owner != person)
    }

    /// What is left of people who were erased.
    #[must_use]
    pub fn tombstones(&self) -> &Tombstones {
        &self.tombstones
    }

    /// Accounts whose last reading contradicts us, so that the next reading has to be held against them again.
    pub fn unsettled<'a>(&'a self, target: &'a TargetId) -> impl Iterator<Item = &'a AccountKey> {
        self.unsettled.iter().filter(move |key| &key.target == target)
    }

    /// Whether the next reading of a target may leave out what did not change: not while an account is missed, which only
    /// another whole reading can confirm, nor after a run that was killed before it held its reading against the ledger.
    #[must_use]
    pub fn may_read_changes(&self, target: &TargetId) -> bool {
        let is_missed = |key| self.account(key).is_some_and(|entry| entry.missed_at.is_some());
        !self.uncompared.contains(target) && !self.unsettled(target).any(is_missed)
    }

    /// Intents without an outcome, with the instant at which they were recorded.
    pub fn open(&self) -> impl Iterator<Item = (DateTime<Utc>, &Intent)> {
        self.open.values().map(|(at, intent)| (*at, intent))
    }

    /// An intent without an outcome.
    #[must_use]
    pub fn intent(&self, id: &IntentId) -> Option<&Intent> {
        self.open.get(id).map(|(_, intent)| intent)
    }

    /// The instant of the last run that the clock did not hold, or the one acknowledged since.
    #[must_use]
    pub fn last_run(&self) -> Option<DateTime<Utc>> {
        self.last_run
    }

    /// The version of rules and mappings of the last run, and since when it is in force.
    #[must_use]
    pub fn policy(&self) -> Option<&(PolicyVersion, DateTime<Utc>)> {
        self.policy.as_ref()
    }

    /// Readings that somebody said to accept.
    #[must_use]
    pub fn allowed(&self) -> &BTreeSet<ReadingHash> {
        &self.allowed
    }

    /// Records whose evidence somebody said to be in order.
    #[must_use]
    pub fn released(&self) -> &BTreeSet<(RecordId, Digest)> {
        &self.released
    }

    /// Whether adopted accounts of a target may be disabled, changed and stripped.
    #[must_use]
    pub fn is_live(&self, target: &TargetId) -> bool {
        self.live_targets.contains(target)
    }

    /// What an approval names an action by: a hash of what is done and to whom, under the key of the store, so that it tells
    /// nobody else of whom it speaks.
    #[must_use]
    pub fn fingerprint(&self, action: &Action) -> Digest {
        self.tombstones.action(action)
    }

    /// Approvals of what caps held back, oldest first.
    #[must_use]
    pub fn approvals(&self) -> &[Approval] {
        &self.approvals
    }

    /// How many accounts of ours are live on a target.
    #[must_use]
    pub fn population(&self, target: &TargetId) -> u32 {
        self.population.get(target).copied().unwrap_or(0)
    }

    /// How many steps of a kind were done on a target from a day on, without those that somebody approved.
    #[must_use]
    pub fn done_since(&self, target: &TargetId, kind: StepKind, timing: Timing, day: NaiveDate) -> u32 {
        let by_day = self.done.get(&(target.clone(), kind, timing));
        by_day.map_or(0, |by_day| by_day.range(day..).map(|(_, count)| count).sum())
    }
}
