//! One rule: its days, its conditions, and what it gives.

use std::ops::Range;

use provisioning_core::policy::{EXCEPTION, Entitlement, Permission, PermissionClass, ResourceSpec};
use provisioning_core::{PermissionId, RuleId, Slot};

use crate::check::expression::{formula, text_of, value};
use crate::check::read::{Item, Section, choice, contract_field, days, id, items, slot, table, text, valid, yes};
use crate::clause::{Clause, Per};
use crate::language::scope::Place;
use crate::language::term::{Field, Formula, Path, Term, Whose};
use crate::problem::Findings;
use crate::rule::{Each, Gift};
use crate::schema::Schema;
use crate::set::Called;
use crate::window::Window;

/// Whether a rule is in force.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Status {
    /// It gives nothing, but must be well-formed.
    Draft,
    /// It is.
    #[default]
    Published,
}

/// What reading an expression takes.
pub(crate) struct Reader<'s, 'f, 't> {
    pub(crate) schema: &'s Schema,
    pub(crate) findings: &'f mut Findings<'t>,
}

/// How something is called, and whether it is in force.
#[derive(Debug, Clone)]
pub(crate) struct Label {
    pub(crate) id: RuleId,
    pub(crate) called: Called,
    pub(crate) status: Status,
    /// The place of its id.
    pub(crate) at: Range<usize>,
}

/// A clause and how it is called.
pub(crate) struct Read {
    pub(crate) label: Label,
    pub(crate) clause: Clause,
}

/// Understands a rule.
pub(crate) fn rule(
    mut section: Section<'_>,
    target: Option<&Slot>,
    reader: &mut Reader<'_, '_, '_>,
) -> Option<(Read, Vec<Gift>)> {
    let gives = section.need("gives", "[\"account\"]", reader.findings);
    let (read, place) = clause(section, target, reader);
    let gifts = gives.map(|item| gifts(item, place, reader)).unwrap_or_default();
    Some((read?, gifts))
}

/// Understands of whom and when something is said, and where it stands; nothing else may be left in the section.
pub(crate) fn clause(
    mut section: Section<'_>,
    target: Option<&Slot>,
    reader: &mut Reader<'_, '_, '_>,
) -> (Option<Read>, Place) {
    let findings = &mut *reader.findings;
    let label = labelled(&mut section, "\"sales-tools\"", findings);
    let slot = aimed(&mut section, target, findings);
    let words = [("contract", Per::Contract), ("primary", Per::Primary), ("person", Per::Person)];
    let per = section.take("per").and_then(|item| choice(item, &words, findings)).unwrap_or_default();
    let place = if per == Per::Person { Place::Person } else { Place::Contract };
    let window = window(&mut section, per, findings);
    let condition = section.take("when");
    let when = condition.map(|item| formula(item, place.plain(), reader.schema, findings));
    let written = condition.and_then(|item| item.get_ref().as_str()).map(Into::into);
    section.finish(findings);
    let when = when.unwrap_or(Some(Formula::Fixed(true)));
    let read = label.zip(slot).zip(when).map(|((label, slot), when)| {
        let clause = Clause { id: label.id.clone(), slot, per, window, when, written };
        Read { label, clause }
    });
    (read, place)
}

/// What everything in a file has that bears an id.
pub(crate) fn labelled(section: &mut Section<'_>, example: &str, findings: &mut Findings<'_>) -> Option<Label> {
    let named = section.need("id", example, findings);
    let id = named.and_then(|item| Some((rule_id(item, findings)?, item.span())));
    let mut words = |key| section.take(key).and_then(|item| text(item, findings)).map(str::to_owned);
    let called = Called { name: words("name"), category: words("category") };
    let words = [("published", Status::Published), ("draft", Status::Draft)];
    let status = section.take("status").and_then(|item| choice(item, &words, findings)).unwrap_or_default();
    let (id, at) = id?;
    Some(Label { id, called, status, at })
}

/// The target that is meant.
pub(crate) fn aimed(section: &mut Section<'_>, target: Option<&Slot>, findings: &mut Findings<'_>) -> Option<Slot> {
    let own = section.take("target").map(|item| slot(text(item, findings)?, item.span(), findings));
    if own.is_none() && target.is_none() {
        let instead = "write `target = \"entra\"` here, or once at the top of the file";
        findings.add(section.span(), "nothing says which target is meant", instead);
    }
    own.unwrap_or_else(|| target.cloned())
}

/// The days of a rule about contracts; a person has none.
fn window(section: &mut Section<'_>, per: Per, findings: &mut Findings<'_>) -> Window {
    let given = ["days_before", "days_after", "ends"].map(|key| section.take(key));
    if per == Per::Person {
        for item in given.into_iter().flatten() {
            let instead = "leave it out, or write `per = \"contract\"`";
            findings.add(item.span(), "a rule about a person as a whole has no days of its own", instead);
        }
        return Window::default();
    }
    let [before, after, ends] = given;
    Window {
        before: before.and_then(|item| days(item, findings)).unwrap_or_default(),
        after: after.and_then(|item| days(item, findings)).unwrap_or_default(),
        ends: ends.and_then(|item| contract_field(item, findings)),
    }
}

fn rule_id(item: &Item<'_>, findings: &mut Findings<'_>) -> Option<RuleId> {
    let id: RuleId = id(item, findings)?;
    if id.as_str() == EXCEPTION {
        findings.add(item.span(), "the reason of what people grant by hand bears this id", "write another id");
    }
    Some(id)
}

