//! Attributes and names: what an account should look like, and only the difference.

use std::collections::BTreeMap;

use crate::decide::account::{Around, Created, SlotDecision};
use crate::decide::evaluate::Allowed;
use crate::decide::{PersonDecision, Proposed, isolated};
use crate::id::{AccountKey, FieldName, PersonId, TargetId};
use crate::ledger::{Lifecycle, Mark};
use crate::lifecycle::{Move, Want};
use crate::plan::{AccountStep, NewAccount, Step, Why};
use crate::policy::{Desired, EarlierAccounts, Profile, Renaming, UniqueName, Upkeep};
use crate::target::{Change, Patch, folded_name};
use crate::value::{Edit, Fields, Value};

/// How high numbered names go before a person has to choose one.
const MOST: u32 = 99_999;

/// The names that were given out in this run, each to one account.
#[derive(Debug, Default)]
pub(super) struct Names {
    given: BTreeMap<(TargetId, String), AccountKey>,
}

impl Names {
    /// A person of whom nothing is decided bears no new name.
    pub(super) fn give_back(&mut self, person: &PersonId) {
        self.given.retain(|_, key| key.person != *person);
    }
}

impl SlotDecision<'_> {
    /// Proposes a new account, if it can be made.
    pub(super) fn create(&mut self, around: &mut Around<'_>, out: &mut PersonDecision<'_>) -> Created {
        let (anchor, most) = (self.key.anchor().chars().count(), self.target.capabilities.anchor_length);
        if anchor > most {
            let on = &self.slot.target;
            out.wait(&format!(
                "the anchor has {anchor} characters, and `{on}` takes {most}; give the person a shorter key"
            ));
            return Created::No;
        }
        let profile = match self.profile(around.earlier) {
            Ok(profile) => profile,
            Err(lacks) => {
                out.again = true;
                out.refusals.insert(format!("no account on `{}`: {lacks}", self.slot.target));
                return Created::No;
            }
        };
        let mut account = NewAccount { attributes: Fields::default(), names: Vec::new() };
        for name in &profile.names {
            let Some(chosen) = self.choose(name, around.names) else {
                self.wait_for_name(name, out);
                return Created::No;
            };
            account.attributes.put(name.attribute.clone(), Value::text(&chosen));
            account.names.push(name.attribute.clone());
        }
        for (attribute, (desired, _)) in &profile.attributes {
            if let Edit::Set(value) = self.value_of(desired, out) {
                account.attributes.put(attribute.clone(), value);
            }
        }
        // The new account takes the place of the one that the ledger knows an id of.
        self.walked.push(Move::Create);
        self.propose(AccountStep::Create(account), self.why(Move::Create), out);
        self.state = self.state.after(Move::Create, self.evaluated.dates.today);
        Created::Yes
    }

    /// Proposes the differences of an account that is there; the attributes that it will have come back.
    pub(super) fn upkeep(&mut self, around: &mut Around<'_>, out: &mut PersonDecision<'_>) -> Option<Fields> {
        if !self.state.is_live() {
            return None;
        }
        if self.walked.contains(&Move::Create) {
            return created(out);
        }
        let current = self.current();
        if self.rules_want == Want::Nothing || self.evaluated.footing.update == Allowed::No || self.is_untouchable() {
            return Some(current);
        }
        out.again |= self.may_lag();
        self.reissue(out);
        let profile = match self.profile(around.earlier) {
            Ok(profile) => profile,
            Err(lacks) => {
                out.again = true;
                out.refusals.insert(format!("the account on `{}` is not changed: {lacks}", self.slot.target));
                return Some(current);
            }
        };
        let patch = self.patch(&profile, &current, around.names, out);
        let planned = patch.applied_to(&current);
        if !patch.0.is_empty() {
            let timing = self.timing_of_update(&patch, &profile, around.earlier);
            let step = Step::Account { key: self.key.clone(), id: self.id(), step: AccountStep::Update(patch) };
            out.proposed.push(Proposed { step, day: self.evaluated.dates.today, why: vec![Why::Differs], timing });
        }
        Some(planned)
    }

    /// What the account should look like, or why nobody can say. A mapping that crashes keeps nobody from being disabled.
    fn profile(&self, earlier: &EarlierAccounts) -> Result<Profile, String> {
        let asked = || self.world.context.policy.profile(self.described(), self.slot, earlier, self.world.now);
        let profile = isolated(asked).ok_or("the mapping crashed on this person: mend it, or what the source says")?;
        missing(&profile).map_or(Ok(profile), Err)
    }

    /// The attributes as shown, with young writes of ours that a reading may not show yet.
    pub(super) fn current(&self) -> Fields {
        let Some(entry) = self.entry else { return Fields::default() };
        let Some(observed) = self.observed() else { return entry.written.clone() };
        let mut current = observed.attributes.clone();
        if self.is_young() {
            for (name, value) in entry.written.iter() {
                current.put(name.clone(), value.clone());
            }
        }
        current
    }

    fn is_young(&self) -> bool {
        let settle = self.world.context.settings.lifecycle.settle;
        let wrote_at = self.entry.and_then(|entry| entry.wrote_at);
        wrote_at.is_some_and(|at| self.world.now - at < settle)
    }

    /// Whether the target shows something else than what we wrote just now. It may lag or be so, and no later reading needs
    /// to speak of the account again.
    fn may_lag(&self) -> bool {
        let Some((entry, observed)) = self.entry.zip(self.observed()) else { return false };
        let shows = |(name, value): (&FieldName, &Value)| observed.attributes.value(name.as_str()) == Some(value);
        self.is_young() && !entry.written.iter().all(shows)
    }

    fn patch(&self, profile: &Profile, current: &Fields, names: &mut Names, out: &mut PersonDecision<'_>) -> Patch {
        let mut patch = Patch::default();
        for name in &profile.names {
            let bears = current.text(name.attribute.as_str());
            let fits = |bears: &str| {
                name.renaming == Renaming::Frozen
                    || name.tries(MOST).any(|try_| folded_name(&try_) == folded_name(bears))
            };
            if bears.is_some_and(fits) {
                continue;
            }
            let Some(chosen) = self.choose(name, names) else {
                self.wait_for_name(name, out);
                continue;
            };
            let before = current.value(name.attribute.as_str()).cloned();
            let after = Edit::Set(Value::text(&chosen));
            patch.0.push(Change { attribute: name.attribute.clone(), before, after });
        }
        for (attribute, (desired, upkeep)) in &profile.attributes {
            if *upkeep == Upkeep::OnCreate {
                continue;
            }
            let before = current.value(attribute.as_str());
            let after = self.value_of(desired, out);
            let differs = match &after {
                Edit::Keep => false,
                Edit::Set(value) => before != Some(value),
                Edit::Clear => before.is_some_and(|before| *before != Value::Null),
            };
            if differs {
                patch.0.push(Change { attribute: attribute.clone(), before: before.cloned(), after });
            }
        }
        patch
    }

    /// A value, with people made into their accounts; whoever is looked at is watched, so that the value heals itself.
    fn value_of(&self, desired: &Desired, out: &mut PersonDecision<'_>) -> Edit<Value> {
        let people = match desired {
            Desired::Value(edit) => return edit.clone(),
            Desired::AccountOf(people) => people,
        };
        let ledger = self.world.context.ledger;
        let people = people.iter().map(|person| ledger.person_of(&person.0));
        for person in people.filter(|person| person != self.evaluated.person.id) {
            let key = ledger.key(&person, self.slot);
            out.watches.insert(person);
            let lifecycle = ledger.account(&key).map(|entry| &entry.lifecycle);
            if matches!(lifecycle, Some(Lifecycle::Staged | Lifecycle::Active)) {
                return Edit::Set(Value::Account(Box::new(key)));
            }
        }
        Edit::Clear
    }

    /// The first name that nobody else, also nobody who was erased, bears, bore or was given in this run; one's own old name is free.
    fn choose(&self, name: &UniqueName, names: &mut Names) -> Option<String> {
        let (target, person) = (&self.slot.target, self.evaluated.person.id);
        let own = self.entry.and_then(|entry| entry.id.as_ref());
        let is_free = |folded: &str| {
            let key = (target.clone(), folded.to_owned());
            !self.world.context.ledger.is_kept_from(person, target, folded)
                && names.given.get(&key).is_none_or(|bearer| *bearer == self.key)
                && !self.observation.is_some_and(|observation| observation.is_taken(folded, own))
        };
        let chosen =
            name.tries(MOST).find(|candidate| !candidate.trim().is_empty() && is_free(&folded_name(candidate)))?;
        names.given.insert((target.clone(), folded_name(&chosen)), self.key.clone());
        Some(chosen)
    }

    fn wait_for_name(&self, name: &UniqueName, out: &mut PersonDecision<'_>) {
        out.wait(&format!("no free value for `{}` on `{}`", name.attribute, self.slot.target));
    }

    /// A first secret that was made and reached nobody is made anew.
    fn reissue(&self, out: &mut PersonDecision<'_>) {
        if self.has(Mark::SecretPending) {
            self.propose(AccountStep::Reissue, vec![Why::Differs], out);
        }
    }
}

fn missing(profile: &Profile) -> Option<String> {
    let names: Vec<String> = profile.missing.iter().map(|name: &FieldName| format!("`{name}`")).collect();
    (!names.is_empty()).then(|| format!("{} says nothing, and is required", names.join(", ")))
}

/// The attributes of the account that was proposed just now.
fn created(out: &PersonDecision<'_>) -> Option<Fields> {
    out.proposed.iter().rev().find_map(|proposed| match &proposed.step {
        crate::plan::Step::Account { step: AccountStep::Create(account), .. } => Some(account.attributes.clone()),
        crate::plan::Step::Account { .. }
        | crate::plan::Step::Permission { .. }
        | crate::plan::Step::Resource { .. } => None,
    })
}
