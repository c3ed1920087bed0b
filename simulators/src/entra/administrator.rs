//! The hands and eyes of an administrator: what is done and seen without a request, and so is neither logged nor lagging
//! nor failing.

use std::collections::BTreeMap;
use std::fmt;

use chrono::NaiveDate;
use serde_json::{Map, Value, json};

use super::Tenant;
use super::directory::{self, Key, Linked};
use super::errors::Refusal;
use super::schema::Class;
use super::state::State;

/// A user as it is.
#[derive(Clone, PartialEq)]
pub struct UserShown {
    /// The object id.
    pub id: String,
    /// The user principal name.
    pub upn: String,
    /// Whether it may sign in.
    pub enabled: bool,
    /// Whether it is there.
    pub presence: Presence,
    /// The civil day, in the tenant's zone, on which it was deleted; none while it is live or once it is gone.
    pub deleted_on: Option<NaiveDate>,
    /// All properties that have a value; parts of a complex one have a dot, `onPremisesExtensionAttributes.extensionAttribute1`.
    pub properties: BTreeMap<&'static str, Value>,
    /// The groups that it is in, or would be in again: object ids with unique names, where they have one.
    pub groups: BTreeMap<String, Option<String>>,
}

/// A group as it is.
#[derive(Clone, PartialEq)]
pub struct GroupShown {
    /// The object id.
    pub id: String,
    /// The alternate key, where it has one.
    pub unique_name: Option<String>,
    /// Its name for people.
    pub display_name: String,
    /// Whether it is there.
    pub presence: Presence,
    /// All properties that have a value.
    pub properties: BTreeMap<&'static str, Value>,
    /// The object ids of its live members.
    pub members: Vec<String>,
    /// The object ids of its live owners.
    pub owners: Vec<String>,
}

/// Whether an object is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presence {
    /// It is.
    Live,
    /// It can be restored.
    Deleted,
    /// It cannot.
    Gone,
}

/// A moment in what happened to a tenant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Mark {
    users: usize,
    groups: usize,
}

/// What was changed since a mark, each object once and as it is now.
#[derive(Debug, Clone)]
pub struct Changes {
    /// From where to ask the next time.
    pub mark: Mark,
    /// Users that were made, changed, deleted, restored or removed for good, or whose groups changed.
    pub users: Vec<UserShown>,
    /// Groups that were, or whose members changed.
    pub groups: Vec<GroupShown>,
}

/// Why something was not done: the message that a client would get.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the tenant refuses: {message}")]
pub struct Refused {
    /// The code of the error.
    pub code: &'static str,
    /// Its text.
    pub message: String,
}

impl From<Refusal> for Refused {
    fn from(refusal: Refusal) -> Self {
        Self { code: refusal.code, message: refusal.message }
    }
}

/// What an administrator sees.
impl Tenant {
    /// All users, deleted ones included, in the order in which they were made.
    #[must_use]
    pub fn users(&self) -> Vec<UserShown> {
        let state = self.lock();
        let keys = state.directory.of_class(Class::User, None);
        let shown = keys.iter().filter_map(|key| state.user_shown(*key));
        shown.filter(|user| user.presence != Presence::Gone).collect()
    }

    /// A user by its object id or UPN, also a deleted one.
    #[must_use]
    pub fn user(&self, name: &str) -> Option<UserShown> {
        let state = self.lock();
        let key = state.named(Class::User, name).ok()?;
        state.user_shown(key)
    }

    /// All groups, deleted ones included, in the order in which they were made.
    #[must_use]
    pub fn groups(&self) -> Vec<GroupShown> {
        let state = self.lock();
        let keys = state.directory.of_class(Class::Group, None);
        let shown = keys.iter().filter_map(|key| state.group_shown(*key));
        shown.filter(|group| group.presence != Presence::Gone).collect()
    }

    /// Now.
    #[must_use]
    pub fn mark(&self) -> Mark {
        self.lock().mark()
    }

    /// What changed since a mark; since [`Mark::default`], all there ever was. It costs what changed.
    #[must_use]
    pub fn changes_since(&self, mark: Mark) -> Changes {
        let state = self.lock();
        let directory = &state.directory;
        let groups = directory.group_feed.between(mark.groups, directory.group_feed.last());
        let mut users: Vec<Key> =
            directory.user_feed.between(mark.users, directory.user_feed.last()).iter().map(|c| c.key).collect();
        users.extend(groups.iter().filter_map(|change| change.member));
        let mut groups: Vec<Key> = groups.iter().map(|change| change.key).collect();
        for keys in [&mut users, &mut groups] {
            keys.sort_unstable();
            keys.dedup();
        }
        Changes {
            mark: state.mark(),
            users: users.into_iter().filter_map(|key| state.user_shown(key)).collect(),
            groups: groups.into_iter().filter_map(|key| state.group_shown(key)).collect(),
        }
    }
}

