//! The suite of stores against stores that break the contract, each in one way.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use futures::executor::block_on;

use crate::audit::{Directive, Fact, Finder, Head, Record, Sealed};
use crate::clock::Clock;
use crate::decide::Appointment;
use crate::digest::Digest;
use crate::id::{AccountId, Actor, PersonId, TargetId};
use crate::ledger::{Erasing, Ledger};
use crate::memory::{Kept, MemoryStore, Sink};
use crate::policy::PolicyVersion;
use crate::port::{Acceptance, Commit, Due, Fence, Question, Shared, Store, StoreError};
use crate::settings::Settings;
use crate::source::Roster;
use crate::target::Observation;
use crate::testing::benches::MemoryStores;
use crate::testing::tests::finds;
use crate::testing::{StoreBench, Unsupported, check_store};

/// How a store can break the contract.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Breach {
    None,
    SharesTheRight,
    NeverFreesTheRight,
    RenewsWhatIsLost,
    ForgetsFences,
    ForgetsHeads,
    HalfACommit,
    LosesRecords,
    CopiesTheLedger,
    ForgetsToTouch,
    EverybodyAlways,
    LosesAppointments,
    WakesEarly,
    IgnoresWatches,
    OneVersionOnly,
    DeafToDirectives,
    ForgetsWhatCameSince,
    TakesTheLastQuestion,
    LosesWhomItWasTold,
    ForgetsWhenReopened,
    KeepsWhatIsErased,
    ErasesEverybody,
    ErasesInSilence,
    RemembersTheErased,
    ShowsTheErased,
    DecidesTheErased,
    LosesWhoPointedThere,
    ErasesThoughRefused,
}

/// A memory store that breaks the contract in one way.
#[derive(Debug)]
struct Spoiled {
    store: Arc<MemoryStore>,
    clock: Arc<dyn Clock>,
    breach: Breach,
    policy: Mutex<PolicyVersion>,
    shows: Mutex<Option<Shared<Roster>>>,
    remembers: Mutex<Option<Shared<Ledger>>>,
}

impl Spoiled {
    /// A question that is not the suite's.
    async fn question(&self) -> Result<Question, StoreError> {
        let policy = self.policy.lock().unwrap().clone();
        Ok(self.store.due(self.clock.now(), &policy).await?.question)
    }

    /// Who is due, by another question than the suite's.
    async fn ask(&self) -> Result<BTreeSet<PersonId>, StoreError> {
        let policy = self.policy.lock().unwrap().clone();
        Ok(self.store.due(self.clock.now(), &policy).await?.people)
    }

    /// Decides nobody who became due just now, and says that it did.
    async fn loses_who_became_due(
        &self,
        before: &BTreeSet<PersonId>,
        fence: &Fence,
        head: Head,
    ) -> Result<Head, StoreError> {
        let new = self.ask().await?.into_iter().filter(|person| !before.contains(person));
        let appointments = new.map(|person| Appointment::none(&person)).collect();
        let question = Some(self.question().await?);
        self.store.commit(fence, head, Commit { appointments, question, ..Commit::default() }).await
    }

    /// A fence that is good whoever holds it.
    async fn any_fence(&self, fence: &Fence) -> Fence {
        match self.store.acquire(&fence.holder, TimeDelta::minutes(5)).await {
            Ok(fence) => fence,
            Err(_) => Fence { token: fence.token.max(2), ..fence.clone() },
        }
    }
}

#[async_trait]
impl Store for Spoiled {
    async fn acquire(&self, holder: &Actor, ttl: TimeDelta) -> Result<Fence, StoreError> {
        let until = self.clock.now() + ttl;
        match self.store.acquire(holder, ttl).await {
            Err(_) if self.breach == Breach::SharesTheRight => Ok(Fence { token: 1, holder: holder.clone(), until }),
            Ok(fence) if self.breach == Breach::NeverFreesTheRight && fence.token > 1 => {
                Err(StoreError::Held { holder: fence.holder, until })
            }
            other => other,
        }
    }

    async fn renew(&self, fence: &Fence, ttl: TimeDelta) -> Result<Fence, StoreError> {
        match self.store.renew(fence, ttl).await {
            Err(_) if self.breach == Breach::RenewsWhatIsLost => Ok(fence.clone()),
            other => other,
        }
    }

    async fn release(&self, fence: Fence) -> Result<(), StoreError> {
        self.store.release(fence).await
    }

    async fn due(&self, now: DateTime<Utc>, policy: &PolicyVersion) -> Result<Due, StoreError> {
        let now = if self.breach == Breach::WakesEarly { now + TimeDelta::seconds(1) } else { now };
        let one = PolicyVersion(Digest::ZERO);
        let policy = if self.breach == Breach::OneVersionOnly { &one } else { policy };
        *self.policy.lock().unwrap() = policy.clone();
        let mut due = self.store.due(now, policy).await?;
        if self.breach == Breach::EverybodyAlways {
            due.people.extend(self.store.roster().read().records().map(|record| PersonId(record.id.clone())));
        }
        Ok(due)
    }

