//! From a change to rows.

use provisioning_core::StoreError;
use provisioning_core::audit::{Record, Sealed};
use provisioning_core::books::{Change, Entry};
use provisioning_core::source::RosterChange;
use provisioning_core::target::ObservationChange;
use provisioning_core::{Digest, PersonId, TargetId};
use serde::Serialize;

use crate::Sort;
use crate::connection::{Arg, Connection};
use crate::error::odd;

/// Writes all of a change, as step number `step`.
pub(crate) async fn write(connection: &mut Connection, change: &Change, step: i64) -> Result<(), StoreError> {
    if !change.forgotten.is_empty() {
        erase(connection, change, step).await?;
    }
    records(connection, &change.records).await?;
    if let Some((of_source, revision)) = &change.roster {
        people(connection, of_source, *revision, step).await?;
    }
    if let Some((target, of_target)) = &change.observation {
        shown(connection, target, of_target, step).await?;
    }
    agenda(connection, &change.agenda, step).await?;
    if let Some(policy) = &change.policy {
        connection.execute("UPDATE ledger SET policy = $1", vec![Arg::text(&policy.0)]).await?;
    }
    Ok(())
}

/// Drops all that is kept of people who are erased, before the record of it is written.
async fn erase(connection: &mut Connection, change: &Change, step: i64) -> Result<(), StoreError> {
    for erased in &change.erased {
        let sql = "UPDATE audit SET salt = NULL, payload = NULL WHERE place = $1";
        connection.execute(sql, vec![Arg::int(as_i64(*erased))]).await?;
    }
    for person in &change.forgotten {
        connection.execute("DELETE FROM people WHERE record = $1", vec![Arg::text(person)]).await?;
        connection.execute("DELETE FROM agenda WHERE person = $1", vec![Arg::text(person)]).await?;
    }
    // Whoever was not here reads all of it anew after this step, so nobody needs to be told of what is gone.
    for gone in [
        "DELETE FROM shown WHERE content IS NULL",
        "DELETE FROM agenda WHERE due = 0 AND wake IS NULL AND watches IS NULL",
    ] {
        connection.execute(gone, Vec::new()).await?;
    }
    connection.execute("UPDATE ledger SET erased = $1", vec![Arg::int(step)]).await.map(|_| ())
}

async fn records(connection: &mut Connection, records: &[(Sealed, Option<Record>)]) -> Result<(), StoreError> {
    let rows = records.iter().map(|(sealed, _)| {
        let (salt, payload) = match &sealed.content {
            Some((salt, payload)) => (Some(salt.0.to_vec()), Some(payload.clone())),
            None => (None, None),
        };
        let (digest, hash) = (Arg::bytes(&sealed.digest.0), Arg::bytes(&sealed.hash.0));
        vec![Arg::int(as_i64(sealed.place)), Arg::Bytes(salt), Arg::Text(payload), digest, hash]
    });
    let table = Table {
        name: "audit",
        columns: &["place", "salt", "payload", "digest", "hash"],
        key: 1,
        again: Again::Refused,
    };
    table.put(connection, rows.collect()).await
}

async fn people(
    connection: &mut Connection,
    change: &RosterChange,
    revision: Digest,
    step: i64,
) -> Result<(), StoreError> {
    let mut rows = Vec::with_capacity(change.records.len());
    for record in &change.records {
        rows.push(vec![Arg::text(&record.id), json(record)?, Arg::int(step)]);
    }
    let table = Table { name: "people", columns: &["record", "content", "change"], key: 1, again: REPLACED };
    table.put(connection, rows).await?;
    let row = vec![
        Arg::text(&change.source),
        json(&change.reading)?,
        maybe_json(change.departments.as_ref())?,
        maybe_json(change.fill.as_ref())?,
        json(&change.identity)?,
        Arg::int(step),
    ];
    let columns = &["source", "reading", "departments", "fill", "identity", "change"];
    let table = Table { name: "sources", columns, key: 1, again: Again::Replaced { keep: &["departments", "fill"] } };
    table.put(connection, vec![row]).await?;
    connection.execute("UPDATE ledger SET roster = $1", vec![Arg::text(&revision)]).await.map(|_| ())
}