/// What an administrator does. Users and groups are named by object id, by UPN, or by unique name.
impl Tenant {
    /// Makes a user from a body as a client would send it, and gives its object id. What has to be there and is not, is
    /// made up: enabled, with the local part of the UPN as nickname and as name.
    ///
    /// # Errors
    ///
    /// As for a client.
    pub fn create_user(&self, body: Value) -> Result<String, Refused> {
        let mut state = self.lock();
        let Value::Object(mut given) = body else {
            return Err(Refusal::bad_request("A user is a JSON object.").into());
        };
        let upn = given.get("userPrincipalName").and_then(Value::as_str).unwrap_or_default();
        let local = json!(upn.split('@').next());
        for (name, value) in [
            ("accountEnabled", json!(true)),
            ("displayName", local.clone()),
            ("mailNickname", local),
            ("passwordProfile", json!({"password": "made by an administrator"})),
        ] {
            given.entry(name).or_insert(value);
        }
        let key = state.create_user(&given)?;
        Ok(state.id(key))
    }

    /// Sets a property of a user; null takes it away.
    ///
    /// # Errors
    ///
    /// As for a client.
    pub fn set(&self, user: &str, property: &str, value: Value) -> Result<(), Refused> {
        let mut state = self.lock();
        let key = state.named(Class::User, user)?;
        let (name, value) = match property.split_once('.') {
            Some((whole, part)) => (whole, json!({ part: value })),
            None => (property, value),
        };
        state.change_user(key, &Map::from_iter([(name.to_owned(), value)]))?;
        Ok(())
    }

    /// Lets a user sign in.
    ///
    /// # Errors
    ///
    /// When there is no such user.
    pub fn enable(&self, user: &str) -> Result<(), Refused> {
        self.set(user, "accountEnabled", json!(true))
    }

    /// Lets a user sign in no more.
    ///
    /// # Errors
    ///
    /// When there is no such user.
    pub fn disable(&self, user: &str) -> Result<(), Refused> {
        self.set(user, "accountEnabled", json!(false))
    }

    /// Deletes a user, which can be restored for 30 days.
    ///
    /// # Errors
    ///
    /// When there is no such live user.
    pub fn delete_user(&self, user: &str) -> Result<(), Refused> {
        let mut state = self.lock();
        let key = state.live_named(Class::User, user)?;
        let now = state.directory.now;
        state.directory.turn(key, directory::Presence::Deleted(now));
        Ok(())
    }

    /// Restores a user: enabled or not as it was, and in the groups it was in.
    ///
    /// # Errors
    ///
    /// When there is no such deleted user.
    pub fn restore_user(&self, user: &str) -> Result<(), Refused> {
        let mut state = self.lock();
        let key = state.named(Class::User, user)?;
        let id = state.id(key);
        state.binned(&id)?;
        state.restore(key, &Map::new())?;
        Ok(())
    }

    /// Removes a deleted user for good.
    ///
    /// # Errors
    ///
    /// When there is no such deleted user.
    pub fn purge_user(&self, user: &str) -> Result<(), Refused> {
        let mut state = self.lock();
        let key = state.named(Class::User, user)?;
        let id = state.id(key);
        state.binned(&id)?;
        state.directory.turn(key, directory::Presence::Gone);
        Ok(())
    }

    /// The object id of the group with this unique name, a security group, which is made where it is not there.
    ///
    /// # Errors
    ///
    /// When a deleted group has that name.
    pub fn put_group(&self, unique_name: &str, display_name: &str) -> Result<String, Refused> {
        let mut state = self.lock();
        if let Ok(key) = state.live_named(Class::Group, unique_name) {
            return Ok(state.id(key));
        }
        let nickname: String = unique_name.chars().filter(char::is_ascii_alphanumeric).take(64).collect();
        let body = json!({"displayName": display_name, "mailEnabled": false, "securityEnabled": true,
            "mailNickname": if nickname.is_empty() { "group" } else { nickname.as_str() }, "uniqueName": unique_name});
        let Value::Object(given) = body else { return Err(Refusal::bad_request("A group is a JSON object.").into()) };
        let key = state.create_group(&given)?;
        Ok(state.id(key))
    }

