//! Somebody who watches a target from outside and writes down what it shows, knowing nothing of the engine.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use provisioning_core::AccountId;
use provisioning_core::memory::MemoryTarget;
use provisioning_core::target::{ObservedAccount, Presence, Shown};
use serde::Serialize;
use sha2::{Digest, Sha256};

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

/// One person, as watched.
#[derive(Debug, Clone)]
struct Watched {
    status: Status,
    id: Option<AccountId>,
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
    by_account: BTreeMap<AccountId, ByLength>,
    groups: BTreeSet<String>,
    mark: u64,
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
    pub fn look(&mut self, target: &MemoryTarget, day: NaiveDate) {
        let (accounts, gone, mark) = target.changes_since(self.mark);
        self.mark = mark;
        for id in gone {
            let watched = self.by_account.get(&id).and_then(|person| self.people.get_mut(person));
            if let Some(watched) = watched.filter(|watched| watched.id.as_ref() == Some(&id)) {
                watched.become_(Status::Deleted, day);
            }
        }
        for account in accounts {
            self.see(&account, day);
        }
    }

    fn see(&mut self, account: &ObservedAccount, day: NaiveDate) {
        let Some((_, key)) = account.anchor.as_deref().and_then(|anchor| anchor.split_once(':')) else { return };
        let person = ByLength::new(key);
        let Some(watched) = self.people.get_mut(&person) else { return };
        if watched.id.as_ref() != Some(&account.id) {
            watched.id = Some(account.id.clone());
            watched.was_used = false;
            self.by_account.insert(account.id.clone(), person);
        }
        let status = match (account.presence, account.shown) {
            (Presence::InBin(_), _) => Status::Deleted,
            (Presence::Live, Shown::Enabled) => Status::Enabled,
            (Presence::Live, Shown::Disabled) if watched.was_used => Status::Disabled,
            (Presence::Live, Shown::Disabled) => Status::PreCreated,
        };
        watched.was_used |= status == Status::Enabled || status == Status::Deleted;
        watched.become_(status, day);
        let held = account.permissions.iter().flatten();
        let code = |id: &str| id.strip_prefix("department:").unwrap_or(id).to_owned();
        watched.groups = held.map(|id| code(id.as_str())).collect();
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
