//! Rules evaluated once more, as plainly as their language is described: a tree that is walked, one contract after another,
//! with nothing shared and nothing kept. Of people at random it says what [`RuleSet`] says.

mod answer;
mod invented;
mod people;
mod random;
mod syntax;
mod verdict;
mod written;

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::Arc;

use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};
use provisioning_core::PersonId;
use provisioning_core::policy::{Answer, Policy};
use provisioning_core::source::Person;

use self::answer::Told;
use self::people::Subject;
use self::random::Random;
use self::syntax::Document;
use self::verdict::Feature;
use super::{day, instant};
use crate::{Changed, Indexed, Population, RuleSet};

/// How many people there are for each set of rules, and instants for each of them.
const PEOPLE: usize = 20;
const INSTANTS: usize = 5;

/// In how many cases it is looked into what decides.
const LOOKED_INTO: u64 = 1000;

/// A tenth of everything where somebody waits for it.
fn quick(count: u64) -> u64 {
    if std::env::var_os("QUICK").is_some() { count / 10 } else { count }
}

fn of(answer: Answer) -> Told {
    let without_key = |note: &&String| note.contains("holds no key");
    Told {
        notes: answer.notes.iter().filter(without_key).count(),
        grants: answer.grants.into_iter().collect(),
        undetermined: answer.undetermined.into_iter().map(|one| (one.rule, one.slot, one.may)).collect(),
        doubts: answer.doubts.into_iter().map(|doubt| (doubt.grant, doubt.by)).collect(),
        barred: answer.barred.into_iter().collect(),
    }
}

/// An instant, more often than not at a change of days in some zone, and near a day on which something begins or ends.
fn at_random(random: &mut Random, person: &Person<'_>) -> DateTime<Utc> {
    let some = day("2025-11-15") + Days::new(u64::from(random.days(420)));
    let starts = person.contracts.iter().map(|contract| contract.period.start());
    let lasts = person.contracts.iter().filter_map(|contract| contract.period.last_day());
    let mut days: Vec<NaiveDate> = starts.chain(lasts).collect();
    days.push(day(random.one(invented::DAYS)));
    let day =
        if random.chance(75) { random.one(&days) + Days::new(2) - Days::new(random.one(&[1, 2, 2, 3])) } else { some };
    let hour = random.one(&[0, 4, 5, 9, 10, 11, 12, 21, 22, 23]);
    day.and_hms_opt(hour, 0, 0).unwrap().and_utc()
}

/// The rules of a seed, in both forms.
fn rules(seed: u64, random: &mut Random) -> (Document, RuleSet) {
    let rules = invented::rules(random);
    let text = rules.text();
    let set = text.parse().unwrap_or_else(|problems| panic!("seed {seed}\n{text}\n{problems}"));
    (rules, set)
}

/// How many cases reach what.
#[derive(Debug, Default)]
struct Reached {
    cases: usize,
    looked_into: usize,
    grants: usize,
    undetermined: usize,
    doubts: usize,
    barred: usize,
    notes: usize,
    /// In how many of those that were looked into something decides.
    features: BTreeMap<Feature, usize>,
}

impl Reached {
    fn count(&mut self, told: &Told) {
        self.cases += 1;
        self.grants += usize::from(!told.grants.is_empty());
        self.undetermined += usize::from(!told.undetermined.is_empty());
        self.doubts += usize::from(!told.doubts.is_empty());
        self.barred += usize::from(!told.barred.is_empty());
        self.notes += usize::from(told.notes > 0);
    }

    fn look_into(&mut self, told: &Told, with: impl Fn(Feature) -> Told) {
        self.looked_into += 1;
        for feature in Feature::ALL {
            *self.features.entry(feature).or_default() += usize::from(with(feature) != *told);
        }
    }

    fn and(mut self, other: Self) -> Self {
        self.cases += other.cases;
        self.looked_into += other.looked_into;
        self.grants += other.grants;
        self.undetermined += other.undetermined;
        self.doubts += other.doubts;
        self.barred += other.barred;
        self.notes += other.notes;
        for (feature, count) in other.features {
            *self.features.entry(feature).or_default() += count;
        }
        self
    }

    /// Each of them in one case of a hundred.
    fn assert_enough(&self, sets: u64) {
        assert_eq!(u64::try_from(self.cases / PEOPLE / INSTANTS), Ok(sets));
        let of_all = [self.grants, self.undetermined, self.doubts, self.barred, self.notes];
        assert!(of_all.iter().all(|count| count * 100 > self.cases), "{self:?}");
        assert!(self.features.values().all(|count| count * 100 >= self.looked_into), "{self:?}");
    }
}

