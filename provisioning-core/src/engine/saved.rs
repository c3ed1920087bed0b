//! Plans that wait before they are applied: in memory, or in a file until somebody approved them.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};

use crate::audit::{Directive, Fact, Record, RunDirective};
use crate::caps::approve;
use crate::engine::{Engine, Planned, Run};
use crate::id::PersonId;
use crate::period::civil_day;
use crate::plan::{Action, Difference, Plan, PlanApproval, PlanFile};
use crate::port::Commit;
use crate::report::{EngineError, Findings, Ground, Report, Staleness};

impl Planned {
    /// The plan as something that can be kept in a file, to be applied before an instant.
    ///
    /// A plan is of one day of the organisation in any case, and stale on any other.
    #[must_use]
    pub fn file(&self, expires: DateTime<Utc>) -> PlanFile {
        PlanFile::new(self.approved.plan().clone(), self.appointments.clone(), expires)
    }
}

impl Engine {
    /// Applies a plan from a file, all of it or nothing, if everything that it was computed from is still so.
    ///
    /// The approvals in the file are recorded first, under the names and instants that they bear, once it is known that the
    /// plan is not stale. They stay good as any approval does when the run is killed then: the plan is stale, and what
    /// was approved is done by the next one that has it. What was learnt when the plan was made is not in the report.
    ///
    /// # Errors
    /// When the plan is stale or over, or caps hold back a part of it and nobody approved it: nothing is done then. And when
    /// the store refuses.
    pub async fn apply_file(&self, file: PlanFile) -> Result<Report, EngineError> {
        let mut run = Run::start(self).await?;
        let report = run.apply_file(file).await;
        run.end_with(report).await
    }
}

impl Run<'_> {
    async fn apply_file(&mut self, file: PlanFile) -> Result<Report, EngineError> {
        let at = file.expires();
        if self.now >= at {
            return Err(EngineError::Expired { at });
        }
        let suspicion = self.engine.store.ledger().read().suspicion().cloned();
        if let Some(suspicion) = suspicion {
            return Err(EngineError::Behind(Box::new(suspicion)));
        }
        self.check(file.plan()).await?;
        let (plan, appointments, approvals) = file.into_parts();
        let plan = self.approved_by(plan, &approvals).await?;
        let approved = approve(plan, &self.engine.settings.caps, &self.engine.store.ledger().read());
        if !approved.withheld().is_empty() {
            return Err(EngineError::NotApproved { exceeded: approved.exceeded().to_vec() });
        }
        let findings = Findings { decided: appointments.len(), ..Findings::default() };
        // Whoever became due since the plan was made stays due: no question of this store tells.
        self.apply_checked(Planned { findings, approved, appointments, question: None }).await
    }

    /// Records who approved what caps would hold back.
    async fn approved_by(&mut self, plan: Plan, approvals: &[PlanApproval]) -> Result<Plan, EngineError> {
        if approvals.is_empty() {
            return Ok(plan);
        }
        let asked = approve(plan, &self.engine.settings.caps, &self.engine.store.ledger().read());
        let actions: BTreeSet<_> = asked.withheld().values().copied().collect();
        let record = |approval: &PlanApproval| Record {
            at: approval.at.min(self.now),
            actor: approval.actor.clone(),
            fact: Fact::Said(Directive::Run(RunDirective::Approve { plan: asked.hash(), actions: actions.clone() })),
        };
        let records = approvals.iter().map(record).collect();
        self.commit(Commit { records, ..Commit::default() }).await?;
        Ok(asked.plan().clone())
    }

    /// Whether the plan is of today, and was made of what is still so.
    pub(super) async fn check(&self, plan: &Plan) -> Result<(), EngineError> {
        let changed = self.changed(plan);
        if changed.is_empty() {
            return Ok(());
        }
        let difference = if changed.contains(&Ground::Tenant) { None } else { Some(self.difference(plan).await?) };
        Err(EngineError::Stale(Box::new(Staleness { changed, difference })))
    }

    fn changed(&self, plan: &Plan) -> Vec<Ground> {
        let revision = &plan.revision;
        let day = |at| civil_day(at, self.engine.settings.zone);
        let (ledger, roster) = (self.engine.store.ledger(), self.engine.store.roster());
        let (ledger, roster) = (ledger.read(), roster.read());
        let checks = [
            (Ground::Day, plan.now <= self.now && day(plan.now) == day(self.now)),
            (
                Ground::Tenant,
                revision.tenant == *ledger.tenant() && plan.accounts().all(|key| key.tenant == revision.tenant),
            ),
            (Ground::Ledger, revision.ledger == ledger.head()),
            (Ground::Roster, revision.roster == roster.revision()),
            (Ground::Policy, revision.policy == self.engine.policy.version()),
        ];
        checks.into_iter().filter(|(_, same)| !same).map(|(ground, _)| ground).collect()
    }

    /// What would be done now instead, for whoever is due and whoever the plan is about; nothing is read for that.
    async fn difference(&self, plan: &Plan) -> Result<Difference, EngineError> {
        let mut people = self.engine.store.due(self.now, &self.engine.policy.version()).await?.people;
        people.extend(plan.actions().filter_map(Action::person).cloned().collect::<BTreeSet<PersonId>>());
        let (now, _) = self.decide(people.into_iter().collect());
        Ok(plan.difference(now.plan()))
    }
}
