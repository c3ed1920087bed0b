//! Rules as the text of a file.

use std::fmt::Write;

use provisioning_core::{RuleId, Slot};

use super::syntax::{
    Day, Document, Exception, Exclusion, Expr, Field, Gift, Key, Kind, Making, Name, Part, Per, Quantifier, Rule, Sign,
    Status, Whose, Window, Withheld, Words,
};

/// The fields that rules speak of, beside those that every contract has.
pub(super) const FIELDS: &str = r#"
[fields]
contract.title = "text"
contract.kind = { type = "text", values = ["staff", "external", "trainee"] }
contract.badge = "exact text"
contract.hours = "number"
contract.grade = "number"
contract.weight = "number"
contract.leave = "bool"
contract.since = "date"
contract.tags = "list of text"
contract.codes = "list of exact text"
contract.scores = "list of number"
contract.last_day_of_work = "date"
contract.last_text = "text"
person.status = "text"
person.badge = "exact text"
person.level = "number"
person.fit = "bool"
person.sworn_until = "date"
person.roles = "list of text"
"#;

impl Document {
    pub(super) fn text(&self) -> String {
        let mut text = "target = \"entra\"\n".to_owned();
        if let Some(keys) = &self.primary {
            let keys: Vec<String> = keys.iter().map(key).collect();
            writeln!(text, "primary = [{}]", keys.join(", ")).unwrap();
        }
        text.push_str(FIELDS);
        self.rules.iter().for_each(|one| rule(&mut text, one));
        self.exclusions.iter().for_each(|one| exclusion(&mut text, one));
        self.exceptions.iter().for_each(|one| exception(&mut text, one));
        text
    }
}

fn key(key: &Key) -> String {
    match key {
        Key::InForce => "\"in_force\"".to_owned(),
        Key::Highest(field) => format!("{{ highest = \"{field}\" }}"),
        Key::Lowest(field) => format!("{{ lowest = \"{field}\" }}"),
        Key::EarliestStart => "\"earliest_start\"".to_owned(),
        Key::LatestStart => "\"latest_start\"".to_owned(),
        Key::LatestEnd => "\"latest_end\"".to_owned(),
    }
}

fn head(text: &mut String, id: &RuleId, Slot { target, kind }: &Slot) {
    writeln!(text, "id = \"{id}\"").unwrap();
    match (target.as_str(), kind.as_str()) {
        ("entra", "main") => {}
        (_, "main") => writeln!(text, "target = \"{target}\"").unwrap(),
        (_, _) => writeln!(text, "target = \"{target}/{kind}\"").unwrap(),
    }
}

fn scope(text: &mut String, per: Per, status: Status, window: &Window) {
    match per {
        Per::Contract => {}
        Per::Primary => text.push_str("per = \"primary\"\n"),
        Per::Person => text.push_str("per = \"person\"\n"),
    }
    match status {
        Status::Published => {}
        Status::Draft => text.push_str("status = \"draft\"\n"),
    }
    if let Some(days) = window.before {
        writeln!(text, "days_before = {days}").unwrap();
    }
    if let Some(days) = window.after {
        writeln!(text, "days_after = {days}").unwrap();
    }
    if let Some(field) = window.ends {
        writeln!(text, "ends = \"{field}\"").unwrap();
    }
}

fn condition(text: &mut String, when: Option<&Expr>) {
    if let Some(when) = when {
        writeln!(text, "when = '''{}'''", expr(when)).unwrap();
    }
}

fn rule(text: &mut String, rule: &Rule) {
    text.push_str("\n[[rule]]\n");
    head(text, &rule.id, &rule.slot);
    scope(text, rule.per, rule.status, &rule.window);
    condition(text, rule.when.as_ref());
    writeln!(text, "gives = [{}]", rule.gives.iter().map(gift).collect::<Vec<_>>().join(", ")).unwrap();
}

fn exclusion(text: &mut String, one: &Exclusion) {
    text.push_str("\n[[exclusion]]\n");
    head(text, &one.id, &one.slot);
    scope(text, one.per, one.status, &one.window);
    condition(text, one.when.as_ref());
    let withheld = |what: &Withheld| match what {
        Withheld::Account => "\"account\"".to_owned(),
        Withheld::Access => "\"access\"".to_owned(),
        Withheld::Permission(id) => format!("{{ permission = \"{id}\" }}"),
        Withheld::Rule(id) => format!("{{ rule = \"{id}\" }}"),
    };
    writeln!(text, "withholds = [{}]", one.withholds.iter().map(withheld).collect::<Vec<_>>().join(", ")).unwrap();
}

fn exception(text: &mut String, one: &Exception) {
    text.push_str("\n[[exception]]\n");
    head(text, &one.id, &one.slot);
    writeln!(text, "person = \"{}\"", one.person).unwrap();
    if let Some(from) = one.from {
        writeln!(text, "from = {from}").unwrap();
    }
    writeln!(text, "until = {}", one.until).unwrap();
    writeln!(text, "gives = [{}]", one.gives.iter().map(gift).collect::<Vec<_>>().join(", ")).unwrap();
}

fn class_of(class: Option<&str>) -> String {
    class.map_or_else(String::new, |class| format!(", class = \"{class}\""))
}

