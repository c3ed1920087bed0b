//! Zones, downtime and clocks: I-14, I-15 and I-21 to I-23.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use chrono_tz::{TZ_VARIANTS, Tz};
use provisioning_core::audit::{Exception, PersonDirective};
use provisioning_core::decide::ClockTrust;
use provisioning_core::period::{civil_day, first_instant, minus_days, plus_days};
use provisioning_core::policy::{
    Answer, Because, Combination, EarlierAccounts, Entitlement, Grant, Looks, Policy, PolicyVersion, Profile,
};
use provisioning_core::source::Person;
use provisioning_core::{Digest, Slot};

use crate::support::{DAYS, Org, Setup, Town, check, d, main_of, shape_of, town};

/// Access from some days before each contract to some days after it.
#[derive(Debug, Clone, Copy)]
struct Windows {
    before: u32,
    after: u32,
}

impl Policy for Windows {
    fn version(&self) -> PolicyVersion {
        PolicyVersion(Digest([1; 32]))
    }

    fn sees_managers(&self) -> bool {
        false
    }

    fn grants(&self, person: &Person<'_>, now: DateTime<Utc>) -> Answer {
        let mut answer = Answer::default();
        for contract in &person.contracts {
            let period = contract.period.widen(self.before, self.after);
            if period.contains(civil_day(now, contract.zone)) {
                let because = Because { rule: "access".parse().unwrap(), contract: Some(contract.id().clone()) };
                answer.grants.push(Grant { slot: main_of("entra"), entitlement: Entitlement::Access, because });
            }
        }
        answer
    }

    fn combinations(&self) -> &[Combination] {
        &[]
    }

    fn profile(&self, _: &Person<'_>, _: &Slot, _: &EarlierAccounts, _: DateTime<Utc>) -> Profile {
        Profile::default()
    }

    fn looks(&self) -> Looks {
        Looks::new()
    }

    fn next_change(&self, person: &Person<'_>, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let edges = person.contracts.iter().flat_map(|contract| {
            let period = contract.period;
            let days =
                [Some(minus_days(period.start(), self.before)), period.end().map(|end| plus_days(end, self.after))];
            days.into_iter().flatten().map(|day| first_instant(day, contract.zone))
        });
        edges.filter(|edge| *edge > now).min()
    }
}

/// Forty zones from all over the world, with those that are special among them.
fn zones() -> Vec<Tz> {
    let special =
        [Tz::Pacific__Apia, Tz::Asia__Kathmandu, Tz::America__St_Johns, Tz::Africa__Cairo, Tz::Pacific__Kiritimati];
    let all = TZ_VARIANTS.iter().step_by(17).copied().take(35);
    special.into_iter().chain(all).collect()
}

/// The first second at which it is a day in a zone, found by looking at the calendar there.
fn begins(day: NaiveDate, zone: Tz) -> DateTime<Utc> {
    let mut instant = day.and_hms_opt(0, 0, 0).unwrap().and_utc() - TimeDelta::hours(30);
    for step in [3600, 60, 1] {
        while (instant + TimeDelta::seconds(step)).with_timezone(&zone).date_naive() < day {
            instant += TimeDelta::seconds(step);
        }
    }
    instant + TimeDelta::seconds(1)
}

/// Plays a hire in each zone through every edge of the windows, a second before, at and after it; `show` sees each run:
/// whether the account is in use, and what day it is there.
fn sweep(windows: Windows, edges: &[NaiveDate], rows: &str, show: impl Fn(bool, NaiveDate, &str)) {
    let org = Setup { policy: Some(std::sync::Arc::new(windows)), ..Setup::default() };
    let mut org = org;
    org.settings.lifecycle.bridge_days = 3;
    let org = org.build();
    let people = zones();
    let row = |(number, zone): (usize, &Tz)| rows.replace("KEY", &number.to_string()).replace("ZONE", zone.name());
    org.on("2026-03-10").says(&people.iter().enumerate().map(row).collect::<String>()).run();
    let around = |edge: DateTime<Utc>| [-1, 0, 1].map(|seconds| edge + TimeDelta::seconds(seconds));
    let instants: BTreeSet<DateTime<Utc>> =
        people.iter().flat_map(|zone| edges.iter().flat_map(move |day| around(begins(*day, *zone)))).collect();
    for instant in instants {
        org.at(instant).report();
        for (number, zone) in people.iter().enumerate() {
            let is_enabled = org.is_enabled(&number.to_string());
            show(is_enabled, instant.with_timezone(zone).date_naive(), &format!("{zone} at {instant}"));
        }
    }
}

