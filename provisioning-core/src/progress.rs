//! What became of the actions of a plan so far.

use std::collections::{BTreeMap, BTreeSet};

use secrecy::SecretString;

use crate::audit::Settlement;
use crate::id::{AccountKey, PersonId};
use crate::plan::{Action, ActionId, StepKind};
use crate::port::{Done, Failure};
use crate::report::Failed;
use crate::target::fulfils;

/// What became of the actions so far.
#[derive(Debug, Default)]
pub(crate) struct Progress {
    /// How many were done, by kind.
    pub(crate) done: BTreeMap<StepKind, usize>,
    /// What was sent and failed.
    pub(crate) failed: Vec<Failed>,
    /// What did not come about, whatever the reason.
    pub(crate) not_done: BTreeSet<ActionId>,
    /// Who has to be decided again.
    pub(crate) unfinished: BTreeSet<PersonId>,
    /// What an operator should know.
    pub(crate) incidents: Vec<String>,
}

impl Progress {
    /// Takes an outcome in; how it is to be recorded comes back, and a secret goes to `hand_over`.
    pub(crate) fn note(
        &mut self,
        action: &Action,
        result: Result<Done, Failure>,
        hand_over: impl FnOnce(AccountKey, SecretString),
    ) -> Settlement {
        match result {
            Ok(done) => {
                if !fulfils(&action.step, &done.truth) {
                    // It was answered, and is not so: the next reading tells, and the next run decides.
                    self.not_done.insert(action.id);
                }
                *self.done.entry(action.step.kind()).or_default() += 1;
                let secret = done.secret.is_some();
                if let (Some(value), Some(key)) = (done.secret, action.step.account()) {
                    hand_over(key.clone(), value);
                }
                Settlement::Done { truth: done.truth, secret }
            }
            Err(Failure { kind, message }) => {
                self.not_done.insert(action.id);
                self.failed.push(Failed { action: action.clone(), kind, message: message.clone() });
                Settlement::Failed { kind, message }
            }
        }
    }
}
