//! A year in which everything goes wrong on the wire ends as a year in which nothing does.

// Cargo builds this file for tests only; the line tells clippy that its helpers are test code too.
#![cfg(test)]

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use chrono::TimeDelta;
use examples::tour::stories;
use examples::tour::world::{Reach, World};
use http::StatusCode;
use provisioning_core::Clock;
use simulators::entra::{Presence, UserShown};
use simulators::faults::{Broken, Faults, RetryAfter, Throttled};

const ANCHOR: &str = "onPremisesExtensionAttributes.extensionAttribute15";

/// An account without what chance gives it.
#[derive(Debug, PartialEq)]
struct Account {
    name: String,
    enabled: bool,
    shown: serde_json::Value,
    groups: BTreeSet<String>,
}

/// Plays the year of the tour; what is live in the tenant at its end, by anchor, and how many are in the recycle bin.
fn year(faults: &Faults) -> (World, BTreeMap<String, Vec<Account>>, usize) {
    let (organisation, calendar) = stories::year(2026);
    let world = World::new(&organisation, Reach::InProcess).unwrap();
    world.entra.faults(faults.clone());
    world.afas.faults(Faults { lag: Duration::ZERO, ..faults.clone() });
    for moment in calendar.moments() {
        world.come_to(moment);
        for event in calendar.events(moment) {
            world.happen(event).unwrap();
        }
        // What failed is done by the next run, as soon as what is shown can be believed.
        for _ in 0..3 {
            let planned = world.plan().unwrap();
            let report = world.apply(planned).unwrap();
            if report.failed.is_empty() && report.findings.unread.is_empty() && report.dropped == 0 {
                break;
            }
            world.clock.set(world.clock.now() + TimeDelta::minutes(31));
        }
    }
    let mut live: BTreeMap<String, Vec<Account>> = BTreeMap::new();
    let users = world.entra.users();
    for user in users.iter().filter(|user| user.presence == Presence::Live) {
        live.entry(anchor(user)).or_default().push(Account {
            name: user.upn.clone(),
            enabled: user.enabled,
            shown: user.properties["displayName"].clone(),
            groups: user.groups.values().map(|name| name.clone().unwrap()).collect(),
        });
    }
    let deleted = users.iter().filter(|user| user.presence == Presence::Deleted).count();
    (world, live, deleted)
}

fn anchor(user: &UserShown) -> String {
    user.properties[ANCHOR].as_str().unwrap().to_owned()
}

#[test]
fn a_year_of_lag_faults_and_lost_answers_ends_in_the_same_tenant() {
    let (_, expected, deleted) = year(&Faults::default());
    assert!(expected.len() > 180 && deleted > 0, "{} live, {deleted} deleted", expected.len());
    let quick = std::env::var_os("QUICK").is_some();
    let forms = [RetryAfter::Seconds(2), RetryAfter::Decimal(250), RetryAfter::Date(3), RetryAfter::Absent];
    for (n, retry_after) in [3, 7, 10, 13].into_iter().zip(forms).take(if quick { 2 } else { 4 }) {
        let status = if n % 2 == 0 { StatusCode::INTERNAL_SERVER_ERROR } else { StatusCode::SERVICE_UNAVAILABLE };
        let faults = Faults {
            lag: Duration::from_secs(20),
            throttled: Some(Throttled { every: n + 1, retry_after }),
            broken: Some(Broken { every: n + 4, status, retry_after }),
            dropped: Some(n),
            seed: n,
        };
        let (world, live, in_bin) = year(&faults);
        let twice: Vec<_> = live.iter().filter(|(_, accounts)| accounts.len() > 1).map(|(anchor, _)| anchor).collect();
        assert_eq!(twice, Vec::<&String>::new(), "every {n}: people with two accounts");
        assert_eq!((&live, in_bin), (&expected, deleted), "every {n}");
        let statuses: BTreeSet<u16> = world.entra.requests().entries().iter().map(|entry| entry.status).collect();
        assert!(statuses.contains(&429) && statuses.contains(&status.as_u16()), "every {n}: {statuses:?}");
    }
}
