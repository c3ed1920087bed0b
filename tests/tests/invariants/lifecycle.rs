//! What happens to an account in its life: I-16 to I-20 and I-24.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::atomic::Ordering;

use chrono::{Days, NaiveDate, TimeDelta};
use proptest::collection::vec;
use proptest::prelude::{Just, Strategy, any, prop_oneof};
use provisioning_core::audit::{Exception, FailureKind, PersonDirective};
use provisioning_core::lifecycle::{Bin, Grace, Move, Situation, State, Want, next};
use provisioning_core::plan::{AccountStep, Action, Step};
use provisioning_core::policy::Entitlement;
use provisioning_core::target::Shown;

use crate::support::{Adjusted, Around, DAYS, Org, Setup, at, check, d, line, main_of, person, town};

fn quick(all: u64, step: usize) -> impl Iterator<Item = u64> {
    let step = if std::env::var_os("QUICK").is_some() { step } else { 1 };
    (0..=all).step_by(step)
}

fn after(day: &str, days: u64) -> NaiveDate {
    d(day) + Days::new(days)
}

#[test]
fn i_16_a_back_dated_end_never_shortens_the_grace() {
    for back in quick(400, 37).skip(1) {
        let org = Org::new();
        let ends = after("2026-06-01", 0) - Days::new(back);
        org.on("2026-05-30").says("person 1\ncontract 1 a 2024-01-01.. d1").run();
        org.on("2026-06-01").says(&format!("person 1\ncontract 1 a 2024-01-01..{ends} d1"));
        assert_eq!(org.run(), ["disable hr:1"], "{back} days back");
        let log = org.daily("2026-06-02", "2026-07-02");
        assert_eq!(log, ["2026-06-08 revoke hr:1 department:d1", "2026-07-01 delete hr:1"], "{back} days back");
    }
}

#[test]
fn i_16_the_grace_is_counted_from_the_latest_of_disabled_unwanted_and_ended() {
    // Unwanted since 1 June; on the 20th HR enters a contract that ended on a day before that.
    for ended in 1..=18 {
        let last = after("2026-06-01", ended);
        let org = Org::new();
        let rows = "person 1\ncontract 1 a 2026-01-01..2026-05-31 d1";
        org.on("2026-05-30").says(rows);
        org.daily("2026-05-30", "2026-06-19");
        org.on("2026-06-20").says(&format!("{rows}\ncontract 1 b 2026-06-01..{last} d1"));
        let log = org.daily("2026-06-20", "2026-07-30");
        assert_eq!(log, [format!("{} delete hr:1", last + Days::new(30))]);
    }
    // Disabled by a block long before the contract ends.
    let org = Org::new();
    org.on("2026-05-20").says("person 1\ncontract 1 a 2026-01-01..2026-05-31 d1").run();
    org.say_of("1", PersonDirective::Block);
    let log = org.daily("2026-05-21", "2026-07-30");
    assert_eq!(log, ["2026-05-21 disable hr:1", "2026-06-01 revoke hr:1 department:d1", "2026-07-01 delete hr:1"]);
}

#[test]
fn i_17_a_rehire_gets_the_same_account_while_there_is_one() {
    // Disabled on 1 February, deleted on 3 March, in the bin through 1 April.
    for gap in quick(70, 7) {
        let org = Org::new();
        let rows = "person 2\nperson 1 given_name=Anna family_name=Vos\ncontract 1 a 2026-01-01..2026-01-31 d1";
        org.on("2026-01-20").says(rows).run();
        let id = org.id("1");
        let back = after("2026-02-01", gap);
        let mut log = Vec::new();
        for day in d("2026-01-21").iter_days().take_while(|day| *day < back) {
            org.at(at(day));
            log.extend(org.run());
        }
        assert_eq!(log.contains(&"delete hr:1".to_owned()), gap > 30, "{gap} days: {log:?}");
        org.at(at(back)).says(&format!("{rows}\ncontract 1 b {back}.. d2"));
        log = org.run();
        let verb = |verb: &str| log.contains(&format!("{verb} hr:1"));
        assert_eq!((verb("restore"), verb("create")), ((31..60).contains(&gap), gap >= 60), "{gap} days: {log:?}");
        assert!(org.is_enabled("1"), "{gap} days: {log:?}");
        assert_eq!(org.holds("1"), ["department:d2"]);
        assert_eq!(org.id("1") == id, gap < 60);
        assert_eq!(org.account("1").unwrap().attributes.text("user_name"), Some("anna.vos"));
        let previous = {
            let ledger = org.engine.store.ledger();
            let ledger = ledger.read();
            let entry = ledger.account(&ledger.key(&person("1"), &main_of("entra"))).unwrap();
            entry.previous.iter().map(ToString::to_string).collect::<Vec<_>>()
        };
        assert_eq!(previous, if gap < 60 { vec![] } else { vec![id] });
        // Nothing is left of the delete that was due.
        assert!(org.daily(&(back + Days::new(8)).to_string(), &(back + Days::new(40)).to_string()).is_empty());
    }
}

