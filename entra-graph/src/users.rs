use futures::TryStreamExt;
use futures::stream::BoxStream;
use http::Method;
use transport::Repeat;

use crate::address::object;
use crate::delta::{Delta, DeltaLink};
use crate::error::{CallName, GraphError};
use crate::graph::{Graph, understood};
use crate::object::DirectoryObject;
use crate::patch::Patch;
use crate::request::{having, listed, selected};
use crate::user::{NewUser, User};

/// Users that are not deleted. Where an id is asked for, the userPrincipalName does as well.
///
/// A `select` names the properties that are wanted, as the Graph names them; an empty one leaves it to the Graph, which
/// then leaves out most.
#[derive(Debug, Clone)]
pub struct Users(pub(crate) Graph);

impl Users {
    /// Makes a user. The request is sent again only where it is proven that none was made.
    ///
    /// # Errors
    /// `Conflict` when another user, or one in the recycle bin, has a value that must be unique. After
    /// `Lost(Unanswered)` the user may be there, and a search may not find it yet.
    pub async fn create(&self, user: &NewUser) -> Result<User, GraphError> {
        let request = self.0.base().write(Method::POST, "/users", &user.body())?;
        let name = CallName::of(&request);
        understood(name, &self.0.send(request, Repeat::UnlessExecuted).await?)
    }

    /// One user.
    ///
    /// # Errors
    /// `NotFound` when there is none, or it is not seen yet.
    pub async fn get(&self, id: &str, select: &[&str]) -> Result<User, GraphError> {
        self.0.read(self.0.base().get(&object("users", id), &selected(select))?).await
    }

    /// Changes a user.
    ///
    /// # Errors
    /// `NotFound` when there is none, or it is not seen yet; `Conflict` when another one has a value that must be
    /// unique.
    pub async fn patch(&self, id: &str, patch: &Patch) -> Result<(), GraphError> {
        let body = patch.properties().clone().into();
        self.0.write(self.0.base().write(Method::PATCH, &object("users", id), &body)?, Repeat::Always).await
    }

    /// Puts a user into the recycle bin, for 30 days.
    ///
    /// # Errors
    /// `NotFound` when there is none any more.
    pub async fn delete(&self, id: &str) -> Result<(), GraphError> {
        self.0.write(self.0.base().bare(Method::DELETE, &object("users", id))?, Repeat::Always).await
    }

    /// All users.
    #[must_use]
    pub fn list(&self, select: &[&str]) -> BoxStream<'static, Result<User, GraphError>> {
        self.0.list(self.0.base().get("/users", &listed(select)))
    }

    /// The users whose property has exactly this value; case does not count, as the Graph compares. A property within
    /// another one is named with a dot: `onPremisesExtensionAttributes.extensionAttribute15`.
    ///
    /// # Errors
    /// `Rejected` when the Graph does not search by that property. A user that was made moments ago may not be found.
    pub async fn find(&self, property: &str, value: &str, select: &[&str]) -> Result<Vec<User>, GraphError> {
        self.0.list(self.0.base().get("/users", &having(property, value, select))).try_collect().await
    }

    /// The groups, roles and units that a user is a member of itself.
    #[must_use]
    pub fn member_of(&self, id: &str, select: &[&str]) -> BoxStream<'static, Result<DirectoryObject, GraphError>> {
        let path = format!("{}/memberOf", object("users", id));
        self.0.list(self.0.base().get(&path, &listed(select)))
    }

    /// Ends the user's sessions: within minutes every app asks for a new sign-in.
    ///
    /// # Errors
    /// `NotFound` when there is no such user.
    pub async fn revoke_sessions(&self, id: &str) -> Result<(), GraphError> {
        let path = format!("{}/revokeSignInSessions", object("users", id));
        self.0.write(self.0.base().bare(Method::POST, &path)?, Repeat::Always).await
    }

    /// Everybody, and at the end where changes go on from. What is selected here is what later changes tell.
    #[must_use]
    pub fn delta(&self, select: &[&str]) -> BoxStream<'static, Result<Delta<User>, GraphError>> {
        self.0.delta(self.0.base().get("/users/delta", &selected(select)))
    }

    /// What changed since. Its first item is `ResyncRequired` when that is too long ago.
    #[must_use]
    pub fn delta_from(&self, link: &DeltaLink) -> BoxStream<'static, Result<Delta<User>, GraphError>> {
        self.0.delta(self.0.base().resume("/users/delta", link))
    }
}
