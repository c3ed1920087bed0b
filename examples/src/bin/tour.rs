//! A year in the life of an organisation that does not exist, in memory: what is planned on which day, and why.

use std::collections::BTreeMap;
use std::error::Error;
use std::io::Write;
use std::process::ExitCode;
use std::sync::Arc;

use chrono::{Datelike, NaiveDate, TimeDelta};
use chrono_tz::Europe::Amsterdam;
use clap::Parser;
use examples::calendar::{Calendar, Event, Hour, Moment, Scene, Trouble, YEAR, day, instant};
use examples::ending::ended;
use examples::hr::Hr;
use examples::naming::Named;
use examples::organisation::Organisation;
use examples::{stories, table, why};
use futures::executor::block_on;
use provisioning_core::audit::{Directive, Head, PersonDirective, Verdict, verify};
use provisioning_core::lifecycle::Grace;
use provisioning_core::memory::{Kept, MemoryStore, MemoryTarget};
use provisioning_core::plan::StepKind;
use provisioning_core::target::{Presence, Shown};
use provisioning_core::{
    Actor, Engine, FieldName, LifecycleSettings, ManualClock, PermissionId, PersonId, Planned, Policy, Report,
    Settings, Silent, Slot, SourceId, TargetConnector, TargetId, TenantId,
};
use rules::RuleSet;

/// From which the organisation and its year are made.
const SEED: u64 = 2026;

type Outcome<T> = Result<T, Box<dyn Error>>;

/// Plays a year in the life of an organisation that does not exist, in memory, and shows what is planned on which day
/// and why.
#[derive(Debug, Parser)]
struct Args {}

fn main() -> ExitCode {
    let Args {} = Args::parse();
    ended("tour", tour)
}

fn tour(out: &mut dyn Write) -> Outcome<()> {
    let (organisation, calendar) = stories::year(SEED);
    write!(out, "{}", first_page(&organisation))?;
    let mut tour = Tour::new(organisation, calendar)?;
    for moment in tour.calendar.moments() {
        tour.run(moment, out)?;
    }
    write!(out, "{}", tour.by_month())?;
    write!(out, "{}", tour.why()?)?;
    write!(out, "{}", tour.audit()?)?;
    write!(out, "{}", tour.again()?)?;
    write!(out, "{}", tour.summary())?;
    Ok(())
}

/// What the rules are. Every grant says which of them gave it, and for which contract.
fn policy(directory: &TargetId) -> Outcome<Arc<dyn Policy>> {
    Ok(Arc::new(Named(RuleSet::standard(directory, 14)?)))
}

