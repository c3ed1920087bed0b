//! Why somebody has something on a day, and why not: each rule that could give it, and each of its conditions with what it
//! looks at.

mod condition;
mod inquiry;
mod show;

use chrono::{DateTime, NaiveDate, Utc};
use provisioning_core::lifecycle::Want;
use provisioning_core::policy::{Answer, Bar, Entitlement, Grant, Policy, PolicyVersion};
use provisioning_core::source::Person;
use provisioning_core::{ContractId, PermissionId, PersonId, RuleId, Slot};
use serde::{Deserialize, Serialize};

pub use condition::{Condition, Holds, How};

use crate::clause::{Clause, Per};
use crate::explain::condition::in_words;
use crate::explain::inquiry::Inquiry;
use crate::language::evaluate::Facts;
use crate::language::scope::Place;
use crate::rule::{Each, Gift, Rule};
use crate::set::{RuleSet, shown};

/// What one can ask about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Asked {
    /// That there is an account.
    Account,
    /// That it can be used.
    Access,
    /// That it holds something.
    Permission(PermissionId),
}

/// Why somebody has something on a day, or does not have it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Explanation {
    /// By which rules.
    pub version: PolicyVersion,
    /// Who.
    pub person: PersonId,
    /// On which account.
    pub slot: Slot,
    /// What.
    pub asked: Asked,
    /// On which day of the person's.
    pub day: NaiveDate,
    /// What comes of all of it.
    pub verdict: Verdict,
    /// What the rules say that could give it, of each contract; those first that hold, then those that nearly do.
    pub rules: Vec<Saying>,
    /// What the exclusions say that could withhold it, in the same order.
    pub exclusions: Vec<Saying>,
    /// The exceptions in the rules that give it on this day.
    pub exceptions: Vec<RuleId>,
    /// The combinations that withhold it.
    pub combinations: Vec<RuleId>,
}

/// Whether somebody is to have something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// It is given.
    Given,
    /// It is given, but no account that could hold it.
    WithoutAccount,
    /// Something gives it, and something withholds it.
    Withheld,
    /// It cannot be told: whoever has it keeps it, nobody else gets it.
    Undetermined,
    /// Nothing gives it.
    NotGiven,
}

/// What a rule, or an exclusion, says of a contract or of the person as a whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Saying {
    /// Which.
    pub rule: RuleId,
    /// What people call it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Of which contract.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contract: Option<ContractId>,
    /// Whether it gives, or withholds, what was asked about.
    pub holds: Holds,
    /// Its days, where it speaks of a contract.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub days: Option<Days>,
    /// Its condition, where it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub condition: Option<Condition>,
    /// Whether the key of a dynamic permission is the one that was asked about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<Condition>,
}

/// The days on which something is said of a contract.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Days {
    /// The first one; nothing where the contract has no days.
    pub first: Option<NaiveDate>,
    /// The last one, if there is one.
    pub last: Option<NaiveDate>,
    /// Whether the day in question is one of them.
    pub holds: bool,
}

impl RuleSet {
    /// Why somebody has something, or why not. What people gave beside the rules stands in the ledger, not here.
    #[must_use]
    pub fn explain(&self, person: &Person<'_>, slot: &Slot, asked: &Asked, now: DateTime<Utc>) -> Explanation {
        let about = self.facts(person, now);
        let shown = shown(&about);
        let answer = self.answer(person, now);
        let of_rules = self.rules.iter().filter(|rule| rule.clause.slot == *slot && may_give(rule, asked));
        let mut rules: Vec<Saying> = of_rules
            .flat_map(|rule| shown.iter().filter(|facts| rule.clause.is_asked(facts)).map(move |facts| (rule, facts)))
            .map(|(rule, facts)| self.said(&rule.clause, facts, keyed(rule, asked, facts)))
            .collect();
        let is_giving = |rule: &RuleId| rules.iter().any(|saying| saying.rule == *rule);
        let withholding = self.exclusions.iter().filter(|exclusion| {
            let mut bars = exclusion.withholds.iter();
            bars.any(|bar| covers(bar, &exclusion.clause.slot, (slot, asked), is_giving))
        });
        let mut exclusions: Vec<Saying> = withholding
            .flat_map(|one| shown.iter().filter(|facts| one.clause.is_asked(facts)).map(move |facts| (one, facts)))
            .map(|(exclusion, facts)| self.said(&exclusion.clause, facts, None))
            .collect();
        rules.sort_by_key(|saying| (saying.holds, saying.distance()));
        exclusions.sort_by_key(|saying| (saying.holds, saying.distance()));
        let combinations = self.combined(&answer, slot, asked);
        let verdict = verdict(&answer, slot, asked, &rules);
        Explanation {
            version: self.version(),
            person: person.id.clone(),
            slot: slot.clone(),
            asked: asked.clone(),
            day: about.today,
            verdict: if combinations.is_empty() { verdict } else { Verdict::Withheld },
            exceptions: self.excepted(&about, slot, asked),
            combinations,
            rules,
            exclusions,
        }
    }

