//! An organisation in memory: a source that says what it is told, targets that remember what they were sent, an engine.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use chrono_tz::Tz;
use futures::executor::block_on;
use provisioning_core::audit::{Directive, PersonDirective, RunDirective};
use provisioning_core::caps::Caps;
use provisioning_core::decide::{Context, World, decide};
use provisioning_core::lifecycle::Grace;
use provisioning_core::memory::{Kept, MemoryStore, MemoryTarget};
use provisioning_core::plan::Action;
use provisioning_core::policy::Permission;
use provisioning_core::target::{ObservedAccount, Presence, Shown};
use provisioning_core::testing::ScriptedSource;
use provisioning_core::wrap::{Recorded, Recording};
use provisioning_core::{
    Actor, Correlation, Engine, FieldName, Ledger, LifecycleSettings, ManualClock, Notifier, PermissionId, PersonId,
    Plan, Planned, Policy, Report, Settings, Silent, Slot, SourceConnector, TargetConnector, TargetId, TenantId,
};

use super::look::line;
use super::policy::Adjusted;

/// The organisation before it is built; by default one target, 14 days of lead, 30 of grace, no caps.
pub(crate) struct Setup {
    pub(crate) targets: Vec<&'static str>,
    pub(crate) sources: Vec<&'static str>,
    pub(crate) naming: Vec<&'static str>,
    pub(crate) correlation: Vec<Correlation>,
    pub(crate) settings: Settings,
    pub(crate) policy: Option<Arc<dyn Policy>>,
    pub(crate) first_secrets: bool,
    pub(crate) notifier: Arc<dyn Notifier>,
}

impl Default for Setup {
    fn default() -> Self {
        let mut settings = Settings::new(TenantId::new("t").unwrap(), Tz::UTC);
        settings.caps = Caps::off();
        settings.lifecycle = LifecycleSettings {
            grace: Grace { suspended_days: 30, staged_days: 30 },
            return_horizon_days: Some(14),
            ..LifecycleSettings::default()
        };
        Self {
            targets: vec!["entra"],
            sources: vec!["hr"],
            naming: vec!["user_name"],
            correlation: Vec::new(),
            settings,
            policy: None,
            first_secrets: false,
            notifier: Arc::new(Silent),
        }
    }
}

type Remembered = Arc<Recording<Arc<MemoryTarget>>>;

/// An organisation in memory.
pub(crate) struct Org {
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) source: Arc<ScriptedSource>,
    pub(crate) sources: Vec<Arc<ScriptedSource>>,
    pub(crate) target: Arc<MemoryTarget>,
    pub(crate) targets: Vec<Arc<MemoryTarget>>,
    remembered: Vec<Remembered>,
    pub(crate) kept: Kept,
    pub(crate) engine: Engine,
}

impl Setup {
    pub(crate) fn build(mut self) -> Org {
        let clock = Arc::new(ManualClock::at(at(d("2026-01-01"))));
        let naming: Vec<FieldName> = self.naming.iter().map(|name| FieldName::new(name).unwrap()).collect();
        let target = |name: &&str| {
            let target = MemoryTarget::new(TargetId::new(name).unwrap(), clock.clone(), Tz::UTC, naming.clone());
            Arc::new(if self.first_secrets { target.with_first_secrets() } else { target })
        };
        let targets: Vec<Arc<MemoryTarget>> = self.targets.iter().map(target).collect();
        let mut settings = std::mem::replace(&mut self.settings, Settings::new(TenantId::new("-").unwrap(), Tz::UTC));
        for target in &targets {
            settings = settings.with_target(target.describe(), self.correlation.clone());
        }
        let remembered: Vec<Remembered> =
            targets.iter().map(|target| Arc::new(Recording::new(Arc::clone(target)))).collect();
        let sources: Vec<_> = self.sources.iter().map(|name| Arc::new(ScriptedSource::new(name))).collect();
        let kept = Kept::default();
        let names: Vec<&str> = self.targets.clone();
        let engine = Engine {
            sources: sources.iter().map(|source| Arc::clone(source) as Arc<dyn SourceConnector>).collect(),
            targets: remembered.iter().map(|target| Arc::clone(target) as Arc<dyn TargetConnector>).collect(),
            policy: self.policy.unwrap_or_else(|| Arc::new(Adjusted::on(&names))),
            store: Arc::new(MemoryStore::new(&settings, clock.clone(), Box::new(kept.clone()))),
            clock: clock.clone(),
            notifier: self.notifier,
            actor: Actor::new("engine").unwrap(),
            lease: TimeDelta::minutes(5),
            settings,
        };
        let (source, target) = (Arc::clone(&sources[0]), Arc::clone(&targets[0]));
        Org { clock, source, sources, target, targets, remembered, kept, engine }
    }
}

impl Org {
    pub(crate) fn new() -> Self {
        Setup::default().build()
    }

    /// With other settings.
    pub(crate) fn with(change: impl FnOnce(&mut Settings)) -> Self {
        let mut setup = Setup::default();
        change(&mut setup.settings);
        setup.build()
    }

    /// With another policy.
    pub(crate) fn under(policy: impl Policy + 'static) -> Self {
        Setup { policy: Some(Arc::new(policy)), ..Setup::default() }.build()
    }

    /// The clock stands at 04:00 of a day.
    pub(crate) fn on(&self, day: &str) -> &Self {
        self.at(at(d(day)))
    }

    pub(crate) fn at(&self, now: DateTime<Utc>) -> &Self {
        self.clock.set(now);
        self
    }

    pub(crate) fn now(&self) -> DateTime<Utc> {
        self.engine.clock.now()
    }

    pub(crate) fn later(&self, by: TimeDelta) -> &Self {
        self.at(self.now() + by)
    }

