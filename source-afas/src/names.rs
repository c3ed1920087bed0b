//! Which of their names people use.

use provisioning_core::{FieldName, Fields, Value};
use serde_json::Value as Json;

/// The convention behind a code of AFAS's name use; whatever is not known is the birth name, as in `HelloID`.
pub(crate) fn convention(code: &Json) -> &'static str {
    let code = match code {
        Json::String(text) => text.trim().to_owned(),
        Json::Number(number) => number.to_string(),
        Json::Null | Json::Bool(_) | Json::Array(_) | Json::Object(_) => String::new(),
    };
    match code.as_str() {
        "1" => "PB",
        "2" => "P",
        "3" => "BP",
        _ => "B",
    }
}

/// Puts `last_name`, the names in use with their prefixes, made of the fields that say which they are.
///
/// Without a field `family_name` there is none either; where the names in use are not known, those that are known
/// count.
pub(crate) fn put_last_name(fields: &mut Fields) {
    let Ok(name) = FieldName::new("last_name") else { return };
    if fields.value("family_name").is_none() || fields.value("last_name").is_some() {
        return;
    }
    let own = with_prefix(fields.text("prefix"), fields.text("family_name"));
    let partner = with_prefix(fields.text("partner_prefix"), fields.text("partner_name"));
    let both = |first: Option<String>, second: Option<String>| match (first, second) {
        (Some(first), Some(second)) => Some(format!("{first} - {second}")),
        (first, second) => first.or(second),
    };
    let last = match fields.text("name_convention") {
        Some("P") => partner.or(own),
        Some("PB") => both(partner, own),
        Some("BP") => both(own, partner),
        _ => own,
    };
    fields.put(name, last.map_or(Value::Null, |last| Value::text(&last)));
}

fn with_prefix(prefix: Option<&str>, name: Option<&str>) -> Option<String> {
    let name = name?.trim();
    Some(match prefix.map(str::trim) {
        None => name.to_owned(),
        Some(prefix) if prefix.ends_with(['\'', '\u{2019}']) => format!("{prefix}{name}"),
        Some(prefix) => format!("{prefix} {name}"),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_four_codes_are_text_or_numbers_and_anything_else_is_the_birth_name() {
        for (code, expected) in [
            (json!("0"), "B"),
            (json!("1"), "PB"),
            (json!("2"), "P"),
            (json!("3"), "BP"),
            (json!(3), "BP"),
            (json!(" 2 "), "P"),
            (json!("4"), "B"),
            (json!(""), "B"),
            (json!(null), "B"),
            (json!(true), "B"),
        ] {
            assert_eq!(convention(&code), expected, "{code}");
        }
    }

    fn last(fields: &[(&str, &str)]) -> Option<Value> {
        let mut fields: Fields = fields.iter().map(|(n, v)| (FieldName::new(n).unwrap(), Value::text(v))).collect();
        put_last_name(&mut fields);
        fields.value("last_name").cloned()
    }

    #[test]
    fn the_last_name_is_what_people_use() {
        let names = |convention| {
            last(&[
                ("prefix", "van der"),
                ("family_name", "Berg"),
                ("partner_prefix", "de"),
                ("partner_name", "Vries"),
                ("name_convention", convention),
            ])
        };
        for (convention, expected) in [
            ("B", "van der Berg"),
            ("P", "de Vries"),
            ("BP", "van der Berg - de Vries"),
            ("PB", "de Vries - van der Berg"),
            ("?", "van der Berg"),
        ] {
            assert_eq!(names(convention), Some(Value::text(expected)), "{convention}");
        }
    }

    #[test]
    fn a_name_that_is_not_known_is_not_used() {
        for (fields, expected) in [
            (vec![("family_name", "Berg"), ("name_convention", "P")], Some(Value::text("Berg"))),
            (vec![("family_name", "Berg"), ("name_convention", "PB")], Some(Value::text("Berg"))),
            (
                vec![("family_name", " "), ("partner_name", "Vries"), ("name_convention", "BP")],
                Some(Value::text("Vries")),
            ),
            (vec![("family_name", "Artagnan"), ("prefix", "d'")], Some(Value::text("d'Artagnan"))),
            (vec![("family_name", ""), ("prefix", "de")], Some(Value::Null)),
            (vec![("family_name", "Berg"), ("last_name", "Own")], Some(Value::text("Own"))),
            (vec![("given_name", "Ann")], None),
        ] {
            assert_eq!(last(&fields), expected, "{fields:?}");
        }
    }
}
