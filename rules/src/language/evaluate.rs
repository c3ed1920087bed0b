//! What an expression says of a person, in Kleene's logic: what is not known makes unknown all that it could change.

use std::borrow::Cow;

use chrono::{DateTime, NaiveDate, Utc};
use provisioning_core::policy::EarlierAccounts;
use provisioning_core::source::{Contract, Manager, Person};
use provisioning_core::{DepartmentCode, Slot, Value};

use crate::fold::{folded, folded_whole, same};
use crate::language::datum::{Datum, Lack, Told, read};
use crate::language::syntax::Order;
use crate::language::term::{
    Affix, Field, Formula, OfContract, OfDepartment, Path, Quantifier, Spelling, Term, Test, Whose,
};
use crate::schema::{FieldType, Kind};

/// Whether something holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Truth {
    Holds,
    Fails,
    Unknown,
}

/// Everything that an expression may look at.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Facts<'v, 'a> {
    pub(crate) person: &'v Person<'a>,
    /// The contract in question.
    pub(crate) contract: Option<&'v Contract<'a>>,
    /// The contract that speaks for the person.
    pub(crate) primary: Option<&'v Contract<'a>>,
    /// The contract of a quantifier.
    pub(crate) bound: Option<&'v Contract<'a>>,
    /// The person's accounts on earlier targets.
    pub(crate) earlier: Option<&'v EarlierAccounts>,
    /// What stands for `key` or `n`.
    pub(crate) word: Option<&'v str>,
    pub(crate) now: DateTime<Utc>,
    pub(crate) today: NaiveDate,
}

impl From<bool> for Truth {
    fn from(holds: bool) -> Self {
        if holds { Self::Holds } else { Self::Fails }
    }
}

impl Truth {
    fn not(self) -> Self {
        match self {
            Self::Holds => Self::Fails,
            Self::Fails => Self::Holds,
            Self::Unknown => Self::Unknown,
        }
    }

    /// One that is `settles` settles it, whatever the others are; one that is unknown leaves it unknown.
    fn settled(mut truths: impl Iterator<Item = Self>, settles: Self) -> Self {
        let mut all = settles.not();
        let settled = truths.any(|truth| {
            if truth == Self::Unknown {
                all = Self::Unknown;
            }
            truth == settles
        });
        if settled { settles } else { all }
    }
}

impl Formula {
    /// Whether it holds.
    pub(crate) fn truth(&self, facts: &Facts<'_, '_>) -> Truth {
        match self {
            Self::Fixed(holds) => (*holds).into(),
            Self::Not(inner) => inner.truth(facts).not(),
            Self::All(parts) => Truth::settled(parts.iter().map(|part| part.truth(facts)), Truth::Fails),
            Self::Any(parts) => Truth::settled(parts.iter().map(|part| part.truth(facts)), Truth::Holds),
            Self::Choice(parts) => {
                let [condition, then, otherwise] = parts.as_ref();
                match condition.truth(facts) {
                    Truth::Holds => then.truth(facts),
                    Truth::Fails => otherwise.truth(facts),
                    Truth::Unknown => Truth::Unknown,
                }
            }
            Self::Has(field) if facts.is_beyond_telling(field) => Truth::Unknown,
            Self::Has(field) => facts.told(field).is_ok().into(),
            Self::Test(test) => test.truth(facts).unwrap_or(Truth::Unknown),
            Self::Contracts(quantifier, inner) => quantifier.of(facts, inner),
        }
    }

    /// The fields for whose want it cannot be told.
    pub(crate) fn lacking<'f>(&'f self, facts: &Facts<'_, '_>, found: &mut Vec<&'f Field>) {
        if self.truth(facts) != Truth::Unknown {
            return;
        }
        match self {
            Self::Fixed(_) => {}
            Self::Has(field) => found.push(field),
            Self::Not(inner) => inner.lacking(facts, found),
            Self::All(parts) | Self::Any(parts) => parts.iter().for_each(|part| part.lacking(facts, found)),
            Self::Choice(parts) => parts.iter().for_each(|part| part.lacking(facts, found)),
            Self::Test(test) => test.fields(&mut |field| {
                let is_lacking = match facts.told(field) {
                    Ok(held) => matches!(test.as_ref(), Test::Below(..)) || held.has_gap(),
                    Err(_) => true,
                };
                if is_lacking && !found.contains(&field) {
                    found.push(field);
                }
            }),
            Self::Contracts(_, inner) => {
                for contract in &facts.person.contracts {
                    inner.lacking(&Facts { bound: Some(contract), ..*facts }, found);
                }
            }
        }
    }
}

