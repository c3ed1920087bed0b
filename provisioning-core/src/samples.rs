//! What the unit tests of several modules are written in: days, ids, steps, plans, ledgers and rosters made of text.
//!
//! ```text
//! create 1 user_name=anna     create, restore, enable, disable, delete, reissue: the account of person hr:1 on `entra`
//! update ad/1#admin phone=    the account of another kind on another target; `=` without a value clears
//! grant 1 licence:e5          `licence:` and `privileged:` are classes, `own:` may be made by the engine
//! revoke 1 sales
//! ensure sales Sales
//! ```

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Debug;
use std::str::FromStr;

use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;

use crate::audit::{
    Chain, Directive, Erasure, Fact, Head, Intent, IntentId, Record, RunDirective, RunFact, Salt, Sealed, Settlement,
    Truth,
};
use crate::decide::{Decisions, Ensured, Proposed};
use crate::digest::{Digest, digest};
use crate::id::{AccountId, AccountKey, AccountKind, PermissionId, SourceId, TargetId};
use crate::ledger::{AccountEntry, CannotErase, ErasureRequest, Ledger, NameKey, Tombstones};
use crate::plan::{
    AccountStep, Action, ActionId, NewAccount, PermissionStep, Plan, ResourceStep, Revision, Step, StepKind, Timing,
    Why,
};
use crate::policy::{Because, Permission, PermissionClass, PolicyVersion, ResourceSpec};
use crate::settings::Settings;
use crate::source::{Accepted, Examination, Reading, Roster, examine};
use crate::target::{Capabilities, Change, Deletion, FirstSecret, Observations, Patch, RestoredGrants, Shown};
use crate::testing::snapshot;
use crate::value::{Edit, Fields, Value};

/// A civil day.
pub(crate) fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

/// An instant in UTC: `2026-03-01 10:30`, or four in the morning of a day.
pub(crate) fn at(text: &str) -> DateTime<Utc> {
    let (day, time) = text.split_once(' ').unwrap_or((text, "04:00"));
    format!("{day}T{time}:00Z").parse().unwrap()
}

/// An id of any kind.
pub(crate) fn id<T: FromStr<Err: Debug>>(text: &str) -> T {
    text.parse().unwrap()
}

/// `1` is the main account of hr:1 on `entra`, `ad/1#admin` another one elsewhere.
pub(crate) fn key(text: &str) -> AccountKey {
    let (target, person) = text.split_once('/').unwrap_or(("entra", text));
    let (person, kind) = person.split_once('#').unwrap_or((person, "main"));
    let kind = if kind == "main" { AccountKind::main() } else { id(kind) };
    AccountKey { tenant: id("t"), target: id(target), person: id(&format!("hr:{person}")), kind }
}

/// The id that the target gives to the account of a key.
pub(crate) fn account_id(key: &AccountKey) -> AccountId {
    id(&format!("{}-{}", key.target, key.anchor()))
}

/// Attributes, `name=value`; an empty value is left out.
pub(crate) fn fields(words: &[&str]) -> Fields {
    let pairs = words.iter().map(|word| word.split_once('=').unwrap());
    pairs.filter(|(_, value)| !value.is_empty()).map(|(name, value)| (id(name), Value::text(value))).collect()
}

/// A permission whose prefix tells its class; what is `own:` is made, and belongs to whom an `@` tells.
pub(crate) fn permission(text: &str) -> Permission {
    let class = match text.split_once(':') {
        Some(("licence", _)) => PermissionClass::Licence,
        Some(("privileged", _)) => PermissionClass::Privileged,
        _ => PermissionClass::Ordinary,
    };
    let (text, owner) = text.split_once('@').map_or((text, Vec::new()), |(text, who)| (text, vec![key(who).person]));
    let resource = text.strip_prefix("own:").map(|name| ResourceSpec { name: name.to_owned(), owner });
    Permission { id: id(text), class, resource }
}

/// Because of a rule, and of no contract.
pub(crate) fn because(rule: &str) -> Because {
    Because { rule: id(rule), contract: None }
}

