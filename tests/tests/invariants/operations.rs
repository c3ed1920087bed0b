//! I-42 and I-53, and the cases 85, 89 and 105: two engines, a poison record, an auditor.
//!
//! Case 86 is I-58, in `backup.rs` beside this file; case 88 needs a disk that is full, in the tests of `store-sql`; two
//! engines as two processes, one of them stopped, and I-40, are in the tests of `examples`.

use std::collections::BTreeSet;
use std::sync::Arc;

use chrono::{NaiveDate, TimeDelta};
use expect_test::expect;
use futures::FutureExt;
use futures::executor::block_on;
use provisioning_core::audit::{Fact, FailureKind, History, PersonDirective, RunFact};
use provisioning_core::source::Person;
use provisioning_core::target::{ObservedAccount, Presence, Shown};
use provisioning_core::{Actor, Confidence, Correlation, EngineError, FieldName, Report, StoreError, TenantId, Value};

use crate::support::{Adjusted, Around, DAYS, Org, Setup, check, d, person, town};

const TWO: &str = "person 1\ncontract 1 a 2026-01-05.. d1\nperson 2\ncontract 2 b 2026-01-05.. d1";

#[test]
fn case_85_a_second_engine_gets_no_fence_is_told_who_has_it_and_only_reads() {
    let org = Org::new();
    org.on("2026-01-01").says(TWO);
    org.report();
    org.sent();
    org.on("2026-01-05");
    let engine = &org.engine;
    let fence = block_on(engine.store.acquire(&Actor::new("first").unwrap(), engine.lease)).unwrap();
    let head = engine.store.ledger().read().head();
    let refused = engine.run().now_or_never().unwrap().unwrap_err();
    assert!(matches!(refused, EngineError::Store(StoreError::Held { .. })));
    expect!["the ledger is held by `first` until 2026-01-05 04:05:00 UTC"].assert_eq(&refused.to_string());
    // It sees all that there is, and changed nothing of it.
    assert_eq!((engine.store.ledger().read().head(), org.sent()), (head, Vec::new()));
    assert_eq!(engine.store.roster().read().len(), 2);
    block_on(engine.store.release(fence)).unwrap();
    assert_eq!(org.report().writes(), 5);
}

#[test]
fn whoever_became_due_after_a_plan_was_made_stays_due_when_it_is_applied() {
    for through_a_file in [false, true] {
        let org = Org::new();
        org.on("2026-01-05").says(TWO);
        let store = &org.engine.store;
        let due = || block_on(store.due(org.now(), &org.engine.policy.version())).unwrap().people;
        let planned = org.plan();
        let fence = block_on(store.acquire(&Actor::new("other").unwrap(), org.engine.lease)).unwrap();
        block_on(store.make_due(&fence, [person("1")].into())).unwrap();
        block_on(store.release(fence)).unwrap();
        assert_eq!(due(), [person("1"), person("2")].into(), "somebody looks on");
        if through_a_file {
            block_on(org.engine.apply_file(planned.file(org.now() + TimeDelta::hours(1)))).unwrap();
            assert_eq!(due(), [person("1"), person("2")].into(), "a file answers no question");
        } else {
            org.apply(planned);
            assert_eq!(due(), [person("1")].into());
        }
        assert!(org.report().plan.is_empty());
        assert!(due().is_empty());
    }
}

const POISON: &str = "note=poison";

fn poisoned(person: &Person<'_>) {
    assert!(person.text("note") != Some("poison"), "what the test mapped does not like this");
}

fn told(report: &Report) -> Vec<String> {
    report.plan.refusals.iter().map(|refusal| format!("{}: {}", refusal.person, refusal.why)).collect()
}

#[test]
fn case_89_a_record_that_crashes_the_mapping_stops_its_person_and_nobody_else() {
    let mut org = Org::under(Adjusted::on(&["entra"]).profiling(|person, _| poisoned(person)));
    let poison = TWO.replace("person 1", &format!("person 1 {POISON}"));
    org.on("2026-01-05").says(&poison);
    let report = org.report();
    assert_eq!((org.is_enabled("1"), org.is_enabled("2")), (false, true), "{report}");
    let crashed = "the mapping crashed on this person: mend it, or what the source says";
    assert_eq!(told(&report), [format!("hr:1: no account on `entra`: {crashed}")]);
    // Whoever has an account keeps it as it is, is disabled on leaving, and is looked at until it goes well.
    org.says(TWO);
    org.report();
    assert!(org.is_enabled("1"));
    org.on("2026-01-06").says(&poison);
    assert_eq!(told(&org.report()), [format!("hr:1: the account on `entra` is not changed: {crashed}")]);
    assert!(org.is_enabled("1") && org.holds("1") == org.holds("2"));
    org.on("2026-01-07").says(&poison.replace("1 a 2026-01-05..", "1 a 2026-01-05..2026-01-07"));
    org.report();
    org.on("2026-01-08").report();
    assert_eq!((org.is_enabled("1"), org.is_enabled("2")), (false, true), "left on the day before");
    org.says(&poison);
    org.report();
    org.engine.policy = Arc::new(Adjusted::on(&["entra"]));
    assert_eq!(org.report().plan.refusals, []);
    assert!(org.is_enabled("1"));
}

