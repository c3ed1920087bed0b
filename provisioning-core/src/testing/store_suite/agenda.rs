//! Who has to be decided, and when.

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};

use crate::audit::{AccountFact, Directive, Fact, OthersDid, PersonDirective, RunDirective};
use crate::decide::Appointment;
use crate::id::PersonId;
use crate::target::{ObservedAccount, Presence, Shown};
use crate::testing::conformance::{Checks, Flaw, Verdict, ensure, spelt};
use crate::testing::store_suite::StoreBench;
use crate::testing::store_suite::desk::{Desk, PEOPLE, day, key, policy, said};
use crate::value::Fields;

pub(super) async fn check(bench: &dyn StoreBench, checks: &mut Checks) {
    checks.add("due people come in order of id and stay due until an appointment", made_due(bench).await);
    checks.add("a changed record makes its person due, and nobody else", changed(bench).await);
    checks.add("a changed department makes due whoever is in it or below it", department(bench).await);
    checks.add("an appointment says again, at an instant, or never, and replaces the one before", kept(bench).await);
    checks.add("whoever looks at an account or a record of somebody is due when it changes", watched(bench).await);
    checks.add("everybody is due under another version of the policy", other_policy(bench).await);
    checks.add("a directive makes its person due", directives(bench).await);
    checks.add("a link makes due whoever gains and whoever loses the record", linked(bench).await);
    checks.add("going live makes due whose account was there before", goes_live(bench).await);
    checks.add("what somebody else did with an account makes its person due", surprises(bench).await);
    checks.add("whoever became due after the question was asked stays due", meanwhile(bench).await);
    checks.add("an answer ends being due by its own question, whoever asked since", asked_by_others(bench).await);
}

fn person(number: &str) -> Result<PersonId, Flaw> {
    spelt(&format!("hr:{number}"))
}

fn never(number: &str) -> Result<Appointment, Flaw> {
    Ok(Appointment::none(&person(number)?))
}

fn at(number: &str, wake: DateTime<Utc>) -> Result<Appointment, Flaw> {
    Ok(Appointment { wake: Some(wake), ..never(number)? })
}

async fn made_due(bench: &dyn StoreBench) -> Verdict {
    let mut desk = Desk::settled(bench).await?;
    for number in ["3", "1", "2", "10"] {
        desk.store.make_due(&desk.fence, BTreeSet::from([person(number)?])).await?;
    }
    desk.expect_due(&["hr:1", "hr:10", "hr:2", "hr:3"], "after they were made due").await?;
    desk.expect_due(&["hr:1", "hr:10", "hr:2", "hr:3"], "asked a second time").await?;
    desk.commit(Vec::new(), vec![never("2")?]).await?;
    desk.expect_due(&["hr:1", "hr:10", "hr:3"], "after one of them got an appointment").await
}

async fn changed(bench: &dyn StoreBench) -> Verdict {
    let mut desk = Desk::open(bench).await?;
    desk.accept_people(PEOPLE).await?;
    desk.expect_due(&["hr:1", "hr:2", "hr:3"], "after the first reading").await?;
    desk.settle().await?;
    desk.accept_people(PEOPLE).await?;
    desk.expect_due(&[], "after a reading that says the same").await?;
    desk.accept_people(&PEOPLE.replace("Bo\n", "Bob\n")).await?;
    desk.expect_due(&["hr:2"], "after a record changed").await?;
    desk.settle().await?;
    let without: Vec<&str> = PEOPLE.lines().filter(|line| !line.contains(" 3 ")).collect();
    desk.accept_people(&without.join("\n")).await?;
    desk.expect_due(&["hr:2", "hr:3"], "after one changed back and one was missing").await
}

async fn department(bench: &dyn StoreBench) -> Verdict {
    let mut desk = Desk::settled(bench).await?;
    desk.accept_people(&PEOPLE.replace("Stores", "Depots")).await?;
    desk.expect_due(&["hr:3"], "after the lowest department was renamed").await?;
    desk.settle().await?;
    // Its people look up to a manager through the departments above.
    let managed = PEOPLE.replace("Stores", "Depots").replace("Sales parent=top", "Sales parent=top manager=1");
    desk.accept_people(&managed).await?;
    desk.expect_due(&["hr:2", "hr:3"], "after the department between got a manager").await
}

async fn kept(bench: &dyn StoreBench) -> Verdict {
    let mut desk = Desk::settled(bench).await?;
    let (soon, later) = (desk.now() + TimeDelta::hours(1), desk.now() + TimeDelta::hours(2));
    let again = Appointment { again: true, ..never("1")? };
    desk.commit(Vec::new(), vec![again, at("2", soon)?, at("3", soon)?]).await?;
    desk.expect_due(&["hr:1"], "after `again` and two instants to come").await?;
    desk.commit(Vec::new(), vec![never("1")?, at("2", later)?]).await?;
    desk.expect_due(&[], "before any of the instants").await?;
    desk.clock.set(soon - TimeDelta::microseconds(1));
    desk.expect_due(&[], "a microsecond before the first instant").await?;
    desk.clock.set(soon);
    desk.expect_due(&["hr:3"], "at the first instant; that of `hr:2` was replaced").await?;
    desk.clock.set(later);
    desk.expect_due(&["hr:2", "hr:3"], "at the second instant").await?;
    desk.fence = desk.store.acquire(&desk.fence.holder.clone(), TimeDelta::hours(1)).await?;
    desk.settle().await?;
    desk.wait(TimeDelta::days(400));
    desk.expect_due(&[], "long after appointments that say never").await
}

