//! The tour: a year in the life of an organisation that does not exist, what is planned on which day, and why.

pub mod audit;
pub mod calendar;
pub mod stop;
pub mod stories;
pub mod table;
pub mod why;
pub mod world;

use std::collections::BTreeMap;
use std::io::Write;

use chrono::{Datelike, NaiveDate};
use provisioning_core::audit::{Head, Sealed};
use provisioning_core::plan::StepKind;
use provisioning_core::{PermissionId, PersonId, Planned, Report};
use simulators::entra::GroupShown;
use simulators::organisation::Organisation;

use crate::tour::calendar::{Calendar, Hour, Moment, Scene, Trouble, YEAR, day, instant};
use crate::tour::stop::HalfDone;
use crate::tour::world::{Outcome, Reach, World, person};

/// From which the organisation and its year are made.
const SEED: u64 = 2026;

/// What is told of a month; it fits into a page.
const MONTHLY: [&str; 9] =
    ["", "created", "enabled", "changed", "disabled", "deleted", "groups\njoined", "groups\nleft", "in\nuse"];

/// Plays the year and tells it.
///
/// # Errors
/// When the year does not go as its stories say, or `out` takes no more.
pub fn tour(reach: Reach, out: &mut dyn Write) -> Outcome<()> {
    let (organisation, calendar) = stories::year(SEED);
    write!(out, "{}", first_page(&organisation))?;
    let world = World::new(&organisation, reach)?;
    let mut tour =
        Tour { world, calendar, months: BTreeMap::new(), runs: 0, decided: 0, head: Head::EMPTY, half_done: None };
    for moment in tour.calendar.moments() {
        tour = tour.run(moment, out)?;
    }
    let audit = tour.world.audit()?;
    write!(out, "{}", tour.by_month())?;
    write!(out, "{}", tour.why(&audit)?)?;
    write!(out, "{}", tour.had(&audit)?)?;
    write!(out, "{}", tour.exported()?)?;
    write!(out, "{}", tour.requests())?;
    write!(out, "{}", tour.again()?)?;
    write!(out, "{}", tour.summary())?;
    tour.world.end()
}

fn first_page(organisation: &Organisation) -> String {
    let (people, groups) = (organisation.employees.len(), organisation.departments.len());
    let paragraphs = [
        format!(
            "This program plays the year {YEAR} of an organisation with {people} people in {groups} departments. They do \
             not exist. HR has them in AFAS, their accounts are in Microsoft Entra ID; both are simulated here, and asked \
             over HTTP, as the real ones are."
        ),
        "Every morning the engine reads what HR says and what the directory shows, and makes a plan: who gets which \
         account and which groups, what is taken away, and why. Then the plan is carried out, and what was done is \
         written into a ledger, here a file of SQLite that is removed at the end. You will see the plans of the days that \
         are hard to get right."
            .to_owned(),
        "The rules: an account is made 14 days before the first day of work and can be used until the last. It is deleted \
         30 days later, and the directory keeps it in a recycle bin for 30 more. Whoever works in a department is in its \
         group."
            .to_owned(),
    ];
    let text = paragraphs.map(|text| table::wrapped("", &text)).join("\n");
    format!("A YEAR OF ACCOUNTS\n\n{text}")
}

/// What was done in a month, and how many accounts were in use at its end.
#[derive(Debug, Default)]
struct Month {
    done: BTreeMap<StepKind, usize>,
    in_use: usize,
}

struct Tour {
    world: World,
    calendar: Calendar,
    months: BTreeMap<u32, Month>,
    runs: usize,
    decided: usize,
    /// The end of the audit after the last run: kept here, not in the ledger.
    head: Head,
    /// What a run that was stopped was about to do.
    half_done: Option<HalfDone>,
}

impl Tour {
    /// One run: what happened before it, the plan, and the plan applied.
    fn run(mut self, moment: Moment, out: &mut dyn Write) -> Outcome<Self> {
        self.world.come_to(moment);
        for event in self.calendar.events(moment) {
            self.world.happen(event)?;
        }
        let planned = self.world.plan()?;
        let scene = self.calendar.scene(moment);
        if let Some(scene) = scene {
            write!(out, "{}", self.told(moment, scene, &planned)?)?;
        }
        let trouble = scene.map_or(Trouble::None, |scene| scene.trouble);
        if trouble == Trouble::Stopped {
            return self.stopped(moment.0, planned, out);
        }
        let report = self.world.apply(planned)?;
        check(moment.0, &report, trouble)?;
        let done = match self.half_done.take() {
            Some(half_done) => self.resumed(&half_done, out)?,
            None => report.done,
        };
        self.count(moment.0, &done, report.findings.decided);
        self.head = report.head;
        Ok(self)
    }

