//! Plan and apply: I-35 to I-37, I-39, I-41, I-43 and I-46 to I-48.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use async_trait::async_trait;
use chrono::TimeDelta;
use futures::StreamExt;
use futures::executor::block_on;
use futures::stream::{self, BoxStream};
use proptest::collection::vec;
use proptest::prelude::{Just, Strategy, prop_oneof};
use provisioning_core::audit::{OthersDid, PersonDirective};
use provisioning_core::caps::{Cap, Caps, Limit};
use provisioning_core::plan::{AccountStep, Action, Step, StepKind, Timing, Wave};
use provisioning_core::source::{Accepted, Cursor, Examination, Reading, examine};
use provisioning_core::target::{Capabilities, Shown, TargetReading};
use provisioning_core::testing::{ScriptedSource, snapshot};
use provisioning_core::{
    Acceptance, Clock, EngineError, Fields, Ground, ManualClock, Outcome, Permit, Planned, PortError, SourceConnector,
    SourceId, TargetConnector, TenantId, Value,
};

use crate::support::{Adjusted, Around, DAYS, Org, Town, accounts_of, at, check, d, line, main_of, person, town};

fn capped(caps: Vec<Cap>) -> Org {
    Org::with(|settings| settings.caps = Caps(caps))
}

fn cap(kind: StepKind, limit: Limit) -> Vec<Cap> {
    [Timing::Surprising, Timing::Expected].map(|timing| Cap { kind, timing, days: 0, limit }).to_vec()
}

#[test]
fn i_35_apply_does_what_the_plan_says_and_nothing_else() {
    let few = Limit { percent: 0, absolute: None, floor: 1 };
    check(60, (town(2..7, 5), proptest::bool::ANY), |(town, is_capped)| {
        let org = capped(if is_capped { cap(StepKind::Disable, few) } else { Vec::new() });
        for day in 0..DAYS {
            town.dawn(&org, day);
            let planned = org.plan();
            let approved = planned.approved.clone();
            let before = accounts_of(&org.target);
            let report = org.apply(planned);
            let permitted: Vec<Action> =
                approved.plan().actions().filter(|action| approved.permits(action)).cloned().collect();
            assert_eq!(org.sent(), permitted, "{report}");
            assert_eq!(report.writes(), permitted.len());
            let named: BTreeSet<String> = permitted
                .iter()
                .filter_map(|action| action.step.account())
                .map(|key| format!("\"{}\"", key.anchor()))
                .collect();
            let after = accounts_of(&org.target);
            let others = |lines: &[String]| {
                let is_named = |line: &&String| named.iter().any(|anchor| line.contains(anchor.as_str()));
                let is_account = |line: &&String| line.contains("\"anchor\"");
                lines.iter().filter(|line| is_account(line) && !is_named(line)).cloned().collect::<Vec<_>>()
            };
            assert_eq!(others(&after), others(&before));
        }
    });
}

#[track_caller]
fn assert_stale(org: &Org, planned: Planned, expected: &str) {
    let before = accounts_of(&org.target);
    let Err(EngineError::Stale(why)) = block_on(org.engine.apply(planned)) else { panic!("{expected} was not seen") };
    assert_eq!(why.changed.first().map(ToString::to_string).as_deref(), Some(expected));
    assert_eq!((org.sent(), accounts_of(&org.target)), (Vec::new(), before));
}

