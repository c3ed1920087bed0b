//! What the tenant holds: users and groups, alive or deleted, and who is in which group.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::{DateTime, Days, NaiveDate, SecondsFormat, Utc};
use chrono_tz::Tz;
use serde_json::Value;

use super::feed::Feed;
use super::history::History;
use super::schema::{Class, Values};

/// How long a deleted object can be restored: deleted on D, until D + 29 (graph.md 1.7).
const BIN_DAYS: u64 = 30;

/// Where an object stands, in the order in which objects were made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
pub(super) struct Key(usize);

/// Whether an object is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Presence {
    Live,
    Deleted(DateTime<Utc>),
    Gone,
}

/// What is known of an object.
#[derive(Debug, Clone)]
pub(super) struct Record {
    values: BTreeMap<&'static str, Dated>,
    pub(super) presence: Presence,
    /// The number of the change that made, deleted or restored it.
    pub(super) turned: usize,
}

#[derive(Debug, Clone)]
struct Dated {
    value: Value,
    number: usize,
}

impl Record {
    pub(super) fn value(&self, name: &str) -> Option<&Value> {
        self.values.get(name).map(|dated| &dated.value).filter(|value| !value.is_null())
    }

    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.value(name).and_then(Value::as_str)
    }

    /// Whether a property changed after a number of the feed.
    pub(super) fn changed(&self, name: &str, after: usize) -> bool {
        self.values.get(name).is_some_and(|dated| dated.number > after)
    }

    pub(super) fn is_live(&self) -> bool {
        self.presence == Presence::Live
    }

    /// All that it holds, without what was taken away.
    pub(super) fn values(&self) -> impl Iterator<Item = (&'static str, &Value)> {
        self.values.iter().map(|(name, dated)| (*name, &dated.value)).filter(|(_, value)| !value.is_null())
    }
}

#[derive(Debug)]
pub(super) struct Object {
    pub(super) id: String,
    pub(super) class: Class,
    pub(super) history: History<Record>,
    /// Of a group: who is in it, or was.
    members: BTreeMap<Key, History<bool>>,
    /// The groups that it is in, or was.
    groups: BTreeSet<Key>,
    /// Of a group: whose it was made.
    owners: BTreeSet<Key>,
}

/// All objects of a tenant.
#[derive(Debug)]
pub(super) struct Directory {
    zone: Tz,
    pub(super) now: DateTime<Utc>,
    /// Readers see what was there at this instant.
    pub(super) seen: DateTime<Utc>,
    objects: Vec<Object>,
    users: Vec<Key>,
    groups: Vec<Key>,
    ids: HashMap<String, Key>,
    /// Who holds a value that no other may have, by property and value without case; deleted objects hold theirs too.
    holders: HashMap<(&'static str, String), Key>,
    /// What is deleted, by the first day on which it is gone.
    bin: BTreeSet<(NaiveDate, Key)>,
    pub(super) user_feed: Feed,
    pub(super) group_feed: Feed,
}

impl Directory {
    pub(super) fn new(zone: Tz) -> Self {
        Self {
            zone,
            now: DateTime::UNIX_EPOCH,
            seen: DateTime::UNIX_EPOCH,
            objects: Vec::new(),
            users: Vec::new(),
            groups: Vec::new(),
            ids: HashMap::new(),
            holders: HashMap::new(),
            bin: BTreeSet::new(),
            user_feed: Feed::default(),
            group_feed: Feed::default(),
        }
    }

    /// Lets time pass: what has been in the recycle bin for its days is gone.
    pub(super) fn pass(&mut self, now: DateTime<Utc>, seen: DateTime<Utc>) {
        (self.now, self.seen) = (now, seen);
        while let Some((gone_on, key)) = self.bin.first().copied()
            && gone_on <= self.day(now)
        {
            self.turn(key, Presence::Gone);
        }
    }

    /// The civil day of an instant, in the zone of the tenant.
    pub(super) fn day(&self, instant: DateTime<Utc>) -> NaiveDate {
        instant.with_timezone(&self.zone).date_naive()
    }

    pub(super) fn object(&self, key: Key) -> Option<&Object> {
        self.objects.get(key.0)
    }

    pub(super) fn latest(&self, key: Key) -> Option<&Record> {
        self.object(key).map(|object| object.history.latest())
    }

    /// An object as readers see it.
    pub(super) fn seen(&self, key: Key) -> Option<&Record> {
        self.object(key).and_then(|object| object.history.at(self.seen))
    }

    /// Whether the latest turn of an object (made, deleted, restored) is not shown to readers yet.
    pub(super) fn is_fresh(&self, key: Key) -> bool {
        let shown = self.seen(key).map(|record| record.turned);
        shown != self.latest(key).map(|record| record.turned)
    }

