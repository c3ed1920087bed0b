//! Erasing a person on request, between two runs.

use crate::engine::Engine;
use crate::id::{Actor, PersonId};
use crate::ledger::ErasureRequest;
use crate::port::Fence;
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
        let fence = self.store.acquire(&self.actor, self.lease).await?;
        let request = ErasureRequest { person: person.clone(), actor: actor.clone(), at: self.clock.now() };
        let erased = self.erase_as_asked(&request, &fence).await;
        self.store.release(fence).await?;
        erased
    }

    async fn erase_as_asked(&self, request: &ErasureRequest, fence: &Fence) -> Result<(), EngineError> {
        let (ledger, roster) = (self.store.ledger(), self.store.roster());
        let (erasing, head) = {
            let (ledger, roster) = (ledger.read(), roster.read());
            (ledger.erasing(request, &roster, &self.settings)?, ledger.head())
        };
        self.store.erase(fence, head, &erasing).await?;
        Ok(())
    }
}
