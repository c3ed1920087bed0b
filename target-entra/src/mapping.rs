//! Attributes as the Graph spells them: what a value is written as, and what is read back as which value.
//!
//! Whatever is written has to be read back as the same value, or the account would look changed for ever.

use provisioning_core::target::Patch;
use provisioning_core::{Decimal, Edit, FieldName, Fields, Value};
use serde_json::{Map, Value as Json};

use crate::settings::{EntraSettings, USER_PRINCIPAL_NAME};

/// The properties of a user, as the Graph spells them.
pub(crate) type Properties = Map<String, Json>;

/// The nickname that mail addresses are made of; the Graph wants one of every user.
const MAIL_NICKNAME: &str = "mailNickname";
/// How a midnight that means a day ends; the Graph has no property that is a day.
const MIDNIGHT: &str = "T00:00:00Z";
/// How long a nickname may be.
const NICKNAME_LENGTH: usize = 64;

/// Why a value cannot be written; for an operator, without the value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{attribute}` cannot be written: {why}")]
pub(crate) struct Unwritable {
    attribute: String,
    why: &'static str,
}

/// How the Graph keeps a property.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shape {
    /// As it is.
    Plain,
    /// Several texts.
    List,
    /// A list that holds one text at most.
    ListOfOne,
    /// An instant that means a day.
    Day,
}

fn shape(property: &str) -> Shape {
    match property {
        "businessPhones" => Shape::ListOfOne,
        "otherMails" | "proxyAddresses" | "imAddresses" => Shape::List,
        "employeeHireDate" => Shape::Day,
        _ => Shape::Plain,
    }
}

/// The value of an attribute, a dotted name leading into an object; what is null or empty to the Graph is absent.
pub(crate) fn read(user: &Properties, attribute: &str) -> Option<Value> {
    let found = match attribute.split_once('.') {
        Some((outer, inner)) => user.get(outer)?.as_object()?.get(inner)?,
        None => user.get(attribute)?,
    };
    match shape(attribute) {
        Shape::Plain | Shape::List => value_of(found),
        Shape::ListOfOne => value_of(found.as_array()?.first()?),
        Shape::Day => {
            let text = found.as_str()?;
            let day = text.strip_suffix(MIDNIGHT).and_then(|day| day.parse().ok());
            Some(day.map_or_else(|| Value::text(text), Value::Date))
        }
    }
}

fn value_of(json: &Json) -> Option<Value> {
    match json {
        Json::Null | Json::Object(_) => None,
        Json::Bool(yes) => Some(Value::Bool(*yes)),
        Json::Number(number) => {
            let decimal = number.to_string().parse::<Decimal>();
            Some(decimal.map_or_else(|_| Value::text(&number.to_string()), Value::Number))
        }
        Json::String(text) => Some(Value::text(text)),
        Json::Array(values) if values.is_empty() => None,
        Json::Array(values) => Some(Value::List(values.iter().filter_map(value_of).collect())),
    }
}

/// The text in a property; blank is none.
pub(crate) fn text<'a>(user: &'a Properties, attribute: &str) -> Option<&'a str> {
    let found = match attribute.split_once('.') {
        Some((outer, inner)) => user.get(outer)?.as_object()?.get(inner)?,
        None => user.get(attribute)?,
    };
    found.as_str().filter(|text| !text.trim().is_empty())
}

/// What a new user is made of, without its password.
pub(crate) fn new_user(attributes: &Fields, anchor: &str, settings: &EntraSettings) -> Result<Properties, Unwritable> {
    let mut user = Properties::new();
    for (name, value) in attributes.iter().filter(|(_, value)| **value != Value::Null) {
        put(&mut user, name.as_str(), written(name, value, settings)?);
    }
    let Some(principal) = attributes.text(USER_PRINCIPAL_NAME) else {
        return Err(unwritable(USER_PRINCIPAL_NAME, "the profile does not give it, and every account has one"));
    };
    if !user.contains_key(MAIL_NICKNAME) {
        put(&mut user, MAIL_NICKNAME, nickname(principal).into());
    }
    put(&mut user, settings.anchor.property(), anchor.into());
    put(&mut user, "accountEnabled", false.into());
    Ok(user)
}

