//! The world of the tour: an AFAS environment, an Entra tenant, the engine between them, and whoever has a hand in them.

use std::error::Error;
use std::fs::File;
use std::future::Future;
use std::io::BufWriter;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use chrono::TimeDelta;
use chrono_tz::Europe::Amsterdam;
use provisioning_core::audit::{Directive, PersonDirective, Sealed};
use provisioning_core::lifecycle::Grace;
use provisioning_core::{
    Actor, Clock, Engine, LifecycleSettings, ManualClock, PersonId, Planned, Report, Settings, Silent, Slot, SourceId,
    TargetConnector, TargetId, TenantId,
};
use rules::RuleSet;
use simulators::Simulator;
use simulators::afas::{Environment, Rows};
use simulators::entra::{Presence, Tenant, UserShown};
use simulators::log::Counts;
use simulators::organisation::Organisation;
use store_sql::SqlStore;
use tempfile::TempDir;
use tokio::runtime::{Builder, Runtime};

use crate::ends;
use crate::naming::Named;
use crate::tour::calendar::{Event, Hour, Moment, day, instant};
use crate::tour::stop;
use crate::wires::Wire;

pub(super) type Outcome<T> = Result<T, Box<dyn Error>>;

/// How long the right to commit lasts.
const LEASE: TimeDelta = TimeDelta::minutes(10);

/// How the engine reaches both ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// Over HTTP, on ports of this machine.
    OverHttp,
    /// By calling them.
    InProcess,
}

/// The systems, the engine and the time.
#[derive(Debug)]
pub struct World {
    runtime: Runtime,
    /// The time, for all of them.
    pub clock: Arc<ManualClock>,
    /// Where people come from.
    pub afas: Environment,
    /// Where accounts are.
    pub entra: Tenant,
    /// What stands between them.
    pub engine: Engine,
    /// Where everybody's account is.
    pub slot: Slot,
    store: Arc<SqlStore>,
    /// To AFAS and to Entra.
    wires: [Wire; 2],
    /// Where the ledger is; it is gone with the world.
    folder: TempDir,
}

impl World {
    /// The world on the eve of a year.
    ///
    /// # Errors
    /// When this machine lets nobody listen on it, or has no room for a file.
    pub fn new(organisation: &Organisation, reach: Reach) -> Outcome<Self> {
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let clock = Arc::new(ManualClock::at(instant((day(1, 1), Hour::Morning))));
        let (afas, entra) = (ends::environment(&clock), ends::tenant(&clock, Amsterdam));
        afas.load(Rows::of(organisation));
        let wires = [wire(&runtime, &afas, reach)?, wire(&runtime, &entra, reach)?];
        let folder = TempDir::with_prefix("tour-")?;
        let (engine, store) = runtime.block_on(engine(&wires, &clock, folder.path()))?;
        let slot = Slot::main(TargetId::new("entra")?);
        Ok(Self { runtime, clock, afas, entra, engine, slot, store, wires, folder })
    }

    /// Begins to apply a plan and is stopped half-way; then there is another engine, which has nothing of the first but
    /// the file.
    ///
    /// # Errors
    /// When the plan is done before that, or the file cannot be opened.
    pub fn stop(self, planned: Planned) -> Outcome<Self> {
        let Self { runtime, clock, afas, entra, engine: first, slot, store, wires, folder } = self;
        runtime.block_on(stop::halfway(&first, planned))?;
        drop((first, store));
        let (engine, store) = runtime.block_on(engine(&wires, &clock, folder.path()))?;
        Ok(Self { runtime, clock, afas, entra, engine, slot, store, wires, folder })
    }

    /// Closes the ledger and leaves nothing behind.
    ///
    /// # Errors
    /// When the folder cannot be removed.
    pub fn end(self) -> Outcome<()> {
        let Self { runtime, engine, store, folder, .. } = self;
        drop(engine);
        if let Some(store) = Arc::into_inner(store) {
            runtime.block_on(store.close())?;
        }
        Ok(folder.close()?)
    }

    /// Lets time come to a run; it never goes back.
    pub fn come_to(&self, moment: Moment) {
        self.clock.set(instant(moment).max(self.clock.now()));
    }

    /// Reads and plans.
    ///
    /// # Errors
    /// When the store refuses.
    pub fn plan(&self) -> Outcome<Planned> {
        Ok(self.wait_for(self.engine.plan())?)
    }

    /// Applies a plan.
    ///
    /// # Errors
    /// When the plan is stale or the store refuses.
    pub fn apply(&self, planned: Planned) -> Outcome<Report> {
        Ok(self.wait_for(self.engine.apply(planned))?)
    }

