//! Ports that tell each time when something crosses them, so that a run can be ended between any two things that it does.

use std::collections::BTreeSet;
use std::sync::Arc;

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use futures::stream::BoxStream;
use futures::{FutureExt, StreamExt};

use crate::audit::{Head, Record};
use crate::engine::Engine;
use crate::id::{AccountId, Actor, PersonId, SourceId, TargetId};
use crate::ledger::{Erasing, Ledger};
use crate::plan::Wave;
use crate::policy::PolicyVersion;
use crate::port::{
    Acceptance, Commit, Due, Fence, Notice, Notifier, Outcome, Permit, PortError, Shared, SourceConnector, Store,
    StoreError, TargetConnector,
};
use crate::source::{Cursor, Reading, Roster};
use crate::target::{Capabilities, Observation, TargetReading};

/// What happens when something crosses a port of a run.
#[async_trait]
pub trait Border: Send + Sync {
    /// Something is about to be asked, or was done and its answer is on the way.
    async fn crossed(&self);
}

/// The same engine, with a border around each of its ports: it is crossed before each call and after it, and once more for
/// each outcome of a wave.
#[must_use]
pub fn bordered(engine: &Engine, border: &Arc<dyn Border>) -> Engine {
    let source = |one: &Arc<dyn SourceConnector>| around(one, border) as Arc<dyn SourceConnector>;
    let target = |one: &Arc<dyn TargetConnector>| around(one, border) as Arc<dyn TargetConnector>;
    Engine {
        settings: engine.settings.clone(),
        sources: engine.sources.iter().map(source).collect(),
        targets: engine.targets.iter().map(target).collect(),
        policy: Arc::clone(&engine.policy),
        store: around(&engine.store, border),
        clock: Arc::clone(&engine.clock),
        notifier: around(&engine.notifier, border),
        actor: engine.actor.clone(),
        lease: engine.lease,
    }
}

fn around<T: ?Sized>(port: &Arc<T>, border: &Arc<dyn Border>) -> Arc<Bordered<T>> {
    Arc::new(Bordered { port: Arc::clone(port), border: Arc::clone(border) })
}

struct Bordered<T: ?Sized> {
    port: Arc<T>,
    border: Arc<dyn Border>,
}

impl<T: ?Sized> Bordered<T> {
    async fn cross<A>(&self, call: impl Future<Output = A>) -> A {
        self.border.crossed().await;
        let answer = call.await;
        self.border.crossed().await;
        answer
    }
}

#[async_trait]
impl SourceConnector for Bordered<dyn SourceConnector> {
    fn id(&self) -> &SourceId {
        self.port.id()
    }

    async fn read(&self, since: Option<&Cursor>) -> Result<Reading, PortError> {
        self.cross(self.port.read(since)).await
    }
}

#[async_trait]
impl TargetConnector for Bordered<dyn TargetConnector> {
    fn describe(&self) -> Capabilities {
        self.port.describe()
    }

    async fn observe(&self, since: Option<&Cursor>) -> Result<TargetReading, PortError> {
        self.cross(self.port.observe(since)).await
    }

    fn apply<'a>(&'a self, wave: &'a Wave, permit: Permit) -> BoxStream<'a, Outcome> {
        let outcomes = self.port.apply(wave, permit).then(|outcome| self.border.crossed().map(|()| outcome));
        // Before the first request too.
        self.border.crossed().into_stream().filter_map(|()| async { None }).chain(outcomes).boxed()
    }
}

#[async_trait]
impl Notifier for Bordered<dyn Notifier> {
    async fn deliver(&self, notice: Notice) -> Result<(), PortError> {
        self.cross(self.port.deliver(notice)).await
    }
}

#[async_trait]
impl Store for Bordered<dyn Store> {
    async fn acquire(&self, holder: &Actor, ttl: TimeDelta) -> Result<Fence, StoreError> {
        self.cross(self.port.acquire(holder, ttl)).await
    }

    async fn renew(&self, fence: &Fence, ttl: TimeDelta) -> Result<Fence, StoreError> {
        self.cross(self.port.renew(fence, ttl)).await
    }

    async fn release(&self, fence: Fence) -> Result<(), StoreError> {
        self.cross(self.port.release(fence)).await
    }

    async fn due(&self, now: DateTime<Utc>, policy: &PolicyVersion) -> Result<Due, StoreError> {
        self.cross(self.port.due(now, policy)).await
    }

    fn ledger(&self) -> Shared<Ledger> {
        self.port.ledger()
    }

    fn roster(&self) -> Shared<Roster> {
        self.port.roster()
    }

    fn observation(&self, target: &TargetId) -> Shared<Observation> {
        self.port.observation(target)
    }

    async fn accept(
        &self,
        fence: &Fence,
        expected: Head,
        acceptance: Acceptance,
        records: Vec<Record>,
    ) -> Result<(Head, BTreeSet<AccountId>), StoreError> {
        self.cross(self.port.accept(fence, expected, acceptance, records)).await
    }

    async fn commit(&self, fence: &Fence, expected: Head, commit: Commit) -> Result<Head, StoreError> {
        self.cross(self.port.commit(fence, expected, commit)).await
    }

    async fn erase(&self, fence: &Fence, expected: Head, erasing: &Erasing) -> Result<Head, StoreError> {
        self.cross(self.port.erase(fence, expected, erasing)).await
    }

    async fn make_due(&self, fence: &Fence, people: BTreeSet<PersonId>) -> Result<(), StoreError> {
        self.cross(self.port.make_due(fence, people)).await
    }
}
