//! How the tour prints: plans as tables, sentences in lines, nothing wider than 80 columns.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use comfy_table::presets::NOTHING;
use comfy_table::{CellAlignment, ColumnConstraint, ContentArrangement, Table, Width};
use provisioning_core::caps::Approved;
use provisioning_core::plan::{AccountStep, Action, PermissionStep, ResourceStep, Step, StepKind, Why};
use provisioning_core::policy::Because;
use provisioning_core::source::{ContractRecord, PersonRecord, Roster};
use provisioning_core::target::Change;
use provisioning_core::{Edit, PermissionId, PersonId, Planned};

/// How wide a line is at most.
pub const WIDTH: usize = 80;

/// For how many people a plan is shown line by line.
const SHOWN: usize = 3;

/// Who is who and what is what, in names.
#[derive(Debug)]
pub struct Names<'r> {
    roster: &'r Roster,
    groups: BTreeMap<PermissionId, String>,
}

impl<'r> Names<'r> {
    /// The names of people from HR, those of groups from the directory.
    #[must_use]
    pub fn new(roster: &'r Roster, groups: impl IntoIterator<Item = (PermissionId, String)>) -> Self {
        Self { roster, groups: groups.into_iter().collect() }
    }

    /// The name of a person.
    #[must_use]
    pub fn person(&self, id: &PersonId) -> String {
        self.roster.record(&id.0).map_or_else(|| id.to_string(), full_name)
    }

    /// A rule with its contract, in few words.
    fn source(&self, person: Option<&PersonId>, because: &Because) -> String {
        let record = person.and_then(|person| self.roster.record(&person.0));
        source(because, record.map_or(&[][..], |record| record.contracts.as_slice()))
    }

    /// The name of a group.
    #[must_use]
    pub fn group(&self, id: &PermissionId) -> String {
        self.groups.get(id).cloned().unwrap_or_else(|| id.to_string())
    }
}

/// What a person is called.
#[must_use]
pub fn full_name(record: &PersonRecord) -> String {
    let part = |name: &str| record.fields.text(name).unwrap_or_default();
    format!("{} {}", part("given_name"), part("last_name"))
}

/// A plan as a table: of the cast line by line, of all others only how many. Without a cast, the whole plan counted.
#[must_use]
pub fn plan(planned: &Planned, cast: &[PersonId], names: &Names<'_>) -> String {
    let approved = &planned.approved;
    if cast.is_empty() {
        return table(counted(approved));
    }
    let mut rows: Vec<[String; 3]> = Vec::new();
    rows.extend(steps(approved, None).map(|action| row(action, approved, names)));
    for person in cast.iter().take(SHOWN) {
        let mut who = names.person(person);
        if steps(approved, Some(person)).next().is_none() {
            rows.push([who.clone(), "nothing".to_owned(), String::new()]);
        }
        for action in steps(approved, Some(person)) {
            let [_, what, why] = row(action, approved, names);
            rows.push([std::mem::take(&mut who), what, why]);
        }
    }
    if cast.len() > SHOWN {
        rows.push([format!("and {} more", cast.len() - SHOWN), "the same".to_owned(), String::new()]);
    }
    let is_of_others = |action: &&Action| action.person().is_some_and(|person| !cast.contains(person));
    let others = match approved.plan().actions().filter(is_of_others).count() {
        0 => String::new(),
        1 => "  (and 1 step for other people)\n".to_owned(),
        steps => format!("  (and {steps} steps for other people)\n"),
    };
    table(rows) + &others
}

/// The steps of a plan for somebody, or those for nobody, such as making a group.
fn steps<'p>(approved: &'p Approved, person: Option<&'p PersonId>) -> impl Iterator<Item = &'p Action> {
    approved.plan().actions().filter(move |action| action.person() == person)
}

