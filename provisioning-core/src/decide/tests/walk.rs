//! Walking the lifecycle table, and what stops the walk.

use expect_test::expect;

use crate::audit::{AccountFact, OthersDid, PersonDirective, Truth};
use crate::decide::tests::Case;
use crate::id::Slot;
use crate::samples::{day, id};
use crate::target::{Deletion, Presence, RestoredGrants, Shown};

const STAFF: &str = "person 1 names=anna\n contract 1 a 2026-01-01.. gives=access,sales";
const HIRED: &str = "create 1 user_name=anna\n grant 1 sales\n enable 1";
const LEFT: &str = "person 1 names=anna\n contract 1 a 2026-01-01..2026-01-31 gives=access,sales";

fn suspected(what: OthersDid, shown: Option<(Presence, Shown)>) -> AccountFact {
    AccountFact::Suspected { what, shown, holds: None, day: day("2026-03-08") }
}

fn confirmed(what: OthersDid) -> AccountFact {
    AccountFact::Held { what, holds: None, day: day("2026-03-09") }
}

fn on_entra() -> Slot {
    Slot::main(id("entra"))
}

#[test]
fn a_hire_entered_late_is_created_and_enabled_in_one_plan() {
    Case::on("2026-03-10", STAFF).check(&expect![[r"
        create   entra/hr:1  (rule `gives access`, contract `a`)  user_name=`anna`
        enable   entra/hr:1  (rule `gives access`, contract `a`)
        grant    entra/hr:1  sales  (rule `gives sales`, contract `a`)
        next     hr:1  never
    "]]);
}

#[test]
fn a_coming_hire_is_created_disabled_from_the_lead_on() {
    let rows = "person 1 names=anna\n contract 1 a 2026-03-20.. gives=access,sales lead=10";
    Case::on("2026-03-09", rows).check(&expect![[r"
        next     hr:1  2026-03-10 00:00
    "]]);
    Case::on("2026-03-10", rows).check(&expect![[r"
        create   entra/hr:1  (rule `gives account`, contract `a`)  expected  user_name=`anna`
        next     hr:1  2026-03-20 00:00
    "]]);
}

#[test]
fn a_staged_account_is_enabled_on_the_first_day() {
    let mut case = Case::on("2026-03-20", "person 1 names=anna\n contract 1 a 2026-03-20.. gives=access lead=10");
    case.book.did("2026-03-10", "create 1 user_name=anna");
    case.check(&expect![[r"
        enable   entra/hr:1  (rule `gives access`, contract `a`)  expected
        next     hr:1  never
    "]]);
}

#[test]
fn nothing_is_done_about_what_is_as_it_should_be() {
    let mut case = Case::on("2026-03-10", STAFF);
    case.book.did("2026-01-01", HIRED);
    case.shows("1 enabled user_name=anna holds=sales");
    case.check(&expect![[r"
        next     hr:1  never
    "]]);
}

#[test]
fn a_leaver_is_disabled_on_the_day_after_the_last_and_keeps_grants_for_the_retention() {
    let mut case =
        Case::on("2026-03-10", "person 1 names=anna\n contract 1 a 2026-01-01..2026-03-09 gives=access,sales");
    case.book.did("2026-01-01", HIRED);
    case.check(&expect![[r"
        disable  entra/hr:1  (no rule gives an account)  expected
        note     entra/hr:1  Unwanted { since: 2026-03-10 }
        next     hr:1  2026-03-17 00:00
    "]]);
    case.now = crate::samples::at("2026-03-09");
    case.check(&expect![[r"
        next     hr:1  2026-03-10 00:00
    "]]);
}

#[test]
fn the_walk_never_goes_past_a_disable() {
    let mut case = Case::on("2027-01-01", LEFT);
    case.book.began("2026-12-31", &crate::policy::Policy::version(&case.policy));
    case.settings.lifecycle.grace.suspended_days = 0;
    case.book.did("2026-01-01", HIRED);
    case.check(&expect![[r"
        disable  entra/hr:1  (no rule gives an account)  expected
        note     entra/hr:1  Unwanted { since: 2027-01-01 }
        next     hr:1  2027-01-08 00:00, and in the next run
    "]]);
}

fn suspended(now: &str, rows: &str) -> Case {
    let mut case = Case::on(now, rows);
    case.book.did("2026-01-01", HIRED);
    case.book.did("2026-02-01", "disable 1\n revoke 1 sales");
    case.notes("2026-02-01", "1", AccountFact::Unwanted { since: day("2026-02-01") });
    case
}

#[test]
fn an_unwanted_account_is_deleted_when_the_grace_is_over_and_not_a_day_before() {
    suspended("2026-03-02", LEFT).check(&expect![[r"
        next     hr:1  2026-03-03 00:00
    "]]);
    suspended("2026-03-03", LEFT).check(&expect![[r"
        delete   entra/hr:1  (unwanted since 2026-02-01, the grace is over)  expected
        next     hr:1  never
    "]]);
}

#[test]
fn an_account_that_was_never_enabled_has_a_grace_of_its_own() {
    let rows = "person 1 names=anna";
    for (now, expected) in [
        (
            "2026-03-10",
            expect![[r"
            next     hr:1  2026-03-11 00:00
        "]],
        ),
        (
            "2026-03-11",
            expect![[r"
            delete   entra/hr:1  (unwanted since 2026-03-04, the grace is over)  expected
            next     hr:1  never
        "]],
        ),
    ] {
        let mut case = Case::on(now, rows);
        case.book.did("2026-01-01", "create 1 user_name=anna");
        case.notes("2026-03-04", "1", AccountFact::Unwanted { since: day("2026-03-04") });
        case.check(&expected);
    }
}

#[test]
fn an_account_that_is_wanted_again_is_noted_and_enabled() {
    suspended("2026-03-10", STAFF).check(&expect![[r"
        enable   entra/hr:1  (rule `gives access`, contract `a`)
        grant    entra/hr:1  sales  (rule `gives sales`, contract `a`)
        note     entra/hr:1  Wanted
        next     hr:1  never
    "]]);
}

#[test]
fn nothing_is_deleted_while_a_return_is_known() {
    let returns = "person 1 names=anna\n contract 1 a 2026-01-01..2026-01-31\n contract 1 b 2026-06-01.. gives=access";
    suspended("2026-03-10", returns).check(&expect![[r"
        next     hr:1  2026-06-01 00:00
    "]]);
    let mut case = suspended("2026-03-10", returns);
    case.settings.lifecycle.return_horizon_days = Some(83);
    case.check(&expect![[r"
        next     hr:1  2026-06-01 00:00
    "]]);
    case.settings.lifecycle.return_horizon_days = Some(82);
    case.check(&expect![[r"
        delete   entra/hr:1  (unwanted since 2026-02-01, the grace is over)  expected
        next     hr:1  2026-03-11 00:00
    "]]);
}

#[test]
fn a_return_beyond_the_horizon_is_looked_at_when_it_comes_into_sight() {
    let returns = "person 1 names=anna\n contract 1 a 2026-01-01..2026-01-31\n contract 1 b 2026-06-01.. gives=access";
    let mut case = suspended("2026-02-10", returns);
    case.settings.lifecycle.return_horizon_days = Some(101);
    case.check(&expect![[r"
        next     hr:1  2026-02-20 00:00
    "]]);
}

#[test]
fn a_start_to_come_is_no_date_for_an_account_that_is_wanted() {
    let rows = "person 1 names=anna\n contract 1 a 2026-01-01.. gives=account\n contract 1 b 2026-06-01.. gives=access";
    let mut case = suspended("2026-03-10", rows);
    case.settings.lifecycle.return_horizon_days = Some(10);
    case.check(&expect![[r"
        note     entra/hr:1  Wanted
        next     hr:1  2026-06-01 00:00
    "]]);
}

/// Deleted on 3 March with a bin of 30 days: it can be restored through 1 April.
fn deleted(now: &str, rows: &str) -> Case {
    let mut case = suspended(now, rows);
    case.book.did("2026-03-03", "delete 1");
    case
}

#[test]
fn a_return_while_the_bin_has_the_account_restores_it() {
    deleted("2026-03-10", STAFF).check(&expect![[r"
        restore  entra/hr:1  (rule `gives access`, contract `a`)
        enable   entra/hr:1  (rule `gives access`, contract `a`)
        grant    entra/hr:1  sales  (rule `gives sales`, contract `a`)
        next     hr:1  never
    "]]);
    let coming = "person 1 names=anna\n contract 1 b 2026-03-20.. gives=access lead=10";
    deleted("2026-03-10", coming).check(&expect![[r"
        restore  entra/hr:1  (rule `gives account`, contract `b`)  expected
        next     hr:1  2026-03-17 00:00
    "]]);
    deleted("2026-03-10", LEFT).check(&expect![[r"
        next     hr:1  never
    "]]);
}

#[test]
fn a_return_after_the_bin_is_emptied_makes_a_new_account() {
    deleted("2026-04-01", STAFF).check(&expect![[r"
        restore  entra/hr:1  (rule `gives access`, contract `a`)
        enable   entra/hr:1  (rule `gives access`, contract `a`)
        grant    entra/hr:1  sales  (rule `gives sales`, contract `a`)
        next     hr:1  never
    "]]);
    deleted("2026-04-02", STAFF).check(&expect![[r"
        create   entra/hr:1  (rule `gives access`, contract `a`)  user_name=`anna`
        enable   entra/hr:1  (rule `gives access`, contract `a`)
        grant    entra/hr:1  sales  (rule `gives sales`, contract `a`)
        next     hr:1  never
    "]]);
}

#[test]
fn a_known_return_after_the_bin_is_emptied_restores_in_time() {
    let returns = |start: &str| {
        format!("person 1 names=anna\n contract 1 a 2026-01-01..2026-01-31\n contract 1 b {start}.. gives=access")
    };
    deleted("2026-03-10", &returns("2026-04-01")).check(&expect![[r"
        next     hr:1  2026-04-01 00:00
    "]]);
    deleted("2026-03-10", &returns("2026-04-02")).check(&expect![[r"
        restore  entra/hr:1  (returns on 2026-04-02, after the recycle bin is emptied)
        note     entra/hr:1  Unwanted { since: 2026-03-10 }
        next     hr:1  2026-03-17 00:00
    "]]);
    let mut case = deleted("2026-03-10", &returns("2026-04-02"));
    case.settings.lifecycle.return_horizon_days = Some(22);
    case.check(&expect![[r"
        next     hr:1  2026-03-11 00:00
    "]]);
}

#[test]
fn what_others_deleted_is_not_restored_for_a_known_return() {
    let mut case = suspended("2026-03-10", "person 1 names=anna\n contract 1 b 2026-06-01.. gives=access");
    case.notes(
        "2026-03-08",
        "1",
        suspected(OthersDid::Delete, Some((Presence::InBin(day("2026-03-08")), Shown::Disabled))),
    );
    case.notes("2026-03-09", "1", confirmed(OthersDid::Delete));
    case.says("2026-03-09", "1", PersonDirective::Release(on_entra()));
    case.check(&expect![[r"
        note     entra/hr:1  ReleaseEnded
        next     hr:1  2026-06-01 00:00
    "]]);
}

#[test]
fn what_a_restore_may_bring_back_is_taken_away_first() {
    let mut case = Case::on("2026-03-10", "person 1 names=anna\n contract 1 a 2026-03-01.. gives=access,sales");
    case.book.did("2026-01-01", "create 1 user_name=anna\n grant 1 stock\n enable 1\n disable 1\n delete 1");
    case.book.did("2026-03-01", "create 1 user_name=anna\n grant 1 stock\n enable 1\n disable 1\n delete 1");
    case.check(&expect![[r"
        restore  entra/hr:1  (rule `gives access`, contract `a`)  expected
        enable   entra/hr:1  (rule `gives access`, contract `a`)  expected
        revoke   entra/hr:1  stock  (no rule gives it any more)  expected
        grant    entra/hr:1  sales  (rule `gives sales`, contract `a`)  expected
        next     hr:1  never
    "]]);
}

#[test]
fn where_a_restored_account_cannot_be_read_enabling_waits_for_the_reading() {
    let mut case = deleted("2026-03-10", STAFF);
    let unreadable = Deletion::Bin { days: 30, grants: RestoredGrants::Unreadable };
    case.settings.targets[0].capabilities.deletion = unreadable;
    case.check(&expect![[r"
        restore  entra/hr:1  (rule `gives access`, contract `a`)
        grant    entra/hr:1  sales  (rule `gives sales`, contract `a`)
        waiting  hr:1  what the restored account on `entra` holds was not read yet
        next     hr:1  2026-03-17 00:00, and in the next run
    "]]);
    case.book.did("2026-03-09", "restore 1");
    case.shows("1 disabled user_name=anna holds=?");
    case.check(&expect![[r"
        grant    entra/hr:1  sales  (rule `gives sales`, contract `a`)
        waiting  hr:1  what the restored account on `entra` holds was not read yet
        next     hr:1  2026-03-16 00:00, and in the next run
    "]]);
    case.accounts.clear();
    case.shows("1 disabled user_name=anna holds=stock");
    case.check(&expect![[r"
        enable   entra/hr:1  (rule `gives access`, contract `a`)
        grant    entra/hr:1  sales  (rule `gives sales`, contract `a`)
        next     hr:1  never
    "]]);
}

#[test]
fn a_new_account_needs_no_reading_before_it_is_enabled() {
    let mut case = Case::on("2026-03-10", STAFF);
    case.settings.targets[0].capabilities.deletion = Deletion::Bin { days: 30, grants: RestoredGrants::Unreadable };
    case.check(&expect![[r"
        create   entra/hr:1  (rule `gives access`, contract `a`)  user_name=`anna`
        enable   entra/hr:1  (rule `gives access`, contract `a`)
        grant    entra/hr:1  sales  (rule `gives sales`, contract `a`)
        next     hr:1  never
    "]]);
}

#[test]
fn i_46_a_foreign_disable_is_not_undone() {
    for held in [false, true] {
        let mut case = Case::on("2026-03-10", STAFF);
        case.book.did("2026-01-01", HIRED);
        case.notes("2026-03-08", "1", suspected(OthersDid::Disable, Some((Presence::Live, Shown::Disabled))));
        if held {
            case.notes("2026-03-09", "1", confirmed(OthersDid::Disable));
        }
        let expected = if held {
            expect![[r"
                waiting  hr:1  somebody else disabled the account on `entra`; release it to go on
                next     hr:1  2026-03-15 00:00, and in the next run
            "]]
        } else {
            expect![[r"
                waiting  hr:1  somebody else disabled the account on `entra`, it seems; it is read again first
                next     hr:1  2026-03-15 00:00, and in the next run
            "]]
        };
        case.check(&expected);
    }
}

#[test]
fn a_release_enables_again_and_caps_do_not_count_it() {
    let mut case = Case::on("2026-03-10", STAFF);
    case.book.did("2026-01-01", HIRED);
    case.notes("2026-03-08", "1", suspected(OthersDid::Disable, Some((Presence::Live, Shown::Disabled))));
    case.says("2026-03-09", "1", PersonDirective::Release(on_entra()));
    case.check(&expect![[r"
        enable   entra/hr:1  (rule `gives access`, contract `a`)  ordered
        next     hr:1  never
    "]]);
}

#[test]
fn a_foreign_delete_is_not_undone() {
    let mut case = Case::on("2026-03-10", STAFF);
    case.book.did("2026-01-01", HIRED);
    case.notes("2026-03-08", "1", suspected(OthersDid::Delete, None));
    case.notes("2026-03-09", "1", confirmed(OthersDid::Delete));
    case.check(&expect![[r"
        waiting  hr:1  somebody else deleted the account on `entra`; release it to go on
        next     hr:1  never, and in the next run
    "]]);
}

#[test]
fn a_foreign_disable_is_deleted_at_grace_once_it_is_held() {
    for (held, expected) in [
        (
            true,
            expect![[r"
        delete   entra/hr:1  (unwanted since 2026-02-01, the grace is over)
        next     hr:1  never
    "]],
        ),
        (
            false,
            expect![[r"
        revoke   entra/hr:1  sales  (no rule gives it any more)
        next     hr:1  never
    "]],
        ),
    ] {
        let mut case = Case::on("2026-03-10", LEFT);
        case.book.did("2026-01-01", HIRED);
        case.notes("2026-02-01", "1", AccountFact::Unwanted { since: day("2026-02-01") });
        let seen = Some((Presence::Live, Shown::Disabled));
        let what =
            AccountFact::Suspected { what: OthersDid::Disable, shown: seen, holds: None, day: day("2026-02-01") };
        case.notes("2026-02-01", "1", what);
        if held {
            case.notes("2026-02-02", "1", confirmed(OthersDid::Disable));
        }
        case.check(&expected);
    }
}

#[test]
fn what_others_restored_is_not_deleted() {
    let mut case = deleted("2026-04-20", LEFT);
    let seen = Some((Presence::Live, Shown::Disabled));
    let what = AccountFact::Suspected { what: OthersDid::Restore, shown: seen, holds: None, day: day("2026-03-05") };
    case.notes("2026-03-05", "1", what);
    case.notes("2026-03-06", "1", confirmed(OthersDid::Restore));
    case.notes("2026-03-06", "1", AccountFact::Unwanted { since: day("2026-03-06") });
    case.check(&expect![[r"
        next     hr:1  never
    "]]);
}

#[test]
fn what_others_enabled_is_disabled_again_where_nothing_is_wanted() {
    let mut case = suspended("2026-03-10", LEFT);
    case.notes("2026-03-09", "1", AccountFact::EnabledByOthers);
    case.check(&expect![[r"
        disable  entra/hr:1  (somebody else enabled it; no rule gives an account)
        next     hr:1  2026-03-17 00:00
    "]]);
}

#[test]
fn what_others_enabled_ends_a_foreign_disable_where_access_is_wanted() {
    let mut case = Case::on("2026-03-10", STAFF);
    case.book.did("2026-01-01", HIRED);
    case.notes("2026-03-08", "1", suspected(OthersDid::Disable, Some((Presence::Live, Shown::Disabled))));
    case.notes("2026-03-09", "1", AccountFact::EnabledByOthers);
    case.check(&expect![[r"
        note     entra/hr:1  HoldEnded
        next     hr:1  never
    "]]);
    let mut case = Case::on("2026-03-10", LEFT);
    case.book.did("2026-01-01", HIRED);
    case.notes("2026-03-08", "1", suspected(OthersDid::Disable, Some((Presence::Live, Shown::Disabled))));
    case.notes("2026-03-09", "1", AccountFact::EnabledByOthers);
    case.check(&expect![[r"
        disable  entra/hr:1  (somebody else enabled it; no rule gives an account)
        note     entra/hr:1  Unwanted { since: 2026-03-10 }
        next     hr:1  2026-03-17 00:00
    "]]);
}

#[test]
fn nothing_is_raised_on_a_target_that_was_not_read_whole() {
    let mut case = Case::on("2026-03-10", STAFF);
    case.unread = vec!["entra"];
    case.check(&expect![[r"
        waiting  hr:1  `entra` was not read whole yet
        next     hr:1  never, and in the next run
    "]]);
    let mut case = Case::on("2026-03-10", LEFT);
    case.book.did("2026-01-01", HIRED);
    case.unread = vec!["entra"];
    case.check(&expect![[r"
        disable  entra/hr:1  (no rule gives an account)  expected
        note     entra/hr:1  Unwanted { since: 2026-03-10 }
        next     hr:1  2026-03-17 00:00
    "]]);
}

#[test]
fn an_open_intent_is_answered_before_anything_else() {
    let mut case = Case::on("2026-03-10", LEFT);
    case.book.did("2026-01-01", HIRED);
    case.book.sent("2026-03-09", "disable 1");
    case.check(&expect![[r"
        disable  entra/hr:1  (no rule gives an account)  expected
        waiting  hr:1  the outcome of an earlier step on `entra` is not known yet
        next     hr:1  never, and in the next run
    "]]);
}

#[test]
fn a_rule_for_an_unknown_target_is_refused() {
    Case::on("2026-03-10", "person 1\n contract 1 a 2026-01-01.. gives=mars/access").check(&expect![[r"
        refused  hr:1  `mars` is no target in the settings: add it, or let no rule give it
        next     hr:1  never, and in the next run
    "]]);
}

#[test]
fn targets_are_decided_in_their_order_and_later_ones_see_what_is_planned() {
    let rows = "person 1 names=anna\n contract 1 a 2026-01-01.. gives=ad/account,access";
    Case::on("2026-03-10", rows).check(&expect![[r"
        create   entra/hr:1  (rule `gives access`, contract `a`)  user_name=`anna`
        enable   entra/hr:1  (rule `gives access`, contract `a`)
        create   ad/hr:1  (rule `gives account`, contract `a`)  upn=`anna` user_name=`anna`
        next     hr:1  never
    "]]);
}

#[test]
fn a_rule_that_cannot_tell_takes_nothing_away_that_is_there() {
    let rows = |unsure: &str| format!("person 1 names=anna unsure={unsure}\n contract 1 a 2026-01-01..2026-01-31");
    let mut active = Case::on("2026-03-10", &rows("access,sales"));
    active.book.did("2026-01-01", HIRED);
    active.check(&expect![[r"
        refused  hr:1  rule `gives access` cannot tell: a table
        refused  hr:1  rule `gives sales` cannot tell: a table
        next     hr:1  never
    "]]);
    let mut active = Case::on("2026-03-10", &rows("account,sales"));
    active.book.did("2026-01-01", HIRED);
    active.check(&expect![[r"
        disable  entra/hr:1  (the rules give an account without access)
        refused  hr:1  rule `gives account` cannot tell: a table
        refused  hr:1  rule `gives sales` cannot tell: a table
        next     hr:1  2026-03-17 00:00
    "]]);
    suspended("2026-03-10", &rows("access")).check(&expect![[r"
        note     entra/hr:1  Wanted
        refused  hr:1  rule `gives access` cannot tell: a table
        next     hr:1  never
    "]]);
    suspended("2026-03-10", &rows("sales")).check(&expect![[r"
        delete   entra/hr:1  (unwanted since 2026-02-01, the grace is over)  expected
        refused  hr:1  rule `gives sales` cannot tell: a table
        next     hr:1  never
    "]]);
    Case::on("2026-03-10", &rows("access")).check(&expect![[r"
        refused  hr:1  rule `gives access` cannot tell: a table
        next     hr:1  never
    "]]);
    let mut elsewhere = Case::on("2026-03-10", &rows("ad/access"));
    elsewhere.book.did("2026-01-01", HIRED);
    elsewhere.check(&expect![[r"
        disable  entra/hr:1  (no rule gives an account)
        note     entra/hr:1  Unwanted { since: 2026-03-10 }
        refused  hr:1  rule `gives access` cannot tell: a table
        next     hr:1  2026-03-17 00:00
    "]]);
}

#[test]
fn an_account_that_its_target_lost_at_once_is_made_anew() {
    let mut case = suspended("2026-03-10", STAFF);
    case.book.became("2026-03-09", "delete 1", Truth::Gone);
    case.settings.targets[0].capabilities.deletion = Deletion::ForGood;
    case.check(&expect![[r"
        create   entra/hr:1  (rule `gives access`, contract `a`)  user_name=`anna`
        enable   entra/hr:1  (rule `gives access`, contract `a`)
        grant    entra/hr:1  sales  (rule `gives sales`, contract `a`)
        next     hr:1  never
    "]]);
}
