//! What else evaluates rules written as texts: a tree of expressions, and an interpreter for each rule.
//!
//! Both start at people and read from the records what rules ask about. What they are slow at is done for them: the
//! days of rules are looked at here, texts are cut where rules ask how they begin, and whether any contract fulfils
//! something is put together from what each contract fulfils.

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::sync::Arc;

use a_tree::{ATree, AttributeDefinition, Event};
use cel::common::types::{CelBool, CelInt, CelList, CelString};
use cel::common::value::{CowVal, Val};
use cel::context::VariableResolver;
use cel::{Context, Env, Program};
use chrono::{Days, NaiveDate};
use provisioning_core::source::{Contract, Person};
use provisioning_core::{Decimal, Value};

use crate::made::{FIELDS, value};
use crate::shape::{Shape, When};

/// More hours than a week has are as good as these.
const HOURS: i64 = 168;
/// What stands for hours that are missing.
const NO_HOURS: i64 = -1;

/// Of which contract a condition speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Of {
    This,
    Any,
}

/// The condition of a rule without its quantifier.
fn quantified(when: &When) -> (Of, &When) {
    if let When::Exists(inner) = when { (Of::Any, inner) } else { (Of::This, when) }
}

/// A quantifier that is not the whole of a condition.
fn nested() -> Box<dyn Error> {
    "contracts.exists is not the whole of a condition".into()
}

/// The different days of rules.
struct Windows {
    /// For each: on which day it begins at the latest, and after which one it ends.
    edges: Vec<(NaiveDate, NaiveDate)>,
    /// Which of them each rule has.
    of_rule: Vec<u32>,
}

impl Windows {
    fn of(shapes: &[Shape], today: NaiveDate) -> Result<Self, Box<dyn Error>> {
        let (mut places, mut edges, mut of_rule) = (BTreeMap::new(), Vec::new(), Vec::new());
        for shape in shapes {
            let (before, after) = shape.window;
            let next = u32::try_from(places.len())?;
            let place = *places.entry(shape.window).or_insert(next);
            if place == next {
                edges.push((today + Days::new(before.into()), today - Days::new(after.into())));
            }
            of_rule.push(place);
        }
        if edges.len() > 64 { Err("more than 64 windows".into()) } else { Ok(Self { edges, of_rule }) }
    }

    /// A bit for each that is open.
    fn open(&self, contract: &Contract<'_>) -> u64 {
        let (start, end) = (contract.period.start(), contract.period.end());
        let bits =
            self.edges.iter().enumerate().map(|(place, (latest, over))| {
                u64::from(start <= *latest && end.is_none_or(|end| end > *over)) << place
            });
        bits.sum()
    }
}

/// Whether the bit of a window is there.
fn is_open(open: u64, window: u32) -> bool {
    open >> window & 1 == 1
}

/// What reads the fields of a contract.
struct Reader {
    /// In order of name, as the fields of contracts are.
    names: Vec<(String, usize)>,
    hours: Vec<Decimal>,
    /// The beginnings that rules ask about: of which field, and how long they are.
    starts: Vec<(usize, usize)>,
}

/// What a contract has.
struct Read<'a> {
    /// The fields and the beginnings of fields, empty where they are missing.
    texts: Vec<&'a str>,
    hours: i64,
}

impl Reader {
    fn new() -> Self {
        let texts = (0..FIELDS).map(|field| (format!("f{field}"), field));
        let mut names: Vec<(String, usize)> = texts.chain([("hours".to_owned(), FIELDS)]).collect();
        names.sort();
        Self { names, hours: (0..=HOURS).map(Decimal::from).collect(), starts: Vec::new() }
    }

    /// Where the beginning of a field stands among the texts.
    fn start(&mut self, field: usize, start: &str) -> usize {
        let start = (field, start.len());
        let place = self.starts.iter().position(|own| *own == start).unwrap_or(self.starts.len());
        if place == self.starts.len() {
            self.starts.push(start);
        }
        FIELDS + place
    }

