//! The table, row by row.

use expect_test::{Expect, expect};

use crate::audit::story::story;
use crate::audit::{
    AccountFact, AuditCsv, Chain, Directive, Exception, Fact, FailureKind, Head, Intent, IntentId, OthersDid,
    PersonDirective, ReadingFact, Record, RunDirective, RunFact, Salt, Sealed, Settlement, Truth,
};
use crate::digest::Digest;
use crate::id::Slot;
use crate::plan::{AccountStep, Action, ActionId, Step, Timing, Why};
use crate::policy::Entitlement;
use crate::samples::{at, day, fields, id, key, permission, step};
use crate::source::{ReadingHash, Rejection};
use crate::target::{Change, Patch, Presence, RestoredGrants, Shown};
use crate::value::{Edit, Value};

fn table(records: &[Sealed]) -> String {
    let mut csv = AuditCsv::begin(Vec::new()).unwrap();
    for sealed in records {
        csv.append(sealed).unwrap();
    }
    String::from_utf8(csv.finish().unwrap()).unwrap()
}

/// The cells of each row, as RFC 4180 has them.
fn cells(text: &str) -> Vec<Vec<String>> {
    let (mut rows, mut row, mut cell, mut quoted) = (Vec::new(), Vec::new(), String::new(), false);
    let mut rest = text.chars().peekable();
    while let Some(one) = rest.next() {
        match one {
            '"' if quoted && rest.peek() == Some(&'"') => cell.extend(rest.next()),
            '"' => quoted = !quoted,
            ',' if !quoted => row.push(std::mem::take(&mut cell)),
            '\r' if !quoted => {
                assert_eq!(rest.next(), Some('\n'));
                row.push(std::mem::take(&mut cell));
                rows.push(std::mem::take(&mut row));
            }
            _ => cell.push(one),
        }
    }
    assert!(cell.is_empty() && row.is_empty() && !quoted, "the last row ends too");
    rows
}

/// A line for each row, with the cells that say something; hashes are cut short.
fn shown(records: &[Sealed]) -> String {
    let rows = cells(&table(records));
    let (names, rows) = rows.split_first().unwrap();
    assert_eq!(rows.len(), records.len());
    let line = |row: &Vec<String>| {
        assert_eq!(row.len(), names.len());
        let pairs = names.iter().zip(row).filter(|(name, cell)| !cell.is_empty() && *name != "hash");
        let pairs = pairs.map(|(name, cell)| match name.as_str() {
            "policy" | "plan" => format!("{name}={}", &cell[..8]),
            _ => format!("{name}={cell}"),
        });
        pairs.collect::<Vec<_>>().join(" | ") + "\n"
    };
    rows.iter().map(line).collect()
}

fn check(records: &[Sealed], expected: &Expect) {
    expected.assert_eq(&shown(records));
}

fn sealed(facts: Vec<Fact>) -> Vec<Sealed> {
    let mut chain = Chain::from(Head::EMPTY);
    let record = |fact| Record { at: at("2026-03-01"), actor: id("engine"), fact };
    facts.into_iter().map(|fact| chain.seal(&record(fact), Salt([0; 16]))).collect()
}

