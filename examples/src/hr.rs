//! The HR system of the tour: a source in memory, which says what it was told last.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use provisioning_core::source::{
    Completeness, ContractRow, Cursor, Department, Fingerprint, PersonRow, Reading, Snapshot, SnapshotBuilder,
};
use provisioning_core::{
    Clock, ContractId, DepartmentCode, FieldName, Fields, InvalidId, PortError, PortErrorKind, RecordKey,
    SourceConnector, SourceId, Value,
};

use crate::organisation::{Employee, Line, Organisation};

/// What HR answers when it is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answers {
    /// All rows.
    AllRows,
    /// No row at all, and no error either.
    NoRows,
}

/// An HR system in memory.
#[derive(Debug)]
pub struct Hr {
    id: SourceId,
    clock: Arc<dyn Clock>,
    says: Mutex<(Organisation, Answers)>,
}

impl Hr {
    /// An HR system that knows this organisation.
    #[must_use]
    pub fn new(id: SourceId, organisation: Organisation, clock: Arc<dyn Clock>) -> Self {
        Self { id, clock, says: Mutex::new((organisation, Answers::AllRows)) }
    }

    /// Somebody at HR writes something down.
    pub fn change(&self, change: impl FnOnce(&mut Organisation)) {
        change(&mut self.says().0);
    }

    /// From now on it answers like this.
    pub fn answer(&self, answers: Answers) {
        self.says().1 = answers;
    }

    fn says(&self) -> MutexGuard<'_, (Organisation, Answers)> {
        self.says.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn snapshot(&self) -> Result<Snapshot, String> {
        let fingerprint = Fingerprint("production".to_owned());
        let mut builder = SnapshotBuilder::new(self.id.clone(), fingerprint, self.clock.now());
        let says = self.says();
        let (organisation, answers) = &*says;
        if *answers == Answers::AllRows {
            rows(&mut builder, organisation).map_err(|error| error.to_string())?;
        }
        builder.finish(Completeness::EndSeen).map_err(|error| error.to_string())
    }
}

fn rows(builder: &mut SnapshotBuilder, organisation: &Organisation) -> Result<(), InvalidId> {
    for department in &organisation.departments {
        let manager = department.manager.as_deref().map(RecordKey::new).transpose()?;
        let (code, name) = (DepartmentCode::new(&department.code)?, department.name.clone());
        builder.department(Department { code, name, parent: None, manager });
    }
    organisation.employees.iter().try_for_each(|employee| person(builder, employee))
}

fn person(builder: &mut SnapshotBuilder, employee: &Employee) -> Result<(), InvalidId> {
    let key = RecordKey::new(&employee.key)?;
    let fields = fields(&[("given_name", &employee.given), ("family_name", &employee.family)])?;
    builder.person(PersonRow { key: key.clone(), zone: None, fields });
    for (number, line) in (1..).zip(&employee.lines) {
        let id = ContractId::new(&format!("{key}-{number}"))?;
        let Line { department, title, first, last } = line;
        let fields = self::fields(&[("department", department), ("title", title)])?;
        builder.contract(ContractRow {
            id,
            person: key.clone(),
            first_day: *first,
            last_day: *last,
            zone: None,
            fields,
        });
    }
    Ok(())
}

fn fields(named: &[(&str, &str)]) -> Result<Fields, InvalidId> {
    let mut fields = Fields::default();
    for (name, text) in named {
        fields.put(FieldName::new(name)?, Value::text(text));
    }
    Ok(fields)
}

#[async_trait]
impl SourceConnector for Hr {
    fn id(&self) -> &SourceId {
        &self.id
    }

    async fn read(&self, _: Option<&Cursor>) -> Result<Reading, PortError> {
        let failed = |error: String| PortError::new(PortErrorKind::Permanent, self.id.as_str(), &error);
        self.snapshot().map(Reading::Whole).map_err(failed)
    }
}
