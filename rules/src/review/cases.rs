//! In which cases a condition comes out in a way, as far as that can be told without anybody's data.

use std::collections::{BTreeMap, BTreeSet};

use crate::fold::folded_whole;
use crate::language::datum::Datum;
use crate::language::syntax::{Order, Sense};
use crate::language::term::{Field, Formula, Spelling, Term, Test};
use crate::review::domain::{Asks, Domain, Key};
use crate::schema::Kind;

/// More cases than this are not looked at: nothing is said then.
const MOST: usize = 512;

/// How a condition comes out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    Holds,
    Fails,
    /// It fails, or cannot be told.
    DoesNotHold,
    /// It holds, or cannot be told.
    DoesNotFail,
}

/// What each field, and each test that is not of one field, may be; none of it contradicts itself.
pub(super) type Case = BTreeMap<String, Domain>;

/// All cases in which a condition comes out so; `None` where there are too many.
pub(super) fn cases(formula: &Formula, outcome: Outcome) -> Option<Vec<Case>> {
    use Outcome::{DoesNotFail, DoesNotHold, Fails, Holds};
    match (formula, outcome) {
        (Formula::Fixed(holds), Holds | DoesNotFail) => Some(if *holds { always() } else { Vec::new() }),
        (Formula::Fixed(holds), Fails | DoesNotHold) => Some(if *holds { Vec::new() } else { always() }),
        (Formula::Not(inner), _) => cases(inner, turned(outcome)),
        (Formula::All(parts), Holds | DoesNotFail) | (Formula::Any(parts), Fails | DoesNotHold) => {
            parts.iter().try_fold(always(), |found, part| both(found, &cases(part, outcome)?))
        }
        (Formula::All(parts), Fails | DoesNotHold) | (Formula::Any(parts), Holds | DoesNotFail) => {
            parts.iter().try_fold(Vec::new(), |found, part| either(found, cases(part, outcome)?))
        }
        (Formula::Choice(parts), _) => {
            let [condition, then, otherwise] = parts.as_ref();
            let yes = both(cases(condition, Holds)?, &cases(then, outcome)?)?;
            let no = both(cases(condition, Fails)?, &cases(otherwise, outcome)?)?;
            let decided = either(yes, no)?;
            if matches!(outcome, Holds | Fails) {
                return Some(decided);
            }
            either(decided, both(cases(condition, DoesNotHold)?, &cases(condition, DoesNotFail)?)?)
        }
        (Formula::Has(field), _) => {
            let mut domain = anything(field);
            (domain.may_be, domain.may_lack) = match outcome {
                Holds | DoesNotFail => (true, false),
                Fails | DoesNotHold => (false, true),
            };
            Some(vec![Case::from([(key_of(field), domain)])])
        }
        (Formula::Test(test), _) => Some(of_test(test, outcome)),
        (Formula::Contracts(..), _) => Some(vec![Case::from([(format!("{formula:?}"), of_truth(outcome))])]),
    }
}

/// One case, whatever anything is.
fn always() -> Vec<Case> {
    vec![Case::new()]
}

/// Whether what is asked of a value that is there is so.
fn sense(outcome: Outcome) -> Sense {
    match outcome {
        Outcome::Holds | Outcome::DoesNotFail => Sense::Equal,
        Outcome::Fails | Outcome::DoesNotHold => Sense::Different,
    }
}

fn turned(outcome: Outcome) -> Outcome {
    match outcome {
        Outcome::Holds => Outcome::Fails,
        Outcome::Fails => Outcome::Holds,
        Outcome::DoesNotHold => Outcome::DoesNotFail,
        Outcome::DoesNotFail => Outcome::DoesNotHold,
    }
}

fn either(mut found: Vec<Case>, more: Vec<Case>) -> Option<Vec<Case>> {
    found.extend(more);
    (found.len() <= MOST).then_some(found)
}

