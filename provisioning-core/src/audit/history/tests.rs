//! Who had what, told in lines.

use chrono::{DateTime, Utc};
use expect_test::{Expect, expect};

use crate::audit::story::story;
use crate::audit::{Chain, Directive, Fact, Head, History, PersonDirective, Record, Salt, Sealed, Unreadable};
use crate::samples::{at, id};

fn history(records: &[Sealed], at: DateTime<Utc>) -> History {
    let mut history = History::at(at, id("t"));
    for sealed in records {
        history.take(sealed).unwrap();
    }
    history
}

/// What everybody had at these instants.
fn check(text: &str, instants: &[&str], expected: &Expect) {
    let records = story(text);
    let told: Vec<String> =
        instants.iter().map(|instant| history(&records, at(instant)).everybody().to_string()).collect();
    expected.assert_eq(&told.concat());
}

const HIRE: &str = "
    2026-03-01 04:00 | create 1 user_name=anna | staff c1
    2026-03-01 04:01 | grant 1 sales | trade c1
    2026-03-08 04:00 | enable 1 | staff c1
";

#[test]
fn a_hire_has_what_was_done_by_that_instant_and_no_more() {
    let instants = ["2026-03-01 03:59", "2026-03-01 04:00", "2026-03-08 03:59", "2026-03-08 04:00", "2026-12-01"];
    check(
        HIRE,
        &instants,
        &expect![[r"
        at 2026-03-01T03:59:00Z
        no account
        at 2026-03-01T04:00:00Z
        hr:1 on entra, `entra-hr:1`: was never enabled
          exists since 2026-03-01T04:00:00Z: create, rule `staff`, contract `c1`
        at 2026-03-08T03:59:00Z
        hr:1 on entra, `entra-hr:1`: was never enabled
          exists since 2026-03-01T04:00:00Z: create, rule `staff`, contract `c1`
          holds sales since 2026-03-01T04:01:00Z: granted, rule `trade`, contract `c1`
        at 2026-03-08T04:00:00Z
        hr:1 on entra, `entra-hr:1`: can be used
          exists since 2026-03-01T04:00:00Z: create, rule `staff`, contract `c1`
          can be used since 2026-03-08T04:00:00Z: enable, rule `staff`, contract `c1`
          holds sales since 2026-03-01T04:01:00Z: granted, rule `trade`, contract `c1`
        at 2026-12-01T04:00:00Z
        hr:1 on entra, `entra-hr:1`: can be used
          exists since 2026-03-01T04:00:00Z: create, rule `staff`, contract `c1`
          can be used since 2026-03-08T04:00:00Z: enable, rule `staff`, contract `c1`
          holds sales since 2026-03-01T04:01:00Z: granted, rule `trade`, contract `c1`
    "]],
    );
}

#[test]
fn a_mover_has_what_other_rules_and_contracts_give() {
    let text = format!(
        "{HIRE}
        2026-04-01 04:00 | grant 1 buying | purchase c2
        2026-04-01 04:05 | revoke 1 sales
        2026-05-01 04:00 | rules 1 buying managers,purchase
        2026-05-02 04:00 | update 1 user_name=annab"
    );
    check(
        &text,
        &["2026-04-01 04:02", "2026-04-01 04:05", "2026-05-02"],
        &expect![[r"
        at 2026-04-01T04:02:00Z
        hr:1 on entra, `entra-hr:1`: can be used
          exists since 2026-03-01T04:00:00Z: create, rule `staff`, contract `c1`
          can be used since 2026-03-08T04:00:00Z: enable, rule `staff`, contract `c1`
          holds buying since 2026-04-01T04:00:00Z: granted, rule `purchase`, contract `c2`
          holds sales since 2026-03-01T04:01:00Z: granted, rule `trade`, contract `c1`
        at 2026-04-01T04:05:00Z
        hr:1 on entra, `entra-hr:1`: can be used
          exists since 2026-03-01T04:00:00Z: create, rule `staff`, contract `c1`
          can be used since 2026-03-08T04:00:00Z: enable, rule `staff`, contract `c1`
          holds buying since 2026-04-01T04:00:00Z: granted, rule `purchase`, contract `c2`
        at 2026-05-02T04:00:00Z
        hr:1 on entra, `entra-hr:1`: can be used
          exists since 2026-03-01T04:00:00Z: create, rule `staff`, contract `c1`
          can be used since 2026-03-08T04:00:00Z: enable, rule `staff`, contract `c1`
          holds buying since 2026-04-01T04:00:00Z: granted, rule `purchase`, contract `c2`; now given by rule `managers`, rule `purchase`
    "]],
    );
}

#[test]
fn a_leaver_has_an_account_that_cannot_be_used_and_then_none() {
    let text = format!(
        "{HIRE}
        2026-06-01 04:00 | disable 1
        2026-06-08 04:00 | revoke 1 sales
        2026-07-01 04:00 | delete 1
        2026-07-03 04:00 | restore 1 | staff c3
        2026-07-03 04:01 | enable 1 | staff c3"
    );
    check(
        &text,
        &["2026-06-01 04:00", "2026-06-30", "2026-07-01", "2026-07-04"],
        &expect![[r"
        at 2026-06-01T04:00:00Z
        hr:1 on entra, `entra-hr:1`: is disabled
          exists since 2026-03-01T04:00:00Z: create, rule `staff`, contract `c1`
          is disabled since 2026-06-01T04:00:00Z: disable, no rule gives it any more
          holds sales since 2026-03-01T04:01:00Z: granted, rule `trade`, contract `c1`
        at 2026-06-30T04:00:00Z
        hr:1 on entra, `entra-hr:1`: is disabled
          exists since 2026-03-01T04:00:00Z: create, rule `staff`, contract `c1`
          is disabled since 2026-06-01T04:00:00Z: disable, no rule gives it any more
        at 2026-07-01T04:00:00Z
        no account
        at 2026-07-04T04:00:00Z
        hr:1 on entra, `entra-hr:1`: can be used
          exists since 2026-07-03T04:00:00Z: restore, rule `staff`, contract `c3`
          can be used since 2026-07-03T04:01:00Z: enable, rule `staff`, contract `c3`
    "]],
    );
}

#[test]
fn an_adopted_account_is_as_it_was_found_until_we_change_it() {
    let text = "
        2026-03-01 04:00 | adopt 1 enabled sales stock
        2026-03-02 04:00 | grant 1 sales | trade c1
        2026-03-03 04:00 | others 1 disabled sales by-hand
        2026-03-04 04:00 | others 1 enabled
        2026-03-05 04:00 | create 2 user_name=bert | staff c9
        2026-03-05 04:01 | send enable 2 | staff c9
    ";
    check(
        text,
        &["2026-03-01", "2026-03-02", "2026-03-03", "2026-03-05 04:01"],
        &expect![[r"
        at 2026-03-01T04:00:00Z
        hr:1 on entra, `entra-hr:1`: can be used
          exists since 2026-03-01T04:00:00Z: adopted as it was found
          holds sales since 2026-03-01T04:00:00Z: seen there, not granted by us
          holds stock since 2026-03-01T04:00:00Z: seen there, not granted by us
        at 2026-03-02T04:00:00Z
        hr:1 on entra, `entra-hr:1`: can be used
          exists since 2026-03-01T04:00:00Z: adopted as it was found
          holds sales since 2026-03-02T04:00:00Z: granted, rule `trade`, contract `c1`
          holds stock since 2026-03-01T04:00:00Z: seen there, not granted by us
        at 2026-03-03T04:00:00Z
        hr:1 on entra, `entra-hr:1`: is disabled
          exists since 2026-03-01T04:00:00Z: adopted as it was found
          is disabled since 2026-03-03T04:00:00Z: disabled by somebody else
          holds by-hand since 2026-03-03T04:00:00Z: seen there, not granted by us
          holds sales since 2026-03-02T04:00:00Z: granted, rule `trade`, contract `c1`
        at 2026-03-05T04:01:00Z
        hr:1 on entra, `entra-hr:1`: can be used
          exists since 2026-03-01T04:00:00Z: adopted as it was found
          can be used since 2026-03-04T04:00:00Z: enabled by somebody else
          holds by-hand since 2026-03-03T04:00:00Z: seen there, not granted by us
          holds sales since 2026-03-02T04:00:00Z: granted, rule `trade`, contract `c1`
        hr:2 on entra, `entra-hr:2`: was never enabled
          exists since 2026-03-05T04:00:00Z: create, rule `staff`, contract `c9`
          steps whose outcome is not known: 1
    "]],
    );
}

#[test]
fn what_a_person_gave_beside_the_rules_names_that_person() {
    let text = "
        2026-03-01 03:00 | except 1 access
        2026-03-01 03:30 | except 1 sales
        2026-03-01 03:45 | except 1#admin stock
        2026-03-01 04:00 | create 1 | exception
        2026-03-01 04:00 | enable 1 | exception
        2026-03-01 04:00 | grant 1 sales | exception
        2026-03-01 04:00 | create 1#admin | admins c1
        2026-03-02 04:00 | grant 1 stock | storage c1
    ";
    check(
        text,
        &["2026-03-02"],
        &expect![[r"
        at 2026-03-02T04:00:00Z
        hr:1 on entra (admin), `entra-hr:1#admin`: was never enabled
          exists since 2026-03-01T04:00:00Z: create, rule `admins`, contract `c1`
        hr:1 on entra, `entra-hr:1`: can be used
          exists since 2026-03-01T04:00:00Z: create, rule `exception`
          can be used since 2026-03-01T04:00:00Z: enable, rule `exception`
          beside the rules, as `administrator` said at 2026-03-01T03:00:00Z
          holds sales since 2026-03-01T04:00:00Z: granted, rule `exception`; beside the rules, as `administrator` said at 2026-03-01T03:30:00Z
          holds stock since 2026-03-02T04:00:00Z: granted, rule `storage`, contract `c1`
    "]],
    );
}

#[test]
fn one_person_is_told_alone_and_erased_ones_not_at_all() {
    let text = "
        2026-03-01 04:00 | create 1 | staff c1
        2026-03-01 04:00 | create 2 | staff c2
    ";
    let mut records = story(text);
    let of = |records: &[Sealed], person: &str| history(records, at("2026-03-02")).of(&id(person)).to_string();
    expect![[r"
        at 2026-03-02T04:00:00Z
        hr:2 on entra, `entra-hr:2`: was never enabled
          exists since 2026-03-01T04:00:00Z: create, rule `staff`, contract `c2`
    "]]
    .assert_eq(&of(&records, "hr:2"));
    assert!(of(&records, "hr:1").contains("hr:1 on entra"));
    records.iter_mut().take(2).for_each(Sealed::erase);
    assert_eq!(of(&records, "hr:1"), "at 2026-03-02T04:00:00Z\nno account\n");
    assert_eq!(history(&records, at("2026-03-02")).everybody().accounts.len(), 1);
    // Nor does an outcome alone tell anything.
    let mut records = story(text);
    records[0].erase();
    assert_eq!(history(&records, at("2026-03-02")).everybody().accounts.len(), 1);
}

#[test]
fn a_person_is_told_under_every_id_that_was_linked_by_then() {
    let mut records = story("2026-03-01 04:00 | create 1 | staff c1\n2026-03-01 04:00 | create 2 | staff c2");
    let last = records.last().unwrap();
    let mut chain = Chain::from(Head { records: last.place + 1, hash: last.hash });
    let fact = Fact::Said(Directive::Person(id("hr:1"), PersonDirective::Link(id("hr:2"))));
    records.push(chain.seal(&Record { at: at("2026-03-02"), actor: id("administrator"), fact }, Salt([1; 16])));
    let count = |on: &str, person: &str| history(&records, at(on)).of(&id(person)).accounts.len();
    assert_eq!((count("2026-03-01", "hr:1"), count("2026-03-01", "hr:2")), (1, 1));
    assert_eq!((count("2026-03-02", "hr:1"), count("2026-03-02", "hr:2")), (2, 2));
}

#[test]
fn a_record_counts_by_its_own_instant_wherever_it_stands() {
    let text = "
        2026-03-09 04:00 | create 1 | staff c1
        2026-03-01 04:00 | create 2 | staff c2
    ";
    check(
        text,
        &["2026-03-01"],
        &expect![[r"
        at 2026-03-01T04:00:00Z
        hr:2 on entra, `entra-hr:2`: was never enabled
          exists since 2026-03-01T04:00:00Z: create, rule `staff`, contract `c2`
    "]],
    );
}

#[test]
fn nothing_is_told_without_a_record_that_cannot_be_read() {
    let mut records = story(HIRE);
    records[1].content.as_mut().unwrap().1 = "{}".to_owned();
    let mut history = History::at(at("2026-03-02"), id("t"));
    assert_eq!(history.take(&records[0]), Ok(()));
    assert_eq!(history.take(&records[1]), Err(Unreadable { place: 1 }));
}
