//! What a source says, and what is not believed: I-01 to I-07.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use proptest::prelude::any;
use provisioning_core::audit::{Directive, PersonDirective, RunDirective};
use provisioning_core::source::{
    Changes, Completeness, Conflict, ContractRow, Cursor, Fingerprint, PersonRow, Reading, Rejection, SnapshotBuilder,
};
use provisioning_core::testing::snapshot;
use provisioning_core::{Digest, Fields, PortError, PortErrorKind, Report, SourceConnector, SourceId, Value};

use crate::support::{DAYS, Org, Setup, Town, check, d, person, town};

/// People 1 to `count`, the first until 20 January, the others without an end.
fn staff(count: usize) -> String {
    let row = |key| {
        let last = if key == 1 { "2026-01-20" } else { "" };
        format!("person {key} given_name=P family_name=N{key}\ncontract {key} c{key} 2026-01-01..{last} d1\n")
    };
    (1..=count).map(row).collect()
}

fn rejections(report: &Report) -> Vec<Rejection> {
    report.findings.rejected.iter().flat_map(|rejected| rejected.why.clone()).collect()
}

#[test]
fn i_01_an_empty_reading_changes_nothing_and_known_last_days_still_come() {
    for count in 1..=12 {
        let org = Org::new();
        org.on("2026-01-01").says(&staff(count)).run();
        let roster = org.roster();
        let report = org.on("2026-01-10").says("").report();
        assert_eq!(rejections(&report), [Rejection::Empty { had: count }]);
        assert_eq!((org.sent(), org.roster()), (Vec::new(), roster.clone()));
        org.on("2026-01-21").says("");
        assert_eq!(org.run(), ["disable hr:1"]);
        assert_eq!(org.roster(), roster);
    }
}

#[test]
fn i_01_only_the_reading_that_was_allowed_counts() {
    let org = Org::new();
    org.on("2026-01-01").says(&staff(20)).run();
    let allowed = org.on("2026-01-02").says(&staff(8)).report().findings.rejected[0].hash;
    org.say(Directive::Run(RunDirective::AcceptReading(allowed)));
    let roster = org.roster();
    org.says("");
    assert!(matches!(rejections(&org.report())[..], [Rejection::Empty { .. }]));
    org.says(&staff(7));
    assert!(matches!(rejections(&org.report())[..], [Rejection::Shrunk { missing: 13, had: 20, limit: 5 }]));
    assert_eq!(org.roster(), roster);
    assert!(rejections(&org.says(&staff(8)).report()).is_empty());
    assert_ne!(org.roster(), roster);
}

#[test]
fn i_01_a_reading_without_contracts_changes_nothing() {
    let org = Org::new();
    org.on("2026-01-01").says(&staff(40)).run();
    let roster = org.roster();
    let rows = staff(40);
    let people: Vec<&str> = rows.lines().filter(|row| row.starts_with("person")).collect();
    let report = org.on("2026-01-02").says(&people.join("\n")).report();
    assert_eq!(rejections(&report), [Rejection::ContractsMissing { missing: 40, had: 40, limit: 5 }]);
    assert_eq!((org.sent(), org.roster()), (Vec::new(), roster));
}

/// A source that gives what a test says, and counts how often it is asked.
#[derive(Debug)]
struct Told {
    id: SourceId,
    says: Mutex<Result<Reading, PortErrorKind>>,
    asked: AtomicUsize,
}

impl Told {
    /// In the place of the source of an organisation, which gives `rows`, and a cursor with them.
    fn put(org: &mut Org, rows: &str) -> Arc<Self> {
        let id: SourceId = "hr".parse().unwrap();
        let says = Mutex::new(Ok(Self::whole(org, rows)));
        let told = Arc::new(Self { id, says, asked: AtomicUsize::new(0) });
        org.engine.sources = vec![told.clone()];
        told
    }

    fn whole(org: &Org, rows: &str) -> Reading {
        let snapshot = snapshot(&"hr".parse().unwrap(), "e", rows, org.now());
        Reading::Whole(snapshot.with_cursor(Cursor("0".to_owned())))
    }

    fn removes(&self, org: &Org, keys: &[usize]) -> Reading {
        Reading::Changes(Changes {
            source: self.id.clone(),
            fingerprint: Fingerprint("e".to_owned()),
            taken_at: org.now(),
            cursor: Cursor(org.now().to_string()),
            people: Vec::new(),
            removed: keys.iter().map(|key| key.to_string().parse().unwrap()).collect(),
            departments: None,
        })
    }

