//! Benches for what is in this crate: the memory target, also with something wrapped around it, and the memory store.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;

use crate::audit::Sealed;
use crate::clock::{Clock, ManualClock};
use crate::id::{AccountId, FieldName, PermissionId, TargetId};
use crate::memory::{Kept, MemoryStore, MemoryTarget};
use crate::plan::NewAccount;
use crate::port::{Store, TargetConnector};
use crate::settings::Settings;
use crate::target::{ObservedAccount, Presence, Resource, Shown};
use crate::testing::{StoreBench, TargetBench, Unsupported};
use crate::value::{Fields, Value};

/// A memory target behind whatever is wrapped around it.
pub(crate) struct MemoryBench<T> {
    /// What the suite checks.
    pub(crate) connector: T,
    /// The target itself.
    pub(crate) target: Arc<MemoryTarget>,
    /// How often it was told to clean up.
    pub(crate) cleaned: AtomicUsize,
    clock: Arc<ManualClock>,
}

impl<T> MemoryBench<T> {
    /// An empty target, wrapped.
    pub(crate) fn new(wrap: impl FnOnce(Arc<MemoryTarget>) -> T) -> Self {
        let clock = Arc::new(ManualClock::at("2026-03-02T09:00:00Z".parse().unwrap()));
        let naming = vec![FieldName::new("user_name").unwrap()];
        let target = MemoryTarget::new(TargetId::new("entra").unwrap(), clock.clone(), Tz::UTC, naming);
        let target = Arc::new(target);
        target.put_resource(Resource { id: PermissionId::new("staff").unwrap(), name: "Staff".to_owned() });
        Self { connector: wrap(target.clone()), target, cleaned: AtomicUsize::new(0), clock }
    }
}

#[async_trait]
impl<T: TargetConnector> TargetBench for MemoryBench<T> {
    fn target(&self) -> &dyn TargetConnector {
        &self.connector
    }

    fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    fn new_account(&self, number: u32) -> NewAccount {
        let user_name = FieldName::new("user_name").unwrap();
        let mut attributes = Fields::default();
        attributes.put(user_name.clone(), Value::text(&format!("user{number}")));
        attributes.put(FieldName::new("title").unwrap(), Value::text("Clerk"));
        NewAccount { attributes, names: vec![user_name] }
    }

    fn attributes(&self) -> [FieldName; 2] {
        ["phone", "room"].map(|name| FieldName::new(name).unwrap())
    }

    fn permission(&self) -> Result<PermissionId, Unsupported> {
        PermissionId::new("staff").map_err(|_| Unsupported)
    }

    fn new_resource(&self, number: u32) -> Result<PermissionId, Unsupported> {
        PermissionId::new(&format!("group{number}")).map_err(|_| Unsupported)
    }

    fn writes(&self) -> Result<u64, Unsupported> {
        Ok(self.target.requests().writes)
    }

    async fn make_by_hand(&self, account: NewAccount) -> Result<AccountId, Unsupported> {
        let id = AccountId::new("made-by-hand").unwrap();
        self.target.put_account(ObservedAccount {
            id: id.clone(),
            anchor: None,
            presence: Presence::Live,
            shown: Shown::Disabled,
            attributes: account.attributes,
            permissions: Some(std::collections::BTreeSet::new()),
        });
        Ok(id)
    }

    async fn pass_days(&self, days: u32) -> Result<(), Unsupported> {
        self.clock.set(self.clock.now() + TimeDelta::days(days.into()));
        Ok(())
    }

    async fn clean_up(&self) {
        self.cleaned.fetch_add(1, Ordering::SeqCst);
    }
}

/// Memory stores; nothing survives them.
#[derive(Default)]
pub(crate) struct MemoryStores {
    /// What the last one keeps.
    pub(crate) kept: Mutex<Kept>,
}

#[async_trait]
impl StoreBench for MemoryStores {
    async fn empty(&self, settings: &Settings, clock: Arc<dyn Clock>) -> Arc<dyn Store> {
        let kept = Kept::default();
        *self.kept.lock().unwrap() = kept.clone();
        Arc::new(MemoryStore::new(settings, clock, Box::new(kept)))
    }

    async fn audit(&self, _: &dyn Store) -> Result<Vec<Sealed>, Unsupported> {
        Ok(self.kept.lock().unwrap().records())
    }
}
