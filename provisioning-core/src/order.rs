//! In which order the accounts of a person are decided and made.

use std::collections::{BTreeMap, BTreeSet};

use crate::id::{AccountKind, Slot, TargetId};
use crate::settings::Settings;

/// By account, the accounts at which its profile looks.
pub type Looks = BTreeMap<Slot, BTreeSet<Slot>>;

/// The places of targets and of kinds of accounts: as the settings have them, but each behind what its profiles look at.
#[derive(Debug)]
pub(crate) struct Order {
    targets: BTreeMap<TargetId, usize>,
    /// How many accounts of the same target stand behind each other before it.
    depths: BTreeMap<Slot, usize>,
}

/// The place of an account.
pub(crate) type Place<'s> = (usize, usize, &'s AccountKind);

impl Order {
    pub(crate) fn of(settings: &Settings, looks: &Looks) -> Self {
        let targets: Vec<&TargetId> = settings.targets.iter().map(|target| &target.capabilities.target).collect();
        let mut before: BTreeMap<&TargetId, BTreeSet<&TargetId>> = BTreeMap::new();
        for (slot, seen) in looks {
            let others = seen.iter().map(|seen| &seen.target).filter(|seen| **seen != slot.target);
            before.entry(&slot.target).or_default().extend(others);
        }
        let targets = behind(targets, &before).into_iter().cloned().zip(0..).collect();
        Self { targets, depths: looks.keys().map(|slot| (slot.clone(), depth(slot, looks, looks.len()))).collect() }
    }

    /// Where a target stands; one that is not in the settings stands behind all.
    pub(crate) fn target(&self, target: &TargetId) -> usize {
        self.targets.get(target).copied().unwrap_or(usize::MAX)
    }

    /// Where an account stands.
    pub(crate) fn place<'s>(&self, slot: &'s Slot) -> Place<'s> {
        (self.target(&slot.target), self.depths.get(slot).copied().unwrap_or_default(), &slot.kind)
    }
}

/// In their order, but each behind what stands before it.
fn behind<'t>(mut waiting: Vec<&'t TargetId>, before: &BTreeMap<&TargetId, BTreeSet<&TargetId>>) -> Vec<&'t TargetId> {
    let mut placed = Vec::with_capacity(waiting.len());
    while !waiting.is_empty() {
        let is_ready =
            |target: &&TargetId| before.get(target).into_iter().flatten().all(|earlier| !waiting.contains(earlier));
        // In a circle, which nobody should write, the settings decide.
        placed.push(waiting.remove(waiting.iter().position(is_ready).unwrap_or(0)));
    }
    placed
}

/// A circle ends after `most` accounts.
fn depth(slot: &Slot, looks: &Looks, most: usize) -> usize {
    let seen = looks.get(slot).into_iter().flatten().filter(|seen| seen.target == slot.target);
    let deeper = |seen| most.checked_sub(1).map_or(0, |most| 1 + depth(seen, looks, most));
    seen.map(deeper).max().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples::settings;

    fn looks(text: &str) -> Looks {
        let mut looks = Looks::new();
        for (slot, seen) in text.split_whitespace().filter_map(|word| word.split_once('>')) {
            looks.entry(slot_of(slot)).or_default().insert(slot_of(seen));
        }
        looks
    }

    fn slot_of(text: &str) -> Slot {
        let (target, kind) = text.split_once('/').map_or((text, None), |(target, kind)| (target, Some(kind)));
        let main = Slot::main(target.parse().unwrap());
        kind.map_or(main.clone(), |kind| Slot { kind: kind.parse().unwrap(), ..main })
    }

    /// These accounts in their order.
    fn ordered(accounts: &str, text: &str) -> String {
        let order = Order::of(&settings(), &looks(text));
        let mut slots: Vec<(Slot, &str)> = accounts.split_whitespace().map(|word| (slot_of(word), word)).collect();
        slots.sort_by(|(a, _), (b, _)| order.place(a).cmp(&order.place(b)));
        slots.into_iter().map(|(_, word)| word).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn targets_stand_as_the_settings_have_them_but_behind_what_they_look_at() {
        assert_eq!(ordered("mars ad entra", ""), "entra ad mars");
        assert_eq!(ordered("ad entra", "entra>ad"), "ad entra");
        assert_eq!(ordered("ad entra", "entra/admin>ad"), "ad entra");
        assert_eq!(ordered("ad entra", "entra>mars"), "entra ad");
    }

    #[test]
    fn accounts_of_one_target_stand_behind_those_that_they_look_at() {
        assert_eq!(ordered("entra/admin entra/guest entra", ""), ordered("entra entra/guest entra/admin", ""));
        let ends = ordered("entra/admin entra entra/guest", "entra/admin>entra/guest entra/guest>entra");
        assert_eq!(ends, "entra entra/guest entra/admin");
        let ends = ordered("entra/admin entra entra/guest", "entra>entra/guest entra/guest>entra/admin");
        assert_eq!(ends, "entra/admin entra/guest entra");
    }

    #[test]
    fn a_circle_ends_and_everybody_has_a_place() {
        assert_eq!(ordered("ad entra", "ad>entra entra>ad"), "entra ad");
        assert_eq!(ordered("entra/a entra/b", "entra/a>entra/b entra/b>entra/a").len(), 15);
    }
}
