//! The conformance suite of [`SourceConnector`].

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, resume_unwind};

use async_trait::async_trait;
use chrono::NaiveDate;
use futures::FutureExt;

use crate::id::{FieldName, RecordKey};
use crate::port::{PortErrorKind, SourceConnector};
use crate::source::{Cursor, Departments, Reading, Snapshot, SourcePerson};
use crate::testing::conformance::{Checks, Flaw, Unsupported, Verdict, ensure, spelt};
use crate::value::Value;

/// Somebody whom the suite wants to find in the source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Newcomer {
    /// The key that the suite would like, in one check with leading zeros; a system that gives its own passes it over.
    pub key: RecordKey,
    /// The first day of the one contract.
    pub first_day: NaiveDate,
    /// The last day of it, inclusive; `None` is open.
    pub last_day: Option<NaiveDate>,
}

/// A field that says nothing, in the three ways that are not the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Blank {
    /// The field is not there.
    Absent,
    /// It is there and null.
    Null,
    /// It is there and empty text.
    Empty,
}

/// The hands on the system behind a [`SourceConnector`], for [`check_source`].
///
/// Whatever cannot be done there stays [`Unsupported`], and what needs it is not checked. Other people than those of the
/// suite may be in the system, as long as nobody changes them meanwhile.
#[async_trait]
pub trait SourceBench: Send + Sync {
    /// The connector under test.
    fn source(&self) -> &dyn SourceConnector;

    /// Takes back whatever the suite did: nobody whom it added is there, and readings come to their end again.
    async fn reset(&self);

    /// Enters a person with one contract; the key comes back that the system gave.
    ///
    /// # Errors
    /// [`Unsupported`] where nobody can be entered, or not under such a key.
    async fn add(&self, newcomer: &Newcomer) -> Result<RecordKey, Unsupported>;

    /// Changes any field of a person, to something that it was not before.
    async fn change(&self, _: &RecordKey) -> Result<(), Unsupported> {
        Err(Unsupported)
    }

    /// Removes a person with all contracts.
    async fn remove(&self, _: &RecordKey) -> Result<(), Unsupported> {
        Err(Unsupported)
    }

    /// Makes a row of a person unreadable: a date that is none, a field that must be there and is not.
    async fn break_row(&self, _: &RecordKey) -> Result<(), Unsupported> {
        Err(Unsupported)
    }

    /// Gives the rows in another order from now on.
    async fn reorder(&self) -> Result<(), Unsupported> {
        Err(Unsupported)
    }

    /// Lets every reading end early, as a lost connection or a full disk would: some rows come, the rest does not.
    async fn cut_off(&self) -> Result<(), Unsupported> {
        Err(Unsupported)
    }

    /// Makes a field of a person say nothing, in one of three ways; the field's name comes back.
    async fn blank(&self, _: &RecordKey, _: Blank) -> Result<FieldName, Unsupported> {
        Err(Unsupported)
    }
}

/// Checks a source against the contract of [`SourceConnector`].
///
/// | what is checked | what it takes |
/// |---|---|
/// | everybody is in a reading without a cursor, with the days of the contract as people see them | |
/// | keys keep leading zeros: `0042` and `42` are two people | a system that takes these keys |
/// | two readings without a change are equal, whatever the order of rows | [`reorder`](SourceBench::reorder) |
/// | changes since a cursor say nothing when nothing happened; everybody again is fine too | a cursor |
/// | an unknown cursor is refused, or answered with everybody | |
/// | whoever was added, changed or removed shows, and changes since a cursor lead to the same people as a whole reading | [`change`](SourceBench::change), [`remove`](SourceBench::remove) |
/// | a row that cannot be read is a defect of its person, and everybody else is as before | [`break_row`](SourceBench::break_row) |
/// | a reading that cannot be complete is an error | [`cut_off`](SourceBench::cut_off) |
/// | absent, null and empty stay three things | [`blank`](SourceBench::blank) |
///
/// # Panics
/// With what is wrong and what the contract says, at the first breach, once the bench was reset.
pub async fn check_source(bench: &dyn SourceBench) -> Checks {
    let checked = AssertUnwindSafe(all(bench)).catch_unwind().await;
    bench.reset().await;
    checked.unwrap_or_else(|breach| resume_unwind(breach))
}

