//! What may not be held together: I-34, and I-29 where the two meet.

use std::ops::RangeInclusive;
use std::sync::Arc;

use async_trait::async_trait;
use chrono::TimeDelta;
use proptest::collection::vec;
use proptest::{option, sample};
use provisioning_core::audit::{Exception, FailureKind, PersonDirective};
use provisioning_core::memory::MemoryTarget;
use provisioning_core::policy::{Combination, Entitlement, Permission, Verdict};
use provisioning_core::target::{ObservedAccount, Presence, Shown};
use provisioning_core::testing::{Border, bordered};
use provisioning_core::{Confidence, Correlation, Value};

use crate::support::{Adjusted, Failing, Org, Setup, check, gives, main_of, permission};

const JOBS: [(&str, &str); 3] = [("entra", "ordering"), ("entra", "paying"), ("ad", "auditing")];

/// Whoever orders does not pay, and audits neither; a field of the person says who does what.
fn four_eyes() -> Adjusted {
    let policy = Adjusted::on(&["entra", "ad"]).granting(|person, _, answer| {
        for (target, job) in JOBS.iter().filter(|(_, job)| person.text(job) == Some("yes")) {
            let held = Permission { resource: None, ..permission(job) };
            answer.grants.push(gives("job", &main_of(target), held));
        }
    });
    let permissions = JOBS.map(|(target, job)| (main_of(target), permission(job).id)).to_vec();
    let id = "four-eyes".parse().unwrap();
    Adjusted { combinations: vec![Combination { id, permissions, verdict: Verdict::Deny }], ..policy }
}

fn org() -> Org {
    let org = Setup { policy: Some(Arc::new(four_eyes())), targets: vec!["entra", "ad"], ..Setup::default() }.build();
    put_resources(&org);
    org
}

pub(crate) fn put_resources(org: &Org) {
    for ((_, job), target) in JOBS.iter().zip([0, 0, 1]) {
        let id = job.parse().unwrap();
        org.targets[target].put_resource(provisioning_core::target::Resource { id, name: (*job).to_owned() });
    }
}

fn says(org: &Org, jobs: &str) {
    let fields: Vec<String> = jobs
        .split_whitespace()
        .map(|job| if job.contains('=') { job.to_owned() } else { format!("{job}=yes") })
        .collect();
    org.says(&format!("person 1 {}\ncontract 1 a 2026-01-01.. d1", fields.join(" ")));
}

/// What somebody who does these jobs is told.
fn works(org: &Org, day: &str, jobs: &str) -> Vec<String> {
    says(org.on(day), jobs);
    org.run()
}

/// Which of the jobs the accounts of the person can do.
pub(crate) fn held(targets: &[Arc<MemoryTarget>]) -> Vec<String> {
    let accounts = targets.iter().filter_map(|target| target.account("hr:1"));
    let held = accounts.filter(|it| it.presence == Presence::Live).flat_map(|it| it.permissions.unwrap_or_default());
    held.map(|id| id.to_string()).filter(|id| JOBS.iter().any(|(_, job)| id == job)).collect()
}

/// Looks at the targets whenever something crosses a port.
struct Watch {
    targets: Vec<Arc<MemoryTarget>>,
    /// How many of the jobs the person may do at once.
    jobs: RangeInclusive<usize>,
}

#[async_trait]
impl Border for Watch {
    async fn crossed(&self) {
        let held = held(&self.targets);
        assert!(self.jobs.contains(&held.len()), "held together: {held:?}");
        futures::pending!();
    }
}

/// Runs, and is killed at the crossing number `kill`; whether it came to its end.
pub(crate) fn watched(org: &Org, kill: usize) -> bool {
    watched_doing(org, 0..=1, kill)
}

/// The same where the person may do so many of the jobs at once.
pub(crate) fn watched_doing(org: &Org, jobs: RangeInclusive<usize>, kill: usize) -> bool {
    let watch: Arc<dyn Border> = Arc::new(Watch { targets: org.targets.clone(), jobs });
    let engine = bordered(&org.engine, &watch);
    let mut run = std::pin::pin!(engine.run());
    let mut context = std::task::Context::from_waker(futures::task::noop_waker_ref());
    (0..kill).any(|_| run.as_mut().poll(&mut context).is_ready())
}

#[test]
fn i_34_a_mover_loses_the_old_before_gaining_what_stands_against_it() {
    let org = org();
    works(&org, "2026-01-01", "paying");
    assert_eq!(held(&org.targets), ["paying"]);
    assert_eq!(works(&org, "2026-01-10", "ordering"), ["revoke hr:1 paying", "grant hr:1 ordering"]);
    // On another account it takes a second run.
    assert_eq!(works(&org, "2026-01-20", "auditing"), ["revoke hr:1 ordering"]);
    assert_eq!(works(&org, "2026-01-21", "auditing"), ["grant hr:1 auditing"]);
}

#[test]
fn i_34_killed_anywhere_nobody_holds_both() {
    for kill in 0.. {
        let org = org();
        works(&org, "2026-01-01", "paying");
        says(org.on("2026-01-10"), "ordering");
        let is_over = watched(&org, kill);
        org.later(TimeDelta::minutes(10));
        assert!(watched(&org, usize::MAX));
        org.later(TimeDelta::hours(1));
        assert!(watched(&org, usize::MAX));
        assert_eq!(held(&org.targets), ["ordering"], "killed at {kill}");
        if is_over {
            assert!(kill > 20, "killed only {kill} times");
            return;
        }
    }
}