/// What changes of a user.
pub(crate) fn changed(patch: &Patch, settings: &EntraSettings) -> Result<Properties, Unwritable> {
    let mut user = Properties::new();
    for change in &patch.0 {
        let name = &change.attribute;
        match &change.after {
            Edit::Keep => {}
            Edit::Clear => {
                let nothing = match shape(name.as_str()) {
                    Shape::List | Shape::ListOfOne => Json::Array(Vec::new()),
                    Shape::Plain | Shape::Day => Json::Null,
                };
                is_ours(name, settings)?;
                put(&mut user, name.as_str(), nothing);
            }
            Edit::Set(value) => put(&mut user, name.as_str(), written(name, value, settings)?),
        }
    }
    Ok(user)
}

fn put(user: &mut Properties, attribute: &str, value: Json) {
    let Some((outer, inner)) = attribute.split_once('.') else {
        user.insert(attribute.to_owned(), value);
        return;
    };
    let object = user.entry(outer).or_insert_with(|| Json::Object(Map::new()));
    if let Json::Object(object) = object {
        object.insert(inner.to_owned(), value);
    }
}

/// Whether an attribute is one that the profile may write: what is written and not read would look changed for ever.
fn is_ours(name: &FieldName, settings: &EntraSettings) -> Result<(), Unwritable> {
    if name.as_str() == settings.anchor.property() {
        return Err(unwritable(name.as_str(), "it is the anchor, which tells whose account it is"));
    }
    if !settings.reads(name.as_str()) {
        return Err(unwritable(name.as_str(), "it is not among the attributes of the settings, which are read back"));
    }
    Ok(())
}

fn written(name: &FieldName, value: &Value, settings: &EntraSettings) -> Result<Json, Unwritable> {
    is_ours(name, settings)?;
    let refuse = |why| Err(unwritable(name.as_str(), why));
    match (shape(name.as_str()), value) {
        (_, Value::Account(_)) => refuse("it names another account, which this target does not link"),
        (Shape::Day, Value::Date(day)) => Ok(format!("{day}{MIDNIGHT}").into()),
        (Shape::Day, Value::Null) => Ok(Json::Null),
        (Shape::Day, _) => refuse("it is a day; give a date"),
        (Shape::ListOfOne, Value::Text(text)) => Ok(Json::Array(vec![text.as_ref().into()])),
        (Shape::ListOfOne | Shape::List, Value::Null) => Ok(Json::Array(Vec::new())),
        (Shape::ListOfOne, _) => refuse("it holds one text"),
        (Shape::List, Value::List(values)) => values.iter().map(|value| plain(name, value)).collect(),
        (Shape::List, _) => refuse("it holds several texts; give a list"),
        (Shape::Plain, Value::List(_)) => refuse("it holds one value, and a list was given"),
        (Shape::Plain, Value::Date(_)) => refuse("it holds text; give the date as text"),
        (Shape::Plain, Value::Null | Value::Text(_) | Value::Number(_) | Value::Bool(_)) => plain(name, value),
    }
}

fn plain(name: &FieldName, value: &Value) -> Result<Json, Unwritable> {
    match value {
        Value::Null => Ok(Json::Null),
        Value::Text(text) => Ok(text.as_ref().into()),
        Value::Bool(yes) => Ok((*yes).into()),
        Value::Number(number) => serde_json::from_str(&number.to_string())
            .map_err(|_| unwritable(name.as_str(), "it is a number that JSON does not spell")),
        Value::Date(_) | Value::List(_) | Value::Account(_) => {
            Err(unwritable(name.as_str(), "a list of texts was expected"))
        }
    }
}

fn unwritable(attribute: &str, why: &'static str) -> Unwritable {
    Unwritable { attribute: attribute.to_owned(), why }
}

/// The nickname of a group with a unique name, or of a user with a principal name: what stands before the `@`, in the
/// signs that the Graph takes.
pub(crate) fn nickname(name: &str) -> String {
    let local = name.split('@').next().unwrap_or_default();
    let sign = |sign: char| if sign.is_ascii_alphanumeric() || "-_.'!#^~".contains(sign) { sign } else { '-' };
    local.chars().map(sign).take(NICKNAME_LENGTH).collect()
}

#[cfg(test)]
mod tests;
