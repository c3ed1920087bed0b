//! What each fact does to the ledger.

mod erasure;
mod others;
mod people;
mod property;

use std::fmt::Write;

use expect_test::{Expect, expect};

use crate::audit::{AccountFact, Directive, Fact, FailureKind, OthersDid, PersonDirective, Settlement, Truth};
use crate::id::Slot;
use crate::ledger::{Lifecycle, Mark, Origin};
use crate::lifecycle::{Bin, State};
use crate::policy::PermissionClass;
use crate::samples::{Book, account_id, at, day, fields, id, key};
use crate::target::{ObservedAccount, Presence, RestoredGrants, Shown};
use crate::value::Fields;

/// All that is known of an account, in a line.
fn shown(book: &Book, text: &str) -> String {
    let entry = book.account(text);
    let mut words = vec![format!("{:?}", entry.lifecycle)];
    words.extend(entry.id.iter().map(ToString::to_string));
    words.extend(entry.unwanted_since.map(|day| format!("unwanted {day}")));
    words.extend(entry.others.iter().map(|(did, seen)| format!("{did:?}{}", if seen.held { "!" } else { "?" })));
    let written = entry.written.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>();
    words.push(format!("[{}]", written.join(" ")));
    let holds: Vec<String> = book.holds(text).iter().map(ToString::to_string).collect();
    words.push(format!("{{{}}}", holds.join(" ")));
    words.extend(entry.previous.iter().map(|before| format!("after {before}")));
    for (flag, word) in [
        (entry.marks.contains(&Mark::DeletedByOthers), "deleted by others"),
        (entry.marks.contains(&Mark::Lagging), "lagging"),
        (entry.missed_at.is_some(), "missed"),
        (entry.marks.contains(&Mark::SecretPending), "secret pending"),
        (entry.marks.contains(&Mark::EnabledByOthers), "enabled by others"),
        (entry.marks.contains(&Mark::Released), "released"),
        (entry.open > 0, "open"),
        (entry.origin == Origin::Adopted, "adopted"),
    ] {
        words.extend(flag.then(|| word.to_owned()));
    }
    words.push(format!("of {}", book.population(key(text).target.as_str())));
    words.join(", ")
}

fn check(book: &Book, expected: &Expect) {
    expected.assert_eq(&shown(book, "1"));
}

fn hired() -> Book {
    let mut book = Book::new();
    book.did("2026-03-01", "create 1 user_name=anna\n grant 1 sales\n grant 1 stock\n enable 1");
    book
}

fn noted(book: &mut Book, fact: AccountFact) {
    book.note("2026-03-05", Fact::Account(key("1"), fact));
}

fn suspected(what: OthersDid, shown: Option<(Presence, Shown)>, holds: Option<&[&str]>) -> AccountFact {
    let holds = holds.map(|held| held.iter().map(|permission| id(permission)).collect());
    AccountFact::Suspected { what, shown, holds, day: day("2026-03-05") }
}

fn held(what: OthersDid, holds: Option<&[&str]>) -> AccountFact {
    let holds = holds.map(|held| held.iter().map(|permission| id(permission)).collect());
    AccountFact::Held { what, holds, day: day("2026-03-05") }
}

fn said(book: &mut Book, said: PersonDirective) {
    book.note("2026-03-06", Fact::Said(Directive::Person(id("hr:1"), said)));
}

fn live(shown: Shown) -> Truth {
    Truth::Live { id: account_id(&key("1")), shown, given: Fields::default() }
}

fn on_entra() -> Slot {
    Slot::main(id("entra"))
}

