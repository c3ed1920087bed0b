//! Rules as people write them, from the rows of HR to what accounts hold: I-05, I-06, I-26, I-27, I-29, I-30, I-33, I-34,
//! and case 97.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;
use std::sync::Arc;

use chrono::{Days, NaiveDate, TimeDelta};
use proptest::collection::vec;
use proptest::prelude::{Just, Strategy, any};
use proptest::sample::{select, subsequence};
use provisioning_core::audit::{FailureKind, PersonDirective};
use provisioning_core::caps::Caps;
use provisioning_core::plan::{AccountStep, Step};
use provisioning_core::target::{Presence, Resource, Shown};
use provisioning_core::{Plan, Policy};
use rules::{Indexed, RuleSet};

use crate::apart::{held, put_resources, watched_doing};
use crate::permissions::plain;
use crate::support::{Around, DAYS, Org, Setup, Town, accounts_of, check, d, main_of, reordered, shape_of, town};

/// What a file of rules consists of besides its target, in an order that people chose.
const RULES: [&str; 8] = [
    "[[rule]]\nid = 'account'\ndays_before = 14\ngives = ['account']",
    "[[rule]]\nid = 'access'\ngives = ['access']",
    "[[rule]]\nid = 'department'\ngives = [{ each = 'contract.department', permission = '\"department:\" + key', \
     name = 'first(department.name, key)', create = true }]",
    "[[rule]]\nid = 'full-time'\ndays_after = 3\nwhen = 'contract.hours >= 30'\ngives = [{ permission = 'full-time' }]",
    "[[rule]]\nid = 'sellers'\nwhen = 'contract.title == \"Seller\"'\n\
     gives = [{ permission = 'crm' }, { permission = 'crm-licence', class = 'licence' }]",
    "[[rule]]\nid = 'between'\nper = 'person'\nwhen = 'contracts.exists(c, c.in_force && c.department == \"d0\") && \
     contracts.exists(c, c.in_force && c.department == \"d1\")'\ngives = [{ permission = 'liaison' }]",
    "[[exclusion]]\nid = 'external'\nwhen = 'contract.kind == \"external\"'\nwithholds = [{ permission = 'crm' }]",
    "[profile.entra]\ntitle = { from = 'primary.title' }\nuser_name = { candidates = ['person.family_name.slug()'], \
     numbered = 'person.family_name.slug() + n' }",
];

/// Gives again what another rule gives.
const AGAIN: &str = "[[rule]]\nid = 'again'\nwhen = 'contract.hours > 35'\n\
                     gives = [{ permission = 'full-time' }, { permission = 'crm' }]";

/// What is there without being made.
const GROUPS: [&str; 5] = ["full-time", "crm", "crm-licence", "liaison", "archive"];

/// What the rules look at in a contract.
const LOOKS: [&str; 4] = [
    "hours=36 title=Seller kind=employee",
    "hours=20 title=Seller kind=external",
    "hours=36 title=Clerk kind=employee",
    "hours=20 title=Clerk kind=employee",
];

fn file<'p>(parts: impl IntoIterator<Item = &'p str>) -> String {
    let parts: Vec<&str> = ["target = 'entra'"].into_iter().chain(parts).collect();
    parts.join("\n\n")
}

/// All of it without a rule, and without the exclusion where nothing gives any more what it withholds.
fn without(rule: &str) -> String {
    let gone = if rule == "sellers" { vec![rule, "external"] } else { vec![rule] };
    let is_gone = |part: &&str| gone.iter().any(|id| part.contains(&format!("id = '{id}'\n")));
    file(RULES.into_iter().filter(|part| !is_gone(part)))
}

fn policy(text: &str) -> Arc<dyn Policy> {
    Arc::new(Indexed::new(Arc::new(text.parse::<RuleSet>().unwrap())))
}

/// An organisation under a file of rules.
fn under(text: &str) -> Org {
    let org = Setup { policy: Some(policy(text)), ..Setup::default() }.build();
    for group in GROUPS {
        org.target.put_resource(Resource { id: group.parse().unwrap(), name: group.to_owned() });
    }
    org
}

/// What HR says of a town on a day, with a look for each contract that stays the same.
fn dressed(town: &Town, day: u64, looks: &[&str]) -> Vec<String> {
    let dress = |row: String| match row.split(' ').nth(2).filter(|_| row.starts_with("contract")) {
        Some(contract) => {
            let place = contract.bytes().map(usize::from).sum::<usize>() % looks.len();
            format!("{row} {}", looks[place])
        }
        None => row,
    };
    town.rows(day).into_iter().map(dress).collect()
}

