//! What is decided: laws 1, 3, 4, 6 and 10.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::thread;

use chrono::TimeDelta;
use proptest::prelude::any;
use provisioning_core::audit::{Directive, Fact, Head, Record, RunDirective, RunFact, Settlement};
use provisioning_core::caps::{Cap, Caps, Limit, approve};
use provisioning_core::lifecycle::Want;
use provisioning_core::plan::{PermissionStep, Step, StepKind, Timing};
use provisioning_core::policy::{Entitlement, Undetermined};
use provisioning_core::source::{Completeness, Contract, Fingerprint, PersonRow, SnapshotBuilder};
use provisioning_core::target::{ObservedAccount, Presence, Shown};
use provisioning_core::{AccountId, Confidence, Correlation, FieldName, Fields, PermissionId, Plan, TargetId};
use rules::{Indexed, RuleSet};

use crate::support::{
    Adjusted, DAYS, Org, Setup, Town, accounts_of, check, d, ledger_of, line, main_of, reordered, town,
};

fn bytes(plan: &Plan) -> String {
    serde_json::to_string(plan).unwrap()
}

#[test]
fn law_01_the_order_of_rows_does_not_change_a_byte_of_the_plan() {
    check(40, (town(2..7, 3), any::<u64>()), |(town, seed)| {
        let plans = [0, 1, seed].map(|seed| {
            let org = Org::new();
            let one = |day| {
                town.dawn(&org, day);
                if !town.is_out(day) {
                    org.says(&reordered(town.rows(day), seed));
                }
                let planned = org.plan();
                let plan = bytes(planned.approved.plan());
                org.apply(planned);
                plan
            };
            (0..DAYS).step_by(6).map(one).collect::<Vec<_>>()
        });
        assert_eq!(plans[0], plans[1]);
        assert_eq!(plans[0], plans[2]);
    });
}

#[test]
fn law_01_rows_that_contradict_each_other_say_the_same_in_any_order() {
    let rows = [
        "person 1 given_name=Anna",
        "person 1 given_name=Anne",
        "contract 1 a 2026-01-01.. d1",
        "contract 2 b 2026-01-01.. d1",
        "contract 3 b 2026-01-02.. d1",
        "person 2 given_name=Bert",
        "person 3 given_name=Chris",
        "contract 3 c 2026-01-01.. d1",
        "department d1 Sales",
        "department d1 Purchase",
        "contract 4 d 2026-01-01.. d1",
        "person 4 given_name=Dirk",
    ];
    let plan = |seed| {
        let org = Org::new();
        org.says(&reordered(rows.map(str::to_owned).to_vec(), seed));
        bytes(org.plan().approved.plan())
    };
    let first = plan(0);
    assert!((1..20).all(|seed| plan(seed) == first));
}

#[test]
fn law_01_threads_and_hash_seeds_do_not_change_a_byte_of_the_plan() {
    check(10, (town(4..9, 0), 0..DAYS), |(town, day)| {
        let org = Org::new();
        town.dawn(&org, 0);
        org.run();
        town.dawn(&org, day.min(29));
        org.plan();
        // Each thread has hash seeds of its own.
        let plans = thread::scope(|scope| {
            let threads: Vec<_> = (0..4).map(|_| scope.spawn(|| bytes(&org.decided()))).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect::<BTreeSet<_>>()
        });
        assert_eq!(plans.len(), 1);
    });
}

#[test]
fn law_03_a_reading_is_complete_or_an_error() {
    let rows = 9;
    for given in 0..=rows + 2 {
        let mut reading = SnapshotBuilder::new("hr".parse().unwrap(), Fingerprint("e".to_owned()), Org::new().now());
        for key in 0..given {
            reading.person(PersonRow { key: key.to_string().parse().unwrap(), zone: None, fields: Fields::default() });
        }
        assert_eq!(reading.clone().finish(Completeness::Persons(rows)).is_ok(), given == rows);
        assert_eq!(reading.finish(Completeness::Rows { persons: rows, contracts: 0 }).is_ok(), given == rows);
    }
}

