//! What an organisation decides once: its targets, graces, guards and caps.

use chrono::TimeDelta;
use chrono_tz::Tz;

use crate::audit::Head;
use crate::caps::Caps;
use crate::id::{FieldName, TargetId, TenantId};
use crate::lifecycle::Grace;
use crate::source::{Guards, IntakeSettings};
use crate::target::Capabilities;

/// How sure a match between a person and an account is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Confidence {
    /// Sure enough to adopt the account, if it is the only one.
    Strong,
    /// Good enough to stop and ask.
    Weak,
}

/// How accounts that were there before are recognised.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Correlation {
    /// The field of the person; `None` is the person's key in the source.
    pub field: Option<FieldName>,
    /// The attribute of the account that has the same value.
    pub attribute: FieldName,
    /// How sure a match is.
    pub confidence: Confidence,
}

/// One target.
#[derive(Debug, Clone)]
pub struct TargetSettings {
    /// What it can do, as its connector describes it.
    pub capabilities: Capabilities,
    /// How accounts that were there before are recognised; tried in order.
    pub correlation: Vec<Correlation>,
}

/// The dates that belong to the lifecycle; days before and after belong to the rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LifecycleSettings {
    /// How long unwanted accounts are kept.
    pub grace: Grace,
    /// A gap of at most so many days between two contracts is none.
    pub bridge_days: u32,
    /// How far ahead a return counts as known; `None` is without limit.
    pub return_horizon_days: Option<u32>,
    /// How long a suspended account keeps what no rule gives it any more.
    pub retain_grants_days: u32,
    /// How young a write of ours may be to be contradicted, and how far apart two readings must be to confirm a change.
    pub settle: TimeDelta,
    /// How old the last accepted reading of a source may be for anything to be raised.
    pub max_source_age: TimeDelta,
    /// How far the clock may go ahead between two runs.
    pub max_clock_jump: TimeDelta,
}

impl Default for LifecycleSettings {
    fn default() -> Self {
        Self {
            grace: Grace { suspended_days: 90, staged_days: 30 },
            bridge_days: 0,
            return_horizon_days: None,
            retain_grants_days: 7,
            settle: TimeDelta::minutes(30),
            max_source_age: TimeDelta::days(7),
            max_clock_jump: TimeDelta::days(30),
        }
    }
}

/// What an organisation decides once.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Whose accounts they are.
    pub tenant: TenantId,
    /// The zone whose civil days count where a person or contract has none.
    pub zone: Tz,
    /// The dates of the lifecycle.
    pub lifecycle: LifecycleSettings,
    /// After how many accepted readings on different days a missing person or contract is believed to be gone.
    pub missing_readings: u32,
    /// How much a reading may differ.
    pub guards: Guards,
    /// Fields by which people are told apart.
    pub identity: Vec<FieldName>,
    /// How much one plan may do.
    pub caps: Caps,
    /// The targets, in the order in which their profiles build on each other.
    pub targets: Vec<TargetSettings>,
    /// The last head of the audit chain that is known outside of the store, such as from the log of the last run (it is in
    /// its [`Report`](crate::Report)): a store that ends before it comes from an old backup. `None` leaves it to the targets to
    /// show that.
    pub known_head: Option<Head>,
}

impl Settings {
    /// Careful settings for a tenant: a grace of 90 days, guards and caps on.
    #[must_use]
    pub fn new(tenant: TenantId, zone: Tz) -> Self {
        Self {
            tenant,
            zone,
            lifecycle: LifecycleSettings::default(),
            missing_readings: 3,
            guards: Guards::default(),
            identity: Vec::new(),
            caps: Caps::default(),
            targets: Vec::new(),
            known_head: None,
        }
    }

    /// Adds a target after the others.
    #[must_use]
    pub fn with_target(mut self, capabilities: Capabilities, correlation: Vec<Correlation>) -> Self {
        self.targets.push(TargetSettings { capabilities, correlation });
        self
    }

    /// The settings of a target, with its place among them.
    #[must_use]
    pub fn target(&self, id: &TargetId) -> Option<(usize, &TargetSettings)> {
        self.targets.iter().enumerate().find(|(_, target)| target.capabilities.target == *id)
    }

    /// How readings are judged.
    #[must_use]
    pub fn intake(&self) -> IntakeSettings {
        IntakeSettings {
            zone: self.zone,
            missing_readings: self.missing_readings,
            guards: self.guards.clone(),
            identity: self.identity.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples::{id, settings};

    #[test]
    fn targets_have_the_places_in_which_they_were_added() {
        let settings = settings();
        let place = |target: &str| {
            settings.target(&id(target)).map(|(place, found)| (place, found.capabilities.target.to_string()))
        };
        assert_eq!((place("entra"), place("ad")), (Some((0, "entra".to_owned())), Some((1, "ad".to_owned()))));
        assert_eq!(place("mars"), None);
    }

    #[test]
    fn out_of_the_box_settings_are_careful() {
        let settings = Settings::new(id("t"), Tz::Europe__Amsterdam);
        assert_eq!(settings.lifecycle.grace, Grace { suspended_days: 90, staged_days: 30 });
        assert_eq!((settings.lifecycle.bridge_days, settings.lifecycle.retain_grants_days), (0, 7));
        assert_eq!(settings.lifecycle.return_horizon_days, None);
        assert_eq!(settings.lifecycle.settle, TimeDelta::minutes(30));
        assert_eq!(settings.lifecycle.max_source_age, TimeDelta::hours(7 * 24));
        assert_eq!(settings.lifecycle.max_clock_jump, TimeDelta::days(30));
        assert_eq!(settings.missing_readings, 3);
        assert_eq!(settings.caps, Caps::default());
        assert!(settings.targets.is_empty());
    }

    #[test]
    fn readings_are_judged_by_the_same_settings() {
        let mut settings = Settings::new(id("t"), Tz::Europe__Amsterdam);
        settings.identity = vec![id("surname")];
        settings.missing_readings = 5;
        settings.guards.max_missing_floor = 9;
        let intake = settings.intake();
        assert_eq!((intake.zone, intake.missing_readings), (Tz::Europe__Amsterdam, 5));
        assert_eq!((intake.guards.max_missing_floor, intake.identity), (9, vec![id("surname")]));
    }
}
