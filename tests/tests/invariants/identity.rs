//! Who is who: I-09 to I-13 and I-50.

use std::collections::BTreeSet;

use std::sync::Arc;

use chrono::TimeDelta;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::{Just, Strategy, prop_oneof};
use provisioning_core::audit::{Directive, PersonDirective, RunDirective};
use provisioning_core::policy::Renaming;
use provisioning_core::target::{ObservedAccount, Presence, Shown};
use provisioning_core::testing::ScriptedSource;
use provisioning_core::{
    AccountId, Confidence, Correlation, FieldName, PermissionId, SourceConnector, TargetId, Value,
};

use crate::support::{Adjusted, DAYS, Org, Setup, accounts_of, check, ledger_of, main_of, person, shape_of, town};

/// An account that was there before us, recognised by its number.
fn stranger(id: &str, number: &str) -> ObservedAccount {
    ObservedAccount {
        id: AccountId::new(id).unwrap(),
        anchor: None,
        presence: Presence::Live,
        shown: Shown::Enabled,
        attributes: [("number".parse().unwrap(), Value::text(number))].into_iter().collect(),
        permissions: Some([PermissionId::new("by-hand").unwrap()].into()),
    }
}

fn correlating(confidence: Confidence) -> Org {
    let field = Some("badge".parse().unwrap());
    let correlation = vec![Correlation { field, attribute: "number".parse().unwrap(), confidence }];
    Setup { correlation, ..Setup::default() }.build()
}

fn with_badge(key: usize, badge: &str) -> String {
    format!("person {key} badge={badge}\ncontract {key} c{key} 2026-01-01.. d1\n")
}

fn id_in_ledger(org: &Org, key: &str) -> Option<String> {
    let ledger = org.engine.store.ledger();
    let ledger = ledger.read();
    let entry = ledger.account(&ledger.key(&person(key), &main_of("entra")))?;
    entry.id.as_ref().map(ToString::to_string)
}

#[test]
fn i_09_two_people_who_match_one_account_are_both_held() {
    for count in 2..=4 {
        let org = correlating(Confidence::Strong);
        org.target.put_account(stranger("s", "7"));
        let before = accounts_of(&org.target);
        org.on("2026-01-01").says(&(1..=count).map(|key| with_badge(key, "7")).collect::<String>());
        for _ in 0..3 {
            let report = org.later(TimeDelta::days(1)).report();
            assert_eq!(report.plan.waiting.len(), count, "{report}");
            assert!(org.sent().is_empty());
        }
        assert_eq!(accounts_of(&org.target), before);
        assert!((1..=count).all(|key| id_in_ledger(&org, &key.to_string()).is_none()));
    }
}

#[test]
fn i_09_a_returner_and_a_hire_who_match_one_account_are_both_held() {
    let org = correlating(Confidence::Strong);
    let left = "person 1 badge=7\ncontract 1 a 2026-01-01..2026-01-05 d1\n";
    org.on("2026-01-01").says(left);
    org.daily("2026-01-01", "2026-04-01");
    assert!(org.account("1").is_none(), "the recycle bin is empty");
    org.target.put_account(stranger("s", "7"));
    org.on("2026-04-02").says(&format!("{left}contract 1 a2 2026-04-02.. d1\n{}", with_badge(2, "7")));
    let report = org.report();
    assert_eq!(report.plan.waiting.len(), 2, "{report}");
    assert!(org.sent().is_empty());
}

#[test]
fn i_09_whoever_matches_an_account_that_is_somebody_elses_is_held() {
    let org = correlating(Confidence::Strong);
    org.target.put_account(stranger("s", "7"));
    org.on("2026-01-01").says(&with_badge(1, "7")).run();
    assert_eq!(id_in_ledger(&org, "1").as_deref(), Some("s"));
    org.on("2026-01-02").says(&format!("{}{}", with_badge(1, "7"), with_badge(2, "7")));
    org.run();
    let report = org.on("2026-01-03").report();
    assert_eq!(report.plan.waiting.len(), 1, "{report}");
    assert!(org.sent().is_empty() && id_in_ledger(&org, "2").is_none());
    assert_eq!(id_in_ledger(&org, "1").as_deref(), Some("s"));
}

