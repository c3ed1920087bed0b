//! What one careful administrator would do, day by day, with nothing but the page "Architecture" in hand.
//!
//! On every run day he goes through all readings again, writes down which contracts stand, looks at the target, and
//! then follows the table. He keeps no indexes and no conclusions about contracts from one day to the next; what he
//! carries over is only what his ledger would say about the account itself.

use std::collections::BTreeSet;

use chrono::NaiveDate;

/// A reading of the source that is older than this blocks everything but disables and revokes.
const FRESH_DAYS: i64 = 7;

/// A run that comes later than this after the last one waits for an acknowledgement.
const CLOCK_DAYS: i64 = 30;

/// The standard business rules and the lifecycle's own periods, all in days unless the name says otherwise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Policy {
    /// How long before a contract's first day the account is wanted.
    pub lead_days: i64,
    /// How long before a contract's first day access is wanted.
    pub access_lead_days: i64,
    /// From the end until the delete of an account that was in use.
    pub grace_days: i64,
    /// From the first run that saw no want until the delete of an account that was never enabled.
    pub staged_grace_days: i64,
    /// How far ahead a start counts as a known return; `None` is without limit.
    pub return_horizon_days: Option<i64>,
    /// How long an unjustified membership of a suspended account is kept.
    pub retain_grants_days: i64,
    /// How many whole readings a record must be absent from before that is taken as meant.
    pub missing_readings: u32,
    /// Deleted on D, an account can be restored through D + this - 1.
    pub bin_days: i64,
    /// The longest gap between contracts over which the earlier one is extended.
    pub bridge_days: i64,
    /// From the first sight of a foreign change until it is held, in minutes.
    pub settle_minutes: i64,
}

/// One contract as the source gives it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Row {
    /// The contract's key.
    pub contract: u32,
    /// The first day.
    pub start: NaiveDate,
    /// The inclusive last day; may lie before the start.
    pub last: Option<NaiveDate>,
    /// The department, which is also the group its member belongs in.
    pub department: u8,
}

/// What the source gives on a run day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Reading {
    /// A whole reading with the person and these contracts.
    Rows(Vec<Row>),
    /// A whole, accepted reading without the person.
    PersonAbsent,
    /// A whole, accepted reading in which the person's record is a defect.
    PersonInvalid,
    /// No reading, or a rejected one.
    Outage,
}

/// Something that somebody else did on the target between the previous run and this one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Foreign {
    /// An enabled account was disabled.
    Disable,
    /// A disabled account was enabled.
    Enable,
    /// A live account was deleted, into the recycle bin.
    Delete,
    /// A deleted account was taken from the recycle bin; it comes back disabled and without groups.
    Restore,
}

/// One run, and what happened around it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RunDay {
    /// The day of the run; every run is at the same hour.
    pub day: NaiveDate,
    /// What the source gives.
    pub reading: Reading,
    /// What somebody else did since the previous run.
    pub foreign: Option<Foreign>,
    /// Whether a person says release, after the reading and before the decision.
    pub release: bool,
    /// Whether a person acknowledges the clock before this run.
    pub acknowledge_clock: bool,
}

/// A policy and the runs under it, on strictly increasing days.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct History {
    /// The policy, the same all the time.
    pub policy: Policy,
    /// The runs.
    pub runs: Vec<RunDay>,
}

/// What the target shows of the account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Status {
    /// There has never been an account.
    NotYet,
    /// The account exists and was never enabled.
    PreCreated,
    /// The account is enabled.
    Enabled,
    /// The account is disabled, after it was enabled or restored.
    Disabled,
    /// The account was deleted, by whomever, and is not live.
    Deleted,
}

/// What the target shows after the run of a day was applied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Shown {
    /// The day of the run.
    pub day: NaiveDate,
    /// The account.
    pub status: Status,
    /// The departments whose groups the account is a member of.
    pub groups: BTreeSet<u8>,
}

