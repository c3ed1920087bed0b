//! The engine: one run from the readings to the outcomes. Only here does this crate have a loop around an await.
//!
//! It decides nothing and retries nothing: it reads, hands the World to `decide`, the decisions to `Plan::new`, the plan to
//! `approve`, and applies what comes out, recording each intent before its call and each outcome after.

mod apply;
mod backup;
mod erase;
mod read;
mod saved;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};

use crate::audit::{Directive, Fact, Head, ReadingFact, Record, RunFact};
use crate::caps::{Approved, approve};
use crate::clock::Clock;
use crate::decide::{Appointment, ClockTrust, Context, Decisions, World, decide};
use crate::id::{AccountId, Actor, PersonId, TargetId};
use crate::plan::{Plan, Revision};
use crate::policy::Policy;
use crate::port::{Acceptance, Commit, Fence, Notifier, Question, SourceConnector, Store, TargetConnector};
use crate::report::{EngineError, Findings, Report};
use crate::settings::Settings;
use crate::target::Observations;

/// A plan with what came before it and what comes after.
#[derive(Debug)]
pub struct Planned {
    /// What was learnt on the way.
    pub findings: Findings,
    /// The plan, and what of it may be applied.
    pub approved: Approved,
    appointments: Vec<Appointment>,
    /// What these answer; nothing where they were decided on another's answer.
    question: Option<Question>,
}

/// Everything that a run needs.
pub struct Engine {
    /// What the organisation decided once.
    pub settings: Settings,
    /// Where people come from.
    pub sources: Vec<Arc<dyn SourceConnector>>,
    /// Where accounts are kept; one for each target of the settings.
    pub targets: Vec<Arc<dyn TargetConnector>>,
    /// Rules and mappings.
    pub policy: Arc<dyn Policy>,
    /// Ledger, roster and observations.
    pub store: Arc<dyn Store>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Who hands over first secrets.
    pub notifier: Arc<dyn Notifier>,
    /// Under whose name the engine acts.
    pub actor: Actor,
    /// How long the right to commit lasts without being renewed, which it is when half is gone: more than twice as long as
    /// any request takes.
    pub lease: TimeDelta,
}

impl std::fmt::Debug for Engine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Engine({}, {} sources, {} targets)", self.settings.tenant, self.sources.len(), self.targets.len())
    }
}

impl Engine {
    /// Reads, plans, and applies what the caps let pass.
    ///
    /// # Errors
    /// When the store refuses; a system that cannot be read or written is in the report instead.
    pub async fn run(&self) -> Result<Report, EngineError> {
        let planned = self.plan().await?;
        self.apply(planned).await
    }

    /// Reads and plans, and writes to no target.
    ///
    /// # Errors
    /// When the store refuses.
    pub async fn plan(&self) -> Result<Planned, EngineError> {
        let mut run = Run::start(self).await?;
        let planned = run.plan().await;
        run.end_with(planned).await
    }

    /// Applies a plan, if everything that it was computed from is still so.
    ///
    /// # Errors
    /// When the plan is stale or the store refuses.
    pub async fn apply(&self, planned: Planned) -> Result<Report, EngineError> {
        let mut run = Run::start(self).await?;
        let report = run.apply(planned).await;
        run.end_with(report).await
    }

    /// Records what a person says.
    ///
    /// # Errors
    /// When the store refuses, such as while a run is under way.
    pub async fn say(&self, actor: &Actor, directive: Directive) -> Result<(), EngineError> {
        let mut run = Run::start(self).await?;
        let record = Record { at: run.now, actor: actor.clone(), fact: Fact::Said(directive) };
        let said = run.commit(Commit { records: vec![record], ..Commit::default() }).await;
        run.end_with(said).await
    }

    /// Does something with what each target shows, under read locks.
    fn with_observations<T>(&self, take: impl FnOnce(&Observations<'_>) -> T) -> T {
        let targets = self.settings.targets.iter().map(|target| target.capabilities.target.clone());
        let handles: Vec<_> = targets.map(|target| (self.store.observation(&target), target)).collect();
        let guards: Vec<_> = handles.iter().map(|(handle, target)| (target, handle.read())).collect();
        take(&guards.iter().map(|(target, guard)| ((*target).clone(), &**guard)).collect())
    }

    fn target(&self, id: &TargetId) -> Result<&Arc<dyn TargetConnector>, EngineError> {
        let found = self.targets.iter().find(|target| target.describe().target == *id);
        found.ok_or_else(|| EngineError::NoConnector { target: id.clone() })
    }
}

/// One holder of the fence, at one instant.
struct Run<'e> {
    engine: &'e Engine,
    fence: Fence,
    head: Head,
    now: DateTime<Utc>,
}

impl<'e> Run<'e> {
    async fn start(engine: &'e Engine) -> Result<Self, EngineError> {
        let fence = engine.store.acquire(&engine.actor, engine.lease).await?;
        let head = engine.store.ledger().read().head();
        let mut run = Self { engine, fence, head, now: engine.clock.now() };
        // Before anything is recorded, for that would make up for what is missing.
        match run.facts(run.behind_known_head().into_iter().collect()).await {
            Ok(()) => Ok(run),
            Err(error) => run.end_with(Err(error)).await,
        }
    }

