//! When a person has to be decided again, if nothing else happens.

use chrono::{DateTime, NaiveDate, Utc};

use crate::decide::World;
use crate::decide::evaluate::Evaluated;
use crate::period::{first_instant, plus_days};

/// The first instant at which the rules, the lifecycle or an exception may say something else.
pub(super) fn earliest(world: &World<'_>, evaluated: &Evaluated<'_>, days: &[NaiveDate]) -> Option<DateTime<Utc>> {
    let zone = evaluated.person.zone;
    let today = evaluated.dates.today;
    let rules = world.context.policy.next_change(&evaluated.person, world.now);
    let exceptions = evaluated.entry.into_iter().flat_map(|entry| &entry.exceptions);
    let ends = exceptions.filter_map(|exception| exception.last_day).map(|last| plus_days(last, 1));
    let day = days.iter().copied().chain(ends).filter(|day| *day > today).min();
    [rules, day.map(|day| first_instant(day, zone))].into_iter().flatten().min()
}
