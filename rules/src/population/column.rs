//! One thing that many parts of conditions look at: values that no part tells apart are one class.

use std::collections::{BTreeMap, HashMap};

use foldhash::fast::RandomState;
use provisioning_core::source::Contract;
use provisioning_core::{FieldName, SourceId, Value};

use crate::language::evaluate::{Facts, Truth};
use crate::language::term::{Field, Formula, Path, Whose};
use crate::population::bits::{Bits, Row};
use crate::population::lines::Sight;

/// What is looked at, the parts that look at it, and the classes of what was seen.
#[derive(Debug, Clone)]
pub(super) struct Column {
    /// The field that is looked at, or that names the department.
    field: Field,
    looks_at: LooksAt,
    /// Each part once, and the lines in which it stands.
    parts: Vec<(Formula, Bits)>,
    known: BTreeMap<String, usize>,
    values: HashMap<Value, u32, RandomState>,
    departments: HashMap<(SourceId, Value), u32, RandomState>,
    absent: Option<u32>,
    /// By what the parts say.
    classes: HashMap<Vec<Truth>, u32, RandomState>,
    rows: Vec<Row>,
}

/// What its parts can tell apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum LooksAt {
    Values,
    /// Whose code it is: with the code it stands for all that is known of a department.
    Departments,
    /// What no source gives as it is.
    Others,
}

impl Column {
    pub(super) fn new(field: &Field, sight: &Sight) -> Self {
        let looks_at = match (sight, &field.path) {
            (Sight::Department(_), _) => LooksAt::Departments,
            (
                Sight::Field(_) | Sight::Several,
                Path::Term(..) | Path::Department(..) | Path::Manager(..) | Path::Account(..),
            ) => LooksAt::Others,
            (Sight::Field(_) | Sight::Several, Path::Person(_) | Path::Contract(..)) => LooksAt::Values,
        };
        Self {
            field: field.clone(),
            looks_at,
            parts: Vec::new(),
            known: BTreeMap::new(),
            values: HashMap::default(),
            departments: HashMap::default(),
            absent: None,
            classes: HashMap::default(),
            rows: Vec::new(),
        }
    }

    /// Looks at every department anew.
    pub(super) fn forget_departments(&mut self) {
        if self.looks_at == LooksAt::Departments {
            self.looks_at = LooksAt::Others;
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

    /// The field of the contract in question that it looks at, where it is that alone.
    pub(super) fn own(&self) -> Option<&FieldName> {
        match &self.field.path {
            Path::Contract(Whose::Own | Whose::Bound, name) if self.looks_at == LooksAt::Values => Some(name),
            Path::Contract(..)
            | Path::Person(_)
            | Path::Term(..)
            | Path::Department(..)
            | Path::Manager(..)
            | Path::Account(..) => None,
        }
    }

    /// The class of what is told here.
    pub(super) fn class(&mut self, facts: &Facts<'_, '_>) -> u32 {
        match self.looks_at {
            LooksAt::Others => self.classify(facts),
            LooksAt::Values => self.class_of(facts.given(&self.field), facts),
            LooksAt::Departments => self.department(facts),
        }
    }

    /// The class of this value.
    pub(super) fn class_of(&mut self, value: Option<&Value>, facts: &Facts<'_, '_>) -> u32 {
        let Some(value) = value else { return self.of_absent(facts) };
        if let Some(class) = self.values.get(value) {
            return *class;
        }
        let class = self.classify(facts);
        self.values.insert(value.clone(), class);
        class
    }

    fn of_absent(&mut self, facts: &Facts<'_, '_>) -> u32 {
        let class = self.absent.unwrap_or_else(|| self.classify(facts));
        self.absent = Some(class);
        class
    }

    fn department(&mut self, facts: &Facts<'_, '_>) -> u32 {
        let code = self.contract(facts).and_then(|contract| Some((contract, contract.field("department")?)));
        let Some((contract, code)) = code else { return self.of_absent(facts) };
        let key = (contract.source.clone(), code.clone());
        if let Some(class) = self.departments.get(&key) {
            return *class;
        }
        let class = self.classify(facts);
        self.departments.insert(key, class);
        class
    }

    fn contract<'v, 'a>(&self, facts: &Facts<'v, 'a>) -> Option<&'v Contract<'a>> {
        match &self.field.path {
            Path::Contract(whose, _) | Path::Department(whose, _) => facts.contract_of(*whose),
            Path::Person(_) | Path::Term(..) | Path::Manager(..) | Path::Account(..) => None,
        }
    }

    fn classify(&mut self, facts: &Facts<'_, '_>) -> u32 {
        let truths: Vec<Truth> = self.parts.iter().map(|(part, _)| part.truth(facts)).collect();
        if let Some(class) = self.classes.get(&truths) {
            return *class;
        }
        let mut row = self.parts.first().map_or_else(|| Row::all(0), |(_, bits)| Row::all(bits.of()));
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
