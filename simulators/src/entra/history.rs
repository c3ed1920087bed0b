//! What a thing is, and what it was a short while ago: readers may be shown the past (graph.md 1.5).

use chrono::{DateTime, Utc};

/// A value with as much of its past as is still shown to somebody.
#[derive(Debug, Clone)]
pub(super) struct History<T> {
    born: DateTime<Utc>,
    since: DateTime<Utc>,
    latest: T,
    /// Since when, the oldest first.
    earlier: Vec<(DateTime<Utc>, T)>,
}

impl<T> History<T> {
    pub(super) fn begin(at: DateTime<Utc>, first: T) -> Self {
        Self { born: at, since: at, latest: first, earlier: Vec::new() }
    }

    pub(super) fn latest(&self) -> &T {
        &self.latest
    }

    /// As it was at an instant; none when it was not there yet.
    pub(super) fn at(&self, instant: DateTime<Utc>) -> Option<&T> {
        if instant >= self.since {
            return Some(&self.latest);
        }
        let shown = self.earlier.iter().rev().find(|(since, _)| *since <= instant).or_else(|| {
            // What is older than the past that was kept.
            self.earlier.first().filter(|_| self.born <= instant)
        });
        shown.map(|(_, value)| value)
    }

    /// Follows the latest value. Of the past, what is shown at `kept` or later stays.
    pub(super) fn put(&mut self, at: DateTime<Utc>, value: T, kept: DateTime<Utc>) {
        let before = (self.since, std::mem::replace(&mut self.latest, value));
        self.since = at;
        if kept >= at {
            self.earlier.clear();
            return;
        }
        self.earlier.push(before);
        let shown = self.earlier.iter().rposition(|(since, _)| *since <= kept).unwrap_or_default();
        self.earlier.drain(..shown);
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;

    #[test]
    fn the_past_is_shown_as_far_as_it_was_kept() {
        let at = |seconds| DateTime::UNIX_EPOCH + TimeDelta::seconds(seconds);
        let mut history = History::begin(at(10), 'a');
        history.put(at(20), 'b', at(15));
        history.put(at(22), 'c', at(17));
        let shown = |history: &History<char>| -> String {
            [9, 10, 19, 20, 21, 22, 99].iter().map(|s| history.at(at(*s)).copied().unwrap_or('-')).collect()
        };
        assert_eq!(shown(&history), "-aabbcc");
        history.put(at(40), 'd', at(35));
        assert_eq!(shown(&history), "-cccccd");
        history.put(at(50), 'e', at(50));
        assert_eq!((history.at(at(9)), history.at(at(99))), (None, Some(&'e')));
    }
}
