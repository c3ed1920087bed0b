//! What accounts hold: I-26 to I-28 and I-30 to I-32.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex};

use chrono::{Days, NaiveDate, TimeDelta};
use proptest::collection::{btree_set, vec};
use proptest::option;
use provisioning_core::audit::{Exception, PersonDirective};
use provisioning_core::lifecycle::Want;
use provisioning_core::policy::{Entitlement, Permission, PermissionClass, Undetermined};
use provisioning_core::target::{Presence, Shown};

use crate::support::{Adjusted, DAYS, Org, Town, check, d, gives, main_of, permission, town};

/// A town in which people are told apart by their contracts only: nobody is absent, nothing is unreadable.
pub(crate) fn plain(town: Town) -> Town {
    let mut town = Town { outage: None, ..town };
    for life in &mut town.lives {
        (life.absent, life.defective) = (None, None);
        life.jobs.iter_mut().for_each(|job| job.dropped = None);
    }
    town
}

/// What the rows say of a person on a day: whether an account is wanted, and the groups of the departments.
fn entitled(rows: &[String], key: usize, today: NaiveDate) -> (bool, BTreeSet<String>) {
    let (mut wanted, mut groups) = (false, BTreeSet::new());
    for row in rows {
        let words: Vec<&str> = row.split(' ').collect();
        let ["contract", person, _, days, department] = words[..] else { continue };
        let (first, last) = days.split_once("..").unwrap();
        let (first, last) = (d(first), if last.is_empty() { NaiveDate::MAX } else { d(last) });
        if person != key.to_string() || today > last {
            continue;
        }
        wanted |= today >= first - Days::new(14);
        if today >= first {
            groups.insert(format!("department:{department}"));
        }
    }
    (wanted, groups)
}

#[test]
fn i_26_what_is_held_is_what_is_justified() {
    let exception = (0_u64..DAYS, 0_usize..8, 0_u8..3, option::of(0_u64..60));
    check(60, (town(1..5, 0), vec(exception, 0..6)), |(town, exceptions)| {
        let town = plain(town);
        let org = Org::new();
        org.target
            .put_resource(provisioning_core::target::Resource { id: "extra:0".parse().unwrap(), name: "x".to_owned() });
        let mut given: BTreeMap<usize, Vec<(String, Option<NaiveDate>)>> = BTreeMap::new();
        let mut since: BTreeMap<usize, (NaiveDate, Vec<String>)> = BTreeMap::new();
        for day in 0..DAYS {
            let today = Town::day(day);
            town.dawn(&org, day);
            for (_, place, extra, days) in exceptions.iter().filter(|(when, ..)| *when == day) {
                let key = place % town.lives.len() + 1;
                let last_day = days.map(|days| today + Days::new(days));
                let id = format!("extra:{extra}");
                let entitlement = Entitlement::Permission(permission(&id));
                let slot = main_of("entra");
                org.say_of(&key.to_string(), PersonDirective::Except(Exception { slot, entitlement, last_day }));
                given.entry(key).or_default().push((id, last_day));
            }
            let before: Vec<_> = (1..=town.lives.len())
                .map(|key| (org.is_enabled(&key.to_string()), org.holds(&key.to_string())))
                .collect();
            let report = org.report();
            assert!(report.failed.is_empty(), "{report}");
            for key in 1..=town.lives.len() {
                let name = key.to_string();
                let Some(account) = org.account(&name).filter(|account| account.presence == Presence::Live) else {
                    continue;
                };
                let (wanted, mut justified) = entitled(&town.rows(day), key, today);
                let live =
                    given.get(&key).into_iter().flatten().filter(|(_, last)| last.is_none_or(|last| today <= last));
                justified.extend(live.map(|(id, _)| id.clone()));
                if !wanted {
                    justified.clear();
                }
                let (was_enabled, held) = &before[key - 1];
                if account.shown == Shown::Enabled {
                    since.remove(&key);
                } else if *was_enabled {
                    since.insert(key, (today, held.clone()));
                }
                if let Some((since, held)) = since.get(&key).filter(|(since, _)| today < *since + Days::new(7)) {
                    let _ = since;
                    justified.extend(held.iter().cloned());
                }
                assert_eq!(
                    org.holds(&name),
                    justified.into_iter().collect::<Vec<_>>(),
                    "hr:{key} on {today}\n{report}"
                );
            }
        }
    });
}