#[test]
fn i_10_an_account_is_linked_if_it_alone_matches_and_the_match_is_strong() {
    for confidence in [Confidence::Strong, Confidence::Weak] {
        for twins in 0..4 {
            let org = correlating(confidence);
            for twin in 0..twins {
                org.target.put_account(stranger(&format!("s{twin}"), "7"));
            }
            org.on("2026-01-01").says(&with_badge(1, "7"));
            org.run();
            let linked = id_in_ledger(&org, "1");
            let expected = match (twins, confidence) {
                (0, _) => Some("entra-1"),
                (1, Confidence::Strong) => Some("s0"),
                _ => None,
            };
            assert_eq!(linked.as_deref(), expected, "{twins} accounts, {confidence:?}");
        }
    }
}

#[test]
fn i_10_an_adopted_account_is_what_is_worked_on_from_then_on() {
    let org = correlating(Confidence::Strong);
    org.target.put_account(stranger("s", "7"));
    org.on("2026-01-01").says(&with_badge(1, "7"));
    org.say(Directive::Run(RunDirective::GoLive(TargetId::new("entra").unwrap())));
    for _ in 0..3 {
        let report = org.later(TimeDelta::days(1)).report();
        assert!(report.failed.is_empty(), "{report}");
    }
    let shown = |org: &Org| org.target.accounts().into_iter().find(|account| account.id.as_str() == "s").unwrap();
    assert!(shown(&org).permissions.unwrap().contains("department:d1"));
    assert_eq!(shown(&org).attributes.text("user_name"), Some("x.x"));
    org.on("2026-01-10").says(&with_badge(1, "7").replace("2026-01-01..", "2026-01-01..2026-01-08"));
    org.run();
    assert_eq!(shown(&org).shown, Shown::Disabled);
    assert_eq!(org.target.accounts().len(), 1);
}

/// Something that changes and must not break a link.
#[derive(Debug, Clone, Copy)]
enum Change {
    Name(u8),
    Phone(u8),
    Badge(u8),
    Department(u8),
    Rules(u8),
    MailByHand(u8),
    NameByHand(u8),
    AnchorByHand,
}

#[test]
fn i_11_no_change_of_an_attribute_breaks_a_link() {
    let change = prop_oneof![
        (0_u8..9).prop_map(Change::Name),
        (0_u8..9).prop_map(Change::Phone),
        (0_u8..9).prop_map(Change::Badge),
        (0_u8..9).prop_map(Change::Department),
        (0_u8..9).prop_map(Change::Rules),
        (0_u8..9).prop_map(Change::MailByHand),
        (0_u8..9).prop_map(Change::NameByHand),
        Just(Change::AnchorByHand),
    ];
    check(60, (vec(change, 1..12), proptest::bool::ANY), |(changes, follows)| {
        let policy = Adjusted::on(&["entra"]).profiling(move |_, profile| {
            let renaming = if follows { Renaming::Follows } else { Renaming::Frozen };
            profile.names.iter_mut().for_each(|name| name.renaming = renaming);
        });
        let version = policy.version.clone();
        let org = Org::under(policy);
        let (mut name, mut phone, mut badge, mut department) = (0, 0, 0, 0);
        let rows = |(name, phone, badge, department): (u8, u8, u8, u8)| {
            format!(
                "person 1 given_name=A{name} family_name=B{name} phone={phone} badge={badge}\ncontract 1 a 2026-01-01.. \
                 d{department}\nperson 2 given_name=A3 family_name=B3\ncontract 2 b 2026-01-01.. d1"
            )
        };
        org.on("2026-01-01").says(&rows((name, phone, badge, department))).run();
        let id = org.id("1");
        for change in changes {
            match change {
                Change::Name(to) => name = to,
                Change::Phone(to) => phone = to,
                Change::Badge(to) => badge = to,
                Change::Department(to) => department = to,
                Change::Rules(to) => version.store(to, std::sync::atomic::Ordering::SeqCst),
                Change::MailByHand(to) => org.target.change("hr:1", |account| {
                    account.attributes.put("mail".parse().unwrap(), Value::text(&to.to_string()));
                }),
                Change::NameByHand(to) => org.target.change("hr:1", |account| {
                    account.attributes.put("user_name".parse().unwrap(), Value::text(&format!("by.hand{to}")));
                }),
                Change::AnchorByHand => org.target.change("hr:1", |account| account.anchor = None),
            }
            org.later(TimeDelta::days(1)).says(&rows((name, phone, badge, department)));
            let lines = org.run();
            let breaks =
                |line: &String| ["create", "delete", "restore", "disable"].iter().any(|verb| line.starts_with(verb));
            assert!(!lines.iter().any(breaks), "{lines:?}");
            assert_eq!(id_in_ledger(&org, "1").as_deref(), Some(id.as_str()));
            assert_eq!(org.id("1"), id);
        }
        assert_eq!(org.target.accounts().len(), 2);
    });
}

