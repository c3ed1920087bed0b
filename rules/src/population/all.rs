//! Everybody's causes in one pass.

use provisioning_core::{ContractId, PersonId, RuleId};

use crate::population::bits::{Block, LANES};
use crate::population::frame::Frame;
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
}

impl Table {
    fn of(group: &Group) -> Self {
        Self { blocks: group.rows.iter().flat_map(|row| row.surely.blocks.iter().copied()).collect() }
    }
}

impl Population {
    /// Which rules hold of whom.
    #[must_use]
    pub fn all(&self) -> Causes<'_> {
        let people: Vec<&Entry> = self.people.iter().flatten().collect();
        let (mut holding, mut ends) = (Vec::new(), Vec::new());
        let tables: Vec<Table> = self.frame.groups.iter().chain([&self.frame.rest]).map(Table::of).collect();
        for entry in &people {
            for classes in self.classes_of(entry) {
                hold(&self.frame, &tables, classes, &mut holding);
                ends.push(holding.len());
            }
        }
        Causes { people, rules: &self.rules.rules, holding, ends }
    }
}

/// Adds the rules that hold of a contract with these classes, in order.
fn hold(frame: &Frame, tables: &[Table], classes: &[u32], holding: &mut Vec<u32>) {
    let blocks = frame.rule_of.len().div_ceil(64 * LANES);
    let from = holding.len();
    for block in 0..blocks {
        let mut common: Block = [u64::MAX; LANES];
        for (table, class) in tables.iter().zip(classes) {
            let place = *class as usize * blocks + block;
            let Some(row) = table.blocks.get(place) else { return };
            for (common, word) in common.iter_mut().zip(row) {
                *common &= word;
            }
        }
        for (word, left) in common.iter().enumerate() {
            let mut left = *left;
            while left != 0 {
                let line = (block * LANES + word) * 64 + left.trailing_zeros() as usize;
                left &= left - 1;
                let Some(rule) = frame.rule_of.get(line) else { return };
                // The lines of a rule stand together.
                if holding.len() == from || holding.last() != Some(rule) {
                    holding.push(*rule);
                }
            }
        }
    }
}
