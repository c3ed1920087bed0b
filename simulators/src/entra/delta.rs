//! `/users/delta` and `/groups/delta` (graph.md 1.3).
//!
//! A reading is whole, or of what happened between two numbers of the feed. Either way it goes through the objects in the
//! order of their keys, so that a place in it is a key, and it ends with a link that holds the number at which it began.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::ask::{Answer, Ask, seal, unseal};
use super::directory::{Key, Presence};
use super::errors::Refusal;
use super::filter::Filter;
use super::schema::Class;
use super::select::Selection;
use super::state::State;

/// How many ids the filter of a delta may name.
const MOST_IDS: usize = 50;

/// What a token of a delta says.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Token {
    class: String,
    select: Option<String>,
    filter: Option<String>,
    /// What happened until this number is known to the reader.
    since: usize,
    /// Where in a reading, none between readings.
    place: Option<Place>,
    issued: i64,
    resets: u32,
    /// Two tokens are never the same.
    nonce: u64,
}

#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
struct Place {
    /// The reading goes up to this number.
    until: usize,
    /// What was shown of a group last, where it did not fit on one page.
    partial: Option<(Key, Option<Key>)>,
    /// All objects up to this one were shown.
    after: Option<Key>,
}

/// What happened to objects of a class, and to the members of each.
enum Happened {
    Whole,
    Changed(BTreeMap<Key, BTreeSet<Key>>),
}

/// With what an answer ends.
enum Link {
    Next(String),
    Delta(String),
}

/// How an item of a delta is shown.
struct View {
    class: Class,
    selection: Selection,
    filter: Option<Filter>,
    since: usize,
    is_minimal: bool,
}

impl State {
    pub(super) fn delta(&mut self, ask: &Ask, class: Class) -> Result<Answer, Refusal> {
        for option in ["$expand", "$top", "$orderby", "$search"] {
            if ask.query.get(option).is_some() {
                return Err(Refusal::bad_request(format!("{option} is not supported by delta queries.")));
            }
        }
        let asked = ask.query.get("$skiptoken").or_else(|| ask.query.get("$deltatoken"));
        let token = match asked.filter(|token| !token.is_empty()) {
            None | Some("latest") => self.fresh_token(ask, class),
            Some(token) => self.accepted(ask, class, token)?,
        };
        let view = View::read(class, &token, ask)?;
        let until = token.place.map_or_else(|| self.directory.feed(class).until(self.directory.seen), |p| p.until);
        if asked == Some("latest") {
            return Ok(self.end(ask, Vec::new(), Token { since: until, ..token }));
        }
        let place = token.place.unwrap_or(Place { until, partial: None, after: None });
        let (value, next) = self.delta_page(&view, place);
        Ok(match next {
            Some(next) => {
                let token = self.renewed(Token { place: Some(next), ..token });
                let link = ask.link_alone("$skiptoken", &seal(&token));
                delta_body(ask, class, value, Link::Next(link))
            }
            None => self.end(ask, value, Token { since: until, place: None, ..token }),
        })
    }

    fn end(&mut self, ask: &Ask, value: Vec<Value>, token: Token) -> Answer {
        let class = if token.class == Class::User.plural() { Class::User } else { Class::Group };
        let token = self.renewed(token);
        let link = ask.link_alone("$deltatoken", &seal(&token));
        delta_body(ask, class, value, Link::Delta(link))
    }

    fn fresh_token(&self, ask: &Ask, class: Class) -> Token {
        let option = |name: &str| ask.query.get(name).map(str::to_owned);
        Token {
            class: class.plural().to_owned(),
            select: option("$select"),
            filter: option("$filter"),
            since: 0,
            place: None,
            issued: self.directory.now.timestamp(),
            resets: self.resets,
            nonce: 0,
        }
    }

    fn renewed(&mut self, token: Token) -> Token {
        Token { issued: self.directory.now.timestamp(), nonce: self.random.number(), ..token }
    }

    /// A token of ours that is not too old. For one that is, the answer says where a whole reading begins.
    fn accepted(&self, ask: &Ask, class: Class, token: &str) -> Result<Token, Refusal> {
        let token: Token = unseal(token).ok_or_else(|| Refusal::bad_request("Badly formed token."))?;
        if token.class != class.plural() {
            return Err(Refusal::bad_request("Badly formed token."));
        }
        let issued = DateTime::from_timestamp(token.issued, 0).unwrap_or_default();
        let is_old = self.directory.now - issued >= TimeDelta::days(self.config.delta_days);
        if token.resets == self.resets && !is_old {
            return Ok(token);
        }
        let message = "The delta token is expired or not valid any more; a full synchronisation is required.";
        let mut refusal = Refusal::new(StatusCode::GONE, "syncStateNotFound", message);
        let select = token.select.map(|select| format!("$select={}&", super::path::encode(&select)));
        refusal.headers.push(("location", format!("{}?{}$deltatoken=", ask.url, select.unwrap_or_default())));
        Err(refusal)
    }

