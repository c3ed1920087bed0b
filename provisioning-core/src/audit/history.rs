//! Who had what at an instant, and why: answered from the records alone.

mod display;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};

use crate::audit::words::verb;
use crate::audit::{
    AccountFact, Directive, Exception, Fact, Head, Intent, OthersDid, PersonDirective, Record, Sealed, Settlement,
    Truth, Unreadable,
};
use crate::id::{AccountId, AccountKey, Actor, PermissionId, PersonId, RuleId, Slot, TenantId};
use crate::ledger::{AccountEntry, Ledger, Lifecycle, NameKey};
use crate::plan::{PermissionStep, Step, Why};
use crate::policy::{Because, EXCEPTION, Entitlement};
use crate::target::RestoredGrants;

/// Why an account is as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cause {
    /// We did it.
    Step {
        /// What, such as `create` or `enable`.
        verb: &'static str,
        /// Why.
        why: Vec<Why>,
    },
    /// It was so when it was adopted.
    Adopted,
    /// Somebody else did it.
    Others(OthersDid),
    /// Somebody else enabled it.
    EnabledByOthers,
    /// A reading showed it.
    Shown,
}

/// Since when and why something is so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Since {
    /// The instant of the record that says so.
    pub at: DateTime<Utc>,
    /// Why.
    pub cause: Cause,
}

/// Why an account holds a permission.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Basis {
    /// We granted it.
    Granted {
        /// Why it was granted.
        because: Vec<Because>,
        /// The rules that gave it last.
        rules: Vec<RuleId>,
        /// Who gave it beside the rules, and when, if a person did.
        said: Option<(DateTime<Utc>, Actor)>,
    },
    /// The account was seen with it, and we did not give it.
    Seen,
}

/// A permission that an account held.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldPermission {
    /// What.
    pub id: PermissionId,
    /// Since when it was granted or seen.
    pub since: DateTime<Utc>,
    /// Why.
    pub basis: Basis,
}

/// An account that was there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldAccount {
    /// Whose it is, where.
    pub key: AccountKey,
    /// The target's id of it.
    pub id: Option<AccountId>,
    /// Whether it could be used: only an active one can.
    pub lifecycle: Lifecycle,
    /// Since when it was there.
    pub exists: Since,
    /// Since when it was as `lifecycle` says.
    pub state: Since,
    /// Who gave it or its access beside the rules, and when, if a person did.
    pub said: Option<(DateTime<Utc>, Actor)>,
    /// What it held, in order of id.
    pub permissions: Vec<HeldPermission>,
    /// How many steps were sent whose outcome was not known.
    pub open: u32,
}

/// Who had what at an instant; its text is for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holdings {
    /// The instant.
    pub at: DateTime<Utc>,
    /// The accounts that were there, by person, target and kind.
    pub accounts: Vec<HeldAccount>,
}

/// What is told of an account beside what the ledger knows.
#[derive(Debug, Clone)]
struct Told {
    exists: Since,
    state: Since,
    because: BTreeMap<PermissionId, Vec<Because>>,
    seen: BTreeMap<PermissionId, DateTime<Utc>>,
}

/// Records being looked through for who had what at an instant, and why.
///
/// It folds the [`Ledger`] from all records up to that instant, so the two cannot disagree; a record counts by the
/// instant that it bears. It knows what the ledger knew then: what others changed on a target counts from the reading
/// that showed it, and a permission that others gave or took only where that reading adopted, held or took the account
/// over. Of a person whose records are erased nothing appears.
#[derive(Debug, Clone)]
pub struct History {
    at: DateTime<Utc>,
    ledger: Ledger,
    told: BTreeMap<AccountKey, Told>,
    exceptions: BTreeMap<PersonId, Vec<(DateTime<Utc>, Actor, Exception)>>,
}

impl History {
    /// Begins to look for what was so at an instant.
    #[must_use]
    pub fn at(at: DateTime<Utc>, tenant: TenantId) -> Self {
        // The records bring what is left of people who were erased as it is: no key is needed to read.
        let key = NameKey::new([0; 32]);
        Self { at, ledger: Ledger::new(tenant, key), told: BTreeMap::new(), exceptions: BTreeMap::new() }
    }

    /// Takes the next record of the chain in, which begins with its first.
    ///
    /// # Errors
    /// When this version cannot read the record: nothing can be told without it.
    pub fn take(&mut self, sealed: &Sealed) -> Result<(), Unreadable> {
        if let Some(record) = sealed.record()?.filter(|record| record.at <= self.at) {
            self.fold(&record, Head { records: sealed.place + 1, hash: sealed.hash });
        }
        Ok(())
    }

