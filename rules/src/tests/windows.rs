use chrono::TimeDelta;
use provisioning_core::policy::Policy;
use provisioning_core::source::Person;
use provisioning_core::testing::check_policy;

use super::{Office, day, instant, rules, shown};
use crate::RuleSet;

/// The days, `first..last`, on which a rule (its lines after the id) gives something in 2026, from noon to noon.
fn days(rule: &str, office: &str) -> String {
    let rules = rules(&format!("target = \"entra\"\n[[rule]]\nid = \"r\"\ngives = \"access\"\n{rule}"));
    let office = Office::new(office);
    let mut runs: Vec<(String, String)> = Vec::new();
    let mut open = false;
    for day in 0..365 {
        let now = instant("2026-01-01") + TimeDelta::days(day);
        let given = !rules.grants(&office.person(), now).grants.is_empty();
        let today = now.format("%m-%d").to_string();
        match (given, open) {
            (true, true) => runs.last_mut().unwrap().1 = today,
            (true, false) => runs.push((today.clone(), today)),
            (false, _) => {}
        }
        open = given;
    }
    runs.into_iter().map(|(first, last)| format!("{first}..{last}")).collect::<Vec<_>>().join(" ")
}

#[test]
fn the_days_of_a_contract_are_widened() {
    for (rule, office, expected) in [
        ("", "contract c 2026-03-01..2026-03-31", "03-01..03-31"),
        ("", "contract c 2026-03-01..2026-03-01", "03-01..03-01"),
        ("", "contract c 2026-03-01..", "03-01..12-31"),
        ("", "", ""),
        ("days_before = 14", "contract c 2026-03-01..2026-03-31", "02-15..03-31"),
        ("days_after = 3", "contract c 2026-03-01..2026-03-31", "03-01..04-03"),
        (
            "days_before = 1\ndays_after = 1",
            "contract c 2026-03-01..2026-03-31\ncontract d 2026-04-03..2026-04-03",
            "02-28..04-04",
        ),
        ("", "contract c 2026-03-01..2026-03-31\ncontract d 2026-06-01..2026-06-30", "03-01..03-31 06-01..06-30"),
    ] {
        assert_eq!(days(rule, office), expected, "{rule} {office}");
    }
}

#[test]
fn garden_leave_ends_a_contract_early_for_the_rules_that_say_so() {
    let office = |last: &str| format!("contract c 2026-03-01..2026-05-31 last_work={last}");
    let ends = "ends = \"last_work\"";
    for (rule, last, expected) in [
        (ends, "2026-04-15", "03-01..04-15"),
        ("", "2026-04-15", "03-01..05-31"),
        (ends, "\"2026-04-15\"", "03-01..04-15"),
        (ends, "\"_2026-04-15_\"", "03-01..04-15"),
        (ends, "\"15-04-2026\"", "03-01..05-31"),
        (ends, "\"2026-4-15\"", "03-01..05-31"),
        (ends, "null", "03-01..05-31"),
        (ends, "\"\"", "03-01..05-31"),
        (ends, "2026-07-01", "03-01..05-31"),
        (ends, "2026-03-01", "03-01..03-01"),
        (ends, "2026-02-28", ""),
        ("ends = \"other\"", "2026-04-15", "03-01..05-31"),
        ("ends = \"last_work\"\ndays_after = 2\ndays_before = 1", "2026-04-15", "02-28..04-17"),
        ("ends = \"last_work\"\ndays_after = 2\ndays_before = 1", "2026-02-28", ""),
    ] {
        assert_eq!(days(rule, &office(last)), expected, "{rule} {last}");
    }
}

#[test]
fn a_last_day_that_is_no_date_is_noted() {
    let rules = rules("target = \"entra\"\n[[rule]]\nid = \"r\"\ngives = \"access\"\nends = \"last_work\"");
    let office = Office::new("contract c 2026-03-01.. last_work=soon");
    assert_eq!(
        shown(&rules.grants(&office.person(), instant("2026-03-02"))),
        "entra: access, because of rule `r`, contract `c`\n\
         note: rule `r`: `contract.last_work` of contract `c` holds no date; the contract's own last day counts"
    );
}

#[test]
fn a_day_begins_at_midnight_in_the_zone_of_the_contract() {
    let rules = rules("target = \"entra\"\n[[rule]]\nid = \"r\"\ngives = \"access\"");
    let mut office = Office::new("contract a 2026-03-01..2026-03-31\ncontract b 2026-03-01..2026-03-31");
    office.person.contracts[1].zone = Some(chrono_tz::Asia::Tokyo);
    let given = |text: &str| {
        let grants = rules.grants(&office.person(), instant(text)).grants;
        grants.iter().map(|grant| grant.because.contract.clone().unwrap().to_string()).collect::<String>()
    };
    for (now, expected) in [
        ("2026-02-28T14:59:59Z", ""),
        ("2026-02-28T15:00:00Z", "b"),
        ("2026-02-28T22:59:59Z", "b"),
        ("2026-02-28T23:00:00Z", "ab"),
        ("2026-03-31T14:59:59Z", "ab"),
        ("2026-03-31T15:00:00Z", "a"),
        ("2026-03-31T21:59:59Z", "a"),
        ("2026-03-31T22:00:00Z", ""),
    ] {
        assert_eq!(given(now), expected, "{now}");
    }
}

/// Every instant from `now` on at which an answer may change.
fn changes(rules: &RuleSet, person: &Person<'_>, now: &str) -> Vec<String> {
    let next = |now: &_| rules.next_change(person, *now);
    std::iter::successors(next(&instant(now)), next).map(|at| at.format("%F %R").to_string()).collect()
}

