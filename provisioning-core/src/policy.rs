//! What rules and mappings answer: who is entitled to what and why, and what an account should look like.

mod apart;

use std::collections::BTreeMap;
use std::fmt;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::digest::Digest;
use crate::id::{AccountKind, ContractId, FieldName, PermissionId, PersonId, RuleId, Slot, TargetId};
use crate::lifecycle::Want;
pub use crate::order::Looks;
use crate::source::Person;
use crate::value::{Edit, Fields, Value};

pub use apart::{Bar, Barred, Combination, Doubt, Verdict};

/// How a permission ends when its account is suspended.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PermissionClass {
    /// Stays as long as a rule justifies it.
    #[default]
    Ordinary,
    /// Costs money: goes after the retention either way.
    Licence,
    /// Gives power: goes after the retention either way.
    Privileged,
}

/// A group or the like that the engine may create and name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ResourceSpec {
    /// The name that people see; the id stays when it changes.
    pub name: String,
    /// When it is made, it belongs to the account of the same kind on the same target of the first of these people who has one
    /// that is in use. What is there already keeps its owners.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub owner: Vec<PersonId>,
}

/// Something that an account can hold.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Permission {
    /// Its stable id.
    pub id: PermissionId,
    /// How it ends when the account is suspended.
    #[serde(default)]
    pub class: PermissionClass,
    /// How to make it where it is not there; without it, a missing one is reported.
    #[serde(default)]
    pub resource: Option<ResourceSpec>,
}

/// What one can be entitled to.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Entitlement {
    /// That there is an account.
    Account,
    /// That the account can be used; implies the account.
    Access,
    /// That the account, where there is one, holds something.
    Permission(Permission),
}

impl Entitlement {
    /// How much of an account it gives.
    #[must_use]
    pub fn want(&self) -> Want {
        match self {
            Self::Account => Want::Account,
            Self::Access => Want::Access,
            Self::Permission(_) => Want::Nothing,
        }
    }

    /// Whether it is this permission.
    #[must_use]
    pub fn is_permission(&self, id: &PermissionId) -> bool {
        match self {
            Self::Permission(permission) => permission.id == *id,
            Self::Account | Self::Access => false,
        }
    }
}

/// The id that stands in the place of a rule when people grant something by hand; no rule may bear it.
pub const EXCEPTION: &str = "exception";

/// Why somebody is entitled: a rule, and the contract that it spoke of.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Because {
    /// The rule.
    pub rule: RuleId,
    /// The contract, where the rule spoke of one.
    pub contract: Option<ContractId>,
}

impl fmt::Display for Because {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "rule `{}`", self.rule)?;
        self.contract.as_ref().map_or(Ok(()), |contract| write!(f, ", contract `{contract}`"))
    }
}

/// Who gets what and why.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Grant {
    /// On which account.
    pub slot: Slot,
    /// What.
    pub entitlement: Entitlement,
    /// Why.
    pub because: Because,
}

/// A rule that could not tell whether it applies.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Undetermined {
    /// The rule; nothing that it granted before is taken away.
    pub rule: RuleId,
    /// What it would need, as a sentence without personal data.
    pub lacks: String,
    /// On which account it would give something.
    pub slot: Slot,
    /// How much of the account it would give.
    pub may: Want,
}

/// What the rules say of one person.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Answer {
    /// The entitlements; the same one may come from several rules.
    pub grants: Vec<Grant>,
    /// Rules that could not tell.
    pub undetermined: Vec<Undetermined>,
    /// What exclusions may withhold; no grant of it is left.
    pub doubts: Vec<Doubt>,
    /// What is withheld, whatever gives it; no grant of it is left but by exceptions.
    pub barred: Vec<Barred>,
    /// Things that people should know, such as a dynamic permission without a key; told when the person is decided.
    pub notes: Vec<String>,
}

/// When a value is written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Upkeep {
    /// Kept equal for ever.
    #[default]
    Equal,
    /// Written when the account is made, then left to others.
    OnCreate,
}

