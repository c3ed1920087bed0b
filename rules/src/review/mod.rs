//! What is well-formed and yet unlikely to be meant: rules that can never hold, that say what another one says, and the like.

mod cases;
mod domain;

use std::collections::BTreeSet;
use std::fmt;

use chrono::{DateTime, Utc};
use provisioning_core::policy::{Bar, Entitlement};
use provisioning_core::source::Person;
use provisioning_core::{PermissionId, RuleId, Slot};
use serde::{Deserialize, Serialize};

use crate::clause::Clause;
use crate::language::datum::Datum;
use crate::language::evaluate::{Facts, Truth};
use crate::language::term::{Formula, Term, Test};
use crate::review::cases::{Outcome, both, cases};
use crate::rule::{Gift, Rule};
use crate::set::{RuleSet, shown};

/// Something to look at again.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Remark {
    /// The condition of a rule or an exclusion contradicts itself.
    NeverHolds(RuleId),
    /// Whoever gets something by the first gets all of it by the second.
    Implied(RuleId, RuleId),
    /// Two rules say the same.
    Twice(RuleId, RuleId),
    /// A rule asks that a field is not something, and gives nothing to whoever lacks it.
    Negated(RuleId, String),
    /// A value in a condition that nobody has.
    Nobody(RuleId, String),
    /// Held, and given by no rule.
    Ungiven(Slot, PermissionId),
    /// Days after a contract by which the account is deleted, when it has so many.
    BeyondGrace(RuleId, u32),
}

impl fmt::Display for Remark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NeverHolds(rule) => write!(f, "`{rule}` can never hold: its condition contradicts itself"),
            Self::Implied(rule, by) => {
                write!(f, "`{rule}` gives nothing that `{by}` does not give: take one of them out")
            }
            Self::Twice(rule, by) => write!(f, "`{rule}` and `{by}` say the same: take one of them out"),
            Self::Negated(rule, field) => write!(
                f,
                "`{rule}` cannot tell of whoever has no `{field}`: write `has({field})` beside what it must not be, \
                 or `!has({field})` as another way"
            ),
            Self::Nobody(rule, text) => write!(f, "`{rule}`: nobody has {text}: is it spelt as the source spells it?"),
            Self::Ungiven(slot, id) => {
                write!(f, "permission `{id}` on `{}` is held, and no rule gives it: it will be taken away", slot.target)
            }
            Self::BeyondGrace(rule, days) => {
                write!(
                    f,
                    "`{rule}` gives something for {days} days after a contract, when the account is deleted before"
                )
            }
        }
    }
}

impl RuleSet {
    /// What can be said of the rules alone. What it says is so; it does not find everything.
    #[must_use]
    pub fn review(&self) -> Vec<Remark> {
        let mut remarks = Vec::new();
        for clause in self.clauses() {
            if cases(&clause.when, Outcome::Holds).is_some_and(|cases| cases.is_empty()) {
                remarks.push(Remark::NeverHolds(clause.id.clone()));
            }
            let mut negated = BTreeSet::new();
            negations(&clause.when, Sign::Plain, &mut negated);
            let mut asked = BTreeSet::new();
            asked_whether_there(&clause.when, &mut asked);
            let unasked = negated.difference(&asked).map(|field| Remark::Negated(clause.id.clone(), field.clone()));
            remarks.extend(unasked);
        }
        // What an exclusion takes from one rule alone, another one gives.
        let is_withheld = |rule: &&Rule| {
            let mut withheld = self.exclusions.iter().flat_map(|exclusion| &exclusion.withholds);
            withheld.any(|bar| *bar == Bar::Rule(rule.clause.id.clone()))
        };
        let rules: Vec<&Rule> = self.rules.iter().filter(|rule| !is_withheld(rule)).collect();
        for (place, rule) in rules.iter().enumerate() {
            remarks.extend(rules.iter().skip(place + 1).filter_map(|other| overlap(rule, other)));
        }
        remarks
    }

