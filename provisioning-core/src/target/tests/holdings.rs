//! Who was given or lost what, told apart from the accounts.

use crate::id::AccountId;
use crate::samples::{day, id};
use crate::source::Cursor;
use crate::target::tests::{account, live};
use crate::target::{Holding, Observation, ObservedAccount, Presence, Resource, Shown, TargetChanges, TargetReading};

/// An account as `1`, in the bin as `1!`, with all that it holds as `1=sales,stock`, and without a word on it as `1=?`.
fn shown(text: &str) -> ObservedAccount {
    let (who, held) = text.split_once('=').unwrap_or((text, "?"));
    let number = who.trim_end_matches('!');
    let presence = if who == number { Presence::Live } else { Presence::InBin(day("2026-03-05")) };
    let permissions = (held != "?").then(|| held.split(',').filter(|held| !held.is_empty()).map(id).collect());
    ObservedAccount { presence, permissions, ..account(number, &[]) }
}

/// `1+sales` is given, `1-sales` is lost.
fn holding(text: &str) -> Holding {
    let held = text.contains('+');
    let (account, permission) = text.split_once(['+', '-']).unwrap();
    Holding { account: id(account), permission: id(permission), held }
}

fn seen(accounts: &[&str]) -> Observation {
    let mut observation = Observation::new(Vec::new(), Vec::new());
    let accounts = accounts.iter().map(|account| shown(account)).collect();
    let resources = ["sales", "stock"].map(|name| Resource { id: id(name), name: name.to_owned() }).to_vec();
    observation.apply(TargetReading::Whole(TargetChanges { accounts, resources, ..TargetChanges::default() }));
    observation
}

/// Takes changes in: accounts, then holdings; says whom they touched.
fn tell(observation: &mut Observation, accounts: &[&str], holdings: &[&str]) -> Vec<AccountId> {
    let changes = TargetChanges {
        accounts: accounts.iter().map(|account| shown(account)).collect(),
        holdings: Some(holdings.iter().map(|text| holding(text)).collect()),
        cursor: Some(Cursor("7".to_owned())),
        ..TargetChanges::default()
    };
    observation.apply(TargetReading::Changes(changes)).into_iter().collect()
}

/// What each account holds.
fn held(observation: &Observation) -> String {
    let one = |account: &ObservedAccount| {
        let held = account
            .permissions
            .as_ref()
            .map_or("?".to_owned(), |held| held.iter().map(ToString::to_string).collect::<Vec<_>>().join(","));
        format!("{}={held}", account.id)
    };
    observation.accounts().map(one).collect::<Vec<_>>().join(" ")
}

#[test]
fn an_account_shown_without_what_it_holds_keeps_what_was_shown_before() {
    let mut observation = seen(&["1=sales", "2="]);
    assert_eq!(tell(&mut observation, &["1", "2"], &[]), [id("1"), id("2")]);
    assert_eq!(held(&observation), "1=sales 2=");
    tell(&mut observation, &["1=stock"], &[]);
    assert_eq!(held(&observation), "1=stock 2=");
}

#[test]
fn what_is_given_and_lost_is_taken_in_in_its_order_and_after_the_accounts() {
    let mut observation = seen(&["1=sales", "2="]);
    let touched = tell(&mut observation, &["3"], &["1-sales", "2+sales", "3+stock", "2-sales", "1-stock", "9+sales"]);
    assert_eq!(held(&observation), "1= 2= 3=stock");
    // Also those who are not known: only the ledger can tell whose they are.
    assert_eq!(touched, [id("1"), id("2"), id("3"), id("9")]);
    tell(&mut observation, &[], &["1+sales", "1+sales"]);
    assert_eq!(held(&observation), "1=sales 2= 3=stock");
}

#[test]
fn a_live_account_that_was_never_shown_holds_nothing_yet_and_a_deleted_one_nobody_knows_what() {
    let mut observation = seen(&[]);
    tell(&mut observation, &["1", "2!"], &[]);
    assert_eq!(held(&observation), "1= 2=?");
    assert!(observation.cursor().is_some());
}

