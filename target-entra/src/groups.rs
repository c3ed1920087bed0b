//! Which group stands for which permission: by its unique name, and where it has none, by the directory's id.

use std::collections::HashMap;
use std::sync::{PoisonError, RwLock};

use provisioning_core::PermissionId;

/// The groups that readings and writes have told of.
#[derive(Debug, Default)]
pub(crate) struct Groups(RwLock<Ids>);

#[derive(Debug, Default)]
struct Ids {
    objects: HashMap<PermissionId, String>,
    permissions: HashMap<String, PermissionId>,
}

impl Groups {
    /// A group is there; it keeps the id that the directory gave it.
    pub(crate) fn note(&self, object: &str, permission: &PermissionId) {
        let mut ids = self.0.write().unwrap_or_else(PoisonError::into_inner);
        ids.objects.insert(permission.clone(), object.to_owned());
        ids.permissions.insert(object.to_owned(), permission.clone());
    }

    /// A group is not there under the id that was known: its name may lead to another one now.
    pub(crate) fn forget(&self, permission: &PermissionId) {
        self.0.write().unwrap_or_else(PoisonError::into_inner).objects.remove(permission);
    }

    /// The directory's id of a permission's group.
    pub(crate) fn object(&self, permission: &PermissionId) -> Option<String> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).objects.get(permission).cloned()
    }

    /// The permission that a group stands for, also of one that was removed since.
    pub(crate) fn permission(&self, object: &str) -> Option<PermissionId> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).permissions.get(object).cloned()
    }
}
