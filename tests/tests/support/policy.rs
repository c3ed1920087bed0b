//! The standard policy with something added, so that a test says only what is special about it.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

use chrono::{DateTime, NaiveDate, Utc};
use provisioning_core::policy::{
    Answer, Because, Combination, EarlierAccounts, Entitlement, Grant, Looks, Permission, PolicyVersion, Profile,
};
use provisioning_core::source::Person;
use provisioning_core::testing::StandardPolicy;
use provisioning_core::{Digest, Policy, RuleId, Slot};

use super::org::main_of;

type Grants = Box<dyn Fn(&Person<'_>, NaiveDate, &mut Answer) + Send + Sync>;
type Profiles = Box<dyn Fn(&Person<'_>, &mut Profile) + Send + Sync>;

/// The standard policy on several targets, with something added.
pub(crate) struct Adjusted {
    pub(crate) each: Vec<StandardPolicy>,
    pub(crate) grants: Grants,
    pub(crate) profile: Profiles,
    pub(crate) combinations: Vec<Combination>,
    /// Another one makes another version.
    pub(crate) version: Arc<AtomicU8>,
}

impl fmt::Debug for Adjusted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Adjusted({:?})", self.each)
    }
}

impl Adjusted {
    /// The standard policy on these targets, with 14 days of lead.
    pub(crate) fn on(targets: &[&str]) -> Self {
        let one = |target: &&str| StandardPolicy { slot: main_of(target), lead_days: 14 };
        Self {
            each: targets.iter().map(one).collect(),
            grants: Box::new(|_, _, _| {}),
            profile: Box::new(|_, _| {}),
            combinations: Vec::new(),
            version: Arc::default(),
        }
    }

    pub(crate) fn granting(
        mut self,
        grants: impl Fn(&Person<'_>, NaiveDate, &mut Answer) + Send + Sync + 'static,
    ) -> Self {
        self.grants = Box::new(grants);
        self
    }

    pub(crate) fn profiling(mut self, profile: impl Fn(&Person<'_>, &mut Profile) + Send + Sync + 'static) -> Self {
        self.profile = Box::new(profile);
        self
    }
}

/// A grant of a permission by a rule.
pub(crate) fn gives(rule: &str, slot: &Slot, permission: Permission) -> Grant {
    let because = Because { rule: RuleId::new(rule).unwrap(), contract: None };
    Grant { slot: slot.clone(), entitlement: Entitlement::Permission(permission), because }
}

impl Policy for Adjusted {
    fn version(&self) -> PolicyVersion {
        PolicyVersion(Digest([self.version.load(Ordering::SeqCst); 32]))
    }

    fn sees_managers(&self) -> bool {
        self.each.iter().any(Policy::sees_managers)
    }

    fn grants(&self, person: &Person<'_>, now: DateTime<Utc>) -> Answer {
        let mut answer = Answer::default();
        for policy in &self.each {
            answer.grants.extend(policy.grants(person, now).grants);
        }
        (self.grants)(person, person.today(now), &mut answer);
        answer
    }

    fn combinations(&self) -> &[Combination] {
        &self.combinations
    }

    fn profile(&self, person: &Person<'_>, slot: &Slot, earlier: &EarlierAccounts, now: DateTime<Utc>) -> Profile {
        let mut profile =
            self.each.first().map(|policy| policy.profile(person, slot, earlier, now)).unwrap_or_default();
        (self.profile)(person, &mut profile);
        profile
    }

    fn looks(&self) -> Looks {
        self.each.iter().flat_map(Policy::looks).collect()
    }

    fn next_change(&self, person: &Person<'_>, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        self.each.iter().filter_map(|policy| policy.next_change(person, now)).min()
    }
}