#[test]
fn i_11_another_key_in_the_source_keeps_the_account_once_somebody_links_it() {
    let org = Org::new();
    org.on("2026-01-01").says("person 1\ncontract 1 a 2026-01-01.. d1\nperson 3").run();
    let id = org.id("1");
    org.say_of("1", PersonDirective::Link("hr:2".parse().unwrap()));
    org.on("2026-01-02").says("person 2\ncontract 2 b 2026-01-02.. d1\nperson 3");
    let log = org.daily("2026-01-02", "2026-03-10");
    assert_eq!(log, Vec::<String>::new());
    assert_eq!(org.id("1"), id);
    assert!(org.is_enabled("1") && org.account("2").is_none());
}

#[test]
fn i_12_a_merge_that_is_undone_restores_links_and_grants() {
    let rows = "person 1 phone=1\ncontract 1 a 2026-01-01.. d1\nperson 2 phone=2\ncontract 2 b 2026-01-01.. d2";
    for days in 0..6 {
        let org = Org::new();
        org.on("2026-01-01").says(rows).run();
        let before = (shape_of(&org.target), ids(&org));
        org.on("2026-01-10").say_of("1", PersonDirective::Link("hr:2".parse().unwrap()));
        let mut log = Vec::new();
        for _ in 0..days {
            log.extend(org.later(TimeDelta::days(1)).run());
        }
        assert_eq!(org.is_enabled("2"), days == 0, "the leftover is disabled");
        org.say_of("2", PersonDirective::Link("hr:2".parse().unwrap()));
        log.extend(org.later(TimeDelta::days(1)).run());
        log.extend(org.later(TimeDelta::days(1)).run());
        assert_eq!((shape_of(&org.target), ids(&org)), before, "{log:?}");
        assert!(!log.iter().any(|line| line.starts_with("create") || line.starts_with("delete")), "{log:?}");
        let at_rest = ledger_of(&org.engine.store.ledger().read()).iter().all(|line| line.contains("unwanted None"));
        assert!(at_rest);
    }
}

fn ids(org: &Org) -> Vec<String> {
    ["1", "2"].map(|key| org.id(key)).to_vec()
}

