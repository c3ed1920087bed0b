//! Rules as rows of bits: what is seen of a contract gives it a few classes, and the rows of these say which lines hold.

use std::collections::{BTreeMap, HashMap};
use std::ops::Range;

use chrono::NaiveDate;

use crate::clause::{Clause, Per};
use crate::language::evaluate::{Facts, Truth};
use crate::language::term::{Field, Formula, Quantifier};
use crate::population::bits::{Bits, Row};
use crate::population::column::Column;
use crate::population::group::Group;
use crate::population::lines::{Sight, is_of_contract, lines, lines_of_each, looks_at_today, sight};
use crate::set::RuleSet;
use crate::window::Window;

/// What it takes to tell which rules hold of what is seen.
#[derive(Debug, Clone)]
pub(super) struct Frame {
    /// Which rule each line is of. First those that are all of their rule; then those of rules with several, which stand
    /// together.
    pub(super) rule_of: Vec<u32>,
    /// Where the second begin, at the start of a word.
    pub(super) single: usize,
    /// The lines after both, which are asked of each contract for what is asked of all of them, and are of no rule.
    asked: Bits,
    columns: Vec<Column>,
    /// Every other way to widen a contract's days, and the lines that do it so.
    windows: Vec<(Window, Bits)>,
    days: HashMap<Vec<bool>, u32>,
    rows_of_days: Vec<Row>,
    /// Of a contract, of the one that speaks for the person, of a person as a whole.
    rows_of_kinds: [Row; 3],
    /// Parts that are asked of each contract that nothing else excludes.
    several: Vec<Several>,
    pub(super) groups: Vec<Group>,
    /// What those parts said.
    pub(super) rest: Group,
    pub(super) asks_persons: bool,
}

impl Frame {
    pub(super) fn of(rules: &RuleSet) -> Self {
        let spread: Vec<Vec<Vec<Formula>>> = rules.rules.iter().map(|rule| lines(&rule.clause.when)).collect();
        let single = spread.iter().filter(|lines| lines.len() == 1).count().next_multiple_of(64);
        let further: usize = spread.iter().map(Vec::len).filter(|count| *count > 1).sum();
        let questions = questions(spread.iter().flatten().flatten());
        let asked: usize = questions.iter().map(|(_, _, lines)| lines.len()).sum();
        let mut frame = Self::empty(single + further + asked);
        frame.single = single;
        let mut places: BTreeMap<Sight, usize> = BTreeMap::new();
        let all = || (0_u32..).zip(rules.rules.iter().zip(&spread));
        for (place, (rule, lines)) in all().filter(|(_, (_, lines))| lines.len() == 1) {
            frame.rule(place, &rule.clause, lines, &mut places);
        }
        // What fills the last word holds of nobody.
        for line in frame.rule_of.len()..single {
            let only = only(line, single + further + asked);
            frame.rows_of_kinds.iter_mut().for_each(|row| row.limit(&only, Truth::Fails));
            frame.rule_of.push(u32::MAX);
        }
        for (place, (rule, lines)) in all().filter(|(_, (_, lines))| lines.len() > 1) {
            frame.rule(place, &rule.clause, lines, &mut places);
        }
        for (part, quantifier, lines) in questions {
            let first = frame.rule_of.len();
            for parts in &lines {
                let line = frame.rule_of.len();
                frame.rule_of.push(u32::MAX);
                frame.asked.set(line);
                for part in parts {
                    frame.add(part, line, &mut places);
                }
            }
            let question = Question { quantifier, lines: first..frame.rule_of.len() };
            if let Some(several) = frame.several.iter_mut().find(|several| several.part == *part) {
                several.question = Some(question);
            }
        }
        frame
    }

    fn rule(&mut self, place: u32, clause: &Clause, lines: &[Vec<Formula>], places: &mut BTreeMap<Sight, usize>) {
        for parts in lines {
            let line = self.rule_of.len();
            self.rule_of.push(place);
            self.ask(clause, line);
            for part in parts {
                self.add(part, line, places);
            }
        }
    }

    fn empty(lines: usize) -> Self {
        Self {
            rule_of: Vec::new(),
            single: 0,
            asked: Bits::none(lines),
            columns: Vec::new(),
            windows: Vec::new(),
            days: HashMap::new(),
            rows_of_days: Vec::new(),
            rows_of_kinds: [(); 3].map(|()| Row::all(lines)),
            several: Vec::new(),
            groups: Vec::new(),
            rest: Group::of(Vec::new()),
            asks_persons: false,
        }
    }

    /// How many lines there are.
    pub(super) fn lines(&self) -> usize {
        self.rule_of.len()
    }

