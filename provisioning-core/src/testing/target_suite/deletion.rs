//! Deleting and restoring, as the target's [`Deletion`] says.

use chrono::NaiveDate;

use crate::audit::Truth;
use crate::id::PermissionId;
use crate::plan::AccountStep;
use crate::target::{Deletion, ObservedAccount, Presence, RestoredGrants, Shown};
use crate::testing::conformance::{Checks, Flaw, Verdict, ensure};
use crate::testing::target_suite::stage::{Player, Stage, live};

pub(super) async fn check(stage: &Stage<'_>, checks: &mut Checks) {
    checks.add("deleting leads where the capabilities say, also when done again", deleted(stage).await);
    checks.add("a restored account is disabled and holds what the capabilities say", restored(stage).await);
    checks.add("a deleted account can be restored for as many days as the target says", last_day(stage).await);
    checks.add("somebody whose account is gone for good can get a new one", anew(stage).await);
    checks.add(
        "changes since a cursor tell of deletions too, and of what a restored account holds",
        followed(stage).await,
    );
}

/// For so many days most targets remember where a reading ended.
const DAYS_OF_A_CURSOR: u32 = 5;

fn deletion(stage: &Stage<'_>) -> Deletion {
    stage.bench.target().describe().deletion
}

/// The recycle bin, of a target that has one.
fn bin(stage: &Stage<'_>) -> Result<(u32, RestoredGrants), Flaw> {
    match deletion(stage) {
        Deletion::Bin { days, grants } => Ok((days, grants)),
        Deletion::ForGood => Err(Flaw::NotChecked),
    }
}

async fn find(stage: &Stage<'_>, player: &Player) -> Result<Option<ObservedAccount>, Flaw> {
    let observation = stage.observe().await?;
    Ok(player.id.as_ref().and_then(|id| observation.account(id)).cloned())
}

async fn deleted(stage: &Stage<'_>) -> Verdict {
    let player = stage.active().await?;
    let first = stage.done(player.step(AccountStep::Delete)).await?;
    right_place(stage, &first)?;
    let shown = find(stage, &player).await?;
    let is_shown_so = match (&first, shown.as_ref().map(|account| account.presence)) {
        (Truth::InBin { on, .. }, Some(Presence::InBin(day))) => *on == day,
        // A reading need not show what is in the recycle bin of a target that cannot list it.
        (Truth::Gone | Truth::InBin { .. }, None) => true,
        _ => false,
    };
    ensure(is_shown_so, || format!("the outcome says {first:?}, and a reading shows {shown:?}"))?;
    let second = stage.done(player.step(AccountStep::Delete)).await?;
    ensure(first == second, || format!("{first:?} the first time and {second:?} the second"))?;
    for step in [AccountStep::Enable, AccountStep::Reissue] {
        let what = format!("{step:?}");
        let answer = stage.try_one(player.step(step)).await?;
        let pretends =
            answer.as_ref().is_ok_and(|done| matches!(done.truth, Truth::Live { .. }) || done.secret.is_some());
        ensure(!pretends, || format!("{what} of a deleted account: {answer:?}"))?;
    }
    Ok(())
}

fn right_place(stage: &Stage<'_>, truth: &Truth) -> Verdict {
    let today = stage.bench.now().date_naive();
    let is_recent = |on: NaiveDate| (today - on).num_days().abs() <= 1;
    let is_right = match (deletion(stage), truth) {
        (Deletion::ForGood, Truth::Gone) => true,
        (Deletion::Bin { grants, .. }, Truth::InBin { on, grants: said }) => is_recent(*on) && *said == grants,
        _ => false,
    };
    ensure(is_right, || format!("{truth:?} on {today}, where deleting means {:?}", deletion(stage)))
}

