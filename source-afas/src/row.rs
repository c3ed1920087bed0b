//! Rows of the connectors, and the people and contracts that they are.

use std::fmt;

use chrono::NaiveDate;
use chrono_tz::Tz;
use provisioning_core::source::{ContractRow, Defect, PersonRow};
use provisioning_core::{ContractId, Fields, RecordKey, Value};
use serde_json::{Map, Value as Json};

use crate::column::{Column, code, day};
use crate::connectors::{Employments, Mapping, Users};
use crate::names::put_last_name;

/// A row of a connector: values by column.
#[derive(Clone, PartialEq, serde::Deserialize)]
#[serde(transparent)]
pub(crate) struct Row(pub(crate) Map<String, Json>);

impl Row {
    pub(crate) fn value(&self, column: &str) -> Option<&Json> {
        self.0.get(column)
    }

    /// The key that a column holds, if it holds one.
    pub(crate) fn code(&self, column: &str) -> Option<String> {
        code(self.value(column))
    }

    fn key(&self, column: &str) -> Option<RecordKey> {
        RecordKey::new(&self.code(column)?).ok()
    }
}

/// Rows are personal data: only their number of columns shows.
impl fmt::Debug for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Row({})", self.0.len())
    }
}

/// What a row says of somebody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Told<T> {
    pub(crate) person: RecordKey,
    /// Nothing where the row cannot be used.
    pub(crate) row: Option<T>,
    pub(crate) defects: Vec<Defect>,
}

/// The person of a row; `None` where the row names nobody.
pub(crate) fn person(row: &Row, users: &Users, zone: Option<Tz>) -> Option<Told<PersonRow>> {
    let key = row.key(&users.person)?;
    let mut defects = Vec::new();
    let mut fields = read(row, &users.fields, "the person", &mut defects);
    put_last_name(&mut fields);
    Some(Told { person: key.clone(), row: Some(PersonRow { key, zone, fields }), defects })
}

/// The contract of a row; `None` where the row names nobody.
pub(crate) fn contract(row: &Row, employments: &Employments, zone: Option<Tz>) -> Option<Told<ContractRow>> {
    let person = row.key(&employments.person)?;
    match line(row, &person, employments, zone) {
        Ok(contract) => Some(Told { person, row: Some(contract), defects: Vec::new() }),
        Err(defects) => Some(Told { person, row: None, defects }),
    }
}

fn line(
    row: &Row,
    person: &RecordKey,
    employments: &Employments,
    zone: Option<Tz>,
) -> Result<ContractRow, Vec<Defect>> {
    let id = contract_id(row, &employments.key).map_err(|defect| vec![defect])?;
    let whose = format!("contract `{id}`");
    let mut defects = Vec::new();
    let first_day = first_day(row, employments, &whose).map_err(|defect| defects.push(defect));
    let mut last_day = last_day(row, &employments.last_day, &whose).map_err(|defect| defects.push(defect));
    if let Some(column) = employments.contract_last_day.as_ref().filter(|column| row.value(&column.name).is_some()) {
        let of_contract = self::last_day(row, &column.name, &whose).map_err(|defect| defects.push(defect));
        last_day = last_day.and_then(|line| of_contract.map(|contract| earlier(line, contract)));
    }
    let fields = read(row, &employments.fields, &whose, &mut defects);
    match (first_day, last_day) {
        (Ok(first_day), Ok(last_day)) if defects.is_empty() => {
            Ok(ContractRow { id, person: person.clone(), first_day, last_day, zone, fields })
        }
        _ => Err(defects),
    }
}

fn contract_id(row: &Row, key: &[String]) -> Result<ContractId, Defect> {
    let mut parts = Vec::with_capacity(key.len());
    for column in key {
        let part = row.code(column);
        parts.push(part.ok_or_else(|| Defect::new(&format!("a contract has no key in column `{column}`")))?);
    }
    ContractId::new(&parts.join("/")).map_err(|_| {
        Defect::new(&format!("a contract has a key that holds control characters, in `{}`", key.join("`, `")))
    })
}

/// The day of the line; where the line leaves it empty, that of its contract.
fn first_day(row: &Row, employments: &Employments, whose: &str) -> Result<NaiveDate, Defect> {
    let column = &employments.first_day;
    let own = row.value(column);
    let of_contract = employments.contract_first_day.as_ref().and_then(|column| row.value(&column.name));
    let value = if own.is_some_and(is_blank) { of_contract } else { own };
    value.and_then(day).ok_or_else(|| Defect::new(&format!("{whose} has no date in column `{column}`, its first day")))
}