/// What to do, in words.
pub(crate) fn step(text: &str) -> Step {
    let words: Vec<&str> = text.split_whitespace().collect();
    let (verb, about, rest) = (words[0], words[1], &words[2..]);
    let account = |step| Step::Account { key: key(about), id: None, step };
    let permits = |step| Step::Permission { key: key(about), id: None, step };
    match verb {
        "create" => {
            let attributes = fields(rest);
            let names = attributes.iter().map(|(name, _)| name.clone()).filter(|name| name.as_str() == "user_name");
            account(AccountStep::Create(NewAccount { names: names.collect(), attributes }))
        }
        "restore" => account(AccountStep::Restore),
        "enable" => account(AccountStep::Enable),
        "disable" => account(AccountStep::Disable),
        "delete" => account(AccountStep::Delete),
        "reissue" => account(AccountStep::Reissue),
        "update" => account(AccountStep::Update(patch(rest))),
        "grant" => permits(PermissionStep::Grant(permission(rest[0]), vec![because(&format!("gives {}", rest[0]))])),
        "revoke" => permits(PermissionStep::Revoke(id(rest[0]), permission(rest[0]).class)),
        "ensure" => {
            let (target, id) = about.split_once('/').unwrap_or(("entra", about));
            let step = ResourceStep::Ensure {
                id: self::id(id),
                name: rest[0].to_owned(),
                owner: rest.get(1).map(|who| key(who)),
            };
            Step::Resource { target: self::id(target), step }
        }
        _ => panic!("`{text}` is no step"),
    }
}

fn patch(words: &[&str]) -> Patch {
    let change = |word: &&str| {
        let (attribute, value) = word.split_once('=').unwrap();
        let after = if value.is_empty() { Edit::Clear } else { Edit::Set(Value::text(value)) };
        Change { attribute: id(attribute), before: None, after }
    };
    Patch(words.iter().map(change).collect())
}

/// A step, surprising unless it says `expected` or `ordered` first.
fn timed(text: &str) -> (Timing, Step) {
    match text.trim().split_once(' ').unwrap() {
        ("expected", rest) => (Timing::Expected, step(rest)),
        ("ordered", rest) => (Timing::Ordered, step(rest)),
        _ => (Timing::Surprising, step(text.trim())),
    }
}

/// Two targets, the later one by name before the earlier one; each keeps deleted accounts for 30 days.
pub(crate) fn settings() -> Settings {
    let capabilities = |target: &str| Capabilities {
        target: id(target),
        deletion: Deletion::Bin { days: 30, grants: RestoredGrants::Kept },
        anchor_length: 100,
        first_secret: FirstSecret::None,
        naming: vec![id("user_name")],
    };
    let mut settings = Settings::new(id("t"), Tz::UTC);
    settings = settings.with_target(capabilities("entra"), Vec::new());
    settings.with_target(capabilities("ad"), Vec::new())
}

/// What a plan was made from.
pub(crate) fn revision() -> Revision {
    let policy = PolicyVersion(Digest::ZERO);
    Revision { tenant: id("t"), ledger: Head::EMPTY, roster: Digest::ZERO, policy }
}

/// Steps, one a line, before they have their places in a plan.
pub(crate) fn decisions(steps: &str) -> Decisions {
    let mut decisions = Decisions::default();
    for line in steps.lines().filter(|line| !line.trim().is_empty()) {
        let (timing, step) = timed(line);
        match step {
            Step::Resource { target, step: ResourceStep::Ensure { id, name, owner } } => {
                decisions.resources.insert((target, id), Ensured { name, owner });
            }
            step @ (Step::Account { .. } | Step::Permission { .. }) => {
                let why = vec![Why::Differs];
                decisions.proposed.push(Proposed { step, day: day("2026-03-01"), why, timing });
            }
        }
    }
    decisions
}

/// A plan of these steps, one a line.
pub(crate) fn plan(now: &str, steps: &str) -> Plan {
    Plan::new(decisions(steps), revision(), at(now), &settings())
}

/// A roster after these readings of `hr`; each must be accepted.
pub(crate) fn roster(settings: &Settings, readings: &[(&str, &str)]) -> Roster {
    let mut roster = Roster::default();
    for (now, text) in readings {
        let source = SourceId::new("hr").unwrap();
        let reading = Reading::Whole(snapshot(&source, "environment", text, at(now)));
        let (none, linked) = (BTreeSet::new(), BTreeMap::new());
        let (released, tombstones) = (BTreeSet::new(), Tombstones::new(name_key()));
        let before =
            Accepted { roster: &roster, allowed: &none, released: &released, linked: &linked, tombstones: &tombstones };
        match examine(&reading, &before, &settings.intake(), at(now)) {
            Examination::Accepted(change) => roster.apply(&change),
            Examination::Rejected { why, .. } => panic!("the reading of {now} is refused: {why:?}"),
        }
    }
    roster
}

/// The key of a store for tests: that of a history, so that what a history tells can be held against a ledger.
pub(crate) fn name_key() -> NameKey {
    NameKey::new([0; 32])
}

