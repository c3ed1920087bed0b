//! Checked mappings, and the profile that they give.

use std::borrow::Cow;
use std::collections::BTreeSet;

use chrono::NaiveDate;
use provisioning_core::policy::{Desired, Profile, Renaming, UniqueName, Upkeep};
use provisioning_core::source::Contract;
use provisioning_core::{Edit, FieldName, PersonId, Slot, Value};

use crate::fold::composed;
use crate::language::datum::Lack;
use crate::language::evaluate::Facts;
use crate::language::term::{Field, Path, Term};
use crate::length::Limit;

/// The mappings of one kind of account.
#[derive(Debug, Clone, Default)]
pub(crate) struct Mapping {
    pub(crate) attributes: Vec<Attribute>,
    pub(crate) names: Vec<Unique>,
}

/// How an attribute gets its value.
#[derive(Debug, Clone)]
pub(crate) struct Attribute {
    pub(crate) name: FieldName,
    pub(crate) source: Source,
    pub(crate) upkeep: Upkeep,
    pub(crate) when_empty: WhenEmpty,
    pub(crate) need: Need,
    pub(crate) limit: Option<Limit>,
}

/// Where a value comes from.
#[derive(Debug, Clone)]
pub(crate) enum Source {
    /// What the facts make of this.
    Term(Term),
    /// Always this.
    Fixed(Value),
    /// The account of the manager.
    Manager,
}

/// What becomes of an attribute whose source says nothing.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum WhenEmpty {
    #[default]
    Keep,
    Clear,
}

/// Whether there can be an account without the value.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Need {
    #[default]
    Optional,
    Required,
}

/// How an attribute that must be unique gets its value.
#[derive(Debug, Clone)]
pub(crate) struct Unique {
    pub(crate) name: FieldName,
    pub(crate) candidates: Vec<Term>,
    /// What stands before and after the number.
    pub(crate) numbered: Option<(Term, Term)>,
    pub(crate) renaming: Renaming,
    pub(crate) need: Need,
    pub(crate) limit: Option<Limit>,
}

impl Mapping {
    /// The profile of a person.
    pub(crate) fn profile(&self, facts: &Facts<'_, '_>) -> Profile {
        let mut profile = Profile::default();
        for mapped in &self.attributes {
            let desired = mapped.desired(facts);
            if mapped.need == Need::Required && says_nothing(&desired) {
                profile.missing.push(mapped.name.clone());
            }
            profile.attributes.insert(mapped.name.clone(), (desired, mapped.upkeep));
        }
        for unique in &self.names {
            match unique.candidates(facts) {
                Some(candidates) => profile.names.push(candidates),
                None if unique.need == Need::Required => profile.missing.push(unique.name.clone()),
                None => {}
            }
        }
        profile
    }

    /// Whether it points at the manager of the contract that speaks for the person.
    pub(crate) fn points_at_manager(&self) -> bool {
        self.attributes.iter().any(|mapped| matches!(mapped.source, Source::Manager))
    }

    /// Shows each field that it looks at.
    pub(crate) fn fields<'f>(&'f self, show: &mut dyn FnMut(&'f Field)) {
        self.terms().for_each(|term| term.fields(show));
    }

    /// The accounts that it looks at.
    pub(crate) fn accounts(&self) -> BTreeSet<&Slot> {
        let mut accounts = BTreeSet::new();
        self.fields(&mut |field| accounts.extend(field.account()));
        accounts
    }

    /// Shows the days on which a value of it may change.
    pub(crate) fn days(&self, facts: &Facts<'_, '_>, show: &mut dyn FnMut(NaiveDate)) {
        self.terms().for_each(|term| term.days(facts, show));
    }

    fn terms(&self) -> impl Iterator<Item = &Term> {
        self.attributes.iter().flat_map(Attribute::terms).chain(self.names.iter().flat_map(Unique::terms))
    }
}

fn says_nothing(desired: &Desired) -> bool {
    match desired {
        Desired::Value(Edit::Set(value)) => value.is_blank(),
        Desired::Value(Edit::Keep | Edit::Clear) => true,
        Desired::AccountOf(people) => people.is_empty(),
    }
}

impl Attribute {
    /// What its value is made of.
    pub(crate) fn terms(&self) -> impl Iterator<Item = &Term> {
        let term = if let Source::Term(term) = &self.source { Some(term) } else { None };
        term.into_iter()
    }

