//! The year of the tour: what happens on which day, and on which days it is worth telling.

use std::collections::BTreeMap;

use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};
use provisioning_core::plan::StepKind;
use simulators::afas::RowsShown;
use simulators::organisation::{Department, Dice, Employee, Line, Organisation};

/// The year that is played.
pub const YEAR: i32 = 2026;

/// A day of the year.
#[must_use]
pub fn day(month: u32, day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(YEAR, month, day).unwrap_or_default()
}

/// When in a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Hour {
    /// There is a run every morning.
    Morning,
    /// After one that was stopped there is another, as soon as the right to commit of the first is over.
    Resumed,
    /// There is one in the afternoon when somebody asks for it.
    Afternoon,
}

/// A run: its day, and when in the day.
pub type Moment = (NaiveDate, Hour);

/// The instant of a run.
#[must_use]
pub fn instant((day, hour): Moment) -> DateTime<Utc> {
    let time = match hour {
        Hour::Morning => TimeDelta::hours(5),
        Hour::Resumed => TimeDelta::hours(5) + TimeDelta::minutes(11),
        Hour::Afternoon => TimeDelta::hours(13),
    };
    day.and_time(chrono::NaiveTime::MIN).and_utc() + time
}

/// Something that happens before a run. People are named by their keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// HR enters somebody.
    Hire(Employee),
    /// HR enters another line of somebody's contract.
    NewLine(String, Line),
    /// HR enters the last day of somebody's newest line.
    LastDay(String, NaiveDate),
    /// HR deletes somebody's rows.
    Remove(String),
    /// HR changes a surname.
    Surname(String, String),
    /// HR enters a department.
    Found(Department),
    /// From now on the HR system answers with these rows.
    Rows(RowsShown),
    /// An administrator disables somebody's account by hand.
    DisabledByHand(String),
    /// An administrator says that what others did with somebody's account is over.
    Released(String),
    /// A security officer stops all access of somebody at once.
    Blocked(String),
    /// An administrator looks at what the caps hold back, and approves it.
    Approved,
}

/// What is not as on other days, and is meant to be so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    /// Nothing.
    None,
    /// A reading does not count.
    Rejected,
    /// Somebody else did something with an account, and the engine waits.
    Waiting,
    /// The caps hold something back.
    Held,
    /// The run is stopped half-way.
    Stopped,
}

/// A run that is worth telling.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scene {
    /// What it is about.
    pub title: &'static str,
    /// What happened, in a sentence or two.
    pub told: String,
    /// The people whom it is about; without any, the whole plan is counted.
    pub cast: Vec<String>,
    /// What must be planned for them, in the order of the plan.
    pub expected: Vec<StepKind>,
    /// What is not as on other days.
    pub trouble: Trouble,
}

impl Scene {
    /// A scene about some people, for whom exactly these steps must be planned.
    #[must_use]
    pub fn about(cast: &[&str], title: &'static str, told: &str, expected: &[StepKind]) -> Self {
        let cast = cast.iter().map(|key| (*key).to_owned()).collect();
        Self { title, told: told.to_owned(), cast, expected: expected.to_vec(), trouble: Trouble::None }
    }

    /// The same with a trouble.
    #[must_use]
    pub fn with(self, trouble: Trouble) -> Self {
        Self { trouble, ..self }
    }
}

/// What happens when.
#[derive(Debug, Default)]
pub struct Calendar {
    events: BTreeMap<Moment, Vec<Event>>,
    scenes: BTreeMap<Moment, Scene>,
}

impl Calendar {
    /// Something happens before the run of a morning.
    pub fn on(&mut self, day: NaiveDate, event: Event) {
        self.events.entry((day, Hour::Morning)).or_default().push(event);
    }

    /// Something happens before a run in an afternoon.
    pub fn in_the_afternoon(&mut self, day: NaiveDate, event: Event) {
        self.events.entry((day, Hour::Afternoon)).or_default().push(event);
    }

    /// A run is worth telling.
    pub fn tell(&mut self, moment: Moment, scene: Scene) {
        self.scenes.insert(moment, scene);
    }

    /// What happens before a run.
    #[must_use]
    pub fn events(&self, moment: Moment) -> &[Event] {
        self.events.get(&moment).map_or(&[], Vec::as_slice)
    }

    /// What is worth telling of a run.
    #[must_use]
    pub fn scene(&self, moment: Moment) -> Option<&Scene> {
        self.scenes.get(&moment)
    }

    /// Every run of the year, in order.
    #[must_use]
    pub fn moments(&self) -> Vec<Moment> {
        let mornings = day(1, 1).iter_days().take_while(|one| *one <= day(12, 31)).map(|one| (one, Hour::Morning));
        let others = self.events.keys().chain(self.scenes.keys()).copied();
        let mut moments: Vec<Moment> = mornings.chain(others).collect();
        moments.sort_unstable();
        moments.dedup();
        moments
    }

    /// What happens in any year in any organisation: people come, move and leave, and most of it is known beforehand.
    pub fn fill(&mut self, organisation: &mut Organisation, dice: &mut Dice, mut free: Vec<String>) {
        let codes = organisation.codes();
        let codes: Vec<&str> = codes.iter().map(String::as_str).filter(|code| *code != "CATER").collect();
        for _ in 0..20 {
            if let Some(key) = dice.take(&mut free) {
                self.on(day(1, 1), Event::LastDay(key, any_day(dice)));
            }
        }
        for _ in 0..8 {
            if let Some(key) = dice.take(&mut free) {
                let told = any_day(dice);
                self.on(told, Event::LastDay(key, later(told, 20 + dice.below(20))));
            }
        }
        for _ in 0..12 {
            if let Some(key) = dice.take(&mut free) {
                let told = any_day(dice);
                let line = Line::open(dice.pick(&codes), "Specialist", later(told, 11));
                self.on(told, Event::LastDay(key.clone(), later(told, 10)));
                self.on(told, Event::NewLine(key, line));
            }
        }
        for _ in 0..30 {
            let told = any_day(dice);
            let line = Line::open(dice.pick(&codes), "Employee", later(told, 15 + dice.below(30)));
            let employee = organisation.somebody(dice, line);
            self.on(told, Event::Hire(employee));
        }
    }
}

fn any_day(dice: &mut Dice) -> NaiveDate {
    later(day(1, 8), dice.below(350))
}

/// A day some days later.
#[must_use]
pub fn later(day: NaiveDate, days: u64) -> NaiveDate {
    day.checked_add_days(Days::new(days)).unwrap_or(day)
}
