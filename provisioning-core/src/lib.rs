//! The pure core of identity provisioning: who should have which account and which permissions on which day, what has to
//! be done about it, and why. It never opens a connection, never asks another clock than the one it was given, never
//! retries, and never changes an account that the ledger does not call ours. Connectors, stores and clocks stand behind
//! the ports; a reading counts whole or not at all.
//!
//! ```text
//! sources --read(since)----> Roster
//! targets --observe(since)-> Observations
//! store   --ledger()-------> Ledger
//! clock   --now()----------> now
//!
//! these four = World --decide--> Decisions --Plan::new--> Plan --approve--> Approved --apply--> Report
//!                     pure                   pure              pure           IO: intent, call, outcome
//! ```
//!
//! Read [`lifecycle`] first: one table says what happens to an account. Then [`Plan`], then the ports:
//! [`SourceConnector`], [`TargetConnector`], [`Store`], [`Policy`].
//!
//! A hire that is entered late, and a leaver, as the table has them:
//!
//! ```
//! use provisioning_core::lifecycle::{Move, Situation, State, Want, next};
//!
//! let today = "2026-03-01".parse()?;
//! let situation = Situation { today, delete_is_due: false, return_needs_restore: false };
//! let mut state = State::Absent;
//! for expected in [Move::Create, Move::Enable, Move::Stay] {
//!     let step = next(state, Want::Access, &situation);
//!     assert_eq!(step, expected);
//!     state = state.after(step, today);
//! }
//! assert_eq!(state, State::Active);
//! assert_eq!(next(state, Want::Nothing, &situation), Move::Disable);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub mod audit;
pub mod books;
pub mod caps;
mod clock;
pub mod decide;
mod digest;
mod engine;
mod id;
pub mod ledger;
pub mod lifecycle;
pub mod memory;
mod order;
pub mod period;
pub mod plan;
pub mod policy;
mod port;
mod progress;
mod report;
#[cfg(test)]
mod samples;
mod settings;
mod sorted;
pub mod source;
pub mod target;
#[cfg(feature = "testing")]
pub mod testing;
mod value;
pub mod wrap;

pub use clock::{Clock, ManualClock, SystemClock};
pub use digest::{Digest, InvalidDigest};
pub use engine::{Engine, Planned};
pub use id::{
    AccountId, AccountKey, AccountKind, Actor, ContractId, DepartmentCode, FieldName, InvalidId, PermissionId,
    PersonId, RecordId, RecordKey, RuleId, Slot, SourceId, TargetId, TenantId,
};
pub use ledger::Ledger;
pub use plan::Plan;
pub use policy::Policy;
pub use port::{
    Acceptance, Commit, Done, Due, Failure, Fence, Notice, Notifier, Outcome, Permit, PortError, PortErrorKind,
    Question, Shared, Silent, SourceConnector, Store, StoreError, TargetConnector,
};
pub use report::{EngineError, Failed, Findings, Ground, Rejected, Report, Staleness};
pub use settings::{Confidence, Correlation, LifecycleSettings, Settings, TargetSettings};
pub use sorted::SortedMap;
pub use value::{Decimal, Edit, Fields, InvalidDecimal, Value};
