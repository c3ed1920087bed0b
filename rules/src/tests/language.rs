use expect_test::{Expect, expect};

use super::{Office, field, instant};
use crate::language::evaluate::{Facts, Truth};
use crate::language::scope::{Place, Scope};
use crate::language::term::Field;
use crate::language::{formula, value};
use crate::schema::{FieldType, Schema};

fn schema() -> Schema {
    let holds = |text: &str| text.parse::<FieldType>().unwrap();
    let contract = [("grade", "number"), ("code", "exact text"), ("roles", "list of text"), ("days", "list of date")];
    let person = [("vip", "bool"), ("born", "date"), ("nick", "text"), ("codes", "list of exact text")];
    let schema =
        contract.iter().fold(Schema::default(), |schema, (name, of)| schema.with_contract(field(name), holds(of)));
    let schema = person.iter().fold(schema, |schema, (name, of)| schema.with_person(field(name), holds(of)));
    schema.with_person(field("status"), holds("text").of_values(&["staff", "external"]))
}

fn facts<'v, 'a>(person: &'v provisioning_core::source::Person<'a>) -> Facts<'v, 'a> {
    let now = instant("2026-03-01");
    let first = person.contracts.first();
    Facts {
        person,
        contract: first,
        primary: first,
        bound: None,
        earlier: None,
        word: Some("K1"),
        now,
        today: person.today(now),
    }
}

/// Whether a condition holds on 1 March 2026, in the first contract of an office.
fn truth(when: &str, office: &str) -> String {
    let office = Office::new(office);
    let (person, schema) = (office.person(), schema());
    let formula = formula(when, Place::Contract.plain(), &schema).unwrap_or_else(|faults| panic!("{when}: {faults:?}"));
    let facts = facts(&person);
    match formula.truth(&facts) {
        Truth::Holds => "yes".to_owned(),
        Truth::Fails => "no".to_owned(),
        Truth::Unknown => {
            let mut lacking = Vec::new();
            formula.lacking(&facts, &mut lacking);
            lacking.into_iter().map(Field::to_string).collect::<Vec<_>>().join(" ")
        }
    }
}

/// What a value is on 1 March 2026.
fn worth(text: &str, office: &str) -> String {
    let office = Office::new(office);
    let (person, schema) = (office.person(), schema());
    let typed = value(text, Place::Contract.with("key"), &schema).unwrap_or_else(|faults| panic!("{text}: {faults:?}"));
    typed.term.value(&facts(&person)).map_or_else(|lack| format!("{lack:?}"), |datum| datum.value().to_string())
}

/// What is wrong with some conditions, and what to write instead.
fn refused(scope: Scope, texts: &[&str], expected: &Expect) {
    let told = texts.iter().map(|text| {
        let faults = formula(text, scope, &schema()).map(|_| ()).unwrap_err();
        let lines = faults.iter().map(|fault| {
            let at = text.get(fault.span.clone()).unwrap();
            format!("  `{at}`: {}; {}", fault.wrong, fault.instead)
        });
        format!("{text}\n{}", lines.collect::<Vec<_>>().join("\n"))
    });
    expected.assert_eq(&told.collect::<Vec<_>>().join("\n"));
}

const CLERK: &str = "
    person vip=true born=1970-01-01 nick=Ann status=Staff codes=A1,b2
    department tax name=Taxes parent=fin
    department fin name=Finance parent=all
    department lost name=Lost parent=gone
    contract c1 2026-01-01..2026-06-30 department=_Tax_ title=SENIOR_Straße hours=\"36\" grade=7 code=aB roles=nurse,Night_Shift
    contract c2 2025-01-01..2025-12-31 department=lost title=Porter";

