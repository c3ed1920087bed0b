//! The fields that a file declares beyond the standard ones.

use provisioning_core::FieldName;

use crate::check::read::{Item, entries, items, table, text};
use crate::problem::Findings;
use crate::schema::{FieldType, Schema, Shape};

/// Adds what a file declares under `[fields]`.
pub(crate) fn fields(item: &Item<'_>, mut schema: Schema, findings: &mut Findings<'_>) -> Schema {
    let Some(mut section) = table("`fields`", "[fields]", item, findings) else { return schema };
    let (person, contract) = (section.take("person"), section.take("contract"));
    section.finish(findings);
    for (owner, fields) in [("person", person), ("contract", contract)] {
        let Some(fields) = fields else { continue };
        for (key, item) in
            entries(&format!("`{owner}`"), "person.grade = \"number\"", fields, findings).into_iter().flatten()
        {
            let name = FieldName::new(key.get_ref()).ok().filter(|name| is_word(name.as_str()));
            let is_own = owner == "contract" && matches!(key.get_ref().as_ref(), "start" | "end" | "in_force");
            if name.is_none() {
                let instead = "write letters, digits and `_`, and no digit first";
                findings.add(key.span(), "not a name that an expression can hold", instead);
            } else if is_own {
                findings.add(key.span(), "every contract has this by itself", "leave it out, or write another name");
            }
            let holds = holds(item, findings);
            let Some((name, holds)) = name.zip(holds) else { continue };
            schema =
                if owner == "person" { schema.with_person(name, holds) } else { schema.with_contract(name, holds) };
        }
    }
    schema
}

fn is_word(name: &str) -> bool {
    name.chars().all(|c| c.is_alphanumeric() || c == '_') && !name.starts_with(|c: char| c.is_numeric())
}

/// `"text"`, or `{ type = "text", values = ["a", "b"] }` for a field that holds nothing else.
fn holds(item: &Item<'_>, findings: &mut Findings<'_>) -> Option<FieldType> {
    if !item.get_ref().is_table() {
        return field_type(item, findings);
    }
    let mut section = table("a field", "{ type = \"text\", values = [\"a\", \"b\"] }", item, findings)?;
    let holds = section.need("type", "\"text\"", findings).and_then(|item| field_type(item, findings));
    let values = section.take("values");
    section.finish(findings);
    let holds = holds?;
    let Some(values) = values else { return Some(holds) };
    if !(FieldType { shape: Shape::One, ..holds.clone() }).is_text() {
        findings.add(values.span(), "only texts have a list of all that they may be", "leave `values` out");
        return None;
    }
    let texts: Vec<&str> = items(values).filter_map(|item| text(item, findings)).collect();
    if texts.is_empty() {
        findings.add(values.span(), "the field could hold nothing", "write one text at least, or leave `values` out");
    }
    Some(holds.of_values(&texts))
}

fn field_type(item: &Item<'_>, findings: &mut Findings<'_>) -> Option<FieldType> {
    let holds: Result<FieldType, _> = text(item, findings)?.parse();
    holds.map_err(|error| findings.add(item.span(), "not what a field can hold", error.to_string())).ok()
}
