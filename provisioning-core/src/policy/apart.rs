//! What is withheld, whatever gives it: exclusions, and permissions that one person may not hold together.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::id::{PermissionId, RuleId, Slot};
use crate::lifecycle::Want;
use crate::policy::{Answer, Entitlement, Grant};

/// Something that is withheld.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Barred {
    /// On which account.
    pub slot: Slot,
    /// What.
    pub what: Bar,
    /// The exclusion or the combination that says so.
    pub by: RuleId,
}

/// What is withheld.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Bar {
    /// The account, and with it everything on it.
    Account,
    /// That the account can be used.
    Access,
    /// One permission.
    Permission(PermissionId),
    /// All that a rule gives.
    Rule(RuleId),
}

/// Permissions of which one person may hold one at most, whatever gives them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Combination {
    /// Its id, unlike that of any rule.
    pub id: RuleId,
    /// The permissions; the one that comes first stands.
    pub permissions: Vec<(Slot, PermissionId)>,
    /// What is done about it.
    pub verdict: Verdict,
}

/// What is done where permissions come together that should not.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Verdict {
    /// All but the first are withheld, and no moment comes at which two of them are held.
    #[default]
    Deny,
    /// People are told.
    Report,
}

/// Something that is given, and that an exclusion may withhold: nobody can tell whether it does.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Doubt {
    /// What would be given; whoever has it keeps it.
    pub grant: Grant,
    /// The exclusion.
    pub by: RuleId,
    /// What it would need, as a sentence without personal data.
    pub lacks: String,
}

type Part = (Slot, PermissionId);

impl Answer {
    /// Withholds, or tells of, what may not be held together. Only what `can` be held stands in the way of something else.
    pub fn settle(&mut self, combinations: &[Combination], can: impl Fn(&Slot, &PermissionId) -> bool) {
        let is_given = |(slot, id): &&Part| self.wants(slot) != Want::Nothing && self.gives(slot, id);
        let parts = combinations.iter().flat_map(|one| &one.permissions).filter(is_given);
        let rivals: BTreeSet<Part> = parts.filter(|(slot, id)| can(slot, id)).cloned().collect();
        for Combination { id: by, permissions, verdict } in combinations {
            for (place, (slot, id)) in permissions.iter().enumerate() {
                let mut earlier = permissions.iter().take(place).filter(|one| rivals.contains(*one));
                let is_first =
                    |one: &&Part| *verdict == Verdict::Report || stands(one, combinations, &rivals, &mut Vec::new());
                let Some((_, first)) = earlier.find(is_first).filter(|_| self.gives(slot, id)) else { continue };
                match verdict {
                    Verdict::Report => {
                        self.notes.push(format!("`{first}` and `{id}` are given together, against combination `{by}`"));
                    }
                    Verdict::Deny => {
                        self.notes.push(format!("`{id}` is not given beside `{first}`, by combination `{by}`"));
                        self.bar(Barred { slot: slot.clone(), what: Bar::Permission(id.clone()), by: by.clone() });
                    }
                }
            }
        }
    }

    /// Withholds something: grants of it are taken out, and that it is withheld stays known.
    pub fn bar(&mut self, barred: Barred) {
        if barred.what == Bar::Access {
            // What can be used is also there, and stays there.
            for grant in self.grants.iter_mut().filter(|grant| grant.slot == barred.slot) {
                if grant.entitlement == Entitlement::Access {
                    grant.entitlement = Entitlement::Account;
                }
            }
        }
        self.grants.retain(|grant| !barred.covers(&grant.slot, &grant.entitlement, &grant.because.rule));
        self.barred.push(barred);
    }

    /// Withholds what may have to be: grants of it are taken out, and whoever has it keeps it.
    pub fn doubt(&mut self, barred: &Barred, lacks: &str) {
        for grant in std::mem::take(&mut self.grants) {
            let is_lowered =
                barred.what == Bar::Access && barred.slot == grant.slot && grant.entitlement == Entitlement::Access;
            if is_lowered {
                self.grants.push(Grant { entitlement: Entitlement::Account, ..grant.clone() });
            }
            if is_lowered || barred.covers(&grant.slot, &grant.entitlement, &grant.because.rule) {
                self.doubts.push(Doubt { grant, by: barred.by.clone(), lacks: lacks.to_owned() });
            } else {
                self.grants.push(grant);
            }
        }
    }

