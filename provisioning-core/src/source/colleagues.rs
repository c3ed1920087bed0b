//! Whom and what a person's records stand among.

use std::fmt;

use crate::id::{RecordId, SourceId};
use crate::source::{Departments, PersonRecord, Roster};

/// The departments and the people of the sources, as whoever puts a person together knows them.
pub trait Colleagues: fmt::Debug + Send + Sync {
    /// The departments of a source; none where it is not known.
    fn departments(&self, source: &SourceId) -> &Departments;

    /// The record of somebody.
    fn record(&self, id: &RecordId) -> Option<&PersonRecord>;
}

impl Colleagues for Roster {
    fn departments(&self, source: &SourceId) -> &Departments {
        Self::departments(self, source)
    }

    fn record(&self, id: &RecordId) -> Option<&PersonRecord> {
        Self::record(self, id)
    }
}

/// The same departments for every source, and nobody in them.
impl Colleagues for Departments {
    fn departments(&self, _source: &SourceId) -> &Departments {
        self
    }

    fn record(&self, _id: &RecordId) -> Option<&PersonRecord> {
        None
    }
}
