//! Doing what the actions of a wave say.

mod account;
mod create;
mod group;
mod members;

use std::time::Duration;

use chrono::{NaiveDate, TimeDelta};
use entra_graph::{Graph, GraphError, GraphErrorKind};
use futures::stream::{self, BoxStream};
use futures::{Future, StreamExt};
use provisioning_core::audit::Truth;
use provisioning_core::period::civil_day;
use provisioning_core::plan::{Action, PermissionStep, ResourceStep, Step, Wave};
use provisioning_core::target::{RestoredGrants, Shown};
use provisioning_core::{AccountId, AccountKey, Done, Failure, Fields, Outcome, Permit};

use crate::EntraTarget;
use crate::failure::{failure, permanent, too_late};
use crate::mapping;
use crate::observe::fold::{deletion_day, shown};
use crate::packing::{Grant, Pack, lanes, layers};

/// The outcomes of a wave, as they come: accounts side by side, then the grants, twenty of a group in one write.
pub(crate) fn apply<'a>(target: &'a EntraTarget, wave: &'a Wave, permit: Permit) -> BoxStream<'a, Outcome> {
    let side_by_side = target.settings.side_by_side.max(1);
    let desk = Desk { target, permit };
    let others = desk.clone();
    let accounts = stream::iter(lanes(wave)).map(move |lane| {
        let desk = desk.clone();
        let one = move |action: &'a Action| {
            let desk = desk.clone();
            async move { Outcome { action: action.id, result: desk.one(action).await } }
        };
        stream::iter(lane).then(one).boxed()
    });
    let grants = stream::iter(layers(wave)).flat_map(move |layer| {
        let desk = others.clone();
        let pack = move |pack: Pack<'a>| {
            let desk = desk.clone();
            async move { desk.grant(&pack).await }
        };
        stream::iter(layer).map(pack).buffer_unordered(side_by_side).flat_map(stream::iter)
    });
    accounts.flatten_unordered(side_by_side).chain(grants).boxed()
}

/// A target and the leave to write to it.
#[derive(Clone)]
pub(crate) struct Desk<'a> {
    target: &'a EntraTarget,
    permit: Permit,
}

/// Whether something may be there although the directory does not show it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lag {
    /// It was written moments ago: its absence is waited out.
    Possible,
    /// It was not, so what is not shown is not there.
    Excluded,
}

impl From<bool> for Lag {
    /// Whether it was written moments ago.
    fn from(is_recent: bool) -> Self {
        if is_recent { Self::Possible } else { Self::Excluded }
    }
}