    fn desired(&self, facts: &Facts<'_, '_>) -> Desired {
        let value = match &self.source {
            Source::Manager => return self.manager(facts),
            Source::Fixed(value) => Ok(value.clone()),
            Source::Term(term) => made(term, facts).map(as_directories_keep_it),
        };
        let value = value.and_then(|value| self.limit.map_or(Ok(value.clone()), |limit| limit.keep(value)));
        Desired::Value(value.map_or_else(|lack| self.without(lack), Edit::Set))
    }

    fn without(&self, lack: Lack) -> Edit<Value> {
        match (lack, self.when_empty) {
            (Lack::Empty, WhenEmpty::Clear) => Edit::Clear,
            (Lack::Empty, WhenEmpty::Keep) | (Lack::Absent | Lack::Unreadable, _) => Edit::Keep,
        }
    }

    /// The managers from the department of the primary contract upwards; a department that the source does not know
    /// changes nothing.
    fn manager(&self, facts: &Facts<'_, '_>) -> Desired {
        let absent = || Desired::Value(self.without(Lack::Absent));
        let Some(contract) = facts.primary else { return absent() };
        let Some(code) = contract.field("department") else { return absent() };
        if code.is_blank() {
            return Desired::Value(self.without(Lack::Empty));
        }
        managers_of(contract).map_or_else(absent, Desired::AccountOf)
    }
}

/// The managers from a contract's department upwards; `None` where the source does not know it.
pub(crate) fn managers_of(contract: &Contract<'_>) -> Option<Vec<PersonId>> {
    let department = contract.record.department()?;
    let code = department.as_str();
    contract.departments.by_code(code)?;
    let keys = contract.departments.managers(code).into_iter();
    Some(keys.map(|key| PersonId::new(contract.source.clone(), key.clone())).collect())
}

impl Unique {
    /// What it is made of.
    pub(crate) fn terms(&self) -> impl Iterator<Item = &Term> {
        let numbered = self.numbered.iter().flat_map(|(stem, end)| [stem, end]);
        self.candidates.iter().chain(numbered)
    }

    /// What it may be; `None` when nothing can be tried.
    fn candidates(&self, facts: &Facts<'_, '_>) -> Option<UniqueName> {
        let mut candidates: Vec<String> = Vec::new();
        for text in self.candidates.iter().filter_map(|term| text(term, facts)) {
            let fits = self.limit.is_none_or(|limit| limit.fits(&text));
            if !text.is_empty() && fits && !candidates.contains(&text) {
                candidates.push(text);
            }
        }
        let numbered = self.numbered.as_ref().and_then(|(stem, end)| {
            let (stem, end) = (text(stem, facts)?, text(end, facts)?);
            let stem = self.limit.map_or(Some(stem.clone()), |limit| limit.stem(&stem, &end))?;
            (!stem.is_empty()).then_some((stem, end))
        });
        if candidates.is_empty() && numbered.is_none() {
            return None;
        }
        Some(UniqueName { attribute: self.name.clone(), candidates, numbered, renaming: self.renaming })
    }
}

/// The value of an attribute: what an account has, as it has it; of a text, the text without what its gaps leave.
fn made(term: &Term, facts: &Facts<'_, '_>) -> Result<Value, Lack> {
    if let Term::Field(field) = term {
        return match &field.path {
            Path::Account(slot, name) => match facts.account(slot, name.as_str()) {
                None => Err(Lack::Absent),
                Some(value) if value.is_blank() => Err(Lack::Empty),
                Some(value) => Ok(value.clone()),
            },
            Path::Person(_) | Path::Contract(..) | Path::Term(..) | Path::Department(..) | Path::Manager(..) => {
                facts.told(field).map(|datum| datum.value())
            }
        };
    }
    let value = term.value(facts)?.value();
    let Some(text) = value.as_text().map(tidy) else { return Ok(value) };
    if text.is_empty() { Err(Lack::Empty) } else { Ok(Value::text(&text)) }
}

/// Another form of the same letters is no difference, and would be one for ever where a target composes them.
fn as_directories_keep_it(value: Value) -> Value {
    match value.as_text().map(composed) {
        Some(Cow::Owned(text)) => Value::text(&text),
        Some(Cow::Borrowed(_)) | None => value,
    }
}

fn text(term: &Term, facts: &Facts<'_, '_>) -> Option<String> {
    term.value(facts).ok()?.plain().map(|text| tidy(&composed(&text)))
}

/// The text without white space at its ends, each run within as one space: what gaps that are not filled leave.
pub(crate) fn tidy(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
