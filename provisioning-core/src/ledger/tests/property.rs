//! No sequence of facts makes the ledger disagree with itself or with its records.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::{Strategy, any, prop_oneof};
use proptest::sample::select;
use proptest::{collection, proptest};

use crate::audit::{
    AccountFact, Basis, Directive, Fact, FailureKind, Head, HeldPermission, History, OthersDid, PersonDirective,
    Record, Settlement, Truth, Verdict, verify,
};
use crate::digest::Digest;
use crate::id::{AccountKey, PersonId, TargetId};
use crate::ledger::tests::{adopted, on_entra};
use crate::ledger::{CannotErase, Ledger, Mark, PersonEntry};
use crate::policy::PolicyVersion;
use crate::samples::{Book, at, day, fields, id, key};
use crate::target::{Presence, RestoredGrants, Shown};

const NOW: &str = "2026-03-03";
const PEOPLE: [&str; 3] = ["hr:1", "hr:2", "hr:9"];
const ACCOUNTS: [&str; 4] = ["1", "2", "1#admin", "ad/1"];
const STEPS: [&str; 10] =
    ["create", "restore", "enable", "disable", "delete", "reissue", "update", "grant", "revoke", "ensure"];

fn truths() -> impl Strategy<Value = Truth> {
    let on = day("2026-03-01");
    let grants = select(vec![RestoredGrants::Kept, RestoredGrants::Dropped, RestoredGrants::Unreadable]);
    let shown = select(vec![Shown::Enabled, Shown::Disabled]);
    prop_oneof![
        4 => (shown, select(vec!["x", "y", "z"])).prop_map(|(shown, account)| {
            Truth::Live { id: id(account), shown, given: fields(&["user_name=Given"]) }
        }),
        1 => grants.prop_map(move |grants| Truth::InBin { on, grants }),
        1 => select(vec![Truth::Gone, Truth::Holds, Truth::HoldsNot, Truth::Exists]),
    ]
}

fn account_facts() -> impl Strategy<Value = AccountFact> {
    let on = day("2026-03-02");
    let presence = select(vec![Presence::Live, Presence::Live, Presence::InBin(on)]);
    let seen = (presence, select(vec![Shown::Enabled, Shown::Disabled]));
    let did = select(vec![OthersDid::Disable, OthersDid::Delete, OthersDid::Restore]);
    prop_oneof![
        (did.clone(), any::<bool>()).prop_map(move |(what, tells)| {
            AccountFact::Held { what, holds: tells.then(|| [id("sales")].into()), day: on }
        }),
        (did, proptest::option::of(seen.clone()), any::<bool>()).prop_map(move |(what, shown, tells)| {
            AccountFact::Suspected { what, shown, holds: tells.then(|| [id("sales")].into()), day: on }
        }),
        seen.prop_map(|(presence, shown)| adopted(presence, shown)),
        select(vec![
            AccountFact::Unwanted { since: on },
            AccountFact::Wanted,
            AccountFact::Missed,
            AccountFact::Found { in_bin: None },
            AccountFact::Found { in_bin: Some(on) },
            AccountFact::EnabledByOthers,
            AccountFact::HoldEnded,
            AccountFact::ReleaseEnded,
            AccountFact::Justified { permission: id("sales"), rules: vec![id("other")] },
            AccountFact::Lagging,
            AccountFact::Settled,
            AccountFact::Emptied,
            AccountFact::HandedOver,
        ]),
    ]
}

