//! Cases 8 to 11: names and accounts that were there before us.

use expect_test::expect;
use provisioning_core::audit::RunDirective;
use provisioning_core::target::{Presence, Shown};
use provisioning_core::{Confidence, Correlation, FieldName, Settings};

use crate::story::{Story, account, date, entra};

#[test]
fn case_08_a_name_that_a_deleted_stranger_bears_is_left_alone() {
    let mut story = Story::new();
    story.hr(
        "2026-02-20",
        "person 1 given_name=Anna family_name=Vos
         contract 1 c1 2026-03-02.. d1",
    );
    story.by_hand("2026-02-20", |target| {
        let mut stranger = account("stranger", Shown::Disabled, &[("user_name", "Anna.Vos")]);
        stranger.presence = Presence::InBin(date("2026-02-10"));
        target.put_account(stranger);
    });
    story.until("2026-02-21");
    story.look();
    expect![[r#"
        plan of 2026-02-20 04:00 UTC: 1 create
          create   entra/hr:1  (rule `account`, contract `c1`)

        entra on 2026-02-21
          entra-1  hr:1  disabled  anna.vos2
          stranger  nobody's  in the bin since 2026-02-10  Anna.Vos
    "#]]
    .assert_eq(&story.told());
}

#[test]
fn case_09_an_account_that_somebody_made_is_adopted_on_a_strong_match_only_and_not_overwritten() {
    let mut story = Story::with(correlates);
    story.by_hand("2026-02-20", |target| {
        target.put_account(account("made-by-it", Shown::Enabled, &[("employee_id", "1"), ("user_name", "avos")]));
        target.put_account(account("a-guess", Shown::Enabled, &[("mail", "bram@town.nl"), ("user_name", "bsmit")]));
    });
    story.hr(
        "2026-02-20",
        "person 1 given_name=Anna family_name=Vos mail=anna@town.nl
         contract 1 c1 2026-01-05.. d1
         person 2 given_name=Bram family_name=Smit mail=bram@town.nl
         contract 2 c2 2026-01-05.. d1",
    );
    story.until("2026-02-25");
    story.look();
    expect![[r#"
        plan of 2026-02-20 04:00 UTC: nothing to do
          adopt    entra/hr:1  account `made-by-it`
          waiting  hr:2  account `a-guess` on `entra` may be the person's

        plan of 2026-02-21 04:00 UTC: 1 grant
          grant    entra/hr:1  department:d1  (rule `department`, contract `c1`)
          waiting  hr:2  account `a-guess` on `entra` may be the person's
        done: 1 grant

        plan of 2026-02-22 04:00 UTC: nothing to do
          waiting  hr:2  account `a-guess` on `entra` may be the person's

        entra on 2026-02-25
          a-guess  nobody's  enabled  bsmit
          made-by-it  nobody's  enabled  avos  department:d1
    "#]]
    .assert_eq(&story.told());
}

#[test]
fn case_09_an_adopted_account_is_disabled_only_after_going_live() {
    let mut story = Story::with(correlates);
    story.by_hand("2026-02-20", |target| {
        target.put_account(account("made-by-it", Shown::Enabled, &[("employee_id", "1"), ("user_name", "avos")]));
    });
    story.hr(
        "2026-02-20",
        "person 1 given_name=Anna family_name=Vos
         contract 1 c1 2026-01-05..2026-02-28 d1",
    );
    story.order("2026-03-05", RunDirective::GoLive(entra()));
    story.until("2026-03-06");
    story.look();
    expect![[r#"
        plan of 2026-02-20 04:00 UTC: nothing to do
          adopt    entra/hr:1  account `made-by-it`

        plan of 2026-02-21 04:00 UTC: 1 grant
          grant    entra/hr:1  department:d1  (rule `department`, contract `c1`)

        plan of 2026-03-01 04:00 UTC: nothing to do
          waiting  hr:1  the adopted account on `entra` would be disabled, which waits for go-live
          waiting  hr:1  the adopted account on `entra` would be stripped, which waits for go-live

        plan of 2026-03-05 04:00 UTC: 1 disable
          disable  entra/hr:1  (no rule gives an account)  expected

        entra on 2026-03-06
          made-by-it  nobody's  disabled  avos  department:d1
    "#]]
    .assert_eq(&story.told());
}

#[test]
fn case_09_going_live_brings_an_adopted_account_up_to_date_at_once() {
    let mut story = Story::with(correlates);
    story.by_hand("2026-02-20", |target| {
        target.put_account(account("made-by-it", Shown::Enabled, &[("employee_id", "1"), ("user_name", "avos")]));
    });
    story.hr(
        "2026-02-20",
        "person 1 given_name=Anna family_name=Vos
         contract 1 c1 2026-01-05.. d1",
    );
    story.until("2026-02-28");
    story.tell_from_here();
    story.order("2026-03-01", RunDirective::GoLive(entra()));
    story.until("2026-03-05");
    story.look();
    expect![[r#"
        plan of 2026-03-01 04:00 UTC: 1 update
          update   entra/hr:1  family_name, given_name  (it should be so, and is not yet)

        entra on 2026-03-05
          made-by-it  nobody's  enabled  avos  department:d1
    "#]]
    .assert_eq(&story.told());
}

#[test]
fn case_10_a_match_that_hits_two_accounts_is_held_and_both_are_named() {
    let mut story = Story::with(correlates);
    story.by_hand("2026-02-20", |target| {
        target.put_account(account("one", Shown::Enabled, &[("employee_id", "1"), ("user_name", "avos")]));
        target.put_account(account("two", Shown::Enabled, &[("employee_id", "1"), ("user_name", "anna")]));
    });
    story.hr(
        "2026-02-20",
        "person 1 given_name=Anna family_name=Vos
         contract 1 c1 2026-01-05.. d1",
    );
    story.until("2026-02-25");
    expect![[r#"
        plan of 2026-02-20 04:00 UTC: nothing to do
          waiting  hr:1  several accounts on `entra` match: `one`, `two`; none is chosen
    "#]]
    .assert_eq(&story.told());
}

#[test]
fn case_11_two_people_who_match_one_account_are_both_held() {
    let mut story = Story::with(correlates);
    story.by_hand("2026-02-20", |target| {
        target.put_account(account("shared", Shown::Enabled, &[("badge", "77"), ("user_name", "desk")]));
    });
    story.hr(
        "2026-02-20",
        "person 1 given_name=Anna family_name=Vos badge=77
         contract 1 c1 2026-01-05.. d1
         person 2 given_name=Bram family_name=Smit badge=77
         contract 2 c2 2026-01-05.. d1",
    );
    story.until("2026-02-25");
    expect![[r#"
        plan of 2026-02-20 04:00 UTC: nothing to do
          waiting  hr:1  account `shared` on `entra` matches several people
          waiting  hr:2  account `shared` on `entra` matches several people
    "#]]
    .assert_eq(&story.told());
}

#[test]
fn case_11_an_account_that_is_linked_already_stays_with_its_person_and_the_other_is_held() {
    let mut story = Story::with(correlates);
    story.by_hand("2026-02-20", |target| {
        target.put_account(account("shared", Shown::Enabled, &[("badge", "77"), ("user_name", "desk")]));
    });
    let anna = "person 1 given_name=Anna family_name=Vos badge=77
                contract 1 c1 2026-01-05..";
    story.hr("2026-02-20", anna);
    story.hr(
        "2026-02-25",
        &format!("{anna}\n person 2 given_name=Bram family_name=Smit badge=77\n contract 2 c2 2026-02-01.."),
    );
    story.until("2026-02-28");
    expect![[r#"
        plan of 2026-02-20 04:00 UTC: nothing to do
          adopt    entra/hr:1  account `shared`

        plan of 2026-02-25 04:00 UTC: nothing to do
          waiting  hr:2  account `shared` on `entra` is somebody else's already
    "#]]
    .assert_eq(&story.told());
}

/// By the key in HR or a badge for sure, by mail perhaps.
fn correlates(settings: &mut Settings) {
    let field = |name: &str| FieldName::new(name).unwrap();
    settings.targets[0].correlation = vec![
        Correlation { field: None, attribute: field("employee_id"), confidence: Confidence::Strong },
        Correlation { field: Some(field("badge")), attribute: field("badge"), confidence: Confidence::Strong },
        Correlation { field: Some(field("mail")), attribute: field("mail"), confidence: Confidence::Weak },
    ];
}
