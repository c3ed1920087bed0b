//! One person at a time, and of many rules only those that may hold.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, Utc};
use provisioning_core::Slot;
use provisioning_core::policy::{Answer, Combination, EarlierAccounts, Looks, Policy, PolicyVersion, Profile};
use provisioning_core::source::Person;

use crate::language::evaluate::Facts;
use crate::population::bits::Bits;
use crate::population::column::Column;
use crate::population::frame::Frame;
use crate::population::seen::Scratch;
use crate::rule::Rule;
use crate::set::{RuleSet, shown};

/// A set of rules as a [`Policy`] that says what [`RuleSet`] says, and of a thousand rules asks only the few that may hold of
/// a person. It remembers which values it has seen; whoever has few rules needs none of it.
#[derive(Debug)]
pub struct Indexed {
    rules: Arc<RuleSet>,
    seen: Mutex<(Frame, Scratch)>,
}

impl Indexed {
    /// The same rules.
    #[must_use]
    pub fn new(rules: Arc<RuleSet>) -> Self {
        let all: Vec<&Rule> = rules.rules.iter().collect();
        let mut frame = Frame::of(&all, &[]);
        // A policy is asked in run after run, and departments change between them.
        frame.columns.iter_mut().for_each(Column::forget_departments);
        Self { rules, seen: Mutex::new((frame, Scratch::default())) }
    }
}

/// The rules that may hold of a contract, or of a person as a whole, going by one thing after the other.
fn may_hold(frame: &mut Frame, scratch: &mut Scratch, facts: &Facts<'_, '_>) -> BTreeSet<usize> {
    frame.see(facts, scratch);
    let mut left = Bits::all(frame.lines());
    for (place, class) in scratch.seen.iter().enumerate() {
        frame.row(place, *class).into_iter().for_each(|row| left.and(&row.maybe));
    }
    left.lines().filter_map(|line| frame.layout.rule(line)).collect()
}

impl Policy for Indexed {
    fn version(&self) -> PolicyVersion {
        self.rules.version()
    }

    fn sees_managers(&self) -> bool {
        self.rules.sees_managers()
    }

    fn grants(&self, person: &Person<'_>, now: DateTime<Utc>) -> Answer {
        let about = self.rules.facts(person, now);
        let shown = shown(&about);
        // Whoever panicked while looking at somebody left nothing half done.
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let (frame, scratch) = &mut *seen;
        let asked: Vec<BTreeSet<usize>> = shown.iter().map(|facts| may_hold(frame, scratch, facts)).collect();
        drop(seen);
        let asked = asked.iter().map(|rules| rules.iter().filter_map(|rule| self.rules.rules.get(*rule)));
        self.rules.said_by(&shown, asked)
    }

    fn combinations(&self) -> &[Combination] {
        self.rules.combinations()
    }

    fn profile(&self, person: &Person<'_>, slot: &Slot, earlier: &EarlierAccounts, now: DateTime<Utc>) -> Profile {
        self.rules.profile(person, slot, earlier, now)
    }

    fn looks(&self) -> Looks {
        self.rules.looks()
    }

    fn next_change(&self, person: &Person<'_>, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        self.rules.next_change(person, now)
    }
}
