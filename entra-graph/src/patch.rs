use std::fmt;

use serde_json::{Map, Value};

/// What is to be changed of an object. A property is in one of three states: not named (it stays as it is), null (it is
/// emptied), or a value. Names are the Graph's; a dot leads into an object, as in
/// `onPremisesExtensionAttributes.extensionAttribute1`.
///
/// ```
/// use entra_graph::Patch;
///
/// let patch = Patch::new()
///     .set("department", "Sales")
///     .clear("mobilePhone")
///     .set("passwordProfile.forceChangePasswordNextSignIn", true);
/// assert_eq!(
///     patch.to_json(),
///     r#"{"department":"Sales","mobilePhone":null,"passwordProfile":{"forceChangePasswordNextSignIn":true}}"#
/// );
/// ```
#[derive(Clone, Default, PartialEq)]
pub struct Patch(Map<String, Value>);

impl Patch {
    /// One that changes nothing.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Gives a property a value.
    #[must_use]
    pub fn set(mut self, name: &str, value: impl Into<Value>) -> Self {
        place(&mut self.0, name, value.into());
        self
    }

    /// Empties a property.
    #[must_use]
    pub fn clear(self, name: &str) -> Self {
        self.set(name, Value::Null)
    }

    /// Whether it changes nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What is sent; it holds whatever was set.
    #[must_use]
    pub fn to_json(&self) -> String {
        Value::Object(self.0.clone()).to_string()
    }

    pub(crate) fn properties(&self) -> &Map<String, Value> {
        &self.0
    }
}

/// Puts a value at a place that dots lead to; what stands in the way and is no object gives way.
fn place(object: &mut Map<String, Value>, name: &str, value: Value) {
    let Some((outer, inner)) = name.split_once('.').filter(|_| !name.contains('@')) else {
        object.insert(name.to_owned(), value);
        return;
    };
    let mut within = match object.remove(outer) {
        Some(Value::Object(within)) => within,
        Some(_) | None => Map::new(),
    };
    place(&mut within, inner, value);
    object.insert(outer.to_owned(), Value::Object(within));
}

impl fmt::Debug for Patch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Patch").field(&self.0.keys().collect::<Vec<_>>()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn absent_null_and_empty_are_three_things() {
        let patch = Patch::new().set("a", "x").set("b", "").clear("c");
        assert_eq!(patch.to_json(), r#"{"a":"x","b":"","c":null}"#);
        assert_eq!(Patch::new().to_json(), "{}");
        assert!(Patch::new().is_empty() && !Patch::new().clear("c").is_empty());
    }

    #[test]
    fn dots_lead_into_objects_and_annotations_keep_theirs() {
        let patch = Patch::new()
            .set("onPremisesExtensionAttributes.extensionAttribute1", "1")
            .clear("onPremisesExtensionAttributes.extensionAttribute2")
            .set("members@odata.bind", vec!["x"]);
        assert_eq!(
            patch.to_json(),
            r#"{"members@odata.bind":["x"],"onPremisesExtensionAttributes":{"extensionAttribute1":"1","extensionAttribute2":null}}"#
        );
    }

    #[test]
    fn debug_shows_names_only() {
        let shown = format!("{:?}", Patch::new().set("department", "planted").clear("mail"));
        assert_eq!(shown, r#"Patch(["department", "mail"])"#);
    }
}
