//! A target in memory, with a recycle bin of 30 days.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use chrono::{NaiveDate, TimeDelta};
use chrono_tz::Tz;
use futures::StreamExt;
use futures::stream::{self, BoxStream};
use secrecy::SecretString;

use crate::audit::{FailureKind, Truth};
use crate::clock::Clock;
use crate::id::{AccountId, AccountKey, FieldName, PermissionId, TargetId};
use crate::period::{civil_day, plus_days};
use crate::plan::{AccountStep, Action, NewAccount, PermissionStep, ResourceStep, Step, Wave};
use crate::port::{Done, Failure, Outcome, Permit, PortError, PortErrorKind, TargetConnector};
use crate::source::Cursor;
use crate::target::{
    Capabilities, Deletion, FirstSecret, ObservedAccount, Presence, Resource, RestoredGrants, Shown, TargetChanges,
    TargetReading, folded_name,
};
use crate::value::Fields;

/// For how many days a deleted account can be restored: deleted on D, up to and including D + 29.
const BIN_DAYS: u32 = 30;

/// How often a target was asked.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Requests {
    /// Readings.
    pub reads: u64,
    /// Actions.
    pub writes: u64,
}

#[derive(Debug, Default)]
struct Inner {
    accounts: BTreeMap<AccountId, ObservedAccount>,
    anchors: BTreeMap<String, AccountId>,
    bin: BTreeMap<NaiveDate, BTreeSet<AccountId>>,
    names: BTreeMap<String, AccountId>,
    resources: BTreeMap<PermissionId, Resource>,
    touched: BTreeMap<AccountId, u64>,
    touches: BTreeMap<u64, AccountId>,
    clock: u64,
    resources_touched: u64,
    made: u64,
    requests: Requests,
}

/// A target in memory.
///
/// Deleted on day D, an account can be restored through D + 29 and comes back disabled, without what it held. Besides the
/// port it has the hands of an administrator, who disables, deletes and restores without asking anybody.
#[derive(Debug)]
pub struct MemoryTarget {
    id: TargetId,
    clock: Arc<dyn Clock>,
    zone: Tz,
    naming: Vec<FieldName>,
    first_secret: FirstSecret,
    inner: Mutex<Inner>,
}

impl MemoryTarget {
    /// An empty target, whose days are those of `zone` and whose accounts are named by `naming`.
    #[must_use]
    pub fn new(id: TargetId, clock: Arc<dyn Clock>, zone: Tz, naming: Vec<FieldName>) -> Self {
        Self { id, clock, zone, naming, first_secret: FirstSecret::None, inner: Mutex::new(Inner::default()) }
    }

    /// Makes a first secret with each account.
    #[must_use]
    pub fn with_first_secrets(mut self) -> Self {
        self.first_secret = FirstSecret::OnCreate;
        self
    }

    /// Every account, deleted ones that can be restored included.
    #[must_use]
    pub fn accounts(&self) -> Vec<ObservedAccount> {
        self.inner().accounts.values().cloned().collect()
    }

    /// The account that bears an anchor.
    #[must_use]
    pub fn account(&self, anchor: &str) -> Option<ObservedAccount> {
        let inner = self.inner();
        inner.anchors.get(anchor).and_then(|id| inner.accounts.get(id)).cloned()
    }

    /// The resources by id, with their names.
    #[must_use]
    pub fn resources(&self) -> Vec<Resource> {
        self.inner().resources.values().cloned().collect()
    }

    /// How often it was asked through the port.
    #[must_use]
    pub fn requests(&self) -> Requests {
        self.inner().requests
    }

    /// What changed since a mark, and the next mark: for onlookers, not counted as a request.
    #[must_use]
    pub fn changes_since(&self, mark: u64) -> (Vec<ObservedAccount>, Vec<AccountId>, u64) {
        let mut inner = self.inner();
        self.empty_bin(&mut inner);
        let (accounts, gone) = inner.since(mark);
        (accounts, gone, inner.clock)
    }

    /// An administrator makes an account by hand.
    pub fn put_account(&self, account: ObservedAccount) {
        let mut inner = self.inner();
        if let Some(anchor) = &account.anchor {
            inner.anchors.insert(anchor.clone(), account.id.clone());
        }
        self.set_account(&mut inner, account);
    }

