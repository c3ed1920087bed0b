//! The contract of stores.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use provisioning_core::audit::Sealed;
use provisioning_core::testing::{StoreBench, Unsupported, check_store};
use provisioning_core::{Clock, Settings, Store, SystemClock};

use crate::bench::Ledger;

/// Makes ledgers of one kind.
struct Ledgers {
    make: fn() -> Option<Ledger>,
    last: Mutex<Option<Arc<Ledger>>>,
}

#[async_trait]
impl StoreBench for Ledgers {
    async fn empty(&self, settings: &Settings, clock: Arc<dyn Clock>) -> Arc<dyn Store> {
        let ledger = Arc::new((self.make)().unwrap());
        let store = ledger.open(settings, clock).await.unwrap();
        *self.last.lock().unwrap() = Some(ledger);
        Arc::new(store)
    }

    async fn reopen(
        &self,
        store: Arc<dyn Store>,
        settings: &Settings,
        clock: Arc<dyn Clock>,
    ) -> Result<Arc<dyn Store>, Unsupported> {
        drop(store);
        let ledger = self.last.lock().unwrap().clone().unwrap();
        Ok(Arc::new(ledger.open(settings, clock).await.unwrap()))
    }

    async fn audit(&self, _: &dyn Store) -> Result<Vec<Sealed>, Unsupported> {
        let ledger = self.last.lock().unwrap().clone().unwrap();
        // Opened once more, as by somebody who only reads; the tenant is the suite's.
        let settings = Settings::new("suite".parse().unwrap(), chrono_tz::Tz::UTC);
        let store = ledger.open(&settings, Arc::new(SystemClock)).await.unwrap();
        Ok(store.audit(0, usize::MAX).await.unwrap())
    }
}

async fn keeps_the_contract(make: fn() -> Option<Ledger>) {
    let checks = check_store(&Ledgers { make, last: Mutex::default() }).await;
    assert_eq!(checks.unchecked(), [""; 0]);
}

#[tokio::test]
async fn sqlite_keeps_the_contract_of_stores() {
    keeps_the_contract(|| Some(Ledger::file())).await;
}

#[tokio::test]
async fn postgresql_keeps_the_contract_of_stores() {
    if Ledger::server().is_some() {
        keeps_the_contract(Ledger::server).await;
    }
}
