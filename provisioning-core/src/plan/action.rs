//! One thing to do to one target, and why.

use std::fmt;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::digest::{Digest, digest_of};
use crate::id::{AccountId, AccountKey, FieldName, PermissionId, PersonId, RuleId, TargetId};
use crate::lifecycle::Want;
use crate::policy::{Because, Permission, PermissionClass};
use crate::target::Patch;
use crate::value::{Fields, Value};

/// The place of an action in its plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ActionId(pub u32);

/// An account to be made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewAccount {
    /// Its attributes; the anchor comes from its key.
    pub attributes: Fields,
    /// The attributes among them by which it is named, each unique on the target.
    pub names: Vec<FieldName>,
}

/// What to do with an account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AccountStep {
    /// Make it, disabled, with these attributes and the anchor.
    Create(NewAccount),
    /// Take it back from the recycle bin, disabled.
    Restore,
    /// Let it be used.
    Enable,
    /// Change these attributes.
    Update(Patch),
    /// Stop it from being used, and end its sessions.
    Disable,
    /// Delete it.
    Delete,
    /// Make a new first secret: the one that was made did not reach anybody.
    Reissue,
}

/// What to do with something that an account holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PermissionStep {
    /// Give it, for these reasons.
    Grant(Permission, Vec<Because>),
    /// Take it away.
    Revoke(PermissionId, PermissionClass),
}

/// What to do with a group or the like.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ResourceStep {
    /// Make sure that it exists and is called so.
    Ensure {
        /// Its stable id.
        id: PermissionId,
        /// Its name.
        name: String,
        /// Whose it is if it has to be made and this account is there; what is there keeps its owners.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        owner: Option<AccountKey>,
    },
}

/// What to do, and with what.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// With an account.
    Account {
        /// Which one.
        key: AccountKey,
        /// The target's id of it, where it was known when the plan was made.
        id: Option<AccountId>,
        /// What.
        step: AccountStep,
    },
    /// With something that an account holds.
    Permission {
        /// Which account.
        key: AccountKey,
        /// The target's id of it, where it was known when the plan was made.
        id: Option<AccountId>,
        /// What.
        step: PermissionStep,
    },
    /// With a group or the like.
    Resource {
        /// Where.
        target: TargetId,
        /// What.
        step: ResourceStep,
    },
}

/// The kinds of steps that caps count, in the order in which a target gets them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StepKind {
    /// Disable.
    Disable,
    /// Ensure a resource.
    Ensure,
    /// Create or restore.
    Create,
    /// Grant.
    Grant,
    /// Enable.
    Enable,
    /// Update, and a new secret.
    Update,
    /// Revoke.
    Revoke,
    /// Delete.
    Delete,
}

impl fmt::Display for StepKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Disable => "disable",
            Self::Ensure => "ensure",
            Self::Create => "create",
            Self::Grant => "grant",
            Self::Enable => "enable",
            Self::Update => "update",
            Self::Revoke => "revoke",
            Self::Delete => "delete",
        })
    }
}

impl Step {
    /// What caps count it as; a restore counts as a create.
    #[must_use]
    pub fn kind(&self) -> StepKind {
        match self {
            Self::Account { step, .. } => match step {
                AccountStep::Create(_) | AccountStep::Restore => StepKind::Create,
                AccountStep::Enable => StepKind::Enable,
                AccountStep::Update(_) | AccountStep::Reissue => StepKind::Update,
                AccountStep::Disable => StepKind::Disable,
                AccountStep::Delete => StepKind::Delete,
            },
            Self::Permission { step: PermissionStep::Grant(..), .. } => StepKind::Grant,
            Self::Permission { step: PermissionStep::Revoke(..), .. } => StepKind::Revoke,
            Self::Resource { .. } => StepKind::Ensure,
        }
    }

    /// The account that it is about.
    #[must_use]
    pub fn account(&self) -> Option<&AccountKey> {
        match self {
            Self::Account { key, .. } | Self::Permission { key, .. } => Some(key),
            Self::Resource { .. } => None,
        }
    }

    /// The target that it is done on.
    #[must_use]
    pub fn target(&self) -> &TargetId {
        match self {
            Self::Account { key, .. } | Self::Permission { key, .. } => &key.target,
            Self::Resource { target, .. } => target,
        }
    }
}