    /// A run that is stopped half-way: what is left of it.
    fn stopped(mut self, day: NaiveDate, planned: Planned, out: &mut dyn Write) -> Outcome<Self> {
        let before = self.world.engine.store.ledger().read().head().records;
        let half_done = HalfDone::new(&planned, before);
        self.count(day, &BTreeMap::new(), planned.findings.decided);
        self.world = self.world.stop(planned)?;
        let done: usize = half_done.done(&self.world.audit()?)?.values().sum();
        let (open, steps) = (self.world.engine.store.ledger().read().open().count(), half_done.steps());
        let text = format!(
            "half-way the process is killed. Of {steps} steps the ledger in the file says that {done} are done; {open} \
             were begun, and it does not say how they ended"
        );
        write!(out, "{}", table::wrapped("  ! ", &text))?;
        self.half_done = Some(half_done);
        Ok(self)
    }

    /// What two runs did for one plan: all of it, and nothing twice.
    fn resumed(&self, half_done: &HalfDone, out: &mut dyn Write) -> Outcome<BTreeMap<StepKind, usize>> {
        let audit = self.world.audit()?;
        if !half_done.is_done_once(&audit)? || self.world.engine.store.ledger().read().open().next().is_some() {
            return Err("a step of the run that was stopped is lost, or was done twice".into());
        }
        let text = format!("all {} steps of the plan are done, and none was done twice", half_done.steps());
        write!(out, "{}", table::wrapped("  ! ", &text))?;
        half_done.done(&audit)
    }

    /// The plan of a day, with its story.
    fn told(&self, (day, hour): Moment, scene: &Scene, planned: &Planned) -> Outcome<String> {
        let cast: Vec<PersonId> = scene.cast.iter().map(|key| person(key)).collect::<Outcome<_>>()?;
        as_expected(day, scene, &cast, planned)?;
        let roster = self.world.engine.store.roster();
        let roster = roster.read();
        let names = table::Names::new(&roster, groups(&self.world.entra.groups()));
        let when = match hour {
            Hour::Morning => "",
            Hour::Resumed => ", eleven minutes later",
            Hour::Afternoon => ", in the afternoon",
        };
        let mut told = table::heading(&format!("{}{when}: {}", day.format("%a %-d %B"), scene.title));
        told.push_str(&table::wrapped("", &scene.told));
        told.push('\n');
        told.push_str(&table::plan(planned, &cast, &names));
        for remark in table::remarks(planned, &cast, &names) {
            told.push_str(&table::wrapped("  ! ", &remark));
        }
        Ok(told)
    }

    fn count(&mut self, day: NaiveDate, done: &BTreeMap<StepKind, usize>, decided: usize) {
        self.runs += 1;
        self.decided += decided;
        let month = self.months.entry(day.month()).or_default();
        for (kind, count) in done {
            *month.done.entry(*kind).or_default() += count;
        }
        month.in_use = self.world.in_use();
    }

    fn by_month(&self) -> String {
        let kinds = [
            StepKind::Create,
            StepKind::Enable,
            StepKind::Update,
            StepKind::Disable,
            StepKind::Delete,
            StepKind::Grant,
            StepKind::Revoke,
        ];
        let rows = self.months.iter().map(|(number, month)| {
            let mut row = vec![day(*number, 1).format("%B").to_string()];
            row.extend(kinds.map(|kind| month.done.get(&kind).copied().unwrap_or(0).to_string()));
            row.push(month.in_use.to_string());
            row
        });
        let text = "Steps done, and accounts in use at the end; a restore counts as created.";
        let heading = table::heading("The year by month");
        format!("{heading}{}\n{}", table::wrapped("", text), table::numbers(&MONTHLY, rows.collect()))
    }

    fn why(&self, audit: &[Sealed]) -> Outcome<String> {
        let (lotte, marketing) = (self.find("Lotte de Vries")?, PermissionId::new("department:mkt")?);
        let answers = why::why(&self.world.engine, audit, (&lotte, &self.world.slot, &marketing))?;
        Ok(table::heading("Why is Lotte de Vries in the group Marketing?") + &table::answers(&answers))
    }

    /// What an auditor asks: who had what at an instant, and why.
    fn had(&self, audit: &[Sealed]) -> Outcome<String> {
        let (lotte, at) = (self.find("Lotte de Vries")?, instant((day(3, 1), Hour::Afternoon)));
        let roster = self.world.engine.store.roster();
        let roster = roster.read();
        let names = table::Names::new(&roster, groups(&self.world.entra.groups()));
        let answers = why::had(&self.world.engine, audit, (&lotte, at), &names)?;
        Ok(table::heading("What did she have on 1 March at 14:00, and why?") + &table::answers(&answers))
    }

    fn find(&self, name: &str) -> Outcome<PersonId> {
        let roster = self.world.engine.store.roster();
        let roster = roster.read();
        let mut records = roster.records();
        let found = records.find(|record| table::full_name(record) == name);
        Ok(PersonId(found.ok_or("there is no such person")?.id.clone()))
    }

