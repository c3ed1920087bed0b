//! Civil days: half-open periods, their algebra, and the first instant of a day in a zone.
//!
//! Sources give an inclusive last day; inside, a period ends on the first day that is no longer in it.

use std::fmt;

use chrono::{DateTime, Days, NaiveDate, NaiveTime, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

/// A run of civil days `[start, end)`; without an end it is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "RawPeriod")]
pub struct Period {
    start: NaiveDate,
    end: Option<NaiveDate>,
}

#[derive(Deserialize)]
struct RawPeriod {
    start: NaiveDate,
    end: Option<NaiveDate>,
}

impl TryFrom<RawPeriod> for Period {
    type Error = EndBeforeStart;
    fn try_from(raw: RawPeriod) -> Result<Self, EndBeforeStart> {
        Self::new(raw.start, raw.end)
    }
}

/// A period was asked for that ends before it starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the end {end} lies before the start {start}")]
pub struct EndBeforeStart {
    /// The first day.
    pub start: NaiveDate,
    /// The day that was given as its end.
    pub end: NaiveDate,
}

impl Period {
    /// The days from `start` up to, not including, `end`.
    ///
    /// # Errors
    /// When the end lies before the start; an empty period is legal.
    pub fn new(start: NaiveDate, end: Option<NaiveDate>) -> Result<Self, EndBeforeStart> {
        match end {
            Some(end) if end < start => Err(EndBeforeStart { start, end }),
            _ => Ok(Self { start, end }),
        }
    }

    /// The days from the first to the last, both included, as sources write them.
    ///
    /// # Errors
    /// When the last day lies before the first.
    pub fn inclusive(first: NaiveDate, last: Option<NaiveDate>) -> Result<Self, EndBeforeStart> {
        match last {
            Some(last) if last < first => Err(EndBeforeStart { start: first, end: last }),
            _ => Ok(Self { start: first, end: last.map(|day| plus_days(day, 1)) }),
        }
    }

    /// The first day.
    #[must_use]
    pub fn start(&self) -> NaiveDate {
        self.start
    }

    /// The first day after it; `None` when it is open.
    #[must_use]
    pub fn end(&self) -> Option<NaiveDate> {
        self.end
    }

    /// The last day in it; `None` when it is open.
    #[must_use]
    pub fn last_day(&self) -> Option<NaiveDate> {
        self.end.map(|end| minus_days(end, 1))
    }

    /// Whether no day is in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.end == Some(self.start)
    }

    /// Whether `day` is in it.
    #[must_use]
    pub fn contains(&self, day: NaiveDate) -> bool {
        self.start <= day && self.end.is_none_or(|end| day < end)
    }

    /// Whether all of it lies before `day`.
    #[must_use]
    pub fn ends_before(&self, day: NaiveDate) -> bool {
        self.end.is_some_and(|end| end <= day)
    }

    /// The same period, over at the start of `day` at the latest.
    #[must_use]
    pub fn until(&self, day: NaiveDate) -> Self {
        let end = self.end.map_or(day, |end| end.min(day));
        Self { start: self.start, end: Some(end.max(self.start)) }
    }

    /// Longer by `before` days at its start and `after` at its end.
    #[must_use]
    pub fn widen(&self, before: u32, after: u32) -> Self {
        Self { start: minus_days(self.start, before), end: self.end.map(|end| plus_days(end, after)) }
    }

    /// The days that are in both, if there are any.
    #[must_use]
    pub fn intersection(&self, other: &Self) -> Option<Self> {
        let start = self.start.max(other.start);
        let end = match (self.end, other.end) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (one, other) => one.or(other),
        };
        Self::new(start, end).ok().filter(|period| !period.is_empty())
    }
}

impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.last_day() {
            Some(last) => write!(f, "{} to {last}", self.start),
            None => write!(f, "from {}", self.start),
        }
    }
}

/// The days that are in any of the periods, as disjoint periods in order; neighbours are joined.
#[must_use]
pub fn union(periods: impl IntoIterator<Item = Period>) -> Vec<Period> {
    let mut sorted: Vec<Period> = periods.into_iter().filter(|period| !period.is_empty()).collect();
    sorted.sort_unstable();
    let mut joined: Vec<Period> = Vec::with_capacity(sorted.len());
    for next in sorted {
        match joined.last_mut() {
            Some(last) if last.end.is_none_or(|end| next.start <= end) => {
                last.end = last.end.and_then(|end| next.end.map(|other| end.max(other)));
            }
            _ => joined.push(next),
        }
    }
    joined
}

/// The day `days` after `day`, or the last day that can be written.
#[must_use]
pub fn plus_days(day: NaiveDate, days: u32) -> NaiveDate {
    day.checked_add_days(Days::new(days.into())).unwrap_or(NaiveDate::MAX)
}

