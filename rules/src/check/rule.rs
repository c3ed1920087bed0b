//! One rule: its days, its conditions, and what it gives.

use std::ops::Range;

use provisioning_core::policy::{EXCEPTION, Entitlement, Permission, PermissionClass, ResourceSpec};
use provisioning_core::{PermissionId, RuleId, Slot};
use toml::de::DeTable;

use crate::check::read::{
    Item, Section, choice, contract_field, days, entries, id, items, plain, slot, table, text, valid, yes,
};
use crate::condition::{Condition, Literal, Test};
use crate::field::Field;
use crate::problem::Findings;
use crate::rule::{Each, Gift, Hole, Rule};
use crate::template::Template;
use crate::window::Window;
use crate::wording::listed;

/// Whether a rule is in force.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Status {
    /// It gives nothing, but must be well-formed.
    Draft,
    /// It is.
    #[default]
    Published,
}

/// Understands a rule; the place is that of its id.
pub(crate) fn rule(
    mut section: Section<'_>,
    target: Option<&Slot>,
    findings: &mut Findings<'_>,
) -> Option<(Status, Rule, Range<usize>)> {
    let named = section.need("id", "\"sales-tools\"", findings);
    let rule_id = named.and_then(|item| rule_id(item, findings));
    let name = section.take("name").and_then(|item| text(item, findings)).map(str::to_owned);
    let words = [("published", Status::Published), ("draft", Status::Draft)];
    let status = section.take("status").and_then(|item| choice(item, &words, findings)).unwrap_or_default();
    let own = section.take("target").map(|item| slot(text(item, findings)?, item.span(), findings));
    let window = Window {
        before: section.take("days_before").and_then(|item| days(item, findings)).unwrap_or_default(),
        after: section.take("days_after").and_then(|item| days(item, findings)).unwrap_or_default(),
        ends: section.take("ends").and_then(|item| contract_field(item, findings)),
    };
    let conditions = section.take("when").map(|item| conditions(item, findings)).unwrap_or_default();
    let gifts = section.need("gives", "[\"account\"]", findings).map(|item| gifts(item, findings)).unwrap_or_default();
    if own.is_none() && target.is_none() {
        let instead = "write `target = \"entra\"` in the rule, or once at the top of the file";
        findings.add(section.span(), "nothing says on which target the rule gives something", instead);
    }
    section.finish(findings);
    let slot = own.unwrap_or_else(|| target.cloned())?;
    Some((status, Rule { id: rule_id?, name, slot, window, conditions, gifts }, named?.span()))
}

fn rule_id(item: &Item<'_>, findings: &mut Findings<'_>) -> Option<RuleId> {
    let id: RuleId = id(item, findings)?;
    if id.as_str() == EXCEPTION {
        findings.add(item.span(), "the reason of what people grant by hand bears this id", "write another id");
    }
    Some(id)
}

/// `when`, as `{ "contract.title" = "Staff" }` or `{ contract.title = "Staff" }`.
fn conditions(item: &Item<'_>, findings: &mut Findings<'_>) -> Vec<Condition> {
    let mut conditions = Vec::new();
    let Some(entries) = entries("`when`", "{ contract.title = \"Staff\" }", item, findings) else { return conditions };
    let asks = |fields: &DeTable<'_>, place: Range<usize>, findings: &mut Findings<'_>| {
        if fields.is_empty() {
            let instead = "write a condition such as `contract.title = \"Staff\"`, or leave it out";
            findings.add(place, "there is no condition in it", instead);
        }
    };
    asks(entries, item.span(), findings);
    for (key, item) in entries {
        let owner = key.get_ref().as_ref();
        let fields: Vec<_> = match (owner.split_once('.'), item.get_ref().as_table()) {
            (Some((owner, name)), _) => vec![(owner, name, key.span(), item)],
            (None, Some(fields)) => {
                asks(fields, item.span(), findings);
                fields.iter().map(|(name, item)| (owner, name.get_ref().as_ref(), name.span(), item)).collect()
            }
            (None, None) => vec![(owner, "", key.span(), item)],
        };
        for (owner, name, place, item) in fields {
            let field = field(owner, name, place, findings);
            let tests = tests(item, findings);
            let Some(field) = field else { continue };
            conditions.extend(tests.into_iter().map(|test| Condition { field: field.clone(), test }));
        }
    }
    conditions
}

fn field(owner: &str, name: &str, place: Range<usize>, findings: &mut Findings<'_>) -> Option<Field> {
    let field = Field::of(owner, name);
    field.map_err(|instead| findings.add(place, "not a field of the contract or of the person", instead)).ok()
}

/// What is asked of a field: a value, a list of values, or `{ not = ..., starts_with = ... }`.
fn tests(item: &Item<'_>, findings: &mut Findings<'_>) -> Vec<Test> {
    if !item.get_ref().is_table() {
        return vec![Test::Is(literals(item, findings))];
    }
    let Some(mut section) = table("a condition", "{ not = \"Staff\" }", item, findings) else { return Vec::new() };
    let not = section.take("not").map(|item| Test::Not(literals(item, findings)));
    let starts = section.take("starts_with").map(|item| Test::StartsWith(literals(item, findings)));
    let tests: Vec<Test> = not.into_iter().chain(starts).collect();
    if tests.is_empty() {
        findings.add(item.span(), "asks nothing of the field", "write a value, or `{ not = \"Staff\" }`");
    }
    section.finish(findings);
    tests
}

