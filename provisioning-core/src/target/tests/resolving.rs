//! Intents answered by reading.

use std::fmt::Write;

use chrono::TimeDelta;
use expect_test::{Expect, expect};

use crate::audit::{Intent, IntentId, Settlement, Truth};
use crate::digest::Digest;
use crate::plan::{Action, ActionId, Step, Timing};
use crate::samples::{account_id, day, id, key, step};
use crate::target::tests::{TODAY, in_bin, live, settings};
use crate::target::{
    Capabilities, Deletion, Observation, ObservedAccount, Resource, RestoredGrants, Shown, TargetChanges,
    TargetReading, fulfils, resolve,
};
use crate::value::Fields;

/// What a reading says of a step, young and old.
fn resolved(step: Step, observation: &Observation) -> String {
    resolved_on(crate::samples::settings().targets.remove(0).capabilities, step, observation)
}

fn resolved_on(mut capabilities: Capabilities, step: Step, observation: &Observation) -> String {
    let id = IntentId { plan: Digest::ZERO, action: ActionId(0) };
    let timing = Timing::Surprising;
    let action = Action { id: id.action, step, day: day(TODAY), why: Vec::new(), timing, after: Vec::new() };
    let intent = Intent { id, action };
    capabilities.first_secret = crate::target::FirstSecret::OnCreate;
    let after =
        |minutes| resolve(&intent, (observation, &capabilities), TimeDelta::minutes(minutes), settings().settle);
    let words = |settlement: Option<Settlement>| match settlement {
        None => "open".to_owned(),
        Some(Settlement::Done { truth, secret }) => {
            format!("{truth:?}{}", if secret { " with a secret" } else { "" })
        }
        Some(other) => format!("{other:?}"),
    };
    let (young, old) = (words(after(29)), words(after(30)));
    if young == old { young } else { format!("{young}, then {old}") }
}

fn observed(accounts: Vec<ObservedAccount>) -> Observation {
    let mut observation = Observation::new(vec![id("user_name")], vec![id("employee")]);
    let resources = vec![Resource { id: id("sales"), name: "Sales".to_owned() }];
    observation.apply(TargetReading::Whole(TargetChanges { accounts, resources, ..TargetChanges::default() }));
    observation
}

fn check_resolved(text: &str, expected: &Expect) {
    let mut table = String::new();
    let readings = [
        ("enabled", vec![live(Shown::Enabled)]),
        ("disabled", vec![live(Shown::Disabled)]),
        ("bin", vec![in_bin()]),
        ("nothing", vec![]),
    ];
    for (name, accounts) in readings {
        writeln!(table, "{name:<8} {}", resolved(step(text), &observed(accounts))).unwrap();
    }
    expected.assert_eq(&table);
}

