//! What targets show late, wrongly or not at all: I-17, I-26, I-30, I-40, I-41, I-44 and I-46.

use std::collections::BTreeSet;
use std::sync::atomic::Ordering;

use chrono::TimeDelta;
use provisioning_core::audit::{FailureKind, OthersDid, PersonDirective};
use provisioning_core::ledger::Lifecycle;
use provisioning_core::plan::{AccountStep, Step};
use provisioning_core::target::Shown;
use provisioning_core::{FieldName, Value};

use crate::support::{Around, Org, at, d, line, main_of, person, shape_of};

/// So many people with a contract without an end.
fn people(count: usize) -> String {
    let row = |key| format!("person {key} family_name=n{key}\ncontract {key} c{key} 2026-01-01.. d1\n");
    (1..=count).map(row).collect()
}

#[test]
fn i_46_a_write_is_as_young_as_it_is_however_long_the_run_lasts() {
    let mut org = Org::new();
    let around = Around::with(&mut org, 0, Some(TimeDelta::minutes(2)));
    around.whole.store(true, Ordering::SeqCst);
    org.engine.lease = TimeDelta::hours(12);
    org.on("2026-01-01").says(&people(30)).run();
    // A minute after the last write the target does not show it yet.
    org.later(TimeDelta::minutes(1)).says(&people(30));
    org.target.by_hand("hr:30", Shown::Disabled);
    assert_eq!(org.report().findings.incidents, [""; 0]);
    org.target.by_hand("hr:30", Shown::Enabled);
    assert_eq!(org.later(TimeDelta::minutes(1)).report().findings.incidents, [""; 0]);
}

/// Somebody who stays, somebody who leaves on the 10th, a hire of the 10th and somebody who gets another department then.
const STAFF: &str = "person 1 family_name=a\ncontract 1 a 2026-01-01.. d1
    person 2 family_name=b\ncontract 2 b 2026-01-01..2026-01-09 d1
    person 3 family_name=c\ncontract 3 c 2026-01-10.. d1
    person 4 family_name=d\ncontract 4 d 2026-01-01..2026-01-09 d1\ncontract 4 d2 2026-01-10.. d2
    person 5 family_name=e\ncontract 5 e 2026-01-01..2026-01-05 d1";

#[test]
fn i_46_one_reading_that_shows_nothing_holds_nobody() {
    // The reading that shows nothing is the one of a day on which much happens, or of another day.
    for bad in ["2026-01-08", "2026-01-09", "2026-01-10", "2026-01-11", "2026-01-17"] {
        let mut org = Org::new();
        let around = Around::put(&mut org, 0);
        around.whole.store(true, Ordering::SeqCst);
        org.on("2026-01-01").says(STAFF).run();
        for day in d("2026-01-02").iter_days().take_while(|day| *day <= d("2026-03-31")) {
            around.empty.store(day == d(bad), Ordering::SeqCst);
            org.at(at(day)).run();
            if day == d("2026-01-10") {
                assert_eq!((org.is_enabled("2"), org.is_enabled("4")), (false, true), "nothing is shown on {bad}");
            }
        }
        let report = org.on("2026-04-01").report();
        assert!(report.is_complete(), "nothing is shown on {bad}\n{report}");
        let expected = Org::new();
        expected.on("2026-01-01").says(STAFF);
        expected.daily("2026-01-01", "2026-04-01");
        assert_eq!(shape_of(&org.target), shape_of(&expected.target), "nothing is shown on {bad}");
        assert_eq!(org.id("1"), expected.id("1"));
    }
}

#[test]
fn i_26_one_reading_that_shows_nothing_forgets_no_grant() {
    let mut org = Org::new();
    let around = Around::put(&mut org, 0);
    around.whole.store(true, Ordering::SeqCst);
    org.on("2026-01-01").says("person 1\ncontract 1 a 2026-01-01..2026-01-10 d1").run();
    org.daily("2026-01-02", "2026-01-09");
    around.empty.store(true, Ordering::SeqCst);
    org.on("2026-01-10").run();
    around.empty.store(false, Ordering::SeqCst);
    let sent = org.daily("2026-01-11", "2026-01-20");
    assert_eq!(sent, ["2026-01-11 disable hr:1", "2026-01-18 revoke hr:1 department:d1"]);
}

