//! The suite of policies against one that keeps the contract, and against its broken brothers.

use chrono::{DateTime, TimeDelta, Utc};

use crate::id::{PersonId, Slot};
use crate::policy::{Answer, Combination, EarlierAccounts, Looks, Policy, PolicyVersion, Profile};
use crate::samples::{day, id, roster, settings};
use crate::source::Person;
use crate::testing::tests::finds;
use crate::testing::{Checks, StandardPolicy, check_policy};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Breach {
    None,
    SaysNothingOfChanges,
    ADayLate,
    InThePast,
}

#[derive(Debug)]
struct Spoiled(StandardPolicy, Breach);

impl Policy for Spoiled {
    fn version(&self) -> PolicyVersion {
        self.0.version()
    }

    fn sees_managers(&self) -> bool {
        self.0.sees_managers()
    }

    fn grants(&self, person: &Person<'_>, now: DateTime<Utc>) -> Answer {
        self.0.grants(person, now)
    }

    fn combinations(&self) -> &[Combination] {
        self.0.combinations()
    }

    fn profile(&self, person: &Person<'_>, slot: &Slot, earlier: &EarlierAccounts, now: DateTime<Utc>) -> Profile {
        self.0.profile(person, slot, earlier, now)
    }

    fn looks(&self) -> Looks {
        self.0.looks()
    }

    fn next_change(&self, person: &Person<'_>, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let next = self.0.next_change(person, now)?;
        match self.1 {
            Breach::None => Some(next),
            Breach::SaysNothingOfChanges => None,
            Breach::ADayLate => Some(next + TimeDelta::days(1)),
            Breach::InThePast => Some(now),
        }
    }
}

fn check(breach: Breach) -> Checks {
    let roster = roster(&settings(), &[("2026-02-01", "person 1\ncontract 1 c 2026-03-10..2026-03-20")]);
    let person: PersonId = id("hr:1");
    let records = roster.record(&person.0).into_iter().collect();
    let person = Person::new(&person, records, &roster, chrono_tz::Asia::Kathmandu);
    let slot = Slot::main(id("entra"));
    let policy = Spoiled(StandardPolicy { slot: slot.clone(), lead_days: 3 }, breach);
    check_policy(&policy, &[person], &slot, (day("2026-03-01"), day("2026-03-31")))
}

#[test]
fn the_standard_policy_keeps_the_contract_of_policies() {
    assert_eq!((check(Breach::None).held().len(), check(Breach::None).unchecked().len()), (3, 0));
}

#[test]
fn every_breach_of_a_policy_is_found() {
    for (breach, contract, found) in [
        (Breach::SaysNothingOfChanges, "no answer changes", "answers about `hr:1` change by 2026-03-06 18:15:00 UTC"),
        (Breach::ADayLate, "no answer changes", "the next change being Some(2026-03-07T18:15:00Z)"),
        (Breach::InThePast, "the next change lies ahead", "after 2026-03-01 00:00:00 UTC is 2026-03-01 00:00:00 UTC"),
    ] {
        finds(async move { check(breach) }, contract, found);
    }
}