#[test]
fn case_89_a_block_holds_for_whomever_the_rules_crash_on() {
    let org = Org::under(Adjusted::on(&["entra"]).granting(|person, _, _| poisoned(person)));
    org.on("2026-01-05").says(TWO);
    org.report();
    let poison = TWO.replace("person 1", &format!("person 1 {POISON}"));
    org.on("2026-01-06").says(&poison);
    let report = org.report();
    assert_eq!(
        told(&report),
        ["hr:1: the rules crashed on this person, so nothing but a block is done: mend them, or what the source says"]
    );
    assert!(org.is_enabled("1"));
    org.say_of("1", PersonDirective::Block);
    org.report();
    assert_eq!((org.is_enabled("1"), org.is_enabled("2")), (false, true));
    assert!(org.report().plan.is_empty(), "it is done once");
}

#[test]
fn case_89_an_account_that_may_be_that_of_whomever_the_rules_crash_on_is_nobody_elses() {
    let badge = FieldName::new("badge").unwrap();
    let way = Correlation { field: Some(badge.clone()), attribute: badge.clone(), confidence: Confidence::Strong };
    let policy = Adjusted::on(&["entra"]).granting(|person, _, _| poisoned(person));
    let org = Setup { correlation: vec![way], policy: Some(Arc::new(policy)), ..Setup::default() }.build();
    for number in ["7", "8"] {
        org.target.put_account(ObservedAccount {
            id: format!("by-hand-{number}").parse().unwrap(),
            anchor: None,
            presence: Presence::Live,
            shown: Shown::Enabled,
            attributes: [(badge.clone(), Value::text(number))].into_iter().collect(),
            permissions: Some(BTreeSet::new()),
        });
    }
    let rows = "person 1 badge=7 note=poison\ncontract 1 a 2026-01-05.. d1\n\
                person 2 badge=7\ncontract 2 b 2026-01-05.. d1\n\
                person 3 badge=8\ncontract 3 c 2026-01-05.. d1";
    let report = org.on("2026-01-05").says(rows).report();
    let waiting: Vec<String> = report.plan.waiting.iter().map(|one| format!("{}: {}", one.person, one.on)).collect();
    assert_eq!(waiting, ["hr:2: account `by-hand-7` on `entra` matches several people"]);
    assert!(report.to_string().contains("adopt    entra/hr:3  account `by-hand-8`"), "{report}");
}

#[test]
fn case_89_whomever_the_rules_crash_on_takes_nobodys_name() {
    // On what was so before the change: asked last of all, to tell whether a date brought it.
    let crashes = |person: &Person<'_>, day: NaiveDate, _: &mut _| {
        assert!(person.text("note") != Some("poison") || day >= d("2026-01-06"), "what the test mapped is new");
    };
    let org = Org::under(Adjusted::on(&["entra"]).granting(crashes));
    let row =
        |key, note| format!("person {key} given_name=A family_name=B{note}\ncontract {key} {key} 2026-01-20.. d1\n");
    org.on("2026-01-01").says(&(row(1, " note=poison") + &row(2, "")));
    org.report();
    let report = org.on("2026-01-06").report();
    assert!(told(&report)[0].starts_with("hr:1: the rules crashed"), "{report}");
    assert_eq!(org.account("2").unwrap().attributes.text("user_name"), Some("a.b"));
}