    /// One run in which the source says this; how often it was asked.
    fn says(&self, org: &Org, says: Result<Reading, PortErrorKind>) -> (Report, usize) {
        *self.says.lock().unwrap() = says;
        self.asked.store(0, Ordering::SeqCst);
        (org.report(), self.asked.load(Ordering::SeqCst))
    }
}

#[async_trait]
impl SourceConnector for Told {
    fn id(&self) -> &SourceId {
        &self.id
    }

    async fn read(&self, _: Option<&Cursor>) -> Result<Reading, PortError> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        let says = self.says.lock().unwrap().clone();
        says.map_err(|kind| PortError::new(kind, "hr", "no answer"))
    }
}

#[test]
fn i_03_changes_that_each_take_a_few_away_do_not_take_everybody_away() {
    let mut org = Org::new();
    org.on("2026-01-01");
    let source = Told::put(&mut org, &staff(100));
    org.run();
    for part in 0..20 {
        org.later(TimeDelta::minutes(10));
        let keys: Vec<usize> = (part * 5 + 1..=part * 5 + 5).collect();
        let (report, _) = source.says(&org, Ok(source.removes(&org, &keys)));
        assert_eq!(rejections(&report).is_empty(), part == 0, "{report}");
    }
}

#[test]
fn law_09_a_source_is_asked_again_only_where_it_cannot_go_on_from_its_last_reading() {
    let mut org = Org::new();
    org.on("2026-01-01");
    let source = Told::put(&mut org, &staff(20));
    org.run();
    let asked = |says| source.says(org.later(TimeDelta::hours(1)), says).1;
    assert_eq!(asked(Err(PortErrorKind::Transient)), 1);
    assert_eq!(asked(Err(PortErrorKind::CursorRefused)), 2);
    assert_eq!(asked(Ok(Told::whole(&org, &staff(2)))), 1, "a whole reading that does not count");
    assert_eq!(asked(Ok(Told::whole(&org, &staff(20)))), 1);
    assert_eq!(asked(Ok(source.removes(&org, &[1, 2, 3, 4, 5, 6]))), 2, "changes that do not count");
    assert_eq!(asked(Ok(source.removes(&org, &[]))), 1);
}

/// What goes wrong with a reading in pages.
#[derive(Debug, Clone, Copy)]
enum Fault {
    None,
    /// The pages end after so many as if that were all.
    CutAfter(usize),
    /// A page comes twice.
    Twice(usize),
    /// A page answers with an error.
    ErrorOn(usize),
}

/// A source that is read in pages and announces how many rows it has.
#[derive(Debug)]
struct Paged {
    id: SourceId,
    pages: Vec<Vec<usize>>,
    fault: Mutex<(Fault, Announced)>,
    now: DateTime<Utc>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Announced {
    Persons,
    Rows,
    OnlyTheEnd,
}

impl Paged {
    fn pages(&self, fault: Fault) -> Vec<Vec<usize>> {
        let mut pages = self.pages.clone();
        match fault {
            Fault::None | Fault::ErrorOn(_) => {}
            Fault::CutAfter(count) => pages.truncate(count),
            Fault::Twice(page) => pages.insert(page, pages[page].clone()),
        }
        pages
    }
}

#[async_trait]
impl SourceConnector for Paged {
    fn id(&self) -> &SourceId {
        &self.id
    }

