//! The core's suite of targets on a simulated directory: on a good day, and on bad ones.

use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use futures::executor::block_on;
use http::StatusCode;
use provisioning_core::plan::NewAccount;
use provisioning_core::target::FirstSecret;
use provisioning_core::testing::{TargetBench, Unsupported, check_target};
use provisioning_core::{AccountId, FieldName, Fields, PermissionId, TargetConnector, Value};
use serde_json::json;
use simulators::faults::{Broken, Faults, RetryAfter, Throttled};

use crate::support::{World, name};

/// The hands on a simulated directory.
struct Bench {
    world: World,
    lag: Duration,
}

impl Bench {
    fn new(first_secret: FirstSecret, faults: Faults) -> Self {
        let world = World::new(first_secret);
        world.tenant.put_group("staff", "Staff").unwrap();
        let lag = faults.lag;
        world.tenant.faults(faults);
        world.pass(TimeDelta::from_std(lag).unwrap());
        Self { world, lag }
    }
}

#[async_trait]
impl TargetBench for Bench {
    fn target(&self) -> &dyn TargetConnector {
        &self.world.target
    }

    fn now(&self) -> DateTime<Utc> {
        self.world.now()
    }

    fn new_account(&self, number: u32) -> NewAccount {
        let principal = name("userPrincipalName");
        let mut attributes = Fields::default();
        attributes.put(principal.clone(), Value::text(&format!("user{number}@example.org")));
        attributes.put(name("displayName"), Value::text("Somebody"));
        attributes.put(name("jobTitle"), Value::text("Clerk"));
        NewAccount { attributes, names: vec![principal] }
    }

    fn attributes(&self) -> [FieldName; 2] {
        ["mobilePhone", "officeLocation"].map(name)
    }

    fn permission(&self) -> Result<PermissionId, Unsupported> {
        PermissionId::new("staff").map_err(|_| Unsupported)
    }

    fn new_resource(&self, number: u32) -> Result<PermissionId, Unsupported> {
        PermissionId::new(&format!("department:{number}")).map_err(|_| Unsupported)
    }

    fn writes(&self) -> Result<u64, Unsupported> {
        Ok(self.world.tenant.requests().writes())
    }

    async fn settle(&self) {
        self.world.pass(TimeDelta::from_std(self.lag).unwrap());
    }

    async fn make_by_hand(&self, account: NewAccount) -> Result<AccountId, Unsupported> {
        let text = |attribute: &str| account.attributes.text(attribute).unwrap().to_owned();
        let body = json!({
            "userPrincipalName": text("userPrincipalName"), "displayName": text("displayName"), "accountEnabled": false,
        });
        let id = self.world.tenant.create_user(body).map_err(|_| Unsupported)?;
        AccountId::new(&id).map_err(|_| Unsupported)
    }

    async fn pass_days(&self, days: u32) -> Result<(), Unsupported> {
        self.world.pass(TimeDelta::days(days.into()));
        // The bin is emptied when the tenant is looked at, and lags from then on.
        let _now = self.world.tenant.mark();
        Ok(())
    }
}

fn check(first_secret: FirstSecret, faults: Faults) {
    let checks = block_on(check_target(&Bench::new(first_secret, faults)));
    assert_eq!((checks.held().len(), checks.unchecked()), (26, [].as_slice()));
}

#[test]
fn the_whole_contract_holds() {
    check(FirstSecret::None, Faults::default());
}

#[test]
fn the_whole_contract_holds_where_first_passwords_are_handed_over() {
    check(FirstSecret::OnCreate, Faults::default());
}

#[test]
fn i_44_the_whole_contract_holds_while_the_directory_lags() {
    check(FirstSecret::None, Faults { lag: Duration::from_secs(10), ..Faults::default() });
}

#[test]
fn i_41_the_whole_contract_holds_while_answers_get_lost() {
    for every in [2, 3, 5, 7] {
        check(FirstSecret::OnCreate, Faults { dropped: Some(every), ..Faults::default() });
    }
}

#[test]
fn i_45_the_whole_contract_holds_while_the_directory_throttles_and_refuses() {
    for retry_after in [RetryAfter::Seconds(3), RetryAfter::Decimal(250), RetryAfter::Date(5)] {
        let faults = Faults {
            throttled: Some(Throttled { every: 3, retry_after }),
            broken: Some(Broken { every: 5, status: StatusCode::SERVICE_UNAVAILABLE, retry_after }),
            ..Faults::default()
        };
        check(FirstSecret::None, faults);
    }
    let throttled = Some(Throttled { every: 3, retry_after: RetryAfter::Absent });
    check(FirstSecret::None, Faults { throttled, ..Faults::default() });
}

#[test]
fn the_whole_contract_holds_on_a_day_on_which_everything_goes_wrong() {
    let faults = Faults {
        lag: Duration::from_secs(5),
        throttled: Some(Throttled { every: 11, retry_after: RetryAfter::Seconds(2) }),
        dropped: Some(5),
        ..Faults::default()
    };
    check(FirstSecret::OnCreate, faults);
}