/// A town of which nothing new is known from a day on, and everything from the day before.
fn settled(town: Town, from: u64) -> Town {
    let mut town = plain(town);
    for job in town.lives.iter_mut().flat_map(|life| &mut life.jobs) {
        job.known = job.known.min(from - 1);
        job.corrected = job.corrected.filter(|(when, _)| *when < from);
    }
    town
}

/// What somebody has: each permission, and `access`.
fn had(org: &Org, key: &str) -> BTreeSet<String> {
    let access = org.is_enabled(key).then(|| "access".to_owned());
    org.holds(key).into_iter().chain(access).collect()
}

/// What is wrong with somebody's rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wrong {
    Unreadable,
    PersonTwice,
    ContractTwice,
    /// Fine but for one field of contracts, which holds something that is not of its type.
    Hours,
}

const WRONGS: [Wrong; 4] = [Wrong::Unreadable, Wrong::PersonTwice, Wrong::ContractTwice, Wrong::Hours];

/// The rows when something is wrong with somebody's.
fn spoiled(rows: &[String], victim: usize, wrong: Wrong) -> String {
    let mut rows = rows.to_vec();
    match wrong {
        Wrong::Unreadable => rows.push(format!("defect {victim} a date is none")),
        Wrong::PersonTwice => rows.push(format!("person {victim} given_name=Somebody")),
        Wrong::ContractTwice => {
            rows.push(format!("contract {victim} c{victim}-0 2020-01-01..2020-01-02 d1 {}", LOOKS[0]));
        }
        Wrong::Hours => {
            for row in rows.iter_mut().filter(|row| row.starts_with(&format!("contract {victim} "))) {
                *row = row.replace("hours=36", "hours=many").replace("hours=20", "hours=few");
            }
        }
    }
    rows.join("\n")
}

#[test]
fn i_05_what_is_wrong_with_one_person_changes_nothing_for_the_others() {
    let bad = (town(2..6, 0), vec(select(LOOKS.to_vec()), 5), 10..DAYS - 10, any::<usize>(), select(WRONGS.to_vec()));
    check(40, bad, |(town, looks, from, victim, wrong)| {
        let town = settled(town, from);
        let victim = victim % town.lives.len() + 1;
        let (key, anchor) = (victim.to_string(), format!("hr:{victim}"));
        let (org, twin) = (under(&file(RULES)), under(&file(RULES)));
        let mut before = BTreeSet::new();
        for day in 0..DAYS {
            let today = Town::day(day);
            let rows = dressed(&town, day, &looks);
            for one in [&org, &twin] {
                town.dawn(one, day);
                one.says(&rows.join("\n"));
            }
            if day >= from {
                org.says(&spoiled(&rows, victim, wrong));
            }
            org.report();
            twin.report();
            let (mut ours, mut theirs) = (shape_of(&org.target), shape_of(&twin.target));
            ours.remove(&anchor);
            theirs.remove(&anchor);
            assert_eq!(ours, theirs, "on {today}");
            let (has, would) = (had(&org, &key), had(&twin, &key));
            if day >= from {
                is_kept(&before, (&has, &would), wrong);
            }
            before = has;
        }
    });
}

/// Of somebody with a bad record: what was there stays as long as it would have, ends that are known come, and nothing is
/// given. Of somebody of whom one rule cannot tell, that is said of what this rule gives.
fn is_kept(before: &BTreeSet<String>, (has, would): (&BTreeSet<String>, &BTreeSet<String>), wrong: Wrong) {
    let is_enabled = has.contains("access");
    let doubtful = |what: &&String| wrong != Wrong::Hours || what.as_str() == "full-time";
    let (has_it, would_it): (Vec<_>, Vec<_>) =
        (has.iter().filter(doubtful).collect(), would.iter().filter(doubtful).collect());
    assert!(has_it.iter().all(|what| before.contains(*what)), "{has_it:?} after {before:?}");
    // A licence goes with the access, which does not come back.
    let stays = |what: &&&String| before.contains(**what) && (is_enabled || what.as_str() != "crm-licence");
    assert!(would_it.iter().filter(stays).all(|what| has.contains(*what)), "{has:?} after {before:?}, not {would:?}");
    if wrong == Wrong::Hours {
        let known = |all: &BTreeSet<String>| all.iter().filter(|what| !doubtful(what)).cloned().collect::<Vec<_>>();
        assert_eq!(known(has), known(would));
        let is_there = has.iter().any(|what| what.starts_with("department:"));
        assert!(has_it.is_empty() || is_there, "its days are over: {has:?}");
    } else {
        assert!(!is_enabled || has.is_subset(would), "{has:?} and not {would:?}");
    }
}