#[test]
fn law_03_a_rejected_reading_is_as_good_as_none() {
    let twice = (town(3..7, 0), 20..DAYS, 1_u64..8, 0_u8..3);
    check(30, twice, |(town, from, days, fault)| {
        let town = Town { outage: None, ..town };
        let histories = [true, false].map(|is_read| {
            let org = Org::new();
            let mut log = Vec::new();
            for day in 0..DAYS {
                town.dawn(&org, day);
                if (from..from + days).contains(&day) {
                    if is_read {
                        disturb(&org, &town.rows(day).join("\n"), fault);
                    } else {
                        org.source.fail();
                    }
                }
                let report = org.report();
                let at_fault = (from..from + days).contains(&day) && is_read;
                assert!(!at_fault || report.findings.rejected.len() == 1, "{report}");
                log.push((org.sent().iter().map(line).collect::<Vec<_>>(), org.roster()));
            }
            log
        });
        assert_eq!(histories[0], histories[1]);
    });
}

/// A reading that cannot count.
fn disturb(org: &Org, rows: &str, fault: u8) {
    match fault {
        0 => org.source.set("", org.now()),
        1 => org.source.set_as("another environment", rows, org.now()),
        _ => org.source.set(&format!("person 99\n{rows}"), org.now() - TimeDelta::days(200)),
    }
}

#[test]
fn law_03_a_vanished_person_is_not_yet_a_leaver() {
    let everybody = "person 1\ncontract 1 a 2026-01-01.. d1\nperson 2\ncontract 2 b 2026-01-01.. d1";
    for readings in 0..5 {
        let org = Org::new();
        org.on("2026-01-01").says(everybody).run();
        org.on("2026-01-10").says("person 1\ncontract 1 a 2026-01-01.. d1");
        let mut log = Vec::new();
        for day in 0..readings {
            org.at(crate::support::at(d("2026-01-10")) + TimeDelta::days(day));
            log.extend(org.run());
            // A second reading on the same day says nothing new.
            org.later(TimeDelta::hours(3));
            log.extend(org.run());
        }
        assert_eq!(org.is_enabled("2"), readings < 3, "after {readings} days");
        assert_eq!(log.is_empty(), readings < 3, "{log:?}");
    }
}

fn foreign(id: &str, anchor: Option<&str>, name: &str) -> ObservedAccount {
    let held = ["by-hand", "department:d0"].map(|id| PermissionId::new(id).unwrap());
    ObservedAccount {
        id: AccountId::new(id).unwrap(),
        anchor: anchor.map(str::to_owned),
        presence: Presence::Live,
        shown: Shown::Enabled,
        attributes: [("user_name".parse().unwrap(), provisioning_core::Value::text(name))].into_iter().collect(),
        permissions: Some(held.into_iter().collect()),
    }
}

#[test]
fn law_04_only_what_is_ours_is_revoked_disabled_and_deleted() {
    check(60, town(2..6, 6), |town| {
        let org = Org::new();
        let strangers = [foreign("foreign-1", None, "anna.vos0"), foreign("foreign-2", Some("other:1"), "x")];
        for account in &strangers {
            org.target.put_account(account.clone());
        }
        let mut granted: BTreeSet<(String, String)> = BTreeSet::new();
        for day in 0..DAYS {
            town.dawn(&org, day);
            org.report();
            for action in org.sent() {
                let id =
                    if let Step::Account { id, .. } | Step::Permission { id, .. } = &action.step { id } else { &None };
                assert!(id.as_ref().is_none_or(|id| id.as_str().starts_with("entra-")), "{action}");
                let Step::Permission { key, step, .. } = &action.step else { continue };
                match step {
                    PermissionStep::Grant(permission, _) => {
                        granted.insert((key.anchor(), permission.id.to_string()));
                    }
                    PermissionStep::Revoke(permission, _) => {
                        assert!(granted.contains(&(key.anchor(), permission.to_string())), "{action}");
                    }
                }
            }
        }
        for account in strangers {
            assert!(org.target.accounts().contains(&account), "{:?}", account.id);
        }
    });
}

