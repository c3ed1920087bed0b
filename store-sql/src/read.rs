//! From rows to changes: when a ledger is opened, and when another process wrote to it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use chrono::DateTime;
use provisioning_core::audit::{Check, Finder, Head, Salt, Sealed};
use provisioning_core::books::{Books, Change, Entry};
use provisioning_core::policy::PolicyVersion;
use provisioning_core::source::{PersonRecord, RosterChange};
use provisioning_core::target::ObservationChange;
use provisioning_core::{Digest, RecordId, SourceId, StoreError, TargetId};
use serde::de::DeserializeOwned;

use crate::Sort;
use crate::connection::{Arg, Connection, Row};
use crate::error::odd;
use crate::write::as_i64;

/// How many records are folded at once.
const BATCH: usize = 4096;

/// Where the ledger stands.
#[derive(Debug, Default)]
struct Last {
    /// The number of the last step.
    step: i64,
    /// That of the last step that dropped rows, which cannot be seen.
    erased: i64,
    policy: Option<String>,
    revision: Option<String>,
}

/// Where what is read goes: into books that nobody sees yet, or, all at once when all was read, into those that are shown.
struct Intake<'a> {
    books: &'a mut Books,
    waiting: Option<Vec<Change>>,
}

impl Intake<'_> {
    fn take(&mut self, change: Change) {
        match &mut self.waiting {
            Some(waiting) => waiting.push(change),
            None => self.books.make(change),
        }
    }

    fn finish(self) {
        self.waiting.into_iter().flatten().for_each(|change| self.books.make(change));
    }
}

/// Fills empty books that nobody sees yet; the number of the last step comes back.
pub(crate) async fn all(connection: &mut Connection, books: &mut Books) -> Result<i64, StoreError> {
    let last = last(connection).await?;
    since(connection, Intake { books, waiting: None }, (-1, &last)).await?;
    Ok(last.step)
}

/// Takes in what was written after step `seen`, all of it or, when this fails or is given up, nothing; the number of the last
/// step comes back.
pub(crate) async fn news(connection: &mut Connection, books: &mut Books, seen: i64) -> Result<i64, StoreError> {
    let last = last(connection).await?;
    if last.step == seen {
        return Ok(seen);
    }
    if last.step < seen || !goes_on(connection, books.head()).await? {
        return Err(replaced());
    }
    if last.erased > seen {
        // Rows that were dropped cannot be seen, so all of it is read once more.
        let mut fresh = books.emptied();
        since(connection, Intake { books: &mut fresh, waiting: None }, (-1, &last)).await?;
        books.take_over(fresh);
    } else {
        since(connection, Intake { books, waiting: Some(Vec::new()) }, (seen, &last)).await?;
    }
    Ok(last.step)
}

pub(crate) fn replaced() -> StoreError {
    let message = "the ledger is not the one any more that was opened: it was restored or replaced; end this process and \
                   start it again";
    StoreError::Failed { message: message.to_owned() }
}

async fn last(connection: &mut Connection) -> Result<Last, StoreError> {
    let mut last = None;
    let each = &mut |row: &dyn Row| {
        let (step, erased) = (row.int(0)?.unwrap_or_default(), row.int(3)?.unwrap_or_default());
        last = Some(Last { step, erased, policy: row.text(1)?, revision: row.text(2)? });
        Ok(())
    };
    connection.rows("SELECT change, policy, roster, erased FROM ledger", Vec::new(), each).await?;
    last.ok_or_else(|| odd("the number of the last step", "it is not there"))
}

/// The head of the chain as it is kept; whether it follows from the one that is known, reading what came since tells.
pub(crate) async fn head(connection: &mut Connection) -> Result<Head, StoreError> {
    let mut head = Head::EMPTY;
    let each = &mut |row: &dyn Row| {
        let records = row.int(0)?.and_then(|place| u64::try_from(place).ok()).map(|place| place + 1);
        let hash = row.bytes(1)?.map_or_else(|| Err(odd("a hash", "it is not there")), exactly)?;
        head = Head { records: records.unwrap_or_default(), hash: Digest(hash) };
        Ok(())
    };
    connection.rows("SELECT place, hash FROM audit ORDER BY place DESC LIMIT 1", Vec::new(), each).await?;
    Ok(head)
}

/// Whether the chain still has the head that it had.
async fn goes_on(connection: &mut Connection, head: Head) -> Result<bool, StoreError> {
    let Some(end) = head.records.checked_sub(1) else { return Ok(true) };
    let mut is_same = false;
    let each = &mut |row: &dyn Row| {
        is_same = row.bytes(0)?.is_some_and(|hash| hash == head.hash.0);
        Ok(())
    };
    connection.rows("SELECT hash FROM audit WHERE place = $1", vec![Arg::int(as_i64(end))], each).await?;
    Ok(is_same)
}

