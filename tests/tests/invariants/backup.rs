//! A ledger from an old backup: I-58.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;
use chrono::{Days, NaiveDate, TimeDelta};
use futures::StreamExt;
use futures::executor::block_on;
use futures::stream::BoxStream;
use provisioning_core::audit::{Directive, OthersDid, PersonDirective, RunDirective};
use provisioning_core::plan::Wave;
use provisioning_core::source::Cursor;
use provisioning_core::target::{Capabilities, ObservedAccount, Presence, Shown, TargetReading};
use provisioning_core::{EngineError, Fields, Outcome, Permit, PortError, Report, TargetConnector};

use crate::support::{Around, Org, accounts_of, at, d, line, main_of, person, shape_of};

const LAST: u64 = 30;

fn day(number: u64) -> NaiveDate {
    d("2026-01-01") + Days::new(number)
}

/// A month in which something happens on most days: hires, late ones among them, leavers, movers, returns, new phones.
fn rows(on: u64) -> String {
    let mut rows = String::new();
    for key in 1..=12_u64 {
        let (start, phone) = (key * 2, if on >= key + 12 { "2" } else { "1" });
        writeln!(rows, "person {key} family_name=N{key} phone={phone}").unwrap();
        let known = start.saturating_sub(if key % 3 == 0 { 0 } else { 10 });
        if on >= known {
            let last = if key % 4 == 1 { day(start + 5).to_string() } else { String::new() };
            let department = if on >= 20 && key % 2 == 0 { "d2" } else { "d1" };
            writeln!(rows, "contract {key} c{key} {}..{last} {department}", day(start)).unwrap();
        }
        if key % 8 == 1 && on >= start + 9 {
            writeln!(rows, "contract {key} r{key} {}.. d2", day(start + 9)).unwrap();
        }
    }
    // Who leaves the month as it goes on.
    rows.replace("c10 2026-01-21..", if on >= 26 { "c10 2026-01-21..2026-01-26" } else { "c10 2026-01-21.." })
}

fn live(org: &Org, on: u64) -> Report {
    org.at(at(day(on))).says(&rows(on));
    org.report()
}

/// An organisation that ran through the month, and one like it whose store is that of `back` runs before.
fn rolled_back(back: u64) -> (Org, Org) {
    let (whole, old) = (Org::new(), Org::new());
    (0..=LAST).for_each(|on| drop(live(&whole, on)));
    (0..=LAST - back).for_each(|on| drop(live(&old, on)));
    let mut old = old;
    old.engine.targets.clone_from(&whole.engine.targets);
    old.target = Arc::clone(&whole.target);
    whole.sent();
    (whole, old)
}

fn acknowledge(org: &Org) {
    org.say(Directive::Run(RunDirective::AcknowledgeBackup));
}

fn enabled(org: &Org) -> Vec<String> {
    let shape = shape_of(&org.target).into_iter();
    shape.filter(|(_, state)| state.starts_with("enabled")).map(|(anchor, _)| anchor).collect()
}

fn without_duplicates(org: &Org) {
    let mut live: BTreeMap<String, u32> = BTreeMap::new();
    for account in org.target.accounts().into_iter().filter(|account| account.presence == Presence::Live) {
        *live.entry(account.anchor.unwrap_or_default()).or_default() += 1;
    }
    assert!(live.values().all(|count| *count == 1), "{live:?}");
}

/// Fifty more days, in which who may work is who may work where nothing was lost.
fn goes_on_like(uninterrupted: &Org, old: &Org, back: u64) {
    for on in LAST + 1..LAST + 50 {
        for org in [uninterrupted, old] {
            live(org, on);
            if on == LAST + 1 {
                // What the first one found is decided by the second.
                org.later(TimeDelta::hours(1)).report();
            }
        }
        assert_eq!(enabled(old), enabled(uninterrupted), "{back} runs back, on {}", day(on));
        without_duplicates(old);
    }
    let grants = |org: &Org| {
        shape_of(&org.target).into_iter().filter(|(_, state)| state.starts_with("enabled")).collect::<Vec<_>>()
    };
    assert_eq!(grants(old), grants(uninterrupted), "{back} runs back");
}

