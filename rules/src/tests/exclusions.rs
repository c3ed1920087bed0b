use expect_test::{Expect, expect};
use provisioning_core::policy::Policy;

use super::wrong_files::check as wrong;
use super::{Office, instant, rules, shown};

const RULES: &str = r#"
target = "entra"

[[rule]]
id = "account"
days_before = 14
gives = ["account"]

[[rule]]
id = "access"
gives = ["access"]

[[rule]]
id = "clerks"
when = 'contract.title == "Clerk"'
gives = [{ permission = "ordering" }, { permission = "archive" }]

[[rule]]
id = "payers"
when = 'contract.department == "fin"'
gives = [{ permission = "paying" }]
"#;

/// What the rules say of a person on 1 March 2026, with what is held apart.
fn check(more: &str, office: &str, expected: &Expect) {
    expected.assert_eq(&said(more, office, "2026-03-01"));
}

fn said(more: &str, office: &str, now: &str) -> String {
    let rules = rules(&format!("{RULES}{more}"));
    let mut answer = rules.grants(&Office::new(office).person(), instant(now));
    answer.settle(rules.combinations(), |_, _| true);
    shown(&answer)
}

const CLERK: &str = "contract c1 2026-01-01.. title=Clerk department=fin kind=contractor";

#[test]
fn an_exclusion_withholds_from_the_whole_person_whatever_gives_it() {
    let two = format!("{CLERK}\ncontract c2 2026-02-01.. title=Clerk department=it kind=employee");
    check(
        "[[exclusion]]\nid = \"contractors\"\nwhen = 'contract.kind == \"contractor\"'\n\
         withholds = [{ permission = \"archive\" }, { rule = \"payers\" }]",
        &two,
        &expect![[r#"
            entra: account, because of rule `account`, contract `c1`
            entra: access, because of rule `access`, contract `c1`
            entra: ordering, because of rule `clerks`, contract `c1`
            entra: account, because of rule `account`, contract `c2`
            entra: access, because of rule `access`, contract `c2`
            entra: ordering, because of rule `clerks`, contract `c2`
            withheld: archive, by `contractors`
            withheld: rule `payers`, by `contractors`"#]],
    );
}

#[test]
fn an_exclusion_may_take_access_and_leave_the_account() {
    let leave =
        "[[exclusion]]\nid = \"leave\"\nper = \"person\"\nwhen = 'person.mail == \"leave\"'\nwithholds = \"access\"\n";
    check(
        leave,
        &format!("{CLERK}\nperson mail=leave"),
        &expect![[r#"
        entra: account, because of rule `account`, contract `c1`
        entra: account, because of rule `access`, contract `c1`
        entra: ordering, because of rule `clerks`, contract `c1`
        entra: archive, because of rule `clerks`, contract `c1`
        entra: paying, because of rule `payers`, contract `c1`
        withheld: access, by `leave`"#]],
    );
    let all = leave.replace("\"access\"", "\"account\"");
    check(&all, &format!("{CLERK}\nperson mail=leave"), &expect!["withheld: account, by `leave`"]);
    assert_eq!(said(leave, &format!("{CLERK}\nperson mail=there"), "2026-03-01"), said("", CLERK, "2026-03-01"));
}

#[test]
fn an_exclusion_that_may_hold_gives_nothing_new_and_takes_nothing_away() {
    check(
        "[[exclusion]]\nid = \"contractors\"\nwhen = 'contract.kind == \"contractor\"'\n\
         withholds = [\"access\", { permission = \"archive\" }, { rule = \"payers\" }]",
        &CLERK.replace(" kind=contractor", ""),
        &expect![[r#"
            entra: account, because of rule `account`, contract `c1`
            entra: account, because of rule `access`, contract `c1`
            entra: ordering, because of rule `clerks`, contract `c1`
            may be withheld: access of rule `access`, contract `c1`, by `contractors`: nothing is known of `contract.kind` for contract `c1`
            may be withheld: archive of rule `clerks`, contract `c1`, by `contractors`: nothing is known of `contract.kind` for contract `c1`
            may be withheld: paying of rule `payers`, contract `c1`, by `contractors`: nothing is known of `contract.kind` for contract `c1`"#]],
    );
}

#[test]
fn an_exclusion_has_its_own_days() {
    let more = "[[exclusion]]\nid = \"first-weeks\"\nper = \"primary\"\ndays_after = 3\n\
                when = 'contract.start > date(\"2026-02-01\")'\nwithholds = [{ permission = \"archive\" }]";
    let office = "contract c1 2026-02-10..2026-03-10 title=Clerk\ncontract c2 2026-01-01.. title=Clerk";
    for (day, is_withheld) in [("2026-02-09", false), ("2026-03-01", false), ("2026-03-10", false)] {
        assert_eq!(said(more, office, day).contains("withheld"), is_withheld, "{day}");
    }
    let alone = "contract c1 2026-02-10..2026-03-10 title=Clerk";
    for (day, is_withheld) in [("2026-02-09", false), ("2026-02-10", true), ("2026-03-13", true), ("2026-03-14", false)]
    {
        assert_eq!(said(more, alone, day).contains("withheld"), is_withheld, "{day}");
    }
}

#[test]
fn an_exception_stands_above_exclusions_through_its_last_day() {
    let more = "[[exclusion]]\nid = \"x\"\nwithholds = [{ permission = \"archive\" }]\n\
                [[exception]]\nid = \"ann\"\nperson = \"hr:1\"\nfrom = 2026-02-01\nuntil = 2026-03-01\n\
                gives = [{ permission = \"archive\" }]\n\
                [[exception]]\nid = \"bob\"\nperson = \"hr:2\"\nuntil = 2026-03-01\ngives = [{ permission = \"paying\" }]";
    check(
        more,
        CLERK,
        &expect![[r#"
        entra: account, because of rule `account`, contract `c1`
        entra: access, because of rule `access`, contract `c1`
        entra: ordering, because of rule `clerks`, contract `c1`
        entra: paying, because of rule `payers`, contract `c1`
        entra: archive, because of rule `ann`
        withheld: archive, by `x`"#]],
    );
    // The day is one of the person's zone, where it ends an hour before it does in UTC.
    for (now, is_given) in [
        ("2026-01-31T22:59:59Z", false),
        ("2026-01-31T23:00:00Z", true),
        ("2026-03-01T22:59:59Z", true),
        ("2026-03-01T23:00:00Z", false),
    ] {
        assert_eq!(said(more, CLERK, now).contains("rule `ann`"), is_given, "{now}");
    }
    let rules = rules(&format!("{RULES}{more}"));
    let next = |now| rules.next_change(&Office::new(CLERK).person(), instant(now));
    assert_eq!(next("2026-01-31T20:00:00Z"), Some(instant("2026-01-31T23:00:00Z")));
    assert_eq!(next("2026-03-01T20:00:00Z"), Some(instant("2026-03-01T23:00:00Z")));
    assert_eq!(next("2026-03-02T20:00:00Z"), None);
}

#[test]
fn of_what_may_not_be_held_together_the_first_stands() {
    let more = "[[combination]]\nid = \"four-eyes\"\napart = [\"ordering\", \"paying\", \"archive\"]\n";
    check(
        more,
        CLERK,
        &expect![[r#"
        entra: account, because of rule `account`, contract `c1`
        entra: access, because of rule `access`, contract `c1`
        entra: ordering, because of rule `clerks`, contract `c1`
        withheld: paying, by `four-eyes`
        withheld: archive, by `four-eyes`
        note: `paying` is not given beside `ordering`, by combination `four-eyes`
        note: `archive` is not given beside `ordering`, by combination `four-eyes`"#]],
    );
    check(
        &format!("{more}verdict = \"report\""),
        CLERK,
        &expect![[r#"
        entra: account, because of rule `account`, contract `c1`
        entra: access, because of rule `access`, contract `c1`
        entra: ordering, because of rule `clerks`, contract `c1`
        entra: archive, because of rule `clerks`, contract `c1`
        entra: paying, because of rule `payers`, contract `c1`
        note: `ordering` and `paying` are given together, against combination `four-eyes`
        note: `ordering` and `archive` are given together, against combination `four-eyes`"#]],
    );
    // One of them alone is held, and so is one whose rival no account can hold.
    let payer = "contract c1 2026-01-01.. department=fin";
    assert_eq!(said(more, payer, "2026-03-01"), said("", payer, "2026-03-01"));
    // Whoever is given the first by hand loses the second.
    let by_hand = format!(
        "{more}[[exception]]\nid = \"ann\"\nperson = \"hr:1\"\nuntil = 2026-03-01\ngives = [{{ permission = \"ordering\" }}]"
    );
    check(
        &by_hand,
        payer,
        &expect![[r#"
        entra: account, because of rule `account`, contract `c1`
        entra: access, because of rule `access`, contract `c1`
        entra: ordering, because of rule `ann`
        cannot tell: rule `clerks`: nothing is known of `contract.title` for contract `c1`; may be Nothing
        withheld: paying, by `four-eyes`
        note: `paying` is not given beside `ordering`, by combination `four-eyes`"#]],
    );
}

#[test]
fn a_draft_withholds_and_excepts_nothing() {
    for more in [
        "[[exclusion]]\nid = \"x\"\nwithholds = \"account\"\n",
        "[[exception]]\nid = \"x\"\nperson = \"hr:1\"\nuntil = 2026-03-01\ngives = [{ permission = \"more\" }]\n",
        "[[combination]]\nid = \"x\"\napart = [\"ordering\", \"paying\"]\n",
    ] {
        let draft = format!("{more}status = \"draft\"");
        assert_ne!(said(more, CLERK, "2026-03-01"), said("", CLERK, "2026-03-01"), "{more}");
        assert_eq!(said(&draft, CLERK, "2026-03-01"), said("", CLERK, "2026-03-01"), "{more}");
        assert_eq!(rules(&format!("{RULES}{draft}")).version(), rules(RULES).version(), "{more}");
    }
}

#[test]
fn what_is_wrong_with_them_is_told() {
    wrong(
        &format!(
            "{RULES}
[[exclusion]]
id = \"payers\"
withholds = [\"acess\", {{ permission = \"archiv\" }}, {{ rule = \"nobody\" }}, {{ rule = \"payers\", permission = \"paying\" }}]

[[exclusion]]
id = \"nothing\"
withholds = []
gives = [\"access\"]

[[exception]]
id = \"e\"
person = \"Ann\"
from = \"2026-03-01\"
until = 2026-02-31
gives = [{{ permission = '\"d:\" + key', each = 'person.mail' }}]

[[exception]]
id = \"f\"
person = \"hr:1\"
from = 2026-03-02
until = 2026-03-01
gives = [{{ permission = \"x\" }}]

[[combination]]
id = \"c\"
apart = [\"paying\", \"paying\"]

[[combination]]
id = \"d\"
apart = [{{ permission = \"paying\", target = \"ad\" }}, \"odering\"]
verdict = \"allow\"
"
        )
        .replace("2026-02-31", "2026-02-28T10:00:00Z"),
        &expect![[r#"
            line 24, column 6: this id is taken; write an id that nothing else in the file has
                id = "payers"
                     ^^^^^^^^
            line 25, column 14: not a thing that can be withheld; write `"account"`, `"access"`, `{ permission = "crm-users" }` or `{ rule = "sales-tools" }`
                withholds = ["acess", { permission = "archiv" }, { rule = "nobody" }, { rule = "payers", permission ...
                             ^^^^^^^
            line 25, column 38: no rule gives `archiv` on `entra`; write the id of one that a rule gives there
                withholds = ["acess", { permission = "archiv" }, { rule = "nobody" }, { rule = "payers", permission ...
                                                     ^^^^^^^^
            line 25, column 59: no rule is called `nobody`; write the id of a rule
                ...s", { permission = "archiv" }, { rule = "nobody" }, { rule = "payers", permission = "paying" }]
                                                           ^^^^^^^^
            line 25, column 71: not one thing that can be withheld; write `"account"`, `"access"`, `{ permission = "crm-users" }` or `{ rule = "sales-tools" }`
                ...sion = "archiv" }, { rule = "nobody" }, { rule = "payers", permission = "paying" }]
                                                           ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
            line 29, column 13: the exclusion withholds nothing; write `["access"]`, or make it a draft
                withholds = []
                            ^^
            line 30, column 1: an exclusion knows no `gives`; it may hold `withholds`, `id`, `name`, `category`, `status`, `target`, `per`, `days_before`, `days_after`, `ends` and `when`
                gives = ["access"]
                ^^^^^
            line 34, column 10: `Ann` cannot be used as record id: it is written `source:key`; write the source and the person's key in it, such as `"afas:1229"`
                person = "Ann"
                         ^^^^^
            line 36, column 9: not a day; write the year, the month and the day: `2026-08-31`
                until = 2026-02-28T10:00:00Z
                        ^^^^^^^^^^^^^^^^^^^^
            line 37, column 9: an exception computes nothing; leave `each` out, and write the permission itself
                gives = [{ permission = '"d:" + key', each = 'person.mail' }]
                        ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
            line 42, column 8: the first day is later than the last; write a day that is not after `until`
                from = 2026-03-02
                       ^^^^^^^^^^
            line 48, column 9: nothing that could come together; write two permissions at least, each once: the one that comes first stands
                apart = ["paying", "paying"]
                        ^^^^^^^^^^^^^^^^^^^^
            line 52, column 25: no rule gives `paying` on `ad`; write the id of one that a rule gives there
                apart = [{ permission = "paying", target = "ad" }, "odering"]
                                        ^^^^^^^^
            line 52, column 52: no rule gives `odering` on `entra`; write the id of one that a rule gives there
                apart = [{ permission = "paying", target = "ad" }, "odering"]
                                                                   ^^^^^^^^^
            line 53, column 11: not one of the words that may stand here; write `"deny"` or `"report"`
                verdict = "allow"
                          ^^^^^^^"#]],
    );
}

#[test]
fn an_exclusion_without_days_lasts_as_long_as_a_rule_for_another_account_that_it_withholds() {
    let more = "[[rule]]\nid = \"here\"\ndays_after = 30\ngives = [{ permission = \"later\" }]
        [[rule]]\nid = \"there\"\ntarget = \"ad\"\ngives = [\"account\"]
        [[exclusion]]\nid = \"x\"\ntarget = \"ad\"\nwithholds = [{ rule = \"here\" }]\nwhen = 'contract.title == \"Clerk\"'";
    let ends = "contract c1 2026-01-01..2026-02-28 title=";
    assert!(!said(more, &format!("{ends}Clerk"), "2026-03-01").contains("later, because"));
    assert!(said(more, &format!("{ends}Porter"), "2026-03-01").contains("later, because of rule `here`"));
}
