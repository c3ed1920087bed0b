//! Somebody who watches a target from outside and writes down what it shows, knowing nothing of the engine.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use chrono::NaiveDate;
use provisioning_core::memory::MemoryTarget;
use provisioning_core::target::{Presence, Shown};
use serde::Serialize;
use sha2::{Digest, Sha256};
use simulators::entra::{self, Tenant};

/// What a target shows of a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// No account, and there never was one.
    NotYet,
    /// An account that was never enabled.
    PreCreated,
    /// An account that can be used.
    Enabled,
    /// An account that cannot be used, and could once or was deleted once.
    Disabled,
    /// No account, and there was one.
    Deleted,
}

impl Status {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::NotYet, Self::PreCreated, Self::Enabled, Self::Disabled, Self::Deleted];
}

/// A target that somebody can look into without asking it anything.
pub trait Window {
    /// The accounts that changed since the last look, as they are now.
    fn changes(&mut self) -> Vec<Sight>;
}

/// An account as it can be seen from outside.
#[derive(Debug, Clone)]
pub struct Sight {
    /// The target's id of it.
    pub id: String,
    /// The text that tells whose it is; none once it is gone for good.
    pub anchor: Option<String>,
    /// Whether it is there, and can be used.
    pub state: Option<Shown>,
    /// Its groups, as permissions call them.
    pub groups: BTreeSet<String>,
}

/// A look into a target in memory.
#[derive(Debug)]
pub struct MemoryWindow {
    target: Arc<MemoryTarget>,
    mark: u64,
}

impl MemoryWindow {
    /// Nothing was seen yet.
    #[must_use]
    pub fn onto(target: Arc<MemoryTarget>) -> Self {
        Self { target, mark: 0 }
    }
}

impl Window for MemoryWindow {
    fn changes(&mut self) -> Vec<Sight> {
        let (accounts, gone, mark) = self.target.changes_since(self.mark);
        self.mark = mark;
        let nothing = |id: provisioning_core::AccountId| Sight {
            id: id.to_string(),
            anchor: None,
            state: None,
            groups: BTreeSet::new(),
        };
        let seen = accounts.into_iter().map(|account| Sight {
            id: account.id.to_string(),
            state: (account.presence == Presence::Live).then_some(account.shown),
            groups: account.permissions.iter().flatten().map(ToString::to_string).collect(),
            anchor: account.anchor,
        });
        gone.into_iter().map(nothing).chain(seen).collect()
    }
}

/// A look into a simulated tenant.
#[derive(Debug)]
pub struct TenantWindow {
    tenant: Tenant,
    mark: entra::Mark,
}

impl TenantWindow {
    /// Nothing was seen yet.
    #[must_use]
    pub fn onto(tenant: Tenant) -> Self {
        Self { tenant, mark: entra::Mark::default() }
    }
}

impl Window for TenantWindow {
    fn changes(&mut self) -> Vec<Sight> {
        let changes = self.tenant.changes_since(self.mark);
        self.mark = changes.mark;
        let seen = changes.users.into_iter().map(|user| {
            let is_live = user.presence == entra::Presence::Live;
            Sight {
                anchor: user.properties.get(ANCHOR).and_then(|anchor| anchor.as_str()).map(str::to_owned),
                state: is_live.then_some(if user.enabled { Shown::Enabled } else { Shown::Disabled }),
                groups: user.groups.into_iter().map(|(id, name)| name.unwrap_or(id)).collect(),
                id: user.id,
            }
        });
        seen.collect()
    }
}

/// Where the standard settings of a directory as a target put the anchor.
const ANCHOR: &str = "onPremisesExtensionAttributes.extensionAttribute15";

/// One person, as watched.
#[derive(Debug, Clone)]
struct Watched {
    status: Status,
    id: Option<String>,
    was_used: bool,
    groups: BTreeSet<String>,
    changes: Vec<(NaiveDate, Status)>,
}

/// Ids ordered by length, then text, as numbers would be.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct ByLength(usize, String);

impl ByLength {
    fn new(id: &str) -> Self {
        Self(id.chars().count(), id.to_owned())
    }
}

/// Somebody who watches a target.
#[derive(Debug, Default)]
pub struct Watcher {
    people: BTreeMap<ByLength, Watched>,
    by_account: BTreeMap<String, ByLength>,
    groups: BTreeSet<String>,
}

/// What the target shows on one day.
#[derive(Debug, Serialize)]
pub struct Sample {
    date: NaiveDate,
    states: BTreeMap<Status, usize>,
    group_members: BTreeMap<String, usize>,
    ids_sha256: BTreeMap<Status, String>,
    group_ids_sha256: BTreeMap<String, String>,
}

