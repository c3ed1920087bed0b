use expect_test::{Expect, expect};
use provisioning_core::{FieldName, TargetId};
use serde_json::{Value as Json, json};

use super::*;

fn settings() -> EntraSettings {
    let attributes = vec![FieldName::new("department").unwrap()];
    EntraSettings::new(TargetId::new("entra").unwrap(), attributes).unwrap()
}

fn user(json: Json) -> User {
    serde_json::from_value(json).unwrap()
}

fn changed(id: &str, department: &str) -> Delta<User> {
    Delta::Changed(user(json!({ "id": id, "department": department })))
}

fn removed<T>(id: &str, removal: Removal) -> Delta<T> {
    Delta::Removed { id: id.to_owned(), removal }
}

#[test]
fn the_last_thing_said_of_a_user_holds() {
    let mut users = Users::default();
    let rows = vec![
        changed("1", "Sales"),
        changed("2", "Sales"),
        removed("1", Removal::SoftDeleted),
        changed("3", "Sales"),
        removed("2", Removal::SoftDeleted),
        changed("2", "Stock"),
        removed("3", Removal::SoftDeleted),
        removed("3", Removal::Gone),
        Delta::End(DeltaLink::new("https://graph.example/next")),
    ];
    for row in rows {
        users.take(row, &settings());
    }
    let said = |(id, state): (&String, &UserState)| match state {
        UserState::Live(account) => format!("{id} {}", account.attributes.text("department").unwrap()),
        UserState::Removed(removal) => format!("{id} {removal:?}"),
    };
    let shown: Vec<String> = users.shown.iter().map(said).collect();
    assert_eq!(shown, ["1 SoftDeleted", "2 Stock", "3 Gone"]);
    assert_eq!(users.deleted().collect::<Vec<_>>(), ["1"]);
    assert!(users.link.is_some());
}

#[test]
fn a_user_is_an_account_with_its_anchor_and_nothing_that_was_not_asked_for() {
    let shown = user(json!({
        "id": "1", "accountEnabled": true, "userPrincipalName": "a@example.org", "department": "Sales", "jobTitle": "x",
        "onPremisesExtensionAttributes": { "extensionAttribute1": "x", "extensionAttribute15": "hr:1" },
    }));
    let account = live(shown, &settings()).unwrap();
    assert_eq!((account.anchor.as_deref(), account.presence), (Some("hr:1"), Presence::Live));
    assert_eq!((account.shown, account.permissions), (Shown::Enabled, None));
    let names: Vec<&str> = account.attributes.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["department", "userPrincipalName"]);
    let bare = live(user(json!({ "id": "2", "department": null })), &settings()).unwrap();
    assert_eq!((bare.anchor, bare.shown, bare.attributes.len()), (None, Shown::Disabled, 0));
}

#[test]
fn a_deleted_user_is_in_the_bin_since_the_day_of_the_zone_under_the_name_it_had() {
    let id = "02bd9fd6-8f93-4758-87c3-1fb73740a315";
    let name = "02bd9fd68f93475887c31fb73740a315anna@example.org";
    let in_zone = |zone: Tz| {
        let json = json!({ "id": id, "userPrincipalName": name, "deletedDateTime": "2026-03-01T23:30:00Z" });
        let mut settings = settings();
        settings.zone = zone;
        deleted(user(json), &settings).unwrap()
    };
    assert_eq!(in_zone(Tz::UTC).presence, Presence::InBin("2026-03-01".parse().unwrap()));
    assert_eq!(in_zone(Tz::Europe__Amsterdam).presence, Presence::InBin("2026-03-02".parse().unwrap()));
    assert_eq!(in_zone(Tz::UTC).attributes.text("userPrincipalName"), Some("anna@example.org"));
    assert!(deleted(user(json!({ "id": id })), &settings()).is_none());
}

