//! Random organisations: people with contracts that are entered, corrected and taken back, and what others do meanwhile.

use std::fmt::Write as _;
use std::hash::{DefaultHasher, Hash, Hasher};

use chrono::{Days, NaiveDate};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::{Just, Strategy, prop_oneof};
use provisioning_core::target::Shown;

use super::org::{Org, at, d};

/// A contract, in days from the first day of the town.
#[derive(Debug, Clone)]
pub(crate) struct Job {
    pub(crate) start: u64,
    /// The last day counted from the first; none is open.
    pub(crate) last: Option<u64>,
    pub(crate) department: u8,
    /// The day on which HR enters it.
    pub(crate) known: u64,
    /// On a day HR gives it another last day, counted from the first.
    pub(crate) corrected: Option<(u64, Option<u64>)>,
    /// The day from which HR does not give it any more.
    pub(crate) dropped: Option<u64>,
}

/// A person's contracts.
#[derive(Debug, Clone)]
pub(crate) struct Life {
    pub(crate) name: u8,
    pub(crate) jobs: Vec<Job>,
    /// From a day on, for so many days, readings are without the person.
    pub(crate) absent: Option<(u64, u64)>,
    /// From a day on, for so many days, a row of the person cannot be read.
    pub(crate) defective: Option<(u64, u64)>,
}

/// What somebody else does with an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Deed {
    Disable,
    Enable,
    Delete,
    Restore,
    AddMembership,
    DropMemberships,
}

/// Everybody, and what others do: on a day, to a person.
#[derive(Debug, Clone)]
pub(crate) struct Town {
    pub(crate) lives: Vec<Life>,
    pub(crate) deeds: Vec<(u64, usize, Deed)>,
    /// From a day on, for so many days, the source cannot be read.
    pub(crate) outage: Option<(u64, u64)>,
}

/// How many days a town is looked at.
pub(crate) const DAYS: u64 = 150;

fn job() -> impl Strategy<Value = Job> {
    let last = || option::weighted(0.7, 0_u64..90);
    let corrected = option::weighted(0.3, (0_u64..DAYS, last()));
    let dropped = option::weighted(0.1, 0_u64..DAYS);
    (0_u64..120, last(), 0_u8..3, 0_u64..40, corrected, dropped).prop_map(
        |(start, last, department, ahead, corrected, dropped)| Job {
            start,
            last,
            department,
            known: (start + 8).saturating_sub(ahead),
            corrected,
            dropped,
        },
    )
}

/// Random towns; with what others do, or without.
pub(crate) fn town(people: std::ops::Range<usize>, deeds: usize) -> impl Strategy<Value = Town> {
    let absent = option::weighted(0.2, (0_u64..DAYS, 1_u64..8));
    let defective = option::weighted(0.2, (0_u64..DAYS, 1_u64..8));
    let life = (0_u8..3, vec(job(), 1..4), absent, defective);
    let life = life.prop_map(|(name, jobs, absent, defective)| Life { name, jobs, absent, defective });
    let deed = prop_oneof![
        Just(Deed::Disable),
        Just(Deed::Enable),
        Just(Deed::Delete),
        Just(Deed::Restore),
        Just(Deed::AddMembership),
        Just(Deed::DropMemberships),
    ];
    let deeds = vec((0_u64..DAYS, 0_usize..8, deed), 0..=deeds);
    let outage = option::weighted(0.3, (0_u64..DAYS, 1_u64..14));
    (vec(life, people), deeds, outage).prop_map(|(lives, deeds, outage)| Town { lives, deeds, outage })
}

impl Town {
    /// The date of a day of the town.
    pub(crate) fn day(number: u64) -> NaiveDate {
        d("2026-01-01") + Days::new(number)
    }

    /// What the source says on a day.
    pub(crate) fn rows(&self, on: u64) -> Vec<String> {
        let mut rows: Vec<String> = (0..3).map(|code| format!("department d{code} Department_{code}")).collect();
        for (place, life) in self.lives.iter().enumerate() {
            let key = place + 1;
            let is_in =
                |window: Option<(u64, u64)>| window.is_some_and(|(from, days)| (from..from + days).contains(&on));
            if is_in(life.absent) {
                continue;
            }
            if is_in(life.defective) {
                rows.push(format!("defect {key} a date is none"));
            }
            rows.push(format!("person {key} given_name=Anna family_name=Vos{}", life.name));
            for (number, job) in life.jobs.iter().enumerate() {
                if job.known > on || job.dropped.is_some_and(|dropped| dropped <= on) {
                    continue;
                }
                let last = job.corrected.filter(|(when, _)| *when <= on).map_or(job.last, |(_, last)| last);
                let mut row = format!("contract {key} c{key}-{number} {}..", Self::day(job.start));
                if let Some(last) = last {
                    write!(row, "{}", Self::day(job.start + last)).unwrap();
                }
                write!(row, " d{}", job.department).unwrap();
                rows.push(row);
            }
        }
        rows
    }

    /// Whether the source cannot be read on a day.
    pub(crate) fn is_out(&self, day: u64) -> bool {
        self.outage.is_some_and(|(from, days)| (from..from + days).contains(&day))
    }

    /// The clock stands on a day, the source says what HR knows by then, and others did what they did.
    pub(crate) fn dawn(&self, org: &Org, day: u64) {
        org.at(at(Self::day(day)));
        org.says(&self.rows(day).join("\n"));
        if self.is_out(day) {
            org.source.fail();
        }
        for (when, place, deed) in &self.deeds {
            if *when == day {
                deed.happen(org, &format!("hr:{}", place % self.lives.len() + 1));
            }
        }
    }
}

impl Deed {
    pub(crate) fn happen(self, org: &Org, anchor: &str) {
        let target = &org.target;
        match self {
            Self::Disable => target.by_hand(anchor, Shown::Disabled),
            Self::Enable => target.by_hand(anchor, Shown::Enabled),
            Self::Delete => target.delete_by_hand(anchor),
            Self::Restore => target.restore_by_hand(anchor),
            Self::AddMembership => target.change(anchor, |account| {
                let foreign = provisioning_core::PermissionId::new("by-hand").unwrap();
                account.permissions.get_or_insert_default().insert(foreign);
            }),
            Self::DropMemberships => target.change(anchor, |account| {
                account.permissions = Some(std::collections::BTreeSet::new());
            }),
        }
    }
}

/// The rows in another order for each seed; 0 leaves them as they are.
pub(crate) fn reordered(mut rows: Vec<String>, seed: u64) -> String {
    if seed > 0 {
        rows.sort_by_key(|row| {
            let mut hasher = DefaultHasher::new();
            (seed, row).hash(&mut hasher);
            hasher.finish()
        });
    }
    rows.join("\n")
}