    fn ledger(&self) -> Shared<Ledger> {
        let remembered = self.remembers.lock().unwrap().clone();
        let ledger = remembered.unwrap_or_else(|| self.store.ledger());
        if self.breach == Breach::CopiesTheLedger { Shared::new(ledger.read().clone()) } else { ledger }
    }

    fn roster(&self) -> Shared<Roster> {
        self.shows.lock().unwrap().clone().unwrap_or_else(|| self.store.roster())
    }

    fn observation(&self, target: &TargetId) -> Shared<Observation> {
        self.store.observation(target)
    }

    async fn accept(
        &self,
        fence: &Fence,
        expected: Head,
        acceptance: Acceptance,
        records: Vec<Record>,
    ) -> Result<(Head, BTreeSet<AccountId>), StoreError> {
        let (head, touched) = self.store.accept(fence, expected, acceptance, records).await?;
        Ok((head, if self.breach == Breach::ForgetsToTouch { BTreeSet::new() } else { touched }))
    }

    #[expect(clippy::wildcard_enum_match_arm, reason = "each breach shows in one place, and nowhere else")]
    async fn commit(&self, fence: &Fence, expected: Head, mut commit: Commit) -> Result<Head, StoreError> {
        match self.breach {
            Breach::LosesRecords => commit.records.truncate(1),
            Breach::LosesAppointments => commit.appointments.retain(|kept| kept.wake.is_none()),
            Breach::IgnoresWatches => commit.appointments.iter_mut().for_each(|kept| kept.watches.clear()),
            // As if the appointments were an answer to a question that is asked only now.
            Breach::ForgetsWhatCameSince => commit.question = Some(self.question().await?),
            Breach::TakesTheLastQuestion if commit.question.is_none() => commit.question = Some(self.question().await?),
            Breach::DeafToDirectives if commit.records.iter().any(is_said) => {
                let before = self.ask().await?;
                let head = self.store.commit(fence, expected, commit).await?;
                return self.loses_who_became_due(&before, fence, head).await;
            }
            Breach::ForgetsFences => return self.store.commit(&self.any_fence(fence).await, expected, commit).await,
            Breach::ForgetsHeads => {
                let head = self.store.ledger().read().head();
                return self.store.commit(fence, head, commit).await;
            }
            Breach::HalfACommit => {
                let head = self.store.ledger().read().head();
                let (appointments, question) = (std::mem::take(&mut commit.appointments), commit.question);
                self.store.commit(fence, head, Commit { appointments, question, ..Commit::default() }).await?;
            }
            _ => {}
        }
        self.store.commit(fence, expected, commit).await
    }

    #[expect(clippy::wildcard_enum_match_arm, reason = "each breach shows in one place, and nowhere else")]
    async fn erase(&self, fence: &Fence, expected: Head, erasing: &Erasing) -> Result<Head, StoreError> {
        match self.breach {
            Breach::RemembersTheErased => {
                let before = self.store.ledger().read().clone();
                *self.remembers.lock().unwrap() = Some(Shared::new(before));
            }
            Breach::ShowsTheErased => {
                let before = self.store.roster().read().clone();
                *self.shows.lock().unwrap() = Some(Shared::new(before));
            }
            Breach::ErasesThoughRefused => {
                let head = self.store.ledger().read().head();
                let answer = self.store.erase(fence, expected, erasing).await;
                if answer.is_err() {
                    self.store.erase(fence, head, erasing).await?;
                }
                return answer;
            }
            _ => {}
        }
        let before = self.ask().await?;
        let head = self.store.erase(fence, expected, erasing).await?;
        if self.breach == Breach::DecidesTheErased {
            self.store.make_due(fence, erasing.people().clone()).await?;
        }
        if self.breach == Breach::LosesWhoPointedThere {
            return self.loses_who_became_due(&before, fence, head).await;
        }
        Ok(head)
    }

    async fn make_due(&self, fence: &Fence, people: BTreeSet<PersonId>) -> Result<(), StoreError> {
        let people = if self.breach == Breach::LosesWhomItWasTold { BTreeSet::new() } else { people };
        self.store.make_due(fence, people).await
    }
}

fn is_said(record: &Record) -> bool {
    matches!(record.fact, Fact::Said(Directive::Person(..)))
}

/// Keeps records, and what it should drop as well, or drops everything.
#[derive(Debug)]
struct Filing(Kept, Breach);

impl Sink for Filing {
    fn take(&mut self, sealed: Sealed) {
        self.0.take(sealed);
    }