    /// One page, and where the next one begins.
    fn delta_page(&self, view: &View, place: Place) -> (Vec<Value>, Option<Place>) {
        let happened = self.happened(view, place.until);
        let after = place.after;
        let keys: Box<dyn Iterator<Item = Key>> = match &happened {
            Happened::Whole => Box::new(self.directory.of_class(view.class, after).iter().copied()),
            Happened::Changed(changed) => {
                Box::new(changed.keys().copied().skip_while(move |key| after.is_some_and(|after| *key <= after)))
            }
        };
        let (mut items, mut room) = (Vec::new(), self.config.delta_members_page);
        let mut done = after;
        for key in keys {
            if items.len() >= self.config.delta_page || room == 0 {
                return (items, Some(Place { partial: None, after: done, ..place }));
            }
            let from = place.partial.filter(|(partial, _)| *partial == key).and_then(|(_, member)| member);
            let members = self.members_of_item(view, &happened, key, from);
            let shown: Vec<Key> = members.iter().copied().take(room).collect();
            room -= shown.len();
            items.extend(self.delta_item(view, key, &shown));
            if shown.len() < members.len() {
                let partial = Some((key, shown.last().copied()));
                return (items, Some(Place { partial, after: done, ..place }));
            }
            done = Some(key);
        }
        (items, None)
    }

    fn happened(&self, view: &View, until: usize) -> Happened {
        if view.since == 0 {
            return Happened::Whole;
        }
        let mut changed: BTreeMap<Key, BTreeSet<Key>> = BTreeMap::new();
        for change in self.directory.feed(view.class).between(view.since, until) {
            changed.entry(change.key).or_default().extend(change.member);
        }
        Happened::Changed(changed)
    }

    /// The members that an item has to speak of, after one of them: all of a group that is new to the reader, else those
    /// who came or went.
    fn members_of_item(&self, view: &View, happened: &Happened, key: Key, after: Option<Key>) -> Vec<Key> {
        let record = self.directory.seen(key).filter(|record| record.is_live() && view.selection.members);
        let Some(record) = record else { return Vec::new() };
        match happened {
            Happened::Changed(changed) if record.turned <= view.since => {
                let members = changed.get(&key).into_iter().flatten().copied();
                members.filter(|member| after.is_none_or(|after| *member > after)).collect()
            }
            Happened::Whole | Happened::Changed(_) => self.directory.seen_members(key, after).collect(),
        }
    }

    /// None for what the reader need not know.
    fn delta_item(&self, view: &View, key: Key, members: &[Key]) -> Option<Value> {
        let record = self.directory.seen(key)?;
        if view.filter.as_ref().is_some_and(|filter| !filter.holds(record)) {
            return None;
        }
        let is_new = record.turned > view.since;
        let reason = match record.presence {
            Presence::Live => return self.live_item(view, key, members),
            Presence::Deleted(_) => "changed",
            // Nothing was ever shown of what was gone before the first reading.
            Presence::Gone if view.since == 0 => return None,
            Presence::Gone => "deleted",
        };
        is_new.then(|| json!({"id": record.text("id"), "@removed": {"reason": reason}}))
    }

    fn live_item(&self, view: &View, key: Key, members: &[Key]) -> Option<Value> {
        let record = self.directory.seen(key)?;
        let is_new = record.turned > view.since;
        if !is_new && members.is_empty() && !view.selection.touches(record, view.since) {
            return None;
        }
        let after = if view.is_minimal && !is_new { view.since } else { 0 };
        let mut item = view.selection.show_set(record, after);
        item.insert("id".to_owned(), json!(record.text("id")));
        if !members.is_empty() {
            let members = members.iter().filter_map(|member| self.delta_member(key, *member)).collect();
            item.insert("members@delta".to_owned(), Value::Array(members));
        }
        Some(Value::Object(item))
    }

    fn delta_member(&self, group: Key, member: Key) -> Option<Value> {
        let object = self.directory.object(member)?;
        let mut shown = Map::new();
        shown.insert("@odata.type".to_owned(), json!(object.class.odata()));
        shown.insert("id".to_owned(), json!(object.id));
        if !self.directory.is_seen_member(group, member) {
            shown.insert("@removed".to_owned(), json!({"reason": "deleted"}));
        }
        Some(Value::Object(shown))
    }
}

impl View {
    fn read(class: Class, token: &Token, ask: &Ask) -> Result<Self, Refusal> {
        let selection = Selection::read(class, token.select.as_deref())?;
        let filter = token.filter.as_deref().map(|text| Filter::parse(class, text)).transpose()?;
        if filter.as_ref().is_some_and(|parsed| !parsed.filter.is_of_ids(MOST_IDS)) {
            return Err(Refusal::unsupported_query("A delta can be filtered by at most 50 ids and by nothing else."));
        }
        let filter = filter.map(|parsed| parsed.filter);
        Ok(Self { class, selection, filter, since: token.since, is_minimal: ask.says("prefer", "return=minimal") })
    }
}

fn delta_body(ask: &Ask, class: Class, value: Vec<Value>, link: Link) -> Answer {
    let context = format!("{}/$metadata#{}", ask.base, class.plural());
    let (name, link) = match link {
        Link::Next(link) => ("@odata.nextLink", link),
        Link::Delta(link) => ("@odata.deltaLink", link),
    };
    let mut body = Map::new();
    body.insert("@odata.context".to_owned(), Value::String(context));
    body.insert(name.to_owned(), Value::String(link));
    body.insert("value".to_owned(), Value::Array(value));
    let mut answer = Answer::json(body);
    if ask.says("prefer", "return=minimal") {
        answer.headers.push(("preference-applied", "return=minimal".to_owned()));
    }
    answer
}
