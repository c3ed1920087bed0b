//! What a row makes of a record: dates, fields, inverted rows, duplicates, orphans and defects.

use expect_test::expect;

use crate::samples::at;
use crate::source::tests::{Feed, hr};
use crate::testing::snapshot;

#[test]
fn a_new_row_is_known_from_its_day_on_and_again_when_its_dates_change() {
    let mut feed = Feed::new();
    feed.reads("2026-03-01", "person 1\n contract 1 a 2026-01-01..");
    feed.check(&expect![[r"
        1 present, since 2026-03-01 []
          a present, from 2026-01-01, known 2026-03-01, facts 2026-03-01
    "]]);
    assert_eq!(feed.reads("2026-03-02", "person 1\n contract 1 a 2026-01-01..2026-05-31"), 1);
    feed.check(&expect![[r"
        1 present, since 2026-03-01 []
          a present, 2026-01-01 to 2026-05-31, known 2026-03-02, facts 2026-03-01
    "]]);
    assert_eq!(feed.reads("2026-03-03", "person 1\n contract 1 a 2026-01-01..2026-05-31 title=x"), 1);
    feed.check(&expect![[r"
        1 present, since 2026-03-01 []
          a present, 2026-01-01 to 2026-05-31, known 2026-03-02, facts 2026-03-03
    "]]);
    assert_eq!(feed.reads("2026-03-04", "person 1 name=b\n contract 1 a 2026-01-01..2026-05-31 title=x"), 1);
    feed.check(&expect![[r"
        1 present, since 2026-03-04 [name=`b`]
          a present, 2026-01-01 to 2026-05-31, known 2026-03-02, facts 2026-03-03
    "]]);
    // A zone is no date.
    assert_eq!(feed.reads("2026-03-05", "person 1 name=b\n contract 1 a 2026-01-01..2026-05-31 title=x zone=UTC"), 1);
    assert!(feed.shown().contains("known 2026-03-02, facts 2026-03-03"));
}

#[test]
fn the_first_day_and_the_last_may_be_the_same() {
    let mut feed = Feed::new();
    feed.reads("2026-03-01", "person 1\n contract 1 a 2026-03-01..2026-03-01");
    feed.check(&expect![[r"
        1 present, since 2026-03-01 []
          a present, 2026-03-01 to 2026-03-01, known 2026-03-01, facts 2026-03-01
    "]]);
}

#[test]
fn an_end_before_the_start_takes_a_contract_back() {
    let inverted = "person 1
        contract 1 new 2026-01-02..2026-01-01
        contract 1 running 2026-01-02..2026-01-01
        contract 1 today 2026-03-03..2026-03-02
        contract 1 coming 2026-03-04..2026-03-03";
    let mut feed = Feed::new();
    feed.reads(
        "2026-03-01",
        "person 1
        contract 1 running 2026-01-02..2026-06-30
        contract 1 today 2026-03-03..
        contract 1 coming 2026-03-04..",
    );
    feed.reads("2026-03-03", inverted);
    feed.check(&expect![[r"
        1 present, since 2026-03-01 []
          coming withdrawn, never, known 2026-03-03, facts 2026-03-01
          new withdrawn, never, known 2026-03-03, facts 2026-03-03
          running taken back, 2026-01-02 to 2026-03-02, known 2026-03-03, facts 2026-03-01
          today taken back, 2026-03-03 to 2026-03-02, known 2026-03-03, facts 2026-03-01
    "]]);
    // It stays ended when it was read first, however it is inverted later.
    assert_eq!(feed.reads("2026-03-09", &format!("{inverted}\n person 2")), 1);
    assert_eq!(
        feed.reads("2026-03-10", &inverted.replace("running 2026-01-02..2026-01-01", "running 2026-02-02..2026-01-01")),
        2
    );
    feed.check(&expect![[r"
        1 present, since 2026-03-01 []
          coming withdrawn, never, known 2026-03-03, facts 2026-03-01
          new withdrawn, never, known 2026-03-03, facts 2026-03-03
          running taken back, 2026-01-02 to 2026-03-02, known 2026-03-03, facts 2026-03-01
          today taken back, 2026-03-03 to 2026-03-02, known 2026-03-03, facts 2026-03-01
        2 missing 1 times, since 2026-03-09 []
    "]]);
}

#[test]
fn a_contract_that_was_taken_back_and_is_given_again_counts_again() {
    let mut feed = Feed::new();
    feed.reads("2026-03-01", "person 1\n contract 1 a 2026-01-01..\n contract 1 b 2026-05-01..");
    feed.reads("2026-03-02", "person 1\n contract 1 a 2026-01-01..2025-12-31\n contract 1 b 2026-05-01..2026-04-30");
    feed.reads("2026-03-03", "person 1\n contract 1 a 2026-01-01..\n contract 1 b 2026-05-01..");
    feed.check(&expect![[r"
        1 present, since 2026-03-01 []
          a present, from 2026-01-01, known 2026-03-03, facts 2026-03-01
          b present, from 2026-05-01, known 2026-03-03, facts 2026-03-01
    "]]);
}

#[test]
fn a_contract_that_was_taken_back_and_is_missing_is_concluded_in_the_end() {
    let taken_back = "person 1\n contract 1 a 2026-01-01..2025-12-31\n contract 1 b 2026-05-01..2026-04-30";
    let mut feed = Feed::new();
    feed.reads("2026-03-01", "person 1\n contract 1 a 2026-01-01..\n contract 1 b 2026-05-01..");
    feed.reads("2026-03-02", taken_back);
    feed.reads("2026-03-03", "person 1");
    feed.check(&expect![[r"
        1 present, since 2026-03-01 []
          a missing 1 times, 2026-01-01 to 2026-03-01, known 2026-03-02, facts 2026-03-01
          b withdrawn, never, known 2026-03-02, facts 2026-03-01
    "]]);
    feed.reads("2026-03-04", taken_back);
    feed.check(&expect![[r"
        1 present, since 2026-03-01 []
          a taken back, 2026-01-01 to 2026-03-01, known 2026-03-02, facts 2026-03-01
          b withdrawn, never, known 2026-03-02, facts 2026-03-01
    "]]);
    for day in ["2026-03-05", "2026-03-06", "2026-03-07"] {
        feed.reads(day, "person 1");
    }
    feed.check(&expect![[r"
        1 present, since 2026-03-01 []
          a concluded, 2026-01-01 to 2026-03-01, known 2026-03-02, facts 2026-03-01
          b withdrawn, never, known 2026-03-02, facts 2026-03-01
    "]]);
    feed.reads("2026-03-08", taken_back);
    feed.check(&expect![[r"
        1 present, since 2026-03-01 []
          a taken back, 2026-01-01 to 2026-03-01, known 2026-03-02, facts 2026-03-01
          b withdrawn, never, known 2026-03-02, facts 2026-03-01
    "]]);
}

#[test]
fn a_contract_moved_into_the_past_and_taken_back_ends_the_day_before() {
    let mut feed = Feed::new();
    feed.reads("2026-03-01", "person 1\n contract 1 a 2026-01-01..2026-02-10");
    feed.reads("2026-03-02", "person 1\n contract 1 a 2026-01-01..2025-12-31");
    feed.check(&expect![[r"
        1 present, since 2026-03-01 []
          a taken back, 2026-01-01 to 2026-02-10, known 2026-03-01, facts 2026-03-01
    "]]);
}

#[test]
fn a_record_that_cannot_be_used_keeps_its_last_form() {
    let mut feed = Feed::new();
    feed.reads("2026-03-01", "person 1 name=a\n contract 1 a 2026-01-01..");
    let torn = "person 1 name=b\n contract 1 a 2026-01-01..2026-01-02\n defect 1 torn\n defect 1 again\n defect 1 torn";
    feed.reads("2026-03-02", torn);
    feed.check(&expect![[r"
        1 present, since 2026-03-01 [name=`a`], defect: again, defect: torn
          a present, from 2026-01-01, known 2026-03-01, facts 2026-03-01
    "]]);
    feed.reads("2026-03-03", "person 1 name=b\n contract 1 a 2026-01-01..");
    feed.check(&expect![[r"
        1 present, since 2026-03-03 [name=`b`]
          a present, from 2026-01-01, known 2026-03-01, facts 2026-03-01
    "]]);
}

#[test]
fn i_05_a_new_record_that_cannot_be_used_has_nothing_and_touches_nobody() {
    let mut feed = Feed::new();
    feed.reads("2026-03-01", "person 1 name=a\n defect 1 torn\n person 2 name=b\n defect 3 torn");
    feed.check(&expect![[r"
        1 present, since 2026-03-01 [], defect: torn
        2 present, since 2026-03-01 [name=`b`]
        3 present, since 2026-03-01 [], defect: torn
    "]]);
}

#[test]
fn identical_rows_are_one() {
    let mut feed = Feed::new();
    let twice = "person 1 name=a\n person 1 name=a\n contract 1 a 2026-01-01..\n contract 1 a 2026-01-01..";
    feed.reads("2026-03-01", twice);
    feed.check(&expect![[r"
        1 present, since 2026-03-01 [name=`a`]
          a present, from 2026-01-01, known 2026-03-01, facts 2026-03-01
    "]]);
    let once = "person 1 name=a\n contract 1 a 2026-01-01..";
    let hash = |rows| snapshot(&hr(), "environment", rows, at("2026-03-01")).hash();
    assert_eq!(hash(twice), hash(once));
}

#[test]
fn rows_that_differ_under_one_key_are_a_defect_of_their_people() {
    let mut feed = Feed::new();
    feed.reads(
        "2026-03-01",
        "person 1 name=a\n person 1 name=b\n person 2\n person 3\n person 4
        contract 2 a 2026-01-01..\n contract 2 a 2026-01-02..
        contract 3 b 2026-01-01..\n contract 4 b 2026-01-01..",
    );
    feed.check(&expect![[r"
        1 present, since 2026-03-01 [], defect: two rows of the person with the same key say different things
        2 present, since 2026-03-01 [], defect: two rows of contract `a` say different things
        3 present, since 2026-03-01 [], defect: two rows of contract `b` say different things
        4 present, since 2026-03-01 [], defect: two rows of contract `b` say different things
    "]]);
}

#[test]
fn a_contract_without_its_person_is_a_defect_of_nobody_known() {
    let mut feed = Feed::new();
    feed.reads("2026-03-01", "contract 9 a 2026-01-01..\n person 1");
    feed.check(&expect![[r"
        1 present, since 2026-03-01 []
        9 present, since 2026-03-01 [], defect: contract `a` has no person
    "]]);
}

#[test]
fn a_contract_that_moves_to_another_person_is_missing_from_the_first() {
    let mut feed = Feed::new();
    feed.reads("2026-03-01", "person 1\n person 2\n contract 1 a 2026-01-01..");
    feed.reads("2026-03-02", "person 1\n person 2\n contract 2 a 2026-01-01..");
    feed.check(&expect![[r"
        1 present, since 2026-03-01 []
          a missing 1 times, from 2026-01-01, known 2026-03-01, facts 2026-03-01
        2 present, since 2026-03-01 []
          a present, from 2026-01-01, known 2026-03-02, facts 2026-03-02
    "]]);
}

#[test]
fn i_06_the_order_of_rows_does_not_matter() {
    let rows = [
        "person 1 b=1 a=2",
        "contract 1 b 2026-01-01..",
        "contract 1 a 2026-01-01..",
        "department d1 D",
        "department d0 C",
    ];
    let hash = |rows: Vec<&str>| snapshot(&hr(), "environment", &rows.join("\n"), at("2026-03-01")).hash();
    let backwards: Vec<&str> = rows.iter().rev().copied().collect();
    assert_eq!(hash(rows.to_vec()), hash(backwards));
    for changed in [1, 2, 4] {
        let fewer: Vec<&str> = rows.iter().copied().filter(|row| *row != rows[changed]).collect();
        assert_ne!(hash(fewer), hash(rows.to_vec()));
    }
    let elsewhere = snapshot(&hr(), "test", &rows.join("\n"), at("2026-03-01")).hash();
    assert_ne!(elsewhere, hash(rows.to_vec()));
}

#[test]
fn a_reading_that_changes_nothing_leaves_the_revision_and_another_one_does_not() {
    let mut feed = Feed::new();
    feed.reads("2026-03-01", "person 1");
    let first = feed.roster.revision();
    feed.reads("2026-03-02", "person 1");
    assert_eq!(feed.roster.revision(), first);
    feed.reads("2026-03-03", "person 1 name=b");
    let second = feed.roster.revision();
    assert_ne!(second, first);
    feed.reads("2026-03-04", "person 1 name=b\n department d1 D");
    assert_ne!(feed.roster.revision(), second);
}