#[test]
fn i_05_a_rule_of_access_that_cannot_tell_keeps_who_is_in_until_the_known_end() {
    let access = RULES[1].replace("gives", "when = 'contract.fte > 0'\ngives");
    let org = under(&file([RULES[0], &access, RULES[2]]));
    let says = |first: &str, more: &str| {
        format!(
            "person 1\ncontract 1 a 2026-01-01..2026-01-20 d1 {first}\nperson 2\ncontract 2 b 2026-01-01.. d1 fte=1{more}"
        )
    };
    org.on("2026-01-01").says(&says("fte=1", "")).run();
    // Somebody new of whom it cannot tell gets an account, which the other rule gives, and does not get in.
    org.on("2026-01-05").says(&says("fte=full", "\nperson 3\ncontract 3 c 2026-01-01.. d1 fte=full"));
    assert_eq!(
        org.daily("2026-01-05", "2026-01-20"),
        ["2026-01-05 create hr:3", "2026-01-05 grant hr:3 department:d1"]
    );
    assert!(org.is_enabled("1") && org.is_enabled("2") && !org.is_enabled("3"));
    assert_eq!(
        org.daily("2026-01-21", "2026-01-30"),
        ["2026-01-21 disable hr:1", "2026-01-28 revoke hr:1 department:d1"]
    );
}

/// Everything that a plan says but from what it was computed.
fn said(plan: &Plan) -> (String, String) {
    let Plan { waves, facts, waiting, refusals, .. } = plan;
    (plan.to_string(), serde_json::to_string(&(waves, facts, waiting, refusals)).unwrap())
}

#[test]
fn i_06_the_order_of_rules_rows_and_contracts_changes_no_plan() {
    let parts: Vec<&str> = RULES.into_iter().chain([AGAIN]).collect();
    let (text, orders) = (file(parts.clone()), Just(parts).prop_shuffle());
    let orders = (orders, any::<u64>(), any::<u64>());
    check(40, (town(2..7, 3), vec(select(LOOKS.to_vec()), 5), orders), |(town, looks, (shuffled, seed, other))| {
        let plans = |policy: Arc<dyn Policy>, seed: u64| -> Vec<Plan> {
            let mut org = under(&text);
            org.engine.policy = policy;
            let one = |day| {
                town.dawn(&org, day);
                if !town.is_out(day) {
                    org.says(&reordered(dressed(&town, day, &looks), seed));
                }
                let planned = org.plan();
                let plan = planned.approved.plan().clone();
                org.apply(planned);
                plan
            };
            (0..DAYS).step_by(6).map(one).collect()
        };
        let first = plans(policy(&text), 0);
        // One after the other or only those that may hold: the same to the last byte.
        assert_eq!(plans(Arc::new(text.parse::<RuleSet>().unwrap()), 0), first);
        let first: Vec<_> = first.iter().map(said).collect();
        for (text, seed) in [(text.clone(), seed), (file(shuffled), other)] {
            assert_eq!(plans(policy(&text), seed).iter().map(said).collect::<Vec<_>>(), first, "{text}");
        }
    });
}

