//! From rows to changes: when a ledger is opened, and when another process wrote to it.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::DateTime;
use provisioning_core::audit::{Record, Salt, Sealed};
use provisioning_core::books::{Books, Change, Entry};
use provisioning_core::policy::PolicyVersion;
use provisioning_core::source::{PersonRecord, RosterChange};
use provisioning_core::target::ObservationChange;
use provisioning_core::{Digest, RecordId, SourceId, StoreError, TargetId};
use serde::de::DeserializeOwned;

use crate::Sort;
use crate::connection::{Arg, Connection, Row};
use crate::error::odd;
use crate::write::place;

/// How many records are folded at once.
const BATCH: usize = 4096;

/// Takes in what was written after step `seen`; the number of the last step comes back.
pub(crate) async fn read(connection: &mut Connection, books: &mut Books, seen: i64) -> Result<i64, StoreError> {
    let (mut seen, mut step, mut erased, mut policy, mut revision) = (seen, seen, 0, None, None);
    let each = &mut |row: &dyn Row| {
        step = row.int(0)?.unwrap_or(seen);
        policy = row.text(1)?;
        revision = row.text(2)?;
        erased = row.int(3)?.unwrap_or(0);
        Ok(())
    };
    connection.rows("SELECT change, policy, roster, erased FROM ledger", Vec::new(), each).await?;
    if step == seen {
        return Ok(step);
    }
    if seen >= 0 && erased > seen {
        // Rows that were dropped cannot be seen, so all of it is read once more.
        books.clear();
        seen = -1;
    }
    records(connection, books).await?;
    if let Some(revision) = revision {
        people(connection, books, (seen, parsed("the revision of the roster", &revision)?)).await?;
    }
    shown(connection, books, seen).await?;
    agenda(connection, books, seen).await?;
    let policy = policy.map(|text| parsed("the version of the policy", &text)).transpose()?;
    books.make(Change { policy: policy.map(PolicyVersion), ..Change::default() });
    Ok(step)
}

async fn records(connection: &mut Connection, books: &mut Books) -> Result<(), StoreError> {
    let from = books.head().records;
    let mut batch = Vec::with_capacity(BATCH);
    let each = &mut |row: &dyn Row| {
        let sealed = sealed(row)?;
        let content = sealed.content.as_ref();
        let record = content.map(|(_, payload)| from_json::<Record>("a record of the audit", payload)).transpose()?;
        batch.push((sealed, record));
        if batch.len() == BATCH {
            let records = std::mem::replace(&mut batch, Vec::with_capacity(BATCH));
            books.make(Change { records, ..Change::default() });
        }
        Ok(())
    };
    let sql = "SELECT place, salt, payload, digest, hash FROM audit WHERE place >= $1 ORDER BY place";
    connection.rows(sql, vec![Arg::int(place(from))], each).await?;
    books.make(Change { records: batch, ..Change::default() });
    Ok(())
}

/// A record in its place, as it was written.
pub(crate) fn sealed(row: &dyn Row) -> Result<Sealed, StoreError> {
    let at = row.int(0)?.and_then(|place| u64::try_from(place).ok());
    let at = at.ok_or_else(|| odd("the place of a record", "it is no number"))?;
    let content = match (row.bytes(1)?, row.text(2)?) {
        (Some(salt), Some(payload)) => Some((Salt(exactly(salt)?), payload)),
        (None, None) => None,
        _ => return Err(odd("a record of the audit", "half of it was erased")),
    };
    let hash = |place| row.bytes(place)?.map_or_else(|| Err(odd("a hash", "it is not there")), exactly).map(Digest);
    Ok(Sealed { place: at, content, digest: hash(3)?, hash: hash(4)? })
}

async fn people(connection: &mut Connection, books: &mut Books, since: (i64, Digest)) -> Result<(), StoreError> {
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
        books.make(Change { roster: Some((change, revision)), ..Change::default() });
    }
    Ok(())
}

async fn shown(connection: &mut Connection, books: &mut Books, seen: i64) -> Result<(), StoreError> {
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
        books.make(Change { observation: Some((target, change)), ..Change::default() });
    }
    Ok(())
}

async fn agenda(connection: &mut Connection, books: &mut Books, seen: i64) -> Result<(), StoreError> {
    let mut change = Change::default();
    let each = &mut |row: &dyn Row| {
        let person: RecordId = named("a person", &given(row, 0)?)?;
        let wake = row.int(2)?.map(|micros| {
            DateTime::from_timestamp_micros(micros)
                .ok_or_else(|| odd("the date of a person", "there is no such instant"))
        });
        let watches = row.text(3)?.map(|text| from_json("an appointment", &text)).transpose()?;
        let entry = Entry::asleep(wake.transpose()?, watches.unwrap_or_default());
        let entry = if row.int(1)? == Some(1) { books.woken(entry) } else { entry };
        change.agenda.insert(provisioning_core::PersonId(person), entry);
        Ok(())
    };
    let sql = "SELECT person, due, wake, watches FROM agenda WHERE change > $1";
    connection.rows(sql, vec![Arg::int(seen)], each).await?;
    books.make(change);
    Ok(())
}

fn given(row: &dyn Row, place: usize) -> Result<String, StoreError> {
    row.text(place)?.ok_or_else(|| odd("a value", "it is not there"))
}

fn exactly<const N: usize>(bytes: Vec<u8>) -> Result<[u8; N], StoreError> {
    let length = bytes.len();
    bytes.try_into().map_err(|_| odd("a hash or salt", format!("it has {length} bytes and not {N}")))
}

fn named<T: std::str::FromStr>(what: &str, text: &str) -> Result<T, StoreError>
where
    T::Err: std::fmt::Display,
{
    text.parse().map_err(|error| odd(what, error))
}

fn parsed(what: &str, text: &str) -> Result<Digest, StoreError> {
    named(what, text)
}

/// The error tells where in the text, and nothing of it.
fn from_json<T: DeserializeOwned>(what: &str, text: &str) -> Result<T, StoreError> {
    serde_json::from_str(text).map_err(|error| odd(what, format!("column {}", error.column())))
}
