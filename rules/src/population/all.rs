//! Everybody's causes in one pass.

use provisioning_core::{ContractId, PersonId, RuleId};

use crate::population::bits::{Block, LANES, LINES, NOTHING, both};
use crate::population::group::Group;
use crate::population::layout::Layout;
use crate::population::part::Part;
use crate::population::{Entry, Population};
use crate::rule::Rule;

/// Which rules hold of whom, contract after contract.
#[derive(Debug)]
pub struct Causes<'p> {
    people: Vec<&'p Entry>,
    rules: &'p [Rule],
    parts: Vec<Found<'p>>,
}

/// What was found of some rules.
#[derive(Debug)]
struct Found<'p> {
    part: &'p Part,
    /// The lines that hold, contract after contract.
    holding: Vec<u32>,
    /// Where in these each contract ends.
    ends: Vec<usize>,
}

impl Causes<'_> {
    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.parts.iter().map(|found| found.holding.len()).sum()
    }

    /// Whether no rule holds of anybody.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// All of them, in the order of the contracts and of the file: the person, the contract unless it is about the person as
    /// a whole, and the rule.
    pub fn iter(&self) -> impl Iterator<Item = (&PersonId, Option<&ContractId>, &RuleId)> {
        let contracts =
            self.people.iter().flat_map(|entry| entry.of.iter().map(|contract| (&entry.id, contract.as_ref())));
        contracts.enumerate().flat_map(move |(place, (person, contract))| {
            let mut rules: Vec<usize> = self.parts.iter().flat_map(|found| found.rules_of(place)).collect();
            rules.sort_unstable();
            rules.into_iter().filter_map(move |rule| Some((person, contract, &self.rules.get(rule)?.clause.id)))
        })
    }
}

impl Found<'_> {
    /// The rules that hold of a contract.
    fn rules_of(&self, contract: usize) -> impl Iterator<Item = usize> {
        let ends = |contract: usize| self.ends.get(contract).copied().unwrap_or_default();
        let lines = self.holding.get(contract.checked_sub(1).map_or(0, ends)..ends(contract)).unwrap_or_default();
        lines.iter().filter_map(|line| self.part.place(usize::try_from(*line).ok()?))
    }
}

impl Population {
    /// Which rules hold of whom.
    #[must_use]
    pub fn all(&self) -> Causes<'_> {
        let people: Vec<&Entry> = self.people.iter().flatten().collect();
        let parts = self.parts().map(|part| part.all(&people)).collect();
        Causes { people, rules: &self.rules.rules, parts }
    }
}

impl Part {
    fn all(&self, people: &[&Entry]) -> Found<'_> {
        let layout = &self.frame.layout;
        let groups = self.frame.groups.iter().chain([&self.frame.rest]).enumerate();
        let mut tables: Vec<Table> = groups.map(|group| Table::of(group, layout.blocks())).collect();
        while !tables.len().is_multiple_of(AT_A_TIME) {
            tables.push(Table::of_all(layout.blocks()));
        }
        let mut sweep = Sweep::of(layout, &tables);
        let mut ends = Vec::with_capacity(self.classes.len() / self.width());
        for entry in people {
            for classes in self.classes_of(entry) {
                sweep.contract(classes);
                ends.push(sweep.holding.len() + sweep.count);
            }
        }
        Found { part: self, holding: sweep.told(), ends }
    }
}

/// How many tables are looked into at a time.
const AT_A_TIME: usize = 4;
/// For how many more lines there is always room.
const ROOM: usize = 2 * LINES;
/// How many lines are put down at once: one by one, most of the time would go into finding room.
const AT_ONCE: usize = 16 * ROOM;

/// The rows of a group in one piece, without those of questions, and a row of nothing for a class that is not there.
#[derive(Debug)]
struct Table {
    /// Which of the classes of a contract is one of this group.
    group: usize,
    blocks: Vec<Block>,
    /// How many blocks a row has.
    stride: usize,
}

impl Table {
    fn of((group, of): (usize, &Group), stride: usize) -> Self {
        let blocks = of.rows.iter().flat_map(|row| row.surely.0.iter().take(stride).copied());
        Self::with(group, blocks, stride)
    }

