//! Who and what is absent from readings: counted down on different days, believed at last, and back again.

use expect_test::expect;

use crate::source::tests::{Feed, hr};

const BOTH: &str = "person 1 name=a\n person 2";

#[test]
fn i_03_somebody_absent_is_missing_until_three_days_agree() {
    let mut feed = Feed::new();
    feed.reads("2026-03-01", BOTH);
    assert_eq!(feed.reads("2026-03-02", "person 2"), 1);
    feed.check(&expect![[r"
        1 missing 1 times, since 2026-03-01 [name=`a`]
        2 present, since 2026-03-01 []
    "]]);
    assert_eq!(feed.reads("2026-03-02 16:00", "person 2"), 0, "the same day does not count");
    assert_eq!(feed.reads("2026-03-03", "person 2"), 1);
    feed.check(&expect![[r"
        1 missing 2 times, since 2026-03-01 [name=`a`]
        2 present, since 2026-03-01 []
    "]]);
    assert_eq!(feed.reads("2026-03-05", "person 2"), 1);
    feed.check(&expect![[r"
        1 gone, since 2026-03-01 [name=`a`]
        2 present, since 2026-03-01 []
    "]]);
    assert_eq!(feed.reads("2026-03-06", "person 2"), 0);
}

#[test]
fn a_reading_in_another_form_counts_as_one_that_says_the_same() {
    let mut feed = Feed::new();
    feed.reads("2026-03-01", BOTH);
    feed.reads("2026-03-02", "person 2");
    feed.reads("2026-03-03", "person 2 name=b");
    feed.reads("2026-03-04", "person 2 name=b");
    feed.check(&expect![[r"
        1 gone, since 2026-03-01 [name=`a`]
        2 present, since 2026-03-03 [name=`b`]
    "]]);
}

#[test]
fn somebody_who_is_back_is_as_before() {
    let mut feed = Feed::new();
    feed.reads("2026-03-01", &format!("{BOTH}\n contract 1 a 2026-01-01.."));
    let before = feed.shown();
    feed.reads("2026-03-02", "person 2");
    feed.reads("2026-03-03", &format!("{BOTH}\n contract 1 a 2026-01-01.."));
    assert_eq!(feed.shown(), before);
    // The countdown starts anew.
    feed.reads("2026-03-04", "person 2");
    feed.check(&expect![[r"
        1 missing 1 times, since 2026-03-01 [name=`a`]
          a missing 1 times, from 2026-01-01, known 2026-03-01, facts 2026-03-01
        2 present, since 2026-03-01 []
    "]]);
}

#[test]
fn the_day_of_a_countdown_is_that_of_the_person() {
    let rows = "person 1 zone=Pacific/Kiritimati\n person 2";
    let mut feed = Feed::new();
    feed.reads("2026-03-01", rows);
    feed.reads("2026-03-02 09:00", "person 2");
    assert_eq!(feed.reads("2026-03-02 09:30", "person 2"), 0);
    assert_eq!(feed.reads("2026-03-02 10:30", "person 2"), 1, "the third of March in Kiritimati");
}

#[test]
fn the_days_of_a_contract_are_those_of_its_own_zone() {
    let rows = "person 1\n contract 1 a 2026-01-01.. zone=Pacific/Kiritimati\n contract 1 b 2026-01-01..";
    let mut feed = Feed::new();
    feed.reads("2026-03-01 10:30", rows);
    for time in ["2026-03-02 09:00", "2026-03-02 10:30", "2026-03-03 10:30"] {
        feed.reads(time, "person 1");
    }
    feed.check(&expect![[r"
        1 present, since 2026-03-01 []
          a concluded, 2026-01-01 to 2026-03-03, known 2026-03-04, facts 2026-03-02
          b missing 2 times, from 2026-01-01, known 2026-03-01, facts 2026-03-01
    "]]);
    // Taken back as well: it is the fourth there, the day on which it starts.
    let mut feed = Feed::new();
    feed.reads("2026-03-01", "person 1\n contract 1 a 2026-03-04.. zone=Pacific/Kiritimati");
    feed.reads("2026-03-03 10:30", "person 1\n contract 1 a 2026-03-04..2026-03-03 zone=Pacific/Kiritimati");
    assert!(feed.shown().contains("a taken back, 2026-03-04 to 2026-03-03, known 2026-03-04"), "{}", feed.shown());
}

const CONTRACTS: &str = "person 1
    contract 1 ended 2026-01-01..2026-01-31
    contract 1 ends 2026-01-01..2026-12-31
    contract 1 open 2026-01-01..
    contract 1 starts 2026-03-03..
    contract 1 later 2026-03-05..";

#[test]
fn a_contract_that_is_gone_was_never_or_ends_as_far_as_it_had_come() {
    let mut feed = Feed::new();
    feed.reads("2026-03-01", CONTRACTS);
    feed.reads("2026-03-02", "person 1");
    feed.check(&expect![[r"
        1 present, since 2026-03-01 []
          ended missing 1 times, 2026-01-01 to 2026-01-31, known 2026-03-01, facts 2026-03-01
          ends missing 1 times, 2026-01-01 to 2026-12-31, known 2026-03-01, facts 2026-03-01
          later missing 1 times, from 2026-03-05, known 2026-03-01, facts 2026-03-01
          open missing 1 times, from 2026-01-01, known 2026-03-01, facts 2026-03-01
          starts missing 1 times, from 2026-03-03, known 2026-03-01, facts 2026-03-01
    "]]);
    feed.reads("2026-03-03", "person 1");
    assert_eq!(feed.reads("2026-03-03 05:00", "person 1"), 0);
    feed.reads("2026-03-04", "person 1");
    feed.check(&expect![[r"
        1 present, since 2026-03-01 []
          ended concluded, 2026-01-01 to 2026-01-31, known 2026-03-01, facts 2026-03-01
          ends concluded, 2026-01-01 to 2026-12-31, known 2026-03-01, facts 2026-03-01
          later withdrawn, never, known 2026-03-04, facts 2026-03-01
          open concluded, 2026-01-01 to 2026-03-03, known 2026-03-04, facts 2026-03-01
          starts concluded, 2026-03-03 to 2026-03-03, known 2026-03-04, facts 2026-03-01
    "]]);
    assert_eq!(feed.reads("2026-03-05", "person 1"), 0);
    feed.reads("2026-03-06", CONTRACTS);
    feed.check(&expect![[r"
        1 present, since 2026-03-01 []
          ended present, 2026-01-01 to 2026-01-31, known 2026-03-01, facts 2026-03-01
          ends present, 2026-01-01 to 2026-12-31, known 2026-03-01, facts 2026-03-01
          later present, from 2026-03-05, known 2026-03-06, facts 2026-03-01
          open present, from 2026-01-01, known 2026-03-06, facts 2026-03-01
          starts present, from 2026-03-03, known 2026-03-06, facts 2026-03-01
    "]]);
}

#[test]
fn the_contracts_of_somebody_missing_are_counted_down_too() {
    let mut feed = Feed::new();
    feed.reads("2026-03-01", &format!("{CONTRACTS}\n person 2"));
    for day in ["2026-03-02", "2026-03-03", "2026-03-04"] {
        feed.reads(day, "person 2");
    }
    feed.check(&expect![[r"
        1 gone, since 2026-03-01 []
          ended concluded, 2026-01-01 to 2026-01-31, known 2026-03-01, facts 2026-03-01
          ends concluded, 2026-01-01 to 2026-12-31, known 2026-03-01, facts 2026-03-01
          later withdrawn, never, known 2026-03-04, facts 2026-03-01
          open concluded, 2026-01-01 to 2026-03-03, known 2026-03-04, facts 2026-03-01
          starts concluded, 2026-03-03 to 2026-03-03, known 2026-03-04, facts 2026-03-01
        2 present, since 2026-03-01 []
    "]]);
}

#[test]
fn an_end_that_passes_while_a_contract_is_missing_stays_its_end() {
    let mut feed = Feed::new();
    feed.reads("2026-03-01", "person 1\n contract 1 a 2026-01-01..2026-03-02");
    feed.reads("2026-03-02", "person 1");
    feed.reads("2026-03-03", "person 1");
    feed.reads("2026-03-04", "person 1");
    feed.check(&expect![[r"
        1 present, since 2026-03-01 []
          a concluded, 2026-01-01 to 2026-03-02, known 2026-03-01, facts 2026-03-01
    "]]);
}

#[test]
fn changes_count_those_on_who_are_not_named() {
    let mut feed = Feed::new();
    feed.reads("2026-03-01", &format!("{BOTH}\n person 3\n contract 3 c 2026-01-01..\n contract 3 d 2026-01-01.."));
    feed.changes("2026-03-02", "person 3\n contract 3 c 2026-01-01..", &["1"]).unwrap();
    feed.check(&expect![[r"
        1 missing 1 times, since 2026-03-01 [name=`a`]
        2 present, since 2026-03-01 []
        3 present, since 2026-03-01 []
          c present, from 2026-01-01, known 2026-03-01, facts 2026-03-01
          d missing 1 times, from 2026-01-01, known 2026-03-01, facts 2026-03-01
    "]]);
    assert_eq!(feed.changes("2026-03-02 09:00", "", &[]), Ok(0));
    assert_eq!(feed.changes("2026-03-03", "", &[]), Ok(2));
    feed.check(&expect![[r"
        1 missing 2 times, since 2026-03-01 [name=`a`]
        2 present, since 2026-03-01 []
        3 present, since 2026-03-01 []
          c present, from 2026-01-01, known 2026-03-01, facts 2026-03-01
          d missing 2 times, from 2026-01-01, known 2026-03-01, facts 2026-03-01
    "]]);
    assert_eq!(feed.changes("2026-03-04", "person 1 name=a", &[]), Ok(2));
    feed.check(&expect![[r"
        1 present, since 2026-03-01 [name=`a`]
        2 present, since 2026-03-01 []
        3 present, since 2026-03-01 []
          c present, from 2026-01-01, known 2026-03-01, facts 2026-03-01
          d concluded, 2026-01-01 to 2026-03-03, known 2026-03-04, facts 2026-03-01
    "]]);
}

#[test]
fn changes_leave_everybody_else_as_before() {
    let mut feed = Feed::new();
    feed.reads("2026-03-01", BOTH);
    assert_eq!(feed.changes("2026-03-02", "person 2 name=b", &[]), Ok(1));
    feed.check(&expect![[r"
        1 present, since 2026-03-01 [name=`a`]
        2 present, since 2026-03-02 [name=`b`]
    "]]);
    let hash = feed.roster.accepted(&hr()).unwrap().hash;
    assert_eq!(feed.changes("2026-03-03", "", &[]), Ok(0));
    let accepted = feed.roster.accepted(&hr()).unwrap();
    assert_eq!(accepted.hash, hash, "nothing new keeps the hash");
    assert_eq!(accepted.cursor.as_ref().map(|cursor| cursor.0.as_str()), Some("2026-03-03"));
    assert_eq!(feed.changes("2026-03-03", "person 2 name=c", &["9"]), Ok(1));
    assert_ne!(feed.roster.accepted(&hr()).unwrap().hash, hash);
}

#[test]
fn i_03_somebody_who_is_back_in_a_row_that_cannot_be_used_is_not_absent() {
    let all = "person 1 surname=Vos birth=1980-01-01\n contract 1 a 2026-01-01..\n person 2";
    let torn = format!("{all}\n defect 1 torn");
    let conflicting = all.replace("Vos", "Berg").replace("1980", "1990");
    for (row, why) in [(&torn, "defect: torn"), (&conflicting, "somebody else?")] {
        let mut feed = Feed::new();
        feed.reads("2026-03-01", all);
        feed.reads("2026-03-02", "person 2");
        feed.reads("2026-03-03", row);
        let back = feed.shown();
        assert!(back.contains("1 missing 1 times") && back.contains(why), "{back}");
        assert_eq!(feed.reads("2026-03-04", row), 0);
        assert_eq!(feed.changes("2026-03-05", "", &[]), Ok(0));
        assert_eq!(feed.changes("2026-03-06", "person 2 phone=1", &[]), Ok(1));
        // From where it was, once the row is away again.
        feed.changes("2026-03-07", "", &["1"]).unwrap();
        assert!(feed.shown().starts_with("1 missing 2 times"), "{}", feed.shown());
        feed.reads("2026-03-08", all);
        assert!(feed.shown().starts_with("1 present"), "{}", feed.shown());
    }
}

#[test]
fn a_record_that_cannot_be_used_is_not_counted_down_unless_it_is_missing() {
    let mut feed = Feed::new();
    feed.reads("2026-03-01", "person 1\n contract 1 a 2026-01-01..\n contract 1 b 2026-01-01..\n person 2");
    feed.reads("2026-03-02", "person 1\n contract 1 a 2026-01-01..\n person 2");
    feed.reads("2026-03-03", "person 1\n contract 1 a 2026-01-01..\n defect 1 torn\n person 2");
    feed.check(&expect![[r"
        1 present, since 2026-03-01 [], defect: torn
          a present, from 2026-01-01, known 2026-03-01, facts 2026-03-01
          b missing 1 times, from 2026-01-01, known 2026-03-01, facts 2026-03-01
        2 present, since 2026-03-01 []
    "]]);
    assert_eq!(feed.changes("2026-03-04", "", &[]), Ok(0));
    feed.reads("2026-03-05", "person 2");
    feed.check(&expect![[r"
        1 missing 1 times, since 2026-03-01 []
          a missing 1 times, from 2026-01-01, known 2026-03-01, facts 2026-03-01
          b missing 2 times, from 2026-01-01, known 2026-03-01, facts 2026-03-01
        2 present, since 2026-03-01 []
    "]]);
}