#[test]
fn an_account_goes_through_its_life() {
    let mut book = Book::new();
    book.did("2026-03-01", "create 1 user_name=anna");
    check(&book, &expect!["Staged, entra-hr:1, [user_name=`anna`], {}, of 1"]);
    book.did("2026-03-02", "enable 1\n grant 1 sales");
    check(&book, &expect!["Active, entra-hr:1, [user_name=`anna`], {sales}, of 1"]);
    book.did("2026-03-03", "disable 1");
    check(&book, &expect!["Suspended { since: 2026-03-03 }, entra-hr:1, [user_name=`anna`], {sales}, of 1"]);
    noted(&mut book, AccountFact::Unwanted { since: day("2026-03-05") });
    check(
        &book,
        &expect!["Suspended { since: 2026-03-03 }, entra-hr:1, unwanted 2026-03-05, [user_name=`anna`], {sales}, of 1"],
    );
    book.did("2026-03-06", "delete 1");
    check(&book, &expect!["Deleted { on: 2026-03-06, emptied: false }, entra-hr:1, [user_name=`anna`], {sales}, of 0"]);
    book.did("2026-03-07", "restore 1\n revoke 1 sales");
    check(&book, &expect!["Suspended { since: 2026-03-07 }, entra-hr:1, [user_name=`anna`], {}, of 1"]);
}

#[test]
fn a_new_account_takes_the_place_of_the_one_before() {
    let mut book = hired();
    noted(&mut book, AccountFact::Unwanted { since: day("2026-03-05") });
    let truth = Truth::Live { id: id("second"), shown: Shown::Disabled, given: fields(&["mail=a@x"]) };
    book.did("2026-03-06", "disable 1\n delete 1");
    book.became("2026-05-01", "create 1 user_name=berta", truth);
    check(&book, &expect!["Staged, second, [mail=`a@x` user_name=`berta`], {}, after entra-hr:1, of 1"]);
    let owner = |name: &str| book.ledger.name_owner(&id("entra"), name).map(ToString::to_string);
    assert_eq!((owner("anna"), owner("berta"), owner("nobody")), (Some("hr:1".into()), Some("hr:1".into()), None));
    let with = |account: &str| book.ledger.account_with_id(&id("entra"), &id(account)).is_some();
    assert!(with("second") && with("entra-hr:1") && !with("third"));
    assert!(book.ledger.account_with_id(&id("ad"), &id("second")).is_none());
}

#[test]
fn a_create_that_finds_its_account_again_has_nothing_before() {
    let mut book = hired();
    book.did("2026-03-02", "create 1 user_name=anna");
    check(&book, &expect!["Staged, entra-hr:1, [user_name=`anna`], {}, of 1"]);
}

#[test]
fn an_account_that_was_created_enabled_is_in_use() {
    let mut book = Book::new();
    book.became("2026-03-01", "create 1", live(Shown::Enabled));
    check(&book, &expect!["Active, entra-hr:1, [], {}, of 1"]);
}

#[test]
fn an_update_keeps_what_it_wrote_and_what_the_target_gave() {
    let mut book = hired();
    let given = fields(&["mail=a@x"]);
    let truth = Truth::Live { id: account_id(&key("1")), shown: Shown::Enabled, given };
    book.became("2026-03-02", "update 1 phone=1 user_name=Berta", truth);
    check(&book, &expect!["Active, entra-hr:1, [mail=`a@x` phone=`1` user_name=`Berta`], {sales stock}, of 1"]);
    book.did("2026-03-02", "update 1 phone=");
    check(&book, &expect!["Active, entra-hr:1, [mail=`a@x` user_name=`Berta`], {sales stock}, of 1"]);
    for name in ["anna", "berta"] {
        assert_eq!(book.ledger.name_owner(&id("entra"), name), Some(&id("hr:1")), "{name}");
    }
    assert_eq!(book.ledger.name_owner(&id("entra"), "1"), None);
}

#[test]
fn what_a_deleted_account_holds_depends_on_the_target() {
    let on = day("2026-03-05");
    for (truth, expected) in [
        (
            Truth::InBin { on, grants: RestoredGrants::Kept },
            expect!["Deleted { on: 2026-03-05, emptied: false }, entra-hr:1, [user_name=`anna`], {sales stock}, of 0"],
        ),
        (
            Truth::InBin { on, grants: RestoredGrants::Unreadable },
            expect!["Deleted { on: 2026-03-05, emptied: false }, entra-hr:1, [user_name=`anna`], {sales stock}, of 0"],
        ),
        (
            Truth::InBin { on, grants: RestoredGrants::Dropped },
            expect!["Deleted { on: 2026-03-05, emptied: false }, entra-hr:1, [user_name=`anna`], {}, of 0"],
        ),
        (Truth::Gone, expect!["Deleted { on: 2026-03-06, emptied: true }, entra-hr:1, [user_name=`anna`], {}, of 0"]),
    ] {
        let mut book = hired();
        noted(&mut book, AccountFact::Unwanted { since: on });
        book.became("2026-03-06", "delete 1", truth);
        check(&book, &expected);
    }
}

