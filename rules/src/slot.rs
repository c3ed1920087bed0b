//! Places for accounts as a file writes them.

use provisioning_core::{AccountKind, InvalidId, Slot, TargetId};

/// A place for an account, written `entra`, or `entra/admin` for another kind of account.
pub(crate) fn parse_slot(text: &str) -> Result<Slot, InvalidId> {
    match text.split_once('/') {
        None => TargetId::new(text).map(Slot::main),
        Some((target, kind)) => Ok(Slot { target: TargetId::new(target)?, kind: AccountKind::new(kind)? }),
    }
}

/// The place as a file writes it.
pub(crate) fn written(slot: &Slot) -> String {
    if slot.kind == AccountKind::main() { slot.target.to_string() } else { format!("{}/{}", slot.target, slot.kind) }
}
