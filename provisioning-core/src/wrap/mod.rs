//! Wrappers: behaviour that is added around a connector, not switched on inside one.

mod dry_run;
mod limited;
mod recording;
#[cfg(test)]
mod tests;

pub use dry_run::DryRun;
pub use limited::Limited;
pub use recording::{Recorded, Recording};