#[test]
fn law_04_an_adopted_account_is_left_alone_until_go_live_and_what_it_held_stays_after() {
    let attribute: FieldName = "user_name".parse().unwrap();
    let way = Correlation { field: None, attribute, confidence: Confidence::Strong };
    let org = Setup { correlation: vec![way], ..Setup::default() }.build();
    org.target.put_account(foreign("foreign-1", None, "1"));
    let account = || org.target.accounts().into_iter().next();
    let before = account();
    org.on("2026-01-01").says("person 1 given_name=A family_name=B phone=1\ncontract 1 a 2026-01-01..2026-01-20 d1");
    let log = org.daily("2026-01-01", "2026-04-01");
    assert_eq!(log, ["2026-01-02 ensure department:d1 d1", "2026-01-02 grant hr:1 department:d1"]);
    let mut after = account().unwrap();
    after.permissions.as_mut().unwrap().remove("department:d1");
    assert_eq!(Some(after), before);
    org.say(Directive::Run(RunDirective::GoLive(TargetId::new("entra").unwrap())));
    let log = org.daily("2026-04-02", "2026-04-20");
    assert_eq!(log, ["2026-04-02 disable hr:1", "2026-04-09 revoke hr:1 department:d1"]);
    let held = account().unwrap().permissions.unwrap();
    assert_eq!(held.iter().map(PermissionId::as_str).collect::<Vec<_>>(), ["by-hand", "department:d0"]);
}

#[test]
fn law_06_a_plan_without_its_reasons_is_applied_in_the_same_way() {
    let few = |timing| {
        let limit = Limit { percent: 0, absolute: None, floor: 1 };
        [StepKind::Disable, StepKind::Grant].map(|kind| Cap { kind, timing, days: 0, limit })
    };
    check(30, town(2..6, 4), |town| {
        let histories = [true, false].map(|with_reasons| {
            let mut setup = Setup::default();
            setup.settings.caps = Caps([few(Timing::Surprising), few(Timing::Expected)].concat());
            let org = setup.build();
            let mut log = Vec::new();
            for day in (0..DAYS).step_by(3) {
                town.dawn(&org, day);
                let mut planned = org.plan();
                if !with_reasons {
                    let mut plan = planned.approved.plan().clone();
                    plan.waiting.clear();
                    plan.refusals.clear();
                    plan.waves.iter_mut().flat_map(|wave| &mut wave.actions).for_each(|action| action.why.clear());
                    planned.approved = approve(plan, &org.engine.settings.caps, &org.engine.store.ledger().read());
                }
                let report = org.apply(planned);
                log.push((org.sent().iter().map(line).collect::<Vec<_>>(), report.withheld, report.dropped));
            }
            let ledger = ledger_of(&org.engine.store.ledger().read());
            (log, accounts_of(&org.target), ledger)
        });
        assert_eq!(histories[0], histories[1]);
    });
}

#[test]
fn law_06_a_ledger_without_reasons_and_events_decides_the_same() {
    check(40, (town(2..6, 6), 30..DAYS), |(town, days)| {
        let org = Org::new();
        for day in (0..days).step_by(2) {
            town.dawn(&org, day);
            org.report();
        }
        let mut bare = org.engine.store.ledger().read().emptied();
        for (records, sealed) in (1..).zip(org.kept.records()) {
            let (_, payload) = sealed.content.unwrap();
            if let Some(record) = without_reasons(serde_json::from_str(&payload).unwrap()) {
                bare.fold(&record, Head { records, hash: sealed.hash });
            }
        }
        // The head is of all records in both.
        let whole = org.engine.store.ledger().read().clone();
        let last = Record { fact: Fact::Run(RunFact::HeldByClock { now: org.now() }), ..record_of(&org) };
        bare.fold(&last, whole.head());
        town.dawn(&org, days);
        assert_eq!(bytes(&org.decided_on(&bare)), bytes(&org.decided_on(&whole)));
    });
}

