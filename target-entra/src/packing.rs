//! The actions of a wave in the order in which they are sent: those of one account one after the other, and grants of
//! the same group together, since twenty members in one write count as one (Graph, throttling of identity and access).

use std::collections::{BTreeMap, BTreeSet};

use provisioning_core::plan::{Action, ActionId, PermissionStep, Step, Wave};
use provisioning_core::{AccountId, AccountKey, PermissionId};

/// How many members one write takes (Graph, update group, `members@odata.bind`).
pub(crate) const MOST_MEMBERS: usize = 20;

/// A member to be.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Grant<'w> {
    pub(crate) action: ActionId,
    pub(crate) key: &'w AccountKey,
    pub(crate) id: Option<&'w AccountId>,
}

/// Members to be of one group, of different accounts.
#[derive(Debug, Clone)]
pub(crate) struct Pack<'w> {
    pub(crate) permission: &'w PermissionId,
    pub(crate) grants: Vec<Grant<'w>>,
}

/// All but the grants: the actions of each account in their order, each group alone.
pub(crate) fn lanes(wave: &Wave) -> Vec<Vec<&Action>> {
    let mut lanes: Vec<Vec<&Action>> = Vec::new();
    let mut of_account: BTreeMap<&AccountKey, usize> = BTreeMap::new();
    for action in wave.actions.iter().filter(|action| grant(action).is_none()) {
        let place = action.step.account().map(|key| *of_account.entry(key).or_insert(lanes.len()));
        match place.and_then(|place| lanes.get_mut(place)) {
            Some(lane) => lane.push(action),
            None => lanes.push(vec![action]),
        }
    }
    lanes
}

/// The grants, in as few writes as there can be, and these in layers: within a layer no group and no account occurs
/// twice, so that its writes may go side by side.
pub(crate) fn layers(wave: &Wave) -> Vec<Vec<Pack<'_>>> {
    let mut layers: Vec<(BTreeSet<&AccountKey>, Vec<Pack<'_>>)> = Vec::new();
    for pack in packs(wave) {
        let is_apart = |(keys, packs): &&mut (BTreeSet<&AccountKey>, Vec<Pack<'_>>)| {
            packs.iter().all(|other| other.permission != pack.permission)
                && pack.grants.iter().all(|grant| !keys.contains(grant.key))
        };
        let keys = pack.grants.iter().map(|grant| grant.key);
        match layers.iter_mut().find(is_apart) {
            Some((taken, packs)) => {
                taken.extend(keys);
                packs.push(pack);
            }
            None => layers.push((keys.collect(), vec![pack])),
        }
    }
    layers.into_iter().map(|(_, packs)| packs).collect()
}

fn packs(wave: &Wave) -> Vec<Pack<'_>> {
    let mut packs: BTreeMap<&PermissionId, Vec<Pack<'_>>> = BTreeMap::new();
    for (permission, grant) in wave.actions.iter().filter_map(grant) {
        let of_group = packs.entry(permission).or_default();
        let has_room = |pack: &&mut Pack<'_>| {
            pack.grants.len() < MOST_MEMBERS && pack.grants.iter().all(|other| other.key != grant.key)
        };
        match of_group.iter_mut().find(has_room) {
            Some(pack) => pack.grants.push(grant),
            None => of_group.push(Pack { permission, grants: vec![grant] }),
        }
    }
    packs.into_values().flatten().collect()
}

fn grant(action: &Action) -> Option<(&PermissionId, Grant<'_>)> {
    let Step::Permission { key, id, step: PermissionStep::Grant(permission, _) } = &action.step else { return None };
    Some((&permission.id, Grant { action: action.id, key, id: id.as_ref() }))
}

#[cfg(test)]
mod tests {
    use std::fmt::Write;

    use expect_test::{Expect, expect};
    use provisioning_core::plan::{AccountStep, ResourceStep, Timing};
    use provisioning_core::policy::{Permission, PermissionClass};
    use provisioning_core::{AccountKind, TargetId, TenantId};