/// What the target must show after each run of `history`.
#[must_use]
pub(crate) fn expect(history: &History) -> Vec<Shown> {
    let policy = &history.policy;
    let contracts = contracts_of(history);
    let mut account = Account::default();
    let mut last_run: Option<NaiveDate> = None;
    let mut accepted: Vec<&RunDay> = Vec::new();
    let mut shown = Vec::new();
    for run in &history.runs {
        account.suffer(policy, run);
        if !clock_stops(last_run, run) {
            last_run = Some(run.day);
            if run.reading != Reading::Outage {
                accepted.push(run);
            }
            let view = View::of(policy, &contracts, &accepted, run.day);
            account.observe(&view);
            if run.release {
                account.others.clear();
            }
            account.decide(&view);
        }
        shown.push(account.shown(run.day));
    }
    shown
}

/// Every key that ever occurs. One that was not read yet stands for nothing, so knowing it early changes nothing.
fn contracts_of(history: &History) -> BTreeSet<u32> {
    let mut contracts = BTreeSet::new();
    for run in &history.runs {
        if let Reading::Rows(rows) = &run.reading {
            contracts.extend(rows.iter().map(|row| row.contract));
        }
    }
    contracts
}

fn clock_stops(last_run: Option<NaiveDate>, run: &RunDay) -> bool {
    let strange = last_run.is_some_and(|last| !(0..=CLOCK_DAYS).contains(&days(last, run.day)));
    strange && !run.acknowledge_clock
}

/// How many days `to` lies after `from`.
fn days(from: NaiveDate, to: NaiveDate) -> i64 {
    (to - from).num_days()
}

// What is known of the contracts.

/// A contract that stands: its last accepted form, ended early where the page says so.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Contract {
    start: NaiveDate,
    last: Option<NaiveDate>,
    department: u8,
    /// Absent from the latest readings, but not yet often enough to draw a conclusion.
    missing: bool,
    /// Taken back after its start, by an end before it or by being absent so often: it keeps what is there to its last
    /// day, and raises nothing.
    concluded: bool,
}

impl Contract {
    /// Whether `today` lies in the contract's days, begun `lead` days early.
    fn covers(&self, today: NaiveDate, lead: i64) -> bool {
        let begun = days(today, self.start) <= lead;
        self.has_days() && begun && self.last.is_none_or(|last| today <= last)
    }

    fn last_before(&self, today: NaiveDate) -> Option<NaiveDate> {
        self.last.filter(|last| *last < today)
    }

    fn has_days(&self) -> bool {
        self.last.is_none_or(|last| self.start <= last)
    }
}

/// What one reading says about one contract.
enum Mention<'a> {
    Proper(&'a Row),
    Inverted,
    Absent,
    Unreadable,
}

fn mention(reading: &Reading, contract: u32) -> Mention<'_> {
    match reading {
        Reading::Rows(rows) => match rows.iter().find(|row| row.contract == contract) {
            Some(row) if row.last.is_none_or(|last| row.start <= last) => Mention::Proper(row),
            Some(_) => Mention::Inverted,
            None => Mention::Absent,
        },
        Reading::PersonAbsent => Mention::Absent,
        Reading::PersonInvalid | Reading::Outage => Mention::Unreadable,
    }
}

/// The contract as it stands after all `accepted` readings; `None` when it was never accepted or is withdrawn.
fn standing(accepted: &[&RunDay], contract: u32, missing_readings: u32) -> Option<Contract> {
    let (at, row) = accepted.iter().enumerate().rev().find_map(|(at, run)| match mention(&run.reading, contract) {
        Mention::Proper(row) => Some((at, row)),
        Mention::Inverted | Mention::Absent | Mention::Unreadable => None,
    })?;
    let mut form = Some((row.start, row.last));
    let mut inverted = false;
    let mut absences = 0;
    for run in accepted.iter().skip(at + 1) {
        let day_before = run.day.pred_opt();
        match mention(&run.reading, contract) {
            Mention::Proper(_) | Mention::Unreadable => {}
            Mention::Inverted => {
                if !inverted {
                    // An end that was accepted before stays where it was: the contract is lowered, never made longer.
                    let ended = |last: Option<NaiveDate>| day_before.map(|day| last.map_or(day, |last| last.min(day)));
                    form = started(form, run.day).map(|(start, last)| (start, ended(last)));
                }
                inverted = true;
                absences = 0;
            }
            Mention::Absent => {
                absences += 1;
                if absences == missing_readings {
                    form = started(form, run.day).map(|(start, last)| (start, last.or(day_before)));
                }
            }
        }
    }
    form.map(|(start, last)| Contract {
        start,
        last,
        department: row.department,
        missing: (1..missing_readings).contains(&absences),
        concluded: inverted || absences >= missing_readings,
    })
}

