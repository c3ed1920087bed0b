//! Seeded histories of one person: what HR enters, what goes wrong on the way, and what others do on the target.
//!
//! A history is written as a script (edits, spells of bad readings, foreign changes, downtime) around a handful of
//! contracts, and then played day by day. Numbers of days count from the first run.

use std::collections::BTreeSet;
use std::fmt;
use std::ops::Range;

use chrono::{NaiveDate, TimeDelta};

use crate::crowd::Crowd;
use crate::oracle::{Foreign, History, Policy, Reading, Row, RunDay};

/// The clock holds a run that comes later than this after the last one.
const CLOCK_DAYS: i64 = 30;

/// No two stretches of downtime begin closer together than this, so that none is longer than 60 days.
const BETWEEN_DOWNTIMES: i64 = 70;

/// The history of a seed: always the same for the same seed.
#[must_use]
pub(crate) fn history(seed: u64) -> History {
    let mut dice = Dice(seed);
    let policy = policy(&mut dice);
    let length = dice.between(150, 400);
    let mut script = Script { weekdays_only: dice.chance(8), ..Script::default() };
    let stints = stints(&mut dice, &policy, length, &mut script);
    let troubles = dice.pick(&[0, 1, 1, 1, 2, 2, 2, 3, 3, 4, 6]);
    for _ in 0..troubles {
        if let Some(stint) = dice.one(&stints) {
            trouble(&mut dice, &policy, stint, &mut script);
        }
    }
    let runs = play(script, length);
    History { policy, runs }
}

/// A crowd of a seed: two years of thirty people, of whom HR has said everything from the start.
#[must_use]
pub(crate) fn crowd(seed: u64) -> Crowd {
    let mut dice = Dice(seed);
    let policy = policy(&mut dice);
    let person = |key: u32| {
        let stints = stints(&mut dice, &policy, 600, &mut Script::default());
        (key.to_string(), stints.iter().map(Stint::row).collect())
    };
    let people = (1..=30).map(person).collect();
    Crowd { policy, from: date(0), to: date(730), people }
}

fn policy(dice: &mut Dice) -> Policy {
    let lead_days = dice.pick(&[0, 0, 1, 3, 7, 14, 20]);
    // Below zero stands for no limit.
    let horizon = dice.pick(&[0, 5, lead_days, 60, -1]);
    Policy {
        lead_days,
        access_lead_days: 0,
        grace_days: dice.between(5, 40),
        staged_grace_days: dice.pick(&[1, 2, 5, 10, 30]),
        return_horizon_days: Some(horizon).filter(|days| *days >= 0),
        retain_grants_days: dice.between(0, 10),
        missing_readings: u32::try_from(dice.pick(&[1, 2, 3, 3, 4])).unwrap_or(3),
        bin_days: 30,
        bridge_days: dice.pick(&[0, 0, 1, 2, 3, 4, 5]),
        settle_minutes: 30,
    }
}

/// Splitmix64.
#[derive(Debug)]
struct Dice(u64);

impl Dice {
    fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, end: u64) -> u64 {
        self.roll() % end.max(1)
    }

    fn one<'a, T>(&mut self, of: &'a [T]) -> Option<&'a T> {
        let end = u64::try_from(of.len()).unwrap_or(1);
        of.get(usize::try_from(self.below(end)).unwrap_or(0))
    }

    /// One of `low..=high`; `low` when the range is empty.
    fn between(&mut self, low: i64, high: i64) -> i64 {
        let width = u64::try_from(high - low + 1).unwrap_or(1);
        low + i64::try_from(self.below(width)).unwrap_or(0)
    }

    fn chance(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }

    fn pick(&mut self, choices: &[i64]) -> i64 {
        self.one(choices).copied().unwrap_or_default()
    }
}

// The script.

