//! Of whom and when something is said: what rules and exclusions have in common.

use std::sync::Arc;

use chrono::NaiveDate;
use provisioning_core::{RuleId, Slot};

use crate::language::datum::Lack;
use crate::language::evaluate::{Facts, Truth};
use crate::language::term::{Field, Formula};
use crate::window::Window;

/// A condition with its days.
#[derive(Debug, Clone)]
pub(crate) struct Clause {
    pub(crate) id: RuleId,
    pub(crate) slot: Slot,
    pub(crate) per: Per,
    pub(crate) window: Window,
    pub(crate) when: Formula,
    /// The condition as the file has it.
    pub(crate) written: Option<Arc<str>>,
}

/// What a condition is asked about.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Per {
    /// Each contract of a person.
    #[default]
    Contract,
    /// The contract that speaks for the person.
    Primary,
    /// The person as a whole.
    Person,
}

impl Clause {
    /// Whether it holds of the same, however it is written.
    pub(crate) fn says_the_same(&self, other: &Self) -> bool {
        (self.per, &self.window, &self.when) == (other.per, &other.window, &other.when)
    }

    /// Whether it is asked of these: of a contract, or of a person as a whole.
    pub(crate) fn is_asked(&self, facts: &Facts<'_, '_>) -> bool {
        match (self.per, facts.contract) {
            (Per::Contract, Some(_)) | (Per::Person, None) => true,
            (Per::Primary, Some(own)) => {
                facts.primary.is_some_and(|one| (one.source, one.id()) == (own.source, own.id()))
            }
            (Per::Contract | Per::Primary, None) | (Per::Person, Some(_)) => false,
        }
    }

    /// Whether it holds of a contract, or of a person where there is none in question; nothing on other days than its own.
    pub(crate) fn truth(&self, facts: &Facts<'_, '_>) -> Option<Truth> {
        let days = |contract| self.window.days(contract).is_some_and(|days| days.contains(facts.today));
        facts.contract.is_none_or(days).then(|| self.when.truth(facts))
    }

    /// For want of what it cannot be told, as a sentence without personal data.
    pub(crate) fn lacks(&self, facts: &Facts<'_, '_>) -> String {
        let mut lacking = Vec::new();
        self.when.lacking(facts, &mut lacking);
        let is_misread = |field: &&&Field| facts.told(field) == Err(Lack::Unreadable);
        let misread = lacking.iter().filter(is_misread).map(|field| format!("`{field}` holds no {}", field.holds));
        let mut lacks: Vec<String> = misread.collect();
        let unknown = lacking.iter().filter(|field| !is_misread(field)).map(|field| format!("`{field}`"));
        let unknown = unknown.collect::<Vec<_>>().join(" and ");
        if !unknown.is_empty() {
            lacks.push(format!("nothing is known of {unknown}"));
        }
        lacks.join(", and ") + &of_contract(facts, " for")
    }

    /// A note of a last day that is none.
    pub(crate) fn misread(&self, facts: &Facts<'_, '_>) -> Option<String> {
        let field = facts.contract.and_then(|contract| self.window.misread(contract))?;
        let of = of_contract(facts, " of");
        Some(format!("rule `{}`: `contract.{field}`{of} holds no date; the contract's own last day counts", self.id))
    }

    /// Shows the days on which it may say something else.
    pub(crate) fn days(&self, facts: &Facts<'_, '_>, show: &mut dyn FnMut(NaiveDate)) {
        if let Some(contract) = facts.contract {
            self.window.edges(contract).for_each(&mut *show);
        }
        self.when.days(facts, show);
    }
}

/// Which contract is in question, if any.
pub(crate) fn of_contract(facts: &Facts<'_, '_>, word: &str) -> String {
    facts.contract.map(|contract| format!("{word} contract `{}`", contract.id())).unwrap_or_default()
}