/// A group as `g1=sales`, without a unique name as `g1`, and its members: `+1` came, `-1` went.
fn group(text: &str) -> Delta<GroupChange> {
    let mut words = text.split(' ');
    let name = words.next().unwrap();
    let (object, unique) = name.split_once('=').map_or((name, None), |(object, unique)| (object, Some(unique)));
    let group = serde_json::from_value(json!({ "id": object, "displayName": "Shown", "uniqueName": unique })).unwrap();
    let member = |word: &str| entra_graph::MemberChange {
        id: word[1..].to_owned(),
        kind: if word.ends_with("device") { ObjectKind::Other } else { ObjectKind::User },
        membership: if word.starts_with('+') { Membership::Added } else { Membership::Removed },
    };
    Delta::Changed(GroupChange { group, members: words.map(member).collect() })
}

fn check(known: &[(&str, &str)], rows: Vec<Delta<GroupChange>>, expected: &Expect) {
    let groups = Groups::default();
    for (object, permission) in known {
        groups.note(object, &PermissionId::new(permission).unwrap());
    }
    let mut read = GroupsRead::default();
    for row in rows {
        read.take(row, &groups);
    }
    let resources: Vec<&str> = read.resources.values().map(|group| group.id.as_str()).collect();
    let removed: Vec<&str> = read.removed.iter().map(|(_, permission)| permission.as_str()).collect();
    let holding = |one: &Holding| format!("{}{}{}", one.account, if one.held { '+' } else { '-' }, one.permission);
    let holdings: Vec<String> = read.holdings.iter().map(|(_, one)| holding(one)).collect();
    let unclear = if read.is_unclear { "unclear" } else { "clear" };
    let text = format!(
        "groups: {}\nremoved: {}\nholdings: {}\n{unclear}\n",
        resources.join(" "),
        removed.join(" "),
        holdings.join(" ")
    );
    expected.assert_eq(&text);
}

#[test]
fn a_group_goes_by_its_unique_name_else_by_its_id_and_only_users_hold_it() {
    check(
        &[],
        vec![group("g1=sales +1 +2"), group("g2 +1 +device"), group("g1=sales -1 -device +3")],
        &expect![[r"
            groups: sales g2
            removed: 
            holdings: 1+sales 2+sales 1+g2 1-sales device-sales 3+sales
            clear
        "]],
    );
}

#[test]
fn a_group_that_was_removed_is_held_by_nobody_whatever_was_said_before() {
    check(
        &[("g1", "sales")],
        vec![group("g1=sales +1"), group("g2=stock +1"), removed("g1", Removal::SoftDeleted)],
        &expect![[r"
            groups: stock
            removed: sales
            holdings: 1+stock
            clear
        "]],
    );
}

#[test]
fn another_group_under_the_same_name_takes_the_place_of_the_removed_one() {
    check(
        &[("g1", "sales")],
        vec![removed("g1", Removal::Gone), group("g9=sales +7")],
        &expect![[r"
            groups: sales
            removed: sales
            holdings: 7+sales
            clear
        "]],
    );
}

#[test]
fn a_removal_that_is_told_late_takes_nothing_from_the_group_that_has_the_name_now() {
    check(
        &[("g1", "sales")],
        vec![group("g1=sales +1"), group("g9=sales +7"), removed("g1", Removal::Gone)],
        &expect![[r"
            groups: sales
            removed: sales
            holdings: 7+sales
            clear
        "]],
    );
}

#[test]
fn a_group_that_is_back_was_never_removed() {
    check(
        &[("g1", "sales")],
        vec![removed("g1", Removal::SoftDeleted), group("g1=sales")],
        &expect![[r"
            groups: sales
            removed: 
            holdings: 
            clear
        "]],
    );
}

#[test]
fn what_cannot_be_told_of_a_group_asks_for_a_whole_reading() {
    check(
        &[],
        vec![removed("g1", Removal::SoftDeleted)],
        &expect![[r"
            groups: 
            removed: 
            holdings: 
            unclear
        "]],
    );
    check(
        &[("g1", "g1")],
        vec![group("g1=sales")],
        &expect![[r"
            groups: sales
            removed: 
            holdings: 
            unclear
        "]],
    );
}
