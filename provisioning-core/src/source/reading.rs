//! One reading of one source, complete or not at all.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

use crate::digest::{Digest, digest_of};
use crate::id::{ContractId, DepartmentCode, RecordKey, SourceId};
use crate::value::Fields;

/// A person as a source gives it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PersonRow {
    /// The person's key in the source.
    pub key: RecordKey,
    /// The zone whose civil days count for the person; without one the organisation's.
    pub zone: Option<Tz>,
    /// Everything else, by name.
    pub fields: Fields,
}

/// A contract as a source gives it; its dates are not judged here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContractRow {
    /// The contract's key in the source.
    pub id: ContractId,
    /// The person it belongs to.
    pub person: RecordKey,
    /// The first day of it.
    pub first_day: NaiveDate,
    /// The last day of it, inclusive; `None` is open.
    pub last_day: Option<NaiveDate>,
    /// The zone whose civil days count for it; without one the person's.
    pub zone: Option<Tz>,
    /// Everything else, by name; the department's code is the field `department`.
    pub fields: Fields,
}

/// A department as a source gives it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Department {
    /// Its stable code.
    pub code: DepartmentCode,
    /// Its name, which may change.
    pub name: String,
    /// The department above it.
    pub parent: Option<DepartmentCode>,
    /// The key of its manager.
    pub manager: Option<RecordKey>,
}

/// The departments of one source by code.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Departments(BTreeMap<DepartmentCode, Department>);

impl Departments {
    /// The department with a code.
    #[must_use]
    pub fn by_code(&self, code: &str) -> Option<&Department> {
        DepartmentCode::new(code).ok().and_then(|code| self.0.get(&code))
    }

    /// All departments in order of code.
    pub fn iter(&self) -> impl Iterator<Item = &Department> {
        self.0.values()
    }

    /// The department, the one above it and so on; a circle ends where it would start again.
    pub fn upwards<'a>(&'a self, code: &str) -> impl Iterator<Item = &'a Department> {
        let mut seen = BTreeSet::new();
        let mut next = self.by_code(code);
        std::iter::from_fn(move || {
            let here = next.filter(|department| seen.insert(&department.code))?;
            next = here.parent.as_ref().and_then(|parent| self.0.get(parent));
            Some(here)
        })
    }

    /// The managers to look up to from a department, nearest first: its own, then those above it, each once.
    #[must_use]
    pub fn managers<'a>(&'a self, code: &str) -> Vec<&'a RecordKey> {
        let mut found: Vec<&RecordKey> = Vec::new();
        for manager in self.upwards(code).filter_map(|department| department.manager.as_ref()) {
            if !found.contains(&manager) {
                found.push(manager);
            }
        }
        found
    }

    /// The codes of departments that are not the same in `other`, or that lie below one that is not.
    #[must_use]
    pub fn differing(&self, other: &Self) -> BTreeSet<DepartmentCode> {
        let all = || self.0.keys().chain(other.0.keys());
        let changed: BTreeSet<&DepartmentCode> = all().filter(|code| self.0.get(*code) != other.0.get(*code)).collect();
        let is_below = |code: &&DepartmentCode| {
            let mut above = self.upwards(code.as_str()).chain(other.upwards(code.as_str()));
            above.any(|department| changed.contains(&department.code))
        };
        if changed.is_empty() { BTreeSet::new() } else { all().filter(is_below).cloned().collect() }
    }
}

impl FromIterator<Department> for Departments {
    fn from_iter<I: IntoIterator<Item = Department>>(departments: I) -> Self {
        Self(departments.into_iter().map(|department| (department.code.clone(), department)).collect())
    }
}

/// Something wrong with the rows of one person.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Defect(String);

impl Defect {
    /// A defect, as a sentence without personal data: which row or field, and what is wrong with it.
    #[must_use]
    pub fn new(what: &str) -> Self {
        Self(what.to_owned())
    }
}

impl fmt::Display for Defect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// All that one reading says of one person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourcePerson {
    /// The person.
    pub row: PersonRow,
    /// The contracts in order of id.
    pub contracts: Vec<ContractRow>,
    /// What is wrong with the rows; a person with a defect is not used.
    pub defects: Vec<Defect>,
}