async fn shown(
    connection: &mut Connection,
    target: &TargetId,
    change: &ObservationChange,
    step: i64,
) -> Result<(), StoreError> {
    let mut rows = Vec::new();
    let mut put = |sort: Sort, id: String, content| {
        rows.push(vec![Arg::text(target), Arg::int(sort.number()), Arg::Text(Some(id)), content, Arg::int(step)]);
    };
    for (id, account) in &change.accounts {
        put(Sort::Account, id.to_string(), maybe_json(account.as_ref())?);
    }
    for (id, resource) in &change.resources {
        put(Sort::Resource, id.to_string(), maybe_json(resource.as_ref())?);
    }
    for (id, held) in &change.early {
        put(Sort::Early, id.to_string(), maybe_json(held.as_ref())?);
    }
    let columns = &["target", "sort", "id", "content", "change"];
    Table { name: "shown", columns, key: 3, again: REPLACED }.put(connection, rows).await?;
    connection
        .execute(
            "INSERT INTO targets (target, place, complete, change) VALUES ($1, $2, $3, $4) ON CONFLICT (target) DO UPDATE \
             SET place = excluded.place, change = excluded.change, \
             complete = CASE WHEN excluded.complete = 1 THEN 1 ELSE targets.complete END",
            vec![
                Arg::text(target),
                maybe_json(change.cursor.as_ref())?,
                Arg::int(i64::from(change.complete)),
                Arg::int(step),
            ],
        )
        .await
        .map(|_| ())
}

async fn agenda<'a>(
    connection: &mut Connection,
    entries: impl IntoIterator<Item = (&'a PersonId, &'a Entry)>,
    step: i64,
) -> Result<(), StoreError> {
    let mut rows = Vec::new();
    for (person, entry) in entries {
        let watches = (!entry.watches.is_empty()).then_some(&entry.watches);
        rows.push(vec![
            Arg::text(person),
            Arg::int(i64::from(entry.is_due())),
            Arg::Int(entry.wake.map(|wake| wake.timestamp_micros())),
            maybe_json(watches)?,
            Arg::int(step),
        ]);
    }
    let table =
        Table { name: "agenda", columns: &["person", "due", "wake", "watches", "change"], key: 1, again: REPLACED };
    table.put(connection, rows).await
}

/// How many rows go into one statement: few sizes, so that the statements are prepared once each.
const SIZES: [usize; 5] = [256, 64, 16, 4, 1];

/// A table of which rows are written whole.
struct Table {
    name: &'static str,
    columns: &'static [&'static str],
    /// How many of the columns, from the first on, are its key.
    key: usize,
    /// What becomes of a row whose key is there already.
    again: Again,
}

/// What becomes of a row whose key is there already.
enum Again {
    /// It is an error.
    Refused,
    /// It takes the place of the one before, but for the columns that are none in it and are to be kept.
    Replaced { keep: &'static [&'static str] },
}

const REPLACED: Again = Again::Replaced { keep: &[] };

impl Table {
    async fn put(&self, connection: &mut Connection, rows: Vec<Vec<Arg>>) -> Result<(), StoreError> {
        let mut rows = rows.into_iter();
        let mut left = rows.len();
        for size in SIZES {
            let sql = if left >= size { self.statement(size) } else { continue };
            while left >= size {
                let args: Vec<Arg> = rows.by_ref().take(size).flatten().collect();
                connection.execute(&sql, args).await?;
                left -= size;
            }
        }
        Ok(())
    }

    fn statement(&self, rows: usize) -> String {
        let Self { name, columns, key, again } = self;
        let width = columns.len();
        let row = |number: usize| {
            let places: Vec<String> = (1..=width).map(|place| format!("${}", number * width + place)).collect();
            format!("({})", places.join(", "))
        };
        let values: Vec<String> = (0..rows).map(row).collect();
        let (keys, others) = columns.split_at_checked(*key).unwrap_or((columns, &[]));
        let conflict = match again {
            Again::Refused => String::new(),
            Again::Replaced { keep } => {
                let set = others.iter().map(|column| {
                    if keep.contains(column) {
                        format!("{column} = coalesce(excluded.{column}, {name}.{column})")
                    } else {
                        format!("{column} = excluded.{column}")
                    }
                });
                let set: Vec<String> = set.collect();
                format!(" ON CONFLICT ({}) DO UPDATE SET {}", keys.join(", "), set.join(", "))
            }
        };
        format!("INSERT INTO {name} ({}) VALUES {}{conflict}", columns.join(", "), values.join(", "))
    }
}

fn json<T: Serialize>(value: &T) -> Result<Arg, StoreError> {
    serde_json::to_string(value).map(|text| Arg::Text(Some(text))).map_err(|error| odd("something", error))
}

fn maybe_json<T: Serialize>(value: Option<&T>) -> Result<Arg, StoreError> {
    value.map_or(Ok(Arg::Text(None)), json)
}

/// A number as a database keeps it; those of records and fences fit by far.
pub(crate) fn as_i64(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