async fn since(
    connection: &mut Connection,
    mut intake: Intake<'_>,
    (seen, last): (i64, &Last),
) -> Result<(), StoreError> {
    records(connection, &mut intake).await?;
    if let Some(revision) = &last.revision {
        people(connection, &mut intake, (seen, parsed("the revision of the roster", revision)?)).await?;
    }
    shown(connection, &mut intake, seen).await?;
    agenda(connection, &mut intake, seen).await?;
    let policy = last.policy.as_ref().map(|text| parsed("the version of the policy", text)).transpose()?;
    intake.take(Change { policy: policy.map(PolicyVersion), ..Change::default() });
    intake.finish();
    Ok(())
}

async fn records(connection: &mut Connection, intake: &mut Intake<'_>) -> Result<(), StoreError> {
    let mut check = Check::after(intake.books.head());
    let from = check.head().records;
    let mut batch = Vec::new();
    let each = &mut |row: &dyn Row| {
        let sealed = sealed(row)?;
        let at = check.head().records;
        check.take(&sealed).map_err(|what| broken(at, what))?;
        let record = sealed.record().map_err(|error| StoreError::Failed { message: error.to_string() })?;
        batch.push((sealed, record));
        if batch.len() == BATCH {
            let records = std::mem::replace(&mut batch, Vec::with_capacity(BATCH));
            intake.take(Change { records, ..Change::default() });
        }
        Ok(())
    };
    let sql = "SELECT place, salt, payload, digest, hash FROM audit WHERE place >= $1 ORDER BY place";
    connection.rows(sql, vec![Arg::int(as_i64(from))], each).await?;
    check.finish().map_err(|(place, what)| broken(place, what))?;
    intake.take(Change { records: batch, ..Change::default() });
    Ok(())
}

/// The places of the records that name somebody.
pub(crate) async fn naming(connection: &mut Connection, mut finder: Finder<'_>) -> Result<BTreeSet<u64>, StoreError> {
    let mut places = BTreeSet::new();
    let each = &mut |row: &dyn Row| {
        let sealed = sealed(row)?;
        let record = sealed.record().map_err(|error| StoreError::Failed { message: error.to_string() })?;
        if record.is_some_and(|record| finder.names(&record)) {
            places.insert(sealed.place);
        }
        Ok(())
    };
    let sql = "SELECT place, salt, payload, digest, hash FROM audit WHERE payload IS NOT NULL ORDER BY place";
    connection.rows(sql, Vec::new(), each).await?;
    Ok(places)
}

fn broken(place: u64, what: &str) -> StoreError {
    StoreError::Failed {
        message: format!(
            "record {place} of the audit is not as it was written: {what}; restore the ledger from a backup, and keep this one \
             for whoever finds out how that came about"
        ),
    }
}

/// A record in its place, as it was written.
pub(crate) fn sealed(row: &dyn Row) -> Result<Sealed, StoreError> {
    let at = row.int(0)?.and_then(|place| u64::try_from(place).ok());
    let at = at.ok_or_else(|| odd("the place of a record", "it is no number"))?;
    let content = match (row.bytes(1)?, row.text(2)?) {
        (Some(salt), Some(payload)) => Some((Salt(exactly(salt)?), payload)),
        (None, None) => None,
        _ => return Err(broken(at, "half of it was erased")),
    };
    let hash = |place| row.bytes(place)?.map_or_else(|| Err(odd("a hash", "it is not there")), exactly).map(Digest);
    Ok(Sealed { place: at, content, digest: hash(3)?, hash: hash(4)? })
}

async fn people(connection: &mut Connection, intake: &mut Intake<'_>, since: (i64, Digest)) -> Result<(), StoreError> {
    let (seen, revision) = since;
    let mut by_source: BTreeMap<SourceId, Vec<Arc<PersonRecord>>> = BTreeMap::new();
    let each = &mut |row: &dyn Row| {
        let record: PersonRecord = from_json("a record of a person", &given(row, 0)?)?;
        by_source.entry(record.id.source.clone()).or_default().push(Arc::new(record));
        Ok(())
    };
    let sql = "SELECT content FROM people WHERE change > $1 ORDER BY record";
    connection.rows(sql, vec![Arg::int(seen)], each).await?;
    let mut changes = Vec::new();
    let each = &mut |row: &dyn Row| {
        let source: SourceId = named("a source", &given(row, 0)?)?;
        let departments = row.text(2)?.map(|text| from_json("departments", &text)).transpose()?;
        let fill = row.text(3)?.map(|text| from_json("a source", &text)).transpose()?;
        changes.push(RosterChange {
            records: by_source.remove(&source).unwrap_or_default(),
            reading: from_json("a reading", &given(row, 1)?)?,
            identity: from_json("a source", &given(row, 4)?)?,
            source,
            departments,
            fill,
        });
        Ok(())
    };
    let sql = "SELECT source, reading, departments, fill, identity FROM sources WHERE change > $1 ORDER BY source";
    connection.rows(sql, vec![Arg::int(seen)], each).await?;
    for change in changes {
        intake.take(Change { roster: Some((change, revision)), ..Change::default() });
    }
    Ok(())
}

