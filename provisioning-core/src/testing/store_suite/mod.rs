//! The conformance suite of [`Store`].

mod agenda;
mod desk;
mod erasure;
mod fencing;
mod records;

use std::sync::Arc;

use async_trait::async_trait;

use crate::audit::Sealed;
use crate::clock::Clock;
use crate::port::Store;
use crate::settings::Settings;
use crate::testing::conformance::{Checks, Unsupported};

/// Opens stores for [`check_store`].
#[async_trait]
pub trait StoreBench: Send + Sync {
    /// An empty store for these settings, which tells the time by this clock.
    async fn empty(&self, settings: &Settings, clock: Arc<dyn Clock>) -> Arc<dyn Store>;

    /// The same store as another process would find it; what `store` holds in memory only is lost.
    async fn reopen(
        &self,
        _store: Arc<dyn Store>,
        _settings: &Settings,
        _clock: Arc<dyn Clock>,
    ) -> Result<Arc<dyn Store>, Unsupported> {
        Err(Unsupported)
    }

    /// The whole audit of the store that was opened last, in order.
    async fn audit(&self, _store: &dyn Store) -> Result<Vec<Sealed>, Unsupported> {
        Err(Unsupported)
    }
}

/// Checks a store against the contract of [`Store`]; each check begins with an empty one.
///
/// | what is checked |
/// |---|
/// | one committer at a time, also when both bear the same name; a lease that is over, or was given back, is free |
/// | a commit, a reading and a renewal under a lost right are refused, and change nothing |
/// | a commit and a reading against another head are refused, name the head, and change nothing |
/// | the ledger is the fold of the records, the head is that of the ledger, and handles show both at once |
/// | an accepted reading shows, and makes due whoever is new, changed, or in a department that changed, or below one |
/// | an observation shows and names the accounts that it speaks of, and makes nobody due |
/// | appointments: again, at an instant, never; the next one replaces the one before |
/// | whoever points at a person is due when an account moves or is adopted, or the record is linked elsewhere |
/// | everybody is due under another version of the policy, once |
/// | due people come in order of id and stay due until an appointment |
/// | directives make due, on a link whoever gains and whoever loses the record, afterwards whoever has it |
/// | going live makes due whose account on that target was there before |
/// | what somebody else did makes due, what the decision itself brought about does not |
/// | whoever became due after the question was asked stays due |
/// | an erasure drops the payloads of the person and of nobody else, and the chain stays whole |
/// | after it the ledger is the fold of what is left, and the person is neither in the roster nor due |
/// | an erasure under a lost right or against another head is refused, and drops nothing |
/// | all of it is there after [`reopen`](StoreBench::reopen) |
///
/// # Panics
/// With what is wrong and what the contract says, at the first breach.
pub async fn check_store(bench: &dyn StoreBench) -> Checks {
    let mut checks = Checks::of("store");
    fencing::check(bench, &mut checks).await;
    records::check(bench, &mut checks).await;
    agenda::check(bench, &mut checks).await;
    erasure::check(bench, &mut checks).await;
    checks
}
