//! Plays a history to the real engine, with a source, a target and a store in memory.

use std::collections::BTreeSet;
use std::sync::Arc;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use chrono_tz::Tz;
use futures::executor::block_on;
use provisioning_core::audit::{Directive, PersonDirective, RunDirective};
use provisioning_core::caps::Caps;
use provisioning_core::lifecycle::Grace;
use provisioning_core::memory::{Discard, MemoryStore, MemoryTarget};
use provisioning_core::target::{ObservedAccount, Presence, Shown as Sight};
use provisioning_core::testing::{ScriptedSource, StandardPolicy};
use provisioning_core::{
    AccountId, Actor, Engine, LifecycleSettings, ManualClock, Settings, Silent, Slot, SourceConnector, TargetConnector,
    TargetId, TenantId,
};

use crate::oracle::{Foreign, History, Policy, Reading, Row, RunDay, Shown, Status};

/// What the target shows after each run.
pub(crate) fn replayed(history: &History) -> Vec<Shown> {
    let play = Play::new(&history.policy);
    let mut past = Past::default();
    let one = |run: &RunDay| {
        play.suffer(run);
        past.see(play.target.account(PERSON).as_ref());
        play.run(run);
        past.see(play.target.account(PERSON).as_ref());
        play.shown(run.day, &past)
    };
    history.runs.iter().map(one).collect()
}

/// What an onlooker remembers of the account.
#[derive(Default)]
struct Past {
    id: Option<AccountId>,
    /// It was enabled or deleted once, so that disabled now is not disabled since it was made.
    was_used: bool,
}

impl Past {
    fn see(&mut self, account: Option<&ObservedAccount>) {
        let Some(account) = account else { return };
        if self.id.as_ref() != Some(&account.id) {
            *self = Self { id: Some(account.id.clone()), was_used: false };
        }
        self.was_used |= account.presence != Presence::Live || account.shown == Sight::Enabled;
    }
}

const PERSON: &str = "hr:1";

struct Play {
    clock: Arc<ManualClock>,
    source: Arc<ScriptedSource>,
    target: Arc<MemoryTarget>,
    engine: Engine,
}

impl Play {
    fn new(policy: &Policy) -> Self {
        let clock = Arc::new(ManualClock::at(DateTime::UNIX_EPOCH));
        let entra = TargetId::new("entra").unwrap();
        let target = Arc::new(MemoryTarget::new(entra.clone(), clock.clone(), Tz::UTC, Vec::new()));
        let mut settings =
            Settings::new(TenantId::new("t").unwrap(), Tz::UTC).with_target(target.describe(), Vec::new());
        settings.caps = Caps::off();
        settings.missing_readings = policy.missing_readings;
        settings.lifecycle = LifecycleSettings {
            grace: Grace { suspended_days: days(policy.grace_days), staged_days: days(policy.staged_grace_days) },
            bridge_days: days(policy.bridge_days),
            return_horizon_days: policy.return_horizon_days.map(days),
            retain_grants_days: days(policy.retain_grants_days),
            settle: TimeDelta::minutes(policy.settle_minutes),
            ..LifecycleSettings::default()
        };
        let source = Arc::new(ScriptedSource::new("hr"));
        let engine = Engine {
            sources: vec![Arc::clone(&source) as Arc<dyn SourceConnector>],
            targets: vec![Arc::clone(&target) as Arc<dyn TargetConnector>],
            policy: Arc::new(StandardPolicy { slot: Slot::main(entra), lead_days: days(policy.lead_days) }),
            store: Arc::new(MemoryStore::new(&settings, clock.clone(), Box::new(Discard))),
            clock: clock.clone(),
            notifier: Arc::new(Silent),
            actor: Actor::new("engine").unwrap(),
            lease: TimeDelta::minutes(5),
            settings,
        };
        Self { clock, source, target, engine }
    }

    fn suffer(&self, run: &RunDay) {
        self.clock.set(at(run.day) - TimeDelta::hours(1));
        match run.foreign {
            Some(Foreign::Disable) => self.target.by_hand(PERSON, Sight::Disabled),
            Some(Foreign::Enable) => self.target.by_hand(PERSON, Sight::Enabled),
            Some(Foreign::Delete) => self.target.delete_by_hand(PERSON),
            Some(Foreign::Restore) => self.target.restore_by_hand(PERSON),
            None => {}
        }
    }

    fn run(&self, run: &RunDay) {
        let now = at(run.day);
        self.clock.set(now);
        self.read(&run.reading, now);
        if run.acknowledge_clock {
            self.say(Directive::Run(RunDirective::AcknowledgeClock(now)));
        }
        if run.release {
            // Read first, so that what others did is known, then let it go before anything is decided.
            block_on(self.engine.plan()).unwrap();
            let slot = Slot::main(TargetId::new("entra").unwrap());
            self.say(Directive::Person(PERSON.parse().unwrap(), PersonDirective::Release(slot)));
        }
        block_on(self.engine.run()).unwrap();
    }

    fn say(&self, directive: Directive) {
        block_on(self.engine.say(&Actor::new("administrator").unwrap(), directive)).unwrap();
    }

    fn read(&self, reading: &Reading, now: DateTime<Utc>) {
        // A second person without contracts, so that a reading without the first one is not an empty one.
        let others = "person 2\n";
        match reading {
            Reading::Rows(rows) => {
                let rows: String = rows.iter().map(line).collect();
                self.source.set(&format!("{others}person 1\n{rows}"), now);
            }
            Reading::PersonAbsent => self.source.set(others, now),
            Reading::PersonInvalid => self.source.set(&format!("{others}person 1\ndefect 1 something is wrong"), now),
            Reading::Outage => self.source.fail(),
        }
    }

    fn shown(&self, day: NaiveDate, past: &Past) -> Shown {
        let Some(account) = self.target.account(PERSON).filter(|account| account.presence == Presence::Live) else {
            let status = if past.id.is_some() { Status::Deleted } else { Status::NotYet };
            return Shown { day, status, groups: BTreeSet::new() };
        };
        let status = match (account.shown, past.was_used) {
            (Sight::Enabled, _) => Status::Enabled,
            (Sight::Disabled, true) => Status::Disabled,
            (Sight::Disabled, false) => Status::PreCreated,
        };
        let code = |id: &str| id.strip_prefix("department:").and_then(|code| code.parse().ok());
        let held = account.permissions.unwrap_or_default();
        Shown { day, status, groups: held.iter().filter_map(|id| code(id.as_str())).collect() }
    }
}

fn line(row: &Row) -> String {
    let last = row.last.map(|day| day.to_string()).unwrap_or_default();
    format!("contract 1 {} {}..{last} {}\n", row.contract, row.start, row.department)
}

fn at(day: NaiveDate) -> DateTime<Utc> {
    day.and_hms_opt(4, 0, 0).unwrap().and_utc()
}

fn days(days: i64) -> u32 {
    u32::try_from(days).unwrap()
}
