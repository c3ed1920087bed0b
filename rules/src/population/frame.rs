//! Rules as rows of bits: what is seen of a contract gives it a few classes, and the rows of these say which lines hold.

use std::collections::{BTreeMap, HashMap};
use std::ops::Range;

use foldhash::fast::RandomState;
use provisioning_core::FieldName;

use crate::clause::{Clause, Per};
use crate::language::evaluate::Truth;
use crate::language::term::{Field, Formula, Quantifier};
use crate::population::bits::{Bits, LINES, Row};
use crate::population::column::Column;
use crate::population::group::Group;
use crate::population::layout::{Layout, Placed};
use crate::population::lines::{Sight, is_of_contract, lines, lines_of_each, looks_at_today, sight};
use crate::rule::Rule;
use crate::window::Window;

/// What it takes to tell which rules hold of what is seen.
#[derive(Debug, Clone)]
pub(super) struct Frame {
    pub(super) layout: Layout,
    pub(super) columns: Vec<Column>,
    /// The columns that look at a field of the contract in question alone, in order of its name.
    pub(super) own: Vec<(FieldName, usize)>,
    /// The other ones.
    pub(super) others: Vec<usize>,
    /// Every other way to widen a contract's days, and the lines that do it so.
    pub(super) windows: Vec<(Window, Bits)>,
    pub(super) days: HashMap<Box<[u32]>, u32, RandomState>,
    pub(super) rows_of_days: Vec<Row>,
    /// Of a contract, of the one that speaks for the person, of a person as a whole.
    pub(super) rows_of_kinds: [Row; 3],
    /// Parts that are asked of each contract that nothing else excludes.
    pub(super) several: Vec<Several>,
    /// By line, which of them it has.
    pub(super) open: Vec<Vec<usize>>,
    /// The blocks of which it has to be known what the groups leave: those with such lines, and the questions.
    pub(super) kept: Vec<usize>,
    pub(super) groups: Vec<Group>,
    /// What those parts said.
    pub(super) rest: Group,
    pub(super) asks_persons: bool,
}

/// A part that looks at several things.
#[derive(Debug, Clone)]
pub(super) struct Several {
    pub(super) part: Formula,
    pub(super) lines: Bits,
    pub(super) looks_at_today: bool,
    /// Whether it says the same of each contract.
    pub(super) is_of_person: bool,
    /// What is asked of each contract, and what follows from that.
    pub(super) question: Option<Question>,
}

/// What is asked of each contract of a person.
#[derive(Debug, Clone)]
pub(super) struct Question {
    pub(super) quantifier: Quantifier,
    pub(super) lines: Range<usize>,
}

impl Frame {
    /// `shares` says of how many each rule holds, as far as is known.
    pub(super) fn of(rules: &[&Rule], shares: &[u64]) -> Self {
        let spread: Vec<Vec<Vec<Formula>>> = rules.iter().map(|rule| lines(&rule.clause.when)).collect();
        let questions = questions(spread.iter().flatten().flatten());
        let is_asked_last = |rule: usize| {
            let mut parts = spread.get(rule).into_iter().flatten().flatten();
            parts.any(|part| sight(part) == Sight::Several)
        };
        let (mut layout, of_rules) = Layout::of(&spread, shares, is_asked_last);
        let asked: Vec<Range<usize>> = questions.iter().map(|(_, _, lines)| layout.question(lines.len())).collect();
        let mut frame = Self::empty(layout);
        let mut columns = BTreeMap::new();
        // In the order of the file, so that a column has its place whatever the layout.
        let of_questions = questions.iter().flat_map(|(_, _, lines)| lines);
        for part in spread.iter().flatten().chain(of_questions.clone()).flatten() {
            frame.column(part, &mut columns);
        }
        for Placed { line, rule, which } in of_rules {
            let parts = spread.get(rule).and_then(|lines| lines.get(which));
            frame.add(parts.into_iter().flatten(), line, &mut columns);
            if let Some(rule) = rules.get(rule) {
                frame.ask(&rule.clause, line);
            }
        }
        for (line, parts) in asked.iter().cloned().flatten().zip(of_questions) {
            frame.add(parts.iter(), line, &mut columns);
        }
        for ((part, quantifier, _), lines) in questions.iter().zip(asked) {
            if let Some(several) = frame.several.iter_mut().find(|several| several.part == **part) {
                several.question = Some(Question { quantifier: *quantifier, lines });
            }
        }
        frame.finish();
        frame
    }

    fn empty(layout: Layout) -> Self {
        let mut of_none = Bits::none(layout.len());
        layout.of_none().filter(|line| *line < layout.blocks() * LINES).for_each(|line| of_none.set(line));
        let mut of_rules = Row::all(layout.len());
        of_rules.limit(&of_none, Truth::Fails);
        Self {
            layout,
            columns: Vec::new(),
            own: Vec::new(),
            others: Vec::new(),
            windows: Vec::new(),
            days: HashMap::default(),
            rows_of_days: Vec::new(),
            rows_of_kinds: [(); 3].map(|()| of_rules.clone()),
            several: Vec::new(),
            open: Vec::new(),
            kept: Vec::new(),
            groups: Vec::new(),
            rest: Group::of(Vec::new()),
            asks_persons: false,
        }
    }

