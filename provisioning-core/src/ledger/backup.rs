//! A ledger from an old backup: what speaks for it, and what an acknowledgement covers.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use chrono::NaiveDate;

use crate::audit::{AccountFact, Evidence, Head};
use crate::id::{AccountId, AccountKey, FieldName, Slot, TargetId};
use crate::ledger::seen::seen_as;
use crate::ledger::{AccountEntry, Ledger, Lifecycle, Mark, Origin};
use crate::settings::Settings;
use crate::target::ObservedAccount;

type Ids = BTreeMap<(TargetId, AccountId), AccountKey>;

/// Why the ledger may come from an old backup; until somebody acknowledges it, nothing is written anywhere.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Suspicion {
    head: Option<(Head, Head)>,
    ahead: Ids,
    contradicted: BTreeMap<TargetId, (usize, usize)>,
}

impl Suspicion {
    /// Everything that speaks for it.
    #[must_use]
    pub fn evidence(&self) -> Vec<Evidence> {
        let mut found: Vec<Evidence> =
            self.head.iter().map(|(known, found)| Evidence::Head { known: *known, found: *found }).collect();
        let mut ahead: BTreeMap<&TargetId, Vec<(AccountKey, AccountId)>> = BTreeMap::new();
        for ((target, id), key) in &self.ahead {
            ahead.entry(target).or_default().push((key.clone(), id.clone()));
        }
        found.extend(ahead.into_iter().map(|(target, mut accounts)| {
            accounts.sort();
            Evidence::Ahead { target: target.clone(), accounts }
        }));
        let contradicted = self.contradicted.iter();
        found.extend(contradicted.map(|(target, (accounts, of))| Evidence::Contradicted {
            target: target.clone(),
            accounts: *accounts,
            of: *of,
        }));
        found
    }

    fn is_empty(&self) -> bool {
        self.head.is_none() && self.ahead.is_empty() && self.contradicted.is_empty()
    }
}

impl fmt::Display for Suspicion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let found: Vec<String> = self.evidence().iter().map(ToString::to_string).collect();
        write!(
            f,
            "the ledger may come from an old backup: {}; put the newest one in place, or look into it, say again what people \
             said since (blocks, holds, links, go-live), and acknowledge the backup",
            found.join("; ")
        )
    }
}

/// What is suspected, and what of it was acknowledged.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Backup {
    suspicion: Suspicion,
    acknowledged_head: Option<Head>,
    /// Targets whose next comparison tells what is so, and not what others did.
    catching_up: BTreeSet<TargetId>,
    /// Accounts to be taken over.
    regain: Ids,
    /// Accounts with our anchor that are not ours.
    strangers: BTreeSet<(TargetId, AccountId)>,
}

impl Ledger {
    /// Why the ledger may come from an old backup, unless somebody acknowledged it.
    #[must_use]
    pub fn suspicion(&self) -> Option<&Suspicion> {
        Some(&self.backup.suspicion).filter(|suspicion| !suspicion.is_empty())
    }

    /// Whether the next reading of a target is the first one after a backup was acknowledged.
    #[must_use]
    pub fn is_catching_up(&self, target: &TargetId) -> bool {
        self.backup.catching_up.contains(target)
    }