#[test]
fn a_comparison_is_of_what_is_meant_not_of_how_it_is_spelt() {
    for (when, expected) in [
        ("contract.department == 'tax'", "yes"),
        ("contract.title == \"senior strasse\"", "yes"),
        ("contract.title != \"porter\"", "yes"),
        ("contract.title in [\"Porter\", \"Senior Straße\",]", "yes"),
        ("!(contract.title in [\"Porter\"])", "yes"),
        ("contract.title.startsWith(\"sen\")", "yes"),
        ("contract.title.endsWith(\"SSE\")", "yes"),
        ("contract.title.contains(\"or s\")", "yes"),
        ("contract.code == \"ab\"", "no"),
        ("contract.code == \"aB\" && contract.code.startsWith(\"a\")", "yes"),
        ("contract.code.startsWith(\"A\")", "no"),
        ("contract.hours == 36.0 && contract.hours >= 36 && contract.hours < 36.5", "yes"),
        ("contract.hours > 36 || contract.hours <= -1", "no"),
        ("contract.grade in [6, 7]", "yes"),
        ("person.vip", "yes"),
        ("person.vip == false", "no"),
        ("person.vip != contract.in_force", "no"),
        ("person.born == date(\"1970-01-01\") && person.born < today", "yes"),
        ("\"night shift\" in contract.roles", "yes"),
        ("!(\"porter\" in contract.roles)", "yes"),
        ("\"a1\" in person.codes", "no"),
        ("\"A1\" in person.codes", "yes"),
        ("person.status == \"STAFF\"", "yes"),
        ("contract.start == date(\"2026-01-01\") && contract.end == date(\"2026-06-30\")", "yes"),
        ("true ? person.vip : false", "yes"),
        ("contract.grade > 5 ? contract.title == \"x\" : true", "no"),
        ("person.nick == \"Bob\" || person.vip && contract.grade == 7", "yes"),
        ("person.nick + contract.code == \"AnnaB\"", "yes"),
        ("person.nick + contract.code == \"annAB\"", "no"),
        ("person.nick + person.nick == \"annANN\"", "yes"),
        ("\"\\\"\\\\\" == '\"\\\\'", "yes"),
    ] {
        assert_eq!(truth(when, CLERK), expected, "{when}");
    }
}

#[test]
fn what_is_not_known_makes_unknown_what_it_could_change() {
    let office = "person nick=\"_\" status=null born=soon
                  contract c1 2026-01-01.. title=Clerk hours=many roles=[]
                  contract c2 2026-01-01..";
    for (when, expected) in [
        ("person.nick == \"x\"", "person.nick"),
        ("person.nick != \"x\"", "person.nick"),
        ("!(person.nick == \"x\")", "person.nick"),
        ("person.status in [\"staff\"]", "person.status"),
        ("person.born < today", "person.born"),
        ("contract.hours > 5", "contract.hours"),
        ("\"x\" in contract.roles", "contract.roles"),
        ("!has(person.nick) && !has(contract.hours) && has(contract.title)", "yes"),
        ("has(contract.end)", "no"),
        ("contract.end > today", "contract.end"),
        ("person.nick == \"x\" && contract.title == \"Porter\"", "no"),
        ("person.nick == \"x\" || contract.title == \"Clerk\"", "yes"),
        ("person.nick == \"x\" && contract.title == \"Clerk\"", "person.nick"),
        ("person.nick == \"x\" ? true : true", "person.nick"),
        ("person.vip ? true : true", "person.vip"),
        ("person.nick == \"x\" || person.vip", "person.nick person.vip"),
        ("has(person.nick) && person.nick == \"x\"", "no"),
        ("!has(person.nick) || person.nick != \"x\"", "yes"),
        ("contracts.exists(c, c.title == \"clerk\")", "yes"),
        ("contracts.exists(c, c.title == \"porter\")", "c.title"),
        ("contracts.all(c, c.title == \"clerk\")", "c.title"),
        ("contracts.all(c, c.title == \"porter\")", "no"),
        ("contracts.exists_one(c, c.title == \"clerk\")", "c.title"),
        ("contracts.exists_one(c, c.in_force)", "no"),
        ("contracts.exists_one(c, has(c.title))", "yes"),
        ("department.below(\"x\")", "department"),
    ] {
        assert_eq!(truth(when, office), expected, "{when}");
    }
}

