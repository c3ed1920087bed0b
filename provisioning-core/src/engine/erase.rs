//! Erasing a person on request, between two runs.

use crate::engine::{Engine, Run};
use crate::id::{Actor, PersonId};
use crate::ledger::ErasureRequest;
use crate::report::EngineError;

impl Engine {
    /// Erases a person, with every record that is linked to the person, for somebody who asks for it.
    ///
    /// What is left says neither who it was nor what the person was called, and is enough for the rest of the ledger to be
    /// proven: the chain stays whole, nobody else gets the person's names, and a record under one of the person's ids is held
    /// until somebody accepts it.
    ///
    /// # Errors
    /// While something of the person's is still needed, which [`CannotErase`](crate::ledger::CannotErase) names, and when the
    /// store refuses, such as while a run is under way.
    pub async fn erase(&self, actor: &Actor, person: &PersonId) -> Result<(), EngineError> {
        // As every run begins: a ledger that is known to be from an old backup is none to erase from.
        let run = Run::start(self).await?;
        let request = ErasureRequest { person: person.clone(), actor: actor.clone(), at: run.now };
        let erased = run.erase_as_asked(&request).await;
        run.end_with(erased).await
    }
}

impl Run<'_> {
    async fn erase_as_asked(&self, request: &ErasureRequest) -> Result<(), EngineError> {
        let store = &self.engine.store;
        let (ledger, roster) = (store.ledger(), store.roster());
        let erasing = self.engine.with_observations(|observations| {
            ledger.read().erasing(request, (&roster.read(), observations), &self.engine.settings)
        })?;
        store.erase(&self.fence, self.head, &erasing).await?;
        Ok(())
    }
}
