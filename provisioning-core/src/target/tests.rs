//! A reading held against what we knew, and the indexes of what a target shows.

mod holdings;
mod resolving;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use chrono::TimeDelta;
use expect_test::expect;

use crate::audit::{AccountFact, OthersDid};
use crate::id::AccountId;
use crate::ledger::{AccountEntry, Lifecycle, Mark, Seen};
use crate::samples::{at, day, fields, id};
use crate::source::Cursor;
use crate::target::{
    Capabilities, Change, Deletion, DriftSettings, Observation, ObservedAccount, Patch, Presence, Resource,
    RestoredGrants, Shown, TargetChanges, TargetReading, drift, folded_name,
};
use crate::value::{Edit, Value};

const NOW: &str = "2026-03-10 04:00";
const TODAY: &str = "2026-03-10";

fn settings() -> DriftSettings {
    DriftSettings { settle: TimeDelta::minutes(30), deletion: Deletion::Bin { days: 30, grants: RestoredGrants::Kept } }
}

fn shown(presence: Presence, shown: Shown) -> ObservedAccount {
    ObservedAccount {
        id: id("entra-hr:1"),
        anchor: Some("hr:1".to_owned()),
        presence,
        shown,
        attributes: fields(&["phone=1"]),
        permissions: Some([id("sales")].into()),
    }
}

fn entry(lifecycle: Lifecycle) -> AccountEntry {
    let mut entry = AccountEntry::default();
    entry.lifecycle = lifecycle;
    entry
}

fn drifted(entry: &AccountEntry, account: Option<&ObservedAccount>) -> Vec<AccountFact> {
    drift(entry, account, (at(NOW), day(TODAY)), settings())
}

