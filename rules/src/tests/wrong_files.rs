use expect_test::{Expect, expect};

use crate::RuleSet;

/// What a whole file gets.
fn check(text: &str, expected: &Expect) {
    let problems = text.parse::<RuleSet>().expect_err(text);
    expected.assert_eq(&problems.to_string());
}

/// What the entries of a rule get, from line 4 on; the rule has an id and gives an account.
fn check_rule(entries: &str, expected: &Expect) {
    check(&format!("target = \"entra\"\n[[rule]]\nid = \"r\"\n{entries}\n"), expected);
}

fn check_attribute(attribute: &str, expected: &Expect) {
    check(
        &format!("target = \"entra\"\nrule = [{{ id = \"r\", gives = \"access\" }}]\n[profile.entra]\n{attribute}\n"),
        expected,
    );
}

#[test]
fn what_is_not_toml_is_shown_with_its_place() {
    check(
        "target = entra\n[[rule]\nid = \"a\"\n",
        &expect![[r#"
            line 1, column 10, `entra`: string values must be quoted; write `"entra"`
            line 2, column 8: unclosed array table; write `]`"#]],
    );
    check(
        "target = \"entra\"\ntarget = \"ad\"",
        &expect!["line 2, column 1, `target`: duplicate key; remove one of the two"],
    );
    check("[[rule]]\nid = \"a", &expect![[r#"line 2, column 8: invalid basic string; write `"`"#]]);
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
        &expect![[
            r#"line 5, column 8, `{}`: not an expression; write it in single quotes, such as `'contract.title == "Clerk"'` or `'person.phone'`"#
        ]],
    );
    check_rule(
        "gives = \"access\"\nwhen = ' '",
        &expect![[
            r#"line 5, column 8, `' '`: not an expression; write it in single quotes, such as `'contract.title == "Clerk"'` or `'person.phone'`"#
        ]],
    );
    check_rule(
        "gives = \"access\"\n[rule.when]\n[rule.when.contract]",
        &expect![[
            r#"line 5, column 1, `[rule.when]`: not an expression; write it in single quotes, such as `'contract.title == "Clerk"'` or `'person.phone'`"#
        ]],
    );
}

#[test]
fn a_profile_is_for_accounts_that_a_rule_gives() {
    let rules = "target = \"entra\"\nrule = [{ id = \"r\", gives = \"access\" }, \
                 { id = \"d\", gives = \"access\", target = \"ad\", status = \"draft\" }]\n";
    check(
        &format!("{rules}[profile.enrta]\na = {{ value = 1, required = true }}\n[profile.ad]"),
        &expect![
            "line 3, column 10, `enrta`: no rule gives anything on such an account; write the target of a rule, or a rule for these accounts, which may be a draft"
        ],
    );
    // Where a rule was not understood, nobody can say so.
    check(
        "rule = { id = \"r\", gives = \"access\", target = \"a/b/c\" }\n[profile.entra]\n",
        &expect![[
            r#"line 1, column 47, `"a/b/c"`: `b/c` cannot be used as account kind: it holds a character that separates the parts of longer ids; write a target such as `entra`, or with a kind of account `entra/admin`"#
        ]],
    );
}

#[test]
fn a_profile_does_not_look_at_the_account_that_it_makes() {
    check_attribute(
        "a = { from = 'account(\"entra\").b' }\nb = { from = '\"x\" + account(\"entra/main\").a' }\n\
         c = { candidates = '\"x\"', numbered = 'account(\"entra\").a + n' }\nd = { from = 'account(\"ad\").b' }",
        &expect![[r#"
            line 4, column 5, `{ from = 'account("entra").b' }`: looks at the very account that this profile makes; write an account on another target, or the field of the person that it comes from
            line 5, column 5, `{ from = '"x" + account("entra/main").a' }`: looks at the very account that this profile makes; write an account on another target, or the field of the person that it comes from
            line 6, column 5, `{ candidates = '"x"', numbered = 'account("entra").a + n' }`: looks at the very account that this profile makes; write an account on another target, or the field of the person that it comes from"#]],
    );
}

#[test]
fn a_name_that_nobody_knows_is_shown_with_one_that_may_be_meant() {
    check(
        "Target = \"entra\"\n[[rules]]\nid = \"a\"",
        &expect![[r#"
        line 1, column 1: without a rule everybody would lose everything; write a rule under a line `[[rule]]`
        line 1, column 1, `Target`: a file of rules knows no `Target`; write `target`
        line 2, column 3, `rules`: a file of rules knows no `rules`; write `rule`"#]],
    );
    check_rule(
        "gvies = \"account\"\ndays_befor = 1\nuntil = 3",
        &expect![[r#"
            line 2, column 1, `[[rule]]`: a rule has no `gives`; write `gives = ["account"]`
            line 4, column 1, `gvies`: a rule knows no `gvies`; write `gives`
            line 5, column 1, `days_befor`: a rule knows no `days_befor`; write `days_before`
            line 6, column 1, `until`: a rule knows no `until`; it may hold `id`, `name`, `category`, `status`, `target`, `per`, `days_before`, `days_after`, `ends`, `when` and `gives`"#]],
    );
    check_rule(
        "gives = { permission = \"x\", clas = \"licence\", colour = \"red\" }",
        &expect![[r#"
        line 4, column 29, `clas`: a permission knows no `clas`; write `class`
        line 4, column 47, `colour`: a permission knows no `colour`; it may hold `permission`, `each`, `class`, `name` and `create`"#]],
    );
}

#[test]
fn a_rule_has_an_id_of_its_own_a_target_and_gives_something() {
    check(
        "[[rule]]\ngives = \"account\"",
        &expect![[r#"
        line 1, column 1, `[[rule]]`: a rule has no `id`; write `id = "sales-tools"`
        line 1, column 1, `[[rule]]`: nothing says on which target the rule gives something; write `target = "entra"` in the rule, or once at the top of the file"#]],
    );
    check(
        "target = \"en:tra\"\n[[rule]]\nid = \" a\"\ngives = \"account\"\ntarget = \"a/b/c\"",
        &expect![[r#"
            line 1, column 10, `"en:tra"`: `en:tra` cannot be used as target id: it holds a character that separates the parts of longer ids; write a target such as `entra`, or with a kind of account `entra/admin`
            line 3, column 6, `" a"`: ` a` cannot be used as rule id: it starts or ends with white space; write it without that
            line 5, column 10, `"a/b/c"`: `b/c` cannot be used as account kind: it holds a character that separates the parts of longer ids; write a target such as `entra`, or with a kind of account `entra/admin`"#]],
    );
    check(
        "target = \"e\"\n[[rule]]\nid = \"a\"\ngives = \"account\"\n[[rule]]\nid = \"a\"\ngives = \"access\"\n\
         [[rule]]\nid = \"exception\"\ngives = \"access\"\n[[rule]]\nid = \"\"\ngives = []",
        &expect![[r#"
            line 6, column 6, `"a"`: another rule has this id; write an id that no other rule has
            line 9, column 6, `"exception"`: the reason of what people grant by hand bears this id; write another id
            line 12, column 6, `""`: not a text that says something; write a text in quotes, such as `"Sales"`
            line 13, column 9, `[]`: the rule gives nothing; write `["account"]`, or make the rule a draft"#]],
    );
    check(
        "target = \"entra\"\nrule = \"account\"",
        &expect![[r#"line 2, column 8, `"account"`: a rule is a table; write `[[rule]]`"#]],
    );
    check_rule(
        "status = \"off\"\nname = \"\"\ngives = [\"acount\", 7, { class = \"licence\" }]",
        &expect![[r#"
        line 4, column 10, `"off"`: not one of the words that may stand here; write `"published"` or `"draft"`
        line 5, column 8, `""`: not a text that says something; write a text in quotes, such as `"Sales"`
        line 6, column 10, `"acount"`: not a thing that can be given; write `"account"`, `"access"` or `{ permission = "acount" }`
        line 6, column 20, `7`: not a thing that can be given; write `"account"`, `"access"` or `{ permission = "crm-users" }`
        line 6, column 23, `{ class = "licence" }`: a permission has no `permission`; write `permission = "crm-users"`"#]],
    );
}

#[test]
fn days_are_whole_numbers_within_reach() {
    check_rule(
        "gives = \"account\"\ndays_before = -1\ndays_after = \"3\"",
        &expect![[r#"
        line 5, column 15, `-1`: not a number of days that a rule can reach beyond a contract; write a whole number from 0 to 3650, such as `14`
        line 6, column 14, `"3"`: not a number of days that a rule can reach beyond a contract; write a whole number from 0 to 3650, such as `14`"#]],
    );
    check_rule(
        "gives = \"account\"\ndays_before = 1.5\ndays_after = 3651\nends = 3",
        &expect![[r#"
        line 5, column 15, `1.5`: not a number of days that a rule can reach beyond a contract; write a whole number from 0 to 3650, such as `14`
        line 6, column 14, `3651`: not a number of days that a rule can reach beyond a contract; write a whole number from 0 to 3650, such as `14`
        line 7, column 8, `3`: not a text that says something; write a text in quotes, such as `"Sales"`"#]],
    );
}

#[test]
fn the_name_of_a_field_has_no_dot() {
    check_rule(
        "gives = \"account\"\nends = \"contract.last_day\"\nwhen = 'contract.title.short == \"x\"'",
        &expect![[r#"
            line 5, column 8, `"contract.last_day"`: not the name of a field of the contract, which is written alone here; write `"last_day"`
            line 6, column 24, `short`: a field has no parts; leave out what stands behind its dot"#]],
    );
    check_rule(
        "gives = { each = 'person.phone.b', permission = 'key' }\nends = \"person.last_day\"",
        &expect![[r#"
            line 4, column 32, `b`: a field has no parts; leave out what stands behind its dot
            line 5, column 8, `"person.last_day"`: not the name of a field of the contract, which is written alone here; write the name without a dot, such as `"hours"`"#]],
    );
    check_attribute(
        "a = { from = 'person.given_name.first' }\nb = { from = '\"a \" + primary.title.short' }",
        &expect![[r#"
            line 4, column 33, `first`: a field has no parts; leave out what stands behind its dot
            line 5, column 36, `short`: a field has no parts; leave out what stands behind its dot"#]],
    );
    check(
        "primary = [{ highest = \"contract.hours\" }, { lowest = \"contract.\" }]\n\
         rule = { id = \"r\", target = \"entra\", gives = \"access\" }",
        &expect![[r#"
            line 1, column 24, `"contract.hours"`: not the name of a field of the contract, which is written alone here; write `"hours"`
            line 1, column 55, `"contract."`: not the name of a field of the contract, which is written alone here; write the name without a dot, such as `"hours"`"#]],
    );
}

#[test]
fn a_condition_asks_something_of_a_field() {
    check_rule(
        "gives = \"account\"\nwhen = \"Staff\"",
        &expect![[
            r#"line 5, column 9, `Staff`: `Staff` is nothing that is known here; write a field such as `person.phone`, or the text in quotes: `"Staff"`"#
        ]],
    );
    check_rule(
        "gives = \"account\"\nwhen = 'department == \"d1\" && contrct.title == \"x\" && boss.name == 1'",
        &expect![[r#"
            line 5, column 9, `department`: `department` alone has no value; write what of it, such as `department.name`
            line 5, column 31, `contrct.title`: `contrct` is nothing that is known here; write `contract`
            line 5, column 55, `boss.name`: `boss` is nothing that is known here; write a field such as `person.phone`, or the text in quotes: `"boss"`"#]],
    );
    check_rule(
        "gives = \"account\"\nwhen = \"\"\"\n  contract.title in [] ||\\\n  \\\"\\u0078\\\" == persn.phone\"\"\"",
        &expect![[r#"
            line 6, column 21, `[]`: nothing is in an empty list; write one value at least
            line 7, column 17, `persn.phone`: `persn` is nothing that is known here; write `person`"#]],
    );
    check_rule(
        "gives = \"account\"\nwhen = '''\ncontract.title == \"é\" && contract.hours == \"é\" &&\n contract.title = 5'''",
        &expect!["line 7, column 17, `=`: `=` is no sign of this language; write `==`"],
    );
}

#[test]
fn a_permission_is_an_id_with_a_class_and_a_name() {
    check_rule(
        "gives = { permission = \" x\", class = \"License\", create = \"yes\" }",
        &expect![[r#"
            line 4, column 24, `" x"`: ` x` cannot be used as permission id: it starts or ends with white space; write it without that
            line 4, column 38, `"License"`: not one of the words that may stand here; write `"ordinary"`, `"licence"` or `"privileged"`
            line 4, column 58, `"yes"`: neither true nor false; write `true` or `false` without quotes"#]],
    );
    check_rule(
        "gives = { permission = \"x\", name = \"X\" }",
        &expect![[
            r#"line 4, column 36, `"X"`: only a permission that may be created has a name; write `create = true` beside it, or leave the name out"#
        ]],
    );
    check_rule(
        "gives = { permission = \"department:{key}\" }",
        &expect![[
            r#"line 4, column 24, `"department:{key}"`: nothing says what stands in the braces; write `each = 'contract.department'` beside it and `'"department:" + key'` here, or no braces"#
        ]],
    );
}

#[test]
fn a_dynamic_permission_is_keyed_by_what_stays() {
    check_rule(
        "gives = { each = 'department', permission = 'department:{key}' }",
        &expect![[r#"
            line 4, column 19, `department`: `department` alone has no value; write what of it, such as `department.name`
            line 4, column 57, `{`: `{` is no sign of this language; write `+` between texts: `"Team " + department.name`"#]],
    );
    check_rule(
        "gives = { each = 'contract.department', permission = '\"department\"' }",
        &expect![[
            r#"line 4, column 54, `'"department"'`: the same permission for each value; write `key` where the value goes, such as `"department:" + key`"#
        ]],
    );
    check_rule(
        "gives = { each = 'contract.department', permission = 'key + department.name' }",
        &expect![[
            r#"line 4, column 61, `department.name`: the id of a permission is made of its key alone, so that it stays; write it with `key`, such as `"department:" + key`, and everything else in `name`"#
        ]],
    );
    check_rule(
        "gives = { each = 'contract.hours', permission = '\"d:\" + code', name = 'today', create = true }",
        &expect![[r#"
            line 4, column 57, `code`: the id of a permission is made of its key alone, so that it stays; write it with `key`, such as `"department:" + key`, and everything else in `name`
            line 4, column 72, `today`: `today` is compared with a day, and is no value of its own; write it on one side: `contract.start <= today`"#]],
    );
}

#[test]
fn an_attribute_comes_from_one_place() {
    check_attribute(
        "a = \"x\"",
        &expect![[r#"line 4, column 5, `"x"`: an attribute is a table; write `{ from = 'person.phone' }`"#]],
    );
    check_attribute(
        "a = { on = \"update\", when_empty = \"drop\" }",
        &expect![[r#"
            line 4, column 5, `{ on = "update", when_empty = "drop" }`: nothing says where the value comes from; write one of `from`, `value`, `manager` and `candidates`
            line 4, column 12, `"update"`: not one of the words that may stand here; write `"always"` or `"create"`
            line 4, column 35, `"drop"`: not one of the words that may stand here; write `"keep"` or `"clear"`"#]],
    );
    check_attribute(
        "a = { from = 'person.phone', value = 1, manager = true }",
        &expect![[r#"
            line 4, column 38, `1`: the value already comes from elsewhere; write one of `from`, `value`, `manager` and `candidates`
            line 4, column 51, `true`: the value already comes from elsewhere; write one of `from`, `value`, `manager` and `candidates`"#]],
    );
    check_attribute(
        "a = { from = 'contract.title' }\nb = { from = 'department.boss' }\nc = { manager = false }",
        &expect![[r#"
            line 4, column 15, `contract.title`: no contract is in question here; write `primary.` for the contract that speaks for the person, or `contracts.exists(c, ...)`
            line 5, column 26, `boss`: a department has no `boss`; write `code`, `name`, `parent` or `below("fin")`
            line 6, column 17, `false`: says nothing about where the value comes from; write `true`, or leave it out"#]],
    );
    check_attribute(
        "a = { value = [1] }\nb = { value = 1e400 }\nc = { value = nan }\n\" d\" = { value = 1 }",
        &expect![[r#"
            line 4, column 15, `[1]`: not a value to compare or to write; write a text in quotes, a number, a day such as `2026-01-31`, `true` or `false`
            line 5, column 15, `1e400`: `1e400` is not a decimal number of at most 18 digits; write it in quotes
            line 6, column 15, `nan`: `nan` is not a decimal number of at most 18 digits; write it in quotes
            line 7, column 1, `" d"`: ` d` cannot be used as field name: it starts or ends with white space; write it without that"#]],
    );
}

#[test]
fn a_text_is_put_together_of_texts() {
    check_attribute(
        "a = { from = 'person.phone + contract.hours' }\nb = { from = 'person.phone +' }",
        &expect![[r#"
            line 4, column 30, `contract.hours`: no contract is in question here; write `primary.` for the contract that speaks for the person, or `contracts.exists(c, ...)`
            line 5, column 29: the end stands where a value is expected; write a field such as `contract.title`, or a value such as `"Sales"`"#]],
    );
    check_attribute(
        "a = { from = 'phone' }\nb = { from = 'person.phone.upper()' }",
        &expect![[r#"
            line 4, column 15, `phone`: `phone` is nothing that is known here; write `person.phone`
            line 5, column 28, `upper`: `upper` is no function that stands here; there are `startsWith`, `endsWith`, `contains`, `below`, `exists`, `all`, `exists_one`, `lower`, `initial` and `compact`"#]],
    );
}

#[test]
fn a_unique_name_has_one_number() {
    check_attribute(
        "a = { candidates = 'primary.hours', numbered = 'person.phone', renaming = \"never\" }",
        &expect![[r#"
            line 4, column 20, `'primary.hours'`: a number stands where a text is expected; write a text, or `string(...)` around it
            line 4, column 48, `'person.phone'`: not a name with one number in it; write `n` once between `+`, where the number goes: `person.nick + n`
            line 4, column 75, `"never"`: not one of the words that may stand here; write `"frozen"` or `"follows"`"#]],
    );
    check_attribute(
        "a = { candidates = [] }\nb = { candidates = 3 }",
        &expect![[r#"
            line 4, column 20, `[]`: no name to try; write one at least, such as `['person.given_name']`
            line 5, column 20, `3`: not an expression; write it in single quotes, such as `'contract.title == "Clerk"'` or `'person.phone'`"#]],
    );
    check_attribute(
        "a = { candidates = [], numbered = 'person.phone + n + n', from = 'person.phone' }",
        &expect![[r#"
            line 4, column 35, `'person.phone + n + n'`: not a name with one number in it; write `n` once between `+`, where the number goes: `person.nick + n`
            line 4, column 66, `'person.phone'`: does not go together with `candidates` or `numbered`; leave one of them out"#]],
    );
}

#[test]
fn a_unique_name_that_can_never_be_is_refused() {
    check_attribute(
        "a = { numbered = 'n' }\nb = { numbered = 'n + \"@x.nl\"', candidates = '\"x\"' }\nc = { numbered = '\"x\" + n.lower()' }",
        &expect![[r#"
            line 4, column 18, `'n'`: nothing stands before the number; write `n` behind a name
            line 5, column 18, `'n + "@x.nl"'`: nothing stands before the number; write `n` behind a name
            line 6, column 18, `'"x" + n.lower()'`: not a name with one number in it; write `n` once between `+`, where the number goes: `person.nick + n`"#]],
    );
    check_attribute(
        "a = { numbered = '\"x\" + n', on = \"create\" }",
        &expect![[
            r#"line 4, column 34, `"create"`: does not go together with `candidates` or `numbered`; leave one of them out"#
        ]],
    );
}

#[test]
fn a_question_for_the_primary_contract_asks_one_thing() {
    check(
        "primary = [\"hours\", {}, { highest = \"a\", lowest = \"b\" }]\n\
         rule = { id = \"r\", target = \"entra\", gives = \"access\" }",
        &expect![[r#"
            line 1, column 12, `"hours"`: not a question for the primary contract; write `"in_force"`, `"earliest_start"`, `"latest_start"`, `"latest_end"`, `{ highest = "hours" }` or `{ lowest = "hours" }`
            line 1, column 21, `{}`: asks nothing; write `{ highest = "hours" }`
            line 1, column 25, `{ highest = "a", lowest = "b" }`: two questions in one; write each in braces of its own"#]],
    );
}

#[test]
fn a_profile_is_for_one_kind_of_account() {
    check(
        "rule = [{ id = \"r\", gives = \"access\", target = \"entra\" }]\nprimary = [\"first\", { highst = \"fte\" }]\n\
         [profile]\nentra = {}\n\"entra/main\" = {}\n\"a:b\" = 3",
        &expect![[r#"
            line 2, column 12, `"first"`: not a question for the primary contract; write `"in_force"`, `"earliest_start"`, `"latest_start"`, `"latest_end"`, `{ highest = "hours" }` or `{ lowest = "hours" }`
            line 2, column 21, `{ highst = "fte" }`: asks nothing; write `{ highest = "hours" }`
            line 2, column 23, `highst`: a question for the primary contract knows no `highst`; write `highest`
            line 5, column 1, `"entra/main"`: another profile is for the same accounts; write all attributes under one of them
            line 6, column 1, `"a:b"`: `a:b` cannot be used as target id: it holds a character that separates the parts of longer ids; write a target such as `entra`, or with a kind of account `entra/admin`
            line 6, column 9, `3`: a profile is a table; write `[profile.entra]`"#]],
    );
}

#[test]
fn the_place_counts_characters_and_long_text_is_cut() {
    check_rule(
        &format!("gives = [\"account\", \"{}\", \"é\", 1]", "é".repeat(80)),
        &expect![[r#"
        line 4, column 21, `"ééééééééééééééééééééééééééééééééééééééééééééééééééééééééééé...`: not a thing that can be given; write `"account"`, `"access"` or `{ permission = "éééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééé" }`
        line 4, column 105, `"é"`: not a thing that can be given; write `"account"`, `"access"` or `{ permission = "é" }`
        line 4, column 110, `1`: not a thing that can be given; write `"account"`, `"access"` or `{ permission = "crm-users" }`"#]],
    );
}