#[test]
fn i_58_with_a_known_head_nothing_is_written_until_it_is_acknowledged() {
    for back in 1..LAST {
        let (whole, mut old) = rolled_back(back);
        let uninterrupted = rolled_back(0).0;
        old.engine.settings.known_head = Some(whole.engine.store.ledger().read().head());
        let before = accounts_of(&old.target);
        old.at(at(day(LAST)) + TimeDelta::hours(1)).says(&rows(LAST));
        whole.at(old.now());
        for _ in 0..3 {
            let report = old.later(TimeDelta::hours(1)).report();
            assert!(report.findings.suspicion.is_some() && !report.is_complete(), "{back} back\n{report}");
            assert!(report.to_string().starts_with("nothing is written: the ledger may come from an old backup"));
            assert_eq!((accounts_of(&old.target) == before, whole.sent().len()), (true, 0), "{back} back\n{report}");
        }
        acknowledge(&old);
        for _ in 0..3 {
            let report = old.later(TimeDelta::hours(1)).report();
            assert_eq!(report.findings.suspicion, None, "{back} back\n{report}");
        }
        whole.at(old.now());
        goes_on_like(&uninterrupted, &old, back);
    }
}

#[test]
fn i_58_targets_that_are_ahead_show_it_as_soon_as_an_account_was_made_since() {
    let mut recognised = 0;
    for back in 1..LAST {
        let (whole, old) = rolled_back(back);
        let known = |org: &Org, anchor: &str| {
            let ledger = org.engine.store.ledger();
            let id = whole.target.account(anchor).unwrap().id;
            ledger.read().account_with_id(&"entra".parse().unwrap(), &id).is_some()
        };
        let made_since = shape_of(&whole.target).keys().any(|anchor| !known(&old, anchor));
        old.at(at(day(LAST)) + TimeDelta::hours(1)).says(&rows(LAST));
        whole.at(old.now());
        let report = old.report();
        assert!(!made_since || report.findings.suspicion.is_some(), "{back} back\n{report}");
        if report.findings.suspicion.is_some() {
            recognised += 1;
            assert!(whole.sent().is_empty(), "{back} back\n{report}");
            acknowledge(&old);
        }
        (0..3).for_each(|_| drop(old.later(TimeDelta::hours(1)).report()));
        without_duplicates(&old);
        assert_eq!(enabled(&old), enabled(&whole), "{back} back");
    }
    assert!(recognised > 20, "{recognised}");
}

#[test]
fn i_58_a_head_that_is_known_and_reached_says_nothing() {
    let mut org = Org::new();
    live(&org, 0);
    for on in 1..10 {
        org.engine.settings.known_head = Some(org.engine.store.ledger().read().head());
        let report = live(&org, on);
        assert_eq!(report.findings.suspicion, None, "{report}");
        assert_eq!(report.head, org.engine.store.ledger().read().head());
    }
    // As many records, and others.
    let mut head = org.engine.store.ledger().read().head();
    head.hash.0[0] ^= 1;
    org.engine.settings.known_head = Some(head);
    let report = live(&org, 10);
    assert!(report.to_string().contains("is another than the one known of"), "{report}");
    acknowledge(&org);
    assert!(live(&org, 11).findings.suspicion.is_none(), "it is known by now");
}

/// A target whose answers to creates get lost, when it is told so.
struct Losing(Arc<dyn TargetConnector>, AtomicBool);

#[async_trait]
impl TargetConnector for Losing {
    fn describe(&self) -> Capabilities {
        self.0.describe()
    }

    async fn observe(&self, since: Option<&Cursor>) -> Result<TargetReading, PortError> {
        self.0.observe(since).await
    }

    fn apply<'a>(&'a self, wave: &'a Wave, permit: Permit) -> BoxStream<'a, Outcome> {
        let is_lost = self.1.load(Ordering::SeqCst) && wave.actions.iter().any(|it| line(it).starts_with("create"));
        let outcomes = self.0.apply(wave, permit);
        if is_lost { outcomes.filter(|_| async { false }).boxed() } else { outcomes }
    }
}

