//! Answering an intent without an outcome by reading, never by doing it again.

use chrono::TimeDelta;

use crate::audit::{Intent, Settlement, Truth};
use crate::id::{AccountId, AccountKey, PermissionId};
use crate::plan::{AccountStep, PermissionStep, ResourceStep, Step};
use crate::target::{
    Capabilities, Deletion, FirstSecret, Observation, ObservedAccount, Presence, RestoredGrants, Shown,
};
use crate::value::{Edit, Fields};

/// What a reading says of an intent whose outcome nobody knows; `None` while the reading may lag behind.
///
/// What is shown as intended was done. What is not shown as intended was not, once the intent is older than `settle`.
#[must_use]
pub fn resolve(
    intent: &Intent,
    (observation, capabilities): (&Observation, &Capabilities),
    age: TimeDelta,
    settle: TimeDelta,
) -> Option<Settlement> {
    let truth = match &intent.action.step {
        Step::Account { key, id, step } => {
            account_truth(step, find(observation, key, id.as_ref()), capabilities.deletion)
        }
        Step::Permission { key, id, step } => permission_truth(step, find(observation, key, id.as_ref())),
        Step::Resource { step: ResourceStep::Ensure { id, name, .. }, .. } => {
            let is_there = observation.resource(id).is_some_and(|resource| resource.name == *name);
            is_there.then_some(Truth::Exists)
        }
    };
    let is_old = age >= settle;
    match truth {
        // It may have been deleted, with a recycle bin that does not show it yet.
        Some(Truth::Gone) if !is_old && capabilities.bin_days() > 0 => None,
        Some(truth) => Some(Settlement::Done { truth, secret: is_secret_lost(&intent.action.step, capabilities) }),
        None => is_old.then_some(Settlement::NotDone),
    }
}

/// Whether what is now true is what the step was for.
#[must_use]
pub fn fulfils(step: &Step, truth: &Truth) -> bool {
    match step {
        Step::Account { step, .. } => match step {
            AccountStep::Create(_) | AccountStep::Restore => is_live(truth, Shown::Disabled),
            AccountStep::Enable => is_live(truth, Shown::Enabled),
            AccountStep::Disable => {
                is_live(truth, Shown::Disabled) || matches!(truth, Truth::InBin { .. } | Truth::Gone)
            }
            AccountStep::Update(_) | AccountStep::Reissue => matches!(truth, Truth::Live { .. }),
            AccountStep::Delete => matches!(truth, Truth::InBin { .. } | Truth::Gone),
        },
        Step::Permission { step: PermissionStep::Grant(..), .. } => *truth == Truth::Holds,
        Step::Permission { step: PermissionStep::Revoke(..), .. } => {
            matches!(truth, Truth::HoldsNot | Truth::Gone | Truth::InBin { grants: RestoredGrants::Dropped, .. })
        }
        Step::Resource { .. } => true,
    }
}

fn is_live(truth: &Truth, wanted: Shown) -> bool {
    matches!(truth, Truth::Live { shown, .. } if *shown == wanted)
}

/// A secret that was made with the account was lost with the answer that carried it.
fn is_secret_lost(step: &Step, capabilities: &Capabilities) -> bool {
    let is_create = matches!(step, Step::Account { step: AccountStep::Create(_), .. });
    is_create && capabilities.first_secret == FirstSecret::OnCreate
}

fn find<'a>(observation: &'a Observation, key: &AccountKey, id: Option<&AccountId>) -> Option<&'a ObservedAccount> {
    match id {
        Some(id) => observation.account(id),
        None => observation.anchored(&key.anchor()).find(|account| account.presence == Presence::Live),
    }
}

fn account_truth(step: &AccountStep, account: Option<&ObservedAccount>, deletion: Deletion) -> Option<Truth> {
    let Some(account) = account else {
        return matches!(step, AccountStep::Delete).then_some(Truth::Gone);
    };
    let live = || Truth::Live { id: account.id.clone(), shown: account.shown, given: Fields::default() };
    let is_live = account.presence == Presence::Live;
    match step {
        AccountStep::Create(_) | AccountStep::Restore => is_live.then(live),
        AccountStep::Enable => (is_live && account.shown == Shown::Enabled).then(live),
        AccountStep::Disable => (is_live && account.shown == Shown::Disabled).then(live),
        AccountStep::Update(patch) => {
            let is_so = |change: &crate::target::Change| match &change.after {
                Edit::Keep => true,
                Edit::Set(value) => account.attributes.value(change.attribute.as_str()) == Some(value),
                Edit::Clear => account.attributes.value(change.attribute.as_str()).is_none(),
            };
            (is_live && patch.0.iter().all(is_so)).then(live)
        }
        AccountStep::Delete => match account.presence {
            Presence::Live => None,
            Presence::InBin(on) => Some(Truth::InBin { on, grants: restored_grants(account, deletion) }),
        },
        // Nobody can see whether a secret was made; the one that was lost is made anew.
        AccountStep::Reissue => None,
    }
}

fn restored_grants(account: &ObservedAccount, deletion: Deletion) -> RestoredGrants {
    match &account.permissions {
        // What it was last seen with may lack what it was given since.
        _ if deletion.hides_grants() => RestoredGrants::Unreadable,
        None => RestoredGrants::Unreadable,
        Some(held) if held.is_empty() => RestoredGrants::Dropped,
        Some(_) => RestoredGrants::Kept,
    }
}

fn permission_truth(step: &PermissionStep, account: Option<&ObservedAccount>) -> Option<Truth> {
    let live = account.filter(|account| account.presence == Presence::Live);
    let holds = |id: &PermissionId| live.and_then(|account| account.permissions.as_ref()).map(|held| held.contains(id));
    match step {
        PermissionStep::Grant(permission, _) => (holds(&permission.id) == Some(true)).then_some(Truth::Holds),
        // One that nobody can see, or whose account may be missing from this reading only, is taken away once more.
        PermissionStep::Revoke(permission, _) => (holds(permission) == Some(false)).then_some(Truth::HoldsNot),
    }
}