    use super::*;

    fn key(person: &str) -> AccountKey {
        AccountKey {
            tenant: TenantId::new("t").unwrap(),
            target: TargetId::new("entra").unwrap(),
            person: format!("hr:{person}").parse().unwrap(),
            kind: AccountKind::main(),
        }
    }

    /// `1 enable`, `1 +sales`, `1 -sales`, `ensure sales`.
    fn step(text: &str) -> Step {
        let (who, what) = text.split_once(' ').unwrap();
        let id = |text: &str| PermissionId::new(text).unwrap();
        if who == "ensure" {
            let step = ResourceStep::Ensure { id: id(what), name: what.to_owned(), owner: None };
            return Step::Resource { target: TargetId::new("entra").unwrap(), step };
        }
        let key = key(who);
        if let Some(group) = what.strip_prefix('+') {
            let permission = Permission { id: id(group), class: PermissionClass::Ordinary, resource: None };
            return Step::Permission { key, id: None, step: PermissionStep::Grant(permission, Vec::new()) };
        }
        if let Some(group) = what.strip_prefix('-') {
            let step = PermissionStep::Revoke(id(group), PermissionClass::Ordinary);
            return Step::Permission { key, id: None, step };
        }
        let step = if what == "enable" { AccountStep::Enable } else { AccountStep::Disable };
        Step::Account { key, id: None, step }
    }

    fn wave<T: AsRef<str>>(steps: &[T]) -> Wave {
        let action = |(number, text): (u32, &T)| Action {
            id: ActionId(number),
            step: step(text.as_ref()),
            day: "2026-03-02".parse().unwrap(),
            why: Vec::new(),
            timing: Timing::Expected,
            after: Vec::new(),
        };
        Wave { target: TargetId::new("entra").unwrap(), actions: (0..).zip(steps).map(action).collect() }
    }

    fn check(steps: &[&str], expected: &Expect) {
        let wave = wave(steps);
        let mut text = String::new();
        for lane in lanes(&wave) {
            let numbers: Vec<String> = lane.iter().map(|action| action.id.0.to_string()).collect();
            writeln!(text, "lane {}", numbers.join(" ")).unwrap();
        }
        for layer in layers(&wave) {
            let pack = |pack: &Pack<'_>| {
                let numbers: Vec<String> = pack.grants.iter().map(|grant| grant.action.0.to_string()).collect();
                format!("{} {}", pack.permission, numbers.join(" "))
            };
            writeln!(text, "layer {}", layer.iter().map(pack).collect::<Vec<_>>().join(", ")).unwrap();
        }
        expected.assert_eq(&text);
    }

    #[test]
    fn the_actions_of_an_account_stand_in_one_lane_and_groups_alone() {
        check(
            &["1 enable", "2 -sales", "1 -sales", "ensure stock", "1 disable", "ensure sales"],
            &expect![[r"
                lane 0 2 4
                lane 1
                lane 3
                lane 5
            "]],
        );
    }

    #[test]
    fn grants_of_a_group_go_together_and_no_account_is_written_twice_at_once() {
        check(
            &["1 +sales", "2 +sales", "1 +stock", "3 +stock", "4 +gate", "1 enable"],
            &expect![[r"
                lane 5
                layer gate 4, sales 0 1
                layer stock 2 3
            "]],
        );
    }

    #[test]
    fn the_same_grant_twice_is_two_writes() {
        check(
            &["1 +sales", "1 +sales", "2 +sales"],
            &expect![[r"
                layer sales 0 2
                layer sales 1
            "]],
        );
    }

    #[test]
    fn forty_grants_of_a_group_are_two_writes_one_after_the_other() {
        let steps: Vec<String> = (0..41).map(|person| format!("{person} +sales")).collect();
        let wave = wave(&steps);
        let sizes: Vec<usize> = layers(&wave).iter().flatten().map(|pack| pack.grants.len()).collect();
        assert_eq!((sizes, layers(&wave).len()), (vec![20, 20, 1], 3));
    }
}