fn lifecycles() -> [(&'static str, Lifecycle); 7] {
    let on = day("2026-03-01");
    [
        ("absent", Lifecycle::Absent),
        ("staged", Lifecycle::Staged),
        ("active", Lifecycle::Active),
        ("suspended", Lifecycle::Suspended { since: on }),
        ("deleted", Lifecycle::Deleted { on, emptied: false }),
        ("run out", Lifecycle::Deleted { on: day("2026-02-08"), emptied: false }),
        ("emptied", Lifecycle::Deleted { on, emptied: true }),
    ]
}

fn live(how: Shown) -> ObservedAccount {
    shown(Presence::Live, how)
}

fn in_bin() -> ObservedAccount {
    shown(Presence::InBin(day("2026-03-05")), Shown::Disabled)
}

fn in_words(facts: &[AccountFact]) -> String {
    let word = |fact: &AccountFact| {
        if let AccountFact::Suspected { what, .. } = fact {
            return format!("others: {what:?}");
        }
        if let AccountFact::Held { what, .. } = fact {
            return format!("held: {what:?}");
        }
        if let AccountFact::Found { in_bin } = fact {
            return if in_bin.is_some() { "found in the bin".to_owned() } else { "found".to_owned() };
        }
        format!("{fact:?}")
    };
    if facts.is_empty() { "-".to_owned() } else { facts.iter().map(word).collect::<Vec<_>>().join(", ") }
}

#[test]
fn every_state_against_everything_that_can_be_shown() {
    let mut table = "known      enabled           disabled          in the bin        nothing\n".to_owned();
    let readings = [Some(live(Shown::Enabled)), Some(live(Shown::Disabled)), Some(in_bin()), None];
    for (name, lifecycle) in lifecycles() {
        let cells: Vec<String> =
            readings.iter().map(|shown| in_words(&drifted(&entry(lifecycle), shown.as_ref()))).collect();
        let line = cells.iter().fold(format!("{name:<10}"), |line, cell| format!("{line} {cell:<17}"));
        writeln!(table, "{}", line.trim_end()).unwrap();
    }
    expect![[r"
        known      enabled           disabled          in the bin        nothing
        absent     -                 -                 -                 -
        staged     EnabledByOthers   -                 others: Delete    others: Delete
        active     -                 others: Disable   others: Delete    others: Delete
        suspended  EnabledByOthers   -                 others: Delete    others: Delete
        deleted    others: Restore   others: Restore   -                 Missed
        run out    others: Restore   others: Restore   -                 -
        emptied    others: Restore   others: Restore   found in the bin  -
    "]]
    .assert_eq(&table);
}

#[test]
fn what_is_suspected_says_how_it_is_shown_what_it_holds_and_since_when() {
    let fact = drifted(&entry(Lifecycle::Active), Some(&in_bin()));
    let seen = Some((Presence::InBin(day("2026-03-05")), Shown::Disabled));
    let holds = Some(BTreeSet::from([id("sales")]));
    let what = OthersDid::Delete;
    assert_eq!(fact, [AccountFact::Suspected { what, shown: seen, holds, day: day(TODAY) }]);
    let fact = drifted(&entry(Lifecycle::Active), None);
    assert_eq!(fact, [AccountFact::Suspected { what, shown: None, holds: None, day: day(TODAY) }]);
}

#[test]
fn what_a_deleted_account_was_last_seen_with_is_not_taken_for_all_that_it_holds() {
    let deletion = Deletion::Bin { days: 30, grants: RestoredGrants::Unreadable };
    let holds = |account: &ObservedAccount| {
        let how = DriftSettings { deletion, ..settings() };
        match drift(&entry(Lifecycle::Active), Some(account), (at(NOW), day(TODAY)), how).as_slice() {
            [AccountFact::Suspected { holds, .. }] => holds.clone(),
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(holds(&in_bin()), None);
    assert_eq!(holds(&live(Shown::Disabled)), Some([id("sales")].into()));
}

#[test]
fn a_bin_that_ran_out_by_itself_is_no_news() {
    let on = |deleted: &str| entry(Lifecycle::Deleted { on: day(deleted), emptied: false });
    assert_eq!(drifted(&on("2026-02-08"), None), []);
    assert_eq!(drifted(&on("2026-02-09"), None), [AccountFact::Missed]);
    let mut missed = on("2026-02-08");
    missed.missed_at = Some(at("2026-03-10 03:59"));
    assert_eq!(drifted(&missed, None), [AccountFact::Emptied], "nothing is left to be read again");
}

#[test]
fn what_is_shown_nowhere_is_believed_from_a_reading_that_is_late_enough() {
    let mut table = "known      missed enabled           disabled          in the bin        nothing\n".to_owned();
    let readings = [Some(live(Shown::Enabled)), Some(live(Shown::Disabled)), Some(in_bin()), None];
    for (name, lifecycle) in lifecycles() {
        for (missed, missed_at) in [("29 min", "2026-03-10 03:31"), ("30 min", "2026-03-10 03:30")] {
            let mut entry = entry(lifecycle);
            entry.missed_at = Some(at(missed_at));
            if lifecycle.is_live() {
                entry.others.insert(OthersDid::Delete, Seen { at: at(missed_at), held: false });
            }
            let cells: Vec<String> = readings.iter().map(|shown| in_words(&drifted(&entry, shown.as_ref()))).collect();
            let line = cells.iter().fold(format!("{name:<10} {missed}"), |line, cell| format!("{line} {cell:<17}"));
            writeln!(table, "{}", line.trim_end()).unwrap();
        }
    }
    expect![[r"
        known      missed enabled           disabled          in the bin        nothing
        absent     29 min -                 -                 -                 -
        absent     30 min -                 -                 -                 -
        staged     29 min found, EnabledByOthers found             found in the bin  -
        staged     30 min found, EnabledByOthers found             found in the bin  held: Delete
        active     29 min found             found, others: Disable found in the bin  -
        active     30 min found             found, others: Disable found in the bin  held: Delete
        suspended  29 min found, EnabledByOthers found             found in the bin  -
        suspended  30 min found, EnabledByOthers found             found in the bin  held: Delete
        deleted    29 min others: Restore   others: Restore   found in the bin  -
        deleted    30 min others: Restore   others: Restore   found in the bin  Emptied
        run out    29 min others: Restore   others: Restore   found in the bin  Emptied
        run out    30 min others: Restore   others: Restore   found in the bin  Emptied
        emptied    29 min others: Restore   others: Restore   found in the bin  -
        emptied    30 min others: Restore   others: Restore   found in the bin  -
    "]]
    .assert_eq(&table);
}

#[test]
fn a_reading_that_contradicts_a_young_write_is_lag_and_is_noted_once() {
    let suspended = Lifecycle::Suspended { since: day(TODAY) };
    let deleted = Lifecycle::Deleted { on: day(TODAY), emptied: false };
    for (lifecycle, shown, news) in
        [(suspended, Some(live(Shown::Enabled)), AccountFact::EnabledByOthers), (deleted, None, AccountFact::Missed)]
    {
        for (wrote, expected) in
            [("2026-03-10 03:31", vec![AccountFact::Lagging]), ("2026-03-10 03:30", vec![news.clone()])]
        {
            let mut entry = entry(lifecycle);
            entry.wrote_at = Some(at(wrote));
            assert_eq!(drifted(&entry, shown.as_ref()), expected, "{wrote}");
            entry.marks.insert(Mark::Lagging);
            let later: Vec<_> = expected.into_iter().filter(|fact| *fact != AccountFact::Lagging).collect();
            assert_eq!(drifted(&entry, shown.as_ref()), later, "{wrote}");
        }
    }
}

#[test]
fn a_reading_that_agrees_after_all_settles_a_lag() {
    let mut entry = entry(Lifecycle::Staged);
    entry.marks.insert(Mark::Lagging);
    assert_eq!(drifted(&entry, Some(&live(Shown::Disabled))), [AccountFact::Settled]);
    entry.marks.remove(&Mark::Lagging);
    assert_eq!(drifted(&entry, Some(&live(Shown::Disabled))), []);
}

#[test]
fn what_others_did_is_held_from_a_reading_that_is_late_enough() {
    let held = AccountFact::Held { what: OthersDid::Disable, holds: Some([id("sales")].into()), day: day(TODAY) };
    for (seen, is_held, expected) in [
        ("2026-03-10 03:30", false, vec![held]),
        ("2026-03-10 03:31", false, Vec::new()),
        ("2026-03-10 03:00", true, Vec::new()),
    ] {
        let mut entry = entry(Lifecycle::Suspended { since: day(TODAY) });
        entry.others.insert(OthersDid::Disable, Seen { at: at(seen), held: is_held });
        // What was seen a minute ago only is not held because of what was seen before.
        entry.others.insert(OthersDid::Restore, Seen { at: at("2026-03-10 03:59"), held: false });
        assert_eq!(drifted(&entry, Some(&live(Shown::Disabled))), expected, "{seen} {is_held}");
    }
}

#[test]
fn an_account_with_an_open_intent_is_left_alone() {
    let mut entry = entry(Lifecycle::Active);
    entry.open = 1;
    assert_eq!(drifted(&entry, None), []);
}

fn whole(observation: &mut Observation, accounts: Vec<ObservedAccount>) -> Vec<AccountId> {
    let all = TargetChanges { accounts, ..TargetChanges::default() };
    observation.apply(TargetReading::Whole(all)).into_iter().collect()
}

fn changes(observation: &mut Observation, accounts: Vec<ObservedAccount>, gone: &[&str]) -> Vec<AccountId> {
    let gone = gone.iter().map(|account| id(account)).collect();
    let some = TargetChanges { accounts, gone, cursor: Some(Cursor("7".to_owned())), ..TargetChanges::default() };
    observation.apply(TargetReading::Changes(some)).into_iter().collect()
}

fn account(number: &str, attributes: &[&str]) -> ObservedAccount {
    ObservedAccount {
        id: id(number),
        anchor: Some(format!("hr:{number}")),
        attributes: fields(attributes),
        ..live(Shown::Enabled)
    }
}

/// Who is found by anchor hr:1, name anna and employee 7.
fn found(observation: &Observation) -> String {
    let ids = |accounts: Vec<&ObservedAccount>| {
        accounts.iter().map(|account| account.id.to_string()).collect::<Vec<_>>().join("+")
    };
    let anchored = ids(observation.anchored("hr:1").collect());
    let correlated = ids(observation.correlated(&id("employee"), "X7").collect());
    format!("{anchored} {} {correlated}", observation.is_taken(" ANNA", None))
}

#[test]
fn an_account_is_found_by_what_it_bears_now_and_not_by_what_it_bore() {
    let mut observation = Observation::new(vec![id("user_name"), id("mail")], vec![id("employee")]);
    whole(&mut observation, vec![account("1", &["user_name=Anna", "employee=x7"]), account("2", &["employee=x7"])]);
    assert_eq!(found(&observation), "1 true 1+2");
    changes(&mut observation, vec![account("1", &["mail=anna", "employee=x8"])], &[]);
    assert_eq!(found(&observation), "1 true 2");
    changes(&mut observation, vec![account("1", &["user_name=berta"])], &["2"]);
    assert_eq!(found(&observation), "1 false ");
    let other = ObservedAccount { anchor: Some("hr:9".to_owned()), ..account("1", &["user_name=anna"]) };
    changes(&mut observation, vec![other], &[]);
    assert_eq!(found(&observation), " true ");
    changes(&mut observation, vec![], &["1"]);
    assert_eq!((found(&observation), observation.accounts().count()), (" false ".to_owned(), 0));
}

#[test]
fn a_name_is_not_taken_by_its_own_bearer() {
    let mut observation = Observation::new(vec![id("user_name")], Vec::new());
    whole(&mut observation, vec![account("1", &["user_name=anna"])]);
    assert!(!observation.is_taken("anna", Some(&id("1"))) && observation.is_taken("anna", Some(&id("2"))));
    changes(&mut observation, vec![account("2", &["user_name=Anna"])], &[]);
    assert!(observation.is_taken("anna", Some(&id("1"))));
    // A name that only begins alike is another one.
    assert!(!observation.is_taken("ann", None) && !observation.is_taken("anna.vos", None));
}

#[test]
fn a_whole_reading_ends_what_it_does_not_show_and_changes_do_not() {
    let mut observation = Observation::new(Vec::new(), Vec::new());
    assert!(!observation.is_complete());
    changes(&mut observation, vec![account("0", &[])], &[]);
    assert!(!observation.is_complete() && observation.cursor().is_some());
    assert_eq!(whole(&mut observation, vec![account("1", &[]), account("2", &[])]), [id("0"), id("1"), id("2")]);
    assert!(observation.is_complete() && observation.cursor().is_none());
    assert_eq!(changes(&mut observation, vec![account("3", &[])], &[]), [id("3")]);
    assert_eq!(
        observation.accounts().map(|account| account.id.clone()).collect::<Vec<_>>(),
        [id("1"), id("2"), id("3")]
    );
    // Also accounts that are shown as before: only the ledger can tell what is new.
    assert_eq!(whole(&mut observation, vec![account("3", &[])]), [id("1"), id("2"), id("3")]);
    assert_eq!((observation.account(&id("3")).is_some(), observation.account(&id("1")).is_none()), (true, true));
    assert!(observation.is_complete());
}

#[test]
fn resources_come_change_and_go() {
    let resource = |id: &str, name: &str| Resource { id: self::id(id), name: name.to_owned() };
    let mut observation = Observation::new(Vec::new(), Vec::new());
    let names = |observation: &Observation| {
        observation.resources().map(|resource| resource.name.clone()).collect::<Vec<_>>().join(" ")
    };
    let resources = vec![resource("b", "B"), resource("a", "A")];
    observation.apply(TargetReading::Whole(TargetChanges { resources, ..TargetChanges::default() }));
    assert_eq!(names(&observation), "A B");
    let (resources, gone_resources) = (vec![resource("b", "Bee"), resource("c", "C")], vec![id("a")]);
    let some = TargetChanges { resources, gone_resources, ..TargetChanges::default() };
    observation.apply(TargetReading::Changes(some));
    assert_eq!(names(&observation), "Bee C");
    assert_eq!(observation.resource(&id("b")).map(|resource| resource.name.as_str()), Some("Bee"));
    let resources = vec![resource("c", "C")];
    observation.apply(TargetReading::Whole(TargetChanges { resources, ..TargetChanges::default() }));
    assert_eq!(names(&observation), "C");
}

#[test]
fn names_are_compared_without_case_and_outer_space() {
    assert_eq!(folded_name("  Anna.VOS\t"), "anna.vos");
    assert_eq!(folded_name("ÅSA"), "åsa");
}

#[test]
fn a_patch_sets_clears_and_keeps() {
    let change = |name: &str, after| Change { attribute: id(name), before: None, after };
    let patch = Patch(vec![
        change("a", Edit::Set(Value::text("1"))),
        change("b", Edit::Clear),
        change("c", Edit::Keep),
        change("d", Edit::Set(Value::Null)),
    ]);
    let mut expected = fields(&["a=1", "c=0"]);
    expected.put(id("d"), Value::Null);
    assert_eq!(patch.applied_to(&fields(&["b=0", "c=0"])), expected);
}

#[test]
fn an_account_shows_ids_and_counts_only() {
    let account = ObservedAccount { attributes: fields(&["phone=CANARY"]), ..live(Shown::Enabled) };
    assert_eq!(format!("{account:?}"), "ObservedAccount(entra-hr:1, Live, Enabled, Some(1))");
}

#[test]
fn a_bin_has_its_days_and_deleting_for_good_has_none() {
    let with = |deletion| Capabilities { deletion, ..crate::samples::settings().targets.remove(0).capabilities };
    assert_eq!(with(Deletion::ForGood).bin_days(), 0);
    assert_eq!(with(Deletion::Bin { days: 30, grants: RestoredGrants::Dropped }).bin_days(), 30);
}

#[test]
fn what_never_was_shown_is_not_said_to_be_gone() {
    let mut observation = Observation::default();
    let some = || TargetChanges { gone: vec![id("x")], gone_resources: vec![id("y")], ..TargetChanges::default() };
    let (change, spoken_of) = observation.change(TargetReading::Changes(some()));
    assert!(change.accounts.is_empty() && change.early.is_empty() && change.resources.is_empty());
    assert_eq!(spoken_of, BTreeSet::from([id("x")]));
    let resource = Resource { id: id("y"), name: "Y".to_owned() };
    let account = ObservedAccount { id: id("x"), ..live(Shown::Enabled) };
    let all = TargetChanges { accounts: vec![account], resources: vec![resource], ..TargetChanges::default() };
    observation.apply(TargetReading::Whole(all));
    let (change, _) = observation.change(TargetReading::Changes(some()));
    assert_eq!(change.accounts, BTreeMap::from([(id("x"), None)]));
    assert_eq!(change.resources, BTreeMap::from([(id("y"), None)]));
}