    /// Of whom a line is asked, and on which days.
    fn ask(&mut self, clause: &Clause, line: usize) {
        let [contract, primary, whole] = &mut self.rows_of_kinds;
        let total = contract.surely.len();
        let only = only(line, total);
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

    fn add(&mut self, part: &Formula, line: usize, places: &mut BTreeMap<Sight, usize>) {
        let total = self.rows_of_kinds[0].surely.len();
        let sight = sight(part);
        let mut field: Option<&Field> = None;
        part.fields(&mut |seen| field = Some(seen));
        let (Some(field), false) = (field, sight == Sight::Several) else {
            if let Some(known) = self.several.iter_mut().find(|known| known.part == *part) {
                return known.lines.set(line);
            }
            return self.several.push(Several::of(part, only(line, total)));
        };
        let place = *places.entry(sight.clone()).or_insert_with(|| {
            self.columns.push(Column::new(field, &sight));
            self.columns.len() - 1
        });
        if let Some(column) = self.columns.get_mut(place) {
            column.add(part, line, total);
        }
    }

    /// How many classes [`seen`](Self::seen) gives.
    pub(super) fn sights(&self) -> usize {
        self.columns.len() + 2
    }

    /// The class of everything that is looked at: each column, the days, and of whom it is.
    pub(super) fn seen(&mut self, facts: &Facts<'_, '_>) -> Vec<u32> {
        let mut seen: Vec<u32> = self.columns.iter_mut().map(|column| column.class(facts)).collect();
        seen.push(self.days(facts));
        seen.push(match (facts.contract, facts.primary) {
            (None, _) => 2,
            (Some(own), Some(primary)) if (own.source, own.id()) == (primary.source, primary.id()) => 1,
            (Some(_), _) => 0,
        });
        seen
    }

    fn days(&mut self, facts: &Facts<'_, '_>) -> u32 {
        let is_open = |window: &Window| {
            let contract = facts.contract?;
            Some(window.days(contract).is_some_and(|days| days.contains(facts.today)))
        };
        let open: Vec<bool> = self.windows.iter().map(|(window, _)| is_open(window).unwrap_or(true)).collect();
        if let Some(class) = self.days.get(&open) {
            return *class;
        }
        let mut row = Row::all(self.lines());
        for ((_, bits), is_open) in self.windows.iter().zip(&open) {
            row.limit(bits, if *is_open { Truth::Holds } else { Truth::Fails });
        }
        let class = u32::try_from(self.rows_of_days.len()).unwrap_or(u32::MAX);
        self.rows_of_days.push(row);
        self.days.insert(open, class);
        class
    }

    fn row(&self, sight: usize, class: u32) -> Option<&Row> {
        let place = usize::try_from(class).ok()?;
        match sight.checked_sub(self.columns.len()) {
            None => self.columns.get(sight)?.row(class),
            Some(0) => self.rows_of_days.get(place),
            Some(_) => self.rows_of_kinds.get(place),
        }
    }

    /// The classes of the groups, and the lines that these leave.
    pub(super) fn classes(&mut self, facts: &Facts<'_, '_>) -> (Vec<u32>, Row) {
        let seen = self.seen(facts);
        let mut groups = std::mem::take(&mut self.groups);
        let (mut classes, mut row) = (Vec::with_capacity(groups.len() + 1), Row::all(self.lines()));
        for group in &mut groups {
            let of = |sight: &usize| seen.get(*sight).copied().unwrap_or_default();
            let key: Vec<u32> = group.columns.iter().map(of).collect();
            let class = group.class(&key, |columns| {
                let mut row = Row::all(self.lines());
                let rows = columns.iter().zip(&key).filter_map(|(sight, class)| self.row(*sight, *class));
                rows.for_each(|own| row.and(own));
                row
            });
            classes.push(class);
            if let Some(own) = usize::try_from(class).ok().and_then(|class| group.rows.get(class)) {
                row.and(own);
            }
        }
        self.groups = groups;
        (classes, row)
    }

    /// What the lines of a person's contracts tell of all of them.
    pub(super) fn told(&self, rows: &[Row]) -> Vec<Option<Truth>> {
        let told = |several: &Several| {
            let Question { quantifier, lines } = several.question.as_ref()?;
            Some(quantifier.of_truths(rows.iter().map(|row| row.truth(lines.clone()))))
        };
        self.several.iter().map(told).collect()
    }

    /// Asks the parts that look at several things, where a line with them may still hold.
    pub(super) fn rest(&mut self, row: &Row, facts: &Facts<'_, '_>, told: &mut [Option<Truth>]) -> u32 {
        let ask = |(several, told): (&Several, &mut Option<Truth>)| {
            if !row.maybe.meets(&several.lines) {
                return Truth::Fails;
            }
            let truth = told.unwrap_or_else(|| several.part.truth(facts));
            *told = several.is_of_person.then_some(truth);
            truth
        };
        let truths: Vec<Truth> = self.several.iter().zip(told).map(ask).collect();
        let key: Vec<u32> = truths.iter().map(|truth| *truth as u32).collect();
        let (several, asked, lines) = (&self.several, &self.asked, self.rule_of.len());
        self.rest.class(&key, |_| {
            let mut row = Row::all(lines);
            row.limit(asked, Truth::Fails);
            several.iter().zip(&truths).for_each(|(several, truth)| row.limit(&several.lines, *truth));
            row
        })
    }

    /// Shows the days on which something about a contract, or a person, may come out otherwise.
    pub(super) fn changes(&self, facts: &Facts<'_, '_>, show: &mut dyn FnMut(NaiveDate)) {
        if let Some(contract) = facts.contract {
            for (window, _) in &self.windows {
                window.edges(contract).for_each(&mut *show);
            }
        }
        for several in self.several.iter().filter(|several| several.looks_at_today) {
            several.part.days(facts, show);
        }
    }
}

/// A part that looks at several things.
#[derive(Debug, Clone)]
struct Several {
    part: Formula,
    lines: Bits,
    looks_at_today: bool,
    /// Whether it says the same of each contract.
    is_of_person: bool,
    /// What is asked of each contract, and what follows from that.
    question: Option<Question>,
}

/// What is asked of each contract of a person.
#[derive(Debug, Clone)]
struct Question {
    quantifier: Quantifier,
    lines: Range<usize>,
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

fn only(line: usize, of: usize) -> Bits {
    let mut bits = Bits::none(of);
    bits.set(line);
    bits
}