async fn shown(connection: &mut Connection, intake: &mut Intake<'_>, seen: i64) -> Result<(), StoreError> {
    let mut targets: BTreeMap<TargetId, ObservationChange> = BTreeMap::new();
    let each = &mut |row: &dyn Row| {
        let target: TargetId = named("a target", &given(row, 0)?)?;
        let cursor = row.text(1)?.map(|text| from_json("a cursor", &text)).transpose()?;
        let complete = row.int(2)? == Some(1);
        targets.insert(target, ObservationChange { cursor, complete, ..ObservationChange::default() });
        Ok(())
    };
    let sql = "SELECT target, place, complete FROM targets WHERE change > $1";
    connection.rows(sql, vec![Arg::int(seen)], each).await?;
    let each = &mut |row: &dyn Row| {
        let target: TargetId = named("a target", &given(row, 0)?)?;
        let (sort, id, content) = (Sort::of(row.int(1)?)?, given(row, 2)?, row.text(3)?);
        let Some(change) = targets.get_mut(&target) else {
            return Err(odd("what a target shows", "the target is not there"));
        };
        match sort {
            Sort::Account => {
                let account = content.map(|text| from_json("an account", &text)).transpose()?;
                change.accounts.insert(named("an account", &id)?, account);
            }
            Sort::Resource => {
                let resource = content.map(|text| from_json("a resource", &text)).transpose()?;
                change.resources.insert(named("a resource", &id)?, resource);
            }
            Sort::Early => {
                let held = content.map(|text| from_json("a membership", &text)).transpose()?;
                change.early.insert(named("an account", &id)?, held);
            }
        }
        Ok(())
    };
    let sql = "SELECT target, sort, id, content FROM shown WHERE change > $1";
    connection.rows(sql, vec![Arg::int(seen)], each).await?;
    for (target, change) in targets {
        intake.take(Change { observation: Some((target, change)), ..Change::default() });
    }
    Ok(())
}

async fn agenda(connection: &mut Connection, intake: &mut Intake<'_>, seen: i64) -> Result<(), StoreError> {
    let mut change = Change::default();
    let each = &mut |row: &dyn Row| {
        let person: RecordId = named("a person", &given(row, 0)?)?;
        let wake = row.int(2)?.map(|micros| {
            DateTime::from_timestamp_micros(micros)
                .ok_or_else(|| odd("the date of a person", "there is no such instant"))
        });
        let watches = row.text(3)?.map(|text| from_json("an appointment", &text)).transpose()?;
        let entry = Entry::asleep(wake.transpose()?, watches.unwrap_or_default());
        let entry = if row.int(1)? == Some(1) { intake.books.woken(entry) } else { entry };
        change.agenda.insert(provisioning_core::PersonId(person), entry);
        Ok(())
    };
    let sql = "SELECT person, due, wake, watches FROM agenda WHERE change > $1";
    connection.rows(sql, vec![Arg::int(seen)], each).await?;
    intake.take(change);
    Ok(())
}

fn given(row: &dyn Row, place: usize) -> Result<String, StoreError> {
    row.text(place)?.ok_or_else(|| odd("a value", "it is not there"))
}

fn exactly<const N: usize>(bytes: Vec<u8>) -> Result<[u8; N], StoreError> {
    let length = bytes.len();
    bytes.try_into().map_err(|_| odd("a hash or salt", format!("it has {length} bytes and not {N}")))
}

/// The error repeats nothing of the text.
fn named<T: std::str::FromStr>(what: &str, text: &str) -> Result<T, StoreError> {
    text.parse().map_err(|_| odd(what, "it is not written as one"))
}

fn parsed(what: &str, text: &str) -> Result<Digest, StoreError> {
    named(what, text)
}

/// The error tells where in the text, and nothing of it.
fn from_json<T: DeserializeOwned>(what: &str, text: &str) -> Result<T, StoreError> {
    serde_json::from_str(text).map_err(|error| odd(what, format!("column {}", error.column())))
}
