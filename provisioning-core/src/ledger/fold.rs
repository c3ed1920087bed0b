//! Folding records into the ledger. Nothing else ever changes it, but for forgetting whom an erasure names.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};

use crate::audit::{
    AccountFact, Directive, Fact, FailureKind, Head, Intent, IntentId, OthersDid, PersonDirective, ReadingFact, Record,
    RunDirective, RunFact, Sealed, Settlement, Unreadable,
};
use crate::id::{AccountKey, FieldName, PersonId, RecordId};
use crate::ledger::seen::seen_as;
use crate::ledger::{AccountEntry, Approval, Ledger, Lifecycle, Mark, Origin, PersonEntry, Seen};
use crate::period::minus_days;
use crate::plan::{AccountStep, Action, Step};
use crate::target::{ObservedAccount, Shown};

/// How many approvals are remembered.
const APPROVALS: usize = 32;
/// For how long an approval that was not used up is good.
const APPROVAL_LASTS: TimeDelta = TimeDelta::days(7);
/// For how many days steps are counted; no window of a cap may be longer.
pub(crate) const COUNTED_DAYS: u32 = 35;

impl Ledger {
    /// Folds a whole audit, with gaps where people were erased, into an empty ledger of the same tenant under the same key.
    ///
    /// # Errors
    /// When a payload that is there cannot be read.
    pub fn refolded<'a>(&self, audit: impl IntoIterator<Item = &'a Sealed>) -> Result<Self, Unreadable> {
        let mut ledger = self.emptied();
        for sealed in audit {
            let head = Head { records: sealed.place + 1, hash: sealed.hash };
            match sealed.record()? {
                Some(record) => ledger.fold(&record, head),
                None => ledger.pass_over(head),
            }
        }
        Ok(ledger)
    }

    /// Takes one record in; `head` is the head of the chain with it.
    pub fn fold(&mut self, record: &Record, head: Head) {
        self.head = head;
        match &record.fact {
            Fact::Run(fact) => self.fold_run(fact),
            Fact::Reading(fact) => self.fold_reading(fact),
            Fact::Said(Directive::Person(person, said)) => self.fold_person(person, said),
            Fact::Said(Directive::Run(said)) => self.fold_said(said, record.at),
            Fact::Account(key, fact) => self.fold_account(key, fact, record.at),
            Fact::Intent(intent) => self.fold_intent(intent, record.at),
            Fact::Outcome(intent, settlement) => self.fold_outcome(*intent, settlement, record.at),
            Fact::Erased(erasure) => self.fold_erasure(erasure),
        }
    }

    /// Takes note of a record whose payload was erased; `head` is the head of the chain with it.
    pub fn pass_over(&mut self, head: Head) {
        self.head = head;
    }

    fn fold_run(&mut self, fact: &RunFact) {
        match fact {
            RunFact::Began { now, policy } => {
                self.last_run = Some(*now);
                self.approvals.retain(|approval| *now - approval.at <= APPROVAL_LASTS);
                if self.policy.as_ref().is_none_or(|(version, _)| version != policy) {
                    self.policy = Some((policy.clone(), *now));
                }
                let oldest = minus_days(now.date_naive(), COUNTED_DAYS);
                self.done.retain(|_, by_day| {
                    by_day.retain(|day, _| *day >= oldest);
                    !by_day.is_empty()
                });
                self.lately = self.lately.split_off(&oldest);
            }
            RunFact::Behind(evidence) => self.fold_evidence(evidence),
            RunFact::HeldByClock { .. } | RunFact::Applying { .. } => {}
        }
    }

    fn fold_reading(&mut self, fact: &ReadingFact) {
        match fact {
            ReadingFact::Observed { target, .. } => {
                self.uncompared.insert(target.clone());
            }
            ReadingFact::Compared { target } => self.compared(target),
            ReadingFact::Accepted { hash, .. } => {
                // What was allowed was allowed once.
                self.allowed.remove(hash);
            }
            ReadingFact::Rejected { .. } | ReadingFact::Failed { .. } => {}
        }
    }

    fn fold_person(&mut self, person: &PersonId, said: &PersonDirective) {
        match said {
            PersonDirective::Block => self.of(person).blocked = true,
            PersonDirective::Unblock => self.of(person).blocked = false,
            PersonDirective::LegalHold(held) => self.of(person).legal_hold = *held,
            PersonDirective::Release(slot) => {
                let key = self.key(person, slot);
                let account = self.people.get_mut(person).and_then(|entry| entry.accounts.get_mut(slot));
                if let Some(account) = account {
                    account.others.clear();
                    account.marks.remove(&Mark::CaughtUp);
                    account.marks.insert(Mark::Released);
                }
                self.note_unsettled(&key);
            }
            PersonDirective::Accept { record, evidence } => {
                let settled = (record.clone(), *evidence);
                self.released.insert(settled.clone());
                self.accepted_by.entry(settled).or_default().insert(person.clone());
            }
            PersonDirective::Except(exception) => self.of(person).exceptions.push(exception.clone()),
            PersonDirective::NoExceptions => self.of(person).exceptions.clear(),
            PersonDirective::Link(record) => self.link(person, record),
        }
    }

    /// A link says nothing of either of the two, so neither becomes known by it.
    fn link(&mut self, person: &PersonId, record: &RecordId) {
        if let Some(former) = self.links.remove(record)
            && let Some(linked) = self.linked.get_mut(&former)
        {
            linked.remove(record);
            if linked.is_empty() {
                self.linked.remove(&former);
            }
        }
        if *record != person.0 {
            self.links.insert(record.clone(), person.clone());
            self.linked.entry(person.clone()).or_default().insert(record.clone());
        }
    }

    fn fold_said(&mut self, said: &RunDirective, at: DateTime<Utc>) {
        match said {
            RunDirective::AcceptReading(hash) => {
                self.allowed.insert(*hash);
            }
            RunDirective::AcknowledgeClock(now) => self.last_run = Some(*now),
            RunDirective::AcknowledgeBackup => self.acknowledge_backup(),
            RunDirective::GoLive(target) => {
                self.live_targets.insert(target.clone());
            }
            // Whoever approves what no cap holds back has said so, and there is nothing to be used up.
            RunDirective::Approve { actions, .. } if actions.is_empty() => {}
            RunDirective::Approve { plan, actions } => {
                let (actions, place) = (actions.clone(), self.head.records.saturating_sub(1));
                self.approvals.push(Approval { plan: *plan, actions, at, place, spent: BTreeMap::new() });
                let surplus = self.approvals.len().saturating_sub(APPROVALS);
                self.approvals.drain(..surplus);
            }
        }
    }

    fn fold_account(&mut self, key: &AccountKey, fact: &AccountFact, at: DateTime<Utc>) {
        if let AccountFact::Adopted { account, names, day } = fact {
            self.adopt(key, (account, names), *day, at);
            return;
        }
        if let AccountFact::Regained { account, names, day } = fact {
            self.regained(key, (account, names), *day);
            return;
        }
        self.note_catching_up(key, fact);
        if let AccountFact::Copied { .. } = fact {
            return;
        }
        let entry = self.entry(key);
        entry.fold(fact, at);
        let lifecycle = entry.lifecycle;
        self.moved(key, lifecycle);
        self.note_unsettled(key);
    }

    fn adopt(
        &mut self,
        key: &AccountKey,
        (account, names): (&ObservedAccount, &[FieldName]),
        day: NaiveDate,
        at: DateTime<Utc>,
    ) {
        let entry = self.entry(key);
        entry.took_place(&account.id);
        entry.origin = Origin::Adopted;
        entry.names = names.to_vec();
        self.reserve(key, names, &account.attributes);
        let entry = self.entry(key);
        let lifecycle = seen_as(Lifecycle::Staged, (account.presence, account.shown), day);
        if account.shown == Shown::Disabled {
            entry.others.insert(OthersDid::Disable, Seen { at, held: true });
        }
        self.accounts.take((key.target.clone(), account.id.clone()), key);
        self.moved(key, lifecycle);
        self.note_unsettled(key);
    }

    fn fold_intent(&mut self, intent: &Intent, at: DateTime<Utc>) {
        if let Some(key) = intent.action.step.account() {
            self.entry(key).open += 1;
        }
        self.open.insert(intent.id, (at, intent.clone()));
    }

    fn fold_outcome(&mut self, id: IntentId, settlement: &Settlement, at: DateTime<Utc>) {
        if let Settlement::Failed { kind: FailureKind::Unknown, .. } = settlement {
            return;
        }
        let Some((_, intent)) = self.open.remove(&id) else { return };
        if let Some(key) = intent.action.step.account() {
            let entry = self.entry(key);
            entry.open = entry.open.saturating_sub(1);
            let is_create = matches!(&intent.action.step, Step::Account { step: AccountStep::Create(_), .. });
            if is_create && matches!(settlement, Settlement::Failed { .. } | Settlement::NotDone) {
                entry.marks.insert(Mark::MaybeMade);
            }
        }
        if let Settlement::Done { truth, secret } = settlement {
            self.count(&intent.action, at);
            self.fold_truth(&intent.action, truth, at);
            if let Step::Account { key, step, .. } = &intent.action.step {
                let marks = &mut self.entry(key).marks;
                if *secret {
                    marks.insert(Mark::SecretPending);
                } else if matches!(step, AccountStep::Reissue) {
                    // A target that makes no secrets has none to hand over.
                    marks.remove(&Mark::SecretPending);
                }
            }
        }
    }

    fn count(&mut self, action: &Action, at: DateTime<Utc>) {
        if self.use_up_approval(action) {
            // Somebody looked at it: no window of a cap counts it.
            return;
        }
        let (step, day) = ((action.step.target().clone(), action.step.kind(), action.timing), at.date_naive());
        if let Some(person) = action.person() {
            self.lately.entry(day).or_default().push((person.clone(), step.clone()));
        }
        *self.done.entry(step).or_default().entry(day).or_default() += 1;
    }

    /// Whether the action was approved, which it was once.
    fn use_up_approval(&mut self, action: &Action) -> bool {
        if self.approvals.is_empty() {
            return false;
        }
        let done = self.fingerprint(action);
        let mut was_approved = false;
        for approval in &mut self.approvals {
            // One that is used up stays until it is too old, so that how many others are remembered does not depend on whose
            // steps used it up.
            if approval.actions.remove(&done) {
                was_approved = true;
                approval.spent.extend(action.person().map(|person| (done, person.clone())));
            }
        }
        was_approved
    }

    pub(super) fn note_unsettled(&mut self, key: &AccountKey) {
        let accounts = self.people.get_mut(&key.person).map(|entry| &mut entry.accounts);
        let entry = accounts.and_then(|accounts| accounts.get_mut(&key.slot()));
        let is_unsettled = entry.is_some_and(|entry| {
            entry.ends_doubt();
            entry.is_unsettled()
        });
        if is_unsettled {
            self.unsettled.insert(key.clone());
        } else {
            self.unsettled.remove(key);
        }
    }

    fn of(&mut self, person: &PersonId) -> &mut PersonEntry {
        self.people.entry(person.clone()).or_default()
    }

    pub(super) fn entry(&mut self, key: &AccountKey) -> &mut AccountEntry {
        self.of(&key.person).accounts.entry(key.slot())
    }
}