async fn watched(bench: &dyn StoreBench) -> Verdict {
    let mut desk = Desk::settled(bench).await?;
    let watches = BTreeSet::from([person("1")?]);
    for number in ["2", "3"] {
        let appointment = Appointment { watches: watches.clone(), ..never(number)? };
        desk.commit(Vec::new(), vec![appointment]).await?;
    }
    desk.expect_due(&[], "before the account that they point at moved").await?;
    let [intent, outcome] = desk.made("1")?;
    desk.commit(vec![intent], Vec::new()).await?;
    desk.commit(vec![outcome], Vec::new()).await?;
    desk.expect_due(&["hr:2", "hr:3"], "after the account that they point at was made").await?;
    desk.commit(Vec::new(), vec![Appointment { watches, ..never("2")? }, never("3")?]).await?;
    desk.commit(vec![suspected("1")?], Vec::new()).await?;
    desk.expect_due(&["hr:1", "hr:2"], "after somebody deleted it; `hr:3` points at it no more").await?;
    desk.settle().await?;
    desk.commit(Vec::new(), vec![Appointment { watches: BTreeSet::from([person("1")?]), ..never("3")? }]).await?;
    desk.commit(vec![adopted("1")?], Vec::new()).await?;
    desk.expect_due(&["hr:3"], "after the account that `hr:3` points at was adopted").await?;
    desk.settle().await?;
    desk.commit(Vec::new(), vec![Appointment { watches: BTreeSet::from([person("1")?]), ..never("3")? }]).await?;
    desk.accept_people(&PEOPLE.replace("Anna", "Ann")).await?;
    desk.expect_due(&["hr:1", "hr:3"], "after the record at which `hr:3` looks changed").await
}

async fn other_policy(bench: &dyn StoreBench) -> Verdict {
    let mut desk = Desk::settled(bench).await?;
    // Somebody of whom the ledger knows something and the roster nothing is somebody too.
    desk.commit(vec![said("9", PersonDirective::Block)?], Vec::new()).await?;
    desk.settle().await?;
    let everybody = ["hr:1", "hr:2", "hr:3", "hr:9"];
    let due = desk.due_under(&policy("second")).await?;
    ensure(due == everybody, || format!("under another version {due:?} are due instead of {everybody:?}"))?;
    desk.commit(Vec::new(), vec![never("1")?, never("9")?]).await?;
    let due = desk.due_under(&policy("second")).await?;
    ensure(due == ["hr:2", "hr:3"], || format!("under the same version again {due:?} are due"))?;
    let due = desk.due_under(&policy("first")).await?;
    ensure(due == everybody, || format!("back under the first version {due:?} are due"))
}

async fn directives(bench: &dyn StoreBench) -> Verdict {
    let mut desk = Desk::settled(bench).await?;
    let slot = key("2")?.slot();
    for what in [
        PersonDirective::Block,
        PersonDirective::Unblock,
        PersonDirective::LegalHold(true),
        PersonDirective::Release(slot),
        PersonDirective::NoExceptions,
    ] {
        let when = format!("after {what:?}");
        desk.commit(vec![said("2", what)?], Vec::new()).await?;
        desk.expect_due(&["hr:2"], &when).await?;
        desk.settle().await?;
    }
    Ok(())
}

async fn linked(bench: &dyn StoreBench) -> Verdict {
    let mut desk = Desk::settled(bench).await?;
    let record = || spelt("hr:3");
    desk.commit(vec![said("1", PersonDirective::Link(record()?))?], Vec::new()).await?;
    desk.expect_due(&["hr:1", "hr:3"], "after record `hr:3` was linked to `hr:1`").await?;
    desk.settle().await?;
    desk.accept_people(&PEOPLE.replace("Cas", "Casper")).await?;
    desk.expect_due(&["hr:1"], "after the linked record changed").await?;
    desk.settle().await?;
    desk.commit(vec![said("3", PersonDirective::Block)?], Vec::new()).await?;
    desk.expect_due(&["hr:1", "hr:3"], "after a directive named the person of the linked record").await?;
    desk.settle().await?;
    desk.commit(vec![said("2", PersonDirective::Link(record()?))?], Vec::new()).await?;
    desk.expect_due(&["hr:1", "hr:2"], "after it was linked to `hr:2` instead").await?;
    desk.settle().await?;
    desk.commit(vec![said("3", PersonDirective::Link(record()?))?], Vec::new()).await?;
    desk.expect_due(&["hr:2", "hr:3"], "after the link was undone").await?;
    desk.settle().await?;
    desk.commit(Vec::new(), vec![Appointment { watches: BTreeSet::from([person("3")?]), ..never("2")? }]).await?;
    desk.commit(vec![said("1", PersonDirective::Link(record()?))?], Vec::new()).await?;
    desk.expect_due(&["hr:1", "hr:2", "hr:3"], "after the record that `hr:2` points at was linked to `hr:1`").await
}

