//! Accounts that bear an anchor of ours and that the ledger does not know.

use std::collections::BTreeMap;

use crate::id::{AccountId, AccountKey, TargetId};
use crate::ledger::{Ledger, Mark};
use crate::source::Roster;
use crate::target::{Observation, ObservedAccount, Presence};

/// Accounts with an anchor of ours that the ledger does not know, with whose they would be.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ahead {
    /// We made them, by all that is shown, and the ledger is behind; or somebody copied an anchor to where none was.
    pub unknown: Vec<(AccountKey, AccountId)>,
    /// They stand beside the one that the ledger knows and that is there: copies, for we never make a second one.
    pub copies: Vec<(AccountKey, AccountId)>,
    /// They would be of people who were erased, of whom nobody is to know any more.
    pub of_erased: Vec<AccountId>,
}

/// Looks through accounts of a target for what only we could have left there; `is_live` tells whether an account is shown.
///
/// One of which a create has no outcome yet, or was said to have failed, is known. An anchor that names nobody is no anchor of
/// ours.
#[must_use]
pub fn ahead<'a>(
    accounts: impl IntoIterator<Item = &'a ObservedAccount>,
    target: &TargetId,
    (ledger, roster): (&Ledger, &Roster),
    is_live: impl Fn(&AccountId) -> bool,
) -> Ahead {
    let mut found = Ahead::default();
    for account in accounts {
        let is_known =
            || ledger.account_with_id(target, &account.id).is_some() || ledger.is_stranger(target, &account.id);
        let Some(anchor) = account.anchor.as_deref().filter(|_| !is_known()) else { continue };
        let Some(key) = AccountKey::of_anchor(ledger.tenant(), target, anchor) else { continue };
        if ledger.tombstones().of(&key.person.0).is_some() {
            found.of_erased.push(account.id.clone());
            continue;
        }
        if ledger.person(&key.person).is_none() && roster.record(&key.person.0).is_none() {
            continue;
        }
        let entry = ledger.account(&key);
        if entry.is_some_and(|entry| entry.open > 0 || entry.marks.contains(&Mark::MaybeMade)) {
            continue;
        }
        let stands_beside = entry.and_then(|entry| entry.id.as_ref()).is_some_and(&is_live);
        let list = if stands_beside { &mut found.copies } else { &mut found.unknown };
        list.push((key, account.id.clone()));
    }
    found
}

