//! Keys that were given to somebody else, and second records of somebody known.

use expect_test::expect;

use crate::audit::{AccountFact, Fact};
use crate::digest::Digest;
use crate::id::RecordId;
use crate::samples::{Book, day, id, key};
use crate::source::tests::{Feed, changed};
use crate::source::{Conflict, Reading, Rejection};

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
        Some(
            Conflict::OtherEvidence { evidence } | Conflict::LooksLike { evidence, .. } | Conflict::Erased { evidence },
        ) => (record, evidence),
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
fn i_07_of_new_records_that_say_the_same_in_one_reading_the_lowest_key_counts() {
    let row = |key| format!("person {key} surname=Vos birth=1980-01-01\n");
    let held = expect![[r"
        1 present, since 2026-03-02 [birth=1980-01-01 surname=`Vos`]
        2 present, since 2026-03-02 [], hr:1?
        3 present, since 2026-03-02 [], hr:1?
        9 present, since 2026-03-01 []
    "]];
    for order in [[1, 2, 3], [3, 2, 1], [2, 3, 1]] {
        let (mut whole, mut changes) = (Feed::new(), Feed::new());
        whole.reads("2026-03-01", "person 9");
        changes.reads("2026-03-01", "person 9");
        whole.reads("2026-03-02", &format!("person 9\n{}", order.map(row).concat()));
        whole.check(&held);
        let mut news = changed("2026-03-02", &order.map(row).concat(), &[]);
        news.people.sort_by_key(|person| order.iter().position(|key| person.row.key == id(&key.to_string())));
        changes.take("2026-03-02", &Reading::Changes(news)).unwrap();
        changes.check(&held);
        // It stays so, until somebody says otherwise.
        whole.reads("2026-03-03", &format!("person 9 phone=1\n{}", order.map(row).concat()));
        assert!(whole.shown().contains("2 present, since 2026-03-02 [], hr:1?"), "{}", whole.shown());
        let accepted = evidence(&whole, "hr:3");
        whole.released.insert(accepted);
        whole.reads("2026-03-04", &format!("person 9 phone=1\n{}", order.map(row).concat()));
        assert!(whole.shown().contains("3 present, since 2026-03-04 [birth"), "{}", whole.shown());
    }
}

#[test]
fn i_07_somebody_known_counts_before_a_new_record_with_a_lower_key() {
    let mut feed = Feed::new();
    let known = "person 5 surname=Vos birth=1980-01-01\n contract 5 a 2026-01-01..";
    feed.reads("2026-03-01", known);
    let married = known.replace("Vos", "Bos");
    feed.reads("2026-03-02", &format!("person 1 surname=bos birth=1980-01-01\n{married}"));
    feed.check(&expect![[r"
        1 present, since 2026-03-02 [], hr:5?
        5 present, since 2026-03-02 [birth=1980-01-01 surname=`Bos`]
          a present, from 2026-01-01, known 2026-03-01, facts 2026-03-01
    "]]);
    // Those whose row is not used are nobody's equal.
    let reused = "person 5 surname=Berg birth=1990-02-02";
    feed.reads(
        "2026-03-03",
        &format!(
            "person 3 surname=a birth=1970-01-01\n defect 3 torn\n{reused}
        person 6 surname=Berg birth=1990-02-02\n person 7 surname=a birth=1970-01-01"
        ),
    );
    let shown = feed.shown();
    assert!(shown.contains("6 present, since 2026-03-03 [birth=1990-02-02 surname=`Berg`]\n"), "{shown}");
    assert!(shown.contains("7 present, since 2026-03-03 [birth=1970-01-01 surname=`a`]\n"), "{shown}");
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

#[test]
fn nothing_is_kept_of_a_row_whose_person_was_erased_until_somebody_accepts_it() {
    let mut feed = Feed::new();
    let mut book = Book::new();
    book.note("2026-02-01", Fact::Account(key("1"), AccountFact::Wanted));
    book.erase("2026-02-02", "hr:1").unwrap();
    feed.tombstones = book.ledger.tombstones().clone();
    feed.reads("2026-03-01", &format!("{}\ncontract 1 a 2026-03-01..\nperson 2", rows("Vos", "1980-01-01")));
    feed.check(&expect![[r"
        1 present, since 2026-03-01 [], erased
        2 present, since 2026-03-01 []
    "]]);
    let released = evidence(&feed, "hr:1");
    feed.released.insert(released);
    feed.reads("2026-03-02", &format!("{}\ncontract 1 a 2026-03-01..\nperson 2", rows("Vos", "1980-01-01")));
    feed.check(&expect![[r"
        1 present, since 2026-03-02 [birth=1980-01-01 phone=`1` surname=`Vos`]
          a present, from 2026-03-01, known 2026-03-02, facts 2026-03-02
        2 present, since 2026-03-01 []
    "]]);
}

#[test]
fn a_record_that_is_forgotten_is_as_if_no_reading_had_brought_it() {
    let mut feed = Feed::new();
    let one = format!("{}\ncontract 1 a 2026-03-01..2026-03-31", rows("Vos", "1980-01-01"));
    let two = "person 2\ncontract 2 b 2026-03-01..2026-03-31";
    feed.reads("2026-03-01", &format!("{one}\n{two}"));
    feed.roster.forget([&id("hr:1"), &id("hr:9")]);
    let leaving: Vec<u32> = feed.roster.leaving_from(day("2026-03-01")).map(|(_, count)| count).collect();
    assert_eq!((feed.roster.len(), leaving), (1, vec![1]));
    // Nobody is missing, and nobody else looks like whoever is forgotten.
    feed.settings.guards.max_missing_percent = 0;
    assert_eq!(feed.reads_of("2026-03-02", "2026-03-02", two), Ok(0));
    let why = feed.reads_of("2026-03-03", "2026-03-03", "").unwrap_err();
    assert_eq!(why, [Rejection::Empty { had: 1 }]);
    feed.reads("2026-03-03", &format!("{}\n{two}", rows("Vos", "1980-01-01").replace("person 1", "person 3")));
    feed.check(&expect![[r"
        2 present, since 2026-03-01 []
          b present, 2026-03-01 to 2026-03-31, known 2026-03-01, facts 2026-03-01
        3 present, since 2026-03-03 [birth=1980-01-01 phone=`1` surname=`Vos`]
    "]]);
}
