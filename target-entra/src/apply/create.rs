//! Making an account, and finding out what became of it where the answer does not tell.
//!
//! The directory lets two users bear the same anchor, so a create is never sent a second time: where it is in doubt
//! whether one was executed, the bearer of the anchor is looked for, with patience.

use chrono::{DateTime, Utc};
use entra_graph::{Graph, GraphError, GraphErrorKind, NewUser, User};
use futures::TryStreamExt;
use provisioning_core::audit::Truth;
use provisioning_core::plan::NewAccount;
use provisioning_core::target::{FirstSecret, Presence, Shown, folded_name};
use provisioning_core::{AccountId, AccountKey, Done, Failure};
use secrecy::SecretString;
use serde_json::Value as Json;

use crate::apply::account::writing;
use crate::apply::{Desk, Lag, bears, in_bin, live};
use crate::failure::{failure, permanent, unknown};
use crate::mapping::{self, Properties};
use crate::observe::fold::{deleted, shown};
use crate::password::random_password;
use crate::settings::USER_PRINCIPAL_NAME;

/// Whose the name or the anchor of a new account is already.
enum Bearer {
    /// An earlier attempt's.
    Own(User),
    /// Somebody else's.
    Other,
    /// As far as the directory shows, nobody's.
    Nobody,
}

