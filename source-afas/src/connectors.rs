//! Which `GetConnectors` are read, and which of their columns say what.

use std::collections::BTreeMap;

use provisioning_core::FieldName;

use crate::column::{Column, Presence};

/// The three `GetConnectors` and their columns. The default are those that Tools4ever publishes for `HelloID`
/// (`T4E_HelloID_..._v2.gcn`), which many AFAS environments have already.
///
/// ```
/// use provisioning_core::FieldName;
/// use source_afas::{Column, Connectors};
///
/// let mut connectors = Connectors::default();
/// connectors.users.connector = "Personen".to_owned();
/// connectors.users.fields.set(FieldName::new("building")?, Column::text("Gebouw"));
/// connectors.employments.fields.set(FieldName::new("title")?, Column::text("Functietitel"));
/// # Ok::<(), provisioning_core::InvalidId>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Connectors {
    /// One row a person.
    pub users: Users,
    /// One row for each function line, which is a contract here.
    pub employments: Employments,
    /// One row for each organisational unit, which is a department here.
    pub units: Units,
}

/// The `GetConnector` of people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Users {
    /// Its name.
    pub connector: String,
    /// The column with the key of the person.
    pub person: String,
    /// The column with the code of the employee, by which the organisation chart names managers.
    pub employee: String,
    /// The fields `person.*`.
    pub fields: Mapping,
}

/// The `GetConnector` of function lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Employments {
    /// Its name.
    pub connector: String,
    /// The columns that together are the key of a line; more than one are joined by `/`.
    pub key: Vec<String>,
    /// The column with the key of the person.
    pub person: String,
    /// The column with the first day.
    pub first_day: String,
    /// The column with the first day of the contract that the line belongs to, if there is one: it counts for a line
    /// without a first day of its own.
    pub contract_first_day: Option<Column>,
    /// The column with the last day, inclusive; null or empty is open.
    pub last_day: String,
    /// The column with the last day of the contract that the line belongs to, if there is one: the earlier day counts,
    /// since AFAS does not end the lines of somebody who leaves.
    pub contract_last_day: Option<Column>,
    /// The fields `contract.*`.
    pub fields: Mapping,
}

/// The `GetConnector` of organisational units.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Units {
    /// Its name.
    pub connector: String,
    /// The column with the code.
    pub code: String,
    /// The column with the name.
    pub name: String,
    /// The column with the code of the unit above; null or empty at the root.
    pub parent: String,
    /// The column with the employee code of the manager.
    pub manager: String,
}

/// Fields by name, and the column that each comes from.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Mapping(BTreeMap<FieldName, Column>);

impl Mapping {
    /// A field comes from this column, instead of another one that it may have come from.
    pub fn set(&mut self, field: FieldName, column: Column) {
        self.0.insert(field, column);
    }

    /// A field is not read.
    pub fn leave_out(&mut self, field: &str) {
        self.0.remove(field);
    }

    /// All fields in order of name.
    pub fn iter(&self) -> impl Iterator<Item = (&FieldName, &Column)> {
        self.0.iter()
    }

    /// Fields of a connector that is known; it may lack each of the columns.
    fn known(fields: &[(&str, Column)]) -> Self {
        let named = |(field, column): &(&str, Column)| Some((FieldName::new(field).ok()?, column.clone().or_absent()));
        Self(fields.iter().filter_map(named).collect())
    }
}

impl Connectors {
    /// The same with people known by `Persoonsnummer`, which is one number also for a person with several employee
    /// codes, instead of by `Medewerker`. The field `employee_number` is left out, since it is not one then.
    #[must_use]
    pub fn keyed_by_person_number(mut self) -> Self {
        "Persoonsnummer".clone_into(&mut self.users.person);
        "Persoonsnummer".clone_into(&mut self.employments.person);
        self.users.fields.leave_out("employee_number");
        if let Ok(manager) = FieldName::new("manager") {
            self.employments.fields.set(manager, Column::code("Persoonsnummer_leidinggevende").or_absent());
        }
        self
    }
}

