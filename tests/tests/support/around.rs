//! A target around another one, of which a test decides what it shows and does.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use chrono::TimeDelta;
use futures::StreamExt;
use futures::stream::{self, BoxStream};
use provisioning_core::audit::{FailureKind, Truth};
use provisioning_core::plan::{AccountStep, Action, Step, Wave};
use provisioning_core::source::Cursor;
use provisioning_core::target::{Capabilities, Shown, TargetChanges, TargetReading};
use provisioning_core::{
    Clock, Done, Failure, Fields, ManualClock, Outcome, Permit, PortError, PortErrorKind, TargetConnector,
};

use super::Org;

/// What happens to an action instead of being done.
type Hook = Box<dyn Fn(&Action) -> Option<FailureKind> + Send + Sync>;

/// The target.
pub(crate) struct Around {
    inner: Arc<dyn TargetConnector>,
    /// It always reads whole.
    pub(crate) whole: AtomicBool,
    /// It shows nothing at all.
    pub(crate) empty: AtomicBool,
    /// It cannot be read.
    pub(crate) blind: AtomicBool,
    /// How far the clock goes on before each action.
    each: Option<(Arc<ManualClock>, TimeDelta)>,
    /// Which actions fail.
    pub(crate) fails: Mutex<Option<Hook>>,
    /// How often it was read.
    pub(crate) reads: AtomicUsize,
    /// Anchors of accounts that it does not show.
    pub(crate) hide: Mutex<BTreeSet<String>>,
    /// It cannot tell who holds what.
    pub(crate) unreadable: AtomicBool,
    /// It answers a disable with the account as it is, enabled, and does nothing.
    pub(crate) deaf: AtomicBool,
}

impl Around {
    pub(crate) fn put(org: &mut Org, place: usize) -> Arc<Self> {
        Self::with(org, place, None)
    }

    pub(crate) fn with(org: &mut Org, place: usize, each: Option<TimeDelta>) -> Arc<Self> {
        let clock = org.clock.clone();
        let around = Arc::new(Self {
            inner: Arc::clone(&org.engine.targets[place]),
            whole: AtomicBool::new(false),
            empty: AtomicBool::new(false),
            blind: AtomicBool::new(false),
            each: each.map(|each| (clock, each)),
            fails: Mutex::new(None),
            reads: AtomicUsize::new(0),
            hide: Mutex::default(),
            unreadable: AtomicBool::new(false),
            deaf: AtomicBool::new(false),
        });
        org.engine.targets[place] = Arc::clone(&around) as Arc<dyn TargetConnector>;
        around
    }
}

#[async_trait]
impl TargetConnector for Around {
    fn describe(&self) -> Capabilities {
        self.inner.describe()
    }

    async fn observe(&self, since: Option<&Cursor>) -> Result<TargetReading, PortError> {
        self.reads.fetch_add(1, Ordering::SeqCst);
        if self.blind.load(Ordering::SeqCst) {
            return Err(PortError::new(PortErrorKind::Transient, "entra", "no answer"));
        }
        if self.empty.load(Ordering::SeqCst) {
            return Ok(TargetReading::Whole(TargetChanges::default()));
        }
        let since = since.filter(|_| !self.whole.load(Ordering::SeqCst));
        let mut reading = self.inner.observe(since).await?;
        let hide = self.hide.lock().unwrap().clone();
        let (TargetReading::Whole(all) | TargetReading::Changes(all)) = &mut reading;
        all.accounts.retain(|account| !account.anchor.as_ref().is_some_and(|anchor| hide.contains(anchor)));
        if self.unreadable.load(Ordering::SeqCst) {
            all.accounts.iter_mut().for_each(|account| account.permissions = None);
        }
        Ok(reading)
    }

    fn apply<'a>(&'a self, wave: &'a Wave, permit: Permit) -> BoxStream<'a, Outcome> {
        let one = move |action: &'a Action| {
            if let Some((clock, each)) = &self.each {
                clock.set(clock.now() + *each);
            }
            let failed = self.fails.lock().unwrap().as_ref().and_then(|hook| hook(action));
            if let Some(kind) = failed {
                let failure = Failure { kind, message: "it does not work".to_owned() };
                return stream::iter([Outcome { action: action.id, result: Err(failure) }]).boxed();
            }
            if self.deaf.load(Ordering::SeqCst)
                && let Step::Account { id: Some(id), step: AccountStep::Disable, .. } = &action.step
            {
                let truth = Truth::Live { id: id.clone(), shown: Shown::Enabled, given: Fields::default() };
                return stream::iter([Outcome { action: action.id, result: Ok(Done::now(truth)) }]).boxed();
            }
            let single = Wave { target: wave.target.clone(), actions: vec![action.clone()] };
            let permit = permit.clone();
            stream::once(async move { self.inner.apply(&single, permit).collect::<Vec<_>>().await })
                .flat_map(stream::iter)
                .boxed()
        };
        stream::iter(&wave.actions).flat_map(one).boxed()
    }
}
