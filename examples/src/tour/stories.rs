//! The stories of the tour: each writes into the calendar what happens to somebody, what is told of it, and what the engine
//! must plan.

use provisioning_core::plan::StepKind::{self, Create, Delete, Disable, Enable, Ensure, Grant, Revoke, Update};
use simulators::afas::RowsShown;
use simulators::organisation::{Department, Dice, Line, Organisation};

use crate::tour::calendar::{Calendar, Event, Hour, Scene, Trouble, day};

/// The organisation and the year, with all stories in it.
#[must_use]
pub fn year(seed: u64) -> (Organisation, Calendar) {
    let mut dice = Dice::new(seed);
    let mut organisation = Organisation::generated(&mut dice, day(1, 1));
    let mut calendar = Calendar::default();
    let data_team: Vec<String> = organisation.team("IT").into_iter().skip(1).take(3).collect();
    let free: Vec<String> = organisation
        .codes()
        .iter()
        .filter(|code| *code != "CATER")
        .flat_map(|code| organisation.team(code).into_iter().skip(1))
        .filter(|key| !data_team.contains(key))
        .collect();
    calendar.fill(&mut organisation, &mut dice, free);
    go_live(&mut calendar);
    joiner(&mut calendar, &mut organisation);
    leaver(&mut calendar, &mut organisation);
    mover(&mut calendar, &mut organisation);
    late_hire(&mut calendar, &mut organisation);
    marriage(&mut calendar, &mut organisation);
    short_break(&mut calendar, &mut organisation);
    withdrawn_hire(&mut calendar, &mut organisation);
    outage(&mut calendar, &mut organisation);
    foreign_disable(&mut calendar, &mut organisation);
    new_department(&mut calendar, &data_team);
    takeover(&mut calendar, &organisation);
    dismissal(&mut calendar, &mut organisation);
    (organisation, calendar)
}

fn morning(month: u32, of: u32) -> (chrono::NaiveDate, Hour) {
    (day(month, of), Hour::Morning)
}

fn afternoon(month: u32, of: u32) -> (chrono::NaiveDate, Hour) {
    (day(month, of), Hour::Afternoon)
}

fn years_ago(years: i32) -> chrono::NaiveDate {
    chrono::NaiveDate::from_ymd_opt(crate::tour::calendar::YEAR - years, 9, 1).unwrap_or_default()
}

/// Somebody whom HR knows from the first day of the year on.
fn veteran(organisation: &mut Organisation, name: (&str, &str), line: Line) -> String {
    let employee = organisation.named(name.0, name.1, line);
    let key = employee.key.clone();
    organisation.employees.push(employee);
    key
}

fn go_live(calendar: &mut Calendar) {
    let told = "The directory is empty, so the first plan is a big one. Caps limit what one plan may do, and they hold it \
                until somebody has looked.";
    calendar.tell(morning(1, 1), Scene::about(&[], "The first run", told, &[]).with(Trouble::Held));
    calendar.in_the_afternoon(day(1, 1), Event::Approved);
}

fn joiner(calendar: &mut Calendar, organisation: &mut Organisation) {
    let hire = organisation.named("Noor", "Janssens", Line::open("FIN", "Controller", day(1, 26)));
    let key = hire.key.clone();
    calendar.on(day(1, 8), Event::Hire(hire));
    let told = "Noor Janssens starts in Finance in two weeks. The account is made now; it cannot be used yet.";
    calendar.tell(morning(1, 12), Scene::about(&[&key], "A joiner", told, &[Create]));
    let told = "She can sign in from today, and is in the group of her department.";
    calendar.tell(morning(1, 26), Scene::about(&[&key], "The first day", told, &[Grant, Enable]));
}

/// Somebody leaves, comes back in time for the recycle bin, leaves again, and comes back too late for it.
fn leaver(calendar: &mut Calendar, organisation: &mut Organisation) {
    let line = Line::open("LOG", "Planner", years_ago(4)).through(day(1, 31));
    let key = veteran(organisation, ("Daan", "Peeters"), line);
    let told = "Yesterday was Daan Peeters' last day. The account is stopped and kept for 30 days.";
    calendar.tell(morning(2, 1), Scene::about(&[&key], "A leaver", told, &[Disable]));
    let told = "The 30 days are over. The directory keeps a deleted account for another 30 in its recycle bin.";
    calendar.tell(morning(3, 3), Scene::about(&[&key], "Gone", told, &[Delete]));
    calendar.on(day(3, 16), Event::NewLine(key.clone(), Line::open("LOG", "Planner", day(3, 30)).through(day(5, 31))));
    let told = "HR hires Daan again, from 30 March. The old account comes out of the recycle bin, but stays disabled until that day.";
    calendar.tell(morning(3, 16), Scene::about(&[&key], "Back from the recycle bin", told, &[Create]));
    calendar.on(day(9, 21), Event::NewLine(key.clone(), Line::open("CARE", "Adviser", day(10, 5))));
    let told = "Daan left again on 31 May and now returns once more. The bin was emptied long ago, so it is a new account; \
                nobody else was ever given the name.";
    calendar.tell(morning(9, 21), Scene::about(&[&key], "Back too late for the bin", told, &[Create]));
}

