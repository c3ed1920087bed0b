//! A simulated directory and a target on it, in one process and on one clock.

pub(crate) mod wave;

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use bytes::Bytes;
use chrono::{DateTime, TimeDelta, Utc};
use entra_graph::transport::{Exchange, Lost, Timer, Transport};
use entra_graph::{Cloud, Credentials, Graph};
use http::{Request, Response};
use provisioning_core::target::FirstSecret;
use provisioning_core::{Clock, FieldName, ManualClock, TargetId};
use simulators::entra::{Tenant, TenantConfig};
use target_entra::{EntraSettings, EntraTarget};

/// The simulated directory in the place of the network.
struct InProcess(Tenant);

#[async_trait]
impl Exchange for InProcess {
    async fn exchange(&self, request: Request<Bytes>) -> Result<Response<Bytes>, Lost> {
        self.0.call(request).await.map_err(Lost::unanswered)
    }

    fn time_out(&self) -> Duration {
        Duration::ZERO
    }
}

/// Sleeping moves the clock on.
#[derive(Debug)]
struct Moved(Arc<ManualClock>);

#[async_trait]
impl Timer for Moved {
    fn now(&self) -> SystemTime {
        self.0.now().into()
    }

    async fn sleep(&self, wait: Duration) {
        self.0.set(self.0.now() + TimeDelta::from_std(wait).unwrap());
    }
}

/// A directory and a target on it.
pub(crate) struct World {
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) tenant: Tenant,
    pub(crate) target: EntraTarget,
}

pub(crate) fn name(text: &str) -> FieldName {
    FieldName::new(text).unwrap()
}

impl World {
    pub(crate) fn new(first_secret: FirstSecret) -> Self {
        let clock = Arc::new(ManualClock::at("2026-03-02T09:00:00Z".parse().unwrap()));
        let shared = clock.clone();
        let tenant = Tenant::new(TenantConfig::default(), Arc::new(move || shared.now()));
        let target = target_on(&tenant, &clock, first_secret);
        Self { clock, tenant, target }
    }

    /// Another process on the same directory, which remembers nothing.
    pub(crate) fn restarted(&self) -> EntraTarget {
        target_on(&self.tenant, &self.clock, FirstSecret::None)
    }

    pub(crate) fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    pub(crate) fn pass(&self, time: TimeDelta) {
        self.clock.set(self.clock.now() + time);
    }
}

fn target_on(tenant: &Tenant, clock: &Arc<ManualClock>, first_secret: FirstSecret) -> EntraTarget {
    target_over(Arc::new(InProcess(tenant.clone())), "https://graph.test", clock, first_secret)
}

/// A target on whatever answers.
pub(crate) fn target_over(
    exchange: Arc<dyn Exchange>,
    base: &str,
    clock: &Arc<ManualClock>,
    first_secret: FirstSecret,
) -> EntraTarget {
    let config = TenantConfig::default();
    let transport = Transport::new("Entra", exchange, Arc::new(Moved(clock.clone())));
    let credentials =
        Credentials { tenant: config.id, client_id: config.client_id, client_secret: config.client_secret.into() };
    let attributes = ["displayName", "jobTitle", "officeLocation", "mobilePhone"].map(name).to_vec();
    let mut settings = EntraSettings::new(TargetId::new("entra").unwrap(), attributes).unwrap();
    settings.first_secret = first_secret;
    let graph = Graph::new(transport, Cloud::at(base, base).unwrap(), credentials);
    EntraTarget::new(graph, settings, clock.clone())
}
