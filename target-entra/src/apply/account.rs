//! The steps of an account that is there.

use entra_graph::{Graph, GraphErrorKind, Patch as Writing};
use provisioning_core::audit::Truth;
use provisioning_core::plan::AccountStep;
use provisioning_core::target::{FirstSecret, Patch, Shown};
use provisioning_core::{AccountId, AccountKey, Done, Failure};
use secrecy::{ExposeSecret, SecretString};

use crate::apply::{Desk, Lag, in_bin, live};
use crate::failure::{failure, permanent, unknown};
use crate::mapping;
use crate::password::random_password;

/// What became of a write to a user.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Written {
    Done,
    /// There is no such live user.
    Missing,
}

impl Desk<'_> {
    pub(super) async fn account_step(
        &self,
        key: &AccountKey,
        id: Option<&AccountId>,
        step: &AccountStep,
    ) -> Result<Done, Failure> {
        if let AccountStep::Create(account) = step {
            return self.create(key, account).await;
        }
        let Some(id) = self.find(key, id).await? else { return Ok(Done::now(Truth::Gone)) };
        match step {
            // Handled above; an account that is there is made again by leaving it as it is.
            AccountStep::Create(_) => self.look(&id).await.map(Done::now),
            AccountStep::Enable => self.switch(&id, Shown::Enabled).await.map(Done::now),
            AccountStep::Disable => self.disable(&id).await.map(Done::now),
            AccountStep::Update(patch) => self.update(&id, patch).await.map(Done::now),
            AccountStep::Delete => self.delete(&id).await.map(Done::now),
            AccountStep::Restore => self.restore(key, &id).await.map(Done::now),
            AccountStep::Reissue => self.reissue(&id).await,
        }
    }

    async fn switch(&self, id: &AccountId, shown: Shown) -> Result<Truth, Failure> {
        let patch = Writing::new().set("accountEnabled", shown == Shown::Enabled);
        match self.write(id, &patch, self.lag_of(id)).await? {
            Written::Missing => self.missing(id, Lag::Excluded).await,
            Written::Done => {
                self.target.recent.switched(id, shown);
                Ok(live(id, shown))
            }
        }
    }

    /// The sessions end after the account cannot begin new ones. That they could not be ended does not make the account
    /// enabled: it is said aloud, and what is true of the account is told.
    async fn disable(&self, id: &AccountId) -> Result<Truth, Failure> {
        let truth = self.switch(id, Shown::Disabled).await?;
        if matches!(truth, Truth::Live { .. }) {
            let revoke = |graph: Graph| async move { graph.users().revoke_sessions(id.as_str()).await };
            match self.patiently(self.lag_of(id), revoke).await {
                Ok(Ok(())) => {}
                Ok(Err(error)) => tracing::warn!(account = %id, %error, "disabled, and its sessions were not ended"),
                Err(error) => tracing::warn!(account = %id, %error, "disabled, and its sessions were not ended"),
            }
        }
        Ok(truth)
    }

    async fn update(&self, id: &AccountId, patch: &Patch) -> Result<Truth, Failure> {
        let properties = mapping::changed(patch, &self.target.settings).map_err(|why| permanent(why.to_string()))?;
        let truth = self.look(id).await?;
        if properties.is_empty() || !matches!(truth, Truth::Live { .. }) {
            return Ok(truth);
        }
        match self.write(id, &writing(properties), self.lag_of(id)).await? {
            Written::Done => Ok(truth),
            Written::Missing => self.missing(id, Lag::Excluded).await,
        }
    }

    /// A delete whose first answer was lost looks like one that came too late, so the recycle bin is looked at with
    /// patience.
    async fn delete(&self, id: &AccountId) -> Result<Truth, Failure> {
        let delete = |graph: Graph| async move { graph.users().delete(id.as_str()).await };
        let truth = match self.patiently(self.lag_of(id), delete).await? {
            Ok(()) => in_bin(self.today()),
            Err(error) if error.kind() == GraphErrorKind::NotFound => self.missing(id, Lag::Possible).await?,
            Err(error) => return Err(failure(&error)),
        };
        self.target.recent.deleted(id);
        Ok(truth)
    }

    /// Back from the recycle bin as it was, enabled if it was enabled, and disabled within the same step: also where it
    /// was back already, which an earlier attempt without an answer looks like.
    async fn restore(&self, key: &AccountKey, id: &AccountId) -> Result<Truth, Failure> {
        let is_in_bin = matches!(self.missing(id, Lag::Excluded).await?, Truth::InBin { .. });
        // Live or gone: the write says which.
        let lag = if is_in_bin { self.take_back(id).await? } else { self.lag_of(id) };
        let patch = Writing::new().set("accountEnabled", false);
        let written = self.write(id, &patch, lag).await;
        match (written, lag) {
            (Ok(Written::Done), _) => {
                self.target.recent.made(&key.anchor(), id, Shown::Disabled, self.target.clock.now());
                Ok(live(id, Shown::Disabled))
            }
            (Ok(Written::Missing), Lag::Excluded) => self.missing(id, Lag::Excluded).await,
            (Ok(Written::Missing), Lag::Possible) => {
                Err(unknown("a restore may have been done, and the account does not show; the next run reads first"))
            }
            (Err(error), Lag::Excluded) => Err(error),
            // It may be back, and in use.
            (Err(error), Lag::Possible) => Err(unknown(format!("restored, and perhaps not disabled: {error}"))),
        }
    }

    /// Whether it may be back without showing.
    async fn take_back(&self, id: &AccountId) -> Result<Lag, Failure> {
        match self.graph()?.deleted_users().restore(id.as_str()).await {
            Ok(_) => Ok(Lag::Possible),
            Err(error) if error.may_have_happened() => Ok(Lag::Possible),
            Err(error) if error.kind() == GraphErrorKind::NotFound => Ok(self.lag_of(id)),
            Err(error) => Err(failure(&error)),
        }
    }

    async fn reissue(&self, id: &AccountId) -> Result<Done, Failure> {
        let truth = self.look(id).await?;
        if self.target.settings.first_secret == FirstSecret::None || !matches!(truth, Truth::Live { .. }) {
            return Ok(Done::now(truth));
        }
        let secret = self.new_password(id).await?;
        Ok(Done { truth, secret: Some(secret) })
    }

    /// Gives the account another first password.
    pub(super) async fn new_password(&self, id: &AccountId) -> Result<SecretString, Failure> {
        let secret = random_password();
        let patch = Writing::new()
            .set("passwordProfile.forceChangePasswordNextSignIn", true)
            .set("passwordProfile.password", secret.expose_secret());
        match self.write(id, &patch, self.lag_of(id)).await? {
            Written::Done => Ok(secret),
            Written::Missing => {
                Err(unknown("the account does not show, so no password was set; the next run reads first"))
            }
        }
    }

    async fn write(&self, id: &AccountId, patch: &Writing, lag: Lag) -> Result<Written, Failure> {
        let write = |graph: Graph| async move { graph.users().patch(id.as_str(), patch).await };
        match self.patiently(lag, write).await? {
            Ok(()) => Ok(Written::Done),
            Err(error) if error.kind() == GraphErrorKind::NotFound => Ok(Written::Missing),
            Err(error) => Err(failure(&error)),
        }
    }
}

/// Properties as what is to be changed.
pub(super) fn writing(properties: mapping::Properties) -> Writing {
    properties.into_iter().fold(Writing::new(), |patch, (name, value)| patch.set(&name, value))
}
