//! Sets of lines, a bit for each.

use std::ops::Range;

use crate::language::evaluate::Truth;

/// How many words are worked on at once.
pub(super) const LANES: usize = 8;

/// Some words of a set.
pub(super) type Block = [u64; LANES];

/// A set of lines.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Bits {
    pub(super) blocks: Box<[Block]>,
    len: usize,
}

/// Which lines can hold: for certain, and as far as anybody can tell.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Row {
    pub(super) surely: Bits,
    pub(super) maybe: Bits,
}

impl Bits {
    pub(super) fn none(len: usize) -> Self {
        Self { blocks: vec![[0; LANES]; len.div_ceil(64 * LANES)].into(), len }
    }

    pub(super) fn all(len: usize) -> Self {
        let mut bits = Self::none(len);
        for (place, word) in bits.blocks.iter_mut().flatten().enumerate() {
            *word = match len.saturating_sub(place * 64) {
                left @ 0..64 => (1 << left) - 1,
                _ => u64::MAX,
            };
        }
        bits
    }

    /// Of how many lines.
    pub(super) fn len(&self) -> usize {
        self.len
    }

    pub(super) fn set(&mut self, line: usize) {
        let (block, word, bit) = (line / (64 * LANES), line / 64 % LANES, line % 64);
        if let Some(word) = self.blocks.get_mut(block).and_then(|block| block.get_mut(word)) {
            *word |= 1 << bit;
        }
    }

    fn has(&self, line: usize) -> bool {
        let (block, word, bit) = (line / (64 * LANES), line / 64 % LANES, line % 64);
        self.blocks.get(block).and_then(|block| block.get(word)).is_some_and(|word| word & (1 << bit) != 0)
    }

    pub(super) fn and(&mut self, other: &Self) {
        for (own, other) in self.blocks.iter_mut().zip(&other.blocks) {
            for (own, other) in own.iter_mut().zip(other) {
                *own &= other;
            }
        }
    }

    /// Whether a line is in both.
    pub(super) fn meets(&self, other: &Self) -> bool {
        let words = self.blocks.iter().flatten().zip(other.blocks.iter().flatten());
        words.into_iter().any(|(own, other)| own & other != 0)
    }

    fn without(&mut self, other: &Self) {
        for (own, other) in self.blocks.iter_mut().zip(&other.blocks) {
            for (own, other) in own.iter_mut().zip(other) {
                *own &= !other;
            }
        }
    }

    /// The lines in it, in order.
    pub(super) fn lines(&self) -> impl Iterator<Item = usize> {
        let words = self.blocks.iter().flatten().enumerate();
        words.flat_map(|(place, word)| {
            let mut left = *word;
            std::iter::from_fn(move || {
                let bit = left.trailing_zeros() as usize;
                (left != 0).then(|| {
                    left &= left - 1;
                    place * 64 + bit
                })
            })
        })
    }
}

impl Row {
    pub(super) fn all(len: usize) -> Self {
        Self { surely: Bits::all(len), maybe: Bits::all(len) }
    }

    /// A part that stands in these lines comes out so.
    pub(super) fn limit(&mut self, lines: &Bits, truth: Truth) {
        if truth != Truth::Holds {
            self.surely.without(lines);
        }
        if truth == Truth::Fails {
            self.maybe.without(lines);
        }
    }

    /// What the lines of one question come to.
    pub(super) fn truth(&self, mut lines: Range<usize>) -> Truth {
        if lines.clone().any(|line| self.surely.has(line)) {
            Truth::Holds
        } else if lines.any(|line| self.maybe.has(line)) {
            Truth::Unknown
        } else {
            Truth::Fails
        }
    }

    pub(super) fn and(&mut self, other: &Self) {
        self.surely.and(&other.surely);
        self.maybe.and(&other.maybe);
    }
}