async fn all(bench: &dyn SourceBench) -> Checks {
    let mut checks = Checks::of("source");
    checks.add("a reading without a cursor gives everybody, last days inclusive", everybody(bench).await);
    checks.add("keys are stable, and leading zeros are kept", leading_zeros(bench).await);
    checks.add("two readings without a change in between are equal", unchanged(bench).await);
    checks.add("the order of rows does not matter", reordered(bench).await);
    checks.add("changes without a change give nothing, or everybody again", no_changes(bench).await);
    checks.add("an unknown cursor is refused, or answered with everybody", unknown_cursor(bench).await);
    checks.add("whoever is added shows", added(bench).await);
    checks.add("whoever changes shows", changed(bench).await);
    checks.add("whoever is removed shows no more", removed(bench).await);
    checks.add("a row that cannot be read is a defect of its person, not an error", broken_row(bench).await);
    checks.add("a reading that cannot be complete is an error", cut_off(bench).await);
    checks.add("absent, null and empty stay three things", three_blanks(bench).await);
    checks
}

/// What readings say so far, each laid over the ones before.
#[derive(Default)]
struct Known {
    people: BTreeMap<RecordKey, SourcePerson>,
    departments: Departments,
    cursor: Option<Cursor>,
}

impl Known {
    fn take(&mut self, reading: Reading) {
        match reading {
            Reading::Whole(snapshot) => *self = Self::from(&snapshot),
            Reading::Changes(changes) => {
                for key in changes.removed {
                    self.people.remove(&key);
                }
                self.people.extend(changes.people.into_iter().map(|person| (person.row.key.clone(), person)));
                if let Some(departments) = changes.departments {
                    self.departments = departments;
                }
                self.cursor = Some(changes.cursor);
            }
        }
    }

    /// The people who are not the same in `other`.
    fn differing<'a>(&'a self, other: &'a Self) -> Vec<&'a RecordKey> {
        let keys = self.people.keys().chain(other.people.keys().filter(|key| !self.people.contains_key(*key)));
        keys.filter(|key| self.people.get(*key) != other.people.get(*key)).collect()
    }

    fn person(&self, key: &RecordKey) -> Result<&SourcePerson, Flaw> {
        self.people.get(key).map_or_else(|| Flaw::found(format!("person `{key}` is not there")), Ok)
    }
}

impl From<&Snapshot> for Known {
    fn from(snapshot: &Snapshot) -> Self {
        Self {
            people: snapshot.people().map(|person| (person.row.key.clone(), person.clone())).collect(),
            departments: snapshot.departments().clone(),
            cursor: snapshot.cursor().cloned(),
        }
    }
}

/// A source in which these people are, and no more of the suite's.
async fn with(bench: &dyn SourceBench, keys: &[&str]) -> Result<Vec<Newcomer>, Flaw> {
    bench.reset().await;
    let mut newcomers = Vec::new();
    for key in keys {
        let newcomer = newcomer(key)?;
        let key = bench.add(&newcomer).await?;
        newcomers.push(Newcomer { key, ..newcomer });
    }
    Ok(newcomers)
}

/// A source with people in it: the suite's, or whoever is there where nobody can be entered.
async fn peopled(bench: &dyn SourceBench) -> Verdict {
    match with(bench, &["1001", "1002", "1003"]).await {
        Ok(_) | Err(Flaw::NotChecked) => Ok(()),
        Err(flaw) => Err(flaw),
    }
}

/// The first day is a leap day and the last day one on which clocks change, where days are lost to time zones most easily.
fn newcomer(key: &str) -> Result<Newcomer, Flaw> {
    let key: RecordKey = spelt(key)?;
    let first_day: NaiveDate = spelt("2028-02-29")?;
    let last_day = if key.as_str().ends_with('2') { None } else { Some(spelt("2029-03-25")?) };
    Ok(Newcomer { key, first_day, last_day })
}

async fn whole(bench: &dyn SourceBench) -> Result<Snapshot, Flaw> {
    match bench.source().read(None).await? {
        Reading::Whole(snapshot) => Ok(snapshot),
        Reading::Changes(_) => Flaw::found("changes, although no cursor was given"),
    }
}