#[test]
fn a_deleted_account_keeps_what_it_was_last_seen_with() {
    let mut observation = seen(&["1=sales,stock"]);
    tell(&mut observation, &["1!"], &["1-sales"]);
    assert_eq!(held(&observation), "1=sales,stock");
    tell(&mut observation, &[], &["1-stock"]);
    assert_eq!(held(&observation), "1=sales,stock");
    tell(&mut observation, &["1"], &[]);
    assert_eq!(held(&observation), "1=sales,stock");
    tell(&mut observation, &["1"], &["1-stock"]);
    assert_eq!(held(&observation), "1=sales");
}

#[test]
fn what_is_told_of_an_account_before_it_is_shown_is_not_forgotten() {
    let mut observation = seen(&["1="]);
    tell(&mut observation, &[], &["2+sales", "2+stock", "3+sales", "2-sales"]);
    assert_eq!(held(&observation), "1=");
    tell(&mut observation, &["2"], &[]);
    tell(&mut observation, &["2"], &[]);
    assert_eq!(held(&observation), "1= 2=stock");
    let gone = TargetChanges { gone: vec![id("3")], ..TargetChanges::default() };
    observation.apply(TargetReading::Changes(gone));
    tell(&mut observation, &["3"], &[]);
    assert_eq!(held(&observation), "1= 2=stock 3=");
}

#[test]
fn a_whole_reading_tells_all_that_the_living_hold_and_leaves_the_deleted_with_what_they_had() {
    let mut observation = seen(&["1=sales", "2=stock", "3="]);
    tell(&mut observation, &[], &["9+stock"]);
    let all = TargetChanges {
        accounts: ["1", "2!", "4!", "9"].map(shown).to_vec(),
        holdings: Some(["1+stock", "8+sales"].map(holding).to_vec()),
        cursor: Some(Cursor("8".to_owned())),
        ..TargetChanges::default()
    };
    observation.apply(TargetReading::Whole(all));
    assert_eq!(held(&observation), "1=stock 2=stock 4=? 9=");
    tell(&mut observation, &["8"], &[]);
    assert_eq!(held(&observation), "1=stock 2=stock 4=? 8=sales 9=");
    assert!(observation.cursor().is_some());
}

#[test]
fn where_nobody_knows_what_a_live_account_holds_the_next_reading_is_whole() {
    let mut observation = seen(&["1!=?", "2="]);
    tell(&mut observation, &["2"], &[]);
    assert!(observation.cursor().is_some());
    tell(&mut observation, &["1"], &["1+sales"]);
    assert_eq!((held(&observation), observation.cursor()), ("1=? 2=".to_owned(), None));
}

#[test]
fn what_is_not_there_any_more_is_held_by_nobody() {
    let mut observation = seen(&["1=sales,stock", "2=stock", "3=sales"]);
    let resources = vec![Resource { id: id("sales"), name: "Sales again".to_owned() }];
    let gone_resources = vec![id("sales")];
    let changes = TargetChanges { resources, gone_resources, ..TargetChanges::default() };
    let touched = observation.apply(TargetReading::Changes(changes));
    assert_eq!(touched, [id("1"), id("3")].into());
    assert_eq!(held(&observation), "1=stock 2=stock 3=");
    assert_eq!(observation.resource(&id("sales")).map(|resource| resource.name.as_str()), Some("Sales again"));
}

#[test]
fn without_a_word_on_holdings_accounts_stand_as_they_are_shown() {
    let mut observation = seen(&["1=sales"]);
    let accounts = vec![ObservedAccount { permissions: None, ..live(Shown::Enabled) }, shown("1=?")];
    let cursor = Some(Cursor("7".to_owned()));
    observation.apply(TargetReading::Changes(TargetChanges { accounts, cursor, ..TargetChanges::default() }));
    assert_eq!(held(&observation), "1=? entra-hr:1=?");
    assert!(observation.cursor().is_some());
}
