//! Plans that are kept in a file: I-35 to I-37 again, and who approved what.

use chrono::{DateTime, TimeDelta, Utc};
use futures::executor::block_on;
use provisioning_core::audit::{Directive, Fact, Record, RunDirective};
use provisioning_core::caps::{Cap, Caps, Limit};
use provisioning_core::plan::{PlanFile, StepKind, Timing};
use provisioning_core::{Actor, EngineError, Ground, Report, TenantId};

use crate::support::{DAYS, Org, accounts_of, at, check, d, town};

/// As a text, and back.
fn stored(file: &PlanFile) -> PlanFile {
    let mut text = Vec::new();
    file.write(&mut text).unwrap();
    PlanFile::read(text.as_slice()).unwrap()
}

fn apply(org: &Org, file: &PlanFile) -> Result<Report, EngineError> {
    block_on(org.engine.apply_file(stored(file)))
}

fn tonight(org: &Org) -> DateTime<Utc> {
    at(org.now().date_naive()) + TimeDelta::hours(15)
}

/// Nobody may be disabled without an approval.
fn careful() -> Org {
    let limit = Limit { percent: 0, absolute: None, floor: 0 };
    let cap = |timing| Cap { kind: StepKind::Disable, timing, days: 0, limit };
    Org::with(|settings| settings.caps = Caps(vec![cap(Timing::Surprising), cap(Timing::Expected)]))
}

/// Two leave after 20 January, and somebody comes on the 21st.
fn leavers(org: &Org) -> PlanFile {
    let rows = "person 1\ncontract 1 a 2026-01-01..2026-01-20 d1\nperson 2\ncontract 2 b 2026-01-01..2026-01-20 d1";
    org.on("2026-01-01").says(rows);
    org.daily("2026-01-01", "2026-01-20");
    org.on("2026-01-21").says(&format!("{rows}\nperson 3\ncontract 3 c 2026-01-21.. d1"));
    org.sent();
    org.plan().file(tonight(org))
}

fn approve(file: &mut PlanFile, org: &Org, who: &str) {
    file.approve(Actor::new(who).unwrap(), org.now());
}

#[test]
fn i_35_a_plan_from_a_file_does_what_the_plan_would_have_done() {
    check(30, town(2..6, 5), |town| {
        let (from_file, directly) = (Org::new(), Org::new());
        for day in 0..DAYS {
            town.dawn(&from_file, day);
            town.dawn(&directly, day);
            let file = from_file.plan().file(tonight(&from_file));
            apply(&from_file, &file).unwrap();
            directly.report();
            assert_eq!(from_file.sent(), directly.sent());
        }
        assert_eq!(accounts_of(&from_file.target), accounts_of(&directly.target));
    });
}

#[test]
fn i_36_a_plan_from_a_file_is_applied_once() {
    let org = careful();
    let mut file = leavers(&org);
    approve(&mut file, &org, "jan");
    assert!(apply(&org, &file).unwrap().is_complete());
    org.sent();
    let Err(EngineError::Stale(why)) = apply(&org, &file) else { panic!("it was done") };
    assert_eq!(why.changed, [Ground::Ledger]);
    assert_eq!(why.difference.unwrap().gone.count(), file.plan().actions().count());
    assert!(org.sent().is_empty());
}

#[test]
fn i_36_a_plan_of_another_tenant_says_no_more_than_that() {
    let org = Org::with(|settings| settings.tenant = TenantId::new("another").unwrap());
    let file = leavers(&Org::new());
    let Err(EngineError::Stale(why)) = apply(org.on("2026-01-21"), &file) else { panic!("it is another's") };
    assert_eq!((why.changed.contains(&Ground::Tenant), &why.difference), (true, &None));
    assert!(org.sent().is_empty() && org.target.accounts().is_empty());
}

#[test]
fn i_36_a_plan_is_over_from_its_expiry_on() {
    for (seconds, is_over) in [(-1, false), (0, true), (1, true)] {
        let org = Org::new();
        let file = leavers(&org);
        org.at(file.expires() + TimeDelta::seconds(seconds));
        let applied = apply(&org, &file);
        assert_eq!(matches!(applied, Err(EngineError::Expired { at }) if at == file.expires()), is_over);
        assert_eq!(org.is_enabled("3"), !is_over);
    }
}

