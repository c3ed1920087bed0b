use provisioning_core::target::Change;
use provisioning_core::{AccountKey, AccountKind, TargetId, TenantId};
use serde_json::json;

use super::*;

fn name(text: &str) -> FieldName {
    FieldName::new(text).unwrap()
}

fn settings() -> EntraSettings {
    let attributes = [
        "displayName",
        "mailNickname",
        "businessPhones",
        "otherMails",
        "employeeHireDate",
        "showInAddressList",
        "onPremisesExtensionAttributes.extensionAttribute1",
        "onPremisesExtensionAttributes.extensionAttribute2",
    ];
    EntraSettings::new(TargetId::new("entra").unwrap(), attributes.map(name).to_vec()).unwrap()
}

fn values() -> Vec<(&'static str, Value, Json)> {
    let date = Value::Date("2026-03-02".parse().unwrap());
    vec![
        ("displayName", Value::text("Anna"), json!("Anna")),
        ("displayName", Value::text(""), json!("")),
        ("showInAddressList", Value::Bool(true), json!(true)),
        ("displayName", Value::Number("1.5".parse().unwrap()), json!(1.5)),
        ("businessPhones", Value::text("020"), json!(["020"])),
        ("otherMails", Value::List(vec![Value::text("a@b"), Value::text("c@d")]), json!(["a@b", "c@d"])),
        ("employeeHireDate", date, json!("2026-03-02T00:00:00Z")),
        ("onPremisesExtensionAttributes.extensionAttribute1", Value::text("x"), json!({ "extensionAttribute1": "x" })),
    ]
}

#[test]
fn what_is_written_is_read_back_as_the_same_value() {
    for (attribute, value, json) in values() {
        let patch = Patch(vec![Change { attribute: name(attribute), before: None, after: Edit::Set(value.clone()) }]);
        let body = changed(&patch, &settings()).unwrap();
        let property = attribute.split('.').next().unwrap();
        assert_eq!((body.len(), &body[property]), (1, &json), "{attribute}");
        assert_eq!(read(&body, attribute), Some(value), "{attribute}");
    }
}

#[test]
fn i_48_clearing_writes_what_the_graph_calls_nothing_and_keeping_writes_nothing() {
    let edit = |attribute: &str, after| Change { attribute: name(attribute), before: None, after };
    let patch = Patch(vec![
        edit("displayName", Edit::Clear),
        edit("businessPhones", Edit::Clear),
        edit("otherMails", Edit::Set(Value::Null)),
        edit("employeeHireDate", Edit::Clear),
        edit("onPremisesExtensionAttributes.extensionAttribute1", Edit::Clear),
        edit("onPremisesExtensionAttributes.extensionAttribute2", Edit::Set(Value::text(""))),
        edit("showInAddressList", Edit::Keep),
    ]);
    let body = changed(&patch, &settings()).unwrap();
    let expected = json!({
        "displayName": null, "businessPhones": [], "otherMails": [], "employeeHireDate": null,
        "onPremisesExtensionAttributes": { "extensionAttribute1": null, "extensionAttribute2": "" },
    });
    assert_eq!(Json::Object(body.clone()), expected);
    for attribute in ["displayName", "businessPhones", "otherMails", "employeeHireDate", "showInAddressList"] {
        assert_eq!(read(&body, attribute), None, "{attribute}");
    }
    assert_eq!(read(&body, "onPremisesExtensionAttributes.extensionAttribute1"), None);
    assert_eq!(read(&body, "onPremisesExtensionAttributes.extensionAttribute2"), Some(Value::text("")));
}

#[test]
fn i_47_nothing_is_written_that_is_not_read_or_has_another_shape() {
    let key = AccountKey {
        tenant: TenantId::new("t").unwrap(),
        target: TargetId::new("entra").unwrap(),
        person: "hr:1".parse().unwrap(),
        kind: AccountKind::main(),
    };
    let day = Value::Date("2026-03-02".parse().unwrap());
    let cases = [
        ("jobTitle", Value::text("x"), "not among the attributes"),
        ("onPremisesExtensionAttributes.extensionAttribute15", Value::text("x"), "the anchor"),
        ("displayName", Value::Account(Box::new(key)), "another account"),
        ("displayName", day.clone(), "as text"),
        ("displayName", Value::List(vec![Value::text("x")]), "one value"),
        ("employeeHireDate", Value::text("2026-03-02"), "give a date"),
        ("businessPhones", Value::List(vec![]), "one text"),
        ("otherMails", Value::text("a@b"), "give a list"),
        ("otherMails", Value::List(vec![day]), "a list of texts"),
    ];
    for (attribute, value, why) in cases {
        let patch = Patch(vec![Change { attribute: name(attribute), before: None, after: Edit::Set(value) }]);
        let error = changed(&patch, &settings()).unwrap_err().to_string();
        assert!(error.contains(why) && error.contains(attribute), "{attribute}: {error}");
        assert!(!error.contains("2026") && !error.contains("a@b"), "{error}");
    }
}

#[test]
fn a_new_user_is_disabled_bears_its_anchor_and_has_a_nickname() {
    let with = |more: &[(&str, &str)]| {
        let given = [("displayName", "Anna Vos"), ("userPrincipalName", "anna.vos@example.org")];
        let fields = given.iter().chain(more).map(|(attribute, text)| (name(attribute), Value::text(text)));
        Json::Object(new_user(&fields.collect(), "hr:1", &settings()).unwrap())
    };
    let expected = |nickname: &str| {
        json!({
            "displayName": "Anna Vos", "userPrincipalName": "anna.vos@example.org", "mailNickname": nickname,
            "onPremisesExtensionAttributes": { "extensionAttribute15": "hr:1" }, "accountEnabled": false,
        })
    };
    assert_eq!(with(&[]), expected("anna.vos"));
    assert_eq!(with(&[("mailNickname", "avos")]), expected("avos"));
    let beside = with(&[("onPremisesExtensionAttributes.extensionAttribute1", "x")]);
    let both = json!({ "extensionAttribute1": "x", "extensionAttribute15": "hr:1" });
    assert_eq!(beside["onPremisesExtensionAttributes"], both);
}

#[test]
fn a_new_user_without_a_principal_name_is_refused() {
    let fields = [(name("displayName"), Value::text("Anna"))].into_iter().collect();
    let error = new_user(&fields, "hr:1", &settings()).unwrap_err().to_string();
    assert!(error.contains("`userPrincipalName`"), "{error}");
}

#[test]
fn a_day_that_somebody_wrote_otherwise_is_no_day_of_ours() {
    let user = json!({ "employeeHireDate": "2026-03-01T23:00:00Z" });
    let read = read(user.as_object().unwrap(), "employeeHireDate");
    assert_eq!(read, Some(Value::text("2026-03-01T23:00:00Z")));
}

#[test]
fn a_nickname_holds_what_the_graph_takes() {
    for (given, expected) in [
        ("anna.vos@example.org", "anna.vos"),
        ("department:sales & co", "department-sales---co"),
        ("josé@x", "jos-"),
        (&"x".repeat(70), &"x".repeat(64)),
    ] {
        assert_eq!(nickname(given), expected);
    }
}
