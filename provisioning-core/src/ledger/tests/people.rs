//! What people say, what runs do, and what is counted.

use std::collections::BTreeSet;

use crate::audit::{Directive, Exception, Fact, PersonDirective, ReadingFact, RunDirective, RunFact, Settlement};
use crate::digest::Digest;
use crate::id::PersonId;
use crate::ledger::PersonEntry;
use crate::ledger::tests::{on_entra, said};
use crate::plan::{StepKind, Timing};
use crate::policy::{Entitlement, PolicyVersion};
use crate::samples::{Book, at, day, id};
use crate::source::ReadingHash;

/// What is known of the person.
fn person(book: &Book) -> &PersonEntry {
    book.ledger.person(&id("hr:1")).unwrap()
}

#[test]
fn what_people_say_about_a_person_holds_until_they_say_otherwise() {
    let mut book = Book::new();
    said(&mut book, PersonDirective::Block);
    said(&mut book, PersonDirective::LegalHold(true));
    assert!(person(&book).blocked && person(&book).legal_hold);
    said(&mut book, PersonDirective::Unblock);
    said(&mut book, PersonDirective::LegalHold(false));
    assert!(!person(&book).blocked && !person(&book).legal_hold);
    let exception = Exception { slot: on_entra(), entitlement: Entitlement::Access, last_day: None };
    said(&mut book, PersonDirective::Except(exception.clone()));
    said(&mut book, PersonDirective::Except(exception.clone()));
    assert_eq!(person(&book).exceptions, [exception.clone(), exception]);
    said(&mut book, PersonDirective::NoExceptions);
    assert_eq!(person(&book), &PersonEntry::default());
    said(&mut book, PersonDirective::Accept { record: id("hr:1"), evidence: Digest([7; 32]) });
    assert_eq!(book.ledger.released(), &BTreeSet::from([(id("hr:1"), Digest([7; 32]))]));
    said(&mut book, PersonDirective::Release(on_entra()));
    assert_eq!(book.ledger.people().map(|(person, _)| person.to_string()).collect::<Vec<_>>(), ["hr:1"]);
    assert_eq!(person(&book).accounts.len(), 0);
}

/// The records of hr:1 and hr:2, and whose record hr:9 is.
fn links(book: &Book) -> String {
    let (one, two): (PersonId, PersonId) = (id("hr:1"), id("hr:2"));
    let records = |person| {
        let records: Vec<String> = book.ledger.records_of(person).map(ToString::to_string).collect();
        records.join("+")
    };
    format!("{} {} {}", records(&one), records(&two), book.ledger.person_of(&id("hr:9")))
}

#[test]
fn i_12_a_link_is_undone_by_linking_the_record_to_its_own_person() {
    let mut book = Book::new();
    let link = |book: &mut Book, to: &str, record: &str| {
        book.note("2026-03-01", Fact::Said(Directive::Person(id(to), PersonDirective::Link(id(record)))));
    };
    assert_eq!(links(&book), "hr:1 hr:2 hr:9");
    link(&mut book, "hr:1", "hr:9");
    assert_eq!(links(&book), "hr:1+hr:9 hr:2 hr:1");
    link(&mut book, "hr:2", "hr:9");
    assert_eq!(links(&book), "hr:1 hr:2+hr:9 hr:2");
    link(&mut book, "hr:2", "hr:1");
    assert_eq!(links(&book), " hr:2+hr:1+hr:9 hr:2");
    link(&mut book, "hr:1", "hr:1");
    link(&mut book, "hr:9", "hr:9");
    assert_eq!(links(&book), "hr:1 hr:2 hr:9");
}

#[test]
fn a_run_sets_the_clock_and_the_version_of_the_rules() {
    let mut book = Book::new();
    let version = |number| PolicyVersion(Digest([number; 32]));
    assert_eq!((book.ledger.last_run(), book.ledger.policy()), (None, None));
    book.began("2026-03-01", &version(1));
    book.began("2026-03-02", &version(1));
    assert_eq!(book.ledger.last_run(), Some(at("2026-03-02")));
    assert_eq!(book.ledger.policy(), Some(&(version(1), at("2026-03-01"))));
    book.began("2026-03-03", &version(2));
    assert_eq!(book.ledger.policy(), Some(&(version(2), at("2026-03-03"))));
    book.note("2026-03-04", Fact::Run(RunFact::HeldByClock { now: at("2026-03-04") }));
    let applying = RunFact::Applying { plan: Digest::ZERO, policy: version(3), actions: 1, withheld: 0 };
    book.note("2026-03-04", Fact::Run(applying));
    let failed = ReadingFact::Failed { system: "hr".to_owned(), error: "no".to_owned() };
    book.note("2026-03-04", Fact::Reading(failed));
    assert_eq!(book.ledger.last_run(), Some(at("2026-03-03")));
    book.note("2026-03-05", Fact::Said(Directive::Run(RunDirective::AcknowledgeClock(at("2026-02-01")))));
    assert_eq!(book.ledger.last_run(), Some(at("2026-02-01")));
}

