//! Everything at once: a roster emptied, departments gone, every name changed by a mapping, a rule deleted.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

use provisioning_core::audit::{Directive, RunDirective};
use provisioning_core::policy::{Renaming, UniqueName};

use crate::ours::{approve, count, hired, is_held, is_in_order, sent};
use crate::support::{Adjusted, Org, Setup, accounts_of, gives, main_of, permission};

/// A hundred people in a department; `-` for none that the source says anything of.
fn people(department: &str) -> String {
    let row = |number| {
        let name = format!("given_name=A{number} family_name=N{number}");
        format!("person {number} {name}\ncontract {number} c{number} 2026-01-01.. department={department}\n")
    };
    (100..200).map(row).collect()
}

const WHO: &str = "`hr:100`, `hr:101`, `hr:102`, `hr:103`, `hr:104` and 95 more";

/// What holds back a plan that would do something with each of the hundred.
fn everybody(kind: &str) -> String {
    let line = |done: &str, allowed: u32| {
        let over = 100 - allowed;
        format!(
            "`entra`: 100 surprising {kind} planned{done}, {allowed} allowed: {over} too many, so none is done until \
             somebody approves; it is about {WHO}"
        )
    };
    let (plan, days) = if kind == "disable" { (5, 10) } else { (20, 30) };
    format!("{}\n{}", line("", plan), line(" and 0 done in the last 7 days", days))
}

/// Somebody allows the reading that was refused.
fn allow(org: &Org) {
    let rejected = org.plan().findings.rejected;
    org.say(Directive::Run(RunDirective::AcceptReading(rejected[0].hash)));
}

#[test]
fn a_roster_emptied_changes_nothing_even_where_somebody_believes_it() {
    let org = hired(Setup::default(), &people("d1"));
    org.on("2026-02-10").says("");
    let before = accounts_of(&org.target);
    for day in ["2026-02-10", "2026-02-11", "2026-02-12"] {
        let report = org.on(day).report();
        assert_eq!((report.findings.rejected.len(), sent(&org)), (1, Vec::new()), "{report}");
    }
    allow(&org);
    for day in ["2026-02-12", "2026-02-13"] {
        org.on(day).report();
        assert_eq!((sent(&org), accounts_of(&org.target)), (Vec::new(), before.clone()), "they are missing on {day}");
    }
    // By now the source must mean it; the limits hold all the same, however long nobody says anything.
    for day in ["2026-02-14", "2026-02-15", "2026-02-20", "2026-03-10"] {
        org.on(day);
        is_held(&org, &everybody("disable"));
    }
    org.on("2026-03-11").says(&people("d1")).report();
    assert_eq!((sent(&org), accounts_of(&org.target)), (Vec::new(), before));
    is_in_order(&org);
}

#[test]
fn departments_that_are_all_null_take_nobody_out_of_a_group() {
    let org = hired(Setup::default(), &people("d1"));
    org.on("2026-02-10").says(&people("null"));
    let before = accounts_of(&org.target);
    let report = org.report();
    assert_eq!((report.findings.rejected.len(), sent(&org)), (1, Vec::new()), "{report}");
    allow(&org);
    is_held(&org, &everybody("revoke"));
    org.on("2026-02-11").says(&people("d1")).report();
    assert_eq!((sent(&org), accounts_of(&org.target)), (Vec::new(), before));
    is_in_order(&org);
}

/// A policy with a second version of what it says, and the switch between them.
fn switched(policy: impl FnOnce(Arc<AtomicU8>) -> Adjusted) -> (Setup, Arc<AtomicU8>) {
    let version = Arc::new(AtomicU8::new(0));
    let policy = Adjusted { version: Arc::clone(&version), ..policy(Arc::clone(&version)) };
    (Setup { policy: Some(Arc::new(policy)), ..Setup::default() }, version)
}

#[test]
fn a_mapping_that_changes_every_name_renames_nobody_until_somebody_approves() {
    let (setup, version) = switched(|version| {
        Adjusted::on(&["entra"]).profiling(move |person, profile| {
            let part = |name: &str| person.text(name).unwrap_or_default().to_lowercase();
            let (given, family) = (part("given_name"), part("family_name"));
            let named = if version.load(Ordering::SeqCst) == 0 {
                format!("{given}.{family}")
            } else {
                format!("{family}.{given}")
            };
            for name in &mut profile.names {
                *name = UniqueName {
                    candidates: vec![named.clone()],
                    numbered: None,
                    renaming: Renaming::Follows,
                    ..name.clone()
                };
            }
        })
    });
    let org = hired(setup, &people("d1"));
    let before = accounts_of(&org.target);
    version.store(1, Ordering::SeqCst);
    for day in ["2026-02-10", "2026-02-20"] {
        org.on(day);
        is_held(&org, &everybody("update"));
    }
    version.store(0, Ordering::SeqCst);
    is_in_order(&org);
    assert_eq!(accounts_of(&org.target), before);
    version.store(1, Ordering::SeqCst);
    approve(&org);
    org.report();
    assert_eq!(count(&sent(&org), "update"), 100);
    is_in_order(&org);
    assert_eq!(org.account("100").unwrap().attributes.text("user_name"), Some("n100.a100"));
}

#[test]
fn case_97_a_rule_deleted_by_mistake_shows_the_storm_and_takes_nothing_away() {
    let (setup, version) = switched(|version| {
        Adjusted::on(&["entra"]).granting(move |_, _, answer| {
            if version.load(Ordering::SeqCst) == 0 {
                answer.grants.push(gives("staff", &main_of("entra"), permission("staff")));
            }
        })
    });
    let org = hired(setup, &people("d1"));
    version.store(1, Ordering::SeqCst);
    for day in ["2026-02-10", "2026-02-11", "2026-02-20"] {
        org.on(day);
        let report = is_held(&org, &everybody("revoke"));
        let shown = report.to_string();
        assert_eq!(shown.matches("  revoke   entra/hr:").count(), 100, "{shown}");
    }
    version.store(0, Ordering::SeqCst);
    is_in_order(&org);
    assert_eq!(org.holds("100"), ["department:d1", "staff"]);
}

#[test]
fn case_97_the_rule_that_gives_access_deleted_by_mistake_disables_nobody() {
    let (setup, version) = switched(|version| {
        Adjusted::on(&["entra"]).granting(move |_, _, answer| {
            if version.load(Ordering::SeqCst) == 1 {
                answer.grants.clear();
            }
        })
    });
    let org = hired(setup, &people("d1"));
    version.store(1, Ordering::SeqCst);
    for day in ["2026-02-10", "2026-02-11", "2026-03-10"] {
        org.on(day);
        is_held(&org, &everybody("disable"));
    }
    version.store(0, Ordering::SeqCst);
    is_in_order(&org);
    assert!((100..200).all(|number| org.is_enabled(&number.to_string())));
}