impl Quantifier {
    fn of(self, facts: &Facts<'_, '_>, inner: &Formula) -> Truth {
        let contracts = facts.person.contracts.iter();
        self.of_truths(contracts.map(|contract| inner.truth(&Facts { bound: Some(contract), ..*facts })))
    }

    /// What follows from what is so of each contract.
    pub(crate) fn of_truths(self, mut truths: impl Iterator<Item = Truth>) -> Truth {
        match self {
            Self::One => Truth::settled(truths, Truth::Holds),
            Self::All => Truth::settled(truths, Truth::Fails),
            Self::ExactlyOne => {
                let (mut holding, mut is_known) = (0, true);
                let has_two = truths.any(|truth| {
                    holding += usize::from(truth == Truth::Holds);
                    is_known &= truth != Truth::Unknown;
                    holding == 2
                });
                if has_two || is_known { (holding == 1).into() } else { Truth::Unknown }
            }
        }
    }
}

impl Test {
    /// Whether it holds, or for what lack it cannot be told.
    pub(crate) fn truth(&self, facts: &Facts<'_, '_>) -> Result<Truth, Lack> {
        let holds = match self {
            Self::Is(term) => term.value(facts)? == Datum::Bool(true),
            Self::Same(spelling, a, b) => a.value(facts)?.is(&b.value(facts)?, *spelling),
            Self::Order(order, a, b) => order.holds(&a.value(facts)?, &b.value(facts)?),
            Self::Among(spelling, term, list) => {
                let value = term.value(facts)?;
                list.iter().any(|listed| value.is(listed, *spelling))
            }
            Self::Within(spelling, term, field) => {
                let (value, held) = (term.value(facts)?, facts.told(field)?);
                let is_in = matches!(&held, Datum::List(list) if list.iter().any(|listed| value.is(listed, *spelling)));
                if !is_in && held.has_gap() {
                    return Err(Lack::Empty);
                }
                is_in
            }
            Self::Text(affix, spelling, [text, part]) => {
                let (text, wanted) = (text.value(facts)?, part.value(facts)?);
                let (Datum::Text(text), Datum::Text(wanted)) = (&text, &wanted) else { return Ok(Truth::Fails) };
                match (spelling, part) {
                    (Spelling::Exact, _) => affix.holds(text, wanted),
                    (Spelling::Folded, Term::Field(_) | Term::Word) => affix.holds(&folded(text), &folded(wanted)),
                    // The spaces around what is written out are meant.
                    (Spelling::Folded, _) => affix.holds(&folded(text), &folded_whole(wanted)),
                }
            }
            Self::Below(field, code) => return facts.below(field, code),
        };
        Ok(holds.into())
    }

    /// The values that it compares.
    pub(crate) fn terms(&self) -> impl Iterator<Item = &Term> {
        let (one, other) = match self {
            Self::Is(term) | Self::Among(_, term, _) | Self::Within(_, term, _) => (Some(term), None),
            Self::Same(_, a, b) | Self::Order(_, a, b) | Self::Text(_, _, [a, b]) => (Some(a), Some(b)),
            Self::Below(..) => (None, None),
        };
        one.into_iter().chain(other)
    }

    /// Shows each field that it looks at.
    pub(crate) fn fields<'f>(&'f self, show: &mut dyn FnMut(&'f Field)) {
        match self {
            Self::Is(term) | Self::Among(_, term, _) => term.fields(show),
            Self::Same(_, a, b) | Self::Order(_, a, b) | Self::Text(_, _, [a, b]) => {
                a.fields(show);
                b.fields(show);
            }
            Self::Within(_, term, field) => {
                term.fields(show);
                show(field);
            }
            Self::Below(field, _) => show(field),
        }
    }
}

impl Order {
    fn holds(self, a: &Datum<'_>, b: &Datum<'_>) -> bool {
        let order = match (a, b) {
            (Datum::Number(a), Datum::Number(b)) => a.cmp(b),
            (Datum::Date(a), Datum::Date(b)) => a.cmp(b),
            (Datum::Text(_) | Datum::Number(_) | Datum::Bool(_) | Datum::Date(_) | Datum::List(_), _) => return false,
        };
        match self {
            Self::Less => order.is_lt(),
            Self::LessOrEqual => order.is_le(),
            Self::Greater => order.is_gt(),
            Self::GreaterOrEqual => order.is_ge(),
        }
    }
}