fn gift(gift: &Gift) -> String {
    match gift {
        Gift::Account => "\"account\"".to_owned(),
        Gift::Access => "\"access\"".to_owned(),
        Gift::Permission { id, class } => format!("{{ permission = \"{id}\"{} }}", class_of(*class)),
        Gift::Each { of, prefix, name, making, class } => {
            let name = match name {
                Name::Key => "\"Team \" + key",
                Name::DepartmentOrKey => "\"Team \" + first(department.name, key)",
                Name::Department => "department.name",
            };
            let making = match making {
                Making::Create => format!(", name = '{name}', create = true"),
                Making::Expect => String::new(),
            };
            let of = field(*of);
            format!("{{ each = '{of}', permission = '\"{prefix}\" + key'{making}{} }}", class_of(*class))
        }
    }
}

fn whose(whose: Whose) -> &'static str {
    match whose {
        Whose::Person => "person",
        Whose::Contract => "contract",
        Whose::Primary => "primary",
        Whose::Each => "c",
    }
}

pub(super) fn field(field: Field) -> String {
    match field.whose {
        // A department is named without the contract that it is of.
        Whose::Contract if field.name.starts_with("department.") => field.name.to_owned(),
        Whose::Person | Whose::Contract | Whose::Primary | Whose::Each => {
            format!("{}.{}", whose(field.whose), field.name)
        }
    }
}

fn sign(sign: Sign) -> &'static str {
    match sign {
        Sign::Equal => "==",
        Sign::Unequal => "!=",
        Sign::Less => "<",
        Sign::AtMost => "<=",
        Sign::More => ">",
        Sign::AtLeast => ">=",
    }
}

fn day(of: &Day) -> String {
    match of {
        Day::Of(of) => field(*of),
        Day::On(day) => format!("date(\"{day}\")"),
        Day::Today => "today".to_owned(),
    }
}

fn words(of: &Words) -> String {
    match of {
        Words::Lower(of) => format!("{}.lower()", field(*of)),
        Words::Title(of) => format!("{}.title()", field(*of)),
        Words::Compact(of) => format!("{}.compact()", field(*of)),
        Words::Truncated(of, most) => format!("{}.truncate({most})", field(*of)),
        Words::Number(of) => format!("string({})", field(*of)),
        Words::Plus(of, text) => format!("{} + \"{text}\"", field(*of)),
        Words::PlusField(of, other) => format!("{} + {}", field(*of), field(*other)),
        Words::First(of, other) => format!("first({}, {})", field(*of), field(*other)),
        Words::FirstOr(of, text) => format!("first({}, \"{text}\")", field(*of)),
        Words::Choice(test, of, other) => format!("({} ? {} : {})", expr(test), field(*of), field(*other)),
        Words::Joined(of, other) => format!("join(\" \", {}, {})", field(*of), field(*other)),
    }
}

pub(super) fn expr(of: &Expr) -> String {
    match of {
        Expr::Constant(text) => (*text).to_owned(),
        Expr::Same(one, is, other) => format!("(({}) {} ({}))", expr(one), sign(*is), expr(other)),
        Expr::Words(of, is, literal) => format!("({} {} \"{literal}\")", words(of), sign(*is)),
        Expr::MemberField(text, of) => format!("{} in {}", field(*text), field(*of)),
        Expr::Flag(of) => field(*of),
        Expr::FlagIs(of, is, literal) | Expr::Number(of, is, literal) => {
            format!("{} {} {literal}", field(*of), sign(*is))
        }
        Expr::TextIs(of, is, literal) => format!("{} {} \"{literal}\"", field(*of), sign(*is)),
        Expr::SameText(of, is, other) | Expr::SameFlag(of, is, other) | Expr::Numbers(of, is, other) => {
            format!("{} {} {}", field(*of), sign(*is), field(*other))
        }
        Expr::OneOf(of, texts) => {
            let texts: Vec<String> = texts.iter().map(|text| format!("\"{text}\"")).collect();
            format!("{} in [{}]", field(*of), texts.join(", "))
        }
        Expr::NumberOneOf(of, numbers) => format!("{} in [{}]", field(*of), numbers.join(", ")),
        Expr::Member(text, of) if of.kind == Kind::Numbers => format!("{text} in {}", field(*of)),
        Expr::Member(text, of) => format!("\"{text}\" in {}", field(*of)),
        Expr::DayOneOf(of, days) => {
            let days: Vec<String> = days.iter().map(|on| day(&Day::On(*on))).collect();
            format!("{} in [{}]", field(*of), days.join(", "))
        }
        Expr::Has(of) => format!("has({})", field(*of)),
        Expr::Part(of, part, literal) => {
            let part = match part {
                Part::Start => "startsWith",
                Part::End => "endsWith",
                Part::Anywhere => "contains",
            };
            format!("{}.{part}(\"{literal}\")", field(*of))
        }
        Expr::Days(one, is, other) => format!("{} {} {}", day(one), sign(*is), day(other)),
        Expr::Below(Whose::Contract, code) => format!("department.below(\"{code}\")"),
        Expr::Below(of, code) => format!("{}.department.below(\"{code}\")", whose(*of)),
        Expr::Not(inner) => format!("!({})", expr(inner)),
        Expr::And(one, other) => format!("({} && {})", expr(one), expr(other)),
        Expr::Or(one, other) => format!("({} || {})", expr(one), expr(other)),
        Expr::Choice(test, one, other) => format!("({} ? {} : {})", expr(test), expr(one), expr(other)),
        Expr::Count(quantifier, inner) => {
            let quantifier = match quantifier {
                Quantifier::Exists => "exists",
                Quantifier::All => "all",
                Quantifier::ExistsOne => "exists_one",
            };
            format!("contracts.{quantifier}(c, {})", expr(inner))
        }
    }
}
