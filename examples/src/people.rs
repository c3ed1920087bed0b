//! A source that reads people and contracts from JSON lines, plain or compressed with zstd.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{BufRead, BufReader, ErrorKind};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use async_trait::async_trait;
use chrono::NaiveDate;
use provisioning_core::source::{
    Changes, Completeness, ContractRow, Cursor, Defect, Department, Fingerprint, PersonRow, Reading, Snapshot,
    SnapshotBuilder,
};
use provisioning_core::{
    Clock, ContractId, DepartmentCode, FieldName, Fields, PortError, PortErrorKind, RecordKey, SourceConnector,
    SourceId, Value,
};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::error::Category;

/// People from a folder with `persons.jsonl`, `contracts.jsonl` and `departments.jsonl`, or the same with `.zst`.
///
/// First and last day of a contract are both inclusive, and no last day is open. Fields that are not named here are
/// passed over. While the files stay as they are, a second reading says that nothing changed. Errors name the file,
/// the line and what kind of fault it is, and nothing that stands there.
#[derive(Debug)]
pub struct PeopleFiles {
    id: SourceId,
    dir: PathBuf,
    clock: Arc<dyn Clock>,
    seen: Mutex<Seen>,
}

/// What readings have shown so far.
#[derive(Debug, Default)]
struct Seen {
    reads: u64,
    strangers: BTreeSet<RecordKey>,
}

/// A line of `persons.jsonl`.
#[derive(Deserialize)]
pub(crate) struct Person {
    pub(crate) id: String,
    pub(crate) first_name: Option<String>,
    pub(crate) last_name: Option<String>,
    birth_date: Option<String>,
}

/// A line of `contracts.jsonl`.
#[derive(Deserialize)]
pub(crate) struct Contract {
    pub(crate) person_id: String,
    seq: serde_json::Value,
    pub(crate) dept_code: Option<String>,
    pub(crate) title: Option<String>,
    start: Option<String>,
    end: Option<String>,
}

impl Contract {
    /// What tells it from the other contracts of the person, if it is text or a number.
    pub(crate) fn seq(&self) -> Option<String> {
        match &self.seq {
            serde_json::Value::String(text) => Some(text.trim().to_owned()).filter(|seq| !seq.is_empty()),
            serde_json::Value::Number(number) => Some(number.to_string()),
            serde_json::Value::Null
            | serde_json::Value::Bool(_)
            | serde_json::Value::Array(_)
            | serde_json::Value::Object(_) => None,
        }
    }

    /// The first day and the last, if they are days.
    pub(crate) fn days(&self) -> Option<(NaiveDate, Option<NaiveDate>)> {
        let last = self.end.as_deref().map(str::parse).transpose().ok()?;
        Some((self.start.as_deref()?.parse().ok()?, last))
    }
}

#[derive(Deserialize)]
struct DepartmentLine {
    code: String,
    name: String,
}

impl PeopleFiles {
    /// Reads from a folder.
    #[must_use]
    pub fn new(id: SourceId, dir: &Path, clock: Arc<dyn Clock>) -> Self {
        Self { id, dir: dir.to_owned(), clock, seen: Mutex::default() }
    }

    /// How often it was read.
    #[must_use]
    pub fn reads(&self) -> u64 {
        self.seen().reads
    }

    /// Those whom a contract names and no person's row: they are refused, and nobody knows whether they exist.
    #[must_use]
    pub fn strangers(&self) -> BTreeSet<RecordKey> {
        self.seen().strangers.clone()
    }

    /// Whether there is a file of this name.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.path(name).is_ok()
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Which files there are, how long and from when.
    fn stamp(&self) -> Result<String, String> {
        let mut stamp = String::new();
        for name in ["persons", "contracts", "departments"] {
            let (path, _) = self.path(name)?;
            let meta = path.metadata().map_err(|error| format!("`{}`: {error}", path.display()))?;
            let changed = meta.modified().ok().and_then(|time| time.duration_since(SystemTime::UNIX_EPOCH).ok());
            let nanos = changed.map_or(0, |time| time.as_nanos());
            stamp.extend([name, ":", &meta.len().to_string(), ":", &nanos.to_string(), ";"]);
        }
        Ok(stamp)
    }

    fn path(&self, name: &str) -> Result<(PathBuf, bool), String> {
        let plain = self.dir.join(format!("{name}.jsonl"));
        if plain.exists() {
            return Ok((plain, false));
        }
        let packed = self.dir.join(format!("{name}.jsonl.zst"));
        if packed.exists() {
            return Ok((packed, true));
        }
        Err(format!("there is neither `{}` nor the same with `.zst`", plain.display()))
    }

    /// Hands over each row of a file, which is known by its name without an extension.
    ///
    /// # Errors
    /// When there is no such file, or a line of it is not what it should be.
    pub fn lines<T: DeserializeOwned>(
        &self,
        name: &str,
        mut take: impl FnMut(T) -> Result<(), String>,
    ) -> Result<(), String> {
        let (path, is_packed) = self.path(name)?;
        let failed = |error: &dyn std::fmt::Display| format!("`{}`: {error}", path.display());
        let file = File::open(&path).map_err(|error| failed(&error))?;
        let reader: Box<dyn BufRead> = if is_packed {
            Box::new(BufReader::new(zstd::Decoder::new(file).map_err(|error| failed(&error))?))
        } else {
            Box::new(BufReader::new(file))
        };
        for (number, line) in (1..).zip(reader.lines()) {
            let line = line.map_err(|error| {
                if error.kind() == ErrorKind::UnexpectedEof {
                    failed(&"the file ends in the middle of its compressed content")
                } else if error.kind() == ErrorKind::InvalidData {
                    failed(&format!("line {number} is not UTF-8"))
                } else {
                    failed(&error)
                }
            })?;
            if line.starts_with('\u{feff}') {
                return Err(failed(&format!("line {number} begins with a byte-order mark; save the file without it")));
            }
            if !line.trim().is_empty() {
                let row = serde_json::from_str(&line);
                let row = row.map_err(|error| failed(&format!("line {number}, {}", fault(&error))))?;
                take(row).map_err(|error| failed(&format!("line {number}: {error}")))?;
            }
        }
        Ok(())
    }

