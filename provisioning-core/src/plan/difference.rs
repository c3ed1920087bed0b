//! What another plan would do that this one would not, and the other way round.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use crate::digest::Digest;
use crate::plan::{Action, Plan, StepKind};

/// How many actions are named; the rest is counted.
const NAMED: usize = 5;

/// Some actions of a plan: all of them counted, the first few named.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tally {
    /// How many, by kind.
    pub counts: BTreeMap<StepKind, usize>,
    /// The first few in words, with the keys of accounts and the names of attributes only.
    pub first: Vec<String>,
}

impl Tally {
    /// Counts actions.
    pub fn of<'a>(actions: impl IntoIterator<Item = &'a Action>) -> Self {
        let mut tally = Self::default();
        for action in actions {
            *tally.counts.entry(action.step.kind()).or_default() += 1;
            if tally.first.len() < NAMED {
                tally.first.push(action.step.to_string());
            }
        }
        tally
    }

    /// How many there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.counts.values().sum()
    }
}

/// `2 disable, 1 grant (disable entra/hr:1; disable entra/hr:2; grant entra/hr:3 sales)`
impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.counts.is_empty() {
            return f.write_str("nothing");
        }
        let counts: Vec<String> = self.counts.iter().map(|(kind, count)| format!("{count} {kind}")).collect();
        write!(f, "{} ({}", counts.join(", "), self.first.join("; "))?;
        f.write_str(if self.count() > self.first.len() { "; ...)" } else { ")" })
    }
}

/// What became of a plan.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Difference {
    /// What it would do and the newer one would not.
    pub gone: Tally,
    /// What the newer one would do and it would not.
    pub new: Tally,
}

impl Difference {
    /// Whether both would do the same.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.gone.counts.is_empty() && self.new.counts.is_empty()
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_empty() {
            return f.write_str("the same would be done now");
        }
        write!(f, "falls away: {}; is new: {}", self.gone, self.new)
    }
}

impl Plan {
    /// What a newer plan does that this one does not, and the other way round; actions are known again by their
    /// fingerprints, so neither reasons nor places count.
    #[must_use]
    pub fn difference(&self, newer: &Self) -> Difference {
        let prints = |plan: &Self| plan.actions().map(|action| (action.fingerprint(), action.id)).collect::<Vec<_>>();
        let (before, after) = (prints(self), prints(newer));
        let only = |plan: &Self, own: &[(Digest, _)], other: &[(Digest, _)]| {
            let other: BTreeSet<Digest> = other.iter().map(|(print, _)| *print).collect();
            let left: BTreeSet<_> = own.iter().filter(|(print, _)| !other.contains(print)).map(|(_, id)| *id).collect();
            Tally::of(plan.actions().filter(|action| left.contains(&action.id)))
        };
        Difference { gone: only(self, &before, &after), new: only(newer, &after, &before) }
    }
}

#[cfg(test)]
mod tests {
    use crate::samples::plan;

    const DAY: &str = "2026-03-01";

    #[track_caller]
    fn check(before: &str, after: &str, expected: &str) {
        let difference = plan(DAY, before).difference(&plan("2026-03-05", after));
        assert_eq!(difference.to_string(), expected);
        assert_eq!(difference.is_empty(), expected == "the same would be done now");
    }

    #[test]
    fn the_same_actions_in_another_order_and_place_are_no_difference() {
        check("", "", "the same would be done now");
        check("disable 1\n grant 2 a", "grant 2 a\n disable 1", "the same would be done now");
        check("disable 1\n grant 2 a", "expected grant 2 a\n ordered disable 1", "the same would be done now");
    }

    #[test]
    fn what_falls_away_and_what_is_new_is_counted_by_kind_and_named() {
        check("disable 1\n create 3", "create 3", "falls away: 1 disable (disable entra/hr:1); is new: nothing");
        check(
            "update 1 phone=1",
            "update 1 phone=2\n grant 1 sales",
            "falls away: 1 update (update entra/hr:1  phone); \
             is new: 1 grant, 1 update (grant entra/hr:1  sales; update entra/hr:1  phone)",
        );
    }

    #[test]
    fn of_many_actions_the_first_few_are_named() {
        let steps = |count: u32| (1..=count).map(|key| format!("disable {key}")).collect::<Vec<_>>().join("\n");
        let many = steps(7);
        let tally = plan(DAY, &many).difference(&plan(DAY, "")).gone;
        assert_eq!((tally.count(), tally.first.len()), (7, 5));
        assert!(tally.to_string().ends_with("disable entra/hr:5; ...)"), "{tally}");
        let five = steps(5);
        assert!(plan(DAY, &five).difference(&plan(DAY, "")).gone.to_string().ends_with("disable entra/hr:5)"));
    }
}
