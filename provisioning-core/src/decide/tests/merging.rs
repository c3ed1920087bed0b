//! One person under two keys: what was said of either, and who points at either.

use crate::audit::PersonDirective;
use crate::decide::tests::{Case, shown};
use crate::samples::id;

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
