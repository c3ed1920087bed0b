//! Cases 92, 94 and 95: days, zones and clocks.

use chrono_tz::Tz;
use expect_test::expect;
use provisioning_core::audit::{PersonDirective, RunDirective};

use crate::story::{Story, date};

#[test]
fn case_92_a_start_is_a_civil_day_in_a_zone_whose_midnight_is_looked_up_when_it_comes() {
    let mut story = Story::new();
    let people = "person 1 given_name=Anna family_name=Vos zone=Europe/Amsterdam
                  contract 1 c1 2026-03-30.. d1
                  person 2 given_name=Bram family_name=Smit zone=America/New_York
                  contract 2 c2 2026-03-30.. d1
                  person 3 given_name=Cato family_name=Mol
                  contract 3 c3 2026-03-31.. d1";
    // In winter time; the clocks of Amsterdam go ahead on 29 March.
    story.hr("2026-03-20", people);
    // HR learns that the third one works in Tokyo.
    story.hr("2026-03-25", &format!("{people} zone=Asia/Tokyo"));
    story.until("2026-03-29");
    story.tell_from_here();
    for instant in ["2026-03-29T21:59:59Z", "2026-03-29T22:00:00Z", "2026-03-30T03:59:59Z"] {
        story.at(instant);
    }
    story.until("2026-03-30");
    for instant in ["2026-03-30T14:59:59Z", "2026-03-30T15:00:00Z"] {
        story.at(instant);
    }
    story.until("2026-04-10");
    expect![[r#"
        plan of 2026-03-29 22:00 UTC: 1 grant, 1 enable
          grant    entra/hr:1  department:d1  (rule `department`, contract `c1`)  expected
          enable   entra/hr:1  (rule `access`, contract `c1`)  expected

        plan of 2026-03-30 04:00 UTC: 1 grant, 1 enable
          grant    entra/hr:2  department:d1  (rule `department`, contract `c2`)  expected
          enable   entra/hr:2  (rule `access`, contract `c2`)  expected

        plan of 2026-03-30 15:00 UTC: 1 grant, 1 enable
          grant    entra/hr:3  department:d1  (rule `department`, contract `c3`)  expected
          enable   entra/hr:3  (rule `access`, contract `c3`)  expected
    "#]]
    .assert_eq(&story.told());
    let contract = story.contract("hr:3", "c3");
    assert_eq!((contract.period.unwrap().start(), contract.zone), (date("2026-03-31"), Some(Tz::Asia__Tokyo)));
}

#[test]
fn case_94_a_grace_is_counted_in_whole_days_over_leap_days_and_short_months() {
    let mut story = Story::with(|settings| settings.lifecycle.grace.suspended_days = 365);
    story.hr(
        "2028-01-20",
        "person 1 given_name=Anna family_name=Vos
         contract 1 c1 2027-01-04..2028-02-28
         person 2 given_name=Bram family_name=Smit
         contract 2 c2 2027-01-04..2028-02-29
         person 3 given_name=Cato family_name=Mol
         contract 3 c3 2027-01-04..2028-01-31",
    );
    story.until("2028-01-20");
    story.tell_from_here();
    story.until("2029-03-31");
    expect![[r#"
        plan of 2028-02-01 04:00 UTC: 1 disable
          disable  entra/hr:3  (no rule gives an account)  expected

        plan of 2028-02-29 04:00 UTC: 1 disable
          disable  entra/hr:1  (no rule gives an account)  expected

        plan of 2028-03-01 04:00 UTC: 1 disable
          disable  entra/hr:2  (no rule gives an account)  expected

        plan of 2029-01-31 04:00 UTC: 1 delete
          delete   entra/hr:3  (unwanted since 2028-02-01, the grace is over)  expected

        plan of 2029-02-28 04:00 UTC: 1 delete
          delete   entra/hr:1  (unwanted since 2028-02-29, the grace is over)  expected

        plan of 2029-03-01 04:00 UTC: 1 delete
          delete   entra/hr:2  (unwanted since 2028-03-01, the grace is over)  expected
    "#]]
    .assert_eq(&story.told());
}

#[test]
fn case_95_a_clock_that_jumps_a_year_ahead_moves_nothing_but_blocks_until_somebody_acknowledges_it() {
    let mut story = Story::new();
    story.hr(
        "2026-03-20",
        "person 1 given_name=Anna family_name=Vos
         contract 1 c1 2026-01-05..2026-03-31
         person 2 given_name=Bram family_name=Smit
         contract 2 c2 2026-01-05..",
    );
    story.until("2026-03-20");
    story.tell_from_here();
    story.say("2026-03-21", "hr:2", PersonDirective::Block);
    story.at("2027-03-21T04:00:00Z");
    story.until("2026-03-22");
    // This time the year did pass.
    story.sleep_until("2027-03-22");
    story.until("2027-03-23");
    story.order("2027-03-24", RunDirective::AcknowledgeClock("2027-03-24T03:00:00Z".parse().unwrap()));
    story.until("2027-03-31");
    expect![[r#"
        the clock went back or too far ahead; only blocks were acted on; acknowledge it to go on
        plan of 2027-03-21 04:00 UTC: 1 disable
          disable  entra/hr:2  (blocked by a directive)  ordered
        done: 1 disable

        the clock went back or too far ahead; only blocks were acted on; acknowledge it to go on
        plan of 2027-03-22 04:00 UTC: nothing to do

        plan of 2027-03-24 04:00 UTC: 1 disable
          disable  entra/hr:1  (no rule gives an account)  expected
    "#]]
    .assert_eq(&story.told());
}
