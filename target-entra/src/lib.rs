//! Microsoft Entra ID as a target: people's accounts are its users, what they hold are its groups. It never makes a
//! second account because an answer got lost, never writes a property that a profile does not name, never takes a group
//! away by deleting anything but the membership, and never shows a first password to anybody but the one it is handed
//! to.
//!
//! [`EntraTarget`] reads through the directory's change feeds, so that a run in which nothing changed costs two reads,
//! and writes what the actions of a wave say: accounts side by side, the actions of one account one after the other,
//! twenty new members of a group in one write. Attributes have the names of the Graph's properties.
//!
//! ```
//! use std::sync::Arc;
//! use std::time::Duration;
//!
//! use entra_graph::{Cloud, Credentials, Graph};
//! use provisioning_core::{FieldName, SystemClock, TargetConnector, TargetId};
//! use target_entra::{EntraSettings, EntraTarget};
//! use entra_graph::transport::{Https, SystemTimer, Transport};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let attributes = ["displayName", "givenName", "surname", "department"];
//! let attributes = attributes.into_iter().map(FieldName::new).collect::<Result<_, _>>()?;
//! let settings = EntraSettings::new(TargetId::new("entra")?, attributes)?;
//! let transport = Transport::new("Microsoft Graph", Arc::new(Https::new(Duration::from_secs(100))?), Arc::new(SystemTimer));
//! let credentials = Credentials {
//!     tenant: "example.onmicrosoft.com".to_owned(),
//!     client_id: "8d6e5a1c".to_owned(),
//!     client_secret: "from the vault".into(),
//! };
//! let graph = Graph::new(transport, Cloud::global(), credentials);
//! let target = EntraTarget::new(graph, settings, Arc::new(SystemClock));
//! assert_eq!(target.describe().naming, [FieldName::new("userPrincipalName")?]);
//! # Ok(())
//! # }
//! ```

mod apply;
mod failure;
mod groups;
mod mapping;
mod observe;
mod packing;
mod password;
mod recent;
mod settings;

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use entra_graph::Graph;
use futures::stream::BoxStream;
use provisioning_core::plan::Wave;
use provisioning_core::source::Cursor;
use provisioning_core::target::{Capabilities, Deletion, RestoredGrants, TargetReading};
use provisioning_core::{Clock, FieldName, Outcome, Permit, PortError, TargetConnector};

use crate::groups::Groups;
use crate::recent::Recent;
use crate::settings::USER_PRINCIPAL_NAME;

pub use settings::{Anchor, EntraSettings, ExtensionNumber, Patience, UnusableAttributes};

/// For how many days a deleted user can be restored: deleted on D, up to and including D + 29.
const BIN_DAYS: u32 = 30;

/// One directory as a target.
///
/// Between readings it remembers, for an hour, what it wrote itself: a directory that is copied about may deny for a
/// while that something is there. What it does not remember costs a question; it is safe to make a new one for each
/// run.
pub struct EntraTarget {
    graph: Graph,
    settings: EntraSettings,
    clock: Arc<dyn Clock>,
    groups: Groups,
    recent: Recent,
}

impl EntraTarget {
    /// A directory, reached by a client; leases and days are measured by `clock`, which should agree with the client's
    /// timer.
    #[must_use]
    pub fn new(graph: Graph, settings: EntraSettings, clock: Arc<dyn Clock>) -> Self {
        Self { graph, settings, clock, groups: Groups::default(), recent: Recent::default() }
    }
}

impl fmt::Debug for EntraTarget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "EntraTarget({:?})", self.settings)
    }
}

#[async_trait]
impl TargetConnector for EntraTarget {
    fn describe(&self) -> Capabilities {
        Capabilities {
            target: self.settings.target.clone(),
            deletion: Deletion::Bin { days: BIN_DAYS, grants: RestoredGrants::Unreadable },
            anchor_length: self.settings.anchor.length(),
            first_secret: self.settings.first_secret,
            naming: FieldName::new(USER_PRINCIPAL_NAME).into_iter().collect(),
        }
    }

    async fn observe(&self, since: Option<&Cursor>) -> Result<TargetReading, PortError> {
        self.recent.forget_old(self.clock.now());
        observe::observe(self, since).await
    }

    fn apply<'a>(&'a self, wave: &'a Wave, permit: Permit) -> BoxStream<'a, Outcome> {
        apply::apply(self, wave, permit)
    }
}
