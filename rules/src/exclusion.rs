//! What is taken out of what the rules give, and what people give beside them.

use chrono::NaiveDate;
use provisioning_core::period::plus_days;
use provisioning_core::policy::{Answer, Bar, Barred, Because, Entitlement, Grant};
use provisioning_core::{RuleId, Slot};

use crate::clause::Clause;
use crate::language::evaluate::{Facts, Truth};

/// A published exclusion: it withholds where its condition holds, and gives nothing new where that cannot be told.
#[derive(Debug, Clone)]
pub(crate) struct Exclusion {
    pub(crate) clause: Clause,
    pub(crate) withholds: Vec<Bar>,
}

/// What one person has beside the rules, through a day.
#[derive(Debug, Clone)]
pub(crate) struct Exception {
    pub(crate) id: RuleId,
    pub(crate) slot: Slot,
    pub(crate) from: Option<NaiveDate>,
    /// The last day, in the person's zone.
    pub(crate) until: NaiveDate,
    pub(crate) gives: Vec<Entitlement>,
}

impl Exclusion {
    /// Takes out of an answer what it withholds from somebody, who is shown contract after contract or as a whole.
    pub(crate) fn say(&self, shown: &[Facts<'_, '_>], answer: &mut Answer) {
        let truths: Vec<_> = shown.iter().map(|facts| (facts, self.clause.truth(facts))).collect();
        answer.notes.extend(shown.iter().filter_map(|facts| self.clause.misread(facts)));
        let is = |truth| move |(_, said): &&(_, Option<Truth>)| *said == Some(truth);
        if truths.iter().any(|one| is(Truth::Holds)(&one)) {
            self.withholds.iter().for_each(|what| answer.bar(self.barred(what)));
        } else if let Some((facts, _)) = truths.iter().find(is(Truth::Unknown)) {
            let lacks = self.clause.lacks(facts);
            self.withholds.iter().for_each(|what| answer.doubt(&self.barred(what), &lacks));
        }
    }

    fn barred(&self, what: &Bar) -> Barred {
        Barred { slot: self.clause.slot.clone(), what: what.clone(), by: self.clause.id.clone() }
    }
}

impl Exception {
    /// Adds what it gives on a day.
    pub(crate) fn say(&self, today: NaiveDate, answer: &mut Answer) {
        if self.from.is_some_and(|from| today < from) || today > self.until {
            return;
        }
        let because = Because { rule: self.id.clone(), contract: None };
        let grant = |entitlement: &Entitlement| Grant {
            slot: self.slot.clone(),
            entitlement: entitlement.clone(),
            because: because.clone(),
        };
        answer.grants.extend(self.gives.iter().map(grant));
    }

    /// The days on which it begins and is over.
    pub(crate) fn days(&self) -> impl Iterator<Item = NaiveDate> {
        self.from.into_iter().chain([plus_days(self.until, 1)])
    }
}