impl Default for Users {
    fn default() -> Self {
        Self {
            connector: "T4E_HelloID_Users_v2".to_owned(),
            person: "Medewerker".to_owned(),
            employee: "Medewerker".to_owned(),
            fields: Mapping::known(&[
                ("birth_date", Column::date("Geboortedatum")),
                ("display_name", Column::text("DisplayName")),
                ("employee_number", Column::code("Medewerker")),
                ("family_name", Column::text("Geboortenaam")),
                ("first_name", Column::text("Voornaam")),
                ("given_name", Column::text("Roepnaam")),
                ("initials", Column::text("Voorletters")),
                ("mail", Column::text("Email_werk")),
                ("mobile", Column::text("Mobielnr_werk")),
                ("name_convention", Column::name_use("Naamgebruik_code")),
                ("partner_name", Column::text("Geboortenaam_partner")),
                ("partner_prefix", Column::text("Voorvoegsel_partner")),
                ("person_number", Column::code("Persoonsnummer")),
                ("phone", Column::text("Telefoonnr_werk")),
                ("prefix", Column::text("Voorvoegsel")),
            ]),
        }
    }
}

impl Default for Employments {
    fn default() -> Self {
        Self {
            connector: "T4E_HelloID_Employments_v2".to_owned(),
            key: vec!["ExternalID".to_owned()],
            person: "Medewerker".to_owned(),
            first_day: "Begindatum_functie".to_owned(),
            contract_first_day: Some(Column::date("Begindatum_contract").or_absent()),
            last_day: "Einddatum_functie".to_owned(),
            contract_last_day: Some(Column::date("Einddatum_contract").or_absent()),
            fields: Mapping::known(&[
                ("contract_type", Column::text("Type_contract")),
                ("cost_centre", Column::code("Kostenplaats_code")),
                ("department", Column::code("Organisatorische_eenheid_code")),
                ("employer", Column::code("Werkgever_code")),
                ("employment", Column::code("Dienstverband")),
                ("fte", Column::number("FTE")),
                ("hours", Column::number("Uren_per_week")),
                ("kind", Column::text("Soort_medewerker")),
                ("kind_code", Column::code("Soort_medewerker_code")),
                ("manager", Column::code("Medewerkernummer_leidinggevende")),
                ("part_time_percent", Column::number("Parttime_percentage")),
                ("sequence", Column::code("Volgnummer_contract")),
                ("title", Column::text("Functie_omschrijving")),
                ("title_code", Column::code("Functie_code")),
            ]),
        }
    }
}

impl Default for Units {
    fn default() -> Self {
        Self {
            connector: "T4E_HelloID_OrganizationalUnits_v2".to_owned(),
            code: "ExternalId".to_owned(),
            name: "DisplayName".to_owned(),
            parent: "ParentExternalId".to_owned(),
            manager: "ManagerExternalId".to_owned(),
        }
    }
}

/// What is asked of one connector: its name, the order of its rows, and the columns that it must have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Wanted {
    pub(crate) connector: String,
    pub(crate) order: Vec<String>,
    pub(crate) required: Vec<Need>,
}

/// A column that a connector must have, and what for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Need {
    pub(crate) column: String,
    pub(crate) role: String,
}

impl Users {
    pub(crate) fn wanted(&self) -> Wanted {
        let mut needs = vec![Need::of(&self.person, "the key of the person")];
        if self.employee != self.person {
            needs.push(Need::of(&self.employee, "the code of the employee"));
        }
        needs.extend(self.fields.needs("person"));
        Wanted::of(&self.connector, [&self.person, &self.employee], needs)
    }
}

