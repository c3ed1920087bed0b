//! Reading the directory: everything, or what the change feeds tell since.

mod cursor;
pub(crate) mod fold;

use std::collections::{BTreeMap, BTreeSet};

use entra_graph::{GraphError, GraphErrorKind, Removal};
use futures::{StreamExt, TryStreamExt, stream};
use provisioning_core::source::Cursor;
use provisioning_core::target::{ObservedAccount, TargetChanges, TargetReading};
use provisioning_core::{AccountId, PortError, PortErrorKind};

use crate::EntraTarget;
use crate::failure::{refused_cursor, unread};
use crate::observe::cursor::Place;
use crate::observe::fold::{GroupsRead, UserState, Users, deleted};

/// What is asked of groups.
const OF_GROUPS: [&str; 3] = ["id", "displayName", "uniqueName"];
/// So many deleted users are asked for one by one; for more, the recycle bin is listed.
const FEW: usize = 20;

pub(crate) async fn observe(target: &EntraTarget, since: Option<&Cursor>) -> Result<TargetReading, PortError> {
    let reading = Reading { target, selected: target.settings.selected() };
    let Some(since) = since else { return reading.whole().await };
    let place =
        Place::from_cursor(since, &target.settings.told()).ok_or_else(|| refused_cursor(&target.settings.target))?;
    reading.changes(place).await
}

/// One reading, which asks for these properties of users.
struct Reading<'t> {
    target: &'t EntraTarget,
    selected: Vec<String>,
}

impl Reading<'_> {
    /// Groups before users: who joined a group before it was read is among the users that are read after it.
    async fn whole(&self) -> Result<TargetReading, PortError> {
        let graph = &self.target.graph;
        let mut groups = GroupsRead::default();
        let mut feed = graph.groups().delta(&OF_GROUPS);
        while let Some(row) = feed.try_next().await.map_err(|error| self.unread(&error))? {
            groups.take(row, &self.target.groups);
        }
        let mut users = Users::default();
        let mut feed = graph.users().delta(&self.select());
        while let Some(row) = feed.try_next().await.map_err(|error| self.unread(&error))? {
            users.take(row, &self.target.settings);
        }
        let wanted = users.deleted().cloned().collect();
        let mut bin = self.bin().await?;
        // Who was deleted after being read is told of next time; who was brought back before is not.
        bin.retain(|id, _| !users.is_live(id));
        self.reading(groups, users, (bin, wanted)).map(TargetReading::Whole)
    }

    async fn changes(&self, place: Place) -> Result<TargetReading, PortError> {
        let graph = &self.target.graph;
        let mut groups = GroupsRead::default();
        let mut feed = graph.groups().delta_from(&place.groups);
        while let Some(row) = feed.try_next().await.map_err(|error| self.not_resumed(&error))? {
            groups.take(row, &self.target.groups);
        }
        if groups.is_unclear {
            return self.whole().await;
        }
        let mut users = Users::default();
        let mut feed = graph.users().delta_from(&place.users);
        while let Some(row) = feed.try_next().await.map_err(|error| self.not_resumed(&error))? {
            users.take(row, &self.target.settings);
        }
        let open = place.unseen.into_iter().filter(|id| !users.shown.contains_key(id));
        let wanted: BTreeSet<String> = users.deleted().cloned().chain(open).collect();
        let mut bin = if wanted.len() > FEW { self.bin().await? } else { self.in_bin(&wanted).await? };
        // Whoever the feed says is there again may be in a copy of the bin yet.
        bin.retain(|id, _| wanted.contains(id));
        self.reading(groups, users, (bin, wanted)).map(TargetReading::Changes)
    }

    /// All of it as the core takes it; the users of `wanted` are deleted, and those of them whom the recycle bin does
    /// not show yet stay as they were shown until it does.
    fn reading(
        &self,
        groups: GroupsRead,
        users: Users,
        (bin, wanted): (BTreeMap<String, ObservedAccount>, BTreeSet<String>),
    ) -> Result<TargetChanges, PortError> {
        let (Some(groups_link), Some(users_link)) = (groups.link, users.link) else { return Err(self.cut_off()) };
        let holdings = groups.holdings.into_iter().map(|(_, holding)| holding).collect();
        let mut changes = TargetChanges { holdings: Some(holdings), ..TargetChanges::default() };
        for (id, state) in users.shown {
            match state {
                UserState::Live(account) => changes.accounts.push(account),
                UserState::Removed(Removal::SoftDeleted) => {}
                UserState::Removed(Removal::Gone) => changes.gone.extend(AccountId::new(&id)),
            }
        }
        let unseen = wanted.into_iter().filter(|id| !bin.contains_key(id)).collect();
        changes.accounts.extend(bin.into_values());
        changes.resources = groups.resources.into_values().collect();
        changes.gone_resources = groups.removed.into_iter().map(|(_, permission)| permission).collect();
        let place = Place { users: users_link, groups: groups_link, unseen };
        changes.cursor = place.to_cursor(&self.target.settings.told());
        Ok(changes)
    }

    /// Everybody in the recycle bin.
    async fn bin(&self) -> Result<BTreeMap<String, ObservedAccount>, PortError> {
        let mut found = BTreeMap::new();
        let mut listing = self.target.graph.deleted_users().list(&self.select_deleted());
        while let Some(user) = listing.try_next().await.map_err(|error| self.unread(&error))? {
            let id = user.id.clone();
            found.extend(deleted(user, &self.target.settings).map(|account| (id, account)));
        }
        Ok(found)
    }

    /// Those of these whom the recycle bin shows already.
    async fn in_bin(&self, ids: &BTreeSet<String>) -> Result<BTreeMap<String, ObservedAccount>, PortError> {
        let (settings, select) = (&self.target.settings, self.select_deleted());
        let one = |id: &String| {
            let (id, select, deleted_users) = (id.clone(), select.clone(), self.target.graph.deleted_users());
            async move {
                match deleted_users.get(&id, &select).await {
                    Ok(user) => Ok(deleted(user, settings).map(|account| (id, account))),
                    Err(error) if error.kind() == GraphErrorKind::NotFound => Ok(None),
                    Err(error) => Err(error),
                }
            }
        };
        let answers = stream::iter(ids.iter().map(one)).buffer_unordered(settings.side_by_side.max(1));
        let found: Vec<Option<_>> = answers.try_collect().await.map_err(|error| self.unread(&error))?;
        Ok(found.into_iter().flatten().collect())
    }

    fn select(&self) -> Vec<&str> {
        self.selected.iter().map(String::as_str).collect()
    }

    fn select_deleted(&self) -> Vec<&str> {
        self.selected.iter().map(String::as_str).chain(["deletedDateTime"]).collect()
    }

    fn unread(&self, error: &GraphError) -> PortError {
        unread(&self.target.settings.target, error)
    }

    /// A feed that does not go on from where it ended: also when what the directory answers to an old link is no code
    /// that is documented (they differ), a whole reading is the way out.
    fn not_resumed(&self, error: &GraphError) -> PortError {
        use GraphErrorKind::{NotFound, Rejected, ResyncRequired};
        if matches!(error.kind(), ResyncRequired | Rejected | NotFound) {
            return refused_cursor(&self.target.settings.target);
        }
        self.unread(error)
    }

    fn cut_off(&self) -> PortError {
        let message = "a change feed ended without saying where it goes on; the next run reads again";
        PortError::new(PortErrorKind::Transient, self.target.settings.target.as_str(), message)
    }
}
