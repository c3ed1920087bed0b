//! One account of one person: walking the lifecycle table, and everything that may stop the walk.

use chrono::NaiveDate;

use crate::audit::{AccountFact, OthersDid};
use crate::decide::correlate::{Claims, Match};
use crate::decide::evaluate::{Allowed, Evaluated, because};
use crate::decide::profile::Names;
use crate::decide::{PersonDecision, Proposed, World};
use crate::id::{AccountKey, Slot};
use crate::ledger::{AccountEntry, Lifecycle, Mark, Origin};
use crate::lifecycle::{Move, Situation, State, Want, delete_is_due, next, return_needs_restore};
use crate::plan::{AccountStep, Step, Why};
use crate::policy::EarlierAccounts;
use crate::settings::TargetSettings;
use crate::source::Person;
use crate::target::{Observation, ObservedAccount, Presence, Shown};
use crate::value::Fields;

/// The account that is being decided, with all that its decision depends on.
pub(super) struct SlotDecision<'d> {
    pub(super) world: &'d World<'d>,
    pub(super) evaluated: &'d Evaluated<'d>,
    pub(super) slot: &'d Slot,
    pub(super) key: AccountKey,
    pub(super) entry: Option<&'d AccountEntry>,
    pub(super) target: &'d TargetSettings,
    pub(super) observation: Option<&'d Observation>,
    /// What the rules want, a block left aside.
    pub(super) rules_want: Want,
    /// Where the walk has come to.
    pub(super) state: State,
    /// The steps of the walk.
    pub(super) walked: Vec<Move>,
}

/// What the decision of an account needs of the others.
pub(super) struct Around<'a> {
    pub(super) claims: &'a Claims,
    pub(super) earlier: &'a EarlierAccounts,
    pub(super) names: &'a mut Names,
}

/// How the walk through the table ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Walked {
    /// The table says stay, or something stopped it.
    Through,
    /// An account that was there before was adopted; all else is decided in the next run.
    Adopted,
}

/// Whether an account was proposed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Created {
    Yes,
    No,
}

impl<'d> SlotDecision<'d> {
    /// Nothing where the settings know no such target.
    pub(super) fn new(world: &'d World<'d>, evaluated: &'d Evaluated<'d>, slot: &'d Slot) -> Option<Self> {
        let context = world.context;
        let entry = evaluated.entry.and_then(|entry| entry.accounts.get(slot));
        let (_, target) = context.settings.target(&slot.target)?;
        let observation = context.observations.get(&slot.target).copied();
        let state = state_of(entry, observation, evaluated.dates.today, target.capabilities.bin_days());
        let mut decision = Self {
            world,
            evaluated,
            slot,
            key: context.ledger.key(evaluated.person.id, slot),
            entry,
            target,
            observation,
            rules_want: Want::Nothing,
            state,
            walked: Vec::new(),
        };
        decision.rules_want = decision.at_least_undetermined(evaluated.keep.wants(slot));
        Some(decision)
    }

    /// Decides the account; the attributes that it will have come back, where it will be there.
    pub(super) fn decide(&mut self, around: &mut Around<'_>, out: &mut PersonDecision<'_>) -> Option<Fields> {
        if self.entry.is_some_and(|entry| entry.open > 0) {
            out.wait(&format!("the outcome of an earlier step on `{}` is not known yet", self.slot.target));
            self.disable_at_once(out);
            return self.state.is_live().then(|| self.current());
        }
        let walked = self.walk(around, out);
        if self.walked.is_empty() && self.has(Mark::Released) {
            out.facts.push((self.key.clone(), AccountFact::ReleaseEnded));
        }
        if self.has(Mark::Restored) {
            out.restored.push(self.key.clone());
        }
        self.record_unwanted(out);
        let planned = match walked {
            // What follows from an adoption is decided in the next run, on what the ledger then says.
            Walked::Adopted => None,
            Walked::Through => {
                self.permissions(out);
                self.upkeep(around, out)
            }
        };
        self.wakes(out);
        planned
    }

    /// The one step that a block asks for, and no date does.
    pub(super) fn disable_if_blocked(&mut self, out: &mut PersonDecision<'_>) {
        if self.state == State::Active {
            self.step(Move::Disable, out);
        }
    }

    /// A disable waits for no other step, whatever became of it: done twice it is done once.
    fn disable_at_once(&mut self, out: &mut PersonDecision<'_>) {
        if next(self.state, self.want(), &self.situation()) == Move::Disable {
            self.disable(out);
        }
    }

    fn disable(&mut self, out: &mut PersonDecision<'_>) {
        if self.evaluated.footing.blocked || self.may_lower(out, "disabled") {
            self.step(Move::Disable, out);
        }
    }

    /// What is wanted: a block leaves an account, without access.
    pub(super) fn want(&self) -> Want {
        if self.evaluated.footing.blocked { self.rules_want.min(Want::Account) } else { self.rules_want }
    }