impl Employments {
    pub(crate) fn wanted(&self) -> Wanted {
        let mut needs: Vec<Need> = self.key.iter().map(|column| Need::of(column, "the key of the contract")).collect();
        needs.push(Need::of(&self.person, "the key of the person"));
        needs.push(Need::of(&self.first_day, "the first day"));
        needs.push(Need::of(&self.last_day, "the last day"));
        let of_contract = [
            (&self.contract_first_day, "the first day of the contract"),
            (&self.contract_last_day, "the last day of the contract"),
        ];
        for (column, role) in of_contract {
            let required = column.iter().filter(|column| column.presence == Presence::Required);
            needs.extend(required.map(|column| Need::of(&column.name, role)));
        }
        needs.extend(self.fields.needs("contract"));
        Wanted::of(&self.connector, self.key.iter().chain([&self.person, &self.first_day]), needs)
    }
}

impl Units {
    pub(crate) fn wanted(&self) -> Wanted {
        let needs = vec![
            Need::of(&self.code, "the code of the unit"),
            Need::of(&self.name, "the name of the unit"),
            Need::of(&self.parent, "the unit above"),
            Need::of(&self.manager, "the manager"),
        ];
        Wanted::of(&self.connector, [&self.code, &self.parent], needs)
    }
}

impl Mapping {
    fn needs(&self, whose: &str) -> impl Iterator<Item = Need> {
        let required = self.iter().filter(|(_, column)| column.presence == Presence::Required);
        required.map(move |(field, column)| Need::of(&column.name, &format!("the field `{whose}.{field}`")))
    }
}

impl Wanted {
    /// Rows come in the order of these columns, each named once.
    fn of<'a>(connector: &str, order: impl IntoIterator<Item = &'a String>, required: Vec<Need>) -> Self {
        let mut columns: Vec<String> = Vec::new();
        for column in order {
            if !columns.contains(column) {
                columns.push(column.clone());
            }
        }
        Self { connector: connector.to_owned(), order: columns, required }
    }
}

impl Need {
    fn of(column: &str, role: &str) -> Self {
        Self { column: column.to_owned(), role: role.to_owned() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_default_field_has_a_name() {
        let connectors = Connectors::default();
        assert_eq!((connectors.users.fields.iter().count(), connectors.employments.fields.iter().count()), (15, 14));
    }

    #[test]
    fn rows_are_ordered_by_what_makes_them_unique() {
        let order = |wanted: Wanted| wanted.order.join(",");
        let connectors = Connectors::default();
        assert_eq!(order(connectors.users.wanted()), "Medewerker");
        assert_eq!(order(connectors.employments.wanted()), "ExternalID,Medewerker,Begindatum_functie");
        assert_eq!(order(connectors.units.wanted()), "ExternalId,ParentExternalId");

        let mut connectors = connectors.keyed_by_person_number();
        connectors.employments.key = vec!["Persoonsnummer".to_owned(), "Volgnummer_contract".to_owned()];
        assert_eq!(order(connectors.users.wanted()), "Persoonsnummer,Medewerker");
        assert_eq!(order(connectors.employments.wanted()), "Persoonsnummer,Volgnummer_contract,Begindatum_functie");
    }

    #[test]
    fn a_column_that_somebody_named_has_to_be_there_and_a_default_one_need_not() {
        let required = |wanted: Wanted| wanted.required.into_iter().map(|need| need.column).collect::<Vec<_>>();
        let mut connectors = Connectors::default();
        assert_eq!(required(connectors.users.wanted()), ["Medewerker"]);
        connectors.users.fields.set(FieldName::new("phone").unwrap(), Column::text("Tel"));
        connectors.users.fields.set(FieldName::new("floor").unwrap(), Column::text("Etage").or_absent());
        connectors.users.fields.leave_out("mail");
        assert_eq!(required(connectors.users.wanted()), ["Medewerker", "Tel"]);
        assert!(connectors.users.fields.iter().all(|(field, _)| field.as_str() != "mail"));
        connectors.employments.contract_last_day = Some(Column::date("Eind"));
        let expected = ["ExternalID", "Medewerker", "Begindatum_functie", "Einddatum_functie", "Eind"];
        assert_eq!(required(connectors.employments.wanted()), expected);
    }
}
