//! A generated organisation in the terms of AFAS.

use super::environment::Environment;
use super::rows::{FunctionLine, Names, OrgUnit, PersonRow, Rows};
use super::state::NotThere;
use crate::organisation::{Department, Employee, Line, Organisation};

impl Rows {
    /// The rows of an organisation. Each line is a contract of its own; who manages a department has always done so.
    #[must_use]
    pub fn of(organisation: &Organisation) -> Self {
        let people = organisation.employees.iter().map(person).collect();
        Self { people, units: organisation.departments.iter().map(unit).collect() }
    }
}

impl Environment {
    /// Enters somebody of an organisation, with all lines.
    pub fn hire_employee(&self, employee: &Employee) {
        let (person, lines) = person(employee);
        self.hire(person, lines);
    }

    /// Enters one more line of somebody.
    ///
    /// # Errors
    ///
    /// When nobody has the key.
    pub fn write_line(&self, employee: &str, line: &Line) -> Result<(), NotThere> {
        let number = self.held().state.staff(employee).ok_or(NotThere::Employee)?.next_number();
        self.new_line(employee, function_line(employee, number, line))
    }

    /// Enters a department.
    pub fn found(&self, department: &Department) {
        self.new_unit(unit(department));
    }
}

fn unit(department: &Department) -> OrgUnit {
    let unit = OrgUnit::new(&department.code, &department.name);
    match &department.manager {
        Some(manager) => unit.led_by(manager, None),
        None => unit,
    }
}

fn person(employee: &Employee) -> (PersonRow, Vec<FunctionLine>) {
    let row = PersonRow {
        hire_date: employee.lines.iter().map(|line| line.first).min(),
        ..PersonRow::new(&employee.key, Names::new(&employee.given, &employee.family))
    };
    let lines = (1..).zip(&employee.lines).map(|(number, line)| function_line(&employee.key, number, line));
    (row, lines.collect())
}

fn function_line(employee: &str, number: i64, line: &Line) -> FunctionLine {
    FunctionLine::new(employee, number, line.first)
        .through(line.last)
        .in_unit(&line.department)
        .with_function(&line.title)
}
