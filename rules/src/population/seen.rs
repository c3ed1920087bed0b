//! What is seen of a person, and the classes that this makes.

use std::cmp::Ordering;
use std::ops::Range;

use chrono::NaiveDate;
use provisioning_core::source::Contract;

use crate::language::evaluate::{Facts, Truth};
use crate::population::bits::{Bits, Block, LANES, LINES, Row, both, lines_of};
use crate::population::frame::{Frame, Question};
use crate::set::shown;

/// Of the blocks that a frame keeps, which lines can hold: for certain, and as far as anybody can tell.
type Left = [Block; 2];

/// What it is worked in.
#[derive(Debug, Clone, Default)]
pub(super) struct Scratch {
    /// The class of each column, of the days, and of whom it is.
    pub(super) seen: Vec<u32>,
    key: Vec<u32>,
    /// What the groups leave of each contract, one after the other.
    left: Vec<Left>,
    /// What is so of the whole person.
    told: Vec<Option<Truth>>,
}

impl Frame {
    /// What its rules are asked of: each contract of a person, and the person as a whole where they ask about that.
    pub(super) fn asked<'v, 'a>(&self, about: &Facts<'v, 'a>) -> Vec<Facts<'v, 'a>> {
        let mut asked = shown(about);
        if !self.asks_persons {
            asked.pop();
        }
        // What is asked of each contract is asked of it as of the one in question.
        for facts in &mut asked {
            facts.bound = facts.contract;
        }
        asked
    }

    /// Puts the classes of a person's contracts behind the others.
    pub(super) fn classify(&mut self, shown: &[Facts<'_, '_>], scratch: &mut Scratch, classes: &mut Vec<u32>) {
        scratch.left.clear();
        scratch.told.clear();
        scratch.told.resize(self.several.len(), None);
        let first = classes.len();
        for facts in shown {
            self.see(facts, scratch);
            self.group(scratch, classes);
            classes.push(0);
        }
        let width = self.groups.len() + 1;
        for (place, facts) in shown.iter().enumerate() {
            let rest = self.rest(place, facts, shown, scratch);
            if let Some(class) = classes.get_mut(first + place * width + width - 1) {
                *class = rest;
            }
        }
    }

    /// Looks at everything.
    pub(super) fn see(&mut self, facts: &Facts<'_, '_>, scratch: &mut Scratch) {
        let seen = &mut scratch.seen;
        seen.clear();
        seen.resize(self.columns.len(), 0);
        let mut fields = facts.contract.into_iter().flat_map(|contract| contract.record.fields.iter()).peekable();
        for (name, place) in &self.own {
            let value = loop {
                match fields.peek().map(|(field, value)| (field.cmp(&name), *value)) {
                    Some((Ordering::Less, _)) => drop(fields.next()),
                    Some((Ordering::Equal, value)) => break Some(value),
                    Some((Ordering::Greater, _)) | None => break None,
                }
            };
            if let (Some(column), Some(class)) = (self.columns.get_mut(*place), seen.get_mut(*place)) {
                *class = column.class_of(value, facts);
            }
        }
        for place in &self.others {
            if let (Some(column), Some(class)) = (self.columns.get_mut(*place), seen.get_mut(*place)) {
                *class = column.class(facts);
            }
        }
        seen.push(self.days(facts, &mut scratch.key));
        seen.push(match (facts.contract, facts.primary) {
            (None, _) => 2,
            (Some(own), Some(primary)) if (own.source, own.id()) == (primary.source, primary.id()) => 1,
            (Some(_), _) => 0,
        });
    }

    fn days(&mut self, facts: &Facts<'_, '_>, key: &mut Vec<u32>) -> u32 {
        key.clear();
        key.resize(self.windows.len().div_ceil(32), 0);
        for (place, (window, _)) in self.windows.iter().enumerate() {
            let days = |contract| window.days(contract).is_some_and(|days| days.contains(facts.today));
            if let Some(word) = key.get_mut(place / 32).filter(|_| facts.contract.is_none_or(days)) {
                *word |= 1 << (place % 32);
            }
        }
        if let Some(class) = self.days.get(key.as_slice()) {
            return *class;
        }
        let mut row = Row::all(self.lines());
        for (place, (_, bits)) in self.windows.iter().enumerate() {
            let is_open = key.get(place / 32).is_some_and(|word| word & (1 << (place % 32)) != 0);
            row.limit(bits, is_open.into());
        }
        let class = u32::try_from(self.rows_of_days.len()).unwrap_or(u32::MAX);
        self.rows_of_days.push(row);
        self.days.insert(key.as_slice().into(), class);
        class
    }