    /// The ledger as it was at the instant, but for what only the store's key can tell: which approvals were used up, and who
    /// was erased.
    #[must_use]
    pub fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    /// What everybody had.
    #[must_use]
    pub fn everybody(&self) -> Holdings {
        let accounts = self.ledger.people().flat_map(|(person, _)| self.accounts(person)).collect();
        Holdings { at: self.at, accounts }
    }

    /// What a person had, under every id that was linked to the person by then.
    #[must_use]
    pub fn of(&self, person: &PersonId) -> Holdings {
        let family = self.ledger.family(person);
        Holdings { at: self.at, accounts: family.iter().flat_map(|one| self.accounts(one)).collect() }
    }

    fn fold(&mut self, record: &Record, head: Head) {
        if let Fact::Said(Directive::Person(person, PersonDirective::Except(exception))) = &record.fact {
            let said = (record.at, record.actor.clone(), exception.clone());
            self.exceptions.entry(person.clone()).or_default().push(said);
        }
        let intent = match &record.fact {
            Fact::Outcome(id, _) => self.ledger.intent(id).cloned(),
            Fact::Run(_) | Fact::Reading(_) | Fact::Said(_) | Fact::Account(..) | Fact::Intent(_) | Fact::Erased(_) => {
                None
            }
        };
        let key = match &record.fact {
            Fact::Account(key, _) => Some(key.clone()),
            Fact::Outcome(..) => intent.as_ref().and_then(|intent| intent.action.step.account()).cloned(),
            Fact::Run(_) | Fact::Reading(_) | Fact::Said(_) | Fact::Intent(_) | Fact::Erased(_) => None,
        };
        let before = key.as_ref().and_then(|key| self.ledger.account(key)).map(stand).unwrap_or_default();
        self.ledger.fold(record, head);
        let Some((key, entry)) = key.and_then(|key| self.ledger.account(&key).map(|entry| (key, entry))) else {
            return;
        };
        let after = stand(entry);
        let since = || Since { at: record.at, cause: cause(&record.fact, intent.as_ref()) };
        let is_another = after.1 != before.1 || !before.0.is_live();
        if is_another && after.0.is_live() {
            let told = Told { exists: since(), state: since(), because: BTreeMap::new(), seen: BTreeMap::new() };
            let former = self.told.insert(key.clone(), told);
            // Restored, it is the same account with what it held.
            if let Some((former, told)) = former.filter(|_| after.1 == before.1).zip(self.told.get_mut(&key)) {
                (told.because, told.seen) = (former.because, former.seen);
            }
        } else if after != before
            && let Some(told) = self.told.get_mut(&key)
        {
            told.state = since();
        }
        if let Some(told) = self.told.get_mut(&key) {
            told.note(record, intent.as_ref(), entry);
        }
    }

    fn accounts(&self, person: &PersonId) -> Vec<HeldAccount> {
        let Some(entry) = self.ledger.person(person) else { return Vec::new() };
        let live = entry.accounts.iter().filter(|(_, entry)| entry.lifecycle.is_live());
        live.filter_map(|(slot, entry)| {
            let key = self.ledger.key(person, slot);
            let told = self.told.get(&key)?;
            let is_access = |one: &Entitlement| !matches!(one, Entitlement::Permission(_));
            let said = (told.exists.is_exception() || told.state.is_exception())
                .then(|| self.said(person, slot, is_access))
                .flatten();
            Some(HeldAccount {
                permissions: self.permissions((person, slot), told, entry),
                key,
                id: entry.id.clone(),
                lifecycle: entry.lifecycle,
                exists: told.exists.clone(),
                state: told.state.clone(),
                said,
                open: entry.open,
            })
        })
        .collect()
    }

    fn permissions(
        &self,
        (person, slot): (&PersonId, &Slot),
        told: &Told,
        entry: &AccountEntry,
    ) -> Vec<HeldPermission> {
        let granted = entry.grants.iter().map(|(id, held)| {
            let because = told.because.get(id).cloned().unwrap_or_default();
            let is_it = |one: &Entitlement| matches!(one, Entitlement::Permission(permission) if permission.id == *id);
            let by_hand = held.rules.iter().any(|rule| rule.as_str() == EXCEPTION);
            let said = by_hand.then(|| self.said(person, slot, is_it)).flatten();
            let basis = Basis::Granted { because, rules: held.rules.clone(), said };
            HeldPermission { id: id.clone(), since: held.at, basis }
        });
        let seen = told.seen.iter().filter(|(id, _)| entry.grants.get(*id).is_none());
        let seen = seen.map(|(id, since)| HeldPermission { id: id.clone(), since: *since, basis: Basis::Seen });
        let mut all: Vec<_> = granted.chain(seen).collect();
        all.sort_by(|one, other| one.id.cmp(&other.id));
        all
    }