    /// Notes which columns are found how, and what is asked last.
    fn finish(&mut self) {
        for (place, column) in self.columns.iter().enumerate() {
            match column.own() {
                Some(name) => self.own.push((name.clone(), place)),
                None => self.others.push(place),
            }
        }
        self.own.sort();
        self.open = vec![Vec::new(); self.lines()];
        for (place, several) in self.several.iter().enumerate() {
            for line in several.lines.lines() {
                self.open.get_mut(line).into_iter().for_each(|parts| parts.push(place));
            }
        }
        let open = self.open.iter().enumerate().filter(|(_, parts)| !parts.is_empty());
        let mut kept: Vec<usize> = open.map(|(line, _)| line / LINES).collect();
        kept.dedup();
        kept.extend(self.layout.blocks()..self.layout.len().div_ceil(LINES));
        self.kept = kept;
    }

    /// How many lines there are.
    pub(super) fn lines(&self) -> usize {
        self.layout.len()
    }

    /// Of whom a line is asked, and on which days.
    fn ask(&mut self, clause: &Clause, line: usize) {
        let only = Bits::only(line, self.lines());
        let [contract, primary, whole] = &mut self.rows_of_kinds;
        let excluded = match clause.per {
            Per::Contract => [None, None, Some(whole)],
            Per::Primary => [Some(contract), None, Some(whole)],
            Per::Person => [Some(contract), Some(primary), None],
        };
        for row in excluded.into_iter().flatten() {
            row.limit(&only, Truth::Fails);
        }
        self.asks_persons |= clause.per == Per::Person;
        if clause.per == Per::Person {
            return;
        }
        match self.windows.iter_mut().find(|(window, _)| *window == clause.window) {
            Some((_, bits)) => bits.set(line),
            None => self.windows.push((clause.window.clone(), only)),
        }
    }

    /// The column of a part; none where it looks at several things.
    fn column(&mut self, part: &Formula, columns: &mut BTreeMap<Sight, usize>) -> Option<usize> {
        let sight = sight(part);
        let mut field: Option<&Field> = None;
        part.fields(&mut |seen| field = Some(seen));
        let field = field.filter(|_| sight != Sight::Several)?;
        Some(*columns.entry(sight.clone()).or_insert_with(|| {
            self.columns.push(Column::new(field, &sight));
            self.columns.len() - 1
        }))
    }

    /// Adds the parts of a line.
    fn add<'f>(&mut self, parts: impl Iterator<Item = &'f Formula>, line: usize, columns: &mut BTreeMap<Sight, usize>) {
        let lines = self.lines();
        for part in parts {
            if let Some(place) = self.column(part, columns) {
                if let Some(column) = self.columns.get_mut(place) {
                    column.add(part, line, lines);
                }
            } else if let Some(known) = self.several.iter_mut().find(|known| known.part == *part) {
                known.lines.set(line);
            } else {
                self.several.push(Several::of(part, Bits::only(line, lines)));
            }
        }
    }

    /// How many classes are seen of a contract.
    pub(super) fn sights(&self) -> usize {
        self.columns.len() + 2
    }

    /// Of how many in a thousand million each of so many rules holds, about, going by what was seen of some contracts.
    pub(super) fn shares(&self, rules: usize, sample: &[Vec<u32>]) -> Vec<u64> {
        let seen: Vec<BTreeMap<u32, u64>> = (0..self.sights())
            .map(|sight| {
                let mut seen = BTreeMap::new();
                let classes = sample.iter().filter_map(|seen| seen.get(sight));
                classes.for_each(|class| *seen.entry(*class).or_insert(0) += 1);
                seen
            })
            .collect();
        let all = u64::try_from(sample.len().max(1)).unwrap_or(u64::MAX);
        let share = |line: usize| {
            seen.iter().enumerate().fold(1_000_000_000, |share, (sight, seen)| {
                let holds = |class: u32| self.row(sight, class).is_some_and(|row| row.surely.has(line));
                let held: u64 = seen.iter().filter(|(class, _)| holds(**class)).map(|(_, count)| count).sum();
                share * held / all
            })
        };
        self.layout.firsts(rules).into_iter().map(|line| line.map(share).unwrap_or_default()).collect()
    }

    pub(super) fn row(&self, sight: usize, class: u32) -> Option<&Row> {
        let place = usize::try_from(class).ok()?;
        match sight.checked_sub(self.columns.len()) {
            None => self.columns.get(sight)?.row(class),
            Some(0) => self.rows_of_days.get(place),
            Some(_) => self.rows_of_kinds.get(place),
        }
    }
}

/// The parts about all contracts of a person that lines can tell, each once.
fn questions<'f>(parts: impl Iterator<Item = &'f Formula>) -> Vec<(&'f Formula, Quantifier, Vec<Vec<Formula>>)> {
    let mut found: Vec<(&Formula, Quantifier, Vec<Vec<Formula>>)> = Vec::new();
    for part in parts {
        let Some((quantifier, lines)) = lines_of_each(part) else { continue };
        if !found.iter().any(|(known, ..)| *known == part) {
            found.push((part, quantifier, lines));
        }
    }
    found
}

impl Several {
    fn of(part: &Formula, lines: Bits) -> Self {
        let looks_at_today = looks_at_today(part);
        let mut is_of_person = !looks_at_today;
        part.fields(&mut |field| is_of_person &= !is_of_contract(field));
        Self { part: part.clone(), lines, looks_at_today, is_of_person, question: None }
    }
}
