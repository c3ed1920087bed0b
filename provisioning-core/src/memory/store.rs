//! A store in memory.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};

use crate::audit::{AccountFact, Chain, Directive, Fact, Head, PersonDirective, Record, RunDirective, Salt, Sealed};
use crate::clock::Clock;
use crate::digest::digest;
use crate::id::{AccountId, Actor, FieldName, PersonId, TargetId, TenantId};
use crate::ledger::{Ledger, Origin, PersonEntry};
use crate::memory::agenda::Agenda;
use crate::policy::PolicyVersion;
use crate::port::{Acceptance, Commit, Fence, Shared, Store, StoreError};
use crate::settings::Settings;
use crate::source::Roster;
use crate::target::Observation;

/// Where sealed records go.
pub trait Sink: Send + Sync + fmt::Debug {
    /// Takes a record.
    fn take(&mut self, sealed: Sealed);
}

/// Drops every record; only the ledger and the head remain.
#[derive(Debug, Clone, Copy, Default)]
pub struct Discard;

impl Sink for Discard {
    fn take(&mut self, _: Sealed) {}
}

/// Keeps every record, for whoever holds a clone.
#[derive(Debug, Clone, Default)]
pub struct Kept(Arc<Mutex<Vec<Sealed>>>);

impl Kept {
    /// The records so far.
    #[must_use]
    pub fn records(&self) -> Vec<Sealed> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Sink for Kept {
    fn take(&mut self, sealed: Sealed) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(sealed);
    }
}

#[derive(Debug)]
struct Inner {
    chain: Chain,
    sink: Box<dyn Sink>,
    agenda: Agenda,
    fence: Option<Fence>,
    last_token: u64,
    policy: Option<PolicyVersion>,
    observations: BTreeMap<TargetId, Shared<Observation>>,
}

/// A store in memory: the ledger, the roster and the head are kept, records go to a sink.
#[derive(Debug)]
pub struct MemoryStore {
    clock: Arc<dyn Clock>,
    seed: String,
    ledger: Shared<Ledger>,
    roster: Shared<Roster>,
    indexes: BTreeMap<TargetId, (Vec<FieldName>, Vec<FieldName>)>,
    inner: Mutex<Inner>,
}

impl MemoryStore {
    /// An empty store for the tenant and the targets of these settings.
    #[must_use]
    pub fn new(settings: &Settings, clock: Arc<dyn Clock>, sink: Box<dyn Sink>) -> Self {
        let indexes = settings.targets.iter().map(|target| {
            let correlation = target.correlation.iter().map(|way| way.attribute.clone()).collect();
            let capabilities = &target.capabilities;
            (capabilities.target.clone(), (capabilities.naming.clone(), correlation))
        });
        Self {
            clock,
            seed: settings.tenant.to_string(),
            ledger: Shared::new(Ledger::new(TenantId::clone(&settings.tenant))),
            roster: Shared::new(Roster::default()),
            indexes: indexes.collect(),
            inner: Mutex::new(Inner {
                chain: Chain::from(Head::EMPTY),
                sink,
                agenda: Agenda::default(),
                fence: None,
                last_token: 0,
                policy: None,
                observations: BTreeMap::new(),
            }),
        }
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn check(&self, inner: &Inner, fence: &Fence, expected: Option<Head>) -> Result<(), StoreError> {
        let now = self.clock.now();
        let holds = inner.fence.as_ref().is_some_and(|held| held.token == fence.token && now < held.until);
        if !holds {
            return Err(StoreError::Fenced);
        }
        match expected {
            Some(expected) if expected != inner.chain.head() => Err(StoreError::HeadMoved { head: inner.chain.head() }),
            _ => Ok(()),
        }
    }

    /// Appends and folds; nothing here can fail, so it is all or nothing.
    fn append(&self, inner: &mut Inner, records: &[Record]) -> Head {
        let mut ledger = self.ledger.write();
        for record in records {
            let place = inner.chain.head().records;
            let full = digest(&[self.seed.as_bytes(), &place.to_be_bytes()]);
            let mut salt = [0; 16];
            salt.iter_mut().zip(full.0).for_each(|(to, from)| *to = from);
            let moved = moved(&ledger, record);
            if let Some(loser) = losing_a_record(&ledger, record) {
                // Whoever points at the record points at somebody else from now on.
                inner.agenda.moved(&loser);
                inner.agenda.make_due(loser);
            }
            let sealed = inner.chain.seal(record, Salt(salt));
            ledger.fold(record, inner.chain.head());
            inner.sink.take(sealed);
            if let Some(person) = record.fact.surprises() {
                inner.agenda.make_due(person.clone());
                // What is said under a key goes for whoever has the record now.
                inner.agenda.make_due(ledger.person_of(&person.0));
                inner.agenda.moved(person);
            }
            if let Some(person) = moved {
                inner.agenda.moved(&person);
            }
            if let Fact::Said(Directive::Run(RunDirective::GoLive(target))) = &record.fact {
                adopted_on(&ledger, target).for_each(|person| inner.agenda.make_due(person.clone()));
            }
        }
        inner.chain.head()
    }
}

/// The person whose account a settled step changed, or who got one that was there before.
fn moved(ledger: &Ledger, record: &Record) -> Option<PersonId> {
    if let Fact::Account(key, AccountFact::Adopted { .. }) = &record.fact {
        return Some(key.person.clone());
    }
    let Fact::Outcome(id, _) = &record.fact else { return None };
    let intent = ledger.intent(id)?;
    match &intent.action.step {
        crate::plan::Step::Account { key, .. } => Some(key.person.clone()),
        crate::plan::Step::Permission { .. } | crate::plan::Step::Resource { .. } => None,
    }
}

/// The people whose accounts on a target were there before us.
fn adopted_on<'a>(ledger: &'a Ledger, target: &'a TargetId) -> impl Iterator<Item = &'a PersonId> {
    let adopted = |entry: &PersonEntry| {
        entry.accounts.iter().any(|(slot, account)| slot.target == *target && account.origin == Origin::Adopted)
    };
    ledger.people().filter(move |(_, entry)| adopted(entry)).map(|(person, _)| person)
}

/// The person from whom a link takes a record.
fn losing_a_record(ledger: &Ledger, record: &Record) -> Option<PersonId> {
    if let Fact::Said(Directive::Person(_, PersonDirective::Link(linked))) = &record.fact {
        return Some(ledger.person_of(linked));
    }
    None
}

#[async_trait]
impl Store for MemoryStore {
    async fn acquire(&self, holder: &Actor, ttl: TimeDelta) -> Result<Fence, StoreError> {
        let mut inner = self.inner();
        let now = self.clock.now();
        if let Some(held) = inner.fence.as_ref().filter(|held| now < held.until) {
            return Err(StoreError::Held { holder: held.holder.clone(), until: held.until });
        }
        inner.last_token += 1;
        let fence = Fence { token: inner.last_token, holder: holder.clone(), until: now + ttl };
        inner.fence = Some(fence.clone());
        Ok(fence)
    }

