use async_trait::async_trait;
use futures::StreamExt;
use futures::stream::{self, BoxStream};

use crate::audit::FailureKind;
use crate::plan::Wave;
use crate::port::{Failure, Outcome, Permit, PortError, TargetConnector};
use crate::source::Cursor;
use crate::target::{Capabilities, TargetReading};

/// A target that is read and never written: every action fails as transient, so that people stay due.
#[derive(Debug)]
pub struct DryRun<T>(pub T);

#[async_trait]
impl<T: TargetConnector> TargetConnector for DryRun<T> {
    fn describe(&self) -> Capabilities {
        self.0.describe()
    }

    async fn observe(&self, since: Option<&Cursor>) -> Result<TargetReading, PortError> {
        self.0.observe(since).await
    }

    fn apply<'a>(&'a self, wave: &'a Wave, _: Permit) -> BoxStream<'a, Outcome> {
        let not_done = || Failure { kind: FailureKind::Transient, message: "a dry run writes nothing".to_owned() };
        stream::iter(&wave.actions).map(move |action| Outcome { action: action.id, result: Err(not_done()) }).boxed()
    }
}
