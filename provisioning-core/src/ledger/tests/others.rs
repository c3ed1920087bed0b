//! What others did to an account, or seem to have done.

use std::fmt::Write;

use expect_test::expect;

use crate::audit::{
    AccountFact, Directive, Evidence, Fact, Head, OthersDid, PersonDirective, RunDirective, RunFact, Truth,
};
use crate::ledger::tests::{check, held, hired, noted, on_entra, said, suspected};
use crate::ledger::{Mark, Origin};
use crate::samples::{Book, day, id};
use crate::target::{ObservedAccount, Presence, Shown};
use crate::value::Fields;

#[test]
fn a_foreign_delete_forgets_what_the_account_lost_once_it_is_held() {
    let in_bin = Some((Presence::InBin(day("2026-03-04")), Shown::Disabled));
    let cases = [
        (
            in_bin,
            None,
            expect![
                "Deleted { on: 2026-03-04, emptied: false }, entra-hr:1, Delete?, [user_name=`anna`], {sales stock}, deleted by others, of 0"
            ],
            expect![
                "Deleted { on: 2026-03-04, emptied: false }, entra-hr:1, Delete!, [user_name=`anna`], {sales stock}, deleted by others, of 0"
            ],
        ),
        (
            in_bin,
            Some(&["sales"][..]),
            expect![
                "Deleted { on: 2026-03-04, emptied: false }, entra-hr:1, Delete?, [user_name=`anna`], {sales stock}, deleted by others, of 0"
            ],
            expect![
                "Deleted { on: 2026-03-04, emptied: false }, entra-hr:1, Delete!, [user_name=`anna`], {sales}, deleted by others, of 0"
            ],
        ),
        (
            None,
            None,
            expect![
                "Active, entra-hr:1, unwanted 2026-03-04, Delete?, [user_name=`anna`], {sales stock}, missed, of 1"
            ],
            expect![
                "Deleted { on: 2026-03-05, emptied: true }, entra-hr:1, Delete!, [user_name=`anna`], {}, deleted by others, of 0"
            ],
        ),
    ];
    for (shown, holds, suspicion, expected) in cases {
        let mut book = hired();
        noted(&mut book, AccountFact::Unwanted { since: day("2026-03-04") });
        noted(&mut book, suspected(OthersDid::Delete, shown, holds));
        check(&book, &suspicion);
        noted(&mut book, held(OthersDid::Delete, holds));
        check(&book, &expected);
    }
}

#[test]
fn a_suspicion_that_was_wrong_leaves_no_trace() {
    let mut book = hired();
    noted(&mut book, AccountFact::Unwanted { since: day("2026-03-04") });
    let before = book.account("1").clone();
    noted(&mut book, suspected(OthersDid::Delete, None, None));
    assert_eq!(book.ledger.unsettled(&id("entra")).count(), 1);
    assert!(!book.ledger.may_read_changes(&id("entra")));
    noted(&mut book, AccountFact::Found { in_bin: None });
    assert_eq!(*book.account("1"), before);
    assert_eq!(book.ledger.unsettled(&id("entra")).count(), 0);
    assert!(book.ledger.may_read_changes(&id("entra")));
}

#[test]
fn what_a_step_finds_was_not_missing() {
    let mut book = hired();
    noted(&mut book, suspected(OthersDid::Delete, None, None));
    book.became("2026-03-06", "disable 1", Truth::Gone);
    check(&book, &expect!["Active, entra-hr:1, Delete?, [user_name=`anna`], {sales stock}, missed, of 1"]);
    book.did("2026-03-06", "disable 1");
    check(&book, &expect!["Suspended { since: 2026-03-06 }, entra-hr:1, [user_name=`anna`], {sales stock}, of 1"]);
}

#[test]
fn a_release_lets_a_missed_account_be_read_once_more() {
    let mut book = hired();
    noted(&mut book, suspected(OthersDid::Delete, None, None));
    said(&mut book, PersonDirective::Release(on_entra()));
    check(&book, &expect!["Active, entra-hr:1, [user_name=`anna`], {sales stock}, missed, released, of 1"]);
    noted(&mut book, held(OthersDid::Delete, None));
    check(
        &book,
        &expect![
            "Deleted { on: 2026-03-05, emptied: true }, entra-hr:1, [user_name=`anna`], {}, deleted by others, released, of 0"
        ],
    );
}

