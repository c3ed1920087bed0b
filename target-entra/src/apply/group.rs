//! Groups: found by the permission that they stand for, made by their unique name.

use entra_graph::{Graph, GraphErrorKind, GroupKind, NewGroup, Patch as Writing, Upserted};
use provisioning_core::{AccountKey, Failure, PermissionId};

use crate::apply::{Desk, Lag};
use crate::failure::failure;
use crate::mapping::nickname;

impl Desk<'_> {
    /// The directory's id of a permission's group; `None` where there is none.
    pub(super) async fn group(&self, permission: &PermissionId) -> Result<Option<String>, Failure> {
        if let Some(object) = self.target.groups.object(permission) {
            return Ok(Some(object));
        }
        // A group without a unique name goes by its id; nobody calls a group like that otherwise.
        if is_object_id(permission.as_str()) {
            return Ok(Some(permission.as_str().to_owned()));
        }
        let lag = Lag::from(self.target.recent.has_made_group(permission));
        let named = |graph: Graph| async move { graph.groups().named(permission.as_str(), &["id"]).await };
        match self.patiently(lag, named).await? {
            Ok(group) => {
                self.target.groups.note(&group.id, permission);
                Ok(Some(group.id))
            }
            Err(error) if error.kind() == GraphErrorKind::NotFound => Ok(None),
            Err(error) => Err(failure(&error)),
        }
    }

    /// Makes sure that a group is there and is called so. What is there only gets the name; what is not is made by its
    /// unique name, which the directory itself keeps from being done twice. Nothing waits for an owner: where none is found,
    /// or it does not go with one, the group is made without.
    pub(super) async fn ensure(
        &self,
        permission: &PermissionId,
        name: &str,
        owner: Option<&AccountKey>,
    ) -> Result<(), Failure> {
        if let Some(object) = self.group(permission).await? {
            let lag = Lag::from(self.target.recent.has_made_group(permission));
            let patch = &Writing::new().set("displayName", name);
            let object = object.as_str();
            let rename = |graph: Graph| async move { graph.groups().patch(object, patch).await };
            match self.patiently(lag, rename).await? {
                Ok(()) => return Ok(()),
                Err(error) if error.kind() == GraphErrorKind::NotFound && !is_object_id(permission.as_str()) => {
                    self.target.groups.forget(permission);
                }
                Err(error) => return Err(failure(&error)),
            }
        }
        let owner = match owner {
            Some(owner) => self.find(owner, None).await.ok().flatten(),
            None => None,
        };
        let made = match owner {
            Some(owner) => self.make(permission, name, vec![owner.to_string()]).await.ok(),
            None => None,
        };
        let made = match made {
            Some(made) => made,
            None => self.make(permission, name, Vec::new()).await?,
        };
        if let Upserted::Created(made) = made {
            self.target.groups.note(&made.id, permission);
        }
        self.target.recent.made_group(permission, self.target.clock.now());
        Ok(())
    }

    async fn make(&self, permission: &PermissionId, name: &str, owners: Vec<String>) -> Result<Upserted, Failure> {
        let group = NewGroup {
            display_name: name.to_owned(),
            mail_nickname: nickname(permission.as_str()),
            kind: GroupKind::Security,
            owners,
            rest: Writing::new(),
        };
        self.graph()?.groups().upsert(permission.as_str(), &group).await.map_err(|error| failure(&error))
    }
}

/// Whether a text is an id as the directory gives them: 32 hexadecimal digits in five parts.
fn is_object_id(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let lengths: Vec<usize> = parts.iter().map(|part| part.len()).collect();
    lengths == [8, 4, 4, 4, 12] && parts.concat().bytes().all(|digit| digit.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_of_the_directory_is_known_by_its_look() {
        // (text, is an id)
        for (text, expected) in [
            ("02bd9fd6-8f93-4758-87c3-1fb73740a315", true),
            ("02bd9fd68f93475887c31fb73740a315", false),
            ("department:sales", false),
            ("02bd9fd6-8f93-4758-87c3-1fb73740a31g", false),
        ] {
            assert_eq!(is_object_id(text), expected, "{text}");
        }
    }
}