fn is_blank(json: &Json) -> bool {
    json.is_null() || json.as_str().is_some_and(|text| text.trim().is_empty())
}

fn last_day(row: &Row, column: &str, whose: &str) -> Result<Option<NaiveDate>, Defect> {
    let defect = |what| Defect::new(&format!("{whose} has {what} column `{column}`, its last day"));
    match row.value(column) {
        None => Err(defect("no")),
        Some(value) if is_blank(value) => Ok(None),
        Some(value) => day(value).map(Some).ok_or_else(|| defect("something else than a date in")),
    }
}

fn earlier(one: Option<NaiveDate>, other: Option<NaiveDate>) -> Option<NaiveDate> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (one, other) => one.or(other),
    }
}

fn read(row: &Row, mapping: &Mapping, whose: &str, defects: &mut Vec<Defect>) -> Fields {
    let mut fields: Vec<(_, Value)> = Vec::new();
    for (field, column) in mapping.iter() {
        let Column { name, .. } = column;
        let Some(json) = row.value(name) else { continue };
        match column.value(json) {
            Ok(value) => fields.push((field.clone(), value)),
            Err(expected) => {
                defects.push(Defect::new(&format!("{whose} has something else than {expected} in column `{name}`")));
            }
        }
    }
    fields.into()
}

#[cfg(test)]
mod tests {
    use provisioning_core::FieldName;
    use serde_json::json;

    use super::*;
    use crate::connectors::Connectors;

    fn row(json: &Json) -> Row {
        serde_json::from_value(json.clone()).unwrap()
    }

    fn a_line() -> Json {
        json!({
            "ExternalID": "9F0C", "Medewerker": "000042", "Begindatum_functie": "2028-02-29T00:00:00Z",
            "Einddatum_functie": null, "Einddatum_contract": "", "Organisatorische_eenheid_code": "d001",
            "Functie_omschrijving": "Clerk", "Uren_per_week": "36.0",
        })
    }

    fn read_line(change: &Json) -> Told<ContractRow> {
        let mut line = a_line();
        for (column, value) in change.as_object().unwrap() {
            line[column] = value.clone();
        }
        contract(&row(&line), &Connectors::default().employments, None).unwrap()
    }

    #[test]
    fn a_person_keeps_leading_zeros_and_the_names_in_use() {
        let told = person(
            &row(&json!({
                "Medewerker": "000042", "Roepnaam": "Anna", "Voorvoegsel": "van der", "Geboortenaam": "Berg",
                "Geboortenaam_partner": "Vries", "Voorvoegsel_partner": "de", "Naamgebruik_code": "1",
                "Email_werk": null, "Telefoonnr_werk": "", "Gebruiker": "12345.ANNA",
            })),
            &Connectors::default().users,
            None,
        )
        .unwrap();
        assert!(told.defects.is_empty());
        let fields = told.row.unwrap().fields;
        let expected = [
            ("employee_number", "`000042`"),
            ("family_name", "`Berg`"),
            ("given_name", "`Anna`"),
            ("last_name", "`de Vries - van der Berg`"),
            ("mail", "nothing"),
            ("name_convention", "`PB`"),
            ("partner_name", "`Vries`"),
            ("partner_prefix", "`de`"),
            ("phone", "``"),
            ("prefix", "`van der`"),
        ];
        let read: Vec<_> = fields.iter().map(|(name, value)| (name.as_str(), value.to_string())).collect();
        assert_eq!(read, expected.map(|(name, value)| (name, value.to_owned())));
        assert_eq!(told.person.as_str(), "000042");
    }

    #[test]
    fn a_row_that_names_nobody_is_nobodys() {
        for key in [json!(null), json!(""), json!("a#b"), json!(1.5)] {
            let row = row(&json!({"Medewerker": key}));
            assert_eq!(person(&row, &Connectors::default().users, None), None);
            assert_eq!(contract(&row, &Connectors::default().employments, None), None);
        }
    }

    #[test]
    fn a_field_that_cannot_be_read_is_a_defect_that_does_not_show_it() {
        let mut users = Connectors::default().users;
        users.fields.set(FieldName::new("born").unwrap(), Column::date("Geboortedatum"));
        users.fields.leave_out("birth_date");
        let told = person(&row(&json!({"Medewerker": "1", "Geboortedatum": "planted"})), &users, None).unwrap();
        let defects: Vec<_> = told.defects.iter().map(ToString::to_string).collect();
        assert_eq!(defects, ["the person has something else than a date in column `Geboortedatum`"]);
        assert!(told.row.is_some());
    }