/// Which environment a source's data come from; it is pinned by the first accepted reading.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fingerprint(pub String);

/// Where a source wants to go on reading; opaque to everybody else.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cursor(pub String);

/// The hash of what a reading says, whatever the order of its rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ReadingHash(pub Digest);

impl fmt::Display for ReadingHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// What a source gives when it is read.
#[derive(Debug, Clone)]
pub enum Reading {
    /// Everybody.
    Whole(Snapshot),
    /// What changed since a cursor, proven complete by the source; often nothing.
    Changes(Changes),
}

/// One complete reading of one source.
#[derive(Debug, Clone)]
pub struct Snapshot {
    pub(super) source: SourceId,
    pub(super) fingerprint: Fingerprint,
    pub(super) taken_at: DateTime<Utc>,
    pub(super) cursor: Option<Cursor>,
    pub(super) people: BTreeMap<RecordKey, SourcePerson>,
    pub(super) departments: Departments,
    pub(super) hash: ReadingHash,
}

impl Snapshot {
    /// Gives the cursor from which the source can tell changes.
    #[must_use]
    pub fn with_cursor(mut self, cursor: Cursor) -> Self {
        self.cursor = Some(cursor);
        self
    }

    /// The source that was read.
    #[must_use]
    pub fn source(&self) -> &SourceId {
        &self.source
    }

    /// The instant that the reading speaks of.
    #[must_use]
    pub fn taken_at(&self) -> DateTime<Utc> {
        self.taken_at
    }

    /// The departments.
    #[must_use]
    pub fn departments(&self) -> &Departments {
        &self.departments
    }

    /// The people, in order of key.
    pub fn people(&self) -> impl Iterator<Item = &SourcePerson> {
        self.people.values()
    }

    /// The hash of the content.
    #[must_use]
    pub fn hash(&self) -> ReadingHash {
        self.hash
    }

    /// The cursor from which the source can tell changes, if it can.
    #[must_use]
    pub fn cursor(&self) -> Option<&Cursor> {
        self.cursor.as_ref()
    }
}

/// What changed in a source since a cursor.
///
/// A source may give this only where the other side proves it complete: everybody who is not named is as before, and
/// whoever was missing is missing still.
#[derive(Debug, Clone)]
pub struct Changes {
    /// The source.
    pub source: SourceId,
    /// The environment that the data come from.
    pub fingerprint: Fingerprint,
    /// The instant that the reading speaks of.
    pub taken_at: DateTime<Utc>,
    /// Where to go on.
    pub cursor: Cursor,
    /// People who are new or changed, each with all contracts.
    pub people: Vec<SourcePerson>,
    /// People who are no longer there.
    pub removed: Vec<RecordKey>,
    /// All departments, where any of them changed.
    pub departments: Option<Departments>,
}

/// How a connector knows that it has read everything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Completeness {
    /// The source itself marked the end: a last page, an absent next link, the end of a file.
    EndSeen,
    /// The source said beforehand how many persons there are.
    Persons(usize),
    /// The source said beforehand how many persons and contracts there are.
    Rows {
        /// Rows of persons, repeated ones included.
        persons: usize,
        /// Rows of contracts, repeated ones included.
        contracts: usize,
    },
}

/// A reading is not complete, so it is none.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the reading is incomplete: {what} announced {announced} and gave {given}; read again from the start")]
pub struct Incomplete {
    what: &'static str,
    announced: usize,
    given: usize,
}

/// Gathers rows into a [`Snapshot`].
///
/// Two identical rows are one; the same key with other data is a defect of that person, as is a contract without its
/// person. Nothing becomes a snapshot before [`finish`](Self::finish) is told how the reading is known to be complete.
#[derive(Debug, Clone)]
pub struct SnapshotBuilder {
    source: SourceId,
    fingerprint: Fingerprint,
    taken_at: DateTime<Utc>,
    persons: BTreeMap<RecordKey, PersonRow>,
    contracts: BTreeMap<ContractId, ContractRow>,
    defects: BTreeMap<RecordKey, BTreeSet<Defect>>,
    departments: Vec<Department>,
    person_rows: usize,
    contract_rows: usize,
}

