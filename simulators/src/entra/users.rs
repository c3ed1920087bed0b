//! `/users` (graph.md 1.6).

use http::Method;
use serde_json::{Map, Value, json};

use super::ask::{Answer, Ask};
use super::body;
use super::directory::{Key, Presence, Record, instant};
use super::errors::Refusal;
use super::list::Items;
use super::path::{OfUser, Part, Route};
use super::schema::{Class, Values};
use super::select::Selection;
use super::state::State;

/// What a UPN may hold before the `@`, beside letters and digits of ASCII.
const IN_A_UPN: &str = "'.-_!#^~";

impl State {
    pub(super) fn users(&mut self, ask: &Ask, part: Part) -> Result<Answer, Refusal> {
        match (&ask.method, part) {
            (&Method::GET, Part::Items) => {
                self.page(ask, Items::Of(Class::User), |after| self.live(Class::User, after))
            }
            (&Method::GET, Part::Count) => self.count(ask, Items::Of(Class::User), self.live(Class::User, None)),
            (&Method::GET, Part::Delta) => self.delta(ask, Class::User),
            (&Method::POST, Part::Items) => {
                let key = self.create_user(&ask.json()?)?;
                self.shown(key, ask).map(Answer::created)
            }
            _ => Err(not_allowed()),
        }
    }

    pub(super) fn user(&mut self, ask: &Ask, name: &str, of: OfUser) -> Result<Answer, Refusal> {
        match (&ask.method, of) {
            (&Method::GET, OfUser::Itself) => {
                let (key, _) = self.readable(Class::User, name)?;
                self.seen_body(key, ask).map(Answer::json)
            }
            (&Method::PATCH, OfUser::Itself) => {
                let key = self.writable(Class::User, name)?;
                self.change_user(key, &ask.json()?)?;
                Ok(Answer::nothing())
            }
            (&Method::DELETE, OfUser::Itself) => {
                let key = self.writable(Class::User, name)?;
                self.directory.turn(key, Presence::Deleted(self.directory.now));
                Ok(Answer::nothing())
            }
            // Nesting of groups is not followed: what is above a group is not shown.
            (&Method::GET, OfUser::MemberOf | OfUser::TransitiveMemberOf) => {
                let (key, _) = self.readable(Class::User, name)?;
                self.member_of(ask, key)
            }
            (&Method::POST, OfUser::RevokeSessions) => {
                let key = self.writable(Class::User, name)?;
                let now = instant(self.directory.now);
                self.directory.write(key, Values::from([("signInSessionsValidFromDateTime", now)]));
                let context = format!("{}/$metadata#Edm.Boolean", ask.base);
                Ok(Answer::json(json!({"@odata.context": context, "value": true})))
            }
            _ => Err(not_allowed()),
        }
    }

    pub(super) fn create_user(&mut self, given: &Map<String, Value>) -> Result<Key, Refusal> {
        let values = body::read(Class::User, given, None)?;
        for name in ["accountEnabled", "displayName", "mailNickname", "userPrincipalName"] {
            if !values.contains_key(name) {
                return Err(missing(name, Class::User));
            }
        }
        if given.get("passwordProfile").and_then(|profile| profile.get("password")).is_none() {
            return Err(missing("passwordProfile", Class::User));
        }
        let values = self.checked_user(given, values, None)?;
        let id = self.random.uuid();
        let defaults = [("userType", json!("Member"))];
        let values = defaults.into_iter().chain(values).collect();
        Ok(self.directory.create(Class::User, id, values))
    }

    pub(super) fn change_user(&mut self, key: Key, given: &Map<String, Value>) -> Result<(), Refusal> {
        let values = body::read(Class::User, given, self.directory.latest(key))?;
        let values = self.checked_user(given, values, Some(key))?;
        self.directory.write(key, values);
        Ok(())
    }

