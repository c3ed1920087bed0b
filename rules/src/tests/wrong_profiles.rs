use std::collections::BTreeSet;

use expect_test::{Expect, expect};
use provisioning_core::policy::Policy;

use super::rules;
use super::wrong_files::check;

/// What the attributes of a profile get, from line 4 on.
pub(super) fn check_attribute(attribute: &str, expected: &Expect) {
    check(
        &format!("target = \"entra\"\nrule = [{{ id = \"r\", gives = \"access\" }}]\n[profile.entra]\n{attribute}\n"),
        expected,
    );
}

#[test]
fn a_profile_is_for_accounts_that_a_rule_gives() {
    let rules = "target = \"entra\"\nrule = [{ id = \"r\", gives = \"access\" }, \
                 { id = \"d\", gives = \"access\", target = \"ad\", status = \"draft\" }]\n";
    check(
        &format!("{rules}[profile.enrta]\na = {{ value = 1, required = true }}\n[profile.ad]"),
        &expect![[r#"
            line 3, column 10: no rule gives anything on such an account; write the target of a rule, or a rule for these accounts, which may be a draft
                [profile.enrta]
                         ^^^^^"#]],
    );
    // Where a rule was not understood, nobody can say so.
    check(
        "rule = { id = \"r\", gives = \"access\", target = \"a/b/c\" }\n[profile.entra]\n",
        &expect![[r#"
            line 1, column 47: `b/c` cannot be used as account kind: it holds a character that separates the parts of longer ids; write a target such as `entra`, or with a kind of account `entra/admin`
                rule = { id = "r", gives = "access", target = "a/b/c" }
                                                              ^^^^^^^"#]],
    );
}

#[test]
fn a_profile_does_not_look_at_the_account_that_it_makes() {
    check_attribute(
        "a = { from = 'account(\"entra\").b' }\nb = { from = '\"x\" + account(\"entra/main\").a' }\n\
         c = { candidates = '\"x\"', numbered = 'account(\"entra\").a + n' }\nd = { from = 'account(\"ad\").b' }",
        &expect![[r#"
            line 4, column 5: looks at the very account that this profile makes; write an account on another target, or the field of the person that it comes from
                a = { from = 'account("entra").b' }
                    ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
            line 5, column 5: looks at the very account that this profile makes; write an account on another target, or the field of the person that it comes from
                b = { from = '"x" + account("entra/main").a' }
                    ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
            line 6, column 5: looks at the very account that this profile makes; write an account on another target, or the field of the person that it comes from
                c = { candidates = '"x"', numbered = 'account("entra").a + n' }
                    ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^"#]],
    );
}

#[test]
fn profiles_do_not_look_at_each_other() {
    let profiles = |more: &str| {
        let rule =
            |id: &str| format!("[[rule]]\nid = \"{id}\"\ntarget = \"{}\"\ngives = \"account\"\n", id.replace('-', "/"));
        format!("{}{more}", ["entra", "entra-admin", "ad", "afas"].map(rule).concat())
    };
    check(
        &profiles(
            "[profile.entra]\na = { from = 'account(\"ad\").b' }\n[profile.afas]\na = { from = 'account(\"entra\").a' }
             [profile.ad]\nb = { from = 'account(\"entra/admin\").c' }",
        ),
        &expect![[r#"
            line 17, column 10: looks at accounts that look back, so none can be made first: `entra`, `ad`, `entra/admin`; write one of these values from fields of the person
                [profile.entra]
                         ^^^^^
            line 21, column 23: looks at accounts that look back, so none can be made first: `ad`, `entra/admin`, `ad`; write one of these values from fields of the person
                             [profile.ad]
                                      ^^"#]],
    );
    check(
        &profiles(
            "[profile.entra]\na = { from = 'account(\"entra/admin\").b' }
             [profile.\"entra/admin\"]\nb = { candidates = 'account(\"entra\").c' }",
        ),
        &expect![[r#"
            line 17, column 10: looks at accounts that look back, so none can be made first: `entra`, `entra/admin`, `entra`; write one of these values from fields of the person
                [profile.entra]
                         ^^^^^
            line 19, column 23: looks at accounts that look back, so none can be made first: `entra/admin`, `entra`, `entra/admin`; write one of these values from fields of the person
                             [profile."entra/admin"]
                                      ^^^^^^^^^^^^^"#]],
    );
    let line = "[profile.ad]\na = { from = 'account(\"entra\").b' }\n[profile.entra]\na = { from = 'account(\"entra/admin\").b' }
        [profile.afas]\na = { from = 'account(\"entra\").b + account(\"ad\").a' }";
    assert_eq!(rules(&profiles(line)).looks().values().map(BTreeSet::len).collect::<Vec<_>>(), [1, 2, 1]);
}

#[test]
fn an_attribute_comes_from_one_place() {
    check_attribute(
        "a = \"x\"",
        &expect![[r#"
            line 4, column 5: an attribute is a table; write `{ from = 'person.phone' }`
                a = "x"
                    ^^^"#]],
    );
    check_attribute(
        "a = { on = \"update\", when_empty = \"drop\" }",
        &expect![[r#"
            line 4, column 5: nothing says where the value comes from; write one of `from`, `value`, `manager` and `candidates`
                a = { on = "update", when_empty = "drop" }
                    ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
            line 4, column 12: not one of the words that may stand here; write `"always"` or `"create"`
                a = { on = "update", when_empty = "drop" }
                           ^^^^^^^^
            line 4, column 35: not one of the words that may stand here; write `"keep"` or `"clear"`
                a = { on = "update", when_empty = "drop" }
                                                  ^^^^^^"#]],
    );
    check_attribute(
        "a = { from = 'person.phone', value = 1, manager = true }",
        &expect![[r#"
            line 4, column 38: the value already comes from elsewhere; write one of `from`, `value`, `manager` and `candidates`
                a = { from = 'person.phone', value = 1, manager = true }
                                                     ^
            line 4, column 51: the value already comes from elsewhere; write one of `from`, `value`, `manager` and `candidates`
                a = { from = 'person.phone', value = 1, manager = true }
                                                                  ^^^^"#]],
    );
    check_attribute(
        "a = { from = 'contract.title' }\nb = { from = 'department.boss' }\nc = { manager = false }",
        &expect![[r#"
            line 4, column 15: no contract is in question here; write `primary.` for the contract that speaks for the person, or `contracts.exists(c, ...)`
                a = { from = 'contract.title' }
                              ^^^^^^^^^^^^^^
            line 5, column 26: a department has no `boss`; write `code`, `name`, `parent` or `below("fin")`
                b = { from = 'department.boss' }
                                         ^^^^
            line 6, column 17: says nothing about where the value comes from; write `true`, or leave it out
                c = { manager = false }
                                ^^^^^"#]],
    );
    check_attribute(
        "a = { value = [1] }\nb = { value = 1e400 }\nc = { value = nan }\n\" d\" = { value = 1 }",
        &expect![[r#"
            line 4, column 15: not a value to compare or to write; write a text in quotes, a number, a day such as `2026-01-31`, `true` or `false`
                a = { value = [1] }
                              ^^^
            line 5, column 15: `1e400` is not a decimal number of at most 18 digits; write it in quotes
                b = { value = 1e400 }
                              ^^^^^
            line 6, column 15: `nan` is not a decimal number of at most 18 digits; write it in quotes
                c = { value = nan }
                              ^^^
            line 7, column 1: ` d` cannot be used as field name: it starts or ends with white space; write it without that
                " d" = { value = 1 }
                ^^^^"#]],
    );
}

#[test]
fn a_text_is_put_together_of_texts() {
    check_attribute(
        "a = { from = 'person.phone + contract.hours' }\nb = { from = 'person.phone +' }",
        &expect![[r#"
            line 4, column 30: no contract is in question here; write `primary.` for the contract that speaks for the person, or `contracts.exists(c, ...)`
                a = { from = 'person.phone + contract.hours' }
                                             ^^^^^^^^^^^^^^
            line 5, column 29: the end stands where a value is expected; write a field such as `contract.title`, or a value such as `"Sales"`
                b = { from = 'person.phone +' }
                                            ^"#]],
    );
    check_attribute(
        "a = { from = 'phone' }\nb = { from = 'person.phone.upper()' }",
        &expect![[r#"
            line 4, column 15: `phone` is nothing that is known here; write `person.phone`
                a = { from = 'phone' }
                              ^^^^^
            line 5, column 28: `upper` is no function that stands here; there are `startsWith`, `endsWith`, `contains`, `below`, `exists`, `all`, `exists_one`, `lower`, `title`, `initial`, `initials`, `compact`, `latinize`, `slug`, `truncate` and `e164`
                b = { from = 'person.phone.upper()' }
                                           ^^^^^"#]],
    );
}

#[test]
fn a_unique_name_has_one_number() {
    check_attribute(
        "a = { candidates = 'primary.hours', numbered = 'person.phone', renaming = \"never\" }",
        &expect![[r#"
            line 4, column 20: a number stands where a text is expected; write a text, or `string(...)` around it
                a = { candidates = 'primary.hours', numbered = 'person.phone', renaming = "never" }
                                   ^^^^^^^^^^^^^^^
            line 4, column 48: not a name with one number in it; write `n` once between `+`, where the number goes: `person.nick + n`
                a = { candidates = 'primary.hours', numbered = 'person.phone', renaming = "never" }
                                                               ^^^^^^^^^^^^^^
            line 4, column 75: not one of the words that may stand here; write `"frozen"` or `"follows"`
                a = { candidates = 'primary.hours', numbered = 'person.phone', renaming = "never" }
                                                                                          ^^^^^^^"#]],
    );
    check_attribute(
        "a = { candidates = [] }\nb = { candidates = 3 }",
        &expect![[r#"
            line 4, column 20: no name to try; write one at least, such as `['person.given_name']`
                a = { candidates = [] }
                                   ^^
            line 5, column 20: not an expression; write it in single quotes, such as `'contract.title == "Clerk"'` or `'person.phone'`
                b = { candidates = 3 }
                                   ^"#]],
    );
    check_attribute(
        "a = { candidates = [], numbered = 'person.phone + n + n', from = 'person.phone' }",
        &expect![[r#"
            line 4, column 35: not a name with one number in it; write `n` once between `+`, where the number goes: `person.nick + n`
                a = { candidates = [], numbered = 'person.phone + n + n', from = 'person.phone' }
                                                  ^^^^^^^^^^^^^^^^^^^^^^
            line 4, column 66: does not go together with `candidates` or `numbered`; leave one of them out
                a = { candidates = [], numbered = 'person.phone + n + n', from = 'person.phone' }
                                                                                 ^^^^^^^^^^^^^^"#]],
    );
}

#[test]
fn a_unique_name_that_can_never_be_is_refused() {
    check_attribute(
        "a = { numbered = 'n' }\nb = { numbered = 'n + \"@x.nl\"', candidates = '\"x\"' }\nc = { numbered = '\"x\" + n.lower()' }",
        &expect![[r#"
            line 4, column 18: nothing stands before the number; write `n` behind a name
                a = { numbered = 'n' }
                                 ^^^
            line 5, column 18: nothing stands before the number; write `n` behind a name
                b = { numbered = 'n + "@x.nl"', candidates = '"x"' }
                                 ^^^^^^^^^^^^^
            line 6, column 18: not a name with one number in it; write `n` once between `+`, where the number goes: `person.nick + n`
                c = { numbered = '"x" + n.lower()' }
                                 ^^^^^^^^^^^^^^^^^"#]],
    );
    check_attribute(
        "a = { numbered = '\"x\" + n', on = \"create\" }",
        &expect![[r#"
            line 4, column 34: does not go together with `candidates` or `numbered`; leave one of them out
                a = { numbered = '"x" + n', on = "create" }
                                                 ^^^^^^^^"#]],
    );
}

#[test]
fn a_profile_is_for_one_kind_of_account() {
    check(
        "rule = [{ id = \"r\", gives = \"access\", target = \"entra\" }]\nprimary = [\"first\", { highst = \"fte\" }]\n\
         [profile]\nentra = {}\n\"entra/main\" = {}\n\"a:b\" = 3",
        &expect![[r#"
            line 2, column 12: not a question for the primary contract; write `"in_force"`, `"earliest_start"`, `"latest_start"`, `"latest_end"`, `{ highest = "hours" }` or `{ lowest = "hours" }`
                primary = ["first", { highst = "fte" }]
                           ^^^^^^^
            line 2, column 21: asks nothing; write `{ highest = "hours" }`
                primary = ["first", { highst = "fte" }]
                                    ^^^^^^^^^^^^^^^^^^
            line 2, column 23: a question for the primary contract knows no `highst`; write `highest`
                primary = ["first", { highst = "fte" }]
                                      ^^^^^^
            line 5, column 1: another profile is for the same accounts; write all attributes under one of them
                "entra/main" = {}
                ^^^^^^^^^^^^
            line 6, column 1: `a:b` cannot be used as target id: it holds a character that separates the parts of longer ids; write a target such as `entra`, or with a kind of account `entra/admin`
                "a:b" = 3
                ^^^^^
            line 6, column 9: a profile is a table; write `[profile.entra]`
                "a:b" = 3
                        ^"#]],
    );
}
