//! What was understood of a file so far: every id once, and drafts looked at and left out.

use std::collections::BTreeSet;

use provisioning_core::source::PrimaryOrder;
use provisioning_core::{RuleId, Slot};

use crate::check::exclusion::{Given, combination, exception, exclusion};
use crate::check::read::{Item, table};
use crate::check::rule::{Label, Read, Reader, Status, rule};
use crate::exclusion::Exclusion;
use crate::problem::Findings;
use crate::rule::Rule;
use crate::schema::Schema;
use crate::set::RuleSet;

/// What was understood so far.
pub(crate) struct Found {
    /// The published part of it.
    pub(crate) set: RuleSet,
    /// The target of what names none.
    target: Option<Slot>,
    ids: BTreeSet<RuleId>,
    given: Given,
}

impl Found {
    pub(crate) fn new(primary: PrimaryOrder, schema: Schema, target: Option<Slot>) -> Self {
        Self { set: RuleSet::without_rules(primary, schema), target, ids: BTreeSet::new(), given: Given::default() }
    }

    /// Takes the rules; where these give something, drafts included, or nothing where a rule was not understood.
    pub(crate) fn rules(&mut self, listed: Vec<&Item<'_>>, reader: &mut Reader<'_, '_, '_>) -> Option<BTreeSet<Slot>> {
        let (count, mut understood, mut slots) = (listed.len(), 0, BTreeSet::new());
        for item in listed {
            let Some(section) = table("a rule", "[[rule]]", item, reader.findings) else { continue };
            let Some((Read { label, clause }, gifts)) = rule(section, self.target.as_ref(), reader) else { continue };
            let rule = Rule { clause, gifts };
            understood += 1;
            slots.insert(rule.clause.slot.clone());
            self.given.note(&rule);
            if self.is_published(label, reader.findings) {
                self.set.rules.push(rule);
            }
        }
        let findings = &mut *reader.findings;
        self.given.is_whole = understood == count;
        if count == 0 {
            findings.add(
                0..0,
                "without a rule everybody would lose everything",
                "write a rule under a line `[[rule]]`",
            );
        } else if understood == count && self.set.rules.is_empty() {
            let wrong = "every rule is a draft, and without a published one everybody would lose everything";
            findings.add(0..0, wrong, "take `status = \"draft\"` out of one rule at least");
        }
        (understood == count).then_some(slots)
    }

    pub(crate) fn exclusions(&mut self, listed: Vec<&Item<'_>>, reader: &mut Reader<'_, '_, '_>) {
        for item in listed {
            let Some(section) = table("an exclusion", "[[exclusion]]", item, reader.findings) else { continue };
            let understood = exclusion(section, self.target.as_ref(), &self.given, reader);
            let Some((Read { label, clause }, withholds)) = understood else { continue };
            if self.is_published(label, reader.findings) {
                self.set.exclusions.push(Exclusion { clause, withholds });
            }
        }
    }

    pub(crate) fn exceptions(&mut self, listed: Vec<&Item<'_>>, reader: &mut Reader<'_, '_, '_>) {
        for item in listed {
            let Some(section) = table("an exception", "[[exception]]", item, reader.findings) else { continue };
            let understood = exception(section, self.target.as_ref(), &mut self.given, reader);
            let Some((label, person, exception)) = understood else { continue };
            if self.is_published(label, reader.findings) {
                self.set.exceptions.entry(person).or_default().push(exception);
            }
        }
    }

    pub(crate) fn combinations(&mut self, listed: Vec<&Item<'_>>, reader: &mut Reader<'_, '_, '_>) {
        for item in listed {
            let findings = &mut *reader.findings;
            let Some(section) = table("a combination", "[[combination]]", item, findings) else { continue };
            let Some((label, combination)) = combination(section, self.target.as_ref(), &self.given, findings) else {
                continue;
            };
            if self.is_published(label, findings) {
                self.set.combinations.push(combination);
            }
        }
    }

    /// Notes how something is called, and tells whether it counts.
    fn is_published(&mut self, label: Label, findings: &mut Findings<'_>) -> bool {
        if !self.ids.insert(label.id.clone()) {
            findings.add(label.at, "this id is taken", "write an id that nothing else in the file has");
        }
        if label.status == Status::Draft {
            return false;
        }
        self.set.called.insert(label.id, label.called);
        true
    }
}