/// An exception in the file: for whom, from which day of the town on, for how many days, and which permission.
type Excepted = (usize, u64, u64, &'static str);

fn written((number, (key, from, days, permission)): (usize, &Excepted)) -> String {
    let (first, last) = (Town::day(*from), Town::day(from + days));
    format!(
        "[[exception]]\nid = 'exception-{number}'\nperson = 'hr:{key}'\nfrom = {first}\nuntil = {last}\n\
         gives = [{{ permission = '{permission}' }}]"
    )
}

/// Whether somebody is to have an account on a day, and what it is to hold, read off the rows.
fn due(rows: &[String], (key, today): (usize, NaiveDate), exceptions: &[Excepted]) -> (bool, BTreeSet<String>) {
    let (mut is_wanted, mut is_external) = (false, false);
    let (mut held, mut works_in) = (BTreeSet::new(), BTreeSet::new());
    for row in rows {
        let words: Vec<&str> = row.split(' ').collect();
        let ["contract", person, _, days, department, hours, title, kind] = words[..] else { continue };
        let (first, last) = days.split_once("..").unwrap();
        let (first, last) = (d(first), if last.is_empty() { d("2100-01-01") } else { d(last) });
        if person != key.to_string() {
            continue;
        }
        is_wanted |= first - Days::new(14) <= today && today <= last;
        if hours == "hours=36" && first <= today && today <= last + Days::new(3) {
            held.insert("full-time".to_owned());
        }
        // An exclusion without days of its own reaches as far as any rule.
        is_external |= kind == "kind=external" && first - Days::new(14) <= today && today <= last + Days::new(3);
        if today < first || last < today {
            continue;
        }
        works_in.insert(department);
        held.insert(format!("department:{department}"));
        if title == "title=Seller" {
            held.extend(["crm", "crm-licence"].map(str::to_owned));
        }
    }
    if works_in.contains("d0") && works_in.contains("d1") {
        held.insert("liaison".to_owned());
    }
    if is_external {
        held.remove("crm");
    }
    let is_live = |one: &&Excepted| one.0 == key && Town::day(one.1) <= today && today <= Town::day(one.1 + one.2);
    held.extend(exceptions.iter().filter(is_live).map(|one| one.3.to_owned()));
    (is_wanted, held)
}

#[test]
fn i_26_what_is_held_is_what_the_file_gives() {
    let exception = (1_usize..5, 0..DAYS, 0_u64..60, select(vec!["crm", "archive"]));
    check(60, (town(1..5, 0), vec(select(LOOKS.to_vec()), 5), vec(exception, 0..6)), |(town, looks, exceptions)| {
        let town = plain(town);
        let excepted: Vec<String> = exceptions.iter().enumerate().map(written).collect();
        let org = under(&file(RULES.into_iter().chain(excepted.iter().map(String::as_str))));
        // Since when an account is suspended, and what it held then.
        let mut since: BTreeMap<usize, (NaiveDate, Vec<String>)> = BTreeMap::new();
        for day in 0..DAYS {
            let today = Town::day(day);
            town.dawn(&org, day);
            let rows = dressed(&town, day, &looks);
            org.says(&rows.join("\n"));
            let people = 1..=town.lives.len();
            let before: Vec<_> = people.clone().map(|key| had(&org, &key.to_string())).collect();
            let report = org.report();
            assert!(report.failed.is_empty(), "{report}");
            for key in people {
                let name = key.to_string();
                let Some(account) = org.account(&name).filter(|it| it.presence == Presence::Live) else { continue };
                if account.shown == Shown::Enabled {
                    since.remove(&key);
                } else if before[key - 1].contains("access") {
                    let held = before[key - 1].iter().filter(|what| what.as_str() != "access");
                    since.insert(key, (today, held.cloned().collect()));
                }
                let (is_wanted, given) = due(&rows, (key, today), &exceptions);
                let mut expected = if is_wanted { given } else { BTreeSet::new() };
                let retained = since.get(&key).filter(|(since, _)| today < *since + Days::new(7));
                expected.extend(retained.into_iter().flat_map(|(_, held)| held.iter().cloned()));
                let holds: BTreeSet<String> = org.holds(&name).into_iter().collect();
                assert_eq!(holds, expected, "hr:{key} on {today}\n{report}");
            }
        }
    });
}

/// Why somebody may have the same permission; each of them holds of the person below.
const REASONS: [&str; 9] = [
    "when = 'contract.department == \"d1\"'",
    "when = 'contract.hours >= 30'\ndays_after = 9",
    "when = 'contract.title.startsWith(\"Senior \")'",
    "when = 'department.name == \"Sales\"'",
    "when = '!has(contract.end) || contract.end > date(\"2026-12-31\")'\ndays_before = 3",
    "per = 'primary'",
    "per = 'person'\nwhen = 'person.family_name in [\"Vos\", \"Bos\"]'",
    "per = 'person'\nwhen = 'contracts.exists(c, c.in_force && c.title != \"Clerk\")'",
    "per = 'person'\nwhen = 'today >= date(\"2026-01-01\")'",
];

#[test]
fn i_27_a_permission_stays_until_the_last_of_its_rules_is_taken_out() {
    let rule = |(number, why): (usize, &&str)| {
        let gift = "{ permission = 'crm' }";
        format!("[[rule]]\nid = 'reason-{number}'\n{why}\ngives = [{gift}]")
    };
    let mut reasons: Vec<String> = REASONS.iter().enumerate().map(rule).collect();
    reasons
        .push("[[rule]]\nid = 'each'\ngives = [{ each = 'contract.location', permission = '\"c\" + key' }]".to_owned());
    reasons.push(
        "[[exception]]\nid = 'other'\nperson = 'hr:1'\nuntil = 2026-12-31\ngives = [{ permission = 'crm' }]".to_owned(),
    );
    let most = reasons.len();
    check(60, subsequence(reasons, 1..=most).prop_shuffle(), |mut left| {
        let text = |left: &[String]| file([RULES[0], RULES[1]].into_iter().chain(left.iter().map(String::as_str)));
        let mut org = under(&text(&left));
        let rows = "department d1 Sales\nperson 1 family_name=Vos\n\
                    contract 1 a 2026-01-01.. d1 hours=36 title=Senior_Seller location=rm";
        org.on("2026-01-01").says(rows).run();
        assert_eq!(org.holds("1"), ["crm"]);
        while let Some(gone) = left.pop() {
            org.engine.policy = policy(&text(&left));
            org.later(TimeDelta::days(1)).says(rows);
            let expected = if left.is_empty() { vec!["revoke hr:1 crm"] } else { Vec::new() };
            assert_eq!(org.run(), expected, "without {gone}");
            assert_eq!(org.holds("1").is_empty(), left.is_empty());
        }
    });
}

#[test]
fn i_30_a_licence_and_power_go_after_the_retention_whatever_rule_gives_them() {
    let classes = ["ordinary", "licence", "privileged"].map(|class| {
        let gift = format!("{{ permission = '{class}', class = '{class}' }}");
        format!("[[rule]]\nid = '{class}'\ndays_after = 20\ngives = ['account', {gift}]")
    });
    for retention in [0, 1, 3, 7, 12, 19, 25] {
        let parts = [RULES[1]].into_iter().chain(classes.iter().map(String::as_str));
        let mut setup = Setup { policy: Some(policy(&file(parts))), ..Setup::default() };
        setup.settings.lifecycle.retain_grants_days = retention;
        let org = setup.build();
        for class in ["ordinary", "licence", "privileged"] {
            org.target.put_resource(Resource { id: class.parse().unwrap(), name: class.to_owned() });
        }
        org.on("2026-01-01").says("person 1\ncontract 1 a 2026-01-01..2026-01-10 d1").run();
        let day = |number: u64| d("2026-01-11") + Days::new(number);
        let gone = day(retention.into());
        let mut expected = vec!["2026-01-11 disable hr:1".to_owned()];
        expected.extend(["licence", "privileged"].map(|class| format!("{gone} revoke hr:1 {class}")));
        // The last day on which a rule gives the account and the ordinary permission is 30 January.
        expected.push(format!("{} revoke hr:1 ordinary", gone.max(day(20))));
        expected.sort();
        let mut log = org.daily("2026-01-02", "2026-02-10");
        log.sort();
        assert_eq!(log, expected, "{retention} days of retention");
    }
    // Where rules differ the strictest class counts, whichever comes first.
    for classes in [["ordinary", "privileged"], ["privileged", "ordinary"]] {
        let rule = |class| {
            let gift = format!("{{ permission = 'crm', class = '{class}', create = true, name = '{class}' }}");
            format!("[[rule]]\nid = '{class}'\ndays_after = 20\ngives = ['account', {gift}]")
        };
        let written = classes.map(rule);
        let org = under(&file([RULES[1]].into_iter().chain(written.iter().map(String::as_str))));
        let first = org.on("2026-01-01").says("person 1\ncontract 1 a 2026-01-01..2026-01-10 d1").run();
        assert!(first.contains(&"ensure crm ordinary".to_owned()), "{first:?}");
        assert_eq!(org.daily("2026-01-02", "2026-02-10"), ["2026-01-11 disable hr:1", "2026-01-18 revoke hr:1 crm"]);
    }
}

/// Who put an account into the recycle bin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum By {
    /// We did, and got no answer.
    Us,
    /// An administrator did.
    Others,
}