type Form = (NaiveDate, Option<NaiveDate>);

/// The form if it had begun by `today`; one that had not is a withdrawal.
fn started(form: Option<Form>, today: NaiveDate) -> Option<Form> {
    form.filter(|(start, _)| *start <= today)
}

/// How many of the latest readings, one after another, lack the person.
fn person_absences(accepted: &[&RunDay]) -> u32 {
    let readable = accepted.iter().map(|run| &run.reading);
    let readable = readable.filter(|reading| **reading != Reading::PersonInvalid);
    let latest = readable.rev().take_while(|reading| **reading == Reading::PersonAbsent);
    latest.fold(0, |count, _| count + 1)
}

// What the rules make of it.

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Want {
    Nothing,
    Account,
    Access,
}

/// The contracts that give something today, the bridged ones included.
fn in_force(contracts: &[Contract], today: NaiveDate, bridge_days: i64) -> Vec<&Contract> {
    let covering = contracts.iter().filter(|one| one.covers(today, 0));
    let covering: Vec<&Contract> = covering.collect();
    if !covering.is_empty() {
        return covering;
    }
    // Today lies in a gap, so every contract with days is over or still to come.
    let real = contracts.iter().filter(|one| one.has_days());
    let over = real.clone().filter_map(|one| one.last_before(today)).max();
    let next = first_start_after(today, contracts);
    match (over, next) {
        (Some(over), Some(next)) if days(over, next) - 1 <= bridge_days => {
            real.filter(|one| one.last == Some(over)).collect()
        }
        (Some(_) | None, Some(_) | None) => Vec::new(),
    }
}

fn first_start_after(today: NaiveDate, contracts: &[Contract]) -> Option<NaiveDate> {
    let starts = contracts.iter().map(|one| one.start);
    starts.filter(|start| *start > today).min()
}

fn want(policy: &Policy, contracts: &[Contract], today: NaiveDate) -> Want {
    let from = |lead: i64| contracts.iter().any(|one| one.covers(today, lead));
    if from(policy.access_lead_days) || !in_force(contracts, today, policy.bridge_days).is_empty() {
        Want::Access
    } else if from(policy.lead_days) {
        Want::Account
    } else {
        Want::Nothing
    }
}

fn groups(policy: &Policy, contracts: &[Contract], today: NaiveDate) -> BTreeSet<u8> {
    let giving = in_force(contracts, today, policy.bridge_days);
    giving.iter().map(|one| one.department).collect()
}

/// The first start of a contract after today, when it is within the horizon.
fn known_return(policy: &Policy, contracts: &[Contract], today: NaiveDate) -> Option<NaiveDate> {
    let horizon = policy.return_horizon_days.unwrap_or(i64::MAX);
    first_start_after(today, contracts).filter(|start| days(today, *start) <= horizon)
}

/// All that a day's run knows about the person.
struct View<'a> {
    policy: &'a Policy,
    today: NaiveDate,
    /// Everything that stands, missing contracts included: what may keep.
    full: Vec<Contract>,
    /// What may raise: nothing when the person is missing or invalid, or the source is stale.
    raising: Vec<Contract>,
    /// Something is missing, invalid or stale, so nothing is deleted.
    delete_blocked: bool,
}

impl<'a> View<'a> {
    fn of(policy: &'a Policy, keys: &BTreeSet<u32>, read: &[&RunDay], today: NaiveDate) -> Self {
        let missing_readings = policy.missing_readings.max(1);
        let known = |key: &u32| standing(read, *key, missing_readings);
        let full: Vec<Contract> = keys.iter().filter_map(known).collect();
        let latest = read.last();
        let stale = latest.is_none_or(|run| days(run.day, today) > FRESH_DAYS);
        let invalid = latest.is_some_and(|run| run.reading == Reading::PersonInvalid);
        let person_missing = (1..missing_readings).contains(&person_absences(read));
        let downwards_only = stale || invalid || person_missing;
        let mut raising = full.clone();
        raising.retain(|one| !downwards_only && !one.missing && !one.concluded);
        let delete_blocked = downwards_only || full.iter().any(|one| one.missing);
        View { policy, today, full, raising, delete_blocked }
    }

