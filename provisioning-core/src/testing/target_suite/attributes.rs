//! Writing attributes: those that an update names, and no others.

use crate::id::FieldName;
use crate::plan::AccountStep;
use crate::target::{Change, Patch};
use crate::testing::conformance::{Checks, Flaw, Verdict, ensure};
use crate::testing::target_suite::stage::{Player, Stage};
use crate::value::{Edit, Fields, Value};

pub(super) async fn check(stage: &Stage<'_>, checks: &mut Checks) {
    checks.add("only the attributes that an update names are written", only_named(stage).await);
    checks.add("keeping, clearing and setting are three things, and can be done again", three_edits(stage).await);
    checks.add("empty text is kept as empty text or refused, and never clears", empty_text(stage).await);
    checks.add("two updates of one account in one wave both arrive", two_updates(stage).await);
}

fn update(player: &Player, changes: &[(&FieldName, Edit<Value>)]) -> crate::plan::Step {
    let change = |(attribute, after): &(&FieldName, Edit<Value>)| Change {
        attribute: (*attribute).clone(),
        before: None,
        after: after.clone(),
    };
    player.step(AccountStep::Update(Patch(changes.iter().map(change).collect())))
}

fn text(text: &str) -> Edit<Value> {
    Edit::Set(Value::text(text))
}

async fn attributes(stage: &Stage<'_>, player: &Player) -> Result<Fields, Flaw> {
    Ok(stage.look(player).await?.attributes)
}

fn has(fields: &Fields, name: &FieldName, wanted: Option<&str>) -> Verdict {
    let read = fields.value(name.as_str()).filter(|value| **value != Value::Null);
    let is_so = read == wanted.map(Value::text).as_ref();
    ensure(is_so, || format!("attribute `{name}` should be {wanted:?}; it is {}", read.map_or("absent", spoken)))
}

/// What may be said of a value: it may be somebody's.
fn spoken(value: &Value) -> &'static str {
    match value {
        Value::Text(text) if text.is_empty() => "empty text",
        Value::Text(_) => "another text",
        Value::Null | Value::Number(_) | Value::Bool(_) | Value::Date(_) | Value::List(_) | Value::Account(_) => {
            "no text"
        }
    }
}

async fn only_named(stage: &Stage<'_>) -> Verdict {
    let [first, second] = stage.bench.attributes();
    let (player, bystander) = (stage.player().await?, stage.player().await?);
    stage.done(update(&player, &[(&first, text("11")), (&second, text("21"))])).await?;
    let before = attributes(stage, &player).await?;
    let beside = attributes(stage, &bystander).await?;
    stage.done(update(&player, &[(&first, text("12"))])).await?;
    let after = attributes(stage, &player).await?;
    has(&after, &first, Some("12"))?;
    for name in before.iter().chain(after.iter()).map(|(name, _)| name).filter(|name| **name != first) {
        let same = before.value(name.as_str()) == after.value(name.as_str());
        ensure(same, || format!("attribute `{name}` was not named and is another one"))?;
    }
    let same = attributes(stage, &bystander).await? == beside;
    ensure(same, || "the account of somebody else was written".to_owned())
}

async fn three_edits(stage: &Stage<'_>) -> Verdict {
    let [first, second] = stage.bench.attributes();
    let player = stage.player().await?;
    let cases: [(Edit<Value>, Option<&str>); 6] = [
        (Edit::Clear, None),
        (text("31"), Some("31")),
        (text("31"), Some("31")),
        (Edit::Keep, Some("31")),
        (Edit::Clear, None),
        (Edit::Clear, None),
    ];
    for (edit, wanted) in cases {
        stage.done(update(&player, &[(&first, edit), (&second, text("41"))])).await?;
        let fields = attributes(stage, &player).await?;
        has(&fields, &first, wanted)?;
        has(&fields, &second, Some("41"))?;
    }
    Ok(())
}

async fn empty_text(stage: &Stage<'_>) -> Verdict {
    let [first, _] = stage.bench.attributes();
    let player = stage.player().await?;
    stage.done(update(&player, &[(&first, text("51"))])).await?;
    let answer = stage.try_one(update(&player, &[(&first, text(""))])).await?;
    let wanted = if answer.is_ok() { "" } else { "51" };
    has(&attributes(stage, &player).await?, &first, Some(wanted))
}

async fn two_updates(stage: &Stage<'_>) -> Verdict {
    let [first, second] = stage.bench.attributes();
    let player = stage.player().await?;
    let steps = vec![update(&player, &[(&first, text("61"))]), update(&player, &[(&second, text("71"))])];
    for answer in stage.send(steps, stage.permit()).await? {
        ensure(answer.is_ok(), || format!("one of them failed: {answer:?}"))?;
    }
    let fields = attributes(stage, &player).await?;
    has(&fields, &first, Some("61"))?;
    has(&fields, &second, Some("71"))
}
