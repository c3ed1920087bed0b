//! Accounts that were there before: whose they are, when nobody can say, and what may be done with them before go-live.

use expect_test::expect;

use crate::audit::{AccountFact, Directive, Fact, PersonDirective, RunDirective, Settlement};
use crate::decide::tests::Case;
use crate::samples::{account_id, day, id, key};
use crate::settings::{Confidence, Correlation};
use crate::target::{ObservedAccount, Presence, Shown};

const STAFF: &str = "person 1 names=anna mail=anna\n contract 1 a 2026-01-01.. gives=access,sales";

fn way(field: Option<&str>, attribute: &str, confidence: Confidence) -> Correlation {
    Correlation { field: field.map(id), attribute: id(attribute), confidence }
}

/// By key, then by mail, then, weakly, by phone.
fn correlating(now: &str, rows: &str) -> Case {
    let mut case = Case::on(now, rows);
    for target in &mut case.settings.targets {
        target.correlation = vec![
            way(None, "employee", Confidence::Strong),
            way(Some("mail"), "mail", Confidence::Strong),
            way(Some("phone"), "phone", Confidence::Weak),
        ];
    }
    case
}

#[test]
fn without_a_match_an_account_is_made() {
    let mut case = correlating("2026-03-10", STAFF);
    case.shows("8 enabled anchor=- employee=11 mail=anna.vos");
    case.check(&expect![[r"
        create   entra/hr:1  (rule `gives access`, contract `a`)  user_name=`anna`
        enable   entra/hr:1  (rule `gives access`, contract `a`)
        grant    entra/hr:1  sales  (rule `gives sales`, contract `a`)
        next     hr:1  never
    "]]);
}

#[test]
fn the_only_match_is_adopted_and_nothing_else_is_done_in_that_run() {
    let mut case = correlating("2026-03-10", STAFF);
    case.shows("8 enabled anchor=- employee=1 holds=stock");
    case.check(&expect![[r"
        note     entra/hr:1  Adopted { account: ObservedAccount(entra-hr:8, Live, Enabled, Some(1)), names: [FieldName(user_name)], day: 2026-03-10 }
        next     hr:1  never, and in the next run
    "]]);
    let mut disabled = correlating("2026-03-10", STAFF);
    disabled.shows("8 disabled anchor=- mail=ANNA");
    disabled.check(&expect![[r"
        note     entra/hr:1  Adopted { account: ObservedAccount(entra-hr:8, Live, Disabled, Some(0)), names: [FieldName(user_name)], day: 2026-03-10 }
        next     hr:1  2026-03-17 00:00, and in the next run
    "]]);
}

#[test]
fn the_first_way_that_finds_anything_counts() {
    let mut case = correlating("2026-03-10", STAFF);
    case.shows("8 enabled anchor=- mail=anna");
    case.shows("9 enabled anchor=- employee=1");
    case.check(&expect![[r"
        note     entra/hr:1  Adopted { account: ObservedAccount(entra-hr:9, Live, Enabled, Some(0)), names: [FieldName(user_name)], day: 2026-03-10 }
        next     hr:1  never, and in the next run
    "]]);
}

#[test]
fn i_10_nobody_is_chosen_among_two() {
    let mut case = correlating("2026-03-10", STAFF);
    case.shows("8 enabled anchor=- mail=anna");
    case.shows("9 enabled anchor=- mail=Anna");
    case.check(&expect![[r"
        waiting  hr:1  several accounts on `entra` match: `entra-hr:8`, `entra-hr:9`; none is chosen
        next     hr:1  never, and in the next run
    "]]);
}

#[test]
fn i_09_an_account_that_matches_two_people_is_nobodys() {
    let twins = "person 1 names=anna mail=anna\n contract 1 a 2026-01-01.. gives=access
        person 2 names=anne mail=anna\n contract 2 b 2026-01-01.. gives=access";
    let mut case = correlating("2026-03-10", twins);
    case.shows("8 enabled anchor=- mail=anna");
    case.check(&expect![[r"
        waiting  hr:1  account `entra-hr:8` on `entra` matches several people
        waiting  hr:2  account `entra-hr:8` on `entra` matches several people
        next     hr:1  never, and in the next run
        next     hr:2  never, and in the next run
    "]]);
    // Whoever has an account, or gets none, claims nothing.
    let mut case = correlating("2026-03-10", twins);
    case.book.did("2026-01-01", "create 2 user_name=anne\n enable 2");
    case.shows("8 enabled anchor=- mail=anna");
    case.check(&expect![[r"
        note     entra/hr:1  Adopted { account: ObservedAccount(entra-hr:8, Live, Enabled, Some(0)), names: [FieldName(user_name)], day: 2026-03-10 }
        next     hr:1  never, and in the next run
        next     hr:2  never
    "]]);
    let mut case = correlating("2026-03-10", &twins.replace("contract 2 b 2026-01-01..", "contract 2 b 2026-06-01.."));
    case.shows("8 enabled anchor=- mail=anna");
    case.check(&expect![[r"
        note     entra/hr:1  Adopted { account: ObservedAccount(entra-hr:8, Live, Enabled, Some(0)), names: [FieldName(user_name)], day: 2026-03-10 }
        next     hr:1  never, and in the next run
        next     hr:2  2026-06-01 00:00
    "]]);
}

#[test]
fn an_account_that_is_somebody_elses_already_is_not_adopted() {
    let mut case = correlating("2026-03-10", STAFF);
    case.book.did("2026-01-01", "create 8 user_name=other\n enable 8");
    case.shows("8 enabled employee=1");
    case.check(&expect![[r"
        disable  entra/hr:8  (no rule gives an account)
        note     entra/hr:8  Unwanted { since: 2026-03-10 }
        waiting  hr:1  account `entra-hr:8` on `entra` is somebody else's already
        next     hr:1  never, and in the next run
        next     hr:8  2026-03-17 00:00
    "]]);
}

#[test]
fn a_weak_match_stops_and_asks() {
    let mut case = correlating("2026-03-10", &STAFF.replace("mail=anna", "phone=4"));
    case.shows("8 enabled anchor=- phone=4");
    case.check(&expect![[r"
        waiting  hr:1  account `entra-hr:8` on `entra` may be the person's
        next     hr:1  never, and in the next run
    "]]);
}

#[test]
fn a_deleted_match_stops_and_asks() {
    let mut case = correlating("2026-03-10", STAFF);
    case.shows("8 disabled anchor=- mail=anna bin=2026-03-01");
    case.check(&expect![[r"
        waiting  hr:1  account `entra-hr:8` on `entra` matches and is deleted; restore or purge it
        next     hr:1  never, and in the next run
    "]]);
}

/// A create of ours had no outcome, and was not done by all that could be told.
fn may_have_made(case: &mut Case, step: &str) {
    let intent = case.book.sent("2026-03-09", step);
    case.book.note("2026-03-09", Fact::Outcome(intent, Settlement::NotDone));
}

#[test]
fn an_account_that_bears_our_anchor_comes_before_every_correlation() {
    for mut case in [correlating("2026-03-10", STAFF), Case::on("2026-03-10", STAFF)] {
        may_have_made(&mut case, "create 1 user_name=anna");
        case.shows("8 enabled anchor=- employee=1");
        case.shows("1 disabled id=half-made");
        case.check(&expect![[r"
            note     entra/hr:1  Adopted { account: ObservedAccount(half-made, Live, Disabled, Some(0)), names: [FieldName(user_name)], day: 2026-03-10 }
            next     hr:1  2026-03-17 00:00, and in the next run
        "]]);
    }
}

#[test]
fn an_anchor_that_no_create_of_ours_explains_may_be_anybodys() {
    for mut case in [correlating("2026-03-10", STAFF), Case::on("2026-03-10", STAFF)] {
        case.shows("8 enabled anchor=- employee=1");
        case.shows("1 enabled id=planted");
        case.check(&expect![[r"
            waiting  hr:1  account `planted` on `entra` bears the person's anchor, and no create of ours made it; delete it there, or take the anchor away
            next     hr:1  never, and in the next run
        "]]);
    }
}

#[test]
fn other_kinds_of_accounts_are_known_by_their_anchor_only() {
    let admin = STAFF.replace("access,sales", "access#admin");
    let mut case = correlating("2026-03-10", &admin);
    case.shows("8 enabled anchor=- employee=1");
    case.check(&expect![[r"
        create   entra/hr:1#admin  (rule `gives access`, contract `a`)  user_name=`anna`
        enable   entra/hr:1#admin  (rule `gives access`, contract `a`)
        next     hr:1  never
    "]]);
    may_have_made(&mut case, "create 1#admin user_name=anna");
    case.shows("1#admin disabled");
    case.check(&expect![[r"
        note     entra/hr:1#admin  Adopted { account: ObservedAccount(entra-hr:1#admin, Live, Disabled, Some(0)), names: [FieldName(user_name)], day: 2026-03-10 }
        next     hr:1  2026-03-17 00:00, and in the next run
    "]]);
}

#[test]
fn a_gone_account_of_ones_own_does_not_count_as_a_match() {
    let mut case = correlating("2026-03-10", STAFF);
    case.book.did("2026-01-01", "create 1 user_name=anna\n enable 1\n grant 1 stock\n disable 1\n delete 1");
    case.shows("1 disabled bin=2026-01-01");
    case.check(&expect![[r"
        create   entra/hr:1  (rule `gives access`, contract `a`)  user_name=`anna`
        enable   entra/hr:1  (rule `gives access`, contract `a`)
        grant    entra/hr:1  sales  (rule `gives sales`, contract `a`)
        next     hr:1  never
    "]]);
}

#[test]
fn an_account_adopted_in_place_of_a_gone_one_does_not_take_over_what_that_one_held() {
    let mut case = correlating("2026-03-10", STAFF);
    case.book.did("2026-01-01", "create 1 user_name=anna\n enable 1\n grant 1 stock\n disable 1\n delete 1");
    case.shows("8 enabled anchor=- employee=1 holds=stock");
    case.check(&expect![[r"
        note     entra/hr:1  Adopted { account: ObservedAccount(entra-hr:8, Live, Enabled, Some(1)), names: [FieldName(user_name)], day: 2026-03-10 }
        next     hr:1  never, and in the next run
    "]]);
    adopts(&mut case, "8", "1", Shown::Enabled);
    go_live(&mut case);
    case.check(&expect![[r"
        grant    entra/hr:1  sales  (rule `gives sales`, contract `a`)
        update   entra/hr:1  user_name  (it should be so, and is not yet)  user_name: nothing -> `anna`
        next     hr:1  never
    "]]);
}

/// The account of `shown` becomes that of `person`.
fn adopts(case: &mut Case, account: &str, person: &str, shown: Shown) {
    let account = ObservedAccount {
        id: account_id(&key(account)),
        anchor: None,
        presence: Presence::Live,
        shown,
        attributes: crate::samples::fields(&["phone=9"]),
        permissions: None,
    };
    let adopted =
        AccountFact::Adopted { account: Box::new(account), names: vec![id("user_name")], day: day("2026-03-09") };
    case.notes("2026-03-09", person, adopted);
}

fn go_live(case: &mut Case) {
    case.book.note("2026-03-09", Fact::Said(Directive::Run(RunDirective::GoLive(id("entra")))));
}

#[test]
fn i_13_before_go_live_an_adopted_account_is_not_disabled() {
    let mut case = Case::on("2026-03-10", "person 1 names=anna");
    adopts(&mut case, "8", "1", Shown::Enabled);
    case.check(&expect![[r"
        waiting  hr:1  the adopted account on `entra` would be disabled, which waits for go-live
        next     hr:1  never, and in the next run
    "]]);
    case.book.note("2026-03-09", Fact::Said(Directive::Run(RunDirective::GoLive(id("ad")))));
    case.check(&expect![[r"
        waiting  hr:1  the adopted account on `entra` would be disabled, which waits for go-live
        next     hr:1  never, and in the next run
    "]]);
    go_live(&mut case);
    case.check(&expect![[r"
        disable  entra/hr:1  (no rule gives an account)
        note     entra/hr:1  Unwanted { since: 2026-03-10 }
        next     hr:1  2026-03-17 00:00
    "]]);
}

#[test]
fn before_go_live_an_adopted_account_is_not_deleted() {
    let mut case = Case::on("2026-03-10", "person 1 names=anna");
    case.settings.lifecycle.grace.suspended_days = 0;
    adopts(&mut case, "8", "1", Shown::Disabled);
    case.check(&expect![[r"
        note     entra/hr:1  Unwanted { since: 2026-03-10 }
        waiting  hr:1  the adopted account on `entra` would be deleted, which waits for go-live
        next     hr:1  2026-03-16 00:00, and in the next run
    "]]);
    go_live(&mut case);
    case.check(&expect![[r"
        delete   entra/hr:1  (unwanted since 2026-03-10, the grace is over)
        next     hr:1  never
    "]]);
}

#[test]
fn before_go_live_an_adopted_account_is_granted_to_and_neither_changed_nor_stripped() {
    let mut case = Case::on("2026-03-10", &STAFF.replace("mail=anna", "phone=1"));
    adopts(&mut case, "8", "1", Shown::Enabled);
    case.book.did("2026-03-09", "grant 1 stock");
    case.shows("8 enabled anchor=- phone=9 user_name=old holds=stock");
    case.check(&expect![[r"
        grant    entra/hr:1  sales  (rule `gives sales`, contract `a`)
        waiting  hr:1  the adopted account on `entra` would be stripped, which waits for go-live
        next     hr:1  never, and in the next run
    "]]);
    go_live(&mut case);
    case.check(&expect![[r"
        revoke   entra/hr:1  stock  (no rule gives it any more)
        grant    entra/hr:1  sales  (rule `gives sales`, contract `a`)
        update   entra/hr:1  phone  (it should be so, and is not yet)  phone: `9` -> `1`
        next     hr:1  never
    "]]);
}

#[test]
fn a_block_disables_an_adopted_account_before_go_live() {
    let mut case = Case::on("2026-03-10", STAFF);
    adopts(&mut case, "8", "1", Shown::Enabled);
    case.says("2026-03-09", "1", PersonDirective::Block);
    case.check(&expect![[r"
        disable  entra/hr:1  (blocked by a directive)  ordered
        next     hr:1  2026-03-17 00:00
    "]]);
}

#[test]
fn an_adopted_account_that_is_disabled_stays_so_until_somebody_releases_it() {
    let mut case = Case::on("2026-03-10", STAFF);
    adopts(&mut case, "8", "1", Shown::Disabled);
    case.check(&expect![[r"
        grant    entra/hr:1  sales  (rule `gives sales`, contract `a`)
        waiting  hr:1  somebody else disabled the account on `entra`; release it to go on
        next     hr:1  2026-03-16 00:00, and in the next run
    "]]);
}