    /// What the first source says from now on.
    pub(crate) fn says(&self, rows: &str) -> &Self {
        self.source.set(rows, self.now());
        self
    }

    pub(crate) fn plan(&self) -> Planned {
        block_on(self.engine.plan()).unwrap()
    }

    pub(crate) fn apply(&self, planned: Planned) -> Report {
        block_on(self.engine.apply(planned)).unwrap()
    }

    /// One run; the report.
    pub(crate) fn report(&self) -> Report {
        block_on(self.engine.run()).unwrap()
    }

    /// One run; what was sent, a line for each.
    pub(crate) fn run(&self) -> Vec<String> {
        self.report();
        self.sent().iter().map(line).collect()
    }

    /// A run each day from one to another, both included; what was sent, with the day before each line.
    pub(crate) fn daily(&self, from: &str, to: &str) -> Vec<String> {
        let days = d(from).iter_days().take_while(|day| *day <= d(to));
        days.flat_map(|day| {
            self.at(at(day));
            self.run().into_iter().map(move |line| format!("{day} {line}"))
        })
        .collect()
    }

    /// What was sent since this was last asked.
    pub(crate) fn sent(&self) -> Vec<Action> {
        let all = self.remembered.iter().flat_map(|target| target.take());
        all.filter_map(|one| if let Recorded::Sent(action) = one { Some(*action) } else { None }).collect()
    }

    pub(crate) fn say(&self, directive: Directive) {
        block_on(self.engine.say(&Actor::new("administrator").unwrap(), directive)).unwrap();
    }

    pub(crate) fn say_of(&self, key: &str, said: PersonDirective) {
        self.say(Directive::Person(person(key), said));
    }

    pub(crate) fn acknowledge_clock(&self) {
        self.say(Directive::Run(RunDirective::AcknowledgeClock(self.now())));
    }

    /// How the first target shows the account of a person.
    pub(crate) fn account(&self, key: &str) -> Option<ObservedAccount> {
        self.target.account(&format!("hr:{key}"))
    }

    pub(crate) fn id(&self, key: &str) -> String {
        self.account(key).unwrap().id.to_string()
    }

    pub(crate) fn is_enabled(&self, key: &str) -> bool {
        self.account(key).is_some_and(|it| it.presence == Presence::Live && it.shown == Shown::Enabled)
    }

    pub(crate) fn is_live(&self, key: &str) -> bool {
        self.account(key).is_some_and(|it| it.presence == Presence::Live)
    }

    /// What the account of a person holds on the first target.
    pub(crate) fn holds(&self, key: &str) -> Vec<String> {
        let held = self.account(key).and_then(|it| it.permissions).unwrap_or_default();
        held.iter().map(ToString::to_string).collect()
    }

    /// The accepted people, byte for byte, with what the roster says of the source.
    pub(crate) fn roster(&self) -> String {
        let roster = self.engine.store.roster();
        let roster = roster.read();
        let records: Vec<_> = roster.records().collect();
        let sources = self
            .engine
            .sources
            .iter()
            .map(|source| (roster.accepted(source.id()).cloned(), roster.departments(source.id()).clone()));
        serde_json::to_string(&(records, roster.revision(), sources.collect::<Vec<_>>())).unwrap()
    }

    /// Decides everybody as of now, without the engine.
    pub(crate) fn decided(&self) -> Plan {
        let ledger = self.engine.store.ledger();
        self.decided_on(&ledger.read())
    }

    /// Decides everybody as of now by what another ledger says.
    pub(crate) fn decided_on(&self, ledger: &Ledger) -> Plan {
        let store = &self.engine.store;
        let roster = store.roster();
        let roster = roster.read();
        let handles = self.engine.settings.targets.iter().map(|target| target.capabilities.target.clone());
        let handles: Vec<_> = handles.map(|target| (store.observation(&target), target)).collect();
        let guards: Vec<_> = handles.iter().map(|(handle, target)| (target.clone(), handle.read())).collect();
        let observations: BTreeMap<TargetId, _> =
            guards.iter().map(|(target, guard)| (target.clone(), &**guard)).collect();
        let everybody = roster.records().map(|record| ledger.person_of(&record.id));
        let everybody: BTreeSet<PersonId> = everybody.chain(ledger.people().map(|(id, _)| id.clone())).collect();
        let context = Context {
            settings: &self.engine.settings,
            policy: self.engine.policy.as_ref(),
            ledger,
            roster: &roster,
            observations: &observations,
        };
        let world = World { now: self.now(), people: everybody.into_iter().collect(), context };
        let revision = provisioning_core::plan::Revision {
            tenant: ledger.tenant().clone(),
            ledger: ledger.head(),
            roster: roster.revision(),
            policy: self.engine.policy.version(),
        };
        Plan::new(decide(&world), revision, world.now, &self.engine.settings)
    }
}

/// A day.
pub(crate) fn d(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

/// 04:00 of a day.
pub(crate) fn at(day: NaiveDate) -> DateTime<Utc> {
    day.and_hms_opt(4, 0, 0).unwrap().and_utc()
}

/// The person with a key in `hr`.
pub(crate) fn person(key: &str) -> PersonId {
    format!("hr:{key}").parse().unwrap()
}

pub(crate) fn main_of(target: &str) -> Slot {
    Slot::main(TargetId::new(target).unwrap())
}

/// A permission that the engine may create.
pub(crate) fn permission(id: &str) -> Permission {
    let resource = Some(provisioning_core::policy::ResourceSpec { name: id.to_owned(), owner: Vec::new() });
    Permission {
        id: PermissionId::new(id).unwrap(),
        class: provisioning_core::policy::PermissionClass::Ordinary,
        resource,
    }
}