    /// An administrator makes a group by hand.
    pub fn put_resource(&self, resource: Resource) {
        let mut inner = self.inner();
        inner.clock += 1;
        inner.resources_touched = inner.clock;
        inner.resources.insert(resource.id.clone(), resource);
    }

    /// An administrator lets a live account be used, or stops it.
    pub fn by_hand(&self, anchor: &str, shown: Shown) {
        self.change(anchor, |account| {
            if account.presence == Presence::Live {
                account.shown = shown;
            }
        });
    }

    /// An administrator changes anything of an account.
    pub fn change(&self, anchor: &str, change: impl FnOnce(&mut ObservedAccount)) {
        let mut inner = self.inner();
        let id = inner.anchors.get(anchor).cloned();
        if let Some(mut account) = id.and_then(|id| inner.accounts.get(&id).cloned()) {
            change(&mut account);
            self.set_account(&mut inner, account);
        }
    }

    /// An administrator deletes a live account.
    pub fn delete_by_hand(&self, anchor: &str) {
        let mut inner = self.inner();
        if let Some(id) = inner.anchors.get(anchor).cloned() {
            self.delete(&mut inner, &id);
        }
    }

    /// An administrator restores a deleted account; it comes back disabled.
    pub fn restore_by_hand(&self, anchor: &str) {
        let mut inner = self.inner();
        self.empty_bin(&mut inner);
        if let Some(id) = inner.anchors.get(anchor).cloned() {
            inner.restore(&id);
        }
    }

    /// An administrator empties the recycle bin of one account.
    pub fn purge_by_hand(&self, anchor: &str) {
        let mut inner = self.inner();
        let Some(id) = inner.anchors.get(anchor).cloned() else { return };
        if inner.accounts.get(&id).is_some_and(|account| account.presence != Presence::Live) {
            inner.purge(&id, &self.naming);
        }
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn today(&self) -> NaiveDate {
        civil_day(self.clock.now(), self.zone)
    }

    fn empty_bin(&self, inner: &mut Inner) {
        let today = self.today();
        while let Some((on, ids)) = inner.bin.first_key_value().map(|(on, ids)| (*on, ids.clone())) {
            if today < plus_days(on, BIN_DAYS) {
                break;
            }
            inner.bin.remove(&on);
            for id in &ids {
                inner.purge(id, &self.naming);
            }
        }
    }

    fn one(&self, action: &Action, permit: &Permit) -> Outcome {
        let mut inner = self.inner();
        self.empty_bin(&mut inner);
        if permit.remaining(self.clock.now()) <= TimeDelta::zero() {
            let failure =
                Failure { kind: FailureKind::Transient, message: "the lease was over before it was sent".to_owned() };
            return Outcome { action: action.id, result: Err(failure) };
        }
        inner.requests.writes += 1;
        let result = match &action.step {
            Step::Account { key, id, step } => self.account_step(&mut inner, (key, id.as_ref()), step),
            Step::Permission { key, id, step } => inner.permission_step((key, id.as_ref()), step).map(Done::now),
            Step::Resource { step: ResourceStep::Ensure { id, name, .. }, .. } => {
                inner.clock += 1;
                inner.resources_touched = inner.clock;
                inner.resources.insert(id.clone(), Resource { id: id.clone(), name: name.clone() });
                Ok(Done::now(Truth::Exists))
            }
        };
        Outcome { action: action.id, result }
    }

    fn account_step(
        &self,
        inner: &mut Inner,
        whose: (&AccountKey, Option<&AccountId>),
        step: &AccountStep,
    ) -> Result<Done, Failure> {
        if let AccountStep::Create(account) = step {
            return self.create(inner, &whose.0.anchor(), account);
        }
        let Some(id) = inner.find(whose) else { return Ok(Done::now(Truth::Gone)) };
        match step {
            AccountStep::Create(_) | AccountStep::Reissue => {}
            AccountStep::Restore => inner.restore(&id),
            AccountStep::Delete => self.delete(inner, &id),
            AccountStep::Enable => inner.show(&id, Shown::Enabled),
            AccountStep::Disable => inner.show(&id, Shown::Disabled),
            AccountStep::Update(patch) => {
                if let Some(mut account) = inner.live(&id).cloned() {
                    account.attributes = patch.applied_to(&account.attributes);
                    if let Some(name) = self.taken(inner, &account.attributes, Some(&id)) {
                        return Err(refused(format!("another account has the same `{name}`")));
                    }
                    self.set_account(inner, account);
                }
            }
        }
        let is_asked_for = self.first_secret == FirstSecret::OnCreate && matches!(step, AccountStep::Reissue);
        let secret = (is_asked_for && inner.live(&id).is_some()).then(|| first_secret(&id));
        Ok(Done { truth: inner.truth(&id), secret })
    }

    fn create(&self, inner: &mut Inner, anchor: &str, account: &NewAccount) -> Result<Done, Failure> {
        if let Some(id) = inner.anchors.get(anchor).cloned()
            && inner.live(&id).is_some()
        {
            return Ok(Done::now(inner.truth(&id)));
        }
        if let Some(name) = self.taken(inner, &account.attributes, None) {
            return Err(refused(format!("another account has the same `{name}`")));
        }
        inner.made += 1;
        let id = AccountId::new(&format!("{}-{}", self.id, inner.made));
        let id = id.map_err(|error| refused(error.to_string()))?;
        let made = ObservedAccount {
            id: id.clone(),
            anchor: Some(anchor.to_owned()),
            presence: Presence::Live,
            shown: Shown::Disabled,
            attributes: account.attributes.clone(),
            permissions: Some(BTreeSet::new()),
        };
        inner.anchors.insert(anchor.to_owned(), id.clone());
        self.set_account(inner, made);
        let secret = (self.first_secret == FirstSecret::OnCreate).then(|| first_secret(&id));
        Ok(Done { truth: inner.truth(&id), secret })
    }

    /// The naming attribute whose value another account has, deleted ones that can be restored included.
    fn taken<'a>(&'a self, inner: &Inner, attributes: &Fields, own: Option<&AccountId>) -> Option<&'a FieldName> {
        self.naming.iter().find(|name| {
            let bearer = attributes.text(name.as_str()).and_then(|value| inner.names.get(&folded_name(value)));
            bearer.is_some_and(|bearer| Some(bearer) != own)
        })
    }

    fn set_account(&self, inner: &mut Inner, account: ObservedAccount) {
        let id = account.id.clone();
        inner.forget_names(&id, &self.naming);
        for name in &self.naming {
            if let Some(value) = account.attributes.text(name.as_str()) {
                inner.names.insert(folded_name(value), id.clone());
            }
        }
        inner.accounts.insert(id.clone(), account);
        inner.touch(&id);
    }

    fn delete(&self, inner: &mut Inner, id: &AccountId) {
        let today = self.today();
        if let Some(account) = inner.live(id) {
            account.presence = Presence::InBin(today);
            account.permissions = Some(BTreeSet::new());
            inner.bin.entry(today).or_default().insert(id.clone());
            inner.touch(id);
        }
    }
}