fn mover(calendar: &mut Calendar, organisation: &mut Organisation) {
    let key = veteran(organisation, ("Lotte", "de Vries"), Line::open("SALES", "Account manager", years_ago(3)));
    let told = "An administrator looked at the plan and approved it. One of many:";
    calendar.tell(afternoon(1, 1), Scene::about(&[&key], "Approved", told, &[Create, Grant, Enable]));
    calendar.on(day(2, 16), Event::LastDay(key.clone(), day(3, 1)));
    calendar.on(day(2, 16), Event::NewLine(key.clone(), Line::open("MKT", "Brand manager", day(3, 2))));
    let told = "Lotte de Vries moves from Sales to Marketing. She gains before she loses.";
    calendar.tell(morning(3, 2), Scene::about(&[&key], "A mover", told, &[Grant, Revoke]));
}

fn late_hire(calendar: &mut Calendar, organisation: &mut Organisation) {
    let hire = organisation.named("Ilias", "Amrani", Line::open("PROD", "Operator", day(4, 1)));
    let key = hire.key.clone();
    calendar.on(day(4, 9), Event::Hire(hire));
    let told = "Ilias Amrani has been at work since 1 April, and HR enters it today. All of it comes in one plan.";
    calendar.tell(morning(4, 9), Scene::about(&[&key], "A late hire", told, &[Create, Grant, Enable]));
}

fn marriage(calendar: &mut Calendar, organisation: &mut Organisation) {
    let key = veteran(organisation, ("Emma", "Claes"), Line::open("FIN", "Accountant", years_ago(6)));
    calendar.on(day(4, 20), Event::Surname(key.clone(), "Dubois".to_owned()));
    let told = "Emma Claes married and is called Dubois. The name that people see follows; the user name stays, because \
                mail and systems know her by it.";
    calendar.tell(morning(4, 20), Scene::about(&[&key], "A marriage", told, &[Update]));
}

fn short_break(calendar: &mut Calendar, organisation: &mut Organisation) {
    let line = Line::open("CARE", "Adviser", years_ago(2)).through(day(4, 30));
    let key = veteran(organisation, ("Sofie", "Maes"), line);
    calendar.on(day(5, 18), Event::NewLine(key.clone(), Line::open("PROD", "Planner", day(5, 18))));
    let told = "Sofie Maes left on 30 April and is back, within the 30 days: the same account, another department.";
    calendar.tell(morning(5, 18), Scene::about(&[&key], "Back within the month", told, &[Grant, Enable]));
}

fn withdrawn_hire(calendar: &mut Calendar, organisation: &mut Organisation) {
    let hire = organisation.named("Wout", "Willems", Line::open("SALES", "Trainee", day(6, 8)));
    let key = hire.key.clone();
    calendar.on(day(5, 11), Event::Hire(hire));
    calendar.on(day(5, 28), Event::Remove(key.clone()));
    let told = "Wout Willems was to start on 8 June and has an account. Today his rows are gone from HR. One reading \
                without somebody may be a mistake, so nothing is lost yet.";
    calendar.tell(morning(5, 28), Scene::about(&[&key], "A withdrawn hire", told, &[]));
    let told = "Three readings in a row said the same, and 30 days went by since.";
    calendar.tell(morning(6, 29), Scene::about(&[&key], "Never started", told, &[Delete]));
}

fn outage(calendar: &mut Calendar, organisation: &mut Organisation) {
    let line = Line::open("MKT", "Designer", years_ago(1)).through(day(7, 9));
    let key = veteran(organisation, ("Fatma", "Yıldız"), line);
    calendar.on(day(7, 10), Event::Rows(RowsShown::None));
    calendar.on(day(7, 11), Event::Rows(RowsShown::All));
    let told = "HR answers, with no rows at all. That is not believed, and nobody loses anything by it. Fatma Yıldız was \
                known to leave yesterday; that still counts.";
    let scene = Scene::about(&[&key], "An outage", told, &[Disable]);
    calendar.tell(morning(7, 10), scene.with(Trouble::Rejected));
}

