//! What the delta feeds say, folded into what the core takes in. Feeds repeat themselves; the last thing said of an
//! object holds.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;
use entra_graph::{Delta, DeltaLink, GroupChange, Membership, ObjectKind, Removal, User};
use provisioning_core::period::civil_day;
use provisioning_core::target::{Holding, ObservedAccount, Presence, Resource, Shown};
use provisioning_core::{AccountId, Fields, PermissionId};

use crate::groups::Groups;
use crate::mapping::{self, Properties};
use crate::settings::{EntraSettings, USER_PRINCIPAL_NAME};

/// What a feed of users says, whole.
#[derive(Debug, Default)]
pub(crate) struct Users {
    pub(crate) shown: BTreeMap<String, UserState>,
    /// Where the next reading goes on; without it the feed was cut off.
    pub(crate) link: Option<DeltaLink>,
}

/// What was said of a user last.
#[derive(Debug)]
pub(crate) enum UserState {
    /// It is there.
    Live(ObservedAccount),
    /// It was removed.
    Removed(Removal),
}

impl Users {
    /// Those who were put into the recycle bin.
    pub(crate) fn deleted(&self) -> impl Iterator<Item = &String> {
        let is_deleted = |state: &UserState| matches!(state, UserState::Removed(Removal::SoftDeleted));
        self.shown.iter().filter(move |(_, state)| is_deleted(state)).map(|(id, _)| id)
    }

    pub(crate) fn is_live(&self, id: &str) -> bool {
        matches!(self.shown.get(id), Some(UserState::Live(_)))
    }

    pub(crate) fn take(&mut self, row: Delta<User>, settings: &EntraSettings) {
        match row {
            Delta::Changed(user) => {
                let id = user.id.clone();
                if let Some(account) = live(user, settings) {
                    self.shown.insert(id, UserState::Live(account));
                }
            }
            Delta::Removed { id, removal } => {
                self.shown.insert(id, UserState::Removed(removal));
            }
            Delta::End(link) => self.link = Some(link),
        }
    }
}

/// What a feed of groups says, whole.
#[derive(Debug, Default)]
pub(crate) struct GroupsRead {
    /// By the directory's id: a name may go from a removed group to another one.
    pub(crate) resources: BTreeMap<String, Resource>,
    /// With the directory's id of the group.
    pub(crate) holdings: Vec<(String, Holding)>,
    /// Groups that were removed: the directory's id and ours.
    pub(crate) removed: Vec<(String, PermissionId)>,
    pub(crate) link: Option<DeltaLink>,
    /// A group was removed, or goes by another id now, of which only the directory's id is known: only a whole reading
    /// tells who holds what.
    pub(crate) is_unclear: bool,
}

impl GroupsRead {
    /// Takes a row in; ids are noted in `groups`, which knows those of earlier readings.
    pub(crate) fn take(&mut self, row: Delta<GroupChange>, groups: &Groups) {
        match row {
            Delta::Changed(change) => self.change(change, groups),
            Delta::Removed { id, .. } => match groups.permission(&id) {
                Some(permission) => {
                    self.resources.remove(&id);
                    self.holdings.retain(|(object, _)| *object != id);
                    self.removed.push((id, permission));
                }
                None => self.is_unclear = true,
            },
            Delta::End(link) => self.link = Some(link),
        }
    }

    fn change(&mut self, change: GroupChange, groups: &Groups) {
        let GroupChange { group, members } = change;
        let known = groups.permission(&group.id);
        let named = group.unique_name.as_deref().filter(|name| !name.trim().is_empty());
        let Ok(permission) = PermissionId::new(named.unwrap_or(&group.id)) else { return };
        self.is_unclear |= known.is_some_and(|known| known != permission);
        groups.note(&group.id, &permission);
        // Another group under the same name takes the place of one that was removed; the same one was brought back.
        self.removed.retain(|(object, _)| *object != group.id);
        let name = group.display_name.unwrap_or_default();
        self.resources.insert(group.id.clone(), Resource { id: permission.clone(), name });
        for member in members {
            let held = member.membership == Membership::Added;
            if member.kind != ObjectKind::User && held {
                continue;
            }
            if let Ok(account) = AccountId::new(&member.id) {
                let holding = Holding { account, permission: permission.clone(), held };
                self.holdings.push((group.id.clone(), holding));
            }
        }
    }
}

/// A user who is there; `None` for one whose id nobody can use.
pub(crate) fn live(user: User, settings: &EntraSettings) -> Option<ObservedAccount> {
    account(user, Presence::Live, settings)
}

/// A user in the recycle bin; `None` for one that is not said to be deleted.
pub(crate) fn deleted(user: User, settings: &EntraSettings) -> Option<ObservedAccount> {
    let on = deletion_day(user.deleted_date_time?, settings.zone);
    account(user, Presence::InBin(on), settings)
}

/// The day of the recycle bin on which something was deleted.
pub(crate) fn deletion_day(at: DateTime<Utc>, zone: Tz) -> NaiveDate {
    civil_day(at, zone)
}

fn account(user: User, presence: Presence, settings: &EntraSettings) -> Option<ObservedAccount> {
    let id = AccountId::new(&user.id).ok()?;
    let shown = shown(&user);
    let mut properties = user.into_properties();
    if presence != Presence::Live {
        bare_principal_name(&mut properties, &id);
    }
    let anchor = mapping::text(&properties, settings.anchor.property()).map(str::to_owned);
    let attributes: Fields = settings
        .attributes()
        .iter()
        .filter_map(|name| mapping::read(&properties, name.as_str()).map(|value| (name.clone(), value)))
        .collect();
    // Who holds what is told apart, by the feed of groups.
    Some(ObservedAccount { id, anchor, presence, shown, attributes, permissions: None })
}

pub(crate) fn shown(user: &User) -> Shown {
    if user.account_enabled == Some(true) { Shown::Enabled } else { Shown::Disabled }
}

/// The directory puts the id before the name of a deleted user; a restore takes it away again, and the name counts as
/// taken.
fn bare_principal_name(user: &mut Properties, id: &AccountId) {
    let prefix = id.as_str().replace('-', "");
    let bare = mapping::text(user, USER_PRINCIPAL_NAME).and_then(|name| name.strip_prefix(&prefix)).map(str::to_owned);
    if let Some(bare) = bare {
        user.insert(USER_PRINCIPAL_NAME.to_owned(), bare.into());
    }
}

#[cfg(test)]
mod tests;