/// A ledger being written.
pub(crate) struct Book {
    pub(crate) ledger: Ledger,
    pub(crate) records: Vec<Record>,
    /// The records as a store keeps them.
    pub(crate) sealed: Vec<Sealed>,
    chain: Chain,
    sent: u32,
}

impl Book {
    pub(crate) fn new() -> Self {
        let chain = Chain::from(Head::EMPTY);
        Self { ledger: Ledger::new(id("t"), name_key()), records: Vec::new(), sealed: Vec::new(), chain, sent: 0 }
    }

    /// A fact is recorded.
    pub(crate) fn note(&mut self, now: &str, fact: Fact) {
        self.take(Record { at: at(now), actor: id("engine"), fact });
    }

    /// A record is appended.
    pub(crate) fn take(&mut self, record: Record) {
        self.sealed.push(self.chain.seal(&record, Salt([0; 16])));
        self.ledger.fold(&record, self.chain.head());
        self.records.push(record);
    }

    /// A person is erased, whom no roster has.
    pub(crate) fn erase(&mut self, now: &str, person: &str) -> Result<Erasure, CannotErase> {
        let request = ErasureRequest { person: id(person), actor: id("officer"), at: at(now) };
        let erasing = self.ledger.erasing(&request, (&Roster::default(), &Observations::new()), &settings())?;
        let record = erasing.record(erasing.finder().erase_in(&mut self.sealed));
        self.sealed.push(self.chain.seal(&record, Salt([0; 16])));
        self.ledger.erase(&erasing, self.chain.head());
        let Fact::Erased(erasure) = record.fact else { panic!("it is the record of an erasure") };
        Ok(erasure)
    }

    /// Somebody approves these steps, one a line; the plan is one that nobody looks at.
    pub(crate) fn approved(&mut self, now: &str, steps: &str) {
        let plan = plan(now, steps);
        let actions = plan.actions().map(|action| self.ledger.fingerprint(action)).collect();
        self.note(now, Fact::Said(Directive::Run(RunDirective::Approve { plan: Digest::ZERO, actions })));
    }

    /// A run began, under rules of this version.
    pub(crate) fn began(&mut self, now: &str, policy: &PolicyVersion) {
        self.note(now, Fact::Run(RunFact::Began { now: at(now), policy: policy.clone() }));
    }

    /// A step is sent; its outcome is open.
    pub(crate) fn sent(&mut self, now: &str, text: &str) -> IntentId {
        let (timing, step) = timed(text);
        self.sent += 1;
        let intent = IntentId { plan: digest(&[b"plan"]), action: ActionId(self.sent) };
        let action =
            Action { id: intent.action, step, day: at(now).date_naive(), why: Vec::new(), timing, after: Vec::new() };
        self.note(now, Fact::Intent(Box::new(Intent { id: intent, action })));
        intent
    }

    /// Steps are sent and done, one a line, as a target does them.
    pub(crate) fn did(&mut self, now: &str, steps: &str) {
        for text in steps.lines().filter(|line| !line.trim().is_empty()) {
            self.became(now, text, truth_of(&timed(text).1, at(now).date_naive()));
        }
    }

    /// A step is sent, and this is true afterwards.
    pub(crate) fn became(&mut self, now: &str, text: &str, truth: Truth) {
        let intent = self.sent(now, text);
        self.note(now, Fact::Outcome(intent, Settlement::Done { truth, secret: false }));
    }

    /// What is known of an account.
    pub(crate) fn account(&self, text: &str) -> &AccountEntry {
        self.ledger.account(&key(text)).unwrap()
    }

    /// The permissions that an account holds.
    pub(crate) fn holds(&self, text: &str) -> Vec<PermissionId> {
        self.account(text).grants.keys().cloned().collect()
    }

    /// How many accounts are live.
    pub(crate) fn population(&self, target: &str) -> u32 {
        self.ledger.population(&TargetId::new(target).unwrap())
    }
}

/// What is true after a step that a target did as it should.
pub(crate) fn truth_of(step: &Step, today: NaiveDate) -> Truth {
    let live = |shown| {
        let id = step.account().map(account_id).unwrap();
        Truth::Live { id, shown, given: Fields::default() }
    };
    match step.kind() {
        StepKind::Create | StepKind::Disable => live(Shown::Disabled),
        StepKind::Enable | StepKind::Update => live(Shown::Enabled),
        StepKind::Delete => Truth::InBin { on: today, grants: RestoredGrants::Kept },
        StepKind::Grant => Truth::Holds,
        StepKind::Revoke => Truth::HoldsNot,
        StepKind::Ensure => Truth::Exists,
    }
}