fn refused(message: String) -> Failure {
    Failure { kind: FailureKind::Permanent, message }
}

fn first_secret(id: &AccountId) -> SecretString {
    SecretString::from(format!("first secret of {id}"))
}

impl Inner {
    fn touch(&mut self, id: &AccountId) {
        self.clock += 1;
        if let Some(earlier) = self.touched.insert(id.clone(), self.clock) {
            self.touches.remove(&earlier);
        }
        self.touches.insert(self.clock, id.clone());
    }

    fn since(&self, mark: u64) -> (Vec<ObservedAccount>, Vec<AccountId>) {
        let (mut accounts, mut gone) = (Vec::new(), Vec::new());
        for (_, id) in self.touches.range(mark + 1..) {
            match self.accounts.get(id) {
                Some(account) => accounts.push(account.clone()),
                None => gone.push(id.clone()),
            }
        }
        (accounts, gone)
    }

    fn live(&mut self, id: &AccountId) -> Option<&mut ObservedAccount> {
        self.accounts.get_mut(id).filter(|account| account.presence == Presence::Live)
    }

    fn show(&mut self, id: &AccountId, shown: Shown) {
        if let Some(account) = self.live(id)
            && account.shown != shown
        {
            account.shown = shown;
            self.touch(id);
        }
    }

    fn restore(&mut self, id: &AccountId) {
        let Some(account) = self.accounts.get_mut(id) else { return };
        if let Presence::InBin(on) = account.presence {
            account.presence = Presence::Live;
            account.shown = Shown::Disabled;
            if let Some(ids) = self.bin.get_mut(&on) {
                ids.remove(id);
            }
            self.touch(id);
        }
    }

