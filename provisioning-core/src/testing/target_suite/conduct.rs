//! What holds for every target, also for one that does nothing.

use chrono::TimeDelta;

use crate::audit::FailureKind;
use crate::plan::AccountStep;
use crate::port::{Permit, PortErrorKind};
use crate::source::Cursor;
use crate::target::{Observation, TargetReading};
use crate::testing::conformance::{Checks, Flaw, Verdict, ensure};
use crate::testing::target_suite::stage::{Stage, same};

pub(super) async fn check(stage: &Stage<'_>, checks: &mut Checks) {
    checks.add("what the target can do stays the same", description(stage));
    checks.add("nothing is sent before the stream is polled", unpolled(stage).await);
    checks.add("the stream ends after one outcome for each action", one_outcome_each(stage).await);
    checks.add("under an expired permit everything fails as transient and nothing is sent", expired(stage).await);
    checks.add("changes since a cursor lead where a whole reading leads", changes(stage).await);
    checks.add("an unknown cursor is refused, or answered with everything", unknown_cursor(stage).await);
}

fn description(stage: &Stage<'_>) -> Verdict {
    let (first, second) = (stage.bench.target().describe(), stage.bench.target().describe());
    ensure(first == second, || format!("{first:?}, then {second:?}"))
}

/// What the system got, and what it shows.
async fn picture(stage: &Stage<'_>) -> Result<(Option<u64>, Observation), Flaw> {
    Ok((stage.bench.writes().ok(), stage.observe().await?))
}

async fn untouched(stage: &Stage<'_>, before: &(Option<u64>, Observation)) -> Verdict {
    stage.bench.settle().await;
    let after = picture(stage).await?;
    ensure(before.0 == after.0, || format!("writing requests went from {:?} to {:?}", before.0, after.0))?;
    same(&before.1, &after.1)
}

async fn unpolled(stage: &Stage<'_>) -> Verdict {
    let before = picture(stage).await?;
    let wave = stage.wave(vec![stage.create(&stage.nobody()?)]);
    drop(stage.bench.target().apply(&wave, stage.permit()));
    untouched(stage, &before).await
}

async fn one_outcome_each(stage: &Stage<'_>) -> Verdict {
    let before = picture(stage).await?;
    stage.send(Vec::new(), stage.permit()).await?;
    untouched(stage, &before).await?;
    let mut steps = Vec::new();
    for _ in 0..3 {
        steps.push(stage.create(&stage.nobody()?));
    }
    steps.push(stage.nobody()?.step(AccountStep::Enable));
    stage.send(steps, stage.permit()).await.map(|_| ())
}

async fn expired(stage: &Stage<'_>) -> Verdict {
    let before = picture(stage).await?;
    let mut steps = Vec::new();
    for _ in 0..2 {
        steps.push(stage.create(&stage.nobody()?));
    }
    let now = stage.bench.now();
    for over in [Permit::until(now), Permit::until(now - TimeDelta::hours(1))] {
        for answer in stage.send(steps.clone(), over).await? {
            match answer {
                Err(failure) if failure.kind == FailureKind::Transient => {}
                Err(failure) => return Flaw::found(format!("a failure of kind {:?}: {failure}", failure.kind)),
                Ok(done) => return Flaw::found(format!("{done:?}")),
            }
        }
    }
    untouched(stage, &before).await
}

async fn changes(stage: &Stage<'_>) -> Verdict {
    let mut picture = stage.observe().await?;
    stage.follow(&mut picture).await?;
    stage.try_one(stage.create(&stage.nobody()?)).await.map(|_| ())?;
    stage.follow(&mut picture).await?;
    stage.follow(&mut picture).await
}

async fn unknown_cursor(stage: &Stage<'_>) -> Verdict {
    let before = stage.observe().await?;
    match stage.bench.target().observe(Some(&Cursor("no cursor of any target".to_owned()))).await {
        Ok(all @ TargetReading::Whole(_)) => {
            let mut after = Observation::new(Vec::new(), Vec::new());
            after.apply(all);
            same(&before, &after)
        }
        Ok(TargetReading::Changes(_)) => Flaw::found("changes since a cursor that the target never gave"),
        Err(error) if error.kind() == PortErrorKind::CursorRefused => Ok(()),
        Err(error) => Err(error.into()),
    }
}