    fn read<'a>(&self, contract: &Contract<'a>) -> Read<'a> {
        let mut texts = Vec::with_capacity(FIELDS + self.starts.len());
        texts.resize(FIELDS, "");
        let mut read = Read { texts, hours: NO_HOURS };
        let mut fields = contract.record.fields.iter().peekable();
        for (name, place) in &self.names {
            while let Some((own, value)) = fields.next_if(|(own, _)| own.as_str() <= name.as_str()) {
                if own.as_str() == name {
                    self.put(&mut read, *place, value);
                }
            }
        }
        for (field, length) in &self.starts {
            let start = read.texts.get(*field).and_then(|text| text.get(..*length)).unwrap_or_default();
            read.texts.push(start);
        }
        read
    }

    fn put<'a>(&self, read: &mut Read<'a>, place: usize, value: &'a Value) {
        match (value, read.texts.get_mut(place)) {
            (Value::Number(number), None) => {
                let reached = self.hours.partition_point(|hours| hours <= number);
                read.hours = i64::try_from(reached).map_or(NO_HOURS, |reached| reached - 1);
            }
            (value, Some(text)) => *text = value.as_text().unwrap_or_default(),
            (_, None) => {}
        }
    }
}

/// A tree of the conditions of all rules.
///
/// A condition is put in as a conjunction for each of its alternatives: a disjunction is worked on for every contract.
pub(crate) struct Tree {
    expressions: ATree<Leaf>,
    reader: Reader,
    windows: Windows,
    /// The texts that rules ask about, by their place among those that are read.
    names: Vec<(usize, String)>,
}

/// What a conjunction is for.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Leaf {
    place: u32,
    window: u32,
    of: Of,
}

impl Tree {
    pub(crate) fn of(shapes: &[Shape], today: NaiveDate) -> Result<Self, Box<dyn Error>> {
        let (windows, mut reader) = (Windows::of(shapes, today)?, Reader::new());
        let (mut conjunctions, mut asked) = (Vec::new(), BTreeSet::new());
        for ((place, shape), window) in (0_u32..).zip(shapes).zip(&windows.of_rule) {
            let (of, when) = quantified(&shape.when);
            for parts in alternatives(when, &mut reader, &mut asked)? {
                let text = if parts.is_empty() { "always".to_owned() } else { parts.join(" and ") };
                conjunctions.push((Leaf { place, window: *window, of }, text));
            }
        }
        let names: Vec<(usize, String)> = asked.into_iter().map(|place| (place, format!("f{place}"))).collect();
        let texts = names.iter().map(|(_, name)| AttributeDefinition::string(name));
        let others = [AttributeDefinition::integer("hours"), AttributeDefinition::boolean("always")];
        let attributes: Vec<AttributeDefinition> = texts.chain(others).collect();
        let mut expressions = ATree::new(&attributes).map_err(|error| error.to_string())?;
        for (leaf, text) in &conjunctions {
            expressions.insert(leaf, text).map_err(|error| format!("{text}: {error}"))?;
        }
        Ok(Self { expressions, reader, windows, names })
    }