impl SnapshotBuilder {
    /// Starts a reading of `source` that speaks of the instant `taken_at`.
    #[must_use]
    pub fn new(source: SourceId, fingerprint: Fingerprint, taken_at: DateTime<Utc>) -> Self {
        Self {
            source,
            fingerprint,
            taken_at,
            persons: BTreeMap::new(),
            contracts: BTreeMap::new(),
            defects: BTreeMap::new(),
            departments: Vec::new(),
            person_rows: 0,
            contract_rows: 0,
        }
    }

    /// Takes a row of a person.
    pub fn person(&mut self, row: PersonRow) {
        self.person_rows += 1;
        match self.persons.get(&row.key) {
            Some(earlier) if *earlier != row => {
                let replaces = comes_before(&row, earlier);
                self.defect(&row.key, Defect::new("two rows of the person with the same key say different things"));
                if replaces {
                    self.persons.insert(row.key.clone(), row);
                }
            }
            Some(_) => {}
            None => {
                self.persons.insert(row.key.clone(), row);
            }
        }
    }

    /// Takes a row of a contract; it may come before its person.
    pub fn contract(&mut self, row: ContractRow) {
        self.contract_rows += 1;
        match self.contracts.get(&row.id) {
            Some(earlier) if *earlier != row => {
                let defect = Defect::new(&format!("two rows of contract `{}` say different things", row.id));
                let other = earlier.person.clone();
                let replaces = comes_before(&row, earlier);
                self.defect(&other, defect.clone());
                self.defect(&row.person, defect);
                if replaces {
                    self.contracts.insert(row.id.clone(), row);
                }
            }
            Some(_) => {}
            None => {
                self.contracts.insert(row.id.clone(), row);
            }
        }
    }

    /// Takes a department; of two that say different things of one code, one counts, whichever comes first.
    pub fn department(&mut self, department: Department) {
        self.departments.push(department);
    }

    /// Notes that a row of this person could not be read.
    pub fn defect(&mut self, person: &RecordKey, defect: Defect) {
        self.defects.entry(person.clone()).or_default().insert(defect);
    }

    /// Ends the reading.
    ///
    /// # Errors
    /// When the source announced another number of rows than it gave.
    pub fn finish(mut self, proof: Completeness) -> Result<Snapshot, Incomplete> {
        let check = |what, announced, given| {
            if announced == given { Ok(()) } else { Err(Incomplete { what, announced, given }) }
        };
        match proof {
            Completeness::EndSeen => {}
            Completeness::Persons(persons) => check("persons", persons, self.person_rows)?,
            Completeness::Rows { persons, contracts } => {
                check("persons", persons, self.person_rows)?;
                check("contracts", contracts, self.contract_rows)?;
            }
        }
        let mut people: BTreeMap<RecordKey, SourcePerson> = BTreeMap::new();
        for (key, row) in std::mem::take(&mut self.persons) {
            people.insert(key, SourcePerson { row, contracts: Vec::new(), defects: Vec::new() });
        }
        for (id, contract) in std::mem::take(&mut self.contracts) {
            let owner = contract.person.clone();
            if let Some(person) = people.get_mut(&owner) {
                person.contracts.push(contract);
            } else {
                self.defect(&owner, Defect::new(&format!("contract `{id}` has no person")));
            }
        }
        for (key, defects) in self.defects {
            let nobody = || PersonRow { key: key.clone(), zone: None, fields: Fields::default() };
            let person = people.entry(key.clone()).or_insert_with(|| SourcePerson {
                row: nobody(),
                contracts: Vec::new(),
                defects: Vec::new(),
            });
            person.defects = defects.into_iter().collect();
        }
        self.departments.sort_by_cached_key(digest_of);
        let departments: Departments = self.departments.into_iter().collect();
        let content = (&self.source, &self.fingerprint, people.values().collect::<Vec<_>>(), &departments);
        let hash = ReadingHash(digest_of(&content));
        Ok(Snapshot {
            source: self.source,
            fingerprint: self.fingerprint,
            taken_at: self.taken_at,
            cursor: None,
            people,
            departments,
            hash,
        })
    }
}

/// Which of two rows that contradict each other is kept, so that it does not depend on their order.
fn comes_before<T: Serialize>(row: &T, other: &T) -> bool {
    digest_of(row) < digest_of(other)
}
