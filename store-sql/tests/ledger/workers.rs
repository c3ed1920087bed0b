//! Two workers on one ledger, against one store in memory that is asked the same.

use std::cell::Cell;
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::sync::Arc;

use chrono::TimeDelta;
use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use provisioning_core::audit::{AccountFact, Directive, Fact, PersonDirective, Record, Sealed};
use provisioning_core::decide::Appointment;
use provisioning_core::ledger::ErasureRequest;
use provisioning_core::memory::{Kept, MemoryStore};
use provisioning_core::target::Observations;
use provisioning_core::{Acceptance, Clock, Commit, Due, Fence, ManualClock, Store, StoreError};
use store_sql::SqlStore;

use crate::bench::Ledger;
use crate::desk::{
    account, create, delete, hr, id, lease, ledger, look, nine_o_clock, people, policy, record, said, settings, whole,
};

/// What is done next; numbers of people count from 1 to 4, and what cannot be is left out.
#[derive(Debug, Clone)]
enum Op {
    Commit(Vec<Said>),
    /// Who is gone from the source, and another version of everybody's name.
    Read(u8, u8),
    /// Whose accounts are shown.
    Observe(u8),
    /// Everybody who is due gets an appointment.
    Settle(Vec<u8>),
    MakeDue(u8),
    Erase(u32),
    Policy(u8),
    Wait(u8),
    /// The other worker goes on.
    Swap,
    /// The other worker is told that it may not, and sees what is there.
    Look,
    Reopen,
}

#[derive(Debug, Clone)]
enum Said {
    Block(u32),
    Link(u32, u32),
    /// An account that is made and deleted.
    Passing(u32),
    Made(u32),
    Suspect(u32),
    GoLive,
}

fn person() -> impl Strategy<Value = u32> {
    1..=4_u32
}

fn said_so() -> impl Strategy<Value = Said> {
    prop_oneof![
        person().prop_map(Said::Block),
        (person(), person()).prop_map(|(to, from)| Said::Link(to, from)),
        person().prop_map(Said::Passing),
        person().prop_map(Said::Made),
        person().prop_map(Said::Suspect),
        Just(Said::GoLive),
    ]
}

fn op() -> impl Strategy<Value = Op> {
    prop_oneof![
        4 => prop::collection::vec(said_so(), 0..4).prop_map(Op::Commit),
        3 => (0..16_u8, 0..3_u8).prop_map(|(gone, version)| Op::Read(gone, version)),
        2 => (0..16_u8).prop_map(Op::Observe),
        4 => prop::collection::vec(0..12_u8, 4).prop_map(Op::Settle),
        1 => (0..16_u8).prop_map(Op::MakeDue),
        2 => person().prop_map(Op::Erase),
        1 => (0..3_u8).prop_map(Op::Policy),
        2 => (0..50_u8).prop_map(Op::Wait),
        3 => Just(Op::Swap),
        2 => Just(Op::Look),
        1 => Just(Op::Reopen),
    ]
}

fn among(mask: u8) -> impl Iterator<Item = u32> {
    (1..=4).filter(move |person| mask & (1 << (person - 1)) != 0)
}

/// Two workers on one ledger, of whom the first one holds the right to commit, and the store in memory.
struct Workers {
    place: Ledger,
    clock: Arc<ManualClock>,
    both: [SqlStore; 2],
    fence: Fence,
    memory: MemoryStore,
    kept: Kept,
    memory_fence: Fence,
    policy: u8,
    steps: u32,
    erased: u32,
}

impl Workers {
    async fn new(place: Ledger) -> Self {
        let (clock, kept) = (nine_o_clock(), Kept::default());
        let both = [
            place.open(&settings(), clock.clone()).await.unwrap(),
            place.open(&settings(), clock.clone()).await.unwrap(),
        ];
        let memory = MemoryStore::new(&settings(), clock.clone(), Box::new(kept.clone()));
        let fence = both[0].acquire(&id("engine"), TimeDelta::days(30)).await.unwrap();
        let memory_fence = memory.acquire(&id("engine"), TimeDelta::days(30)).await.unwrap();
        Self { place, clock, both, fence, memory, kept, memory_fence, policy: 0, steps: 0, erased: 0 }
    }