    /// The places of the rules that hold, contract after contract.
    pub(crate) fn all<'a>(&self, people: impl Iterator<Item = Person<'a>>) -> Result<Vec<u32>, Box<dyn Error>> {
        let (mut holding, mut seen, mut round) = (Vec::new(), vec![0_u32; self.windows.of_rule.len()], 0);
        let (mut places, mut ends, mut any) = (Vec::new(), Vec::new(), Vec::new());
        for person in people {
            places.clear();
            ends.clear();
            any.clear();
            for contract in &person.contracts {
                round += 1;
                let open = self.windows.open(contract);
                let event = self.event(contract)?;
                let report = self.expressions.search(&event).map_err(|error| error.to_string())?;
                for leaf in report.matches() {
                    match (leaf.of, seen.get_mut(leaf.place as usize)) {
                        (Of::This, Some(seen)) if is_open(open, leaf.window) && *seen != round => {
                            *seen = round;
                            places.push(leaf.place);
                        }
                        (Of::Any, _) => any.push((leaf.place, leaf.window)),
                        (Of::This, _) => {}
                    }
                }
                ends.push((open, places.len()));
            }
            any.sort_unstable();
            any.dedup();
            let mut begin = 0;
            for (open, end) in &ends {
                holding.extend(places.get(begin..*end).unwrap_or_default());
                holding.extend(any.iter().filter(|(_, window)| is_open(*open, *window)).map(|(place, _)| place));
                begin = *end;
            }
        }
        Ok(holding)
    }

    fn event(&self, contract: &Contract<'_>) -> Result<Event, Box<dyn Error>> {
        let (read, mut event) = (self.reader.read(contract), self.expressions.make_event());
        for (place, name) in &self.names {
            match read.texts.get(*place) {
                None | Some(&"") => {}
                Some(text) => event.with_string(name, text)?,
            }
        }
        if read.hours != NO_HOURS {
            event.with_integer("hours", read.hours)?;
        }
        event.with_boolean("always", true)?;
        Ok(event.build()?)
    }
}

/// A condition as alternatives, each of which has parts; and which texts it asks about.
fn alternatives(
    when: &When,
    reader: &mut Reader,
    asked: &mut BTreeSet<usize>,
) -> Result<Vec<Vec<String>>, Box<dyn Error>> {
    let mut one = |of: usize, test: &str| {
        asked.insert(of);
        vec![format!("f{of} {test}")]
    };
    Ok(match when {
        When::Always => vec![Vec::new()],
        When::Is(field, is) => vec![one(*field, &format!("= \"{}\"", value(*field, *is)))],
        When::OneOf(field, values) => {
            values.iter().map(|is| one(*field, &format!("= \"{}\"", value(*field, *is)))).collect()
        }
        When::Starts(field, start) => vec![one(reader.start(*field, start), &format!("= \"{start}\""))],
        When::Has(field) => vec![one(*field, "is not null")],
        When::AtLeast(hours) => vec![vec![format!("hours >= {hours}")]],
        When::IsNot(field, is) => vec![one(*field, &format!("<> \"{}\"", value(*field, *is)))],
        When::All(parts) => {
            let mut all = vec![Vec::new()];
            for part in parts {
                let more = alternatives(part, reader, asked)?;
                all = all.iter().flat_map(|some| more.iter().map(|more| [some.as_slice(), more].concat())).collect();
            }
            all
        }
        When::Any(parts) => {
            let mut any = Vec::new();
            for part in parts {
                any.extend(alternatives(part, reader, asked)?);
            }
            any
        }
        When::Exists(..) => return Err(nested()),
    })
}

/// A program for each rule.
pub(crate) struct Programs {
    compiled: Vec<(Program, Of)>,
    /// The lists that programs look into, made once.
    lists: Vec<CelList<'static>>,
    env: Arc<Env>,
    reader: Reader,
    windows: Windows,
}

/// What programs look at: `f` for texts, `l` for lists, and the hours.
struct Known<'a> {
    texts: Vec<CelString<'a>>,
    hours: CelInt,
    lists: &'a [CelList<'static>],
}

impl VariableResolver for Known<'_> {
    fn resolve<'b>(&'b self, name: &str) -> Option<CowVal<'b, 'b>> {
        let place = |digits: &str| digits.parse::<usize>().ok();
        if let Some(digits) = name.strip_prefix('f') {
            self.texts.get(place(digits)?).map(|text| CowVal::Borrowed(text))
        } else if let Some(digits) = name.strip_prefix('l') {
            self.lists.get(place(digits)?).map(|list| CowVal::Borrowed(list))
        } else {
            Some(CowVal::Borrowed(&self.hours))
        }
    }
}

