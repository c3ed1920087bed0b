//! Case 87: a plan that lay about for too long.

use expect_test::expect;
use futures::executor::block_on;
use provisioning_core::Actor;
use provisioning_core::plan::PlanFile;

use crate::story::Story;

/// The plan of a day at an hour, as the text of a file.
fn planned(story: &Story, instant: &str, expires: &str) -> Vec<u8> {
    story.clock.set(instant.parse().unwrap());
    let mut file = block_on(story.engine.plan()).unwrap().file(expires.parse().unwrap());
    file.approve(Actor::new("administrator").unwrap(), instant.parse().unwrap());
    let mut text = Vec::new();
    file.write(&mut text).unwrap();
    text
}

#[test]
fn case_87_a_plan_approved_on_monday_and_applied_on_thursday_is_refused_and_says_what_changed() {
    let mut story = Story::new();
    let rows = "person 1 given_name=Anna family_name=Vos
         contract 1 c1 2026-01-05..2026-03-01 d1
         person 2 given_name=Bram family_name=Smit
         contract 2 c2 2026-01-05.. d1";
    story.hr("2026-02-20", rows);
    story.until("2026-03-01");
    let monday = planned(&story, "2026-03-02T03:00:00Z", "2026-03-06T00:00:00Z");
    // Nothing ran since; on Tuesday Bram was given an end, and on Thursday that is read.
    story.sleep_until("2026-03-05");
    story.hr("2026-03-05", &rows.replace("2026-01-05.. d1", "2026-01-05..2026-03-03 d1"));
    story.clock.set("2026-03-05T03:00:00Z".parse().unwrap());
    block_on(story.engine.plan()).unwrap();
    let applied = block_on(story.engine.apply_file(PlanFile::read(monday.as_slice()).unwrap()));
    expect![[r"
        the plan is stale: the day and the ledger and the roster are other ones since it was made; falls away: nothing; is new: 1 disable (disable entra/hr:2); plan again"]]
    .assert_eq(&applied.unwrap_err().to_string());
}