    /// The whole audit, from the file.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn audit(&self) -> Outcome<Vec<Sealed>> {
        Ok(self.wait_for(self.store.audit(0, usize::MAX))?)
    }

    /// Writes the whole audit to a file beside the ledger.
    ///
    /// # Errors
    /// When that file cannot be written or the ledger's cannot be read.
    pub fn export(&self) -> Outcome<PathBuf> {
        let path = self.folder.path().join("audit.jsonl");
        let mut file = BufWriter::new(File::create(&path)?);
        self.wait_for(self.store.export(&mut file))?;
        Ok(path)
    }

    fn wait_for<T>(&self, what: impl Future<Output = T>) -> T {
        self.runtime.block_on(what)
    }

    /// Lets something happen.
    ///
    /// # Errors
    /// When it names somebody who does not exist.
    pub fn happen(&self, event: &Event) -> Outcome<()> {
        match event {
            Event::Hire(employee) => self.afas.hire_employee(employee),
            Event::NewLine(key, line) => self.afas.write_line(key, line)?,
            Event::LastDay(key, last) => self.afas.last_day(key, Some(*last))?,
            Event::Remove(key) => self.afas.remove(key)?,
            Event::Surname(key, surname) => self.afas.rename(key, surname)?,
            Event::Found(department) => self.afas.found(department),
            Event::Rows(rows) => self.afas.switch(|switches| switches.rows = *rows),
            Event::DisabledByHand(key) => {
                let account = self.account(&person(key)?).ok_or("nobody has an account by that key")?;
                self.entra.disable(&account.id)?;
            }
            Event::Released(key) => {
                self.say("administrator", about(key, PersonDirective::Release(self.slot.clone()))?)?;
            }
            Event::Blocked(key) => self.say("security officer", about(key, PersonDirective::Block)?)?,
            Event::Approved => {
                let approval = self.plan()?.approved.approval().ok_or("nothing is held back that could be approved")?;
                self.say("administrator", Directive::Run(approval))?;
            }
        }
        Ok(())
    }

    fn say(&self, actor: &str, directive: Directive) -> Outcome<()> {
        Ok(self.wait_for(self.engine.say(&Actor::new(actor)?, directive))?)
    }

    fn account(&self, person: &PersonId) -> Option<UserShown> {
        let ledger = self.engine.store.ledger();
        let ledger = ledger.read();
        let id = ledger.account(&ledger.key(person, &self.slot))?.id.clone()?;
        self.entra.user(id.as_str())
    }

    /// How many accounts can be used.
    #[must_use]
    pub fn in_use(&self) -> usize {
        self.entra.users().iter().filter(|user| user.presence == Presence::Live && user.enabled).count()
    }

    /// What both ends were asked so far: AFAS first.
    #[must_use]
    pub fn asked(&self) -> [Counts; 2] {
        [self.afas.requests().counts(), self.entra.requests().counts()]
    }
}

/// An engine between both ends, with its ledger in a folder.
async fn engine(
    [to_afas, to_entra]: &[Wire; 2],
    clock: &Arc<ManualClock>,
    folder: &Path,
) -> Outcome<(Engine, Arc<SqlStore>)> {
    let id = TargetId::new("entra")?;
    let source = Arc::new(ends::afas(SourceId::new("afas")?, to_afas, clock)?);
    let target = Arc::new(ends::entra(id.clone(), to_entra, clock, Amsterdam)?);
    let mut settings = Settings::new(TenantId::new("tour")?, Amsterdam).with_target(target.describe(), Vec::new());
    let grace = Grace { suspended_days: 30, staged_days: 30 };
    settings.lifecycle = LifecycleSettings { grace, ..LifecycleSettings::default() };
    let store = Arc::new(SqlStore::sqlite(&folder.join("ledger.db"), &settings, clock.clone()).await?);
    let engine = Engine {
        sources: vec![source],
        targets: vec![target],
        policy: Arc::new(Named(RuleSet::standard(&id, 14)?)),
        store: store.clone(),
        clock: clock.clone(),
        notifier: Arc::new(Silent),
        actor: Actor::new("engine")?,
        lease: LEASE,
        settings,
    };
    Ok((engine, store))
}

fn wire(runtime: &Runtime, simulator: &impl Simulator, reach: Reach) -> Outcome<Wire> {
    match reach {
        Reach::InProcess => Ok(Wire::in_process(simulator.clone())),
        Reach::OverHttp => Ok(runtime.block_on(Wire::over_http(simulator.clone()))?),
    }
}

fn about(key: &str, what: PersonDirective) -> Outcome<Directive> {
    Ok(Directive::Person(person(key)?, what))
}

/// The person whom HR knows by a key.
///
/// # Errors
/// When nobody can be known by it.
pub fn person(key: &str) -> Outcome<PersonId> {
    Ok(format!("afas:{key}").parse()?)
}
