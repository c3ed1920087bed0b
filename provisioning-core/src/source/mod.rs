//! What sources say: a reading comes in, guards hold it against what was accepted before, and the roster keeps the
//! accepted form of everybody.
//!
//! Nothing here asks for the time or reaches out; a connector reads, [`examine`] judges, the store keeps.

mod colleagues;
mod guard;
mod identity;
mod intake;
mod losses;
mod person;
mod reading;
mod record;
mod renewal;
mod roster;
#[cfg(test)]
mod tests;

pub use colleagues::Colleagues;
pub use guard::{Fill, Guards, Rejection};
pub use intake::{Accepted, Examination, IntakeSettings, examine};
pub(crate) use person::Managers;
pub use person::{Contract, Manager, Person, PrimaryKey, PrimaryOrder, bridged};
pub use reading::{
    Changes, Completeness, ContractRow, Cursor, Defect, Department, Departments, Fingerprint, Incomplete, PersonRow,
    Reading, ReadingHash, Snapshot, SnapshotBuilder, SourcePerson,
};
pub use record::{Conflict, ContractRecord, Leave, Missing, PersonRecord, Presence, Standing};
pub use roster::{AcceptedReading, Roster, RosterChange};
