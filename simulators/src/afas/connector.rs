//! What a `GetConnector` is: which columns of which collection it shows, and under which names.

use super::cell::write_text;
use super::columns::{Column, EMPLOYMENTS, UNITS, USERS, USERS_DELIVERED};

/// What a connector is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Collection {
    /// People, one row each, with or without an AFAS user.
    Users,
    /// Function lines, one row each.
    Employments,
    /// The organisation chart of today, one row a unit.
    OrganizationalUnits,
}

impl Collection {
    fn columns(self) -> &'static [Column] {
        match self {
            Self::Users => USERS,
            Self::Employments => EMPLOYMENTS,
            Self::OrganizationalUnits => UNITS,
        }
    }
}

/// A `GetConnector`.
#[derive(Debug)]
pub struct Connector {
    /// The name by which it is called.
    pub id: String,
    /// What it is over.
    pub collection: Collection,
    fields: Vec<Field>,
}

/// A column under the name that it has in a connector.
#[derive(Debug)]
pub(super) struct Field {
    pub(super) id: String,
    pub(super) column: &'static Column,
    /// `"name":`, as each row begins the value.
    pub(super) opening: String,
}

impl Field {
    fn new(id: &str, column: &'static Column) -> Self {
        let mut opening = String::new();
        write_text(id, &mut opening);
        opening.push(':');
        Self { id: id.to_owned(), column, opening }
    }
}

impl Connector {
    /// The three that HelloID delivers: `T4E_HelloID_Users_v2`, `T4E_HelloID_Employments_v2` and
    /// `T4E_HelloID_OrganizationalUnits_v2`, with their columns in their order.
    #[must_use]
    pub fn delivered() -> Vec<Self> {
        vec![
            Self::new("T4E_HelloID_Users_v2", Collection::Users),
            Self::new("T4E_HelloID_Employments_v2", Collection::Employments),
            Self::new("T4E_HelloID_OrganizationalUnits_v2", Collection::OrganizationalUnits),
        ]
    }

    /// A connector under any name, with the columns that HelloID's has.
    #[must_use]
    pub fn new(id: &str, collection: Collection) -> Self {
        let delivered = match collection {
            Collection::Users => USERS_DELIVERED,
            Collection::Employments | Collection::OrganizationalUnits => usize::MAX,
        };
        let columns = collection.columns().iter().take(delivered);
        Self { id: id.to_owned(), collection, fields: columns.map(|column| Field::new(column.name, column)).collect() }
    }

    /// The same connector with one more column, by the name that it is delivered under. `Users` can have `Geslacht`,
    /// `Geboortedatum` and `Datum_in_dienst`, which the delivered connector lacks. A name that is not known adds nothing.
    #[must_use]
    pub fn with(mut self, column: &str) -> Self {
        let known = self.collection.columns().iter().find(|known| known.name == column);
        self.fields.extend(known.map(|known| Field::new(column, known)));
        self
    }

    /// The same connector with these columns only, in this order.
    #[must_use]
    pub fn only(mut self, columns: &[&str]) -> Self {
        self.fields.clear();
        columns.iter().fold(self, |connector, column| connector.with(column))
    }

    /// The same connector with another name for a column, as customers give them.
    #[must_use]
    pub fn renamed(mut self, column: &str, name: &str) -> Self {
        for field in self.fields.iter_mut().filter(|field| field.column.name == column) {
            *field = Field::new(name, field.column);
        }
        self
    }

    pub(super) fn fields(&self) -> &[Field] {
        &self.fields
    }

    /// The place of a field among the fields.
    pub(super) fn field(&self, id: &str) -> Option<&Field> {
        self.fields.iter().find(|field| field.id == id)
    }

    /// What `metainfo/get` says of it. Only one control type was ever seen in a document, so each field has that one.
    pub(super) fn description(&self) -> serde_json::Value {
        let fields: Vec<serde_json::Value> = (1..)
            .zip(&self.fields)
            .map(|(number, field)| {
                serde_json::json!({
                    "id": field.id,
                    "fieldId": format!("U{number:03}"),
                    "dataType": field.column.kind.name(),
                    "label": field.id.replace('_', " "),
                    "length": field.column.length,
                    "controlType": 5,
                    "decimals": if field.column.kind == super::cell::Kind::Decimal { 2 } else { 0 },
                    "decimalsFieldId": "",
                })
            })
            .collect();
        serde_json::json!({ "name": self.id, "description": self.id, "fields": fields })
    }
}
