//! `simulators entra`.

use std::time::Duration;

use chrono::Utc;
use clap::Args;
use serde_json::json;

use simulators::entra::{Tenant, TenantConfig};
use simulators::faults::Faults;
use simulators::organisation::{Dice, Organisation};

use crate::{Common, bind, run, say};

#[derive(Args)]
pub(crate) struct Wanted {
    /// Begin with so many users; none, by default
    #[arg(long, value_name = "N", default_value_t = 0)]
    users: usize,
    /// The verified domain of the tenant: user principal names end with it
    #[arg(long, value_name = "DOMAIN", default_value = "example.org")]
    domain: String,
    /// How long it takes until reads show what was written
    #[arg(long, value_name = "SECONDS", default_value_t = 0)]
    lag: u64,
    #[command(flatten)]
    common: Common,
}

pub(crate) async fn serve(wanted: &Wanted) -> Result<(), String> {
    let common = &wanted.common;
    let config = TenantConfig { domains: vec![wanted.domain.clone()], seed: common.seed, ..TenantConfig::default() };
    let tenant = Tenant::new(config.clone(), common.clock());
    let day = common.today.unwrap_or_else(|| Utc::now().date_naive());
    let organisation = Organisation::of_size(&mut Dice::new(common.seed), day, wanted.users);
    for employee in organisation.employees.iter().take(wanted.users) {
        let user = json!({
            "userPrincipalName": format!("{}@{}", employee.key, wanted.domain),
            "displayName": format!("{} {}", employee.given, employee.family),
            "givenName": employee.given,
            "surname": employee.family,
            "employeeId": employee.key,
        });
        tenant.create_user(user).map_err(|refused| format!("cannot make user {}: {refused}", employee.key))?;
    }
    tenant.faults(Faults { lag: Duration::from_secs(wanted.lag), ..common.faults() });
    let (server, address) = bind(tenant.router(), common.port).await?;
    say(format_args!("Entra tenant of {} with {} users", wanted.domain, tenant.users().len()))?;
    say(format_args!(""))?;
    say(format_args!("Graph          {address}/v1.0"))?;
    say(format_args!("token endpoint {address}/{}/oauth2/v2.0/token", config.id))?;
    say(format_args!("tenant         {}", config.id))?;
    say(format_args!("client id      {}", config.client_id))?;
    say(format_args!("client secret  {}", config.client_secret))?;
    say(format_args!("scope          https://graph.microsoft.com/.default"))?;
    say(format_args!(""))?;
    say(format_args!("A request to begin with, for a token:"))?;
    say(format_args!(""))?;
    say(format_args!(
        "curl -d grant_type=client_credentials -d client_id={} -d client_secret={} \
         -d scope=https://graph.microsoft.com/.default {address}/{}/oauth2/v2.0/token",
        config.client_id, config.client_secret, config.id
    ))?;
    run(server).await
}