impl Affix {
    fn holds(self, text: &str, part: &str) -> bool {
        match self {
            Self::Start => text.starts_with(part),
            Self::End => text.ends_with(part),
            Self::Anywhere => text.contains(part),
        }
    }
}

impl Term {
    fn tests<'f>(&'f self, show: &mut dyn FnMut(&'f Test)) {
        match self {
            Self::Fixed(_) | Self::Today | Self::Field(_) | Self::Word => {}
            Self::Join(parts) | Self::Call(_, parts) => parts.iter().for_each(|part| part.tests(show)),
            Self::Choice(parts) => {
                parts.0.tests(show);
                parts.1.tests(show);
                parts.2.tests(show);
            }
            Self::Truth(formula) => formula.tests(show),
        }
    }

    /// What it is worth.
    pub(crate) fn value<'v>(&'v self, facts: &Facts<'v, '_>) -> Told<'v> {
        match self {
            Self::Fixed(datum) => Ok(datum.clone()),
            Self::Today => Ok(Datum::Date(facts.today)),
            Self::Field(field) => facts.told(field),
            Self::Word => facts.word.map(|word| Datum::Text(Cow::Borrowed(word))).ok_or(Lack::Absent),
            Self::Join(parts) => joined(parts.iter().map(|part| part.value(facts))),
            Self::Call(function, arguments) => function.of(&mut arguments.iter().map(|term| term.value(facts))),
            Self::Choice(parts) => match parts.0.truth(facts) {
                Truth::Holds => parts.1.value(facts),
                Truth::Fails => parts.2.value(facts),
                Truth::Unknown => Err(Lack::Absent),
            },
            Self::Truth(formula) => match formula.truth(facts) {
                Truth::Holds => Ok(Datum::Bool(true)),
                Truth::Fails => Ok(Datum::Bool(false)),
                Truth::Unknown => Err(Lack::Absent),
            },
        }
    }

    /// Shows each field that it looks at.
    pub(crate) fn fields<'f>(&'f self, show: &mut dyn FnMut(&'f Field)) {
        match self {
            Self::Field(field) => show(field),
            Self::Join(parts) | Self::Call(_, parts) => parts.iter().for_each(|part| part.fields(show)),
            Self::Choice(parts) => {
                parts.0.fields(show);
                parts.1.fields(show);
                parts.2.fields(show);
            }
            Self::Truth(formula) => formula.fields(show),
            Self::Fixed(_) | Self::Today | Self::Word => {}
        }
    }
}

impl Formula {
    /// Shows each test in it, also in the values that it compares.
    pub(crate) fn tests<'f>(&'f self, show: &mut dyn FnMut(&'f Test)) {
        match self {
            Self::Fixed(_) | Self::Has(_) => {}
            Self::Test(test) => {
                show(test);
                test.terms().for_each(|term| term.tests(show));
            }
            Self::Not(inner) | Self::Contracts(_, inner) => inner.tests(show),
            Self::All(parts) | Self::Any(parts) => parts.iter().for_each(|part| part.tests(show)),
            Self::Choice(parts) => parts.iter().for_each(|part| part.tests(show)),
        }
    }

    /// Shows each field that it looks at.
    pub(crate) fn fields<'f>(&'f self, show: &mut dyn FnMut(&'f Field)) {
        match self {
            Self::Fixed(_) => {}
            Self::Has(field) => show(field),
            Self::Test(test) => test.fields(show),
            Self::Not(inner) | Self::Contracts(_, inner) => inner.fields(show),
            Self::All(parts) | Self::Any(parts) => parts.iter().for_each(|part| part.fields(show)),
            Self::Choice(parts) => parts.iter().for_each(|part| part.fields(show)),
        }
    }
}

/// All of them, one behind the other; the worst lack of any.
fn joined<'v>(parts: impl Iterator<Item = Told<'v>>) -> Told<'v> {
    let (mut text, mut lack) = (String::new(), None);
    for part in parts {
        match part {
            Ok(datum) => text.push_str(&datum.plain().unwrap_or_default()),
            Err(lacks) => lack = lack.max(Some(lacks)),
        }
    }
    lack.map_or(Ok(Datum::Text(Cow::Owned(text))), Err)
}