/// Somebody who left has an account in the recycle bin since 15 February, with all that it held.
fn in_the_bin(left: &str, by: By) -> Org {
    let mut org = under(&file(RULES));
    // What an account holds it keeps until it is deleted.
    org.engine.settings.lifecycle.retain_grants_days = 60;
    org.engine.settings.lifecycle.grace.suspended_days = 14;
    let around = Around::put(&mut org, 0);
    org.on("2026-01-20").says(left).run();
    org.on("2026-02-01").says(left).run();
    let stale = org.account("1").unwrap().permissions;
    assert!(!org.is_enabled("1") && org.holds("1").contains(&"department:d1".to_owned()));
    if by == By::Us {
        *around.fails.lock().unwrap() = Some(Box::new(|action| {
            matches!(action.step, Step::Account { step: AccountStep::Delete, .. }).then_some(FailureKind::Unknown)
        }));
        assert_eq!(org.on("2026-02-15").report().failed.len(), 1);
        *around.fails.lock().unwrap() = None;
    }
    org.on("2026-02-15").target.delete_by_hand("hr:1");
    org.target.change("hr:1", |account| account.permissions = stale);
    org.daily("2026-02-16", "2026-02-19");
    if by == By::Others {
        org.say_of("1", PersonDirective::Release(main_of("entra")));
    }
    assert!(!org.is_live("1"));
    org
}

