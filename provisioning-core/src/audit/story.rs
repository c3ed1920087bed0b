//! What the tests of tables and of history are told in: a line for each thing that happened.
//!
//! ```text
//! 2026-03-01 04:00 | create 1 user_name=anna | staff c1      a step that was sent and done, by rule and contract
//! 2026-03-01 04:01 | send enable 1           | staff c1      one whose outcome is not known
//! 2026-03-01 04:00 | adopt 1 enabled sales stock             an account that was there, with what it holds
//! 2026-03-01 04:00 | others 1 disabled sales                 somebody else disabled or enabled it; what it holds
//! 2026-03-01 04:00 | except 1 sales                          an administrator gives something, or `access`
//! 2026-03-01 04:00 | rules 1 sales trade,buying              other rules give it now
//! 2026-03-01 04:00 | run 7 | apply 7 2                       a run under version 7 of the rules; a plan of two actions
//! ```

use crate::audit::{
    AccountFact, Chain, Directive, Exception, Fact, Head, Intent, IntentId, OthersDid, PersonDirective, Record,
    RunFact, Salt, Sealed, Settlement,
};
use crate::digest::{Digest, digest};
use crate::id::{AccountKey, PermissionId};
use crate::plan::{Action, ActionId, PermissionStep, Step, Timing, Why};
use crate::policy::{Because, Entitlement, PolicyVersion};
use crate::samples::{account_id, at, fields, id, key, permission, step, truth_of};
use crate::target::{ObservedAccount, Presence, Shown};

/// The records of a story.
pub(super) fn story(text: &str) -> Vec<Sealed> {
    let mut chain = Chain::from(Head::EMPTY);
    let mut records = Vec::new();
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let parts: Vec<&str> = line.split('|').map(str::trim).collect();
        let number = u32::try_from(records.len()).unwrap();
        let (actor, facts) = facts(number, &parts);
        for fact in facts {
            let record = Record { at: at(parts[0]), actor: id(actor), fact };
            records.push(chain.seal(&record, Salt([1; 16])));
        }
    }
    records
}

fn facts(number: u32, parts: &[&str]) -> (&'static str, Vec<Fact>) {
    let words: Vec<&str> = parts[1].split(' ').collect();
    let now = at(parts[0]);
    let version = |number: &str| PolicyVersion(Digest([number.parse().unwrap(); 32]));
    let held = |words: &[&str]| words.iter().map(|word| id::<PermissionId>(word)).collect();
    let shown = |word| if word == "enabled" { Shown::Enabled } else { Shown::Disabled };
    let fact = match words[0] {
        "adopt" => {
            let key = key(words[1]);
            let account = ObservedAccount {
                id: account_id(&key),
                anchor: None,
                presence: Presence::Live,
                shown: shown(words[2]),
                attributes: fields(&["user_name=old"]),
                permissions: Some(held(&words[3..])),
            };
            let names = vec![id("user_name")];
            Fact::Account(key, AccountFact::Adopted { account: Box::new(account), names, day: now.date_naive() })
        }
        "others" => {
            let shown = Some((Presence::Live, shown(words[2])));
            let (holds, day) = (Some(held(&words[3..])), now.date_naive());
            let fact = match words[2] {
                "enabled" => AccountFact::EnabledByOthers,
                _ => AccountFact::Suspected { what: OthersDid::Disable, shown, holds, day },
            };
            Fact::Account(key(words[1]), fact)
        }
        "except" => {
            let AccountKey { person, .. } = key(words[1]);
            let entitlement = match words[2] {
                "access" => Entitlement::Access,
                other => Entitlement::Permission(permission(other)),
            };
            let exception = Exception { slot: key(words[1]).slot(), entitlement, last_day: None };
            let said = PersonDirective::Except(exception);
            return ("administrator", vec![Fact::Said(Directive::Person(person, said))]);
        }
        "rules" => {
            let rules = words[3].split(',').map(id).collect();
            Fact::Account(key(words[1]), AccountFact::Justified { permission: id(words[2]), rules })
        }
        "run" => Fact::Run(RunFact::Began { now, policy: version(words[1]) }),
        "apply" => {
            let actions = words[2].parse().unwrap();
            let plan = digest(&[b"plan"]);
            Fact::Run(RunFact::Applying { plan, policy: version(words[1]), actions, withheld: 0 })
        }
        "send" => sent(number, &parts[1]["send ".len()..], parts).0,
        _ => {
            let (intent, outcome) = sent(number, parts[1], parts);
            return ("engine", vec![intent, outcome]);
        }
    };
    ("engine", vec![fact])
}

/// A step that is sent, and its outcome.
fn sent(number: u32, text: &str, parts: &[&str]) -> (Fact, Fact) {
    let day = at(parts[0]).date_naive();
    let mut step = step(text);
    let because: Vec<Because> = parts.get(2).map(|reason| because(reason)).into_iter().collect();
    if let Step::Permission { step: PermissionStep::Grant(_, why), .. } = &mut step {
        why.clone_from(&because);
    }
    let why = vec![if because.is_empty() { Why::Unjustified } else { Why::Entitled(because) }];
    let truth = truth_of(&step, day);
    let intent = IntentId { plan: digest(&[b"plan"]), action: ActionId(number) };
    let action = Action { id: intent.action, step, day, why, timing: Timing::Expected, after: Vec::new() };
    let outcome = Fact::Outcome(intent, Settlement::Done { truth, secret: false });
    (Fact::Intent(Box::new(Intent { id: intent, action })), outcome)
}

fn because(text: &str) -> Because {
    let (rule, contract) = text.split_once(' ').map_or((text, None), |(rule, contract)| (rule, Some(contract)));
    Because { rule: id(rule), contract: contract.map(id) }
}
