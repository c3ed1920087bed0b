//! Giving and taking away what accounts hold.
//!
//! The directory adds all the members of one write or none, and says of one that is a member already what it says of a
//! wrong request. So what fails is sent one by one, and what fails then is looked at.

use entra_graph::{Graph, GraphError, GraphErrorKind};
use futures::TryStreamExt;
use provisioning_core::audit::{FailureKind, Truth};
use provisioning_core::{AccountId, AccountKey, Done, Failure, Outcome, PermissionId};

use crate::apply::{Desk, Lag};
use crate::failure::{failure, permanent, unknown};
use crate::packing::Pack;

/// A group that accounts are put into.
#[derive(Debug, Clone)]
struct Destination<'p> {
    permission: &'p PermissionId,
    object: String,
}

impl Desk<'_> {
    /// Puts accounts into a group; one outcome for each.
    pub(super) async fn grant(&self, pack: &Pack<'_>) -> Vec<Outcome> {
        let all = |result: Failure| {
            let one = |grant: &crate::packing::Grant<'_>| Outcome { action: grant.action, result: Err(result.clone()) };
            pack.grants.iter().map(one).collect()
        };
        let group = match self.group(pack.permission).await {
            Ok(Some(object)) => Destination { permission: pack.permission, object },
            Ok(None) => return all(no_group(pack.permission)),
            Err(failure) => return all(failure),
        };
        let (mut outcomes, mut members) = (Vec::new(), Vec::new());
        for grant in &pack.grants {
            match self.find(grant.key, grant.id).await {
                Ok(Some(id)) => members.push((grant.action, id)),
                Ok(None) => {
                    let result = Err(permanent("there is no account to give it to"));
                    outcomes.push(Outcome { action: grant.action, result });
                }
                Err(failure) => outcomes.push(Outcome { action: grant.action, result: Err(failure) }),
            }
        }
        let ids: Vec<&AccountId> = members.iter().map(|(_, id)| id).collect();
        let added = self.add(&group, &ids).await;
        for (action, id) in &members {
            let result = match &added {
                Ok(Ok(())) => Ok(Truth::Holds),
                Ok(Err(error)) if members.len() == 1 => self.explain(&group, id, error).await,
                Ok(Err(error)) if is_about_one(error) => self.grant_one(&group, id).await,
                Ok(Err(error)) => Err(failure(error)),
                Err(failure) => Err(failure.clone()),
            };
            if result == Ok(Truth::Holds) {
                self.target.recent.gave(id, pack.permission, self.target.clock.now());
            }
            outcomes.push(Outcome { action: *action, result: result.map(Done::now) });
        }
        outcomes
    }

    /// One write; what was made moments ago may not be there yet, for the group or for one of them.
    async fn add(&self, group: &Destination<'_>, ids: &[&AccountId]) -> Result<Result<(), GraphError>, Failure> {
        if ids.is_empty() {
            return Ok(Ok(()));
        }
        let recent = &self.target.recent;
        let is_recent = recent.has_made_group(group.permission) || ids.iter().any(|id| recent.account(id).is_some());
        let ids: &Vec<&str> = &ids.iter().map(|id| id.as_str()).collect();
        let object = group.object.as_str();
        let add = |graph: Graph| async move { graph.groups().add_members(object, ids).await };
        self.patiently(Lag::from(is_recent), add).await
    }

    async fn grant_one(&self, group: &Destination<'_>, id: &AccountId) -> Result<Truth, Failure> {
        match self.add(group, &[id]).await? {
            Ok(()) => Ok(Truth::Holds),
            Err(error) => self.explain(group, id, &error).await,
        }
    }

    /// Why one account could not be put into a group: it is in there, it is gone, the group is, or it is not allowed.
    async fn explain(&self, group: &Destination<'_>, id: &AccountId, error: &GraphError) -> Result<Truth, Failure> {
        if !is_about_one(error) {
            return Err(failure(error));
        }
        let truth = self.look(id).await?;
        if !matches!(truth, Truth::Live { .. }) {
            return Ok(truth);
        }
        if error.kind() == GraphErrorKind::NotFound {
            return self.grant_anew(group, id, error).await;
        }
        let object = group.object.as_str();
        let select = ["id", "groupTypes", "mailEnabled", "onPremisesSyncEnabled"];
        match self.graph()?.groups().get(object, &select).await {
            Ok(found) if !found.takes_members() => {
                let why = "its members are kept elsewhere: by a rule, by Exchange, or on premises";
                return Err(permanent(format!("`{}` takes no members from us; {why}", group.permission)));
            }
            Ok(_) => {}
            Err(missing) if missing.kind() == GraphErrorKind::NotFound => return Err(no_group(group.permission)),
            Err(error) => return Err(failure(&error)),
        }
        // Refused, and neither gone nor kept elsewhere: most likely a member, which may not show for a while.
        let mut waits = self.target.settings.patience.waits();
        loop {
            if self.is_member(object, id).await? {
                return Ok(Truth::Holds);
            }
            match waits.next() {
                Some(wait) => self.wait(wait).await?,
                None => return Err(failure(error)),
            }
        }
    }

    /// The account is there, so the group is not: its name may belong to another one by now.
    async fn grant_anew(&self, group: &Destination<'_>, id: &AccountId, error: &GraphError) -> Result<Truth, Failure> {
        self.target.groups.forget(group.permission);
        match self.group(group.permission).await? {
            Some(object) if object != group.object => {
                let other = Destination { permission: group.permission, object };
                match self.add(&other, &[id]).await? {
                    Ok(()) => Ok(Truth::Holds),
                    Err(error) if is_about_one(&error) && self.is_member(&other.object, id).await? => Ok(Truth::Holds),
                    Err(error) => Err(failure(&error)),
                }
            }
            // Both are there, and the one does not see the other yet.
            Some(object) if self.is_there(&object).await? => {
                Err(Failure { kind: FailureKind::Transient, message: error.to_string() })
            }
            Some(_) | None => Err(no_group(group.permission)),
        }
    }

    async fn is_there(&self, object: &str) -> Result<bool, Failure> {
        match self.graph()?.groups().get(object, &["id"]).await {
            Ok(_) => Ok(true),
            Err(error) if error.kind() == GraphErrorKind::NotFound => Ok(false),
            Err(error) => Err(failure(&error)),
        }
    }

    async fn is_member(&self, object: &str, id: &AccountId) -> Result<bool, Failure> {
        let mut groups = self.graph()?.users().member_of(id.as_str(), &["id"]);
        loop {
            match groups.try_next().await {
                Ok(Some(group)) if group.id == object => return Ok(true),
                Ok(Some(_)) => {}
                Ok(None) => return Ok(false),
                Err(error) if error.kind() == GraphErrorKind::NotFound => return Ok(false),
                Err(error) => return Err(failure(&error)),
            }
        }
    }

    /// Takes an account out of a group. One that is in the recycle bin is in no group, and a restore puts it back.
    pub(super) async fn revoke(
        &self,
        (key, id): (&AccountKey, Option<&AccountId>),
        permission: &PermissionId,
    ) -> Result<Truth, Failure> {
        let (Some(id), Some(object)) = (self.find(key, id).await?, self.group(permission).await?) else {
            return Ok(Truth::HoldsNot);
        };
        let recent = &self.target.recent;
        // A restore brings back what the account held, and that may not show for a while either.
        let may_show_late = recent.gave_lately(&id, permission) || recent.account(&id).is_some();
        let lag = Lag::from(may_show_late);
        if !self.take_out(&id, &object, lag).await? {
            let truth = self.look(&id).await?;
            if !matches!(truth, Truth::Live { .. }) {
                return Ok(truth);
            }
            if may_show_late && self.is_member(&object, &id).await? {
                return Err(unknown("a membership shows and cannot be taken away yet; the next run reads first"));
            }
            // Gone, perhaps by an attempt whose answer was lost, or the name belongs to another group by now.
            self.target.groups.forget(permission);
            if let Some(other) = self.group(permission).await?.filter(|other| *other != object) {
                self.take_out(&id, &other, lag).await?;
            }
        }
        recent.took(&id, permission);
        Ok(Truth::HoldsNot)
    }

    /// Takes an account out of a group; whether it was in there, as far as that shows.
    async fn take_out(&self, id: &AccountId, object: &str, lag: Lag) -> Result<bool, Failure> {
        let remove = |graph: Graph| async move { graph.groups().remove_member(object, id.as_str()).await };
        match self.patiently(lag, remove).await? {
            Ok(()) => Ok(true),
            Err(error) if error.kind() == GraphErrorKind::NotFound => Ok(false),
            Err(error) => Err(failure(&error)),
        }
    }
}

/// Whether one of several members, or the group, may be the cause.
fn is_about_one(error: &GraphError) -> bool {
    matches!(error.kind(), GraphErrorKind::NotFound | GraphErrorKind::Rejected | GraphErrorKind::Conflict)
}

fn no_group(permission: &PermissionId) -> Failure {
    permanent(format!("there is no group `{permission}`; make it, or correct the rule that gives it"))
}
