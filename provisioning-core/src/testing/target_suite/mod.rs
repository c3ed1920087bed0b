//! The conformance suite of [`TargetConnector`].

mod accounts;
mod attributes;
mod conduct;
mod deletion;
mod permissions;
mod stage;

use std::any::Any;
use std::panic::{AssertUnwindSafe, resume_unwind};

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use futures::FutureExt;

use crate::id::{AccountId, FieldName, InvalidId, PermissionId, PersonId, TenantId};
use crate::plan::NewAccount;
use crate::port::TargetConnector;
use crate::testing::conformance::{Checks, Unsupported};

use stage::Stage;

/// The hands on the system behind a [`TargetConnector`], for [`check_target`].
///
/// Whatever cannot be done there stays [`Unsupported`], and what needs it is not checked. Each check works with new people;
/// accounts that were there before and people at work in the system meanwhile are no harm as long as they touch none of the
/// suite's accounts and no groups.
#[async_trait]
pub trait TargetBench: Send + Sync {
    /// The connector under test.
    fn target(&self) -> &dyn TargetConnector;

    /// The instant it is for the connector: leases are measured by it.
    fn now(&self) -> DateTime<Utc>;

    /// What a new account is made of: whatever the target demands, names that nobody bears, and none of
    /// [`attributes`](Self::attributes).
    fn new_account(&self, number: u32) -> NewAccount;

    /// Two attributes that hold text, that may be absent and by which no account is named, such as a telephone number
    /// and a room.
    fn attributes(&self) -> [FieldName; 2];

    /// The tenant that the connector serves.
    ///
    /// # Errors
    /// When the bench spells it wrongly.
    fn tenant(&self) -> Result<TenantId, InvalidId> {
        TenantId::new("suite")
    }

    /// Somebody for whom the target made no account yet. On a target that outlives the suite, numbers of an earlier pass
    /// must lead to other people.
    ///
    /// # Errors
    /// When the bench spells it wrongly.
    fn person(&self, number: u32) -> Result<PersonId, InvalidId> {
        format!("suite:{number}").parse()
    }

    /// Something that is there and that accounts can hold.
    ///
    /// # Errors
    /// [`Unsupported`] where there is no such thing.
    fn permission(&self) -> Result<PermissionId, Unsupported> {
        Err(Unsupported)
    }

    /// The id of a group or the like that the target can make and that is not there yet.
    ///
    /// # Errors
    /// [`Unsupported`] where there is no such thing.
    fn new_resource(&self, _number: u32) -> Result<PermissionId, Unsupported> {
        Err(Unsupported)
    }

    /// How many writing requests the system got so far.
    ///
    /// # Errors
    /// [`Unsupported`] where there is no such thing.
    fn writes(&self) -> Result<u64, Unsupported> {
        Err(Unsupported)
    }

    /// Waits until everything written shows in readings.
    async fn settle(&self) {}

    /// An administrator makes a live and disabled account by hand, which bears no anchor.
    async fn make_by_hand(&self, _account: NewAccount) -> Result<AccountId, Unsupported> {
        Err(Unsupported)
    }

    /// Lets days pass.
    async fn pass_days(&self, _days: u32) -> Result<(), Unsupported> {
        Err(Unsupported)
    }

    /// Removes what the suite made: the accounts of its people and its groups, from the recycle bin too. Asked once,
    /// at the end, also of a suite that found a breach. The suite itself removes nothing; left alone, it all stays.
    async fn clean_up(&self) {}
}

/// Checks a target against the contract of [`TargetConnector`]: all of [`check_target_conduct`], and that each action does
/// what it says.
///
/// | what is checked | what it takes |
/// |---|---|
/// | a new account is disabled and bears its anchor; making it again answers with the same one | |
/// | enabling and disabling, and doing it again | |
/// | an action finds its account by the key, where the plan does not know the id yet | |
/// | an account made by hand is found by the id in the action | [`make_by_hand`](TargetBench::make_by_hand) |
/// | nobody gets the name of somebody else | naming attributes |
/// | a step on an account that is not there does not say that it is | |
/// | only the attributes that an update names are written; setting to empty text, clearing and keeping are three things | |
/// | two updates of one account in one wave both arrive | |
/// | granting and revoking, and doing it again; a grant of something unknown fails and stops nobody else | [`permission`](TargetBench::permission) |
/// | a group is made, made again and renamed, and stays the same group with the same members | [`new_resource`](TargetBench::new_resource) |
/// | deleting leads where [`Deletion`](crate::target::Deletion) says, also when done again; a restored account is disabled and holds what [`RestoredGrants`](crate::target::RestoredGrants) says | |
/// | a deleted account can be restored on the last day of the recycle bin, and not on the day after | [`pass_days`](TargetBench::pass_days) |
/// | changes since a cursor lead where a whole reading leads | a cursor |
///
/// It makes some dozens of accounts and a few groups, and removes none of them: [`TargetBench::clean_up`] does.
///
/// # Panics
/// With what is wrong and what the contract says, at the first breach.
pub async fn check_target(bench: &dyn TargetBench) -> Checks {
    let stage = Stage::new(bench);
    let checked = AssertUnwindSafe(async {
        let mut checks = Checks::of("target");
        conduct::check(&stage, &mut checks).await;
        accounts::check(&stage, &mut checks).await;
        attributes::check(&stage, &mut checks).await;
        permissions::check(&stage, &mut checks).await;
        deletion::check(&stage, &mut checks).await;
        checks
    });
    cleaned_up(bench, checked.catch_unwind().await).await
}

async fn cleaned_up(bench: &dyn TargetBench, checked: Result<Checks, Box<dyn Any + Send>>) -> Checks {
    bench.clean_up().await;
    checked.unwrap_or_else(|breach| resume_unwind(breach))
}

/// Checks what holds for every target, also for one that does nothing, such as [`DryRun`](crate::wrap::DryRun).
///
/// | what is checked | what it takes |
/// |---|---|
/// | what the target can do stays the same | |
/// | `apply` sends nothing before it is polled | |
/// | the stream ends after one outcome for each action; without actions, at once | |
/// | under an expired permit every action fails as transient and nothing is sent | |
/// | a whole reading without a cursor; changes since its cursor lead where the next whole reading leads | |
/// | an unknown cursor is refused, or answered with everything | |
///
/// # Panics
/// With what is wrong and what the contract says, at the first breach.
pub async fn check_target_conduct(bench: &dyn TargetBench) -> Checks {
    let stage = Stage::new(bench);
    let checked = AssertUnwindSafe(async {
        let mut checks = Checks::of("target");
        conduct::check(&stage, &mut checks).await;
        checks
    });
    cleaned_up(bench, checked.catch_unwind().await).await
}