    /// Gives the right to commit back, whatever came of the run. That this fails says less than what came of it: the right runs
    /// out by itself.
    async fn end_with<T>(self, came: Result<T, EngineError>) -> Result<T, EngineError> {
        if let Err(error) = self.engine.store.release(self.fence).await {
            tracing::warn!(%error, "the right to commit was not given back; it ends with its lease");
        }
        came
    }

    /// What is sent bears the instant at which it is, since a run may last for hours; all else that of the run.
    fn record(&self, fact: Fact) -> Record {
        let at = match fact {
            Fact::Intent(_) | Fact::Outcome(..) => self.engine.clock.now(),
            Fact::Run(_) | Fact::Reading(_) | Fact::Said(_) | Fact::Account(..) | Fact::Erased(_) => self.now,
        };
        Record { at, actor: self.engine.actor.clone(), fact }
    }

    async fn commit(&mut self, commit: Commit) -> Result<(), EngineError> {
        self.head = self.engine.store.commit(&self.fence, self.head, commit).await?;
        Ok(())
    }

    async fn facts(&mut self, facts: Vec<Fact>) -> Result<(), EngineError> {
        if facts.is_empty() {
            return Ok(());
        }
        let records = facts.into_iter().map(|fact| self.record(fact)).collect();
        self.commit(Commit { records, ..Commit::default() }).await
    }

    async fn accept(&mut self, acceptance: Acceptance, fact: ReadingFact) -> Result<BTreeSet<AccountId>, EngineError> {
        let records = vec![self.record(Fact::Reading(fact))];
        let (head, touched) = self.engine.store.accept(&self.fence, self.head, acceptance, records).await?;
        self.head = head;
        Ok(touched)
    }

    /// Everything up to the plan.
    async fn plan(&mut self) -> Result<Planned, EngineError> {
        let mut findings = Findings { clock: self.clock_trust(), ..Findings::default() };
        let version = self.engine.policy.version();
        if findings.clock == ClockTrust::Held {
            self.facts(vec![Fact::Run(RunFact::HeldByClock { now: self.now })]).await?;
        } else {
            self.facts(vec![Fact::Run(RunFact::Began { now: self.now, policy: version.clone() })]).await?;
            self.read_sources(&mut findings).await?;
            findings.mass_leaves = self.mass_leaves();
            self.observe_targets(&mut findings).await?;
        }
        let due = self.engine.store.due(self.now, &version).await?;
        findings.decided = due.people.len();
        findings.suspicion = self.engine.store.ledger().read().suspicion().cloned();
        let (approved, appointments) = self.decide(due.people.into_iter().collect());
        Ok(Planned { findings, approved, appointments, question: Some(due.question) })
    }

    fn clock_trust(&self) -> ClockTrust {
        let (ledger, roster) = (self.engine.store.ledger(), self.engine.store.roster());
        let (ledger, roster) = (ledger.read(), roster.read());
        let none = BTreeMap::new();
        let context = Context {
            settings: &self.engine.settings,
            policy: self.engine.policy.as_ref(),
            ledger: &ledger,
            roster: &roster,
            observations: &none,
        };
        context.clock_trust(self.now)
    }

    /// The straight line: World, decisions, plan, approval. Pure, under read locks that end before the next await.
    fn decide(&self, people: Vec<PersonId>) -> (Approved, Vec<Appointment>) {
        self.engine.with_observations(|observations| self.decide_on(observations, people))
    }

    fn decide_on(&self, observations: &Observations<'_>, people: Vec<PersonId>) -> (Approved, Vec<Appointment>) {
        let engine = self.engine;
        let (ledger, roster) = (engine.store.ledger(), engine.store.roster());
        let (ledger, roster) = (ledger.read(), roster.read());
        let context = Context {
            settings: &engine.settings,
            policy: engine.policy.as_ref(),
            ledger: &ledger,
            roster: &roster,
            observations,
        };
        let world = World { now: self.now, people, context };
        let mut decisions: Decisions = decide(&world);
        let appointments = std::mem::take(&mut decisions.appointments);
        let revision = Revision {
            tenant: ledger.tenant().clone(),
            ledger: ledger.head(),
            roster: roster.revision(),
            policy: engine.policy.version(),
        };
        let plan = Plan::new(decisions, revision, self.now, &engine.settings);
        (approve(plan, &engine.settings.caps, &ledger), appointments)
    }

    /// Whether so much of the lease is gone that it has to be renewed before anything else is waited for.
    fn is_lease_short(&self) -> bool {
        self.fence.until - self.engine.clock.now() < self.engine.lease / 2
    }

    async fn keep_lease(&mut self) -> Result<(), EngineError> {
        if self.is_lease_short() {
            self.fence = self.engine.store.renew(&self.fence, self.engine.lease).await?;
        }
        Ok(())
    }

    /// After a reading, which may outlast the lease: nothing was sent meanwhile, so the right to commit is taken again where
    /// nobody else has it. What others recorded in between shows at the next commit, by the head.
    async fn hold_on(&mut self) -> Result<(), EngineError> {
        if self.fence.until <= self.engine.clock.now() {
            self.fence = self.engine.store.acquire(&self.engine.actor, self.engine.lease).await?;
        }
        self.keep_lease().await
    }
}