/// What an administrator should know beside the plan, one sentence each.
#[must_use]
pub fn remarks(planned: &Planned, cast: &[PersonId], names: &Names<'_>) -> Vec<String> {
    let (findings, plan) = (&planned.findings, planned.approved.plan());
    let mut said = Vec::new();
    for rejected in &findings.rejected {
        let why: Vec<String> = rejected.why.iter().map(ToString::to_string).collect();
        said.push(format!("the reading of `{}` does not count: {}", rejected.source, why.join("; ")));
    }
    said.extend(findings.mass_leaves.iter().map(ToString::to_string));
    for limit in planned.approved.exceeded().iter().filter(|_| !cast.is_empty()) {
        let (planned, allowed) = (limit.planned, limit.allowed);
        said.push(format!("{planned} surprising {}s are planned, and the cap lets {allowed} pass", limit.cap.kind));
    }
    let of_cast = |person: &PersonId| cast.contains(person);
    for waiting in plan.waiting.iter().filter(|waiting| of_cast(&waiting.person)) {
        said.push(format!("{} waits: {}", names.person(&waiting.person), waiting.on));
    }
    for refusal in plan.refusals.iter().filter(|refusal| of_cast(&refusal.person)) {
        said.push(format!("{}: {}", names.person(&refusal.person), refusal.why));
    }
    said
}

fn row(action: &Action, approved: &Approved, names: &Names<'_>) -> [String; 3] {
    let held = if approved.permits(action) { "" } else { " (held back)" };
    let why: Vec<String> = action.why.iter().map(|why| reason(why, action.person(), names)).collect();
    let [who, what, why] = match &action.step {
        Step::Account { key, step, .. } => [names.person(&key.person), account_step(step), why.join("; ")],
        Step::Permission { key, step, .. } => {
            let what = match step {
                PermissionStep::Grant(permission, _) => {
                    let called = permission.resource.as_ref().map(|resource| resource.name.clone());
                    format!("join {}", called.unwrap_or_else(|| names.group(&permission.id)))
                }
                PermissionStep::Revoke(id, _) => format!("leave {}", names.group(id)),
            };
            [names.person(&key.person), what, why.join("; ")]
        }
        Step::Resource { step: ResourceStep::Ensure { name, .. }, .. } => {
            ["(new group)".to_owned(), format!("make {name}"), "a rule names it".to_owned()]
        }
    };
    [who, format!("{what}{held}"), why]
}

fn account_step(step: &AccountStep) -> String {
    match step {
        AccountStep::Create(account) => {
            format!("create {}", account.attributes.text("userPrincipalName").unwrap_or("an account"))
        }
        AccountStep::Restore => "restore".to_owned(),
        AccountStep::Enable => "enable".to_owned(),
        AccountStep::Update(patch) => patch.0.iter().map(change).collect::<Vec<_>>().join("\n"),
        AccountStep::Disable => "disable".to_owned(),
        AccountStep::Delete => "delete".to_owned(),
        AccountStep::Reissue => "make a new first secret".to_owned(),
    }
}

fn change(change: &Change) -> String {
    match &change.after {
        Edit::Set(value) => format!("{} {}", change.attribute, value.as_text().unwrap_or("...")),
        Edit::Keep | Edit::Clear => format!("{} nothing", change.attribute),
    }
}

/// A reason in few words.
#[must_use]
pub fn reason(why: &Why, person: Option<&PersonId>, names: &Names<'_>) -> String {
    match why {
        Why::Entitled(because) => {
            because.iter().map(|because| names.source(person, because)).collect::<Vec<_>>().join("; ")
        }
        Why::GraceOver { since } => format!("unwanted since {}", since.format("%-d %B")),
        Why::Differs => "not as HR has it".to_owned(),
        Why::NotKept { .. } => "not kept while suspended".to_owned(),
        Why::Only(_)
        | Why::Unjustified
        | Why::Barred(_)
        | Why::ReturnKnown { .. }
        | Why::Blocked
        | Why::EnabledByOthers => why.to_string(),
    }
}

/// A rule with its contract, one of these, in few words.
#[must_use]
pub fn source(because: &Because, contracts: &[ContractRecord]) -> String {
    let found = contracts.iter().find(|contract| Some(&contract.id) == because.contract.as_ref());
    let title = found.and_then(|contract| contract.fields.text("title"));
    format!("rule {}{}", because.rule, title.map(|title| format!(", as {title}")).unwrap_or_default())
}

