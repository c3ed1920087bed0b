//! When what an expression says may change by itself.

use chrono::NaiveDate;
use provisioning_core::period::plus_days;

use crate::language::datum::{Datum, Told};
use crate::language::evaluate::Facts;
use crate::language::term::{Field, Formula, OfContract, Path, Term, Test, Whose};

impl Formula {
    /// Shows the days on which what it says may change because it compares them with today.
    pub(crate) fn days(&self, facts: &Facts<'_, '_>, show: &mut dyn FnMut(NaiveDate)) {
        match self {
            Self::Fixed(_) | Self::Has(_) => {}
            Self::Test(test) => test.days(facts, show),
            Self::Not(inner) => inner.days(facts, show),
            Self::All(parts) | Self::Any(parts) => parts.iter().for_each(|part| part.days(facts, show)),
            Self::Choice(parts) => parts.iter().for_each(|part| part.days(facts, show)),
            Self::Contracts(_, inner) => {
                for contract in &facts.person.contracts {
                    inner.days(&Facts { bound: Some(contract), ..*facts }, show);
                }
            }
        }
    }
}

impl Test {
    fn days(&self, facts: &Facts<'_, '_>, show: &mut dyn FnMut(NaiveDate)) {
        let mut day = |told: Told<'_>| {
            if let Ok(Datum::Date(day)) = told {
                show(day);
                show(plus_days(day, 1));
            }
        };
        match self {
            Self::Same(_, Term::Today, other)
            | Self::Same(_, other, Term::Today)
            | Self::Order(_, Term::Today, other)
            | Self::Order(_, other, Term::Today) => day(other.value(facts)),
            Self::Among(_, Term::Today, list) => list.iter().for_each(|datum| day(Ok(datum.clone()))),
            Self::Within(_, Term::Today, field) => match facts.told(field) {
                Ok(Datum::List(list)) => list.into_iter().for_each(|datum| day(Ok(datum))),
                told => day(told),
            },
            Self::Is(term) | Self::Among(_, term, _) | Self::Within(_, term, _) => term.days(facts, show),
            Self::Same(_, a, b) | Self::Order(_, a, b) | Self::Text(_, _, [a, b]) => {
                a.days(facts, show);
                b.days(facts, show);
            }
            Self::Below(..) => {}
        }
    }
}

impl Term {
    /// Shows the days on which its value may change.
    pub(crate) fn days(&self, facts: &Facts<'_, '_>, show: &mut dyn FnMut(NaiveDate)) {
        match self {
            Self::Join(parts) | Self::Call(_, parts) => parts.iter().for_each(|part| part.days(facts, show)),
            Self::Choice(parts) => {
                parts.0.days(facts, show);
                parts.1.days(facts, show);
                parts.2.days(facts, show);
            }
            Self::Truth(formula) => formula.days(facts, show),
            Self::Fixed(_) | Self::Today | Self::Field(_) | Self::Word => {}
        }
    }

    /// Whether the word of the place is in it.
    pub(crate) fn has_word(&self) -> bool {
        match self {
            Self::Word => true,
            Self::Join(parts) | Self::Call(_, parts) => parts.iter().any(Term::has_word),
            Self::Choice(parts) => parts.1.has_word() || parts.2.has_word(),
            Self::Fixed(_) | Self::Today | Self::Field(_) | Self::Truth(_) => false,
        }
    }
}

impl Field {
    /// Whether it is known of every contract.
    pub(crate) fn is_always_there(&self) -> bool {
        match &self.path {
            Path::Term(_, part) => *part != OfContract::End,
            Path::Person(_) | Path::Contract(..) | Path::Department(..) | Path::Manager(..) | Path::Account(..) => {
                false
            }
        }
    }

    /// Whether it is of the contract that speaks for the person, or of whether one is in force.
    pub(crate) fn follows_contracts(&self) -> bool {
        match &self.path {
            Path::Contract(whose, _) | Path::Department(whose, _) | Path::Manager(whose, _) => *whose == Whose::Primary,
            Path::Term(whose, part) => *whose == Whose::Primary || *part == OfContract::InForce,
            Path::Person(_) | Path::Account(..) => false,
        }
    }
}