#[test]
fn i_33_what_a_restore_brings_back_stays_only_where_a_rule_gives_it() {
    let looks = LOOKS.iter().flat_map(|old| LOOKS.iter().map(move |new| (old, new)));
    let ways = [By::Us, By::Others].into_iter().flat_map(|by| ["", "full-time", "sellers"].map(|gone| (by, gone)));
    for ((old, new), (by, gone)) in looks.flat_map(|looks| ways.clone().map(move |way| (looks, way))) {
        let left = format!("person 1 family_name=Vos\ncontract 1 a 2026-01-01..2026-01-31 d1 {old}");
        let mut org = in_the_bin(&left, by);
        // Meanwhile a rule was taken out of the file.
        org.engine.policy = policy(&without(gone));
        let back = format!("{left}\ncontract 1 b 2026-02-20.. d2 {new}");
        let log = org.on("2026-02-20").says(&back).run();
        assert!(log.contains(&"restore hr:1".to_owned()), "{log:?}");
        let rows: Vec<String> = back.lines().map(str::to_owned).collect();
        let (_, mut given) = due(&rows, (1, d("2026-02-20")), &[]);
        given.retain(|what| what != gone && !(gone == "sellers" && what.starts_with("crm")));
        assert_eq!(org.holds("1").into_iter().collect::<BTreeSet<_>>(), given, "{log:?}");
        // It is gone before anybody gets in.
        let enabled = log.iter().position(|line| line == "enable hr:1").unwrap();
        assert!(log.iter().skip(enabled).all(|line| !line.starts_with("revoke")), "{log:?}");
        assert_eq!(org.daily("2026-02-21", "2026-02-28"), [""; 0]);
    }
}

#[test]
fn i_33_what_is_restored_long_before_it_is_wanted_holds_nothing_meanwhile() {
    for (old, new) in LOOKS.iter().flat_map(|old| LOOKS.iter().map(move |new| (old, new))) {
        let left = format!("person 1 family_name=Vos\ncontract 1 a 2026-01-01..2026-01-31 d1 {old}");
        let mut org = in_the_bin(&left, By::Us);
        org.engine.settings.lifecycle.return_horizon_days = None;
        // When the contract starts, the recycle bin is empty.
        let back = format!("{left}\ncontract 1 b 2026-04-10.. d1 {new}");
        let log = org.on("2026-02-20").says(&back).run();
        assert_eq!(log.first().map(String::as_str), Some("restore hr:1"), "{log:?}");
        assert!(org.is_live("1") && !org.is_enabled("1"));
        assert_eq!(org.holds("1"), [""; 0], "{log:?}");
    }
}

/// What somebody may do follows from the title.
const BY_TITLE: [&str; 5] = [
    "[[rule]]\nid = 'access'\ngives = ['access']",
    "[[rule]]\nid = 'access-ad'\ntarget = 'ad'\ngives = ['access']",
    "[[rule]]\nid = 'buyers'\nwhen = 'contract.title == \"ordering\"'\ngives = [{ permission = 'ordering' }]",
    "[[rule]]\nid = 'payers'\nwhen = 'contract.title == \"paying\"'\ngives = [{ permission = 'paying' }]",
    "[[rule]]\nid = 'auditors'\ntarget = 'ad'\nwhen = 'contract.title == \"auditing\"'\n\
     gives = [{ permission = 'auditing' }]",
];

