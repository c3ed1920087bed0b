//! Case 104: somebody who left is erased, and what that means for who comes later.

use expect_test::expect;
use provisioning_core::audit::{PersonDirective, Verdict};

use crate::story::Story;

const LEFT: &str = "person 1 given_name=Anna family_name=Vos
                    contract 1 c1 2026-01-05..2026-03-31 d1";
const NAMESAKE: &str = "person 2 given_name=Anna family_name=Vos
                        contract 2 c9 2026-09-01.. d2";

/// Anna left on 31 March 2026 and was erased in August; told from the end of her grace.
fn erased() -> Story {
    let mut story = Story::new();
    story.hr("2026-03-20", LEFT);
    story.until("2026-06-01");
    story.tell_from_here();
    for day in ["2026-06-02", "2026-07-20", "2026-08-10"] {
        story.erase(day, "hr:1");
    }
    story
}

/// Nothing that is left of the audit has one of these texts, and it can be proven.
fn is_gone(story: &Story, personal: &[&str]) {
    let (records, verdict) = story.audit();
    assert_eq!(verdict, Verdict::Whole);
    for (_, payload) in records.iter().filter_map(|sealed| sealed.content.as_ref()) {
        for text in personal {
            assert!(!payload.contains(text), "{text} in {payload}");
        }
    }
}

#[test]
fn case_104_a_former_employee_is_erased_once_nothing_of_the_person_is_needed() {
    let mut story = erased();
    is_gone(&story, &["hr:1", "nna", "os\"", "\"c1\"", "entra-1"]);
    // HR goes on giving the row, and somebody of the same name is hired.
    story.hr("2026-09-01", &format!("{LEFT}\n{NAMESAKE}"));
    story.until("2026-09-10");
    story.look();
    expect![[r#"
        hr:1 on 2026-06-02: not erased: entra/hr:1 is still there; let it be deleted at the end of its grace first

        plan of 2026-06-30 04:00 UTC: 1 delete
          delete   entra/hr:1  (unwanted since 2026-04-01, the grace is over)  expected

        hr:1 on 2026-07-20: not erased: entra/hr:1 can be restored until 2026-07-30; erase after that day

        hr:1 on 2026-08-10: erased

        plan of 2026-09-01 04:00 UTC: 1 create, 1 grant, 1 enable
          create   entra/hr:2  (rule `access`, contract `c9`; rule `account`, contract `c9`)
          grant    entra/hr:2  department:d2  (rule `department`, contract `c9`)
          enable   entra/hr:2  (rule `access`, contract `c9`)
          refused  hr:1  somebody whose record was `hr:1` was erased; take it out of the source, or accept evidence # to begin anew

        plan of 2026-09-02 04:00 UTC: nothing to do
          refused  hr:1  somebody whose record was `hr:1` was erased; take it out of the source, or accept evidence # to begin anew

        entra on 2026-09-10
          entra-2  hr:2  enabled  anna.vos2  department:d2
    "#]].assert_eq(&story.told());
    is_gone(&story, &["hr:1\"", "\"c1\""]);
}

#[test]
fn case_104_somebody_who_comes_back_under_an_erased_key_begins_anew_once_accepted() {
    let mut story = erased();
    story.tell_from_here();
    let back = "person 1 given_name=Anna family_name=Vos
                contract 1 c1 2027-02-01.. d2";
    story.hr("2027-02-01", back);
    let evidence = {
        story.until("2027-02-03");
        story.evidence("hr:1")
    };
    story.say("2027-02-04", "hr:1", PersonDirective::Accept { record: "hr:1".parse().unwrap(), evidence });
    story.until("2027-02-10");
    story.look();
    expect![[r#"
        plan of 2027-02-01 04:00 UTC: nothing to do
          refused  hr:1  somebody whose record was `hr:1` was erased; take it out of the source, or accept evidence # to begin anew

        plan of 2027-02-04 04:00 UTC: 1 create, 1 grant, 1 enable
          create   entra/hr:1  (rule `access`, contract `c1`; rule `account`, contract `c1`)
          grant    entra/hr:1  department:d2  (rule `department`, contract `c1`)
          enable   entra/hr:1  (rule `access`, contract `c1`)

        entra on 2027-02-10
          entra-2  hr:1  enabled  anna.vos2  department:d2
    "#]].assert_eq(&story.told());
    assert!(story.previous("hr:1").is_empty(), "nobody knows of the account before");
    assert_eq!(story.audit().1, Verdict::Whole);
}
