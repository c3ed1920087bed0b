//! Members of groups (graph.md 1.8), and the trap of a `DELETE` without `/$ref`.

use http::Method;
use serde_json::{Map, Value};

use super::ask::{Answer, Ask};
use super::directory::{Key, Linked, Presence, Record};
use super::errors::Refusal;
use super::list::Items;
use super::path::{GroupName, OfGroup, Part, Route};
use super::schema::Class;
use super::state::State;
use super::users::not_allowed;

/// How many members and owners one write may bind.
pub(super) const MOST_BOUND: usize = 20;

impl State {
    pub(super) fn members(&mut self, ask: &Ask, name: &GroupName, of: &OfGroup) -> Result<Answer, Refusal> {
        match (&ask.method, of) {
            // Nesting of groups is not followed.
            (&Method::GET, OfGroup::Members(Part::Items) | OfGroup::TransitiveMembers) => {
                let (group, _) = self.readable_group(name)?;
                self.page(ask, Items::Mixed, |after| self.directory.seen_members(group, after))
            }
            (&Method::GET, OfGroup::Members(Part::Count)) => {
                let (group, _) = self.readable_group(name)?;
                self.count(ask, Items::Mixed, self.directory.seen_members(group, None))
            }
            (&Method::POST, OfGroup::MemberRefs) => {
                let given = ask.json()?;
                let reference = given.get("@odata.id").and_then(Value::as_str);
                let reference =
                    reference.ok_or_else(|| Refusal::bad_request("A value is required for '@odata.id'."))?;
                let group = self.writable_group(name)?;
                self.check_assigned(group)?;
                let member = self.referenced(reference)?;
                self.add_member(group, member)?;
                Ok(Answer::nothing())
            }
            (&Method::DELETE, OfGroup::MemberRef(id)) => {
                let group = self.writable_group(name)?;
                self.check_assigned(group)?;
                let member = self.directory.by_id(id).filter(|member| self.directory.is_member(group, *member));
                let member = member.ok_or_else(|| Refusal::not_found(id))?;
                self.directory.link(group, member, Linked::Out);
                Ok(Answer::nothing())
            }
            // Not the link but its end: this deletes the member itself.
            (&Method::DELETE, OfGroup::Member(id)) => {
                let group = self.writable_group(name)?;
                let member = self.directory.by_id(id).filter(|member| self.directory.is_member(group, *member));
                let member = member.ok_or_else(|| Refusal::not_found(id))?;
                if self.is_of(member, Class::User) {
                    self.directory.turn(member, Presence::Deleted(self.directory.now));
                } else {
                    self.delete_group(member);
                }
                Ok(Answer::nothing())
            }
            _ => Err(not_allowed()),
        }
    }

    pub(super) fn add_member(&mut self, group: Key, member: Key) -> Result<(), Refusal> {
        if self.directory.is_member(group, member) {
            return Err(already("members"));
        }
        self.directory.link(group, member, Linked::In);
        Ok(())
    }

    /// Members of a dynamic group follow from its rule.
    pub(super) fn check_assigned(&self, group: Key) -> Result<(), Refusal> {
        if self.has_type(group, "DynamicMembership") {
            return Err(Refusal::bad_request(
                "Cannot Update a member of a group with dynamic membership rules: the members follow from the rule.",
            ));
        }
        Ok(())
    }

    /// Whom a property like `members@odata.bind` names: at most 20, each there.
    pub(super) fn bound(&mut self, given: &Map<String, Value>, property: &str) -> Result<Vec<Key>, Refusal> {
        let Some(bound) = given.get(property) else { return Ok(Vec::new()) };
        let bound = bound.as_array().ok_or_else(|| Refusal::bad_request(format!("{property} has to be a list.")))?;
        if bound.len() > MOST_BOUND {
            return Err(Refusal::bad_request(format!(
                "The number of references in {property} is more than the limit of {MOST_BOUND}."
            )));
        }
        let mut keys = Vec::new();
        for reference in bound {
            let reference = reference.as_str().ok_or_else(|| Refusal::bad_request("A reference has to be a URL."))?;
            let key = self.referenced(reference)?;
            if keys.contains(&key) {
                return Err(already(property));
            }
            keys.push(key);
        }
        Ok(keys)
    }

    /// What a reference like `https://graph.microsoft.com/v1.0/directoryObjects/{id}` names.
    fn referenced(&mut self, reference: &str) -> Result<Key, Refusal> {
        let path = reference.split_once("/v1.0").map_or(reference, |(_, path)| path);
        let (Route::Object(id) | Route::User(id, _) | Route::Group(GroupName::Id(id), _)) = Route::parse(path) else {
            return Err(Refusal::bad_request("Invalid reference: the URL names no object of the directory."));
        };
        let found = self.directory.by_id(&id).or_else(|| self.directory.holder("userPrincipalName", &id));
        let is_live = |key: &Key| self.directory.latest(*key).is_some_and(Record::is_live);
        let key = found.filter(is_live).ok_or_else(|| Refusal::not_found(&id))?;
        self.arrived(key, &id)?;
        Ok(key)
    }
}

pub(super) fn already(property: &str) -> Refusal {
    let of = property.split('@').next().unwrap_or_default();
    Refusal::bad_request(format!(
        "One or more added object references already exist for the following modified properties: '{of}'."
    ))
}