impl Programs {
    pub(crate) fn of(shapes: &[Shape], today: NaiveDate) -> Result<Self, Box<dyn Error>> {
        let (env, mut reader) = (Arc::new(Env::stdlib()), Reader::new());
        let (mut compiled, mut lists) = (Vec::new(), Vec::new());
        for shape in shapes {
            let (of, when) = quantified(&shape.when);
            compiled.push((env.compile(&written(when, &mut reader, &mut lists)?)?, of));
        }
        Ok(Self { compiled, lists, env, reader, windows: Windows::of(shapes, today)? })
    }

    /// The places of the rules that hold, contract after contract.
    pub(crate) fn all<'a>(&self, people: impl Iterator<Item = Person<'a>>) -> Result<Vec<u32>, Box<dyn Error>> {
        let mut holding = Vec::new();
        for person in people {
            let known: Vec<Known<'_>> = person.contracts.iter().map(|contract| self.known(contract)).collect();
            let mut contexts = Vec::new();
            for known in &known {
                let mut context = Context::with_env(Arc::clone(&self.env));
                context.set_variable_resolver(known);
                contexts.push(context);
            }
            let mut of_any = vec![None; self.compiled.len()];
            for (contract, context) in person.contracts.iter().zip(&contexts) {
                let open = self.windows.open(contract);
                let rules = self.compiled.iter().zip(&self.windows.of_rule).zip(&mut of_any);
                let rules = (0_u32..).zip(rules).filter(|(_, ((_, window), _))| is_open(open, **window));
                for (place, (((program, of), _), of_any)) in rules {
                    let holds = match (of, *of_any) {
                        (Of::This, _) => holds(program, context)?,
                        (Of::Any, Some(holds)) => holds,
                        (Of::Any, None) => *of_any.insert(holds_of_any(program, &contexts)?),
                    };
                    if holds {
                        holding.push(place);
                    }
                }
            }
        }
        Ok(holding)
    }

    fn known<'a>(&'a self, contract: &Contract<'a>) -> Known<'a> {
        let Read { texts, hours } = self.reader.read(contract);
        Known { texts: texts.into_iter().map(CelString::from).collect(), hours: hours.into(), lists: &self.lists }
    }
}

fn holds_of_any(program: &Program, contexts: &[Context<'_, '_>]) -> Result<bool, Box<dyn Error>> {
    contexts.iter().try_fold(false, |held, context| Ok(held || holds(program, context)?))
}

fn holds(program: &Program, context: &Context<'_, '_>) -> Result<bool, Box<dyn Error>> {
    let holds = cel::Value::resolve_val(program.expression(), context)?;
    holds.downcast_ref::<CelBool>().map(|holds| *holds.inner()).ok_or_else(|| "neither true nor false".into())
}

/// A condition as a program; a missing text is an empty one there.
fn written(when: &When, reader: &mut Reader, lists: &mut Vec<CelList<'static>>) -> Result<String, Box<dyn Error>> {
    let mut each = |parts: &[When], between: &str| -> Result<String, Box<dyn Error>> {
        let parts = parts.iter().map(|part| written(part, reader, lists)).collect::<Result<Vec<_>, _>>()?;
        Ok(format!("({})", parts.join(between)))
    };
    Ok(match when {
        When::Always => "true".to_owned(),
        When::Is(field, is) => format!("f{field} == \"{}\"", value(*field, *is)),
        When::OneOf(field, values) => {
            let texts = values.iter().map(|is| Box::new(CelString::from(value(*field, *is))) as Box<dyn Val>);
            lists.push(CelList::from(texts.collect::<Vec<_>>()));
            format!("f{field} in l{}", lists.len() - 1)
        }
        When::Starts(field, start) => format!("f{} == \"{start}\"", reader.start(*field, start)),
        When::Has(field) => format!("f{field} != \"\""),
        When::AtLeast(hours) => format!("hours >= {hours}"),
        When::IsNot(field, is) => format!("(f{field} != \"\" && f{field} != \"{}\")", value(*field, *is)),
        When::All(parts) => each(parts, " && ")?,
        When::Any(parts) => each(parts, " || ")?,
        When::Exists(..) => return Err(nested()),
    })
}
