//! What only a ledger that is behind its targets can bring about: looked for before anything of a reading is believed to
//! be what others did.

use std::collections::BTreeSet;

use crate::audit::{AccountFact, Evidence, Fact, OthersDid, RunFact};
use crate::engine::Run;
use crate::id::{AccountId, AccountKey, PersonId, TargetId};
use crate::ledger::Suspicion;
use crate::period::civil_day;
use crate::report::{EngineError, Findings};
use crate::target::{Ahead, ObservedAccount, Presence, TargetChanges, ahead, to_take_over};

/// How many accounts are named in a line.
const NAMED: usize = 5;

/// What a target shows, held against the ledger, before anything of it is recorded.
pub(super) struct Observed {
    pub(super) target: TargetId,
    pub(super) touched: BTreeSet<AccountId>,
    pub(super) facts: Vec<Fact>,
    pub(super) people: BTreeSet<PersonId>,
}

impl Run<'_> {
    /// The chain ends before the head that the settings know of, or elsewhere.
    pub(super) fn behind_known_head(&self) -> Option<Fact> {
        let (known, found) = (self.engine.settings.known_head?, self.head);
        let is_behind = found.records < known.records || (found.records == known.records && found.hash != known.hash);
        let is_news = is_behind && !self.engine.store.ledger().read().knows_to_be_behind(known);
        is_news.then_some(Fact::Run(RunFact::Behind(Evidence::Head { known, found })))
    }

    /// Records what speaks for an old backup, in all readings of the run.
    pub(super) async fn look_for_backup(
        &mut self,
        observed: &[Observed],
        findings: &mut Findings,
    ) -> Result<(), EngineError> {
        let mut facts = Vec::new();
        for one in observed {
            let Ahead { unknown, copies, of_erased } = self.ahead(one);
            let target = &one.target;
            findings.incidents.extend(of_erased.iter().map(|account| {
                format!(
                    "`{target}` shows account `{account}`, which bears the anchor of somebody who was erased; delete it there, or \
                     take the anchor away"
                )
            }));
            for (key, account) in copies {
                findings.incidents.push(format!("somebody copied {key}: account `{account}` bears the same anchor"));
                facts.push(Fact::Account(key, AccountFact::Copied { account }));
            }
            facts.extend(self.evidence(target, unknown));
            facts.extend(self.contradicted(one));
        }
        self.facts(facts).await
    }

    /// The same in a reading that is not believed.
    pub(super) async fn look_for_backup_in(
        &mut self,
        target: &TargetId,
        reading: &TargetChanges,
    ) -> Result<(), EngineError> {
        let unknown = {
            let (ledger, roster) = (self.engine.store.ledger(), self.engine.store.roster());
            let (ledger, roster) = (ledger.read(), roster.read());
            let live = reading.accounts.iter().filter(|account| account.presence == Presence::Live);
            let live: BTreeSet<&AccountId> = live.map(|account| &account.id).collect();
            ahead(&reading.accounts, target, (&ledger, &roster), |id| live.contains(id)).unknown
        };
        let facts = self.evidence(target, unknown).into_iter().collect();
        self.facts(facts).await
    }

    fn ahead(&self, one: &Observed) -> Ahead {
        let store = &self.engine.store;
        let (ledger, roster, observation) = (store.ledger(), store.roster(), store.observation(&one.target));
        let (ledger, roster, observation) = (ledger.read(), roster.read(), observation.read());
        let accounts = one.touched.iter().filter_map(|id| observation.account(id));
        let is_live =
            |id: &AccountId| observation.account(id).is_some_and(|account| account.presence == Presence::Live);
        ahead(accounts, &one.target, (&ledger, &roster), is_live)
    }

    /// What is not said already, or acknowledged.
    fn evidence(&self, target: &TargetId, mut unknown: Vec<(AccountKey, AccountId)>) -> Option<Fact> {
        let ledger = self.engine.store.ledger();
        let ledger = ledger.read();
        let known: Vec<Evidence> = ledger.suspicion().map(Suspicion::evidence).unwrap_or_default();
        for one in known {
            if let Evidence::Ahead { target: on, accounts } = one
                && on == *target
            {
                let accounts: BTreeSet<_> = accounts.into_iter().collect();
                unknown.retain(|account| !accounts.contains(account));
            }
        }
        let acknowledged: BTreeSet<_> = ledger.to_regain(target).map(|(_, id)| id).collect();
        unknown.retain(|(_, id)| !acknowledged.contains(id));
        (!unknown.is_empty())
            .then(|| Fact::Run(RunFact::Behind(Evidence::Ahead { target: target.clone(), accounts: unknown })))
    }

    /// More accounts than the guards let pass that are otherwise than we left them.
    fn contradicted(&self, one: &Observed) -> Option<Fact> {
        let is_contradiction = |fact: &&Fact| {
            let Fact::Account(_, fact) = fact else { return false };
            matches!(fact, AccountFact::Suspected { .. } | AccountFact::EnabledByOthers)
        };
        let accounts = one.facts.iter().filter(is_contradiction).count();
        let ledger = self.engine.store.ledger();
        let ledger = ledger.read();
        let of = usize::try_from(ledger.population(&one.target)).unwrap_or(usize::MAX);
        let target = one.target.clone();
        let evidence = Evidence::Contradicted { target, accounts, of };
        let is_known = ledger.suspicion().is_some_and(|suspicion| suspicion.evidence().contains(&evidence));
        let is_news = !is_known && !ledger.is_catching_up(&one.target);
        (is_news && accounts > self.engine.settings.guards.missing_limit(of))
            .then_some(Fact::Run(RunFact::Behind(evidence)))
    }

    /// After an acknowledgement: takes over what we made since the backup, and tells what is left for people.
    pub(super) async fn catch_up(&mut self, one: &Observed, findings: &mut Findings) -> Result<(), EngineError> {
        let target = &one.target;
        if !self.engine.store.ledger().read().is_catching_up(target) {
            return Ok(());
        }
        let regained = self.regained(target);
        findings.incidents.extend(regained.iter().map(|(key, account)| {
            format!(
                "account `{}` counts as {key} from now on, since it bears the anchor; look whether it is",
                account.id
            )
        }));
        let facts = self.as_regained(target, regained);
        self.facts(facts).await?;
        for fact in &one.facts {
            if let Fact::Account(key, AccountFact::Suspected { what: OthersDid::Disable | OthersDid::Delete, .. }) =
                fact
            {
                findings.incidents.push(format!("{key} was disabled or deleted since the backup, by us or by others"));
            }
        }
        findings.incidents.extend(self.ungranted(target));
        Ok(())
    }

    /// Of the accounts that somebody acknowledged, those that are there; no others.
    fn regained(&self, target: &TargetId) -> Vec<(AccountKey, ObservedAccount)> {
        let store = &self.engine.store;
        let (ledger, observation) = (store.ledger(), store.observation(target));
        let (ledger, observation) = (ledger.read(), observation.read());
        let taken = to_take_over(ledger.to_regain(target), &observation).into_iter();
        taken.map(|(key, account)| (key.clone(), account.clone())).collect()
    }

    fn as_regained(&self, target: &TargetId, accounts: Vec<(AccountKey, ObservedAccount)>) -> Vec<Fact> {
        let settings = &self.engine.settings;
        let names = settings.target(target).map(|(_, target)| target.capabilities.naming.clone()).unwrap_or_default();
        let day = civil_day(self.now, settings.zone);
        let fact = |(key, account)| {
            let (account, names) = (Box::new(account), names.clone());
            Fact::Account(key, AccountFact::Regained { account, names, day })
        };
        accounts.into_iter().map(fact).collect()
    }

    /// Accounts that hold what the ledger does not say we granted.
    fn ungranted(&self, target: &TargetId) -> Option<String> {
        let store = &self.engine.store;
        let (ledger, observation) = (store.ledger(), store.observation(target));
        let (ledger, observation) = (ledger.read(), observation.read());
        let holds_more = |id: &&AccountId| {
            let entry = ledger.account_with_id(target, id).and_then(|key| ledger.account(key));
            let held = observation.account(id).and_then(|account| account.permissions.as_ref());
            entry.zip(held).is_some_and(|(entry, held)| held.iter().any(|one| entry.grants.get(one).is_none()))
        };
        let keys: Vec<String> = ledger
            .account_ids(target)
            .filter(holds_more)
            .filter_map(|id| ledger.account_with_id(target, id))
            .map(ToString::to_string)
            .collect();
        let named = keys.iter().take(NAMED).cloned().collect::<Vec<_>>().join(", ");
        let more = if keys.len() > NAMED { ", ..." } else { "" };
        (!keys.is_empty()).then(|| {
            format!(
                "`{target}`: {} accounts hold what the ledger does not say we granted ({named}{more}); what the rules give is \
                 granted anew, the rest stays until somebody takes it away",
                keys.len()
            )
        })
    }
}
