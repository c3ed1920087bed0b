//! The tour: a year in the life of an organisation that does not exist, what is planned on which day, and why.

pub mod calendar;
pub mod stories;
pub mod table;
pub mod why;
pub mod world;

use std::collections::BTreeMap;
use std::io::Write;

use chrono::{Datelike, NaiveDate};
use provisioning_core::audit::{Head, Verdict, verify};
use provisioning_core::plan::StepKind;
use provisioning_core::{PermissionId, PersonId, Planned, Report};
use simulators::entra::GroupShown;
use simulators::organisation::Organisation;

use crate::tour::calendar::{Calendar, Hour, Moment, Scene, Trouble, YEAR, day};
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
    let mut tour =
        Tour { world: World::new(&organisation, reach)?, calendar, months: BTreeMap::new(), runs: 0, decided: 0 };
    for moment in tour.calendar.moments() {
        tour.run(moment, out)?;
    }
    write!(out, "{}", tour.by_month())?;
    write!(out, "{}", tour.why()?)?;
    write!(out, "{}", tour.audit()?)?;
    write!(out, "{}", tour.requests())?;
    write!(out, "{}", tour.again()?)?;
    write!(out, "{}", tour.summary())?;
    Ok(())
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
         account and which groups, what is taken away, and why. Then the plan is carried out. You will see the plans of \
         the days that are hard to get right."
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
}

impl Tour {
    /// One run: what happened before it, the plan, and the plan applied.
    fn run(&mut self, moment: Moment, out: &mut dyn Write) -> Outcome<()> {
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
        let report = self.world.apply(planned)?;
        check(moment.0, &report, trouble)?;
        self.count(moment.0, &report);
        Ok(())
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

    fn count(&mut self, day: NaiveDate, report: &Report) {
        self.runs += 1;
        self.decided += report.findings.decided;
        let month = self.months.entry(day.month()).or_default();
        for (kind, count) in &report.done {
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

    fn why(&self) -> Outcome<String> {
        let (lotte, marketing) = (self.find("Lotte de Vries")?, PermissionId::new("department:MKT")?);
        let answers =
            why::why(&self.world.engine, &self.world.trail.records(), (&lotte, &self.world.slot, &marketing))?;
        let mut told = table::heading("Why is Lotte de Vries in the group Marketing?");
        for (question, answer) in answers {
            told.push_str(&table::wrapped(&format!(" {question:<13} "), &answer));
        }
        Ok(told)
    }

    fn find(&self, name: &str) -> Outcome<PersonId> {
        let roster = self.world.engine.store.roster();
        let roster = roster.read();
        let mut records = roster.records();
        let found = records.find(|record| table::full_name(record) == name);
        Ok(PersonId(found.ok_or("there is no such person")?.id.clone()))
    }

    /// The audit trail as it is, and two forgeries of it.
    fn audit(&self) -> Outcome<String> {
        let mut records = self.world.trail.records();
        let head: Head = self.world.engine.store.ledger().read().head();
        let whole = verify(&records, Some(head));
        let cut = verify(records.split_last().map_or(&[][..], |(_, before)| before), Some(head));
        let place = records.len() / 2;
        if let Some((_, payload)) = records.get_mut(place).and_then(|record| record.content.as_mut()) {
            payload.push(' ');
        }
        let forged = verify(&records, Some(head));
        let (Verdict::Whole, Verdict::OtherHead { .. }, Verdict::BrokenAt { place, what }) = (whole, cut, forged)
        else {
            return Err("the audit trail is not whole, or a forged one passes for it".into());
        };
        let hash = head.hash.to_string();
        let told = [
            format!("The trail has {} records, each chained to the one before; it is whole. Its head is", head.records),
            format!(
                "Without its last record it ends elsewhere than the head says, and an added space in record {place} is \
                 detected: {what}."
            ),
        ];
        let [whole, forged] = told.map(|text| table::wrapped("", &text));
        Ok(format!("{}{whole}  {hash}\n{forged}", table::heading("The audit trail")))
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