    /// What the service adds to what was written, and refuses of it.
    fn checked_user(
        &self,
        given: &Map<String, Value>,
        mut values: Values,
        own: Option<Key>,
    ) -> Result<Values, Refusal> {
        if let Some(upn) = values.get("userPrincipalName").and_then(Value::as_str) {
            self.check_upn(upn)?;
            self.check_free("userPrincipalName", upn, own)?;
        }
        let nickname = values.get("mailNickname").and_then(Value::as_str);
        if nickname.is_some_and(|name| name.contains(|c: char| c.is_whitespace() || c == '@')) {
            return Err(Refusal::bad_request(
                "Invalid value specified for property 'mailNickname' of resource 'User'.",
            ));
        }
        match values.get("mail") {
            Some(Value::String(mail)) => {
                let address = format!("SMTP:{mail}");
                self.check_free("proxyAddresses", &address, own)?;
                values.insert("proxyAddresses", json!([address]));
            }
            Some(_) => {
                values.insert("proxyAddresses", Value::Null);
            }
            None => {}
        }
        match given.get("passwordProfile") {
            None => {}
            Some(profile) if profile.get("password").is_none_or(Value::is_string) && profile.is_object() => {
                values.insert("lastPasswordChangeDateTime", instant(self.directory.now));
            }
            Some(_) => return Err(Refusal::bad_request("Invalid value specified for property 'passwordProfile'.")),
        }
        Ok(values)
    }

    /// Its characters, and its domain, which has to be a verified one.
    pub(super) fn check_upn(&self, upn: &str) -> Result<(), Refusal> {
        let invalid = || Refusal::bad_request("Property userPrincipalName is invalid.");
        let (name, domain) = upn.split_once('@').ok_or_else(invalid)?;
        let legal = |c: char| c.is_ascii_alphanumeric() || IN_A_UPN.contains(c);
        if name.is_empty() || name.len() > 64 || !name.chars().all(legal) || name.ends_with('.') {
            return Err(invalid());
        }
        if self.config.domains.iter().any(|verified| verified.eq_ignore_ascii_case(domain)) {
            return Ok(());
        }
        Err(Refusal::bad_request(
            "The domain portion of the userPrincipalName property is invalid. You must use one of the verified domain \
             names in your organization.",
        ))
    }

    /// No other object, deleted ones included, has this value. That is never looked up in the past.
    pub(super) fn check_free(&self, property: &'static str, value: &str, own: Option<Key>) -> Result<(), Refusal> {
        match self.directory.holder(property, value) {
            Some(holder) if Some(holder) != own => Err(Refusal::conflict(property)),
            _ => Ok(()),
        }
    }

    /// The groups of a user or a group.
    pub(super) fn member_of(&self, ask: &Ask, key: Key) -> Result<Answer, Refusal> {
        self.page(ask, Items::Mixed, |after| {
            self.directory.seen_groups_of(key).skip_while(move |group| after.is_some_and(|after| *group <= after))
        })
    }

    /// The body of one object as it is, after a write.
    pub(super) fn shown(&self, key: Key, ask: &Ask) -> Result<Value, Refusal> {
        let record = self.directory.latest(key).ok_or_else(|| Refusal::not_found(""))?;
        self.shown_as(key, record, ask)
    }

    /// The body of one object as readers see it.
    pub(super) fn seen_body(&self, key: Key, ask: &Ask) -> Result<Value, Refusal> {
        let record = self.directory.seen(key).ok_or_else(|| Refusal::not_found(""))?;
        self.shown_as(key, record, ask)
    }

    fn shown_as(&self, key: Key, record: &Record, ask: &Ask) -> Result<Value, Refusal> {
        let class = self.directory.object(key).map_or(Class::User, |object| object.class);
        if ask.query.get("$expand").is_some() {
            return Err(Refusal::unsupported_query("This simulator does not support $expand here."));
        }
        let selection = Selection::read(class, ask.query.get("$select"))?;
        let mut body = Map::new();
        body.insert("@odata.context".to_owned(), json!(format!("{}/$metadata#{}/$entity", ask.base, class.plural())));
        if !selection.named && ask.method == Method::GET {
            let tip = "Use $select to choose only the properties your app needs, as this can lead to performance \
                       improvements.";
            body.insert("@microsoft.graph.tips".to_owned(), json!(tip));
        }
        // Where the path does not tell the class, the body does.
        if matches!(ask.route, Route::DeletedItem(..) | Route::Object(_)) {
            body.insert("@odata.type".to_owned(), json!(class.odata()));
        }
        body.extend(selection.show(record));
        Ok(Value::Object(body))
    }
}

pub(super) fn missing(name: &str, class: Class) -> Refusal {
    Refusal::bad_request(format!("A value is required for property '{name}' of resource '{}'.", class.name()))
}

pub(super) fn not_allowed() -> Refusal {
    let message = "Specified HTTP method is not allowed for the request target.";
    Refusal::new(http::StatusCode::METHOD_NOT_ALLOWED, "Request_BadRequest", message)
}
