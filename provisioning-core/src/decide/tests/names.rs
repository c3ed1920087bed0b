//! Names that no two accounts may share: who gets which, and when one changes.

use expect_test::expect;

use crate::decide::tests::Case;
use crate::policy::{Renaming, UniqueName};
use crate::samples::id;

fn staff(names: &str) -> String {
    format!("person 1 {names}\n contract 1 a 2026-01-01.. gives=access")
}

/// The names that new and changed accounts get.
fn check(case: &mut Case, expected: &[&str]) {
    let text = super::shown(&case.decide(), case.now);
    let named = text.lines().filter(|line| line.contains("user_name") || line.contains("no free"));
    let short = |line: &str| {
        let words: Vec<&str> = line.split_whitespace().map(|word| word.trim_matches(['[', ']'])).collect();
        let name = words.iter().find(|word| word.starts_with("user_name="));
        name.map_or(line.trim().to_owned(), |name| {
            format!("{} {}", words[1].trim_start_matches("entra/hr:"), &name[10..])
        })
    };
    assert_eq!(named.map(short).collect::<Vec<_>>(), expected, "{text}");
}

#[test]
fn i_51_names_are_given_in_order_of_person_id() {
    let rows = |people: &[&str]| {
        let row = |person: &&str| {
            format!(
                "person {person} names=anna numbered=anna\n contract {person} c{person} 2026-01-01.. gives=access\n"
            )
        };
        people.iter().map(row).collect::<Vec<_>>().concat()
    };
    for order in [["1", "2", "3"], ["3", "1", "2"], ["2", "3", "1"]] {
        check(&mut Case::on("2026-03-10", &rows(&order)), &["1 `anna`", "2 `anna2@x`", "3 `anna3@x`"]);
    }
}

#[test]
fn candidates_come_before_numbers_and_blank_ones_never() {
    let mut case = Case::on("2026-03-10", &staff("names=_,anna,anna.v numbered=anna"));
    check(&mut case, &["1 `anna`"]);
    case.shows("8 enabled user_name=anna");
    check(&mut case, &["1 `anna.v`"]);
    case.shows("9 enabled user_name=anna.v");
    check(&mut case, &["1 `anna2@x`"]);
}

#[test]
fn i_49_a_name_is_taken_whatever_its_case_and_whoever_bears_it() {
    for shown in ["8 enabled user_name=ANNA", "8 disabled user_name=Anna", "8 disabled user_name=anna bin=2026-03-01"] {
        let mut case = Case::on("2026-03-10", &staff("names=anna numbered=anna"));
        case.shows(shown);
        check(&mut case, &["1 `anna2@x`"]);
    }
}

#[test]
fn i_50_the_name_of_a_deleted_account_stays_its_owners() {
    let mut stranger = Case::on("2026-03-10", &staff("names=Anna numbered=anna"));
    stranger.book.did("2026-01-01", "create 8 user_name=anna\n enable 8\n disable 8\n delete 8");
    check(&mut stranger, &["1 `anna2@x`"]);
    let mut owner = Case::on("2026-03-10", &staff("names=Anna numbered=anna"));
    owner.book.did("2026-01-01", "create 1 user_name=anna\n enable 1\n disable 1\n delete 1");
    check(&mut owner, &["1 `Anna`"]);
    owner.shows("1 disabled user_name=anna bin=2026-01-01");
    check(&mut owner, &["1 `Anna`"]);
}

#[test]
fn a_name_is_free_on_another_target() {
    let mut case = Case::on("2026-03-10", &staff("names=anna"));
    case.book.did("2026-01-01", "create ad/8 user_name=anna");
    case.shows("ad/9 enabled user_name=anna");
    check(&mut case, &["1 `anna`"]);
}

#[test]
fn two_accounts_of_one_person_on_one_target_have_two_names() {
    let rows = "person 1 names=anna numbered=anna\n contract 1 a 2026-01-01.. gives=access,access#admin";
    check(&mut Case::on("2026-03-10", rows), &["1#admin `anna`", "1 `anna2@x`"]);
    let both = "person 1 names=anna numbered=anna\n contract 1 a 2026-01-01.. gives=access,ad/access";
    check(&mut Case::on("2026-03-10", both), &["1 `anna`", "ad/hr:1 `anna`"]);
}

