//! Sets of lines, a bit for each.

use crate::language::evaluate::Truth;

/// How many words are worked on at once.
pub(super) const LANES: usize = 2;
/// How many lines these are.
pub(super) const LINES: usize = 64 * LANES;

/// Some words of a set.
pub(super) type Block = [u64; LANES];

/// No line.
pub(super) const NOTHING: Block = [0; LANES];

/// A set of lines.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Bits(pub(super) Box<[Block]>);

/// Which lines can hold: for certain, and as far as anybody can tell.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Row {
    pub(super) surely: Bits,
    pub(super) maybe: Bits,
}

impl Bits {
    pub(super) fn none(len: usize) -> Self {
        Self(vec![[0; LANES]; len.div_ceil(LINES)].into())
    }

    pub(super) fn all(len: usize) -> Self {
        let mut bits = Self::none(len);
        for (place, word) in bits.0.iter_mut().flatten().enumerate() {
            *word = match len.saturating_sub(place * 64) {
                left @ 0..64 => (1 << left) - 1,
                _ => u64::MAX,
            };
        }
        bits
    }

    pub(super) fn only(line: usize, of: usize) -> Self {
        let mut bits = Self::none(of);
        bits.set(line);
        bits
    }

    /// For how many lines there is room.
    pub(super) fn of(&self) -> usize {
        self.0.len() * LINES
    }

    pub(super) fn set(&mut self, line: usize) {
        if let Some(word) = self.0.get_mut(line / LINES).and_then(|block| block.get_mut(line / 64 % LANES)) {
            *word |= 1 << (line % 64);
        }
    }

    pub(super) fn has(&self, line: usize) -> bool {
        let word = self.0.get(line / LINES).and_then(|block| block.get(line / 64 % LANES));
        word.is_some_and(|word| word & (1 << (line % 64)) != 0)
    }

    pub(super) fn and(&mut self, other: &Self) {
        self.0.iter_mut().zip(&other.0).for_each(|(own, other)| *own = both(*own, *other));
    }

    fn without(&mut self, other: &Self) {
        for (own, other) in self.0.iter_mut().flatten().zip(other.0.iter().flatten()) {
            *own &= !other;
        }
    }

    /// The lines in it, in order.
    pub(super) fn lines(&self) -> impl Iterator<Item = usize> {
        self.0.iter().enumerate().flat_map(|(place, block)| lines_of(*block, place))
    }
}

/// The lines that both have.
pub(super) fn both([a, b]: Block, [c, d]: Block) -> Block {
    [a & c, b & d]
}

/// The lines in a block, in order.
pub(super) fn lines_of(block: Block, place: usize) -> impl Iterator<Item = usize> {
    let words = block.into_iter().enumerate();
    words.flat_map(move |(word, bits)| {
        let mut left = bits;
        std::iter::from_fn(move || {
            let bit = left.trailing_zeros() as usize;
            (left != 0).then(|| {
                left &= left - 1;
                place * LINES + word * 64 + bit
            })
        })
    })
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

    pub(super) fn and(&mut self, other: &Self) {
        self.surely.and(&other.surely);
        self.maybe.and(&other.maybe);
    }
}
