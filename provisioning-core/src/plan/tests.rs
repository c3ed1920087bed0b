//! Order, dependencies and waves; the hash; and how a plan reads.

use std::collections::BTreeSet;
use std::fmt::Write;

use expect_test::{Expect, expect};

use crate::audit::{AccountFact, Head};
use crate::digest::Digest;
use crate::id::AccountId;
use crate::ledger::{Ledger, NameKey};
use crate::lifecycle::Want;
use crate::plan::{
    AccountStep, Action, ActionId, Plan, Refusal, Revision, Step, StepKind, Timing, Waiting, Why, in_words,
};
use crate::policy::PolicyVersion;
use crate::samples::{at, because, day, decisions, id, key, plan, revision, settings, step};
use crate::target::{Change, ObservedAccount, Patch, Presence, Shown};
use crate::value::{Edit, Fields, Value};

const NOW: &str = "2026-03-01";

/// A step as it is written in these tests.
fn written(action: &Action) -> String {
    let words: Vec<String> = action.to_string().split_whitespace().map(str::to_owned).collect();
    let why = words.iter().position(|word| word.starts_with('(')).unwrap();
    words[..why].join(" ")
}

/// The plan of these steps: wave after wave, each action with its number and those that it needs.
fn check(steps: &str, expected: &Expect) {
    let plan = plan(NOW, steps);
    let mut text = String::new();
    for wave in &plan.waves {
        writeln!(text, "{}", wave.target).unwrap();
        for action in &wave.actions {
            assert_eq!(action.step.target(), &wave.target);
            let after: Vec<String> = action.after.iter().map(|ActionId(number)| number.to_string()).collect();
            let after = if after.is_empty() { String::new() } else { format!(" after {}", after.join(" ")) };
            writeln!(text, "  {} {}{after}", action.id.0, written(action)).unwrap();
        }
    }
    expected.assert_eq(&text);
}

