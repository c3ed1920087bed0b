//! From names to fields.

use std::ops::Range;

use provisioning_core::FieldName;

use crate::language::Fault;
use crate::language::scope::{Place, Scope};
use crate::language::syntax::{Kind as Syntax, Literal, Name, Node};
use crate::language::term::{Field, OfContract, OfDepartment, Path, Term, Whose};
use crate::schema::{FieldType, Kind, Schema};
use crate::slot::parse_slot;
use crate::wording::is_close;

/// What names may mean, and where.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Names<'s> {
    pub(crate) schema: &'s Schema,
    pub(crate) scope: Scope,
}

/// A path of names, `contract.department.name`, or `account("entra").mail` with the slot as its first name.
struct Written<'n> {
    names: Vec<(&'n str, Range<usize>)>,
    account: Option<(&'n str, Range<usize>)>,
}

impl Names<'_> {
    /// The field, or the word of the place, that an expression names; `bound` is the name of the contract of a quantifier.
    pub(crate) fn resolve(&self, node: &Node, bound: Option<&str>) -> Result<(Term, FieldType), Fault> {
        if let (Syntax::Name(word), Some(known)) = (&node.kind, self.scope.word)
            && word == known
        {
            return Ok((Term::Word, FieldType::one(Kind::Text)));
        }
        let field = self.field(node, bound)?;
        let holds = field.holds.clone();
        Ok((Term::Field(field), holds))
    }

    /// The field that an expression names.
    pub(crate) fn field(&self, node: &Node, bound: Option<&str>) -> Result<Field, Fault> {
        let Some(Written { names, account }) = written(node) else {
            return Err(Fault::new(node.span.clone(), "not a field", "write a field, such as `contract.title`"));
        };
        if let Some(slot) = account {
            return self.of_account(slot, &names, node);
        }
        let (owner, rest) = names.split_first().map_or(("", &[][..]), |((owner, _), rest)| (*owner, rest));
        let (path, holds) = match (self.owner(owner, node, bound)?, rest) {
            (Owner::Person, [name]) => {
                let (name, holds) = self.known(Owner::Person, name)?;
                (Path::Person(name), holds)
            }
            (Owner::Contract(whose), [name]) => self.of_contract(whose, name)?,
            (Owner::Manager(whose), [name]) | (Owner::Contract(whose), [("manager", _), name]) => {
                let (name, holds) = self.known(Owner::Manager(whose), name)?;
                (Path::Manager(whose, name), holds)
            }
            (Owner::Contract(whose), [("department", _), part]) | (Owner::Department(whose), [part]) => {
                of_department(whose, part)?
            }
            (Owner::Person | Owner::Contract(_) | Owner::Department(_) | Owner::Manager(_), []) => {
                let example = if ["person", "manager"].contains(&owner) {
                    "phone"
                } else if owner == "department" {
                    "name"
                } else {
                    "title"
                };
                return Err(Fault::new(
                    node.span.clone(),
                    format!("`{owner}` alone has no value"),
                    format!("write what of it, such as `{owner}.{example}`"),
                ));
            }
            (Owner::Person | Owner::Contract(_) | Owner::Department(_) | Owner::Manager(_), [.., (_, span)]) => {
                return Err(Fault::new(span.clone(), "a field has no parts", "leave out what stands behind its dot"));
            }
        };
        let written = names.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(".");
        Ok(Field { path, holds, written })
    }

    /// The contract whose department is looked at in `owner.below(...)`, where `owner` is a department.
    pub(crate) fn department(&self, owner: &Node, bound: Option<&str>) -> Result<Field, Fault> {
        let instead = "write it of a department: `department.below(\"fin\")`";
        let fault = || Fault::new(owner.span.clone(), "only a department is below another", instead);
        let Written { names, account: None } = written(owner).ok_or_else(fault)? else { return Err(fault()) };
        let whose = match names.as_slice() {
            [("department", _)] => self.own_contract(owner)?,
            [(of, _), ("department", _)] => match self.owner(of, owner, bound)? {
                Owner::Contract(whose) => whose,
                Owner::Person | Owner::Department(_) | Owner::Manager(_) => return Err(fault()),
            },
            _ => return Err(fault()),
        };
        let (path, holds) = self.of_contract(whose, &("department", owner.span.clone()))?;
        let written = names.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(".");
        Ok(Field { path, holds, written })
    }

    /// The contract that is meant where none is named.
    fn own_contract(&self, node: &Node) -> Result<Whose, Fault> {
        match self.scope.place {
            Place::Contract => Ok(Whose::Own),
            Place::Person | Place::Profile => Ok(Whose::Primary),
            Place::Key => Err(only_word(node)),
        }
    }

    /// Who has the field.
    fn owner(&self, owner: &str, node: &Node, bound: Option<&str>) -> Result<Owner, Fault> {
        if self.scope.place == Place::Key {
            return Err(only_word(node));
        }
        match owner {
            _ if bound == Some(owner) => Ok(Owner::Contract(Whose::Bound)),
            "person" => Ok(Owner::Person),
            "primary" => Ok(Owner::Contract(Whose::Primary)),
            "department" => self.own_contract(node).map(Owner::Department),
            "manager" => self.own_contract(node).map(Owner::Manager),
            "contract" if self.scope.place == Place::Contract => Ok(Owner::Contract(Whose::Own)),
            "contract" => Err(Fault::new(
                node.span.clone(),
                "no contract is in question here",
                "write `primary.` for the contract that speaks for the person, or `contracts.exists(c, ...)`",
            )),
            "contracts" => Err(Fault::new(
                node.span.clone(),
                "a person has several contracts",
                "write `contracts.exists(c, c.title == \"Clerk\")`, or `all` or `exists_one` for `exists`",
            )),
            _ => Err(self.unknown_owner(owner, node)),
        }
    }

    fn unknown_owner(&self, owner: &str, node: &Node) -> Fault {
        let here = if self.scope.place == Place::Contract { "contract" } else { "primary" };
        let known = ["person", "contract", "primary", "department", "manager", "contracts", "today"];
        let field = if self.schema.person.keys().any(|name| name.as_str() == owner) {
            Some("person")
        } else if self.schema.contract.keys().any(|name| name.as_str() == owner) {
            Some(here)
        } else {
            None
        };
        let example = match owner {
            "account" => Some("account(\"entra\").mail"),
            "has" => Some("has(person.phone)"),
            "date" => Some("date(\"2026-03-01\")"),
            _ => None,
        };
        if let Some(example) = example {
            let wrong = format!("`{owner}` stands before brackets");
            return Fault::new(node.span.clone(), wrong, format!("write `{example}`"));
        }
        let instead = match (field, known.iter().find(|known| is_close(known, owner))) {
            (Some(of), _) => format!("write `{of}.{owner}`"),
            (None, Some(known)) => format!("write `{known}`"),
            (None, None) => format!("write a field such as `person.phone`, or the text in quotes: `\"{owner}\"`"),
        };
        Fault::new(node.span.clone(), format!("`{owner}` is nothing that is known here"), instead)
    }

    fn of_contract(&self, whose: Whose, name: &(&str, Range<usize>)) -> Result<(Path, FieldType), Fault> {
        let term = match name.0 {
            "start" => (OfContract::Start, Kind::Date),
            "end" => (OfContract::End, Kind::Date),
            "in_force" => (OfContract::InForce, Kind::Bool),
            _ => {
                let (name, holds) = self.known(Owner::Contract(whose), name)?;
                return Ok((Path::Contract(whose, name), holds));
            }
        };
        Ok((Path::Term(whose, term.0), FieldType::one(term.1)))
    }

    /// A field that the schema knows.
    fn known(&self, owner: Owner, (name, span): &(&str, Range<usize>)) -> Result<(FieldName, FieldType), Fault> {
        let (of, fields, own) = match owner {
            Owner::Person | Owner::Manager(_) => ("person", &self.schema.person, &[][..]),
            Owner::Contract(_) | Owner::Department(_) => {
                ("contract", &self.schema.contract, &["start", "end", "in_force"][..])
            }
        };
        if let Some((name, holds)) = fields.iter().find(|(known, _)| known.as_str() == *name) {
            return Ok((name.clone(), holds.clone()));
        }
        let mut names = fields.keys().map(FieldName::as_str).chain(own.iter().copied());
        let here = if self.scope.place == Place::Contract { "contract" } else { "primary" };
        let elsewhere = match owner {
            Owner::Person | Owner::Manager(_) => {
                self.schema.contract.keys().any(|known| known.as_str() == *name).then_some(here)
            }
            Owner::Contract(_) | Owner::Department(_) => {
                self.schema.person.keys().any(|known| known.as_str() == *name).then_some("person")
            }
        };
        let instead = match (elsewhere, names.find(|known| is_close(known, name))) {
            (Some(of), _) => format!("write `{of}.{name}`"),
            (None, Some(close)) => format!("write `{close}`"),
            (None, None) => format!("if the source gives it, write `{of}.{name} = \"text\"` under `[fields]`"),
        };
        Err(Fault::new(span.clone(), format!("no field of a {of} is called `{name}`"), instead))
    }

    fn of_account(
        &self,
        (slot, place): (&str, Range<usize>),
        names: &[(&str, Range<usize>)],
        node: &Node,
    ) -> Result<Field, Fault> {
        if self.scope.place != Place::Profile {
            let instead = "write the field of the person or the contract that it comes from";
            return Err(Fault::new(node.span.clone(), "only a profile may look at accounts", instead));
        }
        let found = parse_slot(slot).map_err(|error| {
            Fault::new(
                place,
                error.to_string(),
                "write a target such as `\"entra\"`, or a kind of account `\"entra/admin\"`",
            )
        })?;
        let attribute = if let [(name, _)] = names { FieldName::new(name).ok() } else { None };
        let Some(name) = attribute else {
            let instead = "write one attribute of it, such as `account(\"entra\").mail`";
            return Err(Fault::new(node.span.clone(), "an account alone has no value", instead));
        };
        let written = format!("account(\"{slot}\").{name}");
        Ok(Field { path: Path::Account(found, name), holds: FieldType::one(Kind::Text), written })
    }
}