    fn keep(&self) -> Want {
        want(self.policy, &self.full, self.today)
    }

    fn raise(&self) -> Want {
        want(self.policy, &self.raising, self.today)
    }

    fn last_ended(&self) -> Option<NaiveDate> {
        let ended = self.full.iter();
        ended.filter_map(|one| one.last_before(self.today)).max()
    }

    /// Whether an account deleted on `deleted` would be gone before a return that is known and may raise.
    fn return_outlasts_bin(&self, deleted: NaiveDate) -> bool {
        known_return(self.policy, &self.raising, self.today)
            .is_some_and(|start| days(deleted, start) >= self.policy.bin_days)
    }
}

// The account, on the target and in the ledger.

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum State {
    #[default]
    Absent,
    Staged,
    Active,
    Suspended {
        since: NaiveDate,
    },
    Deleted {
        on: NaiveDate,
        ours: bool,
    },
}

fn in_bin(policy: &Policy, deleted: NaiveDate, today: NaiveDate) -> bool {
    days(deleted, today) < policy.bin_days
}

/// A disable, delete or restore that was not ours, until a person releases it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Suspicion {
    what: Foreign,
    seen: NaiveDate,
}

#[derive(Debug, Default)]
struct Account {
    /// What the target shows.
    actual: State,
    /// What the last run that decided left behind.
    known: State,
    groups: BTreeSet<u8>,
    unwanted_since: Option<NaiveDate>,
    others: Vec<Suspicion>,
}

impl Account {
    /// Somebody else changes the target; what is impossible does nothing.
    fn suffer(&mut self, policy: &Policy, run: &RunDay) {
        let Some(foreign) = run.foreign else { return };
        self.actual = match (foreign, self.actual) {
            (Foreign::Disable, State::Active) => State::Suspended { since: run.day },
            (Foreign::Enable, State::Staged | State::Suspended { .. }) => State::Active,
            (Foreign::Delete, State::Staged | State::Active | State::Suspended { .. }) => {
                self.groups.clear();
                let (on, ours) = (run.day, false);
                State::Deleted { on, ours }
            }
            (Foreign::Restore, State::Deleted { on, .. }) if in_bin(policy, on, run.day) => {
                State::Suspended { since: run.day }
            }
            (Foreign::Disable | Foreign::Enable | Foreign::Delete | Foreign::Restore, same) => same,
        };
    }

    /// The run compares the target with what it knew and takes over what others did.
    fn observe(&mut self, view: &View<'_>) {
        let today = view.today;
        match (self.known, self.actual) {
            (State::Active, State::Suspended { .. }) => self.suspect(Foreign::Disable, today),
            (State::Staged | State::Suspended { .. }, State::Active) => self.accept_enable(view),
            (State::Deleted { .. }, State::Deleted { .. }) => return,
            (_, State::Deleted { .. }) => self.suspect(Foreign::Delete, today),
            (State::Deleted { .. }, State::Suspended { .. }) => {
                self.suspect(Foreign::Restore, today);
            }
            (State::Deleted { .. }, State::Active) => {
                self.suspect(Foreign::Restore, today);
                self.accept_enable(view);
            }
            (_, _) => return,
        }
        self.known = self.actual;
        if let State::Suspended { since } = &mut self.known {
            *since = today;
        }
    }

    fn suspect(&mut self, what: Foreign, seen: NaiveDate) {
        self.others.push(Suspicion { what, seen });
    }

    /// An enable by others is never held; where access is wanted it ends a disable by others.
    fn accept_enable(&mut self, view: &View<'_>) {
        if view.keep() == Want::Access {
            let disable = Foreign::Disable;
            self.others.retain(|other| other.what != disable);
        }
    }

