//! Facts as an engine writes them: accounts that are made, enabled, given things and changed.

use chrono::{DateTime, NaiveDate, Utc};
use provisioning_core::audit::{Fact, Intent, IntentId, Record, Settlement, Truth};
use provisioning_core::plan::{AccountStep, Action, ActionId, NewAccount, PermissionStep, Step, Timing, Why};
use provisioning_core::policy::{Because, Permission, PermissionClass};
use provisioning_core::target::{Change, Patch, Shown};
use provisioning_core::{AccountKey, AccountKind, Commit, Digest, Edit, Fields, Value};

use crate::Answer;

/// How many records a commit has: half of them intents, half of them outcomes.
pub(crate) const BATCH: usize = 500;

/// The commit of this number: 250 steps, four for each person.
pub(crate) fn batch(number: u32) -> Answer<Commit> {
    let steps = (0..250).map(|step| number * 250 + step);
    let at: DateTime<Utc> = "2026-03-02T09:00:00Z".parse()?;
    let mut plan = [0; 32];
    plan.iter_mut().zip(number.to_be_bytes()).for_each(|(to, from)| *to = from);
    let (mut intents, mut outcomes) = (Vec::with_capacity(BATCH), Vec::new());
    for step in steps {
        let id = IntentId { plan: Digest(plan), action: ActionId(step) };
        let (step, truth) = one(step)?;
        let because = Because { rule: "staff get an account".parse()?, contract: Some("c1".parse()?) };
        let day: NaiveDate = "2026-03-02".parse()?;
        let why = vec![Why::Entitled(vec![because])];
        let action = Action { id: id.action, step, day, why, timing: Timing::Expected, after: Vec::new() };
        let record = |fact| Answer::Ok(Record { at, actor: "engine".parse()?, fact });
        intents.push(record(Fact::Intent(Box::new(Intent { id, action })))?);
        outcomes.push(record(Fact::Outcome(id, Settlement::Done { truth, secret: false }))?);
    }
    intents.append(&mut outcomes);
    Ok(Commit { records: intents, ..Commit::default() })
}

fn one(number: u32) -> Answer<(Step, Truth)> {
    let person = number / 4;
    let (tenant, target) = ("bench".parse()?, "entra".parse()?);
    let key = AccountKey { tenant, target, person: format!("hr:{person}").parse()?, kind: AccountKind::main() };
    let id = Some(format!("0f7c1d2e-1b2a-4c3d-8e9f-{person:012}").parse()?);
    let live = |shown| Answer::Ok(Truth::Live { id: id.clone().ok_or("an id")?, shown, given: Fields::default() });
    Ok(match number % 4 {
        0 => {
            let attributes = attributes(person)?;
            let create = AccountStep::Create(NewAccount { attributes, names: vec!["user_principal_name".parse()?] });
            (Step::Account { key, id: None, step: create }, live(Shown::Disabled)?)
        }
        1 => {
            let permission = Permission {
                id: format!("group-{}", person % 200).parse()?,
                class: PermissionClass::Ordinary,
                resource: None,
            };
            let because = vec![Because { rule: "sales".parse()?, contract: Some("c1".parse()?) }];
            (Step::Permission { key, id, step: PermissionStep::Grant(permission, because) }, Truth::Holds)
        }
        2 => (Step::Account { key, id: id.clone(), step: AccountStep::Enable }, live(Shown::Enabled)?),
        _ => {
            let after = Edit::Set(Value::text(&format!("Sales {}", person % 50)));
            let patch = Patch(vec![Change { attribute: "department".parse()?, before: None, after }]);
            (Step::Account { key, id: id.clone(), step: AccountStep::Update(patch) }, live(Shown::Enabled)?)
        }
    })
}

fn attributes(person: u32) -> Answer<Fields> {
    let values = [
        ("user_principal_name", format!("anna.van.den.berg{person}@example.com")),
        ("display_name", format!("Anna van den Berg {person}")),
        ("given_name", "Anna".to_owned()),
        ("surname", "van den Berg".to_owned()),
        ("job_title", "Consultant".to_owned()),
        ("employee_id", person.to_string()),
        ("office_location", "Amsterdam".to_owned()),
        ("company_name", "Example".to_owned()),
    ];
    let named = values.into_iter().map(|(name, value)| Answer::Ok((name.parse()?, Value::text(&value))));
    named.collect::<Answer<Fields>>()
}