    /// Reads all files.
    ///
    /// # Errors
    /// When one of them is not there, or a line of it is not what it should be.
    pub(crate) fn snapshot(&self) -> Result<Snapshot, String> {
        let fingerprint = Fingerprint(self.dir.display().to_string());
        let mut builder = SnapshotBuilder::new(self.id.clone(), fingerprint, self.clock.now());
        let names = Names::new()?;
        self.lines("departments", |line: DepartmentLine| {
            let code = DepartmentCode::new(&line.code).map_err(|_| unusable("code"))?;
            builder.department(Department { code, name: line.name, parent: None, manager: None });
            Ok(())
        })?;
        self.lines("persons", |line: Person| {
            let key = RecordKey::new(&line.id).map_err(|_| unusable("id"))?;
            let mut fields = Fields::default();
            put(&mut fields, &names.given, line.first_name.as_deref());
            put(&mut fields, &names.family, line.last_name.as_deref());
            put(&mut fields, &names.born, line.birth_date.as_deref());
            builder.person(PersonRow { key, zone: None, fields });
            Ok(())
        })?;
        self.lines("contracts", |line: Contract| contract(&mut builder, &names, &line))?;
        let snapshot = builder.finish(Completeness::EndSeen).map_err(|error| error.to_string())?;
        let nobody = snapshot.people().filter(|person| person.row.fields.is_empty());
        self.seen().strangers = nobody.map(|person| person.row.key.clone()).collect();
        Ok(snapshot)
    }

    fn reading(&self, since: Option<&Cursor>) -> Result<Reading, String> {
        let cursor = Cursor(self.stamp()?);
        if since == Some(&cursor) {
            return Ok(Reading::Changes(Changes {
                source: self.id.clone(),
                fingerprint: Fingerprint(self.dir.display().to_string()),
                taken_at: self.clock.now(),
                cursor,
                people: Vec::new(),
                removed: Vec::new(),
                departments: None,
            }));
        }
        Ok(Reading::Whole(self.snapshot()?.with_cursor(cursor)))
    }
}

/// The names of the fields, made once.
struct Names {
    given: FieldName,
    family: FieldName,
    born: FieldName,
    department: FieldName,
    title: FieldName,
}

impl Names {
    fn new() -> Result<Self, String> {
        let name = |text: &str| FieldName::new(text).map_err(|error| error.to_string());
        Ok(Self {
            given: name("given_name")?,
            family: name("family_name")?,
            born: name("birth_date")?,
            department: name("department")?,
            title: name("title")?,
        })
    }
}

fn put(fields: &mut Fields, name: &FieldName, text: Option<&str>) {
    fields.put(name.clone(), text.map_or(Value::Null, Value::text));
}

/// What is wrong with a line, without anything that stands in it.
fn fault(error: &serde_json::Error) -> String {
    let said = error.to_string();
    let missing = said.strip_prefix("missing field ").and_then(|rest| rest.split(" at line").next());
    let kind = match (error.classify(), missing) {
        (_, Some(field)) => format!("the field {field} is missing"),
        (Category::Data, None) => "a field is given twice or has another type than it should".to_owned(),
        (Category::Syntax | Category::Eof | Category::Io, None) => "not JSON".to_owned(),
    };
    format!("column {}: {kind}", error.column())
}

fn unusable(field: &str) -> String {
    format!("`{field}` is blank, begins or ends with white space, or holds a character that no id can hold")
}

fn contract(builder: &mut SnapshotBuilder, names: &Names, line: &Contract) -> Result<(), String> {
    let person = RecordKey::new(&line.person_id).map_err(|_| unusable("person_id"))?;
    let Some(seq) = line.seq() else {
        builder.defect(&person, Defect::new("a contract has a `seq` that is neither text nor a number"));
        return Ok(());
    };
    let id = ContractId::new(&format!("{person}/{seq}")).map_err(|_| unusable("seq"))?;
    let Some((first_day, last_day)) = line.days() else {
        builder.defect(&person, Defect::new(&format!("contract `{id}` has a start or an end that is no date")));
        return Ok(());
    };
    let mut fields = Fields::default();
    put(&mut fields, &names.department, line.dept_code.as_deref());
    put(&mut fields, &names.title, line.title.as_deref());
    builder.contract(ContractRow { id, person, first_day, last_day, zone: None, fields });
    Ok(())
}

#[async_trait]
impl SourceConnector for PeopleFiles {
    fn id(&self) -> &SourceId {
        &self.id
    }

    async fn read(&self, since: Option<&Cursor>) -> Result<Reading, PortError> {
        self.seen().reads += 1;
        self.reading(since).map_err(|error| PortError::new(PortErrorKind::Permanent, self.id.as_str(), &error))
    }
}