    fn excepted(&self, about: &Facts<'_, '_>, slot: &Slot, asked: &Asked) -> Vec<RuleId> {
        let mut answer = Answer::default();
        self.exceptions_of(about.person).for_each(|exception| exception.say(about.today, &mut answer));
        let is_it = |grant: &&Grant| grant.slot == *slot && asked.is_in(&grant.entitlement);
        answer.grants.iter().filter(is_it).map(|grant| grant.because.rule.clone()).collect()
    }

    fn combined(&self, answer: &Answer, slot: &Slot, asked: &Asked) -> Vec<RuleId> {
        let is_it = |bar: &Bar| matches!((bar, asked), (Bar::Permission(id), Asked::Permission(asked)) if id == asked);
        let barred = answer.barred.iter().filter(|barred| barred.slot == *slot && is_it(&barred.what));
        let by = barred.map(|barred| &barred.by).filter(|by| self.combinations.iter().any(|one| one.id == **by));
        by.cloned().collect()
    }

    fn said(&self, clause: &Clause, facts: &Facts<'_, '_>, key: Option<Condition>) -> Saying {
        let place = if clause.per == Per::Person { Place::Person } else { Place::Contract };
        let inquiry = clause.written.as_deref().and_then(|text| Inquiry::of(text, place.plain(), &self.schema));
        let condition = inquiry.and_then(|inquiry| Condition::of(&inquiry.whole, None, facts, &inquiry));
        let days = facts.contract.map(|contract| {
            let days = clause.window.days(contract);
            let last = days.and_then(|days| days.end()).and_then(|end| end.pred_opt());
            let holds = days.is_some_and(|days| days.contains(facts.today));
            Days { first: days.map(|days| days.start()), last, holds }
        });
        let parts = [condition.as_ref(), key.as_ref()].into_iter().flatten().map(|part| part.holds);
        let on_days = if days.is_none_or(|days| days.holds) { Holds::Yes } else { Holds::No };
        Saying {
            rule: clause.id.clone(),
            name: self.name_of(&clause.id).map(str::to_owned),
            contract: facts.contract.map(|contract| contract.id().clone()),
            holds: parts.fold(on_days, Holds::and),
            days,
            condition,
            key,
        }
    }
}

impl Holds {
    fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::No, _) | (_, Self::No) => Self::No,
            (Self::Unknown, _) | (_, Self::Unknown) => Self::Unknown,
            (Self::Yes, Self::Yes) => Self::Yes,
        }
    }
}

impl Saying {
    /// How much would have to be otherwise, at least.
    fn distance(&self) -> usize {
        let parts = [self.condition.as_ref(), self.key.as_ref()].into_iter().flatten().map(Condition::distance);
        parts.sum::<usize>() + usize::from(self.days.is_some_and(|days| !days.holds))
    }
}

impl Asked {
    /// Whether an entitlement gives it.
    pub(crate) fn is_in(&self, entitlement: &Entitlement) -> bool {
        match (self, entitlement) {
            (Self::Account, Entitlement::Account | Entitlement::Access) | (Self::Access, Entitlement::Access) => true,
            (Self::Permission(id), Entitlement::Permission(given)) => *id == given.id,
            (Self::Account | Self::Access | Self::Permission(_), _) => false,
        }
    }
}