#[test]
fn i_36_a_plan_whose_ground_has_moved_is_refused() {
    let policy = || Adjusted::on(&["entra"]);
    let rows = "person 1\ncontract 1 a 2026-01-01.. d1";
    let planned = |org: &Org| org.on("2026-01-01").says(rows).plan();
    // The ledger: somebody said something, or another run came in between.
    let org = Org::new();
    let plan = planned(&org);
    org.say_of("2", PersonDirective::Block);
    assert_stale(&org, plan, "the ledger");
    let (first, second) = (org.plan(), org.plan());
    assert_stale(&org, first, "the ledger");
    assert!(org.apply(second).is_complete());
    // The rules.
    let rules = policy();
    let version = rules.version.clone();
    let org = Org::under(rules);
    let plan = planned(&org);
    version.fetch_add(1, Ordering::SeqCst);
    assert_stale(&org, plan, "the policy");
    // The people.
    let org = Org::new();
    let plan = planned(&org);
    let reading = snapshot(org.engine.sources[0].id(), "environment", &format!("{rows}\nperson 2"), org.now());
    let change = {
        let (ledger, roster) = (org.engine.store.ledger(), org.engine.store.roster());
        let (ledger, roster) = (ledger.read(), roster.read());
        let before = Accepted {
            roster: &roster,
            allowed: ledger.allowed(),
            released: ledger.released(),
            linked: ledger.links(),
            tombstones: ledger.tombstones(),
        };
        examine(&Reading::Whole(reading), &before, &org.engine.settings.intake(), org.now())
    };
    let Examination::Accepted(change) = change else { panic!("it counts") };
    let store = &org.engine.store;
    let fence = block_on(store.acquire(&org.engine.actor, TimeDelta::minutes(1))).unwrap();
    let head = store.ledger().read().head();
    block_on(store.accept(&fence, head, Acceptance::Roster(change), Vec::new())).unwrap();
    block_on(store.release(fence)).unwrap();
    assert_stale(&org, plan, "the roster");
    // The tenant.
    let other = Org::with(|settings| settings.tenant = TenantId::new("another").unwrap());
    let plan = planned(&Org::new());
    assert_stale(&other, plan, "the tenant");
}

/// People 1 to `all` of whom the first few leave after 20 January, and one more who comes then.
fn leavers(all: usize, leaving: usize) -> String {
    let row = |key| {
        let last = if key <= leaving { "2026-01-20" } else { "" };
        format!("person {key} family_name=N{key}\ncontract {key} c{key} 2026-01-01..{last} d1\n")
    };
    (1..=all).map(row).chain([format!("person {0}\ncontract {0} c 2026-02-04.. d1\n", all + 1)]).collect()
}

#[test]
fn i_36_a_plan_of_another_day_is_refused() {
    for (later, is_stale) in
        [(TimeDelta::hours(19), false), (TimeDelta::hours(20), true), (TimeDelta::minutes(-1), true)]
    {
        let org = Org::new();
        org.on("2026-01-01").says("person 1\ncontract 1 a 2026-01-01..2026-01-01 d1");
        let planned = org.plan();
        org.later(later);
        let applied = block_on(org.engine.apply(planned));
        let is_refused = matches!(applied, Err(EngineError::Stale(why)) if why.changed == [Ground::Day]);
        assert_eq!(is_refused, is_stale);
        assert_eq!(org.is_enabled("1"), !is_stale);
    }
}

#[test]
fn i_37_a_limit_lets_pass_what_it_allows_and_nothing_when_it_is_exceeded() {
    let populations = if std::env::var_os("QUICK").is_some() { vec![1, 7, 20] } else { (1..=24).collect() };
    for all in populations {
        for (percent, absolute, floor) in [
            (0, None, 0),
            (0, None, 1),
            (10, None, 0),
            (33, None, 0),
            (50, Some(3), 0),
            (50, Some(3), 5),
            (100, None, 0),
        ] {
            let limit = Limit { percent, absolute, floor };
            // Written out once more, in another way.
            let share = all * percent as usize / 100;
            let allowed = absolute.map_or(share, |most| share.min(most as usize)).max(floor as usize);
            for leaving in [allowed, allowed + 1] {
                if leaving == 0 || leaving > all {
                    continue;
                }
                let org = capped(cap(StepKind::Disable, limit));
                org.on("2026-01-01").says(&leavers(all, leaving)).run();
                let report = org.on("2026-01-21").report();
                let sent: Vec<String> = org.sent().iter().map(line).collect();
                let disabled = sent.iter().filter(|line| line.starts_with("disable")).count();
                let expected = if leaving <= allowed { leaving } else { 0 };
                assert_eq!(disabled, expected, "{leaving} of {all} leave, {limit:?}\n{report}");
                // Outside its scope all goes on.
                assert!(sent.contains(&format!("create hr:{}", all + 1)), "{sent:?}");
            }
        }
    }
}

