use futures::TryStreamExt;
use futures::stream::BoxStream;
use http::{Method, StatusCode};
use serde_json::{Value, json};
use transport::Repeat;

use crate::address::{encoded, group_named, object};
use crate::delta::{Delta, DeltaLink, GroupChange};
use crate::error::{CallName, GraphError};
use crate::graph::{Graph, understood};
use crate::group::{Group, NewGroup, Upserted};
use crate::object::DirectoryObject;
use crate::patch::Patch;
use crate::request::{create_if_missing, having, listed, selected};

/// Groups that are not deleted.
///
/// A `select` names the properties that are wanted, as the Graph names them; an empty one leaves it to the Graph, which
/// then leaves out some.
#[derive(Debug, Clone)]
pub struct Groups(pub(crate) Graph);

impl Groups {
    /// The most members that one write can add.
    pub const MOST_A_WRITE: usize = 20;

    /// Makes a group. The request is sent again only where it is proven that none was made; see [`Self::upsert`] for a
    /// way without doubt.
    ///
    /// # Errors
    /// After `Lost(Unanswered)` the group may be there.
    pub async fn create(&self, group: &NewGroup) -> Result<Group, GraphError> {
        let request = self.0.base().write(Method::POST, "/groups", &self.body(group))?;
        let name = CallName::of(&request);
        understood(name, &self.0.send(request, Repeat::UnlessExecuted).await?)
    }

    fn body(&self, group: &NewGroup) -> Value {
        group.body(|owner| self.0.base().reference(owner))
    }

    /// One group, by its id.
    ///
    /// # Errors
    /// `NotFound` when there is none, or it is not seen yet.
    pub async fn get(&self, id: &str, select: &[&str]) -> Result<Group, GraphError> {
        self.0.read(self.0.base().get(&object("groups", id), &selected(select))?).await
    }

    /// One group, by its unique name.
    ///
    /// # Errors
    /// `NotFound` when there is none, or it is not seen yet.
    pub async fn named(&self, unique_name: &str, select: &[&str]) -> Result<Group, GraphError> {
        self.0.read(self.0.base().get(&group_named(unique_name), &selected(select))?).await
    }

    /// The groups whose property has exactly this value.
    ///
    /// # Errors
    /// `Rejected` when the Graph does not search by that property. A group that was made moments ago may not be found.
    pub async fn find(&self, property: &str, value: &str, select: &[&str]) -> Result<Vec<Group>, GraphError> {
        self.0.list(self.0.base().get("/groups", &having(property, value, select))).try_collect().await
    }

    /// Changes a group.
    ///
    /// # Errors
    /// `NotFound` when there is none, or it is not seen yet.
    pub async fn patch(&self, id: &str, patch: &Patch) -> Result<(), GraphError> {
        let body = patch.properties().clone().into();
        self.0.write(self.0.base().write(Method::PATCH, &object("groups", id), &body)?, Repeat::Always).await
    }

    /// Makes a group with a unique name, or gives the one that has it these properties: the Graph itself keeps it from
    /// being made twice. With owners it is not sent again, unless it is proven that nothing was done: what is there would
    /// get them too, or be refused because it has them.
    ///
    /// # Errors
    /// `Conflict` when another group has a value that must be unique.
    pub async fn upsert(&self, unique_name: &str, group: &NewGroup) -> Result<Upserted, GraphError> {
        let mut request = self.0.base().write(Method::PATCH, &group_named(unique_name), &self.body(group))?;
        create_if_missing(&mut request);
        let name = CallName::of(&request);
        let repeat = if group.owners.is_empty() { Repeat::Always } else { Repeat::UnlessExecuted };
        let answer = self.0.send(request, repeat).await?;
        if answer.status() == StatusCode::CREATED {
            return understood(name, &answer).map(Upserted::Created);
        }
        Ok(Upserted::Updated)
    }

    /// All groups.
    #[must_use]
    pub fn list(&self, select: &[&str]) -> BoxStream<'static, Result<Group, GraphError>> {
        self.0.list(self.0.base().get("/groups", &listed(select)))
    }

    /// Deletes a group. Whether it can be restored differs by kind and by version of the documentation: do not rely on
    /// it.
    ///
    /// # Errors
    /// `NotFound` when there is none any more.
    pub async fn delete(&self, id: &str) -> Result<(), GraphError> {
        self.0.write(self.0.base().bare(Method::DELETE, &object("groups", id))?, Repeat::Always).await
    }

    /// The members of a group themselves, not those of groups within it.
    #[must_use]
    pub fn members(&self, id: &str, select: &[&str]) -> BoxStream<'static, Result<DirectoryObject, GraphError>> {
        let path = format!("{}/members", object("groups", id));
        self.0.list(self.0.base().get(&path, &listed(select)))
    }

    /// Adds members to a group in one write, at most [`Self::MOST_A_WRITE`]: all of them or, when one cannot be added
    /// or is a member already, none.
    ///
    /// # Errors
    /// `Rejected` when one is a member already, which the Graph does not tell apart from a wrong request; also when
    /// there are too many, and then nothing is sent. `NotFound` when the group or one of them is not there, or not seen
    /// yet.
    pub async fn add_members(&self, id: &str, members: &[&str]) -> Result<(), GraphError> {
        if members.is_empty() {
            return Ok(());
        }
        if members.len() > Self::MOST_A_WRITE {
            return Err(GraphError::rejected("more than 20 members do not go into one write; nothing was sent"));
        }
        let references: Vec<String> = members.iter().map(|member| self.0.base().reference(member)).collect();
        let body = json!({ "members@odata.bind": references });
        self.0.write(self.0.base().write(Method::PATCH, &object("groups", id), &body)?, Repeat::Always).await
    }

    /// Takes a member out of a group. The address always ends in `$ref`: without it the Graph would delete the member
    /// itself.
    ///
    /// # Errors
    /// `NotFound` when it is none, or there is no such group.
    pub async fn remove_member(&self, id: &str, member: &str) -> Result<(), GraphError> {
        let path = format!("{}/members/{}/$ref", object("groups", id), encoded(member));
        self.0.write(self.0.base().bare(Method::DELETE, &path)?, Repeat::Always).await
    }

    /// All groups with their members, and at the end where changes go on from. What is selected here is what later
    /// changes tell; members always are.
    #[must_use]
    pub fn delta(&self, select: &[&str]) -> BoxStream<'static, Result<Delta<GroupChange>, GraphError>> {
        let members = if select.contains(&"members") { None } else { Some("members") };
        let select: Vec<&str> = select.iter().copied().chain(members).collect();
        self.0.delta(self.0.base().get("/groups/delta", &selected(&select)))
    }

    /// What changed since. Its first item is `ResyncRequired` when that is too long ago.
    #[must_use]
    pub fn delta_from(&self, link: &DeltaLink) -> BoxStream<'static, Result<Delta<GroupChange>, GraphError>> {
        self.0.delta(self.0.base().resume("/groups/delta", link))
    }
}
