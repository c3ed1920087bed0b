//! The accepted form of a person and of each contract: what the rest of the system believes.

use chrono::NaiveDate;
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

use crate::digest::Digest;
use crate::id::{ContractId, DepartmentCode, RecordId};
use crate::period::Period;
use crate::source::Defect;
use crate::value::{Fields, Value};

/// How often something was absent from readings, so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Missing {
    /// In how many accepted readings, on different days.
    pub readings: u32,
    /// The civil day of the last of them.
    pub last: NaiveDate,
}

impl Missing {
    /// One more reading without it; a second one on the same day does not count.
    pub(super) fn again(missing: Option<Self>, today: NaiveDate) -> Self {
        match missing {
            None => Self { readings: 1, last: today },
            Some(earlier) if earlier.last < today => Self { readings: earlier.readings + 1, last: today },
            Some(earlier) => earlier,
        }
    }
}

/// Whether a person's record is in the source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Presence {
    /// The last accepted reading has it.
    Present,
    /// Absent, but not long enough to believe it; a row that cannot be used neither ends nor continues that.
    Missing(Missing),
    /// Absent for so many readings that the source must mean it.
    Gone,
}

/// Why a record may be another person's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Conflict {
    /// The key was given to somebody else: name and date of birth are other ones.
    OtherEvidence {
        /// The hash of what the new row says of itself; a release names it.
        evidence: Digest,
    },
    /// A new record says the same of itself as a person who is known already.
    LooksLike {
        /// The record that it looks like.
        other: RecordId,
        /// The hash of what both say of themselves; a release names it.
        evidence: Digest,
    },
    /// Somebody of this source and key was erased.
    Erased {
        /// What is left of that one; a release names it.
        evidence: Digest,
    },
}

/// Whether a contract is in the source, and what that makes of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// As the source gives it.
    Present,
    /// Absent, but not long enough to believe it; it counts downwards only.
    Missing(Missing),
    /// It never was: it had not started when it was taken back.
    Withdrawn,
    /// The source gives it an end before its start, after it had started: its period says when it ended.
    TakenBack,
    /// Absent for so many readings that the source must mean it; its period says when it ended, or will end.
    Concluded,
}

/// A contract in its accepted form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContractRecord {
    /// Its key in the source.
    pub id: ContractId,
    /// The dates as last read, which may be the wrong way round.
    pub read: (NaiveDate, Option<NaiveDate>),
    /// The days that count; a withdrawn contract has none.
    pub period: Option<Period>,
    /// Whether it is in the source.
    pub standing: Standing,
    /// The zone whose civil days count for it; without one the person's.
    pub zone: Option<Tz>,
    /// The day on which its present dates were first accepted.
    pub known_since: NaiveDate,
    /// Whether its present dates came with the first reading of its source: nobody entered them on that day.
    #[serde(default)]
    pub imported: bool,
    /// The day on which its present fields were first accepted.
    pub facts_since: NaiveDate,
    /// All other fields.
    pub fields: Fields,
}

impl ContractRecord {
    /// Its dates became others today.
    pub(super) fn become_known(&mut self, today: NaiveDate) {
        self.known_since = today;
        self.imported = false;
    }

    /// The first day without it, as far as the source gives it or gave it just now; `NaiveDate::MAX` is open.
    pub(super) fn counted_until(&self) -> Option<NaiveDate> {
        match self.standing {
            Standing::Present | Standing::Missing(_) => Some(self.period?.end().unwrap_or(NaiveDate::MAX)),
            Standing::Withdrawn | Standing::TakenBack | Standing::Concluded => None,
        }
    }
}

/// When all contracts of a record are over, and since when that is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Leave {
    /// The day on which the last of the dates was first accepted; `None` where all came with the first reading of the source.
    pub entered: Option<NaiveDate>,
    /// The first day without a contract.
    pub day: NaiveDate,
}

/// A person's record in its accepted form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PersonRecord {
    /// Source and key.
    pub id: RecordId,
    /// Whether it is in the source.
    pub presence: Presence,
    /// What is wrong with the record as last read; the rest is from before.
    pub defects: Vec<Defect>,
    /// Why the record as last read may be another person's; the rest is from before.
    pub conflict: Option<Conflict>,
    /// The zone whose civil days count; without one the organisation's.
    pub zone: Option<Tz>,
    /// The day on which its present fields were first accepted.
    pub facts_since: NaiveDate,
    /// All fields of the person.
    pub fields: Fields,
    /// The contracts in order of id.
    pub contracts: Vec<ContractRecord>,
}

impl ContractRecord {
    /// The code of the department that it is in.
    #[must_use]
    pub fn department(&self) -> Option<DepartmentCode> {
        let code = match self.fields.value("department")? {
            Value::Text(code) => code.trim().to_owned(),
            Value::Number(code) => code.to_string(),
            Value::Null | Value::Bool(_) | Value::Date(_) | Value::List(_) | Value::Account(_) => return None,
        };
        DepartmentCode::new(&code).ok()
    }
}

impl PersonRecord {
    /// Whether the last accepted reading has a row of it that cannot be used.
    #[must_use]
    pub fn is_held(&self) -> bool {
        !self.defects.is_empty() || self.conflict.is_some()
    }

    /// Whether nothing that a source said of it was ever accepted.
    #[must_use]
    pub fn is_unheard(&self) -> bool {
        self.is_held() && self.fields.is_empty() && self.contracts.is_empty()
    }

    /// Whether something may be given because of it.
    #[must_use]
    pub fn is_firm(&self) -> bool {
        !self.is_lowered() && self.presence == Presence::Present
    }

    /// Whether nothing may be created, enabled or granted because of this record, and nothing deleted.
    #[must_use]
    pub fn is_lowered(&self) -> bool {
        self.is_held() || matches!(self.presence, Presence::Missing(_))
    }

    /// Whether a countdown of missing readings is under way for it or one of its contracts; it rests while the record
    /// is held.
    #[must_use]
    pub fn is_counted_down(&self) -> bool {
        matches!(self.presence, Presence::Missing(_))
            || self.contracts.iter().any(|contract| matches!(contract.standing, Standing::Missing(_)))
    }

    /// When the record has no contract any more; `None` while one is open, or when there never was one.
    #[must_use]
    pub fn leaves(&self) -> Option<Leave> {
        let mut last = None;
        for period in self.contracts.iter().filter_map(|contract| contract.period) {
            last = last.max(Some(period.end()?));
        }
        let entered = self.contracts.iter().filter(|contract| !contract.imported).map(|contract| contract.known_since);
        last.map(|day| Leave { entered: entered.max(), day })
    }
}
