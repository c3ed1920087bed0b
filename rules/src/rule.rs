//! A checked rule, and what it says of one contract.

use chrono::NaiveDate;
use provisioning_core::lifecycle::Want;
use provisioning_core::policy::{
    Answer, Because, Entitlement, Grant, Permission, PermissionClass, ResourceSpec, Undetermined,
};
use provisioning_core::{PermissionId, RuleId, Slot};

use crate::fold::folded;
use crate::language::check::Typed;
use crate::language::datum::{Datum, Lack};
use crate::language::evaluate::{Facts, Truth};
use crate::language::term::{Field, Formula, Term};
use crate::profile::tidy;
use crate::schema::Kind;
use crate::window::Window;

/// A published rule with its names resolved.
#[derive(Debug, Clone)]
pub(crate) struct Rule {
    pub(crate) id: RuleId,
    /// What people call it.
    pub(crate) name: Option<String>,
    /// Where people file it.
    pub(crate) category: Option<String>,
    pub(crate) slot: Slot,
    pub(crate) per: Per,
    pub(crate) window: Window,
    pub(crate) when: Formula,
    pub(crate) gifts: Vec<Gift>,
}

/// What a rule is asked about.
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

/// What a rule gives.
#[derive(Debug, Clone)]
pub(crate) enum Gift {
    /// Always the same.
    Fixed(Entitlement),
    /// One permission for each value of a field.
    Each(Box<Each>),
}

/// A permission for each value: its id comes from the value, which stays, its name may change.
#[derive(Debug, Clone)]
pub(crate) struct Each {
    pub(crate) keys: Typed,
    /// How the file writes what has the keys.
    pub(crate) written: String,
    pub(crate) permission: Term,
    pub(crate) class: PermissionClass,
    /// The name under which it is made where it is not there.
    pub(crate) name: Option<Term>,
}

impl Rule {
    /// Adds what the rule says of a contract, or of a person where there is none in question, to an answer.
    pub(crate) fn say(&self, facts: &Facts<'_, '_>, answer: &mut Answer) {
        let days = |contract| self.window.days(contract).is_some_and(|days| days.contains(facts.today));
        if !facts.contract.is_none_or(days) {
            return;
        }
        match self.when.truth(facts) {
            Truth::Fails => return,
            Truth::Holds => self.give(facts, answer),
            Truth::Unknown => answer.undetermined.push(self.undetermined(facts)),
        }
        let misread = facts.contract.and_then(|contract| self.window.misread(contract));
        if let Some(field) = misread {
            answer.notes.push(format!(
                "rule `{}`: `contract.{field}`{} holds no date; the contract's own last day counts",
                self.id,
                of_contract(facts, " of")
            ));
        }
    }

    fn give(&self, facts: &Facts<'_, '_>, answer: &mut Answer) {
        for gift in &self.gifts {
            match gift {
                Gift::Fixed(entitlement) => answer.grants.push(self.grant(facts, entitlement.clone())),
                Gift::Each(each) => self.give_each(each, facts, answer),
            }
        }
    }

    fn give_each(&self, each: &Each, facts: &Facts<'_, '_>, answer: &mut Answer) {
        let keys = match each.keys.term.value(facts) {
            Ok(Datum::List(keys)) => keys,
            Ok(key) => vec![key],
            Err(Lack::Unreadable) => return answer.undetermined.push(self.unknown(each.unreadable(), facts)),
            Err(Lack::Empty | Lack::Absent) => Vec::new(),
        };
        for key in &keys {
            match each.permission(key, facts) {
                Some(permission) => answer.grants.push(self.grant(facts, Entitlement::Permission(permission))),
                None => answer.notes.push(self.keyless(each, facts)),
            }
        }
        if keys.is_empty() {
            answer.notes.push(self.keyless(each, facts));
        }
    }

    fn keyless(&self, each: &Each, facts: &Facts<'_, '_>) -> String {
        let (id, written) = (&self.id, &each.written);
        format!("rule `{id}`: `{written}` holds no key{}; no permission is given for it", of_contract(facts, " for"))
    }

    fn grant(&self, facts: &Facts<'_, '_>, entitlement: Entitlement) -> Grant {
        let contract = facts.contract.map(|contract| contract.id().clone());
        Grant { slot: self.slot.clone(), entitlement, because: Because { rule: self.id.clone(), contract } }
    }

    fn undetermined(&self, facts: &Facts<'_, '_>) -> Undetermined {
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
        self.unknown(lacks.join(", and "), facts)
    }

    fn unknown(&self, lacks: String, facts: &Facts<'_, '_>) -> Undetermined {
        let lacks = lacks + &of_contract(facts, " for");
        Undetermined { rule: self.id.clone(), lacks, slot: self.slot.clone(), may: self.may() }
    }

    /// How much of an account it gives.
    fn may(&self) -> Want {
        let wants = self.gifts.iter().map(|gift| match gift {
            Gift::Fixed(Entitlement::Access) => Want::Access,
            Gift::Fixed(Entitlement::Account) => Want::Account,
            Gift::Fixed(Entitlement::Permission(_)) | Gift::Each(_) => Want::Nothing,
        });
        wants.max().unwrap_or(Want::Nothing)
    }
}

impl Rule {
    /// Whether its answers change with the contracts that are in force, beyond its own days.
    pub(crate) fn follows_contracts(&self) -> bool {
        self.per == Per::Primary || self.terms().any(Term::follows_contracts) || self.when.follows_contracts()
    }

    /// Shows the days on which an answer of it may change, but for the edges of its window.
    pub(crate) fn days(&self, facts: &Facts<'_, '_>, show: &mut dyn FnMut(NaiveDate)) {
        self.when.days(facts, show);
        self.terms().for_each(|term| term.days(facts, show));
    }

    fn terms(&self) -> impl Iterator<Item = &Term> {
        self.gifts
            .iter()
            .flat_map(|gift| match gift {
                Gift::Fixed(_) => [None, None],
                Gift::Each(each) => [Some(&each.keys.term), each.name.as_ref()],
            })
            .flatten()
    }
}

impl Each {
    fn unreadable(&self) -> String {
        format!("`{}` holds something that is no {}", self.written, self.keys.holds)
    }

    /// The permission for a key, of which two spellings are one; `None` where no id can be made of it.
    fn permission(&self, key: &Datum<'_>, facts: &Facts<'_, '_>) -> Option<Permission> {
        let key = key.plain().filter(|key| !key.trim().is_empty())?;
        let id = if self.keys.holds.kind == Kind::Exact { key.trim().into() } else { folded(&key) };
        let with = |term: &Term, word: &str| match term.value(&Facts { word: Some(word), ..*facts }) {
            Ok(datum) => datum.plain().map(|text| tidy(&text)),
            Err(_) => None,
        };
        let id = PermissionId::new(&with(&self.permission, &id)?).ok()?;
        let name = self.name.as_ref().map(|name| with(name, key.trim()).unwrap_or_else(|| key.trim().to_owned()));
        Some(Permission { id, class: self.class, resource: name.map(|name| ResourceSpec { name }) })
    }
}

/// Which contract is in question, if any.
fn of_contract(facts: &Facts<'_, '_>, word: &str) -> String {
    facts.contract.map(|contract| format!("{word} contract `{}`", contract.id())).unwrap_or_default()
}