fn record_of(org: &Org) -> Record {
    Record { at: org.now(), actor: org.engine.actor.clone(), fact: Fact::Run(RunFact::HeldByClock { now: org.now() }) }
}

/// The record without what is for people only; none for one that is an event and no more.
fn without_reasons(mut record: Record) -> Option<Record> {
    record.actor = "somebody".parse().unwrap();
    match &mut record.fact {
        Fact::Reading(_) | Fact::Run(RunFact::Applying { .. } | RunFact::HeldByClock { .. }) => return None,
        Fact::Intent(intent) => intent.action.why.clear(),
        Fact::Outcome(_, Settlement::Failed { message, .. }) => message.clear(),
        Fact::Outcome(..)
        | Fact::Run(RunFact::Began { .. } | RunFact::Behind(_))
        | Fact::Said(_)
        | Fact::Account(..)
        | Fact::Erased(_) => {}
    }
    Some(record)
}

#[test]
fn law_10_deciding_the_due_people_equals_deciding_everybody() {
    check(60, (town(2..7, 6), 0_u8..3), |(town, bin)| {
        let mut setup = Setup::default();
        setup.settings.lifecycle.bridge_days = u32::from(bin);
        let org = setup.build();
        for day in 0..DAYS {
            town.dawn(&org, day);
            let planned = org.plan();
            let everybody = plain(&org.decided());
            let due = plain(planned.approved.plan());
            assert_eq!(bytes(&due), bytes(&everybody), "on {}\ndue: {due}\nall: {everybody}", Town::day(day));
            org.apply(planned);
        }
    });
}

#[test]
fn law_10_what_the_rules_cannot_tell_makes_nobody_due_and_changes_nothing() {
    let slot = main_of("entra");
    let says = [("d1", Want::Account), ("d2", Want::Access)];
    check(60, town(2..7, 6), |town| {
        let slot = slot.clone();
        let policy = Adjusted::on(&["entra"]).granting(move |person, day, answer| {
            let today = |contract: &&Contract<'_>| contract.period.contains(day);
            let codes: Vec<_> =
                person.contracts.iter().filter(today).filter_map(|one| one.record.fields.text("department")).collect();
            for (code, may) in says.into_iter().filter(|(code, _)| codes.contains(code)) {
                answer.grants.retain(|grant| grant.entitlement != Entitlement::Access);
                let (rule, lacks) = ("department".parse().unwrap(), LACKS.to_owned());
                answer.undetermined.push(Undetermined { rule, lacks, slot: slot.clone(), may });
                answer.notes.push(format!("{LACKS} of `{code}`"));
            }
        });
        let org = Org::under(policy);
        for day in 0..DAYS {
            town.dawn(&org, day);
            let planned = org.plan();
            let everybody = plain(&org.decided());
            let due = plain(planned.approved.plan());
            assert_eq!(bytes(&due), bytes(&everybody), "on {}\ndue: {due}\nall: {everybody}", Town::day(day));
            org.apply(planned);
        }
    });
}

const OF_MANAGERS: &str = r#"
target = "entra"
fields.person.role = "text"

[[rule]]
id = "works-here"
days_before = 14
gives = ["access"]

[[rule]]
id = "team"
gives = [{ each = 'manager.role', permission = '"team:" + key', name = 'key', create = true }]

[[rule]]
id = "without-a-coach"
when = '!has(manager.role) || manager.role != "coach" && contracts.exists(c, c.manager.given_name == "Anna")'
gives = [{ permission = "team:none", class = "privileged" }]

[profile.entra]
phone = { from = 'manager.role' }
user_name = { candidates = 'person.given_name', numbered = 'person.given_name + n' }
"#;

