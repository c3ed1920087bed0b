//! The plain policy with bylaws, each for the cases that need one: what a municipality or a hospital decides besides.

use chrono::{DateTime, NaiveDate, Utc};
use provisioning_core::period::{civil_day, first_instant, plus_days};
use provisioning_core::policy::{
    Answer, Because, Combination, Desired, EarlierAccounts, Entitlement, Grant, Looks, Permission, PermissionClass,
    PolicyVersion, Profile, Renaming, ResourceSpec, Upkeep,
};
use provisioning_core::source::{Contract, Person, PrimaryOrder};
use provisioning_core::testing::StandardPolicy;
use provisioning_core::{AccountKind, Edit, FieldName, PersonId, Policy, RecordKey, RuleId, Slot, Value};

use crate::story::entra;

/// What is decided besides the plain policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Law {
    /// A contract in force gives a licence.
    Licence,
    /// Access ends on the contract's `last_working_day`.
    LastWorkingDay,
    /// No access from the contract's `leave_from` through its `leave_through`.
    Leave,
    /// A contract with `admin=yes` gives a second account.
    AdminAccounts,
    /// Department and type of the account are those of the primary contract.
    PrimaryContract,
    /// User names follow when people change theirs.
    NamesFollow,
    /// The account points at its manager's.
    Managers,
    /// Nobody goes without a family name.
    FamilyName,
}

/// The plain policy with bylaws.
#[derive(Debug)]
pub(crate) struct Bylaws {
    standard: StandardPolicy,
    laws: Vec<Law>,
}

impl Bylaws {
    pub(crate) fn new(laws: &[Law]) -> Self {
        Self { standard: StandardPolicy { slot: Slot::main(entra()), lead_days: 14 }, laws: laws.to_vec() }
    }
}

impl Policy for Bylaws {
    fn version(&self) -> PolicyVersion {
        self.standard.version()
    }

    fn sees_managers(&self) -> bool {
        self.standard.sees_managers()
    }

    fn grants(&self, person: &Person<'_>, now: DateTime<Utc>) -> Answer {
        let mut answer = self.standard.grants(person, now);
        for law in &self.laws {
            match law {
                Law::Licence => answer.grants.extend(in_force(person, now).map(|contract| licence(contract))),
                Law::LastWorkingDay => keep_access(&mut answer, person, |contract| {
                    let last = contract.field("last_working_day").and_then(Value::as_date);
                    last.is_none_or(|last| civil_day(now, contract.zone) <= last)
                }),
                Law::Leave => keep_access(&mut answer, person, |contract| {
                    let today = civil_day(now, contract.zone);
                    !leave(contract).is_some_and(|(from, through)| from <= today && today <= through)
                }),
                Law::AdminAccounts => {
                    let admins = in_force(person, now)
                        .filter(|contract| contract.record.fields.text("admin").is_some())
                        .map(|contract| grant("admin", contract, admin(), Entitlement::Access));
                    answer.grants.extend(admins);
                }
                Law::PrimaryContract | Law::NamesFollow | Law::Managers | Law::FamilyName => {}
            }
        }
        answer
    }

    fn combinations(&self) -> &[Combination] {
        self.standard.combinations()
    }

    fn profile(&self, person: &Person<'_>, slot: &Slot, earlier: &EarlierAccounts, now: DateTime<Utc>) -> Profile {
        let mut profile = self.standard.profile(person, slot, earlier, now);
        let order = PrimaryOrder::default();
        let primary = order.primary(person, now);
        if *slot == admin() {
            for name in &mut profile.names {
                name.candidates = name.candidates.iter().map(|candidate| format!("adm.{candidate}")).collect();
            }
        }
        for law in &self.laws {
            match law {
                Law::PrimaryContract => {
                    for name in ["department", "type"] {
                        let value = primary.and_then(|contract| contract.field(name)).cloned();
                        let value = Desired::Value(value.map_or(Edit::Keep, Edit::Set));
                        profile.attributes.insert(field(name), (value, Upkeep::Equal));
                    }
                }
                Law::NamesFollow => {
                    profile.names.iter_mut().for_each(|name| name.renaming = Renaming::Follows);
                }
                Law::Managers => {
                    let managers = primary.map(managers).unwrap_or_default();
                    profile.attributes.insert(field("manager"), (Desired::AccountOf(managers), Upkeep::Equal));
                }
                Law::FamilyName if person.text("family_name").is_none() => profile.missing.push(field("family_name")),
                Law::FamilyName | Law::Licence | Law::LastWorkingDay | Law::Leave | Law::AdminAccounts => {}
            }
        }
        profile
    }

    fn looks(&self) -> Looks {
        self.standard.looks()
    }

    fn next_change(&self, person: &Person<'_>, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let of_laws = person.contracts.iter().flat_map(|contract| {
            let last = contract.field("last_working_day").and_then(Value::as_date).map(|last| plus_days(last, 1));
            let leave = leave(contract).map(|(from, through)| [from, plus_days(through, 1)]);
            let days = last.into_iter().chain(leave.into_iter().flatten());
            days.map(|day| first_instant(day, contract.zone)).collect::<Vec<_>>()
        });
        let standard = self.standard.next_change(person, now);
        of_laws.chain(standard).filter(|instant| *instant > now).min()
    }
}

fn in_force<'p, 'a>(person: &'p Person<'a>, now: DateTime<Utc>) -> impl Iterator<Item = &'p Contract<'a>> {
    person.contracts.iter().filter(move |contract| contract.in_force(now))
}

fn grant(rule: &str, contract: &Contract<'_>, slot: Slot, entitlement: Entitlement) -> Grant {
    let because = Because { rule: RuleId::new(rule).unwrap(), contract: Some(contract.id().clone()) };
    Grant { slot, entitlement, because }
}

fn licence(contract: &Contract<'_>) -> Grant {
    let permission = Permission {
        id: "licence:e3".parse().unwrap(),
        class: PermissionClass::Licence,
        resource: Some(ResourceSpec { name: "E3".to_owned(), owner: Vec::new() }),
    };
    grant("licence", contract, Slot::main(entra()), Entitlement::Permission(permission))
}

/// Drops access that comes of contracts for which this is not so; all else that they give stays.
fn keep_access(answer: &mut Answer, person: &Person<'_>, is_so: impl Fn(&Contract<'_>) -> bool) {
    let contract =
        |grant: &Grant| person.contracts.iter().find(|one| Some(one.id()) == grant.because.contract.as_ref());
    answer.grants.retain(|grant| grant.entitlement != Entitlement::Access || contract(grant).is_none_or(&is_so));
}

fn leave(contract: &Contract<'_>) -> Option<(NaiveDate, NaiveDate)> {
    let day = |name| contract.field(name).and_then(Value::as_date);
    day("leave_from").zip(day("leave_through"))
}

/// The people to look up to from a contract, nearest first.
fn managers(contract: &Contract<'_>) -> Vec<PersonId> {
    let code = contract.record.fields.text("department").unwrap_or_default();
    let keys: Vec<&RecordKey> = contract.departments.managers(code);
    keys.into_iter().map(|key| PersonId::new(contract.source.clone(), key.clone())).collect()
}

fn admin() -> Slot {
    Slot { target: entra(), kind: AccountKind::new("admin").unwrap() }
}

fn field(name: &str) -> FieldName {
    FieldName::new(name).unwrap()
}
