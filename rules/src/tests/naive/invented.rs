//! Rules at random.

use chrono::NaiveDate;
use provisioning_core::{PermissionId, RuleId, Slot};

use super::random::Random;
use super::syntax::{
    Day, Document, Exception, Exclusion, Expr, Field, Gift, Key, Kind, Making, Name, Part, Per, Quantifier, Rule, Sign,
    Status, Whose, Window, Withheld, Words,
};
use crate::slot::parse_slot;
use crate::tests::day;

/// Texts of which some say the same.
pub(super) const TEXTS: &[&str] = &[
    "Clerk",
    "CLERK",
    "Senior Clerk",
    "senior clerk",
    "Caf\u{e9}",
    "Cafe\u{301}",
    "CAF\u{c9}",
    "Cafe",
    "\u{c5}ngstr\u{f6}m",
    "\u{212b}ngstro\u{308}m",
    "Zo\u{eb} Berg",
    "zoe\u{308} berg",
    "\u{3bf}\u{3b4}\u{3cc}\u{3c2}",
    "\u{39f}\u{394}\u{38c}\u{3a3}",
    "staff",
    "external",
    "snow",
    "Stra\u{df}e",
    "STRASSE",
    "\u{130}zmir",
    "izmir",
    "I",
];

/// What texts begin, end or go on with.
const PARTS: &[&str] =
    &["cl", "Senior", "cafe", "CAF\u{c9}", "e\u{301}", "K", "berg", "\u{3c3}", "r", "\u{f6}M", "St", "Senior ", " cl"];

pub(super) const KINDS: &[&str] = &["staff", "external", "trainee"];

pub(super) const CODES: &[&str] = &["top", "fin", "pay", "it", "dev", "ring1", "ring2", "lost", "nowhere", "unknown"];

pub(super) const NUMBERS: &[&str] = &["0", "7", "7.5", "7.50", "-1", "20", "36"];

/// Days around which people work.
pub(super) const DAYS: &[&str] =
    &["2025-12-31", "2026-01-01", "2026-02-28", "2026-03-01", "2026-03-29", "2026-06-30", "2026-10-25", "2026-12-31"];

const SLOTS: &[&str] = &["entra", "entra", "entra", "entra/admin", "ad"];

const IDS: &[&str] = &["p1", "p2", "p3", "p4"];

const CLASSES: &[&str] = &["ordinary", "licence", "privileged"];

const OF_CONTRACTS: &[(&str, Kind)] = &[
    ("title", Kind::Text),
    ("title", Kind::Text),
    ("kind", Kind::Text),
    ("badge", Kind::Exact),
    ("hours", Kind::Number),
    ("grade", Kind::Number),
    ("leave", Kind::Flag),
    ("in_force", Kind::Flag),
    ("since", Kind::Day),
    ("start", Kind::Day),
    ("end", Kind::Day),
    ("last_day_of_work", Kind::Day),
    ("tags", Kind::Texts),
    ("codes", Kind::ExactTexts),
    ("scores", Kind::Numbers),
    ("department", Kind::Text),
    ("department.name", Kind::Text),
    ("department.code", Kind::Text),
    ("department.parent", Kind::Text),
];

const OF_PEOPLE: &[(&str, Kind)] = &[
    ("status", Kind::Text),
    ("badge", Kind::Exact),
    ("level", Kind::Number),
    ("fit", Kind::Flag),
    ("sworn_until", Kind::Day),
    ("roles", Kind::Texts),
];

fn fields(of: Whose) -> &'static [(&'static str, Kind)] {
    match of {
        Whose::Person => OF_PEOPLE,
        Whose::Contract | Whose::Primary | Whose::Each => OF_CONTRACTS,
    }
}

fn field(random: &mut Random, scope: &[Whose]) -> Field {
    let whose = random.one(scope);
    let (name, kind) = random.one(fields(whose));
    Field { whose, name, kind }
}

fn field_of(random: &mut Random, scope: &[Whose], kind: Kind) -> Field {
    loop {
        let found = field(random, scope);
        if found.kind == kind {
            return found;
        }
    }
}

