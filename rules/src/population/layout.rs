//! Which line of which rule stands where.

use std::cmp::Reverse;
use std::ops::Range;

use crate::language::term::Formula;
use crate::population::bits::LINES;

/// The places of lines. Those that are all of their rule come first, then those of rules with several: the first one of each
/// of these rules, in the same order the second ones, and so on, each layer from the start of a block. At last what is asked
/// of each contract for what is asked of all of them, and is of no rule.
#[derive(Debug, Clone, Default)]
pub(super) struct Layout {
    /// Which rule each line is of.
    rule_of: Vec<u32>,
    /// The blocks of each layer.
    pub(super) layers: Vec<Range<usize>>,
    /// Where the questions begin.
    questions: usize,
}

/// A line that is of no rule.
const NONE: u32 = u32::MAX;

/// A line of a rule, and where it stands.
#[derive(Debug, Clone, Copy)]
pub(super) struct Placed {
    pub(super) line: usize,
    /// The place of the rule among all.
    pub(super) rule: usize,
    /// Which of its lines.
    pub(super) which: usize,
}

impl Layout {
    /// Gives the lines of rules their places. Rules that hold of as many stand together, by their `shares`, so that most
    /// blocks are empty of whom one looks at; and so do those of which `is_asked_last` says that a part of them is asked after
    /// all others.
    pub(super) fn of(
        spread: &[Vec<Vec<Formula>>],
        shares: &[u64],
        is_asked_last: impl Fn(usize) -> bool,
    ) -> (Self, Vec<Placed>) {
        let mut order: Vec<usize> = (0..spread.len()).collect();
        let lines = |rule: usize| spread.get(rule).map_or(0, Vec::len);
        order.sort_by_cached_key(|rule| {
            (
                Reverse(lines(*rule).max(2)),
                is_asked_last(*rule),
                Reverse(shares.get(*rule).copied().unwrap_or_default()),
            )
        });
        let (mut layout, mut placed) = (Self::default(), Vec::new());
        let singles = order.iter().copied().filter(|rule| lines(*rule) == 1);
        layout.add(singles, 0, &mut placed);
        let most = order.iter().copied().map(lines).max().unwrap_or(0);
        for which in 0..if most > 1 { most } else { 0 } {
            let first = layout.rule_of.len() / LINES;
            let rules = order.iter().copied().filter(|rule| lines(*rule) > which.max(1));
            layout.add(rules, which, &mut placed);
            layout.layers.push(first..layout.rule_of.len() / LINES);
        }
        layout.questions = layout.rule_of.len();
        (layout, placed)
    }

    fn add(&mut self, rules: impl Iterator<Item = usize>, which: usize, placed: &mut Vec<Placed>) {
        for rule in rules {
            placed.push(Placed { line: self.rule_of.len(), rule, which });
            self.rule_of.push(u32::try_from(rule).unwrap_or(NONE));
        }
        self.rule_of.resize(self.rule_of.len().next_multiple_of(LINES), NONE);
    }

    /// The places of the lines of a question.
    pub(super) fn question(&mut self, lines: usize) -> Range<usize> {
        let first = self.rule_of.len();
        self.rule_of.resize(first + lines, NONE);
        first..self.rule_of.len()
    }

    /// How many lines there are.
    pub(super) fn len(&self) -> usize {
        self.rule_of.len()
    }

    /// How many blocks have lines of rules.
    pub(super) fn blocks(&self) -> usize {
        self.questions / LINES
    }

    /// How many blocks are left when the layers have been laid on the first one.
    pub(super) fn laid(&self) -> usize {
        self.layers.first().map_or(self.blocks(), |first| first.end)
    }

    /// The place of the rule that a line is of.
    pub(super) fn rule(&self, line: usize) -> Option<usize> {
        self.rule_of.get(line).filter(|rule| **rule != NONE).and_then(|rule| usize::try_from(*rule).ok())
    }

    /// The first line of each of so many rules.
    pub(super) fn firsts(&self, rules: usize) -> Vec<Option<usize>> {
        let mut firsts = vec![None; rules];
        for line in 0..self.rule_of.len() {
            if let Some(first) = self.rule(line).and_then(|rule| firsts.get_mut(rule)) {
                first.get_or_insert(line);
            }
        }
        firsts
    }

    /// The lines that are of no rule.
    pub(super) fn of_none(&self) -> impl Iterator<Item = usize> {
        (0..self.rule_of.len()).filter(|line| self.rule(*line).is_none())
    }
}