fn gifts(item: &Item<'_>, place: Place, reader: &mut Reader<'_, '_, '_>) -> Vec<Gift> {
    if items(item).next().is_none() {
        reader.findings.add(item.span(), "the rule gives nothing", "write `[\"account\"]`, or make the rule a draft");
    }
    items(item).filter_map(|item| gift(item, place, reader)).collect()
}

/// What is given whatever the data say.
pub(crate) fn fixed_gifts(item: &Item<'_>, reader: &mut Reader<'_, '_, '_>) -> Vec<Entitlement> {
    let mut fixed = Vec::new();
    for gift in gifts(item, Place::Person, reader) {
        match gift {
            Gift::Fixed(entitlement) => fixed.push(entitlement),
            Gift::Each(_) => {
                let instead = "leave `each` out, and write the permission itself";
                reader.findings.add(item.span(), "an exception computes nothing", instead);
            }
        }
    }
    fixed
}

fn gift(item: &Item<'_>, place: Place, reader: &mut Reader<'_, '_, '_>) -> Option<Gift> {
    if item.get_ref().is_table() {
        let section = table("a permission", "{ permission = \"crm-users\" }", item, reader.findings)?;
        return permission(section, place, reader);
    }
    let findings = &mut *reader.findings;
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
    owner: Option<&'t Item<'t>>,
    create: bool,
}

fn permission(mut section: Section<'_>, place: Place, reader: &mut Reader<'_, '_, '_>) -> Option<Gift> {
    let findings = &mut *reader.findings;
    let permission = section.need("permission", "\"crm-users\"", findings);
    let each = section.take("each");
    let classes = [
        ("ordinary", PermissionClass::Ordinary),
        ("licence", PermissionClass::Licence),
        ("privileged", PermissionClass::Privileged),
    ];
    let class = section.take("class").and_then(|item| choice(item, &classes, findings)).unwrap_or_default();
    let (name, owner) = (section.take("name"), section.take("owner"));
    let create = section.take("create").is_some_and(|item| yes(item, findings));
    if let Some(name) = name.filter(|_| !create) {
        let instead = "write `create = true` beside it, or leave the name out";
        findings.add(name.span(), "only a permission that may be created has a name", instead);
    }
    section.finish(findings);
    let described = Described { permission: permission?, class, name, owner, create };
    match each {
        None => fixed(&described, findings),
        Some(each) => dynamic(each, &described, place, reader),
    }
}

fn fixed(described: &Described<'_>, findings: &mut Findings<'_>) -> Option<Gift> {
    let item = described.permission;
    let written = text(item, findings)?;
    if written.contains(['{', '}']) {
        let instead = "write `each = 'contract.department'` beside it and `'\"department:\" + key'` here, or no braces";
        findings.add(item.span(), "nothing says what stands in the braces", instead);
        return None;
    }
    if let Some(owner) = described.owner {
        unowned(owner, findings);
    }
    let id: PermissionId = valid(PermissionId::new(written), item, findings)?;
    let name = match described.name {
        Some(name) => text(name, findings)?,
        None => written,
    };
    let resource = described.create.then(|| ResourceSpec { name: name.to_owned(), owner: Vec::new() });
    Some(Gift::Fixed(Entitlement::Permission(Permission { id, class: described.class, resource })))
}

/// What the parts of a permission for each value are written in.
fn dynamic(each: &Item<'_>, described: &Described<'_>, place: Place, reader: &mut Reader<'_, '_, '_>) -> Option<Gift> {
    let Reader { schema, findings } = reader;
    let keys = value(each, place.plain(), schema, findings);
    let permission = value(described.permission, Place::Key.with("key"), schema, findings);
    let permission = permission.and_then(|typed| text_of(typed, described.permission, findings));
    if permission.as_ref().is_some_and(|term| !term.has_word()) {
        let instead = "write `key` where the value goes, such as `\"department:\" + key`";
        findings.add(described.permission.span(), "the same permission for each value", instead);
    }
    let name = match described.name {
        Some(item) => Some(text_of(value(item, place.with("key"), schema, findings)?, item, findings)?),
        None => permission.clone(),
    };
    let name = name.filter(|_| described.create);
    let whose = keys.as_ref().filter(|_| described.create).and_then(|keys| department_of(&keys.term));
    if let Some(owner) = described.owner.filter(|_| whose.is_none()) {
        unowned(owner, findings);
    }
    let owner = described.owner.zip(whose).and_then(|(item, whose)| choice(item, &[("manager", whose)], findings));
    let written = text(each, findings)?.trim().to_owned();
    let each = Each { keys: keys?, written, permission: permission?, class: described.class, name, owner };
    Some(Gift::Each(Box::new(each)))
}

/// The contract whose department keys are.
fn department_of(keys: &Term) -> Option<Whose> {
    let Term::Field(Field { path: Path::Contract(whose, name), .. }) = keys else { return None };
    (name.as_str() == "department").then_some(*whose)
}

fn unowned(owner: &Item<'_>, findings: &mut Findings<'_>) {
    let instead = "write `each = 'contract.department'` and `create = true` beside it, or leave the owner out";
    findings.add(owner.span(), "only a group that is made for each department has an owner", instead);
}