#[test]
fn i_34_what_may_have_been_given_counts_as_held() {
    let (mut was_given, mut was_free) = (0, 0);
    for kill in 0..60 {
        let mut org = org();
        works(&org, "2026-01-01", "");
        says(org.on("2026-01-10"), "auditing");
        watched(&org, kill);
        let ad = Failing::around(&mut org, 1, FailureKind::Unknown);
        was_given += usize::from(held(&org.targets) == ["auditing"]);
        // The other target cannot be read any more.
        ad.go_blind();
        says(org.on("2026-01-11"), "ordering");
        assert!(watched(&org, usize::MAX));
        was_free += usize::from(held(&org.targets) == ["ordering"]);
    }
    assert!(was_given > 1 && was_free > 1);
}

#[test]
fn i_34_what_others_gave_is_waited_for_and_never_joined() {
    let org = org();
    works(&org, "2026-01-01", "");
    org.target.change("hr:1", |account| {
        account.permissions.as_mut().unwrap().insert("paying".parse().unwrap());
    });
    says(org.on("2026-01-10"), "ordering");
    let report = org.report();
    assert!(report.to_string().contains("`ordering` is given once `paying` is gone, by combination `four-eyes`"));
    assert_eq!(held(&org.targets), ["paying"]);
    org.target.change("hr:1", |account| {
        account.permissions.as_mut().unwrap().remove("paying");
    });
    assert_eq!(works(&org, "2026-01-11", "ordering"), ["grant hr:1 ordering"]);
}

#[test]
fn i_34_an_exception_gives_nothing_that_stands_against_what_is_held() {
    let org = org();
    works(&org, "2026-01-01", "ordering");
    let entitlement = Entitlement::Permission(permission("paying"));
    let exception = Exception { slot: main_of("entra"), entitlement, last_day: None };
    org.on("2026-01-02").say_of("1", PersonDirective::Except(exception));
    assert!(works(&org, "2026-01-02", "ordering").is_empty());
    assert_eq!(works(&org, "2026-01-03", ""), ["revoke hr:1 ordering", "grant hr:1 paying"]);
}

#[test]
fn i_34_what_an_adopted_account_holds_is_looked_at_before_anything_is_given() {
    let way = Correlation {
        field: Some("badge".parse().unwrap()),
        attribute: "number".parse().unwrap(),
        confidence: Confidence::Strong,
    };
    let setup = Setup { policy: Some(Arc::new(four_eyes())), targets: vec!["entra", "ad"], ..Setup::default() };
    let org = Setup { correlation: vec![way], ..setup }.build();
    put_resources(&org);
    org.targets[1].put_account(ObservedAccount {
        id: "old".parse().unwrap(),
        anchor: None,
        presence: Presence::Live,
        shown: Shown::Enabled,
        attributes: [("number".parse().unwrap(), Value::text("7"))].into_iter().collect(),
        permissions: Some(["auditing".parse().unwrap()].into()),
    });
    for day in 1..4 {
        works(&org, &format!("2026-01-0{day}"), "badge=7 ordering");
        assert!(held(&org.targets[..1]).is_empty(), "{day}");
    }
}

#[test]
fn i_29_nothing_is_taken_away_for_what_cannot_be_given() {
    // The group of the winner is not there.
    let org = Setup { policy: Some(Arc::new(four_eyes())), targets: vec!["entra", "ad"], ..Setup::default() }.build();
    let paying = provisioning_core::target::Resource { id: "paying".parse().unwrap(), name: "paying".to_owned() };
    org.targets[0].put_resource(paying);
    works(&org, "2026-01-01", "paying");
    assert_eq!(works(&org, "2026-01-10", "ordering paying"), Vec::<String>::new());
    assert_eq!(held(&org.targets), ["paying"]);
}

#[test]
fn i_34_what_a_deleted_account_held_stands_in_nobodys_way() {
    let org = org();
    works(&org, "2026-01-01", "auditing");
    org.targets[1].delete_by_hand("hr:1");
    org.daily("2026-01-02", "2026-01-04");
    works(&org, "2026-01-05", "ordering");
    works(&org, "2026-01-06", "ordering");
    assert_eq!(held(&org.targets[..1]), ["ordering"]);
}

#[test]
fn what_stands_beside_nothing_is_not_withheld_for_what_is_withheld_itself() {
    let mut policy = four_eyes();
    let of = |id: &str, jobs: [usize; 2]| Combination {
        id: id.parse().unwrap(),
        permissions: jobs.map(|job| (main_of(JOBS[job].0), JOBS[job].1.parse().unwrap())).to_vec(),
        verdict: Verdict::Deny,
    };
    // Paying beats auditing, and ordering beats paying: who does all three orders and audits.
    policy.combinations = vec![of("later", [1, 2]), of("earlier", [0, 1])];
    let org = Setup { policy: Some(Arc::new(policy)), targets: vec!["entra", "ad"], ..Setup::default() }.build();
    put_resources(&org);
    works(&org, "2026-01-01", "ordering paying auditing");
    assert_eq!(held(&org.targets), ["ordering", "auditing"]);
}

#[test]
fn i_34_whatever_people_do_and_whenever_runs_are_killed() {
    let day = (0_u8..8, option::weighted(0.5, 1_usize..120), sample::select(vec![6, 70, 1440]));
    check(400, vec(day, 2..12), |days| {
        let org = org();
        for (jobs, kill, gap) in days {
            let doing: Vec<&str> = (0..3).filter(|bit| jobs & (1 << bit) != 0).map(|bit| JOBS[bit].1).collect();
            says(&org, &doing.join(" "));
            watched(&org, kill.unwrap_or(usize::MAX));
            org.later(TimeDelta::minutes(gap));
        }
        // In the end the first of what is wanted is held, and nothing else.
        says(&org, "paying auditing");
        for _ in 0..4 {
            assert!(watched(&org, usize::MAX));
            org.later(TimeDelta::hours(1));
        }
        assert_eq!(held(&org.targets), ["paying"]);
    });
}
