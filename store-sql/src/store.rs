//! The store: what the books say is written down first, and shown then.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use futures::lock::Mutex;
use provisioning_core::audit::{Head, Record, Salt, Sealed, Statement};
use provisioning_core::books::{Books, Change, Handles};
use provisioning_core::ledger::{Erasing, Ledger, NameKey};
use provisioning_core::policy::PolicyVersion;
use provisioning_core::source::Roster;
use provisioning_core::target::Observation;
use provisioning_core::{
    Acceptance, AccountId, Actor, Clock, Commit, Due, Fence, PersonId, Settings, Shared, Store, StoreError, TargetId,
};

use crate::connection::{Arg, Connection, Place, Row};
use crate::error::odd;
use crate::signing::{self, SigningKey};
use crate::{read, schema, write};

/// The ledger in a database.
///
/// Opening it checks the chain of the audit from its first record to its last; a ledger in which one is not as it was written
/// is refused. Only a head that is kept elsewhere shows that records are missing at the end.
///
/// # What stays of people who are erased
/// What a target was last seen with, until it is read again. Of all else in SQLite nothing: what is dropped is written over,
/// in the file, and the log beside it is emptied; where another process
/// is reading from it just then, a warning says so, and the next erasure or start empties it.
///
/// PostgreSQL keeps rows that were dropped or changed until a vacuum, and their pages in its write-ahead log until that is
/// recycled, and longer where it is archived or a replication slot holds it. Run `VACUUM audit, people, agenda` after an
/// erasure where autovacuum does not come soon enough. Backups of either keep what they have: after one was restored, the
/// erasures since then have to be made again.
pub struct SqlStore {
    place: Place,
    pub(crate) clock: Arc<dyn Clock>,
    handles: Handles,
    pub(crate) signer: Option<SigningKey>,
    inner: Mutex<Inner>,
}

/// Under what a step is made.
#[derive(Clone, Copy, Default)]
struct Right<'a> {
    /// The right to commit; a step that only makes people due needs none.
    fence: Option<&'a Fence>,
    /// The head that the caller knows, where the step depends on it.
    expected: Option<Head>,
}

impl<'a> Right<'a> {
    fn at(fence: &'a Fence, expected: Head) -> Self {
        Self { fence: Some(fence), expected: Some(expected) }
    }
}

struct Inner {
    books: Books,
    /// Taken out for each call and put back when it went well: a call that failed or was dropped half-way leaves none, and
    /// what it had not committed is taken back with its connection.
    connection: Option<Connection>,
    /// The last step that the books have.
    seen: i64,
}

/// The place only: an address may hold a password.
impl std::fmt::Debug for SqlStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self.place {
            Place::Sqlite(_) => "SqlStore(SQLite)",
            Place::Postgres(_) => "SqlStore(PostgreSQL)",
        })
    }
}

impl SqlStore {
    /// Opens the ledger in a file, which is made if it is not there.
    ///
    /// For one worker at a time: while another process stands still in the middle of a step, nobody else can write to the file,
    /// and is told so after five seconds. Several workers belong on PostgreSQL, which takes such a step back.
    ///
    /// # Errors
    /// When the file cannot be opened or is none of ours, or belongs to another tenant or a newer program.
    pub async fn sqlite(path: &Path, settings: &Settings, clock: Arc<dyn Clock>) -> Result<Self, StoreError> {
        Self::open(Place::file(path), settings, clock).await
    }

    /// Opens the ledger in a database of PostgreSQL, `postgres://user:password@host/database`; its tables are made in the
    /// first schema of the search path if they are not there.
    ///
    /// # Errors
    /// When the database cannot be reached, or its ledger belongs to another tenant or a newer program.
    pub async fn postgres(url: &str, settings: &Settings, clock: Arc<dyn Clock>) -> Result<Self, StoreError> {
        Self::open(Place::server(url)?, settings, clock).await
    }

    pub(crate) async fn open(place: Place, settings: &Settings, clock: Arc<dyn Clock>) -> Result<Self, StoreError> {
        let mut connection = place.open().await?;
        schema::migrate(&mut connection, schema::VERSION).await?;
        let key = name_key(&mut connection, settings).await?;
        let mut books = Books::new(settings, NameKey::new(key));
        connection.look().await?;
        let seen = read::all(&mut connection, &mut books).await?;
        connection.commit().await?;
        // A process that was killed may have left there what it had erased.
        connection.empty_log().await?;
        let inner = Inner { connection: Some(connection), seen, books };
        let handles = inner.books.handles().clone();
        Ok(Self { place: place.made(), clock, handles, signer: None, inner: Mutex::new(inner) })
    }

