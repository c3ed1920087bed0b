//! One person under two keys: what was said of either, and who points at either.

use crate::audit::{AccountFact, PersonDirective};
use crate::decide::tests::{Case, shown};
use crate::samples::{at, day, id};

/// Person 1 points at whoever manages under the key 2, which is one of person 3's.
#[test]
fn a_manager_whose_record_was_linked_is_pointed_at_under_the_person_that_it_is() {
    let rows = "person 1 names=anna managers=2\n contract 1 a 2026-01-01.. gives=access
        person 2 names=bo\n contract 2 b 2026-01-01.. gives=access
        person 3 names=bo";
    let mut case = Case::on("2026-03-10", rows);
    case.book.did("2026-01-01", "create 1 user_name=anna\n enable 1\n create 3 user_name=bo\n enable 3");
    case.says("2026-03-01", "3", PersonDirective::Link(id("hr:2")));
    let text = shown(&case.decide(), case.now);
    assert!(text.contains("manager: nothing -> account entra/hr:3"), "{text}");
    assert!(text.contains("next     hr:1  never, when hr:3 moves"), "{text}");
}

/// Person 2 had an account and was stopped; the record is person 1's since.
fn linked(said: PersonDirective) -> Case {
    let rows = "person 1 names=anna.vos\n person 2 names=anna\n contract 2 b 2026-01-01.. gives=access";
    let mut case = Case::on("2026-03-10", rows);
    case.book.did("2026-01-01", "create 2 user_name=anna\n enable 2");
    case.says("2026-02-01", "2", said);
    case.book.did("2026-02-01", "disable 2");
    case.says("2026-03-01", "1", PersonDirective::Link(id("hr:2")));
    case
}

#[test]
fn a_block_goes_on_when_the_record_is_linked_to_another_person() {
    let mut case = linked(PersonDirective::Block);
    assert!(case.decide().proposed.is_empty());
    case.says("2026-03-02", "2", PersonDirective::Unblock);
    let text = shown(&case.decide(), case.now);
    assert!(text.contains("enable   entra/hr:1"), "{text}");
}

#[test]
fn a_legal_hold_goes_on_when_the_record_is_linked_to_another_person() {
    let deletes = |said| {
        let mut case = linked(said);
        case.book.did("2026-01-01", "create 1 user_name=anna2\n enable 1");
        case.book.did("2026-01-02", "disable 1");
        case.notes("2026-01-02", "1", AccountFact::Unwanted { since: day("2026-01-02") });
        case.reads("2026-03-02", "person 1 names=anna\n person 2 names=anna");
        case.reads("2026-03-03", "person 1 names=anna\n person 2 names=anna");
        case.reads("2026-03-04", "person 1 names=anna\n person 2 names=anna");
        case.now = at("2026-05-10");
        shown(&case.decide(), case.now).contains("delete   entra/hr:1")
    };
    assert!(deletes(PersonDirective::NoExceptions));
    assert!(!deletes(PersonDirective::LegalHold(true)));
}