#[test]
fn i_39_a_second_run_right_after_success_writes_nothing() {
    check(60, town(2..7, 6), |town| {
        let org = Org::new();
        for day in 0..DAYS {
            town.dawn(&org, day);
            let report = org.report();
            org.sent();
            let again = org.report();
            assert!(!report.is_complete() || org.sent().is_empty(), "on {}\n{report}{again}", Town::day(day));
        }
    });
}

#[test]
fn i_46_a_disable_by_others_is_told_and_kept_until_somebody_releases_it() {
    for minutes in [1, 29, 30, 31, 600, 1440] {
        let org = Org::new();
        org.on("2026-01-01")
            .says("person 1\ncontract 1 a 2026-01-01.. d1\nperson 2\ncontract 2 b 2026-01-01.. d1")
            .run();
        org.on("2026-01-05").target.by_hand("hr:1", provisioning_core::target::Shown::Disabled);
        let report = org.report();
        assert_eq!(report.findings.incidents.len(), 1, "{report}");
        assert!(report.findings.incidents[0].contains("hr:1"));
        for _ in 0..40 {
            let report = org.later(TimeDelta::minutes(minutes)).report();
            assert!(!org.is_enabled("1"), "{report}");
            assert_eq!(report.plan.waiting.len(), 1, "it is told in every run\n{report}");
        }
        assert!(org.sent().is_empty());
        let ledger = org.engine.store.ledger();
        let key = ledger.read().key(&person("1"), &main_of("entra"));
        let is_held = ledger.read().account(&key).unwrap().others.get(&OthersDid::Disable).unwrap().held;
        assert!(is_held || 40 * minutes < 30);
        org.say_of("1", PersonDirective::Release(main_of("entra")));
        assert_eq!(org.later(TimeDelta::minutes(1)).run(), ["enable hr:1"]);
    }
}

const MANAGED: [&str; 4] = ["given_name", "family_name", "phone", "user_name"];

#[test]
fn i_47_only_managed_attributes_are_written_and_no_other_is_cleared() {
    let change = (0_u8..4, prop_oneof![Just("null"), Just(""), Just("a"), Just("b")], 0_u8..6);
    check(60, vec(change, 1..20), |changes| {
        let org = Org::new();
        let mut fields = ["A", "B", "1"].map(str::to_owned);
        let rows = |fields: &[String; 3]| {
            let named = ["given_name", "family_name", "phone"]
                .iter()
                .zip(fields)
                .map(|(name, value)| format!("{name}={value} "));
            format!("person 1 {} hobby=chess\ncontract 1 a 2026-01-01.. d1", named.collect::<String>())
        };
        org.on("2026-01-01").says(&rows(&fields)).run();
        let others = ["mail", "title", "hobby", "note"];
        let mut theirs = Fields::default();
        for (number, value, other) in changes {
            if let Some(field) = fields.get_mut(usize::from(number)) {
                *field = value.to_owned();
            }
            let name = others.get(usize::from(other)).copied();
            if let Some(name) = name {
                let to = if value == "null" { Value::Null } else { Value::text(value) };
                theirs.put(name.parse().unwrap(), to.clone());
                org.target.change("hr:1", |account| account.attributes.put(name.parse().unwrap(), to));
            }
            org.later(TimeDelta::days(1)).says(&rows(&fields)).report();
            for action in org.sent() {
                let Step::Account { step: AccountStep::Update(patch), .. } = &action.step else { panic!("{action}") };
                assert!(patch.0.iter().all(|change| MANAGED.contains(&change.attribute.as_str())), "{action}");
            }
            let shown = org.account("1").unwrap().attributes;
            let unmanaged = shown.iter().filter(|(name, _)| !MANAGED.contains(&name.as_str()));
            let unmanaged: Fields = unmanaged.map(|(name, value)| (name.clone(), value.clone())).collect();
            assert_eq!(unmanaged, theirs);
        }
    });
}