    /// Signs each head with a key from now on, and looks whether the last one that was signed is still the last one; from
    /// then on nothing is taken in from other workers that they did not sign with the same key.
    ///
    /// A ledger in which no head is signed yet is taken as it is. Whoever may write to the database can make it look so, and
    /// can put an older ledger with its signature in place: only a head that is kept elsewhere shows that.
    ///
    /// # Errors
    /// When it is not, or was signed with another key: somebody wrote to the ledger without the key.
    pub async fn signing(mut self, key: SigningKey) -> Result<Self, StoreError> {
        let mut inner = self.inner.lock().await;
        let connection = self.connection(&mut inner).await?;
        self.take_in(&mut inner, connection).await?;
        let mut connection = self.connection(&mut inner).await?;
        let statement = statement(&inner.books, inner.books.head(), self.clock.now());
        if signing::is_right(&mut connection, &key, statement).await? == Some(false) {
            return Err(signing::unsigned());
        }
        inner.connection = Some(connection);
        drop(inner);
        self.signer = Some(key);
        Ok(self)
    }

    /// Ends the connection in good order. Nothing is lost without it.
    ///
    /// # Errors
    /// When the database says so.
    pub async fn close(self) -> Result<(), StoreError> {
        match self.inner.into_inner().connection {
            Some(connection) => connection.close().await,
            None => Ok(()),
        }
    }

    /// The audit from a place on, at most `most` records.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn audit(&self, from: u64, most: usize) -> Result<Vec<Sealed>, StoreError> {
        let mut inner = self.inner.lock().await;
        let mut connection = self.connection(&mut inner).await?;
        let mut records = Vec::new();
        let each = &mut |row: &dyn Row| {
            records.push(read::sealed(row)?);
            Ok(())
        };
        let sql = "SELECT place, salt, payload, digest, hash FROM audit WHERE place >= $1 ORDER BY place LIMIT $2";
        let most = i64::try_from(most).unwrap_or(i64::MAX);
        connection.rows(sql, vec![Arg::int(write::as_i64(from)), Arg::int(most)], each).await?;
        inner.connection = Some(connection);
        Ok(records)
    }

    async fn connection(&self, inner: &mut Inner) -> Result<Connection, StoreError> {
        match inner.connection.take() {
            Some(connection) => Ok(connection),
            None => self.place.connect().await,
        }
    }

    /// Works out a change, writes it down and then shows it, if the right to commit and the head are still what they were.
    async fn make(
        &self,
        inner: &mut Inner,
        right: Right<'_>,
        change: impl FnOnce(&Books) -> Change + Send,
    ) -> Result<Head, StoreError> {
        let (mut connection, step) = self.begin(inner, right).await?;
        let change = change(&inner.books);
        write::write(&mut connection, &change, step).await?;
        if let Some((key, (last, _))) = self.signer.as_ref().zip(change.records.last()) {
            let head = Head { records: last.place + 1, hash: last.hash };
            signing::keep(&mut connection, key, &statement(&inner.books, head, self.clock.now())).await?;
        }
        connection.commit().await?;
        inner.connection = Some(connection);
        inner.seen = step;
        inner.books.make(change);
        Ok(inner.books.head())
    }

    /// Begins the next step, which nobody else can make before it ends; its number comes back.
    async fn begin(&self, inner: &mut Inner, right: Right<'_>) -> Result<(Connection, i64), StoreError> {
        let Right { fence, expected } = right;
        loop {
            let mut connection = self.connection(inner).await?;
            connection.begin().await?;
            if let Some(fence) = fence
                && !self.holds(&mut connection, fence).await?
            {
                connection.rollback().await?;
                inner.connection = Some(connection);
                return Err(StoreError::Fenced);
            }
            let is_expected = |inner: &Inner| expected.is_none_or(|expected| expected == inner.books.head());
            let step = inner.seen + 1;
            let sql = "UPDATE ledger SET change = $1 WHERE change = $2";
            let is_next = connection.execute(sql, vec![Arg::int(step), Arg::int(inner.seen)]).await? == 1;
            if is_next && is_expected(inner) {
                return Ok((connection, step));
            }
            connection.rollback().await?;
            self.take_in(inner, connection).await?;
            if !is_expected(inner) {
                return Err(StoreError::HeadMoved { head: inner.books.head() });
            }
            // What was written meanwhile, as by whoever asked under another policy, did not move the head: it goes on from there.
        }
    }

    /// Whether a fence is still good; nobody can take over before the step ends.
    async fn holds(&self, connection: &mut Connection, fence: &Fence) -> Result<bool, StoreError> {
        let sql = "UPDATE lease SET token = token WHERE token = $1 AND until > $2";
        let args = vec![Arg::int(write::as_i64(fence.token)), Arg::int(self.clock.now().timestamp_micros())];
        Ok(connection.execute(sql, args).await? == 1)
    }

    /// Shows what was written down since the books were written last, by others or by a call that was dropped half-way.
    async fn take_in(&self, inner: &mut Inner, mut connection: Connection) -> Result<(), StoreError> {
        connection.look().await?;
        self.read_news(inner, &mut connection).await?;
        connection.commit().await?;
        inner.connection = Some(connection);
        Ok(())
    }

    /// The same within a step that is under way; where heads are signed, nothing comes in under one that is not.
    async fn read_news(&self, inner: &mut Inner, connection: &mut Connection) -> Result<(), StoreError> {
        if let Some(key) = &self.signer {
            let head = read::head(connection).await?;
            let statement = statement(&inner.books, head, self.clock.now());
            if head != inner.books.head() && signing::is_right(connection, key, statement).await? != Some(true) {
                return Err(signing::unsigned());
            }
        }
        inner.seen = read::news(connection, &mut inner.books, inner.seen).await?;
        Ok(())
    }

    /// A step that sees the ledger at one instant, with all that the books say then; the head that it has comes back.
    pub(crate) async fn look(&self) -> Result<(Connection, Head), StoreError> {
        let mut inner = self.inner.lock().await;
        let mut connection = self.place.connect().await?;
        connection.look().await?;
        self.read_news(&mut inner, &mut connection).await?;
        Ok((connection, inner.books.head()))
    }

    /// Drops what was erased from the log as well. It is erased already, so nothing fails because of this.
    async fn empty_log(&self, inner: &mut Inner) {
        let Some(mut connection) = inner.connection.take() else { return };
        let emptied = connection.empty_log().await;
        if !matches!(emptied, Ok(true)) {
            tracing::warn!(
                "the log beside the ledger holds what was erased until it can be emptied, at the latest at the next start"
            );
        }
        inner.connection = emptied.is_ok().then_some(connection);
    }
}