async fn restored(stage: &Stage<'_>) -> Verdict {
    let (_, grants) = bin(stage)?;
    let permission = stage.bench.permission().ok();
    let player = stage.active().await?;
    if let Some(permission) = &permission {
        stage.done(player.grant(permission)).await?;
    }
    stage.done(player.step(AccountStep::Delete)).await?;
    for _ in 0..2 {
        let (id, shown) = live(&stage.done(player.step(AccountStep::Restore)).await?)?;
        ensure(player.id.as_ref() == Some(&id), || format!("a restore answers with account `{id}`"))?;
        ensure(shown == Shown::Disabled, || "a restored account is enabled".to_owned())?;
        let account = stage.look(&player).await?;
        ensure(account.shown == Shown::Disabled, || "a restored account is shown as enabled".to_owned())?;
        if let Some(permission) = &permission {
            holds_as_told(&account, permission, grants)?;
        }
    }
    Ok(())
}

fn holds_as_told(account: &ObservedAccount, permission: &PermissionId, grants: RestoredGrants) -> Verdict {
    let Some(held) = &account.permissions else {
        return Flaw::found("a reading after the restore does not tell what the account holds");
    };
    let holds = held.contains(permission);
    let is_right = match grants {
        RestoredGrants::Dropped => held.is_empty(),
        RestoredGrants::Kept => holds,
        // What it holds is known from this reading on.
        RestoredGrants::Unreadable => true,
    };
    ensure(is_right, || format!("grants are {grants:?}, and it holds {} of them, ours: {holds}", held.len()))
}

async fn last_day(stage: &Stage<'_>) -> Verdict {
    let (days, _) = bin(stage)?;
    let (in_time, too_late) = (stage.active().await?, stage.active().await?);
    for player in [&in_time, &too_late] {
        stage.done(player.step(AccountStep::Delete)).await?;
    }
    stage.bench.pass_days(days.saturating_sub(1)).await?;
    live(&stage.done(in_time.step(AccountStep::Restore)).await?)?;
    stage.bench.pass_days(1).await?;
    let answer = stage.try_one(too_late.step(AccountStep::Restore)).await?;
    let is_gone = answer.as_ref().is_ok_and(|done| done.truth == Truth::Gone);
    ensure(is_gone, || format!("restored {days} days after it was deleted: {answer:?}"))?;
    let shown = find(stage, &too_late).await?;
    ensure(shown.is_none(), || format!("{days} days after it was deleted a reading shows {shown:?}"))?;
    stage.look(&in_time).await.map(|_| ())
}

async fn anew(stage: &Stage<'_>) -> Verdict {
    let before = stage.active().await?;
    stage.done(before.step(AccountStep::Delete)).await?;
    if let Ok((days, _)) = bin(stage) {
        stage.bench.pass_days(days).await?;
    }
    let (id, shown) = live(&stage.done(stage.create(&Player { id: None, ..before.clone() })).await?)?;
    ensure(before.id.as_ref() != Some(&id), || format!("account `{id}` was gone and is there again"))?;
    ensure(shown == Shown::Disabled, || "a new account is enabled".to_owned())?;
    stage.look(&Player { id: Some(id), ..before }).await.map(|_| ())
}

async fn followed(stage: &Stage<'_>) -> Verdict {
    let player = stage.active().await?;
    if let Ok(permission) = stage.bench.permission() {
        stage.done(player.grant(&permission)).await?;
    }
    let mut picture = stage.observe().await?;
    stage.done(player.step(AccountStep::Delete)).await?;
    stage.follow(&mut picture).await?;
    let Ok((days, _)) = bin(stage) else { return Ok(()) };
    stage.done(player.step(AccountStep::Restore)).await?;
    stage.follow(&mut picture).await?;
    stage.done(player.step(AccountStep::Delete)).await?;
    let mut left = days;
    while left > 0 {
        let some = left.min(DAYS_OF_A_CURSOR);
        let Ok(()) = stage.bench.pass_days(some).await else { return Ok(()) };
        stage.bench.settle().await;
        stage.catch_up(&mut picture).await?;
        left -= some;
    }
    Ok(())
}