#[test]
fn a_department_is_below_itself_and_all_above_it_that_are_known() {
    let office = |code: &str| CLERK.replace("_Tax_", code);
    for (code, wanted, expected) in [
        ("tax", "TAX", "yes"),
        ("tax", "fin", "yes"),
        ("tax", "all", "yes"),
        ("tax", "lost", "contract.department"),
        ("fin", "tax", "contract.department"),
        ("lost", "gone", "yes"),
        ("lost", "all", "contract.department"),
        ("new", "new", "yes"),
        ("new", "all", "contract.department"),
    ] {
        let when = format!("contract.department.below(\"{wanted}\")");
        assert_eq!(truth(&when, &office(code)), expected, "{code} {wanted}");
    }
    let top = office("tax").replace("parent=all", "");
    assert_eq!(truth("contract.department.below(\"lost\")", &top), "no");
    assert_eq!(truth("contracts.exists(c, c.department.below(\"gone\"))", &top), "yes");
    assert_eq!(truth("department.name == \"taxes\" && contract.department.parent == \"fin\"", &top), "yes");
}

#[test]
fn a_value_is_made_of_fields_texts_and_functions() {
    let office = "person given_name=Ann_Marie prefix=null family_name=Berg roles=x
                  department d1 name=Sales
                  contract c1 2026-01-01.. department=d1 hours=36.50";
    for (text, expected) in [
        ("person.given_name", "`Ann Marie`"),
        ("person.given_name + \" \" + person.family_name", "`Ann Marie Berg`"),
        ("person.given_name + person.prefix", "Empty"),
        ("person.prefix + person.phone", "Absent"),
        ("join(\" \", person.given_name, person.prefix, person.phone, person.family_name)", "`Ann Marie Berg`"),
        ("join(\" \", person.prefix, person.phone)", "Absent"),
        ("first(person.phone, person.prefix, \"none\")", "`none`"),
        ("first(person.phone, person.prefix)", "Absent"),
        ("person.given_name.initial().lower() + person.family_name.lower()", "`aberg`"),
        ("person.given_name.compact()", "`AnnMarie`"),
        ("person.given_name.initials() + person.family_name.title()", "`A.M.Berg`"),
        ("person.given_name.slug().truncate(5)", "`ann-m`"),
        ("\"!\".slug()", "Empty"),
        ("\"h\" + string(contract.hours)", "`h36.5`"),
        ("contract.hours", "36.5"),
        ("contract.hours > 30", "true"),
        ("contract.grade > 30", "Absent"),
        ("contract.hours > 30 ? \"full\" : \"part\"", "`full`"),
        ("contract.grade > 30 ? \"full\" : \"part\"", "Absent"),
        ("department.name + key", "`SalesK1`"),
        ("contract.end", "Empty"),
    ] {
        assert_eq!(worth(text, office), expected, "{text}");
    }
}

const NAMES: &str = "(person.name_convention, person.prefix, person.family_name, person.partner_prefix, \
                     person.partner_name)";

#[test]
fn the_family_names_stand_as_the_convention_says() {
    let vries = "prefix=de family_name=Vries";
    let both = &format!("{vries} partner_prefix=van_der partner_name=Berg");
    let alone = &format!("{vries} partner_name=null");
    for (given, surname, sorted) in [
        (format!("{both} name_convention=B"), "`de Vries`", "`Vries, de`"),
        (format!("{both} name_convention=p"), "`van der Berg`", "`Berg, van der`"),
        (format!("{both} name_convention=BP"), "`de Vries - van der Berg`", "`Vries - van der Berg, de`"),
        (format!("{both} name_convention=PB"), "`van der Berg - de Vries`", "`Berg - de Vries, van der`"),
        (format!("{both} name_convention=X"), "Unreadable", "Unreadable"),
        (format!("{both} name_convention=null"), "`de Vries`", "`Vries, de`"),
        (both.clone(), "`de Vries`", "`Vries, de`"),
        (format!("{alone} name_convention=PB"), "`de Vries`", "`Vries, de`"),
        (format!("{vries} name_convention=P"), "Absent", "Absent"),
        (format!("{vries} name_convention=B"), "`de Vries`", "`Vries, de`"),
        ("name_convention=P partner_name=Berg".to_owned(), "`Berg`", "`Berg`"),
        ("name_convention=PB partner_name=Berg".to_owned(), "Absent", "Absent"),
        ("prefix=d' family_name=Artagnan".to_owned(), "`d'Artagnan`", "`Artagnan, d'`"),
        ("family_name=null".to_owned(), "Empty", "Empty"),
    ] {
        let office = format!("person {given}");
        assert_eq!(worth(&format!("surname{NAMES}"), &office), surname, "{given}");
        assert_eq!(worth(&format!("sorted_surname{NAMES}"), &office), sorted, "{given}");
    }
}

