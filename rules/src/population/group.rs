//! Columns that are looked up together: what occurs together is one class, with one row.

use std::collections::{BTreeMap, HashMap, HashSet};

use foldhash::fast::RandomState;

use crate::population::bits::Row;

/// As many classes as a group should have at most, so that its rows stay close to the processor.
const MOST: usize = 1100;
/// How many of those that are seen first decide which columns go together.
pub(super) const SAMPLE: usize = 1500;

/// Some columns, and the combinations of their classes that occurred.
#[derive(Debug, Clone)]
pub(super) struct Group {
    pub(super) columns: Vec<usize>,
    classes: HashMap<Box<[u32]>, u32, RandomState>,
    pub(super) rows: Vec<Row>,
}

impl Group {
    pub(super) fn of(columns: Vec<usize>) -> Self {
        Self { columns, classes: HashMap::default(), rows: Vec::new() }
    }

    /// The class of a combination; a new one gets the row that is made for it.
    pub(super) fn class(&mut self, key: &[u32], make: impl FnOnce(&[usize]) -> Row) -> u32 {
        if let Some(class) = self.classes.get(key) {
            return *class;
        }
        let class = u32::try_from(self.rows.len()).unwrap_or(u32::MAX);
        let row = make(&self.columns);
        self.rows.push(row);
        self.classes.insert(key.into(), class);
        class
    }
}

/// Which of `columns` go together, as far as a sample tells: those first that make the fewest classes. Where it tells
/// nothing, each stands alone.
pub(super) fn together(columns: usize, sample: &[Vec<u32>]) -> Vec<Vec<usize>> {
    if sample.is_empty() {
        return (0..columns).map(|column| vec![column]).collect();
    }
    let mut groups: Vec<Option<Vec<usize>>> = (0..columns).map(|column| Some(vec![column])).collect();
    let count = |one: &[usize], other: &[usize]| {
        let key = |seen: &Vec<u32>| -> Vec<u32> {
            one.iter().chain(other).map(|column| seen.get(*column).copied().unwrap_or_default()).collect()
        };
        sample.iter().map(key).collect::<HashSet<_, RandomState>>().len()
    };
    let mut counts: BTreeMap<(usize, usize), usize> = BTreeMap::new();
    let pairs = |place: usize, groups: &[Option<Vec<usize>>], counts: &mut BTreeMap<(usize, usize), usize>| {
        let Some(Some(own)) = groups.get(place) else { return };
        for (other, columns) in groups.iter().enumerate().filter(|(other, _)| *other != place) {
            if let Some(columns) = columns {
                counts.insert((place.min(other), place.max(other)), count(own, columns));
            }
        }
    };
    (0..columns).for_each(|place| pairs(place, &groups, &mut counts));
    while let Some((&(one, other), _)) =
        counts.iter().filter(|(_, count)| **count <= MOST).min_by_key(|(_, count)| **count)
    {
        let joined = groups.get_mut(other).and_then(Option::take).unwrap_or_default();
        if let Some(Some(own)) = groups.get_mut(one) {
            own.extend(joined);
        }
        counts.retain(|(a, b), _| ![one, other].iter().any(|gone| gone == a || gone == b));
        pairs(one, &groups, &mut counts);
    }
    groups.into_iter().flatten().collect()
}
