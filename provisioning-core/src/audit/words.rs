//! Facts in words, for people who read an audit.

use crate::audit::{AccountFact, FailureKind, PersonDirective, RunDirective, Settlement, Truth};
use crate::plan::{AccountStep, Action, PermissionStep, ResourceStep, Step, Why};
use crate::policy::Entitlement;
use crate::target::{Presence, Shown};
use crate::value::{Edit, Fields, Value};

/// What is done.
pub(super) fn verb(step: &Step) -> &'static str {
    match step {
        Step::Account { step, .. } => match step {
            AccountStep::Create(_) => "create",
            AccountStep::Restore => "restore",
            AccountStep::Enable => "enable",
            AccountStep::Update(_) => "update",
            AccountStep::Disable => "disable",
            AccountStep::Delete => "delete",
            AccountStep::Reissue => "reissue",
        },
        Step::Permission { step: PermissionStep::Grant(..), .. } => "grant",
        Step::Permission { step: PermissionStep::Revoke(..), .. } => "revoke",
        Step::Resource { step: ResourceStep::Ensure { .. }, .. } => "ensure",
    }
}

/// What it is done with: a permission or attributes.
pub(super) fn subject(step: &Step) -> String {
    match step {
        Step::Account { step: AccountStep::Create(account), .. } => {
            joined(account.attributes.iter().map(|(name, _)| name))
        }
        Step::Account { step: AccountStep::Update(patch), .. } => {
            joined(patch.0.iter().map(|change| &change.attribute))
        }
        Step::Account { .. } => String::new(),
        Step::Permission { step: PermissionStep::Grant(permission, _), .. } => permission.id.to_string(),
        Step::Permission { step: PermissionStep::Revoke(permission, _), .. } => permission.to_string(),
        Step::Resource { step: ResourceStep::Ensure { id, .. }, .. } => id.to_string(),
    }
}

/// How it is before and after the step.
pub(super) fn before_and_after(step: &Step) -> (String, String) {
    let (before, after) = match step {
        Step::Account { step, .. } => match step {
            AccountStep::Create(account) => return ("no account".to_owned(), values(&account.attributes)),
            AccountStep::Update(patch) => {
                let before = patch.0.iter().map(|change| valued(&change.attribute, change.before.as_ref()));
                let after = patch.0.iter().map(|change| match &change.after {
                    Edit::Set(value) => valued(&change.attribute, Some(value)),
                    Edit::Clear => valued(&change.attribute, None),
                    Edit::Keep => valued(&change.attribute, change.before.as_ref()),
                });
                return (joined(before), joined(after));
            }
            AccountStep::Restore => ("in the recycle bin", "disabled"),
            AccountStep::Enable => ("disabled", "enabled"),
            AccountStep::Disable => ("enabled", "disabled"),
            AccountStep::Delete => ("there", "deleted"),
            AccountStep::Reissue => ("a first secret that reached nobody", "another first secret"),
        },
        Step::Permission { step: PermissionStep::Grant(..), .. } => ("not held", "held"),
        Step::Permission { step: PermissionStep::Revoke(..), .. } => ("held", "not held"),
        Step::Resource { step: ResourceStep::Ensure { name, owner, .. }, .. } => {
            let owner = owner.as_ref().map(|owner| format!(", owned by {owner} if it is made")).unwrap_or_default();
            return (String::new(), format!("{name}{owner}"));
        }
    };
    (before.to_owned(), after.to_owned())
}

fn values(fields: &Fields) -> String {
    joined(fields.iter().map(|(name, value)| valued(name, Some(value))))
}

fn valued(name: &crate::id::FieldName, value: Option<&Value>) -> String {
    value.map_or_else(|| format!("{name}: nothing"), |value| format!("{name}: {value}"))
}

fn joined<T: std::fmt::Display>(all: impl Iterator<Item = T>) -> String {
    all.map(|one| one.to_string()).collect::<Vec<_>>().join(", ")
}

/// All reasons of an action; a grant bears its own.
pub(super) fn reasons(action: &Action) -> String {
    match &action.step {
        Step::Permission { step: PermissionStep::Grant(_, because), .. } if action.why.is_empty() => {
            Why::Entitled(because.clone()).to_string()
        }
        Step::Account { .. } | Step::Permission { .. } | Step::Resource { .. } => whys(&action.why),
    }
}

pub(super) fn whys(why: &[Why]) -> String {
    why.iter().map(Why::to_string).collect::<Vec<_>>().join("; ")
}

/// How it ended.
pub(super) fn settled(settlement: &Settlement) -> String {
    match settlement {
        Settlement::Done { truth, secret } => {
            let secret = if *secret { ", and a first secret was made" } else { "" };
            format!("done: {}{secret}", became(truth))
        }
        Settlement::Failed { kind, message } => {
            let kind = match kind {
                FailureKind::Transient => "failed for now",
                FailureKind::Permanent => "failed",
                FailureKind::Unknown => "nobody knows whether it was done",
            };
            format!("{kind}: {message}")
        }
        Settlement::NotDone => "never arrived".to_owned(),
    }
}

