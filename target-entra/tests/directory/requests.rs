//! How many requests things cost, counted by the simulated directory.

use chrono::TimeDelta;
use provisioning_core::audit::Truth;
use provisioning_core::plan::{AccountStep, ResourceStep, Step};
use provisioning_core::target::{FirstSecret, Observation, Shown};
use simulators::faults::Faults;
use simulators::log::Counts;
use target_entra::EntraTarget;

use crate::support::World;
use crate::support::wave::{account, apply, create, grant, key, live, look, on, revoke, truth, update};

/// A directory with people and the groups `staff` and `sales`.
fn world(people: u32) -> World {
    let world = World::new(FirstSecret::None);
    for group in ["staff", "sales"] {
        world.tenant.put_group(group, group).unwrap();
    }
    let made = apply(&world, &world.target, (0..people).map(create).collect());
    assert!(made.iter().all(Result::is_ok));
    world
}

fn counted(world: &World, work: impl FnOnce()) -> Counts {
    let before = world.tenant.requests().counts();
    work();
    world.tenant.requests().counts().since(&before)
}

fn sent(counts: &Counts) -> Vec<String> {
    counts.by_path.iter().map(|(path, times)| format!("{times} {path}")).collect()
}

#[test]
fn a_reading_without_changes_is_two_reads_whatever_the_population() {
    for people in [3, 300] {
        let world = world(people);
        let mut picture = Observation::default();
        assert!(look(&world.target, &mut picture));
        assert_eq!(picture.accounts().count(), people as usize);
        let counts = counted(&world, || assert!(!look(&world.target, &mut picture)));
        assert_eq!(sent(&counts), ["1 GET /groups/delta", "1 GET /users/delta"]);
    }
}

fn ensure(id: &str, name: &str, owner: u32) -> Step {
    let step = ResourceStep::Ensure { id: id.parse().unwrap(), name: name.to_owned(), owner: Some(key(owner)) };
    Step::Resource { target: "entra".parse().unwrap(), step }
}

fn owners(world: &World, id: &str) -> usize {
    let groups = world.tenant.groups();
    groups.into_iter().find(|group| group.unique_name.as_deref() == Some(id)).unwrap().owners.len()
}

#[test]
fn a_group_is_made_in_one_write_with_its_owner_and_keeps_whose_it_is() {
    let world = world(2);
    let counts = counted(&world, || {
        assert!(apply(&world, &world.target, vec![ensure("team", "Team", 1)])[0].is_ok());
    });
    assert_eq!(sent(&counts), ["1 GET /groups(uniqueName)", "1 PATCH /groups(uniqueName)"]);
    assert_eq!(owners(&world, "team"), 1);
    // What is there already only gets the name.
    assert!(apply(&world, &world.target, vec![ensure("staff", "All", 1)])[0].is_ok());
    assert_eq!(owners(&world, "staff"), 0);
}

#[test]
fn no_group_waits_for_an_owner() {
    let made = |world: &World, target: &EntraTarget, owner: u32| {
        let done = apply(world, target, vec![ensure("team", "Team", owner)]);
        assert!(done[0].is_ok(), "{:?}", done[0].as_ref().err());
        owners(world, "team")
    };
    let first = world(2);
    assert_eq!(made(&first, &first.target, 99), 0, "who has no account");
    for every in 2..=5 {
        let world = world(2);
        world.tenant.faults(Faults { dropped: Some(every), ..Faults::default() });
        assert!(made(&world, &world.target, 1) <= 1, "answers are lost");
    }
    let world = world(2);
    let users = world.tenant.users();
    let bearer = users.iter().find(|user| user.properties.values().any(|value| *value == key(1).anchor())).unwrap();
    assert!(world.tenant.delete_user(&bearer.id).is_ok());
    assert_eq!(made(&world, &world.target, 1), 0, "whose account somebody deleted just now");
}

#[test]
fn a_create_is_one_write_and_no_read() {
    let world = World::new(FirstSecret::OnCreate);
    let counts = counted(&world, || {
        let made = apply(&world, &world.target, vec![create(1)]);
        assert_eq!(live(&made[0]).1, Shown::Disabled);
        assert!(made[0].as_ref().unwrap().secret.is_some());
    });
    assert_eq!(
        (counts.reads, sent(&counts)),
        (0, vec!["1 POST /users".to_owned(), "1 POST /{tenant}/oauth2/v2.0/token".to_owned()])
    );
}

#[test]
fn forty_grants_of_a_group_are_two_writes() {
    let world = world(40);
    look(&world.target, &mut Observation::default());
    let counts = counted(&world, || {
        let given = apply(&world, &world.target, (0..40).map(|person| grant(person, "staff")).collect());
        assert!(given.iter().all(|answer| *truth(answer) == Truth::Holds));
    });
    assert_eq!(sent(&counts), ["2 PATCH /groups/{id}"]);
}

