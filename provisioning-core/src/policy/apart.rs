//! What is withheld, whatever gives it: exclusions, and permissions that one person may not hold together.

use serde::{Deserialize, Serialize};

use crate::id::{PermissionId, RuleId, Slot};
use crate::lifecycle::Want;
use crate::policy::{Answer, Entitlement, Grant, Undetermined};

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

impl Answer {
    /// Withholds, or tells of, what may not be held together.
    pub fn settle(&mut self, combinations: &[Combination]) {
        for Combination { id: by, permissions, verdict } in combinations {
            let given = |(slot, id): &&(Slot, PermissionId)| self.wants(slot) != Want::Nothing && self.gives(slot, id);
            let given: Vec<_> = permissions.iter().filter(given).collect();
            let Some(((_, first), others)) = given.split_first().filter(|(_, others)| !others.is_empty()) else {
                continue;
            };
            for (slot, id) in others {
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

    /// Withholds what may have to be: grants of it are taken out, and their rules count as not able to tell, so that
    /// nothing is taken away either.
    pub fn doubt(&mut self, barred: &Barred, lacks: &str) {
        let grants = std::mem::take(&mut self.grants);
        for grant in grants {
            let is_access = barred.what == Bar::Access && barred.slot == grant.slot;
            let may = match grant.entitlement {
                Entitlement::Account => Want::Account,
                Entitlement::Access => Want::Access,
                Entitlement::Permission(_) => Want::Nothing,
            };
            let is_lowered = is_access && may == Want::Access;
            if !is_lowered && !barred.covers(&grant.slot, &grant.entitlement, &grant.because.rule) {
                self.grants.push(grant);
                continue;
            }
            let lacks = format!("exclusion `{}`: {lacks}", barred.by);
            let one = Undetermined { rule: grant.because.rule.clone(), lacks, slot: grant.slot.clone(), may };
            if !self.undetermined.contains(&one) {
                self.undetermined.push(one);
            }
            if is_lowered {
                self.grants.push(Grant { entitlement: Entitlement::Account, ..grant });
            }
        }
    }

    /// How much of an account is given.
    #[must_use]
    pub fn wants(&self, slot: &Slot) -> Want {
        let of_slot = self.grants.iter().filter(|grant| grant.slot == *slot);
        let most = of_slot.map(|grant| match grant.entitlement {
            Entitlement::Account => Want::Account,
            Entitlement::Access => Want::Access,
            Entitlement::Permission(_) => Want::Nothing,
        });
        most.max().unwrap_or(Want::Nothing)
    }

    /// Whether a permission is given.
    #[must_use]
    pub fn gives(&self, slot: &Slot, id: &PermissionId) -> bool {
        let is_it = |entitlement: &Entitlement| match entitlement {
            Entitlement::Permission(given) => given.id == *id,
            Entitlement::Account | Entitlement::Access => false,
        };
        self.grants.iter().any(|grant| grant.slot == *slot && is_it(&grant.entitlement))
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

    /// Whether one of these rules cannot tell, and nothing withholds what it would give.
    #[must_use]
    pub fn is_in_doubt(&self, slot: &Slot, id: &PermissionId, rules: impl Fn(&RuleId) -> bool) -> bool {
        let mut doubtful = self.undetermined.iter().filter(|one| rules(&one.rule));
        doubtful.any(|one| self.barring(slot, id, |rule| *rule == one.rule).next().is_none())
    }

    /// How much of an account may be given by rules that cannot tell.
    #[must_use]
    pub fn may_want(&self, slot: &Slot) -> Want {
        let of_slot = self.undetermined.iter().filter(|one| one.slot == *slot);
        of_slot.map(|one| self.may(one)).max().unwrap_or(Want::Nothing)
    }

    fn may(&self, one: &Undetermined) -> Want {
        let limits = self.barred.iter().map(|barred| match &barred.what {
            Bar::Account if barred.slot == one.slot => Want::Nothing,
            Bar::Access if barred.slot == one.slot => Want::Account,
            Bar::Rule(rule) if *rule == one.rule => Want::Nothing,
            Bar::Account | Bar::Access | Bar::Permission(_) | Bar::Rule(_) => Want::Access,
        });
        limits.fold(one.may, Want::min)
    }
}

impl Barred {
    /// Whether a grant is taken out by it.
    fn covers(&self, slot: &Slot, entitlement: &Entitlement, rule: &RuleId) -> bool {
        match (&self.what, entitlement) {
            (Bar::Rule(barred), _) => barred == rule,
            (Bar::Account, _) => self.slot == *slot,
            (Bar::Permission(id), Entitlement::Permission(given)) => self.slot == *slot && *id == given.id,
            (Bar::Access, _) | (Bar::Permission(_), Entitlement::Account | Entitlement::Access) => false,
        }
    }
}