/// What a town says on a day; departments change their managers and their places, and managers what they are.
fn managed(town: &Town, day: u64) -> String {
    let people = u64::try_from(town.lives.len()).unwrap();
    let rows = town.rows(day).into_iter().map(|row| match row.split_whitespace().collect::<Vec<_>>().as_slice() {
        ["department", code, _] => {
            let place: u64 = code.trim_start_matches('d').parse().unwrap();
            let parent = if place > 0 { format!(" parent=d{}", (place + day / 60) % 3) } else { String::new() };
            format!("{row} manager={}{parent}", (place + day / 40) % (people + 1) + 1)
        }
        ["person", key, ..] if !(day / 25 + key.len() as u64).is_multiple_of(5) => {
            let role = ["coach", "lead", "none"][usize::try_from((day / 17 + key.len() as u64) % 3).unwrap()];
            format!("{row} role={role}")
        }
        _ => row,
    });
    rows.collect::<Vec<_>>().join("\n")
}

#[test]
fn law_10_whoever_has_a_manager_is_due_when_something_about_the_manager_changes() {
    check(60, town(2..7, 6), |town| {
        let rules = Arc::new(OF_MANAGERS.parse::<RuleSet>().unwrap());
        let org = Org::under(Indexed::new(rules));
        for day in 0..DAYS {
            town.dawn(&org, day);
            org.says(&managed(&town, day));
            let planned = org.plan();
            let everybody = plain(&org.decided());
            let due = plain(planned.approved.plan());
            assert_eq!(bytes(&due), bytes(&everybody), "on {}\ndue: {due}\nall: {everybody}", Town::day(day));
            org.apply(planned);
        }
    });
}

#[test]
fn law_10_whoever_has_no_department_is_decided_when_something_changes_only() {
    let policy = Adjusted::on(&["entra"]).granting(|_, _, answer| answer.notes.push(LACKS.to_owned()));
    let org = Org::under(policy);
    org.on("2026-01-01").says("person 1\ncontract 1 a 2026-01-01..2026-01-20 d1");
    let decided = |day: &str| {
        let report = org.on(day).report();
        (report.findings.decided, report.plan.refusals.len())
    };
    assert_eq!(decided("2026-01-01"), (1, 1));
    assert_eq!(decided("2026-01-02"), (0, 0));
    assert_eq!(decided("2026-01-20"), (0, 0));
    assert_eq!(decided("2026-01-21"), (1, 1));
}

/// What the rules of these tests say that they do not know.
const LACKS: &str = "nothing is known";

/// Without what is only said of whoever is decided, as nobody is due because of it: what the rules could not tell, and
/// the line for everybody of a source that could not be read for a week.
fn plain(plan: &Plan) -> Plan {
    let mut plan = plan.clone();
    let is_said_in_passing = |why: &str| {
        why.starts_with("the last accepted reading of source")
            || [LACKS, "holds no key", "cannot tell"].iter().any(|said| why.contains(said))
    };
    plan.refusals.retain(|refusal| !is_said_in_passing(&refusal.why));
    plan
}

#[test]
fn law_10_what_an_old_reading_held_back_is_done_when_the_source_is_back() {
    let org = Org::new();
    org.on("2026-01-01")
        .says("person 1\ncontract 1 a 2026-01-01..2026-01-09 d1\nperson 2 phone=1\ncontract 2 b 2026-01-01.. d1");
    org.daily("2026-01-01", "2026-01-30");
    let before =
        org.says("person 1\ncontract 1 a 2026-01-01..2026-01-09 d1\nperson 2 phone=1\ncontract 2 b 2026-01-01.. d1");
    before.run();
    org.source.fail();
    assert!(org.daily("2026-01-31", "2026-02-07").is_empty());
    // The end of the grace and a phone number that somebody changed fall into the days without a reading.
    org.target.change("hr:2", |account| {
        account.attributes.put("phone".parse().unwrap(), provisioning_core::Value::text("by hand"));
    });
    assert!(org.daily("2026-02-08", "2026-02-10").is_empty());
    org.on("2026-02-11")
        .says("person 1\ncontract 1 a 2026-01-01..2026-01-09 d1\nperson 2 phone=1\ncontract 2 b 2026-01-01.. d1");
    assert_eq!(org.run(), ["update hr:2", "delete hr:1"]);
}
