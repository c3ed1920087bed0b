//! The fields that expressions may name, and what each of them holds.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use provisioning_core::FieldName;

/// The fields of people and of contracts. A value that a source gives in another type is read as the declared one where
/// that is possible (the text `36` as a number), and else it counts as not known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Schema {
    pub(crate) person: BTreeMap<FieldName, FieldType>,
    pub(crate) contract: BTreeMap<FieldName, FieldType>,
}

/// What a field holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldType {
    pub(crate) kind: Kind,
    pub(crate) shape: Shape,
    /// All texts that it may hold, where these are known.
    pub(crate) values: Option<Arc<[String]>>,
}

/// What one value is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Compared by what it says.
    Text,
    /// Compared letter for letter.
    Exact,
    Number,
    Bool,
    Date,
}

/// How many values there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    One,
    List,
}

/// A text does not say what a field holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvalidFieldType;

impl fmt::Display for InvalidFieldType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("write `text`, `exact text`, `number`, `bool` or `date`, or a list of them such as `list of text`")
    }
}

impl std::error::Error for InvalidFieldType {}

impl FromStr for FieldType {
    type Err = InvalidFieldType;
    fn from_str(text: &str) -> Result<Self, InvalidFieldType> {
        let (shape, one) = text.strip_prefix("list of ").map_or((Shape::One, text), |one| (Shape::List, one));
        let kind = match one {
            "text" => Kind::Text,
            "exact text" => Kind::Exact,
            "number" => Kind::Number,
            "bool" => Kind::Bool,
            "date" => Kind::Date,
            _ => return Err(InvalidFieldType),
        };
        Ok(Self { kind, shape, values: None })
    }
}

impl fmt::Display for FieldType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let list = if self.shape == Shape::List { "list of " } else { "" };
        let one = match self.kind {
            Kind::Text => "text",
            Kind::Exact => "exact text",
            Kind::Number => "number",
            Kind::Bool => "bool",
            Kind::Date => "date",
        };
        write!(f, "{list}{one}")
    }
}

impl FieldType {
    /// One value of a kind.
    pub(crate) fn one(kind: Kind) -> Self {
        Self { kind, shape: Shape::One, values: None }
    }

    /// The same with all texts that it may hold: a rule that names another one is refused.
    #[must_use]
    pub fn of_values(mut self, values: &[&str]) -> Self {
        self.values = Some(values.iter().map(|text| (*text).to_owned()).collect());
        self
    }

    /// Whether it is text of either kind.
    pub(crate) fn is_text(&self) -> bool {
        self.shape == Shape::One && matches!(self.kind, Kind::Text | Kind::Exact)
    }
}

const PERSON: &[(Kind, &[&str])] = &[
    (
        Kind::Text,
        &[
            "display_name",
            "employee_number",
            "family_name",
            "first_name",
            "given_name",
            "initials",
            "last_name",
            "mail",
            "mobile",
            "name_convention",
            "partner_name",
            "partner_prefix",
            "person_number",
            "phone",
            "prefix",
        ],
    ),
    (Kind::Date, &["birth_date"]),
];

const CONTRACT: &[(Kind, &[&str])] = &[
    (
        Kind::Text,
        &[
            "contract_type",
            "cost_centre",
            "department",
            "employer",
            "employment",
            "kind",
            "kind_code",
            "location",
            "manager",
            "sequence",
            "title",
            "title_code",
        ],
    ),
    (Kind::Number, &["fte", "hours", "part_time_percent"]),
    (Kind::Date, &["last_day_of_work"]),
];

/// The fields that the sources of this workspace give.
impl Default for Schema {
    fn default() -> Self {
        let fields = |known: &[(Kind, &[&str])]| {
            let named = |kind: Kind, name: &str| Some((FieldName::new(name).ok()?, FieldType::one(kind)));
            known.iter().flat_map(|(kind, names)| names.iter().filter_map(|name| named(*kind, name))).collect()
        };
        Self { person: fields(PERSON), contract: fields(CONTRACT) }
    }
}

impl Schema {
    /// With a field of people, in place of one of that name.
    #[must_use]
    pub fn with_person(mut self, name: FieldName, holds: FieldType) -> Self {
        self.person.insert(name, holds);
        self
    }

    /// With a field of contracts, in place of one of that name.
    #[must_use]
    pub fn with_contract(mut self, name: FieldName, holds: FieldType) -> Self {
        self.contract.insert(name, holds);
        self
    }

    /// What it says, a line for each field.
    pub(crate) fn described(&self) -> String {
        let of = |owner: &str, fields: &BTreeMap<FieldName, FieldType>| {
            let lines = fields.iter().map(|(name, holds)| format!("{owner}.{name} {holds} {:?}\n", holds.values));
            lines.collect::<String>()
        };
        of("person", &self.person) + &of("contract", &self.contract)
    }
}
