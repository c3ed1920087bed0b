//! What an account holds: gained, kept, retained, lost, and what cannot be given.

use expect_test::expect;

use crate::audit::{AccountFact, PersonDirective};
use crate::decide::tests::Case;
use crate::samples::day;

fn staff(gives: &str) -> String {
    format!("person 1 names=anna\n contract 1 a 2026-01-01.. gives={gives}")
}

fn holding(now: &str, rows: &str, held: &str) -> Case {
    let mut case = Case::on(now, rows);
    case.book.did("2026-01-01", "create 1 user_name=anna\n enable 1");
    for permission in held.split(',').filter(|held| !held.is_empty()) {
        case.book.did("2026-01-01", &format!("grant 1 {permission}"));
    }
    case
}

#[test]
fn the_difference_is_granted_and_revoked() {
    holding("2026-03-10", &staff("access,sales"), "stock").check(&expect![[r"
        revoke   entra/hr:1  stock  (no rule gives it any more)
        grant    entra/hr:1  sales  (rule `gives sales`, contract `a`)
        next     hr:1  never
    "]]);
}

#[test]
fn i_27_a_permission_stays_as_long_as_one_rule_gives_it() {
    let two =
        "person 1 names=anna\n contract 1 b 2026-01-01.. gives=access,sales\n contract 1 a 2026-01-01.. gives=sales";
    holding("2026-03-10", two, "").check(&expect![[r"
        grant    entra/hr:1  sales  (rule `gives sales`, contract `a`; rule `gives sales`, contract `b`)
        next     hr:1  never
    "]]);
    holding("2026-03-10", two, "sales").check(&expect![[r"
        next     hr:1  never
    "]]);
    holding("2026-03-10", &staff("access,sales,sales"), "").check(&expect![[r"
        grant    entra/hr:1  sales  (rule `gives sales`, contract `a`)
        next     hr:1  never
    "]]);
}

#[test]
fn what_somebody_took_away_is_granted_again() {
    let mut case = holding("2026-03-10", &staff("access,sales"), "sales");
    case.shows("1 enabled user_name=anna");
    case.check(&expect![[r"
        grant    entra/hr:1  sales  (rule `gives sales`, contract `a`)
        next     hr:1  never
    "]]);
    case.accounts.clear();
    case.shows("1 enabled user_name=anna holds=?");
    case.check(&expect![[r"
        next     hr:1  never
    "]]);
}

#[test]
fn a_grant_that_is_too_young_to_be_shown_is_not_repeated() {
    for (now, expected) in [
        (
            "2026-03-10 04:29",
            expect![[r"
                next     hr:1  never, and in the next run
            "]],
        ),
        (
            "2026-03-10 04:30",
            expect![[r"
                grant    entra/hr:1  sales  (rule `gives sales`, contract `a`)
                next     hr:1  never
            "]],
        ),
    ] {
        let mut case = holding(now, &staff("access,sales"), "");
        case.book.did("2026-03-10 04:00", "grant 1 sales");
        case.shows("1 enabled user_name=anna");
        case.check(&expected);
    }
}

#[test]
fn i_28_what_we_did_not_grant_is_not_taken_away() {
    let mut case = holding("2026-03-10", &staff("access"), "");
    case.shows("1 enabled user_name=anna holds=stock,sales");
    case.check(&expect![[r"
        next     hr:1  never
    "]]);
}

#[test]
fn a_rule_that_cannot_tell_takes_away_nothing_that_it_gave() {
    let unsure = |rule: &str| format!("person 1 names=anna unsure={rule}\n contract 1 a 2026-01-01.. gives=access");
    holding("2026-03-10", &unsure("stock"), "stock").check(&expect![[r"
        refused  hr:1  rule `gives stock` cannot tell: a table
        next     hr:1  never
    "]]);
    holding("2026-03-10", &staff("access"), "stock").check(&expect![[r"
        revoke   entra/hr:1  stock  (no rule gives it any more)
        next     hr:1  never
    "]]);
}

#[test]
fn the_rules_that_give_what_is_held_are_noted_when_they_are_others() {
    let mut case = holding("2026-03-10", &staff("access,sales"), "sales");
    case.excepts("1", "sales", None);
    case.check(&expect![[r"
        note     entra/hr:1  Justified { permission: PermissionId(sales), rules: [RuleId(exception), RuleId(gives sales)] }
        next     hr:1  never
    "]]);
    // A rule that cannot tell may still give it.
    let unsure = "person 1 names=anna unsure=sales\n contract 1 a 2026-01-01.. gives=access";
    let mut case = holding("2026-03-10", unsure, "sales");
    case.excepts("1", "sales", None);
    case.check(&expect![[r"
        note     entra/hr:1  Justified { permission: PermissionId(sales), rules: [RuleId(exception), RuleId(gives sales)] }
        refused  hr:1  rule `gives sales` cannot tell: a table
        next     hr:1  never
    "]]);
    let mut case = holding("2026-03-10", &staff("access"), "sales");
    case.excepts("1", "sales", None);
    case.check(&expect![[r"
        note     entra/hr:1  Justified { permission: PermissionId(sales), rules: [RuleId(exception)] }
        next     hr:1  never
    "]]);
}

/// Suspended on 3 March, with a retention of seven days: over on the tenth.
fn suspended(now: &str, gives: &str, held: &str) -> Case {
    let mut case = holding(now, &staff(gives), held);
    case.book.did("2026-03-03", "disable 1");
    case
}

#[test]
fn a_suspended_account_keeps_ordinary_permissions_that_a_rule_gives() {
    suspended("2026-03-20", "account,sales", "sales").check(&expect![[r"
        next     hr:1  never
    "]]);
}

#[test]
fn what_no_rule_gives_is_retained_for_some_days() {
    suspended("2026-03-09", "account", "sales").check(&expect![[r"
        next     hr:1  2026-03-10 00:00
    "]]);
    suspended("2026-03-10", "account", "sales").check(&expect![[r"
        revoke   entra/hr:1  sales  (no rule gives it any more)  expected
        next     hr:1  never
    "]]);
}

#[test]
fn i_30_licences_and_privileges_go_after_the_retention_either_way() {
    suspended("2026-03-09", "account,licence:e5,privileged:root", "licence:e5,privileged:root").check(&expect![[r"
        next     hr:1  2026-03-10 00:00
    "]]);
    suspended("2026-03-10", "account,licence:e5,privileged:root", "licence:e5,privileged:root").check(&expect![[r"
        revoke   entra/hr:1  licence:e5  (the account is suspended since 2026-03-03, and keeps no such permission)  expected
        revoke   entra/hr:1  privileged:root  (the account is suspended since 2026-03-03, and keeps no such permission)  expected
        next     hr:1  never
    "]]);
    let costly = "licence:e5,privileged:root";
    holding("2026-03-20", &staff(&format!("access,{costly}")), costly).check(&expect![[r"
        next     hr:1  never
    "]]);
}

#[test]
fn a_suspended_account_gets_ordinary_permissions_and_nothing_costly() {
    suspended("2026-03-20", "account,sales,licence:e5,privileged:root", "").check(&expect![[r"
        grant    entra/hr:1  sales  (rule `gives sales`, contract `a`)
        next     hr:1  never
    "]]);
    Case::on("2026-03-20", &staff("account,sales,licence:e5")).check(&expect![[r"
        create   entra/hr:1  (rule `gives account`, contract `a`)  user_name=`anna`
        grant    entra/hr:1  licence:e5  (rule `gives licence:e5`, contract `a`)
        grant    entra/hr:1  sales  (rule `gives sales`, contract `a`)
        next     hr:1  never
    "]]);
}

#[test]
fn what_a_restore_brings_back_goes_at_once_unless_a_rule_gives_it() {
    let mut case = suspended("2026-03-10", "account,sales,licence:e5", "sales,stock,licence:e5");
    case.book.did("2026-03-05", "delete 1");
    case.check(&expect![[r"
        restore  entra/hr:1  (rule `gives account`, contract `a`)
        revoke   entra/hr:1  licence:e5  (the account is suspended since 2026-03-10, and keeps no such permission)
        revoke   entra/hr:1  stock  (no rule gives it any more)
        next     hr:1  2026-03-17 00:00
    "]]);
}

#[test]
fn what_an_earlier_restore_brought_back_goes_before_anybody_gets_in() {
    let restored = |gives: &str| {
        let mut case = suspended("2026-03-10", gives, "sales,stock,licence:e5");
        case.book.did("2026-03-05", "delete 1");
        case.book.did("2026-03-09", "restore 1");
        case
    };
    // The run was killed before it took anything away.
    restored("account,sales,licence:e5").check(&expect![[r"
        revoke   entra/hr:1  licence:e5  (the account is suspended since 2026-03-09, and keeps no such permission)
        revoke   entra/hr:1  stock  (no rule gives it any more)
        next     hr:1  2026-03-16 00:00
    "]]);
    let mut case = restored("access,sales,licence:e5");
    case.check(&expect![[r"
        enable   entra/hr:1  (rule `gives access`, contract `a`)
        revoke   entra/hr:1  stock  (no rule gives it any more)
        next     hr:1  never
    "]]);
    case.book.did("2026-03-10", "revoke 1 stock");
    case.check(&expect![[r"
        enable   entra/hr:1  (rule `gives access`, contract `a`)
        next     hr:1  never
    "]]);
    case.book.did("2026-03-10", "enable 1\n disable 1\n grant 1 stock");
    case.check(&expect![[r"
        enable   entra/hr:1  (rule `gives access`, contract `a`)
        revoke   entra/hr:1  stock  (no rule gives it any more)
        next     hr:1  never
    "]]);
}

#[test]
fn a_new_account_holds_nothing_of_what_the_one_before_held() {
    let mut case = suspended("2026-04-10", "access,sales", "sales,stock");
    case.book.did("2026-03-05", "delete 1");
    case.check(&expect![[r"
        create   entra/hr:1  (rule `gives access`, contract `a`)  user_name=`anna`
        enable   entra/hr:1  (rule `gives access`, contract `a`)
        grant    entra/hr:1  sales  (rule `gives sales`, contract `a`)
        next     hr:1  never
    "]]);
}

#[test]
fn nothing_is_revoked_from_an_account_that_is_not_there() {
    let mut case = suspended("2026-03-10", "sales", "sales,stock");
    case.notes("2026-03-03", "1", AccountFact::Unwanted { since: day("2026-03-03") });
    case.book.did("2026-03-05", "delete 1");
    case.check(&expect![[r"
        refused  hr:1  rule `gives sales`, contract `a` gives permission `sales` without an account; it grants nothing
        next     hr:1  never
    "]]);
}

#[test]
fn a_permission_without_an_account_grants_nothing_and_says_so() {
    Case::on("2026-03-10", &staff("sales")).check(&expect![[r"
        refused  hr:1  rule `gives sales`, contract `a` gives permission `sales` without an account; it grants nothing
        next     hr:1  never
    "]]);
    let mut case = holding("2026-03-10", &staff("sales"), "");
    case.book.did("2026-03-03", "disable 1");
    case.check(&expect![[r"
        note     entra/hr:1  Unwanted { since: 2026-03-10 }
        refused  hr:1  rule `gives sales`, contract `a` gives permission `sales` without an account; it grants nothing
        next     hr:1  2026-04-09 00:00
    "]]);
    // An account elsewhere is none here.
    Case::on("2026-03-10", &staff("access,ad/sales")).check(&expect![[r"
        create   entra/hr:1  (rule `gives access`, contract `a`)  user_name=`anna`
        enable   entra/hr:1  (rule `gives access`, contract `a`)
        refused  hr:1  rule `gives sales`, contract `a` gives permission `sales` without an account; it grants nothing
        next     hr:1  never
    "]]);
}

#[test]
fn what_is_not_there_is_waited_for_and_what_is_ours_is_made() {
    let mut case = holding("2026-03-10", &staff("access,mars,own:team"), "");
    case.check(&expect![[r"
        grant    entra/hr:1  own:team  (rule `gives own:team`, contract `a`)
        ensure   entra  own:team `team`
        waiting  hr:1  permission `mars` does not exist on `entra`
        next     hr:1  never, and in the next run
    "]]);
    case.resources.push("mars");
    case.resources.push("own:team");
    case.check(&expect![[r"
        grant    entra/hr:1  mars  (rule `gives mars`, contract `a`)
        grant    entra/hr:1  own:team  (rule `gives own:team`, contract `a`)
        next     hr:1  never
    "]]);
}

#[test]
fn what_is_made_belongs_to_whoever_has_an_account_in_use() {
    let with = |rest: &str| format!("{}\n {rest}", staff("access,own:team@2"));
    let works = "person 2 names=bert\n contract 2 b 2026-01-01.. gives=access";
    let mut case = holding("2026-03-10", &with(works), "");
    case.check(&expect![[r"
        grant    entra/hr:1  own:team  (rule `gives own:team@2`, contract `a`)
        create   entra/hr:2  (rule `gives access`, contract `b`)  user_name=`bert`
        enable   entra/hr:2  (rule `gives access`, contract `b`)
        ensure   entra  own:team `team`
        next     hr:1  never
        next     hr:2  never
    "]]);
    case.book.did("2026-01-01", "create 2 user_name=bert\n enable 2");
    case.check(&expect![[r"
        grant    entra/hr:1  own:team  (rule `gives own:team@2`, contract `a`)
        ensure   entra  own:team `team`, owned by entra/hr:2
        next     hr:1  never
        next     hr:2  never
    "]]);
    // What is there keeps its owners, also where it is called otherwise now.
    case.renamed.push(("own:team", "old name"));
    case.check(&expect![[r"
        grant    entra/hr:1  own:team  (rule `gives own:team@2`, contract `a`)
        ensure   entra  own:team `team`
        next     hr:1  never
        next     hr:2  never
    "]]);
}

#[test]
fn of_all_who_need_it_whoever_knows_an_owner_says_so() {
    for (one, other) in [("own:team", "own:team@2"), ("own:team@2", "own:team")] {
        let works = format!("person 2 names=bert\n contract 2 b 2026-01-01.. gives=access,{other}");
        let mut case = holding("2026-03-10", &format!("{}\n {works}", staff(&format!("access,{one}"))), "");
        case.book.did("2026-01-01", "create 2 user_name=bert\n enable 2");
        let owners = case.decide().resources.into_values().map(|ensured| ensured.owner.map(|owner| owner.to_string()));
        assert_eq!(owners.collect::<Vec<_>>(), [Some("entra/hr:2".to_owned())], "{one}, {other}");
    }
}

#[test]
fn what_is_made_belongs_to_nobody_who_is_not_firm_or_has_to_go() {
    let with = |rest: &str| format!("{}\n {rest}", staff("access,own:team@2"));
    let owner = |before: &str, rows: &str, accounts: &str| {
        let mut case = holding("2026-03-10", &with(before), "");
        case.reads("2026-03-09", &with(rows));
        case.book.did("2026-01-01", accounts);
        let decisions = case.decide();
        decisions.resources.into_values().next().unwrap().owner.map(|owner| owner.to_string())
    };
    let works = "person 2 names=bert\n contract 2 b 2026-01-01.. gives=access";
    let made = "create 2 user_name=bert\n enable 2";
    assert_eq!(owner(works, works, made).as_deref(), Some("entra/hr:2"));
    // (rows of the manager before, and now, what was done with the account)
    for (before, rows, accounts) in [
        (works, works, "create 2 user_name=bert"),
        (works, works, "create 2 user_name=bert\n enable 2\n disable 2"),
        (works, "", made),
        ("", "", made),
    ] {
        assert_eq!(owner(before, rows, accounts), None, "{rows}: {accounts}");
    }
}

#[test]
fn a_resource_that_is_called_otherwise_now_is_renamed() {
    let mut case = holding("2026-03-10", &staff("access,own:team"), "own:team");
    case.check(&expect![[r"
        next     hr:1  never
    "]]);
    case.resources.push("own:team");
    case.check(&expect![[r"
        next     hr:1  never
    "]]);
    case.renamed.push(("own:team", "old name"));
    case.check(&expect![[r"
        ensure   entra  own:team `team`
        next     hr:1  never
    "]]);
}

#[test]
fn i_31_a_permission_is_the_same_whatever_it_is_called() {
    let mut case = holding("2026-03-10", &staff("access,own:team"), "own:team");
    case.renamed.push(("own:team", "old name"));
    assert!(case.decide().proposed.is_empty());
}

#[test]
fn what_the_rules_want_people_to_know_is_passed_on() {
    let rows = "person 1 names=anna note=hello\n contract 1 a 2026-01-01.. gives=access";
    Case::on("2026-03-10", rows).check(&expect![[r"
        create   entra/hr:1  (rule `gives access`, contract `a`)  user_name=`anna`
        enable   entra/hr:1  (rule `gives access`, contract `a`)
        refused  hr:1  hello
        next     hr:1  never
    "]]);
}

#[test]
fn what_only_a_missing_contract_gives_stays_and_is_not_given() {
    let one = "person 1 names=anna\n contract 1 b 2026-01-01.. gives=access,sales";
    let both = format!("{one}\n contract 1 a 2026-01-01.. gives=access,stock");
    let mut case = holding("2026-03-10", &both, "");
    case.reads("2026-03-09", one);
    case.check(&expect![[r"
        grant    entra/hr:1  sales  (rule `gives sales`, contract `b`)
        refused  hr:1  a contract is missing from the source; it counts downwards only
        next     hr:1  never, and in the next run
    "]]);
    let mut case = holding("2026-03-10", &both, "sales,stock");
    case.reads("2026-03-09", one);
    case.check(&expect![[r"
        refused  hr:1  a contract is missing from the source; it counts downwards only
        next     hr:1  never, and in the next run
    "]]);
}

#[test]
fn with_fewer_contracts_a_bridge_gives_nothing_that_the_whole_does_not_give() {
    let gap = "person 1 names=anna\n contract 1 a 2026-01-01..2026-03-05 gives=access,stock
        contract 1 c 2026-03-20.. gives=access";
    let filled = format!("{gap}\n contract 1 b 2026-03-06..2026-03-19 gives=access,sales");
    let mut case = holding("2026-03-10", &filled, "sales");
    case.settings.lifecycle.bridge_days = 20;
    case.reads("2026-03-09", gap);
    case.check(&expect![[r"
        refused  hr:1  a contract is missing from the source; it counts downwards only
        next     hr:1  2026-03-20 00:00, and in the next run
    "]]);
}

#[test]
fn a_blocked_person_gets_nothing_and_loses_what_nothing_gives() {
    let mut case = holding("2026-03-10", &staff("access,sales"), "stock");
    case.says("2026-03-09", "1", PersonDirective::Block);
    case.check(&expect![[r"
        disable  entra/hr:1  (blocked by a directive)  ordered
        next     hr:1  2026-03-17 00:00
    "]]);
    case.settings.lifecycle.retain_grants_days = 0;
    case.check(&expect![[r"
        disable  entra/hr:1  (blocked by a directive)  ordered
        revoke   entra/hr:1  stock  (no rule gives it any more)  expected
        next     hr:1  never
    "]]);
}

#[test]
fn the_account_that_is_known_is_named_in_every_step() {
    let mut case = holding("2026-03-10", &staff("access,sales").replace("names", "phone=1 names"), "stock");
    let ids = |case: &mut Case| -> Vec<String> {
        let decisions = case.decide();
        let id = |one: &crate::decide::Proposed| match &one.step {
            crate::plan::Step::Account { id, .. } | crate::plan::Step::Permission { id, .. } => id.clone(),
            crate::plan::Step::Resource { .. } => None,
        };
        let shown = |one| id(one).map_or("-".to_owned(), |id| id.to_string());
        decisions.proposed.iter().map(|one| format!("{} {}", one.step.kind(), shown(one))).collect()
    };
    assert_eq!(ids(&mut case), ["revoke entra-hr:1", "grant entra-hr:1", "update entra-hr:1"]);
    let mut gone = Case::on("2026-03-10", &staff("access,sales"));
    gone.book.did("2026-01-01", "create 1 user_name=anna\n enable 1\n disable 1\n delete 1");
    assert_eq!(ids(&mut gone), ["create -", "enable -", "grant -"]);
}
