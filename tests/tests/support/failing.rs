//! A target on which some things do not work, and which counts what it is sent all the same.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use futures::StreamExt;
use futures::stream::{self, BoxStream};
use provisioning_core::audit::FailureKind;
use provisioning_core::plan::Wave;
use provisioning_core::source::Cursor;
use provisioning_core::target::{Capabilities, TargetReading};
use provisioning_core::{AccountKey, Failure, Outcome, Permit, PortError, PortErrorKind, TargetConnector};

use super::{Org, line};

/// A target on which some things do not work.
pub(crate) struct Failing {
    inner: Arc<dyn TargetConnector>,
    /// Actions on these accounts fail; `*` is all of them.
    pub(crate) anchors: Mutex<BTreeSet<String>>,
    pub(crate) kind: FailureKind,
    /// Readings fail.
    pub(crate) is_blind: AtomicBool,
    sent: Mutex<Vec<String>>,
    reads: Mutex<usize>,
}

impl Failing {
    /// Puts one around a target of an organisation.
    pub(crate) fn around(org: &mut Org, place: usize, kind: FailureKind) -> Arc<Self> {
        let failing = Arc::new(Self {
            inner: Arc::clone(&org.engine.targets[place]),
            anchors: Mutex::default(),
            kind,
            is_blind: AtomicBool::default(),
            sent: Mutex::default(),
            reads: Mutex::default(),
        });
        org.engine.targets[place] = Arc::clone(&failing) as Arc<dyn TargetConnector>;
        failing
    }

    pub(crate) fn fails(&self, anchors: &[&str]) {
        *self.anchors.lock().unwrap() = anchors.iter().map(|&anchor| anchor.to_owned()).collect();
    }

    pub(crate) fn go_blind(&self) {
        self.is_blind.store(true, Ordering::SeqCst);
    }

    pub(crate) fn recover(&self) {
        self.is_blind.store(false, Ordering::SeqCst);
        self.fails(&[]);
    }

    /// What it was sent since this was last asked, what failed included.
    pub(crate) fn take(&self) -> Vec<String> {
        std::mem::take(&mut *self.sent.lock().unwrap())
    }

    /// How often it was read since this was last asked.
    pub(crate) fn take_reads(&self) -> usize {
        std::mem::take(&mut *self.reads.lock().unwrap())
    }
}

#[async_trait]
impl TargetConnector for Failing {
    fn describe(&self) -> Capabilities {
        self.inner.describe()
    }

    async fn observe(&self, since: Option<&Cursor>) -> Result<TargetReading, PortError> {
        *self.reads.lock().unwrap() += 1;
        if self.is_blind.load(Ordering::SeqCst) {
            return Err(PortError::new(PortErrorKind::Transient, "target", "no answer"));
        }
        self.inner.observe(since).await
    }

    fn apply<'a>(&'a self, wave: &'a Wave, permit: Permit) -> BoxStream<'a, Outcome> {
        let one = move |action: &'a provisioning_core::plan::Action| {
            self.sent.lock().unwrap().push(line(action));
            let anchor = action.step.account().map(AccountKey::anchor).unwrap_or_default();
            let fails = {
                let anchors = self.anchors.lock().unwrap();
                anchors.contains(&anchor) || anchors.contains("*")
            };
            if fails {
                let failure = Failure { kind: self.kind, message: "it does not work".to_owned() };
                return stream::iter([Outcome { action: action.id, result: Err(failure) }]).boxed();
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