    /// A row of everything, in the place of a table that is not there.
    fn of_all(stride: usize) -> Self {
        Self::with(usize::MAX, std::iter::repeat_n([u64::MAX; LANES], stride), stride)
    }

    fn with(group: usize, blocks: impl Iterator<Item = Block>, stride: usize) -> Self {
        Self { group, blocks: blocks.chain(std::iter::repeat_n(NOTHING, stride)).collect(), stride }
    }

    fn row(&self, classes: &[u32]) -> &[Block] {
        let class = classes.get(self.group).map_or(0, |class| *class as usize);
        let last = self.blocks.len() - self.stride;
        self.blocks.get((class * self.stride).min(last)..).unwrap_or_default()
    }
}

/// What a pass over everybody works in, and what it finds.
struct Sweep<'t> {
    layout: &'t Layout,
    tables: &'t [Table],
    common: Vec<Block>,
    holding: Vec<u32>,
    /// What is to be put down next, and how much of it there is.
    next: Vec<u32>,
    count: usize,
}

impl<'t> Sweep<'t> {
    fn of(layout: &'t Layout, tables: &'t [Table]) -> Self {
        let (common, next) = (vec![NOTHING; layout.blocks()], vec![0; AT_ONCE + ROOM]);
        Self { layout, tables, common, holding: Vec::new(), next, count: 0 }
    }

    fn told(mut self) -> Vec<u32> {
        self.holding.extend_from_slice(self.next.get(..self.count).unwrap_or_default());
        self.holding
    }

    /// Finds the lines that hold of a contract.
    fn contract(&mut self, classes: &[u32]) {
        let Self { layout, tables, common, holding, next, count } = self;
        // All blocks of all rows, without a look at what is left meanwhile: to go on is faster than to foresee where to stop.
        common.fill([u64::MAX; LANES]);
        let (some, _) = tables.as_chunks::<AT_A_TIME>();
        for [first, second, third, fourth] in some {
            let rows =
                first.row(classes).iter().zip(second.row(classes)).zip(third.row(classes)).zip(fourth.row(classes));
            for ((((first, second), third), fourth), common) in rows.zip(common.iter_mut()) {
                *common = both(both(both(*first, *second), both(*third, *fourth)), *common);
            }
        }
        lay(common, layout);
        for (place, block) in common.iter().take(layout.laid()).enumerate().filter(|(_, block)| **block != NOTHING) {
            if *count > AT_ONCE {
                holding.extend_from_slice(next.get(..*count).unwrap_or_default());
                *count = 0;
            }
            let Some(room) = next.get_mut(*count..).and_then(|rest| rest.first_chunk_mut::<ROOM>()) else {
                continue;
            };
            let mut found = 0;
            for (word, bits) in block.iter().enumerate() {
                found = tell(*bits, u32::try_from(place * LINES + word * 64).unwrap_or(u32::MAX), room, found);
            }
            *count += found;
        }
    }
}

/// Lays the layers of the rules with several lines on the first one: such a rule holds if one of its lines does.
fn lay(common: &mut [Block], layout: &Layout) {
    let Some((first, others)) = layout.layers.split_first() else { return };
    for layer in others {
        let (before, after) = common.split_at_mut(layer.start);
        let rules = before.get_mut(first.start..).unwrap_or_default().iter_mut();
        for (rules, more) in rules.zip(after.iter().take(layer.len())) {
            rules.iter_mut().zip(more).for_each(|(rules, more)| *rules |= more);
        }
    }
}

/// Tells the lines of a word, of which most have few: two are put down without a look at whether there are so many.
fn tell(word: u64, first: u32, room: &mut [u32; ROOM], mut count: usize) -> usize {
    let mut left = word;
    for _ in 0..2 {
        put(room, count, first + left.trailing_zeros());
        count += usize::from(left != 0);
        left &= left.wrapping_sub(1);
    }
    while left != 0 {
        put(room, count, first + left.trailing_zeros());
        count += 1;
        left &= left - 1;
    }
    count
}

fn put(room: &mut [u32; ROOM], place: usize, line: u32) {
    if let Some(next) = room.get_mut(place % ROOM) {
        *next = line;
    }
}