#[test]
fn without_a_free_name_nobody_is_created() {
    let mut case = Case::on("2026-03-10", &staff("names=anna"));
    case.shows("8 enabled user_name=anna");
    case.check(&expect![[r"
        waiting  hr:1  no free value for `user_name` on `entra`
        next     hr:1  never, and in the next run
    "]]);
}

/// Somebody named anna whose candidates are others now.
fn renamed(names: &str) -> Case {
    let mut case = Case::on("2026-03-10", &staff(names));
    case.book.did("2026-01-01", "create 1 user_name=anna\n enable 1");
    case.shows("1 enabled user_name=anna");
    case
}

#[test]
fn a_frozen_name_stays_whatever_the_candidates_are() {
    renamed("names=berta").check(&expect![[r"
        next     hr:1  never
    "]]);
}

#[test]
fn a_following_name_changes_when_it_is_no_candidate_any_more() {
    renamed("names=berta renames=yes").check(&expect![[r"
        update   entra/hr:1  user_name  (it should be so, and is not yet)  user_name: `anna` -> `berta`
        next     hr:1  never
    "]]);
    renamed("names=berta,ANNA renames=yes").check(&expect![[r"
        next     hr:1  never
    "]]);
    renamed("names=berta numbered=b renames=yes").check(&expect![[r"
        update   entra/hr:1  user_name  (it should be so, and is not yet)  user_name: `anna` -> `berta`
        next     hr:1  never
    "]]);
    let mut taken = renamed("names=berta renames=yes");
    taken.shows("8 enabled user_name=berta");
    taken.check(&expect![[r"
        waiting  hr:1  no free value for `user_name` on `entra`
        next     hr:1  never, and in the next run
    "]]);
}

#[test]
fn a_numbered_name_is_a_candidate_too() {
    let mut case = Case::on("2026-03-10", &staff("names=anna numbered=anna renames=yes"));
    case.book.did("2026-01-01", "create 1 user_name=anna7@x\n enable 1");
    case.shows("1 enabled user_name=anna7@x");
    case.shows("8 enabled user_name=anna");
    case.check(&expect![[r"
        next     hr:1  never
    "]]);
}

#[test]
fn an_account_without_its_name_gets_one() {
    let mut case = Case::on("2026-03-10", &staff("names=anna"));
    case.book.did("2026-01-01", "create 1\n enable 1");
    case.shows("1 enabled phone=1");
    case.check(&expect![[r"
        update   entra/hr:1  user_name  (it should be so, and is not yet)  user_name: nothing -> `anna`
        next     hr:1  never
    "]]);
}

#[test]
fn a_name_that_was_given_in_this_run_is_taken() {
    let rows = "person 1 names=anna renames=yes\n contract 1 a 2026-01-01.. gives=access
        person 2 names=anna numbered=anna\n contract 2 b 2026-01-01.. gives=access";
    let mut case = Case::on("2026-03-10", rows);
    case.book.did("2026-01-01", "create 1 user_name=old\n enable 1");
    case.shows("1 enabled user_name=old");
    case.check(&expect![[r"
        update   entra/hr:1  user_name  (it should be so, and is not yet)  user_name: `old` -> `anna`
        create   entra/hr:2  (rule `gives access`, contract `b`)  user_name=`anna2@x`
        enable   entra/hr:2  (rule `gives access`, contract `b`)
        next     hr:1  never
        next     hr:2  never
    "]]);
}

#[test]
fn numbers_start_at_two_and_end_at_the_most() {
    let name = UniqueName {
        attribute: id("user_name"),
        candidates: vec!["a".to_owned(), "b".to_owned()],
        numbered: Some(("a".to_owned(), "@x".to_owned())),
        renaming: Renaming::Frozen,
    };
    assert_eq!(name.tries(4).collect::<Vec<_>>(), ["a", "b", "a2@x", "a3@x", "a4@x"]);
    assert_eq!(name.tries(1).count(), 2);
    assert_eq!(UniqueName { numbered: None, ..name }.tries(9).count(), 2);
}