fn statement(books: &Books, head: Head, at: DateTime<Utc>) -> Statement {
    Statement { tenant: books.handles().ledger().read().tenant().clone(), head, at }
}

/// The key under which names and ids of erased people are known again; made with the ledger, which is made here.
async fn name_key(connection: &mut Connection, settings: &Settings) -> Result<[u8; 32], StoreError> {
    let fresh: [u8; 32] = rand::random();
    let tenant = settings.tenant.to_string();
    let sql = "INSERT INTO ledger (id, tenant, name_key, change) VALUES (1, $1, $2, 0) ON CONFLICT (id) DO NOTHING";
    connection.execute(sql, vec![Arg::text(&tenant), Arg::bytes(&fresh)]).await?;
    let (mut found, mut key) = (None, None);
    let each = &mut |row: &dyn Row| {
        found = row.text(0)?;
        key = row.bytes(1)?;
        Ok(())
    };
    connection.rows("SELECT tenant, name_key FROM ledger", Vec::new(), each).await?;
    let found = found.unwrap_or_default();
    if found != tenant {
        let message =
            format!("this is the ledger of tenant `{found}`, not of `{tenant}`; open the ledger of `{tenant}`");
        return Err(StoreError::Failed { message });
    }
    key.unwrap_or_default().try_into().map_err(|_| odd("the key of names", "it has not 32 bytes"))
}

fn salt(_: u64) -> Salt {
    Salt(rand::random())
}

#[async_trait]
impl Store for SqlStore {
    async fn acquire(&self, holder: &Actor, ttl: TimeDelta) -> Result<Fence, StoreError> {
        let mut inner = self.inner.lock().await;
        let mut connection = self.connection(&mut inner).await?;
        let now = self.clock.now();
        let until = now + ttl;
        connection.begin().await?;
        // Waits for the end of a step that is under way, be it of a call that was dropped; nobody begins one meanwhile.
        connection.execute("UPDATE lease SET token = token", Vec::new()).await?;
        connection.execute("UPDATE ledger SET change = change", Vec::new()).await?;
        let sql = "UPDATE lease SET token = token + 1, holder = $1, until = $2 WHERE until <= $3";
        let args = vec![Arg::text(holder), Arg::int(until.timestamp_micros()), Arg::int(now.timestamp_micros())];
        let is_ours = connection.execute(sql, args).await? == 1;
        let mut found = None;
        let each = &mut |row: &dyn Row| {
            found = row.int(0)?.zip(row.text(1)?).zip(row.int(2)?);
            Ok(())
        };
        connection.rows("SELECT token, holder, until FROM lease", Vec::new(), each).await?;
        let Some(((token, held_by), held_until)) = found else {
            return Err(odd("the right to commit", "it is not there"));
        };
        if is_ours {
            let token = u64::try_from(token).map_err(|error| odd("the right to commit", error))?;
            // Before the right is taken: whoever cannot read what the others wrote has no use for it.
            self.read_news(&mut inner, &mut connection).await?;
            connection.commit().await?;
            inner.connection = Some(connection);
            return Ok(Fence { token, holder: holder.clone(), until });
        }
        connection.rollback().await?;
        // Whoever may not write sees what the others wrote.
        self.take_in(&mut inner, connection).await?;
        let holder = held_by.parse().map_err(|error| odd("the holder of the right to commit", error))?;
        let until = DateTime::from_timestamp_micros(held_until);
        Err(StoreError::Held { holder, until: until.unwrap_or(DateTime::<Utc>::MAX_UTC) })
    }

