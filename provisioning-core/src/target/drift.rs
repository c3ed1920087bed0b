//! What others did: a reading held against what we last knew.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};

use crate::audit::{AccountFact, OthersDid};
use crate::ledger::{AccountEntry, Lifecycle, Mark};
use crate::period::plus_days;
use crate::target::{ObservedAccount, Presence, Shown};

/// How readings are held against what we last knew.
#[derive(Debug, Clone, Copy)]
pub struct DriftSettings {
    /// A write of ours this young is not contradicted by a reading, and a change by others is confirmed by a reading this
    /// much later than the first.
    pub settle: TimeDelta,
    /// For how many days the target keeps deleted accounts.
    pub bin_days: u32,
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
) -> Option<AccountFact> {
    if entry.open > 0 || entry.lifecycle == Lifecycle::Absent {
        return None;
    }
    let seen = shown.map(|account| (account.presence, account.shown));
    let Some(news) = contradiction(entry.lifecycle, seen) else {
        return confirmation(entry, now, settings.settle);
    };
    if let News::Emptied = news {
        let is_over =
            matches!(entry.lifecycle, Lifecycle::Deleted { on, .. } if today >= plus_days(on, settings.bin_days));
        // The bin ran out by itself: the calendar says so already, and nothing has to be recorded.
        return (!is_over).then_some(AccountFact::Emptied);
    }
    let is_lagging = entry.marks.contains(&Mark::Lagging);
    if entry.wrote_at.is_some_and(|wrote| now - wrote < settings.settle) {
        return (!is_lagging).then_some(AccountFact::Lagging);
    }
    Some(match news {
        News::Emptied => AccountFact::Emptied,
        News::Enabled => AccountFact::EnabledByOthers,
        News::Did(what) => {
            let holds = shown.and_then(|account| account.permissions.clone());
            AccountFact::Suspected { what, shown: seen, holds, day: today }
        }
    })
}

enum News {
    Did(OthersDid),
    Enabled,
    Emptied,
}

fn contradiction(known: Lifecycle, seen: Option<(Presence, Shown)>) -> Option<News> {
    match (known, seen) {
        (Lifecycle::Deleted { emptied: false, .. }, None) => Some(News::Emptied),
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

fn confirmation(entry: &AccountEntry, now: DateTime<Utc>, settle: TimeDelta) -> Option<AccountFact> {
    if entry.others.values().any(|seen| !seen.held && now - seen.at >= settle) {
        return Some(AccountFact::Held);
    }
    entry.marks.contains(&Mark::Lagging).then_some(AccountFact::Settled)
}
