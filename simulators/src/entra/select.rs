//! Which properties a body shows: `$select`, or the default set of the class.

use serde_json::{Map, Value, json};

use super::directory::Record;
use super::errors::Refusal;
use super::schema::{Class, Form, Property};

/// Properties that exist, and that this tenant never fills.
const EMPTY: &[&str] =
    &["assignedLicenses", "assignedPlans", "identities", "imAddresses", "licenseAssignmentStates", "passwordProfile"];

/// What a body shows of each object.
#[derive(Debug, Clone)]
pub(super) struct Selection {
    pub(super) properties: Vec<&'static Property>,
    empty: Vec<String>,
    /// Named by the client, not taken from the default set.
    pub(super) named: bool,
    /// Members of groups, which only a delta can show beside properties.
    pub(super) members: bool,
}

impl Selection {
    /// Reads `$select`.
    pub(super) fn read(class: Class, select: Option<&str>) -> Result<Self, Refusal> {
        let Some(select) = select else {
            let properties = class.shown_by_default().collect();
            return Ok(Self { properties, empty: Vec::new(), named: false, members: class == Class::Group });
        };
        let mut selection = Self { properties: Vec::new(), empty: Vec::new(), named: true, members: false };
        for name in select.split(',').map(str::trim).filter(|name| !name.is_empty()) {
            selection.add(class, name)?;
        }
        Ok(selection)
    }

    fn add(&mut self, class: Class, name: &str) -> Result<(), Refusal> {
        let known = self.properties.len();
        self.properties.extend(class.property(&name.replace('/', ".")));
        self.properties.extend(class.parts(name));
        if self.properties.len() > known {
            return Ok(());
        }
        match name {
            "members" if class == Class::Group => self.members = true,
            _ if EMPTY.contains(&name) => self.empty.push(name.to_owned()),
            _ => {
                return Err(Refusal::bad_request(format!(
                    "Parsing OData Select and Expand failed: Could not find a property named '{name}' on type \
                     'microsoft.graph.{}'.",
                    class.name().to_lowercase()
                )));
            }
        }
        Ok(())
    }

    /// All that was selected, null where there is nothing.
    pub(super) fn show(&self, record: &Record) -> Map<String, Value> {
        let mut shown = Map::new();
        for property in &self.properties {
            let nothing = || if matches!(property.form, Form::Texts(_)) { json!([]) } else { Value::Null };
            put(&mut shown, property, record.value(property.name).cloned().unwrap_or_else(nothing));
        }
        shown.extend(self.empty.iter().map(|name| (name.clone(), Value::Null)));
        shown
    }

    /// For a delta: what changed after a number, or was ever set.
    pub(super) fn show_set(&self, record: &Record, after: usize) -> Map<String, Value> {
        let mut shown = Map::new();
        for property in self.properties.iter().filter(|property| record.changed(property.name, after)) {
            put(&mut shown, property, record.value(property.name).cloned().unwrap_or_default());
        }
        shown
    }

    /// Whether anything that was selected changed after a number.
    pub(super) fn touches(&self, record: &Record, after: usize) -> bool {
        self.properties.iter().any(|property| record.changed(property.name, after))
    }
}

/// Parts of a complex property stand in an object of their own.
fn put(shown: &mut Map<String, Value>, property: &Property, value: Value) {
    let Some((whole, part)) = property.name.split_once('.') else {
        shown.insert(property.name.to_owned(), value);
        return;
    };
    if let Some(parts) = shown.entry(whole).or_insert_with(|| json!({})).as_object_mut() {
        parts.insert(part.to_owned(), value);
    }
}