#[test]
fn the_next_change_is_the_next_opening_or_closing_of_a_window() {
    let rules = rules(
        "target = \"entra\"
         [[rule]]\nid = \"a\"\ngives = \"account\"\ndays_before = 14
         [[rule]]\nid = \"b\"\ngives = \"access\"\nends = \"last_work\"
         [[rule]]\nid = \"c\"\ngives = { permission = \"p\" }\ndays_after = 1\nwhen = 'contract.title == \"Clerk\"'",
    );
    let office = Office::new(
        "contract a 2026-03-01..2026-05-31 last_work=2026-04-15
         contract b 2026-07-01..",
    );
    assert_eq!(
        changes(&rules, &office.person(), "2026-01-01"),
        [
            "2026-02-14 23:00",
            "2026-02-28 23:00",
            "2026-04-15 22:00",
            "2026-05-31 22:00",
            "2026-06-01 22:00",
            "2026-06-16 22:00",
            "2026-06-30 22:00"
        ]
    );
    assert_eq!(changes(&rules, &office.person(), "2026-07-01"), [""; 0]);
}

#[test]
fn an_answer_changes_at_no_other_instant() {
    let rules = rules(
        "target = \"entra\"
         [[rule]]\nid = \"a\"\ngives = \"account\"\ndays_before = 3\ndays_after = 2\nends = \"last_work\"
         [[rule]]\nid = \"b\"\ngives = \"access\"
         [profile.entra]\ntitle = { from = 'primary.title' }",
    );
    let mut office = Office::new(
        "contract a 2026-03-20..2026-04-10 last_work=2026-04-02 title=A
         contract b 2026-03-28..2026-04-05 title=B",
    );
    office.person.contracts[1].zone = Some(chrono_tz::America::New_York);
    let slot = crate::slot::parse_slot("entra").unwrap();
    let checks = check_policy(&rules, &[office.person()], &slot, (day("2026-03-10"), day("2026-04-20")));
    assert_eq!(checks.held().len(), 3);
}

#[test]
fn a_profile_that_looks_at_the_primary_contract_changes_with_it() {
    let text = "target = \"entra\"\n[[rule]]\nid = \"a\"\ngives = \"account\"\ndays_before = 9\ndays_after = 9\n[profile.entra]\n";
    let office = Office::new("contract a 2026-03-01..2026-03-31");
    let of = |attribute: &str| changes(&rules(&format!("{text}{attribute}")), &office.person(), "2026-02-25");
    assert_eq!(of("phone = { from = 'person.phone' }"), ["2026-04-09 22:00"]);
    for attribute in [
        "title = { from = 'primary.title' }",
        "office = { from = '\"at \" + department.name' }",
        "boss = { manager = true }",
        "mail = { candidates = ['primary.title'] }",
        "mail = { candidates = '\"x\"', numbered = 'primary.title + n' }",
        "works = { from = 'contracts.exists(c, c.in_force)' }",
        "works = { from = 'contracts.exists(c, c.start == date(\"2026-03-01\")) ? primary.title : \"x\"' }",
    ] {
        assert_eq!(of(attribute), ["2026-02-28 23:00", "2026-03-31 22:00", "2026-04-09 22:00"], "{attribute}");
    }
}

#[test]
fn a_midnight_that_comes_twice_is_not_missed() {
    // On 7 November 2010 the clocks of St John's went from 00:01 back to 23:01 of the day before.
    let rules = rules("target = \"entra\"\n[[rule]]\nid = \"r\"\ngives = \"access\"");
    let mut office = Office::new("contract a 2010-11-07..2010-11-09");
    office.zone = chrono_tz::America::St_Johns;
    assert_eq!(changes(&rules, &office.person(), "2010-11-07T02:45:00Z"), ["2010-11-07 03:30", "2010-11-10 03:30"]);
    assert_eq!(changes(&rules, &office.person(), "2010-11-06T02:45:00Z"), ["2010-11-07 02:30", "2010-11-10 03:30"]);
}

#[test]
fn what_is_compared_with_today_changes_on_that_day_and_the_day_after() {
    let office = Office::new(
        "person birth_date=2026-03-05
         contract a 2026-02-01..2026-04-10 last_day_of_work=2026-03-31
         contract b 2026-02-01..2026-04-10 last_day_of_work=2026-03-15",
    );
    let of = |rule: &str, profile: &str| {
        let text = format!(
            "target = \"entra\"\n[[rule]]\nid = \"a\"\ngives = \"account\"\n{rule}\n[profile.entra]\n{profile}"
        );
        let found = changes(&rules(&text), &office.person(), "2026-02-25");
        found.iter().map(|change| change[..10].to_owned()).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(of("per = 'person'", ""), "");
    let person = of("per = 'person'\nwhen = 'person.birth_date < today'", "");
    assert_eq!(person, "2026-03-04 2026-03-05");
    let contracts = of("when = '!(today == date(\"2026-03-20\"))'", "");
    assert_eq!(contracts, "2026-03-19 2026-03-20 2026-04-10");
    let quantified = of("per = 'person'\nwhen = 'contracts.all(c, c.last_day_of_work >= today)'", "");
    assert_eq!(quantified, "2026-03-14 2026-03-15 2026-03-30 2026-03-31");
    let profile = of("per = 'person'", "old = { from = 'today in [date(\"2026-03-20\")] ? \"yes\" : \"no\"' }");
    assert_eq!(profile, "2026-03-19 2026-03-20");
}
