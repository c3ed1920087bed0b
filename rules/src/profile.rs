//! Checked mappings, and the profile that they give.

use std::borrow::Cow;

use provisioning_core::policy::{Desired, Profile, Renaming, UniqueName, Upkeep};
use provisioning_core::source::Contract;
use provisioning_core::{Edit, FieldName, PersonId, Value};

use crate::field::{Reference, View, plain};
use crate::template::{Lack, Template, Told, tidy};

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
}

/// Where a value comes from.
#[derive(Debug, Clone)]
pub(crate) enum Source {
    /// One field, as it is.
    Field(Reference),
    /// Always this.
    Fixed(Value),
    /// Text made of fields.
    Text(Template<Reference>),
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
    pub(crate) candidates: Vec<Template<Reference>>,
    /// What stands before and after the number.
    pub(crate) numbered: Option<(Template<Reference>, Template<Reference>)>,
    pub(crate) renaming: Renaming,
    pub(crate) need: Need,
}

impl Mapping {
    /// The profile of the person in view.
    pub(crate) fn profile(&self, view: View<'_, '_>) -> Profile {
        let mut profile = Profile::default();
        for mapped in &self.attributes {
            let desired = mapped.desired(view);
            if mapped.need == Need::Required && says_nothing(&desired) {
                profile.missing.push(mapped.name.clone());
            }
            profile.attributes.insert(mapped.name.clone(), (desired, mapped.upkeep));
        }
        for unique in &self.names {
            match unique.candidates(view) {
                Some(candidates) => profile.names.push(candidates),
                None if unique.need == Need::Required => profile.missing.push(unique.name.clone()),
                None => {}
            }
        }
        profile
    }

    /// Whether it changes with the contract that speaks for the person.
    pub(crate) fn follows_primary(&self) -> bool {
        let is_managed = |mapped: &Attribute| matches!(mapped.source, Source::Manager);
        let mut attributes = self.attributes.iter().flat_map(Attribute::references);
        let mut names = self.names.iter().flat_map(Unique::references);
        self.attributes.iter().any(is_managed)
            || attributes.any(Reference::follows_primary)
            || names.any(Reference::follows_primary)
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
    pub(crate) fn references(&self) -> impl Iterator<Item = &Reference> {
        let (field, template) = match &self.source {
            Source::Field(reference) => (Some(reference), None),
            Source::Text(template) => (None, Some(template)),
            Source::Fixed(_) | Source::Manager => (None, None),
        };
        field.into_iter().chain(template.into_iter().flat_map(Template::references))
    }

    fn desired(&self, view: View<'_, '_>) -> Desired {
        let value = match &self.source {
            Source::Manager => return self.manager(view),
            Source::Fixed(value) => Ok(value.clone()),
            Source::Field(reference) => match view.value(reference) {
                None => Err(Lack::Absent),
                Some(value) if value.is_blank() => Err(Lack::Empty),
                Some(value) => Ok(value.into_owned()),
            },
            Source::Text(template) => match filled(template, view) {
                Ok(text) if text.is_empty() => Err(Lack::Empty),
                Ok(text) => Ok(Value::text(&text)),
                Err(lack) => Err(lack),
            },
        };
        Desired::Value(value.map_or_else(|lack| self.without(lack), Edit::Set))
    }

    fn without(&self, lack: Lack) -> Edit<Value> {
        match (lack, self.when_empty) {
            (Lack::Empty, WhenEmpty::Clear) => Edit::Clear,
            (Lack::Empty, WhenEmpty::Keep) | (Lack::Absent, _) => Edit::Keep,
        }
    }

    /// The managers from the department of the primary contract upwards; a department that the source does not know
    /// changes nothing.
    fn manager(&self, view: View<'_, '_>) -> Desired {
        let absent = || Desired::Value(self.without(Lack::Absent));
        let Some(contract) = view.primary else { return absent() };
        let Some(code) = contract.field("department") else { return absent() };
        if code.is_blank() {
            return Desired::Value(self.without(Lack::Empty));
        }
        code.as_text().and_then(|code| managers(contract, code.trim())).map_or_else(absent, Desired::AccountOf)
    }
}

fn managers(contract: &Contract<'_>, code: &str) -> Option<Vec<PersonId>> {
    contract.departments.by_code(code)?;
    let keys = contract.departments.managers(code).into_iter();
    Some(keys.map(|key| PersonId::new(contract.source.clone(), key.clone())).collect())
}

impl Unique {
    /// What it is made of.
    pub(crate) fn references(&self) -> impl Iterator<Item = &Reference> {
        let numbered = self.numbered.iter().flat_map(|(stem, end)| [stem, end]);
        self.candidates.iter().chain(numbered).flat_map(Template::references)
    }

    /// What it may be; `None` when nothing can be tried.
    fn candidates(&self, view: View<'_, '_>) -> Option<UniqueName> {
        let mut candidates: Vec<String> = Vec::new();
        for text in self.candidates.iter().filter_map(|template| filled(template, view).ok()) {
            if !text.is_empty() && !candidates.contains(&text) {
                candidates.push(text);
            }
        }
        let numbered = self.numbered.as_ref().and_then(|(stem, end)| {
            let (stem, end) = (filled(stem, view).ok()?, filled(end, view).ok()?);
            (!stem.is_empty()).then_some((stem, end))
        });
        if candidates.is_empty() && numbered.is_none() {
            return None;
        }
        Some(UniqueName { attribute: self.name.clone(), candidates, numbered, renaming: self.renaming })
    }
}

fn filled(template: &Template<Reference>, view: View<'_, '_>) -> Result<String, Lack> {
    let text = template.fill(|reference| match view.value(reference) {
        None => Told::Absent,
        Some(Cow::Borrowed(value)) => plain(value).map_or(Told::Empty, Told::Text),
        Some(Cow::Owned(value)) => plain(&value).map_or(Told::Empty, |text| Told::Text(Cow::Owned(text.into_owned()))),
    })?;
    Ok(tidy(&text))
}
