//! Exclusions, exceptions, and what may not be held together.

use std::collections::{BTreeMap, BTreeSet};

use provisioning_core::policy::{Bar, Combination, Entitlement, Verdict};
use provisioning_core::{PermissionId, PersonId, RuleId, Slot};

use crate::check::read::{Item, Section, choice, date, id, items, slot, table, text, valid};
use crate::check::rule::{Label, Read, Reader, aimed, clause, fixed_gifts, labelled};
use crate::clause::Per;
use crate::exclusion::Exception;
use crate::problem::Findings;
use crate::rule::{Each, Gift, Rule};
use crate::slot::written;
use crate::window::Window;

/// What the rules give, drafts included: a name that nobody gives is a slip of the pen.
#[derive(Debug, Default)]
pub(crate) struct Given {
    /// Whether every rule was understood.
    pub(crate) is_whole: bool,
    /// How far each rule reaches beyond contracts.
    rules: BTreeMap<RuleId, (u32, u32)>,
    permissions: BTreeSet<(Slot, PermissionId)>,
    /// Permissions that are computed.
    dynamic: Vec<(Slot, Each)>,
    /// How far the rules for an account reach.
    reach: BTreeMap<Slot, (u32, u32)>,
}

impl Given {
    /// Notes what a rule gives.
    pub(crate) fn note(&mut self, rule: &Rule) {
        let slot = &rule.clause.slot;
        let own = (rule.clause.window.before, rule.clause.window.after);
        self.rules.insert(rule.clause.id.clone(), own);
        let reach = self.reach.entry(slot.clone()).or_default();
        *reach = further(*reach, own);
        for gift in &rule.gifts {
            match gift {
                Gift::Fixed(entitlement) => self.note_one(slot, entitlement),
                Gift::Each(each) => self.dynamic.push((slot.clone(), each.as_ref().clone())),
            }
        }
    }

    fn note_one(&mut self, slot: &Slot, entitlement: &Entitlement) {
        if let Entitlement::Permission(permission) = entitlement {
            self.permissions.insert((slot.clone(), permission.id.clone()));
        }
    }

    /// The days of an exclusion that has none of its own: as far as any rule for its accounts reaches, or one that it
    /// withholds elsewhere.
    fn widest(&self, window: Window, slot: &Slot, bars: &[Bar]) -> Window {
        let withheld = bars.iter().filter_map(|bar| match bar {
            Bar::Rule(rule) => self.rules.get(rule),
            Bar::Account | Bar::Access | Bar::Permission(_) => None,
        });
        let (before, after) = withheld.chain(self.reach.get(slot)).copied().fold((0, 0), further);
        Window { before, after, ..window }
    }

    /// Notes an account that no rule gives.
    fn check_slot(&self, slot: &Slot, item: &Item<'_>, findings: &mut Findings<'_>) {
        if self.is_whole && !self.reach.contains_key(slot) {
            let instead = "write the target of a rule, or a rule for these accounts";
            findings.add(item.span(), format!("no rule gives anything on `{}`", written(slot)), instead);
        }
    }

    /// Notes a permission that no rule gives there.
    fn check(&self, slot: &Slot, id: &PermissionId, item: &Item<'_>, findings: &mut Findings<'_>) {
        let is_it = |(on, each): &(Slot, Each)| on == slot && each.may_be(id);
        let is_given = self.permissions.contains(&(slot.clone(), id.clone())) || self.dynamic.iter().any(is_it);
        if self.is_whole && !is_given {
            let instead = "write the id of one that a rule gives there";
            findings.add(item.span(), format!("no rule gives `{id}` on `{}`", written(slot)), instead);
        }
    }
}

fn further(one: (u32, u32), other: (u32, u32)) -> (u32, u32) {
    (one.0.max(other.0), one.1.max(other.1))
}

/// Understands an exclusion.
pub(crate) fn exclusion(
    mut section: Section<'_>,
    target: Option<&Slot>,
    given: &Given,
    reader: &mut Reader<'_, '_, '_>,
) -> Option<(Read, Vec<Bar>)> {
    let withholds = section.need("withholds", "[{ permission = \"crm-users\" }]", reader.findings);
    let has_days = section.has("days_before") || section.has("days_after");
    let (mut read, _) = clause(section, target, reader);
    let findings = &mut *reader.findings;
    let on = read.as_ref().map(|read| &read.clause.slot);
    let bars: Vec<Bar> =
        withholds.into_iter().flat_map(items).filter_map(|item| bar(item, on, given, findings)).collect();
    if let Some(Read { clause, .. }) = read.as_mut().filter(|read| !has_days && read.clause.per != Per::Person) {
        clause.window = given.widest(std::mem::take(&mut clause.window), &clause.slot, &bars);
    }
    if let Some(item) = withholds.filter(|item| items(item).next().is_none()) {
        findings.add(item.span(), "the exclusion withholds nothing", "write `[\"access\"]`, or make it a draft");
    }
    Some((read?, bars))
}

