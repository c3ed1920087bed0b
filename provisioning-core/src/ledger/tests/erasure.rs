//! Erasing a person: what stands in the way, what is left, and what it still does.

use std::fmt::Write;

use expect_test::expect;

use crate::audit::{
    AccountFact, Directive, Evidence, Fact, OthersDid, PersonDirective, ReadingFact, Record, RunDirective, RunFact,
    Settlement, Truth, Verdict, verify,
};
use crate::digest::Digest;
use crate::id::AccountKey;
use crate::ledger::tests::{held, hired, noted, said};
use crate::ledger::{CannotErase, ErasureRequest, Ledger};
use crate::plan::{StepKind, Timing};
use crate::samples::{Book, at, day, id, key, name_key, roster, settings};
use crate::source::Roster;
use crate::target::{Observation, Observations, ObservedAccount, Presence, Shown, TargetChanges, TargetReading};
use crate::value::Fields;

/// Anna had accounts on two targets, and is linked to a second record; nothing of hers is there any more.
fn left() -> Book {
    let mut book = hired();
    book.did("2026-03-02", "create ad/1 user_name=anna");
    link(&mut book, "hr:1", "hr:9");
    for account in ["1", "ad/1"] {
        book.became("2026-03-05", &format!("delete {account}"), Truth::Gone);
    }
    book
}

fn link(book: &mut Book, to: &str, record: &str) {
    book.note("2026-03-03", Fact::Said(Directive::Person(id(to), PersonDirective::Link(id(record)))));
}

/// The chain is whole, and folding what is left gives the ledger.
fn is_proven(book: &Book) {
    assert_eq!(book.ledger.refolded(&book.sealed).as_ref(), Ok(&book.ledger));
    assert_eq!(verify(&book.sealed, Some(book.ledger.head())), Verdict::Whole);
}

