//! What crash tests share: an organisation of fifty people, the days on which a run is ended half-way, and how to tell
//! whether all ended as it should.

use std::collections::BTreeMap;
use std::error::Error;
use std::sync::Arc;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use chrono_tz::Europe::Amsterdam;
use provisioning_core::caps::Caps;
use provisioning_core::ledger::Ledger;
use provisioning_core::lifecycle::Grace;
use provisioning_core::{
    Actor, Clock, Engine, ManualClock, Settings, Silent, SourceId, Store, StoreError, TargetConnector, TargetId,
    TenantId,
};
use rules::RuleSet;
use simulators::afas::{Environment, Rows};
use simulators::entra::{Presence, Tenant, UserShown};
use simulators::organisation::{Dice, Line, Organisation};

use crate::ends;
use crate::naming::Named;
use crate::wires::Wire;

/// How long the right to commit lasts.
pub const LEASE: TimeDelta = TimeDelta::minutes(5);

/// Where the account says whose it is.
const ANCHOR: &str = "onPremisesExtensionAttributes.extensionAttribute15";

/// A run that is ended half-way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Act {
    /// Fifty people are hired: groups, accounts, memberships.
    Opening,
    /// Six weeks later everything happens at once: leavers, the end of a grace, movers, new names, hires, a return.
    Reshuffle,
}

/// The two systems, with everybody in them who is there before a run.
#[derive(Debug)]
pub struct Town {
    /// The time.
    pub clock: Arc<ManualClock>,
    /// Where people come from.
    pub afas: Environment,
    /// Where accounts are.
    pub entra: Tenant,
    organisation: Organisation,
}

impl Default for Town {
    fn default() -> Self {
        Self::new()
    }
}

impl Town {
    /// The town before its first run.
    #[must_use]
    pub fn new() -> Self {
        let clock = Arc::new(ManualClock::at(instant(3, 1)));
        let (afas, entra) = (ends::environment(&clock), ends::tenant(&clock, Amsterdam));
        let mut organisation = Organisation::of_size(&mut Dice::new(50), day(3, 1), 50);
        // Whoever leaves in March is deleted in April, or comes back.
        for key in ["1007", "1013", "1019"] {
            if let Some(line) = organisation.employee(key).and_then(|employee| employee.lines.first_mut()) {
                line.last = Some(day(3, 10));
            }
        }
        afas.load(Rows::of(&organisation));
        Self { clock, afas, entra, organisation }
    }

    /// Lets the days go by up to the run of an act.
    ///
    /// # Errors
    /// When a run before it fails.
    pub fn come_to(&self, act: Act, mut run: impl FnMut() -> Result<(), Box<dyn Error>>) -> Result<(), Box<dyn Error>> {
        self.clock.set(instant(3, 1));
        if act == Act::Opening {
            return Ok(());
        }
        // Often enough for the clock to be trusted.
        for (month, of) in [(3, 1), (3, 11), (3, 28)] {
            self.clock.set(instant(month, of));
            run()?;
        }
        self.clock.set(instant(4, 15));
        self.reshuffle()
    }

    fn reshuffle(&self) -> Result<(), Box<dyn Error>> {
        let keys: Vec<&str> = self.organisation.employees.iter().map(|employee| employee.key.as_str()).collect();
        let some = |from: usize| keys.iter().skip(from).step_by(9).take(4).copied();
        for key in some(1) {
            self.afas.last_day(key, Some(day(4, 14)))?;
        }
        for key in some(2) {
            self.afas.last_day(key, Some(day(4, 14)))?;
            self.afas.write_line(key, &Line::open("MKT", "Specialist", day(4, 15)))?;
        }
        for (number, key) in some(3).enumerate() {
            self.afas.rename(key, &format!("Nieuwenhuis{number}"))?;
        }
        self.afas.write_line("1019", &Line::open("IT", "Specialist", day(4, 20)))?;
        let mut organisation = self.organisation.clone();
        for (given, first) in [("Ada", day(4, 15)), ("Ben", day(4, 1)), ("Cleo", day(4, 22))] {
            let hire = organisation.named(given, "Nieuw", Line::open("SALES", "Employee", first));
            self.afas.hire_employee(&hire);
        }
        Ok(())
    }

