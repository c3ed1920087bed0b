//! Guards: what makes a reading so unlikely that it is not believed.

use std::collections::BTreeMap;
use std::fmt;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::source::SourcePerson;

/// How much a reading may differ from the accepted roster.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Guards {
    /// The share of the known people that may be missing at once, in percent; the same goes for contracts.
    pub max_missing_percent: u32,
    /// So many missing people, or contracts, are always believed, however few there are in all.
    pub max_missing_floor: usize,
    /// By how many percent points the share of people whose field says something may fall.
    pub max_hollow_points: u32,
    /// So many people may always lose a field.
    pub max_hollow_floor: usize,
}

impl Default for Guards {
    fn default() -> Self {
        Self { max_missing_percent: 5, max_missing_floor: 5, max_hollow_points: 20, max_hollow_floor: 5 }
    }
}

/// Why a reading was not accepted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rejection {
    /// Nobody is in it, though there were people.
    Empty {
        /// How many people the accepted roster has from that source.
        had: usize,
    },
    /// Too many people are missing at once.
    Shrunk {
        /// How many of them are missing.
        missing: usize,
        /// How many people the accepted roster has from that source.
        had: usize,
        /// How many may be missing.
        limit: usize,
    },
    /// Too many contracts are missing at once, of people who are not missing.
    ContractsMissing {
        /// How many of them are missing.
        missing: usize,
        /// How many contracts in force or to come the accepted roster has from that source.
        had: usize,
        /// How many may be missing.
        limit: usize,
    },
    /// A field that used to say something says nothing for too many people.
    Hollow {
        /// The field; those of contracts begin with `contract.`.
        field: String,
        /// The share that had it before, in percent.
        before: u32,
        /// The share that has it now, in percent.
        now: u32,
    },
    /// It speaks of an earlier instant than the accepted one.
    Older {
        /// The instant that it speaks of.
        taken_at: DateTime<Utc>,
        /// The instant that the accepted one speaks of.
        accepted: DateTime<Utc>,
    },
    /// It speaks of an instant that is still to come.
    Ahead {
        /// The instant that it speaks of.
        taken_at: DateTime<Utc>,
        /// The instant at which it was judged.
        now: DateTime<Utc>,
    },
    /// It comes from another environment than the accepted one.
    OtherOrigin,
    /// It gives changes, but not since the accepted reading.
    NotSinceAccepted,
}

impl Rejection {
    /// Whether a person may say that the reading is right all the same.
    #[must_use]
    pub fn can_be_allowed(&self) -> bool {
        match self {
            Self::Empty { .. } | Self::Shrunk { .. } | Self::ContractsMissing { .. } | Self::Hollow { .. } => true,
            Self::Older { .. } | Self::Ahead { .. } | Self::OtherOrigin | Self::NotSinceAccepted => false,
        }
    }
}

impl fmt::Display for Rejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty { had } => write!(f, "it is empty, and {had} people were known"),
            Self::Shrunk { missing, had, limit } => {
                write!(f, "{missing} of {had} people are missing, and at most {limit} may be")
            }
            Self::ContractsMissing { missing, had, limit } => write!(
                f,
                "{missing} of {had} contracts in force or to come are missing, and at most {limit} may be; \
                 see whether the source leaves contracts out"
            ),
            Self::Hollow { field, before, now } => {
                write!(f, "field `{field}` says something for {now} % of the people, and it was {before} %")
            }
            Self::Older { taken_at, accepted } => write!(f, "it is of {taken_at}, and one of {accepted} was accepted"),
            Self::Ahead { taken_at, now } => write!(
                f,
                "it is of {taken_at}, and it is only {now}; set right the clock of the source, or the one here"
            ),
            Self::OtherOrigin => f.write_str(
                "it comes from another environment than the accepted one; connect the source to that one again, or, if the \
                 people are in another one now, connect it as a source of its own",
            ),
            Self::NotSinceAccepted => {
                f.write_str("its changes do not follow from what was accepted; the source has to be read whole")
            }
        }
    }
}

/// For how many people or contracts each field says something.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fill {
    /// How many people were counted.
    pub people: usize,
    /// How many contracts were counted.
    pub contracts: usize,
    /// By field; those of contracts begin with `contract.`.
    pub known: BTreeMap<String, usize>,
}

impl Guards {
    /// How many of `had` people, contracts or accounts may be missing.
    pub(crate) fn missing_limit(&self, had: usize) -> usize {
        (had * self.max_missing_percent as usize / 100).max(self.max_missing_floor)
    }

    /// Fields that say much less than before.
    pub(super) fn hollow(&self, before: &Fill, now: &Fill) -> Vec<Rejection> {
        let mut found = Vec::new();
        for (field, &known_before) in &before.known {
            let known_now = now.known.get(field).copied().unwrap_or(0);
            let of_contracts = field.starts_with("contract.");
            let (all_before, all_now) =
                if of_contracts { (before.contracts, now.contracts) } else { (before.people, now.people) };
            let (share_before, share_now) = (percent(known_before, all_before), percent(known_now, all_now));
            // Counted as if the population had stayed the same, so that a smaller one is not a hollow one.
            let lost = known_before.saturating_sub(known_now + all_before.saturating_sub(all_now));
            if share_before.saturating_sub(share_now) > self.max_hollow_points && lost > self.max_hollow_floor {
                found.push(Rejection::Hollow { field: field.clone(), before: share_before, now: share_now });
            }
        }
        found
    }
}

fn percent(part: usize, whole: usize) -> u32 {
    (part * 100).checked_div(whole).map_or(0, |share| u32::try_from(share).unwrap_or(100))
}

/// Counts the fields of a reading.
pub(super) fn fill_of<'a>(people: impl Iterator<Item = &'a SourcePerson>) -> Fill {
    let mut fill = Fill::default();
    let mut known: BTreeMap<&str, usize> = BTreeMap::new();
    let mut known_of_contracts: BTreeMap<&str, usize> = BTreeMap::new();
    for person in people {
        fill.people += 1;
        for (name, _) in person.row.fields.iter().filter(|(_, value)| !value.is_blank()) {
            *known.entry(name.as_str()).or_default() += 1;
        }
        for contract in &person.contracts {
            fill.contracts += 1;
            for (name, _) in contract.fields.iter().filter(|(_, value)| !value.is_blank()) {
                *known_of_contracts.entry(name.as_str()).or_default() += 1;
            }
        }
    }
    fill.known = known.into_iter().map(|(name, count)| (name.to_owned(), count)).collect();
    fill.known.extend(known_of_contracts.into_iter().map(|(name, count)| (format!("contract.{name}"), count)));
    fill
}
