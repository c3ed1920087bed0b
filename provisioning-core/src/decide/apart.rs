//! What may not be held together: nothing is given as long as what stands against it is held.

use crate::audit::AccountFact;
use crate::decide::PersonDecision;
use crate::decide::evaluate::Evaluated;
use crate::decide::world::World;
use crate::id::{AccountKey, PermissionId, Slot};
use crate::ledger::Lifecycle;
use crate::plan::{AccountStep, PermissionStep, Step};
use crate::policy::{Combination, Verdict};

/// Lets what is taken away in this plan go before what may not be beside it, and holds back what is given where that is not
/// enough: where somebody else gave the other, where it stays, or where it is on another account.
pub(super) fn apart(world: &World<'_>, evaluated: &Evaluated<'_>, out: &mut PersonDecision<'_>) {
    for combination in world.context.policy.combinations().iter().filter(|one| one.verdict == Verdict::Deny) {
        let pairs = combination.permissions.iter().flat_map(|given| {
            let others = combination.permissions.iter().filter(move |other| *other != given);
            others.map(move |other| (given, other))
        });
        for ((slot, given), (other, held)) in pairs {
            let [key, account] = [slot, other].map(|slot| world.context.ledger.key(evaluated.person.id, slot));
            if !out.proposed.iter().any(|one| is_grant(&one.step, &key, given)) {
                continue;
            }
            if !may_hold(world, evaluated, (&account, held), out) {
                continue;
            }
            if account == key && out.proposed.iter().any(|one| is_revoke(&one.step, &account, held)) {
                out.first.entry((account, given.clone())).or_default().insert(held.clone());
                continue;
            }
            out.proposed.retain(|one| !is_grant(&one.step, &key, given));
            out.wait(&format!("`{given}` is given once `{held}` is gone, by combination `{}`", combination.id));
        }
        tell_held(world, evaluated, combination, out);
    }
}

/// Tells of what is held together all the same: others gave it, or nobody can tell whether it is still given.
fn tell_held(world: &World<'_>, evaluated: &Evaluated<'_>, combination: &Combination, out: &mut PersonDecision<'_>) {
    let stays = |(slot, held): &&(Slot, PermissionId)| {
        let account = world.context.ledger.key(evaluated.person.id, slot);
        may_hold(world, evaluated, (&account, held), out)
            && !out.proposed.iter().any(|one| is_revoke(&one.step, &account, held))
    };
    let held: Vec<String> = combination.permissions.iter().filter(stays).map(|(_, id)| format!("`{id}`")).collect();
    if held.len() > 1 {
        out.notes.insert(format!("{} are held together, against combination `{}`", held.join(" and "), combination.id));
    }
}

/// Whether the account holds something, may hold it, or may be about to.
fn may_hold(
    world: &World<'_>,
    evaluated: &Evaluated<'_>,
    (account, held): (&AccountKey, &PermissionId),
    out: &PersonDecision<'_>,
) -> bool {
    let Some(entry) = evaluated.entry.and_then(|entry| entry.accounts.get(&account.slot())) else {
        // What is adopted in this plan is looked at in the next one.
        let is_adopted = |fact: &AccountFact| matches!(fact, AccountFact::Adopted { .. });
        return out.facts.iter().any(|(key, fact)| key == account && is_adopted(fact));
    };
    let is_made =
        |step: &Step| matches!(step, Step::Account { key, step: AccountStep::Create(_), .. } if key == account);
    if out.proposed.iter().any(|one| is_made(&one.step)) {
        return false;
    }
    let observation = world.context.observations.get(&account.target);
    let shown = entry.id.as_ref().zip(observation).and_then(|(id, observation)| observation.account(id));
    let is_shown = shown.and_then(|account| account.permissions.as_ref()).is_some_and(|shown| shown.contains(held));
    // A deleted account does nothing, and what a restore brings back of it is taken away first.
    let is_restored =
        |step: &Step| matches!(step, Step::Account { key, step: AccountStep::Restore, .. } if key == account);
    let is_there = match entry.lifecycle {
        Lifecycle::Staged | Lifecycle::Active | Lifecycle::Suspended { .. } => true,
        Lifecycle::Absent => false,
        Lifecycle::Deleted { .. } => out.proposed.iter().any(|one| is_restored(&one.step)),
    };
    entry.open > 0 || is_there && (entry.grants.contains_key(held) || is_shown)
}

fn is_grant(step: &Step, account: &AccountKey, id: &PermissionId) -> bool {
    match step {
        Step::Permission { key, step: PermissionStep::Grant(given, _), .. } => key == account && given.id == *id,
        Step::Permission { .. } | Step::Account { .. } | Step::Resource { .. } => false,
    }
}

fn is_revoke(step: &Step, account: &AccountKey, id: &PermissionId) -> bool {
    match step {
        Step::Permission { key, step: PermissionStep::Revoke(held, _), .. } => key == account && held == id,
        Step::Permission { .. } | Step::Account { .. } | Step::Resource { .. } => false,
    }
}