fn became(truth: &Truth) -> String {
    match truth {
        Truth::Live { shown, given, .. } if given.is_empty() => shows(*shown).to_owned(),
        Truth::Live { shown, given, .. } => format!("{}, {}", shows(*shown), values(given)),
        Truth::InBin { on, .. } => format!("in the recycle bin since {on}"),
        Truth::Gone => "not there".to_owned(),
        Truth::Holds => "held".to_owned(),
        Truth::HoldsNot => "not held".to_owned(),
        Truth::Exists => "there".to_owned(),
    }
}

fn shows(shown: Shown) -> &'static str {
    match shown {
        Shown::Enabled => "enabled",
        Shown::Disabled => "disabled",
    }
}

fn seen((presence, shown): (Presence, Shown)) -> String {
    match presence {
        Presence::Live => shows(shown).to_owned(),
        Presence::InBin(on) => format!("in the recycle bin since {on}"),
    }
}

/// What happened to an account, what it is about, and how it is now.
pub(super) fn account_fact(fact: &AccountFact) -> (String, String, String) {
    let plain = |what: &str| (what.to_owned(), String::new(), String::new());
    let now = |what: String, after: String| (what, String::new(), after);
    match fact {
        AccountFact::Unwanted { since } => plain(&format!("not wanted since {since}")),
        AccountFact::Wanted => plain("wanted again"),
        AccountFact::Adopted { account, .. } | AccountFact::Regained { account, .. } => {
            let held = account.permissions.as_ref().map(|held| format!(", holds {}", joined(held.iter())));
            let state = seen((account.presence, account.shown));
            let after = format!("{state}; {}{}", values(&account.attributes), held.unwrap_or_default());
            let is_ours = matches!(fact, AccountFact::Regained { .. });
            now(if is_ours { "known again" } else { "adopted" }.to_owned(), after)
        }
        AccountFact::Suspected { what, shown, .. } => {
            now(format!("perhaps {what} by others"), shown.map_or_else(|| "not there".to_owned(), seen))
        }
        AccountFact::Held { what, .. } => plain(&format!("{what} by others")),
        AccountFact::Copied { account } => {
            ("copied by others".to_owned(), String::new(), format!("another account: {account}"))
        }
        AccountFact::OursAfterAll => plain("done by us after the backup"),
        AccountFact::NotOurs => plain("done by others after the backup"),
        AccountFact::Missed => plain("missing from a reading"),
        AccountFact::Found { in_bin: None } => now("found".to_owned(), "there".to_owned()),
        AccountFact::Found { in_bin: Some(on) } => now("found".to_owned(), format!("in the recycle bin since {on}")),
        AccountFact::EnabledByOthers => now("enabled by others".to_owned(), "enabled".to_owned()),
        AccountFact::HoldEnded => plain("enabled by whoever had disabled it"),
        AccountFact::ReleaseEnded => plain("release done with"),
        AccountFact::Justified { permission, rules } => {
            let rules: Vec<String> = rules.iter().map(|rule| format!("rule `{rule}`")).collect();
            ("given by other rules".to_owned(), permission.to_string(), rules.join("; "))
        }
        AccountFact::Lagging => plain("shown as before our write"),
        AccountFact::Settled => plain("shown as we wrote it"),
        AccountFact::Emptied => now("recycle bin emptied".to_owned(), "not there".to_owned()),
        AccountFact::HandedOver => plain("first secret handed over"),
    }
}

/// What somebody said of a person, and what it is about.
pub(super) fn person_said(said: &PersonDirective) -> (&'static str, String) {
    match said {
        PersonDirective::Block => ("block", String::new()),
        PersonDirective::Unblock => ("unblock", String::new()),
        PersonDirective::LegalHold(true) => ("legal hold", String::new()),
        PersonDirective::LegalHold(false) => ("end of the legal hold", String::new()),
        PersonDirective::Release(slot) => ("release", format!("{} of {}", slot.kind, slot.target)),
        PersonDirective::Accept { record, .. } => ("accept a record", record.to_string()),
        PersonDirective::Link(record) => ("link a record", record.to_string()),
        PersonDirective::Except(exception) => {
            let what = match &exception.entitlement {
                Entitlement::Account => "an account".to_owned(),
                Entitlement::Access => "access".to_owned(),
                Entitlement::Permission(permission) => permission.id.to_string(),
            };
            let until = exception.last_day.map(|day| format!(", through {day}"));
            ("exception", format!("{what}{}", until.unwrap_or_default()))
        }
        PersonDirective::NoExceptions => ("end of all exceptions", String::new()),
    }
}

/// What somebody said of runs, and what it is about.
pub(super) fn run_said(said: &RunDirective) -> (&'static str, String) {
    match said {
        RunDirective::AcceptReading(hash) => ("accept a reading", hash.0.to_string()),
        RunDirective::AcknowledgeClock(now) => ("acknowledge the clock", now.to_string()),
        RunDirective::AcknowledgeBackup => ("acknowledge a backup", String::new()),
        RunDirective::GoLive(target) => ("go live", target.to_string()),
        RunDirective::Approve { actions, .. } => ("approve", format!("{} actions", actions.len())),
    }
}
