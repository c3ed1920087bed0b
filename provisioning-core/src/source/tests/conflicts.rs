//! Keys that were given to somebody else, and second records of somebody known.

use expect_test::expect;

use crate::digest::Digest;
use crate::id::RecordId;
use crate::samples::id;
use crate::source::tests::Feed;
use crate::source::{Conflict, Rejection};

fn rows(surname: &str, birth: &str) -> String {
    format!("person 1 surname={surname} birth={birth} phone=1")
}

fn known() -> Feed {
    let mut feed = Feed::new();
    feed.reads("2026-03-01", &rows("Vos", "1980-01-01"));
    feed
}

/// The evidence that a conflict of a record names.
fn evidence(feed: &Feed, record: &str) -> (RecordId, Digest) {
    let record: RecordId = id(record);
    match feed.roster.record(&record).unwrap().conflict {
        Some(Conflict::OtherEvidence { evidence } | Conflict::LooksLike { evidence, .. }) => (record, evidence),
        None => panic!("no conflict"),
    }
}

fn conflicts(feed: &mut Feed, surname: &str, birth: &str) -> bool {
    feed.reads("2026-03-02", &rows(surname, birth));
    feed.roster.record(&id("hr:1")).unwrap().conflict.is_some()
}

#[test]
fn i_07_a_key_whose_identity_is_another_one_is_held() {
    let mut feed = known();
    feed.reads("2026-03-02", &rows("Berg", "1990-02-02").replace("phone=1", "phone=2"));
    feed.check(&expect![[r"
        1 present, since 2026-03-01 [birth=1980-01-01 phone=`1` surname=`Vos`], somebody else?
    "]]);
}

#[test]
fn one_field_that_changes_is_no_other_person() {
    assert!(!conflicts(&mut known(), "Berg", "1980-01-01"));
    assert!(!conflicts(&mut known(), "Vos", "1990-02-02"));
    assert!(!conflicts(&mut known(), "VOS", "1980-01-01"));
    assert!(!conflicts(&mut known(), "Berg", ""));
    assert!(conflicts(&mut known(), "Berg", "1990-02-02"));
}

#[test]
fn with_one_identifying_field_that_one_decides() {
    let mut feed = known();
    feed.settings.identity = vec![id("surname")];
    assert!(conflicts(&mut feed, "Berg", "1980-01-01"));
    let mut none = known();
    none.settings.identity = Vec::new();
    assert!(!conflicts(&mut none, "Berg", "1990-02-02"));
}

#[test]
fn what_said_nothing_before_contradicts_nothing() {
    let mut feed = Feed::new();
    feed.reads("2026-03-01", "person 1 surname=Vos");
    assert!(!conflicts(&mut feed, "Berg", "1980-01-01"));
    let mut torn = Feed::new();
    torn.reads("2026-03-01", &format!("{}\n defect 1 torn", rows("Vos", "1980-01-01")));
    assert!(!conflicts(&mut torn, "Berg", "1990-02-02"));
}

#[test]
fn a_conflict_ends_when_the_row_is_as_before() {
    let mut feed = known();
    assert!(conflicts(&mut feed, "Berg", "1990-02-02"));
    feed.reads("2026-03-03", &rows("Vos", "1980-01-01"));
    feed.check(&expect![[r"
        1 present, since 2026-03-01 [birth=1980-01-01 phone=`1` surname=`Vos`]
    "]]);
}

#[test]
fn evidence_that_somebody_accepted_is_taken_from_the_next_reading() {
    let mut feed = known();
    let other = rows("Berg", "1990-02-02");
    feed.reads("2026-03-02", &other);
    let accepted = evidence(&feed, "hr:1");
    feed.released.insert(accepted);
    assert_eq!(feed.reads("2026-03-03", &other), 1, "though it says the same");
    feed.check(&expect![[r"
        1 present, since 2026-03-03 [birth=1990-02-02 phone=`1` surname=`Berg`]
    "]]);
    assert_eq!(feed.reads("2026-03-04", &other), 0);
}

#[test]
fn evidence_that_was_accepted_frees_no_other() {
    let mut feed = known();
    feed.reads("2026-03-02", &rows("Berg", "1990-02-02"));
    let (_, digest) = evidence(&feed, "hr:1");
    feed.released.insert((id("hr:2"), digest));
    feed.released.insert((id("hr:1"), Digest::ZERO));
    assert_eq!(feed.reads("2026-03-03", &rows("Berg", "1990-02-02")), 0);
    assert!(feed.roster.record(&id("hr:1")).unwrap().conflict.is_some());
}

#[test]
fn changes_lead_to_a_whole_reading_where_evidence_was_accepted() {
    let mut feed = known();
    feed.changes("2026-03-02", &rows("Berg", "1990-02-02"), &[]).unwrap();
    let accepted = evidence(&feed, "hr:1");
    feed.released.insert(accepted);
    assert_eq!(feed.changes("2026-03-03", "", &[]), Err(vec![Rejection::NotSinceAccepted]));
    feed.reads("2026-03-03", &rows("Berg", "1990-02-02"));
    assert_eq!(feed.changes("2026-03-04", "", &[]), Ok(0));
    assert!(feed.roster.record(&id("hr:1")).unwrap().conflict.is_none());
}

#[test]
fn a_new_record_that_says_the_same_as_somebody_known_is_held() {
    let mut feed = known();
    let twin = "person 2 surname=vos birth=1980-01-01";
    feed.reads("2026-03-02", &format!("{}\n {twin}", rows("Vos", "1980-01-01")));
    feed.check(&expect![[r"
        1 present, since 2026-03-01 [birth=1980-01-01 phone=`1` surname=`Vos`]
        2 present, since 2026-03-02 [], hr:1?
    "]]);
    let accepted = evidence(&feed, "hr:2");
    feed.released.insert(accepted);
    feed.reads("2026-03-03", &format!("{}\n {twin}", rows("Vos", "1980-01-01")));
    feed.check(&expect![[r"
        1 present, since 2026-03-01 [birth=1980-01-01 phone=`1` surname=`Vos`]
        2 present, since 2026-03-03 [birth=1980-01-01 surname=`vos`]
    "]]);
}

#[test]
fn a_new_record_with_less_to_say_looks_like_nobody() {
    let mut feed = known();
    feed.reads("2026-03-02", &format!("{}\n person 2 surname=Vos", rows("Vos", "1980-01-01")));
    feed.check(&expect![[r"
        1 present, since 2026-03-01 [birth=1980-01-01 phone=`1` surname=`Vos`]
        2 present, since 2026-03-02 [surname=`Vos`]
    "]]);
}

#[test]
fn a_record_looks_like_what_others_say_now_and_not_like_what_they_said() {
    let mut feed = known();
    feed.reads("2026-03-02", &rows("Berg", "1980-01-01"));
    let now = rows("Berg", "1980-01-01");
    feed.reads("2026-03-03", &format!("{now}\n person 2 surname=Vos birth=1980-01-01"));
    feed.check(&expect![[r"
        1 present, since 2026-03-02 [birth=1980-01-01 phone=`1` surname=`Berg`]
        2 present, since 2026-03-03 [birth=1980-01-01 surname=`Vos`]
    "]]);
    feed.reads(
        "2026-03-04",
        &format!("{now}\n person 2 surname=Vos birth=1980-01-01\n person 3 surname=Berg birth=1980-01-01"),
    );
    feed.check(&expect![[r"
        1 present, since 2026-03-02 [birth=1980-01-01 phone=`1` surname=`Berg`]
        2 present, since 2026-03-03 [birth=1980-01-01 surname=`Vos`]
        3 present, since 2026-03-04 [], hr:1?
    "]]);
}
