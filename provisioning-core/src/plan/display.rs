//! A plan for people: what is done, to whom, and why, one line an action.

use std::fmt;

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
        for fact in &self.facts {
            if let crate::audit::Fact::Account(key, crate::audit::AccountFact::Adopted { account, .. }) = fact {
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

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.step {
            Step::Account { key, step, .. } => {
                let verb = match step {
                    AccountStep::Restore => "restore",
                    AccountStep::Reissue => "reissue",
                    AccountStep::Create(_) => "create",
                    AccountStep::Enable => "enable",
                    AccountStep::Update(_) => "update",
                    AccountStep::Disable => "disable",
                    AccountStep::Delete => "delete",
                };
                write!(f, "{verb:<8} {key}")?;
                if let AccountStep::Update(patch) = step {
                    let names: Vec<&str> = patch.0.iter().map(|change| change.attribute.as_str()).collect();
                    write!(f, "  {}", names.join(", "))?;
                }
            }
            Step::Permission { key, step: PermissionStep::Grant(permission, _), .. } => {
                write!(f, "{:<8} {key}  {}", "grant", permission.id)?;
            }
            Step::Permission { key, step: PermissionStep::Revoke(permission, _), .. } => {
                write!(f, "{:<8} {key}  {permission}", "revoke")?;
            }
            Step::Resource { target, step: ResourceStep::Ensure { id, name } } => {
                write!(f, "{:<8} {target}  {id} `{name}`", "ensure")?;
            }
        }
        let why: Vec<String> = self.why.iter().map(ToString::to_string).collect();
        write!(f, "  ({})", why.join("; "))?;
        match self.timing {
            Timing::Expected => f.write_str("  expected"),
            Timing::Surprising => Ok(()),
            Timing::Ordered => f.write_str("  ordered"),
        }
    }
}