    /// The classes of the groups, and what these leave.
    fn group(&mut self, scratch: &mut Scratch, classes: &mut Vec<u32>) {
        let Scratch { seen, key, left, .. } = scratch;
        let first = left.len();
        left.resize(first + self.kept.len(), [[u64::MAX; LANES]; 2]);
        let left = left.get_mut(first..).unwrap_or_default();
        let mut groups = std::mem::take(&mut self.groups);
        for group in &mut groups {
            key.clear();
            key.extend(group.columns.iter().map(|place| seen.get(*place).copied().unwrap_or_default()));
            let class = group.class(key, |columns| {
                let mut row = Row::all(self.lines());
                let rows = columns.iter().zip(key.iter()).filter_map(|(sight, class)| self.row(*sight, *class));
                rows.for_each(|own| row.and(own));
                row
            });
            classes.push(class);
            let Some(row) = usize::try_from(class).ok().and_then(|class| group.rows.get(class)) else { continue };
            for ([surely, maybe], block) in left.iter_mut().zip(&self.kept) {
                let own = |bits: &Bits| bits.0.get(*block).copied().unwrap_or_default();
                *surely = both(*surely, own(&row.surely));
                *maybe = both(*maybe, own(&row.maybe));
            }
        }
        self.groups = groups;
    }

    /// Asks the parts that look at several things, where a line with them may still hold.
    fn rest(&mut self, place: usize, facts: &Facts<'_, '_>, shown: &[Facts<'_, '_>], scratch: &mut Scratch) -> u32 {
        let Scratch { key, left, told, .. } = scratch;
        key.clear();
        key.resize(self.several.len().div_ceil(16), 0);
        let all = left.chunks_exact(self.kept.len().max(1));
        let own = all.clone().nth(place).unwrap_or_default();
        let contracts = || all.clone().zip(shown).filter(|(_, facts)| facts.contract.is_some()).map(|(left, _)| left);
        for ([_, maybe], block) in own.iter().zip(&self.kept) {
            let parts = lines_of(*maybe, *block).filter_map(|line| self.open.get(line)).flatten();
            for part in parts.copied() {
                let Some((several, told)) = self.several.get(part).zip(told.get_mut(part)) else { continue };
                let truth = told.unwrap_or_else(|| match &several.question {
                    Some(Question { quantifier, lines }) => {
                        quantifier.of_truths(contracts().map(|left| self.truth(left, lines.clone())))
                    }
                    None => several.part.truth(facts),
                });
                *told = Some(truth).filter(|_| several.is_of_person);
                if let Some(word) = key.get_mut(part / 16) {
                    *word |= code(truth) << (part % 16 * 2);
                }
            }
        }
        let (several, lines) = (&self.several, self.layout.len());
        self.rest.class(key, |_| {
            let mut row = Row::all(lines);
            for (part, several) in several.iter().enumerate() {
                row.limit(&several.lines, truth(key.get(part / 16).map_or(0, |word| word >> (part % 16 * 2))));
            }
            row
        })
    }

    /// What the lines of one question come to.
    fn truth(&self, left: &[Left], mut lines: Range<usize>) -> Truth {
        let blocks = self.layout.len().div_ceil(LINES);
        // The blocks of questions are the last ones, and all kept.
        let block = |line: usize| left.get((left.len() + line / LINES).checked_sub(blocks)?);
        let has = |block: &Block, line: usize| {
            block.get(line / 64 % LANES).is_some_and(|word| word & (1 << (line % 64)) != 0)
        };
        if lines.clone().any(|line| block(line).is_some_and(|[surely, _]| has(surely, line))) {
            Truth::Holds
        } else if lines.any(|line| block(line).is_some_and(|[_, maybe]| has(maybe, line))) {
            Truth::Unknown
        } else {
            Truth::Fails
        }
    }

    /// The first day on which something about a contract, or a person, may come out otherwise.
    pub(super) fn next_day(&self, facts: &Facts<'_, '_>, follows: Option<&Contract<'_>>) -> Option<NaiveDate> {
        let mut next: Option<NaiveDate> = None;
        let mut show = |day: NaiveDate| {
            if day > facts.today && next.is_none_or(|next| day < next) {
                next = Some(day);
            }
        };
        if let Some(contract) = follows {
            [Some(contract.period.start()), contract.period.end()].into_iter().flatten().for_each(&mut show);
        }
        if let Some(contract) = facts.contract {
            self.windows.iter().for_each(|(window, _)| window.edges(contract).for_each(&mut show));
        }
        for several in self.several.iter().filter(|several| several.looks_at_today) {
            several.part.days(facts, &mut show);
        }
        next
    }
}

fn code(truth: Truth) -> u32 {
    match truth {
        Truth::Fails => 0,
        Truth::Unknown => 1,
        Truth::Holds => 2,
    }
}

fn truth(code: u32) -> Truth {
    match code & 3 {
        0 => Truth::Fails,
        1 => Truth::Unknown,
        _ => Truth::Holds,
    }
}
