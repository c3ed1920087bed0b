//! What accounts hold, and the groups that are made for it.

use crate::audit::{FailureKind, Truth};
use crate::id::PermissionId;
use crate::plan::AccountStep;
use crate::target::Shown;
use crate::testing::conformance::{Checks, Flaw, Verdict, ensure, spelt};
use crate::testing::target_suite::stage::{Player, Stage};

pub(super) async fn check(stage: &Stage<'_>, checks: &mut Checks) {
    checks.add("granting and revoking say what is now true, also when done again", granted(stage).await);
    checks.add("one failing action does not keep the others from being done", one_fails(stage).await);
    checks.add("a resource is made once, and renamed without losing id or members", ensured(stage).await);
    checks.add("changes since a cursor tell of grants and resources too", followed(stage).await);
}

/// Whether a reading shows that the account holds it; `None` where the target cannot tell.
async fn holds(stage: &Stage<'_>, player: &Player, permission: &PermissionId) -> Result<Option<bool>, Flaw> {
    let account = stage.look(player).await?;
    Ok(account.permissions.map(|held| held.contains(permission)))
}

async fn granted(stage: &Stage<'_>) -> Verdict {
    let permission = stage.bench.permission()?;
    let (player, bystander) = (stage.active().await?, stage.active().await?);
    for (step, truth) in [
        (player.revoke(&permission), Truth::HoldsNot),
        (player.grant(&permission), Truth::Holds),
        (player.grant(&permission), Truth::Holds),
        (player.revoke(&permission), Truth::HoldsNot),
        (player.revoke(&permission), Truth::HoldsNot),
    ] {
        let what = step.kind();
        let said = stage.done(step).await?;
        ensure(said == truth, || format!("a {what} answers {said:?}"))?;
        let shown = holds(stage, &player, &permission).await?;
        ensure(shown.is_none_or(|holds| holds == (truth == Truth::Holds)), || {
            format!("after a {what} that answers {said:?} the account holds it: {shown:?}")
        })?;
        let beside = holds(stage, &bystander, &permission).await?;
        ensure(beside != Some(true), || "somebody else got it".to_owned())?;
    }
    Ok(())
}

async fn one_fails(stage: &Stage<'_>) -> Verdict {
    let unknown: PermissionId = spelt("there is no such permission")?;
    let (first, second) = (stage.player().await?, stage.player().await?);
    let mut steps = vec![first.grant(&unknown), second.step(AccountStep::Enable)];
    if let Ok(permission) = stage.bench.permission() {
        steps.push(first.grant(&permission));
        steps.push(second.grant(&permission));
    }
    let answers = stage.send(steps, stage.permit()).await?;
    let [failed, others @ ..] = answers.as_slice() else { return Flaw::found("no outcomes") };
    let is_refused = failed.as_ref().is_err_and(|failure| failure.kind == FailureKind::Permanent);
    ensure(is_refused, || format!("a grant of something unknown: {failed:?}"))?;
    for other in others {
        ensure(other.is_ok(), || format!("another action of the same wave: {other:?}"))?;
    }
    let shown = stage.look(&second).await?.shown;
    ensure(shown == Shown::Enabled, || "another account of the same wave was not enabled".to_owned())
}

async fn ensured(stage: &Stage<'_>) -> Verdict {
    let resource = stage.bench.new_resource(stage.number())?;
    let player = stage.active().await?;
    let mut members = false;
    for name in ["Suite one", "Suite one", "Suite two", "Suite two"] {
        let said = stage.done(stage.ensured(&resource, name)).await?;
        ensure(said == Truth::Exists, || format!("ensuring answers {said:?}"))?;
        let observation = stage.observe().await?;
        let read = observation.resource(&resource).map(|resource| resource.name.clone());
        ensure(read.as_deref() == Some(name), || format!("it should be called `{name}` and is called {read:?}"))?;
        let same_name = observation.resources().filter(|other| other.name == name).count();
        ensure(same_name == 1, || format!("there are {same_name} resources called `{name}`"))?;
        if !members {
            stage.done(player.grant(&resource)).await?;
            members = true;
        }
        let held = holds(stage, &player, &resource).await?;
        ensure(held != Some(false), || format!("called `{name}`, it lost its member"))?;
    }
    Ok(())
}

async fn followed(stage: &Stage<'_>) -> Verdict {
    let permission = stage.bench.permission()?;
    let player = stage.active().await?;
    let mut picture = stage.observe().await?;
    stage.done(player.grant(&permission)).await?;
    stage.follow(&mut picture).await?;
    stage.done(player.revoke(&permission)).await?;
    stage.follow(&mut picture).await?;
    if let Ok(resource) = stage.bench.new_resource(stage.number()) {
        for name in ["Suite three", "Suite four"] {
            stage.done(stage.ensured(&resource, name)).await?;
            stage.follow(&mut picture).await?;
        }
    }
    Ok(())
}
