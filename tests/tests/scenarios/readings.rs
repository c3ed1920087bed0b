//! Cases 44 to 50: readings that say less than they should.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use expect_test::expect;
use provisioning_core::source::{Completeness, ContractRow, Cursor, Fingerprint, PersonRow, Reading, SnapshotBuilder};
use provisioning_core::{Clock, Fields, ManualClock, PortError, PortErrorKind, SourceConnector, SourceId};

use crate::story::{Story, date};

const TWO: &str = "person 1 given_name=Anna family_name=Vos
                   contract 1 c1 2026-01-05..2026-03-31 d1
                   person 2 given_name=Bram family_name=Smit
                   contract 2 c2 2026-03-10.. d1";

#[test]
fn case_44_whoever_vanishes_for_one_import_keeps_everything_and_gets_nothing_new_meanwhile() {
    let mut story = Story::new();
    story.hr("2026-03-01", &format!("{TWO}\n person 3 given_name=Cato family_name=Mol"));
    story.until("2026-03-09");
    story.tell_from_here();
    story.hr("2026-03-10", "person 3 given_name=Cato family_name=Mol");
    story.hr("2026-03-11", &format!("{TWO}\n person 3 given_name=Cato family_name=Mol"));
    story.until("2026-03-30");
    expect![[r#"
        plan of 2026-03-10 04:00 UTC: nothing to do
          refused  hr:1  record `hr:1` is missing from 1 reading; it counts downwards only
          refused  hr:2  record `hr:2` is missing from 1 reading; it counts downwards only

        plan of 2026-03-11 04:00 UTC: 1 grant, 1 enable
          grant    entra/hr:2  department:d1  (rule `department`, contract `c2`)  expected
          enable   entra/hr:2  (rule `access`, contract `c2`)  expected
    "#]]
    .assert_eq(&story.told());
}

#[test]
fn case_45_an_empty_reading_is_refused_and_only_dates_that_are_known_come() {
    let mut story = Story::new();
    story.hr("2026-03-11", TWO);
    story.until("2026-03-29");
    story.tell_from_here();
    story.hr("2026-03-30", "");
    story.until("2026-04-02");
    assert!(!story.at("2026-04-02T05:00:00Z").is_complete(), "a program that runs it ends with an error");
    story.hr("2026-04-03", TWO);
    story.until("2026-04-05");
    expect![[r#"
        the reading of `hr` does not count: it is empty, and 2 people were known; allow # if it is right
        plan of 2026-03-30 04:00 UTC: nothing to do

        the reading of `hr` does not count: it is empty, and 2 people were known; allow # if it is right
        plan of 2026-04-01 04:00 UTC: 1 disable
          disable  entra/hr:1  (no rule gives an account)  expected
        done: 1 disable

        the reading of `hr` does not count: it is empty, and 2 people were known; allow # if it is right
        plan of 2026-04-02 04:00 UTC: nothing to do
    "#]]
    .assert_eq(&story.told());
}

/// A source that says how many people it has before it gives them, and may break off in between.
#[derive(Debug)]
struct Paged {
    id: SourceId,
    clock: Arc<ManualClock>,
    announces: usize,
    gives: AtomicUsize,
}

#[async_trait]
impl SourceConnector for Paged {
    fn id(&self) -> &SourceId {
        &self.id
    }

    async fn read(&self, _: Option<&Cursor>) -> Result<Reading, PortError> {
        let environment = Fingerprint("environment".to_owned());
        let mut builder = SnapshotBuilder::new(self.id.clone(), environment, self.clock.now());
        for key in 1..=self.gives.load(Ordering::Relaxed) {
            let key = key.to_string();
            builder.person(PersonRow { key: key.parse().unwrap(), zone: None, fields: Fields::default() });
            builder.contract(ContractRow {
                id: key.parse().unwrap(),
                person: key.parse().unwrap(),
                first_day: date("2026-01-05"),
                last_day: None,
                zone: None,
                fields: Fields::default(),
            });
        }
        let snapshot = builder
            .finish(Completeness::Persons(self.announces))
            .map_err(|incomplete| PortError::new(PortErrorKind::Transient, self.id.as_str(), &incomplete.to_string()));
        snapshot.map(Reading::Whole)
    }
}

#[test]
fn case_46_half_of_the_pages_and_then_a_friendly_end_is_no_reading() {
    let mut story = Story::new();
    let source = Arc::new(Paged {
        id: SourceId::new("hr").unwrap(),
        clock: story.clock.clone(),
        announces: 4,
        gives: AtomicUsize::new(4),
    });
    story.engine.sources = vec![source.clone()];
    story.sleep_until("2026-03-01");
    story.until("2026-03-01");
    story.tell_from_here();
    source.gives.store(2, Ordering::Relaxed);
    story.until("2026-03-05");
    source.gives.store(4, Ordering::Relaxed);
    story.until("2026-03-10");
    expect![[r#"
        hr: the reading is incomplete: persons announced 4 and gave 2; read again from the start
        plan of 2026-03-02 04:00 UTC: nothing to do
    "#]]
    .assert_eq(&story.told());
}

#[test]
fn case_48_the_same_export_again_changes_nothing_and_an_older_one_is_refused() {
    let mut story = Story::new();
    let before = "person 1 given_name=Anna family_name=Vos
                  contract 1 c1 2026-01-05.. d1";
    story.hr("2026-03-01", before);
    story.hr("2026-03-02", TWO);
    story.until("2026-03-02");
    story.tell_from_here();
    // The same content under an older date, then the content of the day before under its own.
    story.hr_as_of("2026-03-01T01:00:00Z", "2026-03-03", TWO);
    story.hr_as_of("2026-03-01T03:00:00Z", "2026-03-05", before);
    story.until("2026-03-09");
    expect![[r#"
        the reading of `hr` does not count: it is of 2026-03-01 03:00:00 UTC, and one of 2026-03-02 03:00:00 UTC was accepted
        plan of 2026-03-05 04:00 UTC: nothing to do
    "#]]
    .assert_eq(&story.told());
}

#[test]
fn case_50_the_data_of_a_test_environment_are_refused() {
    let mut story = Story::new();
    story.hr("2026-03-01", TWO);
    story.until("2026-03-01");
    story.tell_from_here();
    story.hr_of("test", "2026-03-02", &TWO.replace("Vos", "Testpersoon"));
    story.until("2026-03-05");
    expect![[r#"
        the reading of `hr` does not count: it comes from another environment than the accepted one; connect the source to that one again, or, if the people are in another one now, connect it as a source of its own
        plan of 2026-03-02 04:00 UTC: nothing to do
    "#]]
    .assert_eq(&story.told());
}