/// Whether a date that was long known brought it about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Timing {
    /// A date came that had been known, under the same rules, for at least three days.
    Expected,
    /// Anything else.
    Surprising,
    /// A person said so; caps do not count it.
    Ordered,
}

/// Why something is done: for people, and for nothing else.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Why {
    /// These entitle to it.
    Entitled(Vec<Because>),
    /// So much is wanted, no more.
    Only(Want),
    /// Nothing entitles to it any more.
    Unjustified,
    /// These exclusions or combinations withhold it.
    Barred(Vec<RuleId>),
    /// Rules give it, but a suspended account does not keep what costs money or gives power.
    NotKept {
        /// Since when it is suspended.
        since: NaiveDate,
    },
    /// It was unwanted for as long as the grace lasts.
    GraceOver {
        /// Since when.
        since: NaiveDate,
    },
    /// A return is known, and the recycle bin would be empty by then.
    ReturnKnown {
        /// When.
        start: NaiveDate,
    },
    /// Somebody blocked the person.
    Blocked,
    /// Somebody else enabled it.
    EnabledByOthers,
    /// It should be so, and is not.
    Differs,
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Entitled(because) => {
                for (place, one) in because.iter().enumerate() {
                    write!(f, "{}{one}", if place == 0 { "" } else { "; " })?;
                }
                Ok(())
            }
            Self::Only(Want::Nothing) => f.write_str("no rule gives an account"),
            Self::Only(Want::Account) => f.write_str("the rules give an account without access"),
            Self::Only(Want::Access) => f.write_str("the rules give access"),
            Self::Unjustified => f.write_str("no rule gives it any more"),
            Self::Barred(by) => {
                let by: Vec<String> = by.iter().map(|one| format!("`{one}`")).collect();
                write!(f, "withheld by {}", by.join(" and "))
            }
            Self::NotKept { since } => {
                write!(f, "the account is suspended since {since}, and keeps no such permission")
            }
            Self::GraceOver { since } => write!(f, "unwanted since {since}, the grace is over"),
            Self::ReturnKnown { start } => write!(f, "returns on {start}, after the recycle bin is emptied"),
            Self::Blocked => f.write_str("blocked by a directive"),
            Self::EnabledByOthers => f.write_str("somebody else enabled it"),
            Self::Differs => f.write_str("it should be so, and is not yet"),
        }
    }
}

/// One thing to do to one target.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Action {
    /// Its place in the plan.
    pub id: ActionId,
    /// What to do.
    pub step: Step,
    /// The civil day of the person; of resources, the organisation's.
    pub day: NaiveDate,
    /// Why; nothing branches on it.
    pub why: Vec<Why>,
    /// Whether it was to be expected.
    pub timing: Timing,
    /// Actions of this plan without which it is not done.
    pub after: Vec<ActionId>,
}

impl Action {
    /// The person that it is about.
    #[must_use]
    pub fn person(&self) -> Option<&PersonId> {
        self.step.account().map(|key| &key.person)
    }

    /// A hash of what is done and to whom, by which it is known again in a newer plan. Whoever can guess the action can
    /// compute it: what is kept is [`Ledger::fingerprint`](crate::ledger::Ledger::fingerprint).
    #[must_use]
    pub fn fingerprint(&self) -> Digest {
        digest_of(&self.step)
    }
}

/// The attributes in words, values included: for a person at a terminal, not for a log.
#[must_use]
pub fn in_words(patch: &Patch) -> String {
    let shown = |value: Option<&Value>| value.map_or_else(|| "nothing".to_owned(), Value::to_string);
    let one = |(attribute, before, after): (&FieldName, Option<&Value>, Option<&Value>)| {
        format!("{attribute}: {} -> {}", shown(before), shown(after))
    };
    let changes = patch.0.iter().map(|change| {
        let after = match &change.after {
            crate::value::Edit::Set(value) => Some(value),
            crate::value::Edit::Keep | crate::value::Edit::Clear => None,
        };
        one((&change.attribute, change.before.as_ref(), after))
    });
    changes.collect::<Vec<_>>().join(", ")
}
