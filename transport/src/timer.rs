use std::fmt;
use std::time::{Duration, SystemTime};

use async_trait::async_trait;

/// Tells the time and waits: the one place where time comes in, so that tests need none.
#[async_trait]
pub trait Timer: Send + Sync + fmt::Debug {
    /// The instant it is now.
    fn now(&self) -> SystemTime;

    /// Waits.
    async fn sleep(&self, wait: Duration);
}

/// The clock of this machine; it sleeps on the tokio runtime that it is called from.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemTimer;

#[async_trait]
impl Timer for SystemTimer {
    fn now(&self) -> SystemTime {
        SystemTime::now()
    }

    async fn sleep(&self, wait: Duration) {
        tokio::time::sleep(wait).await;
    }
}
