//! Both ends of the line, simulated: the AFAS environment that people come from, and the Entra tenant that accounts are in.

use std::error::Error;
use std::sync::Arc;

use chrono_tz::Tz;
use entra_graph::{Cloud, Credentials, Graph};
use provisioning_core::{FieldName, ManualClock, SourceId, TargetId};
use simulators::afas::{Environment, EnvironmentConfig, Token};
use simulators::entra::{Tenant, TenantConfig};
use source_afas::{AfasRetry, AfasSource, AfasToken, Site};
use target_entra::{EntraSettings, EntraTarget};
use transport::Transport;

use crate::wires::{ManualTimer, Wire, simulated};

/// The verified domain of the tenant.
pub const DOMAIN: &str = "example.org";

/// What chance in a simulator follows from.
const SEED: u64 = 2026;

/// A tenant whose days are those of a zone.
#[must_use]
pub fn tenant(clock: &Arc<ManualClock>, zone: Tz) -> Tenant {
    let config = TenantConfig { domains: vec![DOMAIN.to_owned()], zone, seed: SEED, ..TenantConfig::default() };
    Tenant::new(config, simulated(clock))
}

/// The tenant at the end of a wire as a target, with what [`Named`](crate::naming::Named) and the rules of the examples write.
///
/// # Errors
/// Only when the examples spell a name wrongly.
pub fn entra(id: TargetId, wire: &Wire, clock: &Arc<ManualClock>, zone: Tz) -> Result<EntraTarget, Box<dyn Error>> {
    let config = TenantConfig::default();
    let credentials =
        Credentials { tenant: config.id, client_id: config.client_id, client_secret: config.client_secret.into() };
    let transport = Transport::new("Entra", wire.exchange.clone(), Arc::new(ManualTimer(clock.clone())));
    let graph = Graph::new(transport, Cloud::at(&wire.base, &wire.base)?, credentials);
    let attributes =
        ["displayName", "givenName", "surname"].map(FieldName::new).into_iter().collect::<Result<_, _>>()?;
    let mut settings = EntraSettings::new(id, attributes)?;
    settings.zone = zone;
    Ok(EntraTarget::new(graph, settings, clock.clone()))
}

/// An environment without anybody.
#[must_use]
pub fn environment(clock: &Arc<ManualClock>) -> Environment {
    Environment::new(EnvironmentConfig::seeded(SEED), simulated(clock))
}

/// The environment at the end of a wire as a source.
///
/// # Errors
/// Only when the examples spell a name wrongly.
pub fn afas(id: SourceId, wire: &Wire, clock: &Arc<ManualClock>) -> Result<AfasSource, Box<dyn Error>> {
    let token = AfasToken::new(&Token::seeded(SEED).xml().into())?;
    let site = Site::at(&format!("{}/ProfitRestServices", wire.base))?;
    let timer = Arc::new(ManualTimer(clock.clone()));
    let transport = Transport::new("AFAS", wire.exchange.clone(), timer).with_retry(Arc::new(AfasRetry::standard()));
    Ok(AfasSource::new(id, (site, token), transport, clock.clone()))
}
