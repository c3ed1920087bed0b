//! The memory target and store keep the contracts of their ports, and carry whole runs.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use futures::executor::block_on;

use crate::caps::Caps;
use crate::memory::{Discard, MemoryStore, MemoryTarget};
use crate::testing::benches::{MemoryBench, MemoryStores};
use crate::testing::{ScriptedSource, StandardPolicy, check_store, check_target};
use crate::{Actor, Engine, ManualClock, Settings, Silent, Slot, SourceConnector, TargetConnector, TargetId, TenantId};

fn at(text: &str) -> DateTime<Utc> {
    format!("{text}T04:00:00Z").parse().unwrap()
}

#[test]
fn the_memory_target_keeps_the_contract_of_targets() {
    let checks = block_on(check_target(&MemoryBench::new(|target| target)));
    assert_eq!(checks.unchecked(), [""; 0]);
}

#[test]
fn the_memory_store_keeps_the_contract_of_stores() {
    let checks = block_on(check_store(&MemoryStores::default()));
    let of_another_process = [
        "everything is there after the store was opened again",
        "an erasure is there after the store was opened again",
    ];
    assert_eq!(checks.unchecked(), of_another_process);
}

#[test]
fn a_hire_is_staged_enabled_suspended_and_deleted() {
    let clock = Arc::new(ManualClock::at(at("2026-02-01")));
    let target = Arc::new(MemoryTarget::new(TargetId::new("entra").unwrap(), clock.clone(), Tz::UTC, Vec::new()));
    let mut settings = Settings::new(TenantId::new("t").unwrap(), Tz::UTC).with_target(target.describe(), Vec::new());
    settings.caps = Caps::off();
    settings.lifecycle.grace.suspended_days = 30;
    settings.lifecycle.return_horizon_days = Some(14);
    settings.lifecycle.retain_grants_days = 0;
    let source = Arc::new(ScriptedSource::new("hr"));
    source.set("person 1\ncontract 1 a 2026-03-01..2026-05-31 d1", at("2026-02-01"));
    let store = Arc::new(MemoryStore::new(&settings, clock.clone(), Box::new(Discard)));
    let engine = Engine {
        settings,
        sources: vec![source.clone() as Arc<dyn SourceConnector>],
        targets: vec![target.clone() as Arc<dyn TargetConnector>],
        policy: Arc::new(StandardPolicy { slot: Slot::main(TargetId::new("entra").unwrap()), lead_days: 14 }),
        store,
        clock: clock.clone(),
        notifier: Arc::new(Silent),
        actor: Actor::new("engine").unwrap(),
        lease: chrono::TimeDelta::minutes(5),
    };
    let mut day = at("2026-02-01");
    let mut log = Vec::new();
    while day < at("2026-08-01") {
        clock.set(day);
        let report = block_on(engine.run()).unwrap();
        assert!(report.is_complete(), "{report}");
        for (kind, count) in report.done {
            log.push(format!("{} {count} {kind}", day.date_naive()));
        }
        day += chrono::TimeDelta::days(1);
    }
    assert_eq!(
        log,
        [
            "2026-02-15 1 create",
            "2026-03-01 1 ensure",
            "2026-03-01 1 grant",
            "2026-03-01 1 enable",
            "2026-06-01 1 disable",
            "2026-06-01 1 revoke",
            "2026-07-01 1 delete",
        ]
    );
}
