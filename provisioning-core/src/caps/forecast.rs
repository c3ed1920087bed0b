//! The forecast of an accepted roster: a mass end date is seen on the day it is entered, not on the day it falls due.

use std::collections::BTreeMap;
use std::fmt;

use chrono::NaiveDate;

use crate::caps::Who;
use crate::caps::who::NAMED;
use crate::id::PersonId;
use crate::ledger::Ledger;
use crate::period::plus_days;
use crate::settings::Settings;
use crate::source::{Leave, Roster};

/// A day on which more people leave than may be disabled at once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MassLeave {
    /// The first day without a contract.
    pub day: NaiveDate,
    /// How many people's last contract is over by then.
    pub people: u32,
    /// How many may leave together by what was entered on one day.
    pub allowed: u32,
    /// On how many days these ends were entered.
    pub entered_on: usize,
    /// The day on which most of them were entered, the first of several.
    pub most_on: NaiveDate,
    /// How many were entered on that day.
    pub most: u32,
    /// Who these are.
    pub who: Who,
    /// How many wait for an approval when the day comes, since too many were entered on the same day.
    pub held: u32,
}

impl fmt::Display for MassLeave {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { day, people, allowed, entered_on, most_on, most, who, held } = self;
        write!(f, "from {day} on {people} people more have no contract; ")?;
        if *entered_on == 1 {
            write!(f, "all were entered on {most_on}")?;
        } else {
            write!(f, "{most} were entered on {most_on} and the others on {} more", Days(entered_on - 1))?;
        }
        write!(f, ", and the caps let {allowed} go at once")?;
        if *held > 0 {
            write!(f, ", so {held} wait for an approval then")?;
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

/// The days after `today` on which more people leave than may be disabled at once where most accounts are. As long as there
/// are none, nobody can lose one.
#[must_use]
pub fn mass_leaves(roster: &Roster, ledger: &Ledger, settings: &Settings, today: NaiveDate) -> Vec<MassLeave> {
    let targets = settings.targets.iter().map(|target| &target.capabilities.target);
    let population = targets.map(|target| ledger.population(target)).max().unwrap_or(0);
    let Some(allowed) = settings.caps.leavers_at_once(population).filter(|_| population > 0) else {
        return Vec::new();
    };
    let mut days: BTreeMap<NaiveDate, Vec<(Leave, u32)>> = BTreeMap::new();
    for (leave, people) in roster.leaving_from(plus_days(today, 1)) {
        days.entry(leave.day).or_default().push((leave, people));
    }
    let found = days.into_iter().filter_map(|(day, groups)| {
        let people = groups.iter().map(|(_, people)| people).sum();
        let (leave, most) = groups.iter().rev().max_by_key(|(_, people)| *people).copied()?;
        let held = groups.iter().map(|(_, people)| *people).filter(|people| *people > allowed).sum();
        (people > allowed).then(|| MassLeave {
            day,
            people,
            allowed,
            entered_on: groups.len(),
            most_on: leave.entered,
            most,
            who: who(roster, ledger, (leave, most)),
            held,
        })
    });
    found.collect()
}

/// Who leaves together; no further than the few that are named is looked.
fn who(roster: &Roster, ledger: &Ledger, (leave, people): (Leave, u32)) -> Who {
    let leavers = roster.records().filter(|record| record.leaves() == Some(leave));
    let first: Vec<PersonId> =
        leavers.take(NAMED.min(people as usize)).map(|record| ledger.person_of(&record.id)).collect();
    let more = people.saturating_sub(u32::try_from(first.len()).unwrap_or(u32::MAX));
    Who { first, more }
}