/// What an attribute should be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Desired {
    /// This value, or none.
    Value(Edit<Value>),
    /// The account on the same target of the first of these people who has one that is in use; none if nobody has.
    AccountOf(Vec<PersonId>),
}

/// When a name changes after it was chosen.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Renaming {
    /// Never: people and systems know the account by it.
    #[default]
    Frozen,
    /// When it is none of the candidates any more.
    Follows,
}

/// An attribute that no two accounts of a target may share, and what it may be.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UniqueName {
    /// The attribute.
    pub attribute: FieldName,
    /// What to try first, in order.
    pub candidates: Vec<String>,
    /// Then this stem and suffix with 2, 3, 4, ... between them.
    pub numbered: Option<(String, String)>,
    /// When it changes later.
    pub renaming: Renaming,
}

impl fmt::Debug for UniqueName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let numbered = if self.numbered.is_some() { ", numbered" } else { "" };
        write!(f, "UniqueName({}, {} candidates{numbered}, {:?})", self.attribute, self.candidates.len(), self.renaming)
    }
}

impl UniqueName {
    /// The candidates in order, the numbered ones up to `most` last.
    pub fn tries(&self, most: u32) -> impl Iterator<Item = String> {
        let numbered =
            self.numbered.iter().flat_map(move |(stem, suffix)| (2..=most).map(move |n| format!("{stem}{n}{suffix}")));
        self.candidates.iter().cloned().chain(numbered)
    }
}

/// What an account should look like.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Profile {
    /// Attributes; one that is not named is not managed and never written.
    pub attributes: BTreeMap<FieldName, (Desired, Upkeep)>,
    /// Names that must be unique on the target.
    pub names: Vec<UniqueName>,
    /// Attributes that must say something and don't; the person is not created or updated without them.
    pub missing: Vec<FieldName>,
}

impl fmt::Debug for Profile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let attributes: Vec<&FieldName> = self.attributes.keys().collect();
        let Self { names, missing, .. } = self;
        f.debug_struct("Profile")
            .field("attributes", &attributes)
            .field("names", names)
            .field("missing", missing)
            .finish()
    }
}

/// Which version of rules and mappings is in force.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct PolicyVersion(pub Digest);

impl fmt::Display for PolicyVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.short())
    }
}

/// The planned or present attributes of the person's accounts on the targets that come before.
#[derive(Debug, Clone, Default)]
pub struct EarlierAccounts(pub BTreeMap<TargetId, BTreeMap<AccountKind, Fields>>);

/// Business rules and mappings.
///
/// # Contract
/// A pure function of its arguments and its version: no IO, no clock, no randomness, no order among people. What it says of
/// a person depends on that person only (and the departments of the person's sources, and the records of the managers).
///
/// # Guarantees
/// `decide` hands over contracts that were not withdrawn, with gaps bridged; a person of whom nothing may be raised is
/// asked about with fewer contracts, never with others.
///
/// # Errors
/// There are none: what cannot be told is [`Answer::undetermined`], what is lacking is [`Profile::missing`].
pub trait Policy: Send + Sync + fmt::Debug {
    /// Another version decides everybody anew.
    fn version(&self) -> PolicyVersion;

    /// Whether it looks at managers: where it does not, they are not shown, and nobody is due because of one.
    fn sees_managers(&self) -> bool;

    /// What the person is entitled to at an instant.
    fn grants(&self, person: &Person<'_>, now: DateTime<Utc>) -> Answer;

    /// What nobody may hold together. It is withheld from what [`grants`](Self::grants) gives and people give beside it.
    fn combinations(&self) -> &[Combination];

    /// What the person's account at `slot` should look like, knowing those on earlier targets.
    fn profile(&self, person: &Person<'_>, slot: &Slot, earlier: &EarlierAccounts, now: DateTime<Utc>) -> Profile;

    /// At which accounts of the person each profile looks: they are decided and made before, whatever the order of the
    /// targets. None looks at one that looks back, by whatever way.
    fn looks(&self) -> Looks;

    /// The first instant after `now` at which an answer about this person may be another one, with the same data.
    fn next_change(&self, person: &Person<'_>, now: DateTime<Utc>) -> Option<DateTime<Utc>>;
}