/// The cases of one with those of the other, without those that contradict each other.
pub(super) fn both(found: Vec<Case>, more: &[Case]) -> Option<Vec<Case>> {
    if found.len() * more.len() > MOST * MOST {
        return None;
    }
    let mut all = Vec::new();
    for one in found {
        let joined = more.iter().filter_map(|other| join(one.clone(), other));
        all.extend(joined);
        if all.len() > MOST {
            return None;
        }
    }
    Some(all)
}

fn join(mut one: Case, other: &Case) -> Option<Case> {
    for (key, domain) in other {
        let own = one.entry(key.clone()).or_insert_with(|| Domain::anything(None));
        own.and(domain);
        if own.is_empty() {
            return None;
        }
    }
    Some(one)
}

fn anything(field: &Field) -> Domain {
    let spelling = if field.holds.kind == Kind::Exact { Spelling::Exact } else { Spelling::Folded };
    let keys = |values: &std::sync::Arc<[String]>| {
        values.iter().filter_map(|text| Key::of(&Datum::Text(text.as_str().into()), spelling)).collect()
    };
    Domain::anything(field.holds.values.as_ref().map(keys))
}

fn key_of(field: &Field) -> String {
    format!("{:?} {}", field.path, field.holds)
}

/// A test of one field against values that are written out, or else something that comes out in some way.
fn of_test(test: &Test, outcome: Outcome) -> Vec<Case> {
    let Some((field, asks)) = asked(test) else {
        return vec![Case::from([(format!("{test:?}"), of_truth(outcome))])];
    };
    let mut domain = anything(field);
    domain.narrow(&asks, sense(outcome));
    domain.may_lack = matches!(outcome, Outcome::DoesNotHold | Outcome::DoesNotFail);
    if domain.is_empty() { Vec::new() } else { vec![Case::from([(key_of(field), domain)])] }
}

/// What a test asks of one field.
pub(super) fn asked(test: &Test) -> Option<(&Field, Asks)> {
    let one = |datum: &Datum<'_>, spelling| Some(Asks::OneOf(BTreeSet::from([Key::of(datum, spelling)?])));
    match test {
        Test::Is(Term::Field(field)) => Some((field, Asks::OneOf(BTreeSet::from([Key::Bool(true)])))),
        Test::Same(spelling, Term::Field(field), Term::Fixed(datum))
        | Test::Same(spelling, Term::Fixed(datum), Term::Field(field)) => Some((field, one(datum, *spelling)?)),
        Test::Among(spelling, Term::Field(field), list) => {
            let keys: Option<BTreeSet<_>> = list.iter().map(|datum| Key::of(datum, *spelling)).collect();
            Some((field, Asks::OneOf(keys?)))
        }
        Test::Order(order, Term::Field(field), Term::Fixed(datum)) => {
            Some((field, Asks::Order(*order, Key::of(datum, Spelling::Exact)?)))
        }
        Test::Order(order, Term::Fixed(datum), Term::Field(field)) => {
            Some((field, Asks::Order(mirrored(*order), Key::of(datum, Spelling::Exact)?)))
        }
        Test::Text(affix, spelling, [Term::Field(field), Term::Fixed(Datum::Text(part))]) => {
            let part = if *spelling == Spelling::Folded { folded_whole(part).into_owned() } else { part.to_string() };
            Some((field, Asks::Affix(*affix, part)))
        }
        Test::Is(_)
        | Test::Same(..)
        | Test::Among(..)
        | Test::Order(..)
        | Test::Text(..)
        | Test::Within(..)
        | Test::Below(..) => None,
    }
}

fn mirrored(order: Order) -> Order {
    match order {
        Order::Less => Order::Greater,
        Order::LessOrEqual => Order::GreaterOrEqual,
        Order::Greater => Order::Less,
        Order::GreaterOrEqual => Order::LessOrEqual,
    }
}

/// Something that is true, false or not known.
fn of_truth(outcome: Outcome) -> Domain {
    let mut domain = Domain::anything(None);
    domain.narrow(&Asks::OneOf(BTreeSet::from([Key::Bool(true)])), sense(outcome));
    domain.may_lack = matches!(outcome, Outcome::DoesNotHold | Outcome::DoesNotFail);
    domain
}