fn suspected(number: &str) -> Result<Fact, Flaw> {
    let fact = AccountFact::Suspected { what: OthersDid::Delete, shown: None, holds: None, day: day()? };
    Ok(Fact::Account(key(number)?, fact))
}

fn adopted(number: &str) -> Result<Fact, Flaw> {
    let account = ObservedAccount {
        id: spelt(&format!("adopted-of-{number}"))?,
        anchor: None,
        presence: Presence::Live,
        shown: Shown::Enabled,
        attributes: Fields::default(),
        permissions: None,
    };
    let fact = AccountFact::Adopted { account: Box::new(account), names: Vec::new(), day: day()? };
    Ok(Fact::Account(key(number)?, fact))
}

async fn goes_live(bench: &dyn StoreBench) -> Verdict {
    let mut desk = Desk::settled(bench).await?;
    desk.commit(vec![adopted("2")?], Vec::new()).await?;
    desk.settle().await?;
    for (target, due) in [("ad", &[][..]), ("entra", &["hr:2"])] {
        let live = Directive::Run(RunDirective::GoLive(spelt(target)?));
        desk.commit(vec![Fact::Said(live)], Vec::new()).await?;
        desk.expect_due(due, &format!("after `{target}` went live")).await?;
    }
    Ok(())
}

async fn surprises(bench: &dyn StoreBench) -> Verdict {
    let mut desk = Desk::settled(bench).await?;
    let made = desk.made("1")?;
    desk.commit(made.to_vec(), Vec::new()).await?;
    desk.settle().await?;
    let disabled = AccountFact::Suspected {
        what: OthersDid::Disable,
        shown: Some((Presence::Live, Shown::Disabled)),
        holds: None,
        day: day()?,
    };
    let held = AccountFact::Held { what: OthersDid::Disable, holds: None, day: day()? };
    let found = AccountFact::Found { in_bin: None };
    for surprise in [disabled, held, found, AccountFact::EnabledByOthers, AccountFact::Emptied] {
        let when = format!("after {surprise:?}");
        desk.commit(vec![Fact::Account(key("1")?, surprise)], Vec::new()).await?;
        desk.expect_due(&["hr:1"], &when).await?;
        desk.settle().await?;
    }
    // What a decision itself brings about is no reason to decide again.
    for foreseen in [AccountFact::Unwanted { since: day()? }, AccountFact::Wanted, AccountFact::Settled] {
        let when = format!("after {foreseen:?}");
        desk.commit(vec![Fact::Account(key("1")?, foreseen)], Vec::new()).await?;
        desk.expect_due(&[], &when).await?;
    }
    Ok(())
}

async fn meanwhile(bench: &dyn StoreBench) -> Verdict {
    let mut desk = Desk::settled(bench).await?;
    let everybody = BTreeSet::from([person("1")?, person("2")?, person("3")?]);
    desk.store.make_due(&desk.fence, everybody).await?;
    desk.expect_due(&["hr:1", "hr:2", "hr:3"], "when the question was asked").await?;
    // While these three are decided, something happens to each but the third.
    desk.store.make_due(&desk.fence, BTreeSet::from([person("1")?])).await?;
    desk.accept_people(&PEOPLE.replace("Bo\n", "Bob\n")).await?;
    desk.commit(Vec::new(), vec![never("1")?, never("2")?, never("3")?]).await?;
    desk.expect_due(&["hr:1", "hr:2"], "after decisions on what was so before").await?;
    desk.settle().await
}

async fn asked_by_others(bench: &dyn StoreBench) -> Verdict {
    let mut desk = Desk::settled(bench).await?;
    desk.store.make_due(&desk.fence, BTreeSet::from([person("1")?, person("2")?])).await?;
    desk.expect_due(&["hr:1", "hr:2"], "when the question was asked").await?;
    let question = desk.question();
    desk.store.make_due(&desk.fence, BTreeSet::from([person("1")?, person("3")?])).await?;
    desk.expect_due(&["hr:1", "hr:2", "hr:3"], "when somebody else asked").await?;
    desk.answer(None, Vec::new(), vec![never("2")?]).await?;
    desk.expect_due(&["hr:1", "hr:2", "hr:3"], "after an appointment that answers no question").await?;
    desk.answer(question, Vec::new(), vec![never("1")?, never("2")?, never("3")?]).await?;
    desk.expect_due(&["hr:1", "hr:3"], "after an answer to the first question").await?;
    desk.settle().await
}
