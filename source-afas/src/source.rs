//! AFAS as a source.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use async_trait::async_trait;
use chrono_tz::Tz;
use provisioning_core::source::{Completeness, Cursor, Fingerprint, Reading, Snapshot, SnapshotBuilder};
use provisioning_core::{Clock, PortError, RecordKey, SourceConnector, SourceId};
use transport::Transport;

use crate::client::Client;
use crate::connectors::Connectors;
use crate::row::{contract, person};
use crate::site::Site;
use crate::token::AfasToken;
use crate::trouble::Trouble;
use crate::units::{Chart, chart};

/// AFAS Profit as a source of people, contracts and departments.
///
/// A reading is always whole: one call for the environment, then Users, Employments and `OrganizationalUnits` page
/// after page, never two calls at once. It makes no call that changes anything.
#[derive(Debug, Clone)]
pub struct AfasSource {
    id: SourceId,
    client: Client,
    clock: Arc<dyn Clock>,
    connectors: Connectors,
    zone: Option<Tz>,
    environment: Option<String>,
}

impl AfasSource {
    /// The source at a site, read with the rights of a token, with [`Connectors::default`].
    ///
    /// Give the transport an [`AfasRetry`](crate::AfasRetry): AFAS is peculiar in what passes by itself.
    #[must_use]
    pub fn new(id: SourceId, (site, token): (Site, AfasToken), transport: Transport, clock: Arc<dyn Clock>) -> Self {
        let client = Client { site, token, integration: None, transport, take: 1000 };
        Self { id, client, clock, connectors: Connectors::default(), zone: None, environment: None }
    }

    /// The same with other connectors and columns.
    #[must_use]
    pub fn with_connectors(self, connectors: Connectors) -> Self {
        Self { connectors, ..self }
    }

    /// The same with so many rows a page, at least 2. AFAS wants rows x columns of a page below 150,000.
    #[must_use]
    pub fn with_page_rows(mut self, rows: usize) -> Self {
        self.client.take = rows.max(2);
        self
    }

    /// The same with an integration id, which AFAS gives to its partners.
    #[must_use]
    pub fn with_integration_id(mut self, id: &str) -> Self {
        self.client.integration = Some(id.to_owned());
        self
    }

    /// The same with a zone whose civil days count for everybody who is read. Without one it is the organisation's,
    /// which is Europe/Amsterdam where AFAS is.
    #[must_use]
    pub fn in_zone(self, zone: Tz) -> Self {
        Self { zone: Some(zone), ..self }
    }

    /// The same, which reads nothing but this environment, such as `O12345AA`, whatever the token leads to.
    #[must_use]
    pub fn of_environment(self, environment: &str) -> Self {
        Self { environment: Some(environment.to_owned()), ..self }
    }

    async fn snapshot(&self) -> Result<Snapshot, Trouble> {
        let taken_at = self.clock.now();
        let fingerprint = self.fingerprint().await?;
        let mut builder = SnapshotBuilder::new(self.id.clone(), fingerprint, taken_at);
        let employees = self.read_people(&mut builder).await?;
        self.read_contracts(&mut builder).await?;
        self.read_units(&mut builder, &employees).await?;
        // Each connector was read up to a page that was not full.
        builder.finish(Completeness::EndSeen).map_err(|error| Trouble::transient(error.to_string()))
    }

    async fn fingerprint(&self) -> Result<Fingerprint, Trouble> {
        let Connectors { users, employments, units } = &self.connectors;
        let connectors = [&users.connector, &employments.connector, &units.connector];
        let environment = self.client.environment(&connectors).await?;
        match &self.environment {
            Some(expected) if *expected != environment => Err(Trouble::permanent(format!(
                "the token leads to environment `{environment}`, and `{expected}` is to be read; see which token is used"
            ))),
            Some(_) | None => Ok(Fingerprint(environment)),
        }
    }

    /// Reads the people, and gives the keys of those behind each employee code.
    async fn read_people(&self, builder: &mut SnapshotBuilder) -> Result<Employees, Trouble> {
        let users = &self.connectors.users;
        let make = |row| Some((person(&row, users, self.zone)?, row.code(&users.employee)));
        let rows = self.client.rows(&users.wanted(), &make).await?;
        self.tell(&users.connector, rows.read.len(), rows.skipped);
        let mut employees = Employees::new();
        for (told, employee) in rows.read {
            if let Some(employee) = employee {
                employees.entry(employee).or_default().insert(told.person.clone());
            }
            told.defects.into_iter().for_each(|defect| builder.defect(&told.person, defect));
            told.row.into_iter().for_each(|row| builder.person(row));
        }
        Ok(employees)
    }

    async fn read_contracts(&self, builder: &mut SnapshotBuilder) -> Result<(), Trouble> {
        let employments = &self.connectors.employments;
        let make = |row| contract(&row, employments, self.zone);
        let rows = self.client.rows(&employments.wanted(), &make).await?;
        self.tell(&employments.connector, rows.read.len(), rows.skipped);
        for told in rows.read {
            told.defects.into_iter().for_each(|defect| builder.defect(&told.person, defect));
            told.row.into_iter().for_each(|row| builder.contract(row));
        }
        Ok(())
    }

    async fn read_units(&self, builder: &mut SnapshotBuilder, employees: &Employees) -> Result<(), Trouble> {
        let Connectors { users, units, .. } = &self.connectors;
        let rows = self.client.rows(&units.wanted(), &Some).await?;
        let only = |people: &BTreeSet<RecordKey>| people.first().filter(|_| people.len() == 1).cloned();
        let person = |employee: &str| {
            // A manager who is not among the people is named all the same where both names are one.
            if users.employee == users.person { RecordKey::new(employee).ok() } else { only(employees.get(employee)?) }
        };
        let Chart { departments, ambiguous, nameless } = chart(&rows.read, units, person);
        self.tell(&units.connector, rows.read.len(), nameless);
        for unit in ambiguous {
            tracing::warn!(source = %self.id, connector = %units.connector, %unit,
                "the rows of a unit name several units above it, or several managers: none of these counts");
        }
        for department in departments {
            builder.department(department);
        }
        Ok(())
    }

    fn tell(&self, connector: &str, rows: usize, skipped: usize) {
        tracing::debug!(source = %self.id, connector, rows, "a connector was read");
        if skipped > 0 {
            tracing::warn!(source = %self.id, connector, skipped, "rows without a usable key were passed over");
        }
    }
}

/// Who is behind an employee code; more than one person is an error in AFAS.
type Employees = BTreeMap<String, BTreeSet<RecordKey>>;

#[async_trait]
impl SourceConnector for AfasSource {
    fn id(&self) -> &SourceId {
        &self.id
    }

    /// Gives everybody, whatever the cursor: AFAS has no way to tell who is no longer there.
    async fn read(&self, _: Option<&Cursor>) -> Result<Reading, PortError> {
        let snapshot = self.snapshot().await.map_err(|trouble| trouble.into_error(self.id.as_str()))?;
        Ok(Reading::Whole(snapshot))
    }
}