    /// Accounts of a target that were acknowledged to be ours and are not taken over yet.
    pub fn to_regain<'a>(&'a self, target: &'a TargetId) -> impl Iterator<Item = (&'a AccountKey, &'a AccountId)> {
        self.backup.regain.iter().filter(move |((on, _), _)| on == target).map(|((_, id), key)| (key, id))
    }

    /// Whether it is known that an account bears an anchor of ours without being ours.
    #[must_use]
    pub fn is_stranger(&self, target: &TargetId, id: &AccountId) -> bool {
        self.backup.strangers.contains(&(target.clone(), id.clone()))
    }

    /// Whether nothing of an old backup is open: what is so of the targets does not depend on what was evident then. A target
    /// that the settings do not know any more is not waited for.
    pub(super) fn is_caught_up(&self, settings: &Settings) -> bool {
        let Backup { suspicion, catching_up, regain, .. } = &self.backup;
        let is_known = |target: &TargetId| settings.target(target).is_some();
        let mut accounts = self.people.values().flat_map(|entry| entry.accounts.iter());
        let is_open =
            |(slot, entry): (&Slot, &AccountEntry)| entry.marks.contains(&Mark::CaughtUp) && is_known(&slot.target);
        suspicion.is_empty()
            && !catching_up.iter().any(is_known)
            && !regain.keys().any(|(target, _)| is_known(target))
            && !accounts.any(is_open)
    }

    pub(super) fn strangers(&self) -> &BTreeSet<(TargetId, AccountId)> {
        &self.backup.strangers
    }

    pub(super) fn know_strangers(&mut self, strangers: &BTreeSet<(TargetId, AccountId)>) {
        self.backup.strangers.extend(strangers.iter().cloned());
    }

    /// Whether this head was acknowledged to be ahead of the ledger, or is known to be.
    pub(crate) fn knows_to_be_behind(&self, known: Head) -> bool {
        let suspected = self.backup.suspicion.head.map(|(known, _)| known);
        [suspected, self.backup.acknowledged_head].contains(&Some(known))
    }

    pub(super) fn fold_evidence(&mut self, evidence: &Evidence) {
        let suspicion = &mut self.backup.suspicion;
        match evidence {
            Evidence::Head { known, found } => suspicion.head = Some((*known, *found)),
            Evidence::Ahead { target, accounts } => {
                let ids = accounts.iter().map(|(key, id)| ((target.clone(), id.clone()), key.clone()));
                suspicion.ahead.extend(ids);
            }
            Evidence::Contradicted { target, accounts, of } => {
                suspicion.contradicted.insert(target.clone(), (*accounts, *of));
            }
        }
    }

    /// What was evident is explained: the next comparison of each target tells what is so.
    pub(super) fn acknowledge_backup(&mut self) {
        let Suspicion { head, ahead, contradicted } = std::mem::take(&mut self.backup.suspicion);
        let backup = &mut self.backup;
        backup.acknowledged_head = head.map(|(known, _)| known).or(backup.acknowledged_head);
        backup.catching_up.extend(ahead.keys().map(|(target, _)| target.clone()));
        backup.catching_up.extend(contradicted.into_keys());
        backup.catching_up.extend(self.population.keys().chain(&self.uncompared).cloned());
        backup.regain.extend(ahead);
        // Only a whole reading tells of everything.
        self.uncompared.extend(backup.catching_up.iter().cloned());
        for key in self.unsettled.clone() {
            self.entry(&key).marks.insert(Mark::CaughtUp);
        }
    }

    pub(super) fn compared(&mut self, target: &TargetId) {
        self.uncompared.remove(target);
        self.backup.catching_up.remove(target);
        let (left, others): (Ids, Ids) =
            std::mem::take(&mut self.backup.regain).into_iter().partition(|((on, _), _)| on == target);
        self.backup.regain = others;
        self.backup.strangers.extend(left.into_keys());
    }

    /// Notes what only a comparison after an acknowledged backup says.
    pub(super) fn note_catching_up(&mut self, key: &AccountKey, fact: &AccountFact) {
        match fact {
            AccountFact::Suspected { .. } | AccountFact::Lagging if self.is_catching_up(&key.target) => {
                self.entry(key).marks.insert(Mark::CaughtUp);
            }
            AccountFact::Copied { account } => {
                self.backup.strangers.insert((key.target.clone(), account.clone()));
            }
            AccountFact::Suspected { .. }
            | AccountFact::Lagging
            | AccountFact::Unwanted { .. }
            | AccountFact::Wanted
            | AccountFact::Adopted { .. }
            | AccountFact::Regained { .. }
            | AccountFact::Held { .. }
            | AccountFact::Missed
            | AccountFact::Found { .. }
            | AccountFact::EnabledByOthers
            | AccountFact::HoldEnded
            | AccountFact::ReleaseEnded
            | AccountFact::Justified { .. }
            | AccountFact::Settled
            | AccountFact::Emptied
            | AccountFact::HandedOver
            | AccountFact::OursAfterAll
            | AccountFact::NotOurs => {}
        }
    }

    /// An account that we made after the backup, by what somebody acknowledged: as made by us, or as adopted where the target
    /// is not live and the ledger knew of none; as it is shown now, and with nothing of what it holds, since
    /// nobody knows any more what of that we granted.
    pub(super) fn regained(
        &mut self,
        key: &AccountKey,
        (account, names): (&ObservedAccount, &[FieldName]),
        day: NaiveDate,
    ) {
        // Before go-live many an account bears what somebody filled in.
        let is_news = self.account(key).is_none_or(|entry| entry.id.is_none());
        let origin = if is_news && !self.is_live(&key.target) { Origin::Adopted } else { Origin::Created };
        let entry = self.entry(key);
        entry.took_place(&account.id);
        entry.origin = origin;
        entry.names = names.to_vec();
        self.reserve(key, names, &account.attributes);
        let place = (key.target.clone(), account.id.clone());
        self.backup.regain.remove(&place);
        self.accounts.take(place, key);
        self.moved(key, seen_as(Lifecycle::Absent, (account.presence, account.shown), day));
        self.note_unsettled(key);
    }
}

impl AccountEntry {
    /// Where nothing is in doubt any more, what others do later is theirs.
    pub(super) fn ends_doubt(&mut self) {
        if self.others.is_empty() && !self.is_unsettled() {
            self.marks.remove(&Mark::CaughtUp);
        }
    }

    /// What the target showed after a backup is what we would have done.
    pub(super) fn was_ours(&mut self) {
        self.others.clear();
        self.marks.remove(&Mark::DeletedByOthers);
        self.marks.remove(&Mark::CaughtUp);
    }
}
