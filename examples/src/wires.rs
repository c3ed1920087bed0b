//! How a client reaches a simulator: over HTTP on this machine, or by calling it, which is quicker where years have to pass.

use std::io;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use bytes::Bytes;
use http::{Request, Response};
use provisioning_core::{Clock, ManualClock};
use simulators::{Server, Simulator};
use transport::{Exchange, Https, Lost, Timer};

/// How long a client waits for an answer.
const TIME_OUT: Duration = Duration::from_secs(30);

/// What a client needs to reach a system: something that sends, and an address.
#[derive(Clone)]
pub struct Wire {
    /// Sends.
    pub exchange: Arc<dyn Exchange>,
    /// The address, without a path.
    pub base: String,
}

impl std::fmt::Debug for Wire {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Wire({})", self.base)
    }
}

impl Wire {
    /// A wire that is a function call.
    #[must_use]
    pub fn in_process(simulator: impl Simulator) -> Self {
        Self { exchange: Arc::new(InProcess(simulator)), base: "http://127.0.0.1".to_owned() }
    }

    /// A wire that is HTTP, to a port that the system chooses. The simulator answers for as long as the runtime lasts.
    ///
    /// # Errors
    /// When this machine lets nobody listen on it.
    pub async fn over_http(simulator: impl Simulator) -> io::Result<Self> {
        let server = Server::bind(simulators::router(simulator), 0).await?;
        let base = format!("http://{}", server.address()?);
        tokio::spawn(server.run());
        Self::to(&base)
    }

    /// A wire to an address.
    ///
    /// # Errors
    /// When this machine has no certificates to trust.
    pub fn to(base: &str) -> io::Result<Self> {
        Ok(Self { exchange: Arc::new(Https::new(TIME_OUT).map_err(io::Error::other)?), base: base.to_owned() })
    }
}

/// An exchange with a simulator in the same process.
struct InProcess<S>(S);

#[async_trait]
impl<S: Simulator> Exchange for InProcess<S> {
    async fn exchange(&self, request: Request<Bytes>) -> Result<Response<Bytes>, Lost> {
        self.0.answer(request).map_err(Lost::unanswered)
    }

    fn time_out(&self) -> Duration {
        TIME_OUT
    }
}

/// Time that passes only when it is set, or slept through.
#[derive(Debug)]
pub struct ManualTimer(pub Arc<ManualClock>);

#[async_trait]
impl Timer for ManualTimer {
    fn now(&self) -> SystemTime {
        self.0.now().into()
    }

    async fn sleep(&self, wait: Duration) {
        self.0.set((self.now() + wait).into());
    }
}

/// The same time for a simulator.
#[must_use]
pub fn simulated(clock: &Arc<ManualClock>) -> simulators::clock::Clock {
    let clock = Arc::clone(clock);
    Arc::new(move || clock.now())
}