fn equality(random: &mut Random) -> Sign {
    random.one(&[Sign::Equal, Sign::Unequal])
}

fn order(random: &mut Random) -> Sign {
    random.one(&[Sign::Less, Sign::AtMost, Sign::More, Sign::AtLeast, Sign::Equal, Sign::Unequal])
}

fn literal(random: &mut Random, of: Field) -> String {
    let plain = word(random, of);
    match random.below(30) {
        0 if of.name != "kind" => String::new(),
        1 if of.name != "kind" => format!("  {plain} "),
        _ => plain,
    }
}

fn word(random: &mut Random, of: Field) -> String {
    let words = if of.name == "kind" {
        KINDS
    } else if of.name.starts_with("department") && of.name != "department.name" {
        CODES
    } else {
        TEXTS
    };
    random.one(words).to_owned()
}

fn date(random: &mut Random) -> NaiveDate {
    day(random.one(DAYS))
}

fn moment(random: &mut Random, scope: &[Whose]) -> Day {
    match random.below(5) {
        0 => Day::Today,
        1 => Day::On(date(random)),
        _ => Day::Of(field_of(random, scope, Kind::Day)),
    }
}

fn of_text(random: &mut Random, scope: &[Whose], of: Field) -> Expr {
    match random.below(5) {
        0 | 1 => Expr::TextIs(of, equality(random), literal(random, of)),
        2 => Expr::OneOf(of, random.several(1, 3, |random| literal(random, of))),
        3 => {
            let kind = random.one(&[of.kind, Kind::Text, Kind::Exact]);
            Expr::SameText(of, equality(random), field_of(random, scope, kind))
        }
        _ => Expr::Part(of, random.one(&[Part::Start, Part::End, Part::Anywhere]), random.one(PARTS).to_owned()),
    }
}

/// A text that is made of others, and one that it may be.
fn of_words(random: &mut Random, scope: &[Whose]) -> Expr {
    let (of, other) = (field_of(random, scope, Kind::Text), field_of(random, scope, Kind::Text));
    let (one, two) = (random.one(TEXTS), random.one(TEXTS));
    let (words, text) = match random.below(12) {
        0 => (Words::Lower(of), one.to_owned()),
        1 => (Words::Title(of), one.to_owned()),
        2 => (Words::Compact(of), one.replace(' ', "")),
        3 | 11 => (Words::Truncated(of, 3), one.chars().take(3).collect()),
        4 => (Words::Number(field_of(random, scope, Kind::Number)), random.one(NUMBERS).to_owned()),
        5 => (Words::Plus(of, " x"), format!("{one} x")),
        6 => (Words::PlusField(of, other), format!("{one}{two}")),
        7 => (Words::First(of, other), one.to_owned()),
        8 => (Words::FirstOr(of, two.to_owned()), two.to_owned()),
        9 => (Words::Choice(Box::new(leaf(random, scope)), of, other), one.to_owned()),
        _ => (Words::Joined(of, other), one.to_owned()),
    };
    Expr::Words(words, equality(random), text)
}

/// A condition without conditions in it.
fn leaf(random: &mut Random, scope: &[Whose]) -> Expr {
    let contracts: Vec<Whose> = scope.iter().copied().filter(|whose| *whose != Whose::Person).collect();
    if random.chance(8) && !contracts.is_empty() {
        return Expr::Below(random.one(&contracts), random.one(CODES));
    }
    let of = field(random, scope);
    match random.below(100) {
        0..10 => return Expr::Has(of),
        10..20 => return of_words(random, scope),
        20 => return Expr::Constant(random.one(&["true", "false"])),
        _ => {}
    }
    match of.kind {
        Kind::Text | Kind::Exact => of_text(random, scope, of),
        Kind::Number => match random.below(3) {
            0 => Expr::Numbers(of, order(random), field_of(random, scope, Kind::Number)),
            1 => Expr::NumberOneOf(of, random.several(1, 3, |random| random.one(NUMBERS))),
            _ => Expr::Number(of, order(random), random.one(NUMBERS)),
        },
        Kind::Flag => match random.below(3) {
            0 if random.chance(50) => Expr::FlagIs(of, equality(random), random.one(&["true", "false"])),
            0 => Expr::SameFlag(of, equality(random), field_of(random, scope, Kind::Flag)),
            _ => Expr::Flag(of),
        },
        Kind::Day if random.chance(10) => Expr::DayOneOf(of, random.several(1, 2, date)),
        Kind::Day => Expr::Days(Day::Of(of), order(random), moment(random, scope)),
        Kind::Texts if random.chance(30) => Expr::MemberField(field_of(random, scope, Kind::Text), of),
        Kind::Numbers => Expr::Member(random.one(NUMBERS).to_owned(), of),
        Kind::ExactTexts | Kind::Texts => Expr::Member(random.one(TEXTS).to_owned(), of),
    }
}

