//! Rules of thirteen shapes, as what both sides understand.

use crate::made::{FIELDS, Random, value};

/// A rule.
#[derive(Debug, Clone)]
pub(crate) struct Shape {
    pub(crate) when: When,
    /// Days before and after; without, it holds of a contract whatever the day.
    pub(crate) window: (u32, u32),
}

/// A condition.
#[derive(Debug, Clone)]
pub(crate) enum When {
    Always,
    Is(usize, u32),
    OneOf(usize, Vec<u32>),
    Starts(usize, String),
    Has(usize),
    AtLeast(u32),
    IsNot(usize, u32),
    All(Vec<When>),
    Any(Vec<When>),
    /// Of any contract of the person.
    Exists(Box<When>),
}

/// So many rules, always the same ones.
pub(crate) fn shapes(count: usize) -> Vec<Shape> {
    let mut random = Random::of(77);
    (0..count).map(|place| shape(place, &mut random)).collect()
}

fn shape(place: usize, random: &mut Random) -> Shape {
    use When::{All, Always, Any, AtLeast, Exists, Has, Is, IsNot, OneOf, Starts};
    let is = |field: usize, random: &mut Random| Is(field, random.value_of(field));
    let when = match place % 13 {
        0 => is(0, random),
        1 => is(1, random),
        2 => All(vec![is(0, random), is(1, random)]),
        3 => OneOf(2, (0..4).map(|_| random.value_of(2)).collect()),
        4 => All(vec![is(5, random), AtLeast(8 + random.below(28))]),
        5 => Starts(1, format!("f1-{}", 10 + random.below(90))),
        6 => All(vec![is(12, random), IsNot(7, random.value_of(7))]),
        7 => Any(vec![is(0, random), is(3, random)]),
        8 => Exists(Box::new(All(vec![is(0, random), is(8, random)]))),
        9 => All(vec![Has(9), OneOf(0, (0..3).map(|_| random.value_of(0)).collect())]),
        10 => All(vec![is(8, random), Any(vec![is(10, random), is(11, random)])]),
        11 => All(vec![is(12, random), is(13, random), AtLeast(20)]),
        _ if place % 26 == 12 => is(4, random),
        _ => {
            if place % 130 == 25 {
                Always
            } else {
                All(vec![is(14, random), is(2, random)])
            }
        }
    };
    let window = if random.below(100) < 85 { (random.below(3) * 7, random.below(3) * 10) } else { (3650, 3650) };
    Shape { when, window }
}

/// The rules as a file.
pub(crate) fn text(shapes: &[Shape]) -> String {
    let field = |field| format!("contract.f{field} = \"text\"\n");
    let rule = |(place, Shape { when, window: (before, after) }): (usize, &Shape)| {
        format!(
            "[[rule]]\nid = \"r{place}\"\ngives = [{{ permission = \"p{place}\" }}]\n\
             days_before = {before}\ndays_after = {after}\nwhen = '{}'\n",
            written(when, "contract")
        )
    };
    let fields: Vec<String> = (0..FIELDS).map(field).collect();
    let rules: Vec<String> = shapes.iter().enumerate().map(rule).collect();
    format!("target = \"entra\"\n[fields]\n{}{}", fields.concat(), rules.concat())
}

fn written(when: &When, of: &str) -> String {
    let each = |parts: &[When], between: &str| {
        let parts: Vec<String> = parts.iter().map(|part| written(part, of)).collect();
        format!("({})", parts.join(between))
    };
    match when {
        When::Always => "true".to_owned(),
        When::Is(field, is) => format!("{of}.f{field} == \"{}\"", value(*field, *is)),
        When::OneOf(field, values) => {
            let values: Vec<String> = values.iter().map(|is| format!("\"{}\"", value(*field, *is))).collect();
            format!("{of}.f{field} in [{}]", values.join(", "))
        }
        When::Starts(field, start) => format!("{of}.f{field}.startsWith(\"{start}\")"),
        When::Has(field) => format!("has({of}.f{field})"),
        When::AtLeast(hours) => format!("{of}.hours >= {hours}"),
        When::IsNot(field, is) => format!("{of}.f{field} != \"{}\"", value(*field, *is)),
        When::All(parts) => each(parts, " && "),
        When::Any(parts) => each(parts, " || "),
        When::Exists(inner) => format!("contracts.exists(c, {})", written(inner, "c")),
    }
}