    fn forget_names(&mut self, id: &AccountId, naming: &[FieldName]) {
        let Some(account) = self.accounts.get(id) else { return };
        for name in naming {
            let folded = account.attributes.text(name.as_str()).map(folded_name);
            if let Some(folded) = folded.filter(|folded| self.names.get(folded) == Some(id)) {
                self.names.remove(&folded);
            }
        }
    }

    fn purge(&mut self, id: &AccountId, naming: &[FieldName]) {
        self.forget_names(id, naming);
        if let Some(anchor) = self.accounts.remove(id).and_then(|account| account.anchor) {
            if self.anchors.get(&anchor) == Some(id) {
                self.anchors.remove(&anchor);
            }
            self.touch(id);
        }
    }

    fn truth(&self, id: &AccountId) -> Truth {
        match self.accounts.get(id) {
            None => Truth::Gone,
            Some(account) => match account.presence {
                Presence::InBin(on) => Truth::InBin { on, grants: RestoredGrants::Dropped },
                Presence::Live => Truth::Live { id: id.clone(), shown: account.shown, given: Fields::default() },
            },
        }
    }

    /// An account by the id that the plan knows; by its anchor where it was made in the same plan.
    fn find(&self, (key, id): (&AccountKey, Option<&AccountId>)) -> Option<AccountId> {
        id.or_else(|| self.anchors.get(&key.anchor())).cloned()
    }

    fn permission_step(
        &mut self,
        whose: (&AccountKey, Option<&AccountId>),
        step: &PermissionStep,
    ) -> Result<Truth, Failure> {
        let Some(id) = self.find(whose).filter(|id| self.live(id).is_some()) else {
            return match step {
                PermissionStep::Grant(..) => Err(refused("there is no such account".to_owned())),
                PermissionStep::Revoke(..) => Ok(Truth::HoldsNot),
            };
        };
        let granted = match step {
            PermissionStep::Grant(permission, _) => Some(&permission.id),
            PermissionStep::Revoke(..) => None,
        };
        let is_unknown = granted.is_some_and(|id| !self.resources.contains_key(id));
        let Some(held) = self.live(&id).and_then(|account| account.permissions.as_mut()) else {
            return Ok(Truth::HoldsNot);
        };
        let truth = match step {
            PermissionStep::Grant(permission, _) if is_unknown => {
                return Err(refused(format!("there is no `{}`", permission.id)));
            }
            PermissionStep::Grant(permission, _) => {
                held.insert(permission.id.clone());
                Truth::Holds
            }
            PermissionStep::Revoke(permission, _) => {
                held.remove(permission);
                Truth::HoldsNot
            }
        };
        self.touch(&id);
        Ok(truth)
    }
}

#[async_trait]
impl TargetConnector for MemoryTarget {
    fn describe(&self) -> Capabilities {
        Capabilities {
            target: self.id.clone(),
            deletion: Deletion::Bin { days: BIN_DAYS, grants: RestoredGrants::Dropped },
            anchor_length: 512,
            first_secret: self.first_secret,
            naming: self.naming.clone(),
        }
    }

    async fn observe(&self, since: Option<&Cursor>) -> Result<TargetReading, PortError> {
        let mut inner = self.inner();
        inner.requests.reads += 1;
        self.empty_bin(&mut inner);
        let cursor = Some(Cursor(inner.clock.to_string()));
        let Some(since) = since else {
            let accounts = inner.accounts.values().cloned().collect();
            let resources = inner.resources.values().cloned().collect();
            return Ok(TargetReading::Whole(TargetChanges { accounts, resources, cursor, ..TargetChanges::default() }));
        };
        let mark: Option<u64> = since.0.parse().ok().filter(|mark| *mark <= inner.clock);
        let Some(mark) = mark else {
            return Err(PortError::new(
                PortErrorKind::CursorRefused,
                self.id.as_str(),
                "the cursor is not known; read whole",
            ));
        };
        let (accounts, gone) = inner.since(mark);
        let resources =
            if inner.resources_touched > mark { inner.resources.values().cloned().collect() } else { Vec::new() };
        Ok(TargetReading::Changes(TargetChanges { accounts, gone, resources, cursor, ..TargetChanges::default() }))
    }

    fn apply<'a>(&'a self, wave: &'a Wave, permit: Permit) -> BoxStream<'a, Outcome> {
        stream::iter(&wave.actions).map(move |action| self.one(action, &permit)).boxed()
    }
}
