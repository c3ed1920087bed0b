//! What every check of a store needs: a store with somebody who may commit, and facts to commit.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use chrono_tz::Tz;

use crate::audit::{Directive, Fact, Head, Intent, IntentId, PersonDirective, Record, Sealed, Settlement, Truth};
use crate::clock::{Clock, ManualClock};
use crate::decide::Appointment;
use crate::digest::digest_of;
use crate::id::{AccountId, AccountKey, AccountKind, Actor, PersonId, SourceId, TargetId, TenantId};
use crate::plan::{AccountStep, Action, ActionId, NewAccount, Step, Timing};
use crate::policy::PolicyVersion;
use crate::port::{Acceptance, Commit, Fence, Question, Store, StoreError};
use crate::settings::Settings;
use crate::source::{Accepted, Examination, Reading, RosterChange, examine};
use crate::target::{Capabilities, Deletion, FirstSecret, Shown, TargetReading};
use crate::testing::conformance::{Flaw, Verdict, ensure, spelt};
use crate::testing::scripted::snapshot;
use crate::testing::store_suite::StoreBench;
use crate::value::Fields;

/// How long the right to commit lasts.
pub(super) fn lease() -> TimeDelta {
    TimeDelta::minutes(5)
}

/// A store with somebody who may commit.
pub(super) struct Desk<'b> {
    bench: &'b dyn StoreBench,
    pub(super) settings: Settings,
    pub(super) clock: Arc<ManualClock>,
    pub(super) store: Arc<dyn Store>,
    pub(super) fence: Fence,
    pub(super) head: Head,
    intents: u32,
    /// The last question.
    question: Mutex<Option<Question>>,
}

pub(super) fn nine_o_clock() -> Result<DateTime<Utc>, Flaw> {
    spelt("2026-03-02T09:00:00Z")
}

fn settings() -> Result<Settings, Flaw> {
    let target: TargetId = spelt("entra")?;
    let capabilities = Capabilities {
        target,
        deletion: Deletion::ForGood,
        anchor_length: 512,
        first_secret: FirstSecret::None,
        naming: Vec::new(),
    };
    let tenant: TenantId = spelt("suite")?;
    Ok(Settings::new(tenant, Tz::UTC).with_target(capabilities, Vec::new()))
}

impl<'b> Desk<'b> {
    pub(super) async fn open(bench: &'b dyn StoreBench) -> Result<Self, Flaw> {
        let (settings, clock) = (settings()?, Arc::new(ManualClock::at(nine_o_clock()?)));
        let store = bench.empty(&settings, clock.clone()).await;
        let fence = store.acquire(&actor("first")?, lease()).await?;
        let head = store.ledger().read().head();
        ensure(head == Head::EMPTY, || format!("an empty store begins with {head:?}"))?;
        Ok(Self { bench, settings, clock, store, fence, head, intents: 0, question: Mutex::default() })
    }

    /// A store in which the people `hr:1` to `hr:3` are and nobody is due.
    pub(super) async fn settled(bench: &'b dyn StoreBench) -> Result<Self, Flaw> {
        let mut desk = Self::open(bench).await?;
        desk.accept_people(PEOPLE).await?;
        desk.settle().await?;
        Ok(desk)
    }

    /// The audit as it is kept.
    pub(super) async fn audit(&self) -> Result<Vec<Sealed>, Flaw> {
        Ok(self.bench.audit(self.store.as_ref()).await?)
    }

    /// Closes the store and opens it again, as another process would.
    pub(super) async fn reopened(mut self) -> Result<Self, Flaw> {
        let clock: Arc<dyn Clock> = self.clock.clone();
        self.store = self.bench.reopen(self.store, &self.settings, clock).await?;
        Ok(self)
    }

    pub(super) fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    pub(super) fn wait(&self, time: TimeDelta) {
        self.clock.set(self.clock.now() + time);
    }

    pub(super) fn record(&self, fact: Fact) -> Record {
        Record { at: self.now(), actor: self.fence.holder.clone(), fact }
    }

    pub(super) async fn commit(&mut self, facts: Vec<Fact>, appointments: Vec<Appointment>) -> Verdict {
        let question = self.question();
        self.answer(question, facts, appointments).await
    }

    /// Commits appointments that answer a question.
    pub(super) async fn answer(
        &mut self,
        question: Option<Question>,
        facts: Vec<Fact>,
        appointments: Vec<Appointment>,
    ) -> Verdict {
        let records = facts.into_iter().map(|fact| self.record(fact)).collect();
        self.head = self.store.commit(&self.fence, self.head, Commit { records, appointments, question }).await?;
        Ok(())
    }