    /// A rule that cannot tell takes nothing away that is there.
    fn at_least_undetermined(&self, want: Want) -> Want {
        let there = match self.state {
            State::Active => Want::Access,
            State::Staged | State::Suspended { .. } => Want::Account,
            State::Absent | State::Deleted(_) => Want::Nothing,
        };
        want.max(self.evaluated.keep.may_want(self.slot).min(there))
    }

    /// Walks the table until it says stay, never past a disable or a delete.
    fn walk(&mut self, around: &mut Around<'_>, out: &mut PersonDecision<'_>) -> Walked {
        self.note_ended_hold(out);
        self.judge(out);
        loop {
            match next(self.state, self.want(), &self.situation()) {
                Move::Stay => return Walked::Through,
                Move::Disable => {
                    self.disable(out);
                    return Walked::Through;
                }
                Move::Delete => {
                    if self.may_lower(out, "deleted") {
                        self.step(Move::Delete, out);
                    }
                    return Walked::Through;
                }
                raise @ (Move::Create | Move::Restore | Move::Enable) => {
                    if !self.may_raise(raise, out) {
                        return Walked::Through;
                    }
                    if raise == Move::Create {
                        if let Some(ended) = self.create_or_adopt(around, out) {
                            return ended;
                        }
                    } else {
                        self.step(raise, out);
                    }
                }
            }
        }
    }

    /// How the walk ends, unless an account is proposed.
    fn create_or_adopt(&mut self, around: &mut Around<'_>, out: &mut PersonDecision<'_>) -> Option<Walked> {
        match around.claims.find(self) {
            Match::Nobody => match self.create(around, out) {
                Created::Yes => None,
                Created::No => Some(Walked::Through),
            },
            Match::Adopt(account) => {
                self.adopt(account, out);
                Some(Walked::Adopted)
            }
            Match::Hold(why) => {
                out.wait(&why);
                Some(Walked::Through)
            }
        }
    }

    pub(super) fn situation(&self) -> Situation {
        let lifecycle = &self.world.context.settings.lifecycle;
        let dates = &self.evaluated.dates;
        let no_return = dates.known_return(lifecycle.return_horizon_days).is_none();
        let others_allow = self
            .entry
            .is_none_or(|entry| entry.others.iter().all(|(did, seen)| seen.held && *did != OthersDid::Restore));
        let may_delete = self.evaluated.footing.delete == Allowed::Yes && others_allow && no_return;
        let ours = self.entry.filter(|_| !self.has(Mark::DeletedByOthers));
        let deleted_on = match ours.map(|entry| entry.lifecycle) {
            Some(Lifecycle::Deleted { on, .. }) => Some(on),
            Some(Lifecycle::Absent | Lifecycle::Staged | Lifecycle::Active | Lifecycle::Suspended { .. }) | None => {
                None
            }
        };
        let bin_days = self.target.capabilities.bin_days();
        let may_restore = !self.evaluated.footing.stale;
        Situation {
            today: dates.today,
            delete_is_due: may_delete && delete_is_due(self.state, self.unwanted_since(), dates, lifecycle.grace),
            return_needs_restore: may_restore
                && deleted_on.is_some_and(|on| {
                    return_needs_restore(on, bin_days, &self.evaluated.firm_dates, lifecycle.return_horizon_days)
                }),
        }
    }

    /// Since when nothing is wanted, counting this run.
    pub(super) fn unwanted_since(&self) -> Option<NaiveDate> {
        let since = self.entry.and_then(|entry| entry.unwanted_since).unwrap_or(self.evaluated.dates.today);
        (self.rules_want == Want::Nothing).then_some(since)
    }

    /// Whether the account may be raised: on firm ground, and with nobody else's hand on it.
    fn may_raise(&self, raise: Move, out: &mut PersonDecision<'_>) -> bool {
        let firm_want = self.evaluated.raise().wants(self.slot);
        if next(self.state, firm_want, &self.situation()) != raise {
            out.again = true;
            return false;
        }
        if let Some((did, seen)) = self.entry.and_then(|entry| entry.others.iter().next()) {
            let on = &self.slot.target;
            out.wait(&if seen.held {
                format!("somebody else {did} the account on `{on}`; release it to go on")
            } else {
                format!("somebody else {did} the account on `{on}`, it seems; it is read again first")
            });
            return false;
        }
        if self.observation.is_none_or(|observation| !observation.is_complete()) {
            out.wait(&format!("`{}` was not read whole yet", self.slot.target));
            return false;
        }
        let unreadable = self.target.capabilities.deletion.hides_grants();
        if raise == Move::Enable && unreadable && self.observed().is_none_or(|account| account.permissions.is_none()) {
            let was_there = !self.walked.contains(&Move::Create);
            if was_there {
                out.wait(&format!("what the restored account on `{}` holds was not read yet", self.slot.target));
                return false;
            }
        }
        true
    }

    /// Whether the account may be disabled, deleted, changed or stripped: an adopted one not before going live.
    pub(super) fn may_lower(&self, out: &mut PersonDecision<'_>, done: &str) -> bool {
        if self.is_untouchable() {
            out.wait(&format!(
                "the adopted account on `{}` would be {done}, which waits for go-live",
                self.slot.target
            ));
            return false;
        }
        true
    }