#[test]
fn i_58_what_a_killed_run_made_and_what_lags_are_no_old_backup() {
    for hidden_for in [0, 10, 60, 600] {
        let mut org = Org::new();
        let around = Around::put(&mut org, 0);
        let losing = Arc::new(Losing(Arc::clone(&org.engine.targets[0]), AtomicBool::new(true)));
        org.engine.targets[0] = Arc::clone(&losing) as Arc<dyn TargetConnector>;
        org.on("2026-01-01").says("person 1\ncontract 1 a 2026-01-01.. d1");
        around.hide.lock().unwrap().insert("hr:1".to_owned());
        org.report();
        losing.1.store(false, Ordering::SeqCst);
        for minutes in [5, 40, 60, 60, 600, 600, 600] {
            org.later(TimeDelta::minutes(minutes));
            if org.now() >= at(d("2026-01-01")) + TimeDelta::minutes(hidden_for) {
                around.hide.lock().unwrap().clear();
            }
            let report = org.report();
            assert_eq!(report.findings.suspicion, None, "hidden for {hidden_for} minutes\n{report}");
        }
        assert!(org.is_enabled("1"), "hidden for {hidden_for} minutes");
        without_duplicates(&org);
    }
}

fn account(id: &str, anchor: Option<&str>, shown: Shown) -> ObservedAccount {
    ObservedAccount {
        id: id.parse().unwrap(),
        anchor: anchor.map(str::to_owned),
        presence: Presence::Live,
        shown,
        attributes: Fields::default(),
        permissions: Some(["old".parse().unwrap()].into()),
    }
}

#[test]
fn i_58_a_fresh_start_among_the_accounts_of_others_is_no_old_backup() {
    let org = Org::new();
    for (number, anchor) in
        [None, Some("1"), Some("payroll:1"), Some("hr:77"), Some("hr:1#main")].into_iter().enumerate()
    {
        org.target.put_account(account(&format!("other-{number}"), anchor, Shown::Enabled));
    }
    let report = live(&org, 5);
    assert_eq!(report.findings.suspicion, None, "{report}");
    assert!(report.writes() > 3);
}

#[test]
fn i_58_an_earlier_installation_without_its_ledger_is_recognised_and_taken_over() {
    let org = Org::new();
    org.target.put_account(account("a", Some("hr:1"), Shown::Enabled));
    org.target.put_account(account("b", Some("hr:2"), Shown::Disabled));
    org.on("2026-01-01")
        .says("person 1\ncontract 1 a 2026-01-01..2026-01-10 d1\nperson 2\ncontract 2 b 2026-01-05.. d1");
    org.say_of("1", PersonDirective::Block);
    let report = org.report();
    let expected = "`entra` has 2 accounts with our anchor that it does not know (entra/hr:1, entra/hr:2)";
    assert!(report.to_string().contains(expected), "{report}");
    assert!(org.sent().is_empty(), "not even for a block");
    let file = org.plan().file(org.now() + TimeDelta::hours(1));
    assert!(matches!(block_on(org.engine.apply_file(file)), Err(EngineError::Behind(_))));
    org.say_of("1", PersonDirective::Unblock);
    acknowledge(&org);
    let report = org.report();
    assert!(report.to_string().contains("account `a` counts as entra/hr:1 from now on"), "{report}");
    let left = "2 accounts hold what the ledger does not say we granted (entra/hr:1, entra/hr:2)";
    assert!(report.to_string().contains(left), "{report}");
    org.daily("2026-01-02", "2026-01-20");
    // Anybody may have filled the anchor in: they are adopted, and before a go-live nothing is taken away.
    assert!(org.is_enabled("1") && org.is_enabled("2"));
    org.say(Directive::Run(RunDirective::GoLive("entra".parse().unwrap())));
    org.daily("2026-01-21", "2026-02-28");
    assert!(!org.is_live("1") && org.is_enabled("2"));
    assert_eq!((org.id("2"), org.holds("2").contains(&"old".to_owned())), ("b".to_owned(), true));
}

#[test]
fn i_58_an_account_that_turns_up_after_the_acknowledgement_needs_another() {
    let org = Org::new();
    org.target.put_account(account("a", Some("hr:1"), Shown::Enabled));
    org.on("2026-01-01").says("person 1\ncontract 1 a 2026-01-01.. d1\nperson 2\ncontract 2 b 2026-01-01.. d1");
    org.report();
    acknowledge(&org);
    org.target.put_account(account("b", Some("hr:2"), Shown::Enabled));
    let report = org.report();
    assert!(report.to_string().contains("`entra` has 1 accounts with our anchor that it does not know"), "{report}");
    assert!(org.sent().is_empty());
    acknowledge(&org);
    let report = org.report();
    assert!(report.findings.suspicion.is_none(), "{report}");
    assert_eq!((org.id("1"), org.id("2")), ("a".to_owned(), "b".to_owned()));
}

