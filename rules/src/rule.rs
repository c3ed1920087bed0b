//! A checked rule, and what it says of one contract.

use chrono::NaiveDate;
use provisioning_core::lifecycle::Want;
use provisioning_core::policy::{
    Answer, Because, Entitlement, Grant, Permission, PermissionClass, ResourceSpec, Undetermined,
};
use provisioning_core::{PermissionId, PersonId};

use crate::clause::{Clause, of_contract};
use crate::fold::folded;
use crate::language::check::Typed;
use crate::language::datum::{Datum, Lack};
use crate::language::evaluate::{Facts, Truth};
use crate::language::term::{Field, Term, Whose};
use crate::profile::{managers_of, tidy};
use crate::schema::Kind;

/// A published rule with its names resolved.
#[derive(Debug, Clone)]
pub(crate) struct Rule {
    pub(crate) clause: Clause,
    pub(crate) gifts: Vec<Gift>,
}

/// What a rule gives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Gift {
    /// Always the same.
    Fixed(Entitlement),
    /// One permission for each value of a field.
    Each(Box<Each>),
}

/// A permission for each value: its id comes from the value, which stays, its name may change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Each {
    pub(crate) keys: Typed,
    /// How the file writes what has the keys.
    pub(crate) written: String,
    pub(crate) permission: Term,
    pub(crate) class: PermissionClass,
    /// The name under which it is made where it is not there.
    pub(crate) name: Option<Term>,
    /// Where it is made for a department and belongs to the manager: the contract whose department that is.
    pub(crate) owner: Option<Whose>,
}

impl Rule {
    /// Adds what the rule says of a contract, or of a person where there is none in question, to an answer.
    pub(crate) fn say(&self, facts: &Facts<'_, '_>, answer: &mut Answer) {
        match self.clause.truth(facts) {
            None | Some(Truth::Fails) => return,
            Some(Truth::Holds) => self.give(facts, answer),
            Some(Truth::Unknown) => answer.undetermined.push(self.unknown(self.clause.lacks(facts))),
        }
        answer.notes.extend(self.clause.misread(facts));
    }

    fn give(&self, facts: &Facts<'_, '_>, answer: &mut Answer) {
        for gift in &self.gifts {
            match gift {
                Gift::Fixed(entitlement) => answer.grants.push(self.grant(facts, entitlement.clone())),
                Gift::Each(each) => self.give_each(each, facts, answer),
            }
        }
    }

    fn give_each(&self, each: &Each, facts: &Facts<'_, '_>, answer: &mut Answer) {
        let Some(permissions) = each.permissions(facts) else {
            let lacks = each.unreadable() + &of_contract(facts, " for");
            return answer.undetermined.push(self.unknown(lacks));
        };
        let is_keyless = permissions.is_empty();
        for permission in permissions {
            match permission {
                Some(permission) => answer.grants.push(self.grant(facts, Entitlement::Permission(permission))),
                None => answer.notes.push(self.keyless(each, facts)),
            }
        }
        if is_keyless {
            answer.notes.push(self.keyless(each, facts));
        }
    }

    fn keyless(&self, each: &Each, facts: &Facts<'_, '_>) -> String {
        let (id, written) = (&self.clause.id, &each.written);
        format!("rule `{id}`: `{written}` holds no key{}; no permission is given for it", of_contract(facts, " for"))
    }

    fn grant(&self, facts: &Facts<'_, '_>, entitlement: Entitlement) -> Grant {
        let contract = facts.contract.map(|contract| contract.id().clone());
        let because = Because { rule: self.clause.id.clone(), contract };
        Grant { slot: self.clause.slot.clone(), entitlement, because }
    }

    fn unknown(&self, lacks: String) -> Undetermined {
        let Clause { id, slot, .. } = &self.clause;
        Undetermined { rule: id.clone(), lacks, slot: slot.clone(), may: self.may() }
    }

    /// How much of an account it gives.
    fn may(&self) -> Want {
        let wants = self.gifts.iter().map(|gift| match gift {
            Gift::Fixed(entitlement) => entitlement.want(),
            Gift::Each(_) => Want::Nothing,
        });
        wants.max().unwrap_or(Want::Nothing)
    }
}