/// Which of the accounts that are to be taken over is the person's: the one that is live, or else the one deleted last;
/// none where several are live, for nobody can say.
#[must_use]
pub fn to_take_over<'a>(
    accounts: impl IntoIterator<Item = (&'a AccountKey, &'a AccountId)>,
    observation: &'a Observation,
) -> Vec<(&'a AccountKey, &'a ObservedAccount)> {
    let mut by_key: BTreeMap<&AccountKey, Vec<&ObservedAccount>> = BTreeMap::new();
    for (key, id) in accounts {
        if let Some(account) = observation.account(id) {
            by_key.entry(key).or_default().push(account);
        }
    }
    let chosen = by_key.into_iter().filter_map(|(key, accounts)| {
        let mut live = accounts.iter().filter(|account| account.presence == Presence::Live);
        let one = match (live.next(), live.next()) {
            (Some(_), Some(_)) => None,
            (Some(one), None) => Some(*one),
            (None, _) => accounts.iter().copied().max_by_key(|account| match account.presence {
                Presence::InBin(on) => Some(on),
                Presence::Live => None,
            }),
        };
        one.map(|account| (key, account))
    });
    chosen.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audit::{AccountFact, Fact, FailureKind, Settlement};
    use crate::samples::{Book, account_id, day, id, key, roster, settings};
    use crate::target::Shown;
    use crate::value::Fields;

    fn shown(id: &str, anchor: Option<&str>, presence: Presence) -> ObservedAccount {
        ObservedAccount {
            id: self::id(id),
            anchor: anchor.map(str::to_owned),
            presence,
            shown: Shown::Enabled,
            attributes: Fields::default(),
            permissions: None,
        }
    }

    /// What is found of an account `x` with an anchor; `live` is what else is shown.
    fn found(book: &Book, anchor: Option<&str>, live: &[AccountId]) -> Option<&'static str> {
        let roster = roster(&settings(), &[("2026-03-01", "person 1\nperson 2")]);
        let account = shown("x", anchor, Presence::Live);
        let found = ahead([&account], &id("entra"), (&book.ledger, &roster), |id| live.contains(id));
        match (found.unknown.as_slice(), found.copies.as_slice(), found.of_erased.as_slice()) {
            ([], [], []) => None,
            ([(_, account)], [], []) if account.as_str() == "x" => Some("unknown"),
            ([], [(_, account)], []) if account.as_str() == "x" => Some("copy"),
            ([], [], [account]) if account.as_str() == "x" => Some("of somebody erased"),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn only_an_anchor_of_somebody_who_is_known_counts() {
        let mut book = Book::new();
        let none = |anchor| found(&Book::new(), anchor, &[]);
        assert_eq!((none(Some("hr:1")), none(Some("hr:1#admin"))), (Some("unknown"), Some("unknown")));
        assert_eq!(
            (none(None), none(Some("1")), none(Some("hr:3")), none(Some("hr:1#main"))),
            (None, None, None, None)
        );
        // Whom only the ledger knows is known as well.
        book.did("2026-03-01", "create ad/3");
        assert_eq!(found(&book, Some("hr:3"), &[]), Some("unknown"));
    }

    #[test]
    fn an_account_that_stands_beside_the_one_that_is_known_is_a_copy() {
        let mut book = Book::new();
        book.did("2026-03-01", "create 1");
        let own = account_id(&key("1"));
        assert_eq!(found(&book, Some("hr:1"), std::slice::from_ref(&own)), Some("copy"));
        assert_eq!(found(&book, Some("hr:1"), &[]), Some("unknown"));
        assert_eq!(found(&book, Some("hr:2"), &[own]), Some("unknown"));
        book.note("2026-03-02", Fact::Account(key("1"), AccountFact::Copied { account: id("x") }));
        assert_eq!(found(&book, Some("hr:1"), &[]), None, "it was told");
    }

    #[test]
    fn an_account_of_somebody_who_was_erased_is_no_evidence_and_is_told() {
        for person in ["1", "3"] {
            let mut book = Book::new();
            book.did("2026-03-01", &format!("create {person}"));
            book.became("2026-03-01", &format!("delete {person}"), crate::audit::Truth::Gone);
            book.erase("2026-03-02", &format!("hr:{person}")).unwrap();
            // Whether or not somebody of that record is there again.
            assert_eq!(found(&book, Some(&format!("hr:{person}")), &[]), Some("of somebody erased"));
            assert_eq!(found(&book, Some("hr:2"), &[]), Some("unknown"));
        }
    }

    #[test]
    fn what_a_create_of_ours_may_have_made_is_no_evidence() {
        let failed = |kind| Settlement::Failed { kind, message: String::new() };
        for (settlement, step) in [
            (None, "create 1"),
            (Some(failed(FailureKind::Unknown)), "create 1"),
            (Some(failed(FailureKind::Transient)), "create 1"),
            (Some(failed(FailureKind::Permanent)), "create 1"),
            (Some(Settlement::NotDone), "create 1"),
        ] {
            let mut book = Book::new();
            let intent = book.sent("2026-03-01", step);
            if let Some(settlement) = settlement.clone() {
                book.note("2026-03-01", Fact::Outcome(intent, settlement));
            }
            assert_eq!(found(&book, Some("hr:1"), &[]), None, "{settlement:?}");
            assert_eq!(found(&book, Some("hr:2"), &[]), Some("unknown"));
            // Once it was made after all, another one is another matter.
            book.did("2026-03-02", "create 1");
            assert_eq!(
                found(&book, Some("hr:1"), &[]).is_some(),
                settlement.is_some_and(|it| it != failed(FailureKind::Unknown))
            );
        }
        let mut book = Book::new();
        book.did("2026-03-01", "create 1");
        let intent = book.sent("2026-03-01", "enable 1");
        book.note("2026-03-01", Fact::Outcome(intent, Settlement::NotDone));
        assert_eq!(found(&book, Some("hr:1"), &[]), Some("unknown"), "it was no create");
    }

    #[test]
    fn of_several_accounts_the_live_one_is_taken_over_or_else_the_one_deleted_last() {
        let bin = |on| Presence::InBin(day(on));
        let cases = [
            (vec![("a", Presence::Live)], Some("a")),
            (vec![("a", bin("2026-03-02")), ("b", Presence::Live), ("c", bin("2026-03-03"))], Some("b")),
            (vec![("a", bin("2026-03-02")), ("b", bin("2026-03-03")), ("c", bin("2026-03-01"))], Some("b")),
            (vec![("a", Presence::Live), ("b", Presence::Live)], None),
            (Vec::new(), None),
        ];
        for (accounts, expected) in cases {
            let ids: Vec<AccountId> = accounts.iter().map(|(name, _)| id(name)).collect();
            let mut observation = Observation::default();
            let accounts = accounts.iter().map(|(name, presence)| shown(name, Some("hr:1"), *presence)).collect();
            let changes = crate::target::TargetChanges { accounts, ..Default::default() };
            observation.apply(crate::target::TargetReading::Whole(changes));
            let gone = id("gone");
            let all = ids.iter().chain([&gone]);
            let key = key("1");
            let taken = to_take_over(all.map(|id| (&key, id)), &observation);
            let taken: Vec<_> = taken.into_iter().map(|(_, account)| account.id.as_str()).collect();
            assert_eq!(taken, expected.into_iter().collect::<Vec<_>>());
        }
    }
}
