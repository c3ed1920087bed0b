//! Readings held against the roster, in text: rows go in, the accepted form of everybody comes out.

mod conflicts;
mod countdown;
mod guards;
mod people;
mod rows;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use chrono_tz::Tz;
use expect_test::Expect;

use crate::digest::Digest;
use crate::id::{RecordId, SourceId};
use crate::ledger::Tombstones;
use crate::period::Period;
use crate::samples::{at, id, name_key};
use crate::source::{
    Accepted, Changes, Conflict, ContractRecord, Cursor, Departments, Examination, Fingerprint, Guards, IntakeSettings,
    Presence, Reading, ReadingHash, Rejection, Roster, SourcePerson, Standing, examine,
};
use crate::testing::snapshot;

/// A roster that readings of `hr` come into.
struct Feed {
    roster: Roster,
    settings: IntakeSettings,
    allowed: BTreeSet<ReadingHash>,
    released: BTreeSet<(RecordId, Digest)>,
    tombstones: Tombstones,
}

fn hr() -> SourceId {
    id("hr")
}

impl Feed {
    /// Guards are wide open, three readings count somebody out, and surname and birth tell people apart.
    fn new() -> Self {
        let guards =
            Guards { max_missing_percent: 100, max_missing_floor: 0, max_hollow_points: 100, max_hollow_floor: 0 };
        let identity = vec![id("surname"), id("birth")];
        let settings = IntakeSettings { zone: Tz::UTC, missing_readings: 3, guards, identity };
        let tombstones = Tombstones::new(name_key());
        Self { roster: Roster::default(), settings, allowed: BTreeSet::new(), released: BTreeSet::new(), tombstones }
    }

    fn examine(&self, now: &str, reading: &Reading) -> Examination {
        let linked = BTreeMap::new();
        let (allowed, released) = (&self.allowed, &self.released);
        let before =
            Accepted { roster: &self.roster, allowed, released, linked: &linked, tombstones: &self.tombstones };
        examine(reading, &before, &self.settings, at(now))
    }

    /// How many records a reading changes, or why it does not count.
    fn take(&mut self, now: &str, reading: &Reading) -> Result<usize, Vec<Rejection>> {
        match self.examine(now, reading) {
            Examination::Accepted(change) => {
                self.roster.apply(&change);
                Ok(change.records.len())
            }
            Examination::Rejected { why, .. } => Err(why),
        }
    }

    /// A whole reading of now.
    fn reads(&mut self, now: &str, rows: &str) -> usize {
        self.reads_of(now, now, rows).unwrap()
    }

    /// A whole reading that speaks of another instant.
    fn reads_of(&mut self, now: &str, taken_at: &str, rows: &str) -> Result<usize, Vec<Rejection>> {
        self.take(now, &Reading::Whole(snapshot(&hr(), "environment", rows, at(taken_at))))
    }

    /// Changes since the last reading.
    fn changes(&mut self, now: &str, rows: &str, removed: &[&str]) -> Result<usize, Vec<Rejection>> {
        self.take(now, &Reading::Changes(changed(now, rows, removed)))
    }

    fn check(&self, expected: &Expect) {
        expected.assert_eq(&self.shown());
    }

    /// Everybody and every contract, a line each.
    fn shown(&self) -> String {
        let mut text = String::new();
        for record in self.roster.records() {
            let presence = match record.presence {
                Presence::Present => "present".to_owned(),
                Presence::Missing(missing) => format!("missing {} times", missing.readings),
                Presence::Gone => "gone".to_owned(),
            };
            let fields: Vec<String> = record.fields.iter().map(|(name, value)| format!("{name}={value}")).collect();
            let (key, since) = (&record.id.key, record.facts_since);
            write!(text, "{key} {presence}, since {since} [{}]", fields.join(" ")).unwrap();
            for defect in &record.defects {
                write!(text, ", defect: {defect}").unwrap();
            }
            match &record.conflict {
                None => {}
                Some(Conflict::OtherEvidence { .. }) => text.push_str(", somebody else?"),
                Some(Conflict::LooksLike { other, .. }) => write!(text, ", {other}?").unwrap(),
                Some(Conflict::Erased { .. }) => text.push_str(", erased"),
            }
            text.push('\n');
            for contract in &record.contracts {
                writeln!(text, "  {}", contract_in_words(contract)).unwrap();
            }
        }
        text
    }
}

fn contract_in_words(contract: &ContractRecord) -> String {
    let ContractRecord { id, period, standing, known_since, facts_since, .. } = contract;
    let standing = match standing {
        Standing::Present => "present".to_owned(),
        Standing::Missing(missing) => format!("missing {} times", missing.readings),
        Standing::Withdrawn => "withdrawn".to_owned(),
        Standing::TakenBack => "taken back".to_owned(),
        Standing::Concluded => "concluded".to_owned(),
    };
    let period = period.map_or("never".to_owned(), |period: Period| period.to_string());
    format!("{id} {standing}, {period}, known {known_since}, facts {facts_since}")
}

fn changed(now: &str, rows: &str, removed: &[&str]) -> Changes {
    let all = snapshot(&hr(), "environment", rows, at(now));
    let people: Vec<SourcePerson> = all.people().cloned().collect();
    let departments = Some(all.departments).filter(|departments| *departments != Departments::default());
    Changes {
        source: hr(),
        fingerprint: Fingerprint("environment".to_owned()),
        taken_at: at(now),
        cursor: Cursor(now.to_owned()),
        people,
        removed: removed.iter().map(|key| id(key)).collect(),
        departments,
    }
}
