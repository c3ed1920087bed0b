use expect_test::{Expect, expect};

use super::wrong_profiles::check_attribute;
use crate::RuleSet;

/// What a whole file gets.
pub(super) fn check(text: &str, expected: &Expect) {
    let problems = text.parse::<RuleSet>().expect_err(text);
    expected.assert_eq(&problems.to_string());
}

/// What the entries of a rule get, from line 4 on; the rule has an id and gives an account.
fn check_rule(entries: &str, expected: &Expect) {
    check(&format!("target = \"entra\"\n[[rule]]\nid = \"r\"\n{entries}\n"), expected);
}

#[test]
fn a_problem_quotes_what_is_wrong_and_not_more_than_a_line_takes() {
    for (length, quoted) in [(3, "aaa".to_owned()), (300, "a".repeat(60) + "...")] {
        let text = format!("target = \"entra\"\n\n[[rule]]\nid = {}\n", "a".repeat(length));
        let problems = text.parse::<RuleSet>().unwrap_err();
        let seen: Vec<_> = problems.iter().map(|problem| (problem.line, problem.text.clone())).collect();
        assert_eq!(seen, [(4, quoted)]);
    }
}

#[test]
fn what_is_not_toml_is_shown_with_its_place() {
    check(
        "target = entra\n[[rule]\nid = \"a\"\n",
        &expect![[r#"
            line 1, column 10: string values must be quoted; write `"entra"`
                target = entra
                         ^^^^^
            line 2, column 8: unclosed array table; write `]`
                [[rule]
                       ^"#]],
    );
    check(
        "target = \"entra\"\ntarget = \"ad\"",
        &expect![[r#"
            line 2, column 1: duplicate key; remove one of the two
                target = "ad"
                ^^^^^^"#]],
    );
    check(
        "[[rule]]\nid = \"a",
        &expect![[r#"
        line 2, column 8: invalid basic string; write `"`
            id = "a
                   ^"#]],
    );
}

#[test]
fn a_file_without_rules_takes_everything_from_everybody() {
    check(
        "",
        &expect![
            "line 1, column 1: without a rule everybody would lose everything; write a rule under a line `[[rule]]`"
        ],
    );
    check(
        "target = \"entra\"\nrule = []",
        &expect![
            "line 1, column 1: without a rule everybody would lose everything; write a rule under a line `[[rule]]`"
        ],
    );
}

#[test]
fn a_file_of_drafts_takes_everything_from_everybody() {
    let draft = |id: &str| format!("[[rule]]\nid = \"{id}\"\nstatus = \"draft\"\ngives = \"access\"\n");
    check(
        &format!("target = \"entra\"\n{}{}", draft("a"), draft("b")),
        &expect![[
            r#"line 1, column 1: every rule is a draft, and without a published one everybody would lose everything; take `status = "draft"` out of one rule at least"#
        ]],
    );
}

#[test]
fn conditions_without_a_condition_are_not_for_everybody() {
    check_rule(
        "gives = \"access\"\nwhen = {}",
        &expect![[r#"
            line 5, column 8: not an expression; write it in single quotes, such as `'contract.title == "Clerk"'` or `'person.phone'`
                when = {}
                       ^^"#]],
    );
    check_rule(
        "gives = \"access\"\nwhen = ' '",
        &expect![[r#"
            line 5, column 8: not an expression; write it in single quotes, such as `'contract.title == "Clerk"'` or `'person.phone'`
                when = ' '
                       ^^^"#]],
    );
    check_rule(
        "gives = \"access\"\n[rule.when]\n[rule.when.contract]",
        &expect![[r#"
            line 5, column 1: not an expression; write it in single quotes, such as `'contract.title == "Clerk"'` or `'person.phone'`
                [rule.when]
                ^^^^^^^^^^^"#]],
    );
}

#[test]
fn a_name_that_nobody_knows_is_shown_with_one_that_may_be_meant() {
    check(
        "Target = \"entra\"\n[[rules]]\nid = \"a\"",
        &expect![[r#"
            line 1, column 1: without a rule everybody would lose everything; write a rule under a line `[[rule]]`
            line 1, column 1: a file of rules knows no `Target`; write `target`
                Target = "entra"
                ^^^^^^
            line 2, column 3: a file of rules knows no `rules`; write `rule`
                [[rules]]
                  ^^^^^"#]],
    );
    check_rule(
        "gvies = \"account\"\ndays_befor = 1\nuntil = 3",
        &expect![[r#"
            line 2, column 1: a rule has no `gives`; write `gives = ["account"]`
                [[rule]]
                ^^^^^^^^
            line 4, column 1: a rule knows no `gvies`; write `gives`
                gvies = "account"
                ^^^^^
            line 5, column 1: a rule knows no `days_befor`; write `days_before`
                days_befor = 1
                ^^^^^^^^^^
            line 6, column 1: a rule knows no `until`; it may hold `gives`, `id`, `name`, `category`, `status`, `target`, `per`, `days_before`, `days_after`, `ends` and `when`
                until = 3
                ^^^^^"#]],
    );
    check_rule(
        "gives = { permission = \"x\", clas = \"licence\", colour = \"red\" }",
        &expect![[r#"
            line 4, column 29: a permission knows no `clas`; write `class`
                gives = { permission = "x", clas = "licence", colour = "red" }
                                            ^^^^
            line 4, column 47: a permission knows no `colour`; it may hold `permission`, `each`, `class`, `name`, `owner` and `create`
                gives = { permission = "x", clas = "licence", colour = "red" }
                                                              ^^^^^^"#]],
    );
}

#[test]
fn a_rule_has_an_id_of_its_own_a_target_and_gives_something() {
    check(
        "[[rule]]\ngives = \"account\"",
        &expect![[r#"
            line 1, column 1: a rule has no `id`; write `id = "sales-tools"`
                [[rule]]
                ^^^^^^^^
            line 1, column 1: nothing says which target is meant; write `target = "entra"` here, or once at the top of the file
                [[rule]]
                ^^^^^^^^"#]],
    );
    check(
        "target = \"en:tra\"\n[[rule]]\nid = \" a\"\ngives = \"account\"\ntarget = \"a/b/c\"",
        &expect![[r#"
            line 1, column 10: `en:tra` cannot be used as target id: it holds a character that separates the parts of longer ids; write a target such as `entra`, or with a kind of account `entra/admin`
                target = "en:tra"
                         ^^^^^^^^
            line 3, column 6: ` a` cannot be used as rule id: it starts or ends with white space; write it without that
                id = " a"
                     ^^^^
            line 5, column 10: `b/c` cannot be used as account kind: it holds a character that separates the parts of longer ids; write a target such as `entra`, or with a kind of account `entra/admin`
                target = "a/b/c"
                         ^^^^^^^"#]],
    );
    check(
        "target = \"e\"\n[[rule]]\nid = \"a\"\ngives = \"account\"\n[[rule]]\nid = \"a\"\ngives = \"access\"\n\
         [[rule]]\nid = \"exception\"\ngives = \"access\"\n[[rule]]\nid = \"\"\ngives = []",
        &expect![[r#"
            line 6, column 6: this id is taken; write an id that nothing else in the file has
                id = "a"
                     ^^^
            line 9, column 6: the reason of what people grant by hand bears this id; write another id
                id = "exception"
                     ^^^^^^^^^^^
            line 12, column 6: not a text that says something; write a text in quotes, such as `"Sales"`
                id = ""
                     ^^
            line 13, column 9: the rule gives nothing; write `["account"]`, or make the rule a draft
                gives = []
                        ^^"#]],
    );
    check(
        "target = \"entra\"\nrule = \"account\"",
        &expect![[r#"
            line 2, column 8: a rule is a table; write `[[rule]]`
                rule = "account"
                       ^^^^^^^^^"#]],
    );
    check_rule(
        "status = \"off\"\nname = \"\"\ngives = [\"acount\", 7, { class = \"licence\" }]",
        &expect![[r#"
            line 4, column 10: not one of the words that may stand here; write `"published"` or `"draft"`
                status = "off"
                         ^^^^^
            line 5, column 8: not a text that says something; write a text in quotes, such as `"Sales"`
                name = ""
                       ^^
            line 6, column 10: not a thing that can be given; write `"account"`, `"access"` or `{ permission = "acount" }`
                gives = ["acount", 7, { class = "licence" }]
                         ^^^^^^^^
            line 6, column 20: not a thing that can be given; write `"account"`, `"access"` or `{ permission = "crm-users" }`
                gives = ["acount", 7, { class = "licence" }]
                                   ^
            line 6, column 23: a permission has no `permission`; write `permission = "crm-users"`
                gives = ["acount", 7, { class = "licence" }]
                                      ^^^^^^^^^^^^^^^^^^^^^"#]],
    );
}

#[test]
fn days_are_whole_numbers_within_reach() {
    check_rule(
        "gives = \"account\"\ndays_before = -1\ndays_after = \"3\"",
        &expect![[r#"
            line 5, column 15: not a number of days that a rule can reach beyond a contract; write a whole number from 0 to 3650, such as `14`
                days_before = -1
                              ^^
            line 6, column 14: not a number of days that a rule can reach beyond a contract; write a whole number from 0 to 3650, such as `14`
                days_after = "3"
                             ^^^"#]],
    );
    check_rule(
        "gives = \"account\"\ndays_before = 1.5\ndays_after = 3651\nends = 3",
        &expect![[r#"
            line 5, column 15: not a number of days that a rule can reach beyond a contract; write a whole number from 0 to 3650, such as `14`
                days_before = 1.5
                              ^^^
            line 6, column 14: not a number of days that a rule can reach beyond a contract; write a whole number from 0 to 3650, such as `14`
                days_after = 3651
                             ^^^^
            line 7, column 8: not a text that says something; write a text in quotes, such as `"Sales"`
                ends = 3
                       ^"#]],
    );
}

#[test]
fn the_name_of_a_field_has_no_dot() {
    check_rule(
        "gives = \"account\"\nends = \"contract.last_day\"\nwhen = 'contract.title.short == \"x\"'",
        &expect![[r#"
            line 5, column 8: not the name of a field of the contract, which is written alone here; write `"last_day"`
                ends = "contract.last_day"
                       ^^^^^^^^^^^^^^^^^^^
            line 6, column 24: a field has no parts; leave out what stands behind its dot
                when = 'contract.title.short == "x"'
                                       ^^^^^"#]],
    );
    check_rule(
        "gives = { each = 'person.phone.b', permission = 'key' }\nends = \"person.last_day\"",
        &expect![[r#"
            line 4, column 32: a field has no parts; leave out what stands behind its dot
                gives = { each = 'person.phone.b', permission = 'key' }
                                               ^
            line 5, column 8: not the name of a field of the contract, which is written alone here; write the name without a dot, such as `"hours"`
                ends = "person.last_day"
                       ^^^^^^^^^^^^^^^^^"#]],
    );
    check_attribute(
        "a = { from = 'person.given_name.first' }\nb = { from = '\"a \" + primary.title.short' }",
        &expect![[r#"
            line 4, column 33: a field has no parts; leave out what stands behind its dot
                a = { from = 'person.given_name.first' }
                                                ^^^^^
            line 5, column 36: a field has no parts; leave out what stands behind its dot
                b = { from = '"a " + primary.title.short' }
                                                   ^^^^^"#]],
    );
    check(
        "primary = [{ highest = \"contract.hours\" }, { lowest = \"contract.\" }]\n\
         rule = { id = \"r\", target = \"entra\", gives = \"access\" }",
        &expect![[r#"
            line 1, column 24: not the name of a field of the contract, which is written alone here; write `"hours"`
                primary = [{ highest = "contract.hours" }, { lowest = "contract." }]
                                       ^^^^^^^^^^^^^^^^
            line 1, column 55: not the name of a field of the contract, which is written alone here; write the name without a dot, such as `"hours"`
                primary = [{ highest = "contract.hours" }, { lowest = "contract." }]
                                                                      ^^^^^^^^^^^"#]],
    );
}

#[test]
fn a_condition_asks_something_of_a_field() {
    check_rule(
        "gives = \"account\"\nwhen = \"Staff\"",
        &expect![[r#"
            line 5, column 9: `Staff` is nothing that is known here; write a field such as `person.phone`, or the text in quotes: `"Staff"`
                when = "Staff"
                        ^^^^^"#]],
    );
    check_rule(
        "gives = \"account\"\nwhen = 'department == \"d1\" && contrct.title == \"x\" && boss.name == 1'",
        &expect![[r#"
            line 5, column 9: `department` alone has no value; write what of it, such as `department.name`
                when = 'department == "d1" && contrct.title == "x" && boss.name == 1'
                        ^^^^^^^^^^
            line 5, column 31: `contrct` is nothing that is known here; write `contract`
                when = 'department == "d1" && contrct.title == "x" && boss.name == 1'
                                              ^^^^^^^^^^^^^
            line 5, column 55: `boss` is nothing that is known here; write a field such as `person.phone`, or the text in quotes: `"boss"`
                when = 'department == "d1" && contrct.title == "x" && boss.name == 1'
                                                                      ^^^^^^^^^"#]],
    );
    check_rule(
        "gives = \"account\"\nwhen = \"\"\"\n  contract.title in [] ||\\\n  \\\"\\u0078\\\" == persn.phone\"\"\"",
        &expect![[r#"
            line 6, column 21: nothing is in an empty list; write one value at least
                  contract.title in [] ||\
                                    ^^
            line 7, column 17: `persn` is nothing that is known here; write `person`
                  \"\u0078\" == persn.phone"""
                                ^^^^^^^^^^^"#]],
    );
    check_rule(
        "gives = \"account\"\nwhen = '''\ncontract.title == \"é\" && contract.hours == \"é\" &&\n contract.title = 5'''",
        &expect![[r#"
            line 7, column 17: `=` is no sign of this language; write `==`
                 contract.title = 5'''
                                ^"#]],
    );
    for (quote, newline) in [("'''", "\n"), ("'''", "\r\n"), ("\"\"\"", "\n"), ("\"\"\"", "\r\n")] {
        check_rule(
            &format!(
                "gives = \"account\"{newline}when = {quote}{newline}{newline}  persn.phone == 'x'{newline}{quote}"
            ),
            &expect![[r#"
                line 7, column 3: `persn` is nothing that is known here; write `person`
                      persn.phone == 'x'
                      ^^^^^^^^^^^"#]],
        );
    }
}

#[test]
fn a_permission_is_an_id_with_a_class_and_a_name() {
    check_rule(
        "gives = { permission = \" x\", class = \"License\", create = \"yes\" }",
        &expect![[r#"
            line 4, column 24: ` x` cannot be used as permission id: it starts or ends with white space; write it without that
                gives = { permission = " x", class = "License", create = "yes" }
                                       ^^^^
            line 4, column 38: not one of the words that may stand here; write `"ordinary"`, `"licence"` or `"privileged"`
                gives = { permission = " x", class = "License", create = "yes" }
                                                     ^^^^^^^^^
            line 4, column 58: neither true nor false; write `true` or `false` without quotes
                gives = { permission = " x", class = "License", create = "yes" }
                                                                         ^^^^^"#]],
    );
    check_rule(
        "gives = { permission = \"x\", name = \"X\" }",
        &expect![[r#"
            line 4, column 36: only a permission that may be created has a name; write `create = true` beside it, or leave the name out
                gives = { permission = "x", name = "X" }
                                                   ^^^"#]],
    );
    for each in ["contract.title", "manager.department", "contract.department.name"] {
        let text =
            format!("gives = {{ each = '{each}', permission = '\"x\" + key', create = true, owner = \"manager\" }}");
        let text = format!("target = \"entra\"\n[[rule]]\nid = \"r\"\n{text}\n[fields]\nperson.department = \"text\"");
        let problems = text.parse::<RuleSet>().unwrap_err().to_string();
        assert!(problems.contains("only a group that is made for each department has an owner"), "{each}: {problems}");
    }
    check_rule(
        "gives = { permission = \"x\", create = true, owner = \"Ann\" }",
        &expect![[r#"
            line 4, column 52: only a group that is made for each department has an owner; write `each = 'contract.department'` and `create = true` beside it, or leave the owner out
                gives = { permission = "x", create = true, owner = "Ann" }
                                                                   ^^^^^"#]],
    );
    check_rule(
        "gives = { permission = \"department:{key}\" }",
        &expect![[r#"
            line 4, column 24: nothing says what stands in the braces; write `each = 'contract.department'` beside it and `'"department:" + key'` here, or no braces
                gives = { permission = "department:{key}" }
                                       ^^^^^^^^^^^^^^^^^^"#]],
    );
}

#[test]
fn a_dynamic_permission_is_keyed_by_what_stays() {
    check_rule(
        "gives = { each = 'department', permission = 'department:{key}' }",
        &expect![[r#"
            line 4, column 19: `department` alone has no value; write what of it, such as `department.name`
                gives = { each = 'department', permission = 'department:{key}' }
                                  ^^^^^^^^^^
            line 4, column 57: `{` is no sign of this language; write `+` between texts: `"Team " + department.name`
                gives = { each = 'department', permission = 'department:{key}' }
                                                                        ^"#]],
    );
    check_rule(
        "gives = { each = 'contract.department', permission = '\"department\"' }",
        &expect![[r#"
            line 4, column 54: the same permission for each value; write `key` where the value goes, such as `"department:" + key`
                gives = { each = 'contract.department', permission = '"department"' }
                                                                     ^^^^^^^^^^^^^^"#]],
    );
    check_rule(
        "gives = { each = 'contract.department', permission = 'key + department.name' }",
        &expect![[r#"
            line 4, column 61: the id of a permission is made of its key alone, so that it stays; write it with `key`, such as `"department:" + key`, and everything else in `name`
                gives = { each = 'contract.department', permission = 'key + department.name' }
                                                                            ^^^^^^^^^^^^^^^"#]],
    );
    check_rule(
        "gives = { each = 'contract.hours', permission = '\"d:\" + code', name = 'today', create = true }",
        &expect![[r#"
            line 4, column 57: the id of a permission is made of its key alone, so that it stays; write it with `key`, such as `"department:" + key`, and everything else in `name`
                gives = { each = 'contract.hours', permission = '"d:" + code', name = 'today', create = true }
                                                                        ^^^^
            line 4, column 72: `today` is compared with a day, and is no value of its own; write it on one side: `contract.start <= today`
                gives = { each = 'contract.hours', permission = '"d:" + code', name = 'today', create = true }
                                                                                       ^^^^^"#]],
    );
}

#[test]
fn a_question_for_the_primary_contract_asks_one_thing() {
    check(
        "primary = [\"hours\", {}, { highest = \"a\", lowest = \"b\" }]\n\
         rule = { id = \"r\", target = \"entra\", gives = \"access\" }",
        &expect![[r#"
            line 1, column 12: not a question for the primary contract; write `"in_force"`, `"earliest_start"`, `"latest_start"`, `"latest_end"`, `{ highest = "hours" }` or `{ lowest = "hours" }`
                primary = ["hours", {}, { highest = "a", lowest = "b" }]
                           ^^^^^^^
            line 1, column 21: asks nothing; write `{ highest = "hours" }`
                primary = ["hours", {}, { highest = "a", lowest = "b" }]
                                    ^^
            line 1, column 25: two questions in one; write each in braces of its own
                primary = ["hours", {}, { highest = "a", lowest = "b" }]
                                        ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^"#]],
    );
}

#[test]
fn the_place_counts_characters_and_long_text_is_cut() {
    check_rule(
        &format!("gives = [\"account\", \"{}\", \"é\", 1]", "é".repeat(80)),
        &expect![[r#"
            line 4, column 21: not a thing that can be given; write `"account"`, `"access"` or `{ permission = "éééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééé" }`
                gives = ["account", "ééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééé...
                                    ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
            line 4, column 105: not a thing that can be given; write `"account"`, `"access"` or `{ permission = "é" }`
                ...ééééééééééééééééééééééééééééééééééééé", "é", 1]
                                                           ^^^
            line 4, column 110: not a thing that can be given; write `"account"`, `"access"` or `{ permission = "crm-users" }`
                ...éééééééééééééééééééééééééééééééé", "é", 1]
                                                           ^"#]],
    );
}

#[test]
fn a_declared_field_says_what_it_holds() {
    check(
        "target = \"entra\"\nrule = { id = \"r\", gives = \"access\" }\n[fields]\nperson = 3\ncontract = { x = \"txt\", \"a b\" = \"text\", end = \"date\", y = {} }\n\
         org.x = \"text\"",
        &expect![[r#"
            line 4, column 10: `person` is a table; write `person.grade = "number"`
                person = 3
                         ^
            line 5, column 18: not what a field can hold; write `text`, `exact text`, `number`, `bool` or `date`, or a list of them such as `list of text`
                contract = { x = "txt", "a b" = "text", end = "date", y = {} }
                                 ^^^^^
            line 5, column 25: not a name that an expression can hold; write letters, digits and `_`, and no digit first
                contract = { x = "txt", "a b" = "text", end = "date", y = {} }
                                        ^^^^^
            line 5, column 41: every contract has this by itself; leave it out, or write another name
                contract = { x = "txt", "a b" = "text", end = "date", y = {} }
                                                        ^^^
            line 5, column 59: a field has no `type`; write `type = "text"`
                contract = { x = "txt", "a b" = "text", end = "date", y = {} }
                                                                          ^^
            line 6, column 1: `fields` knows no `org`; it may hold `person` and `contract`
                org.x = "text"
                ^^^"#]],
    );
    check(
        "target = \"entra\"\n[fields.person]\nx = { type = \"number\", values = [1] }\ny = { type = \"text\", values = [] }\n\
         [[rule]]\nid = \"r\"\ngives = \"access\"",
        &expect![[r#"
            line 3, column 33: only texts have a list of all that they may be; leave `values` out
                x = { type = "number", values = [1] }
                                                ^^^
            line 4, column 31: the field could hold nothing; write one text at least, or leave `values` out
                y = { type = "text", values = [] }
                                              ^^"#]],
    );
}

#[test]
fn a_rule_about_a_person_has_no_days_and_no_contract() {
    check_rule(
        "gives = { each = 'contract.title', permission = 'key' }\nper = 'person'\ndays_before = 3\nends = \"hours\"\n\
         when = 'contract.title == \"x\"'",
        &expect![[r#"
            line 4, column 19: no contract is in question here; write `primary.` for the contract that speaks for the person, or `contracts.exists(c, ...)`
                gives = { each = 'contract.title', permission = 'key' }
                                  ^^^^^^^^^^^^^^
            line 6, column 15: a rule about a person as a whole has no days of its own; leave it out, or write `per = "contract"`
                days_before = 3
                              ^
            line 7, column 8: a rule about a person as a whole has no days of its own; leave it out, or write `per = "contract"`
                ends = "hours"
                       ^^^^^^^
            line 8, column 9: no contract is in question here; write `primary.` for the contract that speaks for the person, or `contracts.exists(c, ...)`
                when = 'contract.title == "x"'
                        ^^^^^^^^^^^^^^"#]],
    );
    check_rule(
        "gives = 'access'\nper = 'contracts'",
        &expect![[r#"
        line 5, column 7: not one of the words that may stand here; write `"contract"`, `"primary"` or `"person"`
            per = 'contracts'
                  ^^^^^^^^^^^"#]],
    );
}

#[test]
fn a_part_that_is_empty_is_in_every_text() {
    check_rule(
        "gives = \"access\"\nwhen = 'contract.title.startsWith(\"\") && !contract.kind.contains(\" \")'",
        &expect![[r#"
            line 5, column 35: what is empty is in every text; write what it should have, or `has(contract.title)`
                when = 'contract.title.startsWith("") && !contract.kind.contains(" ")'
                                                  ^^"#]],
    );
}
