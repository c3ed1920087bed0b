//! Where a value comes from, as rules and profiles name it: `contract.department`, `person.phone`, `primary.title`.

use std::borrow::Cow;
use std::fmt;

use provisioning_core::policy::EarlierAccounts;
use provisioning_core::source::{Contract, Department, Person};
use provisioning_core::{AccountKind, FieldName, InvalidId, Slot, TargetId, Value};

/// The name of a field of a person or a contract. The dots in `contract.title` part an owner from its field, so that
/// a name with a dot of its own would be read in two ways; what comes back is what to write instead.
pub(crate) fn bare(owner: &str, name: &str) -> Result<FieldName, String> {
    let dotless = |first: &str| format!("write `{owner}.{first}`: the name of a field has no dot");
    match name.split_once('.') {
        None => FieldName::new(name).map_err(|_| format!("write `{owner}.` and the name of a field")),
        Some((first, _)) => Err(dotless(first)),
    }
}

/// A field that a rule looks at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Field {
    /// Of the person.
    Person(FieldName),
    /// Of the contract that the rule looks at.
    Contract(FieldName),
}

impl Field {
    /// The field `name` of `owner`, or what to write instead.
    pub(crate) fn of(owner: &str, name: &str) -> Result<Self, String> {
        match owner {
            "person" => bare(owner, name).map(Self::Person),
            "contract" => bare(owner, name).map(Self::Contract),
            _ => Err("write `contract.` or `person.` and the field, such as `contract.department`".to_owned()),
        }
    }

    /// What it holds.
    pub(crate) fn value<'a>(&self, person: &Person<'a>, contract: &Contract<'a>) -> Option<&'a Value> {
        match self {
            Self::Person(name) => person.field(name.as_str()),
            Self::Contract(name) => contract.field(name.as_str()),
        }
    }
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Person(name) => write!(f, "person.{name}"),
            Self::Contract(name) => write!(f, "contract.{name}"),
        }
    }
}

/// What a profile looks at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Reference {
    /// A field of the person.
    Person(FieldName),
    /// A field of the contract that speaks for the person.
    Primary(FieldName),
    /// The name of the department of that contract.
    DepartmentName,
    /// An attribute of the person's account on an earlier target.
    Account(Slot, FieldName),
}

impl Reference {
    /// Whether it changes with the contract that speaks for the person.
    pub(crate) fn follows_primary(&self) -> bool {
        matches!(self, Self::Primary(_) | Self::DepartmentName)
    }
}

/// Everything that a profile may look at.
#[derive(Debug, Clone, Copy)]
pub(crate) struct View<'v, 'a> {
    /// The person.
    pub(crate) person: &'v Person<'a>,
    /// The contract that speaks for the person.
    pub(crate) primary: Option<&'v Contract<'a>>,
    /// The person's accounts on earlier targets.
    pub(crate) earlier: &'v EarlierAccounts,
}

impl<'v> View<'v, '_> {
    /// What a reference holds; `None` where it is absent.
    pub(crate) fn value(&self, reference: &Reference) -> Option<Cow<'v, Value>> {
        match reference {
            Reference::Person(name) => self.person.field(name.as_str()).map(Cow::Borrowed),
            Reference::Primary(name) => self.primary?.field(name.as_str()).map(Cow::Borrowed),
            Reference::DepartmentName => {
                let code = self.primary?.field("department")?;
                if code.is_blank() {
                    return Some(Cow::Borrowed(code));
                }
                department(self.primary?, code.as_text()?.trim()).map(|found| Cow::Owned(Value::text(&found.name)))
            }
            Reference::Account(slot, name) => {
                self.earlier.0.get(&slot.target)?.get(&slot.kind)?.value(name.as_str()).map(Cow::Borrowed)
            }
        }
    }
}

/// A place for an account, written `entra`, or `entra/admin` for another kind of account.
pub(crate) fn parse_slot(text: &str) -> Result<Slot, InvalidId> {
    match text.split_once('/') {
        None => TargetId::new(text).map(Slot::main),
        Some((target, kind)) => Ok(Slot { target: TargetId::new(target)?, kind: AccountKind::new(kind)? }),
    }
}

/// The department with a code, where the source of the contract knows it.
pub(crate) fn department<'a>(contract: &Contract<'a>, code: &str) -> Option<&'a Department> {
    contract.departments.by_code(code)
}

/// A value as it stands in running text; `None` where it says nothing, or is no text.
pub(crate) fn plain(value: &Value) -> Option<Cow<'_, str>> {
    if value.is_blank() {
        return None;
    }
    match value {
        Value::Text(text) => Some(Cow::Borrowed(text.trim())),
        Value::Number(number) => Some(Cow::Owned(number.to_string())),
        Value::Bool(yes) => Some(Cow::Owned(yes.to_string())),
        Value::Date(day) => Some(Cow::Owned(day.to_string())),
        Value::Null | Value::List(_) | Value::Account(_) => None,
    }
}
