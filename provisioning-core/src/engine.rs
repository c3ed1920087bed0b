//! The engine: one run from the readings to the outcomes. The only file of this crate with a loop around an await.
//!
//! It decides nothing and retries nothing: it reads, hands the World to `decide`, the decisions to `Plan::new`, the plan to
//! `approve`, and applies what comes out, recording each intent before its call and each outcome after.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use futures::{FutureExt, StreamExt};

use crate::audit::{AccountFact, Directive, Fact, Head, Intent, IntentId, ReadingFact, Record, RunFact};
use crate::caps::{Approved, approve, mass_leaves};
use crate::clock::Clock;
use crate::decide::{Appointment, ClockTrust, Context, Decisions, World, decide};
use crate::digest::Digest;
use crate::id::{AccountId, AccountKey, Actor, PersonId, TargetId};
use crate::period::civil_day;
use crate::plan::{Action, ActionId, Plan, Revision, Wave};
use crate::policy::Policy;
use crate::port::{
    Acceptance, Commit, Fence, Notice, Notifier, Outcome, Permit, PortError, PortErrorKind, SourceConnector, Store,
    TargetConnector,
};
use crate::progress::Progress;
use crate::report::{EngineError, Findings, Rejected, Report};
use crate::settings::Settings;
use crate::source::{Accepted, Cursor, Examination, Reading, examine};
use crate::target::{Deletion, DriftSettings, TargetReading, compare, disbelieve, resolve};

/// How many outcomes are committed together.
const BATCH: usize = 250;

