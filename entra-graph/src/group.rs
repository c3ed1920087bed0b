use std::fmt;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::patch::Patch;
use crate::user::properties;

/// A group as the Graph shows it. A property is `None` where it was not asked for, and where it has no value.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Group {
    /// The object's id; it never changes.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub id: String,
    /// The name that people see; several groups may have the same.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub display_name: Option<String>,
    /// What it is for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// The name that programs know it by; no other group has the same.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unique_name: Option<String>,
    /// `Unified` for Microsoft 365, `DynamicMembership` where a rule says who belongs to it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group_types: Option<Vec<String>>,
    /// Whether it receives mail.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mail_enabled: Option<bool>,
    /// Whether it can be granted things.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub security_enabled: Option<bool>,
    /// Whether it is kept by a directory on premises.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub on_premises_sync_enabled: Option<bool>,
    /// When it was put into the recycle bin.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deleted_date_time: Option<DateTime<Utc>>,
    /// Everything else that the Graph said, annotations included, under its own names.
    #[serde(flatten)]
    pub rest: Map<String, Value>,
}

impl Group {
    /// All properties under the Graph's names, those with fields of their own included.
    #[must_use]
    pub fn into_properties(self) -> Map<String, Value> {
        properties(&self)
    }

    /// Whether the Graph lets an app write its members, as far as what was asked for shows: not where a rule names
    /// them, not where it is kept on premises, and not for the kinds that Exchange keeps (mail-enabled, and not
    /// Microsoft 365).
    #[must_use]
    pub fn takes_members(&self) -> bool {
        let is = |kind: &str| self.group_types.iter().flatten().any(|of| of == kind);
        let of_exchange = self.mail_enabled == Some(true) && !is("Unified");
        !is("DynamicMembership") && !of_exchange && self.on_premises_sync_enabled != Some(true)
    }
}

impl fmt::Debug for Group {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Group")
            .field("id", &self.id)
            .field("unique_name", &self.unique_name)
            .field("group_types", &self.group_types)
            .field("deleted_date_time", &self.deleted_date_time)
            .field("rest", &self.rest.len())
            .finish_non_exhaustive()
    }
}

/// The kinds of groups that can be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GroupKind {
    /// For granting things.
    Security,
    /// With a mailbox and all that follows.
    Microsoft365,
}

/// A group to be made.
#[derive(Clone)]
pub struct NewGroup {
    /// The name that people see.
    pub display_name: String,
    /// The local part of its address; the Graph demands one for every group.
    pub mail_nickname: String,
    /// Which kind; it cannot be changed afterwards.
    pub kind: GroupKind,
    /// The ids of its owners, at most 20.
    pub owners: Vec<String>,
    /// Everything else.
    pub rest: Patch,
}

impl NewGroup {
    /// What is sent; `reference` writes an id as the Graph wants it.
    pub(crate) fn body(&self, reference: impl Fn(&str) -> String) -> Value {
        let mut body = self.rest.properties().clone();
        body.insert("displayName".to_owned(), json!(self.display_name));
        body.insert("mailNickname".to_owned(), json!(self.mail_nickname));
        body.insert("mailEnabled".to_owned(), json!(self.kind == GroupKind::Microsoft365));
        body.insert("securityEnabled".to_owned(), json!(self.kind == GroupKind::Security));
        if self.kind == GroupKind::Microsoft365 {
            body.insert("groupTypes".to_owned(), json!(["Unified"]));
        }
        if !self.owners.is_empty() {
            let owners: Vec<String> = self.owners.iter().map(|owner| reference(owner)).collect();
            body.insert("owners@odata.bind".to_owned(), json!(owners));
        }
        Value::Object(body)
    }
}

impl fmt::Debug for NewGroup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NewGroup")
            .field("mail_nickname", &self.mail_nickname)
            .field("kind", &self.kind)
            .field("rest", &self.rest)
            .finish_non_exhaustive()
    }
}

/// What making or changing a group by its unique name came to.
#[derive(Debug, Clone, PartialEq)]
pub enum Upserted {
    /// There was none, and now there is this one. It may not be seen everywhere at once.
    Created(Group),
    /// There was one, and it has the properties now.
    Updated,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_are_written_only_where_the_graph_lets_us() {
        // (group, takes members)
        let cases = [
            (r#"{"groupTypes":[],"mailEnabled":false,"securityEnabled":true}"#, true),
            (r#"{"groupTypes":["Unified"],"mailEnabled":true,"securityEnabled":false}"#, true),
            (r#"{"groupTypes":[],"mailEnabled":true,"securityEnabled":true}"#, false),
            (r#"{"groupTypes":["DynamicMembership"],"mailEnabled":false}"#, false),
            (r#"{"groupTypes":["Unified","DynamicMembership"],"mailEnabled":true}"#, false),
            (r#"{"groupTypes":[],"mailEnabled":false,"onPremisesSyncEnabled":true}"#, false),
            (r#"{"groupTypes":null,"onPremisesSyncEnabled":null}"#, true),
        ];
        for (text, expected) in cases {
            assert_eq!(serde_json::from_str::<Group>(text).unwrap().takes_members(), expected, "{text}");
        }
    }

    #[test]
    fn a_kind_is_three_properties() {
        let mut group = NewGroup {
            display_name: "Sales".into(),
            mail_nickname: "sales".into(),
            kind: GroupKind::Security,
            owners: Vec::new(),
            rest: Patch::new().set("description", "All of sales"),
        };
        let security = json!({"displayName": "Sales", "mailNickname": "sales", "description": "All of sales",
            "mailEnabled": false, "securityEnabled": true});
        assert_eq!(group.body(str::to_owned), security);
        group.kind = GroupKind::Microsoft365;
        let unified = json!({"displayName": "Sales", "mailNickname": "sales", "description": "All of sales",
            "mailEnabled": true, "securityEnabled": false, "groupTypes": ["Unified"]});
        assert_eq!(group.body(str::to_owned), unified);
    }
}