#[test]
fn i_46_what_one_whole_reading_lacks_is_not_confirmed_by_changes() {
    let mut org = Org::new();
    let around = Around::put(&mut org, 0);
    org.on("2026-01-01").says(&people(2)).run();
    org.on("2026-01-02").run();
    around.whole.store(true, Ordering::SeqCst);
    around.hide.lock().unwrap().insert("hr:1".to_owned());
    assert_eq!(org.on("2026-01-03").report().findings.incidents.len(), 1);
    around.whole.store(false, Ordering::SeqCst);
    around.hide.lock().unwrap().clear();
    org.on("2026-01-04").run();
    assert_eq!(others_of(&org), [] as [(OthersDid, bool); 0]);
}

/// What the ledger says that others did with the account of person 1, and whether it is held.
fn others_of(org: &Org) -> Vec<(OthersDid, bool)> {
    let ledger = org.engine.store.ledger();
    let ledger = ledger.read();
    let entry = ledger.account(&ledger.key(&person("1"), &main_of("entra"))).unwrap();
    entry.others.iter().map(|(did, seen)| (*did, seen.held)).collect()
}

#[test]
fn i_46_only_what_was_seen_twice_long_enough_apart_is_held() {
    let org = Org::new();
    org.on("2026-01-01").says(&people(1)).run();
    org.on("2026-01-02").target.by_hand("hr:1", Shown::Disabled);
    org.run();
    org.later(TimeDelta::minutes(29)).target.delete_by_hand("hr:1");
    org.run();
    org.later(TimeDelta::minutes(2)).run();
    assert_eq!(others_of(&org), [(OthersDid::Disable, true), (OthersDid::Delete, false)]);
    org.later(TimeDelta::minutes(28)).run();
    assert_eq!(others_of(&org), [(OthersDid::Disable, true), (OthersDid::Delete, true)]);
}

#[test]
fn i_44_an_account_that_is_gone_before_any_reading_showed_it_is_missed() {
    let mut org = Org::new();
    let around = Around::put(&mut org, 0);
    around.whole.store(true, Ordering::SeqCst);
    org.on("2026-01-01").says(&people(1)).run();
    org.target.delete_by_hand("hr:1");
    org.target.purge_by_hand("hr:1");
    assert_eq!(org.on("2026-01-02").report().findings.incidents.len(), 1);
    org.on("2026-01-03").run();
    assert_eq!(others_of(&org), [(OthersDid::Delete, true)]);
    org.say_of("1", PersonDirective::Release(main_of("entra")));
    assert_eq!(org.on("2026-01-04").run().first().map(String::as_str), Some("create hr:1"));
}

#[test]
fn i_17_a_bin_that_lags_behind_our_delete_is_not_empty() {
    for minutes in [5, 45] {
        let mut org = Org::new();
        let around = Around::put(&mut org, 0);
        around.whole.store(true, Ordering::SeqCst);
        let left = "person 1\ncontract 1 a 2026-01-01..2026-01-05 d1";
        org.on("2026-01-01").says(left).run();
        org.daily("2026-01-02", "2026-02-04");
        let id = org.id("1");
        assert_eq!(org.on("2026-02-05").run(), ["delete hr:1"]);
        around.hide.lock().unwrap().insert("hr:1".to_owned());
        org.later(TimeDelta::minutes(minutes)).run();
        around.hide.lock().unwrap().clear();
        org.daily("2026-02-06", "2026-02-07");
        org.on("2026-02-08").says(&format!("{left}\ncontract 1 b 2026-02-08.. d1"));
        assert_eq!(org.run().first().map(String::as_str), Some("restore hr:1"));
        assert_eq!(org.id("1"), id);
    }
}