    async fn read(&self, _: Option<&Cursor>) -> Result<Reading, PortError> {
        let (fault, announced) = *self.fault.lock().unwrap();
        let error = |why: &str| PortError::new(PortErrorKind::Transient, "hr", why);
        let mut reading = SnapshotBuilder::new(self.id.clone(), Fingerprint("e".to_owned()), self.now);
        for (number, page) in self.pages(fault).iter().enumerate() {
            if matches!(fault, Fault::ErrorOn(bad) if bad == number) {
                return Err(error("page"));
            }
            for key in page {
                let person = key.to_string().parse().unwrap();
                reading.person(PersonRow {
                    key: key.to_string().parse().unwrap(),
                    zone: None,
                    fields: Fields::default(),
                });
                reading.contract(ContractRow {
                    id: format!("c{key}").parse().unwrap(),
                    person,
                    first_day: d("2026-01-01"),
                    last_day: None,
                    zone: None,
                    fields: Fields::default(),
                });
            }
        }
        let all = self.pages.iter().map(Vec::len).sum();
        let proof = match announced {
            Announced::Persons => Completeness::Persons(all),
            Announced::Rows => Completeness::Rows { persons: all, contracts: all },
            Announced::OnlyTheEnd => Completeness::EndSeen,
        };
        reading.finish(proof).map(Reading::Whole).map_err(|incomplete| error(&incomplete.to_string()))
    }
}

#[test]
fn i_02_a_reading_that_is_not_proven_complete_changes_nothing() {
    let mut org = Org::new();
    let pages = vec![vec![1, 2, 3], vec![4, 5], vec![6], vec![7, 8, 9]];
    let source = Arc::new(Paged {
        id: "hr".parse().unwrap(),
        pages,
        fault: Mutex::new((Fault::None, Announced::Rows)),
        now: org.now(),
    });
    org.engine.sources = vec![source.clone()];
    org.on("2026-01-01").run();
    assert!(org.is_enabled("9"));
    let roster = org.roster();
    let cuts = (0..4).map(Fault::CutAfter);
    let faults: Vec<Fault> = cuts.chain((0..4).flat_map(|page| [Fault::Twice(page), Fault::ErrorOn(page)])).collect();
    for announced in [Announced::Persons, Announced::Rows] {
        for fault in &faults {
            *source.fault.lock().unwrap() = (*fault, announced);
            let report = org.later(TimeDelta::hours(1)).report();
            assert_eq!(report.findings.unread.len(), 1, "{fault:?}");
            assert_eq!((org.sent(), org.roster()), (Vec::new(), roster.clone()), "{fault:?}");
        }
    }
    // Where the source marks its end, a page that comes twice is the same page.
    for page in 0..4 {
        *source.fault.lock().unwrap() = (Fault::Twice(page), Announced::OnlyTheEnd);
        let report = org.report();
        assert!(report.findings.is_clean() && org.sent().is_empty());
    }
}

#[test]
fn i_03_a_person_who_is_absent_once_or_twice_and_returns_lost_nothing() {
    for days in 1..=2 {
        let (org, other) = (Org::new(), Org::new());
        for one in [&org, &other] {
            one.on("2026-01-01").says(&staff(4));
            one.daily("2026-01-01", "2026-01-09");
        }
        let shown = crate::support::accounts_of(&org.target);
        for day in 0..days {
            org.at(crate::support::at(d("2026-01-10")) + TimeDelta::days(day));
            org.says(&staff(3));
            assert!(org.run().is_empty());
        }
        assert_eq!(crate::support::accounts_of(&org.target), shown);
        org.on("2026-01-15").says(&staff(4));
        assert!(org.run().is_empty());
        // What happens later is as if nothing had been.
        assert_eq!(org.daily("2026-01-16", "2026-02-25"), other.daily("2026-01-16", "2026-02-25"));
    }
}

#[test]
fn i_03_nothing_is_given_to_whoever_is_absent_and_it_is_on_the_return() {
    let absent = "person 7\ncontract 7 a7 2026-01-01..2026-01-10 d1\ncontract 7 b7 2026-01-12.. d1\n\
                  person 8\ncontract 8 h 2026-01-12.. d1\n\
                  person 9\ncontract 9 a9 2026-01-01..2026-01-11 d1\ncontract 9 b9 2026-01-12.. d2\n";
    let org = Org::new();
    org.on("2026-01-01").says(&format!("{}{absent}", staff(3))).run();
    org.on("2026-01-10").says(&staff(3));
    assert!(org.run().is_empty());
    // The ends that were known come.
    assert_eq!(org.on("2026-01-11").says(&staff(3)).run(), ["disable hr:7"]);
    org.says(&format!("{}{absent}", staff(3))).run();
    // The starts that were known do not, and absence is no end: the second contract of hr:9 keeps the account in use.
    org.on("2026-01-12").says(&staff(3));
    assert_eq!(org.run(), ["revoke hr:9 department:d1"]);
    assert!(org.is_enabled("9"));
    org.later(TimeDelta::hours(6)).says(&format!("{}{absent}", staff(3)));
    assert_eq!(
        org.run(),
        [
            "ensure department:d2 d2",
            "grant hr:8 department:d1",
            "grant hr:9 department:d2",
            "enable hr:7",
            "enable hr:8"
        ]
    );
}

#[test]
fn i_03_an_absent_person_is_a_leaver_after_as_many_readings_as_the_settings_say() {
    for readings in 1..=5 {
        let org = Org::with(|settings| settings.missing_readings = readings);
        org.on("2026-01-01").says(&staff(4)).run();
        for day in 1..=readings {
            org.at(crate::support::at(d("2026-01-05")) + TimeDelta::days(day.into()));
            org.says(&staff(3));
            let log = org.run();
            assert_eq!(log.is_empty(), day < readings, "{log:?}");
        }
        assert!(!org.is_enabled("4"));
    }
}

#[test]
fn i_03_somebody_who_is_back_in_a_row_that_cannot_be_used_is_no_leaver() {
    let org = Org::new();
    org.on("2026-01-01").says(&staff(4)).run();
    org.on("2026-01-02").says(&staff(3)).run();
    org.says(&format!("{}defect 4 a date is none", staff(4)));
    assert!(org.daily("2026-01-03", "2026-01-09").is_empty());
    assert!(org.is_enabled("4"));
}

type Say<'a> = Box<dyn Fn(&Org) + 'a>;

#[test]
fn i_04_a_rejected_reading_leaves_the_accepted_one_as_it_was() {
    let rows = staff(40);
    let hollow = rows.replace("family_name=N", "family_name= other=N");
    let faults: Vec<(&str, Say<'_>)> = vec![
        ("empty", Box::new(|org| org.source.set("", org.now()))),
        ("shrunk", Box::new(|org| org.source.set(&staff(20), org.now()))),
        ("hollow", Box::new(|org| org.source.set(&hollow, org.now()))),
        ("older", Box::new(|org| org.source.set(&staff(41), org.now() - TimeDelta::days(30)))),
        ("of the future", Box::new(|org| org.source.set(&staff(41), org.now() + TimeDelta::days(400)))),
        ("another environment", Box::new(|org| org.source.set_as("test", &staff(41), org.now()))),
        ("no answer", Box::new(|org| org.source.fail())),
    ];
    for (fault, say) in faults {
        let org = Org::new();
        org.on("2026-01-01").says(&rows).run();
        let roster = org.roster();
        org.on("2026-01-05");
        say(&org);
        let report = org.report();
        assert!(!report.findings.is_clean(), "{fault}");
        assert_eq!((org.sent(), org.roster()), (Vec::new(), roster), "{fault}");
        // And what is said next counts.
        assert!(rejections(&org.on("2026-01-06").says(&staff(41)).report()).is_empty(), "{fault}");
    }
}

#[test]
fn i_05_a_bad_record_blocks_its_person_only() {
    let bad = (town(2..6, 0), 10..DAYS - 10, any::<usize>(), 0_usize..3);
    check(40, bad, |(mut town, from, victim, kind)| {
        let victim = victim % town.lives.len() + 1;
        town.outage = None;
        for life in &mut town.lives {
            (life.absent, life.defective) = (None, None);
        }
        // From the day on the record is bad, and nothing else changes.
        for job in town.lives.iter_mut().flat_map(|life| &mut life.jobs) {
            job.known = job.known.min(from - 1);
            job.corrected = job.corrected.filter(|(when, _)| *when < from);
            job.dropped = None;
        }
        let bad = [
            format!("defect {victim} a date is none"),
            format!("person {victim} given_name=Somebody"),
            format!("contract {victim} c{victim}-0 2020-01-01..2020-01-02 d1"),
        ];
        let (org, twin) = (Org::new(), Org::new());
        // Until the good record gives something that the bad one does not, what is taken away is the same.
        let mut is_level = true;
        for day in 0..DAYS {
            town.dawn(&org, day);
            town.dawn(&twin, day);
            if day >= from {
                org.says(&format!("{}\n{}", town.rows(day).join("\n"), bad[kind]));
            }
            let (ours, theirs) = (org.run(), twin.run());
            let of = |lines: &[String], keep: &dyn Fn(&str) -> bool| -> Vec<String> {
                lines.iter().filter(|line| keep(line)).cloned().collect()
            };
            let name = format!("hr:{victim}");
            let is_victims = |line: &str| line.split(' ').nth(1) == Some(name.as_str());
            let of_others = |line: &str| !is_victims(line) && !line.starts_with("ensure");
            assert_eq!(of(&ours, &of_others), of(&theirs, &of_others), "on {}", Town::day(day));
            if day < from {
                continue;
            }
            let (ours, theirs) = (of(&ours, &is_victims), of(&theirs, &is_victims));
            let lowers = |line: &String| line.starts_with("disable") || line.starts_with("revoke");
            assert!(ours.iter().all(lowers), "nothing is given and nothing deleted: {ours:?}");
            is_level &= theirs.iter().all(lowers);
            if is_level {
                assert_eq!(ours, theirs, "on {}", Town::day(day));
            }
            let key = victim.to_string();
            assert!(!org.is_enabled(&key) || twin.is_enabled(&key), "on {}", Town::day(day));
        }
    });
}

/// All orders of some things.
fn orders<T: Clone>(things: &[T]) -> Vec<Vec<T>> {
    let Some((first, rest)) = things.split_first() else { return vec![Vec::new()] };
    let shorter = orders(rest);
    let with_first = |at: usize| {
        shorter.iter().map(move |order| {
            let mut order = order.clone();
            order.insert(at, first.clone());
            order
        })
    };
    (0..things.len()).flat_map(with_first).collect()
}

#[test]
fn i_06_every_order_of_rows_gives_the_same_plan() {
    let rows = [
        "person 1 given_name=Anna family_name=Vos",
        "contract 1 a 2026-01-01.. d1",
        "person 2 given_name=Anna family_name=Vos",
        "contract 2 b 2026-01-01.. d2",
        "contract 2 c 2026-01-01.. d1",
        "department d1 Sales",
    ];
    let hash = |order: &[&str]| Org::new().on("2026-01-01").says(&order.join("\n")).plan().approved.hash();
    let first = hash(&rows);
    for order in orders(&rows) {
        assert_eq!(hash(&order), first, "{order:?}");
    }
}

#[test]
fn i_06_engines_in_many_threads_make_the_same_plan() {
    let hash = || Org::new().on("2026-01-01").says(&staff(30)).plan().approved.hash();
    let first = hash();
    for threads in [1, 2, 4, 8] {
        let hashes: Vec<Digest> = thread::scope(|scope| {
            let all: Vec<_> = (0..threads).map(|_| scope.spawn(hash)).collect();
            all.into_iter().map(|one| one.join().unwrap()).collect()
        });
        assert!(hashes.iter().all(|hash| *hash == first));
    }
}

fn with_identity() -> Org {
    let mut setup = Setup::default();
    setup.settings.identity = ["birth_date", "family_name", "given_name"].map(|name| name.parse().unwrap()).to_vec();
    setup.build()
}

const ANNA: &str = "person 1 given_name=Anna family_name=Vos birth_date=1980-01-01\n";
const BERT: &str = "person 1 given_name=Bert family_name=Smit birth_date=1990-02-02\n";
const ALWAYS: &str = "person 5 given_name=E family_name=V birth_date=1970-01-01\n";

/// The hash that the doubt about a record names.
fn evidence_of(org: &Org, key: &str) -> Option<Digest> {
    let roster = org.engine.store.roster();
    let roster = roster.read();
    match roster.record(&person(key).0)?.conflict.as_ref()? {
        Conflict::OtherEvidence { evidence } | Conflict::LooksLike { evidence, .. } | Conflict::Erased { evidence } => {
            Some(*evidence)
        }
    }
}

#[test]
fn i_07_a_key_that_now_names_somebody_else_is_quarantined() {
    let org = with_identity();
    org.on("2026-01-01").says(&format!("{ALWAYS}{ANNA}contract 1 a 2026-01-01..2026-01-20 d1")).run();
    org.on("2026-01-10").says(&format!("{ALWAYS}{BERT}contract 1 b 2026-01-10.. d2"));
    let report = org.report();
    assert!(org.sent().is_empty(), "{report}");
    assert_eq!(report.plan.refusals.len(), 1);
    // What was known of the one before still comes.
    org.on("2026-01-21");
    assert_eq!(org.run(), ["disable hr:1"]);
    // The source goes on saying the same, and an administrator says that it is right.
    let said = PersonDirective::Accept { record: person("1").0, evidence: evidence_of(&org, "1").unwrap() };
    org.say_of("1", said);
    let log = org.on("2026-01-22").run();
    assert!(log.contains(&"enable hr:1".to_owned()), "{log:?}");
}

#[test]
fn i_07_a_key_that_comes_back_after_its_account_was_deleted_is_quarantined() {
    for days in [20, 45, 90, 200] {
        let org = with_identity();
        org.on("2026-01-01").says(&format!("{ALWAYS}{ANNA}contract 1 a 2026-01-01..2026-01-05 d1"));
        org.daily("2026-01-01", "2026-01-06");
        org.says(ALWAYS);
        org.daily("2026-01-07", &(d("2026-01-07") + TimeDelta::days(days)).to_string());
        org.later(TimeDelta::hours(5)).says(&format!("{ALWAYS}{BERT}contract 1 b 2026-01-10.. d2"));
        let report = org.report();
        assert!(org.sent().is_empty(), "after {days} days: {report}");
        assert_eq!(report.plan.refusals.len(), 1);
        // The same person is welcome.
        org.later(TimeDelta::hours(5)).says(&format!("{ALWAYS}{ANNA}contract 1 b 2026-01-10.. d2"));
        org.run();
        assert!(org.is_enabled("1"), "after {days} days");
    }
}

#[test]
fn i_07_a_doubt_about_two_records_ends_when_somebody_links_them_or_says_that_they_are_two_people() {
    let rows = format!("{ALWAYS}{ANNA}contract 1 a 2026-01-01..2026-01-10 d1");
    for is_linked in [true, false] {
        let org = with_identity();
        org.on("2026-01-01").says(&rows);
        org.daily("2026-01-01", "2026-01-19");
        let id = org.id("1");
        org.on("2026-01-20")
            .says(&format!("{rows}\n{}contract 2 b 2026-01-20.. d1", ANNA.replace("person 1", "person 2")));
        assert!(org.run().is_empty());
        if is_linked {
            org.say_of("1", PersonDirective::Link(person("2").0));
        } else {
            let evidence = evidence_of(&org, "2").unwrap();
            org.say_of("2", PersonDirective::Accept { record: person("2").0, evidence });
        }
        org.later(TimeDelta::hours(1)).run();
        assert_eq!((org.is_enabled("1"), org.is_enabled("2")), (is_linked, !is_linked));
        assert_eq!(org.id("1"), id);
    }
}

#[test]
fn i_07_the_same_new_person_twice_in_one_reading_gets_one_account() {
    let org = with_identity();
    org.on("2026-01-01").says(ALWAYS).run();
    let twice = format!(
        "{ALWAYS}{}contract 2 b 2026-01-02.. d1\n{ANNA}contract 1 a 2026-01-02.. d1",
        ANNA.replace("person 1", "person 2")
    );
    let report = org.on("2026-01-02").says(&twice).report();
    assert_eq!((org.is_enabled("1"), org.account("2").is_some()), (true, false), "{report}");
    assert_eq!(report.plan.refusals.len(), 1);
    org.say_of("1", PersonDirective::Link(person("2").0));
    org.daily("2026-01-03", "2026-01-04");
    assert_eq!((org.is_enabled("1"), org.account("2").is_some()), (true, false));
}

#[test]
fn i_07_a_marriage_is_no_other_person_and_a_new_key_is_no_new_person() {
    let org = with_identity();
    org.on("2026-01-01").says(&format!("{ALWAYS}{ANNA}contract 1 a 2026-01-01.. d1")).run();
    let id = org.id("1");
    org.on("2026-01-02").says(&format!("{ALWAYS}{}contract 1 a 2026-01-01.. d1", ANNA.replace("Vos", "Bos")));
    assert_eq!(org.run(), ["update hr:1"]);
    let twice = format!(
        "{ALWAYS}{}contract 1 a 2026-01-01.. d1\n{}contract 2 z 2026-01-03.. d1",
        ANNA.replace("Vos", "Bos"),
        ANNA.replace("person 1", "person 2").replace("Vos", "Bos")
    );
    org.on("2026-01-03").says(&twice);
    let report = org.report();
    assert!(org.sent().is_empty() && org.account("2").is_none(), "{report}");
    assert!(evidence_of(&org, "2").is_some());
    assert_eq!(org.id("1"), id);
    assert_eq!(org.account("1").unwrap().attributes.value("family_name"), Some(&Value::text("Bos")));
}