    fn erase(&mut self, finder: Finder<'_>) -> BTreeSet<u64> {
        if self.1 == Breach::ErasesEverybody {
            self.0.edit(|records| records.iter_mut().for_each(Sealed::erase));
        } else if self.1 != Breach::KeepsWhatIsErased {
            let places = self.0.erase(finder);
            return if self.1 == Breach::ErasesInSilence { BTreeSet::new() } else { places };
        }
        BTreeSet::new()
    }
}

/// Opens stores that break the contract in one way.
struct Spoiling {
    breach: Breach,
    kept: Mutex<Kept>,
}

impl Spoiling {
    fn by(breach: Breach) -> Self {
        Self { breach, kept: Mutex::default() }
    }
}

#[async_trait]
impl StoreBench for Spoiling {
    async fn empty(&self, settings: &Settings, clock: Arc<dyn Clock>) -> Arc<dyn Store> {
        let kept = Kept::default();
        *self.kept.lock().unwrap() = kept.clone();
        let sink = Box::new(Filing(kept, self.breach));
        let store = Arc::new(MemoryStore::new(settings, clock.clone(), sink));
        let policy = Mutex::new(PolicyVersion(Digest::ZERO));
        let (shows, remembers) = (Mutex::default(), Mutex::default());
        Arc::new(Spoiled { store, clock, breach: self.breach, policy, shows, remembers })
    }

    async fn reopen(
        &self,
        store: Arc<dyn Store>,
        settings: &Settings,
        clock: Arc<dyn Clock>,
    ) -> Result<Arc<dyn Store>, Unsupported> {
        let forgets = self.breach == Breach::ForgetsWhenReopened;
        Ok(if forgets { MemoryStores::default().empty(settings, clock).await } else { store })
    }

    async fn audit(&self, _: &dyn Store) -> Result<Vec<Sealed>, Unsupported> {
        Ok(self.kept.lock().unwrap().records())
    }
}

#[test]
fn a_store_that_lasts_is_checked_whole() {
    let checks = block_on(check_store(&Spoiling::by(Breach::None)));
    assert_eq!((checks.held().len(), checks.unchecked()), (28, [].as_slice()));
}

#[test]
fn every_breach_of_a_store_is_found() {
    for (breach, contract, found) in [
        (Breach::SharesTheRight, "one committer at a time", "a second holder, called `second`, is not refused"),
        (Breach::NeverFreesTheRight, "a lease that is over can be taken", "a refusal: the ledger is held by"),
        (Breach::RenewsWhatIsLost, "under a lost right", "a renewal after the lease was over is not refused"),
        (Breach::ForgetsFences, "can be taken at once", "a commit after giving the right back is not refused"),
        (Breach::ForgetsHeads, "against another head", "a commit against an earlier head is not refused"),
        (Breach::HalfACommit, "against another head", "made [\"hr:2\"] due"),
        (Breach::LosesRecords, "the fold of the records", "a handle from before the commit shows another ledger"),
        (Breach::CopiesTheLedger, "the fold of the records", "a handle from before the commit shows another ledger"),
        (Breach::ForgetsToTouch, "names the accounts", "a whole reading names {}"),
        (Breach::EverybodyAlways, "under a lost right", "after everybody was decided"),
        (Breach::LosesAppointments, "an appointment says", "at the first instant; that of `hr:2` was replaced"),
        (Breach::WakesEarly, "an appointment says", "a microsecond before the first instant"),
        (Breach::IgnoresWatches, "looks at an account", "after the account that they point at was made, [] are due"),
        (Breach::OneVersionOnly, "another version", "under another version [] are due"),
        (Breach::DeafToDirectives, "a directive makes its person due", "after Block, [] are due"),
        (
            Breach::ForgetsWhatCameSince,
            "after the question was asked",
            "after decisions on what was so before, [] are due",
        ),
        (
            Breach::TakesTheLastQuestion,
            "whoever asked since",
            "after an appointment that answers no question, [\"hr:1\", \"hr:3\"] are due",
        ),
        (Breach::LosesWhomItWasTold, "come in order of id", "after they were made due, [] are due"),
        (Breach::ForgetsWhenReopened, "opened again", "the ledger is another one"),
        (Breach::KeepsWhatIsErased, "drops the payloads", "is still there"),
        (Breach::ErasesEverybody, "drops the payloads", "is gone, and is not of the person"),
        (Breach::ErasesInSilence, "drops the payloads", "its payload is gone, and no record says so"),
        (Breach::RemembersTheErased, "the fold of what is left", "a new handle shows another ledger"),
        (Breach::ShowsTheErased, "neither in the roster nor due", "the roster has"),
        (Breach::DecidesTheErased, "neither in the roster nor due", "are due instead of"),
        (Breach::LosesWhoPointedThere, "neither in the roster nor due", "are due instead of"),
        (Breach::ErasesThoughRefused, "drops nothing", "shows in the ledger"),
    ] {
        finds(check_store(&Spoiling::by(breach)), contract, found);
    }
}