fn bar(item: &Item<'_>, on: Option<&Slot>, given: &Given, findings: &mut Findings<'_>) -> Option<Bar> {
    let instead = "write `\"account\"`, `\"access\"`, `{ permission = \"crm-users\" }` or `{ rule = \"sales-tools\" }`";
    match item.get_ref().as_str() {
        Some(what @ ("account" | "access")) => {
            given.check_slot(on?, item, findings);
            return Some(if what == "account" { Bar::Account } else { Bar::Access });
        }
        _ if item.get_ref().is_table() => {}
        _ => {
            findings.add(item.span(), "not a thing that can be withheld", instead);
            return None;
        }
    }
    let mut entries = table("what is withheld", "{ permission = \"crm-users\" }", item, findings)?;
    let (permission, rule) = (entries.take("permission"), entries.take("rule"));
    entries.finish(findings);
    match (permission, rule) {
        (Some(written), None) => {
            let id: PermissionId = valid(PermissionId::new(text(written, findings)?), written, findings)?;
            given.check(on?, &id, written, findings);
            Some(Bar::Permission(id))
        }
        (None, Some(written)) => {
            let id: RuleId = id(written, findings)?;
            if given.is_whole && !given.rules.contains_key(&id) {
                findings.add(written.span(), format!("no rule is called `{id}`"), "write the id of a rule");
            }
            Some(Bar::Rule(id))
        }
        (Some(_), Some(_)) | (None, None) => {
            findings.add(item.span(), "not one thing that can be withheld", instead);
            None
        }
    }
}

/// Understands an exception: who has what, and how long.
pub(crate) fn exception(
    mut section: Section<'_>,
    target: Option<&Slot>,
    given: &mut Given,
    reader: &mut Reader<'_, '_, '_>,
) -> Option<(Label, PersonId, Exception)> {
    let listed = section.need("gives", "[{ permission = \"crm-users\" }]", reader.findings);
    let listed = listed.map(|item| fixed_gifts(item, reader)).unwrap_or_default();
    let findings = &mut *reader.findings;
    let label = labelled(&mut section, "\"ann-until-summer\"", findings);
    let person = section.need("person", "\"afas:1229\"", findings);
    let person = person.and_then(|item| {
        let person = text(item, findings)?.parse::<PersonId>();
        let instead = "write the source and the person's key in it, such as `\"afas:1229\"`";
        person.map_err(|error| findings.add(item.span(), error.to_string(), instead)).ok()
    });
    let slot = aimed(&mut section, target, findings);
    let from = section.take("from").map(|item| Some((date(item, findings)?, item)));
    let until = section.need("until", "2026-08-31", findings).and_then(|item| date(item, findings));
    section.finish(findings);
    let (slot, until) = (slot?, until?);
    let from = from.map_or(Some(None), |from| from.map(Some))?;
    if let Some((_, item)) = from.filter(|(from, _)| *from > until) {
        findings.add(item.span(), "the first day is later than the last", "write a day that is not after `until`");
    }
    for entitlement in &listed {
        given.note_one(&slot, entitlement);
    }
    let label = label?;
    let gift = Exception { id: label.id.clone(), slot, from: from.map(|(from, _)| from), until, gives: listed };
    Some((label, person?, gift))
}

/// Understands what may not be held together.
pub(crate) fn combination(
    mut section: Section<'_>,
    target: Option<&Slot>,
    given: &Given,
    findings: &mut Findings<'_>,
) -> Option<(Label, Combination)> {
    let label = labelled(&mut section, "\"four-eyes\"", findings);
    let apart = section.need("apart", "[\"ordering\", \"paying\"]", findings);
    let words = [("deny", Verdict::Deny), ("report", Verdict::Report)];
    let verdict = section.take("verdict").and_then(|item| choice(item, &words, findings)).unwrap_or_default();
    let own = section.take("target").map(|item| slot(text(item, findings)?, item.span(), findings));
    let target = own.unwrap_or_else(|| target.cloned());
    section.finish(findings);
    let apart = apart?;
    let permissions: Vec<_> = items(apart).filter_map(|item| part(item, target.as_ref(), given, findings)).collect();
    let kinds: BTreeSet<_> = permissions.iter().collect();
    if items(apart).nth(1).is_none() || permissions.len() == items(apart).count() && kinds.len() < permissions.len() {
        let instead = "write two permissions at least, each once: the one that comes first stands";
        findings.add(apart.span(), "nothing that could come together", instead);
    }
    let label = label?;
    let id = label.id.clone();
    Some((label, Combination { id, permissions, verdict }))
}

/// One of those that may not be held together.
fn part(
    item: &Item<'_>,
    target: Option<&Slot>,
    given: &Given,
    findings: &mut Findings<'_>,
) -> Option<(Slot, PermissionId)> {
    let (written, own) = if item.get_ref().is_table() {
        let mut section = table("a permission", "{ permission = \"paying\", target = \"ad\" }", item, findings)?;
        let written = section.need("permission", "\"paying\"", findings);
        let own = section.take("target").map(|item| slot(text(item, findings)?, item.span(), findings));
        section.finish(findings);
        (written?, own)
    } else {
        (item, None)
    };
    if own.is_none() && target.is_none() {
        let instead =
            "write `{ permission = \"paying\", target = \"entra\" }`, or the target once at the top of the file";
        findings.add(item.span(), "nothing says which target is meant", instead);
    }
    let slot = own.unwrap_or_else(|| target.cloned())?;
    let id: PermissionId = valid(PermissionId::new(text(written, findings)?), written, findings)?;
    given.check(&slot, &id, written, findings);
    Some((slot, id))
}