const FOUR_EYES: &str = "[[combination]]\nid = 'four-eyes'\nverdict = 'deny'\n\
                         apart = ['ordering', 'paying', { permission = 'auditing', target = 'ad' }]";

/// Somebody moves from one job to another, by a new title or by a new contract, and runs are killed anywhere.
fn moves(text: &str, (from, to): (&str, &str), jobs: &RangeInclusive<usize>) {
    let titled = |title: &str| format!("person 1\ncontract 1 a 2026-01-01.. d1 title={title}");
    let renewed = format!(
        "person 1\ncontract 1 a 2026-01-01..2026-01-09 d1 title={from}\ncontract 1 b 2026-01-10.. d1 title={to}"
    );
    for after in [titled(to), renewed] {
        for kill in 0.. {
            let setup = Setup { policy: Some(policy(text)), targets: vec!["entra", "ad"], ..Setup::default() };
            let org = setup.build();
            put_resources(&org);
            org.on("2026-01-01").says(&titled(from)).run();
            assert_eq!(held(&org.targets), [from]);
            org.on("2026-01-10").says(&after);
            let is_over = watched_doing(&org, jobs.clone(), kill);
            for minutes in [10, 60, 60] {
                org.later(TimeDelta::minutes(minutes));
                assert!(watched_doing(&org, jobs.clone(), usize::MAX));
            }
            assert_eq!(held(&org.targets), [to], "killed at {kill}");
            if is_over {
                assert!(kill > 20, "killed only {kill} times");
                break;
            }
        }
    }
}

const MOVES: [(&str, &str); 6] = [
    ("ordering", "paying"),
    ("paying", "ordering"),
    ("ordering", "auditing"),
    ("auditing", "ordering"),
    ("paying", "auditing"),
    ("auditing", "paying"),
];

#[test]
fn i_34_who_moves_never_holds_what_the_file_keeps_apart() {
    let text = file(BY_TITLE.into_iter().chain([FOUR_EYES]));
    for way in MOVES {
        moves(&text, way, &(0..=1));
    }
}

#[test]
fn i_29_who_moves_always_holds_the_old_or_the_new_where_nothing_keeps_them_apart() {
    let reported = FOUR_EYES.replace("deny", "report");
    // Of two permissions of one account; those of two accounts do not wait for each other.
    for way in [("ordering", "paying"), ("paying", "ordering")] {
        moves(&file(BY_TITLE), way, &(1..=2));
        moves(&file(BY_TITLE.into_iter().chain([reported.as_str()])), way, &(1..=2));
    }
}

#[test]
fn case_97_a_rule_deleted_from_the_file_by_mistake_is_shown_and_takes_nothing_away() {
    let row = |number| {
        format!("person {number} family_name=N{number}\ncontract {number} c{number} 2026-01-01.. d1 {}\n", LOOKS[0])
    };
    let people: String = (100..200).map(row).collect();
    let mut org = under(&file(RULES));
    assert!(org.on("2026-02-05").says(&people).report().is_complete());
    org.sent();
    org.engine.settings.caps = Caps::default();
    let before = accounts_of(&org.target);
    for (rule, storm) in
        [("access", "disable"), ("department", "revoke"), ("full-time", "revoke"), ("sellers", "revoke")]
    {
        org.engine.policy = policy(&without(rule));
        for _ in 0..3 {
            let report = org.later(TimeDelta::days(1)).says(&people).report();
            let shown = report.to_string();
            let lines = shown.lines().filter(|line| line.starts_with(&format!("  {storm:<8} entra/hr:"))).count();
            assert_eq!(lines, if rule == "sellers" { 200 } else { 100 }, "{shown}");
            assert!(!report.exceeded.is_empty(), "{shown}");
            assert_eq!((org.sent(), accounts_of(&org.target)), (Vec::new(), before.clone()), "{rule}");
        }
        org.engine.policy = policy(&file(RULES));
        let report = org.report();
        assert!(report.plan.is_empty() && report.is_complete(), "{report}");
        assert_eq!(accounts_of(&org.target), before);
    }
}