#[test]
fn i_36_what_changed_since_is_said_in_words() {
    let org = Org::new();
    let file = leavers(&org);
    org.say_of("3", provisioning_core::audit::PersonDirective::Block);
    let error = apply(&org, &file).unwrap_err().to_string();
    assert_eq!(
        error,
        "the plan is stale: the ledger is another one since it was made; \
         falls away: 1 create, 1 grant, 1 enable (create entra/hr:3; grant entra/hr:3  department:d1; \
         enable entra/hr:3); is new: nothing; plan again"
    );
}

#[test]
fn i_37_a_plan_that_nobody_approved_is_refused_whole_and_the_limits_are_named() {
    let org = careful();
    let file = leavers(&org);
    let head = org.engine.store.ledger().read().head();
    let Err(error @ EngineError::NotApproved { .. }) = apply(&org, &file) else { panic!("nobody approved it") };
    let text = error.to_string();
    assert!(text.contains("`entra`: 2 expected disable planned") && text.contains("plan again"), "{text}");
    assert!(org.sent().is_empty());
    assert_eq!(org.engine.store.ledger().read().head(), head, "nothing is recorded either");
}

#[test]
fn i_53_who_approved_is_in_the_audit_with_the_instant_at_which_they_did() {
    let org = careful();
    let mut file = leavers(&org);
    approve(&mut file, &org, "jan");
    org.later(TimeDelta::hours(1));
    approve(&mut file, &org, "piet");
    // Somebody's clock is ahead.
    file.approve(Actor::new("kees").unwrap(), org.now() + TimeDelta::days(400));
    org.later(TimeDelta::hours(1));
    let report = apply(&org, &file).unwrap();
    assert!(report.is_complete() && !org.is_enabled("1") && org.is_enabled("3"), "{report}");
    let records = org.kept.records();
    let read = |sealed: &provisioning_core::audit::Sealed| {
        let record: Record = serde_json::from_str(&sealed.content.as_ref()?.1).unwrap();
        let Fact::Said(Directive::Run(RunDirective::Approve { plan, actions })) = &record.fact else { return None };
        assert_eq!((*plan, actions.len()), (file.plan().hash(), 2));
        Some((record.actor.to_string(), (record.at - at(d("2026-01-21"))).num_hours()))
    };
    let said: Vec<_> = records.iter().filter_map(read).collect();
    assert_eq!(said, [("jan".to_owned(), 0), ("piet".to_owned(), 1), ("kees".to_owned(), 2)]);
    assert_eq!(report.head, org.engine.store.ledger().read().head());
}

#[test]
fn an_approval_of_what_no_cap_holds_back_is_recorded_and_changes_nothing() {
    let org = Org::new();
    let mut file = leavers(&org);
    approve(&mut file, &org, "jan");
    assert!(apply(&org, &file).unwrap().is_complete());
    assert!(org.engine.store.ledger().read().approvals().iter().all(|approval| approval.actions.is_empty()));
}

#[test]
fn i_37_an_earlier_approval_that_does_not_carry_over_says_what_it_does_not_cover() {
    let org = careful();
    let rows = |first: &str, third: &str| {
        let row = |(key, last): (u8, &str)| format!("person {key}\ncontract {key} c{key} 2026-01-01..{last} d1\n");
        [(1, first), (2, first), (3, third)].map(row).concat()
    };
    org.on("2026-01-01").says(&rows("", ""));
    org.daily("2026-01-01", "2026-01-20");
    let approval = org.on("2026-01-21").says(&rows("2026-01-20", "")).report().approval.unwrap();
    org.say(Directive::Run(approval));
    let report = org.later(TimeDelta::hours(1)).says(&rows("2026-01-20", "2026-01-20")).report();
    let not_carried = report.not_carried.clone().unwrap();
    assert_eq!((not_carried.approved, not_carried.added.to_string().as_str()), (2, "1 disable (disable entra/hr:3)"));
    assert!(
        report.to_string().contains("does not carry over: it covers 2 of these actions, and not 1 disable"),
        "{report}"
    );
    assert!((1..=3).all(|key| org.is_enabled(&key.to_string())));
}
