//! Who and what an environment holds, and what HR does with it.

use std::collections::HashMap;
use std::fmt;

use chrono::{Days, NaiveDate};

use super::rows::{FunctionLine, Leader, OrgUnit, PersonRow, Rows};

/// An employee with the function lines, in the order in which HR wrote them.
#[derive(Debug)]
pub(super) struct Staff {
    pub(super) row: PersonRow,
    pub(super) lines: Vec<FunctionLine>,
}

/// Nobody, or nothing, has the code that HR named.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotThere {
    /// No employee has it.
    #[error("no employee has that code; hire the employee first")]
    Employee,
    /// The employee has no function line.
    #[error("the employee has no function line to change; enter one first")]
    Line,
    /// No unit has it.
    #[error("no organisational unit has that code; enter the unit first")]
    Unit,
}

/// Everybody and everything in an environment.
#[derive(Default)]
pub(super) struct State {
    people: Vec<Staff>,
    units: Vec<OrgUnit>,
    places: HashMap<String, usize>,
    unit_places: HashMap<String, usize>,
}

impl State {
    pub(super) fn of(rows: Rows) -> Self {
        let mut state = Self::default();
        rows.units.into_iter().for_each(|unit| state.enter_unit(unit));
        rows.people.into_iter().for_each(|(row, lines)| state.hire(row, lines));
        state
    }

    pub(super) fn people(&self) -> &[Staff] {
        &self.people
    }

    pub(super) fn units(&self) -> &[OrgUnit] {
        &self.units
    }

    pub(super) fn staff(&self, employee: &str) -> Option<&Staff> {
        self.people.get(*self.places.get(employee)?)
    }

    pub(super) fn unit(&self, code: &str) -> Option<&OrgUnit> {
        self.units.get(*self.unit_places.get(code)?)
    }

    /// Enters somebody. Where a code is there already, the first that has it goes on to be the one that others name.
    pub(super) fn hire(&mut self, row: PersonRow, lines: Vec<FunctionLine>) {
        self.places.entry(row.employee.clone()).or_insert(self.people.len());
        self.people.push(Staff { row, lines });
    }

    /// Enters a unit. The same code may stand in two places of the chart.
    pub(super) fn enter_unit(&mut self, unit: OrgUnit) {
        self.unit_places.entry(unit.code.clone()).or_insert(self.units.len());
        self.units.push(unit);
    }

    pub(super) fn staff_mut(&mut self, employee: &str) -> Result<&mut Staff, NotThere> {
        let place = self.places.get(employee).ok_or(NotThere::Employee)?;
        self.people.get_mut(*place).ok_or(NotThere::Employee)
    }

    pub(super) fn unit_mut(&mut self, code: &str) -> Result<&mut OrgUnit, NotThere> {
        let place = self.unit_places.get(code).ok_or(NotThere::Unit)?;
        self.units.get_mut(*place).ok_or(NotThere::Unit)
    }

    /// Deletes all rows of an employee.
    pub(super) fn remove(&mut self, employee: &str) -> Result<(), NotThere> {
        if !self.places.contains_key(employee) {
            return Err(NotThere::Employee);
        }
        self.people.retain(|staff| staff.row.employee != employee);
        self.places.clear();
        for (place, staff) in self.people.iter().enumerate() {
            self.places.entry(staff.row.employee.clone()).or_insert(place);
        }
        Ok(())
    }
}

impl Staff {
    /// The newest line through a last day; its contract ends with it.
    pub(super) fn end(&mut self, last: Option<NaiveDate>) -> Result<(), NotThere> {
        let line = self.lines.pop().ok_or(NotThere::Line)?;
        self.lines.push(line.through(last));
        Ok(())
    }

    /// A line like the newest one, from a day on, which ends that one the day before. Its number is the next.
    pub(super) fn next_line(&mut self, first: NaiveDate) -> Result<FunctionLine, NotThere> {
        let newest = self.lines.last().ok_or(NotThere::Line)?.clone();
        let number = self.next_number();
        self.end(first.checked_sub_days(Days::new(1)))?;
        let fresh = FunctionLine::new(&self.row.employee, number, first);
        Ok(FunctionLine {
            id: fresh.id,
            contract: fresh.contract,
            first: fresh.first,
            last: None,
            manager: None,
            ..newest
        })
    }

    pub(super) fn next_number(&self) -> i64 {
        self.lines.iter().map(|line| line.contract.number).max().unwrap_or_default() + 1
    }
}

impl OrgUnit {
    /// Somebody leads from a day on; who did before does so through the day before.
    pub(super) fn change_leader(&mut self, employee: &str, first: NaiveDate) {
        for leader in self.leaders.iter_mut().filter(|leader| leader.last.is_none_or(|last| last >= first)) {
            leader.last = first.checked_sub_days(Days::new(1));
        }
        self.leaders.push(Leader { employee: employee.to_owned(), first: Some(first), last: None });
    }
}

impl fmt::Debug for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "State({} people, {} units)", self.people.len(), self.units.len())
    }
}