#[test]
fn stages_follow_each_other_within_a_target() {
    check(
        "delete 1\n revoke 2 a\n update 3 phone=1\n enable 4\n grant 5 b\n create 6\n ensure c C\n disable 7\n restore 8\n reissue 9",
        &expect![[r"
            entra
              0 disable entra/hr:7
            entra
              1 ensure entra c `C`
            entra
              2 create entra/hr:6
              3 restore entra/hr:8
            entra
              4 grant entra/hr:5 b
            entra
              5 enable entra/hr:4
            entra
              6 update entra/hr:3 phone
              7 reissue entra/hr:9
            entra
              8 revoke entra/hr:2 a
            entra
              9 delete entra/hr:1
        "]],
    );
}

#[test]
fn targets_follow_each_other_in_the_order_of_the_settings() {
    check(
        "disable ad/1\n disable elsewhere/1\n create 2\n disable 1",
        &expect![[r"
            entra
              0 disable entra/hr:1
            entra
              1 create entra/hr:2
            ad
              2 disable ad/hr:1
            elsewhere
              3 disable elsewhere/hr:1
        "]],
    );
}

#[test]
fn everything_about_a_new_account_waits_for_it() {
    check(
        "create 1 user_name=anna\n grant 1 a\n enable 1\n grant 2 a\n enable 2",
        &expect![[r"
            entra
              0 create entra/hr:1
            entra
              1 grant entra/hr:1 a after 0
              2 grant entra/hr:2 a
            entra
              3 enable entra/hr:1 after 0
              4 enable entra/hr:2
        "]],
    );
}

#[test]
fn a_grant_waits_for_the_resource_that_is_made_for_it() {
    check(
        "grant 1 own:a\n grant 2 own:b\n grant ad/3 own:a\n ensure own:a a",
        &expect![[r"
            entra
              0 ensure entra own:a `a`
            entra
              1 grant entra/hr:1 own:a after 0
              2 grant entra/hr:2 own:b
            ad
              3 grant ad/hr:3 own:a
        "]],
    );
}

#[test]
fn what_an_earlier_run_restored_loses_first_too() {
    let mut decisions = crate::samples::decisions("grant 1 a\n enable 1\n revoke 1 b\n grant 2 a\n revoke 2 b");
    decisions.restored.insert(key("1"));
    let plan = Plan::new(decisions, crate::samples::revision(), crate::samples::at(NOW), &crate::samples::settings());
    let lines: Vec<String> = plan
        .actions()
        .map(|action| format!("{} {} after {:?}", action.id.0, action.step.kind(), action.after))
        .collect();
    assert_eq!(
        lines,
        [
            "0 revoke after []",
            "1 grant after [ActionId(0)]",
            "2 grant after []",
            "3 enable after [ActionId(0)]",
            "4 revoke after [ActionId(2)]"
        ]
    );
}

#[test]
fn a_later_target_waits_for_what_the_earlier_account_becomes() {
    check(
        "update 1 phone=1\n update 1#admin phone=1\n create ad/1\n update ad/2 phone=1\n update 2 phone=1\n enable ad/2",
        &expect![[r"
            entra
              0 update entra/hr:1 phone
              1 update entra/hr:1#admin phone
              2 update entra/hr:2 phone
            ad
              3 create ad/hr:1 after 0 1
            ad
              4 enable ad/hr:2
            ad
              5 update ad/hr:2 phone after 2
        "]],
    );
}

#[test]
fn a_later_target_waits_for_the_account_whose_profile_it_was_planned_with() {
    check(
        "create 1\n create ad/1\n update ad/2 phone=1\n restore 2\n restore ad/3\n create 3\n grant ad/1 a\n create ad/4",
        &expect![[r"
            entra
              0 create entra/hr:1
              1 restore entra/hr:2
              2 create entra/hr:3
            ad
              3 create ad/hr:1 after 0
              4 restore ad/hr:3 after 2
              5 create ad/hr:4
            ad
              6 grant ad/hr:1 a after 3
            ad
              7 update ad/hr:2 phone after 1
        "]],
    );
}

#[test]
fn what_a_restore_brings_back_is_taken_away_before_anything_is_given() {
    check(
        "enable 1\n grant 1 new\n revoke 1 old\n restore 1\n update 1 phone=1\n revoke 2 old\n enable 2",
        &expect![[r"
            entra
              0 restore entra/hr:1
            entra
              1 revoke entra/hr:1 old after 0
            entra
              2 grant entra/hr:1 new after 0 1
            entra
              3 enable entra/hr:1 after 0 1
              4 enable entra/hr:2
            entra
              5 update entra/hr:1 phone after 0
            entra
              6 revoke entra/hr:2 old
        "]],
    );
}

#[test]
fn i_29_a_mover_gains_before_losing() {
    check(
        "revoke 1 a\n revoke 1 b\n grant 1 c\n grant 1 d\n revoke 2 a\n revoke 1#admin a",
        &expect![[r"
            entra
              0 grant entra/hr:1 c
              1 grant entra/hr:1 d
            entra
              2 revoke entra/hr:1 a after 0 1
              3 revoke entra/hr:1 b after 0 1
              4 revoke entra/hr:2 a
              5 revoke entra/hr:1#admin a
        "]],
    );
}

#[test]
fn what_a_leaver_loses_waits_for_nothing() {
    check(
        "revoke 1 a\n grant 1 b\n disable 1\n revoke 2 a\n grant 2 b",
        &expect![[r"
            entra
              0 disable entra/hr:1
            entra
              1 grant entra/hr:1 b
              2 grant entra/hr:2 b
            entra
              3 revoke entra/hr:1 a
              4 revoke entra/hr:2 a after 2
        "]],
    );
}

#[test]
fn of_two_new_accounts_of_one_person_the_later_one_goes_in_a_later_wave() {
    check(
        "create 1#admin\n create 1\n create 2#admin\n create 2\n create 3",
        &expect![[r"
            entra
              0 create entra/hr:1#admin
              1 create entra/hr:2#admin
            entra
              2 create entra/hr:1 after 0
              3 create entra/hr:2 after 1
              4 create entra/hr:3
        "]],
    );
}

#[test]
fn no_action_needs_one_of_its_own_wave_or_of_a_later_one() {
    let mut steps = "ensure own:g G\n".to_owned();
    for person in 1..40 {
        let account = ["#admin", "#zoo"][person % 2];
        writeln!(steps, "create {person}{account}\n restore ad/{person}\n revoke ad/{person} old").unwrap();
        writeln!(steps, "create {person}\n grant {person} own:g\n enable ad/{person}\n update {person} a=b").unwrap();
    }
    let plan = plan(NOW, &steps);
    let mut before = 0;
    for wave in &plan.waves {
        for action in &wave.actions {
            assert!(action.after.iter().all(|needed| needed.0 < before), "{action}");
            assert!(action.after.is_sorted_by(|a, b| a < b), "each once");
        }
        before += u32::try_from(wave.actions.len()).unwrap();
    }
    assert!(plan.actions().map(|action| action.id.0).eq(0..before));
}

#[test]
fn a_wave_has_at_most_500_actions() {
    let sizes = |count: usize| {
        let steps = (0..count).fold(String::new(), |text, person| text + &format!("disable {person}\n"));
        plan(NOW, &steps).waves.iter().map(|wave| wave.actions.len()).collect::<Vec<_>>()
    };
    assert_eq!((sizes(500), sizes(501), sizes(1001)), (vec![500], vec![500, 1], vec![500, 500, 1]));
}

#[test]
fn people_stay_in_their_order_within_a_wave() {
    let plan = plan(NOW, "disable 3\n disable 1\n disable 2");
    let people: Vec<String> = plan.actions().map(|action| action.person().unwrap().to_string()).collect();
    assert_eq!(people, ["hr:3", "hr:1", "hr:2"]);
}

#[test]
fn whose_account_goes_in_the_same_plan_owns_nothing() {
    let owned = |steps: &str| plan(NOW, steps).to_string().matches(", owned by entra/hr:1").count();
    assert_eq!(owned("ensure a A 1"), 1);
    assert_eq!(owned("ensure a A 1\n disable 2\n grant 1 own:a\n enable 1"), 1);
    assert_eq!(owned("ensure a A 1\n disable 1"), 0);
    assert_eq!(owned("ensure a A 1\n delete 1"), 0);
}

#[test]
fn a_resource_is_nobodys_and_its_day_is_that_of_the_organisation() {
    let mut settings = settings();
    settings.zone = chrono_tz::Tz::Pacific__Kiritimati;
    let plan = Plan::new(decisions("ensure a A"), revision(), at("2026-03-01 12:00"), &settings);
    let action = plan.actions().next().unwrap();
    assert_eq!((action.person(), action.step.account(), action.day), (None, None, day("2026-03-02")));
    assert_eq!((&action.why, action.timing), (&vec![Why::Differs], Timing::Surprising));
}

#[test]
fn what_decisions_say_beside_steps_stays_in_the_plan() {
    let mut decisions = decisions("");
    decisions.facts.push((key("1"), AccountFact::Wanted));
    decisions.waiting.push(Waiting { person: id("hr:1"), on: "something".to_owned() });
    decisions.refusals.push(Refusal { person: id("hr:2"), why: "a reason".to_owned() });
    let plan = Plan::new(decisions.clone(), revision(), at(NOW), &settings());
    assert!(plan.is_empty() && !self::plan(NOW, "disable 1").is_empty());
    assert_eq!((plan.facts, plan.waiting, plan.refusals), (decisions.facts, decisions.waiting, decisions.refusals));
    assert_eq!((plan.revision, plan.now), (revision(), at(NOW)));
}

#[test]
fn the_kinds_of_steps_are_counted() {
    let plan = plan(NOW, "create 1\n restore 2\n enable 3\n update 4 a=b\n reissue 5\n grant 6 a\n disable 7");
    let kinds = [
        (StepKind::Disable, 1),
        (StepKind::Ensure, 0),
        (StepKind::Create, 2),
        (StepKind::Grant, 1),
        (StepKind::Enable, 1),
        (StepKind::Update, 2),
        (StepKind::Revoke, 0),
        (StepKind::Delete, 0),
    ];
    assert_eq!(kinds.map(|(kind, _)| (kind, plan.count(kind))), kinds);
}

#[test]
fn the_same_plan_has_the_same_hash() {
    let steps = "create 1 user_name=a\n grant 1 b\n expected disable 2";
    assert_eq!(plan(NOW, steps).hash(), plan(NOW, steps).hash());
    let text = serde_json::to_string(&plan(NOW, steps)).unwrap();
    assert_eq!(serde_json::from_str::<Plan>(&text).unwrap().hash(), plan(NOW, steps).hash());
}

type ChangePlan = Box<dyn Fn(&mut Plan)>;

#[test]
fn the_hash_changes_with_anything_in_the_plan() {
    let other = Digest([1; 32]);
    let revised = |change: fn(&mut Revision, Digest)| move |plan: &mut Plan| change(&mut plan.revision, other);
    let act = |change: fn(&mut Action)| move |plan: &mut Plan| change(&mut plan.waves[0].actions[0]);
    let changes: Vec<(&str, ChangePlan)> = vec![
        ("tenant", Box::new(|plan| plan.revision.tenant = id("other"))),
        ("head", Box::new(revised(|revision, hash| revision.ledger = Head { records: 1, hash }))),
        ("roster", Box::new(revised(|revision, other| revision.roster = other))),
        ("policy", Box::new(revised(|revision, other| revision.policy = PolicyVersion(other)))),
        ("now", Box::new(|plan| plan.now = at("2026-03-01 04:01"))),
        ("no wave", Box::new(|plan| plan.waves.clear())),
        ("target", Box::new(|plan| plan.waves[0].target = id("ad"))),
        ("number", Box::new(act(|action| action.id = ActionId(9)))),
        ("step", Box::new(act(|action| action.step = step("delete 1")))),
        ("day", Box::new(act(|action| action.day = day("2026-03-02")))),
        ("why", Box::new(act(|action| action.why.clear()))),
        ("timing", Box::new(act(|action| action.timing = Timing::Expected))),
        ("after", Box::new(act(|action| action.after.push(ActionId(7))))),
        ("facts", Box::new(|plan| plan.facts.push((key("1"), AccountFact::Wanted)))),
        ("waiting", Box::new(|plan| plan.waiting.push(Waiting { person: id("hr:1"), on: "x".to_owned() }))),
        ("refusal", Box::new(|plan| plan.refusals.push(Refusal { person: id("hr:1"), why: "x".to_owned() }))),
    ];
    let mut hashes = std::collections::BTreeSet::from([plan(NOW, "disable 1").hash()]);
    for (name, change) in changes {
        let mut other = plan(NOW, "disable 1");
        change(&mut other);
        assert!(hashes.insert(other.hash()), "{name}");
    }
}

#[test]
fn a_plan_tells_every_account_that_it_is_about() {
    let mut plan = plan(NOW, "disable 1\n grant 2 sales\n ensure sales Sales");
    plan.facts.push((key("3"), AccountFact::Wanted));
    let accounts: Vec<String> = plan.accounts().map(ToString::to_string).collect();
    assert_eq!(accounts, ["entra/hr:1", "entra/hr:2", "entra/hr:3"]);
}

#[test]
fn an_approval_knows_an_action_again_by_what_is_done_and_to_whom() {
    let print = |text: &str| plan(NOW, text).actions().next().unwrap().fingerprint();
    assert_eq!(print("disable 1"), print("expected disable 1"));
    let mut moved = plan("2026-04-01", "disable 1").actions().next().unwrap().clone();
    moved.after.push(ActionId(3));
    (moved.id, moved.day, moved.why) = (ActionId(8), day("2026-04-01"), Vec::new());
    assert_eq!(moved.fingerprint(), print("disable 1"));
    for other in ["disable 2", "delete 1", "disable ad/1", "disable 1#admin", "revoke 1 a"] {
        assert_ne!(print(other), print("disable 1"), "{other}");
    }
    assert_ne!(print("update 1 phone=1"), print("update 1 phone=2"));
    let action = plan(NOW, "disable 1").actions().next().unwrap().clone();
    let under = |key| Ledger::new(id("t"), NameKey::new([key; 32])).fingerprint(&action);
    assert_eq!(under(1), under(1));
    assert_ne!(under(1), under(2), "nobody without the key can compute what is kept");
}

#[test]
fn a_plan_reads_line_by_line() {
    let mut decisions = decisions(
        "create 1 user_name=anna\n expected grant 1 sales\n ordered disable 2\n enable 1\n update 3 phone=1 title=\n
        restore ad/4\n reissue ad/5\n delete ad/6\n revoke ad/7#admin stock\n ensure own:x X",
    );
    let account = ObservedAccount {
        id: AccountId::new("entra-9").unwrap(),
        anchor: None,
        presence: Presence::Live,
        shown: Shown::Enabled,
        attributes: Fields::default(),
        permissions: None,
    };
    let adopted =
        AccountFact::Adopted { account: Box::new(account), names: vec![id("user_name")], day: day("2026-03-01") };
    decisions.facts = vec![(key("8"), AccountFact::Wanted), (key("9"), adopted)];
    decisions.waiting.push(Waiting { person: id("hr:5"), on: "the postman".to_owned() });
    decisions.refusals.push(Refusal { person: id("hr:6"), why: "the record is torn".to_owned() });
    expect![[r"
        plan of 2026-03-01 04:00 UTC: 1 disable, 1 ensure, 2 create, 1 grant, 1 enable, 2 update, 1 revoke, 1 delete
          disable  entra/hr:2  (it should be so, and is not yet)  ordered
          ensure   entra  own:x `X`  (it should be so, and is not yet)
          create   entra/hr:1  (it should be so, and is not yet)
          grant    entra/hr:1  sales  (it should be so, and is not yet)  expected
          enable   entra/hr:1  (it should be so, and is not yet)
          update   entra/hr:3  phone, title  (it should be so, and is not yet)
          restore  ad/hr:4  (it should be so, and is not yet)
          reissue  ad/hr:5  (it should be so, and is not yet)
          revoke   ad/hr:7#admin  stock  (it should be so, and is not yet)
          delete   ad/hr:6  (it should be so, and is not yet)
          adopt    entra/hr:9  account `entra-9`
          waiting  hr:5  the postman
          refused  hr:6  the record is torn
    "]]
    .assert_eq(&Plan::new(decisions, revision(), at(NOW), &settings()).to_string());
    expect![[r"
        plan of 2026-03-01 04:00 UTC: nothing to do
    "]]
    .assert_eq(&plan(NOW, "").to_string());
}

#[test]
fn every_reason_reads_as_a_sentence() {
    let mut by_contract = because("office staff");
    by_contract.contract = Some(id("c-1"));
    let reasons = [
        Why::Entitled(vec![by_contract, because("everybody")]),
        Why::Only(Want::Nothing),
        Why::Only(Want::Account),
        Why::Only(Want::Access),
        Why::Unjustified,
        Why::GraceOver { since: day("2026-03-01") },
        Why::ReturnKnown { start: day("2026-04-01") },
        Why::Blocked,
        Why::EnabledByOthers,
        Why::Differs,
    ];
    let text: Vec<String> = reasons.iter().map(ToString::to_string).collect();
    expect![[r"
        rule `office staff`, contract `c-1`; rule `everybody`
        no rule gives an account
        the rules give an account without access
        the rules give access
        no rule gives it any more
        unwanted since 2026-03-01, the grace is over
        returns on 2026-04-01, after the recycle bin is emptied
        blocked by a directive
        somebody else enabled it
        it should be so, and is not yet"]]
    .assert_eq(&text.join("\n"));
}

#[test]
fn i_55_a_plan_shows_the_names_of_attributes_and_never_their_values() {
    let plan = plan(NOW, "create 1 user_name=CANARY\n update 2 phone=CANARY");
    assert!(!format!("{plan} {plan:?}").contains("CANARY"));
}

#[test]
fn a_patch_in_words_has_the_values() {
    let change = |name: &str, before: Option<&str>, after| Change {
        attribute: id(name),
        before: before.map(Value::text),
        after,
    };
    let patch = Patch(vec![
        change("phone", Some("1"), Edit::Set(Value::text("2"))),
        change("room", None, Edit::Set(Value::text("3"))),
        change("title", Some("Clerk"), Edit::Clear),
    ]);
    expect!["phone: `1` -> `2`, room: nothing -> `3`, title: `Clerk` -> nothing"].assert_eq(&in_words(&patch));
}

#[test]
fn a_step_knows_its_account_and_target() {
    let permission = step("grant ad/1#admin a");
    assert_eq!((permission.account(), permission.target().as_str()), (Some(&key("ad/1#admin")), "ad"));
    let resource = step("ensure ad/a A");
    assert_eq!((resource.account(), resource.target().as_str()), (None, "ad"));
    let account = step("delete 7");
    assert_eq!((account.account(), account.target().as_str()), (Some(&key("7")), "entra"));
    let Step::Account { step: AccountStep::Delete, id: None, .. } = account else { panic!("{account:?}") };
}

#[test]
fn an_account_that_looks_at_another_one_of_its_target_comes_after_it() {
    let mut decisions = decisions("create 1#admin\n update 1 phone=7\n update 1#guest phone=7\n disable 2#admin");
    let slot = |kind: &str| key(&format!("1#{kind}")).slot();
    decisions.looks = [slot("admin"), slot("guest")].map(|slot| (slot, BTreeSet::from([key("1").slot()]))).into();
    let plan = Plan::new(decisions, revision(), at(NOW), &settings());
    expect![[r"
        plan of 2026-03-01 04:00 UTC: 1 disable, 1 create, 2 update
          disable  entra/hr:2#admin  (it should be so, and is not yet)
          update   entra/hr:1  phone  (it should be so, and is not yet)
          create   entra/hr:1#admin  (it should be so, and is not yet)
          update   entra/hr:1#guest  phone  (it should be so, and is not yet)
    "]]
    .assert_eq(&plan.to_string());
    let after: Vec<usize> = plan.actions().map(|action| action.after.len()).collect();
    assert_eq!(after, [0, 0, 1, 2]);
}
