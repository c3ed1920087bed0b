//! The plainest policy that is of use: an account before the first day, access while a contract is in force, a group for
//! each department.

use std::collections::BTreeSet;

use chrono::{DateTime, NaiveDate, Utc};

use crate::digest::digest_of;
use crate::id::{FieldName, PermissionId, RuleId, Slot};
use crate::period::{civil_day, first_instant, minus_days};
use crate::policy::{
    Answer, Because, Combination, Desired, EarlierAccounts, Entitlement, Grant, Looks, Permission, PermissionClass,
    Policy, PolicyVersion, Profile, Renaming, ResourceSpec, UniqueName, Upkeep,
};
use crate::source::{Contract, Person};
use crate::value::{Edit, Value};

/// The plainest policy that is of use.
///
/// An account from `lead_days` before a contract's first day to its last, access from the first day to the last, the group
/// `department:CODE` while a contract of that department is in force. The profile copies `given_name`, `family_name` and
/// `phone`; a unique `user_name` is made of the first two.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StandardPolicy {
    /// Where the account is.
    pub slot: Slot,
    /// How many days before the first day of a contract an account is wanted.
    pub lead_days: u32,
}

impl StandardPolicy {
    fn windows(&self, contract: &Contract<'_>) -> (NaiveDate, NaiveDate) {
        let start = contract.period.start();
        (minus_days(start, self.lead_days), start)
    }
}

impl Policy for StandardPolicy {
    fn version(&self) -> PolicyVersion {
        PolicyVersion(digest_of(&(&self.slot, self.lead_days)))
    }

    fn sees_managers(&self) -> bool {
        false
    }

    fn grants(&self, person: &Person<'_>, now: DateTime<Utc>) -> Answer {
        let mut answer = Answer::default();
        for contract in &person.contracts {
            let today = civil_day(now, contract.zone);
            let (lead, _) = self.windows(contract);
            let mut give = |rule: &str, entitlement| {
                let Ok(rule) = RuleId::new(rule) else { return };
                let because = Because { rule, contract: Some(contract.id().clone()) };
                answer.grants.push(Grant { slot: self.slot.clone(), entitlement, because });
            };
            if contract.period.ends_before(today) || contract.period.is_empty() || today < lead {
                continue;
            }
            give("account", Entitlement::Account);
            if !contract.in_force(now) {
                continue;
            }
            give("access", Entitlement::Access);
            let code = contract.record.fields.text("department");
            let Some((code, id)) =
                code.and_then(|code| Some((code, PermissionId::new(&format!("department:{code}")).ok()?)))
            else {
                continue;
            };
            let name = contract.department().map_or(code, |department| department.name.as_str()).to_owned();
            let class = PermissionClass::Ordinary;
            give(
                "department",
                Entitlement::Permission(Permission {
                    id,
                    class,
                    resource: Some(ResourceSpec { name, owner: Vec::new() }),
                }),
            );
        }
        answer
    }

    fn combinations(&self) -> &[Combination] {
        &[]
    }

    fn profile(&self, person: &Person<'_>, _: &Slot, _: &EarlierAccounts, _: DateTime<Utc>) -> Profile {
        let mut profile = Profile::default();
        for name in ["given_name", "family_name", "phone"] {
            let Ok(attribute) = FieldName::new(name) else { continue };
            let value = match person.field(name) {
                None => Edit::Keep,
                Some(Value::Null) => Edit::Clear,
                Some(value) => Edit::Set(value.clone()),
            };
            profile.attributes.insert(attribute, (Desired::Value(value), Upkeep::Equal));
        }
        let part = |name: &str| person.text(name).unwrap_or("x").to_lowercase();
        let stem = format!("{}.{}", part("given_name"), part("family_name"));
        if let Ok(attribute) = FieldName::new("user_name") {
            profile.names.push(UniqueName {
                attribute,
                candidates: vec![stem.clone()],
                numbered: Some((stem, String::new())),
                renaming: Renaming::Frozen,
            });
        }
        profile
    }

    fn looks(&self) -> Looks {
        Looks::new()
    }

    fn next_change(&self, person: &Person<'_>, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let instants = person.contracts.iter().flat_map(|contract| {
            let (lead, start) = self.windows(contract);
            let days = [Some(lead), Some(start), contract.period.end()];
            days.into_iter().flatten().map(|day| first_instant(day, contract.zone)).collect::<BTreeSet<_>>()
        });
        instants.filter(|instant| *instant > now).min()
    }
}