fn quantified(random: &mut Random, outer: &[Whose], depth: usize) -> Expr {
    let mut scope = vec![Whose::Each, Whose::Each, Whose::Each, Whose::Each];
    scope.extend(outer);
    let quantifier = random.one(&[Quantifier::Exists, Quantifier::All, Quantifier::ExistsOne]);
    let within = combined(random, &scope, depth.min(1), Nesting::Plain);
    let count = Expr::Count(quantifier, Box::new(within));
    if random.chance(40) { Expr::Not(Box::new(count)) } else { count }
}

/// Whether quantifiers may stand in it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Nesting {
    Quantified,
    Plain,
}

fn combined(random: &mut Random, scope: &[Whose], depth: usize, nesting: Nesting) -> Expr {
    if nesting == Nesting::Quantified && random.chance(25) {
        return quantified(random, scope, depth);
    }
    if depth == 0 || random.chance(20) {
        return leaf(random, scope);
    }
    let mut inner = || Box::new(combined(random, scope, depth - 1, nesting));
    let (one, other, third) = (inner(), inner(), inner());
    match random.below(10) {
        0..3 => Expr::And(one, other),
        3..7 => Expr::Or(one, other),
        7 if random.chance(20) => Expr::Same(one, equality(random), other),
        7 | 8 => Expr::Not(one),
        _ => Expr::Choice(third, one, other),
    }
}

fn scope(per: Per) -> &'static [Whose] {
    match per {
        Per::Contract => &[Whose::Contract, Whose::Contract, Whose::Contract, Whose::Person, Whose::Primary],
        Per::Primary => &[Whose::Primary, Whose::Primary, Whose::Person, Whose::Contract],
        Per::Person => &[Whose::Person, Whose::Primary],
    }
}

fn condition(random: &mut Random, per: Per) -> Expr {
    let depth = random.below(4);
    combined(random, scope(per), depth, Nesting::Quantified)
}

fn per(random: &mut Random) -> Per {
    random.one(&[Per::Contract, Per::Contract, Per::Contract, Per::Primary, Per::Person])
}

fn window(random: &mut Random, per: Per, percent: usize) -> Window {
    match per {
        Per::Person => Window::default(),
        Per::Contract | Per::Primary => Window {
            before: random.maybe(percent, |random| random.days(30)),
            after: random.maybe(percent, |random| random.days(30)),
            ends: random.maybe(25, |random| random.one(&["last_day_of_work", "last_text"])),
        },
    }
}

fn status(random: &mut Random) -> Status {
    if random.chance(6) { Status::Draft } else { Status::Published }
}

fn permission(random: &mut Random) -> Gift {
    Gift::Permission { id: random.one(IDS).parse().unwrap(), class: random.maybe(30, |random| random.one(CLASSES)) }
}

fn dynamic(random: &mut Random, per: Per) -> Gift {
    let texts = |of: &Field| {
        matches!(of.kind, Kind::Text | Kind::Exact | Kind::Texts | Kind::ExactTexts) && !of.name.contains('.')
    };
    let of = loop {
        let found = field(random, scope(per));
        if texts(&found) {
            break found;
        }
    };
    let names: &[Name] = match per {
        Per::Contract => &[Name::Key, Name::DepartmentOrKey, Name::Department],
        Per::Primary | Per::Person => &[Name::Key],
    };
    Gift::Each {
        of,
        prefix: random.one(&["t:", "u:", "Dept:"]),
        name: random.one(names),
        making: random.one(&[Making::Create, Making::Expect]),
        class: random.maybe(20, |random| random.one(CLASSES)),
    }
}