#[test]
fn i_18_no_single_step_leads_from_in_use_to_deleted() {
    let today = d("2026-06-01");
    let wants = [Want::Nothing, Want::Account, Want::Access];
    for want in wants {
        for (delete_is_due, return_needs_restore) in [(false, false), (false, true), (true, false), (true, true)] {
            let situation = Situation { today, delete_is_due, return_needs_restore };
            assert_ne!(next(State::Active, want, &situation), Move::Delete);
            for state in [State::Absent, State::Deleted(Bin::Restorable), State::Deleted(Bin::Gone)] {
                assert_ne!(next(state, want, &situation), Move::Delete);
            }
        }
    }
    let all = [Move::Stay, Move::Create, Move::Enable, Move::Disable, Move::Delete, Move::Restore];
    assert!(all.iter().all(|step| !matches!(State::Active.after(*step, today), State::Deleted(_))));
}

#[test]
fn i_18_whatever_is_deleted_was_seen_disabled_by_an_earlier_run() {
    check(60, (town(2..6, 6), 0_u32..3), |(town, grace)| {
        let org = Org::with(|settings| {
            settings.lifecycle.grace = Grace { suspended_days: grace, staged_days: grace };
        });
        for day in 0..DAYS {
            town.dawn(&org, day);
            let planned = org.plan();
            let plan = planned.approved.plan();
            for action in plan.actions() {
                if let Step::Account { key, step: AccountStep::Delete, .. } = &action.step {
                    let shown = org.target.account(&key.anchor()).unwrap();
                    assert_eq!(shown.shown, Shown::Disabled, "{plan}");
                    let others = plan.actions().filter(|other| {
                        matches!(&other.step, Step::Account { step: AccountStep::Disable | AccountStep::Restore, key: of, .. } if of == key)
                    });
                    assert_eq!(others.count(), 0, "{plan}");
                }
            }
            org.apply(planned);
        }
    });
}

/// What is sent for these rows, day by day.
fn timeline(rows: &str) -> Vec<String> {
    let org = Org::new();
    org.on("2026-01-01").says(&format!("person 1\n{rows}"));
    let days = d("2026-01-01").iter_days().take(170);
    days.flat_map(|day| {
        org.at(at(day));
        org.run().into_iter().map(move |line| format!("{day} {line}"))
    })
    .collect()
}

#[test]
fn i_19_contracts_without_a_gap_are_one_employment() {
    let pieces = vec((1_u64..40, 0_u64..15), 1..6);
    check(60, (0_u64..20, pieces), |(start, pieces)| {
        let (mut rows, mut from, mut latest) = (String::new(), start, start);
        for (number, (length, overlap)) in pieces.iter().enumerate() {
            let last = (from + length - 1 + overlap).max(from);
            writeln!(rows, "contract 1 c{number} {}..{} d1", after("2026-01-10", from), after("2026-01-10", last))
                .unwrap();
            latest = latest.max(last);
            from += length;
        }
        let whole = format!("contract 1 c {}..{} d1\n", after("2026-01-10", start), after("2026-01-10", latest));
        let split = timeline(&rows);
        assert_eq!(split, timeline(&whole), "{rows}");
        let count = |verb: &str| split.iter().filter(|line| line.contains(verb)).count();
        assert_eq!((count("enable"), count("disable") <= 1), (1, true), "{split:?}");
    });
}

#[test]
fn i_20_splitting_a_contract_in_two_changes_nothing_in_the_plan() {
    check(60, (town(1..5, 0), any::<usize>(), any::<usize>(), 1_u64..80), |(mut town, life, job, cut)| {
        for job in town.lives.iter_mut().flat_map(|life| &mut life.jobs) {
            (job.corrected, job.dropped) = (None, None);
        }
        let mut split = town.clone();
        let life = life % split.lives.len();
        let jobs = &mut split.lives[life].jobs;
        let job = job % jobs.len();
        let whole = jobs[job].clone();
        if whole.last.is_some_and(|last| last < cut) {
            return;
        }
        jobs[job].last = Some(cut - 1);
        let mut second = whole.clone();
        (second.start, second.last) = (whole.start + cut, whole.last.map(|last| last - cut));
        jobs.push(second);
        let (org, other) = (Org::new(), Org::new());
        for day in 0..DAYS {
            let steps = [(&town, &org), (&split, &other)].map(|(town, org)| {
                town.dawn(org, day);
                let planned = org.plan();
                let steps = planned.approved.plan().actions().map(|action| (line(action), action.day, action.timing));
                let steps: Vec<_> = steps.collect();
                org.apply(planned);
                steps
            });
            assert_eq!(steps[0], steps[1]);
        }
    });
}