#[test]
fn i_13_an_account_that_is_not_ours_is_never_touched() {
    let names = prop_oneof![Just("anna.vos0"), Just("anna.vos1"), Just("somebody")];
    let anchors = option::of(prop_oneof![Just("hr:01"), Just("HR:1"), Just("hr:1#admin"), Just("other:1")]);
    let one = (names, anchors, proptest::bool::ANY, proptest::bool::ANY);
    check(60, (town(1..5, 4), vec(one, 1..6)), |(town, strangers)| {
        let org = correlating(Confidence::Weak);
        let strangers: Vec<ObservedAccount> = (1..)
            .zip(strangers)
            .map(|(number, (name, anchor, is_enabled, is_live))| ObservedAccount {
                anchor: anchor.map(|anchor| format!("{anchor}{}", if anchor == "other:1" { number } else { 0 })),
                shown: if is_enabled { Shown::Enabled } else { Shown::Disabled },
                presence: if is_live { Presence::Live } else { Presence::InBin("2026-01-01".parse().unwrap()) },
                attributes: [("user_name".parse().unwrap(), Value::text(&format!("{name}{number}")))]
                    .into_iter()
                    .collect(),
                ..stranger(&format!("s{number}"), "7")
            })
            .collect();
        for account in &strangers {
            org.target.put_account(account.clone());
        }
        for day in 0..DAYS {
            town.dawn(&org, day);
            org.report();
        }
        for account in strangers {
            assert!(org.target.accounts().contains(&account), "{}", account.id);
        }
    });
}

#[test]
fn i_50_the_name_of_an_adopted_account_stays_its_bearers() {
    let badge = FieldName::new("badge").unwrap();
    let way = Correlation { field: Some(badge.clone()), attribute: badge, confidence: Confidence::Strong };
    let org = Setup { correlation: vec![way], ..Setup::default() }.build();
    let named = |name: &str, value: &str| (FieldName::new(name).unwrap(), Value::text(value));
    org.target.put_account(ObservedAccount {
        id: AccountId::new("by-hand").unwrap(),
        anchor: None,
        presence: Presence::Live,
        shown: Shown::Enabled,
        attributes: [named("badge", "7"), named("user_name", "a.b")].into_iter().collect(),
        permissions: Some(BTreeSet::new()),
    });
    org.say(Directive::Run(RunDirective::GoLive("entra".parse().unwrap())));
    let left = "person 1 badge=7 given_name=A family_name=B\ncontract 1 a 2026-01-01..2026-01-05 d1";
    org.on("2026-01-01").says(left).run();
    org.daily("2026-01-02", "2026-04-01");
    assert!(org.target.accounts().is_empty(), "gone from the bin");
    let hire = "person 2 given_name=A family_name=B\ncontract 2 b 2026-04-02.. d1";
    org.on("2026-04-02").says(&format!("{left}\n{hire}")).run();
    assert_ne!(org.account("2").unwrap().attributes.text("user_name"), Some("a.b"));
}

#[test]
fn i_11_a_source_that_was_left_behind_holds_nobody_back() {
    let mut org = Org::new();
    let old = Arc::new(ScriptedSource::new("old"));
    org.engine.sources.push(Arc::clone(&old) as Arc<dyn SourceConnector>);
    let always = "person 9\n";
    let day = |date: &str, rows: &str, of_old: Option<&str>| {
        org.on(date).says(rows);
        match of_old {
            Some(rows) => old.set(&format!("{always}{rows}"), org.now()),
            None => old.fail(),
        }
        if date == "2026-01-01" {
            org.say_of("1", PersonDirective::Link("old:1".parse().unwrap()));
        }
        org.run()
    };
    let now_here = "person 1\ncontract 1 a 2026-01-01.. d1";
    day("2026-01-01", now_here, Some("person 1\ncontract 1 o 2026-01-01.. d9"));
    for date in ["2026-01-02", "2026-01-03", "2026-01-04"] {
        day(date, now_here, Some(""));
    }
    let moved = format!("{now_here}\ncontract 1 b 2026-01-20.. d2");
    let sent = day("2026-01-20", &moved, None);
    assert!(sent.contains(&"grant hr:1 department:d2".to_owned()), "{sent:?}");
}
