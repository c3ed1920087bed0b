use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use futures::StreamExt;
use futures::stream::{self, BoxStream};

use crate::audit::FailureKind;
use crate::plan::Wave;
use crate::port::{Failure, Outcome, Permit, PortError, TargetConnector};
use crate::source::Cursor;
use crate::target::{Capabilities, TargetReading};

/// A target that does at most so many actions in all: what is beyond fails as transient and is decided again later.
#[derive(Debug)]
pub struct Limited<T> {
    inner: T,
    left: AtomicUsize,
}

impl<T> Limited<T> {
    /// At most `actions` in all.
    pub fn new(inner: T, actions: usize) -> Self {
        Self { inner, left: AtomicUsize::new(actions) }
    }

    /// The target itself.
    pub fn inner(&self) -> &T {
        &self.inner
    }
}

#[async_trait]
impl<T: TargetConnector> TargetConnector for Limited<T> {
    fn describe(&self) -> Capabilities {
        self.inner.describe()
    }

    async fn observe(&self, since: Option<&Cursor>) -> Result<TargetReading, PortError> {
        self.inner.observe(since).await
    }

    fn apply<'a>(&'a self, wave: &'a Wave, permit: Permit) -> BoxStream<'a, Outcome> {
        let spend = |left: usize| left.checked_sub(1);
        let one = move |action: &'a crate::plan::Action| {
            if self.left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, spend).is_err() {
                let failure =
                    Failure { kind: FailureKind::Transient, message: "the limit of actions is spent".to_owned() };
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