#[test]
fn what_the_bin_shows_late_can_be_restored() {
    let mut book = hired();
    noted(&mut book, suspected(OthersDid::Delete, None, None));
    noted(&mut book, AccountFact::Found { in_bin: Some(day("2026-03-04")) });
    check(
        &book,
        &expect![
            "Deleted { on: 2026-03-04, emptied: false }, entra-hr:1, Delete?, [user_name=`anna`], {sales stock}, deleted by others, of 0"
        ],
    );
    let mut book = hired();
    book.did("2026-03-04", "disable 1\n delete 1");
    noted(&mut book, AccountFact::Missed);
    check(
        &book,
        &expect![
            "Deleted { on: 2026-03-04, emptied: false }, entra-hr:1, [user_name=`anna`], {sales stock}, missed, of 0"
        ],
    );
    noted(&mut book, AccountFact::Emptied);
    check(
        &book,
        &expect!["Deleted { on: 2026-03-04, emptied: true }, entra-hr:1, [user_name=`anna`], {sales stock}, of 0"],
    );
    noted(&mut book, AccountFact::Found { in_bin: Some(day("2026-03-04")) });
    check(
        &book,
        &expect!["Deleted { on: 2026-03-04, emptied: false }, entra-hr:1, [user_name=`anna`], {sales stock}, of 0"],
    );
}

#[test]
fn a_foreign_restore_is_disabled_or_in_use_as_it_shows() {
    let cases = [
        (
            Shown::Disabled,
            expect![
                "Suspended { since: 2026-03-05 }, entra-hr:1, Delete?, Restore?, [user_name=`anna`], {sales stock}, of 1"
            ],
            expect![
                "Suspended { since: 2026-03-05 }, entra-hr:1, Delete!, Restore!, [user_name=`anna`], {stock}, of 1"
            ],
        ),
        (
            Shown::Enabled,
            expect!["Active, entra-hr:1, Delete?, Restore?, [user_name=`anna`], {sales stock}, of 1"],
            expect!["Active, entra-hr:1, Delete!, Restore!, [user_name=`anna`], {stock}, of 1"],
        ),
    ];
    for (shown, suspicion, expected) in cases {
        let mut book = hired();
        book.did("2026-03-02", "disable 1\n delete 1");
        noted(
            &mut book,
            suspected(OthersDid::Delete, Some((Presence::InBin(day("2026-03-03")), Shown::Disabled)), None),
        );
        noted(&mut book, suspected(OthersDid::Restore, Some((Presence::Live, shown)), Some(&["stock"])));
        check(&book, &suspicion);
        noted(&mut book, held(OthersDid::Delete, Some(&[])));
        noted(&mut book, held(OthersDid::Restore, Some(&["stock"])));
        check(&book, &expected);
    }
}

/// Anna's account, when a backup was acknowledged.
fn acknowledged(book: &mut Book) {
    book.note("2026-03-05", Fact::Run(RunFact::Behind(Evidence::Head { known: Head::EMPTY, found: Head::EMPTY })));
    book.note("2026-03-05", Fact::Said(Directive::Run(RunDirective::AcknowledgeBackup)));
}

#[test]
fn what_was_in_doubt_after_a_backup_is_in_doubt_no_longer_than_that() {
    let is_doubted = |book: &Book| book.account("1").marks.contains(&Mark::CaughtUp);
    let ends: [AccountFact; 5] = [
        AccountFact::Found { in_bin: None },
        AccountFact::OursAfterAll,
        AccountFact::NotOurs,
        AccountFact::Settled,
        AccountFact::EnabledByOthers,
    ];
    let doubts = [
        suspected(OthersDid::Delete, None, None),
        suspected(OthersDid::Disable, Some((Presence::Live, Shown::Disabled)), None),
        AccountFact::Lagging,
    ];
    let mut table = String::new();
    for doubt in &doubts {
        for end in &ends {
            let mut book = hired();
            acknowledged(&mut book);
            noted(&mut book, doubt.clone());
            assert!(is_doubted(&book));
            noted(&mut book, end.clone());
            let entry = book.account("1");
            let is_open = !entry.others.is_empty() || entry.missed_at.is_some() || entry.marks.contains(&Mark::Lagging);
            assert!(is_open || !is_doubted(&book), "{doubt:?} {end:?}");
            write!(table, "{} ", if is_doubted(&book) { "open" } else { "over" }).unwrap();
        }
        table = table.trim_end().to_owned() + "\n";
    }
    expect![[r"
        over over over over open
        open over over over open
        open over over over over
    "]]
    .assert_eq(&table);
}

#[test]
fn an_account_found_after_a_backup_is_ours_where_the_target_is_live() {
    let found = |book: &mut Book| {
        let account = ObservedAccount {
            id: id("x"),
            anchor: Some("hr:1".to_owned()),
            presence: Presence::Live,
            shown: Shown::Enabled,
            attributes: Fields::default(),
            permissions: None,
        };
        noted(book, AccountFact::Regained { account: Box::new(account), names: Vec::new(), day: day("2026-03-05") });
        book.account("1").origin
    };
    let mut live = Book::new();
    live.note("2026-03-01", Fact::Said(Directive::Run(RunDirective::GoLive(id("entra")))));
    assert_eq!(found(&mut live), Origin::Created);
    assert_eq!(found(&mut Book::new()), Origin::Adopted, "anybody may have filled the anchor in");
    assert_eq!(found(&mut hired()), Origin::Created, "one of ours took its place");
}