fn literals(item: &Item<'_>, findings: &mut Findings<'_>) -> Vec<Literal> {
    if items(item).next().is_none() {
        findings.add(
            item.span(),
            "an empty list is true of nothing",
            "write one value at least, or leave the condition out",
        );
    }
    items(item).filter_map(|item| plain(item, findings)).map(|text| Literal::new(&text)).collect()
}

fn gifts(item: &Item<'_>, findings: &mut Findings<'_>) -> Vec<Gift> {
    if items(item).next().is_none() {
        findings.add(item.span(), "the rule gives nothing", "write `[\"account\"]`, or make the rule a draft");
    }
    items(item).filter_map(|item| gift(item, findings)).collect()
}

fn gift(item: &Item<'_>, findings: &mut Findings<'_>) -> Option<Gift> {
    if item.get_ref().is_table() {
        return permission(table("a permission", "{ permission = \"crm-users\" }", item, findings)?, findings);
    }
    match item.get_ref().as_str() {
        Some("account") => Some(Gift::Fixed(Entitlement::Account)),
        Some("access") => Some(Gift::Fixed(Entitlement::Access)),
        Some(other) => {
            let instead = format!("write `\"account\"`, `\"access\"` or `{{ permission = \"{other}\" }}`");
            findings.add(item.span(), "not a thing that can be given", instead);
            None
        }
        None => {
            let instead = "write `\"account\"`, `\"access\"` or `{ permission = \"crm-users\" }`";
            findings.add(item.span(), "not a thing that can be given", instead);
            None
        }
    }
}

/// A permission with all that is said of it.
struct Described<'t> {
    permission: &'t Item<'t>,
    class: PermissionClass,
    name: Option<&'t Item<'t>>,
    create: bool,
}

fn permission(mut section: Section<'_>, findings: &mut Findings<'_>) -> Option<Gift> {
    let permission = section.need("permission", "\"crm-users\"", findings);
    let each = section.take("each").map(|item| each_field(item, findings));
    let classes = [
        ("ordinary", PermissionClass::Ordinary),
        ("licence", PermissionClass::Licence),
        ("privileged", PermissionClass::Privileged),
    ];
    let class = section.take("class").and_then(|item| choice(item, &classes, findings)).unwrap_or_default();
    let name = section.take("name");
    let create = section.take("create").is_some_and(|item| yes(item, findings));
    if let Some(name) = name.filter(|_| !create) {
        let instead = "write `create = true` beside it, or leave the name out";
        findings.add(name.span(), "only a permission that may be created has a name", instead);
    }
    section.finish(findings);
    let described = Described { permission: permission?, class, name, create };
    match each {
        None => fixed(&described, findings),
        Some(field) => dynamic(field, &described, findings),
    }
}

fn each_field(item: &Item<'_>, findings: &mut Findings<'_>) -> Option<Field> {
    let (owner, name) = text(item, findings)?.split_once('.').unwrap_or_default();
    field(owner, name, item.span(), findings)
}

fn fixed(described: &Described<'_>, findings: &mut Findings<'_>) -> Option<Gift> {
    let item = described.permission;
    let written = text(item, findings)?;
    if written.contains(['{', '}']) {
        let instead = "write `each = \"contract.department\"` beside it, or a permission without braces";
        findings.add(item.span(), "nothing says what stands in the braces", instead);
        return None;
    }
    let id: PermissionId = valid(PermissionId::new(written), item, findings)?;
    let name = match described.name {
        Some(name) => text(name, findings)?,
        None => written,
    };
    let resource = described.create.then(|| ResourceSpec { name: name.to_owned() });
    Some(Gift::Fixed(Entitlement::Permission(Permission { id, class: described.class, resource })))
}

fn dynamic(field: Option<Field>, described: &Described<'_>, findings: &mut Findings<'_>) -> Option<Gift> {
    let permission = holes(described.permission, findings);
    if permission.as_ref().is_some_and(|template| !template.references().any(|hole| *hole == Hole::Key)) {
        let instead = "write `{key}` where the value of the field goes, such as `\"department:{key}\"`";
        findings.add(described.permission.span(), "the same permission for each value", instead);
    }
    if permission.as_ref().is_some_and(|template| template.references().any(|hole| *hole == Hole::DepartmentName)) {
        let instead = "write `{key}` here, and the department's name in `name`";
        findings.add(described.permission.span(), "a department that is renamed would be another permission", instead);
    }
    let name = match described.name {
        Some(name) => Some(holes(name, findings)?),
        None => permission.clone(),
    };
    let name = name.filter(|_| described.create);
    Some(Gift::Each(Each { field: field?, permission: permission?, class: described.class, name }))
}

fn holes(item: &Item<'_>, findings: &mut Findings<'_>) -> Option<Template<Hole>> {
    let hole = |name: &str| match name {
        "key" => Ok(Hole::Key),
        "department.name" => Ok(Hole::DepartmentName),
        _ => Err(format!("write {}", listed(&["{key}", "{department.name}"], "or"))),
    };
    let parsed = Template::parse(text(item, findings)?, &hole);
    parsed.map_err(|fault| findings.add(item.span(), fault.wrong, fault.instead)).ok()
}