    async fn renew(&self, fence: &Fence, ttl: TimeDelta) -> Result<Fence, StoreError> {
        let mut inner = self.inner();
        self.check(&inner, fence, None)?;
        let longer = Fence { until: self.clock.now() + ttl, ..fence.clone() };
        inner.fence = Some(longer.clone());
        Ok(longer)
    }

    async fn release(&self, fence: Fence) -> Result<(), StoreError> {
        let mut inner = self.inner();
        if inner.fence.as_ref().is_some_and(|held| held.token == fence.token) {
            inner.fence = None;
        }
        Ok(())
    }

    async fn due(&self, now: DateTime<Utc>, policy: &PolicyVersion) -> Result<BTreeSet<PersonId>, StoreError> {
        let mut inner = self.inner();
        if inner.policy.as_ref() != Some(policy) {
            inner.policy = Some(policy.clone());
            let (ledger, roster) = (self.ledger.read(), self.roster.read());
            for record in roster.records() {
                inner.agenda.make_due(ledger.person_of(&record.id));
            }
            for (person, _) in ledger.people() {
                inner.agenda.make_due(person.clone());
            }
        }
        Ok(inner.agenda.due(now))
    }

    fn ledger(&self) -> Shared<Ledger> {
        self.ledger.clone()
    }

    fn roster(&self) -> Shared<Roster> {
        self.roster.clone()
    }

    fn observation(&self, target: &TargetId) -> Shared<Observation> {
        let (naming, correlation) = self.indexes.get(target).cloned().unwrap_or_default();
        let mut inner = self.inner();
        let observation = inner.observations.entry(target.clone());
        observation.or_insert_with(|| Shared::new(Observation::new(naming, correlation))).clone()
    }

    async fn accept(
        &self,
        fence: &Fence,
        expected: Head,
        acceptance: Acceptance,
        records: Vec<Record>,
    ) -> Result<(Head, BTreeSet<AccountId>), StoreError> {
        let observation = match &acceptance {
            Acceptance::Roster(_) => None,
            Acceptance::Observation(target, _) => Some(self.observation(target)),
        };
        let mut inner = self.inner();
        self.check(&inner, fence, Some(expected))?;
        let mut touched = BTreeSet::new();
        match (acceptance, observation) {
            (Acceptance::Roster(change), _) => {
                let mut roster = self.roster.write();
                let ledger = self.ledger.read();
                if let Some(departments) = &change.departments {
                    let differing = roster.departments(&change.source).differing(departments);
                    for record in roster.in_departments(&change.source, &differing) {
                        inner.agenda.make_due(ledger.person_of(record));
                    }
                }
                roster.apply(&change);
                for record in &change.records {
                    inner.agenda.make_due(ledger.person_of(&record.id));
                }
            }
            (Acceptance::Observation(_, reading), Some(observation)) => touched = observation.write().apply(reading),
            (Acceptance::Observation(..), None) => {}
        }
        Ok((self.append(&mut inner, &records), touched))
    }

    async fn commit(&self, fence: &Fence, expected: Head, commit: Commit) -> Result<Head, StoreError> {
        let mut inner = self.inner();
        self.check(&inner, fence, Some(expected))?;
        let head = self.append(&mut inner, &commit.records);
        for appointment in commit.appointments {
            inner.agenda.keep(appointment);
        }
        Ok(head)
    }

    async fn make_due(&self, fence: &Fence, people: BTreeSet<PersonId>) -> Result<(), StoreError> {
        let mut inner = self.inner();
        self.check(&inner, fence, None)?;
        for person in people {
            inner.agenda.make_due(person);
        }
        Ok(())
    }
}