/// A plan by kind of step.
fn counted(approved: &Approved) -> Vec<[String; 3]> {
    let mut kinds: Vec<(StepKind, usize)> = Vec::new();
    for kind in approved.plan().actions().map(|action| action.step.kind()) {
        match kinds.last_mut() {
            Some((last, count)) if *last == kind => *count += 1,
            _ => kinds.push((kind, 1)),
        }
    }
    let line = |(kind, count): (StepKind, usize)| {
        let whom = if kind == StepKind::Ensure { "groups" } else { "people" };
        let limit = approved.exceeded().iter().find(|limit| limit.cap.kind == kind);
        let why = limit.map(|limit| format!("held back: more than {}", limit.allowed));
        [format!("{count} {whom}"), in_words(kind).to_owned(), why.unwrap_or_default()]
    };
    kinds.into_iter().map(line).collect()
}

fn in_words(kind: StepKind) -> &'static str {
    match kind {
        StepKind::Disable => "disable the account",
        StepKind::Ensure => "make the group",
        StepKind::Create => "create an account",
        StepKind::Grant => "join a group",
        StepKind::Enable => "enable the account",
        StepKind::Update => "change the account",
        StepKind::Revoke => "leave a group",
        StepKind::Delete => "delete the account",
    }
}

fn table(rows: Vec<[String; 3]>) -> String {
    let mut table = Table::new();
    table.load_style(NOTHING).set_content_arrangement(ContentArrangement::Dynamic);
    table.set_width(78).set_header(["Who", "What", "Why"]).add_rows(rows);
    table.set_constraints([16, 26, 34].map(|width| ColumnConstraint::Absolute(Width::Fixed(width + 1))));
    indented(&table)
}

/// Numbers under their headings.
#[must_use]
pub fn numbers(header: &[&str], rows: Vec<Vec<String>>) -> String {
    let mut table = Table::new();
    table.load_style(NOTHING).set_header(header.to_vec()).add_rows(rows);
    for column in table.column_iter_mut().skip(1) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    indented(&table)
}

fn indented(table: &Table) -> String {
    table.lines().fold(String::new(), |page, line| page + " " + line.trim_end() + "\n")
}

/// Questions and answers.
#[must_use]
pub fn answers(answers: &[(&str, String)]) -> String {
    answers.iter().map(|(question, answer)| wrapped(&format!(" {question:<13} "), answer)).collect()
}

/// A heading over the width of the page.
#[must_use]
pub fn heading(text: &str) -> String {
    let rest = WIDTH.saturating_sub(text.chars().count() + 4);
    format!("\n── {text} {}\n", "─".repeat(rest))
}

/// A day as people write it.
#[must_use]
pub fn date(day: NaiveDate) -> String {
    day.format("%-d %B %Y").to_string()
}

/// Text in lines that fit, each paragraph begun with `first` and carried on under it.
#[must_use]
pub fn wrapped(first: &str, text: &str) -> String {
    let margin = " ".repeat(first.chars().count());
    let mut lines = vec![first.to_owned()];
    let mut is_fresh = true;
    for word in text.split_whitespace() {
        let used = lines.last().map_or(0, |line| line.chars().count());
        if !is_fresh && used + 1 + word.chars().count() > WIDTH {
            lines.push(margin.clone());
            is_fresh = true;
        }
        if let Some(line) = lines.last_mut() {
            line.push_str(if is_fresh { "" } else { " " });
            line.push_str(word);
            is_fresh = false;
        }
    }
    lines.join("\n") + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_sentence_is_carried_on_under_its_beginning() {
        let lines = wrapped("  ! ", &"word ".repeat(30));
        assert!(lines.starts_with("  ! word word"));
        assert!(lines.lines().skip(1).all(|line| line.starts_with("    word")), "{lines}");
        assert!(lines.lines().all(|line| line.len() <= WIDTH), "{lines}");
    }

    #[test]
    fn a_heading_is_as_wide_as_the_page() {
        for text in ["short", "Yılmaz and Şahin"] {
            assert_eq!(heading(text).trim().chars().count(), WIDTH);
        }
    }
}