fn first_page(organisation: &Organisation) -> String {
    let (people, groups) = (organisation.employees.len(), organisation.departments.len());
    let paragraphs = [
        format!(
            "This program plays the year {YEAR} of an organisation with {people} people in {groups} departments. The \
             people do not exist, and neither do their accounts: everything happens in memory, without a network."
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
    calendar: Calendar,
    clock: Arc<ManualClock>,
    hr: Arc<Hr>,
    directory: Arc<MemoryTarget>,
    trail: Kept,
    engine: Engine,
    months: BTreeMap<u32, Month>,
    runs: usize,
    decided: usize,
}

impl Tour {
    fn new(organisation: Organisation, calendar: Calendar) -> Outcome<Self> {
        let clock = Arc::new(ManualClock::at(instant((day(1, 1), Hour::Morning))));
        let id = TargetId::new("directory")?;
        let directory =
            Arc::new(MemoryTarget::new(id.clone(), clock.clone(), Amsterdam, vec![FieldName::new("user_name")?]));
        let hr = Arc::new(Hr::new(SourceId::new("hr")?, organisation, clock.clone()));
        let mut settings =
            Settings::new(TenantId::new("tour")?, Amsterdam).with_target(directory.describe(), Vec::new());
        let grace = Grace { suspended_days: 30, staged_days: 30 };
        settings.lifecycle = LifecycleSettings { grace, ..LifecycleSettings::default() };
        let trail = Kept::default();
        let engine = Engine {
            sources: vec![hr.clone()],
            targets: vec![directory.clone()],
            policy: policy(&id)?,
            store: Arc::new(MemoryStore::new(&settings, clock.clone(), Box::new(trail.clone()))),
            clock: clock.clone(),
            notifier: Arc::new(Silent),
            actor: Actor::new("engine")?,
            lease: TimeDelta::minutes(10),
            settings,
        };
        Ok(Self { calendar, clock, hr, directory, trail, engine, months: BTreeMap::new(), runs: 0, decided: 0 })
    }

    /// One run: what happened before it, the plan, and the plan applied.
    fn run(&mut self, moment: Moment, out: &mut dyn Write) -> Outcome<()> {
        self.clock.set(instant(moment));
        for event in self.calendar.events(moment) {
            self.happen(event)?;
        }
        let planned = block_on(self.engine.plan())?;
        let scene = self.calendar.scene(moment);
        if let Some(scene) = scene {
            write!(out, "{}", self.told(moment, scene, &planned)?)?;
        }
        let trouble = scene.map_or(Trouble::None, |scene| scene.trouble);
        let report = block_on(self.engine.apply(planned))?;
        check(moment.0, &report, trouble)?;
        self.count(moment.0, &report);
        Ok(())
    }

    fn happen(&self, event: &Event) -> Outcome<()> {
        let hr = |change: &dyn Fn(&mut Organisation)| self.hr.change(change);
        match event {
            Event::Hire(employee) => hr(&|all| all.employees.push(employee.clone())),
            Event::NewLine(key, line) => {
                hr(&|all| all.employee(key).into_iter().for_each(|one| one.lines.push(line.clone())));
            }
            Event::LastDay(key, last) => hr(&|all| {
                if let Some(line) = all.employee(key).and_then(|one| one.lines.last_mut()) {
                    line.last = Some(*last);
                }
            }),
            Event::Remove(key) => hr(&|all| all.employees.retain(|one| one.key != *key)),
            Event::Surname(key, family) => {
                hr(&|all| all.employee(key).into_iter().for_each(|one| one.family.clone_from(family)));
            }
            Event::Found(department) => hr(&|all| all.departments.push(department.clone())),
            Event::Answers(answers) => self.hr.answer(*answers),
            Event::DisabledByHand(key) => self.directory.by_hand(&person(key)?.to_string(), Shown::Disabled),
            Event::Released(key) => {
                self.say("administrator", about(key, PersonDirective::Release(self.slot()))?)?;
            }
            Event::Blocked(key) => self.say("security officer", about(key, PersonDirective::Block)?)?,
            Event::Approved => {
                let planned = block_on(self.engine.plan())?;
                let approval = planned.approved.approval().ok_or("nothing is held back that could be approved")?;
                self.say("administrator", Directive::Run(approval))?;
            }
        }
        Ok(())
    }

    fn say(&self, actor: &str, directive: Directive) -> Outcome<()> {
        Ok(block_on(self.engine.say(&Actor::new(actor)?, directive))?)
    }

    fn slot(&self) -> Slot {
        Slot::main(self.directory.describe().target)
    }

    /// The plan of a day, with its story.
    fn told(&self, (day, hour): Moment, scene: &Scene, planned: &Planned) -> Outcome<String> {
        let cast: Vec<PersonId> = scene.cast.iter().map(|key| person(key)).collect::<Outcome<_>>()?;
        as_expected(day, scene, &cast, planned)?;
        let roster = self.engine.store.roster();
        let roster = roster.read();
        let names = table::Names::new(&roster, self.directory.resources());
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
        let in_use = |account: &&_| is_in_use(account);
        month.in_use = self.directory.accounts().iter().filter(in_use).count();
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
        let header =
            ["", "created", "enabled", "changed", "disabled", "deleted", "groups\njoined", "groups\nleft", "in use"];
        let text = "Steps done, and accounts in use at the end; a restore counts as created.";
        let heading = table::heading("The year by month");
        format!("{heading}{}\n{}", table::wrapped("", text), table::numbers(&header, rows.collect()))
    }

    fn why(&self) -> Outcome<String> {
        let (lotte, marketing) = (self.find("Lotte", "de Vries")?, PermissionId::new("department:MKT")?);
        let answers = why::why(&self.engine, &self.trail.records(), (&lotte, &self.slot(), &marketing))?;
        let mut told = table::heading("Why is Lotte de Vries in the group Marketing?");
        for (question, answer) in answers {
            told.push_str(&table::wrapped(&format!(" {question:<13} "), &answer));
        }
        Ok(told)
    }

    fn find(&self, given: &str, family: &str) -> Outcome<PersonId> {
        let roster = self.engine.store.roster();
        let roster = roster.read();
        let mut records = roster.records();
        let is_it = |name: &str, text: &str, record: &provisioning_core::source::PersonRecord| {
            record.fields.text(name) == Some(text)
        };
        let found = records.find(|record| is_it("given_name", given, record) && is_it("family_name", family, record));
        Ok(PersonId(found.ok_or("there is no such person")?.id.clone()))
    }

    /// The audit trail as it is, and two forgeries of it.
    fn audit(&self) -> Outcome<String> {
        let mut records = self.trail.records();
        let head: Head = self.engine.store.ledger().read().head();
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

    /// The last run once more.
    fn again(&mut self) -> Outcome<String> {
        let before = self.directory.requests().writes;
        let report = block_on(self.engine.run())?;
        if !report.plan.is_empty() || self.directory.requests().writes != before || !report.is_complete() {
            return Err(format!("the second run of the last day is not empty:\n{report}").into());
        }
        let text = "The last day was run already. Run again, it changes nothing. The engine in its own words:";
        let heading = table::heading("The same day once more");
        Ok(format!("{heading}{}  {report}", table::wrapped("", text)))
    }

    fn summary(&self) -> String {
        let actions: usize = self.months.values().flat_map(|month| month.done.values()).sum();
        let people = self.engine.store.roster().read().len();
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

fn about(key: &str, what: PersonDirective) -> Outcome<Directive> {
    Ok(Directive::Person(person(key)?, what))
}

fn person(key: &str) -> Outcome<PersonId> {
    Ok(format!("hr:{key}").parse()?)
}

fn is_in_use(account: &provisioning_core::target::ObservedAccount) -> bool {
    account.presence == Presence::Live && account.shown == Shown::Enabled
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