async fn everybody(bench: &dyn SourceBench) -> Verdict {
    let newcomers = with(bench, &["1001", "1002"]).await?;
    let snapshot = whole(bench).await?;
    let (said, is) = (snapshot.source(), bench.source().id());
    ensure(said == is, || format!("a reading of `{said}` from the connector of `{is}`"))?;
    let known = Known::from(&snapshot);
    for Newcomer { key, first_day, last_day } in &newcomers {
        let person = known.person(key)?;
        ensure(person.defects.is_empty(), || format!("person `{key}` has a defect: {:?}", person.defects))?;
        let [contract] = person.contracts.as_slice() else {
            return Flaw::found(format!("person `{key}` has {} contracts instead of one", person.contracts.len()));
        };
        let (read, given) = ((contract.first_day, contract.last_day), (*first_day, *last_day));
        ensure(read == given, || format!("the contract of `{key}` has the days {read:?} instead of {given:?}"))?;
    }
    Ok(())
}

async fn leading_zeros(bench: &dyn SourceBench) -> Verdict {
    let keys = ["0042", "42"];
    let newcomers = with(bench, &keys).await?;
    if newcomers.iter().map(|newcomer| newcomer.key.as_str()).ne(keys) {
        return Err(Flaw::NotChecked);
    }
    let known = Known::from(&whole(bench).await?);
    for key in keys {
        let person = known.person(&spelt(key)?)?;
        let owner = person.contracts.first().map(|contract| contract.person.as_str());
        ensure(owner == Some(key), || format!("the contract of `{key}` is that of {owner:?}"))?;
    }
    Ok(())
}

async fn unchanged(bench: &dyn SourceBench) -> Verdict {
    peopled(bench).await?;
    let (first, second) = (whole(bench).await?, whole(bench).await?);
    equal(&first, &second)?;
    ensure(first.taken_at() <= second.taken_at(), || "the second reading speaks of an earlier instant".to_owned())
}

async fn reordered(bench: &dyn SourceBench) -> Verdict {
    peopled(bench).await?;
    let first = whole(bench).await?;
    bench.reorder().await?;
    equal(&first, &whole(bench).await?)
}

fn equal(first: &Snapshot, second: &Snapshot) -> Verdict {
    let (before, after) = (Known::from(first), Known::from(second));
    let differing = before.differing(&after);
    ensure(differing.is_empty(), || format!("the readings differ in {differing:?}"))?;
    ensure(first.hash() == second.hash(), || {
        "the people are the same and the hashes are not: departments or the fingerprint differ".to_owned()
    })
}

async fn no_changes(bench: &dyn SourceBench) -> Verdict {
    peopled(bench).await?;
    let first = whole(bench).await?;
    let mut cursor = first.cursor().cloned().ok_or(Flaw::NotChecked)?;
    for _ in 0..2 {
        match bench.source().read(Some(&cursor)).await? {
            Reading::Whole(again) => return equal(&first, &again),
            Reading::Changes(changes) => {
                let named: Vec<_> = changes.people.iter().map(|person| &person.row.key).collect();
                let is_empty = named.is_empty() && changes.removed.is_empty() && changes.departments.is_none();
                ensure(is_empty, || format!("changes of {named:?}, removed {:?}", changes.removed))?;
                cursor = changes.cursor;
            }
        }
    }
    Ok(())
}

async fn unknown_cursor(bench: &dyn SourceBench) -> Verdict {
    peopled(bench).await?;
    let first = whole(bench).await?;
    match bench.source().read(Some(&Cursor("no cursor of any source".to_owned()))).await {
        Ok(Reading::Whole(again)) => equal(&first, &again),
        Ok(Reading::Changes(_)) => Flaw::found("changes since a cursor that the source never gave"),
        Err(error) if error.kind() == PortErrorKind::CursorRefused => Ok(()),
        Err(error) => Err(error.into()),
    }
}

async fn added(bench: &dyn SourceBench) -> Verdict {
    with(bench, &["1001", "1002"]).await?;
    let mut known = Known::from(&whole(bench).await?);
    let key = bench.add(&newcomer("1003")?).await?;
    follow(bench, &mut known).await?;
    known.person(&key).map(|_| ())
}

