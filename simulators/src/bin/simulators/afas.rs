//! `simulators afas`.

use std::path::PathBuf;

use clap::Args;

use simulators::afas::{Environment, EnvironmentConfig, Rows, Window};
use simulators::organisation::{Dice, Organisation};

use crate::{Common, bind, run, say};

#[derive(Args)]
pub(crate) struct Wanted {
    /// Serve the people in this folder: persons.jsonl, contracts.jsonl, departments.jsonl and managers.jsonl
    #[arg(long, value_name = "DIR", conflicts_with = "users")]
    people: Option<PathBuf>,
    /// Serve a generated organisation of so many people
    #[arg(long, value_name = "N", default_value_t = 200)]
    users: usize,
    /// Leave out what is more than three months away, as HelloID's connectors do
    #[arg(long)]
    window: bool,
    #[command(flatten)]
    common: Common,
}

pub(crate) async fn serve(wanted: &Wanted) -> Result<(), String> {
    let common = &wanted.common;
    let config = EnvironmentConfig::seeded(common.seed);
    let (id, token) = (config.id.clone(), config.token.clone());
    let connectors: Vec<String> = config.connectors.iter().map(|connector| connector.id.clone()).collect();
    let afas = Environment::new(config, common.clock());
    afas.load(match &wanted.people {
        Some(folder) => Rows::from_folder(folder).map_err(|error| error.to_string())?,
        None => Rows::of(&Organisation::of_size(&mut Dice::new(common.seed), afas.today(), wanted.users)),
    });
    if wanted.window {
        afas.switch(|switches| switches.window = Window::ThreeMonths);
    }
    afas.faults(common.faults());
    let (server, address) = bind(afas.router(), common.port).await?;
    let base = format!("{address}/ProfitRestServices");
    say(format_args!("AFAS environment {id} with {} people, on {}", afas.headcount(), afas.today()))?;
    say(format_args!(""))?;
    say(format_args!("base URL       {base}"))?;
    say(format_args!("token          {}", token.xml()))?;
    say(format_args!("GetConnectors  {}", connectors.join("\n               ")))?;
    say(format_args!(""))?;
    say(format_args!("The header that holds the token, and a request to begin with:"))?;
    say(format_args!(""))?;
    say(format_args!("Authorization: {}", token.authorization()))?;
    say(format_args!("curl -H 'Authorization: {}' {base}/metainfo", token.authorization()))?;
    run(server).await
}
