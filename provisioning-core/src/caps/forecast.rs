//! The forecast of an accepted roster: a mass end date is seen on the day it is entered, not on the day it falls due.

use std::collections::BTreeMap;
use std::fmt;

use chrono::NaiveDate;

use crate::caps::together::paces;
use crate::caps::who::NAMED;
use crate::caps::{Caps, Pace, Who, too_many};
use crate::id::PersonId;
use crate::ledger::Ledger;
use crate::period::plus_days;
use crate::settings::Settings;
use crate::source::{Leave, Roster};

/// Days on which more people leave than may be disabled by surprise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MassLeave {
    /// The first day without a contract, of those who leave first.
    pub first: NaiveDate,
    /// The same, of those who leave last; an end that was entered for too many may be spread over days.
    pub last: NaiveDate,
    /// How many people's last contract is over by then.
    pub people: u32,
    /// What the caps let go of them by what was entered on one day.
    pub pace: Pace,
    /// On how many days these ends were entered.
    pub entered_on: usize,
    /// The day on which most of them were entered, the first of several; `None` is the first reading of a source.
    pub most_on: Option<NaiveDate>,
    /// How many were entered on that day.
    pub most: u32,
    /// Who these are.
    pub who: Who,
    /// How many stay a surprise when their day comes, since too many were entered on the same day.
    pub surprising: u32,
}

impl fmt::Display for MassLeave {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { first, last, people, pace, entered_on, most_on, most, who, surprising } = self;
        if first == last {
            write!(f, "from {first} on {people} people more have no contract; ")?;
        } else {
            write!(f, "between {first} and {last} {people} people more come to have no contract; ")?;
        }
        let those = if *entered_on == 1 { "all".to_owned() } else { most.to_string() };
        match most_on {
            Some(day) => write!(f, "{those} were entered on {day}")?,
            None => write!(f, "{those} came with the first reading")?,
        }
        if *entered_on > 1 {
            write!(f, " and the others on {} more", Days(entered_on - 1))?;
        }
        write!(f, ", and the caps let {} go {}", pace.allowed, Within(pace.days))?;
        match (surprising, pace.days) {
            (0, _) => {}
            (people, 0) => write!(f, ", so {people} wait for an approval then")?,
            (_, _) => write!(f, ", so what is over that waits for an approval then")?,
        }
        write!(f, "; check the end dates of {who}")
    }
}

/// `1 day`, `2 days`.
struct Days(usize);

impl fmt::Display for Days {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.0, if self.0 == 1 { "day" } else { "days" })
    }
}

/// `at once`, `within 7 days`.
struct Within(u32);

impl fmt::Display for Within {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0 == 0 { f.write_str("at once") } else { write!(f, "within {}", Days(self.0 as usize)) }
    }
}

/// The days after `today` on which more people leave than may be disabled by surprise where most accounts are. As long as
/// there are none, nobody can lose one.
#[must_use]
pub fn mass_leaves(roster: &Roster, ledger: &Ledger, settings: &Settings, today: NaiveDate) -> Vec<MassLeave> {
    let targets = settings.targets.iter().map(|target| &target.capabilities.target);
    let population = targets.map(|target| ledger.population(target)).max().unwrap_or(0);
    if population == 0 {
        return Vec::new();
    }
    let mut days: BTreeMap<NaiveDate, Vec<(Leave, u32)>> = BTreeMap::new();
    for (leave, people) in roster.leaving_from(plus_days(today, 1)) {
        days.entry(leave.day).or_default().push((leave, people));
    }
    let mut spans: Vec<Span> = Vec::new();
    for (day, groups) in days {
        let span = Span::of(day, groups, |leave| too_many(leave, roster, &settings.caps, population));
        match spans.last_mut() {
            Some(last) if last.goes_on_in(&span) => last.take_in(span),
            _ => spans.extend(span.is_told(&settings.caps, population).then_some(span)),
        }
    }
    let found = spans.into_iter().filter_map(|span| span.tell(roster, ledger, &settings.caps, population));
    found.collect()
}

/// Days on which people leave by the same mistake, if it is one.
struct Span {
    first: NaiveDate,
    last: NaiveDate,
    groups: Vec<(Leave, u32)>,
    /// Which of the groups are too many, by what.
    over: Vec<(Leave, u32, Pace)>,
}

impl Span {
    fn of(day: NaiveDate, groups: Vec<(Leave, u32)>, too_many: impl Fn(Leave) -> Option<Pace>) -> Self {
        let over = groups.iter().filter_map(|(leave, people)| Some((*leave, *people, too_many(*leave)?))).collect();
        Self { first: day, last: day, groups, over }
    }

    /// Whether there is anything to say of a day.
    fn is_told(&self, caps: &Caps, population: u32) -> bool {
        let people: u32 = self.groups.iter().map(|(_, people)| people).sum();
        !self.over.is_empty() || at_once(caps, population).is_some_and(|pace| people > pace.allowed)
    }

    /// Whether a day has too many of those of whom these days have too many.
    fn goes_on_in(&self, next: &Self) -> bool {
        self.over.iter().any(|(leave, _, pace)| {
            let same = next.over.iter().any(|(other, ..)| other.entered == leave.entered);
            same && next.first < plus_days(self.last, pace.days)
        })
    }

    fn take_in(&mut self, next: Self) {
        self.last = next.last;
        self.groups.extend(next.groups);
        self.over.extend(next.over);
    }

    fn tell(self, roster: &Roster, ledger: &Ledger, caps: &Caps, population: u32) -> Option<MassLeave> {
        let mut entered: BTreeMap<Option<NaiveDate>, u32> = BTreeMap::new();
        for (leave, people) in &self.groups {
            *entered.entry(leave.entered).or_default() += people;
        }
        let (most_on, most) = entered.iter().rev().max_by_key(|(_, people)| **people)?;
        let over = self.over.iter().map(|(.., pace)| *pace).max_by_key(|pace| pace.days);
        let those = |leave: Leave| leave.entered == *most_on && self.first <= leave.day && leave.day <= self.last;
        Some(MassLeave {
            first: self.first,
            last: self.last,
            people: entered.values().sum(),
            pace: over.or_else(|| at_once(caps, population))?,
            entered_on: entered.len(),
            most_on: *most_on,
            most: *most,
            who: who(roster, ledger, those, *most),
            surprising: self.over.iter().map(|(_, people, _)| people).sum(),
        })
    }
}

/// What one plan may disable by surprise.
fn at_once(caps: &Caps, population: u32) -> Option<Pace> {
    paces(caps, population).filter(|pace| pace.days == 0).min_by_key(|pace| pace.allowed)
}

/// Who leaves together; no further than the few that are named is looked.
fn who(roster: &Roster, ledger: &Ledger, together: impl Fn(Leave) -> bool, people: u32) -> Who {
    let leavers = roster.records().filter(|record| record.leaves().is_some_and(&together));
    let first: Vec<PersonId> =
        leavers.take(NAMED.min(people as usize)).map(|record| ledger.person_of(&record.id)).collect();
    let more = people.saturating_sub(u32::try_from(first.len()).unwrap_or(u32::MAX));
    Who { first, more }
}
