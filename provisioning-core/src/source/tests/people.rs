//! Records together make a person: zones, fields, bridges, the contract that speaks; departments and who is in them.

use std::collections::BTreeSet;

use chrono_tz::Tz;
use proptest::collection::vec;
use proptest::prelude::{Just, Strategy};
use proptest::proptest;
use proptest::sample::select;

use crate::id::{PersonId, RecordId};
use crate::samples::{at, day, id};
use crate::source::tests::{Feed, hr};
use crate::source::{
    Contract, Defect, Departments, Manager, Missing, Person, PersonRecord, Presence, PrimaryKey, PrimaryOrder, Standing,
};
use crate::testing::snapshot;
use crate::value::Value;

/// The person that these records of `hr` make up, handed to a look.
fn person<T>(rows: &str, records: &[&str], look: impl FnOnce(&Person<'_>) -> T) -> T {
    let mut feed = Feed::new();
    feed.reads("2026-03-01", rows);
    let id: PersonId = id("hr:1");
    let records = records.iter().map(|record| feed.roster.record(&self::id::<RecordId>(record)).unwrap()).collect();
    look(&Person::new(&id, records, &feed.roster, Tz::UTC))
}

/// The periods of a person's contracts, gaps bridged.
fn bridged(rows: &str, days: u32) -> Vec<String> {
    person(&format!("person 1\n{rows}"), &["hr:1"], |person| {
        let bridged = person.with_contracts(|standing| standing == Standing::Present, days);
        bridged.contracts.iter().map(|contract| format!("{} {}", contract.id(), contract.period)).collect()
    })
}

#[test]
fn a_gap_as_long_as_the_bridge_is_none() {
    let rows = "contract 1 a 2026-01-01..2026-01-31\n contract 1 b 2026-02-11..2026-02-28";
    let whole = ["a 2026-01-01 to 2026-02-10", "b 2026-02-11 to 2026-02-28"];
    let gap = ["a 2026-01-01 to 2026-01-31", "b 2026-02-11 to 2026-02-28"];
    assert_eq!(bridged(rows, 10), whole);
    assert_eq!(bridged(rows, 9), gap);
    assert_eq!(bridged(rows, 0), gap);
}

#[test]
fn a_bridge_starts_where_nobody_works_any_more() {
    let rows = "contract 1 a 2026-01-01..2026-01-31\n contract 1 b 2026-01-01..2026-02-05
        contract 1 c 2026-01-10..2026-02-05\n contract 1 d 2026-02-08..\n contract 1 e 2026-02-08..2026-02-09";
    let expected = [
        "a 2026-01-01 to 2026-01-31",
        "b 2026-01-01 to 2026-02-07",
        "c 2026-01-10 to 2026-02-07",
        "d from 2026-02-08",
        "e 2026-02-08 to 2026-02-09",
    ];
    assert_eq!(bridged(rows, 2), expected);
    assert_eq!(bridged("contract 1 a 2026-01-01..2026-01-31", 99), ["a 2026-01-01 to 2026-01-31"]);
}

#[test]
fn the_first_record_that_says_something_tells_it() {
    let rows = "person 1 name=a phone=null\n person 2 name=b phone=2 room=3 zone=Asia/Tokyo
        contract 1 a 2026-01-01..\n contract 2 b 2026-01-01.. zone=Pacific/Kiritimati
        contract 2 c 2026-01-02..2026-01-01\n contract 2 d 2026-01-01..";
    person(rows, &["hr:1", "hr:2"], |person| {
        assert_eq!((person.text("name"), person.text("phone"), person.text("room")), (Some("a"), None, Some("3")));
        assert_eq!((person.field("phone"), person.field("mail")), (Some(&Value::Null), None));
        assert_eq!((person.zone, person.records().len(), person.all_fields().count()), (Tz::Asia__Tokyo, 2, 2));
        assert_eq!(person.today(at("2026-03-01 16:00")), day("2026-03-02"));
        let zones: Vec<_> = person.contracts.iter().map(|contract| (contract.id().as_str(), contract.zone)).collect();
        assert_eq!(zones, [("a", Tz::UTC), ("b", Tz::Pacific__Kiritimati), ("d", Tz::Asia__Tokyo)]);
    });
}

#[test]
fn a_contract_is_in_force_in_its_own_zone() {
    let rows =
        "person 1\n contract 1 a 2026-03-02..2026-03-02 d1 zone=Pacific/Kiritimati title=x\n department d1 Sales";
    person(rows, &["hr:1"], |person| {
        let contract = &person.contracts[0];
        for (now, expected) in [
            ("2026-03-01 09:59", false),
            ("2026-03-01 10:00", true),
            ("2026-03-02 09:59", true),
            ("2026-03-02 10:00", false),
        ] {
            assert_eq!(contract.in_force(at(now)), expected, "{now}");
        }
        assert_eq!(contract.department().map(|department| department.name.as_str()), Some("Sales"));
        assert_eq!(contract.field("title"), Some(&Value::text("x")));
    });
}

/// Which contract speaks for the person on 10 March.
fn check_primary(keys: &[PrimaryKey], rows: &str, expected: &str) {
    let order = PrimaryOrder(keys.to_vec());
    person(&format!("person 1\n{rows}"), &["hr:1"], |person| {
        let primary = order.primary(person, at("2026-03-10")).map(|contract| contract.id().as_str());
        assert_eq!(primary, Some(expected), "{keys:?}");
    });
}

#[test]
fn each_key_prefers_what_it_says() {
    let phases =
        "contract 1 a 2026-03-11..\n contract 1 b 2026-03-10..2026-03-10\n contract 1 c 2026-01-01..2026-03-09";
    check_primary(&[PrimaryKey::InForce], phases, "b");
    check_primary(&[PrimaryKey::InForce], &phases.replace("2026-03-10..2026-03-10", "2026-01-01..2026-03-09"), "a");
    check_primary(&[PrimaryKey::EarliestStart], phases, "c");
    check_primary(&[PrimaryKey::LatestStart], phases, "a");
    check_primary(&[PrimaryKey::LatestEnd], phases, "a");
    check_primary(&[PrimaryKey::LatestEnd], &phases.replace("11..\n", "11..2026-03-11\n"), "a");
    let valued = "contract 1 a 2026-01-01.. x=1\n contract 1 b 2026-01-01.. rank=2\n contract 1 c 2026-01-01.. rank=3
        contract 1 d 2026-01-01.. rank=";
    check_primary(&[PrimaryKey::Highest(id("rank"))], valued, "c");
    check_primary(&[PrimaryKey::Lowest(id("rank"))], valued, "b");
}

#[test]
fn the_id_decides_where_nothing_else_does_and_keys_count_in_order() {
    let same = "contract 1 b 2026-01-01..\n contract 1 a 2026-01-01..";
    check_primary(&[], same, "a");
    check_primary(&PrimaryOrder::default().0, same, "a");
    let rows = "contract 1 a 2026-02-01..\n contract 1 b 2026-01-01..2026-06-30\n contract 1 c 2026-01-01..2026-12-31";
    check_primary(&PrimaryOrder::default().0, rows, "c");
    check_primary(&[PrimaryKey::LatestEnd, PrimaryKey::EarliestStart], rows, "a");
}

fn contracts() -> impl Strategy<Value = String> {
    let dates = select(vec!["2026-01-01..", "2026-01-01..2026-03-31", "2026-02-01..2026-02-28", "2026-05-01.."]);
    let rank = select(vec!["", "rank=1", "rank=2", "rank="]);
    vec((dates, rank), 1..6).prop_map(|contracts| {
        let row = |(number, (dates, rank)): (usize, &(&str, &str))| format!("contract 1 c{number} {dates} {rank}\n");
        contracts.iter().enumerate().map(row).collect::<Vec<_>>().concat()
    })
}

fn orders() -> impl Strategy<Value = PrimaryOrder> {
    let keys = vec![
        PrimaryKey::InForce,
        PrimaryKey::Highest(id("rank")),
        PrimaryKey::Lowest(id("rank")),
        PrimaryKey::EarliestStart,
        PrimaryKey::LatestStart,
        PrimaryKey::LatestEnd,
    ];
    vec(select(keys), 0..4).prop_map(PrimaryOrder)
}

proptest! {
    #[test]
    fn the_primary_order_is_total(rows in contracts(), order in orders(), now in Just(at("2026-03-10"))) {
        person(&format!("person 1\n{rows}"), &["hr:1"], |person| {
            let all = &person.contracts;
            for a in all {
                for b in all {
                    let order_of = |a, b| order.compare(a, b, now);
                    assert_eq!(order_of(a, b), order_of(b, a).reverse());
                    assert_eq!(order_of(a, b).is_eq(), a.id() == b.id());
                    for c in all {
                        assert!(!(order_of(a, b).is_lt() && order_of(b, c).is_lt()) || order_of(a, c).is_lt());
                    }
                }
            }
            let mut backwards = person.clone();
            backwards.contracts.reverse();
            let primary = |person: &Person<'_>| order.primary(person, now).map(|contract| contract.id().clone());
            assert_eq!(primary(person), primary(&backwards));
        });
    }
}

fn departments(rows: &str) -> Departments {
    snapshot(&hr(), "environment", rows, at("2026-03-01")).departments
}

const TREE: &str = "department top Board manager=1\n department mid Sales parent=top manager=2
    department low Shop parent=mid manager=2\n department lost Lost parent=nowhere manager=3";

#[test]
fn the_way_up_ends_at_the_top_and_managers_are_named_once() {
    let all = departments(TREE);
    let upwards = |code: &str| all.upwards(code).map(|department| department.code.to_string()).collect::<Vec<_>>();
    assert_eq!(upwards("low"), ["low", "mid", "top"]);
    assert_eq!((upwards("top"), upwards("lost"), upwards("none")), (vec!["top".into()], vec!["lost".into()], vec![]));
    let managers = |code: &str| all.managers(code).iter().map(ToString::to_string).collect::<Vec<_>>();
    assert_eq!((managers("low"), managers("top")), (vec!["2".into(), "1".to_owned()], vec!["1".to_owned()]));
    assert_eq!(
        all.iter().map(|department| department.code.as_str()).collect::<Vec<_>>(),
        ["lost", "low", "mid", "top"]
    );
}

#[test]
fn a_circle_of_departments_ends_where_it_would_start_again() {
    let circle = departments(
        "department a A parent=b manager=1\n department b B parent=c\n department c C parent=a
        department own Own parent=own manager=2\n department d D parent=a",
    );
    let upwards = |code: &str| circle.upwards(code).map(|department| department.code.as_str()).collect::<String>();
    assert_eq!(
        (upwards("a"), upwards("c"), upwards("d"), upwards("own")),
        ("abc".into(), "cab".into(), "dabc".into(), "own".into())
    );
    assert_eq!(circle.managers("own").len(), 1);
}

#[test]
fn departments_that_came_went_or_changed_differ() {
    let other = TREE.replace("Shop", "Store").replace("department lost", "department found");
    let differing = departments(TREE).differing(&departments(&other));
    assert_eq!(differing, ["found", "lost", "low"].map(id).into());
    assert!(departments(TREE).differing(&departments(TREE)).is_empty());
}

#[test]
fn a_reading_gives_departments_only_where_one_changed() {
    let mut feed = Feed::new();
    feed.reads("2026-03-01", &format!("person 1\n contract 1 a 2026-01-01.. low\n person 2\n{TREE}"));
    assert_eq!(
        feed.reads("2026-03-02", &format!("person 1\n contract 1 a 2026-01-01.. low\n person 2 x=1\n{TREE}")),
        1
    );
    assert_eq!(feed.roster.departments(&hr()).iter().count(), 4);
    assert_eq!(feed.roster.departments(&id("other")).iter().count(), 0);
    let inside = |code: &str| {
        let (hr, codes) = (hr(), BTreeSet::from([id(code)]));
        feed.roster.in_departments(&hr, &codes).map(ToString::to_string).collect::<Vec<_>>()
    };
    assert_eq!((inside("low"), inside("mid")), (vec!["hr:1".to_owned()], vec![]));
    feed.changes("2026-03-03", "department top Top", &[]).unwrap();
    assert_eq!(feed.roster.departments(&hr()).iter().count(), 1);
    feed.changes("2026-03-04", "person 2 x=2", &[]).unwrap();
    assert_eq!(feed.roster.departments(&hr()).iter().count(), 1);
}

#[test]
fn the_days_on_which_people_leave_follow_their_contracts() {
    let mut feed = Feed::new();
    let leaving = |feed: &Feed| {
        feed.roster
            .leaving_from(day("2026-03-01"))
            .map(|(leave, count)| {
                let entered = leave.entered.map_or("imported".to_owned(), |day| day.to_string());
                format!("{} {entered} {count}", leave.day)
            })
            .collect::<Vec<_>>()
    };
    feed.reads("2026-03-01", "person 1\n contract 1 a 2026-01-01..2026-03-31\n contract 1 b 2026-01-01..2026-05-31
        person 2\n contract 2 c 2026-01-01..2026-05-31\n person 3\n contract 3 d 2026-01-01..2026-05-31\n contract 3 e 2026-01-01..
        person 4\n person 5\n contract 5 f 2026-01-01..2026-02-27\n person 6\n contract 6 g 2026-01-01..2026-02-28");
    assert_eq!(leaving(&feed), ["2026-03-01 imported 1", "2026-06-01 imported 2"]);
    feed.changes("2026-03-02", "person 1\n contract 1 b 2026-01-01..", &[]).unwrap();
    assert_eq!(leaving(&feed), ["2026-03-01 imported 1", "2026-06-01 imported 1"]);
    feed.changes("2026-03-02", "person 2\n contract 2 c 2026-01-01..2026-06-30", &[]).unwrap();
    assert_eq!(leaving(&feed), ["2026-03-01 imported 1", "2026-07-01 2026-03-02 1"]);
    assert_eq!((feed.roster.len(), feed.roster.is_empty(), Feed::new().roster.is_empty()), (6, false, true));
}

#[test]
fn a_record_is_lowered_by_what_is_missing_and_counted_down_with_its_contracts() {
    let look = |change: fn(&mut PersonRecord)| {
        let mut feed = Feed::new();
        feed.reads("2026-03-01", "person 1\n contract 1 a 2026-01-01..2026-03-31");
        let mut record = feed.roster.record(&id("hr:1")).unwrap().clone();
        change(&mut record);
        (record.is_lowered(), record.is_counted_down())
    };
    assert_eq!(look(|_| {}), (false, false));
    assert_eq!(look(|record| record.presence = Presence::Missing(MISSING)), (true, true));
    assert_eq!(look(|record| record.presence = Presence::Gone), (false, false));
    assert_eq!(look(|record| record.contracts[0].standing = Standing::Missing(MISSING)), (false, true));
    assert_eq!(look(|record| record.contracts[0].standing = Standing::Concluded), (false, false));
    assert_eq!(look(|record| record.defects.push(Defect::new("torn"))), (true, false));
}

const MISSING: Missing = Missing { readings: 1, last: chrono::NaiveDate::MIN };

#[test]
fn a_department_is_the_one_with_the_code_however_a_source_writes_it() {
    let rows = "department 7 Sales manager=2\n person 1\n contract 1 a 2026-01-01.. 7\n person 2";
    person(rows, &["hr:1"], |person| {
        for code in [Value::text("7"), Value::text(" 7\t"), Value::Number(7.into())] {
            let mut record = person.contracts[0].record.clone();
            record.fields.put(id("department"), code);
            let contract = Contract { record: &record, ..person.contracts[0] };
            assert_eq!(contract.department().map(|department| department.name.as_str()), Some("Sales"));
            assert_eq!(record.department(), Some(id("7")));
        }
        assert!(matches!(person.manager(&person.contracts[0]), Manager::Known(manager) if manager.id == id("hr:2")));
    });
}