/// A plan with what came before it and what comes after.
#[derive(Debug)]
pub struct Planned {
    /// What was learnt on the way.
    pub findings: Findings,
    /// The plan, and what of it may be applied.
    pub approved: Approved,
    appointments: Vec<Appointment>,
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
        run.end().await?;
        planned
    }

    /// Applies a plan, if everything that it was computed from is still so.
    ///
    /// # Errors
    /// When the plan is stale or the store refuses.
    pub async fn apply(&self, planned: Planned) -> Result<Report, EngineError> {
        let mut run = Run::start(self).await?;
        let report = run.apply(planned).await;
        run.end().await?;
        report
    }

    /// Records what a person says.
    ///
    /// # Errors
    /// When the store refuses, such as while a run is under way.
    pub async fn say(&self, actor: &Actor, directive: Directive) -> Result<(), EngineError> {
        let mut run = Run::start(self).await?;
        let record = Record { at: run.now, actor: actor.clone(), fact: Fact::Said(directive) };
        let said = run.commit(Commit { records: vec![record], appointments: Vec::new() }).await;
        run.end().await?;
        said
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
        Ok(Self { engine, fence, head, now: engine.clock.now() })
    }

    async fn end(self) -> Result<(), EngineError> {
        Ok(self.engine.store.release(self.fence).await?)
    }

    /// What is sent bears the instant at which it is, since a run may last for hours; all else that of the run.
    fn record(&self, fact: Fact) -> Record {
        let at = match fact {
            Fact::Intent(_) | Fact::Outcome(..) => self.engine.clock.now(),
            Fact::Run(_) | Fact::Reading(_) | Fact::Said(_) | Fact::Account(..) => self.now,
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
        self.commit(Commit { records, appointments: Vec::new() }).await
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
        findings.decided = due.len();
        let (approved, appointments) = self.decide(due.into_iter().collect());
        Ok(Planned { findings, approved, appointments })
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

    async fn read_sources(&mut self, findings: &mut Findings) -> Result<(), EngineError> {
        let engine = self.engine;
        for source in &engine.sources {
            let read = self.read_source(source.as_ref()).await;
            self.hold_on().await?;
            match read {
                Err(error) => {
                    let error = error.to_string();
                    findings.unread.push(error.clone());
                    let failed = ReadingFact::Failed { system: source.id().to_string(), error };
                    self.facts(vec![Fact::Reading(failed)]).await?;
                }
                Ok(Examination::Rejected { hash, why }) => {
                    let id = source.id().clone();
                    findings.rejected.push(Rejected { source: id.clone(), hash, why: why.clone() });
                    self.facts(vec![Fact::Reading(ReadingFact::Rejected { source: id, hash, why })]).await?;
                }
                Ok(Examination::Accepted(change)) => {
                    let fact = ReadingFact::Accepted {
                        source: change.source.clone(),
                        hash: change.reading.hash,
                        records: change.records.len(),
                    };
                    self.accept(Acceptance::Roster(change), fact).await?;
                }
            }
        }
        Ok(())
    }

    /// Goes on from where the last reading ended. A cursor that is refused, and changes that cannot be taken, lead to a
    /// whole reading, through all guards.
    async fn read_source(&self, source: &dyn SourceConnector) -> Result<Examination, PortError> {
        let since = self.engine.store.roster().read().accepted(source.id()).and_then(|last| last.cursor.clone());
        match source.read(since.as_ref()).await {
            Err(error) if error.kind() == PortErrorKind::CursorRefused && since.is_some() => {}
            Err(error) => return Err(error),
            Ok(reading) => {
                let examined = self.examine(&reading);
                let is_rejected = matches!(examined, Examination::Rejected { .. });
                if since.is_none() || !is_rejected || matches!(reading, Reading::Whole(_)) {
                    return Ok(examined);
                }
            }
        }
        Ok(self.examine(&source.read(None).await?))
    }

    fn examine(&self, reading: &Reading) -> Examination {
        let (ledger, roster) = (self.engine.store.ledger(), self.engine.store.roster());
        let (ledger, roster) = (ledger.read(), roster.read());
        let (allowed, released, linked) = (ledger.allowed(), ledger.released(), ledger.links());
        let before = Accepted { roster: &roster, allowed, released, linked };
        examine(reading, &before, &self.engine.settings.intake(), self.now)
    }

    fn mass_leaves(&self) -> Vec<crate::caps::MassLeave> {
        let (ledger, roster) = (self.engine.store.ledger(), self.engine.store.roster());
        let (ledger, roster) = (ledger.read(), roster.read());
        let targets = self.engine.settings.targets.iter().map(|target| &target.capabilities.target);
        let population = targets.map(|target| ledger.population(target)).max().unwrap_or(0);
        mass_leaves(&roster, &self.engine.settings.caps, population, civil_day(self.now, self.engine.settings.zone))
    }

    async fn observe_targets(&mut self, findings: &mut Findings) -> Result<(), EngineError> {
        let engine = self.engine;
        for settings in &engine.settings.targets {
            let id = &settings.capabilities.target;
            let connector = engine.target(id)?;
            let since = self.observed_until(id);
            let mut reading = connector.observe(since.as_ref()).await;
            if reading.as_ref().is_err_and(|error| error.kind() == PortErrorKind::CursorRefused) {
                reading = connector.observe(None).await;
            }
            self.hold_on().await?;
            match reading.map_err(|error| error.to_string()).and_then(|reading| self.believed(id, reading)) {
                Ok(reading) => self.take_observation(id, reading, findings).await?,
                Err(error) => {
                    findings.unread.push(error.clone());
                    let failed = ReadingFact::Failed { system: id.to_string(), error };
                    self.facts(vec![Fact::Reading(failed)]).await?;
                }
            }
        }
        Ok(())
    }

    fn believed(&self, target: &TargetId, reading: TargetReading) -> Result<TargetReading, String> {
        let settings = &self.engine.settings;
        let (ledger, settled) = (self.engine.store.ledger(), self.now - settings.lifecycle.settle);
        let why = disbelieve(&reading, target, &ledger.read(), (settled, &settings.guards));
        why.map_or(Ok(reading), Err)
    }

    async fn take_observation(
        &mut self,
        id: &TargetId,
        reading: TargetReading,
        findings: &mut Findings,
    ) -> Result<(), EngineError> {
        let (TargetReading::Whole(all) | TargetReading::Changes(all)) = &reading;
        let fact = ReadingFact::Observed { target: id.clone(), accounts: all.accounts.len() };
        let is_whole = matches!(reading, TargetReading::Whole(_));
        let mut touched = self.accept(Acceptance::Observation(id.clone(), reading), fact).await?;
        if is_whole {
            touched.extend(self.not_shown(id));
        }
        let settled = self.settle_open(id).await?;
        self.look_for_drift(id, touched, settled, findings).await
    }

    /// The accounts that a target should show and does not: an earlier reading may have dropped them, or none had them.
    fn not_shown(&self, target: &TargetId) -> Vec<AccountId> {
        let (ledger, observation) = (self.engine.store.ledger(), self.engine.store.observation(target));
        let (ledger, observation) = (ledger.read(), observation.read());
        ledger.account_ids(target).filter(|id| observation.account(id).is_none()).cloned().collect()
    }

    /// Where a target can go on; nowhere when it has to be read whole.
    fn observed_until(&self, target: &TargetId) -> Option<Cursor> {
        let (ledger, observation) = (self.engine.store.ledger(), self.engine.store.observation(target));
        let may_go_on = ledger.read().may_read_changes(target);
        observation.read().cursor().filter(|_| may_go_on).cloned()
    }

    /// Answers intents without an outcome by what the target shows.
    async fn settle_open(&mut self, target: &TargetId) -> Result<Vec<AccountKey>, EngineError> {
        let settle = self.engine.settings.lifecycle.settle;
        let capabilities = self.engine.target(target)?.describe();
        let (facts, keys) = {
            let (ledger, observation) = (self.engine.store.ledger(), self.engine.store.observation(target));
            let (ledger, observation) = (ledger.read(), observation.read());
            let open = ledger.open().filter(|(_, intent)| intent.action.step.target() == target);
            let settled: Vec<_> = open
                .filter_map(|(at, intent)| {
                    let settlement = resolve(intent, (&observation, &capabilities), self.now - at, settle)?;
                    Some((Fact::Outcome(intent.id, settlement), intent.action.step.account().cloned()))
                })
                .collect();
            settled.into_iter().unzip::<_, _, Vec<_>, Vec<_>>()
        };
        self.facts(facts).await?;
        let keys: Vec<AccountKey> = keys.into_iter().flatten().collect();
        let people: BTreeSet<PersonId> = keys.iter().map(|key| key.person.clone()).collect();
        self.engine.store.make_due(&self.fence, people).await?;
        Ok(keys)
    }

    async fn look_for_drift(
        &mut self,
        target: &TargetId,
        touched: BTreeSet<AccountId>,
        settled: Vec<AccountKey>,
        findings: &mut Findings,
    ) -> Result<(), EngineError> {
        let (mut facts, people) = self.compare(target, &touched, settled);
        for fact in &facts {
            if let Fact::Account(key, AccountFact::Suspected { what, .. }) = fact {
                findings.incidents.push(format!("somebody else {what} {key}"));
            }
            if let Fact::Account(key, AccountFact::EnabledByOthers) = fact {
                findings.incidents.push(format!("somebody else enabled {key}"));
            }
        }
        // Last, and together with what was found: until then the reading has to be looked at again.
        self.engine.store.make_due(&self.fence, people).await?;
        facts.push(Fact::Reading(ReadingFact::Compared { target: target.clone() }));
        self.facts(facts).await
    }

    fn compare(
        &self,
        target: &TargetId,
        touched: &BTreeSet<AccountId>,
        settled: Vec<AccountKey>,
    ) -> (Vec<Fact>, BTreeSet<PersonId>) {
        let settings = &self.engine.settings;
        let deletion = settings.target(target).map_or(Deletion::ForGood, |(_, target)| target.capabilities.deletion);
        let how = DriftSettings { settle: settings.lifecycle.settle, deletion };
        let (ledger, observation, roster) =
            (self.engine.store.ledger(), self.engine.store.observation(target), self.engine.store.roster());
        let (ledger, observation, roster) = (ledger.read(), observation.read(), roster.read());
        let of_touched = touched.iter().filter_map(|id| ledger.account_with_id(target, id)).cloned();
        let keys: BTreeSet<AccountKey> = of_touched.chain(ledger.unsettled(target).cloned()).chain(settled).collect();
        let at = |person: &PersonId| {
            let mut records = ledger.records_of(person).filter_map(|record| roster.record(record));
            let zone = records.find_map(|record| record.zone).unwrap_or(settings.zone);
            (self.now, civil_day(self.now, zone))
        };
        compare(keys, (&ledger, &observation), at, how)
    }

    /// The straight line: World, decisions, plan, approval. Pure, under read locks that end before the next await.
    fn decide(&self, people: Vec<PersonId>) -> (Approved, Vec<Appointment>) {
        let engine = self.engine;
        let (ledger, roster) = (engine.store.ledger(), engine.store.roster());
        let (ledger, roster) = (ledger.read(), roster.read());
        let targets = || engine.settings.targets.iter().map(|target| target.capabilities.target.clone());
        let handles: Vec<_> = targets().map(|target| (target.clone(), engine.store.observation(&target))).collect();
        let guards: Vec<_> = handles.iter().map(|(target, handle)| (target.clone(), handle.read())).collect();
        let observations: BTreeMap<TargetId, &_> =
            guards.iter().map(|(target, guard)| (target.clone(), &**guard)).collect();
        let context = Context {
            settings: &engine.settings,
            policy: engine.policy.as_ref(),
            ledger: &ledger,
            roster: &roster,
            observations: &observations,
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

    /// Whether the plan is of today, and was made of what is still so.
    fn check(&self, plan: &Plan) -> Result<(), EngineError> {
        let revision = &plan.revision;
        let day = |at| civil_day(at, self.engine.settings.zone);
        let (ledger, roster) = (self.engine.store.ledger(), self.engine.store.roster());
        let (ledger, roster) = (ledger.read(), roster.read());
        let checks = [
            ("the day", plan.now <= self.now && day(plan.now) == day(self.now)),
            ("the tenant", revision.tenant == *ledger.tenant()),
            ("the ledger", revision.ledger == ledger.head()),
            ("the roster", revision.roster == roster.revision()),
            ("the policy", revision.policy == self.engine.policy.version()),
        ];
        checks.into_iter().find(|(_, same)| !same).map_or(Ok(()), |(what, _)| Err(EngineError::Stale { what }))
    }

    async fn apply(&mut self, planned: Planned) -> Result<Report, EngineError> {
        let Planned { mut findings, approved, appointments } = planned;
        self.check(approved.plan())?;
        let plan = approved.plan();
        let with_actions: BTreeSet<PersonId> = plan.actions().filter_map(Action::person).cloned().collect();
        let (later, now): (Vec<_>, Vec<_>) =
            appointments.into_iter().partition(|appointment| with_actions.contains(&appointment.person));
        let applying = RunFact::Applying {
            plan: approved.hash(),
            actions: plan.actions().count(),
            withheld: approved.withheld().len(),
        };
        let mut records: Vec<Record> = plan.facts.iter().cloned().map(|fact| self.record(fact)).collect();
        if !plan.is_empty() {
            records.push(self.record(Fact::Run(applying)));
        }
        self.commit(Commit { records, appointments: now }).await?;

        let mut progress = Progress::default();
        for wave in approved.waves() {
            self.apply_wave(&approved, wave, &mut progress).await?;
        }
        let not_done = approved.plan().actions().filter(|action| progress.not_done.contains(&action.id));
        progress.unfinished.extend(not_done.filter_map(Action::person).cloned().collect::<Vec<_>>());
        let mut kept = later;
        kept.retain(|appointment| !progress.unfinished.contains(&appointment.person));
        for appointment in &mut kept {
            // What this plan did with people who are pointed at is seen in the next run.
            appointment.again |= appointment.watches.iter().any(|watched| with_actions.contains(watched));
        }
        self.commit(Commit { records: Vec::new(), appointments: kept }).await?;
        let withheld = approved.withheld().len();
        findings.incidents.append(&mut progress.incidents);
        Ok(Report {
            findings,
            exceeded: approved.exceeded().to_vec(),
            withheld,
            approval: approved.approval(),
            done: progress.done,
            dropped: progress.not_done.len().saturating_sub(progress.failed.len() + withheld),
            failed: progress.failed,
            plan: approved.plan().clone(),
        })
    }

    async fn apply_wave(
        &mut self,
        approved: &Approved,
        wave: &Wave,
        progress: &mut Progress,
    ) -> Result<(), EngineError> {
        let is_ready = |action: &&Action| {
            approved.permits(action) && !action.after.iter().any(|needed| progress.not_done.contains(needed))
        };
        let actions: Vec<Action> = wave.actions.iter().filter(is_ready).cloned().collect();
        let left_out: Vec<ActionId> =
            wave.actions.iter().filter(|action| !is_ready(action)).map(|action| action.id).collect();
        progress.not_done.extend(left_out);
        if actions.is_empty() {
            return Ok(());
        }
        self.keep_lease().await?;
        let hash = approved.hash();
        let intent =
            |action: &Action| Intent { id: IntentId { plan: hash, action: action.id }, action: action.clone() };
        self.facts(actions.iter().map(|action| Fact::Intent(Box::new(intent(action)))).collect()).await?;
        let ready = Wave { target: wave.target.clone(), actions };
        self.send(hash, &ready, progress).await
    }

    /// Sends a wave and records the outcomes as they come; the lease is renewed in between.
    async fn send(&mut self, plan: Digest, wave: &Wave, progress: &mut Progress) -> Result<(), EngineError> {
        let connector = Arc::clone(self.engine.target(&wave.target)?);
        let permit = Permit::until(self.fence.until);
        let mut unanswered: BTreeSet<ActionId> = wave.actions.iter().map(|action| action.id).collect();
        let mut outcomes = connector.apply(wave, permit.clone());
        while let Some(first) = outcomes.next().await {
            let mut batch = vec![first];
            while batch.len() < BATCH && !self.is_lease_short() {
                let Some(Some(outcome)) = outcomes.next().now_or_never() else { break };
                batch.push(outcome);
            }
            batch.retain(|outcome| unanswered.remove(&outcome.action));
            self.settle(plan, wave, batch, progress).await?;
            self.keep_lease().await?;
            permit.extend(self.fence.until);
        }
        if !unanswered.is_empty() {
            let (count, target) = (unanswered.len(), &wave.target);
            progress.incidents.push(format!("`{target}` left {count} actions unanswered; the next run reads first"));
            progress.not_done.extend(unanswered);
        }
        Ok(())
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

    /// Records a batch of outcomes, then hands over what secrets came with them.
    async fn settle(
        &mut self,
        plan: Digest,
        wave: &Wave,
        batch: Vec<Outcome>,
        progress: &mut Progress,
    ) -> Result<(), EngineError> {
        let mut facts = Vec::with_capacity(batch.len());
        let mut notices = Vec::new();
        for outcome in batch {
            let Some(action) = wave.actions.iter().find(|action| action.id == outcome.action) else { continue };
            let secret = format!("{}/{}", plan.short(), action.id.0);
            let settlement = progress.note(action, outcome.result, |account, value| {
                notices.push(Notice { key: secret, account, secret: value });
            });
            facts.push(Fact::Outcome(IntentId { plan, action: outcome.action }, settlement));
        }
        self.facts(facts).await?;
        let mut handed_over = Vec::new();
        for notice in notices {
            let account = notice.account.clone();
            match self.engine.notifier.deliver(notice).await {
                Ok(()) => handed_over.push(Fact::Account(account, AccountFact::HandedOver)),
                Err(error) => {
                    tracing::warn!(%account, %error, "a first secret did not arrive");
                    progress.incidents.push(format!("{error}; the next run makes a new first secret for {account}"));
                    progress.unfinished.insert(account.person);
                }
            }
        }
        self.facts(handed_over).await
    }
}
