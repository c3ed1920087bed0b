//! What a client writes, checked against the properties that exist.

use chrono::DateTime;
use serde_json::{Map, Value};

use super::directory::Record;
use super::errors::Refusal;
use super::schema::{Class, ELSEWHERE, Form, Property, Values, Written};

/// The properties in a body. `before` is what they are written over, none for a new object. Annotations and the password are
/// left to others.
pub(super) fn read(class: Class, body: &Map<String, Value>, before: Option<&Record>) -> Result<Values, Refusal> {
    let mut values = Values::new();
    for (name, value) in body {
        if name.contains('@') || name == "passwordProfile" {
            continue;
        }
        if ELSEWHERE.contains(&name.as_str()) && class == Class::User {
            return Err(Refusal::not_simulated("properties that are kept in SharePoint"));
        }
        if let Some(property) = class.property(name) {
            values.insert(property.name, checked(class, property, value, before)?);
            continue;
        }
        let mut parts = class.parts(name).peekable();
        if parts.peek().is_none() {
            return Err(Refusal::bad_request(format!("Invalid property '{name}'.")));
        }
        match value {
            Value::Null => values.extend(parts.map(|part| (part.name, Value::Null))),
            Value::Object(given) => {
                for (part, value) in given.iter().filter(|(part, _)| !part.contains('@')) {
                    let property = class
                        .property(&format!("{name}.{part}"))
                        .ok_or_else(|| Refusal::bad_request(format!("Invalid property '{part}'.")))?;
                    values.insert(property.name, checked(class, property, value, before)?);
                }
            }
            Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => {
                return Err(Refusal::bad_request(format!("Invalid value specified for property '{name}'.")));
            }
        }
    }
    Ok(values)
}

fn checked(
    class: Class,
    property: &'static Property,
    value: &Value,
    before: Option<&Record>,
) -> Result<Value, Refusal> {
    let invalid = || {
        let (name, class) = (property.name, class.name());
        Refusal::bad_request(format!("Invalid value specified for property '{name}' of resource '{class}'."))
    };
    let frozen = || Refusal::bad_request(format!("Property '{}' is read-only and cannot be set.", property.name));
    match property.written {
        Written::Never => return Err(frozen()),
        Written::Always if value.is_null() => return Err(invalid()),
        Written::Once => {
            let held = before.and_then(|record| record.value(property.name));
            if held.is_some_and(|held| held != value) {
                return Err(frozen());
            }
        }
        Written::Always | Written::Freely => {}
    }
    if value.is_null() || fits(property.form, value) { Ok(value.clone()) } else { Err(invalid()) }
}

/// Whether a value, not null, has a form. An empty text is no value: null takes a property away.
fn fits(form: Form, value: &Value) -> bool {
    match (form, value) {
        (Form::Text(most), Value::String(text)) => !text.is_empty() && text.chars().count() <= most,
        (Form::Flag, Value::Bool(_)) => true,
        (Form::Instant, Value::String(text)) => DateTime::parse_from_rfc3339(text).is_ok(),
        (Form::Texts(most), Value::Array(texts)) => texts.len() <= most && texts.iter().all(Value::is_string),
        _ => false,
    }
}
