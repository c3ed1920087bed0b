//! Conditions as lines: each a list of smallest parts that must all hold; a condition holds if one of its lines does.

use std::collections::BTreeSet;

use crate::language::term::{Field, Formula, Path, Quantifier, Term, Test, Whose};

/// A condition that would take more lines is one part of its own.
const MOST: usize = 16;

/// What parts look at.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Sight {
    /// What one field says.
    Field(String),
    /// The department of a contract, and what is above it.
    Department(Whose),
    /// Several, other contracts, or the date.
    Several,
}

/// The lines of a condition, in Kleene's logic as much as in any.
pub(super) fn lines(formula: &Formula) -> Vec<Vec<Formula>> {
    spread(formula, Turn::Straight).unwrap_or_else(|| vec![vec![formula.clone()]])
}

/// Whether a part is meant as it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Turn {
    Straight,
    Over,
}

fn spread(formula: &Formula, turn: Turn) -> Option<Vec<Vec<Formula>>> {
    match (formula, turn) {
        (Formula::Fixed(true), Turn::Straight) | (Formula::Fixed(false), Turn::Over) => Some(vec![Vec::new()]),
        (Formula::Fixed(_), _) => Some(Vec::new()),
        (Formula::Not(inner), Turn::Straight) => spread(inner, Turn::Over),
        (Formula::Not(inner), Turn::Over) => spread(inner, Turn::Straight),
        (Formula::All(parts), Turn::Straight) | (Formula::Any(parts), Turn::Over) => {
            parts.iter().try_fold(vec![Vec::new()], |found, part| both(&found, &spread(part, turn)?))
        }
        (Formula::Any(parts), Turn::Straight) | (Formula::All(parts), Turn::Over) => {
            let mut found = Vec::new();
            for part in parts {
                found.extend(spread(part, turn)?);
            }
            (found.len() <= MOST).then_some(found)
        }
        (Formula::Choice(_) | Formula::Has(_) | Formula::Test(_) | Formula::Contracts(..), _) => {
            let part = formula.clone();
            Some(vec![vec![if turn == Turn::Straight { part } else { Formula::Not(Box::new(part)) }]])
        }
    }
}

fn both(found: &[Vec<Formula>], more: &[Vec<Formula>]) -> Option<Vec<Vec<Formula>>> {
    if found.len() * more.len() > MOST {
        return None;
    }
    let join = |one: &Vec<Formula>| more.iter().map(move |other| [one.as_slice(), other].concat()).collect::<Vec<_>>();
    Some(found.iter().flat_map(join).collect())
}

/// What a part looks at.
pub(super) fn sight(part: &Formula) -> Sight {
    if is_of_contracts(part) || looks_at_today(part) {
        return Sight::Several;
    }
    let mut seen: BTreeSet<Sight> = BTreeSet::new();
    let mut below = Vec::new();
    part.tests(&mut |test| {
        if let Test::Below(field, _) = test {
            below.push(field);
        }
    });
    part.fields(&mut |field| {
        let own = match &field.path {
            Path::Department(whose, _) => Err(*whose),
            // What is below what is more than the code tells.
            Path::Contract(whose, _) if below.contains(&field) => Err(*whose),
            Path::Contract(whose, name) => Ok(Path::Contract(asked(*whose), name.clone())),
            Path::Term(whose, part) => Ok(Path::Term(asked(*whose), *part)),
            Path::Manager(whose, name) => Ok(Path::Manager(asked(*whose), name.clone())),
            path @ (Path::Person(_) | Path::Account(..)) => Ok(path.clone()),
        };
        seen.insert(match own {
            Ok(path) => Sight::Field(format!("{path:?} {}", field.holds)),
            Err(of_department) => Sight::Department(asked(of_department)),
        });
    });
    if seen.len() > 1 { Sight::Several } else { seen.pop_first().unwrap_or(Sight::Several) }
}

/// The contract of a quantifier is the one in question when it is asked.
fn asked(whose: Whose) -> Whose {
    match whose {
        Whose::Own | Whose::Bound => Whose::Own,
        Whose::Primary => Whose::Primary,
    }
}

/// The lines of what is asked of each contract of a person, where nothing in it is of another one.
pub(super) fn lines_of_each(part: &Formula) -> Option<(Quantifier, Vec<Vec<Formula>>)> {
    let Formula::Contracts(quantifier, inner) = part else { return None };
    let lines = lines(inner);
    let mut is_own = false;
    inner.fields(&mut |field| is_own |= is_of_contract(field));
    let is_plain = lines.iter().flatten().all(|part| sight(part) != Sight::Several);
    (is_plain && !is_own).then_some((*quantifier, lines))
}

/// Whether a field is of the contract in question.
pub(super) fn is_of_contract(field: &Field) -> bool {
    match &field.path {
        Path::Contract(whose, _) | Path::Term(whose, _) | Path::Department(whose, _) | Path::Manager(whose, _) => {
            *whose == Whose::Own
        }
        Path::Person(_) | Path::Account(..) => false,
    }
}

fn is_of_contracts(formula: &Formula) -> bool {
    match formula {
        Formula::Contracts(..) => true,
        Formula::Not(inner) => is_of_contracts(inner),
        Formula::All(parts) | Formula::Any(parts) => parts.iter().any(is_of_contracts),
        Formula::Choice(parts) => parts.iter().any(is_of_contracts),
        Formula::Test(test) => test.terms().any(asks_contracts),
        Formula::Fixed(_) | Formula::Has(_) => false,
    }
}

fn asks_contracts(term: &Term) -> bool {
    match term {
        Term::Fixed(_) | Term::Field(_) | Term::Word | Term::Today => false,
        Term::Join(parts) | Term::Call(_, parts) => parts.iter().any(asks_contracts),
        Term::Choice(parts) => is_of_contracts(&parts.0) || asks_contracts(&parts.1) || asks_contracts(&parts.2),
        Term::Truth(formula) => is_of_contracts(formula),
    }
}

/// Whether what it says depends on the day.
pub(super) fn looks_at_today(formula: &Formula) -> bool {
    let mut looks = false;
    formula.tests(&mut |test| looks |= test.terms().any(of_today));
    looks
}

fn of_today(term: &Term) -> bool {
    match term {
        Term::Today => true,
        Term::Fixed(_) | Term::Field(_) | Term::Word => false,
        Term::Join(parts) | Term::Call(_, parts) => parts.iter().any(of_today),
        Term::Choice(parts) => looks_at_today(&parts.0) || of_today(&parts.1) || of_today(&parts.2),
        Term::Truth(formula) => looks_at_today(formula),
    }
}
