//! When a person has to be decided again, if nothing else happens.

use chrono::{DateTime, NaiveDate, Utc};

use crate::decide::account::SlotDecision;
use crate::decide::evaluate::Evaluated;
use crate::decide::{PersonDecision, World};
use crate::lifecycle::{State, Want, delete_on};
use crate::period::{first_instant, minus_days, plus_days};

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

impl SlotDecision<'_> {
    /// The days on which the lifecycle itself has something to say again.
    pub(super) fn wakes(&self, out: &mut PersonDecision<'_>) {
        let lifecycle = &self.world.context.settings.lifecycle;
        let dates = &self.evaluated.dates;
        if self.rules_want == Want::Nothing
            && matches!(self.state, State::Staged | State::Suspended { .. } | State::Deleted(_))
        {
            let known = dates.next_start.zip(lifecycle.return_horizon_days);
            out.wakes.extend(known.map(|(start, horizon)| minus_days(start, horizon)));
            out.wakes.extend(dates.next_start);
            // Its own zone is behind the person's, so that no day of the person tells when it starts.
            out.again |= dates.next_start.is_some_and(|start| start <= dates.today);
            out.wakes.extend(delete_on(self.state, self.unwanted_since(), dates, lifecycle.grace));
        }
        out.wakes.extend(self.retained_until());
        if self.situation().delete_is_due {
            out.again = true;
        }
    }
}