fn may_give(rule: &Rule, asked: &Asked) -> bool {
    rule.gifts.iter().any(|gift| match (gift, asked) {
        (Gift::Fixed(entitlement), _) => asked.is_in(entitlement),
        (Gift::Each(each), Asked::Permission(id)) => each.may_be(id),
        (Gift::Each(_), Asked::Account | Asked::Access) => false,
    })
}

/// Whether a dynamic permission of a rule is the one in question; nothing where a fixed one is.
fn keyed(rule: &Rule, asked: &Asked, facts: &Facts<'_, '_>) -> Option<Condition> {
    let Asked::Permission(id) = asked else { return None };
    let mut nearest: Option<Condition> = None;
    for gift in &rule.gifts {
        match gift {
            Gift::Fixed(entitlement) if asked.is_in(entitlement) => return None,
            Gift::Each(each) if each.may_be(id) => {
                let condition = of_key(each, id, facts);
                if nearest.as_ref().is_none_or(|nearest| condition.holds < nearest.holds) {
                    nearest = Some(condition);
                }
            }
            Gift::Fixed(_) | Gift::Each(_) => {}
        }
    }
    nearest
}

fn of_key(each: &Each, id: &PermissionId, facts: &Facts<'_, '_>) -> Condition {
    let mut fields = Vec::new();
    each.keys.term.fields(&mut |field| fields.push((field.written.clone(), in_words(field, facts))));
    let holds = match each.permissions(facts) {
        None => Holds::Unknown,
        Some(permissions) if permissions.iter().flatten().any(|permission| permission.id == *id) => Holds::Yes,
        Some(_) => Holds::No,
    };
    Condition { text: each.written.clone(), contract: None, holds, how: How::Itself, parts: Vec::new(), fields }
}

/// Whether what is withheld on `on` is, or holds, what was asked about.
fn covers(bar: &Bar, on: &Slot, (slot, asked): (&Slot, &Asked), is_giving: impl Fn(&RuleId) -> bool) -> bool {
    match (bar, asked) {
        (Bar::Rule(rule), _) => is_giving(rule),
        (Bar::Account, _) | (Bar::Access, Asked::Access) => on == slot,
        (Bar::Permission(id), Asked::Permission(asked)) => on == slot && id == asked,
        (Bar::Access | Bar::Permission(_), _) => false,
    }
}

fn verdict(answer: &Answer, slot: &Slot, asked: &Asked, rules: &[Saying]) -> Verdict {
    let want = answer.wants(slot);
    let is_given = match asked {
        Asked::Account => want >= Want::Account,
        Asked::Access => want >= Want::Access,
        Asked::Permission(id) => answer.gives(slot, id),
    };
    let is_untold = answer.undetermined.iter().any(|one| {
        one.slot == *slot && rules.iter().any(|saying| saying.rule == one.rule && saying.holds != Holds::No)
    });
    let mut doubted = answer.doubts.iter().map(|doubt| &doubt.grant);
    let is_doubtful = is_untold || doubted.any(|grant| grant.slot == *slot && asked.is_in(&grant.entitlement));
    let is_held_back = rules.iter().any(|saying| saying.holds == Holds::Yes);
    match is_given {
        true if want.max(answer.may_want(slot)) == Want::Nothing => Verdict::WithoutAccount,
        true => Verdict::Given,
        false if is_barred(answer, slot, asked, rules) => Verdict::Withheld,
        false if is_doubtful => Verdict::Undetermined,
        false if is_held_back => Verdict::Withheld,
        false => Verdict::NotGiven,
    }
}

/// Whether something may give it, and all of that is withheld.
fn is_barred(answer: &Answer, slot: &Slot, asked: &Asked, rules: &[Saying]) -> bool {
    let mut giving = rules.iter().filter(|saying| saying.holds != Holds::No).peekable();
    let is_withheld = |saying: &Saying| {
        let mut barred = answer.barred.iter();
        barred.any(|barred| covers(&barred.what, &barred.slot, (slot, asked), |rule| *rule == saying.rule))
    };
    giving.peek().is_some() && giving.all(is_withheld)
}