#[derive(Debug, Default)]
struct Script {
    /// Day, contract, edit.
    edits: Vec<(i64, u32, Edit)>,
    spells: Vec<(Range<i64>, Bad)>,
    foreign: Vec<(i64, Foreign)>,
    releases: Vec<i64>,
    downtimes: Vec<Downtime>,
    weekdays_only: bool,
}

/// What HR does to a contract.
#[derive(Debug, Clone)]
enum Edit {
    Enter(Row),
    Start(i64),
    Last(Option<i64>),
    Department(u8),
    Remove,
}

/// What a reading shows instead of what HR has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Bad {
    Outage,
    Invalid,
    PersonGone,
    RowGone(u32),
}

/// No run for `gap` days after `from`; a person acknowledges the clock `late` runs after the first one held.
#[derive(Debug)]
struct Downtime {
    from: i64,
    gap: i64,
    late: i64,
}

/// One contract as HR first means it, entered on `entered`.
#[derive(Debug, Clone)]
struct Stint {
    contract: u32,
    department: u8,
    start: i64,
    last: Option<i64>,
    entered: i64,
}

impl Stint {
    fn row(&self) -> Row {
        Row { contract: self.contract, start: date(self.start), last: self.last.map(date), department: self.department }
    }

    /// The last day, or some day well into an open contract.
    fn end(&self) -> i64 {
        self.last.unwrap_or(self.start + 60)
    }

    /// The day on which an account that nobody touches is deleted.
    fn deleted(&self, policy: &Policy) -> i64 {
        self.end() + 1 + policy.grace_days
    }
}

fn date(offset: i64) -> NaiveDate {
    let monday = NaiveDate::from_ymd_opt(2025, 1, 6).unwrap_or(NaiveDate::MIN);
    let later = TimeDelta::try_days(offset).and_then(|days| monday.checked_add_signed(days));
    later.unwrap_or(monday)
}

/// The contracts, one after another, with the ordinary edits that enter them and announce their ends.
fn stints(dice: &mut Dice, policy: &Policy, length: i64, script: &mut Script) -> Vec<Stint> {
    let mut stints: Vec<Stint> = Vec::new();
    let wanted = dice.pick(&[1, 2, 2, 3, 3, 4, 5]);
    for contract in (1..).take(usize::try_from(wanted).unwrap_or(1)) {
        let earlier = stints.last();
        let start = match earlier {
            Some(earlier) => next_start(dice, policy, earlier),
            None => dice.between(3, 40),
        };
        if start > length + 40 {
            break;
        }
        let entered = entry(dice, policy, start, earlier);
        let days = match dice.below(10) {
            0 => dice.between(1, 5),
            1..=6 => dice.between(8, 50),
            _ => dice.between(50, 120),
        };
        let open = i64::from(contract) == wanted && dice.chance(40);
        let stint =
            Stint { contract, department: department(dice), start, last: (!open).then_some(start + days - 1), entered };
        enter(dice, &stint, script);
        stints.push(stint);
    }
    stints
}

/// Enters the contract, sometimes open with the end known later, which may be after the end.
fn enter(dice: &mut Dice, stint: &Stint, script: &mut Script) {
    let mut row = stint.row();
    if stint.last.is_some() && dice.chance(35) {
        row.last = None;
        let announced = (stint.end() + dice.between(-20, 8)).max(stint.entered + 1);
        script.edit(announced, stint, Edit::Last(stint.last));
    }
    script.edit(stint.entered, stint, Edit::Enter(row));
}

fn next_start(dice: &mut Dice, policy: &Policy, earlier: &Stint) -> i64 {
    let free = earlier.end() + 1;
    let deleted = earlier.deleted(policy);
    let lead = dice.pick(&[0, policy.lead_days]);
    let near = dice.between(-3, 3);
    match dice.below(10) {
        0 => (earlier.end() - dice.between(0, 25)).max(3),
        1 => free,
        2 => free + dice.between(1, policy.bridge_days + 2),
        3 => free + policy.retain_grants_days + near.abs(),
        4 | 5 => (deleted + lead + near).max(free),
        6 | 7 => deleted + policy.bin_days + lead + near,
        8 => deleted + policy.return_horizon_days.unwrap_or(45) + near.abs(),
        _ => free + dice.between(10, 100),
    }
}