#[test]
fn i_48_null_empty_and_absent_stay_three_things_from_source_to_target() {
    let (absent, null, empty, told) = ("", "phone=null", "phone=", "phone=2");
    let cases = [
        (absent, Some(Value::text("1"))),
        (null, None),
        (empty, Some(Value::text(""))),
        (told, Some(Value::text("2"))),
    ];
    for (said, expected) in cases {
        let org = Org::new();
        org.on("2026-01-01").says("person 1 phone=1\ncontract 1 a 2026-01-01.. d1").run();
        org.on("2026-01-02").says(&format!("person 1 {said}\ncontract 1 a 2026-01-01.. d1"));
        let planned = org.plan();
        let plan = planned.approved.plan().clone();
        let text = serde_json::to_string(&plan).unwrap();
        assert_eq!(serde_json::from_str::<provisioning_core::Plan>(&text).unwrap(), plan);
        org.apply(planned);
        assert_eq!(org.account("1").unwrap().attributes.value("phone").cloned(), expected, "`{said}`");
        // Nothing is left to do about it.
        assert!(org.on("2026-01-03").sent().len() <= 1 && org.run().is_empty(), "`{said}`");
    }
    let hashes: BTreeSet<_> = cases_of_a_field()
        .map(|rows| snapshot(&"hr".parse().unwrap(), "e", &rows, at(d("2026-01-01"))).hash())
        .collect();
    assert_eq!(hashes.len(), 4, "four readings that say different things");
}

fn cases_of_a_field() -> impl Iterator<Item = String> {
    ["", "phone=null", "phone=", "phone=2"].into_iter().map(|said| format!("person 1 {said}"))
}

#[test]
fn i_48_three_things_survive_every_text_form() {
    let value = prop_oneof![
        Just(Value::Null),
        Just(Value::text("")),
        Just(Value::text(" ")),
        Just(Value::List(Vec::new())),
        "[a-z]{0,3}".prop_map(|text| Value::text(&text))
    ];
    check(200, vec(("[a-c]", value), 0..4), |fields| {
        let fields: Fields = fields.into_iter().map(|(name, value)| (name.parse().unwrap(), value)).collect();
        let text = serde_json::to_string(&fields).unwrap();
        assert_eq!(serde_json::from_str::<Fields>(&text).unwrap(), fields);
    });
}

#[test]
fn i_37_what_a_change_of_the_departments_does_is_surprising() {
    // Access for whoever is in or below `root`.
    let policy = Adjusted::on(&["entra"]).granting(|person, _, answer| {
        let is_below = person.contracts.iter().any(|contract| {
            let code = contract.field("department").and_then(Value::as_text).unwrap_or_default();
            contract.departments.upwards(code).any(|department| department.code.as_str() == "root")
        });
        if !is_below {
            answer.grants.clear();
        }
    });
    let org = Org::under(policy);
    let people =
        (1..=5).fold(String::new(), |text, key| format!("{text}person {key}\ncontract {key} c{key} 2026-01-10.. d1\n"));
    org.on("2026-01-01").says(&format!("department root Root\ndepartment d1 Sales parent=root\n{people}"));
    org.daily("2026-01-01", "2026-02-01");
    assert!(org.is_enabled("5"));
    let report = org.on("2026-02-02").says(&format!("department root Root\ndepartment d1 Sales\n{people}")).report();
    let disables = report.plan.actions().filter(|action| action.step.kind() == StepKind::Disable);
    assert_eq!(disables.map(|action| action.timing).collect::<Vec<_>>(), [Timing::Surprising; 5], "{report}");
}

