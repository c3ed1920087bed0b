//! Cases 63, 64, 69 and 70: what others do on the target.

use expect_test::expect;
use provisioning_core::Slot;
use provisioning_core::audit::PersonDirective;
use provisioning_core::target::Shown;

use crate::story::{Story, entra};

/// Anna and her account in the group d1, told from 10 March 2026 on.
fn anna(last: &str) -> Story {
    let mut story = Story::new();
    story.hr(
        "2026-03-01",
        &format!(
            "person 1 given_name=Anna family_name=Vos
             contract 1 c1 2026-01-05..{last} d1"
        ),
    );
    story.until("2026-03-09");
    story.tell_from_here();
    story
}

#[test]
fn case_63_an_account_that_somebody_else_disables_stays_so_until_it_is_released() {
    let mut story = anna("");
    story.by_hand("2026-03-10", |target| target.by_hand("hr:1", Shown::Disabled));
    story.say("2026-03-20", "hr:1", PersonDirective::Release(Slot::main(entra())));
    story.until("2026-03-31");
    expect![[r#"
        somebody else disabled entra/hr:1
        plan of 2026-03-10 04:00 UTC: nothing to do
          waiting  hr:1  somebody else disabled the account on `entra`, it seems; it is read again first

        plan of 2026-03-11 04:00 UTC: nothing to do
          waiting  hr:1  somebody else disabled the account on `entra`; release it to go on

        plan of 2026-03-20 04:00 UTC: 1 enable
          enable   entra/hr:1  (rule `access`, contract `c1`)  ordered
    "#]]
    .assert_eq(&story.told());
}

#[test]
fn case_64_an_account_that_somebody_enables_after_the_end_is_disabled_again_and_its_grace_starts_anew() {
    let mut story = anna("2026-03-31");
    story.by_hand("2026-04-20", |target| target.by_hand("hr:1", Shown::Enabled));
    story.until("2026-12-31");
    expect![[r#"
        plan of 2026-04-01 04:00 UTC: 1 disable
          disable  entra/hr:1  (no rule gives an account)  expected

        plan of 2026-04-08 04:00 UTC: 1 revoke
          revoke   entra/hr:1  department:d1  (no rule gives it any more)  expected

        somebody else enabled entra/hr:1
        plan of 2026-04-20 04:00 UTC: 1 disable
          disable  entra/hr:1  (somebody else enabled it; no rule gives an account)

        plan of 2026-07-19 04:00 UTC: 1 delete
          delete   entra/hr:1  (unwanted since 2026-04-01, the grace is over)  expected
    "#]]
    .assert_eq(&story.told());
}

#[test]
fn case_69_and_70_a_membership_taken_away_by_hand_is_given_again_and_one_given_by_hand_stays() {
    let mut story = anna("");
    story.by_hand("2026-03-10", |target| {
        target.change("hr:1", |account| {
            account.permissions = Some(["department:d2".parse().unwrap()].into());
        });
    });
    story.until("2026-03-31");
    story.look();
    expect![[r#"
        plan of 2026-03-10 04:00 UTC: 1 grant
          grant    entra/hr:1  department:d1  (rule `department`, contract `c1`)

        entra on 2026-03-31
          entra-1  hr:1  enabled  anna.vos  department:d1, department:d2
    "#]]
    .assert_eq(&story.told());
}
