//! The second half of a run: intent, call, outcome.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use futures::{FutureExt, StreamExt};

use crate::audit::{AccountFact, Fact, Intent, IntentId, Record, RunFact};
use crate::caps::{Approved, not_carried};
use crate::digest::Digest;
use crate::engine::{Planned, Run};
use crate::id::PersonId;
use crate::plan::{Action, ActionId, Wave};
use crate::port::{Commit, Notice, Outcome, Permit};
use crate::progress::Progress;
use crate::report::{EngineError, Findings, Report};

/// How many outcomes are committed together.
const BATCH: usize = 250;

impl Run<'_> {
    pub(super) async fn apply(&mut self, planned: Planned) -> Result<Report, EngineError> {
        self.check(planned.approved.plan()).await?;
        self.apply_checked(planned).await
    }

    /// Applies a plan that is not stale.
    pub(super) async fn apply_checked(&mut self, planned: Planned) -> Result<Report, EngineError> {
        let Planned { mut findings, approved, appointments, question } = planned;
        if self.is_suspected() {
            return Ok(self.report_only(findings, &approved));
        }
        let not_carried = not_carried(&approved, &self.engine.store.ledger().read());
        let plan = approved.plan();
        let with_actions: BTreeSet<PersonId> = plan.actions().filter_map(Action::person).cloned().collect();
        let (later, now): (Vec<_>, Vec<_>) =
            appointments.into_iter().partition(|appointment| with_actions.contains(&appointment.person));
        let applying = RunFact::Applying {
            plan: approved.hash(),
            policy: plan.revision.policy.clone(),
            actions: plan.actions().count(),
            withheld: approved.withheld().len(),
        };
        let mut records: Vec<Record> =
            plan.facts.iter().cloned().map(|(key, fact)| self.record(Fact::Account(key, fact))).collect();
        if !plan.is_empty() {
            records.push(self.record(Fact::Run(applying)));
        }
        self.commit(Commit { records, appointments: now, question }).await?;

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
        self.commit(Commit { records: Vec::new(), appointments: kept, question }).await?;
        let withheld = approved.withheld().len();
        findings.incidents.append(&mut progress.incidents);
        Ok(Report {
            findings,
            exceeded: approved.exceeded().to_vec(),
            withheld,
            approval: approved.approval(),
            not_carried,
            head: self.head,
            done: progress.done,
            dropped: progress.not_done.len().saturating_sub(progress.failed.len() + withheld),
            failed: progress.failed,
            plan: approved.plan().clone(),
        })
    }

    fn is_suspected(&self) -> bool {
        self.engine.store.ledger().read().suspicion().is_some()
    }

    /// What would be done, of which nothing is, not even noted.
    fn report_only(&self, findings: Findings, approved: &Approved) -> Report {
        Report {
            findings,
            exceeded: approved.exceeded().to_vec(),
            withheld: approved.plan().actions().count(),
            approval: None,
            not_carried: None,
            head: self.head,
            done: BTreeMap::new(),
            dropped: 0,
            failed: Vec::new(),
            plan: approved.plan().clone(),
        }
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
