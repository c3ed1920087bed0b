//! What a history is replayed on: where its people come from, and where their accounts are.

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::path::Path;
use std::sync::Arc;

use chrono::NaiveDate;
use chrono_tz::Tz;
use provisioning_core::memory::MemoryTarget;
use provisioning_core::{
    FieldName, ManualClock, Policy, RecordKey, SourceConnector, SourceId, TargetConnector, TargetId,
};
use rules::RuleSet;
use serde::de::DeserializeOwned;
use simulators::afas::{Environment, FunctionLine, PersonLine, Rows};
use simulators::entra::Tenant;

use crate::ends;
use crate::naming::Named;
use crate::people::{Contract, PeopleFiles, Person};
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

    /// Rules of somebody's own as they fit the target: in Entra accounts bear the names that the standard rules give.
    #[must_use]
    pub fn fitted(&self, rules: RuleSet) -> Arc<dyn Policy> {
        match &self.asked {
            Asked::Memory(_) => Arc::new(rules),
            Asked::Entra(_) | Asked::AfasEntra(..) => Arc::new(Named(rules)),
        }
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

/// The rows of the files, as AFAS has them. Files that cannot be read without AFAS are refused here too.
fn rows(files: &PeopleFiles) -> Result<Rows, String> {
    files.snapshot()?;
    let managers = if files.has("managers") { all(files, "managers")? } else { Vec::new() };
    let person = |Person { id, first_name, last_name, .. }| PersonLine {
        id,
        first_name,
        last_name,
        birth_date: None,
        gender: None,
        hire_date: None,
    };
    let persons = all(files, "persons")?.into_iter().map(person);
    let mut rows = Rows::from_files(persons, [], all(files, "departments")?, managers);
    let mut lines: BTreeMap<String, Vec<FunctionLine>> = BTreeMap::new();
    for contract in all::<Contract>(files, "contracts")? {
        let line = line(&contract);
        lines.entry(contract.person_id).or_default().push(line);
    }
    for (person, theirs) in &mut rows.people {
        *theirs = lines.remove(&person.employee).unwrap_or_default();
    }
    Ok(rows)
}

/// A contract as a function line. AFAS holds no date that is none: a contract that cannot be read has no key there, so
/// that its person is refused, as without AFAS, and nobody else.
fn line(contract: &Contract) -> FunctionLine {
    let person = &contract.person_id;
    let (Some(seq), Some((first, last))) = (contract.seq(), contract.days()) else {
        return FunctionLine { id: String::new(), ..FunctionLine::new(person, 0, NaiveDate::default()) };
    };
    let number = seq.parse::<i64>().ok().filter(|number| number.to_string() == seq);
    let line = FunctionLine::new(person, number.unwrap_or_default(), first).through(last);
    let line = match &contract.title {
        Some(title) => line.with_function(title),
        None => line,
    };
    let id = if number.is_some() { line.id } else { format!("{person}/{seq}") };
    FunctionLine { id, unit: contract.dept_code.clone(), ..line }
}

fn all<T: DeserializeOwned>(files: &PeopleFiles, name: &str) -> Result<Vec<T>, String> {
    let mut rows = Vec::new();
    files.lines(name, |row| {
        rows.push(row);
        Ok(())
    })?;
    Ok(rows)
}