#[test]
fn i_44_an_account_that_others_deleted_is_restored_when_the_bin_shows_it_late() {
    // The bin shows it from the second or from the third reading on.
    for late in ["2026-01-05", "2026-01-06"] {
        let mut org = Org::new();
        let around = Around::put(&mut org, 0);
        around.whole.store(true, Ordering::SeqCst);
        org.on("2026-01-01").says(&people(1)).run();
        org.daily("2026-01-02", "2026-01-03");
        let id = org.id("1");
        org.target.delete_by_hand("hr:1");
        around.hide.lock().unwrap().insert("hr:1".to_owned());
        for day in ["2026-01-04", "2026-01-05", "2026-01-06"] {
            if day == late {
                around.hide.lock().unwrap().clear();
            }
            org.on(day).run();
        }
        assert_eq!(others_of(&org), [(OthersDid::Delete, true)]);
        org.say_of("1", PersonDirective::Release(main_of("entra")));
        assert_eq!(org.on("2026-01-07").run().first().map(String::as_str), Some("restore hr:1"));
        assert_eq!(org.id("1"), id);
    }
}

#[test]
fn i_41_a_restore_of_which_half_was_done_leaves_nobody_in() {
    let mut org = Org::with(|settings| settings.lifecycle.return_horizon_days = None);
    let around = Around::put(&mut org, 0);
    let left = "person 1\ncontract 1 a 2026-01-01..2026-01-05 d1";
    org.on("2026-01-01").says(left).run();
    org.daily("2026-01-02", "2026-02-05");
    assert!(!org.is_live("1"));
    // A return after the bin is emptied: the account comes back now, disabled, and is not wanted yet.
    *around.fails.lock().unwrap() = Some(Box::new(|action| {
        matches!(action.step, Step::Account { step: AccountStep::Restore, .. }).then_some(FailureKind::Unknown)
    }));
    org.on("2026-02-06").says(&format!("{left}\ncontract 1 b 2026-06-01.. d1"));
    assert_eq!(org.run(), [""; 0]);
    // It was restored, and the second call, which disables it, never arrived.
    org.target.restore_by_hand("hr:1");
    org.target.by_hand("hr:1", Shown::Enabled);
    *around.fails.lock().unwrap() = None;
    let report = org.later(TimeDelta::minutes(6)).report();
    assert!(!org.is_enabled("1"), "{report}");
    assert_eq!(report.findings.incidents, [""; 0]);
    assert_eq!(others_of(&org), []);
    assert_eq!(org.sent().iter().map(line).collect::<Vec<_>>(), ["disable hr:1"]);
    let log = org.daily("2026-02-07", "2026-06-01");
    assert_eq!(log, ["2026-06-01 grant hr:1 department:d1", "2026-06-01 enable hr:1"]);
}

#[test]
fn i_14_a_disable_that_was_answered_and_did_not_take_is_done_again() {
    let mut org = Org::new();
    let around = Around::put(&mut org, 0);
    org.on("2026-01-01").says("person 1\ncontract 1 a 2026-01-01..2026-01-05 d1").run();
    around.deaf.store(true, Ordering::SeqCst);
    org.on("2026-01-06").run();
    assert!(org.is_enabled("1"));
    around.deaf.store(false, Ordering::SeqCst);
    let report = org.later(TimeDelta::minutes(6)).report();
    assert!(!org.is_enabled("1"), "{report}");
    assert_eq!(report.findings.incidents, [""; 0]);
}

#[test]
fn i_26_a_revoke_that_nobody_can_see_is_done_again() {
    let mut org = Org::new();
    let around = Around::put(&mut org, 0);
    around.whole.store(true, Ordering::SeqCst);
    around.unreadable.store(true, Ordering::SeqCst);
    org.on("2026-01-01").says("person 1\ncontract 1 a 2026-01-01.. d1\ncontract 1 b 2026-01-01..2026-01-09 d2").run();
    org.daily("2026-01-02", "2026-01-09");
    *around.fails.lock().unwrap() =
        Some(Box::new(|action| matches!(action.step, Step::Permission { .. }).then_some(FailureKind::Unknown)));
    org.on("2026-01-10").run();
    *around.fails.lock().unwrap() = None;
    assert_eq!(org.daily("2026-01-11", "2026-01-20"), ["2026-01-11 revoke hr:1 department:d2"]);
    assert_eq!(org.holds("1"), ["department:d1"]);
}