impl<'v, 'a> Facts<'v, 'a> {
    pub(crate) fn contract_of(&self, whose: Whose) -> Option<&'v Contract<'a>> {
        match whose {
            Whose::Own => self.contract,
            Whose::Primary => self.primary,
            Whose::Bound => self.bound,
        }
    }

    /// What a source gave for a field, or what an account has.
    pub(crate) fn given(&self, field: &Field) -> Option<&'v Value> {
        match &field.path {
            Path::Person(name) => self.person.field(name.as_str()),
            Path::Contract(whose, name) => self.contract_of(*whose)?.field(name.as_str()),
            Path::Manager(whose, name) => match self.person.manager(self.contract_of(*whose)?) {
                Manager::Known(manager) => manager.fields.value(name.as_str()),
                Manager::Nobody | Manager::Unknown => None,
            },
            Path::Account(slot, name) => self.account(slot, name.as_str()),
            Path::Term(..) | Path::Department(..) => None,
        }
    }

    /// Whether nothing may be concluded of whoever has the field, also not that it is not there.
    fn is_beyond_telling(&self, field: &Field) -> bool {
        let Path::Manager(whose, _) = &field.path else { return false };
        self.contract_of(*whose).is_some_and(|contract| self.person.manager(contract) == Manager::Unknown)
    }

    /// What a field holds.
    pub(crate) fn told(&self, field: &Field) -> Told<'v> {
        match &field.path {
            Path::Term(whose, part) => self.of_contract(self.contract_of(*whose).ok_or(Lack::Absent)?, *part),
            Path::Department(whose, part) => of_department(self.contract_of(*whose).ok_or(Lack::Absent)?, *part),
            Path::Manager(..) if self.is_beyond_telling(field) => Err(Lack::Unreadable),
            Path::Person(_) | Path::Contract(..) | Path::Manager(..) | Path::Account(..) => {
                self.given(field).map_or(Err(Lack::Absent), |value| read(value, &field.holds))
            }
        }
    }

    /// An attribute of an account on an earlier target.
    pub(crate) fn account(&self, slot: &Slot, name: &str) -> Option<&'v Value> {
        self.earlier?.0.get(&slot.target)?.get(&slot.kind)?.value(name)
    }

    fn of_contract(&self, contract: &Contract<'_>, part: OfContract) -> Told<'v> {
        match part {
            OfContract::InForce => Ok(Datum::Bool(contract.in_force(self.now))),
            OfContract::Start => Ok(Datum::Date(contract.period.start())),
            OfContract::End => contract.period.end().and_then(|end| end.pred_opt()).map(Datum::Date).ok_or(Lack::Empty),
        }
    }

    /// Whether the department of a contract is the one with this code, or one below it. A department of which the source
    /// does not know what is above it may be below any.
    fn below(&self, field: &Field, code: &str) -> Result<Truth, Lack> {
        let Path::Contract(whose, _) = &field.path else { return Err(Lack::Absent) };
        let Datum::Text(own) = self.told(field)? else { return Err(Lack::Unreadable) };
        let departments = self.contract_of(*whose).ok_or(Lack::Absent)?.departments;
        if same(&own, code) {
            return Ok(Truth::Holds);
        }
        let mut top = departments.by_code(&own).ok_or(Lack::Absent)?;
        for department in departments.upwards(&own) {
            if same(department.code.as_str(), code) {
                return Ok(Truth::Holds);
            }
            top = department;
        }
        let above = top.parent.as_ref().filter(|parent| departments.by_code(parent.as_str()).is_none());
        match above {
            Some(parent) if same(parent.as_str(), code) => Ok(Truth::Holds),
            Some(_) => Err(Lack::Absent),
            None => Ok(Truth::Fails),
        }
    }
}

fn of_department<'v>(contract: &Contract<'v>, part: OfDepartment) -> Told<'v> {
    let code = contract.field("department").ok_or(Lack::Absent)?;
    if code.is_blank() {
        return Err(Lack::Empty);
    }
    let code = read(code, &FieldType::one(Kind::Text))?;
    let code = code.plain().ok_or(Lack::Unreadable)?;
    let department = contract.departments.by_code(&code).ok_or(Lack::Absent)?;
    let text = match part {
        OfDepartment::Name => Some(department.name.trim()).filter(|name| !name.is_empty()),
        OfDepartment::Parent => department.parent.as_ref().map(DepartmentCode::as_str),
    };
    text.map(|text| Datum::Text(Cow::Borrowed(text))).ok_or(Lack::Empty)
}
