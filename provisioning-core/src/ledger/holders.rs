//! Who holds what only one can hold, such as a name.

use std::collections::BTreeMap;

/// Who holds each key: whoever took it last. Who held it before is remembered, so that forgetting somebody leaves exactly
/// what there would be if that one had never taken anything.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Holders<K, V> {
    held: BTreeMap<K, V>,
    /// Those from whom a key was taken, each once, the one who held it last at the end; nearly always nobody.
    before: BTreeMap<K, Vec<V>>,
}

impl<K, V> Default for Holders<K, V> {
    fn default() -> Self {
        Self { held: BTreeMap::new(), before: BTreeMap::new() }
    }
}

impl<K: Ord + Clone, V: PartialEq + Clone> Holders<K, V> {
    pub(super) fn held(&self) -> &BTreeMap<K, V> {
        &self.held
    }

    pub(super) fn take(&mut self, key: K, by: &V) {
        let Some(other) = self.held.insert(key.clone(), by.clone()).filter(|other| other != by) else { return };
        let before = self.before.entry(key).or_default();
        before.retain(|one| one != by);
        before.push(other);
    }

    /// Forgets these holders; what they took from others is theirs again.
    pub(super) fn forget(&mut self, is_forgotten: impl Fn(&V) -> bool) {
        self.before.retain(|_, before| {
            before.retain(|one| !is_forgotten(one));
            !before.is_empty()
        });
        let before = &mut self.before;
        self.held.retain(|key, by| {
            if !is_forgotten(by) {
                return true;
            }
            let last = before.get_mut(key).and_then(Vec::pop);
            last.is_some_and(|last| {
                *by = last;
                true
            })
        });
        self.before.retain(|_, before| !before.is_empty());
    }
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::proptest;

    use super::*;

    #[test]
    fn whoever_took_it_last_holds_it() {
        let mut holders = Holders::default();
        holders.take("anna", &1);
        holders.take("anna", &2);
        assert_eq!(holders.held().get("anna"), Some(&2));
        holders.forget(|by| *by == 2);
        assert_eq!(holders.held().get("anna"), Some(&1));
        holders.forget(|by| *by == 1);
        assert_eq!(holders, Holders::default());
    }

    proptest! {
        #[test]
        fn forgetting_somebody_is_as_if_that_one_had_never_been(takes in vec((0..3_u8, 0..4_u8), 0..12), gone in 0..4_u8) {
            let (mut all, mut without) = (Holders::default(), Holders::default());
            for (key, by) in takes {
                all.take(key, &by);
                if by != gone {
                    without.take(key, &by);
                }
            }
            all.forget(|by| *by == gone);
            assert_eq!(all, without);
        }
    }
}
