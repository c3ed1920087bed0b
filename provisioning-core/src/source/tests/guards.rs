//! What makes a reading so unlikely that it is not believed, at its edges.

use std::collections::BTreeMap;

use expect_test::expect;

use crate::samples::at;
use crate::source::guard::Fill;
use crate::source::tests::{Feed, changed, hr};
use crate::source::{Completeness, Examination, Fingerprint, Guards, Reading, Rejection, SnapshotBuilder};
use crate::testing::snapshot;

/// People 1 to `count`, of whom the first `with` have a phone, with a contract each of which the first `with` have a title.
fn people(count: usize, with: usize) -> String {
    let mut rows = String::new();
    for person in 1..=count {
        let (phone, title) = if person <= with { ("phone=1", "title=x") } else { ("", "title=") };
        rows.push_str(&["person ", &person.to_string(), " name=a ", phone, "\n"].concat());
        let key = person.to_string();
        rows.push_str(&["contract ", &key, " c", &key, " 2026-01-01.. ", title, "\n"].concat());
    }
    rows
}

fn feed(count: usize, with: usize) -> Feed {
    let mut feed = Feed::new();
    feed.reads("2026-03-01", &people(count, with));
    feed.settings.guards = Guards::default();
    feed
}

#[test]
fn a_share_of_the_people_may_be_missing_and_not_one_more() {
    let left = |had: usize, left| feed(had, 0).reads_of("2026-03-02", "2026-03-02", &people(left, 0));
    assert_eq!(left(200, 190), Ok(10));
    assert_eq!(left(200, 189), Err(vec![Rejection::Shrunk { missing: 11, had: 200, limit: 10 }]));
    assert_eq!(left(219, 209), Ok(10));
    assert_eq!(left(10, 5), Ok(5));
    assert_eq!(left(10, 4), Err(vec![Rejection::Shrunk { missing: 6, had: 10, limit: 5 }]));
}

#[test]
fn i_01_nobody_at_all_is_not_believed() {
    assert_eq!(feed(3, 0).reads_of("2026-03-02", "2026-03-02", ""), Err(vec![Rejection::Empty { had: 3 }]));
    let mut first = Feed::new();
    assert_eq!(first.reads_of("2026-03-02", "2026-03-02", ""), Ok(0));
    assert_eq!(first.reads_of("2026-03-03", "2026-03-03", "person 1"), Ok(1));
}

#[test]
fn whoever_is_gone_is_not_missed_any_more() {
    let mut feed = feed(20, 0);
    for day in ["2026-03-02", "2026-03-03", "2026-03-04"] {
        feed.reads(day, &people(15, 0));
    }
    assert_eq!(feed.reads_of("2026-03-05", "2026-03-05", &people(10, 0)), Ok(5));
    let shrunk = Rejection::Shrunk { missing: 6, had: 15, limit: 5 };
    assert_eq!(feed.reads_of("2026-03-05", "2026-03-05", &people(9, 0)), Err(vec![shrunk]));
}

#[test]
fn whoever_is_missing_already_counts_until_gone() {
    let mut feed = feed(20, 0);
    feed.reads("2026-03-02", &people(16, 0));
    assert_eq!(feed.reads_of("2026-03-03", "2026-03-03", &people(15, 0)), Ok(5));
    assert!(feed.reads_of("2026-03-03", "2026-03-03", &people(14, 0)).is_err());
}

#[test]
fn whoever_is_missing_already_counts_in_changes_too_and_is_not_counted_twice() {
    let mut feed = feed(20, 0);
    let shrunk = |missing| Err(vec![Rejection::Shrunk { missing, had: 20, limit: 5 }]);
    assert_eq!(feed.changes("2026-03-02", "", &["1", "2", "3", "4", "5", "6"]), shrunk(6));
    assert_eq!(feed.changes("2026-03-02", "", &["1", "2", "3", "nobody"]), Ok(3));
    assert_eq!(feed.changes("2026-03-02", "", &["1", "2", "3", "4", "5"]), Ok(2));
    assert_eq!(feed.changes("2026-03-02", "", &["6"]), shrunk(6));
    // One is back, and another may go.
    assert_eq!(feed.changes("2026-03-02", "person 1 name=a\n contract 1 c1 2026-01-01.. title=", &["6"]), Ok(2));
    assert_eq!(feed.changes("2026-03-03", "", &["7"]), shrunk(6));
    // Who was allowed to be missing is no reason to reject what takes nothing away.
    feed.settings.guards.max_missing_floor = 2;
    assert_eq!(feed.changes("2026-03-03", "person 9 name=b\n contract 9 c9 2026-01-01.. title=", &[]), Ok(6));
}