impl Desk<'_> {
    async fn one(&self, action: &Action) -> Result<Done, Failure> {
        match &action.step {
            Step::Account { key, id, step } => self.account_step(key, id.as_ref(), step).await,
            Step::Permission { key, id, step } => match step {
                PermissionStep::Revoke(permission, _) => {
                    self.revoke((key, id.as_ref()), permission).await.map(Done::now)
                }
                PermissionStep::Grant(permission, _) => {
                    let grant = Grant { action: action.id, key, id: id.as_ref() };
                    let outcomes = self.grant(&Pack { permission: &permission.id, grants: vec![grant] }).await;
                    let first = outcomes.into_iter().next();
                    first.map_or_else(|| Err(permanent("the grant was not sent")), |outcome| outcome.result)
                }
            },
            Step::Resource { step: ResourceStep::Ensure { id, name, owner }, .. } => {
                self.ensure(id, name, owner.as_ref()).await.map(|()| Done::now(Truth::Exists))
            }
        }
    }

    /// The client, bound to what is left of the lease: asked for before each call, since the lease may be renewed
    /// meanwhile.
    fn graph(&self) -> Result<Graph, Failure> {
        let left = self.permit.remaining(self.target.clock.now());
        if left <= TimeDelta::zero() {
            return Err(too_late());
        }
        let left = left.to_std().unwrap_or_default();
        let graph = &self.target.graph;
        Ok(graph.timer().now().checked_add(left).map_or_else(|| graph.clone(), |until| graph.until(until)))
    }

    /// Waits, unless the lease would be over by then.
    async fn wait(&self, wait: Duration) -> Result<(), Failure> {
        let left = self.permit.remaining(self.target.clock.now()).to_std().unwrap_or_default();
        if left <= wait {
            return Err(too_late());
        }
        self.target.graph.timer().sleep(wait).await;
        Ok(())
    }

    /// Calls, and calls again while what was written moments ago is not shown yet.
    async fn patiently<T, C>(&self, lag: Lag, call: impl Fn(Graph) -> C) -> Result<Result<T, GraphError>, Failure>
    where
        C: Future<Output = Result<T, GraphError>>,
    {
        let mut answer = call(self.graph()?).await;
        if lag == Lag::Excluded {
            return Ok(answer);
        }
        for wait in self.target.settings.patience.waits() {
            if !is_missing(&answer) {
                break;
            }
            self.wait(wait).await?;
            answer = call(self.graph()?).await;
        }
        Ok(answer)
    }

    /// The account: by the id that the plan knows, by what was made moments ago, or by its anchor; `None` is nobody.
    async fn find(&self, key: &AccountKey, id: Option<&AccountId>) -> Result<Option<AccountId>, Failure> {
        if let Some(id) = id {
            return Ok(Some(id.clone()));
        }
        if let Some(recent) = self.target.recent.bearer(&key.anchor()) {
            return Ok(Some(recent.id));
        }
        let bearer = self.bearer(key).await?;
        bearer.map(|user| AccountId::new(&user.id).map_err(|error| permanent(error.to_string()))).transpose()
    }

    /// The live user who bears the anchor, as far as the directory shows. Its search takes capitals for small letters,
    /// which tell two people apart.
    async fn bearer(&self, key: &AccountKey) -> Result<Option<entra_graph::User>, Failure> {
        let (anchor, property) = (key.anchor(), self.target.settings.anchor.property());
        let select = self.target.settings.selected_of_bearers();
        let users = self.graph()?.users();
        let found = users.find(property, &anchor, &select).await.map_err(|error| failure(&error))?;
        let mut found = found.into_iter().filter(|user| bears(user, property, &anchor));
        match (found.next(), found.next()) {
            (Some(_), Some(_)) => {
                Err(permanent(format!("two users bear the anchor `{anchor}`; take it off the wrong one")))
            }
            (found, _) => Ok(found),
        }
    }

    /// What is true of an account now; of one that was made moments ago, what we left it as.
    async fn look(&self, id: &AccountId) -> Result<Truth, Failure> {
        if let Some(recent) = self.target.recent.account(id) {
            return Ok(live(id, recent.shown));
        }
        match self.graph()?.users().get(id.as_str(), &["id", "accountEnabled"]).await {
            Ok(user) => Ok(live(id, shown(&user))),
            Err(error) if error.kind() == GraphErrorKind::NotFound => self.missing(id, Lag::Excluded).await,
            Err(error) => Err(failure(&error)),
        }
    }

    /// What is true of an account that is not among the live ones.
    async fn missing(&self, id: &AccountId, lag: Lag) -> Result<Truth, Failure> {
        let select = ["id", "deletedDateTime"];
        let get = |graph: Graph| async move { graph.deleted_users().get(id.as_str(), &select).await };
        match self.patiently(lag, get).await? {
            Ok(user) => {
                let zone = self.target.settings.zone;
                Ok(in_bin(user.deleted_date_time.map_or_else(|| self.today(), |at| deletion_day(at, zone))))
            }
            Err(error) if error.kind() == GraphErrorKind::NotFound => Ok(Truth::Gone),
            Err(error) => Err(failure(&error)),
        }
    }

    fn today(&self) -> NaiveDate {
        civil_day(self.target.clock.now(), self.target.settings.zone)
    }

    fn lag_of(&self, id: &AccountId) -> Lag {
        Lag::from(self.target.recent.account(id).is_some())
    }
}

/// Whether it is exactly this anchor that a user bears.
fn bears(user: &entra_graph::User, property: &str, anchor: &str) -> bool {
    mapping::text(&user.clone().into_properties(), property) == Some(anchor)
}

fn is_missing<T>(answer: &Result<T, GraphError>) -> bool {
    answer.as_ref().is_err_and(|error| error.kind() == GraphErrorKind::NotFound)
}

fn live(id: &AccountId, shown: Shown) -> Truth {
    Truth::Live { id: id.clone(), shown, given: Fields::default() }
}

/// In the recycle bin; what it holds shows when it is back.
fn in_bin(on: NaiveDate) -> Truth {
    Truth::InBin { on, grants: RestoredGrants::Unreadable }
}
