//! What others did with an account, or seem to have done, judged by what is wanted.

use crate::audit::{AccountFact, OthersDid};
use crate::decide::PersonDecision;
use crate::decide::account::SlotDecision;
use crate::ledger::Mark;
use crate::lifecycle::{State, Want};

impl SlotDecision<'_> {
    /// A hold on a disable ends when somebody enabled the account and access is wanted.
    pub(super) fn note_ended_hold(&self, out: &mut PersonDecision<'_>) {
        let ended = self.state == State::Active
            && self.want() == Want::Access
            && self.entry.is_some_and(|entry| entry.others.contains_key(&OthersDid::Disable));
        if ended {
            out.facts.push((self.key.clone(), AccountFact::HoldEnded));
        }
    }

    /// What was found after a backup was acknowledged is taken for ours where it is what is wanted, once: what people said
    /// since the backup is lost, so a disabled account of somebody who should have access may be blocked.
    pub(super) fn judge(&self, out: &mut PersonDecision<'_>) {
        let Some(entry) = self.entry.filter(|_| self.has(Mark::CaughtUp)) else { return };
        if entry.others.is_empty() || entry.missed_at.is_some() {
            return;
        }
        let horizon = self.world.context.settings.lifecycle.return_horizon_days;
        let is_awaited = || self.evaluated.dates.known_return(horizon).is_some();
        let is_ours = entry.others.keys().all(|did| match did {
            OthersDid::Disable => self.want() != Want::Access,
            OthersDid::Delete => self.rules_want == Want::Nothing,
            OthersDid::Restore => self.rules_want != Want::Nothing || is_awaited(),
        });
        let judged = if is_ours { AccountFact::OursAfterAll } else { AccountFact::NotOurs };
        out.facts.push((self.key.clone(), judged));
        out.again = true;
    }
}
