//! Cases 28 to 32: contracts that HR deletes, prolongs, corrects, or ends all at once.

use expect_test::expect;

use crate::story::Story;

#[test]
fn case_28_a_contract_deleted_in_hr_is_missing_first_and_then_ends_on_its_last_known_day() {
    let mut story = Story::new();
    let people = "person 1 given_name=Anna family_name=Vos
                  person 2 given_name=Bram family_name=Smit
                  person 3 given_name=Cato family_name=Mol";
    story.hr(
        "2026-02-20",
        &format!(
            "{people}
             contract 1 c1 2026-01-05.. d1
             contract 2 c2 2026-01-05..2026-04-30 d1
             contract 3 c3 2026-03-11.. d1"
        ),
    );
    story.hr("2026-03-10", people);
    story.until("2026-06-30");
    story.look();
    expect![[r#"
        plan of 2026-02-20 04:00 UTC: 2 create, 2 grant, 2 enable
          create   entra/hr:1  (rule `access`, contract `c1`; rule `account`, contract `c1`)
          create   entra/hr:2  (rule `access`, contract `c2`; rule `account`, contract `c2`)
          grant    entra/hr:1  department:d1  (rule `department`, contract `c1`)
          grant    entra/hr:2  department:d1  (rule `department`, contract `c2`)
          enable   entra/hr:1  (rule `access`, contract `c1`)
          enable   entra/hr:2  (rule `access`, contract `c2`)

        plan of 2026-02-25 04:00 UTC: 1 create
          create   entra/hr:3  (rule `account`, contract `c3`)  expected

        plan of 2026-03-10 04:00 UTC: nothing to do
          refused  hr:1  a contract is missing from the source; it counts downwards only
          refused  hr:2  a contract is missing from the source; it counts downwards only
          refused  hr:3  a contract is missing from the source; it counts downwards only

        plan of 2026-03-12 04:00 UTC: 1 disable
          disable  entra/hr:1  (no rule gives an account)

        plan of 2026-03-19 04:00 UTC: 1 revoke
          revoke   entra/hr:1  department:d1  (no rule gives it any more)  expected

        plan of 2026-04-11 04:00 UTC: 1 delete
          delete   entra/hr:3  (unwanted since 2026-03-12, the grace is over)  expected

        plan of 2026-05-01 04:00 UTC: 1 disable
          disable  entra/hr:2  (no rule gives an account)  expected

        plan of 2026-05-08 04:00 UTC: 1 revoke
          revoke   entra/hr:2  department:d1  (no rule gives it any more)  expected

        plan of 2026-06-10 04:00 UTC: 1 delete
          delete   entra/hr:1  (unwanted since 2026-03-12, the grace is over)  expected

        entra on 2026-06-30
          entra-1  hr:1  in the bin since 2026-06-10  anna.vos
          entra-2  hr:2  disabled  bram.smit
    "#]]
    .assert_eq(&story.told());
}

#[test]
fn case_29_an_end_date_that_is_removed_cancels_what_it_would_bring_or_brought() {
    let mut story = Story::new();
    let ends = |first: &str, second: &str| {
        format!(
            "person 1 given_name=Anna family_name=Vos
             contract 1 c1 2026-01-05..{first} d1
             person 2 given_name=Bram family_name=Smit
             contract 2 c2 2026-01-05..{second} d1"
        )
    };
    story.hr("2026-03-01", &ends("2026-03-31", "2026-03-31"));
    story.hr("2026-03-20", &ends("", "2026-03-31"));
    story.hr("2026-04-20", &ends("", ""));
    story.until("2026-08-31");
    story.look();
    expect![[r#"
        plan of 2026-03-01 04:00 UTC: 2 create, 2 grant, 2 enable
          create   entra/hr:1  (rule `access`, contract `c1`; rule `account`, contract `c1`)
          create   entra/hr:2  (rule `access`, contract `c2`; rule `account`, contract `c2`)
          grant    entra/hr:1  department:d1  (rule `department`, contract `c1`)
          grant    entra/hr:2  department:d1  (rule `department`, contract `c2`)
          enable   entra/hr:1  (rule `access`, contract `c1`)
          enable   entra/hr:2  (rule `access`, contract `c2`)

        plan of 2026-04-01 04:00 UTC: 1 disable
          disable  entra/hr:2  (no rule gives an account)  expected

        plan of 2026-04-08 04:00 UTC: 1 revoke
          revoke   entra/hr:2  department:d1  (no rule gives it any more)  expected

        plan of 2026-04-20 04:00 UTC: 1 grant, 1 enable
          grant    entra/hr:2  department:d1  (rule `department`, contract `c2`)
          enable   entra/hr:2  (rule `access`, contract `c2`)

        entra on 2026-08-31
          entra-1  hr:1  enabled  anna.vos  department:d1
          entra-2  hr:2  enabled  bram.smit  department:d1
    "#]]
    .assert_eq(&story.told());
}

#[test]
fn case_30_an_end_corrected_into_the_past_disables_now_and_the_grace_counts_from_now() {
    let mut story = Story::new();
    let person = "person 1 given_name=Anna family_name=Vos
                  contract 1 c1 2026-01-05..";
    story.hr("2026-03-20", &format!("{person}2026-12-31 d1"));
    story.hr("2026-04-10", &format!("{person}2026-02-28 d1"));
    story.until("2026-07-31");
    expect![[r#"
        plan of 2026-03-20 04:00 UTC: 1 create, 1 grant, 1 enable
          create   entra/hr:1  (rule `access`, contract `c1`; rule `account`, contract `c1`)
          grant    entra/hr:1  department:d1  (rule `department`, contract `c1`)
          enable   entra/hr:1  (rule `access`, contract `c1`)

        plan of 2026-04-10 04:00 UTC: 1 disable
          disable  entra/hr:1  (no rule gives an account)

        plan of 2026-04-17 04:00 UTC: 1 revoke
          revoke   entra/hr:1  department:d1  (no rule gives it any more)  expected

        plan of 2026-07-09 04:00 UTC: 1 delete
          delete   entra/hr:1  (unwanted since 2026-04-10, the grace is over)  expected
    "#]]
    .assert_eq(&story.told());
}

/// Fourteen people, of whom these many leave with the year.
fn town(leaving: usize) -> String {
    let one = |n: usize| {
        let last = if n < 10 + leaving { "2026-12-31" } else { "" };
        format!("person {n} given_name=Anna family_name=Vos{n}\n contract {n} c{n} 2026-01-05..{last}\n")
    };
    (10..24).map(one).collect()
}

#[test]
fn case_32_a_mass_end_entered_over_days_is_forecast_and_passes_on_its_day_while_a_surprise_is_held() {
    let mut story = Story::new();
    story.hr("2026-11-01", &town(0));
    story.until("2026-11-30");
    let hired = story.told();
    assert!(hired.starts_with("plan of 2026-11-01 04:00 UTC: 14 create, 14 enable"), "{hired}");
    story.tell_from_here();
    story.hr("2026-12-01", &town(4));
    story.hr("2026-12-08", &town(8));
    // On New Year's Day HR ends six more, as of the day before.
    story.hr("2027-01-01", &town(14));
    story.approve("2027-01-02");
    story.until("2027-01-03");
    expect![[r#"
        from 2027-01-01 on 8 people more have no contract; 4 were entered on 2026-12-01 and the others on 1 day more, and the caps let 5 go at once; check the end dates of `hr:10`, `hr:11`, `hr:12` and `hr:13`
        plan of 2026-12-08 04:00 UTC: nothing to do

        plan of 2027-01-01 04:00 UTC: 14 disable
          disable  entra/hr:10  (no rule gives an account)  expected
          disable  entra/hr:11  (no rule gives an account)  expected
          disable  entra/hr:12  (no rule gives an account)  expected
          disable  entra/hr:13  (no rule gives an account)  expected
          disable  entra/hr:14  (no rule gives an account)  expected
          disable  entra/hr:15  (no rule gives an account)  expected
          disable  entra/hr:16  (no rule gives an account)  expected
          disable  entra/hr:17  (no rule gives an account)  expected
          disable  entra/hr:18  (no rule gives an account)
          disable  entra/hr:19  (no rule gives an account)
          disable  entra/hr:20  (no rule gives an account)
          disable  entra/hr:21  (no rule gives an account)
          disable  entra/hr:22  (no rule gives an account)
          disable  entra/hr:23  (no rule gives an account)
          held     `entra`: 6 surprising disable planned, 5 allowed: 1 too many, so none is done until somebody approves; it is about `hr:18`, `hr:19`, `hr:20`, `hr:21`, `hr:22` and 1 more
        done: 8 disable

        plan of 2027-01-02 04:00 UTC: 6 disable
          disable  entra/hr:18  (no rule gives an account)
          disable  entra/hr:19  (no rule gives an account)
          disable  entra/hr:20  (no rule gives an account)
          disable  entra/hr:21  (no rule gives an account)
          disable  entra/hr:22  (no rule gives an account)
          disable  entra/hr:23  (no rule gives an account)
    "#]]
    .assert_eq(&story.told());
}

#[test]
fn case_32_a_surprise_that_is_held_stays_held_however_long_nobody_approves() {
    let mut story = Story::new();
    story.hr("2026-11-01", &town(0));
    story.until("2026-12-31");
    story.tell_from_here();
    story.hr("2027-01-01", &town(6));
    story.until("2027-01-31");
    let told = story.told();
    assert_eq!(told.matches("  held     `entra`: 6 surprising disable planned").count(), 31, "{told}");
    assert_eq!(told.matches("done: ").count(), 0, "{told}");
}