#[test]
fn i_58_several_accounts_that_could_be_the_one_we_made_are_left_to_people() {
    let org = Org::new();
    org.target.put_account(account("a", Some("hr:1"), Shown::Enabled));
    org.target.put_account(account("b", Some("hr:1"), Shown::Enabled));
    org.on("2026-01-01").says("person 1\ncontract 1 a 2026-01-01.. d1");
    org.report();
    acknowledge(&org);
    let report = org.report();
    assert!(report.to_string().contains("several accounts on `entra` match: `a`, `b`; none is chosen"), "{report}");
    assert!(org.later(TimeDelta::hours(1)).report().findings.suspicion.is_none() && org.sent().is_empty());
}

#[test]
fn i_58_a_copy_beside_the_account_that_is_known_is_told_once_and_stops_nothing() {
    let org = Org::new();
    org.on("2026-01-01").says("person 1\ncontract 1 a 2026-01-01..2026-01-10 d1").run();
    let kept = org.account("1").unwrap();
    org.target.put_account(account("copy", Some("hr:1"), Shown::Enabled));
    org.target.put_account(kept);
    let report = org.on("2026-01-02").report();
    assert!(
        report.to_string().contains("somebody copied entra/hr:1: account `copy` bears the same anchor"),
        "{report}"
    );
    for on in 3..80 {
        let report = org.at(at(day(on))).report();
        assert_eq!((report.findings.incidents.len(), report.findings.suspicion.is_none()), (0, true), "{report}");
    }
    assert!(!org.is_enabled("1"));
    assert_eq!(org.target.accounts().iter().filter(|account| account.shown == Shown::Enabled).count(), 1, "the copy");
}

#[test]
fn i_58_a_mass_change_by_others_is_looked_at_before_anything_is_written() {
    for (count, is_stopped) in [(5, false), (6, true)] {
        let org = Org::new();
        let row = |key| {
            format!("person {key}\ncontract {key} c{key} 2026-01-01..{} d1\n", if key == 9 { "2026-01-04" } else { "" })
        };
        org.on("2026-01-01").says(&(1..=9).map(row).collect::<String>());
        org.daily("2026-01-01", "2026-01-04");
        (1..=count).for_each(|key| org.target.by_hand(&format!("hr:{key}"), Shown::Disabled));
        let report = org.on("2026-01-05").report();
        assert_eq!(report.findings.suspicion.is_some(), is_stopped, "{report}");
        assert_eq!((org.is_enabled("9"), org.sent().is_empty()), (is_stopped, is_stopped));
        if !is_stopped {
            continue;
        }
        assert!(report.to_string().contains("`entra` shows 6 of 9 accounts otherwise than it says"), "{report}");
        acknowledge(&org);
        org.daily("2026-01-06", "2026-01-09");
        // Who should have access and does not may be blocked by what is lost: a person has to say so.
        assert!(!org.is_enabled("9") && !org.is_enabled("1"));
        let ledger = org.engine.store.ledger();
        let key = ledger.read().key(&person("1"), &main_of("entra"));
        assert!(ledger.read().account(&key).unwrap().others[&OthersDid::Disable].held);
        org.say_of("1", PersonDirective::Release(main_of("entra")));
        org.on("2026-01-10").run();
        assert!(org.is_enabled("1") && !org.is_enabled("2"));
    }
}

#[test]
fn i_58_whoever_was_disabled_since_the_backup_and_comes_back_is_not_locked_out() {
    let (old, whole) = (Org::new(), Org::new());
    let rows = |on: u64| {
        let back = if on >= 12 { "contract 1 b 2026-01-14.. d1" } else { "" };
        format!("person 1\ncontract 1 a 2026-01-01..2026-01-05 d1\n{back}\nperson 2\ncontract 2 c {}.. d1", day(8))
    };
    let run = |org: &Org, on: u64| org.at(at(day(on))).says(&rows(on)).report();
    (0..=2).for_each(|on| drop(run(&old, on)));
    (0..=9).for_each(|on| drop(run(&whole, on)));
    let mut old = old;
    old.engine.targets.clone_from(&whole.engine.targets);
    old.engine.settings.known_head = Some(whole.engine.store.ledger().read().head());
    old.target = Arc::clone(&whole.target);
    run(&old, 10);
    acknowledge(&old);
    (10..=15).for_each(|on| drop(run(&old, on)));
    assert!(old.is_enabled("1") && old.is_enabled("2"));
}