async fn changed(bench: &dyn SourceBench) -> Verdict {
    let newcomers = with(bench, &["1001", "1002"]).await?;
    let [first, ..] = newcomers.as_slice() else { return Ok(()) };
    let before = Known::from(&whole(bench).await?);
    let mut known = Known::from(&whole(bench).await?);
    bench.change(&first.key).await?;
    follow(bench, &mut known).await?;
    let differing = before.differing(&known);
    ensure(differing == [&first.key], || format!("`{}` was changed, and {differing:?} differ", first.key))
}

async fn removed(bench: &dyn SourceBench) -> Verdict {
    let newcomers = with(bench, &["1001", "1002"]).await?;
    let [first, second] = newcomers.as_slice() else { return Ok(()) };
    let mut known = Known::from(&whole(bench).await?);
    bench.remove(&first.key).await?;
    follow(bench, &mut known).await?;
    ensure(!known.people.contains_key(&first.key), || format!("removed person `{}` is still there", first.key))?;
    known.person(&second.key).map(|_| ())
}

/// Reads on from what is known, and compares it with a whole reading.
async fn follow(bench: &dyn SourceBench, known: &mut Known) -> Verdict {
    known.take(bench.source().read(known.cursor.as_ref()).await?);
    let now = Known::from(&whole(bench).await?);
    let differing = known.differing(&now);
    ensure(differing.is_empty(), || format!("changes lead elsewhere than a whole reading, in {differing:?}"))?;
    ensure(known.departments == now.departments, || "changes lead to other departments than a whole reading".to_owned())
}

async fn broken_row(bench: &dyn SourceBench) -> Verdict {
    let newcomers = with(bench, &["1001", "1002", "1003"]).await?;
    let [first, ..] = newcomers.as_slice() else { return Ok(()) };
    let before = Known::from(&whole(bench).await?);
    bench.break_row(&first.key).await?;
    let mut after = before_with_changes(bench, &before).await?;
    let defects = &after.person(&first.key)?.defects;
    ensure(!defects.is_empty(), || format!("person `{}` has no defect, although a row is unreadable", first.key))?;
    after.people.remove(&first.key);
    let differing: Vec<_> = before.differing(&after).into_iter().filter(|key| **key != first.key).collect();
    ensure(differing.is_empty(), || format!("the bad row of `{}` changed {differing:?} too", first.key))
}

/// The same by a whole reading and by changes.
async fn before_with_changes(bench: &dyn SourceBench, before: &Known) -> Result<Known, Flaw> {
    let (people, departments) = (before.people.clone(), before.departments.clone());
    let mut known = Known { people, departments, cursor: before.cursor.clone() };
    follow(bench, &mut known).await?;
    Ok(known)
}

async fn cut_off(bench: &dyn SourceBench) -> Verdict {
    peopled(bench).await?;
    whole(bench).await?;
    bench.cut_off().await?;
    match bench.source().read(None).await {
        Ok(Reading::Whole(half)) => {
            Flaw::found(format!("a reading of {} people, cut off on the way", half.people().count()))
        }
        Ok(Reading::Changes(_)) => Flaw::found("changes, although no cursor was given"),
        Err(error) if error.kind() == PortErrorKind::CursorRefused => {
            Flaw::found("a refused cursor, although none was given")
        }
        Err(_) => peopled(bench).await,
    }?;
    whole(bench).await.map(|_| ())
}

async fn three_blanks(bench: &dyn SourceBench) -> Verdict {
    let newcomers = with(bench, &["1001"]).await?;
    let [person] = newcomers.as_slice() else { return Ok(()) };
    for blank in [Blank::Absent, Blank::Null, Blank::Empty] {
        let field = bench.blank(&person.key, blank).await?;
        let known = Known::from(&whole(bench).await?);
        let read = known.person(&person.key)?.row.fields.value(field.as_str());
        let is_right = match blank {
            Blank::Absent => read.is_none(),
            Blank::Null => read == Some(&Value::Null),
            Blank::Empty => read == Some(&Value::text("")),
        };
        ensure(is_right, || format!("field `{field}` was made {blank:?} and is {read:?}"))?;
    }
    Ok(())
}