    /// The values in conditions that none of these people has.
    pub fn review_people<'p, 'a: 'p>(
        &self,
        people: impl IntoIterator<Item = &'p Person<'a>>,
        now: DateTime<Utc>,
    ) -> Vec<Remark> {
        let mut literals: Vec<(&Clause, Test)> = Vec::new();
        for clause in self.clauses() {
            clause.when.tests(&mut |test| literals.extend(of_values(test).into_iter().map(|test| (clause, test))));
        }
        for person in people {
            let shown = shown(&self.facts(person, now));
            literals.retain(|(clause, test)| {
                let facts = shown.iter().filter(|facts| clause.is_asked(facts));
                !facts.flat_map(bound).any(|facts| test.truth(&facts) == Ok(Truth::Holds))
            });
        }
        literals.iter().filter_map(|(clause, test)| Some(Remark::Nobody(clause.id.clone(), in_words(test)?))).collect()
    }

    /// What is held, as a target or the ledger tells it, and given by no rule.
    #[must_use]
    pub fn review_held(&self, held: &BTreeSet<(Slot, PermissionId)>) -> Vec<Remark> {
        let gives = |(slot, id): &&(Slot, PermissionId)| {
            let of_slot = self.rules.iter().filter(|rule| rule.clause.slot == *slot).flat_map(|rule| &rule.gifts);
            let mut excepted = self.exceptions.values().flatten().filter(|one| one.slot == *slot);
            let is_it = |entitlement: &Entitlement| entitlement.is_permission(id);
            let mut given = of_slot.map(|gift| match gift {
                Gift::Fixed(entitlement) => is_it(entitlement),
                Gift::Each(each) => each.may_be(id),
            });
            given.any(|is_given| is_given) || excepted.any(|one| one.gives.iter().any(is_it))
        };
        let ungiven = held.iter().filter(|held| !gives(held));
        ungiven.map(|(slot, id)| Remark::Ungiven(slot.clone(), id.clone())).collect()
    }

    /// Days after a contract that reach beyond the deletion of the account: `grace` days after nothing wants it any more.
    #[must_use]
    pub fn review_grace(&self, grace: u32) -> Vec<Remark> {
        let lives = |slot: &Slot| {
            let of_slot = self.rules.iter().filter(|rule| rule.clause.slot == *slot);
            let keeping = of_slot.filter(|rule| {
                rule.gifts.iter().any(|gift| match gift {
                    Gift::Fixed(Entitlement::Account | Entitlement::Access) => true,
                    Gift::Fixed(Entitlement::Permission(_)) | Gift::Each(_) => false,
                })
            });
            keeping.map(|rule| rule.clause.window.after).max().map(|after| after.saturating_add(grace))
        };
        let beyond = self
            .rules
            .iter()
            .filter(|rule| lives(&rule.clause.slot).is_some_and(|lives| rule.clause.window.after > lives));
        beyond.map(|rule| Remark::BeyondGrace(rule.clause.id.clone(), rule.clause.window.after)).collect()
    }

    fn clauses(&self) -> impl Iterator<Item = &Clause> {
        self.rules.iter().map(|rule| &rule.clause).chain(self.exclusions.iter().map(|exclusion| &exclusion.clause))
    }
}

/// Whether a rule gives something that the other gives to the same people and more.
fn overlap(one: &Rule, other: &Rule) -> Option<Remark> {
    let ids = || (one.clause.id.clone(), other.clause.id.clone());
    match (covers(one, other), covers(other, one)) {
        (true, true) => Some(Remark::Twice(ids().1, ids().0)),
        (true, false) => Some(Remark::Implied(ids().1, ids().0)),
        (false, true) => Some(Remark::Implied(ids().0, ids().1)),
        (false, false) => None,
    }
}