    async fn act(&mut self, op: Op) {
        match op {
            Op::Commit(said) => {
                let records = said.into_iter().flat_map(|said| self.records(&said)).collect();
                self.commit(Commit { records, ..Commit::default() }).await;
            }
            Op::Read(gone, version) => self.read(gone, version).await,
            Op::Observe(mask) => {
                let shown = || whole(among(mask).map(|person| account(person, &format!("n{person}"))).collect());
                self.accept(shown(), shown()).await;
            }
            Op::Settle(choices) => self.settle(&choices).await,
            Op::MakeDue(mask) => {
                let due: BTreeSet<_> = among(mask).map(hr).collect();
                self.both[0].make_due(&self.fence, due.clone()).await.unwrap();
                self.memory.make_due(&self.memory_fence, due).await.unwrap();
            }
            Op::Erase(person) => self.erase(person).await,
            Op::Policy(version) => self.policy = version,
            Op::Wait(minutes) => self.clock.set(self.clock.now() + TimeDelta::minutes(minutes.into())),
            Op::Swap => {
                self.both[0].release(self.fence.clone()).await.unwrap();
                self.both.swap(0, 1);
                self.fence = self.both[0].acquire(&id("engine"), TimeDelta::days(30)).await.unwrap();
            }
            Op::Look => {
                let answer = self.both[1].acquire(&id("other"), lease()).await;
                assert!(matches!(answer, Err(StoreError::Held { .. })), "{answer:?}");
                assert!(ledger(&self.both[1]) == ledger(&self.both[0]), "the other's ledger is another one");
                assert_eq!(look(&self.both[1]), look(&self.both[0]));
                self.compare_due(1).await;
            }
            Op::Reopen => {
                self.both[0] = self.place.open(&settings(), self.clock.clone()).await.unwrap();
            }
        }
        self.compare().await;
    }

    fn records(&mut self, said_so: &Said) -> Vec<Record> {
        self.steps += 2;
        let of_account = |person, fact| record(Fact::Account(crate::desk::key(person), fact));
        match *said_so {
            Said::Block(person) => vec![said(person, PersonDirective::Block)],
            Said::Link(to, from) if to == from => Vec::new(),
            Said::Link(to, from) => vec![said(to, PersonDirective::Link(hr(from).0))],
            Said::Passing(person) => {
                let made = create(self.steps, person, &format!("n{person}"));
                made.into_iter().chain(delete(self.steps + 1, person)).collect()
            }
            Said::Made(person) => create(self.steps, person, &format!("n{person}")).into(),
            Said::Suspect(person) => vec![of_account(person, AccountFact::EnabledByOthers)],
            Said::GoLive => {
                let live = provisioning_core::audit::RunDirective::GoLive(id("entra"));
                vec![record(Fact::Said(Directive::Run(live)))]
            }
        }
    }

    async fn commit(&self, commit: Commit) {
        crate::desk::commit(&self.both[0], &self.fence, commit.clone()).await.unwrap();
        crate::desk::commit(&self.memory, &self.memory_fence, commit).await.unwrap();
    }

    async fn accept(&self, ours: Acceptance, memorys: Acceptance) {
        let head = self.both[0].ledger().read().head();
        let (_, touched) = self.both[0].accept(&self.fence, head, ours, Vec::new()).await.unwrap();
        let head = self.memory.ledger().read().head();
        let (_, same) = self.memory.accept(&self.memory_fence, head, memorys, Vec::new()).await.unwrap();
        assert_eq!(touched, same);
    }

    async fn read(&self, gone: u8, version: u8) {
        let mut text = format!("department d1 Board{version}\ndepartment d2 Sales parent=d1\n");
        for person in 1..=4 {
            let last = if among(gone).any(|left| left == person) { "2026-03-01" } else { "" };
            writeln!(text, "person {person} given_name=N{}", u32::from(version) * person).unwrap();
            writeln!(text, "contract {person} c 2026-02-01..{last} d{}", 1 + person % 2).unwrap();
        }
        let now = self.clock.now();
        match (people(&self.both[0], &text, now), people(&self.memory, &text, now)) {
            (Ok(ours), Ok(memorys)) => self.accept(ours, memorys).await,
            (ours, memorys) => assert_eq!(ours.err(), memorys.err()),
        }
    }

    async fn settle(&self, choices: &[u8]) {
        let now = self.clock.now();
        let memorys = self.memory.due(now, &policy(self.policy)).await.unwrap();
        let ours = self.both[0].due(now, &policy(self.policy)).await.unwrap();
        assert_eq!(ours.people, memorys.people);
        let appointments = ours.people.iter().zip(choices).map(|(person, choice)| {
            let none = Appointment::none(person);
            let watches = among(choice % 16).map(hr).filter(|watched| watched != person).collect();
            match choice % 4 {
                0 => none,
                1 => Appointment { again: true, ..none },
                2 => Appointment { wake: Some(now + TimeDelta::minutes(i64::from(*choice) * 5)), watches, ..none },
                _ => Appointment { watches, ..none },
            }
        });
        let appointments: Vec<_> = appointments.collect();
        let answer = |due: &Due| {
            let appointments = appointments.clone();
            Commit { appointments, question: Some(due.question), ..Commit::default() }
        };
        crate::desk::commit(&self.both[0], &self.fence, answer(&ours)).await.unwrap();
        crate::desk::commit(&self.memory, &self.memory_fence, answer(&memorys)).await.unwrap();
    }