    /// The audit in a file, as it is, and two forgeries of it.
    fn exported(&self) -> Outcome<String> {
        let verdicts = audit::checked(&self.world.export()?, self.head)?;
        let text = "Each record is chained to the one before. Exported to a file, the audit can be checked far from here, \
                    against the head that the last run gave and somebody kept:";
        let told = table::wrapped("", text) + &table::answers(&verdicts);
        Ok(table::heading("The audit trail") + &told)
    }

    /// What both ends were asked in the year.
    fn requests(&self) -> String {
        let [afas, entra] = self.world.asked();
        let rows = |counts: &simulators::log::Counts| {
            let by_path = counts.by_path.iter().map(|(path, count)| vec![format!("  {path}"), count.to_string()]);
            by_path.collect::<Vec<_>>()
        };
        let total = |name: &str, counts: &simulators::log::Counts| {
            vec![format!("{name}: {} reads, {} writes", counts.reads, counts.writes), String::new()]
        };
        let mut table = vec![total("AFAS", &afas)];
        table.extend(rows(&afas));
        table.push(total("Entra", &entra));
        table.extend(rows(&entra));
        let heading = table::heading("What the two systems were asked in the year");
        format!("{heading}{}", table::numbers(&["", "requests"], table))
    }

    /// The last run once more.
    fn again(&mut self) -> Outcome<String> {
        let before = self.world.asked();
        let planned = self.world.plan()?;
        let report = self.world.apply(planned)?;
        let [afas, entra] = self.world.asked();
        let [afas, entra] = [afas.since(&before[0]), entra.since(&before[1])];
        if !report.plan.is_empty() || afas.writes + entra.writes != 0 || !report.is_complete() {
            return Err(format!("the second run of the last day is not empty:\n{report}").into());
        }
        let text = format!(
            "The last day was run already. Run again, it changes nothing: {} reads of AFAS, {} of Entra, no write. The \
             engine in its own words:",
            afas.reads, entra.reads
        );
        let heading = table::heading("The same day once more");
        Ok(format!("{heading}{}  {report}", table::wrapped("", &text)))
    }

    fn summary(&self) -> String {
        let actions: usize = self.months.values().flat_map(|month| month.done.values()).sum();
        let people = self.world.engine.store.roster().read().len();
        let text = format!(
            "{} runs kept the accounts of {people} people right, with {actions} changes. A run looks only at those for \
             whom something may have changed: {} times in all, not {} times. Everything went as it should.",
            self.runs,
            self.decided,
            self.runs * people
        );
        format!("{}{}", table::heading("Summary"), table::wrapped("", &text))
    }
}

/// The groups of a directory, by what permissions call them.
fn groups(shown: &[GroupShown]) -> Vec<(PermissionId, String)> {
    let one = |group: &GroupShown| {
        let id = PermissionId::new(group.unique_name.as_deref()?).ok()?;
        Some((id, group.display_name.clone()))
    };
    shown.iter().filter_map(one).collect()
}

/// The plan of a day worth telling is the one that is told.
fn as_expected(day: NaiveDate, scene: &Scene, cast: &[PersonId], planned: &Planned) -> Outcome<()> {
    if cast.is_empty() {
        return Ok(());
    }
    let is_told = |person: Option<&PersonId>| person.is_none_or(|person| cast.contains(person));
    let actions = planned.approved.plan().actions().filter(|action| is_told(action.person()));
    let kinds: Vec<StepKind> = actions.map(|action| action.step.kind()).collect();
    if kinds == scene.expected {
        return Ok(());
    }
    let plan = planned.approved.plan();
    Err(format!("{day}, {}: {:?} were expected, not {kinds:?}\n{plan}", scene.title, scene.expected).into())
}

/// Nothing goes wrong but what is meant to.
fn check(day: NaiveDate, report: &Report, trouble: Trouble) -> Outcome<()> {
    let is_so = [
        report.findings.is_clean() != (trouble == Trouble::Rejected),
        report.findings.unread.is_empty(),
        report.plan.waiting.is_empty() != (trouble == Trouble::Waiting),
        (report.withheld == 0) != (trouble == Trouble::Held),
        report.failed.is_empty(),
        report.dropped == 0 || trouble == Trouble::Held,
    ];
    if is_so.iter().all(|so| *so) { Ok(()) } else { Err(format!("{day} did not go as it should:\n{report}").into()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_months_fit_into_a_page() {
        let longest = ["September", "203", "203", "203", "203", "203", "203", "203", "203"].map(str::to_owned);
        let months = table::numbers(&MONTHLY, vec![longest.to_vec()]);
        assert!(months.lines().all(|line| line.chars().count() <= table::WIDTH), "{months}");
    }
}