#[test]
fn what_people_say_about_runs_is_kept() {
    let mut book = Book::new();
    let says = |book: &mut Book, said| book.note("2026-03-01", Fact::Said(Directive::Run(said)));
    says(&mut book, RunDirective::AcceptReading(ReadingHash(Digest([1; 32]))));
    says(&mut book, RunDirective::GoLive(id("entra")));
    says(&mut book, RunDirective::AcknowledgeBackup);
    assert_eq!(book.ledger.allowed(), &BTreeSet::from([ReadingHash(Digest([1; 32]))]));
    assert!(book.ledger.is_live(&id("entra")) && !book.ledger.is_live(&id("ad")));
    for number in 0..33 {
        let actions = BTreeSet::from([Digest([number; 32])]);
        says(&mut book, RunDirective::Approve { plan: Digest([number; 32]), actions });
    }
    let plans: Vec<u8> = book.ledger.approvals().iter().map(|approval| approval.plan.0[0]).collect();
    assert_eq!(plans, (1..33).collect::<Vec<u8>>(), "the oldest is forgotten");
}

#[test]
fn what_somebody_allowed_is_good_once_and_an_approval_for_a_week() {
    let mut book = Book::new();
    let says = |book: &mut Book, said| book.note("2026-03-01", Fact::Said(Directive::Run(said)));
    let accepted = |hash| Fact::Reading(ReadingFact::Accepted { source: id("hr"), hash, records: 1 });
    let [one, other] = [1, 2].map(|byte| ReadingHash(Digest([byte; 32])));
    says(&mut book, RunDirective::AcceptReading(one));
    book.note("2026-03-02", accepted(other));
    assert!(book.ledger.allowed().contains(&one));
    book.note("2026-03-02", accepted(one));
    assert!(book.ledger.allowed().is_empty());
    says(&mut book, RunDirective::Approve { plan: Digest::ZERO, actions: BTreeSet::from([Digest::ZERO]) });
    for (day, count) in [("2026-03-08", 1), ("2026-03-09", 0)] {
        let policy = PolicyVersion(Digest::ZERO);
        book.note(day, Fact::Run(RunFact::Began { now: at(day), policy }));
        assert_eq!(book.ledger.approvals().len(), count, "{day}");
    }
}

#[test]
fn what_was_done_is_counted_by_kind_timing_target_and_day() {
    let mut book = Book::new();
    book.did("2026-03-01", "create 1\n create 2\n expected create 3\n create ad/1\n ensure a A");
    book.did("2026-03-02", "create 4");
    let failed = book.sent("2026-03-02", "create 5");
    book.note("2026-03-02", Fact::Outcome(failed, Settlement::NotDone));
    let since = |target: &str, kind, timing, from: &str| book.ledger.done_since(&id(target), kind, timing, day(from));
    let (create, surprising) = (StepKind::Create, Timing::Surprising);
    assert_eq!(since("entra", create, surprising, "2026-03-01"), 3);
    assert_eq!(since("entra", create, surprising, "2026-03-02"), 1);
    assert_eq!(since("entra", create, surprising, "2026-03-03"), 0);
    assert_eq!(since("entra", create, Timing::Expected, "2026-03-01"), 1);
    assert_eq!(since("ad", create, surprising, "2026-03-01"), 1);
    assert_eq!(since("entra", StepKind::Ensure, surprising, "2026-03-01"), 1);
}

#[test]
fn what_was_done_is_forgotten_after_35_days() {
    for (now, left) in [("2026-04-05", 1), ("2026-04-06", 0)] {
        let mut book = Book::new();
        book.did("2026-03-01", "create 1");
        book.began(now, &PolicyVersion(Digest::ZERO));
        let done = book.ledger.done_since(&id("entra"), StepKind::Create, Timing::Surprising, day("2026-01-01"));
        assert_eq!(done, left, "{now}");
    }
}

#[test]
fn what_somebody_approved_is_counted_in_no_window() {
    let mut book = Book::new();
    let plan = crate::samples::plan("2026-03-01", "disable 1\n disable 2");
    let actions = plan.actions().take(1).map(|action| book.ledger.fingerprint(action)).collect();
    book.note("2026-03-01", Fact::Said(Directive::Run(RunDirective::Approve { plan: plan.hash(), actions })));
    let done =
        |book: &Book| book.ledger.done_since(&id("entra"), StepKind::Disable, Timing::Surprising, day("2026-03-01"));
    book.did("2026-03-01", "disable 1");
    assert_eq!(done(&book), 0);
    book.did("2026-03-01", "disable 2");
    assert_eq!(done(&book), 1);
    // Approved once, not for good.
    book.did("2026-03-01", "disable 1");
    assert_eq!(done(&book), 2);
}