/// The day on which HR enters a contract that begins on `start`.
fn entry(dice: &mut Dice, policy: &Policy, start: i64, earlier: Option<&Stint>) -> i64 {
    let horizon = policy.return_horizon_days.unwrap_or(30);
    let day = match (dice.below(9), earlier) {
        (0 | 1, _) => start - dice.between(0, policy.lead_days + 3),
        (2, _) => start - horizon + dice.between(-2, 2),
        (3, _) => start + dice.between(1, 6),
        (4, Some(earlier)) => earlier.end() + dice.between(-10, 3),
        (5, Some(earlier)) => earlier.deleted(policy) + dice.between(-3, 3),
        (6, Some(earlier)) => earlier.deleted(policy) + dice.between(0, policy.bin_days + 2),
        (7, _) => start - dice.between(0, 1),
        (_, _) => start - dice.between(0, 60),
    };
    day.clamp(0, start + 6)
}

// What goes wrong.

/// A day near a date that matters to the contract, or any day of it.
fn moment(dice: &mut Dice, policy: &Policy, stint: &Stint) -> i64 {
    let end = stint.end();
    let deleted = stint.deleted(policy);
    let near = dice.between(-4, 4);
    let day = match dice.below(9) {
        0 => stint.start - policy.lead_days + near,
        1 => stint.start + near,
        2 | 3 => end + 1 + near,
        4 => deleted + near,
        5 => deleted + policy.bin_days + near,
        6 => end + 1 + policy.retain_grants_days + near,
        _ => dice.between(stint.entered, deleted),
    };
    day.max(1)
}

fn trouble(dice: &mut Dice, policy: &Policy, stint: &Stint, script: &mut Script) {
    let from = moment(dice, policy, stint);
    match dice.below(22) {
        0..=3 => withdraw(dice, policy, stint, script),
        4 | 5 => invert(dice, stint, from, script),
        6..=8 => correct(dice, stint, from, script),
        9 => script.spell(from, absence(dice), Bad::PersonGone),
        10 | 11 => script.spell(from, absence(dice), Bad::RowGone(stint.contract)),
        12 => script.spell(from, dice.between(1, 12), Bad::Invalid),
        13 | 14 => script.spell(from, dice.between(1, 12), Bad::Outage),
        15 | 16 => downtime(dice, from, script),
        _ => foreign(dice, policy, stint, script),
    }
}

fn absence(dice: &mut Dice) -> i64 {
    dice.pick(&[1, 2, 3, 4, 5, 12, 40, 400])
}

/// A hire that does not happen: the row is removed or its start moved, not long before the start.
fn withdraw(dice: &mut Dice, policy: &Policy, stint: &Stint, script: &mut Script) {
    let before = dice.between(-2, policy.lead_days + 3);
    let day = (stint.start - before).max(stint.entered + 1);
    if dice.chance(40) {
        let moved = stint.start + dice.pick(&[-10, -3, -1, 1, 2, 5, 15, 40, 90]);
        script.edit(day, stint, Edit::Start(moved));
        return;
    }
    script.edit(day, stint, Edit::Remove);
    if dice.chance(35) {
        let back = day + dice.between(1, 8);
        script.edit(back, stint, Edit::Enter(stint.row()));
    }
}

