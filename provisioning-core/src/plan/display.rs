//! A plan for people: what is done, to whom, and why, one line an action.

use std::fmt;

use crate::audit::AccountFact;
use crate::plan::{AccountStep, Action, PermissionStep, Plan, ResourceStep, Step, StepKind, Timing};

/// Ids, steps and reasons; of attributes only the names, because plans end up in logs and mails.
impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let counted = counts(self);
        let counted = if counted.is_empty() { "nothing to do".to_owned() } else { counted.join(", ") };
        writeln!(f, "plan of {}: {counted}", self.now.format("%Y-%m-%d %H:%M UTC"))?;
        for wave in &self.waves {
            for action in &wave.actions {
                writeln!(f, "  {action}")?;
            }
        }
        for (key, fact) in &self.facts {
            if let AccountFact::Adopted { account, .. } = fact {
                writeln!(f, "  adopt    {key}  account `{}`", account.id)?;
            }
        }
        for waiting in &self.waiting {
            writeln!(f, "  waiting  {}  {}", waiting.person, waiting.on)?;
        }
        for refusal in &self.refusals {
            writeln!(f, "  refused  {}  {}", refusal.person, refusal.why)?;
        }
        Ok(())
    }
}

fn counts(plan: &Plan) -> Vec<String> {
    let kinds = [
        StepKind::Disable,
        StepKind::Ensure,
        StepKind::Create,
        StepKind::Grant,
        StepKind::Enable,
        StepKind::Update,
        StepKind::Revoke,
        StepKind::Delete,
    ];
    let counted = kinds.into_iter().map(|kind| (plan.count(kind), kind));
    counted.filter(|(count, _)| *count > 0).map(|(count, kind)| format!("{count} {kind}")).collect()
}

/// What is done to what: `grant entra/hr:1  sales`; of attributes only the names.
impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (verb, what) = in_parts(self);
        write!(f, "{verb} {what}")
    }
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (verb, what) = in_parts(&self.step);
        let why: Vec<String> = self.why.iter().map(ToString::to_string).collect();
        write!(f, "{verb:<8} {what}  ({})", why.join("; "))?;
        match self.timing {
            Timing::Expected => f.write_str("  expected"),
            Timing::Surprising => Ok(()),
            Timing::Ordered => f.write_str("  ordered"),
        }
    }
}

fn in_parts(step: &Step) -> (&'static str, String) {
    match step {
        Step::Account { key, step, .. } => match step {
            AccountStep::Restore => ("restore", key.to_string()),
            AccountStep::Reissue => ("reissue", key.to_string()),
            AccountStep::Create(_) => ("create", key.to_string()),
            AccountStep::Enable => ("enable", key.to_string()),
            AccountStep::Update(patch) => {
                let names: Vec<&str> = patch.0.iter().map(|change| change.attribute.as_str()).collect();
                ("update", format!("{key}  {}", names.join(", ")))
            }
            AccountStep::Disable => ("disable", key.to_string()),
            AccountStep::Delete => ("delete", key.to_string()),
        },
        Step::Permission { key, step: PermissionStep::Grant(permission, _), .. } => {
            ("grant", format!("{key}  {}", permission.id))
        }
        Step::Permission { key, step: PermissionStep::Revoke(permission, _), .. } => {
            ("revoke", format!("{key}  {permission}"))
        }
        Step::Resource { target, step: ResourceStep::Ensure { id, name, owner } } => {
            let owner = owner.as_ref().map(|owner| format!(", owned by {owner}")).unwrap_or_default();
            ("ensure", format!("{target}  {id} `{name}`{owner}"))
        }
    }
}
