use std::fmt;

use chrono::{DateTime, Utc};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::patch::Patch;

/// A user as the Graph shows it. A property is `None` where it was not asked for, and where it has no value.
///
/// Without a selection the Graph shows few properties; `account_enabled`, for one, only when it is selected.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct User {
    /// The object's id; it never changes.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub id: String,
    /// The name to sign in with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_principal_name: Option<String>,
    /// The name that people see.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub display_name: Option<String>,
    /// The local part of addresses.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mail_nickname: Option<String>,
    /// The address for mail.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mail: Option<String>,
    /// Whether it can be used.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account_enabled: Option<bool>,
    /// At most 16 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub employee_id: Option<String>,
    /// Whether it is kept by a directory on premises; most of its properties are read-only then.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub on_premises_sync_enabled: Option<bool>,
    /// When it was made.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created_date_time: Option<DateTime<Utc>>,
    /// When it was put into the recycle bin.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deleted_date_time: Option<DateTime<Utc>>,
    /// Everything else that the Graph said, annotations included, under its own names.
    #[serde(flatten)]
    pub rest: Map<String, Value>,
}

impl User {
    /// All properties under the Graph's names, those with fields of their own included.
    #[must_use]
    pub fn into_properties(self) -> Map<String, Value> {
        properties(&self)
    }
}

impl fmt::Debug for User {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("User")
            .field("id", &self.id)
            .field("account_enabled", &self.account_enabled)
            .field("deleted_date_time", &self.deleted_date_time)
            .field("rest", &self.rest.len())
            .finish_non_exhaustive()
    }
}

/// What serialises to an object as an object; nothing that we define serialises to anything else.
pub(crate) fn properties(item: &impl Serialize) -> Map<String, Value> {
    match serde_json::to_value(item) {
        Ok(Value::Object(properties)) => properties,
        Ok(_) | Err(_) => Map::new(),
    }
}

/// A user to be made: what the Graph demands, and whatever else is known.
#[derive(Clone)]
pub struct NewUser {
    /// The name to sign in with, in a verified domain.
    pub user_principal_name: String,
    /// The name that people see.
    pub display_name: String,
    /// The local part of addresses.
    pub mail_nickname: String,
    /// Whether it can be used at once.
    pub account_enabled: bool,
    /// The first password.
    pub password: SecretString,
    /// Whether the first sign-in asks for another password.
    pub change_password_at_next_sign_in: bool,
    /// Everything else.
    pub rest: Patch,
}

impl NewUser {
    /// What is sent.
    pub(crate) fn body(&self) -> Value {
        let mut body = self.rest.properties().clone();
        body.insert("userPrincipalName".to_owned(), json!(self.user_principal_name));
        body.insert("displayName".to_owned(), json!(self.display_name));
        body.insert("mailNickname".to_owned(), json!(self.mail_nickname));
        body.insert("accountEnabled".to_owned(), json!(self.account_enabled));
        let profile = json!({
            "password": self.password.expose_secret(),
            "forceChangePasswordNextSignIn": self.change_password_at_next_sign_in,
        });
        body.insert("passwordProfile".to_owned(), profile);
        Value::Object(body)
    }
}

impl fmt::Debug for NewUser {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NewUser")
            .field("account_enabled", &self.account_enabled)
            .field("rest", &self.rest)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_no_field_survives() {
        let text = r#"{"@odata.context":"c","id":"1","displayName":"Anna","department":"Sales","skills":[],"x":null}"#;
        let user: User = serde_json::from_str(text).unwrap();
        assert_eq!((user.id.as_str(), user.display_name.as_deref()), ("1", Some("Anna")));
        assert_eq!(user.rest.len(), 4);
        assert_eq!(Value::Object(user.into_properties()), serde_json::from_str::<Value>(text).unwrap());
    }

    #[test]
    fn null_is_no_value() {
        let user: User = serde_json::from_str(r#"{"id":"1","employeeId":null,"accountEnabled":null}"#).unwrap();
        assert_eq!((user.employee_id, user.account_enabled), (None, None));
    }

    #[test]
    fn debug_shows_nobody() {
        let planted = "planted".to_owned();
        let user = User { id: "7".into(), display_name: Some(planted.clone()), mail: Some(planted), ..User::default() };
        let shown = format!("{user:?}");
        assert!(shown.contains("\"7\"") && !shown.contains("planted"), "{shown}");
        let new = NewUser {
            user_principal_name: "planted@example.org".into(),
            display_name: "planted".into(),
            mail_nickname: "planted".into(),
            account_enabled: false,
            password: "planted".into(),
            change_password_at_next_sign_in: true,
            rest: Patch::new().set("department", "planted"),
        };
        let shown = format!("{new:?}");
        assert!(shown.contains("department") && !shown.contains("planted"), "{shown}");
    }
}
