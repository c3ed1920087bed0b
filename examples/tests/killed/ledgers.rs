//! Throw-away ledgers, and what has to be so of each in the end.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use chrono::TimeDelta;
use examples::ordeal::Town;
use provisioning_core::audit::{Fact, Record, Verdict, verify};
use provisioning_core::{Clock, Settings, Store, StoreError};
use sqlx::{AssertSqlSafe, Connection, PgConnection};
use store_sql::SqlStore;
use tempfile::TempDir;

/// Where `tests/run` says that a PostgreSQL for tests is.
const SERVER: &str = "PROVISIONING_TEST_POSTGRES";

/// A kind of ledger.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Sqlite,
    Postgres,
}

impl Kind {
    /// The kinds that can be had here.
    pub(crate) fn all() -> Vec<Self> {
        if std::env::var_os(SERVER).is_some() {
            return vec![Self::Sqlite, Self::Postgres];
        }
        eprintln!("not run with PostgreSQL: {SERVER} is not set; tests/run starts one");
        vec![Self::Sqlite]
    }
}

/// A ledger that is thrown away.
#[derive(Debug)]
pub(crate) struct Ledger {
    folder: TempDir,
    /// The address, where it is a database.
    url: Option<String>,
}

static NEXT: AtomicU32 = AtomicU32::new(0);

impl Ledger {
    pub(crate) async fn new(kind: Kind) -> Self {
        // A process that is killed leaves what it wrote to the system, so memory does as well as a disk, and faster.
        let memory = Path::new("/dev/shm");
        let folder = if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() };
        let url = match kind {
            Kind::Sqlite => None,
            Kind::Postgres => Some(schema().await),
        };
        Self { folder: folder.unwrap(), url }
    }

    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// What a program is told.
    pub(crate) fn place(&self) -> String {
        self.url.clone().unwrap_or_else(|| self.folder().join("ledger.db").display().to_string())
    }

    pub(crate) async fn open(&self, settings: &Settings, clock: Arc<dyn Clock>) -> Result<SqlStore, StoreError> {
        match &self.url {
            None => SqlStore::sqlite(&self.folder().join("ledger.db"), settings, clock).await,
            Some(url) => SqlStore::postgres(url, settings, clock).await,
        }
    }
}

async fn schema() -> String {
    let server = std::env::var(SERVER).unwrap();
    let schema = format!("k{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
    let mut connection = PgConnection::connect(&server).await.unwrap();
    let sql = format!("CREATE SCHEMA {schema}");
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut connection).await.unwrap();
    let joined = if server.contains('?') { '&' } else { '?' };
    format!("{server}{joined}options=-csearch_path%3D{schema}")
}

/// The end that a ledger and its town came to; nothing is there twice, the chain is whole, and each intent has one outcome.
pub(crate) async fn end(town: &Town, store: &SqlStore) -> Vec<String> {
    assert_eq!(town.duplicates(), [""; 0], "an account is there twice");
    let sealed = store.audit(0, usize::MAX).await.unwrap();
    let head = store.ledger().read().head();
    assert_eq!(verify(&sealed, Some(head)), Verdict::Whole);
    let records = sealed.iter().map(|one| serde_json::from_str::<Record>(&one.content.as_ref().unwrap().1).unwrap());
    let (mut intents, mut outcomes) = (Vec::new(), Vec::new());
    for record in records {
        match record.fact {
            Fact::Intent(intent) => intents.push(intent.id),
            Fact::Outcome(id, _) => outcomes.push(id),
            Fact::Run(_) | Fact::Reading(_) | Fact::Said(_) | Fact::Account(..) | Fact::Erased(_) => {}
        }
    }
    intents.sort();
    outcomes.sort();
    assert_eq!(intents, outcomes, "each intent has exactly one outcome");
    let mut lines = town.end(&store.ledger().read());
    let policy = store.ledger().read().policy().map(|(version, _)| version.clone()).unwrap();
    for days in [0, 7, 40] {
        let due = store.due(town.clock.now() + TimeDelta::days(days), &policy).await.unwrap().people;
        let people: Vec<String> = due.iter().map(ToString::to_string).collect();
        lines.push(format!("due in {days} days: {}", people.join(" ")));
    }
    lines
}

#[track_caller]
pub(crate) fn assert_same(ours: &[String], theirs: &[String], when: &str) {
    let only =
        |a: &[String], b: &[String]| a.iter().filter(|line| !b.contains(line)).cloned().collect::<Vec<_>>().join("\n");
    let (resumed, uninterrupted) = (only(ours, theirs), only(theirs, ours));
    assert!(ours == theirs, "{when}\nresumed:\n{resumed}\nuninterrupted:\n{uninterrupted}");
}