impl Desk<'_> {
    pub(super) async fn create(&self, key: &AccountKey, account: &NewAccount) -> Result<Done, Failure> {
        let (anchor, settings) = (key.anchor(), &self.target.settings);
        if let Some(user) = self.made_lately(&anchor).await? {
            return self.found(key, &user).await;
        }
        let properties = mapping::new_user(&account.attributes, &anchor, settings);
        let properties = properties.map_err(|why| permanent(why.to_string()))?;
        let principal = mapping::text(&properties, USER_PRINCIPAL_NAME).unwrap_or_default().to_owned();
        let secret = random_password();
        let user = new_user(properties, secret.clone())?;
        match self.graph()?.users().create(&user).await {
            Ok(made) => {
                let id = account_id(&made)?;
                self.target.recent.made(&anchor, &id, Shown::Disabled, self.target.clock.now());
                let secret = (settings.first_secret == FirstSecret::OnCreate).then_some(secret);
                Ok(Done { truth: live(&id, Shown::Disabled), secret })
            }
            Err(error) if error.kind() == GraphErrorKind::Conflict || error.may_have_happened() => {
                self.resolve(key, &principal, &error).await
            }
            Err(error) => Err(failure(&error)),
        }
    }

    /// The account that we made moments ago, which no search may show yet.
    async fn made_lately(&self, anchor: &str) -> Result<Option<User>, Failure> {
        let Some(recent) = self.target.recent.bearer(anchor) else { return Ok(None) };
        let id = recent.id.as_str();
        let get = |graph: Graph| async move { graph.users().get(id, &["id", "accountEnabled"]).await };
        match self.patiently(Lag::Possible, get).await? {
            Ok(user) => Ok(Some(user)),
            Err(error) if error.kind() == GraphErrorKind::NotFound => Ok(None),
            Err(error) => Err(failure(&error)),
        }
    }

    /// A conflict may be with the account that an earlier attempt made, and an answer that was lost may have been a
    /// success: then it stays in doubt where looking fails.
    async fn resolve(&self, key: &AccountKey, principal: &str, error: &GraphError) -> Result<Done, Failure> {
        let is_conflict = error.kind() == GraphErrorKind::Conflict;
        if is_conflict && let Some(truth) = self.in_the_bin(key, principal, error).await? {
            return Ok(Done::now(truth));
        }
        let mut waits = self.target.settings.patience.waits();
        loop {
            let bearer = self.made_before(key, principal).await;
            match bearer.map_err(|looking| if is_conflict { looking } else { unresolved(error) })? {
                Bearer::Own(user) => return self.found(key, &user).await,
                // Then the create was refused, also where its answer was lost.
                Bearer::Other => {
                    return Err(permanent(format!("another user has the same `{USER_PRINCIPAL_NAME}`: {error}")));
                }
                Bearer::Nobody => {}
            }
            match waits.next() {
                Some(wait) => self.wait(wait).await.map_err(|_| unresolved(error))?,
                None => return Err(unresolved(error)),
            }
        }
    }

    /// The user of an earlier attempt; a bearer of the name who is somebody else ends the search.
    async fn made_before(&self, key: &AccountKey, principal: &str) -> Result<Bearer, Failure> {
        let settings = &self.target.settings;
        let select = settings.selected_of_bearers();
        let users = self.graph()?.users();
        let found = users.find(USER_PRINCIPAL_NAME, principal, &select).await.map_err(|error| failure(&error))?;
        let named = found.into_iter().next();
        if let Some(user) = named.as_ref().filter(|user| bears(user, settings.anchor.property(), &key.anchor())) {
            return Ok(Bearer::Own(user.clone()));
        }
        Ok(match (self.bearer(key).await?, named) {
            (Some(user), _) => Bearer::Own(user),
            (None, Some(_)) => Bearer::Other,
            (None, None) => Bearer::Nobody,
        })
    }

    /// The account is there. Its password may be of an attempt that nobody remembers, so it gets another one if
    /// somebody is to get it, unless the account is in use already.
    async fn found(&self, key: &AccountKey, user: &User) -> Result<Done, Failure> {
        let (id, shown) = (account_id(user)?, shown(user));
        self.target.recent.made(&key.anchor(), &id, shown, self.target.clock.now());
        let is_handed_over = self.target.settings.first_secret == FirstSecret::OnCreate;
        let secret = if is_handed_over && shown == Shown::Disabled {
            let unset =
                |error: Failure| unknown(format!("the account is there, and its password is not known: {error}"));
            Some(self.new_password(&id).await.map_err(unset)?)
        } else {
            None
        };
        Ok(Done { truth: live(&id, shown), secret })
    }

    /// Whether the conflict is with a user in the recycle bin: the same person's is told of, somebody else's is in the
    /// way.
    async fn in_the_bin(
        &self,
        key: &AccountKey,
        principal: &str,
        error: &GraphError,
    ) -> Result<Option<Truth>, Failure> {
        let settings = &self.target.settings;
        let selected = settings.selected();
        let select: Vec<&str> = selected.iter().map(String::as_str).chain(["deletedDateTime"]).collect();
        let anchor = key.anchor();
        let mut listing = self.graph()?.deleted_users().list(&select);
        let mut is_named_so = false;
        let mut latest: Option<(DateTime<Utc>, Truth)> = None;
        while let Some(user) = listing.try_next().await.map_err(|error| failure(&error))? {
            let Some(at) = user.deleted_date_time else { continue };
            let Some(account) = deleted(user, settings) else { continue };
            let name = account.attributes.text(USER_PRINCIPAL_NAME).map(folded_name);
            is_named_so |= name == Some(folded_name(principal));
            let is_ours = account.anchor.as_deref() == Some(anchor.as_str());
            if let (true, Presence::InBin(on)) = (is_ours, account.presence)
                && latest.as_ref().is_none_or(|(before, _)| *before < at)
            {
                latest = Some((at, in_bin(on)));
            }
        }
        if let Some((_, truth)) = latest.filter(|_| is_named_so) {
            return Ok(Some(truth));
        }
        if is_named_so {
            return Err(permanent(format!("a deleted user has the same `{USER_PRINCIPAL_NAME}`: {error}")));
        }
        Ok(None)
    }
}

fn unresolved(error: &GraphError) -> Failure {
    if error.kind() == GraphErrorKind::Conflict {
        return failure(error);
    }
    unknown(format!("nobody knows whether the account was made; the next run reads first: {error}"))
}

fn account_id(user: &User) -> Result<AccountId, Failure> {
    AccountId::new(&user.id).map_err(|_| unknown("the directory gave a user without an id; report it"))
}

fn new_user(mut properties: Properties, password: SecretString) -> Result<NewUser, Failure> {
    let mut take = |name: &str| match properties.remove(name) {
        Some(Json::String(text)) => Ok(text),
        _ => Err(permanent(format!("the profile gives no text for `{name}`, which every user has"))),
    };
    Ok(NewUser {
        user_principal_name: take(USER_PRINCIPAL_NAME)?,
        display_name: take("displayName")?,
        mail_nickname: take("mailNickname")?,
        account_enabled: false,
        password,
        change_password_at_next_sign_in: true,
        rest: writing(properties),
    })
}