type Reasons = Arc<Mutex<BTreeSet<(u8, u8)>>>;

#[test]
fn i_27_a_permission_stays_as_long_as_one_reason_is_left() {
    let reasons = btree_set((0_u8..5, 0_u8..4), 1..16);
    check(60, (reasons, proptest::num::u64::ANY), |(all, seed)| {
        let reasons: Reasons = Arc::new(Mutex::new(all.clone()));
        let shared = Arc::clone(&reasons);
        let policy = Adjusted::on(&["entra"]).granting(move |_, _, answer| {
            for (rule, group) in shared.lock().unwrap().iter() {
                let grant = gives(&format!("rule-{rule}"), &main_of("entra"), permission(&format!("group:{group}")));
                answer.grants.push(grant);
            }
        });
        let version = policy.version.clone();
        let org = Org::under(policy);
        org.on("2026-01-01").says("person 1\ncontract 1 a 2026-01-01..").run();
        let mut order: Vec<(u8, u8)> = all.into_iter().collect();
        order.sort_by_key(|(rule, group)| (u64::from(*rule) * 31 + u64::from(*group) * 17).wrapping_mul(seed | 1));
        for gone in order {
            reasons.lock().unwrap().remove(&gone);
            version.fetch_add(1, Ordering::SeqCst);
            let log = org.later(TimeDelta::days(1)).run();
            let left: BTreeSet<String> =
                reasons.lock().unwrap().iter().map(|(_, group)| format!("group:{group}")).collect();
            assert_eq!(org.holds("1").into_iter().collect::<BTreeSet<_>>(), left);
            assert!(log.iter().all(|line| line.starts_with("revoke")) && log.len() <= 1, "{log:?}");
        }
    });
}

#[test]
fn i_27_a_group_of_several_contracts_stays_until_the_last_of_them_ends() {
    for contracts in 1..=5 {
        let rows = |key| format!("contract 1 c{key} 2026-01-01..2026-01-{:02} d1\n", 10 + key);
        let rows: String = (1..=contracts).map(rows).collect();
        let org = Org::new();
        org.on("2026-01-01").says(&format!("person 1\n{rows}contract 1 z 2026-01-01.. d2")).run();
        let log = org.daily("2026-01-02", "2026-01-30");
        assert_eq!(log, [format!("2026-01-{:02} revoke hr:1 department:d1", 11 + contracts)]);
    }
}

#[test]
fn i_28_a_membership_that_others_gave_is_theirs_to_take() {
    let gifts = vec((0_u64..DAYS, 0_usize..8, 0_u8..3), 1..10);
    check(60, (town(1..5, 0), gifts), |(town, gifts)| {
        let org = Org::new();
        let mut theirs: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for day in 0..DAYS {
            town.dawn(&org, day);
            for (_, place, gift) in gifts.iter().filter(|(when, ..)| *when == day) {
                let key = (place % town.lives.len() + 1).to_string();
                if org.is_live(&key) {
                    let gift = format!("by-hand:{gift}");
                    org.target.change(&format!("hr:{key}"), |account| {
                        account.permissions.get_or_insert_default().insert(gift.parse().unwrap());
                    });
                    theirs.entry(key).or_default().insert(gift);
                }
            }
            let log = org.run();
            assert!(!log.iter().any(|line| line.contains("by-hand")), "{log:?}");
            for (key, gifts) in &mut theirs {
                if log.contains(&format!("delete hr:{key}")) {
                    gifts.clear();
                }
                let held = org.holds(key);
                assert!(gifts.iter().all(|gift| held.contains(gift)), "hr:{key} on {}", Town::day(day));
            }
        }
    });
}

