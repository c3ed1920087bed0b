//! One thing that many parts of conditions look at: values that no part tells apart are one class.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};

use crate::fold::folded;
use crate::language::datum::Datum;
use crate::language::evaluate::{Facts, Truth};
use crate::language::term::{Field, Formula, Path};
use crate::population::bits::{Bits, Row};
use crate::population::lines::Sight;
use crate::schema::Kind;

/// What is looked at, the parts that look at it, and the classes of what was seen.
#[derive(Debug, Clone)]
pub(super) struct Column {
    /// The field that is looked at, or that names the department.
    field: Field,
    is_department: bool,
    is_exact: bool,
    /// Each part once, and the lines in which it stands.
    parts: Vec<(Formula, Bits)>,
    known: BTreeMap<String, usize>,
    texts: HashMap<Box<str>, u32>,
    others: HashMap<Datum<'static>, u32>,
    lacking: Option<u32>,
    /// By what the parts say.
    classes: HashMap<Vec<Truth>, u32>,
    rows: Vec<Row>,
}

impl Column {
    pub(super) fn new(field: &Field, sight: &Sight) -> Self {
        Self {
            field: field.clone(),
            is_department: matches!(sight, Sight::Department(_)),
            is_exact: matches!(sight, Sight::Spelling(_) | Sight::Department(_)),
            parts: Vec::new(),
            known: BTreeMap::new(),
            texts: HashMap::new(),
            others: HashMap::new(),
            lacking: None,
            classes: HashMap::new(),
            rows: Vec::new(),
        }
    }

    /// Adds a part of a line.
    pub(super) fn add(&mut self, part: &Formula, line: usize, lines: usize) {
        let place = *self.known.entry(format!("{part:?}")).or_insert_with(|| {
            self.parts.push((part.clone(), Bits::none(lines)));
            self.parts.len() - 1
        });
        if let Some((_, bits)) = self.parts.get_mut(place) {
            bits.set(line);
        }
    }

    /// The class of what is told here.
    pub(super) fn class(&mut self, facts: &Facts<'_, '_>) -> u32 {
        let told = if self.is_department { self.department(facts) } else { facts.told(&self.field).ok() };
        match &told {
            None => {
                let class = self.lacking.unwrap_or_else(|| self.classify(facts));
                self.lacking = Some(class);
                class
            }
            Some(Datum::Text(text)) => {
                let is_exact = self.is_exact || self.field.holds.kind == Kind::Exact;
                let text = if is_exact { Cow::Borrowed(text.as_ref()) } else { folded(text) };
                if let Some(class) = self.texts.get(text.as_ref()) {
                    return *class;
                }
                let class = self.classify(facts);
                self.texts.insert(text.as_ref().into(), class);
                class
            }
            Some(other @ (Datum::Number(_) | Datum::Bool(_) | Datum::Date(_) | Datum::List(_))) => {
                if let Some(class) = self.others.get(other) {
                    return *class;
                }
                let class = self.classify(facts);
                self.others.insert(owned(other), class);
                class
            }
        }
    }

    /// The code of a department, and whose code it is: these stand for all that is known of it.
    fn department<'v>(&self, facts: &Facts<'v, '_>) -> Option<Datum<'v>> {
        let contract = match &self.field.path {
            Path::Contract(whose, _) | Path::Department(whose, _) => facts.contract_of(*whose)?,
            Path::Person(_) | Path::Term(..) | Path::Manager(..) | Path::Account(..) => return None,
        };
        let code = format!("{}\0{}", contract.source, contract.field("department")?);
        Some(Datum::Text(Cow::Owned(code)))
    }

    fn classify(&mut self, facts: &Facts<'_, '_>) -> u32 {
        let truths: Vec<Truth> = self.parts.iter().map(|(part, _)| part.truth(facts)).collect();
        if let Some(class) = self.classes.get(&truths) {
            return *class;
        }
        let lines = self.parts.first().map_or(0, |(_, bits)| bits.len());
        let mut row = Row::all(lines);
        for ((_, bits), truth) in self.parts.iter().zip(&truths) {
            row.limit(bits, *truth);
        }
        let class = u32::try_from(self.rows.len()).unwrap_or(u32::MAX);
        self.rows.push(row);
        self.classes.insert(truths, class);
        class
    }

    pub(super) fn row(&self, class: u32) -> Option<&Row> {
        self.rows.get(usize::try_from(class).ok()?)
    }
}

fn owned(datum: &Datum<'_>) -> Datum<'static> {
    match datum {
        Datum::Text(text) => Datum::Text(Cow::Owned(text.as_ref().to_owned())),
        Datum::Number(number) => Datum::Number(*number),
        Datum::Bool(yes) => Datum::Bool(*yes),
        Datum::Date(day) => Datum::Date(*day),
        Datum::List(list) => Datum::List(list.iter().map(owned).collect()),
    }
}
