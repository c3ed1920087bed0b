//! What others did: a reading held against what we last knew.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};

use crate::audit::{AccountFact, OthersDid};
use crate::ledger::{AccountEntry, Lifecycle, Mark};
use crate::period::plus_days;
use crate::target::{Deletion, ObservedAccount, Presence, Shown};

/// How readings are held against what we last knew.
#[derive(Debug, Clone, Copy)]
pub struct DriftSettings {
    /// A write of ours this young is not contradicted by a reading, and a change by others is confirmed by a reading this
    /// much later than the first.
    pub settle: TimeDelta,
    /// What deleting means on the target.
    pub deletion: Deletion,
}

/// What a reading of an account says that the ledger does not know yet; `None` is an account that is not shown at all.
///
/// An account with an intent that is still open is left alone: the intent is answered first.
#[must_use]
pub fn drift(
    entry: &AccountEntry,
    shown: Option<&ObservedAccount>,
    (now, today): (DateTime<Utc>, NaiveDate),
    settings: DriftSettings,
) -> Vec<AccountFact> {
    if entry.open > 0 || entry.lifecycle == Lifecycle::Absent {
        return Vec::new();
    }
    let seen = shown.map(|account| (account.presence, account.shown));
    let holds = || shown.filter(|account| is_told(account, settings.deletion))?.permissions.clone();
    let held = |what| AccountFact::Held { what, holds: holds(), day: today };
    let is_old = |at: DateTime<Utc>| now - at >= settings.settle;
    let mut facts: Vec<AccountFact> = found(entry, seen).into_iter().collect();
    if let [AccountFact::Found { in_bin: Some(_) }] = facts.as_slice() {
        return facts;
    }
    let Some(news) = contradiction(entry.lifecycle, seen) else {
        let unheld = entry.others.iter().filter(|(what, seen)| !seen.held && !is_missing(entry, **what));
        facts.extend(unheld.filter(|(_, seen)| is_old(seen.at)).map(|(what, _)| held(*what)));
        facts.extend(entry.marks.contains(&Mark::Lagging).then_some(AccountFact::Settled));
        return facts;
    };
    facts.extend(match (news, entry.missed_at) {
        // The bin ran out by itself: the calendar says so already, and nothing has to be recorded.
        (News::NotInBin { on }, missed_at) if today >= plus_days(on, settings.deletion.days()) => {
            missed_at.map(|_| AccountFact::Emptied)
        }
        _ if entry.wrote_at.is_some_and(|wrote| !is_old(wrote)) => {
            (!entry.marks.contains(&Mark::Lagging)).then_some(AccountFact::Lagging)
        }
        (News::NotInBin { .. }, None) => Some(AccountFact::Missed),
        (News::NotInBin { .. }, Some(at)) => is_old(at).then_some(AccountFact::Emptied),
        (News::Did(OthersDid::Delete), Some(at)) if seen.is_none() => is_old(at).then(|| held(OthersDid::Delete)),
        (News::Did(what), _) => Some(AccountFact::Suspected { what, shown: seen, holds: holds(), day: today }),
        (News::Enabled, _) => Some(AccountFact::EnabledByOthers),
    });
    facts
}

/// Whether what is shown of what it holds is so: what a deleted account was last seen with may lack what it was given since,
/// which a restore brings back.
fn is_told(account: &ObservedAccount, deletion: Deletion) -> bool {
    account.presence == Presence::Live || !deletion.hides_grants()
}

/// Whether a delete by others is suspected only because a reading shows the account nowhere.
fn is_missing(entry: &AccountEntry, what: OthersDid) -> bool {
    what == OthersDid::Delete && entry.missed_at.is_some()
}

/// An account is shown that was missed, or that counted as gone from the recycle bin.
fn found(entry: &AccountEntry, seen: Option<(Presence, Shown)>) -> Option<AccountFact> {
    let (presence, _) = seen?;
    let in_bin = match presence {
        Presence::InBin(on) => Some(on),
        Presence::Live => None,
    };
    let is_news = match entry.lifecycle {
        Lifecycle::Deleted { emptied, .. } => in_bin.is_some() && (emptied || entry.missed_at.is_some()),
        Lifecycle::Absent | Lifecycle::Staged | Lifecycle::Active | Lifecycle::Suspended { .. } => {
            entry.missed_at.is_some()
        }
    };
    is_news.then_some(AccountFact::Found { in_bin })
}

enum News {
    Did(OthersDid),
    Enabled,
    NotInBin { on: NaiveDate },
}

fn contradiction(known: Lifecycle, seen: Option<(Presence, Shown)>) -> Option<News> {
    match (known, seen) {
        (Lifecycle::Deleted { emptied: false, on }, None) => Some(News::NotInBin { on }),
        (Lifecycle::Absent | Lifecycle::Deleted { emptied: true, .. }, None)
        | (Lifecycle::Deleted { .. }, Some((Presence::InBin(_), _)))
        | (Lifecycle::Staged | Lifecycle::Suspended { .. }, Some((Presence::Live, Shown::Disabled)))
        | (Lifecycle::Active, Some((Presence::Live, Shown::Enabled)))
        | (Lifecycle::Absent, Some(_)) => None,
        (Lifecycle::Deleted { .. }, Some((Presence::Live, _))) => Some(News::Did(OthersDid::Restore)),
        (Lifecycle::Active, Some((Presence::Live, Shown::Disabled))) => Some(News::Did(OthersDid::Disable)),
        (Lifecycle::Staged | Lifecycle::Suspended { .. }, Some((Presence::Live, Shown::Enabled))) => {
            Some(News::Enabled)
        }
        (Lifecycle::Staged | Lifecycle::Active | Lifecycle::Suspended { .. }, None | Some((Presence::InBin(_), _))) => {
            Some(News::Did(OthersDid::Delete))
        }
    }
}
