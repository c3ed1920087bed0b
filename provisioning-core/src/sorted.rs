//! A map in a vector, for the many maps that hold one entry: a node of a B-tree has room for eleven.

use serde::{Deserialize, Serialize};

/// Entries in order of key, each key once.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(from = "Vec<(K, V)>", bound(deserialize = "K: Ord + Deserialize<'de>, V: Deserialize<'de>"))]
pub struct SortedMap<K, V>(Vec<(K, V)>);

impl<K, V> Default for SortedMap<K, V> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<K: Ord, V> SortedMap<K, V> {
    fn place<Q: Ord + ?Sized>(&self, key: &Q) -> Result<usize, usize>
    where
        K: std::borrow::Borrow<Q>,
    {
        self.0.binary_search_by(|(other, _)| other.borrow().cmp(key))
    }

    /// The value of a key.
    #[must_use]
    pub fn get<Q: Ord + ?Sized>(&self, key: &Q) -> Option<&V>
    where
        K: std::borrow::Borrow<Q>,
    {
        self.place(key).ok().and_then(|place| self.0.get(place)).map(|(_, value)| value)
    }

    /// The value of a key, to change it.
    pub fn get_mut<Q: Ord + ?Sized>(&mut self, key: &Q) -> Option<&mut V>
    where
        K: std::borrow::Borrow<Q>,
    {
        self.place(key).ok().and_then(|place| self.0.get_mut(place)).map(|(_, value)| value)
    }

    /// Whether a key is there.
    #[must_use]
    pub fn contains_key<Q: Ord + ?Sized>(&self, key: &Q) -> bool
    where
        K: std::borrow::Borrow<Q>,
    {
        self.place(key).is_ok()
    }

    /// Puts a value, and gives back the one that was there.
    pub fn insert(&mut self, key: K, value: V) -> Option<V> {
        match self.place(&key) {
            Ok(place) => self.0.get_mut(place).map(|(_, earlier)| std::mem::replace(earlier, value)),
            Err(place) => {
                // One entry is the rule, so room for four would be wasted on most.
                self.0.reserve_exact(1);
                self.0.insert(place, (key, value));
                None
            }
        }
    }

    /// The value of a key, made if there was none.
    pub(crate) fn entry(&mut self, key: K) -> &mut V
    where
        V: Default,
    {
        let (place, value) = match self.place(&key) {
            Ok(place) => (place, self.0.remove(place).1),
            Err(place) => {
                self.0.reserve_exact(1);
                (place, V::default())
            }
        };
        &mut self.0.insert_mut(place, (key, value)).1
    }

    /// Takes a key out, and gives back its value.
    pub fn remove<Q: Ord + ?Sized>(&mut self, key: &Q) -> Option<V>
    where
        K: std::borrow::Borrow<Q>,
    {
        self.place(key).ok().map(|place| self.0.remove(place).1)
    }

    /// Keeps the entries of which this is true.
    pub fn retain(&mut self, mut keep: impl FnMut(&K, &V) -> bool) {
        self.0.retain(|(key, value)| keep(key, value));
    }

    /// Takes all out.
    pub fn clear(&mut self) {
        self.0.clear();
    }
}

impl<K, V> SortedMap<K, V> {
    /// The entries in order of key.
    pub fn iter(&self) -> impl Iterator<Item = (&K, &V)> + Clone {
        self.0.iter().map(|(key, value)| (key, value))
    }

    /// The keys in order.
    pub fn keys(&self) -> impl Iterator<Item = &K> {
        self.0.iter().map(|(key, _)| key)
    }

    /// The values in order of key.
    pub fn values(&self) -> impl Iterator<Item = &V> {
        self.0.iter().map(|(_, value)| value)
    }

    /// How many entries there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// The last value given for a key counts.
impl<K: Ord, V> From<Vec<(K, V)>> for SortedMap<K, V> {
    fn from(mut entries: Vec<(K, V)>) -> Self {
        entries.reverse();
        entries.sort_by(|(a, _), (b, _)| a.cmp(b));
        entries.dedup_by(|(a, _), (b, _)| a == b);
        entries.shrink_to_fit();
        Self(entries)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::collection::vec;
    use proptest::prelude::any;
    use proptest::proptest;

    use super::*;

    #[test]
    fn keys_are_in_order_and_each_is_there_once() {
        let mut map = SortedMap::from(vec![(3, 'c'), (1, 'x'), (2, 'b'), (1, 'a')]);
        assert_eq!(map.iter().collect::<Vec<_>>(), [(&1, &'a'), (&2, &'b'), (&3, &'c')]);
        assert_eq!(map.insert(2, 'z'), Some('b'));
        assert_eq!(map.insert(0, 'y'), None);
        assert_eq!(map.keys().copied().collect::<Vec<_>>(), [0, 1, 2, 3]);
        assert_eq!(map.values().collect::<String>(), "yazc");
    }

    #[test]
    fn what_is_read_from_json_is_put_in_order() {
        let map: SortedMap<String, u8> = serde_json::from_str(r#"[["b",1],["a",2],["b",3]]"#).unwrap();
        assert_eq!((map.get("a"), map.get("b"), map.get("c")), (Some(&2), Some(&3), None));
        assert_eq!(serde_json::to_string(&map).unwrap(), r#"[["a",2],["b",3]]"#);
    }

    proptest! {
        #[test]
        fn it_does_what_a_tree_does(steps in vec((0..6_u8, 0..8_u8, any::<u8>()), 0..40)) {
            let (mut map, mut tree) = (SortedMap::default(), BTreeMap::new());
            for (step, key, value) in steps {
                match step {
                    0 | 1 => assert_eq!(map.insert(key, value), tree.insert(key, value)),
                    2 => assert_eq!(map.remove(&key), tree.remove(&key)),
                    3 => {
                        *map.entry(key) ^= value;
                        *tree.entry(key).or_default() ^= value;
                    }
                    4 => {
                        map.retain(|other, _| *other <= key);
                        tree.retain(|other, _| *other <= key);
                    }
                    _ => {
                        map.get_mut(&key).into_iter().for_each(|old| *old = value);
                        tree.get_mut(&key).into_iter().for_each(|old| *old = value);
                    }
                }
                assert!(map.iter().eq(tree.iter()));
                assert_eq!((map.get(&key), map.contains_key(&key)), (tree.get(&key), tree.contains_key(&key)));
                assert_eq!((map.len(), map.is_empty()), (tree.len(), tree.is_empty()));
            }
            map.clear();
            assert!(map.is_empty());
        }
    }
}