#[test]
fn i_53_each_row_says_who_what_why_before_after_and_result() {
    let text = "
        2026-03-01 04:00 | run 7
        2026-03-01 04:00 | apply 7 2
        2026-03-01 04:01 | create 1 user_name=anna | staff c1
        2026-03-01 04:02 | grant 1 sales | trade c1
        2026-03-02 04:00 | run 8
        2026-03-02 04:00 | revoke ad/1#admin sales
    ";
    check(
        &story(text),
        &expect![[r"
        place=0 | at=2026-03-01T04:00:00Z | actor=engine | run=2026-03-01T04:00:00Z | policy=07070707 | what=run
        place=1 | at=2026-03-01T04:00:00Z | actor=engine | run=2026-03-01T04:00:00Z | policy=07070707 | plan=64879f7d | what=apply | subject=2 actions, 0 of them held back
        place=2 | at=2026-03-01T04:01:00Z | actor=engine | run=2026-03-01T04:00:00Z | policy=07070707 | plan=64879f7d | what=create | target=entra | person=hr:1 | account=main | subject=user_name | before=no account | after=user_name: `anna` | why=rule `staff`, contract `c1` | result=about to be sent
        place=3 | at=2026-03-01T04:01:00Z | actor=engine | run=2026-03-01T04:00:00Z | policy=07070707 | plan=64879f7d | what=create | target=entra | person=hr:1 | account=main | id=entra-hr:1 | subject=user_name | before=no account | after=user_name: `anna` | why=rule `staff`, contract `c1` | result=done: disabled
        place=4 | at=2026-03-01T04:02:00Z | actor=engine | run=2026-03-01T04:00:00Z | policy=07070707 | plan=64879f7d | what=grant | target=entra | person=hr:1 | account=main | subject=sales | before=not held | after=held | why=rule `trade`, contract `c1` | result=about to be sent
        place=5 | at=2026-03-01T04:02:00Z | actor=engine | run=2026-03-01T04:00:00Z | policy=07070707 | plan=64879f7d | what=grant | target=entra | person=hr:1 | account=main | subject=sales | before=not held | after=held | why=rule `trade`, contract `c1` | result=done: held
        place=6 | at=2026-03-02T04:00:00Z | actor=engine | run=2026-03-02T04:00:00Z | policy=08080808 | what=run
        place=7 | at=2026-03-02T04:00:00Z | actor=engine | run=2026-03-02T04:00:00Z | policy=07070707 | plan=64879f7d | what=revoke | target=ad | person=hr:1 | account=admin | subject=sales | before=held | after=not held | why=no rule gives it any more | result=about to be sent
        place=8 | at=2026-03-02T04:00:00Z | actor=engine | run=2026-03-02T04:00:00Z | policy=07070707 | plan=64879f7d | what=revoke | target=ad | person=hr:1 | account=admin | subject=sales | before=held | after=not held | why=no rule gives it any more | result=done: not held
    "]],
    );
    let hashes: Vec<String> = cells(&table(&story(text))).iter().skip(1).map(|row| row[16].clone()).collect();
    let sealed: Vec<String> = story(text).iter().map(|sealed| sealed.hash.to_string()).collect();
    assert_eq!(hashes, sealed);
}

#[test]
fn an_erased_record_is_a_row_that_says_so() {
    let mut records = story("2026-03-01 04:00 | run 7\n2026-03-01 04:00 | create 1 user_name=anna | staff c1");
    records[1].erase();
    let mut unreadable = records[0].clone();
    (unreadable.place, unreadable.content) = (3, Some((Salt([0; 16]), "{}".to_owned())));
    records.push(unreadable);
    check(
        &records,
        &expect![[r"
        place=0 | at=2026-03-01T04:00:00Z | actor=engine | run=2026-03-01T04:00:00Z | policy=07070707 | what=run
        place=1 | what=erased
        place=2 | at=2026-03-01T04:00:00Z | actor=engine | run=2026-03-01T04:00:00Z | policy=07070707 | plan=64879f7d | what=outcome of an erased intent | id=entra-hr:1 | result=done: disabled
        place=3 | what=unreadable by this version
    "]],
    );
    assert!(!table(&records).contains("anna"));
}

#[test]
fn every_kind_of_step_and_answer_has_its_words() {
    let account = |step| Step::Account { key: key("1"), id: Some(id("object")), step };
    let change = |attribute: &str, before: Option<&str>, after| {
        let before = before.map(Value::text);
        Change { attribute: id(attribute), before, after }
    };
    let patch = Patch(vec![
        change("title", Some("Buyer"), Edit::Set(Value::text("Chief"))),
        change("phone", Some("1"), Edit::Clear),
        change("room", None, Edit::Keep),
    ]);
    let live = |shown, given: &[&str]| Truth::Live { id: id("object"), shown, given: fields(given) };
    let done = |truth, secret| Settlement::Done { truth, secret };
    let failed = |kind| Settlement::Failed { kind, message: "no answer".to_owned() };
    let bin = Truth::InBin { on: day("2026-03-01"), grants: RestoredGrants::Kept };
    let steps = [
        (account(AccountStep::Restore), done(live(Shown::Disabled, &[]), false)),
        (account(AccountStep::Enable), done(live(Shown::Enabled, &["mail=a@x"]), true)),
        (account(AccountStep::Update(patch)), failed(FailureKind::Transient)),
        (account(AccountStep::Disable), failed(FailureKind::Permanent)),
        (account(AccountStep::Delete), done(bin, false)),
        (account(AccountStep::Delete), done(Truth::Gone, false)),
        (account(AccountStep::Reissue), Settlement::NotDone),
        (step("ensure sales Sales"), done(Truth::Exists, false)),
        (step("grant 1 sales"), done(Truth::HoldsNot, false)),
    ];
    let mut facts = Vec::new();
    for (number, (step, settlement)) in (0..).zip(steps) {
        let intent = IntentId { plan: Digest::ZERO, action: ActionId(number) };
        let why = if matches!(step, Step::Permission { .. }) { Vec::new() } else { vec![Why::Differs, Why::Blocked] };
        let day = day("2026-03-01");
        let action = Action { id: intent.action, step, day, why, timing: Timing::Expected, after: Vec::new() };
        facts.push(Fact::Intent(Box::new(Intent { id: intent, action })));
        facts.push(Fact::Outcome(intent, failed(FailureKind::Unknown)));
        facts.push(Fact::Outcome(intent, settlement));
        facts.push(Fact::Outcome(intent, Settlement::NotDone));
    }
    check(
        &sealed(facts),
        &expect![[r"
        place=0 | at=2026-03-01T04:00:00Z | actor=engine | plan=00000000 | what=restore | target=entra | person=hr:1 | account=main | id=object | before=in the recycle bin | after=disabled | why=it should be so, and is not yet; blocked by a directive | result=about to be sent
        place=1 | at=2026-03-01T04:00:00Z | actor=engine | plan=00000000 | what=restore | target=entra | person=hr:1 | account=main | id=object | before=in the recycle bin | after=disabled | why=it should be so, and is not yet; blocked by a directive | result=nobody knows whether it was done: no answer
        place=2 | at=2026-03-01T04:00:00Z | actor=engine | plan=00000000 | what=restore | target=entra | person=hr:1 | account=main | id=object | before=in the recycle bin | after=disabled | why=it should be so, and is not yet; blocked by a directive | result=done: disabled
        place=3 | at=2026-03-01T04:00:00Z | actor=engine | plan=00000000 | what=outcome of an erased intent | result=never arrived
        place=4 | at=2026-03-01T04:00:00Z | actor=engine | plan=00000000 | what=enable | target=entra | person=hr:1 | account=main | id=object | before=disabled | after=enabled | why=it should be so, and is not yet; blocked by a directive | result=about to be sent
        place=5 | at=2026-03-01T04:00:00Z | actor=engine | plan=00000000 | what=enable | target=entra | person=hr:1 | account=main | id=object | before=disabled | after=enabled | why=it should be so, and is not yet; blocked by a directive | result=nobody knows whether it was done: no answer
        place=6 | at=2026-03-01T04:00:00Z | actor=engine | plan=00000000 | what=enable | target=entra | person=hr:1 | account=main | id=object | before=disabled | after=enabled | why=it should be so, and is not yet; blocked by a directive | result=done: enabled, mail: `a@x`, and a first secret was made
        place=7 | at=2026-03-01T04:00:00Z | actor=engine | plan=00000000 | what=outcome of an erased intent | result=never arrived
        place=8 | at=2026-03-01T04:00:00Z | actor=engine | plan=00000000 | what=update | target=entra | person=hr:1 | account=main | id=object | subject=title, phone, room | before=title: `Buyer`, phone: `1`, room: nothing | after=title: `Chief`, phone: nothing, room: nothing | why=it should be so, and is not yet; blocked by a directive | result=about to be sent
        place=9 | at=2026-03-01T04:00:00Z | actor=engine | plan=00000000 | what=update | target=entra | person=hr:1 | account=main | id=object | subject=title, phone, room | before=title: `Buyer`, phone: `1`, room: nothing | after=title: `Chief`, phone: nothing, room: nothing | why=it should be so, and is not yet; blocked by a directive | result=nobody knows whether it was done: no answer
        place=10 | at=2026-03-01T04:00:00Z | actor=engine | plan=00000000 | what=update | target=entra | person=hr:1 | account=main | id=object | subject=title, phone, room | before=title: `Buyer`, phone: `1`, room: nothing | after=title: `Chief`, phone: nothing, room: nothing | why=it should be so, and is not yet; blocked by a directive | result=failed for now: no answer
        place=11 | at=2026-03-01T04:00:00Z | actor=engine | plan=00000000 | what=outcome of an erased intent | result=never arrived
        place=12 | at=2026-03-01T04:00:00Z | actor=engine | plan=00000000 | what=disable | target=entra | person=hr:1 | account=main | id=object | before=enabled | after=disabled | why=it should be so, and is not yet; blocked by a directive | result=about to be sent
        place=13 | at=2026-03-01T04:00:00Z | actor=engine | plan=00000000 | what=disable | target=entra | person=hr:1 | account=main | id=object | before=enabled | after=disabled | why=it should be so, and is not yet; blocked by a directive | result=nobody knows whether it was done: no answer
        place=14 | at=2026-03-01T04:00:00Z | actor=engine | plan=00000000 | what=disable | target=entra | person=hr:1 | account=main | id=object | before=enabled | after=disabled | why=it should be so, and is not yet; blocked by a directive | result=failed: no answer
        place=15 | at=2026-03-01T04:00:00Z | actor=engine | plan=00000000 | what=outcome of an erased intent | result=never arrived
        place=16 | at=2026-03-01T04:00:00Z | actor=engine | plan=00000000 | what=delete | target=entra | person=hr:1 | account=main | id=object | before=there | after=deleted | why=it should be so, and is not yet; blocked by a directive | result=about to be sent
        place=17 | at=2026-03-01T04:00:00Z | actor=engine | plan=00000000 | what=delete | target=entra | person=hr:1 | account=main | id=object | before=there | after=deleted | why=it should be so, and is not yet; blocked by a directive | result=nobody knows whether it was done: no answer
        place=18 | at=2026-03-01T04:00:00Z | actor=engine | plan=00000000 | what=delete | target=entra | person=hr:1 | account=main | id=object | before=there | after=deleted | why=it should be so, and is not yet; blocked by a directive | result=done: in the recycle bin since 2026-03-01
        place=19 | at=2026-03-01T04:00:00Z | actor=engine | plan=00000000 | what=outcome of an erased intent | result=never arrived
        place=20 | at=2026-03-01T04:00:00Z | actor=engine | plan=00000000 | what=delete | target=entra | person=hr:1 | account=main | id=object | before=there | after=deleted | why=it should be so, and is not yet; blocked by a directive | result=about to be sent
        place=21 | at=2026-03-01T04:00:00Z | actor=engine | plan=00000000 | what=delete | target=entra | person=hr:1 | account=main | id=object | before=there | after=deleted | why=it should be so, and is not yet; blocked by a directive | result=nobody knows whether it was done: no answer
        place=22 | at=2026-03-01T04:00:00Z | actor=engine | plan=00000000 | what=delete | target=entra | person=hr:1 | account=main | id=object | before=there | after=deleted | why=it should be so, and is not yet; blocked by a directive | result=done: not there
        place=23 | at=2026-03-01T04:00:00Z | actor=engine | plan=00000000 | what=outcome of an erased intent | result=never arrived
        place=24 | at=2026-03-01T04:00:00Z | actor=engine | plan=00000000 | what=reissue | target=entra | person=hr:1 | account=main | id=object | before=a first secret that reached nobody | after=another first secret | why=it should be so, and is not yet; blocked by a directive | result=about to be sent
        place=25 | at=2026-03-01T04:00:00Z | actor=engine | plan=00000000 | what=reissue | target=entra | person=hr:1 | account=main | id=object | before=a first secret that reached nobody | after=another first secret | why=it should be so, and is not yet; blocked by a directive | result=nobody knows whether it was done: no answer
        place=26 | at=2026-03-01T04:00:00Z | actor=engine | plan=00000000 | what=reissue | target=entra | person=hr:1 | account=main | id=object | before=a first secret that reached nobody | after=another first secret | why=it should be so, and is not yet; blocked by a directive | result=never arrived
        place=27 | at=2026-03-01T04:00:00Z | actor=engine | plan=00000000 | what=outcome of an erased intent | result=never arrived
        place=28 | at=2026-03-01T04:00:00Z | actor=engine | plan=00000000 | what=ensure | target=entra | subject=sales | after=Sales | why=it should be so, and is not yet; blocked by a directive | result=about to be sent
        place=29 | at=2026-03-01T04:00:00Z | actor=engine | plan=00000000 | what=ensure | target=entra | subject=sales | after=Sales | why=it should be so, and is not yet; blocked by a directive | result=nobody knows whether it was done: no answer
        place=30 | at=2026-03-01T04:00:00Z | actor=engine | plan=00000000 | what=ensure | target=entra | subject=sales | after=Sales | why=it should be so, and is not yet; blocked by a directive | result=done: there
        place=31 | at=2026-03-01T04:00:00Z | actor=engine | plan=00000000 | what=outcome of an erased intent | result=never arrived
        place=32 | at=2026-03-01T04:00:00Z | actor=engine | plan=00000000 | what=grant | target=entra | person=hr:1 | account=main | subject=sales | before=not held | after=held | why=rule `gives sales` | result=about to be sent
        place=33 | at=2026-03-01T04:00:00Z | actor=engine | plan=00000000 | what=grant | target=entra | person=hr:1 | account=main | subject=sales | before=not held | after=held | why=rule `gives sales` | result=nobody knows whether it was done: no answer
        place=34 | at=2026-03-01T04:00:00Z | actor=engine | plan=00000000 | what=grant | target=entra | person=hr:1 | account=main | subject=sales | before=not held | after=held | why=rule `gives sales` | result=done: not held
        place=35 | at=2026-03-01T04:00:00Z | actor=engine | plan=00000000 | what=outcome of an erased intent | result=never arrived
    "]],
    );
}

#[test]
fn every_fact_has_its_words() {
    let reading = |fact| Fact::Reading(fact);
    let hash = ReadingHash(Digest::ZERO);
    let said = |said| Fact::Said(Directive::Person(id("hr:1"), said));
    let run_said = |said| Fact::Said(Directive::Run(said));
    let account = |fact| Fact::Account(key("1"), fact);
    let exception = |entitlement, last_day| Exception { slot: key("1").slot(), entitlement, last_day };
    let on = day("2026-03-01");
    let suspected = |shown| AccountFact::Suspected { what: OthersDid::Delete, shown, holds: None, day: on };
    let facts = vec![
        Fact::Run(RunFact::HeldByClock { now: at("2026-03-01") }),
        reading(ReadingFact::Accepted { source: id("hr"), hash, records: 3 }),
        reading(ReadingFact::Rejected {
            source: id("hr"),
            hash,
            why: vec![Rejection::Empty { had: 3 }, Rejection::OtherOrigin],
        }),
        reading(ReadingFact::Failed { system: "hr".to_owned(), error: "no answer".to_owned() }),
        reading(ReadingFact::Observed { target: id("entra"), accounts: 5 }),
        reading(ReadingFact::Compared { target: id("entra") }),
        said(PersonDirective::Block),
        said(PersonDirective::Unblock),
        said(PersonDirective::LegalHold(true)),
        said(PersonDirective::LegalHold(false)),
        said(PersonDirective::Release(Slot::main(id("entra")))),
        said(PersonDirective::Accept { record: id("hr:2"), evidence: Digest::ZERO }),
        said(PersonDirective::Link(id("hr:2"))),
        said(PersonDirective::Except(exception(Entitlement::Account, None))),
        said(PersonDirective::Except(exception(Entitlement::Access, Some(on)))),
        said(PersonDirective::Except(exception(Entitlement::Permission(permission("sales")), None))),
        said(PersonDirective::NoExceptions),
        run_said(RunDirective::AcceptReading(hash)),
        run_said(RunDirective::AcknowledgeClock(at("2026-03-01"))),
        run_said(RunDirective::AcknowledgeBackup),
        run_said(RunDirective::GoLive(id("entra"))),
        run_said(RunDirective::Approve { plan: Digest::ZERO, actions: [Digest::ZERO].into() }),
        account(AccountFact::Unwanted { since: on }),
        account(AccountFact::Wanted),
        account(suspected(None)),
        account(suspected(Some((Presence::InBin(on), Shown::Disabled)))),
        account(AccountFact::Held { what: OthersDid::Disable, holds: None, day: on }),
        account(AccountFact::Missed),
        account(AccountFact::Found { in_bin: None }),
        account(AccountFact::Found { in_bin: Some(on) }),
        account(AccountFact::EnabledByOthers),
        account(AccountFact::HoldEnded),
        account(AccountFact::ReleaseEnded),
        account(AccountFact::Justified { permission: id("sales"), rules: vec![id("a"), id("b")] }),
        account(AccountFact::Lagging),
        account(AccountFact::Settled),
        account(AccountFact::Emptied),
        account(AccountFact::HandedOver),
    ];
    let mut records = sealed(facts);
    records.extend(story("2026-03-01 04:00 | adopt 1 enabled sales stock"));
    check(
        &records,
        &expect![[r"
        place=0 | at=2026-03-01T04:00:00Z | actor=engine | what=run held by the clock | subject=2026-03-01T04:00:00Z
        place=1 | at=2026-03-01T04:00:00Z | actor=engine | what=read | target=hr | subject=0000000000000000000000000000000000000000000000000000000000000000 | result=accepted, 3 records are new or changed
        place=2 | at=2026-03-01T04:00:00Z | actor=engine | what=read | target=hr | subject=0000000000000000000000000000000000000000000000000000000000000000 | why=it is empty, and 3 people were known; it comes from another environment than the accepted one; connect the source to that one again, or, if the people are in another one now, connect it as a source of its own | result=rejected
        place=3 | at=2026-03-01T04:00:00Z | actor=engine | what=read | target=hr | result=failed: no answer
        place=4 | at=2026-03-01T04:00:00Z | actor=engine | what=read | target=entra | result=5 accounts
        place=5 | at=2026-03-01T04:00:00Z | actor=engine | what=compare with the ledger | target=entra
        place=6 | at=2026-03-01T04:00:00Z | actor=engine | what=said: block | person=hr:1
        place=7 | at=2026-03-01T04:00:00Z | actor=engine | what=said: unblock | person=hr:1
        place=8 | at=2026-03-01T04:00:00Z | actor=engine | what=said: legal hold | person=hr:1
        place=9 | at=2026-03-01T04:00:00Z | actor=engine | what=said: end of the legal hold | person=hr:1
        place=10 | at=2026-03-01T04:00:00Z | actor=engine | what=said: release | person=hr:1 | subject=main of entra
        place=11 | at=2026-03-01T04:00:00Z | actor=engine | what=said: accept a record | person=hr:1 | subject=hr:2
        place=12 | at=2026-03-01T04:00:00Z | actor=engine | what=said: link a record | person=hr:1 | subject=hr:2
        place=13 | at=2026-03-01T04:00:00Z | actor=engine | what=said: exception | person=hr:1 | subject=an account
        place=14 | at=2026-03-01T04:00:00Z | actor=engine | what=said: exception | person=hr:1 | subject=access, through 2026-03-01
        place=15 | at=2026-03-01T04:00:00Z | actor=engine | what=said: exception | person=hr:1 | subject=sales
        place=16 | at=2026-03-01T04:00:00Z | actor=engine | what=said: end of all exceptions | person=hr:1
        place=17 | at=2026-03-01T04:00:00Z | actor=engine | what=said: accept a reading | subject=0000000000000000000000000000000000000000000000000000000000000000
        place=18 | at=2026-03-01T04:00:00Z | actor=engine | what=said: acknowledge the clock | subject=2026-03-01 04:00:00 UTC
        place=19 | at=2026-03-01T04:00:00Z | actor=engine | what=said: acknowledge a backup
        place=20 | at=2026-03-01T04:00:00Z | actor=engine | what=said: go live | subject=entra
        place=21 | at=2026-03-01T04:00:00Z | actor=engine | plan=00000000 | what=said: approve | subject=1 actions
        place=22 | at=2026-03-01T04:00:00Z | actor=engine | what=not wanted since 2026-03-01 | target=entra | person=hr:1 | account=main
        place=23 | at=2026-03-01T04:00:00Z | actor=engine | what=wanted again | target=entra | person=hr:1 | account=main
        place=24 | at=2026-03-01T04:00:00Z | actor=engine | what=perhaps deleted by others | target=entra | person=hr:1 | account=main | after=not there
        place=25 | at=2026-03-01T04:00:00Z | actor=engine | what=perhaps deleted by others | target=entra | person=hr:1 | account=main | after=in the recycle bin since 2026-03-01
        place=26 | at=2026-03-01T04:00:00Z | actor=engine | what=disabled by others | target=entra | person=hr:1 | account=main
        place=27 | at=2026-03-01T04:00:00Z | actor=engine | what=missing from a reading | target=entra | person=hr:1 | account=main
        place=28 | at=2026-03-01T04:00:00Z | actor=engine | what=found | target=entra | person=hr:1 | account=main | after=there
        place=29 | at=2026-03-01T04:00:00Z | actor=engine | what=found | target=entra | person=hr:1 | account=main | after=in the recycle bin since 2026-03-01
        place=30 | at=2026-03-01T04:00:00Z | actor=engine | what=enabled by others | target=entra | person=hr:1 | account=main | after=enabled
        place=31 | at=2026-03-01T04:00:00Z | actor=engine | what=enabled by whoever had disabled it | target=entra | person=hr:1 | account=main
        place=32 | at=2026-03-01T04:00:00Z | actor=engine | what=release done with | target=entra | person=hr:1 | account=main
        place=33 | at=2026-03-01T04:00:00Z | actor=engine | what=given by other rules | target=entra | person=hr:1 | account=main | subject=sales | after=rule `a`; rule `b`
        place=34 | at=2026-03-01T04:00:00Z | actor=engine | what=shown as before our write | target=entra | person=hr:1 | account=main
        place=35 | at=2026-03-01T04:00:00Z | actor=engine | what=shown as we wrote it | target=entra | person=hr:1 | account=main
        place=36 | at=2026-03-01T04:00:00Z | actor=engine | what=recycle bin emptied | target=entra | person=hr:1 | account=main | after=not there
        place=37 | at=2026-03-01T04:00:00Z | actor=engine | what=first secret handed over | target=entra | person=hr:1 | account=main
        place=0 | at=2026-03-01T04:00:00Z | actor=engine | what=adopted | target=entra | person=hr:1 | account=main | after=enabled; user_name: `old`, holds sales, stock
    "]],
    );
}

#[test]
fn a_cell_is_text_whatever_is_in_it() {
    let tricky =
        ["=1+1", "+1", "-1", "@sum", "\tx", "\rx", "\nx", "a,b", "a\"b", "\"", "a\r\nb", "a=b", "ë", " a ", "'a"];
    for message in tricky {
        let failed = ReadingFact::Failed { system: message.to_owned(), error: String::new() };
        let text = table(&sealed(vec![Fact::Reading(failed)]));
        let cell = cells(&text)[1][7].clone();
        let is_formula = message.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']);
        assert_eq!(cell, if is_formula { format!("'{message}") } else { message.to_owned() });
    }
    // Where a semicolon separates cells, what follows one begins another.
    for (message, harmless) in [("x;=cmd|' '!A0", "x;'=cmd|' '!A0"), ("a; b", "a; b"), ("\u{ff1d}1", "'\u{ff1d}1")] {
        let failed = ReadingFact::Failed { system: message.to_owned(), error: String::new() };
        assert_eq!(cells(&table(&sealed(vec![Fact::Reading(failed)])))[1][7], harmless);
    }
    let quoted = ReadingFact::Failed { system: "a,\"b\"".to_owned(), error: String::new() };
    let text = table(&sealed(vec![Fact::Reading(quoted)]));
    assert!(text.contains(",\"a,\"\"b\"\"\","), "{text}");
    assert!(text.starts_with("place,at,actor,run,policy,plan,what,target,person,account,id,subject,before,after,why,"));
}

#[test]
fn i_55_a_table_being_written_shows_how_many_intents_are_open_only() {
    let mut csv = AuditCsv::begin(Vec::new()).unwrap();
    for sealed in story("2026-03-01 04:00 | send enable 1\n2026-03-01 04:00 | enable 2") {
        csv.append(&sealed).unwrap();
    }
    assert_eq!(format!("{csv:?}"), "AuditCsv(1 open)");
}
