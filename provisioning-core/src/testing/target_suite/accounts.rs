//! Making accounts, letting them be used and stopping that.

use crate::audit::{FailureKind, Truth};
use crate::plan::{AccountStep, Step};
use crate::target::Shown;
use crate::testing::conformance::{Checks, Flaw, Verdict, ensure};
use crate::testing::target_suite::stage::{Player, Stage, live};
use crate::value::Value;

pub(super) async fn check(stage: &Stage<'_>, checks: &mut Checks) {
    checks.add("a new account is disabled and bears its anchor and its attributes", created(stage).await);
    checks.add("a create that finds its anchor answers with that account", created_again(stage).await);
    checks.add("enabling and disabling say what is now true, also when done again", switched(stage).await);
    checks.add("an account is found by its key where its id is not known yet", by_key(stage).await);
    checks.add("an account that was there before is found by its id", by_id(stage).await);
    checks.add("a name that another account bears is refused, and no account is made", taken_name(stage).await);
    checks.add("a step on an account that is not there does not say that it is", nobody_there(stage).await);
}

async fn created(stage: &Stage<'_>) -> Verdict {
    let player = stage.player().await?;
    let account = stage.look(&player).await?;
    ensure(account.shown == Shown::Disabled, || "a new account is shown as enabled".to_owned())?;
    let wanted = stage.bench.new_account(player.number).attributes;
    for (name, value) in wanted.iter() {
        let read = account.attributes.value(name.as_str());
        let is_so = read == Some(value) || (read.is_none() && *value == Value::Null);
        ensure(is_so, || format!("attribute `{name}` does not have the value that the account was made with"))?;
    }
    let held = account.permissions.map_or(0, |held| held.len());
    ensure(held == 0, || format!("a new account holds {held} permissions that nobody granted"))
}

async fn created_again(stage: &Stage<'_>) -> Verdict {
    let mut player = stage.nobody()?;
    let first = live(&stage.done(stage.create(&player)).await?)?;
    let second = live(&stage.done(stage.create(&player)).await?)?;
    ensure(first == second, || format!("account {first:?} the first time and {second:?} the second"))?;
    player.id = Some(first.0);
    stage.look(&player).await?;
    stage.done(player.step(AccountStep::Enable)).await?;
    let third = live(&stage.done(stage.create(&player)).await?)?;
    let account = stage.look(&player).await?;
    ensure(third.1 == account.shown, || format!("the outcome says {:?}, and it is {:?}", third.1, account.shown))?;
    ensure(account.shown == Shown::Enabled, || "making an account again took its use away".to_owned())
}

async fn switched(stage: &Stage<'_>) -> Verdict {
    let player = stage.player().await?;
    for (step, shown) in [
        (AccountStep::Disable, Shown::Disabled),
        (AccountStep::Enable, Shown::Enabled),
        (AccountStep::Enable, Shown::Enabled),
        (AccountStep::Disable, Shown::Disabled),
        (AccountStep::Disable, Shown::Disabled),
    ] {
        let said = live(&stage.done(player.step(step.clone())).await?)?;
        ensure(player.id.as_ref() == Some(&said.0), || format!("{step:?} answers with account `{}`", said.0))?;
        ensure(said.1 == shown, || format!("{step:?} leaves the account {:?}", said.1))?;
        let account = stage.look(&player).await?;
        ensure(account.shown == shown, || format!("after {step:?} the account is shown as {:?}", account.shown))?;
    }
    Ok(())
}

/// As in a plan that makes an account and enables it: the second step cannot know the id.
async fn by_key(stage: &Stage<'_>) -> Verdict {
    let known = stage.player().await?;
    let unknown = Player { id: None, ..known.clone() };
    let (id, shown) = live(&stage.done(unknown.step(AccountStep::Enable)).await?)?;
    ensure(known.id.as_ref() == Some(&id), || format!("the key leads to account `{id}`"))?;
    ensure(shown == Shown::Enabled, || "the account is not enabled".to_owned())
}

/// As after an adoption: the account bears no anchor, and the ledger knows whose it is.
async fn by_id(stage: &Stage<'_>) -> Verdict {
    let mut player = stage.nobody()?;
    let id = stage.bench.make_by_hand(stage.bench.new_account(player.number)).await?;
    player.id = Some(id.clone());
    stage.bench.settle().await;
    let (said, shown) = live(&stage.done(player.step(AccountStep::Enable)).await?)?;
    ensure(said == id, || format!("the step was for account `{id}` and reached `{said}`"))?;
    let observation = stage.observe().await?;
    let read = observation.account(&id).map(|account| account.shown);
    ensure(shown == Shown::Enabled && read == Some(Shown::Enabled), || {
        format!("the outcome says {shown:?}, and the account is shown as {read:?}")
    })
}

async fn taken_name(stage: &Stage<'_>) -> Verdict {
    if stage.bench.target().describe().naming.is_empty() {
        return Err(Flaw::NotChecked);
    }
    let first = stage.player().await?;
    let second = stage.nobody()?;
    let same = AccountStep::Create(stage.bench.new_account(first.number));
    match stage.try_one(second.step(same)).await? {
        Err(failure) if failure.kind == FailureKind::Permanent => {}
        other => return Flaw::found(format!("a second account with the same names: {other:?}")),
    }
    let observation = stage.observe().await?;
    let made = observation.anchored(&second.key.anchor()).count();
    ensure(made == 0, || "the refused account is there all the same".to_owned())?;
    stage.look(&first).await.map(|_| ())
}

async fn nobody_there(stage: &Stage<'_>) -> Verdict {
    use AccountStep::{Delete, Disable, Enable, Reissue, Restore};
    for step in [Enable, Disable, Restore, Reissue, Delete] {
        let nobody = stage.nobody()?;
        let kind = step.clone();
        let answer = stage.try_one(nobody.step(step)).await?;
        let is_gone = matches!(&answer, Ok(done) if done.truth == Truth::Gone && done.secret.is_none());
        // Whoever deletes has what was wanted; of other steps it may also be an error that there is no account.
        let may_fail = kind != AccountStep::Delete && answer.is_err();
        ensure(is_gone || may_fail, || format!("{kind:?} on an account that never was: {answer:?}"))?;
    }
    if let Ok(permission) = stage.bench.permission() {
        let answer = stage.try_one(stage.nobody()?.grant(&permission)).await?;
        ensure(answer.is_err(), || format!("granted to an account that never was: {answer:?}"))?;
        let step: Step = stage.nobody()?.revoke(&permission);
        let answer = stage.try_one(step).await?;
        let is_so = answer.as_ref().is_err() || matches!(&answer, Ok(done) if done.truth == Truth::HoldsNot);
        ensure(is_so, || format!("revoked from an account that never was: {answer:?}"))?;
    }
    Ok(())
}
