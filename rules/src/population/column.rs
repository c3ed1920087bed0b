//! One thing that many parts of conditions look at: values that no part tells apart are one class.

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
    /// Each part once, and the lines in which it stands.
    parts: Vec<(Formula, Bits)>,
    known: BTreeMap<String, usize>,
    seen: HashMap<Seen, u32>,
    lacking: Option<u32>,
    /// By what the parts say.
    classes: HashMap<Vec<Truth>, u32>,
    rows: Vec<Row>,
}

/// A value as parts tell it apart.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Seen {
    Text(Box<str>),
    Other(String),
}

impl Column {
    pub(super) fn new(field: &Field, sight: &Sight) -> Self {
        Self {
            field: field.clone(),
            is_department: matches!(sight, Sight::Department(_)),
            parts: Vec::new(),
            known: BTreeMap::new(),
            seen: HashMap::new(),
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
        let Some(seen) = self.key(facts) else {
            if let Some(class) = self.lacking {
                return class;
            }
            let class = self.classify(facts);
            self.lacking = Some(class);
            return class;
        };
        if let Some(class) = self.seen.get(&seen) {
            return *class;
        }
        let class = self.classify(facts);
        self.seen.insert(seen, class);
        class
    }

    /// What is told here; nothing where it is lacking, for whatever reason.
    fn key(&self, facts: &Facts<'_, '_>) -> Option<Seen> {
        if self.is_department {
            // The code, and whose code it is, stand for all that is known of a department.
            let contract = match &self.field.path {
                Path::Contract(whose, _) | Path::Department(whose, _) => facts.contract_of(*whose)?,
                Path::Person(_) | Path::Term(..) | Path::Account(..) => return None,
            };
            return Some(Seen::Other(format!("{}\0{}", contract.source, contract.field("department")?)));
        }
        Some(match facts.told(&self.field).ok()? {
            Datum::Text(text) if self.field.holds.kind == Kind::Exact => Seen::Text(text.as_ref().into()),
            Datum::Text(text) => Seen::Text(folded(&text).as_ref().into()),
            other @ (Datum::Number(_) | Datum::Bool(_) | Datum::Date(_) | Datum::List(_)) => {
                Seen::Other(format!("{other:?}"))
            }
        })
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
