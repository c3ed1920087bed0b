//! Calls: which there are, and what they take.

use crate::language::Fault;
use crate::language::check::{Checker, Typed, put_together, spelling};
use crate::language::datum::{Datum, day};
use crate::language::function::{Function, Prefix};
use crate::language::syntax::{Kind as Syntax, Literal, Name, Node};
use crate::language::term::{Affix, Formula, Quantifier, Term, Test};
use crate::language::text::Change;
use crate::schema::{FieldType, Kind, Shape};
use crate::wording::{is_close, listed};

/// What a call is.
pub(crate) enum Of {
    Formula(Asks),
    Term(Makes),
    Unknown(Fault),
}

/// A call that holds or fails.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Asks {
    Has,
    Affix(Affix),
    Below,
    Contracts(Quantifier),
}

/// A call that makes a value.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Makes {
    Date,
    /// Of the text before the dot.
    Change(Change),
    Truncate,
    E164,
    /// Of its arguments.
    Of(Function),
}

const BEHIND: [(&str, Asks); 7] = [
    ("startsWith", Asks::Affix(Affix::Start)),
    ("endsWith", Asks::Affix(Affix::End)),
    ("contains", Asks::Affix(Affix::Anywhere)),
    ("below", Asks::Below),
    ("exists", Asks::Contracts(Quantifier::One)),
    ("all", Asks::Contracts(Quantifier::All)),
    ("exists_one", Asks::Contracts(Quantifier::ExactlyOne)),
];

const OF_TEXT: [(&str, Makes); 9] = [
    ("lower", Makes::Change(Change::Lower)),
    ("title", Makes::Change(Change::Title)),
    ("initial", Makes::Change(Change::Initial)),
    ("initials", Makes::Change(Change::Initials)),
    ("compact", Makes::Change(Change::Compact)),
    ("latinize", Makes::Change(Change::Latinize)),
    ("slug", Makes::Change(Change::Slug)),
    ("truncate", Makes::Truncate),
    ("e164", Makes::E164),
];

const ALONE: [(&str, Makes); 6] = [
    ("date", Makes::Date),
    ("string", Makes::Of(Function::Text)),
    ("first", Makes::Of(Function::First)),
    ("join", Makes::Of(Function::Join)),
    ("surname", Makes::Of(Function::Surname(Prefix::Before))),
    ("sorted_surname", Makes::Of(Function::Surname(Prefix::Behind))),
];

/// What the call of a name is.
pub(crate) fn of(name: &Name, owner: Option<&Node>) -> Of {
    let known = |text: &str| text == name.text;
    let behind = BEHIND.iter().find(|(text, _)| known(text)).map(|(_, asks)| Of::Formula(*asks));
    let of_text = || OF_TEXT.iter().find(|(text, _)| known(text)).map(|(_, makes)| Of::Term(*makes));
    let alone = ALONE.iter().find(|(text, _)| known(text)).map(|(_, makes)| Of::Term(*makes));
    let found = match owner {
        Some(_) => behind.or_else(of_text),
        None if known("has") => Some(Of::Formula(Asks::Has)),
        None => alone,
    };
    found.unwrap_or_else(|| Of::Unknown(unknown(name, owner)))
}

fn unknown(Name { text, span }: &Name, owner: Option<&Node>) -> Fault {
    let behind: Vec<&str> = BEHIND.iter().map(|(name, _)| *name).chain(OF_TEXT.iter().map(|(name, _)| *name)).collect();
    let alone: Vec<&str> = ALONE.iter().map(|(name, _)| *name).chain(["has"]).collect();
    let (names, others) = if owner.is_some() { (behind, alone) } else { (alone, behind) };
    let close = names.iter().find(|name| is_close(name, &text.replace('_', "")));
    let instead = match (others.contains(&text.as_str()), close) {
        (true, _) if owner.is_some() => format!("write `{text}(...)` with the value in its brackets"),
        (true, _) => format!("write it behind a value: `contract.title.{text}(...)`"),
        (false, Some(name)) => format!("write `{name}`"),
        (false, None) if text == "account" => "write one attribute of it, such as `account(\"entra\").mail`".to_owned(),
        (false, None) => format!("there are {}", listed(&names, "and")),
    };
    Fault::new(span.clone(), format!("`{text}` is no function that stands here"), instead)
}