    /// All objects of a class after one of them, in the order in which they were made.
    pub(super) fn of_class(&self, class: Class, after: Option<Key>) -> &[Key] {
        let keys = match class {
            Class::User => &self.users,
            Class::Group => &self.groups,
        };
        let start = after.map_or(0, |after| keys.partition_point(|key| *key <= after));
        keys.get(start..).unwrap_or_default()
    }

    pub(super) fn feed(&self, class: Class) -> &Feed {
        match class {
            Class::User => &self.user_feed,
            Class::Group => &self.group_feed,
        }
    }

    /// What is deleted, the longest first.
    pub(super) fn bin(&self) -> impl Iterator<Item = Key> {
        self.bin.iter().map(|(_, key)| *key)
    }

    pub(super) fn by_id(&self, id: &str) -> Option<Key> {
        self.ids.get(id).copied().or_else(|| self.ids.get(&id.to_lowercase()).copied())
    }

    /// Who holds a value that no other may have.
    pub(super) fn holder(&self, property: &'static str, value: &str) -> Option<Key> {
        self.holders.get(&(property, value.to_lowercase())).copied()
    }

    pub(super) fn create(&mut self, class: Class, id: String, mut values: Values) -> Key {
        let key = Key(self.objects.len());
        let number = self.happened(class, key);
        values.insert("id", Value::String(id.clone()));
        values.insert("createdDateTime", instant(self.now));
        let values = values.into_iter().map(|(name, value)| (name, Dated { value, number })).collect();
        let record = Record { values, presence: Presence::Live, turned: number };
        self.hold(key, &record);
        self.ids.insert(id.clone(), key);
        match class {
            Class::User => self.users.push(key),
            Class::Group => self.groups.push(key),
        }
        let history = History::begin(self.now, record);
        let (members, groups, owners) = (BTreeMap::new(), BTreeSet::new(), BTreeSet::new());
        self.objects.push(Object { id, class, history, members, groups, owners });
        key
    }

