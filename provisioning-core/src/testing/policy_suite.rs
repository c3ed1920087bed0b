//! The conformance suite of [`Policy`].

use chrono::{DateTime, Days, NaiveDate, NaiveTime, TimeDelta, Utc};

use crate::id::Slot;
use crate::policy::{Answer, EarlierAccounts, Policy, Profile};
use crate::source::Person;
use crate::testing::conformance::{Checks, Verdict, ensure};

/// How close together a person is asked about; zones differ by quarters of an hour.
const STEP: TimeDelta = TimeDelta::minutes(15);

/// Checks a policy against the contract of [`Policy`], on people like those that it is for.
///
/// | what is checked | what it takes |
/// |---|---|
/// | asked twice, it says the same | |
/// | the next change lies after the instant that it is asked about | |
/// | no answer changes before the next change | people with windows that open and close within the days |
///
/// The people are asked about every quarter of an hour from the first day to the last, both in UTC and inclusive, and a
/// second before each change that was foretold; of profiles, that of `slot` is looked at.
///
/// # Panics
/// With what is wrong and what the contract says, at the first breach.
pub fn check_policy(
    policy: &dyn Policy,
    people: &[Person<'_>],
    slot: &Slot,
    (first, last): (NaiveDate, NaiveDate),
) -> Checks {
    let midnight = |day: NaiveDate| day.and_time(NaiveTime::MIN).and_utc();
    let (from, to) = (midnight(first), midnight(last.checked_add_days(Days::new(1)).unwrap_or(last)));
    let asked = |person| Asked { policy, person, slot };
    let of_all = |check: &dyn Fn(Asked<'_, '_>) -> Verdict| people.iter().map(asked).try_for_each(check);
    let mut checks = Checks::of("policy");
    checks.add("asked twice, it says the same", of_all(&|asked| asked.twice(from)));
    checks.add("the next change lies ahead", of_all(&|asked| asked.ahead(from, to)));
    checks.add("no answer changes before the next change", of_all(&|asked| asked.foretold(from, to)));
    checks
}

/// A policy that is asked about a person.
#[derive(Clone, Copy)]
struct Asked<'p, 'a> {
    policy: &'p dyn Policy,
    person: &'p Person<'a>,
    slot: &'p Slot,
}

impl Asked<'_, '_> {
    fn says(self, now: DateTime<Utc>) -> (Answer, Profile) {
        let profile = self.policy.profile(self.person, self.slot, &EarlierAccounts::default(), now);
        (self.policy.grants(self.person, now), profile)
    }

    fn next(self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        self.policy.next_change(self.person, now)
    }

    fn twice(self, now: DateTime<Utc>) -> Verdict {
        let is_same = self.says(now) == self.says(now) && self.next(now) == self.next(now);
        ensure(is_same, || format!("two answers about `{}` at {now}", self.person.id))
    }

    fn ahead(self, from: DateTime<Utc>, to: DateTime<Utc>) -> Verdict {
        let mut now = from;
        while let Some(next) = self.next(now).filter(|_| now < to) {
            ensure(next > now, || format!("the next change about `{}` after {now} is {next}", self.person.id))?;
            now = next;
        }
        Ok(())
    }

    fn foretold(self, from: DateTime<Utc>, to: DateTime<Utc>) -> Verdict {
        let mut last = self.says(from);
        let mut wake = self.next(from);
        let mut now = from;
        while now < to {
            let foretold = wake.into_iter().flat_map(|wake| [wake - TimeDelta::seconds(1), wake]);
            now = foretold.filter(|instant| *instant > now).chain([now + STEP]).min().unwrap_or(to);
            let says = self.says(now);
            if wake.is_some_and(|wake| wake <= now) {
                wake = self.next(now);
            } else {
                let told =
                    || format!("answers about `{}` change by {now}, the next change being {wake:?}", self.person.id);
                ensure(says == last, told)?;
            }
            last = says;
        }
        Ok(())
    }
}