#[test]
fn a_telephone_number_is_written_as_the_whole_world_does() {
    for (given, expected) in [
        ("06-12345678", "`+31612345678`"),
        ("+31_(0)6_12345678", "`+31612345678`"),
        ("0031612345678", "`+31612345678`"),
        ("+32_470_12_34_56", "`+32470123456`"),
        ("+316-12345678", "`+31612345678`"),
        ("+39_0331_234567", "`+390331234567`"),
        ("061234567O", "Unreadable"),
        ("06-1234567", "Unreadable"),
        ("ask_Ann", "Unreadable"),
        ("null", "Empty"),
    ] {
        assert_eq!(
            worth("person.phone.e164(\"NL\")", &format!("person phone=\"{given}\"").replace("\"null\"", "null")),
            expected,
            "{given}"
        );
    }
}

#[test]
fn what_is_not_of_the_language_is_told_with_what_to_write_instead() {
    refused(
        Place::Contract.plain(),
        &[
            "contract.title = \"Clerk\"",
            "contract.title <> \"Clerk\"",
            "person.vip and person.vip",
            "not person.vip",
            "person.vip & person.vip",
            "contract.title == “Clerk”",
            "contract.title == Clerk",
            "contract.title == \"Clerk",
            "contract.title == null",
            "contract.title == \"C\\x\"",
            "contract.hours + 1 > 5",
            "contract.hours * 2 > 5",
            "contract.start == 2026-03-01",
            "contract.hours == 1.2.3",
            "1 < contract.hours < 5",
            "(person.vip",
            "person.vip)",
            "person.vip person.vip",
            "person.",
            "",
            "contract.title in []",
            "{person.vip}",
        ],
        &expect![[r#"
            contract.title = "Clerk"
              `=`: `=` is no sign of this language; write `==`
            contract.title <> "Clerk"
              `<>`: `<>` is no sign of this language; write `!=`
            person.vip and person.vip
              `and`: `and` is no word of this language; write `&&`
            not person.vip
              `not`: `not` is no word of this language; write `!`
            person.vip & person.vip
              `&`: `&` is no sign of this language; write `&&`
            contract.title == “Clerk”
              `“`: `“` is no sign of this language; write straight quotes: `"Sales"`
            contract.title == Clerk
              `Clerk`: `Clerk` is nothing that is known here; write a field such as `person.phone`, or the text in quotes: `"Clerk"`
            contract.title == "Clerk
              `"Clerk`: the text has no end; write `"` where it ends
            contract.title == null
              `null`: there is no value for nothing; write `!has(person.title)` for a field that says nothing
            contract.title == "C\x"
              `\`: `\` says nothing here; write it twice: `\\`
            contract.hours + 1 > 5
              `contract.hours`: `+` puts texts together, and a number is none; write `string(...)` around it
            contract.hours * 2 > 5
              `*`: this language does not calculate; let the source give the number that is compared
            contract.start == 2026-03-01
              `2026-03-01`: a day is written as a text in `date`; write `date("2026-03-01")`
            contract.hours == 1.2.3
              `1.2.3`: not a number; write digits, such as `36` or `0.8`, or a text in quotes
            1 < contract.hours < 5
              `<`: a comparison of a comparison; write `&&` between two comparisons: `1 < x && x < 5`
            (person.vip
              ``: the end stands where `)` is expected after an opening bracket and a value; write `)`
            person.vip)
              `)`: `)` is not expected here; leave it out
            person.vip person.vip
              `person`: `person` is not expected here; write a sign between two values, such as `==` or `&&`, or quotes around a text
            person.
              ``: the end stands where a name is expected after a dot; write a name, such as `person.title`

              ``: the end stands where a value is expected; write a field such as `contract.title`, or a value such as `"Sales"`
            contract.title in []
              `[]`: nothing is in an empty list; write one value at least
            {person.vip}
              `{`: `{` is no sign of this language; write `+` between texts: `"Team " + department.name`"#]],
    );
}

#[test]
fn what_has_the_wrong_type_is_told_with_what_to_write_instead() {
    refused(
        Place::Contract.plain(),
        &[
            "contract.titel == \"x\" && person.phnoe == \"y\"",
            "contract.hours == \"36\" || contract.hours == \"many\"",
            "contract.title == 5",
            "contract.start > \"2026-03-01\"",
            "person.vip == \"true\"",
            "contract.title > \"a\"",
            "contract.title",
            "contract.roles",
            "contract.roles == \"nurse\"",
            "\"nurse\" in contract.title",
            "contract.grade in [1, \"two\"]",
            "contract.title in [\"a\", person.nick]",
            "5 in contract.roles",
            "person.status == \"stafff\" || person.status in [\"guest\"]",
            "date(\"soon\") < today",
            "person.vip ? contract.hours > 5 : 3 > \"x\"",
            "person.phone.e164(\"Holland\") == person.nick.truncate(0.5)",
            "person.phone.e164() == contract.hours.title() || person.nick.slug(5) == person.nick.truncate()",
            "surname(person.prefix, person.family_name) == person.nick",
        ],
        &expect![[r#"
            contract.titel == "x" && person.phnoe == "y"
              `titel`: no field of a contract is called `titel`; write `title`
              `phnoe`: no field of a person is called `phnoe`; write `phone`
            contract.hours == "36" || contract.hours == "many"
              `"36"`: a number is compared with a text; write `36`, without quotes
              `"many"`: a number is compared with a text; write a number, such as `36`
            contract.title == 5
              `5`: a text is compared with a number; write it in quotes, `"5"`
            contract.start > "2026-03-01"
              `"2026-03-01"`: a date is compared with a text; write `date("2026-03-01")`
            person.vip == "true"
              `"true"`: a bool is compared with a text; write `true`, without quotes
            contract.title > "a"
              `contract.title`: a text has no order; compare numbers or dates; a field that holds numbers is declared so: `contract.grade = "number"` under `[fields]`
            contract.title
              `contract.title`: a text is neither true nor false; compare it: `... == "Clerk"`
            contract.roles
              `contract.roles`: a list of text is neither true nor false; compare it: `"Clerk" in ...`
            contract.roles == "nurse"
              `"nurse"`: a list is not compared as a whole; write `"Clerk" in` and the list
            "nurse" in contract.title
              `contract.title`: `contract.title` holds one value, not a list; write `==`, or a list, or declare `contract.title = "list of text"` under `[fields]`
            contract.grade in [1, "two"]
              `"two"`: a number is compared with a text; write a number, such as `36`
            contract.title in ["a", person.nick]
              `person.nick`: a list holds values only; write values, such as `["Clerk", "Porter"]`, and `||` between other conditions
            5 in contract.roles
              `5`: a number is looked for in a list of text; write it in quotes, `"5"`
            person.status == "stafff" || person.status in ["guest"]
              `"stafff"`: the field never holds `stafff`; write `staff`, in quotes
              `"guest"`: the field never holds `guest`; write `staff` or `external`, in quotes
            date("soon") < today
              `"soon"`: not a day; write the year, the month and the day: `"2026-03-01"`
            person.vip ? contract.hours > 5 : 3 > "x"
              `3`: a text is compared with a number; write it in quotes, `"3"`
            person.phone.e164("Holland") == person.nick.truncate(0.5)
              `"Holland"`: not a country; write its two letters, such as `"NL"`
              `0.5`: not a length; write a whole number from 1 to 10000
            person.phone.e164() == contract.hours.title() || person.nick.slug(5) == person.nick.truncate()
              `e164`: `e164` takes another number of values; write `person.mobile.e164("NL")`
              `contract.hours`: `title` is asked of texts, and this is a number; write a text, or `string(...)` around it
              `slug`: `slug` takes another number of values; write `person.given_name.slug()`
              `truncate`: `truncate` takes another number of values; write `person.given_name.truncate(64)`
            surname(person.prefix, person.family_name) == person.nick
              `surname`: `surname` takes another number of values; write `surname(person.name_convention, person.prefix, person.family_name, person.partner_prefix, person.partner_name)`"#]],
    );
}

#[test]
fn what_nobody_knows_is_told_with_what_to_write_instead() {
    refused(
        Place::Contract.plain(),
        &[
            "title == \"x\"",
            "contract.phone == \"x\"",
            "contract.zzz == \"x\"",
            "person.title == \"x\"",
            "contract == \"x\"",
            "contract.title.x == \"x\"",
            "department.boss == \"x\"",
            "contract.title.startswith(\"x\")",
            "startsWith(contract.title, \"x\")",
            "contract.hours.startsWith(\"3\")",
            "contract.title.startsWith()",
            "has(5)",
            "person.nick.below(\"x\")",
            "department.below(person.nick)",
            "contracts.exists(c, contracts.all(d, d.in_force))",
            "contracts.exists(c.title == \"x\")",
            "contracts.title == \"x\"",
            "person.exists(c, c.in_force)",
            "contracts.exists(person, true)",
            "account(\"entra\").mail == \"x\"",
            "lower(person.nick) == \"x\"",
            "frobnicate(person.nick)",
        ],
        &expect![[r#"
            title == "x"
              `title`: `title` is nothing that is known here; write `contract.title`
            contract.phone == "x"
              `phone`: no field of a contract is called `phone`; write `person.phone`
            contract.zzz == "x"
              `zzz`: no field of a contract is called `zzz`; if the source gives it, write `contract.zzz = "text"` under `[fields]`
            person.title == "x"
              `title`: no field of a person is called `title`; write `contract.title`
            contract == "x"
              `contract`: `contract` alone has no value; write what of it, such as `contract.title`
            contract.title.x == "x"
              `x`: a field has no parts; leave out what stands behind its dot
            department.boss == "x"
              `boss`: a department has no `boss`; write `code`, `name`, `parent` or `below("fin")`
            contract.title.startswith("x")
              `startswith`: `startswith` is no function that stands here; write `startsWith`
            startsWith(contract.title, "x")
              `startsWith`: `startsWith` is no function that stands here; write it behind a value: `contract.title.startsWith(...)`
            contract.hours.startsWith("3")
              `contract.hours`: `startsWith` is asked of texts, and this is a number; write a text, or compare with `==` or `in`
            contract.title.startsWith()
              `startsWith`: `startsWith` takes another number of values; write `contract.title.startsWith("Senior")`
            has(5)
              `5`: not a field; write a field, such as `contract.title`
            person.nick.below("x")
              `person.nick`: only a department is below another; write it of a department: `department.below("fin")`
            department.below(person.nick)
              `person.nick`: `below` takes a text that is written out; write `department.below("fin")`
            contracts.exists(c, contracts.all(d, d.in_force))
              `contracts.all(d, d.in_force)`: a question about contracts within another one; write two conditions with `&&` between them
            contracts.exists(c.title == "x")
              `exists`: `exists` takes another number of values; write `contracts.exists(c, c.title == "Clerk")`
            contracts.title == "x"
              `contracts.title`: a person has several contracts; write `contracts.exists(c, c.title == "Clerk")`, or `all` or `exists_one` for `exists`
            person.exists(c, c.in_force)
              `person`: `exists` is asked of `contracts`; write `contracts.exists(c, c.title == "Clerk")`
            contracts.exists(person, true)
              `contracts.exists(person, true)`: `person` already means something; write `contracts.exists(c, c.title == "Clerk")`
            account("entra").mail == "x"
              `account("entra").mail`: only a profile may look at accounts; write the field of the person or the contract that it comes from
            lower(person.nick) == "x"
              `lower`: `lower` is no function that stands here; write it behind a value: `contract.title.lower(...)`
            frobnicate(person.nick)
              `frobnicate`: `frobnicate` is no function that stands here; there are `date`, `string`, `first`, `join`, `surname`, `sorted_surname` and `has`"#]],
    );
}

#[test]
fn where_an_expression_stands_decides_what_it_may_look_at() {
    refused(
        Place::Person.plain(),
        &["contract.title == \"x\"", "department.name == today"],
        &expect![[r#"
        contract.title == "x"
          `contract.title`: no contract is in question here; write `primary.` for the contract that speaks for the person, or `contracts.exists(c, ...)`
        department.name == today
          `department.name`: a date is compared with a text; write a day, such as `date("2026-03-01")` or `today`"#]],
    );
    refused(
        Place::Key.with("key"),
        &["person.nick == key", "key == 5"],
        &expect![[r#"
        person.nick == key
          `person.nick`: the id of a permission is made of its key alone, so that it stays; write it with `key`, such as `"department:" + key`, and everything else in `name`
        key == 5
          `5`: a text is compared with a number; write it in quotes, `"5"`"#]],
    );
    refused(
        Place::Profile.with("n"),
        &["account(\"\").x == n", "account(\"entra\") == n", "key == n"],
        &expect![[r#"
            account("").x == n
              `""`: `` cannot be used as target id: it is blank; write a target such as `"entra"`, or a kind of account `"entra/admin"`
            account("entra") == n
              `account`: `account` is no function that stands here; write one attribute of it, such as `account("entra").mail`
            key == n
              `key`: `key` is nothing that is known here; write a field such as `person.phone`, or the text in quotes: `"key"`"#]],
    );
}

#[test]
fn an_expression_has_an_end_and_a_depth() {
    let scope = Place::Contract.plain();
    for text in ["(".repeat(5000), "!".repeat(5000), format!("{}true", "true ? true : ".repeat(500)), "a.".repeat(3000)]
    {
        let faults = formula(&text, scope, &schema()).unwrap_err();
        assert_eq!(faults.len(), 1, "{}", &text[..20]);
    }
    let many = vec!["true"; 1000].join(" || ");
    assert!(formula(&many, scope, &schema()).is_ok());
    assert!(formula(&"x".repeat(9000), scope, &schema()).is_err());
}

proptest::proptest! {
    #[test]
    fn any_text_is_understood_or_refused(text in "[a-c.()!<>=&|?:+\\[\\], 0-9\"'\\\\é-]{0,40}") {
        if let Err(faults) = formula(&text, Place::Contract.plain(), &schema()) {
            proptest::prop_assert!(!faults.is_empty());
            for fault in faults {
                proptest::prop_assert!(text.get(fault.span.clone()).is_some(), "{:?}", fault);
            }
        }
    }
}

#[test]
fn spaces_around_a_part_that_is_written_out_are_meant() {
    let of = |title: &str| format!("contract c1 2026-01-01.. title={title} grade=1 code=Head_ nick=x");
    for (when, title, expected) in [
        ("contract.title.startsWith(\"Head \")", "Headhunter", "no"),
        ("contract.title.startsWith(\"Head \")", "_HEAD_of_Sales_", "yes"),
        ("contract.title.contains(\" it \")", "Recruiter", "no"),
        ("contract.title.contains(\" it \")", "Head_of_IT_here", "yes"),
        ("contract.title.endsWith(\" it\")", "Head_of_IT_", "yes"),
        ("contract.title.startsWith(contract.grade == 1 ? \"Head \" : \"x\")", "Headhunter", "no"),
        ("contract.title.startsWith(\"Head\" + \" \")", "Headhunter", "no"),
        ("contract.title.contains(\" \")", "Head_of_it", "yes"),
        ("contract.title.contains(\" \")", "_Recruiter_", "no"),
    ] {
        assert_eq!(truth(when, &of(title)), expected, "{when} {title}");
    }
}

#[test]
fn what_is_given_as_nothing_in_a_list_may_be_anything() {
    for (when, roles, expected) in [
        ("\"vip\" in contract.roles", "a,vip", "yes"),
        ("\"vip\" in contract.roles", "null,vip", "yes"),
        ("!(\"vip\" in contract.roles)", "a,b", "yes"),
        ("!(\"vip\" in contract.roles)", "null,a", "contract.roles"),
    ] {
        assert_eq!(truth(when, &format!("contract c1 2026-01-01.. roles={roles}")), expected, "{when} {roles}");
    }
}
