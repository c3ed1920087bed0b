//! From a plan to what of it may be applied.

use std::collections::{BTreeMap, BTreeSet};

use crate::audit::RunDirective;
use crate::caps::{Caps, Exceeded, counted, exceeded};
use crate::digest::Digest;
use crate::ledger::Ledger;
use crate::plan::{Action, ActionId, Plan, Wave};

/// A plan of which it is known what may be applied. Only [`approve`] makes one.
#[derive(Debug, Clone)]
pub struct Approved {
    plan: Plan,
    hash: Digest,
    withheld: BTreeMap<ActionId, Digest>,
    dropped: BTreeSet<ActionId>,
    exceeded: Vec<Exceeded>,
}

impl Approved {
    /// The plan, whole.
    #[must_use]
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// The content hash of the plan.
    #[must_use]
    pub fn hash(&self) -> Digest {
        self.hash
    }

    /// The limits that the plan would exceed and that nobody approved.
    #[must_use]
    pub fn exceeded(&self) -> &[Exceeded] {
        &self.exceeded
    }

    /// The fingerprints of what is held back until somebody approves it, by action.
    #[must_use]
    pub fn withheld(&self) -> &BTreeMap<ActionId, Digest> {
        &self.withheld
    }

    /// What somebody has to say so that what is held back is done; nothing where nothing is.
    #[must_use]
    pub fn approval(&self) -> Option<RunDirective> {
        let actions: BTreeSet<Digest> = self.withheld.values().copied().collect();
        (!actions.is_empty()).then_some(RunDirective::Approve { plan: self.hash, actions })
    }

    /// Whether an action may be done: it is not held back, and neither is one that it needs.
    #[must_use]
    pub fn permits(&self, action: &Action) -> bool {
        !self.withheld.contains_key(&action.id) && !self.dropped.contains(&action.id)
    }

    /// The plan wave by wave.
    #[must_use]
    pub fn waves(&self) -> &[Wave] {
        &self.plan.waves
    }
}

/// Holds a whole plan against the caps, before anything is called.
///
/// A limit that is exceeded holds back every action that it counts, and what needs one of them; all else may go on. An
/// approval frees what it names, once and for seven days: it carries over to a newer plan whose actions held back are a
/// subset of the approved ones that were not done yet.
#[must_use]
pub fn approve(plan: Plan, caps: &Caps, ledger: &Ledger) -> Approved {
    let hash = plan.hash();
    let mut exceeded = exceeded(&plan, caps, ledger);
    let mut withheld: BTreeMap<ActionId, Digest> = BTreeMap::new();
    exceeded.retain(|limit| {
        let counted = counted(&plan, &limit.target, &limit.cap);
        let held: BTreeMap<ActionId, Digest> = counted.map(|action| (action.id, ledger.fingerprint(action))).collect();
        let is_approved =
            ledger.approvals().iter().any(|approval| held.values().all(|print| approval.actions.contains(print)));
        if !is_approved {
            withheld.extend(held);
        }
        !is_approved
    });
    let mut dropped = BTreeSet::new();
    for action in plan.actions() {
        if action.after.iter().any(|needed| withheld.contains_key(needed) || dropped.contains(needed)) {
            dropped.insert(action.id);
        }
    }
    Approved { plan, hash, withheld, dropped, exceeded }
}