    /// How much of an account is given.
    #[must_use]
    pub fn wants(&self, slot: &Slot) -> Want {
        let of_slot = self.grants.iter().filter(|grant| grant.slot == *slot);
        of_slot.map(|grant| grant.entitlement.want()).max().unwrap_or(Want::Nothing)
    }

    /// Whether a permission is given.
    #[must_use]
    pub fn gives(&self, slot: &Slot, id: &PermissionId) -> bool {
        self.grants.iter().any(|grant| grant.slot == *slot && grant.entitlement.is_permission(id))
    }

    /// What withholds a permission from all that these rules give.
    pub(crate) fn barring<'a>(
        &'a self,
        slot: &'a Slot,
        id: &'a PermissionId,
        rules: impl Fn(&RuleId) -> bool + 'a,
    ) -> impl Iterator<Item = &'a RuleId> + 'a {
        let bars = self.barred.iter().filter(move |barred| match &barred.what {
            Bar::Account => barred.slot == *slot,
            Bar::Access => false,
            Bar::Permission(barred_id) => barred.slot == *slot && barred_id == id,
            Bar::Rule(rule) => rules(rule),
        });
        bars.map(|barred| &barred.by)
    }

    /// Whether it cannot be told if a permission is given: one of these rules cannot tell, or an exclusion of it, and nothing
    /// else withholds it.
    #[must_use]
    pub fn is_in_doubt(&self, slot: &Slot, id: &PermissionId, rules: impl Fn(&RuleId) -> bool) -> bool {
        let untold = self.undetermined.iter().map(|one| &one.rule).filter(|rule| rules(rule));
        let doubted = self.doubts.iter().map(|one| &one.grant);
        let doubted = doubted.filter(|grant| grant.slot == *slot && grant.entitlement.is_permission(id));
        let mut doubtful = untold.chain(doubted.map(|grant| &grant.because.rule));
        doubtful.any(|rule| self.barring(slot, id, |barred| barred == rule).next().is_none())
    }

    /// How much of an account may be given, by rules and past exclusions that cannot tell.
    #[must_use]
    pub fn may_want(&self, slot: &Slot) -> Want {
        let untold = self.undetermined.iter().filter(|one| one.slot == *slot).map(|one| (&one.rule, one.may));
        let doubted = self.doubts.iter().map(|one| &one.grant).filter(|grant| grant.slot == *slot);
        let doubted = doubted.map(|grant| (&grant.because.rule, grant.entitlement.want()));
        untold.chain(doubted).map(|(rule, may)| self.limit(slot, rule).min(may)).max().unwrap_or(Want::Nothing)
    }

    /// How much of an account a rule can give at most.
    fn limit(&self, slot: &Slot, rule: &RuleId) -> Want {
        let limits = self.barred.iter().map(|barred| match &barred.what {
            Bar::Account if barred.slot == *slot => Want::Nothing,
            Bar::Access if barred.slot == *slot => Want::Account,
            Bar::Rule(barred) if barred == rule => Want::Nothing,
            Bar::Account | Bar::Access | Bar::Permission(_) | Bar::Rule(_) => Want::Access,
        });
        limits.min().unwrap_or(Want::Access)
    }
}

/// Whether a permission is denied beside nothing that stands itself. Where combinations go round in a circle, the one that
/// is asked about stands.
fn stands<'c>(
    one: &'c Part,
    combinations: &'c [Combination],
    rivals: &BTreeSet<Part>,
    asked: &mut Vec<&'c Part>,
) -> bool {
    if asked.contains(&one) {
        return true;
    }
    asked.push(one);
    let is_beaten = combinations.iter().filter(|combination| combination.verdict == Verdict::Deny).any(|combination| {
        let before = combination.permissions.iter().position(|part| part == one).unwrap_or_default();
        let mut earlier = combination.permissions.iter().take(before).filter(|part| rivals.contains(*part));
        earlier.any(|part| stands(part, combinations, rivals, asked))
    });
    asked.pop();
    !is_beaten
}

impl Barred {
    /// Whether a grant is taken out by it.
    fn covers(&self, slot: &Slot, entitlement: &Entitlement, rule: &RuleId) -> bool {
        match (&self.what, entitlement) {
            (Bar::Rule(barred), _) => barred == rule,
            (Bar::Account, _) => self.slot == *slot,
            (Bar::Permission(id), _) => self.slot == *slot && entitlement.is_permission(id),
            (Bar::Access, _) => false,
        }
    }
}