#[test]
fn a_step_that_found_no_account_changes_nothing_but_a_restore_that_finds_the_bin_empty() {
    for step in ["enable 1", "disable 1", "update 1 phone=1"] {
        let mut book = hired();
        book.became("2026-03-05", step, Truth::Gone);
        check(&book, &expect!["Active, entra-hr:1, [user_name=`anna`], {sales stock}, of 1"]);
    }
    let mut book = hired();
    book.did("2026-03-03", "disable 1\n delete 1");
    book.became("2026-03-05", "restore 1", Truth::Gone);
    check(
        &book,
        &expect!["Deleted { on: 2026-03-03, emptied: true }, entra-hr:1, [user_name=`anna`], {sales stock}, of 0"],
    );
    let mut book = hired();
    book.became("2026-03-05", "restore 1", Truth::Gone);
    check(&book, &expect!["Active, entra-hr:1, [user_name=`anna`], {sales stock}, of 1"]);
}

#[test]
fn a_step_leaves_the_account_as_it_is_shown_and_not_as_it_was_asked() {
    let before = ["", "enable 1", "enable 1\n disable 1", "enable 1\n disable 1\n delete 1"];
    let mut table = String::new();
    for step in ["enable 1", "disable 1", "restore 1", "update 1 phone=1", "delete 1"] {
        for shown in [Shown::Enabled, Shown::Disabled] {
            let becomes = before.map(|before| {
                let mut book = Book::new();
                book.did("2026-03-01", &format!("create 1\n {before}"));
                book.became("2026-03-09", step, live(shown));
                format!("{:?}", book.account("1").lifecycle)
            });
            writeln!(table, "{step}, {shown:?}: {}", becomes.join(", ")).unwrap();
        }
    }
    expect![[r"
        enable 1, Enabled: Active, Active, Active, Active
        enable 1, Disabled: Staged, Suspended { since: 2026-03-09 }, Suspended { since: 2026-03-01 }, Suspended { since: 2026-03-09 }
        disable 1, Enabled: Active, Active, Active, Active
        disable 1, Disabled: Suspended { since: 2026-03-09 }, Suspended { since: 2026-03-09 }, Suspended { since: 2026-03-09 }, Suspended { since: 2026-03-09 }
        restore 1, Enabled: Active, Active, Active, Active
        restore 1, Disabled: Suspended { since: 2026-03-09 }, Suspended { since: 2026-03-09 }, Suspended { since: 2026-03-09 }, Suspended { since: 2026-03-09 }
        update 1 phone=1, Enabled: Staged, Active, Suspended { since: 2026-03-01 }, Deleted { on: 2026-03-01, emptied: false }
        update 1 phone=1, Disabled: Staged, Active, Suspended { since: 2026-03-01 }, Deleted { on: 2026-03-01, emptied: false }
        delete 1, Enabled: Staged, Active, Suspended { since: 2026-03-01 }, Deleted { on: 2026-03-01, emptied: false }
        delete 1, Disabled: Staged, Active, Suspended { since: 2026-03-01 }, Deleted { on: 2026-03-01, emptied: false }
    "]].assert_eq(&table);
}

#[test]
fn a_grant_counts_when_it_is_held_and_a_revoke_when_it_is_not() {
    let mut book = Book::new();
    book.did("2026-03-01", "create 1");
    book.became("2026-03-01", "grant 1 licence:e5", Truth::HoldsNot);
    assert!(book.holds("1").is_empty());
    book.did("2026-03-02", "grant 1 licence:e5");
    let held = book.account("1").grants.get("licence:e5").unwrap();
    assert_eq!((held.rules.clone(), held.at), (vec![id("gives licence:e5")], at("2026-03-02")));
    assert_eq!(held.class, PermissionClass::Licence);
    let in_bin = |grants| Truth::InBin { on: day("2026-03-03"), grants };
    for truth in [Truth::Holds, in_bin(RestoredGrants::Kept), in_bin(RestoredGrants::Unreadable)] {
        book.became("2026-03-03", "revoke 1 licence:e5", truth);
        assert_eq!(book.holds("1").len(), 1);
    }
    for truth in [Truth::HoldsNot, in_bin(RestoredGrants::Dropped), Truth::Gone] {
        book.became("2026-03-03", "grant 1 licence:e5", Truth::Holds);
        book.became("2026-03-03", "revoke 1 licence:e5", truth);
        assert!(book.holds("1").is_empty());
    }
    assert_eq!(book.account("1").wrote_at, Some(at("2026-03-03")));
    book.did("2026-03-04", "enable 1");
    assert_eq!(book.account("1").wrote_at, Some(at("2026-03-04")));
}

#[test]
fn an_intent_is_open_until_somebody_knows_what_became_of_it() {
    let failed = |kind| Settlement::Failed { kind, message: "no".to_owned() };
    let done = Settlement::Done { truth: live(Shown::Disabled), secret: false };
    for (settlement, open) in [
        (failed(FailureKind::Unknown), 1),
        (failed(FailureKind::Transient), 0),
        (failed(FailureKind::Permanent), 0),
        (Settlement::NotDone, 0),
        (done, 0),
    ] {
        let mut book = hired();
        let before = book.account("1").wrote_at;
        let intent = book.sent("2026-03-05", "disable 1");
        assert_eq!((book.account("1").open, book.ledger.open().count()), (1, 1));
        assert_eq!(book.ledger.open().next().unwrap().0, at("2026-03-05"));
        assert_eq!(book.ledger.intent(&intent).map(|intent| intent.id), Some(intent));
        let is_done = matches!(settlement, Settlement::Done { .. });
        book.note("2026-03-06", Fact::Outcome(intent, settlement.clone()));
        assert_eq!(book.account("1").open, open, "{settlement:?}");
        assert_eq!(book.ledger.intent(&intent).is_some(), open == 1);
        assert_eq!(book.account("1").lifecycle == Lifecycle::Active, !is_done);
        assert_eq!(book.account("1").wrote_at == before, !is_done);
        // An outcome comes once.
        let later = Settlement::Done { truth: live(Shown::Disabled), secret: false };
        book.note("2026-03-07", Fact::Outcome(intent, later.clone()));
        let after = shown(&book, "1");
        book.note("2026-03-08", Fact::Outcome(intent, later));
        assert_eq!(shown(&book, "1"), after);
    }
}

#[test]
fn a_first_secret_is_pending_until_it_is_handed_over() {
    let mut book = hired();
    let intent = book.sent("2026-03-05", "reissue 1");
    book.note("2026-03-05", Fact::Outcome(intent, Settlement::Done { truth: live(Shown::Enabled), secret: true }));
    check(&book, &expect!["Active, entra-hr:1, [user_name=`anna`], {sales stock}, secret pending, of 1"]);
    noted(&mut book, AccountFact::HandedOver);
    check(&book, &expect!["Active, entra-hr:1, [user_name=`anna`], {sales stock}, of 1"]);
}

#[test]
fn a_reissue_that_made_no_secret_ends_the_wait_for_one() {
    let mut book = Book::new();
    let intent = book.sent("2026-03-05", "create 1");
    book.note("2026-03-05", Fact::Outcome(intent, Settlement::Done { truth: live(Shown::Disabled), secret: true }));
    book.did("2026-03-06", "enable 1");
    assert!(book.account("1").marks.contains(&Mark::SecretPending));
    book.did("2026-03-06", "reissue 1");
    assert!(!book.account("1").marks.contains(&Mark::SecretPending));
}

#[test]
fn what_others_did_is_suspected_then_held() {
    let mut book = hired();
    noted(&mut book, suspected(OthersDid::Disable, Some((Presence::Live, Shown::Disabled)), Some(&[])));
    check(
        &book,
        &expect!["Suspended { since: 2026-03-05 }, entra-hr:1, Disable?, [user_name=`anna`], {sales stock}, of 1"],
    );
    assert_eq!(book.ledger.unsettled(&id("entra")).collect::<Vec<_>>(), [&key("1")]);
    assert_eq!(book.ledger.unsettled(&id("ad")).count(), 0);
    noted(&mut book, held(OthersDid::Disable, None));
    check(
        &book,
        &expect!["Suspended { since: 2026-03-05 }, entra-hr:1, Disable!, [user_name=`anna`], {sales stock}, of 1"],
    );
    assert_eq!(book.ledger.unsettled(&id("entra")).count(), 0);
    said(&mut book, PersonDirective::Release(on_entra()));
    check(
        &book,
        &expect!["Suspended { since: 2026-03-05 }, entra-hr:1, [user_name=`anna`], {sales stock}, released, of 1"],
    );
    book.did("2026-03-07", "enable 1");
    check(&book, &expect!["Active, entra-hr:1, [user_name=`anna`], {sales stock}, of 1"]);
}

#[test]
fn a_day_of_disabling_that_is_known_stays() {
    let mut book = hired();
    book.did("2026-03-02", "disable 1");
    noted(&mut book, suspected(OthersDid::Disable, Some((Presence::Live, Shown::Disabled)), None));
    check(
        &book,
        &expect!["Suspended { since: 2026-03-02 }, entra-hr:1, Disable?, [user_name=`anna`], {sales stock}, of 1"],
    );
}

#[test]
fn what_others_enabled_is_in_use_until_we_do_something() {
    let mut book = hired();
    book.did("2026-03-02", "disable 1");
    noted(&mut book, AccountFact::Lagging);
    noted(&mut book, AccountFact::EnabledByOthers);
    check(&book, &expect!["Active, entra-hr:1, [user_name=`anna`], {sales stock}, enabled by others, of 1"]);
    book.did("2026-03-06", "disable 1");
    check(&book, &expect!["Suspended { since: 2026-03-06 }, entra-hr:1, [user_name=`anna`], {sales stock}, of 1"]);
}

#[test]
fn a_hold_on_a_disable_ends_alone() {
    let mut book = hired();
    noted(&mut book, suspected(OthersDid::Disable, Some((Presence::Live, Shown::Disabled)), None));
    noted(&mut book, suspected(OthersDid::Restore, Some((Presence::Live, Shown::Enabled)), None));
    noted(&mut book, AccountFact::HoldEnded);
    check(&book, &expect!["Active, entra-hr:1, Restore?, [user_name=`anna`], {sales stock}, of 1"]);
}

#[test]
fn what_is_held_is_justified_by_the_rules_that_gave_it_last() {
    let mut book = hired();
    let justified = |permission: &str| AccountFact::Justified { permission: id(permission), rules: vec![id("other")] };
    noted(&mut book, justified("sales"));
    noted(&mut book, justified("nothing"));
    let rules = |permission: &str| book.account("1").grants.get(permission).map(|held| held.rules.clone());
    assert_eq!(rules("sales"), Some(vec![id("other")]));
    assert_eq!((rules("stock"), rules("nothing")), (Some(vec![id("gives stock")]), None));
}

#[test]
fn a_lag_is_unsettled_until_the_reading_agrees() {
    let mut book = hired();
    noted(&mut book, AccountFact::Lagging);
    check(&book, &expect!["Active, entra-hr:1, [user_name=`anna`], {sales stock}, lagging, of 1"]);
    assert_eq!(book.ledger.unsettled(&id("entra")).count(), 1);
    noted(&mut book, AccountFact::Settled);
    assert_eq!(book.ledger.unsettled(&id("entra")).count(), 0);
    noted(&mut book, AccountFact::Lagging);
    noted(&mut book, suspected(OthersDid::Disable, Some((Presence::Live, Shown::Disabled)), None));
    check(
        &book,
        &expect!["Suspended { since: 2026-03-05 }, entra-hr:1, Disable?, [user_name=`anna`], {sales stock}, of 1"],
    );
}

#[test]
fn a_bin_that_was_seen_empty_is_noted_of_deleted_accounts_only() {
    let mut book = hired();
    noted(&mut book, AccountFact::Emptied);
    check(&book, &expect!["Active, entra-hr:1, [user_name=`anna`], {sales stock}, of 1"]);
    book.did("2026-03-05", "disable 1\n delete 1");
    noted(&mut book, AccountFact::Emptied);
    check(
        &book,
        &expect!["Deleted { on: 2026-03-05, emptied: true }, entra-hr:1, [user_name=`anna`], {sales stock}, of 0"],
    );
}

#[test]
fn unwanted_is_cleared_when_it_is_wanted() {
    let mut book = hired();
    noted(&mut book, AccountFact::Unwanted { since: day("2026-03-05") });
    noted(&mut book, AccountFact::Wanted);
    check(&book, &expect!["Active, entra-hr:1, [user_name=`anna`], {sales stock}, of 1"]);
}

fn adopted(presence: Presence, shown: Shown) -> AccountFact {
    let account = ObservedAccount {
        id: id("found"),
        anchor: None,
        presence,
        shown,
        attributes: fields(&["phone=1", "user_name=Found"]),
        permissions: Some([id("sales")].into()),
    };
    AccountFact::Adopted { account: Box::new(account), names: vec![id("user_name")], day: day("2026-03-05") }
}

#[test]
fn an_adopted_account_is_as_it_was_found_and_nothing_in_it_is_ours() {
    for (shown, expected) in [
        (Shown::Enabled, expect!["Active, found, [], {}, adopted, of 1"]),
        (Shown::Disabled, expect!["Suspended { since: 2026-03-05 }, found, Disable!, [], {}, adopted, of 1"]),
    ] {
        let mut book = Book::new();
        noted(&mut book, adopted(Presence::Live, shown));
        check(&book, &expected);
        assert_eq!(book.ledger.account_with_id(&id("entra"), &id("found")), Some(&key("1")));
        assert_eq!(book.ledger.name_owner(&id("entra"), "found"), Some(&id("hr:1")));
        assert_eq!(book.ledger.unsettled(&id("entra")).count(), 0);
    }
}

#[test]
fn an_adopted_account_takes_the_place_of_the_one_before() {
    let mut book = hired();
    book.did("2026-03-02", "disable 1\n delete 1");
    noted(&mut book, AccountFact::Unwanted { since: day("2026-03-05") });
    noted(&mut book, adopted(Presence::Live, Shown::Enabled));
    check(&book, &expect!["Active, found, [], {}, after entra-hr:1, adopted, of 1"]);
}

#[test]
fn a_deleted_account_can_be_restored_while_the_bin_has_it() {
    let on = day("2026-03-01");
    let since = day("2026-03-01");
    let deleted = |emptied| Lifecycle::Deleted { on, emptied };
    for (lifecycle, today, expected, is_live) in [
        (Lifecycle::Absent, "2026-03-01", State::Absent, false),
        (Lifecycle::Staged, "2026-03-01", State::Staged, true),
        (Lifecycle::Active, "2026-03-01", State::Active, true),
        (Lifecycle::Suspended { since }, "2026-03-09", State::Suspended { since }, true),
        (deleted(false), "2026-03-30", State::Deleted(Bin::Restorable), false),
        (deleted(false), "2026-03-31", State::Deleted(Bin::Gone), false),
        (deleted(true), "2026-03-01", State::Deleted(Bin::Gone), false),
    ] {
        assert_eq!(lifecycle.state(day(today), 30), expected, "{lifecycle:?} {today}");
        assert_eq!((lifecycle.is_live(), expected.is_live()), (is_live, is_live));
    }
    assert_eq!(deleted(false).state(on, 0), State::Deleted(Bin::Gone));
}

#[test]
fn i_55_an_account_in_the_ledger_shows_ids_and_counts_only() {
    let mut book = Book::new();
    book.did("2026-03-01", "create 1 user_name=CANARY\n update 1 phone=CANARY");
    let text = format!("{:?}", book.account("1"));
    assert!(text.contains("entra-hr:1") && !text.contains("CANARY"), "{text}");
    assert!(!format!("{:?}", book.ledger.person(&id("hr:1"))).contains("CANARY"));
}