    #[test]
    fn a_line_ends_with_its_contract_at_the_latest() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        for (line, contract, expected) in [
            (json!(null), json!(null), None),
            (json!(""), json!(" "), None),
            (json!("2028-03-31T00:00:00Z"), json!(null), Some("2028-03-31")),
            (json!(null), json!("2028-03-31T00:00:00Z"), Some("2028-03-31")),
            (json!("2028-04-30T00:00:00Z"), json!("2028-03-31T00:00:00Z"), Some("2028-03-31")),
            (json!("2028-03-01T00:00:00Z"), json!("2028-03-31T00:00:00Z"), Some("2028-03-01")),
        ] {
            let told = read_line(&json!({"Einddatum_functie": line, "Einddatum_contract": contract}));
            assert_eq!(told.row.unwrap().last_day, expected.map(day), "{line} {contract}");
        }
        let contract = read_line(&json!({})).row.unwrap();
        assert_eq!((contract.first_day, contract.id.as_str()), (day("2028-02-29"), "9F0C"));
        assert_eq!(contract.fields.text("department"), Some("d001"));
        assert_eq!(contract.fields.value("hours"), Some(&Value::Number(36.into())));
    }

    #[test]
    fn a_line_without_a_first_day_starts_with_its_contract() {
        let contract = json!("2028-02-01T00:00:00Z");
        for (line, expected) in
            [(json!(null), "2028-02-01"), (json!(""), "2028-02-01"), (json!("2028-02-29"), "2028-02-29")]
        {
            let told = read_line(&json!({"Begindatum_functie": line, "Begindatum_contract": contract}));
            assert_eq!(told.row.unwrap().first_day, expected.parse().unwrap(), "{line}");
        }
        let told = read_line(&json!({"Begindatum_functie": "planted", "Begindatum_contract": contract}));
        assert_eq!((told.row, told.defects.len()), (None, 1));
    }

    #[test]
    fn a_line_that_cannot_be_read_is_a_defect_of_its_person() {
        for (change, expected) in [
            (json!({"ExternalID": ""}), "a contract has no key in column `ExternalID`"),
            (json!({"ExternalID": "a\u{7}b"}), "a contract has a key that holds control characters, in `ExternalID`"),
            (
                json!({"Begindatum_functie": "planted"}),
                "contract `9F0C` has no date in column `Begindatum_functie`, its first day",
            ),
            (
                json!({"Begindatum_functie": null}),
                "contract `9F0C` has no date in column `Begindatum_functie`, its first day",
            ),
            (
                json!({"Einddatum_functie": "planted"}),
                "contract `9F0C` has something else than a date in column `Einddatum_functie`, its last day",
            ),
            (
                json!({"Einddatum_contract": "planted"}),
                "contract `9F0C` has something else than a date in column `Einddatum_contract`, its last day",
            ),
            (
                json!({"Uren_per_week": "planted"}),
                "contract `9F0C` has something else than a number in column `Uren_per_week`",
            ),
        ] {
            let told = read_line(&change);
            assert_eq!((told.person.as_str(), told.row), ("000042", None));
            assert_eq!(told.defects.iter().map(ToString::to_string).collect::<Vec<_>>(), [expected]);
        }
    }

    #[test]
    fn a_line_without_the_column_of_its_last_day_is_not_open() {
        let mut line = a_line();
        line.as_object_mut().unwrap().remove("Einddatum_functie");
        let told = contract(&row(&line), &Connectors::default().employments, None).unwrap();
        let defects: Vec<_> = told.defects.iter().map(ToString::to_string).collect();
        assert_eq!(defects, ["contract `9F0C` has no column `Einddatum_functie`, its last day"]);
    }

    #[test]
    fn several_columns_make_one_key() {
        let mut employments = Connectors::default().employments;
        employments.key = vec!["Medewerker".to_owned(), "Volgnummer_contract".to_owned()];
        let mut line = a_line();
        line["Volgnummer_contract"] = json!(3);
        let told = contract(&row(&line), &employments, None).unwrap();
        assert_eq!(told.row.unwrap().id.as_str(), "000042/3");
    }

    #[test]
    fn debug_shows_no_value() {
        assert_eq!(format!("{:?}", row(&json!({"Roepnaam": "planted"}))), "Row(1)");
    }
}