const HIRE: &str = "person KEY\ncontract KEY cKEY 2026-03-29..2026-04-05 d1 zone=ZONE\n";

#[test]
fn i_14_an_account_is_in_use_only_with_a_basis_in_its_zone() {
    for (before, after) in [(0, 0), (2, 3)] {
        let (first, last) = (d("2026-03-29") - TimeDelta::days(before), d("2026-04-05") + TimeDelta::days(after));
        let windows = Windows { before: u32::try_from(before).unwrap(), after: u32::try_from(after).unwrap() };
        let edges = [first, last, last.succ_opt().unwrap()];
        sweep(windows, &edges, HIRE, |is_enabled, today, when| {
            assert!(!is_enabled || (first..=last).contains(&today), "{when}");
        });
    }
}

#[test]
fn i_14_a_bridge_is_a_basis_and_a_longer_gap_is_not() {
    // Three days without work are bridged, four are not.
    for (second, is_bridged) in [("2026-04-09", true), ("2026-04-10", false)] {
        let rows = format!("{HIRE}contract KEY dKEY {second}..2026-04-12 d1 zone=ZONE\n");
        let edges = [d("2026-04-06"), d(second), d("2026-04-13")];
        sweep(Windows { before: 0, after: 0 }, &edges, &rows, |is_enabled, today, when| {
            let works =
                (d("2026-03-29")..=d("2026-04-05")).contains(&today) || (d(second)..=d("2026-04-12")).contains(&today);
            let between = (d("2026-04-06")..d(second)).contains(&today);
            assert_eq!(is_enabled, works || is_bridged && between, "{when}");
        });
    }
}

#[test]
fn i_14_an_exception_is_a_basis_through_its_last_day() {
    let org = Org::new();
    org.on("2026-01-01").says("person 1 zone=Pacific/Auckland\ncontract 1 a 2026-01-01..2026-01-10 d1").run();
    let last_day = Some(d("2026-01-20"));
    let exception = Exception { slot: main_of("entra"), entitlement: Entitlement::Access, last_day };
    org.say_of("1", PersonDirective::Except(exception));
    let ends = begins(d("2026-01-21"), Tz::Pacific__Auckland);
    for (instant, is_enabled) in [(ends - TimeDelta::seconds(1), true), (ends, false)] {
        org.at(instant).run();
        assert_eq!(org.is_enabled("1"), is_enabled);
    }
}

#[test]
fn i_15_an_account_is_in_use_from_the_access_moment_on_and_not_before() {
    for before in [0, 2] {
        let first = d("2026-03-29") - TimeDelta::days(before);
        let windows = Windows { before: u32::try_from(before).unwrap(), after: 0 };
        let edges = [first.pred_opt().unwrap(), first, first.succ_opt().unwrap()];
        sweep(windows, &edges, HIRE, |is_enabled, today, when| {
            assert_eq!(is_enabled, today >= first, "{when}");
        });
    }
}

/// The same town, with everything known from the first day on.
fn known(town: Town) -> Town {
    let mut town = Town { outage: None, deeds: Vec::new(), ..town };
    for life in &mut town.lives {
        (life.absent, life.defective) = (None, None);
        for job in &mut life.jobs {
            (job.known, job.corrected, job.dropped) = (0, None, None);
        }
    }
    town
}

/// Accounts in use, with what they hold.
fn in_use(org: &Org) -> BTreeMap<String, String> {
    shape_of(&org.target).into_iter().filter(|(_, state)| state.starts_with("enabled")).collect()
}

fn is_there(org: &Org) -> BTreeMap<String, String> {
    shape_of(&org.target).into_iter().filter(|(_, state)| state != "deleted").collect()
}

