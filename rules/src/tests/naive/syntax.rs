//! What rules say, as a tree.

use chrono::NaiveDate;
use provisioning_core::{PermissionId, PersonId, RuleId, Slot};

/// Whose field it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Whose {
    Person,
    Contract,
    Primary,
    /// That of which a quantifier speaks.
    Each,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Text,
    Exact,
    Number,
    Flag,
    Day,
    Texts,
    /// Each letter of them counts.
    ExactTexts,
    Numbers,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Field {
    pub(super) whose: Whose,
    pub(super) name: &'static str,
    pub(super) kind: Kind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sign {
    Equal,
    Unequal,
    Less,
    AtMost,
    More,
    AtLeast,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    Start,
    End,
    Anywhere,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Quantifier {
    Exists,
    All,
    ExistsOne,
}

#[derive(Debug, Clone)]
pub(super) enum Day {
    Of(Field),
    On(NaiveDate),
    Today,
}

/// A text that is made of others.
#[derive(Debug, Clone)]
pub(super) enum Words {
    Lower(Field),
    Title(Field),
    Compact(Field),
    Truncated(Field, usize),
    /// Written as text.
    Number(Field),
    Plus(Field, &'static str),
    PlusField(Field, Field),
    First(Field, Field),
    FirstOr(Field, String),
    Joined(Field, Field),
    Choice(Box<Expr>, Field, Field),
}

#[derive(Debug, Clone)]
pub(super) enum Expr {
    /// `true` or `false`.
    Constant(&'static str),
    /// Whether two conditions come to the same.
    Same(Box<Self>, Sign, Box<Self>),
    SameFlag(Field, Sign, Field),
    Words(Words, Sign, String),
    MemberField(Field, Field),
    Flag(Field),
    FlagIs(Field, Sign, &'static str),
    TextIs(Field, Sign, String),
    SameText(Field, Sign, Field),
    OneOf(Field, Vec<String>),
    NumberOneOf(Field, Vec<&'static str>),
    Member(String, Field),
    DayOneOf(Field, Vec<NaiveDate>),
    Has(Field),
    Part(Field, Part, String),
    Number(Field, Sign, &'static str),
    Numbers(Field, Sign, Field),
    Days(Day, Sign, Day),
    Below(Whose, &'static str),
    Not(Box<Self>),
    And(Box<Self>, Box<Self>),
    Or(Box<Self>, Box<Self>),
    Choice(Box<Self>, Box<Self>, Box<Self>),
    Count(Quantifier, Box<Self>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Per {
    Contract,
    Primary,
    Person,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Status {
    Published,
    Draft,
}

/// On which days of a contract.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Window {
    pub(super) before: Option<u32>,
    pub(super) after: Option<u32>,
    pub(super) ends: Option<&'static str>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Making {
    Create,
    Expect,
}

/// What a group made by a rule is called.
#[derive(Debug, Clone, Copy)]
pub(super) enum Name {
    Key,
    DepartmentOrKey,
    Department,
}

#[derive(Debug, Clone)]
pub(super) enum Gift {
    Account,
    Access,
    Permission { id: PermissionId, class: Option<&'static str> },
    Each { of: Field, prefix: &'static str, name: Name, making: Making, class: Option<&'static str> },
}

#[derive(Debug, Clone)]
pub(super) struct Rule {
    pub(super) id: RuleId,
    pub(super) slot: Slot,
    pub(super) per: Per,
    pub(super) status: Status,
    pub(super) window: Window,
    pub(super) when: Option<Expr>,
    pub(super) gives: Vec<Gift>,
}

#[derive(Debug, Clone)]
pub(super) enum Withheld {
    Account,
    Access,
    Permission(PermissionId),
    Rule(RuleId),
}

#[derive(Debug, Clone)]
pub(super) struct Exclusion {
    pub(super) id: RuleId,
    pub(super) slot: Slot,
    pub(super) per: Per,
    pub(super) status: Status,
    pub(super) window: Window,
    pub(super) when: Option<Expr>,
    pub(super) withholds: Vec<Withheld>,
}

#[derive(Debug, Clone)]
pub(super) struct Exception {
    pub(super) id: RuleId,
    pub(super) slot: Slot,
    pub(super) person: PersonId,
    pub(super) from: Option<NaiveDate>,
    pub(super) until: NaiveDate,
    pub(super) gives: Vec<Gift>,
}

#[derive(Debug, Clone, Copy)]
pub(super) enum Key {
    InForce,
    Highest(&'static str),
    Lowest(&'static str),
    EarliestStart,
    LatestStart,
    LatestEnd,
}

/// A file of rules.
#[derive(Debug, Clone)]
pub(super) struct Document {
    pub(super) primary: Option<Vec<Key>>,
    pub(super) rules: Vec<Rule>,
    pub(super) exclusions: Vec<Exclusion>,
    pub(super) exceptions: Vec<Exception>,
}