/// What may happen to somebody who is blocked.
#[derive(Debug, Clone, Copy)]
enum Event {
    Hire(u64),
    End,
    Exception,
    EnableByHand,
    Release,
    NewRules,
    SayBlockAgain,
    Days(u64),
    Hours(i64),
}

#[test]
fn i_24_a_block_outranks_everything_until_it_is_lifted() {
    let event = prop_oneof![
        (0_u64..40).prop_map(Event::Hire),
        Just(Event::End),
        Just(Event::Exception),
        Just(Event::EnableByHand),
        Just(Event::Release),
        Just(Event::NewRules),
        Just(Event::SayBlockAgain),
        (1_u64..29).prop_map(Event::Days),
        (1_i64..20).prop_map(Event::Hours),
    ];
    check(80, vec(event, 1..14), |events| {
        let policy = Adjusted::on(&["entra"]);
        let version = policy.version.clone();
        let org = Setup { policy: Some(std::sync::Arc::new(policy)), ..Setup::default() }.build();
        let mut contracts: BTreeMap<usize, String> = BTreeMap::from([(0, "2026-01-01..".to_owned())]);
        let rows = |contracts: &BTreeMap<usize, String>| {
            let rows: Vec<_> = contracts.iter().map(|(id, days)| format!("contract 1 c{id} {days} d1")).collect();
            format!("person 1\nperson 2\n{}", rows.join("\n"))
        };
        org.on("2026-01-01").says(&rows(&contracts)).run();
        assert!(org.is_enabled("1"));
        org.later(TimeDelta::hours(1)).say_of("1", PersonDirective::Block);
        // It acts at once.
        assert_eq!(org.run(), ["disable hr:1"]);
        for event in events {
            let today = org.now().date_naive();
            match event {
                Event::Hire(in_days) => {
                    contracts.insert(contracts.len(), format!("{}..", today + Days::new(in_days)));
                }
                Event::End => contracts.values_mut().for_each(|days| *days = format!("2026-01-01..{today}")),
                Event::Exception => {
                    let slot = main_of("entra");
                    let exception = Exception { slot, entitlement: Entitlement::Access, last_day: None };
                    org.say_of("1", PersonDirective::Except(exception));
                }
                Event::EnableByHand => org.target.by_hand("hr:1", Shown::Enabled),
                Event::Release => org.say_of("1", PersonDirective::Release(main_of("entra"))),
                Event::NewRules => {
                    version.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
                }
                Event::SayBlockAgain => org.say_of("1", PersonDirective::Block),
                Event::Days(days) => {
                    org.at(at(today + Days::new(days)));
                }
                Event::Hours(hours) => {
                    org.later(TimeDelta::hours(hours));
                }
            }
            let log = org.later(TimeDelta::minutes(31)).says(&rows(&contracts)).run();
            assert!(!log.contains(&"enable hr:1".to_owned()), "{log:?}");
            assert!(!org.is_enabled("1"), "{log:?}");
        }
        org.say_of("1", PersonDirective::Unblock);
        let today = org.now().date_naive();
        contracts.insert(99, format!("{today}.."));
        org.later(TimeDelta::hours(1)).says(&rows(&contracts)).run();
        org.say_of("1", PersonDirective::Release(main_of("entra")));
        org.later(TimeDelta::hours(1)).run();
        assert!(org.is_enabled("1"), "once it is lifted, the rules count again");
    });
}

#[test]
fn i_24_a_block_acts_while_the_outcome_of_another_step_is_unknown() {
    let mut org = Org::new();
    let around = Around::put(&mut org, 0);
    org.on("2026-01-01").says("person 1\ncontract 1 a 2026-01-01.. d1").run();
    let is_grant = |action: &Action| matches!(action.step, Step::Permission { .. }).then_some(FailureKind::Unknown);
    *around.fails.lock().unwrap() = Some(Box::new(is_grant));
    org.on("2026-01-02").says("person 1\ncontract 1 a 2026-01-01.. d1\ncontract 1 b 2026-01-02.. d2").run();
    // From now on the target is written to, and cannot be read.
    around.blind.store(true, Ordering::SeqCst);
    org.say_of("1", PersonDirective::Block);
    org.on("2026-01-03").run();
    assert!(!org.is_enabled("1"));
}