impl Watcher {
    /// Watches for these people and groups, whether the target shows them or not.
    #[must_use]
    pub fn new<'a>(people: impl IntoIterator<Item = &'a str>, groups: impl IntoIterator<Item = String>) -> Self {
        let nobody = || Watched {
            status: Status::NotYet,
            id: None,
            was_used: false,
            groups: BTreeSet::new(),
            changes: Vec::new(),
        };
        let people = people.into_iter().map(|id| (ByLength::new(id), nobody())).collect();
        Self { people, groups: groups.into_iter().collect(), ..Self::default() }
    }

    /// Looks at what changed on the target, at the end of a day.
    pub fn look(&mut self, target: &mut dyn Window, day: NaiveDate) {
        for sight in target.changes() {
            self.see(sight, day);
        }
    }

    fn see(&mut self, sight: Sight, day: NaiveDate) {
        let key = sight.anchor.as_deref().and_then(|anchor| anchor.split_once(':')).map(|(_, key)| ByLength::new(key));
        let Some(person) = key.or_else(|| self.by_account.get(&sight.id).cloned()) else { return };
        let Some(watched) = self.people.get_mut(&person) else { return };
        let is_known = watched.id.as_ref() == Some(&sight.id);
        if sight.state.is_none() && !is_known && watched.id.is_some() {
            // An older account of somebody who has another one by now.
            return;
        }
        if !is_known {
            watched.id = Some(sight.id.clone());
            watched.was_used = false;
            self.by_account.insert(sight.id, person);
        }
        let status = match sight.state {
            None => Status::Deleted,
            Some(Shown::Enabled) => Status::Enabled,
            Some(Shown::Disabled) if watched.was_used => Status::Disabled,
            Some(Shown::Disabled) => Status::PreCreated,
        };
        watched.was_used |= status == Status::Enabled || status == Status::Deleted;
        watched.become_(status, day);
        if status == Status::Deleted {
            return;
        }
        let code = |id: String| id.strip_prefix("department:").map(str::to_owned).unwrap_or(id);
        watched.groups = sight.groups.into_iter().map(code).collect();
        self.groups.extend(watched.groups.iter().cloned());
    }

    /// What the target shows now.
    #[must_use]
    pub fn sample(&self, date: NaiveDate) -> Sample {
        let mut states: BTreeMap<Status, Tally> =
            Status::ALL.into_iter().map(|state| (state, Tally::default())).collect();
        let mut groups: BTreeMap<&str, Tally> =
            self.groups.iter().map(|group| (group.as_str(), Tally::default())).collect();
        for (ByLength(_, id), watched) in &self.people {
            states.entry(watched.status).or_default().count(id);
            for group in &watched.groups {
                groups.entry(group).or_default().count(id);
            }
        }
        Sample {
            date,
            states: states.iter().map(|(state, tally)| (*state, tally.count)).collect(),
            group_members: groups.iter().map(|(group, tally)| ((*group).to_owned(), tally.count)).collect(),
            ids_sha256: states.into_iter().map(|(state, tally)| (state, tally.hash())).collect(),
            group_ids_sha256: groups.into_iter().map(|(group, tally)| (group.to_owned(), tally.hash())).collect(),
        }
    }

    /// One line a person, in order of id: the days on which the status became another one.
    pub fn timeline(&self) -> impl Iterator<Item = String> {
        #[derive(Serialize)]
        struct Line<'a> {
            id: &'a str,
            states: &'a [(NaiveDate, Status)],
        }
        let line = |(ByLength(_, id), watched): (&ByLength, &Watched)| {
            serde_json::to_string(&Line { id, states: &watched.changes }).unwrap_or_default()
        };
        self.people.iter().map(line)
    }
}

impl Watched {
    fn become_(&mut self, status: Status, day: NaiveDate) {
        if self.status != status {
            self.status = status;
            self.changes.push((day, status));
        }
        if status == Status::Deleted {
            self.groups.clear();
        }
    }
}

/// How many ids, and the hash over them.
#[derive(Default)]
struct Tally {
    count: usize,
    hasher: Sha256,
}

impl Tally {
    fn count(&mut self, id: &str) {
        self.count += 1;
        self.hasher.update(id.as_bytes());
        self.hasher.update(b"\n");
    }

    fn hash(self) -> String {
        provisioning_core::Digest(self.hasher.finalize().into()).to_string()
    }
}
