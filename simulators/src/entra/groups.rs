//! `/groups`, and the upsert by `uniqueName` (graph.md 1.8).

use http::Method;
use serde_json::{Map, Value, json};

use super::GroupDeletion;
use super::ask::{Answer, Ask};
use super::body;
use super::directory::{Key, Linked, Presence, Record};
use super::errors::Refusal;
use super::list::Items;
use super::members::{MOST_BOUND, already};
use super::path::{GroupName, OfGroup, Part};
use super::schema::{Class, Values};
use super::state::State;
use super::users::{missing, not_allowed};

impl State {
    pub(super) fn groups(&mut self, ask: &Ask, part: Part) -> Result<Answer, Refusal> {
        match (&ask.method, part) {
            (&Method::GET, Part::Items) => {
                self.page(ask, Items::Of(Class::Group), |after| self.live(Class::Group, after))
            }
            (&Method::GET, Part::Count) => self.count(ask, Items::Of(Class::Group), self.live(Class::Group, None)),
            (&Method::GET, Part::Delta) => self.delta(ask, Class::Group),
            (&Method::POST, Part::Items) => {
                let key = self.create_group(&ask.json()?)?;
                self.shown(key, ask).map(Answer::created)
            }
            _ => Err(not_allowed()),
        }
    }

    pub(super) fn group(&mut self, ask: &Ask, name: &GroupName, of: &OfGroup) -> Result<Answer, Refusal> {
        match (&ask.method, of) {
            (&Method::GET, OfGroup::Itself) => {
                let (key, _) = self.readable_group(name)?;
                self.seen_body(key, ask).map(Answer::json)
            }
            (&Method::GET, OfGroup::MemberOf) => {
                let (key, _) = self.readable_group(name)?;
                self.member_of(ask, key)
            }
            (&Method::GET, OfGroup::Owners) => {
                let (key, _) = self.readable_group(name)?;
                self.page(ask, Items::Mixed, |after| self.directory.owners(key, after))
            }
            (&Method::PATCH, OfGroup::Itself) => self.patch_group(ask, name),
            (&Method::DELETE, OfGroup::Itself) => {
                let key = self.writable_group(name)?;
                self.delete_group(key);
                Ok(Answer::nothing())
            }
            (_, OfGroup::Itself | OfGroup::MemberOf | OfGroup::Owners) => Err(not_allowed()),
            _ => self.members(ask, name, of),
        }
    }

    pub(super) fn create_group(&mut self, given: &Map<String, Value>) -> Result<Key, Refusal> {
        let values = body::read(Class::Group, given, None)?;
        for name in ["displayName", "mailEnabled", "mailNickname", "securityEnabled"] {
            if !values.contains_key(name) {
                return Err(missing(name, Class::Group));
            }
        }
        check_kind(&values)?;
        if let Some(unique) = values.get("uniqueName").and_then(Value::as_str) {
            self.check_free("uniqueName", unique, None)?;
        }
        let (members, owners) = (self.bound(given, "members@odata.bind")?, self.bound(given, "owners@odata.bind")?);
        if members.len() + owners.len() > MOST_BOUND {
            return Err(Refusal::bad_request(format!("A group is made with at most {MOST_BOUND} members and owners.")));
        }
        if owners.iter().any(|owner| !self.is_of(*owner, Class::User)) {
            return Err(Refusal::bad_request("Only a user or a service principal can own a group."));
        }
        let id = self.random.uuid();
        let defaults = [("groupTypes", json!([])), ("renewedDateTime", super::directory::instant(self.directory.now))];
        let values: Values = defaults.into_iter().chain(values).collect();
        let key = self.directory.create(Class::Group, id, values);
        for member in members {
            self.directory.link(key, member, Linked::In);
        }
        self.directory.own(key, owners);
        Ok(key)
    }

    /// Changes a group, adds up to 20 members to it, or makes the one with this unique name.
    fn patch_group(&mut self, ask: &Ask, name: &GroupName) -> Result<Answer, Refusal> {
        let given = ask.json()?;
        if let GroupName::Unique(unique) = name
            && self.directory.holder("uniqueName", unique).is_none()
            && ask.says("prefer", "create-if-missing")
        {
            let mut given = given;
            given.insert("uniqueName".to_owned(), json!(unique));
            let key = self.create_group(&given)?;
            return self.shown(key, ask).map(Answer::created);
        }
        let key = self.writable_group(name)?;
        self.change_group(key, &given)?;
        Ok(Answer::nothing())
    }

    /// All of it or nothing.
    pub(super) fn change_group(&mut self, key: Key, given: &Map<String, Value>) -> Result<(), Refusal> {
        let values = body::read(Class::Group, given, self.directory.latest(key))?;
        if let Some(unique) = values.get("uniqueName").and_then(Value::as_str) {
            self.check_free("uniqueName", unique, Some(key))?;
        }
        if values.get("mailEnabled") == Some(&json!(true)) && !self.has_type(key, "Unified") {
            check_kind(&values)?;
        }
        if given.contains_key("owners@odata.bind") {
            return Err(Refusal::not_simulated("changing the owners of groups"));
        }
        let members = self.bound(given, "members@odata.bind")?;
        if !members.is_empty() {
            self.check_assigned(key)?;
        }
        if members.iter().any(|member| self.directory.is_member(key, *member)) {
            return Err(already("members"));
        }
        self.directory.write(key, values);
        for member in members {
            self.directory.link(key, member, Linked::In);
        }
        Ok(())
    }

    pub(super) fn delete_group(&mut self, key: Key) {
        let is_kept = self.has_type(key, "Unified") || self.config.security_groups == GroupDeletion::Restorable;
        let to = if is_kept { Presence::Deleted(self.directory.now) } else { Presence::Gone };
        self.directory.turn(key, to);
    }

    pub(super) fn has_type(&self, key: Key, kind: &str) -> bool {
        let types = self.directory.latest(key).and_then(|record: &Record| record.value("groupTypes"));
        types.and_then(Value::as_array).is_some_and(|types| types.iter().any(|held| held == kind))
    }
}

/// The kinds of groups that can be written through Graph.
fn check_kind(values: &Values) -> Result<(), Refusal> {
    let types = values.get("groupTypes").and_then(Value::as_array);
    let has = |kind: &str| types.is_some_and(|types| types.iter().any(|held| held == kind));
    let known = |held: &Value| held == "Unified" || held == "DynamicMembership";
    if types.is_some_and(|types| !types.iter().all(known)) {
        return Err(Refusal::bad_request("Invalid value specified for property 'groupTypes' of resource 'Group'."));
    }
    if values.get("mailEnabled") == Some(&json!(true)) && !has("Unified") {
        return Err(Refusal::bad_request(
            "The service does not currently support writes of mail-enabled groups. Please ensure that the \
             mail-enablement property is unset and the security-enablement property is set.",
        ));
    }
    if has("DynamicMembership") && !values.contains_key("membershipRule") {
        return Err(missing("membershipRule", Class::Group));
    }
    Ok(())
}
