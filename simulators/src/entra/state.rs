//! A tenant behind its lock, and how objects are found for readers and for writers.

use std::collections::BTreeMap;
use std::fmt;

use chrono::{DateTime, TimeDelta, Utc};

use super::TenantConfig;
use super::directory::{Directory, Key, Record};
use super::errors::Refusal;
use super::path::GroupName;
use super::schema::Class;
use crate::faults::Fates;
use crate::random::Random;

pub(super) struct State {
    pub(super) config: TenantConfig,
    pub(super) directory: Directory,
    pub(super) random: Random,
    pub(super) fates: Fates,
    /// Access tokens and until when they are good.
    pub(super) tokens: BTreeMap<String, DateTime<Utc>>,
    /// Delta tokens issued before this many resets are refused.
    pub(super) resets: u32,
}

impl State {
    pub(super) fn new(config: TenantConfig) -> Self {
        Self {
            directory: Directory::new(config.zone),
            random: Random::seeded(config.seed),
            fates: Fates::default(),
            tokens: BTreeMap::new(),
            resets: 0,
            config,
        }
    }

    /// Lets time pass until `now`.
    pub(super) fn pass(&mut self, now: DateTime<Utc>) {
        let lag = TimeDelta::from_std(self.fates.faults().lag).unwrap_or(TimeDelta::MAX);
        let seen = if lag.is_zero() { DateTime::<Utc>::MAX_UTC } else { now.checked_sub_signed(lag).unwrap_or(now) };
        self.directory.pass(now, seen);
    }

    /// A live user or group as readers see it, by id or, for users, by UPN.
    pub(super) fn readable(&self, class: Class, name: &str) -> Result<(Key, &Record), Refusal> {
        let found = self.directory.by_id(name).or_else(|| self.seen_under(class, name));
        let key = found.filter(|key| self.is_of(*key, class)).ok_or_else(|| Refusal::not_found(name))?;
        let record = self.directory.seen(key).filter(|record| record.is_live());
        record.map(|record| (key, record)).ok_or_else(|| Refusal::not_found(name))
    }

    /// A live user or group as it is, by id or UPN. One that readers do not see yet is sometimes not found.
    pub(super) fn writable(&mut self, class: Class, name: &str) -> Result<Key, Refusal> {
        let found = self.directory.by_id(name).or_else(|| self.directory.holder("userPrincipalName", name));
        let key = found.filter(|key| self.is_of(*key, class)).ok_or_else(|| Refusal::not_found(name))?;
        if !self.directory.latest(key).is_some_and(Record::is_live) {
            return Err(Refusal::not_found(name));
        }
        self.arrived(key, name)?;
        Ok(key)
    }

    /// Refuses, for half of the calls, what is so fresh that readers do not see it.
    pub(super) fn arrived(&mut self, key: Key, name: &str) -> Result<(), Refusal> {
        let is_unlucky = self.directory.is_fresh(key) && self.random.number().is_multiple_of(2);
        if is_unlucky { Err(Refusal::not_found(name)) } else { Ok(()) }
    }

    pub(super) fn readable_group(&self, name: &GroupName) -> Result<(Key, &Record), Refusal> {
        match name {
            GroupName::Id(id) => self.readable(Class::Group, id),
            GroupName::Unique(unique) => {
                let key = self.directory.holder("uniqueName", unique).ok_or_else(|| Refusal::not_found(unique))?;
                let record = self.directory.seen(key).filter(|record| record.is_live());
                record.map(|record| (key, record)).ok_or_else(|| Refusal::not_found(unique))
            }
        }
    }

    pub(super) fn writable_group(&mut self, name: &GroupName) -> Result<Key, Refusal> {
        match name {
            GroupName::Id(id) => self.writable(Class::Group, id),
            GroupName::Unique(unique) => {
                let key = self.directory.holder("uniqueName", unique).ok_or_else(|| Refusal::not_found(unique))?;
                let is_live = self.directory.latest(key).is_some_and(Record::is_live);
                if !is_live {
                    return Err(Refusal::not_found(unique));
                }
                self.arrived(key, unique)?;
                Ok(key)
            }
        }
    }

    pub(super) fn is_of(&self, key: Key, class: Class) -> bool {
        self.directory.object(key).is_some_and(|object| object.class == class)
    }

    /// The user whose UPN readers see as this one: it may have changed since, and then only what happened lately is
    /// searched.
    fn seen_under(&self, class: Class, name: &str) -> Option<Key> {
        if class != Class::User {
            return None;
        }
        let directory = &self.directory;
        let bears = |key: &Key| {
            let upn = directory.seen(*key).and_then(|record| record.text("userPrincipalName"));
            upn.is_some_and(|upn| upn.to_lowercase() == name.to_lowercase())
        };
        let lately = directory.user_feed.between(directory.user_feed.until(directory.seen), directory.user_feed.last());
        directory
            .holder("userPrincipalName", name)
            .filter(bears)
            .or_else(|| lately.iter().map(|change| change.key).find(bears))
    }
}

impl fmt::Debug for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let users = self.directory.of_class(Class::User, None).len();
        let groups = self.directory.of_class(Class::Group, None).len();
        f.debug_struct("State").field("users", &users).field("groups", &groups).finish_non_exhaustive()
    }
}