    pub(super) fn question(&self) -> Option<Question> {
        *self.question.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What a reading of these people changes.
    pub(super) fn change(&self, people: &str) -> Result<RosterChange, Flaw> {
        let source: SourceId = spelt("hr")?;
        let reading = Reading::Whole(snapshot(&source, "suite", people, self.now()));
        let (ledger, roster) = (self.store.ledger(), self.store.roster());
        let (ledger, roster) = (ledger.read(), roster.read());
        let before = Accepted {
            roster: &roster,
            allowed: ledger.allowed(),
            released: ledger.released(),
            linked: ledger.links(),
            tombstones: ledger.tombstones(),
        };
        match examine(&reading, &before, &self.settings.intake(), self.now()) {
            Examination::Accepted(change) => Ok(change),
            Examination::Rejected { why, .. } => Flaw::found(format!("the suite's people are refused: {why:?}")),
        }
    }

    pub(super) async fn accept_people(&mut self, people: &str) -> Verdict {
        let acceptance = Acceptance::Roster(self.change(people)?);
        self.accept(acceptance, Vec::new()).await.map(|_| ())
    }

    pub(super) async fn observe(&mut self, reading: TargetReading) -> Result<BTreeSet<AccountId>, Flaw> {
        let acceptance = Acceptance::Observation(spelt("entra")?, reading);
        self.accept(acceptance, Vec::new()).await
    }

    pub(super) async fn accept(
        &mut self,
        acceptance: Acceptance,
        facts: Vec<Fact>,
    ) -> Result<BTreeSet<AccountId>, Flaw> {
        let records = facts.into_iter().map(|fact| self.record(fact)).collect();
        let (head, touched) = self.store.accept(&self.fence, self.head, acceptance, records).await?;
        self.head = head;
        Ok(touched)
    }

    /// Who is due now, under the version of the policy that the suite mostly uses.
    pub(super) async fn due(&self) -> Result<Vec<String>, Flaw> {
        self.due_under(&policy("first")).await
    }

    pub(super) async fn due_under(&self, policy: &PolicyVersion) -> Result<Vec<String>, Flaw> {
        let due = self.store.due(self.now(), policy).await?;
        *self.question.lock().unwrap_or_else(PoisonError::into_inner) = Some(due.question);
        Ok(due.people.iter().map(ToString::to_string).collect())
    }

    /// Complains unless exactly these are due.
    pub(super) async fn expect_due(&self, wanted: &[&str], when: &str) -> Verdict {
        let due = self.due().await?;
        ensure(due == wanted, || format!("{when}, {due:?} are due instead of {wanted:?}"))
    }

    /// Decides whoever is due: nobody has to be decided again.
    pub(super) async fn settle(&mut self) -> Verdict {
        let due = self.due().await?;
        let appointments: Result<Vec<_>, Flaw> =
            due.iter().map(|person| Ok(Appointment::none(&spelt::<PersonId>(person)?))).collect();
        self.commit(Vec::new(), appointments?).await?;
        self.expect_due(&[], "after everybody was decided").await
    }

    /// An account that is made for a person: the intent, and what came of it.
    pub(super) fn made(&mut self, person: &str) -> Result<[Fact; 2], Flaw> {
        let account = AccountStep::Create(NewAccount { attributes: Fields::default(), names: Vec::new() });
        let id: AccountId = spelt(&format!("account-of-{person}"))?;
        self.step(person, account, Truth::Live { id, shown: Shown::Disabled, given: Fields::default() })
    }

    /// A step on the account of a person: the intent, and what came of it.
    pub(super) fn step(&mut self, person: &str, step: AccountStep, truth: Truth) -> Result<[Fact; 2], Flaw> {
        self.intents += 1;
        let id = IntentId { plan: digest_of(&"suite"), action: ActionId(self.intents) };
        let action = Action {
            id: id.action,
            step: Step::Account { key: key(person)?, id: None, step },
            day: day()?,
            why: Vec::new(),
            timing: Timing::Expected,
            after: Vec::new(),
        };
        Ok([
            Fact::Intent(Box::new(Intent { id, action })),
            Fact::Outcome(id, Settlement::Done { truth, secret: false }),
        ])
    }
}

/// Three people; the department of the third one lies below that of the second.
pub(super) const PEOPLE: &str = "
    department top Board
    department d2 Sales parent=top
    department d3 Stores parent=d2
    person 1 given_name=Anna
    contract 1 a 2026-03-01.. top
    person 2 given_name=Bo
    contract 2 b 2026-03-01.. d2
    person 3 given_name=Cas
    contract 3 c 2026-03-01.. d3";

pub(super) fn actor(name: &str) -> Result<Actor, Flaw> {
    spelt(name)
}

pub(super) fn day() -> Result<NaiveDate, Flaw> {
    spelt("2026-03-02")
}

pub(super) fn policy(name: &str) -> PolicyVersion {
    PolicyVersion(digest_of(&name))
}

/// The main account of `hr:{person}` on `entra`.
pub(super) fn key(person: &str) -> Result<AccountKey, Flaw> {
    Ok(AccountKey {
        tenant: spelt("suite")?,
        target: spelt("entra")?,
        person: spelt(&format!("hr:{person}"))?,
        kind: AccountKind::main(),
    })
}

/// A directive about `hr:{person}`.
pub(super) fn said(person: &str, what: PersonDirective) -> Result<Fact, Flaw> {
    Ok(Fact::Said(Directive::Person(spelt(&format!("hr:{person}"))?, what)))
}

/// Complains unless a call was refused as wanted.
pub(super) fn refused<T>(
    answer: Result<T, StoreError>,
    is_right: impl FnOnce(&StoreError) -> bool,
    what: &str,
) -> Verdict {
    match answer {
        Ok(_) => Flaw::found(format!("{what} is not refused")),
        Err(error) if is_right(&error) => Ok(()),
        Err(error) => Flaw::found(format!("{what} is refused otherwise: {error}")),
    }
}
