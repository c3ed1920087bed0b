//! Accounts that were there before us: whose they are, and when nobody can say.

use std::collections::{BTreeMap, BTreeSet};

use crate::decide::account::SlotDecision;
use crate::decide::evaluate::{evaluate, put_together};
use crate::decide::{World, isolated};
use crate::id::{AccountId, PersonId, Slot, TargetId};
use crate::ledger::Mark;
use crate::lifecycle::{Move, next};
use crate::order::Order;
use crate::settings::{Confidence, Correlation, TargetSettings};
use crate::source::Person;
use crate::target::{Observation, ObservedAccount, Presence};

/// What correlation says of an account that should be made.
pub(super) enum Match<'a> {
    /// There is none yet.
    Nobody,
    /// This one is the person's.
    Adopt(&'a ObservedAccount),
    /// Nobody can say.
    Hold(String),
}

/// Which people claim which accounts that were there before us.
#[derive(Debug, Default)]
pub(super) struct Claims {
    claimed: BTreeMap<(TargetId, AccountId), BTreeSet<PersonId>>,
}

impl Claims {
    /// The claims of everybody who is decided and should get an account.
    pub(super) fn of(world: &World<'_>, order: &Order) -> Self {
        let mut claims = Self::default();
        let correlates = world.context.settings.targets.iter().any(|target| !target.correlation.is_empty());
        if !correlates {
            return claims;
        }
        for id in &world.people {
            let Some(evaluated) = isolated(|| evaluate(world, id)) else {
                claims.of_whoever_the_rules_crash_on(world, id);
                continue;
            };
            let Some(evaluated) = evaluated else { continue };
            for slot in evaluated.slots(order) {
                let Some(decision) = SlotDecision::new(world, &evaluated, &slot) else { continue };
                if next(decision.state, evaluated.raise().wants(&slot), &decision.situation()) != Move::Create {
                    continue;
                }
                let Some((_, found)) = candidates(&decision) else { continue };
                claims.note(&slot.target, found, id);
            }
        }
        claims
    }

    /// Whether such a person should get an account nobody can say, so all that match may be the person's.
    fn of_whoever_the_rules_crash_on(&mut self, world: &World<'_>, id: &PersonId) {
        let person = put_together(world, id);
        for target in &world.context.settings.targets {
            let on = &target.capabilities.target;
            let observation = world.context.observations.get(on);
            if let Some((_, found)) = observation.and_then(|observation| correlated(target, observation, &person)) {
                self.note(on, found, id);
            }
        }
    }

    fn note(&mut self, target: &TargetId, found: Vec<&ObservedAccount>, id: &PersonId) {
        for account in found {
            self.claimed.entry((target.clone(), account.id.clone())).or_default().insert(id.clone());
        }
    }

    /// Whose account it is that would otherwise be made.
    pub(super) fn find<'d>(&self, decision: &SlotDecision<'d>) -> Match<'d> {
        if let Some((confidence, found)) = candidates(decision) {
            let shown: Vec<String> = found.iter().map(|account| format!("`{}`", account.id)).collect();
            let shown = shown.join(", ");
            let [account] = found.as_slice() else {
                return Match::Hold(format!(
                    "several accounts on `{}` match: {shown}; none is chosen",
                    decision.slot.target
                ));
            };
            let owner = decision.world.context.ledger.account_with_id(&decision.slot.target, &account.id);
            if owner.is_some_and(|owner| *owner != decision.key) {
                return Match::Hold(format!(
                    "account {shown} on `{}` is somebody else's already",
                    decision.slot.target
                ));
            }
            let claimants = self.claimed.get(&(decision.slot.target.clone(), account.id.clone()));
            if claimants.is_some_and(|people| people.iter().any(|one| one != decision.described().id)) {
                return Match::Hold(format!("account {shown} on `{}` matches several people", decision.slot.target));
            }
            if account.presence != Presence::Live {
                return Match::Hold(format!(
                    "account {shown} on `{}` matches and is deleted; restore or purge it",
                    decision.slot.target
                ));
            }
            return match confidence {
                Confidence::Strong => Match::Adopt(account),
                Confidence::Weak if account.anchor == Some(decision.key.anchor()) => Match::Hold(format!(
                    "account {shown} on `{}` bears the person's anchor, and no create of ours made it; delete it there, or take \
                     the anchor away",
                    decision.slot.target
                )),
                Confidence::Weak => {
                    Match::Hold(format!("account {shown} on `{}` may be the person's", decision.slot.target))
                }
            };
        }
        Match::Nobody
    }
}

/// The accounts that match, by the first way of correlating that finds any; our own anchor comes before all.
fn candidates<'d>(decision: &SlotDecision<'d>) -> Option<(Confidence, Vec<&'d ObservedAccount>)> {
    let (target, observation) = (decision.target, decision.observation?);
    let own = decision.entry.and_then(|entry| entry.id.as_ref());
    let anchored: Vec<_> =
        observation.anchored(&decision.key.anchor()).filter(|account| Some(&account.id) != own).collect();
    if !anchored.is_empty() {
        // Whoever may write to the target may write an anchor: without a create of ours it proves nothing.
        let may_be_made = decision.entry.is_some_and(|entry| entry.marks.contains(&Mark::MaybeMade));
        let confidence = if may_be_made { Confidence::Strong } else { Confidence::Weak };
        return Some((confidence, anchored));
    }
    if *decision.slot != Slot::main(decision.slot.target.clone()) {
        return None;
    }
    correlated(target, observation, decision.described())
}

fn correlated<'d>(
    target: &TargetSettings,
    observation: &'d Observation,
    person: &Person<'_>,
) -> Option<(Confidence, Vec<&'d ObservedAccount>)> {
    target.correlation.iter().find_map(|way| {
        let value = value_of(way, person)?;
        let found: Vec<_> = observation.correlated(&way.attribute, value).collect();
        (!found.is_empty()).then_some((way.confidence, found))
    })
}

fn value_of<'a>(way: &Correlation, person: &'a Person<'_>) -> Option<&'a str> {
    match &way.field {
        None => Some(person.id.0.key.as_str()),
        Some(field) => person.text(field.as_str()),
    }
}
