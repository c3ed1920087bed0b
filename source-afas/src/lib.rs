//! AFAS Profit as a source: people, contracts and departments from its `GetConnectors` over REST. It never changes
//! anything in AFAS, never makes two calls at once, never takes a part of a connector for all of it, and never shows
//! the token or a value of a row in an error or a log.
//!
//! Over HTTPS it is set up like this; below is what it reads.
//!
//! ```no_run
//! use std::sync::Arc;
//!
//! use provisioning_core::{FieldName, SourceId, SystemClock};
//! use secrecy::SecretString;
//! use source_afas::{AfasRetry, AfasSource, AfasToken, Column, Connectors, Site};
//! use transport::{Https, SystemTimer, Transport};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let token = AfasToken::new(&SecretString::from(std::env::var("AFAS_TOKEN")?))?;
//! let https = Arc::new(Https::new(std::time::Duration::from_secs(300))?);
//! let transport = Transport::new("AFAS", https, Arc::new(SystemTimer)).with_retry(Arc::new(AfasRetry::standard()));
//!
//! let mut connectors = Connectors::default();
//! connectors.employments.fields.set(FieldName::new("building")?, Column::code("Gebouw"));
//!
//! let site = Site::production("12345")?;
//! let source = AfasSource::new(SourceId::new("afas")?, (site, token), transport, Arc::new(SystemClock))
//!     .of_environment("O12345AA")
//!     .with_connectors(connectors);
//! # Ok(())
//! # }
//! ```
//!
//! An answer in the place of AFAS, and what becomes of it:
//!
//! ```
//! # use std::sync::Arc;
//! # use std::time::Duration;
//! # use async_trait::async_trait;
//! # use bytes::Bytes;
//! # use http::{Request, Response};
//! # use provisioning_core::source::Reading;
//! # use provisioning_core::{SourceConnector, SourceId, SystemClock};
//! # use secrecy::SecretString;
//! # use source_afas::{AfasSource, AfasToken, Site};
//! # use transport::{Exchange, Lost, SystemTimer, Transport};
//! struct Afas;
//!
//! #[async_trait]
//! impl Exchange for Afas {
//!     async fn exchange(&self, request: Request<Bytes>) -> Result<Response<Bytes>, Lost> {
//!         let (path, query) = (request.uri().path(), request.uri().query());
//!         Ok(Response::new(Bytes::from_static(match path.rsplit('/').next() {
//!             Some("metainfo") => br#"{"info": {"envid": "T12345AA"}}"#,
//!             Some("T4E_HelloID_Users_v2") => {
//!                 assert_eq!(query, Some("orderbyfieldids=Medewerker&skip=0&take=1000"));
//!                 br#"{"skip": 0, "take": 1000, "rows": [{
//!                     "Medewerker": "0042", "Roepnaam": "Anna", "Voorvoegsel": "van der", "Geboortenaam": "Berg",
//!                     "Voorvoegsel_partner": "de", "Geboortenaam_partner": "Vries", "Naamgebruik_code": "1"}]}"#
//!             }
//!             Some("T4E_HelloID_Employments_v2") => {
//!                 br#"{"skip": 0, "take": 1000, "rows": [{
//!                     "ExternalID": "9F0C", "Medewerker": "0042", "Organisatorische_eenheid_code": "d7",
//!                     "Begindatum_functie": "2026-03-01T00:00:00Z", "Einddatum_functie": null}]}"#
//!             }
//!             _ => br#"{"skip": 0, "take": 1000, "rows": []}"#,
//!         })))
//!     }
//!
//!     fn time_out(&self) -> Duration {
//!         Duration::ZERO
//!     }
//! }
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let token = AfasToken::new(&SecretString::from("0AF3"))?;
//! let transport = Transport::new("AFAS", Arc::new(Afas), Arc::new(SystemTimer));
//! let site = Site::test("12345")?;
//! let source = AfasSource::new(SourceId::new("afas")?, (site, token), transport, Arc::new(SystemClock));
//! let Reading::Whole(snapshot) = futures::executor::block_on(source.read(None))? else { panic!("not whole") };
//! let anna = snapshot.people().next().ok_or("nobody")?;
//! assert_eq!(anna.row.key.as_str(), "0042");
//! assert_eq!(anna.row.fields.text("last_name"), Some("de Vries - van der Berg"));
//! assert_eq!(anna.contracts[0].first_day.to_string(), "2026-03-01");
//! # Ok(())
//! # }
//! ```
//!
//! # What is read
//!
//! Three `GetConnectors`, by default those that Tools4ever publishes for `HelloID`; every name is set in
//! [`Connectors`]. A column that the configuration names has to be there, else the reading fails and says which columns
//! the connector has; one of the defaults below may be lacking, and then its field is absent. What is not mapped is not
//! read: no more personal data comes in than somebody asked for.
//!
//! | field | column of `T4E_HelloID_Users_v2` | |
//! |---|---|---|
//! | the key | `Medewerker` | text, leading zeros stay; see [`Connectors::keyed_by_person_number`] |
//! | `person.given_name` | `Roepnaam` | the calling name |
//! | `person.first_name`, `person.initials` | `Voornaam`, `Voorletters` | |
//! | `person.prefix`, `person.family_name` | `Voorvoegsel`, `Geboortenaam` | the birth name |
//! | `person.partner_prefix`, `person.partner_name` | `Voorvoegsel_partner`, `Geboortenaam_partner` | |
//! | `person.name_convention` | `Naamgebruik_code` | 0 is `B`, 1 `PB`, 2 `P`, 3 `BP`; `B` is the birth name, `P` the partner's |
//! | `person.last_name` | made of the five above | the names in use: `de Vries - van der Berg` for `PB` |
//! | `person.display_name` | `DisplayName` | as AFAS shows it |
//! | `person.birth_date` | `Geboortedatum` | not among the published columns: add it, it tells people apart |
//! | `person.mail`, `person.phone`, `person.mobile` | `Email_werk`, `Telefoonnr_werk`, `Mobielnr_werk` | |
//! | `person.employee_number`, `person.person_number` | `Medewerker`, `Persoonsnummer` | |
//!
//! | field | column of `T4E_HelloID_Employments_v2` | |
//! |---|---|---|
//! | the key | `ExternalID` | of the function line; several columns are joined by `/` |
//! | the person | `Medewerker` | |
//! | the first day | `Begindatum_functie` | where that is empty, `Begindatum_contract` |
//! | the last day | `Einddatum_functie`, `Einddatum_contract` | inclusive, the earlier one |
//! | `contract.department` | `Organisatorische_eenheid_code` | |
//! | `contract.title`, `contract.title_code` | `Functie_omschrijving`, `Functie_code` | |
//! | `contract.kind`, `contract.kind_code` | `Soort_medewerker`, `Soort_medewerker_code` | |
//! | `contract.contract_type` | `Type_contract` | of today, also in lines of other days |
//! | `contract.hours`, `contract.fte`, `contract.part_time_percent` | `Uren_per_week`, `FTE`, `Parttime_percentage` | of today too |
//! | `contract.manager` | `Medewerkernummer_leidinggevende` | of today too |
//! | `contract.cost_centre`, `contract.employer` | `Kostenplaats_code`, `Werkgever_code` | |
//! | `contract.employment`, `contract.sequence` | `Dienstverband`, `Volgnummer_contract` | |
//!
//! | of a department | column of `T4E_HelloID_OrganizationalUnits_v2` | |
//! |---|---|---|
//! | code and name | `ExternalId`, `DisplayName` | |
//! | the one above | `ParentExternalId` | null or empty at the root; unknown where two rows of a unit differ |
//! | the manager | `ManagerExternalId` | an employee code; unknown where two rows of a unit differ |
//!
//! A date of AFAS bears a `Z` that is false: it is the Dutch civil day that it shows, and nothing moves it. Null and
//! empty text stay what they are in fields, and mean the same in keys and dates. A row that cannot be read is a defect
//! of its person; a row that names nobody is passed over with a warning.
//!
//! # What proves a reading complete
//!
//! AFAS gives neither a total nor a mark at the end. Rows are asked for in an order that makes them unique, and each
//! page from the last row of the page before on: that this row is there shows that none was passed over because an
//! earlier one went meanwhile; else the connector is read again from the start. The last page is the one that is not
//! full. Rows that come twice are one. A page that is not the one that was asked for, or holds more rows than that, is
//! an error. The environment (`envid`) is the fingerprint of the reading, so that a token of another environment is
//! noticed.
//!
//! People leave the published connectors three months after their last day. Whoever deletes accounts later than that
//! needs connectors with a wider filter.

mod answer;
mod client;
mod column;
mod connectors;
mod names;
mod retry;
mod row;
mod site;
mod source;
mod token;
mod trouble;
mod units;

pub use column::Column;
pub use connectors::{Connectors, Employments, Mapping, Units, Users};
pub use retry::AfasRetry;
pub use site::{InvalidSite, Site};
pub use source::AfasSource;
pub use token::{AfasToken, InvalidToken};
