//! Plays a history to the real engine, with a source, a target and a store in memory.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
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

use crate::crowd::Crowd;
use crate::oracle::{Foreign, History, Policy, Reading, Row, RunDay, Shown, Status};

/// What the target shows after each run.
pub(crate) fn replayed(history: &History) -> Vec<Shown> {
    let play = Play::new(&history.policy);
    let mut past = Past::default();
    let one = |run: &RunDay| {
        play.suffer(run);
        past.see(play.target.account(PERSON).as_ref());
        play.run(run);
        let account = play.target.account(PERSON);
        past.see(account.as_ref());
        past.shown(account.as_ref(), run.day)
    };
    history.runs.iter().map(one).collect()
}

/// What the target shows of each of a crowd, who all live in one engine, whenever it changes.
pub(crate) fn played(crowd: &Crowd) -> BTreeMap<&str, Vec<Shown>> {
    let play = Play::new(&crowd.policy);
    let rows = crowd.people.iter().fold(String::new(), |text, (key, rows)| text + &lines(key, rows));
    let mut watched: BTreeMap<&str, (Past, Vec<Shown>)> = BTreeMap::new();
    let mut mark = 0;
    for (count, day) in crowd.days().enumerate() {
        play.clock.set(at(day));
        if count % 6 == 0 {
            // A reading counts for seven days; making one of text takes longer than a run.
            play.source.set(&rows, at(day));
        }
        let report = block_on(play.engine.run()).unwrap();
        assert!(report.plan.refusals.is_empty() && report.failed.is_empty(), "{report}");
        let (accounts, _, next) = play.target.changes_since(mark);
        mark = next;
        for account in accounts {
            let key = account.anchor.as_deref().and_then(|anchor| anchor.strip_prefix("hr:")).unwrap();
            let (key, _) = crowd.people.get_key_value(key).unwrap();
            let (past, changes) = watched.entry(key).or_default();
            past.see(Some(&account));
            changes.push(past.shown(Some(&account), day));
        }
    }
    watched.into_iter().map(|(key, (_, changes))| (key, changes)).collect()
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

    fn shown(&self, account: Option<&ObservedAccount>, day: NaiveDate) -> Shown {
        let Some(account) = account.filter(|account| account.presence == Presence::Live) else {
            let status = if self.id.is_some() { Status::Deleted } else { Status::NotYet };
            return Shown { day, status, groups: BTreeSet::new() };
        };
        let status = match (account.shown, self.was_used) {
            (Sight::Enabled, _) => Status::Enabled,
            (Sight::Disabled, true) => Status::Disabled,
            (Sight::Disabled, false) => Status::PreCreated,
        };
        let code = |id: &str| id.strip_prefix("department:").and_then(|code| code.parse().ok());
        let held = account.permissions.iter().flatten();
        Shown { day, status, groups: held.filter_map(|id| code(id.as_str())).collect() }
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
                self.source.set(&format!("{others}{}", lines("1", rows)), now);
            }
            Reading::PersonAbsent => self.source.set(others, now),
            Reading::PersonInvalid => self.source.set(&format!("{others}person 1\ndefect 1 something is wrong"), now),
            Reading::Outage => self.source.fail(),
        }
    }
}

fn lines(person: &str, rows: &[Row]) -> String {
    let mut text = format!("person {person}\n");
    for Row { contract, start, last, department } in rows {
        let last = last.map(|day| day.to_string()).unwrap_or_default();
        writeln!(text, "contract {person} {person}-{contract} {start}..{last} {department}").unwrap();
    }
    text
}

fn at(day: NaiveDate) -> DateTime<Utc> {
    day.and_hms_opt(4, 0, 0).unwrap().and_utc()
}

fn days(days: i64) -> u32 {
    u32::try_from(days).unwrap()
}