    /// Who said last that the person is to have something beside the rules.
    fn said(
        &self,
        person: &PersonId,
        slot: &Slot,
        is_it: impl Fn(&Entitlement) -> bool,
    ) -> Option<(DateTime<Utc>, Actor)> {
        let of_slot = |said: &&(_, _, Exception)| said.2.slot == *slot && is_it(&said.2.entitlement);
        let said = self.exceptions.get(person)?.iter().rev().find(of_slot);
        said.map(|(at, actor, _)| (*at, actor.clone()))
    }
}

impl Since {
    fn is_exception(&self) -> bool {
        let Cause::Step { why, .. } = &self.cause else { return false };
        why.iter().any(|why| match why {
            Why::Entitled(because) => because.iter().any(|one| one.rule.as_str() == EXCEPTION),
            Why::Only(_)
            | Why::Unjustified
            | Why::Barred(_)
            | Why::NotKept { .. }
            | Why::GraceOver { .. }
            | Why::ReturnKnown { .. }
            | Why::Blocked
            | Why::EnabledByOthers
            | Why::Differs => false,
        })
    }
}

/// What tells one state of an account from another.
fn stand(entry: &AccountEntry) -> (Lifecycle, Option<AccountId>) {
    (entry.lifecycle, entry.id.clone())
}

fn cause(fact: &Fact, intent: Option<&Intent>) -> Cause {
    match fact {
        Fact::Account(_, AccountFact::Adopted { .. } | AccountFact::Regained { .. }) => Cause::Adopted,
        Fact::Account(_, AccountFact::Suspected { what, .. } | AccountFact::Held { what, .. }) => Cause::Others(*what),
        Fact::Account(_, AccountFact::EnabledByOthers) => Cause::EnabledByOthers,
        Fact::Account(..)
        | Fact::Outcome(..)
        | Fact::Run(_)
        | Fact::Reading(_)
        | Fact::Said(_)
        | Fact::Intent(_)
        | Fact::Erased(_) => intent.map_or(Cause::Shown, |intent| {
            let action = &intent.action;
            Cause::Step { verb: verb(&action.step), why: action.why.clone() }
        }),
    }
}

impl Told {
    /// What the account was seen with, and why it was given what it holds.
    fn note(&mut self, record: &Record, intent: Option<&Intent>, entry: &AccountEntry) {
        match &record.fact {
            Fact::Account(_, AccountFact::Adopted { account, .. } | AccountFact::Regained { account, .. }) => {
                self.shown(account.permissions.as_ref(), record.at, entry);
            }
            Fact::Account(_, AccountFact::Suspected { holds, .. } | AccountFact::Held { holds, .. }) => {
                self.shown(holds.as_ref(), record.at, entry);
            }
            Fact::Outcome(_, Settlement::Done { truth, .. }) => {
                if let Some(intent) = intent {
                    self.settled(&intent.action.step, truth);
                }
            }
            Fact::Account(..)
            | Fact::Outcome(_, Settlement::Failed { .. } | Settlement::NotDone)
            | Fact::Run(_)
            | Fact::Reading(_)
            | Fact::Said(_)
            | Fact::Intent(_)
            | Fact::Erased(_) => {}
        }
    }

    fn shown(&mut self, holds: Option<&BTreeSet<PermissionId>>, at: DateTime<Utc>, entry: &AccountEntry) {
        let Some(holds) = holds else { return };
        self.seen.retain(|id, _| holds.contains(id));
        for id in holds.iter().filter(|id| entry.grants.get(*id).is_none()) {
            self.seen.entry(id.clone()).or_insert(at);
        }
    }

    fn settled(&mut self, step: &Step, truth: &Truth) {
        let holds_nothing = matches!(truth, Truth::Gone | Truth::InBin { grants: RestoredGrants::Dropped, .. });
        if holds_nothing {
            self.seen.clear();
        }
        let Step::Permission { step, .. } = step else { return };
        match (step, truth) {
            (PermissionStep::Grant(permission, because), Truth::Holds) => {
                self.seen.remove(&permission.id);
                self.because.insert(permission.id.clone(), because.clone());
            }
            (PermissionStep::Grant(permission, _), Truth::HoldsNot) => {
                self.seen.remove(&permission.id);
            }
            (PermissionStep::Revoke(permission, _), Truth::HoldsNot) => {
                self.seen.remove(permission);
            }
            (PermissionStep::Grant(..) | PermissionStep::Revoke(..), _) => {}
        }
    }
}