/// The day `days` before `day`, or the first day that can be written.
#[must_use]
pub fn minus_days(day: NaiveDate, days: u32) -> NaiveDate {
    day.checked_sub_days(Days::new(days.into())).unwrap_or(NaiveDate::MIN)
}

/// The civil day that `now` falls on in `zone`.
#[must_use]
pub fn civil_day(now: DateTime<Utc>, zone: Tz) -> NaiveDate {
    now.with_timezone(&zone).date_naive()
}

/// The first instant of `day` in `zone`: where clocks skip midnight the first one after it, where a day was skipped
/// altogether the first one of the next.
#[must_use]
pub fn first_instant(day: NaiveDate, zone: Tz) -> DateTime<Utc> {
    let midnight = day.and_time(NaiveTime::MIN);
    if let Some(instant) = zone.from_local_datetime(&midnight).earliest() {
        return instant.with_timezone(&Utc);
    }
    // No zone is more than 26 hours from UTC, so the instant lies between these two; the civil day only grows. At the ends
    // of time there is no such instant, and the first or last one there is stands for it.
    let midnight = midnight.and_utc();
    let mut before = midnight.checked_sub_signed(TimeDelta::hours(26)).unwrap_or(DateTime::<Utc>::MIN_UTC);
    let mut after = midnight.checked_add_signed(TimeDelta::hours(50)).unwrap_or(DateTime::<Utc>::MAX_UTC);
    while after - before > TimeDelta::seconds(1) {
        let middle = before + (after - before) / 2;
        if civil_day(middle, zone) < day {
            before = middle;
        } else {
            after = middle;
        }
    }
    DateTime::from_timestamp(after.timestamp(), 0).unwrap_or(after)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn period(text: &str) -> Period {
        let (first, last) = text.split_once("..").unwrap();
        Period::inclusive(day(first), (!last.is_empty()).then(|| day(last))).unwrap()
    }

    #[test]
    fn the_last_day_that_a_source_gives_is_in_the_period() {
        let one = period("2026-02-28..2026-02-28");
        assert!(one.contains(day("2026-02-28")) && !one.contains(day("2026-03-01")) && !one.is_empty());
        assert_eq!(one.last_day(), Some(day("2026-02-28")));
        assert!(Period::inclusive(day("2026-03-02"), Some(day("2026-03-01"))).is_err());
    }

    #[test]
    fn a_union_joins_neighbours_and_overlaps_and_drops_the_empty() {
        let empty = Period::new(day("2026-01-20"), Some(day("2026-01-20"))).unwrap();
        let joined = union([
            period("2026-03-01.."),
            empty,
            period("2026-01-05..2026-01-09"),
            period("2026-01-01..2026-01-04"),
            period("2026-01-08..2026-01-12"),
        ]);
        assert_eq!(joined, [period("2026-01-01..2026-01-12"), period("2026-03-01..")]);
        assert_eq!(union([period("2026-01-01.."), period("2026-02-01..2026-02-02")]), [period("2026-01-01..")]);
    }

    #[test]
    fn an_intersection_has_only_common_days() {
        let (a, b) = (period("2026-01-01..2026-01-10"), period("2026-01-10.."));
        assert_eq!(a.intersection(&b), Some(period("2026-01-10..2026-01-10")));
        assert_eq!(a.intersection(&period("2026-01-11..")), None);
    }

    #[test]
    fn a_day_starts_when_its_zone_says_so() {
        for (text, zone, instant) in [
            ("2026-03-29", Tz::Europe__Amsterdam, "2026-03-28T23:00:00Z"),
            ("2026-03-30", Tz::Europe__Amsterdam, "2026-03-29T22:00:00Z"),
            // Clocks went from 23:59:59 to 01:00:00.
            ("2018-11-04", Tz::America__Sao_Paulo, "2018-11-04T03:00:00Z"),
            // Samoa had no 30 December 2011.
            ("2011-12-30", Tz::Pacific__Apia, "2011-12-30T10:00:00Z"),
            ("2011-12-31", Tz::Pacific__Apia, "2011-12-30T10:00:00Z"),
        ] {
            let expected: DateTime<Utc> = instant.parse().unwrap();
            assert_eq!(first_instant(day(text), zone), expected, "{text} {zone}");
            assert!(civil_day(expected - TimeDelta::seconds(1), zone) < day(text));
            assert!(civil_day(expected, zone) >= day(text));
        }
    }

    #[test]
    fn the_first_and_the_last_day_that_can_be_written_start_somewhere() {
        for zone in [Tz::UTC, Tz::Europe__Amsterdam, Tz::America__Los_Angeles, Tz::Pacific__Auckland] {
            assert!(first_instant(NaiveDate::MIN, zone) < first_instant(day("0001-01-01"), zone), "{zone}");
            assert!(first_instant(NaiveDate::MAX, zone) > first_instant(day("9999-12-31"), zone), "{zone}");
        }
    }
}