#[test]
fn one_bad_member_of_a_pack_costs_the_others_nothing_but_requests() {
    let world = world(20);
    look(&world.target, &mut Observation::default());
    apply(&world, &world.target, vec![grant(3, "staff")]);
    let gone = world.tenant.user("user7@example.org").unwrap().id;
    world.tenant.delete_user(&gone).unwrap();
    world.pass(TimeDelta::hours(2));
    let target = world.restarted();
    let given = apply(&world, &target, (0..20).map(|person| grant(person, "staff")).collect());
    for (person, answer) in given.iter().enumerate() {
        match person {
            7 => assert!(answer.is_err(), "{answer:?}"),
            _ => assert_eq!(*truth(answer), Truth::Holds, "{person}"),
        }
    }
    let staff = world.tenant.groups().into_iter().find(|group| group.unique_name.as_deref() == Some("staff")).unwrap();
    assert_eq!(staff.members.len(), 19);
}

#[test]
fn a_disable_ends_the_sessions_too_and_an_update_looks_before_it_writes() {
    let world = world(1);
    let id = live(&apply(&world, &world.target, vec![account(0, AccountStep::Enable)])[0]).0;
    let target = world.restarted();
    let step = |step: Step| counted(&world, || assert!(apply(&world, &target, vec![on(&id, step)])[0].is_ok()));
    let counts = step(account(0, AccountStep::Disable));
    assert_eq!(
        sent(&counts),
        ["1 PATCH /users/{id}", "1 POST /users/{id}/revokeSignInSessions", "1 POST /{tenant}/oauth2/v2.0/token"]
    );
    assert_eq!(sent(&step(update(0, "jobTitle", "Clerk"))), ["1 GET /users/{id}", "1 PATCH /users/{id}"]);
    assert_eq!(sent(&step(account(0, AccountStep::Delete))), ["1 DELETE /users/{id}"]);
}

#[test]
fn i_33_a_restored_account_is_disabled_and_what_it_holds_is_known_without_another_look() {
    let world = world(1);
    let mut picture = Observation::default();
    let id = live(&apply(&world, &world.target, vec![account(0, AccountStep::Enable)])[0]).0;
    apply(&world, &world.target, vec![grant(0, "staff"), grant(0, "sales")]);
    look(&world.target, &mut picture);
    // Deleted while it was enabled, by hand.
    world.tenant.delete_user(id.as_str()).unwrap();
    look(&world.target, &mut picture);
    let held = |picture: &Observation| {
        let held = picture.account(&id).unwrap().permissions.clone();
        held.map(|held| held.iter().map(ToString::to_string).collect::<Vec<_>>().join(" "))
    };
    assert_eq!(held(&picture).as_deref(), Some("sales staff"));
    let target = world.restarted();
    let back = apply(&world, &target, vec![on(&id, account(0, AccountStep::Restore))]);
    assert_eq!(live(&back[0]), (id.clone(), Shown::Disabled));
    assert!(!world.tenant.user(id.as_str()).unwrap().enabled);
    assert_eq!(*truth(&apply(&world, &target, vec![on(&id, revoke(0, "sales"))])[0]), Truth::HoldsNot);
    assert!(!look(&target, &mut picture));
    assert_eq!(held(&picture).as_deref(), Some("staff"));
    assert_eq!(world.tenant.user(id.as_str()).unwrap().groups.len(), 1);
}

#[test]
fn a_revoke_from_a_deleted_account_says_that_a_restore_brings_it_back() {
    let world = world(1);
    let id = live(&apply(&world, &world.target, vec![account(0, AccountStep::Enable)])[0]).0;
    apply(&world, &world.target, vec![grant(0, "staff")]);
    world.tenant.delete_user(id.as_str()).unwrap();
    let answer = apply(&world, &world.restarted(), vec![on(&id, revoke(0, "staff"))]);
    assert!(matches!(truth(&answer[0]), Truth::InBin { .. }), "{answer:?}");
}

#[test]
fn a_create_for_somebody_whose_account_is_in_the_bin_says_so_and_makes_no_second_one() {
    let world = world(1);
    world.tenant.delete_user("user0@example.org").unwrap();
    let answer = apply(&world, &world.restarted(), vec![create(0)]);
    assert!(matches!(truth(&answer[0]), Truth::InBin { .. }), "{answer:?}");
    assert_eq!(world.tenant.users().len(), 1);
}

#[test]
fn a_group_that_another_process_saw_removed_is_read_whole_and_one_that_this_one_saw_is_not() {
    for (forgetful, expected) in [(false, false), (true, true)] {
        let world = world(1);
        apply(&world, &world.target, vec![grant(0, "staff"), grant(0, "sales")]);
        let mut picture = Observation::default();
        look(&world.target, &mut picture);
        world.tenant.delete_group("sales").unwrap();
        let other = world.restarted();
        let is_whole = look(if forgetful { &other } else { &world.target }, &mut picture);
        assert_eq!(is_whole, expected);
        let held = picture.accounts().next().unwrap().permissions.clone().unwrap();
        assert_eq!(held.iter().map(ToString::to_string).collect::<Vec<_>>(), ["staff"]);
        assert_eq!(picture.resources().count(), 1);
    }
}

#[test]
fn a_cursor_that_the_directory_forgot_is_refused() {
    let world = world(1);
    let mut picture = Observation::default();
    look(&world.target, &mut picture);
    world.tenant.forget_deltas();
    let cursor = picture.cursor().cloned();
    let error =
        futures::executor::block_on(provisioning_core::TargetConnector::observe(&world.target, cursor.as_ref()));
    assert_eq!(error.unwrap_err().kind(), provisioning_core::PortErrorKind::CursorRefused);
}
