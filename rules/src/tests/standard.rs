use chrono::{Days, TimeDelta};
use proptest::prelude::{Strategy, any, prop};
use proptest::{prop_assert_eq, proptest};
use provisioning_core::policy::{EarlierAccounts, Policy};
use provisioning_core::testing::StandardPolicy;
use provisioning_core::{Slot, TargetId};

use super::{Office, day, instant, rules};
use crate::{RuleSet, STANDARD};

const ZONES: [chrono_tz::Tz; 4] =
    [chrono_tz::Europe::Amsterdam, chrono_tz::Pacific::Apia, chrono_tz::America::Santiago, chrono_tz::UTC];

fn contract() -> impl Strategy<Value = String> {
    let length = prop::option::of(0..500_u64);
    let department =
        prop::sample::select(vec!["", "department=d1", "department=d2", "department=\"\"", "department=null"]);
    (0..900_u64, length, department).prop_map(|(start, length, department)| {
        let first = day("2010-06-01") + Days::new(start);
        let last = length.map_or(String::new(), |length| (first + Days::new(length)).to_string());
        format!("{first}..{last} {department}")
    })
}

fn person() -> impl Strategy<Value = String> {
    let name = prop::sample::select(vec!["", "given_name=null", "given_name=Ann_Marie", "given_name=ÅSE"]);
    let family = prop::sample::select(vec!["", "family_name=de_Vries", "family_name=null", "family_name=O'Brien"]);
    let phone = prop::sample::select(vec!["", "phone=null", "phone=+31_20_555"]);
    (name, family, phone).prop_map(|(name, family, phone)| format!("person {name} {family} {phone}"))
}

proptest! {
    #[test]
    fn the_standard_rules_say_what_the_standard_policy_says(
        person in person(),
        contracts in prop::collection::vec((contract(), any::<bool>()), 0..4),
        zone in prop::sample::select(ZONES.to_vec()),
        lead in 0_u32..40,
        hours in 0_i64..24 * 1400,
    ) {
        let lines = contracts.iter().enumerate().map(|(place, (contract, _))| format!("contract c{place} {contract}"));
        let lines: Vec<String> = lines.collect();
        let mut office = Office::new(&format!("{person}\ndepartment d1 name=Sales\n{}", lines.join("\n")));
        office.zone = zone;
        for (record, (_, own)) in office.person.contracts.iter_mut().zip(&contracts) {
            record.zone = own.then_some(chrono_tz::Asia::Kathmandu);
        }
        let now = instant("2010-03-01T00:00:00Z") + TimeDelta::hours(hours);
        let slot = Slot::main(TargetId::new("o'target \\ \"x\"").unwrap());
        let (rules, policy) =
            (RuleSet::standard(&slot.target, lead).unwrap(), StandardPolicy { slot: slot.clone(), lead_days: lead });
        let person = office.person();
        let (ours, theirs) = (rules.grants(&person, now), policy.grants(&person, now));
        prop_assert_eq!((ours.grants, ours.undetermined), (theirs.grants, theirs.undetermined));
        prop_assert_eq!(rules.next_change(&person, now), policy.next_change(&person, now));
        let earlier = EarlierAccounts::default();
        prop_assert_eq!(rules.profile(&person, &slot, &earlier, now), policy.profile(&person, &slot, &earlier, now));
    }
}

#[test]
fn the_standard_text_is_for_entra_and_two_weeks() {
    let entra = TargetId::new("entra").unwrap();
    assert_eq!(rules(STANDARD).version(), RuleSet::standard(&entra, 14).unwrap().version());
    assert_ne!(rules(STANDARD).version(), RuleSet::standard(&entra, 13).unwrap().version());
}

#[test]
fn a_lead_beyond_reach_is_a_problem() {
    let problems = RuleSet::standard(&TargetId::new("entra").unwrap(), 4000).unwrap_err();
    assert!(problems.to_string().contains("write a whole number from 0 to 3650"), "{problems}");
}

#[test]
fn the_version_does_not_hang_on_comments_or_layout() {
    let version = |text: &str| rules(text).version();
    assert_eq!(version(STANDARD), version(&STANDARD.replace("# Rules to start from", "# Rules")));
    assert_eq!(version(STANDARD), version(&STANDARD.replace(" = ", "=")));
    assert_ne!(version(STANDARD), version(&STANDARD.replace("\"clear\"", "\"keep\"")));
}

#[test]
fn a_person_is_answered_without_personal_data_in_debug() {
    let office = Office::new("person given_name=Xanthippe\ncontract c1 2026-01-01..");
    let rules = rules(STANDARD);
    let answer = rules.grants(&office.person(), instant("2026-03-01"));
    let profile =
        rules.profile(&office.person(), &super::parse_slot("entra").unwrap(), &<_>::default(), instant("2026-03-01"));
    assert_eq!(profile.names.len(), 1);
    assert!(!format!("{answer:?} {profile:?} {rules:?}").to_lowercase().contains("xanthippe"));
}
