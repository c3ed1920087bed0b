//! What an account holds: the difference between what the rules justify and what we granted.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;

use crate::audit::AccountFact;
use crate::decide::account::SlotDecision;
use crate::decide::{Context, Ensured, PersonDecision};
use crate::id::{AccountKey, PermissionId, PersonId, RuleId};
use crate::ledger::{HeldGrant, Lifecycle, Mark};
use crate::lifecycle::{Move, State, Want};
use crate::period::plus_days;
use crate::plan::{PermissionStep, Step, Why};
use crate::policy::{Answer, Because, Entitlement, Permission, PermissionClass};
use crate::sorted::SortedMap;
use crate::source::Presence;
use crate::target::Observation;

type Justified<'a> = BTreeMap<&'a PermissionId, (Cow<'a, Permission>, Vec<Because>)>;

impl SlotDecision<'_> {
    /// Proposes what is to be granted and revoked.
    pub(super) fn permissions(&self, out: &mut PersonDecision<'_>) {
        if !self.state.is_live() {
            self.note_lost(out);
            return;
        }
        let keep = justified(&self.evaluated.keep, self.slot, self.rules_want);
        let raise_want = self.evaluated.raise().wants(self.slot);
        let raise = justified(self.evaluated.raise(), self.slot, raise_want);
        let nothing = SortedMap::default();
        // A new account holds nothing, whatever the one before it held.
        let is_new = self.walked.contains(&Move::Create);
        let held = self.entry.filter(|_| !is_new).map_or(&nothing, |entry| &entry.grants);
        self.justify(held, &keep, out);
        self.revoke(held, &keep, out);
        self.grant(held, (&raise, &keep), out);
        self.rename(&keep, out);
        self.note_lost(out);
    }

    /// Notes which rules give what is held, where they are others than before: they are asked when a rule cannot tell.
    fn justify(&self, held: &SortedMap<PermissionId, HeldGrant>, keep: &Justified<'_>, out: &mut PersonDecision<'_>) {
        let cannot_tell: BTreeSet<&RuleId> = self.evaluated.keep.undetermined.iter().map(|one| &one.rule).collect();
        for (permission, (_, because)) in keep {
            let Some(grant) = held.get(*permission) else { continue };
            let doubtful = grant.rules.iter().filter(|rule| cannot_tell.contains(rule));
            let rules: BTreeSet<&RuleId> = because.iter().map(|one| &one.rule).chain(doubtful).collect();
            if rules != grant.rules.iter().collect() {
                let (permission, rules) = ((*permission).clone(), rules.into_iter().cloned().collect());
                out.facts.push((self.key.clone(), AccountFact::Justified { permission, rules }));
            }
        }
    }

    /// Whether a rule that gave it cannot tell now, and nothing withholds what it gives.
    fn is_in_doubt(&self, permission: &PermissionId, grant: &HeldGrant) -> bool {
        self.evaluated.keep.is_in_doubt(self.slot, permission, |rule| grant.rules.contains(rule))
    }

    /// Why no rule gives it any more.
    fn unjustified(&self, permission: &PermissionId, grant: &HeldGrant) -> Why {
        let by = self.evaluated.keep.barring(self.slot, permission, |rule| grant.rules.contains(rule));
        let by: BTreeSet<&RuleId> = by.collect();
        if by.is_empty() { Why::Unjustified } else { Why::Barred(by.into_iter().cloned().collect()) }
    }

    fn revoke(&self, held: &SortedMap<PermissionId, HeldGrant>, keep: &Justified<'_>, out: &mut PersonDecision<'_>) {
        for (permission, grant) in held.iter() {
            let is_justified = keep.contains_key(permission) || self.is_in_doubt(permission, grant);
            let class = keep.get(permission).map_or(grant.class, |(permission, _)| permission.class);
            if is_justified && self.counts(class) || self.is_retained() {
                continue;
            }
            if !self.may_lower(out, "stripped") {
                return;
            }
            let step = PermissionStep::Revoke(permission.clone(), class);
            let step = Step::Permission { key: self.key.clone(), id: self.id(), step };
            let why = match self.state {
                State::Suspended { since } if is_justified => Why::NotKept { since },
                State::Absent | State::Staged | State::Active | State::Suspended { .. } | State::Deleted(_) => {
                    self.unjustified(permission, grant)
                }
            };
            self.propose_step(step, vec![why], out);
        }
    }

    /// Whether being justified keeps a permission: on a suspended account only an ordinary one.
    fn counts(&self, class: PermissionClass) -> bool {
        class == PermissionClass::Ordinary || !matches!(self.state, State::Suspended { .. })
    }

    /// Whether the account was suspended so lately that it keeps what it holds. What a restore brings back was never
    /// retained: it goes at once unless a rule gives it.
    fn is_retained(&self) -> bool {
        let until = self.retained_until().filter(|_| !self.was_restored());
        until.is_some_and(|until| self.evaluated.dates.today < until)
    }

    /// Whether it came back from the recycle bin, in this plan or before, and nothing else was done with it since.
    pub(super) fn was_restored(&self) -> bool {
        self.has(Mark::Restored) || self.walked.contains(&Move::Restore)
    }

    /// The day from which a suspended account keeps nothing any more that no rule gives it.
    pub(super) fn retained_until(&self) -> Option<NaiveDate> {
        let State::Suspended { since } = self.state else { return None };
        Some(plus_days(since, self.world.context.settings.lifecycle.retain_grants_days))
    }

    fn grant(
        &self,
        held: &SortedMap<PermissionId, HeldGrant>,
        (raise, keep): (&Justified<'_>, &Justified<'_>),
        out: &mut PersonDecision<'_>,
    ) {
        // With fewer contracts a bridge may span what a missing one fills, so both readings have to agree.
        for (id, (permission, because)) in raise.iter().filter(|(id, _)| keep.contains_key(*id)) {
            if self.is_held(held.get(*id), id, out) || !self.counts(permission.class) {
                continue;
            }
            if !self.is_there(permission, out) {
                continue;
            }
            let mut permission = permission.clone().into_owned();
            // Whose a resource is concerns the step that makes it.
            permission.resource.iter_mut().for_each(|spec| spec.owner.clear());
            let step = PermissionStep::Grant(permission, because.clone());
            let step = Step::Permission { key: self.key.clone(), id: self.id(), step };
            self.propose_step(step, vec![Why::Entitled(because.clone())], out);
        }
    }

    /// Whether the account holds it: we granted it, and the target does not show that somebody took it away since.
    fn is_held(&self, grant: Option<&HeldGrant>, id: &PermissionId, out: &mut PersonDecision<'_>) -> bool {
        let Some(grant) = grant else { return false };
        let shown = self.observed().and_then(|account| account.permissions.as_ref());
        let is_young = self.world.now - grant.at < self.world.context.settings.lifecycle.settle;
        let is_shown = shown.is_none_or(|shown| shown.contains(id));
        // The target may lag, or it is so, and no later reading needs to speak of the account again.
        out.again |= is_young && !is_shown;
        is_young || is_shown
    }

    /// Whether the thing to be held exists, or will when it is granted.
    fn is_there(&self, permission: &Permission, out: &mut PersonDecision<'_>) -> bool {
        if self.observation.and_then(|observation| observation.resource(&permission.id)).is_some() {
            return true;
        }
        if let Some(spec) = &permission.resource {
            let ensured = Ensured { name: spec.name.clone(), owner: self.owner(&spec.owner) };
            let made = out.resources.entry((self.slot.target.clone(), permission.id.clone()));
            made.and_modify(|made| made.or(&ensured)).or_insert(ensured);
            return true;
        }
        out.wait(&format!("permission `{}` does not exist on `{}`", permission.id, self.slot.target));
        false
    }

    /// Whose a resource is that has to be made. To own it is power: it comes from no record that is missing or held, nor from
    /// those above, and to no account that has to go.
    fn owner(&self, people: &[PersonId]) -> Option<AccountKey> {
        let Context { ledger, roster, .. } = &self.world.context;
        let records = people.iter().filter_map(|person| roster.record(&person.0));
        let firm = records.filter(|record| record.presence != Presence::Gone).take_while(|record| record.is_firm());
        let mut keys = firm.map(|record| ledger.key(&ledger.person_of(&record.id), self.slot));
        keys.find(|key| {
            let entry = ledger.account(key);
            entry.is_some_and(|entry| entry.lifecycle == Lifecycle::Active && entry.unwanted_since.is_none())
        })
    }

    /// Keeps the names of resources equal to what the rules call them; their ids stay.
    fn rename(&self, keep: &Justified<'_>, out: &mut PersonDecision<'_>) {
        for (id, (permission, _)) in keep {
            let shown = self.observation.and_then(|observation: &Observation| observation.resource(id));
            let Some((spec, shown)) = permission.resource.as_ref().zip(shown) else { continue };
            if spec.name != shown.name {
                let ensured = Ensured { name: spec.name.clone(), owner: None };
                out.resources.insert((self.slot.target.clone(), (*id).clone()), ensured);
            }
        }
    }

    /// Says what is given and cannot take effect.
    fn note_lost(&self, out: &mut PersonDecision<'_>) {
        let answer = &self.evaluated.keep;
        if answer.wants(self.slot) == Want::Nothing {
            let lost = answer.grants.iter().filter(|grant| grant.slot == *self.slot).filter_map(|grant| {
                match &grant.entitlement {
                    Entitlement::Permission(permission) => Some((&permission.id, &grant.because)),
                    Entitlement::Account | Entitlement::Access => None,
                }
            });
            for (id, because) in lost {
                out.notes.insert(format!("{because} gives permission `{id}` without an account; it grants nothing"));
            }
        }
    }
}

/// The permissions that count: those of a wanted account. Where rules that give the same one differ, the strictest class
/// counts, and the first of the names, in whatever order they say so.
fn justified<'a>(answer: &'a Answer, slot: &crate::id::Slot, want: Want) -> Justified<'a> {
    let mut found: Justified<'a> = BTreeMap::new();
    if want == Want::Nothing {
        return found;
    }
    for grant in answer.grants.iter().filter(|grant| grant.slot == *slot) {
        if let Entitlement::Permission(permission) = &grant.entitlement {
            let (known, because) =
                found.entry(&permission.id).or_insert_with(|| (Cow::Borrowed(permission), Vec::new()));
            if permission.class > known.class {
                known.to_mut().class = permission.class;
            }
            let names = [&known.resource, &permission.resource].into_iter().flatten();
            if let Some(resource) = names.min().filter(|first| known.resource.as_ref() != Some(*first)).cloned() {
                known.to_mut().resource = Some(resource);
            }
            because.push(grant.because.clone());
        }
    }
    for (_, because) in found.values_mut() {
        because.sort();
        because.dedup();
    }
    found
}