impl Checker<'_> {
    /// A call that holds or fails.
    pub(crate) fn test(
        &mut self,
        asks: Asks,
        node: &Node,
        owner: Option<&Node>,
        arguments: &[Node],
    ) -> Option<Formula> {
        let Syntax::Call(_, name, _) = &node.kind else { return None };
        match (asks, owner) {
            (Asks::Has, _) => {
                let [field] = arguments else { return self.wrong_number(name, "has(person.phone)") };
                Some(Formula::Has(self.field(field)?))
            }
            (Asks::Affix(affix), Some(owner)) => self.affix(affix, name, owner, arguments),
            (Asks::Below, Some(owner)) => {
                let code = self.literal_text(arguments.first(), name, "department.below(\"fin\")");
                if arguments.len() > 1 {
                    return self.wrong_number(name, "department.below(\"fin\")");
                }
                match self.names.department(owner, self.bound.as_deref()) {
                    Ok(field) => Some(Formula::Test(Box::new(Test::Below(field, code?.trim().to_owned())))),
                    Err(fault) => self.note(fault),
                }
            }
            (Asks::Contracts(quantifier), Some(owner)) => self.contracts(quantifier, node, owner, arguments),
            (Asks::Affix(_) | Asks::Below | Asks::Contracts(_), None) => None,
        }
    }

    fn wrong_number<T>(&mut self, name: &Name, example: &str) -> Option<T> {
        let wrong = format!("`{}` takes another number of values", name.text);
        self.note(Fault::new(name.span.clone(), wrong, format!("write `{example}`")))
    }

    fn affix(&mut self, affix: Affix, name: &Name, owner: &Node, arguments: &[Node]) -> Option<Formula> {
        let [part] = arguments else {
            self.value(owner);
            return self.wrong_number(name, &format!("contract.title.{}(\"Senior\")", name.text));
        };
        let (text, wanted) = (self.value(owner), self.value(part));
        for (node, typed) in [(owner, &text), (part, &wanted)] {
            if let Some(typed) = typed.as_ref().filter(|typed| !typed.holds.is_text()) {
                let wrong = format!("`{}` is asked of texts, and this is a {}", name.text, typed.holds);
                return self.fault(node, wrong, "write a text, or compare with `==` or `in`");
            }
        }
        let (text, wanted) = (text?, wanted?);
        if matches!(&wanted.term, Term::Fixed(Datum::Text(part)) if part.is_empty()) {
            let instead = "write what it should have, or `has(contract.title)`";
            return self.fault(part, "what is empty is in every text".to_owned(), instead);
        }
        let spelling = spelling(&text.holds, &wanted.holds);
        Some(Formula::Test(Box::new(Test::Text(affix, spelling, [text.term, wanted.term]))))
    }

    fn contracts(&mut self, quantifier: Quantifier, node: &Node, owner: &Node, arguments: &[Node]) -> Option<Formula> {
        let Syntax::Call(_, name, _) = &node.kind else { return None };
        let example = format!("contracts.{}(c, c.title == \"Clerk\")", name.text);
        if !matches!(&owner.kind, Syntax::Name(owner) if owner == "contracts") {
            return self.fault(owner, format!("`{}` is asked of `contracts`", name.text), format!("write `{example}`"));
        }
        let [Node { kind: Syntax::Name(variable), .. }, inner] = arguments else {
            return self.wrong_number(name, &example);
        };
        if self.bound.is_some() {
            let instead = "write two conditions with `&&` between them";
            return self.fault(node, "a question about contracts within another one", instead);
        }
        if matches!(
            variable.as_str(),
            "person" | "contract" | "primary" | "department" | "manager" | "contracts" | "today"
        ) {
            return self.fault(node, format!("`{variable}` already means something"), format!("write `{example}`"));
        }
        self.bound = Some(variable.clone());
        let inner = self.formula(inner);
        self.bound = None;
        Some(Formula::Contracts(quantifier, Box::new(inner?)))
    }

    /// A call that makes a value.
    pub(crate) fn call(
        &mut self,
        makes: Makes,
        node: &Node,
        owner: Option<&Node>,
        arguments: &[Node],
    ) -> Option<Typed> {
        let Syntax::Call(_, name, _) = &node.kind else { return None };
        match (makes, owner) {
            (Makes::Date, _) => self.date(name, arguments),
            (Makes::Change(_) | Makes::Truncate | Makes::E164, Some(owner)) => {
                let typed = self.value(owner);
                let function = self.of_text(makes, name, arguments);
                let (typed, function) = (typed?, function?);
                if !typed.holds.is_text() {
                    let wrong = format!("`{}` is asked of texts, and this is a {}", name.text, typed.holds);
                    return self.fault(owner, wrong, "write a text, or `string(...)` around it");
                }
                Some(text(Term::Call(function, vec![typed.term])))
            }
            (Makes::Of(function), _) => self.function(function, name, arguments),
            (Makes::Change(_) | Makes::Truncate | Makes::E164, None) => None,
        }
    }

    /// What is done with the text before the dot.
    fn of_text(&mut self, makes: Makes, name: &Name, arguments: &[Node]) -> Option<Function> {
        match (makes, arguments) {
            (Makes::Change(change), []) => Some(Function::Change(change)),
            (Makes::Truncate, [node]) => {
                let literal =
                    if let Syntax::Literal(Literal::Number(number)) = &node.kind { Some(number) } else { None };
                let length = literal.and_then(|number| number.to_string().parse().ok());
                let Some(length @ 1..=10_000) = length else {
                    return self.fault(node, "not a length", "write a whole number from 1 to 10000");
                };
                Some(Function::Change(Change::Truncate(length)))
            }
            (Makes::E164, [node]) => {
                let country = self.literal_text(Some(node), name, "person.mobile.e164(\"NL\")")?;
                match country.parse() {
                    Ok(country) => Some(Function::E164(country)),
                    Err(_) => self.fault(node, "not a country", "write its two letters, such as `\"NL\"`"),
                }
            }
            (Makes::Truncate, _) => self.wrong_number(name, "person.given_name.truncate(64)"),
            (Makes::E164, _) => self.wrong_number(name, "person.mobile.e164(\"NL\")"),
            (Makes::Change(_) | Makes::Date | Makes::Of(_), _) => {
                self.wrong_number(name, &format!("person.given_name.{}()", name.text))
            }
        }
    }

    fn date(&mut self, name: &Name, arguments: &[Node]) -> Option<Typed> {
        let written = self.literal_text(arguments.first(), name, "date(\"2026-03-01\")")?;
        match (day(written), arguments.first()) {
            (Some(day), _) => Some(Typed { term: Term::Fixed(Datum::Date(day)), holds: FieldType::one(Kind::Date) }),
            (None, Some(node)) => {
                self.fault(node, "not a day", "write the year, the month and the day: `\"2026-03-01\"`")
            }
            (None, None) => None,
        }
    }

    fn function(&mut self, function: Function, name: &Name, arguments: &[Node]) -> Option<Typed> {
        let values: Vec<_> = arguments.iter().map(|node| self.value(node)).collect();
        let values = values.into_iter().collect::<Option<Vec<_>>>()?;
        let (example, counts) = match function {
            Function::Join => ("join(\" \", person.given_name, person.family_name)", 2..=usize::MAX),
            Function::First => ("first(person.mobile, person.phone)", 2..=usize::MAX),
            Function::Surname(_) => (SURNAME, 5..=5),
            Function::Text | Function::Change(_) | Function::E164(_) => ("string(contract.hours)", 1..=1),
        };
        if !counts.contains(&values.len()) {
            return self.wrong_number(name, &example.replace(NAME, &name.text));
        }
        for (node, typed) in arguments.iter().zip(&values) {
            let fits = match function {
                Function::Text => typed.holds.shape == Shape::One,
                Function::First | Function::Join | Function::Surname(_) | Function::Change(_) | Function::E164(_) => {
                    typed.holds.is_text()
                }
            };
            if !fits {
                let wrong = format!("`{}` takes texts, and this is a {}", name.text, typed.holds);
                let instead = if function == Function::Text {
                    "write a field of one value"
                } else {
                    "write `string(...)` around it"
                };
                return self.fault(node, wrong, instead);
            }
        }
        let kinds = values.iter().map(|typed| typed.holds.kind);
        let kind = match function {
            Function::First | Function::Join => put_together(kinds),
            Function::Text | Function::Surname(_) | Function::Change(_) | Function::E164(_) => Kind::Text,
        };
        let term = Term::Call(function, values.into_iter().map(|typed| typed.term).collect());
        Some(Typed { term, holds: FieldType::one(kind) })
    }
}

/// Stands for the name of the function in an example.
const NAME: &str = "NAME";

const SURNAME: &str = "NAME(person.name_convention, person.prefix, person.family_name, person.partner_prefix, \
                       person.partner_name)";

fn text(term: Term) -> Typed {
    Typed { term, holds: FieldType::one(Kind::Text) }
}
