//! Profiles that look at each other's accounts, so that none can be made first.

use std::collections::BTreeSet;

use provisioning_core::Slot;
use provisioning_core::policy::Looks;

/// The way on which a profile comes back to its own account, or from another target to its own one: these have one order
/// for all accounts.
pub(super) fn circle(from: &Slot, looks: &Looks) -> Option<Vec<Slot>> {
    let mut ways = vec![vec![from.clone()]];
    let mut been = BTreeSet::new();
    while let Some(way) = ways.pop() {
        let Some(here) = way.last() else { continue };
        let has_left = way.iter().any(|slot| slot.target != from.target);
        // Whoever waits for another target waits for all of its accounts.
        let here = looks.iter().filter(|(slot, _)| *slot == here || has_left && slot.target == here.target);
        // What looks at itself alone is told where it does.
        for next in here.flat_map(|(slot, seen)| seen.iter().filter(move |seen| *seen != slot)) {
            let way = [way.as_slice(), std::slice::from_ref(next)].concat();
            if next == from || has_left && next.target == from.target {
                return Some(way);
            }
            if been.insert(next) {
                ways.push(way);
            }
        }
    }
    None
}
