//! An AFAS environment: the `GetConnectors` of one app connector, over people, function lines and an organisation chart.
//!
//! Rows, pages, filters and errors are those of AFAS Profit REST as its documents and the published HelloID connectors
//! show them; where those disagree there is a [switch](Switches). Nothing can be written to it over HTTP.
//!
//! ```
//! use bytes::Bytes;
//! use http::Request;
//! use simulators::afas::{Environment, EnvironmentConfig, Names, PersonRow};
//! use simulators::clock;
//!
//! let afas = Environment::new(EnvironmentConfig::seeded(1), clock::system());
//! afas.hire(PersonRow::new("1001", Names::new("Noor", "van den Berg")), Vec::new());
//! let request = Request::get("/ProfitRestServices/connectors/T4E_HelloID_Users_v2?take=10&orderbyfieldids=Medewerker")
//!     .header("Authorization", afas.authorization())
//!     .body(Bytes::new())?;
//! let answer = futures::executor::block_on(afas.call(request))?;
//! let page: serde_json::Value = serde_json::from_slice(answer.body())?;
//! assert_eq!(page["rows"][0]["Voorvoegsel"], "van den");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod answer;
mod cell;
mod columns;
mod connector;
mod environment;
mod filter;
mod folder;
mod organisation;
mod page;
mod query;
mod refusal;
mod rows;
mod service;
mod state;
mod switches;
mod token;

pub use connector::{Collection, Connector};
pub use environment::{Environment, EnvironmentConfig};
pub use folder::{ContractEntry, DepartmentEntry, FolderError, ManagerEntry, PersonLine};
pub use rows::{Coded, ContractLine, FunctionLine, Leader, Names, OrgUnit, PersonRow, Rows, UserRow, UserState};
pub use state::NotThere;
pub use switches::{ErrorType, ForeignConnector, Managers, Roots, RowsShown, Service, Switches, Window};
pub use token::Token;
