//! An environment: what it holds, what it is asked, and what HR does in it.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use chrono::NaiveDate;
use chrono_tz::Europe::Amsterdam;
use http::{Request, Response};

use super::connector::Connector;
use super::page::Listings;
use super::rows::{FunctionLine, OrgUnit, PersonRow, Rows};
use super::state::{NotThere, State};
use super::switches::Switches;
use super::token::Token;
use crate::clock::Clock;
use crate::faults::{Fates, Faults};
use crate::log::Log;
use crate::organisation::Dice;
use crate::service::{Dropped, Simulator};

/// What an environment is, and does not change.
#[derive(Debug)]
pub struct EnvironmentConfig {
    /// The id of the environment: `T` test, `A` accept or `O` production, the number of the participant, two letters.
    pub id: String,
    /// The token of the app connector.
    pub token: Token,
    /// The `GetConnectors` of the app connector.
    pub connectors: Vec<Connector>,
    /// What the order of rows follows from, where none is asked for.
    pub seed: u64,
}

impl EnvironmentConfig {
    /// The test environment `T12345AA` with the connectors as HelloID delivers them, and a token made from the seed.
    #[must_use]
    pub fn seeded(seed: u64) -> Self {
        Self { id: "T12345AA".to_owned(), token: Token::seeded(seed), connectors: Connector::delivered(), seed }
    }
}

/// An AFAS environment. It is cheap to clone; clones are the same environment.
#[derive(Clone)]
pub struct Environment {
    pub(super) inner: Arc<Inner>,
}

pub(super) struct Inner {
    pub(super) config: EnvironmentConfig,
    pub(super) clock: Clock,
    pub(super) log: Log,
    held: Mutex<Held>,
}

pub(super) struct Held {
    pub(super) state: State,
    pub(super) switches: Switches,
    pub(super) fates: Fates,
    pub(super) listings: Listings,
    pub(super) chance: Dice,
    pub(super) later: Vec<Later>,
}

/// Something that happens when some more pages of rows were answered.
pub(super) struct Later {
    pub(super) pages: u32,
    pub(super) what: Box<dyn FnOnce(&Environment) + Send>,
}

impl Environment {
    /// An environment without anybody.
    #[must_use]
    pub fn new(config: EnvironmentConfig, clock: Clock) -> Self {
        let held = Held {
            state: State::default(),
            switches: Switches::default(),
            fates: Fates::default(),
            listings: Listings::default(),
            chance: Dice::new(config.seed),
            later: Vec::new(),
        };
        Self { inner: Arc::new(Inner { config, clock, log: Log::default(), held: Mutex::new(held) }) }
    }

    /// What `Authorization` has to hold.
    #[must_use]
    pub fn authorization(&self) -> String {
        self.inner.config.token.authorization()
    }

    /// As a router, for a server.
    pub fn router(&self) -> axum::Router {
        crate::service::router(self.clone())
    }

    /// Calls it without a socket, under any executor.
    ///
    /// # Errors
    ///
    /// [`Dropped`] where the answer is to be lost.
    #[expect(clippy::unused_async, reason = "callers await a network everywhere else")]
    pub async fn call(&self, request: Request<Bytes>) -> Result<Response<Bytes>, Dropped> {
        self.answer(request)
    }

    /// The requests so far.
    #[must_use]
    pub fn requests(&self) -> Log {
        self.inner.log.clone()
    }

    /// Puts faults in force. AFAS has no copies of its database, so that there is no lag.
    pub fn faults(&self, faults: Faults) {
        self.held().fates.set(faults);
    }

    /// Changes how the environment behaves.
    pub fn switch(&self, change: impl FnOnce(&mut Switches)) {
        let mut held = self.held();
        change(&mut held.switches);
        held.listings.forget();
    }

    /// Once so many more pages of rows were answered, does something: HR enters somebody while somebody else reads.
    pub fn after_pages(&self, pages: u32, what: impl FnOnce(&Self) + Send + 'static) {
        self.held().later.push(Later { pages, what: Box::new(what) });
    }

    /// The day that it is in the Netherlands.
    #[must_use]
    pub fn today(&self) -> NaiveDate {
        (self.inner.clock)().with_timezone(&Amsterdam).date_naive()
    }