fn gifts(random: &mut Random, per: Per) -> Vec<Gift> {
    match random.below(10) {
        0 => vec![Gift::Account],
        1 | 2 => vec![Gift::Access],
        3 | 4 => vec![dynamic(random, per)],
        5 => vec![Gift::Account, permission(random)],
        6 => vec![Gift::Access, dynamic(random, per)],
        _ => vec![permission(random)],
    }
}

fn rule(random: &mut Random, place: usize) -> Rule {
    let per = per(random);
    Rule {
        id: id("r", place),
        slot: slot(random),
        per,
        status: if place == 1 { Status::Published } else { status(random) },
        window: window(random, per, 50),
        when: random.maybe(85, |random| condition(random, per)),
        gives: gifts(random, per),
    }
}

fn id(letter: &str, place: usize) -> RuleId {
    format!("{letter}{place}").parse().unwrap()
}

fn slot(random: &mut Random) -> Slot {
    parse_slot(random.one(SLOTS)).unwrap()
}

/// Ids that rules give at a slot, however they come about.
fn ids(rules: &[Rule], slot: &Slot) -> Vec<PermissionId> {
    let gifts = rules.iter().filter(|rule| rule.slot == *slot).flat_map(|rule| &rule.gives);
    let ids = gifts.flat_map(|gift| match gift {
        Gift::Permission { id, .. } => vec![id.clone()],
        Gift::Each { prefix, .. } => {
            ["staff", "clerk", "caf\u{e9}"].map(|key| format!("{prefix}{key}").parse().unwrap()).to_vec()
        }
        Gift::Account | Gift::Access => Vec::new(),
    });
    ids.collect()
}

fn withheld(random: &mut Random, rules: &[Rule], slot: &Slot) -> Withheld {
    let ids = ids(rules, slot);
    match random.below(8) {
        0 => Withheld::Account,
        1 | 2 => Withheld::Access,
        3..6 if !ids.is_empty() => Withheld::Permission(random.one(&ids)),
        _ => Withheld::Rule(random.one(rules).id),
    }
}

/// Something is withheld where rules give something.
fn exclusion(random: &mut Random, place: usize, rules: &[Rule]) -> Exclusion {
    let (per, slot) = (per(random), random.one(rules).slot);
    let withholds = random.several(1, 2, |random| withheld(random, rules, &slot));
    Exclusion {
        id: id("x", place),
        slot,
        per,
        status: status(random),
        window: window(random, per, 15),
        when: random.maybe(95, |random| condition(random, per)),
        withholds,
    }
}

fn exception(random: &mut Random, place: usize) -> Exception {
    let until = date(random);
    Exception {
        id: id("e", place),
        slot: slot(random),
        person: format!("hr:{}", random.below(20)).parse().unwrap(),
        from: random.maybe(60, |random| date(random).min(until)),
        until,
        gives: vec![match random.below(5) {
            0 => Gift::Account,
            1 => Gift::Access,
            _ => permission(random),
        }],
    }
}

/// A number that orders contracts.
pub(super) const WEIGHT: &str = "weight";

fn keys(random: &mut Random) -> Vec<Key> {
    let every =
        [Key::InForce, Key::Highest(WEIGHT), Key::Lowest(WEIGHT), Key::EarliestStart, Key::LatestStart, Key::LatestEnd];
    random.several(1, 3, |random| random.one(&every))
}

pub(super) fn rules(random: &mut Random) -> Document {
    let mut place = 0;
    let rules = random.several(2, 5, |random| {
        place += 1;
        rule(random, place)
    });
    let exclusions = (0..random.below(4)).map(|place| exclusion(random, place, &rules)).collect();
    let exceptions = (0..random.below(9)).map(|place| exception(random, place)).collect();
    Document { primary: random.maybe(50, keys), rules, exclusions, exceptions }
}
