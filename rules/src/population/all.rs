//! Everybody's causes in one pass.

use provisioning_core::{ContractId, PersonId, RuleId};

use crate::population::bits::{Block, LANES};
use crate::population::group::Group;
use crate::population::{Entry, Population};
use crate::rule::Rule;

/// Which rules hold of whom, contract after contract.
#[derive(Debug)]
pub struct Causes<'p> {
    people: Vec<&'p Entry>,
    rules: &'p [Rule],
    /// The places of the rules that hold, contract after contract.
    holding: Vec<u32>,
    /// Where in these each contract ends.
    ends: Vec<usize>,
}

impl Causes<'_> {
    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.holding.len()
    }

    /// Whether no rule holds of anybody.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.holding.is_empty()
    }

    /// All of them: the person, the contract unless it is about the person as a whole, and the rule.
    pub fn iter(&self) -> impl Iterator<Item = (&PersonId, Option<&ContractId>, &RuleId)> {
        let contracts =
            self.people.iter().flat_map(|entry| entry.of.iter().map(|contract| (&entry.id, contract.as_ref())));
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        let holding = starts.zip(&self.ends).map(|(start, end)| self.holding.get(start..*end).unwrap_or_default());
        contracts.zip(holding).flat_map(|((person, contract), rules)| {
            let rules = rules.iter().filter_map(|rule| self.rules.get(usize::try_from(*rule).ok()?));
            rules.map(move |rule| (person, contract, &rule.clause.id))
        })
    }
}

/// The rows of a group in one piece.
struct Table {
    blocks: Vec<Block>,
    /// How many blocks a row has.
    stride: usize,
}

impl Table {
    fn of(group: &Group) -> Self {
        let stride = group.rows.first().map_or(0, |row| row.surely.blocks.len());
        Self { blocks: group.rows.iter().flat_map(|row| row.surely.blocks.iter().copied()).collect(), stride }
    }
}

impl Population {
    /// Which rules hold of whom.
    #[must_use]
    pub fn all(&self) -> Causes<'_> {
        let people: Vec<&Entry> = self.people.iter().flatten().collect();
        let (mut sweep, mut ends) = (Sweep { found: [0; LINES], holding: Vec::new() }, Vec::new());
        let tables: Vec<Table> = self.frame.groups.iter().chain([&self.frame.rest]).map(Table::of).collect();
        let mut names: Vec<[u32; LINES]> = Vec::new();
        for rules in self.frame.rule_of.chunks(LINES) {
            let mut of_block = [u32::MAX; LINES];
            of_block.iter_mut().zip(rules).for_each(|(name, rule)| *name = *rule);
            names.push(of_block);
        }
        for entry in &people {
            for classes in self.classes_of(entry) {
                hold(&tables, (&names, self.frame.single), classes, &mut sweep);
                ends.push(sweep.holding.len());
            }
        }
        Causes { people, rules: &self.rules.rules, holding: sweep.holding, ends }
    }
}

/// How many lines a block has.
const LINES: usize = 64 * LANES;

/// What a sweep over everybody finds, and what it works in.
struct Sweep {
    found: [u32; LINES],
    holding: Vec<u32>,
}

/// Adds the rules of which a line is in all rows of a contract, in order.
fn hold(tables: &[Table], (names, single): (&[[u32; LINES]], usize), classes: &[u32], sweep: &mut Sweep) {
    let Sweep { found, holding } = sweep;
    let mut last = u32::MAX;
    for (block, names) in names.iter().enumerate() {
        let mut common: Block = [u64::MAX; LANES];
        for (table, class) in tables.iter().zip(classes) {
            let Some(row) = table.blocks.get(*class as usize * table.stride + block) else { return };
            for (common, word) in common.iter_mut().zip(row) {
                *common &= word;
            }
        }
        let mut count = 0;
        let single = single.saturating_sub(block * LINES) / 64;
        let (of_one, of_several) = common.split_at(single.min(LANES));
        let mut names = names.chunks_exact(64);
        for (word, names) in of_one.iter().zip(names.by_ref()) {
            count = tell(*word, names, found, count);
        }
        for (word, names) in of_several.iter().zip(names) {
            let mut left = *word;
            while left != 0 {
                let rule = names.get(left.trailing_zeros() as usize).copied().unwrap_or(u32::MAX);
                left &= left - 1;
                put(found, count, rule);
                // The lines of a rule stand together.
                count += usize::from(rule != last);
                last = rule;
            }
        }
        holding.extend_from_slice(found.get(..count).unwrap_or_default());
    }
}

/// Tells the rules of a word, of which most have few: two are put down without a look at whether there are so many.
fn tell(word: u64, names: &[u32], found: &mut [u32; LINES], mut count: usize) -> usize {
    let mut left = word;
    for _ in 0..2 {
        put(found, count, names.get(left.trailing_zeros() as usize % 64).copied().unwrap_or_default());
        count += usize::from(left != 0);
        left &= left.wrapping_sub(1);
    }
    while left != 0 {
        put(found, count, names.get(left.trailing_zeros() as usize % 64).copied().unwrap_or_default());
        count += 1;
        left &= left - 1;
    }
    count
}

fn put(found: &mut [u32; LINES], place: usize, rule: u32) {
    if let Some(next) = found.get_mut(place) {
        *next = rule;
    }
}
