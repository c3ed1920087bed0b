//! What the tests write and compare: people `hr:1` and on, their accounts on `entra`, and what a store shows.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Debug;
use std::str::FromStr;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use provisioning_core::audit::{Directive, Fact, Head, Intent, IntentId, PersonDirective, Record, Settlement, Truth};
use provisioning_core::decide::Appointment;
use provisioning_core::ledger::PersonEntry;
use provisioning_core::plan::{AccountStep, Action, ActionId, NewAccount, Step, Timing};
use provisioning_core::policy::PolicyVersion;
use provisioning_core::source::{Accepted, Examination, Reading, Rejection, examine};
use provisioning_core::target::{
    Capabilities, Deletion, FirstSecret, ObservedAccount, Presence, Shown, TargetChanges, TargetReading,
};
use provisioning_core::testing::snapshot;
use provisioning_core::{
    Acceptance, AccountKey, AccountKind, Clock, Commit, Digest, Fence, Fields, Ledger, ManualClock, PersonId, Settings,
    Store, StoreError, Value,
};

/// Two people with a department each.
pub(crate) const PEOPLE: &str = "
    department d1 Board
    department d2 Sales parent=d1
    person 1 given_name=Anna
    contract 1 a 2026-03-01.. d1
    person 2 given_name=Bo
    contract 2 b 2026-03-01.. d2";

/// An id of any kind.
pub(crate) fn id<T: FromStr<Err: Debug>>(text: &str) -> T {
    text.parse().unwrap()
}

pub(crate) fn hr(person: u32) -> PersonId {
    id(&format!("hr:{person}"))
}

pub(crate) fn settings() -> Settings {
    let capabilities = Capabilities {
        target: id("entra"),
        deletion: Deletion::ForGood,
        anchor_length: 512,
        first_secret: FirstSecret::None,
        naming: vec![id("user_name")],
    };
    Settings::new(id("t"), Tz::UTC).with_target(capabilities, Vec::new())
}

pub(crate) fn nine_o_clock() -> Arc<ManualClock> {
    Arc::new(ManualClock::at("2026-03-02T09:00:00Z".parse().unwrap()))
}

pub(crate) fn lease() -> TimeDelta {
    TimeDelta::hours(1)
}

pub(crate) fn policy(number: u8) -> PolicyVersion {
    PolicyVersion(Digest([number; 32]))
}

pub(crate) fn record(fact: Fact) -> Record {
    Record { at: "2026-03-02T09:00:00Z".parse().unwrap(), actor: id("engine"), fact }
}

/// Something is said of a person.
pub(crate) fn said(person: u32, what: PersonDirective) -> Record {
    record(Fact::Said(Directive::Person(hr(person), what)))
}

pub(crate) fn key(person: u32) -> AccountKey {
    AccountKey { tenant: id("t"), target: id("entra"), person: hr(person), kind: AccountKind::main() }
}

/// A step on a person's account, intent and outcome; the number is another one for each step.
pub(crate) fn step(number: u32, person: u32, step: AccountStep, truth: Truth) -> [Record; 2] {
    let intent = IntentId { plan: Digest([7; 32]), action: ActionId(number) };
    let action = Action {
        id: intent.action,
        step: Step::Account { key: key(person), id: None, step },
        day: id("2026-03-02"),
        why: Vec::new(),
        timing: Timing::Expected,
        after: Vec::new(),
    };
    let sent = Fact::Intent(Box::new(Intent { id: intent, action }));
    [record(sent), record(Fact::Outcome(intent, Settlement::Done { truth, secret: false }))]
}

pub(crate) fn create(number: u32, person: u32, name: &str) -> [Record; 2] {
    let attributes: Fields = [(id("user_name"), Value::text(name))].into_iter().collect();
    let live = Truth::Live { id: id(&format!("a{person}")), shown: Shown::Disabled, given: Fields::default() };
    step(number, person, AccountStep::Create(NewAccount { attributes, names: vec![id("user_name")] }), live)
}

pub(crate) fn delete(number: u32, person: u32) -> [Record; 2] {
    step(number, person, AccountStep::Delete, Truth::Gone)
}

