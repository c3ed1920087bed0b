//! What targets show and can do, and what somebody else did there.
//!
//! Nothing here writes to a target; connectors do, through [`TargetConnector`](crate::TargetConnector).

mod account;
mod ahead;
mod capabilities;
mod compare;
mod draft;
mod drift;
mod observation;
mod resolve;
#[cfg(test)]
mod tests;

pub use account::{Change, ObservedAccount, Patch, Presence, Shown};
pub use ahead::{Ahead, ahead, to_take_over};
pub use capabilities::{Capabilities, Deletion, FirstSecret, RestoredGrants};
pub use compare::{compare, disbelieve};
pub use drift::{DriftSettings, drift};
pub use observation::{
    Holding, Observation, ObservationChange, Observations, Resource, TargetChanges, TargetReading, folded_name,
};
pub use resolve::{fulfils, resolve};