    async fn erase(&mut self, person: u32) {
        let request = ErasureRequest { person: hr(person), actor: id("officer"), at: self.clock.now() };
        let erasing = |store: &dyn Store| {
            let (ledger, roster) = (store.ledger(), store.roster());
            ledger.read().erasing(&request, (&roster.read(), &Observations::new()), &settings())
        };
        match (erasing(&self.both[0]), erasing(&self.memory)) {
            (Ok(ours), Ok(memorys)) => {
                self.erased += 1;
                let head = self.both[0].ledger().read().head();
                self.both[0].erase(&self.fence, head, &ours).await.unwrap();
                let head = self.memory.ledger().read().head();
                self.memory.erase(&self.memory_fence, head, &memorys).await.unwrap();
            }
            (ours, memorys) => assert_eq!(ours.err(), memorys.err()),
        }
    }

    async fn compare_due(&self, worker: usize) {
        let now = self.clock.now();
        let due = self.memory.due(now, &policy(self.policy)).await.unwrap().people;
        assert_eq!(self.both[worker].due(now, &policy(self.policy)).await.unwrap().people, due, "of worker {worker}");
    }

    /// The worker that goes on shows what the store in memory shows.
    async fn compare(&self) {
        assert_eq!(look(&self.both[0]), look(&self.memory));
        self.compare_due(0).await;
        let audit = self.both[0].audit(0, usize::MAX).await.unwrap();
        let facts = |audit: &[Sealed]| audit.iter().map(fact).collect::<Vec<_>>();
        assert_eq!(facts(&audit), facts(&self.kept.records()));
        let shown = ledger(&self.both[0]);
        assert!(shown.refolded(&audit).as_ref() == Ok(&shown), "the ledger is not the fold of its audit");
    }
}

/// What a record says; what is kept of people who were erased is under the key of each store.
fn fact(sealed: &Sealed) -> Option<String> {
    let record = sealed.record().unwrap()?;
    Some(if let Fact::Erased(_) = record.fact { "erased".to_owned() } else { format!("{record:?}") })
}

fn play(cases: u32, make: fn() -> Ledger) {
    let mut runner = TestRunner::new(ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() });
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let erased = Cell::new(0);
    let played = runner.run(&prop::collection::vec(op(), 1..40), |ops| {
        runtime.block_on(async {
            let mut workers = Workers::new(make()).await;
            for op in ops {
                workers.act(op).await;
            }
            workers.act(Op::Swap).await;
            erased.set(erased.get() + workers.erased);
        });
        Ok(())
    });
    played.unwrap();
    assert!(erased.get() >= cases / 10, "{} people were erased in {cases} cases", erased.get());
}

#[test]
fn two_workers_show_what_one_store_in_memory_shows_in_sqlite() {
    play(60, Ledger::file);
}

#[test]
fn two_workers_show_what_one_store_in_memory_shows_in_postgresql() {
    if Ledger::server().is_some() {
        play(20, || Ledger::server().unwrap());
    }
}

#[tokio::test]
async fn whoever_asks_under_another_policy_does_not_stop_the_one_who_may_commit() {
    for place in Ledger::each() {
        let clock = nine_o_clock();
        let ours = place.open(&settings(), clock.clone()).await.unwrap();
        let fence = crate::desk::settled(&ours, &clock).await;
        let theirs = place.open(&settings(), clock.clone()).await.unwrap();
        let due = theirs.due(clock.now(), &policy(2)).await.unwrap().people;
        assert_eq!(due.len(), 2);
        let block = || crate::desk::records([said(1, PersonDirective::Block)]);
        crate::desk::commit(&ours, &fence, block()).await.unwrap();
        assert_eq!(ours.due(clock.now(), &policy(2)).await.unwrap().people.len(), 2);
        // And the other way round: who only asks is told who is due, whatever was written meanwhile.
        crate::desk::commit(&ours, &fence, block()).await.unwrap();
        assert_eq!(theirs.due(clock.now(), &policy(3)).await.unwrap().people.len(), 2);
    }
}