#[test]
fn what_stands_in_the_way_of_an_erasure_is_said() {
    let open = |book: &mut Book| {
        book.sent("2026-03-05", "update 1 phone=1");
    };
    let deleted = |book: &mut Book| book.did("2026-03-06", "disable 1\n delete 1");
    let on_hold = |book: &mut Book| {
        book.became("2026-03-06", "delete 1", Truth::Gone);
        said(book, PersonDirective::LegalHold(true));
    };
    let of_another_record = |book: &mut Book| {
        book.did("2026-03-02", "create 9 user_name=berta");
        link(book, "hr:9", "hr:1");
        book.became("2026-03-06", "delete 1", Truth::Gone);
    };
    let cases: [&dyn Fn(&mut Book); 5] = [&|_| {}, &open, &deleted, &on_hold, &of_another_record];
    let mut table = String::new();
    for case in cases {
        let mut book = hired();
        case(&mut book);
        let before = book.ledger.clone();
        writeln!(table, "{}", book.erase("2026-04-05", "hr:1").unwrap_err()).unwrap();
        assert_eq!(book.ledger, before);
    }
    writeln!(table, "{}", hired().erase("2026-04-05", "hr:7").unwrap_err()).unwrap();
    expect![[r"
        entra/hr:1 is still there; let it be deleted at the end of its grace first
        a step on entra/hr:1 has no outcome yet; let another run read the target first
        entra/hr:1 can be restored until 2026-04-05; erase after that day
        a legal hold stands on `hr:1`; lift it first
        entra/hr:9 is still there; let it be deleted at the end of its grace first
        nobody is known as `hr:7`; look up the source and the key
    "]]
    .assert_eq(&table);
}

#[test]
fn an_account_in_the_recycle_bin_waits_until_nobody_can_restore_it() {
    let mut book = hired();
    book.did("2026-03-06", "disable 1\n delete 1");
    assert!(book.erase("2026-04-05", "hr:1").is_err());
    let mut emptied = book.ledger.clone();
    assert!(book.erase("2026-04-06", "hr:1").is_ok());
    let record =
        Record { at: at("2026-03-07"), actor: id("engine"), fact: Fact::Account(key("1"), AccountFact::Emptied) };
    emptied.fold(&record, emptied.head());
    let request = ErasureRequest { person: id("hr:1"), actor: id("officer"), at: at("2026-03-08") };
    assert!(emptied.erasing(&request, (&Roster::default(), &Observations::new()), &settings()).is_ok());
}

#[test]
fn somebody_with_a_contract_that_is_not_over_is_not_erased() {
    let ledger = Ledger::new(id("t"), name_key());
    let settings = settings();
    let roster = roster(&settings, &[("2026-03-01", "person 1\ncontract 1 a 2026-02-01..2026-03-31\nperson 2")]);
    let erasing = |person: &str, now: &str| {
        let request = ErasureRequest { person: id(person), actor: id("officer"), at: at(now) };
        ledger.erasing(&request, (&roster, &Observations::new()), &settings).map_err(|why| why.to_string())
    };
    expect!["record `hr:1` has a contract that is not over; end it in the source, and let a run read that, first"]
        .assert_eq(&erasing("hr:1", "2026-03-31").unwrap_err());
    assert!(erasing("hr:1", "2026-04-01").is_ok());
    assert!(erasing("hr:2", "2026-03-01").is_ok(), "nobody without a contract is held up");
}

#[test]
fn an_account_that_a_target_shows_stands_in_the_way_whatever_the_ledger_says() {
    let asked = |book: &Book, account: ObservedAccount| {
        let mut observation = Observation::default();
        let changes = TargetChanges { accounts: vec![account], ..TargetChanges::default() };
        observation.apply(TargetReading::Whole(changes));
        let observations = Observations::from([(id("entra"), &observation)]);
        let request = ErasureRequest { person: id("hr:9"), actor: id("officer"), at: at("2026-04-05") };
        book.ledger.erasing(&request, (&Roster::default(), &observations), &settings()).map(|_| ())
    };
    let account = |id: &str, anchor: Option<&str>, presence| ObservedAccount {
        id: self::id(id),
        anchor: anchor.map(str::to_owned),
        presence,
        shown: Shown::Disabled,
        attributes: Fields::default(),
        permissions: None,
    };
    let bin = |on| Presence::InBin(day(on));
    let in_the_way = [
        account("entra-hr:1", None, Presence::Live),
        account("entra-hr:1", None, bin("2026-03-06")),
        account("x", Some("hr:1"), Presence::Live),
        account("x", Some("hr:9"), bin("2026-03-06")),
        account("x", Some("hr:1#admin"), Presence::Live),
    ];
    for account in in_the_way {
        let expected = CannotErase::Shown { target: id("entra"), id: account.id.clone() };
        assert_eq!(asked(&left(), account), Err(expected));
    }
    let not_theirs = [
        account("entra-hr:1", None, bin("2026-03-05")),
        account("x", Some("hr:2"), Presence::Live),
        account("x", None, Presence::Live),
    ];
    for account in not_theirs {
        assert_eq!(asked(&left(), account), Ok(()));
    }
    let mut copied = left();
    noted(&mut copied, AccountFact::Copied { account: id("x") });
    assert_eq!(asked(&copied, account("x", Some("hr:1"), Presence::Live)), Ok(()), "it is known not to be ours");
    expect!["`entra` shows account `x`, which is or was the person's; delete it there for good, or take its anchor away, and let a run read that first"]
        .assert_eq(&asked(&left(), account("x", Some("hr:1"), Presence::Live)).unwrap_err().to_string());
}

#[test]
fn a_target_that_is_not_used_any_more_does_not_hold_up_an_erasure() {
    let mut book = left();
    let accounts = vec![(AccountKey { target: id("former"), ..key("1") }, id("other"))];
    book.note("2026-03-06", Fact::Run(RunFact::Behind(Evidence::Ahead { target: id("former"), accounts })));
    book.note("2026-03-06", Fact::Said(Directive::Run(RunDirective::AcknowledgeBackup)));
    book.note("2026-03-06", Fact::Reading(ReadingFact::Compared { target: id("entra") }));
    book.note("2026-03-06", Fact::Reading(ReadingFact::Compared { target: id("ad") }));
    assert!(book.erase("2026-03-07", "hr:1").is_ok());
}

#[test]
fn nobody_is_erased_whom_somebody_else_may_be() {
    let mut settings = settings();
    settings.identity = vec![id("surname"), id("birth")];
    let rows = "person 1 surname=Vos birth=1980-01-01\nperson 2 surname=vos birth=1980-01-01";
    let roster = roster(&settings, &[("2026-03-01", rows.split_once('\n').unwrap().0), ("2026-03-02", rows)]);
    let ledger = Ledger::new(id("t"), name_key());
    let erasing = |ledger: &Ledger, person: &str| {
        let request = ErasureRequest { person: id(person), actor: id("officer"), at: at("2026-03-03") };
        ledger.erasing(&request, (&roster, &Observations::new()), &settings).map(|_| ()).map_err(|why| why.to_string())
    };
    expect!["record `hr:2` looks like `hr:1`; link the two, or accept that they are two people, first"]
        .assert_eq(&erasing(&ledger, "hr:1").unwrap_err());
    assert_eq!(erasing(&ledger, "hr:2"), Ok(()));
}

#[test]
fn i_56_an_erasure_leaves_nothing_that_says_who_it_was() {
    let mut book = left();
    let erasure = book.erase("2026-03-06", "hr:9").unwrap();
    is_proven(&book);
    let left: Vec<&str> = book.sealed.iter().filter_map(|sealed| Some(&*sealed.content.as_ref()?.1)).collect();
    assert_eq!(left.len(), 1, "all other records were hers");
    for text in [left[0].to_owned(), format!("{:?}", book.ledger)] {
        for personal in ["hr:1", "hr:9", "anna", "\"1\"", "sales"] {
            assert!(!text.contains(personal), "`{personal}` in {text}");
        }
    }
    assert_eq!((erasure.tombstones.len(), erasure.names.len()), (2, 2));
    for record in ["hr:1", "hr:9"] {
        assert!(book.ledger.tombstones().of(&id(record)).is_some());
    }
    assert_eq!(book.ledger.tombstones().of(&id("hr:2")), None);
    assert_eq!(book.ledger.people().count(), 0);
}

#[test]
fn the_name_of_somebody_who_was_erased_is_nobodys() {
    let mut book = left();
    let is_kept = |book: &Book, person: &str, name: &str| book.ledger.is_kept_from(&id(person), &id("entra"), name);
    assert_eq!((is_kept(&book, "hr:1", "anna"), is_kept(&book, "hr:2", "anna")), (false, true));
    book.erase("2026-03-06", "hr:1").unwrap();
    assert_eq!(book.ledger.name_owner(&id("entra"), "anna"), None);
    assert_eq!((is_kept(&book, "hr:1", "anna"), is_kept(&book, "hr:2", "anna")), (true, true));
    assert!(!is_kept(&book, "hr:2", "berta"));
    assert!(!book.ledger.is_kept_from(&id("hr:2"), &id("other"), "anna"));
    // Somebody who bears it all the same, as by a hand on the target, may go on bearing it.
    book.did("2026-03-07", "create 2 user_name=Anna");
    assert_eq!((is_kept(&book, "hr:2", "anna"), is_kept(&book, "hr:3", "anna")), (false, true));
    is_proven(&book);
}

#[test]
fn steps_of_the_erased_still_count_and_approvals_stay_used_up() {
    let mut book = hired();
    book.approved("2026-03-05", "disable 1\ndisable 2");
    book.did("2026-03-05", "disable 1");
    book.did("2026-03-05", "expected create 2");
    book.became("2026-03-05", "delete 1", Truth::Gone);
    let since = |book: &Book, kind| book.ledger.done_since(&id("entra"), kind, Timing::Surprising, day("2026-03-01"));
    let kinds = [StepKind::Create, StepKind::Grant, StepKind::Disable, StepKind::Delete];
    let before = kinds.map(|kind| since(&book, kind));
    assert_eq!(before, [1, 2, 0, 1], "what was approved is not counted");
    let erasure = book.erase("2026-03-06", "hr:1").unwrap();
    assert_eq!(kinds.map(|kind| since(&book, kind)), before);
    let counted: u32 = erasure.counted.iter().map(|one| one.count).sum();
    assert_eq!((counted, erasure.spent.len()), (5, 1));
    assert_eq!(book.ledger.approvals()[0].actions.len(), 1);
    is_proven(&book);
}

#[test]
fn a_record_names_a_person_in_every_position() {
    let of = |person: &str, said| Fact::Said(Directive::Person(id(person), said));
    let evidence = Digest([1; 32]);
    let mut book = Book::new();
    let theirs = [
        of("hr:1", PersonDirective::Block),
        of("hr:2", PersonDirective::Link(id("hr:1"))),
        of("hr:1", PersonDirective::Link(id("hr:2"))),
        of("hr:2", PersonDirective::Accept { record: id("hr:1"), evidence }),
        of("hr:1", PersonDirective::Accept { record: id("hr:2"), evidence }),
        Fact::Account(key("1#admin"), AccountFact::Wanted),
    ];
    let of_others = [
        of("hr:2", PersonDirective::LegalHold(true)),
        of("hr:2", PersonDirective::Link(id("hr:3"))),
        Fact::Account(key("2"), held(OthersDid::Disable, None)),
    ];
    theirs.into_iter().chain(of_others).for_each(|fact| book.note("2026-03-01", fact));
    let sent = [book.sent("2026-03-02", "grant 1 sales"), book.sent("2026-03-02", "grant 2 sales")];
    book.sent("2026-03-02", "ensure sales Sales");
    for intent in sent {
        book.note("2026-03-03", Fact::Outcome(intent, Settlement::NotDone));
    }
    link(&mut book, "hr:2", "hr:2");
    link(&mut book, "hr:1", "hr:1");
    book.erase("2026-03-06", "hr:1").unwrap();
    let erased: Vec<u64> = book.sealed.iter().filter(|one| one.content.is_none()).map(|one| one.place).collect();
    assert_eq!(erased, [0, 1, 2, 3, 4, 5, 9, 12, 15]);
    is_proven(&book);
}

#[test]
fn somebody_can_be_erased_again_after_coming_back() {
    let mut book = left();
    book.erase("2026-03-06", "hr:1").unwrap();
    let tombstone = book.ledger.tombstones().of(&id("hr:1")).unwrap();
    said(&mut book, PersonDirective::Accept { record: id("hr:1"), evidence: tombstone });
    book.did("2026-03-07", "create 1 user_name=anna2");
    noted(&mut book, AccountFact::Unwanted { since: day("2026-03-07") });
    book.became("2026-03-08", "delete 1", Truth::Gone);
    assert_eq!(book.ledger.released().len(), 1);
    book.erase("2026-03-09", "hr:1").unwrap();
    assert!(book.ledger.released().is_empty(), "who comes back once more is doubted once more");
    is_proven(&book);
}

#[test]
fn i_55_what_an_erasure_handles_does_not_print() {
    let book = left();
    let request = ErasureRequest { person: id("hr:1"), actor: id("officer"), at: at("2026-03-06") };
    let erasing = book.ledger.erasing(&request, (&Roster::default(), &Observations::new()), &settings()).unwrap();
    let shown = format!("{erasing:?} {:?} {:?} {:?}", erasing.finder(), name_key(), book.ledger.tombstones());
    expect!["Erasing(2 records) Finder(2 people, 0 intents) NameKey Tombstones(0 records, 0 names)"].assert_eq(&shown);
}

#[test]
fn an_erasure_waits_until_nothing_of_an_old_backup_is_open() {
    let mut book = left();
    let accounts = vec![(key("1"), id("other")), (key("2"), id("second"))];
    book.note("2026-03-06", Fact::Run(RunFact::Behind(Evidence::Ahead { target: id("entra"), accounts })));
    let is_behind = |book: &mut Book| matches!(book.erase("2026-03-07", "hr:1"), Err(CannotErase::Behind));
    assert!(is_behind(&mut book));
    book.note("2026-03-06", Fact::Said(Directive::Run(RunDirective::AcknowledgeBackup)));
    assert!(is_behind(&mut book));
    book.note("2026-03-06", Fact::Reading(ReadingFact::Compared { target: id("entra") }));
    assert!(!is_behind(&mut book));
    assert!(book.ledger.is_stranger(&id("entra"), &id("second")), "what was said of many is known all the same");
    assert!(book.ledger.tombstones().of(&id("hr:1")).is_some());
    is_proven(&book);
}