fn foreign_disable(calendar: &mut Calendar, organisation: &mut Organisation) {
    let key = veteran(organisation, ("Thijs", "Bakker"), Line::open("IT", "Engineer", years_ago(5)));
    calendar.on(day(8, 12), Event::DisabledByHand(key.clone()));
    let told =
        "In the night somebody disabled Thijs Bakker's account by hand. There may be a reason, so it is not undone.";
    let scene = Scene::about(&[&key], "Somebody else's hand", told, &[]);
    calendar.tell(morning(8, 12), scene.with(Trouble::Waiting));
    let told = "The second reading shows the same. From now on it holds until a person says otherwise.";
    let scene = Scene::about(&[&key], "The day after", told, &[]);
    calendar.tell(morning(8, 13), scene.with(Trouble::Waiting));
    calendar.on(day(8, 14), Event::Released(key.clone()));
    let told = "An administrator looked into it and released the account.";
    calendar.tell(morning(8, 14), Scene::about(&[&key], "Released", told, &[Enable]));
}

fn new_department(calendar: &mut Calendar, team: &[String]) {
    let founded = day(9, 1);
    let manager = team.first().cloned();
    let department = Department { code: "DATA".to_owned(), name: "Data Science".to_owned(), manager };
    calendar.on(day(8, 24), Event::Found(department));
    for key in team {
        calendar.on(day(8, 24), Event::LastDay(key.clone(), day(8, 31)));
        calendar.on(day(8, 24), Event::NewLine(key.clone(), Line::open("DATA", "Analyst", founded)));
    }
    let cast: Vec<&str> = team.iter().map(String::as_str).collect();
    let expected: Vec<StepKind> =
        [Ensure].into_iter().chain(team.iter().map(|_| Grant)).chain(team.iter().map(|_| Revoke)).collect();
    let told = "Three people of IT become a department of their own. Nobody had to make a group for it.";
    calendar.tell(morning(9, 1), Scene::about(&cast, "A new department", told, &expected).with(Trouble::Stopped));
    let told = "The engine is started anew and knows what is in the file, no more. What was begun it does not repeat: it \
                reads the directory first, sees that those steps are done, and goes on with the others.";
    let expected: Vec<StepKind> = team.iter().map(|_| Revoke).collect();
    calendar.tell((founded, Hour::Resumed), Scene::about(&cast, "Resumed", told, &expected));
}

fn takeover(calendar: &mut Calendar, organisation: &Organisation) {
    let team = organisation.team("CATER");
    for key in &team {
        calendar.on(day(10, 1), Event::LastDay(key.clone(), day(9, 30)));
    }
    let cast: Vec<&str> = team.iter().map(String::as_str).collect();
    let expected: Vec<StepKind> = team.iter().map(|_| Disable).collect();
    let told = "Overnight HR ended the contracts of all of Catering. It may be true, and it may be a slip of the hand: so \
                many surprises at once are held back.";
    let scene = Scene::about(&cast, "A cap", told, &expected).with(Trouble::Held);
    calendar.tell(morning(10, 1), scene);
    calendar.in_the_afternoon(day(10, 1), Event::Approved);
    let told = "It was true: another firm took Catering over, and an administrator approved that afternoon. Now the 30 \
                days are over. To delete so many at once is something else, so it waits for somebody again.";
    let expected: Vec<StepKind> = team.iter().map(|_| Delete).collect();
    let scene = Scene::about(&cast, "The same cap", told, &expected).with(Trouble::Held);
    calendar.tell(morning(10, 31), scene);
    calendar.in_the_afternoon(day(10, 31), Event::Approved);
}

fn dismissal(calendar: &mut Calendar, organisation: &mut Organisation) {
    let key = veteran(organisation, ("Ruben", "Jacobs"), Line::open("FIN", "Treasurer", years_ago(7)));
    calendar.in_the_afternoon(day(11, 5), Event::Blocked(key.clone()));
    calendar.on(day(11, 6), Event::LastDay(key.clone(), day(11, 5)));
    let told = "Ruben Jacobs is dismissed this afternoon. HR will write it down tomorrow; a security officer does not wait \
                and blocks him now.";
    calendar.tell(afternoon(11, 5), Scene::about(&[&key], "Dismissed", told, &[Disable]));
}