/// An end before the start, sometimes put right again or removed.
fn invert(dice: &mut Dice, stint: &Stint, from: i64, script: &mut Script) {
    let earliest = stint.entered + 1;
    let day = from.clamp(earliest, stint.end().max(earliest) + 3);
    let last = stint.start - dice.pick(&[1, 1, 2, 5, 30]);
    script.edit(day, stint, Edit::Last(Some(last)));
    let later = day + dice.between(1, 10);
    match dice.below(4) {
        0 | 1 => script.edit(later, stint, Edit::Last(stint.last)),
        2 => script.edit(later, stint, Edit::Remove),
        _ => {}
    }
}

/// A back-dated or post-dated end, an end removed, or another department.
fn correct(dice: &mut Dice, stint: &Stint, from: i64, script: &mut Script) {
    let day = from.max(stint.entered + 1);
    let end = |day: i64| Edit::Last(Some(day.max(stint.start)));
    match dice.below(6) {
        0 | 1 => script.edit(day, stint, end(day - dice.between(0, 25))),
        2 | 3 => script.edit(day, stint, end(day + dice.between(0, 40))),
        4 => {
            script.edit(day, stint, Edit::Last(None));
            if dice.chance(60) {
                let again = end(day + dice.between(0, 30));
                script.edit(day + dice.between(2, 30), stint, again);
            }
        }
        _ => script.edit(day, stint, Edit::Department(department(dice))),
    }
}

fn department(dice: &mut Dice) -> u8 {
    u8::try_from(dice.between(1, 3)).unwrap_or(1)
}

fn downtime(dice: &mut Dice, from: i64, script: &mut Script) {
    let gap = match dice.below(4) {
        0 => dice.between(2, 9),
        1 => dice.between(10, 30),
        2 => dice.between(29, 33),
        // A weekend on either side makes it longer.
        _ => dice.between(31, if script.weekdays_only { 55 } else { 60 }),
    };
    let late = dice.pick(&[0, 0, 0, 1, 2, 3]);
    let apart = |other: &Downtime| (other.from - from).abs() >= BETWEEN_DOWNTIMES;
    if script.downtimes.iter().all(apart) {
        script.downtimes.push(Downtime { from, gap, late });
    }
}

/// Somebody else changes the account, mostly when that is possible; sometimes again, sometimes released.
fn foreign(dice: &mut Dice, policy: &Policy, stint: &Stint, script: &mut Script) {
    let (start, end, deleted) = (stint.start, stint.end(), stint.deleted(policy));
    let (created, gone) = (start - policy.lead_days, deleted + policy.bin_days);
    let (first, last, what, next) = match dice.below(8) {
        0 | 1 => (start + 1, end + 1, Foreign::Disable, Foreign::Enable),
        2 => (created, start, Foreign::Enable, Foreign::Disable),
        3 => (end + 2, deleted, Foreign::Enable, Foreign::Enable),
        4 | 5 => (created + 1, deleted, Foreign::Delete, Foreign::Restore),
        _ => (deleted + 1, gone, Foreign::Restore, Foreign::Enable),
    };
    let day = dice.between(first, last).max(1);
    script.foreign.push((day, what));
    if dice.chance(35) {
        let later = dice.pick(&[1, 2, 5, 15, 29, 30, 31]);
        script.foreign.push((day + later, next));
    }
    if dice.chance(55) {
        let later = dice.pick(&[0, 0, 1, 2, 5, 10, 31, 45]);
        script.releases.push(day + later);
    }
}

// From the script to the runs.

