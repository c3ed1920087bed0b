//! A run that is stopped half-way, as a process is that is killed: what it had written down stays, and nothing else of it.

use std::collections::BTreeMap;
use std::future::{pending, poll_fn};
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::task::Poll;

use async_trait::async_trait;
use provisioning_core::audit::{Fact, Sealed, Settlement};
use provisioning_core::plan::{Action, StepKind};
use provisioning_core::testing::{Border, bordered};
use provisioning_core::{Digest, Engine, Ledger, Planned, Shared};

use crate::tour::world::Outcome;

/// Applies a plan until a part of a wave is written down as done and the rest is not.
///
/// # Errors
/// When it comes to its end before that.
pub async fn halfway(engine: &Engine, planned: Planned) -> Outcome<()> {
    let halfway = Arc::new(Halfway {
        ledger: engine.store.ledger(),
        most: AtomicUsize::new(0),
        is_reached: AtomicBool::new(false),
    });
    let border: Arc<dyn Border> = halfway.clone();
    let engine = bordered(engine, &border);
    let mut run = pin!(engine.apply(planned));
    poll_fn(|context| match run.as_mut().poll(context) {
        Poll::Ready(_) => Poll::Ready(Err("the run was over before it could be stopped half-way".into())),
        Poll::Pending if halfway.is_reached.load(Ordering::Relaxed) => Poll::Ready(Ok(())),
        Poll::Pending => Poll::Pending,
    })
    .await
}

/// Lets nothing pass any more once a part of a wave is written down.
struct Halfway {
    ledger: Shared<Ledger>,
    /// How many steps were open at once.
    most: AtomicUsize,
    is_reached: AtomicBool,
}

#[async_trait]
impl Border for Halfway {
    async fn crossed(&self) {
        // Whoever waits for each outcome writes each down by itself.
        tokio::task::yield_now().await;
        let open = self.ledger.read().open().count();
        let most = self.most.fetch_max(open, Ordering::Relaxed);
        if 0 < open && open < most {
            self.is_reached.store(true, Ordering::Relaxed);
            pending::<()>().await;
        }
    }
}

/// A plan of which a part was done.
#[derive(Debug)]
pub struct HalfDone {
    /// How many records there were before it.
    from: u64,
    steps: Vec<Digest>,
}

impl HalfDone {
    /// A plan that is about to be applied, after so many records.
    #[must_use]
    pub fn new(planned: &Planned, from: u64) -> Self {
        let mut steps: Vec<Digest> = planned.approved.plan().actions().map(Action::fingerprint).collect();
        steps.sort_unstable();
        Self { from, steps }
    }

    /// How many steps it has.
    #[must_use]
    pub fn steps(&self) -> usize {
        self.steps.len()
    }

    /// The steps that the audit says were done since, by kind.
    ///
    /// # Errors
    /// When a record cannot be read.
    pub fn done(&self, audit: &[Sealed]) -> Outcome<BTreeMap<StepKind, usize>> {
        let mut kinds = BTreeMap::new();
        for action in self.actions(audit)? {
            *kinds.entry(action.step.kind()).or_default() += 1;
        }
        Ok(kinds)
    }

    /// Whether each step was done, and none twice.
    ///
    /// # Errors
    /// When a record cannot be read.
    pub fn is_done_once(&self, audit: &[Sealed]) -> Outcome<bool> {
        let mut done: Vec<Digest> = self.actions(audit)?.iter().map(Action::fingerprint).collect();
        done.sort_unstable();
        Ok(done == self.steps)
    }

    /// What was done since, each as often as it was.
    fn actions(&self, audit: &[Sealed]) -> Outcome<Vec<Action>> {
        let (mut open, mut done) = (BTreeMap::new(), Vec::new());
        for sealed in audit.iter().filter(|sealed| sealed.place >= self.from) {
            match sealed.record()?.map(|record| record.fact) {
                Some(Fact::Intent(intent)) => {
                    open.insert(intent.id, intent.action);
                }
                Some(Fact::Outcome(id, Settlement::Done { .. })) => done.extend(open.get(&id).cloned()),
                Some(
                    Fact::Outcome(_, Settlement::Failed { .. } | Settlement::NotDone)
                    | Fact::Run(_)
                    | Fact::Reading(_)
                    | Fact::Said(_)
                    | Fact::Account(..)
                    | Fact::Erased(_),
                )
                | None => {}
            }
        }
        Ok(done)
    }
}