#[test]
fn i_31_renaming_every_department_gives_and_takes_nothing() {
    let person = |key| format!("person {key}\ncontract {key} c{key} 2026-01-01.. d{}", key % 4);
    let rows = |name: &str| {
        let departments = (0..4).map(|code| format!("department d{code} {name}_{code}"));
        departments.chain((1..=12).map(person)).collect::<Vec<_>>().join("\n")
    };
    let org = Org::new();
    org.on("2026-01-01").says(&rows("Sales")).run();
    let held: Vec<_> = (1..=12).map(|key| org.holds(&key.to_string())).collect();
    for name in ["Trade", "Commerce", "Sales"] {
        org.later(TimeDelta::days(1)).says(&rows(name));
        let renamed: Vec<String> = (0..4).map(|code| format!("ensure department:d{code} {name} {code}")).collect();
        assert_eq!(org.run(), renamed);
        assert_eq!((1..=12).map(|key| org.holds(&key.to_string())).collect::<Vec<_>>(), held);
    }
}

#[test]
fn i_32_a_key_that_says_nothing_gives_no_group_and_makes_none() {
    for department in ["", "department=null", "department=", "department=_", "department=___"] {
        let org = Org::new();
        org.on("2026-01-01").says(&format!("person 1\ncontract 1 a 2026-01-01.. {department}"));
        assert_eq!(org.run(), ["create hr:1", "enable hr:1"], "{department}");
        assert!(org.target.resources().is_empty());
        // A key that comes to say nothing takes the group away, and makes none either.
        let org = Org::new();
        org.on("2026-01-01").says("person 1\ncontract 1 a 2026-01-01.. d1").run();
        org.on("2026-01-02").says(&format!("person 1\ncontract 1 a 2026-01-01.. {department}"));
        assert_eq!(org.run(), ["revoke hr:1 department:d1"], "{department}");
        assert_eq!(org.target.resources().len(), 1);
    }
}

#[test]
fn i_27_a_rule_that_cannot_tell_keeps_what_it_gave_after_another_rule() {
    let policy = Adjusted::on(&["entra"]).granting(|person, _, answer| {
        let slot = main_of("entra");
        if person.text("first") == Some("yes") {
            answer.grants.push(gives("first", &slot, permission("crm")));
        }
        match person.text("second") {
            Some("yes") => answer.grants.push(gives("second", &slot, permission("crm"))),
            Some(_) => {}
            None => answer.undetermined.push(Undetermined {
                rule: "second".parse().unwrap(),
                lacks: "nothing is known of `second`".to_owned(),
                slot,
                may: Want::Nothing,
            }),
        }
    });
    let org = Org::under(policy);
    let says = |day, fields| org.on(day).says(&format!("person 1 {fields}\ncontract 1 a 2026-01-01.. d1")).run();
    says("2026-01-01", "first=yes second=no");
    says("2026-01-02", "first=no second=yes");
    assert_eq!(org.holds("1"), ["crm", "department:d1"]);
    assert!(says("2026-01-03", "first=no second=null").is_empty());
    assert!(says("2026-01-04", "first=no second=null").is_empty());
    assert_eq!(says("2026-01-05", "first=no second=no"), ["revoke hr:1 crm"]);
}

#[test]
fn i_30_what_became_privileged_does_not_stay_on_a_suspended_account() {
    let policy = Adjusted::on(&["entra"]).granting(|person, day, answer| {
        let class = if day < d("2026-02-01") { PermissionClass::Ordinary } else { PermissionClass::Privileged };
        let power = Permission { class, ..permission("power") };
        answer.grants.push(gives("power", &main_of("entra"), power));
        if person.text("leave") == Some("yes") {
            answer.grants.retain(|grant| grant.entitlement != Entitlement::Access);
        }
    });
    let org = Org::under(policy);
    org.on("2026-01-01").says("person 1\ncontract 1 a 2026-01-01.. d1");
    org.daily("2026-01-01", "2026-02-02");
    org.on("2026-02-03").says("person 1 leave=yes\ncontract 1 a 2026-01-01.. d1").run();
    assert!(!org.is_enabled("1") && org.holds("1").contains(&"power".to_owned()));
    org.daily("2026-02-04", "2026-03-03");
    assert_eq!(org.holds("1"), ["department:d1"]);
}