#[test]
fn i_21_what_fell_due_while_the_engine_was_down_is_done_once_at_the_next_run() {
    check(60, (town(2..7, 0), 1..80_u64, 1..61_u64), |(town, stop, down)| {
        let town = known(town);
        let (org, daily) = (Org::new(), Org::new());
        for day in 0..=DAYS + 130 {
            town.dawn(&daily, day);
            daily.run();
            if (stop + 1..stop + down).contains(&day) {
                continue;
            }
            town.dawn(&org, day);
            if day == stop + down && down > 30 {
                assert!(org.run().is_empty(), "nothing dated before the jump is acknowledged");
                org.acknowledge_clock();
            }
            let mut log = org.run();
            let count = log.len();
            log.sort();
            log.dedup();
            assert_eq!(log.len(), count, "each is done once: {log:?}");
            assert_eq!(in_use(&org), in_use(&daily), "on {}", Town::day(day));
            let (ours, theirs) = (is_there(&org), is_there(&daily));
            assert!(theirs.iter().all(|(anchor, _)| day > stop && day < DAYS + 130 || ours.contains_key(anchor)));
        }
        assert_eq!(is_there(&org), is_there(&daily));
    });
}

#[test]
fn i_22_a_run_in_between_changes_no_end() {
    check(60, (town(2..7, 0), 0..80_u64, 0..15_u64, 1..15_u64), |(town, start, first, second)| {
        let town = known(town);
        let (both, only) = (Org::new(), Org::new());
        for org in [&both, &only] {
            for day in (0..=start).step_by(20).chain([start]) {
                town.dawn(org, day);
                org.run();
            }
        }
        town.dawn(&both, start + first);
        both.run();
        for org in [&both, &only] {
            town.dawn(org, start + first + second);
            org.run();
            org.later(TimeDelta::hours(1));
            org.run();
        }
        assert_eq!(in_use(&both), in_use(&only));
        // With fewer runs a grace is counted from a later day, never from an earlier one.
        let (ours, theirs) = (shape_of(&both.target), shape_of(&only.target));
        for (anchor, state) in theirs.iter().filter(|(_, state)| *state == "deleted") {
            assert_eq!(ours.get(anchor), Some(state));
        }
    });
}

#[test]
fn i_23_with_a_clock_that_cannot_be_right_nothing_dated_is_done_and_blocks_are() {
    let rows = "person 1\ncontract 1 a 2026-01-01..2026-02-09 d1\nperson 2\ncontract 2 b 2026-02-10.. d2\n\
                person 3\ncontract 3 c 2026-01-01..2026-01-11 d1\nperson 4\ncontract 4 d 2026-01-01.. d1";
    let day = 86_400;
    for skew in [-400 * day, -30 * day, -day, -1, 30 * day + 1, 31 * day, 365 * day, 3650 * day] {
        let org = Org::new();
        org.on("2026-01-01").says(rows);
        org.daily("2026-01-01", "2026-02-09");
        let roster = org.roster();
        org.later(TimeDelta::seconds(skew)).says(rows);
        let report = org.report();
        assert_eq!(report.findings.clock, ClockTrust::Held, "{skew} s");
        assert_eq!((org.sent(), org.roster()), (Vec::new(), roster), "{skew} s");
        org.say_of("4", PersonDirective::Block);
        assert_eq!(org.run(), ["disable hr:4"], "{skew} s");
        org.acknowledge_clock();
        let report = org.report();
        assert_eq!(report.findings.clock, ClockTrust::Trusted, "{skew} s");
        assert_eq!(org.sent().is_empty(), skew < 0, "{skew} s: {report}");
    }
    for skew in [0, 1, day, 30 * day] {
        let org = Org::new();
        org.on("2026-01-01").says(rows);
        org.daily("2026-01-01", "2026-02-09");
        let report = org.later(TimeDelta::seconds(skew)).report();
        assert_eq!(report.findings.clock, ClockTrust::Trusted, "{skew} s");
        assert_eq!(org.sent().is_empty(), skew < day);
    }
}
