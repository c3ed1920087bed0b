//! What a history is replayed on: where its people come from, and where their accounts are.

use std::collections::BTreeSet;
use std::error::Error;
use std::path::Path;
use std::sync::Arc;

use chrono_tz::Tz;
use provisioning_core::memory::MemoryTarget;
use provisioning_core::{
    FieldName, ManualClock, Policy, RecordKey, SourceConnector, SourceId, TargetConnector, TargetId,
};
use rules::RuleSet;
use serde::de::DeserializeOwned;
use simulators::afas::{Environment, Rows};
use simulators::entra::Tenant;

use crate::ends;
use crate::naming::Named;
use crate::people::PeopleFiles;
use crate::watch::{MemoryWindow, TenantWindow, Window};
use crate::wires::Wire;

/// Through what a history is replayed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Through {
    /// From the files to a target in memory.
    Memory,
    /// From the files to a simulated Entra tenant.
    Entra,
    /// From a simulated AFAS, filled from the files, to a simulated Entra tenant.
    AfasEntra,
}

/// Both ends of a replay.
pub struct Stage {
    /// Where people come from.
    pub source: Arc<dyn SourceConnector>,
    /// Where accounts are.
    pub target: Arc<dyn TargetConnector>,
    /// A look at the accounts that is no request.
    pub window: Box<dyn Window>,
    /// The rules to start from, with the lead in days, as they fit the target.
    pub standard: Arc<dyn Policy>,
    files: Arc<PeopleFiles>,
    asked: Asked,
}

/// Who counts the requests.
enum Asked {
    Memory(Arc<MemoryTarget>),
    Entra(Tenant),
    AfasEntra(Environment, Tenant),
}

impl std::fmt::Debug for Stage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Stage({} to {})", self.source.id(), self.target.describe().target)
    }
}

impl Stage {
    /// The stage for the people in a folder; accounts are made so many days before the first day of work.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub fn new(
        through: Through,
        dir: &Path,
        (id, lead_days): (&TargetId, u32),
        clock: &Arc<ManualClock>,
    ) -> Result<Self, Box<dyn Error>> {
        let files = Arc::new(PeopleFiles::new(SourceId::new("people")?, dir, clock.clone()));
        let standard = RuleSet::standard(id, lead_days)?;
        if through == Through::Memory {
            let names = vec![FieldName::new("user_name")?];
            let target = Arc::new(MemoryTarget::new(id.clone(), clock.clone(), Tz::UTC, names));
            return Ok(Self {
                source: files.clone(),
                window: Box::new(MemoryWindow::onto(target.clone())),
                asked: Asked::Memory(target.clone()),
                target,
                standard: Arc::new(standard),
                files,
            });
        }
        let tenant = ends::tenant(clock, Tz::UTC);
        let target = Arc::new(ends::entra(id.clone(), &Wire::in_process(tenant.clone()), clock, Tz::UTC)?);
        let window = Box::new(TenantWindow::onto(tenant.clone()));
        let standard = Arc::new(Named(standard));
        if through == Through::Entra {
            return Ok(Self { source: files.clone(), target, window, standard, files, asked: Asked::Entra(tenant) });
        }
        let environment = ends::environment(clock);
        environment.load(rows(&files)?);
        let source = ends::afas(SourceId::new("afas")?, &Wire::in_process(environment.clone()), clock)?;
        Ok(Self {
            source: Arc::new(source),
            target,
            window,
            standard,
            files,
            asked: Asked::AfasEntra(environment, tenant),
        })
    }

    /// Those whom a contract names and no person's row.
    #[must_use]
    pub fn strangers(&self) -> BTreeSet<RecordKey> {
        self.files.strangers()
    }

    /// How many requests both ends got: reads and writes.
    #[must_use]
    pub fn requests(&self) -> (u64, u64) {
        match &self.asked {
            Asked::Memory(target) => (target.requests().reads + self.files.reads(), target.requests().writes),
            Asked::Entra(tenant) => (tenant.requests().reads() + self.files.reads(), tenant.requests().writes()),
            Asked::AfasEntra(environment, tenant) => {
                let (afas, entra) = (environment.requests(), tenant.requests());
                (afas.reads() + entra.reads(), afas.writes() + entra.writes())
            }
        }
    }
}

/// The rows of the files, as AFAS has them.
fn rows(files: &PeopleFiles) -> Result<Rows, String> {
    let managers = if files.has("managers") { all(files, "managers")? } else { Vec::new() };
    Ok(Rows::from_files(all(files, "persons")?, all(files, "contracts")?, all(files, "departments")?, managers))
}

fn all<T: DeserializeOwned>(files: &PeopleFiles, name: &str) -> Result<Vec<T>, String> {
    let mut rows = Vec::new();
    files.lines(name, |row| {
        rows.push(row);
        Ok(())
    })?;
    Ok(rows)
}
