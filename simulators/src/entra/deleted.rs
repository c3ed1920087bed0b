//! `/directory/deletedItems`: what was deleted in the last 30 days (graph.md 1.7).

use http::Method;
use serde_json::{Map, Value, json};

use super::ask::{Answer, Ask};
use super::directory::{Key, Presence};
use super::errors::Refusal;
use super::list::Items;
use super::path::{OfDeleted, Part};
use super::schema::{Class, Values};
use super::state::State;
use super::users::not_allowed;

impl State {
    pub(super) fn deleted(&self, ask: &Ask, cast: Option<&str>, part: Part) -> Result<Answer, Refusal> {
        if ask.method != Method::GET {
            return Err(not_allowed());
        }
        let class = match cast {
            Some("user") => Class::User,
            Some(_) => Class::Group,
            None => return Err(Refusal::bad_request("The type of deleted items has to be named, as in graph.user.")),
        };
        // The bin is in the order of its days, pages are in the order of keys.
        let mut binned: Vec<Key> = self.directory.bin().filter(|key| self.is_of(*key, class)).collect();
        binned.retain(|key| self.directory.seen(*key).is_some_and(|r| matches!(r.presence, Presence::Deleted(_))));
        binned.sort_unstable();
        let keys = |after: Option<Key>| {
            binned.clone().into_iter().skip_while(move |key| after.is_some_and(|after| *key <= after))
        };
        match part {
            Part::Items => self.page(ask, Items::Of(class), keys),
            Part::Count => self.count(ask, Items::Of(class), keys(None)),
            Part::Delta => Err(not_allowed()),
        }
    }

    pub(super) fn deleted_item(&mut self, ask: &Ask, id: &str, of: OfDeleted) -> Result<Answer, Refusal> {
        match (&ask.method, of) {
            (&Method::GET, OfDeleted::Itself) => {
                let key = self.binned(id)?;
                let seen = self.directory.seen(key).map(|record| record.presence);
                if !matches!(seen, Some(Presence::Deleted(_))) {
                    return Err(Refusal::not_found(id));
                }
                self.seen_body(key, ask).map(Answer::json)
            }
            (&Method::DELETE, OfDeleted::Itself) => {
                let key = self.binned(id)?;
                self.arrived(key, id)?;
                self.directory.turn(key, Presence::Gone);
                Ok(Answer::nothing())
            }
            (&Method::POST, OfDeleted::Restore) => {
                let key = self.binned(id)?;
                self.arrived(key, id)?;
                let given = if ask.body.is_empty() { Map::new() } else { ask.json()? };
                self.restore(key, &given)?;
                self.shown(key, ask).map(Answer::json)
            }
            _ => Err(not_allowed()),
        }
    }

    /// As it was: enabled or not, and in the groups it was in.
    pub(super) fn restore(&mut self, key: Key, given: &Map<String, Value>) -> Result<(), Refusal> {
        if let Some(upn) = given.get("newUserPrincipalName").and_then(Value::as_str) {
            self.check_upn(upn)?;
            self.check_free("userPrincipalName", upn, Some(key))?;
            self.directory.write(key, Values::from([("userPrincipalName", json!(upn))]));
        }
        self.directory.turn(key, Presence::Live);
        Ok(())
    }

    /// What is deleted and can still be restored.
    pub(super) fn binned(&self, id: &str) -> Result<Key, Refusal> {
        let found = self.directory.by_id(id);
        let is_deleted = |key: &Key| {
            self.directory.latest(*key).is_some_and(|record| matches!(record.presence, Presence::Deleted(_)))
        };
        found.filter(is_deleted).ok_or_else(|| Refusal::not_found(id))
    }
}