fn play(mut script: Script, length: i64) -> Vec<RunDay> {
    script.edits.sort_by_key(|(day, ..)| *day);
    script.foreign.sort_by_key(|(day, _)| *day);
    let mut runs = Vec::new();
    let mut hr: Option<Vec<Row>> = None;
    let mut edits = script.edits.iter().peekable();
    let mut others = script.foreign.iter().peekable();
    let mut releases = script.releases.clone();
    let mut last_decided = 0;
    let mut held_runs = 0;
    let mut touched_while_held = false;
    for offset in 0..length {
        while let Some((_, contract, edit)) = edits.next_if(|(day, ..)| *day <= offset) {
            apply(*contract, edit, hr.get_or_insert_default());
        }
        if script.rests_on(offset) {
            continue;
        }
        // At most one foreign change between two runs that decide: the target shows only their sum.
        let mut foreign = None;
        while let Some((_, what)) = others.next_if(|(day, _)| *day <= offset) {
            foreign = (!touched_while_held).then_some(*what);
        }
        touched_while_held |= foreign.is_some();
        let gap = offset - last_decided;
        let acknowledge_clock = gap > CLOCK_DAYS && held_runs >= script.late_at(last_decided);
        let mut release = false;
        if gap > CLOCK_DAYS && !acknowledge_clock {
            held_runs += 1;
        } else {
            let waiting = releases.len();
            releases.retain(|day| *day > offset);
            release = releases.len() < waiting;
            last_decided = offset;
            held_runs = 0;
            touched_while_held = false;
        }
        runs.push(RunDay {
            day: date(offset),
            reading: script.reading(offset, hr.as_deref()),
            foreign,
            release,
            acknowledge_clock,
        });
    }
    runs
}

fn apply(contract: u32, edit: &Edit, rows: &mut Vec<Row>) {
    if matches!(edit, Edit::Enter(_) | Edit::Remove) {
        rows.retain(|row| row.contract != contract);
    }
    let row = rows.iter_mut().find(|row| row.contract == contract);
    match (edit, row) {
        (Edit::Enter(row), _) => rows.push(row.clone()),
        (Edit::Start(start), Some(row)) => row.start = date(*start),
        (Edit::Last(last), Some(row)) => row.last = last.map(date),
        (Edit::Department(department), Some(row)) => row.department = *department,
        (Edit::Start(_) | Edit::Last(_) | Edit::Department(_) | Edit::Remove, _) => {}
    }
}

impl Script {
    fn edit(&mut self, day: i64, stint: &Stint, edit: Edit) {
        self.edits.push((day, stint.contract, edit));
    }

    fn spell(&mut self, from: i64, days: i64, what: Bad) {
        self.spells.push((from..from + days, what));
    }

    fn rests_on(&self, offset: i64) -> bool {
        let down = |time: &Downtime| (1..time.gap).contains(&(offset - time.from));
        (self.weekdays_only && offset % 7 >= 5) || self.downtimes.iter().any(down)
    }

    /// How many runs are held after a downtime that began with, or just after, the run of `last_decided`.
    fn late_at(&self, last_decided: i64) -> i64 {
        let began = |time: &&Downtime| (-1..=3).contains(&(time.from - last_decided));
        let time = self.downtimes.iter().find(began);
        time.map_or(0, |time| time.late)
    }

    fn reading(&self, offset: i64, hr: Option<&[Row]>) -> Reading {
        let now = self.spells.iter();
        let now = now.filter(|(days, _)| days.contains(&offset));
        let bad: Vec<Bad> = now.map(|(_, what)| *what).collect();
        let rows = hr.filter(|_| !bad.contains(&Bad::PersonGone));
        if bad.contains(&Bad::Outage) {
            return Reading::Outage;
        }
        rows.map_or(Reading::PersonAbsent, |rows| {
            if bad.contains(&Bad::Invalid) {
                return Reading::PersonInvalid;
            }
            let there = |row: &&Row| !bad.contains(&Bad::RowGone(row.contract));
            Reading::Rows(rows.iter().filter(there).cloned().collect())
        })
    }
}

// Smaller histories, for a failing one.