impl Rule {
    /// Shows each field that its gifts look at.
    pub(crate) fn fields<'f>(&'f self, show: &mut dyn FnMut(&'f Field)) {
        self.terms().for_each(|term| term.fields(show));
    }

    /// Shows the days on which an answer of it may change.
    pub(crate) fn days(&self, facts: &Facts<'_, '_>, show: &mut dyn FnMut(NaiveDate)) {
        self.clause.days(facts, show);
        self.terms().for_each(|term| term.days(facts, show));
    }

    fn terms(&self) -> impl Iterator<Item = &Term> {
        self.gifts
            .iter()
            .flat_map(|gift| match gift {
                Gift::Fixed(_) => [None, None],
                Gift::Each(each) => [Some(&each.keys.term), each.name.as_ref()],
            })
            .flatten()
    }
}

impl Each {
    /// The permissions for its keys, nothing in the place of one of which no id can be made; `None` where the keys cannot be
    /// read.
    pub(crate) fn permissions(&self, facts: &Facts<'_, '_>) -> Option<Vec<Option<Permission>>> {
        let keys = match self.keys.term.value(facts) {
            Ok(Datum::List(keys)) => keys,
            Ok(key) => vec![key],
            Err(Lack::Unreadable) => return None,
            Err(Lack::Empty | Lack::Absent) => Vec::new(),
        };
        Some(keys.iter().map(|key| self.permission(key, facts)).collect())
    }

    /// Whether some key makes this permission.
    pub(crate) fn may_be(&self, id: &PermissionId) -> bool {
        let Term::Join(parts) = &self.permission else { return true };
        let plain = |part: Option<&Term>| match part {
            Some(Term::Fixed(datum)) => datum.plain().unwrap_or_default().trim().to_owned(),
            Some(
                Term::Today
                | Term::Field(_)
                | Term::Word
                | Term::Join(_)
                | Term::Call(..)
                | Term::Choice(_)
                | Term::Truth(_),
            )
            | None => String::new(),
        };
        let (start, end) = (plain(parts.first()), plain(parts.last()));
        let rest = id.as_str().strip_prefix(start.as_str()).and_then(|rest| rest.strip_suffix(end.as_str()));
        let is_literal = |part: &&Term| matches!(part, Term::Fixed(_));
        let is_plain = parts.iter().filter(|part| !is_literal(part)).eq([&Term::Word]) && tidy(&start) == start;
        match rest {
            Some(key) if is_plain => !key.is_empty() && (self.keys.holds.kind == Kind::Exact || folded(key) == key),
            rest => rest.is_some() || tidy(&start) != start || tidy(&end) != end,
        }
    }

    fn unreadable(&self) -> String {
        format!("`{}` holds something that is no {}", self.written, self.keys.holds)
    }

    /// The permission for a key, of which two spellings are one; `None` where no id can be made of it.
    fn permission(&self, key: &Datum<'_>, facts: &Facts<'_, '_>) -> Option<Permission> {
        let key = key.plain().filter(|key| !key.trim().is_empty())?;
        let id = if self.keys.holds.kind == Kind::Exact { key.trim().into() } else { folded(&key) };
        let with = |term: &Term, word: &str| match term.value(&Facts { word: Some(word), ..*facts }) {
            Ok(datum) => datum.plain().map(|text| tidy(&text)),
            Err(_) => None,
        };
        let id = PermissionId::new(&with(&self.permission, &id)?).ok()?;
        let name = self.name.as_ref().map(|name| with(name, key.trim()).unwrap_or_else(|| key.trim().to_owned()));
        let resource = name.map(|name| ResourceSpec { name, owner: self.owners(facts) });
        Some(Permission { id, class: self.class, resource })
    }

    fn owners(&self, facts: &Facts<'_, '_>) -> Vec<PersonId> {
        let contract = self.owner.and_then(|whose| match whose {
            Whose::Own | Whose::Bound => facts.contract,
            Whose::Primary => facts.primary,
        });
        contract.and_then(managers_of).unwrap_or_default()
    }
}