    async fn renew(&self, fence: &Fence, ttl: TimeDelta) -> Result<Fence, StoreError> {
        let mut inner = self.inner.lock().await;
        let mut connection = self.connection(&mut inner).await?;
        let now = self.clock.now();
        let longer = Fence { until: now + ttl, ..fence.clone() };
        let sql = "UPDATE lease SET until = $1 WHERE token = $2 AND until > $3";
        let token = Arg::int(write::as_i64(fence.token));
        let args = vec![Arg::int(longer.until.timestamp_micros()), token, Arg::int(now.timestamp_micros())];
        let renewed = connection.execute(sql, args).await?;
        inner.connection = Some(connection);
        if renewed == 1 { Ok(longer) } else { Err(StoreError::Fenced) }
    }

    async fn release(&self, fence: Fence) -> Result<(), StoreError> {
        let mut inner = self.inner.lock().await;
        let mut connection = self.connection(&mut inner).await?;
        let sql = "UPDATE lease SET until = 0 WHERE token = $1";
        connection.execute(sql, vec![Arg::int(write::as_i64(fence.token))]).await?;
        inner.connection = Some(connection);
        Ok(())
    }

    async fn due(&self, now: DateTime<Utc>, policy: &PolicyVersion) -> Result<Due, StoreError> {
        let mut inner = self.inner.lock().await;
        if inner.books.under(policy).is_some() {
            let change = |books: &Books| books.under(policy).unwrap_or_default();
            self.make(&mut inner, Right::default(), change).await?;
        }
        Ok(inner.books.due(now))
    }

    fn ledger(&self) -> Shared<Ledger> {
        self.handles.ledger()
    }

    fn roster(&self) -> Shared<Roster> {
        self.handles.roster()
    }

    fn observation(&self, target: &TargetId) -> Shared<Observation> {
        self.handles.observation(target)
    }

    async fn accept(
        &self,
        fence: &Fence,
        expected: Head,
        acceptance: Acceptance,
        records: Vec<Record>,
    ) -> Result<(Head, BTreeSet<AccountId>), StoreError> {
        let mut inner = self.inner.lock().await;
        let mut touched = BTreeSet::new();
        let change = |books: &Books| {
            let (change, spoken_of) = books.accept(acceptance, records, &mut salt);
            touched = spoken_of;
            change
        };
        let head = self.make(&mut inner, Right::at(fence, expected), change).await?;
        Ok((head, touched))
    }

    async fn commit(&self, fence: &Fence, expected: Head, commit: Commit) -> Result<Head, StoreError> {
        let mut inner = self.inner.lock().await;
        self.make(&mut inner, Right::at(fence, expected), |books| books.commit(commit, &mut salt)).await
    }

    async fn erase(&self, fence: &Fence, expected: Head, erasing: &Erasing) -> Result<Head, StoreError> {
        let mut inner = self.inner.lock().await;
        let mut connection = self.connection(&mut inner).await?;
        // Between the two nobody else writes: the change is made on the expected head or not at all.
        let erased = read::naming(&mut connection, erasing.finder()).await?;
        inner.connection = Some(connection);
        let change = |books: &Books| books.erase(erasing, erased, &mut salt);
        let head = self.make(&mut inner, Right::at(fence, expected), change).await?;
        self.empty_log(&mut inner).await;
        Ok(head)
    }

    async fn make_due(&self, fence: &Fence, people: BTreeSet<PersonId>) -> Result<(), StoreError> {
        let mut inner = self.inner.lock().await;
        let right = Right { fence: Some(fence), expected: None };
        self.make(&mut inner, right, |books| books.make_due(people)).await.map(|_| ())
    }
}

#[cfg(test)]
mod tests;
