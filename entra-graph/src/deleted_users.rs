use futures::stream::BoxStream;
use http::Method;
use transport::Repeat;

use crate::address::encoded;
use crate::error::{CallName, GraphError};
use crate::graph::{Graph, understood};
use crate::request::{listed, selected};
use crate::user::User;

/// Users in the recycle bin, where they stay for 30 days.
#[derive(Debug, Clone)]
pub struct DeletedUsers(pub(crate) Graph);

impl DeletedUsers {
    /// All of them.
    #[must_use]
    pub fn list(&self, select: &[&str]) -> BoxStream<'static, Result<User, GraphError>> {
        self.0.list(self.0.base().get("/directory/deletedItems/graph.user", &listed(select)))
    }

    /// One of them.
    ///
    /// # Errors
    /// `NotFound` when it is not in the recycle bin.
    pub async fn get(&self, id: &str, select: &[&str]) -> Result<User, GraphError> {
        self.0.read(self.0.base().get(&path(id), &selected(select))?).await
    }

    /// Brings a user back as it was, enabled if it was enabled. The request is sent again only where it is proven that
    /// it was not executed.
    ///
    /// # Errors
    /// `NotFound` when it is not in the recycle bin; `Conflict` when somebody has one of its names by now. After
    /// `Lost(Unanswered)` it may be back.
    pub async fn restore(&self, id: &str) -> Result<User, GraphError> {
        let request = self.0.base().bare(Method::POST, &format!("{}/restore", path(id)))?;
        let name = CallName::of(&request);
        understood(name, &self.0.send(request, Repeat::UnlessExecuted).await?)
    }
}

fn path(id: &str) -> String {
    format!("/directory/deletedItems/{}", encoded(id))
}