/// Whether `one` gives everybody at any time what `other` gives.
fn covers(one: &Rule, other: &Rule) -> bool {
    let (wide, narrow) = (&one.clause, &other.clause);
    let has_days = wide.window.before >= narrow.window.before
        && wide.window.after >= narrow.window.after
        && wide.window.ends == narrow.window.ends;
    if (&wide.slot, wide.per) != (&narrow.slot, narrow.per) || !has_days {
        return false;
    }
    if !other.gifts.iter().all(|gift| one.gifts.contains(gift)) {
        return false;
    }
    let (Some(given), Some(not)) = (cases(&narrow.when, Outcome::Holds), cases(&wide.when, Outcome::DoesNotHold))
    else {
        return false;
    };
    !given.is_empty() && both(given, &not).is_some_and(|cases| cases.is_empty())
}

/// Whether something stands in a condition as it is, or turned about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sign {
    Plain,
    Turned,
}

/// The fields that are asked not to be something.
fn negations(formula: &Formula, sign: Sign, found: &mut BTreeSet<String>) {
    match formula {
        Formula::Not(inner) => {
            negations(inner, if sign == Sign::Plain { Sign::Turned } else { Sign::Plain }, found);
        }
        Formula::All(parts) | Formula::Any(parts) => parts.iter().for_each(|part| negations(part, sign, found)),
        Formula::Choice(parts) => parts.iter().skip(1).for_each(|part| negations(part, sign, found)),
        Formula::Contracts(_, inner) => negations(inner, sign, found),
        Formula::Test(test) if sign == Sign::Turned => {
            test.fields(&mut |field| {
                if !field.is_always_there() {
                    found.insert(field.written.clone());
                }
            });
        }
        Formula::Fixed(_) | Formula::Has(_) | Formula::Test(_) => {}
    }
}

fn asked_whether_there(formula: &Formula, found: &mut BTreeSet<String>) {
    match formula {
        Formula::Has(field) => {
            found.insert(field.written.clone());
        }
        Formula::Not(inner) | Formula::Contracts(_, inner) => asked_whether_there(inner, found),
        Formula::All(parts) | Formula::Any(parts) => parts.iter().for_each(|part| asked_whether_there(part, found)),
        Formula::Choice(parts) => parts.iter().for_each(|part| asked_whether_there(part, found)),
        Formula::Fixed(_) | Formula::Test(_) => {}
    }
}

/// A test against texts, as one for each text.
fn of_values(test: &Test) -> Vec<Test> {
    match test {
        Test::Among(spelling, term, list) => {
            let texts = list.iter().filter(|datum| matches!(datum, Datum::Text(_)));
            texts.map(|datum| Test::Same(*spelling, term.clone(), Term::Fixed(datum.clone()))).collect()
        }
        Test::Same(_, Term::Field(_), Term::Fixed(Datum::Text(_)))
        | Test::Same(_, Term::Fixed(Datum::Text(_)), Term::Field(_))
        | Test::Text(_, _, [Term::Field(_), Term::Fixed(_)])
        | Test::Within(_, Term::Fixed(_), _)
        | Test::Below(..) => vec![test.clone()],
        Test::Is(_) | Test::Same(..) | Test::Order(..) | Test::Text(..) | Test::Within(..) => Vec::new(),
    }
}

fn in_words(test: &Test) -> Option<String> {
    match test {
        Test::Same(_, Term::Field(field), Term::Fixed(datum))
        | Test::Same(_, Term::Fixed(datum), Term::Field(field))
        | Test::Within(_, Term::Fixed(datum), field) => Some(format!("`{}` in `{field}`", datum.plain()?)),
        Test::Text(_, _, [Term::Field(field), Term::Fixed(datum)]) => {
            Some(format!("a `{field}` with `{}`", datum.plain()?))
        }
        Test::Below(_, code) => Some(format!("a department below `{code}`")),
        Test::Is(_) | Test::Same(..) | Test::Order(..) | Test::Text(..) | Test::Among(..) | Test::Within(..) => None,
    }
}

/// The facts with each contract as the one of a quantifier, and with none.
fn bound<'f, 'v, 'a>(facts: &'f Facts<'v, 'a>) -> impl Iterator<Item = Facts<'v, 'a>> + 'f {
    let each = facts.person.contracts.iter().map(|contract| Facts { bound: Some(contract), ..*facts });
    std::iter::once(*facts).chain(each)
}