/// What the rules of a seed say, each way; of one case in so many it is looked into what decides.
fn compare(seed: u64, every: usize, reached: &mut Reached) {
    let mut random = Random::new(seed);
    let (rules, set) = rules(seed, &mut random);
    let set = Arc::new(set);
    let indexed = Indexed::new(Arc::clone(&set));
    for key in 0..PEOPLE {
        let subject = people::subject(&mut random, key);
        let person = subject.person();
        for place in 0..INSTANTS {
            let now = at_random(&mut random, &person);
            let with = |turned| rules.told(rules.at(&person, now, turned));
            let expected = with(None);
            let answer = set.grants(&person, now);
            assert_eq!(indexed.grants(&person, now), answer, "seed {seed}, at {now}, of\n{}", subject.told());
            let actual = of(answer);
            assert!(
                expected == actual,
                "seed {seed}, at {now}, of\n{}\nunder\n{}\nexpected {expected:#?}\nis {actual:#?}",
                subject.told(),
                rules.text()
            );
            reached.count(&expected);
            if (key * INSTANTS + place).is_multiple_of(every) {
                reached.look_into(&expected, |feature| with(Some(feature)));
            }
        }
    }
}

#[test]
fn rules_say_what_the_naive_evaluator_says() {
    let sets = quick(1000);
    let every = PEOPLE * INSTANTS / usize::try_from(LOOKED_INTO / sets).unwrap();
    let share = |seeds: Range<u64>| {
        let mut reached = Reached::default();
        seeds.for_each(|seed| compare(seed, every, &mut reached));
        reached
    };
    let reached = std::thread::scope(|scope| {
        let others = scope.spawn(|| share(0..sets / 2));
        share(sets / 2..sets).and(others.join().unwrap())
    });
    reached.assert_enough(sets);
}

#[test]
fn nothing_changes_before_the_rules_say_that_it_may() {
    let mut seen = 0;
    for seed in 0..quick(100) {
        let mut random = Random::new(seed);
        let (rules, set) = rules(seed, &mut random);
        for key in 0..PEOPLE {
            let subject = people::subject(&mut random, key);
            let person = subject.person();
            let now = at_random(&mut random, &person);
            let Some(next) = set.next_change(&person, now) else { continue };
            assert!(next > now, "seed {seed}");
            let told = |now| rules.told(rules.at(&person, now, None));
            let (expected, last) = (told(now), next - TimeDelta::seconds(1));
            for then in [last, now + (last - now) / 2, now + (last - now) / 3] {
                assert!(
                    told(then) == expected,
                    "seed {seed}, from {now} to {then} before {next}, of\n{}\nunder\n{}",
                    subject.told(),
                    rules.text()
                );
            }
            seen += usize::from(told(next) != expected);
        }
    }
    assert!(seen > 50, "{seen}");
}

/// What a population ought to say of each of its people.
fn assert_told(
    seed: u64,
    rules: &Document,
    subjects: &[Subject],
    population: &Population,
    now: DateTime<Utc>,
) -> usize {
    let mut everything = BTreeSet::new();
    let mut untold = 0;
    for subject in subjects {
        let person = subject.person();
        let (holding, doubtful) = rules.causes(rules.at(&person, now, None));
        let shown = || format!("seed {seed}, at {now}, of\n{}\nunder\n{}", subject.told(), rules.text());
        assert_eq!(population.causes(person.id), holding, "{}", shown());
        assert_eq!(population.doubts(person.id), doubtful, "{}", shown());
        untold += doubtful.len();
        everything.extend(holding.into_iter().map(|cause| (person.id.clone(), cause.contract, cause.rule)));
    }
    let all = population.all();
    let all: BTreeSet<_> = all.iter().map(|(id, of, rule)| (id.clone(), of.cloned(), rule.clone())).collect();
    assert_eq!(all, everything, "seed {seed}, at {now}");
    untold
}

#[test]
fn a_population_says_day_after_day_what_the_naive_evaluator_says() {
    let (mut changes, mut untold) = (0, 0);
    for seed in 0..quick(10).max(4) {
        let mut random = Random::new(seed);
        let (rules, set) = rules(seed, &mut random);
        let mut subjects: Vec<Subject> = (0..10).map(|key| people::subject(&mut random, key)).collect();
        let mut now = instant("2025-12-01") + TimeDelta::hours(i64::from(random.days(24)));
        let mut population = Population::new(Arc::new(set), subjects.iter().map(Subject::person), now);
        for _ in 0..365 {
            untold += assert_told(seed, &rules, &subjects, &population, now);
            let before: Vec<_> = subjects.iter().map(|one| population.causes(&one.id)).collect();
            now += TimeDelta::days(1);
            let next = population.next_change();
            let find = |id: &PersonId| subjects.iter().map(Subject::person).find(|person| person.id == id);
            let news: BTreeMap<_, _> = population.advance(now, find).into_iter().collect();
            assert!(news.is_empty() || next.is_some_and(|next| next <= now), "seed {seed}, at {now}");
            for (subject, before) in subjects.iter().zip(before) {
                let after = rules.causes(rules.at(&subject.person(), now, None)).0;
                let told = news.get(&subject.id).cloned().unwrap_or_default();
                assert_eq!(told, Changed { begins: &after - &before, ends: &before - &after }, "seed {seed}, at {now}");
            }
            changes += news.len();
            // Now and then somebody becomes another.
            if random.chance(2) {
                let key = random.below(subjects.len());
                subjects[key] = people::subject(&mut random, key);
                population.put(&subjects[key].person(), now);
            }
        }
    }
    assert!(changes > 20 && untold > 100, "{changes}, {untold}");
}
