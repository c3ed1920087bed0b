//! People from files in JSON lines: persons, contracts, departments and who manages them.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};

use chrono::NaiveDate;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::rows::{FunctionLine, Leader, Names, OrgUnit, PersonRow, Rows};

/// A line of `persons.jsonl`.
#[derive(Deserialize)]
pub struct PersonLine {
    /// The code of the employee.
    pub id: String,
    /// The name by which the person is called.
    pub first_name: Option<String>,
    /// The surname. It is taken as it stands, without a look for a prefix.
    pub last_name: Option<String>,
    /// The day of birth.
    pub birth_date: Option<NaiveDate>,
    /// `M` or `F`.
    pub gender: Option<String>,
    /// The day on which the person came into service, which may lie before the first contract.
    pub hire_date: Option<NaiveDate>,
}

/// A line of `contracts.jsonl`.
#[derive(Debug, Deserialize)]
pub struct ContractEntry {
    /// The code of the employee.
    pub person_id: String,
    /// The number of the contract among those of the person.
    pub seq: i64,
    /// The code of the department.
    pub dept_code: Option<String>,
    /// The function.
    pub title: Option<String>,
    /// The code of the manager on the first day.
    pub manager_id: Option<String>,
    /// The first day.
    pub start: NaiveDate,
    /// The last day, inclusive; `None` is open.
    pub end: Option<NaiveDate>,
}

/// A line of `departments.jsonl`.
#[derive(Debug, Deserialize)]
pub struct DepartmentEntry {
    /// The code.
    pub code: String,
    /// The name.
    pub name: String,
}

/// A line of `managers.jsonl`.
#[derive(Debug, Deserialize)]
pub struct ManagerEntry {
    /// The code of the department.
    pub dept_code: String,
    /// The code of the employee who manages it.
    pub manager_id: String,
    /// The first day.
    pub start: NaiveDate,
    /// The last day, inclusive; `None` is open.
    pub end: Option<NaiveDate>,
}

impl std::fmt::Debug for PersonLine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PersonLine").field("id", &self.id).finish_non_exhaustive()
    }
}

/// A folder that cannot be loaded.
#[derive(Debug, thiserror::Error)]
pub enum FolderError {
    /// A file cannot be read.
    #[error("cannot read `{}`: {source}; is it the folder with persons.jsonl, contracts.jsonl, departments.jsonl and managers.jsonl", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
    /// A line is not what it should be. What stands in it is not shown.
    #[error("line {line} of `{}`, column {column}: not what this file should hold", path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// The number of the line.
        line: usize,
        /// The column.
        column: usize,
    },
}

impl Rows {
    /// Rows from parsed files. A contract becomes a contract line with one function line of the same days; contracts of
    /// nobody among the persons are left out.
    pub fn from_files(
        persons: impl IntoIterator<Item = PersonLine>,
        contracts: impl IntoIterator<Item = ContractEntry>,
        departments: impl IntoIterator<Item = DepartmentEntry>,
        managers: impl IntoIterator<Item = ManagerEntry>,
    ) -> Self {
        let mut leaders: BTreeMap<String, Vec<Leader>> = BTreeMap::new();
        for ManagerEntry { dept_code, manager_id, start, end } in managers {
            leaders.entry(dept_code).or_default().push(Leader { employee: manager_id, first: Some(start), last: end });
        }
        let unit = |DepartmentEntry { code, name }| {
            let leaders = leaders.remove(&code).unwrap_or_default();
            OrgUnit { leaders, ..OrgUnit::new(&code, &name) }
        };
        let units = departments.into_iter().map(unit).collect();
        let mut lines: BTreeMap<String, Vec<FunctionLine>> = BTreeMap::new();
        for contract in contracts {
            let line = line(&contract);
            lines.entry(contract.person_id).or_default().push(line);
        }
        let with_lines = |line: PersonLine| {
            let row = person(line);
            let lines = lines.remove(&row.employee).unwrap_or_default();
            (row, lines)
        };
        Self { people: persons.into_iter().map(with_lines).collect(), units }
    }

    /// Rows from a folder with `persons.jsonl`, `contracts.jsonl`, `departments.jsonl` and `managers.jsonl`.
    ///
    /// # Errors
    ///
    /// When a file cannot be read, or holds something else.
    pub fn from_folder(folder: &Path) -> Result<Self, FolderError> {
        let file = |name: &str| folder.join(name);
        Ok(Self::from_files(
            lines(&file("persons.jsonl"))?,
            lines(&file("contracts.jsonl"))?,
            lines(&file("departments.jsonl"))?,
            lines(&file("managers.jsonl"))?,
        ))
    }
}

fn person(line: PersonLine) -> PersonRow {
    let mut names = Names::new(&line.first_name.unwrap_or_default(), "");
    names.birth = line.last_name.unwrap_or_default();
    let gender = line.gender.map(|gender| if gender == "F" { "V".to_owned() } else { gender });
    PersonRow { gender, birth_date: line.birth_date, hire_date: line.hire_date, ..PersonRow::new(&line.id, names) }
}

fn line(contract: &ContractEntry) -> FunctionLine {
    let line = FunctionLine::new(&contract.person_id, contract.seq, contract.start).through(contract.end);
    let line = match &contract.title {
        Some(title) => line.with_function(title),
        None => line,
    };
    FunctionLine { unit: contract.dept_code.clone(), manager: contract.manager_id.clone(), ..line }
}

fn lines<T: DeserializeOwned>(path: &Path) -> Result<Vec<T>, FolderError> {
    let unreadable = |source| FolderError::Unreadable { path: path.to_owned(), source };
    let file = File::open(path).map_err(unreadable)?;
    let mut rows = Vec::new();
    for (number, line) in (1..).zip(BufReader::new(file).lines()) {
        let line = line.map_err(unreadable)?;
        if !line.trim().is_empty() {
            let malformed = |error: serde_json::Error| FolderError::Malformed {
                path: path.to_owned(),
                line: number,
                column: error.column(),
            };
            rows.push(serde_json::from_str(&line).map_err(malformed)?);
        }
    }
    Ok(rows)
}