/// So many people with an open contract each, but the last `without`.
fn bare(count: usize, without: usize) -> String {
    let contract = |key| format!("contract {key} c{key} 2026-01-01..\n");
    let row = |key| format!("person {key}\n{}", if key > count - without { String::new() } else { contract(key) });
    (1..=count).map(row).collect()
}

#[test]
fn a_share_of_the_contracts_may_be_missing_and_not_one_more() {
    let lost = |missing, had, limit| Err(vec![Rejection::ContractsMissing { missing, had, limit }]);
    let mut feed = Feed::new();
    feed.reads("2026-03-01", &bare(200, 0));
    feed.settings.guards = Guards::default();
    assert_eq!(feed.reads_of("2026-03-02", "2026-03-02", &bare(200, 11)), lost(11, 200, 10));
    assert_eq!(feed.reads_of("2026-03-02", "2026-03-02", &bare(200, 10)), Ok(10));
    // Those who are missing count until they are gone, and others may not be added.
    assert_eq!(feed.reads_of("2026-03-03", "2026-03-03", &bare(200, 11)), lost(11, 200, 10));
    assert_eq!(feed.changes("2026-03-03", "person 1", &[]), lost(11, 200, 10));
    assert_eq!(feed.changes("2026-03-03", "person 1\n contract 1 c1 2026-01-01..", &[]), Ok(10));
    assert_eq!(feed.reads_of("2026-03-04", "2026-03-04", &bare(200, 10)), Ok(10));
    assert_eq!(feed.reads_of("2026-03-05", "2026-03-05", &bare(200, 20)), lost(10, 190, 9));
    assert_eq!(feed.reads_of("2026-03-05", "2026-03-05", &bare(200, 19)), Ok(9));
}

#[test]
fn contracts_that_are_over_and_those_of_people_who_are_missing_or_held_are_not_missed() {
    let ended = |key: usize| format!("person {key}\n contract {key} c{key} 2026-01-01..2026-03-01\n");
    let mut feed = Feed::new();
    let leavers: String = (1..=50).map(ended).collect();
    feed.reads("2026-03-01", &format!("{leavers}person 51\n contract 51 c51 2026-01-01.."));
    feed.settings.guards = Guards { max_missing_percent: 5, max_missing_floor: 0, ..Guards::default() };
    let without: Vec<&str> = leavers.lines().filter(|row| row.starts_with("person")).collect();
    let without = without.join("\n") + "\n";
    let rest = "person 51\n contract 51 c51 2026-01-01..";
    let on_the_last_day = feed.reads_of("2026-03-01", "2026-03-01", &format!("{without}{rest}"));
    assert_eq!(on_the_last_day, Err(vec![Rejection::ContractsMissing { missing: 50, had: 51, limit: 2 }]));
    assert!(feed.reads_of("2026-03-02", "2026-03-02", &format!("{without}{rest}")).is_ok());
    // The one contract left is that of somebody missing, or of somebody whose row is not used.
    assert!(feed.reads_of("2026-03-03", "2026-03-03", &without).is_ok());
    assert!(feed.reads_of("2026-03-04", "2026-03-04", &format!("{without}person 51\n defect 51 torn")).is_ok());
}

#[test]
fn a_field_that_says_nothing_any_more_is_not_believed() {
    let now = |had: usize, with| feed(100, had).reads_of("2026-03-02", "2026-03-02", &people(100, with));
    let hollow = |before, now| {
        Err(["contract.title", "phone"]
            .map(|field| Rejection::Hollow { field: field.to_owned(), before, now })
            .to_vec())
    };
    assert!(now(90, 70).is_ok());
    assert_eq!(now(90, 69), hollow(90, 69));
    assert_eq!(now(90, 0), hollow(90, 0));
    assert!(now(20, 0).is_ok());
    assert_eq!(now(21, 0), hollow(21, 0));
}

#[test]
fn a_handful_may_always_lose_a_field() {
    let now = |with| feed(10, 10).reads_of("2026-03-02", "2026-03-02", &people(10, with));
    assert!(now(5).is_ok());
    assert!(now(4).is_err());
}

