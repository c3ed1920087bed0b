//! Explanations as text for people.

use std::collections::BTreeSet;
use std::fmt;

use crate::explain::{Asked, Condition, Days, Explanation, Holds, How, Saying, Verdict};
use crate::slot::written;

impl fmt::Display for Asked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Account => f.write_str("an account"),
            Self::Access => f.write_str("access"),
            Self::Permission(id) => write!(f, "permission `{id}`"),
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Given => "given",
            Self::WithoutAccount => "given, but no account that could hold it",
            Self::Withheld => "withheld",
            Self::Undetermined => "cannot be told: kept where it is held, and not given anew",
            Self::NotGiven => "not given",
        })
    }
}

impl fmt::Display for Holds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Yes => "yes",
            Self::No => "no",
            Self::Unknown => "?",
        })
    }
}

/// What decided it: what holds where something is given, else what is nearest to it.
impl fmt::Display for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { version, person, slot, asked, day, verdict, .. } = self;
        write!(f, "{person}, {asked} on `{}`, {day}, rules {version}: {verdict}", written(slot))?;
        let (rules, others) = match verdict {
            Verdict::NotGiven => self.rules.split_at(self.rules.len().min(1)),
            Verdict::Given | Verdict::WithoutAccount | Verdict::Withheld | Verdict::Undetermined => {
                self.rules.split_at(self.rules.partition_point(|saying| saying.holds != Holds::No))
            }
        };
        for saying in rules {
            write!(f, "\n  rule {saying}")?;
        }
        for exception in &self.exceptions {
            write!(f, "\n  exception `{exception}` gives it")?;
        }
        let is_shown = |saying: &&Saying| *verdict != Verdict::NotGiven && saying.holds != Holds::No;
        for saying in self.exclusions.iter().filter(is_shown) {
            write!(f, "\n  exclusion {saying}")?;
        }
        for combination in &self.combinations {
            write!(f, "\n  combination `{combination}` withholds it beside what else is given")?;
        }
        let others: BTreeSet<String> = others.iter().map(|saying| format!("`{}`", saying.rule)).collect();
        if !others.is_empty() {
            let others = others.into_iter().collect::<Vec<_>>().join(", ");
            return write!(f, "\n  also asked, in vain: {others}");
        }
        if rules.is_empty() && self.exceptions.is_empty() { f.write_str("\n  no rule could give it") } else { Ok(()) }
    }
}

impl fmt::Display for Saying {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}`", self.rule)?;
        if let Some(name) = &self.name {
            write!(f, " ({name})")?;
        }
        if let Some(contract) = &self.contract {
            write!(f, ", contract `{contract}`")?;
        }
        write!(f, ": {}", self.holds)?;
        if let Some(days) = &self.days {
            write!(f, "\n    {days}")?;
        }
        for condition in [&self.key, &self.condition].into_iter().flatten() {
            tree(condition, 4, f)?;
        }
        Ok(())
    }
}

impl fmt::Display for Days {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let holds = if self.holds { Holds::Yes } else { Holds::No };
        match (self.first, self.last) {
            (None, _) => write!(f, "{holds:<4}the contract has no days"),
            (Some(first), None) => write!(f, "{holds:<4}from {first}"),
            (Some(first), Some(last)) => write!(f, "{holds:<4}from {first} through {last}"),
        }
    }
}

impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        tree(self, 0, f)
    }
}

/// A condition and its parts, each on a line of its own.
fn tree(condition: &Condition, indent: usize, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    // What is `&&` of all says no more than its parts.
    if condition.how == How::All && condition.contract.is_none() && condition.text.contains("&&") {
        return condition.parts.iter().try_for_each(|part| tree(part, indent, f));
    }
    write!(f, "\n{:indent$}{:<4}", "", condition.holds)?;
    if let Some(contract) = &condition.contract {
        write!(f, "contract `{contract}`: ")?;
    }
    f.write_str(&condition.text)?;
    // What is turned about looks at the same fields.
    let (fields, parts) = match condition.parts.as_slice() {
        [part] if condition.how == How::Not && part.how == How::Itself => (&part.fields, &[][..]),
        parts => (&condition.fields, parts),
    };
    for (place, (field, holds)) in fields.iter().enumerate() {
        write!(f, "{}{field}: {holds}", if place == 0 { "  -- " } else { ", " })?;
    }
    parts.iter().try_for_each(|part| tree(part, indent + 4, f))
}