#[test]
fn a_create_is_found_by_its_anchor() {
    check_resolved(
        "create 1",
        &expect![[r"
            enabled  Live { id: AccountId(entra-hr:1), shown: Enabled, given: Fields(0) } with a secret
            disabled Live { id: AccountId(entra-hr:1), shown: Disabled, given: Fields(0) } with a secret
            bin      open, then NotDone
            nothing  open, then NotDone
        "]],
    );
}

#[test]
fn a_restore_is_done_when_the_account_is_there() {
    check_resolved(
        "restore 1",
        &expect![[r"
        enabled  Live { id: AccountId(entra-hr:1), shown: Enabled, given: Fields(0) }
        disabled Live { id: AccountId(entra-hr:1), shown: Disabled, given: Fields(0) }
        bin      open, then NotDone
        nothing  open, then NotDone
    "]],
    );
}

#[test]
fn enabling_and_disabling_are_done_when_they_show() {
    check_resolved(
        "enable 1",
        &expect![[r"
        enabled  Live { id: AccountId(entra-hr:1), shown: Enabled, given: Fields(0) }
        disabled open, then NotDone
        bin      open, then NotDone
        nothing  open, then NotDone
    "]],
    );
    check_resolved(
        "disable 1",
        &expect![[r"
        enabled  open, then NotDone
        disabled Live { id: AccountId(entra-hr:1), shown: Disabled, given: Fields(0) }
        bin      open, then NotDone
        nothing  open, then NotDone
    "]],
    );
}

#[test]
fn an_update_is_done_when_all_of_it_shows() {
    check_resolved(
        "update 1 phone=1",
        &expect![[r"
        enabled  Live { id: AccountId(entra-hr:1), shown: Enabled, given: Fields(0) }
        disabled Live { id: AccountId(entra-hr:1), shown: Disabled, given: Fields(0) }
        bin      open, then NotDone
        nothing  open, then NotDone
    "]],
    );
    check_resolved(
        "update 1 phone=2",
        &expect![[r"
        enabled  open, then NotDone
        disabled open, then NotDone
        bin      open, then NotDone
        nothing  open, then NotDone
    "]],
    );
    check_resolved(
        "update 1 phone=1 room=2",
        &expect![[r"
        enabled  open, then NotDone
        disabled open, then NotDone
        bin      open, then NotDone
        nothing  open, then NotDone
    "]],
    );
    check_resolved(
        "update 1 phone=",
        &expect![[r"
        enabled  open, then NotDone
        disabled open, then NotDone
        bin      open, then NotDone
        nothing  open, then NotDone
    "]],
    );
    check_resolved(
        "update 1 room=",
        &expect![[r"
        enabled  Live { id: AccountId(entra-hr:1), shown: Enabled, given: Fields(0) }
        disabled Live { id: AccountId(entra-hr:1), shown: Disabled, given: Fields(0) }
        bin      open, then NotDone
        nothing  open, then NotDone
    "]],
    );
}

#[test]
fn a_reissue_cannot_be_seen() {
    check_resolved(
        "reissue 1",
        &expect![[r"
        enabled  open, then NotDone
        disabled open, then NotDone
        bin      open, then NotDone
        nothing  open, then NotDone
    "]],
    );
}

#[test]
fn a_delete_is_done_when_the_account_is_in_the_bin_or_gone() {
    let delete = || {
        let mut step = step("delete 1");
        if let Step::Account { id, .. } = &mut step {
            *id = Some(account_id(&key("1")));
        }
        step
    };
    let mut table = String::new();
    for holds in [None, Some(vec![]), Some(vec!["sales"])] {
        let permissions = holds.map(|held| held.into_iter().map(id).collect());
        let account = ObservedAccount { permissions, ..in_bin() };
        writeln!(table, "{}", resolved(delete(), &observed(vec![account]))).unwrap();
    }
    writeln!(table, "{}", resolved(delete(), &observed(vec![live(Shown::Disabled)]))).unwrap();
    writeln!(table, "{}", resolved(delete(), &observed(vec![]))).unwrap();
    expect![[r"
        InBin { on: 2026-03-05, grants: Unreadable }
        InBin { on: 2026-03-05, grants: Dropped }
        InBin { on: 2026-03-05, grants: Kept }
        open, then NotDone
        open, then Gone
    "]]
    .assert_eq(&table);
}

#[test]
fn a_delete_drops_nothing_where_only_a_reading_after_the_restore_tells() {
    let mut delete = step("delete 1");
    if let Step::Account { id, .. } = &mut delete {
        *id = Some(account_id(&key("1")));
    }
    let mut capabilities = crate::samples::settings().targets.remove(0).capabilities;
    capabilities.deletion = Deletion::Bin { days: 30, grants: RestoredGrants::Unreadable };
    for held in [None, Some([].into()), Some([id("sales")].into())] {
        let account = ObservedAccount { permissions: held, ..in_bin() };
        let resolved = resolved_on(capabilities.clone(), delete.clone(), &observed(vec![account]));
        assert_eq!(resolved, "InBin { on: 2026-03-05, grants: Unreadable }");
    }
}

#[test]
fn a_permission_is_held_or_not_as_it_shows() {
    check_resolved(
        "grant 1 sales",
        &expect![[r"
        enabled  Holds
        disabled Holds
        bin      open, then NotDone
        nothing  open, then NotDone
    "]],
    );
    check_resolved(
        "grant 1 stock",
        &expect![[r"
        enabled  open, then NotDone
        disabled open, then NotDone
        bin      open, then NotDone
        nothing  open, then NotDone
    "]],
    );
    check_resolved(
        "revoke 1 sales",
        &expect![[r"
            enabled  open, then NotDone
            disabled open, then NotDone
            bin      open, then NotDone
            nothing  open, then NotDone
        "]],
    );
    check_resolved(
        "revoke 1 stock",
        &expect![[r"
            enabled  HoldsNot
            disabled HoldsNot
            bin      open, then NotDone
            nothing  open, then NotDone
        "]],
    );
    let unread = ObservedAccount { permissions: None, ..live(Shown::Enabled) };
    assert_eq!(resolved(step("grant 1 sales"), &observed(vec![unread.clone()])), "open, then NotDone");
}

#[test]
fn a_revoke_is_done_when_the_account_shows_that_it_is() {
    let mut revoke = step("revoke 1 stock");
    if let Step::Permission { id, .. } = &mut revoke {
        *id = Some(account_id(&key("1")));
    }
    let unread = ObservedAccount { permissions: None, ..live(Shown::Enabled) };
    for (accounts, expected) in [
        (vec![live(Shown::Enabled)], "HoldsNot"),
        (vec![unread], "open, then NotDone"),
        (vec![in_bin()], "open, then NotDone"),
        (vec![], "open, then NotDone"),
    ] {
        assert_eq!(resolved(revoke.clone(), &observed(accounts)), expected);
    }
}

#[test]
fn a_delete_is_done_at_once_where_nothing_is_kept() {
    let mut capabilities = crate::samples::settings().targets.remove(0).capabilities;
    let id = IntentId { plan: Digest::ZERO, action: ActionId(0) };
    let (step, timing) = (step("delete 1"), Timing::Surprising);
    let action = Action { id: id.action, step, day: day(TODAY), why: Vec::new(), timing, after: Vec::new() };
    for (deletion, is_known) in
        [(Deletion::ForGood, true), (Deletion::Bin { days: 30, grants: RestoredGrants::Kept }, false)]
    {
        capabilities.deletion = deletion;
        let intent = Intent { id, action: action.clone() };
        let answer = resolve(&intent, (&observed(vec![]), &capabilities), TimeDelta::zero(), settings().settle);
        assert_eq!(answer.is_some(), is_known);
    }
}

#[test]
fn a_step_is_fulfilled_by_what_it_was_for() {
    let is = |shown| Truth::Live { id: id("a"), shown, given: Fields::default() };
    let truths = [
        ("enabled", is(Shown::Enabled)),
        ("disabled", is(Shown::Disabled)),
        ("in the bin", Truth::InBin { on: day(TODAY), grants: RestoredGrants::Kept }),
        ("gone", Truth::Gone),
        ("holds", Truth::Holds),
        ("holds not", Truth::HoldsNot),
    ];
    let mut table = String::new();
    for text in [
        "create 1",
        "restore 1",
        "enable 1",
        "update 1 phone=1",
        "disable 1",
        "delete 1",
        "reissue 1",
        "grant 1 sales",
        "revoke 1 sales",
    ] {
        let fulfil: Vec<&str> =
            truths.iter().filter(|(_, truth)| fulfils(&step(text), truth)).map(|(word, _)| *word).collect();
        writeln!(table, "{text}: {}", fulfil.join(", ")).unwrap();
    }
    expect![[r"
        create 1: disabled
        restore 1: disabled
        enable 1: enabled
        update 1 phone=1: enabled, disabled
        disable 1: disabled, in the bin, gone
        delete 1: in the bin, gone
        reissue 1: enabled, disabled
        grant 1 sales: holds
        revoke 1 sales: gone, holds not
    "]]
    .assert_eq(&table);
}

#[test]
fn a_resource_is_there_when_it_has_its_name() {
    for (text, expected) in [
        ("ensure sales Sales", "Exists"),
        ("ensure sales Other", "open, then NotDone"),
        ("ensure stock Sales", "open, then NotDone"),
    ] {
        assert_eq!(resolved(step(text), &observed(vec![])), expected, "{text}");
    }
}

#[test]
fn an_id_that_is_known_counts_more_than_an_anchor() {
    let other = ObservedAccount { id: id("other"), ..live(Shown::Enabled) };
    let mut enable = step("enable 1");
    if let Step::Account { id, .. } = &mut enable {
        *id = Some(account_id(&key("1")));
    }
    assert_eq!(resolved(enable.clone(), &observed(vec![other.clone()])), "open, then NotDone");
    assert!(resolved(enable, &observed(vec![other, live(Shown::Enabled)])).contains("entra-hr:1"));
}