#[test]
fn fewer_people_are_not_hollow_people() {
    let guards = Guards { max_missing_percent: 0, max_missing_floor: 0, max_hollow_points: 20, max_hollow_floor: 5 };
    let fill = |people, known| Fill { people, contracts: 0, known: BTreeMap::from([("phone".to_owned(), known)]) };
    assert!(guards.hollow(&fill(100, 100), &fill(30, 30)).is_empty());
    // Of the twenty who are left eight lost it, of a hundred: twelve per cent points short of the share before.
    assert!(guards.hollow(&fill(100, 90), &fill(40, 30)).is_empty());
    assert!(!guards.hollow(&fill(100, 100), &fill(30, 20)).is_empty());
    assert!(guards.hollow(&fill(100, 100), &fill(30, 25)).is_empty(), "only five lost it");
    assert!(guards.hollow(&Fill::default(), &fill(3, 3)).is_empty());
}

#[test]
fn i_04_a_rejected_reading_changes_nothing() {
    let mut feed = feed(20, 0);
    let (before, revision) = (feed.shown(), feed.roster.revision());
    assert!(feed.reads_of("2026-03-02", "2026-03-02", &people(2, 0)).is_err());
    assert_eq!((feed.shown(), feed.roster.revision()), (before, revision));
}

#[test]
fn a_reading_that_somebody_allowed_counts_and_no_other() {
    let mut feed = feed(20, 20);
    let rows = people(2, 0);
    let Examination::Rejected { hash, why } =
        feed.examine("2026-03-02", &Reading::Whole(snapshot(&hr(), "environment", &rows, at("2026-03-02"))))
    else {
        panic!("accepted");
    };
    assert!(!why.is_empty() && why.iter().all(Rejection::can_be_allowed));
    feed.allowed.insert(hash);
    assert!(feed.reads_of("2026-03-02", "2026-03-02", &people(3, 0)).is_err());
    assert_eq!(feed.reads_of("2026-03-02", "2026-03-02", &rows), Ok(20));
}

#[test]
fn an_older_reading_and_one_from_elsewhere_cannot_be_allowed() {
    let mut feed = feed(3, 0);
    let taken = |when: &str, name: &str| Reading::Whole(snapshot(&hr(), name, &people(4, 0), at(when)));
    let older = Rejection::Older { taken_at: at("2026-02-28"), accepted: at("2026-03-01") };
    assert_eq!(feed.take("2026-03-02", &taken("2026-02-28", "environment")), Err(vec![older.clone()]));
    assert_eq!(feed.take("2026-03-02", &taken("2026-02-28", "test")), Err(vec![Rejection::OtherOrigin, older]));
    let Examination::Rejected { hash, .. } = feed.examine("2026-03-02", &taken("2026-03-02", "test")) else {
        panic!("accepted");
    };
    feed.allowed.insert(hash);
    assert_eq!(feed.take("2026-03-02", &taken("2026-03-02", "test")), Err(vec![Rejection::OtherOrigin]));
    assert_eq!(feed.take("2026-03-02", &taken("2026-03-01", "environment")), Ok(1), "of the same instant");
}

#[test]
fn a_reading_of_the_future_does_not_count_and_one_of_a_clock_that_is_a_little_ahead_locks_nobody_out() {
    let mut feed = feed(3, 0);
    let ahead = |taken_at| Err(vec![Rejection::Ahead { taken_at: at(taken_at), now: at("2026-03-02") }]);
    for taken_at in ["2026-03-02 04:11", "2099-03-02"] {
        assert_eq!(feed.reads_of("2026-03-02", taken_at, &people(4, 0)), ahead(taken_at));
        assert_eq!(feed.reads_of("2026-03-02", taken_at, &people(3, 0)), ahead(taken_at), "the same as before");
        let mut changes = changed("2026-03-02", "person 5", &[]);
        changes.taken_at = at(taken_at);
        assert_eq!(feed.take("2026-03-02", &Reading::Changes(changes)), ahead(taken_at));
    }
    assert!(!ahead("2099-03-02").unwrap_err()[0].can_be_allowed());
    assert_eq!(feed.reads_of("2026-03-02", "2026-03-02 04:10", &people(4, 0)), Ok(1));
    // The clock of the source is right again.
    assert_eq!(feed.reads_of("2026-03-02 04:05", "2026-03-02 04:05", &people(5, 0)), Ok(1));
}