    /// Sets properties; null takes one away. What is set to what it is does not count as a change.
    pub(super) fn write(&mut self, key: Key, values: Values) {
        let Some(object) = self.object(key) else { return };
        let (class, mut record) = (object.class, object.history.latest().clone());
        let differs = |(name, value): &(&'static str, Value)| record.value(name).unwrap_or(&Value::Null) != value;
        let changes: Vec<(&'static str, Value)> = values.into_iter().filter(differs).collect();
        if changes.is_empty() {
            return;
        }
        let number = self.happened(class, key);
        record.values.extend(changes.into_iter().map(|(name, value)| (name, Dated { value, number })));
        self.put(key, record);
    }

    /// Deletes, restores, or removes for good.
    pub(super) fn turn(&mut self, key: Key, to: Presence) {
        let Some(object) = self.object(key) else { return };
        let (class, mut record) = (object.class, object.history.latest().clone());
        if let Presence::Deleted(at) = record.presence {
            self.bin.remove(&(self.gone_on(at), key));
        }
        let deleted = match to {
            Presence::Deleted(at) => {
                self.bin.insert((self.gone_on(at), key));
                instant(at)
            }
            Presence::Live | Presence::Gone => Value::Null,
        };
        let number = self.happened(class, key);
        record.values.insert("deletedDateTime", Dated { value: deleted, number });
        (record.presence, record.turned) = (to, number);
        self.put(key, record);
        for group in self.groups_of(key) {
            self.group_feed.push(self.now, group, Some(key));
        }
        if to == Presence::Gone {
            self.forget(key);
        }
    }

    /// Puts something into a group, or takes it out.
    pub(super) fn link(&mut self, group: Key, member: Key, is_in: Linked) {
        let (now, kept) = (self.now, self.seen);
        let Some(object) = self.objects.get_mut(group.0) else { return };
        let is_in = is_in == Linked::In;
        match object.members.get_mut(&member) {
            Some(link) if *link.latest() == is_in => return,
            Some(link) => link.put(now, is_in, kept),
            None if is_in => {
                object.members.insert(member, History::begin(now, true));
            }
            None => return,
        }
        if let Some(member) = self.objects.get_mut(member.0) {
            member.groups.insert(group);
        }
        self.group_feed.push(now, group, Some(member));
    }

    /// Whether a group has a live member.
    pub(super) fn is_member(&self, group: Key, member: Key) -> bool {
        self.has_link(group, member) && self.latest(member).is_some_and(Record::is_live)
    }

    /// The same as readers see it.
    pub(super) fn is_seen_member(&self, group: Key, member: Key) -> bool {
        let link = self.object(group).and_then(|group| group.members.get(&member)).and_then(|link| link.at(self.seen));
        link.is_some_and(|is_in| *is_in) && self.seen(member).is_some_and(Record::is_live)
    }

    /// The members of a group after one of them, as readers see it.
    pub(super) fn seen_members(&self, group: Key, after: Option<Key>) -> impl Iterator<Item = Key> {
        use std::ops::Bound::{Excluded, Unbounded};
        let members = self.object(group).map(|group| {
            group.members.range((after.map_or(Unbounded, Excluded), Unbounded)).map(|(member, _)| *member)
        });
        members.into_iter().flatten().filter(move |member| self.is_seen_member(group, *member))
    }

    /// The live members of a group.
    pub(super) fn members(&self, group: Key) -> impl Iterator<Item = Key> {
        let members = self.object(group).into_iter().flat_map(|group| group.members.keys().copied());
        members.filter(move |member| self.is_member(group, *member))
    }

    /// Makes somebody's a group that was made just now.
    pub(super) fn own(&mut self, group: Key, owners: Vec<Key>) {
        if let Some(group) = self.objects.get_mut(group.0) {
            group.owners.extend(owners);
        }
    }

    /// The live owners of a group after one of them.
    pub(super) fn owners(&self, group: Key, after: Option<Key>) -> impl Iterator<Item = Key> {
        let owners = self.object(group).into_iter().flat_map(|group| group.owners.iter().copied());
        owners
            .filter(move |owner| after.is_none_or(|after| *owner > after))
            .filter(|owner| self.seen(*owner).is_some_and(Record::is_live))
    }

    /// The live groups that something is in, as readers see it.
    pub(super) fn seen_groups_of(&self, member: Key) -> impl Iterator<Item = Key> {
        let groups = self.object(member).into_iter().flat_map(|member| member.groups.iter().copied());
        groups
            .filter(move |group| self.seen(*group).is_some_and(Record::is_live) && self.is_seen_member(*group, member))
    }

    /// The groups that something is in, or would be if it were restored.
    pub(super) fn groups_of(&self, member: Key) -> Vec<Key> {
        let groups = self.object(member).into_iter().flat_map(|member| member.groups.iter().copied());
        groups.filter(|group| self.has_link(*group, member)).collect()
    }

    fn has_link(&self, group: Key, member: Key) -> bool {
        self.object(group).and_then(|group| group.members.get(&member)).is_some_and(|link| *link.latest())
    }

    fn gone_on(&self, deleted: DateTime<Utc>) -> NaiveDate {
        self.day(deleted).checked_add_days(Days::new(BIN_DAYS)).unwrap_or(NaiveDate::MAX)
    }

    fn happened(&mut self, class: Class, key: Key) -> usize {
        match class {
            Class::User => self.user_feed.push(self.now, key, None),
            Class::Group => self.group_feed.push(self.now, key, None),
        }
    }

    fn put(&mut self, key: Key, record: Record) {
        let Some(object) = self.objects.get(key.0) else { return };
        for name in unique(object.history.latest()) {
            self.holders.remove(&name);
        }
        self.hold(key, &record);
        let (now, kept) = (self.now, self.seen);
        if let Some(object) = self.objects.get_mut(key.0) {
            object.history.put(now, record, kept);
        }
    }

    fn hold(&mut self, key: Key, record: &Record) {
        if record.presence != Presence::Gone {
            self.holders.extend(unique(record).into_iter().map(|name| (name, key)));
        }
    }

    /// Takes out of all groups, and all members out, what is gone.
    fn forget(&mut self, key: Key) {
        let Some(object) = self.objects.get_mut(key.0) else { return };
        self.ids.remove(&object.id);
        let (groups, members) = (std::mem::take(&mut object.groups), std::mem::take(&mut object.members));
        for group in groups {
            if let Some(group) = self.objects.get_mut(group.0) {
                group.members.remove(&key);
            }
        }
        for member in members.into_keys() {
            if let Some(member) = self.objects.get_mut(member.0) {
                member.groups.remove(&key);
            }
        }
    }
}

/// Which way a link is changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Linked {
    In,
    Out,
}

/// The values of an object that no other may have.
fn unique(record: &Record) -> Vec<(&'static str, String)> {
    let single = ["userPrincipalName", "uniqueName"];
    let single = single.into_iter().filter_map(|name| Some((name, record.text(name)?.to_lowercase())));
    let addresses = record.value("proxyAddresses").and_then(Value::as_array).into_iter().flatten();
    let addresses = addresses.filter_map(Value::as_str).map(|address| ("proxyAddresses", address.to_lowercase()));
    single.chain(addresses).collect()
}

/// An instant as Graph writes it, in whole seconds.
pub(super) fn instant(at: DateTime<Utc>) -> Value {
    Value::String(at.to_rfc3339_opts(SecondsFormat::Secs, true))
}