/// Histories that are a little simpler than this one, the boldest cuts first.
///
/// The caller keeps the first candidate that still fails, asks again, and stops when none fails.
#[must_use]
pub(crate) fn simpler(history: &History) -> Vec<History> {
    let mut candidates = Vec::new();
    let count = history.runs.len();
    for kept in [count / 2, count * 4 / 5, count.saturating_sub(1)] {
        if (1..count).contains(&kept) {
            candidates.push(with_runs(history, 0..kept));
            candidates.push(with_runs(history, count - kept..count));
        }
    }
    candidates.extend(without_a_contract(history));
    for (at, run) in history.runs.iter().enumerate() {
        if run.foreign.is_some() {
            candidates.push(changed(history, at..at + 1, |run| run.foreign = None));
        }
        if run.release {
            candidates.push(changed(history, at..at + 1, |run| run.release = false));
        }
    }
    candidates.extend(with_a_reading_repeated(history));
    candidates
}

fn with_runs(history: &History, kept: Range<usize>) -> History {
    let runs = history.runs.get(kept).unwrap_or_default().to_vec();
    let policy = history.policy.clone();
    History { policy, runs }
}

fn changed(history: &History, days: Range<usize>, change: impl Fn(&mut RunDay)) -> History {
    let mut simpler = history.clone();
    let runs = simpler.runs.get_mut(days).unwrap_or_default();
    runs.iter_mut().for_each(change);
    simpler
}

fn without_a_contract(history: &History) -> Vec<History> {
    let mut contracts = BTreeSet::new();
    for run in &history.runs {
        if let Reading::Rows(rows) = &run.reading {
            contracts.extend(rows.iter().map(|row| row.contract));
        }
    }
    let without = |contract: u32| {
        changed(history, 0..history.runs.len(), |run| {
            if let Reading::Rows(rows) = &mut run.reading {
                rows.retain(|row| row.contract != contract);
            }
        })
    };
    contracts.into_iter().map(without).collect()
}

/// Each stretch of equal readings replaced by the reading before it: first the whole stretch, then its first day.
fn with_a_reading_repeated(history: &History) -> Vec<History> {
    let mut candidates = Vec::new();
    for (at, pair) in history.runs.windows(2).enumerate() {
        let [before, first] = pair else { continue };
        if before.reading == first.reading {
            continue;
        }
        let after = history.runs.iter().skip(at + 1);
        let stretch = after.take_while(|run| run.reading == first.reading).count();
        for replaced in [stretch, 1] {
            let days = at + 1..at + 1 + replaced;
            let again = |run: &mut RunDay| run.reading = before.reading.clone();
            candidates.push(changed(history, days, again));
        }
    }
    candidates
}

// The script of a history, for people.

impl fmt::Display for History {
    /// The policy, then one line for each run on which something changes.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(out, "{:?}", self.policy)?;
        let mut before: Option<&RunDay> = None;
        for run in &self.runs {
            let gap = before.map_or(1, |before| (run.day - before.day).num_days());
            let mut events = Vec::new();
            events.extend((gap > 1).then(|| format!("after {gap} days")));
            if run.acknowledge_clock {
                events.push("clock acknowledged".to_owned());
            }
            events.extend(run.foreign.map(|foreign| format!("others {foreign:?}")));
            if before.is_none_or(|before| before.reading != run.reading) {
                events.push(sentence(&run.reading));
            }
            if run.release {
                events.push("release".to_owned());
            }
            if !events.is_empty() {
                writeln!(out, "{} {}", run.day, events.join("; "))?;
            }
            before = Some(run);
        }
        before.map_or(Ok(()), |run| writeln!(out, "{} is the last run", run.day))
    }
}

fn sentence(reading: &Reading) -> String {
    let row = |row: &Row| {
        let last = row.last.map_or(String::new(), |last| last.to_string());
        let (contract, start, department) = (row.contract, row.start, row.department);
        format!("#{contract} {start}..{last} dept {department}")
    };
    match reading {
        Reading::Rows(rows) if rows.is_empty() => "no rows".to_owned(),
        Reading::Rows(rows) => rows.iter().map(row).collect::<Vec<_>>().join(", "),
        Reading::PersonAbsent | Reading::PersonInvalid | Reading::Outage => format!("{reading:?}"),
    }
}