    /// Runs after a run that was ended: when its lease is over, and when what it did can be told by a reading.
    #[must_use]
    pub fn resumptions(&self) -> [DateTime<Utc>; 2] {
        let now = self.clock.now();
        [now + TimeDelta::minutes(10), now + TimeDelta::minutes(70)]
    }

    /// What is there in the end, a line for each thing, without what chance gave it.
    #[must_use]
    pub fn end(&self, ledger: &Ledger) -> Vec<String> {
        let users = self.entra.users();
        let mut lines: Vec<String> = users.iter().map(shown).collect();
        let groups = self.entra.groups();
        lines.extend(groups.iter().map(|group| format!("group {:?} {}", group.unique_name, group.display_name)));
        for (person, entry) in ledger.people() {
            for (slot, account) in entry.accounts.iter() {
                let grants: Vec<String> = account.grants.iter().map(|(id, _)| id.to_string()).collect();
                let state = (account.lifecycle, account.unwanted_since, account.open, &account.marks, &account.others);
                lines.push(format!("ledger {person} {} {state:?} {}", slot.target, grants.join(" ")));
            }
        }
        lines.extend(ledger.open().map(|(_, intent)| format!("open {:?}", intent.id)));
        lines.sort();
        lines
    }

    /// Anchors that more than one account bears.
    #[must_use]
    pub fn duplicates(&self) -> Vec<String> {
        let mut bearers: BTreeMap<String, usize> = BTreeMap::new();
        for user in self.entra.users() {
            *bearers.entry(anchor(&user)).or_default() += 1;
        }
        bearers.into_iter().filter(|(_, count)| *count > 1).map(|(anchor, _)| anchor).collect()
    }
}

fn shown(user: &UserShown) -> String {
    let groups: Vec<String> = user.groups.values().flatten().cloned().collect();
    let place = if user.presence == Presence::Live { "live" } else { "in the bin" };
    let named = user.properties.get("displayName").and_then(|name| name.as_str()).unwrap_or_default();
    let name = if user.presence == Presence::Live { user.upn.as_str() } else { "" };
    format!("user {} {place} enabled {} {name} `{named}` {}", anchor(user), user.enabled, groups.join(" "))
}

fn anchor(user: &UserShown) -> String {
    user.properties.get(ANCHOR).and_then(|anchor| anchor.as_str()).unwrap_or_default().to_owned()
}

/// What a tenant's ledger is opened with.
///
/// # Errors
/// Only when a name is spelt wrongly.
pub fn settings(target: &dyn TargetConnector) -> Result<Settings, Box<dyn Error>> {
    let mut settings = Settings::new(TenantId::new("ordeal")?, Amsterdam).with_target(target.describe(), Vec::new());
    settings.caps = Caps::off();
    settings.lifecycle.grace = Grace { suspended_days: 30, staged_days: 30 };
    Ok(settings)
}

/// An engine between the two systems at the ends of these wires, the first of which leads to AFAS.
///
/// # Errors
/// When the store cannot be opened.
pub async fn engine<S: Store + 'static>(
    [to_afas, to_entra]: [&Wire; 2],
    clock: &Arc<ManualClock>,
    holder: &str,
    open: impl AsyncFnOnce(Settings, Arc<dyn Clock>) -> Result<S, StoreError>,
) -> Result<Engine, Box<dyn Error>> {
    let id = TargetId::new("entra")?;
    let source = Arc::new(ends::afas(SourceId::new("afas")?, to_afas, clock)?);
    let target = Arc::new(ends::entra(id.clone(), to_entra, clock, Amsterdam)?);
    let settings = settings(target.as_ref())?;
    Ok(Engine {
        sources: vec![source],
        targets: vec![target],
        policy: Arc::new(Named(RuleSet::standard(&id, 14)?)),
        store: Arc::new(open(settings.clone(), clock.clone()).await?),
        clock: clock.clone(),
        notifier: Arc::new(Silent),
        actor: Actor::new(holder)?,
        lease: LEASE,
        settings,
    })
}

fn day(month: u32, day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, month, day).unwrap_or_default()
}

/// Five in the morning.
fn instant(month: u32, of: u32) -> DateTime<Utc> {
    day(month, of).and_hms_opt(5, 0, 0).unwrap_or_default().and_utc()
}
