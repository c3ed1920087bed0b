//! Waves in short words.

use futures::StreamExt;
use futures::executor::block_on;
use provisioning_core::audit::Truth;
use provisioning_core::plan::{AccountStep, Action, ActionId, NewAccount, PermissionStep, Step, Timing, Wave};
use provisioning_core::policy::{Permission, PermissionClass};
use provisioning_core::target::{Change, Observation, Patch, Shown, TargetReading};
use provisioning_core::{
    AccountId, AccountKey, AccountKind, Done, Edit, Failure, Fields, PermissionId, Permit, TargetConnector, TargetId,
    TenantId, Value,
};

use crate::support::{World, name};

/// What became of one step.
pub(crate) type Answer = Result<Done, Failure>;

pub(crate) fn key(person: u32) -> AccountKey {
    AccountKey {
        tenant: TenantId::new("tests").unwrap(),
        target: TargetId::new("entra").unwrap(),
        person: format!("hr:{person}").parse().unwrap(),
        kind: AccountKind::main(),
    }
}

pub(crate) fn create(person: u32) -> Step {
    account(person, AccountStep::Create(new_account(&format!("user{person}@example.org"))))
}

pub(crate) fn new_account(principal_name: &str) -> NewAccount {
    let principal = name("userPrincipalName");
    let mut attributes = Fields::default();
    attributes.put(principal.clone(), Value::text(principal_name));
    attributes.put(name("displayName"), Value::text("Somebody"));
    NewAccount { attributes, names: vec![principal] }
}

pub(crate) fn account(person: u32, step: AccountStep) -> Step {
    Step::Account { key: key(person), id: None, step }
}

pub(crate) fn update(person: u32, attribute: &str, text: &str) -> Step {
    let change = Change { attribute: name(attribute), before: None, after: Edit::Set(Value::text(text)) };
    account(person, AccountStep::Update(Patch(vec![change])))
}

pub(crate) fn grant(person: u32, group: &str) -> Step {
    let id = PermissionId::new(group).unwrap();
    let permission = Permission { id, class: PermissionClass::Ordinary, resource: None };
    Step::Permission { key: key(person), id: None, step: PermissionStep::Grant(permission, Vec::new()) }
}

pub(crate) fn revoke(person: u32, group: &str) -> Step {
    let step = PermissionStep::Revoke(PermissionId::new(group).unwrap(), PermissionClass::Ordinary);
    Step::Permission { key: key(person), id: None, step }
}

/// The same step on an account whose id is known.
pub(crate) fn on(id: &AccountId, mut step: Step) -> Step {
    match &mut step {
        Step::Account { id: known, .. } | Step::Permission { id: known, .. } => *known = Some(id.clone()),
        Step::Resource { .. } => {}
    }
    step
}

pub(crate) fn wave(steps: Vec<Step>) -> Wave {
    let action = |(number, step)| Action {
        id: ActionId(number),
        step,
        day: "2026-03-02".parse().unwrap(),
        why: Vec::new(),
        timing: Timing::Expected,
        after: Vec::new(),
    };
    Wave { target: TargetId::new("entra").unwrap(), actions: (0..).zip(steps).map(action).collect() }
}

pub(crate) fn apply(world: &World, target: &dyn TargetConnector, steps: Vec<Step>) -> Vec<Answer> {
    let permit = Permit::until(world.now() + chrono::TimeDelta::hours(1));
    let wave = wave(steps);
    let mut outcomes: Vec<_> = block_on(target.apply(&wave, permit).collect());
    outcomes.sort_by_key(|outcome| outcome.action);
    assert_eq!(outcomes.len(), wave.actions.len());
    outcomes.into_iter().map(|outcome| outcome.result).collect()
}

pub(crate) fn truth(answer: &Answer) -> &Truth {
    &answer.as_ref().unwrap().truth
}

pub(crate) fn live(answer: &Answer) -> (AccountId, Shown) {
    let Truth::Live { id, shown, .. } = truth(answer) else { panic!("{answer:?}") };
    (id.clone(), *shown)
}

/// Reads on from a picture, or everything into an empty one; says whether it was everything.
pub(crate) fn look(target: &dyn TargetConnector, picture: &mut Observation) -> bool {
    let cursor = picture.cursor().cloned();
    let reading = block_on(target.observe(cursor.as_ref())).unwrap();
    let is_whole = matches!(reading, TargetReading::Whole(_));
    picture.apply(reading);
    is_whole
}