#[test]
fn yesterdays_export_again_says_nothing_new_and_does_not_turn_back_time() {
    let mut feed = Feed::new();
    feed.reads("2026-03-02", "person 1");
    assert_eq!(feed.reads_of("2026-03-03", "2026-03-01", "person 1"), Ok(0));
    let accepted = feed.roster.accepted(&hr()).unwrap();
    assert_eq!((accepted.accepted_at, accepted.taken_at), (at("2026-03-03"), at("2026-03-02")));
    assert!(feed.reads_of("2026-03-04", "2026-03-01", "person 2").is_err());
}

#[test]
fn changes_count_only_since_an_accepted_reading() {
    assert_eq!(Feed::new().changes("2026-03-02", "person 1", &[]), Err(vec![Rejection::NotSinceAccepted]));
    assert!(!Rejection::NotSinceAccepted.can_be_allowed());
    let mut feed = feed(20, 0);
    assert_eq!(feed.changes("2026-03-02", "", &["1", "2", "3", "4", "5", "nobody"]), Ok(5));
    let mut other = changed("2026-03-03", "person 21", &[]);
    other.fingerprint = Fingerprint("test".to_owned());
    assert_eq!(feed.take("2026-03-03", &Reading::Changes(other)), Err(vec![Rejection::OtherOrigin]));
    let older = Reading::Changes(changed("2026-03-01", "person 21", &[]));
    assert!(matches!(&feed.take("2026-03-03", &older).unwrap_err()[..], [Rejection::Older { .. }]));
}

#[test]
fn every_rejection_reads_as_a_sentence() {
    let all = [
        Rejection::Empty { had: 7 },
        Rejection::Shrunk { missing: 6, had: 20, limit: 5 },
        Rejection::ContractsMissing { missing: 30, had: 40, limit: 5 },
        Rejection::Hollow { field: "phone".to_owned(), before: 90, now: 10 },
        Rejection::Older { taken_at: at("2026-03-01"), accepted: at("2026-03-02") },
        Rejection::Ahead { taken_at: at("2026-03-03"), now: at("2026-03-02") },
        Rejection::OtherOrigin,
        Rejection::NotSinceAccepted,
    ];
    let text: Vec<String> = all.iter().map(ToString::to_string).collect();
    expect![[r"
        it is empty, and 7 people were known
        6 of 20 people are missing, and at most 5 may be
        30 of 40 contracts in force or to come are missing, and at most 5 may be; see whether the source leaves contracts out
        field `phone` says something for 10 % of the people, and it was 90 %
        it is of 2026-03-01 04:00:00 UTC, and one of 2026-03-02 04:00:00 UTC was accepted
        it is of 2026-03-03 04:00:00 UTC, and it is only 2026-03-02 04:00:00 UTC; set right the clock of the source, or the one here
        it comes from another environment than the accepted one; connect the source to that one again, or, if the people are in another one now, connect it as a source of its own
        its changes do not follow from what was accepted; the source has to be read whole"]]
    .assert_eq(&text.join("\n"));
}

/// Two persons and one contract, announced as a proof says.
fn announced(proof: Completeness) -> Result<usize, String> {
    let all = snapshot(&hr(), "environment", "person 1\n person 2\n contract 1 a 2026-01-01..", at("2026-03-01"));
    let mut builder = SnapshotBuilder::new(hr(), Fingerprint("environment".to_owned()), at("2026-03-01"));
    for person in all.people() {
        builder.person(person.row.clone());
        person.contracts.iter().for_each(|contract| builder.contract(contract.clone()));
    }
    let finished = builder.finish(proof).map_err(|error| error.to_string())?;
    assert_eq!(finished.hash(), all.hash());
    Ok(finished.people().count())
}

#[test]
fn i_02_a_reading_with_other_numbers_than_announced_is_none() {
    assert_eq!(announced(Completeness::EndSeen), Ok(2));
    assert_eq!(announced(Completeness::Persons(2)), Ok(2));
    assert_eq!(announced(Completeness::Rows { persons: 2, contracts: 1 }), Ok(2));
    for (proof, what) in [
        (Completeness::Persons(3), "persons announced 3 and gave 2"),
        (Completeness::Persons(1), "persons announced 1 and gave 2"),
        (Completeness::Rows { persons: 3, contracts: 1 }, "persons announced 3 and gave 2"),
        (Completeness::Rows { persons: 2, contracts: 2 }, "contracts announced 2 and gave 1"),
        (Completeness::Rows { persons: 2, contracts: 0 }, "contracts announced 0 and gave 1"),
    ] {
        let error = announced(proof).unwrap_err();
        assert!(error.contains(what), "{error}");
    }
}