/// A reading of these people, as a store would be asked to take it in; why not, where it is refused.
pub(crate) fn people(store: &dyn Store, text: &str, now: DateTime<Utc>) -> Result<Acceptance, Vec<Rejection>> {
    let reading = Reading::Whole(snapshot(&id("hr"), "test", text, now));
    let (ledger, roster) = (store.ledger(), store.roster());
    let (ledger, roster) = (ledger.read(), roster.read());
    let before = Accepted {
        roster: &roster,
        allowed: ledger.allowed(),
        released: ledger.released(),
        linked: ledger.links(),
        tombstones: ledger.tombstones(),
    };
    match examine(&reading, &before, &settings().intake(), now) {
        Examination::Accepted(change) => Ok(Acceptance::Roster(change)),
        Examination::Rejected { why, .. } => Err(why),
    }
}

/// The account of a person, as `entra` shows it.
pub(crate) fn account(person: u32, name: &str) -> ObservedAccount {
    ObservedAccount {
        id: id(&format!("a{person}")),
        anchor: Some(key(person).anchor()),
        presence: Presence::Live,
        shown: Shown::Disabled,
        attributes: [(id("user_name"), Value::text(name))].into_iter().collect(),
        permissions: Some(BTreeSet::new()),
    }
}

pub(crate) fn whole(accounts: Vec<ObservedAccount>) -> Acceptance {
    let changes = TargetChanges { accounts, ..TargetChanges::default() };
    Acceptance::Observation(id("entra"), TargetReading::Whole(changes))
}

/// Everybody who is due has not to be decided again.
pub(crate) async fn settle(store: &dyn Store, fence: &Fence, clock: &ManualClock) {
    let due = store.due(clock.now(), &policy(1)).await.unwrap();
    let appointments = due.people.iter().map(Appointment::none).collect();
    commit(store, fence, Commit { appointments, question: Some(due.question), ..Commit::default() }).await.unwrap();
}

/// Commits at the head that the store shows.
pub(crate) async fn commit(store: &dyn Store, fence: &Fence, commit: Commit) -> Result<Head, StoreError> {
    let head = store.ledger().read().head();
    store.commit(fence, head, commit).await
}

pub(crate) fn records(records: impl IntoIterator<Item = Record>) -> Commit {
    Commit { records: records.into_iter().collect(), ..Commit::default() }
}

/// A store with two people, their accounts, and nobody due; whoever holds the right comes back.
pub(crate) async fn settled(store: &dyn Store, clock: &ManualClock) -> Fence {
    let fence = store.acquire(&id("engine"), lease()).await.unwrap();
    let head = store.ledger().read().head();
    let acceptance = people(store, PEOPLE, clock.now()).unwrap();
    store.accept(&fence, head, acceptance, Vec::new()).await.unwrap();
    commit(store, &fence, records(create(1, 1, "anna").into_iter().chain(create(2, 2, "bo")))).await.unwrap();
    let head = store.ledger().read().head();
    store.accept(&fence, head, whole(vec![account(1, "anna"), account(2, "bo")]), Vec::new()).await.unwrap();
    settle(store, &fence, clock).await;
    fence
}

/// What a store shows to whoever looks at it.
#[derive(Debug, PartialEq)]
pub(crate) struct Look {
    pub(crate) people: BTreeMap<PersonId, PersonEntry>,
    pub(crate) roster: (Digest, Vec<String>),
    pub(crate) observation: Vec<String>,
}

pub(crate) fn look(store: &dyn Store) -> Look {
    let (ledger, roster, observation) = (store.ledger(), store.roster(), store.observation(&id("entra")));
    let (ledger, roster, observation) = (ledger.read(), roster.read(), observation.read());
    let mut shown = vec![format!("complete {} at {:?}", observation.is_complete(), observation.cursor())];
    shown.extend(observation.accounts().map(|account| serde_json::to_string(account).unwrap()));
    shown.extend(observation.resources().map(|resource| format!("{resource:?}")));
    Look {
        people: ledger.people().map(|(person, entry)| (person.clone(), entry.clone())).collect(),
        roster: (roster.revision(), roster.records().map(|record| serde_json::to_string(record).unwrap()).collect()),
        observation: shown,
    }
}

/// All of it, the head too: of two stores on one ledger.
pub(crate) fn ledger(store: &dyn Store) -> Ledger {
    store.ledger().read().clone()
}
