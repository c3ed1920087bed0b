//! A checked rule, and what it says of one contract.

use std::borrow::Cow;

use chrono::NaiveDate;
use provisioning_core::lifecycle::Want;
use provisioning_core::policy::{
    Answer, Because, Entitlement, Grant, Permission, PermissionClass, ResourceSpec, Undetermined,
};
use provisioning_core::source::{Contract, Person};
use provisioning_core::{PermissionId, RuleId, Slot, Value};

use crate::condition::{Condition, Truth};
use crate::field::{Field, department, plain};
use crate::template::{Template, Told};
use crate::window::Window;

/// A published rule with its names resolved.
#[derive(Debug, Clone)]
pub(crate) struct Rule {
    pub(crate) id: RuleId,
    /// What people call it.
    pub(crate) name: Option<String>,
    pub(crate) slot: Slot,
    pub(crate) window: Window,
    /// All of them must hold.
    pub(crate) conditions: Vec<Condition>,
    pub(crate) gifts: Vec<Gift>,
}

/// What a rule gives.
#[derive(Debug, Clone)]
pub(crate) enum Gift {
    /// Always the same.
    Fixed(Entitlement),
    /// One permission for each value of a field.
    Each(Each),
}

/// A permission for each value of a field: its id comes from the value, which stays, its name may change.
#[derive(Debug, Clone)]
pub(crate) struct Each {
    pub(crate) field: Field,
    pub(crate) permission: Template<Hole>,
    pub(crate) class: PermissionClass,
    /// The name under which it is made where it is not there.
    pub(crate) name: Option<Template<Hole>>,
}

/// What the gaps of a dynamic permission are filled with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Hole {
    /// The value of the field.
    Key,
    /// The name of the department with that code, the code where the source knows none.
    DepartmentName,
}

/// The person, one of the contracts, and the day it is there.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Case<'c, 'a> {
    pub(crate) person: &'c Person<'a>,
    pub(crate) contract: &'c Contract<'a>,
    pub(crate) today: NaiveDate,
}

impl Rule {
    /// Adds what the rule says of a contract to an answer.
    pub(crate) fn say(&self, case: Case<'_, '_>, answer: &mut Answer) {
        if !self.window.days(case.contract).is_some_and(|days| days.contains(case.today)) {
            return;
        }
        match self.truth(case) {
            Truth::Fails => return,
            Truth::Holds => self.give(case, answer),
            Truth::Unknown => answer.undetermined.push(self.undetermined(case)),
        }
        if let Some(field) = self.window.misread(case.contract) {
            answer.notes.push(format!(
                "rule `{}`: `contract.{field}` of contract `{}` holds no date; the contract's own last day counts",
                self.id,
                case.contract.id()
            ));
        }
    }

    /// Whether all conditions hold; one that fails settles it, whatever the others lack.
    fn truth(&self, case: Case<'_, '_>) -> Truth {
        let mut truth = Truth::Holds;
        for condition in &self.conditions {
            match condition.truth(case.person, case.contract) {
                Truth::Holds => {}
                Truth::Fails => return Truth::Fails,
                Truth::Unknown => truth = Truth::Unknown,
            }
        }
        truth
    }

    fn give(&self, case: Case<'_, '_>, answer: &mut Answer) {
        for gift in &self.gifts {
            match gift {
                Gift::Fixed(entitlement) => answer.grants.push(self.grant(case, entitlement.clone())),
                Gift::Each(each) => self.give_each(each, case, answer),
            }
        }
    }

    fn give_each(&self, each: &Each, case: Case<'_, '_>, answer: &mut Answer) {
        let keys = each.field.value(case.person, case.contract).map_or(&[][..], values);
        for value in keys {
            match plain(value).and_then(|key| each.permission(&key, case.contract)) {
                Some(permission) => answer.grants.push(self.grant(case, Entitlement::Permission(permission))),
                None => answer.notes.push(self.keyless(each, case)),
            }
        }
        if keys.is_empty() {
            answer.notes.push(self.keyless(each, case));
        }
    }

    fn keyless(&self, each: &Each, case: Case<'_, '_>) -> String {
        format!(
            "rule `{}`: `{}` holds no key for contract `{}`; no permission is given for it",
            self.id,
            each.field,
            case.contract.id()
        )
    }

    fn grant(&self, case: Case<'_, '_>, entitlement: Entitlement) -> Grant {
        let because = Because { rule: self.id.clone(), contract: Some(case.contract.id().clone()) };
        Grant { slot: self.slot.clone(), entitlement, because }
    }

    fn undetermined(&self, case: Case<'_, '_>) -> Undetermined {
        let unknown = self
            .conditions
            .iter()
            .filter(|condition| condition.truth(case.person, case.contract) == Truth::Unknown)
            .map(|condition| format!("`{}`", condition.field));
        let fields = unknown.collect::<Vec<_>>().join(" and ");
        Undetermined {
            rule: self.id.clone(),
            lacks: format!("nothing is known of {fields} for contract `{}`", case.contract.id()),
            slot: self.slot.clone(),
            may: self.may(),
        }
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

impl Each {
    /// The permission for a key; `None` where no id can be made of it.
    fn permission(&self, key: &str, contract: &Contract<'_>) -> Option<Permission> {
        let tell = |hole: &Hole| {
            let name = || department(contract, key).map(|found| found.name.trim()).filter(|name| !name.is_empty());
            Told::Text(Cow::Borrowed(match hole {
                Hole::Key => key,
                Hole::DepartmentName => name().unwrap_or(key),
            }))
        };
        let id = PermissionId::new(&self.permission.fill(tell).ok()?).ok()?;
        let name = self.name.as_ref().and_then(|name| name.fill(tell).ok());
        Some(Permission { id, class: self.class, resource: name.map(|name| ResourceSpec { name }) })
    }
}

/// The values of a list, or the one value.
fn values(value: &Value) -> &[Value] {
    if let Value::List(values) = value { values } else { std::slice::from_ref(value) }
}
