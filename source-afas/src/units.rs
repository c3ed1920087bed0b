//! Organisational units, and the departments that they are.

use std::collections::{BTreeMap, BTreeSet};

use provisioning_core::source::Department;
use provisioning_core::{DepartmentCode, RecordKey};

use crate::connectors::Units;
use crate::row::Row;

/// The departments of the rows, and what could not be read of them.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Chart {
    pub(crate) departments: Vec<Department>,
    /// Units whose rows name more than one unit above, or more than one manager; neither counts.
    pub(crate) ambiguous: Vec<DepartmentCode>,
    /// How many rows have no code that can be used.
    pub(crate) nameless: usize,
}

/// What the rows of one unit say.
#[derive(Default)]
struct Said {
    names: BTreeSet<String>,
    parents: BTreeSet<Option<DepartmentCode>>,
    managers: BTreeSet<Option<RecordKey>>,
}

/// Reads the organisation chart; `person` gives the key of the person behind an employee code.
///
/// A unit may come in several rows, with different units above: which one counts is not known, so none does. Circles
/// are left as they are, since whoever walks upwards stops at one.
pub(crate) fn chart(rows: &[Row], units: &Units, person: impl Fn(&str) -> Option<RecordKey>) -> Chart {
    let mut chart = Chart::default();
    let mut said: BTreeMap<DepartmentCode, Said> = BTreeMap::new();
    for row in rows {
        let Some(code) = department(row, &units.code) else {
            chart.nameless += 1;
            continue;
        };
        let unit = said.entry(code).or_default();
        unit.names.extend(row.code(&units.name));
        unit.parents.insert(department(row, &units.parent));
        unit.managers.insert(row.code(&units.manager).and_then(|employee| person(&employee)));
    }
    for (code, said) in said {
        if said.parents.len() > 1 || said.managers.len() > 1 {
            chart.ambiguous.push(code.clone());
        }
        let name = said.names.into_iter().next().unwrap_or_else(|| code.as_str().to_owned());
        let (parent, manager) = (only(said.parents), only(said.managers));
        chart.departments.push(Department { code, name, parent, manager });
    }
    chart
}

fn department(row: &Row, column: &str) -> Option<DepartmentCode> {
    DepartmentCode::new(&row.code(column)?).ok()
}

/// The one thing that was said, unless several were.
fn only<T: Ord>(said: BTreeSet<Option<T>>) -> Option<T> {
    if said.len() == 1 { said.into_iter().next().flatten() } else { None }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value as Json, json};

    use super::*;

    fn read(rows: &Json) -> Chart {
        let rows: Vec<Row> = serde_json::from_value(rows.clone()).unwrap();
        chart(&rows, &Units::default(), |employee| RecordKey::new(employee).ok())
    }

    fn unit(code: &str, parent: &Json, manager: &Json) -> Json {
        let name = format!("Unit {code}");
        json!({"ExternalId": code, "DisplayName": name, "ParentExternalId": parent, "ManagerExternalId": manager})
    }

    fn shown(chart: &Chart) -> Vec<String> {
        let show = |unit: &Department| {
            let parent = unit.parent.as_ref().map_or("-", DepartmentCode::as_str);
            format!("{} {} {parent} {}", unit.code, unit.name, unit.manager.as_ref().map_or("-", RecordKey::as_str))
        };
        chart.departments.iter().map(show).collect()
    }

    #[test]
    fn a_root_has_null_or_empty_text_above_it() {
        let chart = read(&json!([
            unit("d2", &json!("d1"), &json!("0042")),
            unit("d1", &json!(""), &json!(null)),
            unit("d0", &json!(null), &json!(" ")),
        ]));
        assert_eq!(shown(&chart), ["d0 Unit d0 - -", "d1 Unit d1 - -", "d2 Unit d2 d1 0042"]);
        assert!(chart.ambiguous.is_empty());
    }

    #[test]
    fn a_unit_in_two_rows_is_one_and_what_they_do_not_agree_on_is_unknown() {
        let mut rows = vec![
            unit("d1", &json!(""), &json!("1")),
            unit("d1", &json!(""), &json!("1")),
            unit("d2", &json!("d1"), &json!("2")),
            unit("d2", &json!("d3"), &json!("2")),
            unit("d3", &json!("d1"), &json!("3")),
            unit("d3", &json!("d1"), &json!("4")),
        ];
        let expected = ["d1 Unit d1 - 1", "d2 Unit d2 - 2", "d3 Unit d3 d1 -"];
        let forwards = read(&json!(rows));
        rows.reverse();
        let backwards = read(&json!(rows));
        assert_eq!(shown(&forwards), expected);
        assert_eq!(forwards, backwards);
        assert_eq!(forwards.ambiguous.iter().map(DepartmentCode::as_str).collect::<Vec<_>>(), ["d2", "d3"]);
    }

    #[test]
    fn a_circle_stays_one_and_a_row_without_a_code_is_counted() {
        let chart = read(&json!([
            unit("d1", &json!("d2"), &json!(null)),
            unit("d2", &json!("d1"), &json!(null)),
            unit("", &json!(null), &json!(null)),
            {"ExternalId": "d3", "DisplayName": null, "ParentExternalId": null, "ManagerExternalId": null},
        ]));
        assert_eq!(shown(&chart), ["d1 Unit d1 d2 -", "d2 Unit d2 d1 -", "d3 d3 - -"]);
        assert_eq!(chart.nameless, 1);
    }

    #[test]
    fn a_manager_is_the_person_behind_the_employee_code() {
        let rows: Vec<Row> =
            serde_json::from_value(json!([unit("d1", &json!(""), &json!("E1")), unit("d2", &json!(""), &json!("E2"))]))
                .unwrap();
        let person = |employee: &str| (employee == "E1").then(|| RecordKey::new("1000001").unwrap());
        assert_eq!(shown(&chart(&rows, &Units::default(), person)), ["d1 Unit d1 - 1000001", "d2 Unit d2 - -"]);
    }
}