#[test]
fn i_46_a_target_that_shows_far_too_few_is_not_believed_however_often() {
    let mut org = Org::new();
    let around = Around::put(&mut org, 0);
    around.whole.store(true, Ordering::SeqCst);
    let staff = format!("{}person 99\ncontract 99 x 2026-01-01..2026-01-03 d1", people(20));
    org.on("2026-01-01").says(&staff).run();
    around.empty.store(true, Ordering::SeqCst);
    for day in ["2026-01-02", "2026-01-03", "2026-01-04"] {
        let report = org.on(day).report();
        let [why] = report.findings.unread.as_slice() else { panic!("{report}") };
        assert!(why.contains("shows 21 of 21 accounts no more"), "{why}");
    }
    assert!(!org.is_enabled("99"), "a known last day comes all the same");
    around.empty.store(false, Ordering::SeqCst);
    org.on("2026-01-05").run();
    let report = org.on("2026-01-06").report();
    assert!(report.is_complete(), "{report}");
    assert_eq!(others_of(&org), []);
}

#[test]
fn i_46_a_few_that_are_missing_are_believed_to_be_gone() {
    for (lost, is_believed) in [(5, true), (6, false)] {
        let mut org = Org::new();
        let around = Around::put(&mut org, 0);
        around.whole.store(true, Ordering::SeqCst);
        org.on("2026-01-01").says(&people(20)).run();
        *around.hide.lock().unwrap() = (1..=lost).map(|key| format!("hr:{key}")).collect();
        assert_eq!(org.on("2026-01-02").report().findings.unread.is_empty(), is_believed);
        // What was written a moment ago may lag behind.
        let report = org.on("2026-01-03").says(&people(40)).report();
        assert_eq!(report.findings.unread.is_empty(), is_believed);
        *around.hide.lock().unwrap() = (20..=40).map(|key| format!("hr:{key}")).collect();
        assert_eq!(org.later(TimeDelta::minutes(29)).report().findings.unread, [""; 0]);
        assert_eq!(org.later(TimeDelta::minutes(2)).report().findings.unread.len(), 1);
    }
}

#[test]
fn i_46_a_leaver_whom_others_deleted_for_good_is_known_to_be_gone() {
    let mut org = Org::new();
    let around = Around::put(&mut org, 0);
    around.whole.store(true, Ordering::SeqCst);
    org.on("2026-01-01").says("person 1\ncontract 1 a 2026-01-01..2026-01-09 d1").run();
    org.on("2026-01-09").run();
    org.target.delete_by_hand("hr:1");
    org.target.purge_by_hand("hr:1");
    org.on("2026-01-10").run();
    let mut sent = 0;
    for _ in 0..20 {
        sent += org.later(TimeDelta::minutes(15)).run().len();
    }
    assert_eq!(others_of(&org), [(OthersDid::Delete, true)]);
    assert!(sent <= 2, "the account is asked for again and again: {sent}");
}

#[test]
fn i_26_what_is_lost_right_after_it_was_written_is_written_again() {
    let phone = FieldName::new("phone").unwrap();
    let org = Org::new();
    org.on("2026-01-01").says("person 1 phone=1\ncontract 1 a 2026-01-01.. d1").run();
    org.later(TimeDelta::minutes(10)).target.change("hr:1", |account| {
        account.permissions = Some(BTreeSet::new());
        account.attributes.put(phone.clone(), Value::text("2"));
    });
    // It may be that the target lags; the readings to come are of changes and do not speak of the account again.
    assert_eq!(org.run(), [""; 0]);
    let again = ["2026-01-02 grant hr:1 department:d1", "2026-01-02 update hr:1"];
    assert_eq!(org.daily("2026-01-02", "2026-01-04"), again);
}

#[test]
fn i_16_the_day_of_a_disable_by_others_is_that_of_the_person_whichever_record_tells_the_zone() {
    let org = Org::new();
    org.on("2026-01-01").say_of("1", PersonDirective::Link("hr:2".parse().unwrap()));
    org.says("person 1\nperson 2 zone=Pacific/Auckland\ncontract 2 c 2025-12-01.. d1").run();
    // At noon in UTC the next day has begun there.
    org.at(at(d("2026-01-10")) + TimeDelta::hours(8)).target.by_hand("hr:1", Shown::Disabled);
    org.run();
    let ledger = org.engine.store.ledger();
    let ledger = ledger.read();
    let entry = ledger.account(&ledger.key(&person("1"), &main_of("entra"))).unwrap();
    assert_eq!(entry.lifecycle, Lifecycle::Suspended { since: d("2026-01-11") });
}