    /// Walks the table until it says stay, never past a disable or a delete, then sets the groups right.
    fn decide(&mut self, view: &View<'_>) {
        self.note_unwanted(view);
        while let Some(next) = self.step(view) {
            let last_step =
                matches!((self.known, next), (State::Active, State::Suspended { .. }) | (_, State::Deleted { .. }));
            self.known = next;
            if last_step {
                break;
            }
        }
        self.note_unwanted(view);
        self.set_groups(view);
        self.actual = self.known;
    }

    /// One cell of the table; `None` is stay.
    fn step(&self, view: &View<'_>) -> Option<State> {
        let today = view.today;
        // Suspected or held: no enable, restore or create.
        let free = self.others.is_empty();
        let raise = if free { view.raise() } else { Want::Nothing };
        let suspended = State::Suspended { since: today };
        match (self.known, view.keep()) {
            (State::Active, Want::Nothing | Want::Account) => Some(suspended),
            (State::Staged | State::Suspended { .. }, Want::Nothing) => {
                let (on, ours) = (today, true);
                let due = self.delete_is_due(view);
                due.then_some(State::Deleted { on, ours })
            }
            (State::Active, Want::Access) | (State::Staged | State::Suspended { .. }, Want::Account) => None,
            (State::Staged | State::Suspended { .. }, Want::Access) => (raise == Want::Access).then_some(State::Active),
            (State::Deleted { on, ours }, _) if in_bin(view.policy, on, today) => {
                let returns = free && ours && view.return_outlasts_bin(on);
                (raise >= Want::Account || returns).then_some(suspended)
            }
            (State::Absent | State::Deleted { .. }, _) => (raise >= Want::Account).then_some(State::Staged),
        }
    }

    fn delete_is_due(&self, view: &View<'_>) -> bool {
        let unwanted = self.unwanted_since.unwrap_or(view.today);
        let grace = view.policy.grace_days;
        let over = |day: NaiveDate| days(day, view.today) >= grace;
        let due = match self.known {
            State::Staged => days(unwanted, view.today) >= view.policy.staged_grace_days,
            State::Suspended { since } => over(since.max(unwanted)) && view.last_ended().is_none_or(over),
            State::Absent | State::Active | State::Deleted { .. } => false,
        };
        due && !self.delete_is_blocked(view)
    }

    fn delete_is_blocked(&self, view: &View<'_>) -> bool {
        let by_others = self.others.iter().any(|suspicion| {
            let minutes = days(suspicion.seen, view.today) * 24 * 60;
            // The reading that first shows it never confirms it.
            let suspected = minutes < view.policy.settle_minutes.max(1);
            suspected || suspicion.what == Foreign::Restore
        });
        let returns = known_return(view.policy, &view.full, view.today).is_some();
        by_others || returns || view.delete_blocked
    }

    /// Staged and suspended accounts carry the day of the first run that saw no want.
    fn note_unwanted(&mut self, view: &View<'_>) {
        let carries = matches!(self.known, State::Staged | State::Suspended { .. });
        let unwanted = carries && view.keep() == Want::Nothing;
        self.unwanted_since = unwanted.then(|| self.unwanted_since.unwrap_or(view.today));
    }

    fn set_groups(&mut self, view: &View<'_>) {
        let today = view.today;
        let justified = groups(view.policy, &view.full, today);
        let retained = match self.known {
            State::Suspended { since } => days(since, today) < view.policy.retain_grants_days,
            State::Staged | State::Active => false,
            State::Absent | State::Deleted { .. } => {
                self.groups.clear();
                return;
            }
        };
        let kept = |group: &u8| retained || justified.contains(group);
        self.groups.retain(kept);
        let granted = groups(view.policy, &view.raising, today);
        self.groups.extend(granted.intersection(&justified));
    }

    fn shown(&self, day: NaiveDate) -> Shown {
        let status = match self.actual {
            State::Absent => Status::NotYet,
            State::Staged => Status::PreCreated,
            State::Active => Status::Enabled,
            State::Suspended { .. } => Status::Disabled,
            State::Deleted { .. } => Status::Deleted,
        };
        Shown { day, status, groups: self.groups.clone() }
    }
}