    pub(super) fn is_untouchable(&self) -> bool {
        let adopted = self.entry.is_some_and(|entry| entry.origin == Origin::Adopted);
        adopted && !self.world.context.ledger.is_live(&self.slot.target)
    }

    fn adopt(&mut self, account: &ObservedAccount, out: &mut PersonDecision<'_>) {
        let day = self.evaluated.dates.today;
        let names = self.target.capabilities.naming.clone();
        let adopted = AccountFact::Adopted { account: Box::new(account.clone()), names, day };
        out.facts.push((self.key.clone(), adopted));
        out.again = true;
        self.state = match account.shown {
            Shown::Enabled => State::Active,
            Shown::Disabled => State::Suspended { since: day },
        };
    }

    fn step(&mut self, step: Move, out: &mut PersonDecision<'_>) {
        let what = match step {
            Move::Enable => AccountStep::Enable,
            Move::Disable => AccountStep::Disable,
            Move::Delete => AccountStep::Delete,
            Move::Restore => AccountStep::Restore,
            Move::Stay | Move::Create => return,
        };
        let why = self.why(step);
        self.propose(what, why, out);
        self.walked.push(step);
        self.state = self.state.after(step, self.evaluated.dates.today);
    }

    pub(super) fn why(&self, step: Move) -> Vec<Why> {
        // Only what stands on firm ground gives anything.
        let firm = self.evaluated.raise();
        let firm_want = firm.wants(self.slot);
        match step {
            Move::Create | Move::Restore | Move::Enable if firm_want != Want::Nothing => {
                vec![Why::Entitled(because(firm, self.slot, step))]
            }
            Move::Restore => {
                let horizon = self.world.context.settings.lifecycle.return_horizon_days;
                let start = self.evaluated.firm_dates.known_return(horizon);
                start.map(|start| Why::ReturnKnown { start }).into_iter().collect()
            }
            Move::Disable if self.evaluated.footing.blocked => vec![Why::Blocked],
            Move::Disable => {
                let by_others = self.has(Mark::EnabledByOthers);
                let only = Why::Only(self.rules_want);
                if by_others { vec![Why::EnabledByOthers, only] } else { vec![only] }
            }
            Move::Delete => self.unwanted_since().map(|since| Why::GraceOver { since }).into_iter().collect(),
            Move::Create | Move::Enable | Move::Stay => Vec::new(),
        }
    }

    /// Proposes a step on the account.
    pub(super) fn propose(&self, step: AccountStep, why: Vec<Why>, out: &mut PersonDecision<'_>) {
        let step = Step::Account { key: self.key.clone(), id: self.id(), step };
        self.propose_step(step, why, out);
    }

    pub(super) fn propose_step(&self, step: Step, why: Vec<Why>, out: &mut PersonDecision<'_>) {
        let timing = self.timing(&step);
        out.proposed.push(Proposed { step, day: self.evaluated.dates.today, why, timing });
    }

    /// The target's id of the account, unless a new one takes its place.
    pub(super) fn id(&self) -> Option<crate::id::AccountId> {
        if self.walked.contains(&Move::Create) { None } else { self.entry.and_then(|entry| entry.id.clone()) }
    }

    /// The account as the target shows it.
    pub(super) fn observed(&self) -> Option<&'d ObservedAccount> {
        let id = self.entry?.id.as_ref()?;
        self.observation?.account(id)
    }

    pub(super) fn has(&self, mark: Mark) -> bool {
        self.entry.is_some_and(|entry| entry.marks.contains(&mark))
    }

    pub(super) fn described(&self) -> &'d Person<'d> {
        &self.evaluated.described
    }

    fn record_unwanted(&self, out: &mut PersonDecision<'_>) {
        let carries = matches!(self.state, State::Staged | State::Suspended { .. });
        let known = self.entry.and_then(|entry| entry.unwanted_since);
        let fact = match (self.rules_want, known) {
            (Want::Nothing, None) if carries => AccountFact::Unwanted { since: self.evaluated.dates.today },
            (Want::Account | Want::Access, Some(_)) => AccountFact::Wanted,
            (Want::Nothing, _) | (Want::Account | Want::Access, None) => return,
        };
        out.facts.push((self.key.clone(), fact));
    }
}

/// Where an account stands. The person's day may be one ahead of the target's, so what the recycle bin still shows on the
/// day on which it should be gone can be restored.
fn state_of(entry: Option<&AccountEntry>, observation: Option<&Observation>, today: NaiveDate, bin_days: u32) -> State {
    let Some(entry) = entry else { return State::Absent };
    let shown = entry.id.as_ref().and_then(|id| observation?.account(id));
    let is_in_bin = shown.is_some_and(|account| matches!(account.presence, Presence::InBin(_)));
    entry.lifecycle.state(today, if is_in_bin { bin_days.saturating_add(1) } else { bin_days })
}