#[test]
fn case_105_who_had_access_at_an_instant_and_why_is_told_by_the_audit_alone() {
    let org = Org::new();
    org.on("2026-01-01").says(TWO);
    org.daily("2026-01-01", "2026-03-01");
    org.on("2026-03-02").says(&TWO.replace("2026-01-05.. d1\nperson 2", "2026-01-05..2026-03-03 d1\nperson 2"));
    org.daily("2026-03-02", "2026-03-20");
    let at = |instant: &str| {
        let mut history = History::at(instant.parse().unwrap(), TenantId::new("t").unwrap());
        for sealed in org.kept.records() {
            history.take(&sealed).unwrap();
        }
        history
    };
    let told = at("2026-03-03T14:00:00Z");
    expect![[r"
        at 2026-03-03T14:00:00Z
        hr:1 on entra, `entra-1`: can be used
          exists since 2026-01-01T04:00:00Z: create, rule `account`, contract `a`
          can be used since 2026-01-05T04:00:00Z: enable, rule `access`, contract `a`
          holds department:d1 since 2026-01-05T04:00:00Z: granted, rule `department`, contract `a`
        hr:2 on entra, `entra-2`: can be used
          exists since 2026-01-01T04:00:00Z: create, rule `account`, contract `b`
          can be used since 2026-01-05T04:00:00Z: enable, rule `access`, contract `b`
          holds department:d1 since 2026-01-05T04:00:00Z: granted, rule `department`, contract `b`
    "]]
    .assert_eq(&told.everybody().to_string());
    expect![[r"
        at 2026-03-04T14:00:00Z
        hr:1 on entra, `entra-1`: is disabled
          exists since 2026-01-01T04:00:00Z: create, rule `account`, contract `a`
          is disabled since 2026-03-04T04:00:00Z: disable, no rule gives an account
          holds department:d1 since 2026-01-05T04:00:00Z: granted, rule `department`, contract `a`
    "]]
    .assert_eq(&at("2026-03-04T14:00:00Z").of(&person("1")).to_string());
    let (told, ledger) = (at("2026-12-31T00:00:00Z"), org.engine.store.ledger());
    assert!(told.ledger().people().eq(ledger.read().people()), "what it tells of the end is what the ledger holds");
}

#[test]
fn i_42_an_account_that_always_fails_stalls_nobody_else() {
    for kind in [FailureKind::Transient, FailureKind::Permanent] {
        let mut org = Org::new();
        let around = Around::put(&mut org, 0);
        let is_poisoned =
            move |action: &provisioning_core::plan::Action| (action.person() == Some(&person("1"))).then_some(kind);
        *around.fails.lock().unwrap() = Some(Box::new(is_poisoned));
        org.on("2026-01-05").says(TWO);
        for day in ["2026-01-05", "2026-01-06", "2026-01-07"] {
            let report = org.on(day).report();
            // What needs the account is not even tried.
            assert_eq!(
                (report.failed.len(), report.failed[0].action.step.kind().to_string()),
                (1, "create".to_owned())
            );
        }
        assert!(org.is_enabled("2") && org.account("1").is_none());
        org.says(
            &TWO.replace(
                "2026-01-05.. d1\nperson 2",
                "2026-01-05.. d1\nperson 3\ncontract 3 c 2026-01-07.. d1\nperson 2",
            ),
        );
        org.report();
        assert!(org.is_enabled("3"));
        *around.fails.lock().unwrap() = None;
        org.on("2026-01-08").report();
        assert!(org.is_enabled("1"), "it was due all the time");
    }
}

#[test]
fn i_53_each_action_of_a_plan_has_one_intent_and_one_outcome_and_each_of_these_belongs_to_one() {
    check(40, town(2..7, 5), |town| {
        let org = Org::new();
        let mut planned = BTreeSet::new();
        for day in 0..DAYS {
            town.dawn(&org, day);
            let plan = org.plan();
            let hash = plan.approved.hash();
            planned.extend(plan.approved.plan().actions().map(|action| (hash, action.id, action.fingerprint())));
            org.apply(plan);
        }
        let (mut intents, mut outcomes, mut applied) = (Vec::new(), Vec::new(), BTreeSet::new());
        for sealed in org.kept.records() {
            let record = sealed.record().unwrap().unwrap();
            assert!(!record.actor.as_str().is_empty());
            match record.fact {
                Fact::Run(RunFact::Applying { plan, .. }) => assert!(applied.insert(plan)),
                Fact::Intent(intent) => {
                    assert!(applied.contains(&intent.id.plan), "an intent before its plan is named");
                    intents.push((intent.id.plan, intent.id.action, intent.action.fingerprint()));
                }
                Fact::Outcome(id, _) => outcomes.push((id.plan, id.action)),
                Fact::Run(_) | Fact::Reading(_) | Fact::Said(_) | Fact::Account(..) | Fact::Erased(_) => {}
            }
        }
        let of_intents: Vec<_> = intents.iter().map(|(plan, action, _)| (*plan, *action)).collect();
        assert_eq!(outcomes.iter().collect::<BTreeSet<_>>(), of_intents.iter().collect());
        assert_eq!((outcomes.len(), of_intents.len()), (planned.len(), planned.len()));
        assert!(intents.iter().all(|intent| planned.contains(intent)));
    });
}