/// One thing that may happen; intents are answered later, or never.
#[derive(Debug, Clone)]
enum Event {
    Sent {
        step: &'static str,
        account: &'static str,
    },
    Answered {
        which: usize,
        truth: Truth,
        failed: Option<FailureKind>,
    },
    Seen(&'static str, AccountFact),
    Said(PersonDirective),
    Of(&'static str, PersonDirective),
    Approved(&'static str, &'static str),
    Began(u8, &'static str),
    /// Once nothing of the person's is needed any more.
    Erased(&'static str),
}

fn events() -> impl Strategy<Value = Event> {
    let failed = select(vec![None, None, None, Some(FailureKind::Unknown), Some(FailureKind::Transient)]);
    prop_oneof![
        4 => (select(STEPS.to_vec()), select(ACCOUNTS.to_vec())).prop_map(|(step, account)| Event::Sent { step, account }),
        4 => (0..4_usize, truths(), failed).prop_map(|(which, truth, failed)| Event::Answered { which, truth, failed }),
        3 => (select(ACCOUNTS.to_vec()), account_facts()).prop_map(|(account, fact)| Event::Seen(account, fact)),
        1 => select(vec![PersonDirective::Block, PersonDirective::Release(on_entra()), PersonDirective::Link(id("hr:2"))])
            .prop_map(Event::Said),
        1 => (0..3_u8, select(vec![NOW, NOW, "2026-03-09", "2026-04-20"])).prop_map(|(version, day)| Event::Began(version, day)),
        1 => (select(PEOPLE.to_vec()), select(PEOPLE.to_vec())).prop_map(|(one, other)| {
            Event::Of(one, PersonDirective::Link(id(other)))
        }),
        1 => (select(PEOPLE.to_vec()), select(PEOPLE.to_vec())).prop_map(|(one, other)| {
            Event::Of(one, PersonDirective::Accept { record: id(other), evidence: Digest([1; 32]) })
        }),
        2 => (select(STEPS.to_vec()), select(ACCOUNTS.to_vec())).prop_map(|(step, account)| Event::Approved(step, account)),
    ]
}

fn histories() -> impl Strategy<Value = Vec<Event>> {
    collection::vec(prop_oneof![12 => events(), 1 => select(PEOPLE.to_vec()).prop_map(Event::Erased)], 0..60)
}

fn step(step: &str, account: &str) -> String {
    let rest = match step {
        "create" | "update" => " user_name=Anna",
        "grant" | "revoke" => " sales",
        "ensure" => " Name",
        _ => "",
    };
    format!("{step} {account}{rest}")
}

/// Nothing of a person's is needed any more: every step has its outcome, no hold stands, and no account is there.
fn leave(book: &mut Book, person: &str) {
    let family = book.ledger.family(&id(person));
    let is_theirs = |intent: &&crate::audit::Intent| intent.action.person().is_some_and(|one| family.contains(one));
    let open: Vec<_> = book.ledger.open().map(|(_, intent)| intent).filter(is_theirs).map(|intent| intent.id).collect();
    for intent in open {
        book.note(NOW, Fact::Outcome(intent, Settlement::NotDone));
    }
    for account in ACCOUNTS.into_iter().filter(|account| family.contains(&key(account).person)) {
        book.became(NOW, &format!("delete {account}"), Truth::Gone);
    }
}

fn play(book: &mut Book, event: Event) {
    let now = NOW;
    match event {
        Event::Sent { step, account } => {
            book.sent(now, &self::step(step, account));
        }
        Event::Of(person, said) => book.note(now, Fact::Said(Directive::Person(id(person), said))),
        Event::Approved(step, account) => book.approved(now, &self::step(step, account)),
        Event::Erased(person) => {
            leave(book, person);
            let others = |book: &Book, family: &BTreeSet<PersonId>| -> Vec<(PersonId, PersonEntry)> {
                let all = book.ledger.people().filter(|(one, _)| !family.contains(*one));
                all.map(|(one, entry)| (one.clone(), entry.clone())).collect()
            };
            let family = book.ledger.family(&id(person));
            let before = others(book, &family);
            match book.erase(now, person) {
                Ok(_) => assert_eq!(others(book, &BTreeSet::new()), before),
                Err(why) => assert!(matches!(why, CannotErase::Unknown { .. }), "{why}"),
            }
        }
        Event::Answered { which, truth, failed } => {
            let open = book.ledger.open().nth(which).map(|(_, intent)| intent.id);
            let settlement = match failed {
                None => Settlement::Done { truth, secret: which == 0 },
                Some(kind) => Settlement::Failed { kind, message: String::new() },
            };
            if let Some(intent) = open {
                book.note(now, Fact::Outcome(intent, settlement));
            }
        }
        Event::Seen(account, fact) => book.note(now, Fact::Account(key(account), fact)),
        Event::Said(said) => crate::ledger::tests::said(book, said),
        Event::Began(version, day) => book.began(day, &PolicyVersion(Digest([version; 32]))),
    }
}

/// What the ledger keeps twice must say the same twice.
fn agrees_with_itself(book: &Book) {
    let ledger = &book.ledger;
    let mut live: BTreeMap<TargetId, u32> = BTreeMap::new();
    let mut open: BTreeMap<AccountKey, u32> = BTreeMap::new();
    for (_, intent) in ledger.open() {
        if let Some(key) = intent.action.step.account() {
            *open.entry(key.clone()).or_default() += 1;
        }
    }
    for (person, entry) in ledger.people() {
        for (slot, account) in entry.accounts.iter() {
            let key = ledger.key(person, slot);
            *live.entry(slot.target.clone()).or_default() += u32::from(account.lifecycle.is_live());
            assert_eq!(account.open, open.get(&key).copied().unwrap_or(0), "{key}");
            let is_suspected = account.others.values().any(|seen| !seen.held);
            let is_unsettled = account.marks.contains(&Mark::Lagging) || is_suspected || account.missed_at.is_some();
            assert_eq!(ledger.unsettled(&slot.target).any(|other| *other == key), is_unsettled, "{key}");
            for id in account.id.iter().chain(&account.previous) {
                assert!(ledger.account_with_id(&slot.target, id).is_some(), "{key} {id}");
            }
        }
    }
    for target in ["entra", "ad"] {
        assert_eq!(book.population(target), live.get(&id::<TargetId>(target)).copied().unwrap_or(0), "{target}");
    }
}

fn refolded(records: &[Record]) -> Ledger {
    let mut book = Book::new();
    for record in records {
        book.take(record.clone());
    }
    book.ledger
}

/// What the records tell of who has what must be what the ledger says.
fn history_agrees(book: &Book) {
    let mut history = History::at(at("2026-12-31"), id("t"));
    book.sealed.iter().for_each(|sealed| history.take(sealed).unwrap());
    assert_eq!(*history.ledger(), book.ledger);
    let mut told = history.everybody().accounts.into_iter();
    for (person, entry) in book.ledger.people() {
        for (slot, account) in entry.accounts.iter().filter(|(_, account)| account.lifecycle.is_live()) {
            let told = told.next().unwrap();
            assert_eq!((&told.key, told.lifecycle), (&book.ledger.key(person, slot), account.lifecycle));
            let is_granted = |held: &&HeldPermission| held.basis != Basis::Seen;
            let granted: Vec<_> = told.permissions.iter().filter(is_granted).map(|held| &held.id).collect();
            assert_eq!(granted, account.grants.keys().collect::<Vec<_>>());
            let mut ids: Vec<_> = told.permissions.iter().map(|held| &held.id).collect();
            ids.dedup();
            assert_eq!(ids.len(), told.permissions.len(), "nothing is told twice");
        }
    }
    assert!(told.next().is_none());
}

proptest! {
    #[test]
    fn the_ledger_agrees_with_itself_and_with_its_records(events in collection::vec(events(), 0..60)) {
        let mut book = Book::new();
        for event in events {
            play(&mut book, event);
            agrees_with_itself(&book);
        }
        history_agrees(&book);
        assert_eq!(refolded(&book.records), book.ledger);
        assert_eq!(book.ledger.head() == Head::EMPTY, book.records.is_empty());
    }

    #[test]
    fn i_56_folding_what_an_erasure_leaves_gives_the_ledger(events in histories()) {
        let mut book = Book::new();
        for event in events {
            play(&mut book, event);
            agrees_with_itself(&book);
            assert_eq!(book.ledger.refolded(&book.sealed).as_ref(), Ok(&book.ledger));
        }
        assert_eq!(verify(&book.sealed, Some(book.ledger.head())), Verdict::Whole);
    }
}