/// Who has a field.
#[derive(Debug, Clone, Copy)]
enum Owner {
    Person,
    Contract(Whose),
    Department(Whose),
    Manager(Whose),
}

fn only_word(node: &Node) -> Fault {
    let instead = "write it with `key`, such as `\"department:\" + key`, and everything else in `name`";
    Fault::new(node.span.clone(), "the id of a permission is made of its key alone, so that it stays", instead)
}

fn of_department(whose: Whose, (part, span): &(&str, Range<usize>)) -> Result<(Path, FieldType), Fault> {
    let path = match *part {
        "name" => Path::Department(whose, OfDepartment::Name),
        "parent" => Path::Department(whose, OfDepartment::Parent),
        "code" => match FieldName::new("department") {
            Ok(name) => Path::Contract(whose, name),
            Err(error) => return Err(Fault::new(span.clone(), error.to_string(), "write `department.name`")),
        },
        _ => {
            let instead = "write `code`, `name`, `parent` or `below(\"fin\")`";
            return Err(Fault::new(span.clone(), format!("a department has no `{part}`"), instead));
        }
    };
    Ok((path, FieldType::one(Kind::Text)))
}

fn written(node: &Node) -> Option<Written<'_>> {
    match &node.kind {
        Syntax::Name(name) => Some(Written { names: vec![(name, node.span.clone())], account: None }),
        Syntax::Member(owner, Name { text, span }) => {
            let mut path = written(owner)?;
            path.names.push((text, span.clone()));
            Some(path)
        }
        Syntax::Call(None, name, arguments) if name.text == "account" => match arguments.as_slice() {
            [Node { kind: Syntax::Literal(Literal::Text(slot)), span }] => {
                Some(Written { names: Vec::new(), account: Some((slot, span.clone())) })
            }
            _ => None,
        },
        Syntax::Literal(_)
        | Syntax::List(_)
        | Syntax::Call(..)
        | Syntax::Not(_)
        | Syntax::Chain(..)
        | Syntax::Choice(_) => None,
    }
}