    /// Deletes a group.
    ///
    /// # Errors
    ///
    /// When there is no such live group.
    pub fn delete_group(&self, group: &str) -> Result<(), Refused> {
        let mut state = self.lock();
        let key = state.live_named(Class::Group, group)?;
        state.delete_group(key);
        Ok(())
    }

    /// Puts a user into a group; one who is there already, stays.
    ///
    /// # Errors
    ///
    /// When there is no such live user or group.
    pub fn add_member(&self, group: &str, user: &str) -> Result<(), Refused> {
        self.link(group, user, Linked::In)
    }

    /// Takes a user out of a group; one who is not there, stays out.
    ///
    /// # Errors
    ///
    /// When there is no such live user or group.
    pub fn remove_member(&self, group: &str, user: &str) -> Result<(), Refused> {
        self.link(group, user, Linked::Out)
    }

    fn link(&self, group: &str, user: &str, way: Linked) -> Result<(), Refused> {
        let mut state = self.lock();
        let group = state.live_named(Class::Group, group)?;
        let user = state.live_named(Class::User, user)?;
        state.directory.link(group, user, way);
        Ok(())
    }
}

impl State {
    fn mark(&self) -> Mark {
        Mark { users: self.directory.user_feed.last(), groups: self.directory.group_feed.last() }
    }

    fn id(&self, key: Key) -> String {
        self.directory.object(key).map(|object| object.id.clone()).unwrap_or_default()
    }

    fn named(&self, class: Class, name: &str) -> Result<Key, Refusal> {
        let alternate = match class {
            Class::User => "userPrincipalName",
            Class::Group => "uniqueName",
        };
        let found = self.directory.by_id(name).or_else(|| self.directory.holder(alternate, name));
        found.filter(|key| self.is_of(*key, class)).ok_or_else(|| Refusal::not_found(name))
    }

    fn live_named(&self, class: Class, name: &str) -> Result<Key, Refusal> {
        let key = self.named(class, name)?;
        let is_live = self.directory.latest(key).is_some_and(directory::Record::is_live);
        if is_live { Ok(key) } else { Err(Refusal::not_found(name)) }
    }

    fn user_shown(&self, key: Key) -> Option<UserShown> {
        let object = self.directory.object(key).filter(|object| object.class == Class::User)?;
        let record = object.history.latest();
        let (presence, deleted_on) = match record.presence {
            directory::Presence::Live => (Presence::Live, None),
            directory::Presence::Deleted(at) => (Presence::Deleted, Some(self.directory.day(at))),
            directory::Presence::Gone => (Presence::Gone, None),
        };
        let unique =
            |group: Key| self.directory.latest(group).and_then(|group| group.text("uniqueName")).map(str::to_owned);
        let groups = self.directory.groups_of(key).into_iter();
        Some(UserShown {
            id: object.id.clone(),
            upn: record.text("userPrincipalName").unwrap_or_default().to_owned(),
            enabled: record.value("accountEnabled") == Some(&json!(true)),
            presence,
            deleted_on,
            properties: record.values().map(|(name, value)| (name, value.clone())).collect(),
            groups: groups.map(|group| (self.id(group), unique(group))).collect(),
        })
    }

    fn group_shown(&self, key: Key) -> Option<GroupShown> {
        let object = self.directory.object(key).filter(|object| object.class == Class::Group)?;
        let record = object.history.latest();
        let presence = match record.presence {
            directory::Presence::Live => Presence::Live,
            directory::Presence::Deleted(_) => Presence::Deleted,
            directory::Presence::Gone => Presence::Gone,
        };
        Some(GroupShown {
            id: object.id.clone(),
            unique_name: record.text("uniqueName").map(str::to_owned),
            display_name: record.text("displayName").unwrap_or_default().to_owned(),
            presence,
            properties: record.values().map(|(name, value)| (name, value.clone())).collect(),
            members: self.directory.members(key).map(|member| self.id(member)).collect(),
            owners: self.directory.owners(key, None).map(|owner| self.id(owner)).collect(),
        })
    }
}

impl fmt::Debug for UserShown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "UserShown({}, {:?}, in {} groups)", self.id, self.presence, self.groups.len())
    }
}

impl fmt::Debug for GroupShown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "GroupShown({}, {:?}, {} members)", self.id, self.presence, self.members.len())
    }
}