    pub(super) fn held(&self) -> MutexGuard<'_, Held> {
        self.inner.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn write<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        let mut held = self.held();
        held.listings.forget();
        change(&mut held.state)
    }
}

/// The hands of HR.
impl Environment {
    /// Puts these rows in the place of all that there are.
    pub fn load(&self, rows: Rows) {
        self.write(|state| *state = State::of(rows));
    }

    /// How many people there are.
    #[must_use]
    pub fn headcount(&self) -> usize {
        self.held().state.people().len()
    }

    /// A copy of the function lines of an employee, in the order in which HR wrote them; none where nobody has the code.
    #[must_use]
    pub fn lines(&self, employee: &str) -> Vec<FunctionLine> {
        self.held().state.staff(employee).map(|staff| staff.lines.clone()).unwrap_or_default()
    }

    /// Enters somebody.
    pub fn hire(&self, person: PersonRow, lines: Vec<FunctionLine>) {
        self.write(|state| state.hire(person, lines));
    }

    /// Enters one more function line.
    ///
    /// # Errors
    ///
    /// When nobody has the code.
    pub fn new_line(&self, employee: &str, line: FunctionLine) -> Result<(), NotThere> {
        self.write(|state| state.staff_mut(employee).map(|staff| staff.lines.push(line)))
    }

    /// Enters the last day, inclusive, of the newest line and its contract, or takes it away.
    ///
    /// # Errors
    ///
    /// When nobody has the code, or there is no line.
    pub fn last_day(&self, employee: &str, last: Option<NaiveDate>) -> Result<(), NotThere> {
        self.write(|state| state.staff_mut(employee)?.end(last))
    }

    /// Deletes all rows of an employee. Nothing tells of them afterwards.
    ///
    /// # Errors
    ///
    /// When nobody has the code.
    pub fn remove(&self, employee: &str) -> Result<(), NotThere> {
        self.write(|state| state.remove(employee))
    }

    /// Deletes one function line.
    ///
    /// # Errors
    ///
    /// When nobody has the code, or no line of the employee has the key.
    pub fn remove_line(&self, employee: &str, id: &str) -> Result<(), NotThere> {
        self.write(|state| {
            let lines = &mut state.staff_mut(employee)?.lines;
            let place = lines.iter().position(|line| line.id == id).ok_or(NotThere::Line)?;
            lines.remove(place);
            Ok(())
        })
    }

    /// Changes what is known of a person. The code of the employee stays as it is.
    ///
    /// # Errors
    ///
    /// When nobody has the code.
    pub fn change(&self, employee: &str, change: impl FnOnce(&mut PersonRow)) -> Result<(), NotThere> {
        self.write(|state| {
            let row = &mut state.staff_mut(employee)?.row;
            change(row);
            employee.clone_into(&mut row.employee);
            Ok(())
        })
    }

    /// Enters another surname. Words in small letters at its head are the prefix.
    ///
    /// # Errors
    ///
    /// When nobody has the code.
    pub fn rename(&self, employee: &str, surname: &str) -> Result<(), NotThere> {
        self.change(employee, |row| row.names.set_surname(surname))
    }

    /// Moves somebody to another unit from a day on: the newest line ends the day before, and one like it begins.
    ///
    /// # Errors
    ///
    /// When nobody has the code, or there is no line to go on from.
    pub fn move_to(&self, employee: &str, unit: &str, first: NaiveDate) -> Result<(), NotThere> {
        self.write(|state| {
            let staff = state.staff_mut(employee)?;
            let line = staff.next_line(first)?.in_unit(unit);
            staff.lines.push(line);
            Ok(())
        })
    }

    /// Enters a unit.
    pub fn new_unit(&self, unit: OrgUnit) {
        self.write(|state| state.enter_unit(unit));
    }

    /// Lets somebody lead a unit from a day on; who did so before does it through the day before.
    ///
    /// # Errors
    ///
    /// When no unit has the code.
    pub fn change_leader(&self, unit: &str, employee: &str, first: NaiveDate) -> Result<(), NotThere> {
        self.write(|state| state.unit_mut(unit).map(|unit| unit.change_leader(employee, first)))
    }
}

impl fmt::Debug for Environment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Environment")
            .field("id", &self.inner.config.id)
            .field("holds", &self.held().state)
            .finish_non_exhaustive()
    }
}
