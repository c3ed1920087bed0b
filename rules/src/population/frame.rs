//! Rules as rows of bits: what is seen of a contract gives it a few classes, and the rows of these say which lines hold.

use std::collections::{BTreeMap, HashMap};

use chrono::NaiveDate;

use crate::clause::{Clause, Per};
use crate::language::evaluate::{Facts, Truth};
use crate::language::term::{Field, Formula};
use crate::population::bits::{Bits, Row};
use crate::population::column::Column;
use crate::population::group::Group;
use crate::population::lines::{Sight, lines, sight};
use crate::set::RuleSet;
use crate::window::Window;

/// What it takes to tell which rules hold of what is seen.
#[derive(Debug, Clone)]
pub(super) struct Frame {
    /// Which rule each line is of, in order.
    pub(super) rule_of: Vec<u32>,
    columns: Vec<Column>,
    /// Every other way to widen a contract's days, and the lines that do it so.
    windows: Vec<(Window, Bits)>,
    days: HashMap<Vec<bool>, u32>,
    rows_of_days: Vec<Row>,
    /// Of a contract, of the one that speaks for the person, of a person as a whole.
    rows_of_kinds: [Row; 3],
    /// Parts that are asked of each contract that nothing else excludes.
    several: Vec<(Formula, Bits)>,
    pub(super) groups: Vec<Group>,
    /// What those parts said.
    pub(super) rest: Group,
    pub(super) asks_persons: bool,
}

impl Frame {
    pub(super) fn of(rules: &RuleSet) -> Self {
        let spread: Vec<Vec<Vec<Formula>>> = rules.rules.iter().map(|rule| lines(&rule.clause.when)).collect();
        let count = spread.iter().map(Vec::len).sum();
        let mut frame = Self::empty(count);
        let mut places: BTreeMap<Sight, usize> = BTreeMap::new();
        let mut line = 0;
        for (rule, (of_rule, lines)) in (0_u32..).zip(rules.rules.iter().zip(&spread)) {
            for parts in lines {
                frame.rule_of.push(rule);
                frame.ask(&of_rule.clause, line);
                for part in parts {
                    frame.add(part, line, &mut places);
                }
                line += 1;
            }
        }
        frame
    }

    fn empty(lines: usize) -> Self {
        Self {
            rule_of: Vec::new(),
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

    fn lines(&self) -> usize {
        self.rule_of.len()
    }

    /// Of whom a line is asked, and on which days.
    fn ask(&mut self, clause: &Clause, line: usize) {
        let [contract, primary, whole] = &mut self.rows_of_kinds;
        let total = contract.surely.len();
        let mut only = Bits::none(total);
        only.set(line);
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
            if let Some((_, bits)) = self.several.iter_mut().find(|(known, _)| known == part) {
                return bits.set(line);
            }
            let mut only = Bits::none(total);
            only.set(line);
            return self.several.push((part.clone(), only));
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

    /// The classes of the groups, and of what is asked beside them.
    pub(super) fn classes(&mut self, facts: &Facts<'_, '_>) -> Vec<u32> {
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
        classes.push(self.rest(&row, facts));
        classes
    }

    /// Asks the parts that look at several things, where a line with them may still hold.
    fn rest(&mut self, row: &Row, facts: &Facts<'_, '_>) -> u32 {
        let truths: Vec<u32> = self
            .several
            .iter()
            .map(|(part, bits)| {
                let is_open =
                    bits.blocks.iter().flatten().zip(row.maybe.blocks.iter().flatten()).any(|(a, b)| a & b != 0);
                if is_open { part.truth(facts) as u32 } else { Truth::Fails as u32 }
            })
            .collect();
        let (several, lines) = (&self.several, self.rule_of.len());
        self.rest.class(&truths, |_| {
            let mut row = Row::all(lines);
            for ((_, bits), truth) in several.iter().zip(&truths) {
                let truth = [Truth::Holds, Truth::Fails, Truth::Unknown].into_iter().find(|one| *one as u32 == *truth);
                row.limit(bits, truth.unwrap_or(Truth::Unknown));
            }
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
        self.several.iter().for_each(|(part, _)| part.days(facts, show));
    }
}