#[test]
fn i_46_a_release_orders_what_follows_from_it_and_no_more() {
    let org = Org::new();
    org.on("2026-01-01").says("person 1\ncontract 1 a 2026-01-01..2026-01-31 d1").run();
    org.target.by_hand("hr:1", Shown::Disabled);
    org.daily("2026-01-02", "2026-02-02");
    org.say_of("1", PersonDirective::Release(main_of("entra")));
    let mut deleted = Vec::new();
    for day in d("2026-02-03").iter_days().take(60) {
        let report = org.at(at(day)).report();
        deleted.extend(report.plan.actions().map(|action| (action.step.kind(), action.timing)));
    }
    assert_eq!(deleted, [(StepKind::Delete, Timing::Expected)]);
}

/// A target that never answers a create.
struct Mute(Arc<dyn TargetConnector>);

#[async_trait]
impl TargetConnector for Mute {
    fn describe(&self) -> Capabilities {
        self.0.describe()
    }

    async fn observe(&self, since: Option<&Cursor>) -> Result<TargetReading, PortError> {
        self.0.observe(since).await
    }

    fn apply<'a>(&'a self, wave: &'a Wave, permit: Permit) -> BoxStream<'a, Outcome> {
        let is_create = wave.actions.iter().any(|action| line(action).starts_with("create"));
        if is_create { stream::empty().boxed() } else { self.0.apply(wave, permit) }
    }
}

#[test]
fn i_41_what_was_not_answered_is_open_and_nothing_that_needs_it_is_sent() {
    let mut org = Org::new();
    let target = Arc::clone(&org.engine.targets[0]);
    org.engine.targets[0] = Arc::new(Mute(Arc::clone(&target)));
    let report = org.on("2026-01-01").says("person 1\ncontract 1 a 2026-01-01.. d1").report();
    let sent: Vec<String> = org.sent().iter().map(line).collect();
    assert_eq!(sent, ["ensure department:d1 d1"]);
    assert!(!report.is_complete() && report.findings.incidents.len() == 1, "{report}");
    assert_eq!(org.engine.store.ledger().read().open().count(), 1);
    org.engine.targets[0] = target;
    org.later(TimeDelta::hours(1)).report();
    assert!(org.is_enabled("1"));
}

#[test]
fn i_43_a_wave_may_last_longer_than_the_lease() {
    // Of a lease of five minutes; each action takes so many seconds.
    for seconds in [1, 20, 140] {
        let mut org = Org::new();
        let _slow = Around::with(&mut org, 0, Some(TimeDelta::seconds(seconds)));
        org.on("2026-01-01").says(&leavers(60, 0));
        let report = org.report();
        assert!(report.is_complete(), "{report}");
        assert_eq!(org.engine.store.ledger().read().open().count(), 0);
        assert!((1..=60).all(|key| org.is_enabled(&key.to_string())));
    }
}

/// A source whose readings take longer than a lease.
struct Slow(Arc<ScriptedSource>, Arc<ManualClock>);

#[async_trait]
impl SourceConnector for Slow {
    fn id(&self) -> &SourceId {
        self.0.id()
    }

    async fn read(&self, since: Option<&Cursor>) -> Result<Reading, PortError> {
        self.1.set(self.1.now() + TimeDelta::minutes(20));
        self.0.read(since).await
    }
}

#[test]
fn i_43_a_reading_may_last_longer_than_the_lease() {
    let mut org = Org::new();
    org.engine.sources = vec![Arc::new(Slow(Arc::clone(&org.source), Arc::clone(&org.clock)))];
    org.on("2026-01-01").says("person 1\ncontract 1 a 2026-01-01.. d1").run();
    assert!(org.is_enabled("1"));
}
